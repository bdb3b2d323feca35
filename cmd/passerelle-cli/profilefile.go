package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"passerelle/i18n"
	"passerelle/store/disk"
	"passerelle/store/match"
	"passerelle/store/record"
)

// Why a file is no profile, for [errors.Is]; profileErrors says it to the person.
var (
	errTooLarge = errors.New("more than a profile may be")
	errBroken   = errors.New("not one whole JSON object")
	errForeign  = errors.New("no profile")
)

// profileErrors are the sentences of why a file cannot be read as a profile.
var profileErrors = []struct {
	err error
	say i18n.Key
}{
	{fs.ErrNotExist, i18n.CliProfileAbsent}, {errTooLarge, i18n.CliProfileLarge}, {errBroken, i18n.CliProfileBroken}, {errForeign, i18n.CliProfileForeign},
}

// unread says why a file cannot be read as a profile.
func (j *job) unread(name string, err error) error {
	why := i18n.CliProfileDenied
	for _, x := range profileErrors {
		if errors.Is(err, x.err) {
			why = x.say
			break
		}
	}
	return errUsage{j.words.S(i18n.CliProfile, "Name", name, "Text", j.words.S(why, "Name", name, "Size", j.words.Bytes(record.MaxDoc)))}
}

// readProfile reads a file of a profile: the fields of the record, and whatever else stands
// there, which is kept.
func readProfile(name string) (record.Doc, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(f, record.MaxDoc+4))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	d, err := parseProfile(body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return d, nil
}

// parseProfile reads what stands in the file. A mark of byte order, which some editors
// write, is passed over.
func parseProfile(body []byte) (record.Doc, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if len(body) > record.MaxDoc {
		return nil, errTooLarge
	}
	d, err := record.Decode(body)
	if err != nil {
		return nil, errBroken
	}
	if _, err := person(d); err != nil {
		return nil, fmt.Errorf("%w: %w", errForeign, err)
	}
	if known := fields(d); len(known) == 0 && len(d) > 0 {
		return nil, errForeign
	}
	return d, nil
}

// fields are those of a profile that are there.
func fields(d record.Doc) record.Doc {
	k, _ := record.Find("profile")
	known := record.Doc{}
	for _, f := range k.Fields {
		if v, ok := d[f.Name]; ok {
			known[f.Name] = v
		}
	}
	return known
}

// person is what the profile of a file says, for matching.
func person(d record.Doc) (who match.Person, err error) {
	b, err := json.Marshal(fields(d))
	if err != nil {
		return who, err
	}
	return who, json.Unmarshal(b, &who)
}

// writeProfile writes the file whole or not at all; where its name leads to another one,
// that one.
func writeProfile(name string, d record.Doc) error {
	if to, err := filepath.EvalSymlinks(name); err == nil {
		name = to
	}
	if at, err := os.Stat(name); err == nil && !at.Mode().IsRegular() {
		return fmt.Errorf("%s is no file", name)
	}
	body, err := encodeProfile(d)
	if err != nil {
		return err
	}
	return disk.Write(name, func(w io.Writer) error {
		_, err := w.Write(body)
		return err
	})
}

// encodeProfile lays a profile out for who reads the file, or in one line where that would
// be more than a profile may have.
func encodeProfile(d record.Doc) ([]byte, error) {
	for _, indent := range []string{"  ", ""} {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetIndent("", indent)
		e.SetEscapeHTML(false)
		if err := e.Encode(d); err != nil {
			return nil, err
		}
		if b.Len() <= record.MaxDoc {
			return b.Bytes(), nil
		}
	}
	return nil, errTooLarge
}

// blank is a profile that says nothing yet, with all its sections for who reads the file.
func blank() record.Doc {
	d := record.Doc{"experience": json.RawMessage("{}"), "mode": json.RawMessage(`"` + string(match.Default) + `"`)}
	for _, f := range lists {
		d[f.field] = json.RawMessage("[]")
	}
	return d
}

// list is a section that is a list of values.
type list struct {
	flag, field string
	finds       string // what completes a word of it; "": its few values are all there are
}

var lists = []list{
	{"place", "places", "place"}, {"workplace", "workplaces", ""}, {"skill", "skills", "skill"},
	{"education", "education", ""}, {"credential", "credentials", "credential"},
}

// same says whether two profiles say the same.
func same(a, b record.Doc) bool {
	x, err := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err == nil && err2 == nil && slices.Equal(x, y)
}
