package state

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/record"
)

// AlertPage is a page of the alerts.
type AlertPage string

// Pages.
const (
	AlertList   AlertPage = "list"
	AlertWrite  AlertPage = "write"  // one is written, or changed
	AlertDigest AlertPage = "digest" // what is new is read
	AlertTrace  AlertPage = "trace"  // why nothing comes
)

// JobAlerts is the screen of the alerts of whoever is at the desk: the list of them, the
// form, what is new, and the article on alerts that do not come.
type JobAlerts struct {
	s *State

	Page    AlertPage
	List    []Alert
	Loaded  bool
	Err     error
	Removed *Undo // what was removed last; without a do it cannot be taken back

	Form *AlertForm // what is being written; it is kept until it is saved or given up
	Ask  *AlertAsk  // the message of somebody whose alerts do not come

	Digest  Digest
	Reading string // the alert whose news are read; "": those of all
	Has     bool   // the digest has come
	Busy    bool

	Sender string // address that letters come from; "": not known
	Team   string // address of the team
	Asked  []AskedLine

	// Changed tells whoever draws. Nil is fine.
	Changed func()

	gen, readGen int
	gone         bool // somebody else has come: nothing of this is told to them
}

func newJobAlerts(s *State) *JobAlerts {
	return &JobAlerts{s: s, Page: AlertList, Ask: &AlertAsk{}}
}

// leave ends what is under way, of a person who has left.
func (j *JobAlerts) leave() {
	j.halt()
	j.gone, j.Form, j.Changed = true, nil, nil
	j.gen++
	j.readGen++
}

func (j *JobAlerts) tell() {
	if j.Changed != nil {
		j.Changed()
	}
}

// Offered says whether there can be alerts here.
func (j *JobAlerts) Offered() bool { return j.s.o.Alerts != nil }

// Load reads the list.
func (j *JobAlerts) Load() {
	a := j.s.o.Alerts
	if a == nil {
		j.Loaded = true
		j.tell()
		return
	}
	j.gen++
	gen := j.gen
	var all []Alert
	var err error
	j.s.o.Exec.Go(func() { all, err = a.List(j.s.ctx) }, func() {
		if gen != j.gen {
			return
		}
		j.Loaded, j.Err = true, err
		if err == nil {
			j.List = all
		}
		j.tell()
		j.s.Tell() // the rail counts what is new
	})
}

// AlertsMoved is told that alerts of whoever is here have something new.
func (s *State) AlertsMoved() { s.JobAlerts.Load() }

// News is how many postings are new and not read, over all alerts.
func (j *JobAlerts) News() (n int) {
	for _, a := range j.List {
		if a.State != AlertPaused && a.State != AlertEnded {
			n += a.New
		}
	}
	return n
}

// Open turns to a page.
func (j *JobAlerts) Open(p AlertPage) {
	j.Page, j.Removed = p, nil
	j.readGen++
	j.tell()
}

// Find gives an alert of the list.
func (j *JobAlerts) Find(id string) (Alert, bool) {
	i := slices.IndexFunc(j.List, func(a Alert) bool { return a.ID == id })
	if i < 0 {
		return Alert{}, false
	}
	return j.List[i], true
}

// Name is what an alert is called: its own name, else what it asks.
func (j *JobAlerts) Name(a Alert) string {
	if n := strings.TrimSpace(a.Name); n != "" {
		return n
	}
	w := j.s.words
	var parts []string
	for _, all := range [][]string{j.titles(a.Titles), a.Keywords, j.places(a.Places)} {
		if len(all) > 2 {
			all = append(slices.Clone(all[:2]), "…")
		}
		parts = append(parts, strings.Join(all, ", "))
	}
	if name := join(parts...); name != "" {
		return name
	}
	return w.S(i18n.AlertsUnnamed)
}

func (j *JobAlerts) titles(nocs []string) (out []string) {
	for _, n := range nocs {
		out = append(out, formWord(j.s.words, record.NOC, n))
	}
	return out
}

func (j *JobAlerts) places(all []string) (out []string) {
	for _, p := range all {
		out = append(out, formWord(j.s.words, record.Where, p))
	}
	return out
}

// Means says in words what an alert asks, a line for each criterion (D25).
func (j *JobAlerts) Means(a Alert) (lines []string) {
	w := j.s.words
	for _, x := range []struct {
		key i18n.Key
		of  []string
	}{{i18n.AlertsMeansTitles, j.titles(a.Titles)}, {i18n.AlertsMeansPlaces, j.places(a.Places)}, {i18n.AlertsMeansKeywords, a.Keywords}} {
		if len(x.of) > 0 {
			lines = append(lines, w.S(x.key, "What", anyOf(w, x.of)))
		}
	}
	return lines
}

// anyOf joins alternatives: A, B or C.
func anyOf(w *i18n.Words, all []string) string {
	if n := len(all); n > 1 {
		return w.S(i18n.AlertsOr, "A", strings.Join(all[:n-1], ", "), "B", all[n-1])
	}
	return strings.Join(all, "")
}

// Where says how an alert tells its news.
func (j *JobAlerts) Where(a Alert) string {
	if a.Kind == AlertHere {
		return j.s.words.S(i18n.AlertsHere)
	}
	return j.s.words.S(i18n.AlertsMail, "Email", a.Email)
}

var alertStates = map[AlertState]i18n.Key{
	AlertOn: i18n.AlertsStateOn, AlertPaused: i18n.AlertsStatePaused, AlertQueued: i18n.AlertsStateQueued, AlertPending: i18n.AlertsStatePending,
	AlertRefused: i18n.AlertsStateRefused, AlertEnded: i18n.AlertsStateEnded,
}

var alertWhys = map[AlertState]i18n.Key{
	AlertPaused: i18n.AlertsWhyPaused, AlertQueued: i18n.AlertsWhyQueued, AlertPending: i18n.AlertsWhyPending, AlertEnded: i18n.AlertsWhyEnded,
}

// State says how an alert stands, and what follows; "" when nothing does.
func (j *JobAlerts) State(a Alert) (name, why string) {
	w := j.s.words
	if k, ok := alertStates[a.State]; ok {
		name = w.S(k)
	}
	switch {
	case a.State == AlertRefused:
		var all []string
		for _, p := range a.Problem {
			all = append(all, w.S(i18n.SettingsMend, "Field", j.Field(p.Field), "Problem", j.problem(p)))
		}
		if k := a.Refused.Key(); k != "" {
			all = append(all, w.S(k))
		}
		if why = strings.Join(all, " "); why == "" {
			why = w.S(i18n.AlertsWhyRefused)
		}
	case a.State == AlertPending && a.Kind == AlertRequest: // whether the link was followed is not known here
		name, why = w.S(i18n.AlertsStateAsked), w.S(i18n.AlertsWhyAsked, "Email", a.Email, "Subject", i18n.For(a.Lang).S(i18n.AlertConfirmSubject))
	case a.State == AlertEnded && a.Kind == AlertRequest:
		why = w.S(i18n.AlertsWhyTaken)
	case a.State == AlertPending:
		why = w.S(i18n.AlertsWhyPending, "Email", a.Email, "Subject", i18n.For(a.Lang).S(i18n.AlertConfirmSubject))
	case a.State == AlertPaused && a.Kind == AlertHere:
		why = w.S(i18n.AlertsWhyPausedHere)
	case a.State == AlertQueued && j.s.Status.Online:
		why = w.S(i18n.AlertsWhyQueuedOnline)
	default:
		if k, ok := alertWhys[a.State]; ok {
			why = w.S(k)
		}
	}
	return name, why
}

// Left says whether an alert was asked for without an account and has left: the links of its
// letters change it, and nothing here does.
func (a Alert) Left() bool {
	return a.Kind == AlertRequest && (a.State == AlertPending || a.State == AlertOn)
}

// CanPause says whether an alert can be stopped for a while from here, or go on.
func (a Alert) CanPause() bool { return !a.Left() && (a.State == AlertOn || a.State == AlertPaused) }

// CanAsk says whether it can be asked for again as it is.
func (a Alert) CanAsk() bool {
	return a.State == AlertEnded && !a.Left() || a.State == AlertRefused && len(a.Problem) == 0
}

// AlertFact is one of the three that tell letters that were lost from nothing that matched.
type AlertFact struct{ Label, Value string }

// Facts are the three, and as of when: the last sync. asOf is "" where the program itself looked.
func (j *JobAlerts) Facts(a Alert) (facts []AlertFact, asOf string) {
	w := j.s.words
	at := func(t time.Time) string {
		if t.IsZero() {
			return w.S(i18n.AlertpageNever)
		}
		t = t.In(j.s.o.Zone)
		return w.Date(t) + " " + w.Clock(t)
	}
	found := w.Number(a.Found)
	if a.Checked.IsZero() {
		found = w.S(i18n.AlertsFactNone)
	}
	facts = []AlertFact{{w.S(i18n.AlertsFactChecked), at(a.Checked)}, {w.S(i18n.AlertsFactFound), found}}
	switch {
	case a.Kind == AlertHere:
		return append(facts, AlertFact{w.S(i18n.AlertsFactSent), w.S(i18n.AlertsFactNoMail)}), ""
	case !a.Facts:
		facts = []AlertFact{{w.S(i18n.AlertsFactLooked), at(a.Looked)}, {w.S(i18n.AlertsFactNew), w.Number(a.New)}}
		return facts, w.S(i18n.AlertsFactUntold)
	}
	facts = append(facts, AlertFact{w.S(i18n.AlertsFactSent), at(a.Sent)})
	if last := j.s.steady().Last; !last.IsZero() {
		return facts, w.S(i18n.AlertsFactAsOf, "Date", at(last))
	}
	return facts, w.S(i18n.AlertsFactUnsynced)
}

// Verdict says which of the reasons keeps letters of an alert from coming, and whether it is
// what it asks, so that other criteria would help.
func (j *JobAlerts) Verdict(a Alert) (why string, criteria bool) {
	w := j.s.words
	_, state := j.State(a)
	switch {
	case a.State != AlertOn:
		return state, false
	case a.Kind == AlertHere:
		return w.S(i18n.AlertsVerdictHere), a.New == 0
	case !a.Facts:
		return w.S(i18n.AlertsVerdictUntold), false
	case a.Checked.IsZero():
		return w.S(i18n.AlertsVerdictUnchecked), false
	case a.Sent.IsZero():
		return w.S(i18n.AlertsVerdictNothing), true
	case a.Found == 0:
		return w.S(i18n.AlertsVerdictNone, "Date", w.Date(a.Sent.In(j.s.o.Zone))), true
	}
	return w.S(i18n.AlertsVerdictSent, "Date", w.Date(a.Sent.In(j.s.o.Zone))), false
}

// Fault says what went wrong, "" when nothing did.
func (j *JobAlerts) Fault() string { return alertProblem(j.s.words, j.Err) }

func alertProblem(w *i18n.Words, err error) string {
	switch {
	case errors.Is(err, ErrAlertLeft):
		return w.S(i18n.AlertsLeft)
	case errors.Is(err, cache.ErrNotFound):
		return w.S(i18n.AlertsGone)
	case err != nil && PrivateProblem(w, err) == w.S(i18n.SyncFailed): // no sync was asked for
		return w.S(i18n.ErrorOther, "Text", err.Error())
	}
	return PrivateProblem(w, err)
}

