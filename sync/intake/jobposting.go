package intake

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"passerelle/i18n"
	"passerelle/store/posting"
)

// jobPostings reads schema.org JobPosting objects: one a line, or in one JSON document
// (an object, an array, an @graph), or in the script elements of a page.
func (in *input) jobPostings(t *text) error {
	head := strings.TrimSpace(t.head)
	if strings.HasPrefix(head, "<") {
		t.r = bufio.NewReaderSize(&scripts{r: t.r}, headSize)
		return in.jsonDocument(t)
	}
	if oneALine(head) {
		return in.jsonLines(t)
	}
	return in.jsonDocument(t)
}

// oneALine says whether one of the first lines is a whole object by itself; an object
// that holds others in an @graph is a document even on one line.
func oneALine(head string) bool {
	n := 0
	for l := range strings.SplitSeq(head, "\n") {
		if l = strings.TrimSpace(l); strings.HasPrefix(l, "{") && json.Valid([]byte(l)) && !strings.Contains(l, `"@graph"`) {
			return true
		}
		if n++; n == 3 || strings.HasPrefix(l, "[") {
			return false
		}
	}
	return false
}

// jsonLines reads one object a line, so that a broken line costs itself only. A broken
// last line is a file cut short.
func (in *input) jsonLines(t *text) error {
	var buf []byte
	for {
		line, long, err := t.readLine(buf[:0])
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		buf = line[:0]
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if long {
			in.rep.Read++
			in.lost(t.line, TooLong, "")
			continue
		}
		if err := in.object(t, line, t.line); err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				if !t.ended {
					return fatal{t.line, Truncated, ""}
				}
				in.rep.Read++
				in.lost(t.line, BadRow, "JSON")
				continue
			}
			return err
		}
	}
}

// jsonDocument cuts a JSON text into the objects of its array or @graph.
func (in *input) jsonDocument(t *text) error {
	var (
		obj    []byte
		depth  int // of braces and brackets inside the object
		quoted bool
		slash  bool
		long   bool
		began  int
		line   = 1
		key    int  // where the last string of depth 1 began in obj; −1: none
		graph  bool // that string is "@graph"
		outer  int  // objects whose @graph is being read
		lists  int  // arrays around the rows
		found  bool
	)
	key = -1
	for {
		c, err := t.r.ReadByte()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			if depth > 0 || outer > 0 || lists > 0 || !errors.Is(err, io.EOF) {
				return fatal{max(began, 1), Truncated, ""}
			}
			if !found {
				return fatal{0, NotPostings, ""}
			}
			return nil
		}
		if err != nil {
			return err
		}
		if c == '\n' {
			line++
			if quoted { // no JSON text holds one inside a string
				return fatal{max(began, 1), Truncated, ""}
			}
		}
		if depth == 0 {
			switch {
			case quoted: // a key or value beside an @graph
				quoted = slash || c != '"'
				slash = c == '\\' && !slash
			case c == '"':
				quoted = true
			case c == '[':
				lists++
			case c == ']':
				lists = max(0, lists-1)
			case c == '}':
				outer = max(0, outer-1)
			case c == '{':
				obj, depth, began, long, key, graph = append(obj[:0], c), 1, line, false, -1, false
			}
			continue
		}
		if len(obj) < MaxRow {
			obj = append(obj, c)
		} else {
			long = true
		}
		switch {
		case quoted:
			if !slash && c == '"' {
				quoted = false
				if depth == 1 && key >= 0 {
					graph = string(obj[key:]) == `"@graph"`
				}
			}
			slash = c == '\\' && !slash
		case c == '"':
			quoted, key = true, len(obj)-1
		case c == '[' && depth == 1 && graph:
			depth, outer, lists = 0, outer+1, lists+1 // its elements are rows; the object around it is none
		case c == '{' || c == '[':
			depth++
			if depth > 200 {
				return fatal{began, BadRow, "JSON"}
			}
		case c == '}' || c == ']':
			if depth--; depth > 0 {
				break
			}
			found = true
			if long {
				in.rep.Read++
				in.lost(began, TooLong, "")
				break
			}
			if err := in.object(t, obj, began); errors.Is(err, io.ErrUnexpectedEOF) {
				in.rep.Read++
				in.lost(began, BadRow, "JSON")
			} else if err != nil {
				return err
			}
		case c == ',' || c == ':' || c == ' ' || c == '\n' || c == '\r' || c == '\t':
		default:
			graph = false
		}
	}
}

