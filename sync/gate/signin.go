package gate

import "context"

func signinNewPassword(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func signinPassword(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func signinQuestion(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func signinQuestions(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func signinTerms(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func signinAfterFactor(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }
