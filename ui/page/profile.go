package page

import (
	"slices"
	"strings"

	"passerelle/i18n"
	"passerelle/store/match"
	"passerelle/store/skill"
	"passerelle/ui/state"
)

// Profile is what a profile says, section by section, what an empty one costs, and what this
// version of the lists does not know.
func Profile(s state.Sheet) Page {
	w := s.Words
	full, all := s.Filled()
	mode := i18n.MatchDefault
	if s.Mode() == string(match.Strict) {
		mode = i18n.MatchStrict
	}
	pg := Page{Lang: w.Lang(), Title: w.S(i18n.ProfileOverview)}
	add := func(b Block) { pg.Blocks = append(pg.Blocks, b) }
	add(Block{Text: w.N(i18n.ProfileCompleteSome, full, "All", all)})
	if s.Bare() {
		add(Block{Text: w.S(i18n.ProfileCompleteBare)})
	}
	add(Block{Text: w.S(mode)})
	for _, x := range s.Sections() {
		add(Block{Heading: x.Label, Level: 2})
		if x.Empty {
			add(Block{Text: w.S(i18n.ProfileSectionNone)})
			add(Block{Text: cost(w, x.Field)})
		}
		if lines := x.Lines; len(lines) > 0 && (!x.Empty || x.Field == "places") {
			add(Block{List: lines})
		}
		lost := s.Unlisted(x.Field)
		if x.Field == "places" {
			lost = append(lost, s.Unlisted("workplaces")...)
		}
		if len(lost) > 0 {
			add(Block{Text: w.S(i18n.CliProfileUnlisted, "Values", strings.Join(lost, ", "))})
		}
	}
	return pg
}

// cost is what a section costs while it is empty.
func cost(w *i18n.Words, field string) string {
	switch field {
	case "places":
		return w.S(i18n.CliProfileCostPlaces)
	case "experience":
		return w.S(i18n.CliProfileCostExperience, "Points", match.Of(match.Work)+match.Of(match.Experience))
	case "skills":
		return w.S(i18n.CliProfileCostSkills, "Points", match.Of(match.Skill))
	case "education": // unknown counts for half
		return w.S(i18n.CliProfileCostEducation, "Points", match.Of(match.Education)/2)
	}
	return w.S(i18n.CliProfileCostCredentials, "Points", match.Of(match.Credential))
}

// ProfileSkills are the skills that are tied to the titles of a profile, each once, those
// that are in it marked, and the others that are in it.
func ProfileSkills(s state.Sheet) Page {
	w := s.Words
	pg := Page{Lang: w.Lang(), Title: w.S(i18n.ProfileSkillsName)}
	works := s.Works()
	if len(works) == 0 {
		pg.Blocks = append(pg.Blocks, Block{Text: w.S(i18n.ProfileWorkNone)}, Block{Text: w.S(i18n.CliProfileTitleFirst)})
	}
	line := func(id string) string {
		key := i18n.CliProfileSkill
		if slices.Contains(s.Concepts("skills"), id) {
			key = i18n.CliProfileSkillHas
		}
		return w.S(key, "Name", s.Word("skills", id), "Value", id)
	}
	list := func(ids []string) {
		var lines []string
		for _, id := range ids {
			lines = append(lines, line(id))
		}
		if len(lines) > 0 {
			pg.Blocks = append(pg.Blocks, Block{List: lines})
		}
	}
	for _, x := range works {
		pg.Blocks = append(pg.Blocks, Block{Heading: x.Title, Level: 2})
		any := false
		for _, l := range x.Lists {
			if len(l.IDs) > 0 {
				any = true
				pg.Blocks = append(pg.Blocks, Block{Heading: l.Title, Level: 3})
				list(l.IDs)
			}
		}
		if !any {
			pg.Blocks = append(pg.Blocks, Block{Text: w.S(i18n.CliProfileSkillsNone)})
		}
	}
	if others := s.Others(); len(others) > 0 {
		for i, id := range others {
			if c, ok := skill.Get(id); ok {
				others[i] = c.ID
			}
		}
		pg.Blocks = append(pg.Blocks, Block{Heading: w.S(i18n.ProfileSkillsOther), Level: 2})
		list(others)
	}
	return pg
}

// Choice is a text that the lists have several answers for.
type Choice struct {
	Text  string
	Found []state.Listed
}

// Choices are those answers, each with the value that names it alone; why says what to do
// with them, "" nothing.
func Choices(w *i18n.Words, title, why string, all []Choice) Page {
	pg := Page{Lang: w.Lang(), Title: title}
	if why != "" {
		pg.Blocks = append(pg.Blocks, Block{Text: why})
	}
	for _, c := range all {
		var lines []string
		for _, x := range c.Found {
			name := x.Text
			if x.Note != "" {
				name = w.S(i18n.ProfileFoundLine, "Name", x.Text, "Note", x.Note)
			}
			lines = append(lines, w.S(i18n.RecordvalueLine, "Name", x.Value, "Value", name))
		}
		if c.Text != "" {
			pg.Blocks = append(pg.Blocks, Block{Heading: c.Text, Level: 2})
		}
		pg.Blocks = append(pg.Blocks, Block{List: lines})
	}
	return pg
}
