package cache_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/store/cache"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/record"
	"passerelle/store/sqlite"
)

// hall is a server of these tests: it takes what it is sent if the record is right, and tells
// every desk all of it.
type hall struct {
	*testing.T
	log  []cache.Change
	docs map[cache.Ref]record.Doc
	ver  map[cache.Ref]int64
}

func newHall(t *testing.T) *hall {
	return &hall{t, nil, map[cache.Ref]record.Doc{}, map[cache.Ref]int64{}}
}

// meet brings a desk in step: what waits leaves, then everything new comes; whole brings all
// of it again as a snapshot.
func (h *hall) meet(d *cache.Device, whole bool) {
	h.Helper()
	r, ctx := records(h.T, d), h.Context()
	for {
		batch, err := r.Batch(ctx, cache.Limits{Items: 100})
		must(h.T, err)
		if len(batch) == 0 {
			break
		}
		var results []cache.Result
		for _, m := range batch {
			if m.Delete {
				delete(h.docs, m.Ref)
			} else {
				h.docs[m.Ref] = record.Apply(h.docs[m.Ref], m.Patch)
				if k, ok := record.Find(m.Kind); !ok || len(k.Verify(h.docs[m.Ref], true)) > 0 || m.Partition != "person/ada" {
					h.Errorf("the server is sent %v of %v, which it would not take", m.Patch, m.Ref)
				}
			}
			h.ver[m.Ref]++
			h.log = append(h.log, cache.Change{Seq: int64(len(h.log) + 1), Kind: m.Kind, Record: m.Record, Ver: h.ver[m.Ref],
				Deleted: m.Delete, Body: h.docs[m.Ref], By: "ada", At: noon})
			results = append(results, cache.Result{ID: m.ID, Outcome: "applied", Ver: h.ver[m.Ref]})
		}
		_, err = r.Settle(ctx, 1, results, noon)
		must(h.T, err)
	}
	part := cache.Part{Partition: "person/ada", Epoch: 1, Seq: int64(len(h.log)), Changes: h.log}
	if whole {
		must(h.T, r.ResetCache(ctx))
		part.Snapshot, part.Changes = true, nil
		for ref, doc := range h.docs {
			part.Changes = append(part.Changes, cache.Change{Kind: ref.Kind, Record: ref.Record, Ver: h.ver[ref], Body: doc, By: "ada", At: noon})
		}
	}
	must(h.T, r.Take(ctx, part, noon))
	must(h.T, r.Pulled(ctx))
}

func postings(t *testing.T, d *cache.Device) (found []string) {
	t.Helper()
	all, err := d.Saved(t.Context(), noon)
	must(t, err)
	for _, s := range all {
		name := s.Title.FR
		if s.Bare {
			name = fmt.Sprint(s.Source, " ", s.Number)
		}
		found = append(found, fmt.Sprint(s.ID, " ", name))
	}
	return found
}

func searches(t *testing.T, d *cache.Device) (found []string) {
	t.Helper()
	all, err := d.SavedSearches(t.Context())
	must(t, err)
	for _, s := range all {
		found = append(found, s.Label+": "+s.Query.Words)
	}
	return found
}

