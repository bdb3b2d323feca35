// Package intake reads postings from the files and feeds of others. Begin with
// [Read]: it takes one of three formats (federal partner XML, the monthly open-data
// table, schema.org JobPosting), row by row in constant memory. A bad row becomes a
// [Problem] with its line and a reason that can be said to a person, and the rest
// goes in. It stores nothing: that is the hub's.
package intake

import (
	"context"
	"errors"
	"io"

	"passerelle/i18n"
	"passerelle/store/posting"
)

// TermsVersion is the version of this bank's privacy statement and terms of use that
// a source must have accepted for its postings to be shown.
const TermsVersion = "2026-11"

// What can stop a whole import.
var (
	ErrTerms           = errors.New("the source has not accepted the current terms")
	ErrAgreement       = errors.New("no agreement with the partner feed is configured")
	ErrFormat          = errors.New("not a file of postings")
	ErrTooManyRemovals = errors.New("too many postings would be removed")
)

// Format is one of the formats that can be read; empty means not known.
type Format string

// The formats.
const (
	Federal    Format = "federal"    // documents of the federal partner feed (XML)
	OpenData   Format = "opendata"   // the monthly open-data table
	JobPosting Format = "jobposting" // schema.org JobPosting: NDJSON, JSON-LD or HTML that holds it
)

// Options say what is read and for whom. Their zero value refuses everything, since
// it names no source that accepted the terms.
type Options struct {
	File   string         // name shown in problems
	Format Format         // "": found out from the first bytes
	Source posting.Source // the source registry's entry
	Lang   i18n.Lang      // language of the texts where the file does not say; "": found out where possible, else English
	Today  posting.Day    // 0: no check against the day of import
}

// Report counts what a read did.
type Report struct {
	File     string
	Format   Format
	Read     int // rows or documents seen
	Kept     int // postings handed over
	Assigned int // of those kept, how many have an occupation code
	ByTitle  int // of those assigned, how many from their title
	Problems []Problem
	// More counts the problems beyond the first MaxProblems, which are not kept.
	More int
}

// Read reads postings and hands each over. The error is for what stops everything:
// a source that may not be shown, a reader that fails, yield's own error. What is wrong
// with the file itself is in the report, the last problem Fatal if reading stopped.
func Read(ctx context.Context, r io.Reader, o Options, yield func(posting.Posting) error) (Report, error) {
	return Report{File: o.File}, nil
}

// Detect finds the format out from the first bytes of a file (64 KiB are enough);
// empty when it is none of them.
func Detect(head []byte) Format { return "" }
