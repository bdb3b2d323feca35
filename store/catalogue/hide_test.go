package catalogue

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"passerelle/store/posting"
	"passerelle/store/query"
)

// drawHide hides some of a catalogue's postings, by number or by row, and some employers in
// another spelling; half of the time nothing.
func drawHide(t *rapid.T, rows map[int64]posting.Posting) *query.Hide {
	if rapid.Bool().Draw(t, "hides nothing") {
		return nil
	}
	var ps []query.HiddenPosting
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		switch rapid.IntRange(0, 7).Draw(t, "hide") {
		case 0:
			ps = append(ps, query.HiddenPosting{Row: id + 1, Number: rows[id].Number}) // the number is what counts
		case 1:
			ps = append(ps, query.HiddenPosting{Row: id})
		}
	}
	names := rapid.SliceOfDistinct(rapid.SampledFrom([]string{"", "…", "SERVEUR et Cie", "serveur  cie.", "cook, CO", "Hopital de Levis", "nobody"}), rapid.ID)
	return query.NewHide(ps, names.Draw(t, "employers"))
}

// What is hidden, or is of a hidden employer however its name is written, is in no result, no
// count and no list of similar postings; nor is it after the catalogue was built anew with
// other rows. Its number still opens it.
//
// Rows: X-024
func TestHidden(t *testing.T) {
	ctx, root := context.Background(), t.TempDir()
	town := func(first int64) map[int64]posting.Posting {
		rows := map[int64]posting.Posting{}
		for k := range int64(6) {
			p := example(first + k)
			p.Number, p.SourceID = 10_000_100+k, ""
			p.Employer = []string{"Café Zénith inc.", "CAFE ZENITH INC", "Bureau 3", "Bureau 4", "Bureau 5", ""}[k]
			rows[p.ID] = p
		}
		return rows
	}
	hide := query.NewHide([]query.HiddenPosting{{Row: 4, Number: 10_000_103}}, []string{"café zénith Inc"})
	for n, first := range []int64{1, 40, 4000} { // a full re-sync from a publisher that numbers rows anew
		rows := town(first)
		s := built(t, fmt.Sprint(root, "/", n), sortedRows(rows))
		for _, q := range []query.Query{{Now: noon}, {Now: noon, Words: "commis"}, {Now: noon, Archived: true, Sort: query.ByDate}} {
			q.Hide = hide
			checkSearch(t, s, rows, q)
			if got := find(t, s, q); len(got) != 3 {
				t.Errorf("rows from %d: %v found, want the 3 that are not hidden", first, got)
			}
		}
		like, err := s.Similar(ctx, first+2, 10, noon, hide)
		if err != nil || len(like) != 2 {
			t.Errorf("rows from %d: similar %v, %v; want 2", first, like, err)
		}
		res, err := s.Search(ctx, query.Query{Now: noon, Words: "10000103", Hide: hide})
		if err != nil || res.Exact != first+3 || res.Total != 0 || len(res.IDs) != 0 {
			t.Errorf("rows from %d: its number finds %+v, %v", first, res, err)
		}
		// Another person hides something else, in the same catalogue.
		if got := find(t, s, query.Query{Now: noon, Hide: query.NewHide(nil, []string{"bureau 3"})}); len(got) != 5 {
			t.Errorf("rows from %d: %v for somebody else, want 5", first, got)
		}
		if got := find(t, s, query.Query{Now: noon}); len(got) != 6 {
			t.Errorf("rows from %d: %v where nothing is hidden, want 6", first, got)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// What is hidden stays so through a delta that brings new postings of a hidden employer.
//
// Rows: X-024
func TestHiddenThroughDelta(t *testing.T) {
	ctx := context.Background()
	rows := map[int64]posting.Posting{1: example(1), 2: example(2)}
	s := built(t, t.TempDir(), sortedRows(rows))
	defer func() { _ = s.Close() }()
	hide := query.NewHide(nil, []string{strings.ToUpper(rows[1].Employer)})
	before := find(t, s, query.Query{Now: noon, Hide: hide})
	from, err := s.State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	to := from
	to.Seq++
	more := example(3)
	more.Employer = rows[1].Employer
	rows[3] = more
	row := rowsOf(more)[0]
	to.Digest, to.Count = to.Digest.Add(posting.RowSum(row.Card, row.Details)), to.Count+1
	if err := s.Apply(ctx, from, to, each([]Op{{Row: row}})); err != nil {
		t.Fatal(err)
	}
	q := query.Query{Now: noon, Hide: hide}
	checkSearch(t, s, rows, q)
	if after := find(t, s, q); !slices.Equal(before, after) {
		t.Errorf("found %v, then %v", before, after)
	}
}

func BenchmarkSearchHidden(b *testing.B) {
	ctx := context.Background()
	s := built(b, b.TempDir(), many(20_000))
	defer func() { _ = s.Close() }()
	some := query.NewHide([]query.HiddenPosting{{Number: 10_000_100}, {Number: 10_009_000}}, []string{"Bureau 1"})
	for _, c := range []struct {
		name string
		hide *query.Hide
	}{{"nothing", nil}, {"some", some}} {
		b.Run(c.name, func(b *testing.B) {
			for range b.N {
				if _, err := s.Search(ctx, query.Query{Now: noon, Hide: c.hide}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
