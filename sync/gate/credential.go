package gate

import (
	"context"
	"errors"
	"fmt"

	"passerelle/store/account"
	"passerelle/store/ledger"
)

// byUsername counts sign-ins with a username.
func (g *Gate) byUsername(name string) throttle {
	return g.byAccount("portal/" + account.Fold(name))
}

// byRecovery counts what is guessed in recoveries of a username's password.
func (g *Gate) byRecovery(name string) throttle {
	return g.byAccount("portal recovery/" + account.Fold(name))
}

// holder finds a credential by its username, in whatever state, and the account it belongs
// to; zero values where there is none.
func (g *Gate) holder(ctx context.Context, username string) (c ledger.Credential, a ledger.Account, err error) {
	err = g.o.Ledger.View(ctx, func(t *ledger.Tx) error {
		var err error
		if c, err = t.CredentialByUsername(ctx, g.usernameHash(username)); err != nil {
			return err
		}
		a, err = t.Account(ctx, c.Account)
		return err
	})
	if errors.Is(err, ledger.ErrNotFound) {
		return ledger.Credential{}, ledger.Account{}, nil
	}
	return c, a, err
}

// standing reads a credential that a flow met, with its account, and refuses when either is
// not what it was: revoked meanwhile, or with another password.
func (g *Gate) standing(ctx context.Context, t *ledger.Tx, id, password string) (c ledger.Credential, a ledger.Account, err error) {
	if c, err = t.Credential(ctx, id); err != nil {
		return c, a, err
	}
	if a, err = t.Account(ctx, c.Account); err != nil {
		return c, a, err
	}
	if c.State != account.CredentialActive || c.Password != password {
		return c, a, refuse(account.FlowExpired)
	}
	return c, a, nil
}

// decoy is what a recovery shows for a username that nobody has: the same each time it is
// asked, as a real one is, and in one language, whatever that of the screen (B-025).
func (g *Gate) decoy(username string) portal {
	h := g.o.Keys.MAC("decoy", []byte(account.Fold(username)))
	hints := decoys[h[0]&1]
	return portal{
		Question:   account.QuestionIDs[int(h[1])%len(account.QuestionIDs)],
		PersonHint: hints.person[int(h[2])%len(hints.person)],
		DateHint:   hints.date[int(h[3])%len(hints.date)],
	}
}

// decoys are hints as people write them. They stand for what a person typed, so they are
// no messages and are not translated.
var decoys = [2]struct{ person, date []string }{
	{
		person: []string{"ma grand-mère", "le voisin du 2e", "prof de maths", "mon parrain", "ami d'enfance", "la tante de Rimouski", "mon premier patron",
			"coloc", "celle qui m'a appris à nager", "cousin", "Grand-papa", "entraîneur de hockey", "mon meilleur ami", "la gardienne", "ma marraine", "collègue de l'usine"},
		date: []string{"mariage", "premier emploi", "naissance de ma fille", "notre rencontre", "déménagement", "le grand voyage", "achat de la maison", "diplôme",
			"fête de maman", "ouverture du magasin", "arrivée au pays", "le chalet", "permis de conduire", "la finale", "premier appart", "anniversaire du p'tit"},
	},
	{
		person: []string{"grandma", "my first boss", "next door neighbour", "math teacher", "godfather", "best man", "aunt out west", "roommate",
			"who taught me to drive", "hockey coach", "childhood friend", "Grandpa", "my cousin", "the babysitter", "old colleague", "best friend"},
		date: []string{"wedding", "first job", "my daughter", "the day we met", "moving day", "the big trip", "bought the house", "graduation",
			"mom's birthday", "shop opened", "came to Canada", "the cottage", "driver's licence", "the final game", "first apartment", "anniversary"},
	},
}

// about opens what a credential holds; of none, or of one that cannot be recovered, a decoy
// where it shows nothing of its own.
func (g *Gate) about(c ledger.Credential, username string) (portal, error) {
	if len(c.Body) == 0 {
		return g.decoy(username), nil
	}
	p, err := g.portal(c)
	if err != nil {
		return p, fmt.Errorf("credential %s: %w", c.ID, err)
	}
	return p, nil
}
