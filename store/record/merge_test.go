package record_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"passerelle/store/record"

	"pgregory.net/rapid"
)

// kind is one for tests: two sets, the rest whole.
var kind = record.Kind{Name: "test", Fields: []record.Field{
	{Name: "title", Input: record.Text},
	{Name: "cities", Input: record.Strings, Policy: record.Set},
	{Name: "tags", Input: record.Strings, Policy: record.Set},
}}

// doc reads a record; "" is one that was removed.
func doc(text string) record.Doc {
	if text == "" {
		return nil
	}
	d := record.Doc{}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		panic(fmt.Errorf("%s: %w", text, err))
	}
	return d
}

func fields(cs []record.Conflict) string {
	var all []string
	for _, c := range cs {
		all = append(all, fmt.Sprintf("%q", c.Field))
	}
	return strings.Join(all, " ")
}

// Rows: X-014
func TestMerge(t *testing.T) {
	for _, c := range []struct{ name, base, mine, theirs, want, conflicts string }{
		{"disjoint", `{"title":"a","note":"b"}`, `{"title":"A","note":"b"}`, `{"title":"a","note":"B"}`, `{"title":"A","note":"B"}`, ``},
		{"equal edits", `{"title":"a"}`, `{"title":"b"}`, `{"title":"b"}`, `{"title":"b"}`, ``},
		{"equal edits spelled otherwise", `{"x":{"a":1,"b":[1]}}`, `{"x":{"b":[2.0],"a":"é"}}`, `{"x": {"a":"\u00e9", "b":[20e-1]}}`, `{"x":{"a":"é","b":[2]}}`, ``},
		{"spelled otherwise is no edit", `{"title":"a","x":1}`, `{"title":"b","x":1.0}`, `{"title":"a","x":2}`, `{"title":"b","x":2}`, ``},
		{"different edits", `{"title":"a"}`, `{"title":"b"}`, `{"title":"c"}`, `{"title":"c"}`, `"title"`},
		{"large numbers are exact", `{"x":1}`, `{"x":9007199254740993}`, `{"x":9007199254740992}`, `{"x":9007199254740992}`, `"x"`},
		{"field taken away", `{"title":"a","x":1}`, `{"title":"a"}`, `{"title":"b","x":1}`, `{"title":"b"}`, ``},
		{"field taken away and edited", `{"title":"a"}`, `{}`, `{"title":"b"}`, `{"title":"b"}`, `"title"`},
		{"null is none", `{"title":"a"}`, `{"title":null}`, `{"title":"a","x":null}`, `{}`, ``},
		{"unknown field survives", `{"new":[1,2]}`, `{"new":[1,2],"title":"a"}`, `{"new":[1,2],"newer":{"z":1}}`, `{"new":[1,2],"newer":{"z":1},"title":"a"}`, ``},
		{"unknown array is whole", `{"new":[1]}`, `{"new":[1,2]}`, `{"new":[1,3]}`, `{"new":[1,3]}`, `"new"`},
		{"set", `{"cities":["a","b","c"]}`, `{"cities":["a","c","d"]}`, `{"cities":["e","b","a"]}`, `{"cities":["e","a","d"]}`, ``},
		{"set, both add one", `{"cities":[]}`, `{"cities":["x","m"]}`, `{"cities":["t","x"]}`, `{"cities":["t","x","m"]}`, ``},
		{"set from none", `{}`, `{"cities":["m"]}`, `{"cities":["t"]}`, `{"cities":["t","m"]}`, ``},
		{"set of objects", `{"tags":[]}`, `{"tags":[{"a":1,"b":2}]}`, `{"tags":[{"b":2.0,"a":1},3]}`, `{"tags":[{"a":1,"b":2},3]}`, ``},
		{"set emptied and none", `{"cities":["a","b"]}`, `{"cities":["a"]}`, `{"cities":["b"]}`, `{"cities":[]}`, ``},
		{"set taken away by both halves", `{"cities":["a"]}`, `{}`, `{"cities":[]}`, `{}`, ``},
		{"set taken away, one added", `{"cities":["a"]}`, `{}`, `{"cities":["a","b"]}`, `{"cities":["b"]}`, ``},
		{"set that is no array", `{"cities":["a"]}`, `{"cities":"a"}`, `{"cities":["a","b"]}`, `{"cities":["a","b"]}`, `"cities"`},
		{"new on both sides", ``, `{"title":"a","x":1}`, `{"title":"a","y":2}`, `{"title":"a","x":1,"y":2}`, ``},
		{"new on both sides, different", ``, `{"title":"a"}`, `{"title":"b"}`, `{"title":"b"}`, `"title"`},
		{"new on mine", ``, `{"title":"a"}`, ``, `{"title":"a"}`, ``},
		{"new on theirs", ``, ``, `{"title":"a"}`, `{"title":"a"}`, ``},
		{"removed on both", `{"title":"a"}`, ``, ``, ``, ``},
		{"removed by mine", `{"title":"a"}`, ``, `{"title":"a"}`, ``, ``},
		{"removed by theirs", `{"title":"a"}`, `{"title":"a"}`, ``, ``, ``},
		{"removed by mine, edited", `{"title":"a"}`, ``, `{"title":"b"}`, `{"title":"b"}`, `""`},
		{"removed by theirs, edited", `{"title":"a"}`, `{"title":"b"}`, ``, ``, `""`},
		{"emptied is not removed", `{"title":"a"}`, `{}`, ``, ``, `""`},
	} {
		got, conflicts := record.Merge(kind, doc(c.base), doc(c.mine), doc(c.theirs))
		if !record.Equal(got, doc(c.want)) {
			t.Errorf("%s: merged %s, want %s", c.name, shown(got), c.want)
		}
		if fields(conflicts) != c.conflicts {
			t.Errorf("%s: conflicts %s, want %s", c.name, fields(conflicts), c.conflicts)
		}
	}
}

