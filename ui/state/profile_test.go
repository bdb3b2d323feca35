package state

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/record"
	"passerelle/store/skill"
	"passerelle/sync/wire"
)

var mine = cache.Ref{Partition: "person/ada", Kind: "profile", Record: record.ProfileOf("ada")}

func (d *desktop) profile() *Profile {
	d.Profile.Load()
	d.hand.run()
	return d.Profile
}

// killed is the profile as a new run of the program finds it.
func (d *desktop) killed() *Profile {
	d.Profile = newProfile(d.State)
	return d.profile()
}

// TestProfileResumes: after each step the program ends, and the next one finds what was
// chosen and goes on at the same step.
//
// Rows
func TestProfileResumes(t *testing.T) {
	d, r := signedIn(t, i18n.French)
	p := d.profile()
	if p.Page != ProfilePlaces || !p.Walking {
		t.Fatalf("whoever has no profile begins at %q", p.Page)
	}
	for i, step := range []struct {
		page ProfilePage
		do   func()
		want string
	}{
		{ProfilePlaces, func() { p.Choose(FindPlace, Listed{Value: "Rimouski, QC"}); p.Tick("workplaces", "h", true) }, `"places":["Rimouski, QC"],"workplaces":["h"]`},
		{ProfileExperience, func() { p.Choose(FindTitle, Listed{Value: "72106"}); p.AddWork("72106", "7"); p.SetExpress(true) }, `"experience":{"72106":"7"}`},
		{ProfileEducation, func() { p.Tick("education", "4", true) }, `"education":["4"]`},
		{ProfileCredentials, func() { p.Choose(FindCredential, Listed{Value: "ps:red-seal"}) }, `"credentials":["ps:red-seal"]`},
		{ProfileOverview, func() { p.Activate() }, `"version":1`},
		{ProfileOverview, func() { p.SetMode("strict") }, `"mode":"strict"`},
	} {
		if p.Page != step.page || !p.Walking {
			t.Fatalf("step %d is at %q, walking %v, want %q", i, p.Page, p.Walking, step.page)
		}
		step.do()
		d.hand.run()
		p = d.killed()
		if got := fields(t, r, mine); !strings.Contains(got, step.want) || p.Page != step.page {
			t.Errorf("after %q: at %q with %s, want %s", step.page, p.Page, got, step.want)
		}
		if step.page != ProfileOverview {
			p.Next()
			d.hand.run()
			p = d.killed()
		}
	}
	if _, at := p.Steps(); at != 7 || !p.Flag("express") {
		t.Errorf("at step %d of seven", at)
	}
	p.Finish()
	d.hand.run()
	if p = d.killed(); p.Page != ProfileOverview || p.Walking {
		t.Errorf("done, and it begins at %q", p.Page)
	}
	x, err := r.Get(t.Context(), mine)
	must(t, err)
	for _, s := range p.kind().Verify(x.Doc, true) {
		t.Errorf("what was written is wrong: %v", s)
	}
}

