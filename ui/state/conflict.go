package state

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/record"
)

// Conflict is the screen on what was changed here and elsewhere, differently: what it was,
// what both made of it, who and when. The person chooses, or writes a third; no clock does.
type Conflict struct {
	s *State

	Records []*Clash // oldest first
	Loaded  bool
	Busy    bool
	Err     error
	Need    bool // nothing was chosen yet, and it was asked to finish

	// Changed tells whoever draws. Nil is fine.
	Changed func()

	gen  int
	seen int // conflicts when the list was read
}

// Clash is a record with what is to be chosen of it.
type Clash struct {
	Ref    cache.Ref
	Title  string
	Who    string // who changed it elsewhere and when, in a sentence
	Fields []*Choosing

	doc record.Doc // as it is shown now
}

// Choosing is a field of which both sides stand; Name "" is the whole record, which one
// side removed.
type Choosing struct {
	Name  string
	Label string
	Sides []Standing // that can be chosen, in the order in which they are shown
	At    int        // which one; −1: none yet
	Stale bool       // it was chosen, and what stands elsewhere has changed since

	Input   record.Input
	Third   bool     // another value can be written
	Options []string // of it, in words: one of them, or several where Many
	Many    bool
	Hint    string // how it is written
	Text    string // as it is written
	On      []bool // which options are ticked
	Error   string // what is wrong with it

	kind   string
	values []string // that the options stand for
	theirs string
	open   []int64 // the conflicts of it, the oldest first
}

// Standing is one side of a field.
type Standing struct {
	Head   string   // whose it is
	Keep   string   // what choosing it is called
	Lines  []string // what it says
	Side   cache.Side
	value  json.RawMessage // of an earlier edit, which is chosen as a value of its own
	absent bool
}

func newConflict(s *State) *Conflict { return &Conflict{s: s} }

func (c *Conflict) tell() {
	if c.Changed != nil {
		c.Changed()
	}
}

// Load reads what waits for the person. What they have chosen or written so far stays, where it
// is still of the same values.
func (c *Conflict) Load() {
	p := c.s.o.Private
	if p == nil {
		c.Loaded = true
		return
	}
	c.gen++
	gen := c.gen
	c.seen = c.s.Conflicts()
	var open []cache.Conflict
	docs := map[cache.Ref]record.Doc{}
	var err error
	c.s.o.Exec.Go(func() {
		if open, err = p.Conflicts(c.s.ctx); err != nil {
			return
		}
		for _, o := range open {
			if _, ok := docs[o.Ref]; !ok {
				r, _ := p.Get(c.s.ctx, o.Ref) // one that was removed has none
				docs[o.Ref] = r.Doc
			}
		}
	}, func() {
		if gen != c.gen {
			return
		}
		c.Loaded, c.Err = true, err
		if err == nil {
			c.take(open, docs)
		}
		c.tell()
	})
}

// Moved looks again when there is more, or less, to choose than was read.
func (c *Conflict) Moved() {
	if c.Loaded && !c.Busy && c.s.Conflicts() != c.seen {
		c.Load()
	}
}

func (c *Conflict) take(open []cache.Conflict, docs map[cache.Ref]record.Doc) {
	was := map[cache.Ref]map[string]*Choosing{}
	for _, x := range c.Records {
		was[x.Ref] = map[string]*Choosing{}
		for _, f := range x.Fields {
			was[x.Ref][f.Name] = f
		}
	}
	c.Records = nil
	at := map[cache.Ref]*Clash{}
	rows := map[cache.Ref]map[string][]cache.Conflict{}
	for _, o := range open {
		if at[o.Ref] == nil {
			at[o.Ref] = &Clash{Ref: o.Ref, doc: docs[o.Ref]}
			rows[o.Ref] = map[string][]cache.Conflict{}
			c.Records = append(c.Records, at[o.Ref])
		}
		if rows[o.Ref][o.Field] == nil {
			at[o.Ref].Fields = append(at[o.Ref].Fields, &Choosing{Name: o.Field})
		}
		rows[o.Ref][o.Field] = append(rows[o.Ref][o.Field], o)
		at[o.Ref].Who = c.who(o)
	}
	for _, x := range c.Records {
		title := x.doc
		for _, f := range x.Fields {
			of := rows[x.Ref][f.Name]
			if title == nil { // one that was removed: what is left of it says its name
				for _, v := range []json.RawMessage{of[0].Mine, of[0].Base} {
					if title == nil {
						_ = json.Unmarshal(v, &title)
					}
				}
			}
			c.field(x, f, of)
			if old := was[x.Ref][f.Name]; old != nil {
				f.keep(old)
			}
		}
		x.Title = RecordTitle(c.s.words, x.Ref.Kind, title)
		k, _ := record.Find(x.Ref.Kind)
		slices.SortStableFunc(x.Fields, func(a, b *Choosing) int { return orderOf(k, a.Name) - orderOf(k, b.Name) })
	}
}

