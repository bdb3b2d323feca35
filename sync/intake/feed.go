package intake

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"

	"passerelle/i18n"
)

// ErrFeed means that the partner feed failed too often to go on.
var ErrFeed = errors.New("too many errors from the partner feed")

const (
	feedErrors = 25       // the feed is left alone after so many documents that failed
	feedTries  = 3        // of one request, after the first
	listLimit  = 64 << 20 // bytes of one list
)

// Feed fetches from the partner feed of the federal bank, under the deployment's own
// agreement only: without the agreement's id it makes no request at all. Its
// address comes from the configuration; the program knows none.
type Feed struct {
	Base      string        // address of the feed, as the agreement gives it
	Agreement string        // id of the agreement; empty: ErrAgreement
	Header    http.Header   // what the agreement asks to send along
	Areas     []string      // province codes whose lists are read; none: one list for all, "ca"
	Langs     []i18n.Lang   // languages; none: French and English
	Client    *http.Client  // nil: a plain one
	Timeout   time.Duration // of one request; 0: 30 s
	Wait      time.Duration // before a second try, then doubled; 0: 1 s
}

// Item is one document of the feed.
type Item struct {
	ID      string
	Lang    i18n.Lang
	Updated string // the feed's own update mark, to be handed back through seen
	Doc     []byte // for Read
}

// Fetched counts a visit to the feed. IDs are all those that it lists, in order: what
// a source holds besides is gone from it, and [Guard] says whether to believe that.
type Fetched struct {
	IDs                                []string
	Listed, Unchanged, Changed, Failed int
	Problems                           []string // what failed, for the log
}

// Fetch reads the feed's lists and hands over every document that changed since what
// seen tells of it (empty: never seen). A document that fails is counted and left for
// the next visit; after 25 of those, or when a list fails, the visit ends with an error
// and its IDs must not be used to remove anything.
func (f Feed) Fetch(ctx context.Context, seen func(id string, lang i18n.Lang) string, yield func(Item) error) (Fetched, error) {
	var got Fetched
	if strings.TrimSpace(f.Agreement) == "" {
		return got, ErrAgreement
	}
	base, err := url.Parse(f.Base)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return got, fmt.Errorf("partner feed at %q: %w", f.Base, ErrAgreement)
	}
	client := f.client(base.Host)
	langs, areas := f.Langs, f.Areas
	if len(langs) == 0 {
		langs = i18n.Languages()
	}
	if len(areas) == 0 {
		areas = []string{"ca"}
	}
	ids := map[string]bool{}
	for _, lang := range langs {
		for _, area := range areas {
			list, err := f.list(ctx, client, lang, area)
			if err != nil {
				return got, err
			}
			for _, it := range list {
				got.Listed++
				ids[it.ID] = true
				if seen(it.ID, lang) == it.Updated && it.Updated != "" {
					got.Unchanged++
					continue
				}
				it.Doc, err = f.get(ctx, client, listLimit, string(lang), it.ID+".xml")
				if ctx.Err() != nil {
					return got, ctx.Err()
				}
				if err == nil && len(it.Doc) > MaxRow {
					err = fmt.Errorf("%s/%s: %s", lang, it.ID, TooLong)
				}
				if err != nil {
					got.Failed++
					got.Problems = append(got.Problems, err.Error())
					if got.Failed >= feedErrors {
						return got, fmt.Errorf("%w: %d, the last one %w", ErrFeed, got.Failed, err)
					}
					continue
				}
				got.Changed++
				if err := yield(it); err != nil {
					return got, err
				}
			}
		}
	}
	for id := range ids {
		got.IDs = append(got.IDs, id)
	}
	slices.Sort(got.IDs)
	return got, nil
}

// list reads what one language and area hold. A list that cannot be read whole is an
// error: half of one would look like removals.
func (f Feed) list(ctx context.Context, client *resty.Client, lang i18n.Lang, area string) ([]Item, error) {
	body, err := f.get(ctx, client, listLimit, string(lang), strings.ToLower(area)+"?includevirtual=true")
	if err != nil {
		return nil, err
	}
	var out []Item
	t := &text{r: bufio.NewReaderSize(bytes.NewReader(body), headSize)}
	err = documents(t, func(line int, doc []byte, why Reason) error {
		if why != "" {
			return fatal{line, why, ""}
		}
		d, why, detail := parseDoc(t, doc)
		if why != "" {
			return fatal{line, why, detail}
		}
		id := strings.TrimSpace(d.ID)
		if id == "" || strings.Trim(id, "0123456789") != "" { // it becomes part of an address
			return fatal{line, NoID, id}
		}
		out = append(out, Item{ID: id, Lang: lang, Updated: strings.TrimSpace(d.Updated)})
		return nil
	})
	if err == nil && !bytes.Contains(body, []byte("<SolrResponse")) {
		err = fatal{0, NotPostings, ""}
	}
	if err != nil {
		return nil, fmt.Errorf("list %s/%s: %w: %w", lang, area, ErrFormat, err)
	}
	return out, nil
}

func (f Feed) get(ctx context.Context, client *resty.Client, limit int, lang, name string) ([]byte, error) {
	address := strings.TrimSuffix(f.Base, "/") + "/" + lang + "/" + name
	r, err := client.R().SetContext(ctx).SetResponseBodyLimit(limit).Get(address)
	if err != nil {
		return nil, fmt.Errorf("get %s/%s: %w", lang, name, err)
	}
	if r.StatusCode() != http.StatusOK {
		return nil, fmt.Errorf("get %s/%s: %s", lang, name, r.Status())
	}
	return r.Body(), nil
}

// client asks politely: one request at a time, each with an end, a few tries on what
// passes by itself, and never another host, so that what the agreement asks to send
// stays with the feed.
func (f Feed) client(host string) *resty.Client {
	h := &http.Client{}
	if f.Client != nil {
		*h = *f.Client
	}
	h.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if r.URL.Host != host || len(via) > 5 {
			return http.ErrUseLastResponse
		}
		return nil
	}
	timeout, wait := f.Timeout, f.Wait
	if timeout <= 0 {
		timeout = 30 * time.Second
	}
	if wait <= 0 {
		wait = time.Second
	}
	c := resty.NewWithClient(h).SetLogger(silent{}).SetTimeout(timeout).SetRetryCount(feedTries).SetRetryWaitTime(wait).SetRetryMaxWaitTime(8*wait).
		SetHeader("User-Agent", "Passerelle (agreement "+f.Agreement+")").
		AddRetryCondition(func(r *resty.Response, err error) bool {
			return err != nil || r.StatusCode() == http.StatusBadGateway || r.StatusCode() == http.StatusServiceUnavailable
		})
	for k, vs := range f.Header {
		for _, v := range vs {
			c.Header.Add(k, v)
		}
	}
	return c
}

// silent keeps the client from logging: whoever runs the visit logs its outcome, once.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}
