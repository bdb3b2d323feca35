// Package query is what a search asks, apart from where it is asked. Begin with
// [Query]; [Parse] reads the words a person types. A query matches one posting in
// memory ([Query.Match], used for alerts and as the reference) or is compiled by
// store/catalogue; a property test holds the two equal.
package query

import (
	"time"

	"passerelle/i18n"
	"passerelle/store/posting"
)

// Query is a search. Values of one criterion are alternatives, different criteria
// combine (D25). The zero Query asks for every posting that has not ended.
//
// Searched are: titles as the source wrote them and the titles of the posting's NOC, both
// in both languages, employer, city and province, and every section of the text. Ways to
// apply are not. Words are compared in lower case without accents. A posting that does not
// say what a criterion asks (no wage, no coordinates, unknown education) does not match it.
type Query struct {
	Words    string             // as typed, see [Node]: "phrase", OR (or a comma), NOT or -word; a number alone is a posting number
	In       Field              // where the words must stand
	NoExpand []string           // NOC codes the person undid; "*" for no expansion at all
	Filters  map[Facet][]string // chosen values by facet
	Near     Near               // zero: anywhere
	Wage     WageAsk            // zero: any
	Archived bool               // ended postings too
	Hide     *Hide              // what this person does not want to see again; nil: nothing. It is no part of what is asked, and not written with it
	Sort     Sort
	Lang     i18n.Lang // the reader's, for titles and relevance
	Now      time.Time // what ends, and what "today" means
	Offset   int
	Limit    int  // 0: 50
	NoFacets bool // a further page needs no counts
}

// Field is where words are looked for.
type Field string

// Fields.
const (
	Anywhere   Field = ""
	InTitle    Field = "title" // as the source wrote it; widening still finds the occupation
	InEmployer Field = "employer"
)

// Near is a circle, from a city or a postal code.
type Near struct {
	Label    string // as it is shown: "Rimouski, QC" or "G5L"
	Lat, Lng float64
	Km       float64 // 0: no circle
}

// WageAsk keeps postings that can pay at least Min cents per Unit: by the top of their range.
type WageAsk struct {
	Min     int64        // 0: any wage, known or not
	Unit    posting.Unit // an hour is compared with the hourly wage; a day, week, two weeks, month or year with 1/260, 1/52, 1/26, 1/12 or all of the yearly one
	Unknown bool         // keep postings whose wage cannot be compared
}

// Sort is an order of results.
type Sort string

// Orders. Relevance without words is newest first.
const (
	ByRelevance Sort = ""
	ByDate      Sort = "date"
	ByWage      Sort = "wage"
	ByDistance  Sort = "distance"
)

// Facet is a criterion with values that are counted.
type Facet string

// The facets, with their values.
const (
	Posted     Facet = "posted"     // "0" today, "3", "7", "30": at most so many days before Now's own date; of several the widest
	Period     Facet = "period"     // type of employment: posting.Period codes
	Term       Facet = "term"       // period of employment: posting.Term codes
	WorkLang   Facet = "worklang"   // posting.WorkLang codes
	Education  Facet = "education"  // decimal posting.Education from 1
	Experience Facet = "experience" // decimal posting.Experience from 1
	Province   Facet = "province"   // "QC"
	Region     Facet = "region"     // economic region, four digits
	City       Facet = "city"       // "Rimouski, QC"
	Category   Facet = "category"   // first digit of the NOC
	NOC        Facet = "noc"        // unit group, five digits (job title)
	TEER       Facet = "teer"       // second digit of the NOC
	Source     Facet = "source"     // registry id
	Workplace  Facet = "workplace"  // posting.Workplace codes; "s" for on site
	Schedule   Facet = "schedule"   // posting.Schedules
	Group      Facet = "group"      // posting.Groups
	TextLang   Facet = "textlang"   // "fr", "en": language the posting is written in
	Poster     Facet = "poster"     // "employer" or "agency"
	Abroad     Facet = "abroad"     // "1": open to applicants outside Canada
)

// Facets lists every facet in the order in which they are shown.
var Facets = []Facet{Posted, Period, Term, WorkLang, Province, Region, City, Category, NOC, TEER,
	Education, Experience, Workplace, Schedule, Group, TextLang, Source, Poster, Abroad}

// Result is the answer to a query.
type Result struct {
	Total    int
	IDs      []int64 // row ids in order, from Offset, at most Limit
	Facets   map[Facet][]Count
	Expanded []Expansion
	Relax    []Relaxation // only when Total is 0: the filter that removes most first
	Exact    int64        // row id of the posting whose number was typed; 0: none. Ended ones and those filtered out too: only if it also matches is it counted, and the first of IDs
	Indexed  int          // postings the word index covers yet
	Rows     int          // postings in the catalogue
}

// Count is a value of a facet and how many results it would have, given the other filters.
type Count struct {
	Value string
	N     int
}

// Expansion says that a word was widened to an occupation of the other language.
type Expansion struct {
	Word  string
	NOC   string
	Title posting.Both
	Added int // results that the words alone would not have given; a posting that two widenings brought counts in both
}

// Relaxation is a way out of an empty result that yields at least one posting.
type Relaxation struct {
	Drop Part   // what to leave out
	Name string // facet value, label of the circle, or one word of several, folded; empty: the whole part
	N    int    // postings found without it
}

// Part names a part of a query that can be dropped: a Facet, or one of these.
type Part string

// Parts that are not facets.
const (
	PartWords Part = "words"
	PartNear  Part = "near"
	PartWage  Part = "wage"
	PartAll   Part = "filters" // every filter at once
)
