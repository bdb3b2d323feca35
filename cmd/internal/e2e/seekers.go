package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/ledongthuc/pdf"

	"passerelle/i18n"
	"passerelle/store/personal"
	"passerelle/sync/alert"
	"passerelle/sync/wire"
	"passerelle/ui/state"
)

// guest is somebody who looks for work without an account, at a desk with a keyring.
type guest struct {
	*visit
	port    string // host:port of the server
	browser *portalBrowser
	marks   []trace // what they wrote for themselves
}

// seekersIn walks what one can do without an account, in a language.
func seekersIn(l i18n.Lang) func(context.Context, Programs, *trail) error {
	return func(ctx context.Context, p Programs, t *trail) error { return seekers(ctx, p, t, l) }
}

// openGuest starts a server of demonstration with a mailbox that everybody can read, and a desk.
func openGuest(ctx context.Context, p Programs, t *trail, l i18n.Lang) (g *guest, err error) {
	g = &guest{visit: &visit{p: p, t: t, l: l}}
	if g.s, err = t.screen(ctx, p, 1280, 800); err != nil {
		return nil, err
	}
	if err = g.s.Keyring(ctx); err != nil {
		return nil, err
	}
	if g.port, err = freePort(ctx); err != nil {
		return nil, err
	}
	if g.browser, err = newPortalBrowser(p.Home); err != nil {
		return nil, err
	}
	g.served, err = t.serve(ctx, p, nil, "server", "--demo", "--n", "400", "--addr", g.port)
	if err != nil {
		return nil, err
	}
	return g, g.open(ctx)
}

// open starts the window, with the browser of the walk before any other.
func (g *guest) open(ctx context.Context) (err error) {
	theme := map[i18n.Lang]string{i18n.French: "light", i18n.English: "dark"}[g.l]
	g.w, err = g.s.Launch(ctx, "env", "PATH="+g.browser.folder+":"+os.Getenv("PATH"), g.p.exe("passerelle"),
		"--data", desk(g.p), "--server", "http://"+g.port, "--lang", string(g.l), "--theme", theme)
	if err != nil {
		return err
	}
	g.t.windows = append(g.t.windows, g.w)
	demo, _, _ := strings.Cut(g.say(i18n.StatusDemo, "Date", "\n"), "\n")
	_, err = g.w.UntilIn(ctx, 90*time.Second, "the postings of the server", func(s state.Sight) bool {
		return s.Route == "search" && s.Total > 0 && s.Online && idle(s) && Shows(s, demo)
	})
	return err
}

// seekers: who has no account reads what there is to be told by, makes an alert of this
// computer of a search and one by e-mail, and reads what is new; follows an application
// through a power cut, exports the log of the search and a calendar; compares two postings
// and prints it. Nothing of what they wrote for themselves is at the server, or readable in
// a file of the desk.
//
// Rows
func seekers(ctx context.Context, p Programs, t *trail, l i18n.Lang) error {
	g, err := openGuest(ctx, p, t, l)
	if err != nil {
		return err
	}
	return steps(
		"the two ways of being told", func() error { return g.ways(ctx) },
		"an alert of this computer, of a search", func() error { return g.watch(ctx) },
		"what is new is counted, and read", func() error { return g.news(ctx) },
		"an alert by e-mail, confirmed by its letter", func() error { return g.byMail(ctx) },
		"an application is followed", func() error { return g.follow(ctx) },
		"it is there after a power cut", func() error { return g.cut(ctx) },
		"the log of the search, and a calendar", func() error { return g.evidence(ctx) },
		"two postings are compared, and printed", func() error { return g.compare(ctx) },
		"in large text", func() error { return g.large(ctx) },
		"nothing of it is at the server, or readable here", func() error { return apart(p, t, g.marks) },
	)
}

// apart wants marks in no file of the server, in nothing that it printed, and readable in no file of the desk.
func apart(p Programs, t *trail, marks []trace) error {
	for _, w := range t.windows {
		if err := w.Close(); err != nil && w == t.windows[len(t.windows)-1] {
			return err
		}
	}
	for _, s := range t.servers {
		s.Stop()
	}
	for i, text := range t.printed() {
		if found := find([]byte(text), marks); len(found) > 0 {
			return fmt.Errorf("program %d printed %v", i+1, found)
		}
	}
	desks, err := filepath.Glob(filepath.Join(p.Home, "*", "desk"))
	if err != nil {
		return err
	}
	if _, err := os.Stat(desk(p)); err == nil {
		desks = append(desks, desk(p))
	}
	for _, at := range append(desks, filepath.Join(p.Home, "server")) {
		if err := planted(at, marks); err != nil {
			return err
		}
		found, files, err := search(at, marks)
		if err != nil {
			return err
		}
		if files < 3 || len(found) > 0 {
			return fmt.Errorf("of %d files in %s: %v", files, filepath.Base(at), found)
		}
	}
	return nil
}

