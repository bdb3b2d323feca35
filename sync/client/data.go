package client

import (
	"context"
	"net/http"

	"passerelle/sync/wire"
)

// MyData is what the server keeps of the account; records asks for its private records, too,
// which may be megabytes.
func (c *Client) MyData(ctx context.Context, access string, records bool) (d wire.MyData, err error) {
	path := wire.DataPath
	if records {
		path += "?records=1"
	}
	return d, c.say(ctx, http.MethodGet, path, bearer(access), nil, &d)
}

// Dispute attaches a note of disagreement to a value, or takes it away. It may be repeated.
func (c *Client) Dispute(ctx context.Context, access string, in wire.Dispute) (d wire.MyData, err error) {
	return d, c.again(ctx, http.MethodPost, wire.DisputePath, bearer(access), in, &d)
}
