package screen

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/widget"

	"passerelle/ui/look"
	"passerelle/ui/part"
)

// PickFile asks for a file whose name ends as given (".pem .crt": in one of several ways; "":
// in any), and hands its path over. title says what for.
func PickFile(h Host, title, ext string, take func(path string)) {
	win := windowOf(h)
	if win == nil {
		return
	}
	d := dialog.NewFileOpen(func(f fyne.URIReadCloser, err error) {
		if err != nil || f == nil {
			return
		}
		path := f.URI().Path()
		_ = f.Close() // only its name is wanted
		take(path)
	}, win)
	if ext != "" {
		d.SetFilter(storage.NewExtensionFileFilter(strings.Fields(ext)))
	}
	d.SetTitleText(title)
	readable(d)
	d.Show()
	d.Resize(h.Canvas().Size()) // Fyne has nothing to resize before it is shown
}

// SaveFile asks where a file is to be written, under a name that can be changed, and hands
// its path over. Whoever writes it replaces what is there. title says what for.
func SaveFile(h Host, title, name string, take func(path string)) {
	win := windowOf(h)
	if win == nil {
		return
	}
	d := dialog.NewFileSave(func(f fyne.URIWriteCloser, err error) {
		if err != nil || f == nil {
			return
		}
		path := f.URI().Path()
		_ = f.Close() // only its name is wanted
		take(path)
	}, win)
	d.SetTitleText(title)
	readable(d)
	d.SetFileName(name)
	d.Show()
	d.Resize(h.Canvas().Size()) // Fyne has nothing to resize before it is shown
	inWords(h.Canvas())
}

// readable lists files under one another where text is large: beside one another Fyne's
// dialog leaves room for two or three letters of each name.
func readable(d *dialog.FileDialog) {
	if look.Now().Scale > 1.25 {
		d.SetView(dialog.ListView)
	}
}

// inWords has the question whether a file is to be replaced asked in the person's language:
// Fyne's dialog asks it in English.
func inWords(cv fyne.Canvas) {
	asks := cv.Overlays().Top()
	each(asks, func(o fyne.CanvasObject) {
		b, ok := o.(*widget.Button)
		if !ok || b.Text != lang.L("Save") {
			return
		}
		save := b.OnTapped
		b.OnTapped = func() {
			save()
			if top := cv.Overlays().Top(); top != nil && top != asks {
				each(top, func(o fyne.CanvasObject) {
					l, ok := o.(*widget.Label)
					if !ok {
						return
					}
					name, why := strings.CutPrefix(l.Text, look.OverwriteWhy)
					switch {
					case why:
						l.SetText(lang.L(look.OverwriteWhy) + strings.TrimSuffix(name, "?"))
					default:
						l.SetText(lang.L(l.Text))
					}
				})
			}
		}
	})
}

// each visits what is drawn, from the outside in.
func each(o fyne.CanvasObject, do func(fyne.CanvasObject)) {
	if o == nil {
		return
	}
	do(o)
	for _, x := range part.Held(o) {
		each(x, do)
	}
}
