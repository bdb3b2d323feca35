package posting

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"passerelle/i18n"
)

// doc is what one language's document of a posting says.
func doc(l i18n.Lang, title, noc string, sure uint8) Posting {
	p := Posting{Card: Card{Source: "p", SourceID: "1", NOC: noc, Confidence: sure, Posted: 1, Ends: 31}}
	if l == i18n.French {
		p.Title.FR = title
	} else {
		p.Title.EN = title
	}
	p.Texts = []Text{{Lang: l, Sections: []Section{{Kind: Tasks, Items: []Item{{ID: "jb:1", Text: title}}}}}}
	return p
}

// TestMergeLanguages holds that two documents of one posting are one row, whichever
// comes first, and that reading either again changes nothing.
//
// Rows: X-002
func TestMergeLanguages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom([]string{"", "63200", "64100"})
		sure := rapid.SampledFrom([]uint8{60, 90, 95})
		draw := func(l i18n.Lang, title string) Posting {
			p := doc(l, title, code.Draw(t, "code"), 0)
			if p.NOC != "" {
				p.Confidence = sure.Draw(t, "confidence")
			}
			p.Wage.Text = rapid.SampledFrom([]string{"", title}).Draw(t, "wage")
			p.URL = rapid.SampledFrom([]string{"", "https://example.org/" + string(l)}).Draw(t, "URL")
			p.Pay = []string{"pay " + title}
			p.Apply = []Method{{Kind: ApplyPhone, Value: "418-555-0101", Hours: "hours " + title}, {Kind: ApplyMail, Value: "10 " + title}}
			return p
		}
		fr, en := draw(i18n.French, "cuisinier"), draw(i18n.English, "cook")
		both := Merge(en, fr)
		if other := Merge(fr, en); !reflect.DeepEqual(both, other) {
			t.Fatalf("French after English gives\n%+v\nEnglish after French\n%+v", both, other)
		}
		if len(both.Langs()) != 2 || len(both.Texts) != 2 || both.Texts[0].Lang != i18n.French {
			t.Fatalf("joined: %+v", both)
		}
		for _, again := range []Posting{fr, en} {
			if got := Merge(both, again); !reflect.DeepEqual(got, both) {
				t.Fatalf("reading %v again gives\n%+v\nnot\n%+v", again.Langs(), got, both)
			}
		}
		if got := Merge(en, en); !reflect.DeepEqual(got, en) {
			t.Fatalf("one document twice gives %+v, not %+v", got, en)
		}
	})
}

// TestMergeUpdate holds that what a source says now replaces what it said, and that the
// row stays the same row.
func TestMergeUpdate(t *testing.T) {
	old := Merge(doc(i18n.English, "cook", "63200", 90), doc(i18n.French, "cuisinier", "63200", 90))
	old.ID, old.Number, old.State = 7, 100_000_007, Closed
	now := doc(i18n.English, "baker", "63202", 95)
	now.Wage = Wage{Unit: Hourly, Min: 2000}
	now.Ends = 45
	got := Merge(old, now)
	if got.ID != 7 || got.Number != 100_000_007 || got.State != Closed {
		t.Errorf("the row changed: id %d, number %d, state %q", got.ID, got.Number, got.State)
	}
	if got.Title != (Both{FR: "cuisinier", EN: "baker"}) || got.Texts[0].Sections[0].Items[0].Text != "cuisinier" || got.Texts[1].Sections[0].Items[0].Text != "baker" {
		t.Errorf("texts: %+v, %+v", got.Title, got.Texts)
	}
	if got.NOC != "63202" || got.Ends != 45 || got.Wage.Min != 2000 {
		t.Errorf("facts: %s, ends %d, %+v; want those of now", got.NOC, got.Ends, got.Wage)
	}
	stated := doc(i18n.English, "cook", "64100", 100)
	if got := Merge(old, stated); got.NOC != "64100" || got.Confidence != 100 {
		t.Errorf("a stated code gives %s at %d", got.NOC, got.Confidence)
	}
	wordy := old
	wordy.Wage = Wage{Unit: Hourly, Min: 1500, Text: "15 $ (à négocier)"}
	if got := Merge(wordy, now); got.Wage.Text != "" {
		t.Errorf("wording %q stays on a wage that changed", got.Wage.Text)
	}
}
