package alert

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"passerelle/i18n"
	"passerelle/store/ledger"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/sync/mail"
)

// Kinds of jobs: the rounds, and the letters that they write, apart from those of accounts,
// so that nobody's code waits behind a morning's news.
const (
	Rounds = "alerts"
	Job    = "alert"
)

// Every is how often a round is made: zones begin at full, half and quarter hours.
const Every = 15 * time.Minute

// Hours at which a morning and an evening begin, in the zone of the subscriber.
const (
	morning = 7
	evening = 18
)

// Slot is the morning or evening that a moment lies in, as in 2026-11-22/1; "" by night,
// when nobody is written to. A morning lasts until the evening, and an evening until
// midnight, so that what a server that stood still did not do is done late, on its day.
func Slot(local time.Time) string {
	switch h := local.Hour(); {
	case h < morning:
		return ""
	case h < evening:
		return local.Format(time.DateOnly) + "/1"
	default:
		return local.Format(time.DateOnly) + "/2"
	}
}

// Limits of a round.
const (
	batch   = 20_000 // subscribers whose alerts are held in memory at once
	stride  = 500    // of them, written in one transaction
	chunk   = 5_000  // postings read in one transaction
	mostNew = 20     // postings that one alert tells one by one
	mostAll = 40     // that a letter does
	related = 5      // suggestions of a letter
)

// Round looks at the alerts of everybody whose morning or evening it is, and queues a letter
// for each address with something new: all of its alerts together, at most two in a day of
// its own, none when nothing matches. A round that was stopped is taken up by
// the next; nothing is told twice.
func (a *Alerts) Round(ctx context.Context, now time.Time) error {
	zones, err := a.o.Ledger.AlertZones(ctx)
	if err != nil {
		return err
	}
	r := round{Alerts: a, now: now, news: &news{}}
	for _, name := range zones {
		at, err := zone(name)
		if err != nil {
			return err // none is kept that cannot be read
		}
		r.zone, r.local = name, now.In(at)
		if r.slot = Slot(r.local); r.slot == "" {
			continue
		}
		if err := r.walk(ctx); err != nil {
			return fmt.Errorf("round of alerts in %s: %w", name, err)
		}
	}
	a.o.Log.InfoContext(ctx, "round of alerts", "looked", r.looked, "letters", r.letters)
	return nil
}

// sources are the names of the registry by id.
func (a *Alerts) sources(ctx context.Context) (map[string]posting.Both, error) {
	all, err := a.o.Ledger.Sources(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]posting.Both{}
	for _, s := range all {
		names[s.ID] = s.Name
	}
	return names, nil
}

type round struct {
	*Alerts
	now   time.Time
	zone  string
	local time.Time
	slot  string
	news  *news

	looked, letters int
}

// news are the new postings, read once for all zones while they are not too many.
type news struct {
	after, upto int64
	all         []*query.Reading
	whole       bool
}

// wanted is an alert that is due, with what it found.
type wanted struct {
	sub   ledger.Subscription
	asks  Asks
	found int
	cards []*posting.Card // the newest of them, the oldest first
}

// reader is a subscriber that is due.
type reader struct {
	ledger.Subscriber
	who    person
	alerts []*wanted
	hide   *query.Hide
}

// walk looks at everybody of a zone.
func (r *round) walk(ctx context.Context) error {
	var after []byte
	for moved := 0; ; {
		var due []ledger.Due
		var upto int64
		err := r.o.Ledger.View(ctx, func(t *ledger.Tx) (err error) {
			if upto, err = t.LastRow(ctx); err != nil {
				return err
			}
			due, err = t.DueAlerts(ctx, r.zone, r.slot, after, batch)
			return err
		})
		if err != nil || len(due) == 0 {
			return err
		}
		all, err := r.read(ctx, due)
		if err != nil {
			return err
		}
		near, err := r.match(ctx, all, upto)
		if err != nil {
			return err
		}
		for from := 0; from < len(all); from += stride {
			part := all[from:min(from+stride, len(all))]
			err := r.write(ctx, after, part, near, upto)
			if errors.Is(err, ledger.ErrMoved) && moved < 20 { // somebody changed theirs: looked at again
				moved++
				break
			}
			if err != nil {
				return err
			}
			after = part[len(part)-1].EmailMAC
		}
	}
}

// read opens what subscribers ask.
func (r *round) read(ctx context.Context, due []ledger.Due) ([]*reader, error) {
	all := make([]*reader, 0, len(due))
	for _, d := range due {
		who, err := r.person(d.Subscriber)
		if err != nil {
			return nil, err
		}
		one := &reader{Subscriber: d.Subscriber, who: who}
		for _, s := range d.All {
			asks, err := r.asks(s)
			if err != nil {
				return nil, err
			}
			one.alerts = append(one.alerts, &wanted{sub: s, asks: asks})
		}
		all = append(all, one)
	}
	return all, nil
}

