package screen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"passerelle/i18n"
	"passerelle/store/personal"
	"passerelle/store/posting"
	"passerelle/ui/look"
	"passerelle/ui/page"
	"passerelle/ui/part"
	"passerelle/ui/state"
)

// ShowDraft prepares an application by e-mail for the person's own mail program.
func ShowDraft(s *state.State, h Host, p posting.Posting, to string) {
	w, d := s.Words(), s.NewDraft(p, to)
	var dialog *part.Dialog
	subject := part.NewField(w.S(i18n.DraftSubject), true, "", "").Set(d.Subject)
	text := part.NewArea(w.S(i18n.DraftBody), 8, "").Set(d.Text)
	typed := func(string) { d.Type(subject.Entry.Text, text.Entry.Text) }
	subject.OnType(typed)
	text.OnType(typed)
	choices := part.Column(look.S3)
	how := part.NewText("", look.Small, look.InkMuted)
	col := part.Column(look.S3, part.NewText(w.S(i18n.DraftWhy), look.Body, look.InkMuted), part.NewText(w.S(i18n.DraftTo, "Address", to), look.Body, look.InkText),
		choices, subject, text, how)
	var again func()
	draw := func() {
		if subject.Entry.Text != d.Subject {
			subject.Set(d.Subject)
		}
		if text.Entry.Text != d.Text {
			text.Set(d.Text)
		}
		text.SetError("")
		if open := d.Open(); len(open) > 0 {
			text.SetError(w.N(i18n.DraftOpen, len(open), "Which", strings.Join(open, ", ")))
		}
		if d.Loaded && again == nil {
			choices.Objects, again = draftChoices(s, d)
		}
		if again != nil {
			again()
		}
		how.Set(draftHow(w, d))
		if dialog != nil {
			dialog.Reflow()
		}
	}
	// ready says whether the message can go out.
	ready := func() bool {
		if len(d.Open()) == 0 {
			return true
		}
		h.Canvas().Focus(text.Entry)
		return false
	}
	mail := part.NewButton(w.S(i18n.DraftMail), part.Primary, look.IconMail, func() {
		if ready() {
			openDraft(s, h, d)
		}
	})
	file := part.NewButton(w.S(i18n.ApplySave), part.Secondary, look.IconSaved, func() {
		if ready() {
			saveDraft(s, h, d)
		}
	})
	copied := part.NewButton(w.S(i18n.DraftCopy), part.Secondary, look.IconCopy, func() {
		if ready() {
			s.Copy(d.Text)
			h.Say(w.S(i18n.Copied))
		}
	})
	acts := []fyne.CanvasObject{mail, file, copied}
	if s.Tracker.Offered() {
		acts = append(acts, part.NewButton(w.S(i18n.DraftSent), part.Secondary, look.IconCheck, func() {
			d.Sent(func(err error) {
				if err != nil {
					h.Say(state.MineProblem(w, err))
					return
				}
				dialog.Close()
				h.Say(w.S(i18n.DraftNoted))
			})
		}))
	}
	shut := part.NewButton(w.S(i18n.Close), part.Secondary, "", func() { dialog.Close() })
	draw()
	dialog = part.ShowDialog(h.Canvas(), w.S(i18n.DraftTitle), col, subject.Entry, 680, append(acts, shut)...)
	dialog.OnClose = func() { d.Changed = nil }
	d.Changed = draw
	draw()
}

// draftChoices are the letter that the text begins with, and what goes along: made once it is
// known what there is. again shows what is chosen now.
func draftChoices(s *state.State, d *state.Draft) (all []fyne.CanvasObject, again func()) {
	w := s.Words()
	again = func() {}
	if why := d.Why(); why != "" {
		return []fyne.CanvasObject{part.Banner(part.Plain, look.IconInfo, why)}, again
	}
	if len(d.Letters)+len(d.Resumes) == 0 {
		return []fyne.CanvasObject{part.NewText(w.S(i18n.DraftNone), look.Small, look.InkMuted)}, again
	}
	var ids [2][]string
	var names [2][]string
	for _, l := range d.Letters {
		ids[0], names[0] = append(ids[0], l.ID), append(names[0], named(w, l.Body.Name))
	}
	for _, r := range d.Resumes {
		ids[1], names[1] = append(ids[1], r.ID), append(names[1], named(w, r.Body.Name))
	}
	choice := func(k i18n.Key, which int, take func(id string)) *part.Choice {
		c := part.NewChoice(w.S(k), "", part.Secondary, append([]string{w.S(i18n.TrackerSentNone)}, names[which]...), 0, func(i int) {
			take(append([]string{""}, ids[which]...)[i])
		})
		if len(ids[which]) > 0 {
			all = append(all, part.Labelling(w.S(k), part.Wrap(0, c)))
		}
		return c
	}
	letter := choice(i18n.DraftLetter, 0, d.Use)
	resume := choice(i18n.DraftResume, 1, d.Take)
	attach := part.NewCheck(w.S(i18n.DraftAttach), "", d.Attach, d.SetAttach)
	all = append(all, attach)
	again = func() {
		letter.Pick(slices.Index(ids[0], d.Letter) + 1)
		resume.Pick(slices.Index(ids[1], d.Resume) + 1)
		attach.Set(w.S(i18n.DraftAttach), "", d.Attach)
		if d.Letter == "" {
			attach.Hide()
		} else {
			attach.Show()
		}
	}
	return all, again
}

