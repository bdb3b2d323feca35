package state

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/personal"
	"passerelle/store/posting"
	"passerelle/store/secret"
	"passerelle/sync/session"
)

// drawer is a personal file of these tests, at a desk that may refuse it.
type drawer struct {
	dir  string
	file *personal.File
	err  error
}

func (d *drawer) File(context.Context, bool) (*personal.File, error) { return d.file, d.err }

func (d *drawer) open() error {
	box, err := secret.NewBox(bytes.Repeat([]byte{7}, 32))
	if err == nil {
		d.file, err = personal.Open(context.Background(), d.dir, "ada", box)
	}
	return err
}

// killed is the same file after the program ended without a word.
func (d *drawer) killed(t *testing.T) {
	t.Helper()
	was := d.file
	t.Cleanup(func() { was.Close() })
	if err := d.open(); err != nil {
		t.Fatal(err)
	}
}

// following is a desktop with a personal file, and what the system showed.
func following(t *testing.T, l i18n.Lang, d *drawer) (*desktop, *[]string) {
	t.Helper()
	k := newDesktop(t, l)
	if d.dir == "" {
		d.dir = t.TempDir()
		if err := d.open(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.file.Close() })
	}
	shown := &[]string{}
	k.o.Mine = d
	k.o.Zone = time.UTC
	k.o.Notify = func(title, text string) { *shown = append(*shown, title+" | "+text) }
	k.Load()
	k.hand.run()
	return k, shown
}

// A card that was moved, and what was typed, is there after a kill; each move can be taken
// back, and the log tells what happened and no slip.
//
// Rows: X-020
func TestTracker(t *testing.T) {
	d := &drawer{}
	k, _ := following(t, i18n.French, d)
	p := one(t, "an address and days to go", func(p posting.Posting) bool { return p.URL != "" && !p.Ended(noon.AddDate(0, 0, 3)) })
	var id string
	k.Tracker.AddPosting(p, personal.ToApply, func(x string, err error) {
		if id = x; err != nil {
			t.Fatal(err)
		}
	})
	k.hand.run()
	x := k.Tracker.find(id)
	if x == nil || x.Body.Posting != p.ID || x.Body.Next == "" || x.Body.Day != p.Ends.String() || len(x.Body.Log) != 0 {
		t.Fatalf("added: %+v", x)
	}
	again := ""
	k.Tracker.AddPosting(p, personal.ToApply, func(x string, _ error) { again = x })
	if k.hand.run(); again != id || len(k.Tracker.All) != 1 {
		t.Errorf("added twice: %s and %s", id, again)
	}

	step := func(to personal.State, after time.Duration) {
		k.at = k.at.Add(after)
		k.Tracker.Move(id, to)
		k.hand.run()
	}
	states := func() (s []personal.State) {
		for _, e := range k.Tracker.find(id).Body.Log {
			s = append(s, e.State)
		}
		return s
	}
	step(personal.Applied, time.Hour)
	step(personal.Refused, time.Minute) // the wrong column
	step(personal.Interview, time.Minute)
	if got := states(); !slices.Equal(got, []personal.State{personal.Interview}) {
		t.Errorf("after a slip the log holds %v", got)
	}
	k.Tracker.Back()
	k.hand.run()
	if got := k.Tracker.find(id).Body.State; got != personal.Refused {
		t.Errorf("taken back, it is %s", got)
	}
	step(personal.Applied, time.Minute)
	step(personal.Interview, 48*time.Hour)
	if got := states(); !slices.Equal(got, []personal.State{personal.Applied, personal.Interview}) {
		t.Errorf("the log holds %v", got)
	}

	k.Tracker.Read(id)
	k.Tracker.Type(FieldNotes, "Parler à la directrice")
	k.Tracker.Type(FieldDay, "2026-12")
	if k.Tracker.Wrong[FieldDay] == "" || k.Tracker.find(id).Body.Day != p.Ends.String() {
		t.Errorf("half a day: %q, %q", k.Tracker.Wrong[FieldDay], k.Tracker.find(id).Body.Day)
	}
	k.Tracker.Type(FieldDay, "2026-12-04")
	k.Tracker.Type(FieldLink, "javascript:alert(1)")
	k.Tracker.AddContact()
	k.Tracker.TypeContact(0, personal.Contact{Name: "Ada Test", Email: "ada@exemple.ca"})
	k.Tracker.Doing, k.Tracker.DoneOn = "Appelé", "2026-11-20"
	if !k.Tracker.Note() {
		t.Errorf("a line of the log: %v", k.Tracker.Wrong)
	}
	k.Tracker.DoneOn, k.Tracker.Doing = "2027-01-01", "Demain"
	if k.Tracker.Note() {
		t.Error("a day that has not come was taken")
	}
	k.hand.pass(time.Second)
	k.hand.run()

	d.killed(t)
	k2, _ := following(t, i18n.French, d)
	y := k2.Tracker.find(id)
	if y == nil || y.Body.State != personal.Interview || y.Body.Notes != "Parler à la directrice" || y.Body.Day != "2026-12-04" || y.Body.Link != p.URL ||
		len(y.Body.Contacts) != 1 || len(y.Body.Log) != 3 || y.Body.Log[0].Text != "Appelé" {
		t.Fatalf("after a kill: %+v", y)
	}
	cols := k2.Tracker.Columns(50)
	if len(cols) != 6 || len(cols[2].Cards) != 1 || cols[2].Cards[0].Next == "" {
		t.Errorf("the board: %+v", cols)
	}
	k2.Tracker.SetFind("directrice")
	if _, n := k2.Tracker.Rows(50); n != 1 {
		t.Error("what is in the notes is not found")
	}
	k2.Tracker.SetFind("absent")
	if _, n := k2.Tracker.Rows(50); n != 0 {
		t.Error("everything is found")
	}
	k2.Tracker.Remove(id)
	k2.hand.run()
	d.killed(t)
	k3, _ := following(t, i18n.French, d)
	if len(k3.Tracker.All) != 0 {
		t.Error("removed, it comes back")
	}
	k2.Tracker.Back()
	k2.hand.run()
	k3.Tracker.Load()
	if k3.hand.run(); len(k3.Tracker.All) != 1 || k3.Tracker.All[0].Body.Notes != "Parler à la directrice" {
		t.Error("taken back, it is not there")
	}
}

