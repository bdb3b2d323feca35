// Package partnertest is a sign-in partner for tests: a real OpenID provider on loopback,
// with two people, and a person's way through its pages without a browser. Begin with [New].
package partnertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"

	"passerelle/sync/partner"
	"passerelle/sync/wire"
)

// The people of every provider, and their password.
const (
	First    = "test-user2"
	Second   = "test-user@127.0.0.1"
	Password = "verysecure"
)

// Provider is a running provider.
type Provider struct {
	Config partner.Config
	server *httptest.Server
}

// New starts a provider that knows the server at base as its client. Close it.
func New(id, base string) *Provider {
	var serve http.Handler
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve.ServeHTTP(w, r) }))
	clients := map[string]*storage.Client{"passerelle": storage.WebClient("passerelle", "fictional", base+wire.PartnerPath+"/back")}
	users := storage.NewStorageWithClients(storage.NewUserStore(s.URL), clients)
	serve = exampleop.SetupServer(s.URL, users, slog.New(slog.DiscardHandler), false, op.WithAllowInsecure())
	return &Provider{server: s, Config: partner.Config{ID: id, Name: wire.Words{FR: "Partenaire " + id, EN: "Partner " + id},
		Issuer: s.URL, ClientID: "passerelle", ClientSecret: "fictional"}}
}

// Close ends it.
func (p *Provider) Close() { p.server.Close() }

// Walk does what a person does in the browser: it opens the address that the program
// opened, signs in at the provider, and follows every redirect, the last one to loopback
// included. It gives the address where it ended and the page that was shown there.
func Walk(ctx context.Context, address, user, password string) (end, page string, err error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return "", "", err
	}
	browser := &http.Client{Jar: jar}
	res, err := get(ctx, browser, address)
	if err != nil {
		return "", "", err
	}
	id := res.Request.URL.Query().Get("authRequestID")
	if err := res.Body.Close(); err != nil {
		return "", "", err
	}
	if id == "" {
		return "", "", fmt.Errorf("no page to sign in at %s: %s", res.Request.URL, res.Status)
	}
	form := url.Values{"username": {user}, "password": {password}, "id": {id}}
	at := res.Request.URL.ResolveReference(&url.URL{Path: "/login/username"})
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return "", "", err
	}
	post.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err = browser.Do(post)
	if err != nil {
		return "", "", err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return res.Request.URL.String(), string(body), errors.Join(err, res.Body.Close())
}

func get(ctx context.Context, c *http.Client, address string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	return c.Do(r)
}
