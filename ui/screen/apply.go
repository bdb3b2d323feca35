package screen

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/disk"
	"passerelle/store/posting"
	"passerelle/ui/look"
	"passerelle/ui/page"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// beforeYouLeave is the page for people who are abroad.
var beforeYouLeave = map[i18n.Lang]string{
	i18n.French:  "https://www.canada.ca/fr/immigration-refugies-citoyennete/services/nouveaux-immigrants/preparez-vie-canada.html",
	i18n.English: "https://www.canada.ca/en/immigration-refugees-citizenship/services/new-immigrants/prepare-life-canada.html",
}

var applyIcons = map[posting.Apply]look.Icon{
	posting.ApplyOnline: look.IconWeb, posting.ApplyEmail: look.IconMail, posting.ApplyPhone: look.IconPhone,
	posting.ApplyFax: look.IconFax, posting.ApplyMail: look.IconLetter, posting.ApplyPerson: look.IconPerson,
}

// showApply opens the ways to apply, each with what can be done with it here. This
// program sends nothing itself.
func showApply(s *state.State, h Host, p posting.Posting) {
	w := s.Words()
	var d *part.Dialog
	col := []fyne.CanvasObject{part.NewText(w.S(i18n.ApplyDirect), look.Body, look.InkMuted)}
	if code := s.Invitations.Code(p.Number); code != "" {
		col = append(col, part.Banner(part.Plain, look.IconMail, w.S(i18n.InvitationApply, "Code", code)))
	}
	if len(p.Apply) == 0 {
		col = append(col, part.Banner(part.Warn, look.IconInfo, w.S(i18n.ApplyNone)))
		if p.External() && p.URL != "" {
			col = append(col, part.Wrap(0, part.NewButton(w.S(i18n.PostingFull), part.Primary, look.IconOut, func() {
				d.Close()
				ShowLeave(s, h, s.Leaving(p.URL, w.S(i18n.LeaveLink), p.Number))
			})))
		}
	}
	for _, m := range p.Apply {
		box := []fyne.CanvasObject{
			part.Labelled(applyIcons[m.Kind], part.NewBold(s.ApplyTitle(m), look.Body, look.InkText)),
			part.NewText(m.Value, look.Body, look.InkText),
		}
		if m.Ext != "" {
			box = append(box, part.NewText(w.S(i18n.ApplyExt, "Ext", m.Ext), look.Body, look.InkText))
		}
		if m.Hours != "" {
			box = append(box, part.Labelled(look.IconClock, part.NewText(w.S(i18n.ApplyHours, "Hours", m.Hours), look.Small, look.InkMuted)))
		}
		var acts []fyne.CanvasObject
		for _, a := range s.Acts(p, m) {
			acts = append(acts, part.NewButton(a.Label, part.Secondary, "", func() {
				switch a.Kind {
				case state.ActWeb:
					d.Close()
					ShowLeave(s, h, s.Leaving(a.Value, w.S(i18n.ApplyOpen), p.Number))
				case state.ActDraft:
					d.Close()
					ShowDraft(s, h, p, a.Value)
				case state.ActSave:
					saveMessage(s, h, p, a.Value)
				default:
					s.Do(a, func(err error) {
						switch {
						case err != nil:
							h.Say(w.S(i18n.ApplyNoTool))
						case a.Kind == state.ActCopy:
							h.Say(w.S(i18n.Copied))
						}
					})
				}
			}).Small())
		}
		box = append(box, part.Wrap(look.S2, acts...))
		col = append(col, part.Card(part.Column(look.S2, box...)))
	}
	notice := part.Column(look.S2, part.Banner(part.Warn, look.IconInfo, w.S(i18n.AbroadNotice)),
		part.Wrap(0, part.NewButton(w.S(i18n.AbroadLink), part.Link, look.IconOut, func() {
			d.Close()
			ShowLeave(s, h, s.Leaving(beforeYouLeave[s.Lang()], w.S(i18n.AbroadLink), 0))
		})))
	if !s.Posting.Abroad {
		notice.Hide()
	}
	body := part.Column(look.S3, col...)
	outside := part.NewCheck(w.S(i18n.AbroadAsk), "", s.Posting.Abroad, func(on bool) {
		s.Posting.SetAbroad(on)
		if on {
			notice.Show()
		} else {
			notice.Hide()
		}
		d.Reflow()
	})
	body.Objects = append(body.Objects, outside, notice)
	shut := part.NewButton(w.S(i18n.Close), part.Primary, "", func() { d.Close() })
	acts := []fyne.CanvasObject{shut}
	if b := writeLetter(s, h, p, func() { d.Close() }); b != nil {
		acts = append(acts, b)
	}
	d = part.ShowDialog(h.Canvas(), w.S(i18n.PostingHowto), body, shut, 600, acts...)
}

// saveMessage writes an unsent e-mail beside the person's documents and opens it.
func saveMessage(s *state.State, h Host, p posting.Posting, address string) {
	w := s.Words()
	s.OpenFile(func(context.Context) (string, error) {
		return writeFile(s, fmt.Sprintf("passerelle-%d.eml", p.Number), s.Message(p, address))
	}, func(path string, err error) {
		switch {
		case path == "":
			h.Say(w.S(i18n.FileFailed, "Detail", state.Explain(w, err)))
		default:
			h.Say(w.S(i18n.FileSaved, "Path", path))
		}
	})
}

// postingPaper is a posting, to print.
func postingPaper(s *state.State, p posting.Posting) Paper {
	return Paper{Name: fmt.Sprint(p.Number), Page: func() page.Page { return page.Posting(s, p, s.Posting.Similar) }}
}

func writeFile(s *state.State, name string, b []byte) (string, error) {
	dir := s.Pages()
	if dir == "" {
		dir = filepath.Join(os.TempDir(), "passerelle")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make %s: %w", dir, err)
	}
	path := filepath.Join(dir, name)
	if err := disk.Write(path, func(w io.Writer) error { _, err := w.Write(b); return err }); err != nil {
		return "", err
	}
	return path, nil
}

// printBriefly writes a page with a secret on it, to print, and opens it; it is taken away
// again, and said tells so.
func printBriefly(s *state.State, h Host, name string, p page.Page, said i18n.Key) {
	w := s.Words()
	s.OpenBriefly(func(context.Context) (string, error) {
		var b bytes.Buffer
		if err := p.HTML(&b); err != nil {
			return "", err
		}
		return writeFile(s, state.BriefPage+name+".html", b.Bytes())
	}, func(path string, err error) {
		if path == "" {
			h.Say(w.S(i18n.FileFailed, "Detail", state.Explain(w, err)))
			return
		}
		h.Say(w.S(said))
	})
}

func postingText(s *state.State, p posting.Posting) string {
	var b bytes.Buffer
	_ = page.Posting(s, p, nil).Text(&b) // a buffer takes everything
	return b.String()
}