// TestProfileStates goes through every state of a profile, offline and once the service has
// answered, with what can be done from each; an edit touches nothing of the activated version.
//
// Rows
func TestProfileStates(t *testing.T) {
	d, r := signedIn(t, i18n.English)
	p, w := d.profile(), d.Words()
	answer := func() {
		t.Helper()
		for range 4 { // one change of a record leaves after the other
			must(t, r.Answer(t.Context(), func(m cache.Mutation) cache.Result {
				return cache.Result{Outcome: string(wire.Applied), Ver: m.Base + 1}
			}))
		}
		p.Load()
		d.hand.run()
	}
	is := func(st ProfileStanding, activate, rest bool) {
		t.Helper()
		name, why := p.StandingWords()
		if p.Standing() != st || p.CanActivate() != activate || p.CanRest() != rest || name == "" || why == "" {
			t.Errorf("it is %s (%q), to activate %v, to rest %v; want %s, %v, %v", p.Standing(), name, p.CanActivate(), p.CanRest(), st, activate, rest)
		}
	}
	is(ProfileDraft, true, false)
	if p.Activate() || !p.Bare() || len(p.Missing()) != 1 || p.Missing()[0].Text != w.S(i18n.ProfilePlacesNeeded) || p.Missing()[0].Page != ProfilePlaces {
		t.Errorf("an empty one: %+v", p.Missing())
	}
	p.Tick("places", "CA", true)
	p.Tick("education", "3", true)
	d.hand.run()
	if p.Bare() {
		t.Error("one of the four sections is filled in, and it is still told to be empty")
	}
	p.Activate()
	d.hand.run()
	is(ProfileComing, false, true)
	answer()
	is(ProfileActive, false, true)
	before := fields(t, r, mine)
	p.Tick("education", "3", false)
	p.Tick("education", "5", true)
	p.SetExpress(true)
	d.hand.run()
	is(ProfileChanged, true, true)
	var was, now struct{ Active json.RawMessage }
	must(t, json.Unmarshal([]byte(before), &was))
	must(t, json.Unmarshal([]byte(fields(t, r, mine)), &now))
	if string(was.Active) != string(now.Active) || p.Count() != 2 {
		t.Errorf("edits reached what is matched: %s, then %s; %d are told", was.Active, now.Active, p.Count())
	}
	c := p.Changes()
	if len(c) != 2 || !slices.Equal(c[0].Added, []string{"Bachelor's degree"}) && len(c[0].Added) != 1 || len(c[0].Removed) != 1 || c[1].Is != w.S(i18n.RecordvalueYes) || c[1].Was != w.S(i18n.RecordvalueNone) {
		t.Errorf("the difference is %+v", c)
	}
	p.Activate()
	d.hand.run()
	answer()
	is(ProfileActive, false, true)
	if p.Version() != 2 || len(p.Changes()) != 0 {
		t.Errorf("version %d, %+v", p.Version(), p.Changes())
	}
	p.SetMode("strict") // of an active one it holds at once
	d.hand.run()
	answer()
	if is(ProfileActive, false, true); p.Version() != 3 || p.Mode() != "strict" {
		t.Errorf("mode %s of version %d", p.Mode(), p.Version())
	}
	p.Deactivate()
	d.hand.run()
	is(ProfileLeaving, true, false)
	answer()
	is(ProfileInactive, true, false)
	p.Tick("places", "NB", true)
	p.Activate()
	d.hand.run()
	answer()
	if is(ProfileActive, false, true); p.Version() != 4 {
		t.Errorf("active again as version %d", p.Version())
	}
}

