package e2e

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/skill"
	"passerelle/ui/state"
)

// profileIn walks the seven steps of a profile in a language.
func profileIn(l i18n.Lang) func(context.Context, Programs, *trail) error {
	return func(ctx context.Context, p Programs, t *trail) error { return profile(ctx, p, t, l) }
}

// profileWord is what a value of the profile is called.
func profileWord(l i18n.Lang, field, value string) string {
	b, err := json.Marshal([]string{value})
	if err != nil {
		return value
	}
	return strings.Join(state.ValueWords(i18n.For(l), "profile", field, b, time.UTC), ", ")
}

// begun opens the profile from the dashboard, by its act there.
func (v *visit) begun(ctx context.Context, act i18n.Key) error {
	if err := v.use(ctx, v.say(i18n.NavBoard)); err != nil {
		return err
	}
	if _, err := v.w.UntilIn(ctx, patience, "the dashboard", func(s state.Sight) bool { return s.Route == "board" && Shows(s, v.say(i18n.BoardWhy)) }); err != nil {
		return err
	}
	if err := v.on(ctx, v.say(act)); err != nil {
		return err
	}
	if err := v.w.Keys(ctx, "Return"); err != nil {
		return err
	}
	_, err := v.w.Until(ctx, "the profile", func(s state.Sight) bool { return s.Route == "profile" })
	return err
}

// choose types into a field of the profile that looks something up, and takes the first that
// is found.
func (v *visit) choose(ctx context.Context, field i18n.Key, text string) error {
	has := func(s state.Sight) bool { return strings.HasPrefix(plain(s.Focus), plain(v.say(field))) }
	if _, err := v.w.UntilIn(ctx, patience, "the keyboard in "+v.say(field), has); err != nil {
		return err
	}
	if err := v.w.Type(ctx, text); err != nil {
		return err
	}
	if _, err := v.w.Until(ctx, text+" typed", func(s state.Sight) bool { return has(s) && strings.Contains(s.Focus, text) }); err != nil {
		return err
	}
	var err error
	for range 5 { // what is looked up comes a moment after it was typed
		if err = v.w.Keys(ctx, "Return"); err != nil {
			return err
		}
		if _, err = v.w.UntilIn(ctx, 2*time.Second, text+" taken", func(s state.Sight) bool { return !strings.Contains(s.Focus, text) }); err == nil {
			return nil
		}
	}
	return err
}

// on moves the keyboard to a control, and stays until it is there for good: on a busy machine
// a Tab may still be on its way.
func (v *visit) on(ctx context.Context, label string) error {
	var err error
	for range 4 {
		if err = v.w.Reach(ctx, label, 60); err != nil {
			return err
		}
		still := 0
		if _, err = v.w.UntilIn(ctx, 3*time.Second, "the keyboard to stay on "+label, func(s state.Sight) bool {
			if still++; !strings.HasPrefix(plain(s.Focus), plain(label)) {
				still = 0
			}
			return still > 20
		}); err == nil {
			return nil
		}
	}
	return err
}

// tick ticks a box by keys.
func (v *visit) tick(ctx context.Context, label string) error {
	if err := v.on(ctx, label); err != nil {
		return err
	}
	if err := v.w.Keys(ctx, "space"); err != nil {
		return err
	}
	_, err := v.w.Until(ctx, label+" ticked", func(s state.Sight) bool {
		c, ok := Control(s, label)
		return ok && c.On
	})
	return err
}

