package state

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/cache"
	"passerelle/store/record"
	"passerelle/store/skill"
)

// ProfilePage is a page of the profile.
type ProfilePage string

// Pages, in the order in which they are filled in.
const (
	ProfilePlaces      ProfilePage = "places"
	ProfileExperience  ProfilePage = "experience" // and skills
	ProfileEducation   ProfilePage = "education"
	ProfileCredentials ProfilePage = "credentials"
	ProfileOverview    ProfilePage = "overview" // where it is reviewed, activated, and its mode chosen
)

var profilePages = []ProfilePage{ProfilePlaces, ProfileExperience, ProfileEducation, ProfileCredentials, ProfileOverview}

// ProfileStanding is what a profile is, for the person and for whoever is to match it.
type ProfileStanding string

// Standings.
const (
	ProfileDraft    ProfileStanding = "draft"
	ProfileComing   ProfileStanding = "coming" // activated here; the service has yet to hear of it
	ProfileActive   ProfileStanding = "active"
	ProfileChanged  ProfileStanding = "changed" // active, and edited since
	ProfileInactive ProfileStanding = "inactive"
	ProfileLeaving  ProfileStanding = "leaving" // put to rest here; the service has yet to hear of it
	// ProfileSuspended is active, or was, in an account that is suspended: nothing is matched.
	ProfileSuspended ProfileStanding = "suspended"
)

// Profile is what a person is matched by, as they write it: a working copy, kept at
// each touch, beside the version that they activated. All of it works without a network.
type Profile struct {
	s *State

	Page    ProfilePage
	Walking bool // for the first time, from step to step
	Loaded  bool
	Err     error
	Saved   time.Time // when something was last kept since the program began; zero: nothing was
	Saving  bool

	// Problem is why something was not taken, of the field ProblemOf.
	Problem, ProblemOf string
	Refused            bool // the service did not take a change of it: the outbox says which
	Conflicts          int  // fields that wait for the person to choose
	Express            bool // the account was validated by Express Entry

	Finders    map[string]*Finder // by what is looked for: FindPlace and its like
	More       bool               // the field that adds skills is open
	Suggesting *Suggesting        // what is being suggested; nil: nothing

	// Changed tells whoever draws. Nil is fine.
	Changed func()

	ref         cache.Ref
	doc         record.Doc // the working copy, with what is yet to be written
	said        record.Doc // what the service said last; nil: nothing
	edits       []func(record.Doc)
	then        func() // to be done once everything is written
	suggestions []cache.Record
	asked       bool   // whether the account is of Express Entry
	opens       func() // what was asked for before it was read
	gen         int
}

// What can be looked for.
const (
	FindPlace      = "place"
	FindTitle      = "title"
	FindSkill      = "skill"
	FindCredential = "credential"
)

// Finder completes what a person types with what the lists have, in both languages. Nothing
// typed becomes part of the profile, only what is chosen.
type Finder struct {
	Text  string
	Found []Listed
	Done  bool // the lists were asked for this text
	gen   int
}

// Listed is one that can be chosen.
type Listed struct {
	Value string // as the record keeps it
	Text  string
	Note  string // the same in the other language, or the occupation of a title
}

// Suggesting is a word that the lists lack, on its way to whoever keeps them (A-073, A-074,
// It never becomes part of the profile.
type Suggesting struct {
	What     string // "skill", "credential", "title" or "study"
	NOC      string // the title that it belongs to; "": none
	Category string // the part of the list
	Text     string
	Err      string
	Busy     bool
}

const profileKind = "profile"

func newProfile(s *State) *Profile {
	return &Profile{s: s, Page: ProfileOverview, Finders: map[string]*Finder{FindPlace: {}, FindTitle: {}, FindSkill: {}, FindCredential: {}}}
}

func (p *Profile) tell() {
	p.s.Matches.profileMoved()
	if p.Changed != nil {
		p.Changed()
	}
}

