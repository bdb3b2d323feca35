package replica_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/store/catalogue"
	"passerelle/sync/client"
	"passerelle/sync/publish"
	"passerelle/sync/replica"
	"passerelle/sync/simtest"
	"passerelle/sync/wire"
)

// child is what a process of its own is told to do: one sync, dying at a point. It travels
// in PASSERELLE_KILL.
type child struct {
	URL, Dir, Scope string
	Now             time.Time
	Point           string // "": none; every point reached is written to the output
	Nth             int    // time at which it is reached
}

func TestMain(m *testing.M) {
	job := os.Getenv("PASSERELLE_KILL")
	if job == "" {
		os.Exit(m.Run())
	}
	var c child
	if err := json.Unmarshal([]byte(job), &c); err != nil {
		panic(err)
	}
	prepare(c)
	n := 0
	replica.AtPoints(func(point string) {
		if c.Point == "" {
			fmt.Println("reached", point)
		}
		if point == c.Point {
			if n++; n == c.Nth {
				self, err := os.FindProcess(os.Getpid())
				if err == nil {
					err = self.Kill() // SIGKILL: nothing is flushed, closed or deferred
				}
				if err != nil {
					panic(err)
				}
				select {}
			}
		}
	})
	if err := c.sync(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		if errors.Is(err, replica.ErrDiskFull) {
			os.Exit(13)
		}
		os.Exit(3)
	}
	os.Exit(0)
}

func (c child) sync() error {
	ctx := context.Background()
	store, err := catalogue.Open(ctx, filepath.Join(c.Dir, "catalogue"))
	if err != nil {
		return err
	}
	defer store.Close()
	t, err := client.New(c.URL, client.Options{})
	if err != nil {
		return err
	}
	r, err := replica.New(t, store, replica.Options{Dir: filepath.Join(c.Dir, "sync"), Scope: c.Scope, Now: func() time.Time { return c.Now }})
	if err != nil {
		return err
	}
	_, err = r.Sync(ctx, nil)
	return err
}

// run starts the process and gives what it wrote.
func (c child) run(t *testing.T) (string, error) {
	t.Helper()
	job, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "PASSERELLE_KILL="+string(job))
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	confine(cmd)
	if err = cmd.Run(); err != nil && errs.Len() > 0 {
		err = fmt.Errorf("%w: %s", err, errs.String())
	}
	return out.String(), err
}

