package resume

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"passerelle/i18n"
)

// candidateKey keeps a file of the newer Europass as it came.
const candidateKey = "x-europass-candidate"

// candidate reads the format that the Europass portal writes since 2020 (root Candidate, on
// HR-XML). It is read and not written: name, addresses, profile, jobs, studies and languages
// become fields, and all of the file stays beside them. text is the file.
func candidate(root *tag, text string) (d Document) {
	who, profile := root.at("CandidatePerson"), root.at("CandidateProfile")
	if who == nil {
		who = root.at("CandidateSupplier/PersonContact")
	}
	w := i18n.For(i18n.Lang(profile.attr("languageCode")))
	b := &d.Basics
	b.Name = strings.TrimSpace(who.say("PersonName/GivenName") + " " + who.say("PersonName/FamilyName"))
	for _, c := range who.kids("Communication") {
		uri := c.say("URI")
		switch c.say("ChannelCode") {
		case "Email":
			fill(&b.Email, uri)
		case "Web":
			fill(&b.URL, uri)
		case "Telephone":
			number := c.say("DialNumber")
			if code := strings.TrimLeft(c.say("CountryDialing"), "+"); code != "" && number != "" {
				number = "+" + code + " " + number
			}
			fill(&b.Phone, number)
		case "Social Media":
			if uri != "" {
				name := c.say("OtherTitle")
				if name == "" {
					name = c.say("UseCode")
				}
				b.Profiles = append(b.Profiles, Profile{Network: name, URL: uri})
			}
		}
		if a := c.at("Address"); a != nil && b.Location.City == "" {
			b.Location = Location{Address: a.say("AddressLine"), City: a.say("CityName"), PostalCode: a.say("PostalCode"), CountryCode: strings.ToUpper(a.say("CountryCode"))}
		}
	}
	b.Summary = plainText(profile.say("ExecutiveSummary"))
	for _, e := range profile.at("EmploymentHistory").kids("EmployerHistory") {
		for _, p := range e.kids("PositionHistory") {
			x := Work{Name: e.say("OrganizationName"), Position: p.say("PositionTitle"), Location: p.say("City"), URL: site(e)}
			x.StartDate, x.EndDate = dates(p.at("EmploymentPeriod"))
			x.Summary, x.Highlights = rich(p.say("Description"))
			d.Work = append(d.Work, x)
		}
	}
	for _, e := range profile.at("EducationHistory").kids("EducationOrganizationAttendance") {
		x := Education{Institution: e.say("OrganizationName"), StudyType: e.say("EducationDegree/DegreeName"), URL: site(e), Score: e.say("EducationDegree/FinalGrade/ScoreText")}
		x.StartDate, x.EndDate = dates(e.at("AttendancePeriod"))
		x.Courses = lines(e.say("EducationDegree/OccupationalSkillsCovered"))
		d.Education = append(d.Education, x)
	}
	for _, e := range who.kids("PrimaryLanguageCode") {
		if name := e.text(); name != "" {
			if e.attr("name") != "FREE_TEXT" {
				name = languageName(name, w.Lang())
			}
			d.Languages = append(d.Languages, Language{Language: name, Fluency: w.S(i18n.ResumeNative)})
		}
	}
	for _, c := range profile.at("PersonQualifications").kids("PersonCompetency") {
		if !strings.EqualFold(c.say("TaxonomyID"), "language") {
			continue
		}
		levels := make([]string, len(cefDimensions))
		for _, dim := range c.kids("CompetencyDimension") {
			if i := slices.Index(cefDimensions, dim.say("CompetencyDimensionTypeCode")); i >= 0 {
				levels[i] = strings.ToUpper(dim.say("Score/ScoreText"))
			}
		}
		d.Languages = append(d.Languages, Language{Language: languageName(c.say("CompetencyID"), w.Lang()), Fluency: fluencyOf(levels)})
	}
	return d.with(candidateKey, text)
}

// cefDimensions are the skills of a language, in the order of [cefr].
var cefDimensions = []string{"CEF-Understanding-Listening", "CEF-Understanding-Reading", "CEF-Speaking-Interaction", "CEF-Speaking-Production", "CEF-Writing-Production"}

// fill gives a field its first text.
func fill(field *string, text string) {
	if *field == "" {
		*field = text
	}
}

func site(e *tag) string {
	for _, c := range e.at("OrganizationContact").kids("Communication") {
		if c.say("ChannelCode") == "Web" {
			return c.say("URI")
		}
	}
	return ""
}

func dates(e *tag) (start, end string) {
	read := func(name string) string {
		text := e.say(name + "/FormattedDateTime")
		if i := strings.IndexByte(text, 'T'); i > 0 {
			text = text[:i]
		}
		if !Dated(text) {
			return ""
		}
		return text
	}
	return read("StartDate"), read("EndDate")
}

// languageName is how a code of a language is said; the code where nobody knows.
func languageName(code string, l i18n.Lang) string {
	t, err := language.Parse(code)
	if err != nil {
		return code
	}
	if name := display.Languages(language.Make(string(l))).Name(t); name != "" {
		return name
	}
	return code
}
