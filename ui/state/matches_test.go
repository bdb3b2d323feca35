package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/match"
	"passerelle/store/posting"
	"passerelle/store/query"
	"passerelle/store/record"
	"passerelle/sync/replica/replicatest"
	"passerelle/sync/session"
	"passerelle/sync/wire"
)

// pond finds among postings that a test can change; err is what it answers instead.
type pond struct {
	all   []posting.Posting
	err   error
	asked int
	hold  func() // before it answers
}

func (p *pond) Best(ctx context.Context, who *match.Profile, st match.Standing, hide *query.Hide, tell func(int, int)) ([]match.Found, int, error) {
	p.asked++
	if p.hold != nil {
		p.hold()
	}
	var pool match.Pool
	for i, x := range p.all {
		pool.Add(x)
		if tell != nil && i%100 == 0 {
			tell(i, len(p.all))
		}
	}
	found, later, err := who.Best(ctx, &pool, st, noon, hide.Has)
	return found, later, errors.Join(err, p.err)
}

const cooking = `"places":["CA"],"experience":{"63200":"6","65201":"6","64100":"6","14101":"5"},"skills":["ps:prepare-and-cook-full-dishes"],"education":["3"]`

// matching is a desktop at which ada sits, with a profile that is doc.
func matching(t *testing.T, l i18n.Lang, doc string) (*desktop, *replicatest.Records, *pond) {
	t.Helper()
	d, r := signedIn(t, l)
	_, all := library(t)
	p := &pond{all: all}
	box := &drawer{dir: t.TempDir()}
	must(t, box.open())
	t.Cleanup(func() { box.file.Close() })
	d.o.Matching, d.o.Mine = p, box
	if doc != "" {
		must(t, r.Synced(t.Context(), "profile", mine.Partition, "ada", map[string]string{mine.Record: doc}))
	}
	d.Matches.Load()
	d.hand.run()
	return d, r, p
}

func cookActive(more string) string {
	return `{` + cooking + more + `,"mode":"default","state":"active","version":1,"active":{` + cooking + more + `,"mode":"default"}}`
}

// What is found is of the activated version; edits that are not activated change nothing of
// it, and are seen as a preview when it is asked for. Each standing says whether what is
// shown is a preview.
//
// Rows
func TestMatchesOfWhatIsActive(t *testing.T) {
	d, _, _ := matching(t, i18n.English, cookActive(""))
	m, p := d.Matches, d.Profile
	before := m.Count()
	if before == 0 || m.Preview() != "" {
		t.Fatalf("%d are found, %q", before, m.Preview())
	}
	percent := m.Row(0).Percent
	p.Tick("places", "CA", false)
	p.Tick("places", "PE", true)
	d.hand.run()
	if m.Count() != before || m.Row(0).Percent != percent {
		t.Errorf("an edit that is not activated: %d of %d", m.Count(), before)
	}
	m.SetTry(true)
	d.hand.run()
	if m.Count() >= before || m.Preview() != d.Words().S(i18n.MatchesTry) {
		t.Errorf("the preview of it: %d of %d, %q", m.Count(), before, m.Preview())
	}
	m.SetTry(false)
	d.hand.run()
	if m.Count() != before {
		t.Errorf("back: %d of %d", m.Count(), before)
	}
	inDefault, strict := m.Counts()
	m.SetMode(match.Strict) // beside another change it is one more of them
	d.hand.run()
	if !m.Try || m.Mode() != match.Strict || p.Count() != 2 {
		t.Errorf("the other way beside a change: preview %v, %s, %d changes", m.Try, m.Mode(), p.Count())
	}
	p.Tick("places", "PE", false)
	p.Tick("places", "CA", true)
	d.hand.run()
	if m.Count() != strict || strict == 0 || strict >= inDefault {
		t.Errorf("of %d in the strict way %d are shown", strict, m.Count())
	}
	p.Activate()
	d.hand.run()
	if m.Try || m.Mode() != match.Strict || m.Count() != strict || m.Preview() != d.Words().S(i18n.MatchesComing) {
		t.Errorf("activated: %v, %s, %d, %q", m.Try, m.Mode(), m.Count(), m.Preview())
	}
	m.SetMode(match.Default) // nothing else waits: it is activated with it
	d.hand.run()
	if m.Try || m.Mode() != match.Default || m.Count() != inDefault || p.Count() != 0 {
		t.Errorf("the way alone: %v, %s, %d of %d, %d changes", m.Try, m.Mode(), m.Count(), inDefault, p.Count())
	}
	p.Deactivate()
	d.hand.run()
	if m.Count() != inDefault || m.Preview() != d.Words().S(i18n.MatchesInactive) {
		t.Errorf("at rest: %d, %q", m.Count(), m.Preview())
	}
	d.Present.Person.State = account.Suspended
	if !m.Suspended() || m.Preview() != d.Words().S(i18n.MatchesSuspended) {
		t.Errorf("of a suspended account: %q", m.Preview())
	}
}

