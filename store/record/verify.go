package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"passerelle/store/account"
)

// What a record may be at most, whatever its kind.
const (
	MaxDoc    = 64 << 10 // bytes of JSON
	MaxDepth  = 8        // arrays and objects in one another, the record itself among them
	MaxFields = 200
)

const (
	mostText     = 2000 // characters, where a field says nothing else
	mostElements = 200
	mostNumber   = 1_000_000_000_000
	longest      = 200 // characters of an element of a set
)

// ErrDoc: what was read is no record.
var ErrDoc = errors.New("not a record")

// Decode reads a record that came from a file or a network: an object of at most [MaxDoc]
// bytes, [MaxDepth] deep, no name in it said twice.
func Decode(b []byte) (Doc, error) {
	if len(b) > MaxDoc || !utf8.Valid(b) || !shallow(b) {
		return nil, ErrDoc
	}
	var d Doc
	if err := json.Unmarshal(b, &d); err != nil || d == nil || len(d) > MaxFields {
		return nil, ErrDoc
	}
	return d, nil
}

// shallow says whether JSON is one value, no deeper than a record may be and each name of
// an object there once.
func shallow(b []byte) bool {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	type open struct {
		names map[string]bool // of an object
		value bool            // the next token of the object is a value
	}
	var stack []open
	for values := 0; ; {
		token, err := d.Token()
		if err == io.EOF {
			return values == 1 && len(stack) == 0
		}
		if err != nil {
			return false
		}
		delim, _ := token.(json.Delim)
		if delim == '}' || delim == ']' {
			stack = stack[:len(stack)-1]
			continue
		}
		if n := len(stack); n == 0 {
			values++
		} else if at := &stack[n-1]; at.names != nil {
			if !at.value {
				name, _ := token.(string)
				if at.names[name] {
					return false
				}
				at.names[name] = true
			}
			at.value = !at.value
		}
		switch delim {
		case '{':
			stack = append(stack, open{names: map[string]bool{}})
		case '[':
			stack = append(stack, open{})
		}
		if len(stack) > MaxDepth {
			return false
		}
	}
}

// Verify lists what has to be mended; final asks for what a submission needs, too. Fields
// that this program does not know are only asked to hold no social insurance number and,
// with all others, to be no more than a record may be.
func (k Kind) Verify(d Doc, final bool) []account.Problem {
	if b := whole(d); d == nil || len(b) > MaxDoc || !utf8.Valid(b) || !shallow(b) || len(d) > MaxFields {
		return []account.Problem{account.TooLarge.At("")}
	}
	var found []account.Problem
	right := clone(d)
	for _, f := range k.Fields {
		v := d[f.Name]
		code := account.Code("")
		switch {
		case f.empty(v):
			delete(right, f.Name)
			if final && f.Needed {
				code = account.Needed
			}
		default:
			code = f.check(v, final)
		}
		if code != "" {
			found = append(found, code.At(f.Name))
			delete(right, f.Name)
		}
	}
	if s := d[stateField]; !absent(s) && k.First != "" && !slices.Contains(k.States(), text(d, stateField)) {
		found = append(found, account.BadValue.At(stateField))
	}
	for _, name := range names(d) {
		if !told(found, name) && !k.numbered(name) && holdsSIN(d[name]) {
			found = append(found, account.HoldsSIN.At(name))
		}
	}
	if k.Check != nil {
		for _, p := range k.Check(right) {
			if !told(found, p.Field) && (final || p.Code != account.Needed) {
				found = append(found, p)
			}
		}
	}
	return found
}

func told(found []account.Problem, field string) bool {
	return slices.ContainsFunc(found, func(p account.Problem) bool { return p.Field == field })
}

