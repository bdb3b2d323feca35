package gate

import "context"

func factorCodes(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func factorConfirm(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func factorSetup(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

func factorUse(ctx context.Context, g *Gate, r *run) (move, error) { panic("not yet") }

// otpURI is what the QR code says.
func (g *Gate) otpURI(r *run) string { panic("not yet") }
