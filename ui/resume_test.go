package ui

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/personal"
	"passerelle/store/resume"
	"passerelle/sync/session"
	"passerelle/ui/look"
	"passerelle/ui/state"
)

// written is what a version of a résumé holds on the disk.
func written(t *testing.T, c *cabinet) string {
	t.Helper()
	all, err := personal.All[personal.Resume](t.Context(), c.file)
	if err != nil || len(all) == 0 {
		return fmt.Sprint(err)
	}
	d, err := resume.FromSections(all[0].Body.Resume)
	if err != nil {
		t.Fatal(err)
	}
	return string(d.Bytes())
}

// TestResumeByKeys makes a résumé by keys alone: it is begun, filled in, arranged, looked at
// beside what is typed, and read again after the window was made anew.
//
// Rows
func TestResumeByKeys(t *testing.T) {
	c := openCabinet(t)
	b := open(t, setup{height: 2000, width: 1280, mine: c})
	w := i18n.For(i18n.French)
	b.press(t, w.S(i18n.NavResume))
	if v := b.Sight(); v.Route != "resume" || !b.sees(w.S(i18n.ResumeEmpty)) {
		t.Fatalf("at %s: %q", v.Route, v.Texts)
	}
	b.shoot(t, "resume-1-empty")
	b.press(t, w.S(i18n.ResumeNewBlank))
	if v := b.Sight(); !strings.HasPrefix(v.Focus, w.S(i18n.ResumeFieldName)) {
		t.Fatalf("begun, the keyboard is on %q", v.Focus)
	}
	b.typed("Ada Test")
	b.key(fyne.KeyTab)
	b.typed("Soudeuse")
	if !b.sees("Ada Test") || !strings.Contains(written(t, c), `"Soudeuse"`) {
		t.Errorf("typed: %s; %q", written(t, c), b.Sight().Texts)
	}
	b.shoot(t, "resume-2-head")
	b.key(fyne.KeyEscape)
	if v := b.Sight(); v.Focus != w.S(i18n.ResumeHead) {
		t.Errorf("back at the overview the keyboard is on %q", v.Focus)
	}
	b.press(t, w.S(i18n.ResumeSectionWork))
	if v := b.Sight(); !strings.HasPrefix(v.Focus, w.S(i18n.ResumeFieldPosition)) {
		t.Fatalf("a section opens with the keyboard on %q", v.Focus)
	}
	b.typed("Soudeuse monteuse")
	b.key(fyne.KeyTab)
	b.typed("Chantier du Quai (fictif)")
	b.key(fyne.KeyTab, fyne.KeyTab)
	b.typed("2019-13")
	if b.sees(w.S(i18n.ResumeCheckDate)) {
		t.Error("a date is told wrong while it is typed")
	}
	b.key(fyne.KeyTab)
	if !b.sees(w.S(i18n.ResumeCheckDate)) {
		t.Errorf("a month 13 is left, and it reads %q", b.Sight().Texts)
	}
	b.shoot(t, "resume-3-work")
	b.press(t, w.S(i18n.ResumeEntryDone))
	b.press(t, w.S(i18n.ResumeEntryAdd))
	b.typed("Cuisinière")
	b.press(t, w.S(i18n.ResumeEntryDone))
	b.press(t, w.S(i18n.ResumeArrangeOf, "Name", "Cuisinière"))
	b.key(fyne.KeyReturn) // up
	if d := b.s.Resume.Doc(); d.Work[0].Position != "Cuisinière" {
		t.Errorf("moved: %s", d.Bytes())
	}
	b.press(t, w.S(i18n.ResumeArrangeOf, "Name", "Cuisinière"))
	b.key(fyne.KeyDown, fyne.KeyReturn) // removed
	if d := b.s.Resume.Doc(); len(d.Work) != 1 {
		t.Errorf("removed: %s", d.Bytes())
	}
	b.press(t, w.S(i18n.SavedUndo))
	b.shoot(t, "resume-4-entries")
	b.key(fyne.KeyEscape)
	b.shoot(t, "resume-5-overview")
	said := w.S(i18n.ResumeCheckAt, "Section", w.S(i18n.ResumeSectionWork), "Entry", "2", "What", w.S(i18n.ResumeCheckDate))
	b.press(t, said)
	if v := b.Sight(); !strings.HasPrefix(v.Focus, w.S(i18n.ResumeFieldStart)) || !b.sees(w.S(i18n.ResumeCheckDate)) {
		t.Errorf("a finding leads to %q", v.Focus)
	}
	b.key(fyne.KeyEscape)
	b.press(t, w.S(i18n.ResumeArrangeOf, "Name", w.S(i18n.ResumeSectionSkills)))
	b.key(fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn) // hidden
	if d := b.s.Resume.Doc(); d.Shown(resume.Skilled) {
		t.Error("hidden by the menu, it is shown")
	}
	b.Rebuild()
	b.hand.settle()
	if d := b.s.Resume.Doc(); b.s.Resume.ID == "" || len(d.Work) != 2 || b.Canvas().Focused() == nil {
		t.Errorf("made anew: %s", d.Bytes())
	}
	b.key(fyne.KeyEscape)
	if !b.sees("Soudeuse") || b.s.Resume.ID != "" {
		t.Errorf("back at the list: %q", b.Sight().Texts)
	}
	b.shoot(t, "resume-6-list")
	b.press(t, w.S(i18n.ResumeRemoveOf, "Name", w.S(i18n.ResumeNamed)))
	if !b.sees(w.S(i18n.ResumeEmpty)) {
		t.Errorf("removed: %q", b.Sight().Texts)
	}
	b.press(t, w.S(i18n.SavedUndo))
	if !strings.Contains(written(t, c), "Cuisinière") {
		t.Errorf("taken back: %s", written(t, c))
	}
}

const longResume = `{"basics":{"name":"Ada Test","label":"Soudeuse","email":"ada@exemple.ca","image":"x","phone":"418-555-0100","summary":"Douze ans d'atelier et de chantier, en soudure à l'arc et au semi-automatique.",
 "location":{"city":"Rimouski","region":"Québec"},"profiles":[{"network":"Portfolio","url":"https://exemple.ca/ada"}]},
 "work":[{"position":"Soudeuse monteuse","name":"Chantier du Quai (fictif)","startDate":"2019-04","highlights":["Assemblage de coques d'acier","Inspection visuelle des joints"]},{"position":"Cuisinière","name":"x","startDate":"2030"}],
 "education":[{"studyType":"DEP","area":"Soudage-montage","institution":"Centre de formation (fictif)","startDate":"2016","endDate":"2018"}],
 "skills":[{"name":"Lecture de plans","keywords":["isométriques","cotes"]}],"languages":[{"language":"Français","fluency":"Langue maternelle"},{"language":"Anglais"}],"certificates":[{"name":"Carte de l'Association (fictive)","date":"2020-02"}]}`

// TestResumeNotClipped measures every page of the résumés, and goes round it by Tab, in both
// languages, three themes, at 100 and 200 %, in wide and narrow windows.
//
// Rows
func TestResumeNotClipped(t *testing.T) {
	for i, o := range []setup{{}, {lang: i18n.English, percent: 200}, {percent: 200, width: 1000, height: 700},
		{mode: look.Contrast, percent: 150, width: 700, height: 700}, {lang: i18n.English, mode: look.Dark}} {
		c := openCabinet(t)
		o.mine = c
		b := open(t, o)
		b.Go("resume")
		b.hand.settle()
		d, err := resume.Parse([]byte(longResume))
		if err != nil {
			t.Fatal(err)
		}
		for id, x := range map[string]personal.Resume{"r1": {Name: "Soudure, atelier et chantier", Lang: "fr", Resume: d.Sections()}, "r2": {Name: "Welding", Lang: "en", Resume: d.Sections()}} {
			if err := personal.Write(t.Context(), c.file, id, x, noon); err != nil {
				t.Fatal(err)
			}
		}
		r := b.s.Resume
		r.Load()
		b.hand.settle()
		see := func(name string) {
			t.Helper()
			b.hand.settle()
			b.unclipped(t, o, name)
			b.shoot(t, fmt.Sprintf("resume-look-%d-%s", i, name))
			b.round(t, name)
		}
		see("list")
		r.Open("r1")
		see("overview")
		for _, s := range []string{state.ResumeHead, string(resume.Experience), string(resume.Skilled), string(resume.Summary)} {
			r.Turn(s)
			if s == string(resume.Experience) {
				r.Pick(1)
			}
			see(s)
		}
		c.err = session.ErrLocked
		r.Type("basics.summary", "Autre")
		r.Flush()
		see("unkept")
		r.Leave()
		see("failed")
	}
}
