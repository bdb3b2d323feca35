package work_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"passerelle/store/ledger"
	"passerelle/sync/work"
)

const kind = "letter"

// open opens a ledger; inside of a bubble, its goroutines are the bubble's.
func open(t testing.TB, dir string) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(context.Background(), filepath.Join(dir, "ledger.db"), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func queue(t testing.TB, l *ledger.Ledger, jobs ...ledger.Job) {
	t.Helper()
	err := l.Update(context.Background(), func(tx *ledger.Tx) error {
		for _, j := range jobs {
			if err := tx.Queue(context.Background(), j); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func states(t testing.TB, l *ledger.Ledger) map[string]int {
	t.Helper()
	all, err := l.Jobs(context.Background(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, j := range all {
		out[j.State]++
	}
	return out
}

// start runs the work until stop is called, which waits for it.
func start(t testing.TB, o work.Options) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- work.Run(ctx, o) }()
	return func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

// A job that fails comes again after a minute, then two, doubling to an hour, for a day; it
// is not begun before it is due, and is found within a moment of being queued.
func TestRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t, t.TempDir())
		began := time.Now()
		var at []time.Duration
		broken := errors.New("not now")
		var log bytes.Buffer
		stop := start(t, work.Options{Jobs: l, Poll: 20 * time.Second, Log: slog.New(slog.NewTextHandler(&log, nil)), Kinds: map[string]work.Do{
			kind: func(_ context.Context, j ledger.Job) error {
				at = append(at, time.Since(began).Truncate(time.Minute))
				if !bytes.Equal(j.Body, []byte("a letter to ada@exemple.ca")) {
					t.Errorf("the body is %q", j.Body)
				}
				return broken
			},
		}})
		time.Sleep(5 * time.Minute)
		queue(t, l, ledger.Job{Kind: kind, Body: []byte("a letter to ada@exemple.ca"), Due: began.Add(10 * time.Minute)})
		time.Sleep(48 * time.Hour)
		stop()
		var want []time.Duration
		for d, n := 10*time.Minute, 1; d <= 10*time.Minute+work.Patience; n++ {
			want = append(want, d)
			d += work.Wait(n)
		}
		if !slices.EqualFunc(at, want, func(a, b time.Duration) bool { return a-b < 2*time.Minute && b-a < 2*time.Minute }) {
			t.Errorf("begun after %v, want about %v", at, want)
		}
		all, err := l.Jobs(context.Background(), 1)
		if err != nil || all[0].State != ledger.JobFailed || all[0].Error != "not now" || len(all[0].Body) != 0 {
			t.Errorf("in the end: %+v, %v", all, err)
		}
		if strings.Contains(log.String(), "ada@") || !strings.Contains(log.String(), "job failed") {
			t.Errorf("the log:\n%s", log.String())
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A job that can never succeed is tried once.
func TestFinal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t, t.TempDir())
		tries := 0
		stop := start(t, work.Options{Jobs: l, Kinds: map[string]work.Do{
			kind: func(context.Context, ledger.Job) error {
				tries++
				return fmt.Errorf("no such person: %w", work.ErrFinal)
			},
		}})
		queue(t, l, ledger.Job{Kind: kind, Due: time.Now()}, ledger.Job{Kind: "another kind", Due: time.Now()})
		time.Sleep(time.Hour)
		stop()
		if got := states(t, l); tries != 1 || got[ledger.JobFailed] != 1 || got[ledger.JobQueued] != 1 {
			t.Errorf("%d tries, %v; want one, and what nobody does left alone", tries, got)
		}
		_ = l.Close()
	})
}

// The round of each day is made once a day at its hour, however often the server starts and
// however many work; a day on which none ran is not made up for.
//
// Rows: A-131, A-132
func TestDaily(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // a bubble begins at midnight UTC of 2000-01-01
		l := open(t, t.TempDir())
		var keys []string
		var at []string
		options := work.Options{
			Jobs: l, Daily: []string{"nightly"}, At: 8 * time.Hour, Poll: time.Minute,
			Kinds: map[string]work.Do{"nightly": func(_ context.Context, j ledger.Job) error {
				keys = append(keys, j.Key)
				at = append(at, time.Now().UTC().Round(5*time.Minute).Format("15:04"))
				return nil
			}},
		}
		one, two := start(t, options), start(t, options)
		time.Sleep(25 * time.Hour) // 01-02 01:00
		one()
		two()
		one = start(t, options)
		time.Sleep(12 * time.Hour) // 01-02 13:00
		one()
		one = start(t, options) // again on the same day
		time.Sleep(time.Hour)
		one()
		time.Sleep(48 * time.Hour) // 01-04 14:00, after its hour
		one = start(t, options)
		time.Sleep(5 * time.Minute)
		one()
		if want := []string{"nightly/2000-01-01", "nightly/2000-01-02", "nightly/2000-01-04"}; !slices.Equal(keys, want) {
			t.Errorf("rounds %v, want %v", keys, want)
		}
		if want := []string{"08:00", "08:00", "14:00"}; !slices.Equal(at, want) {
			t.Errorf("at %v, want %v", at, want)
		}
		_ = l.Close()
	})
	if err := work.Run(t.Context(), work.Options{Daily: []string{"nightly"}}); err == nil {
		t.Error("a daily kind that nothing does was taken")
	}
}

