package hub

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"passerelle/store/ledger"
	"passerelle/sync/wire"
)

// Why a report is refused for good.
var (
	ErrReport      = errors.New("not a report, or one without a key")
	ErrReason      = errors.New("not a reason")
	ErrOtherReport = ledger.ErrOtherReport
)

// Report files a report once and gives the answer to send: delivered again, because it or
// its answer was lost, it is the same ticket and the same bytes. No account is
// asked for, and no route gives a report back.
func (h *Hub) Report(ctx context.Context, r wire.Report, now time.Time) (answer []byte, err error) {
	switch {
	case r.Key == "" || len(r.Key) > 64 || r.Number <= 0:
		return nil, ErrReport
	case !wire.Reason(r.Reason).Known():
		return nil, fmt.Errorf("%w: %q", ErrReason, r.Reason)
	}
	r.Text = clip(strings.ToValidUTF8(r.Text, "\uFFFD"), wire.MaxText)
	r.Source, r.Lang, r.App = clip(r.Source, 64), clip(r.Lang, 8), clip(r.App, 64)
	body, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("report %s: %w", r.Key, err)
	}
	hash := sha256.Sum256(body)
	_, answer, err = h.ledger.File(ctx, ledger.Report{
		Key: r.Key, Hash: hash[:], Number: r.Number, Source: r.Source, Reason: r.Reason, Words: r.Text,
		Lang: r.Lang, App: r.App, Epoch: r.Epoch, Seq: r.Seq, Made: r.Made, Received: now,
	}, func(ticket int64) []byte {
		b, err := json.Marshal(wire.Receipt{Ticket: Ticket(ticket), Received: now.UTC().Truncate(time.Second)})
		if err != nil {
			panic(err) // a string and a moment always encode
		}
		return b
	})
	if err == nil {
		h.o.At("filed")
	}
	return answer, err
}

// Ticket is a report's number as people say it.
func Ticket(n int64) string { return fmt.Sprintf("S-%06d", n) }

// clip keeps the first n characters.
func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}
