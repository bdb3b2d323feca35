package account_test

import (
	"strings"
	"testing"

	"passerelle/store/account"
)

// What everybody tries first is refused however it is dressed up, and what nobody tries is
// not, passphrases of common words least of all.
//
// Rows: B-028
func TestCommonPasswords(t *testing.T) {
	for _, p := range []string{"password", "PASSWORD", "Pässwörd", "password1", "Password123", "P@ssw0rd", "p4ssw0rd2024", "Passw0rd!", "123password",
		"passwordpassword", "password1password1", "pass word", "motdepasse", "MotDePasse2026", "mot de passe", "m0td3p4ss3", "azertyuiop", "Azerty123",
		"qwertyuiop", "qwerty12345", "1q2w3e4r", "1qaz2wsx", "12345678", "123456789012", "87654321", "98765432", "11111111", "aaaaaaaa", "abababab",
		"12121212", "abcabcabc", "abcdefgh", "abcdefgh1", "abcd1234", "a1234567", "ab123456", "19900203", "03021990", "02031990", "iloveyou", "ILoveYou2",
		"jetaime123", "ilovequebec", "Toronto2024!", "Quebec2026", "canadiens1", "Hockey1993", "sunshine", "princesse", "letmein1", "welcome1!",
		"football99", "soleil2005", "trustno1", "abc12345", "bonjour!!", "Montreal514", "!!!!!!!!", "dragon1990-02-03", "correct horse battery staple"} {
		if got := account.CheckPassword(p, ""); got != account.PasswordCommon {
			t.Errorf("CheckPassword(%q) = %q, want %q", p, got, account.PasswordCommon)
		}
	}
	for _, p := range []string{"trombone quatre lacet", "soleil hockey tiroir", "Kx7#q2vM", "ne8492kx", "hi73920184", "vis-à-vis du lac", "83651947", "zurvanite",
		"la clé sous le pot", "dragon" + strings.Repeat("7392", 3), "mon chien mange tard", "тромбон четыре", "三文魚在河裏游泳啊"} {
		if got := account.CheckPassword(p, ""); got != "" {
			t.Errorf("CheckPassword(%q) = %q, want it taken", p, got)
		}
	}
}

// FuzzCheckPassword: any text gets an answer, and the length is kept to.
func FuzzCheckPassword(f *testing.F) {
	for _, s := range []string{"", "password", "\xff\xff\xff\xff\xff\xff\xff\xff", "ﬀﬀﬀﬀﬀﬀﬀﬀ", "1234567890", "ééééééééé"} {
		f.Add(s, "abcdefgh")
	}
	f.Fuzz(func(t *testing.T, password, username string) {
		n := len([]rune(password))
		for _, c := range []account.Code{account.CheckPassword(password, username+"@b.ca"), account.CheckPortalPassword(password, username)} {
			if c == "" && (n < account.PasswordLeast || n > account.PasswordMost) {
				t.Errorf("a password of %d characters is taken", n)
			}
		}
	})
}
