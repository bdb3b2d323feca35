package state

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// TestServerAddress takes https and plain http on this computer alone, and says how to mend the rest.
//
// Rows: X-072
func TestServerAddress(t *testing.T) {
	w := i18n.For(i18n.English)
	for _, c := range []struct {
		typed, kept string
		wrong       i18n.Key
	}{
		{typed: "", kept: ""},
		{typed: "  ", kept: ""},
		{typed: "jobs.example.ca", kept: "https://jobs.example.ca"},
		{typed: " https://jobs.example.ca/ ", kept: "https://jobs.example.ca"},
		{typed: "https://jobs.example.ca:8443/bank", kept: "https://jobs.example.ca:8443/bank"},
		{typed: "http://localhost:8080", kept: "http://localhost:8080"},
		{typed: "http://127.0.0.1:8080", kept: "http://127.0.0.1:8080"},
		{typed: "http://127.8.9.1", kept: "http://127.8.9.1"},
		{typed: "http://[::1]:8080", kept: "http://[::1]:8080"},
		{typed: "http://jobs.example.ca", wrong: i18n.SettingsServerPlain},
		{typed: "http://localhost.example.ca", wrong: i18n.SettingsServerPlain},
		{typed: "http://127.0.0.1.example.ca", wrong: i18n.SettingsServerPlain},
		{typed: "http://192.168.1.4", wrong: i18n.SettingsServerPlain},
		{typed: "ftp://jobs.example.ca", wrong: i18n.SettingsServerScheme},
		{typed: "https://me:secret@jobs.example.ca", wrong: i18n.SettingsServerUser},
		{typed: "https://", wrong: i18n.SettingsServerBad},
		{typed: "https://jobs.example.ca:0", wrong: i18n.SettingsServerBad},
		{typed: "https://jobs.example.ca:99999", wrong: i18n.SettingsServerBad},
		{typed: "https://a b", wrong: i18n.SettingsServerBad},
		{typed: "jobs example", wrong: i18n.SettingsServerBad},
		{typed: "https://jobs.example.ca/?q=1", wrong: i18n.SettingsServerBad},
	} {
		got, problem := CheckServer(w, c.typed)
		first, _, _ := strings.Cut(w.S(c.wrong), "{{")
		if c.wrong == "" && (got != c.kept || problem != "") || c.wrong != "" && (problem == "" || !strings.HasPrefix(problem, first[:min(len(first), 20)])) {
			t.Errorf("CheckServer(%q) = %q, %q; want %q, %q", c.typed, got, problem, c.kept, first)
		}
	}
	for typed, want := range map[string]string{"": "", "proxy.example.ca:3128": "http://proxy.example.ca:3128", "socks5://10.0.0.1:1080": "socks5://10.0.0.1:1080"} {
		if got, problem := CheckProxy(w, typed); got != want || problem != "" {
			t.Errorf("CheckProxy(%q) = %q, %q; want %q", typed, got, problem, want)
		}
	}
	for _, typed := range []string{"ftp://proxy", "http://proxy/path", "http://:3128", "http://proxy:x"} {
		if _, problem := CheckProxy(w, typed); problem == "" {
			t.Errorf("CheckProxy(%q) found nothing wrong", typed)
		}
	}
}

// authority writes a certificate as a PEM file.
func authority(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: noon.AddDate(1, 0, 0), IsCA: true}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAuthorities takes a PEM file with a certificate in it, and nothing else.
//
// Rows: X-072
func TestAuthorities(t *testing.T) {
	w := i18n.For(i18n.French)
	good := authority(t)
	if p := CheckCA(w, good); p != "" {
		t.Errorf("a certificate was refused: %s", p)
	}
	dir := t.TempDir()
	for name, body := range map[string]string{"empty": "", "text": "ceci n'est pas un certificat",
		"key":    "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		"broken": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		if p := CheckCA(w, path); p != w.S(i18n.SettingsCaBad) {
			t.Errorf("%s: %q, want to be told it is no PEM certificate", name, p)
		}
	}
	gone := filepath.Join(dir, "gone")
	if p := CheckCA(w, gone); !strings.Contains(p, gone) {
		t.Errorf("a file that is not there reads %q", p)
	}
}

// TestMend lists what is wrong in the order of the fields, keeps nothing of it, clears an
// error as soon as its field is right, and then keeps all three together.
//
// Rows: X-072
func TestMend(t *testing.T) {
	d, o := newOffice(t, i18n.French)
	o.server = ""
	st := d.Settings
	st.Load(nil)
	d.hand.run()
	st.Type(FieldCA, "/no/such/file.pem")
	st.Type(FieldServer, "http://jobs.example.ca")
	st.Type(FieldProxy, "proxy with spaces")
	ok := true
	st.Keep(func(x bool) { ok = x })
	d.hand.run()
	var fields []string
	for _, e := range st.Errors {
		fields = append(fields, e.Field)
	}
	if want := []string{FieldServer, FieldProxy, FieldCA}; ok || !slices.Equal(fields, want) {
		t.Fatalf("kept %v with errors in %v, want errors in %v", ok, fields, want)
	}
	if v, _ := d.Device().Setting(context.Background(), cache.Server); v != "" {
		t.Errorf("a wrong address was kept: %q", v)
	}
	french := st.Error(FieldServer)
	d.SetLang(i18n.English)
	d.hand.run()
	if st.Error(FieldServer) == french || st.Error(FieldServer) == "" {
		t.Errorf("in English the error reads %q", st.Error(FieldServer))
	}
	st.Type(FieldServer, "https://jobs.example.ca")
	if st.Error(FieldServer) != "" || len(st.Errors) != 2 {
		t.Errorf("a corrected address left %v", st.Errors)
	}
	st.Type(FieldProxy, "")
	st.Type(FieldCA, authority(t))
	d.hand.run()
	if len(st.Errors) != 0 {
		t.Fatalf("corrected fields left %v", st.Errors)
	}
	o.server = "https://jobs.example.ca" // what the desk would read back
	st.Keep(func(x bool) { ok = x })
	d.hand.run()
	if v, _ := d.Device().Setting(context.Background(), cache.Server); !ok || v != "https://jobs.example.ca" {
		t.Errorf("kept %v, address %q", ok, v)
	}
	if o.count("plan") != 1 || o.count("sync") > 1 {
		t.Errorf("a new server was asked %q, want to be asked for a plan once", o.asked)
	}
}

