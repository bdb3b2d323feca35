package state

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/personal"
	"passerelle/store/posting"
	"passerelle/store/resume"
)

// Letter is the cover letters of a person: the list of them, and the one that is open. What a
// letter leaves open is written in braces, and filled in from the résumé that goes with it,
// the profile and the posting; what stays open is told before it leaves. All of it
// lies in the personal file.
type Letter struct {
	s   *State
	pen *pen

	All     []LetterLine // the last changed first
	Loaded  bool
	Err     error // why they cannot be read
	Busy    bool
	Removed *Undo
	Fault   string // why the last act did not go, and what to do

	ID       string // of the letter that is open; "": none
	Body     personal.Letter
	Resumes  []ResumeVersion // that can go with it
	Postings []LetterPosting // that it can be about

	// Changed tells whoever draws; Typed that what was typed has been looked at, or kept.
	// Nil is fine.
	Changed, Typed func()

	from map[resume.Var]string // what the résumé that goes with it says, or else the profile
	auto *autosave[personal.Letter]
	soon func()
	gen  int
}

// LetterLine is a line of the list.
type LetterLine struct {
	ID      string
	Body    personal.Letter
	Changed time.Time
}

// LetterPosting is a posting that a letter can be about.
type LetterPosting struct {
	ID   int64
	Name string
	of   posting.Posting
}

// LetterTemplate is what a letter begins as.
type LetterTemplate string

// Templates.
const (
	LetterReply  LetterTemplate = "reply"  // to a posting
	LetterOffer  LetterTemplate = "offer"  // to an employer who has posted nothing
	LetterReturn LetterTemplate = "return" // after some time away, or from another kind of work
	LetterThanks LetterTemplate = "thanks" // after an interview
	LetterBlank  LetterTemplate = "blank"
)

// LetterTemplates are all of them.
var LetterTemplates = []LetterTemplate{LetterReply, LetterOffer, LetterReturn, LetterThanks, LetterBlank}

var letterKeys = map[LetterTemplate][3]i18n.Key{ // name, subject, text
	LetterReply:  {i18n.LetterReply, i18n.LetterReplySubject, i18n.LetterReplyText},
	LetterOffer:  {i18n.LetterOffer, i18n.LetterOfferSubject, i18n.LetterOfferText},
	LetterReturn: {i18n.LetterReturn, i18n.LetterReplySubject, i18n.LetterReturnText},
	LetterThanks: {i18n.LetterThanks, i18n.LetterThanksSubject, i18n.LetterThanksText},
	LetterBlank:  {i18n.LetterBlank, "", ""},
}

// Word is what a template is called.
func (t LetterTemplate) Word(w *i18n.Words) string { return w.S(letterKeys[t][0]) }

func newLetter(s *State) *Letter {
	v := &Letter{s: s, pen: newPen(s)}
	v.auto = &autosave[personal.Letter]{s: s, pen: v.pen, tell: v.typed, body: func() personal.Letter { return v.Body }, lost: func(err error) {
		v.Fault = MineProblem(s.words, err)
		v.tell()
	}}
	return v
}

func (v *Letter) tell() {
	if v.Changed != nil {
		v.Changed()
	}
}

func (v *Letter) typed() {
	if v.Typed != nil {
		v.Typed()
	}
}

// Offered says whether letters can be kept here.
func (v *Letter) Offered() bool { return v.s.o.Mine != nil }

// Load reads the list, and what a letter can be about and go with.
func (v *Letter) Load() {
	if !v.Offered() {
		return
	}
	v.Flush()
	v.auto.again()
	v.gen++
	gen, d, now, reading := v.gen, v.s.o.Device, v.s.Now(), v.s.Posting.Posting
	var all []LetterLine
	var resumes []ResumeVersion
	var saved []cache.SavedPosting
	v.pen.read(func(ctx context.Context, f *personal.File) error {
		entries, err := personal.All[personal.Letter](ctx, f)
		if err != nil {
			return err
		}
		for _, e := range entries {
			all = append(all, LetterLine{e.ID, e.Body, e.Changed})
		}
		resumes, err = resumeVersions(ctx, f, now)
		return err
	}, func(err error) {
		if gen != v.gen {
			return
		}
		if errors.Is(err, personal.ErrNotFound) {
			err = nil // nothing was ever written
		}
		if v.Loaded, v.Err = true, err; err == nil {
			v.All = all
			v.Resumes = slices.DeleteFunc(resumes, func(x ResumeVersion) bool { return x.Broken })
		}
		v.tell()
	})
	if d == nil {
		return
	}
	v.s.o.Exec.Go(func() { saved, _ = d.Saved(v.s.ctx, now) }, func() { // without them it is about what is being read
		if gen != v.gen {
			return
		}
		v.Postings = nil
		v.about(reading)
		for _, x := range saved {
			if !x.Bare {
				v.about(x.Posting)
			}
		}
		v.tell()
	})
}

// about adds a posting to those that a letter can be about.
func (v *Letter) about(p posting.Posting) {
	if p.ID == 0 || p.State != posting.Shown || slices.ContainsFunc(v.Postings, func(x LetterPosting) bool { return x.ID == p.ID }) {
		return
	}
	v.Postings = append(v.Postings, LetterPosting{p.ID, joinComma(jobTitle(p, v.s.Lang()), p.Employer), p})
}

// jobTitle is what the employer calls the job, as a letter names it.
func jobTitle(p posting.Posting, l i18n.Lang) string {
	h := Head(p.Card, l)
	if h.Original != "" {
		return h.Original
	}
	return h.Title
}

// postingValues are what a posting says.
func postingValues(p posting.Posting, l i18n.Lang) map[string]string {
	m := map[string]string{}
	for k, x := range map[resume.Var]string{resume.VarTitle: jobTitle(p, l), resume.VarEmployer: p.Employer, resume.VarNumber: GroupNumber(p.Number), resume.VarPlace: p.Place.City} {
		if x != "" {
			m[string(k)] = x
		}
	}
	return m
}

// Problem says why there is no list, and what to do; "" when there is.
func (v *Letter) Problem() string { return MineProblem(v.s.words, v.Err) }

// SaveProblem says why what was changed is not kept; "" when it is.
func (v *Letter) SaveProblem() string { return MineProblem(v.s.words, v.auto.err) }

// SavedLine says when it was last kept.
func (v *Letter) SavedLine() string { return v.auto.line() }

// New begins a letter from a template.
func (v *Letter) New(t LetterTemplate, l i18n.Lang) {
	w := i18n.For(l)
	body := personal.Letter{Name: v.freshName(t.Word(v.s.words)), Lang: string(l)}
	if k := letterKeys[t]; k[1] != "" {
		body.Subject, body.Text = w.S(k[1]), w.S(k[2])
	}
	v.begin(body)
}

// Write begins a letter about a posting, in a language that it is written in.
func (v *Letter) Write(p posting.Posting) {
	l := v.s.Lang()
	if _, written := p.Title.In(l); written != "" {
		l = written
	}
	w := i18n.For(l)
	k := letterKeys[LetterReply]
	v.begin(personal.Letter{Name: v.freshName(joinComma(jobTitle(p, l), p.Employer)), Lang: string(l), Posting: p.ID, Subject: w.S(k[1]), Text: w.S(k[2]), Values: postingValues(p, l)})
}

// Copy makes another letter of one.
func (v *Letter) Copy(x LetterLine) {
	body := x.Body
	body.Name = v.freshName(v.s.words.S(i18n.ResumeCopyOf, "Name", body.Name))
	v.begin(body)
}

func (v *Letter) freshName(base string) string {
	return freshName(v.s.words, base, func(name string) bool {
		return slices.ContainsFunc(v.All, func(x LetterLine) bool { return strings.EqualFold(x.Body.Name, name) })
	})
}

func (v *Letter) begin(body personal.Letter) {
	if v.Busy {
		return
	}
	v.Close()
	v.Busy, v.Fault, v.Removed = true, "", nil
	v.tell()
	now := v.s.Now()
	var id string
	v.pen.write(func(ctx context.Context, f *personal.File) (err error) {
		if body.Resume == "" {
			entries, err := personal.All[personal.Resume](ctx, f)
			if err != nil {
				return err
			}
			for _, e := range entries { // the newest of its language, or else the newest
				if body.Resume == "" || e.Body.Lang == body.Lang {
					if body.Resume = e.ID; e.Body.Lang == body.Lang {
						break
					}
				}
			}
		}
		if id, err = cache.NewID(); err != nil {
			return err
		}
		return personal.Write(ctx, f, id, body, now)
	}, func(err error) {
		v.Busy = false
		if err != nil {
			v.Fault = MineProblem(v.s.words, err)
			v.tell()
			return
		}
		v.Load()
		v.opened(id, body, now)
	})
}