// Offered says whether there can be a profile: somebody is signed in whose records are kept.
func (p *Profile) Offered() bool {
	_, ok := p.s.o.Private.(Editor)
	return ok && p.s.Present.Signed()
}

// reading is what was read of a profile.
type reading struct {
	found       bool
	rec         cache.Record
	said        record.Doc
	refused     bool
	suggestions []cache.Record
}

// readProfile reads the profile of a person, which may have been begun by a program that
// named it otherwise.
func readProfile(ctx context.Context, p Private, person string) (r reading, err error) {
	home := "person/" + person
	own := func(kind string) (mine []cache.Record) {
		var all []cache.Record
		if err == nil {
			all, err = p.List(ctx, kind)
		}
		return slices.DeleteFunc(all, func(x cache.Record) bool { return x.Partition != home })
	}
	all := own(profileKind)
	suggestions, messages := own("suggestion"), own("message")
	if err != nil {
		return r, err
	}
	r.suggestions = append(suggestions, slices.DeleteFunc(messages, func(x cache.Record) bool { return str(x.Doc, "topic") != "suggestion" })...)
	slices.SortFunc(r.suggestions, func(a, b cache.Record) int { return strings.Compare(b.Record, a.Record) }) // newest first
	slices.SortFunc(all, func(a, b cache.Record) int { return strings.Compare(a.Record, b.Record) })
	at := slices.IndexFunc(all, func(x cache.Record) bool { return x.Record == record.ProfileOf(person) })
	if at < 0 && len(all) > 0 {
		at = 0
	}
	if at < 0 {
		r.rec.Ref, r.rec.Doc = cache.Ref{Partition: home, Kind: profileKind, Record: record.ProfileOf(person)}, record.Doc{}
		return r, nil
	}
	r.found, r.rec = true, all[at]
	if edit, ok := p.(Editor); ok {
		if r.said, err = edit.Said(ctx, r.rec.Ref); errors.Is(err, cache.ErrNotFound) {
			err = nil
		}
	}
	waits, e := p.Outbox(ctx)
	r.refused = slices.ContainsFunc(waits, func(m cache.Mutation) bool { return m.Ref == r.rec.Ref && m.State == cache.Parked })
	return r, errors.Join(err, e)
}

func str(d record.Doc, field string) (s string) {
	_ = json.Unmarshal(d[field], &s) // what is no text is none
	return s
}

// Load reads the profile, and, the first time, where the person left off.
func (p *Profile) Load() {
	if !p.Offered() {
		p.Loaded = true
		p.tell()
		return
	}
	p.express()
	if p.Saving {
		return // it is read again after that
	}
	p.gen++
	gen, first, person, d, private := p.gen, !p.Loaded, p.s.Present.Person.ID, p.s.o.Device, p.s.o.Private
	var r reading
	var err error
	at := ""
	p.s.o.Exec.Go(func() {
		if r, err = readProfile(p.s.ctx, private, person); err == nil && first && d != nil {
			at, _ = d.Setting(p.s.ctx, cache.ProfileAt) // else it begins where it would
		}
	}, func() {
		if gen != p.gen {
			return
		}
		p.Loaded, p.Err = true, err
		if err == nil {
			p.take(r)
			if first {
				p.resume(at, r.found)
			}
			if f := p.opens; f != nil {
				p.opens = nil
				f()
			}
		}
		if len(p.edits) > 0 {
			p.flush() // what could not be written before
		}
		p.tell()
		p.s.Tell()
	})
}

// express asks once whether the account is one of Express Entry.
func (p *Profile) express() {
	if p.asked || p.s.o.Accounts == nil {
		return
	}
	p.asked = true
	var yes bool
	p.s.o.Exec.Go(func() {
		me, _, err := p.s.o.Accounts.Me(p.s.ctx)
		yes = err == nil && me.Express
	}, func() {
		if p.Express != yes {
			p.Express = yes
			p.tell()
		}
	})
}

