package ui

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/catalogue"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/sync/intake/demo"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// hand does the slow work at once when it is told to, and lets time pass only then.
type hand struct {
	jobs []func()
	late []func()
	soon []func() // what work has told the drawing goroutine, before it was done
}

func (h *hand) Go(work, done func()) {
	h.jobs = append(h.jobs, func() {
		work()
		soon := h.soon
		h.soon = nil
		for _, f := range soon {
			f()
			for len(h.jobs) > 0 { // what it asks is answered before this is done
				j := h.jobs[0]
				h.jobs = h.jobs[1:]
				j()
			}
		}
		done()
	})
}

func (h *hand) After(_ time.Duration, f func()) func() {
	off := false
	h.late = append(h.late, func() {
		if !off {
			f()
		}
	})
	return func() { off = true }
}

// settle does all work that waits, and what is due later, twice over at most: what is shown
// for a moment would otherwise go on for ever.
func (h *hand) settle() {
	for range 3 {
		for len(h.jobs) > 0 {
			j := h.jobs[0]
			h.jobs = h.jobs[1:]
			j()
		}
		late := h.late
		h.late = nil
		for _, f := range late {
			f()
		}
	}
	for len(h.jobs) > 0 {
		j := h.jobs[0]
		h.jobs = h.jobs[1:]
		j()
	}
}

var noon = time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)

var library = sync.OnceValues(func() (*catalogue.Store, error) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "passerelle-ui")
	if err != nil {
		return nil, err
	}
	store, err := catalogue.Open(ctx, dir)
	if err != nil {
		return nil, err
	}
	st := catalogue.State{Origin: "server", Scope: "all", Epoch: 1, Seq: 1, Created: noon.Add(-3 * time.Hour), Checked: noon}
	b, err := store.Build(ctx, "test")
	if err != nil {
		return nil, err
	}
	if err := b.Add(ctx, "one", func(yield func(catalogue.Row, error) bool) {
		for p := range demo.Postings(demo.Options{Seed: 7, N: 400, Today: posting.DayOf(noon)}) {
			r := catalogue.Row{ID: p.ID, Card: p.Card.Bytes(), Details: p.Details.Bytes()}
			st.Digest = st.Digest.Add(posting.RowSum(r.Card, r.Details))
			st.Count++
			if !yield(r, nil) {
				return
			}
		}
	}); err != nil {
		return nil, err
	}
	if err := b.Browse(ctx, st); err != nil {
		return nil, err
	}
	return store, b.Index(ctx, nil)
})

type bench struct {
	*Window
	s      *state.State
	hand   *hand
	win    fyne.Window
	opened []string
	at     time.Time // the moment
	copied string
	// notified are the notices that the system was asked to show.
	notified []string
}

type setup struct {
	lang          i18n.Lang
	mode          look.Mode
	percent       int
	width, height float32
	store         state.Catalogue
	start         string
	desk          state.Desk
	accounts      func(desk *cache.Device) state.Accounts // nil: none
	personal      func(ctx context.Context, id string) (state.Device, error)
	data          state.MyData
	private       state.Private
	alerts        state.Alerts
	mine          state.Mine
	matching      state.Matching
}

