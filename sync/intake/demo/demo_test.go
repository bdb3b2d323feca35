package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/occupation"
	"passerelle/store/posting"
	"passerelle/store/query"
)

func ExamplePostings() {
	for p := range Postings(Options{N: 1}) {
		fmt.Println(p.ID, p.Demo, p.NOC != "", p.Posted < p.Ends)
	}
	// Output: 1 true true true
}

func BenchmarkPostings(b *testing.B) {
	load()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		for range Postings(Options{N: 10_000}) {
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "postings/s")
}

// digest is that of the bytes of all postings, as they would be published.
func digest(t *testing.T, tb *tables, o Options) string {
	t.Helper()
	if o.Today == 0 {
		o.Today = defaultToday
	}
	h := sha256.New()
	tb.postings(o, func(p posting.Posting) bool {
		h.Write(p.Card.Bytes())
		h.Write(p.Details.Bytes())
		return true
	})
	return hex.EncodeToString(h.Sum(nil))
}

// The same options give the same bytes, from tables built anew (no map's order shows),
// and another seed or day gives others.
func TestSameBytes(t *testing.T) {
	o := Options{Seed: 7, N: 3000}
	first := digest(t, load(), o)
	again, err := build()
	if err != nil {
		t.Fatal(err)
	}
	if got := digest(t, again, o); got != first {
		t.Errorf("built anew, the postings of %+v are %s, were %s", o, got, first)
	}
	for _, other := range []Options{{Seed: 8, N: 3000}, {Seed: 7, N: 3000, Today: defaultToday + 1}} {
		if digest(t, again, other) == first {
			t.Errorf("%+v gives the same bytes as %+v", other, o)
		}
	}
}

// The numbers that everything is drawn from are written out, so that another version
// of a library cannot change a catalogue: these are their first ones.
func TestChance(t *testing.T) {
	c := newChance(1, 2)
	var got []int
	for range 6 {
		got = append(got, c.n(1000))
	}
	if want := []int{780, 9, 842, 908, 332, 850}; !slices.Equal(got, want) {
		t.Errorf("newChance(1, 2) draws %v, want %v", got, want)
	}
	weights := []int64{1, 0, 7, 2, 10}
	d, seen := newDice(weights), make([]int, len(weights))
	for range 100_000 {
		seen[d.draw(&c)]++
	}
	for i, w := range weights {
		if want := int(w) * 5_000; seen[i] < want*95/100 || seen[i] > want*105/100 {
			t.Errorf("dice %v drew %v of 100,000, want %d for index %d", weights, seen, want, i)
		}
	}
}

// One posting costs no memory once it has been handed over: a million fit anywhere.
func TestConstantMemory(t *testing.T) {
	var live [2]uint64
	n := 0
	for range Postings(Options{N: 30_000}) {
		if n++; n == 10_000 || n == 30_000 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			live[n/30_000] = m.HeapAlloc
		}
	}
	if live[1] > live[0]+4<<20 {
		t.Errorf("live heap after 10,000 postings %d kB, after 30,000 %d kB: it grows", live[0]>>10, live[1]>>10)
	}
}

// Rows: A-011, X-002, X-010
//
// Every posting is whole: labelled, numbered, in at least one language with its texts,
// dated, from a registered source, and with a way to apply that reaches no one.
func TestEveryPosting(t *testing.T) {
	const n = 10_000
	registered := map[string]posting.Source{}
	for _, s := range Sources() {
		if !s.Demo || s.Name.FR == "" || s.Name.EN == "" {
			t.Errorf("source %s: %+v is not labelled as a demonstration in both languages", s.ID, s)
		}
		registered[s.ID] = s
	}
	phone := regexp.MustCompile(`^[0-9]{3}-555-01[0-9]{2}$`)
	numbers := map[int64]bool{}
	ways := map[posting.Apply]int{}
	sources := map[string]int{}
	var id int64
	for p := range Postings(Options{Seed: 3, N: n}) {
		id++
		bad := func(format string, args ...any) {
			t.Helper()
			t.Errorf("posting %d (%s): %s", p.ID, p.Source, fmt.Sprintf(format, args...))
		}
		if p.ID != id || !p.Demo {
			bad("id %d, demo %v, want %d, true", p.ID, p.Demo, id)
		}
		s, ok := registered[p.Source]
		if !ok {
			bad("source is not registered")
		}
		sources[p.Source]++
		native := p.Number >= 10_000_000 && p.Number <= 69_999_999
		if numbers[p.Number] || p.External() == native || p.External() != (p.Number >= 100_000_000) || p.SourceID == "" {
			bad("number %d, source id %q", p.Number, p.SourceID)
		}
		numbers[p.Number] = true
		if u, err := url.Parse(p.URL); p.External() && (err != nil || u.Host != s.Host) || !p.External() && p.URL != "" {
			bad("URL %q does not lead to %q", p.URL, s.Host)
		}
		if len(p.NOC) != 5 || p.Employer == "" || strings.Contains(p.Employer, "{") {
			bad("NOC %q, employer %q", p.NOC, p.Employer)
		}
		if p.Posted == 0 || p.Ends < p.Posted || p.Posted > defaultToday {
			bad("posted %s, ends %s", p.Posted, p.Ends)
		}
		if p.Place.Province != "" && (p.Place.City == "" || !p.Place.Known() || p.Zone == "") {
			bad("place %+v, zone %q", p.Place, p.Zone)
		}
		if len(p.Langs()) == 0 || len(p.Texts) != len(p.Langs()) {
			bad("languages %v, %d texts", p.Langs(), len(p.Texts))
		}
		for i, x := range p.Texts {
			if x.Lang != p.Langs()[i] || len(x.Sections) == 0 {
				bad("text %d is %q with %d sections", i, x.Lang, len(x.Sections))
			}
			for _, sec := range x.Sections {
				for _, it := range sec.Items {
					if it.Text == "" || strings.Contains(it.Text, "{") {
						bad("item %+v", it)
					}
					if x.Lang == i18n.French && (strings.Contains(it.Text, " :") || strings.Contains(it.Text, " ?")) {
						bad("%q: Canadian French typography", it.Text)
					}
				}
			}
		}
		if w := p.Wage; w.Min > 0 && w.Max != 0 && w.Max < w.Min {
			bad("wage %+v", w)
		}
		if p.HoursMax < p.HoursMin {
			bad("hours %v to %v", p.HoursMin, p.HoursMax)
		}
		if len(p.Apply) == 0 {
			bad("no way to apply")
		}
		for _, m := range p.Apply {
			ways[m.Kind]++
			fictional := m.Value != ""
			switch m.Kind {
			case posting.ApplyPhone, posting.ApplyFax:
				fictional = phone.MatchString(m.Value)
			case posting.ApplyEmail:
				fictional = strings.HasSuffix(m.Value, ".example.org")
			case posting.ApplyOnline:
				u, err := url.Parse(m.Value)
				fictional = err == nil && u.Scheme == "https" && (strings.HasSuffix(u.Host, ".example.org") || strings.HasSuffix(u.Host, ".example.net"))
			case posting.ApplyMail, posting.ApplyPerson:
				fictional = strings.Contains(m.Value, "rue de l'Exemple") || strings.Contains(m.Value, "Example Street")
			}
			if !fictional {
				bad("%s %q may reach someone", m.Kind, m.Value)
			}
		}
	}
	for _, k := range []posting.Apply{posting.ApplyOnline, posting.ApplyEmail, posting.ApplyPhone, posting.ApplyFax, posting.ApplyMail, posting.ApplyPerson} {
		if ways[k] == 0 {
			t.Errorf("no posting of %d asks to apply by %s", n, k)
		}
	}
	if len(sources) != len(registered) {
		t.Errorf("sources %v, want all %d", sources, len(registered))
	}
	t.Log("ways to apply:", ways, "sources:", sources)
}

// Dates: most of the last thirty days, some ended, some ending within the week, some
// renewed (an old id, a recent day), some with an estimated end.
func TestDates(t *testing.T) {
	const n = 10_000
	now := defaultToday.Time().Add(18 * time.Hour)
	var ended, soon, renewed, estimated, month int
	var latest posting.Day
	for p := range Postings(Options{N: n}) {
		switch {
		case p.Ended(now):
			ended++
		case p.Ends <= defaultToday+7:
			soon++
		}
		if p.Posted > defaultToday-30 {
			month++
		}
		if p.Posted < latest {
			renewed++ // those after a renewed one seem to go back in time
		}
		latest = max(latest, p.Posted)
		if p.Estimated {
			if estimated++; p.Ends < p.Posted+30 {
				t.Errorf("posting %d: estimated end %s for %s, want 30 days after", p.ID, p.Ends, p.Posted)
			}
		}
	}
	t.Logf("of %d: %d ended, %d end within a week, %d of the last 30 days, %d with an estimated end", n, ended, soon, month, estimated)
	for what, x := range map[string]struct{ got, min, max int }{
		"ended": {ended, 300, 500}, "ending soon": {soon, 200, 2500}, "of the month": {month, 9_000, 9_750},
		"out of order": {renewed, 500, n}, "estimated": {estimated, 1000, 4000},
	} {
		if x.got < x.min || x.got > x.max {
			t.Errorf("%s: %d of %d, want %d to %d", what, x.got, n, x.min, x.max)
		}
	}
}