func (p *Profile) take(r reading) {
	p.ref, p.doc, p.said = r.rec.Ref, record.Apply(r.rec.Doc, nil), r.said
	p.Refused, p.Conflicts, p.suggestions = r.refused, r.rec.Conflicts, r.suggestions
	for _, f := range p.edits {
		f(p.doc)
	}
}

// resume goes on where the person left off; whoever has no profile begins one.
func (p *Profile) resume(at string, found bool) {
	page, walking := strings.CutPrefix(at, "walk ")
	if slices.Contains(profilePages, ProfilePage(page)) {
		p.Page, p.Walking = ProfilePage(page), walking
		return
	}
	if p.Page = ProfileOverview; !found {
		p.Page, p.Walking = ProfilePlaces, true
		p.s.Remember(cache.ProfileAt, "walk "+string(p.Page)) // also if the program ends on this page
	}
}

// Open turns to a page, which a later run of the program comes back to.
func (p *Profile) Open(page ProfilePage) {
	p.Page, p.Problem, p.ProblemOf, p.More, p.Suggesting = page, "", "", false, nil
	for _, f := range p.Finders {
		f.clear()
	}
	at := string(page)
	if p.Walking {
		at = "walk " + at
	}
	p.s.Remember(cache.ProfileAt, at)
	p.tell()
}

// Next goes on: to the next step of who fills it in for the first time, else to the overview.
func (p *Profile) Next() {
	i := slices.Index(profilePages, p.Page)
	if !p.Walking || i < 0 || i+1 == len(profilePages) {
		p.Open(ProfileOverview)
		return
	}
	p.Open(profilePages[i+1])
}

// Before goes back a step.
func (p *Profile) Before() {
	if i := slices.Index(profilePages, p.Page); i > 0 {
		p.Open(profilePages[i-1])
	}
}

// Finish ends the walk.
func (p *Profile) Finish() {
	p.Walking = false
	p.Open(ProfileOverview)
}

// Steps are the names of the seven steps, and which is at hand, from 1. The first
// two, coming here and the account, are behind whoever reads this.
func (p *Profile) Steps() (names []string, at int) {
	w := p.s.words
	for _, k := range []i18n.Key{i18n.ProfileStepSite, i18n.ProfileStepAccount, i18n.ProfileStepPlaces, i18n.ProfileStepWork,
		i18n.ProfileStepReview, i18n.ProfileStepActivate, i18n.ProfileStepMode} {
		names = append(names, w.S(k))
	}
	switch {
	case p.Page == ProfilePlaces:
		at = 3
	case p.Page != ProfileOverview:
		at = 4
	case p.Standing() != ProfileDraft:
		at = 7
	case len(p.Missing()) == 0 && !p.Bare():
		at = 6
	default:
		at = 5
	}
	return names, at
}

// kind is that of the record.
func (p *Profile) kind() record.Kind { k, _ := record.Find(profileKind); return k }

// edit changes a field, in what is shown at once and on the disk right after.
func (p *Profile) edit(field string, f func(record.Doc)) bool {
	next := record.Apply(p.doc, nil)
	f(next)
	for _, x := range p.kind().Verify(next, false) {
		if x.Field == field || strings.HasPrefix(x.Field, field+".") {
			p.Problem, p.ProblemOf = p.s.words.S(x.Code.Key()), field
			p.tell()
			return false
		}
	}
	p.doc, p.Problem, p.ProblemOf = next, "", ""
	p.edits = append(p.edits, f)
	p.flush()
	p.tell()
	return true
}

