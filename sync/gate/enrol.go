package gate

import "context"

func enrolRecovery(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func enrolUsername(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func enrolAfterFactor(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }
