package account

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// longestAddress is in bytes: 64 before the @, 255 after it, and no more than 254 in all
// can be written into an envelope (RFC 5321, erratum 1690).
const longestAddress = 254

// Address is an e-mail address in the form under which accounts are told apart: trimmed,
// accents composed, lower case. It says whether it can be one at all: something, one @, a
// host with a dot. Whether anybody reads it, only a letter can tell. Look-alikes, such as a
// letter of double width, are refused and not folded: a mail server may hold them for
// another person's, who must not get the letters of this one.
func Address(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if len(text) > 4*longestAddress || !utf8.ValidString(text) {
		return "", false
	}
	for _, r := range text {
		if r >= utf8.RuneSelf && !norm.NFKC.IsNormalString(string(r)) {
			return "", false
		}
	}
	text = norm.NFC.String(strings.ToLower(text))
	if len(text) > longestAddress {
		return "", false
	}
	local, host, ok := strings.Cut(text, "@")
	if !ok || local == "" || len(local) > 64 || !mailHost(host) {
		return "", false
	}
	if local[0] == '.' || local[len(local)-1] == '.' || strings.Contains(local, "..") {
		return "", false
	}
	for _, r := range local {
		if r <= ' ' || r == 0x7f || strings.ContainsRune(`"(),:;<>@[\]`, r) || unicode.IsSpace(r) || !unicode.IsGraphic(r) {
			return "", false
		}
	}
	return text, true
}

// mailHost says whether a name can be that of a mail host: labels of letters, digits and
// hyphens, at least two, the last one not a number.
func mailHost(host string) bool {
	labels := strings.Split(host, ".")
	if len(labels) < 2 || len(host) > 253 {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
		for _, r := range l {
			if r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) {
				return false
			}
		}
	}
	last := labels[len(labels)-1]
	return len(last) >= 2 && strings.ContainsFunc(last, unicode.IsLetter)
}

// Fold is a name, an answer or a username in the form in which two are compared: NFKC,
// trimmed, one space, case and accents folded, œ as oe and æ as ae, all hyphens and
// apostrophes alike. What folds to "" says nothing.
func Fold(text string) string {
	s := norm.NFKD.String(strings.ToValidUTF8(text, "\ufffd")) // composed again nowhere: as good as NFKC to compare
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r):
			continue // an accent, a soft hyphen, a mark that cannot be seen
		case unicode.IsSpace(r), unicode.IsControl(r):
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		// By way of the capital, which letters such as a final sigma share with another.
		switch r = unicode.ToLower(unicode.ToUpper(r)); r {
		case 'œ':
			b.WriteString("oe")
		case 'æ':
			b.WriteString("ae")
		case 'ß', 'ẞ':
			b.WriteString("ss")
		case 'ø':
			b.WriteByte('o')
		case 'ł':
			b.WriteByte('l')
		case 'đ':
			b.WriteByte('d')
		case '’', '‘', 'ʼ', '´', '`', '′':
			b.WriteByte('\'')
		case '‐', '‑', '‒', '–', '—', '−':
			b.WriteByte('-')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
