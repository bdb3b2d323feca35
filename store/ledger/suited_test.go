package ledger_test

import (
	"errors"
	"fmt"
	"testing"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/posting"
)

// Who is matched, and what was decided: those whose account is open are told apart, the best
// are kept, what was decided stays when a profile is put to rest.
//
// Rows
func TestSuited(t *testing.T) { engines(t, testSuited) }

func testSuited(t *testing.T) {
	l, _ := bare(t)
	update(t, l, func(tx *ledger.Tx) error {
		for _, a := range []struct {
			id    string
			state account.State
		}{{"a", account.Active}, {"b", account.Warned}, {"c", account.Suspended}, {"d", account.Closed}, {"e", account.Registering}} {
			p := person(a.id, a.id)
			p.State = a.state
			if err := tx.PutAccount(t.Context(), p); err != nil {
				return err
			}
			if err := tx.PutSeeker(t.Context(), ledger.Seeker{Account: a.id, Version: 2, Strict: a.id == "b", Express: a.id == "a", At: noon}); err != nil {
				return err
			}
			for row := range int64(3) {
				s := ledger.Suited{Account: a.id, Posting: row, Ref: fmt.Sprint(a.id, row), Percent: 60 + int(row), Strict: row == 2, At: noon}
				if err := tx.PutSuited(t.Context(), s); err != nil {
					return err
				}
			}
		}
		return tx.PutChoice(t.Context(), ledger.Choice{Account: "b", Posting: 1, State: "invited", Part: "employer/x", Doc: "i", Code: "c", Made: noon})
	})
	update(t, l, func(tx *ledger.Tx) error {
		all, err := tx.Seekers(t.Context(), "", 10)
		if err != nil || len(all) != 2 || all[0].Account != "a" || !all[0].Express || all[0].Strict || !all[1].Strict || all[1].Version != 2 || !all[1].At.Equal(noon) {
			t.Errorf("seekers: %+v, %v", all, err)
		}
		if all, err = tx.Seekers(t.Context(), "a", 1); err != nil || len(all) != 1 || all[0].Account != "b" {
			t.Errorf("behind the first: %+v, %v", all, err)
		}
		if all, err = tx.Resting(t.Context(), 10); err != nil || len(all) != 3 {
			t.Errorf("resting: %+v, %v", all, err)
		}
		suited, err := tx.SuitedBy(t.Context(), 1)
		if err != nil || len(suited) != 5 || !suited[0].Open || suited[2].Open || suited[1].Choice.Code != "c" || suited[0].Choice.State != "" || !suited[1].Seeker.Strict {
			t.Errorf("suited by the second: %+v, %v", suited, err)
		}
		if err := tx.TrimSuited(t.Context(), "a", 2); err != nil {
			return err
		}
		suited, err = tx.SuitedTo(t.Context(), "a")
		if err != nil || len(suited) != 2 || suited[0].Posting != 2 || suited[1].Posting != 1 {
			t.Errorf("the best two: %+v, %v", suited, err)
		}
		// Written again, it is the same match: its day and its ref stay.
		if err := tx.PutSuited(t.Context(), ledger.Suited{Account: "a", Posting: 1, Ref: "another", Percent: 99, At: noon.AddDate(0, 0, 1)}); err != nil {
			return err
		}
		if s, err := tx.SuitedByRef(t.Context(), "a1"); err != nil || s.Percent != 99 || !s.At.Equal(noon) {
			t.Errorf("written again: %+v, %v", s, err)
		}
		if err := tx.DropSeeker(t.Context(), "b"); err != nil {
			return err
		}
		if _, err := tx.SuitedByRef(t.Context(), "b1"); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("put to rest: %v", err)
		}
		if c, err := tx.ChoiceBy(t.Context(), "employer/x", "i"); err != nil || c.Account != "b" || c.Posting != 1 || !c.Ended.IsZero() {
			t.Errorf("choice: %+v, %v", c, err)
		}
		return nil
	})
	stale := tried(t, l, func(tx *ledger.Tx) error { return tx.PutSeeker(t.Context(), ledger.Seeker{Account: "a", Version: 9}) })
	if !errors.Is(stale, ledger.ErrMoved) {
		t.Errorf("a version that is past: %v", stale)
	}
}

