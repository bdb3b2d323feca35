package screen

import (
	"strings"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/sync/wire"
	"passerelle/ui/look"
	"passerelle/ui/page"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Data draws what a person may do with all that is kept of them.
type Data struct {
	s *state.State
	h Host

	page     *part.Page
	col      *fyne.Container
	progress *part.Progress
	typed    *part.Field // the end of the key that is shown
	note     *part.Dialog
	text     *part.Field // of the note of disagreement; nil: none is written
	stops    stops
	used     string // the act that was used last
	works    bool   // it is under way
}

// NewData draws the screen.
func NewData(s *state.State, h Host) *Data {
	v := &Data{s: s, h: h, col: part.Column(look.S4), stops: stops{h: h}}
	w := s.Words()
	v.page = part.Sheet(w.S(i18n.DataTitle), w.S(i18n.DataWhy), look.Now().Px(sheetWidth), v.col)
	v.progress = part.NewProgress(w.S(i18n.DataStop), func() { s.Data.Stop() })
	s.Data.Changed = v.update
	s.Watch(v.update)
	v.update()
	return v
}

// Object is the screen.
func (v *Data) Object() fyne.CanvasObject { return v.page }

// Enter reads what the server keeps, and gives the keyboard to the first act.
func (v *Data) Enter() {
	v.s.Data.Load()
	v.h.Canvas().Focus(v.stops.first())
}

// Left forgets the key that was shown.
func (v *Data) Left() {
	v.s.Data.Drop()
	v.update()
}

// Back does nothing: there is nothing to close.
func (v *Data) Back() bool { return false }

// Keys scrolls.
func (v *Data) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// Find does nothing: there is no search field.
func (v *Data) Find() bool { return false }

func (v *Data) update() {
	d := v.s.Data
	if d.Working != "" {
		share, left := 0.0, ""
		if d.Total > 0 {
			share = float64(d.Done) / float64(d.Total)
			left = v.s.Words().S(i18n.DataProgress, "Done", v.s.Words().Number(d.Done), "Total", v.s.Words().Number(d.Total))
		}
		v.progress.Set(share, d.Working, left)
	}
	if v.text != nil {
		v.text.SetError(d.TextErr)
		v.note.Reflow()
		if d.Field == "" { // it was taken
			v.note.Close()
		}
	}
	v.stops.redraw(v.sections, nil)
	v.page.Reflow()
	ended := v.works && d.Working == ""
	if v.works = d.Working != ""; ended {
		v.after()
	}
}

// after gives the keyboard back to the act that has ended, or to the key that it made, and
// tells what came of it where its line at the top of the page is out of sight.
func (v *Data) after() {
	d := v.s.Data
	if said := d.Fault + d.Said; said != "" && v.page.Scrolled() {
		v.h.Say(said)
	}
	if d.Key != "" {
		v.used = "copy"
	}
	if f := v.stops.at[v.used]; f != nil && v.h.Canvas().Overlays().Top() == nil && v.h.Canvas().Focused() == nil {
		v.h.Canvas().Focus(f)
	}
}

// button is an act; none is taken while another one is under way.
func (v *Data) button(name string, k i18n.Key, kind part.Kind, icon look.Icon, act func()) *part.Button {
	b := part.NewButton(v.s.Words().S(k), kind, icon, func() {
		v.used = name
		act()
	})
	if v.s.Data.Working != "" {
		b.Disable()
	} else {
		v.stops.add(name, b)
	}
	return b
}

func (v *Data) sections() {
	w, d := v.s.Words(), v.s.Data
	var col []fyne.CanvasObject
	switch {
	case d.Working != "":
		col = append(col, part.Card(v.progress))
	case d.Fault != "":
		col = append(col, part.Banner(part.Bad, look.IconWarn, d.Fault))
	case d.Said != "":
		col = append(col, part.Banner(part.Plain, look.IconCheck, d.Said))
	}
	col = append(col, part.Section(w.S(i18n.DataExport), w.S(i18n.DataExportWhy), part.Wrap(look.S2,
		v.button("export", i18n.DataExport, part.Primary, look.IconSaved, v.export))))
	col = append(col, v.recovery())
	if why := d.Why(); why != "" {
		col = append(col, part.Banner(part.Warn, look.IconOffline, why))
	}
	if d.Known {
		col = append(col, v.disputes(),
			part.Section(w.S(i18n.DataSeen), "", lines(state.SeenLines(w, d.Ledger.Seen, v.s.Now().Location()), w.S(i18n.DataSeenNone))),
			part.Section(w.S(i18n.DataKept), "", kept(w, d.Ledger.Kept)))
	}
	col = append(col, part.Section(w.S(i18n.DataLeave), w.S(i18n.DataLeaveWhy), part.Wrap(look.S2,
		v.button("leave", i18n.DataLeaveHere, part.Secondary, look.IconWarn, func() { ShowEnd(v.s, v.h) }),
		v.button("close", i18n.DataLeaveClose, part.Secondary, "", func() {
			v.s.Me.Open(state.MeClose)
			v.h.Go("me")
		}))))
	v.col.Objects = col
}

func lines(all []string, none string) fyne.CanvasObject {
	if len(all) == 0 {
		return part.NewText(none, look.Body, look.InkMuted)
	}
	var col []fyne.CanvasObject
	for _, l := range all {
		col = append(col, part.NewText(l, look.Body, look.InkText))
	}
	return part.Column(look.S1, col...)
}

// kept is how long each thing is kept: what at the left, how long at the right.
func kept(w *i18n.Words, all []wire.Retention) fyne.CanvasObject {
	var cells []fyne.CanvasObject
	for _, r := range all {
		what, long := r.Words(w)
		cells = append(cells, part.NewText(what, look.Body, look.InkText), part.NewText(long, look.Body, look.InkMuted))
	}
	return part.Grid(2, look.Now().Px(260), look.S4, look.S2, cells...)
}

// recovery is the key, shown once, and what it opens.
func (v *Data) recovery() fyne.CanvasObject {
	w, d := v.s.Words(), v.s.Data
	if d.Key != "" {
		v.typed = part.NewField(w.S(i18n.DataKeyEnd), true, "", "").Help(w.S(i18n.DataKeyEndWhy)).Short(240)
		v.typed.Entry.SetText(d.Typed)
		v.typed.Entry.OnChanged = func(text string) { d.Typed = text }
		v.typed.Entry.OnSubmitted = func(string) { v.noted() }
		v.typed.SetError(d.TypedErr)
		v.stops.add("typed", v.typed.Entry)
		copied := v.button("copy", i18n.DataKeyCopy, part.Secondary, look.IconCopy, func() {
			v.s.CopyBriefly(d.Key)
			v.h.Say(w.S(i18n.Copied))
		})
		return part.Section(w.S(i18n.DataRecovery), w.S(i18n.DataKeyOnce),
			part.Shared(nil, w.S(i18n.DataKeyField), strings.Split(strings.TrimSpace(d.Key), "\n"), copied,
				v.button("print", i18n.DataKeyPrint, part.Secondary, look.IconPrint, v.print)),
			v.typed, part.Wrap(look.S2, v.button("noted", i18n.DataKeyDone, part.Primary, "", v.noted)))
	}
	said, name := w.S(i18n.DataRecoveryNone), i18n.DataKeyMake
	if !d.Recovery.IsZero() {
		said, name = w.S(i18n.DataRecoveryMade, "Date", w.Date(d.Recovery.In(v.s.Now().Location()))), i18n.DataKeyAgain
	}
	acts := []fyne.CanvasObject{v.button("key", name, part.Secondary, look.IconKey, v.makeKey)}
	if !d.Recovery.IsZero() {
		acts = append(acts, v.button("backup", i18n.DataBackup, part.Secondary, look.IconSaved, v.backup))
	}
	acts = append(acts, v.button("restore", i18n.DataRestore, part.Secondary, "", v.restore))
	return part.Section(w.S(i18n.DataRecovery), w.S(i18n.DataRecoveryWhy), part.NewText(said, look.Body, look.InkText), part.Wrap(look.S2, acts...))
}

// disputes are the notes of disagreement.
func (v *Data) disputes() fyne.CanvasObject {
	w, d := v.s.Words(), v.s.Data
	col := []fyne.CanvasObject{}
	for _, x := range d.Ledger.Disputes {
		gone := v.button("withdraw "+x.Field, i18n.SavedRemove, part.Link, "", func() { d.Withdraw(x.Field) })
		gone.Label = w.S(i18n.DataWithdraw, "Field", state.ContestWord(w, x.Field))
		col = append(col, part.Ends(look.S3, part.NewText(w.S(i18n.DataDisputeLine, "Field", state.ContestWord(w, x.Field),
			"Date", w.Date(x.At.In(v.s.Now().Location())), "Text", x.Text), look.Body, look.InkText), gone))
	}
	if len(col) == 0 {
		col = append(col, part.NewText(w.S(i18n.DataDisputesNone), look.Body, look.InkMuted))
	}
	col = append(col, part.Wrap(look.S2, v.button("contest", i18n.DataContest, part.Secondary, "", v.contest)))
	return part.Section(w.S(i18n.DataDisputes), w.S(i18n.DataDisputesWhy), col...)
}

// contest asks for a note about a value.
func (v *Data) contest() {
	w, d := v.s.Words(), v.s.Data
	fields := state.Contestable
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = state.ContestWord(w, f)
	}
	d.Contest(fields[0])
	v.text = part.NewArea(w.S(i18n.DataContestText), 5, "")
	v.text.Entry.SetText(d.Text)
	v.text.Entry.OnChanged = d.Type
	about := part.NewPick(w.S(i18n.DataContestField), "", w.S(i18n.Cancel), names, 0, func(i int) {
		d.Contest(fields[i])
		v.text.Entry.SetText(d.Text)
	})
	cancel := part.NewButton(w.S(i18n.Cancel), part.Secondary, "", func() { v.note.Close() })
	v.note = part.ShowDialog(v.h.Canvas(), w.S(i18n.DataContest), part.Column(look.S3, part.NewText(w.S(i18n.DataDisputesWhy), look.Body, look.InkMuted), about, v.text),
		v.text.Entry, 620, part.NewButton(w.S(i18n.DataAttach), part.Primary, "", d.Attach), cancel)
	v.note.OnClose = func() { v.text = nil }
}

func (v *Data) makeKey() {
	d, w := v.s.Data, v.s.Words()
	show := func() { d.MakeKey() }
	if d.Recovery.IsZero() {
		show()
		return
	}
	var ask *part.Dialog
	cancel := part.NewButton(w.S(i18n.Cancel), part.Secondary, "", func() { ask.Close() })
	ask = part.ShowDialog(v.h.Canvas(), w.S(i18n.DataKeyAgain), part.NewText(w.S(i18n.DataKeyWarn), look.Body, look.InkText), cancel, 560,
		cancel, part.NewButton(w.S(i18n.DataKeyAgain), part.Primary, look.IconKey, func() {
			ask.Close()
			show()
		}))
}

func (v *Data) noted() {
	if !v.s.Data.Noted() {
		v.h.Canvas().Focus(v.typed.Entry)
		part.Reveal(v.typed)
	}
}

// print opens a page with the key.
func (v *Data) print() {
	w := v.s.Words()
	printBriefly(v.s, v.h, w.S(i18n.DataKeyFile), page.Page{Lang: w.Lang(), Title: w.S(i18n.AppName) + " – " + w.S(i18n.DataKeyField),
		Blocks: []page.Block{{Text: w.S(i18n.DataRecoveryWhy)}, {List: strings.Split(strings.TrimSpace(v.s.Data.Key), "\n")}}}, i18n.DataKeyPrinted)
}

