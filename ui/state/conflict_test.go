package state

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/record"
	"passerelle/sync/replica/replicatest"
)

// clashed makes an edit here meet another one elsewhere.
func clashed(t *testing.T, r *replicatest.Records, ref cache.Ref, base, mine, theirs, by string) {
	t.Helper()
	docs := map[string]string{ref.Record: base}
	must(t, r.Synced(t.Context(), ref.Kind, ref.Partition, by, docs))
	if mine == "" {
		must(t, r.Delete(t.Context(), ref))
	} else {
		must(t, r.Put(t.Context(), ref, replicatest.Doc(mine)))
	}
	docs[ref.Record] = theirs
	must(t, r.Synced(t.Context(), ref.Kind, ref.Partition, by, docs))
}

func (c *Conflict) of(t *testing.T, field string) (*Clash, *Choosing) {
	t.Helper()
	for _, x := range c.Records {
		for _, f := range x.Fields {
			if f.Name == field {
				return x, f
			}
		}
	}
	t.Fatalf("nothing is to be chosen of %q", field)
	return nil, nil
}

func fields(t *testing.T, r *replicatest.Records, ref cache.Ref) string {
	t.Helper()
	x, err := r.Get(t.Context(), ref)
	if err != nil {
		return "none"
	}
	b, err := json.Marshal(x.Doc)
	must(t, err)
	return string(b)
}

// TestConflictSides shows what a field was, what both made of it, who and when; choosing keeps
// it as an edit, and what was not chosen stays to be chosen.
//
// Rows: X-014
func TestConflictSides(t *testing.T) {
	d, r := signedIn(t, i18n.French)
	w, c, p := d.Words(), d.Conflict, ref("posting", "p1")
	clashed(t, r, p, `{"title_fr": "Aide-cuisinier", "wage_min": 1700, "starts": "2026-12-01", "days": 10}`,
		`{"title_fr": "Aide-cuisinier", "wage_min": 1825, "starts": "2027-01-05", "days": 20}`,
		`{"title_fr": "Aide-cuisinier", "wage_min": 1775, "starts": "2026-12-15", "days": 30}`, "ada")
	c.Load()
	d.hand.run()
	if n, all := c.Chosen(); n != 0 || all != 3 || d.Conflicts() != 3 || len(c.Records) != 1 || c.Err != nil {
		t.Fatalf("%d of %d are chosen, %d are told, %d records, %v", n, all, d.Conflicts(), len(c.Records), c.Err)
	}
	x, wage := c.of(t, "wage_min")
	if x.Title != "Affichage d'emploi «\u00a0Aide-cuisinier\u00a0»" || x.Who != w.S(i18n.ConflictByYou, "Date", "2026-11-22 "+w.Clock(noon)) {
		t.Errorf("the record is called %q: %q", x.Title, x.Who)
	}
	var told []string
	for _, s := range wage.Sides {
		told = append(told, s.Head+" "+strings.Join(s.Lines, " "))
	}
	if want := []string{"Avant 17,00\u00a0$", "Ici (cet ordinateur) 18,25\u00a0$", "Ailleurs 17,75\u00a0$"}; !slices.Equal(told, want) {
		t.Errorf("the sides are %q, want %q", told, want)
	}
	if x.Fields[0].Name != "starts" || x.Fields[1].Name != "wage_min" {
		t.Errorf("the fields stand as %q and %q, not as in their kind", x.Fields[0].Name, x.Fields[1].Name)
	}

	var settled int
	c.Finish(func(n int) { settled = n })
	if settled != 0 || !c.Need {
		t.Errorf("nothing was chosen, and %d are settled", settled)
	}
	c.Pick(wage, 1) // mine
	_, starts := c.of(t, "starts")
	c.Pick(starts, starts.Other())
	c.Type(x, starts, "5 janvier")
	c.Finish(func(n int) { settled = n })
	if settled != 0 || starts.Error != w.S(account.DateFormat.Key()) {
		t.Errorf("%q is taken for a day: %q", starts.Text, starts.Error)
	}
	c.Type(x, starts, "2027-01-11")
	if starts.Error != "" {
		t.Errorf("mended, it still says %q", starts.Error)
	}
	c.Finish(func(n int) { settled = n })
	d.hand.run()
	if got := fields(t, r, p); settled != 2 || !strings.Contains(got, `"wage_min":1825`) || !strings.Contains(got, `"starts":"2027-01-11"`) || !strings.Contains(got, `"days":30`) {
		t.Errorf("%d are settled: %s", settled, got)
	}
	if n, all := c.Chosen(); n != 0 || all != 1 {
		t.Errorf("%d of %d are chosen, want what was left", n, all)
	}
	if d.Unsent() != 1 {
		t.Errorf("%d changes wait, want the choice", d.Unsent())
	}
	c.All(cache.Theirs)
	c.Finish(func(n int) { settled = n })
	d.hand.run()
	if settled != 1 || len(c.Records) != 0 || d.Conflicts() != 0 {
		t.Errorf("%d are settled, %d are left", settled, d.Conflicts())
	}
}

