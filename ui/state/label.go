package state

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/catalogue"
	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/query"
)

func isNone(err error) bool { return errors.Is(err, catalogue.ErrNone) }

var facetKeys = map[query.Facet]i18n.Key{
	query.Posted: i18n.FacetPosted, query.Period: i18n.FacetPeriod, query.Term: i18n.FacetTerm,
	query.WorkLang: i18n.FacetWorklang, query.Education: i18n.FacetEducation, query.Experience: i18n.FacetExperience,
	query.Province: i18n.FacetProvince, query.Region: i18n.FacetRegion, query.City: i18n.FacetCity,
	query.Category: i18n.FacetCategory, query.NOC: i18n.FacetNoc, query.TEER: i18n.FacetTeer,
	query.Source: i18n.FacetSource, query.Workplace: i18n.FacetWorkplace, query.Schedule: i18n.FacetSchedule,
	query.Group: i18n.FacetGroup, query.TextLang: i18n.FacetTextlang, query.Poster: i18n.FacetPoster,
	query.Abroad: i18n.FacetAbroad,
}

var valueKeys = map[query.Facet]map[string]i18n.Key{
	query.Posted: {"0": i18n.PostedToday, "3": i18n.Posted3, "7": i18n.Posted7, "30": i18n.Posted30},
	query.Period: {"F": i18n.PeriodFull, "P": i18n.PeriodPart, "L": i18n.PeriodLeading},
	query.Term:   {"P": i18n.TermPermanent, "T": i18n.TermTemporary, "C": i18n.TermCasual, "S": i18n.TermSeasonal},
	query.WorkLang: {"E": i18n.WorklangEnglish, "F": i18n.WorklangFrench, "U": i18n.WorklangEither,
		"B": i18n.WorklangBilingual, "O": i18n.WorklangOther},
	query.Education: {"1": i18n.EduNone, "2": i18n.EduSecondary, "3": i18n.EduTrade, "4": i18n.EduCollege,
		"5": i18n.EduUniversity, "6": i18n.EduGraduate},
	query.Experience: {"1": i18n.ExpNone, "2": i18n.ExpAsset, "3": i18n.ExpMonths, "4": i18n.ExpHalf, "5": i18n.ExpOne,
		"6": i18n.ExpTwo, "7": i18n.ExpThree, "8": i18n.ExpFive},
	query.Workplace: {"s": i18n.WorkplaceSite, "r": i18n.WorkplaceRemote, "h": i18n.WorkplaceHybrid,
		"t": i18n.WorkplaceRoad, "v": i18n.WorkplaceVarious},
	query.Schedule: {"day": i18n.ScheduleDay, "evening": i18n.ScheduleEvening, "night": i18n.ScheduleNight,
		"weekend": i18n.ScheduleWeekend, "shift": i18n.ScheduleShift, "oncall": i18n.ScheduleOncall,
		"overtime": i18n.ScheduleOvertime, "flexible": i18n.ScheduleFlexible, "early": i18n.ScheduleEarly, "tbd": i18n.ScheduleTbd},
	query.Group: {"indigenous": i18n.GroupIndigenous, "apprentice": i18n.GroupApprentice, "disability": i18n.GroupDisability,
		"newcomer": i18n.GroupNewcomer, "senior": i18n.GroupSenior, "student": i18n.GroupStudent, "veteran": i18n.GroupVeteran,
		"vismin": i18n.GroupVismin, "youth": i18n.GroupYouth},
	query.TextLang: {"fr": i18n.TextlangFrench, "en": i18n.TextlangEnglish},
	query.Poster:   {"employer": i18n.PosterEmployer, "agency": i18n.PosterAgency},
	query.Abroad:   {"1": i18n.AbroadYes},
	query.TEER:     {"0": i18n.Teer0, "1": i18n.Teer1, "2": i18n.Teer2, "3": i18n.Teer3, "4": i18n.Teer4, "5": i18n.Teer5},
}

// FacetLabel names a criterion.
func FacetLabel(w *i18n.Words, f query.Facet) string {
	if k, ok := facetKeys[f]; ok {
		return w.S(k)
	}
	return string(f)
}

// ValueLabel names a value of a criterion.
func (s *State) ValueLabel(f query.Facet, v string) string {
	return valueLabel(s.words, f, v, s.Source)
}

