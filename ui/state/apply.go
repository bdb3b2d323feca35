package state

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"passerelle/i18n"
	"passerelle/store/posting"
)

// ErrNoOpener: this computer has no program for it, or the address is not one to open.
var ErrNoOpener = errors.New("nothing can open this address")

// Act is one thing that can be done with a way to apply, through the person's own tools.
// This program never sends an application.
type Act struct {
	Kind  ActKind
	Label string
	Value string // an address to open, or the text to copy
}

// ActKind tells the acts apart.
type ActKind string

// Acts.
const (
	ActWeb   ActKind = "web"   // an address on the web: through [State.Leaving], always
	ActOpen  ActKind = "open"  // mailto: or tel:, opened by the person's own program
	ActDraft ActKind = "draft" // an e-mail that is prepared here: [State.NewDraft]
	ActSave  ActKind = "save"  // a message saved as a file, for those without a mail program
	ActCopy  ActKind = "copy"
)

// Acts are what can be done with a way to apply, the most useful first.
func (s *State) Acts(p posting.Posting, m posting.Method) []Act {
	w := s.words
	digits := func() string {
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' || r == '+' {
				return r
			}
			return -1
		}, m.Value)
	}
	copied := func(k i18n.Key, v string) Act { return Act{ActCopy, w.S(k), v} }
	switch m.Kind {
	case posting.ApplyOnline:
		return []Act{{ActWeb, w.S(i18n.ApplyOpen), m.Value}, copied(i18n.ApplyCopyLink, m.Value)}
	case posting.ApplyEmail:
		q := url.Values{"subject": {s.Subject(p)}}
		mail := "mailto:" + m.Value + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
		return []Act{{ActOpen, w.S(i18n.ApplyWrite), mail}, {ActDraft, w.S(i18n.ApplyPrepare), m.Value}, {ActSave, w.S(i18n.ApplySave), m.Value}, copied(i18n.ApplyCopyAddress, m.Value)}
	case posting.ApplyPhone:
		tel := "tel:" + digits()
		if m.Ext != "" {
			tel += ";ext=" + m.Ext
		}
		return []Act{{ActOpen, w.S(i18n.ApplyCall), tel}, copied(i18n.ApplyCopyNumber, m.Value)}
	case posting.ApplyFax:
		return []Act{copied(i18n.ApplyCopyFax, m.Value)}
	case posting.ApplyMail:
		return []Act{copied(i18n.ApplyCopyLabel, Label(p, m))}
	case posting.ApplyPerson:
		return []Act{copied(i18n.ApplyCopyAddress, m.Value)}
	}
	return nil
}

// Subject is that of a message about a posting: its title and number, and the code of whoever
// was invited to apply for it.
func (s *State) Subject(p posting.Posting) string {
	subject := jobTitle(p, s.Lang()) + " (" + Number(s.words, p.Number) + ")"
	if code := s.Invitations.Code(p.Number); code != "" {
		return s.words.S(i18n.InvitationSubject, "Subject", subject, "Code", code)
	}
	return subject
}

// Label is a postal address as it goes on an envelope: the employer, then the lines of the
// address in capitals for the sorting machines.
func Label(p posting.Posting, m posting.Method) string {
	lines := strings.Split(m.Value, "\n")
	for i := range lines {
		lines[i] = strings.ToUpper(strings.TrimSpace(lines[i]))
	}
	if p.Employer != "" && !strings.EqualFold(strings.TrimSpace(lines[0]), p.Employer) {
		lines = append([]string{strings.ToUpper(p.Employer)}, lines...)
	}
	return strings.Join(lines, "\n")
}

// Message is an unsent e-mail as a file (.eml), addressed and titled, its body left to the
// person. X-Unsent makes mail programs open it for writing.
func (s *State) Message(p posting.Posting, address string) []byte {
	clean := strings.NewReplacer("\r", "", "\n", "").Replace
	var b strings.Builder
	b.WriteString("X-Unsent: 1\r\nTo: " + clean(address) + "\r\nSubject: " + encodeHeader(clean(s.Subject(p))) +
		"\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n")
	return []byte(b.String())
}

// Do carries an act out; web addresses are not its business but that of [State.Leaving].
func (s *State) Do(a Act, done func(error)) {
	switch a.Kind {
	case ActCopy:
		s.Copy(a.Value)
		done(nil)
	case ActOpen:
		if s.o.Opener == nil {
			done(ErrNoOpener)
			return
		}
		var err error
		s.o.Exec.Go(func() { err = s.o.Opener(a.Value) }, func() { done(err) })
	default:
		done(ErrNoOpener)
	}
}

// OpenFile writes a file of this program and opens it with the person's own program for
// it: a page to print, a message to send. write runs away from the drawing goroutine.
func (s *State) OpenFile(write func(ctx context.Context) (path string, err error), done func(path string, err error)) {
	var path string
	var err error
	s.o.Exec.Go(func() {
		if path, err = write(s.ctx); err == nil && s.o.Opener != nil {
			u := url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(strings.ReplaceAll(path, "\\", "/"), "/")}
			err = s.o.Opener(u.String())
		}
	}, func() { done(path, err) })
}
