package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/record"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// outgoing is what the outbox asks of the device.
type outgoing interface {
	Items(ctx context.Context, kind string) ([]cache.Item, error)
	Cancel(ctx context.Context, key string) error
	LaterList(ctx context.Context) ([]cache.Link, error)
	LaterDone(ctx context.Context, url string) error
}

// Outbox is what waits to leave this computer, what has left, and the links to open when
// there is a network: reports and requests, which need no account, and the changes that a
// person made to their records.
type Outbox struct {
	s *State

	Records []Sent // changes that wait, those that need the person first
	More    int    // that wait besides, and are not listed
	Items   []Sent // reports and requests
	Past    []Sent // changes that were answered in the last 30 days, the last first
	Links   []Link
	Loaded  bool
	Sending bool
	Err     error      // of reading or of the last try to send
	Undone  *TakenBack // what was taken back just now, and can be put back

	File    bool   // a file is being written or read
	FileSay string // what came of it
	FileErr error  // or why nothing did

	// Changed tells whoever draws. Nil is fine.
	Changed func()

	gen  int
	seen replica.Steady // as it stood when the lists were read
}

// Sent is a line of the outbox.
type Sent struct {
	Key     string
	N       int64  // of a change to a record
	Title   string // what it is
	Undo    string // what taking it back is called
	Number  string // of the posting, as it is shown; "" of a request for help
	Reason  string
	Text    string // what the person wrote
	When    string
	State   string // in words
	Answer  string // a ticket, or why it was refused
	Waiting bool   // it can be taken back
	Refused bool
	Leaves  bool // by itself, once it can
	Again   bool // the person may have it sent again
	Confirm bool // only they know whether it must be
	Choose  bool // a conflict keeps it
}

// TakenBack puts back what was taken back.
type TakenBack struct {
	What string
	do   func(ctx context.Context) error
}

// Link is a line of the reading list.
type Link struct {
	URL    string
	Number int64
	What   string // the posting it came from, in words; "" for none
	When   string
}

const (
	mostListed = 200 // changes that are shown at once: each is read and opened
	mostNamed  = 6   // fields that a line names
)

func newOutbox(s *State) *Outbox { return &Outbox{s: s} }

func (o *Outbox) tell() {
	if o.Changed != nil {
		o.Changed()
	}
}

// change is a change as it was read, with the record that it is of.
type change struct {
	cache.Mutation
	doc record.Doc
}

// Load reads the lists.
func (o *Outbox) Load() {
	d, p := o.s.o.Device, o.s.o.Private
	if d == nil {
		return
	}
	o.gen++
	gen := o.gen
	o.seen = o.s.steady()
	var items []cache.Item
	var links []cache.Link
	var waits, past []change
	var more int
	var err error
	o.s.o.Exec.Go(func() {
		if items, err = d.Items(o.s.ctx, ""); err == nil {
			links, err = d.LaterList(o.s.ctx)
		}
		if p != nil && err == nil {
			waits, past, more, err = changes(o.s.ctx, p)
		}
	}, func() {
		if gen != o.gen {
			return
		}
		o.Loaded = true
		if err != nil {
			o.Err = err
			o.tell()
			return
		}
		o.Items, o.Links, o.Records, o.Past, o.More = nil, nil, nil, nil, more
		for _, it := range items {
			o.Items = append(o.Items, o.sent(it))
		}
		for _, l := range links {
			o.Links = append(o.Links, o.link(l))
		}
		for _, c := range waits {
			o.Records = append(o.Records, o.change(c))
		}
		slices.SortStableFunc(o.Records, func(a, b Sent) int { return order(a) - order(b) })
		for _, c := range past {
			o.Past = append(o.Past, o.change(c))
		}
		o.tell()
	})
}

func order(l Sent) int {
	if l.Refused {
		return 0
	}
	return 1
}

// changes reads what waits and what was answered, as many as are shown. Without anybody at
// the desk there are none.
func changes(ctx context.Context, p Private) (waits, past []change, more int, err error) {
	all, err := p.Outbox(ctx)
	if errors.Is(err, cache.ErrNoAccount) {
		return nil, nil, 0, nil
	}
	if err != nil {
		return nil, nil, 0, err
	}
	// Whatever needs the person is among those that are shown.
	slices.SortStableFunc(all, func(a, b cache.Mutation) int { return parked(a) - parked(b) })
	if more = max(len(all)-mostListed, 0); more > 0 {
		all = all[:mostListed]
	}
	old, err := p.Sent(ctx)
	if err != nil {
		return nil, nil, 0, err
	}
	docs := map[cache.Ref]record.Doc{}
	read := func(of []cache.Mutation) (out []change) {
		for _, m := range of {
			d, ok := docs[m.Ref]
			if !ok {
				r, err := p.Get(ctx, m.Ref)
				if err != nil { // it is gone, or is to go
					r.Doc = record.Apply(record.Apply(nil, m.Was), m.Patch)
					if edit, ok := p.(Editor); ok {
						if said, err := edit.Said(ctx, m.Ref); err == nil {
							r.Doc = said
						}
					}
				}
				d = r.Doc
				docs[m.Ref] = d
			}
			out = append(out, change{m, d})
		}
		return out
	}
	return read(all), read(old[:min(len(old), mostListed)]), more, nil
}

func parked(m cache.Mutation) int {
	if m.State == cache.Parked {
		return 0
	}
	return 1
}

// Moved looks again when the records, or how they stand beside the server's, have changed.
func (o *Outbox) Moved() {
	now := o.s.steady()
	if o.Loaded && !sameStanding(now, o.seen) {
		o.Load()
	}
}

func sameStanding(a, b replica.Steady) bool {
	return a.Waiting == b.Waiting && a.Parked == b.Parked && a.Conflicts == b.Conflicts && a.Last.Equal(b.Last) && a.Working == b.Working
}

func (o *Outbox) when(t time.Time) string {
	w, at := o.s.words, t.In(o.s.o.Zone)
	return w.Date(at) + " " + w.Clock(at)
}

// change says a change to a record: what, when, how it stands, and what the person can do.
func (o *Outbox) change(c change) Sent {
	w := o.s.words
	l := Sent{Key: fmt.Sprint("record ", c.N), N: c.N, Title: RecordTitle(w, c.Kind, c.doc), Reason: didWords(w, c.Mutation)}
	l.Undo = w.S(i18n.OutboxCancelRecord, "What", l.Title+", "+l.Reason)
	l.When = w.S(i18n.OutboxMadeRecord, "Date", o.when(c.Made))
	switch c.State {
	case cache.Queued:
		l.Waiting, l.Leaves = true, true
		l.State = w.S(i18n.OutboxWaiting)
		switch {
		case c.Why != "":
			l.State, l.Answer, l.Leaves = w.S(i18n.OutboxHeld), o.why(c.Why), c.Why == cache.WhyRef
			l.Choose = c.Why == cache.WhyConflict
		case !o.s.Status.Online:
			l.State = w.S(i18n.OutboxWaitingNetwork)
		}
	case cache.Sending:
		l.State, l.Answer, l.Leaves = w.S(i18n.OutboxLeft), w.S(i18n.OutboxLeftWhy), true
	case cache.Parked:
		l.State, l.Answer = w.S(i18n.OutboxParked), o.why(c.Why)
		l.Waiting, l.Refused = true, true
		l.Again, l.Confirm = true, c.Why == cache.WhyConfirm
		if c.Why == cache.WhyConflict { // a command, which has no field to choose
			l.Answer = w.S(i18n.OutboxWhyChanged)
		}
		if names := fieldNames(w, c.Kind, c.Fields); names != "" {
			l.Text = w.S(i18n.OutboxMend, "Fields", names)
		}
	case cache.Acked:
		k := i18n.OutboxDone
		switch wire.Outcome(c.Outcome) {
		case wire.Merged:
			k = i18n.OutboxMerged
		case wire.Clashed:
			k = i18n.OutboxClashed
		case wire.Rejected:
			k = i18n.OutboxTurnedDown
		}
		l.State, l.Answer = w.S(k), w.S(i18n.OutboxAnswered, "Date", o.when(c.Settled))
	}
	return l
}

