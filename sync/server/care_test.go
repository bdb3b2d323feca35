package server_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"passerelle/store/postgres/postgrestest"
	"passerelle/sync/client"
	"passerelle/sync/hub"
	"passerelle/sync/wire"
)

// line leads to a server, until it leads to another one.
type line struct{ *client.Client }

func (l *line) Push(ctx context.Context, access string, in wire.Push) (wire.Pushed, error) {
	return l.Client.Push(ctx, access, in)
}

func (l *line) Pull(ctx context.Context, access string, in wire.Pull) (wire.Pulled, error) {
	return l.Client.Pull(ctx, access, in)
}

// A server is put back to yesterday's backup, in a file or in another database. The desks
// tell it what it had acknowledged since, send what they had not sent, and agree with each
// other and with it: nobody's work of the day is lost.
//
// Rows: X-013
func TestDesksConvergeAfterARestore(t *testing.T) { onEngines(t, testDesksConvergeAfterARestore) }

func testDesksConvergeAfterARestore(t *testing.T, at place) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	w := village(t, at, hub.RecordsOptions{}, nil)
	to := &line{w.desktop(t)}
	ada := w.someone(t, to.Client, "ada@exemple.ca")
	one, two := sit(t, to, ada), sit(t, to, ada)
	for _, id := range []string{"a", "b"} {
		one.put(ada, id, id)
	}
	must(one.sync())
	must(two.sync())
	saved := filepath.Join(t.TempDir(), "saved.db")
	must(w.Backup(t.Context(), saved))

	// The day after: acknowledged, and pending.
	one.put(ada, "a", "a, changed")
	one.put(ada, "c", "made by one")
	must(one.sync())
	must(two.sync())
	two.put(ada, "d", "made by two")
	must(two.sync())
	two.put(ada, "b", "b, not sent yet")

	must(w.Hub.Close())
	if at.url == "" {
		_, epoch, err := hub.Restore(t.Context(), at.dir, saved)
		if must(err); epoch != 2 {
			t.Fatalf("restored in epoch %d, want 2", epoch)
		}
	} else {
		at.url = postgrestest.URL(t)
		epoch, err := hub.RestoreServed(t.Context(), at.dir, at.url, saved)
		if must(err); epoch != 2 {
			t.Fatalf("restored in epoch %d, want 2", epoch)
		}
	}
	w = village(t, at, hub.RecordsOptions{}, nil)
	to.Client = w.desktop(t)
	for range 2 {
		must(one.sync())
		must(two.sync())
	}
	want := []string{`"a, changed"`, `"b, not sent yet"`, `"made by one"`, `"made by two"`}
	got, err := to.Pull(t.Context(), ada.Access, wire.Pull{})
	must(err)
	var there []string
	for _, c := range got.Parts[0].Changes {
		there = append(there, string(c.Body["name"]))
	}
	slices.Sort(there)
	if a, b := one.shown(), two.shown(); !slices.Equal(a, want) || !slices.Equal(b, want) || !slices.Equal(there, want) {
		t.Errorf("one has %v\ntwo has %v\nthe server has %v\nwant %v", a, b, there, want)
	}
	for name, d := range map[string]*seat{"one": one, "two": two} {
		epoch, due, err := d.Epoch(t.Context())
		if n, err2 := d.Waiting(t.Context()); err != nil || err2 != nil || epoch != 2 || due || n != 0 {
			t.Errorf("%s is in epoch %d, due %v, with %d waiting, %v, %v", name, epoch, due, n, err, err2)
		}
	}
	if he, err := w.CheckBackup(t.Context(), t.TempDir(), at.keys.Box); err != nil || he.Private.Records != 4 || he.Sealed != 4 {
		t.Errorf("looked at after all this: %+v, %v", he, err)
	}
}