// Postings of this bank that changed are given once, in the order of their changes; the mark
// only moves on.
//
// Rows: A-054
func TestNativeSince(t *testing.T) { engines(t, testNativeSince) }

func testNativeSince(t *testing.T) {
	l, _ := bare(t)
	for _, id := range []string{posting.Native, "elsewhere"} {
		if err := l.PutSource(t.Context(), posting.Source{ID: id}); err != nil {
			t.Fatal(err)
		}
	}
	put := func(source, id string, number int64, title string) {
		t.Helper()
		p := posting.Posting{Card: posting.Card{Source: source, SourceID: id, Number: number, Title: posting.Both{FR: title}, Ends: 20_000}}
		if _, err := l.Put(t.Context(), []posting.Posting{p}); err != nil {
			t.Fatal(err)
		}
	}
	put(posting.Native, "one", 17_000_001, "un")
	put("elsewhere", "x", 0, "autre")
	put(posting.Native, "two", 17_000_002, "deux")
	day := posting.Day(20_000)
	since := func(after int64, want string) (upto int64) {
		t.Helper()
		update(t, l, func(tx *ledger.Tx) (err error) {
			got := ""
			upto, err = tx.NativeSince(t.Context(), after, day, func(p posting.Posting) error {
				got += fmt.Sprint(p.Number%100, string(p.State), " ")
				return nil
			})
			if got != want {
				t.Errorf("after %d: %q, want %q", after, got, want)
			}
			return err
		})
		return upto
	}
	upto := since(0, "1 2 ")
	since(upto, "")
	put(posting.Native, "one", 17_000_001, "uno")
	if _, err := l.End(t.Context(), []int64{3}, posting.Closed); err != nil {
		t.Fatal(err)
	}
	since(upto, "1 2c ")
	since(0, "1 2c ")
	update(t, l, func(tx *ledger.Tx) error {
		rows, upto, err := tx.Unmatched(t.Context())
		if err != nil || fmt.Sprint(rows) != "[1 3]" {
			t.Errorf("unmatched: %v, %v", rows, err)
		}
		if err := tx.SetMatched(t.Context(), upto-1); err != nil {
			return err
		}
		if rows, _, err = tx.Unmatched(t.Context()); err != nil || fmt.Sprint(rows) != "[3]" {
			t.Errorf("unmatched after the last but one: %v, %v", rows, err)
		}
		return nil
	})
	upto = since(0, "1 2c ")
	day++ // both are over: who begins needs neither, who knew them has to hear of it
	since(0, "")
	since(1, "1 2c ")
	update(t, l, func(tx *ledger.Tx) error {
		for _, c := range []struct{ set, want int64 }{{0, upto - 1}, {70, 70}, {30, 70}} {
			if _, err := tx.Matched(t.Context()); err != nil {
				return err
			}
			if err := tx.SetMatched(t.Context(), c.set); err != nil {
				return err
			}
			if got, err := tx.Matched(t.Context()); err != nil || got != c.want {
				t.Errorf("set to %d: %d, %v, want %d", c.set, got, err, c.want)
			}
		}
		if c, err := tx.PostingByNumber(t.Context(), 17_000_001); err != nil || c.SourceID != "one" {
			t.Errorf("by number: %+v, %v", c, err)
		}
		if c, err := tx.NativePosting(t.Context(), "two"); err != nil || c.Number != 17_000_002 {
			t.Errorf("by record: %+v, %v", c, err)
		}
		if _, err := tx.NativePosting(t.Context(), "x"); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("another's: %v", err)
		}
		return nil
	})
}
