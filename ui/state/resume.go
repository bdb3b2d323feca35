package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/personal"
	"passerelle/store/posting"
	"passerelle/store/record"
	"passerelle/store/resume"
	"passerelle/store/skill"
)

// Resume is the résumés of a person: the list of their versions, and the one that is open.
// All of it lies in the personal file and leaves by the person's own hand only.
type Resume struct {
	s   *State
	pen *pen

	Versions []ResumeVersion // the last changed first
	Loaded   bool
	Err      error // why they cannot be read
	Busy     bool  // one is being made or read
	Removed  *Undo // a version, or an entry of the open one
	Said     string
	Fault    string // why the last act did not go, and what to do

	ID       string // of the version that is open; "": none
	Name     string
	Lang     i18n.Lang // that it is written in
	Section  string    // that is open: ResumeHead, a section by its name; "": the overview
	Entry    int       // of the section, that is being filled in; −1: none
	Findings []resume.Finding
	Words    ResumeWords

	// Changed tells whoever draws; Typed that what was typed has been looked at, or kept,
	// and nothing else has changed. Nil is fine.
	Changed, Typed func()

	doc  resume.Document
	auto *autosave[personal.Resume]
	soon func() // calls off the look at what was typed
	gen  int
}

// ResumeVersion is a line of the list.
type ResumeVersion struct {
	ID, Name string
	Lang     i18n.Lang
	Who      string // whose, and what they do
	Changed  time.Time
	Mend     int  // how much there is to mend
	Broken   bool // it cannot be read; it is kept as it is
}

// ResumeWords are words of the person's profile, in the language of the version.
type ResumeWords struct {
	Titles      []ResumeTitle
	Skills      []string
	Credentials []string
	Studies     []string
}

// ResumeTitle is an occupation of the profile, with what is done in it.
type ResumeTitle struct {
	Title string
	Tasks []string
}

// ResumeHead is the section above all: who they are, and how they are reached.
const ResumeHead = "head"

// ResumeField is a field of a section.
type ResumeField struct {
	Name  string // in the document, of an entry
	Label i18n.Key
	Help  i18n.Key // "": none
	Rows  int      // of several lines; 0: one line
	Day   bool
}

const (
	paragraph = 5 // rows of a field of several lines
	lines     = 4
)

