package match

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/i18n"
	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/skill"
)

func ExampleProfile_Explain() {
	p := New(Person{
		Places: []string{"Rimouski, QC"}, Experience: map[string]string{"63200": "6"}, Education: []string{"3"},
		Skills: []string{"ps:prepare-and-cook-full-dishes"}, Credentials: []string{"ps:safe-food-handling"},
	})
	e := p.Explain(cook())
	fmt.Println(e.Percent, "%,", e.Stars, "stars")
	for _, part := range e.Parts {
		if part.State != Met {
			fmt.Println(part.Kind, part.State, part.IDs, part.Text, part.Points, "of", part.Of)
		}
	}
	for _, s := range p.Raise(cook()) {
		fmt.Println("+", s.Gain, s.Kind, s.IDs)
	}
	// Output:
	// 94 %, 5 stars
	// skill partly [ps:wash-peel-and-cut-vegetables]  2 of 5
	// skill partly [ps:kitchen-knives]  3 of 6
	// skill unknown [] Chanter en servant 0 of 0
	// + 3 skill [ps:wash-peel-and-cut-vegetables]
	// + 3 skill [ps:kitchen-knives]
}

// cook is a posting in both languages that mentions each kind of requirement.
func cook() posting.Posting {
	return posting.Posting{
		Card: posting.Card{
			ID: 1, Number: 10_000_001, Source: posting.Native, Title: posting.Both{FR: "cuisinier", EN: "cook"}, NOC: "63200", Confidence: 100,
			Place: posting.Place{City: "Rimouski", Province: "QC"}, Posted: 20700, Ends: 20760, Zone: "America/Toronto",
			Education: posting.EduSecondary, Exp: posting.ExpOneYear,
		},
		Details: posting.Details{Texts: []posting.Text{
			{Lang: i18n.French, Sections: []posting.Section{
				{Kind: posting.Tasks, Items: []posting.Item{{ID: "ps:prepare-and-cook-full-dishes", Text: "Préparer et cuire des plats complets"}, {Text: "Laver, éplucher et couper les légumes"}, {Text: "Chanter en servant"}}},
				{Kind: posting.Tools, Items: []posting.Item{{ID: "ps:kitchen-knives", Text: "Couteaux"}}},
				{Kind: posting.Credentials, Items: []posting.Item{{ID: "ps:safe-food-handling", Text: "Salubrité"}}},
				{Kind: posting.Benefits, Items: []posting.Item{{Text: "Conduire un camion lourd sur de longues distances"}}},
			}},
			{Lang: i18n.English, Sections: []posting.Section{
				{Kind: posting.Credentials, Items: []posting.Item{{ID: "ps:safe-food-handling", Text: "Food safety"}}},
				{Kind: posting.Tasks, Items: []posting.Item{{Text: "Wash, peel and cut vegetables"}, {ID: "ps:prepare-and-cook-full-dishes", Text: "Prepare and cook full dishes"}}},
			}},
		}},
	}
}

