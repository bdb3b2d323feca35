package server

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/fxamacker/cbor/v2"

	"passerelle/store/sqldb"
	"passerelle/sync/hub"
	"passerelle/sync/wire"
)

// again is when to come back after a failure that may pass.
const again = time.Minute

// report takes a report in. Nothing says who sent it.
func (s *Server) report(w http.ResponseWriter, r *http.Request) {
	now := s.o.Now()
	if wait := s.limits.wait(s.asker(r), now); wait > 0 {
		s.reports.WithLabelValues(wire.TooMany).Inc()
		s.refuse(w, http.StatusTooManyRequests, wire.TooMany, wait)
		return
	}
	rep, status, code := read(r)
	if code == "" {
		var answer []byte
		var err error
		if answer, err = s.o.Bank.Report(r.Context(), rep, now); err == nil {
			s.reports.WithLabelValues("filed").Inc()
			w.Header().Set("Content-Type", typeJSON)
			w.Header().Set("Cache-Control", "no-store")
			_, _ = w.Write(answer) // lost on the way, it is given again for the same key
			return
		}
		status, code = why(err)
		if status >= http.StatusInternalServerError {
			s.o.Log.ErrorContext(r.Context(), "file a report", "err", err)
		}
	}
	s.reports.WithLabelValues(code).Inc()
	wait := time.Duration(0)
	if status == http.StatusServiceUnavailable {
		wait = again
	}
	s.refuse(w, status, code, wait)
}

// read reads a report; a status and a code if it is none.
func read(r *http.Request) (rep wire.Report, status int, code string) {
	body, err := io.ReadAll(r.Body)
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return rep, http.StatusRequestEntityTooLarge, wire.TooLarge
	case err != nil:
		return rep, http.StatusBadRequest, wire.BadReport
	case document(body):
		return rep, http.StatusUnsupportedMediaType, wire.BadType // whatever it calls itself
	}
	if t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); t == typeCBOR {
		err = cbor.Unmarshal(body, &rep)
	} else {
		err = json.Unmarshal(body, &rep)
	}
	key := r.Header.Get("Idempotency-Key")
	if rep.Key == "" {
		rep.Key = key
	}
	if err != nil || key != "" && key != rep.Key {
		return rep, http.StatusBadRequest, wire.BadReport
	}
	return rep, 0, ""
}

// why turns the bank's error into an answer.
func why(err error) (status int, code string) {
	switch {
	case errors.Is(err, hub.ErrReport):
		return http.StatusBadRequest, wire.BadReport
	case errors.Is(err, hub.ErrReason):
		return http.StatusBadRequest, wire.BadReason
	case errors.Is(err, hub.ErrOtherReport):
		return http.StatusUnprocessableEntity, wire.OtherReport
	case errors.Is(err, sqldb.ErrFull), errors.Is(err, sqldb.ErrBusy):
		return http.StatusServiceUnavailable, wire.Maintenance
	default:
		return http.StatusInternalServerError, wire.Maintenance
	}
}