// flush writes what was changed, on what stands then: a sync may have brought more meanwhile.
func (p *Profile) flush() {
	edit, ok := p.s.o.Private.(Editor)
	if p.Saving || !ok || p.ref.Record == "" {
		return
	}
	todo, person, private, ref := p.edits, p.s.Present.Person.ID, p.s.o.Private, p.ref
	p.edits, p.Saving = nil, true
	p.gen++
	var r reading
	var err error
	p.s.o.Exec.Go(func() {
		var now cache.Record
		if now, err = private.Get(p.s.ctx, ref); errors.Is(err, cache.ErrNotFound) {
			now.Doc, err = record.Doc{}, nil
		}
		if err != nil {
			return
		}
		doc := record.Apply(now.Doc, nil)
		for _, f := range todo {
			f(doc)
		}
		if doc["mode"] == nil {
			doc["mode"] = json.RawMessage(`"default"`) // until another is chosen, after the activation
		}
		if err = edit.Put(p.s.ctx, ref, doc); err == nil {
			r, err = readProfile(p.s.ctx, private, person)
		}
	}, func() {
		p.Saving, p.Err = false, err
		if err != nil { // what was changed stays on the screen, and is written the next time
			p.edits, p.then = append(todo, p.edits...), nil
			p.tell()
			return
		}
		p.Saved = p.s.Now()
		p.take(r)
		then := p.then
		switch {
		case len(p.edits) > 0:
			p.flush()
		case then != nil:
			p.then = nil
			then()
		}
		p.tell()
		p.s.Tell()
	})
}

// Retry reads again, and writes what could not be written.
func (p *Profile) Retry() { p.Load() }

// After does something once everything is written.
func (p *Profile) after(f func()) {
	if p.Saving || len(p.edits) > 0 {
		p.then = f
		return
	}
	f()
}

// set puts an element into a list, or takes it out.
func (p *Profile) set(field, value string, on bool) bool {
	return p.edit(field, func(d record.Doc) { tick(d, field, value, on) })
}

// Has says whether a list holds a value.
func (p *Profile) Has(field, value string) bool { return slices.Contains(list(p.doc[field]), value) }

// Values are those of [Sheet.Values].
func (p *Profile) Values(field string) []string { return p.sheet().Values(field) }

// Word is [Sheet.Word].
func (p *Profile) Word(field, value string) string { return p.sheet().Word(field, value) }

// Tick puts a value of a list in, or takes it out.
func (p *Profile) Tick(field, value string, on bool) { p.set(field, value, on) }

// sheet is the working copy, as it is told.
func (p *Profile) sheet() Sheet {
	return Sheet{Words: p.s.words, Doc: p.doc, Zone: p.s.o.Zone, Express: p.Express}
}

func (p *Profile) experience() map[string]string { return lengthsOf(p.doc) }

// Works are those of [Sheet.Works].
func (p *Profile) Works() []Work { return p.sheet().Works() }

// Others are those of [Sheet.Others].
func (p *Profile) Others() []string { return p.sheet().Others() }

// Sections are those of [Sheet.Sections].
func (p *Profile) Sections() []ProfileSection { return p.sheet().Sections() }

// Filled is [Sheet.Filled].
func (p *Profile) Filled() (full, all int) { return p.sheet().Filled() }

// Bare is [Sheet.Bare].
func (p *Profile) Bare() bool { return p.sheet().Bare() }

// Missing is [Sheet.Missing].
func (p *Profile) Missing() []ProfileMend { return p.sheet().Missing() }

// Usual are the credentials that go with the titles.
func (p *Profile) Usual() (ids []string) {
	for _, noc := range slices.Sorted(maps.Keys(p.experience())) {
		for _, c := range skill.For(noc) {
			if c.Credential() && len(c.NOCs) > 0 && !slices.Contains(ids, c.ID) {
				ids = append(ids, c.ID)
			}
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return strings.Compare(p.Word("skills", a), p.Word("skills", b)) })
	return ids
}

// Lengths are how long one may have worked somewhere, as values and in words. What a posting
// calls an asset is no length.
func (p *Profile) Lengths() (values, words []string) {
	for _, v := range p.sheet().Options("experience") {
		values, words = append(values, v), append(words, valueWord(p.s.words, profileKind, "experience", v))
	}
	return values, words
}

