package wire

import (
	"time"

	"passerelle/store/account"
)

// Places of the routes of accounts. A flow is begun by POST to FlowPath with a [Begin], and
// gone through by POST of an [Answer] to FlowPath + "/" + step with the header
// "Authorization: Flow TOKEN"; each answers with the next [Prompt], or a [Refusal] whose
// fields say what to mend. GET of FlowPath gives the prompt again (its link may have been
// used meanwhile, or an answer lost), DELETE gives the flow up, POST to FlowPath +
// "/resend" sends the code of this step again. Everything under MePath, AgentPath and
// SessionPath wants "Authorization: Bearer ACCESS".
const (
	FlowPath       = "/v1/flow"
	SessionPath    = "/v1/session" // POST a Renewal: a Session; DELETE: signed out
	MePath         = "/v1/me"      // GET: Me; POST to MePath/ACT: a Change
	AgentPath      = "/v1/agent"   // GET: []Request; POST to AgentPath/ACT: an Act
	HelpPath       = "/v1/help"    // POST a HelpRequest: a Receipt, idempotent by its key
	PartnerPath    = "/v1/partner" // POST a PartnerBegin: a PartnerGo; GET PartnerPath/back: where the partner sends the browser
	DeploymentPath = "/v1/deployment"
	MailboxPath    = "/v1/demo/mail" // the demonstration's letters; no such route elsewhere
	LinkPath       = "/m/"           // GET: a page with a button; POST: the link is used
)

// Begin begins a flow.
type Begin struct {
	Kind   account.Kind `json:"kind"`
	Lang   string       `json:"lang"`             // of the letters
	Device string       `json:"device,omitempty"` // name of the computer, for the list of devices (B-009)
}

// Answer is what a person gives at a step; which fields a step reads is said at the
// constants of account.Step. Nothing of it is logged.
type Answer struct {
	Email         string `json:"email,omitempty"`
	First         string `json:"first,omitempty"`
	Last          string `json:"last,omitempty"`
	Lang          string `json:"lang,omitempty"`
	Accept        bool   `json:"accept,omitempty"`
	Terms         string `json:"terms,omitempty"` // version that was read
	Current       string `json:"current,omitempty"`
	Password      string `json:"password,omitempty"`
	Again         string `json:"again,omitempty"`
	Code          string `json:"code,omitempty"`
	Linked        bool   `json:"linked,omitempty"`
	SIN           string `json:"sin,omitempty"` // used once, kept nowhere
	Maiden        string `json:"maiden,omitempty"`
	Born          string `json:"born,omitempty"` // YYYY-MM-DD
	Express       bool   `json:"express,omitempty"`
	Profile       string `json:"profile,omitempty"`    // Express Entry profile number
	Validation    string `json:"validation,omitempty"` // job seeker validation code
	Questions     []QA   `json:"questions,omitempty"`
	Question      string `json:"question,omitempty"` // id of one
	Answer        string `json:"answer,omitempty"`
	Other         bool   `json:"other,omitempty"` // a different question, please
	Device        string `json:"device,omitempty"`
	Username      string `json:"username,omitempty"`
	RecoveryEmail string `json:"recovery_email,omitempty"`
	Person        string `json:"person,omitempty"`
	PersonHint    string `json:"person_hint,omitempty"`
	Date          string `json:"date,omitempty"`
	DateHint      string `json:"date_hint,omitempty"`
	Method        string `json:"method,omitempty"`
	Recovery      string `json:"recovery,omitempty"` // one of the five codes
	Change        bool   `json:"change,omitempty"`   // the second factor, after a sign-in (B-032)
	Verifier      string `json:"verifier,omitempty"` // of PKCE
}

// QA is a security question, by its id, and its answer.
type QA = account.QA

