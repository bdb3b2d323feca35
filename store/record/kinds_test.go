package record_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"passerelle/store/account"
	"passerelle/store/record"
	"passerelle/sync/wire"
)

// TestKinds holds every kind to having a name of its own and a full example that its own
// checks take, as it is and as it travels.
//
// Rows: X-024
func TestKinds(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range record.Kinds {
		if seen[k.Name] || k.Name == "" || k.Partition == "" {
			t.Errorf("kind %q in partition %q: no name or place of its own", k.Name, k.Partition)
		}
		seen[k.Name] = true
		if got, ok := record.Find(k.Name); !ok || got.Name != k.Name {
			t.Errorf("Find(%q) = %q, %v", k.Name, got.Name, ok)
		}
		example := k.Example()
		if found := k.Verify(example, true); len(found) > 0 {
			t.Errorf("%s: the example is refused: %v", k.Name, found)
		}
		b, err := json.Marshal(example)
		if err != nil {
			t.Fatal(err)
		}
		if read, err := record.Decode(b); err != nil || !record.Equal(read, example) {
			t.Errorf("%s: Decode of the example: %v, %s", k.Name, err, shown(read))
		}
		names := map[string]bool{"state": true}
		for _, f := range k.Fields {
			if names[f.Name] || !regexp.MustCompile(`^[a-z][a-z_]*$`).MatchString(f.Name) {
				t.Errorf("%s: field %q is there twice, or no name", k.Name, f.Name)
			}
			names[f.Name] = true
			if _, ok := example[f.Name]; !ok {
				t.Errorf("%s: the example has no %s", k.Name, f.Name)
			}
			if f.Policy == record.Set && f.Input != record.Strings || f.Policy == record.Map && f.Input != record.Object {
				t.Errorf("%s.%s: policy %d does not go with %s", k.Name, f.Name, f.Policy, f.Input)
			}
			if (f.Input == record.OneOf) && len(f.Values) == 0 {
				t.Errorf("%s.%s: one of nothing", k.Name, f.Name)
			}
			if f.Kept && f.Needed {
				t.Errorf("%s.%s: nobody can fill in what only commands write", k.Name, f.Name)
			}
			if f.Kept != slices.Contains(k.Forbidden(example), f.Name) {
				t.Errorf("%s.%s: Forbidden says %v", k.Name, f.Name, k.Forbidden(example))
			}
		}
		for name := range example {
			if !names[name] {
				t.Errorf("%s: the example has %s, which is no field", k.Name, name)
			}
		}
		if _, ok := example["state"]; ok != (k.First != "") || ok != (len(k.Commands) > 0) {
			t.Errorf("%s: states, commands and the example do not go together", k.Name)
		}
	}
	if len(record.Kinds) != 16 {
		t.Errorf("%d kinds, want 16", len(record.Kinds))
	}
}

// TestNeeded: whatever is needed can lack in a draft, and not in what is submitted.
func TestNeeded(t *testing.T) {
	for _, k := range record.Kinds {
		for _, f := range k.Fields {
			nothings := []string{`null`, `""`, `" "`}
			switch f.Input {
			case record.Strings:
				nothings = []string{`null`, `[]`}
			case record.Object:
				nothings = []string{`null`, `{}`}
			case record.Number, record.Money, record.YesNo:
				nothings = []string{`null`}
			}
			for _, nothing := range nothings {
				d := with(k, f.Name, nothing)
				if got := at(k.Verify(d, true), f.Name); f.Needed != (got == account.Needed) && !conditional[k.Name+"."+f.Name] {
					t.Errorf("%s without %s (%s), final: %q", k.Name, f.Name, nothing, got)
				}
				if got := k.Verify(d, false); len(got) > 0 {
					t.Errorf("a draft of %s without %s (%s): %v", k.Name, f.Name, nothing, got)
				}
			}
		}
		if got := k.Verify(record.Doc{}, false); len(got) > 0 {
			t.Errorf("an empty draft of %s: %v", k.Name, got)
		}
		if got := k.Verify(nil, false); at(got, "") != account.TooLarge {
			t.Errorf("Verify of a removed %s: %v", k.Name, got)
		}
	}
}

