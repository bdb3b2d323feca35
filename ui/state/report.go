package state

import (
	"encoding/json"
	"strings"

	"github.com/google/uuid"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/sync/wire"
)

// ReportMax is the most that a report may say, in characters.
const ReportMax = 2000

// Report is a report of a problem with a posting. The number is the posting's and
// cannot be changed. It goes to the team of this service and never to the employer; it needs no
// account, and waits on this computer until there is a network.
type Report struct {
	s       *State
	Posting posting.Card
	Reason  wire.Reason // "" until one is chosen
	Text    string
	Sending bool
	Queued  bool // it is on this computer and will leave
	Errors  []FieldError
	Err     error // it could not be kept

	key string // the same for every try, so that it is filed once
}

// FieldError is a field that has to be mended, and how.
type FieldError struct {
	Field string // "reason", "text"
	Text  string
	Code  account.Code // of a field of an account; "" elsewhere
}

// NewReport begins a report about a posting.
func (s *State) NewReport(c posting.Card) *Report {
	key := ""
	if id, err := uuid.NewV7(); err == nil {
		key = id.String()
	}
	return &Report{s: s, Posting: c, key: key}
}

// Number is that of the posting, as it is shown.
func (r *Report) Number() string { return GroupNumber(r.Posting.Number) }

// Source names where the posting comes from.
func (r *Report) Source() string { return r.s.ValueLabel(query.Source, r.Posting.Source) }

// Check lists what has to be mended before it can leave.
func (r *Report) Check() bool {
	w := r.s.words
	r.Errors = nil
	if !r.Reason.Known() {
		r.Errors = append(r.Errors, FieldError{Field: "reason", Text: w.S(i18n.ReportNeedReason)})
	}
	n := len([]rune(strings.TrimSpace(r.Text)))
	if r.Reason == wire.OtherReason && n == 0 {
		r.Errors = append(r.Errors, FieldError{Field: "text", Text: w.S(i18n.ReportNeedText)})
	}
	if n > ReportMax {
		r.Errors = append(r.Errors, FieldError{Field: "text", Text: w.S(i18n.ReportTooLong, "N", w.Number(n), "Max", w.Number(ReportMax))})
	}
	return len(r.Errors) == 0
}

// Send puts the report in the outbox of this computer; done is called on the drawing
// goroutine. Whether there is a network does not matter.
func (r *Report) Send(done func()) {
	if r.Sending || r.Queued || !r.Check() {
		done()
		return
	}
	st := r.s.Status.Catalogue
	now := r.s.Now()
	body, err := json.Marshal(wire.Report{Key: r.key, Number: r.Posting.Number, Source: r.Posting.Source, Reason: string(r.Reason),
		Text: strings.TrimSpace(r.Text), Lang: string(r.s.Lang()), App: r.s.o.App, Epoch: st.Epoch, Seq: st.Seq, Made: now.UTC()})
	if err != nil {
		r.Err = err
		done()
		return
	}
	r.Sending = true
	d := r.s.o.Device
	r.s.o.Exec.Go(func() { err = d.Queue(r.s.ctx, cache.KindReport, r.key, body, now) }, func() {
		r.Sending, r.Err, r.Queued = false, err, err == nil
		done()
		if err == nil {
			r.s.Load()
			if r.s.o.Queued != nil {
				r.s.o.Queued()
			}
		}
	})
}
