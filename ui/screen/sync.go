package screen

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Sync draws the catalogue: what it is, how old, and the ways of bringing it up to date.
type Sync struct {
	s *state.State
	h Host

	page     *part.Page
	col      *fyne.Container
	facts    *fyne.Container
	what     *fyne.Container // plan, progress, error: what is going on
	update   *part.Button
	copy     *part.Button
	progress *part.Progress
	usable   *part.Text
	agree    *part.Button
	take     *part.Button // agree, of a bundle
	refuse   *part.Button
	again    *part.Button
	settings *part.Button
	auto     *part.Check
	autoWhy  *part.Text
	path     *part.Field
	load     *part.Button
	was      string // what is going on, by name: the keyboard moves when it changes
	records  *fyne.Container
	now      *part.Button // brings the person's records in step
	outbox   *part.Button
	choose   *part.Button
}

// NewSync draws the screen.
func NewSync(s *state.State, h Host) *Sync {
	v := &Sync{s: s, h: h}
	w, t, y := s.Words(), look.Now(), s.Sync

	v.update = part.NewButton(w.S(i18n.CatalogueUpdate), part.Primary, look.IconSync, y.Ask)
	v.copy = part.NewButton(w.S(i18n.CatalogueCopy), part.Secondary, look.IconCopy, func() {
		s.Copy(y.Summary())
		h.Say(w.S(i18n.Copied))
	})
	v.progress = part.NewProgress(w.S(i18n.CatalogueCancel), y.Cancel)
	v.usable = part.NewText("", look.Small, look.InkMuted)
	v.agree = part.NewButton(w.S(i18n.CatalogueAgree), part.Primary, look.IconSync, y.Agree)
	v.take = part.NewButton(w.S(i18n.CatalogueBundleLoad), part.Primary, "", y.Agree)
	v.refuse = part.NewButton(w.S(i18n.CatalogueRefuse), part.Secondary, "", y.Refuse)
	v.again = part.NewButton(w.S(i18n.CatalogueAgain), part.Secondary, look.IconSync, func() {
		if y.Bundle != "" {
			y.Load(y.Bundle)
			return
		}
		y.Ask()
	})
	v.settings = part.NewButton(w.S(i18n.CatalogueToSettings), part.Secondary, look.IconSettings, func() { h.Go("settings") })
	v.facts = part.Grid(2, t.Px(220), look.S4, look.S3)
	v.what = part.Column(look.S3)
	v.auto = part.NewCheck(w.S(i18n.CatalogueAuto), "", y.Auto, y.SetAuto)
	v.autoWhy = part.NewText("", look.Small, look.InkMuted)

	v.path = part.NewField(w.S(i18n.CatalogueBundlePath), true, "", w.S(i18n.CatalogueBundleHint))
	v.path.Entry.OnChanged = func(text string) {
		if strings.TrimSpace(text) != "" {
			v.path.SetError("")
			v.page.Reflow()
		}
	}
	v.path.Entry.OnSubmitted = func(string) { v.loadPath() }
	v.load = part.NewButton(w.S(i18n.CatalogueBundleLoad), part.Secondary, "", v.loadPath)
	folder := part.NewButton(w.S(i18n.CatalogueBundleFolder), part.Secondary, "", v.chooseFolder)
	file := part.NewButton(w.S(i18n.CatalogueBundleFile), part.Secondary, "", v.chooseFile)

	v.now = part.NewButton(w.S(i18n.PrivateNow), part.Secondary, look.IconSync, y.RecordsNow)
	v.outbox = part.NewButton(w.S(i18n.PrivateOutbox), part.Secondary, look.IconOutbox, func() { h.Go("outbox") })
	v.choose = part.NewButton(w.S(i18n.OutboxChoose), part.Secondary, "", func() { h.Go("conflict") })
	v.records = part.Column(0)

	v.col = part.Column(look.S4, v.what,
		part.Section(w.S(i18n.CatalogueState), "", v.facts, part.Wrap(look.S2, v.update, v.copy)),
		v.records,
		part.Card(part.Column(look.S1, v.auto, v.autoWhy)),
		part.Section(w.S(i18n.CatalogueBundle), w.S(i18n.CatalogueBundleWhy), v.path, part.Wrap(look.S2, v.load, folder, file)))
	v.page = part.Sheet(w.S(i18n.CatalogueTitle), w.S(i18n.CatalogueWhy), t.Px(sheetWidth), v.col)
	y.Changed = v.draw
	s.Watch(v.draw)
	v.draw()
	return v
}

// Object is the screen.
func (v *Sync) Object() fyne.CanvasObject { return v.page }

// Enter reads what is on the disk and gives the keyboard to the act that helps.
func (v *Sync) Enter() {
	v.s.Sync.Reload()
	v.h.Canvas().Focus(v.act())
}

// Back stops nothing: an update goes on while one searches.
func (v *Sync) Back() bool { return false }

// Keys scrolls.
func (v *Sync) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// Find does nothing: there is no search field.
func (v *Sync) Find() bool { return false }

