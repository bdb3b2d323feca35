package state

import (
	"slices"
	"strings"

	"passerelle/i18n"
	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/skill"
)

// Complete completes what a person types with what the lists have, in both languages and
// without regard to accents: at most n, none before two letters.
func Complete(w *i18n.Words, what, text string, n int) (found []Listed) {
	if len([]rune(strings.TrimSpace(text))) < 2 {
		return nil
	}
	both := func(value string, b posting.Both) Listed {
		x := Listed{Value: value}
		x.Text, _ = b.In(w.Lang())
		if x.Note, _ = b.In(w.Lang().Other()); x.Note == x.Text {
			x.Note = ""
		}
		return x
	}
	switch what {
	case FindPlace:
		return findPlaces(w, text, n, both)
	case FindTitle:
		// One title of a unit group is enough, as typed: a choice is of the group.
		for _, s := range occupation.Suggest(text, "", 8*n) {
			if len(found) < n && !slices.ContainsFunc(found, func(x Listed) bool { return x.Value == s.NOC }) {
				title, _ := occupation.Title(s.NOC).In(w.Lang())
				found = append(found, Listed{Value: s.NOC, Text: s.Text, Note: w.S(i18n.ProfileNoc, "Code", s.NOC, "Title", title)})
			}
		}
	case FindSkill, FindCredential:
		keep := skill.Concept.Skill
		if what == FindCredential {
			keep = skill.Concept.Credential
		}
		for _, c := range skill.Suggest(text, n, keep) {
			found = append(found, both(c.ID, c.Name))
		}
	}
	return found
}

// findPlaces finds cities, by their name or a postal code, provinces and the whole country.
func findPlaces(w *i18n.Words, text string, n int, both func(string, posting.Both) Listed) (found []Listed) {
	begins := func(b posting.Both) bool {
		t := occupation.Fold(text)
		return t != "" && (strings.HasPrefix(occupation.Fold(b.FR), t) || strings.HasPrefix(occupation.Fold(b.EN), t))
	}
	if begins(posting.Both{FR: i18n.For(i18n.French).S(i18n.ScopeCanada), EN: i18n.For(i18n.English).S(i18n.ScopeCanada)}) || begins(posting.Both{FR: "Canada", EN: "Canada"}) {
		found = append(found, Listed{Value: "CA", Text: w.S(i18n.ScopeCanada)})
	}
	for _, code := range place.Provinces() {
		if name := place.Province(code); begins(name) || strings.EqualFold(code, strings.TrimSpace(text)) {
			found = append(found, both(code, name))
		}
	}
	cities := place.Suggest(text, n)
	if spot, err := place.Find(text); err == nil && len(cities) == 0 {
		name := spot.Label
		if code, rest, ok := strings.Cut(name, ", "); ok && len(code) == 3 && strings.Contains(rest, ", ") { // of a postal code
			name = rest
		}
		city, _, _ := strings.Cut(name, ", ")
		if c, ok := place.FindCity(city, spot.Province); ok {
			cities = append(cities, c)
		}
	}
	for _, c := range cities {
		name := c.Name + ", " + c.Province
		full, _ := place.Province(c.Province).In(w.Lang())
		found = append(found, Listed{Value: name, Text: name, Note: full})
	}
	return found[:min(len(found), n)]
}
