package record

import (
	"bytes"
	"encoding/json"
)

// Merge brings two copies together that were edited apart from base: field by field, sets
// as sets. Where they differ beyond that, theirs stands in merged and the conflict is told.
// A nil mine or theirs is a record that was removed there: removed and edited is a conflict
// of the field "", whose values are whole records. A nil base is a record that was new on
// both sides. What comes back shares no memory with what was handed in.
func Merge(k Kind, base, mine, theirs Doc) (merged Doc, conflicts []Conflict) {
	switch {
	case Equal(mine, base), Equal(mine, theirs):
		return clone(theirs), nil
	case Equal(theirs, base):
		return clone(mine), nil
	case mine == nil || theirs == nil:
		return clone(theirs), []Conflict{{Base: whole(base), Mine: whole(mine), Theirs: whole(theirs)}}
	}
	merged = Doc{}
	for _, name := range names(base, mine, theirs) {
		value, ok := mergeValue(k.policy(name), base[name], mine[name], theirs[name])
		if !ok {
			conflicts = append(conflicts, Conflict{Field: name, Base: side(base[name]), Mine: side(mine[name]), Theirs: side(theirs[name])})
		}
		if !absent(value) {
			merged[name] = bytes.Clone(value)
		}
	}
	return merged, conflicts
}

// MergePatch is [Merge] without history: was is what stood, where a patch was made, in the
// fields that the patch names. What it does not name is theirs.
func MergePatch(k Kind, was, patch, theirs Doc) (merged Doc, conflicts []Conflict) {
	base := clone(theirs)
	if base == nil { // removed meanwhile
		base = Doc{}
	}
	for name := range patch {
		delete(base, name)
		if v := was[name]; !absent(v) {
			base[name] = bytes.Clone(v)
		}
	}
	return Merge(k, base, Apply(base, patch), theirs)
}

// Diff is the patch that leads from base to doc: fields that changed, null for those that
// went. It knows no removal of a record: to a nil doc it leads as to an empty one.
func Diff(base, doc Doc) Doc {
	patch := Doc{}
	for _, name := range names(base, doc) {
		switch {
		case same(base[name], doc[name]):
		case absent(doc[name]):
			patch[name] = json.RawMessage("null")
		default:
			patch[name] = bytes.Clone(doc[name])
		}
	}
	return patch
}

// Apply makes a patch on a copy of a doc. A field cannot be null: null takes it away.
func Apply(doc, patch Doc) Doc {
	made := clone(doc)
	if made == nil {
		made = Doc{}
	}
	for name, v := range patch {
		if absent(v) {
			delete(made, name)
		} else {
			made[name] = bytes.Clone(v)
		}
	}
	return made
}

func (k Kind) policy(name string) Policy {
	for _, f := range k.Fields {
		if f.Name == name {
			return f.Policy
		}
	}
	return Whole
}

// mergeValue merges one field; ok says whether nothing of either side is lost.
func mergeValue(p Policy, base, mine, theirs json.RawMessage) (merged json.RawMessage, ok bool) {
	switch {
	case same(mine, base), same(mine, theirs):
		return theirs, true
	case same(theirs, base):
		return mine, true
	}
	switch p {
	case Map:
		if all, ok := mergeMaps(base, mine, theirs); ok {
			return all, true
		}
	case Set:
		b, okB := elements(base)
		m, okM := elements(mine)
		t, okT := elements(theirs)
		if okB && okM && okT {
			return mergeSets(b, m, t, absent(base), absent(mine), absent(theirs)), true
		}
	}
	return theirs, false
}

// mergeMaps merges objects member by member; not ok when a member clashes, or when one is
// no object.
func mergeMaps(base, mine, theirs json.RawMessage) (merged json.RawMessage, ok bool) {
	var b, m, t Doc
	for v, into := range map[*json.RawMessage]*Doc{&base: &b, &mine: &m, &theirs: &t} {
		if !absent(*v) && json.Unmarshal(*v, into) != nil {
			return nil, false
		}
	}
	all := Doc{}
	for _, name := range names(b, m, t) {
		value, ok := mergeValue(Whole, b[name], m[name], t[name])
		if !ok {
			return nil, false
		}
		if !absent(value) {
			all[name] = value
		}
	}
	none := absent(mine)
	if none == absent(base) {
		none = absent(theirs)
	}
	if len(all) == 0 && none {
		return nil, true
	}
	return whole(all), true
}

// element of a set, and what it is known by.
type element struct {
	key   string
	value json.RawMessage
}

// elements reads an array, each element once; a field that is not there is an empty one.
func elements(v json.RawMessage) (all []element, ok bool) {
	if absent(v) {
		return nil, true
	}
	var raw []json.RawMessage
	if json.Unmarshal(v, &raw) != nil {
		return nil, false
	}
	seen := map[string]bool{}
	for _, e := range raw {
		if key := canonical(e); !seen[key] {
			seen[key] = true
			all = append(all, element{key, e})
		}
	}
	return all, true
}

func keys(of []element) map[string]bool {
	found := make(map[string]bool, len(of))
	for _, e := range of {
		found[e.key] = true
	}
	return found
}

// mergeSets keeps what neither side took away, theirs first and in their order, then what
// mine brought. An empty set and none differ as any two values do.
func mergeSets(base, mine, theirs []element, noBase, noMine, noTheirs bool) json.RawMessage {
	was, have, others := keys(base), keys(mine), keys(theirs)
	kept := []json.RawMessage{}
	for _, e := range theirs {
		if !was[e.key] || have[e.key] {
			kept = append(kept, e.value)
		}
	}
	for _, e := range mine {
		if !was[e.key] && !others[e.key] {
			kept = append(kept, e.value)
		}
	}
	none := noMine
	if noMine == noBase {
		none = noTheirs
	}
	if len(kept) == 0 && none {
		return nil
	}
	return array(kept)
}

func array(of []json.RawMessage) json.RawMessage {
	b := []byte{'['}
	for i, e := range of {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, e...)
	}
	return append(b, ']')
}

// clone is a copy without what is null.
func clone(d Doc) Doc {
	if d == nil {
		return nil
	}
	c := make(Doc, len(d))
	for name, v := range d {
		if !absent(v) {
			c[name] = bytes.Clone(v)
		}
	}
	return c
}

// side is a side of a conflict: nil when the field was not there.
func side(v json.RawMessage) json.RawMessage {
	if absent(v) {
		return nil
	}
	return bytes.Clone(v)
}

// whole is a record as a side of a conflict.
func whole(d Doc) json.RawMessage {
	if d == nil {
		return nil
	}
	b := []byte{'{'}
	for _, name := range names(d) {
		if absent(d[name]) {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			continue // no string fails
		}
		b = append(append(append(b, key...), ':'), d[name]...)
	}
	return append(b, '}')
}