// Where nothing can be kept, a person is told why, and nothing is lost of what they typed
// before the desk was locked.
//
// Rows
func TestTrackerRefused(t *testing.T) {
	for err, want := range map[error]i18n.Key{cache.ErrNoAccount: i18n.MineShared, session.ErrNoKeyring: i18n.ErrorNoKeyring, session.ErrLocked: i18n.DataLocked} {
		d := &drawer{err: err}
		d.dir = t.TempDir()
		k, _ := following(t, i18n.English, d)
		k.Tracker.Add()
		k.hand.run()
		if got := k.Tracker.Why(); got != k.words.S(want) || len(k.Tracker.All) != 0 {
			t.Errorf("%v: %q", err, got)
		}
	}
	d := &drawer{}
	k, _ := following(t, i18n.English, d)
	k.Tracker.Add()
	k.hand.run()
	id := k.Tracker.Open
	k.Tracker.Type(FieldTitle, "Welder")
	d.err = session.ErrLocked
	k.hand.pass(time.Second)
	k.hand.run()
	if k.Tracker.Why() == "" {
		t.Error("that it was not kept is not told")
	}
	d.err = nil
	k.Load() // unlocked
	k.hand.run()
	if b, err := personal.Read[personal.Application](t.Context(), d.file, id); err != nil || b.Title != "Welder" || k.Tracker.Why() != "" {
		t.Errorf("after the lock: %+v, %v", b, err)
	}
}

// A reminder is told once, at its own moment ahead; what was missed while the program was
// away is told once it runs again; what is put off is told again, and what is done is not.
//
// Rows: X-023
func TestReminders(t *testing.T) {
	d := &drawer{}
	k, shown := following(t, i18n.English, d)
	write := func(text, day, clock string, before int) string {
		t.Helper()
		f := k.Reminders.New()
		f.Body.Text, f.Day, f.Time, f.Body.Before, f.Body.Zone = text, day, clock, before, "America/Toronto"
		if !k.Reminders.Accept(func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}) {
			t.Fatalf("refused: %v", f.Wrong)
		}
		k.hand.run()
		return k.Reminders.All[len(k.Reminders.All)-1].ID
	}
	wait := func(k *desktop, d time.Duration) {
		for range int(d / time.Minute) {
			k.at = k.at.Add(time.Minute)
			k.hand.pass(time.Minute)
			k.hand.run()
		}
	}
	call := write("Call the plant", "2026-11-22", "13:30", 0)
	write("Interview", "2026-11-22", "14 h 30", 60)
	if wait(k, 89*time.Minute); len(*shown) != 0 {
		t.Errorf("told early: %q", *shown)
	}
	if wait(k, time.Minute); len(*shown) != 2 || !strings.Contains((*shown)[0]+(*shown)[1], "Call the plant") {
		// both are due at 13:30 in Toronto: one alone, or two as one notice
		if len(*shown) != 1 || !strings.Contains((*shown)[0], k.words.N(i18n.ReminderWaits, 2)) {
			t.Errorf("told %q", *shown)
		}
	}
	if len(k.Reminders.Due()) != 2 {
		t.Errorf("due: %+v", k.Reminders.Due())
	}
	n := len(*shown)
	wait(k, 30*time.Minute)
	if len(*shown) != n {
		t.Errorf("told twice: %q", *shown)
	}
	k.Reminders.PutOff(call, LaterHour)
	k.hand.run()
	if wait(k, 59*time.Minute); len(*shown) != n {
		t.Errorf("put off, told early: %q", *shown)
	}
	// The program is away when it is due.
	d.killed(t)
	late, told := following(t, i18n.French, d)
	late.at = k.at.Add(24 * time.Hour)
	late.Load()
	late.hand.run()
	if len(*told) != 1 || !strings.Contains((*told)[0], "Call the plant") {
		t.Errorf("missed: %q", *told)
	}
	late.Load()
	late.hand.run()
	wait(late, 5*time.Minute)
	d.killed(t)
	once, more := following(t, i18n.French, d)
	once.at = late.at
	once.Load()
	once.hand.run()
	if len(*told) != 1 || len(*more) != 0 {
		t.Errorf("missed once, told %q then %q", *told, *more)
	}
	for _, l := range once.Reminders.Due() {
		once.Reminders.SetDone(l.ID, true)
	}
	once.hand.run()
	if len(once.Reminders.Due()) != 0 || once.Tracker.Count() != 0 {
		t.Errorf("done: %+v", once.Reminders.Due())
	}
	f := once.Reminders.New()
	f.Day, f.Time = "2020-01-01", "25:00"
	if once.Reminders.Accept(func(error) {}) || len(f.Wrong) != 2 {
		t.Errorf("a moment that is none: %v", f.Wrong)
	}
	f.Time, f.Body.Text = "9 h", "x"
	if once.Reminders.Accept(func(error) {}) || f.Wrong[FieldDay] == "" {
		t.Errorf("a moment that has passed: %v", f.Wrong)
	}
}

