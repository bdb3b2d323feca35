package gate

import "context"

func invitedInvite(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func invitedPassword(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func invitedQuestions(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func invitedTerms(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func invitedAfterFactor(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }
