package state

import (
	"context"
	"slices"
	"strings"

	"passerelle/i18n"
	"passerelle/store/personal"
	"passerelle/store/posting"
	"passerelle/store/resume"
)

// Draft is an application by e-mail that a person prepares, from one of the ways to apply of
// a posting. Nothing here sends it: their own mail program does. Nothing goes along
// that they did not choose.
type Draft struct {
	s *State

	Posting posting.Posting
	To      string
	Subject string
	Text    string
	Letter  string // id of the letter that it was begun with; "": none
	Resume  string // id of the résumé that goes along; "": none
	Attach  bool   // the letter goes along as a file, too

	Letters []personal.Entry[personal.Letter]
	Resumes []personal.Entry[personal.Resume]
	Loaded  bool
	Err     error // why letters and résumés cannot be read

	// Changed tells whoever draws. Nil is fine.
	Changed func()

	lang i18n.Lang // that the text is written in
}

// NewDraft begins one to an address.
func (s *State) NewDraft(p posting.Posting, to string) *Draft {
	d := &Draft{s: s, Posting: p, To: to, Subject: s.Subject(p), lang: s.Lang()}
	d.Text = s.words.S(i18n.DraftText, "Title", d.values(s.Lang())[resume.VarTitle])
	if s.o.Mine == nil {
		d.Loaded = true
		return d
	}
	subject, text := d.Subject, d.Text
	newPen(s).read(func(ctx context.Context, f *personal.File) (err error) {
		if d.Letters, err = personal.All[personal.Letter](ctx, f); err == nil {
			d.Resumes, err = personal.All[personal.Resume](ctx, f)
		}
		return err
	}, func(err error) {
		d.Loaded, d.Err = true, err
		// A letter that was written for this posting is the one that is meant, unless they write already.
		for _, l := range d.Letters {
			if l.Body.Posting == p.ID && d.Subject == subject && d.Text == text {
				d.Use(l.ID)
				d.Resume = l.Body.Resume
				break
			}
		}
		d.tell()
	})
	return d
}

func (d *Draft) tell() {
	if d.Changed != nil {
		d.Changed()
	}
}

// Why says why what the person keeps cannot be chosen; "" when it can.
func (d *Draft) Why() string { return MineProblem(d.s.words, d.Err) }

// Lang is that of the text.
func (d *Draft) Lang() i18n.Lang { return d.lang }

// Use begins the text anew with a letter; "": with none.
func (d *Draft) Use(letter string) {
	d.Letter, d.Attach = "", false
	for _, l := range d.Letters {
		if l.ID != letter {
			continue
		}
		d.Letter, d.lang = letter, i18n.Lang(l.Body.Lang)
		if d.Resume == "" && slices.ContainsFunc(d.Resumes, func(r personal.Entry[personal.Resume]) bool { return r.ID == l.Body.Resume }) {
			d.Resume = l.Body.Resume
		}
		d.Text, _ = resume.Fill(l.Body.Text, d.values(d.lang))
		if l.Body.Subject != "" {
			d.Subject, _ = resume.Fill(l.Body.Subject, d.values(d.lang))
		}
	}
	d.tell()
}

// Take chooses the résumé that goes along; "": none. What a letter says of the person is
// filled in from it.
func (d *Draft) Take(id string) {
	d.Resume = id
	d.Text, _ = resume.Fill(d.Text, d.values(d.lang))
	d.Subject, _ = resume.Fill(d.Subject, d.values(d.lang))
	d.tell()
}

// SetAttach says whether the letter goes along as a file, too.
func (d *Draft) SetAttach(on bool) {
	d.Attach = on
	d.tell()
}

// Type follows what is typed.
func (d *Draft) Type(subject, text string) {
	open := strings.Join(d.Open(), " ")
	d.Subject, d.Text = subject, text
	if strings.Join(d.Open(), " ") != open {
		d.tell()
	}
}

// Open are the variables that are still to be filled in: no letter goes out with one.
func (d *Draft) Open() []string {
	_, open := resume.Fill(d.Subject+"\n"+d.Text, nil)
	return open
}

// Document is the résumé that goes along; false: none does.
func (d *Draft) Document() (doc resume.Document, name string, l i18n.Lang, ok bool) {
	for _, r := range d.Resumes {
		if r.ID == d.Resume {
			doc, err := resume.FromSections(r.Body.Resume)
			return doc, r.Body.Name, i18n.Lang(r.Body.Lang), err == nil
		}
	}
	return doc, "", "", false
}

// Cover is the letter as it reads now, to go along as a file; false: it does not.
func (d *Draft) Cover() (personal.Letter, bool) {
	return personal.Letter{Lang: string(d.lang), Subject: d.Subject, Text: d.Text}, d.Attach && d.Letter != ""
}

// values are what a letter may say of the posting, and of the person from their résumé.
func (d *Draft) values(l i18n.Lang) map[resume.Var]string {
	m := map[resume.Var]string{}
	if doc, _, _, ok := d.Document(); ok {
		m = doc.Values()
	}
	w, p := i18n.For(l), d.Posting
	m[resume.VarTitle], m[resume.VarEmployer], m[resume.VarNumber] = jobTitle(p, l), p.Employer, GroupNumber(p.Number)
	m[resume.VarPlace], m[resume.VarDate] = p.Place.City, w.Date(d.s.Now())
	for _, l := range d.Letters { // what the person wrote for this letter comes first
		if l.ID != d.Letter {
			continue
		}
		for k, x := range ownValues(l.Body) {
			if strings.TrimSpace(x) != "" && (l.Body.Posting == p.ID || !ofPosting(k)) {
				m[k] = x
			}
		}
	}
	return m
}

// Sent notes in the tracker that the person has applied, with what went along.
func (d *Draft) Sent(done func(err error)) {
	t := d.s.Tracker
	t.AddPosting(d.Posting, personal.Applied, func(id string, err error) {
		if err == nil && d.Resume+d.Letter != "" {
			t.change(id, false, func(a *personal.Application) { a.Resume, a.Letter = d.Resume, d.Letter })
			t.told()
		}
		done(err)
	})
}