// empty says whether a field has nothing in it: a blank text, or an array or an object
// without elements where there might be some.
func (f Field) empty(v json.RawMessage) bool {
	if absent(v) {
		return true
	}
	switch f.Input {
	case Strings:
		return canonical(v) == "[]"
	case Object:
		c := canonical(v)
		return c == "{}" || c == "[]" && f.Policy != Map
	case Number, Money, YesNo:
		return false
	}
	var s string
	return json.Unmarshal(v, &s) == nil && strings.TrimSpace(s) == ""
}

// check is what is wrong with a field that is there.
func (f Field) check(v json.RawMessage, final bool) account.Code {
	switch f.Input {
	case Text, Area:
		return f.checkText(v, final)
	case Day:
		var s string
		if json.Unmarshal(v, &s) != nil {
			return account.BadValue
		}
		if _, ok := account.ParseDate(s); !ok {
			return account.DateFormat
		}
	case Moment:
		var s string
		if json.Unmarshal(v, &s) != nil {
			return account.BadValue
		}
		if _, err := time.Parse(time.RFC3339, s); err != nil {
			return account.DateFormat
		}
	case Number, Money:
		n, ok := whole64(v)
		most := int64(f.Most)
		if most == 0 {
			most = mostNumber
		}
		if !ok || n < 0 || n > most {
			return account.BadNumber
		}
	case YesNo:
		if c := canonical(v); c != "true" && c != "false" {
			return account.BadValue
		}
	case OneOf:
		var s string
		if json.Unmarshal(v, &s) != nil || !slices.Contains(f.Values, s) {
			return account.BadValue
		}
	case Strings:
		return f.checkStrings(v, final)
	case Ref:
		var s string
		if json.Unmarshal(v, &s) != nil || !isRef(s) {
			return account.BadValue
		}
	case Object:
		return f.checkObject(v, final)
	}
	return ""
}

func (f Field) checkText(v json.RawMessage, final bool) account.Code {
	var s string
	if json.Unmarshal(v, &s) != nil {
		return account.BadValue
	}
	most := f.Most
	if most == 0 {
		most = mostText
	}
	if utf8.RuneCountInString(s) > most {
		return account.TooLong
	}
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && (f.Input == Text || r != '\n' && r != '\t') }) {
		return account.BadValue
	}
	return f.Form.check(s, final)
}

func (f Field) checkStrings(v json.RawMessage, final bool) account.Code {
	var all []string
	if json.Unmarshal(v, &all) != nil {
		return account.BadValue
	}
	if len(all) > f.most() {
		return account.TooManyValues
	}
	for _, s := range all {
		switch {
		case strings.TrimSpace(s) == "", strings.ContainsFunc(s, unicode.IsControl), f.Values != nil && !slices.Contains(f.Values, s):
			return account.BadValue
		case utf8.RuneCountInString(s) > longest:
			return account.TooLong
		}
		if c := f.Form.check(s, final); c != "" {
			return c
		}
	}
	return ""
}

// checkObject checks what is general: how much there is, and the keys of a map. What is in
// it is for the kind.
func (f Field) checkObject(v json.RawMessage, final bool) account.Code {
	if f.Policy != Map {
		if c := canonical(v); c[0] != '{' && c[0] != '[' {
			return account.BadValue
		}
		return ""
	}
	var all Doc
	if json.Unmarshal(v, &all) != nil {
		return account.BadValue
	}
	if len(all) > f.most() {
		return account.TooManyValues
	}
	for _, key := range names(all) {
		if c := f.Form.check(key, final); c != "" {
			return c
		}
		var s string
		if f.Values != nil && (json.Unmarshal(all[key], &s) != nil || !slices.Contains(f.Values, s)) {
			return account.BadValue
		}
	}
	return ""
}

func (f Field) most() int {
	if f.Most == 0 {
		return mostElements
	}
	return f.Most
}

// whole64 reads a whole number, however it is spelled.
func whole64(v json.RawMessage) (int64, bool) {
	text := strings.TrimSpace(string(v))
	if n, ok := small(text); ok {
		return n, true
	}
	if len(text) > 40 || !json.Valid(v) || strings.HasPrefix(text, `"`) {
		return 0, false
	}
	f, ok := new(big.Rat).SetString(shortPower(text))
	if !ok || !f.IsInt() || !f.Num().IsInt64() {
		return 0, false
	}
	return f.Num().Int64(), true
}

