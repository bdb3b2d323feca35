package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/catalogue"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/record"
	"passerelle/sync/replica"
	"passerelle/sync/session"
	"passerelle/sync/tell"
	"passerelle/sync/wire"
	"passerelle/ui/state"
)

// Alerts are the alerts of whoever is at the desk. What is new for them is found after each
// sync and each bundle ([Alerts.Look]), in one walk over the rows that no alert was held
// against. Whoever has a window runs it, for those who come and go.
type Alerts struct {
	d    *Desk
	news tell.Watchers
	kick chan struct{}

	looking sync.Mutex // one look at a time

	mu     sync.Mutex
	notice func(postings int)
}

var _ state.Alerts = (*Alerts)(nil)

func newAlerts(d *Desk) *Alerts { return &Alerts{d: d, kick: make(chan struct{}, 1)} }

// Watch: see [state.Alerts].
func (a *Alerts) Watch(f func()) (stop func()) { return a.news.Watch(f) }

// OnNotice has f told, from anywhere, how many postings the alerts of this computer alone
// have found in a look, each once. What goes by e-mail is told by e-mail.
func (a *Alerts) OnNotice(f func(postings int)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.notice = f
}

// Run looks for whoever comes to the desk, and again when their alerts change, until ctx ends.
func (a *Alerts) Run(ctx context.Context) error {
	again := func() {
		select {
		case a.kick <- struct{}{}:
		default: // one is on its way
		}
	}
	defer a.d.Accounts.Watch(again)()
	defer a.d.Private.Watch(again)()
	again()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-a.kick:
			if err := a.look(ctx, false); err != nil && ctx.Err() == nil {
				a.d.o.Log.Warn("look for what is new for alerts", "err", err)
			}
		}
	}
}

// sitting is whoever is at the desk, for as long as their stay is the one that it began in.
type sitting struct {
	stay   int
	person string        // "": nobody in particular
	dev    *cache.Device // where what they keep is
	rec    *cache.Records
}

func (a *Alerts) here(ctx context.Context) (h sitting, err error) {
	stay, st := a.d.Accounts.Stay()
	h.stay = stay
	switch st.Mode {
	case session.Locked:
		return h, session.ErrLocked
	case session.Nobody:
		h.dev, err = a.d.Accounts.nobodys(ctx)
	default:
		h.person = st.Person.ID
		h.dev, h.rec, err = a.d.Private.of(stay, st)
	}
	return h, err
}

func (a *Alerts) left(h sitting) bool {
	now, _ := a.d.Accounts.Stay()
	return now != h.stay
}

const (
	requestID = "request/" // and the key of the request
	recordID  = "record/"  // and the record
)

func alertKind(id string) state.AlertKind {
	switch {
	case strings.HasPrefix(id, requestID):
		return state.AlertRequest
	case strings.HasPrefix(id, recordID):
		return state.AlertRecord
	}
	return state.AlertHere
}

func (h sitting) ref(id string) cache.Ref {
	return cache.Ref{Partition: "person/" + h.person, Kind: "alert", Record: strings.TrimPrefix(id, recordID)}
}

// List: see [state.Alerts].
func (a *Alerts) List(ctx context.Context) ([]state.Alert, error) {
	h, err := a.here(ctx)
	if err != nil {
		return nil, err
	}
	watches, err := h.dev.Watches(ctx)
	if err != nil {
		return nil, err
	}
	return a.list(ctx, h, watches)
}

