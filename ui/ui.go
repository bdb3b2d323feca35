// Package ui is what a person sees. Begin with [Open], which puts a window around the
// states; nav.go lists the screens, one row each. The window is the only thing here that
// knows all screens: it holds where one is, how it looks, and what the keys do.
package ui

import (
	"slices"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/screen"
	"passerelle/ui/state"
)

// Options of a window. The zero value is a light window at 100 %, following the system.
type Options struct {
	Mode    look.Mode
	Percent int    // size of text, 100 to 200; 0: 100
	Update  func() // brings the catalogue up to date (F5); nil: there is nothing to ask
	Start   string // name of the first screen; "": search
	// Alone: nothing tells what the system wears. look.System is light then, not Fyne's night.
	Alone bool
}

// Window is the window of the program.
type Window struct {
	s    *state.State
	o    Options
	app  fyne.App
	win  fyne.Window
	here Route
	past []Route // one came from these, the last one last
	next []Route

	screens map[string]screen.Screen
	frame   *frame
	root    *fyne.Container
	float   *fyne.Container
	offer   fyne.CanvasObject
	under   fyne.CanvasObject
	toast   *fyne.Container
	tip     fyne.CanvasObject
	tipFor  fyne.CanvasObject
	said    string
	hush    func()

	away      *away        // what the lock hides; nil: nothing is hidden
	count     *part.Dialog // the countdown before it locks
	countText *part.Text
	onKey     func(*fyne.KeyEvent)
	closing   bool
}

var _ screen.Host = (*Window)(nil)

// Open makes the window; Show it with the returned window's Show or ShowAndRun.
func Open(a fyne.App, s *state.State, o Options) (*Window, fyne.Window) {
	if o.Percent == 0 {
		o.Percent = 100
	}
	if _, ok := find(o.Start); !ok {
		o.Start = "search"
	}
	w := &Window{s: s, o: o, app: a, here: Route{Screen: o.Start}}
	w.win = a.NewWindow(s.Words().S(i18n.AppName))
	w.win.SetPadded(false)
	w.win.SetMaster()
	w.dress()
	w.win.Resize(fyne.NewSize(1280, 800))
	w.keys()
	part.OnTip = func(text string, beside fyne.CanvasObject) {
		w.tip, w.tipFor = nil, beside
		if text != "" {
			w.tip = part.Tip(text)
		}
		w.placeFloat()
	}
	part.OnUse = func(key bool) bool {
		was := w.s.Present.Locked()
		w.s.Lock.Touch(key)
		return !was && w.s.Present.Locked()
	}
	part.OnClosed = w.closed
	s.Present.Moved, s.Lock.Warned = w.moved, w.warned
	w.win.SetCloseIntercept(w.close)
	w.Rebuild()
	return w, w.win
}

// close closes the window once what was typed last is kept.
func (w *Window) close() {
	if w.closing {
		return
	}
	w.closing = true
	w.left()
	w.s.Rest(w.win.Close)
}

// dress puts the theme and Fyne's own words in place.
func (w *Window) dress() {
	wears := w.app.Settings().ThemeVariant()
	if w.o.Alone {
		wears = theme.VariantLight
	}
	t := look.New(w.o.Mode, float32(w.o.Percent)/100, wears)
	w.app.Settings().SetTheme(t)
	_ = look.Speak(w.s.Words()) // at worst Fyne's own menus stay in the system's language
}

// Rebuild makes the whole content again: theme, scale or language changed. The states
// keep everything, so nothing is lost.
func (w *Window) Rebuild() {
	w.s.Unwatch()
	part.Forget()
	w.screens = map[string]screen.Screen{}
	w.offer, w.under, w.tip = nil, nil, nil
	w.float = container.NewWithoutLayout()
	w.frame = newFrame(w)
	w.toast = nil
	w.root = container.New(&overLayout{w: w}, w.frame.object(), w.float)
	if w.away != nil {
		w.away.focus = nil // of a screen that is made again
	}
	w.win.SetTitle(w.title())
	w.win.SetContent(w.root)
	w.s.Watch(w.frame.update)
	w.show()
}

