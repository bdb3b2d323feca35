package screen

import (
	"slices"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/ui/look"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

const sheetWidth = 760 // px at 100 % text

// Settings draws what a person sets for themselves. What changes the look is done at once;
// the connection is checked and then kept as a whole.
type Settings struct {
	s *state.State
	h Host

	page                *part.Page
	col                 *fyne.Container
	lang                *part.Radio
	theme, size         *part.Radio
	sample              *fyne.Container
	server, proxy, ca   *part.Field
	keep                *part.Button
	kept                *part.Text
	mend                *fyne.Container // the summary of what is to be mended
	mendBox             *fyne.Container
	part_               *part.Choice
	whole               *part.Check
	scopeLine           *part.Text
	scopeTake, scopeNot *part.Button
	scopeActs           *fyne.Container
	cleared             *part.Text
	test, reset         *part.Button
	tested, wasReset    *part.Text
	told                [2]string // what both said last
}

// NewSettings draws the settings.
func NewSettings(s *state.State, h Host) *Settings {
	v := &Settings{s: s, h: h}
	w, t, st := s.Words(), look.Now(), s.Settings
	mode, percent := h.Look()
	st.Seen(string(mode), percent)

	// Reading: language, colours, size.
	langs := i18n.Languages()
	var names []string
	for _, l := range langs {
		names = append(names, i18n.For(l).S(i18n.LangName))
	}
	v.lang = part.NewRadio(w.S(i18n.SettingsLanguage), names, slices.Index(langs, s.Lang()), func(i int) { h.SetLang(langs[i]) })
	keys := map[look.Mode]i18n.Key{look.System: i18n.SettingsThemeSystem, look.Light: i18n.SettingsThemeLight,
		look.Dark: i18n.SettingsThemeDark, look.Contrast: i18n.SettingsThemeContrast}
	var modes []string
	for _, m := range look.Modes {
		modes = append(modes, w.S(keys[m]))
	}
	st.Apply = func() { h.SetLook(look.Mode(st.Theme), st.Size) }
	v.theme = part.NewRadio(w.S(i18n.SettingsTheme), modes, slices.Index(look.Modes, mode), func(i int) { st.SetTheme(string(look.Modes[i])) })
	var sizes []string
	for _, n := range state.Sizes {
		sizes = append(sizes, w.S(i18n.SettingsSizePercent, "N", n))
	}
	v.size = part.NewRadio(w.S(i18n.SettingsSize), sizes, slices.Index(state.Sizes, st.Try), func(i int) { st.SetSize(state.Sizes[i]) })
	v.sample = part.Column(look.S1)
	reading := part.Section(w.S(i18n.SettingsReading), "",
		part.Labelling(w.S(i18n.SettingsLanguage), v.lang),
		part.Labelling(w.S(i18n.SettingsTheme), v.theme),
		part.Labelling(w.S(i18n.SettingsSize), v.size), v.sample)

	// Server: address, proxy, authorities.
	field := func(k, help, hint i18n.Key, name, text string) *part.Field {
		f := part.NewField(w.S(k), true, "", w.S(hint)).Help(w.S(help))
		f.Entry.SetText(text)
		f.Entry.OnChanged = func(text string) { st.Type(name, text) }
		f.Entry.OnSubmitted = func(string) { v.submit() }
		return f
	}
	v.server = field(i18n.SettingsServer, i18n.SettingsServerHelp, i18n.SettingsServerHint, state.FieldServer, st.Server)
	v.proxy = field(i18n.SettingsProxy, i18n.SettingsProxyHelp, i18n.SettingsProxyHint, state.FieldProxy, st.Proxy)
	v.ca = field(i18n.SettingsCa, i18n.SettingsCaHelp, i18n.SettingsCaHint, state.FieldCA, st.CAFile)
	choose := part.NewButton(w.S(i18n.SettingsCaChoose), part.Secondary, "", v.chooseCA)
	v.keep = part.NewButton(w.S(i18n.SettingsKeep), part.Primary, "", v.submit)
	v.kept = part.NewText("", look.Small, look.InkText)
	v.mend = part.Column(look.S1)
	v.mendBox = part.Outlined(v.mend)
	connection := part.Section(w.S(i18n.SettingsConnection), w.S(i18n.SettingsConnectionWhy),
		v.server, v.proxy, v.ca, part.Wrap(look.S2, choose), part.Wrap(look.S3, v.keep, v.kept))

	// Scope.
	codes, labels := st.Scopes()
	in, whole := state.Part(st.Want)
	v.part_ = part.NewChoice(w.S(i18n.SettingsScopePart), "", part.Secondary, labels, slices.Index(codes, in), func(i int) {
		_, all := state.Part(st.Want)
		st.Consider(state.MakeScope(codes[i], all))
	})
	v.whole = part.NewCheck(w.S(i18n.SettingsScopeDetails), "", whole, func(on bool) {
		in, _ := state.Part(st.Want)
		st.Consider(state.MakeScope(in, on))
	})
	v.scopeLine = part.NewText("", look.Body, look.InkText)
	v.scopeTake = part.NewButton(w.S(i18n.SettingsScopeTake), part.Primary, look.IconSync, func() {
		st.TakeScope()
		h.Go("sync")
	})
	v.scopeNot = part.NewButton(w.S(i18n.SettingsScopeLeave), part.Secondary, "", func() {
		st.LeaveScope()
		h.Canvas().Focus(v.part_)
	})
	v.scopeActs = part.Wrap(look.S2, v.scopeTake, v.scopeNot)
	scope := part.Section(w.S(i18n.SettingsScope), w.S(i18n.SettingsScopeWhy),
		part.Labelling(w.S(i18n.SettingsScopePart), part.Wrap(0, v.part_)), v.whole,
		part.NewText(w.S(i18n.SettingsScopeDetailsWhy), look.Small, look.InkMuted), v.scopeLine, v.scopeActs)

	// This computer.
	v.cleared = part.NewText("", look.Small, look.InkText)
	forget := part.NewButton(w.S(i18n.SettingsClear), part.Secondary, "", st.ClearRecent)
	here := []fyne.CanvasObject{part.Wrap(look.S3, forget, v.cleared)}
	if st.Dir() != "" {
		open := part.NewButton(w.S(i18n.SettingsFilesOpen), part.Secondary, look.IconOut, func() {
			st.OpenDir(func(err error) {
				if err != nil {
					s.Copy(st.Dir())
					h.Say(w.S(i18n.SettingsFilesFailed))
				}
			})
		})
		path := part.NewButton(w.S(i18n.SettingsFilesCopy), part.Secondary, look.IconCopy, func() {
			s.Copy(st.Dir())
			h.Say(w.S(i18n.Copied))
		})
		here = append(here, part.Column(2, part.NewBold(w.S(i18n.SettingsFiles), look.Body, look.InkText),
			part.NewText(w.S(i18n.SettingsFilesWhy), look.Small, look.InkMuted), part.NewText(st.Dir(), look.Body, look.InkText)),
			part.Wrap(look.S2, open, path))
	}
	about := part.Section(w.S(i18n.SettingsPrivacy), w.S(i18n.CatalogueAutoOn), here...)

	v.col = part.Column(look.S4, v.mendBox, reading, connection, scope, v.mending(), about,
		part.NewText(w.S(i18n.AppNeutral), look.Small, look.InkMuted))
	v.page = part.Sheet(w.S(i18n.SettingsTitle), "", t.Px(sheetWidth), v.col)
	st.Changed = v.update
	v.update()
	return v
}

// mending is what a person can try when something does not work (B-010).
func (v *Settings) mending() fyne.CanvasObject {
	w, m := v.s.Words(), v.s.Settings.Mend
	v.test = part.NewButton(w.S(i18n.SettingsTest), part.Secondary, look.IconSync, m.Test)
	v.reset = part.NewButton(w.S(i18n.SettingsReset), part.Secondary, "", v.askReset)
	v.tested, v.wasReset = part.NewText("", look.Body, look.InkText), part.NewText("", look.Body, look.InkText)
	v.told = [2]string{m.Tested, m.Reset}
	box := part.Section(w.S(i18n.SettingsSync), "",
		part.NewText(w.S(i18n.SettingsTestWhy), look.Small, look.InkMuted), part.Wrap(look.S2, v.test), v.tested, part.Rule(false),
		part.NewText(w.S(i18n.SettingsResetWhy), look.Small, look.InkMuted), part.Wrap(look.S2, v.reset), v.wasReset)
	if !m.Offered() {
		box.Hide()
	}
	return box
}

func (v *Settings) updateMending() {
	w, m := v.s.Words(), v.s.Settings.Mend
	v.tested.Set(m.Tested)
	v.test.Enable()
	if m.Testing {
		v.tested.Set(w.S(i18n.SettingsTesting))
	}
	v.reset.Enable()
	v.wasReset.Set(m.Reset)
	if !m.CanReset() {
		v.reset.Disable()
		v.wasReset.Set(w.S(i18n.SettingsResetSignin))
	}
	for i, said := range []string{m.Tested, m.Reset} {
		if v.told[i] != said && said != "" {
			v.h.Say(said) // its line may lie below the fold
		}
		v.told[i] = said
	}
}

// askReset says what resetting takes anew, and what stays. Cancel has the keyboard.
func (v *Settings) askReset() {
	w, m := v.s.Words(), v.s.Settings.Mend
	var d *part.Dialog
	cancel := part.NewButton(w.S(i18n.Cancel), part.Secondary, "", func() { d.Close() })
	act := part.NewButton(w.S(i18n.SettingsReset), part.Primary, "", func() {
		d.Close()
		m.ResetCache()
	})
	d = part.ShowDialog(v.h.Canvas(), w.S(i18n.SettingsReset), part.NewText(m.ResetAsk(), look.Body, look.InkText), cancel, 560, act, cancel)
}

// Object is the screen.
func (v *Settings) Object() fyne.CanvasObject { return v.page }

// Enter gives the keyboard to the first choice.
func (v *Settings) Enter() {
	v.h.Canvas().Focus(v.lang)
	if !v.s.Settings.Loaded {
		v.s.Settings.Load(func() { // the fields were empty until now
			for f, text := range map[*part.Field]string{v.server: v.s.Settings.Server, v.proxy: v.s.Settings.Proxy, v.ca: v.s.Settings.CAFile} {
				setText(f, text)
			}
			in, whole := state.Part(v.s.Settings.Scope)
			codes, labels := v.s.Settings.Scopes()
			v.part_.SetOptions(labels, slices.Index(codes, in))
			v.whole.Set(v.s.Words().S(i18n.SettingsScopeDetails), "", whole)
		})
	}
}

// Back does nothing: there is nothing to close.
func (v *Settings) Back() bool { return false }

// Keys scrolls.
func (v *Settings) Keys(e *fyne.KeyEvent) { v.page.Keys(e) }

// Find does nothing: there is no search field.
func (v *Settings) Find() bool { return false }

func setText(f *part.Field, text string) {
	was := f.Entry.OnChanged
	f.Entry.OnChanged = nil
	f.Entry.SetText(text)
	f.Entry.OnChanged = was
}

func (v *Settings) submit() {
	v.s.Settings.Keep(func(ok bool) {
		w := v.s.Words()
		if ok {
			setText(v.server, v.s.Settings.Server)
			setText(v.proxy, v.s.Settings.Proxy)
			v.h.Say(w.S(i18n.SettingsKept))
			if v.s.Settings.Server != "" {
				v.h.Go("sync") // what it would download is told there
			}
			return
		}
		if len(v.mend.Objects) > 1 { // to the first of the links, at the top
			if f, ok := v.mend.Objects[1].(fyne.Focusable); ok {
				v.h.Canvas().Focus(f)
			}
		}
	})
}

func (v *Settings) update() {
	st, w := v.s.Settings, v.s.Words()
	t := look.Now()
	v.size.Pick(slices.Index(state.Sizes, st.Try))
	// The preview stands at the size that is tried, whatever the window's own.
	rel := float32(st.Try) / 100 / t.Scale
	v.sample.Objects = []fyne.CanvasObject{part.NewText(w.S(i18n.SettingsSizeSample), look.Body*rel, look.InkText)}
	if st.Try != st.Size {
		v.sample.Objects = append(v.sample.Objects, part.NewText(w.S(i18n.SettingsSizeWhy, "N", st.Try), look.Caption, look.InkMuted))
	}
	v.server.SetError(st.Error(state.FieldServer))
	v.proxy.SetError(st.Error(state.FieldProxy))
	v.ca.SetError(st.Error(state.FieldCA))
	v.updateMend()
	v.kept.Set("")
	if st.Checked && !st.Dirty() {
		v.kept.Set(w.S(i18n.SettingsKept))
	}
	if st.Considering() {
		v.scopeActs.Show()
		if st.Plan != nil {
			v.scopeTake.Show()
		} else {
			v.scopeTake.Hide()
		}
	} else {
		v.scopeActs.Hide()
	}
	v.scopeLine.Set(st.ScopeLine())
	codes, labels := st.Scopes()
	in, whole := state.Part(st.Want)
	v.part_.SetOptions(labels, slices.Index(codes, in))
	v.whole.Set(w.S(i18n.SettingsScopeDetails), "", whole)
	v.cleared.Set("")
	if st.Cleared {
		v.cleared.Set(w.S(i18n.SettingsCleared))
	}
	v.updateMending()
	v.page.Reflow()
}

// updateMend lists at the top what is to be mended, each linked to its field.
func (v *Settings) updateMend() {
	st, w := v.s.Settings, v.s.Words()
	if len(st.Errors) == 0 {
		v.mend.Objects = nil
		v.mendBox.Hide()
		return
	}
	fields := map[string]struct {
		f    *part.Field
		name i18n.Key
	}{state.FieldServer: {v.server, i18n.SettingsServer}, state.FieldProxy: {v.proxy, i18n.SettingsProxy}, state.FieldCA: {v.ca, i18n.SettingsCa}}
	v.mend.Objects = []fyne.CanvasObject{part.NewBold(w.N(i18n.FormMend, len(st.Errors)), look.Body, look.InkDanger)}
	for _, e := range st.Errors {
		f := fields[e.Field]
		v.mend.Objects = append(v.mend.Objects, part.NewWrapLink(w.S(i18n.SettingsMend, "Field", w.S(f.name), "Problem", e.Text), look.Body, look.InkDanger,
			func() { v.h.Canvas().Focus(f.f.Entry) }))
	}
	v.mendBox.Show()
}

func (v *Settings) chooseCA() {
	PickFile(v.h, v.s.Words().S(i18n.SettingsCaChoose), ".pem .crt .cer", func(path string) {
		setText(v.ca, path)
		v.s.Settings.Type(state.FieldCA, path)
		v.h.Canvas().Focus(v.ca.Entry)
	})
}

// windowOf is the window of a host: Fyne's file dialogs need one.
func windowOf(h Host) fyne.Window {
	for _, w := range fyne.CurrentApp().Driver().AllWindows() {
		if w.Canvas() == h.Canvas() {
			return w
		}
	}
	return nil
}
