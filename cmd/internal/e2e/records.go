package e2e

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/ui/state"
)

// twoDesks is a person with two computers, each with a screen, a keyring and files of its own,
// and the one server that both know.
type twoDesks struct {
	d    *portalDesk // its server, its mailboxes and its account
	who  *someone
	l    i18n.Lang
	a, b *visit
}

// openDesks starts the server, makes an account there and opens as many desks as there are names.
func openDesks(ctx context.Context, p Programs, t *trail, l i18n.Lang, names ...string) (*twoDesks, error) {
	x := &twoDesks{d: &portalDesk{p: p, t: t, l: l}, l: l, who: &someone{first: "Ada", email: portalEmail, password: portalAccount, answers: map[string]string{}}}
	for _, id := range account.QuestionIDs[:5] {
		x.who.answers[id] = "answer to " + id
	}
	var err error
	if x.d.mail, err = NewMailboxes(ctx); err != nil {
		return x, err
	}
	if x.d.port, err = freePort(ctx); err != nil {
		return x, err
	}
	if err := x.d.serve(ctx); err != nil {
		return x, err
	}
	if err := x.d.register(ctx, portalEmail); err != nil {
		return x, err
	}
	for i, name := range names {
		home := p
		home.Home = filepath.Join(p.Home, name)
		v := &visit{p: home, t: t, l: l}
		if v.s, err = t.screen(ctx, home, 1280, 800); err != nil {
			return x, err
		}
		if err := v.s.Keyring(ctx); err != nil {
			return x, err
		}
		if i == 0 {
			x.a = v
		} else {
			x.b = v
		}
	}
	return x, nil
}

// looksOf are the looks of the first of two desks, and of the second or only one, so that every
// one is seen.
func looksOf(l i18n.Lang, first bool) []string {
	switch {
	case first && l == i18n.French:
		return []string{"--theme", "light"}
	case l == i18n.French:
		return []string{"--theme", "dark"}
	case first:
		return []string{"--theme", "contrast"}
	}
	return []string{"--theme", "dark", "--scale", "200"}
}

// open starts the window of a desk.
func (x *twoDesks) open(ctx context.Context, v *visit) (err error) {
	args := append([]string{"--server", "http://" + x.d.port, "--lang", string(x.l)}, looksOf(x.l, v == x.a && x.b != nil)...)
	v.w, err = v.t.launch(ctx, v.p, v.s, "desk", args...)
	return err
}

// signIn opens the window and a session of the person.
func (x *twoDesks) signIn(ctx context.Context, v *visit) error {
	if err := x.open(ctx, v); err != nil {
		return err
	}
	if _, err := v.w.UntilIn(ctx, 90*time.Second, "the search with postings", func(s state.Sight) bool { return s.Total > 0 && s.Online && idle(s) }); err != nil {
		return err
	}
	if err := v.use(ctx, v.say(i18n.AcctSignin)); err != nil {
		return err
	}
	if err := v.shows(ctx, i18n.SigninWhy); err != nil {
		return err
	}
	return v.signIn(ctx, x.who)
}

// again opens the window of a desk that was cut off, and unlocks it.
func (x *twoDesks) again(ctx context.Context, v *visit) error {
	if err := x.open(ctx, v); err != nil {
		return err
	}
	if _, err := v.w.UntilIn(ctx, patience, "the search with postings", func(s state.Sight) bool { return s.Total > 0 && idle(s) }); err != nil {
		return err
	}
	open := v.say(i18n.PeopleUnlock, "Name", x.who.first)
	if err := v.place(ctx, "ctrl+8", "people", "who is known here", func(s state.Sight) bool { return Shows(s, open) }); err != nil {
		return err
	}
	if err := v.use(ctx, open); err != nil {
		return err
	}
	_, err := v.w.UntilIn(ctx, patience, "the desk unlocked", func(s state.Sight) bool {
		return Shows(s, v.say(i18n.NavMe)) // the name is at the foot of the rail, below the fold in large text
	})
	return err
}

// back starts the server anew, at its address.
func (x *twoDesks) back(ctx context.Context) error { return x.d.serve(ctx) }

