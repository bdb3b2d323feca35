package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/posting"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// office is a desk whose network is the test.
type office struct {
	server string
	given  bool
	plan   replica.Plan
	err    error
	asked  []string
}

func (o *office) Server(context.Context) (string, error) { return o.server, nil }
func (o *office) Given() bool                            { return o.given }
func (o *office) Plan(context.Context) (replica.Plan, error) {
	o.asked = append(o.asked, "plan")
	return o.plan, o.err
}
func (o *office) PlanScope(_ context.Context, scope string) (replica.Plan, error) {
	o.asked = append(o.asked, "plan "+scope)
	return o.plan, o.err
}
func (o *office) Sync(context.Context, func(replica.Progress)) (replica.Outcome, error) {
	o.asked = append(o.asked, "sync")
	return replica.Outcome{Plan: o.plan}, o.err
}
func (o *office) PlanBundle(_ context.Context, name string) (replica.Plan, error) {
	o.asked = append(o.asked, "plan "+name)
	return o.plan, o.err
}
func (o *office) Load(_ context.Context, name, _ string, _ func(replica.Progress)) (replica.Outcome, error) {
	o.asked = append(o.asked, "load "+name)
	return replica.Outcome{Plan: o.plan}, o.err
}
func (o *office) Flush(context.Context) (int, error)                { return 0, o.err }
func (o *office) Sources(context.Context) ([]posting.Source, error) { return nil, o.err }

// fill puts something on every screen: kept postings, one of them ended, a search, a report
// that waits, a link for later, an error and a plan.
func (b *bench) fill(t *testing.T) {
	t.Helper()
	ctx, d := context.Background(), b.s.Device()
	p := b.external(t)
	ended := p
	ended.ID, ended.Posted, ended.Ends = p.ID+1_000_000, posting.DayOf(noon)-40, posting.DayOf(noon)-10
	for _, x := range []posting.Posting{p, ended} {
		if err := d.Save(ctx, x, noon); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Later(ctx, p.URL, p.Number, noon); err != nil {
		t.Fatal(err)
	}
	r := b.s.NewReport(p.Card)
	r.Reason, r.Text = wire.OtherReason, strings.Repeat("anticonstitutionnellement ", 8)
	r.Send(func() {})
	b.s.Search.Type("cuisinier")
	b.s.Search.Submit()
	b.hand.settle()
	b.s.Saved.Keep(nil)
	st := b.s.Settings
	st.Load(nil)
	b.hand.settle()
	st.Type(state.FieldServer, "http://bank.example.ca")
	st.Type(state.FieldProxy, "not a proxy")
	st.Type(state.FieldCA, "/no/such/authority.pem")
	st.Keep(nil)
	b.hand.settle()
}

var others = []string{"saved", "outbox", "sync", "sources", "settings"}

// TestOthersByTab goes round every control of each screen about the program itself: each has
// a name and a role, none is left out, and Tab comes back to where it began.
//
// Rows
func TestOthersByTab(t *testing.T) {
	b := open(t, setup{desk: &office{server: "https://bank.example.ca", err: replica.ErrOffline}})
	b.fill(t)
	b.s.Sync.Ask()
	for _, name := range others {
		b.Go(name)
		b.hand.settle()
		want := focusables(b.Canvas().Content())
		start := b.Canvas().Focused()
		if start == nil || !slices.Contains(focusables(b.frame.body), start) {
			t.Errorf("%s: the keyboard begins on %q, not on the screen", name, b.Sight().Focus)
			continue
		}
		var got []fyne.Focusable
		for range 300 {
			f := b.Canvas().Focused()
			got = append(got, f)
			if a, ok := f.(fyne.Accessible); !ok || strings.TrimSpace(a.AccessibilityLabel()) == "" || a.AccessibilityRole() == "" {
				t.Errorf("%s: %T has no name for a screen reader", name, f)
			}
			if b.Canvas().FocusNext(); b.Canvas().Focused() == start {
				break
			}
		}
		if b.Canvas().Focused() != start {
			t.Errorf("%s: Tab never came back", name)
		}
		for _, f := range want {
			if !slices.Contains(got, f) {
				t.Errorf("%s: Tab leaves out %q", name, labels([]fyne.Focusable{f}))
			}
		}
	}
}

// TestOthersNotClipped measures every text of those screens against its box, full and empty,
// in both languages, at 100 and 200 %, in wide and narrow windows.
//
// Rows
func TestOthersNotClipped(t *testing.T) {
	for _, o := range []setup{
		{lang: i18n.French, percent: 200}, {lang: i18n.English, percent: 200}, {lang: i18n.French}, {lang: i18n.English, mode: look.Contrast},
		{lang: i18n.French, width: 700, height: 700}, {lang: i18n.French, percent: 200, width: 900, height: 700}, {lang: i18n.French, percent: 150, mode: look.Dark},
	} {
		plan := replica.Plan{Bootstrap: true, Pinned: true, Demo: true, Bytes: 24_600_000, Count: 100_214, Root: strings.Repeat("0a1b", 16), Created: noon}
		desk := &office{server: "https://bank.example.ca", plan: plan}
		o.desk = desk
		b := open(t, o)
		for _, name := range append([]string{"welcome"}, others...) {
			b.Go(name)
			b.hand.settle()
			b.unclipped(t, o, name+", empty")
		}
		b.Go("search")
		b.fill(t)
		b.s.Settings.Consider("nl-cards")
		b.s.Sync.Ask()
		b.hand.settle()
		for _, name := range others {
			b.Go(name)
			b.hand.settle()
			b.unclipped(t, o, name)
		}
		b.s.Sync.Refuse()
		b.s.Saved.Rename(b.s.Saved.Searches[0])
		b.s.Saved.Type("")
		b.s.Saved.Accept()
		b.Go("saved")
		b.hand.settle()
		b.unclipped(t, o, "saved, renaming")
		desk.err = fmt.Errorf("sync all: %w", replica.ErrWrongKey)
		b.s.Sync.Ask()
		b.Go("sync")
		b.hand.settle()
		b.unclipped(t, o, "sync, refused")
		b.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyF1})
		b.unclipped(t, o, "keys")
	}
}

// unclipped measures what is shown.
func (b *bench) unclipped(t *testing.T, o setup, where string) {
	t.Helper()
	top := b.Canvas().Content()
	if x := b.Canvas().Overlays().Top(); x != nil {
		top = x
	}
	n := 0
	walk(top, func(x fyne.CanvasObject) bool {
		z := x.Size()
		said := ""
		if a, ok := x.(fyne.Accessible); ok {
			said = a.AccessibilityLabel()
		}
		switch p := x.(type) {
		case *part.Text, *part.Button, *part.Check, *part.Field, *part.Radio, *part.WrapLink, *part.Progress:
			if said == "" {
				return true
			}
			n++
			if h := part.HeightFor(x, z.Width); z.Height+0.5 < h || z.Width <= 0 {
				t.Errorf("%s %d%% %vx%v, %s: %T %q needs %v and has %v", o.lang, o.percent, o.width, o.height, where, x, said, h, z)
			}
		case *part.Line:
			n++
			if m := p.MinSize(); m.Width > z.Width+1 {
				t.Errorf("%s %d%% %vx%v, %s: %q is cut to %v, it needs %v", o.lang, o.percent, o.width, o.height, where, said, z.Width, m.Width)
			}
		}
		return true
	})
	if n < 3 {
		t.Errorf("%s: only %d texts were seen", where, n)
	}
}

