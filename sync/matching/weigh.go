package matching

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/match"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/record"
	"passerelle/sync/wire"
)

// Kinds of jobs: the rounds, and the work on one profile.
const (
	Rounds = "matches"
	Job    = "match"
)

// Every is how often new postings are held against everybody's profile.
const Every = 5 * time.Minute

// stride is how many seekers are looked at in one transaction.
const stride = 200

// suitor is a seeker that is held against postings. The lock is held, and no other
// transaction does the same meanwhile ([ledger.Tx.Matched]).
type suitor struct {
	*Matching
	ledger.Seeker
	profile *match.Profile
	hide    *query.Hide
	asked   bool                    // hide is known
	was     map[int64]ledger.Suited // what suited before, of the postings in question
	added   bool
}

// open reads a seeker's active profile; nil: there is none any more, and the seeker is gone.
func (m *Matching) open(ctx context.Context, t *ledger.Tx, s ledger.Seeker, suited []ledger.Suited) (*suitor, error) {
	one := &suitor{Matching: m, Seeker: s, was: make(map[int64]ledger.Suited, len(suited))}
	for _, w := range suited {
		one.was[w.Posting] = w
	}
	if known := m.read[s.Account]; known.profile != nil && known.version == s.Version && known.at.Equal(s.At) {
		one.profile = known.profile
		return one, nil
	}
	p, ok, err := m.profile(ctx, t, s.Account)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, t.DropSeeker(ctx, s.Account)
	}
	one.profile = match.New(p)
	if _, known := m.read[s.Account]; known || len(m.read) < mostRead {
		m.read[s.Account] = reading{s.Version, s.At, one.profile}
	}
	return one, nil
}

// suits says whether and how well a posting suits, whatever may be matched with whom: that
// is asked when matches are shown, since it changes with the days.
func (s *suitor) suits(ctx context.Context, t *ledger.Tx, row int64, now time.Time) (score match.Score, ok bool, err error) {
	k, open := s.pool[row]
	if !open || match.Eligible(match.Standing{Active: true}, k.card, now) != "" {
		return score, false, nil
	}
	if score = s.profile.Score(&k.asks); !score.In(match.Default) {
		return score, false, nil
	}
	if !s.asked {
		if s.hide, err = s.hidden(ctx, t); err != nil {
			return score, false, err
		}
		s.asked = true
	}
	return score, !s.hide.Has(k.card), nil
}

// hidden is what the seeker does not want to see again: none of it is matched, and those who
// are hidden do not see the seeker.
func (s *suitor) hidden(ctx context.Context, t *ledger.Tx) (*query.Hide, error) {
	var postings []query.HiddenPosting
	var employers []string
	err := s.records.Each(ctx, t, person(s.Account), "hidden", func(d record.Doc) {
		if word(d, "what") == "employer" {
			employers = append(employers, word(d, "employer"))
			return
		}
		var row int64
		_ = json.Unmarshal([]byte(word(d, "posting")), &row) // none: by its number
		postings = append(postings, query.HiddenPosting{Row: row, Number: whole(d, "number")})
	})
	return query.NewHide(postings, employers), err
}

// one makes of one posting what it is to the seeker.
func (s *suitor) one(ctx context.Context, t *ledger.Tx, row int64, now time.Time) error {
	score, ok, err := s.suits(ctx, t, row, now)
	if err != nil {
		return err
	}
	return s.write(ctx, t, row, score, ok, now)
}

func (s *suitor) write(ctx context.Context, t *ledger.Tx, row int64, score match.Score, ok bool, now time.Time) error {
	was, had := s.was[row]
	next := ledger.Suited{Account: s.Account, Posting: row, Ref: was.Ref, Percent: int(score.Percent), Strict: score.In(match.Strict), At: now}
	switch {
	case !ok && !had, ok && had && was.Percent == next.Percent && was.Strict == next.Strict:
		return nil
	case !ok:
		delete(s.was, row)
		return t.DropSuited(ctx, s.Account, row)
	case !had:
		s.added, next.Ref = true, s.ref(s.Account, row)
	}
	s.was[row] = next
	return t.PutSuited(ctx, next)
}

