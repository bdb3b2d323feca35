package state

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/record"
	"passerelle/store/skill"
	"passerelle/sync/wire"
)

// Words of private records: a kind, a field or a command that this program does not know
// comes from a newer one and keeps its own name.

// word says a message whose key is put together, and whether there is one.
func word(w *i18n.Words, key string) (string, bool) {
	s := w.S(i18n.Key(strings.ReplaceAll(key, "_", "-")))
	return s, !strings.HasPrefix(s, "⟦")
}

// KindWord names a kind of record.
func KindWord(w *i18n.Words, kind string) string {
	if s, ok := word(w, "recordkind."+kind); ok {
		return s
	}
	return w.S(i18n.RecordkindOther)
}

// FieldWord names a field of a kind.
func FieldWord(w *i18n.Words, kind, field string) string {
	if s, ok := word(w, "recordfield."+kind+"."+field); ok {
		return s
	}
	if s, ok := word(w, "recordfield."+field); ok {
		return s
	}
	return field
}

// CommandWord names a command.
func CommandWord(w *i18n.Words, command string) string {
	if s, ok := word(w, "recorddo."+command); ok {
		return s
	}
	return command
}

// facetOf are the fields whose values are those of a criterion of the search.
var facetOf = map[string]query.Facet{
	"education": query.Education, "experience": query.Experience, "workplace": query.Workplace, "workplaces": query.Workplace,
	"worklang": query.WorkLang, "period": query.Period, "term": query.Term, "schedule": query.Schedule, "groups": query.Group,
}

// valueWord names one of the values of a field.
func valueWord(w *i18n.Words, kind, field, v string) string {
	if k, ok := valueKeys[facetOf[field]][v]; ok {
		return w.S(k)
	}
	if kind == "report" && field == "reason" {
		return w.S(wire.Reason(v).Key())
	}
	switch field {
	case "lang", "langs":
		if l := i18n.Lang(v); slices.Contains(i18n.Languages(), l) {
			return i18n.For(l).S(i18n.LangName)
		}
	case "months":
		if n, err := strconv.Atoi(v); err == nil {
			return w.N(i18n.RecordvalueMonths, n)
		}
	}
	if s, ok := word(w, "recordvalue."+field+"."+v); ok {
		return s
	}
	return v
}

// formWord says a text that is written as a form asks.
func formWord(w *i18n.Words, f record.Form, v string) string {
	both := posting.Both{}
	switch f {
	case record.NOC:
		both = occupation.Title(v)
	case record.Skill:
		c, _ := skill.Get(v)
		both = c.Name
	case record.Province:
		both = place.Province(v)
	case record.Where:
		if v == "CA" {
			return w.S(i18n.ScopeCanada)
		}
		both = place.Province(v)
	}
	if t, _ := both.In(w.Lang()); t != "" {
		return t
	}
	return v
}

// ValueWords says what stands in a field, a line for each value of a list; none when the
// field is not there. zone is where moments are told.
func ValueWords(w *i18n.Words, kind, field string, v json.RawMessage, zone *time.Location) []string {
	if len(v) == 0 || string(v) == "null" {
		return nil
	}
	f := fieldOf(kind, field)
	one := func(text string) string {
		switch {
		case len(f.Values) > 0 && f.Policy != record.Map, field == "state":
			return valueWord(w, kind, field, text)
		case f.Form != "":
			return formWord(w, f.Form, text)
		}
		return text
	}
	var text string
	var list []string
	var n int64
	var yes bool
	switch {
	case f.Input == record.Object:
		return objectWords(w, kind, field, v, zone)
	case json.Unmarshal(v, &text) == nil:
		if f.Input == record.Moment {
			if t, err := time.Parse(time.RFC3339, text); err == nil {
				t = t.In(zone)
				return []string{w.Date(t) + " " + w.Clock(t)}
			}
		}
		return strings.Split(one(text), "\n")
	case json.Unmarshal(v, &yes) == nil:
		if yes {
			return []string{w.S(i18n.RecordvalueYes)}
		}
		return []string{w.S(i18n.RecordvalueNo)}
	case json.Unmarshal(v, &n) == nil:
		return []string{numberWord(w, f, n)}
	case json.Unmarshal(v, &list) == nil:
		out := make([]string, len(list))
		for i, x := range list {
			out[i] = one(x)
		}
		return out
	}
	return []string{string(v)} // of a newer program, as it came
}

func numberWord(w *i18n.Words, f record.Field, n int64) string {
	switch {
	case f.Input == record.Money:
		return w.Money(n)
	case strings.HasPrefix(f.Name, "minutes"), f.Name == "overtime_after":
		return fmt.Sprintf("%d\u00a0h\u00a0%02d", n/60, n%60)
	case f.Name == "number":
		return GroupNumber(n)
	}
	return w.Number(int(n))
}

func fieldOf(kind, name string) record.Field {
	k, _ := record.Find(kind)
	for _, f := range k.Fields {
		if f.Name == name {
			return f
		}
	}
	return record.Field{Name: name}
}

