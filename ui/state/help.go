package state

import (
	"encoding/json"
	"strings"

	"github.com/google/uuid"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/sync/wire"
)

// HelpMax is the most that a request for help may say, in characters.
const HelpMax = 2000

// Help is a request to the team to reset the questions and the password of an account
// . It needs no account to be open, and waits on this computer until there is a network.
type Help struct {
	s *State

	First, Last, Email, Text string
	Errors                   []FieldError
	Sending                  bool
	Queued                   bool  // it is on this computer and will leave
	Err                      error // it could not be kept
	Refusals                 int   // counts what was refused: the keyboard goes to what is to be mended

	// Changed tells whoever draws. Nil is fine.
	Changed func()

	key    string // the same for every try, so that it is filed once
	locked bool   // what is typed was typed while the desk was locked
}

func newHelp(s *State) *Help { return &Help{s: s} }

func (h *Help) tell() {
	if h.Changed != nil {
		h.Changed()
	}
}

// Open forgets what was typed before the desk was locked, or while it was: whoever comes
// here at a locked desk is perhaps somebody else.
func (h *Help) Open() {
	if now := h.s.Present.Locked(); now != h.locked {
		h.Again()
		h.locked = now
	}
}

// From takes what was typed elsewhere, where nothing was typed here.
func (h *Help) From(first, last, email string) {
	h.Open()
	if h.First == "" && h.Last == "" && h.Email == "" {
		h.First, h.Last, h.Email = first, last, email
	}
}

// Again begins another request.
func (h *Help) Again() {
	*h = Help{s: h.s, Changed: h.Changed, locked: h.locked}
	h.tell()
}

// Type takes what was typed into a field: one that was to be mended is checked again at once.
func (h *Help) Type(field string, to *string, text string) {
	if *to == text {
		return
	}
	*to = text
	if len(h.Errors) == 0 {
		return
	}
	var left []FieldError
	now := h.check()
	for _, e := range h.Errors {
		if e.Field != field {
			left = append(left, e)
		}
	}
	for _, e := range now {
		if e.Field == field {
			left = append(left, e)
		}
	}
	h.Errors = left
	h.tell()
}

func (h *Help) check() (all []FieldError) {
	w := h.s.words
	for _, p := range []account.Problem{account.CheckName(h.First).At("first"), account.CheckName(h.Last).At("last"), account.CheckEmail(h.Email).At("email")} {
		if p.Code != "" {
			all = append(all, FieldError{Field: p.Field, Text: w.S(p.Code.Key()), Code: p.Code})
		}
	}
	if n := len([]rune(strings.TrimSpace(h.Text))); n > HelpMax {
		all = append(all, FieldError{Field: "text", Text: w.S(i18n.ReportTooLong, "N", w.Number(n), "Max", w.Number(HelpMax))})
	}
	return all
}

// Send puts the request in the outbox of this computer. Whether there is a network does not
// matter.
func (h *Help) Send() {
	if h.Sending || h.Queued {
		return
	}
	h.Err = nil
	if h.Errors = h.check(); len(h.Errors) > 0 {
		h.Refusals++
		h.tell()
		return
	}
	if h.key == "" {
		id, err := uuid.NewV7()
		if err != nil {
			h.Err = err
			h.tell()
			return
		}
		h.key = id.String()
	}
	now := h.s.Now()
	body, err := json.Marshal(wire.HelpRequest{Key: h.key, Email: strings.TrimSpace(h.Email), First: strings.TrimSpace(h.First),
		Last: strings.TrimSpace(h.Last), Text: strings.TrimSpace(h.Text), Lang: string(h.s.Lang()), Made: now.UTC()})
	d := h.s.o.Device
	if h.s.Present.Locked() {
		d = h.s.home // their own records are shut
	}
	h.Sending = true
	h.tell()
	h.s.o.Exec.Go(func() {
		if err == nil {
			err = d.Queue(h.s.ctx, cache.KindHelp, h.key, body, now)
		}
	}, func() {
		h.Sending, h.Err, h.Queued = false, err, err == nil
		if err != nil {
			h.key = "" // what was kept of it, if anything, is another request by now
			h.Refusals++
			h.tell()
			return
		}
		h.First, h.Last, h.Email, h.Text = "", "", "", ""
		h.tell()
		h.s.Load()
		if h.s.o.Queued != nil {
			h.s.o.Queued()
		}
	})
}

// Problem says why it could not be kept, "" when it could.
func (h *Help) Problem() string { return Explain(h.s.words, h.Err) }
