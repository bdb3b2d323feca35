// Package gate decides who comes in: registration, sign-in, second factors, recoveries,
// sessions and devices, and what agents may do about them. Begin with [New]. Everything
// before a session goes through one engine ([Gate.Begin], [Gate.Step]): a flow is one
// short-lived transaction whose steps come in order and no other way. It knows no HTTP,
// reads no clock, and keeps nothing that the database alone could give away.
package gate

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/secret"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// Options of a gate; Ledger, Keys and Base are needed, the zero value of the others is right.
type Options struct {
	Ledger     *ledger.Ledger
	Keys       *secret.Keys
	Base       string          // public address of the server, for links in letters
	Rules      account.Rules   // zero fields: those of the house
	Deployment wire.Deployment // what desktops are told; Terms, Verified and LockAfter are filled in
	Validator  Validator       // nil: [Local]
	Retention  ledger.Schedule // how long things are kept; nil: the house's
	Voucher    Voucher         // opens what sign-in partners say; nil: there are none
	// Leave ends what else there is of an account that is closed, in the same transaction;
	// nil: nothing.
	Leave func(ctx context.Context, t *ledger.Tx, account string, now time.Time) error
	Rand  io.Reader    // nil: crypto/rand
	Log   *slog.Logger // nil: none
}

// Validator says whether an identity is a person's own. It keeps nothing.
type Validator interface {
	// Name says honestly what it does: "local" has no access to the Social Insurance Register.
	Name() string
	// Validate refuses with a *Refused that names the field.
	Validate(ctx context.Context, id Identity) error
}

// Identity is what is validated: a SIN, or an Express Entry pair.
type Identity struct {
	First, Last, SIN, Maiden, Born string
	Profile, Validation            string
}

// Gate is the open gate.
type Gate struct {
	o      Options
	hashed atomic.Int64 // slow hashes worked out: a test holds unknown and known names to equal work
}

// New makes a gate.
func New(o Options) (*Gate, error) {
	if o.Ledger == nil || o.Keys == nil || o.Base == "" {
		return nil, errors.New("gate: wants a ledger, keys and the public address")
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Validator == nil {
		o.Validator = Local{}
	}
	o.Rules = o.Rules.Filled()
	o.Deployment.Terms = account.TermsVersion
	o.Deployment.Verified = o.Validator.Name()
	o.Deployment.LockAfter = int(o.Rules.LockMost / time.Minute)
	return &Gate{o: o}, nil
}

// Deployment is what desktops are told.
func (g *Gate) Deployment() wire.Deployment { return g.o.Deployment }

// Refused is why something is not done, for the person to mend or wait for.
type Refused = wire.Refused

// mend refuses fields, nil if there are none.
func mend(fields ...account.Problem) error {
	var all []account.Problem
	for _, f := range fields {
		if f.Code != "" {
			all = append(all, f)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return &Refused{Code: account.Mend, Fields: all}
}

// refuse is a refusal of the whole request.
func refuse(c account.Code) error { return &Refused{Code: c} }

// token is n random bytes.
func (g *Gate) token(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(g.o.Rand, b); err != nil {
		panic(err) // a machine without chance keeps no secret
	}
	return b
}

// digits is a code of n digits, each as likely as any other.
func (g *Gate) digits(n int) string {
	out := make([]byte, 0, n)
	for len(out) < n {
		for _, b := range g.token(2 * n) {
			if b < 250 && len(out) < n { // 250 is the last multiple of ten: no digit is favoured
				out = append(out, '0'+b%10)
			}
		}
	}
	return string(out)
}

// mail queues a letter, within the transaction that makes it true. key is unique for a
// letter that must go once; "" for others.
func (g *Gate) mail(ctx context.Context, t *ledger.Tx, key string, m mail.Message, now time.Time) error {
	body, err := mail.Seal(g.o.Keys.Box, m)
	if err != nil {
		return err
	}
	return t.Queue(ctx, ledger.Job{Kind: mail.Job, Key: key, Body: body, Due: now})
}
