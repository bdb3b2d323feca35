package resume

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	nethtml "golang.org/x/net/html"

	"passerelle/i18n"
)

// Europass is exchanged as the XML of its documented schema, version 3 (root
// SkillsPassport, as of 3.0 to 3.4). Carried, both ways:
//
//	basics      name, e-mail, first telephone number, first Web site, address without
//	            province, and the headline: what they do, or else the profile
//	work        employer, position, place, site, dates, summary and highlights
//	education   institution, site, title, field, dates, courses
//	languages   mother tongues, and the others with their CEFR levels
//	skills      by the kinds of Europass; ours go with those of the job
//	awards, certificates, publications, projects, volunteer work
//	            as achievements: a name, then the rest in one text
//
// Not carried: profiles elsewhere, score, interests, references, keywords of projects, how
// a version is laid out. What Europass has and we have not (attachments, driving, printing
// preferences, photo, demographics, further numbers and sites, comments) stays with the
// entries, under the key "x-europass", and returns to its place. What we have and Europass
// has not goes along in an instruction at the end of the file that other programs pass over
// ([Bare] leaves it out). So neither way round loses anything.
//
// The format of the portal of today (root Candidate, on HR-XML) is read as well, and not
// written: what is known of it comes from the files that the portal writes and from a
// description of its elements that is not official. The JSON form of version 3 is not read,
// and neither is XML inside a PDF.
const europassKey = "x-europass"

// Plain says what a file for somebody else leaves out.
type Plain bool

const (
	Whole Plain = false // for another tool of one's own: nothing is lost
	Bare  Plain = true  // for others: only what Europass shows
)

const (
	europassSpace = "http://europass.cedefop.europa.eu/Europass"
	restTarget    = "passerelle-json-resume"
	fileHead      = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	fileFoot      = "\n"
)

// orders are the elements of an element as the schema has them follow each other.
var orders = map[string][]string{
	"SkillsPassport":   {"DocumentInfo", "PrintingPreferences", "LearnerInfo", "AttachmentList", "CoverLetter"},
	"LearnerInfo":      {"Identification", "Headline", "WorkExperienceList", "EducationList", "Skills", "AchievementList", "Documentation"},
	"Identification":   {"PersonName", "ContactInfo", "Demographics", "Photo", "Signature"},
	"PersonName":       {"Title", "FirstName", "Surname"},
	"ContactInfo":      {"Address", "Email", "TelephoneList", "Website", "WebsiteList", "InstantMessagingList"},
	"Contact":          {"AddressLine", "AddressLine2", "PostalCode", "Municipality", "Country"},
	"Headline":         {"Type", "Description"},
	"Period":           {"From", "To", "Current", "Duration", "DurationEquivalent"},
	"WorkExperience":   {"Period", "Documentation", "Position", "Activities", "Employer"},
	"Employer":         {"Name", "ContactInfo", "Sector"},
	"Education":        {"Period", "Documentation", "Title", "Activities", "Organisation", "Level", "Field"},
	"Organisation":     {"Name", "ContactInfo"},
	"Skills":           {"Linguistic", "Communication", "Organisational", "JobRelated", "Computer", "Driving", "Other"},
	"Linguistic":       {"MotherTongueList", "ForeignLanguageList"},
	"ForeignLanguage":  {"Description", "ProficiencyLevel", "Experience", "AcquisitionList", "Certificate"},
	"ProficiencyLevel": {"Listening", "Reading", "SpokenInteraction", "SpokenProduction", "Writing"},
	"Achievement":      {"Title", "Description"},
	"Title":            {"Code", "Label"}, "Description": {"Code", "Label"}, "Country": {"Code", "Label"}, "Type": {"Code", "Label"},
}

// Import reads a file of JSON Resume or Europass, whichever it is. Beside the errors of
// [Parse], [ErrForeign] is for JSON in which there is nothing of a résumé.
func Import(b []byte) (Document, error) {
	text := bytes.TrimLeft(bytes.TrimPrefix(b, bom), " \t\r\n")
	if bytes.HasPrefix(text, []byte("<")) {
		return ParseEuropass(b)
	}
	d, err := Parse(b)
	if err != nil {
		return d, err
	}
	known := d.Schema != ""
	for _, m := range members(d.raw) {
		known = known || m.name != "meta" && slices.Contains(fieldNames(reflect.TypeFor[Document]()), m.name)
	}
	if !known {
		return Document{}, ErrForeign
	}
	return d, nil
}

