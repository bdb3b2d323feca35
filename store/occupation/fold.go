package occupation

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold writes a title the way all titles are compared: lower case, without accents,
// œ as oe, only letters and digits, one space between words. The full stops of
// initials go without a space, so that "E.C.E." is "ece".
func Fold(s string) string {
	return string(appendFold(make([]byte, 0, len(s)+4), s))
}

func appendFold(b []byte, s string) []byte {
	start, gap := len(b), false
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case 'A' <= c && c <= 'Z':
				c += 'a' - 'A'
			case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			case c == '.' && initial(b[start:], gap):
				continue
			default:
				gap = true
				continue
			}
			if gap && len(b) > start {
				b = append(b, ' ')
			}
			gap = false
			b = append(b, c)
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if unicode.Is(unicode.Mn, r) || r == '\u00ad' {
			continue // an accent written apart, a soft hyphen
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = true
			continue
		}
		before := len(b)
		if gap && len(b) > start {
			b = append(b, ' ')
		}
		spaced := len(b)
		if b = appendPlain(b, r); len(b) == spaced {
			b = b[:before] // a letter that comes to nothing but marks
			continue
		}
		gap = false
	}
	return b
}

// initial says whether a full stop follows a single letter, as in "E.C.E.".
func initial(b []byte, gap bool) bool {
	n := len(b)
	if gap || n == 0 || b[n-1] < 'a' || b[n-1] > 'z' {
		return false
	}
	// The letters of one set of initials stand together: "ec" after "E.C".
	i := n
	for i > 0 && b[i-1] != ' ' {
		i--
	}
	return n-i <= 5
}

func appendPlain(b []byte, r rune) []byte {
	switch r {
	case 'à', 'â', 'ä', 'á', 'ã', 'å', 'À', 'Â', 'Ä', 'Á', 'Ã', 'Å':
		return append(b, 'a')
	case 'é', 'è', 'ê', 'ë', 'É', 'È', 'Ê', 'Ë':
		return append(b, 'e')
	case 'î', 'ï', 'í', 'ì', 'Î', 'Ï', 'Í', 'Ì':
		return append(b, 'i')
	case 'ô', 'ö', 'ó', 'ò', 'õ', 'Ô', 'Ö', 'Ó', 'Ò', 'Õ':
		return append(b, 'o')
	case 'ù', 'û', 'ü', 'ú', 'Ù', 'Û', 'Ü', 'Ú':
		return append(b, 'u')
	case 'ç', 'Ç':
		return append(b, 'c')
	case 'ñ', 'Ñ':
		return append(b, 'n')
	case 'œ', 'Œ':
		return append(b, "oe"...)
	case 'æ', 'Æ':
		return append(b, "ae"...)
	case 'ß', 'ẞ':
		return append(b, "ss"...)
	}
	lower := unicode.ToLower(r)
	for _, d := range norm.NFKD.String(string(lower)) {
		switch {
		case !unicode.IsLetter(d) && !unicode.IsDigit(d):
		case d == lower:
			b = utf8.AppendRune(b, d)
		default:
			b = appendPlain(b, d) // ǣ is æ with a line above
		}
	}
	return b
}

// longestTitle is in bytes; a longer text is no title, and is not looked at closely.
const longestTitle = 400

// Halves writes out a title that names both genders around a slash or with an ending
// in brackets, the tail that they share behind each: "adjoint/adjointe de bureau" gives
// "adjoint de bureau" and "adjointe de bureau", "foreman/woman" gives "foreman" and
// "forewoman". Any other title is its own only half.
func Halves(title string) []string {
	if !strings.ContainsAny(title, "/(·•.") || len(title) > longestTitle {
		return []string{title}
	}
	if he, she, ok := strings.Cut(title, ")/"); ok {
		return []string{he + ")", she}
	}
	var a, b []string // the first half and the second
	words := strings.Fields(title)
	paired := false
	for i := 0; i < len(words); i++ {
		w := words[i]
		if he, she, ok := ending(w); ok {
			a, b, paired = append(a, he), append(b, she), true
			continue
		}
		he, she, ok := slash(w)
		if !ok {
			a, b = append(a, w), append(b, w)
			continue
		}
		paired = true
		if short, long, ok := inWord(he, she); ok {
			a, b = append(a, short), append(b, long)
			continue
		}
		// "directeur adjoint/directrice adjointe de…": as many words on the right belong
		// to the second half as look like the last words on the left.
		a = append(a, he)
		right := append([]string{she}, words[i+1:]...)
		if j := slices.IndexFunc(right, func(w string) bool { return w == "-" || w[0] == '(' }); j > 0 {
			right = right[:j]
		}
		n := 1
		for j := min(len(a), len(right)); j > 1; j-- {
			if alikeAll(a[len(a)-j:], right[:j]) {
				n = j
				break
			}
		}
		if n == 1 && len(a) == len(right) && !alike(he, she) && alikeAny(a, right) {
			n = len(a) // "père supérieur/mère supérieure": two whole titles
		}
		if elided(right[0]) == "" {
			right[0] = elided(a[len(a)-n]) + right[0]
		}
		b = append(b[:max(0, len(b)-n+1)], right[:n]...)
		i += n - 1
	}
	if !paired {
		return []string{title}
	}
	x, y := strings.Join(a, " "), strings.Join(b, " ")
	if x == y {
		return []string{x}
	}
	return []string{x, y}
}

