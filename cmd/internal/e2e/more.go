package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/ui/state"
)

// keyboardOnly does the main job without the mouse: from the offer to a posting, to the
// report and back, to the settings, with the focus always somewhere and no trap.
//
// Rows: X-070
func keyboardOnly(ctx context.Context, p Programs, t *trail) error {
	s, err := t.screen(ctx, p, 1280, 800)
	if err != nil {
		return err
	}
	w, err := t.launch(ctx, p, s, "desk")
	if err != nil {
		return err
	}
	en := i18n.English
	return steps(
		"the offer", func() error {
			if _, err := w.Until(ctx, "the offer", func(s state.Sight) bool { return s.Route == "welcome" && s.Focus != "" }); err != nil {
				return err
			}
			if err := w.Reach(ctx, say(en, i18n.WelcomeGo), 8); err != nil {
				return err
			}
			return w.Keys(ctx, "Return")
		},
		"search", func() error {
			if _, err := w.Until(ctx, "the search field with the keyboard", func(s state.Sight) bool {
				return s.Route == "search" && s.Lang == "en" && s.Total > 0 && s.Focus != ""
			}); err != nil {
				return err
			}
			if err := w.Type(ctx, "cook"); err != nil {
				return err
			}
			if err := w.Keys(ctx, "Return"); err != nil {
				return err
			}
			_, err := w.Until(ctx, "postings", func(s state.Sight) bool { return s.Words == "cook" && s.Total > 0 && idle(s) })
			return err
		},
		"Tab goes through every control once and comes back", func() error {
			seen := map[string]bool{}
			first := ""
			for i := 0; i < 120; i++ {
				v, err := w.Seen()
				if err != nil {
					return err
				}
				if v.Focus == "" {
					return fmt.Errorf("after %d presses of Tab nothing has the keyboard", i)
				}
				if i == 0 {
					first = v.Focus
				} else if v.Focus == first && len(seen) > 3 {
					return t.shot(ctx, w, "after-tabs")
				}
				seen[v.Focus] = true
				if err := w.Keys(ctx, "Tab"); err != nil {
					return err
				}
				_ = w.wait(ctx, 400*time.Millisecond, func() (bool, error) { n, err := w.Seen(); return err == nil && n.Focus != v.Focus, nil })
			}
			return fmt.Errorf("120 presses of Tab did not come back to %q; %d controls were met", first, len(seen))
		},
		"a posting", func() error {
			if err := w.Keys(ctx, "ctrl+f", "Down"); err != nil {
				return err
			}
			if err := w.Keys(ctx, "Down", "Return"); err != nil {
				return err
			}
			_, err := w.Until(ctx, "a posting", func(s state.Sight) bool { return s.Number != 0 && idle(s) })
			return err
		},
		"its report opens and closes, and the keyboard is not lost", func() error {
			if err := w.Reach(ctx, say(en, i18n.PostingReport), 80); err != nil {
				return err
			}
			if err := w.Keys(ctx, "Return"); err != nil {
				return err
			}
			if _, err := w.Until(ctx, "the report", func(s state.Sight) bool { return s.Dialog && s.Focus != "" && Shows(s, say(en, i18n.ReportWhere)) }); err != nil {
				return err
			}
			if err := w.Keys(ctx, "Escape"); err != nil {
				return err
			}
			_, err := w.Until(ctx, "the posting again, with a focus", func(s state.Sight) bool { return !s.Dialog && s.Number != 0 && s.Focus != "" })
			return err
		},
		"the list of keys", func() error {
			if err := w.Keys(ctx, "F1"); err != nil {
				return err
			}
			if _, err := w.Until(ctx, "the list of keys", func(s state.Sight) bool { return Shows(s, say(en, i18n.KeysFind)) && s.Focus != "" }); err != nil {
				return err
			}
			if err := t.shot(ctx, w, "keys"); err != nil {
				return err
			}
			return w.Keys(ctx, "Escape")
		},
		"every screen has its key, and something has the keyboard there", func() error {
			for key, route := range map[string]string{"ctrl+2": "saved", "ctrl+3": "outbox", "ctrl+4": "sync", "ctrl+5": "sources", "ctrl+6": "settings", "ctrl+1": "search"} {
				if err := w.Keys(ctx, key); err != nil {
					return err
				}
				if _, err := w.Until(ctx, "the screen "+route, func(s state.Sight) bool { return s.Route == route && s.Focus != "" }); err != nil {
					return err
				}
				if err := t.shot(ctx, w, route); err != nil {
					return err
				}
			}
			return nil
		},
	)
}

