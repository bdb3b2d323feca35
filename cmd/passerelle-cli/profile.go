package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"passerelle/i18n"
	"passerelle/store/match"
	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/record"
	"passerelle/store/skill"
	"passerelle/ui/page"
	"passerelle/ui/state"
)

// profile keeps a profile in a file of the person's, which `match` reads: new, show, set, find
// and skills. It needs neither account nor network. Nothing enters the file but what the
// lists have.
func (j *job) profile(args []string) error {
	acts := map[string]func([]string) error{"new": j.profileNew, "show": j.profileShow, "set": j.profileSet, "find": j.profileFind, "skills": j.profileSkills}
	if len(args) == 0 || acts[args[0]] == nil {
		return errUsage{j.words.S(i18n.CliUsage)}
	}
	return acts[args[0]](args[1:])
}

// sheet is what a profile says, in the words of this run.
func (j *job) sheet(d record.Doc) state.Sheet { return state.Sheet{Words: j.words, Doc: d} }

// profileOf opens the profile that a command of one file names.
func (j *job) profileOf(words []string) (string, state.Sheet, error) {
	if len(words) != 1 {
		return "", state.Sheet{}, errUsage{j.words.S(i18n.CliUsage)}
	}
	d, err := readProfile(words[0])
	if err != nil {
		return "", state.Sheet{}, j.unread(words[0], err)
	}
	return words[0], j.sheet(d), nil
}

// profileNew begins a file. One that is there stays as it is.
func (j *job) profileNew(args []string) (err error) {
	words, err := j.open(j.flags("profile new"), args)
	if err != nil {
		return err
	}
	defer j.close(&err)
	if len(words) != 1 {
		return errUsage{j.words.S(i18n.CliUsage)}
	}
	name := words[0]
	if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return errUsage{j.words.S(i18n.CliProfileThere, "Name", name)}
	}
	if err := writeProfile(name, blank()); err != nil {
		return errUsage{j.words.S(i18n.CliProfileUnwritten, "Name", name)}
	}
	return j.say(map[string]any{"file": name}, j.words.S(i18n.CliProfileBegun, "Name", name))
}

// valueJSON is a value of a profile as scripts read it.
type valueJSON struct {
	Value  string       `json:"value"`
	Name   posting.Both `json:"name"`
	Length string       `json:"length,omitempty"` // of an occupation: a code
	Listed bool         `json:"listed"`           // this version of the lists has it
}

// names are what a value is called in both languages.
func names(field, value string) posting.Both {
	if field == "experience" {
		return occupation.Title(value)
	}
	in := func(l i18n.Lang) string { return state.Sheet{Words: i18n.For(l)}.Word(field, value) }
	return posting.Both{FR: in(i18n.French), EN: in(i18n.English)}
}

// profileShow says what a profile says, what is empty and what that costs.
func (j *job) profileShow(args []string) (err error) {
	words, err := j.open(j.flags("profile show"), args)
	if err != nil {
		return err
	}
	defer j.close(&err)
	_, s, err := j.profileOf(words)
	if err != nil {
		return err
	}
	if j.format != "json" {
		return j.page(page.Profile(s))
	}
	who, err := person(s.Doc)
	if err != nil {
		return err
	}
	values := func(field string, all []string) []valueJSON {
		list, lost := []valueJSON{}, s.Unlisted(field)
		for _, v := range all {
			list = append(list, valueJSON{v, names(field, v), who.Experience[v], !slices.Contains(lost, v)})
		}
		return list
	}
	var worked []string
	for _, x := range s.Works() {
		worked = append(worked, x.NOC)
	}
	return j.json(struct {
		Places      []valueJSON  `json:"places"`
		Workplaces  []valueJSON  `json:"workplaces"`
		Experience  []valueJSON  `json:"experience"`
		Skills      []valueJSON  `json:"skills"`
		Education   []valueJSON  `json:"education"`
		Credentials []valueJSON  `json:"credentials"`
		Mode        string       `json:"mode"`
		Express     bool         `json:"express"`
		Empty       []match.Kind `json:"empty,omitempty"` // what no good match comes without
		Bare        bool         `json:"bare"`            // nothing can be matched
	}{values("places", who.Places), values("workplaces", who.Workplaces), values("experience", worked), values("skills", who.Skills),
		values("education", who.Education), values("credentials", who.Credentials), s.Mode(), who.Express, match.New(who).Empty(), s.Bare()})
}

