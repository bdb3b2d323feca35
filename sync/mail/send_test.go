package mail

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"passerelle/i18n"
	"passerelle/store/ledger"
	"passerelle/sync/work"
)

// office is a mail server, which answers as it is told.
type office struct {
	port     int
	got      chan taken
	trust    *tls.Config
	sessions atomic.Int32

	mu    sync.Mutex
	rcpt  []error // for the next letters, by turn; nil: taken
	drops int     // letters at which the line is cut
}

type taken struct {
	to, user string
	tls      bool
	raw      []byte
}

type letterBox struct {
	o    *office
	c    *smtp.Conn
	to   string
	user string
}

func (b *letterBox) AuthMechanisms() []string { return []string{sasl.Plain} }

func (b *letterBox) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != "sesame" {
			return errors.New("no")
		}
		b.user = user
		return nil
	}), nil
}

func (b *letterBox) Mail(string, *smtp.MailOptions) error { return nil }

func (b *letterBox) Rcpt(to string, _ *smtp.RcptOptions) error {
	b.o.mu.Lock()
	defer b.o.mu.Unlock()
	b.to = to
	if len(b.o.rcpt) == 0 {
		return nil
	}
	err := b.o.rcpt[0]
	b.o.rcpt = b.o.rcpt[1:]
	return err
}

func (b *letterBox) Data(r io.Reader) error {
	b.o.mu.Lock()
	cut := b.o.drops > 0
	b.o.drops--
	b.o.mu.Unlock()
	if cut {
		_ = b.c.Conn().Close()
		return errors.New("cut")
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	_, secure := b.c.TLSConnectionState()
	b.o.got <- taken{to: b.to, user: b.user, tls: secure, raw: raw}
	return nil
}

func (*letterBox) Reset()        {}
func (*letterBox) Logout() error { return nil }

// openOffice opens one on loopback; way is what it speaks: "starttls", "tls" or "none".
func openOffice(t *testing.T, way Security) *office {
	t.Helper()
	o := &office{got: make(chan taken, 20)}
	cert, pool := certificate(t)
	o.trust = &tls.Config{RootCAs: pool}
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		o.sessions.Add(1)
		return &letterBox{o: o, c: c}, nil
	}))
	s.Domain, s.AllowInsecureAuth = "localhost", true
	s.ErrorLog = quiet{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.port = l.Addr().(*net.TCPAddr).Port
	switch way {
	case StartTLS:
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	case Implicit:
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}})
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	return o
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func (o *office) sender(t *testing.T, change func(*Account)) *SMTP {
	t.Helper()
	a := Account{Host: "127.0.0.1", Port: o.port, From: "lettres@banque.exemple.ca", Timeout: 10 * time.Second, TLS: o.trust}
	if change != nil {
		change(&a)
	}
	s, err := NewSMTP(a)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (o *office) none(t *testing.T) {
	t.Helper()
	select {
	case l := <-o.got:
		t.Errorf("a letter arrived:\n%s", l.raw)
	default:
	}
}

// A letter travels under TLS, as the server offers it and the account wants it; in the
// clear only where that was asked for, or on this machine.
func TestWays(t *testing.T) {
	l, err := Compose(house(t), message(Confirm, i18n.French), now)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name           string
		server, client Security
		change         func(*Account)
		tls, fails     bool
	}{
		{name: "STARTTLS", server: StartTLS, client: StartTLS, tls: true},
		{name: "from the first byte", server: Implicit, client: Implicit, tls: true},
		{name: "what this machine has", server: StartTLS, client: Auto, tls: true},
		{name: "this machine has none", server: Plain, client: Auto},
		{name: "in the clear as asked", server: StartTLS, client: Plain},
		{name: "STARTTLS is not offered", server: Plain, client: StartTLS, fails: true},
		{name: "TLS is not spoken", server: Plain, client: Implicit, fails: true},
		{name: "another certificate", server: StartTLS, client: StartTLS, fails: true, change: func(a *Account) { a.TLS = nil }},
		{name: "another certificate on this machine", server: StartTLS, client: Auto, fails: true, change: func(a *Account) { a.TLS = nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := openOffice(t, c.server)
			s := o.sender(t, func(a *Account) {
				a.Security = c.client
				if c.change != nil {
					c.change(a)
				}
			})
			err := s.Send(t.Context(), l)
			if (err != nil) != c.fails || errors.Is(err, ErrRefused) {
				t.Fatalf("Send: %v, want a failure: %v, and one that can be tried again", err, c.fails)
			}
			if c.fails {
				o.none(t)
				return
			}
			if got := <-o.got; got.tls != c.tls || got.to != l.To {
				t.Errorf("arrived for %s, under TLS: %v, want %v", got.to, got.tls, c.tls)
			}
		})
	}
}

