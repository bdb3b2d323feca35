package gate

import "context"

func usernameEmail(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func usernameSent(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }
