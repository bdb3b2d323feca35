package measure

import (
	"errors"
	"slices"
	"testing"

	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/skill"
)

// TestMatchQuality prints how many of the first ten real postings are right for the
// labelled profiles, by the scorer and by plain keywords.
//
// Rows: A-064
func TestMatchQuality(t *testing.T) {
	for _, set := range []Labels{Forty, Wide, Ten} {
		r, err := MatchQuality(t.Context(), set)
		if errors.Is(err, ErrNoData) {
			t.Skip("PASSERELLE_DATA is unset: the real postings are not at hand")
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range r.Each {
			t.Logf("%-30s %2d right: scorer %.1f, keywords %.1f; %d of ten judged; taken %v, missed %v", e.ID, e.Right, e.Scorer, e.Keywords, e.Judged, e.Taken, e.Missed)
		}
		t.Logf("%s: %d profiles, %d postings, %d with ten right or more; best possible at 10: %.3f; strict: %.3f right of %.1f given", set, r.Profiles, r.Postings, r.Full, r.Best, r.Strict, r.StrictGiven)
		for _, x := range []struct {
			name string
			Ranking
		}{{"scorer", r.Scorer}, {"plain keywords", r.Plain}, {"keywords, occupations named", r.Named}} {
			t.Logf("%-28s at 10: %.3f; at k: %.3f; at 10 of those with ten: %.3f", x.name, x.At10, x.AtK, x.AtFull)
		}
		if r.Scorer.AtK < r.Plain.AtK+0.15 {
			t.Errorf("%s: of the first ten, or of as many as are right, %.3f are, and %.3f by plain keywords; want 0.15 more", set, r.Scorer.AtK, r.Plain.AtK)
		}
		if want := map[Labels]float64{Wide: 0.15, Ten: 0.2}[set]; r.Scorer.At10 < r.Plain.At10+want { // the forty cannot tell: see their README
			t.Errorf("%s: precision at 10 is %.3f, and %.3f by plain keywords; want %.2f more", set, r.Scorer.At10, r.Plain.At10, want)
		}
	}
}

// Every profile was judged on ten postings or more, no posting both ways, in words and
// places that a person can pick; those held out have ten right ones or more.
func TestLabelledProfiles(t *testing.T) {
	known := map[string]bool{}
	posts, err := RealPostings(t.Context())
	if err != nil && !errors.Is(err, ErrNoData) {
		t.Fatal(err)
	}
	for _, p := range posts {
		known[p.SourceID] = true
	}
	names := map[string]bool{}
	for set, want := range map[Labels]struct{ profiles, right int }{Forty: {40, 1}, Wide: {22, 7}, Ten: {40, 10}} {
		all, err := LabelledProfiles(set)
		if err != nil || len(all) != want.profiles {
			t.Fatalf("%s: %d labelled profiles, want %d: %v", set, len(all), want.profiles, err)
		}
		for _, l := range all {
			if names[l.ID] {
				t.Errorf("%s: %s stands twice", set, l.ID)
			}
			names[l.ID] = true
			seen := map[string]bool{}
			for _, id := range slices.Concat(l.Right, l.Wrong) {
				if seen[id] {
					t.Errorf("%s: posting %s stands twice", l.ID, id)
				}
				seen[id] = true
				if posts != nil && !known[id] {
					t.Errorf("%s: there is no posting %s", l.ID, id)
				}
			}
			if len(seen) < 10 || len(l.Right) < want.right || len(l.Wrong) == 0 {
				t.Errorf("%s: %d right and %d wrong, want %d right, some wrong and ten in all", l.ID, len(l.Right), len(l.Wrong), want.right)
			}
			for _, id := range slices.Concat(l.Profile.Skills, l.Profile.Credentials) {
				if _, ok := skill.Get(id); !ok {
					t.Errorf("%s: there is no skill %s", l.ID, id)
				}
			}
			for noc := range l.Profile.Experience {
				if occupation.Title(noc).EN == "" {
					t.Errorf("%s: there is no occupation %s", l.ID, noc)
				}
			}
			for _, at := range l.Profile.Places {
				if _, err := place.Find(at); err != nil && at != "CA" && place.Province(at).EN == "" && set == Ten {
					t.Errorf("%s: nobody can name %s: %v", l.ID, at, err)
				}
			}
		}
	}
}