// ParseEuropass reads a file of Europass. Errors are those of [Parse].
func ParseEuropass(b []byte) (Document, error) {
	switch {
	case len(b) > Most:
		return Document{}, ErrTooLarge
	case !utf8.Valid(b):
		return Document{}, ErrBroken
	}
	before, root, after, err := parseXML(bytes.TrimPrefix(b, bom))
	if err != nil {
		return Document{}, err
	}
	switch root.local() {
	case "Candidate":
		return Parse(candidate(root, string(bytes.TrimPrefix(b, bom))).Bytes())
	case "SkillsPassport":
	default:
		return Document{}, ErrForeign
	}
	d, after := restOf(after)
	text, w := root.String(), i18n.For(i18n.Lang(root.attr("locale")))
	now, was := basicsOf(root), Basics{}
	if d.raw != nil {
		was = basicsOf(d.europass(w.Lang()))
	}
	overlay(reflect.ValueOf(&d.Basics).Elem(), reflect.ValueOf(was), reflect.ValueOf(now), basicsCarried)
	for _, l := range lists {
		l.take(root, w, &d)
	}
	d = d.with(europassKey, "")
	if text != d.europass(w.Lang()).String() || string(before) != fileHead || string(after) != fileFoot {
		d = d.with(europassKey, string(before)+root.String()+string(after))
	}
	return Parse(d.Bytes()) // every part with what it was read from
}

// restOf finds the instruction with what Europass has no place for.
func restOf(after []byte) (Document, []byte) {
	from := bytes.Index(after, []byte("<?"+restTarget+" "))
	if from < 0 {
		return Document{}, after
	}
	end := bytes.Index(after[from:], []byte("?>"))
	if end < 0 {
		return Document{}, after
	}
	text, err := base64.StdEncoding.DecodeString(string(after[from+len(restTarget)+3 : from+end]))
	if err != nil {
		return Document{}, after
	}
	d, err := Parse(text)
	if err != nil {
		return Document{}, after
	}
	return d, slices.Concat(after[:from], after[from+end+2:])
}

// with keeps a text under a key that this package has no field for; "": takes it out.
func (d Document) with(key, text string) Document {
	ms := members(d.raw)
	i := find(ms, key)
	switch {
	case text != "":
		ms = append(slices.DeleteFunc(ms, func(m member) bool { return m.name == key }), member{quote(key), key, quote(text)})
	case i < 0:
		return d
	default:
		ms = slices.DeleteFunc(ms, func(m member) bool { return m.name == key })
	}
	d.raw = object(ms, 0, true)
	return d
}

// mark keeps the Europass that an entry came from; "": none.
func (k *Kept) mark(text string) {
	d := Document{Kept: *k}.with(europassKey, text)
	*k = d.Kept
}

// original is the Europass that a part came from; nil: it did not come from there.
func original(k Kept) *tag {
	ms := members(k.raw)
	i := find(ms, europassKey)
	var text string
	if i < 0 || json.Unmarshal(ms[i].raw, &text) != nil {
		return nil
	}
	_, root, _, err := parseXML([]byte(text))
	if err != nil {
		return nil
	}
	return root
}

// Europass writes the document for Europass, labels in a language.
func (d Document) Europass(l i18n.Lang, plain Plain) []byte {
	before, after := []byte(fileHead), []byte(fileFoot)
	ms := members(d.raw)
	var text string
	if i := find(ms, europassKey); i >= 0 && json.Unmarshal(ms[i].raw, &text) == nil {
		if b, _, a, err := parseXML([]byte(text)); err == nil {
			before, after = b, a
		}
	}
	var b bytes.Buffer
	b.Write(before)
	d.europass(l).write(&b)
	if plain == Whole {
		b.WriteString("<?" + restTarget + " " + base64.StdEncoding.EncodeToString(d.Bytes()) + "?>")
	}
	b.Write(after)
	return b.Bytes()
}

func (d Document) europass(l i18n.Lang) *tag {
	root := original(d.Kept)
	if root == nil || root.local() != "SkillsPassport" {
		_, root, _, _ = parseXML([]byte(`<SkillsPassport xmlns="` + europassSpace + `" locale="` + string(l) + `"><DocumentInfo><DocumentType>ECV</DocumentType>` +
			`<XSDVersion>V3.4</XSDVersion><Generator>Passerelle</Generator></DocumentInfo></SkillsPassport>`)) // holds by its own text
	}
	root.need("LearnerInfo")
	d.Basics.into(root)
	for _, list := range lists {
		list.give(root, i18n.For(l), &d)
	}
	return root
}

// Basics.

var basicsCarried = []string{"Name", "Label", "Email", "Phone", "URL", "Summary", "Location.Address", "Location.PostalCode", "Location.City", "Location.CountryCode"}

const (
	idPath      = "LearnerInfo/Identification/"
	contactPath = idPath + "ContactInfo/"
	addressPath = contactPath + "Address/Contact/"
	statement   = "personal_statement"
)

func basicsOf(root *tag) (b Basics) {
	b.Name = strings.TrimSpace(root.say(idPath+"PersonName/FirstName") + " " + root.say(idPath+"PersonName/Surname"))
	b.Email = root.say(contactPath + "Email/Contact")
	b.Phone = root.say(contactPath + "TelephoneList/Telephone/Contact")
	b.URL = root.say(contactPath + "WebsiteList/Website/Contact")
	b.Location = Location{Address: root.say(addressPath + "AddressLine"), PostalCode: root.say(addressPath + "PostalCode"),
		City: root.say(addressPath + "Municipality"), CountryCode: root.say(addressPath + "Country/Code")}
	text := plainText(root.say("LearnerInfo/Headline/Description/Label"))
	if root.say("LearnerInfo/Headline/Type/Code") == statement {
		b.Summary = text
	} else {
		b.Label = text
	}
	return b
}

func (b Basics) into(root *tag) {
	was := basicsOf(root)
	if b.Name != was.Name {
		given, family := "", b.Name
		if i := strings.LastIndexByte(b.Name, ' '); i > 0 {
			given, family = b.Name[:i], b.Name[i+1:]
		}
		root.set(idPath+"PersonName/FirstName", given)
		root.set(idPath+"PersonName/Surname", family)
	}
	root.set(contactPath+"Email/Contact", b.Email)
	root.set(contactPath+"TelephoneList/Telephone/Contact", b.Phone)
	root.set(contactPath+"WebsiteList/Website/Contact", b.URL)
	root.set(addressPath+"AddressLine", b.Location.Address)
	root.set(addressPath+"PostalCode", b.Location.PostalCode)
	root.set(addressPath+"Municipality", b.Location.City)
	if b.Location.CountryCode != was.Location.CountryCode {
		root.drop(addressPath + "Country/Label") // of the other country
		root.set(addressPath+"Country/Code", b.Location.CountryCode)
	}
	const head = "LearnerInfo/Headline/"
	text, code := b.Label, "position"
	if text == "" {
		text, code = b.Summary, statement
	}
	switch {
	case text == "" && (was.Label != "" || was.Summary != ""):
		root.drop("LearnerInfo/Headline")
	case text == "" || text == was.Label || text == was.Summary && code == statement:
	default:
		if (code == statement) != (root.say(head+"Type/Code") == statement) || root.at(head+"Type") == nil {
			root.drop(head + "Type/Label")
			root.set(head+"Type/Code", code)
		}
		root.set(head+"Description/Label", text)
	}
}

// Lists.

// lister is a list of entries that goes through Europass.
type lister interface {
	// take moves entries out of a file into a document, which may hold an older version of
	// them: what did not change on the way stays as it was there.
	take(root *tag, w *i18n.Words, d *Document)
	give(root *tag, w *i18n.Words, d *Document)
}

