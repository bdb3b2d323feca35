package resume

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
)

// Finding is something that a person may want to mend. None keeps a résumé from being
// saved or sent: it is theirs.
type Finding struct {
	Path    string  // where, as in "work[1].endDate"
	Section Section // that it stands in; "": the head
	Entry   int     // of the section, from 1; 0: all of it
	Key     i18n.Key
	// Private is for what does harm in other hands: a social insurance number, a photo, an age.
	Private bool
}

// Say is the finding as a sentence that says where it stands.
func (f Finding) Say(w *i18n.Words) string {
	switch {
	case f.Section == "":
		return w.S(f.Key)
	case f.Entry == 0:
		return w.S(i18n.ResumeCheckIn, "Section", w.S(f.Section.Key()), "What", w.S(f.Key))
	}
	return w.S(i18n.ResumeCheckAt, "Section", w.S(f.Section.Key()), "Entry", w.Number(f.Entry), "What", w.S(f.Key))
}

// Key is the title of a section.
func (s Section) Key() i18n.Key { return titles[s] }

var titles = map[Section]i18n.Key{
	Summary: i18n.ResumeSectionSummary, Experience: i18n.ResumeSectionWork, Studies: i18n.ResumeSectionEducation,
	Skilled: i18n.ResumeSectionSkills, Certified: i18n.ResumeSectionCertificates, Speaks: i18n.ResumeSectionLanguages,
	Volunteering: i18n.ResumeSectionVolunteer, Undertaken: i18n.ResumeSectionProjects, Awarded: i18n.ResumeSectionAwards,
	Published: i18n.ResumeSectionPublications, Interested: i18n.ResumeSectionInterests, Referred: i18n.ResumeSectionReferences,
}

// Check says what a person may want to mend, what is private first, then from the head to
// the last section. now tells days to come.
func Check(d Document, now time.Time) []Finding {
	c := &checker{today: now.Format(time.DateOnly)}
	c.private(&d)
	b := d.Basics
	if strings.TrimSpace(b.Name) == "" {
		c.add("basics.name", "", 0, i18n.ResumeCheckName)
	}
	if b.Email == "" && b.Phone == "" {
		c.add("basics.email", "", 0, i18n.ResumeCheckContact)
	}
	if b.Email != "" && account.CheckEmail(b.Email) != "" {
		c.add("basics.email", "", 0, i18n.ResumeCheckEmail)
	}
	c.link("basics.url", "", 0, b.URL)
	for i, p := range b.Profiles {
		c.link(fmt.Sprintf("basics.profiles[%d].url", i), "", 0, p.URL)
	}
	filled := 0
	for _, s := range Sections {
		filled += d.Len(s)
	}
	if filled == 0 {
		c.add("", "", 0, i18n.ResumeCheckEmpty)
	}
	for i, x := range d.Work {
		at := c.entry(Experience, i)
		at.needs("position", x.Position, i18n.ResumeCheckPosition)
		at.needs("name", x.Name, i18n.ResumeCheckEmployer)
		at.needs("startDate", x.StartDate, i18n.ResumeCheckStart)
		at.span(x.StartDate, x.EndDate, true)
		c.link(at.path("url"), Experience, i+1, x.URL)
	}
	for i, x := range d.Volunteer {
		at := c.entry(Volunteering, i)
		at.needs("organization", x.Organization, i18n.ResumeCheckOrganization)
		at.span(x.StartDate, x.EndDate, true)
		c.link(at.path("url"), Volunteering, i+1, x.URL)
	}
	for i, x := range d.Education {
		at := c.entry(Studies, i)
		at.needs("institution", x.Institution, i18n.ResumeCheckInstitution)
		if x.Area == "" && x.StudyType == "" {
			at.needs("studyType", "", i18n.ResumeCheckStudy)
		}
		at.span(x.StartDate, x.EndDate, false) // an end to come is when a student will be done
		c.link(at.path("url"), Studies, i+1, x.URL)
	}
	for i, x := range d.Awards {
		c.entry(Awarded, i).date("date", x.Date)
	}
	for i, x := range d.Certificates {
		at := c.entry(Certified, i)
		at.needs("name", x.Name, i18n.ResumeCheckUnnamed)
		at.date("date", x.Date)
		c.link(at.path("url"), Certified, i+1, x.URL)
	}
	for i, x := range d.Publications {
		at := c.entry(Published, i)
		at.date("releaseDate", x.ReleaseDate)
		c.link(at.path("url"), Published, i+1, x.URL)
	}
	for i, x := range d.Skills {
		c.entry(Skilled, i).needs("name", x.Name, i18n.ResumeCheckUnnamed)
	}
	for i, x := range d.Languages {
		at := c.entry(Speaks, i)
		at.needs("language", x.Language, i18n.ResumeCheckUnnamed)
		at.needs("fluency", x.Fluency, i18n.ResumeCheckFluency)
	}
	for i, x := range d.Projects {
		at := c.entry(Undertaken, i)
		at.span(x.StartDate, x.EndDate, false)
		c.link(at.path("url"), Undertaken, i+1, x.URL)
	}
	walk(reflect.ValueOf(&d).Elem(), "", func(path string, f reflect.Value, raw json.RawMessage) {
		if f.IsValid() && !suits(raw, f) {
			s, entry := sectionOf(path)
			c.add(path, s, entry, i18n.ResumeCheckType)
		}
	})
	return append(c.secret, c.all...)
}

