package server_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"passerelle/store/posting"
	"passerelle/store/record"
	"passerelle/sync/hub"
	"passerelle/sync/intake/demo"
	"passerelle/sync/publish"
	"passerelle/sync/server"
	"passerelle/sync/wire"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// keepAll publishes what ended years ago too: the real files at hand are of 2019 to 2026.
var keepAll = publish.Options{Keep: 5000}

// bank is a real hub with a published catalogue, served over real HTTP on loopback.
type bank struct {
	*hub.Hub
	url    string
	clock  atomic.Int64 // seconds after noon
	client *http.Client
	server http.Handler
	stop   func() error
}

func (b *bank) now() time.Time { return noon.Add(time.Duration(b.clock.Load()) * time.Second) }

func open(t *testing.T, change func(*server.Options)) *bank {
	t.Helper()
	h, err := hub.Open(t.Context(), t.TempDir(), hub.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	if _, err := h.ImportDemo(t.Context(), demo.Options{N: 300, Today: posting.DayOf(noon)}, nil); err != nil {
		t.Fatal(err)
	}
	key := publish.KeyFrom(bytes.Repeat([]byte{2}, 32))
	if _, err := publish.NewRoot(h.Public(), []publish.Key{publish.KeyFrom(bytes.Repeat([]byte{1}, 32))}, key, publish.RootOptions{}, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Publish(t.Context(), key, keepAll, noon); err != nil {
		t.Fatal(err)
	}
	b := &bank{Hub: h, client: &http.Client{Timeout: 10 * time.Second}}
	o := server.Options{Dir: h.Public(), Bank: h, Now: b.now}
	if change != nil {
		change(&o)
	}
	s, err := server.New(o)
	if err != nil {
		t.Fatal(err)
	}
	b.server = s
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.url = "http://" + l.Addr().String()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, l) }()
	b.stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() {
		if err := b.stop(); err != nil {
			t.Errorf("Run: %v", err)
		}
		_ = s.Close()
	})
	return b
}

type header map[string]string

func (b *bank) ask(t *testing.T, method, path string, h header, body []byte) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range h {
		req.Header.Set(k, v)
	}
	res, err := b.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, got
}

func (b *bank) get(t *testing.T, path string, h header) (*http.Response, []byte) {
	t.Helper()
	return b.ask(t, http.MethodGet, path, h, nil)
}

// objects lists the published objects by hash.
func (b *bank) objects(t *testing.T) []string {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(b.Public(), "o", "sha256"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d objects, %v", len(files), err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}

// Anyone reads all of the catalogue without an account, a cookie or a question.
//
// Rows: A-010
func TestNobodyNeedsAnAccount(t *testing.T) {
	b := open(t, nil)
	paths := []string{"/v1/cat/root/1", "/health"}
	for _, s := range wire.Scopes() {
		paths = append(paths, "/v1/cat/"+wire.HeadPath(s))
	}
	for _, o := range b.objects(t) {
		paths = append(paths, "/v1/cat/o/sha256/"+o)
	}
	for _, p := range paths {
		res, body := b.get(t, p, nil)
		if res.StatusCode != http.StatusOK || len(body) == 0 || res.Header.Get("Set-Cookie") != "" || res.Header.Get("WWW-Authenticate") != "" {
			t.Errorf("GET %s: %s, %d bytes, %v", p, res.Status, len(body), res.Header)
		}
	}
}

// taken is what routes take in, by the word in the table. The form of a page has no field.
var taken = map[string]reflect.Type{
	"dispute": reflect.TypeFor[wire.Dispute](), "subscribe": reflect.TypeFor[wire.Subscribe](), "report": reflect.TypeFor[wire.Report](), "begin": reflect.TypeFor[wire.Begin](), "answer": reflect.TypeFor[wire.Answer](),
	"renewal": reflect.TypeFor[wire.Renewal](), "act": reflect.TypeFor[wire.Act](), "help": reflect.TypeFor[wire.HelpRequest](),
	"partner": reflect.TypeFor[wire.PartnerBegin](), "form": reflect.TypeFor[struct{}](),
	"push": reflect.TypeFor[wire.Push](), "pull": reflect.TypeFor[wire.Pull](),
}

// noFile wants what a route takes to be words, numbers and moments: nothing that holds a file.
func noFile(t *testing.T, of string, typ reflect.Type) {
	t.Helper()
	if typ == reflect.TypeFor[record.Doc]() {
		inputs := []record.Input{
			record.Text, record.Area, record.Day, record.Number, record.Money, record.YesNo, record.OneOf, record.Strings,
			record.Ref, record.Object, record.Moment,
		}
		for _, k := range record.Kinds {
			for _, f := range k.Fields {
				if !slices.Contains(inputs, f.Input) || slices.Contains([]string{"cv", "resume", "file", "attachment", "letter", "application"}, f.Name) {
					t.Errorf("%s of kind %s holds %s, a %s", of, k.Name, f.Name, f.Input)
				}
			}
		}
		return
	}
	switch typ.Kind() {
	case reflect.String, reflect.Int64, reflect.Int, reflect.Bool:
	case reflect.Slice:
		if typ.Elem().Kind() == reflect.Uint8 {
			t.Errorf("%s holds bytes", of)
			return
		}
		noFile(t, of, typ.Elem())
	case reflect.Struct:
		if typ == reflect.TypeFor[time.Time]() {
			return
		}
		for f := range typ.Fields() {
			noFile(t, of+" "+f.Name, f.Type)
		}
	default:
		t.Errorf("%s holds %s", of, typ)
	}
}

// The routes table is everything that is served. What routes take in is words, and few of
// them: there is no place for a file, a résumé or an application.
//
// Rows
func TestNoRouteTakesAnApplication(t *testing.T) {
	b := open(t, nil)
	for _, r := range server.Routes {
		if r.Takes == "" {
			continue
		}
		typ, known := taken[r.Takes]
		if !known || r.Method != http.MethodPost {
			t.Errorf("%s %s takes %q", r.Method, r.Path, r.Takes)
			continue
		}
		noFile(t, r.Takes, typ)
	}
	// What is not in the table is not served, whatever the method.
	for _, path := range []string{"/v1/applications", "/v1/apply", "/v1/cat/all/apply", "/v1/postings/100000001/apply", "/"} {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			res, _ := b.ask(t, method, path, header{"Content-Type": "application/json"}, []byte("{}"))
			if res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %s", method, path, res.Status)
			}
		}
	}
}

// A document is refused by every route, known or not, by what it says it is and by what it is.
//
// Rows: A-012
func TestDocumentsAreRefused(t *testing.T) {
	b := open(t, nil)
	pdf, zip := []byte("%PDF-1.7 a résumé"), []byte("PK\x03\x04 a résumé")
	paths := []string{"/v1/applications", "/"}
	for _, r := range server.Routes {
		paths = append(paths, strings.NewReplacer("{scope}", "all", "{file}", "head", "{hex}", strings.Repeat("0", 64)).Replace(r.Path))
	}
	for _, path := range paths {
		for _, kind := range []string{"application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "multipart/form-data; boundary=x", "application/octet-stream", ""} {
			for _, method := range []string{http.MethodPost, http.MethodPut} {
				if res, _ := b.ask(t, method, path, header{"Content-Type": kind}, pdf); res.StatusCode != http.StatusUnsupportedMediaType {
					t.Errorf("%s %s of %q: %s, want 415", method, path, kind, res.Status)
				}
			}
		}
	}
	// Each of the table, by its own method and by POST, a reader's and a page's form included,
	// whoever asks: by what it says it is, and by what it is.
	doc, rtf := []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 a résumé"), []byte(`{\rtf1 a résumé}`)
	w := settle(t, nil)
	s := w.enrolled(t, w.desktop(t))
	for _, r := range server.Routes {
		for _, method := range []string{r.Method, http.MethodPost} {
			for _, kind := range []string{"application/pdf", "application/msword", "application/rtf", "image/png"} {
				h := header{"Content-Type": kind, "Authorization": "Bearer " + s.Access}
				if res, _ := w.ask(t, method, route(r), h, pdf); res.StatusCode != http.StatusUnsupportedMediaType {
					t.Errorf("%s %s of %q: %s, want 415", method, r.Path, kind, res.Status)
				}
			}
			for _, body := range [][]byte{pdf, zip, doc, rtf} {
				for _, kind := range []string{"application/json", "application/cbor", form["Content-Type"]} {
					h := header{"Content-Type": kind, "Authorization": "Bearer " + s.Access}
					if res, _ := w.ask(t, method, route(r), h, body); res.StatusCode != http.StatusUnsupportedMediaType {
						t.Errorf("%s %s of %.6q that says it is %s: %s, want 415", method, r.Path, body, kind, res.Status)
					}
				}
			}
		}
	}
	for _, kind := range []string{"application/json", "application/cbor"} {
		for _, body := range [][]byte{pdf, zip} {
			if res, _ := b.ask(t, http.MethodPost, "/v1/reports", header{"Content-Type": kind}, body); res.StatusCode != http.StatusUnsupportedMediaType {
				t.Errorf("a document that says it is %s: %s, want 415", kind, res.Status)
			}
		}
	}
	if all, err := b.Ledger().Reports(t.Context(), 9); err != nil || len(all) != 0 {
		t.Errorf("%d reports were filed, %v", len(all), err)
	}
}

// A poll that finds nothing new is one small exchange: the tag of the head goes out, 304
// comes back.
//
// Rows: X-011
func TestUnchangedHead(t *testing.T) {
	b := open(t, nil)
	res, body := b.get(t, "/v1/cat/all/head", nil)
	tag := res.Header.Get("ETag")
	if tag == "" || len(body) == 0 || res.Header.Get("Cache-Control") != "public, max-age=60, stale-if-error=86400" {
		t.Fatalf("head: %s %v", res.Status, res.Header)
	}
	res, body = b.get(t, "/v1/cat/all/head", header{"If-None-Match": tag})
	if res.StatusCode != http.StatusNotModified || len(body) != 0 {
		t.Errorf("unchanged head: %s, %d bytes", res.Status, len(body))
	}
	c, err := net.Dial("tcp", strings.TrimPrefix(b.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	asked, err := fmt.Fprintf(c, "GET /v1/cat/all/head HTTP/1.1\r\nHost: bank.example\r\nUser-Agent: passerelle\r\nIf-None-Match: %s\r\nConnection: close\r\n\r\n", tag)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(c)
	if err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 304")) {
		t.Fatalf("%s, %v", answer, err)
	}
	if n := asked + len(answer); n >= 1000 {
		t.Errorf("an unchanged poll takes %d bytes, want under 1,000", n)
	} else {
		t.Logf("an unchanged poll takes %d bytes", n)
	}
	if res, _ := b.get(t, "/v1/cat/all/head", header{"If-None-Match": `"other"`}); res.StatusCode != http.StatusOK {
		t.Errorf("another tag: %s", res.Status)
	}
}

// An object is what its name says, never changes, and can be taken up where it was cut.
//
// Rows: X-011
func TestObjects(t *testing.T) {
	b := open(t, nil)
	for _, name := range b.objects(t) {
		res, whole := b.get(t, "/v1/cat/o/sha256/"+name, nil)
		if wire.HashOf(whole).String() != name || res.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Fatalf("object %s: %s %v", name, res.Status, res.Header)
		}
		half := len(whole) / 2
		res, rest := b.get(t, "/v1/cat/o/sha256/"+name, header{"Range": fmt.Sprintf("bytes=%d-", half), "If-Range": res.Header.Get("ETag")})
		if res.StatusCode != http.StatusPartialContent || !bytes.Equal(append(whole[:half:half], rest...), whole) {
			t.Errorf("the rest of %s: %s, %d bytes of %d", name, res.Status, len(rest), len(whole))
		}
	}
	for _, path := range []string{
		"/v1/cat/o/sha256/" + strings.Repeat("0", 64), "/v1/cat/o/sha256/..%2f..%2f..%2fledger.db", "/v1/cat/..%2f/head",
		"/v1/cat/root/0", "/v1/cat/root/01", "/v1/cat/root/99", "/v1/cat/root/..%2f..%2fledger.db", "/v1/cat/zz/head", "/v1/cat/ca/head", "/v1/cat/all/other",
	} {
		if res, _ := b.get(t, path, nil); res.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s: %s, want 404", path, res.Status)
		}
	}
}

func report(key string) wire.Report {
	return wire.Report{Key: key, Number: 100_000_007, Source: "p", Reason: string(wire.Fake), Text: "…", Lang: "fr", Made: noon}
}

func (b *bank) send(t *testing.T, r wire.Report, h header) (*http.Response, []byte) {
	t.Helper()
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	all := header{"Content-Type": "application/json", "Idempotency-Key": r.Key}
	for k, v := range h {
		all[k] = v
	}
	return b.ask(t, http.MethodPost, "/v1/reports", all, body)
}

