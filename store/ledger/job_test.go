package ledger_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/store/ledger"
)

// Whatever happens in whatever order, a job is held by one worker at a time, whoever lost
// it ends nothing, and it ends once. The model is written without looking at the SQL.
func TestJobsAgreeWithAModel(t *testing.T) { engines(t, testJobsAgreeWithAModel) }

func testJobsAgreeWithAModel(t *testing.T) {
	l, _ := bare(t)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++ // each has kinds and keys of its own, in one ledger
		kinds := []string{fmt.Sprint("mail", round), fmt.Sprint("nightly", round)}
		type model struct {
			id         int64
			kind       string
			due, lease time.Time
			fence      int64
			over       bool
		}
		var (
			jobs []*model // in the order of their ids
			keys = map[string]bool{}
			held []ledger.Job // what workers believe they hold
			now  = noon
		)
		find := func(id int64) *model {
			n := slices.IndexFunc(jobs, func(m *model) bool { return m.id == id })
			if n < 0 {
				rt.Fatalf("there is no job %d", id)
			}
			return jobs[n]
		}
		free := func(m *model, kind string) bool {
			return !m.over && m.kind == kind && !m.due.After(now) && !m.lease.After(now)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"queue": func(rt *rapid.T) {
				m := &model{kind: rapid.SampledFrom(kinds).Draw(rt, "kind"), due: now.Add(time.Duration(rapid.IntRange(-3, 3).Draw(rt, "due")) * time.Minute)}
				key := rapid.SampledFrom([]string{"", "", "a", "b"}).Draw(rt, "key")
				full := key
				if key != "" {
					full = fmt.Sprint(key, round)
				}
				err := l.Update(t.Context(), func(tx *ledger.Tx) error {
					return tx.Queue(t.Context(), ledger.Job{Kind: m.kind, Key: full, Body: []byte("body"), Due: m.due})
				})
				if err != nil {
					rt.Fatal(err)
				}
				if key == "" || !keys[key] {
					newest, err := l.Jobs(t.Context(), 1)
					if err != nil || len(newest) == 0 {
						rt.Fatalf("nothing was queued: %v", err)
					}
					m.id = newest[0].ID
					jobs = append(jobs, m)
				}
				keys[key] = true
			},
			"take": func(rt *rapid.T) {
				kind := rapid.SampledFrom(kinds).Draw(rt, "kind")
				var want *model
				for _, m := range jobs {
					if free(m, kind) && (want == nil || m.due.Before(want.due)) {
						want = m
					}
				}
				j, err := l.TakeJob(t.Context(), []string{kind}, now, 2*time.Minute)
				switch {
				case want == nil:
					if !errors.Is(err, ledger.ErrNotFound) {
						rt.Fatalf("took %+v, %v; want ErrNotFound", j, err)
					}
				case err != nil:
					rt.Fatalf("took nothing: %v", err)
				default:
					want.fence++
					want.lease = now.Add(2 * time.Minute)
					if !j.Due.Equal(want.due) || j.Fence != want.fence || j.Kind != kind || string(j.Body) != "body" || int64(j.Tries) != want.fence {
						rt.Fatalf("took %+v, want %+v", j, want)
					}
					held = append(held, j)
				}
			},
			"end": func(rt *rapid.T) {
				if len(held) == 0 {
					return
				}
				j := rapid.SampledFrom(held).Draw(rt, "job")
				state := rapid.SampledFrom([]string{ledger.JobDone, ledger.JobFailed, ledger.JobQueued}).Draw(rt, "state")
				m := find(j.ID)
				err := l.EndJob(t.Context(), j, state, "", now.Add(time.Minute))
				if m.over || m.fence != j.Fence || m.lease.IsZero() {
					if !errors.Is(err, ledger.ErrMoved) {
						rt.Fatalf("ending %+v, which was lost: %v, want ErrMoved", j, err)
					}
					return
				}
				if err != nil {
					rt.Fatalf("ending %+v: %v", j, err)
				}
				m.lease = time.Time{}
				if state == ledger.JobQueued {
					m.due = now.Add(time.Minute)
				} else {
					m.over = true
				}
			},
			"wait": func(rt *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(1, 5).Draw(rt, "minutes")) * time.Minute)
			},
			"": func(rt *rapid.T) {
				var next time.Time
				for _, m := range jobs {
					at := m.due
					if m.lease.After(at) {
						at = m.lease
					}
					if !m.over && (next.IsZero() || at.Before(next)) {
						next = at
					}
				}
				got, ok, err := l.NextJob(t.Context(), kinds)
				if err != nil || ok == next.IsZero() || !got.Equal(next) {
					rt.Fatalf("next job at %v (%t), %v; want %v", got, ok, err, next)
				}
				all, err := l.Jobs(t.Context(), len(jobs))
				if err != nil || len(all) != len(jobs) {
					rt.Fatalf("%d jobs, %v; want %d", len(all), err, len(jobs))
				}
				for _, j := range all {
					if m := find(j.ID); m.over != (j.State != ledger.JobQueued) || m.over != (len(j.Body) == 0) {
						rt.Fatalf("job %+v, want over: %t, and no body then", j, m.over)
					}
				}
			},
		})
	})
}