// Languages follow the province: French leads in Quebec, English elsewhere, and a good
// part of the postings is in both.
func TestLanguages(t *testing.T) {
	const n = 10_000
	both, words, texts := 0, 0, 0
	by := map[string][3]int{} // French only, both, English only
	remote := 0
	for p := range Postings(Options{N: n}) {
		c := by[p.Place.Province]
		switch ls := p.Langs(); {
		case len(ls) == 2:
			both++
			c[1]++
		case ls[0] == i18n.French:
			c[0]++
		default:
			c[2]++
		}
		by[p.Place.Province] = c
		for _, x := range p.Texts {
			texts++
			words += wordsOf(x)
		}
		if p.Place.Mode == posting.Remote || p.Place.Mode == posting.Hybrid {
			remote++
		}
	}
	t.Logf("%d %% in both languages; by province (French only, both, English only): %v", both*100/n, by)
	if both < n*33/100 || both > n*45/100 {
		t.Errorf("%d of %d are in both languages, want about 40 %%", both, n)
	}
	if q := by["QC"]; q[0] < 4*q[2] || q[0]*100/(q[0]+q[1]+q[2]) < 30 {
		t.Errorf("Quebec: French only, both, English only %v: want French to lead", q)
	}
	if b := by["BC"]; b[2] < 10*b[0] {
		t.Errorf("British Columbia: %v: want English to lead", b)
	}
	mean := words / texts
	t.Logf("%d words a text; %d %% remote or hybrid", mean, remote*100/n)
	if mean < 80 || mean > 120 {
		t.Errorf("%d words a text on average, want about 100", mean)
	}
	if remote < n*15/100 || remote > n*25/100 {
		t.Errorf("%d of %d are remote or hybrid, want about 20 %%", remote, n)
	}
}

func wordsOf(x posting.Text) int {
	n := 0
	for _, s := range x.Sections {
		for _, it := range s.Items {
			n += len(strings.Fields(it.Text))
		}
	}
	return n
}

// Places, occupations and wages follow the reference pack: the commonest occupation and
// the largest city come most often, and wages stay within reason.
func TestWeights(t *testing.T) {
	const n = 20_000
	jobs, towns := map[string]int{}, map[string]int{}
	none, odd, annual := 0, 0, 0
	for p := range Postings(Options{N: n}) {
		jobs[p.NOC]++
		towns[p.Place.City+" "+p.Place.Province]++
		switch {
		case p.Wage.Unit == posting.UnitUnknown:
			none++
		case p.Wage.Flags&posting.WageImpossible != 0:
			odd++
		case p.Wage.Unit == posting.Yearly:
			annual++
		}
		if p.Wage.Known() && p.Wage.Flags&posting.WageImpossible == 0 && (p.Wage.HourMin < 12_00 || p.Wage.HourMin > 360_00) {
			t.Errorf("posting %d, NOC %s: %+v", p.ID, p.NOC, p.Wage)
		}
	}
	if jobs["64100"] < jobs["73300"] || jobs["73300"] < jobs["72500"] || len(jobs) < 400 {
		t.Errorf("%d occupations; salespersons %d, truck drivers %d, crane operators %d: want that order", len(jobs), jobs["64100"], jobs["73300"], jobs["72500"])
	}
	if towns["Toronto ON"] < towns["Montréal QC"] || towns["Montréal QC"] < towns["Halifax NS"] || len(towns) < 800 {
		t.Errorf("%d places; Toronto %d, Montréal %d, Halifax %d: want that order", len(towns), towns["Toronto ON"], towns["Montréal QC"], towns["Halifax NS"])
	}
	t.Logf("%d occupations, %d places; wages: %d without, %d impossible, %d yearly of %d", len(jobs), len(towns), none, odd, annual, n)
	if none < n*2/100 || none > n*4/100 {
		t.Errorf("%d of %d without a wage, want about 3 %%", none, n)
	}
}