// Rows: A-052, A-054, A-055, A-057
func TestEligible(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	today := posting.DayOf(now)
	card := func(change func(*posting.Card)) posting.Card {
		c := posting.Card{Number: 10_000_001, Source: posting.Native, Posted: today, Ends: today + 60, Zone: "America/Toronto"}
		change(&c)
		return c
	}
	numbered := func(n int64) posting.Card { return card(func(c *posting.Card) { c.Number = n }) }
	aged := func(days posting.Day) posting.Card {
		return card(func(c *posting.Card) { c.Posted = today - days })
	}
	active := Standing{Active: true}
	express := Standing{Active: true, Express: true}
	for _, c := range []struct {
		name string
		who  Standing
		card posting.Card
		want Bar
	}{
		{"native of an approved employer", active, aged(0), ""},
		{"not activated", Standing{}, aged(0), Inactive},
		{"suspended account", Standing{Active: true, Suspended: true}, aged(0), Suspended},
		{"external", active, card(func(c *posting.Card) { c.Source, c.Number = "partner", 100_000_001 }), Elsewhere},
		{"employer's file pending", Standing{Active: true, Pending: true}, aged(0), Unapproved},
		{"number 7…", active, numbered(71_234_567), OldNumber},
		{"number 8…", active, numbered(81_234_567), OldNumber},
		{"number 8 alone", active, numbered(8), OldNumber},
		{"number 17…", active, numbered(17_234_567), ""},
		{"number 6…", active, numbered(61_234_567), ""},
		{"number 9…", active, numbered(91_234_567), ""},
		{"ended", active, card(func(c *posting.Card) { c.Posted, c.Ends = today-30, today-1 }), Ended},
		{"last day", active, card(func(c *posting.Card) { c.Posted, c.Ends = today-30, today }), ""},
		{"closed", active, card(func(c *posting.Card) { c.State = posting.Closed }), Ended},
		{"withdrawn", active, card(func(c *posting.Card) { c.State = posting.Withdrawn }), Ended},
		{"Canadian, day 0", active, aged(0), ""},
		{"Express Entry, day 0", express, aged(0), NotYet},
		{"Express Entry, 29 days", express, aged(29), NotYet},
		{"Express Entry, 30 days", express, aged(30), NotYet},
		{"Express Entry, 31st day", express, aged(31), ""},
		{"Express Entry, 35 days of which 5 suspended", Standing{Active: true, Express: true, Paused: 5}, aged(35), NotYet},
		{"Express Entry, 36 days of which 5 suspended", Standing{Active: true, Express: true, Paused: 5}, aged(36), ""},
	} {
		if got := Eligible(c.who, c.card, now); got != c.want {
			t.Errorf("%s: Eligible is %q, want %q", c.name, got, c.want)
		}
	}
	// A day ends at midnight in the posting's own place.
	c := card(func(c *posting.Card) { c.Posted, c.Zone = today-31, "America/Vancouver" })
	if got := Eligible(express, c, today.Time().Add(7*time.Hour)); got != NotYet {
		t.Errorf("at 23:00 of the 30th day in Vancouver: %q, want %q", got, NotYet)
	}
	if got := Eligible(express, c, today.Time().Add(9*time.Hour)); got != "" {
		t.Errorf("at 01:00 of the 31st day in Vancouver: %q, want a match", got)
	}
}

// ids of the lists and values that they do not have, for profiles and postings at random.
func concepts() *rapid.Generator[string] {
	ids := []string{"ps:of-another-version", "jb:1", "", "x"}
	for _, c := range skill.All() {
		ids = append(ids, c.ID)
		ids = append(ids, c.Alias...)
	}
	return rapid.SampledFrom(ids)
}

func nocs() *rapid.Generator[string] {
	return rapid.SampledFrom(append(occupation.UnitGroups(), "", "99999", "6320", "63200", "65201", "62020", "63200"))
}

func cities() *rapid.Generator[[2]string] {
	all := [][2]string{{"", ""}, {"", "QC"}, {"Nulle-Part", "QC"}, {"Rimouski", ""}, {"Rimouski", "ZZ"}}
	for _, c := range place.Cities()[:60] {
		all = append(all, [2]string{c.Name, c.Province})
	}
	return rapid.SampledFrom(all)
}

func persons() *rapid.Generator[Person] {
	return rapid.Custom(func(t *rapid.T) Person {
		where := rapid.Map(cities(), func(c [2]string) string {
			if c[0] == "" {
				return c[1]
			}
			return c[0] + ", " + c[1]
		})
		return Person{
			Places:      rapid.SliceOfN(where, 0, 4).Draw(t, "places"),
			Workplaces:  rapid.SliceOfN(rapid.SampledFrom([]string{"s", "r", "h", "t", "v", "?"}), 0, 3).Draw(t, "workplaces"),
			Experience:  rapid.MapOfN(nocs(), rapid.SampledFrom([]string{"", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "x"}), 0, 5).Draw(t, "experience"),
			Skills:      rapid.SliceOfN(concepts(), 0, 12).Draw(t, "skills"),
			Education:   rapid.SliceOfN(rapid.SampledFrom([]string{"1", "2", "3", "4", "5", "6", "7", ""}), 0, 2).Draw(t, "education"),
			Credentials: rapid.SliceOfN(concepts(), 0, 6).Draw(t, "credentials"),
			Mode:        rapid.SampledFrom([]Mode{Default, Strict, "", "?"}).Draw(t, "mode"),
		}
	})
}

