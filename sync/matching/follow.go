package matching

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"passerelle/store/ledger"
	"passerelle/store/match"
	"passerelle/store/posting"
	"passerelle/store/record"
	"passerelle/sync/hub"
	"passerelle/sync/wire"
)

func cutKey(key string) (account, n string, ok bool) {
	return strings.Cut(strings.TrimPrefix(key, Job+"/"), "/")
}

// Follow does what a change of a record asks: a profile that is activated is matched, one
// that is put to rest is not; an invitation that is sent reaches the seeker, and whatever
// either side decides reaches the other as far as it is told.
func (m *Matching) Follow(ctx context.Context, t *ledger.Tx, c hub.Changed, now time.Time) (touched []string, err error) {
	switch c.Kind {
	case "profile":
		return nil, m.activate(ctx, t, c, now)
	case "hidden":
		s, err := t.Seeker(ctx, c.Account)
		if errors.Is(err, ledger.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return nil, m.put(ctx, t, s, now)
	case "match":
		return m.seeker(ctx, t, c, now)
	case "invitation":
		return m.employer(ctx, t, c, now)
	}
	return nil, nil
}

// put writes a seeker, and queues the work on the profile.
func (m *Matching) put(ctx context.Context, t *ledger.Tx, s ledger.Seeker, now time.Time) error {
	if err := t.PutSeeker(ctx, s); err != nil {
		return err
	}
	// A profile that was begun again has the versions of the one before.
	key := fmt.Sprintf("%s/%s/%d.%d.%d", Job, s.Account, s.At.UnixMilli(), s.Version, s.Ver)
	return t.Queue(ctx, ledger.Job{Kind: Job, Key: key, Due: now})
}

// activate follows a profile. Edits that are not activated change nothing.
func (m *Matching) activate(ctx context.Context, t *ledger.Tx, c hub.Changed, now time.Time) error {
	if c.Doc != record.ProfileOf(c.Account) {
		return nil // an account has one profile, under its own name
	}
	if c.Next == nil || word(c.Next, "state") != "active" {
		return t.DropSeeker(ctx, c.Account)
	}
	if c.Command != "activate" {
		return nil
	}
	delete(c.Next, "rested")
	if err := t.DropSeeker(ctx, c.Account); err != nil { // with what suited the version before
		return err
	}
	return m.put(ctx, t, ledger.Seeker{
		Account: c.Account, Version: whole(c.Next, "version"), At: now,
		Strict: word(c.Next, "mode") == string(match.Strict), Express: string(c.Next["express"]) == "true",
	}, now)
}

// seeker follows what a seeker says of a match.
func (m *Matching) seeker(ctx context.Context, t *ledger.Tx, c hub.Changed, now time.Time) (touched []string, err error) {
	if c.Command == "" || c.Next == nil {
		return nil, nil
	}
	card, err := t.PostingByNumber(ctx, whole(c.Next, "number"))
	if errors.Is(err, ledger.ErrNotFound) || err == nil && card.External() {
		return nil, nil // of another bank's catalogue: nothing here to refuse
	}
	if err != nil {
		return nil, err
	}
	was, err := t.Choice(ctx, c.Account, card.ID)
	if errors.Is(err, ledger.ErrNotFound) {
		was, err = ledger.Choice{Account: c.Account, Posting: card.ID, Made: now}, nil
	}
	if err != nil {
		return nil, err
	}
	next := was
	next.State = word(c.Next, "state")
	tell := ""
	switch c.Command {
	case "view", "answer": // that one applied is not told: the employer sees the application
		tell = "view"
	case "decline", "refuse":
		tell, next.Ended = "decline", now
		set(c.Next, "ended", stamp(now))
		if c.Command == "refuse" {
			set(c.Next, "by", "seeker")
		}
	}
	if err := t.PutChoice(ctx, next); err != nil {
		return nil, err
	}
	if was.Doc == "" {
		return nil, nil
	}
	return []string{was.Part}, m.records.Tell(ctx, t, was.Part, was.Doc, now, func(d record.Doc) bool {
		if !do("invitation", tell, d) {
			return false
		}
		if tell == "view" {
			set(d, "viewed", stamp(now))
		}
		return true
	})
}

// do does a command to a record in place; false: it cannot be asked of it now.
func do(kind, command string, d record.Doc) bool {
	k, ok := record.Find(kind)
	if !ok {
		return false
	}
	next, _, err := k.Do(command, d)
	if err != nil {
		return false
	}
	maps.Copy(d, next)
	return true
}

// employer follows what an employer says of a match.
func (m *Matching) employer(ctx context.Context, t *ledger.Tx, c hub.Changed, now time.Time) (touched []string, err error) {
	if c.Command == "send" {
		return m.invite(ctx, t, c, now)
	}
	was, err := t.ChoiceBy(ctx, c.Part, c.Doc)
	switch {
	case errors.Is(err, ledger.ErrNotFound) && c.Command == "reject":
		return m.reject(ctx, t, c, now)
	case errors.Is(err, ledger.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	}
	command := c.Command
	switch {
	case c.Next == nil: // nobody stands behind it any more
		if was.State != "invited" && was.State != "viewed" {
			return nil, nil
		}
		command = "withdraw"
	case command == "" && begun(c):
		return nil, hub.No(wire.ReasonTwice) // removed and begun again: its code is a seeker's
	case command == "":
		return nil, nil
	}
	card, err := t.Card(ctx, was.Posting)
	if err != nil {
		return nil, err
	}
	return []string{person(was.Account)}, m.end(ctx, t, was, card.Number, command, now)
}

// begun says whether a record stands as one that nothing was done with.
func begun(c hub.Changed) bool {
	k, ok := record.Find(c.Kind)
	return ok && k.State(c.Next) == k.First
}

// end ends an invitation for the seeker: by "withdraw", "expire" or "reject". The last two
// of these the employer's own record may not know yet.
func (m *Matching) end(ctx context.Context, t *ledger.Tx, was ledger.Choice, number int64, command string, now time.Time) error {
	next := was
	next.Ended = now
	err := m.records.Tell(ctx, t, person(was.Account), record.MatchOf(was.Account, number), now, func(d record.Doc) bool {
		if !do("match", command, d) {
			return false
		}
		set(d, "ended", stamp(now))
		if command == "reject" {
			set(d, "by", "employer")
		}
		return true
	})
	if err != nil {
		return err
	}
	switch command {
	case "withdraw":
		next.State = "withdrawn"
	case "expire":
		next.State = "expired"
		err := m.records.Tell(ctx, t, was.Part, was.Doc, now, func(d record.Doc) bool { return do("invitation", command, d) })
		if err != nil {
			return err
		}
	default:
		next.State = refused
	}
	return t.PutChoice(ctx, next)
}

// named finds the match that an invitation names, and the posting. A *hub.No says why it
// cannot be invited to.
func (m *Matching) named(ctx context.Context, t *ledger.Tx, c hub.Changed, now time.Time) (s ledger.Suited, card posting.Card, err error) {
	card, err = t.NativePosting(ctx, word(c.Next, "posting"))
	if errors.Is(err, ledger.ErrNotFound) {
		return s, card, hub.No(wire.ReasonEnded) // not shown, or not any more
	}
	if err != nil {
		return s, card, err
	}
	o, err := m.owner(ctx, t, card, nil)
	if err != nil {
		return s, card, err
	}
	if o.part != c.Part {
		return s, card, hub.No(wire.ReasonForbidden)
	}
	if card.Ended(now) {
		return s, card, hub.No(wire.ReasonEnded)
	}
	s, err = t.SuitedByRef(ctx, word(c.Next, "match"))
	if errors.Is(err, ledger.ErrNotFound) || err == nil && s.Posting != card.ID {
		return s, card, hub.No(wire.ReasonLeft)
	}
	if err != nil {
		return s, card, err
	}
	if why := barred(s, card, o, now); why != "" {
		return s, card, hub.No(why)
	}
	return s, card, nil
}

// invite invites a matched seeker, once. Who they are is told to nobody.
func (m *Matching) invite(ctx context.Context, t *ledger.Tx, c hub.Changed, now time.Time) ([]string, error) {
	s, card, err := m.named(ctx, t, c, now)
	if err != nil {
		return nil, err
	}
	if s.Choice.State != "" {
		return nil, hub.No(wire.ReasonTwice)
	}
	code := m.code(c.Part, c.Doc)
	set(c.Next, "code", code)
	set(c.Next, "sent", stamp(now))
	err = t.PutChoice(ctx, ledger.Choice{Account: s.Account, Posting: card.ID, State: "invited", Part: c.Part, Doc: c.Doc, Code: code, Made: now})
	if err != nil {
		return nil, err
	}
	part := person(s.Account)
	return []string{part}, m.records.Put(ctx, t, part, "match", record.MatchOf(s.Account, card.Number), now, func(d record.Doc) bool {
		fill(d, card, s)
		set(d, "code", code)
		set(d, "sent", stamp(now))
		return do("match", "invite", d)
	})
}

// reject refuses a seeker who was not invited, for good.
func (m *Matching) reject(ctx context.Context, t *ledger.Tx, c hub.Changed, now time.Time) ([]string, error) {
	s, card, err := m.named(ctx, t, c, now)
	if err != nil {
		return nil, err
	}
	if s.Choice.State != "" {
		return nil, hub.No(wire.ReasonTwice)
	}
	err = t.PutChoice(ctx, ledger.Choice{Account: s.Account, Posting: card.ID, State: refused, Part: c.Part, Doc: c.Doc, Made: now, Ended: now})
	if err != nil {
		return nil, err
	}
	part := person(s.Account)
	return []string{part}, m.records.Put(ctx, t, part, "match", record.MatchOf(s.Account, card.Number), now, func(d record.Doc) bool {
		fill(d, card, s)
		set(d, "ended", stamp(now))
		set(d, "by", "employer")
		return do("match", "reject", d)
	})
}

// fill writes of a match what its seeker is shown.
func fill(d record.Doc, c posting.Card, s ledger.Suited) {
	set(d, "number", c.Number)
	set(d, "posting", fmt.Sprint(c.ID))
	for field, v := range map[string]string{"title_fr": c.Title.FR, "title_en": c.Title.EN, "employer": c.Employer} {
		if r := []rune(v); len(r) > 200 {
			v = string(r[:200])
		}
		if v != "" {
			set(d, field, v)
		}
	}
	set(d, "percent", s.Percent)
	set(d, "stars", stars(s.Percent))
	set(d, "version", s.Seeker.Version)
	set(d, "until", stamp(c.EndsAt()))
}

func stars(percent int) int { return match.Score{Percent: uint8(percent)}.Stars() }
