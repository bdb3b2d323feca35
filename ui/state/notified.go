package state

import (
	"passerelle/i18n"
)

// Notified is the page of the ways of being told of work: what each covers, which
// needs an account, and how to begin. All of it is in the program: it needs no network.
type Notified struct{ s *State }

func newNotified(s *State) *Notified { return &Notified{s: s} }

// NotifyWay is a way of being told of work.
type NotifyWay struct {
	Name  string
	Facts []AlertFact // what it covers, by what, what it needs, how it tells
	Now   string      // how it stands for whoever is here
	Acts  []NotifyAct // the one to begin with first
}

// NotifyAct leads on.
type NotifyAct struct {
	Name string // of a stop
	Text string
	To   string // a screen
	New  bool   // an alert is to be begun there
}

// Ways are the two, in the order in which they are offered.
func (n *Notified) Ways() []NotifyWay {
	w := n.s.words
	facts := func(covers, by, needs, tells i18n.Key) []AlertFact {
		return []AlertFact{{w.S(i18n.NotifiedCovers), w.S(covers)}, {w.S(i18n.NotifiedBy), w.S(by)}, {w.S(i18n.NotifiedNeeds), w.S(needs)}, {w.S(i18n.NotifiedTells), w.S(tells)}}
	}
	match := NotifyWay{Name: w.S(i18n.NotifiedMatch), Facts: facts(i18n.NotifiedMatchCovers, i18n.NotifiedMatchBy, i18n.NotifiedMatchNeeds, i18n.NotifiedMatchTells)}
	if n.s.Profile.Offered() {
		if n.s.Profile.Loaded {
			match.Now, _ = n.s.Profile.StandingWords()
			match.Now = w.S(i18n.NotifiedProfile, "State", match.Now)
		}
		match.Acts = []NotifyAct{{Name: "profile", Text: w.S(i18n.NotifiedToProfile), To: "profile"}, {Name: "matches", Text: w.S(i18n.NotifiedToMatches), To: "matches"}}
	} else if n.s.Accounts() {
		match.Now = w.S(i18n.NotifiedNobody)
		match.Acts = []NotifyAct{{Name: "signin", Text: w.S(i18n.AcctSignin), To: "signin"}, {Name: "signup", Text: w.S(i18n.AcctSignup), To: "signup"}}
	}
	alerts := NotifyWay{Name: w.S(i18n.NavAlerts), Facts: facts(i18n.NotifiedAlertsCovers, i18n.NotifiedAlertsBy, i18n.NotifiedAlertsNeeds, i18n.NotifiedAlertsTells)}
	j := n.s.JobAlerts
	if j.Offered() {
		if j.Loaded && j.Err == nil {
			alerts.Now = w.S(i18n.AlertsEmpty)
			if n := len(j.List); n > 0 {
				alerts.Now = w.N(i18n.NotifiedAlerts, n)
			}
		}
		alerts.Acts = []NotifyAct{{Name: "new", Text: w.S(i18n.AlertsNew), To: "alerts", New: true}, {Name: "alerts", Text: w.S(i18n.NotifiedToAlerts), To: "alerts"}}
	}
	return []NotifyWay{match, alerts}
}

// Load reads how both stand.
func (n *Notified) Load() {
	n.s.JobAlerts.Load()
	if n.s.Profile.Offered() && !n.s.Profile.Loaded {
		n.s.Profile.Load()
	}
}
