package server_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/secret"
	"passerelle/sync/client"
	"passerelle/sync/gate"
	"passerelle/sync/mail"
	"passerelle/sync/partner"
	"passerelle/sync/partner/partnertest"
	"passerelle/sync/server"
	"passerelle/sync/wire"
)

// partnered is a server with two real sign-in partners, and a desktop that asks it.
type partnered struct {
	t      *testing.T
	ledger *ledger.Ledger
	keys   *secret.Keys
	client *client.Client
}

func openPartnered(t *testing.T) *partnered {
	t.Helper()
	p := &partnered{t: t}
	var err error
	if p.ledger, err = ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{}); err != nil {
		t.Fatal(err)
	}
	if p.keys, err = secret.Temporary(secret.Cheap); err != nil {
		t.Fatal(err)
	}
	var handler http.Handler
	at := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	var configs []partner.Config
	for _, id := range []string{"a", "b"} {
		provider := partnertest.New(id, at.URL)
		t.Cleanup(provider.Close)
		configs = append(configs, provider.Config)
	}
	partners := partner.New(partner.Options{Partners: configs, Base: at.URL, Keys: p.keys})
	g, err := gate.New(gate.Options{Ledger: p.ledger, Keys: p.keys, Base: at.URL, Voucher: partners, Deployment: wire.Deployment{Partners: partners.List()}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(server.Options{Dir: t.TempDir(), Gate: g, Partners: partners})
	if err != nil {
		t.Fatal(err)
	}
	handler = s
	t.Cleanup(func() { at.Close(); _ = s.Close(); _ = p.ledger.Close() })
	if p.client, err = client.New(at.URL, client.Options{}); err != nil {
		t.Fatal(err)
	}
	return p
}

// account registers somebody and gives the access token.
func (p *partnered) account(email string) string {
	p.t.Helper()
	const password = "a slow river 8!"
	at, err := p.client.Begin(p.t.Context(), "", wire.Begin{Kind: account.Register, Lang: "en", Device: "desk"})
	if err != nil {
		p.t.Fatal(err)
	}
	flow := at.Flow
	var five []wire.QA
	for _, id := range account.QuestionIDs[:5] {
		five = append(five, wire.QA{Question: id, Answer: "answer to " + id})
	}
	for _, in := range []func() wire.Answer{
		func() wire.Answer { return wire.Answer{Accept: true, Terms: at.Terms} },
		func() wire.Answer {
			return wire.Answer{First: "Bob", Last: "Sample", Email: email, Password: password, Again: password, Lang: "en"}
		},
		func() wire.Answer { return wire.Answer{Code: p.code()} },
		func() wire.Answer { return wire.Answer{Questions: five} },
	} {
		if at, err = p.client.Step(p.t.Context(), flow, at.Step, in()); err != nil {
			p.t.Fatal(err)
		}
	}
	return at.Session.Access
}

func (p *partnered) code() string { return p.letter(mail.Confirm).Code }

// letter is the next one of a kind that waits; those before it are let go.
func (p *partnered) letter(kind mail.Kind) mail.Message {
	p.t.Helper()
	for {
		j, err := p.ledger.TakeJob(p.t.Context(), []string{mail.Job}, time.Now().Add(time.Second), time.Minute)
		if err != nil {
			p.t.Fatalf("no letter %q: %v", kind, err)
		}
		m, err := mail.Open(p.keys.Box, j.Body)
		if err != nil {
			p.t.Fatal(err)
		}
		if err := p.ledger.EndJob(p.t.Context(), j, ledger.JobDone, "", time.Time{}); err != nil {
			p.t.Fatal(err)
		}
		if m.Kind == kind {
			return m
		}
	}
}

// proof goes through the browser to a partner, as one of its people.
func (p *partnered) proof(id, user string) wire.Answer {
	p.t.Helper()
	walked := make(chan error, 1)
	code, verifier, err := client.Loopback(p.t.Context(), id, i18n.English, p.client.Partner, func(address string) error {
		go func() {
			_, _, err := partnertest.Walk(context.WithoutCancel(p.t.Context()), address, user, partnertest.Password)
			walked <- err
		}()
		return nil
	})
	if err := errors.Join(err, <-walked); err != nil {
		p.t.Fatalf("sign in at partner %s: %v", id, err)
	}
	return wire.Answer{Code: code, Verifier: verifier, Device: "desk"}
}

// do walks a flow of proofs; it gives the last prompt, or the refusal.
func (p *partnered) do(access string, kind account.Kind, proofs ...wire.Answer) (wire.Prompt, error) {
	p.t.Helper()
	at, err := p.client.Begin(p.t.Context(), access, wire.Begin{Kind: kind, Lang: "en", Device: "desk"})
	flow := at.Flow
	for _, in := range proofs {
		if err == nil {
			at, err = p.client.Step(p.t.Context(), flow, at.Step, in)
		}
	}
	return at, err
}

func (p *partnered) refused(what string, err error, want account.Code) {
	p.t.Helper()
	var no *wire.Refused
	if !errors.As(err, &no) || no.Code != want {
		p.t.Errorf("%s: %v, want %s", what, err, want)
	}
}

// TestPartners: an account is reached through the partner it was registered with and
// through no other; a change of partner wants the proof of both; and what a partner said
// opens nothing twice. Both partners are real providers, met over HTTP.
//
// Rows: B-006, B-007, B-043
func TestPartners(t *testing.T) {
	p := openPartnered(t)
	one, two := p.account("one@exemple.ca"), p.account("two@exemple.ca")

	// Nobody is registered with the partner yet, whatever the partner says of their address.
	_, err := p.do("", account.PortalPartner, p.proof("a", partnertest.First))
	p.refused("a stranger of partner a", err, account.PartnerOther)
	_, err = p.do("", account.EnrolPartner)
	p.refused("registered without a session", err, account.SignInNeeded)

	proof := p.proof("a", partnertest.First)
	done, err := p.do(one, account.EnrolPartner, proof)
	if err != nil || done.Step != account.StepDone || done.Session == nil || done.Session.Policy != account.TwoFactor {
		t.Fatalf("register with partner a: %+v, %v", done, err)
	}
	_, err = p.do("", account.PortalPartner, proof)
	p.refused("the same proof again", err, account.PartnerFails)
	stolen := p.proof("a", partnertest.First)
	stolen.Verifier += "x"
	_, err = p.do("", account.PortalPartner, stolen)
	p.refused("a proof without its verifier", err, account.PartnerFails)

	in, err := p.do("", account.PortalPartner, p.proof("a", partnertest.First))
	if err != nil || in.Session == nil || in.Session.Account != done.Session.Account {
		t.Fatalf("sign in by partner a: %+v, %v, want account %s", in.Session, err, done.Session.Account)
	}
	portal := in.Session.Access
	_, err = p.do("", account.PortalPartner, p.proof("a", partnertest.Second))
	p.refused("somebody else of partner a", err, account.PartnerOther)
	_, err = p.do("", account.PortalPartner, p.proof("b", partnertest.First))
	p.refused("the same person at partner b", err, account.PartnerOther)
	_, err = p.do(two, account.EnrolPartner, p.proof("a", partnertest.First))
	p.refused("another account takes the subject", err, account.PartnerTaken)

	// The change: b cannot come before a has released it, nor anybody but its own subject.
	_, err = p.do(one, account.ChangePartner)
	p.refused("a change without the portal's session", err, account.FactorNeeded)
	_, err = p.do(portal, account.ChangePartner, p.proof("b", partnertest.First))
	p.refused("a change that begins at b", err, account.PartnerOther)
	_, err = p.do(portal, account.ChangePartner, p.proof("a", partnertest.Second))
	p.refused("a change released by somebody else", err, account.PartnerOther)
	if _, err = p.do(portal, account.ChangePartner, p.proof("a", partnertest.First), p.proof("b", partnertest.First)); err != nil {
		t.Fatalf("change from a to b: %v", err)
	}
	if m := p.letter(mail.PartnerSet); m.To != "one@exemple.ca" {
		t.Errorf("the notice of the change went to %q", m.To)
	}
	in, err = p.do("", account.PortalPartner, p.proof("b", partnertest.First))
	if err != nil || in.Session.Account != done.Session.Account {
		t.Fatalf("sign in by partner b: %+v, %v, want account %s as before", in.Session, err, done.Session.Account)
	}
	_, err = p.do("", account.PortalPartner, p.proof("a", partnertest.First))
	p.refused("the partner that was left", err, account.PartnerOther)

	me, err := p.client.Me(t.Context(), in.Session.Access)
	if err != nil || me.Credential == nil || me.Credential.Partner != "b" || me.Credential.Username != "" {
		t.Errorf("Me: %+v, %v, want a credential of partner b", me.Credential, err)
	}

	// Another way in is another registration: the old one ends, and nothing is carried over.
	_, err = p.do(two, account.EnrolPartner, p.proof("a", partnertest.First))
	if err != nil {
		t.Errorf("the released subject registers for another account: %v", err)
	}
}

// TestPartnerEnrolment: a change keeps what offers hang on; a new registration does not.
//
// Rows: B-007, B-021, B-043
func TestPartnerEnrolment(t *testing.T) {
	p := openPartnered(t)
	access := p.account("one@exemple.ca")
	at := func() (c ledger.Credential) {
		t.Helper()
		me, err := p.client.Me(t.Context(), access)
		if err == nil {
			err = p.ledger.View(t.Context(), func(tx *ledger.Tx) (err error) { c, err = tx.CredentialOf(t.Context(), me.Account); return err })
		}
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	in, err := p.do(access, account.EnrolPartner, p.proof("a", partnertest.First))
	if err != nil {
		t.Fatal(err)
	}
	first := at()
	if _, err := p.do(in.Session.Access, account.ChangePartner, p.proof("a", partnertest.First), p.proof("b", partnertest.First)); err != nil {
		t.Fatal(err)
	}
	if moved := at(); moved.ID != first.ID || moved.Enrolment != first.Enrolment || moved.Partner != "b" {
		t.Errorf("after a change: %+v, want enrolment %s kept", moved, first.Enrolment)
	}
	if _, err := p.do(access, account.EnrolPartner, p.proof("a", partnertest.Second)); err != nil {
		t.Fatal(err)
	}
	if other := at(); other.ID == first.ID || other.Enrolment == first.Enrolment {
		t.Errorf("after another registration: %+v, want another enrolment", other)
	}
	var old ledger.Credential
	if err := p.ledger.View(t.Context(), func(tx *ledger.Tx) (err error) { old, err = tx.Credential(t.Context(), first.ID); return err }); err != nil {
		t.Fatal(err)
	}
	if old.State != account.CredentialRevoked || old.Reason != account.Replaced {
		t.Errorf("the credential before is %s (%s), want revoked as replaced", old.State, old.Reason)
	}
	if _, err := p.client.Me(t.Context(), in.Session.Access); err == nil {
		t.Error("the session of the replaced credential still answers")
	}
}
