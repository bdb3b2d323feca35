package demo

import (
	"slices"
	"strconv"
	"strings"

	"passerelle/i18n"
	"passerelle/store/posting"
	"passerelle/store/skill"
)

// entry is one line of a text before it is said in a language.
type entry struct {
	kind posting.Kind
	name posting.Both
	id   string
}

// texts writes what the posting says: the same lines in each of its languages.
func (w *writer) texts() {
	c := &w.c
	var buf [96]entry
	all := w.said(buf[:0])
	c.prune(&all)
	for _, l := range [...]i18n.Lang{i18n.French, i18n.English} {
		if l == i18n.French && !w.fr || l == i18n.English && !w.en {
			continue
		}
		t := posting.Text{Lang: l}
		items := make([]posting.Item, len(all))
		sections := 0
		for i, e := range all {
			s, _ := e.name.In(l)
			items[i] = posting.Item{ID: e.id, Text: s}
			if i == 0 || all[i-1].kind != e.kind {
				sections++
			}
		}
		t.Sections = make([]posting.Section, 0, sections)
		from := 0
		for i := range all {
			if i+1 == len(all) || all[i+1].kind != all[i].kind {
				t.Sections = append(t.Sections, posting.Section{Kind: all[i].kind, Items: items[from : i+1 : i+1]})
				from = i + 1
			}
		}
		w.p.Texts = append(w.p.Texts, t)
	}
	if c.in(180) {
		v := pick(c, w.prose["pay"])
		if w.sector.id == "food" && c.in(500) {
			v = pick(c, w.prose["pay.food"])
		}
		s := v.en[0]
		if w.fr && !w.en {
			s = v.fr[0]
		}
		w.p.Pay = []string{s}
	}
}

// prune shortens one posting in twelve to a few lines: some employers write little.
func (c *chance) prune(all *[]entry) {
	if c.in(80) && len(*all) > 8 {
		*all = (*all)[:5+c.n(4)]
	}
}

// said is the whole text. Real texts differ widely in length: one in four ticks about
// twice as many boxes.
func (w *writer) said(all []entry) []entry {
	c := &w.c
	more := 0
	if c.in(260) {
		more = 1 + c.n(2)
	}
	all = append(all, entry{kind: posting.About, name: w.paragraph()})
	all = w.add(all, posting.Tasks, w.job.own[posting.Tasks], 5+c.n(4)+2*more)
	if len(w.job.own[posting.Tasks]) < 3 {
		all = w.add(all, posting.Tasks, w.general[posting.Tasks], 3)
	}
	all = w.add(all, posting.Tools, w.job.own[posting.Tools], c.n(4)+2*more)
	all = w.add(all, posting.Credentials, w.job.own[posting.Credentials], c.n(3)+more)
	if c.in(280) || more > 0 {
		all = w.usual(all, posting.Security, 1+c.n(2))
	}
	if w.job.drivers && c.in(350) || c.in(60) {
		all = w.usual(all, posting.Transport, 1+c.n(2)+more)
	}
	if n, ok := w.concept[w.sector.setting]; ok && c.in(650) {
		all = append(all, entry{posting.Setting, n, w.sector.setting})
	}
	if c.in(620) || more > 0 {
		all = w.usual(all, posting.Conditions, 1+c.n(4)+3*more)
	}
	if c.in(860) {
		all = w.usual(all, posting.Suitability, 2+c.n(5)+3*more)
	}
	if own := w.job.own[posting.OwnTools]; len(own) > 0 && c.in(250) {
		all = w.add(all, posting.OwnTools, own, 1+c.n(2))
	}
	if own := w.job.own[posting.Special]; len(own) > 0 && c.in(180) {
		all = w.add(all, posting.Special, own, 1+more)
	}
	if w.job.teer <= 2 && c.in(160) {
		all = w.usual(all, posting.Supervision, 1)
	}
	if c.in(40) {
		all = w.usual(all, posting.Languages, 1)
	}
	if c.in(520) {
		all = w.usual(all, posting.Benefits, 1+c.n(5)+2*more)
	}
	if c.in(200) {
		all = w.usual(all, posting.Screening, 1+c.n(3)+more)
	}
	return all
}

// add draws k concepts of a list.
func (w *writer) add(all []entry, kind posting.Kind, of []skill.Concept, k int) []entry {
	var scratch [12]int
	if len(of) == 0 {
		return all
	}
	for _, i := range some(&w.c, len(of), min(k, len(scratch)), scratch[:]) {
		all = append(all, entry{kind, of[i].Name, of[i].ID})
	}
	return all
}

// usual draws up to k concepts that are not bound to the trade, the first of the list
// more often: it is in the order of use in real postings.
func (w *writer) usual(all []entry, kind posting.Kind, k int) []entry {
	of := w.job.any[kind]
	from := len(all)
	for range k {
		if len(of) == 0 {
			break
		}
		x := &of[min(w.c.n(len(of)), w.c.n(len(of)))]
		if !slices.ContainsFunc(all[from:], func(e entry) bool { return e.id == x.ID }) {
			all = append(all, entry{kind, x.Name, x.ID})
		}
	}
	return all
}

