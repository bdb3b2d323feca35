package resume

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestEdit changes a document by paths: fields, lists, entries and the order of sections. What
// was read stays, byte for byte, where nothing was changed, and a removal that is taken back
// leaves no trace.
//
// Rows: X-021
func TestEdit(t *testing.T) {
	const file = `{"basics":{"name":"Ada Test","x-a":1.0},"work":[{"name":"Un","x-b":[1.0]},{"name":"Deux","highlights":["a","b\nc"]}],"meta":{"x-c":null}}`
	d := parse(t, []byte(file))
	for path, want := range map[string]string{"basics.name": "Ada Test", "work[1].name": "Deux", "work[1].highlights": "a\nb\nc", "work[2].name": "", "summary": "",
		"work": "", "work[0]": "", "nothing.at.all": "", "basics.location.city": "", "work[x].name": ""} {
		if got := d.At(path); got != want {
			t.Errorf("At(%q) = %q, want %q", path, got, want)
		}
	}
	for _, path := range []string{"work[2].name", "work", "basics", "x-a", "meta.passerelle.order[0]", "basics.name.x"} {
		if d.Set(path, "x") {
			t.Errorf("Set(%q) found a field", path)
		}
	}
	if !d.Set("work[1].highlights", "a\nb\nc") || len(d.Work[1].Highlights) != 2 {
		t.Errorf("what did not change is %q", d.Work[1].Highlights)
	}
	back := d.Remove("work", 0)
	if d.Entries("work") != 1 || d.At("work[0].name") != "Deux" || strings.Contains(string(d.Bytes()), "x-b") {
		t.Errorf("after a removal: %s", d.Bytes())
	}
	if back(); string(d.Bytes()) != file {
		t.Errorf("taken back: %s", d.Bytes())
	}
	if d.Remove("work", 2) != nil || d.Remove("nothing", 0) != nil || d.Add("basics") != -1 || d.Move("work", 0, -1) || d.Move("work", 1, 1) {
		t.Error("what is not there was changed")
	}
	if !d.Move("work", 0, 1) || d.Work[0].Name != "Deux" || !d.Move("work", 1, -1) || string(d.Bytes()) != file {
		t.Errorf("moved there and back: %s", d.Bytes())
	}
	if n := d.Add(Pages); n != 0 || !d.Set("basics.profiles[0].url", "https://exemple.ca") || d.Basics.Profiles[0].URL == "" {
		t.Errorf("added at %d: %+v", n, d.Basics.Profiles)
	}
	if !d.Set("summary", "Bref.") || d.Basics.Summary != "Bref." || !d.Set("work[0].highlights", " un \n\n deux\n") || !slices.Equal(d.Work[0].Highlights, []string{"un", "deux"}) {
		t.Errorf("set: %q, %q", d.Basics.Summary, d.Work[0].Highlights)
	}
	if !d.MoveSection(Skilled, -1) || d.Order()[2] != Skilled || d.MoveSection(Summary, -1) || d.MoveSection("none", 1) {
		t.Errorf("the order is %q", d.Order())
	}
	if !d.MoveSection(Skilled, 1) || len(d.Meta.Layout.Order) != 0 {
		t.Errorf("moved back, the order kept is %q", d.Meta.Layout.Order)
	}
}

// TestEditAny: whatever is removed and taken back, the document is the same.
func TestEditAny(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d Document
		for range rapid.IntRange(0, 6).Draw(t, "entries") {
			d.Set(fmt.Sprintf("skills[%d].name", d.Add(string(Skilled))), rapid.StringMatching(`[a-z]{0,3}`).Draw(t, "name"))
		}
		before := string(d.Bytes())
		var backs []func()
		for range rapid.IntRange(0, 6).Draw(t, "removed") {
			if b := d.Remove("skills", rapid.IntRange(-1, 6).Draw(t, "which")); b != nil {
				backs = append(backs, b)
			}
		}
		for _, b := range slices.Backward(backs) {
			b()
		}
		if got := string(d.Bytes()); got != before {
			t.Fatalf("taken back, it is %s and was %s", got, before)
		}
	})
}