type checker struct {
	today       string
	secret, all []Finding
}

func (c *checker) add(path string, s Section, entry int, k i18n.Key) {
	c.all = append(c.all, Finding{Path: path, Section: s, Entry: entry, Key: k})
}

func (c *checker) link(path string, s Section, entry int, link string) {
	if link == "" {
		return
	}
	at, err := url.Parse(link)
	if err != nil || at.Scheme != "https" && at.Scheme != "http" || at.Hostname() == "" {
		c.add(path, s, entry, i18n.ResumeCheckLink)
	}
}

// at is an entry of a section.
type at struct {
	c *checker
	s Section
	i int
}

func (c *checker) entry(s Section, i int) at { return at{c, s, i} }

func (a at) path(field string) string { return fmt.Sprintf("%s[%d].%s", a.s, a.i, field) }

func (a at) add(field string, k i18n.Key) { a.c.add(a.path(field), a.s, a.i+1, k) }

func (a at) needs(field, text string, k i18n.Key) {
	if strings.TrimSpace(text) == "" {
		a.add(field, k)
	}
}

func (a at) date(field, day string) {
	if day != "" && !Dated(day) {
		a.add(field, i18n.ResumeCheckDate)
	} else if day != "" && first(day) > a.c.today {
		a.add(field, i18n.ResumeCheckFuture)
	}
}

// span checks two days. over says that the end cannot be to come.
func (a at) span(start, end string, over bool) {
	a.date("startDate", start)
	switch {
	case end == "":
	case !Dated(end):
		a.add("endDate", i18n.ResumeCheckDate)
	case Dated(start) && end[:min(len(start), len(end))] < start[:min(len(start), len(end))]:
		a.add("endDate", i18n.ResumeCheckOrder)
	case over && first(end) > a.c.today:
		a.add("endDate", i18n.ResumeCheckFuture)
	}
}

var day = regexp.MustCompile(`^[12][0-9]{3}(-(0[1-9]|1[0-2])(-[0-3][0-9])?)?$`)

// Dated says whether a text is a date as JSON Resume writes them.
func Dated(text string) bool {
	if !day.MatchString(text) {
		return false
	}
	_, err := time.Parse(time.DateOnly, first(text))
	return err == nil
}

// first is the first day of a date.
func first(date string) string { return (date + "-01-01")[:len(time.DateOnly)] }

// sectionOf finds where a path stands.
func sectionOf(path string) (Section, int) {
	name, rest, _ := strings.Cut(path, "[")
	for _, s := range Sections {
		if string(s) == name {
			n, _, _ := strings.Cut(rest, "]")
			i, err := strconv.Atoi(n)
			if err != nil {
				return s, 0
			}
			return s, i + 1
		}
	}
	return "", 0
}

