package page

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	reader "github.com/ledongthuc/pdf"
	"github.com/signintech/gopdf"
	"pgregory.net/rapid"

	"passerelle/i18n"
	"passerelle/store/catalogue"
	"passerelle/store/personal"
	"passerelle/store/resume"
	"passerelle/store/secret"
	"passerelle/ui/state"
)

// printed writes a page as PDF and opens it again with another library: the text of each
// sheet, without what numbers the sheets.
func printed(t interface {
	Helper()
	Fatalf(string, ...any)
}, p Page) (Printed, []string) {
	t.Helper()
	var b bytes.Buffer
	out, err := p.PDF(&b, now)
	if err != nil {
		t.Fatalf("PDF: %v", err)
	}
	r, err := reader.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatalf("open the PDF: %v", err)
	}
	if r.NumPage() != out.Sheets {
		t.Fatalf("%d sheets, said to be %d", r.NumPage(), out.Sheets)
	}
	var sheets []string
	for n := 1; n <= r.NumPage(); n++ {
		text, err := r.Page(n).GetPlainText(nil)
		if err != nil {
			t.Fatalf("text of sheet %d: %v", n, err)
		}
		sheets = append(sheets, text)
	}
	margin, wide, high := 57.0, sheetWidth, sheetHeight
	if p.Wide {
		margin, wide, high = 36, sheetHeight, sheetWidth
	}
	for n := 1; n <= r.NumPage(); n++ {
		for _, g := range r.Page(n).Content().Text { // in points from the foot of the sheet
			if strings.TrimSpace(g.S) != "" && (g.X < margin-1 || g.X > wide-margin+1 || g.Y < margin-12 || g.Y > high-margin+1) {
				t.Fatalf("sheet %d: %q stands at %.0f, %.0f", n, g.S, g.X, g.Y)
			}
		}
	}
	return out, sheets
}

// bare is a text without spaces of any kind.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}

// said is all that a page says, in order, as it stands in a PDF.
func said(p Page) string {
	var b strings.Builder
	b.WriteString(p.Title)
	for _, bl := range p.Blocks {
		switch {
		case bl.Heading != "":
			b.WriteString(bl.Heading)
		case bl.Text != "":
			b.WriteString(bl.Text)
		case len(bl.List) > 0:
			for _, s := range bl.List {
				b.WriteString("•" + s)
			}
		case len(bl.Facts) > 0:
			for _, f := range bl.Facts {
				b.WriteString(f.Label + ":" + f.Value)
			}
		case bl.Link.URL != "":
			b.WriteString(bl.Link.Text + ":" + bl.Link.URL)
		}
	}
	for _, f := range p.Foot {
		b.WriteString(f)
	}
	return bare(b.String())
}

