package ui

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"passerelle/i18n"
	"passerelle/ui/screen"
)

// TestSaveAsks: where a file of that name stands already, the person is asked in their own
// language whether it is to be replaced, and where it is a folder they are told so.
//
// Rows
func TestSaveAsks(t *testing.T) {
	names := map[string]i18n.Key{"there.pdf": i18n.FyneOverwriteWhy, "folder.pdf": i18n.FyneOverwriteFolder}
	for _, l := range i18n.Languages() {
		for name, want := range names {
			b := open(t, setup{lang: l, percent: map[i18n.Lang]int{i18n.French: 100, i18n.English: 200}[l]})
			w := i18n.For(l)
			folder := t.TempDir()
			if err := errors.Join(os.WriteFile(filepath.Join(folder, "there.pdf"), nil, 0o600), os.Mkdir(filepath.Join(folder, "folder.pdf"), 0o700)); err != nil {
				t.Fatal(err)
			}
			fyne.CurrentApp().Preferences().SetString("fyne:fileDialogLastFolder", storage.NewFileURI(folder).String())
			screen.SaveFile(b.Window, "Test", name, func(string) { t.Errorf("%s: replaced without an answer", name) })
			b.key(fyne.KeyReturn) // in the field of the name
			if !b.sees(w.S(want)) {
				t.Errorf("%s: %s is not told %q: %q", l, name, w.S(want), b.Sight().Texts)
			}
			b.shoot(t, "replace-"+string(l)+"-"+name)
		}
	}
}
