// Package server is sync/wire over HTTP, answering. Begin with [New]. [Routes] is
// everything it answers to: the published files, which nobody needs an account to read
// the reports that people send, and what accounts need. No route takes an application or a file in
// whatever is neither JSON nor CBOR is refused before it is read.
package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"passerelle/i18n"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// Bank is what stands behind the routes.
type Bank interface {
	// Report files a report once and gives the answer to send.
	Report(ctx context.Context, r wire.Report, now time.Time) (answer []byte, err error)
	// Alive says whether the bank can answer at all.
	Alive(ctx context.Context) error
}

// Options of a server; Dir and Bank are needed, the zero value of the others is right.
type Options struct {
	Dir  string // the published tree
	Bank Bank
	Log  *slog.Logger        // nil: none
	Now  func() time.Time    // nil: time.Now
	Base prometheus.Gatherer // more figures for /metrics; nil: none
	Rate Rate                // of reports and requests for help from one address
	// Gate is behind the routes of accounts; nil: a catalogue alone, without those routes.
	Gate     Gate
	Flows    Rate     // of flows begun from one address; 0: 120 at once, one more a second
	Partners Partners // sign-in partners; nil: there are none
	// Records are behind the routes of private records, which want a gate, too; nil: none.
	Records   Records
	Syncs     Rate          // of pushes, pulls and calls for hints of one account; 0: 240 at once, two more a second
	Exports   Rate          // of what an account asks about itself; 0: 20 at once, one more every 10 s
	Mutations Rate          // of one account; 0: 20,000 at once, twenty more a second
	Heartbeat time.Duration // of hints; 0: 25 s
	Alerts    Alerts        // by e-mail, without an account; nil: no such routes
	Matching  Matching      // of seekers and postings, which wants a gate, too; nil: no such routes
	Letters   Letters       // shows a letter in its other language; nil: no such page
	Mailbox   Mailbox       // of a demonstration; nil: no such route
	// Maintenance says whether to answer 503 for now, and for about how long; nil: never.
	Maintenance func() (time.Duration, bool)
	// Forwarded: the server stands behind one proxy of the deployment's own, which puts
	// the asker's address last in X-Forwarded-For.
	Forwarded         bool
	CertFile, KeyFile string        // TLS; empty: plain HTTP, for loopback or behind a proxy
	Grace             time.Duration // for requests under way when stopped; 0: 10 s
}

// Rate is how many reports one address may send.
type Rate struct {
	Burst int           // at once; 0: 20, as many as wait in an outbox after days offline
	Every time.Duration // one more after each; 0: 10 s
}

// MaxBody is the most bytes a request may carry, but for those of private records.
const MaxBody = 64 << 10

// Server answers.
type Server struct {
	o       Options
	files   *os.Root
	limits  *limits[netip.Prefix]
	asks    *limits[netip.Prefix] // for alerts
	flows   *limits[netip.Prefix]
	syncs   *limits[string] // by account
	changes *limits[string] // by account, in mutations
	exports *limits[string]
	handler http.Handler

	listeners *listeners

	registry *prometheus.Registry
	answered *prometheus.CounterVec
	took     *prometheus.HistogramVec
	reports  *prometheus.CounterVec
}

// New makes a server of a published tree and a bank.
func New(o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Grace == 0 {
		o.Grace = 10 * time.Second
	}
	if o.Maintenance == nil {
		o.Maintenance = func() (time.Duration, bool) { return 0, false }
	}
	if o.Flows.Burst == 0 {
		o.Flows.Burst = 120
	}
	if o.Flows.Every == 0 {
		o.Flows.Every = time.Second
	}
	if o.Syncs.Burst == 0 {
		o.Syncs.Burst = 240
	}
	if o.Syncs.Every == 0 {
		o.Syncs.Every = 500 * time.Millisecond
	}
	if o.Mutations.Burst == 0 {
		o.Mutations.Burst = 20_000 // an outbox after months without a network
	}
	if o.Mutations.Every == 0 {
		o.Mutations.Every = 50 * time.Millisecond
	}
	if o.Heartbeat == 0 {
		o.Heartbeat = 25 * time.Second
	}
	files, err := os.OpenRoot(o.Dir) // nothing outside of it can be named
	if err != nil {
		return nil, fmt.Errorf("serve %s: %w", o.Dir, err)
	}
	s := &Server{o: o, files: files, limits: newLimits[netip.Prefix](o.Rate), asks: newLimits[netip.Prefix](o.Rate), flows: newLimits[netip.Prefix](o.Flows),
		syncs: newLimits[string](o.Syncs), changes: newLimits[string](o.Mutations), exports: newLimits[string](o.Exports), listeners: newListeners(), registry: prometheus.NewRegistry()}
	s.answered = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "passerelle_http_requests_total", Help: "Requests answered, by route and status.",
	}, []string{"route", "code"})
	s.took = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "passerelle_http_seconds", Help: "Time to answer, by route.",
	}, []string{"route"})
	s.reports = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "passerelle_reports_total", Help: "Reports delivered, by what became of them.",
	}, []string{"result"})
	s.registry.MustRegister(s.answered, s.took, s.reports)

	mux := http.NewServeMux()
	for _, r := range Routes {
		if r.with != nil && !r.with(o) {
			continue
		}
		mux.Handle(r.Method+" "+r.Path, s.counted(r))
	}
	s.handler = s.guarded(mux)
	return s, nil
}

