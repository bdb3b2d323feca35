package intake

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"passerelle/store/posting"
)

// fuzz reads anything as one format: it must end, count rightly, and hand over nothing
// that the catalogue could not keep.
func fuzz(f *testing.F, format Format, glob ...string) {
	for _, g := range glob {
		names, err := filepath.Glob(filepath.Join("testdata", g))
		if err != nil || len(names) == 0 {
			f.Fatalf("no seed %s: %v", g, err)
		}
		for _, n := range names {
			b, err := os.ReadFile(n)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		kept := 0
		rep, err := Read(t.Context(), bytes.NewReader(b), Options{Format: format, Source: partner}, func(p posting.Posting) error {
			kept++
			if p.SourceID == "" || p.Posted == 0 || p.Ends < p.Posted || len(p.Langs()) != 1 || !utf8.ValidString(p.Title.FR+p.Title.EN) || p.Confidence > 100 {
				t.Errorf("kept %+v", p.Card)
			}
			if c, err := posting.ParseCard(p.Card.Bytes()); err != nil || c.SourceID != p.SourceID {
				t.Errorf("card of %s: %v", p.SourceID, err)
			}
			if _, err := posting.ParseDetails(p.Details.Bytes()); err != nil {
				t.Errorf("details of %s: %v", p.SourceID, err)
			}
			return nil
		})
		if kept != rep.Kept || rep.Kept > rep.Read {
			t.Errorf("%d handed over, %d counted of %d read", kept, rep.Kept, rep.Read)
		}
		if _, stopped := rep.Fatal(); stopped != (err != nil) {
			t.Errorf("error %v, problems %+v", err, rep.Problems)
		}
	})
}

func FuzzFederal(f *testing.F) { fuzz(f, Federal, "federal-*.xml", "hostile-*.xml") }

func FuzzOpenData(f *testing.F) { fuzz(f, OpenData, "table-*", "wrong-headers.csv") }

func FuzzJobPosting(f *testing.F) { fuzz(f, JobPosting, "jobs*", "page.html", "hostile-*json") }

func FuzzDetect(f *testing.F) { fuzz(f, "", "*") }
