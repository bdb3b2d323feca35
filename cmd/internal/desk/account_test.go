package desk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelle/cmd/internal/desk"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/secret"
	"passerelle/sync/intake/demo"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// office answers as a server does whose every password is right: a flow of one step that
// ends in a session, and the account.
type office struct {
	mu   sync.Mutex
	seen []string // what asked with a token
	n    int
}

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen = append(o.seen, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization"))
	w.Header().Set("Content-Type", "application/json")
	say := func(v any) { _ = json.NewEncoder(w).Encode(v) }
	give := func(id string) wire.Session {
		o.n++
		return wire.Session{ID: "s-" + id, Account: id, Policy: account.Questions, Access: fmt.Sprint("access-", o.n), AccessUntil: noon.Add(24 * time.Hour),
			Refresh: fmt.Sprint("jeton-de-renouvellement-", o.n), IdleUntil: noon.Add(48 * time.Hour), Until: noon.Add(96 * time.Hour)}
	}
	switch p := r.URL.Path; {
	case p == wire.FlowPath:
		say(wire.Prompt{Flow: "flow", Kind: account.SignIn, Step: account.StepPassword, Expires: noon.Add(time.Hour)})
	case strings.HasPrefix(p, wire.FlowPath+"/"):
		var in wire.Answer
		_ = json.NewDecoder(r.Body).Decode(&in)
		s := give(in.Email)
		say(wire.Prompt{Kind: account.SignIn, Step: account.StepDone, Session: &s})
	case p == wire.MePath:
		say(wire.Me{Account: "anna", Email: "anna-secrete@exemple.ca", First: "Annasecrete", Last: "Test", Lang: "fr", State: account.Active})
	case p == wire.SessionPath && r.Method == http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
	case p == wire.SessionPath:
		say(give("anna"))
	default:
		http.NotFound(w, r)
	}
}

// ring is a keyring in memory.
type ring struct {
	mu   sync.Mutex
	kept map[string]string
}

func (r *ring) Get(_ context.Context, service, user string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v, ok := r.kept[service+"/"+user]; ok {
		return v, nil
	}
	return "", secret.ErrNotFound
}
func (r *ring) Set(_ context.Context, service, user, value string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept[service+"/"+user] = value
	return nil
}
func (r *ring) Delete(_ context.Context, service, user string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.kept, service+"/"+user)
	return nil
}

