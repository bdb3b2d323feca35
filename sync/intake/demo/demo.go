// Package demo invents postings for a first run, for demonstrations and for work at
// 100,000 and 1,000,000 rows. Begin with [Postings]. Occupations, places and wages
// follow the real distributions of the reference pack; employers and contacts are
// invented, and every posting says that it is a demonstration. It reads no clock:
// the same options give the same bytes on every machine.
package demo

import (
	"iter"
	"slices"
	"strconv"

	"passerelle/i18n"
	"passerelle/store/posting"
)

// Options say what to invent.
type Options struct {
	Seed  int64       // two seeds give two catalogues
	N     int         // how many postings; ids are 1 to N
	Today posting.Day // the day the catalogue is of; 0: 2026-11-22
}

const defaultToday posting.Day = 20779 // 2026-11-22

// Numbers begin here; the id is added (design, Identity).
const (
	nativeNumbers  = 10_000_000
	partnerNumbers = 100_000_000
)

// terms is the version of the terms that the invented partners accepted; a test holds
// it equal to the importers'.
const terms = "2026-11"

var sources = []posting.Source{
	{ID: posting.Native, Name: posting.Both{FR: "Passerelle (démonstration)", EN: "Passerelle (demonstration)"}, Accepted: terms, Demo: true},
	{ID: "demo-carrefour", Name: posting.Both{FR: "Carrefour des métiers (démonstration)", EN: "Trades Crossing (demonstration)"}, Host: "offres.partenaire.example.org", Accepted: terms, Demo: true},
	{ID: "demo-boreal", Name: posting.Both{FR: "Emplois boréals (démonstration)", EN: "Boreal Jobs (demonstration)"}, Host: "emplois.boreal.example.net", Accepted: terms, Demo: true},
	{ID: "demo-rivage", Name: posting.Both{FR: "Babillard du rivage (démonstration)", EN: "Shoreline Board (demonstration)"}, Host: "rivage.example.net", Accepted: terms, Demo: true},
	{ID: "demo-sante", Name: posting.Both{FR: "Postes en santé (démonstration)", EN: "Health Openings (demonstration)"}, Host: "sante.partenaire.example.org", Accepted: terms, Demo: true},
}

// Sources gives the registry entries of the postings: this bank and invented partners.
func Sources() []posting.Source { return append([]posting.Source(nil), sources...) }

// Postings invents N postings one by one, in constant memory. They come in the order
// of their ids, mostly oldest first, as they would have come in.
func Postings(o Options) iter.Seq[posting.Posting] {
	if o.Today == 0 {
		o.Today = defaultToday
	}
	return func(yield func(posting.Posting) bool) { load().postings(o, yield) }
}

func (t *tables) postings(o Options, yield func(posting.Posting) bool) {
	for id := int64(1); id <= int64(o.N); id++ {
		w := writer{tables: t, c: newChance(o.Seed, id), today: o.Today}
		w.write(id, int64(o.N))
		if !yield(w.p) {
			return
		}
	}
}

// writer invents one posting; each method fills a part of it.
type writer struct {
	*tables
	c     chance
	today posting.Day
	p     posting.Posting

	job    *job
	town   *town // nil: anywhere in Canada
	sector *sector
	word   string // the employer's invented word
	fr, en bool
}

func (w *writer) write(id, n int64) {
	w.job = &w.jobs[w.jobDice.draw(&w.c)]
	w.p.ID, w.p.Demo, w.p.NOC = id, true, w.job.noc
	w.origin(id)
	w.place()
	w.languages()
	w.employer()
	w.dates(id, n)
	w.terms()
	w.title()
	w.wage()
	w.asked()
	w.links()
	w.texts()
	w.apply()
}

// origin says which source the posting comes from, under which numbers.
func (w *writer) origin(id int64) {
	s := sources[shares{44, 20, 15, 13, 8}.draw(&w.c)]
	if s.ID == "demo-sante" && w.job.broad != '3' {
		s = sources[1]
	}
	w.p.Source = s.ID
	if s.ID == posting.Native {
		w.p.Number = nativeNumbers + id
		w.p.SourceID = strconv.FormatInt(w.p.Number, 10)
		w.p.Confidence = 100
		return
	}
	w.p.Number = partnerNumbers + id
	w.p.SourceID = string(s.ID[5]-'a'+'A') + strconv.FormatInt(200_000+id*3, 10)
	w.p.URL = "https://" + s.Host + "/" + w.p.SourceID
	w.p.Confidence = 100
	if w.c.in(450) { // the source gave no code: assigned from the title
		w.p.Confidence = uint8(68 + w.c.n(30))
	}
}

