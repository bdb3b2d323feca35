package ledger_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"passerelle/store/ledger"
)

// change writes version ver of a record, as a hub does: the record, the counter, the change.
func change(t *testing.T, tx *ledger.Tx, part, id string, ver int64, deleted bool) error {
	if _, err := tx.AddPart(t.Context(), part); err != nil {
		return err
	}
	d := ledger.Doc{Part: part, ID: id, Kind: "k", Ver: ver, Deleted: deleted, Author: "a", Client: "c", Run: 1, At: noon}
	if !deleted {
		d.Body = fmt.Append(nil, "body ", ver)
	}
	if err := tx.PutDoc(t.Context(), d); err != nil {
		return err
	}
	p, err := tx.Advance(t.Context(), part, 1, int64(len(d.Body)))
	if err != nil {
		return err
	}
	return tx.AddChange(t.Context(), part, p.Seq, id, ver, noon.Add(time.Duration(p.Seq)*time.Hour))
}

// log lists seq, record and version of a part's changes.
func log(t *testing.T, l *ledger.Ledger, part string, after int64, n int) (all []string) {
	t.Helper()
	err := l.View(t.Context(), func(tx *ledger.Tx) error {
		return tx.Changes(t.Context(), part, after, n, func(c ledger.Change) error {
			all = append(all, fmt.Sprint(c.Seq, " ", c.ID, c.Ver, " at ", c.Doc.Ver))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestChangeLog(t *testing.T) { engines(t, testChangeLog) }

func testChangeLog(t *testing.T) {
	l, _ := bare(t)
	for _, c := range []struct {
		id      string
		ver     int64
		deleted bool
	}{{"x", 1, false}, {"y", 1, false}, {"x", 2, false}, {"y", 2, true}, {"z", 1, false}} {
		update(t, l, func(tx *ledger.Tx) error { return change(t, tx, "person/a", c.id, c.ver, c.deleted) })
	}
	if got, want := log(t, l, "person/a", 0, 9), []string{"1 x1 at 2", "2 y1 at 2", "3 x2 at 2", "4 y2 at 2", "5 z1 at 1"}; !slices.Equal(got, want) {
		t.Errorf("the log is %q, want %q", got, want)
	}
	if got := log(t, l, "person/a", 3, 1); !slices.Equal(got, []string{"4 y2 at 2"}) {
		t.Errorf("one change after 3 is %q", got)
	}
	if got := log(t, l, "person/b", 0, 9); got != nil {
		t.Errorf("another's log is %q", got)
	}
	err := tried(t, l, func(tx *ledger.Tx) error { return change(t, tx, "person/a", "x", 2, false) })
	if !errors.Is(err, ledger.ErrMoved) {
		t.Errorf("version 2 again: %v, want ErrMoved", err)
	}
	if err = tried(t, l, func(tx *ledger.Tx) error { return change(t, tx, "person/a", "x", 1, false) }); !errors.Is(err, ledger.ErrMoved) {
		t.Errorf("version 1 again: %v, want ErrMoved", err)
	}
	// What failed moved no counter.
	update(t, l, func(tx *ledger.Tx) error {
		if p, err := tx.Part(t.Context(), "person/a"); err != nil || p.Seq != 5 || p.Epoch != 1 || p.Records != 5 {
			t.Errorf("part %+v, %v", p, err)
		}
		// Changes 1 to 4 go, and with them y, which was removed; x and z stand.
		if old, err := tx.OldLogs(t.Context(), noon.Add(5*time.Hour), 10); err != nil || !slices.Equal(old, []string{"person/a"}) {
			t.Errorf("old logs %v, %v", old, err)
		}
		if n, err := tx.DropChanges(t.Context(), "person/a", noon.Add(5*time.Hour)); err != nil || n != 4 {
			t.Errorf("dropped %d changes, %v; want 4", n, err)
		}
		if p, err := tx.Part(t.Context(), "person/a"); err != nil || p.Floor != 4 || p.Seq != 5 {
			t.Errorf("part %+v, %v; want the floor at 4", p, err)
		}
		if _, err := tx.Doc(t.Context(), "person/a", "y"); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("what was removed: %v, want ErrNotFound", err)
		}
		var ids []string
		err := tx.Docs(t.Context(), "person/a", func(d ledger.Doc) error {
			ids = append(ids, d.ID+" "+string(d.Body))
			return nil
		})
		if !slices.Equal(ids, []string{"x body 2", "z body 1"}) {
			t.Errorf("what stands: %q, %v", ids, err)
		}
		return err
	})
	if n := log(t, l, "person/a", 4, 9); !slices.Equal(n, []string{"5 z1 at 1"}) {
		t.Errorf("after the floor: %q", n)
	}
	epoch, err := l.NewEpoch(t.Context(), 6)
	update(t, l, func(tx *ledger.Tx) error {
		p, err := tx.Part(t.Context(), "person/a")
		if p.Epoch != 7 || epoch != 7 || p.Seq != 5 {
			t.Errorf("after a restore part %+v in epoch %d", p, epoch)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// However many write at once, a part's changes are numbered without gaps, in the order of
// their commits, and none is lost.
//
// Rows: X-013
func TestWritersLeaveNoGaps(t *testing.T) { engines(t, testWritersLeaveNoGaps) }

func testWritersLeaveNoGaps(t *testing.T) {
	l, _ := bare(t)
	const writers, each = 4, 15
	update(t, l, func(tx *ledger.Tx) error { _, err := tx.AddPart(t.Context(), "person/a"); return err })
	var g sync.WaitGroup
	for w := range writers {
		g.Go(func() {
			for n := range each {
				err := tried(t, l, func(tx *ledger.Tx) error {
					return change(t, tx, "person/a", fmt.Sprint("w", w, "-", n), 1, false)
				})
				if err != nil {
					t.Errorf("writer %d, change %d: %v", w, n, err)
				}
			}
		})
	}
	g.Wait()
	got := log(t, l, "person/a", 0, 1000)
	if len(got) != writers*each {
		t.Fatalf("%d changes, want %d", len(got), writers*each)
	}
	for n, line := range got {
		var seq int
		if _, err := fmt.Sscan(line, &seq); err != nil || seq != n+1 {
			t.Fatalf("line %d is %q", n, line)
		}
	}
}

// Rows: X-013
func TestMutationsAreKnownAgain(t *testing.T) { engines(t, testMutationsAreKnownAgain) }

func testMutationsAreKnownAgain(t *testing.T) {
	l, _ := bare(t)
	m := ledger.Mutation{Account: "a", ID: "m1", Client: "c", ClientSeq: 1, Sent: []byte("s"), At: noon, Ends: noon.Add(time.Hour)}
	add := func(m ledger.Mutation) (before ledger.Mutation, known bool) {
		t.Helper()
		update(t, l, func(tx *ledger.Tx) (err error) {
			before, known, err = tx.AddMutation(t.Context(), m)
			return err
		})
		return before, known
	}
	if _, known := add(m); known {
		t.Error("a new one is known")
	}
	update(t, l, func(tx *ledger.Tx) error {
		return tx.AnswerMutation(t.Context(), "a", "m1", []byte("answer"), noon.Add(2*time.Hour))
	})
	before, known := add(m)
	if !known || string(before.Answer) != "answer" || string(before.Sent) != "s" || !before.Ends.Equal(noon.Add(2*time.Hour)) {
		t.Errorf("again: %+v, %v", before, known)
	}
	other := m
	other.ID = "m2"
	if before, known = add(other); !known || before.ID != "m1" {
		t.Errorf("the client's number again: %+v, %v; want m1", before, known)
	}
	other.Account = "b"
	if _, known = add(other); known {
		t.Error("another account's numbers are its own")
	}
	if err := tried(t, l, func(tx *ledger.Tx) error { return tx.AnswerMutation(t.Context(), "a", "none", nil, noon) }); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("answer of none: %v", err)
	}
	other.ID, other.ClientSeq, other.Ends = "ever", 2, time.Time{}
	add(other)
	update(t, l, func(tx *ledger.Tx) error {
		n, err := tx.DropMutations(t.Context(), noon.Add(90*time.Minute))
		if n != 1 {
			t.Errorf("dropped %d, want b's m2 alone", n)
		}
		return err
	})
	if _, known = add(other); !known {
		t.Error("what is kept for ever was dropped")
	}
}

// Rows: X-013
func TestSubmittedOnce(t *testing.T) { engines(t, testSubmittedOnce) }

func testSubmittedOnce(t *testing.T) {
	l, _ := bare(t)
	s := ledger.Submission{Part: "person/a", Doc: "d", Command: "submit", Revision: 3, Account: "a", Mutation: "m1", At: noon}
	submit := func(s ledger.Submission) (first bool) {
		update(t, l, func(tx *ledger.Tx) (err error) {
			first, err = tx.Submit(t.Context(), s)
			return err
		})
		return first
	}
	again, next := s, s
	again.Mutation, next.Revision = "m2", 4
	if !submit(s) || submit(again) || !submit(next) {
		t.Error("want one submission a revision")
	}
	update(t, l, func(tx *ledger.Tx) error {
		all, err := tx.Submissions(t.Context(), "person/a")
		if len(all) != 2 || all[0] != s || all[1].Revision != 4 {
			t.Errorf("submissions %+v", all)
		}
		return err
	})
}

func TestMembers(t *testing.T) { engines(t, testMembers) }

func testMembers(t *testing.T) {
	l, _ := bare(t)
	m := ledger.Member{Account: "a", Part: "employer/e", Role: "owner", Since: noon}
	update(t, l, func(tx *ledger.Tx) error {
		return errors.Join(tx.PutMember(t.Context(), m), tx.PutMember(t.Context(), ledger.Member{Account: "b", Part: "employer/e", Role: "reader", Since: noon}))
	})
	update(t, l, func(tx *ledger.Tx) error {
		if got, err := tx.Member(t.Context(), "a", "employer/e"); err != nil || got != m {
			t.Errorf("member %+v, %v", got, err)
		}
		if all, err := tx.Members(t.Context(), "employer/e"); err != nil || len(all) != 2 {
			t.Errorf("members %+v, %v", all, err)
		}
		if all, err := tx.Memberships(t.Context(), "c"); err != nil || all != nil {
			t.Errorf("another's memberships %+v, %v", all, err)
		}
		return tx.DropMember(t.Context(), "a", "employer/e")
	})
	if err := tried(t, l, func(tx *ledger.Tx) error { _, err := tx.Member(t.Context(), "a", "employer/e"); return err }); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("after it ended: %v, want ErrNotFound", err)
	}
}
