package server

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"html/template"
	"mime"
	"net/http"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/sync/alert"
	"passerelle/sync/mail"
	"passerelle/sync/wire"
)

// Alerts are those by e-mail, which need no account.
type Alerts interface {
	Subscribe(ctx context.Context, in wire.Subscribe, now time.Time) (wire.Subscribed, error)
	Look(ctx context.Context, token string) (alert.View, error)
	Do(ctx context.Context, token string, in alert.Act, now time.Time) (alert.View, error)
}

func alerted(o Options) bool { return o.Alerts != nil }

// subscribe takes a request in. Its answer says nothing of the address.
func (s *Server) subscribe(w http.ResponseWriter, r *http.Request) {
	now := s.o.Now()
	if wait := s.asks.wait(s.asker(r), now); wait > 0 {
		s.refuse(w, http.StatusTooManyRequests, string(account.TooMany), wait)
		return
	}
	var in wire.Subscribe
	if !s.take(w, r, &in) {
		return
	}
	out, err := s.o.Alerts.Subscribe(r.Context(), in, now)
	if err != nil {
		s.deny(w, r, err)
		return
	}
	s.give(w, out)
}

// maxAlertForm is the most bytes of a form: the criteria of one alert.
const maxAlertForm = 16 << 10

// alertPage shows the alerts of a letter's link. It changes nothing: programs that look
// mail through follow links, and only a person presses a button.
func (s *Server) alertPage(w http.ResponseWriter, r *http.Request) {
	v, err := s.o.Alerts.Look(r.Context(), r.PathValue("token"))
	if err != nil {
		s.noAlert(w, r, err)
		return
	}
	s.alerts(w, r, http.StatusOK, v, alertSaid{})
}

// endPage asks whether every alert of the address is to end.
func (s *Server) endPage(w http.ResponseWriter, r *http.Request) {
	v, err := s.o.Alerts.Look(r.Context(), r.PathValue("token"))
	if err != nil || v.Confirm {
		s.noAlert(w, r, errors.Join(err, alert.ErrLink))
		return
	}
	s.alerts(w, r, http.StatusOK, v, alertSaid{ending: true})
}

// form reads a page's form, or the one request of a mail program; nil when it is none.
func (s *Server) form(w http.ResponseWriter, r *http.Request) map[string][]string {
	t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	r.Body = http.MaxBytesReader(w, r.Body, maxAlertForm)
	err := r.ParseForm()
	if t == typeMultipart {
		err = r.ParseMultipartForm(maxAlertForm)
	}
	var long *http.MaxBytesError
	switch {
	case t != typeForm && t != typeMultipart:
		s.refuse(w, http.StatusUnsupportedMediaType, wire.BadType, 0)
	case errors.As(err, &long):
		s.refuse(w, http.StatusRequestEntityTooLarge, wire.TooLarge, 0)
	case err != nil || r.MultipartForm != nil && len(r.MultipartForm.File) > 0:
		s.refuse(w, http.StatusUnsupportedMediaType, wire.BadType, 0)
	default:
		return r.PostForm
	}
	return nil
}

// changeAlert does what a button asks.
func (s *Server) changeAlert(w http.ResponseWriter, r *http.Request) {
	in := s.form(w, r)
	if in == nil {
		return
	}
	one := func(name string) string {
		if v := in[name]; len(v) > 0 {
			return v[0]
		}
		return ""
	}
	act := alert.Act{
		Do: one("do"), ID: one("id"), Title: one("add-titles"), Place: one("add-places"), Keyword: one("add-keywords"),
		Asks: alert.Asks{Titles: in["titles"], Places: in["places"], Keywords: in["keywords"], Lang: one("lang"), Zone: one("zone")},
	}
	if act.Do == alert.DoUnsubscribe && act.ID == "" { // all of them end at their own address
		s.noAlert(w, r, alert.ErrLink)
		return
	}
	token := r.PathValue("token")
	v, err := s.o.Alerts.Do(r.Context(), token, act, s.o.Now())
	var no *wire.Refused
	if errors.As(err, &no) && no.Code == account.Mend {
		if v, err = s.o.Alerts.Look(r.Context(), token); err == nil {
			s.alerts(w, r, http.StatusUnprocessableEntity, v, alertSaid{act: act, bad: no.Fields})
			return
		}
	}
	if err != nil {
		s.noAlert(w, r, err)
		return
	}
	s.alerts(w, r, http.StatusOK, v, alertSaid{done: map[string]i18n.Key{
		alert.DoConfirm: i18n.AlertpageConfirmed, alert.DoSave: i18n.AlertpageSaved, alert.DoPause: i18n.AlertpagePaused,
		alert.DoResume: i18n.AlertpageResumed, alert.DoUnsubscribe: i18n.AlertpageEnded,
	}[act.Do]})
}

