package state

import (
	"strconv"
	"strings"

	"passerelle/i18n"
	"passerelle/store/match"
	"passerelle/store/query"
	"passerelle/store/record"
)

// RequirementKind names a kind of requirement.
func (s *State) RequirementKind(k match.Kind) string {
	w := s.words
	switch k {
	case match.Work:
		return FacetLabel(w, query.NOC)
	case match.Experience:
		return w.S(i18n.RecordfieldExperience)
	case match.Skill:
		return w.S(i18n.RecordfieldSkills)
	case match.Place:
		return w.S(i18n.RecordfieldPlaces)
	case match.Workplace:
		return w.S(i18n.RecordfieldWorkplace)
	case match.Education:
		return w.S(i18n.RecordfieldEducation)
	}
	return w.S(i18n.RecordfieldCredentials)
}

// Asked says what is asked, without the name of its kind; "" where a posting says nothing.
func (s *State) Asked(k match.Kind, ids []string, level int, text string) string {
	w := s.words
	var names []string
	for _, id := range ids {
		name := id
		switch k {
		case match.Work, match.Experience:
			name = formWord(w, record.NOC, id)
		case match.Skill, match.Credential:
			name = formWord(w, record.Skill, id)
		case match.Place:
			name = formWord(w, record.Where, id)
		case match.Workplace:
			name = s.ValueLabel(query.Workplace, id)
		}
		names = append(names, name)
	}
	if level > 0 {
		facet := query.Experience
		if k == match.Education {
			facet = query.Education
		}
		names = append(names, s.ValueLabel(facet, strconv.Itoa(level)))
	}
	if text != "" {
		names = append(names, text)
	}
	return strings.Join(names, " · ")
}

// Requirement says what is asked, under the name of its kind.
func (s *State) Requirement(k match.Kind, ids []string, level int, text string) string {
	asked := s.Asked(k, ids, level, text)
	if asked == "" {
		return s.RequirementKind(k)
	}
	return s.words.S(i18n.RecordvalueLine, "Name", s.RequirementKind(k), "Value", asked)
}

var verdicts = map[match.State]i18n.Key{
	match.Met: i18n.MatchMet, match.Partly: i18n.MatchPartly, match.Missing: i18n.MatchMissing, match.Unknown: i18n.MatchUnknown,
}

// Verdict says how a requirement stands.
func Verdict(w *i18n.Words, st match.State) string { return w.S(verdicts[st]) }

// bars are those that a desktop can know.
var bars = map[match.Bar]i18n.Key{
	match.Inactive: i18n.MatchInactive, match.Suspended: i18n.MatchInactive, match.Unapproved: i18n.MatchElsewhere,
	match.Elsewhere: i18n.MatchElsewhere, match.OldNumber: i18n.MatchOldNumber, match.Ended: i18n.PageEnded, match.NotYet: i18n.MatchNotYet,
}

// Barred says why a profile and a posting may not be matched; "" that
// they may.
func Barred(w *i18n.Words, b match.Bar) string {
	if b == "" {
		return ""
	}
	return w.S(bars[b])
}

// Starred is a score in words.
func Starred(w *i18n.Words, percent, stars int) string {
	return w.N(i18n.MatchStars, stars, "Percent", percent)
}
