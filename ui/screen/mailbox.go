package screen

import (
	"strconv"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Mailbox draws the letters of a demonstration, the newest one open.
type Mailbox struct {
	s    *state.State
	h    Host
	page *part.Page
	list *fyne.Container
	read *fyne.Container
	back *part.Button
	rows stops
}

// NewMailbox draws the mailbox.
func NewMailbox(s *state.State, h Host) *Mailbox {
	v := &Mailbox{s: s, h: h, list: part.Column(look.S1), read: part.Column(look.S3)}
	v.rows.h = h
	w := s.Words()
	v.back = part.NewButton(w.S(i18n.MailboxBack), part.Secondary, look.IconBack, func() { h.Go(v.from()) })
	v.page = part.Sheet(w.S(i18n.MailboxTitle), w.S(i18n.MailboxWhat), look.Now().Px(sheetWidth),
		part.Column(look.S4, part.Wrap(look.S2, v.back), v.read, v.list))
	s.Mailbox.Changed = v.update
	v.update()
	return v
}

// from is where the letters are awaited.
func (v *Mailbox) from() string {
	if v.s.Mailbox.From != "" {
		return v.s.Mailbox.From
	}
	return "search"
}

// Object is the screen.
func (v *Mailbox) Object() fyne.CanvasObject { return v.page }

// Enter reads the letters.
func (v *Mailbox) Enter() {
	v.s.Mailbox.Resume()
	v.h.Canvas().Focus(v.back)
}

// Left forgets them.
func (v *Mailbox) Left() {
	v.s.Mailbox.Pause()
	v.update()
}

// Back does nothing: there is nothing to close.
func (v *Mailbox) Back() bool { return false }

// Find does nothing: there is no search field.
func (v *Mailbox) Find() bool { return false }

// Keys scrolls.
func (v *Mailbox) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

func (v *Mailbox) update() {
	v.rows.redraw(v.draw, func() fyne.Focusable { return v.back })
	v.page.Reflow()
}

func (v *Mailbox) draw() {
	m, w := v.s.Mailbox, v.s.Words()
	v.read.Objects, v.list.Objects = nil, nil
	switch {
	case m.Err != nil:
		again := part.NewButton(w.S(i18n.Again), part.Secondary, look.IconSync, m.Load)
		v.rows.add("again", again)
		v.read.Objects = []fyne.CanvasObject{part.Empty(look.IconWarn, w.S(i18n.MailboxFailed), state.Explain(w, m.Err), again)}
		return
	case !m.Loaded:
		v.read.Objects = []fyne.CanvasObject{part.NewText(w.S(i18n.MailboxLoading), look.Body, look.InkMuted)}
		return
	case len(m.List) == 0:
		v.read.Objects = []fyne.CanvasObject{part.Empty(look.IconMail, w.S(i18n.MailboxEmpty), w.S(i18n.MailboxEmptyWhy))}
		return
	}
	if l, ok := m.Letter(); ok {
		at := l.At.In(v.s.Now().Location())
		col := []fyne.CanvasObject{
			part.NewBold(l.Subject, look.Heading, look.InkText),
			part.NewText(w.S(i18n.MailboxTo, "To", l.To, "Date", w.Date(at), "Time", w.Clock(at)), look.Small, look.InkMuted)}
		if code := state.LetterCode(l); code != "" {
			b := part.NewButton(w.S(i18n.MailboxCopy), part.Secondary, look.IconCopy, func() {
				v.s.Copy(code)
				v.h.Say(w.S(i18n.Copied))
			})
			v.rows.add("copy", b)
			col = append(col, part.NewBold(code[:3]+"\u00a0"+code[3:], look.Title+12, look.InkText), part.Wrap(look.S2, b))
		}
		whole := part.NewButton(w.S(i18n.MailboxCopyAll), part.Secondary, look.IconCopy, func() {
			v.s.Copy(l.Text)
			v.h.Say(w.S(i18n.Copied))
		})
		v.rows.add("whole", whole)
		col = append(col, part.NewText(l.Text, look.Body, look.InkText), part.Wrap(look.S2, whole))
		v.read.Objects = []fyne.CanvasObject{part.Card(part.Column(look.S3, col...))}
	}
	open, _ := m.Letter()
	for _, l := range m.List {
		if l.ID == open.ID {
			continue
		}
		at := l.At.In(v.s.Now().Location())
		b := part.NewWrapLink(w.S(i18n.MailboxLine, "Subject", l.Subject, "To", l.To, "Time", w.Clock(at)), look.Body, look.InkAccent, func() { m.Read(l.ID) })
		v.rows.add(strconv.FormatInt(l.ID, 10), b)
		v.list.Objects = append(v.list.Objects, b)
	}
	if len(v.list.Objects) > 0 {
		v.list.Objects = append([]fyne.CanvasObject{part.NewBold(w.S(i18n.MailboxOthers), look.Heading, look.InkText)}, v.list.Objects...)
	}
}
