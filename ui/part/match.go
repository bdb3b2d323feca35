package part

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"passerelle/ui/look"
)

// Match is what a row of a [MatchRow] shows: a posting, how well it suits, and why.
type Match struct {
	Title, Who string
	Percent    int
	Share      string    // the same in words
	Stars      int       // of five
	Tally      [3]string // how many requirements are met, partly met, missing; "": none
	Lacks      string
	Tag        string // an invitation; "": none
	Marked     bool   // chosen among others
	Mark       string // the same, in words
	Said       string // the tally and the stars in words
	Ready      bool   // false: the posting has not come yet
}

// MatchHeight is the height of every row.
func MatchHeight() float32 {
	n := float32(1)
	if roomy() {
		n = 2
	}
	return n*lineHeight(look.Body) + 2*lineHeight(look.Small) + look.Now().Px(24) + 2*look.S3
}

// MatchRow draws one posting that suits, in plain canvas text as [ResultRow] does.
type MatchRow struct {
	widget.BaseWidget
	Of func(i int) Match

	cur               Match
	selected, hovered bool
	back, edge, rule  *canvas.Rectangle
	title             [2]*canvas.Text
	share, who, lacks *canvas.Text
	track, bar        *canvas.Rectangle
	stars             [5]*canvas.Image
	marks             [3]*canvas.Image
	tally             [3]*canvas.Text
	tag               *canvas.Text
	box               *canvas.Rectangle
	bones             [3]*canvas.Rectangle
	d                 *drawing
}

// NewMatchRow makes a row that asks of for what to show.
func NewMatchRow(of func(i int) Match) *MatchRow {
	r := &MatchRow{Of: of}
	r.ExtendBaseWidget(r)
	return r
}

// Draw shows the row of an index.
func (r *MatchRow) Draw(i int, selected, hovered bool) {
	r.cur, r.selected, r.hovered = r.Of(i), selected, hovered
	r.Refresh()
}

// AccessibilityLabel reads the row out.
func (r *MatchRow) AccessibilityLabel() string {
	var out []string
	for _, p := range []string{r.cur.Title, r.cur.Share, r.cur.Who, r.cur.Tag, r.cur.Said, r.cur.Lacks, r.cur.Mark} {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, ", ")
}

// AccessibilityRole is that of text.
func (r *MatchRow) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// Stands are how a requirement stands, met, partly, missing: the drawing and its ink. A word
// always stands beside it.
var Stands = [3]struct {
	Icon look.Icon
	Ink  look.Ink
}{{look.IconMet, look.InkAccent}, {look.IconPartly, look.InkWarning}, {look.IconMissing, look.InkDanger}}

// CreateRenderer draws the row.
func (r *MatchRow) CreateRenderer() fyne.WidgetRenderer {
	t := look.Now()
	r.back, r.edge, r.rule = canvas.NewRectangle(t.Surface), canvas.NewRectangle(t.Accent), canvas.NewRectangle(t.Line)
	r.track, r.bar = canvas.NewRectangle(t.Track), canvas.NewRectangle(t.Accent)
	r.track.CornerRadius, r.bar.CornerRadius = 4, 4
	r.title = [2]*canvas.Text{line("", look.Body, look.InkText, true), line("", look.Body, look.InkText, true)}
	r.share = line("", look.Body, look.InkAccent, true)
	r.who, r.lacks = line("", look.Small, look.InkMuted, false), line("", look.Small, look.InkText, false)
	r.tag = line("", look.Caption, look.InkAccent, true)
	r.box = canvas.NewRectangle(t.Tint)
	r.box.CornerRadius = t.Px(10)
	r.d = &drawing{objects: []fyne.CanvasObject{r.back, r.edge, r.rule, r.title[0], r.title[1], r.share, r.who, r.lacks, r.track, r.bar, r.box, r.tag}}
	icon := func(i look.Icon, ink look.Ink) *canvas.Image {
		img := canvas.NewImageFromResource(look.Draw(i, t.Ink(ink)))
		img.FillMode = canvas.ImageFillContain
		r.d.objects = append(r.d.objects, img)
		return img
	}
	for i := range r.stars {
		r.stars[i] = icon(look.IconStar, look.InkAccent)
	}
	for i := range r.marks {
		r.marks[i] = icon(Stands[i].Icon, Stands[i].Ink)
		r.tally[i] = line("", look.Caption, look.InkText, false)
		r.d.objects = append(r.d.objects, r.tally[i])
	}
	for i := range r.bones {
		r.bones[i] = canvas.NewRectangle(t.Line)
		r.bones[i].CornerRadius = 3
		r.d.objects = append(r.d.objects, r.bones[i])
	}
	r.d.min = func() fyne.Size { return fyne.NewSize(t.Px(160), MatchHeight()) }
	r.d.layout = r.layout
	r.d.refresh = func() { r.layout(r.Size()) }
	return r.d
}

func (r *MatchRow) layout(s fyne.Size) {
	if s.Width <= 0 {
		return
	}
	t := look.Now()
	r.back.Resize(s)
	r.back.FillColor = t.Surface
	r.edge.Hide()
	if r.selected {
		r.back.FillColor = t.Tint
	} else if r.hovered {
		r.back.FillColor = t.Ground
	}
	if r.selected || r.cur.Marked {
		r.edge.Show()
	}
	r.edge.Resize(fyne.NewSize(3, s.Height))
	r.rule.Move(fyne.NewPos(0, s.Height-1))
	r.rule.Resize(fyne.NewSize(s.Width, 1))
	x, w, y := look.S4+3, s.Width-2*look.S4-3, look.S3
	for i, b := range r.bones {
		b.Hide()
		if !r.cur.Ready {
			b.Show()
			b.Move(fyne.NewPos(x, y+4+float32(i)*lineHeight(look.Body)))
			b.Resize(fyne.NewSize(w*[]float32{0.6, 0.45, 0.3}[i], t.Px(10)))
		}
	}
	h := lineHeight(look.Body)
	sw := measure(r.cur.Share, look.Body, true).Width
	put(r.share, r.cur.Share, x+w-sw, y, h)
	titles := wrapWords(r.cur.Title, look.Body, true, w-sw-look.S3)
	first, rest := titles[0], strings.Join(titles[1:], " ")
	if !roomy() {
		first, rest = fit(r.cur.Title, look.Body, true, w-sw-look.S3), ""
	}
	put(r.title[0], first, x, y, h)
	y += h
	put(r.title[1], fit(rest, look.Body, true, w), x, y, h)
	if rest != "" {
		y += h
	}
	h = lineHeight(look.Small)
	put(r.who, fit(r.cur.Who, look.Small, false, w), x, y, h)
	y += h
	h = t.Px(24)
	r.share.Color = t.Accent
	show := func(o fyne.CanvasObject, on bool) {
		if on {
			o.Show()
		} else {
			o.Hide()
		}
	}
	at, right := x, x+w
	bw := min(t.Px(96), w*0.3)
	show(r.track, r.cur.Ready)
	show(r.bar, r.cur.Ready)
	r.track.Move(fyne.NewPos(at, y+(h-look.S2)/2))
	r.track.Resize(fyne.NewSize(bw, look.S2))
	r.bar.Move(r.track.Position())
	r.bar.Resize(fyne.NewSize(bw*float32(r.cur.Percent)/100, look.S2))
	at += bw + look.S2
	size := t.Px(13)
	for i, img := range r.stars {
		show(img, r.cur.Ready)
		want := look.IconNoStar
		if i < r.cur.Stars {
			want = look.IconStar
		}
		paint(img, look.Draw(want, t.Accent))
		img.Move(fyne.NewPos(at, y+(h-size)/2))
		img.Resize(fyne.NewSquareSize(size))
		at += size
	}
	at += look.S3
	for i := range r.marks {
		n := ""
		if r.cur.Ready {
			n = r.cur.Tally[i]
		}
		tw := measure(n, look.Caption, false).Width
		on := n != "" && at+size+look.S1+tw <= right
		show(r.marks[i], on)
		show(r.tally[i], on)
		if !on {
			continue
		}
		r.marks[i].Move(fyne.NewPos(at, y+(h-size)/2))
		r.marks[i].Resize(fyne.NewSquareSize(size))
		put(r.tally[i], n, at+size+look.S1, y, h)
		at += size + look.S1 + tw + look.S3
	}
	tag := r.cur.Tag
	if r.cur.Marked {
		tag = r.cur.Mark
	}
	tw := measure(tag, look.Caption, true).Width
	on := tag != "" && at+tw+2*look.S2 <= right
	show(r.tag, on)
	show(r.box, on)
	if on {
		bh := t.Px(20)
		r.box.Move(fyne.NewPos(right-tw-2*look.S2, y+(h-bh)/2))
		r.box.Resize(fyne.NewSize(tw+2*look.S2, bh))
		put(r.tag, tag, right-tw-look.S2, y, h)
	}
	y += h
	put(r.lacks, fit(r.cur.Lacks, look.Small, false, w), x, y, lineHeight(look.Small))
}

// Sign sets a drawing beside what it is about, whose words say the same.
func Sign(i look.Icon, ink look.Ink, o fyne.CanvasObject) *fyne.Container {
	return container.New(&beside{gap: look.S2}, Icon(i, ink), o)
}
