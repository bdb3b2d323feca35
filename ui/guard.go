package ui

import (
	"slices"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// away is what the lock hides: where one was, what stood over the window, and what had the
// keyboard. Nothing of it is on the canvas, so neither the window nor the probe shows it; it
// comes back as it was to the same person alone.
type away struct {
	here     Route
	overlays []fyne.CanvasObject
	focus    fyne.Focusable
	keys     func(*fyne.KeyEvent)
}

// doorKeys are what the window's own keys still do while it is locked.
var doorKeys = map[state.Deed]bool{state.DoLanguage: true, state.DoLarger: true, state.DoSmaller: true,
	state.DoNormal: true, state.DoKeys: true, state.DoBack: true, state.DoPane: true}

// title is that of the window: it says nothing of what is hidden.
func (w *Window) title() string {
	name := w.s.Words().S(i18n.AppName)
	if w.away != nil {
		return w.s.Words().S(i18n.LockWindow, "App", name)
	}
	return name
}

// moved follows who is at the desk.
func (w *Window) moved(other bool) {
	if other {
		w.leave()
	}
	switch locked := w.s.Present.Locked(); {
	case locked && w.away == nil:
		w.hide()
	case !locked && w.away != nil:
		w.unhide()
	}
	if other && w.s.Present.Gone {
		w.Say(w.s.Present.Problem())
	}
	if to := w.s.Present.Wanted; w.s.Present.Signed() && to.Screen != "" {
		w.s.Present.Wanted = state.Target{}
		w.target(to)
	}
}

// leave forgets everything of the person who was here: what stands over the window, where
// they were, what the screens hold.
func (w *Window) leave() {
	w.warned()
	cv := w.Canvas()
	part.Dismiss()
	for o := cv.Overlays().Top(); o != nil; o = cv.Overlays().Top() {
		cv.Overlays().Remove(o)
	}
	cv.SetOnTypedKey(w.onKey)
	w.quiet()
	w.past, w.next, w.away = nil, nil, nil
	w.here = Route{Screen: w.s.Arrival()}
	w.Rebuild()
}

// quiet takes away what is shown for a moment.
func (w *Window) quiet() {
	if w.hush != nil {
		w.hush()
		w.hush = nil
	}
	w.toast, w.said, w.tip, w.tipFor = nil, "", nil, nil
	w.Offer(nil, nil)
	w.placeFloat()
}

// hide takes everything off the canvas. What was typed stays in the screens and dialogs, but
// for passwords, codes and answers, which go.
func (w *Window) hide() {
	w.warned()
	cv := w.Canvas()
	w.quiet()
	a := &away{here: w.here, focus: cv.Focused(), keys: cv.OnTypedKey(), overlays: slices.Clone(cv.Overlays().List())}
	w.left()
	for _, sc := range w.screens {
		wipe(sc.Object())
	}
	for _, o := range slices.Backward(a.overlays) {
		wipe(o)
		cv.Overlays().Remove(o)
	}
	w.s.Me.Drop()
	cv.Unfocus()
	cv.SetOnTypedKey(w.onKey)
	delete(w.screens, "lock") // made anew for whoever it is that has left
	w.away = a
	w.here = Route{Screen: "lock"}
	w.win.SetTitle(w.title())
	w.show()
}

// unhide puts everything back as it was.
func (w *Window) unhide() {
	a, cv := w.away, w.Canvas()
	w.away = nil
	w.here = a.here
	w.win.SetTitle(w.title())
	w.show()
	for _, o := range a.overlays {
		cv.Overlays().Add(o)
	}
	if len(a.overlays) > 0 {
		cv.SetOnTypedKey(a.keys)
	}
	if top := cv.Overlays().Top(); a.focus != nil {
		in := cv.Content()
		if top != nil {
			in = top
		}
		if slices.Contains(focusables(in), a.focus) {
			cv.Focus(a.focus)
		}
	}
}

// left tells the screen at hand that it is left: secrets go, and it stops asking the server.
func (w *Window) left() {
	if sc, ok := w.screens[w.here.Screen].(interface{ Left() }); ok {
		sc.Left()
	}
}

// closed gives the keyboard back after a dialog. The screen behind it may have been drawn
// anew: then the control of the same name has it, or else the first one.
func (w *Window) closed(back fyne.Focusable) {
	cv := w.Canvas()
	in := cv.Content()
	if top := cv.Overlays().Top(); top != nil {
		in = top
	}
	all := focusables(in)
	if back == nil || slices.Contains(all, back) {
		if back != nil {
			cv.Focus(back)
		}
		return
	}
	if was, ok := back.(fyne.Accessible); ok {
		for _, f := range all {
			if a, ok := f.(fyne.Accessible); ok && a.AccessibilityLabel() == was.AccessibilityLabel() {
				cv.Focus(f)
				return
			}
		}
	}
	if body := focusables(w.frame.body); in == cv.Content() && len(body) > 0 {
		cv.Focus(body[0])
	} else if len(all) > 0 {
		cv.Focus(all[0])
	}
}

// wipe empties the secret fields of a part of the window, hidden ones too.
func wipe(o fyne.CanvasObject) {
	if o == nil {
		return
	}
	if e, ok := o.(*part.Entry); ok && (e.Hidden || e.Password) && e.Text != "" {
		e.SetText("")
	}
	for _, x := range part.Held(o) {
		wipe(x)
	}
}

// warned shows, moves or takes away the countdown.
func (w *Window) warned() {
	l, words := w.s.Lock, w.s.Words()
	if !l.Warning || w.s.Present.Locked() {
		if d := w.count; d != nil {
			w.count, w.countText = nil, nil
			d.Close()
		}
		return
	}
	if w.count != nil {
		w.countText.Set(l.Countdown())
		return
	}
	stay := part.NewButton(words.S(i18n.LockStay), part.Primary, "", l.Stay)
	now := part.NewButton(words.S(i18n.LockNow), part.Secondary, "", w.s.Present.LockNow)
	w.countText = part.NewText(l.Countdown(), look.Body, look.InkText)
	why := i18n.LockSoonWhy
	if w.s.Present.Unkept {
		why = i18n.LockSoonUnkept
	}
	w.count = part.ShowDialog(w.Canvas(), words.S(i18n.LockSoon), part.Column(look.S3, w.countText,
		part.NewText(words.S(why), look.Body, look.InkText)), stay, 480, stay, now)
	w.count.OnClose = func() { // Escape is a key, too
		if w.count != nil {
			w.count, w.countText = nil, nil
			l.Stay()
		}
	}
}

// seek keeps where a person wants to go, and opens the door that leads there.
func (w *Window) seek(to state.Target) {
	w.s.Present.Wanted = to
	if w.away != nil {
		return // the lock is that door
	}
	w.s.People.Known(func() {
		switch {
		case w.s.Present.Wanted != to || w.away != nil: // meanwhile somebody came, or went elsewhere
		case len(w.s.People.List) > 0 || !w.Has("signin"):
			w.visit(Route{Screen: "people"})
		default:
			w.visit(Route{Screen: "signin"})
		}
	})
}

// who leads to the person who is at the desk, or to where one signs in.
func (w *Window) who() {
	if w.first() {
		w.Go("signin")
		return
	}
	w.Go("people")
}

// first says that nobody ever signed in here, as far as the desk shows.
func (w *Window) first() bool {
	return !w.s.Present.Signed() && !w.s.Present.Shared && len(w.s.People.List) == 0 && w.Has("signin")
}

// Follow opens the place that a link names, as app://account/devices: somebody who has not
// signed in does so first, and arrives there then (B-014). A link that names nothing is refused.
func (w *Window) Follow(link string) bool {
	to, ok := state.Place(link)
	if !ok || !w.Has(to.Screen) {
		return false
	}
	if w.away != nil || to.Private && w.s.Accounts() && !w.s.Present.Signed() {
		w.seek(to)
		return true
	}
	w.target(to)
	return true
}

func (w *Window) target(to state.Target) {
	if to.Screen == "me" {
		w.s.Me.Open(to.Part)
	}
	w.Go(to.Screen)
}
