package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/sqldb"
	"passerelle/sync/gate"
	"passerelle/sync/wire"
)

// Gate decides who comes in. Its refusals are a *wire.Refused.
type Gate interface {
	Deployment() wire.Deployment

	Begin(ctx context.Context, b wire.Begin, who *gate.Caller, from string, now time.Time) (wire.Prompt, error)
	Step(ctx context.Context, token string, step account.Step, in wire.Answer, from string, now time.Time) (wire.Prompt, error)
	Look(ctx context.Context, token string, now time.Time) (wire.Prompt, error)
	Resend(ctx context.Context, token, from string, now time.Time) (wire.Prompt, error)
	Drop(ctx context.Context, token string) error
	Link(ctx context.Context, token string, now time.Time) (kind account.Kind, lang string, used bool, err error)
	UseLink(ctx context.Context, token string, now time.Time) (kind account.Kind, lang string, err error)

	Caller(ctx context.Context, access string, now time.Time) (*gate.Caller, error)
	Renew(ctx context.Context, in wire.Renewal, now time.Time) (wire.Session, error)
	SignOut(ctx context.Context, who *gate.Caller, now time.Time) error
	Me(ctx context.Context, who *gate.Caller, now time.Time) (wire.Me, error)
	Change(ctx context.Context, who *gate.Caller, act string, in wire.Answer, from string, now time.Time) (wire.Me, error)

	Data(ctx context.Context, who *gate.Caller, now time.Time) (wire.MyData, error)
	Dispute(ctx context.Context, who *gate.Caller, d wire.Dispute, now time.Time) (wire.MyData, error)

	Help(ctx context.Context, h wire.HelpRequest, from string, now time.Time) (wire.Receipt, error)
	Requests(ctx context.Context, who *gate.Caller, now time.Time) ([]wire.Request, error)
	Act(ctx context.Context, who *gate.Caller, act string, in wire.Act, now time.Time) error
}

// Mailbox holds the letters of a demonstration.
type Mailbox interface {
	Letters(ctx context.Context, n int) ([]ledger.Letter, error)
}

const (
	maxAnswer  = 32 << 10 // bytes of an answer: five long questions, or a request for help in full
	maxToken   = 512      // bytes of an Authorization; ours are shorter
	maxLetters = 200      // of the mailbox that are shown
)

// What a route wants to be shown, in [Route.Needs].
const (
	needsFlow    = "flow"    // Authorization: Flow TOKEN
	needsAccess  = "access"  // Authorization: Bearer ACCESS
	needsRefresh = "refresh" // a refresh token, in the body
	needsState   = "state"   // the sealed state of a sign-in partner, in the address
	needsLink    = "link"    // the token of a letter, in the address
)

func (s *Server) deployment(w http.ResponseWriter, _ *http.Request) {
	s.give(w, s.o.Gate.Deployment())
}

// begin begins a flow; a kind that is begun within a session wants its access token too.
func (s *Server) begin(w http.ResponseWriter, r *http.Request) {
	now := s.o.Now()
	if wait := s.flows.wait(s.asker(r), now); wait > 0 { // a flow is a row: nobody fills the ledger with them
		s.refuse(w, http.StatusTooManyRequests, string(account.TooMany), wait)
		return
	}
	var in wire.Begin
	if !s.take(w, r, &in) {
		return
	}
	var who *gate.Caller
	if r.Header.Get("Authorization") != "" {
		var err error
		if who, err = s.caller(r, now); err != nil {
			s.deny(w, r, err)
			return
		}
	}
	p, err := s.o.Gate.Begin(r.Context(), in, who, s.from(r), now)
	s.answerWith(w, r, p, err)
}

func (s *Server) step(w http.ResponseWriter, r *http.Request) {
	var in wire.Answer
	token := authorization(r, "Flow")
	if token == "" {
		s.deny(w, r, &wire.Refused{Code: account.FlowExpired})
		return
	}
	if !s.take(w, r, &in) {
		return
	}
	p, err := s.o.Gate.Step(r.Context(), token, account.Step(r.PathValue("step")), in, s.from(r), s.o.Now())
	s.answerWith(w, r, p, err)
}