// orderOf is where a field stands in its kind; those of a newer program last.
func orderOf(k record.Kind, name string) int {
	if i := slices.IndexFunc(k.Fields, func(f record.Field) bool { return f.Name == name }); i >= 0 {
		return i
	}
	return len(k.Fields)
}

// who says who changed a record elsewhere, and when.
func (c *Conflict) who(o cache.Conflict) string {
	w, k := c.s.words, i18n.ConflictByOther
	switch {
	case o.By == "":
		return w.S(i18n.ConflictByHere)
	case o.At.IsZero():
		return w.S(i18n.ConflictByService)
	case o.By == c.s.Present.Person.ID:
		k = i18n.ConflictByYou
	}
	at := o.At.In(c.s.o.Zone)
	return w.S(k, "Date", w.Date(at)+" "+w.Clock(at))
}

// field says the sides of a field. of are the conflicts of it, the oldest first: an earlier
// edit that is still open is not lost to a later one.
func (c *Conflict) field(x *Clash, f *Choosing, of []cache.Conflict) {
	w := c.s.words
	last := of[len(of)-1]
	f.kind, f.At, f.theirs = x.Ref.Kind, -1, string(last.Theirs)
	for _, o := range of {
		f.open = append(f.open, o.N)
	}
	there, keepThere := i18n.ConflictTheirs, i18n.ConflictKeepTheirs
	if last.By == "" { // what stands is the person's own, of after it was found
		there, keepThere = i18n.ConflictMineSince, i18n.ConflictKeepSince
	}
	side := func(head, keep i18n.Key, s cache.Side, v json.RawMessage) Standing {
		st := Standing{Head: w.S(head), Keep: w.S(keep), Side: s, absent: v == nil, value: v}
		switch {
		case f.Name == "" && v == nil:
			st.Lines = []string{w.S(i18n.ConflictGone)}
		case v == nil:
			st.Lines = []string{w.S(i18n.ConflictAbsent)}
		case f.Name == "":
			var d record.Doc
			if json.Unmarshal(v, &d) == nil {
				for _, fact := range DocWords(w, f.kind, d, c.s.o.Zone) {
					st.Lines = append(st.Lines, w.S(i18n.FactLine, "Label", fact.Label, "Value", fact.Value))
				}
			}
			if len(st.Lines) == 0 {
				st.Lines = []string{w.S(i18n.RecordvalueNone)}
			}
		default:
			st.Lines = ValueWords(w, f.kind, f.Name, v, c.s.o.Zone)
		}
		return st
	}
	if f.Name == "" {
		f.Label = w.S(i18n.ConflictRemovedThere)
		mine, theirs := i18n.ConflictKeepRecord, i18n.ConflictKeepRemoved
		if last.Mine == nil {
			f.Label = w.S(i18n.ConflictRemovedHere)
			mine, theirs = i18n.ConflictKeepRemove, i18n.ConflictKeepThere
		}
		if last.Base != nil {
			f.Sides = append(f.Sides, side(i18n.ConflictBase, i18n.ConflictKeepBefore, cache.Base, last.Base))
		}
		f.Sides = append(f.Sides, side(i18n.ConflictMine, mine, cache.Mine, last.Mine), side(i18n.ConflictTheirs, theirs, cache.Theirs, last.Theirs))
		return
	}
	f.Label = FieldWord(w, f.kind, f.Name)
	f.Sides = append(f.Sides, side(i18n.ConflictBase, i18n.ConflictKeepBase, cache.Base, last.Base))
	for _, o := range of[:len(of)-1] {
		f.Sides = append(f.Sides, side(i18n.ConflictMineEarlier, i18n.ConflictKeepEarlier, cache.Other, o.Mine))
	}
	f.Sides = append(f.Sides, side(i18n.ConflictMine, i18n.ConflictKeepMine, cache.Mine, last.Mine),
		side(there, keepThere, cache.Theirs, last.Theirs))
	c.third(x, f, last)
}