// TestWelcomeByKeys offers both languages at once, takes one with a key, goes on to the
// search, and is not come back to.
//
// Rows
func TestWelcomeByKeys(t *testing.T) {
	fr, en := i18n.For(i18n.French), i18n.For(i18n.English)
	b := open(t, setup{start: "welcome"})
	for _, want := range []string{fr.S(i18n.WelcomeHello), en.S(i18n.WelcomeHello), fr.S(i18n.AppNeutral), en.S(i18n.AppNeutral)} {
		if !b.sees(want) {
			t.Errorf("%q is not shown", want)
		}
	}
	v := b.Sight()
	if v.Focus != fr.S(i18n.WelcomeGo) || b.sees(fr.S(i18n.NavSettings)) {
		t.Errorf("the keyboard is on %q among %q", v.Focus, v.Texts)
	}
	b.key(fyne.KeyTab)
	if v = b.Sight(); v.Focus != en.S(i18n.WelcomeGo) {
		t.Fatalf("Tab goes to %q", v.Focus)
	}
	b.key(fyne.KeyReturn)
	if v = b.Sight(); v.Route != "search" || v.Lang != "en" || v.Total == 0 || !strings.Contains(v.Focus, en.S(i18n.SearchWords)) {
		t.Errorf("after the choice: %s in %s, %d postings, the keyboard on %q", v.Route, v.Lang, v.Total, v.Focus)
	}
	b.Window.Back()
	b.hand.settle()
	if v = b.Sight(); v.Route != "search" {
		t.Errorf("back goes to %s", v.Route)
	}
	if got, _ := b.s.Device().Setting(context.Background(), cache.Language); got != "en" {
		t.Errorf("kept as %q", got)
	}
}

// TestSettingsByKeys changes language, colours and size with the arrows, at once, and the
// keyboard stays where it was.
//
// Rows
func TestSettingsByKeys(t *testing.T) {
	b := open(t, setup{start: "settings"})
	en := i18n.For(i18n.English)
	b.key(fyne.KeyRight)
	v := b.Sight()
	if v.Lang != "en" || !b.sees(en.S(i18n.SettingsTitle)) || !strings.HasPrefix(v.Focus, en.S(i18n.SettingsLanguage)) {
		t.Fatalf("Right on the language: %s, the keyboard on %q", v.Lang, v.Focus)
	}
	b.key(fyne.KeyTab, fyne.KeyRight)
	if v = b.Sight(); v.Theme != string(look.Dark) || !strings.HasPrefix(v.Focus, en.S(i18n.SettingsTheme)) {
		t.Errorf("Right on the colours: %s, the keyboard on %q", v.Theme, v.Focus)
	}
	b.key(fyne.KeyTab, fyne.KeyEnd)
	if v = b.Sight(); v.Percent != 200 || !strings.HasPrefix(v.Focus, en.S(i18n.SettingsSize)) {
		t.Errorf("End on the size: %d %%, the keyboard on %q", v.Percent, v.Focus)
	}
	b.key(fyne.KeyHome)
	if v = b.Sight(); v.Percent != 100 {
		t.Errorf("Home on the size: %d %%", v.Percent)
	}
}

// TestMendByKeys types a wrong address, is taken to the summary, goes from there to the field,
// and sees the error go as it is corrected.
//
// Rows
func TestMendByKeys(t *testing.T) {
	desk := &office{plan: replica.Plan{Bootstrap: true, Bytes: 1}}
	b := open(t, setup{lang: i18n.English, start: "settings", desk: desk})
	w := i18n.For(i18n.English)
	b.key(fyne.KeyTab, fyne.KeyTab, fyne.KeyTab)
	b.typed("http://bank.example.ca")
	b.key(fyne.KeyReturn)
	problem := b.s.Settings.Error(state.FieldServer)
	if v := b.Sight(); problem == "" || !strings.Contains(v.Focus, problem) || !b.sees(w.N(i18n.FormMend, 1)) {
		t.Fatalf("the keyboard is on %q, the problem %q", v.Focus, problem)
	}
	b.key(fyne.KeyReturn)
	if v := b.Sight(); !strings.HasPrefix(v.Focus, w.S(i18n.SettingsServer)) {
		t.Fatalf("the link leads to %q", v.Focus)
	}
	b.key(fyne.KeyHome, fyne.KeyRight, fyne.KeyRight, fyne.KeyRight, fyne.KeyRight)
	b.typed("s")
	if b.sees(problem) || b.sees(w.N(i18n.FormMend, 1)) {
		t.Error("the corrected field keeps its error")
	}
	desk.server = "https://bank.example.ca"
	b.key(fyne.KeyReturn)
	if v := b.Sight(); v.Route != "sync" || v.Focus != w.S(i18n.CatalogueAgree) || !slices.Equal(desk.asked, []string{"plan"}) {
		t.Errorf("after it was kept: %s, the keyboard on %q, asked %q", v.Route, v.Focus, desk.asked)
	}
	b.key(fyne.KeyReturn)
	if v := b.Sight(); desk.asked[len(desk.asked)-1] != "sync" || v.Focus != w.S(i18n.CatalogueUpdate) {
		t.Errorf("agreed: asked %q, the keyboard on %q", desk.asked, v.Focus)
	}
}

