package state

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/personal"
	"passerelle/store/resume"
	"passerelle/sync/replica/replicatest"
	"passerelle/sync/session"
)

// filed is what the personal file holds of a version.
func filed(t *testing.T, d *drawer, id string) personal.Resume {
	t.Helper()
	x, err := personal.Read[personal.Resume](t.Context(), d.file, id)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// A version is begun, filled in, arranged and kept as it is typed; a kill loses nothing that was
// kept, and what was removed comes back as it was.
//
// Rows: X-021
func TestResume(t *testing.T) {
	d := &drawer{}
	k, _ := following(t, i18n.French, d)
	r := k.Resume
	r.Load()
	k.hand.run()
	if !r.Loaded || r.Err != nil || len(r.Versions) != 0 {
		t.Fatalf("nothing was written: %v, %d versions", r.Err, len(r.Versions))
	}
	r.New(i18n.English)
	k.hand.run()
	if r.ID == "" || r.Section != ResumeHead || len(r.Versions) != 1 || r.Versions[0].Lang != i18n.English {
		t.Fatalf("begun: %q, %+v", r.Section, r.Versions)
	}
	id := r.ID
	r.Type("basics.name", "Ada Test")
	r.Type("basics.email", "ada@exemple")
	if got := filed(t, d, id); strings.Contains(string(got.Resume["basics"]), "Ada") {
		t.Error("each key is written")
	}
	k.hand.pass(time.Second)
	k.hand.run()
	if got := filed(t, d, id); !strings.Contains(string(got.Resume["basics"]), `"Ada Test"`) || r.SavedLine() == k.Words().S(i18n.ResumeSaves) {
		t.Errorf("a second later there is %s, %q", got.Resume["basics"], r.SavedLine())
	}
	if r.Wrong("basics.email") == "" || r.Wrong("basics.name") != "" {
		t.Errorf("findings are %+v", r.Findings)
	}
	r.Type("basics.email", "ada@exemple.ca")

	r.Turn(string(resume.Experience))
	if r.Entry != 0 || r.Entries() != 1 {
		t.Fatalf("a section that is empty opens with %d entries at %d", r.Entries(), r.Entry)
	}
	for path, text := range map[string]string{"work[0].position": "Welder", "work[0].name": "Un", "work[0].startDate": "2019-13", "work[0].endDate": "2018", "work[0].highlights": "a\nb\n"} {
		r.Type(path, text)
	}
	k.hand.pass(time.Second)
	k.hand.run()
	if r.Wrong("work[0].startDate") == "" || len(r.Findings) != 1 {
		t.Errorf("a month 13 gives %+v", r.Findings)
	}
	r.Type("work[0].startDate", "2017-03")
	r.Add()
	r.Type("work[1].position", "Cook")
	r.Move(1, -1)
	if title, _ := r.EntryLine(0); title != "Cook" || r.Entry != 0 {
		t.Errorf("moved up, the first is %q and %d is open", title, r.Entry)
	}
	before := string(r.doc.Bytes())
	r.Drop(1)
	if r.Entries() != 1 || r.Removed == nil || !strings.Contains(r.Removed.What, "Welder") {
		t.Fatalf("removed: %d entries, %+v", r.Entries(), r.Removed)
	}
	r.Back()
	if string(r.doc.Bytes()) != before {
		t.Errorf("taken back it is\n%s, it was\n%s", r.doc.Bytes(), before)
	}
	r.Turn(string(resume.Skilled)) // begins an entry
	r.Turn("")                     // that was never filled in
	if r.doc.Entries("skills") != 0 {
		t.Error("an entry that was only begun stays")
	}
	r.MoveSection(string(resume.Speaks), -1)
	r.Show(string(resume.Experience), false)
	r.SetLang(i18n.French)
	r.Rename(" Soudure ")
	if r.NameProblem(" ") == "" || r.NameProblem(strings.Repeat("a", MaxName+1)) == "" || r.NameProblem("a") != "" {
		t.Error("names are taken as they come")
	}
	r.Flush()
	k.hand.run()

	d.killed(t)
	k2, _ := following(t, i18n.French, d)
	k2.Resume.Load()
	k2.hand.run()
	if all := k2.Resume.Versions; len(all) != 1 || all[0].Name != "Soudure" || all[0].Lang != i18n.French || all[0].Who != "Ada Test" {
		t.Fatalf("after a kill: %+v", all)
	}
	k2.Resume.Open(id)
	k2.hand.run()
	got := k2.Resume.Doc()
	if !reflect.DeepEqual(got.Sections(), filed(t, d, id).Resume) || got.Work[1].Position != "Welder" || got.Shown(resume.Experience) || got.Order()[4] != resume.Speaks {
		t.Errorf("after a kill it is\n%s, it was\n%s", got.Bytes(), r.doc.Bytes())
	}

	v := k2.Resume.Versions[0]
	k2.Resume.Copy(v, i18n.English, false)
	k2.hand.run()
	if all := k2.Resume.Versions; len(all) != 2 || k2.Resume.ID == id || k2.Resume.Lang != i18n.English || !reflect.DeepEqual(k2.Resume.doc.Sections(), got.Sections()) {
		t.Errorf("the copy: %+v", all)
	}
	k2.Resume.Leave()
	k2.hand.run()
	k2.Resume.Remove(v)
	k2.hand.run()
	if len(k2.Resume.Versions) != 1 || k2.Resume.Removed == nil {
		t.Fatalf("removed: %+v", k2.Resume.Versions)
	}
	k2.Resume.Back()
	k2.hand.run()
	if x := filed(t, d, id); len(k2.Resume.Versions) != 2 || x.Name != "Soudure" {
		t.Errorf("taken back: %+v", k2.Resume.Versions)
	}
}

// What was typed while the desk is locked or the disk refuses is not lost: it is kept as soon
// as that goes, also of a version that was closed meanwhile.
//
// Rows: X-021
func TestResumeUnkept(t *testing.T) {
	d := &drawer{}
	k, _ := following(t, i18n.French, d)
	r := k.Resume
	r.New(i18n.French)
	k.hand.run()
	id := r.ID
	d.err = session.ErrLocked
	r.Type("basics.name", "Ada Test")
	r.Flush()
	k.hand.run()
	if r.SaveProblem() == "" || !strings.Contains(r.SavedLine(), k.Words().S(i18n.ResumeUnsaved)) {
		t.Errorf("locked: %q, %q", r.SaveProblem(), r.SavedLine())
	}
	r.Leave()
	k.hand.run()
	if r.ID != "" || r.Fault == "" {
		t.Errorf("left: %q, %q", r.ID, r.Fault)
	}
	d.err = nil
	r.Load()
	k.hand.run()
	if x := filed(t, d, id); !strings.Contains(string(x.Resume["basics"]), "Ada Test") || len(r.Versions) != 1 || r.Versions[0].Who != "Ada Test" {
		t.Errorf("unlocked there is %s, %+v", x.Resume["basics"], r.Versions)
	}
	for _, err := range []error{cache.ErrNoAccount, session.ErrNoKeyring} {
		d.err = err
		if r.Load(); r.Loaded {
			k.hand.run()
		}
		if r.Problem() == "" {
			t.Errorf("%v is told as nothing", err)
		}
	}
}

// Each file that is no résumé is refused with a sentence of its own and leaves no version; what
// is one comes in whole.
//
// Rows: X-021
func TestResumeImport(t *testing.T) {
	d := &drawer{}
	k, _ := following(t, i18n.French, d)
	r, w := k.Resume, k.Words()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for path, want := range map[string]i18n.Key{
		file("a.pdf", "%PDF-1.7 …"): i18n.ResumeImportPdf, file("b.docx", "PK\x03\x04…"): i18n.ResumeImportWord, file("c.doc", "\xd0\xcf\x11\xe0\xa1"): i18n.ResumeImportWord,
		file("d.rtf", `{\rtf1 x}`): i18n.ResumeImportWord, file("e.json", " \n"): i18n.ResumeImportEmpty, file("f.json", `{"basics":{"na`): i18n.ResumeImportBroken,
		file("g.json", `{"version":2}`): i18n.ResumeImportForeign, file("h.xml", "<html></html>"): i18n.ResumeImportForeign, file("i.json", "\xff\xfe{}"): i18n.ResumeImportBroken,
		file("j.json", `{"basics":{"x":"`+strings.Repeat("a", resume.Most)+`"}}`):    i18n.ResumeImportLarge, // one byte too many is enough
		file("k.json", `{"basics":{"x":"`+strings.Repeat("a", resume.Most-30)+`"}}`): i18n.MineLarge,         // with what it is kept under
		dir: i18n.PrivateFile, filepath.Join(dir, "none.json"): i18n.PrivateFile,
	} {
		r.Import(path)
		k.hand.run()
		if r.Fault != w.S(want) || r.ID != "" || r.Busy || len(r.Versions) != 0 {
			t.Errorf("%s: %q, want %q; %d versions", filepath.Base(path), r.Fault, w.S(want), len(r.Versions))
		}
	}
	const whole = `{"basics":{"name":"Ada Test","image":"https://exemple.ca/x.png","x-a":1.0},"skills":[{"name":"Souder","x-b":null}]}`
	r.Import(file("Mon CV.json", whole))
	k.hand.run()
	if r.Fault != "" || r.Name != "Mon CV" || r.Said == "" || len(r.Findings) == 0 || !r.Findings[0].Private {
		t.Fatalf("imported: %q, %q, %+v", r.Fault, r.Name, r.Findings)
	}
	doc := r.Doc()
	for _, want := range []string{`"x-a": 1.0`, `"x-b": null`, `x.png`} {
		if got := strings.ReplaceAll(strings.ReplaceAll(string(doc.Bytes()), `":`, `": `), `:  `, `: `); !strings.Contains(got, want) {
			t.Errorf("%s is lost: %s", want, got)
		}
	}
	if _, _, ok := r.Where(r.Findings[0]); ok {
		t.Error("a photo can be filled in")
	}
	r.Discreet()
	if now := r.Doc(); strings.Contains(string(now.Bytes()), "x.png") {
		t.Errorf("taken out, it is still there: %s", now.Bytes())
	}
	r.Back()
	if now := r.Doc(); !strings.Contains(string(now.Bytes()), "x.png") {
		t.Error("it does not come back")
	}
}

// Every field that a finding names is one that can be filled in, and every field of the document
// that is printed has a place.
func TestResumeFields(t *testing.T) {
	d := &drawer{}
	k, _ := following(t, i18n.French, d)
	r := k.Resume
	r.ID = "x"
	for _, s := range append([]string{ResumeHead}, sectionNames()...) {
		r.Section, r.Entry = s, -1
		if r.List() != "" {
			r.Entry = r.doc.Add(r.List())
		}
		fields := r.Fields()
		if len(fields) == 0 {
			t.Errorf("%s has no fields", s)
		}
		for _, f := range fields {
			if path := r.Path(f, s != ResumeHead && r.List() != ""); !r.doc.Set(path, "x") || r.At(path) != "x" {
				t.Errorf("%s is no field", path)
			}
		}
		for _, f := range r.EntryFields() {
			if path := r.Path(f, true); !r.doc.Set(path, "x") {
				t.Errorf("%s is no field", path)
			}
		}
	}
	bad := resume.Document{}
	bad.Work, bad.Education, bad.Languages, bad.Skills, bad.Projects = make([]resume.Work, 1), make([]resume.Education, 1), make([]resume.Language, 1), make([]resume.Skill, 1), make([]resume.Project, 1)
	bad.Basics.Profiles = []resume.Profile{{URL: "x"}}
	bad.Basics.Email, bad.Basics.URL, bad.Projects[0].StartDate, bad.Basics.Summary = "x", "x", "x", "046 454 286"
	r.doc = bad
	r.look()
	for _, f := range r.Findings {
		section, entry, ok := r.Where(f)
		if !ok || section == "" {
			t.Errorf("%s leads nowhere", f.Path)
			continue
		}
		r.Go(f)
		found := false
		for _, x := range r.Fields() {
			found = found || r.Path(x, false) == f.Path
		}
		for _, x := range r.EntryFields() {
			found = found || entry >= 0 && r.Path(x, true) == f.Path
		}
		if !found {
			t.Errorf("%s is not on the page that it leads to: %s, entry %d", f.Path, r.Section, r.Entry)
		}
	}
}

func sectionNames() (all []string) {
	for _, s := range resume.Sections {
		all = append(all, string(s))
	}
	return all
}

// A version begins from the active profile, in either language, and offers its words: what is
// done in its titles, its skills, its studies.
//
// Rows: X-021
func TestResumeFromProfile(t *testing.T) {
	d, rec := signedIn(t, i18n.French)
	file := &drawer{dir: t.TempDir()}
	if err := file.open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.file.Close() })
	d.o.Mine = file

	if err := rec.Put(t.Context(), mine, replicatest.Doc(`{"places":["CA"],"mode":"default","experience":{"72106":"5"},"education":["4"],"credentials":["ps:red-seal"]}`)); err != nil {
		t.Fatal(err)
	}
	r := d.Resume
	r.Load()
	d.hand.run()
	for l, title := range map[i18n.Lang]string{i18n.French: "oudeur", i18n.English: "elder"} {
		r.FromProfile(l)
		d.hand.run()
		doc := r.Doc()
		if len(doc.Work) != 1 || !strings.Contains(doc.Work[0].Position, title) || len(doc.Certificates) != 1 || len(doc.Education) != 1 || doc.Basics.Label != doc.Work[0].Position {
			t.Fatalf("%s: %s", l, doc.Bytes())
		}
		r.Turn(string(resume.Experience))
		_, _, tasks := r.Offer()
		if len(tasks) == 0 {
			t.Fatalf("%s: nothing is done in %q", l, doc.Work[0].Position)
		}
		r.Take("task", tasks[0])
		if got := r.Doc().Work[0].Highlights; len(got) != 1 || got[0] != tasks[0] {
			t.Errorf("taken: %q", got)
		}
		if _, _, rest := r.Offer(); len(rest) != len(tasks)-1 {
			t.Errorf("%d are offered, want %d", len(rest), len(tasks)-1)
		}
		r.Add()
		_, titles, _ := r.Offer()
		if len(titles) != 1 {
			t.Errorf("titles offered: %q", titles)
		}
		r.Drop(r.Entry)
		r.Turn(string(resume.Certified))
		if all, _, _ := r.Offer(); len(all) != 0 {
			t.Errorf("what is there is offered: %q", all)
		}
		r.Drop(0)
		all, _, _ := r.Offer()
		if len(all) != 1 {
			t.Fatalf("what was removed is not offered: %q", all)
		}
		if r.Take("entry", all[0]); r.Entries() != 1 {
			t.Errorf("%d entries", r.Entries())
		}
	}
}

// A name that a copy gets has room for its number, and is one that can be saved.
func TestFreshName(t *testing.T) {
	w := i18n.For(i18n.French)
	taken := map[string]bool{}
	for n := range 12 {
		name := freshName(w, strings.Repeat("é", MaxName+7), func(name string) bool { return taken[name] })
		if taken[name] || len([]rune(name)) > MaxName {
			t.Errorf("name %d is %q, %d characters", n, name, len([]rune(name)))
		}
		taken[name] = true
	}
}
