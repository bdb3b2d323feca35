package match

import (
	"cmp"
	"context"
	"slices"
	"time"

	"passerelle/store/posting"
)

// Pool is postings that were prepared once, to be compared with profile after profile: what
// a desk keeps of its catalogue. It holds none that no profile can ever be matched with. The
// zero value is empty. It may be read from anywhere at once while nothing is added.
type Pool struct {
	kept  []pooled
	names map[string]string // employers and zones, each kept once
}

// pooled is what is asked of a posting besides what it asks of a person: a fifth of a card.
type pooled struct {
	id, number     int64
	posted, ends   posting.Day
	zone, employer string
	q              Posting
}

// Add prepares a posting. One that came from elsewhere, that has a number of the old system
// or that was closed stays out.
func (pool *Pool) Add(p posting.Posting) {
	if p.External() || old(p.Number) || p.State != posting.Shown {
		return
	}
	if pool.names == nil {
		pool.names = map[string]string{}
	}
	once := func(name string) string {
		if n, ok := pool.names[name]; ok {
			return n
		}
		pool.names[name] = name
		return name
	}
	pool.kept = append(pool.kept, pooled{id: p.ID, number: p.Number, posted: p.Posted, ends: p.Ends, zone: once(p.Zone), employer: once(p.Employer), q: Prepare(p)})
}

// Len is how many postings it holds.
func (pool *Pool) Len() int { return len(pool.kept) }

// card is what [Eligible] and whoever hides postings ask.
func (p *pooled) card() posting.Card {
	return posting.Card{ID: p.id, Number: p.number, Source: posting.Native, Employer: p.employer, Posted: p.posted, Ends: p.ends, Zone: p.zone}
}

// Found is a posting that suits a profile.
type Found struct {
	ID     int64 // its row
	Number int64
	Posted posting.Day
	Score  Score
}

// Best gives the postings of a pool that suit a profile in the default way, the best first
// and equals newest first; those of the strict way are among them. later counts those that
// suit and that an Express Entry candidate has yet to wait for. Of a card, skip is
// handed row, number and employer; nil skips nothing.
func (p *Profile) Best(ctx context.Context, pool *Pool, who Standing, now time.Time, skip func(posting.Card) bool) (found []Found, later int, err error) {
	for i := range pool.kept {
		if i%4096 == 0 && ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		k := &pool.kept[i]
		score := p.Score(&k.q)
		if !score.In(Default) {
			continue
		}
		c := k.card()
		bar := Eligible(who, c, now)
		if bar != "" && bar != NotYet || skip != nil && skip(c) {
			continue
		}
		if bar == NotYet {
			later++
			continue
		}
		found = append(found, Found{ID: k.id, Number: k.number, Posted: k.posted, Score: score})
	}
	slices.SortFunc(found, func(a, b Found) int {
		return cmp.Or(cmp.Compare(b.Score.Percent, a.Score.Percent), cmp.Compare(b.Posted, a.Posted), cmp.Compare(b.ID, a.ID))
	})
	return found, later, nil
}
