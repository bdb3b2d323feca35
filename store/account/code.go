package account

// Code is why something is refused, as it travels; [Code.Key] is its sentence.
type Code string

// At is the code at a field: a problem, or none where the code is "".
func (c Code) At(field string) Problem { return Problem{Field: field, Code: c} }

// Problem is a field that has to be mended, and why. Field is the name of a field
// of wire.Answer in its JSON form, as in "sin".
type Problem struct {
	Field string `json:"field"`
	Code  Code   `json:"code"`
}

// Codes of fields.
const (
	Needed            Code = "needed"
	BadEmail          Code = "bad_email"
	BadName           Code = "bad_name"
	PasswordShort     Code = "password_short"
	PasswordLong      Code = "password_long"
	PasswordCommon    Code = "password_common"
	PasswordEmail     Code = "password_email"    // holds the name of the person's own address
	PasswordMixed     Code = "password_mixed"    // wants upper case, lower case and a digit (B-028)
	PasswordUsername  Code = "password_username" // holds three or more characters of the username in a row
	PasswordMismatch  Code = "password_mismatch" // the two are not the same
	PasswordSame      Code = "password_same"     // as the one before, or as that of the job bank (B-029)
	PasswordWrong     Code = "password_wrong"    // the current one
	UsernameFormat    Code = "username_format"
	UsernameTaken     Code = "username_taken"
	SINDigits         Code = "sin_digits"       // not nine digits
	SINSpaces         Code = "sin_spaces"       // spaces or hyphens
	SINCheck          Code = "sin_check"        // check digit
	SINTemporary      Code = "sin_temporary"    // begins with 9
	SINUsed           Code = "sin_already_used"
	MaidenDigits      Code = "maiden_digits"
	DateFormat        Code = "date_format"
	DateFuture        Code = "date_future"
	NotAccepted       Code = "not_accepted"
	QuestionsFive     Code = "questions_five"
	QuestionsDistinct Code = "questions_distinct"
	AnswerShort       Code = "answer_short"
	AnswersSame       Code = "answers_same" // all five
	HintHolds         Code = "hint_holds_answer"
	ExpressMissing    Code = "express_missing"
	ExpressFormat     Code = "express_format"  // a profile number is E and nine digits
	ExpressUsed       Code = "express_used"
	CodeWrong         Code = "code_wrong"
	CodeExpired       Code = "code_expired"
	CodeUsed          Code = "code_used"
	CodeTries         Code = "code_tries" // five wrong ones: ask for another
	AnswerWrong       Code = "answer_wrong"
	AnswersWrong      Code = "answers_wrong" // which one is not said (B-027)
	FactorWrong       Code = "factor_wrong"
	FactorUsed        Code = "factor_used" // a TOTP step that was used already
	RecoveryWrong     Code = "recovery_wrong"
	MethodUnknown     Code = "method_unknown"
)

// Codes of fields of records.
const (
	TooLong       Code = "too_long"
	TooManyValues Code = "too_many_values"
	TooLarge      Code = "too_large" // the record as a whole
	BadValue      Code = "bad_value" // none of the values there are
	BadNumber     Code = "bad_number"
	NotListed     Code = "not_listed" // free text where the lists must be chosen from
	HoldsSIN      Code = "holds_sin"
	DatesOrder    Code = "dates_order"
	RangeOrder    Code = "range_order"
	PhoneFormat   Code = "phone_format"
	PostalFormat  Code = "postal_format"
	PayrollFormat Code = "payroll_format"
	LinkFormat    Code = "link_format"
)

// Codes of whole requests.
const (
	Mend         Code = "mend"        // see the fields
	Credentials  Code = "credentials" // e-mail or username and password do not go together
	TooMany      Code = "too_many_attempts"
	IsSuspended  Code = "suspended"
	IsClosed     Code = "closed"
	IsRevoked    Code = "revoked"      // the portal credential, told to whoever knows its password (B-042)
	MustReset    Code = "must_reset"   // a temporary password opens nothing but its own replacement
	WrongStep    Code = "wrong_step"   // not the next step of this flow
	FlowExpired  Code = "flow_expired" // begin again
	AgentNeeded  Code = "agent_needed" // two questions failed
	SignInNeeded Code = "sign_in_needed"
	FactorNeeded Code = "factor_needed" // the session is too old or too weak for this (B-032)
	Forbidden    Code = "forbidden"
	TermsOld     Code = "terms_old"     // another version is in force
	PartnerOther Code = "partner_other" // no credential is bound to this partner (B-006)
	PartnerTaken Code = "partner_taken"
	PartnerFails Code = "partner_fails"   // the partner did not vouch
	Gone         Code = "session_revoked" // this device was signed out: wipe what it keeps (B-009)
	CannotNow    Code = "cannot_now"      // rate of messages, a resend too soon
)
