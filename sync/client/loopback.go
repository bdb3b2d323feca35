package client

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/wire"
)

// Loopback signs in at a partner through the system's browser (RFC 8252): it listens on
// loopback, asks the bank where to send the browser, opens it, and waits there for the
// code, which is good once with the verifier given back. begin is the bank's Partner, open
// opens the browser; it ends with ctx, or when the partner says no.
func Loopback(ctx context.Context, partner string, lang i18n.Lang,
	begin func(context.Context, wire.PartnerBegin) (wire.PartnerGo, error), open func(url string) error) (code, verifier string, err error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", fmt.Errorf("listen for partner %s: %w", partner, err)
	}
	verifier, state := chance(), chance()
	sum := sha256.Sum256([]byte(verifier))
	way, err := begin(ctx, wire.PartnerBegin{Partner: partner, State: state, Port: l.Addr().(*net.TCPAddr).Port,
		Challenge: base64.RawURLEncoding.EncodeToString(sum[:])})
	if err != nil {
		return "", "", errors.Join(err, l.Close())
	}
	type answer struct {
		code string
		err  error
	}
	came := make(chan answer, 1)
	words := i18n.For(lang)
	h := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		// Whoever else finds the port knows no state, and is told nothing.
		if r.Method != http.MethodGet || r.URL.Path != "/" || subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(state)) != 1 {
			http.NotFound(w, r)
			return
		}
		a := answer{code: q.Get("code")}
		says := i18n.PartnerBack
		if a.code == "" {
			a.err = fmt.Errorf("partner %s: %w", partner, &wire.Refused{Code: account.PartnerFails})
			says = i18n.PartnerNo
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Security-Policy", "default-src 'none'")
		w.Header().Set("Referrer-Policy", "no-referrer")
		_ = backPage.Execute(w, struct{ Lang, Title, Says string }{string(lang), words.S(i18n.AppName), words.S(says)})
		select {
		case came <- a:
		default: // the same address again
		}
	})}
	served := make(chan error, 1)
	go func() { served <- h.Serve(l) }()
	defer func() {
		// The browser gets its page before the port closes.
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if h.Shutdown(grace) != nil {
			_ = h.Close()
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			_ = l.Close() // it never served
		}
	}()
	if err := open(way.URL); err != nil {
		return "", "", fmt.Errorf("open the browser for partner %s: %w", partner, err)
	}
	select {
	case a := <-came:
		return a.code, verifier, a.err
	case <-ctx.Done():
		return "", "", fmt.Errorf("wait for partner %s: %w", partner, ctx.Err())
	}
}

// chance is 32 random bytes, as RFC 7636 wants a verifier.
func chance() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // it never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

var backPage = template.Must(template.New("back").Parse(`<!DOCTYPE html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><title>{{.Title}}</title></head>
<body><main><h1>{{.Title}}</h1><p>{{.Says}}</p></main></body></html>
`))
