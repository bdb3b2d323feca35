package ui

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"github.com/ledongthuc/pdf"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/page"
	"passerelle/ui/state"
)

// ctrl presses Ctrl and a key, as the window takes it wherever one is.
func (b *bench) ctrl(key string, shift bool) {
	for _, k := range state.Shortcuts {
		if k.Key == key && k.Ctrl && k.Shift == shift {
			b.Window.press(k)
		}
	}
	b.hand.settle()
}

// TestCompareByKeys chooses four postings with Ctrl+K in the results, is told why a fifth is not
// taken, and reads them side by side, where each can be opened and taken out, and put back.
//
// Rows
func TestCompareByKeys(t *testing.T) {
	b := open(t, setup{width: 1400, height: 2600})
	w := i18n.For(i18n.French)
	b.ctrl("K", true)
	if v := b.Sight(); v.Route != "compare" || !b.sees(w.S(i18n.CompareEmpty)) || v.Focus != w.S(i18n.SavedToSearch) {
		t.Fatalf("with nothing chosen: %s, keyboard on %q", v.Route, v.Focus)
	}
	b.shoot(t, "compare-empty-fr")
	b.key(fyne.KeyReturn)
	var numbers []int64
	for range state.CompareMost + 1 {
		b.key(fyne.KeyDown)
		b.ctrl("K", false)
		numbers = append(numbers, b.Sight().Number)
	}
	if n := len(b.s.Compare.Chosen); n != state.CompareMost {
		t.Fatalf("%d are chosen", n)
	}
	b.ctrl("K", true)
	v := b.Sight()
	if v.Route != "compare" || v.Focus != b.s.Compare.Names()[0] {
		t.Fatalf("%s, keyboard on %q", v.Route, v.Focus)
	}
	for i, n := range numbers {
		if got := b.sees(state.GroupNumber(n)); got != (i < state.CompareMost) {
			t.Errorf("number %d, the %dth chosen, is shown: %v", n, i+1, got)
		}
	}
	for _, want := range []string{w.S(i18n.CompareWage), w.S(i18n.ComparePlace), w.S(i18n.FactHours), w.S(i18n.CompareDifferent), w.S(i18n.CompareSameness)} {
		if !b.sees(want) {
			t.Errorf("%q is not shown", want)
		}
	}
	b.shoot(t, "compare-fr")
	gone := b.s.Compare.Chosen[0]
	b.ctrl("K", false) // the keyboard is on the first column
	if b.s.Compare.Has(gone) || len(b.s.Compare.Chosen) != 3 {
		t.Errorf("Ctrl+K on a column left %v", b.s.Compare.Chosen)
	}
	name := b.s.Compare.Names()[0]
	gone = b.s.Compare.Chosen[0]
	b.press(t, w.S(i18n.CompareRemoveLabel, "Name", name))
	if b.s.Compare.Has(gone) {
		t.Error("it is still there")
	}
	b.press(t, w.S(i18n.CompareUndo))
	if !b.s.Compare.Has(gone) || b.s.Compare.Chosen[0] != gone {
		t.Errorf("put back: %v, want %d first", b.s.Compare.Chosen, gone)
	}
	b.press(t, b.s.Compare.Names()[0])
	if v := b.Sight(); v.Route != "search" || v.Number != b.s.Compare.Columns[0].Posting.Number {
		t.Errorf("opened: %s, %d", v.Route, v.Number)
	}
}

// TestCompareLooks is for whoever looks at the pictures: large text, the dark, few columns.
func TestCompareLooks(t *testing.T) {
	for _, c := range []struct {
		lang    i18n.Lang
		mode    look.Mode
		percent int
		width   float32
	}{{i18n.French, look.Light, 200, 1280}, {i18n.English, look.Dark, 100, 1280}, {i18n.English, look.Light, 100, 700}} {
		b := open(t, setup{lang: c.lang, mode: c.mode, percent: c.percent, width: c.width, height: 1600})
		var ids []int64
		for i := range 3 {
			x, _ := b.s.Search.Row(i * 9)
			ids = append(ids, x.ID)
		}
		b.s.Compare.Set(ids...)
		b.Go("compare")
		b.hand.settle()
		b.shoot(t, fmt.Sprintf("compare-%s-%s-%d-%.0f", c.lang, c.mode, c.percent, c.width))
		if !b.sees(i18n.For(c.lang).S(i18n.CompareWage)) {
			t.Errorf("%s at %d %%: nothing is compared", c.lang, c.percent)
		}
	}
}

// TestComparePrinted: whichever postings are compared, in both languages, they are printed on
// one sheet, and the page for a browser heads its columns and its rows.
//
// Rows
func TestComparePrinted(t *testing.T) {
	for _, l := range i18n.Languages() {
		b := open(t, setup{lang: l})
		total := b.s.Search.Result.Total
		for i := range total { // asks for the pages
			if i%50 == 0 {
				b.s.Search.Row(i)
				b.hand.settle()
			}
		}
		for n := state.CompareLeast; n <= state.CompareMost; n++ {
			for from := range 5 {
				var ids []int64
				for i := range n {
					x, _ := b.s.Search.Row((from*37 + i*61) % total)
					ids = append(ids, x.ID)
				}
				b.s.Compare.Set(ids...)
				b.hand.settle()
				if got := len(b.s.Compare.Columns); got != n {
					t.Fatalf("%d columns, want %d", got, n)
				}
				var file, html bytes.Buffer
				pg := page.Comparison(b.s)
				out, err := pg.PDF(&file, noon)
				if err != nil || out.Sheets != 1 || len(out.Missing) > 0 {
					t.Errorf("%s: %d postings on %d sheets, missing %q: %v", l, n, out.Sheets, out.Missing, err)
				}
				if dir := os.Getenv("PASSERELLE_PICTURES"); dir != "" && from == 0 {
					_ = os.WriteFile(fmt.Sprintf("%s/compare-%d-%s.pdf", dir, n, l), file.Bytes(), 0o600)
				}
				if err := pg.HTML(&html); err != nil || strings.Count(html.String(), `scope="col"`) != n+1 || !strings.Contains(html.String(), `<th scope="row">`) {
					t.Errorf("%s: %v\n%s", l, err, html.String())
				}
			}
		}
	}
}

