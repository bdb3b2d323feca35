package simtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"passerelle/store/posting"
	"passerelle/sync/publish"
	"passerelle/sync/wire"
)

// Start is the moment at which simulations begin.
var Start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// Publisher is a ledger with its keys, its tree and a clock that is set by hand.
type Publisher struct {
	*Ledger
	Roots     []publish.Key
	Timestamp publish.Key
	Options   publish.Options
	Packs     []publish.Pack
	Now       time.Time
	Days      int // that postings of Fill run; 0: 30
}

// Key is a key of its own for each number.
func Key(n byte) publish.Key { return publish.KeyFrom(append(make([]byte, 31), n)) }

// NewPublisher makes one whose tree is in a directory.
func NewPublisher(dir string, o publish.RootOptions) (*Publisher, error) {
	p := &Publisher{
		Ledger: &Ledger{Epoch: 1}, Roots: []publish.Key{Key(1)}, Timestamp: Key(2), Now: Start,
		Options: publish.Options{Dir: filepath.Join(dir, "cat")},
	}
	_, err := publish.NewRoot(p.Options.Dir, p.Roots, p.Timestamp, o, p.Now)
	return p, err
}

// Publish publishes the ledger as it is now.
func (p *Publisher) Publish() (publish.Published, error) {
	return publish.Publish(context.Background(), p.Ledger, p.Packs, p.Timestamp, p.Options, p.Now)
}

// Fill puts a number of postings, from an id on, spread over the country and the month.
func (p *Publisher) Fill(from int64, n int) {
	provinces := []string{"QC", "ON", "BC", "", "AB", "QC"}
	day, days := posting.DayOf(p.Now), p.Days
	if days == 0 {
		days = 30
	}
	for i := range int64(n) {
		id := from + i
		p.Put(Posting(id, provinces[id%6], day-posting.Day(id%7), days))
	}
}

// File is the name of a file of the tree.
func (p *Publisher) File(rel string) string {
	return filepath.Join(p.Options.Dir, filepath.FromSlash(rel))
}

// Head reads a head of the tree.
func (p *Publisher) Head(scope string) (wire.Head, error) {
	b, err := os.ReadFile(p.File(wire.HeadPath(scope)))
	if err != nil {
		return wire.Head{}, fmt.Errorf("read head of %s: %w", scope, err)
	}
	return wire.Peek(b)
}

// Wanted is what a scope must hold.
func (p *Publisher) Wanted(scope string) (ids []int64, digest posting.Sum) {
	in, details, err := wire.ParseScope(scope)
	if err != nil {
		panic(err) // a test's own mistake
	}
	keep := p.Options.Keep
	if keep == 0 {
		keep = 90
	}
	horizon := posting.DayOf(p.Now) - posting.Day(keep)
	return p.Want(func(part string) bool { return wire.InScope(in, part) }, details, horizon)
}

// Memory is a directory that lies in memory where the system has one, and "" where not: what
// is written there is synced in no time, and a hundred publications take a second.
func Memory() string {
	const shm = "/dev/shm"
	if st, err := os.Stat(shm); err != nil || !st.IsDir() {
		return ""
	}
	return shm
}

// Dir is a directory for a test's files, in memory if it can be.
func Dir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(Memory(), "passerelle-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
