// Package intake reads postings from the files and feeds of others. Begin with
// [Read]: it takes one of three formats (documents of the federal partner feed, the
// monthly open-data table, schema.org JobPosting), row by row, in memory that does not
// grow with the file. A bad row becomes a [Problem] with its line and a reason that can
// be said to a person, and the rest goes in. [Feed] fetches from the partner feed under
// an agreement. Intake stores nothing: that is the hub's.
package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"passerelle/i18n"
	"passerelle/store/posting"
)

// TermsVersion is the version of this bank's privacy statement and terms of use that
// a source must have accepted for its postings to be shown.
const TermsVersion = "2026-11"

const (
	// MaxRow is the longest row or document that is read, in bytes of UTF-8.
	MaxRow = 1 << 20
	// MaxProblems is how many problems a report keeps; those after are counted.
	MaxProblems = 1000
)

// What can stop a whole import.
var (
	ErrTerms           = errors.New("the source has not accepted the current terms")
	ErrAgreement       = errors.New("no agreement with the partner feed is configured")
	ErrFormat          = errors.New("not a whole file of postings")
	ErrTooManyRemovals = errors.New("too many postings would be removed")
)

// Format is one of the formats that can be read; empty means not known.
type Format string

// The formats.
const (
	Federal    Format = "federal"    // documents of the federal partner feed (XML)
	OpenData   Format = "opendata"   // the monthly open-data table
	JobPosting Format = "jobposting" // schema.org JobPosting: NDJSON, JSON-LD, or HTML that holds it
)

// Options say what is read and for whom. Their zero value refuses everything, since
// it names no source that accepted the terms.
type Options struct {
	File   string         // name shown in problems
	Format Format         // "": found out from the first bytes
	Source posting.Source // the entry of the source registry
	Lang   i18n.Lang      // language of the texts where the file does not say; "": found out from the words
	Today  posting.Day    // day of the import: a later posting date is reported; 0: no such check
}

// Report counts what a read did.
type Report struct {
	File     string
	Format   Format
	Read     int // rows or documents seen
	Kept     int // postings handed over
	Assigned int // of those kept, how many have an occupation
	ByTitle  int // of those assigned, how many from their title
	Problems []Problem
	More     int // problems beyond MaxProblems, counted and not kept
	MoreRows int // of More, those that cost a whole row: which rows, is not known
}

// Fatal gives the problem at which reading stopped.
func (r Report) Fatal() (Problem, bool) {
	for _, p := range r.Problems {
		if p.Fatal {
			return p, true
		}
	}
	return Problem{}, false
}

// Read reads postings and hands each one over. What is wrong with a row is in the
// report and stops nothing. What is wrong with the whole file is there too, as a Fatal
// problem, and the error is then [ErrFormat]: what was handed over until then is good,
// but what was not must not be taken for gone. Other errors are [ErrTerms], the
// reader's, yield's and the context's.
func Read(ctx context.Context, r io.Reader, o Options, yield func(posting.Posting) error) (Report, error) {
	in := &input{ctx: ctx, o: o, rep: Report{File: o.File, Format: o.Format}, yield: yield}
	if o.Source.Accepted != TermsVersion {
		return in.rep, fmt.Errorf("read %s from source %q: %w", o.File, o.Source.ID, ErrTerms)
	}
	err := in.read(r)
	if f := (fatal{}); errors.As(err, &f) {
		in.keep(Problem{File: o.File, Line: f.line, Reason: f.reason, Detail: f.detail, Fatal: true})
		err = ErrFormat
	}
	if err != nil {
		return in.rep, fmt.Errorf("read %s: %w", o.File, err)
	}
	return in.rep, nil
}

// detect works on the beginning of a file in UTF-8.
func detect(head string) Format {
	head = strings.TrimSpace(head)
	switch {
	case head == "":
		return ""
	case head[0] == '<':
		low := strings.ToLower(head)
		switch {
		case strings.Contains(low, "ld+json"):
			return JobPosting
		case strings.Contains(head, "<Document>") || strings.Contains(head, "<Document ") || strings.Contains(head, "<SolrResponse"):
			return Federal
		}
		return ""
	case head[0] == '{' || head[0] == '[':
		if strings.Contains(head, "JobPosting") {
			return JobPosting
		}
		return ""
	}
	line, _, _ := strings.Cut(head, "\n")
	if sep := separator(line); sep != 0 {
		if cols, _ := columns(cells(line, sep)); len(cols) >= 2 {
			return OpenData
		}
	}
	return ""
}

// fatal is what stops the reading of a file.
type fatal struct {
	line   int
	reason Reason
	detail string
}

func (f fatal) Error() string { return fmt.Sprintf("line %d: %s %s", f.line, f.reason, f.detail) }

// input is one file being read.
type input struct {
	ctx   context.Context
	o     Options
	rep   Report
	yield func(posting.Posting) error
}

func (in *input) read(r io.Reader) error {
	t, err := open(r)
	if err != nil {
		return err
	}
	if in.rep.Format == "" {
		in.rep.Format = detect(t.head)
	}
	switch in.rep.Format {
	case Federal:
		return in.federal(t)
	case OpenData:
		return in.openData(t)
	case JobPosting:
		return in.jobPostings(t)
	}
	return fatal{0, NotPostings, ""}
}

// row hands one row's draft over, or keeps what is wrong with it.
func (in *input) row(d *draft) error {
	if err := in.ctx.Err(); err != nil {
		return err
	}
	p, ok := in.finish(d)
	if !ok {
		return nil
	}
	in.rep.Kept++
	if p.NOC != "" {
		in.rep.Assigned++
		if d.byTitle {
			in.rep.ByTitle++
		}
	}
	return in.yield(p)
}

// field keeps a problem that costs a field only.
func (in *input) field(line int, why Reason, detail string) {
	in.keep(Problem{File: in.o.File, Line: line, Reason: why, Detail: clip(detail)})
}

// lost keeps a problem that costs the whole row.
func (in *input) lost(line int, why Reason, detail string) { in.lostID(line, "", why, detail) }

// lostID is lost of a row whose number is known: it is bad today, and not gone.
func (in *input) lostID(line int, id string, why Reason, detail string) {
	in.keep(Problem{File: in.o.File, Line: line, Reason: why, Detail: clip(detail), Row: true, ID: clean(id)})
}

func (in *input) keep(p Problem) {
	if len(in.rep.Problems) >= MaxProblems && !p.Fatal {
		in.rep.More++
		if p.Row {
			in.rep.MoreRows++
		}
		return
	}
	in.rep.Problems = append(in.rep.Problems, p)
}

// clip keeps a detail short enough to be read on one line.
func clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}
