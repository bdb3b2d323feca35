package part

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"passerelle/ui/look"
)

// Result is what a result row shows. All of it is text that the state has put together.
type Result struct {
	Title, Age, Second string // Second: the title on the original site, when it says more
	Employer, Place    string
	Wage               string
	WageKnown          bool
	Tags               []ResultTag
	Ready              bool // false: the row has not come yet
}

// ResultTag is a small label; Warn ones are what a reader should not overlook.
type ResultTag struct {
	Text string
	Warn bool
	Icon look.Icon // of the site of origin; empty: none
}

// roomy says that the type is so large that a title needs a second line of its own.
func roomy() bool { return look.Now().Scale >= 1.5 }

// ResultHeight is the height of every result row.
func ResultHeight() float32 {
	if roomy() {
		return lineHeight(look.Body) + 3*lineHeight(look.Small) + look.Now().Px(28) + 2*look.S3
	}
	return lineHeight(look.Body) + 2*lineHeight(look.Small) + look.Now().Px(28) + 2*look.S3 - look.S1
}

// ResultRow draws one result, in plain canvas text: a row of a list costs 0.02 ms, where a
// label with an ellipsis costs thirty times that.
type ResultRow struct {
	widget.BaseWidget
	Of func(i int) Result

	cur               Result
	selected, hovered bool
	back, edge, rule  *canvas.Rectangle
	title             [2]*canvas.Text
	age               *canvas.Text
	second, firm      *canvas.Text
	place, wage       *canvas.Text
	tags              [3]struct {
		box  *canvas.Rectangle
		text *canvas.Text
		icon *canvas.Image
	}
	bones [3]*canvas.Rectangle
	d     *drawing
}

// NewResultRow makes a row that asks of for what to show.
func NewResultRow(of func(i int) Result) *ResultRow {
	r := &ResultRow{Of: of}
	r.ExtendBaseWidget(r)
	return r
}

// Draw shows the row of an index.
func (r *ResultRow) Draw(i int, selected, hovered bool) {
	r.cur, r.selected, r.hovered = r.Of(i), selected, hovered
	r.Refresh()
}

// AccessibilityLabel reads the row out.
func (r *ResultRow) AccessibilityLabel() string {
	parts := []string{r.cur.Title, r.cur.Second, r.cur.Employer, r.cur.Place, r.cur.Wage}
	for _, t := range r.cur.Tags {
		parts = append(parts, t.Text)
	}
	parts = append(parts, r.cur.Age)
	out := parts[:0]
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, ", ")
}

// AccessibilityRole is that of text.
func (r *ResultRow) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer draws the row.
func (r *ResultRow) CreateRenderer() fyne.WidgetRenderer {
	t := look.Now()
	r.back = canvas.NewRectangle(t.Surface)
	r.edge = canvas.NewRectangle(t.Accent)
	r.rule = canvas.NewRectangle(t.Line)
	r.title = [2]*canvas.Text{line("", look.Body, look.InkText, true), line("", look.Body, look.InkText, true)}
	r.age = line("", look.Caption, look.InkMuted, false)
	r.second = line("", look.Small, look.InkText, false)
	r.firm = line("", look.Small, look.InkMuted, false)
	r.place = line("", look.Small, look.InkMuted, false)
	r.wage = line("", look.Body, look.InkText, true)
	r.d = &drawing{objects: []fyne.CanvasObject{r.back, r.edge, r.rule, r.title[0], r.title[1], r.age, r.second, r.firm, r.place, r.wage}}
	for i := range r.bones {
		r.bones[i] = canvas.NewRectangle(t.Line)
		r.bones[i].CornerRadius = 3
		r.d.objects = append(r.d.objects, r.bones[i])
	}
	for i := range r.tags {
		b := canvas.NewRectangle(color.Transparent)
		b.StrokeWidth = 1
		b.CornerRadius = t.Px(10)
		r.tags[i].box, r.tags[i].text = b, line("", look.Caption, look.InkMuted, false)
		r.tags[i].icon = canvas.NewImageFromResource(nil)
		r.tags[i].icon.FillMode = canvas.ImageFillContain
		r.d.objects = append(r.d.objects, b, r.tags[i].text, r.tags[i].icon)
	}
	r.d.min = func() fyne.Size { return fyne.NewSize(t.Px(160), ResultHeight()) }
	r.d.layout = r.layout
	r.d.refresh = func() { r.layout(r.Size()) }
	return r.d
}

func put(c *canvas.Text, text string, x, y, h float32) float32 {
	c.Text = text
	m := c.MinSize()
	c.Move(fyne.NewPos(x, y+(h-m.Height)/2))
	c.Resize(m)
	return m.Width
}