// conditional fields are needed by what the example says elsewhere: see TestChecks.
var conditional = map[string]bool{
	"hidden.posting": true, "message.number": true, "message.employer": true, "suggestion.noc": true, "suggestion.category": true,
	"posting.title_fr": true, "posting.title_en": true, "posting.duties_fr": true, "posting.duties_en": true, "posting.city": true,
	"posting.province": true, "posting.until": true, "offer.ground": true, "offer.proof": true, "offer.licence": true,
}

func at(found []account.Problem, field string) account.Code {
	for _, p := range found {
		if p.Field == field {
			return p.Code
		}
	}
	return ""
}

func with(k record.Kind, field, value string) record.Doc {
	return record.Apply(k.Example(), record.Doc{field: json.RawMessage(value)})
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// TestLimits: each field at its limit and beyond it, and with a value of another kind.
func TestLimits(t *testing.T) {
	for _, k := range record.Kinds {
		for _, f := range k.Fields {
			check := func(value string, want account.Code, is bool) {
				t.Helper()
				if got := at(k.Verify(with(k, f.Name, value), false), f.Name); (got == want) != is {
					t.Errorf("%s.%s = %.60s (%d bytes): %q; is it %q? want %v", k.Name, f.Name, value, len(value), got, want, is)
				}
			}
			text := func(n int) string { return quoted(strings.Repeat("é", n)) }
			most := f.Most
			switch f.Input {
			case record.Text, record.Area:
				if most == 0 {
					most = 2000
				}
				check(text(most), account.TooLong, false)
				check(text(most+1), account.TooLong, true)
				check(`{"a":1}`, account.BadValue, true)
				check(`"a\u0000b"`, "", false)
				if f.Form == "" {
					check(text(most), "", true)
				}
			case record.Strings:
				if most == 0 {
					most = 200
				}
				many := func(n int) string {
					all := make([]string, n)
					for i := range all {
						all[i] = "x" + fmt.Sprint(i)
					}
					b, _ := json.Marshal(all)
					return string(b)
				}
				check(many(most), account.TooManyValues, false)
				check(many(most+1), account.TooManyValues, true)
				check(`"fr"`, account.BadValue, true)
				check(`[1]`, account.BadValue, true)
				check(`[""]`, account.BadValue, true)
				if f.Form == "" && f.Values == nil {
					check(`[`+text(200)+`]`, "", true)
					check(`[`+text(201)+`]`, account.TooLong, true)
				} else {
					check(`["free text"]`, "", false)
				}
			case record.Number, record.Money:
				if most == 0 {
					most = 1_000_000_000_000
				}
				check(fmt.Sprint(most), account.BadNumber, false)
				check(fmt.Sprint(most)+".0", account.BadNumber, false)
				for _, bad := range []string{fmt.Sprint(most + 1), "-1", "1.5", `"1"`, "true", "1e400", "1e-400", "[1]", "123456789012345678901234567890"} {
					check(bad, account.BadNumber, true)
				}
			case record.Day:
				check(`"2028-02-29"`, account.DateFormat, false)
				for _, bad := range []string{`"2027-02-29"`, `"27-02-28"`, `"2027/02/28"`, `"2027-2-8"`, `"2027-02-28T00:00:00Z"`} {
					check(bad, account.DateFormat, true)
				}
				check(`20270228`, account.BadValue, true)
			case record.Moment:
				check(`"2026-11-22T18:00:00-05:00"`, "", true)
				check(`"2026-11-22"`, account.DateFormat, true)
				check(`1`, account.BadValue, true)
			case record.YesNo:
				check(`true`, "", true)
				check(`1`, account.BadValue, true)
				check(`"true"`, account.BadValue, true)
			case record.OneOf:
				for _, v := range f.Values {
					check(quoted(v), account.BadValue, false)
				}
				check(`"none of them"`, account.BadValue, true)
				check(`1`, account.BadValue, true)
			case record.Ref:
				for _, good := range []string{"1", "999999999999999", "019a9f6e-0000-7000-8000-000000000001"} {
					check(quoted(good), "", true)
				}
				for _, bad := range []string{"0", "-1", "free text", "019A9F6E-0000-7000-8000-000000000001", "019a9f6e00007000800000000000000001", "1234567890123456"} {
					check(quoted(bad), account.BadValue, true)
				}
			case record.Object:
				if f.Policy == record.Map {
					check(`[1]`, account.BadValue, true)
					check(`""`, account.BadValue, true)
				}
			default:
				t.Errorf("%s.%s: input %q", k.Name, f.Name, f.Input)
			}
		}
	}
}

// TestChecks: what a kind asks beyond its fields.
func TestChecks(t *testing.T) {
	for _, c := range []struct {
		kind, patch, field string
		want               account.Code
	}{
		{"hidden", `{"posting":null}`, "posting", account.Needed},
		{"hidden", `{"what":"employer","employer":null}`, "employer", account.Needed},
		{"hidden", `{"what":"employer","posting":null}`, "posting", ""},
		{"search", `{"query":[]}`, "query", account.Needed},
		{"search", `{"query":[1]}`, "query", account.BadValue},
		{"search", `{"query":{"words":1}}`, "query", account.BadValue},
		{"search", `{"query":{"in":"anything"}}`, "query", account.BadValue},
		{"search", `{"query":{"near":{"km":-1}}}`, "query", account.BadValue},
		{"search", `{"query":{"words":"` + strings.Repeat("a", 500) + `"}}`, "query", ""},
		{"search", `{"query":{"words":"` + strings.Repeat("a", 501) + `"}}`, "query", account.TooLong},
		{"search", `{"query":{"filters":{"noc":[` + strings.Repeat(`"1",`, 99) + `"1"]}}}`, "query", ""},
		{"search", `{"query":{"filters":{"noc":[` + strings.Repeat(`"1",`, 99) + `"1"],"city":["a"]}}}`, "query", account.TooManyValues},
		{"search", `{"query":{"newer":{"x":1},"filters":{"newer":["1"]}}}`, "query", ""},
		{"alert", `{"titles":null,"places":null}`, "keywords", ""},
		{"alert", `{"titles":null,"places":[],"keywords":null}`, "keywords", account.Needed},
		{"alert", `{"titles":null,"keywords":null}`, "keywords", ""},
		{"alert", `{"email":"nobody"}`, "email", account.BadEmail},
		{"message", `{"topic":"alerts","subscription":null}`, "subscription", account.Needed},
		{"message", `{"topic":"account","email":null}`, "email", account.Needed},
		{"message", `{"topic":"posting","number":null}`, "number", account.Needed},
		{"message", `{"topic":"employer","number":null}`, "number", account.Needed},
		{"message", `{"topic":"employer","employer":" "}`, "employer", account.Needed},
		{"message", `{"topic":"technical","steps":null}`, "steps", account.Needed},
		{"message", `{"topic":"suggestion","wanted":null}`, "wanted", account.Needed},
		{"message", `{"topic":"portal","measures":null}`, "measures", account.Needed},
		{"message", `{"topic":"other","number":null,"email":null,"employer":null,"steps":null}`, "number", ""},
		{"suggestion", `{"noc":null}`, "noc", account.Needed},
		{"suggestion", `{"what":"credential","noc":null,"category":null}`, "noc", ""},
		{"posting", `{"langs":["en"],"title_fr":null,"duties_fr":null}`, "title_fr", ""},
		{"posting", `{"title_fr":null}`, "title_fr", account.Needed},
		{"posting", `{"duties_en":null}`, "duties_en", account.Needed},
		{"posting", `{"positions":0}`, "positions", account.BadNumber},
		{"posting", `{"days":31}`, "days", account.BadNumber},
		{"posting", `{"until":"2026-12-06"}`, "until", account.DatesOrder},
		{"posting", `{"until":"2026-12-07"}`, "until", ""},
		{"posting", `{"term":"T","until":null}`, "until", account.Needed},
		{"posting", `{"term":"P","until":null}`, "until", ""},
		{"posting", `{"wage_max":2849}`, "wage_max", account.RangeOrder},
		{"posting", `{"wage_max":2850}`, "wage_max", ""},
		{"posting", `{"minutes_max":2249}`, "minutes_max", account.RangeOrder},
		{"posting", `{"city":null}`, "city", account.Needed},
		{"posting", `{"workplace":"r","city":null,"province":null}`, "city", ""},
		{"posting", `{"declared":["vacancy","free","deductions","training"]}`, "declared", account.Needed},
		{"posting", `{"apply":{}}`, "apply", account.Needed},
		{"posting", `{"apply":{"kind":"email"}}`, "apply", account.BadValue},
		{"posting", `{"apply":[{"kind":"letter","value":"a"}]}`, "apply", account.BadValue},
		{"posting", `{"apply":[{"kind":"mail","value":""}]}`, "apply", account.BadValue},
		{"posting", `{"apply":[{"kind":"email","value":"nobody"}]}`, "apply", account.BadEmail},
		{"posting", `{"apply":[{"kind":"phone","value":"555-0134"}]}`, "apply", account.PhoneFormat},
		{"posting", `{"apply":[{"kind":"online","value":"javascript:alert(1)"}]}`, "apply", account.LinkFormat},
		{"posting", `{"apply":[{"kind":"online","value":"https://anyone@exemple.ca/"}]}`, "apply", account.LinkFormat},
		{"posting", `{"apply":[` + strings.Repeat(`{"kind":"mail","value":"a"},`, 6) + `{"kind":"mail","value":"a"}]}`, "apply", account.TooManyValues},
		{"posting", `{"apply":[{"kind":"mail","value":"` + strings.Repeat("é", 501) + `"}]}`, "apply", account.TooLong},
		{"posting", `{"postal":"G5L1A1"}`, "postal", account.PostalFormat},
		{"posting", `{"noc":"99999"}`, "noc", account.NotListed},
		{"posting", `{"province":"XX"}`, "province", account.NotListed},
		{"offer", `{"until":"2027-01-03"}`, "until", account.DatesOrder},
		{"offer", `{"minutes_week":449}`, "minutes_week", account.RangeOrder},
		{"offer", `{"wage":0}`, "wage", account.BadNumber},
		{"offer", `{"fee":"paid","receipt":null}`, "receipt", account.Needed},
		{"offer", `{"fee":"exempt","ground":null}`, "ground", account.Needed},
		{"offer", `{"fee":"exempt","proof":null}`, "proof", account.Needed},
		{"offer", `{"fee":"due","proof":null,"ground":null,"receipt":null}`, "proof", ""},
		{"offer", `{"licence":null}`, "licence", account.Needed},
		{"offer", `{"agent":null,"licence":null}`, "licence", ""},
		{"offer", `{"declared":false}`, "declared", account.Needed},
		{"employer", `{"payroll":"123456789"}`, "payroll", account.PayrollFormat},
		{"employer", `{"payroll":"123456789rp0001"}`, "payroll", account.PayrollFormat},
		{"employer", `{"phone":"12345"}`, "phone", account.PhoneFormat},
		{"employer", `{"site":"exemple.ca"}`, "site", account.LinkFormat},
		{"grant", `{"until":"2026-11-21"}`, "until", account.DatesOrder},
		{"grant", `{"scope":["everything"]}`, "scope", account.BadValue},
		{"action", `{"due":"2026-11-22"}`, "due", account.DatesOrder},
		{"action", `{"postings":["free text"]}`, "postings", account.NotListed},
		{"note", `{"state":"anything"}`, "state", ""}, // unknown to the kind: it survives
		{"grant", `{"state":"anything"}`, "state", account.BadValue},
		{"grant", `{"state":3}`, "state", account.BadValue},
	} {
		k, ok := record.Find(c.kind)
		if !ok {
			t.Fatalf("no kind %s", c.kind)
		}
		d := record.Apply(k.Example(), doc(c.patch))
		if got := at(k.Verify(d, true), c.field); got != c.want {
			t.Errorf("%s with %.80s: %s is %q, want %q", c.kind, c.patch, c.field, got, c.want)
		}
	}
}

// TestMatchable: no free text enters what a profile is matched by, not even in a draft; what
// is written like an id and is none stops at the activation.
//
// Rows: A-070
func TestMatchable(t *testing.T) {
	k, _ := record.Find("profile")
	for _, f := range k.Fields {
		if f.Input == record.Text || f.Input == record.Area || f.Input == record.Strings && f.Form == "" && f.Values == nil {
			t.Errorf("profile.%s is free text", f.Name)
		}
	}
	for _, c := range []struct {
		field, value string
		draft, final account.Code
	}{
		{"skills", `["Je soude très bien"]`, account.NotListed, account.NotListed},
		{"skills", `["ps:no-such-skill"]`, "", account.NotListed},
		{"credentials", `["welder"]`, account.NotListed, account.NotListed},
		{"experience", `{"welder":"5"}`, account.NotListed, account.NotListed},
		{"experience", `{"99999":"5"}`, "", account.NotListed},
		{"experience", `{"72106":"many years"}`, account.BadValue, account.BadValue},
		{"experience", `{"72106":{"text":"many years"}}`, account.BadValue, account.BadValue},
		{"experience", `["72106"]`, account.BadValue, account.BadValue},
		{"education", `["college"]`, account.BadValue, account.BadValue},
		{"places", `["anywhere warm"]`, account.NotListed, account.NotListed},
		{"places", `["Anywhere Warm, QC"]`, "", account.NotListed},
		{"places", `["CA"]`, "", ""},
	} {
		if got := at(k.Verify(with(k, c.field, c.value), false), c.field); got != c.draft {
			t.Errorf("draft with %s %s: %q, want %q", c.field, c.value, got, c.draft)
		}
		if got := at(k.Verify(with(k, c.field, c.value), true), c.field); got != c.final {
			t.Errorf("activation with %s %s: %q, want %q", c.field, c.value, got, c.final)
		}
	}
}

// TestNothingPersonal: no kind has a field for a résumé, a letter, a tracker, a reminder, a
// social insurance number or a date of birth: what the service must not have has nowhere to
// stand, and notes on a saved posting stay on the device.
//
// Rows
func TestNothingPersonal(t *testing.T) {
	words := regexp.MustCompile(`(?i)(^|_)(cv|r[eé]sum[eé]s?|curriculum|letters?|cover|tracker|reminders?|sin|nas|insurance|birth|born|dob|naissance|passport|maiden|sex|gender|age|notes?|attachments?|files?|pdf|docx?|password|answers)($|_)`)
	for _, k := range record.Kinds {
		if k.Name != "note" && words.MatchString(k.Name) {
			t.Errorf("kind %s", k.Name)
		}
		for _, f := range k.Fields {
			if words.MatchString(f.Name) && k.Name+"."+f.Name != "offer.benefits_note" {
				t.Errorf("%s has a field %s", k.Name, f.Name)
			}
		}
	}
	for _, bad := range []string{"cv", "resume", "birth_date", "sin", "cover_letter", "note"} {
		if !words.MatchString(bad) {
			t.Errorf("the test does not see %s", bad)
		}
	}
	saved, _ := record.Find("saved")
	for _, f := range saved.Fields {
		if f.Input == record.Area {
			t.Errorf("saved.%s takes text", f.Name)
		}
	}
}

// TestNoSIN: nine digits that pass the check of a social insurance number are refused in
// every text of every kind, known or not, and the sentence says why.
//
// Rows: A-012
func TestNoSIN(t *testing.T) {
	n := account.FictionalSIN(4321)
	spaced := n[:3] + " " + n[3:6] + " " + n[6:]
	for _, k := range record.Kinds {
		for _, f := range k.Fields {
			var values []string
			switch {
			case f.Form != "" && f.Form != record.Email && f.Form != record.Where: // no text gets through
				continue
			case f.Input == record.Text, f.Input == record.Area:
				values = []string{quoted(n), quoted("NAS: " + spaced + "."), quoted(strings.ReplaceAll(spaced, " ", "-"))}
			case f.Input == record.Strings && f.Values == nil:
				values = []string{"[" + quoted(n) + "]", "[" + quoted("a "+spaced) + "]"}
			case f.Input == record.Object && f.Policy == record.Whole:
				values = []string{`{"deep":[{"er":` + quoted(n) + `}]}`, `{` + quoted(spaced) + `:1}`}
			}
			for _, v := range values {
				if got := k.Verify(with(k, f.Name, v), false); at(got, f.Name) == "" {
					t.Errorf("%s.%s = %s is taken", k.Name, f.Name, v)
				} else if f.Form == "" && f.Input != record.Object && at(got, f.Name) != account.HoldsSIN && f.Most != 8 {
					t.Errorf("%s.%s = %s: %q", k.Name, f.Name, v, at(got, f.Name))
				}
			}
		}
		if got := at(k.Verify(with(k, "of_a_newer_program", quoted(spaced)), false), "of_a_newer_program"); got != account.HoldsSIN {
			t.Errorf("%s: unknown field with a number: %q", k.Name, got)
		}
	}
	k, _ := record.Find("note")
	escaped := ""
	for _, r := range n {
		escaped += fmt.Sprintf(`\u%04x`, r)
	}
	if got := at(k.Verify(with(k, "text", `"`+escaped+`"`), false), "text"); got != account.HoldsSIN {
		t.Errorf("%s: %q", escaped, got)
	}
	for text, want := range map[string]account.Code{
		n:                                      account.HoldsSIN,
		n[:8] + "\u200b" + n[8:]:               "", // nor so
		"NAS" + n + "X":                        account.HoldsSIN,
		"1 " + spaced + " 2":                   account.HoldsSIN,
		"123 456 789 " + spaced:                account.HoldsSIN,
		"418 555-0134":                         "",
		"1-800-622-6232":                       "",
		n + "1":                                "",
		"1" + n:                                "",
		"2026-11-22":                           "",
		"046 454 287":                          "", // fails the check
		n[:3] + "  " + n[3:]:                   "", // not as it is written
		"48.450000, -68.520000":                "",
		"019a9f6e-0000-7000-8000-0" + n + "00": "",
	} {
		if got := at(k.Verify(with(k, "text", quoted(text)), false), "text"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if account.HoldsSIN.Key() == "" {
		t.Error("no sentence")
	}
}

// TestCommands: every state of every kind can be reached and every command be asked, from
// the first state on; and Do does what the table says, once the record is complete.
func TestCommands(t *testing.T) {
	for _, k := range record.Kinds {
		if len(k.Commands) == 0 {
			continue
		}
		states := k.States()
		reached := map[string]bool{k.First: true}
		for grown := true; grown; {
			grown = false
			for name, c := range k.Commands {
				for _, from := range states {
					if c.To == "" || !slices.Contains(states, c.To) {
						t.Errorf("%s %s leads nowhere", name, k.Name)
					}
					if c.Can(from) && reached[from] && !reached[c.To] {
						reached[c.To], grown = true, true
					}
				}
			}
		}
		for _, s := range states {
			if !reached[s] {
				t.Errorf("%s: nothing leads to %s", k.Name, s)
			}
			for name, c := range k.Commands {
				d := with(k, "state", quoted(s))
				was := shown(d)
				got, found, err := k.Do(name, d)
				switch {
				case shown(d) != was:
					t.Errorf("%s %s changed what it was given", name, k.Name)
				case !c.Can(s):
					if !errors.Is(err, record.ErrState) || got != nil {
						t.Errorf("%s %s in %s: %v", name, k.Name, s, err)
					}
				case err != nil || found != nil || k.State(got) != c.To:
					t.Errorf("%s %s in %s: %v %v, state %q want %q", name, k.Name, s, err, found, k.State(got), c.To)
				}
			}
		}
		for name, c := range k.Commands {
			if !c.Final {
				continue
			}
			empty := record.Doc{"state": json.RawMessage(quoted(strings.Fields(c.From)[0]))}
			if _, found, err := k.Do(name, empty); !errors.Is(err, record.ErrMend) || len(found) == 0 {
				t.Errorf("%s of an empty %s: %v", name, k.Name, err)
			}
		}
		if _, _, err := k.Do("no such", k.Example()); !errors.Is(err, record.ErrCommand) {
			t.Errorf("%s: no such command: %v", k.Name, err)
		}
		if got := k.State(record.Doc{}); got != k.First {
			t.Errorf("%s begins as %q, want %q", k.Name, got, k.First)
		}
	}
}

// TestActivate: the activated version is a copy that later edits do not touch; what waits
// to be activated is known field by field, and versions are counted.
func TestActivate(t *testing.T) {
	k, _ := record.Find("profile")
	d := record.Apply(k.Example(), doc(`{"state":null,"active":null,"version":null}`))
	if got := k.Pending(d, "active"); got != nil {
		t.Errorf("pending before the first activation: %v", got)
	}
	one, _, err := k.Do("activate", d)
	if err != nil || string(one["version"]) != "1" || len(k.Pending(one, "active")) != 0 {
		t.Fatalf("activate: %v, version %s, pending %v", err, one["version"], k.Pending(one, "active"))
	}
	edited := record.Apply(one, doc(`{"mode":"strict","skills":null,"newer":1}`))
	if got := fmt.Sprint(k.Pending(edited, "active")); got != "[mode newer skills]" {
		t.Errorf("pending after edits: %s", got)
	}
	var active record.Doc
	if err := json.Unmarshal(edited["active"], &active); err != nil || string(active["mode"]) != `"default"` {
		t.Errorf("an edit reached the activated version: %s, %v", edited["active"], err)
	}
	two, _, err := k.Do("activate", edited)
	if err != nil || string(two["version"]) != "2" || len(k.Pending(two, "active")) != 0 {
		t.Errorf("activate again: %v, version %s, pending %v", err, two["version"], k.Pending(two, "active"))
	}
	if err := json.Unmarshal(two["active"], &active); err != nil || active["active"] != nil || active["state"] != nil || active["version"] != nil {
		t.Errorf("the activated version holds itself: %s", two["active"])
	}
}

// TestRenew: three renewals, and no fourth (§14).
func TestRenew(t *testing.T) {
	k, _ := record.Find("posting")
	d := record.Apply(k.Example(), doc(`{"renewed":null}`))
	for i := 1; i <= 3; i++ {
		var err error
		if d, _, err = k.Do("renew", d); err != nil || string(d["renewed"]) != fmt.Sprint(i) {
			t.Fatalf("renewal %d: %v, %s", i, err, d["renewed"])
		}
	}
	if _, found, err := k.Do("renew", d); !errors.Is(err, record.ErrMend) || at(found, "renewed") != account.BadNumber {
		t.Errorf("fourth renewal: %v, %v", err, found)
	}
}

// TestNoClock: no check and no merge reads a clock, a disk or a die, so that both sides and
// every hour give the same answer.
func TestNoClock(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if at := regexp.MustCompile(`time\.(Now|Since|Until)|"(os|math/rand|math/rand/v2|crypto/rand|database/sql)"`).Find(b); at != nil {
			t.Errorf("%s uses %s", name, at)
		}
	}
}

// TestReasons: a report by an account has the reasons of one without.
func TestReasons(t *testing.T) {
	k, _ := record.Find("report")
	for _, f := range k.Fields {
		if f.Name != "reason" {
			continue
		}
		var want []string
		for _, r := range wire.Reasons {
			want = append(want, string(r))
		}
		if !slices.Equal(f.Values, want) {
			t.Errorf("reasons %v, want %v", f.Values, want)
		}
	}
}

// TestDocument writes all kinds and fields as a table, so that a change of one is read in
// review. UPDATE=1 rewrites it.
func TestDocument(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Kinds of private record\n\nWhat is said of a field: **needed** by a submission, *kept* by the server, its merge when it is not whole, its limit, its form, its values.\n")
	for _, k := range record.Kinds {
		fmt.Fprintf(&b, "\n## %s\n\nPartition: %s.", k.Name, k.Partition)
		if k.First != "" {
			fmt.Fprintf(&b, " Begins as %s.", k.First)
		}
		b.WriteString("\n\n| field | input | |\n|---|---|---|\n")
		for _, f := range k.Fields {
			var said []string
			for _, s := range []struct {
				is   bool
				text string
			}{
				{f.Needed, "**needed**"}, {f.Kept, "*kept*"}, {f.Policy == record.Set, "set"}, {f.Policy == record.Map, "map"},
				{f.Most > 0, fmt.Sprintf("at most %d", f.Most)}, {f.Form != "", "form " + string(f.Form)}, {f.Values != nil, strings.Join(f.Values, ", ")},
			} {
				if s.is {
					said = append(said, s.text)
				}
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", f.Name, f.Input, strings.Join(said, "; "))
		}
		if len(k.Commands) == 0 {
			continue
		}
		b.WriteString("\n| command | from | to | |\n|---|---|---|---|\n")
		var commands []string
		for name := range k.Commands {
			commands = append(commands, name)
		}
		slices.Sort(commands)
		for _, name := range commands {
			c := k.Commands[name]
			var said []string
			for _, s := range []struct {
				is   bool
				text string
			}{
				{c.Once, "once"}, {c.Final, "complete"}, {c.Server, "server or office"}, {c.Keep != "", "keeps a copy in " + c.Keep}, {c.Count != "", "counts " + c.Count},
			} {
				if s.is {
					said = append(said, s.text)
				}
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, strings.Join(strings.Fields(c.From), ", "), c.To, strings.Join(said, "; "))
		}
	}
	name := filepath.Join("testdata", "kinds.md")
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil || string(want) != b.String() {
		t.Errorf("%s is not what the kinds say (%v): UPDATE=1 rewrites it, and its diff is to be read", name, err)
	}
}
