package screen

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/disk"
	"passerelle/store/occupation"
	"passerelle/store/resume"
	"passerelle/ui/look"
	"passerelle/ui/page"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Resume draws a person's résumés: the list of their versions, and the one that is open, with
// what it will look like beside what is filled in.
type Resume struct {
	s *state.State
	h Host

	page  *part.Page
	col   *fyne.Container
	stops stops
	shown bool
	at    resumeAt
	aim   string // what is to have the keyboard once it is there

	fields  map[string]*part.Field // of the page that is shown: they keep what is typed while all around them is drawn again
	last    map[string]string      // what the document said when a field was filled in
	left    map[string]bool        // fields whose faults are told: one that is being typed in has time
	name    *part.Field
	lang    i18n.Lang // of the version to come
	saved   *part.Text
	preview *fyne.Container
}

// resumeAt is a page of this screen.
type resumeAt struct {
	id, section string
	entry       int
}

// NewResume draws the screen.
func NewResume(s *state.State, h Host) *Resume {
	v := &Resume{s: s, h: h, col: part.Column(look.S6), stops: stops{h: h}, lang: s.Lang()}
	v.page = part.NewPage(part.Pad(part.Narrow(look.Now().Px(1180), v.col), look.S6, look.S8, look.S8, look.S8)).Watch()
	v.at = v.here()
	v.forget()
	s.Resume.Changed, s.Resume.Typed = v.draw, v.typed
	v.draw()
	return v
}

// Object is the screen.
func (v *Resume) Object() fyne.CanvasObject { return v.page }

// Enter reads the list again.
func (v *Resume) Enter() {
	v.shown = true
	if v.aim == "" {
		v.aim = "first"
	}
	v.s.Resume.Load()
	v.draw()
}

// Left has what was typed kept.
func (v *Resume) Left() {
	v.shown = false
	v.s.Resume.Flush()
}

// Back closes an entry, then a section, then the version.
func (v *Resume) Back() bool {
	r := v.s.Resume
	switch {
	case r.ID == "":
		return false
	case r.Section != "":
		v.aim = "section " + r.Section
		r.Turn("")
	default:
		v.aim = "open " + r.ID
		r.Leave()
	}
	return true
}

// Keys scrolls.
func (v *Resume) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// Find does nothing: there is no search field.
func (v *Resume) Find() bool { return false }

func (v *Resume) here() resumeAt {
	r := v.s.Resume
	return resumeAt{r.ID, r.Section, r.Entry}
}

func (v *Resume) forget() {
	v.fields, v.last, v.left, v.name = map[string]*part.Field{}, map[string]string{}, map[string]bool{}, nil
}

// S says a message in the language of the person.
func (v *Resume) S(k i18n.Key, args ...any) string { return v.s.Words().S(k, args...) }

func (v *Resume) draw() {
	now := v.here()
	turned := now != v.at
	if turned {
		v.at = now
		v.forget()
	}
	v.saved, v.preview = nil, nil
	v.stops.redraw(v.content, nil)
	v.mark()
	v.page.Reflow()
	if !v.shown {
		return
	}
	if turned {
		v.page.Scroll(-1e9)
	}
	aim := v.aim
	if turned && aim == "" {
		aim = "first"
	}
	if aim == "" || !v.s.Resume.Loaded && v.s.Resume.Err == nil || v.s.Resume.Busy {
		return
	}
	v.aim = ""
	to, ok := v.stops.at[aim]
	if !ok && aim == "first" {
		for _, n := range v.stops.order {
			if strings.HasPrefix(n, "field ") {
				to, ok = v.stops.at[n], true
				break
			}
		}
	}
	if !ok {
		to = v.stops.first()
	}
	if to != nil {
		v.h.Canvas().Focus(to)
		if aim == "first" {
			v.page.Scroll(-1e9)
		}
	}
}

// typed brings what was typed into the preview, without drawing the fields again.
func (v *Resume) typed() {
	if v.saved == nil {
		return
	}
	v.saved.Set(v.s.Resume.SavedLine())
	if v.s.Resume.SaveProblem() != "" && v.stops.at["retry"] == nil {
		v.draw()
		return
	}
	v.mark()
	v.fill()
	v.page.Reflow()
}

// mark tells what is wrong with the fields.
func (v *Resume) mark() {
	for path, f := range v.fields {
		wrong := v.s.Resume.Wrong(path)
		if wrong == "" || v.left[path] || f.Problem() != "" {
			f.SetError(wrong)
		}
	}
}

// menu is a button that opens a menu under it.
func (v *Resume) menu(name, text, label string, lines func() []part.MenuLine) *part.Button {
	var b *part.Button
	b = v.stops.act(name, text, part.Secondary, func() {
		part.ShowMenu(v.h.Canvas(), under(b), lines()...)
	})
	return called(b, label)
}

func (v *Resume) content() {
	r := v.s.Resume
	if r.ID == "" {
		v.col.Objects = v.list()
		return
	}
	back, to := v.S(i18n.ResumeLeave), func() { v.Back() }
	if r.Section != "" {
		back = v.S(i18n.ResumeBack)
	}
	title := r.Name
	if r.Section != "" {
		title = r.SectionTitle()
	}
	b := part.NewButton(back, part.Link, look.IconBack, to).Small()
	v.stops.add("back", b)
	v.saved = part.NewText(r.SavedLine(), look.Small, look.InkMuted)
	head := part.Column(look.S1, part.Wrap(0, b), part.NewBold(title, look.Title, look.InkText))
	if r.Section != "" {
		head.Add(part.NewText(r.Name, look.Small, look.InkMuted))
	}
	head.Add(v.saved)
	var main []fyne.CanvasObject
	if said := r.SaveProblem(); said != "" {
		main = append(main, part.Banner(part.Bad, look.IconWarn, said, v.stops.act("retry", v.S(i18n.ResumeRetry), part.Secondary, func() { r.Load() })))
	}
	main = append(main, v.banners()...)
	if r.Section == "" {
		main = append(main, v.overview()...)
	} else {
		main = append(main, v.section()...)
	}
	v.preview = part.Column(look.S2)
	v.fill()
	side := part.Section(v.S(i18n.ResumePreview), v.S(i18n.ResumePreviewWhy), v.preview)
	v.col.Objects = []fyne.CanvasObject{head, part.Grid(2, look.Now().Px(440), look.S6, look.S6, part.Column(look.S4, main...), part.Column(0, side))}
}

// banners tell what was done, and how it is taken back.
func (v *Resume) banners() (all []fyne.CanvasObject) {
	r := v.s.Resume
	if r.Fault != "" {
		all = append(all, part.Banner(part.Bad, look.IconWarn, r.Fault))
	}
	if r.Said != "" {
		all = append(all, part.Banner(part.Plain, look.IconInfo, r.Said))
	}
	if r.Removed != nil {
		all = append(all, part.Banner(part.Plain, look.IconInfo, r.Removed.What, v.stops.act("undo", v.S(i18n.SavedUndo), part.Link, r.Back)))
	}
	return all
}

// list is all versions, and how one is begun.
func (v *Resume) list() []fyne.CanvasObject {
	r, w := v.s.Resume, v.s.Words()
	head := part.Column(look.S1, part.NewBold(v.S(i18n.NavResume), look.Title, look.InkText), part.NewText(v.S(i18n.ResumeWhy), look.Body, look.InkMuted))
	col := append([]fyne.CanvasObject{head}, v.banners()...)
	if said := r.Problem(); said != "" {
		return append(col, part.Outlined(part.Column(look.S1, part.NewBold(v.S(i18n.ResumeFailed), look.Body, look.InkDanger), part.NewText(said, look.Body, look.InkText),
			part.Gap(look.S1), part.Wrap(0, v.stops.act("again", v.S(i18n.ProfileRetry), part.Secondary, r.Load)))))
	}
	if !r.Loaded {
		return col
	}
	var rows []fyne.CanvasObject
	for i, x := range r.Versions {
		if i > 0 {
			rows = append(rows, part.Rule(false))
		}
		rows = append(rows, v.version(x))
	}
	why := ""
	if len(rows) == 0 {
		rows, why = []fyne.CanvasObject{part.NewText(v.S(i18n.ResumeEmpty), look.Body, look.InkMuted)}, v.S(i18n.ResumeEmptyWhy)
	}
	lang := languages(v.S(i18n.ResumeLang), v.lang, func(l i18n.Lang) { v.lang = l })
	v.stops.add("lang", lang.Radio)
	acts := []fyne.CanvasObject{}
	add := func(name string, k i18n.Key, kind part.Kind, do func()) {
		b := part.NewButton(v.S(k), kind, "", do)
		if r.Busy {
			b.Disable()
		} else {
			v.stops.add(name, b)
		}
		acts = append(acts, b)
	}
	add("new", i18n.ResumeNewBlank, part.Primary, func() { r.New(v.lang) })
	help := v.S(i18n.ResumeNewImportHelp)
	if r.CanFill() {
		add("profile", i18n.ResumeNewProfile, part.Secondary, func() { r.FromProfile(v.lang) })
	} else {
		help += " " + v.S(i18n.ResumeNewProfileNo)
	}
	add("import", i18n.ResumeNewImport, part.Secondary, func() { PickFile(v.h, w.S(i18n.ResumeImportTitle), "", r.Import) })
	begin := part.Section(v.S(i18n.ResumeNew), v.S(i18n.ResumeNewWhy), lang, part.Wrap(look.S2, acts...), part.NewText(help, look.Small, look.InkMuted))
	if r.Busy {
		begin.Add(part.NewText(v.S(i18n.ResumeBusy), look.Small, look.InkMuted))
	}
	letters := part.NewWrapLink(v.S(i18n.LetterList), look.Body, look.InkAccent, func() { v.h.Go("letter") })
	v.stops.add("letters", letters)
	return append(col, part.Narrow(look.Now().Px(sheetWidth), part.Column(look.S4, part.Section(v.S(i18n.ResumeList), why, rows...), begin,
		part.Section(v.S(i18n.LetterList), v.S(i18n.LetterWhy), letters))))
}

func (v *Resume) version(x state.ResumeVersion) fyne.CanvasObject {
	r, w := v.s.Resume, v.s.Words()
	at := x.Changed.In(v.s.Now().Location())
	changed := w.S(i18n.ResumeChanged, "Date", w.Date(at), "Time", w.Clock(at))
	line := i18n.For(x.Lang).S(i18n.LangName)
	if x.Who != "" {
		line += " · " + x.Who
	}
	var col []fyne.CanvasObject
	var acts []fyne.CanvasObject
	if x.Broken {
		col = append(col, part.NewBold(x.Name, look.Heading-1, look.InkText), part.Labelled(look.IconWarn, part.NewText(v.S(i18n.ResumeBroken), look.Small, look.InkWarning)))
	} else {
		open := part.NewWrapLink(x.Name, look.Heading-1, look.InkAccent, func() { r.Open(x.ID) })
		v.stops.add("open "+x.ID, open)
		mend := part.Labelled(look.IconCheck, part.NewText(v.S(i18n.ResumeMendNone), look.Small, look.InkMuted))
		if x.Mend > 0 {
			mend = part.Labelled(look.IconInfo, part.NewText(w.N(i18n.ResumeMend, x.Mend), look.Small, look.InkWarning))
		}
		col = append(col, open, part.NewText(line, look.Body, look.InkText), part.NewText(changed, look.Small, look.InkMuted), mend)
		acts = append(acts, v.menu("copy "+x.ID, v.S(i18n.ResumeCopy), w.S(i18n.ResumeCopyActs, "Name", x.Name), func() []part.MenuLine { return v.copies(x) }).Small())
	}
	acts = append(acts, called(v.stops.act("remove "+x.ID, v.S(i18n.ResumeRemove), part.Secondary, func() { r.Remove(x) }).Small(), w.S(i18n.ResumeRemoveOf, "Name", x.Name)))
	return part.Ends(look.S4, part.Column(2, col...), part.Column(look.S2, acts...))
}

// copies are the ways to make another version of one.
func (v *Resume) copies(x state.ResumeVersion) (all []part.MenuLine) {
	r := v.s.Resume
	all = append(all, part.MenuLine{Text: v.S(i18n.ResumeCopy), Do: func() { r.Copy(x, x.Lang, false) }})
	other := x.Lang.Other()
	return append(all,
		part.MenuLine{Text: v.S(i18n.ResumeCopyLang, "Lang", i18n.For(other).S(i18n.LangName)), Do: func() { r.Copy(x, other, false) }},
		part.MenuLine{Text: v.S(i18n.ResumeCopyDiscreet), Do: func() { r.Copy(x, x.Lang, true) }})
}

// overview is the version as a whole: what to mend, its sections, and the ways out.
func (v *Resume) overview() (all []fyne.CanvasObject) {
	r, w := v.s.Resume, v.s.Words()
	if len(r.Findings) > 0 {
		box := part.Column(look.S2)
		for i, f := range r.Findings {
			ink := look.InkText
			if f.Private {
				ink = look.InkDanger
			}
			if _, _, ok := r.Where(f); !ok {
				box.Add(part.NewText(f.Say(w), look.Body, ink))
				if f.Key == i18n.ResumeCheckPersonal {
					box.Add(part.Wrap(0, v.stops.act("discreet "+f.Path, v.S(i18n.ResumeDiscreet), part.Secondary, r.Discreet).Small()))
				}
				continue
			}
			if ink == look.InkText {
				ink = look.InkAccent
			}
			l := part.NewWrapLink(f.Say(w), look.Body, ink, func() {
				v.aim = "field " + f.Path
				r.Go(f)
			})
			v.stops.add("mend "+w.Number(i), l)
			box.Add(l)
		}
		all = append(all, part.Section(w.N(i18n.ResumeMend, len(r.Findings)), v.S(i18n.ResumeMendWhy), box))
	}
	out := PrintButton(v.s, v.h, part.Primary, v.paper)
	v.stops.add("print", out)
	files := v.menu("files", v.S(i18n.ResumeExportFiles), v.S(i18n.ResumeExportFiles), v.files)
	all = append(all, part.Section(v.S(i18n.ResumeExport), "", part.Wrap(look.S2, out, files)))

	rows := []fyne.CanvasObject{v.line(state.ResumeHead, v.S(i18n.ResumeHead), v.s.Resume.At("basics.name"), nil)}
	for _, x := range r.Sections() {
		note := v.S(i18n.ResumeSectionNone)
		if x.N > 0 {
			note = w.N(i18n.ResumeSectionSome, x.N)
		}
		if !x.Shown {
			note += " · " + v.S(i18n.ResumeSectionHidden)
		}
		rows = append(rows, part.Rule(false), v.line(x.Name, x.Title, note, func() (lines []part.MenuLine) {
			if !x.First {
				lines = append(lines, part.MenuLine{Text: v.S(i18n.ResumeSectionUp), Do: func() { r.MoveSection(x.Name, -1) }})
			}
			if !x.Last {
				lines = append(lines, part.MenuLine{Text: v.S(i18n.ResumeSectionDown), Do: func() { r.MoveSection(x.Name, 1) }})
			}
			k := i18n.ResumeSectionHide
			if !x.Shown {
				k = i18n.ResumeSectionShow
			}
			return append(lines, part.MenuLine{Text: v.S(k), Do: func() { r.Show(x.Name, !x.Shown) }})
		}))
	}
	all = append(all, part.Section(v.S(i18n.ResumeSections), v.S(i18n.ResumeSectionsWhy), rows...))
	return append(all, v.about())
}

// line is a section: a way into it, and what else can be done with it.
func (v *Resume) line(name, title, note string, lines func() []part.MenuLine) fyne.CanvasObject {
	open := part.NewWrapLink(title, look.Body, look.InkAccent, func() { v.s.Resume.Turn(name) })
	v.stops.add("section "+name, open)
	col := part.Column(2, open)
	if note != "" {
		col.Add(part.NewText(note, look.Small, look.InkMuted))
	}
	if lines == nil {
		return col
	}
	more := v.menu("arrange "+name, v.S(i18n.ResumeArrange), v.S(i18n.ResumeArrangeOf, "Name", title), lines).Small()
	return part.Ends(look.S4, col, part.Column(0, more))
}

// about is what the version is called, and its language.
func (v *Resume) about() fyne.CanvasObject {
	r := v.s.Resume
	if v.name == nil {
		v.name = part.NewField(v.S(i18n.ResumeName), true, "", "").Help(v.S(i18n.ResumeNameHelp)).Set(r.Name)
		v.name.Entry.OnChanged = func(text string) {
			if v.name.SetError(r.NameProblem(text)); v.name.Problem() == "" {
				r.Rename(text)
			}
			v.page.Reflow()
		}
	}
	v.stops.add("name", v.name.Entry)
	lang := languages(v.S(i18n.ResumeLang), r.Lang, r.SetLang)
	v.stops.add("lang", lang.Radio)
	return part.Card(part.Column(look.S4, v.name, part.Column(look.S1, lang, part.NewText(v.S(i18n.ResumeLangNote), look.Small, look.InkMuted))))
}

// section is the one that is open.
func (v *Resume) section() (all []fyne.CanvasObject) {
	r := v.s.Resume
	if r.List() == "" || r.Section == state.ResumeHead {
		col := part.Column(look.S4)
		for _, f := range r.Fields() {
			col.Add(v.field(f, false))
		}
		all = append(all, part.Card(col))
	}
	if r.List() == "" {
		return all
	}
	var rows []fyne.CanvasObject
	for i := range r.Entries() {
		if len(rows) > 0 {
			rows = append(rows, part.Rule(false))
		}
		rows = append(rows, v.entry(i))
	}
	if len(rows) == 0 {
		rows = append(rows, part.NewText(v.S(i18n.ResumeEntryNone), look.Body, look.InkMuted))
	}
	rows = append(rows, part.Wrap(0, v.stops.act("add", v.S(i18n.ResumeEntryAdd), part.Secondary, r.Add)))
	if r.Section == state.ResumeHead {
		return append(all, part.Section(v.S(i18n.ResumePages), v.S(i18n.ResumePagesWhy), rows...))
	}
	all = append(all, part.Card(part.Column(look.S3, rows...)))
	if entries, _, _ := r.Offer(); len(entries) > 0 {
		all = append(all, part.Section(v.S(i18n.ResumeOffer), "", v.offers("entry", entries)))
	}
	return all
}

// offers are words that can be used.
func (v *Resume) offers(what string, words []string) fyne.CanvasObject {
	r := v.s.Resume
	var all []fyne.CanvasObject
	const most = 12
	for _, x := range words[:min(most, len(words))] {
		all = append(all, called(v.stops.act("offer "+x, x, part.Link, func() { r.Take(what, x) }).Small(), v.S(i18n.ResumeOfferAdd, "Name", x)))
	}
	return part.Column(look.S1, all...)
}

func (v *Resume) entry(i int) fyne.CanvasObject {
	r, w := v.s.Resume, v.s.Words()
	title, note := r.EntryLine(i)
	n := w.Number(i)
	if r.Entry != i {
		open := part.NewWrapLink(title, look.Body, look.InkAccent, func() { r.Pick(i) })
		v.stops.add("entry "+n, open)
		col := part.Column(2, open)
		if note != "" {
			col.Add(part.NewText(note, look.Small, look.InkMuted))
		}
		more := v.menu("arrange "+n, v.S(i18n.ResumeArrange), v.S(i18n.ResumeArrangeOf, "Name", title), func() (lines []part.MenuLine) {
			if i > 0 {
				lines = append(lines, part.MenuLine{Text: v.S(i18n.ResumeSectionUp), Do: func() { r.Move(i, -1) }})
			}
			if i+1 < r.Entries() {
				lines = append(lines, part.MenuLine{Text: v.S(i18n.ResumeSectionDown), Do: func() { r.Move(i, 1) }})
			}
			return append(lines, part.MenuLine{Text: v.S(i18n.ResumeRemove), Do: func() { r.Drop(i) }})
		}).Small()
		return part.Ends(look.S4, col, part.Column(0, more))
	}
	col := part.Column(look.S4)
	_, titles, tasks := r.Offer()
	for _, f := range r.EntryFields() {
		col.Add(v.field(f, true))
		if f.Name == "position" && len(titles) > 0 {
			col.Add(part.Labelling(v.S(i18n.ResumeOfferTitles), v.offers("title", titles)))
		}
		if f.Name == "highlights" && len(tasks) > 0 {
			col.Add(part.Labelling(v.S(i18n.ResumeOfferTasks), v.offers("task", tasks)))
		}
	}
	col.Add(part.Wrap(look.S2, v.stops.act("done", v.S(i18n.ResumeEntryDone), part.Primary, func() {
		v.aim = "entry " + n
		r.Pick(-1)
	}), called(v.stops.act("drop", v.S(i18n.ResumeRemove), part.Secondary, func() {
		v.aim = "undo"
		r.Drop(i)
	}), v.S(i18n.ResumeRemoveOf, "Name", title))))
	return col
}

// field is one that is filled in; it stays the same while the rest is drawn again.
func (v *Resume) field(f state.ResumeField, entry bool) fyne.CanvasObject {
	r := v.s.Resume
	path := r.Path(f, entry)
	in := v.fields[path]
	text := r.At(path)
	if in == nil {
		switch {
		case f.Rows > 0:
			in = part.NewArea(v.S(f.Label), f.Rows, "")
		case f.Day:
			in = part.NewDay(v.S(f.Label), v.S(i18n.ResumeDay))
		default:
			in = part.NewField(v.S(f.Label), true, "", "")
		}
		if f.Help != "" {
			in.Help(v.S(f.Help))
		}
		in.Set(text)
		v.fields[path], v.last[path], v.left[path] = in, text, text != ""
		in.Entry.OnChanged = func(text string) {
			r.Type(path, text)
			v.last[path] = r.At(path)
		}
		in.OnFocus(func(on bool) {
			if !on && v.fields[path] == in {
				v.left[path] = true
				if wrong := r.Wrong(path); wrong != in.Problem() {
					in.SetError(wrong)
					v.page.Reflow()
				}
			}
		})
	} else if v.last[path] != text { // it was changed by something else than typing
		v.last[path] = text
		in.Set(text)
	}
	v.stops.add("field "+path, in.Entry)
	return in
}

