package intake

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"passerelle/i18n"
	"passerelle/store/posting"
)

// fedDoc is one Document of the federal partner feed. The feed numbers its industries
// and geographic areas its own way, so those are not read.
type fedDoc struct {
	ID        string   `xml:"jobs_id"`
	Updated   string   `xml:"file_update_date"`
	Title     string   `xml:"title"`
	NOC       string   `xml:"noc"`
	NOC2016   string   `xml:"noc2016"`
	NOC2021   string   `xml:"noc2021"`
	Period    string   `xml:"work_period_cd"`
	Term      string   `xml:"work_term_cd"`
	WorkLang  string   `xml:"work_lang_cd"`
	Level     string   `xml:"edulevel_cd"`
	LOS       string   `xml:"los_id"`
	Employer  string   `xml:"employer_name_string"`
	Employers []string `xml:"employer_name>string"`
	EmpType   string   `xml:"employer_type_id"`
	Postal    string   `xml:"postal_code"`
	Lang      string   `xml:"lang"`
	Hours     string   `xml:"hours"`
	WorkHours string   `xml:"work_hours"`
	Positions string   `xml:"num_positions"`
	Starts    string   `xml:"start_date"`
	Posted    string   `xml:"date_posted"`
	Until     string   `xml:"display_until"`
	MinExp    string   `xml:"experience_min"`
	Hourly    string   `xml:"salary_hourly"`
	Weekly    string   `xml:"salary_weekly"`
	Yearly    string   `xml:"salary_yearly"`
	Salary    []string `xml:"salary>string"`
	Pay       []string `xml:"salary_conditions>string"`
	Cities    []string `xml:"city_name>string"`
	Provinces []string `xml:"province_cd>string"`
	LatLng    []string `xml:"latlng>string"`
	URL       []string `xml:"url>string"`
	Schedule  []string `xml:"employment_terms>string"`
	Special   []string `xml:"special_type>string"`

	Various     string `xml:"various_location_flag"`
	Indigenous  string `xml:"job_aboriginal_flag"`
	Apprentice  string `xml:"job_apprentice_flag"`
	Disability  string `xml:"job_disability_flag"`
	Newcomer    string `xml:"job_newcomer_flag"`
	Senior      string `xml:"job_senior_flag"`
	Student     string `xml:"job_student_flag"`
	Veteran     string `xml:"job_veteran_flag"`
	VisMin      string `xml:"job_vismin_flag"`
	Youth       string `xml:"job_youth_flag"`
	FromAbroad  string `xml:"job_global_applicant_flag"`
	CitizenOnly string `xml:"job_canadian_citizen_flag"`

	Categories []struct {
		ID      string `xml:"id,attr"`
		Name    string `xml:"name"`
		Options []struct {
			ID   string `xml:"id,attr"`
			Text string `xml:",chardata"`
		} `xml:"options>option_name"`
	} `xml:"skill_categories>skill_category"`

	Apply struct {
		Online string `xml:"app_online"`
		Email  string `xml:"app_email"`
		Phone  struct {
			Number string `xml:"app_phone_number"`
			Ext    string `xml:"app_phone_ext"`
			From   string `xml:"app_phone_start_bus_hours"`
			To     string `xml:"app_phone_end_bus_hours"`
		} `xml:"app_phone"`
		Fax    string `xml:"app_fax"`
		Person struct {
			Street   string `xml:"app_person_street"`
			Room     string `xml:"app_person_room"`
			City     string `xml:"app_person_city"`
			Province string `xml:"app_person_province"`
			Country  string `xml:"app_person_country"`
			Postal   string `xml:"app_person_pstlcd"`
			From     string `xml:"app_person_start_bus_hours"`
			To       string `xml:"app_person_end_bus_hours"`
		} `xml:"app_person"`
		Mail struct {
			Street   string `xml:"app_mail_street"`
			Room     string `xml:"app_mail_room"`
			City     string `xml:"app_mail_city"`
			Province string `xml:"app_mail_province"`
			Country  string `xml:"app_mail_country"`
			Postal   string `xml:"app_mail_pstlcd"`
		} `xml:"app_mail"`
	} `xml:"app_methods"`
}

