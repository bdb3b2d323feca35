package state

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/record"
)

// TestFieldWords asks for the word of each kind, field, command and value there is, in both
// languages, and refuses a word that nothing is called by.
//
// Rows
func TestFieldWords(t *testing.T) {
	for _, l := range []i18n.Lang{i18n.French, i18n.English} {
		w := i18n.For(l)
		said := map[string]bool{"recordkind.other": true, "recordvalue.yes": true, "recordvalue.no": true, "recordvalue.none": true,
			"recordvalue.line": true, "recordvalue.titled": true, "recordvalue.numbered": true, "recordvalue.months": true}
		ask := func(keys ...string) {
			t.Helper()
			for _, k := range keys {
				k = strings.ReplaceAll(k, "_", "-")
				if _, ok := word(w, k); ok {
					said[k] = true
					return
				}
			}
			t.Errorf("%s: no word for %q", l, keys)
		}
		ask("recordfield.state")
		for _, way := range []string{"online", "email", "phone", "fax", "mail", "person"} {
			ask("recordvalue.way." + way)
		}
		for _, k := range record.Kinds {
			ask("recordkind." + k.Name)
			for _, f := range k.Fields {
				ask("recordfield."+k.Name+"."+f.Name, "recordfield."+f.Name)
				_, own := word(w, "recordfield."+f.Name)
				if own { // a word of the kind's own stands beside that of the others
					said["recordfield."+strings.ReplaceAll(f.Name, "_", "-")] = true
				}
				for _, v := range f.Values {
					if valueWord(w, k.Name, f.Name, v) == v {
						t.Errorf("%s: no word for %s of %s in %s", l, v, f.Name, k.Name)
					}
					said["recordvalue."+f.Name+"."+v] = true
				}
			}
			for _, st := range k.States() {
				ask("recordvalue.state." + st)
			}
			for name, c := range k.Commands {
				if !c.Server {
					ask("recorddo." + name)
				}
			}
		}
		b, err := os.ReadFile("../../i18n/active." + string(l) + ".toml")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^"(record(?:kind|field|do|value)\.[^"]+)"`).FindAllStringSubmatch(string(b), -1) {
			if !said[m[1]] {
				t.Errorf("%s: nothing is called by %q", l, m[1])
			}
		}
	}
}

// TestFieldValues says every field of every example, and what a person reads is neither JSON
// nor an id of the lists.
//
// Rows: X-014
func TestFieldValues(t *testing.T) {
	raw := regexp.MustCompile(`[{}\[\]"]|\bps:|oasis:|⟦`)
	for _, l := range []i18n.Lang{i18n.French, i18n.English} {
		w := i18n.For(l)
		for _, k := range record.Kinds {
			d := k.Example()
			for name, v := range d {
				lines := ValueWords(w, k.Name, name, v, time.UTC)
				if len(lines) == 0 || raw.MatchString(strings.Join(lines, "\n")) {
					t.Errorf("%s: %s of %s reads %q", l, name, k.Name, lines)
				}
			}
			if title := RecordTitle(w, k.Name, d); !strings.HasPrefix(title, KindWord(w, k.Name)) || raw.MatchString(title) {
				t.Errorf("%s: %s is called %q", l, k.Name, title)
			}
			if n := len(DocWords(w, k.Name, d, time.UTC)); n != len(d) {
				t.Errorf("%s: %d of the %d fields of %s are told", l, n, len(d), k.Name)
			}
		}
	}
	w := i18n.For(i18n.French)
	for _, c := range []struct{ kind, field, v, want string }{
		{"posting", "wage_min", "2850", "28,50\u00a0$"},
		{"posting", "minutes_min", "2250", "37\u00a0h\u00a030"},
		{"posting", "number", "12345678", "12\u00a0345\u00a0678"},
		{"posting", "education", `"3"`, w.S(i18n.EduTrade)},
		{"posting", "langs", `["fr","en"]`, "Français, English"},
		{"posting", "abroad", "false", w.S(i18n.RecordvalueNo)},
		{"profile", "experience", `{"63200":"7"}`, "Cuisiniers/cuisinières\u00a0: 3 à 5 ans"},
		{"profile", "places", `["CA","NB","Rimouski, QC"]`, w.S(i18n.ScopeCanada) + ", Nouveau-Brunswick, Rimouski, QC"},
		{"action", "months", `"3"`, "3 mois"},
		{"alert", "sent", `"2026-11-22T07:00:04Z"`, "2026-11-22 " + w.Clock(time.Date(2026, 11, 22, 7, 0, 4, 0, time.UTC))},
		{"report", "reason", `"payment"`, w.S(i18n.ReasonPayment)},
		{"newer", "field", `{"a":1}`, `field`},
		{"posting", "until", "null", ""},
	} {
		got := strings.Join(ValueWords(w, c.kind, c.field, json.RawMessage(c.v), time.UTC), ", ")
		if c.kind == "newer" {
			if !strings.Contains(got, "1") {
				t.Errorf("a field of a newer program reads %q", got)
			}
			continue
		}
		if got != c.want {
			t.Errorf("%s of %s reads %q, want %q", c.field, c.kind, got, c.want)
		}
	}
	en := i18n.For(i18n.English)
	for kind, want := range map[string]string{"alert": "Soudage", "posting": "Welder", "employer": "Example Welding"} {
		k, _ := record.Find(kind)
		if got := RecordTitle(en, kind, k.Example()); !strings.Contains(got, want) {
			t.Errorf("in English it is called %q, want %q", got, want)
		}
	}
	if got := RecordTitle(w, "newer", nil); got != w.S(i18n.RecordkindOther) {
		t.Errorf("a kind of a newer program is called %q", got)
	}
	if got := RecordTitle(w, "offer", record.Doc{"title": json.RawMessage(`"` + strings.Repeat("é", 200) + `"`)}); len([]rune(got)) > 150 {
		t.Errorf("a long title is not shortened: %q", got)
	}
}
