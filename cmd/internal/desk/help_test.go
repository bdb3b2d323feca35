package desk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"passerelle/cmd/internal/desk"
	"passerelle/store/cache"
	"passerelle/store/ledger"
	"passerelle/store/secret"
	"passerelle/sync/gate"
	"passerelle/sync/server"
	"passerelle/sync/wire"
)

// bank is a server that can be killed and come back at the same address.
type bank struct {
	t       *testing.T
	ledger  *ledger.Ledger
	gate    *gate.Gate
	address string
	stop    func()
}

func newBank(t *testing.T) *bank {
	t.Helper()
	b := &bank{t: t}
	var err error
	if b.ledger, err = ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.ledger.Close() })
	keys, err := secret.Temporary(secret.Cheap)
	if err != nil {
		t.Fatal(err)
	}
	if b.gate, err = gate.New(gate.Options{Ledger: b.ledger, Keys: keys, Base: "http://127.0.0.1"}); err != nil {
		t.Fatal(err)
	}
	b.address = "127.0.0.1:0"
	return b
}

func (b *bank) start() {
	b.t.Helper()
	l, err := net.Listen("tcp", b.address)
	if err != nil {
		b.t.Fatal(err)
	}
	b.address = l.Addr().String()
	s, err := server.New(server.Options{Dir: b.t.TempDir(), Gate: b.gate})
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, l) }()
	b.stop = func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Errorf("Run: %v", err)
		}
		_ = s.Close()
	}
}

// TestHelpIsSentOnce: a request for help that was written without a network, and while the
// server was down, leaves when there is one, and is filed once however often it is sent. Of what
// was written nothing stays on this computer but its number.
//
// Rows: A-138
func TestHelpIsSentOnce(t *testing.T) {
	bank := newBank(t)
	bank.start()
	d, err := desk.Open(t.Context(), desk.Options{Dir: t.TempDir(), Now: func() time.Time { return noon.Add(time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	if err := d.Device.SetSetting(ctx, cache.Server, "http://"+bank.address); err != nil {
		t.Fatal(err)
	}
	bank.stop()
	const key = "01939b3a-0000-7000-8000-0000000000aa"
	body, err := json.Marshal(wire.HelpRequest{Key: key, Email: "zwolinska@exemple.ca", First: "Ada", Last: "Test", Text: "anticonstitutionnellement", Lang: "fr", Made: noon})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Device.Queue(ctx, cache.KindHelp, key, body, noon); err != nil {
		t.Fatal(err)
	}
	if n, err := d.Flush(ctx); n != 0 || err == nil {
		t.Fatalf("with the server down: %d sent, %v", n, err)
	}
	bank.start()
	defer func() { bank.stop() }()
	// It arrived, and the answer was lost: the same again.
	direct := func() wire.Receipt {
		t.Helper()
		var h wire.HelpRequest
		if err := json.Unmarshal(body, &h); err != nil {
			t.Fatal(err)
		}
		r, err := bank.gate.Help(ctx, h, "127.0.0.1", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	first := direct()
	n, err := d.Flush(ctx)
	if n != 1 || err != nil {
		t.Fatalf("with the server back: %d sent, %v", n, err)
	}
	items, err := d.Device.Items(ctx, cache.KindHelp)
	if err != nil || len(items) != 1 || items[0].State != cache.Accepted || items[0].Answer != first.Ticket || first.Ticket == "" {
		t.Fatalf("the outbox: %+v, %v, want it accepted as %s", items, err, first.Ticket)
	}
	if len(items[0].Body) != 0 {
		t.Errorf("what was written stays: %s", items[0].Body)
	}
	if n, err = d.Flush(ctx); n != 0 || err != nil {
		t.Errorf("again: %d sent, %v", n, err)
	}
	if again := direct(); again.Ticket != first.Ticket {
		t.Errorf("the same request is filed as %s and as %s", first.Ticket, again.Ticket)
	}
	files, err := filepath.Glob(filepath.Join(d.Dir, "device.db*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("files %q, %v", files, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && (bytes.Contains(b, []byte("zwolinska")) || bytes.Contains(b, []byte("anticonst"))) {
			t.Errorf("%s still holds what was written", filepath.Base(f))
		}
	}
}