// Open opens a letter of the list.
func (v *Letter) Open(x LetterLine) {
	v.Close()
	v.Fault, v.Removed = "", nil
	v.opened(x.ID, x.Body, time.Time{})
}

func (v *Letter) opened(id string, body personal.Letter, saved time.Time) {
	v.ID, v.Body = id, body
	v.auto.open(id, saved)
	v.source()
	v.tell()
}

// source reads what the letter says of the person: from the résumé that goes with it, and what
// that does not say from the profile and the account.
func (v *Letter) source() {
	v.from = nil
	id, of, l := v.ID, v.Body.Resume, i18n.Lang(v.Body.Lang)
	private, person, accounts, can := v.s.o.Private, v.s.Present.Person, v.s.o.Accounts, v.s.Profile.Offered()
	m := map[resume.Var]string{}
	v.pen.read(func(ctx context.Context, f *personal.File) error {
		body, err := personal.Read[personal.Resume](ctx, f, of)
		if err == nil {
			if d, err := resume.FromSections(body.Resume); err == nil {
				m = d.Values()
			}
			if body.Lang != string(l) {
				delete(m, resume.VarLabel) // what one does is said in another language
			}
		}
		if !can {
			return nil
		}
		fill := func(k resume.Var, text string) {
			if m[k] == "" {
				m[k] = text
			}
		}
		if got, err := readProfile(ctx, private, person.ID); err == nil { // else the person writes it
			if words := wordsOf(profileDoc(got.rec.Doc), l); len(words.Titles) > 0 {
				fill(resume.VarLabel, words.Titles[0].Title)
			}
		}
		if accounts == nil {
			return nil
		}
		if me, _, err := accounts.Me(ctx); err == nil {
			fill(resume.VarName, strings.TrimSpace(me.First+" "+me.Last))
			fill(resume.VarEmail, me.Email)
		}
		return nil
	}, func(error) {
		if v.ID == id && v.Body.Resume == of {
			v.from = m
			v.tell()
		}
	})
}

// Close keeps what was changed, and goes back to the list.
func (v *Letter) Close() {
	v.Flush()
	v.ID, v.Body, v.from, v.Removed = "", personal.Letter{}, nil, nil
	v.auto.open("", time.Time{})
}

// Leave closes and reads the list again.
func (v *Letter) Leave() {
	v.Close()
	v.Load()
	v.tell()
}

// Flush keeps what was changed at once.
func (v *Letter) Flush() { v.auto.flush() }

// Remove forgets a letter; [Letter.Back] takes that back.
func (v *Letter) Remove(x LetterLine) {
	v.Fault = ""
	v.pen.write(func(ctx context.Context, f *personal.File) error { return f.Delete(ctx, personal.KindLetter, x.ID) }, func(err error) {
		if v.Fault = MineProblem(v.s.words, err); err == nil {
			v.Removed = &Undo{What: v.s.words.S(i18n.ResumeRemoved, "Name", x.Body.Name), do: func() {
				v.pen.write(func(ctx context.Context, f *personal.File) error {
					return personal.Write(ctx, f, x.ID, x.Body, x.Changed)
				}, func(err error) {
					v.Fault = MineProblem(v.s.words, err)
					v.Load()
				})
			}}
		}
		v.Load()
		v.tell()
	})
}

// Back takes the last removal back.
func (v *Letter) Back() {
	if u := v.Removed; u != nil {
		v.Removed = nil
		u.do()
		v.tell()
	}
}

// Type follows what is typed.
func (v *Letter) Type(name, subject, text string) {
	b := v.Body
	if strings.TrimSpace(name) != "" && len([]rune(name)) <= MaxName {
		b.Name = strings.TrimSpace(name)
	}
	b.Subject, b.Text = subject, text
	if b.Name == v.Body.Name && subject == v.Body.Subject && text == v.Body.Text {
		return
	}
	before := v.written()
	v.Body = b
	v.auto.touch()
	if !slices.Equal(before, v.written()) { // there is another field to fill in
		v.tell()
		return
	}
	v.look()
}