// reportOffline: a report made while the server is away waits in the outbox, leaves when
// it is back, once, and its ticket comes home.
//
// Rows
func reportOffline(ctx context.Context, p Programs, t *trail) error {
	s, err := t.screen(ctx, p, 1280, 800)
	if err != nil {
		return err
	}
	served, err := t.serve(ctx, p, nil, "server", "--demo", "--n", "2000")
	if err != nil {
		return err
	}
	w, err := t.launch(ctx, p, s, "desk", "--server", served.Address, "--lang", "fr")
	if err != nil {
		return err
	}
	fr := i18n.French
	var number int64
	return steps(
		"synced", func() error {
			_, err := w.UntilIn(ctx, time.Minute, "the server's catalogue", func(s state.Sight) bool { return s.Total > 0 && Shows(s, "Démonstration du") && idle(s) })
			return err
		},
		"the server goes away", func() error { served.Stop(); return nil },
		"a posting is reported", func() error {
			if err := w.Keys(ctx, "ctrl+f", "Down", "Down", "Return"); err != nil {
				return err
			}
			if _, err := w.Until(ctx, "a posting", func(s state.Sight) bool { return s.Number != 0 && idle(s) }); err != nil {
				return err
			}
			if err := w.Press(ctx, say(fr, i18n.PostingReport)); err != nil {
				return err
			}
			v, err := w.Until(ctx, "the report with the number filled in", func(s state.Sight) bool {
				return s.Dialog && Shows(s, grouped(s.Number)) && Shows(s, say(fr, i18n.ReportWhere))
			})
			if err != nil {
				return err
			}
			number = v.Number
			// Sent empty, it says what to mend and loses nothing.
			if err := w.Press(ctx, say(fr, i18n.ReportSend)); err != nil {
				return err
			}
			if _, err := w.Until(ctx, "what to mend", func(s state.Sight) bool { return s.Dialog && Shows(s, say(fr, i18n.ReportNeedReason)) }); err != nil {
				return err
			}
			return t.shot(ctx, w, "report-to-mend")
		},
		"a reason is chosen", func() error {
			if err := w.Press(ctx, say(fr, i18n.ReportReason)); err != nil {
				return err
			}
			if _, err := w.Until(ctx, "the reasons", func(s state.Sight) bool { return Shows(s, say(fr, i18n.ReasonTitle)) }); err != nil {
				return err
			}
			if err := w.Press(ctx, say(fr, i18n.ReasonTitle)); err != nil {
				return err
			}
			if err := t.shot(ctx, w, "report-filled"); err != nil {
				return err
			}
			if err := w.Press(ctx, say(fr, i18n.ReportSend)); err != nil {
				return err
			}
			if _, err := w.Until(ctx, "one report that waits", func(s state.Sight) bool { return !s.Dialog && s.Pending == 1 }); err != nil {
				return err
			}
			return t.shot(ctx, w, "waits")
		},
		"the program is killed and started again: the report still waits", func() error {
			w.Kill()
			var err error
			if w, err = t.launch(ctx, p, s, "desk", "--server", served.Address, "--lang", "fr"); err != nil {
				return err
			}
			_, err = w.Until(ctx, "one report that waits", func(s state.Sight) bool { return s.Pending == 1 })
			return err
		},
		"the server is back, and the report leaves", func() error {
			var err error
			addr := strings.TrimPrefix(served.Address, "http://")
			if served, err = t.serve(ctx, p, nil, "server", "--demo", "--n", "2000", "--addr", addr); err != nil {
				return err
			}
			if err := w.Keys(ctx, "F5"); err != nil {
				return err
			}
			if _, err := w.UntilIn(ctx, time.Minute, "nothing that waits", func(s state.Sight) bool { return s.Pending == 0 }); err != nil {
				return err
			}
			if err := w.Keys(ctx, "ctrl+3"); err != nil {
				return err
			}
			if _, err := w.Until(ctx, "the report with its ticket", func(s state.Sight) bool { return s.Route == "outbox" && Shows(s, "S-000001") }); err != nil {
				return err
			}
			return t.shot(ctx, w, "ticket")
		},
		"the server has it once", func() error {
			out, err := p.run(ctx, nil, "passerelle-server", "reports", "--data", filepath.Join(p.Home, "server"))
			if err == nil && (strings.Count(out, fmt.Sprint(number)) != 1 || strings.Count(out, "S-0000") != 1) {
				err = fmt.Errorf("the server's reports are:\n%s", out)
			}
			return err
		},
	)
}

