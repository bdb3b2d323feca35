package alert

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/occupation"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/record"
	"passerelle/sync/mail"
	"passerelle/sync/work"
)

// title is how a letter names an alert: as its owner does, or by what it asks.
func (r *round) title(w *i18n.Words, q Asks) string {
	if q.Name != "" {
		return q.Name
	}
	titles, places, keywords := q.Words(w)
	var parts []string
	for _, values := range [][]string{titles, keywords, places} {
		if len(values) > 3 {
			values = append(slices.Clone(values[:3]), "…")
		}
		if len(values) > 0 {
			parts = append(parts, strings.Join(values, ", "))
		}
	}
	return strings.Join(parts, " · ")
}

// job is a posting in the words of a letter.
func job(w *i18n.Words, c posting.Card, sources map[string]posting.Both) mail.Posting {
	title, lang := c.Title.In(w.Lang())
	source, _ := sources[c.Source].In(w.Lang())
	if source == "" {
		source = c.Source
	}
	where := query.CityOf(c.Place)
	if where == "" {
		where = c.Place.Province
	}
	if where == "" {
		where = w.S(i18n.PlaceAnywhere)
	}
	return mail.Posting{Title: title, Lang: lang, Employer: c.Employer, Place: where, Wage: wage(w, c.Wage), Source: source, Number: c.Number, URL: c.URL}
}

var units = map[posting.Unit]i18n.Key{
	posting.Hourly: i18n.WagePerHour, posting.Daily: i18n.WagePerDay, posting.Weekly: i18n.WagePerWeek,
	posting.Biweekly: i18n.WagePerTwoWeeks, posting.Monthly: i18n.WagePerMonth, posting.Yearly: i18n.WagePerYear,
	posting.Piece: i18n.WagePiece,
}

// wage is one as it was stated.
func wage(w *i18n.Words, g posting.Wage) string {
	if g.Min == 0 && g.Max == 0 {
		if g.Text != "" {
			return g.Text
		}
		return w.S(i18n.WageUnknown)
	}
	money := w.Money
	if g.Unit == posting.Yearly || g.Unit == posting.Monthly {
		money = w.Dollars
	}
	s := money(max(g.Min, g.Max))
	if g.Min > 0 && g.Max > g.Min {
		s = money(g.Min) + " – " + s
	}
	if k, ok := units[g.Unit]; ok {
		return w.S(k, "Amount", s)
	}
	return s
}

// around are the new postings by occupation, for suggestions.
type around struct {
	byNOC   map[string][]nearby
	byGroup map[string][]nearby // the first four digits: occupations that are close
}

// nearby is a posting with where it is, folded once for all who may be told of it.
type nearby struct {
	*posting.Card
	places []string
}

// nearBy is how many of an occupation are kept, the newest.
const nearBy = 100

func (n *around) add(c *posting.Card) {
	if len(c.NOC) != 5 {
		return
	}
	one := nearby{c, query.PlacesOf(c.Place)}
	keep := func(in map[string][]nearby, key string) {
		all := append(in[key], one)
		if len(all) > 2*nearBy {
			all = append(all[:0], all[len(all)-nearBy:]...)
		}
		in[key] = all
	}
	keep(n.byNOC, c.NOC)
	keep(n.byGroup, c.NOC[:4])
}

// suggest chooses new postings that no alert asked for, with the reason: the occupation that
// is looked for, in the same provinces or in the same place with other words; or one that is
// close to it, in the same place. It says nothing that any letter told.
func (r *round) suggest(w *i18n.Words, one *reader, near *around, told map[int64]bool) (out []mail.Posting) {
	var mark int64
	matched := map[int64]bool{}
	var asked struct{ Titles, Places []string } // all of the alerts, taken together
	anywhere := false
	for _, a := range one.alerts {
		mark = max(mark, a.sub.Mark)
		if a.found > len(a.cards) {
			return nil // there is more than enough
		}
		titles := a.asks.Titles
		for _, c := range a.cards {
			matched[c.ID] = true
			if len(a.asks.Titles) == 0 && c.NOC != "" {
				titles = append(slices.Clip(titles), c.NOC)
			}
		}
		asked.Titles = append(asked.Titles, titles...)
		asked.Places = append(asked.Places, a.asks.Places...)
		anywhere = anywhere || len(a.asks.Places) == 0
	}
	if anywhere {
		asked.Places = nil
	}
	slices.Sort(asked.Titles)
	asked.Titles = slices.Compact(asked.Titles)
	var provinces []string
	for _, p := range asked.Places {
		provinces = append(provinces, p[len(p)-2:])
	}
	places := query.FoldPlaces(asked.Places)
	here := func(c nearby) bool {
		return len(places) == 0 || slices.ContainsFunc(c.places, func(p string) bool { return slices.Contains(places, p) })
	}
	take := func(cards []nearby, why i18n.Key, noc string, fits func(nearby) bool) {
		for _, c := range slices.Backward(cards) {
			if len(out) == related {
				return
			}
			if c.ID <= mark || told[c.ID] || matched[c.ID] || one.hide.Has(*c.Card) || !fits(c) {
				continue
			}
			told[c.ID] = true
			name, _ := occupation.Title(noc).In(w.Lang())
			out = append(out, mail.Posting{Row: c.ID, Why: w.S(why, "Title", name)})
		}
	}
	for _, noc := range asked.Titles {
		take(near.byNOC[noc], i18n.MailAlertnewsSame, noc, func(c nearby) bool {
			return here(c) || slices.Contains(provinces, c.Place.Province)
		})
	}
	for _, noc := range asked.Titles {
		take(near.byGroup[noc[:4]], i18n.MailAlertnewsClose, noc, func(c nearby) bool {
			return c.NOC != noc && here(c)
		})
	}
	return out
}

