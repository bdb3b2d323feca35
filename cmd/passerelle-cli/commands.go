package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/sync/replica"
	"passerelle/sync/wire"
	"passerelle/ui/page"
	"passerelle/ui/state"
)

// search prints the postings that fit. Every criterion of the window has its flag; a
// flag given twice adds an alternative.
func (j *job) search(args []string) (err error) {
	f := j.flags("search")
	q := query.Query{Filters: map[query.Facet][]string{}}
	near, km, per, wage := "", 50.0, "hour", int64(0)
	f.StringVar(&near, "near", "", "city or postal code")
	f.Func("radius", "distance, as in 50km", func(s string) (err error) { km, err = radius(s); return })
	f.Func("wage", "at least so many dollars", func(s string) (err error) { wage, err = dollars(s); return })
	f.StringVar(&per, "per", "hour", "hour, week, month or year")
	f.Func("in", "title or employer", func(s string) error {
		q.In = query.Field(s)
		if q.In != query.InTitle && q.In != query.InEmployer {
			return errors.New("title, employer")
		}
		return nil
	})
	f.Func("sort", "relevance, date, wage or distance", func(s string) error {
		q.Sort = query.Sort(strings.TrimSuffix(s, "relevance"))
		if !slices.Contains([]query.Sort{query.ByRelevance, query.ByDate, query.ByWage, query.ByDistance}, q.Sort) {
			return errors.New("relevance, date, wage, distance")
		}
		return nil
	})
	f.BoolVar(&q.Archived, "archived", false, "ended postings too")
	exact := f.Bool("exact", false, "do not widen to the other language")
	f.IntVar(&q.Limit, "limit", 20, "how many to show")
	f.IntVar(&q.Offset, "from", 0, "how many to pass over")
	number := f.Int64("number", 0, "posting number")
	for _, facet := range query.Facets {
		f.Func(string(facet), "a value of this criterion", func(v string) error {
			q.Filters[facet] = append(q.Filters[facet], v)
			return nil
		})
	}
	words, err := j.open(f, args)
	if err != nil {
		return err
	}
	defer j.close(&err)
	if err := j.Sample(j.ctx, nil); err != nil {
		return err
	}
	q.Words = strings.Join(words, " ")
	if *number != 0 {
		q.Words = strconv.FormatInt(*number, 10)
	}
	q.Now, q.Lang = j.now(), j.words.Lang()
	if *exact {
		q.NoExpand = []string{"*"}
	}
	if near != "" {
		spot, err := place.Find(near)
		switch {
		case errors.Is(err, place.ErrUnknownPostal):
			return errUsage{j.words.S(i18n.PlaceUnknownPostal, "Text", near)}
		case err != nil:
			return errUsage{j.words.S(i18n.PlaceUnknown, "Text", near)}
		}
		q.Near = query.Near{Label: spot.Label, Lat: spot.Lat, Lng: spot.Lng, Km: km}
	}
	if wage > 0 {
		u, ok := units[per]
		if !ok {
			return errUsage{j.words.S(i18n.CliFlag, "Text", "--per: hour, week, month, year")}
		}
		q.Wage = query.WageAsk{Min: wage, Unit: u}
	}
	s, err := j.state()
	if err != nil {
		return err
	}
	if q.Hide, err = j.Device.Hides(j.ctx); err != nil {
		return err
	}
	s.Search.Query = q
	r, err := j.Catalogue.Search(j.ctx, q)
	if err != nil {
		return err
	}
	ids := r.IDs
	if r.Exact != 0 && !slices.Contains(ids, r.Exact) {
		ids = append([]int64{r.Exact}, ids...)
	}
	cards, err := j.Catalogue.Cards(j.ctx, ids)
	if err != nil {
		return err
	}
	cards = slices.DeleteFunc(cards, q.Hide.Has) // its number is for `show`
	if j.format == "json" {
		err = j.json(resultJSON(s, r, cards))
	} else {
		err = j.page(page.Results(s, q, r, cards))
	}
	if err == nil && len(cards) == 0 {
		return errNothing
	}
	return err
}

// show prints one posting, by its number or by its number at the source.
func (j *job) show(args []string) (err error) {
	words, err := j.open(j.flags("show"), args)
	if err != nil {
		return err
	}
	defer j.close(&err)
	s, p, err := j.find(words)
	if err != nil {
		return err
	}
	hide, err := j.Device.Hides(j.ctx)
	if err != nil {
		return err
	}
	like, err := j.Catalogue.Similar(j.ctx, p.ID, 5, j.now(), hide)
	if err != nil {
		return err
	}
	if j.format == "json" {
		return j.json(postingJSON(s, p))
	}
	return j.page(page.Posting(s, p, like))
}

// find reads the posting whose number is the one word given.
func (j *job) find(words []string) (*state.State, posting.Posting, error) {
	var p posting.Posting
	if len(words) != 1 {
		return nil, p, errUsage{j.words.S(i18n.CliUsage)}
	}
	digits := strings.NewReplacer(" ", "", "\u00a0", "").Replace(words[0])
	if _, err := strconv.ParseInt(digits, 10, 64); err != nil {
		return nil, p, errUsage{j.words.S(i18n.CliNumber, "Text", words[0])}
	}
	if err := j.Sample(j.ctx, nil); err != nil {
		return nil, p, err
	}
	s, err := j.state()
	if err != nil {
		return nil, p, err
	}
	r, err := j.Catalogue.Search(j.ctx, query.Query{Words: digits, Archived: true, Now: j.now(), Limit: 1, NoFacets: true})
	if err != nil {
		return nil, p, err
	}
	if r.Exact == 0 {
		fmt.Fprintln(j.err, j.words.S(i18n.CliNoSuch, "Text", words[0]))
		return nil, p, errNothing
	}
	p, err = j.Catalogue.Posting(j.ctx, r.Exact, j.now())
	return s, p, err
}

// sync brings the catalogue up to date and sends what waits.
func (j *job) sync(args []string) (err error) {
	f := j.flags("sync")
	plan := f.Bool("plan", false, "say what a sync would do, and do nothing")
	bundle := f.String("bundle", "", "read a signed bundle (folder or zip) instead of the server")
	accept := f.String("accept", "", "fingerprint of the bundle's publisher, when it is met for the first time")
	scope := f.String("scope", "", "what to keep: all, all-cards, qc, qc-cards…")
	words, err := j.open(f, args)
	if err != nil {
		return err
	}
	defer j.close(&err)
	if len(words) > 0 {
		return errUsage{j.words.S(i18n.CliUsage)}
	}
	if j.server != "" {
		if err := j.Device.SetSetting(j.ctx, cache.Server, j.server); err != nil {
			return err
		}
	}
	if *scope != "" {
		if err := j.Device.SetSetting(j.ctx, cache.Scope, *scope); err != nil {
			return err
		}
	}
	if *plan {
		p, err := j.planned(*bundle)
		if err != nil {
			return err
		}
		return j.say(p, j.words.S(i18n.CliPlan, "Size", j.words.Bytes(p.Bytes), "Rows", j.words.Number(p.Rows), "Count", j.words.Number(p.Count)))
	}
	last := time.Time{}
	tell := func(p replica.Progress) {
		if j.format == "text" && time.Since(last) > 2*time.Second {
			last = time.Now()
			fmt.Fprintln(j.err, state.ProgressLine(j.words, p))
		}
	}
	var done replica.Outcome
	if *bundle != "" {
		if done, err = j.Load(j.ctx, *bundle, *accept, tell); errors.Is(err, replica.ErrUnknownPublisher) {
			return j.unknown(*bundle)
		}
	} else {
		done, err = j.Sync(j.ctx, tell)
	}
	if err != nil {
		return err
	}
	sent := 0
	if *bundle == "" {
		if sent, err = j.Flush(j.ctx); err != nil {
			return err
		}
	}
	if done.Pinned && *bundle == "" && j.format == "text" {
		fmt.Fprintln(j.out, j.words.S(i18n.CliPinned, "Print", done.Root))
	}
	return j.say(struct {
		replica.Outcome
		Sent int
	}{done, sent}, j.words.S(i18n.CliSynced, "Count", j.words.Number(done.Count), "Put", j.words.Number(done.Put),
		"Removed", j.words.Number(done.Removed), "Sent", j.words.Number(sent)))
}

// planned says what a sync, or the loading of a bundle, would do.
func (j *job) planned(bundle string) (replica.Plan, error) {
	if bundle != "" {
		return j.PlanBundle(j.ctx, bundle)
	}
	return j.Plan(j.ctx)
}

// unknown says whose a bundle is, and how to accept them.
func (j *job) unknown(bundle string) error {
	p, err := j.PlanBundle(j.ctx, bundle)
	if err != nil {
		return err
	}
	return errUsage{j.words.S(i18n.CliAccept, "Date", j.words.Date(p.Created), "Count", j.words.N(i18n.SearchCount, p.Count),
		"Size", j.words.Bytes(p.Bytes), "Print", p.Root)}
}

// report puts a report in the outbox and tries to send it.
func (j *job) report(args []string) (err error) {
	f := j.flags("report")
	reason := f.String("reason", "", "why; without it the reasons are listed")
	text := f.String("text", "", "what is wrong, in your words; - reads it from standard input")
	words, err := j.open(f, args)
	if err != nil {
		return err
	}
	defer j.close(&err)
	if !slices.Contains(wire.Reasons, wire.Reason(*reason)) {
		list := j.words.S(i18n.CliReasons)
		for _, r := range wire.Reasons {
			list += "\n  " + string(r) + " – " + j.words.S(r.Key())
		}
		return errUsage{list}
	}
	_, p, err := j.find(words)
	if err != nil {
		return err
	}
	if *text == "-" {
		b, err := io.ReadAll(io.LimitReader(os.Stdin, wire.MaxText*4))
		if err != nil {
			return err
		}
		*text = string(b)
	}
	if n := len([]rune(*text)); n > wire.MaxText {
		return errUsage{j.words.S(i18n.CliTooLong, "Max", j.words.Number(wire.MaxText))}
	}
	st, err := j.Catalogue.State(j.ctx)
	if err != nil {
		return err
	}
	key, err := uuid.NewV7()
	if err != nil {
		return err
	}
	body, err := json.Marshal(wire.Report{Key: key.String(), Number: p.Number, Source: p.Source, Reason: *reason, Text: *text,
		Lang: string(j.words.Lang()), App: "passerelle-cli/" + version, Epoch: st.Epoch, Seq: st.Seq, Made: j.now()})
	if err != nil {
		return err
	}
	if err := j.Device.Queue(j.ctx, cache.KindReport, key.String(), body, j.now()); err != nil {
		return err
	}
	if _, err := j.Flush(j.ctx); err != nil {
		return j.say(map[string]any{"key": key, "state": "queued"}, j.words.S(i18n.CliQueued, "Number", state.GroupNumber(p.Number)))
	}
	items, err := j.Device.Items(j.ctx, cache.KindReport)
	if err != nil {
		return err
	}
	for _, it := range items {
		if it.Key == key.String() && it.State == cache.Rejected {
			return errUsage{j.words.S(i18n.CliRejected, "Answer", it.Answer)}
		}
		if it.Key == key.String() && it.State == cache.Accepted {
			return j.say(map[string]any{"key": key, "state": "accepted", "ticket": it.Answer}, j.words.S(i18n.CliReported, "Ticket", it.Answer))
		}
	}
	return j.say(map[string]any{"key": key, "state": "queued"}, j.words.S(i18n.CliQueued, "Number", state.GroupNumber(p.Number)))
}

func (j *job) page(p page.Page) error {
	if j.format == "html" {
		return p.HTML(j.out)
	}
	return p.Text(j.out)
}

// say prints a short answer: its sentence, or the thing itself as JSON.
func (j *job) say(thing any, sentence string) error {
	if j.format == "json" {
		return j.json(thing)
	}
	_, err := fmt.Fprintln(j.out, sentence)
	return err
}

func (j *job) json(v any) error {
	e := json.NewEncoder(j.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// cardJSON is a posting as scripts read it: names in English and stable, dates as
// 2026-11-22, wages in cents.
type cardJSON struct {
	Number    int64        `json:"number"`
	Source    string       `json:"source"`
	SourceID  string       `json:"source_id,omitempty"`
	URL       string       `json:"url,omitempty"`
	Title     string       `json:"title"`
	Original  posting.Both `json:"original_title"`
	NOC       string       `json:"noc,omitempty"`
	TEER      int          `json:"teer"`
	NOCTitle  posting.Both `json:"noc_title"`
	Employer  string       `json:"employer,omitempty"`
	City      string       `json:"city,omitempty"`
	Province  string       `json:"province,omitempty"`
	Km        *float64     `json:"km,omitempty"`
	Posted    string       `json:"posted"`
	Ends      string       `json:"ends"`
	Estimated bool         `json:"end_estimated,omitempty"`
	Ended     bool         `json:"ended,omitempty"`
	Wage      posting.Wage `json:"wage"`
	Langs     []i18n.Lang  `json:"languages"`
	Demo      bool         `json:"demonstration,omitempty"`
}

func card(s *state.State, c posting.Card) cardJSON {
	out := cardJSON{Number: c.Number, Source: c.Source, SourceID: c.SourceID, URL: c.URL, Title: state.Head(c, s.Lang()).Title,
		Original: c.Title, NOC: c.NOC, TEER: occupation.TEER(c.NOC), NOCTitle: occupation.Title(c.NOC), Employer: c.Employer,
		City: c.Place.City, Province: c.Place.Province, Posted: c.Posted.String(), Ends: c.Ends.String(), Estimated: c.Estimated,
		Ended: c.Ended(s.Now()), Wage: c.Wage, Langs: c.Langs(), Demo: c.Demo}
	if n := s.Search.Query.Near; n.Km > 0 && c.Place.Known() {
		km := place.Km(n.Lat, n.Lng, float64(c.Place.Lat), float64(c.Place.Lng))
		out.Km = &km
	}
	return out
}

// catalogueJSON says which catalogue answered.
type catalogueJSON struct {
	Origin  string    `json:"origin"`
	Scope   string    `json:"scope"`
	Epoch   int64     `json:"epoch"`
	Seq     int64     `json:"seq"`
	Created time.Time `json:"created"`
	Count   int       `json:"postings"`
	Indexed int       `json:"indexed"`
	Demo    bool      `json:"demonstration"`
}

func resultJSON(s *state.State, r query.Result, cards []posting.Card) any {
	list := make([]cardJSON, 0, len(cards))
	for _, c := range cards {
		list = append(list, card(s, c))
	}
	st := s.Status.Catalogue
	return struct {
		Catalogue catalogueJSON                 `json:"catalogue"`
		Total     int                           `json:"total"`
		Postings  []cardJSON                    `json:"postings"`
		Expanded  []query.Expansion             `json:"expanded,omitempty"`
		Relax     []query.Relaxation            `json:"relax,omitempty"`
		Facets    map[query.Facet][]query.Count `json:"facets,omitempty"`
	}{catalogueJSON{st.Origin, st.Scope, st.Epoch, st.Seq, st.Created, st.Count, st.Indexed, st.Demo}, r.Total, list, r.Expanded, r.Relax, r.Facets}
}

func postingJSON(s *state.State, p posting.Posting) any {
	return struct {
		cardJSON
		Facts []state.Fact     `json:"facts"`
		Texts []posting.Text   `json:"texts,omitempty"`
		Apply []posting.Method `json:"apply,omitempty"`
	}{card(s, p.Card), s.Facts(p.Card), p.Texts, p.Apply}
}
