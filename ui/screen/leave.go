package screen

import (
	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"

	"fyne.io/fyne/v2"
)

// ShowLeave asks before an address outside the program is opened. Cancel
// has the keyboard. Without a network it offers the reading list and the clipboard.
func ShowLeave(s *state.State, h Host, l *state.Leave) {
	w := s.Words()
	var d *part.Dialog
	say := func(k i18n.Key) func(error) {
		return func(err error) {
			d.Close()
			if err != nil {
				h.Say(w.S(i18n.LeaveFailed, "Host", l.Host))
				return
			}
			h.Say(w.S(k))
		}
	}
	cancel := part.NewButton(w.S(i18n.Cancel), part.Secondary, "", func() { d.Close() })
	later := part.NewButton(w.S(i18n.LeaveLater), part.Secondary, look.IconClock, func() { l.Later(say(i18n.LeaveKept)) })
	cp := part.NewButton(w.S(i18n.ApplyCopyLink), part.Secondary, look.IconCopy, func() {
		l.Copy()
		d.Close()
		h.Say(w.S(i18n.Copied))
	})
	acts := []fyne.CanvasObject{cancel}
	if l.Safe() && l.Online() {
		acts = append(acts, part.NewButton(l.Name, part.Primary, look.IconOut, func() { l.Open(say(i18n.LeaveOpened)) }))
	}
	acts = append(acts, later, cp)
	col := []fyne.CanvasObject{part.NewText(l.Question(), look.Body, look.InkText)}
	if !l.Safe() {
		col = append(col, part.Banner(part.Bad, look.IconWarn, w.S(i18n.LeaveUnsafe)))
	} else if !l.Encrypted() {
		col = append(col, part.Banner(part.Warn, look.IconWarn, w.S(i18n.LeavePlain)))
	}
	col = append(col, part.FactBox(w.S(i18n.LeaveHost), l.Host), part.NewText(l.URL, look.Caption, look.InkMuted))
	d = part.ShowDialog(h.Canvas(), w.S(i18n.LeaveTitle), part.Column(look.S3, col...), cancel, 560, acts...)
}
