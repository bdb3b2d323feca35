package sqldb

import (
	"errors"

	"passerelle/i18n"
)

// Sentence says in words what became of a database; false when the error is of
// another kind.
func Sentence(w *i18n.Words, err error) (string, bool) {
	for _, c := range []struct {
		err error
		key i18n.Key
	}{
		{ErrFull, i18n.StoreFull}, {ErrNewer, i18n.StoreNewer}, {ErrCorrupt, i18n.StoreCorrupt}, {ErrBusy, i18n.StoreBusy},
		{ErrAgain, i18n.StoreBusy}, {ErrAway, i18n.StoreAway},
	} {
		if errors.Is(err, c.err) {
			return w.S(c.key), true
		}
	}
	return "", false
}
