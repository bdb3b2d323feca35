package intake

import (
	"os"
	"path/filepath"
	"testing"

	"passerelle/store/occupation"
	"passerelle/store/posting"
)

// TestRealFiles reads every file of postings at hand, and reports how many were given
// an occupation.
//
// Rows
func TestRealFiles(t *testing.T) {
	dir := os.Getenv("PASSERELLE_DATA")
	if dir == "" {
		t.Skip("PASSERELLE_DATA is not set: no real files here; our own fixtures show the same")
	}
	xml, err := filepath.Glob(filepath.Join(dir, "postings/federal-xml/*.xml"))
	if err != nil || len(xml) != 11 {
		t.Fatalf("%d federal documents, want 11: %v", len(xml), err)
	}
	for _, c := range []struct {
		format   Format
		files    []string
		rows     int
		problems []string
		assigned float64 // least share with an occupation
	}{
		{Federal, xml, 11, nil, 1},
		{OpenData, []string{filepath.Join(dir, "postings/job-bank-open-data-2026-sample-en.csv")}, 131, nil, 0.93},
		// One wage is "$30.00 commission per piece" and marked hourly.
		{JobPosting, []string{filepath.Join(dir, "postings/alberta-2022-07.jobposting.ndjson")}, 380, []string{"251 wage-units"}, 0.9},
	} {
		var all Report
		flags := map[string]int{}
		for _, name := range c.files {
			f, err := os.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			rep, got, err := take(t, f, Options{File: filepath.Base(name), Source: posting.Source{ID: "x", Host: "jobbank.gc.ca", Accepted: TermsVersion}})
			f.Close()
			if err != nil || rep.Format != c.format {
				t.Errorf("Read(%s) as %s: %v", name, rep.Format, err)
			}
			all.Read, all.Kept, all.Assigned, all.ByTitle = all.Read+rep.Read, all.Kept+rep.Kept, all.Assigned+rep.Assigned, all.ByTitle+rep.ByTitle
			all.Problems = append(all.Problems, rep.Problems...)
			for _, p := range got {
				if p.NOC != "" && occupation.Title(p.NOC).EN == "" || (p.NOC == "") != (p.Confidence == 0) {
					t.Errorf("%s: occupation %q with confidence %d", p.SourceID, p.NOC, p.Confidence)
				}
				if p.Title.EN == "" || p.Ends < p.Posted {
					t.Errorf("%s: title %+v, posted %s, ends %s", p.SourceID, p.Title, p.Posted, p.Ends)
				}
				for name, on := range map[string]bool{
					"located": p.Place.Known(), "wage compared": p.Wage.Known(), "wage impossible": p.Wage.Flags&posting.WageImpossible != 0,
					"wage under the minimum": p.Wage.Flags&posting.WageBelowMinimum != 0, "end estimated": p.Estimated,
					"education": p.Education != 0, "experience": p.Exp != 0, "no province": p.Place.Province == "",
				} {
					if on {
						flags[name]++
					}
				}
			}
		}
		t.Logf("%s: %d read, %d kept, %d problems, occupation for %d (%d from the title): %v", c.format, all.Read, all.Kept, len(all.Problems), all.Assigned, all.ByTitle, flags)
		if all.Read != c.rows || all.Kept != c.rows {
			t.Errorf("%s: kept %d of %d, want all %d", c.format, all.Kept, all.Read, c.rows)
		}
		equal(t, string(c.format)+" problems", reasons(all), c.problems)
		if share := float64(all.Assigned) / float64(all.Kept); share < c.assigned {
			t.Errorf("%s: %.0f%% have an occupation, want %.0f%%", c.format, share*100, c.assigned*100)
		}
	}
}
