package gate

import (
	"context"

	"passerelle/store/account"
)

// Local validates what can be without the Social Insurance Register: form, check digit,
// first digit. It says so.
type Local struct{}

// Name is "local".
func (Local) Name() string { return "local" }

// Validate checks the form. That a birth date is not in the future is checked by the gate,
// which knows the day.
func (Local) Validate(ctx context.Context, id Identity) error {
	if id.Profile != "" || id.Validation != "" {
		return mend(account.CheckExpress(id.Profile, id.Validation)...)
	}
	born := account.Code("")
	if _, ok := account.ParseDate(id.Born); !ok {
		born = account.DateFormat
	}
	return mend(account.CheckSIN(id.SIN).At("sin"), account.CheckMaiden(id.Maiden).At("maiden"), born.At("born"))
}
