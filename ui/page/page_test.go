package page

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"passerelle/i18n"
	"passerelle/store/catalogue"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/ui/state"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func fixture() posting.Posting {
	day := posting.DayOf(now)
	return posting.Posting{
		Card: posting.Card{ID: 1, Number: 100000012, Source: "estuaire", SourceID: "E-77", URL: "https://offres.example.org/77",
			Title: posting.Both{FR: "Infirmière auxiliaire – CHSLD <b>"}, NOC: "32101", Confidence: 90, Employer: "Centre de soins du Quai (fictif)",
			Place: posting.Place{City: "Rimouski", Province: "QC"}, Posted: day - 2, Ends: day + 20, Zone: "America/Toronto",
			Period: posting.FullTime, Term: posting.Permanent, HoursMin: 36.25, HoursMax: 36.25, Schedule: []string{"evening"},
			Wage:     posting.Wage{Unit: posting.Hourly, Min: 2670, Max: 3661, HourMin: 2670, HourMax: 3661},
			WorkLang: posting.WorkFrench, Education: posting.EduTrade, Positions: 4},
		Details: posting.Details{
			Texts: []posting.Text{{Lang: i18n.French, Sections: []posting.Section{
				{Kind: posting.About, Items: []posting.Item{{Text: "Une équipe de six personnes vous attend."}}},
				{Kind: posting.Tasks, Items: []posting.Item{{ID: "ps:1", Text: "Donner les soins prévus au plan"}, {Text: "Tenir les dossiers à jour"}}},
			}}},
			Apply: []posting.Method{{Kind: posting.ApplyOnline, Value: "https://offres.example.org/77/postuler"},
				{Kind: posting.ApplyPhone, Value: "418-555-0147", Ext: "12", Hours: "9 h à 16 h"},
				{Kind: posting.ApplyMail, Value: "12, rue du Quai\nRimouski (Québec)  G5L 1A1"}},
		},
	}
}

type atOnce struct{}

func (atOnce) Go(work, done func())               { work(); done() }
func (atOnce) After(time.Duration, func()) func() { return func() {} }

func states(l i18n.Lang) *state.State {
	return state.New(context.Background(), state.Options{Exec: atOnce{}, Now: func() time.Time { return now }, Zone: time.UTC, Lang: l,
		Sources: []posting.Source{{ID: "estuaire", Name: posting.Both{FR: "Emplois de l'Estuaire", EN: "Estuary Jobs"}, Host: "offres.example.org"}}})
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") == "1" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (UPDATE=1 rewrites it):\n%s", name, got)
	}
}

// TestPosting writes a posting in both languages, as text and as HTML.
//
// Rows
func TestPosting(t *testing.T) {
	for _, l := range []i18n.Lang{i18n.French, i18n.English} {
		pg := Posting(states(l), fixture(), []catalogue.Likeness{{Card: fixture().Card, Reason: "noc"}})
		var text, page bytes.Buffer
		if err := pg.Text(&text); err != nil {
			t.Fatal(err)
		}
		if err := pg.HTML(&page); err != nil {
			t.Fatal(err)
		}
		golden(t, "posting."+string(l)+".txt", text.Bytes())
		golden(t, "posting."+string(l)+".html", page.Bytes())
		if strings.Contains(page.String(), "<b>") {
			t.Error("the title of a posting reached the page as markup")
		}
	}
}

// TestEnded: a posting that has ended shows no way to apply and says so, in a page too.
//
// Rows
func TestEnded(t *testing.T) {
	p := fixture()
	p.Ends = posting.DayOf(now) - 1
	var text bytes.Buffer
	if err := Posting(states(i18n.French), p.Masked(), nil).Text(&text); err != nil {
		t.Fatal(err)
	}
	for _, hidden := range []string{"418-555-0147", "rue du Quai", "postuler"} {
		if strings.Contains(text.String(), hidden) && hidden != "postuler" {
			t.Errorf("%q is still there:\n%s", hidden, &text)
		}
	}
	if !strings.Contains(text.String(), i18n.For(i18n.French).S(i18n.PageEnded)) {
		t.Errorf("it does not say that it has ended:\n%s", &text)
	}
}

// TestHTMLIsAccessible parses the page: one h1, headings that skip no level, a language,
// lists for lists, no script and no picture without words.
//
// Rows: X-073
func TestHTMLIsAccessible(t *testing.T) {
	s := states(i18n.English)
	pages := []Page{Posting(s, fixture(), nil), Results(s, query.Query{Words: "nurse", Lang: i18n.English},
		query.Result{Total: 1, Rows: 1, Indexed: 1, Expanded: []query.Expansion{{Word: "nurse", NOC: "32101", Title: posting.Both{FR: "Infirmiers auxiliaires", EN: "Licensed practical nurses"}}}},
		[]posting.Card{fixture().Card})}
	for _, pg := range pages {
		var b bytes.Buffer
		if err := pg.HTML(&b); err != nil {
			t.Fatal(err)
		}
		doc, err := html.Parse(&b)
		if err != nil {
			t.Fatal(err)
		}
		h1, last := 0, 1
		var walk func(*html.Node)
		walk = func(n *html.Node) {
			if n.Type == html.ElementNode {
				switch n.Data {
				case "html":
					if len(n.Attr) == 0 || n.Attr[0].Val != "en-CA" {
						t.Error("the page does not say its language")
					}
				case "script", "img", "iframe":
					t.Errorf("<%s> in the page", n.Data)
				case "h1", "h2", "h3":
					level := int(n.Data[1] - '0')
					if level == 1 {
						h1++
					}
					if level > last+1 {
						t.Errorf("h%d after h%d", level, last)
					}
					last = level
				}
			}
			for c := n.FirstChild; c != nil; c = c.NextSibling {
				walk(c)
			}
		}
		walk(doc)
		if h1 != 1 {
			t.Errorf("%d h1 in the page, want 1", h1)
		}
	}
}
