package mail

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	html "html/template"
	"strconv"
	"strings"
	text "text/template"
	"time"
	"unicode"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/secret"
)

// OtherPath is where a server shows a letter in its other language: [House.Other].
const OtherPath = "/l/"

// otherLife is how long the other language can be asked for.
const otherLife = 30 * 24 * time.Hour

// Errors of letters.
var (
	ErrNoTemplate = errors.New("no template for this letter")
	ErrNoLetter   = errors.New("no such letter, or too old") // a link to the other language that leads nowhere
)

// Letter is a message, written.
type Letter struct {
	ID                      string // the same each time the same letter is sent; "": none
	To, Subject, Text, HTML string
	Lang                    i18n.Lang
	Date                    time.Time
	Unsubscribe             string // where one request ends what the letter is of (RFC 8058); "": it is of nothing that ends
}

// House is what letters say of who writes them. Base and Box are needed.
type House struct {
	Base    string      // public address of the server
	Box     *secret.Box // seals the links to the other language
	Contact string      // address of the team; "": none is given
}

// draft is the template of a kind: its subject, and what it says in turn.
type draft struct {
	subject i18n.Key
	blocks  []block
}

// block is a part of a letter; nil parts are left out.
type block func(w *i18n.Words, m Message) *part

// part is a block in words.
type part struct {
	Kind  string // "p", "code", "link", "head" or "job"
	Text  string
	URL   string
	Lang  i18n.Lang // of a job's title, where it is not the letter's
	Lines []string
	Kids  []part // stand in its place
}

var drafts = map[Kind]draft{
	Confirm:     {i18n.MailConfirmSubject, []block{says(i18n.MailConfirmBody), code, link(i18n.MailConfirmLink), life, says(i18n.MailNotyou), says(i18n.MailWary)}},
	Exists:      {i18n.MailExistsSubject, []block{says(i18n.MailExistsBody), recoverIt(i18n.MailExistsForgot), says(i18n.MailNotyou)}},
	RecoverCode: {i18n.MailRecoverSubject, []block{says(i18n.MailRecoverBody), code, link(i18n.MailRecoverLink), life, says(i18n.MailNotyou), says(i18n.MailWary)}},
	Reset:       {i18n.MailResetSubject, []block{says(i18n.MailResetBody), recoverIt(i18n.MailNotme)}},
	Temporary:   {i18n.MailTemporarySubject, []block{says(i18n.MailTemporaryBody), code, life, says(i18n.MailTemporaryNext), says(i18n.MailWary)}},
	Warning:     {i18n.MailWarningSubject, []block{dated(i18n.MailWarningBody), says(i18n.MailWarningNext)}},
	Suspended:   {i18n.MailSuspendedSubject, []block{says(i18n.MailSuspendedBody), recoverIt(i18n.MailSuspendedNext)}},
	FactorCode:  {i18n.MailFactorSubject, []block{says(i18n.MailFactorBody), code, life, says(i18n.MailFactorNotyou), says(i18n.MailWary)}},
	FactorSet:   {i18n.MailFactorsetSubject, []block{says(i18n.MailFactorsetBody), says(i18n.MailWrite)}},
	UsernameIs:  {i18n.MailUsernameSubject, []block{says(i18n.MailUsernameBody), username, says(i18n.MailNotyou)}},
	PortalCode:  {i18n.MailPortalSubject, []block{says(i18n.MailPortalBody), code, life, says(i18n.MailNotyou), says(i18n.MailWary)}},
	PortalSet:   {i18n.MailPortalsetSubject, []block{says(i18n.MailPortalsetBody), says(i18n.MailWrite)}},
	PartnerSet:  {i18n.MailPartnersetSubject, []block{says(i18n.MailPartnersetBody), says(i18n.MailWrite)}},
	NewAddress:  {i18n.MailAddressSubject, []block{says(i18n.MailAddressBody), code, link(i18n.MailAddressLink), life, says(i18n.MailNotyou)}},
	AddressSet:  {i18n.MailAddresssetSubject, []block{says(i18n.MailAddresssetBody), says(i18n.MailWrite)}},
	Questioned:  {i18n.MailQuestionsSubject, []block{says(i18n.MailQuestionsBody), recoverIt(i18n.MailNotme)}},
	Invitation:  {i18n.MailInvitedSubject, []block{says(i18n.MailInvitedBody), code, life, says(i18n.MailInvitedNext)}},
	Closed:      {i18n.MailClosedSubject, []block{says(i18n.MailClosedBody), says(i18n.MailWrite)}},
	Revoked:     {i18n.MailRevokedSubject, []block{says(i18n.MailRevokedBody), why, says(i18n.MailRevokedNext)}},
	NewDevice:   {i18n.MailDeviceSubject, []block{says(i18n.MailDeviceBody), device, says(i18n.MailDeviceNext), recoverIt(i18n.MailNotme)}},
	Declined:    {i18n.MailDeclinedSubject, []block{says(i18n.MailDeclinedBody), says(i18n.MailDeclinedNext)}},
	AlertAsked:  {i18n.AlertConfirmSubject, []block{says(i18n.MailAlertaskedBody), link(i18n.MailAlertaskedLink), life, says(i18n.MailAlertaskedNotyou), modify, unsubscribe}},
	AlertNews:   {i18n.MailAlertnewsSubject, []block{says(i18n.MailAlertnewsBody), news, modify, unsubscribe, says(i18n.MailAlertnewsWhy)}},
}

