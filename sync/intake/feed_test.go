package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"passerelle/i18n"
	"passerelle/store/posting"
)

func listOf(pairs ...string) string {
	var b strings.Builder
	b.WriteString("<SolrResponse><Header><numFound>1</numFound></Header><Documents>")
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, "<Document><jobs_id>%s</jobs_id><file_update_date>%s</file_update_date></Document>", pairs[i], pairs[i+1])
	}
	return b.String() + "</Documents></SolrResponse>"
}

func never(string, i18n.Lang) string { return "" }

func drop(Item) error { return nil }

// TestFeedNeedsAgreement makes no request without the id of an agreement.
//
// Rows: X-019
func TestFeedNeedsAgreement(t *testing.T) {
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer s.Close()
	for _, f := range []Feed{{}, {Base: s.URL}, {Base: s.URL, Agreement: "  "}, {Agreement: "A-1"}, {Agreement: "A-1", Base: "file:///tmp"}} {
		if _, err := f.Fetch(t.Context(), never, drop); !errors.Is(err, ErrAgreement) || asked != 0 {
			t.Errorf("Fetch of %+v: %v after %d requests, want ErrAgreement after none", f, err, asked)
		}
	}
}

// TestFeed fetches what changed only, in both languages, sends what the agreement asks,
// tries again what passes by itself, and gives documents that Read reads.
func TestFeed(t *testing.T) {
	var hits atomic.Int32
	asked := map[string]int{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked[r.URL.Path]++
		if r.Header.Get("Cookie") != "partner=1" || !strings.Contains(r.UserAgent(), "A-1") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		switch r.URL.Path {
		case "/feed/en/ca", "/feed/fr/ca":
			if hits.Add(1) == 1 {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			if r.URL.Query().Get("includevirtual") != "true" {
				t.Errorf("list asked as %s", r.URL)
			}
			fmt.Fprint(w, listOf("1", "2026-01-01T00:00:00Z", "2", "2026-01-02T00:00:00Z", "3", "2026-01-03T00:00:00Z"))
		case "/feed/en/3.xml":
			w.WriteHeader(http.StatusNotFound)
		default:
			fmt.Fprint(w, "<Document><jobs_id>"+strings.TrimSuffix(r.URL.Path[len("/feed/en/"):], ".xml")+"</jobs_id><title>cook</title><date_posted>2026-01-01</date_posted></Document>")
		}
	}))
	defer s.Close()
	f := Feed{Base: s.URL + "/feed/", Agreement: "A-1", Header: http.Header{"Cookie": {"partner=1"}}, Wait: time.Millisecond}
	var got []string
	rep, err := f.Fetch(t.Context(), func(id string, l i18n.Lang) string {
		if id == "1" {
			return "2026-01-01T00:00:00Z"
		}
		return "2025-12-31T00:00:00Z"
	}, func(it Item) error {
		_, err := Read(t.Context(), bytes.NewReader(it.Doc), Options{Format: Federal, Source: partner}, func(p posting.Posting) error {
			got = append(got, string(it.Lang)+p.SourceID+it.Updated[:10])
			return nil
		})
		return err
	})
	if err != nil || rep.Listed != 6 || rep.Unchanged != 2 || rep.Changed != 3 || rep.Failed != 1 || !slices.Equal(rep.IDs, []string{"1", "2", "3"}) {
		t.Errorf("Fetch = %+v, %v", rep, err)
	}
	equal(t, "read", got, []string{"fr22026-01-02", "fr32026-01-03", "en22026-01-02"})
	if asked["/feed/fr/1.xml"] != 0 || asked["/feed/fr/ca"] != 2 || asked["/feed/en/3.xml"] != 1 {
		t.Errorf("asked %v: want the unchanged one never, the list that failed twice, the missing one once", asked)
	}
}

// TestFeedStops leaves a failing feed alone after 25 documents, and at a broken list.
func TestFeedStops(t *testing.T) {
	var items atomic.Int32
	body := ""
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".xml") {
			items.Add(1)
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, body)
	}))
	defer s.Close()
	f := Feed{Base: s.URL, Agreement: "A-1", Langs: []i18n.Lang{i18n.French}, Wait: time.Millisecond}
	var pairs []string
	for i := range 40 {
		pairs = append(pairs, fmt.Sprint(i+1), "2026-01-01")
	}
	body = listOf(pairs...)
	rep, err := f.Fetch(t.Context(), never, drop)
	if !errors.Is(err, ErrFeed) || rep.Failed != 25 || items.Load() != 25 || rep.IDs != nil {
		t.Errorf("Fetch from a failing feed: %v, %d failed, %d asked, ids %v; want it to stop at 25 and no ids", err, rep.Failed, items.Load(), rep.IDs)
	}
	for name, b := range map[string]string{"cut": body[:len(body)/2], "page": "<html>maintenance</html>", "path": listOf("../1", "x"), "bomb": `<!DOCTYPE x [<!ENTITY a "b">]>` + body} {
		body = b
		if rep, err := f.Fetch(t.Context(), never, drop); !errors.Is(err, ErrFormat) || rep.IDs != nil {
			t.Errorf("Fetch of a %s list: %v, ids %v; want ErrFormat and no ids", name, err, rep.IDs)
		}
	}
}

// TestFeedStaysHome does not follow the feed to another host with what the agreement
// asks to send.
func TestFeedStaysHome(t *testing.T) {
	away := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { away++ }))
	defer other.Close()
	s := httptest.NewServer(http.RedirectHandler(other.URL+"/list", http.StatusFound))
	defer s.Close()
	if _, err := (Feed{Base: s.URL, Agreement: "A-1", Wait: time.Millisecond}).Fetch(t.Context(), never, drop); err == nil || away != 0 {
		t.Errorf("Fetch that is sent elsewhere: %v, followed %d times", err, away)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Feed{Base: s.URL, Agreement: "A-1"}).Fetch(ctx, never, drop); !errors.Is(err, context.Canceled) {
		t.Errorf("Fetch with a cancelled context: %v", err)
	}
}
