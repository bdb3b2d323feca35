package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/match"
	"passerelle/store/personal"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/record"
)

// Matching finds what suits a profile among the postings of this computer, the best first:
// all of the default way, and how many more an Express Entry candidate has yet to wait for.
// It is slow, and tells how far it is.
type Matching interface {
	Best(ctx context.Context, p *match.Profile, who match.Standing, hide *query.Hide, tell func(done, total int)) (found []match.Found, later int, err error)
}

// MatchPane is what stands beside the list of matches.
type MatchPane string

// Panes.
const (
	MatchWhy     MatchPane = ""        // how the posting that is chosen suits
	MatchGaps    MatchPane = "gaps"    // what is lacking over several of them, and the learning targets
	MatchRefused MatchPane = "refused" // what the person wants no more of
)

// Matches are the postings that suit the person's profile, found on this computer by what the
// server finds them by: of the version that was activated, or as a preview of what
// is not.
type Matches struct {
	s *State

	Loaded  bool
	Working bool // they are being found
	Done    int  // of Total, of the postings that are read
	Total   int  // 0: not known
	Err     error

	Later  int       // suit, and are not yet shown long enough for a candidate of Express Entry
	Try    bool      // with the changes that were not activated
	Pane   MatchPane //
	At     int       // of the list; -1: none
	Why    *Meeting  // of At; nil: it has not come
	Here   *Meeting  // of the posting that is read elsewhere; nil: none
	Last   *Undo     // what was refused last, to take it back
	Fault  error     // of the last act
	Chosen []int64   // whose gaps are counted; none: all that are shown
	Gaps   []match.Gap
	Of     int  // postings that Gaps counts
	Gapped bool // Gaps are of now

	Targets []TargetLine
	Dropped *Undo // the target that was removed last
	Unkept  error // why targets cannot be read or kept here

	// Changed tells whoever draws; Rows that more of the list has come. Nil is fine.
	Changed, Rows func()

	shows   string           // what was told last of the profile's standing
	hereOf  string           // of which profile, and posting, Here is
	asked   string           // the profile that was asked for, in JSON
	person  match.Person     // the same
	profile *match.Profile   // read; nil: nothing was asked yet
	all     []match.Found    // in the default way
	list    []match.Found    // in the way that is shown, without what is refused
	ways    [2]int           // how many of all are in the default and in the strict way, without what is refused
	rows    map[int64]*meant // by row of the catalogue
	rowsOf  string           // the profile that they were compared with
	said    map[int64]said   // what happened between the person and a posting, by its number
	page    posting.Posting  // that is read elsewhere
	gen     int
	opened  int // generation of Why
	met     int // generation of Here
	cancel  context.CancelFunc
	pen     *pen
	kept    []personal.Entry[personal.Target]
	cards   map[int64]posting.Card // of what is refused, by number
	hush    func()                 // ends the time in which a refusal can be taken back
}

// meant is a line of the list, once it was read.
type meant struct {
	post posting.Posting
	says match.Explanation
	come bool
}

func newMatches(s *State) *Matches {
	return &Matches{s: s, At: -1, rows: map[int64]*meant{}, said: map[int64]said{}, pen: newPen(s)}
}

func (m *Matches) tell() {
	if m.Changed != nil {
		m.Changed()
	}
}

// Offered says whether there can be matches: somebody is here who can have a profile.
func (m *Matches) Offered() bool { return m.s.o.Matching != nil && m.s.Profile.Offered() }

// leave ends what is under way: another person comes.
func (m *Matches) leave() {
	m.gen++
	m.opened++
	if m.cancel != nil {
		m.cancel()
	}
	if m.hush != nil {
		m.hush()
	}
}

// Load finds them, and finds them again: a posting may have ended meanwhile.
func (m *Matches) Load() {
	if !m.Offered() {
		m.Loaded = true
		m.tell()
		return
	}
	m.asked = "" // whatever was found before
	m.readTargets()
	if !m.s.Profile.Loaded {
		m.Working = true
		m.s.Profile.Load() // which asks here once it is read
		m.tell()
		return
	}
	m.find()
}

// profileMoved is told that the profile was read, edited or activated.
func (m *Matches) profileMoved() {
	if m == nil || !m.s.Profile.Loaded || !m.Loaded && !m.Working && m.page.ID == 0 {
		return
	}
	if m.Try && len(m.s.Profile.Pending()) == 0 {
		m.Try = false
	}
	if m.Loaded || m.Working {
		m.find()
	}
	if m.page.ID != 0 {
		m.meet()
	}
}

// catalogueMoved is told that a sync brought other postings.
func (m *Matches) catalogueMoved() {
	if m.Loaded || m.Working {
		m.asked, m.rows = "", map[int64]*meant{}
		m.find()
	}
}

// recordsMoved is told that a sync brought records: an invitation, a refusal.
func (m *Matches) recordsMoved() {
	if m.Loaded {
		m.asked = ""
		m.find()
	}
}

// Basis is the profile that is matched: the version that was activated, or, of one that is
// not active, and for a preview of changes, the working copy.
func (m *Matches) Basis() match.Person {
	p := m.s.Profile
	return basis(p.kind(), p.doc, m.Try, p.Express)
}

// basis is that of a record of a profile; try is for a preview of its changes.
func basis(kind record.Kind, doc record.Doc, try, express bool) match.Person {
	if kind.State(doc) == "active" && !try {
		var active record.Doc
		if json.Unmarshal(doc["active"], &active) == nil && active != nil {
			doc = active
		}
	}
	return personOf(doc, express)
}

// personOf reads a profile as it is matched. What it does not know is left out there.
func personOf(doc record.Doc, express bool) (who match.Person) {
	for name, v := range doc { // field by field: one that cannot be read takes no other with it
		if one, err := json.Marshal(map[string]json.RawMessage{name: v}); err == nil {
			_ = json.Unmarshal(one, &who)
		}
	}
	who.Express = who.Express || express
	return who
}

// standing is what may be matched with whoever is here: a preview asks as if the profile were
// active.
func (m *Matches) standing(who match.Person) match.Standing {
	return match.Standing{Active: true, Express: who.Express}
}

// find asks again if the profile is another one; the answer to an older question is dropped.
func (m *Matches) find() {
	who := m.Basis()
	mode := who.Mode
	who.Mode = match.Default // one answer holds both ways
	b, err := json.Marshal(who)
	who.Mode = mode
	moded := m.person.Mode != mode
	m.person.Mode = mode
	if err == nil && string(b) == m.asked {
		// The profile tells of every letter that is typed in it.
		if shows := fmt.Sprint(m.s.Profile.Standing(), m.s.Profile.Count(), m.Try); moded || shows != m.shows {
			m.shows = shows
			if moded && !m.Working {
				m.sift()
			}
			m.tell()
		}
		return
	}
	if m.cancel != nil {
		m.cancel()
	}
	m.gen++
	gen, o := m.gen, m.s.o
	ctx, cancel := context.WithCancel(m.s.ctx)
	m.asked, m.person, m.cancel = string(b), who, cancel
	m.Working, m.Done, m.Total = true, 0, 0
	moved := make(chan [2]int, 1)
	tell := func(done, total int) {
		select { // the last one counts
		case <-moved:
		default:
		}
		select {
		case moved <- [2]int{done, total}:
		default:
		}
	}
	var look func()
	look = func() {
		if gen != m.gen || !m.Working {
			return
		}
		select {
		case x := <-moved:
			m.Done, m.Total = x[0], x[1]
			m.tell()
		default:
		}
		o.Exec.After(200*time.Millisecond, look)
	}
	o.Exec.After(200*time.Millisecond, look)
	asked := m.asked
	ask, standing, person := m.s.Hidden.ask(), m.standing(who), m.s.Present.Person.ID
	var p *match.Profile
	var found []match.Found
	var later int
	var things map[int64]said
	o.Exec.Go(func() {
		defer cancel()
		if things, err = between(ctx, o.Private, person); err != nil {
			return
		}
		var hide *query.Hide
		if hide, err = ask(ctx); err != nil {
			return
		}
		p = match.New(who)
		found, later, err = o.Matching.Best(ctx, p, standing, hide, tell)
	}, func() {
		if gen != m.gen {
			return
		}
		m.Working, m.Loaded = false, true
		if m.Err = err; isNone(err) {
			m.Err = nil
		}
		if err != nil {
			m.asked = ""
		} else {
			m.profile, m.all, m.Later, m.said = p, found, later, things
			if m.rowsOf != asked {
				m.rowsOf, m.rows = asked, map[int64]*meant{}
			}
			m.sift()
			m.finish()
		}
		m.tell()
		m.s.Tell()
	})
	m.tell()
}

