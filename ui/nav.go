package ui

import (
	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/screen"
	"passerelle/ui/state"
)

// Route is a place in the program that one can come back to. Routes compare with ==.
type Route struct {
	Screen  string
	Posting int64 // row id of the posting being read; 0: none
}

// row is a screen: one line here, one file in state and one in screen, of the same name.
type row struct {
	name  string
	title i18n.Key
	icon  look.Icon
	foot  bool // at the foot of the rail
	aside bool // reached from elsewhere, not from the rail
	make  func(*state.State, screen.Host) screen.Screen
	count func(*state.State) int // what waits there; nil: nothing is counted
}

// rows are the screens, in the order of the rail.
var rows = []row{
	{name: "search", title: i18n.NavSearch, icon: look.IconSearch,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewSearch(s, h) }},
}

func find(name string) (row, bool) {
	for _, r := range rows {
		if r.name == name {
			return r, true
		}
	}
	return row{}, false
}
