package screen

import (
	"strconv"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

var wageUnits = []posting.Unit{posting.Hourly, posting.Weekly, posting.Monthly, posting.Yearly}

// showAdvanced opens the advanced search: every criterion of A-016 at once, asked together.
func showAdvanced(s *state.State, h Host) {
	w := s.Words()
	a := s.Search.Advanced()
	t := look.Now()
	var d *part.Dialog
	field := func(k i18n.Key, value string, set func(string)) *part.Field {
		f := part.NewField(w.S(k), true, "", "")
		f.Entry.SetText(value)
		f.Entry.CursorColumn = len([]rune(value))
		f.Entry.OnChanged = set
		return f
	}
	words := field(i18n.AdvancedWords, a.Words, func(v string) { a.Words = v }).Help(w.S(i18n.AdvancedWordsHelp))
	number := field(i18n.AdvancedNumber, a.Number, func(v string) { a.Number = v })
	where := field(i18n.AdvancedPlace, a.Place, func(v string) { a.Place = v })
	title := field(i18n.FacetNoc, "", nil).Help(w.S(i18n.AdvancedTitleHelp))
	wage := field(i18n.AdvancedWage, a.Wage, func(v string) { a.Wage = v })
	errs := part.Column(look.S1)
	errBox := part.Outlined(errs)
	errBox.Hide()

	fields := []query.Field{query.Anywhere, query.InTitle, query.InEmployer}
	names := []string{w.S(i18n.AdvancedAnywhere), w.S(i18n.ChipTitle), w.S(i18n.ChipEmployer)}
	at := 0
	for i, f := range fields {
		if f == a.In {
			at = i
		}
	}
	in := part.NewChoice(w.S(i18n.AdvancedIn), "", part.Secondary, names, at, func(i int) { a.In = fields[i] })
	var km []string
	kmAt := 0
	for i, r := range state.Radii {
		km = append(km, w.S(i18n.PlaceKm, "Km", strconv.Itoa(int(r))))
		if r == a.Km {
			kmAt = i
		}
	}
	radius := part.NewChoice(w.S(i18n.SearchRadius), "", part.Secondary, km, kmAt, func(i int) { a.Km = state.Radii[i] })
	var units []string
	unitAt := 0
	for i, u := range wageUnits {
		units = append(units, state.UnitLabel(w, u))
		if u == a.Unit {
			unitAt = i
		}
	}
	unit := part.NewChoice(w.S(i18n.AdvancedUnit), "", part.Secondary, units, unitAt, func(i int) { a.Unit = wageUnits[i] })

	titles := part.Column(look.S1)
	var drawTitles func()
	drawTitles = func() {
		titles.Objects = nil
		for _, x := range a.Titles() {
			titles.Objects = append(titles.Objects, part.NewButton(x.Text, part.Link, "", func() {
				a.TakeTitle(x)
				title.Entry.SetText("")
				drawTitles()
				h.Canvas().Focus(title.Entry)
			}))
		}
		var chips []fyne.CanvasObject
		for _, code := range a.Filters[query.NOC] {
			name := s.ValueLabel(query.NOC, code)
			chips = append(chips, part.NewChip(name, w.S(i18n.ChipRemove, "What", name), func() {
				a.Toggle(query.NOC, code)
				drawTitles()
				h.Canvas().Focus(title.Entry)
			}))
		}
		if len(chips) > 0 {
			titles.Objects = append(titles.Objects, part.Wrap(look.S2, chips...))
		}
		if d != nil {
			d.Reflow()
		}
	}
	title.Entry.OnChanged = func(v string) { a.Title = v; drawTitles() }
	drawTitles()

	group := func(f query.Facet) fyne.CanvasObject {
		var rows []fyne.CanvasObject
		for _, v := range a.Values(f) {
			rows = append(rows, part.NewCheck(s.ValueLabel(f, v), "", a.On(f, v), func(bool) { a.Toggle(f, v) }))
		}
		if f == query.Posted { // one at a time
			for i, v := range a.Values(f) {
				c := rows[i].(*part.Check)
				c.OnChange = func(bool) {
					a.Toggle(f, v)
					for k, o := range a.Values(f) {
						x := rows[k].(*part.Check)
						x.Set(s.ValueLabel(f, o), "", a.On(f, o))
					}
				}
			}
		}
		return part.Column(0, append([]fyne.CanvasObject{part.NewBold(state.FacetLabel(w, f), look.Body, look.InkText), part.Gap(look.S1)}, rows...)...)
	}
	unknown := part.NewCheck(w.S(i18n.AdvancedWageUnknown), "", a.WageUnknown, func(on bool) { a.WageUnknown = on })
	ended := part.NewCheck(w.S(i18n.ChipArchived), "", a.Archived, func(on bool) { a.Archived = on })
	two := func(x ...fyne.CanvasObject) fyne.CanvasObject {
		return part.Grid(2, t.Px(240), look.S6, look.S4, x...)
	}
	named := func(k i18n.Key, o fyne.CanvasObject) fyne.CanvasObject {
		return part.Column(look.S1, part.NewBold(w.S(k), look.Body, look.InkText), o)
	}
	body := part.Column(look.S4, errBox,
		two(words, number), two(named(i18n.AdvancedIn, in), ended),
		two(where, named(i18n.SearchRadius, radius)),
		part.Column(look.S1, title, titles),
		two(wage, named(i18n.AdvancedUnit, unit)), unknown,
		part.Grid(3, t.Px(200), look.S6, look.S4, group(query.Period), group(query.Term), group(query.WorkLang),
			group(query.Education), group(query.Posted), group(query.Workplace), group(query.Poster), group(query.Source)),
		group(query.Category), group(query.Province))
	go_ := part.NewButton(w.S(i18n.SearchGo), part.Primary, "", nil)
	apply := func() {
		if a.Apply() {
			d.Close()
			return
		}
		at := map[string]*part.Field{"number": number, "place": where, "wage": wage, "title": title}
		for _, f := range at {
			f.SetError("")
		}
		errs.Objects = []fyne.CanvasObject{part.NewBold(w.N(i18n.FormMend, len(a.Errors)), look.Body, look.InkDanger)}
		for _, e := range a.Errors {
			f := at[e.Field]
			f.SetError(e.Text)
			errs.Objects = append(errs.Objects, part.NewButton(e.Text, part.Link, "", func() { h.Canvas().Focus(f.Entry) }).Inked(look.InkDanger))
		}
		errBox.Show()
		d.Reflow()
		h.Canvas().Focus(at[a.Errors[0].Field].Entry)
	}
	go_.OnTap = apply
	for _, f := range []*part.Field{words, number, where, title, wage} {
		f.Entry.OnSubmitted = func(string) { apply() }
	}
	cancel := part.NewButton(w.S(i18n.Cancel), part.Secondary, "", func() { d.Close() })
	d = part.ShowDialog(h.Canvas(), w.S(i18n.SearchAdvanced), body, words.Entry, 820, go_, cancel)
}
