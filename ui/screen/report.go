package screen

import (
	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/posting"
	"passerelle/sync/wire"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// showReport opens the report of a problem with a posting, its number filled in.
func showReport(s *state.State, h Host, c posting.Card) {
	w := s.Words()
	r := s.NewReport(c)
	var d *part.Dialog
	names := []string{w.S(i18n.ReportChoose)}
	for _, x := range wire.Reasons {
		names = append(names, w.S(x.Key()))
	}
	reason := part.NewChoice(w.S(i18n.ReportReason), "", part.Secondary, names, 0, nil)
	text := part.NewArea(w.S(i18n.ReportText), 5, "").Help(w.S(i18n.ReportTextHelp))
	errs := part.Column(look.S1)
	errBox := part.Outlined(errs)
	errBox.Hide()
	reasonErr := part.NewText("", look.Small, look.InkDanger)
	show := func() {
		errs.Objects = nil
		reasonErr.Set("")
		text.SetError("")
		for _, e := range r.Errors {
			var to fyne.Focusable = reason
			if e.Field == "text" {
				to = text.Entry
				text.SetError(e.Text)
			} else {
				reasonErr.Set(e.Text)
			}
			errs.Objects = append(errs.Objects, part.NewButton(e.Text, part.Link, "", func() { h.Canvas().Focus(to) }).Inked(look.InkDanger))
		}
		if len(r.Errors) > 0 {
			errs.Objects = append([]fyne.CanvasObject{part.NewBold(w.N(i18n.FormMend, len(r.Errors)), look.Body, look.InkDanger)}, errs.Objects...)
			errBox.Show()
		} else {
			errBox.Hide()
		}
		d.Reflow()
	}
	reason.OnPick = func(i int) {
		r.Reason = ""
		if i > 0 {
			r.Reason = wire.Reasons[i-1]
		}
		if len(r.Errors) > 0 {
			r.Check()
			show()
		}
	}
	text.Entry.OnChanged = func(t string) {
		r.Text = t
		if len(r.Errors) > 0 {
			r.Check()
			show()
		}
	}
	cancel := part.NewButton(w.S(i18n.Cancel), part.Secondary, "", func() { d.Close() })
	send := part.NewButton(w.S(i18n.ReportSend), part.Primary, look.IconFlag, nil)
	send.OnTap = func() {
		r.Send(func() {
			switch {
			case r.Queued:
				d.Close()
				k := i18n.ReportQueuedOffline
				if s.Status.Online {
					k = i18n.ReportQueued
				}
				h.Say(w.S(k))
			case r.Err != nil:
				h.Say(w.S(i18n.ReportFailed, "Detail", state.Explain(w, r.Err)))
			default:
				show()
				if len(r.Errors) > 0 && r.Errors[0].Field == "text" {
					h.Canvas().Focus(text.Entry)
				} else {
					h.Canvas().Focus(reason)
				}
			}
		})
	}
	facts := part.Grid(2, look.Now().Px(180), look.S4, look.S2,
		part.FactBox(w.S(i18n.ReportNumber), r.Number()), part.FactBox(w.S(i18n.FacetSource), r.Source()))
	body := part.Column(look.S3, errBox, part.NewText(w.S(i18n.ReportWhere), look.Body, look.InkMuted), facts,
		part.Column(look.S1, part.NewBold(w.S(i18n.ReportReason), look.Body, look.InkText), reason, reasonErr), text)
	d = part.ShowDialog(h.Canvas(), w.S(i18n.PostingReport), body, reason, 600, send, cancel)
}
