package labour

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"passerelle/store/pack"
	"passerelle/store/posting"
)

func day(t *testing.T, s string) posting.Day {
	t.Helper()
	d, err := posting.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A national figure says that it is national, a blank one is unknown.
func TestWagesOf(t *testing.T) {
	for _, c := range []struct {
		name, noc, province string
		want                Wages
		ok                  bool
	}{
		{"national", "00011", "", Wages{Low: 4000, Median: 6538, High: 10577, Area: "CA"}, true},
		{"by the year only", "31100", "", Wages{Low: 126_465_00, Median: 311_297_00, High: 607_184_00, Annual: true, Area: "CA"}, true},
		{"a province without figures: national, and says so", "00011", "QC", Wages{Low: 4000, Median: 6538, High: 10577, Area: "CA"}, true},
		{"British Columbia", "10010", "bc", Wages{Low: 3750, Median: 5769, High: 9615, Area: "BC"}, true},
		{"British Columbia, median only", "32110", "BC", Wages{Median: 44_400_00, Annual: true, Area: "BC"}, true},
		{"merged there and blank: national", "00012", "BC", Wages{Low: 5128, Median: 9615, High: 15385, Area: "CA"}, true},
		{"blank everywhere", "00013", "", Wages{}, false},
		{"blank everywhere, in a province", "00013", "BC", Wages{}, false},
		{"no such code", "99999", "ON", Wages{}, false},
		{"no code", "", "", Wages{}, false},
	} {
		got, ok := WagesOf(c.noc, c.province)
		if ok && (got.Period != "2025" || got.Source == "") {
			t.Errorf("%s: period %q, source %q", c.name, got.Period, got.Source)
		}
		got.Period, got.Source = "", ""
		if got != c.want || ok != c.ok {
			t.Errorf("%s: WagesOf(%q, %q) = %+v, %v; want %+v, %v", c.name, c.noc, c.province, got, ok, c.want, c.ok)
		}
	}
	annual := 0
	for key, w := range load().wages {
		if w.Low > 0 && w.Low > w.Median || w.High > 0 && w.Median > w.High || w.Median <= 0 {
			t.Errorf("wages of %s out of order: %+v", key, w)
		}
		if w.Annual && w.Area == Canada {
			annual++
		}
		if !w.Annual && w.Median > 300_00 {
			t.Errorf("wages of %s are no hourly ones: %+v", key, w)
		}
	}
	if annual != 18 {
		t.Errorf("%d occupations are published by year only, want 18", annual)
	}
}

func TestOutlookOf(t *testing.T) {
	o, ok := OutlookOf("31100", "ON")
	if !ok || o.Code != StrongShortage || o.Area != "CA" || o.Period != "2024–2033" || o.Openings != 18000 || o.Seekers != 13700 {
		t.Errorf("OutlookOf(31100, ON) = %+v, %v; want the national one", o, ok)
	}
	if o, ok := OutlookOf("00013", ""); ok {
		t.Errorf("OutlookOf(00013) = %+v, though it is not projected", o)
	}
	if o, ok := OutlookOf("00000", ""); ok {
		t.Errorf("the total is no occupation: %+v", o)
	}
	count := map[string]int{}
	for noc, o := range load().outlook {
		count[o.Code]++
		if o.Recent == "" || o.Seekers == 0 || (o.Openings < 0) != (noc == "65101") { // the one that loses more than leave
			t.Errorf("outlook of %s: %+v", noc, o)
		}
	}
	want := map[string]int{StrongShortage: 38, ModerateShortage: 65, Balance: 365, ModerateSurplus: 11, StrongSurplus: 6}
	for grade, n := range want {
		if count[grade] != n {
			t.Errorf("%d occupations have %s, want %d", count[grade], grade, n)
		}
	}
}

// British Columbia's seven regions add up, and the merged senior managers answer
// under their merged code and say so.
func TestOutlookOfBritishColumbia(t *testing.T) {
	o, ok := OutlookOf("00012", "BC")
	if !ok || o.Area != "BC" || o.Under != "00018" || o.Period != "2025–2035" || o.Code != "" {
		t.Fatalf("OutlookOf(00012, BC) = %+v, %v", o, ok)
	}
	if want := 280 + 340 + 15320 + 110 + 120 + 2030 + 3480; o.Openings != want {
		t.Errorf("openings %d, want the sum %d", o.Openings, want)
	}
	jobs := 570 + 620 + 27650 + 230 + 240 + 3320 + 5800.0
	growth := (570*.5 + 620*.5 + 27650*1.5 + 230*.2 + 240*.7 + 3320*1 + 5800*1.3) / jobs
	if math.Abs(o.Growth-growth) > 1e-9 {
		t.Errorf("growth %v, want the weighted mean %v", o.Growth, growth)
	}
	for region, openings := range map[string]int{"5920": 15320, "5960": 110, "5970": 110} {
		o, ok := OutlookIn("00014", region)
		if !ok || o.Openings != openings || o.Under != "00018" || !strings.Contains(o.Area, region) {
			t.Errorf("OutlookIn(00014, %s) = %+v, %v; want %d openings", region, o, ok, openings)
		}
	}
	if o, ok := OutlookIn("10012", "5960"); ok { // blank: too few to publish
		t.Errorf("OutlookIn(10012, 5960) = %+v, though it is blank", o)
	}
	if o, ok := OutlookOf("10012", "BC"); !ok || o.Missing != 1 {
		t.Errorf("OutlookOf(10012, BC) = %+v, %v; want one region missing", o, ok)
	}
	for _, region := range []string{"", "3530", "0"} {
		if o, ok := OutlookIn("10010", region); ok {
			t.Errorf("OutlookIn(10010, %q) = %+v", region, o)
		}
	}
}

// A rate answers on the days on which it is known, at both of its ends, and nothing
// answers beyond them: neither an old rate nor zero.
func TestMinimumAt(t *testing.T) {
	for _, c := range []struct {
		area, day string
		cents     int64 // 0: unknown
	}{
		{"BC", "2025-05-31", 0}, {"BC", "2025-06-01", 1785}, {"BC", "2026-05-31", 1785}, {"BC", "2026-06-01", 1825},
		{"BC", "2027-05-31", 1825}, {"BC", "2027-06-01", 0},
		{"QC", "2023-04-30", 0}, {"QC", "2023-05-01", 1525}, {"QC", "2024-04-30", 1525},
		{"QC", "2024-05-01", 0}, {"QC", "2025-04-30", 0}, // a change of May 2024 is missing: never the old rate
		{"qc", "2025-05-01", 1610},
		{"NS", "2024-03-31", 1500}, {"NS", "2024-04-01", 0}, // it moves in April and in October
		{"PE", "2024-04-01", 0}, {"NL", "2025-10-01", 0},
		{"AB", "2018-09-30", 0}, {"AB", "2018-10-01", 1500}, {"AB", "2022-07-15", 1500}, {"AB", "2025-09-23", 1500}, {"AB", "2025-09-24", 0},
		{"CA", "2025-04-01", 0}, {"CA", "2025-09-23", 1775}, {"CA", "2026-03-31", 1775}, {"CA", "2026-04-01", 0}, // projected
		{"NU", "2025-09-01", 0}, {"NU", "2025-09-23", 1975}, // from memory: known from the day it was reported
		{"ON", "1999-01-01", 0}, {"XX", "2026-01-01", 0}, {"", "2026-01-01", 0},
	} {
		got, ok := MinimumAt(c.area, day(t, c.day))
		if got.Cents != c.cents || ok != (c.cents != 0) {
			t.Errorf("MinimumAt(%q, %s) = %+v, %v; want %d cents", c.area, c.day, got, ok, c.cents)
		}
		if ok && (got.Area != strings.ToUpper(c.area) || got.Source == "" || strings.Contains(got.Source, "//")) {
			t.Errorf("MinimumAt(%q, %s): area %q, source %q", c.area, c.day, got.Area, got.Source)
		}
	}
	if got, ok := MinimumAt("ON", 0); ok {
		t.Errorf("MinimumAt on an unknown day = %+v", got)
	}
}

// On any day at most one rate is known of a jurisdiction, and the one that answers
// covers the day.
func TestMinimumAtProperties(t *testing.T) {
	first, last := day(t, "2015-01-01"), day(t, "2030-12-31")
	rapid.Check(t, func(t *rapid.T) {
		d := posting.Day(rapid.Int32Range(int32(first), int32(last)).Draw(t, "day"))
		for area, all := range load().minimums {
			n := 0
			for _, m := range all {
				if m.From <= d && d <= m.KnownUntil {
					n++
				}
			}
			got, ok := MinimumAt(area, d)
			if n > 1 || ok != (n == 1) || ok && (d < got.From || d > got.KnownUntil || got.Cents < 10_00 || got.Cents > 30_00) {
				t.Fatalf("%s on %s: %d rates, MinimumAt %+v, %v", area, d, n, got, ok)
			}
		}
	})
	if n := len(load().minimums); n != 14 {
		t.Errorf("%d jurisdictions, want 13 provinces and the federal one", n)
	}
}

// Every part says its publisher, edition, size and terms in both languages; the
// minimum wages say that their sources are no official ones.
//
// Rows: X-018
func TestSources(t *testing.T) {
	for _, p := range Sources() {
		if p.ID == "" || p.Name.FR == "" || p.Name.EN == "" || p.Publisher.FR == "" || p.Publisher.EN == "" ||
			p.Version == "" || p.Period == "" || p.Rows == 0 || p.Notice.FR == "" || p.Notice.EN == "" {
			t.Errorf("source incomplete: %+v", p)
		}
		if p.ID == "minimum" {
			if !strings.Contains(p.Notice.EN, "news pages") || !strings.Contains(p.Notice.FR, "actualités") {
				t.Errorf("the minimum wages do not say what their sources are: %+v", p.Notice)
			}
		} else if p.Licence == "" || p.URL == "" {
			t.Errorf("%s has no licence or page", p.ID)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"x\ty\n", "w\tCA\t00011\n", "w\tCA\t00011\th\tten\t2\t3\n", "m\tON\tsoon\t2026-01-01\t1\tx\n"} {
		if _, err := parse(text); err == nil {
			t.Errorf("parse(%q) gave no error", text)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		text, err := pack.Decompress(packed)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := parse(string(text)); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleMinimumAt() {
	d, _ := posting.ParseDay("2026-05-01")
	m, ok := MinimumAt("QC", d)
	fmt.Println(m.Cents, m.KnownUntil, ok)
	d, _ = posting.ParseDay("2024-06-01")
	_, ok = MinimumAt("QC", d) // the rate of May 2024 is not in the sources
	fmt.Println(ok)
	// Output:
	// 1660 2027-04-30 true
	// false
}
