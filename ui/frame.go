package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"passerelle/i18n"
	"passerelle/sync/session"
	"passerelle/ui/look"
	"passerelle/ui/part"
)

const (
	railWidth   = 176
	railFolded  = 52
	foldRail    = 800 // under this width the rail shows icons only
	statusWidth = 700 // under this width the status bar shortens
)

// frame is what stands around every screen: the rail at the left, the status bar below.
type frame struct {
	w      *Window
	rail   *part.Page
	inside *fyne.Container // of the rail: what stands at its head and at its foot
	status *fyne.Container
	body   *fyne.Container
	all    *fyne.Container
	items  map[string]*part.NavItem
	folded bool
	shown  string // which rows the rail shows
	who    *part.NavItem
	notice *fyne.Container

	session, age, count, pending, choices, unsynced, online *part.Button
	working                                                 *part.Line
}

func newFrame(w *Window) *frame {
	t := look.Now()
	f := &frame{w: w}
	f.inside = part.Spread()
	f.rail = part.NewPage(f.inside).Fill().Watch()
	f.body = container.NewStack()
	words := w.s.Words()
	link := func(to string, label i18n.Key) *part.Button {
		b := part.NewButton("", part.Quiet, "", func() { w.Go(to) }).Small()
		b.Label = words.S(label)
		return b
	}
	f.session = part.NewButton("", part.Quiet, look.IconOffline, func() { w.Go("people") }).Small().Inked(look.InkWarning)
	f.age = link("sync", i18n.StatusCatalogueLabel)
	f.count = link("search", i18n.StatusCountLabel)
	f.pending = link("outbox", i18n.StatusPendingLabel)
	f.choices = link("conflict", i18n.StatusConflictsLabel).Inked(look.InkWarning)
	f.unsynced = link("sync", i18n.StatusUnsyncedLabel).Inked(look.InkWarning)
	f.online = link("sync", i18n.StatusOnlineLabel)
	f.working = part.NewLine("", look.Caption, look.InkMuted, false)
	f.status = part.Pad(part.Wrap(look.S2, f.session, f.age, f.count, f.pending, f.choices, f.unsynced, f.online, part.Pad(f.working, t.Px(look.S2), 0, 0, 0)), 0, look.S2, 0, look.S2)
	f.notice = container.NewStack()
	f.all = container.New(&frameLayout{f: f},
		part.Filled(t.Rail, f.rail), part.Rule(true), f.body, part.Rule(false), part.Filled(t.Rail, f.status), f.notice)
	f.fold(w.Width() < foldRail && w.Width() > 0)
	f.update()
	return f
}

func (f *frame) object() fyne.CanvasObject { return f.all }

func (f *frame) set(o fyne.CanvasObject) {
	f.body.Objects = []fyne.CanvasObject{o}
	f.body.Refresh()
	f.update()
}

// fold draws the rail again, with or without its words.
func (f *frame) fold(folded bool) {
	f.folded = folded
	w := f.w
	t := look.Now()
	f.items = map[string]*part.NavItem{}
	var top, foot []fyne.CanvasObject
	name := canvas.NewText(w.s.Words().S(i18n.AppName), t.Accent)
	name.TextSize, name.TextStyle.Bold = t.Px(look.Title), true
	if folded {
		name.Text = string([]rune(name.Text)[:1])
	}
	top = append(top, part.Pad(name, look.S3, 0, look.S3, look.S2))
	shown, which := f.rows()
	f.shown = which
	for _, r := range shown {
		it := part.NewNavItem(r.icon, w.s.Words().S(r.title), "", false, folded, func() { w.Go(r.name) })
		f.items[r.name] = it
		if r.foot || r.guest && !w.s.Present.Signed() {
			foot = append(foot, it)
		} else {
			top = append(top, it)
		}
	}
	top = append(top, f.employers()...)
	f.who = part.NewNavItem(look.IconPerson, w.s.Present.Chip(), "", false, folded, w.who)
	f.who.Label = w.s.Words().S(i18n.StatusSessionLabel) + ", " + w.s.Present.Chip()
	foot = append(foot, part.Rule(false))
	if ways := f.ways(); len(ways) == 0 || !w.first() {
		foot = append(foot, f.who)
	}
	foot = append(foot, f.ways()...)
	f.inside.Objects = []fyne.CanvasObject{
		part.Pad(part.Column(0, top...), 0, look.S2, look.S3, look.S2), part.Pad(part.Column(0, foot...), 0, look.S2, look.S3, look.S2)}
	f.inside.Refresh()
	f.rail.Reflow()
}

// rows are the lines of the rail: what the person who is here can use.
func (f *frame) rows() (shown []row, which string) {
	for _, r := range rows {
		if !r.aside && (r.when == nil || r.when(f.w.s)) {
			shown = append(shown, r)
			which += r.name + " "
		}
	}
	if f.w.first() {
		which += "first "
	}
	return shown, which + f.w.s.Present.Chip()
}

// employers are the two ways into the employer portal, before one has signed in (B-004).
func (f *frame) employers() (all []fyne.CanvasObject) {
	w := f.w
	if !w.Has("portal") {
		return nil
	}
	words := w.s.Words()
	if !f.folded {
		all = append(all, part.Pad(part.NewText(words.S(i18n.NavEmployers), look.Caption, look.InkMuted), look.S3, look.S2, 2, look.S2))
	}
	for _, e := range []struct {
		to    string
		label i18n.Key
		icon  look.Icon
	}{{"portal", i18n.NavEmployersSignin, look.IconWork}, {"enrol", i18n.NavEmployersRegister, look.IconKey}} {
		if !w.Has(e.to) {
			continue
		}
		it := part.NewNavItem(e.icon, words.S(e.label), "", false, f.folded, func() { w.Go(e.to) })
		it.Label = words.S(i18n.NavEmployers) + ", " + words.S(e.label)
		f.items[e.to] = it
		all = append(all, it)
	}
	return all
}

