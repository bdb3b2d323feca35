package state

import "time"

// Sight is what can be seen at a moment, as a line of the probe. End-to-end runs read it
// to assert visible text and to know where to click; it says nothing that the screen does not show.
type Sight struct {
	N        int       `json:"n"`
	At       time.Time `json:"at"`
	Route    string    `json:"route"`
	Lang     string    `json:"lang"`
	Theme    string    `json:"theme"`
	Percent  int       `json:"percent"`
	Size     [2]int    `json:"size"`
	Focus    string    `json:"focus"`  // label of what has the keyboard
	Dialog   bool      `json:"dialog"` // something blocks the window
	Words    string    `json:"words"`  // in the search field
	Loading  bool      `json:"loading"`
	Total    int       `json:"total"`
	Selected int       `json:"selected"` // index in the list, −1 for none
	Number   int64     `json:"number"`   // of the posting being read, 0 for none
	Said     string    `json:"said"`     // the sentence that is shown for a moment
	Pending  int       `json:"pending"`
	Online   bool      `json:"online"`
	Stall    int64     `json:"stall,omitempty"` // longest wait of the drawing goroutine since the line before, in µs, if over 33 ms
	Texts    []string  `json:"texts"`
	Controls []Spot    `json:"controls"`
}

// Spot is something that can be used, and where: what is clipped away is not among them.
type Spot struct {
	Label string `json:"label"`
	Kind  string `json:"kind"` // its Go type: Button, Check, Entry…
	X     int    `json:"x"`
	Y     int    `json:"y"`
	W     int    `json:"w"`
	H     int    `json:"h"`
	On    bool   `json:"on,omitempty"` // a box that is checked
}
