package client_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"passerelle/sync/client"
	"passerelle/sync/wire"
)

// How long a server asks to be left alone arrives, whatever it is asked for: in seconds, or as
// a date by its own clock.
//
// Rows: B-018
func TestServerAsksToBeLeftAlone(t *testing.T) {
	for _, c := range []struct {
		status      int
		code, after string
	}{
		{http.StatusServiceUnavailable, wire.Maintenance, "1800"},
		{http.StatusServiceUnavailable, wire.Maintenance, "Sun, 22 Nov 2026 12:30:00 GMT"},
		{http.StatusTooManyRequests, wire.TooMany, "1800"},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Date", "Sun, 22 Nov 2026 12:00:00 GMT")
			w.Header().Set("Retry-After", c.after)
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, `{"code":"`+c.code+`"}`)
		}))
		defer s.Close()
		bank, err := client.New(s.URL, client.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, push := bank.Push(t.Context(), "a", wire.Push{})
		_, pull := bank.Pull(t.Context(), "a", wire.Pull{})
		_, renew := bank.Renew(t.Context(), wire.Renewal{})
		hints := bank.Hints(t.Context(), "a", func() { t.Error("a refusal is no hint") })
		for what, err := range map[string]error{"push": push, "pull": pull, "renew": renew, "hints": hints} {
			var down *wire.Down
			var no *wire.Refused
			after := time.Duration(0)
			switch {
			case errors.As(err, &down) && errors.Is(err, wire.ErrDown) && down.Code == c.code:
				after = down.After
			case errors.As(err, &no) && string(no.Code) == c.code:
				after = no.After
			}
			if after != 30*time.Minute || (down != nil) != (c.status == http.StatusServiceUnavailable) {
				t.Errorf("%s after %d with %q: %v, after %v; want half an hour", what, c.status, c.after, err, after)
			}
		}
	}
}

// A page of somebody else's, a short answer and a channel that ends are a server that was
// not reached; and nothing of a person leaves this machine in the clear.
//
// Rows: A-091
func TestRecordsFromSomebodyElse(t *testing.T) {
	h := http.NewServeMux()
	h.HandleFunc(wire.HintsPath, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer hotel" {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<p>event: advanced")
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, wire.HintEvent+wire.HintBeat+wire.HintEvent)
	})
	h.HandleFunc(wire.PushPath, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"epoch":1,"results":[]}`)
	})
	s := httptest.NewServer(h)
	defer s.Close()
	c, err := client.New(s.URL, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	if err := c.Hints(t.Context(), "a", func() { told++ }); !errors.Is(err, wire.ErrOffline) || told != 2 {
		t.Errorf("a channel that ended: %d hints, %v; want 2 and ErrOffline", told, err)
	}
	if err := c.Hints(t.Context(), "hotel", func() { told++ }); !errors.Is(err, wire.ErrOffline) || told != 2 {
		t.Errorf("a page: %d hints, %v; want no more, and ErrOffline", told, err)
	}
	if out, err := c.Push(t.Context(), "a", wire.Push{Mutations: make([]wire.Mutation, 2)}); !errors.Is(err, wire.ErrOffline) || out.Results != nil {
		t.Errorf("an answer that lacks results: %+v, %v; want ErrOffline", out, err)
	}
	if _, err := c.Pull(t.Context(), "a", wire.Pull{}); !errors.Is(err, wire.ErrMissing) {
		t.Errorf("a server without private records: %v, want ErrMissing", err)
	}
	away, err := client.New("http://banque.exemple.ca", client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err1 := away.Push(t.Context(), "a", wire.Push{})
	_, err2 := away.Pull(t.Context(), "a", wire.Pull{})
	for _, err := range []error{err1, err2, away.Hints(t.Context(), "a", func() {})} {
		if !errors.Is(err, wire.ErrInsecure) {
			t.Errorf("in the clear: %v, want ErrInsecure", err)
		}
	}
}
