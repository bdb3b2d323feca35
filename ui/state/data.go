package state

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/personal"
	"passerelle/store/record"
	"passerelle/store/sqldb"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// Data is what a person may do with all that is kept of them: have it, contest it, keep a
// copy of what only they have, and see who looked.
type Data struct {
	s *State

	Ledger  wire.MyData // what the server keeps
	Known   bool
	Loading bool
	Err     error // why it is not known, or not of now

	Working string // what is under way, in a sentence; "": nothing is
	Done    int    // of Total, of what is under way
	Total   int    // 0: not known yet
	Said    string // what came of the last act; "": nothing was done
	Fault   string // why it did not go, and what to do; "": it went

	Recovery time.Time // when the recovery key was made; zero: never
	Key      string    // the new recovery key, until its end was typed back; "": none is shown
	Typed    string    // what is typed back of it
	TypedErr string

	Field   string // that a note of disagreement is written about
	Text    string // of the note
	TextErr string
	Changed func() // tells whoever draws; nil is fine
	gen     int
	stop    context.CancelFunc // ends what is under way; nil: nothing is
}

func newData(s *State) *Data { return &Data{s: s} }

func (d *Data) tell() {
	if d.Changed != nil {
		d.Changed()
	}
}

// Offered says whether there is anything here for whoever is at the desk.
func (d *Data) Offered() bool { return d.s.o.MyData != nil && d.s.Present.Signed() }

// Load reads what the server keeps, and when the recovery key was made.
func (d *Data) Load() {
	if !d.Offered() {
		return
	}
	d.gen++
	gen, o := d.gen, d.s.o.MyData
	d.Loading = !d.Known
	d.tell()
	var (
		made time.Time
		l    wire.MyData
		err  error
	)
	d.s.o.Exec.Go(func() {
		made, _ = o.Recovery(d.s.ctx) // what is not kept here has none
		l, err = o.Ledger(d.s.ctx)
	}, func() {
		if gen != d.gen {
			return
		}
		d.Loading, d.Err, d.Recovery = false, err, made
		if err == nil {
			d.Ledger, d.Known = l, true
		}
		d.tell()
	})
}

// Why says why what the server keeps is not shown; "" when it is.
func (d *Data) Why() string {
	switch {
	case d.Loading:
		return d.s.words.S(i18n.DataLoading)
	case d.Err != nil:
		return d.s.words.S(i18n.DataUnreached, "Text", dataProblem(d.s.words, d.Err))
	}
	return ""
}

// dataProblem says what went wrong, and what to do.
func dataProblem(w *i18n.Words, err error) string {
	var no *wire.Refused
	switch {
	case session.Sentence(err) != "":
		return w.S(session.Sentence(err))
	case errors.Is(err, session.ErrLocked), errors.Is(err, personal.ErrClosed):
		return w.S(i18n.DataLocked)
	case errors.Is(err, personal.ErrForeign):
		return w.S(i18n.DataForeign)
	case errors.Is(err, personal.ErrTorn):
		return w.S(i18n.DataTorn)
	case errors.Is(err, sqldb.ErrNewer):
		return w.S(i18n.DataNewer)
	case errors.Is(err, context.Canceled):
		return w.S(i18n.DataStopped)
	case errors.As(err, &no):
		return w.S(no.Code.Key())
	}
	return Explain(w, err)
}

// act does something slow, one at a time; then takes its sentence or its error.
func (d *Data) act(what i18n.Key, work func(ctx context.Context, tell func(done, total int)) (string, error), after func(err error)) {
	if d.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(d.s.ctx)
	d.stop, d.Working, d.Done, d.Total, d.Said, d.Fault = stop, d.s.words.S(what), 0, 0, "", ""
	moved := make(chan [2]int, 1)
	tell := func(done, total int) {
		select { // the last one counts
		case <-moved:
		default:
		}
		moved <- [2]int{done, total}
	}
	var look func()
	look = func() {
		if d.stop == nil {
			return
		}
		select {
		case m := <-moved:
			d.Done, d.Total = m[0], m[1]
			d.tell()
		default:
		}
		d.s.o.Exec.After(200*time.Millisecond, look)
	}
	d.tell()
	d.s.o.Exec.After(200*time.Millisecond, look)
	var said string
	var err error
	gen := d
	d.s.o.Exec.Go(func() { said, err = work(ctx, tell) }, func() {
		stop()
		d.stop = nil         // which ends the looking, too
		if gen != d.s.Data { // another person is at the desk
			return
		}
		d.Working, d.Said = "", said
		if err != nil {
			d.Said, d.Fault = "", dataProblem(d.s.words, err)
		}
		if after != nil {
			after(err)
		}
		d.tell()
	})
}

// Stop ends what is under way. A file that was being written is not left behind.
func (d *Data) Stop() {
	if d.stop != nil {
		d.stop()
	}
}

