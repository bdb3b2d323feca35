package account

import (
	_ "embed"
	"strings"
	"sync"
	"time"
	"unicode"
)

// commonText is what most of the passwords that leak again and again are made of, folded:
// words of both languages, first names, teams, places, walks over a keyboard. Most of the
// many thousands on the usual lists are one of these with a year, a number, a capital or a
// sign: the ways to dress one up are undone by [common] and not listed.
//
//go:embed common.txt
var commonText string

var commonWords = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.Fields(commonText) {
		words[bare(w)] = true
	}
	return words
})

// dressMost is how many digits and signs around a common word leave it common: as many as a
// date of birth has.
const dressMost = 10

// Signs and digits that stand for letters. A 1 is an i or an l, so both are tried.
var (
	leetI = strings.NewReplacer("0", "o", "1", "i", "!", "i", "3", "e", "€", "e", "4", "a", "@", "a", "5", "s", "$", "s", "7", "t", "+", "t", "8", "b", "9", "g")
	leetL = strings.NewReplacer("0", "o", "1", "l", "!", "l", "3", "e", "€", "e", "4", "a", "@", "a", "5", "s", "$", "s", "7", "t", "+", "t", "8", "b", "6", "g")
)

// Words before another that make it no rarer.
var commonStarts = []string{"ilove", "iheart", "jaime", "jetaime", "my", "the", "mon", "ma", "mes", "le", "la", "les"}

// common says whether a password is on everybody's list, or one of it in disguise: another
// case, accents, digits for letters, twice the same, a number or a sign around it. A run
// such as 12345678, a pattern that repeats itself and a date are on that list, too.
func common(password string) bool {
	p := strings.ReplaceAll(Fold(password), " ", "")
	if monotone(p) || commonWords()[p] || commonWords()[bare(p)] {
		return true
	}
	if n := period(p); n < len(p) {
		return common(p[:n])
	}
	for _, text := range []string{p, leetI.Replace(p), leetL.Replace(p)} {
		core := strings.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
		if len([]rune(text))-len([]rune(core)) > dressMost {
			continue
		}
		if known(bare(core)) {
			return true
		}
		// Two letters or so, then a run: ab123456.
		if rest := strings.TrimFunc(text, unicode.IsLetter); len(core) <= 3 && rest != "" && monotone(rest) {
			return true
		}
	}
	// The digits at the end are a number rather than letters in disguise: p4ssw0rd2024.
	core := strings.TrimFunc(p, func(r rune) bool { return !unicode.IsLetter(r) && r != '@' && r != '$' })
	return len([]rune(p))-len([]rune(core)) <= dressMost && (known(bare(leetI.Replace(core))) || known(bare(leetL.Replace(core))))
}

// known says whether letters are a common word, once or several times, alone or after one
// of commonStarts.
func known(letters string) bool {
	words := commonWords()
	if words[letters] || len(letters) > 2 && monotone(letters) {
		return true
	}
	if n := period(letters); n < len(letters) && words[letters[:n]] {
		return true
	}
	for _, s := range commonStarts {
		if rest, ok := strings.CutPrefix(letters, s); ok && words[rest] {
			return true
		}
	}
	return false
}

// monotone says whether a text is a run (3456789, hgfedcba), a date in digits, or a few
// characters that repeat themselves (aaaaaaaa, 12121212).
func monotone(text string) bool {
	if len(text) < 2 {
		return false
	}
	if n := period(text); n <= 4 && n*2 <= len(text) {
		return true
	}
	if len(text) == 8 && allDigits(text) {
		for _, form := range []string{"20060102", "02012006", "01022006"} {
			if day, err := time.Parse(form, text); err == nil && day.Year() >= 1900 && day.Year() < 2100 {
				return true
			}
		}
	}
	up, down := true, true
	for i := 1; i < len(text); i++ {
		a, b := text[i-1], text[i]
		up = up && (b == a+1 || a == '9' && b == '0')
		down = down && (a == b+1 || a == '0' && b == '9')
	}
	return up || down
}

// period is the length of the shortest piece that a text is made of by repeating it.
func period(text string) int {
	for n := 1; n <= len(text)/2; n++ {
		if len(text)%n == 0 && strings.Repeat(text[:n], len(text)/n) == text {
			return n
		}
	}
	return len(text)
}