func (w *writer) place() {
	mode := posting.OnSite
	switch {
	case w.job.desk && w.c.in(480):
		mode = posting.Hybrid
		if w.c.in(420) {
			mode = posting.Remote
		}
	case w.job.onRoad && w.c.in(300):
		mode = posting.OnRoad
	case w.c.in(25):
		mode = posting.Various
	}
	if mode == posting.Remote && w.c.in(130) {
		w.p.Place.Mode = mode // anywhere in Canada
		return
	}
	d := w.townDice
	if w.job.broad == '8' {
		d = w.smallDice
	}
	w.town = &w.towns[d.draw(&w.c)]
	w.p.Place = w.town.place
	w.p.Zone = w.town.zone
	if len(w.town.codes) > 0 && w.c.in(700) {
		w.p.Place = pick(&w.c, w.town.codes)
		if mode == posting.OnSite && w.p.Source == posting.Native && w.c.in(500) {
			w.p.Place.Street = w.street(w.p.Place.Province == "QC")
		}
	}
	w.p.Place.Mode = mode
}

// street is an address that cannot be taken for a real one.
func (w *writer) street(fr bool) string {
	n := strconv.Itoa(1 + w.c.n(2400))
	if fr {
		return n + ", rue de l'Exemple"
	}
	return n + " Example Street"
}

// In thousandths: French only, both, the rest English only.
var spoken = map[string][2]int{"QC": {400, 540}, "NB": {200, 560}, "ON": {30, 400}, "MB": {30, 360}, "": {20, 800}}

func (w *writer) languages() {
	share, ok := spoken[w.p.Place.Province]
	if !ok {
		share = [2]int{8, 350}
	}
	x := w.c.n(1000)
	w.fr, w.en = x < share[0]+share[1], x >= share[0]
	if w.fr && w.en && !w.job.paired { // the titles do not quite say the same: one language
		w.en = w.p.Place.Province != "QC" || w.c.in(100)
		w.fr = !w.en
	}
	switch {
	case w.fr && !w.en:
		w.p.WorkLang = []posting.WorkLang{posting.WorkFrench, posting.WorkBilingual, posting.WorkEither}[shares{82, 12, 6}.draw(&w.c)]
	case w.en && !w.fr:
		w.p.WorkLang = []posting.WorkLang{posting.WorkEnglish, posting.WorkBilingual, posting.WorkOther}[shares{970, 25, 5}.draw(&w.c)]
	case w.p.Place.Province == "QC":
		w.p.WorkLang = []posting.WorkLang{posting.WorkFrench, posting.WorkBilingual, posting.WorkEither}[shares{42, 38, 20}.draw(&w.c)]
	default:
		w.p.WorkLang = []posting.WorkLang{posting.WorkEnglish, posting.WorkBilingual, posting.WorkEither}[shares{80, 12, 8}.draw(&w.c)]
	}
}

func (w *writer) employer() {
	w.sector = &w.sectors[w.job.sector]
	if w.c.in(50) {
		w.p.Agency, w.sector = true, &w.agency
	}
	w.word = w.begins[min(w.c.n(len(w.begins)), w.c.n(len(w.begins)))] + w.ends[w.c.n(len(w.ends))] // some hire more than others
	pattern := pick(&w.c, w.sector.en)
	if w.fr && (!w.en || w.p.Place.Province == "QC") {
		pattern = pick(&w.c, w.sector.fr)
	}
	if before, after, ok := cutWord(pattern); ok {
		w.p.Employer = before + w.word + after
	}
	w.p.NAICS = w.sector.naics
}

func cutWord(s string) (before, after string, ok bool) {
	for i := 0; i+3 <= len(s); i++ {
		if s[i:i+3] == "{w}" {
			return s[:i], s[i+3:], true
		}
	}
	return s, "", false
}

func (w *writer) title() {
	tt := pick(&w.c, w.job.titles)
	form := shares{30, 25, 45}.draw(&w.c)
	fr, en := tt.fr[form], tt.en
	if w.p.External() && w.c.in(450) { // partners word their titles as they please
		v := pick(&w.c, w.prose[w.variant()])
		fr, en = fr+" – "+v.fr[0], en+" – "+v.en[0]
	}
	if w.fr {
		w.p.Title.FR = fr
	}
	if w.en {
		w.p.Title.EN = en
	}
}

// variant chooses what a partner adds to a title: something that is true of the job.
func (w *writer) variant() string {
	p := &w.p
	keys := [8]string{"variant"}
	n := 1
	may := func(ok bool, key string) {
		if ok && len(w.prose[key]) > 0 {
			keys[n] = key
			n++
		}
	}
	may(p.Place.Mode == posting.Hybrid, "variant.hybrid")
	may(p.Period == posting.FullTime, "variant.full")
	may(p.Term == posting.Temporary, "variant.term")
	may(slices.Contains(p.Schedule, "weekend"), "variant.weekend")
	may(slices.Contains(p.Schedule, "evening"), "variant.evening")
	may(len(p.Schedule) == 1 && p.Schedule[0] == "day", "variant.day")
	may(true, variants[w.job.broad-'0'])
	return keys[w.c.n(n)]
}

// variants are those of each broad category.
var variants = [10]string{"variant.0", "variant.1", "variant.2", "variant.3", "variant.4", "variant.5", "variant.6", "variant.7", "variant.8", "variant.9"}

// weekdays is how many postings a day of the week brings, from Thursday (day 0).
var weekdays = [7]int{19, 18, 6, 4, 19, 20, 20}

const days = 30

// dates gives the day of posting and the last day. Most ids rise with the day; some
// are renewed, and some of the oldest have ended.
func (w *writer) dates(id, n int64) {
	c, today := &w.c, w.today
	where := int((id - 1) * 1000 / n) // how far in the catalogue, in thousandths
	if where < 40 {
		w.p.Posted = today - posting.Day(31+c.n(45))
		w.p.Ends = min(w.p.Posted+30, today-1)
		return
	}
	total := 0
	for d := range days {
		total += weekdays[(int(today)-d)%7]
	}
	x := (where - 40) * total / 960
	if c.in(60) { // renewed: an old id, a recent day
		x = total - 1 - c.n(total/4)
	}
	day := today - days + 1
	for ; day < today; day++ {
		if x -= weekdays[int(day)%7]; x < 0 {
			break
		}
	}
	w.p.Posted = day
	switch {
	case w.p.External() && c.in(400):
		w.p.Ends, w.p.Estimated = day+30, true // the source gave no end
	default:
		w.p.Ends = day + posting.Day([]int{30, 60, 21, 14, 90}[shares{62, 16, 10, 8, 4}.draw(c)])
	}
	if w.p.Ends < today {
		w.p.Ends = today + posting.Day(c.n(7)) // extended: it ends soon
	}
}

func (w *writer) terms() {
	c, p := &w.c, &w.p
	switch x := c.n(1000); {
	case w.job.broad == '8' && x < 330, w.job.broad >= '5' && x < 30:
		p.Term = posting.Seasonal
	case x < 865 || w.job.broad == '8':
		p.Term = posting.Permanent
	case x < 960:
		p.Term = posting.Temporary
	case x < 980:
		p.Term = posting.Casual
	}
	part := 45
	if w.job.teer >= 4 {
		part = 130
	}
	switch x := c.n(1000); {
	case x < part || p.Term == posting.Casual && x < 700:
		p.Period = posting.PartTime
	case x < part+35:
		p.Period = posting.PartFull
	case x < 985:
		p.Period = posting.FullTime
	}
	if p.Period == posting.PartTime {
		h := []float32{8, 12, 15, 16, 20, 24, 25, 28}[c.n(8)]
		p.HoursMin, p.HoursMax = h, h
		if c.in(400) {
			p.HoursMax = h + float32(4*(1+c.n(2)))
		}
	} else {
		type span struct{ min, max float32 }
		s := []span{{40, 40}, {35, 35}, {37.5, 37.5}, {30, 40}, {32, 32}, {35, 40}, {40, 60}, {30, 30}, {40, 44}, {0, 0}}[shares{33, 17, 12, 9, 6, 6, 3, 3, 6, 5}.draw(c)]
		p.HoursMin, p.HoursMax = s.min, s.max
	}
	for i, share := range [...]int{780, 260, 120, 210, 90, 60, 50, 90, 110, 0} {
		if w.job.desk && i > 0 && i != 7 {
			share /= 6
		}
		if c.in(share) {
			p.Schedule = append(p.Schedule, posting.Schedules[i])
		}
	}
	if len(p.Schedule) == 0 {
		p.Schedule = []string{"tbd"}
	}
	if c.in(450) {
		p.Starts = max(w.today, p.Posted) + posting.Day(3+c.n(45))
	}
	if p.Term == posting.Temporary || p.Term == posting.Seasonal {
		p.Until = max(p.Starts, p.Posted) + posting.Day(60+c.n(300))
	}
	p.Positions = 1
	if c.in(80) {
		p.Positions = 2 + c.n(4)
		if c.in(120) {
			p.Positions = 6 + c.n(25)
		}
	}
}