func postings() *rapid.Generator[posting.Posting] {
	item := rapid.Custom(func(t *rapid.T) posting.Item {
		id := concepts().Draw(t, "concept")
		it := posting.Item{ID: id, Text: "texte " + id}
		if c, ok := skill.Get(id); ok && rapid.Bool().Draw(t, "by text") {
			it = posting.Item{Text: c.Name.FR}
		}
		return it
	})
	section := rapid.Custom(func(t *rapid.T) posting.Section {
		return posting.Section{
			Kind:  rapid.SampledFrom([]posting.Kind{posting.Tasks, posting.Tools, posting.Credentials, posting.Special, posting.Benefits, posting.Transport, posting.Other}).Draw(t, "kind"),
			Items: rapid.SliceOfN(item, 0, 14).Draw(t, "items"),
		}
	})
	return rapid.Custom(func(t *rapid.T) posting.Posting {
		at := cities().Draw(t, "city")
		return posting.Posting{
			Card: posting.Card{
				Title: posting.Both{FR: rapid.SampledFrom([]string{"", "cuisinier", "analyste principal", "stagiaire"}).Draw(t, "title")},
				NOC:   nocs().Draw(t, "noc"), Exp: posting.Experience(rapid.IntRange(0, 8).Draw(t, "exp")), Education: posting.Education(rapid.IntRange(0, 6).Draw(t, "edu")),
				Place: posting.Place{City: at[0], Province: at[1], Mode: rapid.SampledFrom([]posting.Workplace{"", "r", "h", "t", "v"}).Draw(t, "mode")},
			},
			Details: posting.Details{Texts: []posting.Text{{Lang: i18n.French, Sections: rapid.SliceOfN(section, 0, 4).Draw(t, "sections")}}},
		}
	})
}

// What the strict way shows is a part of what the default way shows, for any profile and
// any posting, however wrong; and the way that a profile chose changes no score.
//
// Rows: A-053
func TestStrictWithinDefault(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		who, post := persons().Draw(t, "person"), postings().Draw(t, "posting")
		q := Prepare(post)
		s := New(who).Score(&q)
		if s.In(Strict) && !s.In(Default) {
			t.Fatalf("%+v is in the strict way and not in the default one", s)
		}
		who.Mode = Strict
		if other := New(who).Score(&q); other != s {
			t.Fatalf("the strict way scores %+v, the profile's own %+v", other, s)
		}
		if s.In("") != s.In(Default) {
			t.Fatal("a way that is not named is not the default one")
		}
	})
}

// The parts of an explanation add up to its percentage, which is the score's, and what they
// could add is 100; each state has the points that it may have. A step that would raise the
// score does, by what it says.
//
// Rows: A-065
func TestPartsMakeTheScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		who, post := persons().Draw(t, "person"), postings().Draw(t, "posting")
		p, q := New(who), Prepare(post)
		s, e := p.Score(&q), p.Explain(post)
		sum, of := 0, 0
		for _, part := range e.Parts {
			sum, of = sum+part.Points, of+part.Of
			switch {
			case part.Points < 0 || part.Points > part.Of,
				part.State == Met && part.Points != part.Of && part.Kind != Work,
				part.State == Missing && part.Points != 0,
				part.Text != "" && (part.Of != 0 || part.State != Unknown):
				t.Fatalf("%+v has points that its state does not give", part)
			}
		}
		if sum != e.Percent || of != 100 || e.Percent != int(s.Percent) || e.Stars != s.Stars() || e.Default != s.In(Default) || e.Strict != s.In(Strict) {
			t.Fatalf("parts make %d of %d, the explanation says %d %% (%d stars), the score %+v", sum, of, e.Percent, e.Stars, s)
		}
		if want := max(1, int(math.Round(float64(e.Percent)/20))); e.Stars != want {
			t.Fatalf("%d %% is %d stars, want %d", e.Percent, e.Stars, want)
		}
		for _, step := range p.Raise(post) {
			c := who
			c.Places, c.Skills, c.Credentials = slices.Clone(who.Places), slices.Clone(who.Skills), slices.Clone(who.Credentials)
			switch step.Kind {
			case Experience:
				c.Experience = maps.Clone(who.Experience)
				if c.Experience == nil {
					c.Experience = map[string]string{}
				}
				c.Experience[step.IDs[0]] = strconv.Itoa(step.Level)
			case Skill:
				c.Skills = append(c.Skills, step.IDs...)
			case Credential:
				c.Credentials = append(c.Credentials, step.IDs[0])
			case Place:
				c.Places = append(c.Places, step.IDs[0])
			case Workplace:
				c.Workplaces = append(slices.Clone(who.Workplaces), step.IDs[0])
			case Education:
				c.Education = append(slices.Clone(who.Education), strconv.Itoa(step.Level))
			}
			if got := New(c).Score(&q); int(got.Percent) != e.Percent+step.Gain || step.Gain <= 0 {
				t.Fatalf("%+v says it raises %d, and the score is then %d", step, e.Percent, got.Percent)
			}
		}
	})
}

