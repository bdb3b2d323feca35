package replica

import (
	"time"

	"passerelle/store/cache"
)

// Cause is why a sync is asked for.
type Cause string

// Causes.
const (
	Started     Cause = "start"
	Wrote       Cause = "write"
	Hinted      Cause = "hint"
	Reconnected Cause = "reconnect"
	Asked       Cause = "asked" // by a person, who does not wait for a backoff
)

// Steady is how a person's records stand beside the server's.
type Steady struct {
	Working   bool
	Last      time.Time // when all was in step last; zero: never
	Next      time.Time // when it is tried again; zero: when something calls for it
	Err       error     // of the last try: as Private.Sync; nil: none
	Waiting   int       // mutations that have not been answered
	Parked    int       // of those that the server refused: they wait for the person
	Conflicts int
	Parts     []cache.Cursor // with the age of each partition
	Live      bool           // the server tells at once when something advanced
}
