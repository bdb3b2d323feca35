// Package client speaks sync/wire over HTTP, asking; and reads the same tree from a
// folder or an archive. Begin with [New] or [Folder]. It judges nothing it brings: that is
// sync/replica's work.
package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"

	"passerelle/sync/wire"
)

// Options of a client; the zero value is right.
type Options struct {
	Proxy   string        // URL; "": as the environment says
	CAFile  string        // PEM file of further authorities; "": the system's only
	Timeout time.Duration // of silence, not of a whole download; 0: 30 s
	Agent   string        // User-Agent; "": "passerelle"
	Tries   int           // of a request that the server puts off or the network drops; 0: 4
	// Wait passes time between two tries; nil: by the clock. Rand gives [0,1); nil: by chance.
	Wait func(context.Context, time.Duration) error
	Rand func() float64
}

const (
	maxWait = 2 * time.Minute // a server that asks for more is answered with ErrOffline
	maxBody = 32 << 20        // of a head; roots and answers are far smaller
)

// Client asks one server. It is safe for many goroutines.
type Client struct {
	o       Options
	http    *resty.Client
	bank    *resty.Client // of accounts
	private bool          // what is said of accounts is read by the bank alone
}

// New makes a client of a server's address, as in https://bank.example.
func New(address string, o Options) (*Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("server address %q: want https://name", address)
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Agent == "" {
		o.Agent = "passerelle"
	}
	if o.Tries == 0 {
		o.Tries = 4
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableCompression = true // objects are compressed already, and their size is promised
	t.ResponseHeaderTimeout = o.Timeout
	t.TLSHandshakeTimeout = o.Timeout
	if o.Proxy != "" {
		p, err := url.Parse(o.Proxy)
		if err != nil || p.Host == "" {
			return nil, fmt.Errorf("proxy address %q: want http://name:port", o.Proxy)
		}
		t.Proxy = http.ProxyURL(p)
	}
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CAFile != "" {
		pool, err := authorities(o.CAFile)
		if err != nil {
			return nil, err
		}
		t.TLSClientConfig.RootCAs = pool
	}
	h := resty.New().SetTransport(t).SetBaseURL(strings.TrimRight(u.String(), "/")).
		SetHeader("User-Agent", o.Agent).SetDoNotParseResponse(true).SetLogger(quiet{})
	c := &Client{o: o, http: h}
	c.bank, c.private = newBank(u, t, o)
	return c, nil
}

// authorities are the system's and those of a file.
func authorities(name string) (*x509.CertPool, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read authorities: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(b) {
		return nil, fmt.Errorf("read authorities: %s holds no certificate", name)
	}
	return pool, nil
}

// Head implements replica.Transport.
func (c *Client) Head(ctx context.Context, scope, tag string) ([]byte, string, error) {
	header := map[string]string{}
	if tag != "" {
		header["If-None-Match"] = tag
	}
	res, err := c.ask(ctx, http.MethodGet, wire.Prefix+wire.HeadPath(scope), header, nil)
	if err != nil {
		return nil, "", fmt.Errorf("ask for head of %s: %w", scope, err)
	}
	defer res.Close()
	if res.status == http.StatusNotModified {
		return nil, tag, wire.ErrUnchanged
	}
	b, err := res.all()
	if err != nil {
		return nil, "", fmt.Errorf("read head of %s: %w", scope, err)
	}
	return b, res.header.Get("ETag"), nil
}

// Object implements replica.Transport.
func (c *Client) Object(ctx context.Context, h wire.Hash, from int64) (io.ReadCloser, int64, error) {
	header := map[string]string{}
	if from > 0 {
		header["Range"] = "bytes=" + strconv.FormatInt(from, 10) + "-"
	}
	res, err := c.ask(ctx, http.MethodGet, wire.Prefix+wire.ObjectPath(h), header, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("ask for object %.12s: %w", h, err)
	}
	if res.status != http.StatusPartialContent {
		return res, 0, nil // a server that knows no Range sends everything
	}
	if got := res.header.Get("Content-Range"); !strings.HasPrefix(got, "bytes "+strconv.FormatInt(from, 10)+"-") {
		res.Close()
		return nil, 0, fmt.Errorf("object %.12s from byte %d: server sent %q: %w", h, from, got, wire.ErrOffline)
	}
	return res, from, nil
}

// Root implements replica.Transport.
func (c *Client) Root(ctx context.Context, version int64) ([]byte, error) {
	res, err := c.ask(ctx, http.MethodGet, wire.Prefix+wire.RootPath(version), nil, nil)
	if err != nil {
		return nil, fmt.Errorf("ask for root %d: %w", version, err)
	}
	defer res.Close()
	b, err := res.all()
	if err != nil {
		return nil, fmt.Errorf("read root %d: %w", version, err)
	}
	return b, nil
}

// Origin implements replica.Transport.
func (c *Client) Origin() string { return "server" }

// Report implements replica.Sender: it delivers a report, and the server keeps one of each
// key however often it comes. The answer is the wire.Receipt, as JSON. Only a bank's own
// words are final: a hotel's page or a proxy's refusal is a bank that was not reached.
func (c *Client) Report(ctx context.Context, r wire.Report) (string, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("write report %s: %w", r.Key, err)
	}
	res, err := c.ask(ctx, http.MethodPost, wire.ReportPath, map[string]string{
		"Idempotency-Key": r.Key, "Content-Type": "application/json",
	}, body)
	var no *refusal
	if errors.As(err, &no) && no.code == "" {
		err = fmt.Errorf("%w: %s, by someone else than the bank", wire.ErrOffline, no.status)
	}
	if err != nil {
		return "", fmt.Errorf("send report %s: %w", r.Key, err)
	}
	defer res.Close()
	b, err := res.all()
	if err != nil {
		return "", fmt.Errorf("send report %s: read answer: %w", r.Key, err)
	}
	var receipt wire.Receipt
	if json.Unmarshal(b, &receipt) != nil || receipt.Ticket == "" {
		return "", fmt.Errorf("send report %s: the answer is no receipt: %w", r.Key, wire.ErrOffline)
	}
	return string(b), nil
}