// object reads one JSON object. One that is no JobPosting (a page's organization, its
// breadcrumbs) is passed over. [io.ErrUnexpectedEOF] means that it is not JSON.
func (in *input) object(t *text, raw []byte, line int) error {
	fixed, ok := t.fix(raw)
	if !ok {
		in.rep.Read++
		in.lost(line, BadEncoding, "UTF-8")
		return in.ctx.Err()
	}
	var m map[string]any
	dec := json.NewDecoder(bytes.NewReader(fixed))
	dec.UseNumber()
	if err := dec.Decode(&m); err != nil {
		return io.ErrUnexpectedEOF
	}
	o := object(m)
	if !o.is("JobPosting") && (len(o.list("@type")) > 0 || o.str("title") == "") {
		return in.ctx.Err()
	}
	in.rep.Read++
	d, why, detail := in.fromJSON(o, line)
	if why != "" {
		in.lostID(line, d.SourceID, why, detail)
		return in.ctx.Err()
	}
	return in.row(d)
}

// object is a JSON object whose values may be there in several forms, as schema.org
// allows: a text, a number, an object with a name, or a list of those.
type object map[string]any

func (o object) is(kind string) bool {
	for _, t := range o.list("@type") {
		if t == kind || strings.HasSuffix(t, "/"+kind) || strings.HasSuffix(t, ":"+kind) {
			return true
		}
	}
	return false
}

// str gives a value as text: its own, or its first one's.
func (o object) str(key string) string {
	if l := o.list(key); len(l) > 0 {
		return l[0]
	}
	return ""
}

// list gives the texts of a value.
func (o object) list(key string) []string { return texts(o[key]) }

// sub gives the objects of a value.
func (o object) sub(key string) []object {
	switch v := o[key].(type) {
	case map[string]any:
		return []object{v}
	case []any:
		var out []object
		for _, e := range v {
			if m, ok := e.(map[string]any); ok {
				out = append(out, m)
			}
		}
		return out
	}
	return nil
}

func texts(v any) []string {
	switch v := v.(type) {
	case string:
		if strings.TrimSpace(v) == "" {
			return nil
		}
		return []string{v}
	case json.Number:
		return []string{v.String()}
	case bool:
		return []string{strconv.FormatBool(v)}
	case []any:
		var out []string
		for _, e := range v {
			if _, deeper := e.([]any); !deeper {
				out = append(out, texts(e)...)
			}
		}
		return out
	case map[string]any:
		for _, k := range []string{"name", "value", "credentialCategory", "alternateName", "@value", "codeValue", "description", "@id"} {
			if _, deeper := v[k].(map[string]any); deeper {
				continue
			}
			if t := texts(v[k]); len(t) > 0 {
				return t
			}
		}
	}
	return nil
}

var nocCode = regexp.MustCompile(`^\D*(\d{5})\b`)

// fromJSON makes a draft of a JobPosting.
func (in *input) fromJSON(o object, line int) (d *draft, why Reason, detail string) {
	d = &draft{line: line, title: o.str("title"), posted: o.str("datePosted"), ends: o.str("validThrough")}
	for _, id := range o.sub("identifier") {
		d.SourceID = id.str("value")
	}
	for _, key := range []string{"identifier", "@id", "url"} {
		if d.SourceID == "" {
			d.SourceID = o.str(key)
		}
	}
	switch l := fold(o.str("inLanguage")); {
	case strings.HasPrefix(l, "fr"):
		d.lang = i18n.French
	case strings.HasPrefix(l, "en"):
		d.lang = i18n.English
	}
	d.Employer = o.str("hiringOrganization")
	d.Positions = whole(o.str("totalJobOpenings"))
	in.link(d, o.str("url"))
	if country := in.jsonPlace(d, o); country != "" {
		return d, NotInCA, country
	}
	for _, c := range append(o.sub("occupationalCategory"), object{"codeValue": o.str("occupationalCategory")}) {
		if m := nocCode.FindStringSubmatch(c.str("codeValue")); m != nil && d.noc == "" {
			d.noc = m[1]
		}
	}
	in.jsonTerms(d, o)
	in.jsonText(d, o)
	in.jsonWage(d, o)
	in.apply(d, posting.Method{Kind: posting.ApplyOnline, Value: o.str("applicationUrl")})
	for _, c := range o.sub("applicationContact") {
		in.apply(d, posting.Method{Kind: posting.ApplyOnline, Value: c.str("url")})
		in.apply(d, posting.Method{Kind: posting.ApplyEmail, Value: c.str("email")})
		in.apply(d, posting.Method{Kind: posting.ApplyPhone, Value: c.str("telephone")})
		in.apply(d, posting.Method{Kind: posting.ApplyFax, Value: c.str("faxNumber")})
	}
	return d, "", ""
}

