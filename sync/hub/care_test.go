package hub_test

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"passerelle/store/ledger"
	"passerelle/store/postgres/postgrestest"
	"passerelle/store/secret"
	"passerelle/store/sqldb"
	"passerelle/store/sqlite"
	"passerelle/sync/hub"
	"passerelle/sync/wire"
)

// A backup holds private records, from whichever engine; a look at it opens each of them
// and finds what does not agree; put in place, in a file or in an empty database, it stands
// as it stood, in a new epoch, and takes in what is pushed.
func TestBackupOfPrivateRecords(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) { testBackupOfPrivateRecords(t, engine == "postgres") })
	}
}

func testBackupOfPrivateRecords(t *testing.T, served bool) {
	ctx, dir := t.Context(), t.TempDir()
	var o hub.Options
	if served {
		o.Ledger = postgrestest.URL(t)
	}
	at := func(dir, url string) *town {
		t.Helper()
		h, err := hub.Open(ctx, dir, hub.Options{Ledger: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = h.Close() })
		r, err := h.Records(hub.RecordsOptions{Box: newBox(t)})
		if err != nil {
			t.Fatal(err)
		}
		return &town{t, h, r}
	}
	w := at(dir, o.Ledger)
	d := &desk{name: "one"}
	for n := range 5 {
		w.one(ada, d.next(wire.Mutation{Record: fmt.Sprint("r", n), Patch: doc(`{"title":"a"}`)}))
	}
	w.one(ada, d.next(wire.Mutation{Record: "r1", Base: 1, Patch: doc(`{"title":"b"}`), Was: doc(`{"title":"a"}`)}))
	w.one(ada, d.next(wire.Mutation{Record: "r0", Base: 1, Delete: true}))
	w.one(bob, d.next(wire.Mutation{Partition: "person/bob", Record: "r", Patch: doc(`{"title":"c"}`)}))
	live, err := w.hub.CheckBackup(ctx, t.TempDir(), newBox(t))
	if err != nil || live.Private.Records != 5 || live.Private.Parts != 2 || live.Private.Changes != 8 || live.Sealed != 5 {
		t.Fatalf("CheckBackup: %+v, %v", live, err)
	}
	saved := filepath.Join(t.TempDir(), "saved.db")
	if err := w.hub.Backup(ctx, saved); err != nil {
		t.Fatal(err)
	}
	he, err := hub.Check(ctx, saved, nil)
	if err != nil || he.Private != live.Private || he.Sealed != 0 {
		t.Errorf("Check: %+v, %v; want %+v", he, err, live.Private)
	}
	other, err := secret.NewBox(slices.Repeat([]byte{9}, secret.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hub.Check(ctx, saved, other); !errors.Is(err, secret.ErrSealed) {
		t.Errorf("Check with the keys of another server: %v, want ErrSealed", err)
	}
	w.one(ada, d.next(wire.Mutation{Record: "later", Patch: doc(`{"title":"d"}`)}))
	if err := w.hub.Close(); err != nil {
		t.Fatal(err)
	}
	var (
		url   string
		epoch int64
	)
	if served {
		if _, err := hub.RestoreServed(ctx, dir, o.Ledger, saved); !errors.Is(err, ledger.ErrNotEmpty) {
			t.Errorf("restored over another: %v, want ErrNotEmpty", err)
		}
		url = postgrestest.URL(t)
		epoch, err = hub.RestoreServed(ctx, dir, url, saved)
	} else {
		_, epoch, err = hub.Restore(ctx, dir, saved)
	}
	if err != nil || epoch != 2 {
		t.Fatalf("restored in epoch %d, %v; want 2", epoch, err)
	}
	w = at(dir, url)
	stands := w.stands(ada, "person/ada")
	if len(stands) != 4 || text(stands["r1"].Body) != `{"title":"b"}` || stands["r1"].Ver != 2 {
		t.Errorf("restored, ada has %+v", stands)
	}
	if p := w.pull(ada, 0)[0]; p.Epoch != 2 || p.Seq != 7 {
		t.Errorf("restored at %d/%d, want 2/7", p.Epoch, p.Seq)
	}
	if res := w.one(ada, d.next(wire.Mutation{Record: "r2", Base: 1, Epoch: 2, Patch: doc(`{"title":"e"}`), Was: doc(`{"title":"a"}`)})); res.Outcome != wire.Applied {
		t.Errorf("an edit after the restore: %+v", res)
	}
	if _, err := w.hub.CheckBackup(ctx, t.TempDir(), newBox(t)); err != nil {
		t.Errorf("after the restore: %v", err)
	}
	// One byte of one record.
	db, err := sqlite.Open(ctx, saved, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(ctx, func(tx *sql.Tx) error {
		var body []byte
		if err := tx.QueryRowContext(ctx, "SELECT body FROM doc WHERE part = 'person/ada' AND id = 'r3'").Scan(&body); err != nil {
			return err
		}
		body[len(body)/2] ^= 1
		_, err := tx.ExecContext(ctx, "UPDATE doc SET body = $1 WHERE part = 'person/ada' AND id = 'r3'", body)
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := hub.Check(ctx, saved, newBox(t)); !errors.Is(err, secret.ErrSealed) {
		t.Errorf("Check of a changed record: %v, want ErrSealed", err)
	}
	db, err = sqlite.Open(ctx, saved, sqlite.Options{})
	if err == nil {
		_, err = db.Writer.ExecContext(ctx, "DELETE FROM change WHERE part = 'person/ada' AND seq = 3")
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hub.Check(ctx, saved, nil); !errors.Is(err, sqldb.ErrCorrupt) {
		t.Errorf("Check of a log with a gap: %v, want ErrCorrupt", err)
	}
	if _, err := hub.RestoreServed(ctx, dir, "postgres:///nowhere?host=/nowhere", saved); !errors.Is(err, sqldb.ErrCorrupt) {
		t.Errorf("restore of a damaged backup: %v, want ErrCorrupt", err)
	}
}

// An account makes so many partitions and no more; one that it is let go from makes room.
func TestQuotaOfPartitions(t *testing.T) {
	w := settle(t, t.TempDir(), hub.Options{}, hub.RecordsOptions{MaxParts: 3})
	d := &desk{name: "one"}
	found := func(n int) wire.Result {
		id := fmt.Sprint("firm", n)
		return w.one(ada, d.next(wire.Mutation{Partition: "employer/" + id, Kind: "test-firm", Record: id, Patch: doc(`{"title":"f"}`)}))
	}
	for n := range 3 {
		if res := found(n); res.Outcome != wire.Applied {
			t.Fatalf("the %d.: %+v", n+1, res)
		}
	}
	if res := found(3); res.Outcome != wire.Rejected || res.Reason != wire.ReasonQuota {
		t.Errorf("the 4th: %+v, want quota", res)
	}
	if res := w.one(ada, d.next(wire.Mutation{Partition: "employer/firm1", Kind: "test-firm", Record: "draft", Patch: doc(`{"title":"d"}`)})); res.Outcome != wire.Applied {
		t.Errorf("a record in one of them: %+v", res)
	}
	if err := w.recs.Let(t.Context(), "employer/firm0", "ada", "", now); err != nil {
		t.Fatal(err)
	}
	if res := found(4); res.Outcome != wire.Applied {
		t.Errorf("with room again: %+v", res)
	}
}
