package measure

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/secret"
	"passerelle/sync/client"
	"passerelle/sync/gate"
	"passerelle/sync/hub"
	"passerelle/sync/mail"
	"passerelle/sync/server"
	"passerelle/sync/wire"
)

// Equal is how long a server takes to answer about a name that is registered, and about
// one that is not: medians of the same number of requests, taken in turns.
type Equal struct {
	What           string
	Known, Unknown time.Duration
	Requests       int
}

// Ratio of unknown to known: 1 tells nothing.
func (e Equal) Ratio() float64 { return float64(e.Unknown) / float64(e.Known) }

// people is a server with one person, as the bench asks it: over HTTP on loopback, with
// the slow hashes of a real deployment.
type people struct {
	hub    *hub.Hub
	ledger *ledger.Ledger
	base   string // address
	keys   *secret.Keys
	client *client.Client
	now    atomic.Int64 // the clock, in nanoseconds since 1970
	stop   func() error
}

const (
	benchEmail    = "known@exemple.ca"
	benchUsername = "knownuser"
	benchPassword = "fourteen brown Geese 7"
	benchPortal   = "Sixty Blue Ladders 8"
)

func (p *people) clock() time.Time { return time.Unix(0, p.now.Load()).UTC() }

// pass lets time pass, so that no try waits for the one before.
func (p *people) pass(d time.Duration) { p.now.Add(int64(d)) }

func newPeople(ctx context.Context, dir string) (*people, error) {
	keys, err := secret.Load(filepath.Join(dir, "secrets.json"))
	if err != nil {
		return nil, err
	}
	p, err := openPeople(ctx, dir, keys, filepath.Join(dir, "ledger.db"))
	if err != nil {
		return nil, err
	}
	if err := p.register(ctx); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

// openPeople is a server with nobody, whose ledger is a file or a database.
func openPeople(ctx context.Context, dir string, keys *secret.Keys, at string) (_ *people, err error) {
	p := &people{keys: keys}
	p.now.Store(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC).UnixNano())
	if p.hub, err = hub.Open(ctx, dir, hub.Options{Ledger: served(at)}); err != nil {
		return nil, err
	}
	p.ledger = p.hub.Ledger()
	records, err := p.hub.Records(hub.RecordsOptions{Box: keys.Box, MaxRecords: 1 << 40, MaxBytes: 1 << 40})
	if err != nil {
		return nil, errors.Join(err, p.hub.Close())
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, p.hub.Close())
	}
	p.base = "http://" + l.Addr().String()
	g, err := gate.New(gate.Options{Ledger: p.ledger, Keys: p.keys, Base: p.base})
	if err != nil {
		return nil, errors.Join(err, l.Close(), p.hub.Close())
	}
	often := server.Rate{Burst: 1 << 40, Every: time.Nanosecond} // who measures asks without end
	s, err := server.New(server.Options{Dir: dir, Bank: p.hub, Gate: g, Now: p.clock, Records: records, Flows: often, Syncs: often, Mutations: often})
	if err != nil {
		return nil, errors.Join(err, l.Close(), p.hub.Close())
	}
	running, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.Run(running, l) }()
	p.stop = func() error {
		cancel()
		return errors.Join(<-ended, s.Close(), p.hub.Close())
	}
	if p.client, err = client.New(p.base, client.Options{}); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

// walk begins a flow and answers its steps in turn.
func (p *people) walk(ctx context.Context, access string, kind account.Kind, steps ...func(wire.Prompt) (wire.Answer, error)) (wire.Prompt, error) {
	at, err := p.client.Begin(ctx, access, wire.Begin{Kind: kind, Lang: "fr", Device: "bench"})
	flow := at.Flow
	for _, answer := range steps {
		if err != nil {
			break
		}
		var in wire.Answer
		if in, err = answer(at); err != nil {
			break
		}
		at, err = p.client.Step(ctx, flow, at.Step, in)
	}
	if err != nil {
		return at, fmt.Errorf("%s at %s: %w", kind, at.Step, err)
	}
	return at, nil
}

func give(in wire.Answer) func(wire.Prompt) (wire.Answer, error) {
	return func(wire.Prompt) (wire.Answer, error) { return in, nil }
}

// letter is the code of the newest letter.
func (p *people) letter(ctx context.Context) (code string, err error) {
	for {
		j, err := p.ledger.TakeJob(ctx, []string{mail.Job}, p.clock(), time.Minute)
		if errors.Is(err, ledger.ErrNotFound) {
			return code, nil
		}
		if err != nil {
			return "", err
		}
		m, err := mail.Open(p.keys.Box, j.Body)
		if err != nil {
			return "", err
		}
		if m.Code != "" {
			code = m.Code
		}
		if err := p.ledger.EndJob(ctx, j, ledger.JobDone, "", time.Time{}); err != nil {
			return "", err
		}
	}
}

