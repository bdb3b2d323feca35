package server

import (
	"net/http"
	"time"

	"passerelle/sync/mail"
)

// Letters shows a letter in its other language, by the token of the link in it.
type Letters interface {
	Other(token string, now time.Time) (mail.Letter, error)
}

func (s *Server) linkPage(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }

func (s *Server) useLink(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }

func (s *Server) otherLetter(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }
