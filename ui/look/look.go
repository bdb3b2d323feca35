// Package look is how the program looks: colours, sizes, spacing, icons. Begin with
// [New], which gives a theme for a mode and a text scale. Colours are the tokens of one
// table; a test computes the contrast of every pair that meets on a screen.
// It knows no screen and no posting.
package look

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Mode is a set of colours.
type Mode string

// Modes. System follows the computer, light or dark.
const (
	System   Mode = ""
	Light    Mode = "light"
	Dark     Mode = "dark"
	Contrast Mode = "contrast"
)

// Modes lists them in the order in which they are offered.
var Modes = []Mode{System, Light, Dark, Contrast}

// Palette is the tokens of a mode.
type Palette struct {
	Ground, Surface, Rail          color.NRGBA // the window, what is read on, the navigation
	Text, Muted                    color.NRGBA // Muted also borders controls
	Line                           color.NRGBA // only divides
	Accent, OnAccent, Tint, OnTint color.NRGBA // Tint marks what is chosen; OnTint is the accent written on it
	Warning, WarningGround         color.NRGBA
	Danger                         color.NRGBA
	Focus                          color.NRGBA // the ring, 2 px outside
	Track                          color.NRGBA // the ground of a bar that is filled with Accent
	Shade                          color.NRGBA // over the window behind a dialog
}

func hex(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
}

var palettes = map[Mode]Palette{
	Light: {
		Ground: hex(0xF4F6F8), Surface: hex(0xFFFFFF), Rail: hex(0xEBEFF3),
		Text: hex(0x1A2027), Muted: hex(0x4B5765), Line: hex(0xD3DAE2),
		Accent: hex(0x0B6B62), OnAccent: hex(0xFFFFFF), Tint: hex(0xE3F2EF), OnTint: hex(0x0B6B62),
		Warning: hex(0x7A4E00), WarningGround: hex(0xFFF1D6), Danger: hex(0xA8201A),
		Focus: hex(0x0B57D0), Track: hex(0xC6DAD6), Shade: color.NRGBA{R: 0x10, G: 0x16, B: 0x1c, A: 0x73},
	},
	Dark: {
		Ground: hex(0x11161B), Surface: hex(0x182028), Rail: hex(0x0D1216),
		Text: hex(0xE9EEF3), Muted: hex(0xA9B5C2), Line: hex(0x303B47),
		Accent: hex(0x63CDBD), OnAccent: hex(0x08211D), Tint: hex(0x17352F), OnTint: hex(0x63CDBD),
		Warning: hex(0xF3C677), WarningGround: hex(0x3A2E14), Danger: hex(0xFF9A92),
		Focus: hex(0x8AB4F8), Track: hex(0x39474A), Shade: color.NRGBA{A: 0x99},
	},
	Contrast: {
		Ground: hex(0x000000), Surface: hex(0x000000), Rail: hex(0x000000),
		Text: hex(0xFFFFFF), Muted: hex(0xFFFFFF), Line: hex(0xFFFFFF),
		Accent: hex(0xFFE600), OnAccent: hex(0x000000), Tint: hex(0x1A1A00), OnTint: hex(0xFFE600),
		Warning: hex(0xFFE600), WarningGround: hex(0x000000), Danger: hex(0xFF9A92),
		Focus: hex(0x00E5FF), Track: hex(0x5A5A5A), Shade: color.NRGBA{A: 0xcc},
	},
}

// Palette gives the tokens of a mode; System has those of Light until the system says otherwise.
func (m Mode) Palette() Palette {
	if p, ok := palettes[m]; ok {
		return p
	}
	return palettes[Light]
}

// Type sizes and spacing at 100 %, in px.
const (
	Caption float32 = 12
	Small   float32 = 13 // second lines of a row
	Body    float32 = 14
	Heading float32 = 16
	Title   float32 = 20

	S1 float32 = 4
	S2 float32 = 8
	S3 float32 = 12
	S4 float32 = 16
	S6 float32 = 24
	S8 float32 = 32

	Control float32 = 40 // height of a button or a field
	RowMin  float32 = 32
	Radius  float32 = 6
	Card    float32 = 8
	Ring    float32 = 2 // width of the focus ring, and its distance
)

// Theme is a mode at a text scale. It is a fyne.Theme, so that Fyne's own dialogs and
// menus wear the same colours.
type Theme struct {
	Mode  Mode
	Scale float32 // 1 to 2
	Palette
	Still bool // no motion
}

// New gives a theme; a scale out of 1 to 2 is brought into it. variant tells what the
// system wants when mode is System.
func New(mode Mode, scale float32, variant fyne.ThemeVariant) *Theme {
	if mode == System {
		mode = Light
		if variant == theme.VariantDark {
			mode = Dark
		}
	}
	return &Theme{Mode: mode, Scale: min(max(scale, 1), 2), Palette: mode.Palette()}
}

var fallback = New(Light, 1, theme.VariantLight)

// Now is the theme of the running program.
func Now() *Theme {
	if a := fyne.CurrentApp(); a != nil {
		if t, ok := a.Settings().Theme().(*Theme); ok {
			return t
		}
	}
	return fallback
}

// Px scales a size of type, or of what must hold type, with the text.
func (t *Theme) Px(v float32) float32 { return v * t.Scale }

// Ink names the colour of a text.
type Ink uint8

// Inks.
const (
	InkText Ink = iota
	InkMuted
	InkAccent
	InkOnAccent
	InkOnTint
	InkWarning
	InkDanger
)

// Ink gives the colour of a text.
func (t *Theme) Ink(i Ink) color.NRGBA {
	switch i {
	case InkMuted:
		return t.Muted
	case InkAccent:
		return t.Accent
	case InkOnAccent:
		return t.OnAccent
	case InkOnTint:
		return t.OnTint
	case InkWarning:
		return t.Warning
	case InkDanger:
		return t.Danger
	}
	return t.Text
}

// Color serves Fyne's own widgets.
func (t *Theme) Color(n fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	switch n {
	case theme.ColorNameBackground:
		return t.Ground
	case theme.ColorNameButton, theme.ColorNameInputBackground, theme.ColorNameMenuBackground,
		theme.ColorNameOverlayBackground, theme.ColorNameHeaderBackground:
		return t.Surface
	case theme.ColorNameForeground:
		return t.Text
	case theme.ColorNameDisabled, theme.ColorNamePlaceHolder, theme.ColorNameInputBorder, theme.ColorNameScrollBar:
		return t.Muted
	case theme.ColorNameDisabledButton:
		return t.Rail
	case theme.ColorNamePrimary, theme.ColorNameHyperlink, theme.ColorNameSuccess:
		return t.Accent
	case theme.ColorNameForegroundOnPrimary, theme.ColorNameForegroundOnSuccess:
		return t.OnAccent
	case theme.ColorNameFocus, theme.ColorNameHover, theme.ColorNamePressed, theme.ColorNameSelection:
		return t.Tint
	case theme.ColorNameError:
		return t.Danger
	case theme.ColorNameForegroundOnError:
		return t.Surface
	case theme.ColorNameWarning:
		return t.Warning
	case theme.ColorNameForegroundOnWarning:
		return t.WarningGround
	case theme.ColorNameSeparator, theme.ColorNameInnerWindowBorder, theme.ColorNameInnerWindowBorderInactive:
		return t.Line
	case theme.ColorNameScrollBarBackground:
		return color.NRGBA{}
	case theme.ColorNameShadow:
		return t.Shade
	}
	return theme.DefaultTheme().Color(n, theme.VariantLight)
}

// face is the height of a line of Fyne's bundled face, of its size, with what keeps a field
// from scrolling up and down by a fraction of a pixel.
const face = 1.4

// barless: what is drawn now has no scroll bars. Only the drawing goroutine touches it.
var barless bool

// Barless draws something without scroll bars: a line of text scrolls with its cursor, and
// a bar would hide it. A theme of its own for each field would say the same, but Fyne reads
// its fonts anew for each such theme, 3 MB a time, and keeps them.
func Barless(draw func()) {
	was := barless
	barless = true
	draw()
	barless = was
}

// Font gives Fyne's bundled faces: they draw é, œ and the no-break space, and their
// figures are tabular.
func (t *Theme) Font(s fyne.TextStyle) fyne.Resource { return theme.DefaultTheme().Font(s) }

// Icon gives Fyne's own icons to its own dialogs; ours come from [Theme.Draw].
func (t *Theme) Icon(n fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(n) }

// Size serves Fyne's own widgets.
func (t *Theme) Size(n fyne.ThemeSizeName) float32 {
	switch n {
	case theme.SizeNameText:
		return t.Px(Body)
	case theme.SizeNameCaptionText:
		return t.Px(Caption)
	case theme.SizeNameHeadingText:
		return t.Px(Title)
	case theme.SizeNameSubHeadingText:
		return t.Px(Heading)
	case theme.SizeNameInlineIcon:
		return t.Px(16)
	case theme.SizeNamePadding:
		return S1
	case theme.SizeNameInnerPadding:
		return (t.Px(Control) - t.Px(Body)*face) / 2 // the text of a field stands in the middle of its height
	case theme.SizeNameInputRadius, theme.SizeNameSelectionRadius, theme.SizeNameButtonRadius,
		theme.SizeNameMenuRadius, theme.SizeNamePopupRadius:
		return Radius
	case theme.SizeNameDialogRadius, theme.SizeNameCardRadius:
		return Card
	case theme.SizeNameInputBorder, theme.SizeNameSeparatorThickness:
		return 1
	case theme.SizeNameModalBlurRadius:
		return 0 // a blur of the whole window costs a frame and helps no one
	case theme.SizeNameScrollBar:
		if barless {
			return 0
		}
		return 10
	case theme.SizeNameScrollBarSmall:
		if barless {
			return 0
		}
		return 4
	}
	return theme.DefaultTheme().Size(n)
}
