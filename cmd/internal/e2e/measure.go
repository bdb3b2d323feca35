package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"passerelle/ui/state"
)

// Figures are what the window costs.
type Figures struct {
	Start    time.Duration // from the start of the process to postings on the screen
	Resident int64         // bytes, after a search
	Scrolled int64         // bytes, after scrolling through the list
	Wheel    time.Duration // longest wait of the drawing goroutine while the wheel turns; 0: never over 33 ms
	Leaps    time.Duration // the same while Page Down is held: a whole list of new rows at each press
}

// Measure syncs a desk of n postings and measures the window on it.
func Measure(ctx context.Context, p Programs, n int) (Figures, error) {
	var f Figures
	t := &trail{out: p.Out, name: "bench"}
	defer t.close()
	s, err := t.screen(ctx, p, 1280, 800)
	if err != nil {
		return f, err
	}
	served, err := t.serve(ctx, p, nil, "server", "--demo", "--n", strconv.Itoa(n))
	if err != nil {
		return f, err
	}
	if _, err := p.run(ctx, nil, "passerelle-cli", "sync", "--server", served.Address, "--data", filepath.Join(p.Home, "desk"), "--lang", "fr"); err != nil {
		return f, err
	}
	served.Stop()
	var starts []time.Duration
	for range 5 {
		w, err := t.launch(ctx, p, s, "desk", "--lang", "fr", "--offline")
		if err != nil {
			return f, err
		}
		first, err := w.firstUseful(ctx)
		if err != nil {
			return f, err
		}
		starts = append(starts, first.Sub(w.Began))
		if err := w.Close(); err != nil {
			return f, err
		}
	}
	slices.Sort(starts)
	f.Start = starts[len(starts)/2]

	w, err := t.launch(ctx, p, s, "desk", "--lang", "fr", "--offline")
	if err != nil {
		return f, err
	}
	if _, err := w.firstUseful(ctx); err != nil {
		return f, err
	}
	if err := w.Type(ctx, "infirmi"); err != nil {
		return f, err
	}
	if err := w.Keys(ctx, "Return"); err != nil {
		return f, err
	}
	if _, err := w.Until(ctx, "a search", func(v state.Sight) bool { return v.Words == "infirmi" && v.Total > 0 && idle(v) }); err != nil {
		return f, err
	}
	if f.Resident, err = resident(w.PID()); err != nil {
		return f, err
	}
	if err := w.Keys(ctx, "Down", "Down"); err != nil {
		return f, err
	}
	if f.Wheel, err = w.stall(ctx, func() error { return w.Wheel(ctx, 560, 500, 200) }); err != nil {
		return f, err
	}
	if f.Leaps, err = w.stall(ctx, func() error {
		for range 60 {
			if err := w.Keys(ctx, "Next"); err != nil {
				return err
			}
		}
		_, err := w.Until(ctx, "the list scrolled", func(v state.Sight) bool { return v.Selected > 100 })
		return err
	}); err != nil {
		return f, err
	}
	if f.Scrolled, err = resident(w.PID()); err != nil {
		return f, err
	}
	return f, t.shot(ctx, w, "scrolled")
}

// stall does something and gives the longest wait of the drawing goroutine meanwhile, 0
// when none was over 33 ms.
func (w *Window) stall(ctx context.Context, do func() error) (time.Duration, error) {
	before, err := w.Seen()
	if err != nil {
		return 0, err
	}
	if err := do(); err != nil {
		return 0, err
	}
	all, err := w.all()
	if err != nil {
		return 0, err
	}
	var longest time.Duration
	for _, v := range all {
		if v.N > before.N {
			longest = max(longest, time.Duration(v.Stall)*time.Microsecond)
		}
	}
	return longest, ctx.Err()
}

// all is everything the window has said.
func (w *Window) all() ([]state.Sight, error) {
	f, err := os.Open(w.probe)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var list []state.Sight
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v state.Sight
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, lines.Err()
}

// firstUseful is the moment of the first line of the probe that shows postings.
func (w *Window) firstUseful(ctx context.Context) (time.Time, error) {
	if _, err := w.Until(ctx, "postings", func(v state.Sight) bool { return v.Total > 0 && idle(v) }); err != nil {
		return time.Time{}, err
	}
	all, err := w.all()
	if err != nil {
		return time.Time{}, err
	}
	i := slices.IndexFunc(all, func(v state.Sight) bool { return v.Total > 0 })
	return all[i].At, nil
}

// resident is the memory of a process that is in RAM, in bytes.
func resident(pid int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for _, line := range strings.Split(string(b), "\n") {
		if v, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(v)[0], 10, 64)
			return kb * 1024, err
		}
	}
	return 0, fmt.Errorf("no VmRSS for process %d", pid)
}