// grouped writes a posting number as the window does.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	var b strings.Builder
	for i, r := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// looks takes a picture of the search screen in each language, theme and size of text, at
// three widths, and checks that the window says what it is set to.
//
// Rows
func looks(ctx context.Context, p Programs, t *trail) error {
	s, err := t.screen(ctx, p, 1280, 800)
	if err != nil {
		return err
	}
	for _, lang := range []string{"fr", "en"} {
		for _, theme := range []string{"light", "dark", "contrast"} {
			for _, scale := range []string{"100", "200"} {
				w, err := t.launch(ctx, p, s, "desk", "--lang", lang, "--theme", theme, "--scale", scale)
				if err != nil {
					return err
				}
				name := lang + "-" + theme + "-" + scale
				if _, err := w.Until(ctx, name, func(s state.Sight) bool {
					return s.Route == "search" && s.Total > 0 && s.Lang == lang && s.Theme == theme && fmt.Sprint(s.Percent) == scale && idle(s)
				}); err != nil {
					return err
				}
				if err := w.Type(ctx, map[string]string{"fr": "infirmière", "en": "nurse"}[lang]); err != nil {
					return err
				}
				if err := w.Keys(ctx, "Return", "Down", "Down", "Return"); err != nil {
					return err
				}
				if _, err := w.Until(ctx, name+", a posting", func(s state.Sight) bool { return s.Number != 0 && idle(s) }); err != nil {
					return err
				}
				if err := t.shot(ctx, w, name); err != nil {
					return err
				}
				if theme == "light" {
					for _, width := range []int{1000, 700} {
						if err := w.Size(ctx, width, 700); err != nil {
							return err
						}
						if _, err := w.Until(ctx, "the narrower window", func(s state.Sight) bool { return s.Size[0] == width }); err != nil {
							return err
						}
						if err := t.shot(ctx, w, fmt.Sprintf("%s-%d", name, width)); err != nil {
							return err
						}
					}
				}
				if err := w.Close(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// realSet is real files with the clock of the day on which they were current, and what a
// person then finds in them.
type realSet struct {
	name, source, now, lang string
	files                   []string
	words                   string // a search
	least                   int    // postings it finds
	number                  string // of one of them, at its source
	title                   string // of its occupation
	rows                    int    // that the files hold
}

var realSets = []realSet{
	{"alberta", "alberta", "2022-07-20T12:00:00Z", "en", []string{"alberta-2022-07.jobposting.ndjson"},
		"food service supervisor", 30, "36503855", "Retail salespersons and visual merchandisers", 380},
	{"open-data", "opendata", "2026-07-24T12:00:00Z", "fr", []string{"job-bank-open-data-2026-sample-en.csv"},
		"data", 10, "15725527", "Analystes de bases de données et administrateurs/administratrices de données", 131},
	{"federal-2019-07", "federal", "2019-07-10T12:00:00Z", "en", []string{"federal-xml/30674932.xml", "federal-xml/30696242.xml", "federal-xml/30929001.xml"}, "", 3, "30674932", "", 3},
	{"federal-2019-09", "federal", "2019-09-20T12:00:00Z", "fr", []string{"federal-xml/31242715.xml"}, "", 1, "31242715", "", 1},
	{"federal-2019-10", "federal", "2019-10-15T12:00:00Z", "en", []string{"federal-xml/31382165.xml", "federal-xml/31382167.xml", "federal-xml/31387859.xml"}, "", 3, "31387859", "", 3},
	{"federal-2024-02", "federal", "2024-02-16T12:00:00Z", "en", []string{"federal-xml/39900323.xml", "federal-xml/40098629.xml", "federal-xml/40207035.xml"},
		"web developer", 1, "39900323", "Web developers and programmers", 3},
	{"federal-2024-03", "federal", "2024-03-01T12:00:00Z", "fr", []string{"federal-xml/41176519.xml"}, "", 1, "41176519", "", 1},
}

// realFiles imports every real file with the clock of its day, publishes it, serves it,
// syncs it over HTTP, and finds it: by the command line for every set, and in the window.
//
// Rows
func realFiles(ctx context.Context, p Programs, t *trail) error {
	s, err := t.screen(ctx, p, 1280, 800)
	if err != nil {
		return err
	}
	for _, set := range realSets {
		if err := realOne(ctx, p, t, s, set); err != nil {
			return fmt.Errorf("%s: %w", set.name, err)
		}
	}
	return nil
}

func realOne(ctx context.Context, p Programs, t *trail, s *Screen, set realSet) error {
	day := set.now[:10]
	env := []string{"PASSERELLE_NOW=" + set.now, "LANG=en_CA.UTF-8", "LC_ALL=en_CA.UTF-8"}
	data := filepath.Join(p.Home, set.name, "server")
	deskDir := filepath.Join(set.name, "desk")
	if err := os.RemoveAll(filepath.Join(p.Home, set.name)); err != nil {
		return err
	}
	server := func(args ...string) error {
		_, err := p.run(ctx, env, "passerelle-server", args...)
		return err
	}
	files := []string{"import", "--data", data, "--source", set.source, "--as-of", day}
	for _, f := range set.files {
		files = append(files, filepath.Join(p.Data, "postings", filepath.FromSlash(f)))
	}
	err := steps(
		"keys", func() error { return server("keys", "new", "--data", data) },
		"source", func() error {
			if err := server("source", "add", set.source, "--data", data, "--name-fr", "Fichier réel "+set.source, "--name-en", "Real file "+set.source,
				"--host", "example.org", "--agreement", "test"); err != nil {
				return err
			}
			return server("source", "accept", set.source, "--data", data)
		},
		"import", func() error {
			out, err := p.run(ctx, env, "passerelle-server", files...)
			if want := fmt.Sprintf("added: %d,", set.rows); err == nil && !strings.Contains(out, want) {
				err = fmt.Errorf("want %q in:\n%s", want, out)
			}
			return err
		},
		"publish", func() error { return server("publish", "--data", data, "--as-of", day) },
	)
	if err != nil {
		return err
	}
	served, err := t.serve(ctx, p, env, filepath.Join(set.name, "server"), "--publish-every", "0")
	if err != nil {
		return err
	}
	defer served.Stop()
	cli := func(args ...string) (string, error) {
		return p.run(ctx, env, "passerelle-cli", append(args, "--data", filepath.Join(p.Home, deskDir), "--now", set.now, "--lang", set.lang)...)
	}
	if _, err := cli("sync", "--server", served.Address); err != nil {
		return err
	}
	out, err := cli("search", set.words, "--format", "json", "--limit", "500")
	if err != nil {
		return err
	}
	var r struct {
		Total     int
		Catalogue struct{ Postings int }
		Postings  []struct {
			Source string
			NOC    string
		}
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		return fmt.Errorf("%w in %s", err, out)
	}
	// Of the rows taken in, those that ended before the horizon are not published.
	if r.Total < set.least || r.Catalogue.Postings < set.least || r.Catalogue.Postings > set.rows {
		return fmt.Errorf("%q finds %d of %d postings, want at least %d of at most %d", set.words, r.Total, r.Catalogue.Postings, set.least, set.rows)
	}
	shown, err := cli("show", set.number)
	if err != nil {
		return err
	}
	if !strings.Contains(shown, set.title) {
		return fmt.Errorf("posting %s does not show %q:\n%s", set.number, set.title, shown)
	}
	// The window reads the same desk, the server still there.
	w, err := t.launch(ctx, p, s, deskDir, "--server", served.Address, "--lang", set.lang, "--now", set.now)
	if err != nil {
		return err
	}
	defer w.Kill()
	if _, err := w.Until(ctx, "the catalogue", func(v state.Sight) bool { return v.Route == "search" && v.Total >= set.least && idle(v) }); err != nil {
		return err
	}
	if err := w.Type(ctx, set.number); err != nil {
		return err
	}
	if err := w.Keys(ctx, "Return"); err != nil {
		return err
	}
	if _, err := w.Until(ctx, "the one posting of that number", func(v state.Sight) bool { return v.Words == set.number && v.Total >= 1 && idle(v) }); err != nil {
		return err
	}
	if err := w.Keys(ctx, "Down", "Down", "Return"); err != nil {
		return err
	}
	if _, err := w.Until(ctx, "the posting of that number", func(v state.Sight) bool {
		return v.Number >= 100_000_000 && idle(v) && Shows(v, set.number) && (set.title == "" || Shows(v, set.title))
	}); err != nil {
		return err
	}
	return t.shot(ctx, w, set.name)
}
