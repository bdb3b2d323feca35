// Package resume reads and writes résumés as documents of JSON Resume 1.0, and exchanges
// them with Europass. Begin with [Parse] or [Import]; change the fields of the [Document];
// [Document.Bytes] writes it, [Document.Europass] writes it for Europass, and [Check] says
// what a person may want to mend.
//
// Nothing of a file that was read is lost: a key that this package does not know, or whose
// value is of another type than the schema gives, stays as it came, byte for byte, and so
// does every part that was not changed. The package is pure: it opens no file, knows no
// clock, and nothing under sync/ may reach it.
//
// There is no field for a social insurance number, for an age or a date of birth, for a
// photo, a sex, a nationality or a family. In Canada an employer may ask for the first only
// after hiring, and may choose by none of the others: on a résumé they can only harm. The
// "image" of JSON Resume and the photo and demographics of Europass are kept if a file
// brings them, since it is the person's file; they are never printed, [Check] says that
// they are there, and [Document.Discreet] takes them out.
package resume

import (
	"errors"
	"slices"
)

// Most is the size of the largest file that is read, in bytes.
const Most = 4 << 20

// Errors of files.
var (
	ErrTooLarge = errors.New("too large for a résumé")
	ErrBroken   = errors.New("the file cannot be read: it is damaged or cut short") // not JSON, not XML, not UTF-8
	ErrForeign  = errors.New("not a résumé of JSON Resume or Europass")
)

// Document is a résumé. Change its fields in place: parts remember what they were read
// from, and a part that is made anew remembers nothing.
type Document struct {
	Kept         `json:"-"`
	Schema       string        `json:"$schema"`
	Basics       Basics        `json:"basics"`
	Work         []Work        `json:"work"`
	Volunteer    []Volunteer   `json:"volunteer"`
	Education    []Education   `json:"education"`
	Awards       []Award       `json:"awards"`
	Certificates []Certificate `json:"certificates"`
	Publications []Publication `json:"publications"`
	Skills       []Skill       `json:"skills"`
	Languages    []Language    `json:"languages"`
	Interests    []Interest    `json:"interests"`
	References   []Reference   `json:"references"`
	Projects     []Project     `json:"projects"`
	Meta         Meta          `json:"meta"`
}

// Basics is whose résumé it is. There is no Image: see the package.
type Basics struct {
	Kept     `json:"-"`
	Name     string    `json:"name"`
	Label    string    `json:"label"` // what they do, as in "Welder"
	Email    string    `json:"email"`
	Phone    string    `json:"phone"`
	URL      string    `json:"url"`
	Summary  string    `json:"summary"`
	Location Location  `json:"location"`
	Profiles []Profile `json:"profiles"`
}

// Location is where they live.
type Location struct {
	Kept        `json:"-"`
	Address     string `json:"address"`
	PostalCode  string `json:"postalCode"`
	City        string `json:"city"`
	CountryCode string `json:"countryCode"` // ISO 3166-1, two letters
	Region      string `json:"region"`      // province or territory
}

// Profile is a page elsewhere.
type Profile struct {
	Kept     `json:"-"`
	Network  string `json:"network"`
	Username string `json:"username"`
	URL      string `json:"url"`
}

// Work is a job. Dates here and below are YYYY, YYYY-MM or YYYY-MM-DD; no end: it goes on.
type Work struct {
	Kept        `json:"-"`
	Name        string   `json:"name"` // of the employer
	Position    string   `json:"position"`
	Location    string   `json:"location"`
	Description string   `json:"description"` // of the employer
	URL         string   `json:"url"`
	StartDate   string   `json:"startDate"`
	EndDate     string   `json:"endDate"`
	Summary     string   `json:"summary"`
	Highlights  []string `json:"highlights"`
}

// Volunteer is work without pay.
type Volunteer struct {
	Kept         `json:"-"`
	Organization string   `json:"organization"`
	Position     string   `json:"position"`
	URL          string   `json:"url"`
	StartDate    string   `json:"startDate"`
	EndDate      string   `json:"endDate"`
	Summary      string   `json:"summary"`
	Highlights   []string `json:"highlights"`
}

// Education is a programme of study.
type Education struct {
	Kept        `json:"-"`
	Institution string   `json:"institution"`
	URL         string   `json:"url"`
	Area        string   `json:"area"`
	StudyType   string   `json:"studyType"` // diploma, certificate, degree
	StartDate   string   `json:"startDate"`
	EndDate     string   `json:"endDate"`
	Score       string   `json:"score"`
	Courses     []string `json:"courses"`
}

// Award is a prize or a distinction.
type Award struct {
	Kept    `json:"-"`
	Title   string `json:"title"`
	Date    string `json:"date"`
	Awarder string `json:"awarder"`
	Summary string `json:"summary"`
}