// discreet are keys that other programs write, in small letters without marks, of what an
// employer has no business to know before hiring.
var discreet = map[string]bool{"image": true, "picture": true, "photo": true, "avatar": true, "birthdate": true, "dateofbirth": true, "birthday": true,
	"birth": true, "age": true, "gender": true, "sex": true, "nationality": true, "nationalities": true, "maritalstatus": true, "religion": true,
	"sin": true, "nas": true, "ssn": true, "socialinsurancenumber": true, "children": true}

func isDiscreet(name string) bool {
	return discreet[strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune("-_ .", r) {
			return -1
		}
		return r
	}, name))]
}

var nine = regexp.MustCompile(`[0-9][0-9 .\-\x{a0}]*[0-9]`)

// holdsSIN says whether nine digits of a text can be a social insurance number: alone, or
// in threes, with the right check digit.
func holdsSIN(text string) bool {
	for _, run := range nine.FindAllString(text, -1) {
		bare := account.BareSIN(run)
		parts := strings.FieldsFunc(run, func(r rune) bool { return r < '0' || r > '9' })
		threes := len(parts) == 3 && len(parts[0]) == 3 && len(parts[1]) == 3
		if len(bare) == 9 && (len(parts) == 1 || threes) && account.LuhnHolds(bare) {
			return true
		}
	}
	return false
}

func (c *checker) private(d *Document) {
	tell := func(path string, k i18n.Key) {
		s, entry := sectionOf(path)
		c.secret = append(c.secret, Finding{Path: path, Section: s, Entry: entry, Key: k, Private: true})
	}
	walk(reflect.ValueOf(d).Elem(), "", func(path string, f reflect.Value, raw json.RawMessage) {
		name := path[strings.LastIndexByte(path, '.')+1:]
		switch {
		case f.IsValid():
		case name == europassKey || name == candidateKey:
			if personal(raw) {
				tell(path, i18n.ResumeCheckPersonal)
			}
		case isDiscreet(name) && len(strings.Trim(string(raw), `"nul[]{} `)) > 0:
			tell(path, i18n.ResumeCheckPersonal)
		}
	})
	texts(reflect.ValueOf(d).Elem(), "", func(path, text string) {
		if holdsSIN(text) {
			tell(path, i18n.ResumeCheckSin)
		}
	})
}

// texts calls do with each text of a document's fields.
func texts(v reflect.Value, path string, do func(path, text string)) {
	if path != "" {
		path += "."
	}
	fields(v, func(name string, f reflect.Value) {
		here := path + name
		switch {
		case f.Kind() == reflect.String:
			do(here, f.String())
		case f.Kind() == reflect.Struct:
			texts(f, here, do)
		case f.Type().Elem().Kind() == reflect.String:
			for i := range f.Len() {
				do(fmt.Sprintf("%s[%d]", here, i), f.Index(i).String())
			}
		default:
			for i := range f.Len() {
				texts(f.Index(i), fmt.Sprintf("%s[%d]", here, i), do)
			}
		}
	})
}

// Discreet is the document without photo, age, sex, nationality and the like that a file
// brought with it. What the person wrote in the fields stays: [Check] tells of a social
// insurance number there.
func (d Document) Discreet() Document {
	out, err := Parse(strip(d.Bytes(), 0))
	if err != nil {
		return d // only a document of more than [Most], which is left as it is
	}
	return out
}

// strip takes what is discreet out of a value, as deep as a person or a program writes one:
// each level is read anew.
func strip(raw json.RawMessage, depth int) json.RawMessage {
	if depth > 16 {
		return raw
	}
	if es, ok := elements(raw); ok {
		changed := false
		for i := range es {
			now := strip(es[i], depth+1)
			changed = changed || string(now) != string(es[i])
			es[i] = now
		}
		if !changed {
			return raw
		}
		return array(es, depth)
	}
	raw = without(raw, depth, isDiscreet)
	ms := members(raw)
	changed := false
	for i := range ms {
		now := ms[i].raw
		if ms[i].name == europassKey || ms[i].name == candidateKey {
			now = impersonal(now)
		} else {
			now = strip(now, depth+1)
		}
		changed = changed || string(now) != string(ms[i].raw)
		ms[i].raw = now
	}
	if !changed {
		return raw
	}
	return object(ms, depth, strings.Contains(string(raw), "\n"))
}
