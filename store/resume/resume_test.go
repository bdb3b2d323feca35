package resume

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/i18n"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func parse(t testing.TB, b []byte) Document {
	t.Helper()
	d, err := Import(b)
	if err != nil {
		t.Fatalf("Import: %v\n%s", err, b)
	}
	return d
}

// TestAsItCame: what nobody changed is written byte for byte, also when something else was.
//
// Rows: X-021
func TestAsItCame(t *testing.T) {
	b := file(t, "resume.json")
	d := parse(t, b)
	if !bytes.Equal(d.Bytes(), b) {
		t.Fatalf("unchanged, it is written as\n%s", d.Bytes())
	}
	if d.Basics.Name != "Ada Essai" || len(d.Work) != 2 || d.Work[0].Highlights[1] != "Lecture de plans" || d.Languages[1].Fluency != "Langue maternelle" {
		t.Errorf("read %+v", d)
	}
	want := []string{"x-tool", "basics.image", "basics.location.geo", "basics.profiles[0].followers", "basics.pronouns", "work[0].x-team", "meta.theme"}
	if got := d.Unknown(); !slices.Equal(got, want) {
		t.Errorf("unknown %q, want %q", got, want)
	}

	d.Basics.Name = "Ada <Œuvre>"
	d.Work[0], d.Work[1] = d.Work[1], d.Work[0]
	d.Work[1].EndDate = ""
	d.Skills = append(d.Skills, Skill{Name: "Montage"})
	d.References = nil
	got := string(d.Bytes())
	for _, kept := range []string{`"x-tool": { "kept" :  [1.0, 1e3,12345678901234567890, "\u00e9<&>"] }`, `"geo":[48.45,-68.52]`, `{"n":  4}`, `"image": "https://exemple.ca/moi.png"`,
		`"followers": 3`, `"name": "Ada <Œuvre>"`, `"theme": "even"`, `"projects": []`} {
		if !strings.Contains(got, kept) {
			t.Errorf("lost %s in\n%s", kept, got)
		}
	}
	if strings.Contains(got, "references") || strings.Contains(got, "2020-01-31") {
		t.Errorf("what was removed is there:\n%s", got)
	}
	again := parse(t, []byte(got))
	if again.Work[0].Name != "Atelier Nord (fictif)" || again.Work[1].EndDate != "" || len(again.Skills) != 2 || string(again.Bytes()) != got {
		t.Errorf("read again: %+v", again.Work)
	}
}

// TestSections: the personal file keeps the members; nothing but the spaces between them
// changes.
//
// Rows: X-021
func TestSections(t *testing.T) {
	d := parse(t, file(t, "resume.json"))
	back, err := FromSections(d.Sections())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back.Sections(), d.Sections()) || len(minus(back.Unknown(), d.Unknown())) > 0 || len(minus(d.Unknown(), back.Unknown())) > 0 {
		t.Errorf("%q, want %q", back.Unknown(), d.Unknown())
	}
	if empty, err := FromSections(nil); err != nil || string(empty.Bytes()) != "{}" {
		t.Errorf("of nothing: %s, %v", empty.Bytes(), err)
	}
	if _, err := FromSections(map[string]json.RawMessage{"work": nil}); err != nil {
		t.Errorf("of a nil member: %v", err)
	}
}

// TestOddTypes: a value of another type than the schema's stays, and the person is told.
//
// Rows: X-021
func TestOddTypes(t *testing.T) {
	const odd = `{"basics":{"name":7,"email":"a@exemple.ca"},"work":{"a":1},"skills":[null,{"name":"X"},3],"languages":null,"work2":1,"education":[{"courses":"one"}]}`
	d := parse(t, []byte(odd))
	if string(d.Bytes()) != odd {
		t.Errorf("written as %s", d.Bytes())
	}
	d.Basics.Label = "Soudeuse"
	d.Skills[1].Level = "2"
	got := string(d.Bytes())
	for _, kept := range []string{`"name":7`, `"work":{"a":1}`, "null", `"courses":"one"`} {
		if !strings.Contains(got, kept) {
			t.Errorf("lost %s in %s", kept, got)
		}
	}
	var told []string
	for _, f := range Check(d, now) {
		if f.Key == i18n.ResumeCheckType {
			told = append(told, f.Path)
		}
	}
	if want := []string{"basics.name", "work", "skills", "education[0].courses"}; !slices.Equal(told, want) {
		t.Errorf("told of %q, want %q", told, want)
	}
	twice := parse(t, []byte(`{"basics":{"name":"A","name":"B"}}`))
	if twice.Basics.Name != "B" {
		t.Errorf("of two names %q", twice.Basics.Name)
	}
	if twice.Basics.Name = ""; strings.Contains(string(twice.Bytes()), `"A"`) {
		t.Errorf("an older name came forward: %s", twice.Bytes())
	}
}