// fill draws the preview.
func (v *Resume) fill() {
	if v.preview == nil {
		return
	}
	v.preview.Objects = drawPage(page.Resume(v.s.Resume.Doc(), v.s.Resume.Lang))
}

// drawPage draws a page in the window: what will be printed.
func drawPage(p page.Page) []fyne.CanvasObject {
	all := []fyne.CanvasObject{part.NewBold(p.Title, look.Title, look.InkText)}
	for _, b := range p.Blocks {
		switch {
		case b.Heading != "" && b.Level <= 2:
			all = append(all, part.Gap(look.S1), part.NewBold(b.Heading, look.Heading, look.InkText), part.Rule(false))
		case b.Heading != "":
			all = append(all, part.NewBold(b.Heading, look.Body, look.InkText))
		case b.Text != "":
			all = append(all, part.NewText(b.Text, look.Body, look.InkText))
		case len(b.List) > 0:
			for _, x := range b.List {
				all = append(all, part.Bullet(x))
			}
		case b.Link.URL != "":
			all = append(all, part.NewText(b.Link.Text+" · "+b.Link.URL, look.Body, look.InkText))
		}
	}
	return all
}

// paper is the version, to be printed.
func (v *Resume) paper() Paper {
	r := v.s.Resume
	return Paper{Name: fileName(r.Name), Page: func() page.Page { return page.Resume(r.Doc(), r.Lang) }, Own: true}
}

// files are the other ways out.
func (v *Resume) files() []part.MenuLine {
	r := v.s.Resume
	d, l := r.Doc(), r.Lang
	name := fileName(r.Name)
	save := func(k i18n.Key, ext string, of func() []byte) part.MenuLine {
		return part.MenuLine{Text: v.S(k), Do: func() { saveBytes(v.s, v.h, v.S(k), name, ext, of()) }}
	}
	text := func() []byte { return pageText(page.Resume(d, l)) }
	lines := []part.MenuLine{
		{Text: v.S(i18n.ResumeExportCopy), Do: func() {
			v.s.Copy(string(text()))
			v.h.Say(v.S(i18n.Copied))
		}},
		save(i18n.ResumeExportText, ".txt", text),
		save(i18n.ResumeExportJson, ".json", d.Bytes),
		save(i18n.ResumeExportEuropass, ".xml", func() []byte { return d.Europass(l, resume.Whole) }),
		save(i18n.ResumeExportEuropassDiscreet, ".xml", func() []byte { return d.Discreet().Europass(l, resume.Bare) }),
	}
	for _, f := range r.Findings {
		if f.Key == i18n.ResumeCheckPersonal {
			return append(lines, save(i18n.ResumeExportJsonDiscreet, ".json", func() []byte { return d.Discreet().Bytes() }))
		}
	}
	return lines
}

func pageText(p page.Page) []byte {
	var b bytes.Buffer
	_ = p.Text(&b) // a buffer takes everything
	return b.Bytes()
}

// saveBytes asks where a file is to be written, and writes it there, whole or not at all.
func saveBytes(s *state.State, h Host, title, name, ext string, b []byte) {
	SaveFile(h, title, name+ext, func(path string) {
		if filepath.Ext(path) == "" {
			path += ext
		}
		w := s.Words()
		var err error
		s.Exec().Go(func() {
			err = disk.Write(path, func(to io.Writer) error { _, err := to.Write(b); return err })
		}, func() {
			if err != nil {
				h.Say(w.S(i18n.FileFailed, "Detail", state.PrivateProblem(w, err)))
				return
			}
			h.Say(w.S(i18n.FileSaved, "Path", path))
		})
	})
}

// fileName is a name as every system takes one: letters without marks, digits and hyphens.
func fileName(name string) string {
	name = strings.Join(strings.FieldsFunc(occupation.Fold(name), func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), "-")
	if rs := name[:min(len(name), 60)]; rs != "" {
		return strings.Trim(rs, "-")
	}
	return "document"
}