// endAlerts ends every alert of an address: by its button, or by the one request that a
// mail program sends without a page (RFC 8058).
func (s *Server) endAlerts(w http.ResponseWriter, r *http.Request) {
	in := s.form(w, r)
	if in == nil {
		return
	}
	name, value, _ := strings.Cut(mail.OneClick, "=")
	click := len(in[name]) == 1 && in[name][0] == value
	button := len(in["do"]) == 1 && in["do"][0] == alert.DoUnsubscribe
	token := r.PathValue("token")
	if !click && !button {
		s.endPage(w, r)
		return
	}
	v, err := s.o.Alerts.Do(r.Context(), token, alert.Act{Do: alert.DoUnsubscribe}, s.o.Now())
	if err != nil {
		s.noAlert(w, r, err)
		return
	}
	s.alerts(w, r, http.StatusOK, v, alertSaid{done: i18n.AlertpageEnded})
}

// noAlert says that a link leads nowhere, or that something is broken.
func (s *Server) noAlert(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, alert.ErrLink) {
		s.page(w, r, http.StatusGone, "", i18n.AlertpageGoneTitle, "", i18n.AlertpageGoneBody)
		return
	}
	s.o.Log.ErrorContext(r.Context(), "page of alerts", "err", err)
	s.page(w, r, http.StatusInternalServerError, "", i18n.PageDownTitle, "", i18n.PageDownBody)
}

//go:embed alert.html
var alertText string

var alertTemplate = template.Must(template.New("alert").Parse(alertText))

const (
	typeMultipart = "multipart/form-data"
	alertStyle    = pageStyle + `form{margin:1rem 0}fieldset{margin:1rem 0;border:1px solid;border-radius:.4rem}input[type=text],select{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;border:1px solid;background:none;color:inherit}` +
		`select{background:Canvas;color:CanvasText}.problem,.done{border:2px solid;border-radius:.4rem;padding:.5rem 1rem}.wrong{font-weight:600}`
)

var alertPolicy = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; style-src " + hashed(alertStyle)

// alertSaid is what a page of alerts says beside them.
type alertSaid struct {
	done   i18n.Key
	ending bool
	act    alert.Act
	bad    []account.Problem
}

type alertSheet struct {
	Lang, OtherLang   i18n.Lang
	Style             template.CSS
	Title, Problem    string
	Problems          []alertProblem
	Done              string
	Paragraphs        []string
	Alerts            []alertSection
	Buttons           []alertButton
	Keep, Save, Other string
}

type (
	alertProblem struct{ Field, Text string }
	alertButton  struct{ Do, Text, To string }
	alertValue   struct {
		Value, Text string
		Chosen      bool
	}
	alertGroup struct {
		Name, Legend, Add, Typed, Wrong, Hint string
		Values                                []alertValue
	}
	alertSection struct {
		ID, Title string
		Facts     []string
		Groups    []alertGroup
		Choices   []alertGroup
		Buttons   []alertButton
	}
)

// alertZones are those that a page offers: one for each way to set a clock in Canada.
var alertZones = []string{
	"America/St_Johns", "America/Halifax", "America/Toronto", "America/Winnipeg", "America/Regina", "America/Edmonton",
	"America/Whitehorse", "America/Vancouver",
}

// alerts writes the page of a view.
func (s *Server) alerts(w http.ResponseWriter, r *http.Request, status int, v alert.View, said alertSaid) {
	t := i18n.For(reader(r, v.Lang))
	p := alertSheet{
		Lang: t.Lang(), OtherLang: t.Lang().Other(), Style: alertStyle, Title: t.S(i18n.AlertpageTitle), Problem: t.S(i18n.AlertpageProblem),
		Keep: t.S(i18n.AlertpageKeep), Save: t.S(i18n.AlertpageSave),
	}
	p.Other = i18n.For(p.OtherLang).S(i18n.PageOther)
	if said.done != "" {
		p.Done = t.S(said.done)
	}
	waits := v.Confirm && len(v.Alerts) == 1 && v.Alerts[0].State == "pending"
	switch {
	case len(v.Alerts) == 0:
		p.Paragraphs = []string{t.S(i18n.AlertpageNone)}
	case said.ending:
		p.Title = t.S(i18n.AlertpageEndTitle)
		p.Paragraphs = []string{t.S(i18n.AlertpageEndBody)}
		p.Buttons = []alertButton{{alert.DoUnsubscribe, t.S(i18n.AlertUnsubscribe), ""}}
	case waits:
		p.Title = t.S(i18n.AlertpageConfirmTitle)
		p.Paragraphs = []string{t.S(i18n.AlertpageConfirmBody)}
		p.Buttons = []alertButton{{alert.DoConfirm, t.S(i18n.PageConfirm), ""}}
	case v.Confirm && said.done == "":
		p.Paragraphs = []string{t.S(i18n.AlertpageAlready)}
	case !v.Confirm:
		p.Paragraphs = []string{t.S(i18n.AlertpageBody)}
		p.Buttons = []alertButton{{alert.DoUnsubscribe, t.S(i18n.AlertpageEndAll), r.PathValue("token") + "/end"}}
	}
	for _, a := range v.Alerts {
		if !said.ending {
			p.Alerts = append(p.Alerts, section(t, v, a, said, &p))
		}
	}
	var b bytes.Buffer
	if err := alertTemplate.Execute(&b, p); err != nil {
		s.o.Log.ErrorContext(r.Context(), "write a page", "err", err)
	}
	writePage(w, status, string(p.Lang), alertPolicy, b.Bytes())
}

