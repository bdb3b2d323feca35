package part

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/boombuler/barcode/qr"

	"passerelle/ui/look"
)

// QR is a code that a telephone reads, black on white in every theme.
type QR struct {
	widget.BaseWidget
	label   string
	img     *canvas.Image
	modules float32 // on a side, the white around it included
}

// NewQR draws a text as a code; label is what a screen reader says in its place.
func NewQR(text, label string) (*QR, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("draw QR code: %w", err)
	}
	const quiet = 4 // modules of white around it, without which readers do not find it
	n := code.Bounds().Dx()
	g := image.NewGray(image.Rect(0, 0, n+2*quiet, n+2*quiet))
	for i := range g.Pix {
		g.Pix[i] = 0xff
	}
	for y := range n {
		for x := range n {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				g.SetGray(x+quiet, y+quiet, color.Gray{})
			}
		}
	}
	q := &QR{label: label, img: canvas.NewImageFromImage(g), modules: float32(n + 2*quiet)}
	q.img.ScaleMode = canvas.ImageScalePixels
	q.img.FillMode = canvas.ImageFillContain
	q.ExtendBaseWidget(q)
	return q, nil
}

// AccessibilityLabel is what stands for the drawing.
func (q *QR) AccessibilityLabel() string { return q.label }

// AccessibilityRole is that of text: Fyne has no role for a drawing.
func (q *QR) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer draws the code. It does not shrink under what a camera reads, and its
// modules are all of one size: whole units.
func (q *QR) CreateRenderer() fyne.WidgetRenderer {
	side := q.modules * float32(math.Ceil(float64(look.Now().Px(196)/q.modules)))
	return &drawing{objects: []fyne.CanvasObject{q.img},
		layout: func(s fyne.Size) {
			at := min(s.Width, side)
			if whole := q.modules * float32(math.Floor(float64(at/q.modules))); whole > 0 {
				at = whole
			}
			q.img.Resize(fyne.NewSquareSize(at))
		},
		min: func() fyne.Size { return fyne.NewSquareSize(side) }}
}

// Groups sets spaces into a long key, so that it can be read and typed: by fours.
func Groups(key string) string {
	var out []string
	rs := []rune(key)
	for i := 0; i < len(rs); i += 4 {
		out = append(out, string(rs[i:min(i+4, len(rs))]))
	}
	return strings.Join(out, " ")
}

// Shared is a secret shown to be kept elsewhere: a drawing at the left, which may be nil,
// lines in large type, and what can be done with them.
func Shared(left fyne.CanvasObject, label string, lines []string, acts ...*Button) *fyne.Container {
	t := look.Now()
	col := []fyne.CanvasObject{NewText(label, look.Small, look.InkMuted)}
	var cells []fyne.CanvasObject
	for _, l := range lines {
		cells = append(cells, NewBold(l, look.Heading, look.InkText))
	}
	if len(cells) > 1 {
		col = append(col, Grid(2, t.Px(180), look.S4, look.S2, cells...))
	} else {
		col = append(col, cells...)
	}
	if len(acts) > 0 {
		all := make([]fyne.CanvasObject, len(acts))
		for i, a := range acts {
			all[i] = a
		}
		col = append(col, Wrap(look.S2, all...))
	}
	words := Column(look.S3, col...)
	if left == nil {
		return Card(words)
	}
	return Card(Grid(2, t.Px(200), look.S4, look.S4, left, words))
}
