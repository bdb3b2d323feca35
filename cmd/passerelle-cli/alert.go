package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/ui/page"
	"passerelle/ui/state"
)

// alert keeps the alerts of this computer, and asks for those by e-mail, which need no
// account: list, add, remove, and check, which prints what is new since the last
// time and marks it read. Without --email nothing leaves the computer.
func (j *job) alert(args []string) error {
	acts := map[string]func([]string) error{"list": j.alertList, "add": j.alertAdd, "remove": j.alertRemove, "check": j.alertCheck}
	if len(args) == 0 || acts[args[0]] == nil {
		return errUsage{j.words.S(i18n.CliUsage)}
	}
	return acts[args[0]](args[1:])
}

// alertJSON is an alert as scripts read it.
type alertJSON struct {
	N        int       `json:"n"`
	Name     string    `json:"name,omitempty"`
	Email    string    `json:"email,omitempty"`
	Lang     i18n.Lang `json:"lang"`
	Titles   []string  `json:"titles,omitempty"`
	Places   []string  `json:"places,omitempty"`
	Keywords []string  `json:"keywords,omitempty"`
	State    string    `json:"state"`
	Checked  time.Time `json:"checked,omitzero"`
	Found    int       `json:"found"`
	Sent     time.Time `json:"sent,omitzero"`
	New      int       `json:"new"`
}

func (j *job) alertList(args []string) (err error) {
	words, err := j.open(j.flags("alert list"), args)
	if err != nil {
		return err
	}
	defer j.close(&err)
	if len(words) > 0 {
		return errUsage{j.words.S(i18n.CliUsage)}
	}
	all, err := j.Alerts.List(j.ctx)
	if err != nil {
		return err
	}
	if j.format == "json" {
		list := make([]alertJSON, 0, len(all))
		for i, a := range all {
			list = append(list, alertJSON{i + 1, a.Name, a.Email, a.Lang, a.Titles, a.Places, a.Keywords, string(a.State), a.Checked, a.Found, a.Sent, a.New})
		}
		err = j.json(list)
	} else {
		var s *state.State
		if s, err = j.state(); err == nil {
			err = j.page(page.Alerts(s, all))
		}
	}
	if err == nil && len(all) == 0 {
		return errNothing
	}
	return err
}

func (j *job) alertAdd(args []string) (err error) {
	f := j.flags("alert add")
	var a state.Alert
	add := func(name, usage string, to *[]string) {
		f.Func(name, usage, func(v string) error {
			*to = append(*to, strings.TrimSpace(v))
			return nil
		})
	}
	var titles, places []string
	add("title", "job title, or the five digits of its code", &titles)
	add("place", "as in Rimouski, QC; QC; or CA", &places)
	add("keyword", "words that stand in the posting", &a.Keywords)
	f.StringVar(&a.Name, "name", "", "name of the alert")
	f.StringVar(&a.Email, "email", "", "address that letters go to; without it the alert stays on this computer")
	f.StringVar(&a.Zone, "zone", "", "time zone of the letters, as in America/Toronto")
	words, err := j.open(f, args)
	if err != nil {
		return err
	}
	defer j.close(&err)
	if len(words) > 0 {
		return errUsage{j.words.S(i18n.CliUsage)}
	}
	a.Lang = j.words.Lang()
	for _, text := range titles {
		noc := text
		if occupation.Title(text).FR == "" {
			if noc, _ = occupation.Assign(text, ""); noc == "" {
				return errUsage{j.words.S(i18n.CliAlertTitle, "Text", text)}
			}
		}
		a.Titles = append(a.Titles, noc)
	}
	for _, text := range places {
		if code := strings.ToUpper(text); len(text) == 2 {
			a.Places = append(a.Places, code) // a province, or the country
			continue
		}
		spot, err := place.Find(text)
		if err != nil {
			return errUsage{j.words.S(i18n.PlaceUnknown, "Text", text)}
		}
		a.Places = append(a.Places, spot.Label)
	}
	s, err := j.state()
	if err != nil {
		return err
	}
	id, bad, err := j.Alerts.Put(j.ctx, a)
	if err != nil {
		return err
	}
	if len(bad) > 0 {
		var lines []string
		for _, p := range bad {
			if p == account.Needed.At("keywords") {
				lines = append(lines, j.words.S(i18n.AlertsNeeded))
				continue
			}
			lines = append(lines, j.words.S(i18n.SettingsMend, "Field", s.JobAlerts.Field(p.Field), "Problem", j.words.S(p.Code.Key())))
		}
		return errUsage{strings.Join(lines, "\n")}
	}
	sentence := j.words.S(i18n.AlertsKeptHere)
	if a.Email != "" {
		sentence = j.words.S(i18n.AlertsKeptOffline)
		if _, err := j.Flush(j.ctx); err == nil {
			sentence = j.words.S(i18n.AlertsKeptOnline, "Email", a.Email)
		} // else it waits for a network
	}
	all, err := j.Alerts.List(j.ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(x state.Alert) bool { return x.ID == id })
	if i < 0 { // removed by another window meanwhile
		return j.say(map[string]any{"n": 0}, sentence)
	}
	if all[i].State == state.AlertRefused {
		_, why := s.JobAlerts.State(all[i])
		return errUsage{why}
	}
	return j.say(map[string]any{"n": i + 1, "state": all[i].State}, sentence)
}

