package state

import (
	"strings"

	"passerelle/i18n"
)

// Phone is a number that is shown as it was given: one of them is an international
// freephone number, which no rule of a country knows (D14).
type Phone struct {
	Number string
	What   i18n.Key // whom it reaches
	Where  i18n.Key // from where, or for whom; "": from Canada
	Hours  i18n.Key // "": not stated by whoever answers
	TTY    bool
}

// Numbers of other services, exactly.
const (
	PhoneCanada   = "1-800-622-6232"
	PhoneTTY      = "1-800-926-9105"
	PhoneSIN      = "1-866-279-5238"
	PhoneDesk     = "1-855-438-1102"
	PhoneDeskTTY  = "1-855-438-1103"
	PhoneDeskAway = "1-800-2318-6290"
)

// Desk is a service that can be called.
type Service struct {
	Name, Why i18n.Key
	Phones    []Phone
}

// Services are those that can be called, in the order of the screen.
var Services = []Service{
	{Name: i18n.ContactGeneral, Why: i18n.ContactGeneralWhy, Phones: []Phone{
		{Number: PhoneCanada, What: i18n.ContactVoice, Where: i18n.ContactFromCanada},
		{Number: PhoneTTY, What: i18n.ContactTty, TTY: true}}},
	{Name: i18n.ContactSin, Why: i18n.ContactSinWhy, Phones: []Phone{
		{Number: PhoneSIN, What: i18n.ContactVoice}}},
	{Name: i18n.ContactDesk, Why: i18n.ContactDeskWhy, Phones: []Phone{
		{Number: PhoneDesk, What: i18n.ContactVoice, Where: i18n.ContactFromHere, Hours: i18n.ContactAlways},
		{Number: PhoneDeskTTY, What: i18n.ContactTty, Hours: i18n.ContactAlways, TTY: true},
		{Number: PhoneDeskAway, What: i18n.ContactVoice, Where: i18n.ContactFromAway, Hours: i18n.ContactAlways}}},
}

// Contact is the page of who can be reached, and for what. It needs no network.
type Contact struct {
	s *State

	Team string // address of the team of this deployment; "": not known

	// Changed tells whoever draws. Nil is fine.
	Changed func()
}

func newContact(s *State) *Contact { return &Contact{s: s} }

// Load reads the address of the deployment's team; the last known one without a network.
func (c *Contact) Load() {
	if c.s.o.Accounts == nil {
		return
	}
	team := ""
	c.s.o.Exec.Go(func() {
		if d, err := c.s.o.Accounts.Deployment(c.s.ctx); err == nil {
			team = strings.TrimSpace(d.Contact)
		}
	}, func() {
		if team != c.Team && team != "" {
			c.Team = team
			if c.Changed != nil {
				c.Changed()
			}
		}
	})
}

// Say is what a line of a number tells beside it: whom it reaches, from where, when.
func (c *Contact) Say(p Phone) string {
	w := c.s.words
	var all []string
	for _, k := range []i18n.Key{p.What, p.Where, p.Hours} {
		if k != "" {
			all = append(all, w.S(k))
		}
	}
	return join(all...)
}