// TestImportErrors names what cannot be read.
//
// Rows: X-021
func TestImportErrors(t *testing.T) {
	for text, want := range map[string]error{
		"": ErrBroken, "{": ErrBroken, "[]": ErrForeign, `{"a":1}`: ErrForeign, `{"meta":{}}`: ErrForeign, "\xff{}": ErrBroken, `"text"`: ErrForeign,
		"<a>": ErrBroken, "<a/>": ErrForeign, "<a></b>": ErrBroken, "<!DOCTYPE a><SkillsPassport/>": ErrBroken, "<SkillsPassport/><b/>": ErrBroken,
		`<?xml version="1.0" encoding="UTF-16"?><SkillsPassport/>`: ErrBroken, strings.Repeat("<a>", 5000): ErrBroken,
		"{" + strings.Repeat(" ", Most) + "}": ErrTooLarge, "<a>" + strings.Repeat(" ", Most): ErrTooLarge,
		"%PDF-1.7": ErrBroken,
	} {
		if _, err := Import([]byte(text)); !errors.Is(err, want) {
			t.Errorf("Import(%.40q…) = %v, want %v", text, err, want)
		}
	}
	if d, err := Import([]byte("\ufeff{\"basics\":{\"name\":\"é\"}}")); err != nil || d.Basics.Name != "é" {
		t.Errorf("with a mark at its head: %v", err)
	}
}

// TestCheck speaks both languages and says where.
//
// Rows: X-021
func TestCheck(t *testing.T) {
	d := parse(t, []byte(`{"basics":{"image":"x.png","birthDate":"1980-01-01","email":"ada"},"work":[{"name":"A","startDate":"2020-05","endDate":"2019"},{"position":"B","startDate":"2027-01","url":"x"}],
		"education":[{"institution":"C","startDate":"juin 2001","endDate":"2030","area":"Soudage"}],"languages":[{"language":"cri"}],"skills":[{"name":"mon NAS : 046 454 286"}]}`))
	got := map[string]i18n.Key{}
	var private []string
	for i, f := range Check(d, now) {
		got[f.Path] = f.Key
		if f.Private {
			private = append(private, f.Path)
			if i >= 3 {
				t.Errorf("%s comes at %d", f.Path, i)
			}
		}
		for _, l := range i18n.Languages() {
			if s := f.Say(i18n.For(l)); s == "" || strings.Contains(s, "⟦") || strings.Contains(s, "{{") {
				t.Errorf("%s %s: %q", l, f.Path, s)
			}
		}
	}
	want := map[string]i18n.Key{"basics.image": i18n.ResumeCheckPersonal, "basics.birthDate": i18n.ResumeCheckPersonal, "skills[0].name": i18n.ResumeCheckSin, "basics.name": i18n.ResumeCheckName,
		"basics.email": i18n.ResumeCheckEmail, "work[0].position": i18n.ResumeCheckPosition, "work[0].endDate": i18n.ResumeCheckOrder, "work[1].name": i18n.ResumeCheckEmployer,
		"work[1].startDate": i18n.ResumeCheckFuture, "work[1].url": i18n.ResumeCheckLink, "education[0].startDate": i18n.ResumeCheckDate, "languages[0].fluency": i18n.ResumeCheckFluency}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("found %v\nwant %v", got, want)
	}
	if len(private) != 3 {
		t.Errorf("private: %q", private)
	}
	fr := Finding{Section: Experience, Entry: 2, Key: i18n.ResumeCheckEmployer}.Say(i18n.For(i18n.French))
	if fr != "Expérience de travail, entrée 2\u00a0: Le nom de l'employeur manque." {
		t.Errorf("%q", fr)
	}
	if fs := Check(parse(t, file(t, "resume.json")), now); len(fs) != 1 || fs[0].Path != "basics.image" {
		t.Errorf("of a good one: %v", fs)
	}
	for text, want := range map[string]bool{"046454286": true, "046-454-286": true, "046 454 287": false, "418-555-0147": false, "1 046 454 286": false, "0464 54286": false, "id 046454286.": true} {
		if holdsSIN(text) != want {
			t.Errorf("holdsSIN(%q) = %v", text, !want)
		}
	}
}

// TestNoSuchField: there is nowhere to write a social insurance number, an age or a photo,
// and a photo that a file brought can be taken out.
//
// Rows: X-021
func TestNoSuchField(t *testing.T) {
	var look func(reflect.Type)
	look = func(of reflect.Type) {
		for i := range of.NumField() {
			f := of.Field(i)
			if isDiscreet(f.Name) || isDiscreet(f.Tag.Get("json")) {
				t.Errorf("%s has a field %s", of, f.Name)
			}
			in := f.Type
			for in.Kind() == reflect.Slice {
				in = in.Elem()
			}
			if in.Kind() == reflect.Struct && in != keptType {
				look(in)
			}
		}
	}
	look(reflect.TypeFor[Document]())
	d := parse(t, file(t, "resume.json")).Discreet()
	if text := string(d.Bytes()); strings.Contains(text, "moi.png") || !strings.Contains(text, `"x-team" : {"n":  4}`) || !strings.Contains(text, "pronouns") {
		t.Errorf("made discreet:\n%s", text)
	}
	x := parse(t, file(t, "europass.xml"))
	if fs := Check(x, now); len(fs) == 0 || fs[0].Key != i18n.ResumeCheckPersonal {
		t.Errorf("of a photo inside Europass: %v", fs)
	}
	out := x.Discreet().Europass(i18n.French, Whole)
	if s := string(out); strings.Contains(s, "iVBOR") || strings.Contains(s, "1980") || !strings.Contains(s, "ATT_1") {
		t.Errorf("made discreet:\n%s", s)
	}
}

// TestOrder keeps an order and what is hidden, in the document.
//
// Rows: X-021
func TestOrder(t *testing.T) {
	d := parse(t, file(t, "resume.json"))
	if !slices.Equal(d.Order(), Sections) {
		t.Errorf("without a word: %v", d.Order())
	}
	d.SetOrder([]Section{Studies, Experience})
	d.Show(Referred, false)
	d = parse(t, d.Bytes())
	if o := d.Order(); o[0] != Studies || o[1] != Experience || o[2] != Summary || len(o) != len(Sections) || d.Shown(Referred) || !d.Shown(Studies) {
		t.Errorf("order %v, references shown %v", o, d.Shown(Referred))
	}
	d.SetOrder(Sections)
	d.Show(Referred, true)
	if d = parse(t, d.Bytes()); !slices.Equal(d.Order(), Sections) || !d.Shown(Referred) {
		t.Errorf("back: %v", d.Order())
	}
	d.Meta.Layout.Order = []string{"work", "work", "x-none"}
	if o := d.Order(); o[0] != Experience || len(o) != len(Sections) {
		t.Errorf("of a strange order %v", o)
	}
}

// tokens are those of an XML without the spaces between elements, sorted: what it holds.
func tokens(t testing.TB, b []byte) (all []string) {
	t.Helper()
	dec := xml.NewDecoder(bytes.NewReader(b))
	for {
		tok, err := dec.Token()
		if tok == nil {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, b)
		}
		switch x := tok.(type) {
		case xml.StartElement:
			all = append(all, "<"+x.Name.Local)
			for _, a := range x.Attr {
				all = append(all, x.Name.Local+"@"+a.Name.Local+"="+a.Value)
			}
		case xml.CharData:
			if s := strings.TrimSpace(string(x)); s != "" {
				all = append(all, s)
			}
		case xml.Comment:
			all = append(all, "!"+string(x))
		}
	}
	slices.Sort(all)
	return all
}

