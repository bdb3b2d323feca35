package record

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Equal says whether two docs say the same. The order of keys, white space, escapes and the
// spelling of numbers (1, 1.0, 10e-1) do not matter; the order of an array does. A field that
// is null is one that is not there. A removed record (nil) and an empty one differ.
func Equal(a, b Doc) bool {
	if (a == nil) != (b == nil) {
		return false
	}
	for _, name := range names(a, b) {
		if !same(a[name], b[name]) {
			return false
		}
	}
	return true
}

// names are the fields of some docs, each once, in order.
func names(docs ...Doc) []string {
	var all []string
	for _, d := range docs {
		for name := range d {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// absent says whether a value is none: JSON null says what a missing field says.
func absent(v json.RawMessage) bool {
	v = bytes.TrimSpace(v)
	return len(v) == 0 || string(v) == "null"
}

func same(a, b json.RawMessage) bool {
	if absent(a) || absent(b) {
		return absent(a) && absent(b)
	}
	return bytes.Equal(a, b) || canonical(a) == canonical(b)
}

// canonical is the one spelling of a JSON value. What is no JSON is only the same as its
// own bytes: it begins with a byte that no value begins with.
func canonical(v json.RawMessage) string {
	d := json.NewDecoder(bytes.NewReader(v))
	d.UseNumber()
	var x any
	if d.Decode(&x) != nil {
		return "\x00" + string(v)
	}
	if _, err := d.Token(); err != io.EOF {
		return "\x00" + string(v)
	}
	return string(spell(nil, x))
}

func spell(b []byte, x any) []byte {
	switch x := x.(type) {
	case json.Number:
		return append(b, number(string(x))...)
	case []any:
		b = append(b, '[')
		for i, e := range x {
			if i > 0 {
				b = append(b, ',')
			}
			b = spell(b, e)
		}
		return append(b, ']')
	case map[string]any:
		keys := make([]string, 0, len(x))
		for k := range x {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		b = append(b, '{')
		for i, k := range keys {
			if i > 0 {
				b = append(b, ',')
			}
			b = spell(b, k)
			b = append(b, ':')
			b = spell(b, x[k])
		}
		return append(b, '}')
	}
	text, err := json.Marshal(x) // a string, true, false or null
	if err != nil {
		return append(b, 0)
	}
	return append(b, text...)
}

// number writes a JSON number as digits without zeros at either end, and the power of ten
// of the last one: exact, however many digits there are.
func number(text string) string {
	bare, negative := strings.CutPrefix(text, "-")
	mantissa, power, _ := strings.Cut(strings.ToLower(bare), "e")
	exponent := 0
	if power != "" {
		var err error
		if exponent, err = strconv.Atoi(power); err != nil {
			return text // a power that no int holds: as it is spelled
		}
	}
	whole, part, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+part, "0")
	exponent -= len(part)
	bare = strings.TrimRight(digits, "0")
	exponent += len(digits) - len(bare)
	if bare == "" {
		return "0"
	}
	if negative {
		bare = "-" + bare
	}
	if exponent == 0 {
		return bare
	}
	return bare + "e" + strconv.Itoa(exponent)
}
