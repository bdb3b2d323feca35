package alert

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"passerelle/i18n"
	"passerelle/store/account"
	"passerelle/store/ledger"
	"passerelle/store/occupation"
	"passerelle/store/place"
	"passerelle/store/query"
)

// View is what a letter's link shows: the one alert that it confirms, or all alerts of the
// address. The address itself is not in it: whoever was forwarded the letter has it already.
type View struct {
	Confirm bool
	Lang    string // of the letters
	Zone    string
	Alerts  []Shown // no more than were asked for and have not ended
}

// Shown is an alert on a page.
type Shown struct {
	ID, State     string
	Asks          Asks
	Found         int
	Checked, Sent time.Time
}

// Acts of a page.
const (
	DoConfirm     = "confirm"
	DoSave        = "save"
	DoPause       = "pause"
	DoResume      = "resume"
	DoUnsubscribe = "unsubscribe" // ID: that one; "": all of the address
)

// Act is what a button asks. Of save, Asks is what stays of the criteria, and Title, Place
// and Keyword are words to add to them.
type Act struct {
	Do, ID                string
	Asks                  Asks
	Title, Place, Keyword string
}

// Look shows what a link is for. It changes nothing: programs that look mail through follow
// links.
func (a *Alerts) Look(ctx context.Context, token string) (v View, err error) {
	err = a.o.Ledger.View(ctx, func(t *ledger.Tx) error {
		v, err = a.view(ctx, t, token)
		return err
	})
	return v, err
}

func (a *Alerts) view(ctx context.Context, t *ledger.Tx, token string) (v View, err error) {
	if strings.HasPrefix(token, confirmMark) {
		s, err := a.asked(ctx, t, token)
		if err != nil {
			return v, err
		}
		shown, err := a.shown(s)
		return View{Confirm: true, Lang: shown.Asks.Lang, Alerts: []Shown{shown}}, err
	}
	mac, err := a.signed(token)
	if err != nil {
		return v, err
	}
	who, err := t.Subscriber(ctx, mac)
	if errors.Is(err, ledger.ErrNotFound) {
		return v, ErrLink
	}
	if err != nil {
		return v, err
	}
	p, err := a.person(who)
	if err != nil {
		return v, err
	}
	v.Lang, v.Zone = p.Lang, who.Zone
	all, err := t.SubscriptionsOf(ctx, mac)
	if err != nil {
		return v, err
	}
	for _, s := range all {
		if s.State == ledger.AlertUnsubscribed {
			continue
		}
		shown, err := a.shown(s)
		if err != nil {
			return v, err
		}
		v.Alerts = append(v.Alerts, shown)
	}
	return v, nil
}

func (a *Alerts) shown(s ledger.Subscription) (Shown, error) {
	asks, err := a.asks(s)
	return Shown{s.ID, s.State, asks, s.Found, s.Checked, s.Sent}, err
}

// asked finds what a link confirms; ErrLink.
func (a *Alerts) asked(ctx context.Context, t *ledger.Tx, token string) (ledger.Subscription, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimPrefix(token, confirmMark))
	if err != nil || len(b) != 16 {
		return ledger.Subscription{}, ErrLink
	}
	s, err := t.SubscriptionByToken(ctx, a.tokenMAC(b))
	if errors.Is(err, ledger.ErrNotFound) {
		err = ErrLink
	}
	return s, err
}

// Do does what a button asks, and shows what stands then. A *wire.Refused names what has to
// be mended.
func (a *Alerts) Do(ctx context.Context, token string, in Act, now time.Time) (v View, err error) {
	err = a.o.Ledger.Update(ctx, func(t *ledger.Tx) error {
		if err := a.do(ctx, t, token, in, now); err != nil {
			return err
		}
		v, err = a.view(ctx, t, token)
		return err
	})
	return v, err
}

func (a *Alerts) do(ctx context.Context, t *ledger.Tx, token string, in Act, now time.Time) error {
	if strings.HasPrefix(token, confirmMark) {
		s, err := a.asked(ctx, t, token)
		switch {
		case err != nil:
			return err
		case in.Do != DoConfirm:
			return ErrLink
		case s.State != ledger.AlertPending: // it was confirmed: again is harmless
			return nil
		case now.Sub(s.Made) > a.o.Retention.Keep("pending"):
			return ErrLink
		}
		return a.confirm(ctx, t, s, now)
	}
	mac, err := a.signed(token)
	if err != nil {
		return err
	}
	all, err := t.SubscriptionsOf(ctx, mac)
	if err != nil {
		return err
	}
	if in.Do == DoUnsubscribe && in.ID == "" {
		for _, s := range all {
			if err := a.end(ctx, t, s, now); err != nil {
				return err
			}
		}
		return nil
	}
	n := slices.IndexFunc(all, func(s ledger.Subscription) bool { return s.ID == in.ID })
	if n < 0 {
		return ErrLink
	}
	switch s := all[n]; in.Do {
	case DoUnsubscribe:
		return a.end(ctx, t, s, now)
	case DoPause:
		return a.turn(ctx, t, s, ledger.AlertPaused, now)
	case DoResume:
		return a.turn(ctx, t, s, ledger.AlertActive, now)
	case DoSave:
		return a.save(ctx, t, s, in, now)
	}
	return ErrLink
}

