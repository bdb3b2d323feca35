package ledger_test

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"passerelle/store/ledger"
)

const racers = 16

// race runs writers at once, half of them in another process's ledger of the same place.
func race(t *testing.T, at string, do func(l *ledger.Ledger, w int) error) {
	t.Helper()
	ls := []*ledger.Ledger{open(t, at, ledger.Options{}), open(t, at, ledger.Options{})}
	began := time.Now()
	var wg sync.WaitGroup
	for w := range racers {
		wg.Go(func() {
			if err := do(ls[w%len(ls)], w); err != nil {
				t.Errorf("writer %d: %v", w, err)
			}
		})
	}
	wg.Wait()
	t.Logf("%d writers took %s", racers, time.Since(began).Round(time.Millisecond))
}

// Whoever reads a row, adds to it and writes it again, and begins again when somebody else
// was first, loses no addition.
func TestNoUpdateIsLost(t *testing.T) { engines(t, testNoUpdateIsLost) }

func testNoUpdateIsLost(t *testing.T) {
	const each = 6
	l, at := bare(t)
	update(t, l, func(tx *ledger.Tx) error {
		a := person("a", "one")
		a.Body = []byte("0")
		return tx.PutAccount(t.Context(), a)
	})
	add := func(tx *ledger.Tx) error {
		a, err := tx.Account(t.Context(), "a")
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(string(a.Body))
		if err != nil {
			return err
		}
		a.Body = strconv.AppendInt(nil, int64(n+1), 10)
		return tx.PutAccount(t.Context(), a)
	}
	race(t, at, func(l *ledger.Ledger, _ int) error {
		for range each {
			err := l.Update(t.Context(), add)
			for errors.Is(err, ledger.ErrMoved) {
				err = l.Update(t.Context(), add)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	update(t, l, func(tx *ledger.Tx) error {
		a, err := tx.Account(t.Context(), "a")
		if want := racers * each; string(a.Body) != fmt.Sprint(want) || a.Ver != int64(want+1) {
			t.Errorf("%s additions in version %d, want %d", a.Body, a.Ver, want)
		}
		return err
	})
}

// Every acknowledged change of a record is in its partition's log, whose numbers have no
// gap, whatever the others write.
//
// Rows: X-013
func TestNoChangeIsLost(t *testing.T) { engines(t, testNoChangeIsLost) }

func testNoChangeIsLost(t *testing.T) {
	const each, parts = 25, 50
	l, at := bare(t)
	name := func(n int) string { return fmt.Sprint("person/", n%parts) }
	race(t, at, func(l *ledger.Ledger, w int) error {
		for n := range each {
			err := l.Update(t.Context(), func(tx *ledger.Tx) error {
				return change(t, tx, name(7*w+13*n), fmt.Sprint(w, "-", n), 1, false)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	all := 0
	for p := range parts {
		for n, line := range log(t, l, name(p), 0, 1000) {
			var seq int
			if _, err := fmt.Sscan(line, &seq); err != nil || seq != n+1 {
				t.Fatalf("line %d of %s is %q, %v", n, name(p), line, err)
			}
			all++
		}
	}
	if all != racers*each {
		t.Errorf("%d changes, want %d", all, racers*each)
	}
}

// A key has one ticket, whoever sends it, and a ticket one key.
//
// Rows: A-170
func TestTicketsAtOnce(t *testing.T) { engines(t, testTicketsAtOnce) }

func testTicketsAtOnce(t *testing.T) {
	_, at := bare(t)
	var (
		mu   sync.Mutex
		keys = map[string]int64{}
		of   = map[int64]string{}
	)
	race(t, at, func(l *ledger.Ledger, w int) error {
		for _, key := range []string{"everybody's", fmt.Sprint("own of ", w), "another", fmt.Sprint("second of ", w)} {
			n, _, err := l.File(t.Context(), ledger.Report{Key: key, Hash: []byte(key)}, func(n int64) []byte { return fmt.Append(nil, n) })
			if err != nil {
				return err
			}
			mu.Lock()
			if was, ok := keys[key]; ok && was != n {
				t.Errorf("%q has tickets %d and %d", key, was, n)
			}
			if was, ok := of[n]; ok && was != key {
				t.Errorf("ticket %d is of %q and of %q", n, was, key)
			}
			keys[key], of[n] = n, key
			mu.Unlock()
		}
		return nil
	})
	if want := 2*racers + 2; len(of) != want {
		t.Errorf("%d tickets, want %d", len(of), want)
	}
}
