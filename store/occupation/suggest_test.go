package occupation

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"passerelle/i18n"
)

func TestSuggest(t *testing.T) {
	for _, c := range []struct {
		prefix string
		lang   i18n.Lang
		want   Suggestion
	}{
		{"infirmi", i18n.French, Suggestion{"Infirmière", "31301"}},
		{"INFIRMIÈRE AUX", i18n.French, Suggestion{"Infirmière auxiliaire", "32101"}},
		{"infirmiere aux", "", Suggestion{"Infirmière auxiliaire", "32101"}},
		{"wait", i18n.English, Suggestion{"Waitress", "65200"}},
		{"coo", i18n.English, Suggestion{"Cook", "63200"}},
		{"cook ", i18n.English, Suggestion{"Cook", "63200"}},
		{"practical nur", i18n.English, Suggestion{"Licensed practical nurse (L.P.N.)", "32101"}}, // inside a title
		{"œno", i18n.French, Suggestion{"Oenologue", "90010"}},
	} {
		got := Suggest(c.prefix, c.lang, 8)
		if !slices.Contains(got, c.want) {
			t.Errorf("Suggest(%q, %q) = %v, want %v among them", c.prefix, c.lang, got, c.want)
		}
	}
	for _, prefix := range []string{"", "c", " é ", "zzzz", "--"} {
		if got := Suggest(prefix, "", 8); len(got) > 0 {
			t.Errorf("Suggest(%q) = %v, want nothing", prefix, got)
		}
	}
	if got := Suggest("cook", "", 0); len(got) > 0 {
		t.Errorf("Suggest(cook, 0) = %v, want nothing", got)
	}
}

// Any title is found by typing enough of it, with or without accents and capitals.
func TestSuggestFindsEveryTitle(t *testing.T) {
	fr := words(i18n.French)
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(fr.text)-1).Draw(t, "title")
		if !fr.offered(i) {
			t.Skip("another way to write a title")
		}
		typed := strings.ToUpper(fr.text[i])
		want := Suggestion{fr.text[i], table().unit[fr.unit[i]]}
		if got := Suggest(typed, i18n.French, 50); !slices.Contains(got, want) {
			t.Fatalf("Suggest(%q) = %v, want %v among them", typed, got, want)
		}
	})
}

func BenchmarkSuggest(b *testing.B) {
	for _, l := range languages("") {
		words(l)
	}
	for _, prefix := range []string{"co", "in", "practical", "zz"} {
		b.Run(prefix, func(b *testing.B) {
			for b.Loop() {
				Suggest(prefix, "", 10)
			}
		})
	}
}