// profileSkills lists the skills that are tied to the titles of a profile.
func (j *job) profileSkills(args []string) (err error) {
	words, err := j.open(j.flags("profile skills"), args)
	if err != nil {
		return err
	}
	defer j.close(&err)
	_, s, err := j.profileOf(words)
	if err != nil {
		return err
	}
	works := s.Works()
	if j.format == "json" {
		type skillJSON struct {
			Value   string       `json:"value"`
			Name    posting.Both `json:"name"`
			Section posting.Kind `json:"section,omitempty"`
			Chosen  bool         `json:"chosen"`
		}
		type workJSON struct {
			NOC    string       `json:"noc"`
			Name   posting.Both `json:"name"`
			Skills []skillJSON  `json:"skills"`
		}
		out := struct {
			Titles []workJSON  `json:"titles"`
			Others []skillJSON `json:"others,omitempty"`
		}{Titles: []workJSON{}}
		for _, x := range works {
			one := workJSON{x.NOC, names("experience", x.NOC), []skillJSON{}}
			for _, l := range x.Lists {
				for _, id := range l.IDs {
					one.Skills = append(one.Skills, skillJSON{id, names("skills", id), l.Section, slices.Contains(s.Concepts("skills"), id)})
				}
			}
			out.Titles = append(out.Titles, one)
		}
		for _, id := range s.Others() {
			out.Others = append(out.Others, skillJSON{id, names("skills", id), "", true})
		}
		err = j.json(out)
	} else {
		err = j.page(page.ProfileSkills(s))
	}
	if err == nil && len(works) == 0 {
		return errNothing
	}
	return err
}

// listedJSON is what can be chosen, as scripts read it.
type listedJSON struct {
	Value string `json:"value"`
	Text  string `json:"text"`
	Note  string `json:"note,omitempty"`
}

func listed(found []state.Listed) []listedJSON {
	list := make([]listedJSON, 0, len(found))
	for _, x := range found {
		list = append(list, listedJSON{x.Value, x.Text, x.Note})
	}
	return list
}

// mostListed is how many are listed to choose from.
const mostListed = 25

// profileFind completes words with what the lists have, in both languages and without
// regard to accents.
func (j *job) profileFind(args []string) (err error) {
	words, err := j.open(j.flags("profile find"), args)
	if err != nil {
		return err
	}
	defer j.close(&err)
	kinds := []string{state.FindTitle, state.FindSkill, state.FindCredential, state.FindPlace}
	if len(words) < 2 || !slices.Contains(kinds, words[0]) {
		return errUsage{j.words.S(i18n.CliUsage)}
	}
	text := strings.Join(words[1:], " ")
	found, why := state.Complete(j.words, words[0], text, mostListed+1), ""
	if len(found) > mostListed {
		found, why = found[:mostListed], j.words.S(i18n.CliProfileMore)
	}
	if j.format == "json" {
		err = j.json(listed(found))
	} else if len(found) > 0 {
		err = j.page(page.Choices(j.words, j.words.N(i18n.ProfileFound, len(found)), why, []page.Choice{{Found: found}}))
	} else {
		fmt.Fprintln(j.err, j.nowhere(words[0], text))
	}
	if err == nil && len(found) == 0 {
		return errNothing
	}
	return err
}

// nowhere says that the lists have no such words, and what to try.
func (j *job) nowhere(what, text string) string {
	why := map[string]i18n.Key{state.FindPlace: i18n.ProfilePlacesNotFound, state.FindTitle: i18n.ProfileWorkNotFound,
		state.FindSkill: i18n.CliProfileSkillUnknown, state.FindCredential: i18n.ProfileCredNotFound}[what]
	return j.words.S(i18n.CliProfileNone, "Text", text, "Why", j.words.S(why), "Kind", what)
}

// ask is one thing that was asked of a profile: to put a value in or to take it out.
type ask struct {
	flag, field, finds string
	text, length       string
	out                bool
}

