package state

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
)

// Names of the fields of the settings, for [FieldError].
const (
	FieldServer = "server"
	FieldProxy  = "proxy"
	FieldCA     = "cafile"
)

// Sizes are the sizes of text offered, in per cent.
var Sizes = []int{100, 110, 125, 150, 175, 200}

// settle is how long a size must stand before the whole window follows, so that several
// presses of the key make the window again only once.
const settle = 400 * time.Millisecond

// Settings is what a person sets for themselves: language, theme, text size, and where the
// catalogue comes from.
type Settings struct {
	s *State

	Theme string // "light", "dark", "contrast"; "": as the system
	Size  int    // of text, per cent; what is in force
	Try   int    // the size that is being tried: the preview shows it at once

	Server, Proxy, CAFile string // as they stand in the fields
	Scope                 string // in force; "": all
	Want                  string // scope that is being considered
	Plan                  *replica.Plan
	Planning              bool
	PlanErr               error

	Errors  []FieldError // in the order of the fields
	Checked bool         // the connection was kept
	Cleared bool         // recent searches were forgotten
	Loaded  bool

	// Changed tells whoever draws. Nil is fine.
	Changed func()
	// Apply tells the window to make its content again in another theme or size.
	Apply func()

	Mend *Mending // what to try when something does not work

	saved struct{ server, proxy, ca string }
	stop  func()
	gen   int
}

func newSettings(s *State) *Settings {
	return &Settings{s: s, Size: 100, Try: 100, Mend: &Mending{s: s}}
}

func (t *Settings) tell() {
	if t.Changed != nil {
		t.Changed()
	}
}

func (t *Settings) apply() {
	if t.Apply != nil {
		t.Apply()
	}
}

// Load reads the connection and the scope; theme and size come from the window ([Settings.Seen]).
func (t *Settings) Load(then func()) {
	d := t.s.home
	var v struct{ server, proxy, ca, scope string }
	t.s.o.Exec.Go(func() {
		if d == nil {
			return
		}
		for key, to := range map[string]*string{cache.Server: &v.server, cache.Proxy: &v.proxy, cache.CAFile: &v.ca, cache.Scope: &v.scope} {
			*to, _ = d.Setting(t.s.ctx, key)
		}
	}, func() {
		t.Loaded = true
		t.Scope, t.Want = v.scope, v.scope
		t.Server, t.Proxy, t.CAFile = v.server, v.proxy, v.ca
		t.saved.server, t.saved.proxy, t.saved.ca = v.server, v.proxy, v.ca
		if then != nil {
			then()
		}
		t.tell()
	})
}

// Seen tells how the window looks: its own keys change that too.
func (t *Settings) Seen(theme string, percent int) {
	t.Theme = theme
	if t.stop == nil {
		t.Size, t.Try = percent, percent
	}
}

// SetTheme changes the theme at once.
func (t *Settings) SetTheme(mode string) {
	if t.Theme == mode {
		return
	}
	t.Theme = mode
	t.s.Remember(cache.Theme, mode)
	t.apply()
}

// SetSize tries a size of text: the preview shows it now, the window a moment later.
func (t *Settings) SetSize(percent int) {
	percent = min(max(percent, 100), 200)
	if percent == t.Try {
		return
	}
	t.Try = percent
	t.tell()
	if t.stop != nil {
		t.stop()
	}
	t.stop = t.s.o.Exec.After(settle, func() {
		t.stop = nil
		if t.Size == t.Try {
			return
		}
		t.Size = t.Try
		t.s.Remember(cache.TextSize, strconv.Itoa(t.Size))
		t.apply()
	})
}

