package occupation

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"passerelle/i18n"
	"passerelle/store/posting"
)

// Tables of our own. aligned.tsv has a title or two for every unit group, the same in
// both languages wherever such titles exist; common.tsv a short name for the commonest;
// said.tsv what people say and the index does not: it tells the unit group, and is no heading.
var (
	//go:embed aligned.tsv
	alignedFile string
	//go:embed common.tsv
	commonFile string
	//go:embed said.tsv
	saidFile string
)

// Aligned is a unit group with titles that people use for it, chosen by hand.
type Aligned struct {
	NOC      string
	Employed int64 // people in Canada in 2023, in hundreds; at least 3
	Same     bool  // the titles say the same in both languages
	Titles   []Wording
}

// Wording is one job title.
type Wording struct {
	FR, EN              string // FR names both genders, as in "Serveur/serveuse de banquet"
	Masculine, Feminine string // in French
}

// Commonly lists the unit groups in order, each with the titles that people use for it.
func Commonly() []Aligned { return slices.Clone(ours().list) }

// pair is a title in both languages, of a unit group.
type pair struct {
	noc string
	posting.Both
}

// own holds what the tables of our own say, ready to be asked.
type own struct {
	list   []Aligned
	named  map[i18n.Lang]map[string]string   // code and folded title → that title, whole
	other  map[i18n.Lang]map[string]string   // code and folded title of that language → the other's
	common map[string]posting.Both           // code → short name
	known  map[i18n.Lang]map[string][]uint16 // folded title → unit groups
}

var ours = sync.OnceValue(func() *own {
	o, err := readOurs()
	if err != nil {
		panic(fmt.Errorf("occupation: %w", err)) // a broken table is a broken build
	}
	return o
})

func readOurs() (*own, error) {
	both := func() map[i18n.Lang]map[string]string {
		return map[i18n.Lang]map[string]string{i18n.French: {}, i18n.English: {}}
	}
	o := &own{named: both(), other: both(), common: map[string]posting.Both{}, known: map[i18n.Lang]map[string][]uint16{i18n.French: {}, i18n.English: {}}}
	tie := func(noc string, t posting.Both, named, same bool) {
		for l, title := range map[i18n.Lang]string{i18n.French: t.FR, i18n.English: t.EN} {
			across := t.EN
			if l == i18n.English {
				across = t.FR
			}
			for _, half := range append(Halves(title), title) {
				key := noc + Fold(half)
				if named {
					o.know(l, key[5:], table().number[noc])
				}
				if _, ok := o.named[l][key]; named && !ok {
					o.named[l][key] = title
				}
				if _, ok := o.other[l][key]; same && !ok {
					o.other[l][key] = across
				}
			}
		}
	}
	list, err := fields(alignedFile, 4)
	if err != nil {
		return nil, fmt.Errorf("aligned: %w", err)
	}
	for _, f := range list {
		n, err := strconv.ParseInt(f[1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("aligned: %s: %w", f[0], err)
		}
		fr, loose := strings.CutPrefix(f[2], "*")
		a := Aligned{NOC: f[0], Employed: n, Same: !loose}
		frs, ens := strings.Split(fr, ";"), strings.Split(f[3], ";")
		if len(frs) != len(ens) {
			return nil, fmt.Errorf("aligned: %s: %d titles in French and %d in English", f[0], len(frs), len(ens))
		}
		for i := range frs {
			t := genders(frs[i])
			t.EN = capital(ens[i])
			a.Titles = append(a.Titles, t)
			tie(a.NOC, posting.Both{FR: t.FR, EN: t.EN}, true, a.Same)
		}
		o.list = append(o.list, a)
	}
	for _, p := range table().pairs {
		tie(p.noc, p.Both, false, true)
	}
	if list, err = fields(saidFile, 3); err != nil {
		return nil, fmt.Errorf("said: %w", err)
	}
	for _, f := range list {
		unit, ok := table().number[f[0]]
		if !ok {
			return nil, fmt.Errorf("said: %s is no unit group", f[0])
		}
		for i, l := range []i18n.Lang{i18n.French, i18n.English} {
			for t := range strings.SplitSeq(f[i+1], ";") {
				if f := Fold(t); f != "" {
					o.know(l, f, unit)
				}
			}
		}
	}
	if list, err = fields(commonFile, 3); err != nil {
		return nil, fmt.Errorf("common: %w", err)
	}
	for _, f := range list {
		o.common[f[0]] = posting.Both{FR: f[1], EN: f[2]}
	}
	return o, nil
}

func (o *own) know(l i18n.Lang, f string, unit uint16) {
	if !slices.Contains(o.known[l][f], unit) {
		o.known[l][f] = append(o.known[l][f], unit)
	}
}

// fields reads a table of ours: tabs between fields, # before a comment.
func fields(file string, width int) ([][]string, error) {
	var out [][]string
	n := 0
	for l := range strings.Lines(file) {
		n++
		l = strings.TrimRight(l, "\n")
		if l == "" || l[0] == '#' {
			continue
		}
		f := strings.Split(l, "\t")
		if len(f) != width {
			return nil, fmt.Errorf("line %d: %d fields, want %d", n, len(f), width)
		}
		out = append(out, f)
	}
	return out, nil
}

// genders writes "{serveur/serveuse} de banquet" in its three forms.
func genders(s string) Wording {
	before, rest, ok := strings.Cut(s, "{")
	if !ok {
		return Wording{FR: capital(s), Masculine: capital(s), Feminine: capital(s)}
	}
	both, after, _ := strings.Cut(rest, "}")
	m, f, _ := strings.Cut(both, "/")
	return Wording{FR: capital(before + both + after), Masculine: capital(before + m + after), Feminine: capital(before + f + after)}
}

// capital writes the first letter as a heading has it.
func capital(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s[:min(len(s), 4)])[0]
	return strings.ToUpper(string(r)) + s[len(string(r)):]
}