// profileSet changes a profile: all that was asked of it, or nothing.
func (j *job) profileSet(args []string) (err error) {
	f := j.flags("profile set")
	var asks []ask
	mode, express := "", ""
	for _, l := range append([]list{{"title", "experience", state.FindTitle}}, lists...) {
		f.Func(l.flag, "to put in", func(v string) error {
			a := ask{flag: l.flag, field: l.field, finds: l.finds, text: strings.TrimSpace(v)}
			if at := strings.LastIndex(v, "="); at >= 0 && l.field == "experience" {
				a.text, a.length = strings.TrimSpace(v[:at]), strings.TrimSpace(v[at+1:])
			}
			asks = append(asks, a)
			return nil
		})
		f.Func("remove-"+l.flag, "to take out", func(v string) error {
			asks = append(asks, ask{flag: "remove-" + l.flag, field: l.field, finds: l.finds, text: strings.TrimSpace(v), out: true})
			return nil
		})
	}
	f.Func("mode", "default or strict", func(v string) error {
		if mode = strings.ToLower(v); mode != string(match.Default) && mode != string(match.Strict) {
			return errors.New("default, strict")
		}
		return nil
	})
	f.Func("express", "yes or no", func(v string) error {
		yes, ok := map[string]string{"yes": "yes", "oui": "yes", "true": "yes", "no": "no", "non": "no", "false": "no"}[strings.ToLower(v)]
		if express = yes; !ok {
			return errors.New("yes, no, oui, non")
		}
		return nil
	})
	words, err := j.open(f, args)
	if err != nil {
		return err
	}
	defer j.close(&err)
	if len(asks) == 0 && mode == "" && express == "" {
		return errUsage{j.words.S(i18n.CliUsage)}
	}
	name, was, err := j.profileOf(words)
	if err != nil {
		return err
	}
	s := j.sheet(record.Apply(was.Doc, nil))
	var done, wrong []string
	var choices []choiceJSON
	changed := map[string][]string{"added": {}, "removed": {}}
	for _, a := range asks {
		value, length, found := "", "", j.answers(s, a)
		if len(found) == 1 {
			value = found[0].Value
		}
		switch {
		case len(found) > 1:
			choices = append(choices, choiceJSON{a.flag, a.text, listed(found), found})
			continue
		case value == "" && a.out:
			wrong = append(wrong, j.words.S(i18n.CliProfileNotThere, "Text", a.text))
			continue
		case value == "" && a.finds == "":
			wrong = append(wrong, j.amongst(a.text, a.field))
			continue
		case value == "":
			wrong = append(wrong, j.nowhere(a.finds, a.text))
			continue
		}
		if a.length != "" {
			switch found := j.lengths(a.length); {
			case len(found) == 1:
				length = found[0].Value
			case len(found) > 1:
				choices = append(choices, choiceJSON{a.flag, a.length, listed(found), found})
				continue
			default:
				wrong = append(wrong, j.amongst(a.length, "experience"))
				continue
			}
		}
		before := record.Apply(s.Doc, nil)
		switch {
		case a.field == "experience" && a.out:
			s.DropWork(value)
		case a.field == "experience":
			s.AddWork(value, length)
		case a.out || !slices.Contains(s.Concepts(a.field), value):
			s.Tick(a.field, value, !a.out)
		}
		if same(before, s.Doc) {
			continue
		}
		line := names(a.field, value)
		text, _ := line.In(j.words.Lang())
		if text == "" {
			text = value
		}
		if a.field == "experience" && !a.out {
			who, _ := person(s.Doc) // it could be read
			text = j.words.S(i18n.RecordvalueLine, "Name", text, "Value", s.Word("experience", who.Experience[value]))
		}
		key, list := i18n.ProfileDiffAdded, "added"
		if a.out {
			key, list = i18n.ProfileDiffRemoved, "removed"
		}
		done, changed[list] = append(done, j.words.S(key, "What", text)), append(changed[list], value)
		if a.field == "experience" && !a.out && length == "" {
			done = append(done, j.words.S(i18n.CliProfileLength, "Text", a.text))
		}
	}
	if len(wrong) > 0 {
		return errUsage{strings.Join(append(wrong, j.words.S(i18n.CliProfileUnchanged, "Name", name)), "\n")}
	}
	if len(choices) > 0 {
		return j.choose(choices)
	}
	if mode != "" && mode != s.Mode() {
		s.SetMode(mode)
		done = append(done, j.words.S(map[string]i18n.Key{"default": i18n.MatchDefault, "strict": i18n.MatchStrict}[mode]))
	}
	if express != "" && (express == "yes") != s.Expressed() {
		s.SetExpress(express == "yes")
		is := i18n.CliProfileExpressNot
		if express == "yes" {
			is = i18n.ProfileExpressIs
		}
		done = append(done, j.words.S(is))
	}
	if len(done) == 0 {
		return j.say(changed, j.words.S(i18n.CliProfileSame, "Name", name))
	}
	if err := j.fits(was.Doc, s.Doc); err != nil {
		return err
	}
	if err := writeProfile(name, s.Doc); err != nil {
		return errUsage{j.words.S(i18n.CliProfileUnwritten, "Name", name)}
	}
	return j.say(changed, strings.Join(done, "\n"))
}

