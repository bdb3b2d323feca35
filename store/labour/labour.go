// Package labour stub.
package labour

import (
	"passerelle/store/pack"
	"passerelle/store/posting"
)

type Wages struct {
	Low, Median, High    int64
	Annual               bool
	Area, Period, Source string
	Code                 string // the code that the figures were published under, where it is another (00018)
}

type Outlook struct {
	Code, Area, Period string
	Openings, Seekers  int
	Growth             float64
}

type Minimum struct {
	Cents            int64
	From, KnownUntil posting.Day
	Area, Source     string
}

func WagesOf(noc, province string) (Wages, bool)                 { return Wages{}, false }
func OutlookOf(noc, province string) (Outlook, bool)             { return Outlook{}, false }
func MinimumAt(province string, day posting.Day) (Minimum, bool) { return Minimum{}, false }
func Sources() []pack.Part                                       { return nil }
