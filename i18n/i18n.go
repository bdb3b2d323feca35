// Package i18n says everything the program says to a person, in French and in
// English at once. Begin with [For]. One file a language lies beside this one
// (active.fr.toml, active.en.toml): a third language is a third file. Keys are
// typed constants generated from those files (keys.go). It knows nothing of the rest
// of the program.
package i18n

import (
	"embed"
	"fmt"
	"io/fs"
	"sort"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:generate go run ./gen

//go:embed active.*.toml
var files embed.FS

// Lang is a language of the program or of a text: an ISO 639-1 code, "fr" or "en".
// The empty Lang means the language is not known.
type Lang string

// The two official languages.
const (
	French  Lang = "fr"
	English Lang = "en"
)

// Other gives the other official language.
func (l Lang) Other() Lang {
	if l == French {
		return English
	}
	return French
}

// Key names one message of the catalogues; the constants are in keys.go.
type Key string

// Words speaks one language. Get one from [For]; it is safe for many goroutines.
type Words struct {
	lang  Lang
	loc   *goi18n.Localizer
	plain sync.Map // Key → string, for messages without arguments
	form  formats
}

var (
	loadOnce sync.Once
	all      map[Lang]*Words
	langs    []Lang
)

func load() {
	bundle := goi18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	names, err := fs.Glob(files, "active.*.toml")
	if err != nil {
		panic(err)
	}
	all = map[Lang]*Words{}
	for _, name := range names {
		if _, err := bundle.LoadMessageFileFS(files, name); err != nil {
			panic(fmt.Errorf("i18n: %s: %w", name, err)) // a broken catalogue is a broken build
		}
		l := Lang(strings.Split(name, ".")[1])
		langs = append(langs, l)
		all[l] = nil
	}
	sort.Slice(langs, func(i, j int) bool { return langs[i] > langs[j] })
	for _, l := range langs {
		all[l] = &Words{lang: l, loc: goi18n.NewLocalizer(bundle, string(l)), form: newFormats(l)}
	}
}

// Languages lists the languages of the program, French first.
func Languages() []Lang {
	loadOnce.Do(load)
	return append([]Lang(nil), langs...)
}

// For gives the words of a language; one that has no file speaks English.
func For(l Lang) *Words {
	loadOnce.Do(load)
	if w, ok := all[l]; ok {
		return w
	}
	return all[English]
}

// Lang is the language these words are in.
func (w *Words) Lang() Lang { return w.lang }

// S says a message. args are pairs, name then value: S(SyncSize, "Size", "12 Mo")
// fills {{.Size}}.
func (w *Words) S(k Key, args ...any) string {
	if len(args) == 0 {
		if s, ok := w.plain.Load(k); ok {
			return s.(string)
		}
		s := w.localize(&goi18n.LocalizeConfig{MessageID: string(k)})
		w.plain.Store(k, s)
		return s
	}
	return w.localize(&goi18n.LocalizeConfig{MessageID: string(k), TemplateData: pairs(args)})
}

// N says a message that counts, in the plural form of n; {{.N}} is n as people
// write it. Further args are pairs as in [Words.S].
func (w *Words) N(k Key, n int, args ...any) string {
	data := pairs(args)
	data["N"] = w.Number(n)
	return w.localize(&goi18n.LocalizeConfig{MessageID: string(k), TemplateData: data, PluralCount: n})
}

func (w *Words) localize(c *goi18n.LocalizeConfig) string {
	s, err := w.loc.Localize(c)
	if err != nil {
		return "⟦" + c.MessageID + "⟧" // seen in a picture, refused by the tests
	}
	return s
}

func pairs(args []any) map[string]any {
	m := make(map[string]any, len(args)/2+1)
	for i := 0; i+1 < len(args); i += 2 {
		m[fmt.Sprint(args[i])] = args[i+1]
	}
	return m
}
