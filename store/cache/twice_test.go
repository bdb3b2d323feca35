package cache_test

import (
	"testing"

	"passerelle/store/cache"
)

// A change that left twice since everything was pulled, by file or because the program was
// stopped, may have arrived the first time: that it was here already is no sign of a removal.
// Whether there was one besides, the next pull tells, which brings the whole partition.
//
// Rows
func TestLeftTwice(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	p2 := cache.Ref{Partition: draft.Partition, Kind: "posting", Record: "p2"}
	d.says(p2, 1, 1, `{"title_fr":"theirs"}`)
	d.put(draft, `{"title_fr":"mine"}`)
	d.batch()
	must(t, d.Pulled(ctx)) // it had not arrived
	d.batch()              // now it does, and the answer is lost
	m := d.batch()
	d.put(draft, `{"title_fr":"mine","title_en":"mine"}`)
	d.settle(cache.Result{ID: m[0].ID, Outcome: "dup", First: "applied", Ver: 1})
	d.shows(draft, `{"title_fr":"mine","title_en":"mine"}`)
	at, err := d.Cursors(ctx)
	if c := d.conflicts(); len(c) != 0 || err != nil || len(at) != 0 {
		t.Errorf("conflicts %+v, cursors %+v, %v; want neither", c, at, err)
	}
	// It was removed meanwhile: what was written since is the person's to choose.
	must(t, d.Take(ctx, cache.Part{Partition: draft.Partition, Epoch: 1, Seq: 3, Snapshot: true}, noon))
	d.shows(draft, "")
	if c := d.conflicts(); len(c) != 1 {
		t.Errorf("conflicts %+v; want the removal", c)
	}
}
