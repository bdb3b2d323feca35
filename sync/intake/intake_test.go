package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"passerelle/i18n"
	"passerelle/store/posting"
)

// partner is a source that may be shown.
var partner = posting.Source{ID: "partner", Name: posting.Both{FR: "Partenaire", EN: "Partner"}, Host: "jobs.example.org", Accepted: TermsVersion}

// take reads a whole file.
func take(t *testing.T, r io.Reader, o Options) (Report, []posting.Posting, error) {
	t.Helper()
	if o.Source.ID == "" {
		o.Source = partner
	}
	var got []posting.Posting
	rep, err := Read(t.Context(), r, o, func(p posting.Posting) error {
		got = append(got, p)
		return nil
	})
	return rep, got, err
}

func takeFile(t *testing.T, name string) (Report, []posting.Posting, error) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return take(t, f, Options{File: name, Source: posting.Source{ID: "partner", Host: hostOf(name), Accepted: TermsVersion}})
}

func hostOf(name string) string {
	if strings.HasPrefix(name, "federal") {
		return "emplois.example.org"
	}
	return partner.Host
}

// reasons lists what a report says, in order, as "line reason".
func reasons(rep Report) []string {
	var out []string
	for _, p := range rep.Problems {
		out = append(out, fmt.Sprintf("%d %s", p.Line, p.Reason))
	}
	return out
}

// TestTerms refuses a source that has not accepted the terms, or that accepted old ones.
//
// Rows: A-025
func TestTerms(t *testing.T) {
	for _, accepted := range []string{"", "2020-01"} {
		called := false
		_, err := Read(t.Context(), strings.NewReader("id"), Options{Source: posting.Source{ID: "x", Accepted: accepted}}, func(posting.Posting) error {
			called = true
			return nil
		})
		if !errors.Is(err, ErrTerms) || called {
			t.Errorf("Read from a source that accepted %q: %v, handed over: %v; want ErrTerms and nothing", accepted, err, called)
		}
	}
}

func TestDetect(t *testing.T) {
	detect := func(b []byte) Format { // as of a file that is opened
		f, err := open(bytes.NewReader(b))
		if err != nil {
			return ""
		}
		return detect(f.head)
	}
	for name, want := range map[string]Format{
		"federal-en.xml": Federal, "federal-fr.xml": Federal, "table-en.utf16le.tsv": OpenData, "table-fr.utf8bom.csv": OpenData,
		"table-fr.latin1.csv": OpenData, "table-missing.csv": OpenData, "jobs.ndjson": JobPosting, "jobs.jsonld": JobPosting,
		"jobs-array.json": JobPosting, "page.html": JobPosting, "wrong-headers.csv": "", "hostile-binary.xml": "", "hostile-error-page.html": "",
	} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if got := detect(b); got != want {
			t.Errorf("Detect(%s) = %q, want %q", name, got, want)
		}
		if got := detect(b[:min(len(b), 400)]); want != "" && got != want && !strings.HasPrefix(name, "page") {
			t.Errorf("Detect(400 bytes of %s) = %q, want %q", name, got, want)
		}
	}
	if got := detect(nil); got != "" {
		t.Errorf("Detect(nothing) = %q", got)
	}
}

// TestHostile reads files that are none, broken or made to harm: each is refused, or
// read as far as it is good, with a sentence in both languages.
func TestHostile(t *testing.T) {
	for _, c := range []struct {
		file string
		kept int
		want Reason
	}{
		{"hostile-truncated.xml", 0, Truncated}, {"hostile-bomb.xml", 0, Entities}, {"hostile-external.xml", 0, Entities},
		{"hostile-binary.xml", 0, Binary}, {"hostile-encoding.xml", 0, BadEncoding}, {"hostile-ebcdic.xml", 0, BadEncoding},
		{"hostile-error-page.html", 0, NotPostings}, {"hostile-truncated.ndjson", 1, Truncated}, {"hostile-truncated.json", 1, Truncated},
		{"wrong-headers.csv", 0, NotPostings}, {"table-no-id.csv", 0, MissingColumns},
	} {
		rep, got, err := takeFile(t, c.file)
		p, fatal := rep.Fatal()
		if !fatal || p.Reason != c.want || !errors.Is(err, ErrFormat) || len(got) != c.kept || rep.Kept != c.kept {
			t.Errorf("Read(%s): %v, problem %+v, %d kept; want ErrFormat, %s, %d kept", c.file, err, p, len(got), c.want, c.kept)
		}
	}
	for name, in := range map[string]string{"empty": "", "blank": " \n\t\n", "bom": "\xef\xbb\xbf"} {
		rep, _, err := take(t, strings.NewReader(in), Options{File: name})
		if p, ok := rep.Fatal(); !ok || p.Reason != Empty && name != "bom" || !errors.Is(err, ErrFormat) {
			t.Errorf("Read(%s file): %v, %+v; want it refused as empty", name, err, rep.Problems)
		}
	}
}

