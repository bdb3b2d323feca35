package account

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Lengths of a password, in characters. A portal password that is a passphrase needs no
// mix of letters and digits.
const (
	PasswordLeast = 8
	PasswordMost  = 64
	Passphrase    = 20
)

const longestName = 100 // characters

// CheckName checks a first or last name: letters, with the marks that stand in names. "" is
// right.
func CheckName(text string) Code {
	text = strings.TrimSpace(text)
	if text == "" {
		return Needed
	}
	letter := false
	for _, r := range text {
		switch {
		case unicode.IsLetter(r):
			letter = true
		case unicode.Is(unicode.M, r), strings.ContainsRune(" \u00a0-‐‑'’ʼ.,", r):
		default:
			return BadName
		}
	}
	if !letter || utf8.RuneCountInString(text) > longestName {
		return BadName
	}
	return ""
}

// CheckMaiden checks a mother's family name at birth, as in the register: no digits.
func CheckMaiden(text string) Code {
	if strings.ContainsFunc(text, unicode.IsDigit) {
		return MaidenDigits
	}
	return CheckName(text)
}

// CheckEmail checks an e-mail address; see [Address].
func CheckEmail(text string) Code {
	if strings.TrimSpace(text) == "" {
		return Needed
	}
	if _, ok := Address(text); !ok {
		return BadEmail
	}
	return ""
}

// CheckBorn checks a date of birth: AAAA-MM-JJ, a day that there is, since 1900, not
// in the future. Today is the day of now in UTC, which is never behind a clock in Canada.
func CheckBorn(text string, now time.Time) Code {
	if text == "" {
		return Needed
	}
	day, ok := ParseDate(text)
	switch {
	case !ok || day.Year() < 1900:
		return DateFormat
	case day.After(now):
		return DateFuture
	}
	return ""
}

// ParseDate reads AAAA-MM-JJ, ten characters and no others: midnight UTC of a day that
// there is.
func ParseDate(text string) (time.Time, bool) {
	if len(text) != len(time.DateOnly) {
		return time.Time{}, false
	}
	day, err := time.Parse(time.DateOnly, text)
	return day, err == nil && day.Format(time.DateOnly) == text
}

// CheckPassword checks a password of the job bank: [PasswordLeast] to [PasswordMost]
// characters of any kind, a passphrase welcome; none that is on everybody's list, and not
// the name of the person's own address.
func CheckPassword(password, email string) Code {
	if c := checkLength(password); c != "" {
		return c
	}
	if common(password) {
		return PasswordCommon
	}
	if local, _, _ := strings.Cut(Fold(email), "@"); utf8.RuneCountInString(local) >= 3 && strings.Contains(Fold(password), local) {
		return PasswordEmail
	}
	return ""
}

// CheckPortalPassword checks a password of the portal (B-028): as long as one of the job
// bank; upper case, lower case and a digit, unless it is a passphrase of [Passphrase]
// characters or more; no three characters of the username in a row, in whatever case.
func CheckPortalPassword(password, username string) Code {
	if c := checkLength(password); c != "" {
		return c
	}
	p, u := []rune(Fold(password)), []rune(Fold(username))
	if string(p) == string(u) {
		return PasswordUsername
	}
	for i := 0; i+3 <= len(u); i++ {
		if strings.Contains(string(p), string(u[i:i+3])) {
			return PasswordUsername
		}
	}
	if utf8.RuneCountInString(password) < Passphrase && !(strings.ContainsFunc(password, unicode.IsUpper) &&
		strings.ContainsFunc(password, unicode.IsLower) && strings.ContainsFunc(password, unicode.IsDigit)) {
		return PasswordMixed
	}
	if common(password) {
		return PasswordCommon
	}
	return ""
}

func checkLength(password string) Code {
	switch n := utf8.RuneCountInString(password); {
	case strings.TrimSpace(password) == "":
		return Needed
	case n < PasswordLeast:
		return PasswordShort
	case n > PasswordMost:
		return PasswordLong
	}
	return ""
}

// CheckAgain checks that a password was typed twice the same.
func CheckAgain(password, again string) Code {
	switch {
	case again == "":
		return Needed
	case password != again:
		return PasswordMismatch
	}
	return ""
}

// CheckUsername checks a username of the portal (B-028): 8 to 16 letters without accents
// and digits, seven digits at most, nothing else.
func CheckUsername(text string) Code {
	if text == "" {
		return Needed
	}
	digits := 0
	for _, r := range text {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
		case '0' <= r && r <= '9':
			digits++
		default:
			return UsernameFormat
		}
	}
	if len(text) < 8 || len(text) > 16 || digits > 7 {
		return UsernameFormat
	}
	return ""
}

// CheckExpress checks the form of an Express Entry pair: a profile number is the
// letter E and nine digits, a validation code is whatever was given. Whether they are a
// pair, and not used yet, is not known here.
func CheckExpress(profile, validation string) []Problem {
	var all []Problem
	profile, validation = ExpressPair(profile, validation)
	switch {
	case profile == "":
		all = append(all, ExpressMissing.At("profile"))
	case len(profile) != 10 || profile[0] != 'E' || !allDigits(profile[1:]):
		all = append(all, ExpressFormat.At("profile"))
	}
	if validation == "" {
		all = append(all, ExpressMissing.At("validation"))
	}
	return all
}

// ExpressPair is a pair in the form in which two are compared: trimmed, upper case.
func ExpressPair(profile, validation string) (string, string) {
	return strings.ToUpper(strings.TrimSpace(profile)), strings.ToUpper(strings.TrimSpace(validation))
}

// Recovery is what StepRecovery of the portal takes (B-037).
type Recovery struct {
	Email              string // optional: it can be given later (B-023)
	Question, Answer   string // Question is one of QuestionIDs
	Person, PersonHint string
	Date, DateHint     string // Date is AAAA-MM-JJ
}

// CheckRecovery checks each part with a message of its own (B-037). A hint, which anybody
// with the username can read, does not hold what it hints at (B-027).
func CheckRecovery(r Recovery) []Problem {
	var all []Problem
	say := func(field string, c Code) {
		if c != "" {
			all = append(all, c.At(field))
		}
	}
	if strings.TrimSpace(r.Email) != "" {
		say("recovery_email", CheckEmail(r.Email))
	}
	if !slices.Contains(QuestionIDs, r.Question) {
		say("question", Needed)
	}
	say("answer", CheckAnswer(r.Answer))
	say("person", CheckAnswer(r.Person))
	say("person_hint", CheckHint(r.PersonHint, r.Person))
	if r.Date == "" {
		say("date", Needed)
	} else if _, ok := ParseDate(r.Date); !ok {
		say("date", DateFormat)
	}
	say("date_hint", CheckHint(r.DateHint, r.Date))
	return all
}

// CheckAnswer checks an answer: two characters once folded, so that it can be told from a
// slip of the finger.
func CheckAnswer(text string) Code {
	switch n := utf8.RuneCountInString(Fold(text)); {
	case n == 0:
		return Needed
	case n < 2:
		return AnswerShort
	}
	return ""
}

// CheckHint checks a hint: there is one, and it does not hold the answer, however that is
// written, spaced or accented (B-027).
func CheckHint(hint, answer string) Code {
	h, a := bare(hint), bare(answer)
	switch {
	case Fold(hint) == "":
		return Needed
	case a != "" && strings.Contains(h, a), a == "" && Fold(answer) != "" && strings.Contains(Fold(hint), Fold(answer)):
		return HintHolds
	}
	return ""
}

// bare is the letters and digits of a folded text, and nothing between them.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, Fold(text))
}

func allDigits(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}
