// Package replica brings a desktop up to date with a published catalogue. Begin with
// [New]. It knows no HTTP and no SQL: it is handed a transport and a place to keep rows.
package replica

import "time"

// Progress is what a running sync tells, several times a second.
type Progress struct {
	Stage                 Stage
	Rows, RowsTotal       int
	Bytes, BytesTotal     int64
	Left                  time.Duration // estimate; 0 is unknown
	Browsable, Searchable bool          // of the catalogue being built
}

// Stage is what a sync is doing.
type Stage string

// Stages, in order.
const (
	Asking      Stage = "asking"
	Downloading Stage = "downloading"
	Applying    Stage = "applying"
	Indexing    Stage = "indexing"
	Done        Stage = "done"
)

// Plan is what a sync would do, told before it begins.
type Plan struct {
	Nothing   bool  // already up to date
	Bootstrap bool  // a whole catalogue, built aside
	Bytes     int64 // to download
	Rows      int   // to write
	Count     int   // postings in the catalogue once done
	Created   time.Time
}

// Outcome is what a sync did.
type Outcome struct {
	Plan
	Put, Removed int
	Took         time.Duration
}