// wage draws a wage within the occupation's range, most near the middle and below.
func (w *writer) wage() {
	c, p := &w.c, &w.p
	if c.in(30) {
		return // none stated
	}
	r := w.job.wages[p.Place.Province]
	u := int64(c.n(1000)+c.n(1000)) / 2
	var hour int64
	if u < 560 {
		hour = r.low + (r.mid-r.low)*u/560
	} else {
		hour = r.mid + (r.high-r.mid)*(u-560)/440
	}
	top := hour
	if c.in(450) {
		top = min(hour+hour*int64(4+c.n(22))/100, max(r.high, hour))
	}
	half := int64(p.HoursMax * 2) // half hours a week, so that 37.5 is whole
	if half == 0 {
		half = 80
	}
	unit := posting.Hourly
	salaried := 60
	if w.job.teer <= 1 {
		salaried = 430
	} else if w.job.desk {
		salaried = 180
	}
	if p.Period != posting.PartTime && c.in(salaried) {
		unit = posting.Yearly
	} else if p.Period != posting.PartTime && c.in(45) {
		unit = []posting.Unit{posting.Weekly, posting.Biweekly, posting.Monthly, posting.Daily}[c.n(4)]
	}
	// factor: half hours in the unit; step: what such wages are rounded to, in cents
	var factor, step int64
	switch unit {
	case posting.Yearly:
		factor, step = half*52, 500_00
	case posting.Monthly:
		factor, step = (half*52+11)/12, 50_00
	case posting.Biweekly:
		factor, step = half*2, 10_00
	case posting.Weekly:
		factor, step = half, 5_00
	case posting.Daily:
		factor, step = (half+4)/5, 5_00
	default:
		factor, step = 2, 25
		if c.in(350) {
			step = 5
		}
	}
	up := func(v int64) int64 { return (v*factor/2 + step - 1) / step * step } // up: never under the minimum
	p.Wage = posting.Wage{Unit: unit, Min: up(hour)}
	if up(top) > up(hour) {
		p.Wage.Max = up(top)
	}
	if p.External() && p.Period == posting.FullTime && unit == posting.Hourly && c.in(3) {
		p.Wage.Unit = posting.Daily // as in real files: an hourly figure marked daily
	}
	if w.job.broad == '6' && c.in(40) {
		p.Wage.Flags |= posting.WageCommission
	}
	p.Wage = posting.Normalize(p.Wage, p.HoursMin, p.HoursMax)
}

// asked is what the employer asks for and whom it invites.
func (w *writer) asked() {
	c, p := &w.c, &w.p
	edu := [...]shares{ // unknown, none, secondary, trade, college, university, graduate
		{6, 4, 18, 4, 30, 34, 4}, {6, 0, 3, 1, 12, 66, 12}, {6, 6, 30, 20, 32, 6, 0},
		{5, 14, 46, 26, 9, 0, 0}, {5, 26, 64, 2, 3, 0, 0}, {6, 46, 48, 0, 0, 0, 0},
	}
	p.Education = posting.Education(edu[w.job.teer].draw(c))
	exp := shares{3, 7, 12, 5, 13, 38, 12, 7, 3}
	switch {
	case w.job.teer <= 1:
		exp = shares{5, 2, 6, 3, 7, 27, 22, 18, 10}
	case w.job.teer == 5:
		exp = shares{4, 26, 24, 12, 14, 18, 2, 0, 0}
	}
	p.Exp = posting.Experience(exp.draw(c))
	if c.in(160) {
		for i := range posting.Groups {
			if c.in(260) {
				p.Groups = append(p.Groups, posting.Groups[i])
			}
		}
	}
	p.Abroad = c.in(70)
}

// links tells the way back to the origin in the posting's own language.
func (w *writer) links() {
	if w.p.URL != "" && !w.en {
		w.p.URL += "?lang=" + string(i18n.French)
	}
}