// TestScope asks what another scope would download before anything changes; only the
// person's word changes it.
//
// Rows: X-016
func TestScope(t *testing.T) {
	d, o := newOffice(t, i18n.French)
	ctx := context.Background()
	st := d.Settings
	st.Load(nil)
	d.Sync.Reload()
	d.hand.run()
	codes, names := st.Scopes()
	if len(codes) != 1+len(wire.Provinces) || codes[0] != "all" || names[1] != "Alberta" {
		t.Errorf("scopes offered are %v (%v)", codes, names)
	}
	for _, c := range codes {
		for _, s := range []string{c, c + "-cards"} {
			if !slices.Contains(wire.Scopes(), s) {
				t.Errorf("%q is offered and not published", s)
			}
		}
	}
	o.plan = replica.Plan{Bootstrap: true, Bytes: 3_200_000, Count: 21_000}
	st.Consider(MakeScope("qc", false))
	d.hand.run()
	if v, _ := d.Device().Setting(ctx, cache.Scope); v != "" || o.count("plan qc-cards") != 1 || o.count("sync") != 0 {
		t.Fatalf("considering set the scope %q and asked %q", v, o.asked)
	}
	if line := st.ScopeLine(); !strings.Contains(line, "3,2\u00a0Mo") {
		t.Errorf("the size reads %q", line)
	}
	st.LeaveScope()
	d.hand.run()
	if st.Considering() || st.ScopeLine() != "" {
		t.Error("leaving it there is still a scope being considered")
	}
	o.err = replica.ErrOffline
	st.Consider("on")
	d.hand.run()
	if st.Plan != nil || st.ScopeLine() != d.Words().S(i18n.SyncOffline) {
		t.Errorf("without a network the scope reads %q", st.ScopeLine())
	}
	o.err = nil
	st.Consider("qc")
	d.hand.run()
	st.TakeScope()
	d.hand.run()
	if v, _ := d.Device().Setting(ctx, cache.Scope); v != "qc" || o.count("sync") != 1 || st.Considering() {
		t.Errorf("taken: setting %q, asked %q", v, o.asked)
	}
}

// TestLook applies a theme at once and a size a moment after the last step, and keeps both.
//
// Rows: X-071
func TestLook(t *testing.T) {
	d := newDesktop(t, i18n.French)
	st := d.Settings
	applied := 0
	st.Apply = func() { applied++ }
	st.SetTheme("contrast")
	d.hand.run()
	if v, _ := d.Device().Setting(context.Background(), cache.Theme); v != "contrast" || applied != 1 {
		t.Errorf("theme kept as %q, applied %d times", v, applied)
	}
	for _, n := range []int{110, 125, 150, 200} {
		st.SetSize(n)
	}
	if st.Try != 200 || st.Size != 100 || applied != 1 {
		t.Errorf("trying %d, in force %d, applied %d times", st.Try, st.Size, applied)
	}
	d.hand.pass(time.Second)
	d.hand.run()
	if v, _ := d.Device().Setting(context.Background(), cache.TextSize); v != "200" || st.Size != 200 || applied != 2 {
		t.Errorf("size kept as %q, in force %d, applied %d times; want 200 once", v, st.Size, applied)
	}
	st.SetSize(900)
	if st.Try != 200 {
		t.Errorf("size %d, want at most 200", st.Try)
	}
}

// TestForget forgets recent searches and leaves saved ones.
func TestForget(t *testing.T) {
	d := newDesktop(t, i18n.French)
	ctx := context.Background()
	d.Search.Start()
	d.Search.Type("soudeur")
	d.Search.Submit()
	d.hand.run()
	d.Saved.Keep(nil)
	d.hand.run()
	d.Settings.ClearRecent()
	d.hand.run()
	recent, err := d.Device().Recent(ctx, 0)
	saved, err2 := d.Device().SavedSearches(ctx)
	if err := errors.Join(err, err2); err != nil || len(recent) != 0 || len(saved) != 1 || !d.Settings.Cleared {
		t.Errorf("recent %d, saved %d, %v; want 0 and 1", len(recent), len(saved), err)
	}
}

// TestWelcome is offered until a language has been chosen, even the one that is shown.
//
// Rows: X-001
func TestWelcome(t *testing.T) {
	d := newDesktop(t, i18n.English)
	needed := false
	d.Welcome.Needed(func(x bool) { needed = x })
	d.hand.run()
	if !needed {
		t.Fatal("a new desk does not offer both languages")
	}
	d.Welcome.Choose(d.Lang())
	d.hand.run()
	d.Welcome.Needed(func(x bool) { needed = x })
	d.hand.run()
	if needed {
		t.Error("the offer is made again after a choice")
	}
}
