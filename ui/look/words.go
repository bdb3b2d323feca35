package look

import (
	"encoding/json"

	"fyne.io/fyne/v2/lang"

	"passerelle/i18n"
)

// fyneWords are the words that Fyne's own menus and dialogs show, by their English
// key, and ours for them. The keys are Fyne's; the words come from the catalogues.
var fyneWords = map[string]i18n.Key{
	"Cancel": i18n.FyneCancel, "Confirm": i18n.FyneConfirm, "Copy": i18n.FyneCopy, "Cut": i18n.FyneCut,
	"Error": i18n.FyneError, "File": i18n.FyneFile, "Folder": i18n.FyneFolder, "No": i18n.FyneNo, "OK": i18n.FyneOk,
	"Open": i18n.FyneOpen, "Paste": i18n.FynePaste, "Quit": i18n.FyneQuit, "Redo": i18n.FyneRedo, "Save": i18n.FyneSave,
	"Select all": i18n.FyneSelectAll, "Undo": i18n.FyneUndo, "Yes": i18n.FyneYes, "Advanced": i18n.FyneAdvanced,
	"Create Folder": i18n.FyneCreateFolder, "Enter filename": i18n.FyneFilename, "Favourites": i18n.FyneFavourites,
	"Overwrite?": i18n.FyneOverwrite, "Cannot overwrite": i18n.FyneOverwriteNot,
	"New Folder": i18n.FyneNewFolder, "Show Hidden Files": i18n.FyneHidden,
}

// What Fyne's dialog for files says without asking for a translation.
const (
	OverwriteWhy = "Are you sure you want to overwrite the file" // then a line with its name and a question mark
	FolderThere  = "Files cannot replace a directory,\ncheck the file name and try again"
)

// Speak makes Fyne's own words follow the chosen language. Fyne has no setting for
// it; the words of the system's locale are replaced instead. Content made before must be
// made again.
func Speak(w *i18n.Words) error {
	m := map[string]any{
		"file.name":  map[string]string{"other": w.S(i18n.FyneName)},
		OverwriteWhy: w.S(i18n.FyneOverwriteWhy), FolderThere: w.S(i18n.FyneOverwriteFolder),
		"file.parent": map[string]string{"other": w.S(i18n.FyneParent)},
	}
	for k, key := range fyneWords {
		m[k] = w.S(key)
	}
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return lang.AddTranslationsForLocale(b, lang.SystemLocale())
}
