package posting

import (
	"slices"
	"strings"

	"passerelle/i18n"
)

// Merge joins what a source says now of a posting with what it said before, so that
// its French and its English document are one row, counted once. What now says in a
// language replaces what was said in that language; what was said in the other one
// stays. Facts are now's. The row's own identity (ID, Number, State) is the old one's,
// where it has one. Joining the two languages gives the same posting in either order.
func Merge(old, now Posting) Posting {
	out := now
	if out.ID == 0 {
		out.ID = old.ID
	}
	if out.Number == 0 {
		out.Number = old.Number
	}
	if out.State == Shown {
		out.State = old.State
	}
	if out.Title.FR == "" {
		out.Title.FR = old.Title.FR
	}
	if out.Title.EN == "" {
		out.Title.EN = old.Title.EN
	}
	if out.URL == "" || out.Title.FR != "" && now.Title.FR == "" && old.URL != "" {
		out.URL = old.URL // both documents lead to one posting; the French one's address stands
	}
	out.occupation(old, now)
	out.texts(old, now)
	out.words(old, now)
	return out
}

// occupation keeps the old occupation where now only guesses from a title: the surer of
// the two when now is another language, and the old one when the title has not changed.
func (p *Posting) occupation(old, now Posting) {
	if old.NOC == "" || now.Confidence == 100 || (old.Title.FR == "" || now.Title.FR != "") && (old.Title.EN == "" || now.Title.EN != "") {
		return
	}
	keep := now.NOC == "" || old.Confidence > now.Confidence || old.Confidence == now.Confidence && old.NOC < now.NOC
	for _, t := range [][2]string{{old.Title.FR, now.Title.FR}, {old.Title.EN, now.Title.EN}} {
		if t[0] != "" && t[1] != "" {
			keep = t[0] == t[1] && (now.NOC == "" || old.Confidence >= now.Confidence)
		}
	}
	if keep {
		p.NOC, p.Confidence = old.NOC, old.Confidence
	}
}

// texts keeps the old text of each language that now does not have, French first.
func (p *Posting) texts(old, now Posting) {
	p.Texts = slices.Clone(now.Texts)
	for _, t := range old.Texts {
		if !slices.ContainsFunc(now.Texts, func(n Text) bool { return n.Lang == t.Lang }) && old.has(t.Lang) && !now.has(t.Lang) {
			p.Texts = append(p.Texts, t)
		}
	}
	slices.SortStableFunc(p.Texts, func(a, b Text) int { // "fr" before "en"
		switch {
		case a.Lang > b.Lang:
			return -1
		case a.Lang < b.Lang:
			return 1
		}
		return 0
	})
}

// words settles what has room for one language only: the wording of the wage, of its
// conditions, of addresses and hours to call. The French stands while the facts it words are the same.
func (p *Posting) words(old, now Posting) {
	same := old.Wage.Unit == now.Wage.Unit && old.Wage.Min == now.Wage.Min && old.Wage.Max == now.Wage.Max
	if same && now.Wage.Text == "" && len(old.Langs()) > 0 && !slices.Equal(old.Langs(), now.Langs()) {
		p.Wage.Text = old.Wage.Text // the other language's, which is all there is
	}
	if now.has(i18n.French) || !old.has(i18n.French) {
		return
	}
	if same && old.Wage.Text != "" {
		p.Wage.Text = old.Wage.Text
	}
	if len(old.Pay) == len(now.Pay) {
		p.Pay = old.Pay
	}
	p.Apply = slices.Clone(now.Apply)
	for i, m := range p.Apply {
		for _, o := range old.Apply {
			if o.Kind == m.Kind && (o.Value == m.Value || (m.Kind == ApplyMail || m.Kind == ApplyPerson) && figures(o.Value) == figures(m.Value)) {
				p.Apply[i].Value = o.Value
				if o.Hours != "" && m.Hours != "" {
					p.Apply[i].Hours = o.Hours
				}
			}
		}
	}
}

// figures are the digits of an address: the same place has the same in both languages.
func figures(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

func (c Card) has(l i18n.Lang) bool { return slices.Contains(c.Langs(), l) }
