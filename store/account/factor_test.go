package account_test

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"pgregory.net/rapid"

	"passerelle/store/account"
)

// The secret of RFC 6238, appendix B, in base32.
const rfcSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

// The vectors of RFC 6238, appendix B, SHA-1: eight digits there, of which an application
// shows the last six.
//
// Rows: B-031
func TestRFC6238(t *testing.T) {
	for seconds, want := range map[int64]string{59: "94287082", 1111111109: "07081804", 1111111111: "14050471",
		1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130"} {
		at := time.Unix(seconds, 0)
		got, err := account.TOTPCode(rfcSecret, account.TOTPStep(at))
		if err != nil || got != want[2:] {
			t.Errorf("TOTPCode at %d = %q, %v, want %q", seconds, got, err, want[2:])
		}
		if step, ok := account.VerifyTOTP(rfcSecret, want[2:], at, 0); !ok || step != seconds/30 {
			t.Errorf("VerifyTOTP(%q) at %d = %d, %t", want[2:], seconds, step, ok)
		}
	}
}

// One step early or late is taken, two are not; a step that was used, or one before it, is
// not taken again; a wrong code is not told from nonsense.
//
// Rows: B-031
func TestVerifyTOTP(t *testing.T) {
	step := account.TOTPStep(now)
	code := func(n int64) string {
		c, err := account.TOTPCode(rfcSecret, n)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, c := range []struct {
		name string
		code string
		last int64
		step int64
		ok   bool
	}{
		{"now", code(step), 0, step, true},
		{"one before", code(step - 1), 0, step - 1, true},
		{"one after", code(step + 1), 0, step + 1, true},
		{"two before", code(step - 2), 0, 0, false},
		{"two after", code(step + 2), 0, 0, false},
		{"used", code(step), step, step, false},
		{"before the one used", code(step - 1), step, step - 1, false},
		{"after the one used", code(step + 1), step, step + 1, true},
		{"after the last there can be", code(step + 1), step + 1, step + 1, false},
		{"spaces", code(step)[:3] + " " + code(step)[3:], 0, step, true},
		{"five digits", code(step)[:5], 0, 0, false},
		{"seven digits", code(step) + "0", 0, 0, false},
		{"letters", "abcdef", 0, 0, false},
		{"empty", "", 0, 0, false},
	} {
		if got, ok := account.VerifyTOTP(rfcSecret, c.code, now, c.last); got != c.step || ok != c.ok {
			t.Errorf("%s: VerifyTOTP(%q, last %d) = %d, %t, want %d, %t", c.name, c.code, c.last, got, ok, c.step, c.ok)
		}
	}
	if step, ok := account.VerifyTOTP("", code(step), now, 0); ok {
		t.Errorf("a secret that is none is right, at step %d", step)
	}
	if _, err := account.TOTPCode("not base32!", 1); err == nil {
		t.Error("TOTPCode of a secret that is none")
	}
	if _, err := account.TOTPCode(rfcSecret, -1); err == nil {
		t.Error("TOTPCode of a step before 1970")
	}
}

// However often and in whatever order codes come, none opens twice.
//
// Rows: B-031
func TestTOTPOpensOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		used := map[string]int{}
		at, last := now, int64(0)
		for range rapid.IntRange(1, 12).Draw(t, "tries") {
			at = at.Add(time.Duration(rapid.IntRange(0, 45).Draw(t, "seconds")) * time.Second)
			code, err := account.TOTPCode(rfcSecret, account.TOTPStep(at)+int64(rapid.IntRange(-2, 2).Draw(t, "off")))
			if err != nil {
				t.Fatal(err)
			}
			if step, ok := account.VerifyTOTP(rfcSecret, code, at, last); ok {
				if used[code]++; used[code] > 1 {
					t.Errorf("%s opened twice", code)
				}
				if step <= last {
					t.Errorf("step %d after %d", step, last)
				}
				last = step
			}
		}
	})
}

