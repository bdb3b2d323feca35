package replica_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"passerelle/store/cache"
	"passerelle/store/secret"
	"passerelle/sync/hub"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// office is a hub that is asked without HTTP, by one account from however many desks.
type office struct {
	*hub.Records
	account string
}

func (o office) Push(ctx context.Context, _ string, p wire.Push) (wire.Pushed, error) {
	return o.Records.Push(ctx, hub.Who{Account: o.account}, p, someDay)
}

func (o office) Pull(ctx context.Context, _ string, p wire.Pull) (wire.Pulled, error) {
	return o.Records.Pull(ctx, hub.Who{Account: o.account}, p, someDay)
}

// Two desks of one person agree through the real hub: what can stand together does, the
// rest is told to whoever comes second, who chooses; an activation has one effect.
//
// Rows: X-014
func TestTwoDesksOfAHub(t *testing.T) {
	ctx := t.Context()
	h, err := hub.Open(ctx, t.TempDir(), hub.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close() }()
	box, err := secret.NewBox(make([]byte, secret.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	recs, err := h.Records(hub.RecordsOptions{Box: box})
	if err != nil {
		t.Fatal(err)
	}
	o := replica.PrivateOptions{
		Token: func(context.Context, string) (string, error) { return "good", nil },
		Wait:  func(context.Context, time.Duration) error { return nil },
		Now:   func() time.Time { return someDay },
	}
	one, two := newPlace(t, nil), newPlace(t, nil)
	sync := func(p *place) {
		t.Helper()
		if _, err := replica.NewPrivate(office{recs, "ada"}, p.Records, o).Sync(ctx); err != nil {
			t.Fatal(err)
		}
	}
	ref := cache.Ref{Partition: "person/ada", Kind: "profile", Record: "019a9f6e-0000-7000-8000-00000000000a"}
	put := func(p *place, text string) { t.Helper(); p.must(p.Put(ctx, ref, doc(text), someDay)) }
	put(one, `{"places":["NB"],"mode":"default","experience":{"63200":"7"}}`)
	sync(one)
	sync(two)
	put(one, `{"places":["NB","QC"],"mode":"strict","experience":{"63200":"7"}}`)
	put(two, `{"places":["ON"],"mode":"default","experience":{"63200":"6"}}`)
	sync(one)
	sync(two)
	got, err := two.Get(ctx, ref)
	two.must(err)
	if string(got.Doc["places"]) != `["QC","ON"]` || string(got.Doc["mode"]) != `"strict"` || got.Waits {
		t.Errorf("the second desk has %s, waiting %v", got.Doc, got.Waits)
	}
	put(one, `{"places":["QC"],"mode":"default","experience":{"63200":"7"}}`)
	sync(one)
	cur, err := two.Get(ctx, ref)
	two.must(err)
	cur.Doc["mode"] = doc(`{"m":"default"}`)["m"]
	two.must(two.Put(ctx, ref, cur.Doc, someDay)) // the same value: no conflict
	sync(two)
	if c := two.toChoose(); len(c) != 0 {
		t.Errorf("conflicts %+v", c)
	}
	two.must(errors.Join(two.Do(ctx, ref, "activate", 0, someDay)))
	sync(two)
	sync(one)
	a, errA := one.Get(ctx, ref)
	b, errB := two.Get(ctx, ref)
	if errA != nil || errB != nil || string(a.Doc["state"]) != `"active"` || string(a.Doc["version"]) != "1" || a.Ver != b.Ver || len(two.waiting()) != 0 {
		t.Errorf("desks have %s %d (%v) and %s %d (%v); %d wait", a.Doc, a.Ver, errA, b.Doc, b.Ver, errB, len(two.waiting()))
	}
}
