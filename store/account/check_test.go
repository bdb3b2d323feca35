package account_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"passerelle/store/account"
)

// Rows
func TestCheckName(t *testing.T) {
	for _, c := range []struct {
		text         string
		name, maiden account.Code
	}{
		{"Ada", "", ""},
		{" Ada Test ", "", ""},
		{"D’Arcy-Éloïse", "", ""},
		{"St. John, jr.", "", ""},
		{"Nguyễn", "", ""},
		{"李", "", ""},
		{"", account.Needed, account.Needed},
		{" \u00a0", account.Needed, account.Needed},
		{"Test2", account.BadName, account.MaidenDigits},
		{"１", account.BadName, account.MaidenDigits},
		{"a@b.ca", account.BadName, account.BadName},
		{"<b>", account.BadName, account.BadName},
		{"Ada\nTest", account.BadName, account.BadName},
		{"- '", account.BadName, account.BadName},
		{strings.Repeat("a", 100), "", ""},
		{strings.Repeat("a", 101), account.BadName, account.BadName},
	} {
		if got := account.CheckName(c.text); got != c.name {
			t.Errorf("CheckName(%q) = %q, want %q", c.text, got, c.name)
		}
		if got := account.CheckMaiden(c.text); got != c.maiden {
			t.Errorf("CheckMaiden(%q) = %q, want %q", c.text, got, c.maiden)
		}
	}
}

func TestCheckEmail(t *testing.T) {
	for text, want := range map[string]account.Code{"": account.Needed, " ": account.Needed, "a@b": account.BadEmail, "anyone@exemple.ca": ""} {
		if got := account.CheckEmail(text); got != want {
			t.Errorf("CheckEmail(%q) = %q, want %q", text, got, want)
		}
	}
}

// The date of §14: 30 February, a year of two digits, slashes and the future are refused.
//
// Rows: A-127
func TestCheckBorn(t *testing.T) {
	now := time.Date(2026, 11, 22, 23, 59, 0, 0, time.UTC)
	for _, c := range []struct {
		text string
		want account.Code
	}{
		{"1990-02-03", ""},
		{"1990-02-28", ""},
		{"1992-02-29", ""},
		{"1900-01-01", ""},
		{"2026-11-22", ""},
		{"", account.Needed},
		{"1990-02-30", account.DateFormat},
		{"1990-02-29", account.DateFormat},
		{"1900-02-29", account.DateFormat}, // no leap year
		{"90-02-03", account.DateFormat},
		{"03/02/1990", account.DateFormat},
		{"1990/02/03", account.DateFormat},
		{"1990-2-3", account.DateFormat},
		{"1990-13-01", account.DateFormat},
		{"1990-00-10", account.DateFormat},
		{"19900203", account.DateFormat},
		{" 1990-02-03", account.DateFormat},
		{"1990-02-03 ", account.DateFormat},
		{"1990–02–03", account.DateFormat},
		{"1899-12-31", account.DateFormat},
		{"0000-00-00", account.DateFormat},
		{"2026-11-23", account.DateFuture},
		{"9999-12-31", account.DateFuture},
	} {
		if got := account.CheckBorn(c.text, now); got != c.want {
			t.Errorf("CheckBorn(%q) = %q, want %q", c.text, got, c.want)
		}
	}
	// At 20:30 in Toronto it is tomorrow in UTC: who was born today may say so everywhere.
	toronto := time.FixedZone("", -5*3600)
	if got := account.CheckBorn("2026-11-22", time.Date(2026, 11, 22, 20, 30, 0, 0, toronto)); got != "" {
		t.Errorf("born on the day = %q", got)
	}
}

// FuzzParseDate: what is read is written the same.
func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"", "1990-02-03", "1990-02-30", "90-02-03", "03/02/1990", "1990-02-0\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		day, ok := account.ParseDate(text)
		if ok && day.Format("2006-01-02") != text {
			t.Errorf("ParseDate(%q) = %v", text, day)
		}
		if !ok && account.CheckBorn(text, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)) == "" {
			t.Errorf("CheckBorn takes %q, which is no date", text)
		}
	})
}