// TestConflictRemoved: a record that was removed on one side and changed on the other can be
// kept, by either, and can be let go.
//
// Rows: X-014
func TestConflictRemoved(t *testing.T) {
	for _, tt := range []struct {
		name, mine, theirs string
		side               cache.Side
		label, want        string
	}{
		{"kept", `{"name": "mine"}`, "", cache.Mine, "removed-there", "mine"},
		{"left removed", `{"name": "mine"}`, "", cache.Theirs, "removed-there", ""},
		{"as before", `{"name": "mine"}`, "", cache.Base, "removed-there", "base"},
		{"removed all the same", "", `{"name": "theirs"}`, cache.Mine, "removed-here", ""},
		{"theirs", "", `{"name": "theirs"}`, cache.Theirs, "removed-here", "theirs"},
	} {
		d, r := signedIn(t, i18n.English)
		w, c, p := d.Words(), d.Conflict, ref("search", "s1")
		clashed(t, r, p, `{"name": "base"}`, tt.mine, tt.theirs, "another")
		c.Load()
		d.hand.run()
		x, f := c.of(t, "")
		if label, _ := word(w, "conflict."+tt.label); f.Label != label || !strings.Contains(x.Who, "another person") || f.Third {
			t.Errorf("%s: %q, %q", tt.name, f.Label, x.Who)
		}
		c.All(tt.side)
		n := 0
		c.Finish(func(k int) { n = k })
		d.hand.run()
		all, err := r.List(t.Context(), "search")
		must(t, err)
		got := ""
		if len(all) > 0 {
			_ = json.Unmarshal(all[0].Doc["name"], &got)
		}
		if n != 1 || got != tt.want || len(all) > 1 || d.Conflicts() != 0 {
			t.Errorf("%s: settled %d, %q (%d records), want %q", tt.name, n, got, len(all), tt.want)
		}
	}
}