// chosen finds the alert that a number of the list names.
func (j *job) chosen(word string) (state.Alert, error) {
	all, err := j.Alerts.List(j.ctx)
	if err != nil {
		return state.Alert{}, err
	}
	n, err := strconv.Atoi(word)
	if err != nil || n < 1 || n > len(all) {
		return state.Alert{}, errUsage{j.words.S(i18n.CliAlertWhich)}
	}
	return all[n-1], nil
}

func (j *job) alertRemove(args []string) (err error) {
	words, err := j.open(j.flags("alert remove"), args)
	if err != nil {
		return err
	}
	defer j.close(&err)
	if len(words) != 1 {
		return errUsage{j.words.S(i18n.CliAlertWhich)}
	}
	a, err := j.chosen(words[0])
	if err != nil {
		return err
	}
	if _, err := j.Alerts.Remove(j.ctx, a.ID); err != nil {
		return err
	}
	s, err := j.state()
	if err != nil {
		return err
	}
	name := s.JobAlerts.Name(a)
	if a.Left() {
		return j.say(map[string]any{"removed": name}, j.words.S(i18n.AlertsForgotten, "Name", name))
	}
	return j.say(map[string]any{"removed": name}, j.words.S(i18n.CliAlertRemoved, "Name", name))
}

// alertCheck looks at what is new, prints it, and marks it read. Nothing new is no digest.
func (j *job) alertCheck(args []string) (err error) {
	f := j.flags("alert check")
	keep := f.Bool("keep", false, "leave it new")
	words, err := j.open(f, args)
	if err != nil {
		return err
	}
	defer j.close(&err)
	id := ""
	if len(words) > 1 {
		return errUsage{j.words.S(i18n.CliAlertWhich)}
	}
	if len(words) == 1 {
		a, err := j.chosen(words[0])
		if err != nil {
			return err
		}
		id = a.ID
	}
	if err := j.Alerts.Look(j.ctx); err != nil {
		return err
	}
	d, err := j.Alerts.Digest(j.ctx, id)
	if err != nil {
		return err
	}
	if d.Count() == 0 && j.format != "json" {
		fmt.Fprintln(j.err, j.words.S(i18n.AlertsDigestEmpty))
		return errNothing
	}
	s, err := j.state()
	if err != nil {
		return err
	}
	if j.format == "json" {
		err = j.json(digestJSON(s, d))
	} else {
		err = j.page(page.Digest(s, d))
	}
	if err == nil && !*keep {
		err = j.Alerts.Read(j.ctx, d)
	}
	if err == nil && d.Count() == 0 {
		return errNothing
	}
	return err
}

func digestJSON(s *state.State, d state.Digest) any {
	type news struct {
		Alert    string     `json:"alert"`
		Total    int        `json:"total"`
		Postings []cardJSON `json:"postings"`
	}
	type suggested struct {
		cardJSON
		Looked string `json:"looked_for"` // the unit group
		Same   bool   `json:"same"`
	}
	out := struct {
		At    time.Time   `json:"at"`
		Count int         `json:"count"`
		News  []news      `json:"news"`
		Also  []suggested `json:"suggested,omitempty"`
	}{At: d.At, Count: d.Count(), News: []news{}}
	for _, n := range d.News {
		one := news{Alert: s.JobAlerts.Name(n.Alert), Total: n.Total}
		for _, c := range n.Cards {
			one.Postings = append(one.Postings, card(s, c))
		}
		out.News = append(out.News, one)
	}
	for _, x := range d.Also {
		out.Also = append(out.Also, suggested{card(s, x.Card), x.NOC, x.Same})
	}
	return out
}
