package ui

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/cache"
	"passerelle/store/record"
	"passerelle/sync/replica/replicatest"
	"passerelle/sync/session"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// profiled opens a window at which somebody sits who has no profile yet.
func profiled(t *testing.T, o setup) (*bench, *replicatest.Records) {
	t.Helper()
	r, err := replicatest.Open(t.Context(), t.TempDir(), "acct-1", func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.File.Close() })
	o.private = r
	return enter(t, newHouse().in(0, session.Online), o), r
}

var own = cache.Ref{Partition: "person/acct-1", Kind: "profile", Record: record.ProfileOf("acct-1")}

func kept(t *testing.T, r *replicatest.Records) string {
	t.Helper()
	x, err := r.Get(t.Context(), own)
	if err != nil {
		return err.Error()
	}
	b, err := json.Marshal(x.Doc)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// box uses the box of a label, whatever it says besides.
func (b *bench) box(t *testing.T, label string) {
	t.Helper()
	for _, f := range focusables(b.Canvas().Content()) {
		if c, ok := f.(*part.Check); ok && strings.HasPrefix(strings.TrimLeft(c.AccessibilityLabel(), "☐☑ "), label) {
			b.Canvas().Focus(f)
			b.key(fyne.KeySpace)
			return
		}
	}
	t.Fatalf("no box is called %q: %q", label, labels(focusables(b.Canvas().Content())))
}

// TestProfileByKeys fills in a profile from its first step to its last by keys alone, and in
// every step the record has what was chosen at once.
//
// Rows
func TestProfileByKeys(t *testing.T) {
	b, r := profiled(t, setup{height: 2400, width: 1280})
	w := i18n.For(i18n.French)
	has := func(step string, want ...string) {
		t.Helper()
		for _, x := range want {
			if got := kept(t, r); !strings.Contains(got, x) {
				t.Errorf("%s: %s is not in %s", step, x, got)
			}
		}
	}
	b.press(t, w.S(i18n.NavProfile))
	if v := b.Sight(); v.Route != "profile" || !strings.HasPrefix(v.Focus, w.S(i18n.ProfilePlacesFind)) {
		t.Fatalf("at %s the keyboard is on %q", v.Route, v.Focus)
	}
	b.shoot(t, "profile-1-places")
	b.typed("rimous")
	b.shoot(t, "profile-1-places-found")
	b.key(fyne.KeyDown, fyne.KeyReturn)
	if v := b.Sight(); !strings.HasPrefix(v.Focus, w.S(i18n.ProfilePlacesFind)) {
		t.Errorf("chosen, the keyboard is on %q", v.Focus)
	}
	b.typed("g5l1a1") // of the same city
	b.typed(" ")
	b.key(fyne.KeyReturn)
	b.Canvas().Focused().(*part.Entry).SetText("")
	b.hand.settle()
	b.typed("new brunswick")
	b.key(fyne.KeyReturn)
	has("places", `"Rimouski, QC"`, `"NB"`, `"mode":"default"`)
	b.box(t, w.S(i18n.WorkplaceHybrid))
	has("workplaces", `"workplaces":["h"]`)
	b.press(t, w.S(i18n.CommonContinue))

	if v := b.Sight(); !strings.HasPrefix(v.Focus, w.S(i18n.ProfileWorkFind)) {
		t.Fatalf("second page: the keyboard is on %q", v.Focus)
	}
	b.typed("welder")
	b.key(fyne.KeyDown, fyne.KeyReturn)
	has("title", `"experience":{"72106":"1"}`)
	if v := b.Sight(); !strings.HasPrefix(v.Focus, w.S(i18n.ProfileWorkLengthOf, "Title", "")[:5]) {
		t.Errorf("a title was added, and the keyboard is on %q", v.Focus)
	}
	b.key(fyne.KeyDown, fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn)
	has("length", `"72106":"4"`)
	b.shoot(t, "profile-2-experience")
	ids := b.s.Profile.Works()[0].Lists[0].IDs
	if len(ids) == 0 {
		t.Fatal("the title has no skills")
	}
	b.box(t, b.s.Profile.Word("skills", ids[0]))
	has("skills", ids[0])
	b.press(t, w.S(i18n.SkillsMore))
	if v := b.Sight(); !strings.HasPrefix(v.Focus, w.S(i18n.ProfileSkillsFind)) {
		t.Errorf("the field that adds skills has not the keyboard: %q", v.Focus)
	}
	b.typed("forklift")
	b.shoot(t, "profile-2-more")
	if len(b.s.Profile.Finders[state.FindSkill].Found) == 0 {
		t.Fatal("nothing is found in the other language")
	}
	want := b.s.Profile.Finders[state.FindSkill].Found[0].Value
	b.key(fyne.KeyReturn)
	has("more skills", want)
	b.press(t, w.S(i18n.CommonContinue))
	b.box(t, "Collégial")
	has("education", `"education":["4"]`)
	b.shoot(t, "profile-3-education")
	b.press(t, w.S(i18n.CommonContinue))
	b.typed("sceau rouge")
	b.key(fyne.KeyReturn)
	has("credentials", "ps:red-seal")
	b.shoot(t, "profile-4-credentials")
	b.press(t, w.S(i18n.CommonContinue))

	if !b.sees(w.S(i18n.ProfileDraft)) || !b.sees(w.S(i18n.ProfileCompleteAll)) {
		t.Errorf("the review reads %q", b.Sight().Texts)
	}
	b.shoot(t, "profile-5-review")
	b.press(t, w.S(i18n.ProfileActivate))
	has("activation", `"state":"active"`, `"version":1`)
	if !b.sees(w.S(i18n.ProfileComing)) || b.Sight().Focus == "" {
		t.Errorf("activated without a network: %q, the keyboard on %q", b.Sight().Texts, b.Sight().Focus)
	}
	b.shoot(t, "profile-6-coming")
	for _, f := range focusables(b.Canvas().Content()) {
		if x, ok := f.(*part.Radio); ok {
			b.Canvas().Focus(x)
			b.key(fyne.KeyRight)
			break
		}
	}
	has("mode", `"mode":"strict"`, `"version":2`)
	b.press(t, w.S(i18n.ProfileFinish))
	if !b.sees(w.S(i18n.ProfileOverview)) || b.s.Profile.Walking {
		t.Errorf("the walk goes on: %q", b.Sight().Texts)
	}

	b.press(t, w.S(i18n.ProfileSectionEditOf, "Name", w.S(i18n.ProfileStudies)))
	b.box(t, "Collégial")
	b.box(t, "Baccalauréat")
	if !b.sees(w.N(i18n.ProfilePending, 1)) {
		t.Errorf("on a section, what waits to be activated is not told: %q", b.Sight().Texts)
	}
	b.key(fyne.KeyEscape)
	if !b.sees(w.N(i18n.ProfilePending, 1)) || !b.sees(w.S(i18n.ProfileDiffAdded, "What", "Baccalauréat")) || !b.sees(w.S(i18n.ProfileDiffRemoved, "What", "Collégial")) {
		t.Errorf("the difference reads %q", b.Sight().Texts)
	}
	b.shoot(t, "profile-7-changed")
	b.press(t, w.S(i18n.ProfileActivateChanges))
	has("changes", `"version":3`)
	b.press(t, w.S(i18n.ProfileDeactivate))
	has("rest", `"state":"inactive"`)
}

// TestProfileSuggest: from under a list of skills, one that lacks is suggested for that title
// and that category by keys; from a search that finds no credential, a credential. The
// profile stays as it is, byte by byte, and what was sent is listed.
//
// Rows
func TestProfileSuggest(t *testing.T) {
	b, r := profiled(t, setup{height: 2400, width: 1280, lang: i18n.English})
	w := i18n.For(i18n.English)
	doc := replicatest.Doc(`{"places":["CA"],"mode":"default","experience":{"72106":"5"}}`)
	if err := r.Put(t.Context(), own, doc); err != nil {
		t.Fatal(err)
	}
	before := kept(t, r)
	b.Go("profile")
	b.hand.settle()
	b.press(t, w.S(i18n.ProfileSectionEditOf, "Name", w.S(i18n.ProfileSkillsName)))
	list := b.s.Profile.Works()[0].Lists[0]
	label := w.S(i18n.ProfileSkillsSuggestOf, "Category", list.Title, "Title", b.s.Profile.Works()[0].Title)
	b.press(t, label)
	if v := b.Sight(); !strings.HasPrefix(v.Focus, w.S(i18n.ProfileSuggestText)) {
		t.Fatalf("the keyboard is on %q", v.Focus)
	}
	b.shoot(t, "profile-suggest")
	b.key(fyne.KeyReturn)
	if !b.sees(w.S(i18n.ProfileSuggestEmpty)) || !strings.HasPrefix(b.Sight().Focus, w.S(i18n.ProfileSuggestText)) {
		t.Errorf("nothing was written: %q, the keyboard on %q", b.Sight().Texts, b.Sight().Focus)
	}
	b.typed("Weld aluminum overhead")
	b.key(fyne.KeyReturn)
	if v := b.Sight(); v.Focus != label {
		t.Errorf("sent, the keyboard is on %q", v.Focus)
	}
	b.key(fyne.KeyEscape)
	b.press(t, w.S(i18n.ProfileSectionEditOf, "Name", w.S(i18n.CredSection)))
	b.typed("xyzzy card")
	if !b.sees(w.S(i18n.ProfileCredNotFound)) {
		t.Errorf("nothing is found, and it reads %q", b.Sight().Texts)
	}
	b.press(t, w.S(i18n.CredSuggest))
	b.shoot(t, "profile-suggest-credential")
	b.key(fyne.KeyReturn)
	b.Go("profile")
	b.s.Profile.Open(state.ProfileExperience)
	b.hand.settle()
	b.typed("xyzzy")
	b.press(t, w.S(i18n.ProfileSuggestTitle))
	b.key(fyne.KeyReturn)
	if got := kept(t, r); got != before {
		t.Errorf("the profile was %s and is %s", before, got)
	}
	all, err := r.List(t.Context(), "suggestion")
	var said []string
	for _, x := range all {
		said = append(said, fmt.Sprintf("%s %s %s %s %s", x.Doc["what"], x.Doc["text"], x.Doc["noc"], x.Doc["category"], x.Doc["lang"]))
	}
	slices.Sort(said)
	if want := []string{`"credential" "xyzzy card"  "credentials" "en"`, `"skill" "Weld aluminum overhead" "72106" "tasks" "en"`}; err != nil || !slices.Equal(said, want) {
		t.Errorf("suggested %q, want %q (%v)", said, want, err)
	}
	if letters, err := r.List(t.Context(), "message"); err != nil || len(letters) != 1 || string(letters[0].Doc["wanted"]) != `"title"` {
		t.Errorf("messages: %v, %v", letters, err)
	}
	b.key(fyne.KeyEscape, fyne.KeyEscape) // what was looked for, then the section
	if !b.sees("Weld aluminum overhead") || !b.sees("xyzzy card") || !b.sees(w.S(i18n.ProfileSuggestWaits)) {
		t.Errorf("what was suggested is not listed: %q", b.Sight().Texts)
	}
	b.shoot(t, "profile-suggestions")
}

// TestProfileNotClipped measures every page of the profile, and goes round it by Tab, in both
// languages, three themes, at 100 and 200 %, in wide and narrow windows.
//
// Rows
func TestProfileNotClipped(t *testing.T) {
	for i, o := range []setup{{}, {lang: i18n.English, percent: 200}, {percent: 200, width: 1000, height: 700},
		{mode: look.Contrast, percent: 150, width: 700, height: 700}, {lang: i18n.English, mode: look.Dark}} {
		b, r := profiled(t, o)
		err := r.Synced(t.Context(), "profile", own.Partition, "acct-1", map[string]string{own.Record: `{"places":["Rimouski, QC","NB","CA"],"workplaces":["h","r"],"mode":"strict",
			"express":true,"experience":{"72106":"5","63200":"7"},"skills":["ps:prepare-and-cook-full-dishes"],"credentials":["ps:red-seal"],"state":"active","version":2,
			"active":{"places":["Rimouski, QC"],"mode":"default","experience":{"63200":"7"}}}`})
		if err != nil {
			t.Fatal(err)
		}
		b.Go("profile")
		b.hand.settle()
		for _, walking := range []bool{false, true} {
			for _, page := range []state.ProfilePage{state.ProfilePlaces, state.ProfileExperience, state.ProfileEducation, state.ProfileCredentials, state.ProfileOverview} {
				p := b.s.Profile
				p.Walking = walking
				p.Open(page)
				b.hand.settle()
				for what, text := range map[state.ProfilePage][2]string{state.ProfilePlaces: {state.FindPlace, "saint"}, state.ProfileExperience: {state.FindTitle, "souder"},
					state.ProfileCredentials: {state.FindCredential, "xyzzy"}} {
					if what == page && !walking {
						p.Find(text[0], text[1])
					}
				}
				if page == state.ProfileExperience && !walking {
					p.ShowMore()
					p.Suggest("skill", "63200", "tasks", "a")
				}
				b.hand.settle()
				where := fmt.Sprint("profile ", page, walking)
				b.unclipped(t, o, where)
				b.shoot(t, fmt.Sprintf("profile-look-%d-%s-%v", i, page, walking))
				b.round(t, where)
			}
		}
	}
}

// round goes by Tab until it comes back, and leaves nothing out.
func (b *bench) round(t *testing.T, where string) {
	t.Helper()
	want := focusables(b.Canvas().Content())
	start, got := b.Canvas().Focused(), map[fyne.Focusable]bool{}
	for range 300 {
		f := b.Canvas().Focused()
		got[f] = true
		if a, ok := f.(fyne.Accessible); !ok || strings.TrimSpace(a.AccessibilityLabel()) == "" {
			t.Errorf("%s: %T has no name", where, f)
		}
		if b.Canvas().FocusNext(); b.Canvas().Focused() == start {
			break
		}
	}
	for _, f := range want {
		if !got[f] {
			t.Errorf("%s: Tab leaves out %q", where, labels([]fyne.Focusable{f}))
		}
	}
}

// TestSuggestFromContact: each of what a list may lack is a topic of the page of contact, which
// leads to where it is written, whatever of the profile was read before; before one has signed
// in it says so.
//
// Rows
func TestSuggestFromContact(t *testing.T) {
	w := i18n.For(i18n.French)
	for _, x := range []struct {
		what string
		act  i18n.Key
		page state.ProfilePage
	}{{"title", i18n.ProfileSuggestTitle, state.ProfileExperience}, {"study", i18n.ProfileSuggestStudy, state.ProfileEducation}, {"credential", i18n.CredSuggest, state.ProfileCredentials}} {
		for _, read := range []bool{false, true} {
			b, r := profiled(t, setup{height: 1400})
			if read {
				b.Go("profile")
				b.hand.settle()
			}
			b.Go("contact")
			b.hand.settle()
			b.shoot(t, "contact-suggest")
			b.press(t, w.S(x.act))
			if v := b.Sight(); v.Route != "profile" || b.s.Profile.Page != x.page || !strings.HasPrefix(v.Focus, w.S(i18n.ProfileSuggestText)) {
				t.Fatalf("%s, read before %v: at %s, %s, the keyboard is on %q", x.what, read, v.Route, b.s.Profile.Page, v.Focus)
			}
			b.typed("Conduite de traîneaux")
			b.key(fyne.KeyReturn)
			kind := map[bool]string{true: "suggestion", false: "message"}[x.what == "credential"]
			all, err := r.List(t.Context(), kind)
			if err != nil || len(all) != 1 || string(all[0].Doc["text"]) != `"Conduite de traîneaux"` || kind == "message" && string(all[0].Doc["wanted"]) != `"`+x.what+`"` {
				t.Errorf("%s: sent %v (%v)", x.what, all, err)
			}
		}
	}
	b := enter(t, newHouse(), setup{height: 1400})
	b.Go("contact")
	b.hand.settle()
	if !b.sees(w.S(i18n.ContactSuggestNobody)) || b.sees(w.S(i18n.ProfileSuggestTitle)) {
		t.Errorf("before one has signed in: %q", b.Sight().Texts)
	}
}

// TestProfileStays: in large text, where a page is longer than the window, a box that was ticked
// stays in sight.
//
// Rows
func TestProfileStays(t *testing.T) {
	b, r := profiled(t, setup{percent: 200, lang: i18n.English})
	if err := r.Put(t.Context(), own, replicatest.Doc(`{"places":["CA"],"mode":"default","experience":{"72106":"5"}}`)); err != nil {
		t.Fatal(err)
	}
	b.Go("profile")
	b.hand.settle()
	b.s.Profile.Open(state.ProfileExperience)
	b.hand.settle()
	works := b.s.Profile.Works()
	label := b.s.Profile.Word("skills", works[0].Lists[0].IDs[0])
	b.box(t, label)
	if v := b.Sight(); !strings.Contains(v.Focus, label) || !slices.ContainsFunc(v.Texts, func(x string) bool { return x == v.Focus }) {
		t.Errorf("ticked, the keyboard is on %q, and the window shows %q", v.Focus, v.Texts)
	}
}