// do changes an alert, then reads the list again.
func (j *JobAlerts) do(work func(context.Context, Alerts) error, done func()) {
	a := j.s.o.Alerts
	if a == nil {
		return
	}
	j.gen++ // what is being read is old by then
	var err error
	j.s.o.Exec.Go(func() { err = work(j.s.ctx, a) }, func() {
		if j.gone {
			return
		}
		if done != nil && err == nil {
			done()
		}
		j.Load()
		if err != nil {
			j.gen++ // the list stands as it was, and what went wrong is seen
			j.Err = err
		}
		j.sends()
		j.tell()
	})
}

// sends gives what was written a chance to leave.
func (j *JobAlerts) sends() {
	j.s.Load()
	j.s.wrote()
	if j.s.o.Queued != nil {
		j.s.o.Queued()
	}
}

// Pause stops an alert for a while, or has it go on.
func (j *JobAlerts) Pause(x Alert) {
	j.do(func(ctx context.Context, a Alerts) error { return a.Pause(ctx, x.ID, x.State != AlertPaused) }, nil)
}

// Again asks for an alert once more.
func (j *JobAlerts) Again(x Alert) {
	j.do(func(ctx context.Context, a Alerts) error { return a.Subscribe(ctx, x.ID) }, nil)
}

// Remove ends an alert; [JobAlerts.Back] takes that back.
func (j *JobAlerts) Remove(x Alert) {
	w, name := j.s.words, j.Name(x)
	var undo func(context.Context) error
	j.do(func(ctx context.Context, a Alerts) (err error) {
		undo, err = a.Remove(ctx, x.ID)
		return err
	}, func() {
		k := i18n.AlertsRemoved
		if x.Left() {
			k = i18n.AlertsForgotten
		}
		j.Removed = &Undo{What: w.S(k, "Name", name)}
		if undo != nil {
			j.Removed.do = func() { j.do(func(ctx context.Context, _ Alerts) error { return undo(ctx) }, nil) }
		}
	})
}

// Can says whether it can be taken back.
func (u *Undo) Can() bool { return u != nil && u.do != nil }

// Back takes the last removal back.
func (j *JobAlerts) Back() {
	if u := j.Removed; u.Can() {
		j.Removed = nil
		u.do()
	}
}

// News.

// Read opens what is new for an alert, for all with "".
func (j *JobAlerts) Read(id string) {
	j.Page, j.Reading, j.Has, j.Digest, j.Removed = AlertDigest, id, false, Digest{}, nil
	j.digest()
}

// digest asks for the news.
func (j *JobAlerts) digest() {
	a := j.s.o.Alerts
	if a == nil {
		return
	}
	j.readGen++
	gen, id := j.readGen, j.Reading
	var d Digest
	var err error
	j.s.o.Exec.Go(func() { d, err = a.Digest(j.s.ctx, id) }, func() {
		if gen != j.readGen {
			return
		}
		if j.Err = err; err == nil {
			j.Digest, j.Has = d, true
		}
		j.tell()
	})
	j.tell()
}

// Reread reads the news again, where they are shown: something may have been hidden meanwhile.
func (j *JobAlerts) Reread() {
	if j.Page == AlertDigest {
		j.digest()
	}
}

// Done marks what is shown as read and goes back to the list; said tells it.
func (j *JobAlerts) Done(said func(string)) {
	if j.Busy || !j.Has {
		return
	}
	d, n := j.Digest, j.Digest.Count()
	j.Busy = true
	j.readGen++
	j.do(func(ctx context.Context, a Alerts) error { return a.Read(ctx, d) }, func() {
		j.Page = AlertList
		said(j.s.words.N(i18n.AlertsReadDone, n))
	})
	j.Busy = false
	j.tell()
}

// NewsLine is a posting of a digest as it is shown.
type NewsLine struct {
	ID        int64
	Head      Heading
	Who       string // employer and place
	Wage      string
	WageKnown bool
	Tags      []Tag
	Posted    string
	Reason    string // of a suggestion
}

// Line draws up a posting of the news.
func (j *JobAlerts) Line(c posting.Card) NewsLine {
	w := j.s.words
	l := NewsLine{ID: c.ID, Head: Head(c, w.Lang()), Who: join(c.Employer, PlaceLine(w, c.Place, query.Near{})), Wage: WageLine(w, c.Wage),
		WageKnown: c.Wage.Min+c.Wage.Max > 0, Tags: j.s.Tags(c), Posted: Age(w, c.Posted, j.s.Now())}
	if l.Head.Title == "" {
		l.Head.Title = w.S(i18n.PostingMasked, "Number", GroupNumber(c.Number))
	}
	return l
}

// Also draws up a suggestion, with its reason.
func (j *JobAlerts) Also(x Suggested) NewsLine {
	w := j.s.words
	l := j.Line(x.Card)
	k := i18n.MailAlertnewsClose
	if x.Same {
		k = i18n.MailAlertnewsSame
	}
	title, _ := occupation.Title(x.NOC).In(w.Lang())
	l.Reason = w.S(k, "Title", title)
	return l
}

// The article.

// LoadSender reads the address that letters come from; the last known one without a network.
func (j *JobAlerts) LoadSender() {
	if j.s.o.Accounts == nil {
		return
	}
	sender, team := "", ""
	j.s.o.Exec.Go(func() {
		if d, err := j.s.o.Accounts.Deployment(j.s.ctx); err == nil {
			sender, team = strings.TrimSpace(d.Sender), strings.TrimSpace(d.Contact)
		}
	}, func() {
		if j.gone {
			return
		}
		if sender != "" && sender != j.Sender || team != "" && team != j.Team {
			j.Sender, j.Team = sender, team
			j.tell()
		}
	})
}

// AlertAsk is a message to the team on alerts that do not come.
type AlertAsk struct {
	Email, Text string
	Errors      []FieldError
	Sending     bool
	Err         error
	Refusals    int // counts what was refused: the keyboard goes to what is to be mended
}

// ByMail says whether the message leaves through the person's own mail program: nobody is
// signed in whose records could carry it.
func (j *JobAlerts) ByMail() bool {
	_, ok := j.s.o.Private.(Editor)
	return !ok || !j.s.Present.Signed()
}

// Stuck opens the article. What is asked there begins with the address that is known.
func (j *JobAlerts) Stuck() {
	if j.Ask.Email == "" {
		for _, a := range j.List {
			if a.Email != "" {
				j.Ask.Email = a.Email
				break
			}
		}
	}
	j.LoadSender()
	j.loadAsked()
	j.Open(AlertTrace)
}

// TypeAsk follows what is typed; what was to be mended is checked again at once.
func (j *JobAlerts) TypeAsk(to *string, text string) {
	if *to == text {
		return
	}
	*to = text
	if len(j.Ask.Errors) > 0 {
		j.Ask.Errors = j.checkAsk()
		j.tell()
	}
}

func (j *JobAlerts) checkAsk() (all []FieldError) {
	w := j.s.words
	switch c := account.CheckEmail(j.Ask.Email); c {
	case "":
	case account.Needed:
		all = append(all, FieldError{Field: "subscription", Text: w.S(i18n.AlertsAskNeeded), Code: c})
	default:
		all = append(all, FieldError{Field: "subscription", Text: w.S(c.Key()), Code: c})
	}
	switch n := len([]rune(strings.TrimSpace(j.Ask.Text))); {
	case n == 0:
		all = append(all, FieldError{Field: "text", Text: w.S(i18n.AlertsAskEmpty), Code: account.Needed})
	case n > HelpMax:
		all = append(all, FieldError{Field: "text", Text: w.S(i18n.ReportTooLong, "N", w.Number(n), "Max", w.Number(HelpMax))})
	}
	return all
}