// Off this machine, nothing but TLS is what an account gets without asking.
//
// Rows: A-091
func TestWayIsSafeByItself(t *testing.T) {
	for _, c := range []struct {
		a    Account
		want Security
	}{
		{Account{Host: "courriel.exemple.ca", Port: 587}, StartTLS},
		{Account{Host: "courriel.exemple.ca", Port: 25}, StartTLS},
		{Account{Host: "courriel.exemple.ca", Port: 465}, Implicit},
		{Account{Host: "localhost", Port: 25}, Auto},
		{Account{Host: "::1", Port: 25}, Auto},
		{Account{Host: "localhost.exemple.ca", Port: 25}, StartTLS},
		{Account{Host: "courriel.exemple.ca", Port: 25, Security: Plain}, Plain},
	} {
		if got := c.a.way(); got != c.want {
			t.Errorf("%s:%d %s: %q, want %q", c.a.Host, c.a.Port, c.a.Security, got, c.want)
		}
	}
	for _, bad := range []Account{{}, {Host: "x.exemple.ca", From: "nobody"}, {Host: "x.exemple.ca", From: "a@exemple.ca", Security: "maybe"}, {From: "a@exemple.ca"}} {
		if _, err := NewSMTP(bad); err == nil {
			t.Errorf("NewSMTP(%+v) was taken", bad)
		}
	}
}

// The password goes to a server that TLS has shown, and no further.
func TestPassword(t *testing.T) {
	l, err := Compose(house(t), message(Confirm, i18n.French), now)
	if err != nil {
		t.Fatal(err)
	}
	with := func(password string, way Security) func(*Account) {
		return func(a *Account) { a.User, a.Password, a.Security = "passerelle", password, way }
	}
	o := openOffice(t, StartTLS)
	if err := o.sender(t, with("sesame", StartTLS)).Send(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if got := <-o.got; got.user != "passerelle" {
		t.Errorf("signed in as %q", got.user)
	}
	err = o.sender(t, with("wrong", StartTLS)).Send(t.Context(), l)
	if err == nil || errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "wrong") {
		t.Errorf("a wrong password: %v, want a failure that an operator can mend, without the password", err)
	}
	o.none(t)
	clear := openOffice(t, Plain)
	if err := clear.sender(t, with("sesame", Plain)).Send(t.Context(), l); err == nil {
		t.Error("a password left in the clear")
	}
	clear.none(t)
}