// Stop gives the finding up; what was found before stays.
func (m *Matches) Stop() {
	if m.cancel != nil && m.Working {
		m.cancel()
		m.gen++
		m.Working, m.Loaded, m.asked = false, true, ""
		m.Err = context.Canceled
		m.tell()
	}
}

// sift takes out of what was found what is refused, and in the strict way what is not close.
// The posting that was chosen stays chosen.
func (m *Matches) sift() {
	var at int64
	if m.At >= 0 && m.At < len(m.list) {
		at = m.list[m.At].ID
	}
	was := m.At
	m.list, m.ways, m.Gapped, m.At = nil, [2]int{}, false, -1
	for _, x := range m.all {
		if m.said[x.Number].gone() {
			continue
		}
		m.ways[0]++
		if x.Score.In(match.Strict) {
			m.ways[1]++
		}
		if x.Score.In(m.person.Mode) {
			if x.ID == at {
				m.At = len(m.list)
			}
			m.list = append(m.list, x)
		}
	}
	m.Chosen = slices.DeleteFunc(m.Chosen, func(id int64) bool {
		return !slices.ContainsFunc(m.list, func(x match.Found) bool { return x.ID == id })
	})
	switch {
	case len(m.list) == 0:
		m.Why = nil
	case m.At < 0:
		m.Select(min(max(was, 0), len(m.list)-1))
	default:
		m.explain()
	}
	if m.Pane == MatchGaps {
		m.count()
	}
}

// Count is how many there are in the way that is shown.
func (m *Matches) Count() int { return len(m.list) }

// Counts are how many there are in each of the two ways.
func (m *Matches) Counts() (inDefault, strict int) { return m.ways[0], m.ways[1] }

// Mode is the way that is shown.
func (m *Matches) Mode() match.Mode {
	if m.person.Mode == match.Strict {
		return match.Strict
	}
	return match.Default
}

// SetMode shows the other way at once, and writes it into the profile. Where other
// changes wait to be activated it is one of them, and what is shown a preview of them.
func (m *Matches) SetMode(mode match.Mode) {
	if mode == m.Mode() {
		return
	}
	p := m.s.Profile
	m.Try = true // until it is activated, which of a profile without other changes is right away
	p.SetMode(string(mode))
	m.profileMoved()
}

// SetTry shows what the changes would make that were not activated, or what is matched.
func (m *Matches) SetTry(on bool) {
	m.Try = on
	m.profileMoved()
}

// Suspended says that the account is not one that is matched, whatever its profile.
func (m *Matches) Suspended() bool {
	st := m.s.Present.Person.State
	return st != "" && st != account.Active && st != account.Warned
}

// Preview says why what is shown is one, and is not what employers see; "" where it is
// what the service matches.
func (m *Matches) Preview() string {
	w, p := m.s.words, m.s.Profile
	switch st := p.Standing(); {
	case m.Suspended():
		return w.S(i18n.MatchesSuspended)
	case st == ProfileDraft, st == ProfileInactive, st == ProfileLeaving:
		return w.S(i18n.MatchesInactive)
	case m.Try && st == ProfileChanged:
		return w.S(i18n.MatchesTry)
	case st == ProfileComing:
		return w.S(i18n.MatchesComing)
	}
	return ""
}