// A report is taken without an account, once, and never shown again by any route.
//
// Rows: A-170
func TestReports(t *testing.T) {
	b := open(t, nil)
	res, first := b.send(t, report("k1"), nil)
	var receipt wire.Receipt
	if err := json.Unmarshal(first, &receipt); err != nil || res.StatusCode != http.StatusOK || receipt.Ticket == "" || !receipt.Received.Equal(noon) {
		t.Fatalf("report: %s %s %v", res.Status, first, err)
	}
	b.clock.Store(3600) // the answer was lost; it is asked for again an hour later
	if res, again := b.send(t, report("k1"), nil); res.StatusCode != http.StatusOK || !bytes.Equal(first, again) {
		t.Errorf("again: %s %s, want %s", res.Status, again, first)
	}
	packed, err := cbor.Marshal(report("k2"))
	if err != nil {
		t.Fatal(err)
	}
	if res, body := b.ask(t, http.MethodPost, "/v1/reports", header{"Content-Type": "application/cbor"}, packed); res.StatusCode != http.StatusOK {
		t.Errorf("as CBOR: %s %s", res.Status, body)
	}
	other := report("k1")
	other.Text = "something else"
	for name, c := range map[string]struct {
		r      wire.Report
		h      header
		status int
		code   string
	}{
		"other text":   {other, nil, http.StatusUnprocessableEntity, wire.OtherReport},
		"no key":       {report(""), nil, http.StatusBadRequest, wire.BadReport},
		"two keys":     {report("k3"), header{"Idempotency-Key": "k4"}, http.StatusBadRequest, wire.BadReport},
		"wrong reason": {wire.Report{Key: "k5", Number: 1, Reason: "because"}, nil, http.StatusBadRequest, wire.BadReason},
		"too large":    {wire.Report{Key: "k6", Number: 1, Reason: "fake", Text: strings.Repeat("x", server.MaxBody)}, nil, http.StatusRequestEntityTooLarge, wire.TooLarge},
	} {
		res, body := b.send(t, c.r, c.h)
		var said wire.Refusal
		if err := json.Unmarshal(body, &said); err != nil || res.StatusCode != c.status || said.Code != c.code {
			t.Errorf("%s: %s %s, want %d %s", name, res.Status, body, c.status, c.code)
		}
	}
	if res, body := b.ask(t, http.MethodPost, "/v1/reports", header{"Content-Type": "application/json"}, []byte(`{"key":`)); res.StatusCode != http.StatusBadRequest {
		t.Errorf("half a report: %s %s", res.Status, body)
	}
	all, err := b.Ledger().Reports(t.Context(), 9)
	if err != nil || len(all) != 2 {
		t.Errorf("%d tickets, %v; want 2", len(all), err)
	}
	for _, path := range []string{"/v1/reports", "/v1/reports/1", "/v1/reports/" + receipt.Ticket} {
		if res, body := b.get(t, path, nil); res.StatusCode < 400 || bytes.Contains(body, []byte("…")) {
			t.Errorf("GET %s: %s %s", path, res.Status, body)
		}
	}
}

// One address that sends too much is told when to come back, and nobody else is.
func TestRateOfReports(t *testing.T) {
	b := open(t, func(o *server.Options) { o.Rate = server.Rate{Burst: 3, Every: time.Minute}; o.Forwarded = true })
	from := func(address string) header { return header{"X-Forwarded-For": "10.9.9.9, " + address} }
	n := 0
	next := func(address string) *http.Response {
		n++
		res, _ := b.send(t, report(fmt.Sprint("k", n)), from(address))
		return res
	}
	for range 3 {
		if res := next("192.0.2.1"); res.StatusCode != http.StatusOK {
			t.Fatalf("within the rate: %s", res.Status)
		}
	}
	res := next("192.0.2.1")
	if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") != "60" {
		t.Errorf("beyond the rate: %s, Retry-After %q", res.Status, res.Header.Get("Retry-After"))
	}
	if res := next("192.0.2.2"); res.StatusCode != http.StatusOK {
		t.Errorf("another address: %s", res.Status)
	}
	b.clock.Store(60)
	if res := next("192.0.2.1"); res.StatusCode != http.StatusOK {
		t.Errorf("a minute later: %s", res.Status)
	}
	for i := range 3 { // one machine has as many addresses of its network as it likes
		next(fmt.Sprintf("2001:db8::%d", i))
	}
	if res := next("2001:db8::ffff:1"); res.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a fourth address of one network: %s, want 429", res.Status)
	}
	if res, _ := b.get(t, "/v1/cat/all/head", from("192.0.2.1")); res.StatusCode != http.StatusOK {
		t.Errorf("reading is not limited: %s", res.Status)
	}
}