// why says what a change waits for, or was not taken for.
func (o *Outbox) why(code string) string {
	if s, ok := word(o.s.words, "outbox.why."+code); ok {
		return s
	}
	if k := account.Code(code).Key(); k != "" {
		return o.s.words.S(k)
	}
	return o.s.words.S(i18n.OutboxWhyUnknown, "Code", code)
}

// didWords says what a change does.
func didWords(w *i18n.Words, m cache.Mutation) string {
	switch {
	case m.Command != "":
		return CommandWord(w, m.Command)
	case m.Delete:
		return w.S(i18n.OutboxRemoveRecord)
	case m.New:
		return w.S(i18n.OutboxNew)
	}
	var names []string
	for name := range m.Patch {
		names = append(names, name)
	}
	return w.S(i18n.OutboxEdit, "Fields", fieldNames(w, m.Kind, names))
}

// fieldNames names fields, in the order of their kind.
func fieldNames(w *i18n.Words, kind string, names []string) string {
	k, _ := record.Find(kind)
	var all []string
	rest := slices.Sorted(slices.Values(names))
	for _, f := range k.Fields {
		if i := slices.Index(rest, f.Name); i >= 0 {
			all, rest = append(all, FieldWord(w, kind, f.Name)), slices.Delete(rest, i, i+1)
		}
	}
	for _, name := range rest {
		if name != "" {
			all = append(all, FieldWord(w, kind, name))
		}
	}
	if n := len(all) - mostNamed; n > 0 {
		all = append(all[:mostNamed], w.N(i18n.OutboxMoreFields, n))
	}
	return strings.Join(all, ", ")
}

func (o *Outbox) sent(it cache.Item) Sent {
	w := o.s.words
	l := Sent{Key: it.Key, When: w.S(i18n.OutboxMade, "Date", o.when(it.At)), Waiting: it.State == cache.Queued, Refused: it.State == cache.Rejected}
	l.Leaves = it.State == cache.Queued || it.State == cache.Sending
	var r wire.Report
	if it.Kind == cache.KindSubscription {
		l.Title = w.S(i18n.OutboxAlerts) // answered, it keeps nothing of who asked
		var a wire.Subscribe
		if json.Unmarshal(it.Body, &a) == nil {
			l.Title, l.Undo = w.S(i18n.OutboxAlert, "Email", a.Email), w.S(i18n.OutboxAlertCancel, "Email", a.Email)
			l.Reason = o.s.JobAlerts.Name(Alert{Name: a.Name, Titles: a.Titles, Places: a.Places, Keywords: a.Keywords})
		}
	} else if it.Kind == cache.KindHelp {
		l.Title, l.Undo, l.Reason = w.S(i18n.OutboxHelp), w.S(i18n.OutboxHelpCancel), w.S(i18n.OutboxHelpWhy)
		var h wire.HelpRequest
		if json.Unmarshal(it.Body, &h) == nil {
			l.Text = h.Text
		}
	} else if json.Unmarshal(it.Body, &r) == nil {
		l.Number, l.Reason, l.Text = GroupNumber(r.Number), w.S(wire.Reason(r.Reason).Key()), r.Text
		l.Title, l.Undo = w.S(i18n.OutboxItem, "Number", l.Number), w.S(i18n.OutboxCancelLabel, "Number", l.Number)
	}
	switch it.State {
	case cache.Queued:
		l.State = w.S(i18n.OutboxWaiting)
		if !o.s.Status.Online {
			l.State = w.S(i18n.OutboxWaitingNetwork)
		}
	case cache.Sending:
		l.State = w.S(i18n.OutboxSending)
	case cache.Accepted:
		l.State = w.S(i18n.OutboxAccepted)
		l.Answer = w.S(i18n.OutboxReceived, "Date", o.when(it.Settled))
		if it.Kind == cache.KindSubscription {
			l.Answer = w.S(i18n.OutboxAlertSent, "Date", o.when(it.Settled))
		} else if t := ticket(it.Answer); t != "" {
			l.Answer = w.S(i18n.OutboxTicket, "Ticket", t, "Date", o.when(it.Settled))
		}
	case cache.Rejected:
		l.State = w.S(i18n.OutboxRefused)
		l.Answer = w.S(i18n.OutboxRefusedWhy)
		switch it.Kind {
		case cache.KindSubscription:
			l.Answer = w.S(i18n.OutboxAlertRefused)
		case cache.KindHelp:
			l.Answer = w.S(i18n.OutboxHelpRefused)
		}
	}
	return l
}