// Summary says of what they are: version, way, and how they were found.
func (m *Matches) Summary() string {
	w, p := m.s.words, m.s.Profile
	way := w.S(i18n.MatchesModeDefault)
	if m.Mode() == match.Strict {
		way = w.S(i18n.MatchesModeStrict)
	}
	if m.Preview() != "" {
		return join(w.N(i18n.MatchesWould, len(m.list)), way)
	}
	return join(w.N(i18n.MatchCount, len(m.list)), w.S(i18n.MatchesVersion, "N", w.Number(int(p.Version()))), way)
}

// Bare says that nothing of the profile could be matched.
func (m *Matches) Bare() bool { return m.profile != nil && len(m.profile.Empty()) == 4 }

// Empty are the sections that are empty, with where each is filled in.
func (m *Matches) Empty() (all []ProfileSection) {
	for _, s := range m.s.Profile.Sections() {
		if s.Empty && s.Field != "places" {
			all = append(all, s)
		}
	}
	return all
}

// Failure says why nothing was found, and what to do.
func (m *Matches) Failure() string {
	if errors.Is(m.Err, context.Canceled) {
		return m.s.words.S(i18n.MatchesStopped)
	}
	return PrivateProblem(m.s.words, m.Err)
}

// Express says that the person is a candidate of Express Entry.
func (m *Matches) Express() bool { return m.person.Express }

// Rows of the list are read a page at a time.
const matchPage = 20

// MatchLine is a line of the list.
type MatchLine struct {
	ID             int64
	Ready          bool // else it has not come yet
	Title, Who     string
	Percent, Stars int
	Met, Partly    int // requirements
	Missing        int
	Lacks          string // which are missing, or partly met; "" when none is
	Invited        string // what became of an invitation; "": there is none
	Chosen         bool   // for the gaps
}

// Row is the line at an index. One that has not come yet has its score alone, is asked for,
// and Rows is called once it is there.
func (m *Matches) Row(i int) MatchLine {
	if i < 0 || i >= len(m.list) {
		return MatchLine{}
	}
	x := m.list[i]
	l := MatchLine{ID: x.ID, Percent: int(x.Score.Percent), Stars: x.Score.Stars(), Chosen: slices.Contains(m.Chosen, x.ID)}
	if st := m.said[x.Number].State; st != "" {
		l.Invited = m.s.invitedWord(st)
	}
	r := m.rows[x.ID]
	if r == nil {
		m.read(i)
		return l
	}
	if !r.come {
		return l
	}
	w := m.s.words
	l.Ready, l.Title = true, m.title(r.post.Card)
	l.Who = join(r.post.Employer, PlaceLine(w, r.post.Place, query.Near{}))
	var lacks, partly []string
	for _, p := range r.says.Parts {
		name := m.s.Asked(p.Kind, p.IDs, p.Level, "")
		switch {
		case p.Text != "" || !p.Stated:
		case p.State == match.Met:
			l.Met++
		case p.State == match.Partly:
			l.Partly++
			partly = append(partly, name)
		case p.State == match.Missing:
			l.Missing++
			lacks = append(lacks, name)
		}
	}
	some := func(k i18n.Key, names []string) string {
		if n := len(names) - 2; n > 0 {
			return w.S(k, "What", w.N(i18n.MatchesMore, n, "What", strings.Join(names[:2], ", ")))
		}
		return w.S(k, "What", strings.Join(names, ", "))
	}
	switch {
	case len(lacks) > 0:
		l.Lacks = some(i18n.MatchesLacks, lacks)
	case len(partly) > 0:
		l.Lacks = some(i18n.MatchesPartly, partly)
	default:
		l.Lacks = w.S(i18n.MatchesWhole)
	}
	return l
}

