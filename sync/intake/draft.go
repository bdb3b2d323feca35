package intake

import (
	"html"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"passerelle/i18n"
	"passerelle/store/labour"
	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/skill"
)

const (
	maxTitle    = 300    // characters
	maxItem     = 20_000 // characters of one line of a section
	maxItems    = 500    // lines of a section; the catalogue's decoder takes 4,096
	maxSections = 64
	shownDays   = 30 // how long a posting without an end is shown (design, Identity)
	// concordant is the confidence of a code that NOC 2016 turns into one code only.
	concordant = 95
)

// draft is a posting being put together from a row of any format.
type draft struct {
	posting.Posting
	line     int
	lang     i18n.Lang
	title    string
	aka      string // a second title, nearer to the occupation's, where the source gives one
	noc      string // NOC 2021, as written
	noc2016  string
	posted   string
	ends     string
	region   string // name of an economic region
	lat, lng float32
	sections []posting.Section
	byTitle  bool
}

// clean gives a text as it can be shown: entities undone (some are escaped twice),
// one space, no control characters.
func clean(s string) string {
	for range 3 {
		t := html.UnescapeString(s)
		if t == s {
			break
		}
		s = t
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\ufeff' {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " ")
}

// short cleans a text and keeps at most n characters of it.
func short(s string, n int) string {
	s = clean(s)
	if utf8.RuneCountInString(s) > n {
		s = string([]rune(s)[:n])
	}
	return s
}

// list adds lines to the section of a kind; several sections of one kind become one,
// in the order in which they came. The name is kept for Other only.
func (d *draft) list(kind posting.Kind, name string, items ...posting.Item) {
	if kind != posting.Other {
		name = ""
	}
	at := slices.IndexFunc(d.sections, func(s posting.Section) bool { return s.Kind == kind && s.Name == name })
	if at < 0 {
		if len(d.sections) == maxSections {
			return
		}
		d.sections = append(d.sections, posting.Section{Kind: kind, Name: name})
		at = len(d.sections) - 1
	}
	s := &d.sections[at]
	for _, it := range items {
		if it.Text = short(it.Text, maxItem); it.Text == "" || len(s.Items) >= maxItems {
			continue
		}
		if !slices.ContainsFunc(s.Items, func(o posting.Item) bool { return o.Text == it.Text }) {
			s.Items = append(s.Items, it)
		}
	}
}

// lines makes items of texts.
func lines(texts ...string) []posting.Item {
	items := make([]posting.Item, len(texts))
	for i, t := range texts {
		items[i].Text = t
	}
	return items
}

// apply adds a way to apply, once it can be one.
func (in *input) apply(d *draft, m posting.Method) {
	m.Value, m.Ext, m.Hours = strings.TrimSpace(m.Value), short(m.Ext, 20), short(m.Hours, 200)
	if m.Value == "" {
		return
	}
	var ok bool
	switch m.Kind {
	case posting.ApplyOnline:
		m.Value = clean(m.Value)
		u, err := url.Parse(m.Value)
		ok = err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
	case posting.ApplyEmail:
		m.Value = strings.TrimPrefix(clean(m.Value), "mailto:")
		a, err := mail.ParseAddress(m.Value)
		ok = err == nil && a.Address == m.Value
	case posting.ApplyPhone, posting.ApplyFax:
		m.Value = short(m.Value, 40)
		ok = strings.Count(strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return '0'
			}
			return -1
		}, m.Value), "0") >= 7
	default:
		var keep []string
		for l := range strings.SplitSeq(m.Value, "\n") {
			if l = short(l, 200); l != "" {
				keep = append(keep, l)
			}
		}
		m.Value = strings.Join(keep, "\n")
		ok = m.Value != ""
	}
	if !ok {
		in.field(d.line, BadApply, m.Value)
		return
	}
	if !slices.Contains(d.Apply, m) && len(d.Apply) < 12 {
		d.Apply = append(d.Apply, m)
	}
}