func valueLabel(w *i18n.Words, f query.Facet, v string, source func(string) posting.Source) string {
	if k, ok := valueKeys[f][v]; ok {
		return w.S(k)
	}
	both := posting.Both{}
	switch f {
	case query.Province:
		both = place.Province(v)
	case query.Region:
		both = place.Region(v)
	case query.Category:
		both = occupation.Title(v)
	case query.NOC:
		both = occupation.Title(v)
	case query.Source:
		if v == posting.Native || v == "" {
			return w.S(i18n.AppName)
		}
		both = source(v).Name
	case query.Experience, query.Education:
		if v == "0" || v == "" {
			return w.S(i18n.ValueUnknown)
		}
	}
	if t, _ := both.In(w.Lang()); t != "" {
		return t
	}
	return v
}

// Age says how long ago a day was, as seen from now.
func Age(w *i18n.Words, d posting.Day, now time.Time) string {
	n := int(posting.DayOf(now) - d)
	switch {
	case d == 0:
		return ""
	case n <= 0:
		return w.S(i18n.AgeToday)
	case n == 1:
		return w.S(i18n.AgeYesterday)
	case n < 60:
		return w.N(i18n.AgeDays, n)
	}
	return w.N(i18n.AgeMonths, n/30)
}

// Since says how long ago a moment was.
func Since(w *i18n.Words, t, now time.Time) string {
	d := now.Sub(t)
	switch {
	case d < time.Minute:
		return w.S(i18n.AgeNow)
	case d < time.Hour:
		return w.N(i18n.AgeMinutes, int(d/time.Minute))
	case d < 48*time.Hour:
		return w.N(i18n.AgeHours, int(d/time.Hour))
	}
	return w.N(i18n.AgeDays, int(d/(24*time.Hour)))
}

// Freshness says which catalogue is shown and how old it is.
func (s *State) Freshness() string {
	st := s.Status.Catalogue
	w := s.words
	if s.Status.None {
		return w.S(i18n.StatusNone)
	}
	if st.Created.IsZero() {
		return w.S(i18n.StatusLoading)
	}
	at := st.Created.In(s.o.Zone)
	key := i18n.StatusCatalogue
	switch {
	case st.Origin == "sample":
		key = i18n.StatusSample
	case st.Demo:
		key = i18n.StatusDemo
	}
	return w.S(key, "Date", w.Date(at), "Time", w.Clock(at), "Age", Since(w, st.Created, s.Now()))
}

// Heading is the title of a posting as it is shown: a title of the NOC's first, the
// source's own beside it when it says something else. Lang is that of the title.
type Heading struct {
	Title    string
	Lang     i18n.Lang
	Original string
}

// Head gives the heading of a card.
func Head(c posting.Card, l i18n.Lang) Heading {
	own, ownLang := c.Title.In(l)
	noc, nocLang := occupation.Heading(c.NOC, c.Title).In(l)
	if c.NOC == "" || noc == "" {
		return Heading{Title: own, Lang: ownLang}
	}
	if c.State != posting.Shown {
		own = ""
	}
	h := Heading{Title: noc, Lang: nocLang, Original: own}
	for _, half := range append(occupation.Halves(noc), noc) {
		if occupation.Fold(own) == occupation.Fold(half) {
			h.Original = ""
		}
	}
	return h
}

// OnlyIn gives the language a posting is in when it is not in the reader's; "" otherwise.
func OnlyIn(c posting.Card, l i18n.Lang) i18n.Lang {
	ls := c.Langs()
	for _, has := range ls {
		if has == l {
			return ""
		}
	}
	if len(ls) > 0 {
		return ls[0]
	}
	return ""
}

// PlaceLine is where the work is, and how far when a circle was asked.
func PlaceLine(w *i18n.Words, p posting.Place, near query.Near) string {
	s := p.City
	if p.Province != "" {
		if s != "" {
			s += ", "
		}
		s += p.Province
	}
	if s == "" {
		s = w.S(i18n.PlaceAnywhere)
	}
	if near.Km > 0 && p.Known() {
		km := place.Km(near.Lat, near.Lng, float64(p.Lat), float64(p.Lng))
		s += " · " + w.S(i18n.PlaceKm, "Km", w.Number(int(km+0.5)))
	}
	return s
}