// TestConflictOther writes another value in each way that there is: typed, ticked, several,
// none at all. What is wrong is said under it.
//
// Rows: X-014
func TestConflictOther(t *testing.T) {
	d, r := signedIn(t, i18n.French)
	c, p := d.Conflict, ref("offer", "o1")
	clashed(t, r, p, `{"title": "A", "wage": 100, "minutes_week": 2100, "duties": "x", "education": "1", "province": "QC", "positions": 1}`,
		`{"title": "B", "wage": 200, "minutes_week": 2250, "duties": "y\nz", "education": "2", "province": "NB", "positions": 2}`,
		`{"title": "C", "wage": 300, "minutes_week": 2400, "duties": "w", "education": "3", "province": "ON", "positions": 3}`, "someone")
	c.Load()
	d.hand.run()
	x, wage := c.of(t, "wage")
	_, hours := c.of(t, "minutes_week")
	_, study := c.of(t, "education")
	_, where := c.of(t, "province")
	_, duties := c.of(t, "duties")
	_, unknown := c.of(t, "positions") // no field of an offer: of a newer program
	if wage.Text != "2,00" || hours.Text != "37\u00a0h\u00a030" || duties.Text != "y\nz" || unknown.Third || duties.Input != record.Area {
		t.Errorf("one begins with %q, %q, %q", wage.Text, hours.Text, duties.Text)
	}
	if len(study.Options) != 6 || !study.On[1] || study.Many || len(where.Options) != 3 || where.Options[0] != "Nouveau-Brunswick" {
		t.Errorf("ticked of %q and %q", study.Options, where.Options)
	}
	for _, f := range x.Fields {
		if f.Third {
			c.Pick(f, f.Other())
		}
	}
	c.Type(x, wage, "28 dollars")
	c.Finish(func(int) {})
	if wage.Error == "" || hours.Error != "" {
		t.Errorf("errors %q and %q", wage.Error, hours.Error)
	}
	c.Type(x, wage, "1\u00a0234,50 $")
	c.Type(x, hours, "38 h")
	c.Type(x, duties, "")
	c.Tick(x, study, 4, true)
	c.Tick(x, where, 2, true)
	n := 0
	c.Finish(func(k int) { n = k })
	d.hand.run()
	got := fields(t, r, p)
	for _, want := range []string{`"wage":123450`, `"minutes_week":2280`, `"education":"5"`, `"province":"QC"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
	if n != 6 || strings.Contains(got, "duties") {
		t.Errorf("%d settled: %s", n, got)
	}
}

// TestConflictStays: what was chosen stays when the list is read again, unless what stands
// elsewhere has changed; then it is asked again.
//
// Rows: X-014
func TestConflictStays(t *testing.T) {
	d, r := signedIn(t, i18n.French)
	ctx, c, p := t.Context(), d.Conflict, ref("action", "a1")
	clashed(t, r, p, `{"title": "A", "detail": "a"}`, `{"title": "B", "detail": "b"}`, `{"title": "C", "detail": "c"}`, "x")
	c.Load()
	d.hand.run()
	x, title := c.of(t, "title")
	_, detail := c.of(t, "detail")
	c.Pick(title, title.Other())
	c.Type(x, title, "D")
	c.Pick(detail, 1)
	must(t, r.Synced(ctx, "action", "grant/g", "x", map[string]string{"a1": `{"title": "C", "detail": "cc"}`}))
	c.Load()
	d.hand.run()
	_, title = c.of(t, "title")
	_, detail = c.of(t, "detail")
	if title.At != title.Other() || title.Text != "D" || title.Stale {
		t.Errorf("what was written reads %+v", title)
	}
	if detail.At != -1 || !detail.Stale || detail.Sides[2].Lines[0] != "cc" {
		t.Errorf("what changed elsewhere is still chosen: %+v", detail)
	}
}

// TestConflictNumbers reads amounts and hours as people of both languages write them.
//
// Rows: X-014
func TestConflictNumbers(t *testing.T) {
	for text, want := range map[string]int64{"28,50": 2850, "28.5": 2850, "$1,234.50": 123450, "1\u00a0234,50\u00a0$": 123450, "17": 1700, "1,234": 123400, "0,05": 5,
		"": -1, "abc": -1, "-1": -1, "1,2345": -1, "NaN": -1} {
		if got, ok := cents(text); ok != (want >= 0) || ok && got != want {
			t.Errorf("cents(%q) = %d, %v; want %d", text, got, ok, want)
		}
	}
	for text, want := range map[string]int64{"37 h 30": 2250, "37\u00a0h\u00a030": 2250, "37:30": 2250, "37,5": 2250, "37.5": 2250, "40": 2400, "40 h": 2400, "8H": 480,
		"": -1, "37 h 60": -1, "-1": -1, "x": -1} {
		if got, ok := minutes(text); ok != (want >= 0) || ok && got != want {
			t.Errorf("minutes(%q) = %d, %v; want %d", text, got, ok, want)
		}
	}
}

// TestConflictAll writes another value of every field of every kind, beginning with what its
// example says: it is taken as it stands, and is what the example says.
//
// Rows: X-014
func TestConflictAll(t *testing.T) {
	s := &State{words: i18n.For(i18n.English), o: Options{Zone: time.UTC}}
	s.Present = newPresent(s)
	c := newConflict(s)
	for _, k := range record.Kinds {
		doc := k.Example()
		for _, field := range k.Fields {
			if field.Kept {
				continue
			}
			mine := doc[field.Name]
			x := &Clash{Ref: ref(k.Name, "r"), doc: doc}
			f := &Choosing{Name: field.Name}
			c.field(x, f, []cache.Conflict{{Ref: x.Ref, Conflict: record.Conflict{Field: field.Name, Mine: mine}}})
			if !f.Third {
				if field.Input != record.YesNo && field.Input != record.Ref && field.Input != record.Object {
					t.Errorf("no other value can be written of %s of %s", field.Name, k.Name)
				}
				continue
			}
			v, problem := c.value(x, f)
			if problem != "" || !record.Equal(record.Doc{"v": v}, record.Doc{"v": mine}) {
				t.Errorf("%s of %s: %s is kept as %s, %q", field.Name, k.Name, mine, v, problem)
			}
		}
	}
}

// TestConflictTwice: a field that was edited again beside its open conflict says what stands
// since; when that meets another change there are two conflicts, shown as one question whose
// answer settles both.
//
// Rows: X-014
func TestConflictTwice(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		pick       func(c *Conflict, x *Clash, f *Choosing)
	}{
		{"the later", `"title":"since"`, func(c *Conflict, _ *Clash, f *Choosing) { c.Pick(f, 2) }},
		{"the earlier", `"title":"mine"`, func(c *Conflict, _ *Clash, f *Choosing) { c.Pick(f, 1) }},
		{"theirs", `"title":"again"`, func(c *Conflict, _ *Clash, f *Choosing) { c.Pick(f, 3) }},
		{"a third", `"title":"third"`, func(c *Conflict, x *Clash, f *Choosing) { c.Pick(f, f.Other()); c.Type(x, f, "third") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, r := signedIn(t, i18n.French)
			ctx, w, c, p := t.Context(), d.Words(), d.Conflict, ref("action", "a1")
			clashed(t, r, p, `{"title": "base"}`, `{"title": "mine"}`, `{"title": "theirs"}`, "x")
			must(t, r.Put(ctx, p, replicatest.Doc(`{"title": "since"}`)))
			c.Load()
			d.hand.run()
			x, title := c.of(t, "title")
			if last := title.Sides[len(title.Sides)-1]; x.Who != w.S(i18n.ConflictByHere) || last.Head != w.S(i18n.ConflictMineSince) || last.Lines[0] != "since" {
				t.Errorf("edited beside its conflict: %q, %+v", x.Who, last)
			}
			must(t, r.Synced(ctx, "action", p.Partition, "x", map[string]string{"a1": `{"title": "again"}`}))
			c.Load()
			d.hand.run()
			x, title = c.of(t, "title")
			if len(x.Fields) != 1 || len(title.Sides) != 4 {
				t.Fatalf("%d fields, sides %+v", len(x.Fields), title.Sides)
			}
			tt.pick(c, x, title)
			settled := 0
			c.Finish(func(n int) { settled = n })
			d.hand.run()
			if got := fields(t, r, p); settled != 1 || !strings.Contains(got, tt.want) || d.Conflicts() != 0 || len(c.Records) != 0 {
				t.Errorf("%d settled, %s, %d left", settled, got, d.Conflicts())
			}
		})
	}
}