type list[T any] struct {
	of      func(*Document) *[]T
	kept    func(*T) *Kept
	carried []string // fields; the first two name an entry
	parents []string // paths at which the elements stand
	names   []string // of the elements
	from    func(e *tag, w *i18n.Words) (T, bool)
	home    func(x T) (parent, name string)
	into    func(x T, e *tag, w *i18n.Words)
}

func (l list[T]) take(root *tag, w *i18n.Words, d *Document) {
	var all []found[T]
	for group, path := range l.parents {
		parent := root.at(path)
		for _, name := range l.names {
			for _, e := range parent.kids(name) {
				if x, ok := l.from(e, w); ok {
					parent.remove(e)
					all = append(all, found[T]{x, e, group})
				}
			}
		}
		if parent != nil && parent.bare() {
			root.drop(path)
		}
	}
	*l.of(d) = merge(*l.of(d), all, l.carried,
		func(x T) (T, bool) { return l.from(l.element(x, w), w) },
		func(x *T, e *tag) {
			k := l.kept(x)
			k.mark("")
			if text := e.String(); text != l.element(*x, w).String() {
				k.mark(text)
			}
		})
}

// element is how an entry goes out.
func (l list[T]) element(x T, w *i18n.Words) *tag {
	_, name := l.home(x)
	e := original(*l.kept(&x))
	if e == nil || e.local() != name {
		e = &tag{name: name}
	}
	l.into(x, e, w)
	return e
}

func (l list[T]) give(root *tag, w *i18n.Words, d *Document) {
	for _, x := range *l.of(d) {
		path, _ := l.home(x)
		root.need(path).insert(l.element(x, w))
	}
}

// found is an entry of a file, with the element that it came from.
type found[T any] struct {
	x     T
	e     *tag
	group int // the file's own order holds within one
}

// merge joins the entries of a file with those of an older version: one that the file has,
// too, is the older with what changed; one that cannot go through stays; the others were
// removed. The order is the file's, and the older one where the file does not gainsay it.
func merge[T any](base []T, all []found[T], carried []string, through func(T) (T, bool), mark func(*T, *tag)) []T {
	older, passes, used := make([]T, len(base)), make([]bool, len(base)), make([]bool, len(base))
	for i := range base {
		older[i], passes[i] = through(base[i])
	}
	match := func(x T) int {
		for _, names := range [][]string{carried, carried[:min(2, len(carried))]} {
			for i := range older {
				if passes[i] && !used[i] && equal(reflect.ValueOf(x), reflect.ValueOf(older[i]), names) {
					used[i] = true
					return i
				}
			}
		}
		return -1
	}
	type placed struct {
		x  T
		at int
	}
	var out []placed
	last, inOrder := map[int]int{}, true
	key := -1
	for _, f := range all {
		x := f.x
		if i := match(x); i >= 0 {
			y := base[i]
			overlay(reflect.ValueOf(&y).Elem(), reflect.ValueOf(older[i]), reflect.ValueOf(x), carried)
			x, key = y, i
			if before, any := last[f.group]; any && i < before {
				inOrder = false
			}
			last[f.group] = i
		}
		mark(&x, f.e)
		out = append(out, placed{x, key})
	}
	for i := range base {
		if !passes[i] {
			out = append(out, placed{base[i], i})
		}
	}
	if inOrder {
		slices.SortStableFunc(out, func(a, b placed) int { return a.at - b.at })
	}
	var xs []T
	for _, p := range out {
		xs = append(xs, p.x)
	}
	return xs
}

func field(v reflect.Value, name string) reflect.Value {
	for part := range strings.SplitSeq(name, ".") {
		v = v.FieldByName(part)
	}
	return v
}

func equal(a, b reflect.Value, carried []string) bool {
	for _, name := range carried {
		if fmt.Sprintf("%q", field(a, name)) != fmt.Sprintf("%q", field(b, name)) {
			return false
		}
	}
	return true
}

// overlay gives dst what differs between was and now of the fields that are carried.
func overlay(dst, was, now reflect.Value, carried []string) {
	for _, name := range carried {
		if !equal(was, now, []string{name}) {
			field(dst, name).Set(field(now, name))
		}
	}
}

// skills go through as lines: Europass has one text for each kind of them.
type skills struct{}

var skillCarried = []string{"Name", "Keywords"}

var skillKinds = []string{"JobRelated", "Computer", "Communication", "Organisational", "Other"}

func skillPath(kind string) string { return "LearnerInfo/Skills/" + kind + "/Description" }

func (skills) take(root *tag, _ *i18n.Words, d *Document) {
	var all []found[Skill]
	for group, kind := range skillKinds {
		for _, line := range lines(root.say(skillPath(kind))) {
			all = append(all, found[Skill]{skillOf(line), &tag{name: kind}, group})
		}
	}
	d.Skills = merge(d.Skills, all, skillCarried, func(x Skill) (Skill, bool) {
		line := skillLine(x)
		return skillOf(line), line != ""
	}, func(x *Skill, e *tag) {
		x.mark("")
		if e.name != skillKinds[0] {
			x.mark(e.String())
		}
	})
}

func (skills) give(root *tag, _ *i18n.Words, d *Document) {
	for _, kind := range skillKinds {
		var all []string
		for _, x := range d.Skills {
			if skillKind(x) == kind {
				all = append(all, skillLine(x))
			}
		}
		if all = clean(all); !slices.Equal(lines(root.say(skillPath(kind))), all) {
			setRich(root, skillPath(kind), "", all)
		}
	}
}

func skillKind(x Skill) string {
	if e := original(x.Kept); e != nil && slices.Contains(skillKinds, e.local()) {
		return e.local()
	}
	return skillKinds[0]
}

func skillLine(x Skill) string {
	return flat(strings.TrimPrefix(strings.TrimSuffix(x.Name+": "+strings.Join(x.Keywords, ", "), ": "), ": "))
}

func skillOf(line string) Skill {
	name, rest, ok := strings.Cut(line, ": ")
	if !ok {
		return Skill{Name: line}
	}
	return Skill{Name: name, Keywords: clean(strings.Split(rest, ", "))}
}

var lists = []lister{
	list[Work]{
		of: func(d *Document) *[]Work { return &d.Work }, kept: func(x *Work) *Kept { return &x.Kept },
		carried: []string{"Name", "Position", "StartDate", "EndDate", "Location", "URL", "Summary", "Highlights"},
		parents: []string{"LearnerInfo/WorkExperienceList"}, names: []string{"WorkExperience"},
		home: func(Work) (string, string) { return "LearnerInfo/WorkExperienceList", "WorkExperience" },
		from: func(e *tag, _ *i18n.Words) (x Work, ok bool) {
			x = Work{Name: e.say("Employer/Name"), Position: e.say("Position/Label"), Location: e.say("Employer/ContactInfo/Address/Contact/Municipality"), URL: e.say("Employer/ContactInfo/Website/Contact")}
			x.StartDate, x.EndDate = period(e)
			x.Summary, x.Highlights = rich(e.say("Activities"))
			return x, true
		},
		into: func(x Work, e *tag, _ *i18n.Words) {
			setPeriod(e, x.StartDate, x.EndDate)
			setLabel(e, "Position", x.Position)
			setRich(e, "Activities", x.Summary, x.Highlights)
			e.set("Employer/Name", x.Name)
			e.set("Employer/ContactInfo/Address/Contact/Municipality", x.Location)
			e.set("Employer/ContactInfo/Website/Contact", x.URL)
		},
	},
	list[Education]{
		of: func(d *Document) *[]Education { return &d.Education }, kept: func(x *Education) *Kept { return &x.Kept },
		carried: []string{"Institution", "StudyType", "Area", "StartDate", "EndDate", "URL", "Courses"},
		parents: []string{"LearnerInfo/EducationList"}, names: []string{"Education"},
		home: func(Education) (string, string) { return "LearnerInfo/EducationList", "Education" },
		from: func(e *tag, _ *i18n.Words) (x Education, ok bool) {
			x = Education{Institution: e.say("Organisation/Name"), StudyType: e.say("Title"), Area: e.say("Field/Label"), URL: e.say("Organisation/ContactInfo/Website/Contact")}
			x.StartDate, x.EndDate = period(e)
			x.Courses = lines(e.say("Activities"))
			return x, true
		},
		into: func(x Education, e *tag, _ *i18n.Words) {
			setPeriod(e, x.StartDate, x.EndDate)
			e.set("Title", x.StudyType)
			if !slices.Equal(lines(e.say("Activities")), clean(x.Courses)) {
				setRich(e, "Activities", "", x.Courses)
			}
			e.set("Organisation/Name", x.Institution)
			e.set("Organisation/ContactInfo/Website/Contact", x.URL)
			setLabel(e, "Field", x.Area)
		},
	},
	list[Language]{
		of: func(d *Document) *[]Language { return &d.Languages }, kept: func(x *Language) *Kept { return &x.Kept },
		carried: []string{"Language", "Fluency"},
		parents: []string{"LearnerInfo/Skills/Linguistic/MotherTongueList", "LearnerInfo/Skills/Linguistic/ForeignLanguageList"}, names: []string{"MotherTongue", "ForeignLanguage"},
		home: func(x Language) (string, string) {
			if native(x.Fluency) {
				return "LearnerInfo/Skills/Linguistic/MotherTongueList", "MotherTongue"
			}
			return "LearnerInfo/Skills/Linguistic/ForeignLanguageList", "ForeignLanguage"
		},
		from: languageOf,
		into: func(x Language, e *tag, _ *i18n.Words) {
			if e.say("Description/Label") != "" || e.say("Description/Code") != strings.TrimSpace(x.Language) {
				setLabel(e, "Description", x.Language)
			}
			if levels := cefr(x.Fluency); e.local() == "ForeignLanguage" && levels != nil && fluency(e) != fluencyOf(levels) {
				for i, name := range orders["ProficiencyLevel"] {
					e.set("ProficiencyLevel/"+name, levels[i])
				}
			} else if levels == nil {
				e.drop("ProficiencyLevel")
			}
		},
	},
	skills{},
	achievements(Awarded, "honors_awards", func(d *Document) *[]Award { return &d.Awards }, func(x *Award) *Kept { return &x.Kept },
		[]string{"Title", "Summary"}, func(name, rest string) Award { return Award{Title: name, Summary: rest} }, func(x Award) (string, string) { return x.Title, x.Summary }),
	achievements(Certified, "certifications", func(d *Document) *[]Certificate { return &d.Certificates }, func(x *Certificate) *Kept { return &x.Kept },
		[]string{"Name", "Issuer"}, func(name, rest string) Certificate { return Certificate{Name: name, Issuer: rest} }, func(x Certificate) (string, string) { return x.Name, x.Issuer }),
	achievements(Published, "publications", func(d *Document) *[]Publication { return &d.Publications }, func(x *Publication) *Kept { return &x.Kept },
		[]string{"Name", "Summary"}, func(name, rest string) Publication { return Publication{Name: name, Summary: rest} }, func(x Publication) (string, string) { return x.Name, x.Summary }),
	achievements(Undertaken, "projects", func(d *Document) *[]Project { return &d.Projects }, func(x *Project) *Kept { return &x.Kept },
		[]string{"Name", "Description"}, func(name, rest string) Project { return Project{Name: name, Description: rest} }, func(x Project) (string, string) { return x.Name, x.Description }),
	achievements(Volunteering, "", func(d *Document) *[]Volunteer { return &d.Volunteer }, func(x *Volunteer) *Kept { return &x.Kept },
		[]string{"Organization", "Summary"}, func(name, rest string) Volunteer { return Volunteer{Organization: name, Summary: rest} }, func(x Volunteer) (string, string) { return x.Organization, x.Summary }),
}

