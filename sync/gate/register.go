package gate

import "context"

func registerCode(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func registerIdentity(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func registerQuestions(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func registerTerms(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func registerValidate(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }
