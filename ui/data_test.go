package ui

import (
	"context"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/personal"
	"passerelle/store/secret"
	"passerelle/sync/session"
	"passerelle/sync/wire"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// drawer is what is kept of a person, as the screen asks for it.
type drawer struct {
	err    error
	made   time.Time
	ledger wire.MyData
	asked  []string
}

const paperKey = "ABCD-EFGH-JKMN-PQRS\nTVWX-Y234-5678-9ABC"

func (d *drawer) Export(_ context.Context, path string, l i18n.Lang, tell func(int, int)) (state.Exported, error) {
	tell(1, 4)
	d.asked = append(d.asked, "export "+filepath.Base(path)+" "+string(l))
	return state.Exported{Files: 7, Missing: d.err}, nil
}
func (d *drawer) Ledger(context.Context) (wire.MyData, error) { return d.ledger, d.err }
func (d *drawer) Dispute(_ context.Context, x wire.Dispute) (wire.MyData, error) {
	d.asked = append(d.asked, "dispute "+x.Field+" "+x.Text)
	d.ledger.Disputes = nil
	if x.Text != "" {
		x.At = noon
		d.ledger.Disputes = []wire.Dispute{x}
	}
	return d.ledger, d.err
}
func (d *drawer) Recovery(context.Context) (time.Time, error) { return d.made, nil }
func (d *drawer) NewRecovery(context.Context) (string, error) {
	d.made = noon
	return paperKey, nil
}
func (d *drawer) Recoverable(context.Context, string) bool { return true }
func (d *drawer) Recover(_ context.Context, person, key, _ string) error {
	d.asked = append(d.asked, "recover "+person+" "+key)
	return d.err
}
func (d *drawer) Backup(_ context.Context, path, key string, _ func(int, int)) (int, error) {
	d.asked = append(d.asked, "backup "+filepath.Base(path)+" "+key)
	return 3, d.err
}
func (d *drawer) Restore(context.Context, string, string, func(int, int)) (int, error) {
	return 3, d.err
}

func newDrawer() *drawer {
	return &drawer{ledger: wire.MyData{At: noon,
		Seen: []wire.Seen{{At: noon, Role: "agent", Who: "Béa Essai", What: "account"}, {At: noon, Role: "counsellor", Who: "Cléo Essai", What: "profile"},
			{At: noon, Role: wire.SeenOperator, What: wire.SeenHelp}},
		Disputes: []wire.Dispute{{Field: "verified", Text: "La date lue n'est pas la mienne.", At: noon}},
		Kept: []wire.Retention{{What: "account"}, {What: "decided", Days: 730, After: "used"}, {What: "answers", Days: 30, After: "sent"},
			{What: "proof", Days: -1}}}}
}

// shoot writes a picture where PASSERELLE_PICTURES says, for whoever looks.
func (b *bench) shoot(t *testing.T, name string) {
	t.Helper()
	dir := os.Getenv("PASSERELLE_PICTURES")
	if dir == "" {
		return
	}
	f, err := os.Create(filepath.Join(dir, name+".png"))
	if err == nil {
		err = png.Encode(f, b.Canvas().Capture())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A person sees who looked at what, how long it is kept and what they contest; contests a
// value and takes that back; makes a recovery key, which is shown once and goes only when its
// end was typed back, or with the page; and reads each error in words.
//
// Rows
func TestMyData(t *testing.T) {
	h, d := newHouse().in(0, session.Online), newDrawer()
	b := enter(t, h, setup{height: 2600, width: 1280, data: d})
	w := i18n.For(i18n.French)
	b.Go("me")
	b.hand.settle()
	b.press(t, w.S(i18n.DataOpen))
	what, long := d.ledger.Kept[0].Words(w)
	for _, want := range append(append(state.SeenLines(w, d.ledger.Seen, time.UTC), what, long), state.DisputeLines(w, d.ledger.Disputes, time.UTC)...) {
		if !b.sees(want) {
			t.Errorf("%q is not shown: %q", want, b.Sight().Texts)
		}
	}
	b.shoot(t, "data-fr")
	b.press(t, w.S(i18n.DataWithdraw, "Field", state.ContestWord(w, "verified")))
	if !b.sees(w.S(i18n.DataWithdrawn)) || len(d.ledger.Disputes) != 0 {
		t.Errorf("taken back: %v", d.asked)
	}
	b.press(t, w.S(i18n.DataContest))
	b.press(t, w.S(i18n.DataAttach))
	top := b.Canvas().Overlays().Top()
	if top == nil || len(d.asked) != 1 {
		t.Fatalf("an empty note: %v", d.asked)
	}
	for _, f := range focusables(top) {
		if e, ok := f.(*part.Entry); ok && e.Label == w.S(i18n.DataContestText) {
			e.SetText("Ce n'est pas mon prénom.")
		}
	}
	b.hand.settle()
	b.shoot(t, "data-contest-fr")
	b.press(t, w.S(i18n.DataAttach))
	if b.Canvas().Overlays().Top() != nil || !b.sees(w.S(i18n.DataAttached)) || d.asked[1] != "dispute first Ce n'est pas mon prénom." {
		t.Errorf("contested: %v", d.asked)
	}

	b.press(t, w.S(i18n.DataKeyMake))
	if !b.sees("ABCD-EFGH-JKMN-PQRS") {
		t.Fatalf("the key is not shown: %q", b.Sight().Texts)
	}
	b.shoot(t, "data-key-fr")
	b.press(t, w.S(i18n.DataKeyCopy))
	b.press(t, w.S(i18n.DataKeyDone))
	if !b.sees(w.S(i18n.DataKeyEndWrong)) || b.copied != paperKey {
		t.Errorf("nothing was typed back: %q", b.Sight().Texts)
	}
	b.typed("9abc")
	b.press(t, w.S(i18n.DataKeyDone))
	if b.holds("ABCD-EFGH") || !b.sees(w.S(i18n.DataKeyNoted)) || !b.sees(w.S(i18n.DataRecoveryMade, "Date", w.Date(noon))) {
		t.Errorf("typed back: %q", b.Sight().Texts)
	}
	b.press(t, w.S(i18n.DataKeyAgain))
	b.key(fyne.KeyTab)
	b.press(t, w.S(i18n.DataKeyAgain))
	if !b.sees("ABCD-EFGH-JKMN-PQRS") {
		t.Error("the new one is not shown")
	}
	b.Go("search")
	b.Go("data")
	if b.holds("ABCD-EFGH") {
		t.Error("left, and the key is still there")
	}

	b.s.Data.Export("/tmp/x/tout.zip")
	b.hand.settle()
	if !b.sees(w.S(i18n.DataExported, "Files", w.N(i18n.DataFiles, 7), "Path", "/tmp/x/tout.zip")) || d.asked[len(d.asked)-1] != "export tout.zip fr" {
		t.Errorf("exported: %q", b.Sight().Texts)
	}
	for err, want := range map[error]i18n.Key{secret.ErrRecoveryKey: i18n.DataKeyOther, secret.ErrTyped: i18n.DataKeyTyped, personal.ErrTorn: i18n.DataTorn,
		personal.ErrForeign: i18n.DataForeign, personal.ErrNewer: i18n.DataNewer, session.ErrLocked: i18n.DataLocked, context.Canceled: i18n.DataStopped} {
		d.err = err
		b.s.Data.Restore("/tmp/x/y", paperKey)
		b.hand.settle()
		if !b.sees(w.S(want)) {
			t.Errorf("%v: %q", err, b.Sight().Texts)
		}
	}
	d.err = wire.ErrOffline
	b.s.Data.Load()
	b.hand.settle()
	if why := b.s.Data.Why(); why == "" || !b.sees(why) || !b.sees(what) {
		t.Errorf("offline: %q", b.Sight().Texts)
	}
	b.shoot(t, "data-offline-fr")
}

// Every control of My data is reached by Tab, and no text of it is clipped.
//
// Rows
func TestMyDataByTab(t *testing.T) {
	for i, o := range []setup{{}, {lang: i18n.English, percent: 200}, {percent: 200}, {mode: look.Contrast, percent: 150, width: 700, height: 700},
		{lang: i18n.English, mode: look.Dark, width: 900, height: 700}} {
		o.data = newDrawer()
		b := enter(t, newHouse().in(0, session.Online), o)
		for _, show := range []func(){func() {}, func() { b.s.Data.MakeKey() }} {
			b.Go("search")
			b.Go("data")
			b.hand.settle()
			show()
			b.hand.settle()
			b.unclipped(t, o, "data")
			b.shoot(t, "data-"+string(rune('a'+i)))
			want := focusables(b.Canvas().Content())
			start, got := b.Canvas().Focused(), map[fyne.Focusable]bool{}
			for range 200 {
				got[b.Canvas().Focused()] = true
				if b.Canvas().FocusNext(); b.Canvas().Focused() == start {
					break
				}
			}
			for _, f := range want {
				if !got[f] {
					t.Errorf("Tab leaves out %q", labels([]fyne.Focusable{f}))
				}
			}
		}
	}
}

// Whoever lost the key of the keyring opens everything again from the lock.
//
// Rows: X-040
func TestRecoverFromTheLock(t *testing.T) {
	h, d := newHouse().in(0, session.Online), newDrawer()
	b := enter(t, h, setup{data: d})
	w := i18n.For(i18n.French)
	h.st = session.Standing{Mode: session.Locked, Person: h.people[1]}
	b.s.Present.Look()
	b.hand.settle()
	b.press(t, w.S(i18n.DataRecover))
	b.press(t, w.S(i18n.DataRecoverDo))
	b.typed("abcd efgh")
	b.shoot(t, "data-recover-fr")
	d.err = secret.ErrTyped
	b.press(t, w.S(i18n.DataRecoverDo))
	if !b.sees(w.S(i18n.DataKeyTyped)) {
		t.Errorf("half a key: %q", b.Sight().Texts)
	}
	d.err = nil
	b.press(t, w.S(i18n.DataRecoverDo))
	if b.Canvas().Overlays().Top() != nil || d.asked[len(d.asked)-1] != "recover "+h.people[1].ID+" abcd efgh" {
		t.Errorf("asked %v", d.asked)
	}
}