// save changes what a subscription asks. What was told before is not told again.
func (a *Alerts) save(ctx context.Context, t *ledger.Tx, s ledger.Subscription, in Act, now time.Time) error {
	if s.State == ledger.AlertUnsubscribed {
		return ErrLink
	}
	was, err := a.asks(s)
	if err != nil {
		return err
	}
	asks, bad := added(in, was)
	who, err := t.Subscriber(ctx, s.EmailMAC)
	if err != nil {
		return err
	}
	p, err := a.person(who)
	if err != nil {
		return err
	}
	if len(bad) == 0 {
		bad = check(p.Email, asks)
	}
	if len(bad) > 0 {
		return mend(bad...)
	}
	if err := a.seal(aboutSubscription(s.ID), asks, &s.Body); err != nil {
		return err
	}
	if err := t.PutSubscription(ctx, s); err != nil {
		return err
	}
	if s.State != ledger.AlertPending { // an address is spoken to as whoever confirmed it says
		p.Lang, who.Zone = asks.Lang, asks.Zone
		err := a.settle(ctx, t, s.EmailMAC, func(who *ledger.Subscriber) error {
			who.Zone = asks.Zone
			return a.seal(aboutSubscriber(who.EmailMAC), p, &who.Body)
		})
		if err != nil {
			return err
		}
	}
	return a.tell(ctx, t, s, now, &asks)
}

// added are the criteria with words that a person typed, in the terms of the lists.
func added(in Act, was Asks) (asks Asks, bad []account.Problem) {
	asks = in.Asks
	asks.Name = was.Name
	if asks.Lang == "" {
		asks.Lang = was.Lang
	}
	if asks.Zone == "" {
		asks.Zone = was.Zone
	}
	add := func(field, text string, to *[]string, find func(string) string) {
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == ';' }) {
			if word = strings.TrimSpace(word); word == "" {
				continue
			}
			v := find(word)
			if v == "" {
				bad = append(bad, account.Problem{Field: field, Code: account.NotListed})
			} else if !slices.Contains(*to, v) {
				*to = append(*to, v)
			}
		}
	}
	add("titles", in.Title, &asks.Titles, func(text string) string {
		if occupation.Title(text).FR != "" && len(text) == 5 {
			return text
		}
		code, _ := occupation.Assign(text, "")
		return code
	})
	add("places", in.Place, &asks.Places, findPlace)
	add("keywords", in.Keyword, &asks.Keywords, func(text string) string { return text })
	return asks, bad
}

// findPlace is a place as alerts say it, of how a person wrote it; "" when there is none.
func findPlace(text string) string {
	if strings.EqualFold(text, "Canada") || text == "CA" {
		return "CA"
	}
	province := ""
	for _, code := range place.Provinces() {
		name := place.Province(code)
		if strings.EqualFold(text, code) || query.FoldEmployer(text) == query.FoldEmployer(name.FR) || query.FoldEmployer(text) == query.FoldEmployer(name.EN) {
			province = code
		}
	}
	if province != "" && !isCity(text) {
		return province
	}
	if spot, err := place.Find(text); err == nil {
		name, province, _ := strings.Cut(spot.Label, ", ")
		if c, ok := place.FindCity(name, province); ok {
			return c.Name + ", " + c.Province
		}
		if parts := strings.Split(spot.Label, ", "); len(parts) == 3 { // of a postal code
			if c, ok := place.FindCity(parts[1], parts[2]); ok {
				return c.Name + ", " + c.Province
			}
		}
	}
	return province
}

// isCity tells "Québec", which is both, for the city: who means the province writes QC.
func isCity(text string) bool {
	if len(text) == 2 {
		return false
	}
	_, ok := place.FindCity(text, "")
	return ok
}

// Words are the criteria as a person reads them.
func (q Asks) Words(w *i18n.Words) (titles, places, keywords []string) {
	for _, t := range q.Titles {
		name, _ := occupation.Title(t).In(w.Lang())
		titles = append(titles, name)
	}
	for _, p := range q.Places {
		places = append(places, placeWords(w, p))
	}
	return titles, places, q.Keywords
}

func placeWords(w *i18n.Words, p string) string {
	if p == "CA" {
		return w.S(i18n.ScopeCanada)
	}
	if len(p) == 2 {
		if name, _ := place.Province(p).In(w.Lang()); name != "" {
			return name
		}
	}
	return p
}
