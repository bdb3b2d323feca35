package gate

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/sync/wire"
)

// accepted is a version of the terms that a person agreed to: which one, in which language
// it was read, and when.
type accepted struct {
	Version string    `json:"version"`
	Lang    string    `json:"lang"`
	At      time.Time `json:"at"`
}

// accept makes a version the one that is agreed to; those before are kept.
func (p *person) accept(version, lang string, at time.Time) {
	if p.Terms != "" {
		p.Before = append(p.Before, accepted{p.Terms, p.TermsLang, p.Agreed})
	}
	p.Terms, p.TermsLang, p.Agreed = version, lang, at
}

// answer finds the hash of the answer to a question; "" is nobody's.
func (p *person) answer(id string) string {
	for _, q := range p.Questions {
		if q.ID == id {
			return q.Hash
		}
	}
	return ""
}

// asks is the question that the next sign-in asks. It stays until it is answered, so that
// giving up and beginning again does not shop for an easier one.
func (g *Gate) asks(p *person) string {
	if n := len(p.Asked); n > 0 && p.answer(p.Asked[n-1]) != "" {
		return p.Asked[n-1]
	}
	return g.rotate(p)
}

// rotate draws the question of the next sign-in: each of the five comes once before any
// comes again, and never the same twice in a row.
func (g *Gate) rotate(p *person) string {
	next := account.NextQuestion(p.ids(), p.Asked, g.draw)
	if len(p.Asked) >= len(p.Questions) {
		p.Asked = nil // another round
	}
	p.Asked = append(p.Asked, next)
	return next
}

// ids are those of the questions, in the order in which they were chosen.
func (p *person) ids() []string {
	ids := make([]string, len(p.Questions))
	for i, q := range p.Questions {
		ids[i] = q.ID
	}
	return ids
}

// draw is a number below n, each as likely as any other; n is at most 256.
func (g *Gate) draw(n int) int {
	for {
		if b := int(g.token(1)[0]); b < 256-256%n {
			return b % n
		}
	}
}

// hashAnswers checks five questions and hashes their answers, each with a salt of its own
// . It takes as long as five passwords: not within a transaction.
func (g *Gate) hashAnswers(all []wire.QA) ([]answered, error) {
	if err := mend(account.CheckQuestions(all)...); err != nil {
		return nil, err
	}
	out := make([]answered, 0, len(all))
	for _, q := range all {
		out = append(out, answered{q.Question, g.hash(account.Fold(q.Answer))})
	}
	return out, nil
}

// setQuestions replaces a person's questions with what hashAnswers made.
func (g *Gate) setQuestions(p *person, all []answered) {
	p.Questions, p.Asked = all, nil
	g.rotate(p)
}

// hash is the slow hash of a password or of a folded answer.
func (g *Gate) hash(value string) string {
	g.hashed.Add(1)
	return g.o.Keys.Hash(value)
}

// matches says whether a value is the one that was hashed; an empty hash is nobody's, and
// takes as long.
func (g *Gate) matches(hash, value string) bool {
	g.hashed.Add(1)
	return g.o.Keys.Matches(hash, value)
}

// samePassword refuses as new the password that an account has, the temporary one that a
// letter told, and that of the portal credential: of two doors, each has its own key (B-029).
func (g *Gate) samePassword(ctx context.Context, a ledger.Account, password string) error {
	var c ledger.Credential
	err := g.o.Ledger.View(ctx, func(t *ledger.Tx) (err error) {
		c, err = t.CredentialOf(ctx, a.ID)
		return err
	})
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return err
	}
	own, portal := g.matches(a.Password, password), g.matches(c.Password, password)
	temp := a.Temp != "" && g.matches(a.Temp, account.TemporaryTyped(password))
	if own || portal || temp {
		return mend(account.PasswordSame.At("password"))
	}
	return nil
}

// temporary says what a temporary password or a one-time code that was typed is good for:
// "" opens, account.CodeUsed and account.CodeExpired say why it does not any more, and
// account.Credentials that it is none. One that was used stays, with no end, so that the
// second try is told apart from a wrong one.
func (g *Gate) temporary(a ledger.Account, typed string, now time.Time) account.Code {
	switch {
	case !g.matches(a.Temp, typed):
		return account.Credentials
	case a.TempEnds.IsZero():
		return account.CodeUsed
	case !now.Before(a.TempEnds):
		return account.CodeExpired
	}
	return ""
}

// speaks is a language that letters are written in.
func speaks(lang string) bool { return lang == "fr" || lang == "en" }

// guarded says whether an account needs a second factor at each sign-in.
func guarded(a ledger.Account) bool {
	return slices.ContainsFunc(a.Roles, func(r account.Role) bool { return r == account.Counsellor || r == account.Agent })
}

// stamp tells whether an account's password is still the one that a flow met: another one,
// or a reset, ends what was begun before it.
func (g *Gate) stamp(a ledger.Account) []byte {
	return g.o.Keys.MAC("stamp", []byte(a.ID), []byte(a.Password))
}

// need refuses fields that were left empty, all at once.
func need(fields ...string) error {
	var all []account.Problem
	for i := 0; i+1 < len(fields); i += 2 {
		if strings.TrimSpace(fields[i+1]) == "" {
			all = append(all, account.Needed.At(fields[i]))
		}
	}
	return mend(all...)
}
