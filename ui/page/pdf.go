package page

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/signintech/gopdf"

	"passerelle/i18n"
)

// The faces are Noto Sans, under the SIL Open Font License (font/LICENSE.txt): it draws
// Latin with all its marks, Greek and Cyrillic.
var (
	//go:embed font/NotoSans-Regular.ttf
	regular []byte
	//go:embed font/NotoSans-Bold.ttf
	bold []byte

	faces = []struct {
		style int
		data  []byte
	}{{gopdf.Regular, regular}, {gopdf.Bold, bold}}
)

// Printed says what became of a page on paper.
type Printed struct {
	Sheets int
	// Missing are characters that the face does not draw, as of a script that it does not
	// have. Each is a replacement character there, and a person should be told.
	Missing []rune
}

// A sheet of US letter, as printers here hold, in points.
const (
	sheetWidth, sheetHeight = 612.0, 792.0
	leading                 = 1.38 // of a size
)

// How small the text of a page for one sheet gets before less is said, and at last.
var (
	scales = []float64{1, .9, .8, .7}
	least  = []float64{.6, .5}
)

// Sizes of headings by their levels, the title first.
var sizes = []float64{18, 18, 13, 11}

// PDF writes the page as PDF, with text that can be selected, searched and read aloud,
// headings as bookmarks and sheets that say their number. at is when it was made. gopdf tags
// no structure: for a screen reader the HTML is the better file.
func (p Page) PDF(w io.Writer, at time.Time) (Printed, error) {
	if !p.Wide {
		return p.print(w, at, newPaper(p.Lang, false, 1))
	}
	try := func(scale float64) (one bool, b bytes.Buffer, out Printed, err error) {
		out, err = p.print(&b, at, newPaper(p.Lang, true, scale))
		return out.Sheets == 1, b, out, err
	}
	steps := scales
	if p.Shorter == nil {
		steps = append(slices.Clone(scales), least...)
	}
	for i, scale := range steps {
		one, b, out, err := try(scale)
		if err != nil {
			return out, err
		}
		if one || p.Shorter == nil && i == len(steps)-1 {
			_, err = b.WriteTo(w)
			return out, err
		}
	}
	return p.Shorter().PDF(w, at)
}

func newPaper(l i18n.Lang, across bool, scale float64) *paper {
	d := &paper{lang: l, missing: map[rune]bool{}, widths: map[glyph]float64{}, wide: sheetWidth, high: sheetHeight, margin: 57, body: 10.5 * scale, scale: scale}
	if across {
		d.wide, d.high, d.margin = sheetHeight, sheetWidth, 36
	}
	d.bottom, d.inner = d.high-d.margin-12, d.wide-2*d.margin
	return d
}

func (p Page) print(w io.Writer, at time.Time, d *paper) (Printed, error) {
	d.pdf.Start(gopdf.Config{PageSize: gopdf.Rect{W: d.wide, H: d.high}})
	d.pdf.SetInfo(gopdf.PdfInfo{Title: d.plain(p.Title), Creator: i18n.For(p.Lang).S(i18n.AppName), CreationDate: at})
	for _, f := range faces {
		if err := d.pdf.AddTTFFontDataWithOption("noto", f.data, gopdf.TtfOption{Style: f.style}); err != nil {
			return Printed{}, fmt.Errorf("face of a PDF: %w", err)
		}
	}
	d.sheet()
	d.heading(p.Title, 1)
	for i, b := range p.Blocks {
		switch {
		case b.Heading != "":
			d.space(d.body * .6)
			d.keep(b.Level, p.Blocks[i+1:])
			d.heading(b.Heading, b.Level)
		case b.Text != "":
			for para := range strings.SplitSeq(b.Text, "\n") {
				d.lines([]run{{text: para}}, 0, d.body)
			}
		case len(b.List) > 0:
			for _, item := range b.List {
				d.keepLine(d.body)
				d.put(run{text: "•"}, d.margin+2, d.y, d.body)
				d.lines([]run{{text: item}}, 14, d.body)
			}
		case len(b.Facts) > 0:
			for _, f := range b.Facts {
				d.lines([]run{{text: strings.TrimRight(f.Label+colon(p.Lang), " "), bold: true}, {text: f.Value}}, 0, d.body)
			}
		case b.Link.URL != "":
			d.lines([]run{{text: strings.TrimRight(b.Link.Text+colon(p.Lang), " ")}, {text: b.Link.URL, link: b.Link.URL}}, 0, d.body)
		case len(b.Table.Rows) > 0:
			d.table(b.Table)
		}
		d.space(d.body * .3)
	}
	if len(p.Foot) > 0 {
		d.space(d.body)
		d.rule()
		for _, f := range p.Foot {
			d.lines([]run{{text: f}}, 0, 8.5*d.scale)
		}
	}
	d.numbers(p.Title)
	if d.err != nil {
		return Printed{}, fmt.Errorf("write a PDF: %w", d.err)
	}
	out := Printed{Sheets: d.pdf.GetNumberOfPages()}
	for r := range d.missing {
		out.Missing = append(out.Missing, r)
	}
	slices.Sort(out.Missing)
	if _, err := d.pdf.WriteTo(w); err != nil {
		return Printed{}, fmt.Errorf("write a PDF: %w", err)
	}
	return out, nil
}

// run is a text of one look.
type run struct {
	text string
	bold bool
	link string
}

// piece is a part of a line: where it begins, from the line's own beginning.
type piece struct {
	run
	x, width float64
}

type glyph struct {
	r    rune
	bold bool
}

// paper is a PDF that is being written, from the top down.
type paper struct {
	pdf  gopdf.GoPdf
	lang i18n.Lang
	y    float64 // top of the line to come

	wide, high, margin float64 // of a sheet
	bottom             float64 // the last line of text ends above
	inner              float64 // width of a line
	body, scale        float64 // size of text, and what all sizes are times

	missing map[rune]bool
	widths  map[glyph]float64 // of a glyph at size 1
	err     error             // the first
}

func (d *paper) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

func (d *paper) sheet() {
	d.pdf.AddPage()
	d.y = d.margin
}

func (d *paper) space(h float64) {
	if d.y > d.margin { // none at the head of a sheet
		d.y += h
	}
}

// keepLine begins a sheet if no line of a size fits on this one.
func (d *paper) keepLine(size float64) {
	if d.y+size*leading > d.bottom {
		d.sheet()
	}
}

// keep holds a heading together with the first line of what it heads, over headings that
// follow it at once.
func (d *paper) keep(level int, rest []Block) {
	need := d.size(level)*leading + 2*d.body*leading
	for _, b := range rest {
		if b.Heading == "" {
			break
		}
		need += d.size(b.Level)*leading + d.body
	}
	if d.y+need > d.bottom {
		d.sheet()
	}
}

func (d *paper) size(level int) float64 { return d.scale * sizes[max(0, min(level, len(sizes)-1))] }

func (d *paper) heading(text string, level int) {
	size := d.size(level)
	text = d.plain(text)
	if text == "" {
		return
	}
	d.keepLine(size)
	d.pdf.SetXY(d.margin, d.y)
	if level > 1 {
		d.pdf.AddOutlineWithPosition(text)
	}
	d.lines([]run{{text: text, bold: true}}, 0, size)
	if level == 2 {
		d.rule()
	}
}

func (d *paper) rule() {
	d.keepLine(2)
	d.pdf.SetLineWidth(.5)
	d.pdf.SetGrayStroke(.75)
	d.pdf.Line(d.margin, d.y+1, d.wide-d.margin, d.y+1)
	d.y += 4
}

// lines writes runs one after the other, broken into lines, over as many sheets as it takes.
func (d *paper) lines(runs []run, indent, size float64) {
	for _, line := range d.wrap(runs, d.inner-indent, size) {
		d.keepLine(size)
		for _, p := range line {
			d.put(p.run, d.margin+indent+p.x, d.y, size)
		}
		d.y += size * leading
	}
}