// Export writes the archive.
func (d *Data) Export(path string) {
	w, l, o := d.s.words, d.s.Lang(), d.s.o.MyData
	d.act(i18n.DataExporting, func(ctx context.Context, tell func(done, total int)) (string, error) {
		got, err := o.Export(ctx, path, l, tell)
		if err != nil {
			return "", err
		}
		said := w.S(i18n.DataExported, "Files", w.N(i18n.DataFiles, got.Files), "Path", path)
		if got.Missing != nil {
			said += " " + w.S(i18n.DataMissing, "Text", dataProblem(w, got.Missing))
		}
		return said, nil
	}, nil)
}

// MakeKey makes a recovery key, to be shown.
func (d *Data) MakeKey() {
	o := d.s.o.MyData
	key, now := "", d.s.Now()
	d.act(i18n.DataMakingKey, func(ctx context.Context, _ func(int, int)) (_ string, err error) {
		key, err = o.NewRecovery(ctx)
		return "", err
	}, func(err error) {
		if err == nil {
			d.Key, d.Typed, d.TypedErr, d.Recovery = key, "", "", now
		}
	})
}

// KeyEnd is what of the new key has to be typed back: its last group.
func (d *Data) KeyEnd() string {
	groups := strings.FieldsFunc(d.Key, func(r rune) bool { return r == '-' || r == ' ' || r == '\n' })
	if len(groups) == 0 {
		return ""
	}
	return groups[len(groups)-1]
}

// Noted takes what was typed back: whoever wrote the key down knows its end.
func (d *Data) Noted() bool {
	if !strings.EqualFold(strings.TrimSpace(d.Typed), d.KeyEnd()) {
		d.TypedErr = d.s.words.S(i18n.DataKeyEndWrong)
		d.tell()
		return false
	}
	d.Drop()
	d.Said = d.s.words.S(i18n.DataKeyNoted)
	d.tell()
	return true
}

// Drop forgets the key that is shown: the page is left, or the desk locks.
func (d *Data) Drop() { d.Key, d.Typed, d.TypedErr = "", "", "" }

// Backup writes what the person keeps for themselves, sealed with the recovery key.
func (d *Data) Backup(path, key string) {
	w, o := d.s.words, d.s.o.MyData
	d.act(i18n.DataBackingUp, func(ctx context.Context, tell func(done, total int)) (string, error) {
		n, err := o.Backup(ctx, path, key, tell)
		return w.S(i18n.DataBackedUp, "Items", w.N(i18n.DataItems, n), "Path", path), err
	}, nil)
}

// Restore takes a backup in.
func (d *Data) Restore(path, key string) {
	w, o := d.s.words, d.s.o.MyData
	d.act(i18n.DataRestoring, func(ctx context.Context, tell func(done, total int)) (string, error) {
		n, err := o.Restore(ctx, path, key, tell)
		return w.S(i18n.DataRestored, "Items", w.N(i18n.DataItems, n)), err
	}, nil)
}

// Recover opens what a lost key closed; done is told whether it did. It is asked from the
// lock, where nobody is signed in yet.
func (d *Data) Recover(person, key, passphrase string, done func(problem string)) {
	o := d.s.o.MyData
	var err error
	d.s.o.Exec.Go(func() { err = o.Recover(d.s.ctx, person, key, passphrase) }, func() {
		d.s.Present.Look()
		if err != nil {
			done(dataProblem(d.s.words, err))
			return
		}
		done("")
	})
}

// Recoverable tells whether a recovery key was made for a person here.
func (d *Data) Recoverable(person string, f func(bool)) {
	o := d.s.o.MyData
	if o == nil || person == "" {
		return
	}
	is := false
	d.s.o.Exec.Go(func() { is = o.Recoverable(d.s.ctx, person) }, func() { f(is) })
}

// Contestable are the values of the account that a note may be attached to, as wire.Me
// names them.
var Contestable = []string{"first", "last", "email", "lang", "state", "roles", "verified", "suspends_on", "terms", "devices"}

// ContestWord names such a value, or the field of a record as in KIND/RECORD/FIELD.
func ContestWord(w *i18n.Words, field string) string {
	keys := map[string]i18n.Key{
		"first": i18n.MeFirst, "last": i18n.MeLast, "email": i18n.MeEmail, "lang": i18n.SettingsLanguage, "state": i18n.MeState,
		"roles": i18n.MeRoles, "verified": i18n.DataVerified, "suspends_on": i18n.DataSuspends, "terms": i18n.MeTerms, "devices": i18n.MeDevices,
	}
	if k, ok := keys[field]; ok {
		return w.S(k)
	}
	if kind, rest, ok := strings.Cut(field, "/"); ok {
		_, name, _ := strings.Cut(rest, "/")
		return w.S(i18n.RecordvalueLine, "Name", KindWord(w, kind), "Value", FieldWord(w, kind, name))
	}
	return field
}

// Note is what the person contests of a value; "": nothing.
func (d *Data) Note(field string) string {
	for _, x := range d.Ledger.Disputes {
		if x.Field == field {
			return x.Text
		}
	}
	return ""
}