// join registers somebody for the job bank.
func (p *people) join(ctx context.Context, email string) (*wire.Session, error) {
	var five []account.QA
	for _, id := range account.QuestionIDs[:5] {
		five = append(five, account.QA{Question: id, Answer: "answer " + id})
	}
	done, err := p.walk(ctx, "", account.Register,
		give(wire.Answer{Accept: true, Terms: account.TermsVersion, Lang: "fr"}),
		give(wire.Answer{First: "Ada", Last: "Test", Email: email, Password: benchPassword, Again: benchPassword, Lang: "fr"}),
		func(wire.Prompt) (wire.Answer, error) {
			code, err := p.letter(ctx)
			return wire.Answer{Code: code}, err
		},
		give(wire.Answer{Questions: five}))
	return done.Session, err
}

func (p *people) register(ctx context.Context) error {
	session, err := p.join(ctx, benchEmail)
	if err != nil {
		return err
	}
	secretKey := ""
	_, err = p.walk(ctx, session.Access, account.Enrol,
		give(wire.Answer{Username: benchUsername, Password: benchPortal, Again: benchPortal}),
		give(wire.Answer{RecoveryEmail: benchEmail, Question: account.QuestionIDs[0], Answer: "recovery answer",
			Person: "somebody known", PersonHint: "a neighbour", Date: "1999-12-31", DateHint: "a party"}),
		give(wire.Answer{Method: string(account.TOTP)}),
		func(at wire.Prompt) (wire.Answer, error) {
			secretKey = at.Secret
			code, err := account.TOTPCode(secretKey, account.TOTPStep(p.clock()))
			return wire.Answer{Code: code}, err
		},
		give(wire.Answer{}))
	return err
}

// SameTime measures, for every step at which a stranger names an account, what the server
// takes for one that is there and for one that is not (A-135, B-025).
func SameTime(ctx context.Context, dir string, n int) (_ []Equal, err error) {
	p, err := newPeople(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	nobody := func(i int) string { return fmt.Sprintf("nobody%c%c", 'a'+rune(i/26%26), 'a'+rune(i%26)) }
	cases := []struct {
		what   string
		kind   account.Kind
		before []wire.Answer // steps before the one that is measured
		known  wire.Answer
	}{
		{"sign-in, wrong password", account.SignIn, nil, wire.Answer{Email: benchEmail, Password: "not the password 1"}},
		{"portal sign-in, wrong password", account.Portal, nil, wire.Answer{Username: benchUsername, Password: "Not the password 1"}},
		{"recovery, name and address", account.Recover, nil, wire.Answer{First: "Ada", Last: "Test", Email: benchEmail}},
		{"forgotten username, recovery address", account.Username, nil, wire.Answer{Email: benchEmail}},
		{"forgotten portal password, username", account.Password, nil, wire.Answer{Username: benchUsername}},
		{"forgotten portal password, wrong answers", account.Password, []wire.Answer{{}, {Method: "questions"}},
			wire.Answer{Username: benchUsername, Answer: "a", Person: "b", Date: "2000-01-01"}},
	}
	var all []Equal
	for _, c := range cases {
		var took [2][]time.Duration
		for i := range 2 * n {
			p.pass(25 * time.Hour) // what was counted is forgotten
			in := c.known
			if i%2 == 1 {
				name := nobody(i)
				if in.Email != "" {
					in.Email = name + "@exemple.ca"
				}
				if in.Username != "" {
					in.Username = name
				}
			}
			d, err := p.once(ctx, c.kind, c.before, in)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.what, err)
			}
			took[i%2] = append(took[i%2], d)
		}
		for _, t := range took {
			slices.Sort(t)
		}
		all = append(all, Equal{What: c.what, Known: took[0][n/2], Unknown: took[1][n/2], Requests: n})
	}
	return all, nil
}

// once times one step; a refusal is an answer too.
func (p *people) once(ctx context.Context, kind account.Kind, before []wire.Answer, in wire.Answer) (time.Duration, error) {
	at, err := p.client.Begin(ctx, "", wire.Begin{Kind: kind, Lang: "fr", Device: "bench"})
	if err != nil {
		return 0, err
	}
	flow := at.Flow
	for _, b := range before {
		if at.Step == account.StepUsername {
			b.Username = in.Username
		}
		if at, err = p.client.Step(ctx, flow, at.Step, b); err != nil {
			return 0, err
		}
	}
	began := time.Now()
	_, err = p.client.Step(ctx, flow, at.Step, in)
	took := time.Since(began)
	var no *wire.Refused
	if err != nil && (!errors.As(err, &no) || no.Code == account.TooMany) {
		return 0, err
	}
	return took, nil
}
