package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits counts what addresses or accounts send.
type limits[K comparable] struct {
	every rate.Limit
	burst int

	mu sync.Mutex
	by map[K]*rate.Limiter
}

// maxAddresses are remembered at once; those that have rested are forgotten first.
const maxAddresses = 50_000

func newLimits[K comparable](r Rate) *limits[K] {
	if r.Burst == 0 {
		r.Burst = 20
	}
	if r.Every == 0 {
		r.Every = 10 * time.Second
	}
	return &limits[K]{every: rate.Every(r.Every), burst: r.Burst, by: map[K]*rate.Limiter{}}
}

// wait is how long an address has to wait before what it sends now can be taken; 0: taken.
func (l *limits[K]) wait(from K, now time.Time) time.Duration { return l.waitFor(from, 1, now) }

// waitFor is wait of what counts for n. What could never be taken counts for all at once.
func (l *limits[K]) waitFor(from K, n int, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	lim := l.by[from]
	if lim == nil {
		if len(l.by) >= maxAddresses {
			l.forget(now)
		}
		lim = rate.NewLimiter(l.every, l.burst)
		l.by[from] = lim
	}
	r := lim.ReserveN(now, min(n, l.burst))
	if d := r.DelayFrom(now); d > 0 {
		r.CancelAt(now)
		return d
	}
	return 0
}

// forget drops the addresses that have rested, or all of them under a flood.
func (l *limits[K]) forget(now time.Time) {
	for from, lim := range l.by {
		if lim.TokensAt(now) >= float64(l.burst) {
			delete(l.by, from)
		}
	}
	if len(l.by) >= maxAddresses {
		clear(l.by)
	}
}

// asker is the address a request comes from: of IPv6 the network, since one machine has
// as many addresses of it as it likes.
func (s *Server) asker(r *http.Request) netip.Prefix {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if s.o.Forwarded {
		if all := r.Header.Values("X-Forwarded-For"); len(all) > 0 {
			last := all[len(all)-1]
			host = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
		}
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Prefix{} // all those that cannot be told apart share one measure
	}
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