// fits refuses what a profile may not be, of what was right before.
func (j *job) fits(was, is record.Doc) error {
	k, _ := record.Find("profile")
	before := k.Verify(was, false)
	for _, p := range k.Verify(is, false) {
		if !slices.Contains(before, p) {
			return errUsage{j.words.S(i18n.SettingsMend, "Field", state.FieldWord(j.words, "profile", p.Field), "Problem", j.words.S(p.Code.Key()))}
		}
	}
	return nil
}

// choiceJSON is a text that the lists have several answers for.
type choiceJSON struct {
	Flag    string       `json:"flag"`
	Text    string       `json:"text"`
	Options []listedJSON `json:"options"`
	found   []state.Listed
}

// choose lists the answers, of which the person has to name one; nothing was changed.
func (j *job) choose(all []choiceJSON) (err error) {
	if j.format == "json" {
		err = j.json(map[string]any{"choose": all})
	} else {
		var list []page.Choice
		for _, c := range all {
			list = append(list, page.Choice{Text: c.Text, Found: c.found})
		}
		err = j.page(page.Choices(j.words, j.words.S(i18n.CliProfileChoose), j.words.S(i18n.CliProfileChooseWhy), list))
	}
	if err == nil {
		return errNothing
	}
	return err
}

// amongst says which values a field may have.
func (j *job) amongst(text, field string) string {
	var all []string
	for _, v := range j.sheet(nil).Options(field) {
		all = append(all, "  "+j.words.S(i18n.RecordvalueLine, "Name", v, "Value", j.sheet(nil).Word(field, v)))
	}
	return j.words.S(i18n.CliProfileAmong, "Text", text) + "\n" + strings.Join(all, "\n")
}

// answers are what the lists, or for what is to go the profile itself, have for a text: the
// one that is named by its id or by its very name, else all that begin so.
func (j *job) answers(s state.Sheet, a ask) (found []state.Listed) {
	switch {
	case a.text == "":
		return nil
	case a.out:
		return j.pick(a.text, a.field, s.Kept(a.field))
	case a.finds == "":
		return j.pick(a.text, a.field, s.Options(a.field))
	}
	if v, ok := byID(a); ok {
		return []state.Listed{{Value: v}}
	}
	found = state.Complete(j.words, a.finds, a.text, mostListed)
	if exact := exactly(a, found); len(exact) > 0 {
		found = slices.DeleteFunc(found, func(x state.Listed) bool { return !slices.Contains(exact, x.Value) })
		for _, v := range exact {
			if !slices.ContainsFunc(found, func(x state.Listed) bool { return x.Value == v }) {
				text, _ := names(a.field, v).In(j.words.Lang())
				found = append(found, state.Listed{Value: v, Text: text})
			}
		}
	}
	return found
}