// TestOfflineIsCalm: without a network the catalogue says so without an alarm, and the one
// act is to try again.
func TestOfflineIsCalm(t *testing.T) {
	desk := &office{server: "https://bank.example.ca", err: replica.ErrOffline}
	b := open(t, setup{lang: i18n.English, desk: desk})
	w := i18n.For(i18n.English)
	b.s.Sync.Reload()
	b.hand.settle()
	b.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyF5}) // the program sets what F5 does; here nothing
	b.s.Sync.SetAuto(false)
	b.Go("sync")
	b.s.Sync.Ask()
	b.hand.settle()
	v := b.Sight()
	if !b.sees(w.S(i18n.CatalogueOffline)) || b.sees(w.S(i18n.CatalogueFailed)) || v.Online {
		t.Errorf("offline reads %q", v.Texts)
	}
	b.press(t, w.S(i18n.CatalogueAgain))
	if n := len(desk.asked); n != 2 {
		t.Errorf("asked %q, want a second try", desk.asked)
	}
}

// TestOutboxByKeys takes a report back and a link off, and the keyboard goes to what took
// their place.
//
// Rows
func TestOutboxByKeys(t *testing.T) {
	b := open(t, setup{})
	w := i18n.For(i18n.French)
	b.fill(t)
	b.Go("outbox")
	b.hand.settle()
	p := b.s.Posting.Posting
	number := state.GroupNumber(p.Number)
	if v := b.Sight(); v.Focus != w.S(i18n.OutboxSend) || !b.sees(w.S(i18n.OutboxItem, "Number", number)) {
		t.Fatalf("the keyboard is on %q, %q", v.Focus, v.Texts)
	}
	b.press(t, w.S(i18n.OutboxCancelLabel, "Number", number))
	if v := b.Sight(); v.Pending != 0 || b.sees(w.S(i18n.OutboxItem, "Number", number)) || !strings.HasPrefix(v.Focus, w.S(i18n.OutboxOpenLabel, "What", state.Number(w, p.Number))) {
		t.Errorf("after it was taken back %d wait, the keyboard is on %q", v.Pending, v.Focus)
	}
	b.key(fyne.KeyReturn)
	if v := b.Sight(); !v.Dialog || v.Focus != w.S(i18n.Cancel) || len(b.opened) != 0 {
		t.Errorf("a link opens without asking: dialog %v, the keyboard on %q, opened %v", v.Dialog, v.Focus, b.opened)
	}
	b.closeAll()
	b.press(t, w.S(i18n.OutboxRemoveLabel, "What", state.Number(w, p.Number)))
	if !b.sees(w.S(i18n.OutboxLaterEmpty)) {
		t.Error("the link stays")
	}
}