// What arrives is what was written: subject, sender and both bodies, accents included.
//
// Rows: X-003
func TestArrives(t *testing.T) {
	o := openOffice(t, StartTLS)
	s := o.sender(t, func(a *Account) { a.Name = "Banque d'emplois – Québec" })
	for _, lang := range i18n.Languages() {
		for _, k := range Kinds {
			l, err := Compose(house(t), message(k, lang), now)
			if err != nil {
				t.Fatal(err)
			}
			l.ID = "0123456789abcdef"
			if err := s.Send(t.Context(), l); err != nil {
				t.Fatal(err)
			}
			m, err := netmail.ReadMessage(bytes.NewReader((<-o.got).raw))
			if err != nil {
				t.Fatal(err)
			}
			words := new(mime.WordDecoder)
			subject, err := words.DecodeHeader(m.Header.Get("Subject"))
			if err != nil || subject != l.Subject {
				t.Errorf("subject %q, %v, want %q", subject, err, l.Subject)
			}
			from, err := m.Header.AddressList("From")
			if err != nil || from[0].Name != "Banque d'emplois – Québec" || from[0].Address != "lettres@banque.exemple.ca" {
				t.Errorf("from %v, %v", from, err)
			}
			if at, err := m.Header.Date(); err != nil || !at.Equal(now) {
				t.Errorf("date %v, %v, want %v", at, err, now)
			}
			for name, want := range map[string]string{
				"Message-Id": "<0123456789abcdef@banque.exemple.ca>", "Auto-Submitted": "auto-generated", "Content-Language": string(lang),
				"X-Mailer": "", "User-Agent": "", "List-Unsubscribe": listed(l.Unsubscribe), "List-Unsubscribe-Post": clicked(k),
			} {
				if got := m.Header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			if bodies := alternatives(t, m); bodies["text/plain"] != l.Text || bodies["text/html"] != l.HTML {
				t.Errorf("%s in %s arrived as %q", k, lang, bodies)
			}
		}
	}
}

// An address that nobody reads at is told apart from a server that refuses us, or the
// letter: only the first says something of the address.
//
// Rows: A-037
func TestNobody(t *testing.T) {
	o := openOffice(t, StartTLS)
	s := o.sender(t, nil)
	for _, c := range []struct {
		code            int
		status          smtp.EnhancedCode
		refused, nobody bool
	}{
		{550, smtp.EnhancedCode{5, 1, 1}, true, true}, {550, smtp.EnhancedCode{5, 2, 1}, true, true}, {553, smtp.EnhancedCode{5, 1, 3}, true, true},
		{550, smtp.EnhancedCode{5, 7, 1}, true, false}, {554, smtp.EnhancedCode{5, 7, 1}, true, false}, {552, smtp.EnhancedCode{5, 2, 2}, true, false},
		{450, smtp.EnhancedCode{4, 2, 1}, false, false},
	} {
		l, err := Compose(house(t), message(AlertNews, i18n.French), now)
		if err != nil {
			t.Fatal(err)
		}
		o.refuse(&smtp.SMTPError{Code: c.code, EnhancedCode: c.status, Message: "no"})
		err = s.Send(t.Context(), l)
		if err == nil || errors.Is(err, ErrRefused) != c.refused || errors.Is(err, ErrNobody) != c.nobody {
			t.Errorf("%d %v: %v, want refused %v, nobody %v", c.code, c.status, err, c.refused, c.nobody)
		}
	}
}

// listed and clicked are the heads of a letter of alerts (RFC 8058, A-037).
func listed(url string) string {
	if url == "" {
		return ""
	}
	return "<" + url + ">"
}

func clicked(k Kind) string {
	if k == AlertAsked || k == AlertNews {
		return "List-Unsubscribe=One-Click"
	}
	return ""
}

func alternatives(t *testing.T, m *netmail.Message) map[string]string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s, %v", kind, err)
	}
	out := map[string]string{}
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		var r io.Reader = p
		if p.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
			r = quotedprintable.NewReader(p)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		out[kind] = strings.ReplaceAll(string(b), "\r\n", "\n")
	}
}

// clock is driven by hand.
type clock struct{ after atomic.Int64 }

func (c *clock) now() time.Time       { return now.Add(time.Duration(c.after.Load())) }
func (c *clock) add(d time.Duration)  { c.after.Add(int64(d)) }
func (o *office) refuse(all ...error) { o.mu.Lock(); o.rcpt = all; o.mu.Unlock() }

// post is a ledger, a queue of letters, and what works at it.
type post struct {
	*ledger.Ledger
	clock clock
	log   bytes.Buffer
	h     House
}

func openPost(t *testing.T) *post {
	t.Helper()
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return &post{Ledger: l, h: house(t)}
}

