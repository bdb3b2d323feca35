package client

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"passerelle/sync/wire"
)

// maxPulled is the most bytes an answer about private records may have: a few snapshots.
const maxPulled = 64 << 20

// hintSilence is how long a channel of hints may say nothing, its beats included.
const hintSilence = 90 * time.Second

// Push sends what a desk changed. It is sent once: after an answer that was lost, the same
// is sent again and has the same answer. wire.ErrTooLarge asks for half of it.
func (c *Client) Push(ctx context.Context, access string, in wire.Push) (out wire.Pushed, err error) {
	err = c.tell(ctx, http.MethodPost, wire.PushPath, bearer(access), in, &out)
	if no := refusedWith(err, wire.TooLarge); no != nil {
		return out, fmt.Errorf("push %d mutations: %w", len(in.Mutations), wire.ErrTooLarge)
	}
	if err == nil && len(out.Results) != len(in.Mutations) {
		return wire.Pushed{}, fmt.Errorf("push %d mutations: %d results: %w", len(in.Mutations), len(out.Results), wire.ErrOffline)
	}
	return out, err
}

// Pull asks for what changed. It may be repeated. A *wire.OtherEpoch says that the server
// was restored.
func (c *Client) Pull(ctx context.Context, access string, in wire.Pull) (out wire.Pulled, err error) {
	err = c.again(ctx, http.MethodPost, wire.PullPath, bearer(access), in, &out)
	if no := refusedWith(err, wire.CodeEpoch); no != nil {
		return out, fmt.Errorf("pull: %w", &wire.OtherEpoch{Epoch: no.Epoch})
	}
	return out, err
}

func refusedWith(err error, code string) *wire.Refused {
	var no *wire.Refused
	if errors.As(err, &no) && string(no.Code) == code {
		return no
	}
	return nil
}

// Hints waits for the server to say that something advanced, and calls advanced each time:
// at once, too, for something may have before. It ends with ctx, with the access token, or
// when the network does, always with an error: pull, and wait again.
func (c *Client) Hints(ctx context.Context, access string, advanced func()) error {
	if !c.private {
		return fmt.Errorf("hints: plain HTTP leaves this machine: %w", wire.ErrInsecure)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	alarm := time.AfterFunc(hintSilence, func() { stop(errSilent) })
	defer alarm.Stop()
	res, err := c.bank.R().SetContext(ctx).SetDoNotParseResponse(true).
		SetHeader("Accept", "text/event-stream").SetHeader("Authorization", bearer(access)).Get(wire.HintsPath)
	if err != nil {
		kind := wire.ErrOffline
		if insecure(err) {
			kind = wire.ErrInsecure
		}
		return fmt.Errorf("hints: %w: %w", kind, err)
	}
	body := res.RawBody()
	defer func() { _ = body.Close() }()
	switch t, _, _ := mime.ParseMediaType(res.Header().Get("Content-Type")); {
	case res.StatusCode() == http.StatusOK && t == "text/event-stream":
	case t == "application/json":
		b, err := io.ReadAll(io.LimitReader(body, 4096))
		if err != nil {
			return fmt.Errorf("hints: %w: %w", wire.ErrOffline, err)
		}
		return fmt.Errorf("hints: %w", refusalOf(res.StatusCode(), res.Header(), b))
	default:
		return fmt.Errorf("hints: %s, by someone else than the bank: %w", res.Status(), wire.ErrOffline)
	}
	lines := bufio.NewScanner(io.LimitReader(body, 16<<20)) // of hints for months
	lines.Buffer(make([]byte, 1024), 4096)
	for lines.Scan() {
		alarm.Reset(hintSilence)
		if strings.HasPrefix(lines.Text(), "event:") {
			advanced()
		}
	}
	err = lines.Err()
	if err == nil {
		err = io.EOF
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return fmt.Errorf("hints ended: %w: %w", wire.ErrOffline, err)
}
