package state

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/posting"
	"passerelle/store/record"
)

// Invitations are those by which employers whose postings suit a person ask them to apply
// . The person decides: to answer is to apply with the employer, who knows them by a
// code and by nothing else.
type Invitations struct {
	s *State

	Loaded bool
	Err    error // they could not be read
	Fault  error // of the last act
	Busy   bool
	Open   string // record of the one that is being read; "": none
	Undo   *Undo  // what was done just now, and can be taken back

	// Changed tells whoever draws. Nil is fine.
	Changed func()

	list []Invitation
	gen  int
}

// Invitation is one, as it is told.
type Invitation struct {
	Ref      cache.Ref
	Number   int64 // of the posting
	Posting  int64 // its row; 0: not known
	Title    string
	Employer string
	Percent  int // how well it suited when it was sent
	Version  int // of the profile then
	State    string
	Code     string
	By       string // who refused: "seeker" or "employer"
	Sent     time.Time
	Until    time.Time
	Waits    bool // something of it has not left
}

// invitationsKind is the kind of record in which the server tells of them.
const invitationsKind = "match"

func newInvitations(s *State) *Invitations { return &Invitations{s: s} }

func (v *Invitations) tell() {
	if v.Changed != nil {
		v.Changed()
	}
}

func docNumber(d record.Doc, field string) (n int64) {
	_ = json.Unmarshal(d[field], &n) // what is no number is 0
	return n
}

func docMoment(d record.Doc, field string) time.Time {
	t, _ := time.Parse(time.RFC3339, str(d, field)) // what is no moment is none
	return t
}

// Load reads them; who was not signed in has none.
func (v *Invitations) Load() {
	if !v.s.Profile.Offered() {
		return
	}
	v.gen++
	gen, person, private := v.gen, v.s.Present.Person.ID, v.s.o.Private
	var all []cache.Record
	var err error
	v.s.o.Exec.Go(func() { all, err = private.List(v.s.ctx, invitationsKind) }, func() {
		if gen != v.gen || v != v.s.Invitations {
			return // asked again, or another person is at the desk
		}
		was, read := v.list, v.Loaded
		if v.Loaded, v.Err = true, err; err == nil {
			v.take(all, "person/"+person)
			if read {
				v.notify(was)
			}
		}
		v.tell()
		v.s.Tell()
	})
}

// notify shows a notice of the system when one has come since; it names nobody.
func (v *Invitations) notify(was []Invitation) {
	come := slices.ContainsFunc(v.Waiting(), func(x Invitation) bool {
		return x.State == "invited" && !slices.ContainsFunc(was, func(y Invitation) bool { return x.Ref == y.Ref })
	})
	if notify := v.s.o.Notify; notify != nil && come {
		title, text := v.s.words.S(i18n.AppName), v.s.words.N(i18n.InvitationCount, len(v.Waiting()))
		v.s.o.Exec.Go(func() { notify(title, text) }, func() {})
	}
}

// take keeps what is an invitation: a posting that was only refused never was one.
func (v *Invitations) take(all []cache.Record, home string) {
	k, _ := record.Find(invitationsKind)
	v.list = nil
	for _, r := range all {
		d := r.Doc
		if r.Partition != home || str(d, "code") == "" {
			continue
		}
		x := Invitation{Ref: r.Ref, Number: docNumber(d, "number"), Title: str(d, "title_fr"), Employer: str(d, "employer"), Percent: int(docNumber(d, "percent")),
			Version: int(docNumber(d, "version")), State: k.State(d), Code: str(d, "code"), By: str(d, "by"), Sent: docMoment(d, "sent"), Until: docMoment(d, "until"), Waits: r.Waits}
		x.Posting, _ = strconv.ParseInt(str(d, "posting"), 10, 64) // what is no row is not known
		if en := str(d, "title_en"); v.s.Lang() == i18n.English && en != "" || x.Title == "" {
			x.Title = en
		}
		if x.Title == "" {
			x.Title = Number(v.s.words, x.Number)
		}
		v.list = append(v.list, x)
	}
	slices.SortFunc(v.list, func(a, b Invitation) int { return cmp.Or(b.Sent.Compare(a.Sent), cmp.Compare(a.Number, b.Number)) })
}