func (p *post) queue(t *testing.T, m Message) {
	t.Helper()
	body, err := Seal(p.h.Box, m)
	if err != nil {
		t.Fatal(err)
	}
	err = p.Update(t.Context(), func(tx *ledger.Tx) error {
		return tx.Queue(t.Context(), ledger.Job{Kind: Job, Body: body, Due: p.clock.now()})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// until works until the newest job is as wanted, and gives it.
func (p *post) until(t *testing.T, s Sender, want func(ledger.Job) bool) (last ledger.Job) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	deliver := Deliver(p.h, s, p.clock.now)
	err := work.Run(ctx, work.Options{
		Jobs: looking{p.Ledger, func() {
			all, err := p.Jobs(ctx, 1)
			if err == nil && len(all) == 1 && want(all[0]) {
				last = all[0]
				stop()
			}
		}},
		Kinds: map[string]work.Do{Job: deliver}, Now: p.clock.now, Poll: time.Millisecond, Log: slog.New(slog.NewTextHandler(&p.log, nil)),
	})
	if err != nil || last.ID == 0 {
		all, _ := p.Jobs(t.Context(), 1)
		t.Fatalf("Run: %v; the job is %+v", err, all)
	}
	return last
}

// looking looks at the jobs whenever the work does.
type looking struct {
	*ledger.Ledger
	look func()
}

func (l looking) NextJob(ctx context.Context, kinds []string) (time.Time, bool, error) {
	l.look()
	return l.Ledger.NextJob(ctx, kinds)
}

func state(s string, tries int) func(ledger.Job) bool {
	return func(j ledger.Job) bool { return j.State == s && j.Tries == tries && j.Lease.Before(now) }
}

// A server that cannot take a letter now gets it later, one that never will is asked once,
// and a line that is cut costs a wait. What is kept and logged of it tells nobody's address
// and no code.
func TestDeliver(t *testing.T) {
	busy := &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted ada@exemple.ca"}
	never := &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user ada@exemple.ca 123456"}
	o := openOffice(t, StartTLS)
	p := openPost(t)
	s := o.sender(t, nil)

	p.queue(t, message(Warning, i18n.French))
	p.until(t, s, state(ledger.JobDone, 1))
	first := <-o.got

	o.refuse(busy, busy)
	p.queue(t, message(Temporary, i18n.French))
	j := p.until(t, s, state(ledger.JobQueued, 1))
	if want := p.clock.now().Add(time.Minute); !j.Due.Equal(want) || !strings.Contains(j.Error, "451 4.7.1") {
		t.Errorf("after 451: due %v, %q, want %v", j.Due, j.Error, want)
	}
	o.none(t)
	p.clock.add(time.Minute)
	if j = p.until(t, s, state(ledger.JobQueued, 2)); !j.Due.Equal(p.clock.now().Add(2 * time.Minute)) {
		t.Errorf("after another 451: due %v at %v", j.Due, p.clock.now())
	}
	p.clock.add(2 * time.Minute)
	if j = p.until(t, s, state(ledger.JobDone, 3)); len(j.Body) != 0 || j.Error != "" {
		t.Errorf("once it went: %d bytes of body, %q", len(j.Body), j.Error)
	}
	second := <-o.got
	if bytes.Equal(first.raw, second.raw) || second.to != "ada@exemple.ca" {
		t.Errorf("the second letter went to %s", second.to)
	}

	o.refuse(never)
	p.queue(t, message(Temporary, i18n.French))
	if j = p.until(t, s, state(ledger.JobFailed, 1)); !strings.Contains(j.Error, "550 5.1.1") || len(j.Body) != 0 {
		t.Errorf("after 550: %q, %d bytes of body", j.Error, len(j.Body))
	}
	o.none(t)

	o.mu.Lock()
	o.drops = 1
	o.mu.Unlock()
	p.queue(t, message(Temporary, i18n.English))
	p.until(t, s, state(ledger.JobQueued, 1))
	p.clock.add(time.Minute)
	p.until(t, s, state(ledger.JobDone, 2))
	if got := <-o.got; !bytes.Contains(got.raw, []byte("Your temporary password")) {
		t.Errorf("after the line was cut:\n%s", got.raw)
	}
	o.none(t)

	all, err := p.Jobs(t.Context(), 99)
	if err != nil {
		t.Fatal(err)
	}
	told := p.log.String()
	for _, j := range all {
		told += j.Error
	}
	for _, secret := range []string{"ada@", "123456", "Ada", "/m/"} {
		if strings.Contains(told, secret) {
			t.Errorf("%q stands in:\n%s", secret, told)
		}
	}
	if !strings.Contains(told, "550") {
		t.Errorf("the log does not say why a letter failed:\n%s", told)
	}
}

// A letter to nobody is written like another and goes nowhere; one whose code has ended,
// or that these keys do not open, ends too.
func TestDeliverNothing(t *testing.T) {
	o := openOffice(t, StartTLS)
	p := openPost(t)
	s := o.sender(t, nil)
	nobody := message(None, i18n.French)
	p.queue(t, nobody)
	p.until(t, s, state(ledger.JobDone, 1))

	p.queue(t, message(Confirm, i18n.French))
	p.clock.add(15*time.Minute + time.Second)
	if j := p.until(t, s, state(ledger.JobFailed, 1)); !strings.Contains(j.Error, "too late") {
		t.Errorf("after its 15 minutes: %q", j.Error)
	}
	p.queue(t, message(Confirm, i18n.French))
	p.clock.add(15 * time.Minute)
	p.until(t, s, state(ledger.JobDone, 1))
	<-o.got

	err := p.Update(t.Context(), func(tx *ledger.Tx) error {
		return tx.Queue(t.Context(), ledger.Job{Kind: Job, Body: []byte("not ours"), Due: p.clock.now()})
	})
	if err != nil {
		t.Fatal(err)
	}
	p.until(t, s, state(ledger.JobFailed, 1))
	o.none(t)
}

// A mail server that is away for a day is a letter that failed, with the reason.
func TestGivesUpAfterADay(t *testing.T) {
	p := openPost(t)
	s, err := NewSMTP(Account{Host: "127.0.0.1", Port: 1, From: "a@exemple.ca", Timeout: time.Second}) // nobody listens there
	if err != nil {
		t.Fatal(err)
	}
	m := message(Warning, i18n.French)
	m.Minutes = 0 // it has no code, so nothing in it ends before
	p.queue(t, m)
	began := p.clock.now()
	for tries := 1; ; tries++ {
		j := p.until(t, s, func(j ledger.Job) bool { return j.Tries == tries && j.Lease.Before(now) })
		if j.State == ledger.JobFailed {
			break
		}
		if tries > 60 {
			t.Fatal("never gives up")
		}
		p.clock.add(j.Due.Sub(p.clock.now()))
	}
	if d := p.clock.now().Sub(began); d < 22*time.Hour || d > 25*time.Hour {
		t.Errorf("gave up after %v, want about a day", d)
	}
}

// The demonstration keeps its letters where they can be read.
func TestKeeper(t *testing.T) {
	p := openPost(t)
	p.queue(t, message(Confirm, i18n.French))
	p.until(t, Keeper{p.Ledger}, state(ledger.JobDone, 1))
	all, err := p.Letters(t.Context(), 9)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d letters, %v", len(all), err)
	}
	want, err := Compose(p.h, message(Confirm, i18n.French), now)
	if err != nil {
		t.Fatal(err)
	}
	mask := func(s string) string { return otherToken.ReplaceAllString(s, "") }
	if l := all[0]; l.To != want.To || l.Subject != want.Subject || mask(l.Text) != mask(want.Text) || mask(l.HTML) != mask(want.HTML) || !l.At.Equal(now) {
		t.Errorf("kept %+v", l)
	}
}