// link keeps the address of the full posting if it leads to the source's own site.
func (in *input) link(d *draft, s string) {
	s = clean(s)
	if s == "" {
		return
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || !onHost(u.Hostname(), in.o.Source.Host) {
		in.field(d.line, LinkAway, s)
		return
	}
	d.URL = s
}

// onHost says whether a host is the source's or one under it; "www." counts for nothing.
func onHost(host, source string) bool {
	host, source = strings.ToLower(host), strings.TrimPrefix(strings.ToLower(source), "www.")
	return source != "" && (host == source || strings.HasSuffix(host, "."+source))
}

// province sets the province, or says that it is none.
func (in *input) province(d *draft, s string) {
	if s = clean(s); s == "" {
		return
	}
	if code, ok := province(s); ok {
		d.Place.Province = code
		return
	}
	in.field(d.line, BadPlace, s)
}

// hours sets the hours a week, or says that no week has them.
func (in *input) hours(d *draft, s string) {
	if s = clean(s); s == "" {
		return
	}
	lo, hi, ok := hours(s)
	if !ok || lo > hi || hi > 168 || hi == 0 {
		in.field(d.line, BadHours, s)
		return
	}
	d.HoursMin, d.HoursMax = lo, hi
}

// day reads a date of less weight than the posting's own.
func (in *input) day(d *draft, s string) posting.Day {
	if s = clean(s); s == "" {
		return 0
	}
	day, err := posting.ParseDay(s)
	if err != nil {
		in.field(d.line, BadDate, s)
	}
	return day
}

// finish makes a posting of a draft: what every format leaves to be worked out. ok is
// false when the row cannot stand.
func (in *input) finish(d *draft) (posting.Posting, bool) {
	p := &d.Posting
	p.Source, p.Demo = in.o.Source.ID, in.o.Source.Demo
	if p.SourceID = clean(p.SourceID); p.SourceID == "" || len(p.SourceID) > 300 {
		in.lost(d.line, NoID, "")
		return *p, false
	}
	title := short(d.title, maxTitle)
	if title == "" {
		in.lostID(d.line, p.SourceID, NoTitle, "")
		return *p, false
	}
	var err error
	if p.Posted, err = posting.ParseDay(strings.TrimSpace(d.posted)); err != nil || p.Posted < 3652 || p.Posted > 47482 { // 1980 to 2099
		in.lostID(d.line, p.SourceID, NoDate, d.posted)
		return *p, false
	}
	if in.o.Today != 0 && p.Posted > in.o.Today+1 { // a day's grace for zones
		in.field(d.line, Future, p.Posted.String())
	}
	if d.lang == "" {
		d.lang = in.o.Lang
	}
	if d.lang == "" {
		var b strings.Builder
		b.WriteString(title)
		for _, s := range d.sections {
			for _, it := range s.Items {
				b.WriteString(" " + it.Text)
			}
		}
		d.lang = guessLang(b.String())
	}
	if d.lang == i18n.French {
		p.Title.FR = title
	} else {
		p.Title.EN = title
	}
	p.Employer = short(p.Employer, maxTitle)
	if p.Positions < 0 || p.Positions > 100_000 {
		p.Positions = 0
	}
	in.occupation(d)
	in.place(d)
	in.end(d)
	in.wage(d)
	in.text(d)
	return *p, true
}

// occupation gives the posting its NOC 2021 unit group: the source's own code,
// else the one that its NOC 2016 code became, else the one that its title names, else
// none.
func (in *input) occupation(d *draft) {
	p := &d.Posting
	p.NOC, p.Confidence = "", 0
	if code := digits(d.noc, 5); code != "" {
		if t := occupation.Title(code); t.FR != "" || t.EN != "" {
			p.NOC, p.Confidence = code, 100
			return
		}
	}
	if d.noc != "" {
		in.field(d.line, BadNOC, d.noc)
	}
	guess, sure := occupation.Assign(clean(d.title), d.lang)
	if d.aka != "" {
		if code, c := occupation.Assign(clean(d.aka), d.lang); code != "" && c > sure {
			guess, sure = code, c
		}
	}
	if old := digits(d.noc2016, 4); old != "" {
		now := occupation.From2016(old)
		switch {
		case len(now) == 1:
			p.NOC, p.Confidence = now[0], concordant
			return
		case guess != "" && slices.Contains(now, guess): // the title chooses among what the old code became
			p.NOC, p.Confidence, d.byTitle = guess, min(concordant-5, sure), true
			return
		case len(now) > 1:
			// The title names none of them. The first is the largest part of the old
			// group, and the low confidence says that it is no more than likely.
			p.NOC, p.Confidence = now[0], uint8(50/len(now))
			return
		}
		in.field(d.line, BadNOC, d.noc2016)
	}
	if guess != "" {
		p.NOC, p.Confidence, d.byTitle = guess, min(sure, 99), true
	}
}

// digits reads a code of n digits out of "21211", "NOC 21211" or "13.0": spreadsheets
// add decimals and take leading zeros away.
func digits(s string, n int) string {
	s = strings.TrimSuffix(strings.TrimSpace(s), ".0")
	s = strings.TrimLeftFunc(s, func(r rune) bool { return !unicode.IsDigit(r) })
	if s == "" || len(s) > n || strings.Trim(s, "0123456789") != "" {
		return ""
	}
	return strings.Repeat("0", n-len(s)) + s
}

// place finds the posting's coordinates, region and zone.
func (in *input) place(d *draft) {
	pl := &d.Place
	pl.City, pl.Street = short(pl.City, 100), short(pl.Street, 200)
	pl.Postal = strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, pl.Postal))
	if n := len(pl.Postal); n != 3 && n != 6 || !canadian(pl.Postal) {
		pl.Postal = ""
	}
	if d.region != "" {
		if id, ok := place.RegionByName(clean(d.region)); ok {
			pl.Region = id
		}
	}
	*pl = place.Locate(*pl)
	if d.lat > 41 && d.lat < 84 && d.lng > -142 && d.lng < -52 { // inside Canada
		pl.Lat, pl.Lng = d.lat, d.lng
	}
	d.Zone = place.Zone(*pl)
}

