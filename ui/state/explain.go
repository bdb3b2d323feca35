package state

import (
	"errors"

	"passerelle/i18n"
	"passerelle/store/catalogue"
	"passerelle/store/sqldb"
	"passerelle/sync/replica"
	"passerelle/sync/session"
)

// Explain says an error to a person: what happened and what to do next. What is not
// known is said as it came, after a sentence that tells what to do with it.
func Explain(w *i18n.Words, err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, replica.ErrNoServer):
		return w.S(i18n.ErrorNoServer)
	case errors.Is(err, replica.ErrBusy):
		return w.S(i18n.ErrorBusy)
	case errors.Is(err, replica.ErrNoBundle):
		return w.S(i18n.ErrorNoBundle)
	case errors.Is(err, replica.ErrUnknownPublisher):
		return w.S(i18n.ErrorUnknownPublisher)
	case errors.Is(err, catalogue.ErrNone):
		return w.S(i18n.ErrorNoCatalogue)
	case errors.Is(err, sqldb.ErrCorrupt):
		return w.S(i18n.ErrorCorrupt)
	case errors.Is(err, session.ErrNoKeyring):
		return w.S(i18n.ErrorNoKeyring)
	case errors.Is(err, session.ErrKeyringLocked):
		return w.S(i18n.PresentKeyringLocked)
	}
	if k := replica.Sentence(err); k != "" {
		return w.S(k)
	}
	if sentence, ok := sqldb.Sentence(w, err); ok {
		return sentence
	}
	return w.S(i18n.ErrorOther, "Text", err.Error())
}

// ProgressLine says where a sync stands, on one line.
func ProgressLine(w *i18n.Words, p replica.Progress) string {
	line := map[replica.Stage]i18n.Key{replica.Asking: i18n.SyncAsking, replica.Downloading: i18n.SyncDownloading,
		replica.Applying: i18n.SyncApplying, replica.Indexing: i18n.SyncIndexing, replica.Done: i18n.SyncDone}[p.Stage]
	bytes, rows, left := "", "", ""
	if p.BytesTotal > 0 && p.Stage == replica.Downloading {
		bytes = w.S(i18n.SyncBytes, "Done", w.Bytes(p.Bytes), "All", w.Bytes(p.BytesTotal))
	}
	if p.RowsTotal > 0 && p.Stage != replica.Asking {
		rows = w.S(i18n.SyncRows, "Done", w.Number(p.Rows), "All", w.Number(p.RowsTotal))
	}
	if s := int(p.Left.Seconds() + 0.5); s > 0 && s < 90 {
		left = w.N(i18n.SyncSeconds, s)
	} else if s >= 90 {
		left = w.N(i18n.SyncMinutes, (s+30)/60)
	}
	return join(w.S(line), rows, bytes, left)
}
