package account

import (
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// What an authenticator application is told (B-031, RFC 6238).
const (
	totpPeriod = 30 // seconds
	totpDigits = otp.DigitsSix
	// TOTPChance is how many bytes of chance a secret is made of: as long as its hash.
	TOTPChance = 20
)

var totpText = base32.StdEncoding.WithPadding(base32.NoPadding)

// TOTPSecret is a secret in the form in which it is kept and typed: base32 of [TOTPChance]
// random bytes.
func TOTPSecret(chance []byte) string { return totpText.EncodeToString(chance[:TOTPChance]) }

// TOTPURI is a secret as a QR code tells it to an application.
func TOTPURI(secret, issuer, name string) string {
	v := url.Values{"secret": {secret}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	// Some applications read a plus as a plus.
	return "otpauth://totp/" + url.PathEscape(issuer+":"+name) + "?" + strings.ReplaceAll(v.Encode(), "+", "%20")
}

// TOTPStep is the step of a moment.
func TOTPStep(t time.Time) int64 { return t.Unix() / totpPeriod }

// TOTPCode is the six digits of a step.
func TOTPCode(secret string, step int64) (string, error) { return totpCode(secret, step, totpDigits) }

func totpCode(secret string, step int64, digits otp.Digits) (string, error) {
	if step < 0 {
		return "", fmt.Errorf("one-time code: step %d is before time began", step)
	}
	return hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: digits, Algorithm: otp.AlgorithmSHA1})
}

// VerifyTOTP says whether six digits are those of now, or of the step before or after, and
// which step that is: the caller keeps it as last. A step at or before last is refused
// (B-031); step is then told although ok is false, so that "used already" can be said. It
// is 0 where the digits are wrong.
func VerifyTOTP(secret, code string, now time.Time, last int64) (step int64, ok bool) {
	code = digitsOf(code)
	if len(code) != totpDigits.Length() {
		return 0, false
	}
	at := TOTPStep(now)
	for s := at - 1; s <= at+1; s++ {
		want, err := TOTPCode(secret, s)
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			if s > last {
				return s, true
			}
			step = s
		}
	}
	return step, false
}

// digitsOf is digits without the spaces that applications show between them; "" for a text
// with anything else.
func digitsOf(text string) string {
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \u00a0\u202f-", r) {
			return -1
		}
		return r
	}, text)
	if !allDigits(text) {
		return ""
	}
	return text
}

// Recovery codes (B-031): five, each good once, superseded as a set.
const (
	RecoveryCount   = 5
	recoveryLetters = 12
	// RecoveryChance is how many bytes of chance a set is made of.
	RecoveryChance = RecoveryCount * recoveryLetters
)

// RecoveryCodes makes a set, as in "K7MW-3XQ9-HD2T": 60 bits each, in letters and digits
// that are not taken for one another. chance is [RecoveryChance] random bytes.
func RecoveryCodes(chance []byte) []string {
	all := make([]string, RecoveryCount)
	for i := range all {
		all[i] = grouped(chance[i*recoveryLetters:(i+1)*recoveryLetters], upper)
	}
	return all
}

// RecoveryTyped is a recovery code as it was made, from what a person typed: case, spaces
// and hyphens do not count, o is 0, i and l are 1. It says whether it can be one.
func RecoveryTyped(text string) (string, bool) { return ungrouped(text, recoveryLetters, upper) }

// The letters of codes: 32, so that five bits of a byte draw each as often; no i, l, o or u.
const (
	upper = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	lower = "0123456789abcdefghjkmnpqrstvwxyz"
)

// grouped writes bytes as letters, four and four.
func grouped(chance []byte, letters string) string {
	var b strings.Builder
	for i, c := range chance {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(letters[c&31])
	}
	return b.String()
}

// ungrouped reads n letters as they were typed.
func ungrouped(text string, n int, letters string) (string, bool) {
	if len(text) > 4*n+16 {
		return "", false
	}
	values := make([]byte, 0, n)
	for _, r := range strings.ToUpper(text) {
		switch {
		case strings.ContainsRune(" \t\r\n\u00a0\u202f-\u2010\u2011\u2013", r):
			continue
		case r == 'O':
			r = '0'
		case r == 'I' || r == 'L':
			r = '1'
		}
		at := strings.IndexRune(upper, r)
		if at < 0 || len(values) == n {
			return "", false
		}
		values = append(values, byte(at))
	}
	if len(values) != n {
		return "", false
	}
	return grouped(values, letters), true
}