// ticket reads the number of a report in what the server answered.
func ticket(answer string) string {
	var r wire.Receipt
	if json.Unmarshal([]byte(answer), &r) == nil {
		return r.Ticket
	}
	if len(answer) <= 40 {
		return answer
	}
	return ""
}

func (o *Outbox) link(l cache.Link) Link {
	x := Link{URL: l.URL, Number: l.Number, When: o.when(l.At)}
	if l.Number > 0 {
		x.What = Number(o.s.words, l.Number)
	}
	return x
}

// Waiting is how many items wait to leave.
func (o *Outbox) Waiting() (n int) {
	for _, it := range append(slices.Clone(o.Records), o.Items...) {
		if it.Leaves {
			n++
		}
	}
	return n + o.More
}

// Send tries to send what waits, now.
func (o *Outbox) Send() {
	if o.Sending || o.s.o.Desk == nil {
		return
	}
	o.Sending, o.Err = true, nil
	o.tell()
	if o.s.o.Private != nil && o.s.Present.Signed() {
		o.s.o.Private.Kick(replica.Asked)
	}
	o.s.Sync.Send(func(err error) {
		o.Sending, o.Err = false, err
		o.Load()
	})
}

// Problem says what went wrong, "" when nothing did.
func (o *Outbox) Problem() string { return PrivateProblem(o.s.words, o.Err) }

// Calm says whether it only has to wait for the network.
func (o *Outbox) Calm() bool { return errors.Is(o.Err, replica.ErrOffline) }

// Cancel takes an item back before it leaves.
func (o *Outbox) Cancel(key string) {
	d := o.s.o.Device
	o.act(func() error {
		err := d.Cancel(o.s.ctx, key)
		if errors.Is(err, cache.ErrNotFound) {
			return nil // it left meanwhile: the list says so
		}
		return err
	})
}

// CancelRecord takes a change to a record back. It can be put back for as long as the screen shows it.
func (o *Outbox) CancelRecord(l Sent) {
	p := o.s.o.Private
	var undo *TakenBack
	var err error
	o.Undone = nil
	o.s.o.Exec.Go(func() { undo, err = cancel(o.s.ctx, p, l.N) }, func() {
		o.Err = err
		if undo != nil {
			undo.What = l.Title + ", " + l.Reason
			o.Undone = undo
		}
		o.Load()
	})
}