// look has what was typed shown in a moment.
func (v *Letter) look() {
	if v.soon != nil {
		v.soon()
	}
	v.soon = v.s.o.Exec.After(200*time.Millisecond, v.typed)
}

// SetLang says in which language it is written. The text stays as it is.
func (v *Letter) SetLang(l i18n.Lang) {
	v.Body.Lang = string(l)
	v.auto.touch()
	v.source()
	v.tell()
}

// With says which résumé goes with it; "": none.
func (v *Letter) With(id string) {
	v.Body.Resume = id
	v.auto.touch()
	v.source()
	v.tell()
}

// About says which posting it is about: what that says is filled in. 0: none.
func (v *Letter) About(id int64) {
	v.Body.Posting = id
	values := map[string]string{}
	for k, x := range v.Body.Values { // what the person wrote of themselves stays
		if !ofPosting(resume.Var(k)) {
			values[k] = x
		}
	}
	for _, p := range v.Postings {
		if p.ID == id {
			for k, x := range postingValues(p.of, i18n.Lang(v.Body.Lang)) {
				values[k] = x
			}
		}
	}
	v.Body.Values = values
	v.auto.touch()
	v.tell()
}

// ofPosting says whether a variable is about the posting, and not about the person.
func ofPosting(k resume.Var) bool {
	return slices.Contains([]resume.Var{resume.VarTitle, resume.VarEmployer, resume.VarNumber, resume.VarPlace, resume.VarContact}, k)
}

// ownValues are those that a letter brings itself.
func ownValues(l personal.Letter) map[resume.Var]string {
	m := map[resume.Var]string{}
	for k, x := range l.Values {
		m[resume.Var(k)] = x
	}
	return m
}

// values are what is put in the place of variables: what the person wrote for this letter
// before what the posting, the résumé and the profile say.
func (v *Letter) values() map[resume.Var]string {
	m := map[resume.Var]string{resume.VarDate: i18n.For(i18n.Lang(v.Body.Lang)).Date(v.s.Now())}
	for k, x := range v.from {
		m[k] = x
	}
	for k, x := range ownValues(v.Body) {
		if strings.TrimSpace(x) != "" {
			m[k] = x
		}
	}
	return m
}

// written are the variables of the letter as they are written in it, once each.
func (v *Letter) written() []string {
	_, all := resume.Fill(v.Body.Subject+"\n"+v.Body.Text, nil)
	return all
}

// LetterVar is something that the letter leaves open.
type LetterVar struct {
	Written string     // as in the letter
	Var     resume.Var // "": nothing of that name is known, it is to be replaced in the text
	Name    string
	Value   string // "": none yet
}

// Vars are what it leaves open, in its order.
func (v *Letter) Vars() (all []LetterVar) {
	values, w := v.values(), v.s.words
	for _, x := range v.written() {
		one := LetterVar{Written: x, Var: resume.VarOf(x), Name: strings.Trim(x, "{}")}
		if one.Var != "" {
			if slices.ContainsFunc(all, func(y LetterVar) bool { return y.Var == one.Var }) {
				continue // by its other name
			}
			name := []rune(one.Var.Word(w))
			one.Name, one.Value = strings.ToUpper(string(name[:1]))+string(name[1:]), values[one.Var]
		}
		all = append(all, one)
	}
	return all
}

// SetValue writes what a variable stands for in this letter; "" goes back to what the résumé
// or the profile says.
func (v *Letter) SetValue(k resume.Var, text string) {
	values := map[string]string{}
	for name, x := range v.Body.Values { // what is on its way to the disk is not changed
		values[name] = x
	}
	if values[string(k)] = text; text == "" {
		delete(values, string(k))
	}
	v.Body.Values = values
	v.auto.touch()
	v.look()
}

// Filled is the letter as it goes out, and what is still open in it.
func (v *Letter) Filled() (personal.Letter, []string) {
	l, values := v.Body, v.values()
	var open, more []string
	l.Subject, open = resume.Fill(l.Subject, values)
	l.Text, more = resume.Fill(l.Text, values)
	for _, x := range more {
		if !slices.Contains(open, x) {
			open = append(open, x)
		}
	}
	return l, open
}