// resumeFields are the fields of each section, in the order in which they are filled in.
var resumeFields = map[string][]ResumeField{
	ResumeHead: {{Name: "name", Label: i18n.ResumeFieldName}, {Name: "label", Label: i18n.ResumeFieldLabel, Help: i18n.ResumeFieldLabelHelp},
		{Name: "location.city", Label: i18n.ResumeFieldCity, Help: i18n.ResumeFieldCityHelp}, {Name: "location.region", Label: i18n.ResumeFieldRegion},
		{Name: "phone", Label: i18n.ResumeFieldPhone}, {Name: "email", Label: i18n.ResumeFieldEmail}, {Name: "url", Label: i18n.ResumeSite}},
	resume.Pages:           {{Name: "network", Label: i18n.ResumeFieldNetwork}, {Name: "username", Label: i18n.ResumeFieldUsername}, {Name: "url", Label: i18n.ResumeFieldUrl}},
	string(resume.Summary): {{Name: "summary", Label: i18n.ResumeSectionSummary, Help: i18n.ResumeFieldSummaryHelp, Rows: 6}},
	string(resume.Experience): {{Name: "position", Label: i18n.ResumeFieldPosition}, {Name: "name", Label: i18n.ResumeFieldEmployer}, {Name: "location", Label: i18n.ResumeFieldPlace},
		{Name: "startDate", Label: i18n.ResumeFieldStart, Day: true}, {Name: "endDate", Label: i18n.ResumeFieldEnd, Help: i18n.ResumeFieldEndHelp, Day: true},
		{Name: "highlights", Label: i18n.ResumeFieldHighlights, Help: i18n.ResumeFieldLines, Rows: paragraph}, {Name: "summary", Label: i18n.ResumeFieldAbout, Rows: lines},
		{Name: "description", Label: i18n.ResumeFieldOf, Rows: 2}, {Name: "url", Label: i18n.ResumeSite}},
	string(resume.Volunteering): {{Name: "position", Label: i18n.ResumeFieldRole}, {Name: "organization", Label: i18n.ResumeFieldOrganization},
		{Name: "startDate", Label: i18n.ResumeFieldStart, Day: true}, {Name: "endDate", Label: i18n.ResumeFieldEnd, Help: i18n.ResumeFieldEndHelp, Day: true},
		{Name: "highlights", Label: i18n.ResumeFieldHighlights, Help: i18n.ResumeFieldLines, Rows: paragraph}, {Name: "summary", Label: i18n.ResumeFieldAbout, Rows: lines}, {Name: "url", Label: i18n.ResumeSite}},
	string(resume.Studies): {{Name: "studyType", Label: i18n.ResumeFieldStudy, Help: i18n.ResumeFieldStudyHelp}, {Name: "area", Label: i18n.ResumeFieldArea}, {Name: "institution", Label: i18n.ResumeFieldInstitution},
		{Name: "startDate", Label: i18n.ResumeFieldStart, Day: true}, {Name: "endDate", Label: i18n.ResumeFieldEnd, Help: i18n.ResumeFieldEndStudy, Day: true},
		{Name: "courses", Label: i18n.ResumeFieldCourses, Help: i18n.ResumeFieldLines, Rows: lines}, {Name: "score", Label: i18n.ResumeFieldScore}, {Name: "url", Label: i18n.ResumeSite}},
	string(resume.Skilled):   {{Name: "name", Label: i18n.ResumeFieldSkill}, {Name: "level", Label: i18n.ResumeFieldLevel}, {Name: "keywords", Label: i18n.ResumeFieldKeywords, Help: i18n.ResumeFieldLines, Rows: 3}},
	string(resume.Certified): {{Name: "name", Label: i18n.ResumeFieldCertificate}, {Name: "issuer", Label: i18n.ResumeFieldIssuer}, {Name: "date", Label: i18n.ResumeFieldDate, Day: true}, {Name: "url", Label: i18n.ResumeSite}},
	string(resume.Speaks):    {{Name: "language", Label: i18n.ResumeFieldLanguage}, {Name: "fluency", Label: i18n.ResumeFieldFluency, Help: i18n.ResumeFieldFluencyHelp}},
	string(resume.Undertaken): {{Name: "name", Label: i18n.ResumeFieldProject}, {Name: "roles", Label: i18n.ResumeFieldRoles, Help: i18n.ResumeFieldLines, Rows: 2}, {Name: "entity", Label: i18n.ResumeFieldOrganization},
		{Name: "startDate", Label: i18n.ResumeFieldStart, Day: true}, {Name: "endDate", Label: i18n.ResumeFieldEnd, Help: i18n.ResumeFieldEndHelp, Day: true},
		{Name: "description", Label: i18n.ResumeFieldAbout, Rows: lines}, {Name: "highlights", Label: i18n.ResumeFieldHighlights, Help: i18n.ResumeFieldLines, Rows: lines},
		{Name: "keywords", Label: i18n.ResumeFieldKeywords, Help: i18n.ResumeFieldLines, Rows: 2}, {Name: "url", Label: i18n.ResumeSite}},
	string(resume.Awarded):    {{Name: "title", Label: i18n.ResumeFieldAward}, {Name: "awarder", Label: i18n.ResumeFieldIssuer}, {Name: "date", Label: i18n.ResumeFieldDate, Day: true}, {Name: "summary", Label: i18n.ResumeFieldAbout, Rows: lines}},
	string(resume.Published):  {{Name: "name", Label: i18n.ResumeFieldTitle}, {Name: "publisher", Label: i18n.ResumeFieldPublisher}, {Name: "releaseDate", Label: i18n.ResumeFieldDate, Day: true}, {Name: "summary", Label: i18n.ResumeFieldAbout, Rows: lines}, {Name: "url", Label: i18n.ResumeSite}},
	string(resume.Interested): {{Name: "name", Label: i18n.ResumeFieldInterest}, {Name: "keywords", Label: i18n.ResumeFieldKeywords, Help: i18n.ResumeFieldLines, Rows: 3}},
	string(resume.Referred):   {{Name: "name", Label: i18n.ResumeFieldReference, Help: i18n.ResumeFieldReferenceHelp}, {Name: "reference", Label: i18n.ResumeFieldAbout, Rows: lines}},
}