// rail opens a screen by its line at the left.
func (v *visit) rail(ctx context.Context, k i18n.Key, route string) error {
	if err := v.use(ctx, v.say(k)); err != nil {
		return err
	}
	_, err := v.w.Until(ctx, "the screen "+route, func(s state.Sight) bool { return s.Route == route && s.Focus != "" })
	return err
}

// key reaches a control with Tab and uses it.
func (v *visit) key(ctx context.Context, label string) error {
	if err := v.w.Reach(ctx, label, 60); err != nil {
		return err
	}
	return v.w.Keys(ctx, "Return")
}

// ways reads the page of the two ways.
func (g *guest) ways(ctx context.Context) error {
	if err := g.rail(ctx, i18n.NavAlerts, "alerts"); err != nil {
		return err
	}
	if err := g.shows(ctx, i18n.AlertsEmpty); err != nil {
		return err
	}
	if err := g.key(ctx, g.say(i18n.AlertsWays)); err != nil {
		return err
	}
	if err := g.shows(ctx, i18n.NotifiedMatch, i18n.NotifiedMatchNeeds, i18n.NotifiedAlertsNeeds, i18n.NotifiedAlertsCovers); err != nil {
		return err
	}
	return g.shot(ctx, "get-notified")
}

// watch makes an alert of this computer only from a search.
func (g *guest) watch(ctx context.Context) error {
	if _, err := g.seek(ctx, sought[g.l]); err != nil {
		return err
	}
	if err := g.use(ctx, g.say(i18n.AlertsFromSearch)); err != nil {
		return err
	}
	if err := g.shows(ctx, i18n.AlertsFrom, i18n.AlertsFromTook); err != nil {
		return err
	}
	if err := g.w.Reach(ctx, g.say(i18n.AlertsHow)+", ", 12); err != nil {
		return err
	}
	if err := g.w.Keys(ctx, "End"); err != nil {
		return err
	}
	if err := g.shows(ctx, i18n.AlertsSideHere); err != nil {
		return err
	}
	if err := g.shot(ctx, "alert-of-search"); err != nil {
		return err
	}
	if err := g.key(ctx, g.say(i18n.AlertsSave)); err != nil {
		return err
	}
	if err := g.shows(ctx, i18n.AlertsStateOn, i18n.AlertsFactChecked); err != nil {
		return err
	}
	return g.shot(ctx, "alert-kept")
}

// fresh are how many of the new postings the alert asks for.
const fresh = 3

// news brings postings to the server, syncs, and reads what is new.
func (g *guest) news(ctx context.Context) error {
	if err := g.publish(ctx); err != nil {
		return err
	}
	if err := g.w.Keys(ctx, "F5"); err != nil {
		return err
	}
	if _, err := g.w.Until(ctx, "the sync", func(s state.Sight) bool { return s.Route == "sync" }); err != nil {
		return err
	}
	if err := g.rail(ctx, i18n.NavAlerts, "alerts"); err != nil {
		return err
	}
	words := i18n.For(g.l)
	if _, err := g.w.UntilIn(ctx, patience, "what is new, counted", func(s state.Sight) bool {
		return Shows(s, words.N(i18n.AlertsRead, fresh))
	}); err != nil {
		return err
	}
	if err := g.shot(ctx, "alert-news"); err != nil {
		return err
	}
	if err := g.use(ctx, words.N(i18n.AlertsRead, fresh)); err != nil {
		return err
	}
	if _, err := g.w.Until(ctx, "the digest", func(s state.Sight) bool {
		return Shows(s, g.say(i18n.AlertsDigest)) && Shows(s, "Clinique des Tilleuls") && !Shows(s, "Garage des Tilleuls")
	}); err != nil {
		return err
	}
	if err := g.shot(ctx, "digest"); err != nil {
		return err
	}
	if err := g.key(ctx, g.say(i18n.AlertsReadMark)); err != nil {
		return err
	}
	_, err := g.w.Until(ctx, "nothing more to read", func(s state.Sight) bool {
		return s.Route == "alerts" && Shows(s, g.say(i18n.AlertsFactChecked)) && !Shows(s, words.N(i18n.AlertsRead, fresh))
	})
	return err
}