// refusal is a 4xx, with the bank's code for it if it is the bank's.
type refusal struct{ status, code string }

func (r *refusal) Error() string { return strings.TrimSpace(r.status + " " + r.code) }
func (r *refusal) Unwrap() error { return wire.ErrRefused }

// ask sends a request, and again where the server puts it off (429, 503), fails (5xx) or is
// not reached. Every request here may be repeated: GET, or POST under a key.
func (c *Client) ask(ctx context.Context, method, path string, header map[string]string, body []byte) (*answer, error) {
	for try := 1; ; try++ {
		res, after, err := c.once(ctx, method, path, header, body)
		if err == nil || !errors.Is(err, wire.ErrOffline) || ctx.Err() != nil || try >= c.o.Tries || after > maxWait {
			return res, err
		}
		// Full jitter over a doubling bound; what the server asked for comes first, and
		// those it asked alike do not come back together.
		bound := min(time.Second<<(try-1), maxWait)
		if err := c.o.Wait(ctx, after+time.Duration(c.o.Rand()*float64(bound))); err != nil {
			return nil, fmt.Errorf("%w: %w", wire.ErrOffline, err)
		}
	}
}

func (c *Client) once(ctx context.Context, method, path string, header map[string]string, body []byte) (*answer, time.Duration, error) {
	ctx, stop := context.WithCancelCause(ctx)
	alarm := time.AfterFunc(c.o.Timeout, func() { stop(errSilent) })
	q := c.http.R().SetContext(ctx).SetHeaders(header)
	if body != nil {
		q.SetBody(body)
	}
	res, err := q.Execute(method, path)
	if err != nil {
		alarm.Stop()
		stop(nil)
		return nil, 0, fmt.Errorf("%w: %w", wire.ErrOffline, err)
	}
	a := &answer{ReadCloser: res.RawBody(), status: res.StatusCode(), header: res.Header(), alarm: alarm, stop: stop, silence: c.o.Timeout, why: func() error { return context.Cause(ctx) }}
	switch s := a.status; {
	case s < 300 && strings.HasPrefix(a.header.Get("Content-Type"), "text/html"):
		// No file of a tree is a page: this is a hotel that wants a room number first.
		err = fmt.Errorf("a page where the bank should answer: %w", wire.ErrOffline)
	case s < 300 || s == http.StatusNotModified:
		alarm.Reset(c.o.Timeout)
		return a, 0, nil
	case s == http.StatusNotFound || s == http.StatusGone:
		err = fmt.Errorf("%s: %w", res.Status(), wire.ErrMissing)
	case s == http.StatusTooManyRequests || s >= 500:
		err = fmt.Errorf("%s: %w", res.Status(), wire.ErrOffline)
	default:
		no := &refusal{status: res.Status()}
		var said wire.Refusal
		if b, rerr := io.ReadAll(io.LimitReader(a, 4096)); rerr == nil && json.Unmarshal(b, &said) == nil {
			no.code = said.Code
		}
		err = no
	}
	after := retryAfter(a.header.Get("Retry-After"), a.header.Get("Date"))
	a.Close()
	return nil, after, err
}

// retryAfter reads seconds or a date; a date is taken against the server's own clock.
func retryAfter(v, date string) time.Duration {
	if s, err := strconv.Atoi(v); err == nil && s > 0 {
		return time.Duration(s) * time.Second
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(date)
	if err != nil {
		return 0
	}
	return max(at.Sub(now), 0)
}

var errSilent = errors.New("server fell silent")

// answer is a body that is read as it comes, and given up when nothing comes for a while.
type answer struct {
	io.ReadCloser
	status  int
	header  http.Header
	alarm   *time.Timer
	stop    context.CancelCauseFunc
	silence time.Duration
	why     func() error // it ended
}

func (a *answer) Read(p []byte) (int, error) {
	n, err := a.ReadCloser.Read(p)
	a.alarm.Reset(a.silence)
	if err != nil && !errors.Is(err, io.EOF) {
		if cause := a.why(); cause != nil {
			err = cause
		}
		err = fmt.Errorf("%w: %w", wire.ErrOffline, err)
	}
	return n, err
}

// Close ends the request, also in the middle.
func (a *answer) Close() error {
	a.alarm.Stop()
	a.stop(nil)
	return a.ReadCloser.Close()
}

func (a *answer) all() ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(a, maxBody+1))
	if err == nil && len(b) > maxBody {
		err = fmt.Errorf("more than %d bytes: %w", maxBody, wire.ErrMalformed)
	}
	return b, err
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// quiet keeps the library from writing to the terminal: errors are returned, and told once.
type quiet struct{}

func (quiet) Errorf(string, ...any) {}
func (quiet) Warnf(string, ...any)  {}
func (quiet) Debugf(string, ...any) {}