// jsonPlace reads where the work is; country is set when it is not Canada.
func (in *input) jsonPlace(d *draft, o object) (country string) {
	spots := o.sub("jobLocation")
	if len(spots) == 0 {
		d.Place.City = o.str("jobLocation")
	}
	var here []object
	for _, s := range spots {
		a := s
		if in := s.sub("address"); len(in) > 0 {
			a = in[0]
		}
		switch c := fold(a.str("addressCountry")); c {
		case "", "ca", "can", "canada":
			here = append(here, a)
		default:
			country = a.str("addressCountry")
		}
		if g := s.sub("geo"); len(g) > 0 && d.lat == 0 {
			d.lat, d.lng = float32(number(g[0].str("latitude"))), float32(number(g[0].str("longitude")))
		}
	}
	if len(here) == 0 && country != "" {
		return country
	}
	if len(here) > 0 {
		a := here[0]
		d.Place.City, d.Place.Street, d.Place.Postal = a.str("addressLocality"), a.str("streetAddress"), a.str("postalCode")
		in.province(d, a.str("addressRegion"))
	}
	if len(here) > 1 {
		d.Place.Mode = posting.Various
	}
	if strings.EqualFold(o.str("jobLocationType"), "TELECOMMUTE") {
		d.Place.Mode = posting.Remote
	}
	return ""
}

// jsonTerms reads hours, type, period, languages, beginning and end of the job.
func (in *input) jsonTerms(d *draft, o object) {
	for _, s := range append(o.list("employmentTerm"), o.list("employmentType")...) {
		s = strings.ReplaceAll(s, "_", " ")
		p, okP := period(s)
		t, okT := term(s)
		if d.Period == "" {
			d.Period = p
		}
		if d.Term == "" {
			d.Term = t
		}
		if m := ending.FindString(s); m != "" {
			d.Until = in.day(d, m)
		}
		switch f := fold(s); {
		case okP || okT:
		case f == "contractor" || f == "temporary":
			if d.Term == "" {
				d.Term = posting.Temporary
			}
		case f == "per diem":
			if d.Term == "" {
				d.Term = posting.Casual
			}
		case f == "intern" || f == "volunteer" || f == "other":
		default:
			in.field(d.line, UnknownValue, s)
		}
	}
	in.hours(d, o.str("workHours"))
	d.Starts = in.day(d, o.str("jobStartDate"))
	for _, s := range o.list("languages") {
		if l, ok := workLang(s); ok && d.WorkLang == "" {
			d.WorkLang = l
		} else if m, ok := workplace(s); ok { // some exports put the workplace among the languages
			d.Place.Mode = m
		}
	}
}

// jsonText takes the lists and the text over.
func (in *input) jsonText(d *draft, o object) {
	d.list(posting.About, "", lines(plain(o.str("description"))...)...)
	d.list(posting.Tasks, "", lines(many(o.list("responsibilities"))...)...)
	edu := equivalent(o.list("educationRequirements"))
	for _, s := range edu {
		if d.Education == posting.EduUnknown { // the first is what is asked; the rest are its fields
			d.Education, _ = education(s)
		}
	}
	d.list(posting.Studies, "", lines(edu...)...)
	exp := o.list("experienceRequirements")
	for _, e := range o.sub("experienceRequirements") {
		if n := whole(e.str("monthsOfExperience")); n > 0 {
			d.Exp = months(n)
		}
	}
	for _, s := range exp {
		if d.Exp == posting.ExpUnknown {
			d.Exp, _ = experience(s)
		}
	}
	d.list(posting.Experiences, "", lines(exp...)...)
	for _, s := range o.sub("skills") {
		values, name := s.list("values"), s.str("section")
		if name == "" { // a DefinedTerm
			d.list(posting.Tasks, "", lines(s.str("name"))...)
			continue
		}
		d.list(kind("", name), short(name, maxTitle), lines(values...)...)
		if fold(name) == "workplace information" {
			for _, v := range values {
				d.modeOf("", v)
			}
		}
	}
	if len(o.sub("skills")) == 0 {
		skills := o.list("skills")
		if len(skills) == 1 {
			skills = strings.Split(skills[0], ",")
		}
		d.list(posting.Tasks, "", lines(skills...)...)
	}
	d.list(posting.Credentials, "", lines(many(append(o.list("credentials"), o.list("qualifications")...))...)...)
	d.list(posting.Benefits, "", lines(many(o.list("jobBenefits"))...)...)
	d.list(posting.Screening, "", lines(o.list("screeningQuestions")...)...)
	for _, s := range append(o.list("jobBenefits"), o.list("incentiveCompensation")...) {
		if variable.MatchString(fold(s)) {
			d.Wage.Flags |= posting.WageCommission
		}
	}
	d.Pay = o.list("incentiveCompensation")
}

