package page

import (
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/personal"
	"passerelle/sync/wire"
	"passerelle/ui/state"
)

// Everything is all that is kept of a person, where it is kept.
type Everything struct {
	Name   string // of the person; "": nobody in particular
	At     time.Time
	Zone   *time.Location
	Here   cache.Everything // on this computer
	Items  []personal.Item  // on this computer, for the person alone
	Server *wire.MyData     // nil: the server was not reached, or there is no account
}

// MyData is all of it to read, in words: what machines read lies beside it.
func MyData(w *i18n.Words, e Everything) Page {
	p := Page{Lang: w.Lang(), Title: w.S(i18n.PageData)}
	add := func(b Block) { p.Blocks = append(p.Blocks, b) }
	head := func(k i18n.Key) { add(Block{Heading: w.S(k), Level: 2}) }
	list := func(lines []string) {
		if len(lines) == 0 {
			lines = []string{w.S(i18n.RecordvalueNone)}
		}
		add(Block{List: lines})
	}
	when := func(t time.Time) string {
		t = t.In(e.Zone)
		return w.Date(t) + " " + w.Clock(t)
	}
	if e.Name != "" {
		add(Block{Text: e.Name})
	}
	add(Block{Text: w.S(i18n.PageDataWhat)})

	head(i18n.PageDataRecords)
	if len(e.Here.Records) == 0 {
		list(nil)
	}
	for _, r := range e.Here.Records {
		add(Block{Heading: state.RecordTitle(w, r.Kind, r.Doc), Level: 3})
		if facts := state.DocWords(w, r.Kind, r.Doc, e.Zone); len(facts) > 0 {
			add(Block{Facts: facts})
		}
	}
	var lines []string
	for _, m := range e.Here.Outbox {
		lines = append(lines, w.S(i18n.RecordvalueLine, "Name", when(m.Made), "Value", state.KindWord(w, m.Kind)))
	}
	for _, it := range e.Here.Items {
		lines = append(lines, w.S(i18n.RecordvalueLine, "Name", when(it.At), "Value", string(it.Body)))
	}
	head(i18n.PageDataOutbox)
	list(lines)

	head(i18n.NavSaved)
	lines = nil
	for _, s := range e.Here.Saved {
		lines = append(lines, state.Head(s.Card, w.Lang()).Title+" – "+s.Employer+" – "+state.Number(w, s.Number))
	}
	for _, s := range e.Here.Searches {
		lines = append(lines, s.Label)
	}
	for _, h := range e.Here.Hidden {
		if h.IsEmployer() {
			lines = append(lines, w.S(i18n.RecordvalueLine, "Name", state.KindWord(w, "hidden"), "Value", h.Employer))
		} else {
			lines = append(lines, w.S(i18n.RecordvalueLine, "Name", state.KindWord(w, "hidden"), "Value", state.Number(w, h.Number)))
		}
	}
	for _, l := range e.Here.Links {
		lines = append(lines, l.URL)
	}
	list(lines)

	head(i18n.PageDataPersonal)
	lines = nil
	for _, it := range e.Items {
		lines = append(lines, w.S(i18n.RecordvalueLine, "Name", state.PersonalWord(w, it.Kind)+", "+when(it.Changed), "Value", state.PersonalTitle(it)))
	}
	list(lines)

	if e.Server == nil {
		head(i18n.PageDataServer)
		add(Block{Text: w.S(i18n.PageDataNoServer)})
	} else {
		server(w, add, *e.Server, e.Zone)
	}
	p.Foot = []string{w.S(i18n.PageDataFoot, "Date", when(e.At))}
	return p
}

// server says what the server keeps: the tables by name, as its operator knows them, with
// what stands in them in server.json; then who looked, what is contested, and how long.
func server(w *i18n.Words, add func(Block), d wire.MyData, zone *time.Location) {
	add(Block{Heading: w.S(i18n.PageDataServer), Level: 2})
	count, order := map[string]int{}, []string{}
	for _, row := range d.Account {
		if count[row.Table] == 0 {
			order = append(order, row.Table)
		}
		count[row.Table]++
	}
	var facts []state.Fact
	for _, t := range order {
		facts = append(facts, state.Fact{Label: t, Value: w.N(i18n.PageDataRows, count[t])})
	}
	for _, part := range d.Records {
		facts = append(facts, state.Fact{Label: part.Partition, Value: w.N(i18n.PageDataRows, len(part.Records))})
	}
	if len(facts) > 0 {
		add(Block{Facts: facts})
	}
	lists := []struct {
		title i18n.Key
		lines []string
	}{{i18n.DataSeen, state.SeenLines(w, d.Seen, zone)}, {i18n.DataDisputes, state.DisputeLines(w, d.Disputes, zone)}, {i18n.DataKept, state.KeptLines(w, d.Kept)}}
	for _, l := range lists {
		add(Block{Heading: w.S(l.title), Level: 2})
		if len(l.lines) == 0 {
			add(Block{Text: w.S(i18n.RecordvalueNone)})
			continue
		}
		add(Block{List: l.lines})
	}
}
