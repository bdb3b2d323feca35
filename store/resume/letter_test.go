package resume

import (
	"slices"
	"strings"
	"testing"

	"passerelle/i18n"
)

// TestFill puts values in by the names of both languages, and tells of what stays open.
//
// Rows: X-022
func TestFill(t *testing.T) {
	d := parse(t, []byte(`{"basics":{"name":"Ada {date}","email":"ada@exemple.ca"}}`))
	values := d.Values()
	values[VarEmployer], values[VarTitle] = "Chantier du Quai (fictif)", "soudeuse"
	got, open := Fill("{Employeur}, {employer}\u00a0: {title} {poste} – {name}, {courriel}, {phone} {phone} {emploiyeur} {} {a\nb}", values)
	if want := "Chantier du Quai (fictif), Chantier du Quai (fictif)\u00a0: soudeuse soudeuse – Ada {date}, ada@exemple.ca, {phone} {phone} {emploiyeur} {} {a\nb}"; got != want {
		t.Errorf("filled\n%q, want\n%q", got, want)
	}
	if want := []string{"{phone}", "{emploiyeur}"}; !slices.Equal(open, want) {
		t.Errorf("open %q, want %q", open, want)
	}
	for _, l := range i18n.Languages() {
		for _, v := range Vars {
			text := v.Write(i18n.For(l))
			if got, open := Fill(text, map[Var]string{v: "x"}); got != "x" || len(open) != 0 {
				t.Errorf("%s: %s is filled as %q, open %q", l, text, got, open)
			}
			if got, open := Fill(text, map[Var]string{v: " "}); got != text || len(open) != 1 {
				t.Errorf("%s: %s without a value is %q, open %q", l, text, got, open)
			}
		}
	}
}

// FuzzFill: without values a letter stays as it is, and what is open stands in it.
func FuzzFill(f *testing.F) {
	f.Add("{employeur} {x}{{name}}")
	f.Fuzz(func(t *testing.T, text string) {
		got, open := Fill(text, nil)
		if got != text {
			t.Fatalf("%q became %q", text, got)
		}
		for _, o := range open {
			if !strings.Contains(text, o) {
				t.Fatalf("%q is not in %q", o, text)
			}
		}
	})
}