func newResume(s *State) *Resume {
	r := &Resume{s: s, pen: newPen(s), Entry: -1}
	r.auto = &autosave[personal.Resume]{s: s, pen: r.pen, tell: r.typed, body: func() personal.Resume {
		return personal.Resume{Name: r.Name, Lang: string(r.Lang), Resume: r.doc.Sections()}
	}, lost: func(err error) {
		r.Fault = MineProblem(s.words, err)
		r.tell()
	}}
	return r
}

func (r *Resume) tell() {
	if r.Changed != nil {
		r.Changed()
	}
}

// Offered says whether résumés can be kept here.
func (r *Resume) Offered() bool { return r.s.o.Mine != nil }

// Load reads the list. What could not be kept before is kept now.
func (r *Resume) Load() {
	if !r.Offered() {
		return
	}
	r.Flush()
	r.auto.again()
	r.gen++
	gen, now := r.gen, r.s.Now()
	var all []ResumeVersion
	r.pen.read(func(ctx context.Context, f *personal.File) (err error) {
		all, err = resumeVersions(ctx, f, now)
		return err
	}, func(err error) {
		if gen != r.gen {
			return
		}
		if errors.Is(err, personal.ErrNotFound) {
			err = nil // nothing was ever written
		}
		if r.Loaded, r.Err = true, err; err == nil {
			r.Versions = all
		}
		r.tell()
	})
}

func resumeVersions(ctx context.Context, f *personal.File, now time.Time) ([]ResumeVersion, error) {
	entries, err := personal.All[personal.Resume](ctx, f)
	var all []ResumeVersion
	for _, e := range entries {
		v := ResumeVersion{ID: e.ID, Name: e.Body.Name, Lang: i18n.Lang(e.Body.Lang), Changed: e.Changed}
		d, err := resume.FromSections(e.Body.Resume)
		if v.Broken = err != nil; !v.Broken {
			v.Who, v.Mend = join(d.Basics.Name, d.Basics.Label), len(resume.Check(d, now))
		}
		all = append(all, v)
	}
	return all, err
}

// Problem says why there is no list, and what to do; "" when there is.
func (r *Resume) Problem() string { return MineProblem(r.s.words, r.Err) }

// SaveProblem says why what was changed is not kept; "" when it is.
func (r *Resume) SaveProblem() string { return MineProblem(r.s.words, r.auto.err) }

// freshName is a name that no version has.
func (r *Resume) freshName(base string) string {
	return freshName(r.s.words, base, func(name string) bool {
		return slices.ContainsFunc(r.Versions, func(v ResumeVersion) bool { return strings.EqualFold(v.Name, name) })
	})
}

// freshName is a name, with a number after it where it is taken, of MaxName characters at most.
func freshName(w *i18n.Words, base string, taken func(name string) bool) string {
	if rs := []rune(base); len(rs) > MaxName-4 {
		base = string(rs[:MaxName-4])
	}
	name := base
	for n := 2; taken(name); n++ {
		name = base + " " + w.Number(n)
	}
	return name
}

// make has a new version made, kept and opened.
func (r *Resume) make(name string, l i18n.Lang, section, said string, of func(ctx context.Context) (resume.Document, error)) {
	if r.Busy {
		return
	}
	r.Close()
	r.Busy, r.Said, r.Fault, r.Removed = true, "", "", nil
	r.tell()
	now := r.s.Now()
	var id string
	var d resume.Document
	r.pen.write(func(ctx context.Context, f *personal.File) (err error) {
		if d, err = of(ctx); err != nil {
			return err
		}
		if id, err = cache.NewID(); err != nil {
			return err
		}
		return personal.Write(ctx, f, id, personal.Resume{Name: name, Lang: string(l), Resume: d.Sections()}, now)
	}, func(err error) {
		r.Busy = false
		if err != nil {
			r.Fault = r.importProblem(err)
			r.tell()
			return
		}
		r.Load()
		r.opened(id, name, l, d, now)
		r.Section, r.Said = section, said
		r.tell()
	})
}

// New begins an empty version.
func (r *Resume) New(l i18n.Lang) {
	r.make(r.freshName(r.s.words.S(i18n.ResumeNamed)), l, ResumeHead, "", func(context.Context) (resume.Document, error) {
		return resume.Document{Schema: resume.Schema}, nil
	})
}

// CanFill says whether there may be a profile to begin from.
func (r *Resume) CanFill() bool { return r.s.Profile.Offered() }

