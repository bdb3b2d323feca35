package wire

import "time"

// MatchesPath is where matches are; it wants "Authorization: Bearer ACCESS". GET: a Matches,
// those of the account. GET of MatchesPath/POSTING, the record of an employer's posting: a
// Matched, for those who share that employer's file.
const MatchesPath = "/v1/matches"

// Matches are the postings that an account's active profile is matched with.
type Matches struct {
	Active  bool    `json:"active"`            // the profile takes part
	Version int64   `json:"version,omitempty"` // of the profile that is matched
	Strict  bool    `json:"strict,omitempty"`  // in the strict way
	Lists   string  `json:"lists"`             // version of the rules and lists
	Matches []Match `json:"matches"`           // the best first
}

// Match is one of them.
type Match struct {
	Number  int64  `json:"number"`
	Posting int64  `json:"posting"` // its row
	Percent int    `json:"percent"`
	Stars   int    `json:"stars"`
	State   string `json:"state,omitempty"` // of the record of kind match, if there is one
}

// Matched are the seekers that a posting is matched with, without a word of who they are.
type Matched struct {
	Posting int64      `json:"posting"`
	Total   int        `json:"total"`
	Lists   string     `json:"lists"`
	Seekers []Overview `json:"seekers"` // the best first, MaxOverviews at most
}

// MaxOverviews is how many seekers of a posting are shown.
const MaxOverviews = 200

// Overview is what an employer sees of a matched seeker: ids of the lists. There is
// no name, no way to reach anybody, no date and no place in it, nor an id that is the same
// for another posting.
type Overview struct {
	Match       string            `json:"match"` // to be named by an invitation
	Percent     int               `json:"percent"`
	Stars       int               `json:"stars"`
	Experience  map[string]string `json:"experience,omitempty"` // unit group to posting.Experience
	Skills      []string          `json:"skills,omitempty"`
	Education   []string          `json:"education,omitempty"`
	Credentials []string          `json:"credentials,omitempty"`
	State       string            `json:"state,omitempty"` // of the invitation: "invited", "viewed", "declined", "withdrawn"
	Code        string            `json:"code,omitempty"`  // of the invitation
	Since       time.Time         `json:"since"`           // the day on which the match was made
}

// Why an invitation is refused; [ReasonForbidden] says that the posting is another's,
// or that its employer is not approved.
const (
	ReasonEnded = "ended"   // the posting is over
	ReasonLeft  = "left"    // the seeker is no longer matched with it
	ReasonTwice = "invited" // they were invited to it before
)
