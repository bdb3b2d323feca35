package part

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"passerelle/ui/look"
)

func form(acts ...*Button) *Form {
	return NewForm(FormOptions{Title: "S'inscrire", Why: "Un compte pour chercher et pour afficher.", Where: "Étape 2 sur 4",
		Steps: []string{"Conditions", "Identité et code", "Validation", "Questions"}, At: 2,
		Mend: func(n int) string { return fmt.Sprintf("%d points à corriger", n) }, Field: func(n, p string) string { return n + " : " + p },
		Side: NewText("Pourquoi on vous le demande.", look.Small, look.InkText), Acts: acts})
}

// TestForm lists what is to be mended, each with a link that gives the keyboard to its field;
// what is mended clears its error; Enter in a field does the primary act.
//
// Rows
func TestForm(t *testing.T) {
	used := 0
	f := form(NewButton("Continuer", Primary, "", func() { used++ }), NewButton("Annuler", Secondary, "", nil))
	mail := NewField("Courriel", true, "", "").Help("Celui que vous lisez.")
	day := NewDay("Date de naissance", "AAAA-MM-JJ")
	ok := NewAgree("J'accepte", false, NewWrapLink("Lire", look.Body, look.InkAccent, nil), nil)
	f.Add("email", mail)
	f.Add("born", day)
	f.Add("accept", ok)
	w := shown(t, f.Page(), 1000, 700)
	if f.First() != fyne.Focusable(mail.Entry) {
		t.Error("the first input is not what has the keyboard first")
	}
	f.Show([]FormError{{"born", "Ce jour n'existe pas."}, {"accept", "Cochez pour continuer."}})
	if mail.Problem() != "" || day.Problem() == "" || ok.Problem() == "" {
		t.Errorf("errors under the fields: %q, %q, %q", mail.Problem(), day.Problem(), ok.Problem())
	}
	if !strings.Contains(day.Entry.AccessibilityLabel(), "n'existe pas") {
		t.Errorf("a screen reader says %q of the field that is wrong", day.Entry.AccessibilityLabel())
	}
	var links []*WrapLink
	for _, o := range f.mend.Objects {
		if l, ok := o.(*WrapLink); ok {
			links = append(links, l)
		}
	}
	if len(links) != 2 || links[0].Label != "Date de naissance : Ce jour n'existe pas." {
		t.Fatalf("the summary holds %d links, %v", len(links), f.mend.Objects)
	}
	links[1].Use()
	if w.Canvas().Focused() != fyne.Focusable(ok.Box) {
		t.Errorf("the link gives the keyboard to %T", w.Canvas().Focused())
	}
	if !f.FocusWrong() || w.Canvas().Focused() != fyne.Focusable(day.Entry) {
		t.Errorf("the first field to mend does not get the keyboard, %T does", w.Canvas().Focused())
	}
	f.Show([]FormError{{"accept", "Cochez pour continuer."}})
	if day.Problem() != "" || len(f.mend.Objects) != 2 {
		t.Errorf("after the date was mended: %q under it, %d lines at the top", day.Problem(), len(f.mend.Objects))
	}
	f.Show(nil)
	if f.box.Visible() || ok.Problem() != "" || f.FocusWrong() {
		t.Error("nothing is to be mended, and something is still marked")
	}
	mail.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if used != 1 {
		t.Errorf("Enter in a field used the primary act %d times", used)
	}
}

