package gate

import (
	"testing"

	"passerelle/store/account"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

func TestNewEmail(t *testing.T) {
	for _, p := range []who{ada, bob(1)} {
		for _, way := range []string{"code", "link"} {
			t.Run(p.lang+" by "+way, func(t *testing.T) {
				w := settle(t)
				who := w.caller(w.register(p))
				w.post()
				recovery := w.toAnswer(p) // begun by the old address
				y := w.beginAs(account.NewEmail, p.lang, who)
				y.refused(wire.Answer{}, "email:needed", "current:needed")
				y.refused(wire.Answer{Email: "no address", Current: p.password}, "email:bad_email")
				y.refused(wire.Answer{Email: "new@exemple.ca", Current: "une fausse rivière"}, "current:password_wrong")
				y.step(wire.Answer{Email: "New@exemple.ca", Current: p.password}, account.StepCode)
				m := w.letter(mail.NewAddress, "new@exemple.ca")
				if m.Lang != p.lang || m.First != "" {
					t.Errorf("the letter is %+v", m)
				}
				if _, err := w.g.accountByEmail(t.Context(), "new@exemple.ca"); err == nil {
					t.Error("the address is changed before it is proven")
				}
				y.refused(wire.Answer{Code: other(m.Code)}, "code:code_wrong")
				in := wire.Answer{Code: m.Code}
				if way == "link" {
					if _, _, err := w.g.UseLink(t.Context(), link(t, m), w.now); err != nil {
						t.Fatal(err)
					}
					in = wire.Answer{Linked: true}
				}
				if done := y.step(in, account.StepDone); done.Session != nil {
					t.Error("a change of address opened a session")
				}
				if m := w.letter(mail.AddressSet, p.email); m.Lang != p.lang || m.First != p.first {
					t.Errorf("the notice to the old address is %+v", m)
				}
				w.begin(account.SignIn, p.lang).refused(wire.Answer{Email: p.email, Password: p.password}, "credentials")
				recovery.refused(wire.Answer{Answer: answerTo(recovery.at.Question)}, "flow_expired")
				p := p
				p.email = "new@exemple.ca"
				w.signIn(p)
			})
		}
	}
}

// An address that has an account gets a letter, and whoever asks learns nothing.
func TestNewEmailTaken(t *testing.T) {
	w := settle(t)
	who := w.caller(w.register(ada))
	w.register(bob(1))
	w.post()
	y := w.beginAs(account.NewEmail, "fr", who)
	p := y.step(wire.Answer{Email: bob(1).email, Current: ada.password}, account.StepCode)
	if p.Sent != bob(1).email {
		t.Errorf("told %+v", p)
	}
	if m := w.letter(mail.Exists, bob(1).email); m.Code != "" || m.Link != "" {
		t.Errorf("its owner is told %+v", m)
	}
	y.refused(wire.Answer{Code: "123456"}, "code:code_wrong")
}

// Registered by its owner while the change waited: it stays theirs.
func TestNewEmailRace(t *testing.T) {
	w := settle(t)
	who := w.caller(w.register(ada))
	w.post()
	y := w.beginAs(account.NewEmail, "fr", who)
	y.step(wire.Answer{Email: bob(1).email, Current: ada.password}, account.StepCode)
	code := w.letter(mail.NewAddress, bob(1).email).Code
	theirs := w.register(bob(1))
	y.refused(wire.Answer{Code: code}, "flow_expired")
	if a := w.row(bob(1).email); a.ID != theirs.Account {
		t.Errorf("the address is that of %s", a.ID)
	}
	if a := w.row(ada.email); a.ID != who.Account.ID {
		t.Errorf("the old address is that of %s", a.ID)
	}
}

// A change that was begun within a session ends with it.
//
// Rows: B-009
func TestNewEmailEndsWithSession(t *testing.T) {
	w := settle(t)
	s := w.register(ada)
	y := w.beginAs(account.NewEmail, "fr", w.caller(s))
	if err := w.g.SignOut(t.Context(), w.caller(s), w.now); err != nil {
		t.Fatal(err)
	}
	y.refused(wire.Answer{Email: "new@exemple.ca", Current: ada.password}, "sign_in_needed")
}

// Rows: B-017
func TestNewEmailPasswordTries(t *testing.T) {
	w := settle(t)
	y := w.beginAs(account.NewEmail, "fr", w.caller(w.register(ada)))
	for range 5 {
		y.refused(wire.Answer{Email: "new@exemple.ca", Current: "une fausse rivière"}, "current:password_wrong")
	}
	y.refused(wire.Answer{Email: "new@exemple.ca", Current: ada.password}, "too_many_attempts")
}