// TestEuropassIn reads what another tool wrote, and gives it back whole.
//
// Rows: X-021
func TestEuropassIn(t *testing.T) {
	b := file(t, "europass.xml")
	d := parse(t, b)
	w := d.Work[0]
	if d.Basics.Name != "Ada Essai" || d.Basics.Phone != "418-555-0147" || d.Basics.Location.City != "Rimouski" || d.Basics.Label != "Soudeuse" ||
		w.Name != "Chantier du Quai (fictif)" || w.Position != "Soudeuse" || w.StartDate != "2014-06" || w.EndDate != "2020" || w.Summary != "Chantier naval & atelier" || !slices.Equal(w.Highlights, []string{"Soudage TIG", "Lecture de plans"}) ||
		d.Work[1].StartDate != "2020-09-01" || d.Work[1].EndDate != "" || d.Education[0].StudyType != "DEP en soudage-montage" || d.Education[0].Courses[0] != "Métallurgie" ||
		d.Languages[0].Fluency != "Langue maternelle" || d.Languages[1].Fluency != "C1/C1/B2/B2/B1" || d.Skills[0].Name != "Dessin assisté" || !slices.Equal(d.Skills[0].Keywords, []string{"AutoCAD", "FreeCAD"}) ||
		d.Certificates[0].Name != "Carte CCQ" || d.Certificates[0].Issuer != "Commission de la construction" {
		t.Errorf("read %s", d.Bytes())
	}
	// through our own file, and back
	d = parse(t, parse(t, d.Bytes()).Bytes())
	if got, want := tokens(t, d.Europass(i18n.French, Bare)), tokens(t, b); !slices.Equal(got, want) {
		t.Errorf("given back:\n%s\nlost %q\nadded %q", d.Europass(i18n.French, Bare), minus(want, got), minus(got, want))
	}
	d.Work[0].EndDate = "2021-02"
	d.Work[0].Highlights = append(d.Work[0].Highlights, "Formation d'apprentis")
	d.Languages[1].Fluency = "C1"
	d.Basics.Phone = ""
	got := d.Europass(i18n.French, Bare)
	lost := minus(tokens(t, b), tokens(t, got))
	for _, s := range lost {
		if !strings.HasPrefix(s, "<p>Chantier") && !slices.Contains([]string{"To@year=2020", "B2", "B1", "<Telephone", "418-555-0147", "<Contact", "<Use", "<Code", "mobile"}, s) {
			t.Errorf("a change lost %q as well, in\n%s", s, got)
		}
	}
	if again := parse(t, got); again.Work[0].EndDate != "2021-02" || again.Work[0].Highlights[2] != "Formation d'apprentis" || again.Languages[1].Fluency != "C1" {
		t.Errorf("read again %+v", again.Work[0])
	}
}

// TestCandidate reads what the portal of today writes, and keeps all of it.
//
// Rows: X-021
func TestCandidate(t *testing.T) {
	b := file(t, "candidate.xml")
	d := parse(t, b)
	w, e := d.Work[0], d.Education[0]
	if d.Basics.Name != "Ada Essai" || d.Basics.Email != "ada@exemple.ca" || d.Basics.Phone != "+1 4185550147" || d.Basics.Location.City != "Rimouski" || d.Basics.Location.CountryCode != "CA" || d.Basics.Summary != "Dix ans de chantier." ||
		d.Basics.Profiles[0].Network != "Forge" || w.Name != "Chantier du Quai (fictif)" || w.Position != "Soudeuse" || w.StartDate != "2014-06" || w.EndDate != "2020-08-31" || w.Summary != "Quais" || w.Highlights[0] != "TIG" || w.Location != "Matane" || w.URL != "https://exemple.ca" ||
		e.Institution != "Centre de formation (fictif)" || e.StudyType != "DEP en soudage" || e.StartDate != "2012" || e.EndDate != "" ||
		d.Languages[0].Language != "français" || d.Languages[0].Fluency != "Langue maternelle" || d.Languages[1].Language != "anglais" || d.Languages[1].Fluency != "B2/B2/B1/B1/A2" {
		t.Errorf("read %+v", d)
	}
	var whole string
	if json.Unmarshal(d.Sections()[candidateKey], &whole) != nil || whole != string(b) {
		t.Errorf("kept %q", whole)
	}
	if back := parse(t, d.Europass(i18n.French, Whole)); !bytes.Equal(back.Bytes(), d.Bytes()) {
		t.Errorf("through version 3 it is\n%s\nwas\n%s", back.Bytes(), d.Bytes())
	}
	if fs := Check(d, now); len(fs) == 0 || !fs[0].Private {
		t.Errorf("of a photo and an age: %v", fs)
	}
	if s := string(d.Discreet().Bytes()); strings.Contains(s, "aVZCT1I") || strings.Contains(s, "1980") || !strings.Contains(s, "Voile") {
		t.Errorf("made discreet: %s", s)
	}
	if d, err := Import([]byte("<Candidate/>")); err != nil || d.Basics.Name != "" {
		t.Errorf("of an empty one: %v", err)
	}
}

func minus(a, b []string) (out []string) {
	n := map[string]int{}
	for _, s := range b {
		n[s]++
	}
	for _, s := range a {
		if n[s]--; n[s] < 0 {
			out = append(out, s)
		}
	}
	return out
}

// TestEuropassRound: a document of JSON Resume goes out to Europass and comes back byte for
// byte; what another tool changes there comes in, and nothing else is lost.
//
// Rows: X-021
func TestEuropassRound(t *testing.T) {
	d := parse(t, file(t, "resume.json"))
	for _, l := range i18n.Languages() {
		out := d.Europass(l, Whole)
		if back := parse(t, out); !bytes.Equal(back.Bytes(), d.Bytes()) {
			t.Errorf("%s: back from\n%s\nit is\n%s", l, out, back.Bytes())
		}
	}
	out := string(d.Europass(i18n.French, Whole))
	changed := strings.Replace(out, "Cheffe d&#39;équipe", "Directrice", 1)
	changed = strings.Replace(changed, "<Contact>ada@exemple.ca</Contact>", "<Contact>ada@exemple.org</Contact>", 1)
	if changed == out {
		t.Fatalf("nothing to change in\n%s", out)
	}
	back := parse(t, []byte(changed))
	if back.Basics.Email != "ada@exemple.org" || back.Work[1].Position != "Directrice" || back.Education[0].Score != "A" || back.Interests[0].Name != "Voile" || back.Basics.Summary != "Dix ans de chantier." || back.Languages[0].Language != "anglais" {
		t.Errorf("changed elsewhere: %s", back.Bytes())
	}
	if u := back.Unknown(); !slices.Contains(u, "work[0].x-team") || !slices.Contains(u, "x-tool") {
		t.Errorf("changed elsewhere, it lost of its own: %q", u)
	}
	bare := string(d.Europass(i18n.English, Bare))
	if strings.Contains(bare, restTarget) || strings.Contains(bare, "x-team") || !strings.Contains(bare, "Soudage TIG") {
		t.Errorf("bare:\n%s", bare)
	}
	removed := parse(t, []byte(cut(out, "<WorkExperience>", "</WorkExperience>")))
	if len(removed.Work) != 1 || removed.Work[0].Name != "Atelier Nord (fictif)" {
		t.Errorf("a job that was removed there is here: %+v", removed.Work)
	}
}