// byID reads a text as what the record keeps.
func byID(a ask) (value string, ok bool) {
	switch a.finds {
	case state.FindTitle:
		return a.text, len(a.text) == 5 && occupation.Title(a.text).FR != ""
	case state.FindPlace:
		code := strings.ToUpper(a.text)
		if code == "CA" || len(code) == 2 && place.Province(code).FR != "" {
			return code, true
		}
		name, province, ok := strings.Cut(a.text, ", ")
		if city, found := place.FindCity(name, strings.ToUpper(province)); ok && found && city.Province == strings.ToUpper(province) {
			return city.Name + ", " + city.Province, true
		}
		return "", false
	}
	c, ok := skill.Get(a.text)
	return c.ID, ok && (a.finds == state.FindSkill && c.Skill() || a.finds == state.FindCredential && c.Credential())
}

// exactly are the values that a text is the very name of, in either language.
func exactly(a ask, found []state.Listed) (values []string) {
	t := occupation.Fold(a.text)
	is := func(v string, names ...string) {
		if !slices.Contains(values, v) && slices.ContainsFunc(names, func(n string) bool { return occupation.Fold(n) == t }) {
			values = append(values, v)
		}
	}
	if a.finds == state.FindTitle {
		for _, x := range occupation.Suggest(a.text, "", 200) {
			is(x.NOC, x.Text)
		}
		for _, noc := range occupation.UnitGroups() {
			title := occupation.Title(noc)
			is(noc, title.FR, title.EN)
		}
		return values
	}
	for _, x := range found {
		both := names(a.field, x.Value)
		is(x.Value, both.FR, both.EN)
	}
	if a.finds == state.FindPlace { // of all cities: one of that name may be far down the list
		for _, c := range place.Suggest(a.text, 1000) {
			is(c.Name+", "+c.Province, c.Name)
		}
	}
	return values
}

// pick are the values, of a few, that a text names by id or by name; else those in whose
// name each of its words begins a word, in either language.
func (j *job) pick(text, field string, values []string) (found []state.Listed) {
	t := occupation.Fold(text)
	rules := []func(v string, name string) bool{
		func(v, _ string) bool { return strings.EqualFold(v, text) || concept(v) != v && concept(v) == text },
		func(_, name string) bool { return t != "" && occupation.Fold(name) == t },
		func(_, name string) bool {
			has := strings.Fields(occupation.Fold(name))
			return t != "" && !slices.ContainsFunc(strings.Fields(t), func(typed string) bool {
				return !slices.ContainsFunc(has, func(w string) bool { return strings.HasPrefix(w, typed) })
			})
		},
	}
	for _, rule := range rules {
		for _, v := range values {
			both := j.called(field, v)
			if rule(v, both.FR) || rule(v, both.EN) {
				x := state.Listed{Value: v}
				x.Text, _ = both.In(j.words.Lang())
				found = append(found, x)
			}
		}
		if len(found) > 0 {
			break
		}
	}
	return found
}

// called is what a value of a section, or a length of experience, is called.
func (j *job) called(field, v string) posting.Both {
	if field == "length" {
		in := func(l i18n.Lang) string { return state.Sheet{Words: i18n.For(l)}.Word("experience", v) }
		return posting.Both{FR: in(i18n.French), EN: in(i18n.English)}
	}
	return names(field, v)
}

// concept is the id of the concept that a value names by an alias.
func concept(v string) string {
	if c, ok := skill.Get(v); ok {
		return c.ID
	}
	return v
}

var duration = regexp.MustCompile(`^([0-9]{1,3}) ?(ans?|annees?|years?|yrs?|mois|months?)$`)

// lengths are the lengths of experience that a text names: by a duration, by its code or by
// its words.
func (j *job) lengths(text string) []state.Listed {
	m := duration.FindStringSubmatch(occupation.Fold(text))
	if m == nil {
		return j.pick(text, "length", j.sheet(nil).Options("experience"))
	}
	months, _ := strconv.Atoi(m[1]) // digits
	if m[2][0] != 'm' {
		months *= 12
	}
	level := posting.ExpNone
	for _, x := range []struct {
		from  int
		level posting.Experience
	}{{1, posting.ExpMonths}, {7, posting.ExpHalfYear}, {12, posting.ExpOneYear}, {24, posting.ExpTwoYears}, {36, posting.ExpThreeYear}, {60, posting.ExpFiveYears}} {
		if months >= x.from {
			level = x.level
		}
	}
	return []state.Listed{{Value: strconv.Itoa(int(level))}}
}