// TestSecret shows what is typed only when asked, tells a screen reader nothing of it, and
// says in its button's name which of the two it is.
//
// Rows: X-073
func TestSecret(t *testing.T) {
	f := NewSecret("Mot de passe", SecretWords{"Afficher", "Masquer", "Afficher le mot de passe, masqué", "Masquer le mot de passe, affiché"})
	w := shown(t, Pad(f, 20, 20, 20, 20), 400, 120)
	w.Canvas().Focus(f.Entry)
	for _, r := range "Sésame-1-Ouvre" {
		f.Entry.TypedRune(r)
	}
	if strings.Contains(f.Entry.AccessibilityLabel(), "Sésame") {
		t.Errorf("a screen reader says %q", f.Entry.AccessibilityLabel())
	}
	w.Canvas().FocusNext()
	if w.Canvas().Focused() != fyne.Focusable(f.beside) {
		t.Fatalf("after the field, Tab goes to %T, want the button", w.Canvas().Focused())
	}
	hidden := f.beside.Label
	f.beside.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	if f.Entry.Password || f.beside.Text() != "Masquer" || f.beside.Label == hidden {
		t.Errorf("shown: dotted %v, the button says %q, is called %q", f.Entry.Password, f.beside.Text(), f.beside.Label)
	}
	f.beside.Use()
	if !f.Entry.Password || f.beside.Label != hidden {
		t.Error("the second use does not hide it again")
	}
	if r := f.beside.Position().X; r < f.Entry.Size().Width {
		t.Errorf("the button stands at %v, over the box of %v", r, f.Entry.Size())
	}
}

// TestCode takes a pasted code with its spaces, and six digits at most.
//
// Rows: A-084
func TestCode(t *testing.T) {
	got := ""
	f := NewCode("Code", 6).OnType(func(s string) { got = s })
	w := shown(t, f, 400, 120)
	w.Canvas().Focus(f.Entry)
	for _, c := range []struct{ paste, want string }{{"123 456", "123456"}, {" 12-34-56\n", "123456"}, {"1234567", "123456"}, {"12a", "12"}, {"", ""}} {
		f.Entry.SetText(c.paste)
		if got != c.want || f.Entry.Text != c.want {
			t.Errorf("pasting %q gives %q, shows %q, want %q", c.paste, got, f.Entry.Text, c.want)
		}
	}
	for _, r := range "9 8x7" {
		f.Entry.TypedRune(r)
	}
	if got != "987" {
		t.Errorf("typing gives %q", got)
	}
}

// TestPick chooses a line of a long list by keys, and gives the keyboard back.
//
// Rows
func TestPick(t *testing.T) {
	long := []string{"Quel était le nom de votre première école?", "Dans quelle ville vos grands-parents se sont-ils rencontrés pour la toute première fois?", "Trois"}
	at := -1
	p := NewPick("Question 1", "Choisissez une question", "Annuler", long, -1, func(i int) { at = i })
	w := shown(t, Pad(p, 8, 8, 8, 8), 360, 500)
	w.Canvas().Focus(p.Stop())
	p.button.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if w.Canvas().Overlays().Top() == nil {
		t.Fatal("Enter does not open the list")
	}
	w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if at != 1 || p.At() != 1 || w.Canvas().Focused() != p.Stop() || !strings.Contains(p.button.Label, long[1]) {
		t.Errorf("chose %d, shows %q, the keyboard is on %T", at, p.button.Label, w.Canvas().Focused())
	}
	w.Content().Refresh()
	if h := p.HeightFor(p.Size().Width); p.button.Size().Height+0.5 < p.button.HeightFor(p.button.Size().Width) || h <= 0 {
		t.Errorf("a long question is cut: %v", p.button.Size())
	}
}

// TestQR draws a code that is black on white, with the white around it that readers need.
//
// Rows: B-031
func TestQR(t *testing.T) {
	q, err := NewQR("otpauth://totp/Passerelle:anyone@exemple.ca?secret=JBSWY3DPEHPK3PXP&issuer=Passerelle", "Code à lire")
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []float32{200, 301, 900} {
		shown(t, q, width, width)
		if each := q.img.Size().Width / q.modules; each != float32(int(each)) || each < 3 {
			t.Errorf("in %v units a module is %v wide: blurred, or too small", width, each)
		}
	}
	img := q.img.Image
	b := img.Bounds()
	for i := range b.Dx() {
		for k := range 4 {
			if r, _, _, _ := img.At(i, k).RGBA(); r == 0 {
				t.Fatalf("the margin is not white at %d, %d", i, k)
			}
		}
	}
	if r, _, _, _ := img.At(4, 4).RGBA(); r != 0 {
		t.Error("the corner of the code is not black")
	}
	if got := Groups("JBSWY3DPEHPK3PXP"); got != "JBSW Y3DP EHPK 3PXP" {
		t.Errorf("the key reads %q", got)
	}
	if _, err := NewQR(strings.Repeat("x", 5000), ""); err == nil {
		t.Error("a text that no code holds was drawn")
	}
}

// TestFormNotClipped measures a form full of errors in the three themes at 100 and 200 %, wide
// and narrow, and that the step at hand is told by more than its colour.
//
// Rows
func TestFormNotClipped(t *testing.T) {
	for _, m := range []look.Mode{look.Light, look.Dark, look.Contrast} {
		for _, c := range []struct{ scale, width float32 }{{1, 1100}, {1, 520}, {2, 1100}, {2, 700}} {
			a := test.NewTempApp(t)
			a.Settings().SetTheme(look.New(m, c.scale, theme.VariantLight))
			long := strings.Repeat("une aide qui prend plusieurs lignes ", 5)
			f := form(NewButton("Continuer", Primary, "", nil), NewButton("Enregistrer et terminer plus tard", Secondary, "", nil))
			q, err := NewQR("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP", "Code à lire")
			if err != nil {
				t.Fatal(err)
			}
			f.Add("a", NewField("Nom de famille à la naissance de votre mère", true, "", "").Help(long))
			f.Add("b", NewSecret("Mot de passe", SecretWords{"Afficher", "Masquer", "masqué", "affiché"}).Help(long))
			f.Add("c", NewCode("Code", 6))
			f.Add("d", NewAgree(long, true, NewWrapLink("Lire les conditions et l'énoncé de confidentialité", look.Body, look.InkAccent, nil), nil))
			f.Add("e", NewPick("Question 1", "Choisissez une question", "Annuler", []string{long}, 0, nil))
			f.Put(Shared(q, "Clé à inscrire dans l'application", []string{Groups("JBSWY3DPEHPK3PXP")}, NewButton("Copier la clé", Secondary, look.IconCopy, nil)))
			f.Put(Shared(nil, "Codes de récupération", []string{"K7QF-2M9X", "P4TD-8WZC", "R6HV-3NBJ", "C9YK-5LGS", "T2MX-7QDP"}))
			f.Notice(Banner(Bad, look.IconWarn, long, NewButton("Réessayer", Secondary, "", nil), NewButton("Plus tard", Link, "", nil)))
			w := test.NewTempWindow(t, f.Page())
			w.SetPadded(false)
			w.Resize(fyne.NewSize(c.width, 700))
			f.Show([]FormError{{"a", long}, {"b", long}, {"c", long}, {"d", long}, {"e", long}})
			n, bold := 0, false
			var see func(fyne.CanvasObject)
			see = func(o fyne.CanvasObject) {
				if !o.Visible() {
					return
				}
				switch x := o.(type) {
				case *Text, *Button, *Check, *Field, *WrapLink, *Agree, *Pick:
					if said, ok := x.(fyne.Accessible); ok && said.AccessibilityLabel() == "" {
						return
					}
					n++
					if h := HeightFor(o, o.Size().Width); o.Size().Height+0.5 < h || o.Size().Width <= 0 {
						t.Errorf("%s %v at %v: %T needs %v and has %v", m, c.scale, c.width, o, h, o.Size())
					}
					if x, ok := o.(*Text); ok && x.bold && strings.Contains(x.text, "Identité") {
						bold = true
					}
				case *QR:
					if o.Size().Width < look.Now().Px(150) {
						t.Errorf("%s %v at %v: the QR code is %v", m, c.scale, c.width, o.Size())
					}
				}
				var in []fyne.CanvasObject
				switch x := o.(type) {
				case *fyne.Container:
					in = x.Objects
				case Inner:
					in = x.Inner()
				}
				for _, x := range in {
					see(x)
				}
			}
			see(f.Page())
			if n < 30 || !bold {
				t.Errorf("%s %v at %v: saw %d texts, the step at hand in bold %v", m, c.scale, c.width, n, bold)
			}
		}
	}
	if !slices.ContainsFunc(NewSteps("x", []string{"a", "b"}, 2).Objects, func(o fyne.CanvasObject) bool { _, ok := o.(*fyne.Container); return ok }) {
		t.Error("no steps")
	}
}