// jsonWage reads baseSalary, and compares it with the wage in words.
func (in *input) jsonWage(d *draft, o object) {
	said, more := wageText(o.str("salaryText"))
	w := &d.Wage
	w.Flags |= said.Flags
	if more {
		w.Text = clean(o.str("salaryText"))
	}
	var lo, hi, per string
	for _, s := range o.sub("baseSalary") {
		if c := s.str("currency"); c != "" && !strings.EqualFold(c, "CAD") {
			in.field(d.line, BadWage, s.str("value")+" "+c)
			return
		}
		per = s.str("unitText")
		lo, hi = s.str("minValue"), s.str("maxValue")
		for _, v := range s.sub("value") {
			if v.str("unitText") != "" {
				per = v.str("unitText")
			}
			if lo, hi = v.str("minValue"), v.str("maxValue"); lo == "" && hi == "" {
				lo, hi = v.str("value"), v.str("value")
			}
		}
		if lo == "" && hi == "" {
			lo, hi = s.str("value"), s.str("value")
		}
	}
	if lo == "" && hi == "" {
		base, _ := wageText(o.str("baseSalary"))
		if base.Min == 0 {
			base = said
		}
		w.Unit, w.Min, w.Max = base.Unit, base.Min, base.Max
		return
	}
	for _, v := range []struct {
		s  string
		to *int64
	}{{lo, &w.Min}, {hi, &w.Max}} {
		c, ok := cents(v.s)
		if v.s != "" && !ok {
			in.field(d.line, BadWage, v.s)
			*w = posting.Wage{Text: w.Text}
			return
		}
		*v.to = c
	}
	if w.Unit = unit(per); w.Unit == posting.UnitUnknown && per != "" {
		in.field(d.line, UnknownValue, per)
	}
	in.agree(d, said, clean(o.str("salaryText")))
}

// equivalent joins "or equivalent experience" to what it follows.
func equivalent(list []string) []string {
	var out []string
	for _, s := range list {
		if s = clean(s); len(out) > 0 && (strings.HasPrefix(s, "or ") || strings.HasPrefix(s, "ou ")) {
			out[len(out)-1] += " " + s
			continue
		}
		out = append(out, s)
	}
	return out
}

// many gives the lines of texts that may hold markup.
func many(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, plain(s)...)
	}
	return out
}

var (
	breaks = regexp.MustCompile(`(?i)<\s*(br|/p|/li|/ul|/ol|/div|/h\d|p|li)\b[^>]*>`)
	hidden = regexp.MustCompile(`(?is)<(script|style)\b.*?</(script|style)\s*>`)
	tags   = regexp.MustCompile(`<[/!a-zA-Z][^>]*>`)
)

// plain takes the markup out of a text and gives its lines.
func plain(s string) []string {
	if strings.Contains(s, "&lt;") {
		s = strings.NewReplacer("&lt;", "<", "&gt;", ">").Replace(s)
	}
	s = hidden.ReplaceAllString(s, " ")
	s = breaks.ReplaceAllString(s, "\n")
	s = tags.ReplaceAllString(s, " ")
	var out []string
	for l := range strings.SplitSeq(s, "\n") {
		if l = strings.TrimLeft(clean(l), "•·-– "); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// scripts is a reader of what a page holds in its script elements of type
// application/ld+json. It gives the page's line ends too, so that lines keep their
// numbers, and nothing else.
type scripts struct {
	r      *bufio.Reader
	inside bool
	out    []byte
	carry  []byte // the beginning of a tag that the buffer cut
	err    error
}

func (s *scripts) Read(p []byte) (int, error) {
	for len(s.out) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		s.fill()
	}
	n := copy(p, s.out)
	s.out = s.out[n:]
	return n, nil
}

var (
	scriptOpen  = regexp.MustCompile(`(?i)<script\b[^>]*ld\+json[^>]*>$`)
	scriptClose = regexp.MustCompile(`(?i)</script\s*>$`)
)

// fill takes the page up to the next tag end.
func (s *scripts) fill() {
	part, err := s.r.ReadSlice('>')
	if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
		s.err = err
	}
	if len(s.carry) > 0 {
		part = append(s.carry, part...)
		s.carry = nil
	}
	if at := bytes.LastIndexByte(part, '<'); errors.Is(err, bufio.ErrBufferFull) && at >= 0 && len(part)-at < 64 {
		s.carry, part = bytes.Clone(part[at:]), part[:at]
	}
	s.out = s.out[:0]
	switch {
	case s.inside:
		if at := scriptClose.FindIndex(part); at != nil {
			s.out, s.inside = append(s.out, part[:at[0]]...), false
			break
		}
		s.out = append(s.out, part...)
	default:
		s.out = append(s.out, bytes.Repeat([]byte{'\n'}, bytes.Count(part, []byte{'\n'}))...)
		s.inside = scriptOpen.Match(part)
	}
	if errors.Is(s.err, io.EOF) && s.inside {
		s.err = fmt.Errorf("script: %w", io.ErrUnexpectedEOF)
	}
}
