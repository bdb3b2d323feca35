package mail

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/netip"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"passerelle/store/ledger"
	"passerelle/sync/work"
)

// Sender gets letters to people. An error that wraps [ErrRefused] is final. No error of a
// sender says whom a letter is to or what is in it.
type Sender interface {
	Send(ctx context.Context, l Letter) error
}

// ErrRefused says that a letter will never be taken.
var ErrRefused = errors.New("letter refused for good")

// ErrNobody says that nobody reads letters at an address, which is refused for good as well.
var ErrNobody = fmt.Errorf("nobody reads there: %w", ErrRefused)

// OneClick is the form that a mail program posts to [Letter.Unsubscribe] (RFC 8058).
const OneClick = "List-Unsubscribe=One-Click"

// errLate ends a letter that nobody could use any more.
var errLate = errors.New("too late: what it brings has ended")

// Deliver gives what does a job of kind [Job]: the letter is opened, written and sent.
func Deliver(h House, s Sender, now func() time.Time) work.Do {
	return func(ctx context.Context, j ledger.Job) error {
		m, err := Open(h.Box, j.Body)
		if err != nil {
			return errors.Join(work.ErrFinal, err) // under these keys it never opens
		}
		return Hand(ctx, h, s, m, j, now())
	}
}

// Hand writes the message of a job and sends it.
func Hand(ctx context.Context, h House, s Sender, m Message, j ledger.Job, at time.Time) error {
	if m.Kind == None {
		m.Kind = Confirm // the work of a letter, without one
		_, err := Compose(h, m, at)
		return err
	}
	if m.Minutes > 0 && at.Sub(j.Due)+work.Waited(j.Tries-1) > time.Duration(m.Minutes)*time.Minute {
		return errors.Join(work.ErrFinal, errLate)
	}
	l, err := Compose(h, m, at)
	if err != nil {
		return errors.Join(work.ErrFinal, err)
	}
	// The same letter sent twice has one name, by which who gets it may tell.
	sum := sha256.Sum256(j.Body)
	l.ID = hex.EncodeToString(sum[:16])
	if err := s.Send(ctx, l); err != nil {
		if errors.Is(err, ErrRefused) {
			err = errors.Join(work.ErrFinal, err)
		}
		return err
	}
	return nil
}

// Keeper keeps letters in the demonstration's mailbox.
type Keeper struct{ Ledger *ledger.Ledger }

// Send implements [Sender].
func (k Keeper) Send(ctx context.Context, l Letter) error {
	return k.Ledger.PutLetter(ctx, ledger.Letter{At: l.Date, To: l.To, Subject: l.Subject, Text: l.Text, HTML: l.HTML})
}

// Security of the way to a mail server.
type Security string

// Securities.
const (
	Auto     Security = ""         // TLS from the first byte at port 465, else STARTTLS; on this machine, what the server has
	StartTLS Security = "starttls" // or nothing is sent
	Implicit Security = "tls"      // from the first byte
	Plain    Security = "none"     // in the clear, as asked for
)

// Account is one at a mail server. Host and From are needed.
type Account struct {
	Host     string
	Port     int // 0: 465 for [Implicit], else 587
	User     string
	Password string
	Security Security
	From     string        // address
	Name     string        // of the sender; "": Passerelle
	Timeout  time.Duration // 0: 30 s
	TLS      *tls.Config   // further authorities; nil: the system's
}

// way is what [Auto] comes to: itself on this machine alone.
func (a Account) way() Security {
	switch {
	case a.Security != Auto:
		return a.Security
	case a.Port == 465:
		return Implicit
	case !loopback(a.Host):
		return StartTLS
	}
	return Auto
}

// SMTP sends letters through a mail server.
type SMTP struct {
	a       Account
	options []mail.Option
	domain  string // of From
}

