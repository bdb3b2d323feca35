package catalogue

import (
	"context"
	"fmt"
	"testing"

	"passerelle/store/posting"
	"passerelle/store/query"
)

// many makes n postings with the words of a small town's job bank; cmd/dev bench measures
// the real distributions.
func many(n int) []Row {
	nouns := []string{"commis", "soudeuse", "cook", "infirmier", "caissière", "driver", "technicien", "teacher"}
	rows := make([]Row, 0, n)
	for id := int64(1); id <= int64(n); id++ {
		p := example(id)
		p.Title = posting.Both{FR: nouns[id%8] + " de jour", EN: nouns[(id/8)%8] + " wanted"}
		p.NOC = []string{"14100", "72106", "63200", "31301"}[id%4]
		p.Place = cities[id%5]
		for k := range 30 {
			p.Texts[0].Sections[0].Items = append(p.Texts[0].Sections[0].Items,
				posting.Item{Text: fmt.Sprintf("Tâche %d de la liste %d avec équipe %d", (int(id)*7+k*13)%900, k, (int(id)+k)%50)})
		}
		rows = append(rows, rowsOf(p)...)
	}
	return rows
}

func BenchmarkBuild(b *testing.B) {
	rows := many(10_000)
	b.ResetTimer()
	for range b.N {
		if err := built(b, b.TempDir(), rows).Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(rows)*b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkApply(b *testing.B) {
	ctx := context.Background()
	rows := many(10_000)
	s := built(b, b.TempDir(), rows)
	defer func() { _ = s.Close() }()
	b.ResetTimer()
	for n := range b.N {
		from, err := s.State(ctx)
		if err != nil {
			b.Fatal(err)
		}
		to := from
		to.Seq++
		var list []Op
		for i := n % 2; i < len(rows); i += 20 {
			p := example(rows[i].ID)
			p.Employer = fmt.Sprintf("Bureau %d-%d", i, n)
			to.Digest = to.Digest.Sub(posting.RowSum(rows[i].Card, rows[i].Details))
			rows[i] = rowsOf(p)[0]
			to.Digest = to.Digest.Add(posting.RowSum(rows[i].Card, rows[i].Details))
			list = append(list, Op{Row: rows[i]})
		}
		if err := s.Apply(ctx, from, to, each(list)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	ctx := context.Background()
	s := built(b, b.TempDir(), many(20_000))
	defer func() { _ = s.Close() }()
	for _, words := range []string{"", "de ", "ta", "soudeuse", "liste 7 ", "\"de la liste\"", "tâche -cook", "zz"} {
		b.Run(words, func(b *testing.B) {
			for range b.N {
				if _, err := s.Search(ctx, query.Query{Words: words, Now: noon}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