// TestProfileMerges: what a sync brings while somebody fills it in stays beside what they
// choose, also when it came between reading and writing; a clash waits for them.
//
// Rows
func TestProfileMerges(t *testing.T) {
	d, r := signedIn(t, i18n.French)
	p := d.profile()
	p.Tick("places", "QC", true)
	d.hand.run()
	must(t, r.Synced(t.Context(), "profile", mine.Partition, "ada", map[string]string{mine.Record: `{"places":["NB"],"education":["2"],"mode":"default","newer":7}`}))
	p.Tick("skills", "ps:create-new-recipes", true) // the page knows nothing of it yet
	d.hand.run()
	for _, want := range []string{`"NB"`, `"QC"`, `"education":["2"]`, `"newer":7`, "ps:create-new-recipes"} {
		if got := fields(t, r, mine); !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
	if !p.Has("places", "NB") || !p.Has("places", "QC") {
		t.Errorf("the page shows %q", p.Values("places"))
	}
	p.AddWork("72106", "5")
	d.hand.run()
	must(t, r.Synced(t.Context(), "profile", mine.Partition, "ada", map[string]string{mine.Record: `{"places":["NB"],"experience":{"72106":"8"},"mode":"default"}`}))
	p.Load()
	d.hand.run()
	if p.Conflicts != 1 {
		t.Errorf("%d conflicts are told, want one", p.Conflicts)
	}
}

// TestProfileLists: the skills are those of the titles, without repeats; what is looked for
// in either language finds the same; free text enters nothing.
//
// Rows
func TestProfileLists(t *testing.T) {
	d, r := signedIn(t, i18n.French)
	p := d.profile()
	ids := func() (all []string) {
		for _, w := range p.Works() {
			for _, l := range w.Lists {
				all = append(all, l.IDs...)
			}
		}
		return all
	}
	p.AddWork("63200", "")
	one := ids()
	p.AddWork("62200", "")
	two := ids()
	for _, id := range one {
		if !slices.Contains(two, id) {
			t.Errorf("%s went with another title", id)
		}
	}
	slices.Sort(two)
	if len(two) <= len(one) || len(slices.Compact(slices.Clone(two))) != len(two) {
		t.Errorf("%d skills of one title, %d of two: %q", len(one), len(two), two)
	}
	p.Tick("skills", one[0], true)
	p.DropWork("63200")
	p.DropWork("62200")
	if got := p.Others(); !slices.Equal(got, one[:1]) {
		t.Errorf("without its title, %q are told among the others", got)
	}
	found := map[string][]string{}
	for _, text := range []string{"soud", "weld", "zzzz"} {
		p.Find(FindSkill, text)
		d.hand.run()
		for _, x := range p.Finders[FindSkill].Found {
			found[text] = append(found[text], x.Value)
			if c, ok := skill.Get(x.Value); !ok || !c.Skill() {
				t.Errorf("%s offers %s", text, x.Value)
			}
		}
	}
	if !slices.ContainsFunc(found["soud"], func(id string) bool { return slices.Contains(found["weld"], id) }) || found["zzzz"] != nil || !p.Finders[FindSkill].Done {
		t.Errorf("found %q", found)
	}
	if _, ok := p.Enter(FindSkill); ok {
		t.Error("what was typed and not found was taken")
	}
	for what, field := range map[string]string{FindPlace: "places", FindTitle: "experience", FindSkill: "skills", FindCredential: "credentials"} {
		before := fields(t, r, mine)
		p.Choose(what, Listed{Value: "de mes propres mots"})
		d.hand.run()
		if p.ProblemOf != field || p.Problem == "" {
			t.Errorf("free text in %s: %q of %q", field, p.Problem, p.ProblemOf)
		}
		if got := fields(t, r, mine); what == FindPlace && got == before {
			continue
		} else if strings.Contains(got, "propres mots") {
			t.Errorf("free text entered %s: %s", field, got)
		}
	}
	for text, want := range map[string]string{"rimous": "Rimouski, QC", "G5L 1A1": "Rimouski, QC", "new bruns": "NB", "nouveau-br": "NB", "tout le can": "CA", "canada": "CA", "all of": "CA"} {
		p.Find(FindPlace, text)
		d.hand.run()
		if !slices.ContainsFunc(p.Finders[FindPlace].Found, func(x Listed) bool { return x.Value == want }) {
			t.Errorf("%q finds %v, want %s", text, p.Finders[FindPlace].Found, want)
		}
	}
}

// TestProfileSuggests: what is suggested becomes a record of its own; the profile does not
// change by a byte, and a suggestion that another desk or the team moved on shows where it is.
//
// Rows
func TestProfileSuggests(t *testing.T) {
	d, r := signedIn(t, i18n.French)
	p := d.profile()
	p.Tick("places", "CA", true)
	d.hand.run()
	before := fields(t, r, mine)
	p.Suggest("skill", "72106", "tasks", "")
	sent := ""
	p.SendSuggestion(func(s string) { sent = s })
	if d.hand.run(); p.Suggesting.Err == "" || sent != "" {
		t.Error("nothing is suggested, and it is sent")
	}
	p.TypeSuggestion("Souder sous l'eau")
	p.SendSuggestion(func(s string) { sent = s })
	d.hand.run()
	if sent == "" || fields(t, r, mine) != before || len(p.Suggestions()) != 1 || p.Suggestions()[0].State != d.Words().S(i18n.ProfileSuggestWaits) {
		t.Errorf("sent %q, listed %+v, the profile is %s", sent, p.Suggestions(), fields(t, r, mine))
	}
	all, err := r.List(t.Context(), "suggestion")
	must(t, err)
	must(t, r.Synced(t.Context(), "suggestion", mine.Partition, "team", map[string]string{"other": `{"what":"credential","text":"Permis de drone","lang":"fr","state":"review"}`}))
	p.Load()
	d.hand.run()
	if len(all) != 1 || string(all[0].Doc["noc"]) != `"72106"` || string(all[0].Doc["category"]) != `"tasks"` || len(p.Suggestions()) != 2 {
		t.Errorf("kept %v, listed %+v", all, p.Suggestions())
	}
	if i := slices.IndexFunc(p.Suggestions(), func(l SuggestionLine) bool { return l.State == "À l'étude" }); i < 0 {
		t.Errorf("none is under review: %+v", p.Suggestions())
	}
}