// NewSMTP makes a sender of an account at a mail server.
func NewSMTP(a Account) (*SMTP, error) {
	from, err := netmail.ParseAddress(a.From)
	if err != nil {
		return nil, fmt.Errorf("address of the sender %q: %w", a.From, err)
	}
	if a.Name == "" {
		a.Name = "Passerelle"
	}
	a.From = from.Address
	if a.Timeout == 0 {
		a.Timeout = 30 * time.Second
	}
	if a.Port == 0 {
		a.Port = 587
		if a.Security == Implicit {
			a.Port = 465
		}
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if a.TLS != nil {
		conf = a.TLS.Clone()
		conf.MinVersion = max(conf.MinVersion, tls.VersionTLS12)
	}
	if conf.ServerName == "" {
		conf.ServerName = a.Host
	}
	o := []mail.Option{mail.WithPort(a.Port), mail.WithTimeout(a.Timeout), mail.WithTLSConfig(conf)}
	switch a.way() {
	case Implicit:
		o = append(o, mail.WithSSL())
	case StartTLS:
		o = append(o, mail.WithTLSPolicy(mail.TLSMandatory))
	case Auto:
		o = append(o, mail.WithTLSPolicy(mail.TLSOpportunistic))
	case Plain:
		o = append(o, mail.WithTLSPolicy(mail.NoTLS))
	default:
		return nil, fmt.Errorf("security of the mail server %q: want %s, %s or %s", a.Security, StartTLS, Implicit, Plain)
	}
	if a.User != "" { // never a password in the clear: a server that offers nothing better gets none
		o = append(o, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(a.User), mail.WithPassword(a.Password))
	}
	domain := a.From[strings.LastIndexByte(a.From, '@')+1:]
	s := &SMTP{a: a, options: append(o, mail.WithHELO(domain)), domain: domain}
	if _, err := mail.NewClient(a.Host, s.options...); err != nil {
		return nil, fmt.Errorf("mail server %s: %w", a.Host, err)
	}
	return s, nil
}

// Send implements [Sender]: one connection a letter, for letters are few.
func (s *SMTP) Send(ctx context.Context, l Letter) error {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := msg.To(l.To); err != nil {
		return fmt.Errorf("the address cannot be one: %w", ErrRefused)
	}
	if err := msg.FromFormat(s.a.Name, s.a.From); err != nil {
		return fmt.Errorf("address of the sender: %w", err)
	}
	msg.Subject(l.Subject)
	msg.SetDateWithValue(l.Date)
	if l.ID != "" {
		msg.SetMessageIDWithValue(l.ID + "@" + s.domain)
	} else {
		msg.SetMessageID()
	}
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // nobody's absence answers it
	msg.SetGenHeader("Content-Language", string(l.Lang))
	if l.Unsubscribe != "" { // RFC 2369 and RFC 8058: one request ends it, without a page
		msg.SetGenHeader("List-Unsubscribe", "<"+l.Unsubscribe+">")
		msg.SetGenHeader("List-Unsubscribe-Post", OneClick)
	}
	msg.SetBodyString(mail.TypeTextPlain, l.Text)
	msg.AddAlternativeString(mail.TypeTextHTML, l.HTML)

	c, err := mail.NewClient(s.a.Host, s.options...)
	if err != nil {
		return fmt.Errorf("mail server %s: %w", s.a.Host, err)
	}
	err = c.DialAndSendWithContext(ctx, msg)
	if err == nil || msg.IsDelivered() { // what fails after the server took it is no failure of the letter
		return nil
	}
	var said *mail.SendError
	if !errors.As(err, &said) {
		return fmt.Errorf("mail server %s: %w", s.a.Host, err) // not reached, not trusted, or it does not know us
	}
	// The server's own words often repeat the address: its codes say enough.
	what := strings.TrimSpace(fmt.Sprintf("%d %s", said.ErrorCode(), said.EnhancedStatusCode()))
	if code := said.ErrorCode(); code >= 500 && code < 600 {
		// A mailbox that is not there, by the enhanced code where there is one: 5.7 is about us.
		status := said.EnhancedStatusCode()
		if said.Reason == mail.ErrSMTPRcptTo && (strings.HasPrefix(status, "5.1.") || strings.HasPrefix(status, "5.2.1") || status == "" && code != 554) {
			return fmt.Errorf("mail server %s: %s: %s: %w", s.a.Host, said.Reason, what, ErrNobody)
		}
		return fmt.Errorf("mail server %s: %s: %s: %w", s.a.Host, said.Reason, what, ErrRefused)
	}
	return fmt.Errorf("mail server %s: %s: %s", s.a.Host, said.Reason, what)
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && a.Unmap().IsLoopback()
}
