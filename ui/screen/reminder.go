package screen

import (
	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// showReminder opens a reminder to be written.
func showReminder(s *state.State, h Host, f *state.ReminderForm) {
	w, r := s.Words(), s.Reminders
	var d *part.Dialog
	text := part.NewField(w.S(i18n.ReminderText), true, "", "").Set(f.Body.Text).OnType(func(t string) { f.Body.Text = t })
	day := part.NewDay(w.S(i18n.ReminderDay), w.S(i18n.FormDay)).Set(f.Day).OnType(func(t string) { f.Day = t })
	clock := part.NewField(w.S(i18n.ReminderTime), true, look.IconClock, "").Set(f.Time).OnType(func(t string) { f.Time = t }).Short(140)
	zones := r.Zones()
	var names []string
	at := 0
	for i, z := range zones {
		names = append(names, state.ZoneWord(w, z))
		if z == f.Body.Zone {
			at = i
		}
	}
	zone := part.NewPick(w.S(i18n.ReminderZone), "", w.S(i18n.Cancel), names, at, func(i int) { f.Body.Zone = zones[i] })
	befores := []string{w.S(i18n.ReminderBeforeNone), w.N(i18n.ReminderBeforeMinutes, 15), w.N(i18n.ReminderBeforeHours, 1), w.N(i18n.ReminderBeforeDays, 1)}
	ahead := 0
	for i, n := range state.Befores {
		if n == f.Body.Before {
			ahead = i
		}
	}
	before := part.NewPick(w.S(i18n.ReminderBefore), "", w.S(i18n.Cancel), befores, ahead, func(i int) { f.Body.Before = state.Befores[i] })
	keep := func() {
		fields := map[string]*part.Field{state.FieldText: text, state.FieldDay: day, state.FieldTime: clock}
		ok := r.Accept(func(err error) {
			if err != nil {
				text.SetError(state.MineProblem(w, err))
				d.Reflow()
				return
			}
			d.Close()
			h.Say(w.S(i18n.ReminderKept))
		})
		for name, in := range fields {
			in.SetError(f.Wrong[name])
		}
		d.Reflow()
		for _, name := range []string{state.FieldText, state.FieldDay, state.FieldTime} {
			if !ok && f.Wrong[name] != "" {
				h.Canvas().Focus(fields[name].Entry)
				return
			}
		}
	}
	for _, in := range []*part.Field{text, day, clock} {
		in.Entry.OnSubmitted = func(string) { keep() }
	}
	col := []fyne.CanvasObject{text, part.Wrap(look.S4, day, clock), zone, before}
	if f.About != "" {
		col = append([]fyne.CanvasObject{part.NewText(f.About, look.Body, look.InkMuted)}, col...)
	}
	title := i18n.ReminderAdd
	if f.ID != "" {
		title = i18n.ReminderChange
	}
	col = append(col, part.NewText(w.S(i18n.ReminderHow), look.Small, look.InkMuted))
	d = part.ShowDialog(h.Canvas(), w.S(title), part.Column(look.S3, col...), text.Entry, 560,
		part.NewButton(w.S(i18n.ReminderKeep), part.Primary, "", keep),
		part.NewButton(w.S(i18n.Cancel), part.Secondary, "", func() { d.Close() }))
	d.OnClose = func() { r.Form = nil }
}