func (v *Data) export() {
	w := v.s.Words()
	SaveFile(v.h, w.S(i18n.DataExport), w.S(i18n.DataExportFile)+"-"+v.s.Now().Format("2006-01-02")+".zip", v.s.Data.Export)
}

func (v *Data) backup() {
	w := v.s.Words()
	v.askKey(i18n.DataBackup, func(key string) {
		SaveFile(v.h, w.S(i18n.DataBackup), w.S(i18n.DataBackupFile)+"-"+v.s.Now().Format("2006-01-02")+backupExt, func(path string) { v.s.Data.Backup(path, key) })
	})
}

func (v *Data) restore() {
	PickFile(v.h, v.s.Words().S(i18n.DataRestore), backupExt, func(path string) {
		v.askKey(i18n.DataRestore, func(key string) { v.s.Data.Restore(path, key) })
	})
}

// backupExt ends the names of backups.
const backupExt = ".passerelle"

// askKey asks for a recovery key.
func (v *Data) askKey(title i18n.Key, take func(key string)) {
	w := v.s.Words()
	var d *part.Dialog
	key := part.NewField(w.S(i18n.DataKeyField), true, look.IconKey, "").Help(w.S(i18n.DataKeyFieldHelp))
	key.Entry.Hidden = true // told to no screen reader and no probe: whoever types it has it on paper
	send := func() {
		text := key.Entry.Text
		if strings.TrimSpace(text) == "" {
			key.SetError(w.S(i18n.DataKeyTyped))
			d.Reflow()
			v.h.Canvas().Focus(key.Entry)
			return
		}
		d.Close()
		take(text)
	}
	key.Entry.OnSubmitted = func(string) { send() }
	cancel := part.NewButton(w.S(i18n.Cancel), part.Secondary, "", func() { d.Close() })
	d = part.ShowDialog(v.h.Canvas(), w.S(title), key, key.Entry, 620, part.NewButton(w.S(title), part.Primary, look.IconKey, send), cancel)
}

// ShowRecover asks for the recovery key of somebody whose own key was lost.
func ShowRecover(s *state.State, h Host, person string) {
	w := s.Words()
	var d *part.Dialog
	key := part.NewField(w.S(i18n.DataKeyField), true, look.IconKey, "").Help(w.S(i18n.DataKeyFieldHelp))
	key.Entry.Hidden = true
	pass := secretField(s, w.S(i18n.DataRecoverPass))
	try := func() {
		if strings.TrimSpace(key.Entry.Text) == "" {
			key.SetError(w.S(i18n.DataKeyTyped))
			d.Reflow()
			h.Canvas().Focus(key.Entry)
			return
		}
		s.Data.Recover(person, key.Entry.Text, pass.Entry.Text, func(problem string) {
			if problem != "" {
				key.SetError(problem)
				d.Reflow()
				h.Canvas().Focus(key.Entry)
				return
			}
			pass.Set("")
			key.Entry.SetText("")
			d.Close()
		})
	}
	pass.Entry.OnSubmitted = func(string) { try() }
	cancel := part.NewButton(w.S(i18n.Cancel), part.Secondary, "", func() { d.Close() })
	d = part.ShowDialog(h.Canvas(), w.S(i18n.DataRecoverTitle), part.Column(look.S3, part.NewText(w.S(i18n.DataRecoverWhy), look.Body, look.InkText), key, pass),
		key.Entry, 620, part.NewButton(w.S(i18n.DataRecoverDo), part.Primary, look.IconKey, try), cancel)
}
