package resume

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// Schema is the address of the schema that a document names.
const Schema = "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json"

// Kept is what a part was read from.
type Kept struct{ raw json.RawMessage }

// Parse reads a document of JSON Resume. It is lenient: what the schema would refuse is
// kept, and [Check] speaks of it. Errors are [ErrTooLarge], [ErrBroken] and [ErrForeign].
func Parse(b []byte) (Document, error) {
	var d Document
	switch {
	case len(b) > Most:
		return d, ErrTooLarge
	case !utf8.Valid(b) || !json.Valid(bytes.TrimPrefix(b, bom)):
		return d, ErrBroken
	}
	b = bytes.TrimPrefix(b, bom) // no JSON begins with one, and some editors write it
	if !isObject(b) {
		return d, ErrForeign
	}
	read(slices.Clone(b), reflect.ValueOf(&d).Elem())
	return d, nil
}

var bom = []byte("\ufeff")

// FromSections reads a document from its members, as the personal file keeps them.
func FromSections(sections map[string]json.RawMessage) (Document, error) {
	known := fieldNames(reflect.TypeFor[Document]())
	var ms []member
	for name, raw := range sections {
		if len(raw) == 0 {
			raw = json.RawMessage("null")
		}
		ms = append(ms, member{quote(name), name, raw})
	}
	place := func(m member) int {
		if i := slices.Index(known, m.name); i >= 0 {
			return i
		}
		return len(known)
	}
	sort.Slice(ms, func(i, j int) bool {
		if a, b := place(ms[i]), place(ms[j]); a != b {
			return a < b
		}
		return ms[i].name < ms[j].name
	})
	return Parse(object(ms, 0, true))
}

// Bytes is the document as a file. What [Parse] read comes back as it was, byte for byte,
// but for what changed.
func (d Document) Bytes() []byte { return write(reflect.ValueOf(&d).Elem(), nil, 0) }

// Sections are the members of the document, as the personal file keeps them.
func (d Document) Sections() map[string]json.RawMessage {
	all := map[string]json.RawMessage{}
	for _, m := range members(d.Bytes()) {
		all[m.name] = m.raw
	}
	return all
}

// Unknown says where the document holds what this package has no field for, as in
// "basics.image" or "work[0].x-team", in the order of the document.
func (d Document) Unknown() []string {
	var paths []string
	walk(reflect.ValueOf(&d).Elem(), "", func(path string, f reflect.Value, raw json.RawMessage) {
		if !f.IsValid() {
			paths = append(paths, path)
		}
	})
	return paths
}

// member is a member of an object: its key as written and as meant, and its value as written.
type member struct {
	key  json.RawMessage
	name string
	raw  json.RawMessage
}

func isObject(raw []byte) bool {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	return len(raw) > 0 && raw[0] == '{'
}

// members are those of a text that is valid JSON; nil when it is no object.
func members(raw []byte) (ms []member) {
	if !isObject(raw) {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if _, err := dec.Token(); err != nil {
		return nil
	}
	for dec.More() {
		from := dec.InputOffset()
		t, err := dec.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil
		}
		m := member{key: bytes.TrimLeft(raw[from:dec.InputOffset()], ", \t\r\n"), name: name}
		if err := dec.Decode(&m.raw); err != nil {
			return nil
		}
		ms = append(ms, m)
	}
	return ms
}

// elements are those of a text that is valid JSON; false when it is no array.
func elements(raw []byte) (es []json.RawMessage, ok bool) {
	return es, json.Unmarshal(raw, &es) == nil && es != nil
}

// find gives the last member of a name, which is the one that counts; -1: none.
func find(ms []member, name string) int {
	for i := len(ms) - 1; i >= 0; i-- {
		if ms[i].name == name {
			return i
		}
	}
	return -1
}

var keptType = reflect.TypeFor[Kept]()

// fields calls do with each field that has a name in JSON.
func fields(v reflect.Value, do func(name string, f reflect.Value)) {
	t := v.Type()
	for i := range t.NumField() {
		if t.Field(i).Type != keptType {
			do(t.Field(i).Tag.Get("json"), v.Field(i))
		}
	}
}

func fieldNames(t reflect.Type) (names []string) {
	fields(reflect.New(t).Elem(), func(name string, _ reflect.Value) { names = append(names, name) })
	return names
}

func kept(v reflect.Value) *Kept { return v.FieldByName("Kept").Addr().Interface().(*Kept) }

// read fills a struct from a text. A value of another type than the field's leaves it empty.
func read(raw json.RawMessage, v reflect.Value) {
	kept(v).raw = raw
	ms := members(raw)
	fields(v, func(name string, f reflect.Value) {
		if i := find(ms, name); i >= 0 {
			readField(ms[i].raw, f)
		}
	})
}

func readField(raw json.RawMessage, f reflect.Value) {
	switch {
	case f.Kind() == reflect.Struct:
		read(raw, f)
	case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct:
		es, _ := elements(raw)
		for _, e := range es {
			v := reflect.New(f.Type().Elem()).Elem()
			read(e, v)
			f.Set(reflect.Append(f, v))
		}
	default: // a string, or strings: whole or not at all
		v := reflect.New(f.Type())
		if json.Unmarshal(raw, v.Interface()) == nil {
			f.Set(v.Elem())
		}
	}
}

