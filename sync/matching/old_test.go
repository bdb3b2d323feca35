package matching

import (
	"testing"
	"time"

	"passerelle/store/ledger"
	"passerelle/store/match"
	"passerelle/store/posting"
	"passerelle/store/secret"
	"passerelle/sync/wire"
)

// A number that begins with 7 or 8 was given by the old employer system: it is not matched,
// whatever else is true of it; 17…, 6… and 9… can be.
//
// Rows: A-055
func TestOldNumbers(t *testing.T) {
	now := time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)
	keys, err := secret.Temporary(secret.Cheap)
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(t.Context(), t.TempDir()+"/ledger.db", ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	m, err := New(Options{Ledger: l, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	card := posting.Card{
		ID: 1, Source: posting.Native, NOC: "63200", Exp: posting.ExpNone, Education: posting.EduNone,
		Place: posting.Place{City: "Rimouski", Province: "QC"}, Posted: posting.DayOf(now), Ends: posting.DayOf(now) + 30,
	}
	s := &suitor{Matching: m, profile: match.New(match.Person{Places: []string{"Rimouski, QC"}, Experience: map[string]string{"63200": "7"}}), asked: true}
	for number, want := range map[int64]bool{
		17_000_001: true, 18_000_001: true, 60_000_001: true, 9_000_001: true, 27_888_888: true, 7: false, 70_000_001: false, 7_123_456: false, 8_123_456: false, 89_999_999: false, 800_000_000: false,
	} {
		card.Number = number
		m.pool[1] = known{card, match.Prepare(posting.Posting{Card: card})}
		if _, ok, err := s.suits(t.Context(), nil, 1, now); err != nil || ok != want {
			t.Errorf("%d is matched: %v, %v, want %v", number, ok, err, want)
		}
		why := barred(ledger.Suited{Open: true, Strict: true}, card, offer{part: "employer/x", approved: true}, now)
		if (why == "") != want || !want && why != wire.ReasonForbidden {
			t.Errorf("%d is barred: %q", number, why)
		}
	}
}
