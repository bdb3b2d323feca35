package intake

import (
	"context"
	"net/http"
)

// Feed fetches from the partner feed of the federal bank, under the deployment's own
// agreement only. Its zero value refuses to run.
type Feed struct {
	Base      string       // URL of the feed, from the agreement
	Agreement string       // id of the agreement; empty: ErrAgreement
	Client    *http.Client // nil: a plain one
}

// Fetch gives every document that changed since what seen tells of each id.
func (f Feed) Fetch(ctx context.Context, seen func(id string) string, yield func(id, updated string, doc []byte) error) error {
	return ErrAgreement
}
