package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"passerelle/ui/look"
)

// Input is what is filled in on a [Form]: a [Field], a [Pick], an [Agree].
type Input interface {
	fyne.CanvasObject
	Name() string         // what it is called, for the list of what to mend
	Stop() fyne.Focusable // what takes the keyboard
	SetError(text string) // what is wrong with it and how to mend it; "": nothing
	Problem() string
}

// FormOptions are the words of a form and where it stands.
type FormOptions struct {
	Title string
	Why   string   // what it is for; may be empty
	Where string   // "Step 2 of 4"; "": the pages are not numbered
	Steps []string // their names, in order
	At    int      // which of them, from 1
	// Mend heads the list of what is to be mended, for n points.
	Mend func(n int) string
	// Field writes a line of that list: the name of a field, then what is wrong with it.
	Field func(name, problem string) string
	Side  fyne.CanvasObject // what helps to decide, in a card beside the fields; nil: none
	Acts  []*Button         // the primary one first
}

// FormError is a field that has to be mended. A Field that the form does not hold is
// listed without a link.
type FormError struct{ Field, Text string }

// Form is one page that is filled in: title, steps, what to mend first with links to the
// fields, fields one under the other, one primary act and what else can be done.
// Begin with [NewForm], then Add each input and show Page.
type Form struct {
	o      FormOptions
	page   *Page
	notice *fyne.Container
	mend   *fyne.Container
	box    *fyne.Container
	fields *fyne.Container
	acts   *fyne.Container

	names  []string
	inputs map[string]Input
}

const (
	formWidth = 1080 // px at 100 %: fields and side card
	sideWidth = 300
	sideLeast = 720 // under this width the side card lies below the fields
)

// NewForm makes an empty form.
func NewForm(o FormOptions) *Form {
	f := &Form{o: o, inputs: map[string]Input{}}
	t := look.Now()
	head := []fyne.CanvasObject{NewBold(o.Title, look.Title, look.InkText)}
	if o.Why != "" {
		head = append(head, NewText(o.Why, look.Body, look.InkMuted))
	}
	f.notice, f.mend, f.fields = Column(look.S2), Column(look.S1), Column(look.S4)
	f.notice.Hide()
	f.box = Outlined(f.mend)
	f.box.Hide()
	acts := make([]fyne.CanvasObject, 0, len(o.Acts))
	for _, a := range o.Acts {
		acts = append(acts, a)
	}
	f.acts = Wrap(look.S2, acts...)
	main := Column(look.S4, f.notice, f.box, f.fields, f.acts)
	var body fyne.CanvasObject = Narrow(t.Px(formWidth-sideWidth), main)
	if o.Side != nil {
		body = Flanked(main, o.Side)
	}
	col := []fyne.CanvasObject{Column(look.S1, head...)}
	if len(o.Steps) > 0 {
		col = append(col, NewSteps(o.Where, o.Steps, o.At))
	}
	col = append(col, body)
	f.page = NewPage(Pad(Narrow(t.Px(formWidth), Column(look.S6, col...)), look.S6, look.S8, look.S8, look.S8)).Watch()
	return f
}

// Page is the form, drawn.
func (f *Form) Page() *Page { return f.page }

// Add puts an input under the others. name is that of the field in [FormError].
func (f *Form) Add(name string, in Input) {
	f.names = append(f.names, name)
	f.inputs[name] = in
	f.fields.Add(in)
	if e, ok := in.Stop().(*Entry); ok && !e.MultiLine && e.OnSubmitted == nil {
		e.OnSubmitted = func(string) { f.Submit() }
	}
}

// Put places text, or anything else, between the inputs.
func (f *Form) Put(o fyne.CanvasObject) { f.fields.Add(o) }

// Submit uses the primary act, as Enter in a field does.
func (f *Form) Submit() {
	if len(f.o.Acts) > 0 && f.o.Acts[0].Visible() {
		f.o.Acts[0].Use()
	}
}

// Input is an input by its name, nil if the form holds none.
func (f *Form) Input(name string) Input {
	if in, ok := f.inputs[name]; ok {
		return in
	}
	return nil
}

// Notice shows what concerns the whole form above everything; nil takes it away.
func (f *Form) Notice(o fyne.CanvasObject) {
	f.notice.Objects = nil
	if o == nil {
		f.notice.Hide()
	} else {
		f.notice.Objects = []fyne.CanvasObject{o}
		f.notice.Show()
	}
	f.page.Reflow()
}

