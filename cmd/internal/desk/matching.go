package desk

import (
	"context"
	"sync"

	"passerelle/store/catalogue"
	"passerelle/store/match"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/ui/state"
)

// Matching finds what suits a profile in the catalogue, for the window and the command line.
// The postings are prepared once for a version of the catalogue and kept, some 200 bytes
// each; whoever asks after a sync has those of the new one. It is slow.
type Matching struct {
	d *Desk

	mu   sync.Mutex // held while postings are prepared
	pool *match.Pool
	of   version // of the catalogue that pool was made from
}

var _ state.Matching = (*Matching)(nil)

// version tells catalogues apart.
type version struct {
	root       string
	epoch, seq int64
	rows       int
	digest     posting.Sum
}

func versionOf(st catalogue.State) version {
	return version{root: st.Root, epoch: st.Epoch, seq: st.Seq, rows: st.Count, digest: st.Digest}
}

// Best: see [state.Matching].
func (m *Matching) Best(ctx context.Context, p *match.Profile, who match.Standing, hide *query.Hide, tell func(done, total int)) ([]match.Found, int, error) {
	pool, err := m.prepared(ctx, tell)
	if err != nil {
		return nil, 0, err
	}
	return p.Best(ctx, pool, who, m.d.Now(), hide.Has)
}

// prepared is the postings of the catalogue as it is now.
func (m *Matching) prepared(ctx context.Context, tell func(done, total int)) (*match.Pool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for {
		st, err := m.d.Catalogue.State(ctx)
		if err != nil {
			return nil, err
		}
		if m.pool != nil && m.of == versionOf(st) {
			return m.pool, nil
		}
		// What ends meanwhile is left out when it is asked for.
		var pool match.Pool
		n := 0
		err = m.d.Catalogue.Each(ctx, m.d.Now(), func(p posting.Posting) error {
			pool.Add(p)
			if n++; tell != nil && n%1000 == 0 {
				tell(n, st.Count)
			}
			return ctx.Err()
		})
		if err != nil {
			return nil, err
		}
		// A sync that came in between may have left its rows on either side of the version:
		// the next turn sees.
		m.pool, m.of = &pool, versionOf(st)
	}
}