// A profile that says nothing is told which sections are empty, and where to fill them; one of
// them changes what is said.
//
// Rows: A-058
func TestMatchesBare(t *testing.T) {
	d, _, _ := matching(t, i18n.French, `{"places":["QC"],"mode":"default"}`)
	m := d.Matches
	if !m.Bare() || m.Count() != 0 || len(m.Empty()) != 4 {
		t.Fatalf("nothing is said, and %d are found; %+v", m.Count(), m.Empty())
	}
	for _, s := range m.Empty() {
		if s.Page == "" || s.Label == "" {
			t.Errorf("%+v leads nowhere", s)
		}
	}
	d.Profile.AddWork("64100", "6")
	d.hand.run()
	if m.Bare() || len(m.Empty()) != 3 || m.Count() == 0 {
		t.Errorf("with one section, %v, %d, %+v", m.Bare(), m.Count(), m.Empty())
	}
}

// An Express Entry candidate is matched only with what was shown for more than 30 days, and
// told how many more suit.
//
// Rows: A-057
func TestMatchesOfExpressEntry(t *testing.T) {
	d, _, _ := matching(t, i18n.French, cookActive(""))
	all := d.Matches.Count()
	e, _, _ := matching(t, i18n.French, cookActive(`,"express":true`))
	m := e.Matches
	if !m.Express() || m.Count()+m.Later != all || m.Later == 0 {
		t.Errorf("of %d that suit, %d are matched and %d are not old enough", all, m.Count(), m.Later)
	}
	for i := range m.Count() {
		m.Select(i)
		e.hand.run()
		if m.Why == nil || match.Shown(m.Why.Card, 0, noon) <= 30 {
			t.Errorf("line %d was shown for %d days", i, match.Shown(m.Why.Card, 0, noon))
		}
	}
}

// state of the one record between ada and a posting.
func between1(t *testing.T, r *replicatest.Records, number int64) string {
	t.Helper()
	x, err := r.Get(t.Context(), cache.Ref{Partition: "person/ada", Kind: "match", Record: record.MatchOf("ada", number)})
	if errors.Is(err, cache.ErrNotFound) {
		return ""
	}
	must(t, err)
	k, _ := record.Find("match")
	return k.State(x.Doc)
}

