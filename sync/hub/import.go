package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"passerelle/i18n"
	"passerelle/store/ledger"
	"passerelle/store/posting"
	"passerelle/sync/intake"
	"passerelle/sync/intake/demo"
)

// batchRows is how many rows one transaction writes: large enough that commits cost
// little, small enough that a reader of the ledger never waits long.
const batchRows = 1000

// File is a file to import. It is opened twice when the import is [ImportOptions.Complete].
type File struct {
	Name string // shown in problems
	Open func() (io.ReadCloser, error)
}

// ImportOptions say how files are imported; the zero value is right for files that tell
// what is new and what has changed.
type ImportOptions struct {
	Format intake.Format // "": found out
	Lang   i18n.Lang     // see intake.Options
	// Complete: the files together hold every posting of the source. Those that they
	// do not hold are closed.
	Complete bool
	// MaxShare of a source's postings may be closed by one import, 0 to 1; 0: 0.2.
	// Beyond it nothing is changed, unless AllowRemovals.
	MaxShare      float64
	AllowRemovals bool
	Progress      func(Imported) // after each transaction; nil: nobody asks
}

// Imported is what an import did.
type Imported struct {
	Run      int64
	Read     int // rows or documents seen
	Refused  int // of them, left out
	Assigned int // of those taken, how many have an occupation code
	ledger.Tally
	Problems []intake.Problem
	More     int // problems beyond those kept
	// Partial: a file was not read to its end, or rows of a Complete import could not be
	// told apart from rows that are gone. Nothing was closed.
	Partial bool
}

// add counts what was read of one more file or document.
func (im *Imported) add(rep intake.Report) {
	im.Read += rep.Read
	im.Refused += rep.Read - rep.Kept
	im.Assigned += rep.Assigned
	kept := rep.Problems
	if room := intake.MaxProblems - len(im.Problems); len(kept) > room {
		kept = kept[:max(room, 0)]
	}
	im.Problems = append(im.Problems, kept...)
	im.More += rep.More + len(rep.Problems) - len(kept)
}

// Import takes postings of a source in. It may be stopped at any moment and run again:
// what was taken is then found unchanged. Nothing is changed when the error is
// intake.ErrTerms (the source has not accepted the terms), intake.ErrTooManyRemovals
// (ask, then set AllowRemovals) or ledger.ErrNotFound (no such source).
func (h *Hub) Import(ctx context.Context, source string, files []File, o ImportOptions, now time.Time) (Imported, error) {
	im, err := h.doImport(ctx, source, files, o, now)
	if err != nil {
		return im, fmt.Errorf("import from %s: %w", source, err)
	}
	return im, nil
}

func (h *Hub) doImport(ctx context.Context, source string, files []File, o ImportOptions, now time.Time) (im Imported, err error) {
	src, err := h.ledger.Source(ctx, source)
	if err != nil {
		return im, err
	}
	if !Accepted(src) {
		return im, intake.ErrTerms
	}
	if src.ID == posting.Native {
		src.Accepted = intake.TermsVersion
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Name
	}
	if im.Run, err = h.ledger.Begin(ctx, source, names, now); err != nil {
		return im, err
	}
	h.o.At("begun")
	defer func() {
		err = errors.Join(err, h.finish(context.WithoutCancel(ctx), source, names, im, err, now))
	}()

	today := posting.DayOf(now)
	read := func(f File, yield func(posting.Posting) error) (intake.Report, error) {
		r, err := f.Open()
		if err != nil {
			return intake.Report{}, err
		}
		defer func() { _ = r.Close() }()
		return intake.Read(ctx, r, intake.Options{
			File: f.Name, Format: o.Format, Source: src, Lang: o.Lang, Today: today,
		}, yield)
	}

	var missing []int64
	if o.Complete {
		if missing, im.Partial, err = h.missing(ctx, src, files, read, today); err != nil {
			return im, err
		}
		if !o.AllowRemovals {
			live, err := h.ledger.Live(ctx, source, today)
			if err != nil {
				return im, err
			}
			if err := intake.Guard(live, len(missing), o.MaxShare); err != nil {
				return im, err
			}
		}
	}

	batch := make([]posting.Posting, 0, batchRows)
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		t, err := h.ledger.Put(ctx, batch)
		if err != nil {
			return err
		}
		im.Added += t.Added
		im.Changed += t.Changed
		im.Unchanged += t.Unchanged
		batch = batch[:0]
		h.o.At("batch")
		if o.Progress != nil {
			o.Progress(im)
		}
		return nil
	}
	for _, f := range files {
		rep, err := read(f, func(p posting.Posting) error {
			p.Source = source
			if batch = append(batch, p); len(batch) == batchRows {
				return flush()
			}
			return nil
		})
		im.add(rep)
		if errors.Is(err, intake.ErrFormat) { // what was read of it is good, the other files too
			im.Partial, err = true, nil
		}
		if err != nil {
			return im, err
		}
	}
	if err := flush(); err != nil {
		return im, err
	}

	h.o.At("before-close")
	if im.Partial {
		return im, nil
	}
	for ids := range slices.Chunk(missing, batchRows) {
		n, err := h.ledger.End(ctx, ids, posting.Closed)
		if err != nil {
			return im, err
		}
		im.Closed += n
		h.o.At("closed")
	}
	return im, nil
}

// missing reads the files once without writing, and gives the rows of the source that
// they do not hold. A row that is bad today but bears its number is held. partial if a
// file could not be read to its end, or if a row in it could be any posting's.
func (h *Hub) missing(ctx context.Context, src posting.Source, files []File,
	read func(File, func(posting.Posting) error) (intake.Report, error), today posting.Day,
) (ids []int64, partial bool, err error) {
	held := map[posting.Sum]struct{}{} // 16 bytes a row, however long the ids
	for _, f := range files {
		rep, err := read(f, func(p posting.Posting) error {
			held[posting.SumOf([]byte(p.SourceID))] = struct{}{}
			return nil
		})
		if errors.Is(err, intake.ErrFormat) {
			return nil, true, nil // half a list would look like removals
		}
		if err != nil {
			return nil, false, err
		}
		if rep.MoreRows > 0 { // they could be any posting's
			return nil, true, nil
		}
		for _, p := range rep.Problems {
			switch {
			case !p.Row, p.Reason == intake.NotInCA: // read well, and no longer ours to show
			case p.ID != "":
				held[posting.SumOf([]byte(p.ID))] = struct{}{}
			case p.Reason != intake.NoID: // such a row, the total at the foot of a table, is no posting's
				return nil, true, nil
			}
		}
	}
	err = h.ledger.LiveIDs(ctx, src.ID, today, func(sid string, id int64) error {
		if _, ok := held[posting.SumOf([]byte(sid))]; !ok {
			ids = append(ids, id)
		}
		return nil
	})
	return ids, false, err
}

// finish leaves in the ledger what an import did.
func (h *Hub) finish(ctx context.Context, source string, names []string, im Imported, failed error, now time.Time) error {
	run := ledger.Run{
		ID: im.Run, Source: source, Files: names, Ended: now, Outcome: "done",
		Read: im.Read, Refused: im.Refused, Tally: im.Tally,
	}
	switch {
	case errors.Is(failed, intake.ErrTooManyRemovals):
		run.Outcome = "guard"
	case failed != nil:
		run.Outcome = failed.Error()
	}
	for _, p := range im.Problems {
		run.Problems = append(run.Problems, ledger.Problem{
			File: p.File, Line: p.Line, Reason: string(p.Reason), Detail: p.Detail,
		})
	}
	err := h.ledger.Finish(ctx, run)
	if failed != nil {
		return nil //nolint:nilerr // what stopped the import matters more, and often stops this too
	}
	return err
}

// ImportDemo takes N invented postings in, with the invented sources that send them.
// Sources that are in the registry stay as they are, revoked ones refused.
func (h *Hub) ImportDemo(ctx context.Context, o demo.Options, progress func(done int)) (ledger.Tally, error) {
	var total ledger.Tally
	refused, err := h.demoSources(ctx)
	if err != nil {
		return total, fmt.Errorf("import demonstration: %w", err)
	}
	next, done := make([]posting.Posting, 0, batchRows), 0
	flush := func() error {
		if len(next) == 0 {
			return nil
		}
		t, err := h.ledger.Put(ctx, next)
		if err != nil {
			return err
		}
		total.Added += t.Added
		total.Changed += t.Changed
		total.Unchanged += t.Unchanged
		next = next[:0]
		h.o.At("batch")
		if progress != nil {
			progress(done)
		}
		return nil
	}
	for p := range demo.Postings(o) {
		done++
		if refused[p.Source] {
			continue
		}
		if next = append(next, p); len(next) == batchRows {
			if err := errors.Join(ctx.Err(), flush()); err != nil {
				return total, fmt.Errorf("import demonstration: %w", err)
			}
		}
	}
	if err := flush(); err != nil {
		return total, fmt.Errorf("import demonstration: %w", err)
	}
	return total, nil
}

// demoSources registers the demonstration's sources and gives those that may not be shown.
func (h *Hub) demoSources(ctx context.Context) (refused map[string]bool, err error) {
	have := map[string]posting.Source{}
	all, err := h.ledger.Sources(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		have[s.ID] = s
	}
	refused = map[string]bool{}
	for _, s := range demo.Sources() {
		if old, ok := have[s.ID]; ok {
			refused[s.ID] = !Accepted(old)
			continue
		}
		s.Accepted = intake.TermsVersion
		if err := h.ledger.PutSource(ctx, s); err != nil {
			return nil, err
		}
	}
	return refused, nil
}
