package state

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/posting"
	"passerelle/store/record"
	"passerelle/store/skill"
)

// Sheet is what a profile says, wherever it is kept: the working copy of an account, or a
// file of a person's own. It changes nothing by itself.
type Sheet struct {
	Words   *i18n.Words
	Doc     record.Doc
	Zone    *time.Location
	Express bool // the account was validated by Express Entry, whatever the profile says
}

// Kept are the values of a field, as they are kept.
func (s Sheet) Kept(field string) []string {
	if field == "experience" {
		return slices.Sorted(maps.Keys(lengthsOf(s.Doc)))
	}
	return list(s.Doc[field])
}

// Concepts are the values of a list of concepts by their own id, whichever the profile has
// them by; those that this version of the lists does not have stand as they are.
func (s Sheet) Concepts(field string) []string {
	ids := list(s.Doc[field])
	for i, id := range ids {
		if c, ok := skill.Get(id); ok {
			ids[i] = c.ID
		}
	}
	return ids
}

// Options are the values that a field with few of them may have. What a posting calls an
// asset is no length.
func (s Sheet) Options(field string) []string {
	return slices.DeleteFunc(slices.Clone(fieldOf(profileKind, field).Values), func(v string) bool { return field == "experience" && v == "2" })
}

// Mode is how the person is matched.
func (s Sheet) Mode() string {
	if m := str(s.Doc, "mode"); m != "" {
		return m
	}
	return "default"
}

// Unlisted are the values of a field that this version of the lists does not have, as they
// are kept: a newer program may have written them. They are not matched.
func (s Sheet) Unlisted(field string) (values []string) {
	k, _ := record.Find(profileKind)
	lengths := lengthsOf(s.Doc)
	for _, v := range s.Kept(field) {
		one := record.Doc{}
		if field == "experience" {
			put(one, field, map[string]string{v: lengths[v]}, 1)
		} else {
			put(one, field, []string{v}, 1)
		}
		if slices.ContainsFunc(k.Verify(one, true), func(p account.Problem) bool {
			name, _, _ := strings.Cut(p.Field, ".")
			return name == field
		}) {
			values = append(values, v)
		}
	}
	return values
}

// Expressed says whether the person is a candidate of Express Entry.
func (s Sheet) Expressed() bool { return s.Express || flag(s.Doc, "express") }

// Tick puts a value of a list in, or takes it out.
func (s Sheet) Tick(field, value string, on bool) { tick(s.Doc, field, value, on) }

// AddWork adds an occupation, or says how long one worked in it; "" leaves the length that
// is there.
func (s Sheet) AddWork(noc, length string) { addWork(s.Doc, noc, length) }

// DropWork takes an occupation out. Its skills stay.
func (s Sheet) DropWork(noc string) { dropWork(s.Doc, noc) }

// SetMode chooses one of the two ways.
func (s Sheet) SetMode(mode string) { put(s.Doc, "mode", mode, 1) }

// SetExpress says that the person is a candidate of Express Entry.
func (s Sheet) SetExpress(on bool) { setExpress(s.Doc, on) }

func tick(d record.Doc, field, value string, on bool) {
	all := list(d[field])
	at := slices.Index(all, value)
	switch {
	case on && at < 0:
		all = append(all, value)
	case !on && at >= 0:
		all = slices.Delete(all, at, at+1)
	}
	put(d, field, all, len(all))
}

func addWork(d record.Doc, noc, length string) {
	m := lengthsOf(d)
	switch {
	case length != "":
		m[noc] = length
	case m[noc] == "": // a title was chosen
		m[noc] = "1"
	}
	put(d, "experience", m, len(m))
}

func dropWork(d record.Doc, noc string) {
	m := lengthsOf(d)
	delete(m, noc)
	put(d, "experience", m, len(m))
}

func setExpress(d record.Doc, on bool) {
	if delete(d, "express"); on {
		d["express"] = json.RawMessage("true")
	}
}

func put(d record.Doc, field string, v any, n int) {
	b, err := json.Marshal(v)
	if err != nil || n == 0 {
		delete(d, field)
		return
	}
	d[field] = b
}

func flag(d record.Doc, field string) (yes bool) {
	_ = json.Unmarshal(d[field], &yes) // what is neither is no
	return yes
}

func lengthsOf(d record.Doc) map[string]string {
	m := map[string]string{}
	_ = json.Unmarshal(d["experience"], &m) // what is no map is empty
	if m == nil {
		m = map[string]string{} // of null
	}
	return m
}

// skillSections are those in which skills are chosen.
var skillSections = []posting.Kind{posting.Tasks, posting.Tools, posting.Special}

// Values are those of a list, by what they are called.
func (s Sheet) Values(field string) []string {
	all := list(s.Doc[field])
	if f := fieldOf(profileKind, field); f.Form != "" {
		slices.SortFunc(all, func(a, b string) int { return strings.Compare(s.Word(field, a), s.Word(field, b)) })
	}
	return all
}

