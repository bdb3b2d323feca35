package client_test

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/sync/client"
	"passerelle/sync/wire"
)

// waits is a client's patience, noted instead of passed.
type waits []time.Duration

func (w *waits) wait(ctx context.Context, d time.Duration) error {
	*w = append(*w, d)
	return ctx.Err()
}

func open(t *testing.T, url string, o client.Options) (*client.Client, *waits) {
	t.Helper()
	w := &waits{}
	o.Wait, o.Rand = w.wait, func() float64 { return 0.5 }
	c, err := client.New(url, o)
	if err != nil {
		t.Fatal(err)
	}
	return c, w
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// TestHead sends the tag it was given and tells an unchanged head from a new one.
//
// Rows: X-011
func TestHead(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("ETag", `"two"`)
		if q.URL.Path != "/v1/cat/qc/head" {
			http.NotFound(w, q)
		} else if q.Header.Get("If-None-Match") == `"two"` {
			w.WriteHeader(http.StatusNotModified)
		} else {
			_, _ = io.WriteString(w, "head")
		}
	})
	c, _ := open(t, url+"/", client.Options{})
	b, tag, err := c.Head(context.Background(), "qc", `"one"`)
	if string(b) != "head" || tag != `"two"` || err != nil {
		t.Errorf("Head: %q, %s, %v", b, tag, err)
	}
	if _, _, err = c.Head(context.Background(), "qc", tag); !errors.Is(err, wire.ErrUnchanged) {
		t.Errorf("unchanged: %v, want ErrUnchanged", err)
	}
	if _, _, err = c.Head(context.Background(), "on", ""); !errors.Is(err, wire.ErrMissing) {
		t.Errorf("no such scope: %v, want ErrMissing", err)
	}
}

// TestPortal takes the page of a network that wants a login for no answer at all: nobody has
// tampered with anything.
func TestPortal(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>Welcome</html>") })
	c, _ := open(t, url, client.Options{})
	if _, _, err := c.Head(context.Background(), "all", ""); !errors.Is(err, wire.ErrOffline) {
		t.Errorf("Head: %v, want ErrOffline", err)
	}
}

// TestPatience waits as long as the server asks, by seconds or by date, plus chance; doubles
// its bound where the server says nothing; and gives up what it will not wait for.
func TestPatience(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		after  string
		want   waits
	}{
		{"seconds", 429, "7", waits{7500 * time.Millisecond, 8 * time.Second, 9 * time.Second}},
		{"a date", 503, "Mon, 02 Nov 2026 09:00:10 GMT", waits{10500 * time.Millisecond, 11 * time.Second, 12 * time.Second}},
		{"nothing", 502, "", waits{500 * time.Millisecond, time.Second, 2 * time.Second}},
		{"an hour", 503, "3600", nil},
		{"refused", 403, "7", nil},
	} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", "Mon, 02 Nov 2026 09:00:00 GMT")
			if c.after != "" {
				w.Header().Set("Retry-After", c.after)
			}
			w.WriteHeader(c.status)
		})
		cl, w := open(t, url, client.Options{})
		_, err := cl.Root(context.Background(), 1)
		want := wire.ErrOffline
		if c.status == 403 {
			want = wire.ErrRefused
		}
		if !errors.Is(err, want) || !slices.Equal(*w, c.want) {
			t.Errorf("%s: waited %v, then %v; want %v and %v", c.name, *w, err, c.want, want)
		}
	}
}

// TestObject asks for the rest of an object, and takes all of it from a server that knows no
// Range.
//
// Rows: X-011
func TestObject(t *testing.T) {
	whole := strings.Repeat("0123456789", 100)
	for _, ranges := range []bool{true, false} {
		url := serve(t, func(w http.ResponseWriter, q *http.Request) {
			if !ranges {
				q.Header.Del("Range")
			}
			http.ServeContent(w, q, "", time.Time{}, strings.NewReader(whole))
		})
		c, _ := open(t, url, client.Options{})
		body, at, err := c.Object(context.Background(), wire.HashOf([]byte(whole)), 600)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(body)
		_ = body.Close()
		if err != nil || string(b) != whole[at:] || (at == 600) != ranges {
			t.Errorf("ranges %v: %d bytes from %d, %v", ranges, len(b), at, err)
		}
	}
}

// TestSilence gives up a server that stops talking in the middle of a body, and not one that
// talks slowly for longer.
func TestSilence(t *testing.T) {
	done := make(chan struct{})
	url := serve(t, func(w http.ResponseWriter, q *http.Request) {
		_, _ = io.WriteString(w, "some")
		_ = http.NewResponseController(w).Flush()
		select { // the client leaves first
		case <-q.Context().Done():
		case <-done:
		}
	})
	defer close(done)
	c, _ := open(t, url, client.Options{Timeout: 50 * time.Millisecond})
	body, _, err := c.Object(context.Background(), wire.Hash{1}, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	if b, err := io.ReadAll(body); string(b) != "some" || !errors.Is(err, wire.ErrOffline) {
		t.Errorf("read %q, %v; want some and ErrOffline", b, err)
	}
}

// TestReport delivers a report under its key, again when the answer was lost.
//
// Rows: A-170
func TestReport(t *testing.T) {
	var keys []string
	var got wire.Report
	url := serve(t, func(w http.ResponseWriter, q *http.Request) {
		keys = append(keys, q.Method+" "+q.URL.Path+" "+q.Header.Get("Idempotency-Key"))
		_ = json.NewDecoder(q.Body).Decode(&got)
		if len(keys) == 1 {
			panic(http.ErrAbortHandler) // done, and the answer is lost
		}
		_, _ = io.WriteString(w, `{"ticket":"T-1"}`)
	})
	c, _ := open(t, url, client.Options{})
	sent := wire.Report{Key: "k1", Number: 10_000_001, Reason: "noc", Text: "é", Made: time.Unix(1, 0).UTC()}
	answer, err := c.Report(context.Background(), sent)
	if answer != `{"ticket":"T-1"}` || err != nil || got != sent {
		t.Errorf("Report: %q, %v; the server has %+v", answer, err, got)
	}
	if want := "POST /v1/reports k1"; !slices.Equal(keys, []string{want, want}) {
		t.Errorf("asked %v, want twice %q", keys, want)
	}
}

// TestFinal: only the bank's own words settle a report; whatever stands between does not.
//
// Rows: A-170
func TestFinal(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   error
	}{
		{200, `<html>Welcome to the hotel</html>`, wire.ErrOffline},
		{403, `<html>Blocked</html>`, wire.ErrOffline},
		{407, ``, wire.ErrOffline},
		{404, ``, wire.ErrMissing},
		{422, `{"code":"other_report"}`, wire.ErrRefused},
		{400, `{"code":"bad_reason"}`, wire.ErrRefused},
	} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		})
		cl, _ := open(t, url, client.Options{})
		if _, err := cl.Report(context.Background(), wire.Report{Key: "k"}); !errors.Is(err, c.want) || !errors.Is(c.want, wire.ErrRefused) && errors.Is(err, wire.ErrRefused) {
			t.Errorf("%d %s: %v, want %v", c.status, c.body, err, c.want)
		}
	}
}

// TestAuthority talks to a server whose certificate only a private authority vouches for.
func TestAuthority(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "root") }))
	defer s.Close()
	c, _ := open(t, s.URL, client.Options{})
	if _, err := c.Root(context.Background(), 1); !errors.Is(err, wire.ErrOffline) {
		t.Errorf("unknown authority: %v, want ErrOffline", err)
	}
	name := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _ = open(t, s.URL, client.Options{CAFile: name})
	if b, err := c.Root(context.Background(), 1); string(b) != "root" || err != nil {
		t.Errorf("with its authority: %q, %v", b, err)
	}
	if err := os.WriteFile(name, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := client.New(s.URL, client.Options{CAFile: name}); err == nil {
		t.Error("a file without a certificate is taken")
	}
}

// TestProxy sends everything through the proxy it is told.
func TestProxy(t *testing.T) {
	asked := ""
	proxy := serve(t, func(w http.ResponseWriter, q *http.Request) {
		asked = q.URL.String()
		_, _ = io.WriteString(w, "root")
	})
	c, _ := open(t, "http://bank.example", client.Options{Proxy: proxy})
	if b, err := c.Root(context.Background(), 3); string(b) != "root" || asked != "http://bank.example/v1/cat/root/3" {
		t.Errorf("%q, %v; the proxy was asked for %s", b, err, asked)
	}
}

func TestAddress(t *testing.T) {
	for _, bad := range []string{"", "bank.example", "ftp://bank.example", "https://", ":"} {
		if _, err := client.New(bad, client.Options{}); err == nil {
			t.Errorf("New(%q) is taken", bad)
		}
	}
	if _, err := client.New("https://bank.example", client.Options{Proxy: "nothing"}); err == nil {
		t.Error("a proxy without a host is taken")
	}
}

// TestFolder reads a tree from a disk as from a server: what lacks is missing, the rest of an
// object can be had.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	h := wire.HashOf([]byte("0123456789"))
	for name, b := range map[string]string{"qc/head": "head", "root/1": "root", wire.ObjectPath(h): "0123456789"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := client.Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ctx := context.Background()
	if b, _, err := f.Head(ctx, "qc", ""); string(b) != "head" || err != nil {
		t.Errorf("Head: %q, %v", b, err)
	}
	if _, err := f.Root(ctx, 2); !errors.Is(err, wire.ErrMissing) {
		t.Errorf("Root(2): %v, want ErrMissing", err)
	}
	body, at, err := f.Object(ctx, h, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	if b, _ := io.ReadAll(body); at != 4 || string(b) != "456789" {
		t.Errorf("Object from 4: %q from %d", b, at)
	}
	if _, err := client.Folder(filepath.Join(dir, "none")); err == nil {
		t.Error("a folder that is not there is opened")
	}
	if _, err := client.Folder(filepath.Join(dir, "qc", "head")); err == nil {
		t.Error("a file that is no archive is opened")
	}
}