// TestSimilarCompared: what is like a posting says why, and one key away all of it is compared.
//
// Rows
func TestSimilarCompared(t *testing.T) {
	b := open(t, setup{width: 1400, height: 2600})
	w := i18n.For(i18n.French)
	for i := 0; len(b.s.Posting.Similar) < 3; i++ {
		b.s.Search.Row(i)
		b.hand.settle()
		b.s.Search.Select(i)
		b.hand.settle()
	}
	for _, x := range b.s.Posting.Similar {
		if why := b.s.Likeness(x); why == "" || !b.sees(why) {
			t.Errorf("%d is like it because of %q, which is not shown", x.Card.Number, why)
		}
	}
	b.shoot(t, "similar-fr")
	like := b.s.Posting.Similar[1].Card
	head := state.Head(like, i18n.French)
	name := head.Original
	if name == "" {
		name = head.Title
	}
	label := w.S(i18n.CompareActLabel, "Act", w.S(i18n.CompareAct), "Name", name)
	b.press(t, label)
	if !b.s.Compare.Has(like.ID) || !strings.HasPrefix(b.Sight().Focus, w.S(i18n.CompareTakeOut)) {
		t.Errorf("chosen: %v, keyboard on %q", b.s.Compare.Chosen, b.Sight().Focus)
	}
	b.ctrl("K", false) // of the one that the keyboard is on, not of the one that is read
	if len(b.s.Compare.Chosen) != 0 {
		t.Errorf("taken out: %v", b.s.Compare.Chosen)
	}
	b.press(t, w.S(i18n.CompareAll))
	if v := b.Sight(); v.Route != "compare" || len(b.s.Compare.Columns) < 3 || b.s.Compare.Columns[0].Posting.ID != b.s.Posting.ID {
		t.Errorf("%s: %d columns", v.Route, len(b.s.Compare.Columns))
	}
}

// TestCompareMatches: whoever has a profile sees, for each posting, how it suits and what is
// lacking, by the numbers of their matches; the next person sees nothing of it.
//
// Rows
func TestCompareMatches(t *testing.T) {
	b, _ := matched(t, setup{height: 2600, width: 1400}, activeCook("default"))
	w, m := i18n.For(i18n.French), b.s.Matches
	for range 3 {
		b.ctrl("K", false)
		b.key(fyne.KeyDown)
	}
	b.ctrl("K", true)
	c := b.s.Compare
	if len(c.Columns) != 3 || !c.Profile {
		t.Fatalf("%d columns, with a profile: %v", len(c.Columns), c.Profile)
	}
	for i, x := range c.Columns {
		if l := m.Row(i); x.Posting.ID != l.ID || x.Match.Percent != l.Percent || !b.sees(state.Starred(w, l.Percent, l.Stars)) {
			t.Errorf("column %d: %d, %d %%, want %+v", i, x.Posting.ID, x.Match.Percent, l)
		}
	}
	if !b.sees(w.S(i18n.CompareMeet)) || !b.sees(w.S(i18n.MatchMissing)) {
		t.Error("what is lacking is not shown")
	}
	b.shoot(t, "compare-matches-fr")
	var html bytes.Buffer
	if err := page.Comparison(b.s).HTML(&html); err != nil || !strings.Contains(html.String(), w.S(i18n.CompareMeet)) {
		t.Errorf("printed without how they suit: %v", err)
	}
}

// TestPrintMatches prints the list of matches and one explanation from the window: both are
// PDFs that say what the screen says, and go when the person leaves.
//
// Rows
func TestPrintMatches(t *testing.T) {
	b, _ := matched(t, setup{height: 1400, width: 1280}, activeCook("default"))
	w, m := i18n.For(i18n.French), b.s.Matches
	b.shoot(t, "matches-print-fr")
	for i, c := range []struct{ label, want string }{
		{w.S(i18n.MatchesPrintList), m.Row(1).Title}, {w.S(i18n.PrintAct), w.S(i18n.PageMatchWhy)},
	} {
		b.press(t, c.label)
		b.key(fyne.KeyReturn)
		if len(b.opened) != i+1 {
			t.Fatalf("%s opened %v", c.label, b.opened)
		}
		path := strings.TrimPrefix(b.opened[i], "file://")
		if !strings.HasPrefix(filepath.Base(path), state.BriefPage) {
			t.Errorf("%s stays once the person has left", path)
		}
		if text := pdfText(t, path); !strings.Contains(text, c.want) {
			t.Errorf("%s: %q is not in\n%s", c.label, c.want, text)
		}
	}
}

// pdfText is what a PDF says.
func pdfText(t *testing.T, path string) string {
	t.Helper()
	f, r, err := pdf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var b strings.Builder
	for n := 1; n <= r.NumPage(); n++ {
		text, err := r.Page(n).GetPlainText(nil)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(text)
	}
	return b.String()
}