// AddWork adds an occupation, or says how long one worked in it.
func (p *Profile) AddWork(noc, length string) {
	p.edit("experience", func(d record.Doc) { addWork(d, noc, length) })
}

// DropWork takes an occupation out. Its skills stay: they are told among the others.
func (p *Profile) DropWork(noc string) {
	p.edit("experience", func(d record.Doc) { dropWork(d, noc) })
}

// Levels are the studies that can be ticked.
func (p *Profile) Levels() []string { return fieldOf(profileKind, "education").Values }

// Workplaces are the kinds of place.
func (p *Profile) Workplaces() []string { return fieldOf(profileKind, "workplaces").Values }

// Flag is a field that is yes or no.
func (p *Profile) Flag(field string) bool { return flag(p.doc, field) }

// SetExpress says that the person is a candidate of Express Entry.
func (p *Profile) SetExpress(on bool) {
	p.edit("express", func(d record.Doc) { setExpress(d, on) })
}

// Mode is how the person is matched.
func (p *Profile) Mode() string { return p.sheet().Mode() }

// SetMode chooses. Of an active profile with nothing else to activate it holds at once, as
// its last step has it; else it is one of the changes.
func (p *Profile) SetMode(mode string) {
	st := p.Standing()
	if p.edit("mode", func(d record.Doc) { d["mode"] = json.RawMessage(`"` + mode + `"`) }) && (st == ProfileActive || st == ProfileComing) {
		p.after(func() {
			if len(p.Pending()) > 0 {
				p.do("activate")
			}
		})
	}
}

// Pending are the fields that were changed since the last activation.
func (p *Profile) Pending() []string { return p.kind().Pending(p.doc, "active") }

// Count is how many changes wait to be activated, of a profile that is active.
func (p *Profile) Count() int {
	if p.Standing() != ProfileChanged {
		return 0
	}
	return len(p.Pending())
}

func version(d record.Doc) (n int64) {
	_ = json.Unmarshal(d["version"], &n) // none yet is 0
	return n
}

// Version is how often it was activated.
func (p *Profile) Version() int64 { return version(p.doc) }

// Standing is where the profile stands.
func (p *Profile) Standing() ProfileStanding {
	k := p.kind()
	there := p.said != nil && k.State(p.said) == "active"
	switch k.State(p.doc) {
	case "active":
		switch {
		case p.s.Me.Suspended():
			return ProfileSuspended
		case len(p.Pending()) > 0:
			return ProfileChanged
		case !there, version(p.said) < version(p.doc):
			return ProfileComing
		}
		return ProfileActive
	case "inactive":
		if p.s.Me.Suspended() && str(p.doc, "rested") != "" {
			return ProfileSuspended
		}
		if there {
			return ProfileLeaving
		}
		return ProfileInactive
	}
	return ProfileDraft
}

var standings = map[ProfileStanding][2]i18n.Key{
	ProfileDraft:    {i18n.ProfileDraft, i18n.ProfileDraftWhy},
	ProfileComing:   {i18n.ProfileComing, i18n.ProfileComingWhy},
	ProfileActive:   {i18n.ProfileActive, i18n.ProfileActiveWhy},
	ProfileChanged:  {i18n.ProfileChanged, i18n.ProfileChangedWhy},
	ProfileInactive: {i18n.ProfileInactive, i18n.ProfileInactiveWhy},
	ProfileLeaving:  {i18n.ProfileLeaving, i18n.ProfileLeavingWhy},

	ProfileSuspended: {i18n.ProfileSuspended, i18n.ProfileSuspendedWhy},
}

// StandingWords say it: its name, and what follows from it.
func (p *Profile) StandingWords() (name, why string) {
	k := standings[p.Standing()]
	return p.s.words.S(k[0]), p.s.words.S(k[1])
}

// CanActivate says whether there is something to activate, and CanRest whether something is active.
func (p *Profile) CanActivate() bool {
	switch p.Standing() {
	case ProfileDraft, ProfileChanged, ProfileInactive, ProfileLeaving:
		return true
	}
	return false
}