func TestWorkersAtOnceHoldAJobOnce(t *testing.T) { engines(t, testWorkersAtOnceHoldAJobOnce) }

func testWorkersAtOnceHoldAJobOnce(t *testing.T) {
	l, _ := bare(t)
	const jobs, workers = 20, 4
	update(t, l, func(tx *ledger.Tx) error {
		var err error
		for n := range jobs {
			err = errors.Join(err, tx.Queue(t.Context(), ledger.Job{Kind: "mail", Key: fmt.Sprint(n), Due: noon}))
		}
		return err
	})
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		took = map[int64]int{}
	)
	for range workers {
		wg.Go(func() {
			for {
				j, err := l.TakeJob(t.Context(), []string{"mail"}, noon, time.Minute)
				if errors.Is(err, ledger.ErrNotFound) {
					return
				}
				if err == nil {
					err = l.EndJob(t.Context(), j, ledger.JobDone, "", noon)
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				took[j.ID]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(took) != jobs {
		t.Errorf("%d jobs were done, want %d", len(took), jobs)
	}
	for id, n := range took {
		if n != 1 {
			t.Errorf("job %d was done %d times", id, n)
		}
	}
}

func TestAWorkerThatLostItsLeaseEndsNothing(t *testing.T) {
	engines(t, testAWorkerThatLostItsLeaseEndsNothing)
}

func testAWorkerThatLostItsLeaseEndsNothing(t *testing.T) {
	l, _ := bare(t)
	update(t, l, func(tx *ledger.Tx) error { return tx.Queue(t.Context(), ledger.Job{Kind: "mail", Due: noon}) })
	take := func(at time.Time) (ledger.Job, error) {
		return l.TakeJob(t.Context(), []string{"mail"}, at, time.Minute)
	}
	slow, err := take(noon)
	if err != nil {
		t.Fatal(err)
	}
	if j, err := take(noon.Add(59 * time.Second)); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("taken under a lease: %+v, %v; want ErrNotFound", j, err)
	}
	fast, err := take(noon.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.EndJob(t.Context(), slow, ledger.JobDone, "", noon); !errors.Is(err, ledger.ErrMoved) {
		t.Errorf("ended after the lease was lost: %v, want ErrMoved", err)
	}
	if err := l.EndJob(t.Context(), fast, ledger.JobDone, "", noon); err != nil {
		t.Error(err)
	}
	if err := l.EndJob(t.Context(), fast, ledger.JobFailed, "", noon); !errors.Is(err, ledger.ErrMoved) {
		t.Errorf("ended twice: %v, want ErrMoved", err)
	}
	if err := l.EndJob(t.Context(), fast, "gone", "", noon); err == nil || errors.Is(err, ledger.ErrMoved) {
		t.Errorf("a state that is none: %v", err)
	}
}

func TestLetters(t *testing.T) { engines(t, testLetters) }

func testLetters(t *testing.T) {
	l, _ := bare(t)
	for n := range 3 {
		err := l.PutLetter(t.Context(), ledger.Letter{At: noon.Add(time.Duration(n) * time.Hour), To: "anyone@exemple.ca", Subject: fmt.Sprint("s", n), Text: "t", HTML: "h"})
		if err != nil {
			t.Fatal(err)
		}
	}
	update(t, l, func(tx *ledger.Tx) error {
		_, err := tx.DropLetters(t.Context(), noon.Add(time.Hour))
		return err
	})
	all, err := l.Letters(t.Context(), 10)
	if err != nil || len(all) != 2 || all[0].Subject != "s2" || all[1].To != "anyone@exemple.ca" || !all[1].At.Equal(noon.Add(time.Hour)) {
		t.Errorf("letters: %+v, %v; want the two newest", all, err)
	}
}
