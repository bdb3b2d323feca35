// Package partner signs people in through sign-in partners: OpenID Connect with any issuer
// of the configuration. Begin with [New]. The server is the confidential client; the
// desktop only opens the system's browser and listens on loopback (RFC 8252), where it gets
// a code that is good once, for a minute, with the verifier that it alone holds (RFC 7636).
// What is under way travels sealed in the state, so any replica can go on with it.
package partner

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"passerelle/store/account"
	"passerelle/store/secret"
	"passerelle/sync/gate"
	"passerelle/sync/wire"
)

// Config is a partner, as a deployment configures it.
type Config struct {
	ID           string     `json:"id"` // short, for addresses and tables; it never changes
	Name         wire.Words `json:"name"`
	Issuer       string     `json:"issuer"` // https://…; its metadata is found by discovery
	ClientID     string     `json:"client_id"`
	ClientSecret string     `json:"client_secret"`
}

// Read reads a list of partners, JSON. Two of one id, or one without issuer, are refused.
func Read(r io.Reader) ([]Config, error) {
	var all []Config
	d := json.NewDecoder(io.LimitReader(r, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("read partners: %w", err)
	}
	seen := map[string]bool{}
	for _, c := range all {
		u, err := url.Parse(c.Issuer)
		switch {
		case err != nil || u.Host == "" || u.Scheme != "https" && !loopback(u):
			return nil, fmt.Errorf("partner %q: issuer %q is no https address", c.ID, c.Issuer)
		case c.ID == "" || seen[c.ID]:
			return nil, fmt.Errorf("partner %q: an id is missing or stands twice", c.ID)
		case c.ClientID == "" || c.Name.FR == "" || c.Name.EN == "":
			return nil, fmt.Errorf("partner %q: wants client_id, and a name in both languages", c.ID)
		}
		seen[c.ID] = true
	}
	return all, nil
}

func loopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// Options of the partners; Base and Keys are needed.
type Options struct {
	Partners []Config
	Base     string // public address of the server: BASE/v1/partner/back is what partners know
	Keys     *secret.Keys
	Client   *http.Client // nil: one that gives up after 15 s
	Rand     io.Reader
	Now      func() time.Time // for what partners sign; nil: time.Now
}

// Partners are the open partners.
type Partners struct {
	o Options

	mu    sync.Mutex
	known map[string]*oidc.Provider // by id, once discovered
}

var _ gate.Voucher = (*Partners)(nil)

// How long a person has at the partner, and a desktop to bring the code.
const (
	wayLife  = 15 * time.Minute
	codeLife = time.Minute
)

// ErrUnknown: there is no such partner here.
var ErrUnknown = errors.New("no such sign-in partner")

// New makes the partners. Nobody is asked anything before a person chooses one.
func New(o Options) *Partners {
	if o.Client == nil {
		o.Client = &http.Client{Timeout: 15 * time.Second}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Partners{o: o, known: map[string]*oidc.Provider{}}
}

// List is what a desktop shows.
func (p *Partners) List() []wire.Partner {
	list := make([]wire.Partner, 0, len(p.o.Partners))
	for _, c := range p.o.Partners {
		list = append(list, wire.Partner{ID: c.ID, Name: c.Name})
	}
	return list
}

// way is a sign-in under way at a partner, sealed in the state that goes there and back.
type way struct {
	Partner   string    `json:"p"`
	Verifier  string    `json:"v"` // of the server, towards the partner
	Nonce     string    `json:"n"`
	Challenge string    `json:"c"` // of the desktop
	State     string    `json:"s"` // of the desktop
	Port      int       `json:"o"`
	Ends      time.Time `json:"e"`
}

// vouched is the code that the desktop gets, sealed.
type vouched struct {
	Partner   string    `json:"p"`
	Issuer    string    `json:"i"`
	Subject   string    `json:"u"`
	Challenge string    `json:"c"`
	Once      []byte    `json:"o"`
	Ends      time.Time `json:"e"`
}

// Begin says where to send the browser.
func (p *Partners) Begin(ctx context.Context, in wire.PartnerBegin, now time.Time) (wire.PartnerGo, error) {
	challenge, err := base64.RawURLEncoding.DecodeString(in.Challenge)
	if err != nil || len(challenge) != sha256.Size || in.State == "" || len(in.State) > 128 || in.Port < 1024 || in.Port > 65535 {
		return wire.PartnerGo{}, &wire.Refused{Code: account.PartnerFails}
	}
	c, provider, err := p.provider(ctx, in.Partner)
	if err != nil {
		return wire.PartnerGo{}, err
	}
	verifier := oauth2.GenerateVerifier()
	nonce := oauth2.GenerateVerifier()
	state, err := p.seal("partner way", way{Partner: in.Partner, Verifier: verifier, Nonce: nonce, Challenge: in.Challenge,
		State: in.State, Port: in.Port, Ends: now.Add(wayLife)})
	if err != nil {
		return wire.PartnerGo{}, err
	}
	return wire.PartnerGo{URL: p.client(c, provider).AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier))}, nil
}