// Prompt is what a flow waits for. Only what its step shows is filled in.
type Prompt struct {
	Flow    string       `json:"flow,omitempty"` // the token, told by Begin alone
	Kind    account.Kind `json:"kind"`
	Step    account.Step `json:"step"`
	Screen  int          `json:"screen,omitempty"` // of Screens, where they are numbered
	Screens int          `json:"screens,omitempty"`
	Expires time.Time    `json:"expires"`

	Terms     string    `json:"terms,omitempty"`     // version in force
	Sent      string    `json:"sent,omitempty"`      // address a letter went to, as the person typed it
	Again     time.Time `json:"again,omitzero"`      // when another may be sent
	Confirmed bool      `json:"confirmed,omitempty"` // the link of the letter was used: answer with Linked
	Question  string    `json:"question,omitempty"`  // id of the question asked
	Other     bool      `json:"other,omitempty"`     // a different one may be asked for
	Person    string    `json:"person,omitempty"`    // the person's own hints
	Date      string    `json:"date,omitempty"`

	Method  account.Method   `json:"method,omitempty"` // of the factor asked for
	Methods []account.Method `json:"methods,omitempty"`
	Secret  string           `json:"secret,omitempty"` // of TOTP, in base32: never kept on the desktop (B-031)
	URI     string           `json:"uri,omitempty"`    // otpauth://, for the QR code
	Codes   []string         `json:"codes,omitempty"`  // five recovery codes, to keep

	Session *Session `json:"session,omitempty"` // of StepDone, where the flow ends in one
}

// Session is what a sign-in gives. Access goes with each request and lasts minutes;
// Refresh, kept in the keyring alone, gives the next pair once: used again before its
// successor was, it gets the same answer; after, the session is revoked.
type Session struct {
	ID          string         `json:"id"`
	Account     string         `json:"account"`
	Policy      account.Policy `json:"policy"`
	Roles       []account.Role `json:"roles,omitempty"`
	Access      string         `json:"access"`
	AccessUntil time.Time      `json:"access_until"`
	Refresh     string         `json:"refresh"`
	IdleUntil   time.Time      `json:"idle_until"` // without a renewal before, sign in again
	Until       time.Time      `json:"until"`      // in any case, sign in again
}

// Renewal asks for the next pair. Present: the person unlocked the program since the last
// one, which counts as a sign-in for A-131; a renewal in the background does not.
type Renewal struct {
	Refresh string `json:"refresh"`
	Present bool   `json:"present,omitempty"`
}

// Me is what an account knows of itself. No SIN, maiden name or birth date: there is none.
type Me struct {
	Account    string         `json:"account"`
	Email      string         `json:"email"`
	First      string         `json:"first"`
	Last       string         `json:"last"`
	Lang       string         `json:"lang"`
	State      account.State  `json:"state"`
	Roles      []account.Role `json:"roles,omitempty"`
	Express    bool           `json:"express,omitempty"`
	Verified   string         `json:"verified"` // what the validator did, honestly: a code such as "local"
	SuspendsOn time.Time      `json:"suspends_on"`
	Questions  []string       `json:"questions"` // ids, without answers
	Terms      string         `json:"terms"`
	AcceptedOn time.Time      `json:"accepted_on"`
	Factor     account.Method `json:"factor,omitempty"` // of the account: counsellors and agents
	Credential *Credential    `json:"credential,omitempty"`
	Devices    []Device       `json:"devices"`
	Disputes   []Dispute      `json:"disputes,omitempty"` // notes of disagreement, to be shown beside what they contest
	Kept       []Retention    `json:"kept,omitempty"`     // of an account that was just closed: what stays, and how long
}

// Credential is the portal credential of an account.
type Credential struct {
	Username      string                  `json:"username,omitempty"`
	Partner       string                  `json:"partner,omitempty"` // id of a sign-in partner
	State         account.CredentialState `json:"state"`
	Reason        string                  `json:"reason,omitempty"`
	Factor        account.Method          `json:"factor,omitempty"`
	RecoveryEmail string                  `json:"recovery_email,omitempty"`
	LastUsed      time.Time               `json:"last_used,omitzero"`
	CodesLeft     int                     `json:"codes_left,omitempty"`
}