// Close releases the tree.
func (s *Server) Close() error { return s.files.Close() }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Run serves on a listener until ctx ends, then lets requests under way finish.
func (s *Server) Run(ctx context.Context, l net.Listener) error {
	h := &http.Server{
		Handler:           s,
		TLSConfig:         &tls.Config{MinVersion: tls.VersionTLS12},
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.o.Log.Handler(), slog.LevelWarn),
	}
	h.RegisterOnShutdown(s.listeners.stop)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		var err error
		if s.o.CertFile != "" {
			err = h.ServeTLS(l, s.o.CertFile, s.o.KeyFile)
		} else {
			err = h.Serve(l)
		}
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	})
	g.Go(func() error {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.o.Grace)
		defer cancel()
		if err := h.Shutdown(grace); err != nil {
			return errors.Join(fmt.Errorf("stop serving on %s: %w", l.Addr(), err), h.Close())
		}
		return nil
	})
	return g.Wait()
}

// guarded stands before every route, those that do not exist included.
func (s *Server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		if !readable(r) || carriesDocument(r) {
			s.refuse(w, http.StatusUnsupportedMediaType, wire.BadType, 0)
			return
		}
		if wait, down := s.o.Maintenance(); down && r.URL.Path != healthPath && r.URL.Path != metricsPath {
			if forPeople(r.URL.Path) {
				w.Header().Set("Retry-After", seconds(wait))
				s.page(w, r, http.StatusServiceUnavailable, "", i18n.PageDownTitle, "", i18n.PageDownBody)
				return
			}
			s.refuse(w, http.StatusServiceUnavailable, wire.Maintenance, wait)
			return
		}
		most := int64(MaxBody)
		if r.URL.Path == wire.PushPath || r.URL.Path == wire.PullPath {
			most = wire.MaxPush + 1 // so that the route itself says that it is too much
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		next.ServeHTTP(w, r)
	})
}

// forPeople says whether a path leads to a page, which a browser shows.
func forPeople(path string) bool {
	return strings.HasPrefix(path, wire.LinkPath) || strings.HasPrefix(path, mail.OtherPath) || strings.HasPrefix(path, wire.AlertPage)
}

// seconds writes a wait for Retry-After, rounded up.
func seconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }

// readable says whether a body is of a type that the protocol speaks. A page's own form
// comes from a browser, to the page it stands on and nowhere else.
func readable(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodDelete:
		if r.Header.Get("Content-Type") == "" {
			return true // none of them reads a body
		}
	}
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	alerts := strings.HasPrefix(r.URL.Path, wire.AlertPage)
	form := r.Method == http.MethodPost && (t == typeForm && (alerts || strings.HasPrefix(r.URL.Path, wire.LinkPath)) ||
		t == typeMultipart && alerts && strings.HasSuffix(r.URL.Path, "/end")) // RFC 8058 lets a mail program choose
	return err == nil && (t == typeJSON || t == typeCBOR || form)
}

// carriesDocument says whether a body begins as a file that people send, whatever it calls
// itself: no route is to take one, now or later.
func carriesDocument(r *http.Request) bool {
	if r.ContentLength == 0 {
		return false
	}
	head := make([]byte, 8)
	n, _ := io.ReadFull(r.Body, head) // why there was no more, whoever reads on is told again
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head[:n]), r.Body), r.Body}
	return document(head[:n])
}

const (
	typeJSON = "application/json"
	typeCBOR = "application/cbor"
	typeForm = "application/x-www-form-urlencoded"
)

// counted measures a route.
func (s *Server) counted(r Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		began := time.Now() // of the machine: it is the machine that is measured
		rec := &recorder{ResponseWriter: w, code: http.StatusOK}
		r.answer(s, rec, req)
		took := time.Since(began)
		s.answered.WithLabelValues(r.Path, strconv.Itoa(rec.code)).Inc()
		s.took.WithLabelValues(r.Path).Observe(took.Seconds())
		s.o.Log.DebugContext(req.Context(), "answered", "route", r.Path, "code", rec.code, "took", took)
	})
}

// recorder remembers the status.
type recorder struct {
	http.ResponseWriter
	code int
}

func (r *recorder) WriteHeader(code int) {
	r.code = code
	r.ResponseWriter.WriteHeader(code)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// refuse answers why not, and when to come back if that would help.
func (s *Server) refuse(w http.ResponseWriter, status int, code string, after time.Duration) {
	s.refuseWith(w, status, wire.Refusal{Code: code}, after)
}

func (s *Server) refuseWith(w http.ResponseWriter, status int, no wire.Refusal, after time.Duration) {
	if after > 0 {
		w.Header().Set("Retry-After", seconds(after))
	}
	w.Header().Set("Content-Type", typeJSON)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(no) // the asker may have gone
}

// metrics gives figures to a collector.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	g := prometheus.Gatherers{s.registry}
	if s.o.Base != nil {
		g = append(g, s.o.Base)
	}
	promhttp.HandlerFor(g, promhttp.HandlerOpts{}).ServeHTTP(w, r)
}

// health says whether the bank answers and whether there is something to sync.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	says := struct {
		Status    string `json:"status"`
		Published bool   `json:"published"`
	}{Status: "ok"}
	_, err := s.files.Stat("all/head")
	says.Published = err == nil
	w.Header().Set("Content-Type", typeJSON)
	w.Header().Set("Cache-Control", "no-store")
	if err := s.o.Bank.Alive(r.Context()); err != nil {
		s.o.Log.ErrorContext(r.Context(), "health", "err", err)
		says.Status = "down"
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(says)
}
