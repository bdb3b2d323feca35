package state

import (
	"context"
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/labour"
	"passerelle/store/occupation"
	"passerelle/store/pack"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/skill"
	"passerelle/sync/intake/demo"
	"passerelle/sync/wire"
)

// TestKept keeps a posting whole, says when it has ended, reads it when the catalogue
// has forgotten it, and puts back what was removed by mistake.
//
// Rows: X-012
func TestKept(t *testing.T) {
	d := newDesktop(t, i18n.French)
	ctx := context.Background()
	p := one(t, "a text", func(p posting.Posting) bool { return !p.Ended(noon) && len(p.Texts) > 0 })
	gone := p
	gone.ID, gone.Number = 4_000_000_000, 69_999_999
	for _, x := range []posting.Posting{p, gone} {
		if err := d.Device().Save(ctx, x, noon); err != nil {
			t.Fatal(err)
		}
	}
	d.Saved.Load()
	d.hand.run()
	if len(d.Saved.Postings) != 2 || d.Saved.Line(d.Saved.Postings[0]).Ended {
		t.Fatalf("%d postings kept, want 2 that go on", len(d.Saved.Postings))
	}
	d.Posting.Open(gone.ID)
	d.hand.run()
	if d.Posting.Err != nil || len(d.Posting.Posting.Texts) == 0 || d.Posting.Posting.Number != gone.Number {
		t.Errorf("a kept posting that the catalogue lacks: %v", d.Posting.Err)
	}
	d.at = p.EndsAt().Add(48 * time.Hour)
	d.Saved.Load()
	d.hand.run()
	l := d.Saved.Line(d.Saved.Postings[0])
	if !l.Ended || !l.Whole || !strings.Contains(l.EndedLine, p.Ends.String()) || len(d.Saved.Postings[0].Apply) != 0 {
		t.Errorf("after its end the line is %+v with %d ways to apply", l, len(d.Saved.Postings[0].Apply))
	}
	d.at = noon
	d.Saved.Unsave(d.Saved.Postings[0])
	d.hand.run()
	if len(d.Saved.Postings) != 1 || d.Saved.Removed == nil {
		t.Fatalf("%d postings after one was removed, undo %v", len(d.Saved.Postings), d.Saved.Removed)
	}
	d.Saved.Back()
	d.hand.run()
	if len(d.Saved.Postings) != 2 || d.Saved.Removed != nil {
		t.Errorf("%d postings after it was put back", len(d.Saved.Postings))
	}
}

// TestSearches keeps the search of the screen, renames it with what is wrong said under the
// field, and asks it again.
//
// Rows: X-072
func TestSearches(t *testing.T) {
	d := newDesktop(t, i18n.English)
	d.Search.Start()
	d.Search.Type("cook")
	d.Search.SetPlace("Rimouski")
	d.Search.Submit()
	d.hand.run()
	said := ""
	d.Saved.Keep(func(s string) { said = s })
	d.hand.run()
	if len(d.Saved.Searches) != 1 || !strings.Contains(said, "cook") {
		t.Fatalf("kept %d searches and said %q", len(d.Saved.Searches), said)
	}
	q := d.Saved.Searches[0]
	d.Saved.Rename(q)
	d.Saved.Type("  ")
	d.Saved.Accept()
	if d.Saved.NameErr == "" || d.Saved.Renaming == "" {
		t.Error("an empty name was taken")
	}
	d.Saved.Type(strings.Repeat("x", MaxName+1))
	if !strings.Contains(d.Saved.NameErr, "81") {
		t.Errorf("a long name reads %q", d.Saved.NameErr)
	}
	d.Saved.Type("Kitchens")
	if d.Saved.NameErr != "" {
		t.Errorf("a corrected name keeps %q", d.Saved.NameErr)
	}
	d.Saved.Accept()
	d.hand.run()
	if d.Saved.Searches[0].Label != "Kitchens" {
		t.Errorf("named %q", d.Saved.Searches[0].Label)
	}
	d.Search.Clear()
	d.Search.Type("welder")
	d.Search.Submit()
	d.hand.run()
	d.Saved.Run(d.Saved.Searches[0])
	d.hand.run()
	if d.Search.Query.Words != "cook" || d.Search.Query.Near.Label != q.Query.Near.Label || d.Search.Typed() != "cook" {
		t.Errorf("asked again: %q near %q", d.Search.Query.Words, d.Search.Query.Near.Label)
	}
	d.Saved.RemoveSearch(d.Saved.Searches[0])
	d.hand.run()
	if len(d.Saved.Searches) != 0 {
		t.Error("a removed search stays")
	}
	d.Saved.Back()
	d.hand.run()
	if len(d.Saved.Searches) != 1 || d.Saved.Searches[0].Label != "Kitchens" {
		t.Error("a removed search did not come back whole")
	}
}

