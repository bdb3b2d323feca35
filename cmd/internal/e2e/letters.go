package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http"
	netmail "net/mail"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Mailboxes is a mail server on loopback that keeps what it gets: everybody's mailbox.
type Mailboxes struct {
	Addr   string // host:port
	server *smtp.Server

	mu  sync.Mutex
	all []Letter
}

// Letter is a letter as it came, its text part decoded.
type Letter struct {
	To, Subject, Text, HTML string
}

// NewMailboxes starts the mail server.
func NewMailboxes(ctx context.Context) (*Mailboxes, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m := &Mailboxes{Addr: l.Addr().String()}
	m.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{m: m}, nil }))
	m.server.Domain = "127.0.0.1"
	go func() { _ = m.server.Serve(l) }() // it ends with Close
	return m, nil
}

// Close ends it.
func (m *Mailboxes) Close() { _ = m.server.Close() }

// delivery is one letter on its way in.
type delivery struct {
	m  *Mailboxes
	to string
}

func (d *delivery) Mail(string, *smtp.MailOptions) error      { return nil }
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error { d.to = to; return nil }
func (d *delivery) Reset()                                    { d.to = "" }
func (d *delivery) Logout() error                             { return nil }
func (d *delivery) Data(r io.Reader) error {
	l, err := readLetter(r)
	if err != nil {
		return err
	}
	l.To = d.to
	d.m.mu.Lock()
	defer d.m.mu.Unlock()
	d.m.all = append(d.m.all, l)
	return nil
}

func readLetter(r io.Reader) (l Letter, err error) {
	msg, err := netmail.ReadMessage(r)
	if err != nil {
		return l, err
	}
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil {
		return l, err
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		return l, fmt.Errorf("a letter of type %q: %w", kind, err)
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return l, nil
		}
		if err != nil {
			return l, err
		}
		var body io.Reader = part
		if strings.EqualFold(part.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
			body = quotedprintable.NewReader(part)
		}
		b, err := io.ReadAll(body)
		if err != nil {
			return l, err
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			l.HTML = string(b)
		} else {
			l.Text = string(b)
		}
	}
}

// Count is how many letters came to an address.
func (m *Mailboxes) Count(to string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, l := range m.all {
		if l.To == to {
			n++
		}
	}
	return n
}

// Next waits for a letter to an address beyond the first n.
func (m *Mailboxes) Next(ctx context.Context, to string, n int) (Letter, error) {
	limit := time.After(30 * time.Second)
	for {
		m.mu.Lock()
		seen := 0
		for _, l := range m.all {
			if l.To != to {
				continue
			}
			if seen++; seen > n {
				m.mu.Unlock()
				return l, nil
			}
		}
		m.mu.Unlock()
		select {
		case <-ctx.Done():
			return Letter{}, ctx.Err()
		case <-limit:
			return Letter{}, fmt.Errorf("letter %d to %s did not come in 30 s", n+1, to)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

var (
	sixDigits = regexp.MustCompile(`(?m)\b(\d{3}) ?(\d{3})\b`)
	linkOf    = regexp.MustCompile(`https?://\S+/m/[\w-]+`)
)

// Code is the code of a letter.
func (l Letter) Code() string {
	found := sixDigits.FindStringSubmatch(l.Text)
	if found == nil {
		return ""
	}
	return found[1] + found[2]
}

// Follow opens the link of a letter as a browser does, and presses the button of its page.
func (l Letter) Follow(ctx context.Context) (page string, err error) {
	address := linkOf.FindString(l.Text)
	if address == "" {
		return "", fmt.Errorf("no link in %q", l.Text)
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(url.Values{}.Encode()))
		if err != nil {
			return "", err
		}
		if method == http.MethodPost {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			return "", err
		}
		b, err := io.ReadAll(res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil {
			return "", err
		}
		if page = string(b); res.StatusCode != http.StatusOK {
			return page, fmt.Errorf("%s %s: %s", method, address, res.Status)
		}
	}
	return page, nil
}
