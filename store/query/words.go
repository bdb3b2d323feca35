package query

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Node is a part of what the typed words ask. Words are taken as follows; nothing a
// person types is an error, what makes no sense is left out:
//
//   - words side by side must all stand; OR, OU or a comma give alternatives, which bind
//     less than what stands side by side; NOT, SAUF or a leading hyphen exclude the next
//     word or phrase. The four operators (and AND, ET, which change nothing) are read in
//     capitals only, for "ou", "sauf" and "not" are words too.
//   - "a phrase" stands in quotes, straight, curly or « »; one that is never closed is
//     still being typed, and its last word may go on.
//   - the last word, when nothing follows it and it has two letters or more, may go on:
//     "infirm" finds "infirmier". A space after it ends it.
//   - an article elided before a word (l', d', qu'…) is dropped outside quotes.
//   - a word with marks inside ("e-mail", "C.N.C.") is a phrase of its pieces.
//   - a number alone, with or without #, is also the number of a posting, ours or the
//     source's; a word alone with a digit in it is also the source's.
type Node struct {
	Kind   Kind
	Kids   []*Node
	Tokens []string // Phrase: one word, or several that follow each other
	Prefix bool     // Phrase: the last token may go on
	Quoted bool     // Phrase: as it stands, never widened
	Field  Field    // Phrase
	Number int64    // Number; 0: only ID
	ID     string   // Number: in lower case, the source's own
	NOC    string   // Wide: unit group whose postings match whatever they say
	Wide   int      // Wide: which of Plan.Wides
}

// Kind is the kind of a node.
type Kind uint8

// Kinds of nodes.
const (
	All    Kind = iota // every kid
	Any                // at least one kid
	Not                // not the only kid
	Phrase             // tokens in a row
	Number             // a posting's own number
	Wide               // an occupation: its NOC, or one of its kids
)

// Limits on what one search may ask; the rest of the words is left out.
const (
	maxRunes = 2000
	maxTerms = 48
)

// Parse reads typed words; nil asks for nothing in particular.
func Parse(words string) *Node { return parse(words, Anywhere) }

func parse(words string, in Field) *Node {
	if utf8.RuneCountInString(words) > maxRunes {
		words = string([]rune(words)[:maxRunes])
	}
	p := parser{in: in}
	p.read(words)
	tree := p.tree()
	if in != Anywhere {
		return tree
	}
	if id := strings.TrimPrefix(strings.TrimSpace(words), "#"); id != "" && len(id) <= maxToken &&
		!strings.ContainsFunc(id, unicode.IsSpace) && strings.ContainsFunc(id, isDigit) {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil || n < 0 {
			n = 0
		}
		number := &Node{Kind: Number, Number: n, ID: strings.ToLower(id)}
		if tree == nil {
			return number
		}
		return &Node{Kind: Any, Kids: []*Node{number, tree}}
	}
	return tree
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

type parser struct {
	in    Field
	alts  []*Node // finished alternatives
	run   []*Node // what stands side by side
	not   bool    // the next term is excluded
	terms int
}

func (p *parser) alternative() {
	if n := join(All, p.run); n != nil {
		p.alts = append(p.alts, n)
	}
	p.run, p.not = nil, false
}

func (p *parser) tree() *Node {
	p.alternative()
	return join(Any, p.alts)
}

func join(k Kind, kids []*Node) *Node {
	switch len(kids) {
	case 0:
		return nil
	case 1:
		return kids[0]
	}
	return &Node{Kind: k, Kids: kids}
}

func (p *parser) term(tokens []string, quoted, open bool) {
	not := p.not
	p.not = false
	if len(tokens) == 0 || p.terms >= maxTerms {
		return
	}
	if room := maxTerms - p.terms; len(tokens) > room {
		tokens, open = tokens[:room], false
	}
	p.terms += len(tokens)
	last := tokens[len(tokens)-1]
	n := &Node{Kind: Phrase, Tokens: tokens, Quoted: quoted, Field: p.in,
		Prefix: open && utf8.RuneCountInString(last) >= 2}
	if not {
		n.Prefix = false // "-coo" on its way to "-cook" would exclude half of everything
		n = &Node{Kind: Not, Kids: []*Node{n}}
	}
	p.run = append(p.run, n)
}

const quotes = "\"“”„«»"

func (p *parser) read(s string) {
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case unicode.IsSpace(r):
			s = s[n:]
		case r == ',' || r == ';':
			p.alternative()
			s = s[n:]
		case strings.ContainsRune(quotes, r):
			s = s[n:]
			end := strings.IndexAny(s, quotes)
			open := end < 0
			text := s
			if !open {
				_, m := utf8.DecodeRuneInString(s[end:])
				text, s = s[:end], s[end+m:]
			} else {
				s = ""
			}
			p.term(Tokens(text), true, open && text == strings.TrimRightFunc(text, unicode.IsSpace))
		case r == '-' && len(s) > 1 && s[1] != '-' && s[1] != ' ':
			p.not = true
			s = s[1:]
		default:
			end := strings.IndexFunc(s, func(r rune) bool {
				return unicode.IsSpace(r) || r == ',' || r == ';' || strings.ContainsRune(quotes, r)
			})
			word := s
			if end >= 0 {
				word, s = s[:end], s[end:]
			} else {
				s = ""
			}
			switch word {
			case "OR", "OU", "|", "||":
				p.alternative()
			case "NOT", "SAUF":
				p.not = true
			case "AND", "ET", "&", "&&", "+":
			default:
				p.term(plain(word), false, end < 0)
			}
		}
	}
}

var elided = []string{"l", "d", "j", "m", "n", "s", "t", "c", "qu", "lorsqu", "puisqu", "jusqu"}

// plain gives the tokens of one typed word, without an elided article.
func plain(word string) []string {
	ts := Tokens(word)
	if len(ts) > 1 && strings.ContainsAny(word, "'’ʼ") && slices.Contains(elided, ts[0]) {
		return ts[1:]
	}
	return ts
}

// Text is the words of a node as they are compared, to name it to a person.
func (n *Node) Text() string {
	switch n.Kind {
	case Phrase:
		return strings.Join(n.Tokens, " ")
	case Number:
		return n.ID
	case Wide:
		return ""
	}
	var ts []string
	for _, k := range n.Kids {
		if t := k.Text(); t != "" {
			ts = append(ts, t)
		}
	}
	if n.Kind == Not {
		return "-" + strings.Join(ts, " ")
	}
	if n.Kind == Any && len(n.Kids) > 0 && n.Kids[len(n.Kids)-1].Kind == Wide {
		return n.Kids[0].Text() // widened: what was typed
	}
	return strings.Join(ts, ", ")
}
