package intake

import (
	"strconv"

	"passerelle/i18n"
)

// Problem is one thing that was not taken, and where it stands.
type Problem struct {
	File   string
	Line   int // 1 is the first; 0: the file as a whole
	Reason Reason
	Detail string // the value or the field it is about
	Row    bool   // the whole row was left out, not only a field
	ID     string // the row's posting number at the source, where it could be read
	Fatal  bool   // reading stopped here
}

// Reason is why a row, a field or a file was not taken. Each has a sentence in both
// languages that says what to do next.
type Reason string

// Reasons that cost a whole file.
const (
	NotPostings    Reason = "not-postings"    // none of the three formats
	Empty          Reason = "empty"           // nothing in it
	Binary         Reason = "binary"          // not text
	BadEncoding    Reason = "bad-encoding"    // not in the encoding that it names; of a row too
	Truncated      Reason = "truncated"       // ends in the middle of a row
	Entities       Reason = "entities"        // declares XML entities
	MissingColumns Reason = "missing-columns" // no number, title or date column
)

// Reasons that cost a row.
const (
	NoID     Reason = "no-id"
	NoTitle  Reason = "no-title"
	NoDate   Reason = "no-date"
	TooLong  Reason = "too-long"
	BadRow   Reason = "bad-row" // cannot be read as XML or JSON
	NotInCA  Reason = "not-in-canada"
	CutShort Reason = "cut-short" // the next document begins inside it
)

// Reasons that cost a field.
const (
	BadNOC       Reason = "bad-noc"       // a code that is not of NOC 2021
	BadDate      Reason = "bad-date"      // of an end or a beginning
	BadEnd       Reason = "bad-end"       // ends before it was posted
	Future       Reason = "future"        // posted after the day of import; kept as it is
	BadWage      Reason = "bad-wage"      // not an amount, or not in Canadian dollars
	WageUnits    Reason = "wage-units"    // the figure says one unit and the words another
	BadHours     Reason = "bad-hours"     // more hours than a week has
	BadPlace     Reason = "bad-place"     // a province that is none
	BadApply     Reason = "bad-apply"     // an address or number that cannot be one
	LinkAway     Reason = "link-away"     // the link leads to another host than the source's
	UnknownValue Reason = "unknown-value" // a closed list does not have it
)

var sentences = map[Reason]i18n.Key{
	NotPostings: i18n.IntakeNotPostings, Empty: i18n.IntakeEmpty, Binary: i18n.IntakeBinary,
	BadEncoding: i18n.IntakeBadEncoding, Truncated: i18n.IntakeTruncated, Entities: i18n.IntakeEntities,
	MissingColumns: i18n.IntakeMissingColumns,
	NoID:           i18n.IntakeNoId, NoTitle: i18n.IntakeNoTitle, NoDate: i18n.IntakeNoDate, TooLong: i18n.IntakeTooLong,
	BadRow: i18n.IntakeBadRow, NotInCA: i18n.IntakeNotInCanada, CutShort: i18n.IntakeCutShort,
	BadNOC: i18n.IntakeBadNoc, BadDate: i18n.IntakeBadDate, BadEnd: i18n.IntakeBadEnd, Future: i18n.IntakeFuture,
	BadWage: i18n.IntakeBadWage, WageUnits: i18n.IntakeWageUnits, BadHours: i18n.IntakeBadHours,
	BadPlace: i18n.IntakeBadPlace, BadApply: i18n.IntakeBadApply, LinkAway: i18n.IntakeLinkAway,
	UnknownValue: i18n.IntakeUnknownValue,
}

// Say puts a problem in words: where it is, what it is, what to do next.
func (p Problem) Say(w *i18n.Words) string {
	what := w.S(sentences[p.Reason], "Detail", p.Detail)
	switch {
	case p.Line > 0 && p.File != "":
		return w.S(i18n.IntakeAtFile, "File", p.File, "Line", strconv.Itoa(p.Line), "What", what)
	case p.Line > 0:
		return w.S(i18n.IntakeAtLine, "Line", strconv.Itoa(p.Line), "What", what)
	case p.File != "":
		return w.S(i18n.IntakeAtWhole, "File", p.File, "What", what)
	}
	return what
}
