package state

import (
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/personal"
	"passerelle/store/posting"
	"passerelle/store/resume"
	"passerelle/sync/replica/replicatest"
	"passerelle/sync/session"
)

// A letter about a posting is filled in from it, from the résumé that goes with it and from what
// the person writes; what stays open is told, and nothing of it is lost in a kill.
//
// Rows: X-022
func TestLetter(t *testing.T) {
	d := &drawer{}
	k, _ := following(t, i18n.French, d)
	doc, err := resume.Parse([]byte(`{"basics":{"name":"Ada Test","email":"ada@exemple.ca","label":"Soudeuse"}}`))
	if err != nil {
		t.Fatal(err)
	}
	for id, l := range map[string]string{"r-fr": "fr", "r-en": "en"} {
		if err := personal.Write(t.Context(), d.file, id, personal.Resume{Name: id, Lang: l, Resume: doc.Sections()}, noon); err != nil {
			t.Fatal(err)
		}
	}
	p := one(t, "an employer and a place, in French", func(p posting.Posting) bool {
		_, l := p.Title.In(i18n.French)
		return p.Employer != "" && p.Place.City != "" && !p.Ended(noon) && l == i18n.French
	})
	v := k.Letter
	v.Write(p)
	k.hand.run()
	if v.ID == "" || v.Body.Resume != "r-fr" || v.Body.Posting != p.ID || v.Body.Lang != "fr" {
		t.Fatalf("begun: %+v", v.Body)
	}
	filled, open := v.Filled()
	for _, want := range []string{"Ada Test", "ada@exemple.ca", "Soudeuse", p.Employer, p.Place.City, "2026-11-22"} {
		if !strings.Contains(filled.Text, want) {
			t.Errorf("%q is not filled in: %s", want, filled.Text)
		}
	}
	if !strings.Contains(filled.Subject, GroupNumber(p.Number)) || strings.Contains(filled.Subject, "{") {
		t.Errorf("the subject reads %q", filled.Subject)
	}
	if !slices.Contains(open, "{téléphone}") || len(open) != 3 { // and two sentences to write
		t.Fatalf("open: %q", open)
	}
	unknown := 0
	for _, x := range v.Vars() {
		if x.Var == "" {
			unknown++
		} else if x.Value == "" && x.Var != resume.VarPhone {
			t.Errorf("%s has no value", x.Written)
		}
	}
	if unknown != 2 {
		t.Errorf("%d are to be replaced in the text, want 2", unknown)
	}
	v.SetValue(resume.VarPhone, "418-555-0100")
	v.SetValue(resume.VarName, "Ada T. Test")
	v.Flush()
	k.hand.run()
	mail := k.NewDraft(p, "x@exemple.ca") // by e-mail, it says the same
	k.hand.run()
	if !strings.Contains(mail.Text, "Ada T. Test") || !strings.Contains(mail.Text, "418-555-0100") {
		t.Errorf("by e-mail it reads %s", mail.Text)
	}
	text := v.Body.Text
	for _, x := range open {
		if x != "{téléphone}" {
			text = strings.ReplaceAll(text, x, "J'y tiens.")
		}
	}
	v.Type(v.Body.Name, v.Body.Subject, text)
	if filled, open := v.Filled(); len(open) != 0 || !strings.Contains(filled.Text, "Ada T. Test") || strings.Contains(filled.Text, "{") {
		t.Errorf("open %q in %s", open, filled.Text)
	}
	v.SetValue(resume.VarName, "")
	if filled, _ := v.Filled(); !strings.Contains(filled.Text, "Ada Test") {
		t.Error("the résumé's name does not come back")
	}
	v.Type("", v.Body.Subject, v.Body.Text+" {emploiyeur}")
	if _, open := v.Filled(); len(open) != 1 || v.Body.Name == "" {
		t.Errorf("a slip is not told: %q, %q", open, v.Body.Name)
	}
	k.hand.pass(time.Second)
	k.hand.run()
	id, want := v.ID, v.Body

	d.killed(t)
	k2, _ := following(t, i18n.French, d)
	v = k2.Letter
	v.Load()
	k2.hand.run()
	if len(v.All) != 1 || v.All[0].ID != id || v.All[0].Body.Text != want.Text || v.All[0].Body.Values["phone"] != "418-555-0100" {
		t.Fatalf("after a kill: %+v, want %+v", v.All, want)
	}
	v.Open(v.All[0])
	k2.hand.run()
	v.About(0)
	if _, open := v.Filled(); !slices.Contains(open, "{poste}") || slices.Contains(open, "{téléphone}") {
		t.Errorf("about no posting, open are %q", open)
	}
	v.With("")
	k2.hand.run()
	if _, open := v.Filled(); !slices.Contains(open, "{nom}") {
		t.Errorf("without a résumé, open are %q", open)
	}
	v.Leave()
	k2.hand.run()
	v.Remove(v.All[0])
	k2.hand.run()
	if len(v.All) != 0 || v.Removed == nil {
		t.Fatalf("removed: %+v", v.All)
	}
	v.Back()
	k2.hand.run()
	if len(v.All) != 1 || v.All[0].Body.Values["phone"] == "" {
		t.Errorf("taken back: %+v", v.All)
	}
}