// A clock is read as people write it, and the zone of a system without a name is found by
// what its clocks do.
func TestClocks(t *testing.T) {
	for text, want := range map[string]string{"9": "09:00", "9:05": "09:05", "14h30": "14:30", "14 h": "14:00", "2:30 pm": "14:30", "0:00": "00:00"} {
		if got, ok := clockOf(text); !ok || got != want {
			t.Errorf("%q is read as %q", text, got)
		}
	}
	for _, text := range []string{"", "25:00", "midi", "9:61", "-1"} {
		if got, ok := clockOf(text); ok {
			t.Errorf("%q is read as %q", text, got)
		}
	}
	for _, zone := range homeZones {
		l, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := ZoneName(l, noon); got != zone {
			t.Errorf("%s is called %s", zone, got)
		}
	}
	if got := ZoneName(time.FixedZone("", 5*3600), noon); got != "Etc/GMT-5" {
		t.Errorf("five hours ahead is called %s", got)
	}
}

// A card is moved in a process that is killed the moment it has been told so; the next one
// finds it where it was put.
//
// Rows: X-020
func TestTrackerKilled(t *testing.T) {
	const where = "PASSERELLE_TRACKER_DIR"
	if dir := os.Getenv(where); dir != "" { // the one that is killed
		d := &drawer{dir: dir}
		if err := d.open(); err != nil {
			t.Fatal(err)
		}
		k, _ := following(t, i18n.French, d)
		k.Tracker.Move(k.Tracker.All[0].ID, personal.Interview)
		k.hand.run()
		if k.Tracker.Err == nil {
			fmt.Println("moved")
		}
		select {}
	}
	d := &drawer{dir: t.TempDir()}
	if err := d.open(); err != nil {
		t.Fatal(err)
	}
	if err := personal.Write(t.Context(), d.file, "a", personal.Application{State: personal.Applied, Title: "Soudeuse"}, noon); err != nil {
		t.Fatal(err)
	}
	if err := d.file.Close(); err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTrackerKilled$")
	child.Env = append(os.Environ(), where+"="+d.dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	moved := false
	for lines := bufio.NewScanner(out); !moved && lines.Scan(); {
		moved = lines.Text() == "moved"
	}
	_ = child.Process.Kill() // as kill -9
	_ = child.Wait()
	if !moved {
		t.Fatal("it never said that the card was moved")
	}
	if err := d.open(); err != nil {
		t.Fatal(err)
	}
	defer d.file.Close()
	k, _ := following(t, i18n.French, d)
	if x := k.Tracker.find("a"); x == nil || x.Body.State != personal.Interview || len(x.Body.Log) != 1 {
		t.Errorf("after the kill: %+v", x)
	}
}

// A reminder that was kept while its person left is told to nobody who came after them.
//
// Rows: X-023
func TestReminderOfWhoLeft(t *testing.T) {
	k, told := following(t, i18n.French, &drawer{})
	f := k.Reminders.New()
	f.Body.Text = "Entrevue au quai"
	if !k.Reminders.Accept(func(err error) {
		if err != nil {
			t.Errorf("kept: %v", err)
		}
	}) {
		t.Fatalf("wrong: %v", f.Wrong)
	}
	k.fresh()
	k.hand.run()
	k.at = k.at.Add(72 * time.Hour)
	k.hand.pass(72 * time.Hour)
	k.hand.run()
	if len(*told) != 0 {
		t.Errorf("told: %q", *told)
	}
}