// CanRest says whether it can be deactivated.
func (p *Profile) CanRest() bool { return p.kind().State(p.doc) == "active" }

// ProfileChange is a field that differs from its activated version, in words.
type ProfileChange struct {
	Label          string
	Added, Removed []string // of a list
	Was, Is        string   // of a value
}

// Rested says that the profile was put to rest with its account, which is active again: only
// the person can say whether it is to be matched again.
func (p *Profile) Rested() bool {
	return str(p.doc, "rested") != "" && p.Standing() == ProfileInactive
}

// Changes are what an activation would change.
func (p *Profile) Changes() (all []ProfileChange) {
	var active record.Doc
	_ = json.Unmarshal(p.doc["active"], &active) // without one nothing is pending
	w := p.s.words
	for _, f := range p.kind().Fields {
		if !slices.Contains(p.Pending(), f.Name) {
			continue
		}
		c := ProfileChange{Label: FieldWord(w, profileKind, f.Name)}
		is, was := ValueWords(w, profileKind, f.Name, p.doc[f.Name], p.s.o.Zone), ValueWords(w, profileKind, f.Name, active[f.Name], p.s.o.Zone)
		if f.Policy == record.Whole {
			c.Was, c.Is = strings.Join(was, ", "), strings.Join(is, ", ")
			if len(was) == 0 {
				c.Was = w.S(i18n.RecordvalueNone)
			}
			if len(is) == 0 {
				c.Is = w.S(i18n.RecordvalueNone)
			}
		} else {
			c.Added = slices.DeleteFunc(is, func(x string) bool { return slices.Contains(was, x) })
			is = ValueWords(w, profileKind, f.Name, p.doc[f.Name], p.s.o.Zone)
			c.Removed = slices.DeleteFunc(was, func(x string) bool { return slices.Contains(is, x) })
		}
		all = append(all, c)
	}
	return all
}

// Activate has the working copy matched from now on, or from the next sync on: nothing of it
// is before. false: something has to be mended first.
func (p *Profile) Activate() bool {
	if !p.CanActivate() || len(p.Missing()) > 0 {
		return false
	}
	p.after(func() { p.do("activate") })
	return true
}

// Deactivate puts it to rest. Everything stays, and can be activated again.
func (p *Profile) Deactivate() { p.after(func() { p.do("deactivate") }) }

func (p *Profile) do(command string) {
	edit, ok := p.s.o.Private.(Editor)
	if !ok || p.Saving {
		return
	}
	person, private, ref := p.s.Present.Person.ID, p.s.o.Private, p.ref
	p.Saving = true
	p.gen++
	var r reading
	var err error
	p.s.o.Exec.Go(func() {
		if err = edit.Do(p.s.ctx, ref, command, 0); err == nil {
			r, err = readProfile(p.s.ctx, private, person)
		}
	}, func() {
		p.Saving, p.Err = false, err
		if err == nil {
			p.Saved = p.s.Now()
			p.take(r)
		}
		if len(p.edits) > 0 {
			p.flush()
		}
		p.tell()
		p.s.Tell()
	})
}

// Fault says what went wrong, "" when nothing did.
func (p *Profile) Fault() string {
	if p.Err == nil {
		return ""
	}
	return p.s.words.S(i18n.ProfileFailed) + " " + PrivateProblem(p.s.words, p.Err)
}

// relabel looks again for what was typed, in the other language, and lets go of sentences.
func (p *Profile) relabel() {
	p.Problem, p.ProblemOf = "", ""
	for what, f := range p.Finders {
		if f.Done {
			p.Find(what, f.Text)
		}
	}
	if p.Suggesting != nil && p.Suggesting.Err != "" {
		_, _, p.Suggesting.Err = p.suggestion()
	}
}

// Finding.

const mostFound = 8

func (f *Finder) clear() { f.Text, f.Found, f.Done = "", nil, false; f.gen++ }

