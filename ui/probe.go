package ui

import (
	"encoding/json"
	"io"
	"reflect"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Probe writes a line after every change of what can be seen, looking five times a second.
// Only the end-to-end runs turn it on. Writing happens on the drawing goroutine, so that
// no line describes two moments: a plain file is meant.
func (w *Window) Probe(out io.Writer) {
	enc := json.NewEncoder(out)
	var last state.Sight
	n := 0
	const frame = 16 * time.Millisecond
	var longest time.Duration
	at := time.Now()
	var beat func()
	beat = func() { // due every frame: what it is late by is what a person waits
		late := time.Since(at) - frame
		longest = max(longest, late)
		at = time.Now()
		w.s.Exec().After(frame, beat)
	}
	beat()
	var look func()
	look = func() {
		now := w.Sight()
		if longest > 33*time.Millisecond {
			now.Stall = longest.Microseconds()
		}
		longest = 0
		if !reflect.DeepEqual(now, last) {
			last = now
			n++
			now.N, now.At = n, w.s.Now()
			_ = enc.Encode(now) // a full disk shows as missing lines to the run that reads them
		}
		at = time.Now() // the probe's own work is not the window's
		w.s.Exec().After(200*time.Millisecond, look)
	}
	look()
}

// Sight is what can be seen now; N and At are left zero.
func (w *Window) Sight() state.Sight {
	cv := w.Canvas()
	st := w.s
	mode, percent := w.Look()
	v := state.Sight{Route: w.here.Screen, Lang: string(st.Lang()), Theme: string(mode), Percent: percent,
		Size:  [2]int{int(cv.Size().Width), int(cv.Size().Height)},
		Words: st.Search.Typed(), Loading: st.Search.Loading || st.Posting.Loading, Total: st.Search.Result.Total,
		Selected: st.Search.Selected, Number: st.Posting.Posting.Number, Said: w.said, Pending: st.Status.Pending, Online: st.Status.Online}
	if w.away != nil { // nothing of what is hidden
		v.Words, v.Loading, v.Total, v.Selected, v.Number, v.Pending = "", false, 0, -1, 0, 0
	}
	if f, ok := cv.Focused().(fyne.Accessible); ok {
		v.Focus = f.AccessibilityLabel()
	}
	top := cv.Content()
	if o := cv.Overlays().Top(); o != nil {
		top, v.Dialog = o, true
	}
	seen(top, fyne.Position{}, rect{0, 0, cv.Size().Width, cv.Size().Height}, &v)
	return v
}

type rect struct{ x, y, x2, y2 float32 }

func (r rect) and(o rect) rect {
	return rect{max(r.x, o.x), max(r.y, o.y), min(r.x2, o.x2), min(r.y2, o.y2)}
}

func (r rect) empty() bool { return r.x2-r.x < 1 || r.y2-r.y < 1 }

func seen(o fyne.CanvasObject, at fyne.Position, clip rect, v *state.Sight) {
	if o == nil || !o.Visible() {
		return
	}
	at = at.Add(o.Position())
	box := rect{at.X, at.Y, at.X + o.Size().Width, at.Y + o.Size().Height}
	hit := box.and(clip)
	switch o.(type) {
	case *container.Scroll, *container.Clip, *part.Page, *part.List:
		clip = hit
	}
	in := part.Held(o)
	if _, pop := o.(*widget.PopUp); !pop {
		if a, ok := o.(fyne.Accessible); ok && !hit.empty() {
			label := a.AccessibilityLabel()
			_, group := o.(*fyne.Container)
			if label != "" && !group {
				v.Texts = append(v.Texts, label)
			}
			if f, ok := o.(fyne.Focusable); ok {
				d, can := f.(fyne.Disableable)
				if !can || !d.Disabled() {
					s := state.Spot{Label: label, Kind: reflect.Indirect(reflect.ValueOf(o)).Type().Name(),
						X: int(hit.x), Y: int(hit.y), W: int(hit.x2 - hit.x), H: int(hit.y2 - hit.y)}
					if c, ok := o.(*part.Check); ok {
						s.On = c.On()
					}
					v.Controls = append(v.Controls, s)
				}
			}
		}
	}
	for _, x := range in {
		// What a page or a list holds lies below its scroll: its own absolute place counts.
		seenAt(o, x, at, clip, v)
	}
}

// seenAt goes one step in. Widgets give what they hold without saying where: the driver knows.
func seenAt(parent, o fyne.CanvasObject, at fyne.Position, clip rect, v *state.Sight) {
	if _, plain := parent.(*fyne.Container); plain {
		seen(o, at, clip, v)
		return
	}
	if o == nil || !o.Visible() {
		return
	}
	abs := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
	seen(o, abs.Subtract(o.Position()), clip, v)
}
