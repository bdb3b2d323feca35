package wire

import (
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
)

// Reason is why a posting is reported.
type Reason string

// Reasons lists every reason, in the order in which they are offered. The server takes
// no other.
var Reasons = []Reason{
	TitleNOC, DeadLink, Expired, WrongInfo, Discrimination, Fake, Payment, CreditID, NotAJob, OtherReason,
}

// The reasons.
const (
	TitleNOC       Reason = "title_noc" // title or occupation not right
	DeadLink       Reason = "dead_link"
	Expired        Reason = "expired"
	WrongInfo      Reason = "wrong_info"
	Discrimination Reason = "discrimination"
	Fake           Reason = "fake"
	Payment        Reason = "payment"   // the applicant is asked to pay
	CreditID       Reason = "credit_id" // credit card or identity papers are asked for
	NotAJob        Reason = "not_a_job"
	OtherReason    Reason = "other"
)

// Key is the reason in words.
func (r Reason) Key() i18n.Key {
	switch r {
	case TitleNOC:
		return i18n.ReasonTitle
	case DeadLink:
		return i18n.ReasonLink
	case Expired:
		return i18n.ReasonExpired
	case WrongInfo:
		return i18n.ReasonWrong
	case Discrimination:
		return i18n.ReasonDiscrimination
	case Fake:
		return i18n.ReasonFake
	case Payment:
		return i18n.ReasonPayment
	case CreditID:
		return i18n.ReasonCredit
	case NotAJob:
		return i18n.ReasonNotajob
	default:
		return i18n.ReasonOther
	}
}

// Known says whether the server takes the reason.
func (r Reason) Known() bool {
	for _, k := range Reasons {
		if r == k {
			return true
		}
	}
	return false
}

// MaxText is how many characters of a report's text are kept; the rest is cut.
const MaxText = 4000

// ReportPath is where reports are sent, with the header Idempotency-Key: POST, JSON of
// [Report] (application/json) or CBOR of it (application/cbor); the answer is JSON: 200
// and a [Receipt], or 4xx and a [Refusal]. A report delivered twice is answered twice the
// same. 429 and 503 say in Retry-After when to come back.
const ReportPath = "/v1/reports"

// Receipt says that a report has arrived.
type Receipt struct {
	Ticket   string    `json:"ticket"`
	Received time.Time `json:"received"`
}

// Refusal says why a request was not taken. Sending it again would not help.
type Refusal struct {
	Code   string            `json:"code"`
	Fields []account.Problem `json:"fields,omitempty"` // of an account.Mend
	// Prompt is where the flow stands, of an account.WrongStep, and of a refusal that moved it.
	Prompt *Prompt `json:"prompt,omitempty"`
	Epoch  int64   `json:"epoch,omitempty"` // of CodeEpoch: the server's
}

// Codes of refusals.
const (
	BadReport   = "bad_report"   // not a report, or without a key
	BadRequest  = "bad_request"  // not what the route takes
	BadReason   = "bad_reason"   // a reason that is not one of Reasons
	OtherReport = "other_report" // the key belongs to another report
	TooLarge    = "too_large"
	BadType     = "bad_type" // neither JSON nor CBOR: no file is taken in
	TooMany     = "too_many"
	Maintenance = "maintenance"
)