// Rows: B-028
func TestCheckPassword(t *testing.T) {
	const email = "Anyone.There@exemple.ca"
	for _, c := range []struct {
		text string
		want account.Code
	}{
		{"", account.Needed},
		{"        ", account.Needed},
		{"kx7#q2v", account.PasswordShort},
		{"kx7#q2vé", ""},
		{"trombone quatre lacet moulin", ""},
		{"tromboné quatre lacet", ""},
		{strings.Repeat("kx7#q2vm", 7) + "kx7#q2vW", ""},
		{strings.Repeat("é#7q2vmK", 7) + "é#7q2vmW", ""}, // 64 characters, more bytes
		{strings.Repeat("kx7#q2vm", 8) + "k", account.PasswordLong},
		{"password", account.PasswordCommon},
		{"Motdepasse1!", account.PasswordCommon},
		{"xx-anyone.there-99", account.PasswordEmail},
		{"XX-ANYONE.THERE-99", account.PasswordEmail},
	} {
		if got := account.CheckPassword(c.text, email); got != c.want {
			t.Errorf("CheckPassword(%q) = %q, want %q", c.text, got, c.want)
		}
	}
	if got := account.CheckPassword("trombone quatre lacet", "q@exemple.ca"); got != "" {
		t.Errorf("an address of one letter is in nearly every password: %q", got)
	}
	if got := account.CheckPassword("trombone quatre lacet", ""); got != "" {
		t.Errorf("without an address: %q", got)
	}
	for _, c := range []struct {
		again string
		want  account.Code
	}{{"trombone quatre", ""}, {"", account.Needed}, {"trombone Quatre", account.PasswordMismatch}, {"trombone quatre ", account.PasswordMismatch}} {
		if got := account.CheckAgain("trombone quatre", c.again); got != c.want {
			t.Errorf("CheckAgain(…, %q) = %q, want %q", c.again, got, c.want)
		}
	}
}