// Device is a session that is open, on a computer.
type Device struct {
	ID     string         `json:"id"` // of its session
	Name   string         `json:"name"`
	Policy account.Policy `json:"policy"`
	Since  time.Time      `json:"since"`
	Seen   time.Time      `json:"seen"`
	This   bool           `json:"this,omitempty"`
}

// Acts of a person on their own account: POST to MePath + "/" + act.
const (
	ActDetails       = "details"        // First, Last, Lang
	ActPassword      = "password"       // Current, Password, Again
	ActQuestions     = "questions"      // Current, Questions
	ActRecoveryEmail = "recovery-email" // Current (of the portal), RecoveryEmail (B-023)
	ActRevoke        = "revoke"         // Device (B-009)
	ActRevokeOthers  = "revoke-others"
	ActClose         = "close" // Current
)

// Acts of an agent: POST to AgentPath + "/" + act; each leaves a line in the audit.
const (
	ActReset      = "reset"      // Request or Email: a temporary password goes by e-mail
	ActCompromise = "compromise" // Email, Reason: the portal credential is revoked for good (B-041)
	ActDecline    = "decline"    // Request, Reason
)

// Act is what an agent does. Reason is for the audit.
type Act struct {
	Request int64  `json:"request,omitempty"`
	Email   string `json:"email,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// HelpRequest asks the team to reset the questions and the password. It may be
// written offline; the answer is the same whether the account exists or not.
type HelpRequest struct {
	Key   string    `json:"key"` // UUIDv7
	Email string    `json:"email"`
	First string    `json:"first"`
	Last  string    `json:"last"`
	Text  string    `json:"text,omitempty"`
	Lang  string    `json:"lang"`
	Made  time.Time `json:"made"`
}

// Request is a help request as an agent sees it. Verified is the honest label of A-130.
type Request struct {
	N        int64     `json:"n"`
	Email    string    `json:"email"`
	First    string    `json:"first"`
	Last     string    `json:"last"`
	Text     string    `json:"text,omitempty"`
	Matches  bool      `json:"matches"` // name and address are those of an account
	Verified string    `json:"verified,omitempty"`
	State    string    `json:"state"` // "open", "reset", "declined"
	Received time.Time `json:"received"`
	Disputes []Dispute `json:"disputes,omitempty"` // of the account, if it matches
}

// PartnerBegin asks where to send the browser. The desktop listens on loopback at Port and
// gets ?code=…&state=… there; the code is good once, with the verifier of Challenge (RFC
// 7636, S256), at the flow's StepPartner or StepNewPartner.
type PartnerBegin struct {
	Partner   string `json:"partner"`
	Challenge string `json:"challenge"`
	State     string `json:"state"`
	Port      int    `json:"port"`
}

// PartnerGo is the address to open in the browser.
type PartnerGo struct {
	URL string `json:"url"`
}

// Deployment is what a desktop has to know of its server.
type Deployment struct {
	Terms      string    `json:"terms"` // version in force
	SIN        bool      `json:"sin"`   // whether the validation step is on: it needs legal authority
	Verified   string    `json:"verified"`
	Express    bool      `json:"express"`
	Credential string    `json:"credential,omitempty"` // name of the portal credential; "": the neutral one (D30)
	LegalBasis Words     `json:"legal_basis,omitzero"`
	Partners   []Partner `json:"partners,omitempty"`
	Mailbox    bool      `json:"mailbox,omitempty"` // the demonstration's letters can be read at MailboxPath
	Sender     string    `json:"sender,omitempty"`  // address that letters come from, to be let through; "": none leave
	LockAfter  int       `json:"lock_after"`        // minutes: the most that a person may set (B-019)
	Contact    string    `json:"contact,omitempty"` // address of the team
	Demo       bool      `json:"demo,omitempty"`
}

// Words are the same sentence in both languages.
type Words struct {
	FR string `json:"fr"`
	EN string `json:"en"`
}

// Partner is a sign-in partner that can be chosen.
type Partner struct {
	ID   string `json:"id"`
	Name Words  `json:"name"`
}

// Letter is a message in the demonstration's mailbox.
type Letter struct {
	ID      int64     `json:"id"`
	At      time.Time `json:"at"`
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
}
