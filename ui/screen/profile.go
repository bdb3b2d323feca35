package screen

import (
	"strings"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Profile draws what a person is matched by: the pages on which it is filled in, and the one
// on which it is reviewed and activated.
type Profile struct {
	s *state.State
	h Host

	page  *part.Page
	col   *fyne.Container
	stops stops
	at    state.ProfilePage
	shown bool
	fresh bool // another page was opened: the keyboard goes to the first of it

	find   map[string]*finder // fields keep what is typed while all around them is drawn again
	write  *part.Field        // of the suggestion that is being written
	writes *state.Suggesting
	aim    string // what is to have the keyboard once it is there
}

// NewProfile draws the screen.
func NewProfile(s *state.State, h Host) *Profile {
	v := &Profile{s: s, h: h, col: part.Column(look.S6), stops: stops{h: h}, at: s.Profile.Page, find: map[string]*finder{}}
	v.page = part.NewPage(part.Pad(part.Narrow(look.Now().Px(1080), v.col), look.S6, look.S8, look.S8, look.S8)).Watch()
	s.Profile.Changed = v.draw
	s.Watch(func() { // the session may have ended
		if v.shown && !s.Profile.Offered() {
			v.draw()
		}
	})
	v.draw()
	return v
}

// Object is the screen.
func (v *Profile) Object() fyne.CanvasObject { return v.page }

// Enter reads the profile.
func (v *Profile) Enter() {
	v.shown, v.fresh = true, true
	v.s.Profile.Load()
}

// Left lets go of what was typed and not chosen.
func (v *Profile) Left() {
	v.shown = false
	v.s.Profile.Open(v.s.Profile.Page)
}

// Back closes a suggestion, then what was found, then leaves a section for the overview.
func (v *Profile) Back() bool {
	p := v.s.Profile
	if p.Suggesting != nil {
		v.drop()
		return true
	}
	for what, f := range p.Finders {
		if f.Text != "" {
			v.clear(what)
			return true
		}
	}
	if !p.Offered() || p.Page == state.ProfileOverview || p.Walking {
		return false
	}
	p.Open(state.ProfileOverview)
	return true
}

// Keys scrolls.
func (v *Profile) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// Find gives the keyboard to the field of the page that looks something up.
func (v *Profile) Find() bool {
	for _, f := range v.find {
		v.h.Canvas().Focus(f.field.Entry)
		return true
	}
	return false
}

func (v *Profile) draw() {
	p := v.s.Profile
	if v.at != p.Page {
		v.at, v.fresh = p.Page, true
	}
	if v.fresh {
		v.find, v.write = map[string]*finder{}, nil
	}
	if p.Suggesting != v.writes {
		v.writes, v.write = p.Suggesting, nil
		if v.writes != nil {
			v.aim = "write" // also where it was begun elsewhere
		}
	}
	v.page.Redraw(func() { v.stops.redraw(v.sections, nil) })
	if v.fresh && v.shown && p.Loaded {
		v.fresh = false
		v.page.Scroll(-1e9)
		f := v.stops.first()
		for _, n := range v.stops.order { // of a section, what it is filled in with
			if p.Page != state.ProfileOverview && (strings.HasPrefix(n, "find ") || strings.HasPrefix(n, "box ")) {
				f = v.stops.at[n]
				break
			}
		}
		if f != nil {
			v.h.Canvas().Focus(f)
			v.page.Scroll(-1e9)
		}
	}
	if to, ok := v.stops.at[v.aim]; ok && v.shown {
		v.aim = ""
		v.h.Canvas().Focus(to)
	}
}

// S says a message in the language of the person.
func (v *Profile) S(k i18n.Key, args ...any) string { return v.s.Words().S(k, args...) }

// called gives a button a longer name for screen readers.
func called(b *part.Button, label string) *part.Button { b.Label = label; return b }

func (v *Profile) sections() {
	p, w := v.s.Profile, v.s.Words()
	if !p.Offered() {
		v.col.Objects = []fyne.CanvasObject{part.Card(part.Empty(look.IconPerson, v.S(i18n.ProfileNobody), v.S(i18n.ProfileNobodyWhy)))}
		return
	}
	if !p.Loaded {
		v.col.Objects = []fyne.CanvasObject{part.NewBold(v.S(i18n.ProfileManage), look.Title, look.InkText)}
		return
	}
	title := i18n.ProfileManage
	if p.Page == state.ProfileOverview && !p.Walking {
		title = i18n.ProfileOverview
	}
	head := part.Column(look.S1, part.NewBold(v.S(title), look.Title, look.InkText), part.NewText(v.S(i18n.ProfileWhy), look.Body, look.InkMuted))
	col := []fyne.CanvasObject{head}
	if p.Walking {
		names, at := p.Steps()
		where := w.S(i18n.FlowWhere, "N", at, "All", len(names), "Name", names[at-1])
		if at == 4 {
			n := map[state.ProfilePage]int{state.ProfileExperience: 1, state.ProfileEducation: 2, state.ProfileCredentials: 3}[p.Page]
			where = w.S(i18n.ProfilePart, "Where", where, "N", n, "All", 3)
		}
		col = append(col, part.NewSteps(where, names, at))
	}
	body := part.Column(look.S4, v.banners()...)
	switch p.Page {
	case state.ProfilePlaces:
		body.Objects = append(body.Objects, v.places()...)
	case state.ProfileExperience:
		body.Objects = append(body.Objects, v.experience()...)
	case state.ProfileEducation:
		body.Objects = append(body.Objects, v.education()...)
	case state.ProfileCredentials:
		body.Objects = append(body.Objects, v.credentials()...)
	default:
		v.col.Objects = append(col, part.Narrow(look.Now().Px(860), part.Column(look.S4, append(body.Objects, v.overview()...)...)))
		return
	}
	body.Objects = append(body.Objects, part.NewText(p.SavedLine(), look.Small, look.InkMuted), v.foot())
	side := map[state.ProfilePage]i18n.Key{state.ProfilePlaces: i18n.ProfilePlacesSide, state.ProfileExperience: i18n.ProfileWorkSide,
		state.ProfileEducation: i18n.ProfileStudiesSide, state.ProfileCredentials: i18n.ProfileCredSide}[p.Page]
	help := part.Column(look.S3, part.NewText(v.S(side), look.Body, look.InkText), part.NewText(v.S(i18n.ProfileAnonymous), look.Body, look.InkMuted))
	v.col.Objects = append(col, part.Flanked(body, help))
}

// banners tell what waits, on every page.
func (v *Profile) banners() (all []fyne.CanvasObject) {
	p, w := v.s.Profile, v.s.Words()
	if said := p.Fault(); said != "" {
		all = append(all, part.Banner(part.Bad, look.IconWarn, said, v.stops.act("retry", v.S(i18n.ProfileRetry), part.Secondary, p.Retry)))
	}
	if p.Conflicts > 0 {
		all = append(all, part.Banner(part.Warn, look.IconWarn, w.N(i18n.ProfileConflicts, p.Conflicts),
			v.stops.act("conflicts", v.S(i18n.ProfileChoose), part.Secondary, func() { v.h.Go("conflict") })))
	}
	if p.Refused {
		all = append(all, part.Banner(part.Warn, look.IconWarn, v.S(i18n.ProfileRefused),
			v.stops.act("refused", v.S(i18n.ProfileRefusedSee), part.Secondary, func() { v.h.Go("outbox") })))
	}
	if p.Rested() {
		all = append(all, part.Banner(part.Warn, look.IconInfo, v.S(i18n.ProfileRested),
			v.stops.act("again", v.S(i18n.ProfileActivate), part.Secondary, v.activate)))
	}
	if n := p.Count(); n > 0 && p.Page != state.ProfileOverview {
		all = append(all, part.Banner(part.Warn, look.IconInfo, w.N(i18n.ProfilePending, n),
			v.stops.act("activate", v.S(i18n.ProfileActivateChanges), part.Secondary, v.activate)))
	}
	return all
}

func (v *Profile) activate() {
	if v.s.Profile.Activate() {
		v.h.Say(v.S(i18n.ProfileActivated))
		return
	}
	v.s.Profile.Open(state.ProfileOverview) // it says what is missing
}

// foot leads on.
func (v *Profile) foot() fyne.CanvasObject {
	p := v.s.Profile
	text := i18n.ProfileOverview
	if p.Walking {
		text = i18n.CommonContinue
	}
	acts := []fyne.CanvasObject{v.stops.act("next", v.S(text), part.Primary, p.Next)}
	if p.Walking {
		if p.Page != state.ProfilePlaces {
			acts = append(acts, v.stops.act("before", v.S(i18n.ProfileBack), part.Secondary, p.Before))
		}
		acts = append(acts, v.stops.act("overview", v.S(i18n.ProfileOverview), part.Secondary, func() { p.Open(state.ProfileOverview) }))
	}
	return part.Wrap(look.S2, acts...)
}

// finder is a field that looks something up for a list of the profile; nothing is what to say
// where nothing was found.
func (v *Profile) finder(what, label, help, nothing string) fyne.CanvasObject {
	p := v.s.Profile
	f := v.find[what]
	if f == nil {
		f = &finder{name: "find " + what, label: label, help: help, nothing: nothing,
			find: func(text string) {
				if text != p.Finders[what].Text {
					p.Find(what, text)
				}
			},
			chosen: func(x state.Listed) bool { return p.Chosen(what, x) },
			choose: func(x state.Listed) { p.Choose(what, x) },
			enter:  func() (state.Listed, bool) { return p.Enter(what) },
			took: func(x state.Listed) { // of a title, how long one worked in it comes next
				if to, ok := v.stops.at["length "+x.Value]; ok && what == state.FindTitle {
					v.h.Canvas().Focus(to)
				}
			}}
		v.find[what] = f
	}
	return f.draw(v.s.Words(), &v.stops, p.Finders[what])
}

// clear forgets what was looked for.
func (v *Profile) clear(what string) {
	if f := v.find[what]; f != nil {
		f.clear(&v.stops)
	} else {
		v.s.Profile.Find(what, "")
	}
}

// chips are the values of a list that is not shown as boxes; using one takes it out.
func (v *Profile) chips(field string, values []string, empty string) fyne.CanvasObject {
	p := v.s.Profile
	if len(values) == 0 {
		return part.NewText(empty, look.Body, look.InkMuted)
	}
	var all []fyne.CanvasObject
	for _, x := range values {
		name := p.Word(field, x)
		c := part.NewChip(name, v.S(i18n.ProfileRemove, "Name", name), func() { p.Tick(field, x, false) })
		v.stops.add("chip "+field+" "+x, c)
		all = append(all, c)
	}
	return part.Wrap(look.S2, all...)
}

// boxes are values that can be ticked.
func (v *Profile) boxes(field string, values []string) fyne.CanvasObject {
	p := v.s.Profile
	var all []fyne.CanvasObject
	for _, x := range values {
		c := part.NewCheck(p.Word(field, x), "", p.Has(field, x), func(on bool) { p.Tick(field, x, on) })
		v.stops.add("box "+field+" "+x, c)
		all = append(all, c)
	}
	return part.Grid(2, look.Now().Px(250), look.S4, look.S1, all...)
}

// problem says why something was not taken.
func (v *Profile) problem(fields ...string) (all []fyne.CanvasObject) {
	p := v.s.Profile
	for _, f := range fields {
		if p.Problem != "" && p.ProblemOf == f {
			all = append(all, part.Labelled(look.IconWarn, part.NewText(p.Problem, look.Body, look.InkDanger)))
		}
	}
	return all
}

func (v *Profile) places() []fyne.CanvasObject {
	p := v.s.Profile
	where := append([]fyne.CanvasObject{v.finder(state.FindPlace, v.S(i18n.ProfilePlacesFind), v.S(i18n.ProfilePlacesHelp), v.S(i18n.ProfilePlacesNotFound))},
		v.problem("places")...)
	where = append(where, v.chips("places", p.Values("places"), v.S(i18n.ProfilePlacesNone)))
	var express fyne.CanvasObject
	if p.Express {
		express = part.Labelled(look.IconCheck, part.NewText(v.S(i18n.ProfileExpressAccount), look.Body, look.InkText))
	} else {
		on := p.Flag("express")
		c := part.NewCheck(v.S(i18n.ProfileExpressCheck), "", on, p.SetExpress)
		defer v.stops.add("express", c)
		express = c
	}
	return []fyne.CanvasObject{
		part.Section(v.S(i18n.ProfileStepPlaces), v.S(i18n.ProfilePlacesWhy), where...),
		part.Section(v.S(i18n.ProfileWorkplaces), v.S(i18n.ProfileWorkplacesWhy), v.boxes("workplaces", p.Workplaces())),
		part.Section(v.S(i18n.ProfileExpress), v.S(i18n.ProfileExpressWhy), express),
	}
}

func (v *Profile) experience() (all []fyne.CanvasObject) {
	p := v.s.Profile
	works := p.Works()
	titles := append([]fyne.CanvasObject{v.finder(state.FindTitle, v.S(i18n.ProfileWorkFind), v.S(i18n.ProfileWorkHelp), v.S(i18n.ProfileWorkNotFound))},
		v.problem("experience")...)
	if some := v.written("title", "", ""); some != nil {
		titles = append(titles, some...)
	} else if p.Finders[state.FindTitle].Done {
		titles = append(titles, part.Wrap(0, v.stops.act("suggest title", v.S(i18n.ProfileSuggestTitle), part.Link, func() {
			v.suggest("title", "", "", p.Finders[state.FindTitle].Text)
		}).Small()))
	}
	if len(works) == 0 {
		titles = append(titles, part.NewText(v.S(i18n.ProfileWorkNone), look.Body, look.InkMuted))
	}
	all = append(all, part.Section(v.S(i18n.ProfileExperience), v.S(i18n.ProfileWorkWhy), titles...))
	for _, x := range works {
		all = append(all, v.work(x))
	}
	rest := []fyne.CanvasObject{}
	if others := p.Others(); len(others) > 0 {
		rest = append(rest, part.Column(look.S1, part.NewBold(v.S(i18n.ProfileSkillsOther), look.Body, look.InkText),
			part.NewText(v.S(i18n.ProfileSkillsOtherWhy)+" "+v.S(i18n.ProfileWorkSkillsStay), look.Small, look.InkMuted)), v.chips("skills", others, ""))
	}
	rest = append(rest, v.problem("skills")...)
	if p.More {
		rest = append(rest, v.finder(state.FindSkill, v.S(i18n.ProfileSkillsFind), v.S(i18n.ProfileSkillsHelp), v.S(i18n.ProfileSkillsNotFound)))
	} else {
		rest = append(rest, part.Wrap(0, v.stops.act("more", v.S(i18n.SkillsMore), part.Secondary, func() {
			v.aim = "find " + state.FindSkill
			p.ShowMore()
		})))
	}
	return append(all, part.Card(part.Column(look.S3, rest...)))
}

// work is a title: how long, and its skills by category.
func (v *Profile) work(x state.Work) fyne.CanvasObject {
	p := v.s.Profile
	values, words := p.Lengths()
	at := -1
	for i, l := range values {
		if l == x.Length {
			at = i
		}
	}
	long := part.NewChoice(v.S(i18n.ProfileWorkLengthOf, "Title", x.Title), "", part.Secondary, words, at, func(i int) { p.AddWork(x.NOC, values[i]) })
	v.stops.add("length "+x.NOC, long)
	drop := called(v.stops.act("drop "+x.NOC, v.S(i18n.ProfileWorkDrop), part.Secondary, func() { p.DropWork(x.NOC) }).Small(), v.S(i18n.ProfileWorkDropOf, "Title", x.Title))
	col := []fyne.CanvasObject{
		part.Ends(look.S4, part.NewBold(x.Title, look.Heading, look.InkText), part.Column(0, drop)),
		part.Wrap(0, part.Labelling(v.S(i18n.ProfileWorkLength), long)),
	}
	some := false
	for _, l := range x.Lists {
		if len(l.IDs) > 0 {
			some = true
		}
	}
	if !some {
		col = append(col, part.NewText(v.S(i18n.ProfileSkillsNone), look.Body, look.InkMuted))
	}
	for _, l := range x.Lists {
		list := []fyne.CanvasObject{part.NewBold(l.Title, look.Body, look.InkText)}
		if len(l.IDs) > 0 {
			list = append(list, v.boxes("skills", l.IDs))
		}
		name := x.NOC + " " + string(l.Section)
		if some := v.written("skill", x.NOC, string(l.Section)); some != nil {
			list = append(list, some...)
		} else {
			b := called(v.stops.act("suggest "+name, v.S(i18n.SkillsSuggest), part.Link, func() { v.suggest("skill", x.NOC, string(l.Section), "") }).Small(),
				v.S(i18n.ProfileSkillsSuggestOf, "Category", l.Title, "Title", x.Title))
			list = append(list, part.Ends(0, part.Gap(0), b))
		}
		col = append(col, part.Rule(false), part.Column(look.S2, list...))
	}
	return part.Card(part.Column(look.S3, col...))
}

func (v *Profile) education() []fyne.CanvasObject {
	p := v.s.Profile
	col := []fyne.CanvasObject{v.boxes("education", p.Levels())}
	if some := v.written("study", "", ""); some != nil {
		col = append(col, some...)
	} else {
		col = append(col, part.NewText(v.S(i18n.ProfileStudiesSuggest), look.Body, look.InkMuted),
			part.Wrap(0, v.stops.act("suggest study", v.S(i18n.ProfileSuggestStudy), part.Link, func() { v.suggest("study", "", "", "") }).Small()))
	}
	return []fyne.CanvasObject{part.Section(v.S(i18n.ProfileStudies), v.S(i18n.ProfileStudiesWhy), col...)}
}

func (v *Profile) credentials() []fyne.CanvasObject {
	p := v.s.Profile
	col := []fyne.CanvasObject{part.NewBold(v.S(i18n.CredMine), look.Body, look.InkText)}
	col = append(col, v.chips("credentials", p.Values("credentials"), v.S(i18n.ProfileCredNone)))
	col = append(col, v.finder(state.FindCredential, v.S(i18n.ProfileCredFind), v.S(i18n.ProfileCredHelp), v.S(i18n.ProfileCredNotFound)))
	col = append(col, v.problem("credentials")...)
	if some := v.written("credential", "", "credentials"); some != nil {
		col = append(col, some...)
	} else if p.Finders[state.FindCredential].Done {
		col = append(col, part.Wrap(0, v.stops.act("suggest credential", v.S(i18n.CredSuggest), part.Secondary, func() {
			v.suggest("credential", "", "credentials", p.Finders[state.FindCredential].Text)
		})))
	}
	if usual := p.Usual(); len(usual) > 0 {
		col = append(col, part.Rule(false), part.NewBold(v.S(i18n.ProfileCredUsual), look.Body, look.InkText), v.boxes("credentials", usual))
	}
	return []fyne.CanvasObject{part.Section(v.S(i18n.CredSection), v.S(i18n.ProfileCredWhy), col...)}
}

func (v *Profile) suggest(what, noc, category, text string) {
	v.s.Profile.Suggest(what, noc, category, strings.TrimSpace(text))
}

func (v *Profile) drop() {
	x := v.s.Profile.Suggesting
	v.s.Profile.DropSuggestion()
	v.returned(x)
}

// returned gives the keyboard back to what the suggestion was begun with.
func (v *Profile) returned(x *state.Suggesting) {
	name := "suggest " + x.What
	if x.What == "skill" {
		name = "suggest " + x.NOC + " " + x.Category
	}
	if to, ok := v.stops.at[name]; ok {
		v.h.Canvas().Focus(to)
	} else if f := v.stops.first(); f != nil {
		v.h.Canvas().Focus(f)
	}
}

// written is the suggestion that is being written, where it was begun; nil elsewhere.
func (v *Profile) written(what, noc, category string) []fyne.CanvasObject {
	p := v.s.Profile
	x := p.Suggesting
	if x == nil || x.What != what || x.NOC != noc || x.Category != category {
		return nil
	}
	title, why := p.SuggestionTitle()
	send := func() {
		p.SendSuggestion(func(sentence string) {
			v.h.Say(sentence)
			v.returned(x)
		})
		if x.Err != "" && v.write != nil {
			v.h.Canvas().Focus(v.write.Entry)
		}
	}
	if v.write == nil {
		v.write = part.NewField(v.S(i18n.ProfileSuggestText), true, "", "").Help(v.S(i18n.ProfileSuggestTextHelp))
		v.write.Entry.SetText(x.Text)
		v.write.Entry.OnChanged = p.TypeSuggestion
		v.write.Entry.OnSubmitted = func(string) { send() }
	}
	v.write.SetError(x.Err)
	v.stops.add("write", v.write.Entry)
	return []fyne.CanvasObject{part.Card(part.Column(look.S3, part.Column(2, part.NewBold(title, look.Body, look.InkText), part.NewText(why, look.Small, look.InkMuted)),
		v.write, part.Wrap(look.S2, v.stops.act("send", v.S(i18n.ProfileSuggestSend), part.Primary, send), v.stops.act("cancel", v.S(i18n.Cancel), part.Secondary, v.drop))))}
}

func (v *Profile) overview() (all []fyne.CanvasObject) {
	p, w := v.s.Profile, v.s.Words()
	all = append(all, v.standing())
	if changes := p.Changes(); len(changes) > 0 {
		var rows []fyne.CanvasObject
		for i, c := range changes {
			if i > 0 {
				rows = append(rows, part.Rule(false))
			}
			row := part.Column(2, part.NewBold(c.Label, look.Body, look.InkText))
			add := func(k i18n.Key, what ...string) {
				for _, x := range what {
					if x != "" {
						row.Add(part.NewText(v.S(k, "What", x), look.Body, look.InkText))
					}
				}
			}
			add(i18n.ProfileDiffAdded, c.Added...)
			add(i18n.ProfileDiffRemoved, c.Removed...)
			add(i18n.ProfileDiffWas, c.Was)
			add(i18n.ProfileDiffIs, c.Is)
			rows = append(rows, row)
		}
		all = append(all, part.Section(v.S(i18n.ProfileDiff), "", rows...))
	}
	all = append(all, v.contents())

	modes := []string{"default", "strict"}
	at := 0
	if p.Mode() == "strict" {
		at = 1
	}
	mode := part.NewRadio(v.S(i18n.ProfileMode), []string{v.S(i18n.ProfileModeDefault), v.S(i18n.ProfileModeStrict)}, at, func(i int) { p.SetMode(modes[i]) })
	v.stops.add("mode", mode)
	all = append(all, part.Section(v.S(i18n.ProfileMode), v.S(i18n.ProfileModeWhy), mode))

	if lines := p.Suggestions(); len(lines) > 0 {
		var rows []fyne.CanvasObject
		for i, l := range lines {
			if i > 0 {
				rows = append(rows, part.Rule(false))
			}
			row := part.Column(2, part.NewBold(l.Text, look.Body, look.InkText), part.NewText(w.S(i18n.RecordvalueLine, "Name", l.What, "Value", l.State), look.Small, look.InkMuted))
			if l.Answer != "" {
				row.Add(part.NewText(l.Answer, look.Body, look.InkText))
			}
			rows = append(rows, row)
		}
		all = append(all, part.Section(v.S(i18n.ProfileSuggestions), v.S(i18n.ProfileSuggestionsWhy), rows...))
	}
	all = append(all, part.NewText(p.SavedLine(), look.Small, look.InkMuted))
	if p.Walking && p.Standing() != state.ProfileDraft {
		all = append(all, part.Wrap(0, v.stops.act("finish", v.S(i18n.ProfileFinish), part.Primary, p.Finish)))
	}
	return all
}

// standing is the state of the profile, and what can be done from there.
func (v *Profile) standing() fyne.CanvasObject {
	p, w := v.s.Profile, v.s.Words()
	name, why := p.StandingWords()
	ink := look.InkText
	switch p.Standing() {
	case state.ProfileActive:
		ink = look.InkAccent
	case state.ProfileChanged, state.ProfileComing, state.ProfileLeaving, state.ProfileSuspended:
		ink = look.InkWarning
	}
	col := []fyne.CanvasObject{part.NewBold(name, look.Heading, ink), part.NewText(why, look.Body, look.InkText)}
	if n := p.Version(); n > 0 {
		col = append(col, part.NewText(v.S(i18n.ProfileVersion, "N", w.Number(int(n))), look.Small, look.InkMuted))
	}
	if n := p.Count(); n > 0 {
		col = append(col, part.Labelled(look.IconInfo, part.NewBold(w.N(i18n.ProfilePending, n), look.Body, look.InkWarning)))
	}
	missing := p.Missing()
	if p.CanActivate() && len(missing) > 0 {
		box := part.Column(look.S1, part.NewBold(v.S(i18n.ProfileMend), look.Body, look.InkDanger))
		for _, m := range missing {
			l := part.NewWrapLink(w.S(i18n.SettingsMend, "Field", m.Label, "Problem", m.Text), look.Body, look.InkDanger, func() { p.Open(m.Page) })
			v.stops.add("mend "+m.Label+m.Text, l)
			box.Add(l)
		}
		col = append(col, part.Outlined(box))
	}
	var acts []fyne.CanvasObject
	if p.CanActivate() {
		k := i18n.ProfileActivate
		if p.Standing() == state.ProfileChanged {
			k = i18n.ProfileActivateChanges
		}
		b := part.NewButton(v.S(k), part.Primary, look.IconCheck, v.activate)
		if len(missing) > 0 {
			b.Disable()
		} else {
			v.stops.add("activate", b)
		}
		acts = append(acts, b)
	}
	if p.CanRest() {
		acts = append(acts, v.stops.act("rest", v.S(i18n.ProfileDeactivate), part.Secondary, func() {
			p.Deactivate()
			v.h.Say(v.S(i18n.ProfileDeactivated))
		}))
	}
	if len(acts) > 0 {
		col = append(col, part.Wrap(look.S2, acts...))
	}
	return part.Section(v.S(i18n.ProfileState), "", part.Column(look.S3, col...))
}

// contents are the five sections: which are empty, what is in the others, and ways into each.
func (v *Profile) contents() fyne.CanvasObject {
	p, w := v.s.Profile, v.s.Words()
	sections := p.Sections()
	said := v.S(i18n.ProfileCompleteAll)
	if full, all := p.Filled(); full < all {
		said = w.N(i18n.ProfileCompleteSome, full, "All", all)
	}
	col := []fyne.CanvasObject{part.NewText(said, look.Body, look.InkText)}
	if p.Bare() {
		col = append(col, part.Labelled(look.IconWarn, part.NewText(v.S(i18n.ProfileCompleteBare), look.Body, look.InkWarning)))
	}
	for _, s := range sections {
		if s.Empty {
			l := part.NewWrapLink(v.S(i18n.ProfileCompleteEmpty, "Name", s.Label), look.Body, look.InkAccent, func() { p.Open(s.Page) })
			v.stops.add("empty "+s.Field, l)
			col = append(col, l)
		}
	}
	for _, s := range sections {
		lines := part.Column(2, part.NewBold(s.Label, look.Body, look.InkText))
		for _, x := range s.Lines {
			lines.Add(part.Bullet(x))
		}
		if len(s.Lines) == 0 {
			lines.Add(part.NewText(v.S(i18n.ProfileSectionNone), look.Body, look.InkMuted))
		}
		edit := called(v.stops.act("edit "+s.Field, v.S(i18n.ProfileSectionEdit), part.Secondary, func() { p.Open(s.Page) }).Small(),
			v.S(i18n.ProfileSectionEditOf, "Name", s.Label))
		col = append(col, part.Rule(false), part.Ends(look.S4, lines, part.Column(0, edit)))
	}
	return part.Section(v.S(i18n.ProfileComplete), "", col...)
}