// What the QR code says is what an application needs, read back by another reader.
//
// Rows: B-031
func TestTOTPURI(t *testing.T) {
	secret := account.TOTPSecret(bytes.Repeat([]byte{0xa5}, account.TOTPChance))
	if !regexp.MustCompile(`^[A-Z2-7]{32}$`).MatchString(secret) {
		t.Errorf("TOTPSecret = %q", secret)
	}
	if a, b := account.TOTPSecret([]byte("12345678901234567890")), rfcSecret; a != b {
		t.Errorf("TOTPSecret = %q, want %q", a, b)
	}
	uri := account.TOTPURI(secret, "La Passerelle", "anyone+a@exemple.ca")
	k, err := otp.NewKeyFromURL(uri)
	if err != nil {
		t.Fatalf("%s: %v", uri, err)
	}
	if k.Secret() != secret || k.Issuer() != "La Passerelle" || k.AccountName() != "anyone+a@exemple.ca" || k.Type() != "totp" ||
		k.Period() != 30 || k.Digits() != otp.DigitsSix || k.Algorithm() != otp.AlgorithmSHA1 {
		t.Errorf("%s reads as %v", uri, k)
	}
	if u, err := url.Parse(uri); err != nil || strings.Contains(u.RawQuery, "+") {
		t.Errorf("%s: a space is a plus, %v", uri, err)
	}
}

// Five codes in groups of four, none of whose letters is taken for another; what a person
// types comes back to what was given.
//
// Rows: B-031, B-034
func TestRecoveryCodes(t *testing.T) {
	form := regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$`)
	rapid.Check(t, func(t *rapid.T) {
		chance := rapid.SliceOfN(rapid.Byte(), account.RecoveryChance, account.RecoveryChance).Draw(t, "chance")
		codes := account.RecoveryCodes(chance)
		if len(codes) != 5 {
			t.Fatalf("%d codes", len(codes))
		}
		for _, c := range codes {
			if !form.MatchString(c) {
				t.Errorf("%q is not three groups of four", c)
			}
			loose := strings.NewReplacer("0", "o", "1", "l", "-", " ").Replace(c)
			for _, typed := range []string{c, strings.ToLower(c), " " + c + "\n", strings.ReplaceAll(c, "-", ""), loose, strings.ToUpper(loose), strings.ReplaceAll(c, "1", "i")} {
				if got, ok := account.RecoveryTyped(typed); !ok || got != c {
					t.Errorf("RecoveryTyped(%q) = %q, %t, want %q", typed, got, ok, c)
				}
			}
		}
	})
	for _, typed := range []string{"", "K7MW", "K7MW-3XQ9-HD2", "K7MW-3XQ9-HD2TT", "K7MW-3XQ9-HD2U", "K7MW_3XQ9_HD2T", "é7MW-3XQ9-HD2T", strings.Repeat("-", 200)} {
		if got, ok := account.RecoveryTyped(typed); ok || got != "" {
			t.Errorf("RecoveryTyped(%q) = %q, %t", typed, got, ok)
		}
	}
	// Every value of a byte draws each of 32 letters eight times.
	drawn := map[byte]int{}
	for v := range 256 {
		chance := bytes.Repeat([]byte{byte(v)}, account.RecoveryChance)
		drawn[account.RecoveryCodes(chance)[0][0]]++
	}
	for l, n := range drawn {
		if len(drawn) != 32 || n != 8 {
			t.Errorf("%d letters; %q is drawn %d times of 256", len(drawn), l, n)
		}
	}
}

// FuzzRecoveryTyped: a code that is read is its own form.
func FuzzRecoveryTyped(f *testing.F) {
	for _, s := range []string{"", "K7MW-3XQ9-HD2T", "k7mw 3xq9 hd2t", "\xff", "ſſſſſſſſſſſſ", "ıııııııııııı"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		if got, ok := account.RecoveryTyped(typed); ok {
			if again, ok := account.RecoveryTyped(got); !ok || again != got || len(got) != 14 {
				t.Errorf("RecoveryTyped(%q) = %q, whose own form is %q", typed, got, again)
			}
		}
	})
}

// A temporary password can be read out and typed, is no weaker than one that a person may
// choose, and opens once, for a day.
//
// Rows: A-138
func TestTemporaryPassword(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$`)
	rapid.Check(t, func(t *rapid.T) {
		p := account.TemporaryPassword(rapid.SliceOfN(rapid.Byte(), account.TemporaryChance, account.TemporaryChance).Draw(t, "chance"))
		if !form.MatchString(p) {
			t.Errorf("TemporaryPassword = %q", p)
		}
		for _, typed := range []string{p, strings.ToUpper(p), p + " ", "\t" + strings.ReplaceAll(p, "-", " "), strings.ReplaceAll(p, "0", "O")} {
			if got := account.TemporaryTyped(typed); got != p {
				t.Errorf("TemporaryTyped(%q) = %q, want %q", typed, got, p)
			}
		}
	})
	for _, other := range []string{"", "my own password", "Kx7#q2vM"} {
		if got := account.TemporaryTyped(other); got != other {
			t.Errorf("TemporaryTyped(%q) = %q", other, got)
		}
	}
}
