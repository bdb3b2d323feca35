package posting

import (
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // zones on machines that have none
)

// Day is a date without a zone: days since 1970-01-01. 0 means unknown.
type Day int32

// DayOf is the day a moment falls on, in the moment's own zone.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDay reads 2026-11-22 or 2026/11/22, with anything after it ignored from a T
// or a space on (times marked Z in the federal feed are local).
func ParseDay(s string) (Day, error) {
	if len(s) < 10 {
		return 0, fmt.Errorf("date %q: want AAAA-MM-JJ", s)
	}
	layout := "2006-01-02"
	if s[4] == '/' {
		layout = "2006/01/02"
	}
	if len(s) > 10 && s[10] != 'T' && s[10] != ' ' {
		return 0, fmt.Errorf("date %q: want AAAA-MM-JJ", s)
	}
	t, err := time.Parse(layout, s[:10])
	if err != nil {
		return 0, fmt.Errorf("date %q: want AAAA-MM-JJ", s)
	}
	return DayOf(t), nil
}

// Time is the first moment of the day in UTC, for formats.
func (d Day) Time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// In is the first moment of the day in a zone.
func (d Day) In(loc *time.Location) time.Time {
	y, m, dd := d.Time().Date()
	return time.Date(y, m, dd, 0, 0, 0, 0, loc)
}

// String writes 2026-11-22, or nothing for an unknown day.
func (d Day) String() string {
	if d == 0 {
		return ""
	}
	return d.Time().Format("2006-01-02")
}

var zones sync.Map

// location is the zone a posting's days end in; unknown: America/Vancouver, the
// last of the large zones, so nothing is hidden early (design, Identity).
func location(name string) *time.Location {
	if name == "" {
		name = "America/Vancouver"
	}
	if l, ok := zones.Load(name); ok {
		return l.(*time.Location)
	}
	l, err := time.LoadLocation(name)
	if err != nil {
		l, _ = time.LoadLocation("America/Vancouver")
	}
	if l == nil {
		l = time.UTC
	}
	zones.Store(name, l)
	return l
}