// The same profile said in another order, and the same posting with its sections, lines and
// languages in another order, come to the same explanation.
//
// Rows: A-064
func TestOrderHasNoSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		who, post := persons().Draw(t, "person"), postings().Draw(t, "posting")
		a := New(who).Explain(post)
		other := who
		other.Experience = map[string]string{}
		for _, k := range slices.Backward(slices.Sorted(maps.Keys(who.Experience))) {
			other.Experience[k] = who.Experience[k]
		}
		for _, list := range []*[]string{&other.Places, &other.Skills, &other.Credentials, &other.Education, &other.Workplaces} {
			*list = slices.Clone(*list)
			slices.Reverse(*list)
		}
		turned := post
		turned.Texts = slices.Clone(post.Texts)
		turned.Texts[0].Sections = slices.Clone(post.Texts[0].Sections)
		slices.Reverse(turned.Texts[0].Sections)
		b := New(other).Explain(turned)
		tied := func(p Part) bool { return p.Text != "" }
		a.Parts, b.Parts = slices.DeleteFunc(a.Parts, tied), slices.DeleteFunc(b.Parts, tied)
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		if !bytes.Equal(x, y) {
			t.Fatalf("turned around, %s is %s", x, y)
		}
	})
}

// TestGolden holds the bytes of explanations, so that a desktop and a server of different
// versions are not found to differ by people: a change here is a change of the rules, and
// of every score that was kept.
//
// Rows: A-064, A-065
func TestGolden(t *testing.T) {
	cooks := Person{Places: []string{"Rimouski, QC"}, Experience: map[string]string{"63200": "6", "65201": "4"}, Skills: []string{"ps:prepare-and-cook-full-dishes"}, Education: []string{"3"}, Credentials: []string{"ps:safe-food-handling"}, Mode: Strict}
	helper := Person{Places: []string{"NB", "Québec, QC"}, Workplaces: []string{"s"}, Experience: map[string]string{"65201": "4"}, Skills: []string{"ps:wash-peel-and-cut-vegetables"}}
	driver := Person{Places: []string{"CA"}, Experience: map[string]string{"73300": "8"}, Education: []string{"2"}, Credentials: []string{"ps:driver-s-licence-class-1-az-in-ontario"}}
	cards := cook()
	cards.ID, cards.Details = 2, posting.Details{}
	remote := cook()
	remote.ID, remote.Place = 3, posting.Place{Mode: posting.Remote, Province: "AB"}
	truck := posting.Posting{
		Card: posting.Card{ID: 4, NOC: "73300", Exp: posting.ExpAsset, Place: posting.Place{City: "Moncton", Province: "NB"}},
		Details: posting.Details{Texts: []posting.Text{{Lang: i18n.English, Sections: []posting.Section{
			{Kind: posting.Credentials, Items: []posting.Item{{ID: "ps:driver-s-licence-class-1-az-in-ontario"}, {ID: "ps:apprentice-1st-period"}, {ID: "ps:red-seal"}}},
			{Kind: posting.Transport, Items: []posting.Item{{ID: "ps:valid-driver-s-licence"}, {ID: "ps:own-vehicle"}}},
		}}}},
	}
	type line struct {
		Profile string      `json:"profile"`
		Posting int64       `json:"posting"`
		Says    Explanation `json:"says"`
		Raise   []Step      `json:"raise"`
	}
	var got bytes.Buffer
	enc := json.NewEncoder(&got)
	enc.SetIndent("", " ")
	for _, who := range []struct {
		name string
		Person
	}{{"cook", cooks}, {"helper", helper}, {"driver", driver}, {"nobody", Person{}}} {
		p := New(who.Person)
		for _, post := range []posting.Posting{cook(), cards, remote, truck, {}} {
			if err := enc.Encode(line{who.name, post.ID, p.Explain(post), p.Raise(post)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	name := filepath.Join("testdata", "explanations.golden.json")
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("explanations differ from %s; UPDATE=1 rewrites it, and its diff is to be read", name)
	}
}

// The empty sections are named, and a profile without any of the four fits nothing; one of
// them changes what is said.
//
// Rows: A-050, A-058
func TestEmpty(t *testing.T) {
	blank := Person{Places: []string{"Rimouski, QC"}, Workplaces: []string{"s"}}
	easy := posting.Posting{Card: posting.Card{NOC: "65201", Exp: posting.ExpNone, Education: posting.EduNone, Place: posting.Place{City: "Rimouski", Province: "QC"}}}
	q := Prepare(easy)
	p := New(blank)
	if got, want := p.Empty(), []Kind{Experience, Skill, Education, Credential}; !slices.Equal(got, want) {
		t.Errorf("Empty() is %v, want %v", got, want)
	}
	if s := p.Score(&q); s.In(Default) || s.In(Strict) {
		t.Errorf("a profile that says nothing is matched: %+v", s)
	}
	blank.Experience = map[string]string{"65201": "3"}
	p = New(blank)
	if got, want := p.Empty(), []Kind{Skill, Education, Credential}; !slices.Equal(got, want) {
		t.Errorf("Empty() is %v, want %v", got, want)
	}
	if s := p.Score(&q); !s.In(Default) {
		t.Errorf("with the experience asked: %+v, want a match", s)
	}
	if f := skill.All()[0]; len(New(Person{Skills: []string{"free text", f.Name.EN}}).Empty()) != 4 {
		t.Error("a text that is no id of the list counts as a skill (A-070)")
	}
}

// Gaps are the requirements of chosen postings that the profile does not meet, with how
// many postings ask each.
//
// Rows: X-027
func TestGaps(t *testing.T) {
	p := New(Person{Places: []string{"Rimouski, QC"}, Experience: map[string]string{"65201": "5"}, Skills: []string{"ps:wash-peel-and-cut-vegetables"}, Education: []string{"2"}})
	second := cook()
	second.Education, second.Exp, second.Texts = posting.EduTrade, posting.ExpTwoYears, second.Texts[1:]
	type short struct {
		kind     Kind
		id       string
		level, n int
	}
	var got []short
	for _, g := range p.Gaps([]posting.Posting{cook(), second}) {
		s := short{kind: g.Kind, level: g.Level, n: g.Postings}
		if len(g.IDs) > 0 {
			s.id = g.IDs[0]
		}
		got = append(got, s)
	}
	want := []short{
		{Credential, "ps:safe-food-handling", 0, 2}, {Skill, "ps:prepare-and-cook-full-dishes", 0, 2},
		{Experience, "63200", 6, 1}, {Experience, "63200", 5, 1}, {Skill, "ps:kitchen-knives", 0, 1}, {Education, "", 3, 1},
	}
	if !slices.Equal(got, want) {
		t.Errorf("Gaps are %v, want %v", got, want)
	}
}

// Distances in whole numbers are those of the sphere, within a percent, wherever people live.
func TestDistance(t *testing.T) {
	all := place.Cities()
	for i, a := range all {
		b := all[(i*7+1)%len(all)]
		// A point near a, in the direction of b.
		lat, lng := a.Lat+(b.Lat-a.Lat)*0.01, a.Lng+(b.Lng-a.Lng)*0.01
		km := place.Km(a.Lat, a.Lng, lat, lng)
		if km < 5 || km > 110 {
			continue
		}
		from := newSpot(posting.Place{Lat: float32(a.Lat), Lng: float32(a.Lng)})
		to := Posting{spot: newSpot(posting.Place{Lat: float32(lat), Lng: float32(lng)})}
		if got := math.Sqrt(float64(from.squared(&to))) / 1000; math.Abs(got-km) > km/100 {
			t.Errorf("%s to near %s: %.2f km, want %.2f", a.Name, b.Name, got, km)
		}
	}
	for lat := int32(0); lat <= 85e5; lat += 1e4 {
		if got, want := float64(cosine(lat))/1e6, math.Cos(float64(lat)*math.Pi/180e5); math.Abs(got-want) > 2e-5 {
			t.Fatalf("cosine of %d is %f, want %f", lat, got, want)
		}
	}
}

// A place is met within 50 km, partly within 100, in a province chosen whole, anywhere for
// remote work, and unknown where the tables do not have the city.
func TestWhere(t *testing.T) {
	at := func(city, province string, mode posting.Workplace) posting.Posting {
		return posting.Posting{Card: posting.Card{Place: posting.Place{City: city, Province: province, Mode: mode}}}
	}
	for _, c := range []struct {
		places []string
		post   posting.Posting
		want   State
	}{
		{[]string{"Edmonton, AB"}, at("Edmonton", "AB", ""), Met},
		{[]string{"Edmonton, AB"}, at("Leduc", "AB", ""), Met},
		{[]string{"Edmonton, AB"}, at("Camrose", "AB", ""), Partly},
		{[]string{"Edmonton, AB"}, at("Calgary", "AB", ""), Missing},
		{[]string{"Edmonton, AB"}, at("Nulle-Part", "AB", ""), Unknown},
		{[]string{"Edmonton, AB"}, at("Nulle-Part", "QC", ""), Missing},
		{[]string{"Edmonton, AB"}, at("Calgary", "AB", posting.Remote), Met},
		{[]string{"Edmonton, AB"}, at("", "", ""), Unknown},
		{[]string{"AB"}, at("Nulle-Part", "AB", ""), Met},
		{[]string{"Québec, QC"}, at("Quebec", "QC", ""), Met},
		{[]string{"CA"}, at("Iqaluit", "NU", ""), Met},
		{nil, at("Iqaluit", "NU", ""), Met},
		{[]string{"Nulle-Part, AB"}, at("Calgary", "AB", ""), Missing},
	} {
		q := Prepare(c.post)
		if got, _ := New(Person{Places: c.places}).where(&q); got != c.want {
			t.Errorf("%v and %q: %s, want %s", c.places, c.post.Place.City, got, c.want)
		}
	}
}

// The ids that the rules name are in the list.
func TestNamedConcepts(t *testing.T) {
	ids := append(slices.Clone(trades), skill.Licence)
	for id, others := range proves {
		ids = append(append(ids, id), others...)
	}
	for _, id := range ids {
		if c, ok := skill.Get(id); !ok || c.ID != id {
			t.Errorf("the list has no %s", id)
		}
	}
}

func BenchmarkScore(b *testing.B) {
	p := New(Person{Places: []string{"Rimouski, QC", "Québec, QC"}, Experience: map[string]string{"63200": "6", "65201": "4"}, Skills: []string{"ps:prepare-and-cook-full-dishes"}, Education: []string{"3"}})
	posts := make([]Posting, 100_000)
	for i, g := 0, occupation.UnitGroups(); i < len(posts); i++ {
		post := cook()
		post.NOC, post.Exp = g[i%len(g)], posting.Experience(i%9)
		if i < len(g) {
			posts[i] = Prepare(post)
		} else {
			posts[i] = posts[i%len(g)]
		}
	}
	for b.Loop() {
		n := 0
		for i := range posts {
			if p.Score(&posts[i]).In(Default) {
				n++
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/100k")
}
