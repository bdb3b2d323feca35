package screen

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"

	"passerelle/i18n"
	"passerelle/store/disk"
	"passerelle/ui/look"
	"passerelle/ui/page"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// Paper is something that a person can print, or keep as a file.
type Paper struct {
	Name string           // of the file, without its ending
	Page func() page.Page // made when it is asked for, on the drawing goroutine
	// Own: it tells something of the person. What was opened to be printed then goes when
	// they leave, or the next one comes.
	Own bool
	// Before reads what the page needs, and then goes on; nil: nothing has to be read.
	Before func(then func())
}

// ready goes on once the page can be made.
func (p Paper) ready(then func()) {
	if p.Before == nil {
		then()
		return
	}
	p.Before(then)
}

// PrintButton opens the three ways out: printed by the system's own program for PDF, or
// kept as a file, as PDF or as HTML.
func PrintButton(s *state.State, h Host, kind part.Kind, paper func() Paper) *part.Button {
	var b *part.Button
	b = part.NewButton(s.Words().S(i18n.PrintAct), kind, look.IconPrint, func() {
		part.ShowMenu(h.Canvas(), under(b), PrintLines(s, h, paper)...)
	})
	return b
}

// PrintLines are the three ways out, as lines of a menu.
func PrintLines(s *state.State, h Host, paper func() Paper) []part.MenuLine {
	w := s.Words()
	save := func(key i18n.Key, ext string) part.MenuLine {
		return part.MenuLine{Text: w.S(key), Do: func() {
			p := paper()
			SaveFile(h, w.S(key), p.Name+ext, func(path string) { p.ready(func() { savePaper(s, h, p, ext, path) }) })
		}}
	}
	return []part.MenuLine{
		{Text: w.S(i18n.PostingPrint), Do: func() {
			p := paper()
			p.ready(func() { printPaper(s, h, p) })
		}},
		save(i18n.PrintPdf, ".pdf"), save(i18n.PrintHtml, ".html"),
	}
}

// printPaper writes it as PDF and opens that with the person's own program, which prints
// better than any toolkit.
func printPaper(s *state.State, h Host, p Paper) {
	w, at, pg := s.Words(), s.Now(), p.Page()
	name := "passerelle-" + p.Name + ".pdf"
	if p.Own {
		name = state.BriefPage + p.Name + ".pdf"
	}
	var out page.Printed
	s.OpenFile(func(context.Context) (path string, err error) {
		var b bytes.Buffer
		if out, err = pg.PDF(&b, at); err != nil {
			return "", err
		}
		return writeFile(s, name, b.Bytes())
	}, func(path string, err error) {
		switch {
		case path == "":
			h.Say(w.S(i18n.FileFailed, "Detail", state.Explain(w, err)))
		case err != nil: // there is no program for it
			h.Say(w.S(i18n.PrintNoReader, "Path", path) + missing(w, out))
		default:
			h.Say(w.S(i18n.FileSaved, "Path", path) + missing(w, out))
		}
	})
}

// savePaper writes it where the person wants it, whole or not at all.
func savePaper(s *state.State, h Host, p Paper, ext, path string) {
	w, at, pg := s.Words(), s.Now(), p.Page()
	if filepath.Ext(path) == "" {
		path += ext
	}
	var out page.Printed
	var err error
	s.Exec().Go(func() {
		err = disk.Write(path, func(to io.Writer) (err error) {
			if ext == ".pdf" {
				out, err = pg.PDF(to, at)
				return err
			}
			return pg.HTML(to)
		})
	}, func() {
		if err != nil {
			h.Say(w.S(i18n.FileFailed, "Detail", state.PrivateProblem(w, err)))
			return
		}
		h.Say(w.S(i18n.FileSaved, "Path", path) + missing(w, out))
	})
}

// missing says which characters the PDF could not draw, after another sentence; "" for none.
func missing(w *i18n.Words, p page.Printed) string {
	if len(p.Missing) == 0 {
		return ""
	}
	const most = 12
	var which []string
	for _, r := range p.Missing[:min(most, len(p.Missing))] {
		which = append(which, string(r))
	}
	if len(p.Missing) > most {
		which = append(which, "…")
	}
	return " " + w.N(i18n.PrintMissing, len(p.Missing), "Which", strings.Join(which, " "))
}