// FromProfile begins a version with what the profile says, and the name and address of the
// account as far as they are known here.
func (r *Resume) FromProfile(l i18n.Lang) {
	private, person, accounts := r.s.o.Private, r.s.Present.Person, r.s.o.Accounts
	r.make(r.freshName(r.s.words.S(i18n.ResumeNamed)), l, "", r.s.words.S(i18n.ResumeFilled), func(ctx context.Context) (resume.Document, error) {
		d := resume.Document{Schema: resume.Schema}
		if private == nil {
			return d, nil
		}
		got, err := readProfile(ctx, private, person.ID)
		if err != nil {
			return d, err
		}
		d.Basics.Name = person.Name
		if accounts != nil {
			if me, _, err := accounts.Me(ctx); err == nil { // else the person writes it
				d.Basics.Name, d.Basics.Email = strings.TrimSpace(me.First+" "+me.Last), me.Email
			}
		}
		words := wordsOf(profileDoc(got.rec.Doc), l)
		for i, t := range words.Titles {
			if i == 0 {
				d.Basics.Label = t.Title
			}
			d.Work = append(d.Work, resume.Work{Position: t.Title})
		}
		for _, x := range words.Skills {
			d.Skills = append(d.Skills, resume.Skill{Name: x})
		}
		for _, x := range words.Credentials {
			d.Certificates = append(d.Certificates, resume.Certificate{Name: x})
		}
		for _, x := range words.Studies {
			d.Education = append(d.Education, resume.Education{StudyType: x})
		}
		return d, nil
	})
}

// profileDoc is the activated version of a profile, else what is being written.
func profileDoc(d record.Doc) record.Doc {
	var active record.Doc
	if json.Unmarshal(d["active"], &active) == nil && len(active) > 0 {
		return active
	}
	return d
}

// wordsOf are the words of a profile in a language.
func wordsOf(d record.Doc, l i18n.Lang) (all ResumeWords) {
	w := i18n.For(l)
	for _, noc := range slices.Sorted(maps.Keys(lengthsOf(d))) {
		t := ResumeTitle{Title: formWord(w, record.NOC, noc)}
		for _, c := range skill.For(noc) {
			if c.Section == posting.Tasks && len(c.NOCs) > 0 {
				task, _ := c.Name.In(l)
				t.Tasks = append(t.Tasks, task)
			}
		}
		all.Titles = append(all.Titles, t)
	}
	for _, id := range list(d["skills"]) {
		all.Skills = append(all.Skills, formWord(w, record.Skill, id))
	}
	for _, id := range list(d["credentials"]) {
		all.Credentials = append(all.Credentials, formWord(w, record.Skill, id))
	}
	for _, v := range list(d["education"]) {
		all.Studies = append(all.Studies, valueWord(w, profileKind, "education", v))
	}
	for _, words := range [][]string{all.Skills, all.Credentials} {
		slices.SortFunc(words, inOrder(w))
	}
	return all
}

// Copy makes another version of one, in a language. discreet: without photo, age and the like
// that a file brought with it.
func (r *Resume) Copy(v ResumeVersion, l i18n.Lang, discreet bool) {
	r.Flush()
	key := i18n.ResumeCopyOf
	if discreet {
		key = i18n.ResumeDiscreetOf
	}
	pen, id := r.pen, v.ID
	r.make(r.freshName(r.s.words.S(key, "Name", v.Name)), l, "", r.s.words.S(i18n.ResumeCopied), func(ctx context.Context) (resume.Document, error) {
		f, err := pen.s.mine(ctx, pen.whose, false)
		if err != nil {
			return resume.Document{}, err
		}
		body, err := personal.Read[personal.Resume](ctx, f, id)
		if err != nil {
			return resume.Document{}, err
		}
		d, err := resume.FromSections(body.Resume)
		if err == nil && discreet {
			d = d.Discreet()
		}
		return d, err
	})
}

// What an import meets beside what store/resume tells of a file.
var (
	errPDF   = errors.New("a PDF")
	errWord  = errors.New("a document of a word processor")
	errEmpty = errors.New("an empty file")
)

// Import reads a file of JSON Resume or Europass and makes a version of it.
func (r *Resume) Import(path string) {
	w := r.s.words
	base := strings.TrimSpace(nameOfFile(path))
	if base == "" {
		base = w.S(i18n.ResumeNamed)
	}
	r.make(r.freshName(base), r.s.Lang(), "", w.S(i18n.ResumeImported), func(context.Context) (resume.Document, error) { return readResume(path) })
}

