package account

import "time"

// How failures are slowed down (B-017). Nothing here is ever permanent: whoever tries
// somebody else's password makes them wait, a quarter of an hour at most.
const (
	tries        = 5  // of an account before it has to wait
	triesAddress = 20 // of an address: a family, a library, an office share one
	shortestWait = 30 * time.Second
	longestWait  = 15 * time.Minute
	quiet        = 24 * time.Hour
)

// Wait is how long the next try has to wait, after so many that failed, the last one at a
// moment: of an account or, address, of a network address. A try counts before it is
// checked, and a right password before the wait is over is refused like a wrong one. The
// wait doubles from half a minute to a quarter of an hour.
func Wait(failures int, last, now time.Time, address bool) time.Duration {
	allowed := tries
	if address {
		allowed = triesAddress
	}
	if failures < allowed || Forget(last, now) {
		return 0
	}
	wait := longestWait
	if n := failures - allowed; n < 5 {
		wait = shortestWait << n
	}
	return min(max(last.Add(wait).Sub(now), 0), wait) // a clock that was set back adds nothing
}

// Forget says whether failures are so old that the next one is the first again.
func Forget(last, now time.Time) bool { return !now.Before(last.Add(quiet)) }
