package screen

import (
	"strings"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/posting"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Invitations draws those that wait for an answer and those that ended. One at a time is
// read, in its place.
type Invitations struct {
	s *state.State
	h Host

	page  *part.Page
	col   *fyne.Container
	stops stops
	shown bool
	fresh bool
	open  string      // which is shown open
	back  *state.Undo // that the keyboard went to
}

// NewInvitations draws the screen.
func NewInvitations(s *state.State, h Host) *Invitations {
	v := &Invitations{s: s, h: h, col: part.Column(look.S4), stops: stops{h: h}}
	v.page = part.Sheet(v.S(i18n.InvitationTitle), v.S(i18n.InvitationWhy), look.Now().Px(sheetWidth), v.col)
	s.Invitations.Changed = v.draw
	s.Watch(func() {
		if v.shown {
			v.draw()
		}
	})
	v.draw()
	return v
}

// Object is the screen.
func (v *Invitations) Object() fyne.CanvasObject { return v.page }

// Enter reads them again.
func (v *Invitations) Enter() {
	v.shown, v.fresh = true, true
	v.s.Invitations.Load()
	v.draw()
}

// Left closes what was read, and forgets what could be taken back.
func (v *Invitations) Left() {
	v.shown = false
	v.s.Invitations.Undo = nil
	v.s.Invitations.Shut()
}

// Back closes the one that is read.
func (v *Invitations) Back() bool {
	if v.s.Invitations.Open == "" {
		return false
	}
	v.shut()
	return true
}

// Keys scrolls.
func (v *Invitations) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// Find does nothing: there is no search field.
func (v *Invitations) Find() bool { return false }

// S says a message in the language of the person.
func (v *Invitations) S(k i18n.Key, args ...any) string { return v.s.Words().S(k, args...) }

func (v *Invitations) shut() {
	was := v.s.Invitations.Open
	v.s.Invitations.Shut()
	if to, ok := v.stops.at["read "+was]; ok {
		v.h.Canvas().Focus(to)
	}
}

func (v *Invitations) draw() {
	in := v.s.Invitations
	v.page.Redraw(func() { v.stops.redraw(v.rows, nil) })
	if !v.shown || !in.Loaded {
		return
	}
	if v.open != in.Open {
		if v.open = in.Open; v.open != "" {
			for _, name := range v.stops.order {
				if strings.HasSuffix(name, " "+v.open) {
					v.h.Canvas().Focus(v.stops.at[name])
					break
				}
			}
		}
	}
	if u := in.Undo; u != v.back {
		if v.back = u; u != nil {
			v.h.Canvas().Focus(v.stops.at["undo"]) // at the top, far from where it was used
			v.page.Scroll(-1e9)
		}
	}
	if f := v.stops.first(); v.fresh && f != nil {
		v.fresh = false
		v.h.Canvas().Focus(f)
		v.page.Scroll(-1e9)
	}
}

func (v *Invitations) act(name, text, label string, kind part.Kind, icon look.Icon, do func()) *part.Button {
	b := part.NewButton(text, kind, icon, do)
	b.Label = label
	v.stops.add(name, b)
	return b
}

func (v *Invitations) rows() {
	in := v.s.Invitations
	var col []fyne.CanvasObject
	if !v.s.Profile.Offered() {
		v.col.Objects = []fyne.CanvasObject{part.Card(part.Empty(look.IconMail, v.S(i18n.InvitationNobody), v.S(i18n.InvitationNobodyWhy)))}
		return
	}
	if u := in.Undo; u != nil {
		b := v.act("undo", v.S(i18n.InvitationUndo), v.S(i18n.InvitationUndo)+", "+u.What, part.Link, "", in.Back)
		col = append(col, part.Banner(part.Plain, look.IconInfo, u.What, b))
	}
	if said := in.Problem(); said != "" {
		col = append(col, part.Outlined(part.Labelled(look.IconWarn, part.NewText(said, look.Body, look.InkDanger))))
	}
	waiting, past := in.Waiting(), in.Past()
	switch {
	case !in.Loaded:
	case len(waiting)+len(past) == 0:
		b := v.act("profile", v.S(i18n.ProfileOverview), v.S(i18n.ProfileOverview), part.Primary, "", func() {
			v.s.Profile.Open(state.ProfileOverview)
			v.h.Go("profile")
		})
		col = append(col, part.Card(part.Empty(look.IconMail, v.S(i18n.InvitationEmpty), v.S(i18n.InvitationEmptyWhy), b)))
	default:
		col = append(col, part.Labelled(look.IconLock, part.NewText(v.S(i18n.InvitationHidden), look.Body, look.InkText)))
		if len(waiting) == 0 {
			col = append(col, part.Section(v.S(i18n.InvitationWaiting), "", part.NewText(v.S(i18n.InvitationWaitingNone), look.Body, look.InkMuted)))
		} else {
			col = append(col, part.Section(v.S(i18n.InvitationWaiting), "", v.list(waiting)...))
		}
		if len(past) > 0 {
			col = append(col, part.Section(v.S(i18n.InvitationPast), "", v.list(past)...))
		}
	}
	v.col.Objects = col
}

func (v *Invitations) list(all []state.Invitation) (rows []fyne.CanvasObject) {
	for i, x := range all {
		if i > 0 {
			rows = append(rows, part.Rule(false))
		}
		rows = append(rows, v.one(x))
	}
	return rows
}

// one is a line, and all of it where it is read.
func (v *Invitations) one(x state.Invitation) fyne.CanvasObject {
	in, id := v.s.Invitations, x.Ref.Record
	ink := look.InkOnTint
	if x.State == "invited" {
		ink = look.InkWarning
	}
	col := []fyne.CanvasObject{part.Ends(look.S3, part.NewBold(x.Title, look.Body, look.InkText), part.Badge(in.StateWord(x), ink))}
	for _, l := range in.Lines(x) {
		if l != "" {
			col = append(col, part.NewText(l, look.Small, look.InkMuted))
		}
	}
	if why := in.Why(x); why != "" {
		col = append(col, part.NewText(why, look.Body, look.InkText))
	}
	if in.Open != id {
		col = append(col, part.Wrap(0, v.act("read "+id, v.S(i18n.InvitationRead), v.S(i18n.InvitationReadOf, "Title", x.Title), part.Secondary, "", func() { in.Read(id) }).Small()))
		return part.Column(look.S1, col...)
	}
	var acts []fyne.CanvasObject
	add := func(name string, k i18n.Key, kind part.Kind, icon look.Icon, do func()) {
		acts = append(acts, v.act(name+" "+id, v.S(k), v.S(k)+", "+x.Title, kind, icon, do))
	}
	if code := in.Code(x.Number); code != "" {
		copied := v.act("copy "+id, v.S(i18n.Copy), v.S(i18n.InvitationCopy, "Code", code), part.Secondary, look.IconCopy, func() {
			v.s.Copy(code)
			v.h.Say(v.S(i18n.Copied))
		}).Small()
		col = append(col, part.Gap(look.S1), part.NewText(v.S(i18n.InvitationHow), look.Body, look.InkText),
			part.Wrap(look.S3, part.Labelling(v.S(i18n.InvitationCode), part.NewBold(code, look.Title, look.InkText)), copied))
		add("apply", i18n.PostingHowto, part.Primary, "", func() { v.apply(x) })
	}
	if x.Posting > 0 {
		add("posting", i18n.InvitationPosting, part.Secondary, "", func() { v.h.Read(x.Posting) })
	}
	if in.Can(x, "answer") {
		add("answer", i18n.InvitationAnswer, part.Secondary, look.IconCheck, func() { in.Answer(id) })
	}
	if in.Can(x, "decline") {
		add("decline", i18n.InvitationDecline, part.Secondary, "", func() { in.Decline(id) })
	}
	if in.Can(x, "refuse") {
		add("refuse", i18n.InvitationRefuse, part.Secondary, "", func() { v.refuse(x) })
	}
	acts = append(acts, v.act("close "+id, v.S(i18n.InvitationClose), v.S(i18n.InvitationClose)+", "+x.Title, part.Secondary, "", v.shut))
	return part.Column(look.S2, append(col, part.Wrap(look.S2, acts...))...)
}

// apply opens the ways to apply of the posting, with the code to quote.
func (v *Invitations) apply(x state.Invitation) {
	v.s.Invitations.Apply(x.Ref.Record, func(p posting.Posting, ok bool) {
		if !ok {
			v.h.Say(v.S(i18n.InvitationGone, "Number", state.Number(v.s.Words(), x.Number)))
			return
		}
		showApply(v.s, v.h, p)
	})
}

// refuse asks first: it cannot be undone once the server has heard of it.
func (v *Invitations) refuse(x state.Invitation) {
	var d *part.Dialog
	no := part.NewButton(v.S(i18n.Cancel), part.Secondary, "", func() { d.Close() })
	yes := part.NewButton(v.S(i18n.InvitationRefuse), part.Primary, "", func() {
		d.Close()
		v.s.Invitations.Refuse(x.Ref.Record)
	})
	d = part.ShowDialog(v.h.Canvas(), v.S(i18n.InvitationRefuse), part.Column(look.S3, part.NewBold(x.Title, look.Body, look.InkText),
		part.NewText(v.S(i18n.InvitationRefuseWhy), look.Body, look.InkText)), no, 520, no, yes)
}
