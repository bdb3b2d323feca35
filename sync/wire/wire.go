// Package wire is what a publisher of postings and its readers say to each other: this
// page is the protocol. It moves nothing itself: sync/client asks, sync/server answers,
// sync/publish writes, sync/replica reads. Begin with [Head].
//
// # Places
//
// Everything a reader needs is a file of one directory tree, served over HTTP under
// [Prefix], or carried on a key, or zipped:
//
//	{scope}/head        the head of a scope, signed; the only file that changes
//	o/sha256/{hex}      an object, named by its hash, never changed
//	root/{version}      the keys in force, from version 1 on, each signed by the last
//
// A scope is what one reader keeps: "all", or a province in lower case ("qc"), or either
// with "-cards" after it, without descriptions. See [Scopes].
//
// # Asking
//
// GET {scope}/head is conditional (ETag, If-None-Match): an unchanged catalogue answers
// 304. Objects are immutable and honour Range, so that a cut download goes on where it
// stopped. Nothing that an object holds is believed before its hash is that of the head,
// and nothing of the head before its signature leads back to the root.
//
// # Agreeing
//
// A catalogue is at a position (epoch, seq). The epoch rises when the publisher is
// restored from a copy; it orders before seq, and positions of different epochs cannot
// be joined by deltas. At a position a scope is a set of rows whose [Head.Digest] is the
// sum of posting.RowSum over them. There are two ways to it: the base segments and the
// deltas after [Head.BaseSeq], or, from a position in the same epoch not before
// [Head.Since], the deltas alone. Both end at the same digest, which is always compared.
//
// # Trust
//
// Roots are TUF root metadata with the roles root and timestamp, Ed25519, one version
// after another; a reader walks every version from the one it trusts. A head travels in
// an [Envelope] with TUF timestamp metadata, which names the head's hash, never goes down
// in version, and expires.
package wire

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"passerelle/store/posting"
)

// Format is the version of this protocol that is written. A reader refuses a head whose
// MinReader is above it and reads everything else, skipping keys it does not know.
const Format = 1

// Schema is the version of the rows (posting.Card, posting.Details) that are written.
const Schema = 1

// Prefix is where a server puts the tree.
const Prefix = "/v1/cat/"

// RangeRows is how many row ids one base segment spans.
const RangeRows = 10_000

// Head says what a scope holds at one moment and where its objects are.
type Head struct {
	Fmt       int       `cbor:"1,keyasint"`
	Schema    int       `cbor:"2,keyasint"`
	MinReader int       `cbor:"3,keyasint"` // least Format that reads this catalogue rightly
	Scope     string    `cbor:"4,keyasint"`
	Epoch     int64     `cbor:"5,keyasint"`
	Seq       int64     `cbor:"6,keyasint"`
	Created   time.Time `cbor:"7,keyasint"`
	Expires   time.Time `cbor:"8,keyasint"` // online, a reader refuses it after; a bundle says "as of"
	// Horizon: rows that ended before it are not in the catalogue.
	Horizon posting.Day `cbor:"9,keyasint"`

	Base       []Segment   `cbor:"10,keyasint,omitempty"` // in the order of part, layer, first id
	BaseSeq    int64       `cbor:"11,keyasint"`           // position at which the base was cut
	BaseDigest posting.Sum `cbor:"12,keyasint"`
	BaseCount  int         `cbor:"13,keyasint"`

	// Deltas cover every change after Since, and may overlap. Where none covers a
	// position, nothing changed until the next one begins.
	Deltas []Delta `cbor:"14,keyasint,omitempty"`
	Since  int64   `cbor:"15,keyasint"`

	Packs  []Pack      `cbor:"16,keyasint,omitempty"`
	Dict   Hash        `cbor:"17,keyasint,omitzero"` // newest dictionary
	Count  int         `cbor:"18,keyasint"`          // rows
	Digest posting.Sum `cbor:"19,keyasint"`
	Demo   bool        `cbor:"20,keyasint,omitempty"` // for demonstration, as its root says too
	Dicts  []Object    `cbor:"21,keyasint,omitempty"` // every dictionary that Deltas name
}

// Object is a file named by its hash.
type Object struct {
	Hash Hash  `cbor:"1,keyasint"`
	Size int64 `cbor:"2,keyasint"` // bytes, as stored
}

// Segment is the rows of one part, in one layer, of one range of ids.
type Segment struct {
	Hash  Hash   `cbor:"1,keyasint"`
	Size  int64  `cbor:"2,keyasint"`
	Rows  int    `cbor:"3,keyasint"`
	Part  string `cbor:"4,keyasint"` // province in lower case, or "ca": in every scope
	Layer Layer  `cbor:"5,keyasint"`
	First int64  `cbor:"6,keyasint"` // ids, both included
	Last  int64  `cbor:"7,keyasint"`
}

// Layer is which half of a posting a segment holds.
type Layer uint8

// The halves of a posting, see store/posting.
const (
	Cards Layer = iota + 1
	Details
)

// Delta is the last state of every row that changed in (From, To]. Taken from anywhere
// within it, the result is right.
type Delta struct {
	From int64 `cbor:"1,keyasint"`
	To   int64 `cbor:"2,keyasint"`
	Hash Hash  `cbor:"3,keyasint"`
	Size int64 `cbor:"4,keyasint"`
	Rows int   `cbor:"5,keyasint"`
	Dict Hash  `cbor:"6,keyasint,omitzero"` // dictionary it was compressed with
}

// Pack is reference data beside the rows: taxonomy, sources, icons, help. What is in it
// is for those who know its name; "sources" is a CBOR array of posting.Source.
type Pack struct {
	Name    string `cbor:"1,keyasint"`
	Version string `cbor:"2,keyasint"`
	Hash    Hash   `cbor:"3,keyasint"`
	Size    int64  `cbor:"4,keyasint"`
}

// Report is a person's report of a posting. It needs no account; the server
// keeps one of each Key, which travels as Idempotency-Key too.
type Report struct {
	Key    string    `json:"key"` // UUIDv7
	Number int64     `json:"number"`
	Source string    `json:"source,omitempty"`
	Reason string    `json:"reason"`
	Text   string    `json:"text,omitempty"`
	Lang   string    `json:"lang,omitempty"`
	App    string    `json:"app,omitempty"` // program and version
	Epoch  int64     `json:"epoch,omitempty"`
	Seq    int64     `json:"seq,omitempty"` // position of the catalogue it was seen in
	Made   time.Time `json:"made"`
}

// What a transport answers beside what was asked, whatever it travels over.
var (
	ErrUnchanged = errors.New("unchanged since the tag given")
	ErrMissing   = errors.New("no such file")
	ErrOffline   = errors.New("publisher not reached")
	ErrRefused   = errors.New("publisher refused")
)

// HeadPath is the place of a scope's head in the tree.
func HeadPath(scope string) string { return scope + "/head" }

// ObjectPath is the place of an object in the tree.
func ObjectPath(h Hash) string { return "o/sha256/" + h.String() }

// RootPath is the place of a version of the root in the tree.
func RootPath(version int64) string { return "root/" + strconv.FormatInt(version, 10) }

var scopeForm = regexp.MustCompile(`^([a-z]{2}|all)(-cards)?$`)

// ParseScope reads a scope: the part ("" for all of them) and the layers it takes.
func ParseScope(scope string) (part string, details bool, err error) {
	if !scopeForm.MatchString(scope) || strings.HasPrefix(scope, "ca") {
		return "", false, fmt.Errorf("scope %q: want all, a province, or one of them with -cards", scope)
	}
	part, cards := strings.CutSuffix(scope, "-cards")
	if part == "all" {
		part = ""
	}
	return part, !cards, nil
}

// InScope says whether a scope's part takes the rows of a part. One that has no scope of
// its own ("ca", or a place abroad) is in every scope.
func InScope(scopePart, part string) bool {
	return scopePart == "" || part == scopePart || !slices.Contains(Provinces, part)
}

// Provinces are the parts that have a scope of their own.
var Provinces = []string{"ab", "bc", "mb", "nb", "nl", "ns", "nt", "nu", "on", "pe", "qc", "sk", "yt"}

// Scopes lists every scope that is published.
func Scopes() []string {
	all := []string{"all", "all-cards"}
	for _, p := range Provinces {
		all = append(all, p, p+"-cards")
	}
	return all
}
