package e2e

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"passerelle/i18n"
	"passerelle/ui/state"
)

// walk is one run of the programs, as a person would use them.
type walk struct {
	name string
	do   func(ctx context.Context, p Programs, t *trail) error
}

// walks in the order in which they begin. Those over the real files need Programs.Data.
var walks = []walk{
	{"accounts-fr", accountsIn(i18n.French)}, // the longest first
	{"accounts-en", accountsIn(i18n.English)},
	{"portal-fr", portalIn(i18n.French)},
	{"portal-en", portalIn(i18n.English)},
	{"records-fr", recordsIn(i18n.French)},
	{"records-en", recordsIn(i18n.English)},
	{"profile-fr", profileIn(i18n.French)},
	{"profile-en", profileIn(i18n.English)},
	{"records-mine-fr", theirsIn(i18n.French)},
	{"records-mine-en", theirsIn(i18n.English)},
	{"seekers-fr", seekersIn(i18n.French)},
	{"seekers-en", seekersIn(i18n.English)},
	{"seekers-mine-fr", ownIn(i18n.French)},
	{"seekers-mine-en", ownIn(i18n.English)},
	{"partners", partners},
	{"first-start", firstStart},
	{"sync-search-apply", syncSearchApply},
	{"keyboard", keyboardOnly},
	{"report", reportOffline},
	{"looks", looks},
	{"real-files", realFiles},
}

// Result is what a walk came to.
type Result struct {
	Name string
	Err  error
	Skip string // why it was left out
	Took time.Duration
}

// atOnce is how many walks go on beside each other: most of one is waiting for keys to be
// typed, and each has a screen, a server and files of its own.
const atOnce = 3