// paragraph is the prose of the posting: who hires, with whom, and when one works.
func (w *writer) paragraph() posting.Both {
	c, p := &w.c, &w.p
	var keys [8]string
	n := 0
	say := func(key string) { keys[n] = key; n++ }
	if own := "intro." + w.sector.id; c.in(550) && len(w.prose[own]) > 0 {
		say(own)
		if c.in(550) {
			say("intro")
		}
	} else {
		say("intro")
	}
	if c.in(900) {
		say("team")
	}
	switch p.Place.Mode {
	case posting.Remote:
		say("remote")
	case posting.Hybrid:
		say("hybrid")
	case posting.OnRoad:
		say("road")
	}
	switch {
	case p.Term == posting.Seasonal:
		say("season")
	case p.Term == posting.Casual:
		say("casual")
	case p.Term == posting.Temporary:
		say("term")
	case p.Period == posting.PartTime && slices.Contains(p.Schedule, "evening"):
		say("part.evening")
	case p.Period == posting.PartTime:
		say("part")
	case p.Period == posting.FullTime && c.in(300) && len(p.Schedule) == 1 && p.Schedule[0] == "day":
		say("full.day")
	case p.Period == posting.FullTime && c.in(550):
		say("full")
	}
	if c.in(200) {
		say("close")
	}
	var fr, en strings.Builder
	fr.Grow(512)
	en.Grow(512)
	for _, key := range keys[:n] {
		l := pick(c, w.prose[key])
		for l.town && !w.nameable() {
			l = pick(c, w.prose[key])
		}
		if w.fr {
			w.fill(&fr, l.fr)
		}
		if w.en {
			w.fill(&en, l.en)
		}
	}
	return posting.Both{FR: fr.String(), EN: en.String()}
}

// nameable says whether French can put "à" before the town: not before an article.
func (w *writer) nameable() bool {
	return w.town != nil && !strings.HasPrefix(w.p.Place.City, "Le ") && !strings.HasPrefix(w.p.Place.City, "Les ")
}

// fill writes a sentence with its names in place, after a space if it is not the first.
func (w *writer) fill(b *strings.Builder, pieces []string) {
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	for _, s := range pieces {
		switch s {
		case "{e":
			b.WriteString(w.p.Employer)
		case "{c":
			b.WriteString(w.p.Place.City)
		default:
			b.WriteString(s)
		}
	}
}

// apply gives the ways to apply. None of them reaches anyone: numbers are 555-01xx,
// addresses are under example.org, and the street does not exist.
func (w *writer) apply() {
	c, p := &w.c, &w.p
	if p.External() {
		p.Apply = append(p.Apply, posting.Method{Kind: posting.ApplyOnline, Value: p.URL})
		if c.in(850) {
			return
		}
	}
	host := slug(w.word) + ".example.org"
	if !p.External() && c.in(420) {
		p.Apply = append(p.Apply, posting.Method{Kind: posting.ApplyOnline, Value: "https://" + host + "/" + w.either("emplois", "jobs") + "/" + p.SourceID})
	}
	if c.in(560) {
		p.Apply = append(p.Apply, posting.Method{Kind: posting.ApplyEmail, Value: w.either("emplois", "jobs") + "@" + host})
	}
	if w.town != nil && w.town.area != "" {
		if c.in(170) {
			m := posting.Method{Kind: posting.ApplyPhone, Value: w.number()}
			if c.in(400) {
				m.Ext = strconv.Itoa(100 + c.n(800))
			}
			if c.in(600) {
				m.Hours = w.hours()
			}
			p.Apply = append(p.Apply, m)
		}
		if c.in(35) {
			p.Apply = append(p.Apply, posting.Method{Kind: posting.ApplyFax, Value: w.number()})
		}
		if c.in(70) {
			p.Apply = append(p.Apply, posting.Method{Kind: posting.ApplyMail, Value: p.Employer + "\n" + w.address()})
		}
		if c.in(110) {
			m := posting.Method{Kind: posting.ApplyPerson, Value: w.address()}
			if c.in(700) {
				m.Hours = w.hours()
			}
			p.Apply = append(p.Apply, m)
		}
	}
	if len(p.Apply) == 0 {
		p.Apply = append(p.Apply, posting.Method{Kind: posting.ApplyEmail, Value: w.either("emplois", "jobs") + "@" + host})
	}
}

func (w *writer) either(fr, en string) string {
	if w.fr && (!w.en || w.p.Place.Province == "QC") {
		return fr
	}
	return en
}

func (w *writer) hours() string {
	l := pick(&w.c, w.prose["hours"])
	return w.either(l.fr[0], l.en[0])
}

func (w *writer) number() string {
	n := w.c.n(100)
	return w.town.area + "-555-01" + string([]byte{byte('0' + n/10), byte('0' + n%10)})
}

func (w *writer) address() string {
	p := w.p.Place
	street := p.Street
	if street == "" {
		street = w.street(p.Province == "QC")
	}
	s := street + "\n" + p.City + " " + p.Province
	if p.Postal != "" {
		s += "  " + p.Postal[:3] + " 0Z0"
	}
	return s
}

// slug writes an invented word as part of a host name.
func slug(s string) string {
	return plain.Replace(strings.ToLower(s))
}

var plain = strings.NewReplacer("é", "e", "É", "e", "Œ", "oe", "œ", "oe")