// section is an alert on the page, with its form where it can be changed.
func section(t *i18n.Words, v alert.View, a alert.Shown, said alertSaid, p *alertSheet) alertSection {
	titles, places, keywords := a.Asks.Words(t)
	out := alertSection{ID: a.ID, Title: a.Asks.Name}
	if out.Title == "" {
		out.Title = strings.Join(append(append(append([]string{}, titles...), keywords...), places...), ", ")
	}
	if v.Confirm {
		for n, words := range [][]string{titles, places, keywords} {
			if len(words) > 0 {
				out.Facts = append(out.Facts, t.S(i18n.AlertpageColon, "What", t.S(alertFields[n].legend), "Words", strings.Join(words, ", ")))
			}
		}
		return out
	}
	state := map[string]i18n.Key{"pending": i18n.AlertpageStatePending, "active": i18n.AlertpageStateActive, "paused": i18n.AlertpageStatePaused}[a.State]
	when := func(at time.Time) string {
		zone, err := time.LoadLocation(v.Zone)
		if at.IsZero() || err != nil {
			return t.S(i18n.AlertpageNever)
		}
		return t.Date(at.In(zone)) + " " + t.Clock(at.In(zone))
	}
	out.Facts = []string{t.S(state), t.S(i18n.AlertpageFacts, "Checked", when(a.Checked), "Found", t.Number(a.Found), "Sent", when(a.Sent))}
	mine := said.act.ID == a.ID && len(said.bad) > 0
	asks, typed := a.Asks, [3]string{}
	if mine {
		asks = said.act.Asks
		titles, places, keywords = asks.Words(t)
		typed = [3]string{said.act.Title, said.act.Place, said.act.Keyword}
	}
	words, values := [3][]string{titles, places, keywords}, [3][]string{asks.Titles, asks.Places, asks.Keywords}
	for n, f := range alertFields {
		g := alertGroup{Name: f.name, Legend: t.S(f.legend), Add: t.S(f.add), Hint: t.S(f.hint), Typed: typed[n]}
		for i, value := range values[n] {
			if i < len(words[n]) {
				g.Values = append(g.Values, alertValue{Value: value, Text: words[n][i]})
			}
		}
		for _, bad := range said.bad {
			if mine && bad.Field == f.name && g.Wrong == "" {
				g.Wrong = t.S(f.wrong)
				p.Problems = append(p.Problems, alertProblem{f.name + "-" + a.ID, g.Wrong})
			}
		}
		out.Groups = append(out.Groups, g)
	}
	lang := alertGroup{Name: "lang", Legend: t.S(i18n.AlertpageLang)}
	for _, l := range i18n.Languages() {
		key := i18n.AlertpageLangFr
		if l == i18n.English {
			key = i18n.AlertpageLangEn
		}
		lang.Values = append(lang.Values, alertValue{string(l), t.S(key), string(l) == a.Asks.Lang})
	}
	zones := alertGroup{Name: "zone", Legend: t.S(i18n.AlertpageZone)}
	known := false
	for _, z := range alertZones {
		known = known || z == v.Zone
		zones.Values = append(zones.Values, alertValue{z, zoneName(z), z == v.Zone})
	}
	if !known {
		zones.Values = append(zones.Values, alertValue{v.Zone, zoneName(v.Zone), true})
	}
	out.Choices = []alertGroup{lang, zones}
	if mine && len(p.Problems) == 0 {
		p.Problems = append(p.Problems, alertProblem{"alert-" + a.ID, t.S(i18n.AlertpageBadOther)})
	}
	switch a.State {
	case "active":
		out.Buttons = append(out.Buttons, alertButton{alert.DoPause, t.S(i18n.AlertpagePause), ""})
	case "paused":
		out.Buttons = append(out.Buttons, alertButton{alert.DoResume, t.S(i18n.AlertpageResume), ""})
	}
	out.Buttons = append(out.Buttons, alertButton{alert.DoUnsubscribe, t.S(i18n.AlertUnsubscribe), ""})
	return out
}

// alertFields are the criteria, as [alert.Act] and the rules of records call them.
var alertFields = [3]struct {
	name                     string
	legend, add, hint, wrong i18n.Key
}{
	{"titles", i18n.AlertpageTitles, i18n.AlertpageTitlesAdd, i18n.AlertpageTitlesHint, i18n.AlertpageTitlesWrong},
	{"places", i18n.AlertpagePlaces, i18n.AlertpagePlacesAdd, i18n.AlertpagePlacesHint, i18n.AlertpagePlacesWrong},
	{"keywords", i18n.AlertpageKeywords, i18n.AlertpageKeywordsAdd, i18n.AlertpageKeywordsHint, i18n.AlertpageKeywordsWrong},
}

// zoneName is the city of a zone.
func zoneName(zone string) string {
	name := zone[strings.LastIndexByte(zone, '/')+1:]
	return strings.ReplaceAll(name, "_", " ")
}