// publish imports postings of a partner into the server, as its operator does, and publishes them.
func (g *guest) publish(ctx context.Context) error {
	data := filepath.Join(g.p.Home, "server")
	file := filepath.Join(g.p.Home, "partenaire.ndjson")
	title := map[i18n.Lang]string{i18n.French: "infirmier autorisé/infirmière autorisée", i18n.English: "registered nurse (R.N.)"}[g.l]
	other := map[i18n.Lang]string{i18n.French: "mécanicien/mécanicienne d'automobiles", i18n.English: "automotive mechanic"}[g.l]
	now := time.Now()
	var all bytes.Buffer
	for i := range fresh + 1 {
		x := map[string]any{"@context": "https://schema.org", "@type": "JobPosting", "title": title, "occupationalCategory": "NOC 31301",
			"identifier":         map[string]any{"@type": "PropertyValue", "value": fmt.Sprint("T-", i+1)},
			"inLanguage":         string(g.l),
			"datePosted":         now.Format(time.DateOnly),
			"validThrough":       now.AddDate(0, 0, 20).Format(time.DateOnly),
			"hiringOrganization": map[string]any{"@type": "Organization", "name": "Clinique des Tilleuls"},
			"jobLocation": map[string]any{"@type": "Place", "address": map[string]any{"@type": "PostalAddress",
				"addressLocality": "Rimouski", "addressRegion": "QC", "addressCountry": "CA"}},
			"url": fmt.Sprint("https://www.jobs.example.org/", i+1)}
		if i == fresh {
			x["title"], x["occupationalCategory"] = other, "NOC 72410"
			x["hiringOrganization"] = map[string]any{"@type": "Organization", "name": "Garage des Tilleuls"}
		}
		line, err := json.Marshal(x)
		if err != nil {
			return err
		}
		all.Write(append(line, '\n'))
	}
	if err := os.WriteFile(file, all.Bytes(), 0o600); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"source", "add", "partenaire", "--data", data, "--name-fr", "Le Quai", "--name-en", "The Quay", "--host", "www.jobs.example.org"},
		{"source", "accept", "partenaire", "--data", data},
		{"import", "--data", data, "--source", "partenaire", file},
		{"publish", "--data", data},
	} {
		out, err := g.p.run(ctx, []string{"LANG=en_CA.UTF-8", "LC_ALL=en_CA.UTF-8"}, "passerelle-server", args...)
		if err != nil {
			return err
		}
		if want := fmt.Sprintf("added: %d,", fresh+1); args[0] == "import" && !strings.Contains(out, want) {
			return fmt.Errorf("want %q in:\n%s", want, out)
		}
	}
	return nil
}

// alertLink is the link of a letter that asks for a confirmation.
var alertLink = regexp.MustCompile(`https?://[^\s/]+/a/[\w-]+`)

// byMail asks for an alert by e-mail from the page of the two ways, and confirms it by its letter.
func (g *guest) byMail(ctx context.Context) error {
	const email = "ada.essai@exemple.ca"
	if err := g.key(ctx, g.say(i18n.AlertsWays)); err != nil {
		return err
	}
	if err := g.key(ctx, g.say(i18n.AlertsNew)); err != nil {
		return err
	}
	if _, err := g.w.Until(ctx, "the keyboard in the way of being told", func(s state.Sight) bool {
		return strings.HasPrefix(plain(s.Focus), plain(g.say(i18n.AlertsHow)+", "))
	}); err != nil {
		return err
	}
	if err := g.w.Reach(ctx, g.say(i18n.AlertsHow)+", ", 12); err != nil {
		return err
	}
	if err := g.w.Keys(ctx, "Home"); err != nil {
		return err
	}
	if err := g.fill(ctx, g.say(i18n.AlertsEmail), "ada.essai.exemple", false); err != nil {
		return err
	}
	if err := g.fill(ctx, g.say(i18n.AlertsKeywordsAdd), sought[g.l], false); err != nil {
		return err
	}
	if err := g.w.Keys(ctx, "Return"); err != nil {
		return err
	}
	if err := g.key(ctx, g.say(i18n.AlertsSubscribe)); err != nil {
		return err
	}
	if _, err := g.w.Until(ctx, "an address to mend", func(s state.Sight) bool {
		return Shows(s, i18n.For(g.l).N(i18n.FormMend, 1)) && strings.HasPrefix(plain(s.Focus), g.say(i18n.AlertsEmail)+": ")
	}); err != nil {
		return err
	}
	if err := g.shot(ctx, "alert-mail-to-mend"); err != nil {
		return err
	}
	if err := g.w.Keys(ctx, "ctrl+a"); err != nil {
		return err
	}
	if err := g.w.Type(ctx, email); err != nil {
		return err
	}
	if err := g.w.Keys(ctx, "Return"); err != nil {
		return err
	}
	if _, err := g.w.UntilIn(ctx, patience, "that it was asked for", func(s state.Sight) bool {
		return Shows(s, g.say(i18n.AlertsMail, "Email", email)) && Shows(s, g.say(i18n.AlertsStateAsked))
	}); err != nil {
		return err
	}
	if err := g.shot(ctx, "alert-asked"); err != nil {
		return err
	}
	text := ""
	for end := time.Now().Add(patience); text == "" && time.Now().Before(end); {
		all, err := get(ctx, "http://"+g.port+"/v1/demo/mail")
		if err != nil {
			return err
		}
		var letters []wire.Letter
		if err := json.Unmarshal([]byte(all), &letters); err != nil {
			return fmt.Errorf("the mailbox: %w in %.300s", err, all)
		}
		for _, l := range letters {
			if l.To == email && plain(l.Subject) == plain(g.say(i18n.AlertConfirmSubject)) {
				text = l.Text
			}
		}
		if err := g.pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	address := alertLink.FindString(text)
	if address == "" {
		return fmt.Errorf("no letter with a link came to the mailbox: %q", text)
	}
	page, err := get(ctx, address)
	if err != nil {
		return err
	}
	if !strings.Contains(html.UnescapeString(page), g.say(i18n.PageConfirm)) {
		return fmt.Errorf("the page has no button to confirm: %s", page)
	}
	if page, err = postTo(ctx, address, url.Values{"do": {alert.DoConfirm}}); err != nil {
		return err
	}
	if !strings.Contains(plain(html.UnescapeString(page)), plain(g.say(i18n.AlertpageConfirmed))) {
		return fmt.Errorf("the page does not say that it is confirmed: %s", page)
	}
	return nil
}

// pause waits, or ends with the walk.
func (v *visit) pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// postTo sends a form, as the button of a page does.
func postTo(ctx context.Context, address string, in url.Values) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(in.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	_, err = b.ReadFrom(res.Body)
	if err = errors.Join(err, res.Body.Close()); err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("the page answers %s", res.Status)
	}
	return b.String(), err
}