// TestSay holds that every reason has its sentence in both languages, with its place.
func TestSay(t *testing.T) {
	for why := range sentences {
		for _, l := range i18n.Languages() {
			s := Problem{File: "f.csv", Line: 12, Reason: why, Detail: "XYZ"}.Say(i18n.For(l))
			if strings.Contains(s, "⟦") || strings.Contains(s, "<no value>") || !strings.Contains(s, "12") || !strings.Contains(s, "f.csv") {
				t.Errorf("%s in %s: %q", why, l, s)
			}
		}
	}
	got := Problem{Line: 12, Reason: NoID}.Say(i18n.For(i18n.English))
	if want := "line 12: no posting number."; !strings.HasPrefix(got, want) {
		t.Errorf("Say = %q, want %q and what to do next", got, want)
	}
	if got := (Problem{File: "a.xml", Reason: Empty}).Say(i18n.For(i18n.French)); !strings.HasPrefix(got, "a.xml\u00a0: le fichier est vide") {
		t.Errorf("Say = %q", got)
	}
}

// TestLongRows leaves out a row over 1 MiB of each format and reads those around it.
func TestLongRows(t *testing.T) {
	big := strings.Repeat("x", MaxRow+10)
	doc := func(id, title string) string {
		return "<Document><jobs_id>" + id + "</jobs_id><title>" + title + "</title><date_posted>2026-01-02</date_posted></Document>\n"
	}
	obj := func(id, title string) string {
		return `{"@type":"JobPosting","identifier":"` + id + `","title":"` + title + `","datePosted":"2026-01-02"}`
	}
	row := func(id, title string) string { return id + "," + title + ",2026-01-02\n" }
	for name, in := range map[string]string{
		"federal":   "<SolrResponse>" + doc("1", "cook") + doc("2", big) + doc("3", "baker") + "</SolrResponse>",
		"tags":      "<SolrResponse>" + doc("1", "cook") + doc("2", strings.Repeat("<a/>", MaxRow/4)) + doc("3", "baker") + "</SolrResponse>",
		"ndjson":    obj("1", "cook") + "\n" + obj("2", big) + "\n" + obj("3", "baker") + "\n",
		"array":     "[" + obj("1", "cook") + ",\n" + obj("2", big) + ",\n" + obj("3", "baker") + "]",
		"table":     "id,job title,first posting date\n" + row("1", "cook") + row("2", big) + row("3", "baker"),
		"table-utf": "id,job title,first posting date\n" + row("1", "cook") + row("2", strings.Repeat("é", MaxRow/2+3)) + row("3", "baker"),
	} {
		rep, got, err := take(t, strings.NewReader(in), Options{File: name})
		var ids []string
		for _, p := range got {
			ids = append(ids, p.SourceID)
		}
		if err != nil || !slices.Equal(ids, []string{"1", "3"}) || len(rep.Problems) != 1 || rep.Problems[0].Reason != TooLong {
			t.Errorf("%s: kept %v, problems %v, %v; want 1 and 3, and one row too long", name, ids, reasons(rep), err)
		}
	}
}