// Find completes what is typed.
func (p *Profile) Find(what, text string) { p.Finders[what].find(p.s, what, text, p.tell) }

// find completes a text that is typed for something of the lists, and tells when it has.
func (f *Finder) find(s *State, what, text string, tell func()) {
	f.gen++
	f.Text = text
	gen, w := f.gen, s.words
	if len([]rune(strings.TrimSpace(text))) < 2 {
		f.Found, f.Done = nil, false
		tell()
		return
	}
	var found []Listed
	s.o.Exec.Go(func() { found = Complete(w, what, text, mostFound) }, func() {
		if gen != f.gen {
			return
		}
		f.Found, f.Done = found, true
		tell()
	})
}

// Choose takes what was found into the profile.
func (p *Profile) Choose(what string, x Listed) {
	p.Finders[what].clear()
	switch what {
	case FindPlace:
		p.set("places", x.Value, true)
	case FindTitle:
		p.AddWork(x.Value, "")
	case FindSkill:
		p.set("skills", x.Value, true)
	case FindCredential:
		p.set("credentials", x.Value, true)
	}
}

// Chosen says whether what was found is in the profile already.
func (p *Profile) Chosen(what string, x Listed) bool {
	switch what {
	case FindTitle:
		return p.experience()[x.Value] != ""
	case FindPlace:
		return p.Has("places", x.Value)
	case FindCredential:
		return p.Has("credentials", x.Value)
	}
	return p.Has("skills", x.Value)
}

// Enter takes the first that was found, as Enter in the field does; none: nothing.
func (p *Profile) Enter(what string) (Listed, bool) {
	f := p.Finders[what]
	for _, x := range f.Found {
		if !p.Chosen(what, x) {
			p.Choose(what, x)
			return x, true
		}
	}
	return Listed{}, false
}

// ShowMore opens the field that adds skills.
func (p *Profile) ShowMore() {
	p.More = true
	p.tell()
}

// Suggestions.

// Suggest begins to suggest what the lists lack. noc is the title that it belongs to.
func (p *Profile) Suggest(what, noc, category, text string) {
	p.Suggesting = &Suggesting{What: what, NOC: noc, Category: category, Text: text}
	p.tell()
}

// SuggestHere opens the section that something lacks, with the suggestion begun: "title",
// "study" or "credential".
func (p *Profile) SuggestHere(what string) {
	p.opens = func() {
		category := ""
		switch what {
		case "study":
			p.Open(ProfileEducation)
		case "credential":
			category = "credentials"
			p.Open(ProfileCredentials)
		default:
			p.Open(ProfileExperience)
		}
		p.Suggest(what, "", category, "")
	}
	if f := p.opens; p.Loaded {
		p.opens = nil
		f()
	}
}

// DropSuggestion sends nothing.
func (p *Profile) DropSuggestion() {
	p.Suggesting = nil
	p.tell()
}

// TypeSuggestion follows what is typed.
func (p *Profile) TypeSuggestion(text string) {
	x := p.Suggesting
	if x == nil {
		return
	}
	x.Text = text
	if x.Err != "" {
		if _, _, x.Err = p.suggestion(); x.Err == "" {
			p.tell()
		}
	}
}

// suggestion is the record of what is suggested: one for whoever keeps the lists, or, of what
// they do not keep themselves, a message that is forwarded.
func (p *Profile) suggestion() (kind string, doc record.Doc, problem string) {
	x := p.Suggesting
	of := map[string]string{"text": strings.TrimSpace(x.Text), "lang": string(p.s.Lang())}
	kind = "suggestion"
	switch x.What {
	case "skill", "credential":
		of["what"], of["noc"], of["category"] = x.What, x.NOC, x.Category
	default:
		kind = "message"
		of["topic"], of["wanted"] = "suggestion", x.What
	}
	doc = record.Doc{}
	for name, v := range of {
		if v != "" {
			put(doc, name, v, 1)
		}
	}
	k, _ := record.Find(kind)
	if wrong := k.Verify(doc, true); len(wrong) > 0 {
		if wrong[0].Field == "text" && wrong[0].Code == account.Needed {
			return kind, doc, p.s.words.S(i18n.ProfileSuggestEmpty)
		}
		return kind, doc, p.s.words.S(wrong[0].Code.Key())
	}
	return kind, doc, ""
}

