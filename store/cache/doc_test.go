package cache_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"passerelle/store/cache"
	"passerelle/store/record"
	"passerelle/store/secret"
	"passerelle/store/sqlite"
)

func records(t *testing.T, d *cache.Device) *cache.Records {
	t.Helper()
	r, err := d.Records()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func fields(text string) record.Doc {
	var d record.Doc
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		panic(err)
	}
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var draft = cache.Ref{Partition: "employer/e", Kind: "posting", Record: "p1"}

// desk is a person's records, with what tests ask of them.
type desk struct {
	*testing.T
	*cache.Records
}

func newDesk(t *testing.T) desk {
	return desk{t, records(t, person(t, t.TempDir(), "ada", box(t, 1)))}
}

func (d desk) put(ref cache.Ref, text string) {
	d.Helper()
	must(d.T, d.Put(d.Context(), ref, fields(text), noon))
}

func (d desk) shows(ref cache.Ref, want string) {
	d.Helper()
	got, err := d.Get(d.Context(), ref)
	if want == "" {
		if !errors.Is(err, cache.ErrNotFound) {
			d.Errorf("record %v, %v; want none", got.Doc, err)
		}
		return
	}
	if err != nil || !record.Equal(got.Doc, fields(want)) {
		b, _ := json.Marshal(got.Doc)
		d.Errorf("record %s, %v; want %s", b, err, want)
	}
}

func (d desk) waiting() []cache.Mutation {
	d.Helper()
	all, err := d.Outbox(d.Context())
	must(d.T, err)
	return all
}

func (d desk) batch() []cache.Mutation {
	d.Helper()
	all, err := d.Batch(d.Context(), cache.Limits{Items: 100})
	must(d.T, err)
	return all
}

func (d desk) settle(results ...cache.Result) {
	d.Helper()
	_, err := d.Settle(d.Context(), 1, results, noon)
	must(d.T, err)
}

// says is what the server says of the record: seq, version and body.
func (d desk) says(ref cache.Ref, seq, ver int64, body string) {
	d.Helper()
	c := cache.Change{Seq: seq, Kind: ref.Kind, Record: ref.Record, Ver: ver, Deleted: body == "", By: "zoe-au-bureau", At: noon}
	if body != "" {
		c.Body = fields(body)
	}
	must(d.T, d.Take(d.Context(), cache.Part{Partition: ref.Partition, Epoch: 1, Seq: seq, Changes: []cache.Change{c}}, noon))
}

func (d desk) conflicts() []cache.Conflict {
	d.Helper()
	all, err := d.Conflicts(d.Context())
	must(d.T, err)
	return all
}

func ExampleRecords() {
	dir, err := os.MkdirTemp("", "desk")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx := context.Background()
	b, _ := secret.NewBox(make([]byte, secret.KeySize)) // the data key that a vault holds
	file, err := cache.OpenPerson(ctx, dir, "7", b)
	if err != nil {
		panic(err)
	}
	defer func() { _ = file.Close() }()
	mine, _ := file.Records()
	_ = mine.Put(ctx, draft, record.Doc{"title_fr": json.RawMessage(`"Soudeur"`)}, noon)
	_ = mine.Put(ctx, draft, record.Doc{"title_fr": json.RawMessage(`"Soudeuse"`)}, noon)
	waiting, _ := mine.Outbox(ctx)
	fmt.Println(len(waiting), waiting[0].State, string(waiting[0].Patch["title_fr"]))
	// Output: 1 queued "Soudeuse"
}

// What has not left is one change, however often it is edited; undone, it is none.
//
// Rows: X-013
func TestEditsBeforeTheyLeave(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	d.put(draft, `{"title_fr":"a"}`)
	d.put(draft, `{"title_fr":"b","city":"Rimouski"}`)
	if w := d.waiting(); len(w) != 1 || !w[0].New || len(w[0].Patch) != 2 || w[0].State != cache.Queued || !w[0].Made.Equal(noon) {
		t.Fatalf("outbox %+v, want one new record", w)
	}
	b := d.batch()
	if len(b) != 1 || b[0].Seq != 1 || b[0].Base != 0 || b[0].ID == "" {
		t.Fatalf("batch %+v", b)
	}
	d.put(draft, `{"title_fr":"c","city":"Rimouski"}`) // what left stays as it left
	if w := d.waiting(); len(w) != 2 || w[0].State != cache.Sending || w[1].Why != cache.WhyBefore || string(w[1].Was["title_fr"]) != `"b"` {
		t.Fatalf("outbox %+v, want what left and what waits for it", w)
	}
	if again := d.batch(); len(again) != 1 || again[0].ID != b[0].ID || again[0].Seq != 1 || !record.Equal(again[0].Patch, b[0].Patch) {
		t.Fatalf("sent again: %+v; want %+v", again, b)
	}
	if err := d.Cancel(ctx, b[0].N); !errors.Is(err, cache.ErrSent) {
		t.Errorf("cancel what left: %v, want ErrSent", err)
	}
	d.settle(cache.Result{ID: b[0].ID, Outcome: "applied", Ver: 1})
	d.put(draft, `{"title_fr":"b","city":"Rimouski"}`)
	if w := d.waiting(); len(w) != 0 {
		t.Errorf("an edit that was undone waits: %+v", w)
	}
	d.put(draft, `{"title_fr":"d","city":"Rimouski"}`)
	b = d.batch()
	if len(b) != 1 || b[0].Seq != 2 || b[0].Base != 1 || len(b[0].Patch) != 1 {
		t.Fatalf("second batch %+v; want the title alone, on version 1, no gap in the count", b)
	}
	d.settle(cache.Result{ID: b[0].ID, Outcome: "dup", First: "applied", Ver: 2})
	d.settle(cache.Result{ID: b[0].ID, Outcome: "dup", First: "applied", Ver: 2}) // an answer that comes twice
	d.shows(draft, `{"title_fr":"d","city":"Rimouski"}`)
	if w := d.waiting(); len(w) != 0 {
		t.Errorf("outbox %+v after the answer", w)
	}
	if s, err := d.Sent(ctx); err != nil || len(s) != 2 {
		t.Errorf("%d changes kept for a restored server, %v; want 2", len(s), err)
	}
	must(t, d.Delete(ctx, draft, noon))
	d.shows(draft, "")
	w := d.waiting()
	if len(w) != 1 || !w[0].Delete {
		t.Fatalf("outbox %+v", w)
	}
	must(t, d.Cancel(ctx, w[0].N))
	d.shows(draft, `{"title_fr":"d","city":"Rimouski"}`)
	if err := d.Put(ctx, draft, fields(`{"state":"published"}`), noon); !errors.Is(err, cache.ErrKept) {
		t.Errorf("an edit of the state: %v, want ErrKept", err)
	}
}

// Two edits of different fields, and of one set, come together; two of one field are told,
// with who and when, and nobody's is lost.
//
// Rows: X-014
func TestWhatOthersDidMeanwhile(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	d.says(draft, 1, 1, `{"title_fr":"a","city":"Rimouski","langs":["fr"],"positions":1}`)
	d.put(draft, `{"title_fr":"b","city":"Matane","langs":["fr","en"],"positions":1}`)
	d.says(draft, 2, 2, `{"title_fr":"c","city":"Rimouski","langs":[],"positions":2}`)
	d.shows(draft, `{"title_fr":"c","city":"Matane","langs":["en"],"positions":2}`)
	c := d.conflicts()
	if len(c) != 1 || c[0].Field != "title_fr" || string(c[0].Base) != `"a"` || string(c[0].Mine) != `"b"` || string(c[0].Theirs) != `"c"` || c[0].By != "zoe-au-bureau" || !c[0].At.Equal(noon) {
		t.Fatalf("conflicts %+v", c)
	}
	if w := d.waiting(); len(w) != 1 || len(w[0].Patch) != 2 || string(w[0].Was["langs"]) != `[]` {
		t.Errorf("outbox %+v, want city and langs as they are to be now", w)
	}
	d.says(draft, 3, 3, `{"title_fr":"e","city":"Rimouski","langs":[],"positions":2}`)
	if c := d.conflicts(); len(c) != 1 || string(c[0].Theirs) != `"e"` {
		t.Errorf("conflicts %+v, want theirs as it is now", c)
	}
	if _, err := d.Resolve(ctx, draft, map[string]cache.Choice{"title_fr": {Side: cache.Other, Value: json.RawMessage(`"f"`)}}, noon); err != nil {
		t.Fatal(err)
	}
	d.shows(draft, `{"title_fr":"f","city":"Matane","langs":["en"],"positions":2}`)
	if c := d.conflicts(); len(c) != 0 {
		t.Errorf("conflicts %+v once resolved", c)
	}
	b := d.batch()
	d.settle(cache.Result{ID: b[0].ID, Outcome: "conflict", Ver: 5, Fields: []string{"title_fr"}, By: "zoe-au-bureau", At: noon,
		Body: fields(`{"title_fr":"g","city":"Matane","langs":["en"],"positions":2}`)})
	d.shows(draft, `{"title_fr":"g","city":"Matane","langs":["en"],"positions":2}`)
	if c := d.conflicts(); len(c) != 1 || string(c[0].Mine) != `"f"` || string(c[0].Theirs) != `"g"` {
		t.Errorf("conflicts %+v, want f and g", c)
	}
	d.says(draft, 4, 5, `{"title_fr":"f","city":"Matane","langs":["en"],"positions":2}`)
	if c := d.conflicts(); len(c) != 0 {
		t.Errorf("conflicts %+v although the server says what the person wanted", c)
	}
}

// Removed on one side and edited on the other is told, and what the person wrote can be kept.
//
// Rows: X-014
func TestRemovedAndEdited(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	d.says(draft, 1, 1, `{"title_fr":"a"}`)
	d.put(draft, `{"title_fr":"b"}`)
	d.says(draft, 2, 2, "")
	d.shows(draft, "")
	c := d.conflicts()
	if len(c) != 1 || c[0].Field != "" || string(c[0].Mine) != `{"title_fr":"b"}` || c[0].Theirs != nil {
		t.Fatalf("conflicts %+v", c)
	}
	at, err := d.Resolve(ctx, draft, map[string]cache.Choice{"": {Side: cache.Mine}}, noon)
	must(t, err)
	if at == draft {
		t.Error("what was removed is there again under its id")
	}
	d.shows(at, `{"title_fr":"b"}`)

	other := cache.Ref{Partition: draft.Partition, Kind: draft.Kind, Record: "p2"}
	d.says(other, 3, 1, `{"title_fr":"a"}`)
	must(t, d.Delete(ctx, other, noon))
	d.says(other, 4, 2, `{"title_fr":"z"}`)
	d.shows(other, `{"title_fr":"z"}`)
	if c := d.conflicts(); len(c) != 1 || c[0].Mine != nil || string(c[0].Theirs) != `{"title_fr":"z"}` {
		t.Fatalf("conflicts %+v", c)
	}
	_, err = d.Resolve(ctx, other, map[string]cache.Choice{"": {Side: cache.Mine}}, noon)
	must(t, err)
	d.shows(other, "")

	third := cache.Ref{Partition: draft.Partition, Kind: draft.Kind, Record: "p3"}
	d.says(third, 5, 1, `{"title_fr":"a"}`)
	d.put(third, `{"title_fr":"b"}`)
	d.says(third, 6, 2, `{"title_fr":"c","city":"Matane"}`) // a conflict, then its record goes
	d.says(third, 7, 3, "")
	if c := d.conflicts(); len(c) != 1 || string(c[0].Mine) != `{"city":"Matane","title_fr":"b"}` {
		t.Errorf("conflicts %+v; want the record as the person would have it", c)
	}
}

// A refusal parks its record and what depends on it; the rest goes on. Mended, retried or
// cancelled, it moves again.
//
// Rows: X-013
func TestParked(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	file := cache.Ref{Partition: "employer/e", Kind: "employer", Record: "e"}
	d.put(file, `{"name":"Atelier"}`)
	d.put(draft, `{"title_fr":"a","employer":"e"}`)
	other := cache.Ref{Partition: "person/ada", Kind: "saved", Record: "s1"}
	d.put(other, `{"posting":"7"}`)
	b := d.batch()
	if len(b) != 2 || b[0].Ref != file || b[1].Ref != other {
		t.Fatalf("batch %+v, want the file and the saved posting: the draft names the file", b)
	}
	if w := d.waiting(); len(w) != 3 || w[1].Why != cache.WhyRef {
		t.Errorf("outbox %+v", w)
	}
	d.settle(cache.Result{ID: b[0].ID, Outcome: "rejected", Reason: "invalid", Fields: []string{"name"}}, cache.Result{ID: b[1].ID, Outcome: "applied", Ver: 1})
	w := d.waiting()
	if len(w) != 2 || w[0].State != cache.Parked || w[0].Why != "invalid" || w[0].Fields[0] != "name" {
		t.Fatalf("outbox %+v", w)
	}
	if b := d.batch(); len(b) != 0 {
		t.Errorf("batch %+v while the file is parked", b)
	}
	d.put(file, `{"name":"Atelier du Fleuve"}`)
	b = d.batch()
	if len(b) != 1 || b[0].Ref != file || b[0].Seq != 3 || string(b[0].Patch["name"]) != `"Atelier du Fleuve"` {
		t.Fatalf("batch %+v, want the mended file as another mutation", b)
	}
	d.settle(cache.Result{ID: b[0].ID, Outcome: "applied", Ver: 1})
	b = d.batch()
	if len(b) != 1 || b[0].Ref != draft {
		t.Fatalf("batch %+v, want the draft", b)
	}
	d.settle(cache.Result{ID: b[0].ID, Outcome: "rejected", Reason: "quota"})
	n := d.waiting()[0].N
	must(t, d.Retry(ctx, n))
	again := d.batch()
	if len(again) != 1 || again[0].ID == b[0].ID {
		t.Fatalf("batch %+v, want another mutation", again)
	}
	d.settle(cache.Result{ID: again[0].ID, Outcome: "rejected", Reason: "quota"})
	must(t, d.Cancel(ctx, n))
	d.shows(draft, "")
	if w := d.waiting(); len(w) != 0 {
		t.Errorf("outbox %+v", w)
	}
}

// A command waits for the edits before it, and is not given of a record on which the person
// has yet to choose.
func TestCommands(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	k, _ := record.Find("posting")
	whole := k.Example()
	for _, name := range k.Forbidden(whole) {
		delete(whole, name)
	}
	must(t, d.Put(ctx, draft, whole, noon))
	must(t, d.Do(ctx, draft, "submit", 0, noon))
	if err := d.Do(ctx, draft, "submit", 0, noon); !errors.Is(err, record.ErrState) {
		t.Errorf("submitted twice: %v, want ErrState", err)
	}
	b := d.batch()
	if len(b) != 1 || b[0].Command != "" {
		t.Fatalf("batch %+v, want the edit", b)
	}
	theirs := maps.Clone(whole)
	theirs["city"] = json.RawMessage(`"Matane"`)
	d.settle(cache.Result{ID: b[0].ID, Outcome: "conflict", Fields: []string{"city"}, Ver: 2, Body: theirs})
	if b := d.batch(); len(b) != 0 {
		t.Fatalf("batch %+v although there is a conflict", b)
	}
	if w := d.waiting(); len(w) != 1 || w[0].Why != cache.WhyConflict {
		t.Errorf("outbox %+v", w)
	}
	_, err := d.Resolve(ctx, draft, map[string]cache.Choice{"city": {Side: cache.Theirs}}, noon)
	must(t, err)
	b = d.batch()
	if len(b) != 1 || b[0].Command != "submit" || b[0].Base != 2 {
		t.Fatalf("batch %+v, want the submission of version 2", b)
	}
	d.settle(cache.Result{ID: b[0].ID, Outcome: "applied", Ver: 3})
	got, err := d.Get(ctx, draft)
	if err != nil || string(got.Doc["state"]) != `"submitted"` || got.Ver != 3 || got.Waits {
		t.Errorf("record %+v, %v", got, err)
	}
}

// A server that was restored is told again what it had acknowledged, as it was, before what
// waits; nothing of either is lost.
func TestRestored(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	d.put(draft, `{"title_fr":"a"}`)
	b := d.batch()
	d.settle(cache.Result{ID: b[0].ID, Outcome: "applied", Ver: 1})
	d.put(draft, `{"title_fr":"a","city":"Matane"}`)
	if _, err := d.Settle(ctx, 2, nil, noon); !errors.Is(err, cache.ErrEpoch) {
		t.Fatalf("answers of another epoch: %v, want ErrEpoch", err)
	}
	for range 2 {
		must(t, d.Restored(ctx, 2, noon))
	}
	if b := d.batch(); len(b) != 0 {
		t.Fatalf("batch %+v before the pull that is due", b)
	}
	must(t, d.Take(ctx, cache.Part{Partition: draft.Partition, Epoch: 2, Snapshot: true}, noon))
	must(t, d.Pulled(ctx))
	d.shows(draft, `{"title_fr":"a","city":"Matane"}`)
	again := d.batch()
	if len(again) != 1 || again[0].ID != b[0].ID || again[0].Epoch != 1 && again[0].Epoch != 0 {
		t.Fatalf("batch %+v, want what was acknowledged, as it was", again)
	}
	_, err := d.Settle(ctx, 2, []cache.Result{{ID: b[0].ID, Outcome: "applied", Ver: 1}}, noon)
	must(t, err)
	if last := d.batch(); len(last) != 1 || string(last[0].Patch["city"]) != `"Matane"` || last[0].Epoch != 2 {
		t.Fatalf("batch %+v, want what waited", last)
	}
	must(t, d.Restored(ctx, 3, noon.AddDate(0, 0, 31)))
	if s, err := d.Sent(ctx); err != nil || len(s) != 0 {
		t.Errorf("%d changes kept for longer than 30 days, %v", len(s), err)
	}
}

// Gaps are refused, answers that others overtook are passed over, a snapshot removes what it
// does not hold, and a partition that is not the person's any more goes with all of it.
func TestPull(t *testing.T) {
	d, ctx := newDesk(t), t.Context()
	d.says(draft, 1, 1, `{"title_fr":"a"}`)
	change := func(seq int64) cache.Part {
		return cache.Part{Partition: draft.Partition, Epoch: 1, Seq: seq, Changes: []cache.Change{
			{Seq: seq, Kind: "posting", Record: "p1", Ver: seq, Body: fields(fmt.Sprintf(`{"title_fr":"%d"}`, seq))},
		}}
	}
	if err := d.Take(ctx, change(3), noon); !errors.Is(err, cache.ErrGap) {
		t.Errorf("a gap: %v, want ErrGap", err)
	}
	d.shows(draft, `{"title_fr":"a"}`)
	must(t, d.Take(ctx, change(2), noon))
	must(t, d.Take(ctx, change(1), noon))
	d.shows(draft, `{"title_fr":"2"}`)
	if c, err := d.Cursors(ctx); err != nil || len(c) != 1 || c[0].Seq != 2 || c[0].Partition != draft.Partition || !c[0].At.Equal(noon) {
		t.Errorf("cursors %+v, %v", c, err)
	}
	must(t, d.Take(ctx, cache.Part{Partition: draft.Partition, Epoch: 1, Seq: 9, Snapshot: true, Changes: []cache.Change{{Kind: "posting", Record: "p2", Ver: 4, Body: fields(`{"title_fr":"z"}`)}}}, noon))
	d.shows(draft, "")
	p2 := cache.Ref{Partition: draft.Partition, Kind: "posting", Record: "p2"}
	d.put(p2, `{"title_fr":"y"}`)
	mine := cache.Ref{Partition: "person/ada", Kind: "saved", Record: "s"}
	d.put(mine, `{"posting":"7"}`)
	must(t, d.Take(ctx, cache.Part{Partition: draft.Partition, Gone: true}, noon))
	d.shows(p2, "")
	d.shows(mine, `{"posting":"7"}`)
	if w := d.waiting(); len(w) != 2 || w[0].Ref != p2 || w[0].State != cache.Parked || w[0].Why != "forbidden" || w[1].Ref != mine {
		t.Errorf("outbox %+v; want the edit of what is gone before the person", w)
	}
}

// A copy of a file, restored in its place or carried elsewhere, never names a change as its
// twin does, whatever both go on to do; what had left before the copy keeps its name.
func TestCopiesOfAFile(t *testing.T) {
	dir := t.TempDir()
	file := person(t, dir, "ada", box(t, 1))
	d := desk{t, records(t, file)}
	d.put(draft, `{"title_fr":"a"}`)
	first := d.batch()
	must(t, file.Close())
	text, err := os.ReadFile(filepath.Join(dir, "account-ada.db"))
	must(t, err)
	seen := map[string]string{}
	for i, where := range []string{dir, t.TempDir(), dir} {
		must(t, os.WriteFile(filepath.Join(where, "account-ada.db"), text, 0o600))
		file := person(t, where, "ada", box(t, 1))
		d := desk{t, records(t, file)}
		d.put(cache.Ref{Partition: "person/ada", Kind: "saved", Record: fmt.Sprint("s", i)}, fmt.Sprintf(`{"posting":"%d"}`, i))
		b := d.batch()
		if len(b) != 2 || b[0].ID != first[0].ID || b[0].Client != first[0].Client || b[0].Seq != first[0].Seq {
			t.Fatalf("copy %d sends %+v, want what had left and its own", i, b)
		}
		name := fmt.Sprint(b[1].Client, " ", b[1].Seq)
		if seen[name] != "" || b[1].Seq != 1 {
			t.Errorf("copy %d sends %s, as %s did", i, name, seen[name])
		}
		seen[name] = fmt.Sprint(i)
		// The server may say all the same that a name is taken: then it is another one.
		d.settle(cache.Result{ID: b[1].ID, Outcome: "rejected", Reason: "other_mutation"})
		again := d.batch()
		if len(again) != 2 || again[1].Client == b[1].Client || again[1].ID == b[1].ID || again[1].Seq != 1 {
			t.Errorf("copy %d sends %+v after a name was taken", i, again)
		}
		d.settle(cache.Result{ID: again[1].ID, Outcome: "rejected", Reason: "other_mutation"})
		if w := d.waiting(); len(w) != 2 || w[1].State != cache.Parked {
			t.Errorf("copy %d: outbox %+v, want it parked", i, w)
		}
		must(t, file.Close())
	}
}

// What is in a person's records is in no byte of any file: not while it waits, conflicts or
// was taken back, nor after.
//
// Rows: X-041
func TestRecordsAreSealed(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	file := person(t, dir, "ada", box(t, 1))
	d := desk{t, records(t, file)}
	secrets := cache.Ref{Partition: "employer/e", Kind: "posting", Record: "fiche-secrete"}
	words := []string{"titre-secret", "ville-secrete", "autre-secret", "posting", "fiche-secrete", "employer", "title_fr", "zoe-au-bureau", "saved", "note-secrete"}
	look := func(when string) {
		t.Helper()
		if found := find(t, dir, words...); len(found) != 0 {
			t.Errorf("%s: %v", when, found)
		}
	}
	d.says(secrets, 1, 1, `{"title_fr":"a","city":"ville-secrete"}`)
	d.put(secrets, `{"title_fr":"titre-secret","city":"ville-secrete"}`)
	look("while it waits")
	d.batch()
	d.put(secrets, `{"title_fr":"note-secrete","city":"ville-secrete"}`)
	d.says(secrets, 2, 2, `{"title_fr":"autre-secret"}`)
	d.says(secrets, 3, 3, `{"title_fr":"autre-secret","city":"autre-secret"}`)
	if len(d.conflicts()) == 0 {
		t.Error("no conflict")
	}
	look("with a conflict")
	must(t, file.Close())
	look("once closed")
	file = person(t, dir, "ada", box(t, 1))
	d = desk{t, records(t, file)}
	must(t, d.Wipe(ctx, secrets.Partition))
	look("once wiped")
	d.shows(secrets, "")
}

// Resetting the cache keeps what the person wrote: drafts, what waits, what they have yet to
// choose, and what never leaves. What was the server's is proved whole again.
//
// Rows: B-010
func TestResetCache(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	file := person(t, dir, "ada", box(t, 1))
	write(t, file)
	d := desk{t, records(t, file)}
	d.says(draft, 1, 1, `{"title_fr":"a","positions":1}`)
	d.put(draft, `{"title_fr":"b","positions":2}`)
	d.says(draft, 2, 2, `{"title_fr":"c","positions":1}`)
	fresh := cache.Ref{Partition: "person/ada", Kind: "saved", Record: "s"}
	d.put(fresh, `{"posting":"7"}`)
	stale := cache.Ref{Partition: draft.Partition, Kind: "posting", Record: "p9"}
	d.says(stale, 3, 1, `{"title_fr":"stale"}`)
	waited, open := d.waiting(), d.conflicts()
	must(t, file.Close())
	// Bytes that can be read no more.
	db, err := sqlite.Open(ctx, filepath.Join(dir, "account-ada.db"), sqlite.Options{})
	must(t, err)
	_, err = db.Writer.ExecContext(ctx, "UPDATE doc SET body = x'00'")
	must(t, errors.Join(err, db.Close()))
	file = person(t, dir, "ada", box(t, 1))
	d = desk{t, records(t, file)}
	if _, err := d.Get(ctx, draft); err == nil {
		t.Fatal("damaged bytes were read")
	}
	must(t, d.ResetCache(ctx))
	d.shows(draft, `{"title_fr":"c","positions":2}`)
	d.shows(fresh, `{"posting":"7"}`)
	if w := d.waiting(); len(w) != len(waited) || w[0].N != waited[0].N || !record.Equal(w[0].Patch, waited[0].Patch) {
		t.Errorf("outbox %+v; want %+v", w, waited)
	}
	if c := d.conflicts(); len(c) != 1 || string(c[0].Mine) != string(open[0].Mine) {
		t.Errorf("conflicts %+v; want %+v", c, open)
	}
	if b, err := file.Draft(ctx, "nom-brouillon"); err != nil || string(b) != "brouillon-prive" {
		t.Errorf("draft %q, %v", b, err)
	}
	if s, err := file.Saved(ctx, noon); err != nil || len(s) != 1 {
		t.Errorf("saved postings %v, %v", s, err)
	}
	if c, err := d.Cursors(ctx); err != nil || len(c) != 0 {
		t.Errorf("cursors %+v, %v: nothing would be pulled anew", c, err)
	}
	must(t, d.Take(ctx, cache.Part{Partition: draft.Partition, Epoch: 1, Seq: 3, Snapshot: true,
		Changes: []cache.Change{{Kind: "posting", Record: "p1", Ver: 2, Body: fields(`{"title_fr":"c","positions":1}`)}}}, noon))
	d.shows(draft, `{"title_fr":"c","positions":2}`)
	d.shows(stale, "")
}

// Those of before records keep all they had, and one without an account has none.
func TestFileOfBeforeRecords(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	db, err := sqlite.Open(ctx, filepath.Join(dir, "account-ada.db"), sqlite.Options{Migrations: cache.BeforeRecords()})
	must(t, errors.Join(err, db.Close()))
	d := desk{t, records(t, person(t, dir, "ada", box(t, 1)))}
	d.put(draft, `{"title_fr":"a"}`)
	other := cache.Ref{Partition: "person/ada", Kind: "posting", Record: "p1"}
	d.put(other, `{"title_fr":"b"}`)
	found, err := d.List(ctx, "posting")
	titles := []string{}
	for _, r := range found {
		titles = append(titles, string(r.Doc["title_fr"])+fmt.Sprintf(" %t %d", r.Waits, r.Ver))
	}
	slices.Sort(titles)
	if err != nil || strings.Join(titles, ", ") != `"a" true 0, "b" true 0` {
		t.Errorf("list: %v, %v", titles, err)
	}
	if _, err := fresh(t).Records(); !errors.Is(err, cache.ErrNoAccount) {
		t.Errorf("a desk without an account: %v, want ErrNoAccount", err)
	}
	// Written by somebody who left the desk meanwhile: not into the file of who came.
	theirs := cache.Ref{Partition: "person/zoe", Kind: "saved", Record: "s1"}
	for what, err := range map[string]error{
		"put": d.Put(t.Context(), theirs, record.Doc{"posting": []byte(`"1"`)}, noon), "delete": d.Delete(t.Context(), theirs, noon),
		"do": d.Do(t.Context(), theirs, "activate", 0, noon),
	} {
		if !errors.Is(err, cache.ErrNoAccount) {
			t.Errorf("%s of another person's record: %v, want ErrNoAccount", what, err)
		}
	}
	if again, err := d.List(ctx, "posting"); err != nil || len(again) != len(found) {
		t.Errorf("after it: %v, %v", again, err)
	}
}