// A round is made once in each span of time, however many servers there are and however
// often they start.
//
// Rows: A-031
func TestRounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t, t.TempDir())
		var keys []string
		options := work.Options{
			Jobs: l, Poll: time.Minute, Rounds: map[string]time.Duration{"alerts": 15 * time.Minute},
			Kinds: map[string]work.Do{"alerts": func(_ context.Context, j ledger.Job) error {
				keys = append(keys, strings.TrimPrefix(j.Key, "alerts/2000-01-01T"))
				return nil
			}},
		}
		one, two := start(t, options), start(t, options)
		time.Sleep(20 * time.Minute)
		one()
		one = start(t, options)
		time.Sleep(5 * time.Minute)
		two()
		one()
		time.Sleep(40 * time.Minute) // none ran
		one = start(t, options)
		time.Sleep(5 * time.Minute)
		one()
		if want := []string{"00:00Z", "00:15Z", "01:00Z"}; !slices.Equal(keys, want) {
			t.Errorf("rounds %v, want %v", keys, want)
		}
		_ = l.Close()
	})
	for _, o := range []work.Options{
		{Rounds: map[string]time.Duration{"alerts": time.Hour}},
		{Rounds: map[string]time.Duration{"alerts": 0}, Kinds: map[string]work.Do{"alerts": func(context.Context, ledger.Job) error { return nil }}},
	} {
		if err := work.Run(t.Context(), o); err == nil {
			t.Errorf("%v was taken", o.Rounds)
		}
	}
}

// A worker that takes longer than its lease has lost the job: another does it, and the late
// one ends nothing.
func TestFencing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t, t.TempDir())
		var log bytes.Buffer
		slow := start(t, work.Options{Jobs: l, Lease: time.Minute, Poll: 5 * time.Second, Log: slog.New(slog.NewTextHandler(&log, nil)), Kinds: map[string]work.Do{
			kind: func(context.Context, ledger.Job) error { time.Sleep(10 * time.Minute); return errors.New("late") },
		}})
		queue(t, l, ledger.Job{Kind: kind, Due: time.Now()})
		time.Sleep(10 * time.Second)
		var other atomic.Int32
		quick := start(t, work.Options{Jobs: l, Lease: time.Minute, Poll: 5 * time.Second, Kinds: map[string]work.Do{
			kind: func(context.Context, ledger.Job) error { other.Add(1); return nil },
		}})
		time.Sleep(30 * time.Second)
		if other.Load() != 0 {
			t.Error("taken within the lease of another")
		}
		time.Sleep(time.Hour)
		slow()
		quick()
		if got := states(t, l); other.Load() != 1 || got[ledger.JobDone] != 1 {
			t.Errorf("done %d times by the other, %v", other.Load(), got)
		}
		if !strings.Contains(log.String(), "longer than its lease") {
			t.Errorf("the log of the late one:\n%s", log.String())
		}
		_ = l.Close()
	})
}

// Told to stop in the middle of a job, the work says so to the job, and gives it back at
// once; what was finished just then is written down as finished.
func TestStops(t *testing.T) {
	for _, finishes := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			l := open(t, t.TempDir())
			stop := start(t, work.Options{Jobs: l, Kinds: map[string]work.Do{
				kind: func(ctx context.Context, _ ledger.Job) error {
					<-ctx.Done()
					if finishes {
						return nil
					}
					return ctx.Err()
				},
			}})
			queue(t, l, ledger.Job{Kind: kind, Due: time.Now()})
			time.Sleep(10 * time.Second)
			stop()
			want := ledger.JobQueued
			if finishes {
				want = ledger.JobDone
			}
			if got := states(t, l); got[want] != 1 {
				t.Errorf("finishes %v: %v, want one %s", finishes, got, want)
			}
			if _, err := l.TakeJob(context.Background(), []string{kind}, time.Now().Add(time.Second), time.Minute); (err == nil) == finishes {
				t.Errorf("finishes %v: taken again: %v", finishes, err)
			}
			_ = l.Close()
		})
	}
}

// dies is a worker that is killed before it can end its job, as often as it is told to.
type dies struct {
	*ledger.Ledger
	times *int
	kill  func()
}

func (d dies) EndJob(ctx context.Context, j ledger.Job, state, problem string, due time.Time) error {
	if *d.times > 0 {
		*d.times--
		d.kill()
		return errors.New("killed")
	}
	return d.Ledger.EndJob(ctx, j, state, problem, due)
}

// However often workers die between sending and saying so, no letter is lost, and each
// death costs one letter a second copy at most.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(r, "letters")
		deaths := rapid.IntRange(0, 2).Draw(r, "deaths")
		dir, err := os.MkdirTemp("", "work")
		if err != nil {
			r.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
		sent := map[int64]int{}
		l := open(t, dir)
		for range n {
			queue(t, l, ledger.Job{Kind: kind, Body: []byte("x"), Due: now})
		}
		left := deaths
		for life := 0; states(t, l)[ledger.JobDone] < n; life++ {
			if life > deaths {
				r.Fatalf("%d lives, %v", life, states(t, l))
			}
			_ = l.Close()
			l = open(t, dir) // another process
			now = now.Add(time.Hour)
			ctx, kill := context.WithCancel(context.Background())
			before := left
			err := work.Run(ctx, work.Options{Jobs: dies{l, &left, kill}, Now: func() time.Time { return now }, Poll: time.Millisecond, Kinds: map[string]work.Do{
				kind: func(_ context.Context, j ledger.Job) error {
					if sent[j.ID]++; len(sent) == n && left == 0 && before == 0 {
						defer kill() // the last life ends when there is nothing left
					}
					return nil
				},
			}})
			if err != nil {
				r.Fatal(err)
			}
			kill()
		}
		_ = l.Close()
		copies := 0
		for id, times := range sent {
			copies += times - 1
			if times > 1+deaths {
				r.Errorf("letter %d was sent %d times", id, times)
			}
		}
		if len(sent) != n || copies > deaths {
			r.Errorf("%d of %d letters sent, %d copies for %d deaths", len(sent), n, copies, deaths)
		}
	})
}

// A process that is killed outright between the letter and the line leaves a lease that
// runs out: sent at least once, and at most twice.
func TestKilledOutright(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot kill itself there; TestNothingIsLost shows the same")
	}
	dir := t.TempDir()
	sent := filepath.Join(dir, "sent")
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	l := open(t, dir)
	queue(t, l, ledger.Job{Kind: kind, Body: []byte("x"), Due: now})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	child := func(at time.Time, dies bool) error {
		c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$")
		c.Env = append(os.Environ(), "WORK_CHILD="+dir, "WORK_NOW="+at.Format(time.RFC3339), "WORK_DIES="+strconv.FormatBool(dies))
		return c.Run()
	}
	if err := child(now, true); err == nil {
		t.Fatal("the child lived")
	}
	if err := child(now.Add(time.Minute), false); err != nil { // within the lease: nothing to do
		t.Fatal(err)
	}
	count := func() int {
		b, err := os.ReadFile(sent)
		if err != nil {
			t.Fatal(err)
		}
		return len(b)
	}
	if n := count(); n != 1 {
		t.Fatalf("sent %d times within the lease, want once", n)
	}
	for range 2 {
		if err := child(now.Add(6*time.Minute), false); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(); n != 2 {
		t.Errorf("sent %d times in all, want twice", n)
	}
	l = open(t, dir)
	defer func() { _ = l.Close() }()
	if got := states(t, l); got[ledger.JobDone] != 1 {
		t.Errorf("in the end %v", got)
	}
}

// TestChild is the process that TestKilledOutright kills.
func TestChild(t *testing.T) {
	dir := os.Getenv("WORK_CHILD")
	if dir == "" {
		t.Skip("runs as a process of its own")
	}
	now, err := time.Parse(time.RFC3339, os.Getenv("WORK_NOW"))
	if err != nil {
		t.Fatal(err)
	}
	l := open(t, dir)
	ctx, stop := context.WithCancel(context.Background())
	looks := 0
	err = work.Run(ctx, work.Options{
		Jobs: looking{l, func() {
			if looks++; looks > 3 {
				stop()
			}
		}},
		Now: func() time.Time { return now }, Poll: time.Millisecond,
		Kinds: map[string]work.Do{kind: func(context.Context, ledger.Job) error {
			f, err := os.OpenFile(filepath.Join(dir, "sent"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			if err != nil {
				return err
			}
			if _, err := f.WriteString("x"); err != nil {
				return err
			}
			if os.Getenv("WORK_DIES") == "true" {
				p, err := os.FindProcess(os.Getpid())
				if err != nil {
					return err
				}
				_ = p.Kill()
				select {}
			}
			return f.Close()
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
}

// looking looks on whenever the work looks for a job.
type looking struct {
	*ledger.Ledger
	look func()
}

func (l looking) NextJob(ctx context.Context, kinds []string) (time.Time, bool, error) {
	l.look()
	return l.Ledger.NextJob(ctx, kinds)
}

func ExampleRun() {
	dir, err := os.MkdirTemp("", "work")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, stop := context.WithCancel(context.Background())
	l, err := ledger.Open(ctx, filepath.Join(dir, "ledger.db"), ledger.Options{})
	if err != nil {
		panic(err)
	}
	defer func() { _ = l.Close() }()
	err = l.Update(ctx, func(t *ledger.Tx) error {
		return t.Queue(ctx, ledger.Job{Kind: "greeting", Body: []byte("Bonjour"), Due: time.Now()})
	})
	if err != nil {
		panic(err)
	}
	err = work.Run(ctx, work.Options{Jobs: l, Kinds: map[string]work.Do{
		"greeting": func(_ context.Context, j ledger.Job) error {
			fmt.Println(string(j.Body))
			stop()
			return nil
		},
	}})
	fmt.Println(err)
	// Output:
	// Bonjour
	// <nil>
}