// Rows: A-026
//
// Partners word their titles as they please; the code says what the job is.
func TestPartnerTitles(t *testing.T) {
	varied, assigned := 0, 0
	for p := range Postings(Options{N: 5000}) {
		title, _ := p.Title.In(i18n.French)
		if strings.Contains(title, " – ") {
			if varied++; !p.External() {
				t.Errorf("posting %d: this bank's own title %q has a partner's ending", p.ID, title)
			}
		}
		if p.Confidence < 100 {
			assigned++
		}
	}
	if varied < 500 || assigned < 500 {
		t.Errorf("%d titles with an ending of their own and %d codes assigned, want 500 of each", varied, assigned)
	}
}

// Rows: A-026
//
// A title names its own occupation: where the assigner gives a code at all, it is the
// posting's, for nearly all titles in both languages.
func TestTitlesNameTheirOccupation(t *testing.T) {
	same, other, none := 0, 0, 0
	for _, j := range load().jobs {
		for _, x := range j.titles {
			for lang, title := range map[i18n.Lang]string{i18n.French: x.fr[2], i18n.English: x.en} {
				switch code, _ := occupation.Assign(title, lang); code {
				case j.noc:
					same++
				case "":
					none++
				default:
					other++
				}
			}
		}
	}
	t.Logf("%d titles are assigned their own code, %d another, %d none", same, other, none)
	if all := same + other + none; same < all*85/100 || other > all*3/100 {
		t.Errorf("of %d titles %d are assigned their own code and %d another, want 85 %% and at most 3 %%", all, same, other)
	}
}

// An employer's name is one of ours: an invented word in one of a few patterns.
func TestEmployersAreInvented(t *testing.T) {
	tb := load()
	for p := range Postings(Options{N: 3000}) {
		if !slices.ContainsFunc(tb.begins, func(b string) bool { return strings.Contains(p.Employer, b) }) {
			t.Errorf("posting %d: employer %q holds no invented word", p.ID, p.Employer)
		}
	}
}

// What a list of these postings is headed with: for nearly all, in the language that
// they are in, the title that they name, and seldom the long one of the unit group.
//
// Rows: A-026
func TestHeadings(t *testing.T) {
	all, group, both, foreign := 0, 0, 0, 0
	long := 0
	for p := range Postings(Options{Seed: 5, N: 3000}) {
		h, g := occupation.Heading(p.NOC, p.Title), occupation.Title(p.NOC)
		if h.FR == "" || h.EN == "" {
			t.Fatalf("Heading(%s, %q) = %q, want both languages", p.NOC, p.Title, h)
		}
		for _, x := range [][3]string{{h.FR, g.FR, p.Title.FR}, {h.EN, g.EN, p.Title.EN}} {
			if x[2] == "" { // in the other language only
				foreign++
				if x[0] == x[1] {
					both++
				}
				continue
			}
			all++
			if x[0] == x[1] {
				group++
			}
			if len([]rune(x[0])) > 60 {
				long++
			}
		}
	}
	t.Logf("of %d headings in the posting's language %d are a unit group's and %d longer than 60 letters; of %d in the other one %d are a unit group's", all, group, long, foreign, both)
	if group*100 > all*2 || both*100 > foreign*15 || long*100 > all*2 {
		t.Errorf("of %d headings %d are a unit group's and %d longer than 60 letters, of %d in the other language %d; want 2 %%, 2 %% and 15 %%", all, group, long, foreign, both)
	}
}

// Whoever types what a posting is headed with finds it, with both genders or either, in
// either language, whatever language the posting is in.
//
// Rows: A-026, X-002
func TestHeadingsAreFound(t *testing.T) {
	asked, missed := 0, 0
	for p := range Postings(Options{Seed: 9, N: 800}) {
		h := occupation.Heading(p.NOC, p.Title)
		for l, title := range map[i18n.Lang]string{i18n.French: h.FR, i18n.English: h.EN} {
			for _, words := range append(occupation.Halves(title), title) {
				asked++
				if q := (query.Query{Words: words, Lang: l}); !q.Match(p) {
					missed++
					if !strings.ContainsAny(words, "(,") { // a comma means or; initials with full stops are read as letters
						t.Errorf("%q (%s) does not find a posting titled %q", words, p.NOC, p.Title)
					}
				}
			}
		}
	}
	t.Logf("%d headings and halves of them typed, %d do not find their posting", asked, missed)
	if missed*50 > asked {
		t.Errorf("%d of %d headings typed do not find their posting, want at most 2 %%", missed, asked)
	}
}
