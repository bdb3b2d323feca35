package intake

import (
	"errors"
	"io"
	"strings"

	"passerelle/i18n"
	"passerelle/store/posting"
)

// column is what a column of the monthly table holds.
type column string

// The columns that are read. The file has up to 65, and most of them in some months only.
const (
	colID        column = "id"
	colTitle     column = "title"
	colOriginal  column = "original"
	colNOC       column = "noc"
	colNOC2016   column = "noc2016"
	colPosted    column = "posted"
	colCount     column = "count"
	colProvince  column = "province"
	colCity      column = "city"
	colPostal    column = "postal"
	colRegion    column = "region"
	colVarious   column = "various"
	colType      column = "type"
	colTerm      column = "term"
	colStarts    column = "starts"
	colUntil     column = "until"
	colMin       column = "min"
	colMax       column = "max"
	colPer       column = "per"
	colPay       column = "pay"
	colEducation column = "education"
	colExp       column = "experience"
	colNAICS     column = "naics"
	colAgency    column = "agency"
	colHoursPer  column = "hours-per"
	colHoursMin  column = "hours-min"
	colHoursMax  column = "hours-max"
	colHours     column = "hours"
	colRemote    column = "remote"
	colLang      column = "lang"
	colEnds      column = "ends"
	colVariable  column = "variable" // commission, piece work, bonus
)

// headers are the columns by their folded names, English then French. Months differ in
// spaces, accents and wording, and folding takes most of that away.
var headers = map[string]column{
	"wic job location snapshot id": colID, "job location snapshot id": colID, "job posting id": colID, "posting id": colID, "posting number": colID, "id": colID,
	"id wic lieu emploi": colID, "id wic lieu de l emploi": colID, "id wic de l instantane du lieu de travail": colID, "numero de l offre": colID, "numero de l offre d emploi": colID, "id de l offre": colID,
	"job title": colTitle, "appellation d emploi": colTitle, "titre d emploi": colTitle, "titre de poste": colTitle, "titre du poste": colTitle,
	"original job title": colOriginal, "titre original": colOriginal, "titre original de l emploi": colOriginal, "titre d emploi original": colOriginal, "titre de poste original": colOriginal, "appellation d emploi originale": colOriginal,
	"noc21 code": colNOC, "noc 21 code": colNOC, "noc 2021 code": colNOC, "noc2021 code": colNOC, "code cnp 2021": colNOC, "code cnp21": colNOC, "code cnp 21": colNOC,
	"noc 2016 code": colNOC2016, "noc2016 code": colNOC2016, "noc code": colNOC2016, "code cnp 2016": colNOC2016, "code cnp": colNOC2016,
	"first posting date": colPosted, "posting date": colPosted, "date posted": colPosted,
	"date initiale affichage de l offre d emploi": colPosted, "date initiale d affichage de l offre d emploi": colPosted, "date initiale d affichage": colPosted, "date de premiere publication": colPosted, "date du premier affichage": colPosted, "date d affichage": colPosted,
	"vacancy count": colCount, "vacancies": colCount, "nombre de postes vacants": colCount, "nombre de postes": colCount,
	"province territory": colProvince, "province": colProvince, "provinces territoires": colProvince, "province territoire": colProvince,
	"city": colCity, "ville": colCity,
	"work location postal code": colPostal, "postal code": colPostal, "code postal": colPostal, "code postal du lieu de travail": colPostal,
	"economic region": colRegion, "region economique": colRegion,
	"various location": colVarious, "various locations": colVarious, "divers endroits": colVarious, "plusieurs endroits": colVarious,
	"employment type": colType, "type d emploi": colType, "genre d emploi": colType,
	"employment term": colTerm, "conditions d emploi": colTerm, "duree de l emploi": colTerm, "duree d emploi": colTerm, "modalite d emploi": colTerm,
	"employment term start date": colStarts, "conditions d emploi date de debut": colStarts, "date de debut": colStarts, "start date": colStarts,
	"employment term end date": colUntil, "conditions d emploi date de fin": colUntil,
	"salary minimum": colMin, "minimum salary": colMin, "salaire minimum": colMin,
	"salary maximum": colMax, "maximum salary": colMax, "salaire maximum": colMax,
	"salary per": colPer, "salaire par": colPer,
	"salary condition detail": colPay, "detail remuneration": colPay, "detail de la remuneration": colPay, "details de la remuneration": colPay,
	"education los": colEducation, "education": colEducation, "education niveau d etudes": colEducation, "niveau d etudes": colEducation, "niveau de scolarite": colEducation,
	"experience level": colExp, "experience": colExp, "niveau d experience": colExp,
	"naics": colNAICS, "scian": colNAICS, "naics code": colNAICS, "code scian": colNAICS,
	"placement agency": colAgency, "agence de placement": colAgency,
	"hours per": colHoursPer, "heures par": colHoursPer,
	"hours minimum": colHoursMin, "heures minimum": colHoursMin,
	"hours maximum": colHoursMax, "heures maximum": colHoursMax,
	"work hours": colHours, "heures de travail": colHours,
	"employment term telework": colRemote, "conditions d emploi virtuel": colRemote, "conditions d emploi teletravail": colRemote,
	"official language": colLang, "langue officielle": colLang,
	"expiry date": colEnds, "closing date": colEnds, "date d expiration": colEnds, "date de fermeture": colEnds,
	"salary condition commission": colVariable, "salary condition piecework": colVariable, "salary condition bonus": colVariable,
	"conditions salariales commission": colVariable, "conditions salariales travail a la piece": colVariable, "conditions salariales prime": colVariable,
}

// shifts are the columns that tick a time of work, by what follows these words.
var shifts = []string{"employment term ", "conditions d emploi "}

// columns finds what each cell of a header is; fr says whether the header is French.
func columns(header []string) (cols map[column][]int, fr bool) {
	cols = map[column][]int{}
	for i, h := range header {
		f := fold(h)
		if c, ok := headers[f]; ok {
			cols[c] = append(cols[c], i)
			continue
		}
		for _, p := range shifts {
			if when, ok := strings.CutPrefix(f, p); ok && schedules[when] != "" {
				cols[column("when:"+schedules[when])] = append(cols[column("when:"+schedules[when])], i)
			}
		}
	}
	whole := " " + fold(strings.Join(header, " ")) + " "
	fr = has(whole, " cnp ", " emploi ", " ville ", " offre ", " postes ")
	return cols, fr
}

// separator finds what parts the cells of a header.
func separator(line string) byte {
	best, most := byte(0), 0
	for _, sep := range []byte{'\t', ',', ';'} {
		if n := strings.Count(line, string(sep)); n > most {
			best, most = sep, n
		}
	}
	return best
}

// cells cuts a record. A quote in the middle of a cell stands for itself: titles hold some.
func cells(line string, sep byte) []string {
	var out []string
	for {
		if strings.HasPrefix(line, `"`) {
			if end := closing(line, sep); end > 0 {
				out = append(out, strings.ReplaceAll(line[1:end], `""`, `"`))
				if end+1 == len(line) {
					return out
				}
				line = line[end+2:]
				continue
			}
		}
		i := strings.IndexByte(line, sep)
		if i < 0 {
			return append(out, line)
		}
		out, line = append(out, line[:i]), line[i+1:]
	}
}

// closing finds the quote that ends a quoted cell: one with the separator or nothing
// after it; −1 when there is none.
func closing(s string, sep byte) int {
	for i := 1; i < len(s); i++ {
		if s[i] != '"' {
			continue
		}
		if i+1 == len(s) || s[i+1] == sep {
			return i
		}
		if s[i+1] == '"' {
			i++
		}
	}
	return -1
}

// unclosed says whether a record's last cell is quoted and goes on in the next line.
func unclosed(line string, sep byte) bool {
	for {
		if strings.HasPrefix(line, `"`) {
			end := closing(line, sep)
			if end < 0 {
				return true
			}
			if end+1 == len(line) {
				return false
			}
			line = line[end+2:]
			continue
		}
		i := strings.IndexByte(line, sep)
		if i < 0 {
			return false
		}
		line = line[i+1:]
	}
}

