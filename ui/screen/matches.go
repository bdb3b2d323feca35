package screen

import (
	"fmt"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"passerelle/i18n"
	"passerelle/store/match"
	"passerelle/store/posting"
	"passerelle/ui/look"
	"passerelle/ui/page"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

const foldMatches = 960 // under this width, in px at 100 % text, only one pane is shown

// Matches draws the postings that suit the person's profile, the best first, and beside them
// why one does, what is lacking over several, or what was refused.
type Matches struct {
	s *state.State
	h Host

	head   *fyne.Container // title, way, and what else can be shown
	heads  stops
	blanks stops
	list   *part.List
	empty  *part.Page // in the place of both panes
	side   *part.Page
	col    *fyne.Container
	stops  stops
	split  *part.Split
	body   *fyne.Container
	root   *fyne.Container
	open   bool // the side over the list, where there is room for one of them only
	at     string
	shown  bool
	fresh  bool
}

// NewMatches draws the screen.
func NewMatches(s *state.State, h Host) *Matches {
	v := &Matches{s: s, h: h, heads: stops{h: h}, blanks: stops{h: h}, stops: stops{h: h}, col: part.Column(look.S4), head: part.Column(look.S2)}
	w, t, m := s.Words(), look.Now(), s.Matches
	v.list = part.NewList(w.S(i18n.MatchesList), part.MatchHeight(), func() part.Row { return part.NewMatchRow(v.row) })
	v.list.OnSelect = func(i int) {
		m.Select(i)
		if m.Pane == state.MatchRefused {
			m.Open(state.MatchWhy)
		}
	}
	v.list.OnOpen = func(i int) {
		m.Select(i)
		m.Open(state.MatchWhy)
		v.reveal()
	}
	v.list.OnDelete = v.refuse
	v.list.OnMenu = v.menu
	v.side = part.NewPage(part.Pad(v.col, look.S4, look.S6, look.S6, look.S6)).Watch()
	v.empty = part.NewPage(nil).Watch()
	v.split = part.NewSplit(w.S(i18n.MatchesSplit), part.Filled(t.Surface, v.list), part.Filled(t.Ground, v.side), t.Px(listWidth+16), t.Px(300), t.Px(640))
	v.body = container.NewStack(v.split, v.empty)
	v.root = container.New(&matchesLayout{v: v}, part.Filled(t.Ground, part.Pad(v.head, look.S4, look.S6, look.S3, look.S6)), part.Rule(false), v.body)
	m.Changed, m.Rows = v.update, v.list.Update
	v.update()
	return v
}

// Object is the screen.
func (v *Matches) Object() fyne.CanvasObject { return v.root }

// Enter finds them again.
func (v *Matches) Enter() {
	v.shown, v.fresh = true, true
	v.s.Hidden.Load()
	v.s.Matches.Load()
}

// Left tells the server of what was refused.
func (v *Matches) Left() {
	v.shown = false
	v.s.Matches.Left()
}

// Back goes from what stands beside the list to the list.
func (v *Matches) Back() bool {
	m := v.s.Matches
	switch {
	case v.open && v.narrow():
		v.conceal()
	case m.Pane != state.MatchWhy:
		m.Open(state.MatchWhy)
		v.h.Canvas().Focus(v.list)
	case m.Count() > 0 && v.list.Visible() && v.h.Canvas().Focused() != fyne.Focusable(v.list):
		v.h.Canvas().Focus(v.list)
	default:
		return false
	}
	return true
}

// Find does nothing: there is no search field.
func (v *Matches) Find() bool { return false }

// Keys scrolls what stands beside the list.
func (v *Matches) Keys(e *fyne.KeyEvent) {
	if v.empty.Visible() {
		v.empty.Keys(e)
	} else {
		v.side.Keys(e)
	}
}

func (v *Matches) narrow() bool { return v.h.Width() < foldMatches }

// reveal shows the side, where there is room for one pane only, and gives it the keyboard.
func (v *Matches) reveal() {
	v.open = true
	v.root.Refresh()
	v.draw()
	if f := v.stops.first(); f != nil && v.narrow() {
		v.h.Canvas().Focus(f)
	}
}

func (v *Matches) conceal() {
	v.open = false
	v.root.Refresh()
	v.draw()
	v.h.Canvas().Focus(v.list)
}

// S says a message in the language of the person.
func (v *Matches) S(k i18n.Key, args ...any) string { return v.s.Words().S(k, args...) }

func (v *Matches) act(name, text, label string, kind part.Kind, do func()) *part.Button {
	b := part.NewButton(text, kind, "", do)
	if label != "" {
		b.Label = label
	}
	v.stops.add(name, b)
	return b
}

// stop is a button that keeps the keyboard over a drawing.
func (v *Matches) stop(name string, b *part.Button) *part.Button {
	v.stops.add(name, b)
	return b
}

// row is a line of the list.
func (v *Matches) row(i int) part.Match {
	m, w := v.s.Matches, v.s.Words()
	l := m.Row(i)
	x := part.Match{Ready: l.Ready, Title: l.Title, Who: l.Who, Percent: l.Percent, Share: v.S(i18n.MatchesPercent, "N", l.Percent), Stars: l.Stars,
		Lacks: l.Lacks, Tag: l.Invited, Marked: l.Chosen, Mark: v.S(i18n.MatchesMarked)}
	if !l.Chosen {
		x.Mark = ""
	}
	for k, n := range []int{l.Met, l.Partly, l.Missing} {
		if n > 0 {
			x.Tally[k] = w.Number(n)
		}
	}
	x.Said = state.Starred(w, l.Percent, l.Stars) + ", " + v.tally(l.Met, l.Partly, l.Missing)
	return x
}

func (v *Matches) tally(met, partly, missing int) string {
	w := v.s.Words()
	return w.N(i18n.MatchesTallyMet, met) + ", " + w.N(i18n.MatchesTallyPartly, partly) + ", " + w.N(i18n.MatchesTallyMissing, missing)
}

// menu is what can be done with a line.
func (v *Matches) menu(i int, at fyne.Position) {
	m := v.s.Matches
	l := m.Row(i)
	choose := i18n.MatchesChoose
	if l.Chosen {
		choose = i18n.MatchesUnchoose
	}
	part.ShowMenu(v.h.Canvas(), at, part.MenuLine{Text: v.S(i18n.MatchesRead), Do: func() { v.h.Read(l.ID) }},
		part.MenuLine{Text: v.S(choose), Do: func() { m.Choose(i) }},
		part.MenuLine{Text: v.S(i18n.MatchesRefuse), Do: func() { v.refuse(i) }},
		part.MenuLine{Text: v.S(compareKey(v.s, l.ID)), Do: func() { v.compare(l.ID) }})
}

// At is the posting that is chosen in the list.
func (v *Matches) At() int64 { return v.s.Matches.Row(v.s.Matches.At).ID }

func (v *Matches) compare(id int64) {
	v.h.Say(v.s.Compare.Toggle(id))
	v.draw()
}

// printed is how many of the list are printed at most, the best first.
const printed = 100

// paper is the list, to print.
func (v *Matches) paper() Paper {
	m := v.s.Matches
	var list []page.Scored
	return Paper{Name: v.S(i18n.MatchesFile), Own: true, Before: func(then func()) {
		m.Best(printed, func(found []match.Found, cards []posting.Card) {
			by := map[int64]posting.Card{}
			for _, c := range cards {
				by[c.ID] = c
			}
			for _, f := range found {
				if c, ok := by[f.ID]; ok {
					list = append(list, page.Scored{Card: c, Score: f.Score})
				}
			}
			then()
		})
	}, Page: func() page.Page {
		return page.Matches(v.s, m.Mode(), m.Count(), list, match.New(m.Basis()).Empty())
	}}
}

// explained is how a posting suits, to print.
func (v *Matches) explained(x *state.Meeting) Paper {
	return Paper{Name: v.S(i18n.MatchesFile) + "-" + strconv.FormatInt(x.Card.Number, 10), Own: true, Page: func() page.Page {
		p, ok := v.s.Matches.Posting(x)
		if !ok {
			p = posting.Posting{Card: x.Card} // its lines have gone, its requirements have not
		}
		return page.Explained(v.s, p, x.Says, x.Steps, x.Bar)
	}}
}

// refuse takes a posting out; where its employer is told at once, after a question.
func (v *Matches) refuse(i int) {
	m := v.s.Matches
	if !m.Final(i) {
		m.Refuse(i)
		return
	}
	var d *part.Dialog
	keep := part.NewButton(v.S(i18n.Cancel), part.Secondary, "", func() { d.Close() })
	do := part.NewButton(v.S(i18n.MatchesRefuseSure), part.Primary, "", func() {
		d.Close()
		m.Refuse(i)
	})
	d = part.ShowDialog(v.h.Canvas(), v.S(i18n.MatchesFinal), part.NewText(v.S(i18n.MatchesFinalWhy), look.Body, look.InkText), keep, look.Now().Px(480), do, keep)
}

// update carries over what changed.
func (v *Matches) update() {
	m := v.s.Matches
	v.heads.redraw(v.header, func() fyne.Focusable { return v.list })
	v.head.Refresh()
	var o fyne.CanvasObject
	v.blanks.redraw(func() { o = v.nothing() }, func() fyne.Focusable { return v.list })
	if o != nil {
		v.list.SetCount(0)
		v.empty.SetContent(part.Centre(look.Now().Px(760), o))
		v.empty.Show()
		v.split.Hide()
	} else {
		v.empty.Hide()
		v.split.Show()
		v.list.SetCount(m.Count())
		v.list.Mark(m.At)
	}
	v.draw()
	v.root.Refresh()
	if v.fresh && v.shown && m.Loaded && !m.Working {
		v.fresh = false
		v.open = false
		switch {
		case v.split.Visible():
			v.h.Canvas().Focus(v.list)
		case v.blanks.first() != nil:
			v.h.Canvas().Focus(v.blanks.first())
		}
	}
	v.h.Mend(v.list, v.blanks.first(), v.heads.first())
}

// header is the title, of what the list is, and what else can be seen.
func (v *Matches) header() {
	m, w := v.s.Matches, v.s.Words()
	title := []fyne.CanvasObject{part.NewLine(v.S(i18n.NavMatches), look.Title, look.InkText, true)}
	v.head.Objects = title
	if !m.Offered() || !m.Loaded || m.Bare() {
		return
	}
	if m.Preview() != "" {
		title = append(title, part.Badge(v.S(i18n.MatchesPreview), look.InkWarning))
	}
	inDefault, strict := m.Counts()
	at := 0
	if m.Mode() == match.Strict {
		at = 1
	}
	mode := part.NewChoice(v.S(i18n.ProfileMode), v.S(i18n.MatchesMode), part.Secondary,
		[]string{v.S(i18n.MatchesDefaultN, "N", w.Number(inDefault)), v.S(i18n.MatchesStrictN, "N", w.Number(strict))}, at,
		func(i int) { m.SetMode([]match.Mode{match.Default, match.Strict}[i]) })
	v.heads.add("mode", mode)
	acts := []fyne.CanvasObject{mode}
	pane := func(p state.MatchPane, text string) {
		b := part.NewButton(text, part.Secondary, "", func() {
			if m.Pane == p {
				m.Open(state.MatchWhy)
				return
			}
			m.Open(p)
			v.reveal()
		})
		if m.Pane == p {
			b.Label = v.S(i18n.MatchesShown, "What", text)
		}
		v.heads.add("pane "+string(p), b)
		acts = append(acts, b)
	}
	if m.Count() > 0 || len(m.Targets) > 0 {
		pane(state.MatchGaps, v.S(i18n.MatchesGaps))
	}
	if n := len(m.Refused()); n > 0 {
		pane(state.MatchRefused, v.S(i18n.MatchesRefusedN, "N", w.Number(n)))
	}
	if m.Count() > 0 {
		b := PrintButton(v.s, v.h, part.Secondary, v.paper)
		b.Label = v.S(i18n.MatchesPrintList)
		v.heads.add("print", b)
		acts = append(acts, b)
	}
	v.head.Objects = []fyne.CanvasObject{part.Column(2, part.Wrap(look.S3, title...), part.NewText(m.Summary(), look.Body, look.InkMuted)), part.Wrap(look.S2, acts...)}
	if u := m.Last; u != nil {
		b := part.NewButton(v.S(i18n.SavedUndo), part.Link, "", m.Back)
		v.heads.add("undo", b)
		v.head.Add(part.Banner(part.Plain, look.IconInfo, u.What, b))
	}
	if said := m.Problem(); said != "" {
		v.head.Add(part.Banner(part.Bad, look.IconWarn, said))
	}
}

// nothing is what is shown where there is no list; nil: there is one.
func (v *Matches) nothing() fyne.CanvasObject {
	m, w := v.s.Matches, v.s.Words()
	v.at = ""
	use := func(text string, kind part.Kind, do func()) *part.Button {
		b := part.NewButton(text, kind, "", do)
		v.blanks.add(text, b)
		return b
	}
	button := func(k i18n.Key, kind part.Kind, do func()) *part.Button { return use(v.S(k), kind, do) }
	profile := func() { v.h.Go("profile") }
	switch {
	case !m.Offered():
		return part.Empty(look.IconNoStar, v.S(i18n.ProfileNobody), v.S(i18n.MatchesNobody))
	case m.Working && m.Count() == 0:
		bar := part.NewProgress(v.S(i18n.Cancel), m.Stop)
		share, left := 0.0, ""
		if m.Total > 0 {
			share, left = float64(m.Done)/float64(m.Total), w.S(i18n.MatchesReadOf, "Done", w.Number(m.Done), "Total", w.Number(m.Total))
		}
		v.blanks.add("stop", bar.Stop())
		bar.Set(share, v.S(i18n.MatchesFinding), left)
		return part.Pad(part.Narrow(look.Now().Px(640), bar), look.S6, look.S6, look.S6, look.S6)
	case !m.Loaded:
		return part.Gap(1)
	case m.Err != nil:
		return part.Empty(look.IconWarn, v.S(i18n.MatchesFailed), m.Failure(), button(i18n.Again, part.Primary, m.Load))
	case v.s.Profile.Err != nil:
		return part.Empty(look.IconWarn, v.S(i18n.MatchesFailed), v.s.Profile.Fault(), button(i18n.Again, part.Primary, m.Load))
	case v.s.Status.None:
		return part.Empty(look.IconOffline, v.S(i18n.NoneTitle), v.S(i18n.NoneWhy), button(i18n.NoneAct, part.Primary, func() { v.h.Go("sync") }))
	case m.Bare():
		var acts []*part.Button
		for _, s := range m.Empty() {
			acts = append(acts, use(v.S(i18n.MatchesFill, "Name", s.Label), part.Secondary, func() {
				v.s.Profile.Open(s.Page)
				profile()
			}))
		}
		return part.Empty(look.IconNoStar, v.S(i18n.MatchesBare), v.S(i18n.MatchesBareWhy), acts...)
	case m.Count() == 0 && m.Pane == state.MatchWhy:
		why, acts := v.S(i18n.MatchesNoneWhy), []*part.Button{button(i18n.MatchesToProfile, part.Primary, profile)}
		inDefault, _ := m.Counts()
		if m.Mode() == match.Strict && inDefault > 0 {
			why = w.N(i18n.MatchesNoneStrict, inDefault)
			acts = append([]*part.Button{button(i18n.MatchesToDefault, part.Primary, func() { m.SetMode(match.Default) })}, button(i18n.MatchesToProfile, part.Secondary, profile))
		}
		if m.Later > 0 {
			why += " " + w.N(i18n.MatchesExpress, m.Later)
		}
		return part.Empty(look.IconNoStar, v.S(i18n.MatchesNone), why+" "+v.S(i18n.MatchesWho), acts...)
	}
	return nil
}

// draw draws what stands beside the list.
func (v *Matches) draw() {
	m := v.s.Matches
	at := fmt.Sprint(m.Pane)
	if m.Pane == state.MatchWhy && m.Why != nil {
		at += strconv.FormatInt(m.Why.Card.ID, 10)
	}
	v.stops.redraw(v.sides, func() fyne.Focusable { return v.list })
	v.side.Reflow()
	if at != v.at {
		v.at = at
		v.side.Scroll(-1e9)
	}
}

func (v *Matches) sides() {
	m := v.s.Matches
	var col []fyne.CanvasObject
	if v.narrow() {
		col = append(col, part.Wrap(0, v.act("back", v.S(i18n.PostingBack), "", part.Quiet, v.conceal)))
	}
	col = append(col, v.banners()...)
	switch {
	case v.empty.Visible():
		v.stops.at, v.stops.order, col = nil, nil, nil // nothing of it is shown
	case m.Pane == state.MatchGaps:
		col = append(col, v.gaps()...)
	case m.Pane == state.MatchRefused:
		col = append(col, v.refused())
	case m.Why != nil:
		col = append(col, v.why(m.Why))
	}
	v.col.Objects = col
}

// banners say of what these are a preview, and what else the person should know.
func (v *Matches) banners() (all []fyne.CanvasObject) {
	m, w, p := v.s.Matches, v.s.Words(), v.s.Profile
	if said := m.Preview(); said != "" {
		all = append(all, part.Banner(part.Warn, look.IconInfo, said))
	}
	if n := p.Count(); n > 0 {
		see, on := i18n.MatchesTryOn, true
		if m.Try {
			see, on = i18n.MatchesTryOff, false
		}
		all = append(all, part.Banner(part.Warn, look.IconInfo, w.N(i18n.ProfilePending, n),
			v.act("activate", v.S(i18n.ProfileActivateChanges), "", part.Secondary, func() {
				if p.Activate() {
					v.h.Say(v.S(i18n.ProfileActivated))
					return
				}
				p.Open(state.ProfileOverview) // it says what is missing
				v.h.Go("profile")
			}), v.act("try", v.S(see), "", part.Secondary, func() { m.SetTry(on) })))
	} else if p.CanActivate() {
		all = append(all, part.Wrap(0, v.act("profile", v.S(i18n.MatchesToProfile), "", part.Secondary, func() { v.h.Go("profile") })))
	}
	if m.Express() {
		all = append(all, part.Banner(part.Plain, look.IconClock, w.N(i18n.MatchesExpress, m.Later)))
	}
	return all
}

// why is how the chosen posting suits, requirement by requirement.
func (v *Matches) why(x *state.Meeting) fyne.CanvasObject {
	m, w, i := v.s.Matches, v.s.Words(), v.s.Matches.At
	head := state.Head(x.Card, w.Lang()).Title
	id := x.Card.ID
	choose := i18n.MatchesChoose
	if m.IsChosen(i) {
		choose = i18n.MatchesUnchoose
	}
	col := []fyne.CanvasObject{
		part.Column(2, part.NewBold(v.S(i18n.MatchesWhyPercent, "N", x.Says.Percent), look.Title, look.InkText),
			part.NewBold(head, look.Body, look.InkText),
			part.NewText(v.S(i18n.MatchesSame, "Number", state.Number(w, x.Card.Number), "Version", x.Says.Version), look.Small, look.InkMuted)),
		part.Wrap(look.S2, v.act("read", v.S(i18n.MatchesRead), "", part.Primary, func() { v.h.Read(id) }),
			v.act("refuse", v.S(i18n.MatchesRefuse), "", part.Secondary, func() { v.refuse(m.At) }),
			v.act("choose", v.S(choose), "", part.Secondary, func() { m.Choose(m.At) }),
			v.act("compare", v.S(compareKey(v.s, id)), "", part.Secondary, func() { v.compare(id) }),
			v.stop("print", PrintButton(v.s, v.h, part.Secondary, func() Paper { return v.explained(x) }))),
	}
	if m.Invites(i) {
		var acts []*part.Button
		if v.h.Has("invitations") {
			acts = append(acts, v.act("invitation", v.S(i18n.MatchesInvitation), "", part.Secondary, func() { v.h.Go("invitations") }))
		}
		col = append(col, part.Banner(part.Plain, look.IconMail, v.S(i18n.MatchesInvited), acts...))
	}
	col = append(col, meets(v.s, x, v.have)...)
	return part.Column(look.S4, part.Card(part.Column(look.S3, col...)), part.NewText(v.S(i18n.MatchesWho), look.Small, look.InkMuted))
}

// have is the way to say that one has what is asked; nil where there is none.
func (v *Matches) have(x *state.Wanted, text string) fyne.CanvasObject {
	words, label := haveWords(v.s.Words(), *x, text)
	return v.act("have "+text, words, label, part.Link, func() { haveIt(v.s, v.h, *x) }).Small()
}

// haveWords are those of the button of who has what is asked.
func haveWords(w *i18n.Words, x state.Wanted, text string) (words, label string) {
	if x.Kind == match.Place || x.Kind == match.Workplace {
		return w.S(i18n.MatchesGoThere), w.S(i18n.MatchesGoThereOf, "What", text)
	}
	if x.Plain() {
		return w.S(i18n.MatchesHave), w.S(i18n.MatchesHaveOf, "What", text)
	}
	return w.S(i18n.MatchesSection), w.S(i18n.MatchesSectionOf, "What", text)
}

// haveIt writes into the profile what a person has, or opens the page on which it is chosen.
func haveIt(s *state.State, h Host, x state.Wanted) {
	if !x.Plain() {
		s.Profile.Open(x.Section())
		h.Go("profile")
		return
	}
	s.Matches.Have(x)
	h.Say(s.Words().S(i18n.MatchesAdded))
}

// meets are the requirements of a posting with what each adds, their sum, and what would
// raise it; act makes what a person uses who has what is asked.
func meets(s *state.State, x *state.Meeting, act func(x *state.Wanted, text string) fyne.CanvasObject) (col []fyne.CanvasObject) {
	m, w := s.Matches, s.Words()
	for i, l := range m.Lines(x) {
		if i > 0 {
			col = append(col, part.Rule(false))
		}
		icon, ink := look.IconUnknown, look.InkMuted
		for k, st := range []match.State{match.Met, match.Partly, match.Missing} {
			if l.State == st {
				icon, ink = part.Stands[k].Icon, part.Stands[k].Ink
			}
		}
		under := l.Verdict
		if l.Gain != "" {
			under += " · " + l.Gain
		}
		text := part.Column(2, part.NewText(l.Text, look.Body, look.InkText), part.NewText(under, look.Small, look.InkMuted))
		if l.Add != nil && act != nil {
			text.Add(part.Wrap(0, act(l.Add, l.Text)))
		}
		col = append(col, part.Ends(look.S3, part.Sign(icon, ink, text), part.NewLine(l.Points, look.Body, look.InkText, true)))
	}
	return append(col, part.Rule(false), part.Ends(look.S3, part.NewBold(w.S(i18n.MatchesTotal), look.Body, look.InkText), part.NewLine(m.Sum(x), look.Body, look.InkText, true)))
}

// gaps are what is lacking over the chosen postings, and the learning targets.
func (v *Matches) gaps() []fyne.CanvasObject {
	m := v.s.Matches
	rows := []fyne.CanvasObject{part.NewText(m.GapsOf(), look.Body, look.InkText)}
	if len(m.Chosen) > 0 {
		rows = append(rows, part.Wrap(0, v.act("none", v.S(i18n.MatchesChooseNone), "", part.Secondary, m.ChooseNone)))
	}
	lines := m.GapLines()
	if len(lines) == 0 && m.Gapped {
		rows = append(rows, part.NewText(v.S(i18n.MatchNoGap), look.Body, look.InkMuted))
	}
	for _, l := range lines {
		acts := []fyne.CanvasObject{}
		if l.Targeted {
			acts = append(acts, part.Badge(v.S(i18n.MatchesTargeted), look.InkAccent))
		} else if m.Keeps() && m.Unkept == nil {
			acts = append(acts, v.act("target "+l.Text, v.S(i18n.MatchesTarget), v.S(i18n.MatchesTargetOf, "What", l.Text), part.Secondary, func() { m.SetTarget(l.Want) }).Small())
		}
		acts = append(acts, v.have(&l.Want, l.Text))
		rows = append(rows, part.Rule(false), part.Column(look.S1, part.NewBold(l.Text, look.Body, look.InkText), part.NewText(l.Asked, look.Small, look.InkMuted), part.Wrap(look.S2, acts...)))
	}
	return []fyne.CanvasObject{v.targets(), part.Section(v.S(i18n.MatchesGaps), v.S(i18n.MatchesGapsWhy), rows...)}
}

// targets are what the person has set out to learn.
func (v *Matches) targets() fyne.CanvasObject {
	m := v.s.Matches
	var rows []fyne.CanvasObject
	if said := state.MineProblem(v.s.Words(), m.Unkept); said != "" {
		rows = append(rows, part.Labelled(look.IconWarn, part.NewText(said, look.Body, look.InkWarning)))
	}
	if u := m.Dropped; u != nil {
		rows = append(rows, part.Banner(part.Plain, look.IconInfo, u.What, v.act("undo target", v.S(i18n.SavedUndo), "", part.Link, m.BackTarget)))
	}
	if len(m.Targets) == 0 && len(rows) == 0 {
		rows = append(rows, part.NewText(v.S(i18n.MatchesTargetsNone), look.Body, look.InkMuted))
	}
	listed := map[string]bool{}
	for _, l := range m.GapLines() {
		listed[l.Text] = true // it has the act already
	}
	for _, t := range m.Targets {
		done := part.NewCheck(v.S(i18n.MatchesTargetDone), "", t.Done, func(on bool) { m.Reach(t, on) })
		done.Label = v.S(i18n.MatchesTargetDoneOf, "What", t.Text)
		v.stops.add("done "+t.ID, done)
		acts := []fyne.CanvasObject{}
		if t.Done && !listed[t.Text] {
			acts = append(acts, v.have(&t.Want, t.Text))
		}
		acts = append(acts, v.act("drop "+t.ID, v.S(i18n.MatchesTargetDrop), v.S(i18n.MatchesTargetDropOf, "What", t.Text), part.Link, func() { m.DropTarget(t) }).Small())
		rows = append(rows, part.Column(look.S1, part.NewBold(t.Text, look.Body, look.InkText), done, part.Wrap(look.S2, acts...)))
	}
	return part.Section(v.S(i18n.MatchesTargets), v.S(i18n.MatchesTargetsWhy), rows...)
}

// refused are the postings that the person, or their employer, wants no more of.
func (v *Matches) refused() fyne.CanvasObject {
	m := v.s.Matches
	rows := []fyne.CanvasObject{}
	for i, l := range m.Refused() {
		if i > 0 {
			rows = append(rows, part.Rule(false))
		}
		col := part.Column(2, part.NewBold(l.Title, look.Body, look.InkText))
		if l.Who != "" {
			col.Add(part.NewText(l.Who, look.Small, look.InkMuted))
		}
		col.Add(part.NewText(l.State, look.Small, look.InkMuted))
		if !l.Can {
			rows = append(rows, col)
			continue
		}
		back := v.act("take "+strconv.FormatInt(l.Number, 10), v.S(i18n.MatchesTakeBack), v.S(i18n.MatchesTakeBackOf, "Title", l.Title), part.Secondary,
			func() { m.TakeBack(l.Number) }).Small()
		rows = append(rows, part.Ends(look.S4, col, part.Column(0, back)))
	}
	if len(rows) == 0 {
		rows = append(rows, part.NewText(v.S(i18n.MatchesRefusedNone), look.Body, look.InkMuted))
	}
	return part.Section(v.S(i18n.MatchesRefused), v.S(i18n.MatchesRefusedWhy), rows...)
}

// matchesLayout sets the head over the panes; of the panes only one where there is no room
// for two.
type matchesLayout struct {
	v   *Matches
	was string
}

func (l *matchesLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(look.Now().Px(240), look.Now().Px(320))
}

func (l *matchesLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	v := l.v
	only := 0
	if v.narrow() {
		if only = 1; v.open {
			only = 2
		}
	}
	if shape := fmt.Sprint(v.narrow(), only); shape != l.was {
		l.was = shape
		v.split.Only(only)
		v.draw()
	}
	y := float32(0)
	if only == 2 && v.split.Visible() {
		o[0].Hide()
	} else {
		o[0].Show()
		y = part.HeightFor(o[0], s.Width)
		o[0].Move(fyne.Position{})
		o[0].Resize(fyne.NewSize(s.Width, y))
	}
	o[1].Move(fyne.NewPos(0, y))
	o[1].Resize(fyne.NewSize(s.Width, 1))
	o[2].Move(fyne.NewPos(0, y+1))
	o[2].Resize(fyne.NewSize(s.Width, max(s.Height-y-1, 0)))
}

// howMet is how the posting that is read suits whoever reads it; nothing where there is no
// profile to compare it with.
func (v *Posting) howMet(p posting.Posting) []fyne.CanvasObject {
	x, w := v.s.Matches.Here, v.s.Words()
	if x == nil || x.Card.ID != p.ID {
		return nil
	}
	col := []fyne.CanvasObject{part.NewBold(state.Starred(w, x.Says.Percent, x.Says.Stars), look.Body, look.InkAccent)}
	if said := state.Barred(w, x.Bar); said != "" {
		col = append(col, part.Labelled(look.IconInfo, part.NewText(said, look.Small, look.InkWarning)))
	} else if v.s.Profile.Standing() != state.ProfileActive {
		col = append(col, part.NewText(w.S(i18n.MatchPreview), look.Small, look.InkMuted))
	}
	col = append(col, meets(v.s, x, func(want *state.Wanted, text string) fyne.CanvasObject {
		words, label := haveWords(w, *want, text)
		b := part.NewButton(words, part.Link, "", func() { haveIt(v.s, v.h, *want) }).Small()
		b.Label = label
		return b
	})...)
	if v.h.Has("matches") {
		col = append(col, part.Wrap(0, part.NewButton(w.S(i18n.MatchesToList), part.Link, "", func() { v.h.Go("matches") }).Small()))
	}
	return []fyne.CanvasObject{part.Gap(look.S6), part.NewBold(w.S(i18n.MatchesHere), look.Heading, look.InkText), part.Gap(look.S1), part.Column(look.S2, col...)}
}
