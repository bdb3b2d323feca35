package state

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"passerelle/i18n"
)

// A secret that was copied or printed is there for a minute; what somebody else copied since
// stays.
//
// Rows: X-041
func TestBriefly(t *testing.T) {
	d := newDesktop(t, i18n.French)
	clip := func() string { return d.copied[len(d.copied)-1] }
	d.o.Clipped = clip
	d.CopyBriefly("K1")
	d.hand.pass(BriefLife / 2)
	if clip() != "K1" {
		t.Errorf("the clipboard holds %q too soon", clip())
	}
	d.hand.pass(BriefLife / 2)
	if clip() != "" {
		t.Errorf("after %v the clipboard holds %q", BriefLife, clip())
	}
	d.CopyBriefly("K2")
	d.Copy("an address")
	d.hand.pass(BriefLife)
	if clip() != "an address" {
		t.Errorf("what was copied since is %q", clip())
	}

	path := filepath.Join(t.TempDir(), BriefPage+"x.html")
	opened := ""
	d.OpenBriefly(func(context.Context) (string, error) { return path, os.WriteFile(path, []byte("K1"), 0o600) },
		func(at string, _ error) { opened = at })
	d.hand.run()
	if _, err := os.Stat(path); opened != path || err != nil {
		t.Fatalf("opened %q, %v", opened, err)
	}
	d.hand.pass(BriefLife)
	d.hand.run()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after %v the page: %v", BriefLife, err)
	}
}