// span is how many lines a quoted cell may run over before its quote is taken for a
// stray one.
const span = 20

// records hands over the records of a table with the line each begins on.
func records(t *text, yield func(line int, rec string, sep byte, why Reason) error) error {
	type pending struct {
		no   int
		b    string
		long bool
		bad  bool
	}
	var ahead []pending // lines read and not used, when a quote was a stray one
	var buf []byte
	next := func() (pending, error) {
		if len(ahead) > 0 {
			p := ahead[0]
			ahead = ahead[1:]
			return p, nil
		}
		b, long, err := t.readLine(buf[:0])
		if err != nil {
			return pending{}, err
		}
		buf = b[:0]
		fixed, ok := t.fix(b)
		if !ok && long { // cut inside a character
			fixed, ok = nil, true
		}
		return pending{no: t.line, b: string(fixed), long: long, bad: !ok}, nil
	}
	sep := byte(0)
	for {
		p, err := next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if strings.TrimSpace(p.b) == "" && !p.long && !p.bad {
			continue
		}
		if sep == 0 {
			if sep = separator(p.b); sep == 0 {
				return fatal{p.no, NotPostings, ""}
			}
		}
		why := Reason("")
		switch {
		case p.long:
			why = TooLong
		case p.bad:
			why = BadEncoding
		case unclosed(p.b, sep):
			whole, taken := p.b, []pending(nil)
			for range span {
				more, err := next()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					return err
				}
				taken = append(taken, more)
				if more.long || more.bad || len(whole)+len(more.b) > MaxRow {
					break
				}
				if whole += "\n" + more.b; !unclosed(whole, sep) {
					p.b, taken = whole, nil
					break
				}
			}
			ahead = append(taken, ahead...)
		}
		if err := yield(p.no, p.b, sep, why); err != nil {
			return err
		}
	}
}

// openData reads the monthly table. It names no employer and holds no text.
func (in *input) openData(t *text) error {
	var cols map[column][]int
	var lang i18n.Lang
	err := records(t, func(line int, rec string, sep byte, why Reason) error {
		if cols == nil {
			if why != "" {
				return fatal{line, NotPostings, ""}
			}
			var fr bool
			cols, fr = columns(cells(rec, sep))
			if lang = i18n.English; fr {
				lang = i18n.French
			}
			var missing []string
			for _, c := range []struct {
				col    column
				fr, en string
			}{{colID, "ID WIC Lieu emploi", "WIC Job Location Snapshot ID"}, {colTitle, "Appellation d'emploi", "Job Title"},
				{colPosted, "Date initiale affichage de l'offre d'emploi", "First Posting Date"}} {
				if len(cols[c.col]) == 0 && (c.col != colTitle || len(cols[colOriginal]) == 0) {
					if fr {
						missing = append(missing, c.fr)
					} else {
						missing = append(missing, c.en)
					}
				}
			}
			if len(missing) == 3 {
				return fatal{line, NotPostings, ""}
			}
			if len(missing) > 0 {
				return fatal{line, MissingColumns, strings.Join(missing, ", ")}
			}
			return nil
		}
		in.rep.Read++
		if why != "" {
			in.lost(line, why, "UTF-8")
			return in.ctx.Err()
		}
		rec = strings.TrimRight(rec, "\r\n")
		row := cells(rec, sep)
		get := func(c column) string {
			for _, i := range cols[c] {
				if i < len(row) {
					if v := clean(row[i]); v != "" && v != "NA" && v != "N/A" && v != "S.O." {
						return v
					}
				}
			}
			return ""
		}
		ticked := func(c column) bool {
			for _, i := range cols[c] {
				if i < len(row) && yes(row[i]) {
					return true
				}
			}
			return false
		}
		return in.row(in.fromTable(line, lang, get, ticked))
	})
	if err == nil && cols == nil {
		return fatal{0, Empty, ""}
	}
	return err
}

// fromTable makes a draft of a row.
func (in *input) fromTable(line int, lang i18n.Lang, get func(column) string, ticked func(column) bool) *draft {
	d := &draft{line: line, lang: lang, noc: get(colNOC), noc2016: get(colNOC2016), posted: get(colPosted), ends: get(colEnds), region: get(colRegion)}
	d.SourceID = strings.TrimSuffix(get(colID), ".0")
	// The first title is the one that the source's own occupation list has; the second,
	// where there is one, is the employer's, and that is the original.
	d.title, d.aka = get(colTitle), get(colTitle)
	if o := get(colOriginal); o != "" {
		d.title = o
	}
	d.Positions = whole(get(colCount))
	in.province(d, get(colProvince))
	d.Place.City, d.Place.Postal = get(colCity), get(colPostal)
	if ticked(colVarious) {
		d.Place.Mode = posting.Various
	}
	if ticked(colRemote) {
		d.Place.Mode = posting.Remote
	}
	d.Agency = ticked(colAgency)
	if code := digits(get(colNAICS), 6); code != "" {
		d.NAICS = strings.TrimLeft(code, "0")
	}
	d.Period = phrase(in, d, get(colType), period)
	d.Term = phrase(in, d, get(colTerm), term)
	d.Education = phrase(in, d, get(colEducation), education)
	d.Exp = phrase(in, d, get(colExp), experience)
	d.Starts, d.Until = in.day(d, get(colStarts)), in.day(d, get(colUntil))
	found := map[string]bool{}
	for _, s := range posting.Schedules {
		found[s] = ticked(column("when:" + s))
	}
	d.Schedule = inOrder(posting.Schedules, found)

	switch lo, hi := get(colHoursMin), get(colHoursMax); {
	case lo != "" && hi != "":
		in.hours(d, lo+" to "+hi+" "+get(colHoursPer))
	case lo != "" || hi != "":
		in.hours(d, lo+hi+" "+get(colHoursPer))
	default:
		in.hours(d, get(colHours))
	}
	in.tableWage(d, get(colMin), get(colMax), get(colPer), get(colPay))
	if ticked(colVariable) {
		d.Wage.Flags |= posting.WageCommission
	}
	return d
}

// tableWage reads the wage's own columns, and the wording where it says more or is all
// there is.
func (in *input) tableWage(d *draft, lo, hi, per, words string) {
	said, more := wageText(words)
	d.Wage.Flags |= said.Flags & posting.WageCommission
	if more {
		d.Wage.Text = words
	}
	if lo == "" && hi == "" {
		d.Wage.Unit, d.Wage.Min, d.Wage.Max = said.Unit, said.Min, said.Max
		if said.Unit == posting.UnitUnknown {
			d.Wage.Text = words // amounts whose unit is not stated
		}
		return
	}
	for _, v := range []struct {
		s  string
		to *int64
	}{{lo, &d.Wage.Min}, {hi, &d.Wage.Max}} {
		if v.s == "" {
			continue
		}
		c, ok := cents(v.s)
		if !ok {
			in.field(d.line, BadWage, v.s)
			d.Wage = posting.Wage{Text: words}
			return
		}
		*v.to = c
	}
	if per != "" {
		if d.Wage.Unit = unit(per); d.Wage.Unit == posting.UnitUnknown {
			in.field(d.line, UnknownValue, per)
		}
	}
	in.agree(d, said, words)
}

// agree compares a wage's figures with its wording. Where their units differ, nobody can
// say which is right: both are kept, and the wage is flagged.
func (in *input) agree(d *draft, said posting.Wage, words string) {
	w := &d.Wage
	switch {
	case said.Unit == posting.UnitUnknown || said.Unit == w.Unit:
	case w.Unit == posting.UnitUnknown:
		w.Unit = said.Unit
	default:
		w.Text = words
		in.field(d.line, WageUnits, words)
		if said.Unit == posting.Piece { // the lesser claim: it gives no wage by the hour
			w.Unit = posting.Piece
			return
		}
		w.Flags |= posting.WageImpossible
	}
}

// phrase reads a value in words, and says so when the words are not known.
func phrase[T any](in *input, d *draft, s string, read func(string) (T, bool)) T {
	v, ok := read(s)
	if !ok && s != "" {
		in.field(d.line, UnknownValue, s)
	}
	return v
}
