package state

import (
	"strings"

	"passerelle/i18n"
)

// Deed names what a key of the window does. The window has one function for each.
type Deed string

// Deeds.
const (
	DoFind     Deed = "find"     // the keyboard to the search field
	DoBack     Deed = "back"     // closes what is open, or goes back
	DoBackward Deed = "backward" // where one came from, as in a browser
	DoForward  Deed = "forward"
	DoUpdate   Deed = "update"   // brings the catalogue up to date
	DoKeys     Deed = "keys"     // shows this table
	DoPane     Deed = "pane"     // the keyboard to the next part of the window
	DoLanguage Deed = "language" // the other language
	DoLarger   Deed = "larger"
	DoSmaller  Deed = "smaller"
	DoNormal   Deed = "normal"  // text at 100 %
	DoLock     Deed = "lock"    // hides everything at once and drops the keys
	DoCompare  Deed = "compare" // chooses the posting at hand to be compared, or takes it out
	DoScreen   Deed = "screen"  // opens Shortcut.Screen
)

// Shortcut is a key that the window takes wherever one is. The window makes its handlers
// from [Shortcuts] and the help shows the same table, so that it cannot promise a key that does nothing.
type Shortcut struct {
	Key    string // as Fyne names it: "F1", "F", "Escape"; "/" alone is a typed character
	Ctrl   bool   // Command on a Mac
	Shift  bool
	Alt    bool
	Do     Deed
	Screen string // of DoScreen
	What   i18n.Key
	Quiet  bool // another key for a deed that is shown once
}

// Shortcuts are all keys of the window.
var Shortcuts = []Shortcut{
	{Key: "F", Ctrl: true, Do: DoFind, What: i18n.KeysFind},
	{Key: "/", Do: DoFind, What: i18n.KeysFind},
	{Key: "Escape", Do: DoBack, What: i18n.KeysBack},
	{Key: "Left", Alt: true, Do: DoBackward, What: i18n.KeysBackward},
	{Key: "Right", Alt: true, Do: DoForward, What: i18n.KeysForward},
	{Key: "F6", Do: DoPane, What: i18n.KeysPane},
	{Key: "F5", Do: DoUpdate, What: i18n.KeysUpdate},
	{Key: "K", Ctrl: true, Do: DoCompare, What: i18n.KeysCompare},
	{Key: "K", Ctrl: true, Shift: true, Do: DoScreen, Screen: "compare", What: i18n.KeysComparison},
	{Key: "F1", Do: DoKeys, What: i18n.KeysHelp},
	{Key: "L", Ctrl: true, Do: DoLanguage, What: i18n.KeysLanguage},
	{Key: "L", Ctrl: true, Shift: true, Do: DoLock, What: i18n.KeysLock},
	{Key: "=", Ctrl: true, Do: DoLarger, What: i18n.KeysLarger},
	{Key: "=", Ctrl: true, Shift: true, Do: DoLarger, What: i18n.KeysLarger, Quiet: true}, // "+" where it needs Shift
	{Key: "+", Ctrl: true, Do: DoLarger, What: i18n.KeysLarger, Quiet: true},              // on the number pad
	{Key: "-", Ctrl: true, Do: DoSmaller, What: i18n.KeysSmaller},
	{Key: "0", Ctrl: true, Do: DoNormal, What: i18n.KeysNormal},
	{Key: "1", Ctrl: true, Do: DoScreen, Screen: "search", What: i18n.KeysSearch},
	{Key: "2", Ctrl: true, Do: DoScreen, Screen: "saved", What: i18n.KeysSaved},
	{Key: "3", Ctrl: true, Do: DoScreen, Screen: "outbox", What: i18n.KeysOutbox},
	{Key: "4", Ctrl: true, Do: DoScreen, Screen: "sync", What: i18n.KeysSync},
	{Key: "5", Ctrl: true, Do: DoScreen, Screen: "sources", What: i18n.KeysSources},
	{Key: "6", Ctrl: true, Do: DoScreen, Screen: "settings", What: i18n.KeysSettings},
	{Key: "7", Ctrl: true, Do: DoScreen, Screen: "me", What: i18n.KeysMe},
	{Key: "8", Ctrl: true, Do: DoScreen, Screen: "people", What: i18n.KeysPeople},
	{Key: "9", Ctrl: true, Do: DoScreen, Screen: "contact", What: i18n.KeysContact},
}