// Each template is filled in wholly in its language, but for what only the person can write;
// both languages leave the same things open.
//
// Rows: X-022
func TestLetterTemplates(t *testing.T) {
	d := &drawer{}
	k, _ := following(t, i18n.English, d)
	v := k.Letter
	known := map[LetterTemplate][][]resume.Var{}
	for _, l := range i18n.Languages() {
		for _, x := range LetterTemplates {
			v.New(x, l)
			k.hand.run()
			if v.ID == "" || v.Fault != "" {
				t.Fatalf("%s %s: %q", l, x, v.Fault)
			}
			var vars []resume.Var
			for _, one := range v.Vars() {
				vars = append(vars, one.Var)
				if one.Var != "" {
					v.SetValue(one.Var, "x")
				}
				if one.Var != "" && one.Written != one.Var.Write(i18n.For(l)) {
					t.Errorf("%s %s: %s is not how it is written in that language", l, x, one.Written)
				}
			}
			known[x] = append(known[x], vars)
			filled, open := v.Filled()
			for _, o := range open {
				if resume.VarOf(o) != "" {
					t.Errorf("%s %s: %s stays open", l, x, o)
				}
			}
			if strings.Count(filled.Text, "{") != len(open) {
				t.Errorf("%s %s: %q stand in %s", l, x, open, filled.Text)
			}
		}
	}
	for x, both := range known {
		if !slices.Equal(both[0], both[1]) {
			t.Errorf("%s leaves %q open in one language and %q in the other", x, both[0], both[1])
		}
	}
	v.Leave()
	k.hand.run()
	names := map[string]bool{}
	for _, x := range v.All {
		names[x.Body.Name] = true
	}
	if len(names) != 2*len(LetterTemplates) {
		t.Errorf("%d names of %d letters", len(names), 2*len(LetterTemplates))
	}
	d.err = session.ErrLocked
	v.Load()
	k.hand.run()
	if v.Problem() == "" {
		t.Error("locked is told as nothing")
	}
}

// Without a résumé a letter says of the person what their profile says.
//
// Rows: X-022
func TestLetterFromProfile(t *testing.T) {
	d, rec := signedIn(t, i18n.English)
	file := &drawer{dir: t.TempDir()}
	if err := file.open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.file.Close() })
	d.o.Mine = file
	if err := rec.Put(t.Context(), mine, replicatest.Doc(`{"places":["CA"],"mode":"default","experience":{"72106":"5"}}`)); err != nil {
		t.Fatal(err)
	}
	d.Letter.New(LetterOffer, i18n.English)
	d.hand.run()
	if filled, open := d.Letter.Filled(); !strings.Contains(filled.Text, "elder") || slices.Contains(open, "{occupation}") {
		t.Errorf("open %q in %s", open, filled.Text)
	}
}

// Nothing of what one person writes for employers is there for the next, and none of it waits to
// be sent.
//
// Rows
func TestLettersOfOne(t *testing.T) {
	d := &drawer{}
	k, _ := following(t, i18n.French, d)
	k.Resume.New(i18n.French)
	k.hand.run()
	k.Resume.Type("basics.name", "Ada Test")
	k.Letter.New(LetterReply, i18n.French)
	k.hand.run()
	k.hand.pass(time.Second)
	k.hand.run()
	if items, err := k.Device().Pending(t.Context()); err != nil || len(items) != 0 {
		t.Errorf("%d wait to be sent (%v)", len(items), err)
	}
	k.setPerson(k.o.Device, true)
	d.err = personal.ErrNotFound
	k.Resume.Load()
	k.Letter.Load()
	k.hand.run()
	if r, l := k.Resume, k.Letter; r.ID != "" || len(r.Versions) != 0 || r.Name != "" || l.ID != "" || len(l.All) != 0 || l.Body.Text != "" || r.Problem()+l.Problem() != "" {
		t.Errorf("the next one finds %+v, %+v", r, l)
	}
}
