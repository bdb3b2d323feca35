// Package labour knows what work pays, what the outlook for it is, and the minimum
// wages: by occupation, by place and, for minimum wages, by date. Begin with [WagesOf],
// [OutlookOf] and [MinimumAt]. Every answer says which area and period it speaks of,
// so that a national figure is never shown as a province's; and what the
// sources do not say is unknown, never zero and never an older figure. The tables are
// embedded compressed and read at the first question; [Sources] names them.
package labour

import (
	"slices"
	"strings"

	"passerelle/store/posting"
)

// Canada is the area of national figures; for minimum wages it is the federal
// jurisdiction (banks, airlines, telecommunications…), not a rate for everyone.
const Canada = "CA"

// Wages are what an occupation pays in an area.
type Wages struct {
	Low, Median, High int64  // cents an hour, or a year when Annual; 0 is unknown
	Annual            bool   // published by year only (judges, surgeons, some of the self-employed)
	Area              string // "CA" or "BC"
	Period            string
	Source            string // the site that publishes it
	Under             string // the code it is published under when not the one asked for: 00018 for 00011 to 00015
}

// The grades of the national outlook, by our own codes.
const (
	StrongShortage   = "strong_shortage"
	ModerateShortage = "moderate_shortage"
	Balance          = "balance"
	ModerateSurplus  = "moderate_surplus"
	StrongSurplus    = "strong_surplus"
)

// Outlook is what is projected for an occupation in an area.
type Outlook struct {
	Code     string // a grade above for the years to come; "" where the area publishes none (British Columbia)
	Recent   string // the grade of the last years observed, 2021 to 2023; "" as above
	Area     string // "CA", "BC", or economic regions: "5950", "5960+5970"
	Period   string
	Source   string
	Openings int     // over the whole period; negative where more jobs go than people leave
	Seekers  int     // over the whole period, those who leave taken off; 0 where the area publishes none
	Growth   float64 // of employment, % a year; negative where it shrinks
	Under    string  // as in Wages
	// Missing counts the regions left out of a province's figures because theirs are
	// too small to be published: Openings is then at least so many.
	Missing int
}

// Minimum is a general minimum wage, and the days on which it is known to have held.
type Minimum struct {
	Cents            int64 // an hour
	From, KnownUntil posting.Day
	Area             string // province, or "CA" for the federal jurisdiction
	Source           string // the sites it was taken from
}

// merged is the code under which British Columbia publishes the five unit groups of
// senior managers together.
const merged = "00018"

var seniors = []string{"00011", "00012", "00013", "00014", "00015"}

// publishedAs gives the code that an area publishes a unit group under, and that code
// again where it is another one.
func publishedAs(noc string) (code, under string) {
	if slices.Contains(seniors, noc) {
		return merged, merged
	}
	return noc, ""
}

// WagesOf gives the wages of a unit group in a province where they are known, else in
// Canada: Area says which. It is false when neither is known.
func WagesOf(noc, province string) (Wages, bool) {
	t := load()
	if province = strings.ToUpper(province); province != "" && province != Canada {
		code, under := publishedAs(noc)
		if w, ok := t.wages[province+code]; ok {
			w.Under = under
			return w, true
		}
	}
	w, ok := t.wages[Canada+noc]
	return w, ok
}

// OutlookOf gives the outlook of a unit group in a province where there is one, else in
// Canada: Area says which. British Columbia's has growth and openings but no grade; for
// the national grade ask for "" and say that it is national.
func OutlookOf(noc, province string) (Outlook, bool) {
	t := load()
	if strings.EqualFold(province, "BC") {
		code, under := publishedAs(noc)
		if o, ok := addUp(t.regions[code]); ok {
			o.Under = under
			return o, true
		}
	}
	o, ok := t.outlook[noc]
	return o, ok
}

// OutlookIn gives the outlook of a unit group in an economic region (four digits).
// Only British Columbia publishes any; its North Coast and Nechako are one, "5960+5970".
func OutlookIn(noc, region string) (Outlook, bool) {
	if region == "" {
		return Outlook{}, false
	}
	code, under := publishedAs(noc)
	for _, r := range load().regions[code] {
		if slices.Contains(strings.Split(r.id, "+"), region) {
			o := r.outlook()
			o.Under = under
			return o, !r.blank
		}
	}
	return Outlook{}, false
}

// addUp adds the ten-year figures of regions up: openings are their sum, growth is
// their mean weighted by employment.
func addUp(regions []regional) (Outlook, bool) {
	o := columbian("BC")
	var jobs, weighted float64
	for _, r := range regions {
		if r.blank {
			o.Missing++
			continue
		}
		o.Openings += r.openings
		jobs += r.employment
		weighted += r.employment * r.growth
	}
	if o.Missing == len(regions) {
		return Outlook{}, false
	}
	if jobs > 0 {
		o.Growth = weighted / jobs
	}
	return o, true
}

// MinimumAt gives the general minimum wage of a province, or of the federal
// jurisdiction ("CA"), on a day. False means that it is not known for that day, which
// says nothing about any wage: do not fall back on another day or on an average.
func MinimumAt(province string, day posting.Day) (Minimum, bool) {
	for _, m := range load().minimums[strings.ToUpper(province)] {
		if m.From <= day && day <= m.KnownUntil {
			return m, true
		}
	}
	return Minimum{}, false
}