// federal reads documents of the partner feed: one, or several one after another.
func (in *input) federal(t *text) error {
	seen := false
	err := documents(t, func(line int, doc []byte, why Reason) error {
		seen = true
		in.rep.Read++
		if why != "" {
			in.lost(line, why, "")
			return in.ctx.Err()
		}
		d, why, detail := parseDoc(t, doc)
		if why != "" {
			in.lost(line, why, detail)
			return in.ctx.Err()
		}
		return in.row(in.fromFederal(d, line))
	})
	if err == nil && !seen {
		return fatal{0, NotPostings, ""}
	}
	return err
}

// parseDoc reads one Document.
func parseDoc(t *text, doc []byte) (d fedDoc, why Reason, detail string) {
	doc, ok := t.fix(doc)
	if !ok {
		return d, BadEncoding, "UTF-8"
	}
	if err := xml.Unmarshal(doc, &d); err != nil {
		var syntax *xml.SyntaxError
		if errors.As(err, &syntax) {
			return d, BadRow, syntax.Msg
		}
		return d, BadRow, err.Error()
	}
	return d, "", ""
}

// documents cuts a stream into its Document elements and hands each over with the line
// it begins on; why is set, and doc nil, for one that cannot be whole. It works on the
// bytes, so that one broken document does not take the next ones with it. A document
// type or an entity declaration anywhere ends the reading: no such document has any, and
// they are how a small file is made to fill a memory.
func documents(t *text, yield func(line int, doc []byte, why Reason) error) error {
	var (
		seg, doc []byte
		inside   bool
		comment  bool
		long     bool
		began    int
		line     = 1
	)
	for {
		part, err := t.r.ReadSlice('>')
		if errors.Is(err, bufio.ErrBufferFull) {
			if seg = append(seg, part...); len(seg) > MaxRow { // no tag is so long: keep its end, to find the next one
				long = true
				line += bytes.Count(seg[:len(seg)-256], []byte{'\n'})
				seg = append(seg[:0], seg[len(seg)-256:]...)
			}
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		seg = append(seg, part...)
		last := err != nil
		at := bytes.LastIndexByte(seg, '<')
		tag := seg[max(at, 0):]
		if c := bytes.LastIndex(seg, []byte("<!--")); c >= 0 && !inside {
			comment = true
		}
		switch {
		case comment:
			comment = !bytes.HasSuffix(seg, []byte("-->"))
		case declares(seg):
			return fatal{line + bytes.Count(seg, []byte{'\n'}), Entities, ""}
		case at >= 0 && opens(tag):
			if inside {
				if err := yield(began, nil, CutShort); err != nil {
					return err
				}
			}
			inside, long = true, false
			began = line + bytes.Count(seg[:at], []byte{'\n'})
			doc = append(doc[:0], tag...)
			if bytes.HasSuffix(tag, []byte("/>")) {
				inside = false
				if err := yield(began, doc, ""); err != nil {
					return err
				}
			}
		case inside:
			if long = long || len(doc)+len(seg) > MaxRow; !long {
				doc = append(doc, seg...)
			}
			if at >= 0 && closes(tag) {
				inside = false
				why := Reason("")
				if long {
					why = TooLong
				}
				if err := yield(began, doc, why); err != nil {
					return err
				}
			}
		}
		line += bytes.Count(seg, []byte{'\n'})
		seg = seg[:0]
		if last {
			if inside {
				return fatal{began, Truncated, ""}
			}
			t.line = line
			return nil
		}
	}
}

var declaration = regexp.MustCompile(`(?i)<!(doctype|entity)`)

func declares(seg []byte) bool { return bytes.Contains(seg, []byte("<!")) && declaration.Match(seg) }

func opens(tag []byte) bool {
	rest, ok := bytes.CutPrefix(tag, []byte("<Document"))
	return ok && len(rest) > 0 && strings.IndexByte(" \t\r\n/>", rest[0]) >= 0
}

func closes(tag []byte) bool {
	rest, ok := bytes.CutPrefix(tag, []byte("</Document"))
	return ok && len(bytes.TrimSpace(rest)) == 1
}

// fromFederal makes a draft of a document.
func (in *input) fromFederal(f fedDoc, line int) *draft {
	d := &draft{line: line, title: f.Title, noc: f.NOC2021, noc2016: f.NOC2016, posted: f.Posted, ends: f.Until}
	if d.noc2016 == "" && len(strings.TrimSpace(f.NOC)) == 4 {
		d.noc2016 = f.NOC
	}
	switch strings.ToLower(strings.TrimSpace(f.Lang)) {
	case "fr", "f", "fra":
		d.lang = i18n.French
	case "en", "e", "eng":
		d.lang = i18n.English
	}
	d.SourceID = f.ID
	if d.Employer = clean(f.Employer); d.Employer == "" && len(f.Employers) > 0 {
		d.Employer = f.Employers[0]
	}
	d.Agency = strings.TrimSpace(f.EmpType) == "1"
	d.Positions = whole(f.Positions)
	for _, u := range f.URL {
		in.link(d, u)
	}

	d.Place.Postal = f.Postal
	for i, c := range f.Cities {
		if c = clean(c); i == 0 {
			d.Place.City = c
		} else if c != d.Place.City {
			d.Place.Mode = posting.Various
		}
	}
	if len(f.Provinces) > 0 {
		in.province(d, f.Provinces[0])
	}
	if len(f.LatLng) > 0 {
		if lat, lng, ok := strings.Cut(f.LatLng[0], ","); ok {
			d.lat, d.lng = float32(number(strings.TrimSpace(lat))), float32(number(strings.TrimSpace(lng)))
		}
	}
	if yes(f.Various) {
		d.Place.Mode = posting.Various
	}
	for _, s := range f.Special {
		d.modeOf(s, "")
	}

	d.Period = code(in, d, f.Period, posting.FullTime, posting.PartTime, posting.PartFull)
	d.Term = code(in, d, f.Term, posting.Permanent, posting.Temporary, posting.Casual, posting.Seasonal)
	d.WorkLang = code(in, d, f.WorkLang, posting.WorkEnglish, posting.WorkFrench, posting.WorkEither, posting.WorkBilingual, posting.WorkOther)
	d.Schedule = schedule(f.Schedule)
	if clean(f.Hours) != "" {
		in.hours(d, f.Hours)
	} else {
		in.hours(d, f.WorkHours)
	}
	d.Starts = in.day(d, f.Starts)
	groups := map[string]bool{"indigenous": yes(f.Indigenous), "apprentice": yes(f.Apprentice), "disability": yes(f.Disability),
		"newcomer": yes(f.Newcomer), "senior": yes(f.Senior), "student": yes(f.Student), "veteran": yes(f.Veteran),
		"vismin": yes(f.VisMin), "youth": yes(f.Youth)}
	d.Groups = inOrder(posting.Groups, groups)
	d.Abroad = yes(f.FromAbroad) && !yes(f.CitizenOnly)

	in.federalText(d, f)
	if d.Education == posting.EduUnknown {
		d.Education = levels[strings.TrimSpace(f.LOS)]
	}
	if d.Education == posting.EduUnknown {
		// The level of the occupation, which is what the code tells, stands in for the
		// one that the posting does not state.
		d.Education = map[string]posting.Education{"U": posting.EduUniversity, "C": posting.EduCollege, "S": posting.EduSecondary}[strings.TrimSpace(f.Level)]
	}
	if d.Exp == posting.ExpUnknown {
		d.Exp = months(whole(f.MinExp))
	}
	in.federalWage(d, f)
	in.federalApply(d, f)
	return d
}

// levels are the feed's levels of education that are known for sure.
var levels = map[string]posting.Education{"2": posting.EduSecondary, "6": posting.EduCollege, "8": posting.EduUniversity}

// modeOf sets the workplace from an option of the feed, by its id or its words.
func (d *draft) modeOf(id, words string) {
	switch id {
	case "15141":
		d.Place.Mode = posting.Remote
	case "100000":
		d.Place.Mode = posting.Hybrid
	case "100001":
		d.Place.Mode = posting.OnRoad
	default:
		if m, ok := workplace(words); ok {
			d.Place.Mode = m
		}
	}
}

// code reads a value of one of the feed's closed lists.
func code[T ~string](in *input, d *draft, s string, known ...T) T {
	s = strings.ToUpper(strings.TrimSpace(s))
	for _, k := range known {
		if s == string(k) {
			return k
		}
	}
	if s != "" {
		in.field(d.line, UnknownValue, s)
	}
	return ""
}

// federalText takes the lists over, and what they say of education, experience and
// workplace. An option's id is the same in the French and the English document.
func (in *input) federalText(d *draft, f fedDoc) {
	for _, c := range f.Categories {
		k, name := kind(strings.TrimSpace(c.ID), c.Name), short(c.Name, maxTitle)
		var items []posting.Item
		for _, o := range c.Options {
			t := clean(o.Text)
			if t == "" {
				continue
			}
			if k == posting.Studies && len(items) > 0 && (strings.HasPrefix(t, "or ") || strings.HasPrefix(t, "ou ")) {
				items[len(items)-1].Text += " " + t // "or equivalent experience" goes with the level before it
				continue
			}
			it := posting.Item{Text: t}
			if n, err := strconv.Atoi(o.ID); err == nil && n > 0 {
				it.ID = "jb:" + o.ID
			}
			items = append(items, it)
			switch {
			case k == posting.Studies && d.Education == posting.EduUnknown:
				d.Education, _ = education(t)
			case k == posting.Experiences && d.Exp == posting.ExpUnknown:
				d.Exp, _ = experience(t)
			case c.ID == "100000" || fold(c.Name) == "workplace information":
				d.modeOf(o.ID, t)
			}
		}
		d.list(k, name, items...)
	}
}

// federalWage prefers the wage in words, which says the unit that the employer stated;
// the feed's figures are conversions of its own.
func (in *input) federalWage(d *draft, f fedDoc) {
	if len(f.Salary) > 0 {
		w, more := wageText(clean(f.Salary[0]))
		if more || w.Unit == posting.UnitUnknown {
			w.Text = clean(f.Salary[0])
		}
		d.Wage = w
	}
	if d.Wage.Min == 0 || d.Wage.Unit == posting.UnitUnknown {
		for _, v := range []struct {
			s string
			u posting.Unit
		}{{f.Hourly, posting.Hourly}, {f.Yearly, posting.Yearly}, {f.Weekly, posting.Weekly}} {
			if c, ok := cents(v.s); ok && c > 0 {
				d.Wage.Unit, d.Wage.Min, d.Wage.Max = v.u, c, c
				break
			}
		}
	}
	for _, p := range f.Pay {
		if p = clean(p); p != "" && len(d.Pay) < 50 {
			d.Pay = append(d.Pay, p)
			if variable.MatchString(fold(p)) {
				d.Wage.Flags |= posting.WageCommission
			}
		}
	}
}

func (in *input) federalApply(d *draft, f fedDoc) {
	a := f.Apply
	in.apply(d, posting.Method{Kind: posting.ApplyOnline, Value: a.Online})
	in.apply(d, posting.Method{Kind: posting.ApplyEmail, Value: a.Email})
	in.apply(d, posting.Method{Kind: posting.ApplyPhone, Value: a.Phone.Number, Ext: a.Phone.Ext, Hours: between(a.Phone.From, a.Phone.To)})
	in.apply(d, posting.Method{Kind: posting.ApplyFax, Value: a.Fax})
	m := a.Mail
	in.apply(d, posting.Method{Kind: posting.ApplyMail, Value: address(m.Street, m.Room, m.City, m.Province, m.Postal, m.Country)})
	p := a.Person
	in.apply(d, posting.Method{Kind: posting.ApplyPerson, Value: address(p.Street, p.Room, p.City, p.Province, p.Postal, p.Country), Hours: between(p.From, p.To)})
}

// between joins two hours of the day.
func between(from, to string) string {
	from, to = clean(from), clean(to)
	if from == "" || to == "" {
		return from + to
	}
	return from + "–" + to
}

// address writes a postal address on its lines. A country alone is none.
func address(street, room, city, prov, postal, country string) string {
	street, room, city, prov, postal, country = clean(street), clean(room), clean(city), clean(prov), clean(postal), clean(country)
	if street == "" && room == "" && city == "" && postal == "" {
		return ""
	}
	town := strings.TrimSpace(city + " " + prov + " " + postal)
	return strings.Join([]string{street, room, strings.Join(strings.Fields(town), " "), country}, "\n")
}
