package screen

import (
	"fmt"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/query"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

const (
	facetsWidth = 216
	listWidth   = 384
	foldFacets  = 1100 // under this width, in px at 100 % text, the facets fold away
	foldReading = 800  // under this one, reading opens over the list
	perGroup    = 6
)

// Search is the search screen: field, place, facets, results, and the posting beside them.
type Search struct {
	s *state.State
	h Host

	words, place *part.Field
	radius       *part.Choice
	go_, more    *part.Button
	bar          *fyne.Container

	facets    *part.Page
	facetCol  *fyne.Container
	checks    map[string]*part.Check
	expanded  map[query.Facet]bool
	moreAt    map[query.Facet]*part.Button
	titles    map[query.Facet]fyne.CanvasObject
	filterBtn *part.Button
	filtersOn bool

	count    *part.Text
	sort     *part.Choice
	chips    *fyne.Container
	chipAt   map[string]*part.Chip
	clear    *part.Button
	keep     *part.Button
	alert    *part.Button
	banners  *fyne.Container
	list     *part.List
	empty    *part.Page
	headBox  *fyne.Container
	listPane *fyne.Container

	reading *Posting
	split   *part.Split
	open    bool // reading over the list, when there is room for one of them only
	root    *fyne.Container
	layout  *searchLayout

	asked bool // a suggestion list may open: the person is typing
}

// NewSearch draws the search screen.
func NewSearch(s *state.State, h Host) *Search {
	v := &Search{s: s, h: h, checks: map[string]*part.Check{}, expanded: map[query.Facet]bool{},
		moreAt: map[query.Facet]*part.Button{}, titles: map[query.Facet]fyne.CanvasObject{}}
	w, r := s.Words(), s.Search
	t := look.Now()

	v.words = part.NewField(w.S(i18n.SearchWords), false, look.IconSearch, w.S(i18n.SearchWordsHint))
	v.words.Entry.SetText(r.Typed())
	v.words.Entry.OnChanged = func(text string) {
		v.asked = true
		r.Type(text)
	}
	v.words.Entry.OnSubmitted = func(string) { v.submit() }
	v.words.Entry.OnKey = v.offerKeys
	v.place = part.NewField(w.S(i18n.SearchPlace), false, look.IconPlace, w.S(i18n.SearchPlaceHint))
	v.place.Entry.SetText(r.PlaceText)
	v.place.Entry.OnChanged = func(text string) { r.TypePlace(text) }
	v.place.Entry.OnSubmitted = func(string) { v.submit() }
	v.place.Entry.OnKey = v.offerKeys
	v.place.OnFocus(func(on bool) {
		if !on && strings.TrimSpace(r.PlaceText) != r.Query.Near.Label && len(r.Places) == 0 {
			r.SetPlace(r.PlaceText)
		}
	})
	var km []string
	at := 0
	for i, d := range state.Radii {
		km = append(km, w.S(i18n.PlaceKm, "Km", strconv.Itoa(int(d))))
		if d == r.Km {
			at = i
		}
	}
	v.radius = part.NewChoice(w.S(i18n.SearchRadius), "", part.Secondary, km, at, func(i int) { r.SetRadius(state.Radii[i]) })
	v.go_ = part.NewButton(w.S(i18n.SearchGo), part.Primary, "", v.submit)
	v.more = part.NewButton(w.S(i18n.SearchAdvanced), part.Secondary, "", func() { showAdvanced(s, h) })
	v.bar = container.New(&barLayout{v: v}, v.words, v.place, v.radius, v.go_, v.more)

	v.facetCol = part.Column(0)
	v.facets = part.NewPage(part.Pad(v.facetCol, look.S3, look.S4, look.S4, look.S4)).Watch()

	v.count = part.NewBold("", look.Body, look.InkText)
	v.sort = part.NewChoice(w.S(i18n.SortName), w.S(i18n.SortPrefix), part.Quiet, nil, 0, nil)
	v.chips = part.Wrap(look.S2)
	v.clear = part.NewButton(w.S(i18n.ChipClear), part.Link, "", r.Clear)
	v.keep = part.NewButton(w.S(i18n.SavedKeep), part.Link, "", func() { s.Saved.Keep(h.Say) }).Small()
	v.alert = part.NewButton(w.S(i18n.AlertsFromSearch), part.Link, "", v.toAlert).Small()
	v.banners = part.Column(0)
	v.filterBtn = part.NewButton(w.S(i18n.SearchFilters), part.Secondary, look.IconFilter, func() {
		v.filtersOn = !v.filtersOn
		v.root.Refresh()
		if v.filtersOn {
			v.focusFacets()
		}
	}).Small()
	v.headBox = part.Column(0,
		part.Pad(part.Ends(look.S2, v.count, v.sort), look.S2, look.S2, look.S1, look.S4),
		part.Pad(v.chips, 0, look.S4, look.S2, look.S4), v.banners)
	v.list = part.NewList(w.S(i18n.SearchResults), part.ResultHeight(), func() part.Row { return part.NewResultRow(v.row) })
	v.list.OnSelect = func(i int) { r.Select(i) }
	v.list.OnOpen = func(i int) {
		r.Select(i)
		v.read()
	}
	v.list.OnDelete = r.Hide
	v.list.OnMenu = v.menu
	v.empty = part.NewPage(nil).Watch()
	v.empty.Hide()
	v.listPane = container.New(&topLayout{}, v.headBox, container.NewStack(v.list, v.empty))

	v.reading = NewPosting(s, h, func() {
		v.close()
		h.Canvas().Focus(v.list) // where one left it
	})
	left := part.Filled(t.Surface, v.listPane)
	v.split = part.NewSplit(w.S(i18n.SearchSplit), left, v.reading.Object(), t.Px(listWidth), t.Px(280), t.Px(640))
	v.split.OnMoved = func(px float32) { s.Remember(cache.SplitList, strconv.Itoa(int(px/t.Scale))) }
	s.Recall(cache.SplitList, func(px string) {
		if n, err := strconv.Atoi(px); err == nil && n >= 200 {
			v.split.Width = float32(n) * t.Scale
			v.split.Refresh()
		}
	})

	v.layout = &searchLayout{v: v}
	v.root = container.New(v.layout,
		part.Filled(t.Surface, v.bar), part.Rule(false), part.Filled(t.Ground, v.facets), part.Rule(true), v.split)
	r.Changed = v.update
	s.Posting.Changed = v.reading.Update
	v.update(state.Everything)
	return v
}

// Object is the screen.
func (v *Search) Object() fyne.CanvasObject { return v.root }

// Enter asks for the first results and gives the keyboard to the field.
func (v *Search) Enter() {
	v.s.Search.Start()
	v.Find()
}

// Find gives the keyboard to the field.
func (v *Search) Find() bool {
	v.close()
	v.h.Canvas().Focus(v.words.Entry)
	return true
}

// Back closes what is open: suggestions, then filters, then the posting over the list.
func (v *Search) Back() bool {
	switch {
	case len(v.s.Search.Suggestions)+len(v.s.Search.Places) > 0:
		v.asked = false
		v.s.Search.CloseOffers()
		if !v.place.Entry.HasFocus() {
			v.h.Canvas().Focus(v.words.Entry)
		}
	case v.filtersOn:
		v.filtersOn = false
		v.root.Refresh()
		v.h.Canvas().Focus(v.filterBtn)
	case v.open && v.single():
		v.close()
		v.h.Canvas().Focus(v.list)
	case v.h.Canvas().Focused() != fyne.Focusable(v.list) && v.list.Count() > 0:
		v.h.Canvas().Focus(v.list)
	default:
		return false
	}
	return true
}

func (v *Search) single() bool { return v.h.Width() < foldReading }
func (v *Search) folded() bool { return v.h.Width() < foldFacets }

func (v *Search) read() {
	v.open = true
	v.root.Refresh()
	if v.single() {
		v.reading.Focus()
	}
}

// Reading shows the posting where there is no room for both.
func (v *Search) Reading() { v.read() }

// At is the posting at hand: one that is like it, when the keyboard is on that, or the one
// that is read.
func (v *Search) At() int64 {
	if id := v.reading.like(); id != 0 {
		return id
	}
	return v.s.Posting.ID
}

func (v *Search) close() {
	if v.open {
		v.open = false
		v.root.Refresh()
	}
}

func (v *Search) submit() {
	v.asked = false
	v.s.Search.PlaceText = v.place.Entry.Text
	v.s.Search.Submit()
}

func (v *Search) focusFacets() {
	for _, g := range v.s.Search.Groups(perGroup) {
		for _, x := range g.Values {
			if c := v.checks[string(g.Facet)+"="+x.Value]; c != nil {
				v.h.Canvas().Focus(c)
				return
			}
		}
	}
}

// menu is what can be done with a result besides reading it.
func (v *Search) menu(i int, at fyne.Position) {
	r, w := v.s.Search, v.s.Words()
	c, ok := r.Row(i)
	if !ok || c.ID == 0 {
		return
	}
	lines := []part.MenuLine{{Text: w.S(i18n.HiddenHidePosting), Do: func() { r.Hide(i) }}}
	if v.s.Hidden.Can(c) {
		lines = append(lines, part.MenuLine{Text: w.S(i18n.HiddenHideEmployerLabel, "Name", c.Employer), Do: func() { r.HideEmployer(i) }})
	}
	part.ShowMenu(v.h.Canvas(), at, append(lines, part.MenuLine{Text: w.S(compareKey(v.s, c.ID)), Do: func() { v.h.Say(v.s.Compare.Toggle(c.ID)) }})...)
}

func (v *Search) row(i int) part.Result {
	c, ok := v.s.Search.Row(i)
	if !ok {
		return part.Result{}
	}
	w := v.s.Words()
	if c.ID == 0 {
		return part.Result{Ready: true, Title: w.S(i18n.ResultGone)}
	}
	head := state.Head(c, v.s.Lang())
	r := part.Result{Ready: true, Title: head.Title, Second: head.Original, Employer: c.Employer,
		Age: state.Age(w, c.Posted, v.s.Now()), Place: state.PlaceLine(w, c.Place, v.s.Search.Query.Near),
		Wage: state.WageLine(w, c.Wage), WageKnown: c.Wage.Min+c.Wage.Max > 0}
	if r.Title == "" {
		r.Title = w.S(i18n.PostingMasked, "Number", state.GroupNumber(c.Number))
	}
	for _, t := range v.s.Tags(c) {
		tag := part.ResultTag{Text: t.Text, Warn: t.Warn}
		if t.Source {
			tag.Icon = look.IconSource
			if i := look.Icon(v.s.Source(c.Source).Icon); look.Has(i) {
				tag.Icon = i
			}
		}
		r.Tags = append(r.Tags, tag)
	}
	return r
}

var sorts = []struct {
	by  query.Sort
	key i18n.Key
}{{query.ByRelevance, i18n.SortRelevance}, {query.ByDate, i18n.SortDate}, {query.ByWage, i18n.SortWage}, {query.ByDistance, i18n.SortDistance}}

// update carries what changed over to what is drawn.
func (v *Search) update(what state.What) {
	r := v.s.Search
	if what&state.Asked != 0 {
		if v.words.Entry.Text != r.Typed() {
			v.set(v.words.Entry, r.Typed())
		}
		if v.place.Entry.Text != r.PlaceText && v.h.Canvas().Focused() != fyne.Focusable(v.place.Entry) || r.PlaceText == "" && r.Query.Near.Km == 0 && r.PlaceErr == "" && v.place.Entry.Text != "" && !v.place.Entry.HasFocus() {
			v.set(v.place.Entry, r.PlaceText)
		}
		if v.place.Problem() != r.PlaceErr {
			v.place.SetError(r.PlaceErr)
			v.root.Refresh()
		}
		v.updateSort()
		v.updateChips()
		v.reading.SetNear(r.Query.Near)
	}
	if what&state.Found != 0 {
		v.updateFound()
	}
	if what&state.Rows != 0 {
		v.list.Update()
	}
	if what&state.Chosen != 0 {
		v.list.Mark(r.Selected)
	}
	if what&state.Offered != 0 {
		v.offer()
	}
	v.h.Mend(v.list, v.words.Entry)
}

func (v *Search) set(e *part.Entry, text string) {
	was := e.OnChanged
	e.OnChanged = nil
	e.SetText(text)
	e.CursorColumn = len([]rune(text))
	e.Refresh()
	e.OnChanged = was
}

func (v *Search) updateSort() {
	w, r := v.s.Words(), v.s.Search
	var names []string
	at := 0
	for i, o := range sorts {
		if o.by == query.ByDistance && r.Query.Near.Km == 0 {
			continue
		}
		if o.by == r.Query.Sort {
			at = i
		}
		names = append(names, w.S(o.key))
	}
	v.sort.SetOptions(names, at)
	v.sort.OnPick = func(i int) { r.SetSort(sorts[i].by) }
}

func (v *Search) updateChips() {
	w, r := v.s.Words(), v.s.Search
	cs := r.Chips()
	// Chips that stay are the same objects, so that the keyboard stays on them; when the one
	// that had it goes, the next takes it.
	at := -1
	for i, o := range v.chips.Objects {
		if f, ok := o.(fyne.Focusable); ok && f == v.h.Canvas().Focused() {
			at = i
		}
	}
	kept := map[string]*part.Chip{}
	v.chips.Objects = nil
	if v.folded() {
		v.chips.Objects = append(v.chips.Objects, v.filterBtn)
	}
	for _, c := range cs {
		chip := v.chipAt[c.Text]
		if chip == nil {
			chip = part.NewChip(c.Text, w.S(i18n.ChipRemove, "What", c.Text), nil)
		}
		chip.OnTap = c.Remove
		kept[c.Text] = chip
		v.chips.Objects = append(v.chips.Objects, chip)
	}
	v.chipAt = kept
	if len(cs) > 1 {
		v.chips.Objects = append(v.chips.Objects, v.clear)
	}
	if r.Query.Words != "" || len(cs) > 0 {
		v.chips.Objects = append(v.chips.Objects, v.keep)
		if v.s.JobAlerts.Offered() {
			v.chips.Objects = append(v.chips.Objects, v.alert)
		}
	}
	v.listPane.Refresh()
	if at >= 0 && len(cs) > 0 {
		if f, ok := v.chips.Objects[min(at, len(v.chips.Objects)-1)].(fyne.Focusable); ok {
			v.h.Mend(f)
		}
	}
}

func (v *Search) updateFound() {
	r, w := v.s.Search, v.s.Words()
	switch {
	case r.Err != nil:
		v.count.Set("")
	case !r.Loaded:
		v.count.Set(w.S(i18n.SearchLoading))
	default:
		v.count.Set(w.N(i18n.SearchCount, r.Result.Total))
	}
	// What was widened, and how to take it back; how far the index is.
	v.banners.Objects = nil
	if r.Result.Indexed < r.Result.Rows && r.Query.Words != "" {
		v.banners.Objects = append(v.banners.Objects, part.Banner(part.Warn, look.IconClock,
			w.S(i18n.SearchIndexing, "Done", w.Number(r.Result.Indexed), "Total", w.Number(r.Result.Rows))))
	}
	for _, x := range r.Result.Expanded {
		title, _ := x.Title.In(v.s.Lang().Other())
		b := part.NewButton(w.S(i18n.ExpandUndo), part.Link, "", func() { r.UndoExpansion(x.NOC) })
		b.Label = w.S(i18n.ExpandUndoLabel, "Title", title)
		v.banners.Objects = append(v.banners.Objects, part.Banner(part.Plain, "",
			w.S(i18n.ExpandTold, "Title", title, "Code", x.NOC), b))
	}
	if said := v.s.Hidden.Err; said != nil {
		v.banners.Objects = append(v.banners.Objects, part.Banner(part.Warn, look.IconWarn, state.Explain(w, said)))
	} else if u := v.s.Hidden.Last; u != nil {
		v.banners.Objects = append(v.banners.Objects, part.Banner(part.Plain, "", u.What,
			part.NewButton(w.S(i18n.HiddenUndo), part.Link, "", v.s.Hidden.Back)))
	}
	v.updateFacets()
	switch {
	case r.Err != nil:
		v.showEmpty(part.Empty(look.IconWarn, w.S(i18n.SearchFailed), w.S(i18n.SearchFailedWhy, "Detail", state.Explain(w, r.Err)),
			part.NewButton(w.S(i18n.Again), part.Primary, look.IconSync, r.Refresh)))
	case v.s.Status.None && r.Result.Rows == 0: // the status may still be that of before an answer
		v.showEmpty(part.Empty(look.IconOffline, w.S(i18n.NoneTitle), w.S(i18n.NoneWhy),
			part.NewButton(w.S(i18n.NoneAct), part.Primary, look.IconSync, func() { v.h.Go("sync") })))
	case r.Loaded && r.Result.Total == 0:
		v.showEmpty(v.nothing())
	default:
		v.empty.Hide()
		v.list.Show()
		if r.Loaded {
			v.list.SetCount(r.Result.Total)
		} else {
			v.list.SetCount(0)
		}
		v.list.Mark(r.Selected)
		if r.Selected < 0 && !r.Again {
			v.list.Top()
		}
	}
	v.listPane.Refresh()
}

func (v *Search) showEmpty(o fyne.CanvasObject) {
	v.list.SetCount(0)
	v.list.Hide()
	v.empty.SetContent(o)
	v.empty.Show()
}

// nothing says which filter removes most, and offers ways out that find something.
func (v *Search) nothing() fyne.CanvasObject {
	r, w := v.s.Search, v.s.Words()
	var acts []*part.Button
	why := w.S(i18n.EmptyWhy)
	for i, x := range r.Result.Relax {
		kind := part.Secondary
		if i == 0 {
			kind = part.Primary
			why = w.S(i18n.EmptyWhyFilter)
		}
		acts = append(acts, part.NewButton(r.RelaxLabel(x), kind, "", func() { r.Relax(x) }))
	}
	if v.s.JobAlerts.Offered() { // what is not there today may come
		acts = append(acts, part.NewButton(w.S(i18n.AlertsFromSearch), part.Secondary, look.IconBell, v.toAlert))
	}
	return part.Empty(look.IconSearch, w.S(i18n.EmptyTitle), why, acts...)
}

// toAlert makes an alert of the search, as far as one can ask the same.
func (v *Search) toAlert() {
	v.s.JobAlerts.FromSearch()
	v.h.Go("alerts")
}

// updateFacets keeps the widgets of values that stay, so that the keyboard stays on them.
func (v *Search) updateFacets() {
	r, w := v.s.Search, v.s.Words()
	var col []fyne.CanvasObject
	seen := map[string]bool{}
	for _, g := range r.Groups(0) {
		most := perGroup
		if v.expanded[g.Facet] {
			most = 40
		}
		title := v.titles[g.Facet]
		if title == nil {
			title = part.Pad(part.NewBold(g.Label, look.Body, look.InkText), look.S3, 0, look.S1, 0)
			v.titles[g.Facet] = title
		}
		col = append(col, title)
		left := 0
		for i, x := range g.Values {
			if i >= most && !x.On {
				left++
				continue
			}
			key := string(g.Facet) + "=" + x.Value
			seen[key] = true
			n := w.Number(x.N)
			c := v.checks[key]
			if c == nil {
				f, val := g.Facet, x.Value
				c = part.NewCheck(x.Label, n, x.On, func(bool) { r.Toggle(f, val) })
				v.checks[key] = c
			} else {
				c.Set(x.Label, n, x.On)
			}
			col = append(col, c)
		}
		if left > 0 && !v.expanded[g.Facet] {
			b := v.moreAt[g.Facet]
			if b == nil {
				f := g.Facet
				b = part.NewButton("", part.Link, "", func() {
					v.expanded[f] = true
					v.updateFacets()
				})
				v.moreAt[f] = b
			}
			b.Set(w.N(i18n.FacetMore, left))
			col = append(col, part.Pad(b, look.S1, 0, 0, look.S6))
		}
	}
	for k := range v.checks {
		if !seen[k] {
			delete(v.checks, k)
		}
	}
	v.facetCol.Objects = col
	v.facets.Reflow()
}

// offer shows suggestions under the field that is being typed in.
func (v *Search) offer() {
	r := v.s.Search
	var rows []fyne.CanvasObject
	var under fyne.CanvasObject
	switch {
	case len(r.Places) > 0 && v.place.Entry.HasFocus():
		under = v.place
		for _, c := range r.Places {
			rows = append(rows, part.NewOffer(look.IconPlace, c.Name+", "+c.Province, func() {
				r.TakePlace(c)
				v.set(v.place.Entry, r.PlaceText)
				v.h.Offer(nil, nil)
			}))
		}
	case len(r.Suggestions) > 0 && v.words.Entry.HasFocus() && v.asked:
		under = v.words
		for _, x := range r.Suggestions {
			rows = append(rows, part.NewOffer(look.IconSearch, x.Text, func() {
				v.asked = false
				r.TakeSuggestion(x.Text)
			}))
		}
	case r.Typed() == "" && len(r.Recent) > 0 && v.words.Entry.HasFocus() && v.asked:
		under = v.words
		for _, x := range r.Recent {
			rows = append(rows, part.NewOffer(look.IconClock, x.Label, func() {
				v.asked = false
				r.Use(x.Query)
			}))
		}
	}
	if len(rows) == 0 {
		v.h.Offer(nil, nil)
		return
	}
	v.h.Offer(part.NewOffers(rows), under)
}

// offerKeys lets Down go from a field to its suggestions, and to the results when there are none.
func (v *Search) offerKeys(e *fyne.KeyEvent) bool {
	if e.Name != fyne.KeyDown {
		return false
	}
	if v.s.Search.Typed() == "" && v.words.Entry.HasFocus() && len(v.s.Search.Recent) > 0 {
		v.asked = true
		v.offer()
	}
	if part.FocusOffers() {
		return true
	}
	if v.list.Count() > 0 && v.list.Visible() {
		v.h.Canvas().Focus(v.list)
		if v.list.Selected() < 0 {
			v.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyHome})
		}
	}
	return true
}

