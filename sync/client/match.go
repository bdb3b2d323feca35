package client

import (
	"context"
	"net/http"
	"net/url"

	"passerelle/sync/wire"
)

// Matches are those of the account, as the server has them.
func (c *Client) Matches(ctx context.Context, access string) (out wire.Matches, err error) {
	return out, c.say(ctx, http.MethodGet, wire.MatchesPath, bearer(access), nil, &out)
}

// Matched are the seekers whom an employer's posting is matched with, by its record.
func (c *Client) Matched(ctx context.Context, access, posting string) (out wire.Matched, err error) {
	return out, c.say(ctx, http.MethodGet, wire.MatchesPath+"/"+url.PathEscape(posting), bearer(access), nil, &out)
}
