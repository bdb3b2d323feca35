package state

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/posting"
	"passerelle/store/record"
)

const matchKind = "match"

// said is what happened between a person and a posting.
type said struct {
	cache.Ref
	Number   int64
	Title    [2]string // in French, in English; as the server told it
	Employer string
	State    string // "": nothing happened
	Waits    bool   // it has yet to be sent
}

// gone says that it is refused, by either side: neither counts it any more. One that
// merely suits has no record, so a first state is a refusal that can still be taken back.
func (x said) gone() bool { return x.State == "refused" || x.Record != "" && x.State == "preview" }

// between reads what happened between a person and postings, by their number.
func between(ctx context.Context, p Private, person string) (map[int64]said, error) {
	all, err := p.List(ctx, matchKind)
	if err != nil {
		return nil, err
	}
	k, _ := record.Find(matchKind)
	things := map[int64]said{}
	for _, x := range all {
		if x.Partition != "person/"+person {
			continue
		}
		t := said{Ref: x.Ref, State: k.State(x.Doc), Waits: x.Waits, Employer: str(x.Doc, "employer"), Title: [2]string{str(x.Doc, "title_fr"), str(x.Doc, "title_en")}}
		if json.Unmarshal(x.Doc["number"], &t.Number) == nil && t.Number > 0 {
			things[t.Number] = t
		}
	}
	return things, nil
}

// invitedWord says what became of an invitation; "" where there is none.
func (s *State) invitedWord(state string) string {
	switch state {
	case "invited", "viewed", "answered", "declined", "withdrawn", "expired":
		return valueWord(s.words, matchKind, "state", state)
	}
	return ""
}

// Invites says that an invitation to the posting of a line waits for an answer.
func (m *Matches) Invites(i int) bool {
	if i < 0 || i >= len(m.list) {
		return false
	}
	st := m.said[m.list[i].Number].State
	return st == "invited" || st == "viewed"
}

// second is how long a refusal can be taken back before it is told to the server, for good.
const second = 20 * time.Second

// Final says that a refusal of this posting cannot be taken back: its employer has invited the
// person, and is told at once.
func (m *Matches) Final(i int) bool {
	return i >= 0 && i < len(m.list) && m.said[m.list[i].Number].State != ""
}

// Refuse takes a posting out of the matches, of both sides, for good. For a moment
// [Matches.Back] takes it back; then, or when the screen is left, the server is told.
func (m *Matches) Refuse(i int) {
	edit, ok := m.s.o.Private.(Editor)
	if i < 0 || i >= len(m.list) || !ok {
		return
	}
	x, person, private := m.list[i], m.s.Present.Person.ID, m.s.o.Private
	title := Number(m.s.words, x.Number)
	if r := m.rows[x.ID]; r != nil && r.come {
		title = m.title(r.post.Card)
	}
	m.settle() // of one refused before
	ref := cache.Ref{Partition: "person/" + person, Kind: matchKind, Record: record.MatchOf(person, x.Number)}
	number, _ := json.Marshal(x.Number) // of a number there is no error
	begun := m.said[x.Number].State == ""
	m.do(func() error {
		if !begun {
			return edit.Do(m.s.ctx, ref, "refuse", 0)
		}
		_, err := private.Get(m.s.ctx, ref)
		if !errors.Is(err, cache.ErrNotFound) {
			return err // a sync brought it just now
		}
		return edit.Put(m.s.ctx, ref, record.Doc{"number": number})
	}, func() {
		if begun {
			m.Last = &Undo{What: m.s.words.S(i18n.MatchesRefusedOne, "Title", title), do: func() { m.TakeBack(x.Number) }}
			m.hush = m.s.o.Exec.After(second, m.settle)
		}
	})
}

// do changes what is between the person and postings, and shows it.
func (m *Matches) do(work func() error, after func()) {
	person, private := m.s.Present.Person.ID, m.s.o.Private
	var things map[int64]said
	var err error
	m.s.o.Exec.Go(func() {
		if err = work(); err == nil {
			things, err = between(m.s.ctx, private, person)
		}
	}, func() {
		if m != m.s.Matches {
			return // another person is at the desk
		}
		if m.Fault = err; err == nil {
			m.said = things
			if after != nil {
				after()
			}
			m.sift()
			m.s.wrote()
		}
		m.tell()
		m.s.Tell()
	})
}

// settle tells the server of what was refused: it is not taken back any more. Nothing is lost
// by a program that ends before: the next one does so.
func (m *Matches) settle() {
	if m.hush != nil {
		m.hush()
		m.hush = nil
	}
	if m.Last != nil {
		m.Last = nil
		m.tell()
	}
	m.finish()
}

// finish asks for every refusal that is not asked for yet, but the one that can be taken back.
func (m *Matches) finish() {
	edit, ok := m.s.o.Private.(Editor)
	if !ok || m.Last != nil {
		return
	}
	var todo []cache.Ref
	for _, x := range m.said {
		if x.Record != "" && x.State == "preview" {
			todo = append(todo, x.Ref)
		}
	}
	if len(todo) == 0 {
		return
	}
	m.do(func() (err error) {
		for _, ref := range todo {
			err = errors.Join(err, edit.Do(m.s.ctx, ref, "refuse", 0))
		}
		return err
	}, nil)
}

// Left tells the server of what was refused, and ends what is under way for the screen alone.
func (m *Matches) Left() { m.settle() }

// Back takes the last refusal back.
func (m *Matches) Back() {
	if u := m.Last; u != nil {
		m.Last = nil
		u.do()
	}
}

// RefusedLine is a posting that is refused.
type RefusedLine struct {
	Number int64
	Title  string
	Who    string
	State  string // whether the server knows
	Can    bool   // it can be taken back: nothing has left
}

// Refused are the postings that were refused, by either side.
func (m *Matches) Refused() (all []RefusedLine) {
	w := m.s.words
	for _, x := range m.said {
		if !x.gone() {
			continue
		}
		l := RefusedLine{Number: x.Number, Title: x.Title[0], Who: x.Employer, State: w.S(i18n.MatchesRefusedTold), Can: x.Waits}
		if w.Lang() == i18n.English && x.Title[1] != "" || l.Title == "" {
			l.Title = x.Title[1]
		}
		if x.Waits {
			l.State = w.S(i18n.MatchesRefusedWaits)
		}
		if c, ok := m.cards[x.Number]; ok {
			l.Title, l.Who = m.title(c), c.Employer
		}
		if n := Number(w, x.Number); l.Title == "" {
			l.Title = n
		} else {
			l.Who = join(l.Who, n)
		}
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b RefusedLine) int { return cmp.Compare(b.Number, a.Number) })
	return all
}

// recall reads what the refused postings are called that still suit.
func (m *Matches) recall() {
	var ids []int64
	for _, x := range m.all {
		if m.said[x.Number].gone() {
			ids = append(ids, x.ID)
		}
	}
	if len(ids) == 0 {
		return
	}
	var cards []posting.Card
	cat := m.s.o.Catalogue
	m.s.o.Exec.Go(func() { cards, _ = cat.Cards(m.s.ctx, ids) }, func() { // without them the list has numbers
		m.cards = map[int64]posting.Card{}
		for _, c := range cards {
			m.cards[c.Number] = c
		}
		m.tell()
	})
}

// TakeBack shows a refused posting again. What has left cannot be taken back: the server, and
// with it the employer, may have heard of it.
func (m *Matches) TakeBack(number int64) {
	edit, ok := m.s.o.Private.(Editor)
	x, known := m.said[number]
	if !ok || !known {
		return
	}
	if m.hush != nil {
		m.hush()
		m.hush = nil
	}
	private := m.s.o.Private
	m.do(func() error {
		waits, err := private.Outbox(m.s.ctx)
		if err != nil {
			return err
		}
		for _, c := range waits {
			if c.Ref == x.Ref && c.Command == "refuse" {
				if err := private.Cancel(m.s.ctx, c.N); err != nil {
					return err
				}
			}
		}
		now, err := private.Get(m.s.ctx, x.Ref)
		k, _ := record.Find(matchKind)
		if err == nil && k.State(now.Doc) == k.First {
			err = edit.Delete(m.s.ctx, x.Ref)
		}
		return err
	}, nil)
}

// Problem says what went wrong with the last act; "" when nothing did.
func (m *Matches) Problem() string {
	if m.Fault == nil {
		return ""
	}
	return PrivateProblem(m.s.words, m.Fault)
}