// TestEuropassAny: whatever a document holds, it comes back from Europass as it was.
//
// Rows: X-021
func TestEuropassAny(t *testing.T) {
	word := rapid.StringOfN(rapid.RuneFrom([]rune("aé œ\u00a0<&>\"':,/\n-1B2")), 0, 12, -1)
	dates := rapid.SampledFrom([]string{"", "2014", "2014-06", "2014-06-30", "juin", "2014-13"})
	rapid.Check(t, func(r *rapid.T) {
		d := Document{Basics: Basics{Name: word.Draw(r, "name"), Label: word.Draw(r, "label"), Summary: word.Draw(r, "summary"), Location: Location{City: word.Draw(r, "city"), Region: "QC"}}}
		for range rapid.IntRange(0, 3).Draw(r, "jobs") {
			d.Work = append(d.Work, Work{Name: word.Draw(r, "employer"), Position: word.Draw(r, "position"), StartDate: dates.Draw(r, "from"), EndDate: dates.Draw(r, "to"), Summary: word.Draw(r, "text"), Highlights: rapid.SliceOfN(word, 0, 3).Draw(r, "points")})
		}
		for range rapid.IntRange(0, 3).Draw(r, "skills") {
			d.Skills = append(d.Skills, Skill{Name: word.Draw(r, "skill"), Keywords: rapid.SliceOfN(word, 0, 3).Draw(r, "keywords")})
		}
		for range rapid.IntRange(0, 3).Draw(r, "languages") {
			d.Languages = append(d.Languages, Language{Language: word.Draw(r, "language"), Fluency: rapid.SampledFrom([]string{"", "B2", "Mother tongue", "assez bien", "A1/A2/B1/B2/C1"}).Draw(r, "fluency")})
		}
		for range rapid.IntRange(0, 2).Draw(r, "awards") {
			d.Awards = append(d.Awards, Award{Title: word.Draw(r, "award"), Summary: word.Draw(r, "why")})
			d.Volunteer = append(d.Volunteer, Volunteer{Organization: word.Draw(r, "org"), Summary: word.Draw(r, "what")})
		}
		d, err := Parse(d.Bytes())
		if err != nil {
			r.Fatal(err)
		}
		out := d.Europass(i18n.French, Whole)
		back, err := Import(out)
		if err != nil {
			r.Fatalf("%v of\n%s", err, out)
		}
		if !bytes.Equal(back.Bytes(), d.Bytes()) {
			r.Fatalf("wrote\n%s\nfrom\n%s\ncame\n%s", out, d.Bytes(), back.Bytes())
		}
	})
}

// FuzzImport: no file breaks the reader; what it takes it gives back, and takes again.
func FuzzImport(f *testing.F) {
	f.Add(file(f, "resume.json"))
	f.Add(file(f, "europass.xml"))
	d, err := Import(file(f, "resume.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(d.Europass(i18n.French, Whole))
	f.Add(file(f, "candidate.xml"))
	f.Add([]byte(`{"basics":{"name":"A","name":1},"work":[null,[],{"highlights":["a",null]}],"$schema":"x"}`))
	f.Add([]byte("<SkillsPassport locale='en'><LearnerInfo><Skills><Other><Description>a: b</Description></Other></Skills></LearnerInfo></SkillsPassport><?passerelle-json-resume e30=?>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Import(b)
		if err != nil {
			return
		}
		if !bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(b, bom), " \t\r\n"), []byte("<")) && !bytes.Equal(d.Bytes(), bytes.TrimPrefix(b, bom)) {
			t.Fatalf("not as it came: %q, of %q", d.Bytes(), b)
		}
		for _, x := range Check(d, now) {
			_ = x.Say(i18n.For(i18n.French))
		}
		_ = d.Discreet()
		d.Basics.Name += "x"
		d.Work = append(d.Work, Work{Name: "y", Highlights: []string{"z"}})
		again, err := Parse(d.Bytes())
		if err != nil || again.Basics.Name != d.Basics.Name || len(again.Work) != len(d.Work) || !slices.Equal(again.Unknown(), d.Unknown()) {
			t.Fatalf("changed, it is not read again: %v\n%s", err, d.Bytes())
		}
		if out := again.Europass(i18n.English, Whole); len(out) < Most {
			if _, err := ParseEuropass(out); err != nil && !errors.Is(err, ErrTooLarge) {
				t.Fatalf("our own Europass: %v\n%q", err, out)
			}
		}
	})
}

// cut takes the first of what stands between two tags out.
func cut(text, from, to string) string {
	i, j := strings.Index(text, from), strings.Index(text, to)
	if i < 0 || j < i {
		return text
	}
	return text[:i] + text[j+len(to):]
}