// What is written for oneself alone.
const (
	markNote   = "Fougeraie zibeline"
	markNext   = "Appeler la pepiniere zinzoline"
	markRemind = "Rappel du martinet zinzolin"
)

// inDays is a day that comes.
func inDays(n int) string { return time.Now().AddDate(0, 0, n).Format(time.DateOnly) }

// card is the entry of the tracker, as its line says it.
func (g *guest) card(st personal.State) string {
	return ", " + state.ApplicationWord(i18n.For(g.l), st)
}

// follow adds a posting to the tracker, moves it by keys, and writes what comes next.
func (g *guest) follow(ctx context.Context) error {
	g.marks = append(g.marks, trace{"the note", markNote}, trace{"the next act", markNext}, trace{"the reminder", markRemind})
	if _, err := g.seek(ctx, sought[g.l]); err != nil {
		return err
	}
	if _, err := g.firstPosting(ctx); err != nil {
		return err
	}
	if err := g.use(ctx, g.say(i18n.TrackerFollow)); err != nil {
		return err
	}
	if err := g.shows(ctx, i18n.TrackerFollowed); err != nil {
		return err
	}
	if err := g.rail(ctx, i18n.NavTracker, "tracker"); err != nil {
		return err
	}
	// The card has the keyboard somewhere on the board: its line ends with its state.
	if err := g.toCard(ctx, personal.ToApply); err != nil {
		return err
	}
	if err := g.w.Keys(ctx, "Right"); err != nil {
		return err
	}
	if _, err := g.w.Until(ctx, "the card moved", func(s state.Sight) bool { return strings.HasSuffix(plain(s.Focus), plain(g.card(personal.Applied))) }); err != nil {
		return err
	}
	if err := g.shot(ctx, "tracker-moved"); err != nil {
		return err
	}
	if err := g.w.Keys(ctx, "Return"); err != nil {
		return err
	}
	if err := g.shows(ctx, i18n.TrackerTodo); err != nil {
		return err
	}
	if err := g.fillAll(ctx, i18n.TrackerNext, markNext, false, i18n.TrackerFieldDay, inDays(3), false); err != nil {
		return err
	}
	if err := g.key(ctx, g.say(i18n.ReminderAdd)); err != nil {
		return err
	}
	if _, err := g.w.Until(ctx, "the form of a reminder", func(s state.Sight) bool { return s.Dialog && Shows(s, g.say(i18n.ReminderText)) }); err != nil {
		return err
	}
	if err := g.fillAll(ctx, i18n.ReminderText, markRemind, false, i18n.ReminderDay, inDays(2), false, i18n.ReminderTime, "14:30", false); err != nil {
		return err
	}
	if err := g.shot(ctx, "reminder"); err != nil {
		return err
	}
	if err := g.w.Keys(ctx, "Return"); err != nil {
		return err
	}
	if _, err := g.w.Until(ctx, "the reminder kept", func(s state.Sight) bool { return !s.Dialog && Shows(s, markRemind) }); err != nil {
		return err
	}
	if err := g.shot(ctx, "tracker-entry"); err != nil {
		return err
	}
	if err := g.fill(ctx, g.say(i18n.TrackerNotes), markNote, false); err != nil {
		return err
	}
	// Leaving the entry keeps what was typed.
	if err := g.w.Keys(ctx, "Escape"); err != nil {
		return err
	}
	_, err := g.w.Until(ctx, "the board with what comes next", func(s state.Sight) bool { return Shows(s, markNext) && Shows(s, g.say(i18n.TrackerKeys)) })
	return err
}

// toCard goes with Tab to the card that is in a state.
func (g *guest) toCard(ctx context.Context, st personal.State) error {
	for range 60 {
		s, err := g.w.Seen()
		if err != nil {
			return err
		}
		if strings.HasSuffix(plain(s.Focus), plain(g.card(st))) {
			return nil
		}
		if err := g.w.Keys(ctx, "Tab"); err != nil {
			return err
		}
		_ = g.w.wait(ctx, 700*time.Millisecond, func() (bool, error) {
			now, err := g.w.Seen()
			return err == nil && now.Focus != s.Focus, nil
		})
	}
	s, _ := g.w.Seen()
	return fmt.Errorf("no card in %q: %s", g.card(st), brief(s))
}

