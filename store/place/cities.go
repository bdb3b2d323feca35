package place

import "slices"

// Cities lists the cities and boroughs of the table, the most populous first.
func Cities() []City { return slices.Clone(load().cities) }

// Codes lists the urban first halves of postal codes of a city, in order. Rural ones
// are left out: they do not tell in which town one is.
func Codes(c City) []string {
	var codes []string
	for fsa, a := range load().areas {
		if a.province == c.Province && a.city == c.Name && !a.rural() {
			codes = append(codes, fsa)
		}
	}
	slices.Sort(codes)
	return codes
}
