// Package skill keeps the skill concepts that postings, profiles and drafts share: a
// concept has an id, a name in both languages, a section and the occupations that it
// belongs to. Begin with [Get] and [Tie]. The list is ours, written for this program;
// federal option ids and OaSIS codes ride along as aliases, so that real postings and
// profiles meet on the same concept (design, Skills). It reads no disk: the list is
// embedded and read at the first question.
package skill

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"passerelle/store/posting"
)

// Version is the release of the concept list. A matching score names it.
const Version = "2026.1"

//go:embed concepts.tsv
var file string

// Concept is one skill, tool, credential or condition of work.
type Concept struct {
	ID         string       // "ps:…"; it never changes and is never used again for something else
	Name       posting.Both // both are always there
	Section    posting.Kind // the section of a posting where it is usual
	NOCs       []string     // unit groups, or beginnings of their codes; none: any occupation
	Alias      []string     // ids of others for the same thing: "jb:16640" (federal option), "oasis:F01b01" (OaSIS code)
	Unofficial bool         // the French name is our translation of an official English one
}

// specific says how much of the code the concept was written for: 5 for the unit
// group itself, less for a wider group, 0 for any occupation, −1 for other ones. A
// code of fewer than five digits stands for all the unit groups under it.
func (c Concept) specific(noc string) int {
	if len(c.NOCs) == 0 {
		return 0
	}
	most := -1
	for _, n := range c.NOCs {
		if strings.HasPrefix(noc, n) || strings.HasPrefix(n, noc) {
			most = max(most, min(len(n), len(noc)))
		}
	}
	return most
}

// list is the file, and the ways in which it is asked.
type list struct {
	all  []Concept
	byID map[string]int // ids and aliases
	text map[uint64]tie
}

var load = sync.OnceValue(func() *list {
	l, err := parse(file)
	if err != nil {
		panic(fmt.Errorf("skill: %w", err)) // a broken list is a broken build
	}
	return l
})

// parse reads the list; its first lines say what the columns are.
func parse(text string) (*list, error) {
	l := &list{byID: map[string]int{}, text: map[uint64]tie{}}
	var section posting.Kind
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '[' {
			section = posting.Kind(strings.Trim(line, "[]"))
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) < 3 || len(f) > 6 || section == "" {
			return nil, fmt.Errorf("line %d: %d fields in section %q", n, len(f), section)
		}
		f = append(f, "", "", "")[:6]
		id, unofficial := strings.CutPrefix(f[0], "*")
		c := Concept{
			ID: id, Name: posting.Both{FR: f[1], EN: f[2]}, Section: section,
			NOCs: strings.Fields(f[3]), Alias: strings.Fields(f[4]), Unofficial: unofficial,
		}
		at := len(l.all)
		l.all = append(l.all, c)
		for _, key := range append([]string{id}, c.Alias...) {
			if other, twice := l.byID[key]; twice {
				return nil, fmt.Errorf("line %d: %s is already %s", n, key, l.all[other].ID)
			}
			l.byID[key] = at
		}
		if err := l.tie(at, f[5]); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return l, nil
}

// Get finds a concept by its id or by one of its aliases.
func Get(id string) (Concept, bool) {
	l := load()
	i, ok := l.byID[id]
	if !ok {
		return Concept{}, false
	}
	return l.all[i], true
}

// For gives the concepts of an occupation, those of its own unit group first, then
// those of wider groups, then those that suit any. A shorter code gives the concepts
// of every occupation under it.
func For(noc string) []Concept {
	const widest = 5
	var by [widest + 1][]Concept
	for _, c := range load().all {
		if s := c.specific(noc); s >= 0 {
			by[min(s, widest)] = append(by[min(s, widest)], c)
		}
	}
	slices.Reverse(by[:])
	return slices.Concat(by[:]...)
}

// All gives every concept, in the order of the list.
func All() []Concept { return slices.Clone(load().all) }