// Error is what is wrong with a field, "" when nothing is.
func (t *Settings) Error(field string) string {
	for _, e := range t.Errors {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

// Type follows a field of the connection. A field that was wrong is looked at again with
// every key, and its error goes as soon as it is right.
func (t *Settings) Type(field, text string) {
	*t.field(field) = text
	t.Checked, t.Mend.Tested = false, ""
	if t.Error(field) == "" {
		return
	}
	if field == FieldCA {
		t.recheckCA()
		return
	}
	t.put(field, t.check(field))
	t.tell()
}

func (t *Settings) field(name string) *string {
	switch name {
	case FieldProxy:
		return &t.Proxy
	case FieldCA:
		return &t.CAFile
	}
	return &t.Server
}

// put writes or clears the error of a field, keeping the order of the fields.
func (t *Settings) put(field, problem string) {
	var all []FieldError
	for _, f := range []string{FieldServer, FieldProxy, FieldCA} {
		text := t.Error(f)
		if f == field {
			text = problem
		}
		if text != "" {
			all = append(all, FieldError{Field: f, Text: text})
		}
	}
	t.Errors = all
}

func (t *Settings) check(field string) string {
	if field == FieldProxy {
		_, problem := CheckProxy(t.s.words, t.Proxy)
		return problem
	}
	_, problem := CheckServer(t.s.words, t.Server)
	return problem
}

func (t *Settings) recheckCA() {
	t.gen++
	gen, path := t.gen, t.CAFile
	var problem string
	t.s.o.Exec.Go(func() { problem = CheckCA(t.s.words, path) }, func() {
		if gen == t.gen {
			t.put(FieldCA, problem)
			t.tell()
		}
	})
}

// Dirty says whether the connection differs from what is kept.
func (t *Settings) Dirty() bool {
	return strings.TrimSpace(t.Server) != t.saved.server || strings.TrimSpace(t.Proxy) != t.saved.proxy || strings.TrimSpace(t.CAFile) != t.saved.ca
}

// Keep checks the connection and keeps it if it is right; done says whether it was.
func (t *Settings) Keep(done func(ok bool)) {
	w, d := t.s.words, t.s.home
	server, bad := CheckServer(w, t.Server)
	t.put(FieldServer, bad)
	proxy, bad := CheckProxy(w, t.Proxy)
	t.put(FieldProxy, bad)
	t.gen++
	gen, ca := t.gen, strings.TrimSpace(t.CAFile)
	var problem string
	var err error
	right := len(t.Errors) == 0 || len(t.Errors) == 1 && t.Errors[0].Field == FieldCA
	t.s.o.Exec.Go(func() {
		if problem = CheckCA(w, ca); problem != "" || !right || d == nil {
			return
		}
		for key, v := range map[string]string{cache.Server: server, cache.Proxy: proxy, cache.CAFile: ca} {
			if err = d.SetSetting(t.s.ctx, key, v); err != nil {
				return
			}
		}
	}, func() {
		if gen != t.gen {
			return
		}
		t.put(FieldCA, problem)
		if err != nil {
			t.Errors = append(t.Errors, FieldError{Field: FieldServer, Text: Explain(w, err)})
		}
		ok := len(t.Errors) == 0
		if ok {
			changed := t.saved.server != server || t.saved.proxy != proxy || t.saved.ca != ca
			t.Server, t.Proxy, t.CAFile = server, proxy, ca
			t.saved.server, t.saved.proxy, t.saved.ca = server, proxy, ca
			t.Checked = true
			if changed {
				t.s.Sync.ServerChanged()
			}
		}
		t.tell()
		if done != nil {
			done(ok)
		}
	})
}

// CheckServer reads the address of a server: https, or plain http on this computer alone.
// It gives the address as it is kept, and what is wrong with it and how to mend it.
func CheckServer(w *i18n.Words, text string) (address, problem string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", ""
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(u.Host, " ,;") || u.RawQuery != "" || u.Fragment != "" || !goodPort(u.Port()) {
		return "", w.S(i18n.SettingsServerBad)
	}
	switch {
	case u.User != nil:
		return "", w.S(i18n.SettingsServerUser)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "", w.S(i18n.SettingsServerPlain, "Host", u.Hostname())
	case u.Scheme != "http" && u.Scheme != "https":
		return "", w.S(i18n.SettingsServerScheme, "Scheme", u.Scheme)
	}
	return strings.TrimRight(u.String(), "/"), ""
}

func goodPort(p string) bool {
	if p == "" {
		return true
	}
	n, err := strconv.Atoi(p)
	return err == nil && n > 0 && n < 65536
}

// loopback says whether a host is this computer.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// CheckProxy reads the address of a proxy, as CheckServer does that of a server.
func CheckProxy(w *i18n.Words, text string) (address, problem string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", ""
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(u.Host, " ,;") || !goodPort(u.Port()) || u.Path != "" && u.Path != "/" {
		return "", w.S(i18n.SettingsProxyBad)
	}
	switch u.Scheme {
	case "http", "https", "socks5":
		return strings.TrimRight(u.String(), "/"), ""
	}
	return "", w.S(i18n.SettingsProxyBad)
}

// CheckCA says what is wrong with a file of authorities, "" when it can be used: it must
// hold at least one certificate in PEM.
func CheckCA(w *i18n.Words, path string) string {
	path = strings.TrimSpace(path)
	if path == "" {
		return ""
	}
	const most = 4 << 20 // the whole public list is a quarter of this
	f, err := os.Open(path)
	if err != nil {
		return w.S(i18n.SettingsCaMissing, "Name", path)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil {
		return w.S(i18n.SettingsCaMissing, "Name", path)
	}
	for {
		var block *pem.Block
		if block, b = pem.Decode(b); block == nil {
			return w.S(i18n.SettingsCaBad)
		}
		if block.Type == "CERTIFICATE" {
			if _, err := x509.ParseCertificate(block.Bytes); err == nil {
				return ""
			}
		}
	}
}

// Scopes are the parts of the catalogue offered: all of Canada first, then the provinces
// in the order of their names.
func (t *Settings) Scopes() (codes, names []string) {
	w := t.s.words
	codes = append(codes, "all")
	codes = append(codes, wire.Provinces...)
	less := w.Less()
	rest := codes[1:]
	for i := 1; i < len(rest); i++ {
		for k := i; k > 0 && less(ScopeLabel(w, rest[k]), ScopeLabel(w, rest[k-1])); k-- {
			rest[k], rest[k-1] = rest[k-1], rest[k]
		}
	}
	for _, c := range codes {
		names = append(names, ScopeLabel(w, c))
	}
	return codes, names
}

// Part and Whole are the two halves of a scope: the province or "all", and whether it
// brings the descriptions.
func Part(scope string) (part string, whole bool) {
	if scope == "" {
		return "all", true
	}
	part, cards := strings.CutSuffix(scope, "-cards")
	return part, !cards
}

// MakeScope is the scope of both halves.
func MakeScope(part string, whole bool) string {
	if !whole {
		return part + "-cards"
	}
	return part
}

// Consider asks what another scope would download, before anything changes.
func (t *Settings) Consider(scope string) {
	t.Want, t.Plan, t.PlanErr, t.Planning = scope, nil, nil, false
	t.gen++
	if same(scope, t.Scope) || t.s.o.Desk == nil {
		t.tell()
		return
	}
	if t.s.Sync.away() {
		t.PlanErr = replica.ErrOffline
		t.tell()
		return
	}
	gen := t.gen
	t.Planning = true
	var p replica.Plan
	var err error
	ctx, cancel := context.WithTimeout(t.s.ctx, time.Minute)
	t.tell()
	t.s.o.Exec.Go(func() { p, err = t.s.o.Desk.PlanScope(ctx, scope) }, func() {
		cancel()
		if gen != t.gen {
			return
		}
		t.Planning, t.PlanErr = false, err
		if err == nil {
			t.Plan = &p
		}
		t.tell()
	})
}

func same(a, b string) bool {
	ap, aw := Part(a)
	bp, bw := Part(b)
	return ap == bp && aw == bw
}

// Considering says whether another scope than the one in force is chosen.
func (t *Settings) Considering() bool { return !same(t.Want, t.Scope) }

// TakeScope keeps the scope that was considered and downloads it.
func (t *Settings) TakeScope() {
	scope := t.Want
	var err error
	d := t.s.home
	t.s.o.Exec.Go(func() { err = d.SetSetting(t.s.ctx, cache.Scope, scope) }, func() {
		if err != nil {
			t.PlanErr = err
			t.tell()
			return
		}
		t.Scope, t.Plan, t.PlanErr = scope, nil, nil
		t.tell()
		t.s.Sync.run("", false)
	})
}

// LeaveScope keeps the scope in force.
func (t *Settings) LeaveScope() { t.Consider(t.Scope) }

// ScopeLine says what the scope that is considered would download, or why that is not known.
func (t *Settings) ScopeLine() string {
	w := t.s.words
	switch {
	case !t.Considering():
		return ""
	case t.Planning:
		return w.S(i18n.SettingsScopeAsking)
	case t.PlanErr != nil:
		return Explain(w, t.PlanErr)
	case t.Plan != nil:
		return t.s.Sync.PlanLine(*t.Plan)
	}
	return ""
}

// ClearRecent forgets the searches that were made; saved ones stay.
func (t *Settings) ClearRecent() {
	d, ok := t.s.o.Device.(interface{ ClearRecent(context.Context) error })
	if !ok {
		return
	}
	var err error
	t.s.o.Exec.Go(func() { err = d.ClearRecent(t.s.ctx) }, func() {
		t.Cleared = err == nil
		t.s.Search.loadRecent()
		t.tell()
	})
}

// Dir is where the files of this person are.
func (t *Settings) Dir() string { return t.s.o.Dir }

// OpenDir shows that folder with the person's own program.
func (t *Settings) OpenDir(done func(error)) {
	t.s.OpenFile(func(context.Context) (string, error) {
		if t.s.o.Dir == "" {
			return "", fmt.Errorf("open the folder: %w", os.ErrNotExist)
		}
		return t.s.o.Dir, nil
	}, func(_ string, err error) { done(err) })
}

// relabel says again, in another language, what the screens about the program hold as text.
func (s *State) relabel() {
	t := s.Settings
	for _, e := range t.Errors {
		switch e.Field {
		case FieldCA:
			t.recheckCA()
		default:
			t.put(e.Field, t.check(e.Field))
		}
	}
	if s.Saved.NameErr != "" {
		s.Saved.NameErr = s.Saved.checkName()
	}
	t.Mend.Tested, t.Mend.Reset = "", ""
	s.Saved.Removed = nil
	s.Invitations.relabel()
	s.Profile.relabel()
	s.Matches.relabel()
	if s.Outbox.Loaded {
		s.Outbox.Load()
	}
	if s.Conflict.Loaded {
		s.Conflict.Load()
	}
	if len(s.Credits.Groups) > 0 {
		s.Credits.Load()
	}
	if s.Sync.Running {
		s.SetWorking(s.Sync.Line())
	} else {
		s.SetWorking(s.Sync.awaits())
	}
}
