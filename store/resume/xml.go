package resume

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
)

// tag is an element of XML that remembers how it was written: what nobody changes is
// written as it was read.
type tag struct {
	name  string // with the prefix that the file gives it
	attrs []xml.Attr
	start []byte // as read; nil: made here, or changed
	parts []part
	short bool // was read as <name/>
}

// part is an element, or whatever else stands between tags, as it was written: text,
// comments, instructions.
type part struct {
	tag *tag
	raw []byte
}

// deepest is how many elements may lie inside each other.
const deepest = 100

// parseXML reads a file: what stands before the root, the root, and what follows.
func parseXML(b []byte) (before []byte, root *tag, after []byte, err error) {
	dec := xml.NewDecoder(bytes.NewReader(b))
	var open []*tag
	for {
		from := dec.InputOffset()
		t, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, nil, ErrBroken
		}
		raw := b[from:dec.InputOffset()]
		switch t := t.(type) {
		case xml.StartElement:
			if len(open) == 0 && root != nil || len(open) >= deepest {
				return nil, nil, nil, ErrBroken
			}
			e := &tag{name: full(t.Name), attrs: slices.Clone(t.Attr), start: raw, short: bytes.HasSuffix(raw, []byte("/>"))}
			if len(open) == 0 {
				root = e
			} else {
				in := open[len(open)-1]
				in.parts = append(in.parts, part{tag: e})
			}
			open = append(open, e)
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1].name != full(t.Name) {
				return nil, nil, nil, ErrBroken
			}
			open = open[:len(open)-1]
		case xml.Directive:
			return nil, nil, nil, ErrBroken // a document type: no Europass file has one
		default:
			switch {
			case len(open) > 0:
				in := open[len(open)-1]
				in.parts = append(in.parts, part{raw: raw})
			case root == nil:
				before = append(before, raw...)
			default:
				after = append(after, raw...)
			}
		}
	}
	if root == nil || len(open) > 0 {
		return nil, nil, nil, ErrBroken
	}
	return before, root, after, nil
}

func full(n xml.Name) string {
	if n.Space != "" {
		return n.Space + ":" + n.Local
	}
	return n.Local
}

// local is the name without its prefix.
func (e *tag) local() string { return e.name[strings.IndexByte(e.name, ':')+1:] }

func (e *tag) write(b *bytes.Buffer) {
	if e.start != nil && (len(e.parts) == 0) == e.short {
		b.Write(e.start)
	} else {
		b.WriteString("<" + e.name)
		for _, a := range e.attrs {
			b.WriteString(" " + full(a.Name) + `="`)
			_ = xml.EscapeText(b, []byte(a.Value)) // a buffer takes all
			b.WriteByte('"')
		}
		if len(e.parts) == 0 {
			b.WriteString("/>")
		} else {
			b.WriteByte('>')
		}
	}
	for _, p := range e.parts {
		if p.tag != nil {
			p.tag.write(b)
		} else {
			b.Write(p.raw)
		}
	}
	if len(e.parts) > 0 || e.start != nil && !e.short {
		b.WriteString("</" + e.name + ">")
	}
}

func (e *tag) String() string {
	var b bytes.Buffer
	e.write(&b)
	return b.String()
}

// kids are the elements in it of a name.
func (e *tag) kids(name string) (all []*tag) {
	if e == nil {
		return nil
	}
	for _, p := range e.parts {
		if p.tag != nil && p.tag.local() == name {
			all = append(all, p.tag)
		}
	}
	return all
}

// at is the first element at a path; nil: there is none.
func (e *tag) at(path string) *tag {
	for name := range strings.SplitSeq(path, "/") {
		all := e.kids(name)
		if len(all) == 0 {
			return nil
		}
		e = all[0]
	}
	return e
}

// text is what an element says, without what stands in elements inside it.
func (e *tag) text() string {
	if e == nil {
		return ""
	}
	var s strings.Builder
	for _, p := range e.parts {
		if p.tag != nil {
			continue
		}
		dec := xml.NewDecoder(bytes.NewReader(p.raw))
		for {
			t, err := dec.RawToken()
			if err != nil {
				break
			}
			if c, ok := t.(xml.CharData); ok {
				s.Write(c)
			}
		}
	}
	return strings.TrimSpace(s.String())
}

func (e *tag) say(path string) string { return e.at(path).text() }

func (e *tag) attr(name string) string {
	if e == nil {
		return ""
	}
	for _, a := range e.attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (e *tag) setAttr(name, value string) {
	if e.attr(name) == value {
		return
	}
	e.start = nil
	e.attrs = slices.DeleteFunc(e.attrs, func(a xml.Attr) bool { return a.Name.Local == name })
	if value != "" {
		e.attrs = append(e.attrs, xml.Attr{Name: xml.Name{Local: name}, Value: value})
	}
}

// need gives the element at a path, and makes what is missing of it, each in the place that
// the schema asks for.
func (e *tag) need(path string) *tag {
	for name := range strings.SplitSeq(path, "/") {
		inner := e.at(name)
		if inner == nil {
			inner = &tag{name: name}
			e.insert(inner)
		}
		e = inner
	}
	return e
}

// insert puts an element where the order of its parent's kind has it.
func (e *tag) insert(inner *tag) {
	at := len(e.parts)
	order := orders[e.local()]
	mine := slices.Index(order, inner.local())
	for i, p := range e.parts {
		if p.tag != nil && mine >= 0 && slices.Index(order, p.tag.local()) > mine {
			at = i
			break
		}
	}
	e.parts = slices.Insert(e.parts, at, part{tag: inner})
}

// set makes the element at a path say a text; "" takes it out. One that says so already is
// left as it is.
func (e *tag) set(path, text string) {
	text = strings.TrimSpace(text)
	if e.say(path) == text {
		return
	}
	if text == "" {
		e.drop(path)
		return
	}
	e.need(path).fill(text)
}

func (e *tag) fill(text string) {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a buffer takes all
	e.parts = []part{{raw: b.Bytes()}}
}

// drop takes the first element at a path out, and those above it that nothing is left in.
func (e *tag) drop(path string) {
	name, rest, deeper := strings.Cut(path, "/")
	inner := e.at(name)
	if inner == nil {
		return
	}
	if deeper {
		inner.drop(rest)
		if !inner.bare() {
			return
		}
	}
	e.remove(inner)
}

func (e *tag) remove(inner *tag) {
	e.parts = slices.DeleteFunc(e.parts, func(p part) bool { return p.tag == inner })
}

// bare says that an element holds nothing but spaces.
func (e *tag) bare() bool {
	for _, p := range e.parts {
		if p.tag != nil || len(bytes.TrimSpace(p.raw)) > 0 {
			return false
		}
	}
	return len(e.attrs) == 0
}
