package screen

import (
	"fmt"
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
	note  *part.Field // of the posting that is being written about
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
	why := i18n.SavedWhy
	if s.Saved.Follows() {
		why = i18n.SavedFollows
	}
	v.page = part.Sheet(w.S(i18n.SavedTitle), w.S(why), look.Now().Px(sheetWidth), v.col)
	s.Saved.Changed, s.Hidden.Changed = v.draw, v.draw
	v.draw()
	return v
}

// Object is the screen.
func (v *Saved) Object() fyne.CanvasObject { return v.page }

// Enter reads the lists again.
func (v *Saved) Enter() {
	v.fresh = true
	v.s.Hidden.Load()
	v.s.Saved.Load()
}

func (v *Saved) focus() {
	if f := v.stops.first(); f != nil {
		v.h.Canvas().Focus(f)
	} else if v.s.Saved.Loaded && len(v.s.Saved.Postings)+len(v.s.Saved.Searches) == 0 {
		v.h.Canvas().Focus(v.find)
	}
}

// Back leaves the name of a search, or a note, as it was.
func (v *Saved) Back() bool {
	if n := v.s.Saved.Noting; n != 0 {
		v.s.Saved.DropNote()
		v.noted(n)
		return true
	}
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

// noted gives the keyboard to the button that writes a note.
func (v *Saved) noted(posting int64) {
	if f, ok := v.stops.at["note "+strconv.FormatInt(posting, 10)]; ok {
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
	if _, ok := v.stops.at["note-text "+strconv.FormatInt(v.s.Saved.Noting, 10)]; v.note != nil && ok && v.s.Saved.Noting != 0 {
		v.note.SetError(v.s.Saved.NoteErr)
		v.page.Reflow()
		return
	}
	v.name, v.note = nil, nil
	v.stops.redraw(v.rows, func() fyne.Focusable { return v.find })
	v.page.Reflow()
	switch {
	case v.name != nil:
		v.h.Canvas().Focus(v.name.Entry)
	case v.note != nil:
		v.h.Canvas().Focus(v.note.Entry)
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
		v.col.Objects = append(col, v.hidden()...)
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
	v.col.Objects = append(col, v.hidden()...)
}

// hidden lists what is not to be seen again; nothing where nothing is.
func (v *Saved) hidden() []fyne.CanvasObject {
	h, w := v.s.Hidden, v.s.Words()
	var rows []fyne.CanvasObject
	if h.Err != nil {
		rows = append(rows, part.NewText(state.Explain(w, h.Err), look.Body, look.InkDanger))
	}
	for i, l := range h.List {
		if i > 0 {
			rows = append(rows, part.Rule(false))
		}
		show := part.NewButton(w.S(i18n.HiddenShow), part.Secondary, "", func() { h.Show(l.Hidden) }).Small()
		show.Label = w.S(i18n.HiddenShowLabel, "Name", l.Title)
		v.stops.add(fmt.Sprint("show ", l.Posting, " ", l.Number, " ", l.Employer), show)
		line := part.Column(2, part.NewBold(l.Title, look.Body, look.InkText))
		if l.Who != "" {
			line.Add(part.NewText(l.Who, look.Small, look.InkMuted))
		}
		line.Add(part.NewText(l.When, look.Small, look.InkMuted))
		rows = append(rows, part.Ends(look.S4, line, part.Column(0, show)))
	}
	if len(rows) == 0 {
		return nil
	}
	return []fyne.CanvasObject{part.Section(w.S(i18n.HiddenTitle), w.S(i18n.HiddenWhy), rows...)}
}

func (v *Saved) posting(p cache.SavedPosting) fyne.CanvasObject {
	w, l := v.s.Words(), v.s.Saved.Line(p)
	id := strconv.FormatInt(p.ID, 10)
	title := l.Head.Title
	remove := part.NewButton(w.S(i18n.SavedRemove), part.Secondary, "", func() { v.s.Saved.Unsave(p) }).Small()
	remove.Label = w.S(i18n.SavedRemoveLabel, "Name", title)
	if l.Bare { // there is nothing to read yet
		v.stops.add("remove "+id, remove)
		col := []fyne.CanvasObject{part.NewBold(title, look.Body, look.InkText), part.NewText(w.S(i18n.SavedBare), look.Small, look.InkMuted),
			part.NewText(l.Kept, look.Small, look.InkMuted)}
		return part.Ends(look.S4, part.Column(2, append(col, v.noteOf(p.ID, title)...)...), part.Column(0, remove))
	}
	read := part.NewWrapLink(title, look.Heading-1, look.InkAccent, func() { v.h.Read(p.ID) })
	v.stops.add("read "+id, read)
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
	compare := compareButton(v.s, v.h, p.ID, title, part.Link).Small()
	v.stops.add("compare "+id, compare)
	acts := []fyne.CanvasObject{remove, compare}
	if follow := followButton(v.s, v.h, title, part.Link, p.Posting, v.draw); follow != nil {
		v.stops.add("follow "+id, follow.Small())
		acts = append(acts, follow)
	}
	return part.Ends(look.S4, part.Column(2, append(col, v.noteOf(p.ID, title)...)...), part.Column(look.S2, acts...))
}

// At is the posting that the keyboard is on.
func (v *Saved) At() int64 { return v.stops.posting() }

// noteOf is what the person wrote for themselves beside a posting, and how it is written.
func (v *Saved) noteOf(posting int64, title string) []fyne.CanvasObject {
	a, w := v.s.Saved, v.s.Words()
	text, can := a.NoteOf(posting)
	if !can {
		return nil
	}
	id := strconv.FormatInt(posting, 10)
	if a.Noting == posting {
		v.note = part.NewArea(w.S(i18n.SavedNote), 4, "").Help(w.S(i18n.SavedNoteHelp))
		v.note.Entry.SetText(a.Note)
		v.note.SetError(a.NoteErr)
		v.note.Entry.OnChanged = a.TypeNote
		keep := part.NewButton(w.S(i18n.SavedNoteKeep), part.Primary, "", func() {
			a.AcceptNote()
			if a.Noting == 0 {
				v.noted(posting)
			}
		})
		drop := part.NewButton(w.S(i18n.SavedDrop), part.Secondary, "", func() { v.Back() })
		v.stops.add("note-text "+id, v.note.Entry)
		v.stops.add("note-keep "+id, keep)
		v.stops.add("note-drop "+id, drop)
		return []fyne.CanvasObject{part.Gap(look.S2), v.note, part.Gap(look.S2), part.Wrap(look.S2, keep, drop)}
	}
	key := i18n.SavedNoteAdd
	var col []fyne.CanvasObject
	if text != "" {
		key = i18n.SavedNoteChange
		col = append(col, part.Gap(look.S1), part.NewText(w.S(i18n.SavedNoteIs, "Text", text), look.Body, look.InkText))
	}
	write := part.NewButton(w.S(key), part.Link, "", func() { a.WriteNote(posting) }).Small()
	write.Label = w.S(i18n.SavedNoteLabel, "What", w.S(key), "Name", title)
	v.stops.add("note "+id, write)
	return append(col, part.Wrap(0, write))
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
