package ui

import (
	"testing"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/wire"
	"passerelle/ui/look"
)

// TestExplained: why one would have an account, what Express Entry is, and the two guides of
// the portal stand in the program, in both languages, with no network at all.
//
// Rows, B-005
func TestExplained(t *testing.T) {
	for _, o := range []setup{{lang: i18n.French, percent: 200}, {lang: i18n.English, mode: look.Dark}} {
		o.accounts = quietly(trial) // it answers nothing but what it is
		b := open(t, o)
		w := i18n.For(o.lang)
		says := func(where string, keys ...i18n.Key) {
			t.Helper()
			for _, k := range keys {
				if !b.holds(w.S(k)) {
					t.Errorf("%s, %s: %q is not said", o.lang, where, w.S(k))
				}
			}
		}
		b.Go("signup")
		b.hand.settle()
		says("why an account", i18n.SignupGives, i18n.SignupGivesEmployer, i18n.SignupFree)
		b.s.SignUp.Begin()
		b.hand.settle()
		b.come(b.s.SignUp.Flow, wire.Prompt{Step: account.StepValidate})
		b.s.SignUp.UseExpress(true)
		b.hand.settle()
		says("Express Entry", i18n.ExpressWhatIs, i18n.ExpressWhatGives)
		b.Go("help")
		b.hand.settle()
		says("guides", i18n.GuideEnrol, i18n.GuideEnrolFactor, i18n.GuideEnrolCodes, i18n.GuideUse, i18n.GuideUsePartner)
		if !b.holds(w.S(i18n.GuideSeen, "Date", "2026-11-22")) {
			t.Errorf("%s: the guides do not say of when they are", o.lang)
		}
		b.unclipped(t, o, "help")
	}
}
