package state

import (
	"strings"

	"passerelle/i18n"
	"passerelle/store/posting"
	"passerelle/store/query"
)

// Fact is one line of a posting's facts: a label and what it says.
type Fact struct{ Label, Value string }

// Facts are a posting's facts in the order in which they are read, in the person's
// language, without those that the posting does not state. The window, the page to
// print and the command line show the same ones.
func (s *State) Facts(c posting.Card) []Fact {
	w := s.words
	var fs []Fact
	add := func(k i18n.Key, v string) {
		if v != "" {
			fs = append(fs, Fact{w.S(k), v})
		}
	}
	value := func(f query.Facet, v string) string {
		if v == "" || v == "0" {
			return ""
		}
		return s.ValueLabel(f, v)
	}
	add(i18n.FactTerm, value(query.Term, string(c.Term)))
	var when []string
	for _, code := range c.Schedule {
		when = append(when, strings.ToLower(s.ValueLabel(query.Schedule, code)))
	}
	add(i18n.FactHours, join(value(query.Period, string(c.Period)), s.hours(c), strings.Join(when, ", ")))
	add(i18n.FactLanguage, value(query.WorkLang, string(c.WorkLang)))
	if c.Positions > 0 {
		add(i18n.FactPositions, w.Number(c.Positions))
	}
	switch {
	case c.Starts != 0:
		add(i18n.FactStart, c.Starts.String())
	case c.State == posting.Shown && c.Term != "":
		add(i18n.FactStart, w.S(i18n.FactStartUnknown))
	}
	if c.Until != 0 {
		add(i18n.FactUntil, c.Until.String())
	}
	end := c.Ends.String()
	if c.Estimated {
		end = w.S(i18n.FactEstimated, "Date", end)
	}
	add(i18n.FactEnds, end)
	add(i18n.FactPosted, c.Posted.String())
	add(i18n.FacetEducation, value(query.Education, itoa(int64(c.Education))))
	add(i18n.FacetExperience, value(query.Experience, itoa(int64(c.Exp))))
	if c.Place.Mode != posting.OnSite {
		add(i18n.FacetWorkplace, value(query.Workplace, string(c.Place.Mode)))
	}
	var groups []string
	for _, g := range c.Groups {
		groups = append(groups, s.ValueLabel(query.Group, g))
	}
	add(i18n.FacetGroup, strings.Join(groups, ", "))
	if c.Abroad {
		add(i18n.FacetAbroad, w.S(i18n.AbroadYes))
	}
	add(i18n.FacetSource, s.ValueLabel(query.Source, c.Source))
	if c.External() && c.SourceID != "" {
		add(i18n.FactOrigin, c.SourceID)
	}
	return fs
}

var kindKeys = map[posting.Kind]i18n.Key{
	posting.About: i18n.KindAbout, posting.Tasks: i18n.KindTasks, posting.Tools: i18n.KindTools,
	posting.Credentials: i18n.KindCredentials, posting.Security: i18n.KindSecurity, posting.Suitability: i18n.KindSuitability,
	posting.Setting: i18n.KindSetting, posting.Conditions: i18n.KindConditions, posting.Studies: i18n.KindStudies,
	posting.Experiences: i18n.KindExperience, posting.Transport: i18n.KindTransport, posting.OwnTools: i18n.KindOwntools,
	posting.Supervision: i18n.KindSupervision, posting.Special: i18n.KindSpecial, posting.Benefits: i18n.KindBenefits,
	posting.Screening: i18n.KindScreening, posting.Languages: i18n.KindLanguages, posting.Other: i18n.KindOther,
}

// SectionTitle names a section: by its kind in the person's language, or by the source's
// own heading when the kind is not one of ours.
func (s *State) SectionTitle(sec posting.Section) string {
	if sec.Kind == posting.Other && sec.Name != "" {
		return sec.Name
	}
	if k, ok := kindKeys[sec.Kind]; ok {
		return s.words.S(k)
	}
	return s.words.S(i18n.KindOther)
}

var applyKeys = map[posting.Apply]i18n.Key{
	posting.ApplyOnline: i18n.ApplyOnline, posting.ApplyEmail: i18n.ApplyEmail, posting.ApplyPhone: i18n.ApplyPhone,
	posting.ApplyFax: i18n.ApplyFax, posting.ApplyMail: i18n.ApplyMail, posting.ApplyPerson: i18n.ApplyPerson,
}

// ApplyTitle names a way to apply.
func (s *State) ApplyTitle(m posting.Method) string { return s.words.S(applyKeys[m.Kind]) }

// ApplyLine is a way to apply on one line: the address, the extension, the hours.
func (s *State) ApplyLine(m posting.Method) string {
	line := strings.ReplaceAll(m.Value, "\n", ", ")
	if m.Ext != "" {
		line += " " + s.words.S(i18n.ApplyExt, "Ext", m.Ext)
	}
	return join(line, m.Hours)
}
