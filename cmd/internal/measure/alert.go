package measure

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/ledger"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/secret"
	"passerelle/sync/alert"
	"passerelle/sync/mail"
)

// News is how long the server takes over a morning's alerts.
type News struct {
	Subscriptions, Postings int
	Indexed                 time.Duration // the alerts
	Read                    time.Duration // the postings
	Matched                 time.Duration // one with the other
	Found                   int           // pairs
	Round                   time.Duration // all of it from the ledger and back: read, opened, matched, letters written and queued
	Letters                 int
	Letter                  time.Duration // one letter opened, composed and handed to a sender that takes all
}

// ErrAlerts says that the index and the reference do not agree.
var ErrAlerts = errors.New("the index of alerts does not find what they ask")

// asks makes n alerts as people ask them, of what postings have: an occupation, a place and a
// few words, alone and together. Common occupations and large cities are asked for more often.
func asks(n int, set []posting.Posting, words []string) []alert.Asks {
	rnd := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same each time
	all := make([]alert.Asks, n)
	for i := range all {
		a := alert.Asks{Lang: "fr", Zone: "America/Toronto"}
		pick := func(p func(posting.Posting) string, into *[]string, most int) {
			for range 1 + rnd.IntN(most) {
				if v := p(set[rnd.IntN(len(set))]); v != "" {
					*into = append(*into, v)
				}
			}
		}
		kind := rnd.IntN(20)
		if kind < 13 {
			pick(func(p posting.Posting) string { return p.NOC }, &a.Titles, 3)
		}
		if kind > 3 && kind < 18 {
			pick(func(p posting.Posting) string {
				if _, ok := place.FindCity(p.Place.City, p.Place.Province); !ok || strings.Contains(p.Place.City, ",") {
					return p.Place.Province // no city that a record can name
				}
				return query.CityOf(p.Place)
			}, &a.Places, 3)
		}
		if kind > 12 && kind < 19 || kind == 0 {
			for range 1 + rnd.IntN(3) {
				a.Keywords = append(a.Keywords, words[rnd.IntN(len(words))])
			}
		}
		if kind%2 == 0 {
			a.Lang = "en"
		}
		if len(a.Titles)+len(a.Places)+len(a.Keywords) == 0 {
			a.Places = []string{"QC"}
		}
		all[i] = a
	}
	return all
}

// Alerts measures a round over n subscriptions, each of an address of its own, and new
// postings, with a ledger in a file or a database.
func Alerts(ctx context.Context, at string, n, postings int) (News, error) {
	out := News{Subscriptions: n, Postings: postings}
	set := Postings(postings)
	var news []posting.Posting
	for _, r := range set.Rows {
		card, err := posting.ParseCard(r.Card)
		if err != nil {
			return out, err
		}
		details, err := posting.ParseDetails(r.Details)
		if err != nil {
			return out, err
		}
		news = append(news, posting.Posting{Card: card, Details: details})
	}
	all := asks(n, news, Words(set, 400))

	began := time.Now()
	x := query.NewAlerts()
	asked := make([]query.Alert, n)
	for i, a := range all {
		asked[i] = query.Alert{Titles: a.Titles, Places: a.Places, Keywords: a.Keywords, Lang: i18n.Lang(a.Lang)}
		x.Add(asked[i])
	}
	out.Indexed = time.Since(began)
	began = time.Now()
	read := make([]*query.Reading, len(news))
	for i, p := range news {
		read[i] = query.Read(p)
	}
	out.Read = time.Since(began)
	began = time.Now()
	told := make([]int, n)
	for _, r := range read {
		if r.Card.Ended(set.Now) {
			continue
		}
		x.Each(r, func(i int) { told[i]++; out.Found++ })
	}
	out.Matched = time.Since(began)
	for i := 0; i < n; i += max(n/20, 1) { // and it is right
		want := 0
		for _, p := range news {
			if asked[i].Match(p, set.Now) {
				want++
			}
		}
		if want != told[i] {
			return out, fmt.Errorf("%w: %d of %+v, want %d", ErrAlerts, told[i], asked[i], want)
		}
	}
	return out, round(ctx, at, all, news, set.Now, &out)
}

// round makes one over a ledger.
func round(ctx context.Context, at string, all []alert.Asks, news []posting.Posting, now time.Time, out *News) (err error) {
	keys, err := secret.Temporary(secret.Cheap)
	if err != nil {
		return err
	}
	l, err := ledger.Open(ctx, at, ledger.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	seen := map[string]bool{}
	for _, p := range news {
		if !seen[p.Source] {
			seen[p.Source] = true
			if err := l.PutSource(ctx, posting.Source{ID: p.Source, Name: posting.Both{FR: p.Source, EN: p.Source}}); err != nil {
				return err
			}
		}
	}
	a, err := alert.New(alert.Options{Ledger: l, Keys: keys, Base: "https://bank.example"})
	if err != nil {
		return err
	}
	const most = 10_000
	var batch []alert.Taken
	for i, q := range all {
		batch = append(batch, alert.Taken{Email: fmt.Sprintf("anyone%d@exemple.ca", i), Asks: q})
		if len(batch) == most || i == len(all)-1 {
			if err := a.Take(ctx, batch, now.Add(-time.Hour)); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	for from := 0; from < len(news); from += 1000 {
		if _, err := l.Put(ctx, news[from:min(from+1000, len(news))]); err != nil {
			return err
		}
	}
	began := time.Now()
	if err := a.Round(ctx, now); err != nil {
		return err
	}
	out.Round = time.Since(began)
	jobs, err := l.Jobs(ctx, len(all)+1)
	if err != nil {
		return err
	}
	out.Letters = len(jobs)
	if len(jobs) > 500 {
		jobs = jobs[:500]
	}
	do := a.Deliver(mail.House{Base: "https://bank.example", Box: keys.Box}, taker{}, func() time.Time { return now })
	began = time.Now()
	for _, j := range jobs {
		if err := do(ctx, j); err != nil {
			return err
		}
	}
	out.Letter = time.Since(began) / time.Duration(max(len(jobs), 1))
	return nil
}

// taker takes every letter.
type taker struct{}

func (taker) Send(context.Context, mail.Letter) error { return nil }