// achievements are entries of a section among the achievements: one name, one text.
func achievements[T any](s Section, code string, of func(*Document) *[]T, kept func(*T) *Kept, carried []string, make func(name, rest string) T, say func(T) (name, rest string)) list[T] {
	split := func(e *tag) (string, string) {
		all := lines(e.say("Description"))
		if len(all) == 0 {
			return "", ""
		}
		return all[0], strings.Join(all[1:], "\n")
	}
	return list[T]{of: of, kept: kept, carried: carried, parents: []string{"LearnerInfo/AchievementList"}, names: []string{"Achievement"},
		home: func(T) (string, string) { return "LearnerInfo/AchievementList", "Achievement" },
		from: func(e *tag, _ *i18n.Words) (x T, ok bool) {
			if c := e.say("Title/Code"); c != "" || code != "" {
				if c != code {
					return x, false
				}
			} else if t := e.say("Title/Label"); t != i18n.For(i18n.French).S(s.Key()) && t != i18n.For(i18n.English).S(s.Key()) {
				return x, false
			}
			name, rest := split(e)
			return make(name, rest), name != ""
		},
		into: func(x T, e *tag, w *i18n.Words) {
			if e.at("Title") == nil {
				e.set("Title/Code", code)
				e.set("Title/Label", w.S(s.Key()))
			}
			name, rest := say(x)
			if n, r := split(e); n == flat(name) && r == strings.Join(paragraphs(rest), "\n") {
				return
			}
			setParagraphs(e, "Description", append([]string{flat(name)}, paragraphs(rest)...))
		}}
}

// setLabel says a text that may stand beside a code of an official list, which no longer
// holds when the text changes.
func setLabel(e *tag, path, text string) {
	if e.say(path+"/Label") == strings.TrimSpace(text) {
		return
	}
	e.drop(path + "/Code")
	e.set(path+"/Label", text)
}

// Dates.

func period(e *tag) (start, end string) {
	return dateOf(e.at("Period/From")), dateOf(e.at("Period/To"))
}

func dateOf(e *tag) string {
	date := e.attr("year")
	for _, name := range []string{"month", "day"} {
		if v := strings.TrimLeft(e.attr(name), "-"); v != "" && date != "" {
			date += "-" + v
		} else {
			break
		}
	}
	if !Dated(date) {
		return ""
	}
	return date
}

func setPeriod(e *tag, start, end string) {
	was, until := period(e)
	if was == start && until == end {
		return
	}
	setDate(e, "Period/From", start)
	setDate(e, "Period/To", end)
	switch {
	case end != "":
		e.drop("Period/Current")
	case start != "":
		e.set("Period/Current", "true")
	}
	if start == "" && end == "" {
		e.drop("Period")
	}
}

func setDate(e *tag, path, date string) {
	if dateOf(e.at(path)) == date {
		return
	}
	if !Dated(date) {
		e.drop(path)
		return
	}
	parts := append(strings.Split(date, "-"), "", "")
	at := e.need(path)
	at.setAttr("year", parts[0])
	at.setAttr("month", strings.TrimSuffix("--"+parts[1], "--"))
	at.setAttr("day", strings.TrimSuffix("---"+parts[2], "---"))
}

// Languages.

func languageOf(e *tag, w *i18n.Words) (x Language, ok bool) {
	x.Language = e.say("Description/Label")
	if x.Language == "" {
		x.Language = e.say("Description/Code")
	}
	if e.local() == "MotherTongue" {
		x.Fluency = w.S(i18n.ResumeNative)
	} else {
		x.Fluency = fluency(e)
	}
	return x, x.Language != ""
}

// native says whether a fluency is that of a mother tongue.
func native(text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	for _, l := range i18n.Languages() {
		if text == strings.ToLower(i18n.For(l).S(i18n.ResumeNative)) {
			return true
		}
	}
	return text == "native" || text == "mother tongue"
}

func fluency(e *tag) string {
	var levels []string
	for _, name := range orders["ProficiencyLevel"] {
		levels = append(levels, e.say("ProficiencyLevel/"+name))
	}
	return fluencyOf(levels)
}

// fluencyOf writes five levels: one if they are the same.
func fluencyOf(levels []string) string {
	if text := strings.Join(levels, "/"); level.MatchString(text) {
		if strings.Count(text, levels[0]) == len(levels) {
			return levels[0]
		}
		return text
	}
	return ""
}

var level = regexp.MustCompile(`^[ABC][12](/[ABC][12]){4}$`)

