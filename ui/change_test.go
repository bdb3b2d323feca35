package ui

import (
	"testing"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// TestNewEmailWalk changes the address of an account in the window against a real server, in
// each language: the code of the letter that went to the new address proves it, the old one
// is told, and only the new one signs in. The letter is read in the demonstration's mailbox,
// and the change still waits for its code.
//
// Rows
func TestNewEmailWalk(t *testing.T) {
	for _, l := range i18n.Languages() {
		t.Run(string(l), func(t *testing.T) {
			town := newTown(t, wire.Deployment{Mailbox: true, Demo: true})
			b := open(t, setup{lang: l, accounts: town.keeper(t)})
			w := i18n.For(l)
			defer town.desk.Watch(func() { b.hand.soon = append(b.hand.soon, b.s.Present.Look) })()
			const old, new_ = "ada@exemple.ca", "ada.neuve@exemple.ca"
			town.register(t, l, old)
			b.signIn(t, old, goodPassword)
			town.letters(t)
			b.Go("me")
			b.hand.settle()
			b.Go("email")
			b.hand.settle()
			stands(t, b.s.NewEmail.Flow, account.StepEmail)
			b.write(t, w.S(i18n.MeEmailNew), new_)
			b.write(t, w.S(i18n.MeCurrent), "ce n'est pas lui")
			b.use(t, w.S(i18n.CommonContinue))
			if !b.s.NewEmail.Wrong(account.PasswordWrong) {
				t.Fatalf("a wrong password: at %s, %+v, %+v", b.s.NewEmail.Step(), b.s.NewEmail.Errors, b.s.NewEmail.Trouble)
			}
			b.write(t, w.S(i18n.MeCurrent), goodPassword)
			b.use(t, w.S(i18n.CommonContinue))
			stands(t, b.s.NewEmail.Flow, account.StepCode)
			town.post(t)
			b.use(t, w.S(i18n.MailboxOpen))
			b.use(t, w.S(i18n.MailboxCopy))
			b.use(t, w.S(i18n.MailboxBack))
			stands(t, b.s.NewEmail.Flow, account.StepCode)
			b.write(t, w.S(i18n.FieldCode), b.copied)
			b.use(t, w.S(i18n.CommonContinue))
			if !b.s.NewEmail.Finished || !b.sees(w.S(i18n.MeEmailKept)) {
				t.Fatalf("not changed: at %s, %+v, %+v", b.s.NewEmail.Step(), b.s.NewEmail.Errors, b.s.NewEmail.Trouble)
			}
			if m := town.letter(t, mail.AddressSet); m.To != old || m.Lang != string(l) {
				t.Errorf("the notice went to %s in %s", m.To, m.Lang)
			}
			b.s.Present.SignOut(false, nil)
			b.hand.settle()
			b.signIn(t, new_, goodPassword)
		})
	}
}
