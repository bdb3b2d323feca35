package server

import (
	"context"
	"net/http"
	"time"

	"passerelle/sync/hub"
	"passerelle/sync/wire"
)

// Matching brings seekers and employers together.
type Matching interface {
	Mine(ctx context.Context, who hub.Who, now time.Time) (wire.Matches, error)
	Of(ctx context.Context, who hub.Who, posting string, now time.Time) (wire.Matched, error)
}

func matched(o Options) bool { return o.Gate != nil && o.Matching != nil }

// matches gives an account its own; who is not signed in has none.
func (s *Server) matches(w http.ResponseWriter, r *http.Request) {
	now := s.o.Now()
	who, ok := s.whose(w, r, now)
	if !ok {
		return
	}
	out, err := s.o.Matching.Mine(r.Context(), who, now)
	s.answerWith(w, r, out, err)
}

// seekers gives an employer those whom a posting of theirs is matched with.
func (s *Server) seekers(w http.ResponseWriter, r *http.Request) {
	now := s.o.Now()
	who, ok := s.whose(w, r, now)
	if !ok {
		return
	}
	out, err := s.o.Matching.Of(r.Context(), who, r.PathValue("posting"), now)
	s.answerWith(w, r, out, err)
}
