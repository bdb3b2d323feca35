package server

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/wire"
)

// Partners send a browser to a sign-in partner and take it back.
type Partners interface {
	Begin(ctx context.Context, in wire.PartnerBegin, now time.Time) (wire.PartnerGo, error)
	// Back says where on the desktop's loopback the browser goes next, also after an
	// error, which is the operator's to read; "": nowhere.
	Back(ctx context.Context, query url.Values, now time.Time) (to string, err error)
}

// partner says where to send the browser.
func (s *Server) partner(w http.ResponseWriter, r *http.Request) {
	now := s.o.Now()
	if wait := s.flows.wait(s.asker(r), now); wait > 0 { // a partner is asked for its metadata on our behalf
		s.refuse(w, http.StatusTooManyRequests, string(account.TooMany), wait)
		return
	}
	var in wire.PartnerBegin
	if !s.take(w, r, &in) {
		return
	}
	way, err := s.o.Partners.Begin(r.Context(), in, now)
	if err != nil {
		s.o.Log.WarnContext(r.Context(), "begin at a sign-in partner", "err", err)
		err = &wire.Refused{Code: account.PartnerFails}
	}
	s.answerWith(w, r, way, err)
}

// partnerBack takes the browser as it comes back. What the partner said goes on sealed, to
// loopback alone; a state that is not ours goes nowhere.
func (s *Server) partnerBack(w http.ResponseWriter, r *http.Request) {
	to, err := s.o.Partners.Back(r.Context(), r.URL.Query(), s.o.Now())
	if err != nil {
		s.o.Log.WarnContext(r.Context(), "come back from a sign-in partner", "err", err)
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if to == "" {
		h.Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusBadRequest)
		for _, lang := range i18n.Languages() { // nothing says which one the person reads
			_, _ = w.Write([]byte(i18n.For(lang).S(i18n.PartnerNo) + "\n"))
		}
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}