func staffed(t *testing.T, dir, server string, k secret.Keyring) *desk.Desk {
	t.Helper()
	d, err := desk.Open(t.Context(), desk.Options{Dir: dir, Server: server, Keyring: k, Now: func() time.Time { return noon.Add(time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func signIn(t *testing.T, d *desk.Desk, who string) {
	t.Helper()
	p, err := d.Accounts.Begin(t.Context(), wire.Begin{Kind: account.SignIn, Lang: "fr"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Accounts.Step(t.Context(), p.Flow, account.StepPassword, wire.Answer{Email: who, Password: "motdepassetape"}); err != nil {
		t.Fatal(err)
	}
	if st := d.Accounts.Standing(); st.Mode != session.Online || st.Person.ID != who {
		t.Fatalf("after signing in: %+v", st)
	}
}

// grep finds words in any file under a directory, in its bytes, and in names.
func grep(t *testing.T, dir string, words ...string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var body []byte
		if !e.IsDir() {
			if body, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		for _, w := range words {
			wide := []byte(strings.Join(strings.Split(w, ""), "\x00")) // UTF-16
			if bytes.Contains(body, []byte(w)) || bytes.Contains(body, wide) || strings.Contains(e.Name(), w) {
				found = append(found, w+" in "+filepath.Base(path))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestNoResidue: a person works at a desk, with and without a keyring, and ends the session:
// no file of the data directory holds a word of theirs, their tokens or their name, while the
// desk is open and after. What they had was sealed until then. The next person has nothing
// of it.
//
// Rows: X-059
func TestNoResidue(t *testing.T) {
	for _, keyring := range []bool{true, false} {
		o := &office{}
		srv := httptest.NewServer(o)
		defer srv.Close()
		dir, k := t.TempDir(), &ring{kept: map[string]string{}}
		ring := secret.Keyring(k)
		if !keyring {
			ring = desk.NoKeyring
		}
		d := staffed(t, dir, srv.URL, ring)
		ctx := t.Context()
		signIn(t, d, "anna")
		if !keyring {
			if err := d.Accounts.Protect(ctx, "quatre mots bien choisis"); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := d.Accounts.Me(ctx); err != nil {
			t.Fatal(err)
		}
		mine, err := d.Accounts.Personal(ctx, "anna")
		if err != nil {
			t.Fatal(err)
		}
		var kept posting.Posting
		for p := range demo.Postings(demo.Options{Seed: 3, N: 1, Today: posting.DayOf(noon)}) {
			kept = p
		}
		kept.Texts = slices.Clone(kept.Texts)
		q := query.Query{Words: "chercheuse-en-secret"}
		err = errors.Join(mine.AddRecent(ctx, "chercheuse-en-secret", q, noon), mine.Save(ctx, kept, noon),
			mine.Later(ctx, "https://lien-en-secret.exemple.ca/", 7, noon), mine.PutDraft(ctx, "brouillon", []byte("brouillon-en-secret"), noon),
			mine.Queue(ctx, cache.KindReport, "cle-en-secret", []byte(`{"text":"motif-en-secret"}`), noon),
			os.MkdirAll(d.Pages(), 0o700), os.WriteFile(filepath.Join(d.Pages(), "lettre.html"), []byte("lettre-en-secret"), 0o600))
		if _, e := mine.SaveSearch(ctx, "garde-en-secret", q, noon); err == nil {
			err = e
		}
		if err != nil {
			t.Fatal(err)
		}
		sealed := []string{"chercheuse-en-secret", "garde-en-secret", "lien-en-secret", "brouillon-en-secret", "jeton-de-renouvellement", "access-1", "motdepassetape",
			"anna-secrete@exemple.ca", "quatre mots"}
		if found := grep(t, dir, sealed...); len(found) > 0 {
			t.Errorf("keyring %v: in plain while the person works: %q", keyring, found)
		}
		if found := grep(t, dir, "motif-en-secret"); len(found) == 0 {
			t.Error("the search finds nothing: it could not fail")
		}
		if err := d.Accounts.SignOut(ctx, true); err != nil {
			t.Fatal(err)
		}
		all := append(sealed, "motif-en-secret", "cle-en-secret", "lettre-en-secret", "Annasecrete", "anna")
		if found := grep(t, dir, all...); len(found) > 0 {
			t.Errorf("keyring %v: after the end of the session: %q", keyring, found)
		}
		k.mu.Lock()
		if len(k.kept) > 0 {
			t.Errorf("the keyring keeps %d entries", len(k.kept))
		}
		k.mu.Unlock()
		if people, err := d.Accounts.People(ctx); err != nil || len(people) > 0 {
			t.Errorf("people: %v, %v", people, err)
		}
		signIn(t, d, "berthe")
		theirs, err := d.Accounts.Personal(ctx, "berthe")
		if err != nil {
			t.Fatal(err)
		}
		recent, _ := theirs.Recent(ctx, 0)
		items, _ := theirs.Items(ctx, "")
		saved, _ := theirs.Saved(ctx, noon)
		if len(recent)+len(items)+len(saved) > 0 {
			t.Errorf("the next person sees %v, %v, %d", recent, items, len(saved))
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if found := grep(t, dir, all...); len(found) > 0 {
			t.Errorf("keyring %v: after the program: %q", keyring, found)
		}
	}
}

// TestVisitor: on a shared desk nobody's searches are kept, not even those of somebody without
// an account, nor when the program was killed; elsewhere they are the desk's.
//
// Rows: X-059
func TestVisitor(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	d := staffed(t, dir, "", desk.NoKeyring)
	if v, err := d.Accounts.Personal(ctx, ""); err != nil || v != d.Device {
		t.Fatalf("on a desk of one's own: %v, %v", v, err)
	}
	if err := d.Device.SetSetting(ctx, cache.Shared, "1"); err != nil {
		t.Fatal(err)
	}
	look := func(words string) {
		t.Helper()
		v, err := d.Accounts.Personal(ctx, "")
		if err != nil {
			t.Fatal(err)
		}
		if all, err := v.Recent(ctx, 0); err != nil || len(all) > 0 {
			t.Fatalf("before looking for %s: %v, %v", words, all, err)
		}
		if err := v.AddRecent(ctx, words, query.Query{Words: words}, noon); err != nil {
			t.Fatal(err)
		}
	}
	look("premiere-visite")
	look("deuxieme-visite")
	if found := grep(t, dir, "premiere-visite"); len(found) > 0 {
		t.Errorf("the second visitor finds %q", found)
	}
	// A program that is killed closes nothing; the next one begins anew.
	again := staffed(t, dir, "", desk.NoKeyring)
	if _, err := again.Accounts.Personal(ctx, ""); err != nil {
		t.Fatal(err)
	}
	if found := grep(t, dir, "deuxieme-visite"); len(found) > 0 {
		t.Errorf("after the program was killed: %q", found)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	_ = d.Close() // its file was taken away
	if found := grep(t, dir, "visite"); len(found) > 0 {
		t.Errorf("at the end: %q", found)
	}
}

// TestTokensStay: tokens go to the server that gave them and to no other, also once another
// address is set.
func TestTokensStay(t *testing.T) {
	a, b := &office{}, &office{}
	one, two := httptest.NewServer(a), httptest.NewServer(b)
	defer one.Close()
	defer two.Close()
	ctx := t.Context()
	d := staffed(t, t.TempDir(), "", &ring{kept: map[string]string{}})
	defer d.Close()
	if _, err := d.Accounts.Deployment(ctx); err == nil {
		t.Error("without an address a server answers")
	}
	if err := d.Device.SetSetting(ctx, cache.Server, one.URL); err != nil {
		t.Fatal(err)
	}
	signIn(t, d, "anna")
	if err := d.Device.SetSetting(ctx, cache.Server, two.URL); err != nil {
		t.Fatal(err)
	}
	if _, fresh, err := d.Accounts.Me(ctx); fresh || err != nil && !errors.Is(err, wire.ErrOffline) {
		t.Errorf("the other server: fresh %v, %v", fresh, err)
	}
	if err := d.Accounts.SignOut(ctx, false); err != nil {
		t.Errorf("signing out: %v", err)
	}
	for _, x := range b.seen {
		if strings.Contains(x, "Bearer") || strings.Contains(x, wire.SessionPath) {
			t.Errorf("the other server was asked %q", x)
		}
	}
	if len(a.seen) < 2 {
		t.Errorf("the first was asked %q", a.seen)
	}
}
