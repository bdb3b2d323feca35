package alert

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/postgres/postgrestest"
	"passerelle/store/posting"
	"passerelle/store/secret"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// engines runs a test on a file and on a PostgreSQL server.
func engines(t *testing.T, test func(*testing.T)) {
	t.Helper()
	t.Run("sqlite", test)
	t.Run("postgres", test)
}

// bank is alerts with a clock that is moved by hand, and a postman.
type bank struct {
	t       testing.TB
	at      string // of the ledger
	l       *ledger.Ledger
	keys    *secret.Keys
	alerts  *Alerts
	now     time.Time
	sent    []mail.Letter
	refuses map[string]error // by address
	posted  int
}

var start = time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC) // noon in Toronto

func open(t testing.TB) *bank {
	t.Helper()
	keys, err := secret.Temporary(secret.Cheap)
	if err != nil {
		t.Fatal(err)
	}
	b := &bank{t: t, keys: keys, now: start, refuses: map[string]error{}}
	if strings.Contains(t.Name()+"/", "/postgres/") {
		b.at = postgrestest.URL(t)
	} else {
		b.at = filepath.Join(t.TempDir(), "ledger.db")
	}
	b.begin()
	t.Cleanup(func() { _ = b.l.Close() })
	if err := b.l.PutSource(context.Background(), posting.Source{ID: "demo", Name: posting.Both{FR: "Démo", EN: "Demo"}}); err != nil {
		t.Fatal(err)
	}
	return b
}

// begin starts the server, as after a restart.
func (b *bank) begin() {
	b.t.Helper()
	var err error
	if b.l != nil {
		_ = b.l.Close()
	}
	if b.l, err = ledger.Open(context.Background(), b.at, ledger.Options{}); err != nil {
		b.t.Fatal(err)
	}
	if b.alerts, err = New(Options{Ledger: b.l, Keys: b.keys, Base: "https://banque.exemple.ca/"}); err != nil {
		b.t.Fatal(err)
	}
}

// Send implements mail.Sender.
func (b *bank) Send(_ context.Context, l mail.Letter) error {
	if err := b.refuses[l.To]; err != nil {
		return err
	}
	b.sent = append(b.sent, l)
	return nil
}

// deliver delivers what is queued, and gives what went.
func (b *bank) deliver() []mail.Letter {
	b.t.Helper()
	ctx := context.Background()
	b.sent = nil
	h := mail.House{Base: b.alerts.o.Base, Box: b.keys.Box}
	now := func() time.Time { return b.now }
	for {
		j, err := b.l.TakeJob(ctx, []string{mail.Job, Job}, b.now, time.Minute)
		if errors.Is(err, ledger.ErrNotFound) {
			return b.sent
		}
		if err != nil {
			b.t.Fatal(err)
		}
		do := mail.Deliver(h, b, now)
		if j.Kind == Job {
			do = b.alerts.Deliver(h, b, now)
		}
		state := ledger.JobDone
		if err := do(ctx, j); err != nil {
			state = ledger.JobFailed
		}
		if err := b.l.EndJob(ctx, j, state, "", b.now); err != nil {
			b.t.Fatal(err)
		}
	}
}

// post puts new postings in.
func (b *bank) post(cards ...posting.Card) {
	b.t.Helper()
	var all []posting.Posting
	for _, c := range cards {
		b.posted++
		c.Source, c.SourceID = "demo", fmt.Sprint(b.posted)
		c.Posted = posting.DayOf(b.now)
		c.Ends = c.Posted + 30
		if c.Title == (posting.Both{}) {
			c.Title = posting.Both{FR: fmt.Sprintf("Cuisinier %d", b.posted), EN: fmt.Sprintf("Cook %d", b.posted)}
		}
		all = append(all, posting.Posting{Card: c})
	}
	if _, err := b.l.Put(context.Background(), all); err != nil {
		b.t.Fatal(err)
	}
}

var cook = posting.Card{NOC: "63200", Place: posting.Place{City: "Rimouski", Province: "QC"}, Wage: posting.Wage{Min: 1800, Max: 2100, Unit: posting.Hourly}}

func request(key, email string) wire.Subscribe {
	return wire.Subscribe{Key: "key-of-a-request-" + key, Email: email, Lang: "fr", Titles: []string{"63200"}, Places: []string{"Rimouski, QC"}, Zone: "America/Toronto"}
}

// link is what stands behind a link of a letter.
func link(t testing.TB, l mail.Letter, words i18n.Key) string {
	t.Helper()
	_, rest, ok := strings.Cut(l.Text, "\n"+i18n.For(l.Lang).S(words)+"\n")
	if !ok {
		t.Fatalf("no link %s in\n%s", words, l.Text)
	}
	address, _, _ := strings.Cut(rest, "\n")
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(u.Path, wire.AlertPage)
}

// subscribe asks for alerts, and confirms them.
func (b *bank) subscribe(in wire.Subscribe) (manage string) {
	b.t.Helper()
	ctx := context.Background()
	if _, err := b.alerts.Subscribe(ctx, in, b.now); err != nil {
		b.t.Fatal(err)
	}
	letters := b.deliver()
	if len(letters) != 1 {
		b.t.Fatalf("%d letters for one request", len(letters))
	}
	if _, err := b.alerts.Do(ctx, link(b.t, letters[0], i18n.MailAlertaskedLink), Act{Do: DoConfirm}, b.now); err != nil {
		b.t.Fatal(err)
	}
	return link(b.t, letters[0], i18n.AlertModify)
}

func (b *bank) round() []mail.Letter {
	b.t.Helper()
	if err := b.alerts.Round(context.Background(), b.now); err != nil {
		b.t.Fatal(err)
	}
	return b.deliver()
}

// to moves the clock to an hour of Toronto, today or tomorrow.
func (b *bank) to(hour int) {
	at := b.now.In(toronto)
	next := time.Date(at.Year(), at.Month(), at.Day(), hour, 0, 0, 0, toronto)
	if !next.After(at) {
		next = next.AddDate(0, 0, 1)
	}
	b.now = next.UTC()
}

var toronto = func() *time.Location {
	at, err := time.LoadLocation("America/Toronto")
	if err != nil {
		panic(err)
	}
	return at
}()

// Seven days of new postings are exactly fourteen letters, a morning and an evening each,
// that tell every posting once: across restarts, and across both changes of the clocks.
//
// Rows
func TestFourteenLetters(t *testing.T) { engines(t, testFourteenLetters) }

func testFourteenLetters(t *testing.T) {
	for name, first := range map[string]time.Time{
		"a week": time.Date(2026, 11, 22, 0, 0, 0, 0, toronto), "winter": time.Date(2026, 10, 29, 0, 0, 0, 0, toronto), "summer": time.Date(2027, 3, 11, 0, 0, 0, 0, toronto),
	} {
		b := open(t)
		b.now = first.Add(-time.Hour)
		b.subscribe(request("1", "ada@exemple.ca"))
		told := map[string]int{}
		var at []string
		last := first.AddDate(0, 0, 7)
		for b.now = first; b.now.Before(last); b.now = b.now.Add(Every) {
			if b.now.Minute() == 0 {
				b.post(cook)
			}
			if h := b.now.In(toronto).Hour(); (h == 7 || h == 18) && b.now.Minute() == 30 {
				b.begin() // in the middle of a morning, and of an evening
			}
			if err := b.alerts.Round(t.Context(), b.now); err != nil {
				t.Fatal(err)
			}
			for _, l := range b.deliver() {
				at = append(at, b.now.In(toronto).Format("15:04"))
				for line := range strings.Lines(l.Text) {
					if strings.HasPrefix(line, "Cuisinier ") {
						told[strings.TrimSpace(line)]++
					}
				}
			}
		}
		if len(at) != 14 || !slices.Equal(at[:2], []string{"07:00", "18:00"}) {
			t.Errorf("%s: letters at %v, want fourteen", name, at)
		}
		// Those of the last evening, after 18:00, wait for the morning.
		if want := b.posted - 5; len(told) != want {
			t.Errorf("%s: %d postings told of %d, want %d", name, len(told), b.posted, want)
		}
		for title, n := range told {
			if n != 1 {
				t.Errorf("%s: %s told %d times", name, title, n)
			}
		}
	}
}

// The letter has the exact subject, goes once per request, and begins nothing by itself; its
// link confirms that request and no other, once or twice alike.
//
// Rows
func TestConfirm(t *testing.T) { engines(t, testConfirm) }

func testConfirm(t *testing.T) {
	b := open(t)
	in := request("1", "ada@exemple.ca")
	for range 2 { // the answer was lost, and the request sent again
		if out, err := b.alerts.Subscribe(t.Context(), in, b.now); err != nil || out.Days != 30 {
			t.Fatalf("%+v, %v", out, err)
		}
	}
	letters := b.deliver()
	if len(letters) != 1 || letters[0].Subject != "Alertes-Emplois - Validation de votre abonnement" || letters[0].To != "ada@exemple.ca" {
		t.Fatalf("letters: %+v", letters)
	}
	if l := letters[0]; !strings.Contains(l.Text, "\nModifier\n") || !strings.Contains(l.Text, "\nDésabonner\n") || !strings.HasSuffix(l.Unsubscribe, "/end") {
		t.Errorf("the letter cannot be answered:\n%s", l.Text)
	}
	token := link(t, letters[0], i18n.MailAlertaskedLink)
	b.post(cook)
	b.to(18)
	if got := b.round(); len(got) != 0 {
		t.Errorf("to an address that is not confirmed: %+v", got)
	}
	if v, err := b.alerts.Look(t.Context(), token); err != nil || !v.Confirm || v.Alerts[0].State != ledger.AlertPending {
		t.Errorf("Look: %+v, %v", v, err)
	}
	manage := link(t, letters[0], i18n.AlertModify)
	for _, bad := range []string{"", "c", "m", "x", token + "A", "c" + manage[1:], "m" + token[1:], manage[:20] + "AAAA" + manage[24:], strings.Repeat("m", 5000)} {
		if _, err := b.alerts.Do(t.Context(), bad, Act{Do: DoConfirm}, b.now); !errors.Is(err, ErrLink) {
			t.Errorf("Do(%.30q): %v, want ErrLink", bad, err)
		}
	}
	for range 2 { // a second time is harmless
		if v, err := b.alerts.Do(t.Context(), token, Act{Do: DoConfirm}, b.now); err != nil || v.Alerts[0].State != ledger.AlertActive {
			t.Errorf("confirmed: %+v, %v", v, err)
		}
	}
	if got := b.round(); len(got) != 0 {
		t.Errorf("what came before the confirmation was told: %+v", got)
	}
	b.post(cook)
	b.to(7)
	got := b.round()
	if len(got) != 1 || !strings.Contains(got[0].Text, "Cuisinier 2") || strings.Contains(got[0].Text, "Cuisinier 1") || !strings.Contains(got[0].Text, "Démo, numéro") ||
		!strings.Contains(got[0].Text, "18,00") || !strings.Contains(got[0].Text, "\nModifier\n") || !strings.Contains(got[0].Text, "\nDésabonner\n") {
		t.Fatalf("letters: %+v", got)
	}
	// In English, the other one.
	en := request("en", "bea@exemple.ca")
	en.Lang = "en"
	if _, err := b.alerts.Subscribe(t.Context(), en, b.now); err != nil {
		t.Fatal(err)
	}
	if l := b.deliver()[0]; l.Subject != "Job Alerts - Confirm your subscription" || !strings.Contains(l.Text, "\nModify\n") || !strings.Contains(l.Text, "\nUnsubscribe\n") {
		t.Errorf("in English: %s\n%s", l.Subject, l.Text)
	}
	// Not confirmed within the time, a link ends.
	late := link(t, b.sent[0], i18n.MailAlertaskedLink)
	if _, err := b.alerts.Do(t.Context(), late, Act{Do: DoConfirm}, b.now.AddDate(0, 0, 31)); !errors.Is(err, ErrLink) {
		t.Errorf("confirmed after 31 days: %v", err)
	}
	err := b.l.Update(t.Context(), func(tx *ledger.Tx) error {
		n, err := tx.DropPending(t.Context(), b.now.Add(time.Hour))
		if err == nil && n != 1 {
			t.Errorf("%d dropped, want the one that nobody confirmed", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What is no request is refused by its fields; whatever else is asked has one answer, and a
// mailbox cannot be flooded.
//
// Rows: A-033
func TestRequests(t *testing.T) {
	b := open(t)
	for field, change := range map[string]func(*wire.Subscribe){
		"key": func(in *wire.Subscribe) { in.Key = "short" }, "email": func(in *wire.Subscribe) { in.Email = "nobody" },
		"lang": func(in *wire.Subscribe) { in.Lang = "de" }, "titles": func(in *wire.Subscribe) { in.Titles = []string{"00000"} },
		"places": func(in *wire.Subscribe) { in.Places = []string{"Atlantis, QC"} }, "zone": func(in *wire.Subscribe) { in.Zone = "../../etc/passwd" },
		"keywords": func(in *wire.Subscribe) { in.Titles, in.Places = nil, nil },
	} {
		in := request("1", "ada@exemple.ca")
		change(&in)
		var no *wire.Refused
		_, err := b.alerts.Subscribe(t.Context(), in, b.now)
		if !errors.As(err, &no) || no.Code != account.Mend || len(no.Fields) == 0 || no.Fields[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if got := b.deliver(); len(got) != 0 {
		t.Errorf("letters of what was refused: %+v", got)
	}
	for n := range 12 {
		out, err := b.alerts.Subscribe(t.Context(), request(fmt.Sprint("many", n), "ada@exemple.ca"), b.now)
		if err != nil || out.Days != 30 {
			t.Errorf("request %d has another answer: %+v, %v", n, out, err)
		}
	}
	if got := b.deliver(); len(got) != mostToday {
		t.Errorf("%d letters, want %d", len(got), mostToday)
	}
}

// Nothing new is no letter, and neither are suggestions alone; what is suggested has its
// reason, and was not asked for.
//
// Rows
func TestRelated(t *testing.T) { engines(t, testRelated) }

func testRelated(t *testing.T) {
	b := open(t)
	b.subscribe(request("1", "ada@exemple.ca"))
	elsewhere, close, far := cook, cook, cook
	elsewhere.Place.City, elsewhere.Title = "Matane", posting.Both{EN: "Cook of Matane"}
	close.NOC, close.Title = "63201", posting.Both{FR: "Boucher d'ici"}
	far.Place, far.Title = posting.Place{City: "Moncton", Province: "NB"}, posting.Both{FR: "Cuisinier de Moncton"}
	b.post(elsewhere, close, far)
	b.to(18)
	if got := b.round(); len(got) != 0 {
		t.Fatalf("suggestions alone: %s", got[0].Text)
	}
	b.post(elsewhere, close, far, cook)
	b.to(7)
	got := b.round()
	if len(got) != 1 {
		t.Fatalf("%d letters", len(got))
	}
	first, second, ok := strings.Cut(got[0].Text, "== Ces offres pourraient aussi vous intéresser ==")
	if !ok || !strings.Contains(first, "Cuisinier 7") || strings.Contains(second, "Cuisinier 7") {
		t.Errorf("the letter:\n%s", got[0].Text)
	}
	for _, want := range []string{"Cook of Matane", "même profession", "profession voisine"} {
		if strings.Contains(first, want) || !strings.Contains(second, want) {
			t.Errorf("%q is not among the suggestions alone:\n%s", want, got[0].Text)
		}
	}
	if strings.Contains(got[0].Text, "Moncton") || strings.Count(second, "Cook of Matane") != 1 {
		t.Errorf("what is far away, or was there before, is suggested:\n%s", second)
	}
	if !strings.Contains(got[0].HTML, `<h3 lang="en">`) {
		t.Errorf("a title in the other language does not say so:\n%s", got[0].HTML)
	}
}

// All alerts of an address are one letter, and a posting is in it once; each alert knows
// when it was looked at, what was found and when a letter went.
//
// Rows
func TestTogether(t *testing.T) { engines(t, testTogether) }

func testTogether(t *testing.T) {
	b := open(t)
	manage := b.subscribe(request("1", "ada@exemple.ca"))
	two := request("2", "Ada@exemple.ca")
	two.Titles, two.Places, two.Keywords = nil, nil, []string{"cuisinier"}
	b.now = b.now.Add(time.Minute)
	b.subscribe(two)
	b.now = b.now.Add(time.Minute)
	three := request("3", "ada@exemple.ca")
	three.Titles, three.Name = []string{"72106"}, "Soudage"
	b.subscribe(three)
	b.post(cook, cook)
	b.to(18)
	got := b.round()
	if len(got) != 1 || strings.Count(got[0].Text, "Cuisinier 1\n") != 1 || strings.Contains(got[0].Text, "Soudage") {
		t.Fatalf("letters: %+v", got)
	}
	v, err := b.alerts.Look(t.Context(), manage)
	if err != nil || len(v.Alerts) != 3 {
		t.Fatalf("Look: %+v, %v", v, err)
	}
	for n, found := range []int{2, 2, 0} {
		if a := v.Alerts[n]; a.Found != found || !a.Checked.Equal(b.now) || a.Sent.IsZero() != (found == 0) {
			t.Errorf("alert %d: %+v", n, a)
		}
	}
	b.to(7)
	if got := b.round(); len(got) != 0 {
		t.Errorf("told again: %+v", got)
	}
}

// Unsubscribed is at once: what was queued before does not go. To come back wants another
// confirmation, and old links do not open what ended.
//
// Rows: A-037
func TestUnsubscribe(t *testing.T) { engines(t, testUnsubscribe) }

func testUnsubscribe(t *testing.T) {
	b := open(t)
	if _, err := b.alerts.Subscribe(t.Context(), request("1", "ada@exemple.ca"), b.now); err != nil {
		t.Fatal(err)
	}
	l := b.deliver()[0]
	confirm, manage := link(t, l, i18n.MailAlertaskedLink), link(t, l, i18n.AlertModify)
	act := func(token string, in Act) error {
		_, err := b.alerts.Do(t.Context(), token, in, b.now)
		return err
	}
	if err := act(confirm, Act{Do: DoConfirm}); err != nil {
		t.Fatal(err)
	}
	b.post(cook)
	b.to(18)
	if err := b.alerts.Round(t.Context(), b.now); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := act(manage, Act{Do: DoUnsubscribe}); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.deliver(); len(got) != 0 {
		t.Errorf("what was queued went: %+v", got)
	}
	if err := act(confirm, Act{Do: DoConfirm}); !errors.Is(err, ErrLink) {
		t.Errorf("the old link began it again: %v", err)
	}
	if v, err := b.alerts.Look(t.Context(), manage); err != nil || len(v.Alerts) != 0 {
		t.Errorf("after the end: %+v, %v", v, err)
	}
	b.post(cook)
	b.to(7)
	if got := b.round(); len(got) != 0 {
		t.Errorf("after the end: %+v", got)
	}
	again := b.subscribe(request("2", "ada@exemple.ca"))
	if again != manage {
		t.Error("the links of old letters do not end what began again")
	}
	b.post(cook)
	b.to(18)
	if got := b.round(); len(got) != 1 {
		t.Errorf("%d letters after coming back", len(got))
	}
}

// A pause sends nothing, and what came meanwhile is not news after it.
func TestPause(t *testing.T) {
	b := open(t)
	manage := b.subscribe(request("1", "ada@exemple.ca"))
	v, err := b.alerts.Look(t.Context(), manage)
	if err != nil {
		t.Fatal(err)
	}
	do := func(what string) {
		t.Helper()
		if v, err = b.alerts.Do(t.Context(), manage, Act{Do: what, ID: v.Alerts[0].ID}, b.now); err != nil {
			t.Fatal(err)
		}
	}
	do(DoPause)
	b.post(cook)
	b.to(18)
	if got := b.round(); len(got) != 0 || v.Alerts[0].State != ledger.AlertPaused {
		t.Errorf("paused: %+v, %d letters", v, len(got))
	}
	do(DoResume)
	b.post(cook)
	b.to(7)
	if got := b.round(); len(got) != 1 || strings.Contains(got[0].Text, "Cuisinier 1\n") || !strings.Contains(got[0].Text, "Cuisinier 2\n") {
		t.Errorf("after the pause: %+v", got)
	}
}

// An alert is changed by its link, in words that the lists know.
//
// Rows: A-036
func TestSave(t *testing.T) {
	b := open(t)
	manage := b.subscribe(request("1", "ada@exemple.ca"))
	v, err := b.alerts.Look(t.Context(), manage)
	if err != nil {
		t.Fatal(err)
	}
	id := v.Alerts[0].ID
	v, err = b.alerts.Do(t.Context(), manage, Act{
		Do: DoSave, ID: id, Asks: Asks{Places: []string{"Rimouski, QC"}, Lang: "en", Zone: "America/Halifax"},
		Title: "soudeur; 63200", Place: "moncton\nNouveau-Brunswick; G5L 1A1; Québec", Keyword: "\"de nuit\"",
	}, b.now)
	if err != nil {
		t.Fatal(err)
	}
	got := v.Alerts[0].Asks
	if !slices.Equal(got.Titles, []string{"72106", "63200"}) || !slices.Equal(got.Keywords, []string{`"de nuit"`}) ||
		!slices.Equal(got.Places, []string{"Rimouski, QC", "Moncton, NB", "NB", "Québec, QC"}) || v.Lang != "en" || v.Zone != "America/Halifax" {
		t.Errorf("saved %+v of %+v", got, v)
	}
	for field, act := range map[string]Act{
		"titles": {Title: "xyzzy"}, "places": {Place: "Atlantis"}, "keywords": {}, "zone": {Asks: Asks{Zone: "Mars/Olympus"}, Keyword: "x"}, "lang": {Asks: Asks{Lang: "de"}, Keyword: "x"},
	} {
		act.Do, act.ID = DoSave, id
		var no *wire.Refused
		if _, err := b.alerts.Do(t.Context(), manage, act, b.now); !errors.As(err, &no) || no.Fields[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := b.alerts.Do(t.Context(), manage, Act{Do: DoPause, ID: "another"}, b.now); !errors.Is(err, ErrLink) {
		t.Errorf("an alert of nobody's: %v", err)
	}
}

// Whoever moves to another zone has two letters in a day of theirs all the same.
//
// Rows: A-031
func TestMoved(t *testing.T) {
	b := open(t)
	in := request("1", "ada@exemple.ca")
	in.Zone = "America/Vancouver"
	manage := b.subscribe(in)
	days := map[string]int{}
	tokyo, _ := time.LoadLocation("Asia/Tokyo")
	v, err := b.alerts.Look(t.Context(), manage)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 96 * 3 {
		if n == 48 {
			act := Act{Do: DoSave, ID: v.Alerts[0].ID, Asks: v.Alerts[0].Asks}
			act.Asks.Zone = "Asia/Tokyo"
			if _, err := b.alerts.Do(t.Context(), manage, act, b.now); err != nil {
				t.Fatal(err)
			}
		}
		b.post(cook)
		if got := b.round(); len(got) > 0 && n >= 48 {
			days[b.now.In(tokyo).Format(time.DateOnly)]++
		}
		b.now = b.now.Add(Every)
	}
	for day, n := range days {
		if n > 2 {
			t.Errorf("%d letters on %s", n, day)
		}
	}
	if len(days) < 2 {
		t.Errorf("letters on %v", days)
	}
}

// An address that nobody reads at is left alone after two letters, until somebody confirms
// an alert there; one refusal among letters that arrive is none.
func TestBounces(t *testing.T) { engines(t, testBounces) }

func testBounces(t *testing.T) {
	b := open(t)
	b.subscribe(request("1", "ada@exemple.ca"))
	letters := 0
	turn := func(refuses error) {
		t.Helper()
		b.refuses["ada@exemple.ca"] = refuses
		b.post(cook)
		b.to(18)
		letters = len(b.round())
	}
	turn(mail.ErrNobody)
	turn(nil) // it was full, or its server was wrong
	if letters != 1 {
		t.Fatalf("%d letters after one refusal", letters)
	}
	turn(fmt.Errorf("we are not let in: %w", mail.ErrRefused)) // that says nothing of the address
	turn(mail.ErrNobody)
	turn(nil)
	if letters != 1 {
		t.Fatalf("%d letters after one refusal of the address", letters)
	}
	turn(mail.ErrNobody)
	turn(mail.ErrNobody)
	turn(nil)
	if letters != 0 {
		t.Errorf("%d letters after two refusals in a row", letters)
	}
	b.subscribe(request("2", "ada@exemple.ca"))
	turn(nil)
	if letters != 1 {
		t.Errorf("%d letters after another confirmation", letters)
	}
}

// A link opens what it was made for and nothing else.
func FuzzLook(f *testing.F) {
	b := open(f)
	manage := b.subscribe(request("1", "ada@exemple.ca"))
	f.Add(manage)
	f.Add("c")
	f.Add("mAAAA")
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := b.alerts.Look(context.Background(), token); (err == nil) != (token == manage) || err != nil && !errors.Is(err, ErrLink) {
			t.Errorf("Look(%q): %v", token, err)
		}
	})
}

// Two servers that make the same round at once write to nobody twice, and to everybody once.
//
// Rows: A-031
func TestTwoRoundsAtOnce(t *testing.T) { engines(t, testTwoRoundsAtOnce) }

func testTwoRoundsAtOnce(t *testing.T) {
	b := open(t)
	const people = 60
	var all []Taken
	for n := range people {
		all = append(all, Taken{fmt.Sprintf("anyone%d@exemple.ca", n), Asks{Titles: []string{"63200"}, Lang: "fr", Zone: "America/Toronto"}})
	}
	if err := b.alerts.Take(t.Context(), all, b.now); err != nil {
		t.Fatal(err)
	}
	b.post(cook)
	b.to(18)
	var g errgroup.Group
	for range 3 {
		g.Go(func() error { return b.alerts.Round(t.Context(), b.now) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	to := map[string]int{}
	for _, l := range b.deliver() {
		to[l.To]++
	}
	if len(to) != people {
		t.Errorf("%d people were written to, want %d", len(to), people)
	}
	for who, n := range to {
		if n != 1 {
			t.Errorf("%d letters to %s", n, who)
		}
	}
}

// Whatever is asked for, changed, paused and ended in whatever order, over days on which the
// server stands still at times: no letter tells what an earlier one to the same address did,
// no day has three, and no letter goes to who ended everything.
//
// Rows
func TestNothingIsToldTwice(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b := open(t)
		var manage string
		told, days := map[string]bool{}, map[string]int{}
		ended := true
		for n := range rapid.IntRange(8, 24).Draw(r, "steps") {
			switch rapid.SampledFrom([]string{"ask", "post", "post", "pass", "pass", "pass", "pause", "save", "end", "restart"}).Draw(r, "step") {
			case "ask":
				in := request(fmt.Sprint(n), "ada@exemple.ca")
				if rapid.Bool().Draw(r, "words") {
					in.Titles, in.Places, in.Keywords = nil, nil, []string{"cuisinier"}
				}
				if _, err := b.alerts.Subscribe(t.Context(), in, b.now); err != nil {
					r.Fatal(err)
				}
				for _, l := range b.deliver() {
					manage = link(t, l, i18n.AlertModify)
					if _, err := b.alerts.Do(t.Context(), link(t, l, i18n.MailAlertaskedLink), Act{Do: DoConfirm}, b.now); err != nil {
						r.Fatal(err)
					}
					ended = false
				}
			case "post":
				b.post(cook, posting.Card{NOC: "63201", Place: cook.Place})
			case "pass":
				b.now = b.now.Add(time.Duration(rapid.IntRange(1, 20).Draw(r, "hours")) * time.Hour)
				for _, l := range b.round() {
					day := b.now.In(toronto).Format(time.DateOnly)
					if days[day]++; days[day] > 2 {
						r.Fatalf("%d letters on %s", days[day], day)
					}
					if ended {
						r.Fatal("a letter after the end")
					}
					for line := range strings.Lines(l.Text) {
						if !strings.HasPrefix(line, "Cuisinier ") {
							continue
						}
						if told[line] {
							r.Fatalf("%q is told again", line)
						}
						told[line] = true
					}
				}
			case "restart":
				b.begin()
			case "end":
				if manage != "" {
					if _, err := b.alerts.Do(t.Context(), manage, Act{Do: DoUnsubscribe}, b.now); err != nil {
						r.Fatal(err)
					}
					ended = true
				}
			default: // pause, resume, or save with other places
				if manage == "" {
					continue
				}
				v, err := b.alerts.Look(t.Context(), manage)
				if err != nil || len(v.Alerts) == 0 {
					continue
				}
				one := rapid.SampledFrom(v.Alerts).Draw(r, "alert")
				act := Act{Do: rapid.SampledFrom([]string{DoPause, DoResume, DoSave}).Draw(r, "act"), ID: one.ID, Asks: one.Asks, Place: "Rimouski"}
				if _, err := b.alerts.Do(t.Context(), manage, act, b.now); err != nil {
					r.Fatal(err)
				}
			}
		}
		_ = b.l.Close()
	})
}
