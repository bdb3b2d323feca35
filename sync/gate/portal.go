package gate

import "context"

func portalPassword(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func portalSuccess(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func portalAfterFactor(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }
