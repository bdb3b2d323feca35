package page

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"passerelle/i18n"
	"passerelle/store/personal"
)

// Calendar writes reminders, and what is to be done next for applications, as iCalendar
// (RFC 5545), and says how many events there are; with none it writes nothing. Items of
// other kinds, and those without a day, are passed over.
//
// A reminder is written by the clock on the wall and the name of its zone, so that nine
// stays nine whatever becomes of the zone's rules; the rules that hold around it go along
// for programs that do not know the zone. A UID is the id of the item: a file that is
// imported again changes what is there. What is done rings no more.
func Calendar(out io.Writer, w *i18n.Words, items []personal.Item) (events int, err error) {
	cal := ics.NewCalendar()
	cal.SetProductId("-//Passerelle//" + strings.ToUpper(string(w.Lang())))
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName(w.S(i18n.AppName))
	about := map[string]personal.Application{}
	for _, it := range items {
		var a personal.Application
		if it.Kind == personal.KindApplication && json.Unmarshal(it.Body, &a) == nil {
			about[it.ID] = a
		}
	}
	zones := map[string][]time.Time{}
	var all []*ics.VEvent
	for _, it := range items {
		var e *ics.VEvent
		switch it.Kind {
		case personal.KindReminder:
			var r personal.Reminder
			if json.Unmarshal(it.Body, &r) != nil {
				continue
			}
			at, err := r.Moment()
			if err != nil || !written(at) {
				continue
			}
			e = event(it, cmp.Or(oneLine(r.Text), w.S(i18n.CalendarReminder)))
			zones[r.Zone] = append(zones[r.Zone], at)
			appoint(e, r, w)
			if r.Item == personal.KindApplication {
				tell(e, about[r.ID])
			}
		case personal.KindApplication:
			a, ok := about[it.ID]
			day, err := time.Parse(time.DateOnly, a.Day)
			if !ok || err != nil || !written(day) {
				continue
			}
			e = event(it, cmp.Or(join(" – ", oneLine(a.Next), oneLine(a.Title)), w.S(i18n.CalendarReminder)))
			e.SetProperty(ics.ComponentPropertyDtStart, day.Format("20060102"), ics.WithValue(string(ics.ValueDataTypeDate)))
			e.SetProperty(ics.ComponentPropertyDtEnd, day.AddDate(0, 0, 1).Format("20060102"), ics.WithValue(string(ics.ValueDataTypeDate)))
			e.SetTimeTransparency(ics.TransparencyTransparent) // a day with something to do is not a day that is taken
			tell(e, a)
			ring(e, "PT9H", w) // in the morning of it
		default:
			continue
		}
		all = append(all, e)
	}
	if len(all) == 0 {
		return 0, nil
	}
	names := make([]string, 0, len(zones))
	for name := range zones {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if name != "UTC" {
			cal.AddVTimezone(rules(name, zones[name]))
		}
	}
	for _, e := range all {
		cal.AddVEvent(e)
	}
	if err := cal.SerializeTo(out, ics.WithNewLineWindows); err != nil {
		return 0, fmt.Errorf("write a calendar: %w", err)
	}
	return len(all), nil
}

// written says whether iCalendar, with its four digits for a year, can write a moment.
func written(at time.Time) bool { return at.Year() >= 1000 && at.Year() <= 9998 }

// event begins one. Nothing in it is of the moment of writing, so that the same item is the
// same text.
func event(it personal.Item, summary string) *ics.VEvent {
	e := ics.NewEvent(oneLine(it.ID))
	e.SetDtStampTime(it.Changed)
	e.SetCreatedTime(it.Made)
	e.SetModifiedAt(it.Changed)
	e.SetSequence(int(max(0, min(it.Changed.Sub(it.Made)/time.Second, 1<<31-1)))) // rises with each change
	e.SetSummary(summary)
	e.SetClass(ics.ClassificationPrivate)
	return e
}

// appoint sets the moment of a reminder, as it was written.
func appoint(e *ics.VEvent, r personal.Reminder, w *i18n.Words) {
	wall, err := time.Parse(personal.Wall, r.At)
	if err != nil {
		return // its moment was read before
	}
	text := wall.Format("20060102T150405")
	if r.Zone == "UTC" {
		e.SetProperty(ics.ComponentPropertyDtStart, text+"Z")
	} else {
		e.SetProperty(ics.ComponentPropertyDtStart, text, ics.WithTZID(r.Zone))
	}
	if r.Length > 0 {
		e.AddProperty(ics.ComponentPropertyDuration, minutes(r.Length))
	}
	if !r.Done {
		trigger := "PT0S"
		if r.Before > 0 {
			trigger = "-" + minutes(r.Before)
		}
		ring(e, trigger, w)
	}
}

func minutes(n int) string { return fmt.Sprintf("PT%dM", n) }

// ring has the person told.
func ring(e *ics.VEvent, trigger string, w *i18n.Words) {
	a := e.AddAlarm()
	a.SetAction(ics.ActionDisplay)
	a.SetTrigger(trigger)
	a.SetProperty(ics.ComponentPropertyDescription, ics.ToText(w.S(i18n.CalendarReminder)))
}

// tell says which application an event is of.
func tell(e *ics.VEvent, a personal.Application) {
	if text := join(", ", oneLine(a.Title), oneLine(a.Employer)); text != "" {
		e.SetDescription(text)
	}
	if place := oneLine(a.Place); place != "" {
		e.SetLocation(place)
	}
}

// oneLine is a text that a property of iCalendar or the head of a letter can hold. A space
// that does not break stays one.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(printable(text), func(r rune) bool { return r == ' ' }), " ")
}

// rules are what the clocks of a zone do from before the first of some moments until after
// the last, change by change: no rule is promised for later years.
func rules(name string, moments []time.Time) *ics.VTimezone {
	z := ics.NewTimezone(name)
	first := slices.MinFunc(moments, time.Time.Compare).AddDate(-1, 0, 0)
	last := slices.MaxFunc(moments, time.Time.Compare).AddDate(1, 0, 0)
	at := first
	for {
		short, offset := at.Zone()
		start, end := at.ZoneBounds()
		before := offset
		if epoch := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC); start.IsZero() || start.Before(epoch) {
			start = epoch.Add(-time.Duration(offset) * time.Second)
		} else {
			_, before = start.Add(-time.Second).Zone()
		}
		// A change is written by the clock that it ends.
		begins := start.UTC().Add(time.Duration(before) * time.Second).Format("20060102T150405")
		set := func(c *ics.ComponentBase) {
			c.AddProperty(ics.ComponentPropertyDtStart, begins)
			c.AddProperty(ics.ComponentProperty(ics.PropertyTzoffsetfrom), shift(before))
			c.AddProperty(ics.ComponentProperty(ics.PropertyTzoffsetto), shift(offset))
			c.AddProperty(ics.ComponentProperty(ics.PropertyTzname), short)
		}
		if at.IsDST() {
			d := &ics.Daylight{}
			set(&d.ComponentBase)
			z.Components = append(z.Components, d)
		} else {
			set(&z.AddStandard().ComponentBase)
		}
		if end.IsZero() || end.After(last) {
			return z
		}
		at = end
	}
}

// shift writes an offset from UTC, in seconds.
func shift(seconds int) string {
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	text := fmt.Sprintf("%s%02d%02d", sign, seconds/3600, seconds/60%60)
	if s := seconds % 60; s > 0 {
		text += fmt.Sprintf("%02d", s)
	}
	return text
}