// Show marks what is to be mended and lists it at the top; none clears all.
func (f *Form) Show(errs []FormError) {
	was := map[string]string{}
	for _, e := range errs {
		if was[e.Field] == "" {
			was[e.Field] = e.Text
		}
	}
	for _, n := range f.names {
		f.inputs[n].SetError(was[n])
	}
	f.mend.Objects = nil
	if len(errs) == 0 {
		f.box.Hide()
		f.page.Reflow()
		return
	}
	f.mend.Objects = append(f.mend.Objects, NewBold(f.o.Mend(len(errs)), look.Body, look.InkDanger))
	for _, e := range errs {
		in := f.Input(e.Field)
		if in == nil {
			f.mend.Objects = append(f.mend.Objects, NewText(e.Text, look.Body, look.InkDanger))
			continue
		}
		f.mend.Objects = append(f.mend.Objects, NewWrapLink(f.o.Field(in.Name(), e.Text), look.Body, look.InkDanger, func() { Focus(in.Stop()) }))
	}
	f.box.Show()
	f.page.Reflow()
}

// FocusWrong gives the keyboard to the first input that is to be mended, and says whether
// there was one. The page shows its top, where all of it is listed with what helps, as far as
// the input stays in sight.
func (f *Form) FocusWrong() bool {
	for _, n := range f.names {
		if in := f.inputs[n]; in.Problem() != "" {
			Focus(in.Stop())
			f.page.Scroll(-1e9)
			reveal(in)
			return true
		}
	}
	return false
}

// First is what has the keyboard first: the first input, else the primary act.
func (f *Form) First() fyne.Focusable {
	for _, n := range f.names {
		return f.inputs[n].Stop()
	}
	if len(f.o.Acts) > 0 {
		return f.o.Acts[0]
	}
	return nil
}

// Flanked sets what helps to decide in a card at the right of what is filled in, or below it
// where there is no room.
func Flanked(main, side fyne.CanvasObject) *fyne.Container {
	t := look.Now()
	return container.New(&flanked{side: t.Px(sideWidth), least: t.Px(sideLeast), gap: look.S6}, main, Card(side))
}

// flanked sets a card at the right of what is filled in, or below it where there is no room.
type flanked struct {
	side, least, gap float32
	width            float32
}

func (l *flanked) beside(width float32) (float32, bool) {
	if width < l.least {
		return width, false
	}
	return width - l.side - l.gap, true
}

func (l *flanked) heightFor(o []fyne.CanvasObject, width float32) float32 {
	w, ok := l.beside(width)
	if ok {
		return max(HeightFor(o[0], w), HeightFor(o[1], l.side))
	}
	return HeightFor(o[0], w) + l.gap + HeightFor(o[1], w)
}

func (l *flanked) MinSize(o []fyne.CanvasObject) fyne.Size {
	w := minWidth(o)
	return fyne.NewSize(w, l.heightFor(o, max(l.width, w)))
}

func (l *flanked) Layout(o []fyne.CanvasObject, s fyne.Size) {
	l.width = s.Width
	w, ok := l.beside(s.Width)
	h := HeightFor(o[0], w)
	o[0].Move(fyne.Position{})
	o[0].Resize(fyne.NewSize(w, h))
	if ok {
		o[1].Move(fyne.NewPos(w+l.gap, 0))
		o[1].Resize(fyne.NewSize(l.side, HeightFor(o[1], l.side)))
		return
	}
	o[1].Move(fyne.NewPos(0, h+l.gap))
	o[1].Resize(fyne.NewSize(w, HeightFor(o[1], w)))
}

// NewSteps shows where a person stands: the sentence, then a bar and a name for each step.
// Steps that are done have a tick, the one at hand is in bold under a thicker bar; colour
// only repeats it.
func NewSteps(where string, names []string, at int) *fyne.Container {
	t := look.Now()
	var cells []fyne.CanvasObject
	for i, n := range names {
		bar := canvas.NewRectangle(t.Muted)
		high := float32(2)
		text := NewText(n, look.Small, look.InkMuted)
		var label fyne.CanvasObject = text
		switch {
		case i+1 < at:
			bar.FillColor, high = t.Accent, 4
			label = Labelled(look.IconCheck, text)
		case i+1 == at:
			bar.FillColor, high = t.Accent, 6
			label = NewBold(n, look.Small, look.InkAccent)
		}
		bar.SetMinSize(fyne.NewSize(1, high))
		cells = append(cells, Column(look.S1, container.New(&foot{t.Px(6)}, bar), label))
	}
	return Column(look.S2, NewText(where, look.Small, look.InkText), Grid(len(names), t.Px(130), look.S2, look.S2, cells...))
}

// foot keeps a height, and sets what it holds at its foot.
type foot struct{ high float32 }

func (l *foot) heightFor([]fyne.CanvasObject, float32) float32 { return l.high }
func (l *foot) MinSize([]fyne.CanvasObject) fyne.Size          { return fyne.NewSize(1, l.high) }
func (l *foot) Layout(o []fyne.CanvasObject, s fyne.Size) {
	h := o[0].MinSize().Height
	o[0].Move(fyne.NewPos(0, s.Height-h))
	o[0].Resize(fyne.NewSize(s.Width, h))
}