// hidden finds out what the person of an account does not want to see again.
func (r *round) hidden(ctx context.Context, t *ledger.Tx, one *reader) error {
	if r.records == nil {
		return nil
	}
	var postings []query.HiddenPosting
	var employers []string
	seen := map[string]bool{}
	for _, a := range one.alerts {
		if a.sub.Part == "" || seen[a.sub.Part] {
			continue
		}
		seen[a.sub.Part] = true
		err := r.records.Each(ctx, t, a.sub.Part, "hidden", func(d record.Doc) {
			var p struct {
				Number   int64  `json:"number"`
				Employer string `json:"employer"`
				What     string `json:"what"`
			}
			b, err := json.Marshal(d)
			if err != nil || json.Unmarshal(b, &p) != nil {
				return // of a newer program
			}
			if p.What == "employer" {
				employers = append(employers, p.Employer)
			} else {
				postings = append(postings, query.HiddenPosting{Number: p.Number})
			}
		})
		if err != nil {
			return err
		}
	}
	one.hide = query.NewHide(postings, employers)
	return nil
}

// maxBounces is after how many letters in a row that an address refused it gets no more.
const maxBounces = 2

// Deliver gives what does a job of kind [Job]: what ended since it was queued is left out of
// the letter, and when nothing is left no letter goes. An address that refuses
// letters is written to no more until somebody confirms an alert there again.
func (a *Alerts) Deliver(h mail.House, s mail.Sender, now func() time.Time) work.Do {
	return func(ctx context.Context, j ledger.Job) error {
		m, err := mail.Open(a.o.Keys.Box, j.Body)
		if err != nil {
			return errors.Join(work.ErrFinal, err)
		}
		address, _ := account.Address(m.To)
		mac, at := a.mac(address), now()
		sources, err := a.sources(ctx)
		if err != nil {
			return err
		}
		if err := a.o.Ledger.View(ctx, func(t *ledger.Tx) error { return a.left(ctx, t, mac, &m, sources, at) }); err != nil {
			return err
		}
		if m.News == nil || len(m.News.Groups) == 0 {
			return nil
		}
		err = mail.Hand(ctx, h, s, m, j, at)
		if err == nil || errors.Is(err, mail.ErrNobody) {
			if werr := a.bounced(ctx, mac, err != nil); werr != nil {
				a.o.Log.ErrorContext(ctx, "bounce of an alert", "err", werr)
			}
		}
		return err
	}
}

// left leaves in a letter what is still asked for and has not ended, and writes its words.
func (a *Alerts) left(ctx context.Context, t *ledger.Tx, mac []byte, m *mail.Message, sources map[string]posting.Both, now time.Time) error {
	who, err := t.Subscriber(ctx, mac)
	if errors.Is(err, ledger.ErrNotFound) || err == nil && who.State != ledger.Alerted {
		m.News = nil
		return nil
	}
	if err != nil || m.News == nil {
		return err
	}
	all, err := t.SubscriptionsOf(ctx, mac)
	if err != nil {
		return err
	}
	m.News.Groups = slices.DeleteFunc(m.News.Groups, func(g mail.Group) bool {
		return !slices.ContainsFunc(all, func(s ledger.Subscription) bool { return s.ID == g.Of && s.State == ledger.AlertActive })
	})
	w := i18n.For(i18n.Lang(m.Lang))
	written := func(in []mail.Posting) (out []mail.Posting, err error) {
		for _, p := range in {
			card, err := t.Card(ctx, p.Row)
			if errors.Is(err, ledger.ErrNotFound) || err == nil && card.Ended(now) {
				continue
			}
			if err != nil {
				return nil, err
			}
			j := job(w, card, sources)
			j.Why = p.Why
			out = append(out, j)
		}
		return out, nil
	}
	for n := range m.News.Groups {
		g := &m.News.Groups[n]
		if g.Jobs, err = written(g.Jobs); err != nil {
			return err
		}
	}
	m.News.Groups = slices.DeleteFunc(m.News.Groups, func(g mail.Group) bool { return len(g.Jobs) == 0 && g.More == 0 })
	m.News.Related, err = written(m.News.Related)
	return err
}

func (a *Alerts) bounced(ctx context.Context, mac []byte, bounced bool) error {
	return a.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		who, err := t.Subscriber(ctx, mac)
		if err != nil {
			return err
		}
		switch {
		case bounced:
			if who.Bounces++; who.Bounces >= maxBounces {
				who.State = ledger.Bounced
			}
		case who.Bounces == 0:
			return nil
		default:
			who.Bounces = 0
		}
		return t.PutSubscriber(ctx, who)
	})
}
