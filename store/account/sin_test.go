package account_test

import (
	"testing"

	"pgregory.net/rapid"

	"passerelle/store/account"
)

// The SIN of §14: eight and ten digits, spaces, letters, 9… are refused, each with a message
// of its own, and nothing is stripped.
//
// Rows
func TestCheckSIN(t *testing.T) {
	good := account.FictionalSIN(1234567)
	for _, c := range []struct {
		text string
		want account.Code
	}{
		{good, ""},
		{account.FictionalSIN(0), ""},
		{"", account.Needed},
		{"  ", account.Needed},
		{good[:8], account.SINDigits},
		{good + "0", account.SINDigits},
		{"01234567a", account.SINDigits},
		{"abcdefghi", account.SINDigits},
		{"٠١٢٣٤٥٦٧٨", account.SINDigits}, // digits of another script
		{"-", account.SINDigits},
		{good[:3] + " " + good[3:6] + " " + good[6:], account.SINSpaces},
		{good[:3] + "-" + good[3:6] + "-" + good[6:], account.SINSpaces},
		{good[:3] + "\u00a0" + good[3:], account.SINSpaces},
		{" " + good, account.SINSpaces},
		{good + "\n", account.SINSpaces},
		{good[:8] + string('0'+(good[8]-'0'+1)%10), account.SINCheck},
		{good[:3] + string(good[4]) + string(good[3]) + good[5:], account.SINCheck}, // two digits in the wrong order
		{"9", account.SINTemporary},
		{"900000000", account.SINTemporary},
		{"999999998", account.SINTemporary},
		{"9123", account.SINTemporary}, // before the count of digits
		{"912 345 678", account.SINTemporary},
		{" 912345678", account.SINTemporary},
		{"9abc", account.SINTemporary},
		{"9123456789", account.SINTemporary},
	} {
		if got := account.CheckSIN(c.text); got != c.want {
			t.Errorf("CheckSIN(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

// A paste helper may offer to remove what stands between the digits.
//
// Rows: A-121
func TestBareSIN(t *testing.T) {
	good := account.FictionalSIN(42)
	for _, text := range []string{good, " " + good[:3] + " " + good[3:6] + "-" + good[6:] + "\n", good[:3] + "\u202f" + good[3:]} {
		if got := account.BareSIN(text); got != good {
			t.Errorf("BareSIN(%q) = %q, want %q", text, got, good)
		}
	}
	if got := account.BareSIN("12a 4"); got != "12a4" {
		t.Errorf("BareSIN keeps %q of a text that is no number", got)
	}
}

// Fictional numbers are all different, all right, and none can be a person's.
func TestFictionalSIN(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 9_999_999).Draw(t, "n")
		s := account.FictionalSIN(n)
		if c := account.CheckSIN(s); c != "" || s[0] != '0' {
			t.Errorf("FictionalSIN(%d) = %q: %q", n, s, c)
		}
		// Any one digit changed is caught.
		i, by := rapid.IntRange(0, 8).Draw(t, "i"), byte(rapid.IntRange(1, 9).Draw(t, "by"))
		b := []byte(s)
		b[i] = '0' + (b[i]-'0'+by)%10
		if c := account.CheckSIN(string(b)); c == "" {
			t.Errorf("CheckSIN(%q) takes %q with a digit changed", b, s)
		}
	})
}

// FuzzCheckSIN: what passes is nine digits, the first not a 9.
func FuzzCheckSIN(f *testing.F) {
	for _, s := range []string{"", "046454286", "9", "046 454 286", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if account.CheckSIN(text) != "" {
			return
		}
		if len(text) != 9 || text[0] == '9' {
			t.Errorf("CheckSIN takes %q", text)
		}
		for _, r := range text {
			if r < '0' || r > '9' {
				t.Errorf("CheckSIN takes %q", text)
			}
		}
	})
}