func open(t *testing.T, o setup) *bench {
	t.Helper()
	a := test.NewTempApp(t)
	store, err := library()
	if err != nil {
		t.Fatal(err)
	}
	dev, err := cache.Open(context.Background(), filepath.Join(t.TempDir(), "device.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dev.Close() })
	if o.width == 0 {
		o.width, o.height = 1280, 800
	}
	if o.store == nil {
		o.store = store
	}
	if o.lang == "" {
		o.lang = i18n.French
	}
	if o.mode == "" {
		o.mode = look.Light
	}
	b := &bench{at: noon, hand: &hand{}}
	var accounts state.Accounts
	if o.accounts != nil {
		accounts = o.accounts(dev)
	}
	b.s = state.New(context.Background(), state.Options{Catalogue: o.store, Device: dev, Exec: b.hand, Zone: time.UTC, Lang: o.lang,
		Now: func() time.Time { return b.at }, Personal: o.personal, Private: o.private, Alerts: o.alerts, Mine: o.mine, Matching: o.matching, Sources: demo.Sources(), App: "passerelle/test", Pages: t.TempDir(), Dir: t.TempDir(), Desk: o.desk, Accounts: accounts, MyData: o.data,
		Clip:   func(text string) { b.copied = text },
		Notify: func(title, text string) { b.notified = append(b.notified, title+" | "+text) },
		Opener: func(u string) error { b.opened = append(b.opened, u); return nil }})
	b.Window, b.win = Open(a, b.s, Options{Mode: o.mode, Percent: o.percent, Start: o.start})
	b.win.Resize(fyne.NewSize(o.width, o.height))
	b.s.Load()
	b.hand.settle()
	return b
}

func (b *bench) key(names ...fyne.KeyName) {
	for _, n := range names {
		ev := &fyne.KeyEvent{Name: n}
		switch f := b.Canvas().Focused(); {
		case n == fyne.KeyTab:
			b.Canvas().FocusNext()
		case f != nil:
			f.TypedKey(ev)
		case b.Canvas().OnTypedKey() != nil:
			b.Canvas().OnTypedKey()(ev)
		}
		b.hand.settle()
	}
}

func (b *bench) typed(text string) {
	for _, r := range text {
		b.Canvas().Focused().TypedRune(r)
	}
	b.hand.settle()
}

// press uses the visible control of a label.
func (b *bench) press(t *testing.T, label string) {
	t.Helper()
	top := b.Canvas().Content()
	if o := b.Canvas().Overlays().Top(); o != nil {
		top = o
	}
	for _, f := range focusables(top) {
		if a, ok := f.(fyne.Accessible); ok && a.AccessibilityLabel() == label {
			b.Canvas().Focus(f)
			b.key(fyne.KeyReturn)
			return
		}
	}
	t.Fatalf("no control is called %q; there are %q", label, labels(focusables(top)))
}

func labels(fs []fyne.Focusable) (out []string) {
	for _, f := range fs {
		if a, ok := f.(fyne.Accessible); ok {
			out = append(out, a.AccessibilityLabel())
		}
	}
	return out
}

func (b *bench) sees(text string) bool {
	for _, x := range b.Sight().Texts {
		if strings.Contains(x, text) {
			return true
		}
	}
	return false
}

// external selects a posting of a partner.
func (b *bench) external(t *testing.T) posting.Posting {
	t.Helper()
	for i := range b.s.Search.Result.Total {
		b.s.Search.Row(i) // asks for its page
		b.hand.settle()
		if c, ok := b.s.Search.Row(i); ok && c.External() && c.URL != "" {
			b.s.Search.Select(i)
			b.hand.settle()
			return b.s.Posting.Posting
		}
	}
	t.Fatal("no partner's posting")
	return posting.Posting{}
}

// TestMainJob finds a posting by keys alone: the field has the keyboard at the start, words
// are typed, the arrows go through the results, Enter reads, Escape comes back.
//
// Rows
func TestMainJob(t *testing.T) {
	b := open(t, setup{})
	if v := b.Sight(); !strings.Contains(v.Focus, i18n.For(i18n.French).S(i18n.SearchWords)) || v.Total < 100 {
		t.Fatalf("at the start the keyboard is in %q, with %d postings", v.Focus, v.Total)
	}
	b.typed("cuisinier")
	b.key(fyne.KeyReturn)
	v := b.Sight()
	if v.Total == 0 || v.Words != "cuisinier" {
		t.Fatalf("%q found %d", v.Words, v.Total)
	}
	b.key(fyne.KeyDown)
	if v = b.Sight(); v.Selected != 0 || v.Number == 0 {
		t.Fatalf("Down from the field: selected %d, reading %d", v.Selected, v.Number)
	}
	b.key(fyne.KeyEnd)
	if v = b.Sight(); v.Selected != v.Total-1 {
		t.Errorf("End selects %d of %d", v.Selected, v.Total)
	}
	b.key(fyne.KeyHome, fyne.KeyPageDown, fyne.KeyReturn)
	if v = b.Sight(); v.Selected == 0 || v.Number == 0 || !b.sees(state.GroupNumber(v.Number)) {
		t.Errorf("reading %d, at %d", v.Number, v.Selected)
	}
	if !b.sees("2026-11-22") {
		t.Error("the age of the catalogue is not shown")
	}
	b.key(fyne.KeyTab, fyne.KeyTab)
	b.Canvas().OnTypedRune()('/')
	if v = b.Sight(); !strings.Contains(v.Focus, "cuisinier") {
		t.Errorf("/ gives the keyboard to %q", v.Focus)
	}
}

// TestTab goes round every control of the search screen, each with a name and a role, and
// comes back to where it began: no trap, none left out.
//
// Rows
func TestTab(t *testing.T) {
	b := open(t, setup{})
	b.external(t)
	want := focusables(b.Canvas().Content())
	start := b.Canvas().Focused()
	var got []fyne.Focusable
	for range 300 {
		f := b.Canvas().Focused()
		got = append(got, f)
		a, ok := f.(fyne.Accessible)
		if !ok || strings.TrimSpace(a.AccessibilityLabel()) == "" || a.AccessibilityRole() == "" {
			t.Errorf("%T has no name for a screen reader", f)
		}
		b.Canvas().FocusNext()
		if b.Canvas().Focused() == start {
			break
		}
	}
	if b.Canvas().Focused() != start {
		t.Fatalf("Tab never came back, last at %q", labels(got[len(got)-3:]))
	}
	for _, f := range want {
		if !slices.Contains(got, f) {
			t.Errorf("Tab leaves out %q", labels([]fyne.Focusable{f}))
		}
	}
	if len(got) < 30 {
		t.Errorf("Tab knows %d controls only", len(got))
	}
}

// TestNothingClipped measures every text against its box: French and English, 100 and 200 %,
// three sizes of window, with a posting open, and the dialogs.
//
// Rows
func TestNothingClipped(t *testing.T) {
	for _, o := range []setup{
		{lang: i18n.French, percent: 200}, {lang: i18n.English, percent: 200}, {lang: i18n.French},
		{lang: i18n.French, width: 1000, height: 700}, {lang: i18n.French, width: 700, height: 700},
		{lang: i18n.French, percent: 200, width: 1000, height: 700}, {lang: i18n.French, percent: 150, mode: look.Contrast},
	} {
		b := open(t, o)
		check := func(where string) {
			top := b.Canvas().Content()
			if x := b.Canvas().Overlays().Top(); x != nil {
				top = x
			}
			n := 0
			walk(top, func(x fyne.CanvasObject) bool {
				z := x.Size()
				switch p := x.(type) {
				case *part.Text:
					n++
					if h := p.HeightFor(z.Width); p.Text() != "" && (z.Height+0.5 < h || z.Width <= 0) {
						t.Errorf("%s %d%% %vx%v, %s: %q is %v in a box of %v", o.lang, o.percent, o.width, o.height, where, p.Text(), h, z)
					}
				case *part.Button:
					n++
					if h := p.HeightFor(z.Width); z.Height+0.5 < h {
						t.Errorf("%s %d%% %vx%v, %s: button %q needs %v and has %v", o.lang, o.percent, o.width, o.height, where, p.Text(), h, z)
					}
				case *part.Check, *part.Field:
					if h := part.HeightFor(x, z.Width); z.Height+0.5 < h {
						t.Errorf("%s %d%% %vx%v, %s: %T needs %v and has %v", o.lang, o.percent, o.width, o.height, where, x, h, z)
					}
				}
				return true
			})
			if n < 3 {
				t.Errorf("%s: only %d texts were seen", where, n)
			}
		}
		check("list")
		p := b.external(t)
		b.current().Back()
		check("posting")
		w := i18n.For(o.lang)
		b.press2(w.S(i18n.SearchAdvanced))
		check("advanced")
		b.closeAll()
		_ = p
	}
}

// press2 uses a control if it is shown.
func (b *bench) press2(label string) {
	for _, f := range focusables(b.Canvas().Content()) {
		if a, ok := f.(fyne.Accessible); ok && a.AccessibilityLabel() == label {
			b.Canvas().Focus(f)
			b.key(fyne.KeyReturn)
			return
		}
	}
}

func (b *bench) closeAll() {
	for b.Canvas().Overlays().Top() != nil {
		b.key(fyne.KeyEscape)
	}
}

// TestLeaveDialog asks before a partner's page: the host is named, Cancel has the keyboard,
// nothing opens until it is said; and the button stands on partners' postings only.
//
// Rows
func TestLeaveDialog(t *testing.T) {
	b := open(t, setup{lang: i18n.English})
	w := i18n.For(i18n.English)
	p := b.external(t)
	if !b.sees(b.s.ValueLabel(query.Source, p.Source)) {
		t.Error("the source is not named")
	}
	b.press(t, w.S(i18n.PostingFull))
	v := b.Sight()
	if !v.Dialog || v.Focus != w.S(i18n.Cancel) {
		t.Fatalf("dialog %v, the keyboard is on %q, want Cancel", v.Dialog, v.Focus)
	}
	host := b.s.Leaving(p.URL, "", 0).Host
	if !b.sees(host) || len(b.opened) != 0 {
		t.Errorf("host %s seen %v, opened %v", host, b.sees(host), b.opened)
	}
	b.key(fyne.KeyReturn)
	if v = b.Sight(); v.Dialog || len(b.opened) != 0 || v.Focus != w.S(i18n.PostingFull) {
		t.Errorf("after Cancel: dialog %v, opened %v, the keyboard on %q", v.Dialog, b.opened, v.Focus)
	}
	b.press(t, w.S(i18n.PostingFull))
	b.press(t, w.S(i18n.LeaveLink))
	if len(b.opened) != 1 || b.opened[0] != p.URL {
		t.Errorf("opened %v, want %s", b.opened, p.URL)
	}
	b.s.SetOnline(false)
	b.press(t, w.S(i18n.PostingFull))
	if got := labels(focusables(b.Canvas().Overlays().Top())); slices.Contains(got, w.S(i18n.LeaveLink)) || !slices.Contains(got, w.S(i18n.LeaveLater)) {
		t.Errorf("offline the dialog offers %q", got)
	}
	b.closeAll()
	for i := range b.s.Search.Result.Total {
		if c, ok := b.s.Search.Row(i); ok && !c.External() {
			b.s.Search.Select(i)
			b.hand.settle()
			if b.sees(w.S(i18n.PostingFull)) {
				t.Error("a posting of our own has a button to the origin")
			}
			if !b.sees(w.S(i18n.PostingReport)) {
				t.Error("no report link")
			}
			return
		}
	}
}

// TestReportDialog fills in the number, which is not a field, and says what to mend.
//
// Rows
func TestReportDialog(t *testing.T) {
	b := open(t, setup{})
	w := i18n.For(i18n.French)
	p := b.external(t)
	b.press(t, w.S(i18n.PostingReport))
	if !b.sees(state.GroupNumber(p.Number)) {
		t.Error("the number is not filled in")
	}
	for _, f := range focusables(b.Canvas().Overlays().Top()) {
		if e, ok := f.(*part.Entry); ok && strings.Contains(e.Text, "0") {
			t.Errorf("the number can be edited in %q", e.Label)
		}
	}
	b.press(t, w.S(i18n.ReportSend))
	if !b.sees(w.S(i18n.ReportNeedReason)) || !b.Sight().Dialog {
		t.Error("a report without a reason is not refused in words")
	}
	b.key(fyne.KeyDown) // opens the reasons, on the line that is chosen
	b.key(fyne.KeyDown, fyne.KeyReturn)
	b.press(t, w.S(i18n.ReportSend))
	if v := b.Sight(); v.Dialog || v.Pending != 1 {
		t.Errorf("after sending: dialog %v, %d wait", v.Dialog, v.Pending)
	}
}

// TestAbroad shows the notice on work authorization once the reader says they are abroad, and its
// link asks before it leaves.
//
// Rows
func TestAbroad(t *testing.T) {
	b := open(t, setup{})
	w := i18n.For(i18n.French)
	b.external(t)
	b.press(t, w.S(i18n.PostingHowto))
	if b.sees(w.S(i18n.AbroadNotice)) {
		t.Error("the notice stands before anything was said")
	}
	b.press(t, "☐ "+w.S(i18n.AbroadAsk))
	if !b.sees(w.S(i18n.AbroadNotice)) {
		t.Error("the notice does not come")
	}
	b.press(t, w.S(i18n.AbroadLink))
	if v := b.Sight(); v.Focus != w.S(i18n.Cancel) || len(b.opened) != 0 {
		t.Errorf("the link gives the keyboard to %q and opened %v", v.Focus, b.opened)
	}
	b.closeAll()
	if got := b.Sight().Focus; got != w.S(i18n.PostingHowto) {
		t.Errorf("once all is closed the keyboard is on %q", got)
	}
	b.press(t, w.S(i18n.PostingHowto))
	if !b.sees(w.S(i18n.AbroadNotice)) {
		t.Error("it was not remembered")
	}
}

// TestSwitch changes language, theme and size of text in place: what was asked, what was
// read and where the keyboard is all stay.
//
// Rows
func TestSwitch(t *testing.T) {
	b := open(t, setup{})
	b.typed("cuisinier")
	b.key(fyne.KeyReturn)
	p := b.external(t)
	before := b.Sight()
	b.SetLang(i18n.English)
	b.hand.settle()
	v := b.Sight()
	if v.Lang != "en" || v.Words != "cuisinier" || v.Total != before.Total || v.Number != p.Number {
		t.Errorf("after the switch: %+v", v)
	}
	en, fr := i18n.For(i18n.English), i18n.For(i18n.French)
	if !b.sees(en.S(i18n.SearchAdvanced)) || b.sees(fr.S(i18n.SearchAdvanced)) {
		t.Error("the words did not change")
	}
	if !strings.Contains(v.Focus, en.S(i18n.SearchWords)) {
		t.Errorf("the keyboard is on %q", v.Focus)
	}
	for _, m := range []look.Mode{look.Dark, look.Contrast, look.Light} {
		b.SetLook(m, 150)
		b.hand.settle()
		if v = b.Sight(); v.Theme != string(m) || v.Percent != 150 || v.Number != p.Number || v.Words != "cuisinier" {
			t.Errorf("in %s: theme %s, %d %%, reading %d", m, v.Theme, v.Percent, v.Number)
		}
	}
	if got, _ := b.s.Device().Setting(context.Background(), cache.TextSize); got != "150" {
		t.Errorf("size kept as %q", got)
	}
}

// TestSizeKeepsTheme: choosing a size of text does not make a theme that was not chosen, the
// system's or one given for once, the person's own.
func TestSizeKeepsTheme(t *testing.T) {
	b := open(t, setup{mode: look.Contrast}) // as by a flag
	b.SetLook(look.Contrast, 125)
	b.hand.settle()
	kept := func(key string) string {
		s, err := b.s.Device().Setting(context.Background(), key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if theme, size := kept(cache.Theme), kept(cache.TextSize); theme != "" || size != "125" {
		t.Errorf("after a size: theme kept as %q, size as %q; want none and 125", theme, size)
	}
	b.o.Alone = true
	b.SetLook(look.System, 125)
	b.hand.settle()
	if mode, _ := b.Look(); mode != look.System || look.Now().Mode != look.Light {
		t.Errorf("with nothing to tell: mode %q worn as %q, want the system's as light", mode, look.Now().Mode)
	}
	b.SetLook(look.Dark, 125)
	b.hand.settle()
	if got := kept(cache.Theme); got != "dark" {
		t.Errorf("a theme that was chosen is kept as %q", got)
	}
}

// TestEdges: what stands over the window has an edge that is seen in the theme of high
// contrast, where its ground is the window's.
//
// Rows: X-071
func TestEdges(t *testing.T) {
	b := open(t, setup{mode: look.Contrast})
	w := i18n.For(i18n.French)
	for name, show := range map[string]func(){
		"a dialog": func() { b.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyF1}) },
		"a menu": func() {
			for _, s := range b.Sight().Controls {
				if strings.HasPrefix(s.Label, w.S(i18n.SortName)) {
					b.press(t, s.Label)
					return
				}
			}
		},
	} {
		show()
		top := b.Canvas().Overlays().Top()
		if top == nil {
			t.Errorf("%s does not open", name)
			continue
		}
		found := false
		var pop fyne.CanvasObject
		walk(top, func(x fyne.CanvasObject) bool {
			if p, ok := x.(*widget.PopUp); ok {
				pop = p
			}
			if r, ok := x.(*canvas.Rectangle); ok && pop != nil && r.StrokeWidth >= 2 && r.StrokeColor == look.Now().Text && r.Size() == pop.Size() {
				found = true
			}
			return true
		})
		if !found {
			t.Errorf("%s has no edge", name)
		}
		b.closeAll()
	}
}

// TestStates draws what is empty, absent and broken as a sentence and the act that helps.
//
// Rows
func TestStates(t *testing.T) {
	fr := i18n.For(i18n.French)
	b := open(t, setup{})
	b.s.Search.Toggle(query.Province, "NU")
	b.s.Search.Toggle(query.Posted, "0")
	b.s.Search.SetWage(90000, posting.Hourly, false)
	b.hand.settle()
	if !b.sees(fr.S(i18n.EmptyTitle)) || len(b.s.Search.Result.Relax) == 0 {
		t.Fatalf("nothing found says %q", b.Sight().Texts)
	}
	b.press(t, b.s.Search.RelaxLabel(b.s.Search.Result.Relax[0]))
	if b.Sight().Total == 0 {
		t.Error("the way out found nothing")
	}
	b = open(t, setup{store: broken{catalogue.ErrNone}})
	if !b.sees(fr.S(i18n.NoneTitle)) || !b.sees(fr.S(i18n.StatusNone)) {
		t.Errorf("no catalogue says %q", b.Sight().Texts)
	}
	b = open(t, setup{store: broken{os.ErrPermission}})
	if !b.sees(fr.S(i18n.SearchFailed)) || !b.sees(fr.S(i18n.Again)) {
		t.Errorf("a broken catalogue says %q", b.Sight().Texts)
	}
}

type broken struct{ err error }

func (x broken) State(context.Context) (catalogue.State, error) { return catalogue.State{}, x.err }
func (x broken) Search(context.Context, query.Query) (query.Result, error) {
	return query.Result{}, x.err
}
func (x broken) Cards(context.Context, []int64) ([]posting.Card, error) { return nil, x.err }
func (x broken) Posting(context.Context, int64, time.Time) (posting.Posting, error) {
	return posting.Posting{}, x.err
}
func (x broken) Similar(context.Context, int64, int, time.Time, *query.Hide) ([]catalogue.Likeness, error) {
	return nil, x.err
}

// TestOneDoor holds every address to the leaving confirmation: nothing in ui opens one but the
// two states that ask first, and no link of Fyne's own is used.
//
// Rows: A-024
func TestOneDoor(t *testing.T) {
	allowed := map[string]bool{"state/leave.go": true, "state/apply.go": true, "state/state.go": true}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				switch s.Sel.Name {
				case "Opener":
					if !allowed[filepath.ToSlash(path)] {
						t.Errorf("%s opens addresses without asking", path)
					}
				case "OpenURL", "NewHyperlink", "NewHyperlinkWithStyle", "Hyperlink", "HyperlinkSegment":
					t.Errorf("%s uses %s: it would open without asking", path, s.Sel.Name)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRoutes goes to screens and comes back.
func TestRoutes(t *testing.T) {
	b := open(t, setup{})
	p := b.external(t)
	if len(b.s.Posting.Similar) == 0 {
		t.Fatal("nothing is like the partner's posting: there is no route to try")
	}
	next := b.s.Posting.Similar[0].Card.ID
	b.Read(next)
	b.hand.settle()
	if b.s.Posting.ID != next {
		t.Fatalf("reading %d, want %d", b.s.Posting.ID, next)
	}
	b.Window.Back()
	b.hand.settle()
	if b.s.Posting.ID != p.ID {
		t.Errorf("back reads %d, want %d", b.s.Posting.ID, p.ID)
	}
	b.Forward()
	b.hand.settle()
	if b.s.Posting.ID != next {
		t.Errorf("forward reads %d, want %d", b.s.Posting.ID, next)
	}
	for _, r := range rows {
		if r.name == "lock" {
			continue // it comes by itself
		}
		b.Go(r.name)
		b.hand.settle()
		if b.Here().Screen != r.name || b.Sight().Focus == "" && len(focusables(b.frame.body)) > 0 {
			t.Errorf("screen %s: at %s, keyboard on %q", r.name, b.Here().Screen, b.Sight().Focus)
		}
	}
}

// TestOnePane reads over the list in a narrow window, and gives the keyboard back to it.
//
// Rows: X-070
func TestOnePane(t *testing.T) {
	b := open(t, setup{width: 700, height: 700})
	b.key(fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn)
	w := i18n.For(i18n.French)
	if v := b.Sight(); v.Number == 0 || v.Focus != w.S(i18n.PostingRead) || b.sees(w.S(i18n.SearchAdvanced)) {
		t.Fatalf("reading %d, keyboard on %q, search seen %v", v.Number, v.Focus, b.sees(w.S(i18n.SearchAdvanced)))
	}
	b.press(t, w.S(i18n.PostingBack))
	if v := b.Sight(); v.Focus != w.S(i18n.SearchResults) || v.Selected != 1 {
		t.Errorf("back in the list: keyboard on %q, selected %d", v.Focus, v.Selected)
	}
	b.key(fyne.KeyReturn, fyne.KeyEscape)
	if v := b.Sight(); v.Focus != w.S(i18n.SearchResults) {
		t.Errorf("Escape gives the keyboard to %q", v.Focus)
	}
}

// TestAdvanced has a control for each of the nine criteria, asks them together, and says
// which to mend.
//
// Rows
func TestAdvanced(t *testing.T) {
	b := open(t, setup{})
	w := i18n.For(i18n.French)
	b.press(t, w.S(i18n.SearchAdvanced))
	top := b.Canvas().Overlays().Top()
	var names []string
	walk(top, func(o fyne.CanvasObject) bool {
		if a, ok := o.(fyne.Accessible); ok {
			names = append(names, a.AccessibilityLabel())
		}
		return true
	})
	for _, k := range []i18n.Key{i18n.AdvancedWords, i18n.AdvancedNumber, i18n.FacetTerm, i18n.FacetPeriod, i18n.FacetWorklang,
		i18n.FacetEducation, i18n.AdvancedPlace, i18n.FacetCategory, i18n.FacetNoc,
		i18n.AdvancedWage, i18n.FacetPosted, i18n.FacetSource, i18n.FacetWorkplace, i18n.FacetPoster, i18n.AdvancedIn} {
		if !slices.ContainsFunc(names, func(s string) bool { return strings.HasPrefix(s, w.S(k)) }) {
			t.Errorf("no criterion is called %q", w.S(k))
		}
	}
	fill := func(k i18n.Key, text string) {
		for _, f := range focusables(top) {
			if e, ok := f.(*part.Entry); ok && e.Label == w.S(k) {
				e.SetText(text)
				return
			}
		}
		t.Fatalf("no field %q", w.S(k))
	}
	fill(i18n.AdvancedWage, "beaucoup")
	fill(i18n.AdvancedPlace, "Nullepartville")
	b.press(t, w.S(i18n.SearchGo))
	v := b.Sight()
	if !v.Dialog || !b.sees("Nullepartville") || !b.sees(w.S(i18n.AdvancedWageErr)) || !b.sees(w.N(i18n.FormMend, 2)) {
		t.Fatalf("two fields to mend: dialog %v, %q", v.Dialog, v.Texts)
	}
	fill(i18n.AdvancedWage, "18,50")
	fill(i18n.AdvancedPlace, "Montréal")
	b.press(t, "☐ "+b.s.ValueLabel(query.Period, "F"))
	b.press(t, w.S(i18n.SearchGo))
	q := b.s.Search.Query
	if b.Sight().Dialog || q.Wage.Min != 1850 || q.Near.Km != 50 || !b.s.Search.On(query.Period, "F") || len(b.s.Search.Chips()) != 3 {
		t.Errorf("asked %+v", q)
	}
	for i := range b.s.Search.Result.Total {
		if c, ok := b.s.Search.Row(i); ok && (c.Period != posting.FullTime || max(c.Wage.HourMin, c.Wage.HourMax) < 1850) {
			t.Errorf("result %d: %s at %+v", i, c.Period, c.Wage)
		}
	}
}

// TestFacetKeepsKeyboard keeps the keyboard on a value whose count changes as it is chosen.
//
// Rows
func TestFacetKeepsKeyboard(t *testing.T) {
	b := open(t, setup{})
	for _, f := range focusables(b.Canvas().Content()) {
		c, ok := f.(*part.Check)
		if !ok {
			continue
		}
		b.Canvas().Focus(c)
		b.key(fyne.KeySpace)
		if b.Canvas().Focused() != fyne.Focusable(c) || !c.On() {
			t.Errorf("after choosing, the keyboard is on %q, on %v", b.Sight().Focus, c.On())
		}
		if !slices.Contains(focusables(b.Canvas().Content()), fyne.Focusable(c)) {
			t.Error("the value that has the keyboard is no longer shown")
		}
		return
	}
	t.Fatal("no facet")
}

// TestKeyboardStays keeps the keyboard when what had it goes away: a chip that is removed,
// an act whose name changes, a way out of an empty result, a suggestion that is taken.
//
// Rows: X-070
func TestKeyboardStays(t *testing.T) {
	b := open(t, setup{})
	w := i18n.For(i18n.French)
	b.s.Search.Toggle(query.Period, "F")
	b.s.Search.Toggle(query.Term, "P")
	b.hand.settle()
	label := w.S(i18n.ChipRemove, "What", b.s.ValueLabel(query.Period, "F"))
	b.press(t, label)
	if got := b.Sight().Focus; got != w.S(i18n.ChipRemove, "What", b.s.ValueLabel(query.Term, "P")) {
		t.Errorf("after a chip, the keyboard is on %q, want the next chip", got)
	}
	b.key(fyne.KeyDelete)
	if got := b.Sight().Focus; got == "" || len(b.s.Search.Chips()) != 0 {
		t.Errorf("after the last chip, the keyboard is on %q, %d chips are left", got, len(b.s.Search.Chips()))
	}
	b.external(t)
	b.press(t, w.S(i18n.PostingSave))
	if got := b.Sight().Focus; got != w.S(i18n.PostingUnsave) {
		t.Errorf("after saving, the keyboard is on %q", got)
	}
	b.s.Search.SetWage(90000, posting.Hourly, false)
	b.hand.settle()
	if len(b.s.Search.Result.Relax) == 0 {
		t.Fatal("no way out")
	}
	b.press(t, b.s.Search.RelaxLabel(b.s.Search.Result.Relax[0]))
	if got := b.Sight().Focus; got != w.S(i18n.SearchResults) {
		t.Errorf("after a way out, the keyboard is on %q, want the results", got)
	}
	b.Find()
	b.typed("soud")
	if len(b.s.Search.Suggestions) == 0 {
		t.Fatal("nothing is suggested for soud")
	}
	b.key(fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn)
	if v := b.Sight(); v.Focus == "" || v.Words == "soud" {
		t.Errorf("after a suggestion, the keyboard is on %q, the field holds %q", v.Focus, v.Words)
	}
}

// Find gives the keyboard to the search field.
func (b *bench) Find() { b.find() }
