package record_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"passerelle/store/account"
	"passerelle/store/record"

	"pgregory.net/rapid"
)

// kind is one for tests: two sets and a map, the rest whole.
var kind = record.Kind{Name: "test", Fields: []record.Field{
	{Name: "title", Input: record.Text},
	{Name: "cities", Input: record.Strings, Policy: record.Set},
	{Name: "tags", Input: record.Strings, Policy: record.Set},
	{Name: "years", Input: record.Object, Policy: record.Map},
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
		{"map", `{"years":{"a":1,"b":2,"c":3}}`, `{"years":{"a":1,"b":5,"d":4}}`, `{"years":{"a":9,"b":2,"c":3,"e":0}}`, `{"years":{"a":9,"b":5,"d":4,"e":0}}`, ``},
		{"map, equal edits of a member", `{"years":{"a":1}}`, `{"years":{"a":2,"m":0}}`, `{"years":{"a":2.0,"t":0}}`, `{"years":{"a":2,"m":0,"t":0}}`, ``},
		{"map, a member clashes", `{"years":{"a":1}}`, `{"years":{"a":2,"m":0}}`, `{"years":{"a":3,"t":0}}`, `{"years":{"a":3,"t":0}}`, `"years"`},
		{"map, a member edited and taken away", `{"years":{"a":1,"b":1}}`, `{"years":{"b":1}}`, `{"years":{"a":2,"b":1}}`, `{"years":{"a":2,"b":1}}`, `"years"`},
		{"map from none", `{}`, `{"years":{"a":1}}`, `{"years":{"b":2}}`, `{"years":{"a":1,"b":2}}`, ``},
		{"map emptied by halves", `{"years":{"a":1,"b":2}}`, `{"years":{"a":1}}`, `{"years":{"b":2}}`, `{"years":{}}`, ``},
		{"map taken away, one added", `{"years":{"a":1}}`, `{}`, `{"years":{"a":1,"b":2}}`, `{"years":{"b":2}}`, ``},
		{"map that is none", `{"years":{"a":1}}`, `{"years":[1]}`, `{"years":{"a":1,"b":2}}`, `{"years":{"a":1,"b":2}}`, `"years"`},
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
	if name == "years" {
		return rapid.Custom(func(t *rapid.T) string {
			var all []string
			for _, m := range []string{"p", "q", "r"} {
				if rapid.Bool().Draw(t, "has "+m) {
					all = append(all, `"`+m+`": `+word.Draw(t, m))
				}
			}
			return "{" + strings.Join(all, ",") + "}"
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
		for _, name := range []string{"title", "cities", "tags", "years", "unknown", "other"} {
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
			if name == "years" {
				var was, is, got record.Doc
				for v, into := range map[*record.Doc]*record.Doc{&base: &was, &d: &is, &merged: &got} {
					if raw := (*v)[name]; raw != nil && json.Unmarshal(raw, into) != nil {
						t.Fatalf("merged what is no map: %s", raw)
					}
				}
				for m, v := range record.Diff(was, is) {
					if !record.Equal(record.Apply(nil, record.Doc{m: v}), record.Apply(nil, record.Doc{m: got[m]})) {
						t.Fatalf("%s of %s: %s = %s is lost in %s", name, side, m, v, merged[name])
					}
				}
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

// TestMergePatchRemoved: an edit of what was removed meanwhile is told, and what is removed
// stays so until somebody chooses.
func TestMergePatchRemoved(t *testing.T) {
	merged, conflicts := record.MergePatch(kind, doc(`{"title":"a"}`), doc(`{"title":"b"}`), nil)
	if merged != nil || fields(conflicts) != `""` {
		t.Errorf("edited and removed: %s, %s", shown(merged), fields(conflicts))
	}
}

// TestEqual: what is the same however it is spelled, and what is not however alike it looks.
func TestEqual(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{`1`, `1.0`, true}, {`1`, `10e-1`, true}, {`100`, `1E+2`, true}, {`-0`, `0.00e5`, true}, {`1.50`, `15e-1`, true},
		{`-1`, `1`, false}, {`1`, `"1"`, false}, {`1`, `true`, false}, {`10`, `1`, false}, {`0.1`, `0.10000000000000000555`, false},
		{`9007199254740993`, `9007199254740992`, false}, {`1e99999999999999999999`, `1e99999999999999999999`, true},
		{`1e99999999999999999999`, `-1e99999999999999999999`, false},
		{`"\u00e9"`, `"é"`, true}, {`"e\u0301"`, `"é"`, false}, {`"<"`, `"\u003c"`, true}, {`"a"`, `"A"`, false},
		{`{"a":1,"b":2}`, `{ "b" : 2 , "a" : 1 }`, true}, {`[1,2]`, `[2,1]`, false}, {`[]`, `{}`, false}, {`{"a":null}`, `{}`, false},
		{`null`, ``, true}, {`false`, ``, false}, {`""`, ``, false}, {`{`, `{`, true}, {`{`, `[`, false}, {`1 2`, `1`, false},
	} {
		a, b := record.Doc{"x": json.RawMessage(c.a)}, record.Doc{"x": json.RawMessage(c.b)}
		if c.b == "" {
			b = record.Doc{}
		}
		if record.Equal(a, b) != c.want || record.Equal(b, a) != c.want {
			t.Errorf("Equal(%s, %s) = %v, want %v", c.a, c.b, !c.want, c.want)
		}
	}
	if record.Equal(nil, record.Doc{}) || !record.Equal(nil, nil) {
		t.Error("a removed record and an empty one are the same")
	}
}

// TestDecode: what is no record, and the limits of one.
func TestDecode(t *testing.T) {
	deep := func(n int) string { // n in all, the record itself among them
		return `{"a":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + `}`
	}
	many := func(n int) string {
		all := make([]string, n)
		for i := range all {
			all[i] = fmt.Sprintf(`"f%d":1`, i)
		}
		return "{" + strings.Join(all, ",") + "}"
	}
	long := func(n int) string { return `{"a":"` + strings.Repeat("x", n-len(`{"a":""}`)) + `"}` }
	for text, ok := range map[string]bool{
		`{}`: true, ` {"a": 1} `: true, `{"a":{"b":1},"b":{"b":1}}`: true, `{"a":["b","b"]}`: true,
		``: false, `null`: false, `[]`: false, `1`: false, `"a"`: false, `{} {}`: false, `{"a":1`: false, `{"a":1}]`: false, `{"a":1,}`: false, `{"a":01}`: false,
		`{"a":1,"a":1}`: false, `{"a":{"b":1,"b":2}}`: false, `{"a":[{"b":1,"\u0062":2}]}`: false, "{\"a\":\"\xff\"}": false,
		deep(record.MaxDepth): true, deep(record.MaxDepth + 1): false, strings.Repeat("[", 100_000): false, strings.Repeat(`{"a":`, 10_000): false,
		many(record.MaxFields): true, many(record.MaxFields + 1): false,
		long(record.MaxDoc): true, long(record.MaxDoc + 1): false,
	} {
		d, err := record.Decode([]byte(text))
		if (err == nil) != ok || (d != nil) != ok || err != nil && !errors.Is(err, record.ErrDoc) {
			t.Errorf("Decode(%.60s): %v, want it taken: %v", text, err, ok)
		}
	}
	wide := record.Doc{}
	for i := range record.MaxFields + 1 {
		wide[fmt.Sprint("f", i)] = json.RawMessage("1")
	}
	if got := kind.Verify(wide, false); len(got) != 1 || got[0] != account.TooLarge.At("") {
		t.Errorf("Verify of %d fields: %v", len(wide), got)
	}
	if delete(wide, "f0"); len(kind.Verify(wide, false)) > 0 {
		t.Errorf("Verify of %d fields: %v", len(wide), kind.Verify(wide, false))
	}
	for _, raw := range []string{strings.Repeat("[", 20) + strings.Repeat("]", 20), `{"b":1,"b":2}`, `{`, "\"\xff\"", `"` + strings.Repeat("x", record.MaxDoc) + `"`} {
		if got := kind.Verify(record.Doc{"new": json.RawMessage(raw)}, false); len(got) != 1 || got[0].Field != "" {
			t.Errorf("Verify of %.40s: %v", raw, got)
		}
	}
}

// FuzzDecode: whatever comes, a record that is taken says the same when it is written and
// read again, merges with itself, and every kind can tell what it thinks of it.
func FuzzDecode(f *testing.F) {
	for _, k := range record.Kinds {
		b, err := json.Marshal(k.Example())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"experience":{"72106":1e999},"query":null,"apply":[null,1,{}],"wage":1E-9999999,"state":[]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := record.Decode(b)
		if err != nil {
			return
		}
		written, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := record.Decode(written); len(written) <= record.MaxDoc && (err != nil || !record.Equal(again, d)) {
			t.Fatalf("%s read again: %v, %s", b, err, shown(again))
		}
		for _, k := range record.Kinds {
			k.Verify(d, false)
			k.Verify(d, true)
			for name := range k.Commands {
				if done, _, err := k.Do(name, d); err == nil && k.State(done) != k.Commands[name].To {
					t.Fatalf("%s %s of %s leads to %q", name, k.Name, b, k.State(done))
				}
			}
			example := k.Example()
			patch := record.Diff(example, d)
			if got := record.Apply(example, patch); !record.Equal(got, d) {
				t.Fatalf("Apply(Diff) = %s, want %s", shown(got), shown(d))
			}
			merged, conflicts := record.Merge(k, example, d, example)
			if !record.Equal(merged, d) || conflicts != nil {
				t.Fatalf("merged with nothing: %s, %s", shown(merged), fields(conflicts))
			}
		}
	})
}
