package desk_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"

	"passerelle/store/personal"
	"passerelle/store/posting"
	"passerelle/store/query"
)

// tap stands between desks and a server and keeps every byte that a desk sends.
type tap struct {
	net.Listener
	to string

	mu    sync.Mutex
	sent  []*bytes.Buffer // one a connection
	conns []net.Conn
	g     sync.WaitGroup
}

func newTap(t *testing.T, to string) *tap {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &tap{Listener: l, to: strings.TrimPrefix(to, "http://")}
	p.g.Go(p.serve)
	t.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		for _, c := range p.conns {
			_ = c.Close()
		}
		p.mu.Unlock()
		p.g.Wait()
	})
	return p
}

func (p *tap) serve() {
	for {
		in, err := p.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", p.to)
		if err != nil {
			_ = in.Close()
			continue
		}
		p.mu.Lock()
		n := len(p.sent)
		p.sent = append(p.sent, new(bytes.Buffer))
		p.conns = append(p.conns, in, out)
		p.mu.Unlock()
		shut := func() { _, _ = in.Close(), out.Close() }
		p.g.Go(func() { defer shut(); _, _ = io.Copy(io.MultiWriter(writer{p, n}, out), in) })
		p.g.Go(func() { defer shut(); _, _ = io.Copy(in, out) })
	}
}

type writer struct {
	p *tap
	n int
}

func (w writer) Write(b []byte) (int, error) {
	w.p.mu.Lock()
	defer w.p.mu.Unlock()
	return w.p.sent[w.n].Write(b)
}

// heard is all that was sent, as it was, then each body unpacked, then what was base64 in
// either.
func (p *tap) heard(t *testing.T) []byte {
	t.Helper()
	var all bytes.Buffer
	p.mu.Lock()
	for _, b := range p.sent {
		all.Write(b.Bytes())
		r := bufio.NewReader(bytes.NewReader(b.Bytes()))
		for {
			req, err := http.ReadRequest(r)
			if err != nil {
				break // the end, or a request that is under way
			}
			body, err := io.ReadAll(req.Body)
			if err != nil {
				break
			}
			if body, err = unpack(req.Header.Get("Content-Encoding"), body); err != nil {
				t.Fatal(err)
			}
			all.Write(body)
		}
	}
	p.mu.Unlock()
	return plain(all.Bytes())
}

func unpack(how string, body []byte) ([]byte, error) {
	var r io.Reader
	var err error
	switch how {
	case "":
		return body, nil
	case "gzip":
		r, err = gzip.NewReader(bytes.NewReader(body))
	case "zstd":
		r, err = zstd.NewReader(bytes.NewReader(body))
	default:
		err = fmt.Errorf("a body is packed as %q, which this test cannot read", how)
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

var in64 = regexp.MustCompile(`[A-Za-z0-9+/_-]{20,}`)

// plain is bytes with what is base64 in them behind.
func plain(b []byte) []byte {
	all := bytes.Clone(b)
	for _, run := range in64.FindAll(b, -1) {
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			if d, err := enc.DecodeString(string(run)); err == nil {
				all = append(append(all, '\n'), d...)
			}
		}
	}
	return all
}

// window is how many bytes in a row make a piece of a file: what is sealed has no two alike
// by chance.
const window = 16

// pieces are all pieces of a person's files that are not SQLite's own emptiness.
func pieces(t *testing.T, dir string) map[[window]byte]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "personal-*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no personal file: %v", err)
	}
	all := map[[window]byte]bool{}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+window <= len(b); i++ {
			w := [window]byte(b[i:])
			distinct := w
			slices.Sort(distinct[:])
			if len(slices.Compact(distinct[:])) > window/2 {
				all[w] = true
			}
		}
	}
	return all
}

func meets(b []byte, of map[[window]byte]bool) (found [window]byte, ok bool) {
	for i := 0; i+window <= len(b); i++ {
		if w := [window]byte(b[i:]); of[w] {
			return w, true
		}
	}
	return found, false
}

// Whatever a person writes for themselves, whatever else they do at the desk, and whenever
// it syncs, locks, carries its outbox or makes a backup: no byte of the personal file and no
// word that stands in it is in anything that the desk sends, nor in the file for a server.
// What is meant to be sent is found in it: the test can see.
//
// Rows
func TestPersonalNeverLeaves(t *testing.T) {
	h := newHall(t)
	p := newTap(t, h.url)
	h.url = "http://" + p.Addr().String()
	d, ctx := h.desk(true), t.Context()
	d.register("ada@exemple.ca")
	id := d.who()
	mine := d.Accounts.Mine

	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var words, known []string // never to be found; to be found, once all is sent
	var carried []byte
	parts := map[[window]byte]bool{}
	chance := rand.New(rand.NewPCG(12, 41))
	n := 0
	word := func(what string) string {
		n++
		return fmt.Sprintf("%s-%d-%x", what, n, chance.Uint64())
	}
	secretly := func() string { w := word("intime é"); words = append(words, w[len("intime é"):]); return w }
	file := func() *personal.File {
		t.Helper()
		f, err := mine.File(ctx, true)
		must(err)
		return f
	}
	acts := []func(){
		func() { must(mine.SetNote(ctx, 1+chance.Int64N(4), secretly())) },
		func() {
			name, err := json.Marshal(secretly())
			must(err)
			must(personal.Write(ctx, file(), word("cv"), personal.Resume{Name: secretly(), Lang: "fr",
				Resume: map[string]json.RawMessage{"basics": json.RawMessage(`{"name":` + string(name) + `}`)}}, h.now()))
		},
		func() {
			must(personal.Write(ctx, file(), "letter", personal.Letter{Name: secretly(), Lang: "en", Text: secretly()}, h.now()))
		},
		func() {
			must(personal.Write(ctx, file(), "application", personal.Application{State: personal.Applied, Posting: 7, Title: secretly(), Notes: secretly()}, h.now()))
			must(personal.Write(ctx, file(), "reminder", personal.Reminder{Text: secretly(), At: "2026-12-01T09:00", Zone: "America/Moncton"}, h.now()))
		},
		func() { // what is synced, about the same postings
			desk, err := d.Accounts.Personal(ctx, id)
			must(err)
			label, number := word("cherche"), 1+chance.Int64N(4)
			_, err = desk.SaveSearch(ctx, label, query.Query{Words: label}, h.now())
			must(err)
			must(desk.Save(ctx, posting.Posting{Card: posting.Card{ID: number, Number: number, Source: "demo"}}, h.now()))
			known = append(known, label)
		},
		func() { d.put([]string{"default", "strict"}[chance.IntN(2)], []string{"NB", "QC"}[chance.IntN(2)]) },
		func() { must(d.Private.Sync(ctx)) },
		func() {
			path := filepath.Join(t.TempDir(), "outbox")
			_, err := d.Private.Export(ctx, path)
			must(err)
			b, err := os.ReadFile(path)
			must(err)
			for _, how := range []string{"", "gzip", "zstd"} {
				if u, err := unpack(how, b); err == nil {
					carried = append(carried, u...)
				}
			}
		},
		func() {
			d.Accounts.Lock()
			must(d.Accounts.Unlock(ctx, id, ""))
		},
		func() {
			k, err := d.Accounts.NewRecovery(ctx)
			must(err)
			words = append(words, k.Text(), strings.ReplaceAll(k.Text(), "-", ""))
			_, err = file().Backup(ctx, io.Discard, k, h.now(), nil)
			must(err)
		},
	}
	for range 15 {
		for _, i := range chance.Perm(len(acts)) {
			acts[i]()
		}
		for w := range pieces(t, d.Dir) {
			parts[w] = true
		}
	}
	must(d.Private.Sync(ctx))
	all := append(p.heard(t), plain(carried)...)
	for _, w := range words {
		if bytes.Contains(all, []byte(w)) {
			t.Fatalf("%q, which is personal, was sent", w)
		}
	}
	if w, ok := meets(all, parts); ok {
		t.Fatalf("%x of the personal file was sent", w)
	}
	missing := 0
	for _, w := range known {
		if !bytes.Contains(all, []byte(w)) {
			missing++
		}
	}
	if len(known) == 0 || missing > 0 {
		t.Errorf("of %d labels that were to be sent, %d cannot be seen: this test is blind", len(known), missing)
	}
	if len(words) < 100 || len(parts) < 10_000 {
		t.Errorf("%d words and %d pieces: too few to tell", len(words), len(parts))
	}

	// And it would see: the file itself, sent as it is or in base64.
	b, err := os.ReadFile(filepath.Join(d.Dir, "personal-"+id+".db"))
	must(err)
	for name, sent := range map[string][]byte{"as it is": b, "in base64": plain([]byte(`{"x":"` + base64.StdEncoding.EncodeToString(b) + `"}`))} {
		if _, ok := meets(sent, parts); !ok {
			t.Errorf("a personal file that is sent %s is not noticed", name)
		}
	}
}
