package account

import (
	"fmt"
	"strings"
)

// CheckSIN checks a social insurance number as it was typed: nothing is stripped.
// A first digit 9 is told before anything else, since no mending helps; then what
// stands between the digits, their count, and the check digit, which is our own
// addition. Numbers that begin with 0 pass: they are issued to nobody, so that they are the
// ones that a demonstration uses; to refuse them is a validator's business.
func CheckSIN(text string) Code {
	switch {
	case strings.TrimSpace(text) == "":
		return Needed
	case strings.HasPrefix(strings.TrimSpace(text), "9"):
		return SINTemporary
	case sinSpaced(text):
		return SINSpaces
	case len(text) != 9 || !allDigits(text):
		return SINDigits
	case luhn(text)%10 != 0:
		return SINCheck
	}
	return ""
}

// sinSpaced says whether a text is digits with something between them that reads as none.
func sinSpaced(text string) bool {
	bare := BareSIN(text)
	return bare != text && allDigits(bare)
}

// BareSIN is a number without spaces, hyphens and the marks that come with a paste. Only a
// person's own "remove the spaces" may call it: what is sent is what they see.
func BareSIN(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n\u00a0\u2007\u2009\u202f-\u2010\u2011\u2012\u2013\u2014\u2212.", r) {
			return -1
		}
		return r
	}, text)
}

// LuhnHolds says whether the last of some digits is the check digit of the others, as in a
// social insurance number.
func LuhnHolds(digits string) bool { return allDigits(digits) && luhn(digits)%10 == 0 }

// luhn is the sum of the digits, every second one doubled and its own digits added.
func luhn(digits string) int {
	sum := 0
	for i, r := range digits {
		d := int(r - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum
}

// FictionalSIN is a number for tests and demonstrations that [CheckSIN] takes and that no
// person has: it begins with 0, which is issued to nobody. n counts them, from 0 to
// 9 999 999.
func FictionalSIN(n int) string {
	eight := fmt.Sprintf("0%07d", n%10_000_000)
	return fmt.Sprintf("%s%d", eight, (10-luhn(eight)%10)%10)
}
