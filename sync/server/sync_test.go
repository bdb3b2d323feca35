package server_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"passerelle/store/catalogue"
	"passerelle/store/ledger"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/sync/client"
	"passerelle/sync/hub"
	"passerelle/sync/intake"
	"passerelle/sync/publish"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// desk is a person's copy, kept in step over real HTTP.
type desk struct {
	*catalogue.Store
	*replica.Replica
	*client.Client
}

func newDesk(t *testing.T, b *bank) desk {
	t.Helper()
	c, err := client.New(b.url, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	store, err := catalogue.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	r, err := replica.New(c, store, replica.Options{Dir: t.TempDir(), Now: b.now})
	if err != nil {
		t.Fatal(err)
	}
	return desk{store, r, c}
}

func (d desk) sync(t *testing.T) replica.Outcome {
	t.Helper()
	did, err := d.Sync(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return did
}

func (b *bank) publish(t *testing.T) publish.Published {
	t.Helper()
	p, err := b.Publish(t.Context(), publish.KeyFrom(bytes.Repeat([]byte{2}, 32)), keepAll, b.now())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A fresh desk, without an account, syncs, searches and reads how to apply; when a source
// is revoked, its postings are tombstones on the desk after the next sync, with neither
// title, employer nor contact, and everyone else's are untouched.
//
// Rows
func TestRevokedSourceLeavesEveryDesk(t *testing.T) {
	b := open(t, nil)
	d := newDesk(t, b)
	if did := d.sync(t); did.Count != 300 || !did.Bootstrap {
		t.Fatalf("first sync: %+v", did)
	}
	res, err := d.Search(t.Context(), query.Query{Now: b.now(), Limit: 500})
	if err != nil || res.Total == 0 {
		t.Fatalf("search: %+v, %v", res.Total, err)
	}
	by := map[string][]int64{}
	apply := 0
	for _, id := range res.IDs {
		p, err := d.Posting(t.Context(), id, b.now())
		if err != nil {
			t.Fatal(err)
		}
		by[p.Source] = append(by[p.Source], id)
		apply += len(p.Apply)
	}
	if apply == 0 || len(by) < 2 {
		t.Fatalf("%d ways to apply in postings of %d sources", apply, len(by))
	}
	var revoked string
	for source := range by {
		if source != posting.Native {
			revoked = source
			break
		}
	}
	s, err := b.Ledger().Source(t.Context(), revoked)
	if err != nil {
		t.Fatal(err)
	}
	s.Accepted = ""
	if _, err := b.SetSource(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	b.clock.Store(3600)
	b.publish(t)
	if did := d.sync(t); did.Bootstrap || did.Put == 0 {
		t.Errorf("second sync: %+v", did)
	}
	for source, ids := range by {
		for _, id := range ids {
			p, err := d.Posting(t.Context(), id, b.now())
			if err != nil {
				t.Fatal(err)
			}
			gone := p.State == posting.Withdrawn && p.Title == (posting.Both{}) && p.Employer == "" && len(p.Apply) == 0 && p.URL == ""
			if gone != (source == revoked) {
				t.Errorf("posting %d of %s after %s was revoked: %+v", p.Number, source, revoked, p.Card)
			}
		}
	}
	after, err := d.Search(t.Context(), query.Query{Now: b.now(), Limit: 500})
	if err != nil || after.Total != res.Total-len(by[revoked]) {
		t.Errorf("%d postings found after, %v; want %d", after.Total, err, res.Total-len(by[revoked]))
	}
}

// A desk that has seen a future which the restored server does not know starts over from
// what the server has, and a report that it sent before is still one ticket.
//
// Rows
func TestDeskAfterTheServerWasRestored(t *testing.T) {
	b := open(t, nil)
	d := newDesk(t, b)
	answer, err := d.Report(t.Context(), report("k1"))
	if err != nil {
		t.Fatal(err)
	}
	saved := filepath.Join(t.TempDir(), "saved.db")
	if err := b.Backup(t.Context(), saved); err != nil {
		t.Fatal(err)
	}
	add := func(id string) {
		t.Helper()
		line := fmt.Sprintf(`{"@type":"JobPosting","identifier":%q,"title":"cook","datePosted":"2026-11-20","jobLocation":{"address":{"addressLocality":"Halifax","addressRegion":"NS","addressCountry":"CA"}}}`, id)
		if _, err := b.SetSource(t.Context(), posting.Source{ID: "p", Accepted: intake.TermsVersion}); err != nil {
			t.Fatal(err)
		}
		f := hub.File{Name: "x", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader([]byte(line))), nil }}
		if _, err := b.Import(t.Context(), "p", []hub.File{f}, hub.ImportOptions{}, b.now()); err != nil {
			t.Fatal(err)
		}
	}
	add("after the backup")
	b.clock.Store(3600)
	b.publish(t)
	if did := d.sync(t); did.Count != 301 {
		t.Fatalf("before: %+v", did)
	}
	dir := filepath.Dir(b.Public())
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := hub.Restore(t.Context(), dir, saved); err != nil {
		t.Fatal(err)
	}
	if b.Hub, err = hub.Open(t.Context(), dir, hub.Options{}); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	b.clock.Store(7200)
	b.publish(t)
	if did := d.sync(t); did.Count != 300 {
		t.Errorf("after the restore: %+v", did)
	}
	if st, err := d.State(t.Context()); err != nil || st.Epoch != 2 {
		t.Errorf("state %+v, %v; want epoch 2", st, err)
	}
	again, err := b.Report(t.Context(), report("k1"), b.now())
	if err != nil || string(again) != answer {
		t.Errorf("the same report again: %s, %v; want %s", again, err, answer)
	}
}

// The real files that are at hand are imported, published and synced whole.
func TestRealFilesReachADesk(t *testing.T) {
	data := os.Getenv("PASSERELLE_DATA")
	if data == "" {
		t.Skip("PASSERELLE_DATA names no folder of real files; the scripts of cmd/passerelle-server show the same with fixtures")
	}
	b := open(t, nil)
	want := 300
	for _, c := range []struct{ source, files, asOf string }{
		{"table", "job-bank-open-data-2026-sample-en.csv", "2026-08-01"},
		{"federal", "federal-xml/*.xml", "2024-03-15"},
		{"alberta", "alberta-2022-07.jobposting.ndjson", "2022-08-01"},
	} {
		if _, err := b.SetSource(t.Context(), posting.Source{ID: c.source, Accepted: intake.TermsVersion}); err != nil {
			t.Fatal(err)
		}
		names, err := filepath.Glob(filepath.Join(data, "postings", filepath.FromSlash(c.files)))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %d files, %v", c.files, len(names), err)
		}
		var files []hub.File
		for _, name := range names {
			files = append(files, hub.File{Name: filepath.Base(name), Open: func() (io.ReadCloser, error) { return os.Open(name) }})
		}
		day, err := posting.ParseDay(c.asOf)
		if err != nil {
			t.Fatal(err)
		}
		im, err := b.Import(t.Context(), c.source, files, hub.ImportOptions{Complete: true}, day.Time())
		if err != nil || im.Added == 0 || im.Partial {
			t.Fatalf("%s: %+v, %v", c.source, im.Tally, err)
		}
		t.Logf("%s: %d read, %d added, %d refused, %d with an occupation", c.source, im.Read, im.Added, im.Refused, im.Assigned)
		want += im.Added
	}
	if n, err := b.Ledger().Count(t.Context()); err != nil || n != want {
		t.Errorf("%d rows in the ledger, %v; want %d", n, err, want)
	}
	b.clock.Store(3600)
	if p := b.publish(t); p.Count != want {
		t.Fatalf("published %+v, want %d", p, want)
	}
	d := newDesk(t, b)
	if did := d.sync(t); did.Count != want {
		t.Errorf("synced %+v, want %d", did, want)
	}
	var rows []ledger.Row
	err := b.Ledger().Look(t.Context(), func(s ledger.Snapshot) error {
		return s.All(t.Context(), 0, func(r ledger.Row) error {
			rows = append(rows, r)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	var sum posting.Sum
	for _, r := range rows {
		sum = sum.Add(posting.RowSum(r.Card, r.Details))
	}
	if st, err := d.State(t.Context()); err != nil || st.Digest != sum || st.Count != len(rows) {
		t.Errorf("the desk's %d rows and digest %x, %v; the ledger has %d and %x", st.Count, st.Digest, err, len(rows), sum)
	}
}

// A report that the server refuses for good is not sent again; one that comes too soon is.
//
// Rows: A-170
func TestClientUnderstandsRefusals(t *testing.T) {
	b := open(t, nil)
	d := newDesk(t, b)
	bad := report("k1")
	bad.Reason = "because"
	if _, err := d.Report(t.Context(), bad); !errors.Is(err, wire.ErrRefused) {
		t.Errorf("an unknown reason: %v, want ErrRefused", err)
	}
	first, err := d.Report(t.Context(), report("k2"))
	again, err2 := d.Report(t.Context(), report("k2"))
	if err != nil || err2 != nil || first != again || first == "" {
		t.Errorf("%q, %v; again %q, %v", first, err, again, err2)
	}
}
