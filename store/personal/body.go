package personal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Body is a typed body: of which kind it is, and what must be true of it.
type Body interface {
	Kind() Kind
	// Check says what is wrong with it; nil: nothing.
	Check() error
}

// Note is what a person writes for themselves beside a posting. Its id is that of the
// posting ([NoteID]): one note a posting.
type Note struct {
	Posting int64  `json:"posting"` // id in the catalogue, as everywhere here: it never moves
	Text    string `json:"text"`
}

// NoteID is the id of the note of a posting.
func NoteID(posting int64) string { return strconv.FormatInt(posting, 10) }

// Resume is a version of a résumé, as it is kept: a person has several, in both languages.
type Resume struct {
	Name string `json:"name"` // what the person calls this version
	Lang string `json:"lang"` // that it is written in: "fr" or "en"
	// Resume is a document of JSON Resume 1.0 by its sections ("basics", "work",
	// "education"…), as it was written or imported. Sections and members that the schema
	// does not know stay as they came.
	Resume map[string]json.RawMessage `json:"resume"`
}

// Letter is a cover letter, or the beginning of one.
type Letter struct {
	Name    string `json:"name"`
	Lang    string `json:"lang"`
	Posting int64  `json:"posting,omitempty"` // that it is about; 0: a template for any
	Resume  string `json:"resume,omitempty"`  // id of the one that goes with it
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text"`
	// Values are of what it leaves open, by the names of store/resume: of the posting that it
	// is about, or as the person wrote them.
	Values map[string]string `json:"values,omitempty"`
}

// State is where an application stands.
type State string

// States, in the order of a board.
const (
	ToApply   State = "to_apply"
	Applied   State = "applied"
	Interview State = "interview"
	Offered   State = "offer"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
)

// States are all of them.
var States = []State{ToApply, Applied, Interview, Offered, Refused, Withdrawn}

// Application is an entry of the tracker: a posting, or a job found elsewhere.
type Application struct {
	State    State  `json:"state"`
	Posting  int64  `json:"posting,omitempty"` // 0: found elsewhere
	Title    string `json:"title"`
	Employer string `json:"employer,omitempty"`
	Place    string `json:"place,omitempty"`
	Link     string `json:"link,omitempty"`
	// Next is what is to be done, and Day when: YYYY-MM-DD, in the person's own zone; "":
	// nothing, no day.
	Next     string    `json:"next,omitempty"`
	Day      string    `json:"day,omitempty"`
	Contacts []Contact `json:"contacts,omitempty"`
	Notes    string    `json:"notes,omitempty"`
	Resume   string    `json:"resume,omitempty"` // ids of what was sent
	Letter   string    `json:"letter,omitempty"`
	// Log is what happened, the first first: the evidence of a search for work.
	Log []Event `json:"log,omitempty"`
}

// Contact is somebody to speak with about an application.
type Contact struct {
	Name  string `json:"name"`
	Role  string `json:"role,omitempty"`
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
}

// Event is that an application came to a state, or a line that the person wrote.
type Event struct {
	At    time.Time `json:"at"`
	State State     `json:"state,omitempty"`
	Text  string    `json:"text,omitempty"`
}

// Reminder is for a moment: an interview, a deadline, an action of the tracker.
type Reminder struct {
	Text string `json:"text"`
	// At is the time on the wall, YYYY-MM-DDTHH:MM, in Zone, an IANA name as in
	// "America/Toronto": a meeting at nine stays at nine when the clocks or the rules of a
	// zone change.
	At     string `json:"at"`
	Zone   string `json:"zone"`
	Length int    `json:"length,omitempty"` // minutes; 0: none was given
	Before int    `json:"before,omitempty"` // minutes before At at which the person is told
	// Item and ID are of another item that it is about, Posting of a posting; "", 0: nothing.
	Item    Kind   `json:"item,omitempty"`
	ID      string `json:"id,omitempty"`
	Posting int64  `json:"posting,omitempty"`
	Done    bool   `json:"done,omitempty"`
	// Later is when the person asked to be told once more, Told the moment of which they
	// were told last: a reminder that was missed is told of once.
	Later time.Time `json:"later,omitzero"`
	Told  time.Time `json:"told,omitzero"`
}

// Wall is how the moment of a reminder is written.
const Wall = "2006-01-02T15:04"

// Moment is when it is.
func (r Reminder) Moment() (time.Time, error) {
	zone, err := zoneOf(r.Zone)
	if err != nil || r.Zone == "" || r.Zone == "Local" {
		return time.Time{}, fmt.Errorf("no zone is called %q", r.Zone)
	}
	at, err := time.ParseInLocation(Wall, r.At, zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("moment of a reminder: %w", err)
	}
	return at, nil
}

// zones are those that were asked for, by name: reading one opens a file, and whoever draws
// hundreds of reminders asks each for its moment.
var zones sync.Map

