package intake

import "fmt"

// Guard refuses an import that would remove more than a share of a source's postings,
// so that an empty or broken feed does not wipe the catalogue: a person has to say yes
// first. maxShare is 0 to 1; 0 means 0.2. Up to ten removals always pass, since a small
// source may well lose half of its postings in a day.
func Guard(existing, wouldRemove int, maxShare float64) error {
	if maxShare <= 0 {
		maxShare = 0.2
	}
	if wouldRemove <= 10 && wouldRemove < existing || float64(wouldRemove) <= maxShare*float64(existing) {
		return nil
	}
	return fmt.Errorf("%w: %d of %d (at most %.0f%% without being asked)", ErrTooManyRemovals, wouldRemove, existing, maxShare*100)
}
