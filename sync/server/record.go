package server

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"passerelle/store/account"
	"passerelle/sync/hub"
	"passerelle/sync/wire"
)

// Records are the private records of accounts (design, plane B).
type Records interface {
	Push(ctx context.Context, who hub.Who, in wire.Push, now time.Time) (wire.Pushed, error)
	Pull(ctx context.Context, who hub.Who, in wire.Pull, now time.Time) (wire.Pulled, error)
	Watch(ctx context.Context, who hub.Who, now time.Time) (*hub.Watcher, error)
	// Data adds the records of an account to what it is told of itself.
	Data(ctx context.Context, who hub.Who, out *wire.MyData, now time.Time) error
}

// recorded says whether there are the routes of private records.
func recorded(o Options) bool { return o.Gate != nil && o.Records != nil }

const (
	maxCursors = 128 << 10        // bytes of a pull: hub.MaxCursors of them
	maxHints   = 8                // connections of one account
	allHints   = 5000             // of all
	hintsWrite = 10 * time.Second // after which who reads no hint is let go
)

// whose is who asks, by the access token, within what one account may ask.
func (s *Server) whose(w http.ResponseWriter, r *http.Request, now time.Time) (who hub.Who, ok bool) {
	c, err := s.caller(r, now)
	if err != nil {
		s.deny(w, r, err)
		return who, false
	}
	if wait := s.syncs.wait(c.Account.ID, now); wait > 0 {
		s.refuse(w, http.StatusTooManyRequests, string(account.TooMany), wait)
		return who, false
	}
	return as(c), true
}

func (s *Server) push(w http.ResponseWriter, r *http.Request) {
	now := s.o.Now()
	who, ok := s.whose(w, r, now)
	if !ok {
		return
	}
	var in wire.Push
	if !s.takeMost(w, r, &in, wire.MaxPush) {
		return
	}
	// Requests are cheap to count and mutations are what costs: each is a transaction, and
	// its answer is kept for weeks.
	if n := len(in.Mutations); n > 0 && n <= wire.MaxMutations {
		if wait := s.changes.waitFor(who.Account, n, now); wait > 0 {
			s.refuse(w, http.StatusTooManyRequests, string(account.TooMany), wait)
			return
		}
	}
	out, err := s.o.Records.Push(r.Context(), who, in, now)
	if errors.Is(err, wire.ErrTooLarge) {
		s.refuse(w, http.StatusRequestEntityTooLarge, wire.TooLarge, 0)
		return
	}
	s.answerWith(w, r, out, err)
}

func (s *Server) pull(w http.ResponseWriter, r *http.Request) {
	now := s.o.Now()
	who, ok := s.whose(w, r, now)
	if !ok {
		return
	}
	var in wire.Pull
	if !s.takeMost(w, r, &in, maxCursors) {
		return
	}
	out, err := s.o.Records.Pull(r.Context(), who, in, now)
	var other *wire.OtherEpoch
	switch {
	case errors.As(err, &other):
		s.refuseWith(w, http.StatusGone, wire.Refusal{Code: wire.CodeEpoch, Epoch: other.Epoch}, 0)
		return
	case errors.Is(err, hub.ErrCursors):
		s.refuse(w, http.StatusBadRequest, wire.BadRequest, 0)
		return
	}
	s.answerWith(w, r, out, err)
}

// hints says, as long as the access token holds, that something advanced: neither what,
// nor whose. It begins with one, since something may have while nobody listened. Whoever
// asks for too many waits; polling goes on meanwhile.
func (s *Server) hints(w http.ResponseWriter, r *http.Request) {
	now := s.o.Now()
	who, ok := s.whose(w, r, now)
	if !ok {
		return
	}
	if !s.listeners.enter(who.Account) {
		s.refuse(w, http.StatusTooManyRequests, string(account.TooMany), again)
		return
	}
	defer s.listeners.leave(who.Account)
	watch, err := s.o.Records.Watch(r.Context(), who, now)
	if err != nil {
		s.deny(w, r, err)
		return
	}
	defer watch.Close()
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Time{}) // a test's recorder has none
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")              // a proxy hands it on as it comes
	defer func() { _ = c.SetWriteDeadline(time.Time{}) }() // the connection may go on
	say := func(text string) bool {
		_ = c.SetWriteDeadline(time.Now().Add(hintsWrite)) // of the machine's connection
		if _, err := w.Write([]byte(text)); err != nil {
			return false
		}
		return c.Flush() == nil
	}
	if !say(wire.HintEvent) {
		return
	}
	beat := time.NewTicker(s.o.Heartbeat)
	defer beat.Stop()
	for {
		text := ""
		select {
		case <-r.Context().Done():
			return
		case <-s.listeners.closing:
			return
		case <-watch.Wake():
		case <-beat.C:
			text = wire.HintBeat
			if _, err := s.caller(r, s.o.Now()); err != nil {
				return // the token ended, or the session was revoked: the next one asks again
			}
		}
		switch moved, err := watch.Moved(r.Context(), s.o.Now()); {
		case err != nil:
			return
		case moved:
			text = wire.HintEvent
		}
		if text != "" && !say(text) {
			return
		}
	}
}

// listeners counts who waits for hints.
type listeners struct {
	closing chan struct{} // closed when the server stops
	once    sync.Once

	mu  sync.Mutex
	by  map[string]int
	all int
}

func newListeners() *listeners {
	return &listeners{closing: make(chan struct{}), by: map[string]int{}}
}

func (l *listeners) enter(account string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.by[account] >= maxHints || l.all >= allHints {
		return false
	}
	l.by[account]++
	l.all++
	return true
}

func (l *listeners) leave(account string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.by[account]--; l.by[account] == 0 {
		delete(l.by, account)
	}
}

func (l *listeners) stop() { l.once.Do(func() { close(l.closing) }) }