// place opens a screen by its key and waits until it shows what is asked.
func (v *visit) place(ctx context.Context, key, route, what string, ok func(state.Sight) bool) error {
	if err := v.w.Keys(ctx, key); err != nil {
		return err
	}
	_, err := v.w.UntilIn(ctx, patience, what, func(s state.Sight) bool { return s.Route == route && (ok == nil || ok(s)) })
	return err
}

// named are the names of the searches that the window shows as saved.
func (v *visit) named(s state.Sight) (all []string) {
	before, after, _ := strings.Cut(v.say(i18n.SavedRenameLabel, "Name", "\n"), "\n")
	for _, text := range s.Texts {
		if name, ok := strings.CutPrefix(plain(text), plain(before)); ok && name != "" && !slices.Contains(all, strings.TrimSuffix(name, after)) {
			all = append(all, strings.TrimSuffix(name, after))
		}
	}
	return all
}

// has wants the saved searches to be one, of that name.
func (v *visit) has(ctx context.Context, name string) error {
	return v.place(ctx, "ctrl+2", "saved", "the saved search "+name, func(s state.Sight) bool {
		all := v.named(s)
		return len(all) == 1 && all[0] == plain(name)
	})
}

// rename gives the one saved search another name.
func (v *visit) rename(ctx context.Context, from, to string) error {
	if err := v.has(ctx, from); err != nil {
		return err
	}
	if err := v.use(ctx, v.say(i18n.SavedRenameLabel, "Name", from)); err != nil {
		return err
	}
	if _, err := v.w.Until(ctx, "the field of the name", func(s state.Sight) bool { return strings.HasPrefix(plain(s.Focus), plain(v.say(i18n.SavedName))) }); err != nil {
		return err
	}
	if err := v.w.Keys(ctx, "ctrl+a"); err != nil {
		return err
	}
	if err := v.w.Type(ctx, to); err != nil {
		return err
	}
	if err := v.w.Keys(ctx, "Return"); err != nil {
		return err
	}
	return v.has(ctx, to)
}

// waits wants the outbox to say that so many changes wait, and the status bar, too.
func (v *visit) waits(ctx context.Context, n int) error {
	words := i18n.For(v.l)
	return v.place(ctx, "ctrl+3", "outbox", fmt.Sprint(n, " that wait"), func(s state.Sight) bool {
		if n == 0 {
			// That nothing waits stands above what was sent: in large text one of both is seen.
			return (Shows(s, v.say(i18n.OutboxEmpty)) || Shows(s, v.say(i18n.OutboxSentTitle))) &&
				!Shows(s, v.say(i18n.OutboxSend)) && !Shows(s, v.say(i18n.StatusPendingLabel)+", ")
		}
		return Shows(s, v.say(i18n.StatusPendingLabel)+", "+words.N(i18n.StatusPending, n)) && Shows(s, v.say(i18n.OutboxSend)) &&
			!Shows(s, v.say(i18n.OutboxEmpty)) && Shows(s, v.say(i18n.StatusOffline))
	})
}

// seek looks for something and gives how many postings there are.
func (v *visit) seek(ctx context.Context, words string) (int, error) {
	if err := v.w.Keys(ctx, "ctrl+1", "ctrl+f", "ctrl+a"); err != nil {
		return 0, err
	}
	if err := v.w.Type(ctx, words); err != nil {
		return 0, err
	}
	if err := v.w.Keys(ctx, "Return"); err != nil {
		return 0, err
	}
	last, still := 0, 0
	seen, err := v.w.Until(ctx, "postings of "+words, func(s state.Sight) bool {
		if s.Total != last || !idle(s) {
			last, still = s.Total, 0
		}
		still++ // what is typed is sought at once, and Return may widen it
		return s.Route == "search" && s.Words == words && s.Total > 0 && idle(s) && still > 30
	})
	return seen.Total, err
}

// firstPosting opens the first posting of the list.
func (v *visit) firstPosting(ctx context.Context) (int64, error) {
	if err := v.w.Keys(ctx, "ctrl+f", "Down", "Down", "Return"); err != nil {
		return 0, err
	}
	seen, err := v.w.Until(ctx, "a posting", func(s state.Sight) bool { return s.Number != 0 && idle(s) && Shows(s, v.say(i18n.PostingHowto)) })
	return seen.Number, err
}