// Back takes the browser as it comes back from a partner, and says where on loopback it
// goes next: with a code, or with an error that the desktop explains. A state that is not
// ours, or too old, goes nowhere: a *wire.Refused.
func (p *Partners) Back(ctx context.Context, query url.Values, now time.Time) (to string, err error) {
	var w way
	if err := p.open("partner way", query.Get("state"), &w); err != nil || !now.Before(w.Ends) {
		return "", &wire.Refused{Code: account.PartnerFails}
	}
	home := url.URL{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(w.Port)), Path: "/"}
	answer := url.Values{"state": {w.State}}
	code, err := p.vouch(ctx, w, query, now)
	if err != nil {
		answer.Set("error", string(account.PartnerFails))
		home.RawQuery = answer.Encode()
		return home.String(), fmt.Errorf("sign in at partner %s: %w", w.Partner, err)
	}
	answer.Set("code", code)
	home.RawQuery = answer.Encode()
	return home.String(), nil
}

func (p *Partners) vouch(ctx context.Context, w way, query url.Values, now time.Time) (string, error) {
	if query.Get("error") != "" || query.Get("code") == "" {
		return "", fmt.Errorf("the partner answered %.64q", query.Get("error"))
	}
	c, provider, err := p.provider(ctx, w.Partner)
	if err != nil {
		return "", err
	}
	tokens, err := p.client(c, provider).Exchange(oidc.ClientContext(ctx, p.o.Client), query.Get("code"), oauth2.VerifierOption(w.Verifier))
	if err != nil {
		return "", fmt.Errorf("exchange code: %w", err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	id, err := provider.VerifierContext(oidc.ClientContext(ctx, p.o.Client), &oidc.Config{ClientID: c.ClientID, Now: p.o.Now}).Verify(ctx, raw)
	if err != nil {
		return "", fmt.Errorf("verify identity: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(w.Nonce)) != 1 || id.Subject == "" {
		return "", errors.New("the identity was made for another request")
	}
	once := sha256.Sum256([]byte(w.Nonce))
	return p.seal("partner code", vouched{Partner: w.Partner, Issuer: id.Issuer, Subject: id.Subject, Challenge: w.Challenge,
		Once: once[:16], Ends: now.Add(codeLife)})
}

// Vouched opens the code that a desktop brings, with the verifier of its challenge. That it
// is used once is the caller's to keep.
func (p *Partners) Vouched(code, verifier string, now time.Time) (gate.Vouched, error) {
	var v vouched
	sum := sha256.Sum256([]byte(verifier))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	if err := p.open("partner code", code, &v); err != nil || !now.Before(v.Ends) ||
		subtle.ConstantTimeCompare([]byte(challenge), []byte(v.Challenge)) != 1 {
		return gate.Vouched{}, &wire.Refused{Code: account.PartnerFails}
	}
	return gate.Vouched{Partner: v.Partner, Issuer: v.Issuer, Subject: v.Subject, Once: v.Once, Ends: v.Ends}, nil
}

// provider finds a partner's metadata, once it could be had.
func (p *Partners) provider(ctx context.Context, id string) (Config, *oidc.Provider, error) {
	for _, c := range p.o.Partners {
		if c.ID != id {
			continue
		}
		p.mu.Lock()
		known := p.known[id]
		p.mu.Unlock()
		if known != nil {
			return c, known, nil
		}
		// The provider keeps the context for its key set: it must outlive the request.
		found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.o.Client), c.Issuer)
		if err != nil {
			return c, nil, fmt.Errorf("find partner %s: %w", id, err)
		}
		p.mu.Lock()
		p.known[id] = found
		p.mu.Unlock()
		return c, found, nil
	}
	return Config{}, nil, fmt.Errorf("%w: %.32q", ErrUnknown, id)
}

func (p *Partners) client(c Config, provider *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: c.ClientID, ClientSecret: c.ClientSecret, Endpoint: provider.Endpoint(),
		RedirectURL: p.o.Base + wire.PartnerPath + "/back", Scopes: []string{oidc.ScopeOpenID}}
}

func (p *Partners) seal(about string, v any) (string, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	sealed, err := p.o.Keys.Box.Seal(about, body)
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

func (p *Partners) open(about, text string, v any) error {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return err
	}
	body, err := p.o.Keys.Box.Open(about, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, v)
}