func (s *Server) look(w http.ResponseWriter, r *http.Request) {
	p, err := s.o.Gate.Look(r.Context(), authorization(r, "Flow"), s.o.Now())
	s.answerWith(w, r, p, err)
}

func (s *Server) resend(w http.ResponseWriter, r *http.Request) {
	p, err := s.o.Gate.Resend(r.Context(), authorization(r, "Flow"), s.from(r), s.o.Now())
	s.answerWith(w, r, p, err)
}

func (s *Server) drop(w http.ResponseWriter, r *http.Request) {
	token := authorization(r, "Flow")
	if token == "" {
		s.deny(w, r, &wire.Refused{Code: account.FlowExpired})
		return
	}
	s.answerWith(w, r, struct{}{}, s.o.Gate.Drop(r.Context(), token))
}

func (s *Server) renew(w http.ResponseWriter, r *http.Request) {
	var in wire.Renewal
	if !s.take(w, r, &in) {
		return
	}
	got, err := s.o.Gate.Renew(r.Context(), in, s.o.Now())
	s.answerWith(w, r, got, err)
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) {
	now := s.o.Now()
	who, err := s.caller(r, now)
	if err == nil {
		err = s.o.Gate.SignOut(r.Context(), who, now)
	}
	s.answerWith(w, r, struct{}{}, err)
}

func (s *Server) me(w http.ResponseWriter, r *http.Request) {
	now := s.o.Now()
	who, err := s.caller(r, now)
	if err != nil {
		s.deny(w, r, err)
		return
	}
	me, err := s.o.Gate.Me(r.Context(), who, now)
	s.answerWith(w, r, me, err)
}

func (s *Server) change(w http.ResponseWriter, r *http.Request) {
	now := s.o.Now()
	who, err := s.caller(r, now)
	if err != nil {
		s.deny(w, r, err)
		return
	}
	var in wire.Answer
	if !s.take(w, r, &in) {
		return
	}
	me, err := s.o.Gate.Change(r.Context(), who, r.PathValue("act"), in, s.from(r), now)
	s.answerWith(w, r, me, err)
}

func (s *Server) requests(w http.ResponseWriter, r *http.Request) {
	now := s.o.Now()
	who, err := s.caller(r, now)
	if err != nil {
		s.deny(w, r, err)
		return
	}
	all, err := s.o.Gate.Requests(r.Context(), who, now)
	if all == nil {
		all = []wire.Request{}
	}
	s.answerWith(w, r, all, err)
}

func (s *Server) act(w http.ResponseWriter, r *http.Request) {
	now := s.o.Now()
	who, err := s.caller(r, now)
	if err != nil {
		s.deny(w, r, err)
		return
	}
	var in wire.Act
	if !s.take(w, r, &in) {
		return
	}
	s.answerWith(w, r, struct{}{}, s.o.Gate.Act(r.Context(), who, r.PathValue("act"), in, now))
}

// help takes a request for help in: without an account, for it is asked by those
// who cannot come in.
func (s *Server) help(w http.ResponseWriter, r *http.Request) {
	now := s.o.Now()
	if wait := s.limits.wait(s.asker(r), now); wait > 0 {
		s.refuse(w, http.StatusTooManyRequests, string(account.TooMany), wait)
		return
	}
	var in wire.HelpRequest
	if !s.take(w, r, &in) {
		return
	}
	got, err := s.o.Gate.Help(r.Context(), in, s.from(r), now)
	s.answerWith(w, r, got, err)
}

// mailbox shows what a demonstration would have mailed.
func (s *Server) mailbox(w http.ResponseWriter, r *http.Request) {
	all, err := s.o.Mailbox.Letters(r.Context(), maxLetters)
	out := make([]wire.Letter, 0, len(all))
	for _, l := range all {
		out = append(out, wire.Letter{ID: l.ID, At: l.At, To: l.To, Subject: l.Subject, Text: l.Text})
	}
	s.answerWith(w, r, out, err)
}

// from is the address that asks, as one string.
func (s *Server) from(r *http.Request) string { return s.asker(r).String() }

// caller is who asks, by the access token.
func (s *Server) caller(r *http.Request, now time.Time) (*gate.Caller, error) {
	token := authorization(r, "Bearer")
	if token == "" {
		return nil, &wire.Refused{Code: account.SignInNeeded}
	}
	return s.o.Gate.Caller(r.Context(), token, now)
}