// Certificate is a licence, a trade qualification, a card.
type Certificate struct {
	Kept   `json:"-"`
	Name   string `json:"name"`
	Date   string `json:"date"`
	URL    string `json:"url"`
	Issuer string `json:"issuer"`
}

// Publication is a text that was published.
type Publication struct {
	Kept        `json:"-"`
	Name        string `json:"name"`
	Publisher   string `json:"publisher"`
	ReleaseDate string `json:"releaseDate"`
	URL         string `json:"url"`
	Summary     string `json:"summary"`
}

// Skill is a skill, or a group of them.
type Skill struct {
	Kept     `json:"-"`
	Name     string   `json:"name"`
	Level    string   `json:"level"`
	Keywords []string `json:"keywords"`
}

// Language is a language, with how well it is spoken in free words.
type Language struct {
	Kept     `json:"-"`
	Language string `json:"language"`
	Fluency  string `json:"fluency"`
}

// Interest is what somebody cares for.
type Interest struct {
	Kept     `json:"-"`
	Name     string   `json:"name"`
	Keywords []string `json:"keywords"`
}

// Reference is who speaks for the person.
type Reference struct {
	Kept      `json:"-"`
	Name      string `json:"name"`
	Reference string `json:"reference"`
}

// Project is something done once.
type Project struct {
	Kept        `json:"-"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Highlights  []string `json:"highlights"`
	Keywords    []string `json:"keywords"`
	StartDate   string   `json:"startDate"`
	EndDate     string   `json:"endDate"`
	URL         string   `json:"url"`
	Roles       []string `json:"roles"`
	Entity      string   `json:"entity"`
	Type        string   `json:"type"`
}

// Meta is about the document.
type Meta struct {
	Kept         `json:"-"`
	Canonical    string `json:"canonical"`
	Version      string `json:"version"`
	LastModified string `json:"lastModified"`
	Layout       Layout `json:"passerelle"`
}

// Layout is how a person laid this version out, which JSON Resume has no place for: other
// programs pass over it.
type Layout struct {
	Kept   `json:"-"`
	Order  []string `json:"order"`
	Hidden []string `json:"hidden"`
}

// Section is a part of a résumé below its head, as its key is called.
type Section string

// Sections.
const (
	Summary      Section = "summary" // of basics
	Experience   Section = "work"
	Studies      Section = "education"
	Skilled      Section = "skills"
	Certified    Section = "certificates"
	Speaks       Section = "languages"
	Volunteering Section = "volunteer"
	Undertaken   Section = "projects"
	Awarded      Section = "awards"
	Published    Section = "publications"
	Interested   Section = "interests"
	Referred     Section = "references"
)

// Sections are all of them, in the order in which employers here look for them.
var Sections = []Section{Summary, Experience, Studies, Skilled, Certified, Speaks, Volunteering, Undertaken, Awarded, Published, Interested, Referred}

// Order is all sections in the order that the person chose; those they said nothing of
// follow as in [Sections].
func (d *Document) Order() []Section {
	var order []Section
	for _, name := range append(slices.Clone(d.Meta.Layout.Order), names(Sections)...) {
		if s := Section(name); slices.Contains(Sections, s) && !slices.Contains(order, s) {
			order = append(order, s)
		}
	}
	return order
}

// SetOrder keeps an order, [Sections] itself by keeping none.
func (d *Document) SetOrder(order []Section) {
	d.Meta.Layout.Order = nil
	if !slices.Equal(order, Sections) {
		d.Meta.Layout.Order = names(order)
	}
}

// Shown says whether a section is printed: it is, unless the person hid it.
func (d *Document) Shown(s Section) bool { return !slices.Contains(d.Meta.Layout.Hidden, string(s)) }

// Show prints a section or hides it. What is hidden stays in the document.
func (d *Document) Show(s Section, shown bool) {
	d.Meta.Layout.Hidden = slices.DeleteFunc(slices.Clone(d.Meta.Layout.Hidden), func(h string) bool { return h == string(s) })
	if !shown {
		d.Meta.Layout.Hidden = append(d.Meta.Layout.Hidden, string(s))
	}
}

// Len is how many entries a section has.
func (d *Document) Len(s Section) int {
	switch s {
	case Summary:
		return min(len(d.Basics.Summary), 1)
	case Experience:
		return len(d.Work)
	case Studies:
		return len(d.Education)
	case Skilled:
		return len(d.Skills)
	case Certified:
		return len(d.Certificates)
	case Speaks:
		return len(d.Languages)
	case Volunteering:
		return len(d.Volunteer)
	case Undertaken:
		return len(d.Projects)
	case Awarded:
		return len(d.Awards)
	case Published:
		return len(d.Publications)
	case Interested:
		return len(d.Interests)
	case Referred:
		return len(d.References)
	}
	return 0
}

func names(order []Section) (all []string) {
	for _, s := range order {
		all = append(all, string(s))
	}
	return all
}