func TestMaintenance(t *testing.T) {
	var down atomic.Bool
	b := open(t, func(o *server.Options) {
		o.Maintenance = func() (time.Duration, bool) { return 5 * time.Minute, down.Load() }
	})
	down.Store(true)
	for _, path := range []string{"/v1/cat/all/head", "/v1/cat/o/sha256/" + b.objects(t)[0], "/nowhere"} {
		if res, _ := b.get(t, path, nil); res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") != "300" {
			t.Errorf("GET %s: %s, Retry-After %q", path, res.Status, res.Header.Get("Retry-After"))
		}
	}
	if res, _ := b.send(t, report("k"), nil); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a report: %s", res.Status)
	}
	if res, _ := b.get(t, "/health", nil); res.StatusCode != http.StatusOK {
		t.Errorf("health: %s", res.Status)
	}
	down.Store(false)
	if res, _ := b.send(t, report("k"), nil); res.StatusCode != http.StatusOK {
		t.Errorf("a report after: %s", res.Status)
	}
}

func TestHealthAndMetrics(t *testing.T) {
	b := open(t, nil)
	if res, body := b.get(t, "/health", nil); res.StatusCode != http.StatusOK || string(body) != "{\"status\":\"ok\",\"published\":true}\n" {
		t.Errorf("health: %s %s", res.Status, body)
	}
	b.get(t, "/v1/cat/all/head", nil)
	b.send(t, report("k"), nil)
	_, body := b.get(t, "/metrics", nil)
	for _, want := range []string{
		`passerelle_http_requests_total{code="200",route="/v1/cat/{scope}/{file}"} 1`,
		`passerelle_reports_total{result="filed"} 1`,
	} {
		if !strings.Contains(string(body), want) {
			t.Errorf("metrics lack %s in:\n%s", want, body)
		}
	}
	if strings.Contains(string(body), "127.0.0.1") {
		t.Error("metrics name an address")
	}
	// The ledger is gone: what is published still is, and health says so.
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if res, _ := b.get(t, "/health", nil); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("health without a ledger: %s", res.Status)
	}
	if res, _ := b.get(t, "/v1/cat/all/head", nil); res.StatusCode != http.StatusOK {
		t.Errorf("the catalogue without a ledger: %s", res.Status)
	}
	if res, _ := b.send(t, report("k2"), nil); res.StatusCode != http.StatusInternalServerError {
		t.Errorf("a report without a ledger: %s", res.Status)
	}
}

// slow is a bank that takes a report when it is told to.
type slow struct{ came, leave chan struct{} }

func (s slow) Alive(context.Context) error { return nil }

func (s slow) Report(context.Context, wire.Report, time.Time) ([]byte, error) {
	close(s.came)
	<-s.leave
	return []byte("{}"), nil
}

// A server that is stopped finishes what it has begun.
func TestGracefulStop(t *testing.T) {
	s := slow{make(chan struct{}), make(chan struct{})}
	b := open(t, func(o *server.Options) { o.Bank = s })
	status := make(chan int, 1)
	go func() {
		body, _ := json.Marshal(report("k"))
		res, err := http.Post(b.url+"/v1/reports", "application/json", bytes.NewReader(body))
		if err != nil {
			status <- 0
			return
		}
		_ = res.Body.Close()
		status <- res.StatusCode
	}()
	<-s.came
	stopped := make(chan error, 1)
	go func() { stopped <- b.stop() }()
	// New connections are refused once the stop has begun, while the old one is answered.
	for {
		c, err := net.Dial("tcp", strings.TrimPrefix(b.url, "http://"))
		if err != nil {
			break
		}
		_ = c.Close()
	}
	select {
	case err := <-stopped:
		t.Fatalf("stopped with a request under way: %v", err)
	default:
	}
	close(s.leave)
	if got := <-status; got != http.StatusOK {
		t.Errorf("the request under way: %d", got)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestTLS(t *testing.T) {
	cert, key, pool := certificate(t)
	b := open(t, func(o *server.Options) { o.CertFile, o.KeyFile = cert, key })
	b.url = "https" + strings.TrimPrefix(b.url, "http")
	b.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}, Timeout: 10 * time.Second}
	if res, _ := b.get(t, "/v1/cat/all/head", nil); res.StatusCode != http.StatusOK {
		t.Errorf("over TLS: %s", res.Status)
	}
}

func certificate(t *testing.T) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	body := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(certFile, body, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600); err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(body)
	return certFile, keyFile, pool
}
