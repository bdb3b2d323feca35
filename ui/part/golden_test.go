package part

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"passerelle/ui/look"
)

// TestGolden draws the parts of a search in each theme, and at 200 %, and compares them with the
// pictures of testdata. UPDATE=1 rewrites those; look at them before you commit.
//
// Rows: X-071
func TestGolden(t *testing.T) {
	for _, c := range []struct {
		mode  look.Mode
		scale float32
		width float32
	}{{look.Light, 1, 384}, {look.Dark, 1, 384}, {look.Contrast, 1, 384}, {look.Light, 2, 640}} {
		name := fmt.Sprintf("parts-%s-%d", c.mode, int(c.scale*100))
		t.Run(name, func(t *testing.T) {
			a := test.NewTempApp(t)
			th := look.New(c.mode, c.scale, theme.VariantLight)
			a.Settings().SetTheme(th)
			row := NewResultRow(func(i int) Result {
				return []Result{
					{Ready: true, Title: "Infirmier auxiliaire/infirmière auxiliaire", Second: "Infirmière auxiliaire – CHSLD", Age: "il y a 2 j",
						Employer: "Centre de santé de l’Estuaire", Place: "Rimouski, QC · 4\u00a0km", Wage: "26,70\u00a0$ – 36,61\u00a0$ / h", WageKnown: true,
						Tags: []ResultTag{{Text: "Partenaire", Warn: true, Icon: look.IconSource}, {Text: "Temps plein"}, {Text: "De soir"}}},
				}[0]
			})
			row.Draw(0, true, false)
			check := NewCheck("Partiel menant à plein", "71", true, nil)
			focused := NewButton("Recherche", Primary, "", nil)
			field := NewField("Lieu", true, look.IconPlace, "")
			field.Entry.SetText("Nullepart")
			field.SetError("Lieu inconnu. Écrivez une ville, comme Rimouski.")
			col := Filled(th.Surface, Column(look.S2, row,
				Banner(Plain, "", "Élargi à «\u00a0licensed practical nurse\u00a0» (CNP 32101)", NewButton("Annuler", Link, "", nil)),
				Banner(Warn, look.IconInfo, "Cette offre n'existe qu'en anglais."),
				Pad(Column(look.S3, Wrap(look.S2, NewChip("Rimouski · 50\u00a0km", "", nil), NewChip("Temps plein", "", nil)),
					check, NewCheck("De jour", "1\u00a0020", false, nil),
					NewWageBar(WageScale{Low: 2200, Median: 3000, High: 3606, Min: 2670, Max: 3661, LowText: "bas 22,00", MidText: "médian 30,00", TopText: "élevé 36,06"}),
					Grade(1, true, "Pénurie modérée de main-d'œuvre prévue"),
					Wrap(look.S2, focused, NewButton("Enregistrer", Secondary, look.IconSaved, nil)), field), look.S2, look.S4, look.S4, look.S4)))
			w := test.NewTempWindow(t, col)
			w.SetPadded(false)
			w.Resize(fyne.NewSize(c.width, HeightFor(col, c.width)))
			w.Canvas().Focus(focused)
			same(t, name, w.Canvas().Capture())
		})
	}
}

// same compares a picture with that of testdata: a few pixels may differ, for floating
// point is not the same on every processor.
func same(t *testing.T, name string, got image.Image) {
	t.Helper()
	path := filepath.Join("testdata", name+".png")
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := png.Encode(f, got); err != nil {
			t.Fatal(err)
		}
		return
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if got.Bounds() != want.Bounds() {
		t.Fatalf("%s is %v, want %v", name, got.Bounds(), want.Bounds())
	}
	b, off := got.Bounds(), 0
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, _ := got.At(x, y).RGBA()
			r2, g2, b2, _ := want.At(x, y).RGBA()
			if far(r, r2) || far(g, g2) || far(bl, b2) {
				off++
			}
		}
	}
	if all := b.Dx() * b.Dy(); off*200 > all {
		t.Errorf("%s: %d of %d pixels differ; UPDATE=1 rewrites it if that was meant", name, off, all)
	}
}

func far(a, b uint32) bool { return max(a, b)-min(a, b) > 0x1000 }
