package server

import (
	"net/http"
	"time"

	"passerelle/store/account"
	"passerelle/sync/gate"
	"passerelle/sync/hub"
	"passerelle/sync/wire"
)

// data gives a person what the server keeps of them: with ?records=1 their private
// records, too.
func (s *Server) data(w http.ResponseWriter, r *http.Request) {
	now := s.o.Now()
	who, ok := s.themselves(w, r, now)
	if !ok {
		return
	}
	out, err := s.o.Gate.Data(r.Context(), who, now)
	if err == nil && r.URL.Query().Get("records") == "1" && s.o.Records != nil {
		err = s.o.Records.Data(r.Context(), as(who), &out, now)
	}
	s.answerWith(w, r, out, err)
}

// dispute attaches a note of disagreement.
func (s *Server) dispute(w http.ResponseWriter, r *http.Request) {
	now := s.o.Now()
	who, ok := s.themselves(w, r, now)
	if !ok {
		return
	}
	var in wire.Dispute
	if !s.take(w, r, &in) {
		return
	}
	out, err := s.o.Gate.Dispute(r.Context(), who, in, now)
	s.answerWith(w, r, out, err)
}

// themselves is who asks about themselves: everything, which is much, and so not often.
func (s *Server) themselves(w http.ResponseWriter, r *http.Request, now time.Time) (*gate.Caller, bool) {
	who, err := s.caller(r, now)
	if err != nil {
		s.deny(w, r, err)
		return nil, false
	}
	if wait := s.exports.wait(who.Account.ID, now); wait > 0 {
		s.refuse(w, http.StatusTooManyRequests, string(account.TooMany), wait)
		return nil, false
	}
	return who, true
}

// asker is a caller, as the hub knows them.
func as(c *gate.Caller) hub.Who {
	return hub.Who{Account: c.Account.ID, Roles: c.Account.Roles, Proven: c.Proven()}
}
