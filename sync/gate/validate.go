package gate

import "context"

// Local validates what can be without the Social Insurance Register: form, check digit,
// first digit. It says so.
type Local struct{}

// Name is "local".
func (Local) Name() string { return "local" }

// Validate checks the form.
func (Local) Validate(ctx context.Context, id Identity) error { panic("not yet") }