// canadian says whether letters and digits alternate as in a postal code of Canada.
func canadian(s string) bool {
	for i := range len(s) {
		if digit := s[i] >= '0' && s[i] <= '9'; digit != (i%2 == 1) || s[i] > 'Z' {
			return false
		}
	}
	return true
}

// end gives the posting its last day: the stated one, else 30 days after it was posted.
func (in *input) end(d *draft) {
	d.Ends = in.day(d, d.ends)
	if d.Ends != 0 && d.Ends < d.Posted {
		in.field(d.line, BadEnd, d.Ends.String())
		d.Ends = 0
	}
	if d.Ends == 0 {
		d.Ends, d.Estimated = d.Posted+shownDays, true
	}
}

// wage compares the wage: by hour and year, and with the minimum of its place and day.
func (in *input) wage(d *draft) {
	w := &d.Wage
	w.Text = short(w.Text, 300)
	if w.Max < w.Min {
		w.Min, w.Max = w.Max, w.Min
		if w.Min == 0 {
			w.Min = w.Max
		}
	}
	odd := w.Flags & posting.WageImpossible
	*w = posting.Normalize(*w, d.HoursMin, d.HoursMax)
	if w.Flags |= odd; w.Flags&posting.WageImpossible != 0 {
		w.HourMin, w.HourMax, w.YearMin, w.YearMax = 0, 0, 0, 0
		return
	}
	hour := w.HourMin
	if hour == 0 {
		hour = w.HourMax
	}
	// Where the hours behind a salary are assumed, or part of the pay is variable, what
	// an hour earns is not known well enough to accuse an employer.
	assumed := w.Unit != posting.Hourly && w.Flags&posting.WageHoursAssumed != 0
	if hour == 0 || assumed || w.Flags&posting.WageCommission != 0 {
		return
	}
	if least, ok := labour.MinimumAt(d.Place.Province, d.Posted); ok && hour < least.Cents {
		w.Flags |= posting.WageBelowMinimum
	}
}

// text closes the posting's text and ties what it asks to skill concepts, where the
// source gives no id of its own.
func (in *input) text(d *draft) {
	var out []posting.Section
	for _, s := range d.sections {
		if len(s.Items) == 0 {
			continue
		}
		switch s.Kind {
		case posting.About, posting.Studies, posting.Experiences, posting.Benefits, posting.Screening:
		default:
			for i, it := range s.Items {
				if it.ID == "" {
					s.Items[i].ID, _ = skill.Tie(it.Text, d.lang)
				}
			}
		}
		out = append(out, s)
	}
	if len(out) > 0 {
		d.Texts = []posting.Text{{Lang: d.lang, Sections: out}}
	}
	for i, s := range d.Pay {
		d.Pay[i] = short(s, 300)
	}
}

// number reads a whole number that may have come through a spreadsheet.
func whole(s string) int {
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(s), ".0"))
	if err != nil {
		return 0
	}
	return n
}
