package matching

import (
	"context"
	"errors"
	"fmt"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/match"
	"passerelle/store/record"
	"passerelle/sync/hub"
	"passerelle/sync/wire"
)

// Mine are the matches of whoever asks, as they stand now: of an active profile, with what
// is shown by approved employers of this bank.
func (m *Matching) Mine(ctx context.Context, who hub.Who, now time.Time) (out wire.Matches, err error) {
	err = m.o.Ledger.View(ctx, func(t *ledger.Tx) error {
		out = wire.Matches{Lists: m.o.Lists, Matches: []wire.Match{}}
		s, err := t.Seeker(ctx, who.Account)
		if errors.Is(err, ledger.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		out.Active, out.Version, out.Strict = true, s.Version, s.Strict
		all, err := t.SuitedTo(ctx, who.Account)
		if err != nil {
			return err
		}
		employers := map[string]bool{}
		for _, s := range all {
			c, err := t.Card(ctx, s.Posting)
			if err != nil {
				return err
			}
			o, err := m.owner(ctx, t, c, employers)
			if err != nil {
				return err
			}
			if barred(s, c, o, now) == "" {
				out.Matches = append(out.Matches, wire.Match{Number: c.Number, Posting: c.ID, Percent: s.Percent, Stars: stars(s.Percent), State: s.Choice.State})
			}
		}
		return nil
	})
	if err != nil {
		return wire.Matches{}, fmt.Errorf("matches of account %s: %w", who.Account, err)
	}
	return out, nil
}

// sameLook is how long the same overview, shown to the same account again, is the same look.
const sameLook = 10 * time.Minute

// Of are the seekers whom a posting is matched with, shown to whoever shares the file of its
// employer, without a word of who they are. Each of them is told who looked.
func (m *Matching) Of(ctx context.Context, who hub.Who, doc string, now time.Time) (out wire.Matched, err error) {
	forbidden := &wire.Refused{Code: account.Forbidden}
	err = m.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		out = wire.Matched{Lists: m.o.Lists, Seekers: []wire.Overview{}}
		c, err := t.NativePosting(ctx, doc)
		if errors.Is(err, ledger.ErrNotFound) {
			return forbidden // whether there is such a posting is not told
		}
		if err != nil {
			return err
		}
		o, err := m.owner(ctx, t, c, nil)
		if err != nil {
			return err
		}
		if o.part == "" {
			return forbidden
		}
		if may, err := m.records.May(ctx, t, who, o.part, now); err != nil {
			return err
		} else if !may {
			return forbidden
		}
		out.Posting = c.ID
		all, err := t.SuitedBy(ctx, c.ID)
		if err != nil {
			return err
		}
		for _, s := range all {
			if barred(s, c, o, now) != "" {
				continue
			}
			if out.Total++; out.Total > wire.MaxOverviews {
				continue
			}
			p, ok, err := m.profile(ctx, t, s.Account)
			if err != nil {
				return err
			}
			if !ok {
				out.Total--
				continue
			}
			out.Seekers = append(out.Seekers, overview(s, p))
			if s.Account == who.Account {
				continue
			}
			err = t.AddSeen(ctx, ledger.Seen{
				Account: s.Account, At: now, Role: wire.SeenEmployer, Viewer: who.Account, What: "profile", Ref: record.ProfileOf(s.Account),
				Mark: fmt.Sprintf("match/%s@%d", s.Ref, s.Seeker.Version),
			}, sameLook)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return wire.Matched{}, fmt.Errorf("matches of posting %s: %w", doc, err)
	}
	return out, nil
}

// overview is what an employer sees of a seeker: four of the sections that are matched. Where
// somebody would work is left out: it is all that could say where they live.
func overview(s ledger.Suited, p match.Person) wire.Overview {
	out := wire.Overview{
		Match: s.Ref, Percent: s.Percent, Stars: stars(s.Percent),
		Experience: p.Experience, Skills: p.Skills, Education: p.Education, Credentials: p.Credentials,
		State: s.Choice.State, Code: s.Choice.Code, Since: s.At.UTC().Truncate(24 * time.Hour),
	}
	if out.State == "answered" {
		out.State = "viewed" // whether they applied is between the two of them
	}
	return out
}
