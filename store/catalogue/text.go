package catalogue

import (
	"fmt"
	"unsafe"

	"passerelle/store/posting"
	"passerelle/store/query"
)

// unsafeString reads bytes as text without copying; it must not outlive them.
func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// eachText calls f with each searchable piece of details as they are stored.
func eachText(details []byte, f func([]byte)) error {
	d, err := posting.ParseDetails(details)
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	query.DetailsText(d, func(s string) { f([]byte(s)) })
	return nil
}