// within are the keys that lists, fields and buttons take themselves; a test of
// ui/screen presses each.
var within = []struct {
	keys []string
	what i18n.Key
}{
	{[]string{"Tab", "Shift+Tab"}, i18n.KeysNext},
	{[]string{"Return", "Space"}, i18n.KeysUse},
	{[]string{"Up", "Down"}, i18n.KeysMove},
	{[]string{"Home", "End"}, i18n.KeysEnds},
	{[]string{"Prior", "Next"}, i18n.KeysPages},
	{[]string{"Down"}, i18n.KeysOffers},
	{[]string{"Left", "Right"}, i18n.KeysSplit},
	{[]string{"Left", "Right"}, i18n.KeysCard},
	{[]string{"Delete"}, i18n.KeysHide},
	{[]string{"Delete"}, i18n.KeysDrop},
	{[]string{"Delete"}, i18n.KeysChip},
}

// KeyLine is a line of the help: the keys, as they are written on a keyboard, and what they do.
type KeyLine struct {
	Keys []string
	What string
}

// KeyGroup is a part of the help.
type KeyGroup struct {
	Title string
	Lines []KeyLine
}

// Keys is the help on keys. mac writes Command for Ctrl.
func Keys(w *i18n.Words, mac bool) []KeyGroup {
	window := KeyGroup{Title: w.S(i18n.KeysEverywhere)}
	at := map[i18n.Key]int{}
	for _, k := range Shortcuts {
		if k.Quiet {
			continue
		}
		i, ok := at[k.What]
		if !ok {
			i = len(window.Lines)
			at[k.What] = i
			window.Lines = append(window.Lines, KeyLine{What: w.S(k.What)})
		}
		window.Lines[i].Keys = append(window.Lines[i].Keys, k.Name(w, mac))
	}
	inside := KeyGroup{Title: w.S(i18n.KeysInside)}
	for _, x := range within {
		l := KeyLine{What: w.S(x.what)}
		for _, k := range x.keys {
			if last, ok := strings.CutPrefix(k, "Shift+"); ok {
				l.Keys = append(l.Keys, w.S(i18n.KeyShift)+"+"+keyName(w, last))
				continue
			}
			l.Keys = append(l.Keys, keyName(w, k))
		}
		inside.Lines = append(inside.Lines, l)
	}
	return []KeyGroup{window, inside}
}

// Name is the key as it is written on a keyboard: "Ctrl+F", "Échap".
func (k Shortcut) Name(w *i18n.Words, mac bool) string {
	s := ""
	if k.Ctrl {
		s = w.S(i18n.KeyCtrl) + "+"
		if mac {
			s = "⌘"
		}
	}
	if k.Shift {
		s += w.S(i18n.KeyShift) + "+"
	}
	if k.Alt {
		s += w.S(i18n.KeyAlt) + "+"
	}
	return s + keyName(w, k.Key)
}

var keyNames = map[string]i18n.Key{
	"Escape": i18n.KeyEscape, "Tab": i18n.KeyTab, "Return": i18n.KeyEnter, "Space": i18n.KeySpace, "Home": i18n.KeyHome,
	"End": i18n.KeyEnd, "Prior": i18n.KeyPageup, "Next": i18n.KeyPagedown, "Delete": i18n.KeyDelete,
}

func keyName(w *i18n.Words, key string) string {
	switch key {
	case "Up":
		return "↑"
	case "Down":
		return "↓"
	case "Left":
		return "←"
	case "Right":
		return "→"
	case "=":
		return "+"
	case "-":
		return "−"
	}
	if k, ok := keyNames[key]; ok {
		return w.S(k)
	}
	return key
}
