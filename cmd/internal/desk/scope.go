package desk

import (
	"context"
	"path/filepath"

	"passerelle/sync/replica"
)

// PlanScope says what a sync would do if the scope were another one. The setting and the
// catalogue stay as they are.
func (d *Desk) PlanScope(ctx context.Context, scope string) (replica.Plan, error) {
	c, address, err := d.dial(ctx)
	if err != nil {
		return replica.Plan{}, err
	}
	r, err := replica.New(c, d.Catalogue, replica.Options{
		Dir: filepath.Join(d.Dir, "publishers", folder(address)), Scope: scope, Now: d.o.Now, Log: d.o.Log})
	if err != nil {
		return replica.Plan{}, err
	}
	return r.Plan(ctx)
}
