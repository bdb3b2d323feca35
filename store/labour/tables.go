package labour

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"passerelle/store/pack"
	"passerelle/store/posting"
)

//go:generate go run ./gen

//go:embed tables.zst
var packed []byte

// Periods and sites of the parts.
const (
	wagesPeriod    = "2025"
	copsPeriod     = "2024–2033"
	columbiaPeriod = "2025–2035"

	wagesSite    = "jobbank.gc.ca"
	copsSite     = "occupations.esdc.gc.ca"
	columbiaSite = "workbc.ca"
)

// tables are the figures, by the keys they are asked by.
type tables struct {
	wages    map[string]Wages // area and unit group
	outlook  map[string]Outlook
	regions  map[string][]regional // unit group
	minimums map[string][]Minimum
	editions map[string]edition
}

type edition struct {
	hash string
	rows int
}

// regional is the outlook of one region of British Columbia.
type regional struct {
	id                 string
	employment, growth float64
	openings           int
	blank              bool // too few to publish
}

func columbian(area string) Outlook {
	return Outlook{Area: area, Period: columbiaPeriod, Source: columbiaSite}
}

func (r regional) outlook() Outlook {
	o := columbian(r.id)
	o.Openings, o.Growth = r.openings, r.growth
	return o
}

var load = sync.OnceValue(func() *tables {
	b, err := pack.Decompress(packed)
	if err != nil {
		panic(fmt.Errorf("labour: %w", err)) // a broken table is a broken build
	}
	t, err := parse(string(b))
	if err != nil {
		panic(fmt.Errorf("labour: %w", err))
	}
	return t
})

// parse reads the lines that the generator wrote; gen/main.go says what they hold.
func parse(text string) (*tables, error) {
	t := &tables{
		wages: map[string]Wages{}, outlook: map[string]Outlook{}, regions: map[string][]regional{},
		minimums: map[string][]Minimum{}, editions: map[string]edition{},
	}
	width := map[string]int{"v": 4, "w": 7, "o": 7, "g": 6, "m": 6}
	n := 0
	for line := range strings.Lines(text) {
		n++
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if width[f[0]] != len(f) {
			return nil, fmt.Errorf("line %d: kind %q with %d fields", n, f[0], len(f))
		}
		var err error
		note := func(e error) {
			if e != nil && err == nil {
				err = fmt.Errorf("line %d: %w", n, e)
			}
		}
		num := func(s string) float64 {
			if s == "" {
				return 0
			}
			v, e := strconv.ParseFloat(s, 64)
			note(e)
			return v
		}
		day := func(s string) posting.Day {
			d, e := posting.ParseDay(s)
			note(e)
			return d
		}
		switch f[0] {
		case "v":
			t.editions[f[1]] = edition{hash: f[2], rows: int(num(f[3]))}
		case "w":
			site := wagesSite
			if f[1] != Canada {
				site = columbiaSite
			}
			t.wages[f[1]+f[2]] = Wages{
				Area: f[1], Annual: f[3] == "y", Low: int64(num(f[4])), Median: int64(num(f[5])), High: int64(num(f[6])),
				Period: wagesPeriod, Source: site,
			}
		case "o":
			t.outlook[f[1]] = Outlook{
				Recent: f[2], Code: f[3], Openings: int(num(f[4])), Seekers: int(num(f[5])), Growth: num(f[6]),
				Area: Canada, Period: copsPeriod, Source: copsSite,
			}
		case "g":
			t.regions[f[2]] = append(t.regions[f[2]], regional{
				id: f[1], employment: num(f[3]), growth: num(f[4]), openings: int(num(f[5])),
				blank: f[3] == "" || f[4] == "" || f[5] == "",
			})
		case "m":
			t.minimums[f[1]] = append(t.minimums[f[1]], Minimum{
				Area: f[1], From: day(f[2]), KnownUntil: day(f[3]), Cents: int64(num(f[4])), Source: f[5],
			})
		}
		if err != nil {
			return nil, err
		}
	}
	return t, nil
}
