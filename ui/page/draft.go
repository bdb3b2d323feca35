package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"net/url"
	"path"
	"strings"
	"time"

	"passerelle/i18n"
)

// Draft is an application as an e-mail that the person sends from their own mail program:
// nothing here sends. What goes along is what they chose, and nothing unless they did.
type Draft struct {
	Lang        i18n.Lang // of the text
	From        string    // address; "": their program knows it
	To          string    // address of the employer, with a name or without
	Subject     string
	Text        string
	At          time.Time // zero: their program says when
	Attachments []Attachment
}

// Attachment is a file that goes along.
type Attachment struct {
	Name string // of the file, with its ending
	Type string // MIME; "": application/octet-stream
	Body []byte
}

// ErrAddress is that of a draft to nobody, or to what is no address.
var ErrAddress = errors.New("not an e-mail address")

// Longest is how long a mailto: link may be, in octets. Windows hands a program links of up
// to 2,083; some mail programs cut at 2,000.
const Longest = 2000

// MostAttached is how much may go along, in octets: many servers refuse letters of more than
// 10 MB, and a letter is a third larger than its files.
const MostAttached = 7 << 20

// ErrLarge is that of a draft with more than [MostAttached].
var ErrLarge = errors.New("the attachments are too large for a letter")

// Mailto is the draft as a link (RFC 6068) that opens the person's mail program. whole says
// that nothing was left out: a text that would make the link longer than [Longest] is, and so
// are attachments, which no link carries. Then the .eml file is the way, or the clipboard.
func (d Draft) Mailto() (link string, whole bool, err error) {
	to, err := address(d.To)
	if err != nil {
		return "", false, err
	}
	link = "mailto:" + strings.ReplaceAll(escape(to.Address), "%40", "@")
	whole = len(d.Attachments) == 0
	between := "?"
	for _, part := range []struct{ name, text string }{{"subject", oneLine(d.Subject)}, {"body", strings.ReplaceAll(lf(d.Text), "\n", "\r\n")}} {
		if part.text == "" {
			continue
		}
		more := between + part.name + "=" + escape(part.text)
		if len(link)+len(more) > Longest {
			whole = false
			continue
		}
		link += more
		between = "&"
	}
	return link, whole, nil
}

// escape writes a text into a link; a space is %20, since programs take a + as it is.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// EML writes the draft as a file (RFC 5322, MIME) that mail programs open as a letter to be
// sent (X-Unsent). The same draft is the same file.
func (d Draft) EML(w io.Writer) error {
	to, err := address(d.To)
	if err != nil {
		return err
	}
	size := 0
	for _, a := range d.Attachments {
		size += len(a.Body)
	}
	if size > MostAttached {
		return ErrLarge
	}
	var b bytes.Buffer
	head := func(name, value string) { b.WriteString(name + ": " + value + "\r\n") }
	if d.From != "" {
		from, err := address(d.From)
		if err != nil {
			return err
		}
		head("From", folded(from.String()))
	}
	head("To", folded(to.String()))
	head("Subject", subject(oneLine(d.Subject)))
	if !d.At.IsZero() {
		head("Date", d.At.Format(time.RFC1123Z))
	}
	head("X-Unsent", "1")
	head("MIME-Version", "1.0")
	if d.Lang != "" {
		head("Content-Language", string(d.Lang)+"-CA")
	}
	if len(d.Attachments) == 0 {
		d.text(&b)
	} else {
		mark := d.boundary()
		head("Content-Type", `multipart/mixed; boundary="`+mark+`"`)
		b.WriteString("\r\n--" + mark + "\r\n")
		d.text(&b)
		for _, a := range d.Attachments {
			b.WriteString("\r\n--" + mark + "\r\n")
			a.write(&b)
		}
		b.WriteString("\r\n--" + mark + "--\r\n")
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write a letter: %w", err)
	}
	return nil
}

func (d Draft) text(b *bytes.Buffer) {
	b.WriteString("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	q := quotedprintable.NewWriter(b)
	_, _ = io.WriteString(q, strings.ReplaceAll(lf(d.Text), "\n", "\r\n")) // a buffer takes all
	_ = q.Close()
	b.WriteString("\r\n")
}

// boundary is a mark that stands in no part, since none can know its own print.
func (d Draft) boundary() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %q", d.From, d.To, d.Subject, d.Text)
	for _, a := range d.Attachments {
		fmt.Fprintf(h, " %q %q %d ", a.Name, a.Type, len(a.Body))
		h.Write(a.Body)
	}
	return "part-" + hex.EncodeToString(h.Sum(nil)[:16])
}

func (a Attachment) write(b *bytes.Buffer) {
	name := oneLine(path.Base(strings.ReplaceAll(a.Name, `\`, "/")))
	if name == "" || name == "." || name == "/" || name == ".." {
		name = "document"
	}
	kind, _, err := mime.ParseMediaType(a.Type)
	if err != nil || strings.HasPrefix(kind, "multipart/") || !strings.Contains(kind, "/") {
		kind = "application/octet-stream"
	}
	b.WriteString("Content-Type: " + kind + "\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: " +
		strings.ReplaceAll(mime.FormatMediaType("attachment", map[string]string{"filename": name}), "; ", ";\r\n ") + "\r\n\r\n")
	text := base64.StdEncoding.EncodeToString(a.Body)
	for len(text) > 76 {
		b.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	b.WriteString(text + "\r\n")
}

func address(text string) (*mail.Address, error) {
	a, err := mail.ParseAddress(oneLine(text))
	if err != nil || !strings.Contains(a.Address, "@") {
		return nil, fmt.Errorf("%q: %w", text, ErrAddress)
	}
	return a, nil
}

// subject is a text for a head: in encoded words if it holds more than ASCII, or what could
// be taken for one, or is longer than a line.
func subject(text string) string {
	encoded := mime.QEncoding.Encode("utf-8", text)
	if encoded == text && (len(text) > 60 || strings.Contains(text, "=?")) {
		var words []string
		for text != "" {
			n := min(len(text), 40)
			words = append(words, "=?utf-8?q?"+strings.NewReplacer(" ", "_", "=", "=3D", "?", "=3F", "_", "=5F").Replace(text[:n])+"?=")
			text = text[n:]
		}
		encoded = strings.Join(words, " ")
	}
	return folded(encoded)
}

// folded puts each encoded word on a line of its own.
func folded(text string) string { return strings.ReplaceAll(text, "?= =?", "?=\r\n =?") }

// lf ends lines in one way, and leaves no other control character.
func lf(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return strings.Join(lines, "\n")
}
