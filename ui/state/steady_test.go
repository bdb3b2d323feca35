package state

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/sync/replica"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// stood are records of which a test says how they stand.
type stood struct {
	Private
	st     replica.Steady
	kicked []replica.Cause
}

func (p *stood) Status() replica.Steady { return p.st }
func (p *stood) Kick(why replica.Cause) { p.kicked = append(p.kicked, why) }

// The status bar says in both languages that the service is stopped and when it is tried
// again, and that something else is wrong; what another line says it leaves to that. A
// network that is back is told to the sync, one that just was used is not.
//
// Rows: B-018, X-017
func TestStatusOfRecords(t *testing.T) {
	for _, l := range []i18n.Lang{i18n.French, i18n.English} {
		d, r := signedIn(t, l)
		p := &stood{Private: r}
		d.o.Private = p
		w := d.Words()
		next := d.at.Add(40 * time.Minute)
		for _, c := range []struct {
			err  error
			next time.Time
			want string
		}{
			{nil, next, ""},
			{fmt.Errorf("pull: %w", wire.ErrOffline), next, ""},
			{replica.ErrSignIn, time.Time{}, ""},
			{replica.ErrNoServer, time.Time{}, ""},
			{fmt.Errorf("pull: %w", &wire.Down{Code: wire.Maintenance, After: time.Hour}), next, w.S(i18n.StatusDown, "Time", w.Clock(next.In(d.o.Zone)))},
			{wire.ErrDown, time.Time{}, w.S(i18n.StatusUnsynced)},
			{&wire.Refused{Code: account.IsSuspended}, next, w.S(i18n.StatusUnsynced)},
			{errors.New("disk"), next, w.S(i18n.StatusUnsynced)},
		} {
			p.st = replica.Steady{Err: c.err, Next: c.next, Waiting: 2, Conflicts: 1}
			d.PrivateMoved()
			d.hand.run()
			if got := d.PrivateLine(); got != c.want || d.Conflicts() != 1 || d.Unsent() < 2 {
				t.Errorf("%s, %v: %q, want %q", l, c.err, got, c.want)
			}
		}
		if line := w.S(i18n.StatusDown, "Time", w.Clock(next)); !strings.Contains(line, w.Clock(next)) {
			t.Errorf("%q says no time", line)
		}
		p.st = replica.Steady{Err: wire.ErrOffline}
		d.PrivateMoved()
		if d.Status.Online {
			t.Error("online without a server")
		}
		p.kicked = nil
		d.SetOnline(true)
		if len(p.kicked) != 1 || p.kicked[0] != replica.Reconnected {
			t.Errorf("a network that is back: %v", p.kicked)
		}
		d.SetOnline(false)
		p.kicked = nil
		p.st = replica.Steady{Last: d.at}
		d.PrivateMoved()
		if !d.Status.Online || len(p.kicked) != 0 {
			t.Errorf("after a sync: online %v, kicked %v", d.Status.Online, p.kicked)
		}
		p.kicked = nil
		d.RememberHere(cache.AutoSync, "off")
		d.hand.run()
		if len(p.kicked) != 1 || p.kicked[0] != replica.Started {
			t.Errorf("after a setting: %v", p.kicked)
		}
		d.o.Accounts.(*desked).st = session.Standing{}
		d.Present.Look()
		d.hand.run()
		p.st = replica.Steady{Err: wire.ErrDown, Waiting: 3}
		if d.PrivateLine() != "" || d.Conflicts() != 0 {
			t.Error("nobody is told of somebody's records")
		}
	}
}
