package gate

import "context"

func recoverCode(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func recoverName(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func recoverPassword(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func recoverQuestion(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }
