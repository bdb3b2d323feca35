package look

import (
	"image/color"
	"math"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"

	"passerelle/i18n"
)

func luminance(c color.NRGBA) float64 {
	f := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*f(c.R) + 0.7152*f(c.G) + 0.0722*f(c.B)
}

func contrast(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	if x < y {
		x, y = y, x
	}
	return (x + 0.05) / (y + 0.05)
}

// TestContrast computes every pair of colours that meets on a screen: text at 4.5:1 or
// more, borders of controls, focus ring and what a drawing says at 3:1 or more.
//
// Rows: X-071
func TestContrast(t *testing.T) {
	if c := contrast(hex(0x777777), hex(0xffffff)); c < 4.47 || c > 4.49 {
		t.Fatalf("contrast of #777 on white is %.2f, want 4.48: the formula is wrong", c)
	}
	for _, m := range []Mode{Light, Dark, Contrast} {
		p := m.Palette()
		grounds := map[string]color.NRGBA{"ground": p.Ground, "surface": p.Surface, "rail": p.Rail, "tint": p.Tint}
		for name, g := range grounds {
			for ink, c := range map[string]color.NRGBA{"text": p.Text, "muted": p.Muted, "accent": p.Accent, "onTint": p.OnTint, "warning": p.Warning, "danger": p.Danger} {
				if r := contrast(c, g); r < 4.5 {
					t.Errorf("%s: %s on %s is %.2f:1, want 4.5", m, ink, name, r)
				}
			}
			if r := contrast(p.Focus, g); r < 3 {
				t.Errorf("%s: focus ring on %s is %.2f:1, want 3", m, name, r)
			}
			if r := contrast(p.Muted, g); r < 3 {
				t.Errorf("%s: border of a control on %s is %.2f:1, want 3", m, name, r)
			}
		}
		for name, pair := range map[string][2]color.NRGBA{
			"on accent": {p.OnAccent, p.Accent}, "warning on its ground": {p.Warning, p.WarningGround}, "text on its warning": {p.Text, p.WarningGround},
		} {
			if r := contrast(pair[0], pair[1]); r < 4.5 {
				t.Errorf("%s: %s is %.2f:1, want 4.5", m, name, r)
			}
		}
		if r := contrast(p.Accent, p.Track); r < 3 {
			t.Errorf("%s: bar on its track is %.2f:1, want 3", m, r)
		}
		if r := contrast(p.Text, p.Track); r < 3 {
			t.Errorf("%s: tick on its track is %.2f:1, want 3", m, r)
		}
	}
}

// TestFyneWearsIt holds Fyne's own widgets to the same pairs: their defaults do not reach them.
//
// Rows: X-071
func TestFyneWearsIt(t *testing.T) {
	for _, m := range []Mode{Light, Dark, Contrast} {
		th := New(m, 1, theme.VariantLight)
		at := func(n string) color.NRGBA {
			return color.NRGBAModel.Convert(th.Color(fyne.ThemeColorName(n), theme.VariantLight)).(color.NRGBA)
		}
		for _, p := range [][2]string{{"foreground", "background"}, {"foreground", "menuBackground"}, {"foreground", "inputBackground"},
			{"placeholder", "inputBackground"}, {"disabled", "background"}, {"foregroundOnPrimary", "primary"}, {"foreground", "hover"},
			{"foreground", "selection"}, {"hyperlink", "background"}, {"error", "background"}} {
			if r := contrast(at(p[0]), at(p[1])); r < 4.5 {
				t.Errorf("%s: Fyne's %s on %s is %.2f:1, want 4.5", m, p[0], p[1], r)
			}
		}
	}
}

// TestScale holds the text scale between 100 and 200 %.
//
// Rows: X-071
func TestScale(t *testing.T) {
	for in, want := range map[float32]float32{0: 1, 1.5: 1.5, 2: 2, 9: 2} {
		if got := New(Light, in, theme.VariantLight).Px(10); got != want*10 {
			t.Errorf("10 px at scale %v is %v, want %v", in, got, want*10)
		}
	}
	if New(System, 1, theme.VariantDark).Mode != Dark || New(System, 1, theme.VariantLight).Mode != Light {
		t.Error("the system's variant is not followed")
	}
}

// signs are told apart by what is filled of them.
var signs = map[Icon]bool{IconMet: true, IconPartly: true, IconStar: true}

// TestIcons holds every icon to one style, and to a drawing of its own.
func TestIcons(t *testing.T) {
	seen := map[string]Icon{}
	for name, s := range strokes {
		if other, twice := seen[s]; twice {
			t.Errorf("icons %s and %s are the same drawing", name, other)
		}
		seen[s] = name
		b := string(Draw(name, hex(0x123456)).Content())
		if !strings.Contains(b, `stroke="#123456"`) || !strings.Contains(b, `stroke-width="1.5"`) || strings.Contains(s, "fill") && !signs[name] {
			t.Errorf("icon %s is not strokes of 1.5 px in the ink asked: %s", name, b)
		}
	}
}

// TestSpeak makes Fyne's own words follow the chosen language, there and back.
//
// Rows: X-001
func TestSpeak(t *testing.T) {
	for _, l := range []i18n.Lang{i18n.French, i18n.English, i18n.French} {
		w := i18n.For(l)
		if err := Speak(w); err != nil {
			t.Fatal(err)
		}
		for key, k := range fyneWords {
			if got := lang.L(key); got != w.S(k) {
				t.Errorf("in %s, Fyne says %q for %q, want %q", l, got, key, w.S(k))
			}
		}
	}
}
