package cache_test

import (
	"testing"

	"passerelle/store/cache"
)

// Who may not see a partition any more keeps the words that they wrote there and that were
// not answered, and nothing that others wrote. Let in again, they choose.
//
// Rows: X-014
func TestWordsOutliveAPartition(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	p2 := cache.Ref{Partition: draft.Partition, Kind: "posting", Record: "p2"}
	d.says(draft, 1, 1, `{"title_fr":"theirs","title_en":"theirs","skills":["ps:theirs","ps:both"]}`)
	d.says(p2, 2, 1, `{"title_fr":"z"}`)
	d.put(draft, `{"title_fr":"theirs","title_en":"told","skills":["ps:theirs","ps:both"]}`)
	d.says(draft, 3, 2, `{"title_fr":"theirs","title_en":"theirs too","skills":["ps:theirs","ps:both"]}`)
	if c := d.conflicts(); len(c) != 1 {
		t.Fatalf("conflicts %+v", c)
	}
	d.put(draft, `{"title_fr":"mine","title_en":"theirs too","skills":["ps:theirs","ps:mine"]}`)
	must(t, d.Delete(ctx, p2, noon))
	d.batch() // it may have arrived
	must(t, d.Take(ctx, cache.Part{Partition: draft.Partition, Gone: true}, noon))
	d.shows(draft, "")
	w := d.waiting()
	if len(w) != 2 || string(w[1].Patch["title_en"]) != `"told"` || len(w[1].Was) != 0 || w[1].State != cache.Parked {
		t.Fatalf("outbox %+v; want what was to choose, too", w)
	}
	must(t, d.Cancel(ctx, w[1].N))
	if w = w[:1]; w[0].State != cache.Parked || len(w[0].Was) != 0 || len(w[0].Patch) != 2 ||
		string(w[0].Patch["title_fr"]) != `"mine"` || string(w[0].Patch["skills"]) != `["ps:mine"]` {
		t.Fatalf("outbox %+v; want the person's own words alone, parked", w)
	}
	must(t, d.Take(ctx, cache.Part{Partition: draft.Partition, Epoch: 1, Seq: 5, Snapshot: true, Changes: []cache.Change{
		{Kind: "posting", Record: "p1", Ver: 5, Body: fields(`{"title_fr":"later","skills":["ps:later"]}`)},
	}}, noon))
	d.shows(draft, `{"title_fr":"later","skills":["ps:later","ps:mine"]}`)
	if c := d.conflicts(); len(c) != 1 || c[0].Field != "title_fr" || string(c[0].Mine) != `"mine"` || string(c[0].Theirs) != `"later"` {
		t.Errorf("conflicts %+v", c)
	}
	must(t, d.Retry(ctx, d.waiting()[0].N))
	if b := d.batch(); len(b) != 1 || string(b[0].Patch["skills"]) != `["ps:later","ps:mine"]` || b[0].Base != 5 {
		t.Errorf("sent %+v", b)
	}
}

// A copy that was reset has no cursor to be told by that access was withdrawn: what the next
// whole pull does not bring, goes.
//
// Rows: B-010, X-014
func TestWithdrawnAfterAReset(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	d.says(draft, 1, 1, `{"title_fr":"theirs"}`)
	must(t, d.ResetCache(ctx))
	mine := cache.Ref{Partition: "person/ada", Kind: "saved", Record: "s"}
	d.says(mine, 1, 1, `{"posting":"7"}`)
	d.shows(draft, `{"title_fr":"theirs"}`)
	must(t, d.Pulled(ctx))
	d.shows(draft, "")
	d.shows(mine, `{"posting":"7"}`)
}

// What a person writes in a field while a conflict of it waits is shown beside what they wrote
// before, so that choosing that overwrites nothing unseen; written twice, each is chosen of.
//
// Rows: X-014
func TestEditBesideAConflict(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	d.says(draft, 1, 1, `{"title_fr":"a"}`)
	d.put(draft, `{"title_fr":"first"}`)
	d.says(draft, 2, 2, `{"title_fr":"b"}`)
	d.put(draft, `{"title_fr":"second"}`)
	c := d.conflicts()
	if len(c) != 1 || string(c[0].Mine) != `"first"` || string(c[0].Theirs) != `"second"` || c[0].By != "" {
		t.Fatalf("conflicts %+v; want what was written first beside what stands here now", c)
	}
	d.says(draft, 3, 3, `{"title_fr":"c"}`)
	if c = d.conflicts(); len(c) != 2 || string(c[0].Mine) != `"first"` || string(c[1].Mine) != `"second"` || string(c[0].Theirs) != `"c"` || string(c[1].Theirs) != `"c"` {
		t.Fatalf("conflicts %+v; want both", c)
	}
	_, err := d.Resolve(ctx, draft, map[string]cache.Choice{"title_fr": {N: c[1].N, Side: cache.Mine}}, noon)
	must(t, err)
	d.shows(draft, `{"title_fr":"second"}`)
	if c = d.conflicts(); len(c) != 1 || string(c[0].Mine) != `"first"` || string(c[0].Theirs) != `"second"` {
		t.Errorf("conflicts %+v; want the other one, as it stands now", c)
	}
}

// A removal that met an edit is the person's to choose until they do, through another restore
// of the server, too.
//
// Rows: X-014
func TestRemovalThroughTwoRestores(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	d.put(draft, `{"title_fr":"a"}`)
	answer := func(epoch int64, outcome string, ver int64) {
		t.Helper()
		b := d.batch()
		if len(b) != 1 {
			t.Fatalf("%d to send, want 1", len(b))
		}
		r := cache.Result{ID: b[0].ID, Outcome: outcome, Ver: ver}
		if outcome == "conflict" {
			r.Fields, r.Body = []string{""}, fields(`{"title_fr":"a"}`)
		}
		_, err := d.Settle(ctx, epoch, []cache.Result{r}, noon)
		must(t, err)
	}
	answer(1, "applied", 1)
	must(t, d.Delete(ctx, draft, noon))
	answer(1, "applied", 2)
	for epoch := int64(2); epoch <= 3; epoch++ { // of a backup from before it all
		must(t, d.Restored(ctx, epoch, noon))
		must(t, d.Take(ctx, cache.Part{Partition: draft.Partition, Epoch: epoch, Snapshot: true}, noon))
		must(t, d.Pulled(ctx))
		answer(epoch, "applied", 1) // made again
		if epoch == 2 {
			answer(epoch, "conflict", 1)
		}
		if c := d.conflicts(); len(c) != 1 || c[0].Field != "" || c[0].Mine != nil || string(c[0].Theirs) != `{"title_fr":"a"}` {
			t.Fatalf("epoch %d: conflicts %+v; want the removal", epoch, c)
		}
	}
}
