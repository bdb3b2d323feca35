package client

import (
	"context"
	"net/http"

	"passerelle/sync/wire"
)

// Subscribe asks for alerts at an address. The server takes one request of each
// key, so it may be sent again; a *wire.Refused names the fields to mend.
func (c *Client) Subscribe(ctx context.Context, in wire.Subscribe) (out wire.Subscribed, err error) {
	return out, c.again(ctx, http.MethodPost, wire.AlertsPath, "", in, &out)
}
