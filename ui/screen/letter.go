package screen

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/posting"
	"passerelle/store/resume"
	"passerelle/ui/look"
	"passerelle/ui/page"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Letter draws a person's cover letters: the list, and the one that is open with what it
// leaves to fill in, beside what it will look like.
type Letter struct {
	s *state.State
	h Host

	page  *part.Page
	col   *fyne.Container
	stops stops
	shown bool
	at    string // id of the letter that is drawn
	aim   string // what is to have the keyboard once it is there

	name, subject, text *part.Field
	vars                map[resume.Var]*part.Field
	lang                i18n.Lang // of the letter to come
	template            int
	saved               *part.Text
	ready               *fyne.Container
	preview             *fyne.Container
}

// NewLetter draws the screen.
func NewLetter(s *state.State, h Host) *Letter {
	v := &Letter{s: s, h: h, col: part.Column(look.S6), stops: stops{h: h}, lang: s.Lang(), at: s.Letter.ID, vars: map[resume.Var]*part.Field{}}
	v.page = part.NewPage(part.Pad(part.Narrow(look.Now().Px(1180), v.col), look.S6, look.S8, look.S8, look.S8)).Watch()
	s.Letter.Changed, s.Letter.Typed = v.draw, v.typed
	v.draw()
	return v
}

// Object is the screen.
func (v *Letter) Object() fyne.CanvasObject { return v.page }

// Enter reads the list again.
func (v *Letter) Enter() {
	v.shown, v.aim = true, "first"
	v.s.Letter.Load()
	v.draw()
}

// Left has what was typed kept.
func (v *Letter) Left() {
	v.shown = false
	v.s.Letter.Flush()
}

// Back goes back to the list.
func (v *Letter) Back() bool {
	l := v.s.Letter
	if l.ID == "" {
		return false
	}
	v.aim = "open " + l.ID
	l.Leave()
	return true
}

// Keys scrolls.
func (v *Letter) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// Find does nothing: there is no search field.
func (v *Letter) Find() bool { return false }

// S says a message in the language of the person.
func (v *Letter) S(k i18n.Key, args ...any) string { return v.s.Words().S(k, args...) }

