package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"

	"passerelle/store/account"
	"passerelle/sync/wire"
)

// The methods of this file speak of accounts. Over plain HTTP they ask a server on this
// machine and no other: to any other, no byte leaves. The public catalogue is
// signed, and may come over whatever carries it. They follow no redirection, for what they
// send is meant for one server.
//
// Errors are a *wire.Refused in the bank's own words, or wrap wire.ErrInsecure,
// wire.ErrDown or wire.ErrOffline; wire.ErrMissing where the server has no such thing.

// Deployment is what this server asks and offers.
func (c *Client) Deployment(ctx context.Context) (d wire.Deployment, err error) {
	return d, c.say(ctx, http.MethodGet, wire.DeploymentPath, "", nil, &d)
}

// Begin begins a flow; access is "" for the kinds that need no session.
func (c *Client) Begin(ctx context.Context, access string, b wire.Begin) (p wire.Prompt, err error) {
	return p, c.say(ctx, http.MethodPost, wire.FlowPath, bearer(access), b, &p)
}

// Step answers a step. It is sent once: after an answer that was lost, [Client.Look] says
// whether it was taken.
func (c *Client) Step(ctx context.Context, flow string, step account.Step, in wire.Answer) (p wire.Prompt, err error) {
	return p, c.say(ctx, http.MethodPost, wire.FlowPath+"/"+url.PathEscape(string(step)), "Flow "+flow, in, &p)
}

// Look gives what a flow waits for, again.
func (c *Client) Look(ctx context.Context, flow string) (p wire.Prompt, err error) {
	return p, c.say(ctx, http.MethodGet, wire.FlowPath, "Flow "+flow, nil, &p)
}

// Resend asks for another code. It is sent once.
func (c *Client) Resend(ctx context.Context, flow string) (p wire.Prompt, err error) {
	return p, c.say(ctx, http.MethodPost, wire.FlowPath+"/resend", "Flow "+flow, struct{}{}, &p)
}

// Drop gives a flow up.
func (c *Client) Drop(ctx context.Context, flow string) error {
	return c.say(ctx, http.MethodDelete, wire.FlowPath, "Flow "+flow, nil, nil)
}

// Renew asks for the next pair of tokens. A request whose answer was lost gets the same
// answer again, so it may be repeated.
func (c *Client) Renew(ctx context.Context, in wire.Renewal) (s wire.Session, err error) {
	return s, c.again(ctx, http.MethodPost, wire.SessionPath, "", in, &s)
}

// SignOut ends a session.
func (c *Client) SignOut(ctx context.Context, access string) error {
	return c.say(ctx, http.MethodDelete, wire.SessionPath, bearer(access), nil, nil)
}

// Me is what the account knows of itself.
func (c *Client) Me(ctx context.Context, access string) (me wire.Me, err error) {
	return me, c.say(ctx, http.MethodGet, wire.MePath, bearer(access), nil, &me)
}

// Change does an act on one's own account. It is sent once.
func (c *Client) Change(ctx context.Context, access, act string, in wire.Answer) (me wire.Me, err error) {
	return me, c.say(ctx, http.MethodPost, wire.MePath+"/"+url.PathEscape(act), bearer(access), in, &me)
}

// Partner asks where to send the browser.
func (c *Client) Partner(ctx context.Context, in wire.PartnerBegin) (g wire.PartnerGo, err error) {
	return g, c.say(ctx, http.MethodPost, wire.PartnerPath, "", in, &g)
}

// Letters are those of a demonstration's mailbox.
func (c *Client) Letters(ctx context.Context) (all []wire.Letter, err error) {
	return all, c.say(ctx, http.MethodGet, wire.MailboxPath, "", nil, &all)
}

// Help delivers a request for an agent's help; the server keeps one of each key.
func (c *Client) Help(ctx context.Context, h wire.HelpRequest) (r wire.Receipt, err error) {
	return r, c.again(ctx, http.MethodPost, wire.HelpPath, "", h, &r)
}

// Requests lists what an agent has to do.
func (c *Client) Requests(ctx context.Context, access string) (all []wire.Request, err error) {
	return all, c.say(ctx, http.MethodGet, wire.AgentPath, bearer(access), nil, &all)
}

// Act does an act of an agent. It is sent once.
func (c *Client) Act(ctx context.Context, access, act string, in wire.Act) error {
	return c.say(ctx, http.MethodPost, wire.AgentPath+"/"+url.PathEscape(act), bearer(access), in, nil)
}

func bearer(access string) string {
	if access == "" {
		return ""
	}
	return "Bearer " + access
}

// patience is how often what may be repeated is asked: a person waits for the answer.
const patience = 2

// say sends a request; GET and DELETE, which may be repeated, again if they were lost.
func (c *Client) say(ctx context.Context, method, path, authorization string, in, out any) error {
	if method == http.MethodPost {
		return c.tell(ctx, method, path, authorization, in, out)
	}
	return c.again(ctx, method, path, authorization, in, out)
}