func (r *ResultRow) layout(s fyne.Size) {
	if s.Width <= 0 {
		return
	}
	t := look.Now()
	r.back.Resize(s)
	r.back.FillColor = t.Surface
	r.edge.Hide()
	if r.selected {
		r.back.FillColor = t.Tint
		r.edge.Show()
	} else if r.hovered {
		r.back.FillColor = t.Ground
	}
	r.edge.Resize(fyne.NewSize(3, s.Height))
	r.rule.Move(fyne.NewPos(0, s.Height-1))
	r.rule.Resize(fyne.NewSize(s.Width, 1))

	x, w := look.S4+3, s.Width-2*look.S4-3
	y := look.S3
	for i, b := range r.bones {
		b.Hide()
		if !r.cur.Ready {
			b.Show()
			b.Move(fyne.NewPos(x, y+4+float32(i)*lineHeight(look.Body)))
			b.Resize(fyne.NewSize(w*[]float32{0.7, 0.45, 0.3}[i], t.Px(10)))
		}
	}
	// Four lines, always filled: under the title comes what it is called on its own site, or
	// the rest of a long title, or else employer and place have a line each. Large type has a
	// line more, for the rest of the title.
	h := lineHeight(look.Body)
	age := wordWidth(r.cur.Age, look.Caption, false)
	if r.cur.Age == "" {
		age = 0
	}
	titles := wrapWords(r.cur.Title, look.Body, true, w-age-look.S3)
	first, rest, left := titles[0], strings.Join(titles[1:], " "), 2 // lines under the first
	if roomy() {
		left = 3
	} else if r.cur.Second != "" {
		first, rest = fit(r.cur.Title, look.Body, true, w-age-look.S3), ""
	}
	put(r.title[0], first, x, y, h)
	put(r.age, r.cur.Age, x+w-age, y, h)
	y += h
	h = lineHeight(look.Small)
	put(r.title[1], fit(rest, look.Body, true, w), x, y, h)
	if rest != "" {
		left--
		if roomy() {
			y += h
		}
	}
	put(r.second, fit(r.cur.Second, look.Small, false, w), x, y, h)
	if r.cur.Second != "" {
		left--
	}
	if r.cur.Second != "" || rest != "" && !roomy() {
		y += h
	}
	if left < 2 {
		// The place is never cut: the employer gives way.
		place := r.cur.Place
		if r.cur.Employer != "" && place != "" {
			place = " · " + place
		}
		pw := measure(place, look.Small, false).Width
		fw := put(r.firm, fit(r.cur.Employer, look.Small, false, max(w-pw, w*0.4)), x, y, h)
		put(r.place, fit(place, look.Small, false, w-fw+1), x+fw, y, h)
	} else {
		put(r.firm, fit(r.cur.Employer, look.Small, false, w), x, y, h)
		y += h
		put(r.place, fit(r.cur.Place, look.Small, false, w), x, y, h)
	}
	y += h
	h = t.Px(28)
	r.wage.TextStyle.Bold = r.cur.WageKnown
	r.wage.TextSize = t.Px(look.Body)
	size := look.Body
	if !r.cur.WageKnown {
		r.wage.TextSize, size = t.Px(look.Small), look.Small
	}
	x += put(r.wage, fit(r.cur.Wage, size, r.cur.WageKnown, w), x, y, h) + look.S2
	right := s.Width - look.S4
	for i := range r.tags {
		tag := &r.tags[i]
		tag.box.Hide()
		tag.text.Hide()
		tag.icon.Hide()
		if i >= len(r.cur.Tags) {
			continue
		}
		g := r.cur.Tags[i]
		text := fit(g.Text, look.Caption, false, w*0.42)
		tw := measure(text, look.Caption, false).Width
		iw := float32(0)
		if g.Icon != "" {
			iw = t.Px(12) + look.S1
		}
		if x+iw+tw+2*look.S2 > right {
			continue // what does not fit is left out; the posting says it
		}
		tag.box.StrokeColor, tag.text.Color = t.Line, t.Muted
		if t.Mode == look.Contrast {
			tag.box.StrokeColor = t.Muted
		}
		if g.Warn {
			tag.box.StrokeColor, tag.text.Color = t.Warning, t.Warning
		}
		bh := t.Px(20)
		tag.box.Move(fyne.NewPos(x, y+(h-bh)/2))
		tag.box.Resize(fyne.NewSize(iw+tw+2*look.S2, bh))
		tag.box.Show()
		tag.text.Show()
		if iw > 0 {
			tag.icon.Resource = look.Draw(g.Icon, t.Warning)
			tag.icon.Move(fyne.NewPos(x+look.S2-1, y+(h-t.Px(12))/2))
			tag.icon.Resize(fyne.NewSquareSize(t.Px(12)))
			tag.icon.Show()
		}
		put(tag.text, text, x+iw+look.S2, y, h)
		x += iw + tw + 2*look.S2 + 6
	}
}

// MenuLine is something that can be done with a row.
type MenuLine struct {
	Text string
	Do   func()
}

// ShowMenu opens a menu at a place of the window. The arrows move in it, Enter takes a line,
// Escape leaves, and the keyboard goes back to what had it.
func ShowMenu(cv fyne.Canvas, at fyne.Position, lines ...MenuLine) {
	back := cv.Focused()
	var popup *widget.PopUp
	done := func() {
		popup.Hide()
		cv.Focus(back)
	}
	var rows []fyne.CanvasObject
	var items []*menuItem
	width := float32(0)
	for _, l := range lines {
		it := newMenuItem(l.Text, false, func() {
			done()
			l.Do()
		})
		it.leave = done
		items, rows = append(items, it), append(rows, it)
		width = max(width, it.MinSize().Width)
	}
	if len(items) == 0 {
		return
	}
	for i, it := range items {
		it.up, it.down = items[(i+len(items)-1)%len(items)], items[(i+1)%len(items)]
	}
	popup = widget.NewPopUp(container.New(edged{}, Column(0, rows...), edge()), cv)
	size := popup.MinSize()
	size.Width = min(max(size.Width, width+2*look.S2), cv.Size().Width)
	popup.Resize(size)
	popup.ShowAtPosition(fyne.NewPos(max(min(at.X, cv.Size().Width-size.Width), 0), max(min(at.Y, cv.Size().Height-size.Height), 0)))
	cv.Focus(items[0])
}
