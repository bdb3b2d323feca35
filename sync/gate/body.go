package gate

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
)

// person is what an account holds of its person, sealed in ledger.Account.Body. Neither
// the nine digits nor what they were checked with is in it.
type person struct {
	Email     string     `json:"email"` // account.Address of it is what is hashed
	First     string     `json:"first"`
	Last      string     `json:"last"`
	Lang      string     `json:"lang"`
	Terms     string     `json:"terms,omitempty"` // version accepted
	TermsLang string     `json:"terms_lang,omitempty"`
	Agreed    time.Time  `json:"agreed,omitzero"`
	Before    []accepted `json:"before,omitempty"`   // terms agreed to earlier
	Verified  string     `json:"verified,omitempty"` // Validator.Name at the registration
	Express   bool       `json:"express,omitempty"`
	Questions []answered `json:"questions,omitempty"` // five
	Asked     []string   `json:"asked,omitempty"`     // ids of those asked in this round; the last is that of the next sign-in
	Invite    string     `json:"invite,omitempty"`    // secret.Hash of an operator's one-time code
	InviteEnd time.Time  `json:"invite_end,omitzero"`
	Devices   [][]byte   `json:"devices,omitempty"` // keyed hashes of the computers it was used from, newest last
}

// answered is a security question with the hash of account.Fold of its answer.
type answered struct {
	ID   string `json:"id"`
	Hash string `json:"hash"`
}

// portal is what a portal credential holds, sealed in ledger.Credential.Body.
type portal struct {
	Username      string `json:"username,omitempty"`
	RecoveryEmail string `json:"recovery_email,omitempty"`
	Question      string `json:"question,omitempty"` // id, or the person's own words
	Answer        string `json:"answer,omitempty"`   // hashes of account.Fold of each
	Person        string `json:"person,omitempty"`
	PersonHint    string `json:"person_hint,omitempty"`
	Date          string `json:"date,omitempty"`
	DateHint      string `json:"date_hint,omitempty"`
}

// second is what a factor holds, sealed in ledger.Factor.Body.
type second struct {
	Secret  string `json:"secret,omitempty"`  // of TOTP, base32
	Address string `json:"address,omitempty"` // of e-mail codes
}

func aboutAccount(id string) string    { return "account/" + id }
func aboutCredential(id string) string { return "credential/" + id }
func aboutFactor(owner string) string  { return "factor/" + owner }

// seal makes a sealed body of what a row holds.
func (g *Gate) seal(about string, v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", about, err)
	}
	defer clear(body)
	return g.o.Keys.Box.Seal(about, body)
}

// unseal reads what seal made.
func (g *Gate) unseal(about string, sealed []byte, v any) error {
	body, err := g.o.Keys.Box.Open(about, sealed)
	if err == nil {
		err = json.Unmarshal(body, v)
	}
	clear(body)
	if err != nil {
		return fmt.Errorf("open %s: %w", about, err)
	}
	return nil
}

// person opens an account's body; setPerson seals it again. Of one that was closed so long
// ago that who it was is forgotten, nobody.
func (g *Gate) person(a ledger.Account) (p person, err error) {
	if a.State == account.Closed && len(a.Body) == 0 {
		return p, nil
	}
	err = g.unseal(aboutAccount(a.ID), a.Body, &p)
	return p, err
}

func (g *Gate) setPerson(a *ledger.Account, p person) (err error) {
	a.Body, err = g.seal(aboutAccount(a.ID), p)
	return err
}

// portal opens a credential's body; setPortal seals it again.
func (g *Gate) portal(c ledger.Credential) (p portal, err error) {
	if c.State == account.CredentialRevoked && len(c.Body) == 0 {
		return p, nil // forgotten, but for its username
	}
	err = g.unseal(aboutCredential(c.ID), c.Body, &p)
	return p, err
}

func (g *Gate) setPortal(c *ledger.Credential, p portal) (err error) {
	c.Body, err = g.seal(aboutCredential(c.ID), p)
	return err
}

// second opens a factor's body; setSecond seals it again.
func (g *Gate) second(f ledger.Factor) (s second, err error) {
	err = g.unseal(aboutFactor(f.Owner), f.Body, &s)
	return s, err
}

func (g *Gate) setSecond(f *ledger.Factor, s second) (err error) {
	f.Body, err = g.seal(aboutFactor(f.Owner), s)
	return err
}

// emailHash finds an account by its address, which is given as account.Address makes it.
func (g *Gate) emailHash(address string) []byte { return g.o.Keys.MAC("email", []byte(address)) }

// recoveryHash finds credentials by their recovery address.
func (g *Gate) recoveryHash(address string) []byte { return g.o.Keys.MAC("recovery", []byte(address)) }

// usernameHash finds a credential by its username, however it is written.
func (g *Gate) usernameHash(name string) []byte {
	return g.o.Keys.MAC("username", []byte(account.Fold(name)))
}

// subjectHash finds a credential by a partner's subject.
func (g *Gate) subjectHash(issuer, subject string) []byte {
	return g.o.Keys.MAC("subject", []byte(issuer), []byte(subject))
}

// codeHash is a recovery code's, under whom it belongs to (B-033).
func (g *Gate) codeHash(owner, code string) []byte {
	return g.o.Keys.MAC("recovery code", []byte(owner), []byte(account.Fold(code)))
}

// device remembers a computer by its name and says whether it is a new one; the first of
// an account is none.
func (g *Gate) device(p *person, id, name string) (fresh bool) {
	const keep = 20
	h := g.o.Keys.MAC("device", []byte(id), []byte(name))
	for i, d := range p.Devices {
		if bytes.Equal(d, h) {
			p.Devices = append(append(p.Devices[:i:i], p.Devices[i+1:]...), h)
			return false
		}
	}
	fresh = len(p.Devices) > 0
	p.Devices = append(p.Devices, h)
	if len(p.Devices) > keep {
		p.Devices = p.Devices[len(p.Devices)-keep:]
	}
	return fresh
}

// accountByEmail finds the account of an address, in whatever state but closed.
func (g *Gate) accountByEmail(ctx context.Context, address string) (a ledger.Account, err error) {
	err = g.o.Ledger.View(ctx, func(t *ledger.Tx) error {
		a, err = t.AccountByEmail(ctx, g.emailHash(address))
		return err
	})
	return a, err
}
