package ui

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/personal"
	"passerelle/store/posting"
	"passerelle/store/secret"
	"passerelle/sync/session"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/screen"
	"passerelle/ui/state"
)

// chest is a personal file of these tests, at a desk that may refuse it.
type chest struct {
	file *personal.File
	err  error
}

func (c *chest) File(context.Context, bool) (*personal.File, error) { return c.file, c.err }

func newChest(t *testing.T) *chest {
	t.Helper()
	box, err := secret.NewBox(bytes.Repeat([]byte{7}, secret.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	f, err := personal.Open(t.Context(), t.TempDir(), "ada", box)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return &chest{file: f}
}

// full puts a search for work of some weeks into the file.
func (c *chest) full(t *testing.T) {
	t.Helper()
	put := func(id string, b personal.Body) {
		var err error
		switch x := b.(type) {
		case personal.Application:
			err = personal.Write(t.Context(), c.file, id, x, noon.AddDate(0, 0, -2))
		case personal.Reminder:
			err = personal.Write(t.Context(), c.file, id, x, noon.AddDate(0, 0, -2))
		case personal.Resume:
			err = personal.Write(t.Context(), c.file, id, x, noon.AddDate(0, 0, -2))
		case personal.Letter:
			err = personal.Write(t.Context(), c.file, id, x, noon.AddDate(0, 0, -2))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	at := func(days int) time.Time { return noon.AddDate(0, 0, days) }
	put("r1", personal.Resume{Name: "Soudure, français", Lang: "fr"})
	put("l1", personal.Letter{Name: "Lettre courte", Lang: "fr", Subject: "Candidature", Text: "Bonjour,\n\nVoici ma candidature.\n\nAda Test"})
	put("a1", personal.Application{State: personal.ToApply, Title: "Soudeur-monteur, soudeuse-monteuse", Employer: "Chantier du Quai (fictif)", Place: "Matane, QC", Next: "Postuler", Day: "2026-11-20"})
	put("a2", personal.Application{State: personal.ToApply, Title: "Aide-soudeuse", Employer: "Atelier Nord (fictif)", Next: "Postuler", Day: "2026-11-22"})
	put("a3", personal.Application{State: personal.Applied, Title: "Welder", Employer: "Harbour Works (fictional)", Place: "Saint John, NB", Next: "Relancer la gérante", Day: "2026-12-02",
		Log: []personal.Event{{At: at(-9), State: personal.Applied}}, Resume: "r1", Letter: "l1"})
	put("a4", personal.Application{State: personal.Interview, Title: "Soudeuse de chantier", Employer: "Ponts et Rails (fictif)", Place: "Rimouski, QC", Notes: "Stationnement derrière.",
		Contacts: []personal.Contact{{Name: "Ada Test", Role: "Gérante", Email: "ada@exemple.ca", Phone: "418 555-0100"}},
		Log:      []personal.Event{{At: at(-14), State: personal.Applied}, {At: at(-6), Text: "Appelé la gérante"}, {At: at(-3), State: personal.Interview}}})
	put("a5", personal.Application{State: personal.Refused, Title: "Opératrice de robot de soudage", Employer: "Métal Est (fictif)", Log: []personal.Event{{At: at(-20), State: personal.Applied}, {At: at(-8), State: personal.Refused}}})
	put("m1", personal.Reminder{Text: "Entrevue, Soudeuse de chantier", At: "2026-11-24T14:00", Zone: "America/Toronto", Before: 60, Item: personal.KindApplication, ID: "a4"})
	put("m2", personal.Reminder{Text: "Rappeler Atelier Nord", At: "2026-11-22T09:00", Zone: "America/Toronto"})
	put("m3", personal.Reminder{Text: "Demander une référence", At: "2026-11-15T09:00", Zone: "America/Halifax", Done: true})
}

func tracking(t *testing.T, o setup) (*bench, *chest) {
	t.Helper()
	c := newChest(t)
	c.full(t)
	o.mine = c
	b := open(t, o)
	b.Go("tracker")
	b.hand.settle()
	return b, c
}

// A person adds an application by hand, types, moves it by the arrows and by the menu, opens
// and removes it, each by keys, and the file has it at once.
//
// Rows
func TestTrackerByKeys(t *testing.T) {
	b, c := tracking(t, setup{height: 1600, width: 1280})
	w := i18n.For(i18n.French)
	read := func(id string) personal.Application {
		t.Helper()
		a, err := personal.Read[personal.Application](t.Context(), c.file, id)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if v := b.Sight(); v.Route != "tracker" || v.Focus != w.S(i18n.TrackerAdd) {
		t.Fatalf("at %s the keyboard is on %q", v.Route, v.Focus)
	}
	b.shoot(t, "tracker-board-fr")
	card := func(id string) string {
		x := read(id)
		return w.S(i18n.TrackerCard, "Title", x.Title, "State", state.ApplicationWord(w, x.State))
	}
	b.use2(card("a1"))
	b.key(fyne.KeyEscape)
	if v := b.Sight(); v.Focus != card("a1") {
		t.Errorf("closed, the keyboard is on %q", v.Focus)
	}
	b.key(fyne.KeyRight)
	if x := read("a1"); x.State != personal.Applied || len(x.Log) != 1 || b.Sight().Focus != card("a1") {
		t.Errorf("moved by the arrow: %+v, the keyboard on %q", x, b.Sight().Focus)
	}
	b.press(t, w.S(i18n.TrackerUndo))
	if x := read("a1"); x.State != personal.ToApply || len(x.Log) != 0 {
		t.Errorf("taken back: %+v", x)
	}
	b.press(t, w.S(i18n.TrackerMoveLabel, "Title", read("a2").Title))
	b.shoot(t, "tracker-menu-fr")
	b.key(fyne.KeyDown, fyne.KeyReturn)
	if x := read("a2"); x.State != personal.Interview {
		t.Errorf("moved by the menu: %+v", x)
	}
	// By the pointer: held over the last column and let go there.
	var drag *part.Drag
	walk(b.Canvas().Content(), func(o fyne.CanvasObject) bool {
		if d, ok := o.(*part.Drag); ok && drag == nil {
			drag = d
		}
		return true
	})
	var lanes []*part.Lane
	walk(b.Canvas().Content(), func(o fyne.CanvasObject) bool {
		if l, ok := o.(*part.Lane); ok {
			lanes = append(lanes, l)
		}
		return true
	})
	if drag == nil || len(lanes) != 6 {
		t.Fatalf("%d columns", len(lanes))
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(lanes[5]).AddXY(10, 10)
	drag.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{AbsolutePosition: at}})
	b.shoot(t, "tracker-drag-fr")
	drag.DragEnd()
	b.hand.settle()
	if x := read("a1"); x.State != personal.Withdrawn {
		t.Errorf("let go over the last column: %+v", x)
	}

	b.press(t, w.S(i18n.TrackerAdd))
	if v := b.Sight(); !strings.HasPrefix(v.Focus, w.S(i18n.TrackerFieldTitle)) {
		t.Fatalf("added, the keyboard is on %q", v.Focus)
	}
	b.typed("Cuisinière")
	b.shoot(t, "tracker-entry-new-fr")
	id := b.s.Tracker.Open
	if x := read(id); x.Title != "Cuisinière" {
		t.Errorf("typed: %+v", x)
	}
	b.press(t, w.S(i18n.TrackerContactAdd))
	if v := b.Sight(); !strings.HasPrefix(v.Focus, w.S(i18n.TrackerContactName)) {
		t.Errorf("a contact was added, the keyboard is on %q", v.Focus)
	}
	b.typed("Ada Test")
	b.press(t, w.S(i18n.TrackerDoingAdd))
	if !b.sees(w.S(i18n.TrackerDoingEmpty)) {
		t.Errorf("nothing was done, and it reads %q", b.Sight().Texts)
	}
	b.typed("Appelé")
	b.key(fyne.KeyReturn)
	if x := read(id); len(x.Contacts) != 1 || x.Contacts[0].Name != "Ada Test" || len(x.Log) != 1 || x.Log[0].Text != "Appelé" {
		t.Errorf("typed: %+v", x)
	}
	b.press(t, w.S(i18n.TrackerRemove))
	if _, err := personal.Read[personal.Application](t.Context(), c.file, id); err == nil {
		t.Error("removed, it is there")
	}
	b.press(t, w.S(i18n.TrackerUndo))
	if x := read(id); x.Title != "Cuisinière" {
		t.Errorf("taken back: %+v", x)
	}
	b.Go("search")
	b.hand.settle()
}

// A reminder is written and mended by keys, done, put off, and goes to a calendar.
//
// Rows
func TestRemindersByKeys(t *testing.T) {
	b, c := tracking(t, setup{height: 1400, width: 1280})
	w := i18n.For(i18n.French)
	b.s.Tracker.Look(state.TrackerReminders)
	b.hand.settle()
	b.shoot(t, "tracker-reminders-fr")
	b.press(t, w.S(i18n.ReminderAdd))
	b.shoot(t, "tracker-reminder-fr")
	b.key(fyne.KeyReturn)
	if v := b.Sight(); !b.sees(w.S(i18n.ReminderTextEmpty)) || !strings.HasPrefix(v.Focus, w.S(i18n.ReminderText)) {
		t.Errorf("nothing was written: %q, the keyboard on %q", v.Texts, v.Focus)
	}
	b.typed("Appeler l'usine")
	b.key(fyne.KeyReturn)
	all, err := personal.All[personal.Reminder](t.Context(), c.file)
	if err != nil || len(all) != 4 || all[0].Body.Text != "Appeler l'usine" || all[0].Body.At != "2026-11-23T09:00" || b.Canvas().Overlays().Top() != nil {
		t.Fatalf("kept: %+v, %v", all, err)
	}
	b.press(t, w.S(i18n.ReminderActOf, "Act", w.S(i18n.ReminderLater), "Text", "Rappeler Atelier Nord"))
	b.key(fyne.KeyDown, fyne.KeyReturn)
	if m, _ := personal.Read[personal.Reminder](t.Context(), c.file, "m2"); m.Later.IsZero() || m.At != "2026-11-22T09:00" {
		t.Errorf("put off: %+v", m)
	}
	b.press(t, w.S(i18n.ReminderActOf, "Act", w.S(i18n.ReminderDone), "Text", "Appeler l'usine"))
	if m, _ := personal.Read[personal.Reminder](t.Context(), c.file, all[0].ID); !m.Done {
		t.Errorf("done: %+v", m)
	}
	b.press(t, w.S(i18n.ReminderActOf, "Act", w.S(i18n.ReminderCalendar), "Text", "Entrevue, Soudeuse de chantier"))
	if len(b.opened) != 1 || !strings.HasSuffix(b.opened[0], ".ics") {
		t.Fatalf("opened %q", b.opened)
	}
	text, err := os.ReadFile(strings.TrimPrefix(b.opened[0], "file://"))
	if err != nil || strings.Count(string(text), "BEGIN:VEVENT") != 1 || !strings.Contains(string(text), "DTSTART;TZID=America/Toronto:20261124T140000") ||
		!strings.Contains(string(text), "Ponts et Rails") || strings.Contains(string(text), "Stationnement") {
		t.Errorf("the calendar: %s (%v)", text, err)
	}
}

// The log of a period, as PDF for whoever asks for evidence: the keyboard is led to a period
// that is none.
//
// Rows: X-029
func TestEvidence(t *testing.T) {
	b, _ := tracking(t, setup{height: 900, width: 1280})
	w := i18n.For(i18n.French)
	b.press(t, w.S(i18n.TrackerEvidence))
	b.shoot(t, "tracker-evidence-fr")
	from := b.Canvas().Focused().(*part.Entry)
	from.SetText("2026-13")
	b.press(t, w.S(i18n.PostingPrint))
	if len(b.opened) != 0 || !b.sees(w.S(i18n.TrackerDayWrong)) || b.Canvas().Focused() != fyne.Focusable(from) {
		t.Errorf("a day that is none: %q, opened %q", b.Sight().Texts, b.opened)
	}
	from.SetText("2026-12-24")
	b.press(t, w.S(i18n.PostingPrint))
	if len(b.opened) != 0 || !b.sees(w.S(i18n.TrackerPeriodWrong)) {
		t.Errorf("a period that is none: %q", b.Sight().Texts)
	}
	for _, f := range focusables(b.Canvas().Overlays().Top()) {
		if e, ok := f.(*part.Entry); ok && strings.HasPrefix(e.AccessibilityLabel(), w.S(i18n.TrackerFrom)+":") {
			e.SetText("2026-11-10")
		}
	}
	b.press(t, w.S(i18n.PostingPrint))
	if len(b.opened) != 1 || !strings.HasSuffix(b.opened[0], ".pdf") {
		t.Fatalf("opened %q", b.opened)
	}
	if text, err := os.ReadFile(strings.TrimPrefix(b.opened[0], "file://")); err != nil || !bytes.HasPrefix(text, []byte("%PDF")) {
		t.Errorf("the log: %v", err)
	}
}

// Every page of the tracker is gone round by Tab and nothing of it is clipped, in both
// languages, three themes, at 100 and 200 %, in wide and narrow windows; empty, and where it
// cannot be kept, it says so.
//
// Rows
func TestTrackerNotClipped(t *testing.T) {
	for i, o := range []setup{{}, {lang: i18n.English, percent: 200}, {percent: 200, width: 1000, height: 700},
		{mode: look.Contrast, percent: 150, width: 700, height: 700}, {lang: i18n.English, mode: look.Dark}} {
		b, _ := tracking(t, o)
		for _, view := range append(state.TrackerViews, "entry") {
			if view == "entry" {
				b.s.Tracker.Read("a4")
			} else {
				b.s.Tracker.Look(view)
			}
			b.hand.settle()
			where := fmt.Sprint("tracker ", view)
			b.unclipped(t, o, where)
			b.shoot(t, fmt.Sprintf("tracker-look-%d-%s", i, view))
			b.round(t, where)
		}
	}
	for name, c := range map[string]*chest{"empty": newChest(t), "shared": {err: cache.ErrNoAccount}} {
		for _, percent := range []int{100, 200} {
			o := setup{mine: c, percent: percent}
			b := open(t, o)
			b.Go("tracker")
			b.hand.settle()
			b.unclipped(t, o, "tracker "+name)
			b.shoot(t, fmt.Sprintf("tracker-%s-%d", name, percent))
			b.round(t, "tracker "+name)
			if c.err != nil && !b.sees(i18n.For(i18n.French).S(i18n.MineShared)) {
				t.Errorf("it reads %q", b.Sight().Texts)
			}
		}
	}
}

// mailed opens a posting to which one can apply by e-mail.
func (b *bench) mailed(t *testing.T) posting.Posting {
	t.Helper()
	for i := range b.s.Search.Result.Total {
		b.s.Search.Row(i)
		b.hand.settle()
		b.s.Search.Select(i)
		b.hand.settle()
		p := b.s.Posting.Posting
		for _, m := range p.Apply {
			if m.Kind == posting.ApplyEmail && !p.Ended(noon) {
				return p
			}
		}
	}
	t.Fatal("no posting takes applications by e-mail")
	return posting.Posting{}
}

// An application by e-mail is prepared from the posting with a letter and a résumé of one's
// own, and leaves by the person's own mail program alone: as a link while it fits, as a file
// with what goes along, and never with a variable still open. What was sent is noted.
//
// Rows
func TestDraft(t *testing.T) {
	c := newChest(t)
	c.full(t)
	if err := personal.Write(t.Context(), c.file, "l2", personal.Letter{Name: "Au poste", Lang: "fr", Subject: "Poste de {title}", Text: "Bonjour {contact},\n\nJe postule chez {employer}.", Resume: "r1"}, noon); err != nil {
		t.Fatal(err)
	}
	b := open(t, setup{mine: c, height: 1200, width: 1280})
	w := i18n.For(i18n.French)
	p := b.mailed(t)
	b.press(t, w.S(i18n.TrackerFollow))
	if b.s.Tracker.Of(p.ID) == "" || b.Sight().Focus != w.S(i18n.TrackerFollowed) {
		t.Errorf("followed: the keyboard on %q", b.Sight().Focus)
	}
	b.shoot(t, "draft-posting-fr")
	b.press(t, w.S(i18n.ReminderAdd))
	if f := b.s.Reminders.Form; f == nil || f.Body.Posting != p.ID || f.Body.Text == "" {
		t.Errorf("a reminder about it: %+v", f)
	}
	b.closeAll()
	b.press(t, w.S(i18n.PostingHowto))
	b.press(t, w.S(i18n.ApplyPrepare))
	b.shoot(t, "draft-fr")
	b.press(t, w.S(i18n.DraftMail))
	if len(b.opened) != 1 || !strings.HasPrefix(b.opened[0], "mailto:") || !strings.Contains(b.opened[0], "body=Bonjour") {
		t.Fatalf("opened %q", b.opened)
	}
	pick := func(label, line string) {
		t.Helper()
		for _, f := range focusables(b.Canvas().Overlays().Top()) {
			if x, ok := f.(*part.Choice); ok && strings.HasPrefix(x.AccessibilityLabel(), label) {
				b.Canvas().Focus(x)
				b.key(fyne.KeyReturn)
				b.press(t, line)
				return
			}
		}
		t.Fatalf("no choice is called %q: %q", label, labels(focusables(b.Canvas().Overlays().Top())))
	}
	pick(w.S(i18n.DraftLetter), "Au poste")
	if !b.sees("{contact}") || b.sees("{employer}") {
		t.Errorf("the letter: %q", b.Sight().Texts)
	}
	b.shoot(t, "draft-open-fr")
	b.press(t, w.S(i18n.ApplySave))
	if e, ok := b.Canvas().Focused().(*part.Entry); len(b.opened) != 1 || !ok || !strings.Contains(e.AccessibilityLabel(), "contact") {
		t.Errorf("with something to be filled in: opened %q", b.opened)
	} else {
		e.SetText(strings.Replace(e.Text, "{contact}", "madame", 1))
	}
	b.press(t, w.S(i18n.ApplySave))
	if len(b.opened) != 2 || !strings.HasSuffix(b.opened[1], ".eml") {
		t.Fatalf("opened %q", b.opened)
	}
	f, err := os.Open(strings.TrimPrefix(b.opened[1], "file://"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := mail.ReadMessage(f)
	if err != nil || m.Header.Get("X-Unsent") != "1" {
		t.Fatalf("the message: %v, %v", m, err)
	}
	_, params, _ := mime.ParseMediaType(m.Header.Get("Content-Type"))
	parts, names := multipart.NewReader(m.Body, params["boundary"]), []string{}
	for {
		x, err := parts.NextPart()
		if err != nil {
			break
		}
		names = append(names, x.FileName())
	}
	if len(names) != 2 || names[1] != "curriculum-vitae.pdf" {
		t.Errorf("what goes along: %q", names)
	}
	b.press(t, w.S(i18n.DraftSent))
	x, err := personal.Read[personal.Application](t.Context(), c.file, b.s.Tracker.Of(p.ID))
	if err != nil || x.State != personal.Applied || x.Resume != "r1" || x.Letter != "l2" || len(x.Log) != 1 || b.Canvas().Overlays().Top() != nil {
		t.Errorf("noted: %+v, %v", x, err)
	}
	b.press(t, w.S(i18n.TrackerFollowed))
	if v := b.Sight(); v.Route != "tracker" || !b.sees(w.S(i18n.TrackerToAll)) {
		t.Errorf("from the posting one comes to %s", v.Route)
	}
}

// Without a file of one's own an application can be prepared all the same; nothing of the
// dialog is clipped, and it says why nothing can be chosen.
//
// Rows
func TestDraftNotClipped(t *testing.T) {
	for i, o := range []setup{{}, {percent: 200, mine: newChest(t)}, {lang: i18n.English, mode: look.Dark, mine: &chest{err: cache.ErrNoAccount}}, {width: 700, height: 700, percent: 150, mode: look.Contrast}} {
		if i == 3 {
			c := newChest(t)
			c.full(t)
			o.mine = c
		}
		b := open(t, o)
		p := b.mailed(t)
		screen.ShowDraft(b.s, b, p, "emploi@exemple.ca")
		b.hand.settle()
		if i == 3 {
			b.shoot(t, "draft-look-3-with")
		}
		b.unclipped(t, o, "an e-mail that is prepared")
		b.shoot(t, fmt.Sprint("draft-look-", i))
		b.closeAll()
	}
}

// Nothing of one person's applications is shown to the next, nor written into their file; of
// a locked desk a notice says that something waits, and not what.
//
// Rows
func TestTrackerOfOne(t *testing.T) {
	h, c := newHouse().in(0, session.Online), newChest(t)
	c.full(t)
	b := enter(t, h, setup{mine: c})
	b.Go("tracker")
	b.hand.settle()
	if len(b.s.Tracker.All) != 5 || !b.holds("Soudeuse de chantier") {
		t.Fatalf("%d applications are shown", len(b.s.Tracker.All))
	}
	b.notified = nil
	b.s.Present.LockNow()
	b.at = time.Date(2026, 11, 24, 18, 30, 0, 0, time.UTC) // half an hour before the interview
	b.hand.settle()
	if len(b.notified) != 1 || strings.Contains(b.notified[0], "Soudeuse") || !strings.Contains(b.notified[0], i18n.For(i18n.French).N(i18n.ReminderWaits, 1)) {
		t.Errorf("locked, the notice reads %q", b.notified)
	}
	old := b.s.Tracker
	old.Read("a4")
	mine := c.file
	c.file = newChest(t).file
	h.in(1, session.Online)
	b.s.Present.Look()
	b.hand.settle()
	b.Go("tracker")
	b.hand.settle()
	if len(b.s.Tracker.All)+len(b.s.Reminders.All) != 0 || b.holds("Soudeuse") || b.holds("Atelier Nord") {
		t.Errorf("the next person sees %d applications", len(b.s.Tracker.All))
	}
	old.Type(state.FieldTitle, "De la personne d'avant")
	old.Keep()
	b.hand.settle()
	if all, err := c.file.List(t.Context(), ""); err != nil || len(all) != 0 {
		t.Errorf("in the next person's file: %v, %v", all, err)
	}
	if x, err := personal.Read[personal.Application](t.Context(), mine, "a4"); err != nil || x.Title != "Soudeuse de chantier" {
		t.Errorf("in the first person's: %+v, %v", x, err)
	}
}

// What was typed just before the window is closed is in the file when it has gone.
//
// Rows
func TestClosedWhileTyping(t *testing.T) {
	b, c := tracking(t, setup{})
	gone := 0
	b.win.SetOnClosed(func() { gone++ })
	b.s.Tracker.Read("a2")
	b.s.Tracker.Type(state.FieldTitle, "Monteuse")
	b.Go("letter")
	b.hand.settle()
	b.s.Letter.Open(b.s.Letter.All[0])
	b.s.Letter.Type("Lettre courte", "Candidature", "Bonjour, encore une ligne.")
	b.close()
	b.close()
	if gone != 0 {
		t.Error("the window has gone before what was typed is kept")
	}
	for len(b.hand.jobs) > 0 { // time does not pass
		j := b.hand.jobs[0]
		b.hand.jobs = b.hand.jobs[1:]
		j()
	}
	if gone != 1 {
		t.Errorf("the window was closed %d times", gone)
	}
	if x, err := personal.Read[personal.Application](t.Context(), c.file, "a2"); err != nil || x.Title != "Monteuse" {
		t.Errorf("the application: %+v, %v", x, err)
	}
	if x, err := personal.Read[personal.Letter](t.Context(), c.file, "l1"); err != nil || x.Text != "Bonjour, encore une ligne." {
		t.Errorf("the letter: %+v, %v", x, err)
	}
}
