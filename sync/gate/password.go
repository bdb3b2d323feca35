package gate

import "context"

func passwordAnswer(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func passwordAnswers(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func passwordCode(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func passwordMethod(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func passwordNew(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func passwordUsername(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }
