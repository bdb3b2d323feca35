package intake

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// headSize is how much of a file is looked at to find out what it is.
const headSize = 64 << 10

// text is a file as UTF-8, whatever it came in.
type text struct {
	r    *bufio.Reader
	head string // its beginning, cut anywhere
	line int    // lines read so far
	// guess is set when the file names no encoding: a row that is not UTF-8 is then
	// read as Windows-1252, which old exports are in.
	guess bool
	ended bool // the last line read had an end
}

var declared = regexp.MustCompile(`^\s*<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']`)

// open finds the encoding out and undoes it.
func open(r io.Reader) (*text, error) {
	raw := bufio.NewReaderSize(r, headSize)
	head, err := raw.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	if len(bytes.TrimSpace(head)) == 0 {
		return nil, fatal{0, Empty, ""}
	}
	t := &text{}
	named := "UTF-8"
	var decoded io.Reader = raw
	switch wide := wideness(head); {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, _ = raw.Discard(3)
	case bytes.HasPrefix(head, []byte("\xff\xfe")) || wide == 'l':
		named, decoded = "UTF-16", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(raw)
	case bytes.HasPrefix(head, []byte("\xfe\xff")) || wide == 'b':
		named, decoded = "UTF-16", unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Reader(raw)
	case bytes.IndexByte(head, 0) >= 0:
		return nil, fatal{0, Binary, ""}
	default:
		if m := declared.FindSubmatch(head); m != nil {
			named = string(m[1])
			switch strings.ToLower(named) {
			case "utf-8", "utf8", "us-ascii", "ascii":
			case "iso-8859-1", "latin1", "windows-1252", "cp1252", "iso-8859-15":
				decoded = charmap.Windows1252.NewDecoder().Reader(raw)
			default:
				return nil, fatal{1, BadEncoding, named}
			}
			break
		}
		t.guess = true
		if !validHead(head) {
			decoded = charmap.Windows1252.NewDecoder().Reader(raw)
		}
	}
	t.r = bufio.NewReaderSize(decoded, headSize)
	first, err := t.r.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	if strange(first) {
		return nil, fatal{0, Binary, ""}
	}
	if !t.guess && (!validHead(first) || named == "UTF-16" && bytes.Contains(first, []byte("\uFFFD"))) {
		return nil, fatal{0, BadEncoding, named}
	}
	t.head = string(first)
	return t, nil
}

// wideness tells UTF-16 without a mark by its zeros: 'l' when every second byte from
// the second on is mostly zero, 'b' when it is from the first on.
func wideness(head []byte) byte {
	n := min(len(head), 4096) / 2 * 2
	if n < 8 {
		return 0
	}
	var zero [2]int
	for i := range n {
		if head[i] == 0 {
			zero[i%2]++
		}
	}
	switch {
	case zero[1] > n/2*7/10 && zero[0] == 0:
		return 'l'
	case zero[0] > n/2*7/10 && zero[1] == 0:
		return 'b'
	}
	return 0
}

// validHead says whether bytes cut anywhere are UTF-8.
func validHead(b []byte) bool {
	for i := 0; i < utf8.UTFMax && len(b) > 0; i++ {
		if utf8.Valid(b) {
			return true
		}
		if utf8.RuneStart(b[len(b)-1]) && utf8.FullRune(b[len(b)-1:]) {
			return false
		}
		b = b[:len(b)-1]
	}
	return len(b) == 0 || utf8.Valid(b)
}

// strange says whether more than one character in a hundred has no place in a text.
func strange(b []byte) bool {
	bad := 0
	for _, c := range b {
		if c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1e {
			bad++
		}
	}
	return bad*100 > len(b)
}

// fix gives a row as UTF-8; ok is false when it is not what the file says it is.
func (t *text) fix(row []byte) ([]byte, bool) {
	if utf8.Valid(row) {
		return row, true
	}
	if !t.guess {
		return nil, false
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(row)
	return out, err == nil
}

// readLine appends the next line to buf, without its end. long says that it was longer
// than MaxRow, and then the rest of it is dropped. The last line may have no end.
func (t *text) readLine(buf []byte) (line []byte, long bool, err error) {
	start := len(buf)
	got := false
	for {
		part, err := t.r.ReadSlice('\n')
		got = got || len(part) > 0
		if room := MaxRow - (len(buf) - start); len(part) > room {
			long = true
			buf = append(buf, part[:room]...)
		} else {
			buf = append(buf, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && got:
		case err != nil:
			return buf, long, err
		}
		t.line++
		t.ended = err == nil
		return bytes.TrimRight(buf, "\r\n"), long, nil
	}
}