// SendSuggestion queues it; done is told what becomes of it.
func (p *Profile) SendSuggestion(done func(sentence string)) {
	x := p.Suggesting
	edit, ok := p.s.o.Private.(Editor)
	if x == nil || x.Busy || !ok {
		return
	}
	kind, doc, problem := p.suggestion()
	if x.Err = problem; problem != "" {
		p.tell()
		return
	}
	x.Busy = true
	p.tell()
	person, private := p.s.Present.Person.ID, p.s.o.Private
	var all reading
	var err error
	p.s.o.Exec.Go(func() {
		ref := cache.Ref{Partition: "person/" + person, Kind: kind}
		if ref.Record, err = cache.NewID(); err != nil {
			return
		}
		if err = edit.Put(p.s.ctx, ref, doc); err == nil {
			err = edit.Do(p.s.ctx, ref, "send", 0)
		}
		if err == nil {
			all, err = readProfile(p.s.ctx, private, person)
		}
	}, func() {
		x.Busy = false
		if err != nil {
			x.Err = PrivateProblem(p.s.words, err)
			p.tell()
			return
		}
		p.Suggesting, p.suggestions = nil, all.suggestions
		p.tell()
		p.s.Tell()
		done(p.s.words.S(i18n.ProfileSuggestSent))
	})
}

// SuggestionTitle says what is being suggested, and for what.
func (p *Profile) SuggestionTitle() (title, why string) {
	w, x := p.s.words, p.Suggesting
	switch x.What {
	case "skill":
		category, _ := word(w, "recordvalue.category."+x.Category)
		return w.S(i18n.SkillsSuggest), w.S(i18n.ProfileSuggestSkill, "Title", formWord(w, record.NOC, x.NOC), "Category", category)
	case "credential":
		return w.S(i18n.CredSuggest), w.S(i18n.ProfileSuggestCredential)
	case "study":
		return w.S(i18n.ProfileSuggestStudy), w.S(i18n.ProfileSuggestForwarded)
	}
	return w.S(i18n.ProfileSuggestTitle), w.S(i18n.ProfileSuggestForwarded)
}

// SuggestionLine is one that was sent.
type SuggestionLine struct{ Text, What, State, Answer string }

// Suggestions are those that were sent, the newest first.
func (p *Profile) Suggestions() (all []SuggestionLine) {
	w := p.s.words
	for _, x := range p.suggestions {
		k, _ := record.Find(x.Kind)
		l := SuggestionLine{Text: str(x.Doc, "text"), State: valueWord(w, x.Kind, "state", k.State(x.Doc)), Answer: str(x.Doc, "answer")}
		if x.Waits {
			l.State = w.S(i18n.ProfileSuggestWaits)
		}
		if l.What = valueWord(w, x.Kind, "what", str(x.Doc, "what")); x.Kind == "message" {
			l.What = valueWord(w, x.Kind, "wanted", str(x.Doc, "wanted"))
		}
		if noc := str(x.Doc, "noc"); noc != "" {
			l.What = w.S(i18n.RecordvalueLine, "Name", l.What, "Value", formWord(w, record.NOC, noc))
		}
		all = append(all, l)
	}
	return all
}

// SavedLine says when something was last kept.
func (p *Profile) SavedLine() string {
	switch {
	case p.Saving:
		return p.s.words.S(i18n.ProfileSaving)
	case p.Saved.IsZero():
		return p.s.words.S(i18n.ProfileSaves)
	}
	return p.s.words.S(i18n.ProfileSaved, "Time", p.s.words.Clock(p.Saved.In(p.s.o.Zone)))
}