var unitKeys = map[posting.Unit]i18n.Key{
	posting.Hourly: i18n.WagePerHour, posting.Daily: i18n.WagePerDay, posting.Weekly: i18n.WagePerWeek,
	posting.Biweekly: i18n.WagePerTwoWeeks, posting.Monthly: i18n.WagePerMonth, posting.Yearly: i18n.WagePerYear,
	posting.Piece: i18n.WagePiece,
}

// UnitLabel names a unit of wage, as in "par heure".
func UnitLabel(w *i18n.Words, u posting.Unit) string {
	switch u {
	case posting.Weekly:
		return w.S(i18n.UnitWeek)
	case posting.Monthly:
		return w.S(i18n.UnitMonth)
	case posting.Yearly:
		return w.S(i18n.UnitYear)
	}
	return w.S(i18n.UnitHour)
}

// WageLine is the wage as it was stated.
func WageLine(w *i18n.Words, g posting.Wage) string {
	if g.Min == 0 && g.Max == 0 {
		if g.Text != "" {
			return g.Text
		}
		return w.S(i18n.WageUnknown)
	}
	money := w.Money
	if g.Unit == posting.Yearly || g.Unit == posting.Monthly {
		money = w.Dollars
	}
	s := money(max(g.Min, g.Max))
	if g.Min > 0 && g.Max > g.Min {
		s = money(g.Min) + " – " + money(g.Max)
	} else if g.Min > 0 {
		s = money(g.Min)
	}
	if k, ok := unitKeys[g.Unit]; ok {
		return w.S(k, "Amount", s)
	}
	return s
}

// Tag is a small label of a result row.
type Tag struct {
	Text string
	Warn bool // source or language: what a reader should not overlook
	// Source: it names the site of origin, and wears its icon.
	Source bool
}

// Tags are at most three, the most telling first: a partner's source, a language that is
// not the reader's, the hours, the workplace.
func (s *State) Tags(c posting.Card) []Tag {
	w := s.words
	var ts []Tag
	if c.Ended(s.Now()) {
		ts = append(ts, Tag{Text: w.S(i18n.TagEnded), Warn: true})
	}
	if c.External() {
		ts = append(ts, Tag{Text: s.ValueLabel(query.Source, c.Source), Warn: true, Source: true})
	}
	if l := OnlyIn(c, w.Lang()); l != "" {
		k := i18n.TagEnglish
		if l == i18n.French {
			k = i18n.TagFrench
		}
		ts = append(ts, Tag{Text: w.S(k), Warn: true})
	}
	if c.Period != "" {
		ts = append(ts, Tag{Text: s.ValueLabel(query.Period, string(c.Period))})
	}
	if c.Place.Mode != posting.OnSite {
		ts = append(ts, Tag{Text: s.ValueLabel(query.Workplace, string(c.Place.Mode))})
	}
	for _, sc := range c.Schedule {
		if len(ts) >= 3 {
			break
		}
		if sc != "day" && sc != "tbd" {
			ts = append(ts, Tag{Text: s.ValueLabel(query.Schedule, sc)})
		}
	}
	if c.Term == posting.Temporary || c.Term == posting.Seasonal || c.Term == posting.Casual {
		ts = append(ts, Tag{Text: s.ValueLabel(query.Term, string(c.Term))})
	}
	return ts[:min(len(ts), 3)]
}

func join(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, " · ")
}

func (s *State) hours(c posting.Card) string {
	w := s.words
	num := func(v float32) string {
		d := 0
		switch {
		case v*10 != float32(int(v*10)):
			d = 2
		case v != float32(int(v)):
			d = 1
		}
		return w.Decimal(float64(v), d)
	}
	switch {
	case c.HoursMin > 0 && c.HoursMax > c.HoursMin:
		return w.S(i18n.HoursRange, "Min", num(c.HoursMin), "Max", num(c.HoursMax))
	case c.HoursMax > 0 || c.HoursMin > 0:
		return w.S(i18n.HoursWeek, "N", num(max(c.HoursMin, c.HoursMax)))
	}
	return ""
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// Number writes a posting number in groups of three, so that it can be read aloud.
func Number(w *i18n.Words, n int64) string { return w.S(i18n.PostingNumber, "N", GroupNumber(n)) }

// GroupNumber writes 10176519 as 10 176 519 with no-break spaces, in both languages: it is a name, not an amount.
func GroupNumber(n int64) string {
	s := itoa(n)
	var b strings.Builder
	for i, r := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteRune('\u00a0')
		}
		b.WriteRune(r)
	}
	return b.String()
}
