package state

import (
	"mime"

	"passerelle/i18n"
	"passerelle/store/labour"
	"passerelle/store/place"
	"passerelle/store/posting"
)

// WageRange is what an occupation pays, with the wage of a posting laid over it (in cents of
// one unit). Title, units, source and period stand with it; Rows is the same as a table.
type WageRange struct {
	Title             string
	Low, Median, High int64
	Min, Max          int64 // of the posting; 0,0: it cannot be compared
	Area, Source      string
	National          bool
	Rows              []Fact
	Summary           string // the drawing in one sentence, for a screen reader
}

// WageRange gives the range of a posting's occupation; false when nothing is known of it.
func (s *State) WageRange(c posting.Card) (WageRange, bool) {
	w := s.words
	f, ok := labour.WagesOf(c.NOC, c.Place.Province)
	if !ok || f.Low == 0 && f.Median == 0 && f.High == 0 {
		return WageRange{}, false
	}
	money, unit := w.Money, i18n.WagePerHour
	r := WageRange{Low: f.Low, Median: f.Median, High: f.High, National: f.Area == labour.Canada}
	r.Min, r.Max = c.Wage.HourMin, c.Wage.HourMax
	if f.Annual {
		money, unit = w.Dollars, i18n.WagePerYear
		r.Min, r.Max = c.Wage.YearMin, c.Wage.YearMax
	}
	if r.Max == 0 {
		r.Max = r.Min
	}
	if r.Min == 0 {
		r.Min = r.Max
	}
	per := func(v int64) string {
		if v == 0 {
			return "—"
		}
		return w.S(unit, "Amount", money(v))
	}
	r.Area = s.area(f.Area)
	r.Title = w.S(i18n.LabourWages)
	r.Source = w.S(i18n.LabourSource, "Area", r.Area, "Period", f.Period, "Source", f.Source)
	r.Rows = []Fact{{w.S(i18n.LabourLow), per(f.Low)}, {w.S(i18n.LabourMedian), per(f.Median)}, {w.S(i18n.LabourHigh), per(f.High)}}
	if r.Min > 0 {
		here := per(r.Min)
		if r.Max > r.Min {
			here = w.S(unit, "Amount", money(r.Min)+" – "+money(r.Max))
		}
		r.Rows = append([]Fact{{w.S(i18n.LabourHere), here}}, r.Rows...)
	}
	r.Summary = r.Title
	for _, x := range r.Rows {
		r.Summary += ", " + x.Label + " " + x.Value
	}
	r.Summary += ", " + r.Source
	return r, true
}

func (s *State) area(code string) string {
	if code == labour.Canada || code == "" {
		return s.words.S(i18n.LabourCanada)
	}
	if t, _ := place.Province(code).In(s.Lang()); t != "" {
		return t
	}
	return code
}

// Outlook is what is projected for a posting's occupation, always dated and with its area.
type Outlook struct {
	Grade  int // −2 strong surplus to 2 strong shortage of workers
	Known  bool
	Label  string
	Detail string // openings, seekers, growth
	Source string
}

var grades = map[string]struct {
	n   int
	key i18n.Key
}{
	labour.StrongShortage: {2, i18n.OutlookStrongShortage}, labour.ModerateShortage: {1, i18n.OutlookShortage},
	labour.Balance: {0, i18n.OutlookBalance}, labour.ModerateSurplus: {-1, i18n.OutlookSurplus},
	labour.StrongSurplus: {-2, i18n.OutlookStrongSurplus},
}

// Outlooks gives the outlooks of a posting's occupation: its province's where there is
// one, then the national one, labelled national.
func (s *State) Outlooks(c posting.Card) []Outlook {
	w := s.words
	var out []Outlook
	add := func(o labour.Outlook) {
		x := Outlook{Source: w.S(i18n.LabourSource, "Area", s.area(o.Area), "Period", o.Period, "Source", o.Source)}
		if g, ok := grades[o.Code]; ok {
			x.Grade, x.Known, x.Label = g.n, true, w.S(g.key)
		}
		parts := []string{}
		if o.Openings != 0 {
			parts = append(parts, w.S(i18n.OutlookOpenings, "N", w.Number(o.Openings)))
		}
		if o.Seekers != 0 {
			parts = append(parts, w.S(i18n.OutlookSeekers, "N", w.Number(o.Seekers)))
		}
		if o.Growth != 0 {
			parts = append(parts, w.S(i18n.OutlookGrowth, "N", w.Decimal(o.Growth, 1)))
		}
		x.Detail = join(parts...)
		if x.Known || x.Detail != "" {
			out = append(out, x)
		}
	}
	o, ok := labour.OutlookOf(c.NOC, c.Place.Province)
	if ok {
		add(o)
	}
	if ok && o.Area != labour.Canada {
		if n, ok := labour.OutlookOf(c.NOC, ""); ok {
			add(n)
		}
	}
	return out
}

func encodeHeader(s string) string { return mime.QEncoding.Encode("utf-8", s) }
