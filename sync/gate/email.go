package gate

import "context"

func emailCode(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func emailNew(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }
