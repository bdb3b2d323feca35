package screen

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/page"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// compareWidth is the widest that a comparison gets, and compareLeast the least that one of
// its columns needs, in px at 100 % text.
const (
	compareWidth = 1280
	compareLeast = 190
)

// Compare draws two to four postings side by side.
type Compare struct {
	s     *state.State
	h     Host
	page  *part.Page
	col   *fyne.Container
	find  *part.Button
	undo  *part.Button
	print *part.Button
	clear *part.Button
	only  *part.Check
	stops stops
	fresh bool // just entered: the keyboard goes to the first column once it has come
}

// NewCompare draws the screen.
func NewCompare(s *state.State, h Host) *Compare {
	v := &Compare{s: s, h: h, col: part.Column(look.S4), stops: stops{h: h}}
	w, c := s.Words(), s.Compare
	v.find = part.NewButton(w.S(i18n.SavedToSearch), part.Primary, look.IconSearch, func() { h.Go("search") })
	v.undo = part.NewButton(w.S(i18n.CompareUndo), part.Link, "", c.Back)
	v.clear = part.NewButton(w.S(i18n.CompareClear), part.Secondary, "", c.Clear)
	v.only = part.NewCheck(w.S(i18n.CompareDiffer), "", c.Differ, c.SetDiffer)
	v.print = PrintButton(s, h, part.Secondary, func() Paper {
		return Paper{Name: w.S(i18n.CompareFile), Own: true, Page: func() page.Page { return page.Comparison(s) }}
	})
	v.page = part.Sheet(w.S(i18n.CompareTitle), w.S(i18n.CompareWhy), look.Now().Px(compareWidth), v.col)
	c.Changed = v.draw
	v.draw()
	return v
}

// Object is the screen.
func (v *Compare) Object() fyne.CanvasObject { return v.page }

// Enter reads the postings again.
func (v *Compare) Enter() {
	v.fresh = true
	v.s.Compare.Load()
}

// Back does nothing: there is nothing to close.
func (v *Compare) Back() bool { return false }

// Find does nothing: there is no search field.
func (v *Compare) Find() bool { return false }

// Keys scrolls.
func (v *Compare) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// At is the posting whose column has the keyboard.
func (v *Compare) At() int64 { return v.stops.posting() }

func (v *Compare) draw() {
	v.stops.redraw(v.rows, func() fyne.Focusable { return v.find })
	v.page.Reflow()
	if c := v.s.Compare; v.fresh && !c.Loading {
		v.fresh = false
		f := v.stops.first()
		if len(c.Columns) > 0 {
			f = v.stops.at["read "+strconv.FormatInt(c.Columns[0].Posting.ID, 10)]
		}
		if f != nil {
			v.h.Canvas().Focus(f)
		}
	}
}

func (v *Compare) rows() {
	c, w := v.s.Compare, v.s.Words()
	var col []fyne.CanvasObject
	if c.Removed != nil {
		v.stops.add("undo", v.undo)
		col = append(col, part.Banner(part.Plain, look.IconInfo, c.Removed.What, v.undo))
	}
	if c.Err != nil {
		col = append(col, part.Outlined(part.Column(look.S1, part.NewBold(w.S(i18n.CompareFailed), look.Body, look.InkDanger),
			part.NewText(state.Explain(w, c.Err), look.Body, look.InkText))))
	}
	if c.Lost > 0 && !c.Loading && c.Err == nil {
		col = append(col, part.Banner(part.Warn, look.IconInfo, w.N(i18n.CompareLost, c.Lost)))
	}
	if len(c.Chosen) == 0 {
		v.stops.add("find", v.find)
		v.col.Objects = append(col, part.Card(part.Empty(look.IconCompare, w.S(i18n.CompareEmpty), w.S(i18n.CompareEmptyWhy), v.find)))
		return
	}
	if len(c.Columns) < state.CompareLeast && !c.Loading {
		v.stops.add("find", v.find)
		col = append(col, part.Banner(part.Plain, look.IconInfo, w.S(i18n.CompareFew), v.find))
	}
	if len(c.Columns) == 0 {
		v.col.Objects = col
		return
	}
	lines, _, _ := c.Shown()
	acts := []fyne.CanvasObject{v.print, v.clear}
	v.stops.add("print", v.print)
	v.stops.add("clear", v.clear)
	names := c.Names()
	if len(c.Columns) >= state.CompareLeast {
		v.stops.add("only", v.only)
		col = append(col, part.Column(look.S2, part.NewText(c.Summary(), look.Body, look.InkText), v.only))
	}
	var table []fyne.CanvasObject
	least := look.Now().Px(compareLeast)
	var heads []fyne.CanvasObject
	for i, x := range c.Columns {
		heads = append(heads, v.head(x, names[i]))
	}
	table = append(table, part.Versus(least, part.Gap(0), nil, heads...))
	for _, l := range lines {
		table = append(table, part.Rule(false), v.line(l, names))
	}
	v.col.Objects = append(col, part.Wrap(look.S2, acts...), part.Card(part.Column(look.S3, table...)))
}

// head is that of a column: the title opens the posting.
func (v *Compare) head(x state.Compared, name string) fyne.CanvasObject {
	w, p := v.s.Words(), x.Posting
	id := strconv.FormatInt(p.ID, 10)
	read := part.NewWrapLink(name, look.Heading, look.InkAccent, func() { v.h.Read(p.ID) })
	v.stops.add("read "+id, read)
	remove := part.NewButton(w.S(i18n.CompareRemove), part.Link, "", func() { v.s.Compare.Remove(p.ID, name) }).Small()
	remove.Label = w.S(i18n.CompareRemoveLabel, "Name", name)
	v.stops.add("remove "+id, remove)
	col := []fyne.CanvasObject{read}
	if h := state.Head(p.Card, w.Lang()); h.Original != "" {
		col = append(col, part.NewText(h.Original, look.Small, look.InkMuted))
	}
	col = append(col, part.NewText(state.Number(w, p.Number), look.Small, look.InkMuted))
	if p.Ended(v.s.Now()) {
		col = append(col, part.NewText(w.S(i18n.PageEnded), look.Small, look.InkWarning))
	}
	return part.Column(2, append(col, part.Wrap(0, remove))...)
}

func (v *Compare) line(l state.CompareLine, names []string) fyne.CanvasObject {
	w := v.s.Words()
	word, ink := w.S(i18n.CompareDifferent), look.InkWarning
	if l.Same {
		word, ink = w.S(i18n.CompareSameness), look.InkMuted
	}
	label := []fyne.CanvasObject{part.NewBold(l.Label, look.Body, look.InkText)}
	if len(l.Cells) > 1 {
		label = append(label, part.NewText(word, look.Caption, ink))
	}
	var cells []fyne.CanvasObject
	for _, c := range l.Cells {
		var col []fyne.CanvasObject
		for _, text := range c.Lines {
			if l.Long {
				col = append(col, part.Bullet(text))
				continue
			}
			col = append(col, part.NewText(text, look.Body, look.InkText))
		}
		if len(col) == 0 {
			col = append(col, part.NewText(w.S(i18n.CompareUnsaid), look.Body, look.InkMuted))
		}
		if c.Best != "" {
			col = append(col, part.Labelled(look.IconCheck, part.NewText(c.Best, look.Small, look.InkAccent)))
		}
		cells = append(cells, part.Column(2, col...))
	}
	return part.Versus(look.Now().Px(compareLeast), part.Column(0, label...), names, cells...)
}

// compareKey names the act that adds a posting to the comparison, or takes it out.
func compareKey(s *state.State, id int64) i18n.Key {
	if s.Compare.Has(id) {
		return i18n.CompareTakeOut
	}
	return i18n.CompareAct
}

// compareButton adds a posting to the comparison, or takes it out, and says what came of it.
func compareButton(s *state.State, h Host, id int64, name string, kind part.Kind) *part.Button {
	w := s.Words()
	key, icon := compareKey(s, id), look.IconCompare
	if kind == part.Link {
		icon = ""
	}
	b := part.NewButton(w.S(key), kind, icon, func() { h.Say(s.Compare.Toggle(id)) })
	if name != "" {
		b.Label = w.S(i18n.CompareActLabel, "Act", w.S(key), "Name", name)
	}
	return b
}

// posting is the one that the control with the keyboard is about: its row id ends the name.
func (s *stops) posting() int64 {
	focused := s.h.Canvas().Focused()
	for name, f := range s.at {
		if i := strings.LastIndexByte(name, ' '); f == focused && focused != nil && i > 0 {
			if id, err := strconv.ParseInt(name[i+1:], 10, 64); err == nil {
				return id
			}
		}
	}
	return 0
}