// put writes a text at a place. What is a link can be followed.
func (d *paper) put(r run, x, y, size float64) {
	d.font(r.bold, size)
	d.pdf.SetXY(x, y)
	text := d.plain(r.text)
	if text == "" {
		return
	}
	if err := d.pdf.Cell(&gopdf.Rect{W: d.inner, H: size * leading}, text); err != nil {
		d.fail(err)
	}
	if r.link != "" {
		d.pdf.AddExternalLink(strings.NewReplacer("(", "%28", ")", "%29", "\\", "%5C").Replace(printable(r.link)), x, y, d.width(text, r.bold)*size, size*leading)
	}
}

func (d *paper) font(isBold bool, size float64) {
	style := gopdf.Regular
	if isBold {
		style = gopdf.Bold
	}
	if err := d.pdf.SetFontWithStyle("noto", style, size); err != nil {
		d.fail(err)
	}
}

// width is that of a text at size 1.
func (d *paper) width(text string, isBold bool) (sum float64) {
	for _, r := range text {
		g := glyph{r, isBold}
		w, known := d.widths[g]
		if !known {
			d.font(isBold, 100)
			at100, err := d.pdf.MeasureTextWidth(string(r))
			if err != nil {
				d.fail(err)
			}
			w = at100 / 100
			d.widths[g] = w
		}
		sum += w
	}
	return sum
}

// wrap breaks runs into lines of a width: at spaces, but never at one that does not break,
// and inside a word only when a line cannot hold it.
func (d *paper) wrap(runs []run, width, size float64) (all [][]piece) {
	var line []piece
	x := 0.0
	end := func() {
		all, line, x = append(all, line), nil, 0
	}
	add := func(r run, text string) {
		w := d.width(text, r.bold) * size
		if n := len(line); n > 0 && line[n-1].bold == r.bold && line[n-1].link == r.link && x == line[n-1].x+line[n-1].width {
			line[n-1].text += text
			line[n-1].width += w
		} else {
			p := piece{run: r, x: x, width: w}
			p.text = text
			line = append(line, p)
		}
		x += w
	}
	blank := false // a space is owed before the next word
	for i, r := range runs {
		if i > 0 {
			blank = true
		}
		for j, word := range strings.Split(d.plain(r.text), " ") {
			if j > 0 {
				blank = true
			}
			if word == "" {
				continue
			}
			w := d.width(word, r.bold) * size
			gap := 0.0
			if blank && x > 0 {
				gap = d.width(" ", r.bold) * size
			}
			switch {
			case x+gap+w <= width:
				if gap > 0 {
					add(r, " ")
				}
				add(r, word)
			default:
				if x > 0 {
					end()
				}
				for w > width { // longer than a line
					n, fits := 0, 0.0
					for k, c := range word {
						cw := d.width(string(c), r.bold) * size
						if fits += cw; fits > width && k > 0 {
							n = k
							break
						}
					}
					if n == 0 {
						break
					}
					add(r, word[:n])
					end()
					word = word[n:]
					w = d.width(word, r.bold) * size
				}
				add(r, word)
			}
			blank = false
		}
	}
	if len(line) > 0 || len(all) == 0 {
		end()
	}
	return all
}

// table writes rows under a head that each sheet repeats. Columns are as wide as their
// texts ask for, in proportion.
func (d *paper) table(t Table) {
	n := len(t.Columns)
	for _, row := range t.Rows {
		n = max(n, len(row))
	}
	want := make([]float64, n)
	for _, row := range append([][]string{t.Columns}, t.Rows...) {
		for i, cell := range row {
			want[i] = max(want[i], min(d.width(d.plain(cell), true)*d.body, d.inner*.6))
		}
	}
	const gap = 10.0
	sum, room := 0.0, d.inner-gap*float64(n-1)
	for i := range want {
		want[i] = max(want[i], 30)
		sum += want[i]
	}
	if sum > room { // the wide ones give way
		narrow, wide := 0.0, 0.0
		for _, w := range want {
			if w <= room/float64(n) {
				narrow += w
			} else {
				wide += w
			}
		}
		for i, w := range want {
			if w > room/float64(n) {
				want[i] = w * (room - narrow) / wide
			}
		}
	}
	row := func(cells []string, head bool) {
		broken := make([][][]piece, n)
		tall := 0
		for i := range cells {
			for part := range strings.SplitSeq(cells[i], "\n") {
				broken[i] = append(broken[i], d.wrap([]run{{text: part, bold: head || i == 0 && t.Heads && len(broken[i]) == 0}}, want[i], d.body)...)
			}
			tall = max(tall, len(broken[i]))
		}
		if h := float64(tall) * d.body * leading; !head && d.y+h > d.bottom && h < d.bottom-2*d.margin {
			d.y = d.bottom // a row that a sheet can hold is not torn
		}
		for k := range tall {
			if d.y+d.body*leading > d.bottom {
				d.sheet()
				if !head && len(t.Columns) > 0 {
					d.tableHead(t, want, gap)
				}
			}
			x := d.margin
			for i := range n {
				if k < len(broken[i]) {
					for _, p := range broken[i][k] {
						d.put(p.run, x+p.x, d.y, d.body)
					}
				}
				x += want[i] + gap
			}
			d.y += d.body * leading
		}
		d.pdf.SetLineWidth(.25)
		d.pdf.SetGrayStroke(.85)
		d.pdf.Line(d.margin, d.y+1, d.wide-d.margin, d.y+1)
		d.y += 3 * d.scale
	}
	if len(t.Columns) > 0 {
		if d.y+4*d.body*leading > d.bottom {
			d.sheet()
		}
		row(t.Columns, true)
	}
	for _, cells := range t.Rows {
		row(cells, false)
	}
}

// tableHead says the columns again at the head of a sheet, each on one line.
func (d *paper) tableHead(t Table, widths []float64, gap float64) {
	x := d.margin
	for i, c := range t.Columns {
		if lines := d.wrap([]run{{text: c, bold: true}}, widths[i], d.body); len(lines) > 0 {
			for _, p := range lines[0] {
				d.put(p.run, x+p.x, d.y, d.body)
			}
		}
		x += widths[i] + gap
	}
	d.y += d.body*leading + 4
}

// numbers says on each sheet which it is, once their count is known.
func (d *paper) numbers(title string) {
	all := d.pdf.GetNumberOfPages()
	if all < 2 {
		return
	}
	w := i18n.For(d.lang)
	for n := 1; n <= all; n++ {
		if err := d.pdf.SetPage(n); err != nil {
			d.fail(err)
			return
		}
		text := w.S(i18n.PageSheet, "Number", w.Number(n), "All", w.Number(all))
		x := d.wide - d.margin - d.width(text, false)*8
		d.put(run{text: text}, x, d.high-d.margin, 8)
		if n > 1 {
			short := d.wrap([]run{{text: title}}, d.inner*.7, 8)
			for _, p := range short[0] {
				d.put(p.run, d.margin+p.x, d.high-d.margin, 8)
			}
		}
	}
}

// plain is a text on one line that the face can draw.
func (d *paper) plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u00ad' || r == '\u200b' || r == '\ufeff':
			return -1 // shown as nothing
		case draws(r):
			return r
		case r == '\u202f' || r == '\u2007':
			return '\u00a0'
		case r == '\u2011' || r == '\u2010':
			return '-'
		}
		d.missing[r] = true
		if draws('\ufffd') {
			return '\ufffd'
		}
		return '?'
	}, printable(text))
}

// printable is a text without control characters.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
}

// draws says whether both faces have a glyph.
func draws(r rune) bool {
	drawn.Lock()
	defer drawn.Unlock()
	if drawn.pdf == nil {
		drawn.pdf, drawn.known = &gopdf.GoPdf{}, map[rune]bool{}
		drawn.pdf.Start(gopdf.Config{PageSize: *gopdf.PageSizeLetter})
		for _, f := range faces {
			if drawn.pdf.AddTTFFontDataWithOption("noto", f.data, gopdf.TtfOption{Style: f.style}) != nil {
				return false
			}
		}
	}
	yes, known := drawn.known[r]
	if !known {
		yes = true
		for _, f := range faces {
			has, err := false, drawn.pdf.SetFontWithStyle("noto", f.style, 10)
			if err == nil {
				has, err = drawn.pdf.IsCurrFontContainGlyph(r)
			}
			yes = yes && has && err == nil
		}
		drawn.known[r] = yes
	}
	return yes
}

var drawn struct {
	sync.Mutex
	pdf   *gopdf.GoPdf
	known map[rune]bool
}
