package intake

import "fmt"

// Guard refuses an import that would remove more than a share of a source's postings
// (an empty feed must not wipe the catalogue). maxShare is 0 to 1; 0 means 0.2.
func Guard(existing, wouldRemove int, maxShare float64) error {
	if maxShare <= 0 {
		maxShare = 0.2
	}
	if wouldRemove > 0 && float64(wouldRemove) > maxShare*float64(existing) {
		return fmt.Errorf("%d of %d postings: %w", wouldRemove, existing, ErrTooManyRemovals)
	}
	return nil
}