// TestYield passes on what stops the caller, and stops when the context ends.
func TestYield(t *testing.T) {
	stop := errors.New("disk full")
	in := "id,job title,first posting date\n1,cook,2026-01-02\n2,cook,2026-01-02\n"
	n := 0
	_, err := Read(t.Context(), strings.NewReader(in), Options{Source: partner}, func(posting.Posting) error { n++; return stop })
	if !errors.Is(err, stop) || n != 1 {
		t.Errorf("Read with a failing yield: %v after %d rows, want its error after one", err, n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	n = 0
	_, err = Read(ctx, strings.NewReader(in), Options{Source: partner}, func(posting.Posting) error { n++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || n != 1 {
		t.Errorf("Read with a cancelled context: %v after %d rows", err, n)
	}
}

// TestProblemsAreCapped keeps a report's size in bounds and still counts.
func TestProblemsAreCapped(t *testing.T) {
	in := "id,job title,first posting date\n" + strings.Repeat(",cook,2026-01-02\n", MaxProblems+50)
	rep, _, err := take(t, strings.NewReader(in), Options{})
	if err != nil || len(rep.Problems) != MaxProblems || rep.More != 50 || rep.Read != MaxProblems+50 || rep.Kept != 0 {
		t.Errorf("%d problems, %d more, %d read, %v; want %d and 50 of %d", len(rep.Problems), rep.More, rep.Read, err, MaxProblems, MaxProblems+50)
	}
}

// TestLinks refuses a link to another site than the source's.
//
// Rows: A-020
func TestLinks(t *testing.T) {
	for _, c := range []struct {
		host, link string
		kept       bool
	}{
		{"jobs.example.org", "https://jobs.example.org/1", true},
		{"jobs.example.org", "https://fr.jobs.example.org/1", true},
		{"www.jobs.example.org", "https://jobs.example.org/1", true},
		{"jobs.example.org", "https://jobs.example.org.evil.example/1", false},
		{"jobs.example.org", "https://evil.example/?jobs.example.org", false},
		{"jobs.example.org", "https://jobs.example.org@evil.example/1", false},
		{"jobs.example.org", "javascript:alert(1)//jobs.example.org", false},
		{"", "https://jobs.example.org/1", false},
	} {
		in := fmt.Sprintf(`{"@type":"JobPosting","identifier":"1","title":"cook","datePosted":"2026-01-02","url":%q}`, c.link)
		src := partner
		src.Host = c.host
		rep, got, err := take(t, strings.NewReader(in), Options{Source: src})
		if err != nil || len(got) != 1 {
			t.Fatalf("%s: %v, %d kept", c.link, err, len(got))
		}
		if !got[0].External() || got[0].Source != partner.ID {
			t.Errorf("posting of %q: external %v", got[0].Source, got[0].External())
		}
		if (got[0].URL != "") != c.kept || (len(rep.Problems) == 0) != c.kept {
			t.Errorf("link %s of host %q: kept %q, problems %v; want kept %v", c.link, c.host, got[0].URL, reasons(rep), c.kept)
		}
	}
}

// TestNoFetching looks for addresses of the federal bank in code and configuration.
//
// Rows: X-019
func TestNoFetching(t *testing.T) {
	address := regexp.MustCompile(`(?i)//[\w.-]*(jobbank|guichetemplois)\.gc\.ca`)
	files := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "out" || d.Name() == "bin" || len(d.Name()) > 2 && strings.HasPrefix(d.Name(), ".") && d.Name() != ".ci") {
			return filepath.SkipDir
		}
		switch ext := filepath.Ext(path); {
		case strings.HasSuffix(path, "_test.go"):
		case ext == ".go" || ext == ".toml" || ext == ".json" || ext == ".yml":
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files++
			if d.Name() == "sources.go" && strings.Contains(filepath.ToSlash(path), "/store/") {
				return nil // attribution: addresses that a person may open, after the leaving confirmation
			}
			if at := address.Find(b); at != nil {
				t.Errorf("%s holds %s: nothing of that site is ever fetched (X-019)", path, at)
			}
		}
		return nil
	})
	if err != nil || files < 20 {
		t.Errorf("looked into %d files: %v", files, err)
	}
}

func TestGuard(t *testing.T) {
	for _, c := range []struct {
		have, gone int
		share      float64
		ok         bool
	}{
		{100, 0, 0, true}, {100, 20, 0, true}, {100, 21, 0, false}, {100, 50, 0.5, true}, {100, 51, 0.5, false},
		{0, 0, 0, true}, {5, 4, 0, true}, {5, 5, 0, false}, {50000, 50000, 0, false}, {50000, 50000, 1, true}, {40, 10, 0, true}, {40, 11, 0, false},
	} {
		err := Guard(c.have, c.gone, c.share)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrTooManyRemovals) {
			t.Errorf("Guard(%d, %d, %v) = %v, want allowed: %v", c.have, c.gone, c.share, err, c.ok)
		}
	}
	if err := Guard(100, 60, 0); !strings.Contains(err.Error(), "60 of 100") {
		t.Errorf("Guard says %q without its counts", err)
	}
}