func hides(t *testing.T, d *cache.Device) (found []string) {
	t.Helper()
	all, err := d.Hidden(t.Context())
	must(t, err)
	for _, h := range all {
		found = append(found, fmt.Sprint(h.Number, " ", h.Employer))
	}
	return found
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// What a person saves and hides on one computer is on the other after a sync: a posting with
// its number until its words are seen there, a search whole. What was kept on both is shown
// once, and goes from both when it is removed on one; taken back, it is there again.
//
// Rows: X-024
func TestKeptOnTwoComputers(t *testing.T) {
	ctx, h := t.Context(), newHall(t)
	home, work := person(t, t.TempDir(), "ada", box(t, 1)), person(t, t.TempDir(), "ada", box(t, 1))
	both := func(whole bool) { h.meet(home, whole); h.meet(work, whole); h.meet(home, whole) }
	cook := query.Query{Words: "cuisine", Near: query.Near{Label: "Rimouski, QC", Lat: 48.4, Lng: -68.5, Km: 50}}

	_, err := home.SaveSearch(ctx, "cuisines", cook, noon)
	must(t, err)
	must(t, home.Save(ctx, job(), noon))
	must(t, home.Hide(ctx, cache.Hidden{Posting: 9, Number: 100_000_009, Employer: "Bureau 9"}, noon))
	must(t, home.Hide(ctx, cache.Hidden{Employer: "Café Zénith inc."}, noon.Add(time.Second)))
	same(t, "at once", append(append(postings(t, home), searches(t, home)...), hides(t, home)...),
		"7 soudeur", "cuisines: cuisine", "0 Café Zénith inc.", "100000009 Bureau 9")
	both(false)
	same(t, "postings elsewhere", postings(t, work), "7 demo 100000007")
	same(t, "searches elsewhere", searches(t, work), "cuisines: cuisine")
	same(t, "hidden elsewhere", hides(t, work), "0 Café Zénith inc.", "100000009 Bureau 9")
	if ok, err := work.IsSaved(ctx, 7); err != nil || !ok {
		t.Errorf("IsSaved elsewhere: %v, %v", ok, err)
	}
	if all, _ := work.Saved(ctx, noon.AddDate(1, 0, 0)); len(all) != 1 || all[0].Expired || !all[0].At.Equal(noon) {
		t.Errorf("without its words it is %+v; want kept at noon, and not known to have ended", all)
	}
	must(t, work.Fill(ctx, job(), noon))
	same(t, "with its words", postings(t, work), "7 soudeur")

	// Both keep the same one without a network, and what each has already.
	second := job()
	second.ID, second.Number, second.Title.FR = 8, 100_000_008, "caissière"
	for _, d := range []*cache.Device{home, work} {
		must(t, d.Save(ctx, second, noon.Add(time.Minute)))
		must(t, d.Save(ctx, job(), noon.Add(time.Minute)))
		must(t, d.Hide(ctx, cache.Hidden{Employer: "CAFE ZENITH, INC"}, noon.Add(time.Minute)))
		must(t, d.Hide(ctx, cache.Hidden{Employer: "Bureau 5"}, noon.Add(time.Minute)))
		_, err := d.SaveSearch(ctx, "soudure", query.Query{Words: "soudeur"}, noon.Add(time.Minute))
		must(t, err)
	}
	both(false)
	for _, d := range []*cache.Device{home, work} {
		same(t, "postings of both", postings(t, d), "8 caissière", "7 soudeur")
		same(t, "searches of both", searches(t, d), "soudure: soudeur", "cuisines: cuisine")
		same(t, "hidden by both", hides(t, d), "0 Bureau 5", "0 Café Zénith inc.", "100000009 Bureau 9")
	}

	// Removed and renamed on one.
	all, err := work.SavedSearches(ctx)
	must(t, err)
	must(t, work.RenameSearch(ctx, all[1].ID, "cuisines, Rimouski", noon))
	must(t, work.RemoveSearch(ctx, all[0].ID, noon))
	must(t, work.Unsave(ctx, 8, noon))
	must(t, work.Unhide(ctx, cache.Hidden{Employer: "bureau 5"}, noon))
	both(false)
	for _, d := range []*cache.Device{home, work} {
		same(t, "postings left", postings(t, d), "7 soudeur")
		same(t, "searches left", searches(t, d), "cuisines, Rimouski: cuisine")
		same(t, "hidden left", hides(t, d), "0 Café Zénith inc.", "100000009 Bureau 9")
	}
	must(t, work.Save(ctx, second, noon.Add(time.Minute))) // taken back
	both(false)
	same(t, "taken back", postings(t, home), "8 caissière", "7 soudeur")

	// A full re-sync brings nothing back and loses nothing.
	both(true)
	for _, d := range []*cache.Device{home, work} {
		same(t, "postings after a full sync", postings(t, d), "8 caissière", "7 soudeur")
		same(t, "hidden after a full sync", hides(t, d), "0 Café Zénith inc.", "100000009 Bureau 9")
		hide, err := d.Hides(ctx)
		if err != nil || !hide.Has(posting.Card{ID: 500, Number: 100_000_009}) || !hide.Has(posting.Card{ID: 1, Employer: "café zénith inc"}) || hide.Has(job().Card) {
			t.Errorf("after a full sync a search hides %+v, %v", hide, err)
		}
	}
	if c, err := records(t, home).Conflicts(ctx); err != nil || len(c) != 0 {
		t.Errorf("conflicts %v, %v", c, err)
	}
}

// What was removed elsewhere leaves no words here once the file is opened again; what is only
// waiting to be pulled anew keeps them.
//
// Rows
func TestWordsGoWithTheRecord(t *testing.T) {
	ctx, h, dir := t.Context(), newHall(t), t.TempDir()
	home, work := person(t, dir, "ada", box(t, 1)), person(t, t.TempDir(), "ada", box(t, 1))
	rows := func() (n int) {
		t.Helper()
		must(t, home.Close())
		home = person(t, dir, "ada", box(t, 1))
		db, err := sqlite.Open(ctx, filepath.Join(dir, "account-ada.db"), sqlite.Options{})
		must(t, err)
		defer func() { _ = db.Close() }()
		must(t, db.Reader.QueryRowContext(ctx, "SELECT count(*) FROM mine WHERE kind = 'saved'").Scan(&n))
		return n
	}
	must(t, home.Save(ctx, job(), noon))
	h.meet(home, false)
	h.meet(work, false)
	if n := rows(); n != 1 {
		t.Errorf("%d postings with words, want 1", n)
	}
	must(t, work.Unsave(ctx, 7, noon))
	h.meet(work, false)
	h.meet(home, false)
	same(t, "removed elsewhere", postings(t, home))
	if n := rows(); n != 0 {
		t.Errorf("%d postings with words after it was removed elsewhere, want none", n)
	}
}

// A file of before there were records has its postings and searches as records once it is
// opened, each once however often it is opened, and all are sent.
//
// Rows: X-024
func TestOldFileBecomesRecords(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	d := person(t, dir, "ada", box(t, 1))
	long := query.Query{Words: strings.Repeat("soudeur ", 80)}
	must(t, cache.PutOld(ctx, d, job(), map[string]query.Query{"cuisines": {Words: "cuisine"}, "longue": long}, noon))
	for range 3 {
		must(t, d.Close())
		d = person(t, dir, "ada", box(t, 1))
		same(t, "postings", postings(t, d), "7 soudeur")
		got := searches(t, d)
		slices.Sort(got)
		same(t, "searches", got, "cuisines: cuisine", "longue: "+long.Words)
		out, err := records(t, d).Outbox(ctx)
		must(t, err)
		var kinds []string
		for _, m := range out {
			kinds = append(kinds, m.Kind)
		}
		same(t, "what waits", kinds, "saved", "search") // the long one stays here: the server takes none like it
	}
	h, work := newHall(t), person(t, t.TempDir(), "ada", box(t, 1))
	h.meet(d, false)
	h.meet(work, false)
	same(t, "elsewhere", append(postings(t, work), searches(t, work)...), "7 demo 100000007", "cuisines: cuisine")

	// The long one is renamed and removed like any other.
	all, err := d.SavedSearches(ctx)
	must(t, err)
	for _, s := range all {
		if s.Label == "longue" {
			must(t, d.RenameSearch(ctx, s.ID, "très longue", noon))
			must(t, d.RemoveSearch(ctx, s.ID, noon))
		}
	}
	same(t, "without the long one", searches(t, d), "cuisines: cuisine")
}

// Who is not signed in hides on this computer alone, and what they hide is kept when it is
// closed; nothing waits for a server.
//
// Rows: X-024
func TestHiddenHere(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "device.db")
	d := open(t, path)
	must(t, d.Hide(ctx, cache.Hidden{Posting: 9, Number: 100_000_009, Employer: "Bureau 9"}, noon))
	must(t, d.Hide(ctx, cache.Hidden{Posting: 9, Number: 100_000_009}, noon.Add(time.Second))) // the same
	must(t, d.Hide(ctx, cache.Hidden{Posting: 10}, noon.Add(2*time.Second)))
	must(t, d.Hide(ctx, cache.Hidden{Employer: "Café Zénith"}, noon.Add(3*time.Second)))
	if err := d.Hide(ctx, cache.Hidden{Employer: " – "}, noon); err == nil {
		t.Error("an employer without a name was hidden")
	}
	must(t, d.Close())
	d = open(t, path)
	same(t, "hidden", hides(t, d), "0 Café Zénith", "0 ", "100000009 Bureau 9")
	hide, err := d.Hides(ctx)
	if err != nil || !hide.Posting(10, 0) || !hide.Employer("CAFÉ ZÉNITH") || hide.Employer("Bureau 9") {
		t.Errorf("a search hides %+v, %v", hide, err)
	}
	all, err := d.Hidden(ctx)
	must(t, err)
	for _, h := range all {
		must(t, d.Unhide(ctx, h, noon))
	}
	if hide, err := d.Hides(ctx); err != nil || hide != nil {
		t.Errorf("after all is shown again a search hides %v, %v", hide, err)
	}
	if _, err := d.Records(); err == nil {
		t.Error("there are records of an account")
	}
	// Another person at this desk hides nothing of theirs.
	must(t, d.Hide(ctx, cache.Hidden{Employer: "Café Zénith"}, noon))
	same(t, "somebody else's", hides(t, d.With(person(t, t.TempDir(), "ada", box(t, 1)))))
}

