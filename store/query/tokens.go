package query

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxToken is the length in bytes past which a word is cut, in texts and in queries alike.
const maxToken = 64

// EachToken calls f with each word of a text as it is compared: runs of letters and
// digits, in lower case, without accents, œ as oe. f must not keep its argument. buf is
// room to work in, may be nil, and is given back for the next call.
func EachToken(s string, buf []byte, f func(token []byte)) []byte {
	b := buf[:0]
	flush := func() {
		if len(b) > maxToken {
			n := maxToken
			for n > 0 && !utf8.RuneStart(b[n]) {
				n--
			}
			b = b[:n]
		}
		if len(b) > 0 {
			f(b)
			b = b[:0]
		}
	}
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			i++
			if l := ascii[c]; l != 0 {
				b = append(b, l)
			} else if len(b) > 0 {
				flush()
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if r < rune(len(latin)) {
			if l := latin[r]; l != "" {
				b = append(b, l...)
			} else {
				flush()
			}
			continue
		}
		switch {
		case unicode.Is(unicode.Mn, r): // an accent written apart
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Mc, r) || unicode.Is(unicode.Co, r):
			b = appendPlain(b, r)
		default:
			flush()
		}
	}
	flush()
	return b
}

// Tokens lists the words of a text as they are compared.
func Tokens(s string) []string {
	var ts []string
	EachToken(s, nil, func(t []byte) { ts = append(ts, string(t)) })
	return ts
}

var (
	ascii [utf8.RuneSelf]byte // 0 separates words
	latin [0x250]string       // "" separates words
)

func init() {
	for r := rune(0); r < rune(len(latin)); r++ {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			continue
		}
		latin[r] = string(appendPlain(nil, r))
		if r < utf8.RuneSelf {
			ascii[r] = latin[r][0]
		}
	}
}

// appendPlain adds a letter or digit in lower case without its accents.
func appendPlain(b []byte, r rune) []byte {
	switch r {
	case 'œ', 'Œ':
		return append(b, "oe"...)
	case 'æ', 'Æ':
		return append(b, "ae"...)
	case 'ß', 'ẞ':
		return append(b, "ss"...)
	}
	from := len(b)
	for _, d := range norm.NFD.String(string(unicode.ToLower(r))) {
		if !unicode.Is(unicode.Mn, d) {
			b = utf8.AppendRune(b, unicode.ToLower(d))
		}
	}
	if len(b) == from {
		b = utf8.AppendRune(b, r)
	}
	return b
}