// lot is a file of n rows, made as it is read.
func lot(format Format, n int) io.Reader {
	r, w := io.Pipe()
	go func() {
		title := []string{"cook", "baker", "truck driver", "registered nurse"}
		switch format {
		case Federal:
			fmt.Fprint(w, "<SolrResponse><Documents>\n")
		case OpenData:
			fmt.Fprint(w, "WIC Job Location Snapshot ID\tJob Title\tFirst Posting Date\tProvince/Territory\tCity\tNOC21 Code\tSalary Per\tSalary Minimum\n")
		}
		var err error
		for i := 0; i < n && err == nil; i++ {
			switch format {
			case Federal:
				_, err = fmt.Fprintf(w, "<Document><jobs_id>%d</jobs_id><title>%s</title><lang>en</lang><noc2021>63200</noc2021><date_posted>2026-01-02T10:00:00Z</date_posted><city_name><string>Regina</string></city_name><province_cd><string>SK</string></province_cd><skill_categories><skill_category id=\"29\"><name>Tasks</name><options><option_name id=\"1\">Task %d</option_name></options></skill_category></skill_categories></Document>\n", i+1, title[i%4], i)
			case OpenData:
				_, err = fmt.Fprintf(w, "%d\t%s\t2026/01/02\tSaskatchewan\tRegina\t63200\tHour\t20.0\n", i+1, title[i%4])
			case JobPosting:
				_, err = fmt.Fprintf(w, "{\"@type\":\"JobPosting\",\"identifier\":\"%d\",\"title\":%q,\"datePosted\":\"2026-01-02\",\"inLanguage\":\"en\",\"occupationalCategory\":\"63200\",\"jobLocation\":{\"address\":{\"addressLocality\":\"Regina\",\"addressRegion\":\"SK\"}},\"responsibilities\":[\"Task %d\"]}\n", i+1, title[i%4], i)
			}
		}
		if format == Federal {
			fmt.Fprint(w, "</Documents></SolrResponse>\n")
		}
		w.CloseWithError(err)
	}()
	return r
}