// Word is what a value is called.
func (s Sheet) Word(field, value string) string {
	if f := fieldOf(profileKind, field); f.Form != "" && f.Policy != record.Map {
		return formWord(s.Words, f.Form, value)
	}
	return valueWord(s.Words, profileKind, field, value)
}

// Work is what a person did, and for how long.
type Work struct {
	NOC, Title string
	Length     string // a posting.Experience
	Lists      []SkillList
}

// SkillList is a category of the skills of an occupation.
type SkillList struct {
	Section posting.Kind
	Title   string
	IDs     []string
}

// Works are the titles of the profile with the skills that belong to each: one that several
// share stands under the first.
func (s Sheet) Works() (all []Work) {
	w, seen := s.Words, map[string]bool{}
	for noc, length := range lengthsOf(s.Doc) {
		all = append(all, Work{NOC: noc, Title: formWord(w, record.NOC, noc), Length: length})
	}
	slices.SortFunc(all, func(a, b Work) int { return strings.Compare(a.NOC, b.NOC) })
	for i := range all {
		by := map[posting.Kind][]string{}
		for _, c := range skill.For(all[i].NOC) {
			if c.Skill() && len(c.NOCs) > 0 && !seen[c.ID] {
				seen[c.ID] = true
				by[c.Section] = append(by[c.Section], c.ID)
			}
		}
		for _, k := range skillSections {
			name, _ := word(w, "recordvalue.category."+string(k))
			all[i].Lists = append(all[i].Lists, SkillList{k, name, by[k]})
		}
	}
	return all
}

// Others are the skills that are chosen and stand in no list of a title.
func (s Sheet) Others() (ids []string) {
	listed := map[string]bool{}
	for _, x := range s.Works() {
		for _, l := range x.Lists {
			for _, id := range l.IDs {
				listed[id] = true
			}
		}
	}
	for _, id := range s.Values("skills") {
		if c, ok := skill.Get(id); !ok || !listed[c.ID] {
			ids = append(ids, id)
		}
	}
	return ids
}

// ProfileSection is one of the five that are matched.
type ProfileSection struct {
	Field string
	Page  ProfilePage
	Label string
	Lines []string
	Empty bool
}

// Sections are the five.
func (s Sheet) Sections() (all []ProfileSection) {
	w := s.Words
	for _, x := range []struct {
		field string
		page  ProfilePage
		label i18n.Key
	}{
		{"places", ProfilePlaces, i18n.ProfilePlacesName}, {"experience", ProfileExperience, i18n.ProfileWorkName}, {"skills", ProfileExperience, i18n.ProfileSkillsName},
		{"education", ProfileEducation, i18n.ProfileStudies}, {"credentials", ProfileCredentials, i18n.CredSection},
	} {
		one := ProfileSection{Field: x.field, Page: x.page, Label: w.S(x.label)}
		one.Lines = ValueWords(w, profileKind, x.field, s.Doc[x.field], s.Zone)
		if x.field == "places" {
			one.Lines = append(one.Lines, ValueWords(w, profileKind, "workplaces", s.Doc["workplaces"], s.Zone)...)
			if s.Expressed() {
				one.Lines = append(one.Lines, w.S(i18n.ProfileExpressIs))
			}
		}
		one.Empty = len(s.Kept(x.field)) == 0
		all = append(all, one)
	}
	return all
}

// Filled is how many of the sections have something in them.
func (s Sheet) Filled() (full, all int) {
	sections := s.Sections()
	for _, x := range sections {
		if !x.Empty {
			full++
		}
	}
	return full, len(sections)
}

// Bare says that nothing of experience, skills, studies and credentials is there: nothing
// could be matched.
func (s Sheet) Bare() bool {
	for _, x := range s.Sections() {
		if x.Field != "places" && !x.Empty {
			return false
		}
	}
	return true
}

// ProfileMend is what has to be mended before it can be activated, and where.
type ProfileMend struct {
	Page  ProfilePage
	Label string
	Text  string
}

// Missing is all of it.
func (s Sheet) Missing() (all []ProfileMend) {
	w, doc := s.Words, s.Doc
	kind, _ := record.Find(profileKind)
	if doc["mode"] == nil {
		doc = record.Apply(doc, record.Doc{"mode": json.RawMessage(`"default"`)})
	}
	pages := map[string]ProfilePage{"places": ProfilePlaces, "workplaces": ProfilePlaces, "experience": ProfileExperience, "skills": ProfileExperience,
		"education": ProfileEducation, "credentials": ProfileCredentials, "mode": ProfileOverview, "express": ProfilePlaces}
	for _, x := range kind.Verify(doc, true) {
		field, _, _ := strings.Cut(x.Field, ".")
		m := ProfileMend{Page: pages[field], Label: FieldWord(w, profileKind, field), Text: w.S(x.Code.Key())}
		if field == "places" && x.Code == account.Needed {
			m.Text = w.S(i18n.ProfilePlacesNeeded)
		}
		if m.Page != "" && !slices.Contains(all, m) {
			all = append(all, m)
		}
	}
	return all
}
