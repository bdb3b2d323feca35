package resume

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Pages is the path of the pages elsewhere, entries of the head.
const Pages = "basics.profiles"

// At is the text of a field by its path, as in "work[1].endDate", as [Finding.Path] writes
// it. A list is a line an element. "": there is no such field, or it is empty.
func (d *Document) At(path string) string {
	f := d.find(path)
	switch {
	case !f.IsValid():
	case f.Kind() == reflect.String:
		return f.String()
	default:
		if list, ok := f.Interface().([]string); ok {
			return strings.Join(list, "\n")
		}
	}
	return ""
}

// Set changes a field by its path; of a list, empty lines are none. It says whether there is
// such a field.
func (d *Document) Set(path, text string) bool {
	f := d.find(path)
	switch {
	case !f.IsValid():
		return false
	case f.Kind() == reflect.String:
		f.SetString(text)
	default:
		list, ok := f.Interface().([]string)
		if !ok {
			return false
		}
		// An element that has lines of its own is several of what is shown: it stays one
		// until it is changed.
		if strings.Join(list, "\n") == text {
			return true
		}
		f.Set(reflect.ValueOf(clean(strings.Split(text, "\n"))))
	}
	return true
}

// Entries is how many entries a list has: a section by its name, or [Pages].
func (d *Document) Entries(list string) int {
	if f := d.list(list); f.IsValid() {
		return f.Len()
	}
	return 0
}

// Add puts an empty entry at the end of a list, and gives its place; −1: there is no such list.
func (d *Document) Add(list string) int {
	f := d.list(list)
	if !f.IsValid() {
		return -1
	}
	f.Set(reflect.Append(f, reflect.Zero(f.Type().Elem())))
	return f.Len() - 1
}

// Remove takes an entry out of a list. back puts it where it was, with all that it was read
// from; nil: there was none.
func (d *Document) Remove(list string, i int) (back func()) {
	f := d.list(list)
	if !f.IsValid() || i < 0 || i >= f.Len() {
		return nil
	}
	was := reflect.New(f.Type().Elem()).Elem()
	was.Set(f.Index(i))
	f.Set(reflect.AppendSlice(reflect.AppendSlice(reflect.MakeSlice(f.Type(), 0, f.Len()), f.Slice(0, i)), f.Slice(i+1, f.Len())))
	return func() {
		f := d.list(list)
		at := min(i, f.Len())
		now := reflect.AppendSlice(reflect.MakeSlice(f.Type(), 0, f.Len()+1), f.Slice(0, at))
		f.Set(reflect.AppendSlice(reflect.Append(now, was), f.Slice(at, f.Len())))
	}
}

// Move changes the place of an entry with that of its neighbour, up (−1) or down (1), and
// says whether it had one.
func (d *Document) Move(list string, i, by int) bool {
	f := d.list(list)
	if !f.IsValid() || i < 0 || i >= f.Len() || i+by < 0 || i+by >= f.Len() {
		return false
	}
	reflect.Swapper(f.Interface())(i, i+by)
	return true
}

// MoveSection changes the place of a section with that of its neighbour in the order in which
// they are printed.
func (d *Document) MoveSection(s Section, by int) bool {
	order := d.Order()
	i := slices.Index(order, s)
	if i < 0 || i+by < 0 || i+by >= len(order) {
		return false
	}
	order[i], order[i+by] = order[i+by], order[i]
	d.SetOrder(order)
	return true
}

// list finds a list of entries.
func (d *Document) list(path string) reflect.Value {
	f := d.find(path)
	if f.IsValid() && f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct {
		return f
	}
	return reflect.Value{}
}

// find follows a path from the document on.
func (d *Document) find(path string) reflect.Value {
	if path == string(Summary) {
		path = "basics.summary"
	}
	v := reflect.ValueOf(d).Elem()
	for step := range strings.SplitSeq(path, ".") {
		name, index, indexed := strings.Cut(step, "[")
		if v.Kind() != reflect.Struct {
			return reflect.Value{}
		}
		var next reflect.Value
		fields(v, func(n string, f reflect.Value) {
			if n == name {
				next = f
			}
		})
		if !next.IsValid() {
			return next
		}
		if v = next; !indexed {
			continue
		}
		i, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
		if err != nil || v.Kind() != reflect.Slice || i < 0 || i >= v.Len() {
			return reflect.Value{}
		}
		v = v.Index(i)
	}
	return v
}

// Blank says whether an entry was begun here and nothing is in it.
func (d *Document) Blank(list string, i int) bool {
	f := d.list(list)
	return f.IsValid() && i >= 0 && i < f.Len() && kept(f.Index(i)).raw == nil && empty(f.Index(i))
}
