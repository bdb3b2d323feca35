package page

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"pgregory.net/rapid"

	"passerelle/i18n"
	"passerelle/store/personal"
)

func item(t interface{ Fatal(...any) }, id string, b personal.Body) personal.Item {
	text, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return personal.Item{Kind: b.Kind(), ID: id, Body: text, Made: now.Add(-time.Hour), Changed: now}
}

func calendarOf(t interface {
	Helper()
	Fatalf(string, ...any)
}, items ...personal.Item) (string, *ics.Calendar) {
	t.Helper()
	var b bytes.Buffer
	n, err := Calendar(&b, i18n.For(i18n.French), items)
	if err != nil {
		t.Fatalf("Calendar: %v", err)
	}
	if n == 0 {
		if b.Len() > 0 {
			t.Fatalf("no event, and yet %q", b.String())
		}
		return "", nil
	}
	cal, err := ics.ParseCalendar(bytes.NewReader(b.Bytes()))
	if err != nil || len(cal.Events()) != n {
		t.Fatalf("read again: %v, %d events:\n%s", err, n, b.String())
	}
	return b.String(), cal
}

// TestCalendar writes what RFC 5545 asks for: lines end in CRLF and fold at 75 octets, each
// event has a UID and a stamp, a zone is named and described, and an alarm rings before.
//
// Rows: X-023
func TestCalendar(t *testing.T) {
	app := personal.Application{State: personal.Interview, Title: "Soudeuse, « chantier »; nuit", Employer: "Chantier du Quai (fictif)", Place: "Matane", Next: "Relancer", Day: "2026-12-01"}
	text, cal := calendarOf(t,
		item(t, "r-1", personal.Reminder{Text: "Entrevue avec l'équipe de nuit du chantier, à l'entrée côté fleuve, demander à l'accueil œ\nsalle 2", At: "2026-11-23T09:00", Zone: "America/Toronto", Length: 45, Before: 15, Item: personal.KindApplication, ID: "a-1"}),
		item(t, "r-2", personal.Reminder{Text: "Fini", At: "2026-07-01T09:00", Zone: "America/Toronto", Done: true}),
		item(t, "r-3", personal.Reminder{Text: "Bad", At: "demain", Zone: "America/Toronto"}),
		item(t, "a-1", app), item(t, "a-2", personal.Application{State: personal.ToApply, Title: "Sans jour"}),
		item(t, "n-1", personal.Note{Posting: 1, Text: "secret"}))
	if strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\n") || !strings.HasSuffix(text, "END:VCALENDAR\r\n") {
		t.Errorf("lines do not end in CRLF: %q", text)
	}
	for _, line := range strings.Split(text, "\r\n") {
		if len(line) > 75 {
			t.Errorf("%d octets: %s", len(line), line)
		}
	}
	unfolded := strings.ReplaceAll(text, "\r\n ", "")
	for _, want := range []string{"BEGIN:VTIMEZONE\r\nTZID:America/Toronto\r\n", "UID:r-1\r\n", "DTSTAMP:20261122T120000Z\r\n", "DTSTART;TZID=America/Toronto:20261123T090000\r\n", "DURATION:PT45M\r\n", "TRIGGER:-PT15M\r\n",
		"SEQUENCE:3600\r\n", "DTSTART;VALUE=DATE:20261201\r\n", "DTEND;VALUE=DATE:20261202\r\n", "SUMMARY:Relancer – Soudeuse\\, « chantier »\\; nuit\r\n", "LOCATION:Matane\r\n", "ACTION:DISPLAY\r\n",
		"BEGIN:STANDARD\r\nDTSTART:20251102T020000\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nTZNAME:EST\r\n", "BEGIN:DAYLIGHT\r\nDTSTART:20260308T020000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\n"} {
		if !strings.Contains(unfolded, want) {
			t.Errorf("no %q in\n%s", want, unfolded)
		}
	}
	if strings.Contains(unfolded, "secret") || strings.Count(unfolded, "BEGIN:VALARM") != 2 || len(cal.Events()) != 3 {
		t.Errorf("%d events, %d alarms:\n%s", len(cal.Events()), strings.Count(unfolded, "BEGIN:VALARM"), unfolded)
	}
	if e := cal.Events()[0]; e.GetProperty(ics.ComponentPropertySummary).Value != "Entrevue avec l'équipe de nuit du chantier, à l'entrée côté fleuve, demander à l'accueil œ salle 2" {
		t.Errorf("summary %q", e.GetProperty(ics.ComponentPropertySummary).Value)
	}
	again, _ := calendarOf(t, item(t, "a-1", app))
	if once, _ := calendarOf(t, item(t, "a-1", app)); once != again {
		t.Error("the same item is another text")
	}
	if empty, _ := calendarOf(t, item(t, "n-1", personal.Note{Posting: 1})); empty != "" {
		t.Errorf("of no event: %q", empty)
	}
}