func parsed(t testing.TB, text string) resume.Document {
	t.Helper()
	d, err := resume.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const cv = `{"basics":{"name":"Zoé Œuvrard-Nguyễn","label":"Soudeuse","email":"zoe@exemple.ca","phone":"418-555-0147","image":"secret.png","birthDate":"1980-01-01","summary":"Dix ans de chantier\u00a0: cœur à l'ouvrage, « sans\u00a0relâche ».","location":{"city":"Rimouski","region":"QC","address":"12, rue du Quai"},"profiles":[{"network":"Forge","url":"https://exemple.ca/zoe(1)"}]},
"work":[{"position":"Cheffe d'équipe","name":"Atelier Nord (fictif)","startDate":"2020-09","highlights":["Équipe de six","Santé et sécurité"]},{"position":"Soudeuse","name":"Chantier du Quai (fictif)","startDate":"2014-06","endDate":"2020-08","summary":"Soudage TIG & MIG"}],
"education":[{"institution":"Centre de formation (fictif)","studyType":"DEP","area":"Soudage","startDate":"2012","endDate":"2014"}],"skills":[{"name":"Soudage","level":"expert","keywords":["TIG","MIG"]}],"languages":[{"language":"français","fluency":"langue maternelle"}],
"references":[{"name":"Une collègue","reference":"Très fiable."}],"meta":{"passerelle":{"order":["education"],"hidden":["references"]}}}`

// TestResumePDF: what was written can be selected and read again, in both languages; what a
// résumé has no field for, and what the person hid, is not there.
//
// Rows
func TestResumePDF(t *testing.T) {
	for _, l := range i18n.Languages() {
		p := Resume(parsed(t, cv), l)
		out, sheets := printed(t, p)
		text := strings.Join(sheets, "")
		if got, want := bare(text), said(p); got != want {
			t.Errorf("%s: the PDF says\n%s\nwant\n%s", l, got, want)
		}
		if len(out.Missing) > 0 || !strings.Contains(text, "Zoé Œuvrard-Nguyễn") || !strings.Contains(text, "chantier\u00a0:") || !strings.Contains(text, "cœur à l'ouvrage") {
			t.Errorf("%s: missing %q of\n%s", l, out.Missing, text)
		}
		for _, private := range []string{"secret", "1980", "rue du Quai", "collègue"} {
			if strings.Contains(text, private) {
				t.Errorf("%s: printed %q", l, private)
			}
		}
		w := i18n.For(l)
		if a, b := strings.Index(text, w.S(i18n.ResumeSectionEducation)), strings.Index(text, w.S(i18n.ResumeSectionWork)); a < 0 || b < a {
			t.Errorf("%s: education at %d, work at %d: the person wants it first", l, a, b)
		}
		var html, plain bytes.Buffer
		if err := p.HTML(&html); err != nil || !strings.Contains(html.String(), "<h2>"+w.S(i18n.ResumeSectionEducation)+"</h2>") || !strings.Contains(html.String(), `lang="`+string(l)+`-CA"`) {
			t.Errorf("%s: HTML %v\n%s", l, err, html.String())
		}
		if err := p.Text(&plain); err != nil || !strings.Contains(plain.String(), "Zoé Œuvrard-Nguyễn\n=====") {
			t.Errorf("%s: text %v\n%s", l, err, plain.String())
		}
	}
}

// TestKeptSealed: a résumé that was imported comes back from the sealed file with all that
// other programs wrote in it, letter for letter but for spaces between them.
//
// Rows: X-021
func TestKeptSealed(t *testing.T) {
	ctx := t.Context()
	box, err := secret.NewBox(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	file, err := personal.Open(ctx, t.TempDir(), "local", box)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	const text = `{"x-tool":{"a":[1.0,1e3,12345678901234567890,"\u00e9<&>"]},"basics":{"name":"Œ<é>"}}`
	d := parsed(t, text)
	if err := personal.Write(ctx, file, "r", personal.Resume{Name: "Une", Lang: "fr", Resume: d.Sections()}, now); err != nil {
		t.Fatal(err)
	}
	back, err := personal.Read[personal.Resume](ctx, file, "r")
	if err != nil {
		t.Fatal(err)
	}
	got, err := resume.FromSections(back.Resume)
	if err != nil || string(got.Sections()["x-tool"]) != string(d.Sections()["x-tool"]) || got.Basics.Name != "Œ<é>" {
		t.Errorf("it came back as %s, %v", got.Bytes(), err)
	}
}

// TestPDFSame: the same page at the same moment is the same file.
//
// Rows: X-029
func TestPDFSame(t *testing.T) {
	var a, b bytes.Buffer
	p := Resume(parsed(t, cv), i18n.French)
	if _, err := p.PDF(&a, now); err != nil {
		t.Fatal(err)
	}
	if _, err := p.PDF(&b, now); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two files of one page differ")
	}
	if a.Len() > 200<<10 {
		t.Errorf("a page of a résumé takes %d bytes", a.Len())
	}
}

// TestPostingPDF prints a posting with its links.
//
// Rows: X-029
func TestPostingPDF(t *testing.T) {
	for _, l := range i18n.Languages() {
		p := Posting(states(l), fixture(), []catalogue.Likeness{{Card: fixture().Card, Reason: "noc"}})
		_, sheets := printed(t, p)
		if got, want := bare(strings.Join(sheets, "")), said(p); got != want {
			t.Errorf("%s: the PDF says\n%s\nwant\n%s", l, got, want)
		}
	}
}

// TestLongPDF: long texts, words that no line holds and many sheets; nothing is lost, every
// sheet says its number, no line runs over the margin, and a heading stays with its text.
//
// Rows: X-029
func TestLongPDF(t *testing.T) {
	p := Page{Lang: i18n.French, Title: strings.Repeat("Une très longue œuvre\u00a0: ", 12), Foot: []string{"Pied de page"}}
	for i := range 60 {
		n := strconv.Itoa(i)
		p.Blocks = append(p.Blocks, Block{Heading: "Titre " + n, Level: 2 + i%2}, Block{Text: strings.Repeat("Des mots assez longs pour une ligne entière et plus. ", 1+i%7)},
			Block{List: []string{"https://exemple.ca/" + strings.Repeat("sans-espace/", 20), "court"}}, Block{Facts: []state.Fact{{Label: "Étiquette", Value: strings.Repeat("valeur ", 30)}}})
	}
	p.Blocks = append(p.Blocks, Block{Text: strings.Repeat("W", 3000)})
	out, sheets := printed(t, p)
	if out.Sheets < 5 {
		t.Fatalf("%d sheets", out.Sheets)
	}
	w := i18n.For(i18n.French)
	var all string
	for i, s := range sheets {
		number := w.S(i18n.PageSheet, "Number", strconv.Itoa(i+1), "All", strconv.Itoa(out.Sheets))
		before, after, ok := strings.Cut(s, number)
		if !ok {
			t.Errorf("sheet %d says no number: %q", i+1, s)
		}
		if i > 0 && !strings.HasPrefix(bare(after), "Unetrès") {
			t.Errorf("sheet %d does not say of what it is: %q", i+1, after)
		}
		if lines := strings.Split(strings.TrimSpace(before), "\n"); strings.HasPrefix(lines[len(lines)-1], "Titre ") {
			t.Errorf("sheet %d ends with a heading", i+1)
		}
		all += before
	}
	if got, want := bare(all), said(p); got != want {
		t.Errorf("lost in %d sheets: %d bytes of %d", out.Sheets, len(got), len(want))
	}
}

// TestWrap: no line is wider than it may be, no break falls at a no-break space, and the
// words come out as they went in.
//
// Rows: X-029
func TestWrap(t *testing.T) {
	d := newPaper(i18n.French, false, 1)
	d.pdf.Start(gopdf.Config{PageSize: gopdf.Rect{W: sheetWidth, H: sheetHeight}})
	for _, f := range faces {
		if err := d.pdf.AddTTFFontDataWithOption("noto", f.data, gopdf.TtfOption{Style: f.style}); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		word := rapid.StringOfN(rapid.RuneFrom([]rune("aéœW\u00a0  i")), 1, 200, -1)
		runs := []run{{text: word.Draw(r, "label"), bold: true}, {text: word.Draw(r, "text")}}
		width := rapid.Float64Range(40, 400).Draw(r, "width")
		var words []string
		for _, line := range d.wrap(runs, width, d.body) {
			var text string
			for _, p := range line {
				if p.x+p.width > width+.01 {
					r.Fatalf("%q ends at %.1f of %.1f", p.text, p.x+p.width, width)
				}
				text += p.text
			}
			if strings.HasPrefix(text, " ") || strings.HasSuffix(text, " ") {
				r.Fatalf("a line %q", text)
			}
			words = append(words, strings.Split(text, " ")...)
		}
		spaces := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got, want := strings.Join(words, ""), spaces(runs[0].text+runs[1].text); got != want {
			r.Fatalf("%q, want %q", got, want)
		}
		if d.err != nil {
			r.Fatal(d.err)
		}
	})
	bound := d.wrap([]run{{text: "mot mot"}, {text: "mot\u00a0: suite"}}, d.width("mot mot mot", false)*d.body+1, d.body)
	if len(bound) != 2 || bound[1][0].text != "mot\u00a0: suite" {
		t.Errorf("broken as %+v", bound)
	}
}