// listed are the forms whose values come from lists: they are ticked, never typed.
func listed(f record.Form) bool {
	switch f {
	case record.Skill, record.NOC, record.Where, record.Row, record.Province, record.Country, record.Waiver:
		return true
	}
	return false
}

// third says how another value is written, beginning with the person's own.
func (c *Conflict) third(x *Clash, f *Choosing, of cache.Conflict) {
	w, field := c.s.words, fieldOf(f.kind, f.Name)
	f.Input = field.Input
	if _, known := record.Find(f.kind); !known || field.Input == "" {
		return
	}
	var text string
	var n int64
	_ = json.Unmarshal(of.Mine, &text) // another kind of value leaves it empty
	_ = json.Unmarshal(of.Mine, &n)
	switch f.Input {
	case record.Text, record.Area, record.Day:
		if listed(field.Form) {
			f.options(w, field, false, of.Mine, of.Theirs, of.Base)
			break
		}
		f.Third, f.Text = true, text
		if f.Input == record.Day {
			f.Hint = w.S(i18n.ConflictDay)
		}
	case record.Number, record.Money:
		f.Third = true
		if of.Mine != nil {
			f.Text = strconv.FormatInt(n, 10)
		}
		switch {
		case f.Input == record.Money:
			f.Hint = w.S(i18n.ConflictMoney)
			if of.Mine != nil {
				f.Text = w.Decimal(float64(n)/100, 2)
			}
		case inMinutes(f.Name):
			f.Hint = w.S(i18n.ConflictHours)
			if of.Mine != nil {
				f.Text = numberWord(w, field, n)
			}
		}
	case record.YesNo:
		f.Third = false // both values stand on the two sides
	case record.OneOf:
		f.options(w, field, false, of.Mine)
	case record.Strings:
		if len(field.Values) > 0 || listed(field.Form) {
			f.options(w, field, true, of.Mine, of.Theirs, of.Base)
			break
		}
		f.Third, f.Hint = true, w.S(i18n.ConflictOneLine)
		f.Input = record.Area
		f.Text = strings.Join(list(of.Mine), "\n")
	}
}

func list(v json.RawMessage) (all []string) {
	_ = json.Unmarshal(v, &all) // what is no list has none
	return all
}

// options lists the values that can be ticked: those that the kind knows, and those of every
// side. What is ticked first is what the first side says.
func (f *Choosing) options(w *i18n.Words, field record.Field, many bool, sides ...json.RawMessage) {
	f.Third, f.Many = true, many
	f.values = slices.Clone(field.Values)
	first := map[string]bool{}
	for i, v := range sides {
		all := list(v)
		var one string
		if !many && json.Unmarshal(v, &one) == nil {
			all = []string{one}
		}
		for _, x := range all {
			if i == 0 {
				first[x] = true
			}
			if !slices.Contains(f.values, x) {
				f.values = append(f.values, x)
			}
		}
	}
	f.Options, f.On = nil, nil
	for _, v := range f.values {
		text := valueWord(w, f.kind, f.Name, v)
		if field.Form != "" {
			text = formWord(w, field.Form, v)
		}
		f.Options, f.On = append(f.Options, text), append(f.On, first[v])
	}
}