// small reads the digits that nearly every number is written with.
func small(text string) (n int64, ok bool) {
	if text == "" || len(text) > 15 {
		return 0, false
	}
	for _, r := range text {
		if r < '0' || r > '9' {
			return 0, false
		}
		n = n*10 + int64(r-'0')
	}
	return n, n < math.MaxInt64
}

// shortPower refuses powers of ten that would cost memory: no whole number of ours has one.
func shortPower(text string) string {
	if _, power, ok := strings.Cut(strings.ToLower(text), "e"); ok && len(strings.TrimLeft(power, "+-0")) > 2 {
		return ""
	}
	return text
}

var uuidGroups = []int{8, 4, 4, 4, 12}

// isUUID says whether a text is the id of a record or an account.
func isUUID(s string) bool {
	groups := strings.Split(s, "-")
	if len(groups) != len(uuidGroups) {
		return false
	}
	for i, g := range groups {
		if len(g) != uuidGroups[i] || strings.Trim(g, "0123456789abcdef") != "" {
			return false
		}
	}
	return true
}

// isRef says whether a text is the id of a record or an account, or the row of a posting.
func isRef(s string) bool {
	n, ok := small(s)
	return isUUID(s) || ok && n > 0
}

// numbered says whether the texts of a field are ids of another kind, so that nine digits
// in them are no social insurance number.
func (k Kind) numbered(name string) bool {
	return slices.ContainsFunc(k.Fields, func(f Field) bool {
		return f.Name == name && (f.Input == Ref || f.Form == Payroll || f.Form == Row)
	})
}

// holdsSIN says whether a text anywhere in a value holds nine digits, alone or in threes,
// that are written as a social insurance number is and pass its check.
func holdsSIN(v json.RawMessage) bool {
	digits := 0
	for _, b := range v {
		if b >= '0' && b <= '9' {
			digits++
		}
	}
	// Written as an escape, a digit has digits, too: with fewer there is nothing to read.
	return digits >= 9 && slices.ContainsFunc(texts(v), textHoldsSIN)
}

// texts are all texts of a value, names of members too, in any depth.
func texts(v json.RawMessage) []string {
	if !bytes.ContainsRune(v, '"') {
		return nil
	}
	var x any
	if json.Unmarshal(v, &x) != nil {
		return nil
	}
	var all []string
	var walk func(x any)
	walk = func(x any) {
		switch x := x.(type) {
		case string:
			all = append(all, x)
		case []any:
			for _, e := range x {
				walk(e)
			}
		case map[string]any:
			for name, e := range x {
				all = append(all, name)
				walk(e)
			}
		}
	}
	walk(x)
	return all
}

func textHoldsSIN(s string) bool {
	if isUUID(s) {
		return false
	}
	rs := []rune(s)
	digit := func(i int) bool { return i >= 0 && i < len(rs) && rs[i] >= '0' && rs[i] <= '9' }
	for start := range rs {
		if !digit(start) || digit(start-1) {
			continue
		}
		var nine []rune
		at := start
		for digit(at) && len(nine) < 9 {
			nine = append(nine, rs[at])
			at++
			if n := len(nine); (n == 3 || n == 6) && at < len(rs) && account.BareSIN(string(rs[at])) == "" {
				at++ // a space, a hyphen, a full stop
			}
		}
		if len(nine) == 9 && !digit(at) && account.LuhnHolds(string(nine)) {
			return true
		}
	}
	return false
}

// text is a field that is a text; "" when it is none.
func text(d Doc, name string) string {
	var s string
	if absent(d[name]) || json.Unmarshal(d[name], &s) != nil {
		return ""
	}
	return s
}

func quote(s string) json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil {
		return json.RawMessage(`""`) // no string fails
	}
	return b
}