// profile: a person comes to the program, signs in, and fills in their profile; after each of
// the seven steps the power goes, and the next run goes on where they were, with all that they
// had chosen. They activate it while the server is down: it is active once the server has heard
// of it. What they change after that counts when they activate it, from the dashboard, by keys.
//
// Rows
func profile(ctx context.Context, p Programs, t *trail, l i18n.Lang) error {
	x, err := openDesks(ctx, p, t, l, "a")
	defer x.d.close()
	if err != nil {
		return err
	}
	v, words := x.a, i18n.For(l)
	place, title := "rimouski", "soudeur"
	if l == i18n.English {
		title = "welder"
	}
	occupation := state.ValueWords(words, "profile", "experience", json.RawMessage(`{"72106":"1"}`), time.UTC)
	welder, _, _ := strings.Cut(occupation[0], "\u00a0:")
	welder, _, _ = strings.Cut(welder, ":")
	seal, _ := skill.Get("ps:red-seal")
	card, _ := seal.Name.In(l)
	college, bachelor := profileWord(l, "education", "4"), profileWord(l, "education", "5")
	rimouski := profileWord(l, "places", "Rimouski, QC")
	task := ""
	for _, c := range skill.For("72106") {
		if c.Skill() && len(c.NOCs) > 0 {
			task, _ = c.Name.In(l)
			break
		}
	}
	cut := func(what string, resume i18n.Key, there ...string) func() error {
		return func() error {
			if err := v.shot(ctx, what); err != nil {
				return err
			}
			v.w.Kill()
			if err := x.again(ctx, v); err != nil {
				return err
			}
			if err := v.begun(ctx, resume); err != nil {
				return err
			}
			for _, label := range there { // by keys: in a field, those that turn pages are its own
				if err := v.on(ctx, label); err != nil {
					return err
				}
			}
			return v.shot(ctx, what+"-after")
		}
	}
	// top looks at a page of the profile from its head on, and once more where it has just changed.
	top := func(texts ...string) (err error) {
		for range 3 {
			if err = v.w.Keys(ctx, "Home"); err != nil {
				return err
			}
			for _, text := range texts {
				// The window tells of itself a moment after a key: a page is not turned before that.
				_, _ = v.w.UntilIn(ctx, time.Second, text, func(s state.Sight) bool { return Shows(s, text) })
				if err = v.below(ctx, text); err != nil {
					break
				}
			}
			if err == nil {
				return v.w.Keys(ctx, "Home")
			}
		}
		return err
	}
	sent := func() error {
		_, err := v.w.UntilIn(ctx, patience, "nothing left to send", func(s state.Sight) bool { return !Shows(s, v.say(i18n.StatusPendingLabel)+", ") })
		return err
	}
	next := func() error { return v.use(ctx, v.say(i18n.CommonContinue)) }
	return steps(
		"the program, then a power cut", func() error {
			if err := x.open(ctx, v); err != nil {
				return err
			}
			if _, err := v.w.UntilIn(ctx, 90*time.Second, "the search with postings", func(s state.Sight) bool { return s.Total > 0 && s.Online && idle(s) }); err != nil {
				return err
			}
			if err := v.use(ctx, v.say(i18n.NavBoard)); err != nil {
				return err
			}
			if err := v.shows(ctx, i18n.BoardGuest); err != nil {
				return err
			}
			if err := v.shot(ctx, "guest"); err != nil {
				return err
			}
			v.w.Kill()
			return nil
		},
		"the account, then a power cut", func() error {
			if err := x.signIn(ctx, v); err != nil {
				return err
			}
			return cut("account", i18n.BoardProfileBegin, v.say(i18n.ProfilePlacesFind))()
		},
		"the places", func() error { return v.choose(ctx, i18n.ProfilePlacesFind, place) },
		"the places, after a power cut", cut("places", i18n.BoardProfileResume, v.say(i18n.ProfilePlacesFind), rimouski),
		"on to the work", next,
		"a title and a skill", func() error {
			if err := v.choose(ctx, i18n.ProfileWorkFind, title); err != nil {
				return err
			}
			return v.tick(ctx, task)
		},
		"the work, after a power cut", cut("work", i18n.BoardProfileResume, v.say(i18n.ProfileWorkFind), v.say(i18n.ProfileWorkLengthOf, "Title", welder), task),
		"on to the studies", next,
		"a level", func() error { return v.tick(ctx, college) },
		"the studies, after a power cut", cut("studies", i18n.BoardProfileResume, college),
		"on to the credentials", next,
		"a credential", func() error { return v.choose(ctx, i18n.ProfileCredFind, "sceau rouge") },
		"the credentials, after a power cut", cut("credentials", i18n.BoardProfileResume, v.say(i18n.ProfileCredFind), card),
		"on to the review", next,
		"everything is there, and nothing is active", func() error {
			if _, err := v.w.UntilIn(ctx, patience, "the review", func(s state.Sight) bool { return strings.HasPrefix(plain(s.Focus), plain(v.say(i18n.ProfileActivate))) }); err != nil {
				return err
			}
			return top(v.say(i18n.ProfileDraft), rimouski, welder, task, college, card)
		},
		"the review, after a power cut", cut("review", i18n.BoardProfileResume, v.say(i18n.ProfileActivate)),
		"still a draft", func() error { return top(v.say(i18n.ProfileDraft)) },
		"activated while the server is dead", func() error {
			x.d.served.Stop()
			if err := v.use(ctx, v.say(i18n.ProfileActivate)); err != nil {
				return err
			}
			if _, err := v.w.Until(ctx, "it activated here", func(s state.Sight) bool {
				return strings.HasPrefix(plain(s.Focus), plain(v.say(i18n.ProfileDeactivate)))
			}); err != nil {
				return err
			}
			return top(v.say(i18n.ProfileComing))
		},
		"the activation, after a power cut", cut("coming", i18n.ProfileOverview, v.say(i18n.ProfileDeactivate)),
		"it is still to come", func() error { return top(v.say(i18n.ProfileComing)) },
		"the server comes back and hears of it", func() error {
			if err := x.back(ctx); err != nil {
				return err
			}
			if err := v.place(ctx, "ctrl+3", "outbox", "the outbox", nil); err != nil {
				return err
			}
			if err := v.use(ctx, v.say(i18n.OutboxSend)); err != nil {
				return err
			}
			if err := sent(); err != nil {
				return err
			}
			if err := v.begun(ctx, i18n.ProfileOverview); err != nil {
				return err
			}
			return top(v.say(i18n.ProfileActiveWhy))
		},
		"the way of matching", func() error {
			if err := v.on(ctx, v.say(i18n.ProfileMode)); err != nil {
				return err
			}
			if err := v.w.Keys(ctx, "Right"); err != nil {
				return err
			}
			_, err := v.w.Until(ctx, "the strict way", func(s state.Sight) bool {
				return strings.Contains(plain(s.Focus), plain(v.say(i18n.ProfileModeStrict)))
			})
			return err
		},
		"the way of matching, after a power cut", cut("mode", i18n.ProfileOverview, v.say(i18n.ProfileMode)+", "+v.say(i18n.ProfileModeStrict)),
		"the end of the walk", func() error {
			if err := v.on(ctx, v.say(i18n.ProfileFinish)); err != nil {
				return err
			}
			if err := v.w.Keys(ctx, "Return"); err != nil {
				return err
			}
			if _, err := v.w.Until(ctx, "the overview", func(s state.Sight) bool { return s.Route == "profile" && !Shows(s, v.say(i18n.ProfileFinish)) }); err != nil {
				return err
			}
			if err := v.on(ctx, v.say(i18n.ProfileDeactivate)); err != nil { // off the ways of matching, whose keys those of a page are
				return err
			}
			return top(v.say(i18n.ProfileVersion, "N", words.Number(2)))
		},
		"a section from the menu of the dashboard, changed", func() error {
			if err := v.begun(ctx, i18n.ProfileStudies); err != nil {
				return err
			}
			if err := v.tick(ctx, bachelor); err != nil {
				return err
			}
			if err := v.w.Keys(ctx, "Home"); err != nil {
				return err
			}
			if _, err := v.w.Until(ctx, "that it is not activated", func(s state.Sight) bool { return Shows(s, words.N(i18n.ProfilePending, 1)) }); err != nil {
				return err
			}
			return v.shot(ctx, "changed")
		},
		"the dashboard says so, and activates it", func() error {
			if err := v.use(ctx, v.say(i18n.NavBoard)); err != nil {
				return err
			}
			if _, err := v.w.Until(ctx, "the banner", func(s state.Sight) bool { return s.Route == "board" && Shows(s, words.N(i18n.ProfilePending, 1)) }); err != nil {
				return err
			}
			if err := v.shot(ctx, "board-changed"); err != nil {
				return err
			}
			if err := v.on(ctx, v.say(i18n.ProfileActivateChanges)); err != nil {
				return err
			}
			if err := v.w.Keys(ctx, "Return"); err != nil {
				return err
			}
			if _, err := v.w.UntilIn(ctx, patience, "it activated", func(s state.Sight) bool {
				return s.Route == "board" && Shows(s, v.say(i18n.ProfileActive)) && !Shows(s, words.N(i18n.ProfilePending, 1))
			}); err != nil {
				return err
			}
			return v.shot(ctx, "board-active")
		},
		"the server has heard of it", func() error {
			if err := sent(); err != nil {
				return err
			}
			if err := v.begun(ctx, i18n.ProfileOverview); err != nil {
				return err
			}
			return top(v.say(i18n.ProfileVersion, "N", words.Number(3)))
		},
	)
}