// draftHow says which way this message can go, and why not the other.
func draftHow(w *i18n.Words, d *state.Draft) string {
	_, cover := d.Cover()
	_, whole, err := message(d).Mailto()
	switch {
	case err != nil:
		return w.S(i18n.DraftAddress)
	case d.Resume != "" || cover:
		return w.S(i18n.DraftFiles)
	case !whole:
		return w.S(i18n.DraftLong)
	}
	return w.S(i18n.DraftWhole)
}

// message is the letter without what goes along.
func message(d *state.Draft) page.Draft {
	return page.Draft{Lang: d.Lang(), To: d.To, Subject: d.Subject, Text: d.Text}
}

// openDraft opens the person's mail program with as much as a link carries; what it does not
// is put on the clipboard, or is to be added by hand, and said.
func openDraft(s *state.State, h Host, d *state.Draft) {
	w := s.Words()
	link, whole, err := message(d).Mailto()
	if err != nil {
		h.Say(w.S(i18n.DraftAddress))
		return
	}
	_, cover := d.Cover()
	s.Do(state.Act{Kind: state.ActOpen, Value: link}, func(err error) {
		switch {
		case err != nil:
			h.Say(w.S(i18n.ApplyNoTool))
		case !whole:
			s.Copy(d.Text)
			h.Say(w.S(i18n.DraftPaste))
		case d.Resume != "" || cover:
			h.Say(w.S(i18n.DraftAttachYourself))
		}
	})
}

// saveDraft writes the message with all that goes along as a file, and opens it with the
// person's mail program.
func saveDraft(s *state.State, h Host, d *state.Draft) {
	w, m, now := s.Words(), message(d), s.Now()
	var printed page.Printed
	doc, _, lang, with := d.Document()
	cover, covered := d.Cover()
	add := func(name string, p page.Page) error {
		var b bytes.Buffer
		out, err := p.PDF(&b, now)
		printed.Missing = append(printed.Missing, out.Missing...)
		m.Attachments = append(m.Attachments, page.Attachment{Name: name, Type: "application/pdf", Body: b.Bytes()})
		return err
	}
	s.OpenFile(func(context.Context) (string, error) {
		if with {
			if err := add(i18n.For(lang).S(i18n.DraftResumeFile)+".pdf", page.Resume(doc, lang)); err != nil {
				return "", err
			}
		}
		if covered {
			if err := add(i18n.For(d.Lang()).S(i18n.DraftLetterFile)+".pdf", page.Letter(cover)); err != nil {
				return "", err
			}
		}
		var b bytes.Buffer
		if err := m.EML(&b); err != nil {
			return "", err
		}
		return writeFile(s, fmt.Sprintf("%s%d.eml", state.BriefPage, d.Posting.Number), b.Bytes())
	}, func(path string, err error) {
		switch {
		case errors.Is(err, page.ErrLarge):
			h.Say(w.S(i18n.DraftLarge))
		case errors.Is(err, page.ErrAddress):
			h.Say(w.S(i18n.DraftAddress))
		case path == "":
			h.Say(w.S(i18n.FileFailed, "Detail", state.Explain(w, err)))
		case err != nil: // there is no program for it
			h.Say(w.S(i18n.DraftNoProgram, "Path", path) + missing(w, printed))
		default:
			h.Say(w.S(i18n.FileSaved, "Path", path) + missing(w, printed))
		}
	})
}

// followButton adds a posting to the tracker, or opens the entry that it has there; nil where
// there is no tracker. done is told that the entry was added.
func followButton(s *state.State, h Host, title string, kind part.Kind, p posting.Posting, done func()) *part.Button {
	t, w := s.Tracker, s.Words()
	if !t.Offered() {
		return nil
	}
	text := w.S(i18n.TrackerFollow)
	id := t.Of(p.ID)
	if id != "" {
		text = w.S(i18n.TrackerFollowed)
	}
	b := part.NewButton(text, kind, look.IconColumns, func() {
		if id != "" {
			t.Read(id)
			h.Go("tracker")
			return
		}
		follow(s, h, p, done)
	})
	if title != "" {
		b.Label = w.S(i18n.TrackerFollowLabel, "Act", text, "Title", title)
	}
	return b
}

func follow(s *state.State, h Host, p posting.Posting, done func()) {
	w := s.Words()
	s.Tracker.AddPosting(p, personal.ToApply, func(_ string, err error) {
		if err != nil {
			h.Say(state.MineProblem(w, err))
			return
		}
		h.Say(w.S(i18n.TrackerFollowAdded))
		done()
	})
}
