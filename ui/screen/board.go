package screen

import (
	"fmt"
	"slices"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Board draws where a person who looks for work begins. Each part opens what it speaks of;
// at its right are the ways into every section of the profile.
type Board struct {
	s *state.State
	h Host

	page  *part.Page
	col   *fyne.Container
	stops stops
	shown bool
	fresh bool // just entered: the keyboard goes to the first thing to do once that is known
}

// NewBoard draws the screen.
func NewBoard(s *state.State, h Host) *Board {
	v := &Board{s: s, h: h, col: part.Column(look.S4), stops: stops{h: h}}
	head := part.Column(look.S1, part.NewBold(v.S(i18n.NavBoard), look.Title, look.InkText), part.NewText(v.S(i18n.BoardWhy), look.Body, look.InkMuted))
	v.page = part.NewPage(part.Pad(part.Narrow(look.Now().Px(1180), part.Column(look.S4, head, v.col)), look.S6, look.S8, look.S8, look.S8)).Watch()
	s.Watch(func() {
		if v.shown {
			v.draw()
		}
	})
	v.draw()
	return v
}

// Object is the screen.
func (v *Board) Object() fyne.CanvasObject { return v.page }

// Enter reads what it tells, and gives the keyboard to the first thing to do.
func (v *Board) Enter() {
	v.shown, v.fresh = true, true
	v.s.Board.Load()
	v.draw()
}

// Left stops following what changes elsewhere.
func (v *Board) Left() { v.shown = false }

// Back does nothing: there is nothing to close.
func (v *Board) Back() bool { return false }

// Keys scrolls.
func (v *Board) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// Find does nothing: there is no search field.
func (v *Board) Find() bool { return false }

// S says a message in the language of the person.
func (v *Board) S(k i18n.Key, args ...any) string { return v.s.Words().S(k, args...) }

func (v *Board) draw() {
	v.page.Redraw(func() { v.stops.redraw(v.sections, nil) })
	if f := v.stops.first(); v.fresh && v.shown && f != nil && v.s.Board.Ready() {
		v.fresh = false
		v.h.Canvas().Focus(f)
		v.page.Scroll(-1e9)
	}
}

// to is a link to another screen.
func (v *Board) to(screen string, text i18n.Key) fyne.CanvasObject {
	l := part.NewWrapLink(v.S(text), look.Body, look.InkAccent, func() { v.h.Go(screen) })
	v.stops.add("to "+screen, l)
	return l
}

func (v *Board) sections() {
	top := v.banners()
	column := func(all ...fyne.CanvasObject) fyne.CanvasObject {
		return part.Column(look.S4, slices.DeleteFunc(all, func(c fyne.CanvasObject) bool { return c == nil })...)
	}
	left := column(v.profile(), v.invitations(), v.todo())
	main := part.Column(look.S4, append(top, part.Grid(2, look.Now().Px(300), look.S4, look.S4, left, column(v.matches(), v.alerts(), v.outbox())))...)
	v.col.Objects = []fyne.CanvasObject{part.Flanked(main, v.side())}
}

// banners tell what is not as the person may think it is.
func (v *Board) banners() (all []fyne.CanvasObject) {
	p, w := v.s.Profile, v.s.Words()
	if v.s.Board.Suspended() {
		var acts []*part.Button
		if v.h.Has("recover") {
			acts = append(acts, v.stops.act("reactivate", v.S(i18n.AcctRecover), part.Secondary, func() { v.h.Go("recover") }))
		}
		all = append(all, part.Banner(part.Warn, look.IconWarn, v.S(i18n.BoardSuspended), acts...))
	}
	if !p.Offered() || !p.Loaded {
		return all
	}
	if said := p.Fault(); said != "" {
		all = append(all, part.Banner(part.Bad, look.IconWarn, said, v.stops.act("retry", v.S(i18n.ProfileRetry), part.Secondary, p.Retry)))
	}
	if p.Refused {
		all = append(all, part.Banner(part.Warn, look.IconWarn, v.S(i18n.ProfileRefused),
			v.stops.act("refused", v.S(i18n.ProfileRefusedSee), part.Secondary, func() { v.h.Go("outbox") })))
	}
	if n := v.s.Conflicts(); n > 0 && v.h.Has("conflict") {
		all = append(all, part.Banner(part.Warn, look.IconWarn, w.N(i18n.OutboxConflicts, n),
			v.stops.act("conflict", v.S(i18n.OutboxChoose), part.Secondary, func() { v.h.Go("conflict") })))
	}
	if p.Rested() {
		all = append(all, part.Banner(part.Warn, look.IconInfo, v.S(i18n.ProfileRested),
			v.stops.act("again", v.S(i18n.ProfileActivate), part.Secondary, v.activate)))
	}
	if n := p.Count(); n > 0 {
		all = append(all, part.Banner(part.Warn, look.IconInfo, w.N(i18n.ProfilePending, n),
			v.stops.act("activate", v.S(i18n.ProfileActivateChanges), part.Secondary, v.activate)))
	}
	return all
}

// activate does it at once; where something is missing, the overview says what.
func (v *Board) activate() {
	if v.s.Profile.Activate() {
		v.h.Say(v.S(i18n.ProfileActivated))
		return
	}
	v.open(state.ProfileOverview)
}

func (v *Board) open(page state.ProfilePage) {
	v.s.Profile.Open(page)
	v.h.Go("profile")
}

// profile is how the profile stands, and how much of it is filled in.
func (v *Board) profile() fyne.CanvasObject {
	p, w := v.s.Profile, v.s.Words()
	switch {
	case !v.s.Present.Signed() && v.s.Accounts():
		return part.Section(v.S(i18n.NavProfile), "", part.NewText(v.S(i18n.BoardGuest), look.Body, look.InkText))
	case !p.Offered():
		return nil
	case !p.Loaded || p.Err != nil:
		return part.Section(v.S(i18n.ProfileState), "")
	}
	name, why := p.StandingWords()
	ink := look.InkText
	switch p.Standing() {
	case state.ProfileActive:
		ink = look.InkAccent
	case state.ProfileChanged, state.ProfileComing, state.ProfileLeaving, state.ProfileSuspended:
		ink = look.InkWarning
	}
	full, all := p.Filled()
	said := v.S(i18n.ProfileCompleteAll)
	if full < all {
		said = w.N(i18n.ProfileCompleteSome, full, "All", all)
	}
	col := []fyne.CanvasObject{part.NewBold(name, look.Body, ink), part.NewText(why, look.Body, look.InkText), part.NewText(said, look.Body, look.InkMuted)}
	if p.Bare() {
		col = append(col, part.Labelled(look.IconWarn, part.NewText(v.S(i18n.ProfileCompleteBare), look.Body, look.InkWarning)))
	}
	begun := p.Walking && p.Standing() == state.ProfileDraft
	switch {
	case begun && full == 0:
		col = append(col, part.Wrap(0, v.stops.act("profile", v.S(i18n.BoardProfileBegin), part.Primary, func() { v.h.Go("profile") })))
	case begun:
		col = append(col, part.Wrap(0, v.stops.act("profile", v.S(i18n.BoardProfileResume), part.Primary, func() { v.h.Go("profile") })))
	default:
		l := part.NewWrapLink(v.S(i18n.ProfileOverview), look.Body, look.InkAccent, func() { v.open(state.ProfileOverview) })
		v.stops.add("profile", l)
		col = append(col, l)
	}
	return part.Section(v.S(i18n.ProfileState), "", col...)
}

// matches are how many postings suit the profile, and whether that is a preview.
func (v *Board) matches() fyne.CanvasObject {
	m := v.s.Matches
	if !m.Offered() || !v.s.Profile.Loaded {
		return nil
	}
	col := []fyne.CanvasObject{}
	said := m.Preview()
	switch {
	case m.Bare():
		col = append(col, part.NewText(v.S(i18n.BoardMatchesBare), look.Body, look.InkText))
	case m.Working && !m.Loaded:
		col = append(col, part.NewText(v.S(i18n.BoardMatchesWorking), look.Body, look.InkMuted))
	case m.Err != nil:
		col = append(col, part.Labelled(look.IconWarn, part.NewText(m.Failure(), look.Body, look.InkDanger)))
	default:
		col = append(col, part.NewBold(m.Summary(), look.Body, look.InkText))
	}
	head := part.NewBold(v.S(i18n.NavMatches), look.Heading, look.InkText)
	title := part.Column(0, head)
	if said != "" {
		title = part.Ends(look.S3, head, part.Badge(v.S(i18n.MatchesPreview), look.InkWarning))
		col = append(col, part.NewText(said, look.Small, look.InkMuted))
	}
	return part.Card(part.Column(look.S3, append(append([]fyne.CanvasObject{title}, col...), v.to("matches", i18n.BoardMatchesOpen))...))
}

// alerts are what is new for the alerts of whoever is here.
func (v *Board) alerts() fyne.CanvasObject {
	j, w := v.s.JobAlerts, v.s.Words()
	if !j.Offered() {
		return nil
	}
	var col []fyne.CanvasObject
	switch n := j.News(); {
	case j.Err != nil:
		col = append(col, part.Labelled(look.IconWarn, part.NewText(j.Fault(), look.Body, look.InkDanger)), v.to("alerts", i18n.BoardAlertsOpen))
	case !j.Loaded:
	case len(j.List) == 0:
		col = append(col, part.NewText(v.S(i18n.BoardAlertsNone), look.Body, look.InkText), v.to("notified", i18n.NotifiedTitle))
	case n == 0:
		col = append(col, part.NewText(v.S(i18n.BoardAlertsQuiet), look.Body, look.InkText), v.to("alerts", i18n.BoardAlertsOpen))
	default:
		for _, a := range j.List {
			if a.New > 0 && len(col) < 3 {
				col = append(col, part.NewText(j.Name(a), look.Body, look.InkText))
			}
		}
		read := part.NewWrapLink(w.N(i18n.AlertsReadAll, n), look.Body, look.InkAccent, func() {
			j.Read("")
			v.h.Go("alerts")
		})
		v.stops.add("news", read)
		col = append(col, read, v.to("alerts", i18n.BoardAlertsOpen))
	}
	return part.Section(v.S(i18n.NavAlerts), "", col...)
}

// invitations are those that wait for an answer.
func (v *Board) invitations() fyne.CanvasObject {
	in := v.s.Invitations
	if !v.s.Profile.Offered() {
		return nil
	}
	waiting := in.Waiting()
	if len(waiting) == 0 {
		col := []fyne.CanvasObject{part.NewText(v.S(i18n.BoardInvitationsNone), look.Body, look.InkText)}
		if in.Any() {
			col = append(col, v.to("invitations", i18n.BoardInvitationsOpen))
		}
		return part.Section(v.S(i18n.InvitationTitle), "", col...)
	}
	col := []fyne.CanvasObject{part.NewBold(v.s.Words().N(i18n.InvitationCount, len(waiting)), look.Body, look.InkWarning)}
	for _, x := range waiting[:min(len(waiting), 3)] {
		col = append(col, part.Column(2, part.NewText(x.Title, look.Body, look.InkText), part.NewText(x.Employer, look.Small, look.InkMuted)))
	}
	return part.Section(v.S(i18n.InvitationTitle), "", append(col, v.to("invitations", i18n.BoardInvitationsOpen))...)
}

// todo is what is due: reminders, and the next actions of applications.
func (v *Board) todo() fyne.CanvasObject {
	b, w := v.s.Board, v.s.Words()
	lines, more := b.Todo()
	var col []fyne.CanvasObject
	for i, l := range lines {
		if i > 0 {
			col = append(col, part.Rule(false))
		}
		ink := look.InkMuted
		if l.Late {
			ink = look.InkWarning
		}
		var head fyne.CanvasObject = part.NewBold(l.Text, look.Body, look.InkText)
		if v.h.Has("tracker") && l.Application != "" {
			link := part.NewWrapLink(l.Text, look.Body, look.InkAccent, func() {
				v.s.Tracker.Read(l.Application)
				v.h.Go("tracker")
			})
			v.stops.add(fmt.Sprint("todo ", i), link)
			head = link
		}
		col = append(col, part.Column(2, head, part.NewText(l.When, look.Small, ink)))
	}
	if more > 0 {
		col = append(col, part.NewText(w.N(i18n.BoardTodoMore, more), look.Small, look.InkMuted))
	}
	switch said := v.s.Tracker.Why(); {
	case said != "":
		col = append(col, part.Labelled(look.IconWarn, part.NewText(said, look.Body, look.InkDanger)))
	case len(lines) == 0:
		col = append(col, part.NewText(v.S(i18n.BoardTodoEmpty), look.Body, look.InkText))
	}
	if v.h.Has("tracker") {
		col = append(col, v.to("tracker", i18n.BoardTodoOpen))
	}
	return part.Section(v.S(i18n.BoardTodo), v.S(i18n.BoardTodoHere), col...)
}

// outbox is what has yet to leave.
func (v *Board) outbox() fyne.CanvasObject {
	w := v.s.Words()
	said := v.S(i18n.BoardOutboxEmpty)
	if n := v.s.Unsent(); n > 0 {
		said = w.N(i18n.StatusPending, n)
	}
	return part.Section(v.S(i18n.NavOutbox), "", part.NewText(said, look.Body, look.InkText), v.to("outbox", i18n.BoardOutboxOpen))
}

// side are the ways into every section of the profile, and what activates it;
// before one has signed in, the ways in.
func (v *Board) side() fyne.CanvasObject {
	p := v.s.Profile
	if !p.Offered() {
		col := []fyne.CanvasObject{part.NewBold(v.S(i18n.BoardGuestTitle), look.Heading, look.InkText), part.NewText(v.S(i18n.BoardGuestWhy), look.Body, look.InkText)}
		if v.s.Accounts() && !v.s.Present.Signed() {
			col = append(col, part.Wrap(look.S2, v.stops.act("signin", v.S(i18n.AcctSignin), part.Primary, func() { v.h.Go("signin") }),
				v.stops.act("signup", v.S(i18n.AcctSignup), part.Secondary, func() { v.h.Go("signup") })))
		}
		return part.Column(look.S3, col...)
	}
	col := []fyne.CanvasObject{part.NewBold(v.S(i18n.BoardMenu), look.Heading, look.InkText)}
	if p.Count() > 0 {
		col = append(col, part.Wrap(0, v.stops.act("activate here", v.S(i18n.ProfileActivateChanges), part.Primary, v.activate)))
	}
	link := func(name, text string, page state.ProfilePage) {
		l := part.NewWrapLink(text, look.Body, look.InkAccent, func() { v.open(page) })
		v.stops.add("menu "+name, l)
		col = append(col, l)
	}
	link("overview", v.S(i18n.ProfileOverview), state.ProfileOverview)
	for _, x := range p.Sections() {
		text := x.Label
		if x.Empty {
			text = v.S(i18n.BoardMenuEmpty, "Name", x.Label)
		}
		link(x.Field, text, x.Page)
	}
	return part.Column(look.S3, col...)
}
