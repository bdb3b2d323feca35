package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/personal"
	"passerelle/store/resume"
	"passerelle/sync/session"
	"passerelle/ui/look"
	"passerelle/ui/state"
)

// TestLetterByKeys writes a letter by keys alone: from the ways to apply of a posting to a letter
// that is filled in from it; what is still open is told before it goes out, in a dialog that
// leads to the field, and the way out opens once all is filled in.
//
// Rows
func TestLetterByKeys(t *testing.T) {
	c := openCabinet(t)
	d, err := resume.Parse([]byte(longResume))
	if err != nil {
		t.Fatal(err)
	}
	if err := personal.Write(t.Context(), c.file, "r1", personal.Resume{Name: "Soudure", Lang: "fr", Resume: d.Sections()}, noon); err != nil {
		t.Fatal(err)
	}
	b := open(t, setup{height: 2000, width: 1280, mine: c})
	w := i18n.For(i18n.French)
	p := b.external(t)
	b.press(t, w.S(i18n.PostingHowto))
	b.press(t, w.S(i18n.LetterWrite))
	if v := b.Sight(); v.Route != "letter" || v.Dialog {
		t.Fatalf("at %s, %q", v.Route, v.Texts)
	}
	l := b.s.Letter
	filled, still := l.Filled()
	if !strings.Contains(filled.Text, "Ada Test") || p.Employer != "" && !strings.Contains(filled.Text, p.Employer) || !b.sees("Ada Test") || len(still) == 0 {
		t.Fatalf("filled in: %s, open %q", filled.Text, still)
	}
	b.shoot(t, "letter-1-begun")
	b.press(t, w.S(i18n.LetterExport))
	if v := b.Sight(); !v.Dialog || !b.sees(still[0]) {
		t.Fatalf("what is open is not told: %q", v.Texts)
	}
	b.shoot(t, "letter-2-open")
	b.key(fyne.KeyReturn)
	if v := b.Sight(); v.Dialog || v.Focus == "" {
		t.Errorf("the keyboard is on %q", v.Focus)
	}
	text := l.Body.Text
	for _, x := range still {
		text = strings.ReplaceAll(text, x, "J'y tiens.")
	}
	b.write(t, w.S(i18n.LetterText), text)
	b.hand.settle()
	if !b.sees(w.S(i18n.LetterReady)) {
		t.Errorf("all is filled in, and it reads %q", b.Sight().Texts)
	}
	b.press(t, w.S(i18n.LetterInsert))
	b.key(fyne.KeyReturn)
	if !strings.Contains(l.Body.Text, resume.VarEmployer.Write(i18n.For(i18n.Lang(l.Body.Lang)))) {
		t.Errorf("inserted: %q", l.Body.Text)
	}
	b.press(t, w.S(i18n.LetterExport))
	b.hand.settle()
	top := b.Canvas().Overlays().Top()
	if top == nil || !slices.Contains(labels(focusables(top)), w.S(i18n.PrintPdf)) || !slices.Contains(labels(focusables(top)), w.S(i18n.ResumeExportCopy)) {
		t.Fatalf("the ways out: %q", b.Sight().Texts)
	}
	b.shoot(t, "letter-3-ready")
	b.press(t, w.S(i18n.ResumeExportCopy))
	if now, _ := l.Filled(); b.copied != now.Text || strings.Contains(b.copied, "{") {
		t.Errorf("copied %q", b.copied)
	}
	b.key(fyne.KeyEscape)
	if v := b.Sight(); l.ID != "" || v.Focus == "" || len(l.All) != 1 {
		t.Errorf("back at the list, the keyboard is on %q", v.Focus)
	}
}

// TestLetterNotClipped measures the list, a letter and its fields, and goes round them by Tab, in
// both languages, three themes, at 100 and 200 %, in wide and narrow windows.
//
// Rows
func TestLetterNotClipped(t *testing.T) {
	for i, o := range []setup{{}, {lang: i18n.English, percent: 200}, {percent: 200, width: 1000, height: 700},
		{mode: look.Contrast, percent: 150, width: 700, height: 700}, {lang: i18n.English, mode: look.Dark}} {
		c := openCabinet(t)
		o.mine = c
		b := open(t, o)
		b.Go("letter")
		see := func(name string) {
			t.Helper()
			b.hand.settle()
			b.unclipped(t, o, name)
			b.shoot(t, fmt.Sprintf("letter-look-%d-%s", i, name))
			b.round(t, name)
		}
		see("empty")
		l := b.s.Letter
		l.New(state.LetterReply, b.s.Lang())
		see("open")
		c.err = session.ErrLocked
		l.Type("x", "y", "z")
		l.Flush()
		see("unkept")
		c.err = nil
		l.Load()
		l.Leave()
		see("list")
		c.err = session.ErrLocked
		l.Load()
		see("failed")
	}
}

// TestResumePaper: the PDF and the files that leave by the window's own menus hold what is on
// the page, and nothing of a photo; the file of another tool comes back whole.
//
// Rows
func TestResumePaper(t *testing.T) {
	c := openCabinet(t)
	d, err := resume.Parse([]byte(longResume))
	if err != nil {
		t.Fatal(err)
	}
	if err := personal.Write(t.Context(), c.file, "r1", personal.Resume{Name: "Été 2026, №1", Lang: "fr", Resume: d.Sections()}, noon); err != nil {
		t.Fatal(err)
	}
	b := open(t, setup{mine: c})
	w := i18n.For(i18n.French)
	b.press(t, w.S(i18n.NavResume))
	b.press(t, "Été 2026, №1")
	b.press(t, w.S(i18n.PrintAct))
	b.key(fyne.KeyReturn)
	if len(b.opened) != 1 || !strings.HasSuffix(b.opened[0], "ete-2026-1.pdf") {
		t.Fatalf("printed: %q", b.opened)
	}
	text := strings.Join(strings.Fields(pdfText(t, strings.TrimPrefix(b.opened[0], "file://"))), "")
	for _, f := range []string{"Ada Test", "Soudeuse monteuse", "Lecture de plans", "Expérience de travail", "ada@exemple.ca"} {
		if !strings.Contains(text, strings.ReplaceAll(f, " ", "")) {
			t.Errorf("%q is not in the PDF: %s", f, text)
		}
	}
	b.press(t, w.S(i18n.ResumeExportFiles))
	var have []string
	if top := b.Canvas().Overlays().Top(); top != nil {
		have = labels(focusables(top))
	}
	for _, k := range []i18n.Key{i18n.ResumeExportText, i18n.ResumeExportJson, i18n.ResumeExportJsonDiscreet, i18n.ResumeExportEuropass, i18n.ResumeExportEuropassDiscreet} {
		if !slices.Contains(have, w.S(k)) {
			t.Errorf("%q is not offered: %q", w.S(k), have)
		}
	}
	b.press(t, w.S(i18n.ResumeExportCopy))
	if !strings.Contains(b.copied, "Soudeuse monteuse") || strings.Contains(b.copied, "image") {
		t.Errorf("copied %q", b.copied)
	}
}