// Run walks every walk whose name begins so, each with files of its own, and tells of each
// as it ends.
func Run(ctx context.Context, p Programs, only string, tell func(Result)) []Result {
	var (
		mu  sync.Mutex
		all []Result
		g   errgroup.Group
	)
	g.SetLimit(atOnce)
	for _, wk := range walks {
		if !strings.HasPrefix(wk.name, only) {
			continue
		}
		g.Go(func() error {
			began := time.Now()
			r := Result{Name: wk.name}
			if wk.name == "real-files" && p.Data == "" {
				r.Skip = "PASSERELLE_DATA names no folder of real files"
			} else {
				mine := p
				mine.Home = filepath.Join(p.Home, wk.name)
				t := &trail{out: filepath.Join(p.Out, wk.name), name: wk.name}
				r.Err = wk.do(ctx, mine, t)
				t.close()
			}
			r.Took = time.Since(began).Round(100 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			tell(r)
			all = append(all, r)
			return nil
		})
	}
	_ = g.Wait() // what a walk came to is in its result
	return all
}

// trail keeps what a walk has open, and numbers its pictures.
type trail struct {
	name, out string
	n         int
	Shots     []string
	screens   []*Screen
	windows   []*Window
	servers   []*Served
}

func (t *trail) close() {
	for _, w := range t.windows {
		w.Kill()
	}
	for _, s := range t.servers {
		s.Stop()
	}
	for _, s := range t.screens {
		s.Close()
	}
}

func (t *trail) screen(ctx context.Context, p Programs, w, h int) (*Screen, error) {
	s, err := NewScreen(ctx, w, h, p.Home)
	if err == nil {
		t.screens = append(t.screens, s)
	}
	return s, err
}

func (t *trail) launch(ctx context.Context, p Programs, s *Screen, desk string, args ...string) (*Window, error) {
	w, err := s.Launch(ctx, p.exe("passerelle"), append([]string{"--data", filepath.Join(p.Home, desk)}, args...)...)
	if err == nil {
		t.windows = append(t.windows, w)
	}
	return w, err
}

func (t *trail) serve(ctx context.Context, p Programs, env []string, data string, args ...string) (*Served, error) {
	s, err := p.serve(ctx, env, filepath.Join(p.Home, data), args...)
	if err == nil {
		t.servers = append(t.servers, s)
	}
	return s, err
}

// shot takes a picture of a step, and fails on what must never be printed.
func (t *trail) shot(ctx context.Context, w *Window, what string) error {
	if strings.Contains(w.Log(), "Error in Fyne call thread") {
		return fmt.Errorf("%s: the window was drawn from a wrong goroutine:\n%s", what, w.Log())
	}
	t.n++
	path := filepath.Join(t.out, fmt.Sprintf("%02d-%s.png", t.n, what))
	if err := w.Shot(ctx, path); err != nil {
		return err
	}
	t.Shots = append(t.Shots, path)
	return nil
}

func say(l i18n.Lang, k i18n.Key, args ...any) string { return i18n.For(l).S(k, args...) }

// steps runs steps in order until one fails, naming it.
func steps(list ...any) error {
	for i := 0; i+1 < len(list); i += 2 {
		if err := list[i+1].(func() error)(); err != nil {
			return fmt.Errorf("%s: %w", list[i], err)
		}
	}
	return nil
}

func idle(s state.Sight) bool { return !s.Loading }

// Tour walks the main job for a newcomer without a display and gives the pictures.
func Tour(ctx context.Context, p Programs) ([]string, error) {
	t := &trail{out: p.Out, name: "demo"}
	defer t.close()
	err := syncSearchApply(ctx, p, t)
	return t.Shots, err
}

// firstStart: a fresh desk without server or network offers the language, and searches its
// bundled sample within 60 seconds of its first start.
//
// Rows
func firstStart(ctx context.Context, p Programs, t *trail) error {
	s, err := t.screen(ctx, p, 1280, 800)
	if err != nil {
		return err
	}
	began := time.Now()
	w, err := t.launch(ctx, p, s, "desk")
	if err != nil {
		return err
	}
	fr := i18n.French
	return steps(
		"the offer", func() error {
			seen, err := w.Until(ctx, "both languages", func(s state.Sight) bool {
				return s.Route == "welcome" && Shows(s, "Bonjour") && Shows(s, "Hello")
			})
			if err == nil && seen.Focus == "" {
				err = fmt.Errorf("nothing has the keyboard: %s", brief(seen))
			}
			if err == nil {
				err = t.shot(ctx, w, "offer")
			}
			return err
		},
		"French is chosen", func() error { return w.Press(ctx, say(fr, i18n.WelcomeGo)) },
		"the sample is there", func() error {
			_, err := w.Until(ctx, "the search screen in French, with postings", func(s state.Sight) bool {
				return s.Route == "search" && s.Lang == "fr" && s.Total > 0 && idle(s)
			})
			return err
		},
		"a search as one types", func() error {
			if err := w.Type(ctx, "infirmi"); err != nil {
				return err
			}
			_, err := w.Until(ctx, "fewer postings, without Return", func(s state.Sight) bool {
				return s.Words == "infirmi" && s.Total > 0 && s.Total < 500 && idle(s)
			})
			if took := time.Since(began); err == nil && took > time.Minute {
				err = fmt.Errorf("first useful search after %s, want under a minute", took)
			}
			if err == nil {
				err = t.shot(ctx, w, "sample-search")
			}
			return err
		},
		"it says how old it is and that it is a sample", func() error {
			seen, err := w.Seen()
			if err == nil && !Shows(seen, "Échantillon du") {
				err = fmt.Errorf("no age of the catalogue: %s", brief(seen))
			}
			return err
		},
		"restarted, it does not offer again", func() error {
			if err := w.Close(); err != nil {
				return err
			}
			if w, err = t.launch(ctx, p, s, "desk"); err != nil {
				return err
			}
			_, err := w.Until(ctx, "the search screen in French", func(s state.Sight) bool { return s.Route == "search" && s.Lang == "fr" && s.Total > 0 })
			return err
		},
		"a month later the same postings have ended, and the sample is made anew", func() error {
			if err := w.Close(); err != nil {
				return err
			}
			at := time.Now().AddDate(0, 0, 45).Format(time.RFC3339)
			if w, err = t.launch(ctx, p, s, "desk", "--now", at); err != nil {
				return err
			}
			_, err := w.Until(ctx, "postings of that day", func(s state.Sight) bool {
				return s.Route == "search" && s.Total > 0 && Shows(s, "Échantillon du "+at[:10])
			})
			return err
		},
	)
}

// syncSearchApply is the main job: the catalogue comes from a server over HTTP, the
// server goes away, and a person finds work and learns how to apply, in either language.
//
// Rows
func syncSearchApply(ctx context.Context, p Programs, t *trail) error {
	s, err := t.screen(ctx, p, 1280, 800)
	if err != nil {
		return err
	}
	address := p.Server
	var served *Served
	if address == "" {
		if served, err = t.serve(ctx, p, nil, "server", "--demo", "--n", "5000"); err != nil {
			return err
		}
		address = served.Address
	}
	w, err := t.launch(ctx, p, s, "desk", "--server", address, "--lang", "fr")
	if err != nil {
		return err
	}
	fr, en := i18n.French, i18n.English
	var total int
	return steps(
		"the catalogue comes over HTTP", func() error {
			_, err := w.UntilIn(ctx, 90*time.Second, "the server's catalogue", func(s state.Sight) bool {
				return s.Route == "search" && s.Total > 2500 && Shows(s, "Démonstration du") && idle(s)
			})
			if err == nil {
				err = t.shot(ctx, w, "synced")
			}
			return err
		},
		"the server goes away", func() error {
			if served != nil {
				served.Stop()
			}
			return nil
		},
		"a search in French, a city and a radius", func() error {
			if err := w.Type(ctx, "infirmière"); err != nil {
				return err
			}
			if err := w.Keys(ctx, "Return"); err != nil {
				return err
			}
			seen, err := w.Until(ctx, "postings of nurses", func(s state.Sight) bool { return s.Words == "infirmière" && s.Total > 0 && idle(s) })
			if err != nil {
				return err
			}
			total = seen.Total
			if err := t.shot(ctx, w, "nurses"); err != nil {
				return err
			}
			return nil
		},
		"a facet narrows it, and the count beside it told by how much", func() error {
			seen, err := w.Seen()
			if err != nil {
				return err
			}
			full, ok := Control(seen, say(fr, i18n.PeriodFull))
			if !ok {
				return fmt.Errorf("no box for full time: %s", brief(seen))
			}
			if err := w.Click(ctx, full.X+8, full.Y+full.H/2); err != nil {
				return err
			}
			after, err := w.Until(ctx, "fewer postings", func(s state.Sight) bool { return s.Total > 0 && s.Total < total && idle(s) })
			if err != nil {
				return err
			}
			if !strings.Contains(plain(full.Label), plain(i18n.For(fr).Number(after.Total))) {
				return fmt.Errorf("the box said %q and %d postings came", full.Label, after.Total)
			}
			return t.shot(ctx, w, "full-time")
		},
		"a posting opens from the keyboard", func() error {
			// From the field, one arrow goes to the list and the next to its first posting.
			if err := w.Keys(ctx, "ctrl+f", "Down", "Down", "Return"); err != nil {
				return err
			}
			_, err := w.Until(ctx, "a posting with its acts", func(s state.Sight) bool {
				return s.Number != 0 && Shows(s, say(fr, i18n.PostingHowto)) && Shows(s, say(fr, i18n.PostingReport))
			})
			if err == nil {
				err = t.shot(ctx, w, "posting")
			}
			return err
		},
		"how to apply", func() error {
			if err := w.Press(ctx, say(fr, i18n.PostingHowto)); err != nil {
				return err
			}
			methods := []i18n.Key{i18n.ApplyOnline, i18n.ApplyEmail, i18n.ApplyPhone, i18n.ApplyFax, i18n.ApplyMail, i18n.ApplyPerson}
			_, err := w.Until(ctx, "at least one way to apply", func(s state.Sight) bool {
				for _, m := range methods {
					if Shows(s, say(fr, m)) {
						return true
					}
				}
				return false
			})
			if err == nil {
				err = t.shot(ctx, w, "how-to-apply")
			}
			return err
		},
		"the other language, without a restart", func() error {
			if err := w.Keys(ctx, "Escape", "ctrl+l"); err != nil {
				return err
			}
			_, err := w.Until(ctx, "English, the same search", func(s state.Sight) bool {
				return s.Lang == "en" && s.Words == "infirmière" && Shows(s, say(en, i18n.SearchGo)) && s.Total > 0
			})
			if err == nil {
				err = t.shot(ctx, w, "english")
			}
			return err
		},
		"nothing found has a way out", func() error {
			if err := w.Keys(ctx, "ctrl+f", "ctrl+a"); err != nil {
				return err
			}
			if err := w.Type(ctx, "xyzzyplugh"); err != nil {
				return err
			}
			if err := w.Keys(ctx, "Return"); err != nil {
				return err
			}
			if _, err := w.Until(ctx, "no posting and a way out", func(s state.Sight) bool {
				return s.Words == "xyzzyplugh" && s.Total == 0 && idle(s) && Shows(s, say(en, i18n.RelaxWords))
			}); err != nil {
				return err
			}
			return t.shot(ctx, w, "nothing-found")
		},
	)
}
