package desk_test

import (
	"testing"

	"passerelle/store/cache"
	"passerelle/store/posting"
	"passerelle/store/query"
)

// finds counts what a desk finds for whoever is at it.
func (d seated) finds() int {
	d.h.t.Helper()
	ctx := d.h.t.Context()
	mine, err := d.Accounts.Personal(ctx, d.who())
	d.must(err)
	hide, err := mine.Hides(ctx)
	d.must(err)
	r, err := d.Catalogue.Search(ctx, query.Query{Now: d.h.now(), Hide: hide, Limit: 1})
	d.must(err)
	return r.Total
}

// What a person hides at one computer is hidden at the other, over real HTTP, also after
// everything was fetched anew there; shown again at one, it is at both. The searches they
// save have one name, whoever gave it last. Who is at the desk without a session hides for
// themselves alone, and nothing of that leaves.
//
// Rows: X-024
func TestHiddenAtTwoDesks(t *testing.T) {
	h, ctx := newHall(t), t.Context()
	one, two := h.desk(true), h.desk(true)
	for _, d := range []seated{one, two} {
		d.must(d.Sample(ctx, nil))
	}
	one.register("ada@exemple.ca")
	two.signIn("ada@exemple.ca")
	all := one.finds()
	r, err := one.Catalogue.Search(ctx, query.Query{Now: h.now(), Limit: 1})
	one.must(err)
	cards, err := one.Catalogue.Cards(ctx, r.IDs)
	one.must(err)
	c := cards[0]
	theirs, err := one.Catalogue.Search(ctx, query.Query{Now: h.now(), NoFacets: true, Hide: query.NewHide(nil, []string{c.Employer})})
	one.must(err)

	mine, err := one.Accounts.Personal(ctx, one.who())
	one.must(err)
	yours, err := two.Accounts.Personal(ctx, two.who())
	two.must(err)
	one.must(mine.Hide(ctx, cache.Hidden{Posting: c.ID, Number: c.Number, Employer: c.Employer}, h.now()))
	if got := one.finds(); got != all-1 {
		t.Errorf("hidden here, without a sync: %d of %d", got, all)
	}
	one.must(one.Device.Hide(ctx, cache.Hidden{Employer: "Bureau de personne"}, h.now()))
	one.sync()
	two.sync()
	if got := two.finds(); got != all-1 {
		t.Errorf("hidden there: %d of %d", got, all)
	}
	two.must(yours.Hide(ctx, cache.Hidden{Employer: c.Employer}, h.now()))
	id, err := yours.SaveSearch(ctx, "tout", query.Query{Words: "commis"}, h.now())
	two.must(err)
	two.must(yours.Save(ctx, posting.Posting{Card: c}, h.now()))
	two.sync()
	one.sync()
	two.must(yours.RenameSearch(ctx, id, "commis", h.now()))
	two.sync()
	for range 2 { // as it is, and after everything was fetched anew
		for _, d := range []seated{one, two} {
			d.sync()
			if got := d.finds(); got != theirs.Total {
				t.Errorf("with the employer: %d, want %d", got, theirs.Total)
			}
			dev, err := d.Accounts.Personal(ctx, d.who())
			d.must(err)
			hidden, err := dev.Hidden(ctx)
			d.must(err)
			searches, err := dev.SavedSearches(ctx)
			d.must(err)
			saved, err := dev.Saved(ctx, h.now())
			d.must(err)
			if len(hidden) != 2 || len(searches) != 1 || searches[0].Label != "commis" || len(saved) != 1 || saved[0].Number != c.Number {
				t.Errorf("hidden %+v, searches %+v, saved %+v", hidden, searches, saved)
			}
			if st := d.Private.Status(); st.Waiting+st.Parked+st.Conflicts != 0 || st.Err != nil {
				t.Errorf("status %+v", st)
			}
			d.must(d.Private.ResetCache(ctx))
			if got := d.finds(); got != theirs.Total {
				t.Errorf("before it is fetched anew: %d, want %d", got, theirs.Total)
			}
		}
	}
	one.must(mine.Unhide(ctx, cache.Hidden{Employer: c.Employer}, h.now()))
	one.must(mine.Unhide(ctx, cache.Hidden{Posting: c.ID, Number: c.Number}, h.now()))
	one.must(mine.Unsave(ctx, c.ID, h.now()))
	one.sync()
	two.sync()
	if got := two.finds(); got != all {
		t.Errorf("shown again: %d of %d", got, all)
	}
	if is, err := yours.IsSaved(ctx, c.ID); err != nil || is {
		t.Errorf("no longer saved: %v, %v", is, err)
	}
	if hidden, err := two.Device.Hidden(ctx); err != nil || len(hidden) != 0 {
		t.Errorf("what nobody in particular hides here: %+v, %v", hidden, err)
	}
}