// SendAsk sends the message, with the address of the subscription in it; said tells what
// becomes of it.
func (j *JobAlerts) SendAsk(said func(string)) {
	x := j.Ask
	if x.Sending {
		return
	}
	x.Err = nil
	if x.Errors = j.checkAsk(); len(x.Errors) > 0 {
		x.Refusals++
		j.tell()
		return
	}
	w, to, text := j.s.words, strings.TrimSpace(x.Email), strings.TrimSpace(x.Text)
	x.Sending = true
	j.tell()
	end := func(what string) func(error) {
		return func(err error) {
			if j.gone {
				return
			}
			x.Sending, x.Err = false, err
			if err == nil {
				x.Text = ""
				j.sends()
				j.loadAsked()
				said(what)
			}
			j.tell()
		}
	}
	if j.ByMail() {
		q := url.Values{"subject": {w.S(i18n.AlertsAskSubject)}, "body": {w.S(i18n.AlertsAskBody, "Email", to, "Text", text)}}
		j.s.Do(Act{Kind: ActOpen, Value: "mailto:" + j.Team + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")}, end(w.S(i18n.AlertsAskOpened)))
		return
	}
	edit, person := j.s.o.Private.(Editor), j.s.Present.Person.ID
	doc := record.Doc{}
	for name, v := range map[string]string{"topic": "alerts", "text": text, "lang": string(j.s.Lang()), "subscription": to} {
		put(doc, name, v, 1)
	}
	var err error
	done := end(w.S(i18n.AlertsAskQueued))
	j.s.o.Exec.Go(func() {
		ref := cache.Ref{Partition: "person/" + person, Kind: "message"}
		if ref.Record, err = cache.NewID(); err != nil {
			return
		}
		if err = edit.Put(j.s.ctx, ref, doc); err == nil {
			err = edit.Do(j.s.ctx, ref, "send", 0)
		}
	}, func() { done(err) })
}

// AskedLine is a message that was sent on alerts, with what became of it.
type AskedLine struct{ Text, State, Answer string }

// loadAsked reads what the person asked of the team before.
func (j *JobAlerts) loadAsked() {
	p := j.s.o.Private
	if j.ByMail() {
		return
	}
	home := "person/" + j.s.Present.Person.ID
	var all []cache.Record
	var err error
	j.s.o.Exec.Go(func() { all, err = p.List(j.s.ctx, "message") }, func() {
		if err != nil || j.gone {
			return // it is a list of what else was said: the page stands without it
		}
		w := j.s.words
		j.Asked = nil
		slices.SortFunc(all, func(a, b cache.Record) int { return strings.Compare(b.Record, a.Record) }) // newest first
		for _, x := range all {
			if x.Partition != home || str(x.Doc, "topic") != "alerts" {
				continue
			}
			k, _ := record.Find(x.Kind)
			l := AskedLine{Text: str(x.Doc, "text"), State: valueWord(w, x.Kind, "state", k.State(x.Doc)), Answer: str(x.Doc, "answer")}
			if x.Waits {
				l.State = w.S(i18n.ProfileSuggestWaits)
			}
			if t := str(x.Doc, "ticket"); t != "" {
				l.State = join(l.State, w.S(i18n.AlertsAskTicket, "Ticket", t))
			}
			j.Asked = append(j.Asked, l)
		}
		j.tell()
	})
}

// AskText is the message as it can be copied, for those without a mail program.
func (j *JobAlerts) AskText() string {
	return j.s.words.S(i18n.AlertsAskBody, "Email", strings.TrimSpace(j.Ask.Email), "Text", strings.TrimSpace(j.Ask.Text))
}

// AskProblem says why it could not leave, "" when it could.
func (j *JobAlerts) AskProblem() string {
	if errors.Is(j.Ask.Err, ErrNoOpener) {
		return j.s.words.S(i18n.AlertsAskNoProgram)
	}
	return PrivateProblem(j.s.words, j.Ask.Err)
}

// relabel says again, in the language that was chosen, what was found and what is wrong.
func (j *JobAlerts) relabel() {
	j.Removed = nil
	if len(j.Ask.Errors) > 0 {
		j.Ask.Errors = j.checkAsk()
	}
	if f := j.Form; f != nil {
		for what, x := range f.Finders {
			if x.Done {
				j.FindFor(what, x.Text)
			}
		}
		if len(f.Errors) > 0 {
			f.Errors = j.check(true)
		}
		if f.From != nil {
			*f.From = j.carried(f.From.asked)
		}
	}
}

// The form.

// AlertForm is an alert that is being written.
type AlertForm struct {
	Alert
	Mail    bool   // by e-mail; else on this computer only
	Word    string // the keyword that is being typed
	Finders map[string]*Finder
	Errors  []FieldError
	Saving  bool
	Err     error
	// Refusals counts what was refused: the keyboard goes to what is to be mended.
	Refusals int

	Count    int // what it would find today
	Counted  bool
	CountErr error

	From *Carried // made from a search; nil: not

	was    Alert // as it was opened
	stop   func()
	cancel context.CancelFunc
	gen    int
}

// Carried says what of a search an alert made of it takes over, and what it cannot.
type Carried struct {
	Took, Left []string
	asked      query.Query
}

// MostValues is how many values a criterion may have.
const MostValues = 20

// Write begins an alert. One that was begun and neither saved nor given up goes on.
func (j *JobAlerts) Write() {
	if j.Form == nil || j.Form.ID != "" {
		j.begin(Alert{Lang: j.s.Lang()}, true)
	}
	j.Open(AlertWrite)
	j.recount()
}

func (j *JobAlerts) begin(a Alert, mail bool) {
	j.halt()
	if a.ID == "" {
		if a.Zone == "" {
			a.Zone = j.zone()
		}
	}
	for _, list := range []*[]string{&a.Titles, &a.Places, &a.Keywords} {
		*list = slices.Clone(*list) // what is written is not the list's yet
	}
	j.Form = &AlertForm{Alert: a, was: a, Mail: mail, Finders: map[string]*Finder{FindPlace: {}, FindTitle: {}}}
	if a.ID == "" && a.Email == "" {
		j.address(j.Form)
	}
}

// address begins the form of somebody with an account with its address.
func (j *JobAlerts) address(f *AlertForm) {
	if j.s.o.Accounts == nil || !j.s.Present.Signed() {
		return
	}
	email := ""
	j.s.o.Exec.Go(func() {
		if me, _, err := j.s.o.Accounts.Me(j.s.ctx); err == nil {
			email = me.Email
		}
	}, func() {
		if f == j.Form && f.Email == "" && email != "" {
			f.Email = email
			j.tell()
		}
	})
}

// zone is that of the person's clock, as far as it is one of those that can be chosen.
func (j *JobAlerts) zone() string {
	here := j.s.o.Zone
	for _, name := range homeZones {
		if z, err := time.LoadLocation(name); here.String() == name || err == nil && inStep(z, here, j.s.Now()) {
			return name
		}
	}
	return ""
}

// Zones are those that can be chosen; the first, "", is that of the service.
func (j *JobAlerts) Zones() (values, words []string) {
	values, words = []string{""}, []string{j.s.words.S(i18n.AlertsZoneService)}
	all := homeZones
	if f := j.Form; f != nil && f.Zone != "" && !slices.Contains(all, f.Zone) {
		all = append(slices.Clone(all), f.Zone)
	}
	for _, z := range all {
		values, words = append(values, z), append(words, ZoneWord(j.s.words, z))
	}
	return values, words
}

// Change opens an alert in the form.
func (j *JobAlerts) Change(a Alert) {
	j.begin(a, a.Kind != AlertHere)
	for _, p := range a.Problem {
		j.Form.Errors = append(j.Form.Errors, FieldError{Field: p.Field, Text: j.problem(p), Code: p.Code})
	}
	j.Open(AlertWrite)
	j.recount()
}

// GiveUp forgets what was written.
func (j *JobAlerts) GiveUp() {
	j.halt()
	j.Form = nil
	j.Open(AlertList)
}

func (j *JobAlerts) halt() {
	if f := j.Form; f != nil {
		f.gen++
		if f.stop != nil {
			f.stop()
		}
		if f.cancel != nil {
			f.cancel()
		}
	}
}

// Field is what a field of the form is called.
func (j *JobAlerts) Field(name string) string {
	if k, ok := map[string]i18n.Key{"name": i18n.AlertsName, "email": i18n.AlertsEmail, "lang": i18n.AlertsLang, "titles": i18n.AlertsTitles,
		"places": i18n.AlertsPlaces, "keywords": i18n.AlertsKeywords, "zone": i18n.AlertsZone, "subscription": i18n.AlertsAskEmail}[name]; ok {
		return j.s.words.S(k)
	}
	return name
}

func (j *JobAlerts) problem(p account.Problem) string {
	w := j.s.words
	switch {
	case p.Field == "keywords" && p.Code == account.Needed:
		return w.S(i18n.AlertsNeeded)
	case p.Field == "keywords" && p.Code == account.BadValue:
		return w.S(i18n.AlertsKeywordsEmpty)
	}
	return w.S(p.Code.Key())
}

// check looks at what is written; whole: with what a form that is still being filled in need
// not have.
func (j *JobAlerts) check(whole bool) (all []FieldError) {
	w, f := j.s.words, j.Form
	if n := len([]rune(strings.TrimSpace(f.Name))); n > MaxName {
		all = append(all, FieldError{Field: "name", Text: w.S(i18n.SavedNameLong, "N", w.Number(n), "Max", w.Number(MaxName))})
	}
	if f.Mail && (whole || strings.TrimSpace(f.Email) != "") {
		if c := account.CheckEmail(f.Email); c != "" {
			all = append(all, FieldError{Field: "email", Text: w.S(c.Key()), Code: c})
		}
	}
	if whole && len(f.Titles)+len(f.Places)+len(f.Keywords) == 0 {
		all = append(all, FieldError{Field: "titles", Text: w.S(i18n.AlertsNeeded), Code: account.Needed})
	}
	return all
}

// changed checks again what was to be mended, and counts anew.
func (j *JobAlerts) changed(field string) {
	f := j.Form
	if len(f.Errors) > 0 {
		now := j.check(true)
		f.Errors = slices.DeleteFunc(f.Errors, func(e FieldError) bool {
			return (e.Field == field || e.Field == "titles" && e.Code == account.Needed) &&
				!slices.ContainsFunc(now, func(x FieldError) bool { return x.Field == e.Field })
		})
	}
	j.tell()
}

// SetMail chooses how the news are told: of an alert that is changed, too, which then becomes
// one of the other kind.
func (j *JobAlerts) SetMail(on bool) {
	if f := j.Form; f != nil && f.Mail != on {
		f.Mail = on
		f.Errors = slices.DeleteFunc(f.Errors, func(e FieldError) bool { return e.Field == "email" })
		j.tell()
	}
}

// SetLang chooses the language of the letters, and whose titles widen the keywords.
func (j *JobAlerts) SetLang(l i18n.Lang) {
	if f := j.Form; f != nil && f.Lang != l {
		f.Lang = l
		j.changed("lang")
		j.recount()
	}
}

// SetZone chooses whose morning and evening are meant.
func (j *JobAlerts) SetZone(z string) {
	if f := j.Form; f != nil {
		f.Zone = z
		j.changed("zone")
	}
}

// TypeEmail follows the address.
func (j *JobAlerts) TypeEmail(text string) {
	if f := j.Form; f != nil && f.Email != text {
		f.Email = text
		j.changed("email")
	}
}

// TypeName follows the name.
func (j *JobAlerts) TypeName(text string) {
	if f := j.Form; f != nil && f.Name != text {
		f.Name = text
		j.changed("name")
	}
}

// CheckEmail looks at the address once its field is left.
func (j *JobAlerts) CheckEmail() {
	f := j.Form
	if f == nil || !f.Mail || slices.ContainsFunc(f.Errors, func(e FieldError) bool { return e.Field == "email" }) {
		return
	}
	for _, e := range j.check(false) {
		if e.Field == "email" {
			f.Errors = append(f.Errors, e)
			j.tell()
		}
	}
}

// FindFor completes what is typed for a title or a place.
func (j *JobAlerts) FindFor(what, text string) { j.Form.Finders[what].find(j.s, what, text, j.tell) }

func (f *AlertForm) list(field string) *[]string {
	switch field {
	case FindTitle:
		return &f.Titles
	case FindPlace:
		return &f.Places
	}
	return &f.Keywords
}

// fields of the form by what is looked for.
var alertFields = map[string]string{FindTitle: "titles", FindPlace: "places"}

// Chosen says whether what was found is in the alert already.
func (j *JobAlerts) Chosen(what string, x Listed) bool {
	return slices.Contains(*j.Form.list(what), x.Value)
}

// Choose takes what was found into the alert.
func (j *JobAlerts) Choose(what string, x Listed) {
	if j.add(what, alertFields[what], x.Value) {
		j.Form.Finders[what].clear()
	}
	j.tell()
}

// Enter takes the first that was found, as Enter in the field does; none: nothing.
func (j *JobAlerts) Enter(what string) (Listed, bool) {
	for _, x := range j.Form.Finders[what].Found {
		if !j.Chosen(what, x) {
			j.Choose(what, x)
			return x, true
		}
	}
	return Listed{}, false
}

func (j *JobAlerts) add(what, field, value string) bool {
	f := j.Form
	list := f.list(what)
	if slices.Contains(*list, value) {
		return true
	}
	if len(*list) >= MostValues {
		f.Errors = append(slices.DeleteFunc(f.Errors, func(e FieldError) bool { return e.Field == field }),
			FieldError{Field: field, Text: j.s.words.S(i18n.AlertsMost, "Max", j.s.words.Number(MostValues))})
		j.tell()
		return false
	}
	*list = append(*list, value)
	j.changed(field)
	j.recount()
	return true
}

// Drop takes a value out; what is FindTitle, FindPlace, or "" for a keyword.
func (j *JobAlerts) Drop(what, value string) {
	f := j.Form
	list := f.list(what)
	if at := slices.Index(*list, value); at >= 0 {
		*list = slices.Delete(slices.Clone(*list), at, at+1)
		field := alertFields[what]
		if field == "" {
			field = "keywords"
		}
		j.changed(field)
		j.recount()
	}
}

// Word is what a value of the form is called.
func (j *JobAlerts) Word(what, value string) string {
	switch what {
	case FindTitle:
		return formWord(j.s.words, record.NOC, value)
	case FindPlace:
		return formWord(j.s.words, record.Where, value)
	}
	return value
}

// TypeWord follows the keyword.
func (j *JobAlerts) TypeWord(text string) {
	if f := j.Form; f != nil && f.Word != text {
		f.Word = text
		if slices.ContainsFunc(f.Errors, func(e FieldError) bool { return e.Field == "keywords" }) {
			f.Errors = slices.DeleteFunc(f.Errors, func(e FieldError) bool { return e.Field == "keywords" })
			j.tell()
		}
	}
}

// AddWord takes the keyword into the alert; false: it says nothing.
func (j *JobAlerts) AddWord() bool {
	f := j.Form
	word := strings.Join(strings.Fields(f.Word), " ")
	if query.Parse(word) == nil {
		f.Errors = append(slices.DeleteFunc(f.Errors, func(e FieldError) bool { return e.Field == "keywords" }),
			FieldError{Field: "keywords", Text: j.s.words.S(i18n.AlertsKeywordsEmpty), Code: account.BadValue})
		j.tell()
		return false
	}
	if !j.add("", "keywords", word) {
		return false
	}
	f.Word = ""
	j.tell()
	return true
}

// countAfter is how long nothing changes before what an alert would find is counted.
const countAfter = 300 * time.Millisecond

// recount counts what the alert would find today, a moment after the last change.
func (j *JobAlerts) recount() {
	f := j.Form
	j.halt()
	f.Counted, f.CountErr = false, nil
	if len(f.Titles)+len(f.Places)+len(f.Keywords) == 0 {
		j.tell()
		return
	}
	f.stop = j.s.o.Exec.After(countAfter, func() { j.count(f) })
	j.tell()
}

func (j *JobAlerts) count(f *AlertForm) {
	a := j.s.o.Alerts
	if a == nil || f != j.Form {
		return
	}
	f.gen++
	gen, q := f.gen, f.Query()
	for _, list := range []*[]string{&q.Titles, &q.Places, &q.Keywords} {
		*list = slices.Clone(*list)
	}
	ctx, cancel := context.WithCancel(j.s.ctx)
	f.cancel = cancel
	var n int
	var err error
	j.s.o.Exec.Go(func() { n, err = a.Count(ctx, q) }, func() {
		cancel()
		if f != j.Form || gen != f.gen {
			return
		}
		f.Count, f.Counted, f.CountErr = n, err == nil, err
		j.tell()
	})
}

// CountLine says what it would find.
func (j *JobAlerts) CountLine() string {
	w, f := j.s.words, j.Form
	switch {
	case isNone(f.CountErr):
		return w.S(i18n.AlertsCountNone)
	case f.CountErr != nil:
		return w.S(i18n.AlertsCountFailed, "Detail", Explain(w, f.CountErr))
	case len(f.Titles)+len(f.Places)+len(f.Keywords) == 0:
		return w.S(i18n.AlertsCountEmpty)
	case !f.Counted:
		return w.S(i18n.AlertsCounting)
	case f.Count == 0:
		return w.S(i18n.AlertsCountNone)
	}
	return w.N(i18n.AlertsCount, f.Count)
}

// Save keeps the alert; said tells what becomes of it.
func (j *JobAlerts) Save(said func(string)) {
	f, a := j.Form, j.s.o.Alerts
	if f == nil || f.Saving || a == nil {
		return
	}
	if strings.TrimSpace(f.Word) != "" && !j.AddWord() { // a keyword that was typed and not added is meant
		f.Refusals++
		j.tell()
		return
	}
	f.Err = nil
	if f.Errors = j.check(true); len(f.Errors) > 0 {
		f.Refusals++
		j.tell()
		return
	}
	x, w := f.Alert, j.s.words
	if x.Name = strings.TrimSpace(x.Name); !f.Mail {
		x.Email = ""
	} else if at, ok := account.Address(x.Email); ok {
		x.Email = at
	}
	x.Kind, x.State, x.Problem, x.Refused = "", "", nil, ""
	f.Saving = true
	j.tell()
	var bad []account.Problem
	var err error
	j.s.o.Exec.Go(func() {
		if x.ID != "" {
			var all []Alert
			if all, err = a.List(j.s.ctx); err != nil {
				return
			}
			if i := slices.IndexFunc(all, func(y Alert) bool { return y.ID == x.ID }); i >= 0 {
				x = onto(all[i], f.was, x)
			}
		}
		_, bad, err = a.Put(j.s.ctx, x)
	}, func() {
		if f.Saving = false; f != j.Form {
			return // somebody else has come
		}
		if f.Err = err; err != nil || len(bad) > 0 {
			for _, p := range bad {
				f.Errors = append(f.Errors, FieldError{Field: p.Field, Text: j.problem(p), Code: p.Code})
			}
			f.Refusals++
			j.tell()
			return
		}
		done := w.S(i18n.AlertsKeptHere)
		switch {
		case f.ID != "":
			done = w.S(i18n.AlertsChanged)
		case x.Email != "" && j.s.Status.Online:
			done = w.S(i18n.AlertsKeptOnline, "Email", x.Email)
		case x.Email != "":
			done = w.S(i18n.AlertsKeptOffline)
		}
		j.halt()
		j.Form, j.Page = nil, AlertList
		j.Load()
		j.sends()
		said(done)
		j.tell()
	})
}

// onto is what a person made of an alert, on what it is by now: a sync may have brought more
// while they wrote.
func onto(now, was, mine Alert) Alert {
	for _, x := range []struct{ now, was, mine *string }{{&now.Name, &was.Name, &mine.Name}, {&now.Email, &was.Email, &mine.Email}, {&now.Zone, &was.Zone, &mine.Zone}} {
		if *x.mine == *x.was {
			*x.mine = *x.now
		}
	}
	if mine.Lang == was.Lang {
		mine.Lang = now.Lang
	}
	for _, x := range []struct{ now, was, mine *[]string }{{&now.Titles, &was.Titles, &mine.Titles}, {&now.Places, &was.Places, &mine.Places}, {&now.Keywords, &was.Keywords, &mine.Keywords}} {
		var all []string
		for _, v := range *x.now {
			if slices.Contains(*x.mine, v) || !slices.Contains(*x.was, v) {
				all = append(all, v)
			}
		}
		for _, v := range *x.mine {
			if !slices.Contains(*x.was, v) && !slices.Contains(all, v) {
				all = append(all, v)
			}
		}
		*x.mine = all
	}
	return mine
}

// SaveProblem says why it could not be kept, "" when it could.
func (j *JobAlerts) SaveProblem() string {
	if j.Form == nil {
		return ""
	}
	return alertProblem(j.s.words, j.Form.Err)
}

// FromSearch begins an alert with what can be carried over from the search screen.
func (j *JobAlerts) FromSearch() {
	q := j.s.Search.Query
	q.Words = strings.TrimSpace(j.s.Search.Typed())
	a := Alert{Lang: j.s.Lang(), Titles: q.Filters[query.NOC]}
	if query.Parse(q.Words) != nil {
		a.Keywords = []string{strings.Join(strings.Fields(q.Words), " ")}
	}
	a.Places = alertPlaces(q)
	for _, list := range []*[]string{&a.Titles, &a.Places} {
		*list = (*list)[:min(len(*list), MostValues)]
	}
	j.begin(a, true)
	c := j.carried(q)
	j.Form.From = &c
	j.Open(AlertWrite)
	j.recount()
}

// alertPlaces are the places of a search as those of an alert. A search holds a city and a
// province to be one thing, an alert either: the cities alone then say it.
func alertPlaces(q query.Query) []string {
	if cities := q.Filters[query.City]; len(cities) > 0 {
		return cities
	}
	if all := q.Filters[query.Province]; len(all) > 0 {
		return all
	}
	if city, ok := nearCity(q.Near); ok {
		return []string{city}
	}
	return nil
}

// nearCity is the city that a circle is drawn around.
func nearCity(n query.Near) (string, bool) {
	if n.Km == 0 {
		return "", false
	}
	spot, err := place.Find(n.Label)
	if err != nil {
		return "", false
	}
	label := spot.Label
	if code, rest, ok := strings.Cut(label, ", "); ok && len(code) == 3 && strings.Contains(rest, ", ") { // of a postal code
		label = rest
	}
	city, _, _ := strings.Cut(label, ", ")
	c, ok := place.FindCity(city, spot.Province)
	return c.Name + ", " + c.Province, ok
}

// carried says what of a search becomes part of an alert.
func (j *JobAlerts) carried(q query.Query) Carried {
	w, c := j.s.words, Carried{asked: q}
	f := j.Form
	if query.Parse(q.Words) != nil {
		c.Took = append(c.Took, w.S(i18n.AlertsTookWords, "Words", q.Words))
		if q.In != query.Anywhere {
			c.Left = append(c.Left, w.S(i18n.AlertsLeftField))
		}
		if len(q.NoExpand) > 0 {
			c.Left = append(c.Left, w.S(i18n.AlertsLeftExpand))
		}
	}
	for _, noc := range q.Filters[query.NOC] {
		c.Took = append(c.Took, formWord(w, record.NOC, noc))
	}
	places := alertPlaces(q)
	for _, p := range places {
		c.Took = append(c.Took, formWord(w, record.Where, p))
	}
	if q.Near.Km > 0 {
		if city, ok := nearCity(q.Near); ok && slices.Contains(places, city) && len(places) == 1 {
			c.Left = append(c.Left, w.S(i18n.AlertsLeftDistance, "Km", w.Number(int(q.Near.Km)), "Place", q.Near.Label))
		} else {
			c.Left = append(c.Left, w.S(i18n.ChipNear, "Place", q.Near.Label, "Km", w.Number(int(q.Near.Km))))
		}
	}
	for _, facet := range query.Facets {
		switch facet {
		case query.NOC, query.City, query.Posted: // what is new is what an alert tells
			continue
		case query.Province:
			if len(q.Filters[query.City]) == 0 {
				continue
			}
			if slices.ContainsFunc(q.Filters[query.City], func(city string) bool {
				return !slices.ContainsFunc(q.Filters[query.Province], func(p string) bool { return strings.HasSuffix(city, ", "+p) })
			}) {
				break // they say something besides the cities
			}
			continue
		}
		for _, v := range q.Filters[facet] {
			c.Left = append(c.Left, w.S(i18n.RecordvalueLine, "Name", FacetLabel(w, facet), "Value", j.s.ValueLabel(facet, v)))
		}
	}
	if q.Wage.Min > 0 {
		c.Left = append(c.Left, w.S(i18n.ChipWage, "Amount", w.Money(q.Wage.Min), "Unit", UnitLabel(w, q.Wage.Unit)))
	}
	if q.Archived {
		c.Left = append(c.Left, w.S(i18n.ChipArchived))
	}
	if n := max(len(q.Filters[query.NOC]), len(places)); n > MostValues && f != nil {
		c.Left = append(c.Left, w.S(i18n.AlertsMost, "Max", w.Number(MostValues)))
	}
	return c
}
