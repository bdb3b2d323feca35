package screen

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
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
	d.SetFileName(name)
	d.Show()
	d.Resize(h.Canvas().Size()) // Fyne has nothing to resize before it is shown
}
