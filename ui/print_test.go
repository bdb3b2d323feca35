package ui

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
)

// lines are the names of what an open menu or dialog offers.
func (b *bench) lines() []string {
	top := b.Canvas().Overlays().Top()
	if top == nil {
		return nil
	}
	return labels(focusables(top))
}

// TestPrint: a posting is printed by keys alone as PDF, through the system's own program, and
// what it writes is a PDF; the same menu keeps it as PDF or as HTML.
//
// Rows
func TestPrint(t *testing.T) {
	for _, l := range i18n.Languages() {
		b := open(t, setup{lang: l, height: 1000, width: 1400})
		w := i18n.For(l)
		p := b.external(t)
		b.press(t, w.S(i18n.PrintAct))
		if got := strings.Join(b.lines(), ", "); !strings.Contains(got, w.S(i18n.PrintPdf)) || !strings.Contains(got, w.S(i18n.PrintHtml)) {
			t.Errorf("%s: the menu offers %s", l, got)
		}
		b.shoot(t, "print-menu-"+string(l))
		b.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		for len(b.hand.jobs) > 0 { // and no time passes: what is said is there for a moment
			j := b.hand.jobs[0]
			b.hand.jobs = b.hand.jobs[1:]
			j()
		}
		if len(b.opened) != 1 || !strings.HasSuffix(b.opened[0], ".pdf") {
			t.Fatalf("%s: opened %v", l, b.opened)
		}
		path := strings.TrimPrefix(b.opened[0], "file://")
		text, err := os.ReadFile(path)
		if err != nil || !bytes.HasPrefix(text, []byte("%PDF-")) {
			t.Errorf("%s: %s is no PDF: %v", l, path, err)
		}
		if got := filepath.Base(path); !strings.Contains(b.Sight().Said, got) {
			t.Errorf("%s: said %q, not where %s is", l, b.Sight().Said, got)
		}
		if v := b.Sight(); v.Number != p.Number || v.Focus != w.S(i18n.PrintAct) {
			t.Errorf("%s: reading %d, the keyboard is on %q", l, v.Number, v.Focus)
		}
	}
}
