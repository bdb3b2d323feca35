package part

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"passerelle/ui/look"
)

func shown(t *testing.T, o fyne.CanvasObject, w, h float32) fyne.Window {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.New(look.Light, 1, theme.VariantLight))
	win := test.NewTempWindow(t, o)
	win.SetPadded(false)
	win.Resize(fyne.NewSize(w, h))
	return win
}

// TestKeys uses each control with Enter and with Space, and shows the ring while the keyboard
// is there, 2 px outside.
//
// Rows: X-070
func TestKeys(t *testing.T) {
	test.NewTempApp(t)
	n := 0
	use := func() { n++ }
	for name, c := range map[string]fyne.Focusable{
		"button": NewButton("Postuler", Primary, look.IconMail, use), "link": NewButton("Postuler", Link, "", use),
		"check": NewCheck("De jour", "12", false, func(bool) { use() }), "chip": NewChip("De jour", "Retirer", use),
		"nav": NewNavItem(look.IconSearch, "Recherche", "3", true, false, use), "offer": NewOffer(look.IconSearch, "soudeur", use),
	} {
		w := shown(t, c.(fyne.CanvasObject), 300, 60)
		w.Canvas().Focus(c)
		n = 0
		c.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		c.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
		c.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
		want := 2
		if name == "chip" {
			want = 3 // Delete removes it too
		}
		if n != want {
			t.Errorf("%s: three keys used it %d times, want %d", name, n, want)
		}
		if a := c.(fyne.Accessible); a.AccessibilityLabel() == "" || a.AccessibilityRole() == "" {
			t.Errorf("%s has no name or role", name)
		}
	}
}

// TestRing measures the ring: outside the control by the distance of the tokens, hidden without the keyboard.
//
// Rows
func TestRing(t *testing.T) {
	b := NewButton("Recherche", Primary, "", nil)
	w := shown(t, Pad(b, 20, 20, 20, 20), 200, 90)
	if b.ring.Visible() {
		t.Error("a ring without the keyboard")
	}
	w.Canvas().Focus(b)
	if !b.ring.Visible() {
		t.Fatal("no ring with the keyboard")
	}
	d := 2 * look.Ring
	if p, s := b.ring.Position(), b.ring.Size(); p.X != -d || p.Y != -d || s.Width != b.Size().Width+2*d || b.ring.StrokeWidth != look.Ring {
		t.Errorf("ring at %v, %v, stroke %v around %v", p, s, b.ring.StrokeWidth, b.Size())
	}
	b.Disable()
	b.OnTap = func() { t.Error("a disabled button was used") }
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
}

type plain struct {
	*Line
	at int
}

func (p *plain) Draw(i int, _, _ bool) { p.at = i; p.Set(fmt.Sprint(i)) }

// TestMillion scrolls a list of a million rows to any of them, exactly, at the cost of those
// that are seen.
func TestMillion(t *testing.T) {
	made := 0
	var rows []*plain
	l := NewList("Résultats", 106, func() Row {
		made++
		p := &plain{Line: NewLine("", look.Body, look.InkText, false)}
		rows = append(rows, p)
		return p
	})
	picked := -1
	l.OnSelect = func(i int) { picked = i }
	w := shown(t, l, 384, 700)
	l.SetCount(1_000_000)
	w.Canvas().Focus(l)
	began := time.Now()
	for _, k := range []fyne.KeyName{fyne.KeyEnd, fyne.KeyUp, fyne.KeyPageUp, fyne.KeyHome, fyne.KeyDown, fyne.KeyPageDown, fyne.KeyEnd} {
		l.TypedKey(&fyne.KeyEvent{Name: k})
	}
	if picked != 999_999 || l.Selected() != 999_999 {
		t.Errorf("End selects %d", picked)
	}
	if made > 12 {
		t.Errorf("%d rows were made to show 7", made)
	}
	last := float32(-1)
	for _, r := range rows {
		if r.Visible() && r.at == 999_999 {
			last = r.Position().Y
		}
	}
	if last != 700-106 {
		t.Errorf("the last row stands at %v, want %v", last, 700-106)
	}
	if d := time.Since(began); d > 2*time.Second {
		t.Errorf("seven keys took %v", d)
	}
}

// TestWrap breaks French text at spaces, never at a no-break one, and cuts what is
// wider than the line without losing a letter.
func TestWrap(t *testing.T) {
	test.NewTempApp(t)
	text := "Élargi à «\u00a0licensed practical nurse\u00a0» (CNP 32101)"
	for _, w := range []float32{60, 120, 200, 900} {
		ls := wrapWords(text, look.Body, false, w)
		if got := strings.Join(ls, " "); w >= 120 && got != text {
			t.Errorf("at %v: %q", w, ls)
		}
		for _, l := range ls {
			if m := measure(l, look.Body, false).Width; m > w+1 {
				t.Errorf("at %v: %q is %v wide", w, l, m)
			}
		}
	}
	long := "https://exemple.ca/" + strings.Repeat("a", 200)
	if got := strings.Join(wrapWords(long, look.Body, false, 100), ""); got != long {
		t.Errorf("a long address became %q", got)
	}
	p := NewText(text, look.Body, look.InkText)
	if a, b := p.HeightFor(80), p.HeightFor(600); a <= b || b != lineHeight(look.Body) {
		t.Errorf("height %v at 80 px, %v at 600", a, b)
	}
}

// TestFit shortens with an ellipsis to what there is room for, and to nothing when there is none.
func TestFit(t *testing.T) {
	test.NewTempApp(t)
	s := "Mécaniciens/mécaniciennes de chantier"
	for _, w := range []float32{0, 5, 40, 120, 1000} {
		got := fit(s, look.Body, true, w)
		if m := measure(got, look.Body, true).Width; got != "" && m > w {
			t.Errorf("in %v px: %q is %v", w, got, m)
		}
		if w == 1000 && got != s || w == 120 && !strings.HasSuffix(got, "…") {
			t.Errorf("in %v px: %q", w, got)
		}
	}
}

// TestSplit moves the divider with the arrows, within its limits, and tells where it is.
//
// Rows: X-070
func TestSplit(t *testing.T) {
	l, r := NewLine("a", look.Body, look.InkText, false), NewLine("b", look.Body, look.InkText, false)
	s := NewSplit("Limite", l, r, 384, 300, 420)
	told := float32(0)
	s.OnMoved = func(w float32) { told = w }
	shown(t, s, 900, 300)
	s.grip.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	if told != 400 || l.Size().Width != 400 {
		t.Errorf("right: told %v, pane %v", told, l.Size().Width)
	}
	for range 20 {
		s.grip.TypedKey(&fyne.KeyEvent{Name: fyne.KeyLeft})
	}
	if s.Width != 300 {
		t.Errorf("as far left as it goes: %v", s.Width)
	}
	s.grip.Dragged(&fyne.DragEvent{Dragged: fyne.Delta{DX: 500}})
	if s.Width != 420 {
		t.Errorf("dragged past its end: %v", s.Width)
	}
}

// TestArea lets Tab leave a field of several lines: no trap.
//
// Rows: X-070
func TestArea(t *testing.T) {
	test.NewTempApp(t)
	f := NewArea("Précisions", 5, "")
	if f.Entry.AcceptsTab() {
		t.Error("Tab stays in the field")
	}
}

// TestErrorField shows the error under the field in place of the help, and grows for it.
//
// Rows: X-072
func TestErrorField(t *testing.T) {
	f := NewField("Lieu", true, "", "").Help("Une ville ou un code postal")
	shown(t, f, 200, 200)
	was := f.HeightFor(200)
	f.SetError("Lieu inconnu\u00a0: «\u00a0Nullepart\u00a0». Écrivez une ville, comme Rimouski, ou un code postal.")
	if f.HeightFor(200) <= was {
		t.Error("no room for the error")
	}
	f.SetError("")
	if f.HeightFor(200) != was {
		t.Error("a mended field keeps its error")
	}
}