func says(k i18n.Key) block {
	return func(w *i18n.Words, _ Message) *part { return &part{Kind: "p", Text: w.S(k)} }
}

// recoverIt names the button of a recovery in the words that are on it.
func recoverIt(k i18n.Key) block {
	return func(w *i18n.Words, _ Message) *part {
		return &part{Kind: "p", Text: w.S(k, "Button", w.S(i18n.MailButtonRecover))}
	}
}

func code(_ *i18n.Words, m Message) *part { return &part{Kind: "code", Text: m.Code} }

func username(_ *i18n.Words, m Message) *part { return &part{Kind: "code", Text: m.Username} }

// device is what a computer is called, as its owner named it.
func device(_ *i18n.Words, m Message) *part {
	name := tame(m.Device, "-_'() "+masked)
	if name == "" {
		return nil
	}
	return &part{Kind: "p", Text: name}
}

// tame leaves of a text that somebody chose what cannot be taken for words of ours, nor for
// an address: letters, digits and a few signs, on one line, not many. A letter that
// somebody else can cause to be sent is no place for what they have to say.
func tame(text, signs string) string {
	var b strings.Builder
	n := 0
	for _, r := range text {
		if n == 40 {
			break
		}
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && !strings.ContainsRune(signs, r) {
			r = ' '
		}
		b.WriteRune(r)
		n++
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func link(k i18n.Key) block {
	return func(w *i18n.Words, m Message) *part {
		if m.Link == "" {
			return nil
		}
		return &part{Kind: "link", Text: w.S(k), URL: m.Link}
	}
}

func modify(w *i18n.Words, m Message) *part { return place(w.S(i18n.AlertModify), m.Modify) }

func unsubscribe(w *i18n.Words, m Message) *part {
	return place(w.S(i18n.AlertUnsubscribe), m.Unsubscribe)
}

func place(text, url string) *part {
	if url == "" {
		return nil
	}
	return &part{Kind: "link", Text: text, URL: url}
}

// news are the postings of a letter, under headings.
func news(w *i18n.Words, m Message) *part {
	if m.News == nil {
		return &part{Kind: "p", Text: w.S(i18n.MailAlertnewsElsewhere)} // the letter in its other language: its postings are in itself
	}
	all := part{}
	add := func(title string, jobs []Posting) {
		all.Kids = append(all.Kids, part{Kind: "head", Text: title})
		for _, j := range jobs {
			p := part{Kind: "job", Text: j.Title, URL: j.URL}
			if j.Lang != w.Lang() && j.Lang != "" {
				p.Lang = j.Lang
			}
			for _, line := range []string{j.Employer, j.Place, j.Wage} {
				if line != "" {
					p.Lines = append(p.Lines, line)
				}
			}
			p.Lines = append(p.Lines, w.S(i18n.MailAlertnewsSource, "Source", j.Source, "Number", strconv.FormatInt(j.Number, 10)))
			if j.Why != "" {
				p.Lines = append(p.Lines, j.Why)
			}
			all.Kids = append(all.Kids, p)
		}
	}
	for _, g := range m.News.Groups {
		add(g.Title, g.Jobs)
		if g.More > 0 {
			all.Kids = append(all.Kids, part{Kind: "p", Text: w.N(i18n.MailAlertnewsMore, g.More)})
		}
	}
	if len(m.News.Related) > 0 {
		add(w.S(i18n.MailAlertnewsRelated), m.News.Related)
	}
	return &all
}

// life says for how long what the letter brings is good.
func life(w *i18n.Words, m Message) *part {
	switch {
	case m.Minutes <= 0:
		return nil
	case m.Minutes%(24*60) == 0 && m.Minutes > 24*60:
		return &part{Kind: "p", Text: w.N(i18n.MailDays, m.Minutes/(24*60))}
	case m.Minutes%60 == 0 && m.Minutes > 60:
		return &part{Kind: "p", Text: w.N(i18n.MailHours, m.Minutes/60)}
	default:
		return &part{Kind: "p", Text: w.N(i18n.MailMinutes, m.Minutes)}
	}
}

func dated(k i18n.Key) block {
	return func(w *i18n.Words, m Message) *part {
		day := m.Date
		if t, err := time.Parse("2006-01-02", m.Date); err == nil {
			day = w.Date(t)
		}
		return &part{Kind: "p", Text: w.S(k, "Date", day)}
	}
}

// why says what a credential was revoked for, where that is for its owner to know.
func why(w *i18n.Words, m Message) *part {
	switch m.Reason {
	case account.Compromised:
		return &part{Kind: "p", Text: w.S(i18n.MailRevokedCompromised)}
	case account.Unused:
		return &part{Kind: "p", Text: w.S(i18n.MailRevokedUnused)}
	case account.Replaced:
		return &part{Kind: "p", Text: w.S(i18n.MailRevokedReplaced)}
	}
	return nil
}

//go:embed letter.html
var htmlText string

//go:embed letter.txt
var plainText string

var (
	asHTML = html.Must(html.New("letter").Parse(htmlText))
	asText = text.Must(text.New("letter").Parse(plainText))
)

// Style is the one style of letters, and of the pages that show them.
const Style = `:root{color-scheme:light dark}` +
	`body{font:1rem/1.5 system-ui,sans-serif;margin:0 auto;padding:1.5rem;max-width:38rem}` +
	`h1{font-size:1.35rem;line-height:1.3}` +
	`.code{font:600 1.6rem/1.4 ui-monospace,monospace;letter-spacing:.08em;overflow-wrap:anywhere}` +
	`a{overflow-wrap:anywhere}footer{margin-top:2rem;padding-top:1rem;border-top:1px solid}`

// sheet is a letter before it is laid out.
type sheet struct {
	Lang             i18n.Lang
	Style            html.CSS
	Subject, Hello   string
	Parts            []part
	Team, Neutral    string
	Write, Contact   string
	Other, OtherLink string // words for the other language, and where
	OtherLang        i18n.Lang
}

// Compose writes a letter. [None] has none: ErrNoTemplate.
func Compose(h House, m Message, now time.Time) (Letter, error) {
	token, err := h.seal(m, now)
	if err != nil {
		return Letter{}, err
	}
	l, err := h.write(m, strings.TrimRight(h.Base, "/")+OtherPath+token)
	l.Date = now
	return l, err
}

func (h House) write(m Message, other string) (Letter, error) {
	d, ok := drafts[m.Kind]
	if !ok {
		return Letter{}, fmt.Errorf("write a %s letter: %w", m.Kind, ErrNoTemplate)
	}
	lang := i18n.Lang(m.Lang)
	w := i18n.For(lang)
	lang = w.Lang()
	o := i18n.For(lang.Other())
	s := sheet{
		Lang: lang, Style: Style, Subject: w.S(d.subject), Hello: w.S(i18n.MailHello), Team: w.S(i18n.MailTeam), Neutral: w.S(i18n.AppNeutral),
		Contact: h.Contact, Other: o.S(i18n.MailOther), OtherLink: other, OtherLang: o.Lang(),
	}
	if name := tame(m.First, "-'’"); name != "" {
		s.Hello = w.S(i18n.MailHelloname, "Name", name)
	}
	if h.Contact != "" {
		s.Write = w.S(i18n.MailContact)
	}
	for _, b := range d.blocks {
		switch p := b(w, m); {
		case p == nil:
		case len(p.Kids) > 0:
			s.Parts = append(s.Parts, p.Kids...)
		default:
			s.Parts = append(s.Parts, *p)
		}
	}
	var t, page bytes.Buffer
	if err := errors.Join(asText.Execute(&t, s), asHTML.Execute(&page, s)); err != nil {
		return Letter{}, fmt.Errorf("write a %s letter: %w", m.Kind, err)
	}
	return Letter{To: m.To, Subject: s.Subject, Text: t.String(), HTML: page.String(), Lang: lang, Unsubscribe: m.Unsubscribe}, nil
}

// other is what a link to the other language carries, sealed: nothing that opens anything,
// and not whom it went to.
type other struct {
	Kind    Kind      `json:"k"`
	Lang    i18n.Lang `json:"l"`
	Date    string    `json:"d,omitempty"`
	Reason  string    `json:"r,omitempty"`
	Minutes int       `json:"m,omitempty"`
	Ends    int64     `json:"x"` // Unix seconds
}

const aboutOther = "letter in the other language"

// seal makes the token of the link to the other language.
func (h House) seal(m Message, now time.Time) (string, error) {
	lang := i18n.For(i18n.Lang(m.Lang)).Lang().Other()
	plain, err := json.Marshal(other{m.Kind, lang, m.Date, m.Reason, m.Minutes, now.Add(otherLife).Unix()})
	if err != nil {
		return "", fmt.Errorf("write a %s letter: %w", m.Kind, err)
	}
	sealed, err := h.Box.Seal(aboutOther, plain)
	if err != nil {
		return "", fmt.Errorf("write a %s letter: %w", m.Kind, err)
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// masked stands where the letter had a code or a name.
const masked = "••••••"

// Other writes the letter of a link in the other language, and the link back. The codes,
// names and links of the letter are not in it: who reads them has the letter. ErrNoLetter.
func (h House) Other(token string, now time.Time) (Letter, error) {
	var o other
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil && len(token) <= maxToken {
		sealed, err = h.Box.Open(aboutOther, sealed)
	}
	if err == nil {
		err = json.Unmarshal(sealed, &o)
	}
	if err != nil || now.Unix() >= o.Ends {
		return Letter{}, ErrNoLetter
	}
	m := Message{Kind: o.Kind, Lang: string(o.Lang), Code: masked, Username: masked, Device: masked, Date: o.Date, Reason: o.Reason, Minutes: o.Minutes}
	o.Lang = o.Lang.Other()
	plain, err := json.Marshal(o) // ends when it ended
	if err == nil {
		sealed, err = h.Box.Seal(aboutOther, plain)
	}
	if err != nil {
		return Letter{}, fmt.Errorf("write a %s letter: %w", m.Kind, err)
	}
	return h.write(m, strings.TrimRight(h.Base, "/")+OtherPath+base64.RawURLEncoding.EncodeToString(sealed))
}

const maxToken = 1024 // characters; ours have about 200
