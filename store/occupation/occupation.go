// Package occupation is the National Occupational Classification (NOC 2021): its
// five levels, and every index title in French and in English. Begin with [Title] for
// the name of a code, with [Assign] for the code of a job title, and with [Expand] for
// the words that find the same work in the other language. It holds codes, names and
// ties between them; definitions and duties are sentences, and come with a pack that
// an operator imports. It reads no disk: the tables are embedded and unpacked on first
// use, those of codes apart from those of titles, which are larger.
package occupation

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"passerelle/i18n"
	"passerelle/store/pack"
	"passerelle/store/posting"
)

//go:generate go run ./gen

// groups.zst holds codes and ties, en.zst and fr.zst titles; see gen for their lines.
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
}

var table = sync.OnceValue(func() *codes {
	c := &codes{
		title: map[string]posting.Both{}, number: map[string]uint16{},
		from: map[string][]string{}, related: map[string][]string{},
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

// Sources names what the tables were made from, for the attribution screen.
func Sources() []pack.Part {
	c, en, fr := table(), words(i18n.English), words(i18n.French)
	statcan := posting.Both{EN: "Statistics Canada", FR: "Statistique Canada"}
	ogl := "Open Government Licence – Canada 2.0"
	contains := posting.Both{
		EN: "Contains information licensed under the Open Government Licence – Canada.",
		FR: "Contient de l’information visée par la Licence du gouvernement ouvert – Canada.",
	}
	federal := len(en.federal)
	index := len(en.text) + len(fr.text) - federal - len(fr.federal)
	ties := func(m map[string][]string) (n int) {
		for _, v := range m {
			n += len(v)
		}
		return n
	}
	return []pack.Part{{
		ID: "noc-2021", Version: "NOC 2021 Version 1.0", Licence: "Statistics Canada Open Licence", Publisher: statcan,
		Name: posting.Both{
			EN: "National Occupational Classification (NOC) 2021: structure and index titles",
			FR: "Classification nationale des professions (CNP) 2021 : structure et appellations",
		},
		URL:  "https://www.statcan.gc.ca/en/subjects/standard/noc/2021/indexV1",
		Rows: len(c.title) + index,
		Notice: posting.Both{
			EN: "Adapted from Statistics Canada, NOC 2021 Version 1.0; this does not constitute an endorsement by Statistics Canada of this product.",
			FR: "Adapté de Statistique Canada, CNP 2021 version 1.0; cela ne constitue pas une approbation de ce produit par Statistique Canada.",
		},
	}, {
		ID: "noc-2016-2021", Version: "NOC 2016 V1.3 – NOC 2021 V1.0", Licence: "Statistics Canada Open Licence", Publisher: statcan,
		Name: posting.Both{
			EN: "Concordance between NOC 2016 and NOC 2021",
			FR: "Table de concordance entre la CNP 2016 et la CNP 2021",
		},
		URL:  "https://www.statcan.gc.ca/en/statistical-programs/document/noc2016v1_3-noc2021v1_0",
		Rows: ties(c.from),
		Notice: posting.Both{
			EN: "Adapted from Statistics Canada; this does not constitute an endorsement by Statistics Canada of this product.",
			FR: "Adapté de Statistique Canada; cela ne constitue pas une approbation de ce produit par Statistique Canada.",
		},
	}, {
		ID: "noc-related", Version: "NOC 2021", Licence: ogl,
		Publisher: posting.Both{EN: "Employment and Social Development Canada", FR: "Emploi et Développement social Canada"},
		Name:      posting.Both{EN: "Related occupations", FR: "Professions apparentées"},
		URL:       "https://open.canada.ca",
		Rows:      ties(c.related), Notice: contains,
	}, {
		ID: "federal-titles", Version: "NOC 2021", Licence: ogl,
		Publisher: posting.Both{EN: "Treasury Board of Canada Secretariat", FR: "Secrétariat du Conseil du Trésor du Canada"},
		Name:      posting.Both{EN: "Job titles of the federal public service", FR: "Titres de poste de la fonction publique fédérale"},
		URL:       "https://open.canada.ca",
		Rows:      federal, Notice: contains,
	}}
}