// Canvas is the window's.
func (w *Window) Canvas() fyne.Canvas { return w.win.Canvas() }

// Width is the window's width in px of text at 100 %.
func (w *Window) Width() float32 { return w.win.Canvas().Size().Width / look.Now().Scale }

// Has says whether there is such a screen.
func (w *Window) Has(name string) bool { _, ok := find(name); return ok }

// Go opens a screen.
func (w *Window) Go(name string) {
	r, ok := find(name)
	switch {
	case !ok, w.away != nil && !r.door, r.name == "lock":
	case r.own && w.s.Accounts() && !w.s.Present.Signed():
		w.seek(state.Target{Screen: name, Private: true})
	default:
		w.visit(Route{Screen: name})
	}
}

// Read opens a posting as a place to come back from.
func (w *Window) Read(id int64) {
	if w.away != nil {
		return
	}
	w.here.Posting = w.s.Posting.ID
	w.visit(Route{Screen: "search", Posting: id})
	if r, ok := w.current().(interface{ Reading() }); ok {
		r.Reading() // where there is room for the posting or the list, it is the posting
	}
}

func (w *Window) visit(r Route) {
	if r == w.here {
		w.current().Enter()
		return
	}
	if at, _ := find(w.here.Screen); !at.bare && w.away == nil {
		w.past = append(w.past, w.here)
	}
	w.next = nil
	w.arrive(r)
}

func (w *Window) arrive(r Route) {
	from := w.here
	w.here = r
	if r.Posting != 0 {
		w.s.Posting.Open(r.Posting)
	}
	if from.Screen != r.Screen {
		if l, ok := w.screens[from.Screen].(interface{ Left() }); ok {
			l.Left() // secrets that were typed there go
		}
		w.show()
	}
}

// Back goes where one came from; Forward undoes it.
func (w *Window) Back() {
	if w.away != nil {
		w.arrive(Route{Screen: "lock"}) // every door leads back to it
		return
	}
	if n := len(w.past); n > 0 {
		w.here.Posting = w.s.Posting.ID
		w.next = append(w.next, w.here)
		r := w.past[n-1]
		w.past = w.past[:n-1]
		w.arrive(r)
	}
}

// Forward goes where Back left.
func (w *Window) Forward() {
	if n := len(w.next); n > 0 && w.away == nil {
		w.past = append(w.past, w.here)
		r := w.next[n-1]
		w.next = w.next[:n-1]
		w.arrive(r)
	}
}

// Here is where one is.
func (w *Window) Here() Route { return w.here }

func (w *Window) current() screen.Screen {
	sc := w.screens[w.here.Screen]
	if sc == nil {
		r, _ := find(w.here.Screen)
		sc = r.make(w.s, w)
		w.screens[w.here.Screen] = sc
	}
	return sc
}

func (w *Window) show() {
	w.Offer(nil, nil)
	sc := w.current()
	w.frame.set(sc.Object())
	sc.Enter()
	// The keyboard is always somewhere: a screen that has nothing to use leaves it in the rail.
	cv := w.Canvas()
	if all := focusables(cv.Content()); !slices.Contains(all, cv.Focused()) {
		if in := focusables(w.frame.body); len(in) > 0 {
			cv.Focus(in[0])
		} else if len(all) > 0 {
			cv.Focus(all[0])
		}
	}
}

// Mend gives the keyboard to the first of these that is shown, if what had it has gone.
func (w *Window) Mend(to ...fyne.Focusable) {
	cv := w.Canvas()
	if cv.Overlays().Top() != nil || cv.Focused() == nil {
		return
	}
	all := focusables(cv.Content())
	if slices.Contains(all, cv.Focused()) {
		return
	}
	for _, f := range to {
		if slices.Contains(all, f) {
			cv.Focus(f)
			return
		}
	}
}

// Offer shows an object just under another one; nil takes it away.
func (w *Window) Offer(o fyne.CanvasObject, under fyne.CanvasObject) {
	if o == nil && w.offer == nil {
		return
	}
	if o == nil {
		part.NoOffers()
	}
	w.offer, w.under = o, under
	w.placeFloat()
}

func (w *Window) placeFloat() {
	w.float.Objects = nil
	if w.offer != nil && w.under != nil {
		d := fyne.CurrentApp().Driver()
		at := d.AbsolutePositionForObject(w.under)
		width := max(w.under.Size().Width, w.offer.MinSize().Width)
		w.float.Objects = append(w.float.Objects, w.offer)
		w.offer.Resize(fyne.NewSize(width, w.offer.MinSize().Height))
		w.offer.Move(fyne.NewPos(min(at.X, w.Canvas().Size().Width-width-look.S1), at.Y+look.Now().Px(look.Control)+look.S1))
	}
	if w.tip != nil && w.tipFor != nil {
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(w.tipFor)
		m := w.tip.MinSize()
		x := at.X + w.tipFor.Size().Width + look.S2
		if x+m.Width > w.Canvas().Size().Width {
			x = max(at.X-m.Width-look.S2, 0)
		}
		w.float.Objects = append(w.float.Objects, w.tip)
		w.tip.Resize(m)
		w.tip.Move(fyne.NewPos(x, at.Y+(w.tipFor.Size().Height-m.Height)/2))
	}
	if w.toast != nil {
		size := w.Canvas().Size()
		width := min(look.Now().Px(420), size.Width-2*look.S4)
		h := part.HeightFor(w.toast, width)
		w.float.Objects = append(w.float.Objects, w.toast)
		w.toast.Resize(fyne.NewSize(width, h))
		w.toast.Move(fyne.NewPos(size.Width-width-look.S4, size.Height-h-w.frame.barHeight()-look.S4))
	}
	w.float.Refresh()
}

// Say shows a sentence for a few seconds, above everything.
func (w *Window) Say(sentence string) {
	if w.hush != nil {
		w.hush()
	}
	t := look.Now()
	back := canvas.NewRectangle(t.Text)
	back.CornerRadius = look.Card
	shut := func() {
		w.toast, w.said = nil, ""
		w.placeFloat()
	}
	w.said = sentence
	w.toast = part.Card(part.Labelled(look.IconInfo, part.NewText(sentence, look.Body, look.InkText)))
	w.placeFloat()
	w.hush = w.s.Exec().After(8*time.Second, shut)
}

// Said is the sentence that is shown for a moment, "" for none.
func (w *Window) Said() string { return w.said }

// Look is how the window looks.
func (w *Window) Look() (look.Mode, int) { return w.o.Mode, w.o.Percent }

// SetLook changes it at once, and remembers what changed: a theme that was given for once,
// or that of the system, does not become the person's own by their choosing a size.
func (w *Window) SetLook(mode look.Mode, percent int) {
	percent = min(max(percent, 100), 200)
	if mode == w.o.Mode && percent == w.o.Percent {
		return
	}
	if mode != w.o.Mode {
		w.s.Remember(cache.Theme, string(mode))
	}
	if percent != w.o.Percent {
		w.s.Remember(cache.TextSize, strconv.Itoa(percent))
	}
	w.o.Mode, w.o.Percent = mode, percent
	w.again()
}

// SetLang changes the language at once, and remembers it.
func (w *Window) SetLang(l i18n.Lang) {
	if l == w.s.Lang() {
		return
	}
	w.s.Unwatch()
	w.s.SetLang(l)
	w.again()
}

// again rebuilds the window and gives the keyboard back to what had it, found by its kind
// and place, for its name may be in another language now.
func (w *Window) again() {
	at := focusIndex(w.Canvas())
	w.dress()
	w.Rebuild()
	focusAt(w.Canvas(), at)
}