// objectWords says the fields that are objects: a line for each member.
func objectWords(w *i18n.Words, kind, field string, v json.RawMessage, zone *time.Location) (lines []string) {
	var d record.Doc
	var ways []struct{ Kind, Value, Ext, Hours string }
	var q query.Query
	switch {
	case field == "apply" && json.Unmarshal(v, &ways) == nil:
		for _, x := range ways {
			name := x.Kind
			if s, ok := word(w, "recordvalue.way."+x.Kind); ok {
				name = s
			}
			lines = append(lines, w.S(i18n.RecordvalueLine, "Name", name, "Value", join(strings.ReplaceAll(x.Value, "\n", ", "), x.Ext, x.Hours)))
		}
	case field == "query" && json.Unmarshal(v, &q) == nil:
		lines = queryWords(w, q)
	case json.Unmarshal(v, &d) != nil:
		lines = []string{string(v)}
	case fieldOf(kind, field).Policy == record.Map:
		f := fieldOf(kind, field)
		for name, x := range d {
			lines = append(lines, w.S(i18n.RecordvalueLine, "Name", formWord(w, f.Form, name),
				"Value", valueWord(w, kind, field, strings.Trim(string(x), `"`))))
		}
		slices.Sort(lines)
	default: // a copy of the record itself
		for _, f := range DocWords(w, kind, d, zone) {
			lines = append(lines, w.S(i18n.RecordvalueLine, "Name", f.Label, "Value", f.Value))
		}
	}
	if len(lines) == 0 {
		lines = []string{w.S(i18n.RecordvalueNone)}
	}
	return lines
}

// queryWords says what a search asks.
func queryWords(w *i18n.Words, q query.Query) (lines []string) {
	if q.Words != "" {
		lines = append(lines, q.Words)
	}
	for f, vs := range q.Filters {
		var all []string
		for _, v := range vs {
			all = append(all, valueLabel(w, f, v, func(id string) posting.Source { return posting.Source{Name: posting.Both{FR: id, EN: id}} }))
		}
		lines = append(lines, w.S(i18n.RecordvalueLine, "Name", FacetLabel(w, f), "Value", strings.Join(all, ", ")))
	}
	slices.Sort(lines)
	if q.Near.Km > 0 {
		lines = append(lines, join(q.Near.Label, w.S(i18n.PlaceKm, "Km", w.Number(int(q.Near.Km)))))
	}
	if q.Wage.Min > 0 {
		lines = append(lines, w.S(i18n.RecordvalueLine, "Name", w.S(i18n.RecordfieldWageMin), "Value", w.Money(q.Wage.Min)))
	}
	return lines
}

// DocWords says a record, field by field, in the order of its kind; those of a newer
// program come last, under their own names.
func DocWords(w *i18n.Words, kind string, d record.Doc, zone *time.Location) (all []Fact) {
	k, _ := record.Find(kind)
	var names []string
	for _, f := range k.Fields {
		names = append(names, f.Name)
	}
	var rest []string
	for name := range d {
		if !slices.Contains(names, name) {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	for _, name := range append(names, rest...) {
		if lines := ValueWords(w, kind, name, d[name], zone); len(lines) > 0 {
			all = append(all, Fact{FieldWord(w, kind, name), strings.Join(lines, ", ")})
		}
	}
	return all
}

// titles are the fields that a record is called by, the first that says something.
var titles = map[string][]string{
	"match": {"title_fr", "title_en"}, "hidden": {"employer"}, "search": {"name"}, "alert": {"name", "email"}, "message": {"topic"}, "suggestion": {"text"},
	"posting": {"title_fr", "title_en"}, "offer": {"title"}, "employer": {"operating_fr", "operating_en", "legal"},
	"invitation": {"code"}, "grant": {"purpose"}, "note": {"on"}, "action": {"title"},
}

// RecordTitle is what a record is called: its kind, and what tells it from others.
func RecordTitle(w *i18n.Words, kind string, d record.Doc) string {
	name := KindWord(w, kind)
	fields := slices.Clone(titles[kind])
	if w.Lang() == i18n.English {
		french := func(f string) int { return len(f) - len(strings.TrimSuffix(f, "_fr")) }
		slices.SortStableFunc(fields, func(a, b string) int { return french(a) - french(b) }) // title_en before title_fr
	}
	for _, f := range fields {
		if v := ValueWords(w, kind, f, d[f], time.UTC); len(v) > 0 && strings.TrimSpace(v[0]) != "" {
			return w.S(i18n.RecordvalueTitled, "Kind", name, "Title", short(v[0]))
		}
	}
	var n int64
	if json.Unmarshal(d["number"], &n) == nil && n > 0 {
		return w.S(i18n.RecordvalueNumbered, "Kind", name, "Number", GroupNumber(n))
	}
	return name
}

// short keeps a title to a line.
func short(text string) string {
	const most = 80
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}
