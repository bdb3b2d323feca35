package demo

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/posting"
)

// fixed are the tables with towns and wages of their own, so that a better reference
// pack does not rewrite the golden file.
func fixed(t *testing.T) *tables {
	t.Helper()
	tb, err := build()
	if err != nil {
		t.Fatal(err)
	}
	tb.towns = []town{
		{place: posting.Place{City: "Rimouski", Province: "QC", Region: "2410", Lat: 48.45, Lng: -68.52}, codes: []posting.Place{{City: "Rimouski", Province: "QC", Postal: "G5L", Lat: 48.44, Lng: -68.53}}, zone: "America/Toronto", area: "418"},
		{place: posting.Place{City: "Sudbury", Province: "ON", Lat: 46.49, Lng: -81.01}, zone: "America/Toronto", area: "613"},
		{place: posting.Place{City: "Moncton", Province: "NB", Lat: 46.09, Lng: -64.77}, zone: "America/Moncton", area: "506"},
	}
	tb.townDice, tb.smallDice = newDice([]int64{5, 3, 2}), newDice([]int64{1, 1, 1})
	for i := range tb.jobs {
		for _, p := range append(place.Provinces(), "") {
			tb.jobs[i].wages[p] = pay{18_00, 26_50, 41_00}
		}
	}
	return tb
}

// The bytes are the same on every machine: the golden file holds the digest of 2,000
// postings and the first few of them, to be read.
func TestGolden(t *testing.T) {
	tb := fixed(t)
	o := Options{Seed: 11, N: 2000, Today: defaultToday}
	var got bytes.Buffer
	fmt.Fprintln(&got, digest(t, tb, o))
	tb.postings(o, func(p posting.Posting) bool {
		fmt.Fprintf(&got, "\n%d %d %s %s | %s | %s | NOC %s | %s, %s %s\n", p.ID, p.Number, p.Source, p.SourceID, p.Title.FR, p.Title.EN, p.NOC, p.Employer, p.Place.City, p.Place.Province)
		fmt.Fprintf(&got, "%s to %s, %s/%s, %v–%v h, %d–%d per %s, %s\n", p.Posted, p.Ends, p.Period, p.Term, p.HoursMin, p.HoursMax, p.Wage.Min, p.Wage.Max, p.Wage.Unit, strings.Join(p.Schedule, "+"))
		for _, x := range p.Texts {
			for _, s := range x.Sections {
				fmt.Fprintf(&got, "  %s %s:", x.Lang, s.Kind)
				for _, it := range s.Items {
					fmt.Fprintf(&got, " [%s] %s", it.ID, it.Text)
				}
				fmt.Fprintln(&got)
			}
		}
		for _, m := range p.Apply {
			fmt.Fprintf(&got, "  %s %q %s %s\n", m.Kind, m.Value, m.Ext, m.Hours)
		}
		return p.ID < 6
	})
	path := filepath.Join("testdata", "first.txt")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the postings of %+v are not those of %s any more (UPDATE=1 rewrites it):\n%s", o, path, got.String())
	}
}

// The sentences name the same things in both languages, and the French ones are
// written as in Canada: a no-break space before a colon, none before ; ! ?.
func TestProse(t *testing.T) {
	lines, err := rows(proseFile, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range lines {
		for _, name := range []string{"{e}", "{c}"} {
			if strings.Count(f[1], name) != strings.Count(f[2], name) {
				t.Errorf("%q and %q do not name the same things", f[1], f[2])
			}
		}
		for _, bad := range []string{" :", " ;", " !", " ?", "\u00a0;", "\u00a0!", "\u00a0?", "« ", " »", "  ", " h "} {
			if strings.Contains(f[1], bad) {
				t.Errorf("%q has %q", f[1], bad)
			}
		}
		if strings.Contains(f[2], "\u00a0") || strings.Contains(f[2], " :") {
			t.Errorf("%q has French spaces", f[2])
		}
	}
}

// The weights of the occupations are the published employment figures, in hundreds.
func TestEmployment(t *testing.T) {
	dir := os.Getenv("PASSERELLE_DATA")
	if dir == "" {
		t.Skip("PASSERELLE_DATA is unset: the published figures are not at hand")
	}
	f, err := os.Open(filepath.Join(dir, "wages", "national_2025.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := slices.Index(table[0], "employment_2023")
	published := map[string]int{}
	for _, r := range table[1:] {
		n, _ := strconv.Atoi(r[column]) // empty for some small groups
		published[r[0]] = max(3, n/100)
	}
	list := occupation.Commonly()
	if len(list) != len(published) {
		t.Errorf("%d occupations, want %d", len(list), len(published))
	}
	for _, r := range list {
		if int(r.Employed) != published[r.NOC] {
			t.Errorf("%s: weight %d, want %d", r.NOC, r.Employed, published[r.NOC])
		}
	}
}
