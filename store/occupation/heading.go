package occupation

import (
	"sort"
	"strings"
	"sync"

	"passerelle/i18n"
	"passerelle/store/posting"
)

// Heading is how a posting of a unit group is titled in each language: by the
// title of that unit group that the posting's own title names; where it names none, by
// the title that says the same as what it names in the other language; else by a common
// name, or by the title of the unit group. own is what the source wrote: it chooses
// among titles and is never given back. The zero value when the unit group is unknown.
func Heading(noc string, own posting.Both) posting.Both {
	unit, ok := table().number[noc]
	if !ok {
		return posting.Both{}
	}
	if len(own.FR) > longestTitle || len(own.EN) > longestTitle {
		own = posting.Both{} // no title is that long
	}
	key := heading{unit, own}
	if h, ok := headings.get(key); ok {
		return h
	}
	fr, en := words(i18n.French).called(unit, noc, own.FR), words(i18n.English).called(unit, noc, own.EN)
	group, common := Title(noc), ours().common[noc]
	h := posting.Both{
		FR: capital(first(fr, across(i18n.English, noc, en), common.FR, group.FR)),
		EN: capital(first(en, across(i18n.French, noc, fr), common.EN, group.EN)),
	}
	headings.put(key, h)
	return h
}

func first(of ...string) string {
	for _, s := range of {
		if s != "" {
			return s
		}
	}
	return ""
}

// heading is what a heading is asked for.
type heading struct {
	unit uint16
	own  posting.Both
}

// headings remembers what was asked: a list draws the same rows again and again.
var headings memory

// memory holds some thousands of answers and then begins anew, which costs less than
// knowing which of them is the oldest.
type memory struct {
	mu  sync.Mutex
	has map[heading]posting.Both
}

const mostRemembered = 4096

func (m *memory) get(k heading) (posting.Both, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h, ok := m.has[k]
	return h, ok
}

func (m *memory) put(k heading, h posting.Both) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.has == nil || len(m.has) >= mostRemembered {
		m.has = make(map[heading]posting.Both)
	}
	m.has[k] = h
}

// wholes are the titles that name both genders, as published; index.full says which.
var wholes = map[i18n.Lang]func() []string{
	i18n.English: sync.OnceValue(func() []string { return strings.Split(unpack("en-whole"), "\n") }),
	i18n.French:  sync.OnceValue(func() []string { return strings.Split(unpack("fr-whole"), "\n") }),
}

func (x *index) whole(i int) string {
	if n := x.full[i]; n > 0 {
		return wholes[x.lang]()[n-1]
	}
	return x.text[i]
}

// across gives the title that says in the other language what one of a unit group says.
func across(from i18n.Lang, noc, title string) string {
	if title == "" {
		return ""
	}
	for _, half := range Halves(title) {
		if t, ok := ours().other[from][noc+Fold(half)]; ok {
			return t
		}
	}
	return ""
}

// called gives the title of a unit group that a posting's own title names; "" for none.
// It looks for the title as it is, then for what stands before a dash or a bracket, then
// for the longest title that stands in it between other words, as in "night cook needed".
func (x *index) called(unit uint16, noc, title string) string {
	if title == "" {
		return ""
	}
	title = together.Replace(title)
	halves := Halves(title)
	for _, half := range halves {
		if t := x.named(unit, noc, Fold(half)); t != "" {
			return t
		}
	}
	if head := before(title); head != "" {
		halves = append(Halves(head), halves...)
		for _, half := range halves[:len(halves)-1] {
			if t := x.named(unit, noc, Fold(half)); t != "" {
				return t
			}
		}
	}
	if x.lang != i18n.French {
		// "labourer, construction" is a construction labourer.
		if a, b, ok := strings.Cut(title, ","); ok {
			if t := x.named(unit, noc, Fold(b+" "+a)); t != "" {
				return t
			}
		}
	}
	for _, half := range halves {
		if t := x.inner(unit, noc, Fold(half)); t != "" {
			return t
		}
	}
	return ""
}