// Contest begins a note about a value.
func (d *Data) Contest(field string) {
	d.Field, d.Text, d.TextErr = field, d.Note(field), ""
	d.tell()
}

// Type follows what is typed of the note.
func (d *Data) Type(text string) {
	d.Text = text
	if d.TextErr != "" {
		if d.TextErr = d.check(); d.TextErr == "" {
			d.tell()
		}
	}
}

func (d *Data) check() string {
	n := len([]rune(strings.TrimSpace(d.Text)))
	switch {
	case n == 0:
		return d.s.words.S(account.Needed.Key())
	case n > wire.MaxDispute:
		return d.s.words.S(i18n.DataTextLong, "N", d.s.words.Number(n), "Max", d.s.words.Number(wire.MaxDispute))
	}
	return ""
}

// Attach sends the note; Withdraw takes one away.
func (d *Data) Attach() {
	if d.TextErr = d.check(); d.TextErr != "" {
		d.tell()
		return
	}
	d.dispute(wire.Dispute{Field: d.Field, Text: strings.TrimSpace(d.Text)}, i18n.DataAttached)
}

// Withdraw takes the note about a value away.
func (d *Data) Withdraw(field string) {
	d.dispute(wire.Dispute{Field: field}, i18n.DataWithdrawn)
}

func (d *Data) dispute(x wire.Dispute, said i18n.Key) {
	w, o := d.s.words, d.s.o.MyData
	var l wire.MyData
	d.act(i18n.DataSending, func(ctx context.Context, _ func(int, int)) (_ string, err error) {
		l, err = o.Dispute(ctx, x)
		return w.S(said), err
	}, func(err error) {
		if err == nil {
			d.Ledger, d.Known, d.Err = l, true, nil
			d.Field, d.Text = "", ""
			d.s.Me.Load() // which shows it beside the value
		}
	})
}

// SeenLines say who looked at what, a line each.
func SeenLines(w *i18n.Words, all []wire.Seen, zone *time.Location) (lines []string) {
	for _, s := range all {
		at := s.At.In(zone)
		role := s.Role
		if k, ok := map[string]i18n.Key{string(account.Agent): i18n.DataRoleAgent, string(account.Counsellor): i18n.DataRoleCounsellor,
			wire.SeenOperator: i18n.DataRoleOperator, wire.SeenEmployer: i18n.DataRoleEmployer}[s.Role]; ok {
			role = w.S(k)
		}
		if s.Who != "" {
			role = w.S(i18n.DataSeenWho, "Role", role, "Who", s.Who)
		}
		what := KindWord(w, s.What)
		if k, ok := map[string]i18n.Key{wire.SeenAccount: i18n.DataSeenAccount, wire.SeenHelp: i18n.DataSeenHelp}[s.What]; ok {
			what = w.S(k)
		}
		lines = append(lines, w.S(i18n.DataSeenLine, "Date", w.Date(at)+" "+w.Clock(at), "Who", role, "What", what))
	}
	return lines
}

// DisputeLines say what is contested, a line each.
func DisputeLines(w *i18n.Words, all []wire.Dispute, zone *time.Location) (lines []string) {
	for _, d := range all {
		lines = append(lines, w.S(i18n.DataDisputeLine, "Field", ContestWord(w, d.Field), "Date", w.Date(d.At.In(zone)), "Text", d.Text))
	}
	return lines
}

// DisputeNote says what is contested, beside the value.
func DisputeNote(w *i18n.Words, d wire.Dispute) string {
	return w.S(i18n.RecordvalueLine, "Name", ContestWord(w, d.Field), "Value", w.S(i18n.DataContested, "Text", d.Text))
}

// KeptLines say how long everything is kept, a line each.
func KeptLines(w *i18n.Words, all []wire.Retention) (lines []string) {
	for _, r := range all {
		what, long := r.Words(w)
		lines = append(lines, w.S(i18n.RecordvalueLine, "Name", what, "Value", long))
	}
	return lines
}

// PersonalWord names a kind of what a person keeps for themselves.
func PersonalWord(w *i18n.Words, k personal.Kind) string {
	if key, ok := map[personal.Kind]i18n.Key{personal.KindNote: i18n.DataNote, personal.KindResume: i18n.DataResume, personal.KindLetter: i18n.DataLetter,
		personal.KindApplication: i18n.DataApplication, personal.KindReminder: i18n.DataReminder,
		personal.KindTarget: i18n.DataTarget}[k]; ok {
		return w.S(key)
	}
	return string(k)
}

// PersonalTitle is the first of an item's words.
func PersonalTitle(it personal.Item) string {
	var body record.Doc
	if json.Unmarshal(it.Body, &body) != nil {
		return it.ID
	}
	for _, name := range []string{"title", "name", "subject", "text", "next"} {
		var s string
		if json.Unmarshal(body[name], &s) == nil && strings.TrimSpace(s) != "" {
			return s
		}
	}
	return it.ID
}