// relabel gives the titles of the other language.
func (v *Invitations) relabel() {
	if v.Loaded {
		v.Load()
	}
}

// over says that an invitation is too late by the clock of this computer, whatever the server
// has said so far.
func (v *Invitations) over(x Invitation) bool {
	return x.State == "expired" || !x.Until.IsZero() && !x.Until.After(v.s.Now())
}

func (v *Invitations) open(x Invitation) bool {
	return (x.State == "invited" || x.State == "viewed") && !v.over(x)
}

// Waiting are those that are yet to be answered, and Past the others; the newest first.
func (v *Invitations) Waiting() []Invitation {
	return slices.DeleteFunc(slices.Clone(v.list), func(x Invitation) bool { return !v.open(x) })
}

// Past are those that were answered, or that ended.
func (v *Invitations) Past() []Invitation { return slices.DeleteFunc(slices.Clone(v.list), v.open) }

// New is how many were not read.
func (v *Invitations) New() (n int) {
	for _, x := range v.list {
		if x.State == "invited" && !v.over(x) {
			n++
		}
	}
	return n
}

// Any says that there are some, of whatever state.
func (v *Invitations) Any() bool { return len(v.list) > 0 }

// Code is what is to be quoted to the employer of a posting; "" where nobody invited the
// person, or nobody does any more.
func (v *Invitations) Code(number int64) string {
	for _, x := range v.list {
		if x.Number == number && (v.open(x) || x.State == "answered") {
			return x.Code
		}
	}
	return ""
}

// StateWord says how one stands.
func (v *Invitations) StateWord(x Invitation) string {
	w := v.s.words
	k := map[string]i18n.Key{"invited": i18n.InvitationStateNew, "viewed": i18n.InvitationStateRead, "answered": i18n.InvitationStateApplied,
		"declined": i18n.InvitationStateDeclined, "withdrawn": i18n.InvitationStateWithdrawn, "expired": i18n.InvitationStateExpired, "refused": i18n.InvitationStateRefused}[x.State]
	switch {
	case x.State == "refused" && x.By == "employer":
		k = i18n.InvitationStateRejected
	case (x.State == "invited" || x.State == "viewed") && v.over(x):
		k = i18n.InvitationStateExpired
	case k == "":
		return x.State // of a newer program
	}
	return w.S(k)
}

// Why says what follows from that; "" where nothing is to be added.
func (v *Invitations) Why(x Invitation) string {
	w := v.s.words
	switch {
	case x.State == "withdrawn":
		return w.S(i18n.InvitationWhyWithdrawn)
	case x.State == "refused":
		return w.S(i18n.InvitationWhyRefused)
	case v.over(x):
		return w.S(i18n.InvitationWhyExpired)
	}
	return ""
}

// Lines are what is told of one: by whom, since when, until when, how well it suits.
func (v *Invitations) Lines(x Invitation) (all []string) {
	w := v.s.words
	all = append(all, join(x.Employer, Number(w, x.Number)))
	when := ""
	if !x.Sent.IsZero() {
		when = w.S(i18n.InvitationSent, "Date", w.Date(x.Sent.In(v.s.o.Zone)))
	}
	if v.open(x) && !x.Until.IsZero() {
		when = join(when, w.S(i18n.InvitationUntil, "Date", w.Date(x.Until.In(v.s.o.Zone))))
	}
	if x.Waits {
		when = join(when, w.S(i18n.InvitationWaits))
	}
	if all = append(all, when); x.Percent > 0 {
		all = append(all, w.S(i18n.InvitationScore, "Percent", w.Number(x.Percent), "N", w.Number(x.Version)))
	}
	return all
}

// find gives one by its record.
func (v *Invitations) find(id string) (Invitation, bool) {
	i := slices.IndexFunc(v.list, func(x Invitation) bool { return x.Ref.Record == id })
	if i < 0 {
		return Invitation{}, false
	}
	return v.list[i], true
}

// Can says whether an act is open to the person: "answer", "decline" or "refuse".
func (v *Invitations) Can(x Invitation, act string) bool {
	k, _ := record.Find(invitationsKind)
	if act != "refuse" && v.over(x) {
		return false
	}
	return k.Commands[act].Can(x.State)
}

// Read opens one. The employer learns that it was read, and nothing else.
func (v *Invitations) Read(id string) {
	x, ok := v.find(id)
	if !ok {
		return
	}
	v.Open, v.Undo, v.Fault = id, nil, nil
	if x.State == "invited" && !v.over(x) {
		v.do(id, "view", "")
	}
	v.tell()
}

// Shut closes what was read.
func (v *Invitations) Shut() {
	v.Open = ""
	v.tell()
}

// Answer notes that the person has applied with the employer. That is for themselves.
func (v *Invitations) Answer(id string) { v.do(id, "answer", v.s.words.S(i18n.InvitationApplied)) }

// Decline says no to the invitation.
func (v *Invitations) Decline(id string) { v.do(id, "decline", v.s.words.S(i18n.InvitationDeclined)) }

// Refuse ends the match for both sides, for good.
func (v *Invitations) Refuse(id string) { v.do(id, "refuse", v.s.words.S(i18n.InvitationRefused)) }

func (v *Invitations) do(id, command, said string) {
	edit, ok := v.s.o.Private.(Editor)
	x, found := v.find(id)
	if !ok || !found || v.Busy {
		return
	}
	v.Busy, v.Fault, v.Undo = true, nil, nil
	var err error
	v.s.o.Exec.Go(func() { err = edit.Do(v.s.ctx, x.Ref, command, 0) }, func() {
		v.Busy = false
		switch {
		case errors.Is(err, record.ErrState): // it was withdrawn meanwhile, or answered elsewhere
		case err != nil:
			v.Fault = err
		default:
			if said != "" {
				v.Undo = &Undo{What: said, do: func() { v.takeBack(x.Ref, command) }}
			}
			v.s.wrote()
		}
		v.Load()
	})
	v.tell()
}

// Back takes the last answer back.
func (v *Invitations) Back() {
	if u := v.Undo; u != nil {
		v.Undo = nil
		u.do()
	}
}

// takeBack cancels a command that has not left.
func (v *Invitations) takeBack(ref cache.Ref, command string) {
	private := v.s.o.Private
	var err error
	v.Busy = true
	v.s.o.Exec.Go(func() {
		var waits []cache.Mutation
		if waits, err = private.Outbox(v.s.ctx); err != nil {
			return
		}
		for _, m := range waits {
			if m.Ref == ref && m.Command == command {
				err = private.Cancel(v.s.ctx, m.N)
				return
			}
		}
		err = cache.ErrSent
	}, func() {
		v.Busy, v.Fault = false, err
		v.Load()
	})
	v.tell()
}

// Problem says what went wrong with the last act, or with reading; "" when nothing did.
func (v *Invitations) Problem() string {
	if v.Fault != nil {
		return PrivateProblem(v.s.words, v.Fault)
	}
	return PrivateProblem(v.s.words, v.Err)
}

// Apply reads the posting of one, whose ways to apply are how it is answered. done is
// told of the posting, or that this computer does not have it.
func (v *Invitations) Apply(id string, done func(p posting.Posting, ok bool)) {
	x, found := v.find(id)
	if !found {
		return
	}
	var p posting.Posting
	var err error
	now := v.s.Now()
	v.s.o.Exec.Go(func() { p, err = v.s.o.Catalogue.Posting(v.s.ctx, x.Posting, now) }, func() {
		done(p, err == nil && p.Number == x.Number && p.State == posting.Shown)
	})
}