// recordsIn walks one account at two desks, in a language.
func recordsIn(l i18n.Lang) func(context.Context, Programs, *trail) error {
	return func(ctx context.Context, p Programs, t *trail) error { return records(ctx, p, t, l) }
}

// records: what a person saves at one desk is at the other; both rename it while the server
// is dead and the power goes; each side is shown with who and when, one is chosen, or a third
// is written, and both desks agree. What is hidden at one is gone from the results of the other.
//
// Rows
func records(ctx context.Context, p Programs, t *trail, l i18n.Lang) error {
	x, err := openDesks(ctx, p, t, l, "a", "b")
	defer x.d.close()
	if err != nil {
		return err
	}
	a, b := x.a, x.b
	words := i18n.For(l)
	first, total := "", 0
	renamed := map[*visit]string{a: "Soins au bureau", b: "Soins chez moi"}
	third := "Soins partout"
	if l == i18n.English {
		renamed, third = map[*visit]string{a: "Care at work", b: "Care at home"}, "Care everywhere"
	}
	settled := renamed[b]
	return steps(
		"one account at two desks", func() error {
			var g errgroup.Group
			for _, v := range []*visit{a, b} {
				g.Go(func() error { return x.signIn(ctx, v) })
			}
			return g.Wait()
		},
		"a search that is saved at one is at the other", func() error {
			if err := b.place(ctx, "ctrl+2", "saved", "nothing saved", func(s state.Sight) bool { return Shows(s, b.say(i18n.SavedEmpty)) }); err != nil {
				return err
			}
			if _, err := a.seek(ctx, sought[l]); err != nil {
				return err
			}
			if err := a.use(ctx, a.say(i18n.SavedKeep)); err != nil {
				return err
			}
			seen, err := b.w.UntilIn(ctx, patience, "the search of the other desk", func(s state.Sight) bool { return len(b.named(s)) == 1 })
			if err != nil {
				return err
			}
			first = b.named(seen)[0]
			if err := a.has(ctx, first); err != nil {
				return err
			}
			return errors.Join(a.shot(ctx, "a-saved"), b.shot(ctx, "b-has-it"))
		},
		"the server is killed; both give it another name", func() error {
			x.d.served.Stop()
			for _, v := range []*visit{a, b} {
				if err := v.rename(ctx, first, renamed[v]); err != nil {
					return err
				}
				if err := v.waits(ctx, 1); err != nil {
					return err
				}
			}
			if err := b.shot(ctx, "b-waits"); err != nil {
				return err
			}
			return a.shot(ctx, "a-waits")
		},
		"a power cut at both", func() error { a.w.Kill(); b.w.Kill(); return nil },
		"the first comes back with what waited, still without a server", func() error {
			if err := x.again(ctx, a); err != nil {
				return err
			}
			if err := a.waits(ctx, 1); err != nil {
				return err
			}
			return a.shot(ctx, "a-came-back")
		},
		"the server comes back, and what waited leaves", func() error {
			if err := x.back(ctx); err != nil {
				return err
			}
			if err := a.use(ctx, a.say(i18n.OutboxSend)); err != nil {
				return err
			}
			if err := a.waits(ctx, 0); err != nil {
				return err
			}
			if err := a.shot(ctx, "a-sent"); err != nil {
				return err
			}
			return a.has(ctx, renamed[a])
		},
		"the second comes back, and is told of a choice", func() error {
			if err := x.again(ctx, b); err != nil {
				return err
			}
			told := b.say(i18n.StatusConflictsLabel) + ", " + words.N(i18n.StatusConflicts, 1)
			if _, err := b.w.UntilIn(ctx, patience, "a choice in the status bar", func(s state.Sight) bool { return Shows(s, told) }); err != nil {
				return err
			}
			if err := b.shot(ctx, "b-told"); err != nil {
				return err
			}
			if err := b.place(ctx, "ctrl+3", "outbox", "a choice in the outbox", func(s state.Sight) bool {
				return Shows(s, words.N(i18n.OutboxConflicts, 1)) && Shows(s, told)
			}); err != nil {
				return err
			}
			return b.shot(ctx, "b-outbox-choice")
		},
		"both sides stand there, with who and when", func() error {
			if err := b.w.Reach(ctx, b.say(i18n.OutboxChoose), 12); err != nil {
				return err
			}
			if err := b.w.Keys(ctx, "Return"); err != nil {
				return err
			}
			who, _, _ := strings.Cut(b.say(i18n.ConflictByYou, "Date", "\n"), "\n")
			if _, err := b.w.UntilIn(ctx, patience, "base, mine, theirs, who", func(s state.Sight) bool {
				return s.Route == "conflict" && Shows(s, b.say(i18n.ConflictBase)) && Shows(s, b.say(i18n.ConflictMine)) && Shows(s, b.say(i18n.ConflictTheirs)) &&
					Shows(s, first) && Shows(s, renamed[a]) && Shows(s, renamed[b]) && Shows(s, who)
			}); err != nil {
				return err
			}
			return b.shot(ctx, "b-conflict")
		},
		"one is chosen by keys, or another is written", func() error {
			if err := b.w.Reach(ctx, b.say(i18n.ConflictKeep)+", ", 12); err != nil {
				return err
			}
			keep := b.say(i18n.ConflictKeepMine)
			if err := b.w.Keys(ctx, "Home", "Right"); err != nil {
				return err
			}
			if l == i18n.English {
				settled, keep = third, b.say(i18n.ConflictKeepOther)
				if err := b.w.Keys(ctx, "End"); err != nil {
					return err
				}
			}
			if _, err := b.w.Until(ctx, "what was chosen", func(s state.Sight) bool { return strings.Contains(plain(s.Focus), ", "+plain(keep)+" (") }); err != nil {
				return err
			}
			if l == i18n.English {
				other, _, _ := strings.Cut(b.say(i18n.ConflictOther, "Field", "\n"), "\n")
				if err := b.w.Reach(ctx, other, 6); err != nil {
					return err
				}
				if err := b.w.Keys(ctx, "ctrl+a"); err != nil {
					return err
				}
				if err := b.w.Type(ctx, third); err != nil {
					return err
				}
			}
			if err := b.shot(ctx, "b-chosen"); err != nil {
				return err
			}
			if err := b.w.Reach(ctx, b.say(i18n.ConflictFinish), 12); err != nil {
				return err
			}
			if err := b.w.Keys(ctx, "Return"); err != nil {
				return err
			}
			if _, err := b.w.UntilIn(ctx, patience, "nothing left to choose", func(s state.Sight) bool {
				return Shows(s, b.say(i18n.ConflictNone)) && !Shows(s, b.say(i18n.StatusConflictsLabel)+", ")
			}); err != nil {
				return err
			}
			return b.shot(ctx, "b-settled")
		},
		"both desks say the same", func() error {
			for _, v := range []*visit{b, a} {
				if err := v.has(ctx, settled); err != nil {
					return err
				}
				if err := v.waits(ctx, 0); err != nil {
					return err
				}
			}
			return b.shot(ctx, "b-sent")
		},
		"what is hidden at one is gone from the results of the other", func() error {
			for _, v := range []*visit{a, b} {
				n, err := v.seek(ctx, sought[l])
				if err != nil {
					return err
				}
				if total > 0 && n != total {
					return fmt.Errorf("%d postings at one desk and %d at the other", total, n)
				}
				total = n
			}
			if _, err := a.firstPosting(ctx); err != nil {
				return err
			}
			if err := a.use(ctx, a.say(i18n.HiddenHidePosting)); err != nil {
				return err
			}
			if err := a.shows(ctx, i18n.HiddenPostingHere); err != nil {
				return err
			}
			if err := a.shot(ctx, "a-hidden"); err != nil {
				return err
			}
			if _, err := b.w.UntilIn(ctx, patience, "one posting less", func(s state.Sight) bool { return s.Route == "search" && s.Total == total-1 && idle(s) }); err != nil {
				return err
			}
			if err := b.place(ctx, "ctrl+2", "saved", "what is hidden", func(s state.Sight) bool { return Shows(s, settled) }); err != nil {
				return err
			}
			if err := b.below(ctx, b.say(i18n.HiddenWhy)); err != nil {
				return err
			}
			return b.shot(ctx, "b-hidden-too")
		},
		"the sync screen tells the age of what is here", func() error {
			if err := b.place(ctx, "ctrl+4", "sync", "the records", nil); err != nil {
				return err
			}
			if err := b.below(ctx, b.say(i18n.PrivateNow)); err != nil {
				return err
			}
			if _, err := b.w.Until(ctx, "the age of a partition", func(s state.Sight) bool {
				return Shows(s, b.say(i18n.PrivatePartPerson)) || Shows(s, b.say(i18n.PrivatePart))
			}); err != nil {
				return err
			}
			return b.shot(ctx, "b-ages")
		},
	)
}