func shown(d record.Doc) string {
	b, err := json.Marshal(d)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// anyValue draws values that are often the same, and often spelled in another way.
func anyValue(name string) *rapid.Generator[string] {
	word := rapid.SampledFrom([]string{`"a"`, `"b"`, `"\u0061"`, `"c"`, `1`, `1.0`, `10e-1`, `2`, `{"x":1,"y":[2]}`, `{ "y":[2.0],"x":1}`, `true`})
	if name == "cities" || name == "tags" {
		return rapid.Custom(func(t *rapid.T) string {
			if rapid.IntRange(0, 9).Draw(t, "other") == 0 {
				return word.Draw(t, "no array")
			}
			return "[" + strings.Join(rapid.SliceOfN(word, 0, 4).Draw(t, "elements"), ", ") + "]"
		})
	}
	return rapid.OneOf(word, rapid.Just("null"), rapid.Just(`["a","b"]`), rapid.Just(`["b","a"]`))
}

// anyDoc draws a record; one in ten was removed.
func anyDoc(gone bool) *rapid.Generator[record.Doc] {
	return rapid.Custom(func(t *rapid.T) record.Doc {
		if gone && rapid.IntRange(0, 9).Draw(t, "removed") == 0 {
			return nil
		}
		d := record.Doc{}
		for _, name := range []string{"title", "cities", "tags", "unknown", "other"} {
			if rapid.Bool().Draw(t, "has "+name) {
				d[name] = json.RawMessage(anyValue(name).Draw(t, name))
			}
		}
		return d
	})
}

// TestDiff holds that a patch leads where it says, and says no more than it must.
//
// Rows: X-014
func TestDiff(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, to := anyDoc(true).Draw(t, "base"), anyDoc(false).Draw(t, "doc")
		patch := record.Diff(base, to)
		if got := record.Apply(base, patch); !record.Equal(got, to) {
			t.Fatalf("Apply(%s, %s) = %s, want %s", shown(base), shown(patch), shown(got), shown(to))
		}
		if twice := record.Apply(record.Apply(base, patch), patch); !record.Equal(twice, to) {
			t.Fatalf("applied twice: %s, want %s", shown(twice), shown(to))
		}
		if len(record.Diff(to, record.Apply(to, nil))) != 0 {
			t.Fatalf("Diff of equal ones is not empty")
		}
	})
}

// TestMergeLaws holds what a merge promises, for any three records.
//
// Rows: X-014
func TestMergeLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, mine, theirs := anyDoc(true).Draw(t, "base"), anyDoc(true).Draw(t, "mine"), anyDoc(true).Draw(t, "theirs")
		was := []string{shown(base), shown(mine), shown(theirs)}
		for _, c := range []struct {
			name               string
			base, mine, theirs record.Doc
			want               record.Doc
		}{
			{"nothing theirs", base, mine, base, mine},
			{"nothing mine", base, base, theirs, theirs},
			{"the same", base, mine, mine, mine},
		} {
			if got, conflicts := record.Merge(kind, c.base, c.mine, c.theirs); !record.Equal(got, c.want) || conflicts != nil {
				t.Fatalf("%s: %s and %s, want %s and no conflict", c.name, shown(got), fields(conflicts), shown(c.want))
			}
		}
		merged, conflicts := record.Merge(kind, base, mine, theirs)
		mirror, mirrored := record.Merge(kind, base, theirs, mine)
		if fields(conflicts) != fields(mirrored) {
			t.Fatalf("conflicts %s one way, %s the other", fields(conflicts), fields(mirrored))
		}
		if len(conflicts) == 0 && !sameSets(merged, mirror) {
			t.Fatalf("merged %s one way, %s the other", shown(merged), shown(mirror))
		}
		if again, more := record.Merge(kind, theirs, merged, theirs); !record.Equal(again, merged) || more != nil {
			t.Fatalf("pushed again: %s and %s, want %s", shown(again), fields(more), shown(merged))
		}
		nothingLost(t, base, mine, theirs, merged, conflicts)
		if now := []string{shown(base), shown(mine), shown(theirs)}; fmt.Sprint(now) != fmt.Sprint(was) {
			t.Fatalf("inputs changed: %s, were %s", now, was)
		}
		for _, d := range []record.Doc{merged} {
			for name := range d {
				for i := range d[name] {
					d[name][i] = 'X'
				}
			}
		}
		for _, c := range conflicts {
			for _, v := range []json.RawMessage{c.Base, c.Mine, c.Theirs} {
				for i := range v {
					v[i] = 'X'
				}
			}
		}
		if now := []string{shown(base), shown(mine), shown(theirs)}; fmt.Sprint(now) != fmt.Sprint(was) {
			t.Fatalf("what came back shares memory with what was handed in: %s, was %s", now, was)
		}
	})
}