// together writes in one word what the index does.
var together = strings.NewReplacer("co-ordinat", "coordinat", "Co-ordinat", "Coordinat", "CO-ORDINAT", "COORDINAT")

// before gives what stands before the first dash, bracket or the like, "" when that is
// all of the title or nothing.
func before(title string) string {
	end := len(title)
	for _, mark := range [...]string{" - ", " – ", " — ", "–", "—", " (", ",", ":", ";", " |", "|", " / "} {
		if i := strings.Index(title[:end], mark); i > 0 {
			end = i
		}
	}
	if end == len(title) {
		return ""
	}
	return title[:end]
}

// named gives the title of a unit group that is f, as it is or in the plural, or of which
// f is all that stands before " - ", when there is one such title only.
func (x *index) named(unit uint16, noc, f string) string {
	for ; f != ""; f = x.singular(f) {
		if i, ok := x.of(unit, f); ok {
			return x.whole(i)
		}
		if t, ok := ours().named[x.lang][noc+f]; ok {
			return t
		}
		if t := x.opens(unit, f); t != "" {
			return t
		}
	}
	return ""
}

// of finds a title of a unit group.
func (x *index) of(unit uint16, f string) (int, bool) {
	g := x.group[unit]
	j := sort.Search(len(g), func(j int) bool { return x.fold[g[j]] >= f })
	for ; j < len(g) && x.fold[g[j]] == f; j++ {
		if i := int(g[j]); x.mark[i] != 'f' {
			return i, true
		}
	}
	return 0, false
}

// opens gives the title of which f is all that stands before " - ", when it is the only one.
func (x *index) opens(unit uint16, f string) string {
	g, only := x.group[unit], ""
	for j := sort.Search(len(g), func(j int) bool { return x.fold[g[j]] > f }); j < len(g); j++ {
		i := int(g[j])
		if !strings.HasPrefix(x.fold[i], f) {
			break
		}
		if int(x.stop[i]) != len(f) || x.mark[i] == 'f' {
			continue
		}
		if t := x.whole(i); only == "" {
			only = t
		} else if only != t {
			return ""
		}
	}
	return only
}

// singular takes the sign of the plural off the first word that has one in French, off
// the last in English, which is where titles name the work; "" when there is none.
func (x *index) singular(f string) string {
	ws := strings.Split(f, " ")
	for j := range ws {
		if x.lang != i18n.French {
			j = len(ws) - 1 - j
		}
		w := ws[j]
		if len(w) < 4 || !strings.HasSuffix(w, "s") || strings.HasSuffix(w, "ss") || small[x.lang][w] {
			if x.lang == i18n.French && small[x.lang][w] {
				return "" // "préposés aux bénéficiaires": what follows stays
			}
			continue
		}
		ws[j] = w[:len(w)-1]
		return strings.Join(ws, " ")
	}
	return ""
}

// inner gives the longest title of a unit group that stands in f between other words.
func (x *index) inner(unit uint16, noc, f string) string {
	for ; f != ""; f = x.singular(f) {
		best, at := 0, -1
		g := x.group[unit]
		for from := 0; from < len(f); {
			rest := f[from:]
			// Titles that rest begins with come before it, those with more of it last.
			j := sort.Search(len(g), func(j int) bool { return x.fold[g[j]] > rest })
			for j--; j >= 0; j-- {
				i := int(g[j])
				t := x.fold[i]
				n := shared(t, rest)
				if n == len(t) {
					if n > best && x.mark[i] != 'f' && (n == len(rest) || rest[n] == ' ') {
						best, at = n, i
					}
					if n <= best {
						break
					}
					continue
				}
				// Nothing between here and the titles that end within what is shared.
				if n == 0 {
					break
				}
				j = sort.Search(j, func(j int) bool { return x.fold[g[j]] > rest[:n] })
			}
			next := strings.IndexByte(rest, ' ')
			if next < 0 {
				break
			}
			from += next + 1
		}
		if at >= 0 {
			return x.whole(at)
		}
	}
	return ""
}

// shared is how many bytes two texts begin with alike.
func shared(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