// act is what one would use first, as things stand.
func (v *Sync) act() fyne.Focusable {
	y := v.s.Sync
	switch {
	case y.Planned != nil && y.Bundle != "":
		return v.take
	case y.Planned != nil:
		return v.agree
	case y.Running:
		return v.progress.Stop()
	case y.Err != nil && y.Remedy() == state.RemedyAgain:
		return v.again
	case y.Err != nil && y.Remedy() == state.RemedySettings:
		return v.settings
	case y.Server == "" && y.Done != nil && y.Bundle != "":
		return v.copy
	case y.Server == "" && v.s.Status.None, y.Server == "" && v.s.Status.Err != nil:
		return v.path.Entry
	case y.Server == "":
		return v.settings
	}
	return v.update
}

func (v *Sync) draw() {
	y, s, w := v.s.Sync, v.s, v.s.Words()
	v.facts.Objects = nil
	for _, f := range y.Facts() {
		v.facts.Objects = append(v.facts.Objects, part.FactBox(f.Label, f.Value))
	}
	going := "still"
	v.what.Objects = nil
	show := func(o ...fyne.CanvasObject) { v.what.Objects = append(v.what.Objects, o...) }
	switch {
	case y.Planned != nil:
		going = "planned"
		show(v.plan())
	case y.Running:
		going = "running"
		head, rest, _ := strings.Cut(y.Line(), " · ")
		v.progress.Set(y.Share(), head, rest)
		v.usable.Set("")
		switch {
		case !s.Status.None && s.Status.Err == nil:
			v.usable.Set(w.S(i18n.CatalogueMeanwhile))
		case y.Now.Browsable:
			v.usable.Set(w.S(i18n.CatalogueUsable))
		}
		show(part.Card(part.Column(look.S2, v.progress, v.usable)))
	case y.Waiting:
		going = "waiting"
		line := w.S(i18n.CatalogueAsking)
		if y.Bundle != "" {
			line = w.S(i18n.CatalogueBundleAsking)
		}
		show(part.Banner(part.Plain, look.IconClock, line))
	case y.Err != nil:
		going = "failed"
		show(v.problem())
	case s.Status.Err != nil:
		going = "broken"
		show(v.notice(part.Bad, look.IconWarn, w.S(i18n.StatusError), state.Explain(w, s.Status.Err)))
	case s.Status.None:
		show(v.notice(part.Plain, look.IconInfo, w.S(i18n.CatalogueNone), w.S(i18n.CatalogueNoneWhy)))
	case y.Done != nil && y.Bundle != "":
		going = "loaded"
		v.done(show)
	case y.Server == "":
		going = "alone"
		show(v.notice(part.Plain, look.IconInfo, w.S(i18n.CatalogueNoServer), w.S(i18n.CatalogueNoServerWhy), v.settings))
	case !s.Status.Online:
		show(v.notice(part.Plain, look.IconOffline, w.S(i18n.CatalogueOffline), w.S(i18n.CatalogueOfflineWhy)))
	case y.Done != nil:
		v.done(show)
	}
	v.update.Enable()
	if y.Busy() || y.Planned != nil || y.Server == "" {
		v.update.Disable()
	}
	v.auto.Set(w.S(i18n.CatalogueAuto), "", y.Auto)
	v.autoWhy.Set(w.S(i18n.CatalogueAutoOff))
	if y.Auto {
		v.autoWhy.Set(w.S(i18n.CatalogueAutoOn))
	}
	v.private()
	v.page.Reflow()
	if going != v.was {
		first := v.was == ""
		v.was = going
		// The button that was used has gone: the keyboard goes to what takes its place.
		if !first && v.holds() {
			v.h.Canvas().Focus(v.act())
			v.page.Scroll(-1e9) // what came of it stands at the top
		}
	}
}

// private tells how the records of whoever is here stand beside the server's.
func (v *Sync) private() {
	y, w := v.s.Sync, v.s.Words()
	if !y.Records() {
		v.records.Objects = nil
		v.records.Hide()
		return
	}
	var col []fyne.CanvasObject
	if n := v.s.Conflicts(); n > 0 {
		col = append(col, part.Banner(part.Warn, look.IconWarn, w.N(i18n.OutboxConflicts, n), v.choose))
	}
	v.now.Enable()
	switch said := y.RecordsProblem(); {
	case y.RecordsBusy():
		v.now.Disable()
		col = append(col, part.Banner(part.Plain, look.IconClock, w.S(i18n.PrivateWorking)))
	case said != "" && y.RecordsCalm():
		col = append(col, part.Banner(part.Plain, look.IconOffline, said))
	case said != "":
		col = append(col, part.Outlined(part.Labelled(look.IconWarn, part.NewText(said, look.Body, look.InkDanger))))
	}
	var facts []fyne.CanvasObject
	for _, f := range y.RecordsFacts() {
		facts = append(facts, part.FactBox(f.Label, f.Value))
	}
	col = append(col, part.Grid(2, look.Now().Px(220), look.S4, look.S3, facts...))
	if note := y.RecordsNote(); note != "" {
		col = append(col, part.NewText(note, look.Small, look.InkMuted))
	}
	col = append(col, part.Wrap(look.S2, v.now, v.outbox))
	v.records.Objects = []fyne.CanvasObject{part.Section(w.S(i18n.PrivateTitle), w.S(i18n.PrivateWhy), col...)}
	v.records.Show()
	v.h.Mend(v.outbox)
}

// done says what the last update brought.
func (v *Sync) done(show func(...fyne.CanvasObject)) {
	show(part.Banner(part.Plain, look.IconCheck, v.s.Sync.DoneLine()))
}

// holds says whether the keyboard is on one of the acts, which may have gone or lost its
// sense; a field that is being typed in keeps it.
func (v *Sync) holds() bool {
	f := v.h.Canvas().Focused()
	if f == fyne.Focusable(v.path.Entry) {
		y := v.s.Sync
		return (y.Busy() || y.Planned != nil) && y.Bundle == strings.TrimSpace(v.path.Entry.Text)
	}
	for _, o := range []fyne.Focusable{v.update, v.load, v.agree, v.take, v.refuse, v.again, v.settings, v.progress.Stop()} {
		if f == o {
			return true
		}
	}
	return false
}

// plan tells what an update would bring, and whose signature it bears.
func (v *Sync) plan() fyne.CanvasObject {
	y, w := v.s.Sync, v.s.Words()
	p := *y.Planned
	line := y.PlanLine(p)
	if y.Bundle != "" {
		line = y.BundleLine(p)
	}
	col := []fyne.CanvasObject{part.NewText(line, look.Body, look.InkText)}
	if p.Demo {
		col = append(col, part.Labelled(look.IconInfo, part.NewText(w.S(i18n.CatalogueFirstDemo), look.Small, look.InkWarning)))
	}
	if p.Expired {
		col = append(col, part.Labelled(look.IconClock, part.NewText(w.S(i18n.CatalogueOldBundle, "Date", w.Date(p.Created)), look.Small, look.InkWarning)))
	}
	if p.Pinned {
		met := i18n.CatalogueFirstMet
		if y.Bundle != "" {
			met = i18n.CatalogueBundleMet
		}
		col = append(col, part.NewText(w.S(met), look.Small, look.InkMuted),
			part.NewBold(state.Fingerprint(p.Root), look.Body, look.InkText))
	}
	title, agree := i18n.CatalogueAgreeTitle, v.agree
	if y.Bundle != "" {
		title, agree = i18n.CatalogueBundleTitle, v.take
	}
	col = append(col, part.Wrap(look.S2, agree, v.refuse))
	return part.Section(w.S(title), "", col...)
}

// problem tells the last error: calmly when it is only that there is no network.
func (v *Sync) problem() fyne.CanvasObject {
	y, w := v.s.Sync, v.s.Words()
	title, tone, icon := i18n.CatalogueFailed, part.Bad, look.IconWarn
	if y.Calm() {
		title, tone, icon = i18n.CatalogueStopped, part.Plain, look.IconInfo
		if !v.s.Status.Online {
			title, icon = i18n.CatalogueOffline, look.IconOffline
		} else if y.Server == "" {
			title = i18n.CatalogueNoServer
		}
	}
	switch y.Remedy() {
	case state.RemedyAgain:
		return v.notice(tone, icon, w.S(title), y.Problem(), v.again)
	case state.RemedySettings:
		return v.notice(tone, icon, w.S(title), y.Problem(), v.settings)
	}
	return v.notice(tone, icon, w.S(title), y.Problem())
}

// notice is a titled sentence with the act that helps.
func (v *Sync) notice(tone part.Tone, icon look.Icon, title, why string, acts ...fyne.CanvasObject) fyne.CanvasObject {
	ink := look.InkText
	box := part.Card
	if tone == part.Bad {
		ink, box = look.InkDanger, part.Outlined
	}
	col := []fyne.CanvasObject{part.Labelled(icon, part.NewBold(title, look.Body, ink)), part.NewText(why, look.Body, look.InkText)}
	if len(acts) > 0 {
		col = append(col, part.Wrap(look.S2, acts...))
	}
	return box(part.Column(look.S2, col...))
}

func (v *Sync) loadPath() {
	name := strings.TrimSpace(v.path.Entry.Text)
	if name == "" {
		v.path.SetError(v.s.Words().S(i18n.CatalogueBundleNeed))
		v.page.Reflow()
		v.h.Canvas().Focus(v.path.Entry)
		return
	}
	v.s.Sync.Load(name)
}

func (v *Sync) chooseFolder() {
	win := windowOf(v.h)
	if win == nil {
		return
	}
	d := dialog.NewFolderOpen(func(u fyne.ListableURI, err error) {
		if err == nil && u != nil {
			v.path.Entry.SetText(u.Path())
			v.h.Canvas().Focus(v.load)
		}
	}, win)
	d.Show()
	d.Resize(v.h.Canvas().Size()) // Fyne has nothing to resize before it is shown
}

func (v *Sync) chooseFile() {
	PickFile(v.h, v.s.Words().S(i18n.CatalogueBundleFile), ".zip", func(path string) {
		v.path.Entry.SetText(path)
		v.h.Canvas().Focus(v.load)
	})
}