// cancel takes a change back and says how it is put back; nil: it was not there any more.
func cancel(ctx context.Context, p Private, n int64) (*TakenBack, error) {
	all, err := p.Outbox(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(m cache.Mutation) bool { return m.N == n })
	if i < 0 {
		return nil, nil // it was answered meanwhile: the list says so
	}
	m := all[i]
	before, err := p.Get(ctx, m.Ref)
	if err != nil && !errors.Is(err, cache.ErrNotFound) {
		return nil, err
	}
	if err := p.Cancel(ctx, n); errors.Is(err, cache.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	edit, ok := p.(Editor)
	switch {
	case !ok:
		return nil, nil
	case m.Delete:
		return &TakenBack{do: func(ctx context.Context) error { return edit.Delete(ctx, m.Ref) }}, nil
	case m.Command != "":
		return &TakenBack{do: func(ctx context.Context) error { return edit.Do(ctx, m.Ref, m.Command, m.Revision) }}, nil
	}
	doc := record.Apply(before.Doc, nil)
	k, _ := record.Find(m.Kind)
	return &TakenBack{do: func(ctx context.Context) error {
		// What the server keeps of it stays as it is now.
		now, err := p.Get(ctx, m.Ref)
		if err != nil && !errors.Is(err, cache.ErrNotFound) {
			return err
		}
		for _, name := range append(k.Forbidden(doc), k.Forbidden(now.Doc)...) {
			delete(doc, name)
			if v, ok := now.Doc[name]; ok {
				doc[name] = v
			}
		}
		return edit.Put(ctx, m.Ref, doc)
	}}, nil
}

// PutBack undoes the last [Outbox.CancelRecord].
func (o *Outbox) PutBack() {
	u := o.Undone
	if u == nil {
		return
	}
	o.Undone = nil
	o.act(func() error { return u.do(o.s.ctx) })
}

// Retry has a change that was not taken leave again.
func (o *Outbox) Retry(l Sent) {
	p := o.s.o.Private
	o.act(func() error {
		err := p.Retry(o.s.ctx, l.N)
		if errors.Is(err, cache.ErrNotFound) {
			return nil
		}
		return err
	})
}

// Remove takes a link off the reading list.
func (o *Outbox) Remove(url string) {
	d := o.s.o.Device
	o.act(func() error { return d.LaterDone(o.s.ctx, url) })
}

func (o *Outbox) act(do func() error) {
	var err error
	o.s.o.Exec.Go(func() { err = do() }, func() {
		o.Err = err
		o.s.Load()
		o.Load()
	})
}

// Files says whether the outbox can leave by file here.
func (o *Outbox) Files() bool { return o.s.o.Private != nil && o.s.Present.Signed() }

// FileName is a name for the file that what waits is written to.
func (o *Outbox) FileName() string {
	return o.s.words.S(i18n.OutboxFileName, "Date", o.s.words.Date(o.s.Now())) + ParcelExt
}

// AnswersName is a name for the answers to a file.
func (o *Outbox) AnswersName(path string) string {
	name := strings.TrimSuffix(filepath.Base(path), ParcelExt)
	return o.s.words.S(i18n.OutboxAnswersName, "Name", name) + ParcelExt
}

// ParcelExt is how the names of such files end.
const ParcelExt = ".json"

// Export writes what waits to a file.
func (o *Outbox) Export(path string) {
	o.byFile(func(ctx context.Context, p Private) (int, error) { return p.Export(ctx, path) }, func(n int) string {
		if n == 0 {
			return o.s.words.S(i18n.OutboxFileNothing)
		}
		return o.s.words.N(i18n.OutboxExported, n, "Name", filepath.Base(path))
	})
}

// Import takes the answers to such a file in.
func (o *Outbox) Import(path string) {
	o.byFile(func(ctx context.Context, p Private) (int, error) { return p.Import(ctx, path) },
		func(n int) string { return o.s.words.N(i18n.OutboxImported, n) })
}

// Carry sends the file of another computer of this person, and writes the answers to it.
func (o *Outbox) Carry(path, answers string) {
	o.byFile(func(ctx context.Context, p Private) (int, error) { return p.Carry(ctx, path, answers) },
		func(n int) string { return o.s.words.N(i18n.OutboxCarried, n, "Name", filepath.Base(answers)) })
}

func (o *Outbox) byFile(do func(context.Context, Private) (int, error), say func(int) string) {
	p := o.s.o.Private
	if p == nil || o.File {
		return
	}
	o.File, o.FileSay, o.FileErr = true, "", nil
	o.tell()
	var n int
	var err error
	o.s.o.Exec.Go(func() { n, err = do(o.s.ctx, p) }, func() {
		o.File, o.FileErr = false, err
		if err == nil {
			o.FileSay = say(n)
		}
		o.s.Load()
		o.Load()
	})
}

// FileProblem says why nothing came of a file, "" when something did.
func (o *Outbox) FileProblem() string { return PrivateProblem(o.s.words, o.FileErr) }