// match holds everybody's alerts against the postings that are new to them, and gives those
// that may be suggested.
func (r *round) match(ctx context.Context, all []*reader, upto int64) (*around, error) {
	x := query.NewAlerts()
	var flat []*wanted
	after := upto
	for _, one := range all {
		for _, w := range one.alerts {
			lang := i18n.Lang(one.who.Lang)
			x.Add(query.Alert{Titles: w.asks.Titles, Places: w.asks.Places, Keywords: w.asks.Keywords, Lang: lang})
			flat = append(flat, w)
			after = min(after, w.sub.Mark)
		}
	}
	near := &around{byNOC: map[string][]nearby{}, byGroup: map[string][]nearby{}}
	err := r.each(ctx, after, upto, func(p *query.Reading) {
		if p.Card.Ended(r.now) {
			return
		}
		near.add(&p.Card)
		x.Each(p, func(n int) {
			w := flat[n]
			if p.Card.ID <= w.sub.Mark {
				return
			}
			w.found++
			if w.cards = append(w.cards, &p.Card); len(w.cards) > 2*mostAll {
				w.cards = append(w.cards[:0], w.cards[len(w.cards)-mostAll:]...)
			}
		})
	})
	return near, err
}

// each hands over the postings of rows in (after, upto].
func (r *round) each(ctx context.Context, after, upto int64, yield func(*query.Reading)) error {
	if n := r.news; n.whole && n.after <= after && n.upto == upto {
		for _, p := range n.all {
			if p.Card.ID > after {
				yield(p)
			}
		}
		return nil
	}
	*r.news = news{after: after, upto: upto, whole: true}
	for last := after; ; {
		count := 0
		err := r.o.Ledger.View(ctx, func(t *ledger.Tx) error {
			return t.NewPostings(ctx, last, upto, chunk, func(p posting.Posting) error {
				count++
				last = p.ID
				read := query.Read(p)
				if r.news.whole {
					r.news.all = append(r.news.all, read)
				}
				yield(read)
				return ctx.Err()
			})
		})
		if err != nil {
			*r.news = news{}
			return err
		}
		if len(r.news.all) > 2*chunk { // too many to keep in memory
			*r.news = news{}
		}
		if count < chunk {
			return nil
		}
	}
}

// write queues the letters of some subscribers, and writes that all of them were looked at.
func (r *round) write(ctx context.Context, after []byte, part []*reader, near *around, upto int64) error {
	letters := 0
	err := r.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		letters = 0
		for _, one := range part {
			told, err := r.one(ctx, t, one, near, upto)
			if err != nil {
				return err
			}
			if told {
				letters++
			}
		}
		return t.NothingNew(ctx, r.zone, r.slot, after, part[len(part)-1].EmailMAC, upto, r.now)
	})
	if err == nil {
		r.looked, r.letters = r.looked+len(part), r.letters+letters
	}
	return err
}

// one writes to a subscriber, if there is something to say.
func (r *round) one(ctx context.Context, t *ledger.Tx, one *reader, near *around, upto int64) (told bool, err error) {
	ofAccount := false
	found := 0
	for _, w := range one.alerts {
		found += w.found
		ofAccount = ofAccount || w.sub.Part != ""
	}
	if found == 0 && !ofAccount {
		return false, nil
	}
	who := one.Subscriber
	who.Slot = r.slot
	if found > 0 && r.twice(who) {
		return false, t.Wrote(ctx, who) // what is new waits for the next day
	}
	if err := r.hidden(ctx, t, one); err != nil {
		return false, err
	}
	news := r.compose(one, near)
	if told = news != nil; told {
		who.Before, who.Sent = who.Sent, r.now
	}
	if err := t.Wrote(ctx, who); err != nil {
		return false, err
	}
	for _, w := range one.alerts {
		s := w.sub
		s.Mark, s.Checked, s.Found = upto, r.now, w.found
		if told && w.found > 0 {
			s.Sent = r.now
		}
		if err := t.Looked(ctx, s); err != nil {
			return false, err
		}
		if err := r.tell(ctx, t, s, r.now, nil); err != nil {
			return false, err
		}
	}
	if !told {
		return false, nil
	}
	m := mail.Message{Kind: mail.AlertNews, To: one.who.Email, Lang: one.who.Lang, News: news}
	m.Modify, m.Unsubscribe = r.links(who.EmailMAC)
	return true, r.mail(ctx, t, Job, fmt.Sprintf("%s/%x/%s", Job, who.EmailMAC, r.slot), m, r.now)
}

// twice says whether an address had its two letters of the day, in the zone that is its own
// now: it may have moved.
func (r *round) twice(who ledger.Subscriber) bool {
	day := r.local.Format(time.DateOnly)
	today := func(at time.Time) bool { return !at.IsZero() && at.In(r.local.Location()).Format(time.DateOnly) == day }
	return today(who.Sent) && today(who.Before)
}

// compose chooses what a letter tells; nil when nothing is left to tell.
func (r *round) compose(one *reader, near *around) *mail.News {
	w := i18n.For(i18n.Lang(one.who.Lang))
	told := map[int64]bool{}
	out := &mail.News{}
	room := mostAll
	for _, wanted := range one.alerts {
		g := mail.Group{Of: wanted.sub.ID, Title: r.title(w, wanted.asks)}
		hidden := 0
		for _, c := range slices.Backward(wanted.cards) { // the newest first
			switch {
			case one.hide.Has(*c):
				hidden++
			case told[c.ID]:
				hidden++ // another alert tells it
			case len(g.Jobs) < mostNew && room > 0:
				told[c.ID] = true
				room--
				g.Jobs = append(g.Jobs, mail.Posting{Row: c.ID}) // its words are written when the letter leaves
			}
		}
		if g.More = max(wanted.found-hidden-len(g.Jobs), 0); len(g.Jobs) > 0 || g.More > 0 {
			out.Groups = append(out.Groups, g)
		}
	}
	if len(out.Groups) == 0 {
		return nil
	}
	out.Related = r.suggest(w, one, near, told)
	return out
}