// title is what a posting is called; its number where nothing else may be told.
func (m *Matches) title(c posting.Card) string {
	if t := Head(c, m.s.Lang()).Title; t != "" {
		return t
	}
	return Number(m.s.words, c.Number)
}

// read reads the page of an index.
func (m *Matches) read(i int) {
	from := i / matchPage * matchPage
	if len(m.rows) > 20*matchPage {
		m.rows = map[int64]*meant{}
	}
	var todo []*meant
	for _, x := range m.list[from:min(from+matchPage, len(m.list))] {
		if m.rows[x.ID] == nil {
			r := &meant{}
			r.post.ID, r.post.Number = x.ID, x.Number
			m.rows[x.ID], todo = r, append(todo, r)
		}
	}
	gen, p, cat, now := m.gen, m.profile, m.s.o.Catalogue, m.s.Now()
	got := make([]meant, len(todo))
	m.s.o.Exec.Go(func() {
		for k, r := range todo {
			post, err := cat.Posting(m.s.ctx, r.post.ID, now)
			if err != nil {
				got[k].post = r.post // it has just gone: the next finding leaves it out
				continue
			}
			got[k] = meant{post: post, says: p.Explain(post)}
		}
	}, func() {
		for k, r := range todo {
			switch {
			case gen == m.gen:
				*r = got[k]
				r.come = true
			case m.rows[r.post.ID] == r:
				delete(m.rows, r.post.ID) // it is asked for again
			}
		}
		if m.Rows != nil {
			m.Rows()
		}
	})
}

// Select chooses a line, and says why it is there.
func (m *Matches) Select(i int) {
	if i < 0 || i >= len(m.list) || i == m.At && m.Why != nil {
		return
	}
	m.At = i
	m.explain()
	m.tell()
}

func (m *Matches) explain() {
	if m.At < 0 || m.At >= len(m.list) || m.profile == nil {
		return
	}
	id := m.list[m.At].ID
	m.opened++
	opened, p, cat, now, standing := m.opened, m.profile, m.s.o.Catalogue, m.s.Now(), m.standing(m.person)
	if m.Why != nil && m.Why.Card.ID != id {
		m.Why = nil
	}
	var x Meeting
	var err error
	m.s.o.Exec.Go(func() {
		var post posting.Posting
		if post, err = cat.Posting(m.s.ctx, id, now); err == nil {
			x = meeting(p, post, standing, now)
		}
	}, func() {
		if opened != m.opened {
			return
		}
		if m.Fault = err; err == nil {
			m.Why = &x
		}
		m.tell()
	})
}

// Meeting is how a posting suits a profile, requirement by requirement.
type Meeting struct {
	Card  posting.Card
	Says  match.Explanation
	Steps []match.Step // what would raise it
	Bar   match.Bar    // why the two may not be matched; "": they may
	fr    bool         // the posting's lines are there in French, in English
	en    bool
}

func meeting(p *match.Profile, post posting.Posting, who match.Standing, now time.Time) Meeting {
	x := Meeting{Card: post.Card, Says: p.Explain(post), Steps: p.Raise(post), Bar: match.Eligible(who, post.Card, now)}
	for _, t := range post.Texts {
		x.fr, x.en = x.fr || t.Lang == i18n.French, x.en || t.Lang == i18n.English
	}
	return x
}

// MeetingLine is a requirement, in words.
type MeetingLine struct {
	State   match.State
	Text    string // the requirement
	Verdict string
	Points  string // "16 of 16"; "": it weighs nothing
	Gain    string // what meeting it would add; "": nothing, or nothing can be said in a profile
	Add     *Wanted
}

// Wanted is what a profile could say: any one of IDs, or a level.
type Wanted struct {
	Kind  match.Kind
	IDs   []string
	Level int
}

