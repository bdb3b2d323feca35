package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/record"
	"passerelle/sync/client"
	"passerelle/sync/mail"
	"passerelle/sync/server"
	"passerelle/sync/wire"
)

// enrolled registers Ada and gives her session.
func (w *town) enrolled(t *testing.T, c *client.Client) wire.Session {
	t.Helper()
	p := register(t, c)
	m := w.letter(t, mail.Confirm)
	p = step(t, c, p, wire.Answer{Code: m.Code}, account.StepValidate)
	p = step(t, c, p, sin, account.StepQuestions)
	return *step(t, c, p, fiveAnswers(), account.StepDone).Session
}

// saved is a mutation of a posting that Ada saves.
func saved(s wire.Session, client string, seq int64, id string) wire.Mutation {
	k, _ := record.Find("search")
	return wire.Mutation{
		ID: fmt.Sprint(client, "-", seq), Client: client, Seq: seq, Partition: "person/" + s.Account, Kind: k.Name, Record: id,
		Patch: edited(k), Made: noon,
	}
}

// edited is a full record as a person fills it in.
func edited(k record.Kind) record.Doc {
	d := k.Example()
	for _, name := range k.Forbidden(d) {
		delete(d, name)
	}
	return d
}

// Two desks of one account, over real HTTP by the real client: what one pushes the other
// pulls, a push that is delivered twice counts once, and after the session is revoked
// nothing is given or taken.
//
// Rows: B-009, X-013
func TestTwoDesksOfOneAccount(t *testing.T) {
	w := settle(t, nil)
	c := w.desktop(t)
	s := w.enrolled(t, c)
	in := wire.Push{Mutations: []wire.Mutation{saved(s, "one", 1, "r1"), saved(s, "one", 2, "r2")}}
	out, err := c.Push(t.Context(), s.Access, in)
	if err != nil || out.Epoch < 1 || out.Results[0].Outcome != wire.Applied || out.Results[1].Outcome != wire.Applied {
		t.Fatalf("Push: %+v, %v", out, err)
	}
	if out, err = c.Push(t.Context(), s.Access, in); err != nil || out.Results[0].Outcome != wire.Duped || out.Results[0].Ver != 1 {
		t.Errorf("Push again: %+v, %v", out, err)
	}
	got, err := c.Pull(t.Context(), s.Access, wire.Pull{})
	if err != nil || len(got.Parts) != 1 || !got.Parts[0].Snapshot || len(got.Parts[0].Changes) != 2 || got.Parts[0].Seq != 2 {
		t.Fatalf("Pull: %+v, %v", got, err)
	}
	if body := got.Parts[0].Changes[0].Body; !record.Equal(body, in.Mutations[0].Patch) {
		t.Errorf("pulled %s, want %s", body, in.Mutations[0].Patch)
	}
	at := wire.Cursor{Partition: "person/" + s.Account, Epoch: out.Epoch, Seq: 2}
	if got, err = c.Pull(t.Context(), s.Access, wire.Pull{Cursors: []wire.Cursor{at, {Partition: "person/else", Epoch: 1}}}); err != nil ||
		len(got.Parts) != 2 || len(got.Parts[0].Changes) != 0 || !got.Parts[1].Gone {
		t.Errorf("Pull, up to date: %+v, %v", got, err)
	}
	// A restored server: every cursor is of another epoch.
	epoch, err := w.Ledger().NewEpoch(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	var other *wire.OtherEpoch
	if _, err = c.Pull(t.Context(), s.Access, wire.Pull{Cursors: []wire.Cursor{at}}); !errors.Is(err, wire.ErrEpoch) || !errors.As(err, &other) || other.Epoch != epoch {
		t.Errorf("Pull from another epoch: %v, want %d", err, epoch)
	}
	// Too much at once, by number and by size.
	many := wire.Push{Mutations: make([]wire.Mutation, wire.MaxMutations+1)}
	if _, err = c.Push(t.Context(), s.Access, many); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("Push of too many: %v, want ErrTooLarge", err)
	}
	large := saved(s, "one", 3, "r3")
	large.Patch["words"], _ = json.Marshal(strings.Repeat("x", wire.MaxPush))
	if _, err = c.Push(t.Context(), s.Access, wire.Push{Mutations: []wire.Mutation{large}}); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("Push of too many bytes: %v, want ErrTooLarge", err)
	}
	// No document comes in by these routes, whatever it calls itself.
	for _, path := range []string{wire.PushPath, wire.PullPath} {
		h := header{"Content-Type": "application/json", "Authorization": "Bearer " + s.Access}
		if res, _ := w.ask(t, http.MethodPost, path, h, []byte("%PDF-1.7 a résumé")); res.StatusCode != http.StatusUnsupportedMediaType {
			t.Errorf("a document to %s: %s, want 415", path, res.Status)
		}
	}
	if err := c.SignOut(t.Context(), s.Access); err != nil {
		t.Fatal(err)
	}
	if _, err = c.Push(t.Context(), s.Access, in); code(err) != account.SignInNeeded {
		t.Errorf("Push after SignOut: %v", err)
	}
	if _, err = c.Pull(t.Context(), s.Access, wire.Pull{}); code(err) != account.SignInNeeded {
		t.Errorf("Pull after SignOut: %v", err)
	}
	// Nothing of what was pushed is in the log, which is as detailed as can be.
	for _, secret := range []string{s.Access, s.Account, "r1", string(in.Mutations[0].Patch["name"])} {
		if secret != "" && strings.Contains(w.log.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

// An account that is suspended, or has to set new secrets first, is given nothing.
//
// Rows: B-009
func TestRecordsOfAccountsThatDoNotStand(t *testing.T) {
	for want, change := range map[account.Code]func(*ledger.Account){
		account.IsSuspended: func(a *ledger.Account) { a.State = account.Suspended },
		account.MustReset:   func(a *ledger.Account) { a.Reset = true },
	} {
		t.Run(string(want), func(t *testing.T) {
			w := settle(t, nil)
			c := w.desktop(t)
			s := w.enrolled(t, c)
			err := w.Ledger().Update(t.Context(), func(tx *ledger.Tx) error {
				a, err := tx.Account(t.Context(), s.Account)
				if err != nil {
					return err
				}
				change(&a)
				return tx.PutAccount(t.Context(), a)
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Push(t.Context(), s.Access, wire.Push{Mutations: []wire.Mutation{saved(s, "one", 1, "r1")}}); code(err) != want {
				t.Errorf("Push: %v, want %s", err, want)
			}
			if _, err := c.Pull(t.Context(), s.Access, wire.Pull{}); code(err) != want {
				t.Errorf("Pull: %v, want %s", err, want)
			}
			if err := c.Hints(t.Context(), s.Access, func() {}); code(err) != want {
				t.Errorf("Hints: %v, want %s", err, want)
			}
		})
	}
}

// A hint comes at once and at each change, says nothing else, and ends with the session.
func TestHints(t *testing.T) {
	w := settle(t, nil)
	c := w.desktop(t)
	s := w.enrolled(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	told, done := make(chan struct{}, 100), make(chan error, 1)
	go func() { done <- c.Hints(ctx, s.Access, func() { told <- struct{}{} }) }()
	wait := func(what string) {
		t.Helper()
		select {
		case <-told:
		case err := <-done:
			t.Fatalf("%s: ended with %v", what, err)
		case <-ctx.Done():
			t.Fatalf("%s: no hint", what)
		}
	}
	wait("at once")
	for n := range int64(3) {
		if _, err := c.Push(ctx, s.Access, wire.Push{Mutations: []wire.Mutation{saved(s, "one", n+1, fmt.Sprint("r", n))}}); err != nil {
			t.Fatal(err)
		}
		wait("after a push")
	}
	// What another server wrote is noticed at the next beat.
	err := w.Ledger().Update(ctx, func(tx *ledger.Tx) error {
		_, err := tx.Advance(ctx, "person/"+s.Account, 0, 0)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	wait("after another server's write")
	if err := c.SignOut(ctx, s.Access); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-done:
		if !errors.Is(err, wire.ErrOffline) {
			t.Errorf("ended with %v, want ErrOffline", err)
		}
	case <-ctx.Done():
		t.Error("hints go on after the session ended")
	}
	if err := c.Hints(ctx, s.Access, func() {}); code(err) != account.SignInNeeded {
		t.Errorf("Hints after SignOut: %v", err)
	}
}

// A server that stops ends its hints, and does not wait for them; one account has so many.
func TestHintsEndWithTheServer(t *testing.T) {
	w := settle(t, func(o *server.Options) { o.Heartbeat, o.Grace = time.Hour, 20*time.Second })
	c := w.desktop(t)
	s := w.enrolled(t, c)
	begun, done := make(chan struct{}, 100), make(chan error, 100)
	for range 8 {
		go func() { done <- c.Hints(t.Context(), s.Access, func() { begun <- struct{}{} }) }()
	}
	for range 8 {
		select {
		case <-begun:
		case err := <-done:
			t.Fatal(err)
		}
	}
	if err := c.Hints(t.Context(), s.Access, func() {}); code(err) != account.TooMany {
		t.Errorf("one more: %v, want too_many", err)
	}
	began := time.Now()
	if err := w.stop(); err != nil || time.Since(began) > 10*time.Second {
		t.Errorf("stopped after %v: %v", time.Since(began), err)
	}
	for range 8 {
		if err := <-done; !errors.Is(err, wire.ErrOffline) {
			t.Errorf("ended with %v, want ErrOffline", err)
		}
	}
}

// One account that asks without end waits, and others do not.
func TestSyncsAreLimited(t *testing.T) {
	w := settle(t, func(o *server.Options) { o.Syncs = server.Rate{Burst: 3, Every: time.Minute} })
	c := w.desktop(t)
	s := w.enrolled(t, c)
	for range 3 {
		if _, err := c.Pull(t.Context(), s.Access, wire.Pull{}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := c.Pull(t.Context(), s.Access, wire.Pull{})
	var no *wire.Refused
	if !errors.As(err, &no) || no.Code != account.TooMany || no.After <= 0 || no.After > time.Minute {
		t.Errorf("the fourth: %v, want too_many and when to come back", err)
	}
	if _, err := c.Me(t.Context(), s.Access); err != nil {
		t.Errorf("another route: %v", err)
	}
}
