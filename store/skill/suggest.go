package skill

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"passerelle/store/posting"
)

// Licence is what every driver's licence proves. It stands with the means of transport, and is
// held like a credential.
const Licence = "ps:valid-driver-s-licence"

// Credential says whether a concept is one that a person holds: a diploma, a licence, a
// certificate.
func (c Concept) Credential() bool { return c.Section == posting.Credentials || c.ID == Licence }

// Skill says whether a concept is something that a person can do. Conditions of work,
// benefits and the like are neither that nor a credential, and no profile has them.
func (c Concept) Skill() bool {
	switch c.Section {
	case posting.Tasks, posting.Tools, posting.Special, posting.Languages:
		return !c.Credential()
	}
	return false
}

// names are the two names of a concept as they are compared, each after a space.
var names = sync.OnceValue(func() (all [][2]string) {
	for _, c := range load().all {
		all = append(all, [2]string{" " + normal(c.Name.FR), " " + normal(c.Name.EN)})
	}
	return all
})

// Suggest completes what is being typed, from two letters on, in either language and with or
// without accents: at most n concepts that keep accepts (nil: any), of which one name has, for
// each word that is typed, a word that begins so. Those whose name begins with the first word
// come first, then short ones.
func Suggest(text string, n int, keep func(Concept) bool) []Concept {
	words := strings.Fields(normal(text))
	if len(words) == 0 || len(strings.Join(words, "")) < 2 {
		return nil
	}
	type candidate struct{ at, cost int }
	var found []candidate
	for i, both := range names() {
		best := -1
		for _, name := range both {
			if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(name, " "+w) }) {
				cost := len(name)
				if !strings.HasPrefix(name, " "+words[0]) {
					cost += 1000
				}
				if best < 0 || cost < best {
					best = cost
				}
			}
		}
		if best >= 0 && (keep == nil || keep(load().all[i])) {
			found = append(found, candidate{i, best})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int { return cmp.Or(a.cost-b.cost, a.at-b.at) })
	var out []Concept
	for _, c := range found[:min(n, len(found))] {
		out = append(out, load().all[c.at])
	}
	return out
}