// cefr are the levels of listening, reading, interaction, production and writing; nil: the
// text says none.
func cefr(text string) []string {
	text = strings.ToUpper(strings.TrimSpace(text))
	if len(text) == 2 {
		text = strings.TrimSuffix(strings.Repeat(text+"/", 5), "/")
	}
	if !level.MatchString(text) {
		return nil
	}
	return strings.Split(text, "/")
}

// Rich text: Europass keeps HTML, escaped, in some elements.

// rich reads paragraphs and points.
func rich(text string) (paras string, points []string) {
	var ps []string
	var now strings.Builder
	inPoint := 0
	end := func() {
		line := flat(now.String())
		now.Reset()
		switch {
		case line == "":
		case inPoint > 0:
			points = append(points, line)
		default:
			ps = append(ps, line)
		}
	}
	z := nethtml.NewTokenizer(strings.NewReader(text))
	for {
		switch z.Next() {
		case nethtml.ErrorToken:
			end()
			return strings.Join(ps, "\n"), points
		case nethtml.TextToken:
			now.Write(z.Text())
		case nethtml.StartTagToken, nethtml.EndTagToken, nethtml.SelfClosingTagToken:
			t := z.Token()
			switch t.Data {
			case "p", "br", "div", "ul", "ol", "h1", "h2", "h3", "h4":
				end()
			case "li":
				end()
				if t.Type == nethtml.StartTagToken {
					inPoint = 1
				} else {
					inPoint = 0
				}
			}
		}
	}
}

func lines(text string) []string {
	ps, points := rich(text)
	return append(paragraphs(ps), points...)
}

func plainText(text string) string { return strings.Join(lines(text), "\n") }

// flat puts a text on one line.
func flat(text string) string { return strings.Join(strings.FieldsFunc(text, gap), " ") }

// gap is a space that a line may break at: the no-break space stays.
func gap(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' }

func paragraphs(text string) (all []string) { return clean(strings.Split(text, "\n")) }

func clean(all []string) (out []string) {
	for _, s := range all {
		if s = flat(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func setRich(e *tag, path, paras string, points []string) {
	ps, was := rich(e.say(path))
	if slices.Equal(paragraphs(ps), paragraphs(paras)) && slices.Equal(was, clean(points)) {
		return
	}
	var b strings.Builder
	for _, p := range paragraphs(paras) {
		b.WriteString("<p>" + html.EscapeString(p) + "</p>")
	}
	if points = clean(points); len(points) > 0 {
		b.WriteString("<ul>")
		for _, p := range points {
			b.WriteString("<li>" + html.EscapeString(p) + "</li>")
		}
		b.WriteString("</ul>")
	}
	e.set(path, b.String())
}

func setParagraphs(e *tag, path string, ps []string) { setRich(e, path, strings.Join(ps, "\n"), nil) }

// Privacy.

var personalTags = []string{"Photo", "Demographics", "Signature", // of version 3
	"BirthDate", "BirthPlace", "BirthCountryCode", "NationalityCode", "GenderCode", "Gender", "MaritalStatusCode", "Disability"}

// personal says whether an original holds a photo or what is like it.
func personal(raw json.RawMessage) bool { return string(impersonal(raw)) != string(raw) }

// impersonal takes it out.
func impersonal(raw json.RawMessage) json.RawMessage {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return raw
	}
	before, root, after, err := parseXML([]byte(text))
	if err != nil {
		return raw
	}
	n := 0
	for _, path := range []string{"LearnerInfo/Identification", "CandidatePerson"} {
		in := root.at(path)
		for _, name := range personalTags {
			for _, e := range in.kids(name) {
				in.remove(e)
				n++
			}
		}
	}
	profile := root.at("CandidateProfile")
	for _, e := range profile.kids("Attachment") {
		if strings.EqualFold(e.say("FileType"), "photo") || strings.EqualFold(e.say("Instructions"), "ProfilePicture") {
			profile.remove(e)
			n++
		}
	}
	if n == 0 {
		return raw
	}
	var b bytes.Buffer
	b.Write(before)
	root.write(&b)
	b.Write(after)
	return quote(b.String())
}