// Whatever is saved and hidden, and whatever its words: what is listed is what was done, what
// waits is what the server takes, and nothing of it can be read in the file.
//
// Rows
func TestKeepsakes(t *testing.T) {
	root, n := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		dir := filepath.Join(root, fmt.Sprint(n))
		d, h := person(t, mkdir(t, dir), "ada", box(t, 1)), newHall(t)
		defer func() { _ = d.Close() }()
		ctx := t.Context()
		kept, asked, hid := map[string]bool{}, map[string]string{}, map[string]bool{}
		name := rapid.OneOf(rapid.SampledFrom([]string{"Zénith-clair", "9123-4567 Zénith-clair inc.", "130692544 Zénith-clair", strings.Repeat("Zénith-clair", 30)}),
			rapid.StringMatching(`[a-z0-9 ]{1,12}`))
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			p := job()
			p.ID = rapid.Int64Range(1, 3).Draw(rt, "row")
			p.Number = rapid.SampledFrom([]int64{0, 123_456_782, 10_000_001}).Draw(rt, "number") // one of them is formed like a SIN
			p.Title.FR, p.Employer, p.Source = "t", name.Draw(rt, "employer"), rapid.SampledFrom([]string{"", "demo", strings.Repeat("s", 60)}).Draw(rt, "source")
			words := name.Draw(rt, "words")
			emp := query.FoldEmployer(p.Employer)
			switch rapid.IntRange(0, 6).Draw(rt, "act") {
			case 0:
				must(t, d.Save(ctx, p, noon))
				kept[fmt.Sprint(p.ID, " t")] = true
			case 1:
				must(t, d.Unsave(ctx, p.ID, noon))
				delete(kept, fmt.Sprint(p.ID, " t"))
			case 2:
				_, err := d.SaveSearch(ctx, "n"+fmt.Sprint(p.ID), query.Query{Words: words}, noon)
				must(t, err)
				asked[words] = "n" + fmt.Sprint(p.ID)
			case 3:
				all, err := d.SavedSearches(ctx)
				must(t, err)
				for _, s := range all {
					if s.Query.Words == words {
						must(t, d.RemoveSearch(ctx, s.ID, noon))
					}
				}
				delete(asked, words)
			case 4:
				if emp != "" {
					must(t, d.Hide(ctx, cache.Hidden{Employer: p.Employer}, noon))
					if e := []rune(p.Employer); len(e) > 200 {
						emp = query.FoldEmployer(string(e[:200]))
					}
					hid[emp] = true
				}
			case 5:
				must(t, d.Unhide(ctx, cache.Hidden{Employer: p.Employer}, noon))
				if len(p.Employer) <= 200 {
					delete(hid, emp)
				}
			case 6:
				h.meet(d, rapid.Bool().Draw(rt, "whole"))
			}
		}
		got := postings(t, d)
		slices.Sort(got)
		same(t, "postings", got, sortedKeys(kept)...)
		var want []string
		for words, label := range asked {
			want = append(want, label+": "+words)
		}
		got = searches(t, d)
		slices.Sort(got)
		slices.Sort(want)
		same(t, "searches", got, want...)
		var folded []string
		all, err := d.Hidden(ctx)
		must(t, err)
		for _, o := range all {
			folded = append(folded, query.FoldEmployer(o.Employer))
		}
		slices.Sort(folded)
		same(t, "hidden", folded, sortedKeys(hid)...)
		if found := find(t, dir, "Zénith-clair"); len(found) != 0 {
			t.Errorf("can be read: %v", found)
		}
		if t.Failed() {
			rt.FailNow()
		}
	})
}

func mkdir(t *testing.T, dir string) string {
	t.Helper()
	must(t, os.MkdirAll(dir, 0o700))
	return dir
}

func sortedKeys(m map[string]bool) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// A search that a newer program wrote in another way is left for it; so is what it hides.
func TestKeepsakesOfANewerProgram(t *testing.T) {
	ctx, d := t.Context(), person(t, t.TempDir(), "ada", box(t, 1))
	r := records(t, d)
	for kind, text := range map[string]string{"search": `{"name":"x","query":"zz"}`, "hidden": `{"what":"region","region":"2410"}`, "saved": `{"posting":"7:native"}`} {
		id, err := cache.NewID()
		must(t, err)
		must(t, r.Put(ctx, cache.Ref{Partition: "person/ada", Kind: kind, Record: id}, fields(text), noon))
	}
	same(t, "shown", append(append(postings(t, d), searches(t, d)...), hides(t, d)...))
	all, err := r.Outbox(ctx)
	if b, _ := json.Marshal(all); err != nil || len(all) != 3 {
		t.Errorf("what waits: %s, %v", b, err)
	}
}
