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
	guest bool // at its foot while nobody has signed in: at the head it would keep the portal out of three Tabs (B-004)
	aside bool // reached from elsewhere, not from the rail
	bare  bool // fills the window, and is not come back to
	own   bool // of somebody who has signed in: others sign in first (B-014)
	door  bool // can be used while the desk is locked
	make  func(*state.State, screen.Host) screen.Screen
	count func(*state.State) int  // what waits there; nil: nothing is counted
	when  func(*state.State) bool // it stands in the rail; nil: always
}

// rows are the screens, in the order of the rail.
var rows = []row{
	{name: "board", title: i18n.NavBoard, icon: look.IconBoard, guest: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewBoard(s, h) }},
	{name: "search", title: i18n.NavSearch, icon: look.IconSearch,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewSearch(s, h) }},
	{name: "saved", title: i18n.NavSaved, icon: look.IconSaved,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewSaved(s, h) }},
	{name: "alerts", title: i18n.NavAlerts, icon: look.IconBell, guest: true,
		make:  func(s *state.State, h screen.Host) screen.Screen { return screen.NewAlerts(s, h) },
		count: func(s *state.State) int { return s.JobAlerts.News() },
		when:  func(s *state.State) bool { return s.JobAlerts.Offered() }},
	{name: "notified", title: i18n.NotifiedTitle, icon: look.IconBell, aside: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewNotified(s, h) }},
	{name: "tracker", title: i18n.NavTracker, icon: look.IconColumns, guest: true,
		make:  func(s *state.State, h screen.Host) screen.Screen { return screen.NewTracker(s, h) },
		count: func(s *state.State) int { return s.Tracker.Count() },
		when:  func(s *state.State) bool { return s.Tracker.Offered() }},
	{name: "profile", title: i18n.NavProfile, icon: look.IconList, own: true,
		make:  func(s *state.State, h screen.Host) screen.Screen { return screen.NewProfile(s, h) },
		count: func(s *state.State) int { return s.Profile.Count() },
		when:  func(s *state.State) bool { return s.Profile.Offered() }},
	{name: "compare", title: i18n.NavCompare, icon: look.IconCompare, guest: true,
		make:  func(s *state.State, h screen.Host) screen.Screen { return screen.NewCompare(s, h) },
		count: func(s *state.State) int { return len(s.Compare.Chosen) },
		when:  func(s *state.State) bool { return len(s.Compare.Chosen) > 0 }},
	{name: "invitations", title: i18n.NavInvitations, icon: look.IconMail, own: true,
		make:  func(s *state.State, h screen.Host) screen.Screen { return screen.NewInvitations(s, h) },
		count: func(s *state.State) int { return s.Invitations.New() },
		when:  func(s *state.State) bool { return s.Invitations.Any() }}, // the dashboard leads there, too
	{name: "matches", title: i18n.NavMatches, icon: look.IconNoStar, own: true,
		make:  func(s *state.State, h screen.Host) screen.Screen { return screen.NewMatches(s, h) },
		count: func(s *state.State) int { return s.Matches.Count() },
		when:  func(s *state.State) bool { return s.Matches.Offered() }},
	{name: "resume", title: i18n.NavResume, icon: look.IconLetter, guest: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewResume(s, h) },
		when: func(s *state.State) bool { return s.Resume.Offered() }},
	{name: "letter", title: i18n.LetterList, icon: look.IconLetter, aside: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewLetter(s, h) }},
	{name: "outbox", title: i18n.NavOutbox, icon: look.IconOutbox, foot: true, // at the head it would keep the portal out of three Tabs (B-004)
		make:  func(s *state.State, h screen.Host) screen.Screen { return screen.NewOutbox(s, h) },
		count: func(s *state.State) int { return s.Unsent() }},
	{name: "conflict", title: i18n.NavConflict, icon: look.IconWarn, own: true,
		make:  func(s *state.State, h screen.Host) screen.Screen { return screen.NewConflict(s, h) },
		count: func(s *state.State) int { return s.Conflicts() },
		when:  func(s *state.State) bool { return s.Conflicts() > 0 }},
	{name: "me", title: i18n.NavMe, icon: look.IconPerson, own: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewMe(s, h) },
		when: func(s *state.State) bool { return s.Present.Signed() }},
	{name: "email", title: i18n.MeChangeEmail, icon: look.IconMail, aside: true, own: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewEmailChange(s, h) }},
	{name: "factor", title: i18n.Gck2faChange, icon: look.IconKey, aside: true, own: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewFactorChange(s, h) }},
	{name: "data", title: i18n.DataTitle, icon: look.IconPerson, aside: true, own: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewData(s, h) }},
	{name: "contact", title: i18n.NavContact, icon: look.IconPhone, foot: true, door: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewContact(s, h) }},
	{name: "people", title: i18n.NavPeople, icon: look.IconPerson, aside: true, door: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewPeople(s, h) }},
	{name: "lock", title: i18n.NavLock, icon: look.IconLock, aside: true, bare: true, door: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewLock(s, h) }},
	{name: "sync", title: i18n.NavSync, icon: look.IconSync, foot: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewSync(s, h) }},
	{name: "sources", title: i18n.NavSources, icon: look.IconSource, foot: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewSources(s, h) }},
	{name: "settings", title: i18n.NavSettings, icon: look.IconSettings, foot: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewSettings(s, h) }},
	{name: "signin", title: i18n.NavSignin, icon: look.IconKey, aside: true, door: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewSignIn(s, h) }},
	{name: "invited", title: i18n.InvitedTitle, icon: look.IconKey, aside: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewInvited(s, h) }},
	{name: "signup", title: i18n.NavSignup, icon: look.IconPerson, aside: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewSignUp(s, h) }},
	{name: "recover", title: i18n.AcctRecover, icon: look.IconKey, aside: true, door: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewRecover(s, h) }},
	{name: "portal", title: i18n.NavEmployers, icon: look.IconWork, aside: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewPortal(s, h) }},
	{name: "username", title: i18n.GckForgotuser, icon: look.IconKey, aside: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewUsernameBack(s, h) }},
	{name: "password", title: i18n.GckForgotpw, icon: look.IconKey, aside: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewPasswordBack(s, h) }},
	{name: "partner", title: i18n.PartnerChoose, icon: look.IconWeb, aside: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewPartner(s, h) }},
	{name: "partner-enrol", title: i18n.PartnerEnrol, icon: look.IconWeb, aside: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewPartnerEnrol(s, h) }},
	{name: "partner-change", title: i18n.PartnerChange, icon: look.IconWeb, aside: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewPartnerChange(s, h) }},
	{name: "enrol", title: i18n.MePortalRegister, icon: look.IconKey, aside: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewEnrol(s, h) }},
	{name: "help", title: i18n.ContactHelp, icon: look.IconHelp, aside: true, door: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewHelp(s, h) }},
	{name: "request", title: i18n.HelpRequest, icon: look.IconMail, aside: true, door: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewRequest(s, h) }},
	{name: "mailbox", title: i18n.NavMailbox, icon: look.IconMail, aside: true, door: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewMailbox(s, h) }},
	{name: "terms", title: i18n.NavTerms, icon: look.IconInfo, aside: true, door: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewTerms(s, h) }},
	{name: "welcome", title: i18n.NavWelcome, icon: look.IconPerson, aside: true, bare: true,
		make: func(s *state.State, h screen.Host) screen.Screen { return screen.NewWelcome(s, h) }},
}

func find(name string) (row, bool) {
	for _, r := range rows {
		if r.name == name {
			return r, true
		}
	}
	return row{}, false
}