// keep takes over what was chosen and written before the list was read again.
func (f *Choosing) keep(old *Choosing) {
	if old.At < 0 {
		return
	}
	if old.theirs != f.theirs || len(old.Sides) != len(f.Sides) {
		f.Stale = true
		return
	}
	f.At, f.Text, f.Error = old.At, old.Text, old.Error
	if slices.Equal(old.values, f.values) {
		f.On = old.On
	}
}

// Other is the choice of another value.
func (f *Choosing) Other() int { return len(f.Sides) }

// Pick chooses a side, or another value.
func (c *Conflict) Pick(f *Choosing, at int) {
	f.At, f.Stale, f.Error, c.Need = at, false, "", false
	c.tell()
}

// All chooses the same side of everything.
func (c *Conflict) All(side cache.Side) {
	for _, x := range c.Records {
		for _, f := range x.Fields {
			f.At = slices.IndexFunc(f.Sides, func(s Standing) bool { return s.Side == side })
			f.Stale, f.Error = false, ""
		}
	}
	c.Need = false
	c.tell()
}

// Type writes another value. One that was wrong is looked at again.
func (c *Conflict) Type(x *Clash, f *Choosing, text string) {
	f.Text = text
	if f.Error != "" {
		_, f.Error = c.value(x, f)
	}
}

// Tick ticks one of the options of another value.
func (c *Conflict) Tick(x *Clash, f *Choosing, i int, on bool) {
	if !f.Many {
		clear(f.On)
	}
	f.On[i] = on
	if f.Error != "" {
		_, f.Error = c.value(x, f)
		c.tell()
	}
}

// Chosen is how many fields have a choice, of how many.
func (c *Conflict) Chosen() (n, all int) {
	for _, x := range c.Records {
		for _, f := range x.Fields {
			if all++; f.At >= 0 {
				n++
			}
		}
	}
	return n, all
}

// value is the other value as it is kept, or what is wrong with it.
func (c *Conflict) value(x *Clash, f *Choosing) (v json.RawMessage, problem string) {
	w := c.s.words
	bad := func(code account.Code) (json.RawMessage, string) { return nil, w.S(code.Key()) }
	field := fieldOf(f.kind, f.Name)
	text := strings.TrimSpace(f.Text)
	var of any
	switch {
	case f.Options != nil:
		ticked := []string{}
		for i, on := range f.On {
			if on {
				ticked = append(ticked, f.values[i])
			}
		}
		of = ticked
		if !f.Many {
			if of = any(""); len(ticked) > 0 {
				of = ticked[0]
			}
		}
		if len(ticked) == 0 {
			of = nil
		}
	case field.Input == record.Strings:
		lines := []string{}
		for l := range strings.Lines(text) {
			if l = strings.TrimSpace(l); l != "" {
				lines = append(lines, l)
			}
		}
		if of = lines; len(lines) == 0 {
			of = nil
		}
	case text == "":
		of = nil
	case field.Input == record.Money:
		n, ok := cents(text)
		if !ok {
			return nil, f.Hint
		}
		of = n
	case field.Input == record.Number && inMinutes(f.Name):
		n, ok := minutes(text)
		if !ok {
			return nil, f.Hint
		}
		of = n
	case field.Input == record.Number:
		n, err := strconv.ParseInt(digits(text), 10, 64)
		if err != nil {
			return bad(account.BadNumber)
		}
		of = n
	default:
		of = text
	}
	if of == nil { // the field goes
		return nil, ""
	}
	v, err := json.Marshal(of)
	if err != nil || !utf8.Valid(v) {
		return bad(account.BadValue)
	}
	k, _ := record.Find(f.kind)
	for _, p := range k.Verify(record.Apply(x.doc, record.Doc{f.Name: v}), false) {
		if p.Field == f.Name || strings.HasPrefix(p.Field, f.Name+".") {
			return bad(p.Code)
		}
	}
	return v, ""
}

func inMinutes(field string) bool {
	return strings.HasPrefix(field, "minutes") || field == "overtime_after"
}

// digits takes the spaces out of a number as people write it.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '\u202f' {
			return -1
		}
		return r
	}, text)
}