// topLayout puts the first object above, as high as it needs, and the second under it.
type topLayout struct{ width float32 }

func (l *topLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(look.Now().Px(200), part.HeightFor(o[0], max(l.width, 200))+o[1].MinSize().Height)
}

func (l *topLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	l.width = s.Width
	h := part.HeightFor(o[0], s.Width)
	o[0].Move(fyne.Position{})
	o[0].Resize(fyne.NewSize(s.Width, h))
	o[1].Move(fyne.NewPos(0, h))
	o[1].Resize(fyne.NewSize(s.Width, max(s.Height-h, 0)))
}

// barLayout sets field, place, radius and buttons on one line, on two or three when there is no room.
type barLayout struct{ v *Search }

func (l *barLayout) lines(s float32) (rows [][]int, h float32) {
	w := s / look.Now().Scale
	switch {
	case w >= 860:
		rows = [][]int{{0, 1, 2, 3, 4}}
	case w >= 520:
		rows = [][]int{{0, 3, 4}, {1, 2}}
	default:
		rows = [][]int{{0}, {1, 2}, {3, 4}}
	}
	return rows, 0
}

func (l *barLayout) place(o []fyne.CanvasObject, width float32, put func(o fyne.CanvasObject, x, y, w, h float32)) float32 {
	t := look.Now()
	in := width - 2*look.S4
	y := look.S3
	rows, _ := l.lines(width)
	for _, row := range rows {
		fixed := look.S2 * float32(len(row)-1)
		grow := 0
		for _, i := range row {
			switch i {
			case 0:
				grow += 5
			case 1:
				grow += 2
			default:
				fixed += o[i].MinSize().Width
			}
		}
		x, h := look.S4, t.Px(look.Control)
		free := max(in-fixed, 0)
		for _, i := range row {
			w := o[i].MinSize().Width
			switch {
			case i == 0:
				w = free * 5 / float32(grow)
			case i == 1:
				w = free * 2 / float32(grow)
			case grow == 0:
				w = min(w, (in-look.S2)/2)
			}
			oh := part.HeightFor(o[i], w)
			if put != nil {
				put(o[i], x, y, w, oh)
			}
			h = max(h, oh)
			x += w + look.S2
		}
		y += h + look.S2
	}
	return y - look.S2 + look.S3
}

func (l *barLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(look.Now().Px(240), l.place(o, max(l.v.bar.Size().Width, 240), nil))
}

func (l *barLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	l.place(o, s.Width, func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(w, h))
	})
}

// searchLayout decides by the width of the window, measured in text, what stands beside what.
type searchLayout struct {
	v   *Search
	was string
}

func (l *searchLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	t := look.Now()
	return fyne.NewSize(t.Px(240), t.Px(320))
}

func (l *searchLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	v, t := l.v, look.Now()
	bar, rule, facets, edge, split := o[0], o[1], o[2], o[3], o[4]
	shape := fmt.Sprint(v.folded(), v.single(), v.open, v.filtersOn)
	if shape != l.was {
		l.was = shape
		v.updateChips()
	}
	single := v.single()
	v.reading.SetBack(single)
	if single && v.open {
		bar.Hide()
		rule.Hide()
		facets.Hide()
		edge.Hide()
		split.Show()
		v.split.Only(2)
		split.Move(fyne.Position{})
		split.Resize(s)
		return
	}
	bar.Show()
	rule.Show()
	bar.Move(fyne.Position{})
	bar.Resize(fyne.NewSize(s.Width, 0))
	bh := v.bar.Layout.(*barLayout).place(v.bar.Objects, s.Width, nil)
	bar.Resize(fyne.NewSize(s.Width, bh))
	rule.Move(fyne.NewPos(0, bh))
	rule.Resize(fyne.NewSize(s.Width, 1))
	y := bh + 1
	h := max(s.Height-y, 0)
	x := float32(0)
	if !v.folded() || v.filtersOn {
		fw := t.Px(facetsWidth)
		if v.folded() && single {
			fw = min(t.Px(280), s.Width)
		}
		facets.Show()
		edge.Show()
		facets.Move(fyne.NewPos(0, y))
		facets.Resize(fyne.NewSize(fw, h))
		edge.Move(fyne.NewPos(fw, y))
		edge.Resize(fyne.NewSize(1, h))
		x = fw + 1
	} else {
		facets.Hide()
		edge.Hide()
	}
	split.Move(fyne.NewPos(x, y))
	split.Resize(fyne.NewSize(max(s.Width-x, 1), h))
	split.Show()
	if single {
		v.split.Only(1)
	} else {
		v.split.Only(0)
	}
}
