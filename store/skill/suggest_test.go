package skill_test

import (
	"slices"
	"testing"

	"passerelle/store/skill"
)

// TestSuggest: what is typed in one language finds the concept in both, accents or not, and
// nothing is offered that a profile could not hold.
//
// Rows: A-072
func TestSuggest(t *testing.T) {
	ids := func(text string, keep func(skill.Concept) bool) (out []string) {
		for _, c := range skill.Suggest(text, 12, keep) {
			out = append(out, c.ID)
		}
		return out
	}
	fr, en := ids("soud", skill.Concept.Skill), ids("weld", skill.Concept.Skill)
	both := slices.DeleteFunc(slices.Clone(fr), func(id string) bool { return !slices.Contains(en, id) })
	if len(both) == 0 {
		t.Errorf("soud finds %q and weld %q: not one concept is in both", fr, en)
	}
	if a, b := ids("ÉQUIPEMENT", nil), ids("equipement", nil); len(a) == 0 || !slices.Equal(a, b) {
		t.Errorf("with accents %q, without %q", a, b)
	}
	if got := ids("evaluer patients", nil); !slices.Contains(got, "ps:assess-patients-and-adjust-the-care-plan") {
		t.Errorf("without accents: %q", got)
	}
	if got := ids("a", nil); got != nil {
		t.Errorf("one letter offers %q", got)
	}
	if got := skill.Suggest("de", 3, nil); len(got) > 3 {
		t.Errorf("%d are offered, want 3 at most", len(got))
	}
	for _, c := range skill.Suggest("conduire", 50, skill.Concept.Skill) {
		if c.Credential() {
			t.Errorf("%s is offered as a skill", c.ID)
		}
	}
	if got := ids("licence driver", skill.Concept.Credential); !slices.Contains(got, "ps:valid-driver-s-licence") {
		t.Errorf("the licence is no credential: %q", got)
	}
}
