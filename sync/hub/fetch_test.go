package hub_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"passerelle/i18n"
	"passerelle/store/posting"
	"passerelle/sync/hub"
	"passerelle/sync/intake"
)

// feed is a partner feed on loopback: id → update mark, in English alone.
type feed struct {
	marks map[string]string
	asked []string
	*httptest.Server
}

func newFeed(t *testing.T) *feed {
	f := &feed{marks: map[string]string{}}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.asked = append(f.asked, r.URL.Path)
		name := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		if id, ok := strings.CutSuffix(name, ".xml"); ok {
			fmt.Fprintf(w, "<Document><jobs_id>%s</jobs_id><title>cook %s</title><date_posted>2026-11-20</date_posted></Document>", id, f.marks[id])
			return
		}
		fmt.Fprint(w, "<SolrResponse><Documents>")
		for _, id := range slices.Sorted(maps.Keys(f.marks)) {
			fmt.Fprintf(w, "<Document><jobs_id>%s</jobs_id><file_update_date>%s</file_update_date></Document>", id, f.marks[id])
		}
		fmt.Fprint(w, "</Documents></SolrResponse>")
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *feed) docs() (n int) {
	for _, p := range f.asked {
		if strings.HasSuffix(p, ".xml") {
			n++
		}
	}
	return n
}

// Without the id of the deployment's own agreement, nothing is asked of the feed; with
// one, only what is new or has changed is fetched, and what is listed no more is closed.
//
// Rows
func TestFetch(t *testing.T) {
	f := newFeed(t)
	for n := range 30 {
		f.marks[fmt.Sprint(1000+n)] = "a"
	}
	h := open(t, t.TempDir(), hub.Options{})
	visit := func() (hub.Imported, error) {
		t.Helper()
		f.asked = nil
		return h.Fetch(t.Context(), "p", intake.Feed{Base: f.URL, Langs: []i18n.Lang{i18n.English}}, hub.ImportOptions{}, now)
	}
	set(t, h, posting.Source{ID: "p", Agreement: "E-17"})
	if _, err := visit(); !errors.Is(err, intake.ErrTerms) || len(f.asked) != 0 {
		t.Errorf("without the terms: %v after %v", err, f.asked)
	}
	set(t, h, posting.Source{ID: "p", Accepted: intake.TermsVersion})
	if _, err := visit(); !errors.Is(err, intake.ErrAgreement) || len(f.asked) != 0 {
		t.Errorf("without an agreement: %v after %v", err, f.asked)
	}
	set(t, h, posting.Source{ID: "p", Accepted: intake.TermsVersion, Agreement: "E-17"})
	if im, err := visit(); err != nil || im.Added != 30 || f.docs() != 30 {
		t.Fatalf("first visit: %+v, %v, %d documents", im.Tally, err, f.docs())
	}
	f.marks["1003"] = "b"
	delete(f.marks, "1007")
	if im, err := visit(); err != nil || im.Changed != 1 || im.Closed != 1 || im.Unchanged != 28 || f.docs() != 1 {
		t.Errorf("second visit: %+v, %v, %d documents", im.Tally, err, f.docs())
	}
	f.marks["1007"] = "a" // listed again as it was: what is masked has to be fetched
	if im, err := visit(); err != nil || im.Changed != 1 || f.docs() != 1 || states(t, h)[posting.Closed] != 0 {
		t.Errorf("third visit: %+v, %v, %d documents", im.Tally, err, f.docs())
	}
	// Many gone at once: the feed is not believed, until someone says so.
	whole := maps.Clone(f.marks)
	for id := range whole {
		if id > "1004" {
			delete(f.marks, id)
		}
	}
	if _, err := visit(); !errors.Is(err, intake.ErrTooManyRemovals) || states(t, h)[posting.Closed] != 0 {
		t.Errorf("a feed that lost most: %v, %v", err, states(t, h))
	}
}