func (v *Letter) draw() {
	l := v.s.Letter
	turned := v.at != l.ID
	if turned {
		v.at, v.name, v.subject, v.text, v.vars = l.ID, nil, nil, nil, map[resume.Var]*part.Field{}
	}
	v.saved, v.ready, v.preview = nil, nil, nil
	v.stops.redraw(v.content, nil)
	v.page.Reflow()
	if !v.shown {
		return
	}
	aim := v.aim
	if turned {
		v.page.Scroll(-1e9)
		if aim == "" {
			aim = "first"
		}
	}
	if aim == "" || !l.Loaded || l.Busy {
		return
	}
	v.aim = ""
	to, ok := v.stops.at[aim]
	if !ok && l.ID != "" {
		to, ok = v.stops.at["about"]
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

// typed brings what was typed into the preview.
func (v *Letter) typed() {
	if v.saved == nil {
		return
	}
	v.saved.Set(v.s.Letter.SavedLine())
	if v.s.Letter.SaveProblem() != "" && v.stops.at["retry"] == nil {
		v.draw()
		return
	}
	v.fill()
	v.page.Reflow()
}

func (v *Letter) content() {
	if v.s.Letter.ID == "" {
		v.col.Objects = v.list()
		return
	}
	v.col.Objects = v.editor()
}

func (v *Letter) banners() (all []fyne.CanvasObject) {
	l := v.s.Letter
	if l.Fault != "" {
		all = append(all, part.Banner(part.Bad, look.IconWarn, l.Fault))
	}
	if l.Removed != nil {
		all = append(all, part.Banner(part.Plain, look.IconInfo, l.Removed.What, v.stops.act("undo", v.S(i18n.SavedUndo), part.Link, l.Back)))
	}
	return all
}

func (v *Letter) list() []fyne.CanvasObject {
	l, w := v.s.Letter, v.s.Words()
	to := part.NewButton(v.S(i18n.LetterToResumes), part.Link, look.IconBack, func() { v.h.Go("resume") }).Small()
	v.stops.add("resumes", to)
	col := append([]fyne.CanvasObject{part.Column(look.S1, part.Wrap(0, to), part.NewBold(v.S(i18n.LetterList), look.Title, look.InkText),
		part.NewText(v.S(i18n.LetterWhy), look.Body, look.InkMuted))}, v.banners()...)
	if said := l.Problem(); said != "" {
		return append(col, part.Outlined(part.Column(look.S1, part.NewBold(v.S(i18n.LetterFailed), look.Body, look.InkDanger), part.NewText(said, look.Body, look.InkText),
			part.Gap(look.S1), part.Wrap(0, v.stops.act("again", v.S(i18n.ProfileRetry), part.Secondary, l.Load)))))
	}
	if !l.Loaded {
		return col
	}
	var rows []fyne.CanvasObject
	for i, x := range l.All {
		if i > 0 {
			rows = append(rows, part.Rule(false))
		}
		rows = append(rows, v.line(x))
	}
	why := ""
	if len(rows) == 0 {
		rows, why = []fyne.CanvasObject{part.NewText(v.S(i18n.LetterEmpty), look.Body, look.InkMuted)}, v.S(i18n.LetterEmptyWhy)
	}
	lang := languages(v.S(i18n.ResumeLang), v.lang, func(x i18n.Lang) { v.lang = x })
	var names []string
	for _, t := range state.LetterTemplates {
		names = append(names, t.Word(w))
	}
	template := part.NewPick(v.S(i18n.LetterNewTemplate), names[0], v.S(i18n.Cancel), names, v.template, func(i int) { v.template = i })
	v.stops.add("template", template.Stop())
	v.stops.add("lang", lang.Radio)
	begin := part.NewButton(v.S(i18n.LetterNewBegin), part.Primary, "", func() { l.New(state.LetterTemplates[v.template], v.lang) })
	if l.Busy {
		begin.Disable()
	} else {
		v.stops.add("new", begin)
	}
	return append(col, part.Narrow(look.Now().Px(sheetWidth), part.Column(look.S4, part.Section(v.S(i18n.LetterList), why, rows...),
		part.Section(v.S(i18n.LetterNew), "", template, lang, part.Wrap(0, begin)))))
}

// languages is a choice of the language of a document.
func languages(label string, now i18n.Lang, pick func(i18n.Lang)) *part.Options {
	langs := i18n.Languages()
	var names []string
	for _, l := range langs {
		names = append(names, i18n.For(l).S(i18n.LangName))
	}
	return part.NewOptions(label, names, slices.Index(langs, now), func(i int) { pick(langs[i]) })
}

func (v *Letter) line(x state.LetterLine) fyne.CanvasObject {
	l, w := v.s.Letter, v.s.Words()
	at := x.Changed.In(v.s.Now().Location())
	open := part.NewWrapLink(x.Body.Name, look.Heading-1, look.InkAccent, func() { l.Open(x) })
	v.stops.add("open "+x.ID, open)
	said := i18n.For(i18n.Lang(x.Body.Lang)).S(i18n.LangName)
	if x.Body.Subject != "" {
		said += " · " + x.Body.Subject
	}
	copied := called(v.stops.act("copy "+x.ID, v.S(i18n.ResumeCopy), part.Secondary, func() { l.Copy(x) }).Small(), w.S(i18n.ResumeCopyActs, "Name", x.Body.Name))
	remove := called(v.stops.act("remove "+x.ID, v.S(i18n.ResumeRemove), part.Secondary, func() { l.Remove(x) }).Small(), w.S(i18n.ResumeRemoveOf, "Name", x.Body.Name))
	return part.Ends(look.S4, part.Column(2, open, part.NewText(said, look.Body, look.InkText),
		part.NewText(w.S(i18n.ResumeChanged, "Date", w.Date(at), "Time", w.Clock(at)), look.Small, look.InkMuted)), part.Column(look.S2, copied, remove))
}

func (v *Letter) editor() []fyne.CanvasObject {
	l := v.s.Letter
	back := part.NewButton(v.S(i18n.LetterLeave), part.Link, look.IconBack, func() { v.Back() }).Small()
	v.stops.add("back", back)
	v.saved = part.NewText(l.SavedLine(), look.Small, look.InkMuted)
	head := part.Column(look.S1, part.Wrap(0, back), part.NewBold(l.Body.Name, look.Title, look.InkText), v.saved)
	var main []fyne.CanvasObject
	if said := l.SaveProblem(); said != "" {
		main = append(main, part.Banner(part.Bad, look.IconWarn, said, v.stops.act("retry", v.S(i18n.ResumeRetry), part.Secondary, l.Load)))
	}
	main = append(main, v.banners()...)
	main = append(main, v.context(), v.variables(), v.words())
	v.ready, v.preview = part.Column(look.S2), part.Column(look.S2)
	out := part.NewButton(v.S(i18n.LetterExport), part.Primary, look.IconPrint, nil)
	out.OnTap = func() { v.out(out) }
	v.stops.add("out", out)
	side := part.Card(part.Column(look.S3, part.NewBold(v.S(i18n.ResumePreview), look.Heading, look.InkText), v.ready, part.Wrap(0, out), part.Rule(false), v.preview))
	v.fill()
	return []fyne.CanvasObject{head, part.Grid(2, look.Now().Px(440), look.S6, look.S6, part.Column(look.S4, main...), part.Column(0, side))}
}

// context is what the letter is about, what goes with it, and its language.
func (v *Letter) context() fyne.CanvasObject {
	l := v.s.Letter
	ids, names, at := []int64{0}, []string{v.S(i18n.LetterAboutNone)}, 0
	for _, p := range l.Postings {
		ids, names = append(ids, p.ID), append(names, p.Name)
		if p.ID == l.Body.Posting {
			at = len(ids) - 1
		}
	}
	help := v.S(i18n.LetterAboutHelp)
	if at == 0 && l.Body.Posting != 0 {
		help = v.S(i18n.LetterAboutGone)
	}
	about := part.NewPick(v.S(i18n.LetterAbout), names[0], v.S(i18n.Cancel), names, at, func(i int) { l.About(ids[i]) })
	v.stops.add("about", about.Stop())
	with, versions, which := []string{""}, []string{v.S(i18n.LetterWithNone)}, 0
	for _, r := range l.Resumes {
		with, versions = append(with, r.ID), append(versions, r.Name+" · "+i18n.For(r.Lang).S(i18n.LangName))
		if r.ID == l.Body.Resume {
			which = len(with) - 1
		}
	}
	goes := part.NewPick(v.S(i18n.LetterWith), versions[0], v.S(i18n.Cancel), versions, which, func(i int) { l.With(with[i]) })
	v.stops.add("with", goes.Stop())
	lang := languages(v.S(i18n.ResumeLang), i18n.Lang(l.Body.Lang), l.SetLang)
	v.stops.add("lang", lang.Radio)
	return part.Card(part.Column(look.S4, part.Column(look.S1, about, part.NewText(help, look.Caption, look.InkMuted)), goes, lang))
}

// variables are what the letter leaves open, each with its value.
func (v *Letter) variables() fyne.CanvasObject {
	l := v.s.Letter
	vars := l.Vars()
	var rows []fyne.CanvasObject
	for _, x := range vars {
		if x.Var == "" {
			to := part.NewWrapLink(v.S(i18n.LetterVarsWrite, "Name", x.Name), look.Body, look.InkAccent, func() { v.h.Canvas().Focus(v.text.Entry) })
			v.stops.add("write "+x.Written, to)
			rows = append(rows, to)
			continue
		}
		f := v.vars[x.Var]
		if f == nil {
			f = part.NewField(x.Name, true, "", "")
			f.Entry.OnChanged = func(text string) {
				l.SetValue(x.Var, text)
				if text != "" && f.Problem() != "" {
					f.SetError("")
					v.page.Reflow()
				}
			}
			v.vars[x.Var] = f
		}
		if !f.Entry.HasFocus() {
			f.Set(x.Value)
		}
		f.SetError("")
		if x.Value == "" {
			f.SetError(v.S(i18n.LetterOpenNeeded))
		}
		v.stops.add("var "+string(x.Var), f.Entry)
		rows = append(rows, f)
	}
	if len(rows) == 0 {
		rows = append(rows, part.NewText(v.S(i18n.LetterVarsNone), look.Body, look.InkMuted))
	}
	return part.Section(v.S(i18n.LetterVars), "", part.Column(look.S3, rows...))
}

// words are the letter itself.
func (v *Letter) words() fyne.CanvasObject {
	l := v.s.Letter
	if v.text == nil {
		v.name = part.NewField(v.S(i18n.LetterName), true, "", "").Help(v.S(i18n.ResumeNameHelp)).Set(l.Body.Name)
		v.subject = part.NewField(v.S(i18n.LetterSubject), true, "", "").Set(l.Body.Subject)
		v.text = part.NewArea(v.S(i18n.LetterText), 16, "").Help(v.S(i18n.LetterTextHelp))
		v.text.Entry.SetText(l.Body.Text)
		typed := func(string) {
			if v.at == l.ID {
				l.Type(v.name.Entry.Text, v.subject.Entry.Text, v.text.Entry.Text)
			}
		}
		v.name.Entry.OnChanged, v.subject.Entry.OnChanged, v.text.Entry.OnChanged = typed, typed, typed
	}
	v.stops.add("subject", v.subject.Entry)
	v.stops.add("text", v.text.Entry)
	var insert *part.Button
	insert = v.stops.act("insert", v.S(i18n.LetterInsert), part.Secondary, func() {
		w := i18n.For(i18n.Lang(l.Body.Lang))
		var lines []part.MenuLine
		for _, x := range resume.Vars {
			lines = append(lines, part.MenuLine{Text: x.Write(w), Do: func() {
				v.h.Canvas().Focus(v.text.Entry)
				for _, r := range x.Write(w) { // where the cursor is
					v.text.Entry.TypedRune(r)
				}
			}})
		}
		part.ShowMenu(v.h.Canvas(), under(insert), lines...)
	}).Small()
	v.stops.add("name", v.name.Entry)
	return part.Card(part.Column(look.S4, v.subject, v.text, part.Wrap(0, insert), v.name))
}

// fill draws the preview, and says what is still open.
func (v *Letter) fill() {
	if v.preview == nil {
		return
	}
	w := v.s.Words()
	filled, open := v.s.Letter.Filled()
	v.preview.Objects = drawPage(page.Letter(filled))
	if len(open) == 0 {
		v.ready.Objects = []fyne.CanvasObject{part.Labelled(look.IconCheck, part.NewText(v.S(i18n.LetterReady), look.Body, look.InkAccent))}
		return
	}
	v.ready.Objects = []fyne.CanvasObject{part.Labelled(look.IconWarn, part.NewBold(w.N(i18n.LetterOpen, len(open)), look.Body, look.InkWarning)),
		part.NewText(v.S(i18n.LetterOpenWhich, "Which", strings.Join(open, ", ")), look.Small, look.InkWarning)}
}

// out are the ways out; what is still open is told first.
func (v *Letter) out(b *part.Button) {
	_, open := v.s.Letter.Filled()
	if len(open) == 0 {
		v.ways(b)
		return
	}
	var d *part.Dialog
	first := part.NewButton(v.S(i18n.LetterExportFill), part.Primary, "", func() {
		d.Close()
		for _, x := range v.s.Letter.Vars() {
			switch {
			case x.Var == "":
				v.h.Canvas().Focus(v.text.Entry)
				return
			case x.Value == "":
				v.h.Canvas().Focus(v.vars[x.Var].Entry)
				return
			}
		}
	})
	anyway := part.NewButton(v.S(i18n.LetterExportAnyway), part.Secondary, "", func() {
		d.Close()
		v.ways(b)
	})
	d = part.ShowDialog(v.h.Canvas(), v.S(i18n.LetterExportOpen), part.NewText(v.S(i18n.LetterExportOpenWhy, "Which", strings.Join(open, ", ")), look.Body, look.InkText), first, 520, first, anyway)
}

func (v *Letter) ways(b *part.Button) {
	filled, _ := v.s.Letter.Filled()
	name := fileName(filled.Name)
	text := func() []byte { return pageText(page.Letter(filled)) }
	lines := PrintLines(v.s, v.h, func() Paper {
		return Paper{Name: name, Page: func() page.Page { return page.Letter(filled) }, Own: true}
	})
	lines = append(lines, part.MenuLine{Text: v.S(i18n.ResumeExportText), Do: func() { saveBytes(v.s, v.h, v.S(i18n.ResumeExportText), name, ".txt", text()) }},
		part.MenuLine{Text: v.S(i18n.ResumeExportCopy), Do: func() {
			v.s.Copy(filled.Text)
			v.h.Say(v.S(i18n.Copied))
		}})
	part.ShowMenu(v.h.Canvas(), under(b), lines...)
}

// writeLetter is the button that begins a letter about a posting; nil where none can be kept.
func writeLetter(s *state.State, h Host, p posting.Posting, leave func()) *part.Button {
	if !s.Letter.Offered() {
		return nil
	}
	return part.NewButton(s.Words().S(i18n.LetterWrite), part.Secondary, look.IconLetter, func() {
		leave()
		s.Letter.Write(p)
		h.Go("letter")
	})
}
