package main

import (
	"slices"

	"passerelle/i18n"
	"passerelle/store/match"
	"passerelle/store/posting"
	"passerelle/ui/page"
)

// match compares a profile, read from a file, with the catalogue: the best postings; with
// one number, why that posting suits or not; with several, what the profile lacks for them.
// It is a preview: nothing leaves the computer, and no match is made.
func (j *job) match(args []string) (err error) {
	f := j.flags("match")
	strict := f.Bool("strict", false, "the strict way, whatever the profile chose")
	limit := f.Int("limit", 20, "how many to show")
	words, err := j.open(f, args)
	if err != nil {
		return err
	}
	defer j.close(&err)
	if len(words) == 0 {
		return errUsage{j.words.S(i18n.CliUsage)}
	}
	doc, err := readProfile(words[0])
	if err != nil {
		return j.unread(words[0], err)
	}
	who, err := person(doc)
	if err != nil {
		return j.unread(words[0], err)
	}
	if *strict {
		who.Mode = match.Strict
	}
	p, standing := match.New(who), match.Standing{Active: true, Express: who.Express}
	if len(words) > 1 {
		return j.explain(p, standing, words[1:])
	}
	if err := j.Sample(j.ctx, nil); err != nil {
		return err
	}
	s, err := j.state()
	if err != nil {
		return err
	}
	hide, err := j.Device.Hides(j.ctx)
	if err != nil {
		return err
	}
	best, _, err := j.Matching.Best(j.ctx, p, standing, hide, nil)
	if err != nil {
		return err
	}
	if p.Mode() == match.Strict {
		best = slices.DeleteFunc(best, func(x match.Found) bool { return !x.Score.In(match.Strict) })
	}
	total := len(best)
	best = best[:min(max(0, *limit), total)]
	ids := make([]int64, len(best))
	for i, x := range best {
		ids[i] = x.ID
	}
	cards, err := j.Catalogue.Cards(j.ctx, ids)
	if err != nil {
		return err
	}
	var found []page.Scored
	for _, x := range best {
		if at := slices.IndexFunc(cards, func(c posting.Card) bool { return c.ID == x.ID }); at >= 0 {
			found = append(found, page.Scored{Card: cards[at], Score: x.Score})
		}
	}
	if j.format == "json" {
		type line struct {
			cardJSON
			Percent int `json:"percent"`
			Stars   int `json:"stars"`
		}
		list := make([]line, 0, len(found))
		for _, x := range found {
			list = append(list, line{card(s, x.Card), int(x.Score.Percent), x.Score.Stars()})
		}
		err = j.json(struct {
			Mode     match.Mode   `json:"mode"`
			Version  string       `json:"version"`
			Total    int          `json:"total"`
			Empty    []match.Kind `json:"empty,omitempty"`
			Postings []line       `json:"postings"`
		}{p.Mode(), match.Version, total, p.Empty(), list})
	} else {
		err = j.page(page.Matches(s, p.Mode(), total, found, p.Empty()))
	}
	if err == nil && total == 0 {
		return errNothing
	}
	return err
}

// explain says how one posting suits, or what several ask that the profile lacks.
func (j *job) explain(p *match.Profile, standing match.Standing, numbers []string) error {
	var chosen []posting.Posting
	for _, n := range numbers {
		s, post, err := j.find([]string{n})
		if err != nil {
			return err
		}
		chosen = append(chosen, post)
		if len(numbers) > 1 {
			continue
		}
		e, steps, bar := p.Explain(post), p.Raise(post), match.Eligible(standing, post.Card, j.now())
		if j.format == "json" {
			return j.json(struct {
				cardJSON
				match.Explanation
				Raise []match.Step `json:"raise,omitempty"`
				Bar   match.Bar    `json:"bar,omitempty"`
			}{card(s, post.Card), e, steps, bar})
		}
		return j.page(page.Explained(s, post, e, steps, bar))
	}
	gaps := p.Gaps(chosen)
	if j.format == "json" {
		return j.json(struct {
			Gaps []match.Gap `json:"gaps"`
		}{gaps})
	}
	s, err := j.state()
	if err != nil {
		return err
	}
	return j.page(page.Gaps(s, gaps))
}