// Lines are the requirements of a posting, with what each one adds and could add.
func (m *Matches) Lines(x *Meeting) (all []MeetingLine) {
	w := m.s.words
	for _, p := range x.Says.Parts {
		if p.Lang != "" && p.Lang != w.Lang() && (w.Lang() == i18n.French && x.fr || w.Lang() == i18n.English && x.en) {
			continue // the same line stands in the person's language
		}
		l := MeetingLine{State: p.State, Text: m.s.Requirement(p.Kind, p.IDs, p.Level, p.Text), Verdict: Verdict(w, p.State)}
		if p.Of > 0 {
			l.Points = w.S(i18n.MatchPoints, "Points", p.Points, "Of", p.Of)
		}
		if p.Text != "" {
			l.Verdict = w.S(i18n.MatchesUntied)
		} else if !p.Stated && p.State == match.Met {
			l.Verdict = w.S(i18n.MatchesUnasked)
		} else if !p.Stated {
			l.Verdict = w.S(i18n.MatchesUnsaid)
		}
		kind := p.Kind
		if kind == match.Work {
			kind = match.Experience // the two are raised as one
		}
		for _, st := range x.Steps {
			if p.Kind != match.Experience && st.Kind == kind && slices.Equal(st.IDs, p.IDs) && p.Text == "" {
				l.Gain = w.S(i18n.MatchesGain, "Points", st.Gain)
				l.Add = &Wanted{st.Kind, st.IDs, st.Level}
			}
		}
		all = append(all, l)
	}
	return all
}

// Posting is the one that a meeting is about, whole; false: it has gone meanwhile.
func (m *Matches) Posting(x *Meeting) (posting.Posting, bool) {
	if r := m.rows[x.Card.ID]; r != nil && r.come {
		return r.post, true
	}
	return m.page, m.page.ID == x.Card.ID
}

// Best reads the first n of the list, to print them; done is not called once the list is of
// another profile, or another person's.
func (m *Matches) Best(n int, done func(found []match.Found, cards []posting.Card)) {
	found, gen := m.list[:min(n, len(m.list))], m.gen
	var ids []int64
	for _, f := range found {
		ids = append(ids, f.ID)
	}
	var cards []posting.Card
	var err error
	m.s.o.Exec.Go(func() { cards, err = m.s.o.Catalogue.Cards(m.s.ctx, ids) }, func() {
		if m != m.s.Matches || gen != m.gen {
			return
		}
		if m.Fault = err; err != nil {
			m.tell()
			return
		}
		done(found, cards)
	})
}

// Sum is the total of the points.
func (m *Matches) Sum(x *Meeting) string {
	of := 0
	for _, p := range x.Says.Parts {
		of += p.Of
	}
	return m.s.words.S(i18n.MatchPoints, "Points", x.Says.Percent, "Of", of)
}

// Meet says how a posting that is read elsewhere suits the profile, if there is one.
func (m *Matches) Meet(p posting.Posting) {
	m.page, m.hereOf = p, "" // the catalogue may say something else of it now
	if m.Here != nil && m.Here.Card.ID != p.ID {
		m.Here = nil
	}
	switch {
	case !m.Offered() || p.ID == 0:
		m.Here = nil
	case !m.s.Profile.Loaded:
		m.s.Profile.Load()
	default:
		m.meet()
	}
}

func (m *Matches) meet() {
	who, post, now := m.Basis(), m.page, m.s.Now()
	standing := m.standing(who)
	of := fmt.Sprint(post.ID, who) // a map of it is written in order
	if m.Here != nil && m.hereOf == of {
		return
	}
	m.met++
	met := m.met
	var x *Meeting
	m.s.o.Exec.Go(func() {
		if p := match.New(who); len(p.Empty()) < 4 {
			one := meeting(p, post, standing, now)
			x = &one
		}
	}, func() {
		if m != m.s.Matches || met != m.met {
			return
		}
		m.Here, m.hereOf = x, of
		m.s.Posting.tell()
	})
}
