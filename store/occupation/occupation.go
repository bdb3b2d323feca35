// Package occupation is the National Occupational Classification (NOC 2021): its
// five levels, and every index title in French and in English. Begin with [Title] for
// the name of a code, with [Assign] for the code of a job title, with [Heading] for how a
// posting is titled, and with [Expand] for the words that find the same work in the other
// language. It holds codes, names and ties between them; definitions and duties are
// sentences, and come with a pack that an operator imports. It reads no disk: the tables
// are embedded and unpacked on first use, or by [Warm], those of codes apart from those of
// titles, which are larger.
package occupation

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"passerelle/store/pack"
	"passerelle/store/posting"
)

//go:generate go run ./gen

// groups.zst holds codes and ties, en.zst and fr.zst titles, en-whole.zst and
// fr-whole.zst those titles that name two genders, whole; see gen for their lines.
//
//go:embed data
var data embed.FS

// codes is the table of codes: the five levels, and what is tied to what.
type codes struct {
	title   map[string]posting.Both
	unit    []string          // unit groups in order
	number  map[string]uint16 // code of a unit group → its place in unit
	broad   []string
	from    map[string][]string
	related map[string][]string
	pairs   []pair            // index titles that say the same in both languages, by unit group
	copies  map[string]string // file → version of the copy, where the publisher gives none
}

var table = sync.OnceValue(func() *codes {
	c := &codes{
		title: map[string]posting.Both{}, number: map[string]uint16{},
		from: map[string][]string{}, related: map[string][]string{}, copies: map[string]string{},
	}
	for line := range strings.Lines(unpack("groups")) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch f[0] {
		case "c":
			c.title[f[1]] = posting.Both{EN: f[2], FR: f[3]}
			switch len(f[1]) {
			case 1:
				c.broad = append(c.broad, f[1])
			case 5:
				c.number[f[1]] = uint16(len(c.unit))
				c.unit = append(c.unit, f[1])
			}
		case "2":
			c.from[f[1]] = append(c.from[f[1]], f[2])
		case "r":
			c.related[f[1]] = append(c.related[f[1]], f[2])
		case "p":
			c.pairs = append(c.pairs, pair{f[1], posting.Both{EN: f[2], FR: f[3]}})
		case "v":
			c.copies[f[1]] = f[2]
		}
	}
	return c
})

func unpack(name string) string {
	b, err := data.ReadFile("data/" + name + ".zst")
	if err == nil {
		b, err = pack.Decompress(b)
	}
	if err != nil {
		panic(fmt.Errorf("occupation: %s: %w", name, err)) // a broken table is a broken build
	}
	return string(b)
}

// Title gives the title of a code of any level, one to five digits; the zero value
// when the code is unknown. French titles name both genders, as published.
func Title(code string) posting.Both { return table().title[code] }

// TEER is the training, education, experience and responsibilities category of a
// code of two digits or more, 0 to 5; −1 when it is unknown.
func TEER(code string) int {
	if len(code) < 2 || table().title[code] == (posting.Both{}) {
		return -1
	}
	return int(code[1] - '0')
}

// UnitGroups lists the codes of the unit groups, five digits, in order.
func UnitGroups() []string { return slices.Clone(table().unit) }

// Broad lists the codes of the broad categories, one digit, in order.
func Broad() []string { return slices.Clone(table().broad) }

// From2016 gives the unit groups that replaced one of NOC 2016 (four digits), none
// when the code is unknown. Where there are several, nothing but the duties can tell
// which one is right.
func From2016(code string) []string { return slices.Clone(table().from[code]) }

// Related lists the unit groups whose work is close to that of a code, in order.
func Related(code string) []string { return slices.Clone(table().related[code]) }

// Sources names what the tables were made from, for the attribution screen. A
// version is the first digits of the SHA-256 of the copy, where its publisher gives none.
func Sources() []pack.Part {
	c := table()
	statcan := posting.Both{FR: "Statistique Canada", EN: "Statistics Canada"}
	const ogl = "OGL–Canada"
	adapted := posting.Both{
		FR: "Adapté de Statistique Canada, CNP 2021 version 1.0. Cela ne constitue pas une approbation de ce produit par Statistique Canada.",
		EN: "Adapted from Statistics Canada, NOC 2021 Version 1.0; this does not constitute an endorsement by Statistics Canada.",
	}
	contains := posting.Both{
		FR: "Contient de l’information visée par la Licence du gouvernement ouvert – Canada.",
		EN: "Contains information licensed under the Open Government Licence – Canada.",
	}
	index, federal := 0, 0
	for _, l := range languages("") {
		x := words(l)
		index += len(x.text) - x.federal
		federal += x.federal
	}
	return []pack.Part{
		{
			ID: "noc-2021",
			Name: posting.Both{
				FR: "Classification nationale des professions (CNP) 2021\u00a0: structure et titres",
				EN: "National Occupational Classification (NOC) 2021: structure and titles",
			},
			Publisher: statcan,
			Version:   "NOC 2021 1.0",
			Licence:   "Statistics Canada Open Licence",
			URL:       "https://www.statcan.gc.ca/",
			Rows:      len(c.title) + index,
			Notice:    adapted,
		},
		{
			ID: "noc-2016-2021",
			Name: posting.Both{
				FR: "Concordance entre la CNP 2016 et la CNP 2021",
				EN: "Concordance between NOC 2016 and NOC 2021",
			},
			Publisher: statcan,
			Version:   "NOC 2021 1.0",
			Licence:   "Statistics Canada Open Licence",
			URL:       "https://www.statcan.gc.ca/",
			Rows:      ties(c.from),
			Notice:    adapted,
		},
		{
			ID: "noc-related",
			Name: posting.Both{
				FR: "Professions apparentées",
				EN: "Related occupations",
			},
			Publisher: posting.Both{FR: "Gouvernement du Canada", EN: "Government of Canada"},
			Version:   c.copies["related_occupations"],
			Licence:   ogl,
			URL:       "https://open.canada.ca/",
			Rows:      ties(c.related),
			Notice:    contains,
		},
		{
			ID: "federal-titles",
			Name: posting.Both{
				FR: "Titres de poste de la fonction publique fédérale",
				EN: "Job titles of the federal public service",
			},
			Publisher: posting.Both{FR: "Gouvernement du Canada", EN: "Government of Canada"},
			Version:   c.copies["federal_title_pairs"],
			Licence:   ogl,
			URL:       "https://open.canada.ca/",
			Rows:      federal,
			Notice:    contains,
		},
	}
}

func ties(m map[string][]string) (n int) {
	for _, v := range m {
		n += len(v)
	}
	return n
}
