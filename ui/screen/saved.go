package screen

import (
	"strconv"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Saved draws what a person keeps: postings and searches.
type Saved struct {
	s     *state.State
	h     Host
	page  *part.Page
	col   *fyne.Container
	name  *part.Field // of the search that is being renamed
	find  *part.Button
	undo  *part.Button
	stops stops
	fresh bool // just entered: the keyboard goes to the first row once it has come
}

// NewSaved draws the screen.
func NewSaved(s *state.State, h Host) *Saved {
	v := &Saved{s: s, h: h, col: part.Column(look.S4), stops: stops{h: h}}
	w := s.Words()
	v.find = part.NewButton(w.S(i18n.SavedToSearch), part.Primary, look.IconSearch, func() { h.Go("search") })
	v.undo = part.NewButton(w.S(i18n.SavedUndo), part.Link, "", func() { s.Saved.Back() })
	v.page = part.Sheet(w.S(i18n.SavedTitle), w.S(i18n.SavedWhy), look.Now().Px(sheetWidth), v.col)
	s.Saved.Changed = v.draw
	v.draw()
	return v
}

// Object is the screen.
func (v *Saved) Object() fyne.CanvasObject { return v.page }

// Enter reads both lists again.
func (v *Saved) Enter() {
	v.fresh = true
	v.s.Saved.Load()
}

func (v *Saved) focus() {
	if f := v.stops.first(); f != nil {
		v.h.Canvas().Focus(f)
	} else if v.s.Saved.Loaded && len(v.s.Saved.Postings)+len(v.s.Saved.Searches) == 0 {
		v.h.Canvas().Focus(v.find)
	}
}

// Back leaves the name of a search as it was.
func (v *Saved) Back() bool {
	id := v.s.Saved.Renaming
	if id == "" {
		return false
	}
	v.s.Saved.Drop()
	v.back(id)
	return true
}

// back gives the keyboard to the button that renames a search.
func (v *Saved) back(id string) {
	if f, ok := v.stops.at["rename "+id]; ok {
		v.h.Canvas().Focus(f)
	}
}

// Keys scrolls.
func (v *Saved) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// Find does nothing: there is no search field.
func (v *Saved) Find() bool { return false }

func (v *Saved) draw() {
	renaming := v.name != nil && v.name.Entry.HasFocus()
	id := v.s.Saved.Renaming
	if v.name != nil && id != "" && v.nameOf(id) { // typing goes on: only the error changes
		v.name.SetError(v.s.Saved.NameErr)
		v.page.Reflow()
		return
	}
	v.name = nil
	v.stops.redraw(v.rows, func() fyne.Focusable { return v.find })
	v.page.Reflow()
	switch {
	case v.name != nil:
		v.h.Canvas().Focus(v.name.Entry)
	case v.fresh && v.s.Saved.Loaded:
		v.fresh = false
		v.focus()
	case renaming:
		v.focus()
	}
}

// nameOf says whether the field that is drawn is that of a search.
func (v *Saved) nameOf(id string) bool {
	_, ok := v.stops.at["name "+id]
	return ok
}

func (v *Saved) rows() {
	a, w := v.s.Saved, v.s.Words()
	var col []fyne.CanvasObject
	if a.Removed != nil {
		v.stops.add("undo", v.undo)
		col = append(col, part.Banner(part.Plain, look.IconInfo, a.Removed.What, v.undo))
	}
	if a.Err != nil {
		col = append(col, part.Outlined(part.Column(look.S1, part.NewBold(w.S(i18n.SavedFailed), look.Body, look.InkDanger),
			part.NewText(state.Explain(w, a.Err), look.Body, look.InkText))))
	}
	if a.Loaded && len(a.Postings) == 0 && len(a.Searches) == 0 {
		col = append(col, part.Card(part.Empty(look.IconSaved, w.S(i18n.SavedEmpty), w.S(i18n.SavedEmptyWhy), v.find)))
		v.col.Objects = col
		return
	}
	if a.Loaded {
		var ps, qs []fyne.CanvasObject
		for i, p := range a.Postings {
			if i > 0 {
				ps = append(ps, part.Rule(false))
			}
			ps = append(ps, v.posting(p))
		}
		why := ""
		if len(ps) == 0 {
			ps, why = append(ps, part.NewText(w.S(i18n.SavedEmpty), look.Body, look.InkMuted)), w.S(i18n.SavedEmptyWhy)
		}
		for i, q := range a.Searches {
			if i > 0 {
				qs = append(qs, part.Rule(false))
			}
			qs = append(qs, v.search(q))
		}
		searchesWhy := ""
		if len(qs) == 0 {
			qs, searchesWhy = append(qs, part.NewText(w.S(i18n.SavedSearchesEmpty), look.Body, look.InkMuted)), w.S(i18n.SavedSearchesEmptyWhy)
		}
		col = append(col, part.Section(w.S(i18n.SavedPostings), why, ps...), part.Section(w.S(i18n.SavedSearches), searchesWhy, qs...))
	}
	v.col.Objects = col
}

func (v *Saved) posting(p cache.SavedPosting) fyne.CanvasObject {
	w, l := v.s.Words(), v.s.Saved.Line(p)
	id := strconv.FormatInt(p.ID, 10)
	title := l.Head.Title
	read := part.NewWrapLink(title, look.Heading-1, look.InkAccent, func() { v.h.Read(p.ID) })
	v.stops.add("read "+id, read)
	remove := part.NewButton(w.S(i18n.SavedRemove), part.Secondary, "", func() { v.s.Saved.Unsave(p) }).Small()
	remove.Label = w.S(i18n.SavedRemoveLabel, "Name", title)
	v.stops.add("remove "+id, remove)
	col := []fyne.CanvasObject{read}
	if l.Ended {
		col = append(col, part.Pad(part.Wrap(0, part.Badge(w.S(i18n.TagEnded), look.InkWarning)), look.S1, 0, 2, 0), part.NewText(l.EndedLine, look.Small, look.InkMuted))
	}
	if l.Head.Original != "" {
		col = append(col, part.NewText(l.Head.Original, look.Small, look.InkMuted))
	}
	who := l.Place
	if l.Employer != "" {
		who = l.Employer + " · " + who
	}
	col = append(col, part.NewText(who, look.Body, look.InkText))
	if l.WageKnown {
		col = append(col, part.NewBold(l.Wage, look.Body, look.InkText))
	} else {
		col = append(col, part.NewText(l.Wage, look.Small, look.InkMuted))
	}
	col = append(col, part.NewText(state.Number(w, l.Number)+" · "+l.Kept, look.Small, look.InkMuted))
	return part.Ends(look.S4, part.Column(2, col...), part.Column(0, remove))
}

func (v *Saved) search(q cache.Search) fyne.CanvasObject {
	a, w := v.s.Saved, v.s.Words()
	id := q.ID
	if a.Renaming == q.ID {
		v.name = part.NewField(w.S(i18n.SavedName), true, "", "")
		v.name.Entry.SetText(a.Name)
		v.name.SetError(a.NameErr)
		v.name.Entry.OnChanged = a.Type
		accept := func() {
			a.Accept()
			if a.Renaming == "" {
				v.back(q.ID)
			}
		}
		v.name.Entry.OnSubmitted = func(string) { accept() }
		keep := part.NewButton(w.S(i18n.SavedAccept), part.Primary, "", accept)
		drop := part.NewButton(w.S(i18n.SavedDrop), part.Secondary, "", func() { v.Back() })
		v.stops.add("name "+id, v.name.Entry)
		v.stops.add("accept "+id, keep)
		v.stops.add("drop "+id, drop)
		return part.Column(look.S3, v.name, part.Wrap(look.S2, keep, drop))
	}
	act := func(name string, text, label i18n.Key, kind part.Kind, do func()) fyne.CanvasObject {
		b := part.NewButton(w.S(text), kind, "", do).Small()
		b.Label = w.S(label, "Name", q.Label)
		v.stops.add(name+" "+id, b)
		return b
	}
	run := act("run", i18n.SavedRun, i18n.SavedRunLabel, part.Primary, func() {
		a.Run(q)
		v.h.Go("search")
	})
	rename := act("rename", i18n.SavedRename, i18n.SavedRenameLabel, part.Secondary, func() { a.Rename(q) })
	remove := act("remove-search", i18n.SavedRemove, i18n.SavedRemoveLabel, part.Secondary, func() { a.RemoveSearch(q) })
	return part.Column(look.S2, part.NewBold(q.Label, look.Body, look.InkText), part.Wrap(look.S2, run, rename, remove))
}