// TestKilled kills the process at every named point of a first download, of a delta, and of a
// widening over a catalogue in use: what is left is whole each time, and the next run ends
// where an undisturbed one does.
//
// Rows: X-011
func TestKilled(t *testing.T) {
	t.Parallel()
	p, err := simtest.NewPublisher(simtest.Dir(t), publish.RootOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s := simtest.Serve(p.Options.Dir)
	defer s.Close()
	do := func(publishes ...func()) {
		t.Helper()
		for _, f := range publishes {
			p.Now = p.Now.Add(time.Hour)
			f()
			if _, err := p.Publish(); err != nil {
				t.Fatal(err)
			}
		}
	}
	sync := func(dir, scope string) {
		t.Helper()
		c := child{URL: s.URL, Dir: dir, Scope: scope, Now: p.Now}
		if err := c.sync(); err != nil {
			t.Fatal(err)
		}
	}
	empty, followed, province := simtest.Dir(t), simtest.Dir(t), simtest.Dir(t)
	p.Packs = []publish.Pack{{Name: "help", Version: "1", Data: []byte("help")}}
	do(func() { p.Fill(9_900, 200) })
	sync(followed, "all")
	sync(province, "qc")
	do(func() { p.Fill(10_100, 9); p.Close(9_906); p.Erase(9_907) }, func() { p.Fill(10_110, 9); p.Close(9_912) })

	seen := map[string]bool{}
	for name, from := range map[string]string{"first download": empty, "delta": followed, "widening": province} {
		t.Run(name, func(t *testing.T) {
			c := child{URL: s.URL, Scope: "all", Now: p.Now, Dir: simtest.Dir(t)}
			clone(t, from, c.Dir)
			out, err := c.run(t)
			if err != nil {
				t.Fatal(err)
			}
			times := map[string]int{}
			for line := range strings.Lines(out) {
				if point, ok := strings.CutPrefix(strings.TrimSpace(line), "reached "); ok {
					times[point]++
					seen[point] = true
				}
			}
			var points []string
			for point := range times {
				points = append(points, point)
			}
			slices.Sort(points)
			for _, point := range points {
				for _, nth := range slices.Compact([]int{1, times[point]}) {
					c := c
					c.Point, c.Nth, c.Dir = point, nth, simtest.Dir(t)
					clone(t, from, c.Dir)
					if _, err := c.run(t); err == nil || !strings.Contains(err.Error(), "killed") && os.PathSeparator == '/' {
						t.Fatalf("%s %d: the process ended with %v, want it killed", point, nth, err)
					}
					before, after := look(t, from), look(t, c.Dir)
					whole, digest := p.Wanted("all")
					if after.Digest != before.Digest && (after.Digest != digest || after.Count != len(whole)) {
						t.Errorf("%s %d: left a catalogue of %d rows, neither the old %d nor the new %d", point, nth, after.Count, before.Count, len(whole))
					}
					c.Point = ""
					if err := c.sync(); err != nil {
						t.Errorf("%s %d: the next run: %v", point, nth, err)
						continue
					}
					if end := look(t, c.Dir); end.Digest != digest || end.Count != len(whole) || end.Indexed != end.Count {
						t.Errorf("%s %d: ended with %d rows, %d indexed, want %d", point, nth, end.Count, end.Indexed, len(whole))
					}
				}
			}
		})
	}
	for _, point := range []string{"asked", "trusted", "part", "fetched", "added", "copied", "brought", "changed", "applied", "browsed", "indexing", "indexed", "carried", "packed"} {
		if !seen[point] {
			t.Errorf("point %q was never reached", point)
		}
	}
}

// look reads what a directory holds, every row of it.
func look(t *testing.T, dir string) catalogue.State {
	t.Helper()
	ctx := context.Background()
	store, err := catalogue.Open(ctx, filepath.Join(dir, "catalogue"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	st, err := store.State(ctx)
	if errors.Is(err, catalogue.ErrNone) {
		return catalogue.State{}
	}
	if err == nil {
		err = store.Check(ctx)
	}
	if err != nil {
		t.Fatalf("catalogue in %s: %v", dir, err)
	}
	return st
}

func clone(t *testing.T, from, to string) {
	t.Helper()
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// box is an outbox in memory.
type box struct {
	waiting []wire.Report
	settled map[string]bool
}

func (b *box) Reports(context.Context) ([]wire.Report, error) { return slices.Clone(b.waiting), nil }

func (b *box) Settled(_ context.Context, key string, delivered bool, _ string) error {
	b.settled[key] = delivered
	b.waiting = slices.DeleteFunc(b.waiting, func(r wire.Report) bool { return r.Key == key })
	return nil
}

// answers is a sender that answers as told.
type answers map[string]error

func (a answers) Report(_ context.Context, r wire.Report) (string, error) { return "thanks", a[r.Key] }

// TestFlush: a delivered report leaves the outbox, so does one refused for good; a server
// that is not reached leaves the rest there.
func TestFlush(t *testing.T) {
	t.Parallel()
	b := &box{settled: map[string]bool{}}
	for _, k := range []string{"a", "b", "c", "d"} {
		b.waiting = append(b.waiting, wire.Report{Key: k})
	}
	sent, err := replica.Flush(context.Background(), answers{"b": wire.ErrRefused, "c": wire.ErrOffline}, b)
	if sent != 1 || !errors.Is(err, replica.ErrOffline) {
		t.Errorf("Flush: %d sent, %v; want 1 and ErrOffline", sent, err)
	}
	if len(b.waiting) != 2 || b.waiting[0].Key != "c" || !b.settled["a"] || b.settled["b"] {
		t.Errorf("left %v, settled %v", b.waiting, b.settled)
	}
	if sent, err = replica.Flush(context.Background(), answers{}, b); sent != 2 || err != nil || len(b.waiting) != 0 {
		t.Errorf("again: %d sent, %v, left %v", sent, err, b.waiting)
	}
}