// cents reads an amount in dollars, written in either language: 1 234,50 and $1,234.50.
func cents(text string) (int64, bool) {
	text = strings.Trim(digits(text), "$")
	if i := strings.LastIndexAny(text, ",."); i >= 0 {
		whole, part := strings.NewReplacer(",", "", ".", "").Replace(text[:i]), text[i+1:]
		if len(part) == 3 && text[i] == ',' { // $1,234
			whole, part = whole+part, ""
		}
		if len(part) > 2 {
			return 0, false
		}
		text = whole + "." + part
	}
	v, err := strconv.ParseFloat(strings.TrimSuffix(text, "."), 64)
	if err != nil || v < 0 || v > 1e12 || math.IsNaN(v) {
		return 0, false
	}
	return int64(math.Round(v * 100)), true
}

// minutes reads hours: 37 h 30, 37:30, 37,5.
func minutes(text string) (int64, bool) {
	text = strings.ToLower(digits(text))
	if h, m, ok := strings.Cut(strings.Replace(text, "h", ":", 1), ":"); ok {
		hours, err := strconv.ParseInt(h, 10, 32)
		if err != nil || hours < 0 {
			return 0, false
		}
		if m == "" {
			return hours * 60, true
		}
		rest, err := strconv.ParseInt(m, 10, 32)
		return hours*60 + rest, err == nil && rest >= 0 && rest < 60
	}
	v, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	if err != nil || v < 0 || v > 1e6 || math.IsNaN(v) {
		return 0, false
	}
	return int64(math.Round(v * 60)), true
}

// Finish keeps what was chosen: an edit like any other. What was not chosen stays open. done
// is told how many fields are settled; 0: something has to be mended first.
func (c *Conflict) Finish(done func(settled int)) {
	p := c.s.o.Private
	if p == nil || c.Busy {
		return
	}
	type settled struct {
		ref     cache.Ref
		choices map[string]cache.Choice
	}
	var all []settled
	n, wrong := 0, false
	for _, x := range c.Records {
		choices, earlier := map[string]cache.Choice{}, []settled{}
		for _, f := range x.Fields {
			switch {
			case f.At < 0:
				continue
			case f.At == f.Other():
				var v json.RawMessage
				if v, f.Error = c.value(x, f); f.Error != "" {
					wrong = true
					continue
				}
				choices[f.Name] = cache.Choice{Side: cache.Other, Value: v}
			case f.Sides[f.At].Side == cache.Other:
				choices[f.Name] = cache.Choice{Side: cache.Other, Value: f.Sides[f.At].value}
			default:
				choices[f.Name] = cache.Choice{Side: f.Sides[f.At].Side}
			}
			// One value was chosen of all that were shown: earlier ones that are still open
			// go with it, after it.
			last := len(f.open) - 1
			chosen := choices[f.Name]
			chosen.N = f.open[last]
			choices[f.Name] = chosen
			for _, o := range f.open[:last] {
				earlier = append(earlier, settled{x.Ref, map[string]cache.Choice{f.Name: {N: o, Side: cache.Theirs}}})
			}
			n++
		}
		if len(choices) > 0 {
			all = append(append(all, settled{x.Ref, choices}), earlier...)
		}
	}
	if c.Need = n == 0 && !wrong; c.Need || wrong {
		c.tell()
		done(0)
		return
	}
	c.Busy, c.Err = true, nil
	c.tell()
	var err error
	c.s.o.Exec.Go(func() {
		for _, x := range all {
			if err = p.Resolve(c.s.ctx, x.ref, x.choices); errors.Is(err, cache.ErrNotFound) {
				err = nil // it went with what was chosen before it
			}
			if err != nil {
				return
			}
		}
	}, func() {
		c.Busy = false
		if err != nil {
			c.Err, n = err, 0
			c.tell()
			done(0)
			return
		}
		c.Records = nil // what is left is read again
		c.s.Tell()
		c.Load()
		done(n)
	})
}

// Problem says what went wrong, "" when nothing did.
func (c *Conflict) Problem() string {
	if c.Err == nil {
		return ""
	}
	return c.s.words.S(i18n.ConflictFailed) + " " + PrivateProblem(c.s.words, c.Err)
}