// A refused posting is gone at once, from every count; it can be taken back for a moment, and,
// without a network, until it has left. What was refused just before the program ended is
// still refused when the next one begins, and is told to the server then. What the employer
// refused is gone, too.
//
// Rows: A-063
func TestRefuse(t *testing.T) {
	d, r, _ := matching(t, i18n.French, cookActive(""))
	m := d.Matches
	all := m.Count()
	number := func(i int) int64 { return m.list[i].Number }
	first := number(0)
	m.Refuse(0)
	d.hand.run()
	if m.Count() != all-1 || number(0) == first || between1(t, r, first) != "preview" || m.Last == nil {
		t.Fatalf("refused: %d of %d, %q", m.Count(), all, between1(t, r, first))
	}
	if _, gone := m.said[first]; !gone || len(m.Refused()) != 1 || !m.Refused()[0].Can {
		t.Errorf("the list of what is refused is %+v", m.Refused())
	}
	m.Back()
	d.hand.run()
	if m.Count() != all || between1(t, r, first) != "" || m.Last != nil {
		t.Errorf("taken back: %d of %d, %q", m.Count(), all, between1(t, r, first))
	}

	m.Refuse(0)
	d.hand.run()
	d.hand.pass(second)
	d.hand.run()
	if between1(t, r, first) != "refused" || m.Last != nil || m.Count() != all-1 {
		t.Errorf("after a moment it is %q", between1(t, r, first))
	}
	m.TakeBack(first) // nothing has left yet
	d.hand.run()
	if between1(t, r, first) != "" || m.Count() != all {
		t.Errorf("taken back before it left: %q, %d of %d", between1(t, r, first), m.Count(), all)
	}

	m.Refuse(0)
	d.hand.run()
	m.leave() // the program ends
	d.Matches = newMatches(d.State)
	m = d.Matches
	m.Load()
	d.hand.run()
	if m.Count() != all-1 || between1(t, r, first) != "refused" {
		t.Errorf("after a kill: %d of %d, %q", m.Count(), all, between1(t, r, first))
	}
	for range 3 {
		must(t, r.Answer(t.Context(), func(c cache.Mutation) cache.Result {
			return cache.Result{Outcome: string(wire.Applied), Ver: c.Base + 1}
		}))
	}
	m.Load()
	d.hand.run()
	if x := m.Refused(); len(x) != 1 || x[0].Can || x[0].State != d.Words().S(i18n.MatchesRefusedTold) {
		t.Errorf("once the server knows: %+v", x)
	}
	m.TakeBack(first)
	d.hand.run()
	if between1(t, r, first) != "refused" {
		t.Errorf("what has left was taken back: %q", between1(t, r, first))
	}

	second := number(0)
	must(t, r.Synced(t.Context(), "match", "person/ada", "bank", map[string]string{
		record.MatchOf("ada", second):    fmt.Sprintf(`{"number":%d,"state":"refused","by":"employer"}`, second),
		record.MatchOf("ada", number(1)): fmt.Sprintf(`{"number":%d,"state":"invited","code":"K7P4-2QXM"}`, number(1)),
	}))
	invited := number(1)
	d.recordsMoved()
	d.hand.run()
	if m.Count() != all-2 || number(0) != invited || m.Row(0).Invited == "" {
		t.Errorf("the employer refused one and invited to another: %d of %d, %+v", m.Count(), all, m.Row(0))
	}
	if !m.Final(0) || m.Final(1) {
		t.Error("what is final is not known beforehand")
	}
	m.Refuse(0)
	d.hand.run()
	if between1(t, r, invited) != "refused" || m.Last != nil || m.Count() != all-3 {
		t.Errorf("an invitation is refused: %q", between1(t, r, invited))
	}
	if x := m.Problem(); x != "" {
		t.Errorf("it says %q", x)
	}
}

