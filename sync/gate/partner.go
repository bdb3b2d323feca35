package gate

import "context"

func partnerChange(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func partnerEnrol(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func partnerProve(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func partnerSignIn(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }
