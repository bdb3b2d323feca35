package simtest

import (
	"context"
	"fmt"
	"io"

	"passerelle/sync/wire"
)

// Transport is what a replica needs of one (sync/replica.Transport).
type Transport interface {
	Head(ctx context.Context, scope, tag string) ([]byte, string, error)
	Object(ctx context.Context, h wire.Hash, from int64) (io.ReadCloser, int64, error)
	Root(ctx context.Context, version int64) ([]byte, error)
	Origin() string
}

// Network stands between a replica and a tree and does its worst: requests that never
// arrive, answers that are lost, bodies that end early.
type Network struct {
	Transport
	// Chance gives a number in [0, n): what happens next. 0 loses the request or the answer,
	// 1 cuts a body. nil: a good network.
	Chance func(n int) int
	Lost   int // so far
}

func (n *Network) roll(sides int) int {
	if n.Chance == nil {
		return sides
	}
	return n.Chance(sides)
}

func (n *Network) lose(what string) error {
	n.Lost++
	return fmt.Errorf("%s lost: %w", what, wire.ErrOffline)
}

// Head implements Transport.
func (n *Network) Head(ctx context.Context, scope, tag string) ([]byte, string, error) {
	b, newTag, err := n.Transport.Head(ctx, scope, tag)
	if n.roll(6) == 0 {
		return nil, "", n.lose("head")
	}
	return b, newTag, err
}

// Root implements Transport.
func (n *Network) Root(ctx context.Context, version int64) ([]byte, error) {
	b, err := n.Transport.Root(ctx, version)
	if n.roll(8) == 0 {
		return nil, n.lose("root")
	}
	return b, err
}

// Object implements Transport.
func (n *Network) Object(ctx context.Context, h wire.Hash, from int64) (io.ReadCloser, int64, error) {
	body, at, err := n.Transport.Object(ctx, h, from)
	if err != nil {
		return nil, 0, err
	}
	switch n.roll(4) {
	case 0:
		_ = body.Close()
		return nil, 0, n.lose("object")
	case 1:
		return &cutBody{ReadCloser: body, n: n, left: n.roll(3000)}, at, nil
	}
	return body, at, nil
}

// Origin implements Transport: whatever is behind it, a network leads to a server.
func (n *Network) Origin() string { return "server" }

type cutBody struct {
	io.ReadCloser
	n    *Network
	left int
}

func (c *cutBody) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, c.n.lose("rest of object")
	}
	k, err := c.ReadCloser.Read(p[:min(len(p), c.left)])
	c.left -= k
	return k, err
}
