package hub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"passerelle/i18n"
	"passerelle/store/ledger"
	"passerelle/store/posting"
	"passerelle/sync/intake"
)

// fetchDocs is how many documents of a feed are written at once: they come one by one,
// and a stop should not lose an hour of them.
const fetchDocs = 100

// Fetch visits the partner feed for a source, under the agreement that the registry holds
// for it: without one nothing is asked of anyone. Documents that have not changed
// are not fetched again, and postings that the feed lists no more are closed, within
// intake.Guard. What was fetched before an error is kept.
func (h *Hub) Fetch(ctx context.Context, source string, feed intake.Feed, o ImportOptions, now time.Time) (Imported, error) {
	im, err := h.doFetch(ctx, source, feed, o, now)
	if err != nil {
		return im, fmt.Errorf("fetch from %s: %w", source, err)
	}
	return im, nil
}

func (h *Hub) doFetch(ctx context.Context, source string, feed intake.Feed, o ImportOptions, now time.Time) (im Imported, err error) {
	src, err := h.ledger.Source(ctx, source)
	switch {
	case err != nil:
		return im, err
	case !Accepted(src):
		return im, intake.ErrTerms
	case src.Agreement == "":
		return im, intake.ErrAgreement
	}
	feed.Agreement = src.Agreement
	names := []string{feed.Base}
	if im.Run, err = h.ledger.Begin(ctx, source, names, now); err != nil {
		return im, err
	}
	defer func() {
		err = errors.Join(err, h.finish(context.WithoutCancel(ctx), source, names, im, err, now))
	}()

	today := posting.DayOf(now)
	var (
		batch  []posting.Posting
		marks  []ledger.Mark
		failed error // of the ledger, asked for a mark
	)
	flush := func() error {
		t, err := h.ledger.Put(ctx, batch)
		if err != nil {
			return err
		}
		// After the rows: a stop in between fetches again what is there already.
		if err := h.ledger.SetMarks(ctx, source, marks); err != nil {
			return err
		}
		im.Added += t.Added
		im.Changed += t.Changed
		im.Unchanged += t.Unchanged
		batch, marks = batch[:0], marks[:0]
		h.o.At("batch")
		if o.Progress != nil {
			o.Progress(im)
		}
		return nil
	}
	seen := func(id string, lang i18n.Lang) string {
		mark, err := h.ledger.Mark(ctx, source, id, string(lang))
		failed = errors.Join(failed, err)
		return mark
	}
	got, err := feed.Fetch(ctx, seen, func(it intake.Item) error {
		if failed != nil {
			return failed
		}
		rep, err := intake.Read(ctx, bytes.NewReader(it.Doc), intake.Options{
			File: it.ID + "." + string(it.Lang), Format: intake.Federal, Source: src, Lang: it.Lang, Today: today,
		}, func(p posting.Posting) error {
			p.Source = source
			batch = append(batch, p)
			return nil
		})
		im.add(rep)
		if err != nil && !errors.Is(err, intake.ErrFormat) { // one bad document is told, and stops nothing
			return err
		}
		marks = append(marks, ledger.Mark{SourceID: it.ID, Lang: string(it.Lang), Mark: it.Updated})
		if len(marks) >= fetchDocs {
			return flush()
		}
		return nil
	})
	if ferr := flush(); err == nil {
		err = errors.Join(ferr, failed)
	}
	for _, p := range got.Problems {
		h.o.Log.WarnContext(ctx, "fetch", "source", source, "problem", p)
	}
	if err != nil {
		im.Partial = true
		return im, err
	}
	im.Unchanged += got.Unchanged
	return im, h.closeMissing(ctx, src, got.IDs, o, today, &im)
}

// closeMissing closes the postings of a source that its feed lists no more.
func (h *Hub) closeMissing(ctx context.Context, src posting.Source, listed []string, o ImportOptions, today posting.Day, im *Imported) error {
	var gone []int64
	live := 0
	err := h.ledger.LiveIDs(ctx, src.ID, today, func(sid string, id int64) error {
		live++
		if _, ok := slices.BinarySearch(listed, sid); !ok { // Fetched.IDs are in order
			gone = append(gone, id)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !o.AllowRemovals {
		if err := intake.Guard(live, len(gone), o.MaxShare); err != nil {
			return err
		}
	}
	for ids := range slices.Chunk(gone, batchRows) {
		n, err := h.ledger.End(ctx, ids, posting.Closed)
		if err != nil {
			return err
		}
		im.Closed += n
	}
	return nil
}