func zoneOf(name string) (*time.Location, error) {
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location), nil
	}
	z, err := time.LoadLocation(name)
	if err == nil {
		zones.Store(name, z)
	}
	return z, err
}

// Tells is when the person is to be told of it.
func (r Reminder) Tells() (time.Time, error) {
	at, err := r.Moment()
	if err == nil && !r.Later.IsZero() {
		return r.Later, nil
	}
	return at.Add(-time.Duration(r.Before) * time.Minute), err
}

// Target is a requirement of postings that a person has set out to meet: by a kind of
// match.Kind ("skill", "experience", "education", "credential") and the ids that say it, of
// which any one is enough, or its level.
type Target struct {
	What  string   `json:"what"`
	IDs   []string `json:"ids,omitempty"`
	Level int      `json:"level,omitempty"`
	Done  bool     `json:"done,omitempty"` // met
}

// The kinds of the bodies.
func (Note) Kind() Kind        { return KindNote }
func (Resume) Kind() Kind      { return KindResume }
func (Letter) Kind() Kind      { return KindLetter }
func (Application) Kind() Kind { return KindApplication }
func (Reminder) Kind() Kind    { return KindReminder }
func (Target) Kind() Kind      { return KindTarget }

// Check: it is about a posting.
func (n Note) Check() error {
	if n.Posting <= 0 {
		return errors.New("a note is about a posting")
	}
	return nil
}

// Check: it is in a language, and its sections are JSON.
func (r Resume) Check() error { return lang(r.Lang) }

// Check: it is in a language.
func (l Letter) Check() error { return lang(l.Lang) }

func lang(l string) error {
	if l != "fr" && l != "en" {
		return fmt.Errorf("no language is called %q", l)
	}
	return nil
}

// Check: its states are known, and its day is one.
func (a Application) Check() error {
	if !a.State.known() {
		return fmt.Errorf("no application stands at %q", a.State)
	}
	for _, e := range a.Log {
		if e.State != "" && !e.State.known() {
			return fmt.Errorf("no application stood at %q", e.State)
		}
	}
	if a.Day != "" {
		if _, err := time.Parse(time.DateOnly, a.Day); err != nil {
			return fmt.Errorf("day of the next action: %w", err)
		}
	}
	return nil
}

func (s State) known() bool {
	for _, k := range States {
		if s == k {
			return true
		}
	}
	return false
}

// Check: it is at a moment of a zone.
func (r Reminder) Check() error {
	_, err := r.Moment()
	return err
}

// Check: it says what is to be met.
func (t Target) Check() error {
	if t.What == "" || len(t.IDs) == 0 && t.Level <= 0 {
		return errors.New("a target says nothing")
	}
	return nil
}

// Write keeps a body under an id, at now. What a newer program had written in the item
// beside what this one knows stays.
func Write[B Body](ctx context.Context, f *File, id string, b B, at time.Time) error {
	if err := b.Check(); err != nil {
		return fmt.Errorf("keep %s %s: %w", b.Kind(), id, err)
	}
	return f.edit(ctx, b.Kind(), id, at, func(was json.RawMessage) (json.RawMessage, error) { return over(was, b) })
}

// over writes a body with the members of an older one that its type does not know.
func over(was json.RawMessage, b Body) (json.RawMessage, error) {
	text, err := encode(b)
	if err != nil || was == nil {
		return text, err
	}
	var old, now map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(was, &old), json.Unmarshal(text, &now)); err != nil {
		return nil, err
	}
	t := reflect.TypeOf(b)
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		delete(old, name)
	}
	if len(old) == 0 {
		return text, nil
	}
	for name, v := range old {
		now[name] = v
	}
	return encode(now)
}

// encode writes JSON in which what came as JSON, as the sections of a résumé, stays letter
// for letter, but for spaces.
func encode(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// Entry is a typed body with what is known of its item.
type Entry[B Body] struct {
	ID            string
	Body          B
	Made, Changed time.Time
}

// Read reads a body; [ErrNotFound].
func Read[B Body](ctx context.Context, f *File, id string) (B, error) {
	var b B
	it, err := f.Get(ctx, b.Kind(), id)
	if err == nil {
		err = json.Unmarshal(it.Body, &b)
	}
	if err != nil {
		return b, fmt.Errorf("read %s %s: %w", b.Kind(), id, err)
	}
	return b, nil
}

// All reads the bodies of a kind, the last changed first.
func All[B Body](ctx context.Context, f *File) ([]Entry[B], error) {
	var b B
	items, err := f.List(ctx, b.Kind())
	if err != nil {
		return nil, err
	}
	all := make([]Entry[B], len(items))
	for i, it := range items {
		all[i] = Entry[B]{ID: it.ID, Made: it.Made, Changed: it.Changed}
		if err := json.Unmarshal(it.Body, &all[i].Body); err != nil {
			return nil, fmt.Errorf("read %s %s: %w", it.Kind, it.ID, err)
		}
	}
	return all, nil
}