// TestSavedByKeys reads a kept posting, renames a search with Escape and Enter, removes and
// puts back.
//
// Rows
func TestSavedByKeys(t *testing.T) {
	b := open(t, setup{lang: i18n.English})
	w := i18n.For(i18n.English)
	b.fill(t)
	b.Go("saved")
	b.hand.settle()
	if !b.sees(w.S(i18n.TagEnded)) {
		t.Error("an ended posting does not say so")
	}
	q := b.s.Saved.Searches[0]
	b.press(t, w.S(i18n.SavedRenameLabel, "Name", q.Label))
	if v := b.Sight(); !strings.HasPrefix(v.Focus, w.S(i18n.SavedName)) {
		t.Fatalf("renaming gives the keyboard to %q", v.Focus)
	}
	b.key(fyne.KeyEscape)
	if v := b.Sight(); v.Route != "saved" || v.Focus != w.S(i18n.SavedRenameLabel, "Name", q.Label) {
		t.Errorf("Escape: %s, the keyboard on %q", v.Route, v.Focus)
	}
	b.key(fyne.KeyReturn)
	b.typed("s at sea")
	b.key(fyne.KeyReturn)
	if got := b.s.Saved.Searches[0].Label; !strings.Contains(got, "s at sea") {
		t.Errorf("named %q", got)
	}
	n := len(b.s.Saved.Postings)
	b.Canvas().Focus(focusables(b.frame.body)[0])
	id := b.s.Saved.Postings[0].ID
	b.key(fyne.KeyTab, fyne.KeyReturn) // its Remove
	if len(b.s.Saved.Postings) != n-1 {
		t.Fatalf("%d postings after Remove, had %d", len(b.s.Saved.Postings), n)
	}
	b.press(t, w.S(i18n.SavedUndo))
	if len(b.s.Saved.Postings) != n {
		t.Error("it was not put back")
	}
	b.Canvas().Focus(focusables(b.frame.body)[0])
	b.key(fyne.KeyReturn)
	if v := b.Sight(); v.Route != "search" || b.s.Posting.ID == 0 || b.s.Posting.Err != nil {
		t.Errorf("reading a kept posting: %s, row %d of %d, %v", v.Route, b.s.Posting.ID, id, b.s.Posting.Err)
	}
}

// TestKeysDoWhatTheySay presses every key of the table that F1 shows, from the same place,
// and asks whether what it promises came about.
//
// Rows: X-070
func TestKeysDoWhatTheySay(t *testing.T) {
	updated := 0
	b := open(t, setup{lang: i18n.English, percent: 150})
	b.o.Update = func() { updated++ }
	w := i18n.For(i18n.English)
	for _, k := range state.Shortcuts {
		b.closeAll()
		b.SetLang(i18n.English)
		b.SetLook(look.Light, 150)
		from := "outbox"
		if k.Screen == from {
			from = "settings"
		}
		b.Go("search")
		b.Go(from)
		b.hand.settle()
		before, was := b.Sight(), updated
		name := k.Name(w, false)
		switch {
		case k.Ctrl || k.Alt: // the test canvas keeps no shortcuts; the end-to-end run presses these
			b.Window.press(k)
		case len([]rune(k.Key)) == 1:
			b.Canvas().OnTypedRune()([]rune(k.Key)[0])
		default:
			b.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyName(k.Key)})
		}
		b.hand.settle()
		v := b.Sight()
		ok := false
		switch k.Do {
		case state.DoFind:
			ok = v.Route == "search" && strings.Contains(v.Focus, w.S(i18n.SearchWords))
		case state.DoBack:
			ok = v.Route == "search"
		case state.DoBackward:
			ok = v.Route == "search"
		case state.DoForward:
			ok = v.Route == before.Route // nothing lies ahead; TestRoutes goes there
			b.Window.Back()
			b.Window.press(k)
			b.hand.settle()
			ok = ok && b.Sight().Route == before.Route
		case state.DoUpdate:
			ok = updated == was+1
		case state.DoKeys:
			ok = v.Dialog && b.sees(w.S(i18n.KeysTitle)) && v.Focus == w.S(i18n.KeysClose)
		case state.DoPane:
			ok = v.Focus != before.Focus && v.Focus != ""
		case state.DoLanguage:
			ok = v.Lang == "fr"
		case state.DoLarger:
			ok = v.Percent > 150
		case state.DoSmaller:
			ok = v.Percent < 150
		case state.DoNormal:
			ok = v.Percent == 100
		case state.DoLock:
			ok = v.Route == before.Route // nobody is here; TestLockHides presses it
		case state.DoCompare:
			ok = v.Route == before.Route // no posting is at hand; TestCompareByKeys presses it
		case state.DoScreen:
			ok = v.Route == k.Screen
		}
		if !ok {
			t.Errorf("%s promises %q and does not: %s, the keyboard on %q, %d %%, %s", name, w.S(k.What), v.Route, v.Focus, v.Percent, v.Lang)
		}
	}
}

// TestLongPages: what is longer than the window is read to its end without a mouse.
//
// Rows: X-070
func TestLongPages(t *testing.T) {
	b := open(t, setup{lang: i18n.English, percent: 200})
	w := i18n.For(i18n.English)
	b.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyF1})
	if b.sees(w.S(i18n.KeysChip)) {
		t.Fatal("the dialog shows its last line at once: nothing to scroll")
	}
	b.key(fyne.KeyEnd)
	if !b.sees(w.S(i18n.KeysChip)) {
		t.Error("End does not reach the last line of the dialog")
	}
	b.key(fyne.KeyHome)
	if !b.sees(w.S(i18n.KeysFind)) {
		t.Error("Home does not come back")
	}
	b.closeAll()
	b.Go("sources")
	b.hand.settle()
	b.key(fyne.KeyEnd)
	if last := state.Libraries[len(state.Libraries)-1]; !b.sees(last.Paths[len(last.Paths)-1]) {
		t.Error("End does not reach the last licence")
	}
}

// TestBundleByKeys loads a bundle from the field at the foot of the page: the keyboard goes to
// what stops it, in sight, and then to what it brought.
//
// Rows: X-070
func TestBundleByKeys(t *testing.T) {
	desk := &office{plan: replica.Plan{Bootstrap: true, Pinned: true, Root: "0a1b2c3d", Count: 7}}
	b := open(t, setup{percent: 200, desk: desk})
	w := i18n.For(i18n.French)
	b.Go("sync")
	b.hand.settle()
	for range 10 {
		if _, typing := b.Canvas().Focused().(*part.Entry); typing {
			break
		}
		b.key(fyne.KeyTab)
	}
	b.typed("/media/key")
	b.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	b.hand.settle()
	v := b.Sight()
	if v.Focus != w.S(i18n.CatalogueBundleLoad) || !b.sees(w.S(i18n.CatalogueBundleTitle)) || !b.sees(state.Fingerprint(desk.plan.Root)) {
		t.Fatalf("before it loads the keyboard is on %q, and whose it is stands there: %v", v.Focus, b.sees(state.Fingerprint(desk.plan.Root)))
	}
	b.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) // it runs until the bench settles
	v = b.Sight()
	seen := slices.ContainsFunc(v.Controls, func(s state.Spot) bool { return s.Label == w.S(i18n.CatalogueCancel) })
	if v.Focus != w.S(i18n.CatalogueCancel) || !seen {
		t.Errorf("while it loads the keyboard is on %q, in sight %v", v.Focus, seen)
	}
	b.hand.settle()
	if v = b.Sight(); !slices.Equal(desk.asked, []string{"plan /media/key", "load /media/key"}) || v.Focus != w.S(i18n.CatalogueCopy) {
		t.Errorf("asked %q, the keyboard on %q", desk.asked, v.Focus)
	}
}

// TestFileDialogs opens each dialog of files and leaves it without a choice.
func TestFileDialogs(t *testing.T) {
	b := open(t, setup{desk: &office{}})
	w := i18n.For(i18n.French)
	for _, x := range []struct {
		screen string
		label  i18n.Key
	}{{"settings", i18n.SettingsCaChoose}, {"sync", i18n.CatalogueBundleFolder}, {"sync", i18n.CatalogueBundleFile}} {
		b.Go(x.screen)
		b.hand.settle()
		b.press(t, w.S(x.label))
		top := b.Canvas().Overlays().Top()
		if top == nil {
			t.Fatalf("%s opens nothing", w.S(x.label))
		}
		b.Canvas().Overlays().Remove(top)
	}
	if b.s.Settings.CAFile != "" {
		t.Errorf("leaving it chose %q", b.s.Settings.CAFile)
	}
}
