package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"passerelle/ui/state"
)

// Seen is what the window last said that it shows.
func (w *Window) Seen() (state.Sight, error) {
	var s state.Sight
	b, err := os.ReadFile(w.probe)
	if err != nil {
		return s, err
	}
	b = b[:bytes.LastIndexByte(b, '\n')+1] // a line being written is not one yet
	lines := bytes.Split(bytes.TrimSpace(b), []byte("\n"))
	if len(b) == 0 {
		return s, errors.New("the window has said nothing yet")
	}
	return s, json.Unmarshal(lines[len(lines)-1], &s)
}

// Until waits until the window shows what is asked, twenty seconds at most.
func (w *Window) Until(ctx context.Context, what string, ok func(state.Sight) bool) (state.Sight, error) {
	return w.UntilIn(ctx, 20*time.Second, what, ok)
}

// UntilIn is Until with a limit of its own.
func (w *Window) UntilIn(ctx context.Context, limit time.Duration, what string, ok func(state.Sight) bool) (state.Sight, error) {
	var last state.Sight
	err := w.wait(ctx, limit, func() (bool, error) {
		s, err := w.Seen()
		if err != nil {
			return false, nil //nolint:nilerr // no line yet
		}
		last = s
		return ok(s), nil
	})
	if err != nil {
		return last, fmt.Errorf("waiting for %s: %w; the window shows %s", what, err, brief(last))
	}
	return last, nil
}

func brief(s state.Sight) string {
	texts := strings.Join(s.Texts, " | ")
	if len(texts) > 1500 {
		texts = texts[:1500] + "…"
	}
	return fmt.Sprintf("screen %s, %s, focus %q, dialog %v, words %q, total %d, number %d: %s",
		s.Route, s.Lang, s.Focus, s.Dialog, s.Words, s.Total, s.Number, texts)
}

// Shows says whether a text stands in the window.
func Shows(s state.Sight, text string) bool {
	for _, t := range s.Texts {
		if strings.Contains(plain(t), plain(text)) {
			return true
		}
	}
	return false
}

// plain lets a test write an ordinary space for a no-break one, and a box by its words.
func plain(s string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ", "☐ ", "", "☑ ", "", "☒ ", "").Replace(s)
}

// Control finds a control by the beginning of its label.
func Control(s state.Sight, label string) (state.Spot, bool) {
	for _, exact := range []bool{true, false} {
		for _, c := range s.Controls {
			if l := plain(c.Label); l == plain(label) || !exact && strings.HasPrefix(l, plain(label)) {
				return c, true
			}
		}
	}
	return state.Spot{}, false
}

// Press clicks the middle of the control whose label begins so, once it is there.
func (w *Window) Press(ctx context.Context, label string) error {
	s, err := w.Until(ctx, "the control "+label, func(s state.Sight) bool { _, ok := Control(s, label); return ok })
	if err != nil {
		return err
	}
	c, _ := Control(s, label)
	return w.Click(ctx, c.X+c.W/2, c.Y+c.H/2)
}

// Reach moves the keyboard with Tab until the control whose label begins so has it.
func (w *Window) Reach(ctx context.Context, label string, limit int) error {
	for i := 0; i < limit; i++ {
		s, err := w.Seen()
		if err != nil {
			return err
		}
		if strings.HasPrefix(plain(s.Focus), plain(label)) {
			return nil
		}
		before := s.Focus
		if err := w.Keys(ctx, "Tab"); err != nil {
			return err
		}
		// The focus may rightly stay when one control is all there is: what counts is the limit.
		_ = w.wait(ctx, 700*time.Millisecond, func() (bool, error) {
			s, err := w.Seen()
			return err == nil && s.Focus != before, nil
		})
	}
	s, _ := w.Seen()
	return fmt.Errorf("%d presses of Tab did not reach %q; the window shows %s", limit, label, brief(s))
}
