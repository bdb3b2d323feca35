// Package skill keeps the skill concepts that postings, profiles and drafts share: a
// concept has an id, a name in both languages, a section and the occupations that it
// belongs to. Begin with [Get] and [Tie]. The list is ours, written for this program;
// federal option ids and OaSIS names ride along as aliases, so that real postings and
// profiles meet on the same concept (design, Skills).
package skill

import (
	"passerelle/i18n"
	"passerelle/store/pack"
	"passerelle/store/posting"
)

// Version is the release of the concept list. A matching score names it.
const Version = "2026.1"

// Concept is one skill, tool, credential or condition of work.
type Concept struct {
	ID         string       // "ps:…"; it never changes and is never used again for something else
	Name       posting.Both // both are always there
	Section    posting.Kind // the section of a posting where it is usual
	NOCs       []string     // unit groups, or prefixes of the NOC; none: any occupation
	Alias      []string     // ids of others for the same thing: "jb:16640", "oasis:…"
	Unofficial bool         // one of the names is our translation of an official one
}

// Get finds a concept by its id or by one of its aliases.
func Get(id string) (Concept, bool) { return Concept{}, false }

// Tie finds the concept that a text names, by its normalised text; ok is false when
// none does: the text is then shown and never matched. An empty lang tries both.
func Tie(text string, lang i18n.Lang) (id string, ok bool) { return "", false }

// For gives the concepts of an occupation, those of its own unit group first.
func For(noc string) []Concept { return nil }

// All gives every concept, in the order of the list.
func All() []Concept { return nil }

// Sources says where the concepts come from, for the attribution screen.
func Sources() []pack.Part { return nil }