// sameSets compares with the order of sets left out.
func sameSets(a, b record.Doc) bool {
	if (a == nil) != (b == nil) {
		return false
	}
	_, conflicts := record.Merge(kind, nil, a, b)
	if len(conflicts) > 0 {
		return false
	}
	for _, name := range []string{"cities", "tags"} {
		if len(list(a[name])) != len(list(b[name])) {
			return false
		}
	}
	return true
}

// list is the elements of an array, each once and in one spelling.
func list(v json.RawMessage) map[string]bool {
	var all []any
	if json.Unmarshal(v, &all) != nil || all == nil {
		return nil
	}
	found := map[string]bool{}
	for _, e := range all {
		b, _ := json.Marshal(e)
		found[string(b)] = true
	}
	return found
}

// nothingLost holds that every change of either side is in the merged record or among the
// conflicts: with its own value in it.
func nothingLost(t *rapid.T, base, mine, theirs, merged record.Doc, conflicts []record.Conflict) {
	told := map[string]record.Conflict{}
	for _, c := range conflicts {
		told[c.Field] = c
	}
	if _, all := told[""]; all {
		return
	}
	for side, d := range map[string]record.Doc{"mine": mine, "theirs": theirs} {
		if d == nil && base != nil && merged != nil {
			t.Fatalf("the removal by %s is lost: %s", side, shown(merged))
		}
		for name := range record.Diff(base, d) {
			one := func(d record.Doc) record.Doc { return record.Apply(nil, record.Doc{name: d[name]}) }
			if c, ok := told[name]; ok {
				v := c.Mine
				if side == "theirs" {
					v = c.Theirs
				}
				if !record.Equal(record.Apply(nil, record.Doc{name: v}), one(d)) {
					t.Fatalf("conflict of %s shows %s as %s", name, v, side)
				}
				continue
			}
			if record.Equal(one(merged), one(d)) {
				continue
			}
			if name != "cities" && name != "tags" {
				t.Fatalf("%s of %s is lost: %s, want %s", name, side, merged[name], d[name])
			}
			was, is, got := list(base[name]), list(d[name]), list(merged[name])
			for e := range is {
				if !was[e] && !got[e] {
					t.Fatalf("%s of %s: %s was added and is not in %s", name, side, e, merged[name])
				}
			}
			for e := range was {
				if !is[e] && got[e] {
					t.Fatalf("%s of %s: %s was taken away and is in %s", name, side, e, merged[name])
				}
			}
		}
	}
}

// TestMergeOrder holds that of three desks that never clash, the order does not matter.
//
// Rows: X-014
func TestMergeOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := anyDoc(false).Draw(t, "base")
		one, two, three := anyDoc(false).Draw(t, "one"), anyDoc(false).Draw(t, "two"), anyDoc(false).Draw(t, "three")
		all := func(ds ...record.Doc) (record.Doc, bool) {
			at := base
			for _, d := range ds {
				merged, conflicts := record.Merge(kind, base, d, at)
				if len(conflicts) > 0 {
					return nil, false
				}
				at = merged
			}
			return at, true
		}
		a, okA := all(one, two, three)
		b, okB := all(three, one, two)
		if okA && okB && !sameSets(a, b) {
			t.Fatalf("%s in one order, %s in another", shown(a), shown(b))
		}
	})
}

// TestMergePatch holds that a merge with a patch and what it was made on gives what the
// whole records give.
func TestMergePatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, mine, theirs := anyDoc(false).Draw(t, "base"), anyDoc(false).Draw(t, "mine"), anyDoc(false).Draw(t, "theirs")
		patch := record.Diff(base, mine)
		was := record.Doc{}
		for name := range patch {
			if v, ok := base[name]; ok {
				was[name] = v
			}
		}
		got, told := record.MergePatch(kind, was, patch, theirs)
		want, wanted := record.Merge(kind, base, mine, theirs)
		if !record.Equal(got, want) || fields(told) != fields(wanted) {
			t.Fatalf("MergePatch: %s and %s, want %s and %s", shown(got), fields(told), shown(want), fields(wanted))
		}
	})
}