// all makes of every posting what it is to the seeker: the best of them are kept.
func (s *suitor) all(ctx context.Context, t *ledger.Tx, now time.Time) error {
	type hit struct {
		row   int64
		score match.Score
	}
	var hits []hit
	for row := range s.pool {
		score, ok, err := s.suits(ctx, t, row, now)
		if err != nil {
			return err
		}
		if ok {
			hits = append(hits, hit{row, score})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.score.Percent, a.score.Percent), cmp.Compare(b.row, a.row))
	})
	hits = hits[:min(len(hits), s.o.Most)]
	kept := make(map[int64]bool, len(hits))
	for _, h := range hits {
		kept[h.row] = true
		if err := s.write(ctx, t, h.row, h.score, true, now); err != nil {
			return err
		}
	}
	for row := range s.was {
		if !kept[row] {
			if err := s.write(ctx, t, row, match.Score{}, false, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// Work does the job on one profile, whose key names the account.
func (m *Matching) Work(ctx context.Context, j ledger.Job, now time.Time) error {
	id, _, _ := cutKey(j.Key)
	if err := m.o.Ledger.View(ctx, func(t *ledger.Tx) error { return m.know(ctx, t, now) }); err != nil {
		return err
	}
	return m.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		if _, err := t.Matched(ctx); err != nil {
			return err
		}
		s, err := t.Seeker(ctx, id)
		if errors.Is(err, ledger.ErrNotFound) {
			return nil // put to rest meanwhile
		}
		if err != nil {
			return err
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if err := m.refresh(ctx, t, now); err != nil {
			return err
		}
		suited, err := t.SuitedTo(ctx, id)
		if err != nil {
			return err
		}
		one, err := m.open(ctx, t, s, suited)
		if err != nil || one == nil {
			return err
		}
		return one.all(ctx, t, now)
	})
}

// Round holds the postings that changed since the last one against everybody's profile, and
// does what time and accounts ask: profiles of accounts that are suspended are put to rest
// and invitations to what has ended expire. Stopped half-way, the next goes on.
func (m *Matching) Round(ctx context.Context, now time.Time) error {
	if err := m.rest(ctx, now); err != nil {
		return fmt.Errorf("round of matches: %w", err)
	}
	if err := m.expire(ctx, now); err != nil {
		return fmt.Errorf("round of matches: %w", err)
	}
	err := m.o.Ledger.Update(ctx, func(t *ledger.Tx) error { return t.MatchBy(ctx, m.o.Lists) })
	if err != nil {
		return fmt.Errorf("round of matches: %w", err)
	}
	var rows []int64
	var upto int64
	err = m.o.Ledger.View(ctx, func(t *ledger.Tx) (err error) {
		if rows, upto, err = t.Unmatched(ctx); err != nil {
			return err
		}
		return m.know(ctx, t, now)
	})
	looked, after := 0, ""
	for err == nil && len(rows) > 0 {
		var last string
		n := 0
		err = m.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
			if _, err := t.Matched(ctx); err != nil {
				return err
			}
			all, err := t.Seekers(ctx, after, stride)
			if err != nil || len(all) == 0 {
				n = 0
				return err
			}
			n, last = len(all), all[len(all)-1].Account
			return m.hold(ctx, t, after, all, rows, now)
		})
		if n == 0 {
			break
		}
		looked, after = looked+n, last
	}
	if err == nil && len(rows) > 0 {
		err = m.o.Ledger.Update(ctx, func(t *ledger.Tx) error { return t.SetMatched(ctx, upto) })
	}
	if err != nil {
		return fmt.Errorf("round of matches: %w", err)
	}
	m.o.Log.InfoContext(ctx, "round of matches", "postings", len(rows), "profiles", looked)
	return nil
}

// hold holds the seekers behind one against some postings.
func (m *Matching) hold(ctx context.Context, t *ledger.Tx, after string, all []ledger.Seeker, rows []int64, now time.Time) error {
	suited, err := t.SuitedAmong(ctx, after, all[len(all)-1].Account, rows)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.refresh(ctx, t, now); err != nil {
		return err
	}
	for _, s := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		one, err := m.open(ctx, t, s, suited[s.Account])
		if err != nil {
			return err
		}
		if one == nil {
			continue
		}
		for _, row := range rows {
			if err := one.one(ctx, t, row, now); err != nil {
				return err
			}
		}
		if one.added {
			if err := t.TrimSuited(ctx, s.Account, m.o.Most); err != nil {
				return err
			}
		}
	}
	return nil
}

// rest takes those out of matching whose account is suspended or closed. Of one that is
// suspended the profile says so: who comes back is asked whether to activate it again.
func (m *Matching) rest(ctx context.Context, now time.Time) error {
	for {
		n := 0
		err := m.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
			all, err := t.Resting(ctx, stride)
			n = len(all)
			if err != nil {
				return err
			}
			for _, s := range all {
				if err := t.DropSeeker(ctx, s.Account); err != nil {
					return err
				}
				if a, err := t.Account(ctx, s.Account); errors.Is(err, ledger.ErrNotFound) || err == nil && a.State != account.Suspended {
					continue
				} else if err != nil {
					return err
				}
				err := m.records.Tell(ctx, t, person(s.Account), record.ProfileOf(s.Account), now, func(d record.Doc) bool {
					if word(d, "state") != "active" {
						return false
					}
					set(d, "state", "inactive")
					set(d, "rested", stamp(now))
					return true
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || n < stride {
			return err
		}
	}
}

// expire ends the invitations to postings that have ended, for both sides.
func (m *Matching) expire(ctx context.Context, now time.Time) error {
	var after ledger.Choice
	for {
		var all []ledger.Choice
		err := m.o.Ledger.Update(ctx, func(t *ledger.Tx) (err error) {
			// What ends today may be over in its own zone.
			if all, err = t.OpenChoices(ctx, posting.DayOf(now)+1, after, stride); err != nil {
				return err
			}
			for _, c := range all {
				card, err := t.Card(ctx, c.Posting)
				if err == nil && card.Ended(now) {
					err = m.end(ctx, t, c, card.Number, "expire", now)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(all) < stride {
			return err
		}
		after = all[len(all)-1]
	}
}

// Tidy forgets what is over: matches of postings that ended, and decisions after their time.
func (m *Matching) Tidy(ctx context.Context, now time.Time) error {
	m.mu.Lock()
	clear(m.read) // some are gone
	maps.DeleteFunc(m.pool, func(_ int64, k known) bool { return k.card.Ends < lastDay(now) })
	m.mu.Unlock()
	err := m.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		if _, err := t.DropEnded(ctx, lastDay(now)); err != nil {
			return err
		}
		_, err := t.DropChoices(ctx, posting.DayOf(now.Add(-m.o.Keep.Keep("decided"))))
		return err
	})
	if err != nil {
		return fmt.Errorf("tidy matches: %w", err)
	}
	return nil
}

// refused is the state of a match that either side has refused.
const refused = "refused"

// listed says whether a match is among those of the seeker's way, and was not refused.
func listed(s ledger.Suited) bool {
	return (s.Strict || !s.Seeker.Strict) && s.Choice.State != refused
}

// barred says why a seeker and a posting are not matched now, as an invitation is told.
func barred(s ledger.Suited, c posting.Card, o offer, now time.Time) string {
	standing := match.Standing{Active: true, Suspended: !s.Open, Express: s.Seeker.Express, Pending: !o.approved, Paused: o.paused}
	switch match.Eligible(standing, c, now) {
	case "":
		if listed(s) {
			return ""
		}
		return wire.ReasonLeft
	case match.Ended:
		return wire.ReasonEnded
	case match.Unapproved, match.Elsewhere, match.OldNumber:
		return wire.ReasonForbidden
	default:
		return wire.ReasonLeft
	}
}