// theirsIn walks what a person may do with all that is kept of them, in a language.
func theirsIn(l i18n.Lang) func(context.Context, Programs, *trail) error {
	return func(ctx context.Context, p Programs, t *trail) error { return theirs(ctx, p, t, l) }
}

// keyGroup is a group of a recovery key as it is shown.
var keyGroup = regexp.MustCompile(`[0-9A-Z]{4,}`)

// theirs: a note that stays at the desk, a cache that is made anew and takes nothing of the
// person with it, an archive of everything, a recovery key that is typed back, and a backup.
//
// Rows: B-010, X-017, X-041, X-042, X-045
func theirs(ctx context.Context, p Programs, t *trail, l i18n.Lang) error {
	x, err := openDesks(ctx, p, t, l, "a")
	defer x.d.close()
	if err != nil {
		return err
	}
	v := x.a
	note, name := "Demander a la cousine de Rimouski", "Soins a rouvrir"
	if l == i18n.English {
		note, name = "Ask the cousin from Rimouski", "Care to look at"
	}
	first, key := "", ""
	noted := v.say(i18n.SavedNoteIs, "Text", note)
	return steps(
		"a session", func() error { return x.signIn(ctx, v) },
		"a posting, a search and a private note", func() error {
			if _, err := v.seek(ctx, sought[l]); err != nil {
				return err
			}
			if err := v.use(ctx, v.say(i18n.SavedKeep)); err != nil {
				return err
			}
			if _, err := v.firstPosting(ctx); err != nil {
				return err
			}
			if err := v.use(ctx, v.say(i18n.PostingSave)); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.PostingUnsave); err != nil {
				return err
			}
			if err := v.place(ctx, "ctrl+2", "saved", "what is saved", func(s state.Sight) bool {
				return len(v.named(s)) == 1 && Shows(s, v.say(i18n.SavedNoteAdd))
			}); err != nil {
				return err
			}
			seen, err := v.w.Seen()
			if err != nil {
				return err
			}
			first = v.named(seen)[0]
			if err := v.use(ctx, v.say(i18n.SavedNoteAdd)); err != nil {
				return err
			}
			if _, err := v.w.Until(ctx, "the field of the note", func(s state.Sight) bool { return strings.HasPrefix(plain(s.Focus), v.say(i18n.SavedNote)) }); err != nil {
				return err
			}
			if err := v.w.Type(ctx, note); err != nil {
				return err
			}
			if err := v.shot(ctx, "note-writing"); err != nil {
				return err
			}
			if err := v.use(ctx, v.say(i18n.SavedNoteKeep)); err != nil {
				return err
			}
			if _, err := v.w.Until(ctx, "the note", func(s state.Sight) bool { return Shows(s, noted) && Shows(s, v.say(i18n.SavedNoteChange)) }); err != nil {
				return err
			}
			if err := v.shot(ctx, "note"); err != nil {
				return err
			}
			return v.waits(ctx, 0)
		},
		"the server is killed, and an edit waits", func() error {
			x.d.served.Stop()
			if err := v.rename(ctx, first, name); err != nil {
				return err
			}
			return v.waits(ctx, 1)
		},
		"the cache is reset", func() error {
			if err := v.place(ctx, "ctrl+6", "settings", "the settings", nil); err != nil {
				return err
			}
			if err := v.w.Reach(ctx, v.say(i18n.SettingsReset), 60); err != nil {
				return err
			}
			if err := v.shot(ctx, "mend"); err != nil {
				return err
			}
			if err := v.w.Keys(ctx, "Return"); err != nil {
				return err
			}
			if _, err := v.w.Until(ctx, "what stays", func(s state.Sight) bool { return s.Dialog && Shows(s, i18n.For(l).N(i18n.StatusPending, 1)) }); err != nil {
				return err
			}
			if err := v.shot(ctx, "reset-asks"); err != nil {
				return err
			}
			if err := v.w.Reach(ctx, v.say(i18n.SettingsReset), 4); err != nil {
				return err
			}
			if err := v.w.Keys(ctx, "Return"); err != nil {
				return err
			}
			if _, err := v.w.Until(ctx, "that it was", func(s state.Sight) bool { return !s.Dialog && s.Said == v.say(i18n.SettingsResetDone) }); err != nil {
				return err
			}
			return v.shot(ctx, "reset")
		},
		"what was written is there: the edit that waits, the note", func() error {
			if err := v.waits(ctx, 1); err != nil {
				return err
			}
			if err := v.shot(ctx, "reset-outbox"); err != nil {
				return err
			}
			if err := v.place(ctx, "ctrl+2", "saved", "the note", func(s state.Sight) bool { return Shows(s, noted) }); err != nil {
				return err
			}
			if err := v.shot(ctx, "reset-saved"); err != nil {
				return err
			}
			return v.has(ctx, name)
		},
		"the server comes back, and all is in step", func() error {
			if err := x.back(ctx); err != nil {
				return err
			}
			if err := v.waits(ctx, 1); err != nil {
				return err
			}
			if err := v.use(ctx, v.say(i18n.OutboxSend)); err != nil {
				return err
			}
			if err := v.waits(ctx, 0); err != nil {
				return err
			}
			if err := v.has(ctx, name); err != nil {
				return err
			}
			if err := v.place(ctx, "ctrl+4", "sync", "the records", nil); err != nil {
				return err
			}
			if err := v.below(ctx, v.say(i18n.PrivateNow)); err != nil {
				return err
			}
			if _, err := v.w.Until(ctx, "the age of a partition", func(s state.Sight) bool {
				return Shows(s, v.say(i18n.PrivatePartPerson)) && Shows(s, v.say(i18n.PrivateLast))
			}); err != nil {
				return err
			}
			return v.shot(ctx, "ages")
		},
		"the page of what is kept", func() error {
			if err := v.me(ctx); err != nil {
				return err
			}
			if err := v.w.Reach(ctx, v.say(i18n.DataOpen), 60); err != nil {
				return err
			}
			if err := v.w.Keys(ctx, "Return"); err != nil {
				return err
			}
			if _, err := v.w.UntilIn(ctx, patience, "what a person may do", func(s state.Sight) bool { return s.Route == "data" && Shows(s, v.say(i18n.DataExportWhy)) }); err != nil {
				return err
			}
			if err := v.shot(ctx, "data"); err != nil {
				return err
			}
			if err := v.below(ctx, v.say(i18n.DataDisputes)); err != nil {
				return err
			}
			if err := v.below(ctx, v.say(i18n.DataKept)); err != nil {
				return err
			}
			if err := v.shot(ctx, "data-kept"); err != nil {
				return err
			}
			return v.w.Keys(ctx, "Home")
		},
		"everything as an archive, by the dialog for files", func() error {
			path, err := v.save(ctx, i18n.DataExport, "export", ".zip")
			if err != nil {
				return err
			}
			z, err := zip.OpenReader(path)
			if err != nil {
				return err
			}
			var files []string
			for _, f := range z.File {
				files = append(files, f.Name)
			}
			if err := z.Close(); err != nil || len(files) < 3 {
				return fmt.Errorf("the archive holds %q, %w", files, err)
			}
			return nil
		},
		"a recovery key, typed back", func() error {
			if err := v.use(ctx, v.say(i18n.DataKeyMake)); err != nil {
				return err
			}
			seen, err := v.w.UntilIn(ctx, patience, "the key", func(s state.Sight) bool {
				return Shows(s, v.say(i18n.DataKeyCopy)) && Shows(s, v.say(i18n.DataKeyField))
			})
			if err != nil {
				return err
			}
			for i, text := range seen.Texts {
				if text == v.say(i18n.DataKeyField) {
					for _, line := range seen.Texts[i+1:] {
						if !keyGroup.MatchString(line) || strings.Trim(line, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ- ") != "" {
							break
						}
						key += line + " "
					}
				}
			}
			groups := strings.FieldsFunc(key, func(r rune) bool { return r == ' ' || r == '-' })
			if len(groups) < 4 {
				return fmt.Errorf("no recovery key: %s", brief(seen))
			}
			if err := v.shot(ctx, "key"); err != nil {
				return err
			}
			end := func(text string) error {
				if err := v.fill(ctx, v.say(i18n.DataKeyEnd), text, false); err != nil {
					return err
				}
				return v.w.Keys(ctx, "Return")
			}
			if err := end("WRONG"); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.DataKeyEndWrong); err != nil {
				return err
			}
			if err := v.shot(ctx, "key-wrong"); err != nil {
				return err
			}
			if err := end(groups[len(groups)-1]); err != nil {
				return err
			}
			seen, err = v.w.Until(ctx, "that the key is in force", func(s state.Sight) bool { return Shows(s, v.say(i18n.DataKeyAgain)) })
			if err == nil && Shows(seen, groups[0]) {
				err = errors.New("the key is shown still")
			}
			if err != nil {
				return err
			}
			return v.shot(ctx, "key-noted")
		},
		"a backup, sealed with it", func() error {
			if err := v.use(ctx, v.say(i18n.DataBackup)); err != nil {
				return err
			}
			if _, err := v.w.Until(ctx, "the question for the key", func(s state.Sight) bool {
				return s.Dialog && strings.HasPrefix(plain(s.Focus), v.say(i18n.DataKeyField))
			}); err != nil {
				return err
			}
			if err := v.w.Type(ctx, strings.ToLower(key)); err != nil {
				return err
			}
			if err := v.shot(ctx, "backup-key"); err != nil {
				return err
			}
			path, err := v.saved(ctx, "backup", ".passerelle", func() error { return v.w.Keys(ctx, "Return") })
			if err != nil {
				return err
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if bad := find(b, []trace{{"the note", note}}); len(b) < 100 || len(bad) > 0 {
				return fmt.Errorf("a backup of %d bytes holds %v", len(b), bad)
			}
			return nil
		},
		"the note is nowhere but at the desk, and readable nowhere there", func() error {
			for _, at := range []string{filepath.Join(p.Home, "server"), desk(v.p)} {
				found, files, err := search(at, []trace{{"the note", note}, {"the recovery key", strings.TrimSpace(key)}})
				if err != nil {
					return err
				}
				if files == 0 || len(found) > 0 {
					return fmt.Errorf("of %d files: %v", files, found)
				}
			}
			return nil
		},
	)
}

