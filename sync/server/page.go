package server

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"html/template"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/text/language"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// Letters shows a letter in its other language, by the token of the link in it.
type Letters interface {
	Other(token string, now time.Time) (mail.Letter, error)
}

// page is one that a letter's link leads to: words, a link to the other language, and
// perhaps a button. It runs nothing and brings nothing along.
type page struct {
	Lang, OtherLang i18n.Lang
	Style           template.CSS
	Title, Button   string
	Paragraphs      []string
	Other           string
}

const pageStyle = mail.Style + `button{font:inherit;font-weight:600;padding:.6rem 1.2rem;border:2px solid;border-radius:.4rem;background:none;color:inherit;cursor:pointer}`

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// hashed is a policy's name for a style.
func hashed(style string) string {
	sum := sha256.Sum256([]byte(style))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

var (
	pagePolicy   = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; style-src " + hashed(pageStyle)
	letterPolicy = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'; style-src " + hashed(mail.Style)
)

// maxForm is the most bytes of a form whose only field is its button.
const maxForm = 1 << 10

// linkPage shows what a letter's link is for. It confirms nothing: programs that look mail
// through follow links, and only a person presses a button.
func (s *Server) linkPage(w http.ResponseWriter, r *http.Request) {
	kind, lang, used, err := s.o.Gate.Link(r.Context(), r.PathValue("token"), s.o.Now())
	switch {
	case err != nil:
		s.failed(w, r, lang, err)
	case used:
		s.page(w, r, http.StatusOK, lang, i18n.PageUsedTitle, "", i18n.PageUsedBody, i18n.PageBack)
	default:
		title, body, button := words(kind)
		s.page(w, r, http.StatusOK, lang, title, button, body)
	}
}

// useLink does what typing the code does.
func (s *Server) useLink(w http.ResponseWriter, r *http.Request) {
	if t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); t != typeForm {
		s.refuse(w, http.StatusUnsupportedMediaType, wire.BadType, 0)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	switch {
	case err != nil:
		s.refuse(w, http.StatusRequestEntityTooLarge, wire.TooLarge, 0)
		return
	case document(body):
		s.refuse(w, http.StatusUnsupportedMediaType, wire.BadType, 0)
		return
	}
	_, lang, err := s.o.Gate.UseLink(r.Context(), r.PathValue("token"), s.o.Now())
	if err != nil {
		s.failed(w, r, lang, err)
		return
	}
	s.page(w, r, http.StatusOK, lang, i18n.PageDoneTitle, "", i18n.PageDoneBody, i18n.PageBack)
}

// words are those of a page by what its link does.
func words(k account.Kind) (title, body, button i18n.Key) {
	switch k {
	case account.Recover:
		return i18n.PageRecoverTitle, i18n.PageRecoverBody, i18n.PageRecoverButton
	case account.NewEmail:
		return i18n.PageAddressTitle, i18n.PageAddressBody, i18n.PageConfirm
	default:
		return i18n.PageConfirmTitle, i18n.PageConfirmBody, i18n.PageConfirm
	}
}

// failed says why a link does not do, and what does.
func (s *Server) failed(w http.ResponseWriter, r *http.Request, lang string, err error) {
	var no *wire.Refused
	switch {
	case !errors.As(err, &no):
		s.o.Log.ErrorContext(r.Context(), "link of a letter", "err", err)
		s.page(w, r, http.StatusInternalServerError, lang, i18n.PageDownTitle, "", i18n.PageDownBody)
	case no.Code == account.CodeUsed:
		s.page(w, r, http.StatusGone, lang, i18n.PageUsedTitle, "", i18n.PageUsedBody, i18n.PageBack)
	case no.Code == account.CodeTries:
		s.page(w, r, http.StatusGone, lang, i18n.PageTriesTitle, "", i18n.PageTriesBody, i18n.PageAgain)
	default: // ended, replaced by a newer one, or never sent: which one is not said
		s.page(w, r, http.StatusGone, lang, i18n.PageExpiredTitle, "", i18n.PageExpiredBody, i18n.PageAgain)
	}
}

// page writes a page in the language of the letter, or in the one that was asked for.
func (s *Server) page(w http.ResponseWriter, r *http.Request, status int, lang string, title, button i18n.Key, paragraphs ...i18n.Key) {
	speak := i18n.For(reader(r, lang))
	p := page{Lang: speak.Lang(), OtherLang: speak.Lang().Other(), Style: pageStyle, Title: speak.S(title)}
	p.Other = i18n.For(p.OtherLang).S(i18n.PageOther)
	if button != "" {
		p.Button = speak.S(button)
	}
	for _, k := range paragraphs {
		p.Paragraphs = append(p.Paragraphs, speak.S(k))
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		s.o.Log.ErrorContext(r.Context(), "write a page", "err", err)
	}
	writePage(w, status, string(p.Lang), pagePolicy, b.Bytes())
}

func writePage(w http.ResponseWriter, status int, lang, policy string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", lang)
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// reader is the language of who reads: the one that was chosen on the page, else the
// letter's, else what the browser prefers.
func reader(r *http.Request, letter string) i18n.Lang {
	q, _ := url.ParseQuery(r.URL.RawQuery)
	for _, l := range []string{q.Get("lang"), letter} {
		if l == string(i18n.French) || l == string(i18n.English) {
			return i18n.Lang(l)
		}
	}
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return i18n.French
	}
	_, i, _ := language.NewMatcher([]language.Tag{language.French, language.English}).Match(tags...)
	return []i18n.Lang{i18n.French, i18n.English}[i]
}

// otherLetter shows a letter in its other language.
func (s *Server) otherLetter(w http.ResponseWriter, r *http.Request) {
	l, err := s.o.Letters.Other(r.PathValue("token"), s.o.Now())
	if err != nil {
		if !errors.Is(err, mail.ErrNoLetter) {
			s.o.Log.ErrorContext(r.Context(), "letter in the other language", "err", err)
		}
		s.page(w, r, http.StatusGone, "", i18n.PageLetterTitle, "", i18n.PageLetterBody)
		return
	}
	writePage(w, http.StatusOK, string(l.Lang), letterPolicy, []byte(l.HTML))
}
