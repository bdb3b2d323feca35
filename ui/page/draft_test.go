package page

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelle/i18n"
)

// letter reads a file as a mail program does.
type letter struct {
	head  mail.Header
	text  string
	files []Attachment
}

func opened(t interface {
	Helper()
	Fatalf(string, ...any)
}, b []byte) (l letter) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%v:\n%s", err, b)
	}
	l.head = m.Header
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatalf("%v:\n%s", err, b)
	}
	if kind == "text/plain" {
		text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		if err != nil {
			t.Fatalf("%v:\n%s", err, b)
		}
		l.text = string(text)
		return l
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return l
		}
		if err != nil {
			t.Fatalf("%v:\n%s", err, b)
		}
		var body []byte
		if p.Header.Get("Content-Transfer-Encoding") == "base64" {
			body, err = io.ReadAll(base64.NewDecoder(base64.StdEncoding, p))
			l.files = append(l.files, Attachment{p.FileName(), p.Header.Get("Content-Type"), body})
		} else {
			body, err = io.ReadAll(quotedprintable.NewReader(p))
			l.text = string(body)
		}
		if err != nil {
			t.Fatalf("%v:\n%s", err, b)
		}
	}
}

func eml(t interface {
	Helper()
	Fatalf(string, ...any)
}, d Draft) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.EML(&b); err != nil {
		t.Fatalf("EML: %v", err)
	}
	return b.Bytes()
}

// TestEML: a mail program reads what was written, in its language's letters, and takes it as
// a letter that was not sent. What goes along is what was chosen.
func TestEML(t *testing.T) {
	d := Draft{Lang: i18n.French, To: "Équipe des œuvres <emplois@exemple.ca>", Subject: "Candidature\u00a0: soudeuse à l'œuvre, équipe de nuit du chantier côté fleuve (numéro 100000012)",
		Text: "Madame,\r\n\nVoici ma candidature\u00a0: œuvre = cœur.\n.\nFrom ici\n" + strings.Repeat("long ", 300), At: now}
	b := eml(t, d)
	l := opened(t, b)
	dec := mime.WordDecoder{}
	if got, err := dec.DecodeHeader(l.head.Get("Subject")); err != nil || got != d.Subject {
		t.Errorf("subject %q, %v", got, err)
	}
	if to, err := l.head.AddressList("To"); err != nil || len(to) != 1 || to[0].Name != "Équipe des œuvres" || to[0].Address != "emplois@exemple.ca" {
		t.Errorf("to %v, %v", to, err)
	}
	if got := strings.TrimSuffix(l.text, "\r\n"); got != strings.ReplaceAll(lf(d.Text), "\n", "\r\n") {
		t.Errorf("text %q", got)
	}
	if at, err := l.head.Date(); err != nil || !at.Equal(now) || l.head.Get("X-Unsent") != "1" || l.head.Get("From") != "" || len(l.files) != 0 {
		t.Errorf("%v %v %v, %d files", at, err, l.head, len(l.files))
	}
	for _, line := range strings.Split(string(b), "\r\n") {
		if len(line) > 76+len("Subject: ") || strings.Contains(line, "\n") || strings.IndexFunc(line, func(r rune) bool { return r > 126 }) >= 0 {
			t.Errorf("a line that not every server passes: %q", line)
		}
	}
	d.Attachments = []Attachment{{"../cv/Résumé d'été «\u00a0long\u00a0» de la personne qui postule.pdf", "application/pdf", bytes.Repeat([]byte{0, 1, 255}, 500)}, {"", "x", nil}}
	d.From = "ada@exemple.ca"
	l = opened(t, eml(t, d))
	if len(l.files) != 2 || l.files[0].Name != "Résumé d'été «\u00a0long\u00a0» de la personne qui postule.pdf" || l.files[0].Type != "application/pdf" || !bytes.Equal(l.files[0].Body, d.Attachments[0].Body) ||
		l.files[1].Name != "document" || l.files[1].Type != "application/octet-stream" {
		t.Errorf("files %.200q", l.files)
	}
	if !bytes.Equal(eml(t, d), eml(t, d)) {
		t.Error("two files of one draft differ")
	}
	d.Attachments[0].Body = make([]byte, MostAttached+1)
	if err := d.EML(io.Discard); !errors.Is(err, ErrLarge) {
		t.Errorf("with too much: %v", err)
	}
	for _, to := range []string{"", "nobody", "a@exemple.ca, b@exemple.ca", "a@exemple.ca\r\nBcc: c@exemple.ca"} {
		if err := (Draft{To: to}).EML(io.Discard); !errors.Is(err, ErrAddress) {
			t.Errorf("to %q: %v", to, err)
		}
		if _, _, err := (Draft{To: to}).Mailto(); !errors.Is(err, ErrAddress) {
			t.Errorf("mailto %q: %v", to, err)
		}
	}
}

// TestMailto: the link says all of a short letter, and says when it does not.
func TestMailto(t *testing.T) {
	d := Draft{To: "Emplois <emplois+nuit@exemple.ca>", Subject: "Candidature\u00a0: soudeuse & monteuse?", Text: "Madame,\nvoici 100\u00a0% d'œuvre + cœur.\n"}
	link, whole, err := d.Mailto()
	if err != nil || !whole {
		t.Fatalf("%q, %v, %v", link, whole, err)
	}
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "mailto" || strings.Contains(link, "+") || strings.Contains(link, " ") {
		t.Fatalf("%q: %v", link, err)
	}
	to, _ := url.PathUnescape(u.Opaque)
	q := u.Query()
	if to != "emplois+nuit@exemple.ca" || q.Get("subject") != d.Subject || q.Get("body") != "Madame,\r\nvoici 100\u00a0% d'œuvre + cœur.\r\n" || len(q) != 2 {
		t.Errorf("to %q, %q", to, q)
	}
	d.Text = strings.Repeat("œ", 400)
	if link, whole, err = d.Mailto(); err != nil || whole || len(link) > Longest || strings.Contains(link, "body=") || !strings.Contains(link, "subject=") {
		t.Errorf("of a long letter %q, %v, %v", link, whole, err)
	}
	d.Text = "court"
	d.Attachments = []Attachment{{Name: "cv.pdf"}}
	if link, whole, err = d.Mailto(); err != nil || whole || strings.Contains(link, "cv.pdf") {
		t.Errorf("with a file %q, %v, %v", link, whole, err)
	}
}

// FuzzDraft: no text of a person makes a head, a part or a link that they did not write, and
// all of it comes back.
func FuzzDraft(f *testing.F) {
	f.Add("emplois@exemple.ca", "Œuvre =?utf-8?q?x?=", "Madame,\r\n.\r\n--part", "cv.pdf", []byte("%PDF"))
	f.Add("a@b\r\nBcc: x@y", "x\r\nBcc: z@y", "\x00\xff", "a\"; x=\"b\r\nX: y", []byte(nil))
	f.Fuzz(func(t *testing.T, to, subj, text, name string, body []byte) {
		if len(subj)+len(text)+len(name) > 5000 {
			return
		}
		d := Draft{Lang: i18n.English, To: to, Subject: subj, Text: text, At: time.Unix(1, 0).UTC()}
		link, _, err := d.Mailto()
		if err != nil {
			if !errors.Is(err, ErrAddress) {
				t.Fatal(err)
			}
			return
		}
		if len(link) > Longest+3*len(to) || strings.ContainsAny(link, " \r\n\"<>") || strings.Count(link, "&") > 1 {
			t.Fatalf("link %q", link)
		}
		for _, with := range [][]Attachment{nil, {{name, "text/plain", body}, {"b", "", body}}} {
			d.Attachments = with
			l := opened(t, eml(t, d))
			got, err := (&mime.WordDecoder{}).DecodeHeader(l.head.Get("Subject"))
			if err != nil || got != oneLine(subj) {
				t.Fatalf("subject %q, want %q, %v", got, oneLine(subj), err)
			}
			if want := strings.ReplaceAll(lf(text), "\n", "\r\n"); strings.TrimSuffix(l.text, "\r\n") != strings.TrimSuffix(want, "\r\n") && l.text != want+"\r\n" {
				t.Fatalf("text %q, want %q", l.text, want)
			}
			if len(l.files) != len(with) || len(with) > 0 && !bytes.Equal(l.files[0].Body, body) {
				t.Fatalf("%d files", len(l.files))
			}
			var heads []string
			for h := range l.head {
				heads = append(heads, h)
			}
			for _, h := range heads {
				if !slices.Contains([]string{"To", "Subject", "Date", "X-Unsent", "Mime-Version", "Content-Type", "Content-Language", "Content-Transfer-Encoding"}, h) {
					t.Fatalf("a head %q that nobody wrote", h)
				}
			}
		}
	})
}