// The rule of the portal: upper case, lower case and a digit unless it is a passphrase; not
// three characters of the username in a row; long passwords are welcome.
//
// Rows: B-028
func TestCheckPortalPassword(t *testing.T) {
	const username = "Lacet2026ab"
	for _, c := range []struct {
		text string
		want account.Code
	}{
		{"", account.Needed},
		{"Kx7#q2v", account.PasswordShort},
		{"Kx7#q2vM", ""},
		{"kx7#q2vm", account.PasswordMixed},
		{"KX7#Q2VM", account.PasswordMixed},
		{"Kx#qvMnB", account.PasswordMixed},
		{"Éà7#éàéà", ""},                               // letters with accents are letters
		{"trombone quatre mou", account.PasswordMixed}, // 19
		{"trombone quatre moul", ""},                   // 20
		{"Kx7#lac!vM", account.PasswordUsername},
		{"Kx7#LAC!vM", account.PasswordUsername},
		{"Kx7#láç!vM", account.PasswordUsername}, // accents do not hide it
		{"Kx7#la!cevM", ""},                      // two in a row
		{"Kx#2026vM", account.PasswordUsername},
		{username, account.PasswordUsername},
		{strings.ToUpper(username), account.PasswordUsername},
		{"Password1", account.PasswordCommon},
		{strings.Repeat("Kx7#q2vm", 8), ""},
		{"Kx7#q2vM" + strings.Repeat("ombre-bOUt7", 5), ""},
		{"Kx7#q2vM" + strings.Repeat("ombre-bOUt7", 5) + "xy", account.PasswordLong},
	} {
		if got := account.CheckPortalPassword(c.text, username); got != c.want {
			t.Errorf("CheckPortalPassword(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

// Rows: B-028
func TestCheckUsername(t *testing.T) {
	for _, c := range []struct {
		text string
		want account.Code
	}{
		{"", account.Needed},
		{"abcdefg", account.UsernameFormat},
		{"abcdefgh", ""},
		{"AbCdEfGh", ""},
		{"abcdefghijklmnop", ""},
		{"abcdefghijklmnopq", account.UsernameFormat},
		{"a1234567", ""},
		{"a12345678", account.UsernameFormat},
		{"12345678", account.UsernameFormat},
		{"1234567abcdefghi", ""},
		{"abcdéfgh", account.UsernameFormat},
		{"abcd_fgh", account.UsernameFormat},
		{"abcd fgh", account.UsernameFormat},
		{"abcdefgh ", account.UsernameFormat},
		{"abcd-efg", account.UsernameFormat},
		{"anyone@exemple", account.UsernameFormat},
	} {
		if got := account.CheckUsername(c.text); got != c.want {
			t.Errorf("CheckUsername(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

// Rows: A-148
func TestCheckExpress(t *testing.T) {
	for _, c := range []struct {
		profile, validation string
		want                []account.Problem
	}{
		{"E012345678", "abc-123", nil},
		{" e012345678 ", " x ", nil},
		{"", "", []account.Problem{{Field: "profile", Code: account.ExpressMissing}, {Field: "validation", Code: account.ExpressMissing}}},
		{"E012345678", " ", []account.Problem{{Field: "validation", Code: account.ExpressMissing}}},
		{"", "abc", []account.Problem{{Field: "profile", Code: account.ExpressMissing}}},
		{"012345678", "abc", []account.Problem{{Field: "profile", Code: account.ExpressFormat}}},
		{"E01234567", "abc", []account.Problem{{Field: "profile", Code: account.ExpressFormat}}},
		{"E0123456789", "abc", []account.Problem{{Field: "profile", Code: account.ExpressFormat}}},
		{"F012345678", "abc", []account.Problem{{Field: "profile", Code: account.ExpressFormat}}},
		{"E01234567x", "abc", []account.Problem{{Field: "profile", Code: account.ExpressFormat}}},
	} {
		if got := account.CheckExpress(c.profile, c.validation); !reflect.DeepEqual(got, c.want) {
			t.Errorf("CheckExpress(%q, %q) = %v, want %v", c.profile, c.validation, got, c.want)
		}
	}
	p1, v1 := account.ExpressPair(" e012345678", "abC ")
	if p2, v2 := account.ExpressPair("E012345678", "ABC"); p1 != p2 || v1 != v2 {
		t.Errorf("the same pair is %q %q and %q %q", p1, v1, p2, v2)
	}
}

// Each part of a portal credential is refused with its own message, and a hint may not hold
// what it hints at.
//
// Rows: B-023, B-027, B-037
func TestCheckRecovery(t *testing.T) {
	good := account.Recovery{Question: "first-pet", Answer: "Le Loup", Person: "Ada Test", PersonHint: "au chalet", Date: "1990-02-03", DateHint: "la fête"}
	if got := account.CheckRecovery(good); got != nil {
		t.Fatalf("CheckRecovery(good) = %v", got)
	}
	for _, c := range []struct {
		name string
		do   func(*account.Recovery)
		want account.Problem
	}{
		{"address", func(r *account.Recovery) { r.Email = "a@b" }, account.BadEmail.At("recovery_email")},
		{"no question", func(r *account.Recovery) { r.Question = "" }, account.Needed.At("question")},
		{"no such question", func(r *account.Recovery) { r.Question = "x" }, account.Needed.At("question")},
		{"no answer", func(r *account.Recovery) { r.Answer = " " }, account.Needed.At("answer")},
		{"short answer", func(r *account.Recovery) { r.Answer = "é" }, account.AnswerShort.At("answer")},
		{"no person", func(r *account.Recovery) { r.Person = "" }, account.Needed.At("person")},
		{"no hint", func(r *account.Recovery) { r.PersonHint = "" }, account.Needed.At("person_hint")},
		{"hint of person", func(r *account.Recovery) { r.PersonHint = "c'est ADA  TEST!" }, account.HintHolds.At("person_hint")},
		{"hint of person, accents", func(r *account.Recovery) { r.PersonHint = "Adà-Tést" }, account.HintHolds.At("person_hint")},
		{"no date", func(r *account.Recovery) { r.Date = "" }, account.Needed.At("date")},
		{"date", func(r *account.Recovery) { r.Date = "03/02/1990" }, account.DateFormat.At("date")},
		{"no date hint", func(r *account.Recovery) { r.DateHint = "" }, account.Needed.At("date_hint")},
		{"hint of date", func(r *account.Recovery) { r.DateHint = "le 1990 02 03" }, account.HintHolds.At("date_hint")},
	} {
		r := good
		c.do(&r)
		if got := account.CheckRecovery(r); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: CheckRecovery = %v, want %v", c.name, got, c.want)
		}
	}
	good.Email = "other@exemple.ca"
	if got := account.CheckRecovery(good); got != nil {
		t.Errorf("with a recovery address: %v", got)
	}
	if got := account.CheckHint("★★", "★★"); got != account.HintHolds {
		t.Errorf("a hint that is the answer, in signs: %q", got)
	}
}
