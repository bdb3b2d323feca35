package screen

import (
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"passerelle/i18n"
	"passerelle/store/occupation"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Posting draws the posting that is being read: titles, wage on the occupation's range, facts
// in two columns, requirements, the acts in one bar at the bottom, and the report link at
// its left foot (A-020… ).
type Posting struct {
	s     *state.State
	h     Host
	close func()

	near    query.Near
	hasBack bool
	page    *part.Reader
	foot    *fyne.Container
	root    *fyne.Container
	shown   int64
	apply   *part.Button
	bar     []*part.Button
	barKey  string
	alike   map[fyne.Focusable]int64 // the controls of what is like it, by row id
	likes   []fyne.Focusable         // the same, in order
	hid     bool                     // the keyboard was on what hides it
	show    *part.Button             // takes a hiding back; nil: nothing hides the posting
	lang    i18n.Lang
}

// NewPosting draws the reading pane; close goes back to the list where there is one pane only.
func NewPosting(s *state.State, h Host, close func()) *Posting {
	t := look.Now()
	v := &Posting{s: s, h: h, close: close, page: part.NewReader(s.Words().S(i18n.PostingRead)), foot: part.Column(0)}
	v.root = part.Filled(t.Surface, container.New(&footLayout{}, v.page, v.foot))
	v.Update()
	return v
}

// Object is the pane.
func (v *Posting) Object() fyne.CanvasObject { return v.root }

// Focus gives the keyboard to the text.
func (v *Posting) Focus() { v.h.Canvas().Focus(v.page) }

// SetNear tells around which place distances are given.
func (v *Posting) SetNear(n query.Near) { v.near = n }

// SetBack shows or hides the way back to the list.
func (v *Posting) SetBack(on bool) {
	if v.hasBack != on {
		v.hasBack = on
		v.Update()
	}
}

// Update draws the posting again.
func (v *Posting) Update() {
	p, w := v.s.Posting, v.s.Words()
	fresh := v.shown != p.Posting.ID || v.lang != w.Lang()
	like := slices.Index(v.likes, v.h.Canvas().Focused())
	at := -1 // the act that has the keyboard keeps it, whatever it is called now
	for i, b := range v.bar {
		if v.h.Canvas().Focused() == fyne.Focusable(b) {
			at = i
		}
	}
	// The acts stay the same objects as long as they are the same acts: a dialog that one
	// of them opened gives the keyboard back to it.
	self, employer := v.s.Hidden.Of(p.Posting.Card)
	key := fmt.Sprint(p.Posting.ID, w.Lang(), p.Saved, v.s.Compare.Has(p.Posting.ID), v.s.Tracker.Of(p.Posting.ID), self, employer, p.Posting.Ended(v.s.Now()), v.compact(), p.Err == nil)
	if key != v.barKey || p.Err != nil || p.ID == 0 {
		v.foot.Objects, v.bar, v.barKey = nil, nil, ""
	}
	switch {
	case p.Err != nil:
		v.page.SetContent(part.Empty(look.IconWarn, w.S(i18n.PostingFailed), state.Explain(w, p.Err),
			part.NewButton(w.S(i18n.Again), part.Primary, look.IconSync, p.Reload)))
	case p.ID == 0:
		v.shown = 0
		v.page.SetContent(part.Empty(look.IconList, w.S(i18n.PostingNone), w.S(i18n.PostingNoneWhy)))
	case p.Posting.ID == 0:
		return // the first one is on its way; what stood here stays a moment
	default:
		v.shown, v.lang = p.Posting.ID, w.Lang()
		v.page.Replace(v.body(p.Posting), fresh)
		if v.barKey == "" {
			v.barKey = key
			v.foot.Objects = []fyne.CanvasObject{part.Rule(false), v.acts(p.Posting)}
		}
	}
	v.root.Refresh()
	if at >= 0 && at < len(v.bar) {
		v.h.Canvas().Focus(v.bar[at])
	}
	if like >= 0 && like < len(v.likes) && !fresh {
		v.h.Canvas().Focus(v.likes[like])
	}
	if v.hid && v.show != nil { // what was used has gone: what takes it back has come
		v.hid = false
		v.h.Canvas().Focus(v.show)
	}
	v.h.Mend(v.page)
}

func (v *Posting) body(p posting.Posting) fyne.CanvasObject {
	w, l := v.s.Words(), v.s.Lang()
	var col []fyne.CanvasObject
	add := func(o ...fyne.CanvasObject) { col = append(col, o...) }
	v.show, v.alike, v.likes = nil, map[fyne.Focusable]int64{}, nil
	if v.hasBack {
		add(part.Wrap(0, part.NewButton(w.S(i18n.PostingBack), part.Quiet, look.IconBack, func() {
			v.close()
		})), part.Gap(look.S2))
	}
	head := state.Head(p.Card, l)
	title := head.Title
	if title == "" {
		title = w.S(i18n.PostingMasked, "Number", state.GroupNumber(p.Number))
	}
	ended := p.Ended(v.s.Now())
	if ended {
		add(part.Banner(part.Warn, look.IconClock, w.S(i18n.PageEnded)), part.Gap(look.S3))
	}
	if self, employer := v.s.Hidden.Of(p.Card); self || employer {
		said := w.S(i18n.HiddenPostingHere)
		if employer {
			said = w.S(i18n.HiddenEmployerHere, "Name", p.Employer)
		}
		show := part.NewButton(w.S(i18n.HiddenShow), part.Link, "", func() { v.s.Hidden.ShowPosting(p.Card) })
		v.show = show
		add(part.Banner(part.Plain, look.IconInfo, said, show), part.Gap(look.S3))
	}
	size := look.Title
	if len([]rune(title)) > 60 {
		size = look.Heading // the longest names of the NOC would fill the pane
	}
	add(part.NewBold(title, size, look.InkText))
	if p.NOC != "" {
		noc := ""
		if group, _ := occupation.Title(p.NOC).In(l); group != title {
			noc = " · " + group
		}
		if p.Confidence < 100 {
			noc += " · " + w.S(i18n.PostingAssigned, "N", w.Number(int(p.Confidence)))
		}
		add(part.NewText(w.S(i18n.PostingNoc, "Code", p.NOC, "Teer", occupation.TEER(p.NOC))+noc, look.Small, look.InkMuted))
	}
	if head.Original != "" {
		key := i18n.PostingOwnTitle
		if p.External() {
			key = i18n.PageOriginal
		}
		add(part.NewText(w.S(key, "Title", head.Original), look.Small, look.InkMuted))
	}
	if only := state.OnlyIn(p.Card, l); only != "" && p.State == posting.Shown {
		key := i18n.PageOnlyEnglish
		if only == i18n.French {
			key = i18n.PageOnlyFrench
		}
		add(part.Gap(look.S2), part.Banner(part.Warn, look.IconInfo, w.S(key)))
	}
	if p.Demo {
		add(part.Gap(look.S2), part.Banner(part.Plain, look.IconInfo, w.S(i18n.PostingDemo)))
	}
	add(part.Gap(look.S3))
	who := state.PlaceLine(w, p.Place, v.near)
	if p.Employer != "" {
		who = p.Employer + " · " + who
	}
	add(part.NewBold(who, look.Body, look.InkText))
	if p.Agency {
		add(part.NewText(w.S(i18n.PosterAgency), look.Small, look.InkMuted))
	}
	if p.External() {
		src := v.s.ValueLabel(query.Source, p.Source)
		add(part.Gap(look.S1), part.Labelled(look.IconSource, part.NewText(w.S(i18n.PostingSource, "Source", src), look.Small, look.InkWarning)))
	}
	add(part.Gap(look.S3),
		part.NewBold(state.WageLine(w, p.Wage), look.Heading, look.InkText),
		part.NewText(state.Number(w, p.Number)+" · "+w.S(i18n.PostingPosted, "Date", p.Posted.String(), "Age", state.Age(w, p.Posted, v.s.Now())), look.Caption, look.InkMuted))
	if f := p.Wage.Flags; f&posting.WageImpossible != 0 {
		add(part.Gap(look.S1), part.Labelled(look.IconWarn, part.NewText(w.S(i18n.WageOdd), look.Small, look.InkWarning)))
	} else if f&posting.WageBelowMinimum != 0 {
		add(part.Gap(look.S1), part.Labelled(look.IconWarn, part.NewText(w.S(i18n.WageBelow), look.Small, look.InkWarning)))
	} else if f&posting.WageHoursAssumed != 0 {
		add(part.NewText(w.S(i18n.WageAssumed), look.Caption, look.InkMuted))
	}
	for _, x := range p.Pay {
		add(part.NewText(x, look.Small, look.InkMuted))
	}
	if r, ok := v.s.WageRange(p.Card); ok {
		n := len(r.Rows)
		label := func(f state.Fact) string { return f.Label + " " + f.Value }
		add(part.Gap(look.S3), part.NewWageBar(part.WageScale{Low: r.Low, Median: r.Median, High: r.High, Min: r.Min, Max: r.Max,
			LowText: label(r.Rows[n-3]), MidText: label(r.Rows[n-2]), TopText: label(r.Rows[n-1]), Summary: r.Summary}),
			part.NewText(r.Title+" · "+r.Source, look.Caption, look.InkMuted))
	}
	if outs := v.s.Outlooks(p.Card); len(outs) > 0 {
		add(part.Gap(look.S4), part.NewBold(w.S(i18n.OutlookTitle), look.Body, look.InkText))
		for _, o := range outs {
			if o.Label != "" {
				add(part.Grade(o.Grade, o.Known, o.Label))
			}
			if o.Detail != "" {
				add(part.NewText(o.Detail, look.Small, look.InkText))
			}
			add(part.NewText(o.Source, look.Caption, look.InkMuted))
		}
	}
	add(part.Gap(look.S4))
	var facts []fyne.CanvasObject
	for _, f := range v.s.Facts(p.Card) {
		facts = append(facts, part.FactBox(f.Label, f.Value))
	}
	add(part.Grid(2, look.Now().Px(190), look.S4, look.S3, facts...))
	if text, ok := p.Text(l); ok {
		for _, sec := range text.Sections {
			add(part.Gap(look.S4), part.NewBold(v.s.SectionTitle(sec), look.Heading, look.InkText), part.Gap(look.S1))
			for _, it := range sec.Items {
				if sec.Kind == posting.About {
					add(part.NewText(it.Text, look.Body, look.InkText), part.Gap(look.S1))
					continue
				}
				add(part.Bullet(it.Text), part.Gap(2))
			}
		}
	} else if p.State == posting.Shown {
		add(part.Gap(look.S4), part.NewText(w.S(i18n.PostingCardsOnly), look.Body, look.InkMuted))
	}
	add(v.howMet(p)...)
	add(v.similar(p)...)
	if v.compact() {
		add(part.Gap(look.S4), part.Wrap(look.S2, v.more(p)...))
		if hide := v.hides(p); len(hide) > 0 {
			add(part.Gap(look.S2), part.Wrap(look.S4, hide...))
		}
	}
	add(part.Gap(look.S4), part.NewText(v.s.Freshness(), look.Caption, look.InkMuted))
	return part.Pad(part.Column(0, col...), look.S4, look.S6, look.S6, look.S6)
}

// similar are the postings that are like this one, each with the reason.
func (v *Posting) similar(p posting.Posting) (all []fyne.CanvasObject) {
	w, l, like := v.s.Words(), v.s.Lang(), v.s.Posting.Similar
	if len(like) == 0 {
		return nil
	}
	ids := []int64{p.ID}
	all = append(all, part.Gap(look.S6), part.NewBold(w.S(i18n.PageSimilar), look.Heading, look.InkText), part.Gap(look.S1))
	for _, x := range like {
		id, h := x.Card.ID, state.Head(x.Card, l)
		ids = append(ids, id)
		name := h.Original
		if name == "" {
			name = h.Title
		}
		read := part.NewWrapLink(name, look.Body, look.InkAccent, func() { v.h.Read(id) })
		compare := compareButton(v.s, v.h, id, name, part.Link).Small()
		for _, f := range []fyne.Focusable{read, compare} {
			v.alike[f] = id
			v.likes = append(v.likes, f)
		}
		all = append(all, part.Ends(look.S4, part.Column(0, read, part.NewText(x.Card.Employer+" · "+state.PlaceLine(w, x.Card.Place, query.Near{}),
			look.Small, look.InkMuted), part.NewText(v.s.Likeness(x), look.Small, look.InkMuted)), part.Column(0, compare)), part.Gap(look.S2))
	}
	both := part.NewButton(w.S(i18n.CompareAll), part.Secondary, look.IconCompare, func() {
		v.s.Compare.Set(ids...)
		v.h.Go("compare")
	}).Small()
	return append(all, part.Wrap(0, both))
}

// like is the posting, of those that are like this one, that the keyboard is on; 0: none.
func (v *Posting) like() int64 { return v.alike[v.h.Canvas().Focused()] }

// acts is the bar at the bottom.
func (v *Posting) acts(p posting.Posting) fyne.CanvasObject {
	w := v.s.Words()
	ended := p.Ended(v.s.Now())
	var bar []fyne.CanvasObject
	if !ended {
		v.apply = part.NewButton(w.S(i18n.PostingHowto), part.Primary, "", func() { showApply(v.s, v.h, p) })
		bar = append(bar, v.apply)
	}
	save := i18n.PostingSave
	if v.s.Posting.Saved {
		save = i18n.PostingUnsave
	}
	bar = append(bar, part.NewButton(w.S(save), part.Secondary, look.IconSaved, v.s.Posting.ToggleSaved))
	if !v.compact() {
		bar = append(bar, v.more(p)...)
	}
	report := part.NewButton(w.S(i18n.PostingReport), part.Link, "", func() { showReport(v.s, v.h, p.Card) }).Small().Inked(look.InkMuted)
	foot := []fyne.CanvasObject{report}
	if v.s.Tracker.Offered() {
		foot = append(foot, part.NewButton(w.S(i18n.ReminderAdd), part.Link, "", func() { showReminder(v.s, v.h, v.s.Reminders.NewOfPosting(p)) }).Small().Inked(look.InkMuted))
	}
	if !v.compact() {
		foot = append(foot, v.hides(p)...)
	}
	for _, o := range append(bar, foot...) {
		if b, ok := o.(*part.Button); ok {
			v.bar = append(v.bar, b)
		}
	}
	return part.Pad(part.Column(look.S2, part.Wrap(look.S2, bar...), part.Wrap(look.S2, foot...)), look.S3, look.S6, look.S2, look.S6)
}

// hides are what hides the posting and its employer; none where something does already.
func (v *Posting) hides(p posting.Posting) (acts []fyne.CanvasObject) {
	w, h := v.s.Words(), v.s.Hidden
	self, employer := h.Of(p.Card)
	if self || employer {
		return nil
	}
	act := func(key i18n.Key, label string, do func(posting.Card)) {
		b := part.NewButton(w.S(key), part.Link, "", func() {
			do(p.Card)
			v.hid = true
		}).Small().Inked(look.InkMuted)
		b.Label = label
		acts = append(acts, b)
	}
	act(i18n.HiddenHidePosting, w.S(i18n.HiddenHidePosting), h.Posting)
	if h.Can(p.Card) {
		act(i18n.HiddenHideEmployer, w.S(i18n.HiddenHideEmployerLabel, "Name", p.Employer), h.Employer)
	}
	return acts
}

// compact says that the window is too low for a bar of several lines: the lesser acts
// then stand at the end of the text.
func (v *Posting) compact() bool {
	h := v.h.Canvas().Size().Height
	return h > 0 && h/look.Now().Scale < 740
}

// more are the lesser acts.
func (v *Posting) more(p posting.Posting) []fyne.CanvasObject {
	w := v.s.Words()
	var bar []fyne.CanvasObject
	if follow := followButton(v.s, v.h, "", part.Secondary, p, v.Update); follow != nil {
		bar = append(bar, follow)
	}
	bar = append(bar, compareButton(v.s, v.h, p.ID, "", part.Secondary), part.NewButton(w.S(i18n.PostingCopy), part.Secondary, look.IconCopy, func() {
		v.s.Copy(postingText(v.s, p))
		v.h.Say(w.S(i18n.Copied))
	}), PrintButton(v.s, v.h, part.Secondary, func() Paper { return postingPaper(v.s, p) }))
	if p.External() && p.URL != "" && !p.Ended(v.s.Now()) {
		bar = append(bar, part.NewButton(w.S(i18n.PostingFull), part.Secondary, look.IconOut, func() {
			ShowLeave(v.s, v.h, v.s.Leaving(p.URL, w.S(i18n.LeaveLink), p.Number))
		}))
	}
	return bar
}

// footLayout keeps the second object at the bottom, as high as it needs but never more
// than half, and gives the rest to the first.
type footLayout struct{}

func (l *footLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(look.Now().Px(240), look.Now().Px(160))
}

func (l *footLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	h := min(part.HeightFor(o[1], s.Width), s.Height*0.6)
	o[0].Move(fyne.Position{})
	o[0].Resize(fyne.NewSize(s.Width, s.Height-h))
	o[1].Move(fyne.NewPos(0, s.Height-h))
	o[1].Resize(fyne.NewSize(s.Width, h))
}
