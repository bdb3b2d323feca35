package server

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"strconv"
	"time"

	"passerelle/sync/wire"
)

// What caches may do: a head is asked for again after a minute, and stands in for itself
// for a day while the server cannot be reached; everything else never changes.
const (
	headCache   = "public, max-age=60, stale-if-error=86400"
	objectCache = "public, max-age=31536000, immutable"
)

// named answers with the two kinds of files that are not named by their hash: a scope's
// head, and a version of the root.
func (s *Server) named(w http.ResponseWriter, r *http.Request) {
	scope, file := r.PathValue("scope"), r.PathValue("file")
	if scope == "root" {
		v, err := strconv.ParseInt(file, 10, 64)
		if err != nil || v < 1 || file != strconv.FormatInt(v, 10) {
			http.NotFound(w, r)
			return
		}
		s.file(w, r, wire.RootPath(v), `"root-`+file+`"`, objectCache)
		return
	}
	if _, _, err := wire.ParseScope(scope); err != nil || file != "head" {
		http.NotFound(w, r)
		return
	}
	head, err := s.files.ReadFile(wire.HeadPath(scope))
	if err != nil {
		s.missing(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", headCache)
	h.Set("Content-Type", "application/octet-stream")
	h.Set("ETag", `"`+wire.HashOf(head).String()[:32]+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(head)) // 304 by ETag
}

// object answers with a file that is named by its hash, whole or from where a cut
// download stopped.
func (s *Server) object(w http.ResponseWriter, r *http.Request) {
	hash, err := wire.ParseHash(r.PathValue("hex"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	s.file(w, r, wire.ObjectPath(hash), `"`+hash.String()+`"`, objectCache)
}

func (s *Server) file(w http.ResponseWriter, r *http.Request, name, tag, cache string) {
	f, err := s.files.Open(name)
	if err != nil {
		s.missing(w, r, err)
		return
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		s.missing(w, r, errors.Join(err, fs.ErrNotExist))
		return
	}
	// A line of 4 kB/s is slow, not dead; one that takes nothing is given up.
	patience := time.Minute + time.Duration(info.Size()>>12)*time.Second
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(patience)) // not every writer has one
	h := w.Header()
	h.Set("Cache-Control", cache)
	h.Set("Content-Type", "application/octet-stream")
	h.Set("ETag", tag)
	http.ServeContent(w, r, "", time.Time{}, f)
}

func (s *Server) missing(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		http.NotFound(w, r)
		return
	}
	s.o.Log.ErrorContext(r.Context(), "read a published file", "path", r.URL.Path, "err", err)
	http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
}
