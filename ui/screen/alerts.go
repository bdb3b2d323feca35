package screen

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Alerts draws a person's alerts: the list, the form, what is new, and the article on alerts
// that do not come.
type Alerts struct {
	s *state.State
	h Host

	page  *part.Page
	col   *fyne.Container
	stops stops
	at    state.AlertPage
	form  *state.AlertForm
	shown bool
	more  int    // alerts that are shown beyond the first ones
	fresh bool   // another page was opened: the keyboard goes to the first of it
	aim   string // what is to have the keyboard once it is there

	// Fields keep what is typed while all around them is drawn again.
	title, place    *finder
	email, name     *part.Field
	word            *part.Field
	zone            *part.Pick
	refused         int
	asked           int
	askMail, askFor *part.Field
	inputs          map[string]part.Input
}

// NewAlerts draws the screen.
func NewAlerts(s *state.State, h Host) *Alerts {
	v := &Alerts{s: s, h: h, col: part.Column(look.S4), stops: stops{h: h}, at: s.JobAlerts.Page, asked: s.JobAlerts.Ask.Refusals}
	v.page = part.NewPage(part.Pad(part.Narrow(look.Now().Px(1080), v.col), look.S6, look.S8, look.S8, look.S8)).Watch()
	s.JobAlerts.Changed = func() {
		if v.shown {
			v.draw()
		}
	}
	v.draw()
	return v
}

// Object is the screen.
func (v *Alerts) Object() fyne.CanvasObject { return v.page }

// Enter reads the list again.
func (v *Alerts) Enter() {
	j := v.s.JobAlerts
	v.shown = true
	v.fresh = v.aim == "" // one that came back from a posting goes on where it was
	j.Load()
	j.Reread()
	v.draw()
}

// Left forgets what could still be put back.
func (v *Alerts) Left() {
	v.shown = false
	v.s.JobAlerts.Removed = nil
}

// Back leaves a page for the list; what was written in the form waits there.
func (v *Alerts) Back() bool {
	j := v.s.JobAlerts
	if j.Page == state.AlertWrite && j.Form != nil {
		for _, f := range []*finder{v.title, v.place} {
			if f != nil && f.field.Entry.Text != "" {
				f.clear(&v.stops)
				return true
			}
		}
	}
	if j.Page == state.AlertList {
		return false
	}
	v.aim = map[state.AlertPage]string{state.AlertWrite: "new", state.AlertDigest: "read " + j.Reading, state.AlertTrace: "trace"}[j.Page]
	j.Open(state.AlertList)
	return true
}

// Keys scrolls.
func (v *Alerts) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// Scrolled says whether the head of the page is out of sight.
func (v *Alerts) Scrolled() bool { return v.page.Scrolled() }

// Find does nothing: there is no search field.
func (v *Alerts) Find() bool { return false }

// S says a message in the language of the person.
func (v *Alerts) S(k i18n.Key, args ...any) string { return v.s.Words().S(k, args...) }

func (v *Alerts) draw() {
	j := v.s.JobAlerts
	if v.at != j.Page {
		v.at, v.fresh = j.Page, v.aim == ""
	}
	if v.form != j.Form {
		v.form = j.Form
		v.title, v.place, v.email, v.name, v.word, v.zone, v.refused = nil, nil, nil, nil, nil, nil, 0
		if j.Form != nil {
			v.refused = j.Form.Refusals
		}
	}
	if j.Page != state.AlertTrace {
		v.askMail, v.askFor = nil, nil
	}
	v.stops.redraw(func() {
		v.sections()
		v.page.Reflow() // what has the keyboard is looked for where it stands now
	}, nil)
	if !v.shown {
		return
	}
	if to, ok := v.stops.at[v.aim]; ok {
		v.aim, v.fresh = "", false
		v.h.Canvas().Focus(to)
	}
	if v.fresh && j.Loaded && (j.Page != state.AlertDigest || j.Has || j.Err != nil) {
		v.fresh = false
		if f := v.first(); f != nil {
			v.h.Canvas().Focus(f)
		}
		v.page.Scroll(-1e9)
	}
	v.wrong()
}

// first is what one would use first on a page.
func (v *Alerts) first() fyne.Focusable {
	for _, name := range map[state.AlertPage][]string{state.AlertWrite: {"how", "title"}, state.AlertTrace: {"copy", "ask-mail"}}[v.at] {
		if f, ok := v.stops.at[name]; ok {
			return f
		}
	}
	return v.stops.first()
}

// wrong gives the keyboard to what was refused.
func (v *Alerts) wrong() {
	j := v.s.JobAlerts
	var errs []state.FieldError
	switch {
	case j.Page == state.AlertWrite && j.Form != nil && v.refused != j.Form.Refusals:
		v.refused, errs = j.Form.Refusals, j.Form.Errors
	case j.Page == state.AlertTrace && v.asked != j.Ask.Refusals:
		v.asked, errs = j.Ask.Refusals, j.Ask.Errors
	}
	for _, e := range errs {
		if f := v.stopOf(e.Field); f != nil {
			v.h.Canvas().Focus(f)
			v.page.Scroll(-1e9) // all of it is listed there
			if o, ok := f.(fyne.CanvasObject); ok {
				part.Reveal(o)
			}
			return
		}
	}
}

// stopOf is what takes the keyboard for a field that is to be mended.
func (v *Alerts) stopOf(field string) fyne.Focusable {
	name := map[string]string{"titles": "title", "places": "place", "keywords": "word", "email": "email", "name": "name", "lang": "lang", "zone": "zone",
		"subscription": "ask-mail", "text": "ask-text"}[field]
	return v.stops.at[name]
}

func (v *Alerts) sections() {
	j := v.s.JobAlerts
	v.inputs = map[string]part.Input{}
	switch {
	case !j.Offered():
		v.col.Objects = []fyne.CanvasObject{part.Card(part.Empty(look.IconBell, v.S(i18n.AlertsNone), v.S(i18n.AlertsNoneWhy)))}
	case j.Page == state.AlertWrite && j.Form != nil:
		v.write()
	case j.Page == state.AlertDigest:
		v.digest()
	case j.Page == state.AlertTrace:
		v.trace()
	default:
		v.list()
	}
}

func (v *Alerts) head(title, why string) fyne.CanvasObject {
	head := []fyne.CanvasObject{part.NewBold(title, look.Title, look.InkText)}
	if why != "" {
		head = append(head, part.NewText(why, look.Body, look.InkMuted))
	}
	return part.Column(look.S1, head...)
}

// fault says what went wrong.
func (v *Alerts) fault(said string) (all []fyne.CanvasObject) {
	if said != "" {
		all = append(all, part.Banner(part.Bad, look.IconWarn, said, v.stops.act("again", v.S(i18n.Again), part.Secondary, v.Enter)))
	}
	return all
}

// list is what a person is told of.
func (v *Alerts) list() {
	j, w := v.s.JobAlerts, v.s.Words()
	body := part.Column(look.S4)
	if u := j.Removed; u != nil {
		var acts []*part.Button
		if u.Can() {
			acts = append(acts, v.stops.act("undo", v.S(i18n.SavedUndo), part.Link, j.Back))
		}
		body.Add(part.Banner(part.Plain, look.IconInfo, u.What, acts...))
	}
	body.Objects = append(body.Objects, v.fault(j.Fault())...)
	fresh := v.stops.act("new", v.S(i18n.AlertsNew), part.Primary, j.Write)
	if f := j.Form; f != nil && f.ID == "" {
		fresh.Set(v.S(i18n.AlertsResume))
	}
	ways := v.stops.act("ways", v.S(i18n.AlertsWays), part.Link, func() { v.h.Go("notified") })
	switch {
	case !j.Loaded:
		body.Add(part.Wrap(look.S2, fresh, ways))
	case len(j.List) == 0 && j.Err == nil:
		body.Add(part.Card(part.Empty(look.IconBell, v.S(i18n.AlertsEmpty), v.S(i18n.AlertsEmptyWhy), fresh, ways)))
	default:
		acts := []fyne.CanvasObject{fresh}
		if n := j.News(); n > 0 && len(j.List) > 1 {
			acts = append(acts, v.stops.act("read ", w.N(i18n.AlertsReadAll, n), part.Secondary, func() { j.Read("") }))
		}
		body.Add(part.Wrap(look.S2, append(acts, ways)...))
		shown, more := v.some()
		for _, a := range shown {
			body.Add(v.alert(a))
		}
		body.Objects = append(body.Objects, more...)
	}
	stuck := part.Column(look.S3, part.NewBold(v.S(i18n.AlertsTrace), look.Body, look.InkText), part.NewText(v.S(i18n.AlertsTraceSide), look.Small, look.InkText),
		v.stops.act("trace", v.S(i18n.AlertsTraceOpen), part.Link, j.Stuck))
	v.col.Objects = []fyne.CanvasObject{v.head(v.S(i18n.NavAlerts), v.S(i18n.AlertsWhy)), part.Flanked(body, stuck)}
}

// some are the alerts that are shown, and what shows more of them.
func (v *Alerts) some() (shown []state.Alert, more []fyne.CanvasObject) {
	all := v.s.JobAlerts.List
	n := min(len(all), rowsAtOnce+v.more)
	if left := len(all) - n; left > 0 {
		more = append(more, part.Wrap(0, v.stops.act("more", v.s.Words().N(i18n.TrackerMore, left), part.Secondary, func() {
			v.more += rowsAtOnce
			v.draw()
		})))
	}
	return all[:n], more
}

// alert is one of the list.
func (v *Alerts) alert(a state.Alert) fyne.CanvasObject {
	j, w := v.s.JobAlerts, v.s.Words()
	name := j.Name(a)
	standing, why := j.State(a)
	ink := look.InkText
	switch a.State {
	case state.AlertOn:
		ink = look.InkAccent
	case state.AlertRefused:
		ink = look.InkDanger
	case state.AlertPending, state.AlertQueued:
		ink = look.InkWarning
	}
	head := part.Column(2, part.NewBold(name, look.Heading, look.InkText), part.NewText(j.Where(a), look.Small, look.InkMuted))
	col := []fyne.CanvasObject{part.Ends(look.S4, head, part.Badge(standing, ink))}
	if why != "" {
		col = append(col, part.NewText(why, look.Body, look.InkText))
	}
	means := part.Column(2)
	for _, l := range j.Means(a) {
		means.Add(part.Bullet(l))
	}
	col = append(col, means, v.facts(a))
	var acts []fyne.CanvasObject
	act := func(stop string, text string, kind part.Kind, do func()) {
		b := v.stops.act(stop+" "+a.ID, text, kind, do).Small()
		b.Label = v.S(i18n.AlertsActOf, "What", text, "Name", name)
		acts = append(acts, b)
	}
	if a.New > 0 && a.State != state.AlertPaused && a.State != state.AlertEnded {
		act("read", w.N(i18n.AlertsRead, a.New), part.Primary, func() { j.Read(a.ID) })
	}
	if a.CanAsk() {
		act("ask", v.S(i18n.AlertsAskAgain), part.Secondary, func() { j.Again(a) })
	}
	if a.CanPause() {
		k := i18n.AlertpagePause
		if a.State == state.AlertPaused {
			k = i18n.AlertpageResume
		}
		act("pause", v.S(k), part.Secondary, func() { j.Pause(a) })
	}
	remove := i18n.AlertsRemove
	if a.Left() {
		remove = i18n.AlertsForget
		col = append(col, part.Labelled(look.IconInfo, part.NewText(v.S(i18n.AlertsLeft), look.Small, look.InkMuted)))
	} else {
		act("change", v.S(i18n.AlertModify), part.Secondary, func() { j.Change(a) })
	}
	act("remove", v.S(remove), part.Secondary, func() { j.Remove(a) })
	return part.Card(part.Column(look.S3, append(col, part.Wrap(look.S2, acts...))...))
}

// facts are the three that tell lost letters from nothing that matched.
func (v *Alerts) facts(a state.Alert) fyne.CanvasObject {
	facts, asOf := v.s.JobAlerts.Facts(a)
	var all []fyne.CanvasObject
	for _, f := range facts {
		all = append(all, part.FactBox(f.Label, f.Value))
	}
	col := part.Column(look.S1, part.Grid(3, look.Now().Px(150), look.S4, look.S2, all...))
	if asOf != "" {
		col.Add(part.NewText(asOf, look.Caption, look.InkMuted))
	}
	return col
}

// digest is what is new.
func (v *Alerts) digest() {
	j, w := v.s.JobAlerts, v.s.Words()
	d := j.Digest
	why := v.S(i18n.AlertsDigestWhy)
	if a, ok := j.Find(j.Reading); ok {
		why = v.S(i18n.AlertsDigestOf, "Name", j.Name(a)) + " " + why
	}
	col := []fyne.CanvasObject{v.head(v.S(i18n.AlertsDigest), why)}
	col = append(col, v.fault(j.Fault())...)
	back := func() *part.Button {
		return v.stops.act("list", v.S(i18n.AlertsToList), part.Secondary, func() { v.Back() })
	}
	switch {
	case !j.Has:
		col = append(col, part.Wrap(look.S2, back()))
	case d.Count() == 0:
		col = append(col, part.Card(part.Empty(look.IconBell, v.S(i18n.AlertsDigestEmpty), v.S(i18n.AlertsDigestEmptyWhy), back())))
	default:
		done := v.stops.act("done", v.S(i18n.AlertsReadMark), part.Primary, func() {
			v.aim = "new"
			j.Done(v.h.Say)
		})
		col = append(col, part.Wrap(look.S2, done, back()))
		for _, x := range d.News {
			var rows []fyne.CanvasObject
			for i, c := range x.Cards {
				if i == mostNews {
					break
				}
				if i > 0 {
					rows = append(rows, part.Rule(false))
				}
				rows = append(rows, v.posting(x.Alert.ID, j.Line(c)))
			}
			if more := x.Total - min(len(x.Cards), mostNews); more > 0 {
				rows = append(rows, part.Rule(false), part.NewText(w.N(i18n.AlertsDigestMore, more), look.Body, look.InkMuted))
			}
			col = append(col, part.Section(j.Name(x.Alert), w.N(i18n.AlertsNewCount, x.Total), rows...))
		}
		if len(d.Also) > 0 {
			var rows []fyne.CanvasObject
			for i, x := range d.Also {
				if i > 0 {
					rows = append(rows, part.Rule(false))
				}
				rows = append(rows, v.posting("also", j.Also(x)))
			}
			col = append(col, part.Section(v.S(i18n.MailAlertnewsRelated), v.S(i18n.AlertsAlsoWhy), rows...))
		}
	}
	v.col.Objects = []fyne.CanvasObject{part.Narrow(look.Now().Px(sheetWidth), part.Column(look.S4, col...))}
}

// mostNews is how many postings of one alert are drawn at once.
const mostNews = 100

// posting is one of the news.
func (v *Alerts) posting(of string, l state.NewsLine) fyne.CanvasObject {
	stop := fmt.Sprint("posting ", of, " ", l.ID)
	read := part.NewWrapLink(l.Head.Title, look.Body, look.InkAccent, func() {
		v.aim = stop
		v.h.Read(l.ID)
	})
	v.stops.add(stop, read)
	col := []fyne.CanvasObject{read}
	if l.Head.Original != "" {
		col = append(col, part.NewText(l.Head.Original, look.Small, look.InkMuted))
	}
	if l.Reason != "" {
		col = append(col, part.Labelled(look.IconInfo, part.NewText(l.Reason, look.Small, look.InkText)))
	}
	col = append(col, part.NewText(l.Who, look.Body, look.InkText))
	if l.WageKnown {
		col = append(col, part.NewBold(l.Wage, look.Body, look.InkText))
	} else {
		col = append(col, part.NewText(l.Wage, look.Small, look.InkMuted))
	}
	tags := []string{l.Posted}
	for _, t := range l.Tags {
		tags = append(tags, t.Text)
	}
	return part.Column(2, append(col, part.NewText(strings.Join(tags, " · "), look.Small, look.InkMuted))...)
}

// write is the form.
func (v *Alerts) write() {
	j, w := v.s.JobAlerts, v.s.Words()
	f := j.Form
	title := i18n.AlertsNew
	if f.ID != "" {
		title = i18n.AlertsChange
	}
	body := part.Column(look.S4)
	if said := j.SaveProblem(); said != "" {
		body.Add(part.Banner(part.Bad, look.IconWarn, said))
	}
	if !v.s.Status.Online && f.Mail {
		body.Add(part.Banner(part.Plain, look.IconOffline, v.S(i18n.AlertsOffline)))
	}
	if f.From != nil {
		body.Add(v.carried(*f.From))
	}
	mend := part.Column(look.S1)
	box := part.Outlined(mend)
	body.Add(box)

	body.Add(part.Section(v.S(i18n.AlertsHow), "", v.how()...))
	v.lookups()
	body.Add(part.Section(v.S(i18n.AlertsTitles), v.S(i18n.AlertsTitlesWhy), v.criterion(state.FindTitle, "titles", v.title.draw(w, &v.stops, f.Finders[state.FindTitle]), f.Titles)...))
	body.Add(part.Section(v.S(i18n.AlertsPlaces), v.S(i18n.AlertsPlacesWhy), v.criterion(state.FindPlace, "places", v.place.draw(w, &v.stops, f.Finders[state.FindPlace]), f.Places)...))
	body.Add(part.Section(v.S(i18n.AlertsKeywords), v.S(i18n.AlertsKeywordsWhy), v.criterion("", "keywords", v.keywords(), f.Keywords)...))
	body.Add(v.finds())
	if v.name == nil {
		v.name = part.NewField(v.S(i18n.AlertsName), true, "", "").Help(v.S(i18n.AlertsNameHelp)).Set(f.Name)
		v.name.OnType(j.TypeName)
		v.name.Entry.OnSubmitted = func(string) { v.save() }
	}
	v.stops.add("name", v.name.Entry)
	v.input("name", v.name)
	body.Add(part.Card(v.name))
	save := v.S(i18n.AlertsSave)
	switch {
	case f.Saving:
		save = v.S(i18n.FlowSending)
	case f.Mail && (f.ID == "" || f.Kind == state.AlertHere):
		save = v.S(i18n.AlertsSubscribe)
	}
	body.Add(part.Wrap(look.S2, v.stops.act("save", save, part.Primary, v.save), v.stops.act("drop", v.S(i18n.AlertsDrop), part.Secondary, func() {
		v.aim = "new"
		j.GiveUp()
	})))

	if len(f.Errors) == 0 {
		box.Hide()
	} else {
		mend.Add(part.NewBold(w.N(i18n.FormMend, len(f.Errors)), look.Body, look.InkDanger))
	}
	for name, in := range v.inputs {
		in.SetError(problemOf(f.Errors, name))
	}
	for _, e := range f.Errors {
		l := part.NewWrapLink(v.S(i18n.SettingsMend, "Field", j.Field(e.Field), "Problem", e.Text), look.Body, look.InkDanger, func() {
			if to := v.stopOf(e.Field); to != nil {
				v.h.Canvas().Focus(to)
			}
		})
		v.stops.add("mend "+e.Field, l)
		mend.Add(l)
	}
	help := []string{v.S(i18n.AlertsSide), v.S(i18n.AlertsSideSame), v.S(i18n.AlertsSideOther), v.S(i18n.AlertsSideAll)}
	if f.Mail {
		help = append(help, v.S(i18n.AlertsSideConfirm, "Subject", i18n.For(f.Lang).S(i18n.AlertConfirmSubject)), v.S(i18n.AlertsSideEnd))
	} else {
		help = append(help, v.S(i18n.AlertsSideHere))
	}
	v.col.Objects = []fyne.CanvasObject{v.head(v.S(title), v.S(i18n.AlertsWriteWhy)), part.Flanked(body, side(help...))}
}

func problemOf(errs []state.FieldError, field string) string {
	for _, e := range errs {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

func (v *Alerts) input(name string, in part.Input) { v.inputs[name] = in }

func (v *Alerts) save() { v.s.JobAlerts.Save(func(said string) { v.aim = "new"; v.h.Say(said) }) }

// carried says what an alert that was made of a search has of it.
func (v *Alerts) carried(c state.Carried) fyne.CanvasObject {
	col := part.Column(look.S1, part.NewBold(v.S(i18n.AlertsFrom), look.Body, look.InkText))
	add := func(k i18n.Key, all []string) {
		if len(all) > 0 {
			col.Add(part.NewText(v.S(k), look.Small, look.InkMuted))
		}
		for _, x := range all {
			col.Add(part.Bullet(x))
		}
	}
	add(i18n.AlertsFromTook, c.Took)
	add(i18n.AlertsFromLeft, c.Left)
	if len(c.Took) == 0 {
		col.Add(part.NewText(v.S(i18n.AlertsFromNothing), look.Body, look.InkText))
	}
	return part.Card(col)
}

// how is the way in which the news are told, and in which language.
func (v *Alerts) how() (col []fyne.CanvasObject) {
	j := v.s.JobAlerts
	f := j.Form
	way := 1
	if f.Mail {
		way = 0
	}
	ways := part.NewRadio(v.S(i18n.AlertsHow), []string{v.S(i18n.AlertsHowMail), v.S(i18n.AlertsHowHere)}, way, func(i int) { j.SetMail(i == 0) })
	v.stops.add("how", ways)
	col = append(col, ways)
	if f.Mail {
		if v.email == nil {
			v.email = part.NewField(v.S(i18n.AlertsEmail), true, look.IconMail, "").Help(v.S(i18n.AlertsEmailHelp))
			v.email.OnType(j.TypeEmail)
			v.email.OnFocus(func(on bool) {
				if !on {
					j.CheckEmail()
				}
			})
			v.email.Entry.OnSubmitted = func(string) { v.save() }
		}
		v.email.Set(f.Email)
		v.stops.add("email", v.email.Entry)
		v.input("email", v.email)
		col = append(col, v.email)
	} else {
		col = append(col, part.NewText(v.S(i18n.AlertsHereWhy), look.Small, look.InkMuted))
	}
	langs := i18n.Languages()
	names := []string{}
	at := 0
	for i, l := range langs {
		names = append(names, v.S(map[i18n.Lang]i18n.Key{i18n.French: i18n.AlertpageLangFr, i18n.English: i18n.AlertpageLangEn}[l]))
		if l == f.Lang {
			at = i
		}
	}
	lang := part.NewOptions(v.S(i18n.AlertsLang), names, at, func(i int) { j.SetLang(langs[i]) })
	v.stops.add("lang", lang.Radio)
	v.input("lang", lang)
	col = append(col, lang)
	if f.Mail {
		values, words := j.Zones()
		at := 0
		for i, z := range values {
			if z == f.Zone {
				at = i
			}
		}
		if v.zone == nil {
			v.zone = part.NewPick(v.S(i18n.AlertsZone), "", v.S(i18n.Cancel), words, at, func(i int) {
				all, _ := j.Zones()
				j.SetZone(all[i])
			})
		}
		v.zone.Set(words, at)
		v.stops.add("zone", v.zone.Stop())
		v.input("zone", v.zone)
		col = append(col, v.zone)
	}
	return col
}

// lookups makes the two fields that look something up.
func (v *Alerts) lookups() {
	if v.title != nil {
		return
	}
	j := v.s.JobAlerts
	make := func(what, name string, label, help, nothing i18n.Key) *finder {
		return &finder{name: name, label: v.S(label), help: v.S(help), nothing: v.S(nothing),
			find: func(text string) {
				if j.Form != nil && text != j.Form.Finders[what].Text {
					j.FindFor(what, text)
				}
			},
			chosen: func(x state.Listed) bool { return j.Chosen(what, x) },
			choose: func(x state.Listed) { j.Choose(what, x) },
			enter:  func() (state.Listed, bool) { return j.Enter(what) }}
	}
	v.title = make(state.FindTitle, "title", i18n.AlertsTitlesAdd, i18n.AlertsTitlesHelp, i18n.ProfileWorkNotFound)
	v.place = make(state.FindPlace, "place", i18n.ProfilePlacesFind, i18n.ProfilePlacesHelp, i18n.ProfilePlacesNotFound)
}

// criterion is a field with what was chosen in it; using one of these takes it out.
func (v *Alerts) criterion(what, field string, add fyne.CanvasObject, values []string) []fyne.CanvasObject {
	j := v.s.JobAlerts
	col := []fyne.CanvasObject{add}
	if p := problemOf(j.Form.Errors, field); p != "" && field != "keywords" {
		col = append(col, part.Labelled(look.IconWarn, part.NewText(p, look.Body, look.InkDanger)))
	}
	if len(values) == 0 {
		return append(col, part.NewText(v.S(map[string]i18n.Key{"titles": i18n.AlertsTitlesAny, "places": i18n.AlertsPlacesAny, "keywords": i18n.AlertsKeywordsAny}[field]),
			look.Body, look.InkMuted))
	}
	var all []fyne.CanvasObject
	for _, x := range values {
		name := j.Word(what, x)
		c := part.NewChip(name, v.S(i18n.ProfileRemove, "Name", name), func() { j.Drop(what, x) })
		v.stops.add("chip "+field+" "+x, c)
		all = append(all, c)
	}
	return append(col, part.Wrap(look.S2, all...))
}

// keywords is the field in which they are written.
func (v *Alerts) keywords() fyne.CanvasObject {
	j := v.s.JobAlerts
	add := func() {
		if j.AddWord() {
			v.word.Set("")
		}
		v.h.Canvas().Focus(v.word.Entry)
	}
	if v.word == nil {
		v.word = part.NewField(v.S(i18n.AlertsKeywordsAdd), true, "", "").Help(v.S(i18n.AlertsKeywordsHelp)).Set(j.Form.Word)
		v.word.OnType(j.TypeWord)
		v.word.Entry.OnSubmitted = func(string) { add() }
	}
	v.stops.add("word", v.word.Entry)
	v.input("keywords", v.word)
	b := v.stops.act("add", v.S(i18n.AlertsAdd), part.Secondary, add)
	b.Label = v.S(i18n.AlertsKeywordsAdd)
	return part.Column(look.S2, v.word, part.Wrap(0, b))
}

// finds says in words what the alert asks, and how much it would find today.
func (v *Alerts) finds() fyne.CanvasObject {
	j := v.s.JobAlerts
	col := []fyne.CanvasObject{}
	if lines := j.Means(j.Form.Alert); len(lines) > 0 {
		k := i18n.AlertsMeansOne
		if len(lines) > 1 {
			k = i18n.AlertsMeansAll
		}
		col = append(col, part.NewText(v.S(k), look.Body, look.InkText))
		for _, l := range lines {
			col = append(col, part.Bullet(l))
		}
	}
	col = append(col, part.NewBold(j.CountLine(), look.Body, look.InkAccent))
	return part.Section(v.S(i18n.AlertsMeans), "", part.Column(look.S1, col...))
}

// trace is the article on alerts that do not come.
func (v *Alerts) trace() {
	j := v.s.JobAlerts
	col := []fyne.CanvasObject{v.head(v.S(i18n.AlertsTrace), v.S(i18n.AlertsTraceWhy))}
	junk := []fyne.CanvasObject{part.NewText(v.S(i18n.AlertsJunk), look.Body, look.InkText)}
	if j.Sender != "" {
		b := part.NewButton(v.S(i18n.Copy), part.Secondary, look.IconCopy, func() {
			v.s.Copy(j.Sender)
			v.h.Say(v.S(i18n.Copied))
		})
		b.Label = v.S(i18n.ContactCopy, "What", j.Sender)
		v.stops.add("copy", b)
		junk = append(junk, part.Ends(look.S3, part.NewBold(j.Sender, look.Heading, look.InkText), b))
	} else {
		junk = append(junk, part.NewText(v.S(i18n.AlertsSenderUnknown), look.Body, look.InkMuted))
	}
	col = append(col, part.Section(v.S(i18n.AlertsJunkTitle), "", junk...))

	var rows []fyne.CanvasObject
	shown, more := v.some()
	for _, a := range shown {
		if len(rows) > 0 {
			rows = append(rows, part.Rule(false))
		}
		why, criteria := j.Verdict(a)
		row := part.Column(look.S2, part.NewBold(j.Name(a), look.Body, look.InkText), part.NewText(j.Where(a), look.Small, look.InkMuted), v.facts(a),
			part.Labelled(look.IconInfo, part.NewText(why, look.Body, look.InkText)))
		if criteria && !a.Left() {
			b := v.stops.act("criteria "+a.ID, v.S(i18n.AlertsCriteria), part.Secondary, func() { j.Change(a) }).Small()
			b.Label = v.S(i18n.AlertsActOf, "What", v.S(i18n.AlertsCriteria), "Name", j.Name(a))
			row.Add(part.Wrap(0, b))
		}
		rows = append(rows, row)
	}
	rows = append(rows, more...)
	if len(rows) == 0 {
		rows = append(rows, part.NewText(v.S(i18n.AlertsEmpty), look.Body, look.InkMuted), part.Wrap(0, v.stops.act("new", v.S(i18n.AlertsNew), part.Secondary, j.Write)))
	}
	col = append(col, part.Section(v.S(i18n.AlertsMatchTitle), v.S(i18n.AlertsMatch), rows...), v.askTeam(),
		part.Wrap(look.S2, v.stops.act("list", v.S(i18n.AlertsToList), part.Secondary, func() { v.Back() })))
	v.col.Objects = []fyne.CanvasObject{part.Narrow(look.Now().Px(sheetWidth), part.Column(look.S4, col...))}
}

// askTeam is the message, which has to name the address of the subscription.
func (v *Alerts) askTeam() fyne.CanvasObject {
	j := v.s.JobAlerts
	x := j.Ask
	send := func() {
		j.SendAsk(func(said string) {
			v.askFor.Set("")
			v.h.Say(said)
		})
	}
	if v.askMail == nil {
		v.askMail = part.NewField(v.S(i18n.AlertsAskEmail), true, look.IconMail, "").Help(v.S(i18n.AlertsAskEmailHelp))
		v.askMail.OnType(func(text string) { j.TypeAsk(&x.Email, text) })
		v.askMail.Entry.OnSubmitted = func(string) { send() }
		v.askFor = part.NewArea(v.S(i18n.AlertsAskText), 4, "").Help(v.S(i18n.HelpTextWhy))
		v.askFor.OnType(func(text string) { j.TypeAsk(&x.Text, text) })
	}
	v.askMail.Set(x.Email)
	v.askFor.Set(x.Text)
	v.askMail.SetError(problemOf(x.Errors, "subscription"))
	v.askFor.SetError(problemOf(x.Errors, "text"))
	v.stops.add("ask-mail", v.askMail.Entry)
	v.stops.add("ask-text", v.askFor.Entry)
	k, why := i18n.AlertsAskSend, i18n.AlertsAskWhy
	if j.ByMail() {
		k, why = i18n.AlertsAskWrite, i18n.AlertsAskWhyMail
	}
	col := []fyne.CanvasObject{v.askMail, v.askFor}
	if said := j.AskProblem(); said != "" {
		col = append(col, part.Banner(part.Bad, look.IconWarn, said))
	}
	acts := []fyne.CanvasObject{v.stops.act("send", v.S(k), part.Primary, send)}
	if j.ByMail() {
		b := part.NewButton(v.S(i18n.AlertsAskCopy), part.Secondary, look.IconCopy, func() {
			v.s.Copy(j.AskText())
			v.h.Say(v.S(i18n.Copied))
		})
		v.stops.add("ask-copy", b)
		acts = append(acts, b)
	}
	for _, l := range j.Asked {
		col = append(col, part.Rule(false), part.NewText(l.Text, look.Body, look.InkText), part.NewText(l.State, look.Small, look.InkMuted))
		if l.Answer != "" {
			col = append(col, part.NewText(l.Answer, look.Body, look.InkText))
		}
	}
	return part.Section(v.S(i18n.AlertsAsk), v.S(why), append(col, part.Wrap(look.S2, acts...))...)
}
