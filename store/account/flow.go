package account

import "slices"

// Kind is something that is done in steps before a session is open, or to change what
// opens one. Each is one short-lived transaction at the server: a step that is not the
// next one is refused (A-135, B-026).
type Kind string

// Kinds.
const (
	Register      Kind = "register"       // an account
	Invited       Kind = "invited"        // an account made by an operator for a counsellor or agent is taken up
	SignIn        Kind = "signin"         // job bank: e-mail, password, security question
	Portal        Kind = "portal"         // portal: username, password, second factor (B-030)
	PortalPartner Kind = "portal_partner" // portal: by a sign-in partner, no second factor (B-006)
	Enrol         Kind = "enrol"          // a portal credential with a username (B-037); within a job-bank session
	EnrolPartner  Kind = "enrol_partner"  // a portal credential with a partner (B-007); within a job-bank session
	ChangePartner Kind = "change_partner" // from one partner to another, by proof of both (B-043); within a portal session
	Recover       Kind = "recover"        // password and reactivation
	Username      Kind = "username"       // of the portal, by recovery e-mail (B-022)
	Password      Kind = "password"       // of the portal, by e-mail or by questions (B-025 to B-027)
	NewFactor     Kind = "factor"         // another second factor (B-032); within a session that has one
	NewEmail      Kind = "email"          // another address; within a session
)

// Step is a screen of a flow and a route of the server.
type Step string

// Steps. Each says which fields of wire.Answer it reads.
const (
	StepTerms       Step = "terms"       // Accept, Terms
	StepIdentity    Step = "identity"    // First, Last, Email, Password, Again, Lang
	StepCode        Step = "code"        // Code, or Linked once the link of the e-mail was used
	StepValidate    Step = "validate"    // Accept and SIN, Maiden, Born; or Express, Profile, Validation
	StepQuestions   Step = "questions"   // Questions: five
	StepInvite      Step = "invite"      // Email, Code
	StepPassword    Step = "password"    // Email or Username, Password, Device
	StepQuestion    Step = "question"    // Answer, or Other for a different question where Prompt.Other
	StepFactor      Step = "factor"      // Code; or Recovery for one of the recovery codes; or Resend by the route of that name
	StepSetup       Step = "setup"       // Method; Email where it is another than the account's
	StepConfirm     Step = "confirm"     // Code of the new factor; or Method, to choose again
	StepCodes       Step = "codes"       // nothing: the recovery codes were kept
	StepSuccess     Step = "success"     // Change: to the set-up of another factor; else on
	StepName        Step = "name"        // First, Last, Email
	StepNewPassword Step = "newpassword" // Password, Again
	StepUsername    Step = "username"    // Username; Password and Again too when enrolling
	StepRecovery    Step = "recovery"    // RecoveryEmail, Question, Answer, Person, PersonHint, Date, DateHint
	StepEmail       Step = "email"       // Email; Current too when the account's own is changed
	StepSent        Step = "sent"        // nothing: the page that says where the username went
	StepMethod      Step = "method"      // Method: "email" with Email, or "questions"
	StepAnswer      Step = "answer"      // Answer: my recovery answer
	StepAnswers     Step = "answers"     // Answer, Person, Date
	StepPartner     Step = "partner"     // Code, Verifier, Device
	StepNewPartner  Step = "newpartner"  // Code, Verifier
	StepDone        Step = "done"        // there is no next one
)

// Flow is the plan of a kind: where it begins and which steps it may go through, in the
// order in which a person meets them. Screens counts the pages that are numbered for the
// person ("Step 2 of 4"); 0: they are not.
type Flow struct {
	Steps   []Step
	Within  Policy // a session of this policy or a stronger one is needed to begin; "": none
	Screens int
}

// Flows are all plans.
var Flows = map[Kind]Flow{
	Register:      {Steps: []Step{StepTerms, StepIdentity, StepCode, StepValidate, StepQuestions}, Screens: 4},
	Invited:       {Steps: []Step{StepInvite, StepTerms, StepNewPassword, StepQuestions, StepSetup, StepConfirm, StepCodes}},
	SignIn:        {Steps: []Step{StepPassword, StepQuestion, StepFactor, StepSetup, StepConfirm, StepCodes, StepTerms, StepQuestions, StepNewPassword}},
	Portal:        {Steps: []Step{StepPassword, StepFactor, StepSetup, StepConfirm, StepCodes, StepSuccess}},
	PortalPartner: {Steps: []Step{StepPartner}},
	Enrol:         {Steps: []Step{StepUsername, StepRecovery, StepSetup, StepConfirm, StepCodes}, Within: Questions},
	EnrolPartner:  {Steps: []Step{StepPartner}, Within: Questions},
	ChangePartner: {Steps: []Step{StepPartner, StepNewPartner}, Within: TwoFactor},
	Recover:       {Steps: []Step{StepName, StepCode, StepQuestion, StepNewPassword}},
	Username:      {Steps: []Step{StepEmail, StepSent}, Screens: 2},
	Password:      {Steps: []Step{StepUsername, StepMethod, StepCode, StepAnswer, StepAnswers, StepNewPassword}, Screens: 4},
	NewFactor:     {Steps: []Step{StepFactor, StepSetup, StepConfirm, StepCodes}, Within: Questions},
	NewEmail:      {Steps: []Step{StepEmail, StepCode}, Within: Questions},
}

// First is where a kind begins.
func (k Kind) First() Step { return Flows[k].Steps[0] }

// Known says whether there is such a kind.
func (k Kind) Known() bool { _, ok := Flows[k]; return ok }

// Has says whether a kind goes through a step.
func (k Kind) Has(s Step) bool { return slices.Contains(Flows[k].Steps, s) }