// update tells how old the catalogue is, how many postings, what waits, and whether we
// are online; each opens what it speaks of.
func (f *frame) update() {
	w, s, st := f.w.s.Words(), f.w.s, f.w.s.Status
	if _, which := f.rows(); which != f.shown {
		f.fold(f.folded)
	}
	f.expired()
	for _, r := range rows {
		if it := f.items[r.name]; it != nil {
			n := ""
			if r.count != nil {
				if c := r.count(s); c > 0 {
					n = w.Number(c)
				}
			}
			it.Set(r.name == f.w.here.Screen, n)
		}
	}
	name := func(b *part.Button, text string) {
		label := b.Label
		b.Set(text)
		b.Label = label + ", " + text
	}
	set := func(b *part.Button, k i18n.Key, text string) {
		b.Label = w.S(k)
		name(b, text)
	}
	if line := s.Present.Line(); line != "" && s.Present.Mode == session.Local {
		set(f.session, i18n.StatusSessionLabel, line) // never taken for a session of the server
		f.session.Show()
	} else {
		f.session.Hide()
	}
	age := s.Freshness()
	if st.Err != nil {
		age = w.S(i18n.StatusError)
	}
	set(f.age, i18n.StatusCatalogueLabel, age)
	set(f.count, i18n.StatusCountLabel, w.N(i18n.SearchCount, st.Catalogue.Count))
	if st.None {
		f.count.Hide()
	} else {
		f.count.Show()
	}
	if n := s.Unsent(); n > 0 {
		set(f.pending, i18n.StatusPendingLabel, w.N(i18n.StatusPending, n))
		f.pending.Show()
	} else {
		f.pending.Hide()
	}
	if n := s.Conflicts(); n > 0 {
		set(f.choices, i18n.StatusConflictsLabel, w.N(i18n.StatusConflicts, n))
		f.choices.Show()
	} else {
		f.choices.Hide()
	}
	if line := s.PrivateLine(); line != "" {
		set(f.unsynced, i18n.StatusUnsyncedLabel, line)
		f.unsynced.Show()
	} else {
		f.unsynced.Hide()
	}
	on := i18n.StatusOffline
	if st.Online && (s.Present.Mode != session.Local || s.Present.Asks) { // one line never says the contrary of the other
		on = i18n.StatusOnline
	}
	set(f.online, i18n.StatusOnlineLabel, w.S(on))
	f.working.Set(st.Working)
	f.status.Refresh()
	f.all.Refresh()
}

func (f *frame) barHeight() float32 {
	return max(part.HeightFor(f.status, f.w.Canvas().Size().Width), look.Now().Px(look.RowMin))
}

// panes are the controls of rail, screen and status bar, in order.
func (f *frame) panes() [][]fyne.Focusable {
	if f.bare() {
		return [][]fyne.Focusable{focusables(f.body)}
	}
	return [][]fyne.Focusable{append(focusables(f.notice), focusables(f.body)...), focusables(f.status), focusables(f.rail)}
}

// bare says whether the screen at hand fills the window: nothing stands around a locked one.
func (f *frame) bare() bool {
	at, _ := find(f.w.here.Screen)
	return at.bare || f.w.away != nil
}

// expired tells, above every screen, that the session ended at the server (B-019). Nothing
// is taken away by it.
func (f *frame) expired() {
	w := f.w
	on := w.s.Present.Asks && w.s.Present.Signed() && w.here.Screen != "signin" && w.Has("signin")
	if on == (len(f.notice.Objects) > 0) {
		return
	}
	f.notice.Objects = nil
	if on {
		f.notice.Objects = []fyne.CanvasObject{part.Banner(part.Warn, look.IconWarn, w.s.Words().S(i18n.StatusExpired),
			part.NewButton(w.s.Words().S(i18n.LockSignin), part.Secondary, "", func() { w.Go("signin") }))}
	}
	f.notice.Refresh()
}

type frameLayout struct{ f *frame }

func (l *frameLayout) MinSize(o []fyne.CanvasObject) fyne.Size { return fyne.NewSize(400, 320) }

func (l *frameLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	t := look.Now()
	fold := s.Width/t.Scale < foldRail
	if fold != l.f.folded {
		l.f.fold(fold)
	}
	rw := t.Px(railWidth)
	if fold {
		rw = t.Px(railFolded)
	}
	bar := max(part.HeightFor(l.f.status, s.Width), t.Px(look.RowMin))
	h := s.Height - bar - 1
	bare := l.f.bare()
	for _, i := range []int{0, 1, 3, 4, 5} {
		if bare {
			o[i].Hide()
		} else {
			o[i].Show()
		}
	}
	if bare {
		o[2].Move(fyne.Position{})
		o[2].Resize(s)
		return
	}
	put := func(i int, x, y, w, h float32) {
		o[i].Move(fyne.NewPos(x, y))
		o[i].Resize(fyne.NewSize(w, h))
	}
	put(0, 0, 0, rw, h)
	put(1, rw, 0, 1, h)
	top := float32(0)
	if len(l.f.notice.Objects) > 0 {
		top = part.HeightFor(l.f.notice.Objects[0], s.Width-rw-1)
	}
	put(5, rw+1, 0, s.Width-rw-1, top)
	put(2, rw+1, top, s.Width-rw-1, h-top)
	put(3, 0, h, s.Width, 1)
	put(4, 0, h+1, s.Width, bar)
}