// press does what a key of state.Shortcuts does; nothing while something blocks the window.
func (w *Window) press(k state.Shortcut) {
	if part.OnUse(true) {
		return
	}
	if k.Do == state.DoLock {
		w.s.Present.LockNow()
		return
	}
	if w.Canvas().Overlays().Top() != nil || w.away != nil && !doorKeys[k.Do] {
		return
	}
	switch k.Do {
	case state.DoFind:
		w.find()
	case state.DoBack:
		w.escape()
	case state.DoBackward:
		w.Back()
	case state.DoForward:
		w.Forward()
	case state.DoUpdate:
		if w.o.Update != nil {
			w.o.Update()
		}
	case state.DoCompare:
		w.compare()
	case state.DoKeys:
		screen.ShowKeys(w.s, w)
	case state.DoPane:
		w.pane()
	case state.DoLanguage:
		w.SetLang(w.s.Lang().Other())
	case state.DoLarger:
		w.SetLook(w.o.Mode, w.o.Percent+25)
	case state.DoSmaller:
		w.SetLook(w.o.Mode, w.o.Percent-25)
	case state.DoNormal:
		w.SetLook(w.o.Mode, 100)
	case state.DoScreen:
		w.Go(k.Screen)
	}
}

// keys gives every key of state.Shortcuts to the canvas: the table that F1 shows is the
// only one.
func (w *Window) keys() {
	cv := w.win.Canvas()
	plain := map[fyne.KeyName]func(){}
	runes := map[rune]func(){}
	for _, k := range state.Shortcuts {
		mod := fyne.KeyModifier(0)
		if k.Ctrl {
			mod |= fyne.KeyModifierShortcutDefault
		}
		if k.Shift {
			mod |= fyne.KeyModifierShift
		}
		if k.Alt {
			mod |= fyne.KeyModifierAlt
		}
		switch r := []rune(k.Key); {
		case mod != 0:
			cv.AddShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyName(k.Key), Modifier: mod}, func(fyne.Shortcut) { w.press(k) })
		case len(r) == 1:
			runes[r[0]] = func() { w.press(k) }
		default:
			plain[fyne.KeyName(k.Key)] = func() { w.press(k) }
		}
	}
	w.onKey = func(e *fyne.KeyEvent) {
		if part.OnUse(true) {
			return
		}
		if f := plain[e.Name]; f != nil {
			f()
		} else if r, ok := w.current().(interface{ Keys(*fyne.KeyEvent) }); ok && cv.Overlays().Top() == nil {
			r.Keys(e) // a page that is longer than the window
		}
	}
	cv.SetOnTypedKey(w.onKey)
	cv.SetOnTypedRune(func(r rune) {
		if f := runes[r]; f != nil {
			f()
		}
	})
}

func (w *Window) find() {
	if w.here.Screen != "search" {
		w.Go("search")
	}
	w.current().Find()
}

// compare chooses the posting at hand to be compared, or takes it out.
func (w *Window) compare() {
	var id int64
	if at, ok := w.current().(interface{ At() int64 }); ok {
		id = at.At()
	}
	w.Say(w.s.Compare.Toggle(id))
}

func (w *Window) escape() {
	if w.offer != nil && w.here.Screen != "search" {
		w.Offer(nil, nil)
		return
	}
	if !w.current().Back() {
		w.Back()
	}
}

// pane moves the keyboard to the next part of the window: rail, screen, status bar.
func (w *Window) pane() {
	cv := w.Canvas()
	groups := w.frame.panes()
	at := -1
	for i, g := range groups {
		for _, f := range g {
			if f == cv.Focused() {
				at = i
			}
		}
	}
	for k := 1; k <= len(groups); k++ {
		if g := groups[(at+k)%len(groups)]; len(g) > 0 {
			cv.Focus(g[0])
			return
		}
	}
}

// overLayout fills the window with the frame and lets what floats keep its own place.
type overLayout struct{ w *Window }

func (l *overLayout) MinSize(o []fyne.CanvasObject) fyne.Size { return fyne.NewSize(480, 400) }

func (l *overLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	o[0].Resize(s)
	o[1].Resize(s)
	l.w.placeFloat()
}