// suits says whether a value is of the type of a field.
func suits(raw json.RawMessage, f reflect.Value) bool {
	switch {
	case string(raw) == "null":
		return true
	case f.Kind() == reflect.Struct:
		return isObject(raw)
	case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct:
		es, ok := elements(raw)
		for _, e := range es {
			ok = ok && isObject(e)
		}
		return ok
	}
	return json.Unmarshal(raw, reflect.New(f.Type()).Interface()) == nil
}

// write writes a struct over what it was read from, or over was if it was made anew in the
// place of that.
func write(v reflect.Value, was json.RawMessage, depth int) json.RawMessage {
	raw := kept(v).raw
	if raw == nil {
		raw = was
	}
	ms := members(raw)
	changed := raw == nil
	if !isObject(raw) && raw != nil {
		if empty(v) {
			return raw // a null, a number, whatever stood there
		}
		changed = true
	}
	fields(v, func(name string, f reflect.Value) {
		i := find(ms, name)
		var old json.RawMessage
		if i >= 0 {
			old = ms[i].raw
		}
		now := writeField(f, old, depth+1)
		if bytes.Equal(now, old) {
			return
		}
		changed = true
		if now == nil { // every member of that name goes, or an older one would come forward
			ms = slices.DeleteFunc(ms, func(m member) bool { return m.name == name })
		} else if i >= 0 {
			ms[i].raw = now
		} else {
			ms = append(ms, member{quote(name), name, now})
		}
	})
	if !changed {
		return raw
	}
	return object(ms, depth, raw == nil || bytes.IndexByte(raw, '\n') >= 0)
}

// writeField gives old while a field says what old says, nil for an empty field.
func writeField(f reflect.Value, old json.RawMessage, depth int) json.RawMessage {
	switch {
	case f.Kind() == reflect.Struct:
		if old == nil && kept(f).raw == nil && empty(f) {
			return nil
		}
		return write(f, old, depth)
	case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct:
		es, _ := elements(old)
		same := len(es) == f.Len()
		var now []json.RawMessage
		for i := range f.Len() {
			e := write(f.Index(i), nil, depth+1)
			same = same && bytes.Equal(e, es[i])
			now = append(now, e)
		}
		switch {
		case same:
			return old
		case len(now) == 0:
			return nil
		}
		return array(now, depth)
	}
	was := reflect.New(f.Type())
	if old != nil && json.Unmarshal(old, was.Interface()) != nil {
		was = reflect.New(f.Type())
	}
	switch {
	case f.Kind() == reflect.String:
		if f.String() == was.Elem().String() {
			return old
		} else if f.Len() == 0 {
			return nil
		}
		return quote(f.String())
	default:
		list, before := f.Interface().([]string), was.Elem().Interface().([]string)
		if slices.Equal(list, before) {
			return old
		} else if len(list) == 0 {
			return nil
		}
		var now []json.RawMessage
		for _, s := range list {
			now = append(now, quote(s))
		}
		return array(now, depth)
	}
}

// empty says that no field of a struct holds anything.
func empty(v reflect.Value) bool {
	none := true
	fields(v, func(_ string, f reflect.Value) {
		if f.Kind() == reflect.Struct {
			none = none && empty(f)
		} else {
			none = none && f.Len() == 0
		}
	})
	return none
}

func quote(s string) json.RawMessage {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // a string always has a JSON
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// object writes members, one a line if tall; their values as they stand.
func object(ms []member, depth int, tall bool) json.RawMessage {
	var parts []json.RawMessage
	for _, m := range ms {
		part := append(slices.Clone(m.key), ':')
		if tall {
			part = append(part, ' ')
		}
		parts = append(parts, append(part, m.raw...))
	}
	return gather('{', '}', parts, depth, tall)
}

func array(es []json.RawMessage, depth int) json.RawMessage { return gather('[', ']', es, depth, true) }

func gather(from, to byte, parts []json.RawMessage, depth int, tall bool) json.RawMessage {
	b := []byte{from}
	line := func(depth int) {
		if tall && len(parts) > 0 {
			b = append(append(b, '\n'), strings.Repeat("  ", depth)...)
		}
	}
	for i, p := range parts {
		if i > 0 {
			b = append(b, ',')
		}
		line(depth + 1)
		b = append(b, p...)
	}
	line(depth)
	return append(b, to)
}

// walk calls do with all that a document was read with: the field of it, or none for a key
// that is unknown.
func walk(v reflect.Value, path string, do func(path string, f reflect.Value, raw json.RawMessage)) {
	if path != "" {
		path += "."
	}
	for _, m := range members(kept(v).raw) {
		var field reflect.Value
		fields(v, func(name string, f reflect.Value) {
			if name == m.name {
				field = f
			}
		})
		here := path + m.name
		do(here, field, m.raw)
		switch {
		case !field.IsValid():
		case field.Kind() == reflect.Struct:
			walk(field, here, do)
		case field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.Struct:
			for i := range field.Len() {
				walk(field.Index(i), fmt.Sprintf("%s[%d]", here, i), do)
			}
		}
	}
}

// without takes members out of an object, wherever it may stand.
func without(raw json.RawMessage, depth int, drop func(name string) bool) json.RawMessage {
	ms := members(raw)
	n := len(ms)
	ms = slices.DeleteFunc(ms, func(m member) bool { return drop(m.name) })
	if len(ms) == n {
		return raw
	}
	return object(ms, depth, bytes.IndexByte(raw, '\n') >= 0)
}
