package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"passerelle/i18n"
	"passerelle/ui/state"
)

// TestHideByKeys hides by keys alone: from the list, where the next result is then read and
// the list stays where it is; from the menu of a result; from the page, where the keyboard
// comes to what takes it back; and shows all again from the list of what is hidden.
//
// Rows
func TestHideByKeys(t *testing.T) {
	for _, l := range i18n.Languages() {
		b := open(t, setup{lang: l, width: 1400, height: 900})
		w := i18n.For(l)
		b.key(fyne.KeyDown, fyne.KeyPageDown, fyne.KeyPageDown, fyne.KeyPageDown)
		before, title := b.Sight(), state.Head(b.s.Posting.Posting.Card, l).Title
		b.key(fyne.KeyDelete)
		v := b.Sight()
		if v.Total != before.Total-1 || v.Selected != before.Selected || v.Number == before.Number || v.Number == 0 || v.Focus != w.S(i18n.SearchResults) {
			t.Errorf("%s: Delete on %d of %d leaves %d of %d, reading %d, the keyboard on %q", l, before.Selected, before.Total, v.Selected, v.Total, v.Number, v.Focus)
		}
		if !b.sees(w.S(i18n.HiddenPosting, "Title", title)) {
			t.Errorf("%s: nothing says that %q is hidden", l, title)
		}
		b.press(t, w.S(i18n.HiddenUndo))
		if got := b.Sight(); got.Total != before.Total || got.Focus == "" {
			t.Errorf("%s: taken back: %d of %d, the keyboard on %q", l, got.Total, before.Total, got.Focus)
		}

		// The menu of a result.
		b.Canvas().Focus(b.list(t, w))
		b.key(fyne.KeyHome)
		c := b.s.Posting.Posting.Card
		b.key(desktop.KeyMenu)
		if b.Canvas().Overlays().Top() == nil || b.Sight().Focus != w.S(i18n.HiddenHidePosting) {
			t.Fatalf("%s: the menu has the keyboard on %q", l, b.Sight().Focus)
		}
		b.key(fyne.KeyEscape)
		if b.Canvas().Overlays().Top() != nil || b.Sight().Focus != w.S(i18n.SearchResults) {
			t.Errorf("%s: Escape leaves the keyboard on %q", l, b.Sight().Focus)
		}
		b.key(desktop.KeyMenu, fyne.KeyDown, fyne.KeyReturn)
		if _, employer := b.s.Hidden.Of(c); !employer || b.Sight().Total >= before.Total || b.s.Posting.Posting.Employer == c.Employer {
			t.Errorf("%s: the menu hides the employer %v: %d of %d, reading one of %s", l, employer, b.Sight().Total, before.Total, b.s.Posting.Posting.Employer)
		}

		// The page.
		left := b.Sight()
		p := b.s.Posting.Posting
		b.press(t, w.S(i18n.HiddenHidePosting))
		if v := b.Sight(); v.Total != left.Total-1 || v.Number != p.Number || v.Focus != w.S(i18n.HiddenShow) || !b.sees(w.S(i18n.HiddenPostingHere)) {
			t.Errorf("%s: from the page: %d of %d, reading %d of %d, the keyboard on %q", l, v.Total, left.Total, v.Number, p.Number, v.Focus)
		}
		b.key(fyne.KeySpace)
		if v := b.Sight(); v.Total != left.Total || v.Focus == "" || b.sees(w.S(i18n.HiddenPostingHere)) {
			t.Errorf("%s: shown again from the page: %d of %d, the keyboard on %q", l, v.Total, left.Total, v.Focus)
		}
		b.press(t, w.S(i18n.HiddenHidePosting))

		// The list of what is hidden.
		b.Go("saved")
		b.hand.settle()
		if !b.sees(w.S(i18n.HiddenTitle)) || !b.sees(c.Employer) || !b.sees(strings.Split(state.Head(p.Card, l).Title, "/")[0]) {
			t.Errorf("%s: the list does not show %q and %q", l, c.Employer, state.Head(p.Card, l).Title)
		}
		b.press(t, w.S(i18n.HiddenShowLabel, "Name", c.Employer))
		b.press(t, w.S(i18n.HiddenShowLabel, "Name", state.Head(p.Card, l).Title))
		if b.sees(w.S(i18n.HiddenTitle)) || b.Sight().Focus == "" {
			t.Errorf("%s: all shown again, the list is there still; the keyboard on %q", l, b.Sight().Focus)
		}
		b.Go("search")
		b.hand.settle()
		if got := b.Sight().Total; got != before.Total {
			t.Errorf("%s: %d of %d", l, got, before.Total)
		}
	}
}

// list is the list of results.
func (b *bench) list(t *testing.T, w *i18n.Words) fyne.Focusable {
	t.Helper()
	for _, f := range focusables(b.Canvas().Content()) {
		if a, ok := f.(fyne.Accessible); ok && a.AccessibilityLabel() == w.S(i18n.SearchResults) {
			return f
		}
	}
	t.Fatal("no list of results")
	return nil
}

// TestReadSavedInANarrowWindow reads a saved posting where there is room for the list or for
// the posting: it is the posting, and what hides it is there, too.
//
// Rows
func TestReadSavedInANarrowWindow(t *testing.T) {
	b := open(t, setup{percent: 200})
	w := i18n.For(i18n.French)
	b.s.Search.Select(1)
	b.hand.settle()
	b.s.Posting.ToggleSaved()
	b.hand.settle()
	p := b.s.Posting.Posting
	b.Go("saved")
	b.hand.settle()
	b.press(t, state.Head(p.Card, i18n.French).Title)
	if v := b.Sight(); v.Route != "search" || v.Focus != w.S(i18n.PostingRead) || !b.sees(state.GroupNumber(p.Number)) {
		t.Fatalf("%s, the keyboard on %q", v.Route, v.Focus)
	}
	b.press(t, w.S(i18n.HiddenHideEmployerLabel, "Name", p.Employer))
	if v := b.Sight(); v.Focus != w.S(i18n.HiddenShow) || !b.sees(w.S(i18n.HiddenEmployerHere, "Name", p.Employer)) {
		t.Errorf("hidden, the keyboard is on %q", v.Focus)
	}
	b.press(t, w.S(i18n.HiddenShow))
	if b.sees(w.S(i18n.HiddenEmployerHere, "Name", p.Employer)) || b.Sight().Focus == "" {
		t.Errorf("shown again, the keyboard is on %q", b.Sight().Focus)
	}
}