func (a *Alerts) list(ctx context.Context, h sitting, watches []cache.Watch) ([]state.Alert, error) {
	var all []state.Alert
	made := map[string]time.Time{}
	records := map[string]cache.Watch{}
	var items map[string]cache.Item
	for _, w := range watches {
		made[w.ID] = w.Made
		x := state.Alert{ID: w.ID, Name: w.Name, Email: w.Email, Lang: w.Asks.Lang, Titles: w.Asks.Titles, Places: w.Asks.Places,
			Keywords: w.Asks.Keywords, Zone: w.Zone, Kind: alertKind(w.ID), State: state.AlertOn, Looked: w.At, New: len(w.News)}
		switch x.Kind {
		case state.AlertRecord:
			records[w.ID] = w
			continue
		case state.AlertRequest:
			if items == nil {
				var err error
				if items, err = h.requests(ctx); err != nil {
					return nil, err
				}
			}
			it, there := items[strings.TrimPrefix(w.ID, requestID)]
			x.State, x.Refused, x.Problem = requested(it, there)
		default:
			x.Checked, x.Found, x.Facts = w.At, w.Found, true
			if w.Paused {
				x.State = state.AlertPaused
			}
		}
		all = append(all, x)
	}
	if h.rec != nil {
		recs, err := h.rec.List(ctx, "alert")
		if err != nil {
			return nil, err
		}
		waiting, err := h.rec.Outbox(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range recs {
			x := recorded(r, waiting)
			if w, ok := records[x.ID]; ok {
				x.Looked, x.New = w.At, len(w.News)
			}
			if made[x.ID].IsZero() {
				made[x.ID] = born(r.Ref.Record)
			}
			all = append(all, x)
		}
	}
	slices.SortStableFunc(all, func(x, y state.Alert) int {
		return cmp.Or(made[x.ID].Compare(made[y.ID]), cmp.Compare(x.ID, y.ID))
	})
	return all, nil
}

// born is when a record was begun, as its id says.
func born(id string) time.Time {
	u, err := uuid.Parse(id)
	if err != nil || u.Version() != 7 {
		return time.Time{}
	}
	sec, nano := u.Time().UnixTime()
	return time.Unix(sec, nano).UTC()
}

// requests are what was asked for without an account, by key.
func (h sitting) requests(ctx context.Context) (map[string]cache.Item, error) {
	all := map[string]cache.Item{}
	if h.rec != nil {
		return all, nil
	}
	items, err := h.dev.Items(ctx, cache.KindSubscription)
	for _, it := range items {
		all[it.Key] = it
	}
	return all, err
}

// requested is how a request stands.
func requested(it cache.Item, there bool) (s state.AlertState, why account.Code, bad []account.Problem) {
	switch {
	case !there:
		return state.AlertEnded, "", nil // stopped before it was queued
	case it.State == cache.Accepted:
		return state.AlertPending, "", nil
	case it.State == cache.Rejected:
		var no wire.NoAlert
		if json.Unmarshal([]byte(it.Answer), &no) != nil || no.Code == "" {
			no.Code = account.Mend
		}
		return state.AlertRefused, no.Code, no.Fields
	}
	return state.AlertQueued, "", nil
}

// recorded is an alert of an account as its record has it.
func recorded(r cache.Record, waiting []cache.Mutation) state.Alert {
	x := readAlert(r.Doc)
	x.ID, x.Kind, x.Facts = recordID+r.Ref.Record, state.AlertRecord, true
	if x.State == "draft" || x.State == "" {
		x.State = state.AlertEnded
	}
	for _, m := range waiting {
		if m.Ref != r.Ref {
			continue
		}
		switch {
		case m.State == cache.Parked:
			x.State, x.Refused = state.AlertRefused, account.Code(m.Why)
			for _, f := range m.Fields {
				x.Problem = append(x.Problem, account.Problem{Field: f, Code: account.BadValue})
			}
			return x
		case r.Ver == 0, m.Command == "subscribe":
			x.State = state.AlertQueued
		}
	}
	return x
}

// alertBody is an alert's record, and what of a request is the same.
type alertBody struct {
	Name     string    `json:"name,omitempty"`
	Email    string    `json:"email,omitempty"`
	Lang     i18n.Lang `json:"lang,omitempty"`
	Titles   []string  `json:"titles,omitempty"`
	Places   []string  `json:"places,omitempty"`
	Keywords []string  `json:"keywords,omitempty"`
	Zone     string    `json:"zone,omitempty"`
}

func bodyOf(x state.Alert) alertBody {
	return alertBody{x.Name, x.Email, x.Lang, x.Titles, x.Places, x.Keywords, x.Zone}
}

func readAlert(d record.Doc) (x state.Alert) {
	var b struct {
		alertBody
		State   state.AlertState `json:"state"`
		Checked time.Time        `json:"checked"`
		Found   int              `json:"found"`
		Sent    time.Time        `json:"sent"`
	}
	if text, err := json.Marshal(d); err == nil {
		_ = json.Unmarshal(text, &b) // a field that a newer program writes otherwise is left out
	}
	return state.Alert{Name: b.Name, Email: b.Email, Lang: b.Lang, Titles: b.Titles, Places: b.Places, Keywords: b.Keywords, Zone: b.Zone,
		State: b.State, Checked: b.Checked, Found: b.Found, Sent: b.Sent}
}

// fill writes an alert over what a record has.
func (b alertBody) fill(d record.Doc) (record.Doc, error) {
	out := record.Apply(d, nil)
	if out == nil {
		out = record.Doc{}
	}
	for _, name := range []string{"name", "email", "lang", "titles", "places", "keywords", "zone"} {
		delete(out, name)
	}
	text, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	var fields record.Doc
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	for name, v := range fields {
		out[name] = v
	}
	return out, nil
}

// check is what has to be mended, by the rules that the server goes by.
func (b alertBody) check() []account.Problem {
	kind, _ := record.Find("alert")
	doc, err := b.fill(nil)
	if err != nil {
		return []account.Problem{account.BadValue.At("")}
	}
	bad := kind.Verify(doc, true)
	if b.Email == "" { // of this computer
		bad = slices.DeleteFunc(bad, func(p account.Problem) bool { return p.Field == "email" })
	} else if _, ok := account.Address(b.Email); !ok && !slices.ContainsFunc(bad, func(p account.Problem) bool { return p.Field == "email" }) {
		bad = append(bad, account.BadValue.At("email"))
	}
	if _, err := time.LoadLocation(b.Zone); err != nil || b.Zone == "Local" {
		bad = append(bad, account.BadValue.At("zone"))
	}
	return bad
}

// Put: see [state.Alerts].
func (a *Alerts) Put(ctx context.Context, x state.Alert) (id string, bad []account.Problem, err error) {
	x.Email, x.Name = strings.TrimSpace(x.Email), strings.TrimSpace(x.Name)
	if bad = bodyOf(x).check(); len(bad) > 0 {
		return x.ID, bad, nil
	}
	h, err := a.here(ctx)
	if err != nil {
		return x.ID, nil, err
	}
	want := state.AlertHere
	switch {
	case x.Email != "" && h.rec != nil:
		want = state.AlertRecord
	case x.Email != "":
		want = state.AlertRequest
	}
	was := cache.Watch{Made: a.d.Now().UTC()}
	if x.ID != "" {
		if was, err = h.watch(ctx, x.ID); err != nil && (alertKind(x.ID) != state.AlertRecord || !errors.Is(err, cache.ErrNotFound)) {
			return x.ID, nil, err
		}
	}
	if was.ID == "" {
		if was.Marks, err = a.marks(ctx); err != nil {
			return x.ID, nil, err
		}
		was.Read = was.Marks
	}
	next := was
	next.Name, next.Zone, next.Asks = x.Name, x.Zone, x.Query()
	if next.News, err = a.still(ctx, was, next.Asks); err != nil {
		return x.ID, nil, err
	}
	old := x.ID
	if old != "" && alertKind(old) == want && want != state.AlertRequest {
		next.ID = old
	} else if next.ID, err = newAlert(want); err != nil {
		return x.ID, nil, err
	}
	if next.Made.IsZero() {
		next.Made = a.d.Now().UTC()
	}
	next.Email = ""
	switch want {
	case state.AlertRequest:
		next.Email = x.Email
		if err := a.request(ctx, h, old, next); err != nil {
			return x.ID, nil, err
		}
		return next.ID, nil, nil
	case state.AlertRecord:
		if err := a.keepRecord(ctx, h, next.ID, bodyOf(x)); err != nil {
			return x.ID, nil, err
		}
	}
	there := false
	if was.ID == next.ID {
		there, err = h.rewrite(ctx, was, next)
	}
	if err == nil && !there {
		err = h.dev.PutWatch(ctx, next)
	}
	if err != nil {
		return x.ID, nil, err
	}
	if old != "" && old != next.ID {
		if _, err := a.remove(ctx, h, old, true); err != nil {
			return next.ID, nil, err
		}
	}
	return next.ID, nil, nil
}

// rewrite has a watch ask something else, and says whether it is there. What was looked at
// and read since it was read stays so; other criteria are held against all that has come
// since then.
func (h sitting) rewrite(ctx context.Context, was, next cache.Watch) (there bool, err error) {
	err = h.dev.ChangeWatches(ctx, func(all []cache.Watch) []cache.Watch {
		all = change(all, was.ID, func(w *cache.Watch) {
			w.Name, w.Zone, w.Asks = next.Name, next.Zone, next.Asks
			if was.Paused != next.Paused {
				w.Paused = next.Paused
			}
			if !same(was.Asks, next.Asks) {
				unread := w.News // by rising number
				w.Marks, w.News = was.Marks, slices.DeleteFunc(slices.Clone(next.News), func(r int64) bool {
					_, still := slices.BinarySearch(unread, r)
					return !still || w.Root != was.Root
				})
			}
		})
		there = len(all) > 0
		return all
	})
	return there, err
}

func newAlert(kind state.AlertKind) (string, error) {
	id, err := cache.NewID()
	switch kind {
	case state.AlertRequest:
		id = requestID + id
	case state.AlertRecord:
		id = recordID + id
	}
	return id, err
}

// watch finds one; cache.ErrNotFound.
func (h sitting) watch(ctx context.Context, id string) (cache.Watch, error) {
	all, err := h.dev.Watches(ctx)
	if err != nil {
		return cache.Watch{}, err
	}
	for _, w := range all {
		if w.ID == id {
			return w, nil
		}
	}
	return cache.Watch{}, fmt.Errorf("alert: %w", cache.ErrNotFound)
}

// still are the rows that are new for a watch and that other criteria ask for, too.
func (a *Alerts) still(ctx context.Context, w cache.Watch, asks query.Alert) ([]int64, error) {
	if len(w.News) == 0 || same(w.Asks, asks) {
		return w.News, nil
	}
	x := query.NewAlerts()
	x.Add(asks)
	var kept []int64
	err := a.d.Catalogue.Beyond(ctx, a.d.Now(), func(st catalogue.State, last int64) int64 {
		if st.Root != w.Root {
			return last
		}
		return w.News[0] - 1
	}, func(p posting.Posting) error {
		if _, is := slices.BinarySearch(w.News, p.ID); is && !p.Ended(a.d.Now()) {
			x.Each(query.Read(p), func(int) { kept = append(kept, p.ID) })
		}
		return ctx.Err()
	})
	if errors.Is(err, catalogue.ErrNone) {
		err = nil
	}
	return kept, err
}

func same(a, b query.Alert) bool {
	return a.Lang == b.Lang && slices.Equal(a.Titles, b.Titles) && slices.Equal(a.Places, b.Places) && slices.Equal(a.Keywords, b.Keywords)
}

// marks are those of an alert that has seen all that there is now.
func (a *Alerts) marks(ctx context.Context) (marks []cache.Mark, err error) {
	err = a.d.Catalogue.Beyond(ctx, a.d.Now(), func(st catalogue.State, last int64) int64 {
		if real(st) {
			marks = []cache.Mark{{Root: st.Root, Scope: partOf(st.Scope), Row: last}}
		}
		return last
	}, nil)
	if errors.Is(err, catalogue.ErrNone) || errors.Is(err, catalogue.ErrCorrupt) {
		err = nil // whatever comes is new
	}
	return marks, err
}

// real: what is invented for a desk before its first sync is news to nobody.
func real(st catalogue.State) bool { return st.Origin != "sample" }

// partOf is the part of the country that a scope keeps, "" for all of it.
func partOf(scope string) string {
	part, _, err := wire.ParseScope(scope)
	if err != nil {
		return "" // of a newer program
	}
	return part
}

// keepRecord writes an alert of an account, and asks for the letter of one that begins.
func (a *Alerts) keepRecord(ctx context.Context, h sitting, id string, b alertBody) error {
	now := a.d.Now()
	old, err := h.rec.Get(ctx, h.ref(id))
	fresh := errors.Is(err, cache.ErrNotFound)
	if err != nil && !fresh {
		return err
	}
	doc, err := b.fill(old.Doc)
	if err != nil {
		return err
	}
	if err := h.rec.Put(ctx, h.ref(id), doc, now); err != nil {
		return err
	}
	if fresh || readAlert(old.Doc).State == "draft" {
		return h.rec.Do(ctx, h.ref(id), "subscribe", 0, now)
	}
	return nil
}

// request queues a request for letters, in place of one that has not left or was refused.
func (a *Alerts) request(ctx context.Context, h sitting, old string, w cache.Watch) error {
	if old != "" && alertKind(old) == state.AlertRequest {
		if err := h.takeBack(ctx, strings.TrimPrefix(old, requestID)); err != nil {
			return err
		}
	}
	// The alert stands before its request: one without the other can be asked for again.
	if err := h.dev.PutWatch(ctx, w); err != nil {
		return err
	}
	if err := a.queue(ctx, h, w); err != nil {
		return err
	}
	if old != "" {
		return h.dev.DropWatch(ctx, old)
	}
	return nil
}

func (a *Alerts) queue(ctx context.Context, h sitting, w cache.Watch) error {
	key := strings.TrimPrefix(w.ID, requestID)
	body, err := json.Marshal(wire.Subscribe{Key: key, Email: w.Email, Lang: string(w.Asks.Lang), Name: w.Name,
		Titles: w.Asks.Titles, Places: w.Asks.Places, Keywords: w.Asks.Keywords, Zone: w.Zone})
	if err != nil {
		return err
	}
	return h.dev.Queue(ctx, cache.KindSubscription, key, body, a.d.Now())
}

// takeBack cancels a request that has not left; state.ErrAlertLeft.
func (h sitting) takeBack(ctx context.Context, key string) error {
	items, err := h.requests(ctx)
	if err != nil {
		return err
	}
	it, there := items[key]
	switch {
	case !there, it.State == cache.Rejected:
		return nil
	case it.State != cache.Queued:
		return state.ErrAlertLeft
	}
	if err := h.dev.Cancel(ctx, key); errors.Is(err, cache.ErrNotFound) {
		return state.ErrAlertLeft
	} else if err != nil {
		return err
	}
	return nil
}

// Remove: see [state.Alerts].
func (a *Alerts) Remove(ctx context.Context, id string) (undo func(context.Context) error, err error) {
	h, err := a.here(ctx)
	if err != nil {
		return nil, err
	}
	return a.remove(ctx, h, id, false)
}

// remove ends an alert; replaced: another one stands for it.
func (a *Alerts) remove(ctx context.Context, h sitting, id string, replaced bool) (undo func(context.Context) error, err error) {
	w, err := h.watch(ctx, id)
	if err != nil && (alertKind(id) != state.AlertRecord || !errors.Is(err, cache.ErrNotFound)) {
		return nil, err
	}
	undo = func(ctx context.Context) error { return h.dev.PutWatch(ctx, w) }
	switch alertKind(id) {
	case state.AlertRequest:
		err := h.takeBack(ctx, strings.TrimPrefix(id, requestID))
		switch {
		case errors.Is(err, state.ErrAlertLeft) && replaced:
			return nil, err
		case errors.Is(err, state.ErrAlertLeft): // only forgotten here
		case err != nil:
			return nil, err
		default:
			undo = func(ctx context.Context) error { return a.ask(ctx, h, w) }
		}
	case state.AlertRecord:
		if undo, err = a.endRecord(ctx, h, id, w); err != nil {
			return nil, err
		}
	}
	return undo, h.dev.DropWatch(ctx, id)
}

// ask queues a request anew, under another key: the server may know the first.
func (a *Alerts) ask(ctx context.Context, h sitting, w cache.Watch) error {
	old := w.ID
	id, err := newAlert(state.AlertRequest)
	if err != nil {
		return err
	}
	w.ID = id
	if err := a.request(ctx, h, "", w); err != nil {
		return err
	}
	return h.dev.DropWatch(ctx, old)
}

func (a *Alerts) endRecord(ctx context.Context, h sitting, id string, w cache.Watch) (undo func(context.Context) error, err error) {
	ref := h.ref(id)
	was, err := h.rec.Get(ctx, ref)
	if err != nil {
		return nil, err
	}
	if err := h.rec.Delete(ctx, ref, a.d.Now()); err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		waiting, err := h.rec.Outbox(ctx)
		if err != nil {
			return err
		}
		for _, m := range waiting {
			if m.Ref == ref && m.Delete && h.rec.Cancel(ctx, m.N) == nil {
				w.ID = id
				return h.dev.PutWatch(ctx, w)
			}
		}
		fresh, err := newAlert(state.AlertRecord)
		if err != nil {
			return err
		}
		if err := a.keepRecord(ctx, h, fresh, bodyOf(readAlert(was.Doc))); err != nil {
			return err
		}
		w.ID = fresh
		return h.dev.PutWatch(ctx, w)
	}, nil
}

