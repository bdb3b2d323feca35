package screen

import (
	"os"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/wire"
	"passerelle/ui/look"
	"passerelle/ui/page"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// The pages of a second factor are the same wherever one is used, set up or set up anew:
// each takes the words of its form (title, steps, other acts) and gives the page of a wizard.

// factorPage asks for the second factor, or for a recovery code instead (B-030, B-033).
// recovery says which of the two, and turn changes it.
func (v *wizard) factorPage(o part.FormOptions, recovery bool, turn func(), demo bool) *pageOf {
	w, f := v.s.Words(), v.f
	if recovery {
		o.Acts = append([]*part.Button{button(w.S(i18n.FactorUse), turn)}, o.Acts...)
		p := v.page(o, w.S(i18n.CommonContinue), f.Send)
		p.say(w.S(i18n.FactorRecoveryWhy))
		p.text("recovery", w.S(i18n.FactorRecovery), w.S(i18n.FactorRecoveryHelp), func() *string { return &f.In.Recovery }).Entry.Hidden = true
		p.where = func(field string) string {
			if field == "code" {
				return "recovery" // what is asked for in its place
			}
			return field
		}
		return p
	}
	o.Acts = append([]*part.Button{button(w.S(i18n.Gck2faRecover), turn)}, o.Acts...)
	p := v.page(o, w.S(i18n.CommonContinue), f.Send)
	v.factorCode(p, i18n.FactorTotp, demo)
	return p
}

// factorCode asks for the code of a factor.
func (v *wizard) factorCode(p *pageOf, totp i18n.Key, demo bool) {
	w, f := v.s.Words(), v.f
	if f.Prompt.Method == account.EMail {
		p.say(w.S(i18n.FlowSent, "Email", f.Prompt.Sent))
		p.code("code", w.S(i18n.FieldCode), "", func() *string { return &f.In.Code })
		p.resend()
		v.mailbox(p, demo)
		return
	}
	p.say(w.S(totp))
	p.code("code", w.S(i18n.FieldCode), w.S(i18n.FactorTotpHelp), func() *string { return &f.In.Code })
}

// methodNames are the methods that can be chosen.
func methodNames(w *i18n.Words, all []account.Method) (names []string) {
	for _, m := range all {
		k := i18n.FactorByEmail
		if m == account.TOTP {
			k = i18n.FactorByTotp
		}
		names = append(names, w.S(k))
	}
	return names
}

// setupPage asks which second factor to set up (B-031).
func (v *wizard) setupPage(o part.FormOptions) *pageOf {
	w, f := v.s.Words(), v.f
	methods := f.Prompt.Methods
	if len(methods) == 0 {
		methods = []account.Method{account.TOTP, account.EMail}
	}
	if o.Side == nil {
		o.Side = side(w.S(i18n.FactorWhich), w.S(i18n.FactorWhichTotp), w.S(i18n.FactorWhichEmail), w.S(i18n.FactorWhichCodes))
	}
	p := v.page(o, w.S(i18n.CommonContinue), f.Send)
	p.say(w.S(i18n.FactorWhy))
	if f.In.Method == "" {
		f.In.Method = string(methods[0])
	}
	p.choose("method", w.S(i18n.FactorMethod), methodNames(w, methods), max(slices.Index(methods, account.Method(f.In.Method)), 0),
		func(i int) { f.Type("method", &f.In.Method, string(methods[i])) })
	return p
}

// confirmPage asks for a first code of the factor that is set up: the key is shown as a
// drawing and as text, and kept nowhere here (B-031).
func (v *wizard) confirmPage(o part.FormOptions, demo bool) *pageOf {
	w, f := v.s.Words(), v.f
	p := v.page(o, w.S(i18n.CommonContinue), f.Send)
	if f.Prompt.Method == account.TOTP {
		p.say(w.S(i18n.FactorScan))
		if f.Prompt.Secret != "" {
			var left fyne.CanvasObject
			if q, err := part.NewQR(f.Prompt.URI, w.S(i18n.FactorQr)); err == nil {
				left = q
			}
			p.form.Put(part.Shared(left, w.S(i18n.FactorKey), []string{part.Groups(f.Prompt.Secret)},
				part.NewButton(w.S(i18n.FactorKeyCopy), part.Secondary, look.IconCopy, func() {
					v.s.CopyBriefly(f.Prompt.Secret)
					v.h.Say(w.S(i18n.Copied))
				})))
		}
	}
	v.factorCode(p, i18n.FactorConfirm, demo)
	return p
}

// codesPage shows the recovery codes, once; a new set makes the old one invalid (B-034).
func (v *wizard) codesPage(o part.FormOptions) *pageOf {
	w, f := v.s.Words(), v.f
	codes := slices.Clone(f.Prompt.Codes)
	p := v.page(o, w.S(i18n.FactorCodesKept), func() { f.Answer(wire.Answer{}) })
	p.say(w.S(i18n.FactorCodesWhy))
	p.form.Put(part.Shared(nil, w.S(i18n.FactorCodes), codes,
		part.NewButton(w.S(i18n.FactorCodesCopy), part.Secondary, look.IconCopy, func() {
			v.s.CopyBriefly(strings.Join(codes, "\n"))
			v.h.Say(w.S(i18n.Copied))
		}),
		part.NewButton(w.S(i18n.FactorCodesSave), part.Secondary, look.IconSaved, func() { saveCodes(v.s, v.h, codes) }),
		part.NewButton(w.S(i18n.FactorCodesPrint), part.Secondary, look.IconPrint, func() {
			printBriefly(v.s, v.h, w.S(i18n.FactorCodesFile), codesText(w, codes), i18n.FactorCodesPrinted)
		})))
	p.form.Put(part.NewText(w.S(i18n.FactorCodesOnce), look.Small, look.InkMuted))
	p.first = p.send
	return p
}

func codesText(w *i18n.Words, codes []string) page.Page {
	return page.Page{Lang: w.Lang(), Title: w.S(i18n.AppName) + " – " + w.S(i18n.FactorCodes),
		Blocks: []page.Block{{Text: w.S(i18n.FactorCodesWhy)}, {List: codes}}}
}

// saveCodes writes the codes where the person says.
func saveCodes(s *state.State, h Host, codes []string) {
	win := windowOf(h)
	if win == nil {
		return
	}
	w := s.Words()
	d := dialog.NewFileSave(func(out fyne.URIWriteCloser, err error) {
		if err != nil || out == nil {
			return
		}
		path := out.URI().Path()
		s.Exec().Go(func() {
			err = codesText(w, codes).Text(out)
			if e := out.Close(); err == nil {
				err = e
			}
			if err == nil {
				err = os.Chmod(path, 0o600) // whoever reads it comes in
			}
		}, func() {
			if err != nil {
				h.Say(w.S(i18n.FileFailed, "Detail", state.Explain(w, err)))
				return
			}
			h.Say(w.S(i18n.FileSaved, "Path", path))
		})
	}, win)
	d.SetFileName(w.S(i18n.FactorCodesFile) + ".txt")
	d.Show()
	d.Resize(h.Canvas().Size())
}
