// Package place stub.
package place

import (
	"errors"

	"passerelle/store/pack"
	"passerelle/store/posting"
)

var (
	ErrUnknownPlace  = errors.New("unknown place")
	ErrUnknownPostal = errors.New("unknown postal code")
)

type City struct {
	Name, Province, Zone string
	Lat, Lng             float64
	Population           int
}

type Spot struct {
	Label    string
	Lat, Lng float64
	Province string
}

func FindCity(name, province string) (City, bool)   { return City{}, false }
func Find(text string) (Spot, error)                { return Spot{}, ErrUnknownPlace }
func Suggest(prefix string, n int) []City           { return nil }
func Km(lat1, lng1, lat2, lng2 float64) float64     { return 0 }
func Locate(p posting.Place) posting.Place          { return p }
func Zone(p posting.Place) string                   { return "" }
func Province(code string) posting.Both             { return posting.Both{} }
func Provinces() []string                           { return nil }
func Region(id string) posting.Both                 { return posting.Both{} }
func RegionByName(name string) (id string, ok bool) { return "", false }
func Sources() []pack.Part                          { return nil }