// elided gives the article that is written into a word: the d' of "d'infirmiers/infirmières".
func elided(w string) string {
	if i := strings.LastIndexAny(w, "'’"); i >= 0 {
		_, n := utf8.DecodeRuneInString(w[i:])
		return w[:i+n]
	}
	return ""
}

// slash cuts a word at a slash between two letters. Initials are no pair: "CAD/CAM".
func slash(w string) (string, string, bool) {
	he, she, ok := strings.Cut(w, "/")
	if !ok || he == "" || she == "" || w[0] == '(' || !unicode.IsLetter(lastRune(he)) {
		return "", "", false
	}
	if strings.ToUpper(he) == he || strings.ToUpper(she) == she {
		return "", "", false
	}
	if strings.HasSuffix(she, ",") {
		he += ","
	}
	r, _ := utf8.DecodeRuneInString(she)
	return he, she, unicode.IsLetter(r)
}

// inWord solves pairs that change the end of one word: foreman/woman, vendeur/euse.
func inWord(he, she string) (string, string, bool) {
	for _, p := range [...][2]string{
		{"man", "woman"}, {"men", "women"}, {"man,", "woman,"}, {"postmaster", "mistress"}, {"headmaster", "mistress"},
	} {
		if p[1] == "mistress" && she == p[1] && strings.HasSuffix(strings.ToLower(he), p[0]) {
			return he, he[:len(he)-len("master")] + she, true
		}
		if she == p[1] && strings.HasSuffix(he, p[0]) {
			return he, strings.TrimSuffix(he, p[0]) + p[1], true
		}
	}
	end := strings.TrimLeft(she, "-")
	if utf8.RuneCountInString(end) <= 5 && endings[Fold(end)] && !alike(he, end) {
		return he, feminine(he, end), true
	}
	return "", "", false
}

// endings are the feminine endings that French titles carry after a slash, in
// brackets or after a middle dot; folded.
var endings = map[string]bool{
	"e": true, "ne": true, "le": true, "te": true, "se": true, "he": true, "fe": true, "ve": true, "ere": true, "iere": true,
	"euse": true, "rice": true, "trice": true, "ive": true, "ice": true, "enne": true, "ienne": true, "onne": true, "elle": true,
	"eure": true, "esse": true, "resse": true, "es": true, "nes": true, "euses": true, "rices": true, "trices": true, "eres": true, "ieres": true,
}

// ending solves "infirmier(ère)", "adjoint(e)", "vendeur·euse" and "vendeur.se".
func ending(w string) (string, string, bool) {
	i := strings.IndexAny(w, "(·•.")
	if i <= 0 || w[i] == '.' && i < 4 || !unicode.IsLetter(lastRune(w[:i])) {
		return "", "", false
	}
	_, n := utf8.DecodeRuneInString(w[i:])
	he, end := w[:i], w[i+n:]
	rest := ""
	if w[i] == '(' {
		var ok bool
		if end, rest, ok = strings.Cut(end, ")"); !ok {
			return "", "", false
		}
	} else {
		end, _, _ = strings.Cut(strings.NewReplacer("•", "·", ".", "·").Replace(end), "·")
	}
	end = strings.TrimLeft(end, "-")
	if !endings[Fold(end)] {
		return "", "", false
	}
	if h, s, ok := ending(rest); ok {
		return he + h, feminine(he, end) + s, true // "outilleur(euse)-ajusteur(euse)"
	}
	return he + rest, feminine(he, end) + rest, true
}

// feminine puts a feminine ending on a word: it overlays the end of the word from the
// last letter that they share, or follows it.
func feminine(he, end string) string {
	f := Fold(end)
	switch {
	case f == "e" || f == "es" || len(f) == 2 && strings.HasSuffix(Fold(he), f[:1]):
		return he + end
	case f == "se" && strings.HasSuffix(he, "eur"):
		return strings.TrimSuffix(he, "r") + end
	case f == "ve" && strings.HasSuffix(he, "f"):
		return strings.TrimSuffix(he, "f") + end
	case (f == "rice" || f == "trice") && strings.HasSuffix(he, "teur"):
		return strings.TrimSuffix(he, "teur") + "trice"
	}
	first, _ := utf8.DecodeRuneInString(end)
	want := Fold(string(first))
	for i := len(he); i > 0; {
		r, n := utf8.DecodeLastRuneInString(he[:i])
		i -= n
		if Fold(string(r)) == want && i > 0 {
			return he[:i] + end
		}
	}
	return he + end
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// alike says whether two words look like the two genders of one.
func alike(a, b string) bool {
	x, y := Fold(a[len(elided(a)):]), Fold(b[len(elided(b)):])
	if x == y {
		return true
	}
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n >= 3 || n == 2 && min(len(x), len(y)) <= 5
}

func alikeAll(a, b []string) bool {
	for i := range a {
		if !alike(a[i], b[i]) {
			return false
		}
	}
	return true
}

func alikeAny(a, b []string) bool {
	for i := range a {
		if alike(a[i], b[i]) {
			return true
		}
	}
	return false
}