// TestMissingGlyphs: what the face does not draw is told, and is seen to be missing.
//
// Rows: X-029
func TestMissingGlyphs(t *testing.T) {
	out, sheets := printed(t, Page{Lang: i18n.English, Title: "A", Blocks: []Block{{Text: "name 名 end ᐃ \u202f\u2011 Ж Ω ờ"}}})
	if string(out.Missing) != "ᐃ名" {
		t.Errorf("missing %q", out.Missing)
	}
	if text := sheets[0]; !strings.Contains(text, "end") || !strings.Contains(text, "Ж Ω ờ") || strings.Contains(text, "名") {
		t.Errorf("%q", text)
	}
}

// TestApplications prints a log as evidence: the days asked for, in order, nothing private.
//
// Rows: X-029
func TestApplications(t *testing.T) {
	at := func(s string) time.Time {
		m, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	apps := []personal.Application{
		{Title: "Soudeuse", Employer: "Chantier du Quai (fictif)", Place: "Matane", Notes: "secret", Contacts: []personal.Contact{{Name: "Une personne"}},
			Log: []personal.Event{{At: at("2026-11-03T14:00:00Z"), State: personal.Applied, Text: "par courriel"}, {At: at("2026-11-10T14:00:00Z"), State: personal.Interview}}},
		{Title: "Monteuse", Employer: "Atelier Nord (fictif)", Log: []personal.Event{{At: at("2026-11-01T03:30:00Z"), Text: "la veille, à Toronto"}, {At: at("2026-11-05T14:00:00Z"), Text: "Téléphoné\nlaissé un message"}}},
		{Title: "Jamais", Employer: "Sans démarche"},
	}
	for _, l := range i18n.Languages() {
		w := i18n.For(l)
		p := Applications(w, apps, Evidence{Name: "Zoé Essai", From: "2026-11-01", To: "2026-11-09", At: now, Zone: zone})
		_, sheets := printed(t, p)
		text := sheets[0]
		var html, plain bytes.Buffer
		if err := p.HTML(&html); err != nil {
			t.Fatal(err)
		}
		if err := p.Text(&plain); err != nil {
			t.Fatal(err)
		}
		for name, s := range map[string]string{"PDF": bare(text), "HTML": bare(html.String()), "text": bare(plain.String())} {
			first, second := strings.Index(s, "2026-11-03"), strings.Index(s, "2026-11-05")
			if first < 0 || second < first || !strings.Contains(s, bare(StateWord(w, personal.Applied))) || !strings.Contains(s, "laisséunmessage") || !strings.Contains(s, "ChantierduQuai(fictif),Matane") {
				t.Errorf("%s %s: %s", l, name, s)
			}
			for _, no := range []string{"secret", "Unepersonne", "2026-11-10", "laveille", "Jamais", "⟦"} {
				if strings.Contains(s, no) {
					t.Errorf("%s %s holds %q", l, name, no)
				}
			}
		}
		if !strings.Contains(html.String(), `<th scope="col">`+w.S(i18n.PageLogEmployer)) {
			t.Errorf("%s: columns have no heads:\n%s", l, html.String())
		}
		if empty := Applications(w, nil, Evidence{At: now}); len(empty.Blocks) != 1 || empty.Blocks[0].Text != w.S(i18n.PageLogNone) {
			t.Errorf("%s: of nothing %+v", l, empty.Blocks)
		}
		for _, s := range personal.States {
			if strings.Contains(StateWord(w, s), "⟦") {
				t.Errorf("%s: no word for %s", l, s)
			}
		}
	}
}

// TestLongTable repeats the heads of its columns on each sheet and loses no row.
//
// Rows: X-029
func TestLongTable(t *testing.T) {
	tb := Table{Columns: []string{"Date", "Employeur", "Ce qui a été fait"}}
	for i := range 120 {
		tb.Rows = append(tb.Rows, []string{"2026-11-22", "Employeur " + strconv.Itoa(i) + "e", strings.Repeat("parlé avec quelqu'un ", i%9)})
	}
	tb.Rows = append(tb.Rows, []string{"2026-11-23", strings.Repeat("Un employeur au nom très long ", 20), strings.Repeat("x", 4000)})
	out, sheets := printed(t, Page{Lang: i18n.French, Title: "Journal", Blocks: []Block{{Table: tb}}})
	for i, s := range sheets {
		if !strings.Contains(s, "Employeur") || !strings.Contains(bare(s), "Cequiaétéfait") {
			t.Errorf("sheet %d of %d has no heads: %.80q", i+1, out.Sheets, s)
		}
	}
	all := strings.Join(sheets, "\n")
	for i := range 120 {
		if !strings.Contains(all, "Employeur "+strconv.Itoa(i)+"e") {
			t.Errorf("row %d is lost", i)
		}
	}
	if n := strings.Count(bare(all), "x"); n < 4000 {
		t.Errorf("%d of 4000 letters of a long cell", n)
	}
}

// TestMatchPage prints an explanation in both languages.
//
// Rows: X-029
func TestMatchPage(t *testing.T) {
	for _, l := range i18n.Languages() {
		p := Match(states(l), "Soudeuse", []state.Fact{{Label: "Score", Value: "80 %"}}, []Reason{{"DEP", "oui", "20"}, {"TIG", "non", "0"}})
		_, sheets := printed(t, p)
		if s := bare(sheets[0]); !strings.Contains(s, "DEPoui20") || !strings.Contains(s, "TIGnon0") || !strings.Contains(s, "80%") || strings.Contains(s, "⟦") {
			t.Errorf("%s: %s", l, s)
		}
	}
	if p := Letter(personal.Letter{Lang: "fr", Subject: "Candidature", Text: "Madame,\n\nVoici.\n"}); len(p.Blocks) != 2 || p.Blocks[1].Text != "Voici." {
		t.Errorf("letter %+v", p)
	}
}

// TestAnyPDF: whatever a person wrote is written, and comes out again.
//
// Rows: X-029
func TestAnyPDF(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		word := rapid.StringOfN(rapid.RuneFrom([]rune("aéœ\u00a0 \t()\\<>Ж«»…–W\n")), 1, 60, -1)
		p := Page{Lang: i18n.French, Title: "Titre", Blocks: []Block{{Text: "a" + word.Draw(r, "text")}, {List: rapid.SliceOfN(word, 1, 5).Draw(r, "list")}}}
		_, sheets := printed(r, p)
		if got, want := bare(strings.Join(sheets, "")), said(p); got != want {
			r.Fatalf("%q, want %q", got, want)
		}
	})
}

// FuzzPDF: no text breaks the writer, nor makes a file that cannot be opened.
func FuzzPDF(f *testing.F) {
	f.Add("Œuvre", "un texte\nsur deux lignes", "https://exemple.ca/(a)")
	f.Add("", "\x00\xff(\\)", "\u202e")
	f.Fuzz(func(t *testing.T, title, text, link string) {
		if len(title)+len(text)+len(link) > 4000 {
			return
		}
		p := Page{Lang: i18n.French, Title: title, Blocks: []Block{{Heading: title, Level: 3}, {Text: text}, {Link: Link{title, link}}, {Table: Table{Columns: []string{title}, Rows: [][]string{{text, link}}}}}}
		printed(t, p)
	})
}