// TestNineStaysNine: whatever the day and the zone, a reminder reads the hour that was
// written, and by the rules that go along it is the moment that the program rings at.
//
// Rows: X-023
func TestNineStaysNine(t *testing.T) {
	zones := []string{"America/St_Johns", "America/Toronto", "America/Regina", "America/Vancouver", "America/Whitehorse", "Europe/Paris", "UTC", "Asia/Kathmandu"}
	rapid.Check(t, func(r *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(r, "zone")
		day := now.AddDate(0, 0, rapid.IntRange(-800, 3000).Draw(r, "day"))
		rem := personal.Reminder{Text: "Entrevue", At: day.Format(time.DateOnly) + "T" + rapid.SampledFrom([]string{"09:00", "00:00", "23:59", "03:30"}).Draw(r, "hour"), Zone: zone}
		text, _ := calendarOf(r, item(r, "x", rem))
		wall := strings.NewReplacer("-", "", ":", "").Replace(rem.At) + "00"
		if !strings.Contains(text, "DTSTART;TZID="+zone+":"+wall) && !(zone == "UTC" && strings.Contains(text, "DTSTART:"+wall+"Z")) {
			r.Fatalf("%s is not in\n%s", wall, text)
		}
		want, err := rem.Moment()
		if err != nil {
			r.Fatal(err)
		}
		if zone == "UTC" {
			return
		}
		// Another program: the last change before the hour on the wall gives the offset.
		var offset time.Duration
		var last string
		for _, part := range strings.Split(text, "BEGIN:")[1:] {
			if kind, _, _ := strings.Cut(part, "\r\n"); kind != "STANDARD" && kind != "DAYLIGHT" {
				continue
			}
			begins := between(part, "DTSTART:", "\r\n")
			if to := between(part, "TZOFFSETTO:", "\r\n"); begins <= wall[:8]+"T"+wall[9:] && begins > last {
				at, err := time.Parse("-0700", to)
				if err != nil {
					r.Fatalf("offset %q: %v", to, err)
				}
				_, s := at.Zone()
				last, offset = begins, time.Duration(s)*time.Second
			}
		}
		at, err := time.Parse(personal.Wall, rem.At)
		if err != nil || last == "" || !at.Add(-offset).Equal(want) {
			r.Fatalf("%s in %s is %s by the rules that go along, %s here:\n%s", rem.At, zone, at.Add(-offset), want.UTC(), text)
		}
	})
}

func between(text, from, to string) string {
	_, text, _ = strings.Cut(text, from)
	text, _, _ = strings.Cut(text, to)
	return text
}

// FuzzCalendar: whatever stands in an item, the file can be read, and holds no line that the
// text of a person made.
func FuzzCalendar(f *testing.F) {
	f.Add("Entrevue\r\nBEGIN:VEVENT", "2026-11-23T09:00", "America/Toronto", 15, "2026-12-01")
	f.Add("\x00\\n;,:\"", "0001-01-01T00:00", "Europe/Paris", -1, "9999-12-31")
	f.Fuzz(func(t *testing.T, text, at, zone string, n int, day string) {
		if len(text) > 2000 || strings.ContainsAny(zone, "./\\") && !strings.Contains(zone, "/") {
			return
		}
		items := []personal.Item{item(t, "x"+text, personal.Reminder{Text: text, At: at, Zone: zone, Length: n, Before: n}),
			item(t, "y", personal.Application{Title: text, Employer: text, Place: text, Next: text, Day: day}), {Kind: personal.KindReminder, ID: "z", Body: json.RawMessage(text)}}
		out, cal := calendarOf(t, items...)
		if cal != nil && strings.Count(out, "\r\nBEGIN:VEVENT\r\n") != len(cal.Events()) {
			t.Fatalf("a text made a line:\n%s", out)
		}
	})
}