// What is lacking over chosen postings is counted, and becomes a target of learning or a line
// of the profile. Targets are there after a kill, and no change of a record holds one.
//
// Rows
func TestGaps(t *testing.T) {
	d, r, _ := matching(t, i18n.French, cookActive(""))
	m := d.Matches
	m.Choose(0)
	m.Choose(2)
	m.Open(MatchGaps)
	d.hand.run()
	who := match.New(m.Basis())
	var posts []posting.Posting
	for _, i := range []int{0, 2} {
		x, err := d.Catalogue().Posting(t.Context(), m.list[i].ID, noon)
		must(t, err)
		posts = append(posts, x)
	}
	want := who.Gaps(posts)
	lines := m.GapLines()
	if len(lines) != len(want) || len(want) == 0 || m.Of != 2 {
		t.Fatalf("%d gaps over %d postings, want %d over 2", len(lines), m.Of, len(want))
	}
	for i, l := range lines {
		if l.Want.Kind != want[i].Kind || !slices.Equal(l.Want.IDs, want[i].IDs) || l.Text == "" || l.Asked == "" {
			t.Errorf("gap %d is %+v, want %+v", i, l, want[i])
		}
	}
	m.SetTarget(lines[0].Want)
	m.SetTarget(lines[0].Want) // once
	m.SetTarget(lines[1].Want)
	d.hand.run()
	if len(m.Targets) != 2 || !m.GapLines()[0].Targeted || m.Unkept != nil {
		t.Fatalf("targets are %+v (%v)", m.Targets, m.Unkept)
	}
	m.Reach(m.Targets[0], true)
	d.hand.run()
	m.DropTarget(m.Targets[0])
	d.hand.run()
	if len(m.Targets) != 1 || m.Dropped == nil {
		t.Errorf("one was removed: %+v", m.Targets)
	}
	m.BackTarget()
	d.hand.run()
	d.Matches = newMatches(d.State) // killed
	m = d.Matches
	m.Load()
	d.hand.run()
	if len(m.Targets) != 2 || m.Targets[0].Done || !m.Targets[1].Done || m.Targets[1].Text == "" {
		t.Errorf("after a kill, targets are %+v", m.Targets)
	}
	i := slices.IndexFunc(want, func(g match.Gap) bool { return g.Kind == match.Skill })
	m.Have(Wanted{match.Skill, want[i].IDs, 0})
	d.hand.run()
	if !d.Profile.Has("skills", want[i].IDs[0]) {
		t.Error("what the person has is not in the profile")
	}
	waits, err := r.Outbox(t.Context())
	must(t, err)
	for _, c := range waits {
		b, err := json.Marshal(c)
		must(t, err)
		if c.Kind != "profile" || strings.Contains(string(b), "target") {
			t.Errorf("it leaves: %s", b)
		}
	}
	box := d.o.Mine.(*drawer)
	box.err = session.ErrLocked
	m.SetTarget(Wanted{match.Education, nil, 5})
	d.hand.run()
	if MineProblem(d.Words(), m.Unkept) == "" || len(m.Targets) != 2 {
		t.Errorf("it cannot be kept: %v, %+v", m.Unkept, m.Targets)
	}
}

// An answer to an older question is dropped: the profile changed meanwhile, it was stopped,
// another person sits down. What cannot be found is said, and can be asked again.
func TestMatchesDropStale(t *testing.T) {
	d, r, p := matching(t, i18n.French, cookActive(""))
	m := d.Matches
	all := m.Count()
	p.hold = func() {
		p.hold = nil
		must(t, r.Synced(t.Context(), "profile", mine.Partition, "ada", map[string]string{mine.Record: `{"places":["NU"],"experience":{"10010":"3"},"mode":"default","state":"active","version":2,
			"active":{"places":["NU"],"experience":{"10010":"3"},"mode":"default"}}`}))
		d.Profile.Load()
		for len(d.hand.jobs) > 0 { // it is answered first
			j := d.hand.jobs[0]
			d.hand.jobs = d.hand.jobs[1:]
			j.work()
			j.done()
		}
	}
	m.Load()
	d.hand.run()
	if m.Count() == all || m.Working {
		t.Errorf("the older answer stands: %d", m.Count())
	}
	p.err = errors.New("the disk is on fire")
	m.Load()
	d.hand.run()
	if m.Err == nil || m.Failure() == "" {
		t.Errorf("it failed, and says %q", m.Failure())
	}
	p.err = nil
	m.Load()
	m.Stop()
	if m.Working || !errors.Is(m.Err, context.Canceled) || m.Failure() != d.Words().S(i18n.MatchesStopped) {
		t.Errorf("stopped: %v, %v", m.Working, m.Err)
	}
	d.hand.run()
	if !errors.Is(m.Err, context.Canceled) {
		t.Error("what was stopped answers")
	}
	m.Load()
	was := m
	d.fresh() // somebody else comes
	d.hand.run()
	if d.Matches == was || d.Matches.Count() != 0 || d.Matches.Loaded {
		t.Errorf("the next person sees %d", d.Matches.Count())
	}
	asked := p.asked
	d.CatalogueChanged()
	d.hand.run()
	if p.asked != asked {
		t.Error("matches that nobody looks at are found")
	}
	d.Matches.Load()
	d.hand.run()
	asked = p.asked
	d.CatalogueChanged()
	d.hand.run()
	if p.asked == asked {
		t.Error("a sync brought other postings, and nobody asked")
	}
}