// cut kills the window, and finds everything as it was.
func (g *guest) cut(ctx context.Context) error {
	g.w.Kill()
	if err := g.open(ctx); err != nil {
		return err
	}
	if err := g.rail(ctx, i18n.NavTracker, "tracker"); err != nil {
		return err
	}
	if _, err := g.w.Until(ctx, "the card where it was", func(s state.Sight) bool { return Shows(s, markNext) }); err != nil {
		return err
	}
	if err := g.toCard(ctx, personal.Applied); err != nil {
		return err
	}
	if err := g.shot(ctx, "tracker-after-a-kill"); err != nil {
		return err
	}
	if err := g.w.Keys(ctx, "Return"); err != nil {
		return err
	}
	if _, err := g.w.Until(ctx, "the entry as it was", func(s state.Sight) bool {
		return Shows(s, markNext) && Shows(s, inDays(3)) && Shows(s, markRemind)
	}); err != nil {
		return err
	}
	if err := g.w.Reach(ctx, g.say(i18n.TrackerNotes)+": "+markNote, 60); err != nil {
		return err
	}
	return g.w.Keys(ctx, "Escape")
}

// evidence exports the log of the search as PDF and HTML, and the calendar.
func (g *guest) evidence(ctx context.Context) error {
	export := func(k i18n.Key, what, ext string) (string, error) {
		if err := g.key(ctx, g.say(i18n.TrackerEvidence)); err != nil {
			return "", err
		}
		if _, err := g.w.Until(ctx, "the period", func(s state.Sight) bool { return s.Dialog && Shows(s, g.say(i18n.TrackerEvidenceWhy)) }); err != nil {
			return "", err
		}
		if ext == ".pdf" {
			if err := g.shot(ctx, "evidence-period"); err != nil {
				return "", err
			}
		}
		return g.save(ctx, k, what, ext)
	}
	path, err := export(i18n.PrintPdf, "evidence-pdf", ".pdf")
	if err != nil {
		return err
	}
	text, err := pdfText(path)
	if err != nil {
		return err
	}
	if !strings.Contains(dense(text), dense(state.ApplicationWord(i18n.For(g.l), personal.Applied))) {
		return fmt.Errorf("the log of the search says %q", text)
	}
	if bad := find([]byte(text), g.marks); len(bad) > 0 {
		return fmt.Errorf("the log of the search tells %v", bad)
	}
	if path, err = export(i18n.PrintHtml, "evidence-html", ".html"); err != nil {
		return err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Contains(b, []byte(`<html lang="`+string(g.l))) {
		return fmt.Errorf("the log as HTML is not in its language: %.300s", b)
	}
	if path, err = g.save(ctx, i18n.TrackerCalendar, "calendar", ".ics"); err != nil {
		return err
	}
	if b, err = os.ReadFile(path); err != nil {
		return err
	}
	unfolded := strings.ReplaceAll(string(b), "\r\n ", "")
	if !strings.Contains(unfolded, "BEGIN:VCALENDAR") || !strings.Contains(unfolded, markRemind) || !strings.Contains(unfolded, markNext) {
		return fmt.Errorf("the calendar holds %s", b)
	}
	for _, x := range []string{"*.ics", "*.html", "*.pdf"} { // they are the person's own, outside the desk
		if in, _ := filepath.Glob(filepath.Join(desk(g.p), x)); len(in) > 0 {
			return fmt.Errorf("exported into the desk: %v", in)
		}
	}
	return nil
}

// pdfText is what a PDF says, opened again by another library.
func pdfText(path string) (string, error) {
	f, r, err := pdf.Open(path)
	if err != nil {
		return "", fmt.Errorf("open the PDF: %w", err)
	}
	defer f.Close()
	var all strings.Builder
	for n := 1; n <= r.NumPage(); n++ {
		text, err := r.Page(n).GetPlainText(nil)
		if err != nil {
			return "", fmt.Errorf("text of sheet %d: %w", n, err)
		}
		all.WriteString(text)
	}
	if strings.TrimSpace(all.String()) == "" {
		return "", errors.New("the PDF says nothing")
	}
	return all.String(), nil
}

// dense is a text without its spaces: a PDF breaks its lines where it likes.
func dense(s string) string { return strings.Join(strings.Fields(plain(s)), "") }

// compare chooses two postings by keys, opens the comparison by keys and prints it.
func (g *guest) compare(ctx context.Context) error {
	if _, err := g.seek(ctx, sought[g.l]); err != nil {
		return err
	}
	if err := g.w.Keys(ctx, "ctrl+f", "Down", "Down", "ctrl+k", "Down", "Down", "Down", "ctrl+k", "ctrl+shift+k"); err != nil {
		return err
	}
	if _, err := g.w.Until(ctx, "two postings side by side", func(s state.Sight) bool {
		return s.Route == "compare" && Shows(s, g.say(i18n.CompareEmployer)) && Shows(s, g.say(i18n.CompareDiffer)) && !Shows(s, g.say(i18n.CompareFew))
	}); err != nil {
		return err
	}
	if err := g.shot(ctx, "comparison"); err != nil {
		return err
	}
	if err := g.key(ctx, g.say(i18n.PrintAct)); err != nil {
		return err
	}
	if _, err := g.w.Until(ctx, "the ways to print", func(s state.Sight) bool { return s.Dialog && Shows(s, g.say(i18n.PostingPrint)) }); err != nil {
		return err
	}
	if err := g.w.Keys(ctx, "Return"); err != nil {
		return err
	}
	path, err := g.browser.opened(ctx)
	if err != nil {
		return err
	}
	text, err := pdfText(path)
	if err != nil {
		return err
	}
	if !strings.Contains(dense(text), dense(g.say(i18n.CompareTitle))) || !strings.Contains(dense(text), dense(g.say(i18n.CompareEmployer))) {
		return fmt.Errorf("the printed comparison says %q", text)
	}
	return nil
}

// opened waits for the next file that the window has opened by the system, and gives its path.
func (b *portalBrowser) opened(ctx context.Context) (string, error) {
	for limit := time.After(30 * time.Second); ; {
		raw, err := os.ReadFile(b.calls)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
		if all := strings.Split(string(raw), "\n"); len(all)-1 > b.read {
			b.read++
			u, err := url.Parse(all[b.read-1])
			if err != nil {
				return "", err
			}
			return u.Path, nil
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-limit:
			return "", errors.New("nothing was opened in 30 s")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// large looks at the screens at 200 % text, in French.
func (g *guest) large(ctx context.Context) error {
	if g.l != i18n.French {
		return nil
	}
	for range 6 {
		if err := g.w.Keys(ctx, "ctrl+equal"); err != nil {
			return err
		}
	}
	if _, err := g.w.Until(ctx, "200 %", func(s state.Sight) bool { return s.Percent == 200 }); err != nil {
		return err
	}
	if err := g.shot(ctx, "large-comparison"); err != nil {
		return err
	}
	for _, x := range []struct {
		k     i18n.Key
		route string
	}{{i18n.NavAlerts, "alerts"}, {i18n.NavTracker, "tracker"}, {i18n.NavResume, "resume"}} {
		if err := g.rail(ctx, x.k, x.route); err != nil {
			return err
		}
		if err := g.shot(ctx, "large-"+x.route); err != nil {
			return err
		}
	}
	return nil
}

// ownIn walks what one does with an account, in a language.
func ownIn(l i18n.Lang) func(context.Context, Programs, *trail) error {
	return func(ctx context.Context, p Programs, t *trail) error { return own(ctx, p, t, l) }
}

// What is written into a résumé and a letter.
const (
	markLabel  = "Zingueuse des marais"
	markFile   = "Atelier de la Zostere"
	markLetter = "Poissonnerie Zygene"
)

// document is a résumé as another program made it, with a key that no standard names.
const document = `{
  "x-atelier": {"kept": [1.0, "as it was"]},
  "basics": {"name": "Ada Essai", "label": "Couvreuse", "email": "ada.essai@exemple.ca", "summary": "Dix ans de toits.",
    "location": {"city": "Rimouski", "region": "QC", "countryCode": "CA"}},
  "work": [{"name": "` + markFile + `", "position": "Couvreuse", "startDate": "2014-06", "endDate": "2020-01", "highlights": ["Toits de tole"]}],
  "languages": [{"language": "français", "fluency": "Langue maternelle"}]
}
`

// own: a résumé is imported, changed and exported with what it held besides; a letter tells
// what is still open in it; a profile is activated, and what suits it is explained, and
// refused for good. Nothing of résumé and letter is at the server, or readable in a file of
// the desk.
//
// Rows
func own(ctx context.Context, p Programs, t *trail, l i18n.Lang) error {
	x, err := openDesks(ctx, p, t, l, "a")
	defer x.d.close()
	if err != nil {
		return err
	}
	v := x.a
	marks := []trace{{"what they do", markLabel}, {"where they worked", markFile}, {"whom they wrote to", markLetter}}
	refused := ""
	return steps(
		"a folder with a résumé", func() error { return v.document() },
		"a session", func() error {
			if err := x.signIn(ctx, v); err != nil {
				return err
			}
			return v.normal(ctx)
		},
		"a résumé is imported", func() error { return v.imports(ctx) },
		"it is changed, and exported", func() error { return v.exports(ctx) },
		"a letter with something open", func() error { return v.letterOpen(ctx) },
		"a profile, the short way", func() error { return v.profile(ctx) },
		"what suits it, and why; one is refused", func() (err error) { refused, err = v.matches(ctx); return err },
		"after a power cut it is gone still", func() error {
			v.w.Kill()
			if err := x.again(ctx, v); err != nil {
				return err
			}
			if err := v.normal(ctx); err != nil {
				return err
			}
			if err := v.rail(ctx, i18n.NavMatches, "matches"); err != nil {
				return err
			}
			seen, err := v.w.UntilIn(ctx, patience, "the matches without the one that was refused", func(s state.Sight) bool {
				return Shows(s, v.say(i18n.MatchesRefusedN, "N", "1")) && v.why(s) != ""
			})
			if err == nil && v.why(seen) == refused {
				err = fmt.Errorf("%s is there again", refused)
			}
			if err != nil {
				return err
			}
			return v.shot(ctx, "matches-after-a-kill")
		},
		"nothing of it is at the server, or readable here", func() error { return apart(p, t, marks) },
	)
}

// normal has text at 100 %.
func (v *visit) normal(ctx context.Context) error {
	if err := v.w.Keys(ctx, "ctrl+0"); err != nil {
		return err
	}
	_, err := v.w.Until(ctx, "text at 100 %", func(s state.Sight) bool { return s.Percent == 100 && idle(s) })
	return err
}

// document puts a résumé where the dialog for files opens: in the folder that was used last.
func (v *visit) document() error {
	folder := filepath.Join(v.p.Home, "Documents")
	settings := filepath.Join(v.p.Home, ".config", "fyne", "ca.passerelle.desktop")
	for _, d := range []string{folder, settings} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return err
		}
	}
	return errors.Join(os.WriteFile(filepath.Join(folder, "ada.json"), []byte(document), 0o600),
		os.WriteFile(filepath.Join(settings, "preferences.json"), []byte(`{"fyne:fileDialogLastFolder":"file://`+filepath.ToSlash(folder)+`"}`), 0o600))
}

// imports opens the file by the dialog for files.
func (v *visit) imports(ctx context.Context) error {
	if err := v.rail(ctx, i18n.NavResume, "resume"); err != nil {
		return err
	}
	if err := v.shot(ctx, "resumes-none"); err != nil {
		return err
	}
	if err := v.use(ctx, v.say(i18n.ResumeNewImport)); err != nil {
		return err
	}
	if _, err := v.w.Until(ctx, "the dialog for files", func(s state.Sight) bool { return s.Dialog && Shows(s, v.say(i18n.FyneOpen)) }); err != nil {
		return err
	}
	if err := v.shot(ctx, "resume-dialog"); err != nil {
		return err
	}
	// Fyne's dialog tells nobody what it lists: after the folder above, the one file stands.
	if err := v.w.Click(ctx, 292, 140); err != nil {
		return err
	}
	if err := v.use(ctx, v.say(i18n.FyneOpen)); err != nil {
		return err
	}
	if _, err := v.w.UntilIn(ctx, patience, "the résumé", func(s state.Sight) bool { return Shows(s, v.say(i18n.ResumeImported)) && Shows(s, "Ada Essai") }); err != nil {
		return err
	}
	return v.shot(ctx, "resume-imported")
}

// exports changes what they do, and looks into what is exported.
func (v *visit) exports(ctx context.Context) error {
	if err := v.use(ctx, v.say(i18n.ResumeHead)); err != nil {
		return err
	}
	if err := v.fill(ctx, v.say(i18n.ResumeFieldLabel), markLabel, false); err != nil {
		return err
	}
	if _, err := v.w.Until(ctx, "the preview with what was typed", func(s state.Sight) bool { return Shows(s, markLabel) }); err != nil {
		return err
	}
	if err := v.shot(ctx, "resume-head"); err != nil {
		return err
	}
	if err := v.w.Keys(ctx, "Escape"); err != nil {
		return err
	}
	if err := v.use(ctx, v.say(i18n.PrintAct)); err != nil {
		return err
	}
	path, err := v.save(ctx, i18n.PrintPdf, "resume-pdf", ".pdf")
	if err != nil {
		return err
	}
	text, err := pdfText(path)
	if err != nil {
		return err
	}
	for _, want := range []string{"Ada Essai", markLabel, markFile, "Toits de tole"} {
		if !strings.Contains(dense(text), dense(want)) {
			return fmt.Errorf("the PDF does not say %q: %q", want, text)
		}
	}
	if err := v.use(ctx, v.say(i18n.ResumeExportFiles)); err != nil {
		return err
	}
	if path, err = v.save(ctx, i18n.ResumeExportJson, "resume-json", ".json"); err != nil {
		return err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var out struct {
		Kept   json.RawMessage `json:"x-atelier"`
		Basics struct{ Name, Label string }
	}
	if err := json.Unmarshal(b, &out); err != nil || string(out.Kept) != `{"kept": [1.0, "as it was"]}` || out.Basics.Label != markLabel || out.Basics.Name != "Ada Essai" {
		return fmt.Errorf("exported, %w: %s", err, b)
	}
	return nil
}

// letterOpen begins a letter, and is told what is open in it before it leaves.
func (v *visit) letterOpen(ctx context.Context) error {
	if err := v.w.Keys(ctx, "Escape"); err != nil {
		return err
	}
	if err := v.key(ctx, v.say(i18n.LetterList)); err != nil {
		return err
	}
	if err := v.shows(ctx, i18n.LetterEmpty); err != nil {
		return err
	}
	if err := v.use(ctx, v.say(i18n.LetterNewBegin)); err != nil {
		return err
	}
	if err := v.shows(ctx, i18n.LetterVars, i18n.LetterOpenNeeded); err != nil {
		return err
	}
	if err := v.shot(ctx, "letter"); err != nil {
		return err
	}
	if err := v.use(ctx, v.say(i18n.LetterExport)); err != nil {
		return err
	}
	if _, err := v.w.Until(ctx, "what is open", func(s state.Sight) bool {
		return s.Dialog && Shows(s, v.say(i18n.LetterExportOpen)) && Shows(s, "{"+v.say(i18n.LetterVarEmployer)+"}")
	}); err != nil {
		return err
	}
	if err := v.shot(ctx, "letter-open"); err != nil {
		return err
	}
	if err := v.w.Keys(ctx, "Return"); err != nil { // what is offered first: to fill it in
		return err
	}
	if _, err := v.w.Until(ctx, "the keyboard in what is open", func(s state.Sight) bool {
		return !s.Dialog && strings.Contains(plain(s.Focus), ": ") && strings.Contains(plain(s.Focus), plain(v.say(i18n.LetterOpenNeeded)))
	}); err != nil {
		return err
	}
	if err := v.w.Type(ctx, markLetter); err != nil {
		return err
	}
	if _, err := v.w.Until(ctx, "the preview with it", func(s state.Sight) bool { return strings.Contains(s.Focus, markLetter) }); err != nil {
		return err
	}
	if err := v.shot(ctx, "letter-filled"); err != nil {
		return err
	}
	return v.w.Keys(ctx, "Escape")
}

// profile chooses a place and a title, and activates.
func (v *visit) profile(ctx context.Context) error {
	if err := v.rail(ctx, i18n.NavProfile, "profile"); err != nil {
		return err
	}
	pick := func(k i18n.Key, text string) error {
		if _, err := v.w.UntilIn(ctx, patience, "the keyboard in the field of the page", func(s state.Sight) bool {
			return s.Route == "profile" && strings.HasPrefix(plain(s.Focus), plain(v.say(k))+": ")
		}); err != nil {
			return err
		}
		if err := v.w.Type(ctx, text); err != nil {
			return err
		}
		found := i18n.For(v.l)
		if _, err := v.w.Until(ctx, "what was found for "+text, func(s state.Sight) bool {
			for n := 1; n < 30; n++ {
				if Shows(s, found.N(i18n.ProfileFound, n)) {
					return true
				}
			}
			return false
		}); err != nil {
			return err
		}
		return v.w.Keys(ctx, "Down", "Return")
	}
	if err := pick(i18n.ProfilePlacesFind, "Canada"); err != nil {
		return err
	}
	if err := v.shot(ctx, "profile-place"); err != nil {
		return err
	}
	if err := v.key(ctx, v.say(i18n.CommonContinue)); err != nil {
		return err
	}
	if err := pick(i18n.ProfileWorkFind, map[i18n.Lang]string{i18n.French: "cuisinier", i18n.English: "cook"}[v.l]); err != nil {
		return err
	}
	if err := v.shot(ctx, "profile-title"); err != nil {
		return err
	}
	if err := v.key(ctx, v.say(i18n.ProfileOverview)); err != nil {
		return err
	}
	if err := v.shows(ctx, i18n.ProfileState); err != nil {
		return err
	}
	if err := v.use(ctx, v.say(i18n.ProfileActivate)); err != nil {
		return err
	}
	if _, err := v.w.UntilIn(ctx, patience, "an active profile", func(s state.Sight) bool {
		return Shows(s, v.say(i18n.ProfileVersion, "N", "1"))
	}); err != nil {
		return err
	}
	return v.shot(ctx, "profile-active")
}

// why is the line of the match that is explained.
func (v *visit) why(s state.Sight) string {
	_, after, _ := strings.Cut(v.say(i18n.MatchesSame, "Number", "\n", "Version", ""), "\n")
	for _, text := range s.Texts {
		if strings.Contains(plain(text), plain(after)) {
			return text
		}
	}
	return ""
}

// matches lists what suits, explains the best, and refuses it; it gives its line.
func (v *visit) matches(ctx context.Context) (refused string, err error) {
	if err := v.rail(ctx, i18n.NavMatches, "matches"); err != nil {
		return "", err
	}
	seen, err := v.w.UntilIn(ctx, patience, "the best match, explained", func(s state.Sight) bool { return v.why(s) != "" && Shows(s, v.say(i18n.MatchesRefuse)) })
	if err != nil {
		return "", err
	}
	refused = v.why(seen)
	if err := v.shot(ctx, "matches"); err != nil {
		return "", err
	}
	if err := v.key(ctx, v.say(i18n.MatchesRefuse)); err != nil {
		return "", err
	}
	if _, err := v.w.Until(ctx, "another one in its place", func(s state.Sight) bool {
		return Shows(s, v.say(i18n.MatchesRefusedN, "N", "1")) && v.why(s) != "" && v.why(s) != refused
	}); err != nil {
		return "", err
	}
	if err := v.shot(ctx, "match-refused"); err != nil {
		return "", err
	}
	return refused, v.waits(ctx, 0) // the service has learned it
}
