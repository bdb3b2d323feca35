package cache_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/store/cache"
	"passerelle/store/query"
)

// An alert of this computer is kept as it is, in the order in which it was made; of somebody
// who signed in, it is sealed. What was forgotten is not brought back by whoever still looks.
//
// Rows: A-042
func TestWatches(t *testing.T) {
	ctx, now := t.Context(), time.Unix(1_800_000_000, 0).UTC()
	dir := t.TempDir()
	for name, d := range map[string]*cache.Device{"nobody": fresh(t), "somebody": fresh(t).With(person(t, dir, "ada", box(t, 1)))} {
		one := cache.Watch{ID: "un", Name: "Motsecret", Asks: query.Alert{Titles: []string{"72106"}, Places: []string{"Rimouski, QC"}, Keywords: []string{"motsoudage"}, Lang: "fr"},
			Made: now, Marks: []cache.Mark{{Root: "r", Scope: "qc", Row: 7}}, Root: "r", News: []int64{3, 9, 4_000_000_000}}
		two := cache.Watch{ID: "deux", Email: "anyone@exemple.ca", Made: now.Add(-time.Hour)}
		for _, w := range []cache.Watch{one, two} {
			if err := d.PutWatch(ctx, w); err != nil {
				t.Fatal(err)
			}
		}
		one.Paused = true
		if err := d.PutWatch(ctx, one); err != nil {
			t.Fatal(err)
		}
		got, err := d.Watches(ctx)
		if want := []cache.Watch{one, two}; err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
		err = d.ChangeWatches(ctx, func(all []cache.Watch) []cache.Watch {
			all[1].Found = 5
			return all[1:]
		})
		if err == nil {
			err = d.DropWatch(ctx, "un")
		}
		if err == nil {
			got, err = d.Watches(ctx)
		}
		if two.Found = 5; err != nil || !reflect.DeepEqual(got, []cache.Watch{two}) {
			t.Errorf("%s, after: %+v, %v; want %+v", name, got, err, two)
		}
		all, err := d.Everything(ctx, now)
		if err != nil || !reflect.DeepEqual(all.Alerts, got) {
			t.Errorf("%s: everything has %+v, %v", name, all.Alerts, err)
		}
		if err := d.PutWatch(ctx, one); err != nil {
			t.Fatal(err)
		}
	}
	if found := find(t, dir, "Motsecret", "motsoudage", "anyone@exemple.ca", "Rimouski"); len(found) > 0 {
		t.Errorf("in clear: %v", found)
	}
}

// A mark stands once for each scope of a publisher, and the oldest are forgotten.
func TestMarked(t *testing.T) {
	var all []cache.Mark
	for n := range 100 {
		all = cache.Marked(all, cache.Mark{Root: "r", Scope: string(rune('a' + n%50)), Row: int64(n)})
	}
	if len(all) != 32 || all[31] != (cache.Mark{Root: "r", Scope: string(rune('a' + 49)), Row: 99}) {
		t.Errorf("%d marks: %v", len(all), all)
	}
}

// Rows come back as they went in: once each, by rising number.
func TestWatchRows(t *testing.T) {
	d, ctx := fresh(t), t.Context()
	rapid.Check(t, func(r *rapid.T) {
		rows := rapid.SliceOf(rapid.Int64Range(1, 1<<32-1)).Draw(r, "rows")
		if err := d.PutWatch(ctx, cache.Watch{ID: "x", News: rows}); err != nil {
			r.Fatal(err)
		}
		got, err := d.Watches(ctx)
		want := slices.Compact(slices.Sorted(slices.Values(rows)))
		if err != nil || !slices.Equal(got[0].News, want) {
			r.Fatalf("%v, %v; want %v", got[0].News, err, want)
		}
	})
}
