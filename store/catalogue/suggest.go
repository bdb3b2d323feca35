package catalogue

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/posting"
	"passerelle/store/query"
)

// Suggestion is something a search could ask, while it is being typed.
type Suggestion struct {
	Kind string // "title", "employer" or "city"
	Text string
	NOC  string // of a title
	N    int    // postings, ended ones included
}

// Suggest completes what is being typed: occupation titles of postings at hand, their
// employers and cities, the most frequent first within each kind; at most n in all.
func (s *Store) Suggest(ctx context.Context, prefix string, lang i18n.Lang, n int) ([]Suggestion, error) {
	want := strings.Join(query.Tokens(prefix), " ")
	if len([]rune(want)) < 2 || n <= 0 {
		return nil, ctx.Err()
	}
	var out []Suggestion
	err := s.read(ctx, func(_ *file, _ *sql.Tx, fr *frame) error {
		each := max(1, n/3)
		nocs, cities, staff := fr.frequencies()
		var titles []Suggestion
		for _, t := range occupation.Suggest(prefix, lang, 4*n) {
			sg := Suggestion{Kind: "title", Text: t.Text, NOC: t.NOC}
			if c, ok := fr.codes[cNOC].index[t.NOC]; ok {
				sg.N = int(nocs[c])
			}
			titles = append(titles, sg)
		}
		// Titles come in their own good order; those with postings go before those without.
		slices.SortStableFunc(titles, func(a, b Suggestion) int { return cmp.Compare(sign(b.N), sign(a.N)) })
		begins := func(kind string, names []string, n []int32) []Suggestion {
			var out []Suggestion
			for i, name := range names {
				if i > 0 && n[i] > 0 && beginsWord(name, want) {
					out = append(out, Suggestion{Kind: kind, Text: name, N: int(n[i])})
				}
			}
			slices.SortFunc(out, func(a, b Suggestion) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Text, b.Text)) })
			return out
		}
		kinds := [][]Suggestion{titles, begins("city", fr.codes[cCity].values, cities), begins("employer", fr.staff.names, staff)}
		room := n
		for i, k := range kinds { // what one kind leaves over the next may have
			m := min(len(k), each)
			kinds[i], out = k[m:], append(out, k[:m]...)
			room -= m
		}
		for _, k := range kinds {
			m := min(len(k), max(0, room))
			out, room = append(out, k[:m]...), room-m
		}
		rank := map[string]int{"title": 0, "city": 1, "employer": 2}
		slices.SortStableFunc(out, func(a, b Suggestion) int { return cmp.Compare(rank[a.Kind], rank[b.Kind]) })
		out = out[:min(n, len(out))]
		return ctx.Err()
	})
	return out, err
}

func sign(n int) int { return min(n, 1) }

// frequencies counts rows by unit group, city and employer.
func (f *frame) frequencies() (nocs, cities, staff []int32) {
	nocs = make([]int32, max(1, len(f.codes[cNOC].values)))
	cities = make([]int32, max(1, len(f.codes[cCity].values)))
	staff = make([]int32, max(1, len(f.staff.names)))
	for _, p := range f.pages {
		for i := range pageRows {
			if p.holds(i) {
				nocs[p.code[cNOC][i]]++
				cities[p.code[cCity][i]]++
				staff[p.employer[i]]++
			}
		}
	}
	return nocs, cities, staff
}

// beginsWord says whether folded words stand in a name from the start of a word on, the
// last of them perhaps unfinished.
func beginsWord(name, want string) bool {
	if c := name[0]; c < 0x80 && want[0] < 0x80 && len(name) < len(want) {
		return false
	}
	return strings.Contains(" "+strings.Join(query.Tokens(name), " "), " "+want)
}

// Likeness is a posting like another: same unit group, related, or same employer.
type Likeness struct {
	Card   posting.Card
	Reason string  // "noc", "related", "employer"
	Km     float64 // from one to the other; 0 when that is unknown
}

// Similar gives postings like one that have not ended: those of the same unit group,
// then of related ones, then of the same employer; each with its reason, the nearest first.
// What a person has hidden is not among them.
func (s *Store) Similar(ctx context.Context, id int64, n int, now time.Time, hide *query.Hide) ([]Likeness, error) {
	var found []Likeness
	err := s.read(ctx, func(f *file, tx *sql.Tx, fr *frame) error {
		at, k := fr.at(id)
		if at == nil || n <= 0 {
			return nil
		}
		noc, boss := at.code[cNOC][k], at.employer[k]
		related := make([]bool, max(1, len(fr.codes[cNOC].values)))
		if noc != 0 {
			for _, r := range occupation.Related(fr.codes[cNOC].values[noc]) {
				if c, ok := fr.codes[cNOC].index[r]; ok {
					related[c] = true
				}
			}
		}
		b, hidden := base{lastEnded: fr.lastEnded(now)}, f.hidden(fr, hide)
		type like struct {
			reason int
			km     float64
			item
		}
		var all []like
		for _, pn := range fr.order {
			p, veiled := fr.pages[pn], hidden[pn]
			for i := range pageRows {
				var reason int
				switch c := p.code[cNOC][i]; {
				case c != 0 && c == noc:
					reason = 0
				case related[c]:
					reason = 1
				case boss != 0 && p.employer[i] == boss:
					reason = 2
				default:
					continue
				}
				row := pn<<pageBits | uint32(i)
				if !p.holds(i) || int64(row) == id || !b.shown(p, i) || veiled != nil && veiled.holds(i) {
					continue
				}
				km := -1.0
				if (p.lat[i] != 0 || p.lng[i] != 0) && (at.lat[k] != 0 || at.lng[k] != 0) {
					km = place.Km(float64(at.lat[k]), float64(at.lng[k]), float64(p.lat[i]), float64(p.lng[i]))
				}
				all = append(all, like{reason, km, item{0, p.posted[i], row}})
			}
		}
		slices.SortFunc(all, func(a, b like) int {
			far := func(km float64) float64 {
				if km < 0 {
					return 1e9
				}
				return km
			}
			return cmp.Or(cmp.Compare(a.reason, b.reason), cmp.Compare(far(a.km), far(b.km)), b.compare(a.item))
		})
		get := tx.StmtContext(ctx, f.card)
		for _, l := range all[:min(n, len(all))] {
			c, err := readCard(ctx, get, int64(l.id))
			if err != nil {
				return err
			}
			c.Place.Street = ""
			found = append(found, Likeness{c, []string{"noc", "related", "employer"}[l.reason], max(0, l.km)})
		}
		return nil
	})
	return found, err
}
