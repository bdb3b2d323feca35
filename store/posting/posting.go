// Package posting is a public posting: what it holds, how it is written as bytes,
// when it ends and what it hides after. Begin with [Posting]. It reads no clock and
// no disk. A posting is one row per (source, source id); its French and English texts
// are blocks inside it, and it counts once (design, Identity).
package posting

import (
	"strings"
	"time"

	"passerelle/i18n"
)

// Posting is a whole posting. Its Card is what a list and a filter need; its
// Details are what a reader needs, and a "cards" catalogue leaves them out.
type Posting struct {
	Card
	Details
}

// Card is the short half of a posting: everything that lists, filters and sorts.
type Card struct {
	ID       int64  `cbor:"1,keyasint"`           // catalogue row id; the server gives it once and it never moves
	Number   int64  `cbor:"2,keyasint"`           // public number: native 10,000,000–69,999,999, from other sources 100,000,000 and up
	Source   string `cbor:"3,keyasint"`           // id in the source registry; "native" is this bank's own
	SourceID string `cbor:"4,keyasint,omitempty"` // the number or id at the origin, searchable exactly
	URL      string `cbor:"5,keyasint,omitempty"` // the full posting at the origin; empty for native ones

	Title      Both   `cbor:"6,keyasint,omitempty"` // as the source wrote it
	NOC        string `cbor:"7,keyasint,omitempty"` // NOC 2021 unit group, five digits; empty when none could be given
	Confidence uint8  `cbor:"8,keyasint,omitempty"` // 100: the source gave the code; less: assigned from the title
	Employer   string `cbor:"9,keyasint,omitempty"`
	Agency     bool   `cbor:"10,keyasint,omitempty"` // a placement agency
	NAICS      string `cbor:"11,keyasint,omitempty"`

	Place Place `cbor:"12,keyasint,omitempty"`

	Posted    Day    `cbor:"13,keyasint"`
	Ends      Day    `cbor:"14,keyasint"`           // last day on which it is shown
	Estimated bool   `cbor:"15,keyasint,omitempty"` // the source gave no end: Ends is Posted + 30 days
	Zone      string `cbor:"16,keyasint,omitempty"` // IANA zone of its place; empty means America/Vancouver
	State     State  `cbor:"17,keyasint,omitempty"`

	Period    Period     `cbor:"18,keyasint,omitempty"`
	Term      Term       `cbor:"19,keyasint,omitempty"`
	HoursMin  float32    `cbor:"20,keyasint,omitempty"` // a week; 0 is unknown
	HoursMax  float32    `cbor:"21,keyasint,omitempty"`
	Schedule  []string   `cbor:"22,keyasint,omitempty"` // see Schedules
	Starts    Day        `cbor:"23,keyasint,omitempty"` // 0: as soon as possible or unknown
	Until     Day        `cbor:"24,keyasint,omitempty"` // last day of a temporary job
	Wage      Wage       `cbor:"25,keyasint,omitempty"`
	WorkLang  WorkLang   `cbor:"26,keyasint,omitempty"`
	Education Education  `cbor:"27,keyasint,omitempty"`
	Exp       Experience `cbor:"28,keyasint,omitempty"`
	Positions int        `cbor:"29,keyasint,omitempty"`
	Groups    []string   `cbor:"30,keyasint,omitempty"` // groups the employer invites, see Groups
	Abroad    bool       `cbor:"31,keyasint,omitempty"` // open to applicants outside Canada
	Demo      bool       `cbor:"32,keyasint,omitempty"` // invented, for demonstration
}

// Details is the long half of a posting.
type Details struct {
	Texts []Text   `cbor:"1,keyasint,omitempty"` // at most one a language
	Apply []Method `cbor:"2,keyasint,omitempty"` // how to apply; masked once it has ended
	Pay   []string `cbor:"3,keyasint,omitempty"` // wage conditions as the source words them
}

// Both is one short text in French, in English, or in both.
type Both struct {
	FR string `cbor:"1,keyasint,omitempty"`
	EN string `cbor:"2,keyasint,omitempty"`
}

// In gives the text in a language, or in the other one, and says which it is:
// data are never mixed in silence.
func (b Both) In(l i18n.Lang) (string, i18n.Lang) {
	if l == i18n.French && b.FR != "" || b.EN == "" {
		return b.FR, i18n.French
	}
	return b.EN, i18n.English
}

// Place is where the work is done.
type Place struct {
	City     string    `cbor:"1,keyasint,omitempty"`
	Province string    `cbor:"2,keyasint,omitempty"` // two letters, as in QC; empty: anywhere in Canada or unknown
	Postal   string    `cbor:"3,keyasint,omitempty"` // A1A1A1 or the three of an FSA
	Region   string    `cbor:"4,keyasint,omitempty"` // economic region, four digits
	Lat      float32   `cbor:"5,keyasint,omitempty"` // degrees; 0,0 is unknown
	Lng      float32   `cbor:"6,keyasint,omitempty"`
	Street   string    `cbor:"7,keyasint,omitempty"`
	Mode     Workplace `cbor:"8,keyasint,omitempty"`
}

// Known says whether the place has coordinates.
func (p Place) Known() bool { return p.Lat != 0 || p.Lng != 0 }

// Text is what a posting says in one language.
type Text struct {
	Lang     i18n.Lang `cbor:"1,keyasint"`
	Sections []Section `cbor:"2,keyasint,omitempty"`
}

// Section is a headed list: duties, requirements, benefits…
type Section struct {
	Kind  Kind   `cbor:"1,keyasint"`
	Name  string `cbor:"2,keyasint,omitempty"` // the source's own heading, when Kind is Other
	Items []Item `cbor:"3,keyasint,omitempty"`
}

// Item is one line of a section. ID is a skill concept ("jb:16640" for an option of
// the federal feed, "ps:…" for one of ours) or empty: shown, never matched.
type Item struct {
	ID   string `cbor:"1,keyasint,omitempty"`
	Text string `cbor:"2,keyasint"`
}

// Method is one way to apply.
type Method struct {
	Kind  Apply  `cbor:"1,keyasint"`
	Value string `cbor:"2,keyasint"`           // address, number, URL or street lines separated by newlines
	Ext   string `cbor:"3,keyasint,omitempty"` // telephone extension
	Hours string `cbor:"4,keyasint,omitempty"` // when to call or come, as the source words it
}

// State tells a posting that is shown from one that was closed before its end.
type State string

// The states of a public posting; an ended one is Shown: its own date ends it.
const (
	Shown     State = ""
	Closed    State = "c" // stopped early by the employer
	Withdrawn State = "w" // its source is no longer accepted
)

// Period is the type of employment.
type Period string

// The types of employment of the federal feed (work_period_cd).
const (
	FullTime Period = "F"
	PartTime Period = "P"
	PartFull Period = "L" // part-time leading to full-time
)

// Term is the period of employment.
type Term string

// The periods of employment of the federal feed (work_term_cd).
const (
	Permanent Term = "P"
	Temporary Term = "T" // term or contract
	Casual    Term = "C"
	Seasonal  Term = "S"
)

// WorkLang is the language of work.
type WorkLang string

// The languages of work of the federal feed (work_lang_cd).
const (
	WorkEnglish   WorkLang = "E"
	WorkFrench    WorkLang = "F"
	WorkEither    WorkLang = "U" // English or French
	WorkBilingual WorkLang = "B"
	WorkOther     WorkLang = "O"
)

// Education is the level asked, ordered from none to doctorate.
type Education uint8

// Education levels, in rising order; 0 is unknown.
const (
	EduUnknown Education = iota
	EduNone
	EduSecondary
	EduTrade      // trades certificate, apprenticeship, vocational diploma
	EduCollege    // college, CEGEP
	EduUniversity // bachelor's degree
	EduGraduate   // master's, doctorate, professional degree
)

// Experience is the experience asked, ordered.
type Experience uint8

// Experience levels, in rising order; 0 is unknown.
const (
	ExpUnknown   Experience = iota
	ExpNone                 // none, or will train
	ExpAsset                // an asset
	ExpMonths               // 1 to less than 7 months
	ExpHalfYear             // 7 months to less than 1 year
	ExpOneYear              // 1 to less than 2 years
	ExpTwoYears             // 2 to less than 3
	ExpThreeYear            // 3 to less than 5
	ExpFiveYears            // 5 or more
)

// Workplace says where one works from.
type Workplace string

// Workplaces.
const (
	OnSite  Workplace = ""
	Remote  Workplace = "r"
	Hybrid  Workplace = "h"
	OnRoad  Workplace = "t" // travelling
	Various Workplace = "v" // several locations
)

// Apply is a way to apply.
type Apply string

// The six ways.
const (
	ApplyOnline Apply = "online"
	ApplyEmail  Apply = "email"
	ApplyPhone  Apply = "phone"
	ApplyFax    Apply = "fax"
	ApplyMail   Apply = "mail"
	ApplyPerson Apply = "person"
)

// Kind is the kind of a section.
type Kind string

// Kinds of sections; Other carries the source's own heading.
const (
	About       Kind = "about"
	Tasks       Kind = "tasks"
	Tools       Kind = "tools" // computer and technology knowledge, equipment
	Credentials Kind = "credentials"
	Security    Kind = "security"
	Suitability Kind = "suitability"
	Setting     Kind = "setting"
	Conditions  Kind = "conditions"
	Studies     Kind = "studies"
	Experiences Kind = "experience"
	Transport   Kind = "transport"
	OwnTools    Kind = "owntools"
	Supervision Kind = "supervision"
	Special     Kind = "special" // area of specialization
	Benefits    Kind = "benefits"
	Screening   Kind = "screening"
	Languages   Kind = "languages"
	Other       Kind = "other"
)

// Schedules are the codes of Card.Schedule; Groups those of Card.Groups.
var (
	Schedules = []string{"day", "evening", "night", "weekend", "shift", "oncall", "overtime", "flexible", "early", "tbd"}
	Groups    = []string{"indigenous", "apprentice", "disability", "newcomer", "senior", "student", "veteran", "vismin", "youth"}
)

// Langs tells which texts a posting has: "fr", "en" or both, French first.
func (c Card) Langs() []i18n.Lang {
	var ls []i18n.Lang
	if c.Title.FR != "" {
		ls = append(ls, i18n.French)
	}
	if c.Title.EN != "" {
		ls = append(ls, i18n.English)
	}
	return ls
}

// Text gives the text in a language, or in the other one when that is all there is.
func (d Details) Text(l i18n.Lang) (Text, bool) {
	for _, t := range d.Texts {
		if t.Lang == l {
			return t, true
		}
	}
	if len(d.Texts) > 0 {
		return d.Texts[0], true
	}
	return Text{}, false
}

// External says whether the posting comes from another site.
func (c Card) External() bool { return c.Source != "" && c.Source != "native" }

// Part is the province part of the catalogue that holds the posting, in lower case;
// "ca" when it belongs to no one province and so to every scope.
func (c Card) Part() string {
	if c.Place.Province == "" {
		return "ca"
	}
	return strings.ToLower(c.Place.Province)
}

// Ended says whether the posting is over at a moment: closed, withdrawn, or past
// the end of its last day in its own zone (X-012, design Identity).
func (c Card) Ended(now time.Time) bool {
	return c.State != Shown || !now.Before(c.EndsAt())
}

// EndsAt is the first moment at which the posting is over.
func (c Card) EndsAt() time.Time {
	return (c.Ends + 1).In(location(c.Zone))
}

// Masked is the posting as it may be seen once it has ended: no way to apply, and,
// when it was closed early or withdrawn, neither title nor employer.
func (p Posting) Masked() Posting {
	p.Apply = nil
	p.Place.Street = ""
	if len(p.Place.Postal) > 3 {
		p.Place.Postal = p.Place.Postal[:3]
	}
	if p.State != Shown {
		p.Title, p.Employer, p.URL, p.Texts, p.Pay = Both{}, "", "", nil, nil
	}
	return p
}