// authorization is the token of a scheme, "" unless there is exactly one.
func authorization(r *http.Request, scheme string) string {
	all := r.Header.Values("Authorization")
	if len(all) != 1 || len(all[0]) > maxToken {
		return ""
	}
	name, token, ok := strings.Cut(all[0], " ")
	if !ok || !strings.EqualFold(name, scheme) {
		return ""
	}
	return strings.TrimSpace(token)
}

// take reads the body into v. It says why and answers false if it is not what it should
// be: fields that this server does not know are left alone, a field of another type is not.
func (s *Server) take(w http.ResponseWriter, r *http.Request, v any) bool {
	return s.takeMost(w, r, v, maxAnswer)
}

// takeMost is take of at most so many bytes.
func (s *Server) takeMost(w http.ResponseWriter, r *http.Request, v any, most int64) bool {
	if t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); t != typeJSON {
		s.refuse(w, http.StatusUnsupportedMediaType, wire.BadType, 0)
		return false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	defer clear(body)
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		s.refuse(w, http.StatusRequestEntityTooLarge, wire.TooLarge, 0)
	case err != nil:
		s.refuse(w, http.StatusBadRequest, wire.BadRequest, 0)
	case document(body):
		s.refuse(w, http.StatusUnsupportedMediaType, wire.BadType, 0) // whatever it calls itself
	case !decode(body, v):
		s.refuse(w, http.StatusBadRequest, wire.BadRequest, 0)
	default:
		return true
	}
	return false
}

// document says whether bytes begin a file that people send: PDF, what is zipped (DOCX, ODT),
// the DOC of old, RTF.
func document(b []byte) bool {
	for _, begins := range []string{"%PDF", "PK\x03\x04", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", `{\rtf`} {
		if bytes.HasPrefix(b, []byte(begins)) {
			return true
		}
	}
	return false
}

// decode reads one JSON object and nothing after it.
func decode(body []byte, v any) bool {
	return utf8.Valid(body) && bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) && json.Unmarshal(body, v) == nil
}

// answerWith gives v, or says why not.
func (s *Server) answerWith(w http.ResponseWriter, r *http.Request, v any, err error) {
	if err != nil {
		s.deny(w, r, err)
		return
	}
	s.give(w, v)
}

func (s *Server) give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", typeJSON)
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v) // the asker may have gone; a flow can be asked again
}

// deny says why not.
func (s *Server) deny(w http.ResponseWriter, r *http.Request, err error) {
	var no *wire.Refused
	switch {
	case errors.As(err, &no):
		s.refuseWith(w, status(no.Code), wire.Refusal{Code: string(no.Code), Fields: no.Fields, Prompt: no.Prompt}, no.After)
		return
	case r.Context().Err() != nil: // gone: nobody reads what is said
	case errors.Is(err, sqldb.ErrFull), errors.Is(err, sqldb.ErrBusy), errors.Is(err, sqldb.ErrAgain), errors.Is(err, sqldb.ErrAway):
		s.o.Log.ErrorContext(r.Context(), "accounts", "err", err)
		s.refuse(w, http.StatusServiceUnavailable, wire.Maintenance, again)
		return
	default:
		s.o.Log.ErrorContext(r.Context(), "accounts", "err", err)
	}
	s.refuse(w, http.StatusInternalServerError, wire.Maintenance, 0)
}

// status is that of a refusal.
func status(c account.Code) int {
	switch c {
	case account.WrongStep, account.TermsOld:
		return http.StatusConflict
	case account.Credentials, account.SignInNeeded, account.Gone:
		return http.StatusUnauthorized
	case account.TooMany, account.CannotNow:
		return http.StatusTooManyRequests
	case account.FlowExpired:
		return http.StatusGone
	case account.Forbidden, account.FactorNeeded, account.IsSuspended, account.IsClosed, account.MustReset, account.AgentNeeded,
		account.PartnerOther, account.PartnerTaken, account.PartnerFails:
		return http.StatusForbidden
	default: // account.Mend, and a field's own code
		return http.StatusUnprocessableEntity
	}
}
