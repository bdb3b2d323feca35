package skill

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"passerelle/i18n"
)

// tie is the concept that a text names, and in which languages it does.
type tie struct {
	at     int
	fr, en bool
}

// Tie finds the concept that a text names, by its normalised text; ok is false when
// none does: the text is then shown and never matched. An empty lang tries both
// languages; otherwise a text ties only in its own, since one word may mean two things.
func Tie(text string, lang i18n.Lang) (id string, ok bool) {
	l := load()
	t, ok := l.text[hash(text)]
	if !ok || lang == i18n.French && !t.fr || lang == i18n.English && !t.en {
		return "", false
	}
	return l.all[t.at].ID, true
}

// tie notes the texts that name a concept: its two names, other ways of ours to say
// it, and hashes of the federal feed's own English phrases, which are not ours to
// carry but arrive with postings.
func (l *list) tie(at int, others string) error {
	c := l.all[at]
	add := func(h uint64, fr, en bool) error {
		t, known := l.text[h]
		if known && t.at != at {
			return fmt.Errorf("%s: a text of it already names %s", c.ID, l.all[t.at].ID)
		}
		l.text[h] = tie{at: at, fr: fr || t.fr, en: en || t.en}
		return nil
	}
	if err := add(hash(c.Name.FR), true, false); err != nil {
		return err
	}
	if err := add(hash(c.Name.EN), false, true); err != nil {
		return err
	}
	for s := range strings.SplitSeq(others, "; ") {
		if s == "" {
			continue
		}
		hex, hashed := strings.CutPrefix(s, "#")
		if !hashed {
			if err := add(hash(s), true, true); err != nil {
				return err
			}
			continue
		}
		h, err := strconv.ParseUint(hex, 16, 64)
		if err != nil {
			return fmt.Errorf("%s: %w", c.ID, err)
		}
		if err := add(h, false, true); err != nil {
			return err
		}
	}
	return nil
}

// hash is FNV-1a over the normalised text: 64 bits, so that two of a few thousand
// phrases do not meet.
func hash(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(normal(text)))
	return h.Sum64()
}

// normal writes a text the way it is compared: lower case, no accents, ligatures
// apart, letters, digits, # and + only ("C#", "C++"), one space between words.
func normal(text string) string {
	text = norm.NFD.String(ligatures.Replace(strings.ToLower(text)))
	var b strings.Builder
	b.Grow(len(text))
	gap := false
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '#' || r == '+':
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteRune(r)
			gap = false
		default:
			gap = true
		}
	}
	return b.String()
}

var ligatures = strings.NewReplacer("œ", "oe", "æ", "ae")
