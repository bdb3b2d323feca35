package state

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/sync/replica"
	"passerelle/sync/replica/replicatest"
	"passerelle/sync/wire"
)

// TestResetCache takes the records anew: what the person wrote, what waits and what they have
// yet to choose is there after, as it was, and what waits is told before.
//
// Rows: B-010
func TestResetCache(t *testing.T) {
	d, r := signedIn(t, i18n.French)
	ctx, m, w := t.Context(), d.Settings.Mend, d.Words()
	clashed(t, r, ref("search", "s1"), `{"name": "base"}`, `{"name": "mine"}`, `{"name": "theirs"}`, "x")
	must(t, r.Synced(ctx, "saved", "person/ada", "x", map[string]string{"p9": `{"posting": "9"}`}))
	must(t, r.Put(ctx, ref("saved", "p1"), replicatest.Doc(`{"posting": "1"}`)))
	drafts := d.o.Device.(interface {
		PutDraft(ctx context.Context, name string, body []byte, now time.Time) error
		Draft(ctx context.Context, name string) ([]byte, error)
	})
	must(t, drafts.PutDraft(ctx, "letter", []byte("Madame,"), noon))
	if !strings.Contains(m.ResetAsk(), w.N(i18n.StatusPending, 1)) {
		t.Errorf("it asks %q", m.ResetAsk())
	}
	m.ResetCache()
	if !m.Busy {
		t.Error("it does not say that it is at it")
	}
	d.hand.run()
	if m.Reset != w.S(i18n.SettingsResetDone) || m.ResetErr != nil || m.Busy {
		t.Errorf("reset reads %q, %v", m.Reset, m.ResetErr)
	}
	text, err := drafts.Draft(ctx, "letter")
	cursors, cerr := r.Cursors(ctx)
	if string(text) != "Madame," || err != nil || d.Unsent() != 1 || d.Conflicts() != 1 || fields(t, r, ref("saved", "p1")) == "none" {
		t.Errorf("after it the draft is %q (%v), %d wait, %d are to be chosen", text, err, d.Unsent(), d.Conflicts())
	}
	if len(cursors) != 0 || cerr != nil {
		t.Errorf("%d partitions are not taken anew (%v)", len(cursors), cerr)
	}
	d.o.Accounts.(*desked).st.Mode = ""
	d.Present.Look()
	d.hand.run()
	if m := d.Settings.Mend; m.CanReset() {
		t.Error("nobody is here, and there is a cache to reset")
	}
}

// TestConnection asks the server that is kept, and says in words what it answers.
//
// Rows: B-010, B-018
func TestConnection(t *testing.T) {
	w := i18n.For(i18n.French)
	for _, tt := range []struct {
		name string
		err  error
		me   error
		bad  bool
		want []i18n.Key
	}{
		{"answers", nil, nil, false, []i18n.Key{i18n.CataloguePlanNothing, i18n.SettingsTestSession}},
		{"nothing published", fmt.Errorf("head: %w", wire.ErrMissing), nil, false, []i18n.Key{i18n.SettingsTestEmpty, i18n.SettingsTestSession}},
		{"no network", replica.ErrOffline, nil, true, []i18n.Key{i18n.SyncOffline}},
		{"another publisher", replica.ErrWrongKey, nil, true, []i18n.Key{i18n.SyncWrongkey}},
		{"session over", nil, &wire.Refused{Code: "sign_in_needed"}, true, []i18n.Key{i18n.SettingsTestSessionEnded}},
		{"maintenance", nil, wire.ErrDown, true, []i18n.Key{i18n.ErrTechnicalNext}},
	} {
		d, _ := signedIn(t, i18n.French)
		o := &office{err: tt.err, plan: replica.Plan{Nothing: true}}
		d.o.Desk = o
		d.o.Accounts = &failing{d.o.Accounts.(*desked), tt.me}
		m := d.Settings.Mend
		m.Test()
		if !m.Testing || m.Tested != "" {
			t.Errorf("%s: it does not say that it is at it", tt.name)
		}
		m.Test() // asked twice, it asks once
		d.hand.run()
		if m.Bad != tt.bad || m.Testing || len(o.asked) != 1 {
			t.Errorf("%s: bad %v, asked %q", tt.name, m.Bad, o.asked)
		}
		for _, k := range tt.want {
			if !strings.Contains(m.Tested, w.S(k)) {
				t.Errorf("%s: %q does not say %q", tt.name, m.Tested, w.S(k))
			}
		}
	}
	d, _ := signedIn(t, i18n.French)
	d.o.Desk = &office{}
	d.Settings.Type(FieldServer, "https://other.example.ca")
	d.Settings.Mend.Test()
	if d.Settings.Mend.Tested != w.S(i18n.SettingsTestDirty) {
		t.Errorf("what is typed and not kept reads %q", d.Settings.Mend.Tested)
	}
	d.Settings.Type(FieldServer, "")
	d.online = false
	d.Settings.Mend.Test()
	if !strings.Contains(d.Settings.Mend.Tested, w.S(i18n.SyncOffline)) {
		t.Errorf("started without a network it reads %q", d.Settings.Mend.Tested)
	}
}

// failing is a desk whose account cannot be read.
type failing struct {
	*desked
	err error
}

func (f *failing) Me(ctx context.Context) (wire.Me, bool, error) {
	me, _, _ := f.desked.Me(ctx)
	return me, f.err == nil, f.err
}