// again sends a request that may be repeated.
func (c *Client) again(ctx context.Context, method, path, authorization string, in, out any) error {
	for try := 1; ; try++ {
		err := c.tell(ctx, method, path, authorization, in, out)
		if err == nil || !errors.Is(err, wire.ErrOffline) || ctx.Err() != nil || try >= min(patience, c.o.Tries) {
			return err
		}
		if werr := c.o.Wait(ctx, time.Duration(c.o.Rand()*float64(time.Second))); werr != nil {
			return err
		}
	}
}

// tell sends a request once. What it carried and what came back are in no error.
func (c *Client) tell(ctx context.Context, method, path, authorization string, in, out any) error {
	if !c.private {
		return fmt.Errorf("%s %s: plain HTTP leaves this machine: %w", method, path, wire.ErrInsecure)
	}
	most, patient := maxAnswer, c.o.Timeout
	if path == wire.PushPath || path == wire.PullPath || strings.HasPrefix(path, wire.DataPath) {
		most, patient = maxPulled, 4*c.o.Timeout // megabytes may come, over a slow line
	}
	ctx, stop := context.WithTimeoutCause(ctx, patient, errSilent)
	defer stop()
	q := c.bank.R().SetContext(ctx).SetHeader("Accept", "application/json").SetResponseBodyLimit(most)
	if authorization != "" {
		q.SetHeader("Authorization", authorization)
	}
	if in != nil {
		body, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s %s: write: %w", method, path, err)
		}
		defer clear(body)
		q.SetHeader("Content-Type", "application/json").SetBody(body)
	}
	res, err := q.Execute(method, path)
	if err != nil {
		kind := wire.ErrOffline
		if insecure(err) {
			kind = wire.ErrInsecure
		}
		return fmt.Errorf("%s %s: %w: %w", method, path, kind, err)
	}
	body, status := res.Body(), res.StatusCode()
	defer clear(body)
	if t, _, _ := mime.ParseMediaType(res.Header().Get("Content-Type")); t != "application/json" {
		if status == http.StatusNotFound {
			return fmt.Errorf("%s %s: %w", method, path, wire.ErrMissing)
		}
		return fmt.Errorf("%s %s: %s, by someone else than the bank: %w", method, path, res.Status(), wire.ErrOffline)
	}
	if status < 300 {
		if out == nil {
			return nil
		}
		if err := json.Unmarshal(body, out); err != nil {
			return fmt.Errorf("%s %s: the answer is not the bank's: %w", method, path, wire.ErrOffline)
		}
		return nil
	}
	err = refusalOf(status, res.Header(), body)
	var no *wire.Refused
	if errors.As(err, &no) {
		return no
	}
	return fmt.Errorf("%s %s: %w", method, path, err)
}

// refusalOf reads a refusal in the bank's own words.
func refusalOf(status int, header http.Header, body []byte) error {
	var no wire.Refusal
	if json.Unmarshal(body, &no) != nil || no.Code == "" {
		return fmt.Errorf("%d, by someone else than the bank: %w", status, wire.ErrOffline)
	}
	after := retryAfter(header.Get("Retry-After"), header.Get("Date"))
	if status >= http.StatusInternalServerError {
		return fmt.Errorf("%d: %w", status, &wire.Down{Code: no.Code, After: after})
	}
	return &wire.Refused{Code: account.Code(no.Code), Fields: no.Fields, Prompt: no.Prompt, Epoch: no.Epoch, After: after}
}

// newBank makes the half of a client that speaks of accounts, and says whether it may.
func newBank(u *url.URL, t *http.Transport, o Options) (h *resty.Client, private bool) {
	private = u.Scheme == "https"
	if !private && loopback(u.Hostname()) {
		private = true
		t = t.Clone()
		t.Proxy = nil // what is said in the clear stays on this machine
	}
	return resty.New().SetTransport(t).SetBaseURL(strings.TrimRight(u.String(), "/")).
		SetHeader("User-Agent", o.Agent).SetLogger(quiet{}).SetResponseBodyLimit(maxAnswer).
		SetRedirectPolicy(resty.RedirectPolicyFunc(func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse })), private
}

const maxAnswer = 4 << 20 // bytes; a full mailbox is the longest

// loopback says whether a name is this machine's.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}

// insecure tells a connection that is not safe from one that is not there.
func insecure(err error) bool {
	var cert *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var plain tls.RecordHeaderError
	var op *net.OpError
	switch {
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &cert), errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &invalid), errors.As(err, &plain):
		return true
	case errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"): // an alert of TLS
		return true
	}
	// The library gives no type to a version or a cipher that it does not take.
	return strings.Contains(err.Error(), ": tls: ")
}