// save uses an act that asks where a file goes, and gives the path once it is written.
func (v *visit) save(ctx context.Context, act i18n.Key, what, ext string) (string, error) {
	return v.saved(ctx, what, ext, func() error { return v.use(ctx, v.say(act)) })
}

// saved has something ask where a file goes, takes the place that is offered, and gives the
// path that the window says once it is written.
func (v *visit) saved(ctx context.Context, what, ext string, ask func() error) (string, error) {
	if err := ask(); err != nil {
		return "", err
	}
	if _, err := v.w.Until(ctx, "the dialog for files", func(s state.Sight) bool { return s.Dialog && Shows(s, v.say(i18n.FyneSave)) }); err != nil {
		return "", err
	}
	if err := v.shot(ctx, what+"-dialog"); err != nil {
		return "", err
	}
	if err := v.w.Keys(ctx, "Return"); err != nil {
		return "", err
	}
	path, asked := "", false
	if _, err := v.w.UntilIn(ctx, patience, "the path of what was written", func(s state.Sight) bool {
		if s.Dialog && !asked && Shows(s, v.say(i18n.FyneOverwriteWhy)) {
			asked = true // a file of that name is there: once its question has been read, it is replaced
			if v.t.shot(ctx, v.w, what+"-replaces") == nil {
				_ = v.w.Press(ctx, v.say(i18n.FyneYes))
			}
		}
		for _, text := range append(s.Texts, s.Said) {
			if i := strings.Index(text, string(filepath.Separator)); i >= 0 && strings.Contains(text+".", ext+".") && !s.Dialog {
				path = text[i : strings.Index(text+".", ext+".")+len(ext)]
				return true
			}
		}
		return false
	}); err != nil {
		return "", err
	}
	return path, v.shot(ctx, what)
}