// TestOutbox shows a report from the day it waits to its ticket, lets it be taken back, and
// keeps the reading list.
//
// Rows
func TestOutbox(t *testing.T) {
	d := newDesktop(t, i18n.French)
	ctx := context.Background()
	p := one(t, "anything", func(posting.Posting) bool { return true })
	for _, why := range []wire.Reason{wire.DeadLink, wire.Payment, wire.Fake} {
		r := d.NewReport(p.Card)
		r.Reason, r.Text = why, "détail"
		r.Send(func() {})
		d.hand.run()
	}
	d.Outbox.Load()
	d.hand.run()
	if len(d.Outbox.Items) != 3 || d.Outbox.Waiting() != 3 || d.Status.Pending != 3 {
		t.Fatalf("%d items, %d wait, the status bar says %d; want 3", len(d.Outbox.Items), d.Outbox.Waiting(), d.Status.Pending)
	}
	it := d.Outbox.Items[0]
	if it.Number != GroupNumber(p.Number) || it.Reason != d.Words().S(i18n.ReasonFake) || it.Text != "détail" || it.State != "en attente" {
		t.Errorf("the newest line is %+v", it)
	}
	d.SetOnline(false)
	d.Outbox.Load()
	d.hand.run()
	if s := d.Outbox.Items[0].State; s != "en attente du réseau" {
		t.Errorf("offline it is %q", s)
	}
	d.Outbox.Cancel(d.Outbox.Items[2].Key)
	d.hand.run()
	if len(d.Outbox.Items) != 2 || d.Status.Pending != 2 {
		t.Errorf("after one was taken back %d stay, %d counted", len(d.Outbox.Items), d.Status.Pending)
	}
	dev := d.Device().(*cache.Device)
	if err := dev.Settle(ctx, d.Outbox.Items[0].Key, cache.Accepted, `{"ticket":"R-5521","received":"2026-11-22T17:00:00Z"}`, noon); err != nil {
		t.Fatal(err)
	}
	if err := dev.Settle(ctx, d.Outbox.Items[1].Key, cache.Rejected, "400", noon); err != nil {
		t.Fatal(err)
	}
	d.Outbox.Load()
	d.hand.run()
	a, b := d.Outbox.Items[0], d.Outbox.Items[1]
	if a.State != "accepté" || !strings.Contains(a.Answer, "R-5521") || a.Waiting || b.State != "refusé" || !b.Refused || b.Answer == "" {
		t.Errorf("ended lines are %+v and %+v", a, b)
	}
	if err := d.Device().Later(ctx, "https://example.ca/1", p.Number, noon); err != nil {
		t.Fatal(err)
	}
	d.Outbox.Load()
	d.hand.run()
	if len(d.Outbox.Links) != 1 || d.Outbox.Links[0].What != Number(d.Words(), p.Number) {
		t.Fatalf("reading list %+v", d.Outbox.Links)
	}
	d.Outbox.Remove("https://example.ca/1")
	d.hand.run()
	if len(d.Outbox.Links) != 0 {
		t.Error("a link that was removed stays")
	}
}

// TestCredits lists every part of every reference pack with publisher, licence and notice,
// the sources of postings, and what the window is made of; the text to copy holds all.
//
// Rows: X-018
func TestCredits(t *testing.T) {
	for _, l := range i18n.Languages() {
		d := newDesktop(t, l)
		d.Credits.Load()
		d.hand.run()
		if len(d.Credits.Groups) != 4 {
			t.Fatalf("%s: %d groups, want data, postings, the window and libraries", l, len(d.Credits.Groups))
		}
		text := d.Credits.Text()
		var parts []pack.Part
		for _, ps := range [][]pack.Part{occupation.Sources(), skill.Sources(), labour.Sources(), place.Sources()} {
			parts = append(parts, ps...)
		}
		if len(parts) < 6 || len(d.Credits.Groups[0].List) != len(parts) {
			t.Errorf("%s: %d parts listed, %d in the program", l, len(d.Credits.Groups[0].List), len(parts))
		}
		for _, p := range parts {
			name, _ := p.Name.In(l)
			who, _ := p.Publisher.In(l)
			notice, _ := p.Notice.In(l)
			for what, want := range map[string]string{"name": name, "publisher": who, "version": p.Version, "period": p.Period, "licence": p.Licence, "notice": notice, "address": p.URL} {
				if !strings.Contains(text, want) {
					t.Errorf("%s: %s: its %s %q is not shown", l, p.ID, what, want)
				}
			}
		}
		for _, face := range []string{"Noto Sans", "SIL Open Font License 1.1"} { // of the window and of what is printed
			if !strings.Contains(text, face) {
				t.Errorf("%s: %s is not named", l, face)
			}
		}
		for _, of := range Libraries {
			for _, path := range append(of.Paths, of.Licence) {
				if !strings.Contains(text, path) {
					t.Errorf("%s: %s is not named", l, path)
				}
			}
		}
		for _, s := range demo.Sources() {
			if name, _ := s.Name.In(l); !strings.Contains(text, name) {
				t.Errorf("%s: the source %s is not shown", l, s.ID)
			}
		}
		for _, g := range d.Credits.Groups {
			for _, c := range g.List {
				if c.Name == "" {
					t.Errorf("%s: a source of %q has no name", l, g.Title)
				}
				for _, f := range c.Facts {
					if strings.TrimSpace(f.Value) == "" || f.Label == "" {
						t.Errorf("%s: %s has an empty %q", l, c.Name, f.Label)
					}
				}
			}
		}
	}
}

// TestKeys: no key does two things, and every one has a name and a sentence in both languages.
//
// Rows: X-070
func TestKeys(t *testing.T) {
	seen := map[string]i18n.Key{}
	for _, k := range Shortcuts {
		name := k.Name(i18n.For(i18n.English), false) + k.Key // "=" and "+" read alike
		if other, twice := seen[name]; twice && other != k.What {
			t.Errorf("%s does %s and %s", name, other, k.What)
		}
		seen[name] = k.What
		if k.Do == DoScreen && k.Screen == "" {
			t.Errorf("%s opens no screen", name)
		}
	}
	for _, l := range i18n.Languages() {
		var lines int
		for _, g := range Keys(i18n.For(l), false) {
			for _, x := range g.Lines {
				lines++
				if x.What == "" || strings.Contains(x.What, "⟦") || len(x.Keys) == 0 {
					t.Errorf("%s: a line reads %v %q", l, x.Keys, x.What)
				}
				for _, k := range x.Keys {
					if k == "" || strings.Contains(k, "⟦") {
						t.Errorf("%s: %q has a key without a name", l, x.What)
					}
				}
			}
		}
		if lines < 20 {
			t.Errorf("%s: %d lines of keys, want all of them", l, lines)
		}
	}
	if got := (Shortcut{Key: "F", Ctrl: true}).Name(i18n.For(i18n.French), true); got != "⌘F" {
		t.Errorf("on a Mac Ctrl+F reads %q", got)
	}
}