// Pause: see [state.Alerts].
func (a *Alerts) Pause(ctx context.Context, id string, paused bool) error {
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	marks, err := a.marks(ctx)
	if err != nil {
		return err
	}
	switch alertKind(id) {
	case state.AlertRequest:
		return state.ErrAlertLeft
	case state.AlertRecord:
		command := "resume"
		if paused {
			command = "pause"
		}
		if err := h.rec.Do(ctx, h.ref(id), command, 0, a.d.Now()); err != nil {
			return err
		}
	}
	return h.dev.ChangeWatches(ctx, func(all []cache.Watch) []cache.Watch {
		return change(all, id, func(w *cache.Watch) {
			if w.Paused && !paused { // it goes on from what is new now
				for _, m := range marks {
					w.Marks, w.Read = cache.Marked(w.Marks, m), cache.Marked(w.Read, m)
				}
			}
			w.Paused = paused
		})
	})
}

// change does something to the watch of an id, "" for all, and gives those.
func change(all []cache.Watch, id string, f func(*cache.Watch)) (out []cache.Watch) {
	for _, w := range all {
		if id == "" || w.ID == id {
			f(&w)
			out = append(out, w)
		}
	}
	return out
}

// Subscribe: see [state.Alerts].
func (a *Alerts) Subscribe(ctx context.Context, id string) error {
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	switch alertKind(id) {
	case state.AlertRequest:
		w, err := h.watch(ctx, id)
		if err == nil {
			err = h.takeBack(ctx, strings.TrimPrefix(id, requestID))
		}
		if err != nil {
			return err
		}
		return a.ask(ctx, h, w)
	case state.AlertRecord:
		waiting, err := h.rec.Outbox(ctx)
		if err != nil {
			return err
		}
		parked := false
		for _, m := range waiting {
			if m.Ref == h.ref(id) && m.State == cache.Parked {
				parked = true
				if err := h.rec.Retry(ctx, m.N); err != nil {
					return err
				}
			}
		}
		if parked {
			a.d.Private.Kick(replica.Wrote)
			return nil
		}
		return h.rec.Do(ctx, h.ref(id), "subscribe", 0, a.d.Now())
	}
	return nil
}