// peak reads n rows and gives the most memory that was live at once after collection.
func peak(t *testing.T, format Format, n int) uint64 {
	t.Helper()
	var most uint64
	var m runtime.MemStats
	rows := 0
	rep, err := Read(t.Context(), lot(format, n), Options{Source: partner, Lang: i18n.English}, func(posting.Posting) error {
		if rows++; rows%(n/8) == 0 {
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
		return nil
	})
	if err != nil || rep.Format != format || rep.Kept != n || rows != n {
		t.Fatalf("%s: kept %d of %d as %s: %v", format, rep.Kept, n, rep.Format, err)
	}
	return most
}

// BenchmarkRead reads rows of each format; one operation is one row.
func BenchmarkRead(b *testing.B) {
	for _, f := range []Format{Federal, OpenData, JobPosting} {
		b.Run(string(f), func(b *testing.B) {
			rep, err := Read(b.Context(), lot(f, b.N), Options{Source: partner, Lang: i18n.English}, func(posting.Posting) error { return nil })
			if err != nil || rep.Kept != b.N {
				b.Fatalf("kept %d of %d: %v", rep.Kept, b.N, err)
			}
		})
	}
}

// TestStreaming reads ten times the rows in the same memory.
func TestStreaming(t *testing.T) {
	for _, f := range []Format{Federal, OpenData, JobPosting} {
		peak(t, f, 800) // reference tables are read at the first question
		small, large := peak(t, f, 5_000), peak(t, f, 50_000)
		t.Logf("%s: %d kB at 5,000 rows, %d kB at 50,000", f, small>>10, large>>10)
		if large > small+1<<20 {
			t.Errorf("%s: %d bytes live at 5,000 rows and %d at 50,000: memory grows with the file", f, small, large)
		}
	}
}

// TestBothLanguages joins the two documents of one posting into one row.
//
// Rows: X-002
func TestBothLanguages(t *testing.T) {
	_, en, err := takeFile(t, "federal-en.xml")
	_, fr, err2 := takeFile(t, "federal-fr.xml")
	if err != nil || err2 != nil || len(en) != 1 || len(fr) != 1 {
		t.Fatalf("read the pair: %v, %v, %d and %d", err, err2, len(en), len(fr))
	}
	both := posting.Merge(en[0], fr[0])
	if other := posting.Merge(fr[0], en[0]); !reflect.DeepEqual(both, other) {
		t.Errorf("the order in which they come matters:\n%+v\n%+v", both, other)
	}
	if both.Title.FR == "" || both.Title.EN == "" || len(both.Texts) != 2 || both.Texts[0].Lang != i18n.French || both.SourceID != "50001234" {
		t.Fatalf("joined: titles %+v, %d texts", both.Title, len(both.Texts))
	}
	for i, s := range both.Texts[0].Sections { // the pair says the same things, by the same ids
		o := both.Texts[1].Sections[i]
		if s.Kind != o.Kind || len(s.Items) != len(o.Items) {
			t.Fatalf("section %d: %s with %d items in French, %s with %d in English", i, s.Kind, len(s.Items), o.Kind, len(o.Items))
		}
		for j, it := range s.Items {
			if it.ID != o.Items[j].ID || it.Text == o.Items[j].Text {
				t.Errorf("section %s: %+v and %+v: want one id and two texts", s.Kind, it, o.Items[j])
			}
		}
	}
	facts := func(p posting.Posting) posting.Posting {
		p.Title, p.Texts, p.Pay, p.URL, p.Wage.Text = posting.Both{}, nil, nil, "", ""
		p.Apply = slices.Clone(p.Apply)
		for i := range p.Apply {
			p.Apply[i].Value = strings.NewReplacer("bureau 3", "Suite 3").Replace(p.Apply[i].Value)
		}
		return p
	}
	if a, b := facts(en[0]), facts(fr[0]); !reflect.DeepEqual(a, b) {
		t.Errorf("the two documents do not say the same facts:\n%+v\n%+v", a, b)
	}
}

// TestNoHiddenContacts holds that an ended posting keeps none of the ways to reach the
// employer that the source gave.
//
// Rows: A-013
func TestNoHiddenContacts(t *testing.T) {
	_, got, err := takeFile(t, "federal-en.xml")
	if err != nil || len(got) != 1 {
		t.Fatal(err)
	}
	p := got[0]
	if len(p.Apply) != 6 {
		t.Fatalf("%d ways to apply, want 6", len(p.Apply))
	}
	whole := append(p.Card.Bytes(), p.Details.Bytes()...)
	masked := p.Masked()
	left := append(masked.Card.Bytes(), masked.Details.Bytes()...)
	for _, contact := range []string{"emplois@auberge.example.org", "418-555-0101", "418-555-0102", "rue Imaginaire", "5550", "emplois.auberge.example.org", "G5L1A1", "G5L 1A1"} {
		if !bytes.Contains(whole, []byte(contact)) && contact != "G5L1A1" {
			t.Errorf("%q is not in the posting while it is shown", contact)
		}
		if bytes.Contains(left, []byte(contact)) {
			t.Errorf("%q is still in the posting after its end", contact)
		}
	}
}

// TestOnlyStatedContacts holds that an employer's own telephone and e-mail, which a
// source may send along, are no way to apply unless it says so.
//
// Rows: A-013
func TestOnlyStatedContacts(t *testing.T) {
	in := `{"@type":"JobPosting","identifier":"1","title":"cook","datePosted":"2026-01-02","hiringOrganization":{"name":"Invented Kitchen",
	"telephone":"902-555-0177","email":"owner@kitchen.example.org","address":{"streetAddress":"77 Hidden Lane"}},"applicationContact":{"email":"jobs@kitchen.example.org"}}`
	_, got, err := take(t, strings.NewReader(in), Options{})
	if err != nil || len(got) != 1 || got[0].Employer != "Invented Kitchen" {
		t.Fatalf("%v, %+v", err, got)
	}
	whole := append(got[0].Card.Bytes(), got[0].Details.Bytes()...)
	for _, hidden := range []string{"0177", "owner@", "Hidden Lane"} {
		if bytes.Contains(whole, []byte(hidden)) {
			t.Errorf("the posting holds %q, which the source did not give to apply", hidden)
		}
	}
	equal(t, "ways to apply", got[0].Apply, []posting.Method{{Kind: posting.ApplyEmail, Value: "jobs@kitchen.example.org"}})
}