// nameOfFile is that of a file, without where it lies and what it ends in.
func nameOfFile(path string) string {
	path = path[strings.LastIndexAny(path, `/\`)+1:]
	if i := strings.LastIndexByte(path, '.'); i > 0 {
		path = path[:i]
	}
	return path
}

func readResume(path string) (d resume.Document, err error) {
	f, err := os.Open(path)
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	b, err := io.ReadAll(io.LimitReader(f, resume.Most+1)) // one more tells that it is too large
	if err != nil {
		return d, err
	}
	switch head := string(b[:min(len(b), 8)]); {
	case len(strings.TrimSpace(head)) == 0 && len(strings.TrimSpace(string(b))) == 0:
		return d, errEmpty
	case strings.HasPrefix(head, "%PDF"):
		return d, errPDF
	case strings.HasPrefix(head, "PK\x03\x04"), strings.HasPrefix(head, "\xd0\xcf\x11\xe0"), strings.HasPrefix(head, `{\rtf`):
		return d, errWord
	}
	return resume.Import(b)
}

// importProblem says what is wrong with a file, or with keeping it.
func (r *Resume) importProblem(err error) string {
	w := r.s.words
	for _, x := range []struct {
		err error
		key i18n.Key
	}{{errPDF, i18n.ResumeImportPdf}, {errWord, i18n.ResumeImportWord}, {errEmpty, i18n.ResumeImportEmpty}, {resume.ErrTooLarge, i18n.ResumeImportLarge},
		{resume.ErrBroken, i18n.ResumeImportBroken}, {resume.ErrForeign, i18n.ResumeImportForeign}, {os.ErrNotExist, i18n.PrivateFile}, {os.ErrPermission, i18n.PrivateFile},
		{personal.ErrNotFound, i18n.ResumeGone}} {
		if errors.Is(err, x.err) {
			return w.S(x.key)
		}
	}
	var file *os.PathError
	if errors.As(err, &file) { // a folder, a disk that was taken out
		return w.S(i18n.PrivateFile)
	}
	return MineProblem(w, err)
}

// Remove forgets a version; [Resume.Back] takes that back.
func (r *Resume) Remove(v ResumeVersion) {
	if r.ID == v.ID {
		r.Close()
	}
	var was personal.Item
	r.Said, r.Fault = "", ""
	r.pen.write(func(ctx context.Context, f *personal.File) (err error) {
		if was, err = f.Get(ctx, personal.KindResume, v.ID); err != nil {
			return err
		}
		return f.Delete(ctx, personal.KindResume, v.ID)
	}, func(err error) {
		if err != nil {
			r.Fault = r.importProblem(err)
		} else {
			r.Removed = &Undo{What: r.s.words.S(i18n.ResumeRemoved, "Name", v.Name), do: func() {
				r.pen.write(func(ctx context.Context, f *personal.File) error {
					return f.Put(ctx, was.Kind, was.ID, was.Body, was.Changed)
				}, func(err error) {
					r.Fault = MineProblem(r.s.words, err)
					r.Load()
				})
			}}
		}
		r.Load()
		r.tell()
	})
}

// Back takes the last removal back.
func (r *Resume) Back() {
	if u := r.Removed; u != nil {
		r.Removed = nil
		u.do()
		r.tell()
	}
}

// Open opens a version.
func (r *Resume) Open(id string) {
	if r.Busy {
		return
	}
	r.Close()
	r.auto.again()
	r.Busy, r.Said, r.Fault, r.Removed = true, "", "", nil
	var body personal.Resume
	var d resume.Document
	r.pen.read(func(ctx context.Context, f *personal.File) (err error) {
		if body, err = personal.Read[personal.Resume](ctx, f, id); err == nil {
			d, err = resume.FromSections(body.Resume)
		}
		return err
	}, func(err error) {
		r.Busy = false
		if err != nil {
			r.Fault = r.importProblem(err)
			r.tell()
			return
		}
		r.opened(id, body.Name, i18n.Lang(body.Lang), d, time.Time{})
		r.tell()
	})
}

func (r *Resume) opened(id, name string, l i18n.Lang, d resume.Document, saved time.Time) {
	r.ID, r.Name, r.Lang, r.doc, r.Section, r.Entry = id, name, l, d, "", -1
	r.auto.open(id, saved)
	r.look()
	r.words()
}

// words reads the profile again.
func (r *Resume) words() {
	r.Words = ResumeWords{}
	if !r.CanFill() {
		return
	}
	id, l, private, person := r.ID, r.Lang, r.s.o.Private, r.s.Present.Person.ID
	var all ResumeWords
	r.s.o.Exec.Go(func() {
		if got, err := readProfile(r.s.ctx, private, person); err == nil { // without one there is nothing to offer
			all = wordsOf(profileDoc(got.rec.Doc), l)
		}
	}, func() {
		if r.ID == id && r.Lang == l {
			r.Words = all
			r.tell()
		}
	})
}

// Close keeps what was changed, and goes back to the list.
func (r *Resume) Close() {
	r.prune()
	r.Flush()
	r.ID, r.Section, r.Entry, r.Removed = "", "", -1, nil
	r.doc, r.Findings = resume.Document{}, nil
	r.auto.open("", time.Time{})
}

// Leave closes and reads the list again.
func (r *Resume) Leave() {
	r.Close()
	r.Load()
	r.tell()
}

// Version is the one that is open, as a line of the list.
func (r *Resume) Version() ResumeVersion { return ResumeVersion{ID: r.ID, Name: r.Name, Lang: r.Lang} }

// Doc is the open version. Its parts are those of this state: read it, and let it go.
func (r *Resume) Doc() resume.Document { return r.doc }

// Turn opens a section, "" the overview. Where nothing is filled in yet an entry is begun.
func (r *Resume) Turn(section string) {
	r.turn(section)
	r.tell()
}

func (r *Resume) turn(section string) {
	r.prune()
	r.Flush()
	r.Section, r.Entry, r.Removed, r.Said = section, -1, nil, ""
	if l := r.List(); l != "" && section != ResumeHead {
		switch r.doc.Entries(l) {
		case 0:
			r.Entry = r.doc.Add(l)
		case 1:
			r.Entry = 0
		}
	}
}

// prune takes out the entries that were begun and never filled in.
func (r *Resume) prune() {
	l := r.List()
	for i := r.doc.Entries(l) - 1; i >= 0; i-- {
		if r.doc.Blank(l, i) {
			r.doc.Remove(l, i)
			r.auto.dirty = true
		}
	}
}

// List is what the entries of the open section are kept as; "": it has none.
func (r *Resume) List() string {
	switch r.Section {
	case "", string(resume.Summary):
		return ""
	case ResumeHead:
		return resume.Pages
	}
	return r.Section
}

// ResumeSection is a line of the overview.
type ResumeSection struct {
	Name  string
	Title string
	N     int // entries
	Shown bool
	First bool // in the order in which they are printed
	Last  bool
}

// Sections are all of them, in their order.
func (r *Resume) Sections() (all []ResumeSection) {
	order := r.doc.Order()
	for i, s := range order {
		all = append(all, ResumeSection{string(s), r.s.words.S(s.Key()), r.doc.Len(s), r.doc.Shown(s), i == 0, i == len(order)-1})
	}
	return all
}

// SectionTitle is what the open section is called.
func (r *Resume) SectionTitle() string {
	if r.Section == ResumeHead {
		return r.s.words.S(i18n.ResumeHead)
	}
	return r.s.words.S(resume.Section(r.Section).Key())
}

// Fields are those of the open section, or of its entries.
func (r *Resume) Fields() []ResumeField { return resumeFields[r.Section] }

// EntryFields are those of an entry of the open section.
func (r *Resume) EntryFields() []ResumeField { return resumeFields[r.List()] }

// Path is that of a field: of the entry that is open, or of the section itself.
func (r *Resume) Path(f ResumeField, entry bool) string {
	if entry {
		return fmt.Sprintf("%s[%d].%s", r.List(), r.Entry, f.Name)
	}
	return "basics." + f.Name
}

// EntryLine is how an entry of the open section is told in one line.
func (r *Resume) EntryLine(i int) (title, note string) {
	at := func(names ...string) (all []string) {
		for _, n := range names {
			if s := strings.TrimSpace(r.doc.At(fmt.Sprintf("%s[%d].%s", r.List(), i, n))); s != "" {
				s, _, _ = strings.Cut(s, "\n")
				all = append(all, s)
			}
		}
		return all
	}
	all := at("position", "studyType", "area", "name", "title", "language", "institution", "organization", "network", "entity", "fluency", "level", "issuer", "awarder", "publisher", "username", "url", "reference")
	note = join(at("startDate", "endDate", "date", "releaseDate")...)
	switch len(all) {
	case 0:
		return r.s.words.S(i18n.ResumeEntryEmpty, "N", r.s.words.Number(i+1)), note
	case 1:
		return all[0], note
	}
	return all[0], join(all[1], note)
}

// Entries is how many entries the open section has.
func (r *Resume) Entries() int { return r.doc.Entries(r.List()) }

// At is the text of a field.
func (r *Resume) At(path string) string { return r.doc.At(path) }

// Type follows what is typed into a field.
func (r *Resume) Type(path, text string) {
	if r.doc.At(path) == text || !r.doc.Set(path, text) {
		return
	}
	r.auto.touch()
	if r.soon != nil {
		r.soon()
	}
	r.soon = r.s.o.Exec.After(300*time.Millisecond, func() {
		r.look()
		r.typed()
	})
}

func (r *Resume) typed() {
	if r.Typed != nil {
		r.Typed()
	}
}

// look finds what there is to mend.
func (r *Resume) look() { r.Findings = resume.Check(r.doc, r.s.Now()) }

// edited is after a change that was not typed.
func (r *Resume) edited() {
	r.auto.touch()
	r.look()
	r.tell()
}

// Flush keeps what was changed at once.
func (r *Resume) Flush() { r.auto.flush() }

// SavedLine says when it was last kept.
func (r *Resume) SavedLine() string { return r.auto.line() }

// Rename gives the version another name; an empty one stays as it was.
func (r *Resume) Rename(name string) {
	if name = strings.TrimSpace(name); name != "" && name != r.Name {
		r.Name = name
		r.auto.touch()
	}
}

// NameProblem says what is wrong with a name; "" when nothing is.
func (r *Resume) NameProblem(name string) string {
	w, n := r.s.words, len([]rune(strings.TrimSpace(name)))
	switch {
	case n == 0:
		return w.S(i18n.ResumeNameEmpty)
	case n > MaxName:
		return w.S(i18n.SavedNameLong, "N", w.Number(n), "Max", w.Number(MaxName))
	}
	return ""
}

// SetLang says in which language it is written: its headings follow.
func (r *Resume) SetLang(l i18n.Lang) {
	if r.Lang == l {
		return
	}
	r.Lang = l
	r.words()
	r.edited()
}

// Add begins an entry.
func (r *Resume) Add() {
	r.Entry, r.Removed = r.doc.Add(r.List()), nil
	r.edited()
}

// Pick opens an entry, −1 closes the one that is open.
func (r *Resume) Pick(i int) {
	r.prune()
	r.Flush()
	i = min(i, r.Entries()-1)
	r.Entry = i
	r.tell()
}

// Drop takes an entry out; [Resume.Back] takes that back.
func (r *Resume) Drop(i int) {
	title, _ := r.EntryLine(i)
	back := r.doc.Remove(r.List(), i)
	if back == nil {
		return
	}
	id := r.ID
	r.Removed = &Undo{What: r.s.words.S(i18n.ResumeEntryRemoved, "Name", title), do: func() {
		if r.ID == id {
			back()
			r.Entry = -1
			r.edited()
		}
	}}
	r.Entry = -1
	r.edited()
}

// Move changes the place of an entry.
func (r *Resume) Move(i, by int) {
	if r.doc.Move(r.List(), i, by) {
		switch r.Entry {
		case i:
			r.Entry = i + by
		case i + by:
			r.Entry = i
		}
		r.edited()
	}
}

// MoveSection changes the place of a section, Show prints or hides it.
func (r *Resume) MoveSection(name string, by int) {
	if r.doc.MoveSection(resume.Section(name), by) {
		r.edited()
	}
}

// Show prints a section, or hides it.
func (r *Resume) Show(name string, shown bool) {
	r.doc.Show(resume.Section(name), shown)
	r.edited()
}

// Discreet takes out of the open version what an employer has no business to know and a file
// brought with it; [Resume.Back] takes that back.
func (r *Resume) Discreet() {
	was, id := r.doc, r.ID
	r.doc = r.doc.Discreet()
	r.Removed = &Undo{What: r.s.words.S(i18n.ResumeDiscreetDone), do: func() {
		if r.ID == id {
			r.doc = was
			r.edited()
		}
	}}
	r.edited()
}

// Where says to which section a finding leads, and which entry of it. false: to none, for the
// file brought what cannot be filled in here.
func (r *Resume) Where(f resume.Finding) (section string, entry int, ok bool) {
	path := f.Path
	switch {
	case path == "":
		return string(resume.Experience), -1, true
	case strings.HasPrefix(path, "basics.summary"):
		return string(resume.Summary), -1, true
	case strings.HasPrefix(path, resume.Pages+"["):
		entry := -1
		_, _ = fmt.Sscanf(path[len(resume.Pages):], "[%d]", &entry)
		return ResumeHead, entry, entry >= 0
	case f.Section != "":
		return string(f.Section), f.Entry - 1, f.Key != i18n.ResumeCheckPersonal
	}
	for _, x := range resumeFields[ResumeHead] {
		if path == "basics."+x.Name {
			return ResumeHead, -1, true
		}
	}
	return "", -1, false
}

// Go opens what a finding is about.
func (r *Resume) Go(f resume.Finding) {
	section, entry, ok := r.Where(f)
	if !ok {
		return
	}
	r.turn(section)
	if entry >= 0 && entry < r.Entries() {
		r.Entry = entry
	}
	r.tell()
}

// Wrong is what is wrong with a field, "" when nothing is.
func (r *Resume) Wrong(path string) string {
	for _, f := range r.Findings {
		if f.Path == path || strings.HasPrefix(f.Path, path+"[") { // of a list, one of its lines
			return r.s.words.S(f.Key)
		}
	}
	return ""
}

// Offer is what the profile has for the open section that is not there yet: whole entries, or
// for the entry that is open its title, then what is done in it.
func (r *Resume) Offer() (entries, titles, tasks []string) {
	has := func(list, field string) func(string) bool {
		return func(x string) bool {
			for i := range r.doc.Entries(list) {
				if strings.EqualFold(strings.TrimSpace(r.doc.At(fmt.Sprintf("%s[%d].%s", list, i, field))), x) {
					return true
				}
			}
			return false
		}
	}
	without := func(all []string, has func(string) bool) []string { return slices.DeleteFunc(slices.Clone(all), has) }
	switch resume.Section(r.Section) {
	case resume.Skilled:
		return without(r.Words.Skills, has(r.Section, "name")), nil, nil
	case resume.Certified:
		return without(r.Words.Credentials, has(r.Section, "name")), nil, nil
	case resume.Studies:
		return without(r.Words.Studies, has(r.Section, "studyType")), nil, nil
	case resume.Experience:
		if r.Entry < 0 {
			return nil, nil, nil
		}
		position := strings.TrimSpace(r.doc.At(fmt.Sprintf("work[%d].position", r.Entry)))
		done := strings.Split(r.doc.At(fmt.Sprintf("work[%d].highlights", r.Entry)), "\n")
		for _, t := range r.Words.Titles {
			if strings.EqualFold(t.Title, position) {
				return nil, nil, without(t.Tasks, func(x string) bool { return slices.Contains(done, x) })
			}
			titles = append(titles, t.Title)
		}
	}
	return nil, titles, nil
}

// Take takes something of the offer: a whole entry, a title, or what is done.
func (r *Resume) Take(what, text string) {
	switch what {
	case "title":
		r.doc.Set(fmt.Sprintf("work[%d].position", r.Entry), text)
	case "task":
		path := fmt.Sprintf("work[%d].highlights", r.Entry)
		r.doc.Set(path, strings.TrimPrefix(r.doc.At(path)+"\n"+text, "\n"))
	default:
		field := "name"
		if r.Section == string(resume.Studies) {
			field = "studyType"
		}
		i := r.Entry
		if i < 0 || r.doc.At(fmt.Sprintf("%s[%d].%s", r.Section, i, field)) != "" { // an entry that was only begun is used first
			i = r.doc.Add(r.Section)
		}
		r.doc.Set(fmt.Sprintf("%s[%d].%s", r.Section, i, field), text)
		r.Entry = -1
	}
	r.edited()
}
