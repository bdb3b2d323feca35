package state

import (
	"strings"

	"passerelle/i18n"
	"passerelle/store/labour"
	"passerelle/store/occupation"
	"passerelle/store/pack"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/skill"
)

// Attribution is the screen on where everything comes from: reference data, postings,
// typefaces and drawings, each with its licence.
type Attribution struct {
	s *State

	Groups  []Credits
	Loading bool

	// Changed tells whoever draws. Nil is fine.
	Changed func()
}

// Credits are the sources of one kind.
type Credits struct {
	Title, Why string
	List       []Credit
	None       string // what to say when the list is empty
}

// Credit is one source.
type Credit struct {
	Name   string
	Facts  []Fact
	Notice string // words that the licence asks for
	URL    string // "" for none
	Icon   string // of a source of postings; "" for none
}

func newAttribution(s *State) *Attribution { return &Attribution{s: s} }

// Load gathers the sources. Some packages read their tables for it, which takes a moment
// the first time.
func (a *Attribution) Load() {
	a.Loading = len(a.Groups) == 0
	w := a.s.words
	var parts [][]pack.Part
	var registry []posting.Source
	a.s.o.Exec.Go(func() {
		parts = [][]pack.Part{occupation.Sources(), skill.Sources(), labour.Sources(), place.Sources()}
		if a.s.o.Desk != nil {
			registry, _ = a.s.o.Desk.Sources(a.s.ctx) // without it, those given at the start
		}
	}, func() {
		if registry == nil {
			registry = a.s.registry()
		}
		a.Loading = false
		a.Groups = a.gather(w, parts, registry)
		if a.Changed != nil {
			a.Changed()
		}
	})
}

// registry is the sources known so far, in the order of their names.
func (s *State) registry() []posting.Source {
	var all []posting.Source
	for _, src := range s.sources {
		all = append(all, src)
	}
	return all
}

func (a *Attribution) gather(w *i18n.Words, parts [][]pack.Part, registry []posting.Source) []Credits {
	in := func(b posting.Both) string { t, _ := b.In(w.Lang()); return t }
	data := Credits{Title: w.S(i18n.SourcesData), Why: w.S(i18n.SourcesDataWhy)}
	for _, ps := range parts {
		for _, p := range ps {
			data.List = append(data.List, credit(w, in(p.Name), in(p.Publisher), p.Version, p.Period, p.Licence, p.Rows, in(p.Notice), p.URL))
		}
	}
	from := Credits{Title: w.S(i18n.SourcesPostings), Why: w.S(i18n.SourcesPostingsWhy), None: w.S(i18n.SourcesPostingsNone)}
	less := w.Less()
	for _, src := range registry {
		c := Credit{Name: in(src.Name), Icon: src.Icon}
		if c.Name == "" {
			c.Name = src.ID
		}
		add := func(k i18n.Key, v string) {
			if v != "" {
				c.Facts = append(c.Facts, Fact{w.S(k), v})
			}
		}
		add(i18n.SourcesHost, src.Host)
		add(i18n.SourcesLicence, src.Licence)
		add(i18n.SourcesTerms, src.Accepted)
		if src.Demo {
			c.Notice = w.S(i18n.SourcesInvented)
		}
		if src.Host != "" && !src.Demo {
			c.URL = "https://" + src.Host + "/"
		}
		from.List = append(from.List, c)
	}
	sortBy(from.List, func(x, y Credit) bool { return less(x.Name, y.Name) })
	drawn := Credits{Title: w.S(i18n.SourcesLook), Why: w.S(i18n.SourcesLookWhy)}
	for _, x := range []struct {
		name, who i18n.Key
		licence   string
		url       string
	}{
		{i18n.SourcesNoto, i18n.SourcesNotoBy, "SIL Open Font License 1.1", "https://fonts.google.com/noto"},
		{i18n.SourcesInter, i18n.SourcesInterBy, "SIL Open Font License 1.1", "https://rsms.me/inter/"},
		{i18n.SourcesMono, i18n.SourcesMonoBy, "Bitstream Vera / DejaVu", "https://dejavu-fonts.github.io/"},
		{i18n.SourcesEmoji, i18n.SourcesEmojiBy, "MIT", "https://github.com/adobe-fonts/emojione-color"},
		{i18n.SourcesFyne, i18n.SourcesFyneBy, "BSD 3-Clause", "https://fyne.io/"},
		{i18n.SourcesIcons, i18n.AppName, "Apache-2.0", ""},
	} {
		drawn.List = append(drawn.List, credit(w, w.S(x.name), w.S(x.who), "", "", x.licence, 0, "", x.url))
	}
	built := Credits{Title: w.S(i18n.SourcesLibraries), Why: w.S(i18n.SourcesLibrariesWhy)}
	for _, l := range Libraries {
		built.List = append(built.List, Credit{Name: l.Licence, Facts: []Fact{{w.S(i18n.SourcesLibraries), w.Number(len(l.Paths))}},
			Notice: strings.Join(l.Paths, ", ")})
	}
	return []Credits{data, from, drawn, built}
}

func credit(w *i18n.Words, name, publisher, version, period, licence string, rows int, notice, url string) Credit {
	c := Credit{Name: name, Notice: notice, URL: url}
	add := func(k i18n.Key, v string) {
		if v != "" {
			c.Facts = append(c.Facts, Fact{w.S(k), v})
		}
	}
	add(i18n.SourcesPublisher, publisher)
	add(i18n.SourcesVersion, version)
	add(i18n.SourcesPeriod, period)
	if licence == "" {
		licence = w.S(i18n.SourcesNoLicence)
	}
	add(i18n.SourcesLicence, licence)
	if rows > 0 {
		add(i18n.SourcesRows, w.Number(rows))
	}
	return c
}

func sortBy(list []Credit, less func(a, b Credit) bool) {
	for i := 1; i < len(list); i++ { // a dozen entries, already nearly in order
		for k := i; k > 0 && less(list[k], list[k-1]); k-- {
			list[k], list[k-1] = list[k-1], list[k]
		}
	}
}

// Text is all of it as plain text, to copy.
func (a *Attribution) Text() string {
	w := a.s.words
	var b strings.Builder
	for _, g := range a.Groups {
		b.WriteString(g.Title + "\n\n")
		for _, c := range g.List {
			b.WriteString(a.one(w, c) + "\n")
		}
	}
	return b.String()
}

// One is a source as plain text, to copy.
func (a *Attribution) One(c Credit) string { return a.one(a.s.words, c) }

func (a *Attribution) one(w *i18n.Words, c Credit) string {
	lines := []string{c.Name}
	for _, f := range c.Facts {
		lines = append(lines, w.S(i18n.FactLine, "Label", f.Label, "Value", f.Value))
	}
	if c.Notice != "" {
		lines = append(lines, c.Notice)
	}
	if c.URL != "" {
		lines = append(lines, c.URL)
	}
	return strings.Join(lines, "\n") + "\n"
}
