package state

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
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
// there is a network.
type Outbox struct {
	s *State

	Items   []Sent
	Links   []Link
	Loaded  bool
	Sending bool
	Err     error // of reading or of the last try to send

	// Changed tells whoever draws. Nil is fine.
	Changed func()

	gen int
}

// Sent is a line of the outbox.
type Sent struct {
	Key     string
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
}

// Link is a line of the reading list.
type Link struct {
	URL    string
	Number int64
	What   string // the posting it came from, in words; "" for none
	When   string
}

func newOutbox(s *State) *Outbox { return &Outbox{s: s} }

func (o *Outbox) tell() {
	if o.Changed != nil {
		o.Changed()
	}
}

// Load reads both lists.
func (o *Outbox) Load() {
	d := o.s.o.Device
	if d == nil {
		return
	}
	o.gen++
	gen := o.gen
	var items []cache.Item
	var links []cache.Link
	var err error
	o.s.o.Exec.Go(func() {
		if items, err = d.Items(o.s.ctx, ""); err == nil {
			links, err = d.LaterList(o.s.ctx)
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
		o.Items, o.Links = nil, nil
		for _, it := range items {
			o.Items = append(o.Items, o.sent(it))
		}
		for _, l := range links {
			o.Links = append(o.Links, o.link(l))
		}
		o.tell()
	})
}

func (o *Outbox) when(t time.Time) string {
	w, at := o.s.words, t.In(o.s.o.Zone)
	return w.Date(at) + " " + w.Clock(at)
}

func (o *Outbox) sent(it cache.Item) Sent {
	w := o.s.words
	l := Sent{Key: it.Key, When: o.when(it.At), Waiting: it.State == cache.Queued, Refused: it.State == cache.Rejected}
	var r wire.Report
	if it.Kind == cache.KindHelp {
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
		if t := ticket(it.Answer); t != "" {
			l.Answer = w.S(i18n.OutboxTicket, "Ticket", t, "Date", o.when(it.Settled))
		}
	case cache.Rejected:
		l.State = w.S(i18n.OutboxRefused)
		l.Answer = w.S(i18n.OutboxRefusedWhy)
		if it.Kind == cache.KindHelp {
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
	for _, it := range o.Items {
		if it.Waiting {
			n++
		}
	}
	return n
}

// Send tries to send what waits, now.
func (o *Outbox) Send() {
	if o.Sending || o.s.o.Desk == nil {
		return
	}
	o.Sending, o.Err = true, nil
	o.tell()
	o.s.Sync.Send(func(err error) {
		o.Sending, o.Err = false, err
		o.Load()
	})
}

// Problem says what went wrong, "" when nothing did.
func (o *Outbox) Problem() string { return Explain(o.s.words, o.Err) }

// Calm says whether it only has to wait for the network.
func (o *Outbox) Calm() bool { return errors.Is(o.Err, replica.ErrOffline) }

// Cancel takes an item back before it leaves.
func (o *Outbox) Cancel(key string) {
	d := o.s.o.Device
	o.change(func() error {
		err := d.Cancel(o.s.ctx, key)
		if errors.Is(err, cache.ErrNotFound) {
			return nil // it left meanwhile: the list says so
		}
		return err
	})
}

// Remove takes a link off the reading list.
func (o *Outbox) Remove(url string) {
	d := o.s.o.Device
	o.change(func() error { return d.LaterDone(o.s.ctx, url) })
}

func (o *Outbox) change(do func() error) {
	var err error
	o.s.o.Exec.Go(func() { err = do() }, func() {
		o.Err = err
		o.s.Load()
		o.Load()
	})
}
