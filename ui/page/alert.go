package page

import (
	"passerelle/i18n"
	"passerelle/store/occupation"
	"passerelle/store/query"
	"passerelle/ui/state"
)

// Digest is what is new for alerts, then what is suggested with them, as a letter of the
// service tells it. Without news it says so.
func Digest(s *state.State, d state.Digest) Page {
	w := s.Words()
	pg := Page{Lang: w.Lang(), Title: w.S(i18n.AlertsDigest), Foot: foot(s)}
	add := func(b Block) { pg.Blocks = append(pg.Blocks, b) }
	if len(d.News) == 0 {
		add(Block{Text: w.S(i18n.AlertsDigestEmpty) + ". " + w.S(i18n.AlertsDigestEmptyWhy)})
	}
	for _, n := range d.News {
		add(Block{Heading: s.JobAlerts.Name(n.Alert), Level: 2})
		add(Block{Text: w.N(i18n.AlertsNewCount, n.Total)})
		var lines []string
		for _, c := range n.Cards {
			lines = append(lines, row(s, c, query.Near{})+" · "+source(s, c.Source))
		}
		add(Block{List: lines})
		if more := n.Total - len(n.Cards); more > 0 {
			add(Block{Text: w.N(i18n.AlertsDigestMore, more)})
		}
	}
	if len(d.Also) > 0 {
		add(Block{Heading: w.S(i18n.MailAlertnewsRelated), Level: 2})
		var lines []string
		for _, x := range d.Also {
			why := i18n.MailAlertnewsClose
			if x.Same {
				why = i18n.MailAlertnewsSame
			}
			name, _ := occupation.Title(x.NOC).In(w.Lang())
			lines = append(lines, row(s, x.Card, query.Near{})+" · "+source(s, x.Card.Source)+". "+w.S(why, "Title", name))
		}
		add(Block{List: lines})
	}
	return pg
}

func source(s *state.State, id string) string {
	name, _ := s.Source(id).Name.In(s.Lang())
	return name
}

// Alerts is the list of alerts, numbered, each with what it asks and what is told of it
//
func Alerts(s *state.State, all []state.Alert) Page {
	w := s.Words()
	pg := Page{Lang: w.Lang(), Title: w.S(i18n.NavAlerts)}
	if len(all) == 0 {
		pg.Blocks = append(pg.Blocks, Block{Text: w.S(i18n.AlertsEmpty)})
	}
	for i, a := range all {
		name, _ := s.JobAlerts.State(a)
		facts, asOf := s.JobAlerts.Facts(a)
		lines := []string{s.JobAlerts.Where(a), name}
		lines = append(lines, s.JobAlerts.Means(a)...)
		for _, f := range facts {
			lines = append(lines, f.Label+colon(w.Lang())+f.Value)
		}
		if a.New > 0 {
			lines = append(lines, w.N(i18n.AlertsNewCount, a.New))
		}
		if asOf != "" {
			lines = append(lines, asOf)
		}
		pg.Blocks = append(pg.Blocks, Block{Heading: w.Number(i+1) + ". " + s.JobAlerts.Name(a), Level: 2}, Block{List: lines})
	}
	return pg
}
