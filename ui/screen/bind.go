// Package screen draws the states of ui/state with the parts of ui/part. Begin with [Host],
// which is what a screen needs of its window, and with the file of a screen: it has the
// name of the state that it draws. A screen keeps nothing that its state does not: the window
// makes it again whenever theme, scale or language change.
//
// The pattern of a screen X: state/x.go knows and does, and calls Changed; screen/x.go has
// NewX(s, h), which builds the objects once and an update that carries the state over to
// them; a row in ui/nav.go gives it a route, a name and an icon.
package screen

import (
	"context"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/state"
)

// Exec runs the slow work of the states beside Fyne's goroutine. It holds the only
// fyne.Do of the program. Stop waits for what runs.
type Exec struct {
	ctx context.Context
	wg  sync.WaitGroup
}

var _ state.Exec = (*Exec)(nil)

// NewExec makes an executor whose results are dropped once ctx is done.
func NewExec(ctx context.Context) *Exec { return &Exec{ctx: ctx} }

// Go runs work on its own goroutine, then done on Fyne's.
func (e *Exec) Go(work, done func()) {
	e.wg.Go(func() {
		work()
		if e.ctx.Err() == nil {
			fyne.Do(done)
		}
	})
}

// After runs f on Fyne's goroutine once d has passed, unless cancelled.
func (e *Exec) After(d time.Duration, f func()) (cancel func()) {
	off := false // touched on Fyne's goroutine only
	t := time.AfterFunc(d, func() {
		if e.ctx.Err() == nil {
			fyne.Do(func() {
				if !off {
					f()
				}
			})
		}
	})
	return func() { off = true; t.Stop() }
}

// Do runs f on Fyne's goroutine, soon.
func (e *Exec) Do(f func()) { fyne.Do(f) }

// Stop waits for the work that runs; the context must be done.
func (e *Exec) Stop() { e.wg.Wait() }

// Host is what a screen needs of its window.
type Host interface {
	Canvas() fyne.Canvas
	// Width is that of the whole window at 100 % text: the breakpoints compare with it.
	Width() float32
	// Go opens a screen by its name; Has says whether there is one.
	Go(name string)
	Has(name string) bool
	// Read opens a posting by row id, as a place to come back from.
	Read(id int64)
	// Look is how the window looks; SetLook changes it at once and remembers it.
	Look() (mode look.Mode, percent int)
	SetLook(mode look.Mode, percent int)
	// SetLang changes the language at once and remembers it.
	SetLang(l i18n.Lang)
	// Offer shows an object just under another, over everything, without taking the
	// keyboard; nil takes it away.
	Offer(o fyne.CanvasObject, under fyne.CanvasObject)
	// Mend gives the keyboard to the first of these that is shown, if what had it is no
	// longer there: nothing that is used may take the keyboard away with it.
	Mend(to ...fyne.Focusable)
	// Say shows a short sentence for a moment, and keeps it for screen readers.
	Say(sentence string)
}

// Screen is one screen, made.
type Screen interface {
	Object() fyne.CanvasObject
	// Enter is called once it is shown: it gives the keyboard to what one would use first.
	Enter()
	// Back does what Escape does inside the screen, and says whether there was anything to do.
	Back() bool
	// Find gives the keyboard to the search field, if the screen has one.
	Find() bool
}
