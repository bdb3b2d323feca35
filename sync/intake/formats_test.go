package intake

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"passerelle/i18n"
	"passerelle/store/posting"
)

func day(s string) posting.Day {
	d, err := posting.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
}

// section gives the lines of a kind.
func section(p posting.Posting, k posting.Kind) []string {
	var out []string
	for _, t := range p.Texts {
		for _, s := range t.Sections {
			for _, it := range s.Items {
				if s.Kind == k {
					out = append(out, strings.TrimPrefix(it.ID+"|", "|")+it.Text)
				}
			}
		}
	}
	return out
}

// TestFederal reads our own document of the partner feed field by field, with the six
// ways to apply.
//
// Rows
func TestFederal(t *testing.T) {
	rep, got, err := takeFile(t, "federal-en.xml")
	if err != nil || len(got) != 1 || len(rep.Problems) != 0 || rep.Assigned != 1 || rep.ByTitle != 0 {
		t.Fatalf("Read: %v, %d postings, %v", err, len(got), reasons(rep))
	}
	p := got[0]
	equal(t, "source id", p.SourceID, "50001234")
	equal(t, "title", p.Title, posting.Both{EN: "food and beverage server"})
	equal(t, "occupation", p.NOC, "65200")
	equal(t, "confidence", p.Confidence, uint8(100))
	equal(t, "employer", p.Employer, "Auberge du Phare imaginaire")
	equal(t, "agency", p.Agency, true)
	equal(t, "URL", p.URL, "https://emplois.example.org/en/posting/50001234")
	equal(t, "city", p.Place.City+", "+p.Place.Province, "Rimouski, QC")
	equal(t, "postal code", p.Place.Postal, "G5L1A1")
	equal(t, "coordinates", [2]float32{p.Place.Lat, p.Place.Lng}, [2]float32{48.4489, -68.524})
	equal(t, "workplace", p.Place.Mode, posting.Hybrid)
	equal(t, "posted", p.Posted, day("2026-05-01")) // 23:30Z is that day, not the next
	equal(t, "ends", p.Ends, day("2026-05-31"))
	equal(t, "estimated", p.Estimated, false)
	equal(t, "starts", p.Starts, day("2026-06-15"))
	equal(t, "period", p.Period, posting.PartFull)
	equal(t, "term", p.Term, posting.Seasonal)
	equal(t, "hours", [2]float32{p.HoursMin, p.HoursMax}, [2]float32{30, 37.5})
	equal(t, "schedule", p.Schedule, []string{"evening", "weekend"})
	equal(t, "language of work", p.WorkLang, posting.WorkEither)
	equal(t, "education", p.Education, posting.EduSecondary)
	equal(t, "experience", p.Exp, posting.ExpMonths)
	equal(t, "positions", p.Positions, 3)
	equal(t, "groups", p.Groups, []string{"indigenous", "disability", "newcomer", "senior", "student", "youth"})
	equal(t, "abroad", p.Abroad, true)
	equal(t, "wage", [3]any{p.Wage.Unit, p.Wage.Min, p.Wage.Max}, [3]any{posting.Hourly, int64(1825), int64(2100)})
	equal(t, "wage wording", p.Wage.Text, "$18.25 to $21.00 hourly (to be negotiated)")
	equal(t, "pay", p.Pay, []string{"Gratuities"})
	equal(t, "studies", section(p, posting.Studies), []string{"Secondary (high) school graduation certificate or equivalent experience"})
	equal(t, "tasks", section(p, posting.Tasks), []string{"jb:90001|Take orders at the tables", "jb:90002|Bring dishes & drinks to guests"})
	equal(t, "security", section(p, posting.Security), []string{"jb:16640|Criminal record check"})
	equal(t, "benefits", section(p, posting.Benefits), []string{"jb:90005|Dental plan"})
	equal(t, "screening", section(p, posting.Screening), []string{"jb:90006|Can you work on weekends?"})
	equal(t, "other", section(p, posting.Other), []string{"jb:90003|Seafood"})
	for _, s := range p.Texts[0].Sections {
		if s.Kind == posting.Other && s.Name != "House specialities served" || s.Kind != posting.Other && s.Name != "" {
			t.Errorf("section %s is named %q", s.Kind, s.Name)
		}
	}
	equal(t, "ways to apply", p.Apply, []posting.Method{
		{Kind: posting.ApplyOnline, Value: "https://emplois.auberge.example.org/50001234"},
		{Kind: posting.ApplyEmail, Value: "emplois@auberge.example.org"},
		{Kind: posting.ApplyPhone, Value: "418-555-0101", Ext: "22", Hours: "09:00–16:30"},
		{Kind: posting.ApplyFax, Value: "418-555-0102"},
		{Kind: posting.ApplyMail, Value: "C. P. 5550\nRimouski QC G5L 1A1\nCanada"},
		{Kind: posting.ApplyPerson, Value: "10, rue Imaginaire\nSuite 3\nRimouski QC G5L 1A1\nCanada", Hours: "13:00–15:00"},
	})
}

// TestFederalCases changes one field of a document at a time.
func TestFederalCases(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "federal-en.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, old, new string
		problems       string
		check          func(p posting.Posting) bool
	}{
		{"no end", "<display_until>2026-05-31T23:59:00Z</display_until>", "", "",
			func(p posting.Posting) bool { return p.Estimated && p.Ends == p.Posted+30 }},
		{"ends before it begins", "<display_until>2026-05-31", "<display_until>2026-04-30", "bad-end",
			func(p posting.Posting) bool { return p.Estimated && p.Ends == p.Posted+30 }},
		{"not an agency", "<employer_type_id>1<", "<employer_type_id>4<", "", func(p posting.Posting) bool { return !p.Agency }},
		{"virtual", `<option_name id="100000">Hybrid`, `<option_name id="15141">Virtual job`, "", func(p posting.Posting) bool { return p.Place.Mode == posting.Remote }},
		{"on the road", `<option_name id="100000">Hybrid`, `<option_name id="100001">On the road`, "", func(p posting.Posting) bool { return p.Place.Mode == posting.OnRoad }},
		{"various", "<various_location_flag>false", "<various_location_flag>true", "", func(p posting.Posting) bool { return p.Place.Mode == posting.Hybrid }},
		{"several cities", "<string>Rimouski</string>", "<string>Rimouski</string><string>Matane</string>", "", func(p posting.Posting) bool { return p.Place.City == "Rimouski" }},
		{"citizens only", "<job_canadian_citizen_flag>false", "<job_canadian_citizen_flag>true", "", func(p posting.Posting) bool { return !p.Abroad }},
		{"unknown code", "<work_term_cd>S<", "<work_term_cd>Z<", "unknown-value", func(p posting.Posting) bool { return p.Term == "" }},
		{"wrong e-mail", "emplois@auberge.example.org", "see the site", "bad-apply", func(p posting.Posting) bool { return len(p.Apply) == 5 }},
		{"script as a link", "https://emplois.auberge.example.org/50001234", "javascript:alert(1)", "bad-apply", func(p posting.Posting) bool { return len(p.Apply) == 5 }},
		{"short number", "418-555-0102", "555", "bad-apply", func(p posting.Posting) bool { return len(p.Apply) == 5 }},
		{"no province", "<string>QC</string>", "<string>Ohio</string>", "bad-place", func(p posting.Posting) bool { return p.SourceID != "" }},
		{"too many hours", "30 to 37.5 hours", "30 to 370 hours", "bad-hours", func(p posting.Posting) bool { return p.HoursMax == 0 }},
		{"no start", "2026-06-15T00:00:00Z", "as soon as possible", "bad-date", func(p posting.Posting) bool { return p.Starts == 0 }},
		{"code of no occupation", "<noc2021>65200<", "<noc2021>99999<", "bad-noc", func(p posting.Posting) bool { return p.NOC == "65200" && p.Confidence == 95 }},
		{"old code only", "<noc2021>65200</noc2021>", "", "", func(p posting.Posting) bool { return p.NOC == "65200" && p.Confidence == 95 }},
		{"old code of many, told by the title", "<noc2016>6513</noc2016>\n      <noc2021>65200</noc2021>", "<noc2016>1123</noc2016>", "",
			func(p posting.Posting) bool { return p.Confidence < 95 }},
		{"no code", "<noc2016>6513</noc2016>\n      <noc2021>65200</noc2021>", "", "",
			func(p posting.Posting) bool { return p.NOC == "65200" && p.Confidence < 100 && p.Confidence > 0 }},
		{"figures only", "$18.25 to $21.00 hourly (to be negotiated)", "", "", func(p posting.Posting) bool { return p.Wage.Unit == posting.Hourly && p.Wage.Min == 1825 }},
		{"commission on top", "$18.25 to $21.00 hourly (to be negotiated)", "$2,000.00 monthly + $50 commission per sale", "", func(p posting.Posting) bool {
			return p.Wage.Unit == posting.Monthly && p.Wage.Min == 200000 && p.Wage.Max == 200000 && p.Wage.Flags&posting.WageCommission != 0
		}},
		{"level of the occupation", "Secondary (high) school graduation certificate", "As agreed", "", func(p posting.Posting) bool { return p.Education == posting.EduSecondary }},
		{"wrong coordinates", "48.4489,-68.524", "0,0", "", func(p posting.Posting) bool { return p.Place.Lat > 48 && p.Place.Lat < 49 }},
	} {
		in := strings.Replace(string(raw), c.old, c.new, 1)
		if in == string(raw) {
			t.Fatalf("%s: the fixture does not hold %q", c.name, c.old)
		}
		rep, got, err := take(t, strings.NewReader(in), Options{Source: posting.Source{ID: "p", Host: "example.org", Accepted: TermsVersion}})
		if err != nil || len(got) != 1 {
			t.Errorf("%s: %v, %d postings, %v", c.name, err, len(got), reasons(rep))
			continue
		}
		var why []string
		for _, p := range rep.Problems {
			why = append(why, string(p.Reason))
		}
		if strings.Join(why, " ") != c.problems || !c.check(got[0]) {
			t.Errorf("%s: problems %v, want %q; posting %+v", c.name, why, c.problems, got[0].Card)
		}
	}
}

// TestFederalList reads several documents of one file, one after another, and goes on
// after each broken one.
func TestFederalList(t *testing.T) {
	doc := func(id string) string {
		return "<Document>\n<jobs_id>" + id + "</jobs_id>\n<title>cook</title><date_posted>2026-01-02T00:00:00Z</date_posted>\n</Document>\n"
	}
	in := "<?xml version=\"1.0\"?>\n<SolrResponse><Documents>\n" + doc("1") + "<!-- <Document> > -->\n" +
		"<Document><jobs_id>2</jobs_id><title>cut\n" + doc("3") +
		"<Document><jobs_id>4</jobs_id><title>&nosuch;</title></Document>\n" +
		"<Document><jobs_id>5</jobs_id></Wrong></Document>\n" +
		"</Documents></SolrResponse>\n<?xml version=\"1.0\"?>\n<SolrResponse><Documents>" + doc("6") + doc("") +
		"<Document><jobs_id>7</jobs_id><date_posted>2026-01-02</date_posted></Document><Document><jobs_id>8</jobs_id><title>cook</title></Document></Documents></SolrResponse>"
	rep, got, err := take(t, strings.NewReader(in), Options{})
	var ids []string
	for _, p := range got {
		ids = append(ids, p.SourceID)
	}
	equal(t, "kept", ids, []string{"1", "3", "6"})
	equal(t, "problems", reasons(rep), []string{"8 cut-short", "13 bad-row", "14 bad-row", "21 no-id", "25 no-title", "25 no-date"})
	if err != nil || rep.Read != 9 || rep.Kept != 3 {
		t.Errorf("Read: %v, %d read, %d kept", err, rep.Read, rep.Kept)
	}
}

// TestTable reads the open-data table in its encodings, separators and languages.
//
// Rows: A-026
func TestTable(t *testing.T) {
	rep, en, err := takeFile(t, "table-en.utf16le.tsv")
	if err != nil || len(en) != 3 || rep.Read != 6 {
		t.Fatalf("Read: %v, %d of %d, %v", err, len(en), rep.Read, reasons(rep))
	}
	equal(t, "problems", reasons(rep), []string{"4 wage-units", "5 no-id", "6 no-title", "7 no-date"})
	p := en[0]
	equal(t, "title", p.Title, posting.Both{EN: "Chef's helper, line"}) // the employer's own, entities undone twice
	equal(t, "occupation", [2]any{p.NOC, p.Confidence}, [2]any{"63200", uint8(100)})
	equal(t, "place", [3]string{p.Place.City, p.Place.Province, p.Place.Postal}, [3]string{"Toronto", "ON", "M5V2T6"})
	equal(t, "region", p.Place.Region, "3530")
	equal(t, "posted", p.Posted, day("2026-08-07"))
	equal(t, "ends", [2]any{p.Ends, p.Estimated}, [2]any{day("2026-09-06"), true})
	equal(t, "wage", [3]any{p.Wage.Unit, p.Wage.Min, p.Wage.Max}, [3]any{posting.Hourly, int64(1900), int64(2250)})
	equal(t, "hours", [2]float32{p.HoursMin, p.HoursMax}, [2]float32{35, 40})
	equal(t, "terms", [2]any{p.Period, p.Term}, [2]any{posting.FullTime, posting.Permanent})
	equal(t, "asked", [2]any{p.Education, p.Exp}, [2]any{posting.EduSecondary, posting.ExpHalfYear})
	equal(t, "schedule", p.Schedule, []string{"evening"})
	equal(t, "NAICS", p.NAICS, "7225")
	equal(t, "positions", p.Positions, 2)

	p = en[1]
	equal(t, "title without an original", p.Title.EN, "registered nurse (R.N.)")
	equal(t, "workplace", p.Place.Mode, posting.Remote)
	equal(t, "wage every two weeks", [2]any{p.Wage.Unit, p.Wage.Min}, [2]any{posting.Biweekly, int64(240000)})

	p = en[2]
	equal(t, "title with quotes", p.Title.EN, `Driver "AZ" - long haul`)
	equal(t, "occupation by title", [2]any{p.NOC, p.Confidence > 0 && p.Confidence < 100}, [2]any{"73300", true})
	equal(t, "agency", p.Agency, true)
	equal(t, "experience", p.Exp, posting.ExpNone)
	if p.Wage.Flags&posting.WageImpossible == 0 || p.Wage.Known() || p.Wage.Min != 10100 || p.Wage.Unit != posting.Daily {
		t.Errorf("a wage of two units: %+v, want it kept as stated and flagged", p.Wage)
	}

	_, fr, err := takeFile(t, "table-fr.utf8bom.csv")
	if err != nil || len(fr) != 3 {
		t.Fatalf("Read the French table: %v, %d", err, len(fr))
	}
	equal(t, "French title", fr[0].Title, posting.Both{FR: "Aide-chef, à la chaîne"})
	equal(t, "French terms", [4]any{fr[1].Period, fr[1].Term, fr[1].Education, fr[1].Exp}, [4]any{posting.PartFull, posting.Casual, posting.EduCollege, posting.ExpFiveYears})
	equal(t, "French wage", [3]any{fr[1].Wage.Unit, fr[1].Wage.Min, fr[1].Wage.Max}, [3]any{posting.Yearly, int64(4150000), int64(4600000)})
	equal(t, "French region", fr[1].Place.Region, "2470")
	equal(t, "title over two lines", fr[2].Title.FR, `Soudeur "B", quart de nuit avec prime`)
	equal(t, "French term, level and asset", [3]any{fr[2].Term, fr[2].Education, fr[2].Exp}, [3]any{posting.Temporary, posting.EduTrade, posting.ExpAsset})
	equal(t, "weekly with a bonus", [3]any{fr[2].Wage.Unit, fr[2].Wage.Max, fr[2].Wage.Flags & posting.WageCommission}, [3]any{posting.Weekly, int64(110000), posting.WageCommission})
	equal(t, "province", fr[2].Place.Province, "NB")

	_, latin, err := takeFile(t, "table-fr.latin1.csv")
	if err != nil || len(latin) != 2 || !reflect.DeepEqual(latin, fr[:2]) {
		t.Errorf("the Latin-1 table: %v\n%+v\nand the UTF-8 one differ\n%+v", err, latin, fr[:2])
	}

	both := posting.Merge(en[0], fr[0])
	if both.Title.FR == "" || both.Title.EN == "" || both.Wage.Min != en[0].Wage.Min || len(both.Langs()) != 2 {
		t.Errorf("the two months' rows of one posting joined: %+v", both.Card)
	}

	rep, few, err := takeFile(t, "table-missing.csv")
	if err != nil || len(few) != 1 || len(rep.Problems) != 0 || few[0].SourceID != "70000009" || few[0].NOC == "" {
		t.Errorf("three columns only: %v, %v, %+v", err, reasons(rep), few)
	}
}

// TestTableRows reads rows that are hard to cut.
func TestTableRows(t *testing.T) {
	head := "id;job title;first posting date;city\n"
	rep, got, err := take(t, strings.NewReader(head+
		"1;\"cook\";2026-01-02;Laval\n"+
		"2;\"cook; \"\"senior\"\"\";2026-01-02;Laval\n"+
		"3;\"cook with a stray quote;2026-01-02;Laval\n"+
		"4;cook\n"+
		"\n"+
		"5;cook;2026-01-02;Laval;more;cells\n"+
		"6;caf\xe9 cook;2026-01-02;Laval"), Options{})
	var titles []string
	for _, p := range got {
		titles = append(titles, p.SourceID+" "+p.Title.EN)
	}
	equal(t, "kept", titles, []string{"1 cook", `2 cook; "senior"`, `3 "cook with a stray quote`, "5 cook", "6 café cook"})
	equal(t, "problems", reasons(rep), []string{"5 no-date"})
	if err != nil {
		t.Error(err)
	}
	rep, got, err = take(t, strings.NewReader("\xef\xbb\xbf"+head+"1;caf\xe9;2026-01-02;Laval\n2;cook;2026-01-02;Laval\n"), Options{})
	if err == nil || len(rep.Problems) != 1 || rep.Problems[0].Reason != BadEncoding {
		t.Errorf("a table that is not the UTF-8 it announces: %v, %v, %d kept", err, reasons(rep), len(got))
	}
}

// TestJobPosting reads one object a line, field by field.
//
// Rows
func TestJobPosting(t *testing.T) {
	rep, got, err := takeFile(t, "jobs.ndjson")
	if err != nil || len(got) != 4 || rep.Read != 7 {
		t.Fatalf("Read: %v, %d of %d, %v", err, len(got), rep.Read, reasons(rep))
	}
	equal(t, "problems", reasons(rep), []string{"2 link-away", "2 wage-units", "4 not-in-canada", "5 no-id", "6 bad-row", "7 wage-units"})
	p := got[0]
	equal(t, "id", p.SourceID, "J-1")
	equal(t, "occupation", [2]any{p.NOC, p.Confidence}, [2]any{"63200", uint8(100)})
	equal(t, "terms", [3]any{p.Period, p.Term, p.Until}, [3]any{posting.FullTime, posting.Temporary, day("2026-09-30")})
	equal(t, "ends", [2]any{p.Ends, p.Estimated}, [2]any{day("2026-08-20"), false})
	equal(t, "asked", [3]any{p.Education, p.Exp, p.WorkLang}, [3]any{posting.EduSecondary, posting.ExpOneYear, posting.WorkEither})
	equal(t, "studies", section(p, posting.Studies), []string{"Secondary (high) school graduation certificate or equivalent experience"})
	equal(t, "wage", [3]any{p.Wage.Unit, p.Wage.Min, p.Wage.Flags & posting.WageCommission}, [3]any{posting.Hourly, int64(1800), posting.WageCommission})
	equal(t, "URL", p.URL, "https://www.jobs.example.org/1")
	var kinds []posting.Kind
	for _, s := range p.Texts[0].Sections {
		kinds = append(kinds, s.Kind)
	}
	equal(t, "sections", kinds, []posting.Kind{posting.Tasks, posting.Studies, posting.Experiences, posting.Suitability, posting.Other, posting.Credentials, posting.Benefits, posting.Screening})
	if tasks := section(p, posting.Tasks); len(tasks) != 2 || !strings.HasSuffix(tasks[1], "Mend shingles") {
		t.Errorf("tasks: %v", tasks)
	}

	p = got[1]
	if p.URL != "" || p.Wage.Flags&posting.WageImpossible == 0 || p.Wage.Known() || p.Wage.Text != "$101 per day" || p.Wage.Min != 10100 {
		t.Errorf("$101 per day marked hourly: %+v, URL %q; want it as stated, flagged, compared with nothing", p.Wage, p.URL)
	}
	equal(t, "hours of two weeks", [2]float32{p.HoursMin, p.HoursMax}, [2]float32{40, 55})

	p = got[2]
	equal(t, "language found out", p.Title, posting.Both{FR: "étagiste magique"})
	equal(t, "no occupation rather than a guess", [2]any{p.NOC, p.Confidence}, [2]any{"", uint8(0)})
	equal(t, "text", section(p, posting.About), []string{"Pour les gens de la ville,", "ranger les rayons & les tables"})
	equal(t, "workplace", p.Place.Mode, posting.OnRoad)
	equal(t, "language of work", p.WorkLang, posting.WorkFrench)

	p = got[3]
	equal(t, "piece work", [3]any{p.Wage.Unit, p.Wage.Known(), p.Wage.Flags & posting.WageCommission}, [3]any{posting.Piece, false, posting.WageCommission})
	equal(t, "no province", p.Part(), "ca")
	equal(t, "months of experience", p.Exp, posting.ExpTwoYears)
	equal(t, "ways to apply", p.Apply, []posting.Method{{Kind: posting.ApplyEmail, Value: "work@kitchen.example.org"}, {Kind: posting.ApplyPhone, Value: "902-555-0110"}})

	for _, c := range []struct {
		file  string
		kept  int
		lines []string
	}{{"jobs.jsonld", 2, []string{"102 link-away", "102 wage-units"}}, {"jobs-array.json", 2, []string{"95 link-away", "95 wage-units"}}, {"page.html", 1, nil}} {
		rep, same, err := takeFile(t, c.file)
		if err != nil || len(same) != c.kept || !reflect.DeepEqual(same, got[:c.kept]) {
			t.Errorf("%s: %v, %d kept, %v; want the same postings as one a line", c.file, err, len(same), reasons(rep))
		}
		if !slices.Equal(reasons(rep), c.lines) { // at the line on which the object begins
			t.Errorf("%s: problems at %v, want %v", c.file, reasons(rep), c.lines)
		}
	}
}

// TestMinimumWage flags a wage under the minimum of its place and day, and no other.
func TestMinimumWage(t *testing.T) {
	for _, c := range []struct {
		name, min, unit, hours, date, province string
		below                                  bool
	}{
		{"under", "14.99", "HOUR", "40", "2022-07-05", "AB", true},
		{"at", "15.00", "HOUR", "40", "2022-07-05", "AB", false},
		{"under, hours not stated", "14.99", "HOUR", "", "2022-07-05", "AB", true},
		{"weekly under", "590", "WEEK", "40 hours per week", "2022-07-05", "AB", true},
		{"yearly, hours not stated", "20000", "YEAR", "", "2022-07-05", "AB", false},
		{"no province", "5.00", "HOUR", "40", "2022-07-05", "", false},
		{"a day beyond what is known", "5.00", "HOUR", "40", "2098-07-05", "AB", false},
	} {
		in := `{"@type":"JobPosting","identifier":"1","title":"cook","datePosted":"` + c.date + `","workHours":"` + c.hours + `","jobLocation":{"address":{"addressRegion":"` + c.province +
			`"}},"baseSalary":{"currency":"CAD","value":{"value":` + c.min + `,"unitText":"` + c.unit + `"}}}`
		_, got, err := take(t, strings.NewReader(in), Options{})
		if err != nil || len(got) != 1 {
			t.Fatalf("%s: %v", c.name, err)
		}
		if below := got[0].Wage.Flags&posting.WageBelowMinimum != 0; below != c.below {
			t.Errorf("%s: below the minimum: %v, want %v (%+v)", c.name, below, c.below, got[0].Wage)
		}
	}
}

// TestPhrases reads the closed lists in both languages.
func TestPhrases(t *testing.T) {
	for s, want := range map[string]posting.Education{
		"No degree, certificate or diploma": posting.EduNone, "Aucun diplôme, certificat ou grade": posting.EduNone,
		"Secondary (high) school graduation certificate": posting.EduSecondary, "Diplôme d'études secondaires": posting.EduSecondary,
		"Other trades certificate or diploma": posting.EduTrade, "Registered Apprenticeship certificate": posting.EduTrade, "Certificat ou diplôme d'une école de métiers": posting.EduTrade,
		"College/CEGEP": posting.EduCollege, "College, CEGEP or other non-university certificate or diploma from a program of 1 year to 2 years": posting.EduCollege,
		"Certificat ou diplôme d'études collégiales, d'un cégep ou autre établissement non universitaire": posting.EduCollege, "Études postsecondaires": posting.EduCollege,
		"Bachelor's degree": posting.EduUniversity, "Baccalauréat": posting.EduUniversity, "University certificate or diploma below bachelor level": posting.EduUniversity,
		"Master's degree": posting.EduGraduate, "Maîtrise": posting.EduGraduate, "Doctorat": posting.EduGraduate, "Degree in medicine, dentistry, veterinary medicine or optometry": posting.EduGraduate,
		"University certificate or diploma above bachelor level": posting.EduGraduate,
	} {
		if got, ok := education(s); got != want || !ok {
			t.Errorf("education(%q) = %d, want %d", s, got, want)
		}
	}
	for s, want := range map[string]posting.Experience{
		"No experience": posting.ExpNone, "Aucune expérience": posting.ExpNone, "Will train": posting.ExpNone, "Experience an asset": posting.ExpAsset, "Expérience un atout": posting.ExpAsset,
		"1 to less than 7 months": posting.ExpMonths, "De 1 à moins de 7 mois": posting.ExpMonths, "7 months to less than 1 year": posting.ExpHalfYear, "De 7 mois à moins de 1 an": posting.ExpHalfYear,
		"1 year to less than 2 years": posting.ExpOneYear, "De 1 an à moins de 2 ans": posting.ExpOneYear, "2 years to less than 3 years": posting.ExpTwoYears,
		"3 years to less than 5 years": posting.ExpThreeYear, "5 years or more": posting.ExpFiveYears, "5 ans ou plus": posting.ExpFiveYears,
	} {
		if got, ok := experience(s); got != want || !ok {
			t.Errorf("experience(%q) = %d, want %d", s, got, want)
		}
	}
	for s, want := range map[string]posting.Period{"Full time": posting.FullTime, "Temps plein": posting.FullTime, "Part time": posting.PartTime, "Temps partiel": posting.PartTime,
		"Part time leading to full time": posting.PartFull, "Temps partiel pouvant devenir temps plein": posting.PartFull} {
		if got, _ := period(s); got != want {
			t.Errorf("period(%q) = %q, want %q", s, got, want)
		}
	}
	for s, want := range map[string]posting.Term{"Permanent employment": posting.Permanent, "Durée indéterminée": posting.Permanent, "Term or contract": posting.Temporary,
		"Durée déterminée ou contrat": posting.Temporary, "Seasonal employment": posting.Seasonal, "Emploi saisonnier": posting.Seasonal, "Casual employment": posting.Casual, "Emploi occasionnel": posting.Casual} {
		if got, _ := term(s); got != want {
			t.Errorf("term(%q) = %q, want %q", s, got, want)
		}
	}
	for s, want := range map[string]posting.WorkLang{"English": posting.WorkEnglish, "Français": posting.WorkFrench, "English or French": posting.WorkEither, "Anglais ou français": posting.WorkEither,
		"Bilingue": posting.WorkBilingual, "English and French": posting.WorkBilingual, "Other": posting.WorkOther} {
		if got, _ := workLang(s); got != want {
			t.Errorf("workLang(%q) = %q, want %q", s, got, want)
		}
	}
	for s, want := range map[string]string{"Québec": "QC", "Quebec": "QC", "Île-du-Prince-Édouard": "PE", "Prince Edward Island": "PE", "Territoires du Nord-Ouest": "NT", "on": "ON",
		"Colombie-Britannique": "BC", "Newfoundland and Labrador": "NL", "Nunavut": "NU", "Texas": "", "ZZ": ""} {
		if got, ok := province(s); got != want || ok != (want != "") {
			t.Errorf("province(%q) = %q, want %q", s, got, want)
		}
	}
	for s, want := range map[string][2]float32{"40 hours per week": {40, 40}, "35 à 37,5 heures par semaine": {35, 37.5}, "80 to 110 hours bi-weekly": {40, 55}, "80 heures aux deux semaines": {40, 40},
		"2022.75 hours per year": {38.9, 38.9}, "160 to 165 hours per month": {36.92, 38.08}} {
		lo, hi, ok := hours(s)
		if got := [2]float32{lo, hi}; got != want || !ok {
			t.Errorf("hours(%q) = %v, want %v", s, got, want)
		}
	}
	for s, want := range map[string]int64{"1,234.50": 123450, "1 234,50": 123450, "1\u00a0234,50 $": 123450, "29.591572": 2959, "85000.0": 8500000, "41 500": 4150000, "16,5": 1650, "1,100": 110000, "$1,442.5": 144250} {
		if got, ok := cents(s); got != want || !ok {
			t.Errorf("cents(%q) = %d, want %d", s, got, want)
		}
	}
	for _, s := range []string{"", "abc", "1.2.3", "-5", "99999999999", "1e9"} {
		if got, ok := cents(s); ok {
			t.Errorf("cents(%q) = %d, want nothing", s, got)
		}
	}
	for s, want := range map[string]posting.Wage{
		"$42.50 hourly":                              {Unit: posting.Hourly, Min: 4250, Max: 4250},
		"$53,856.66 to $61,096.97 annually":          {Unit: posting.Yearly, Min: 5385666, Max: 6109697},
		"$3,500 to $5,000\nMONTH\nmonthly":           {Unit: posting.Monthly, Min: 350000, Max: 500000},
		"$3,577.88 biweekly":                         {Unit: posting.Biweekly, Min: 357788, Max: 357788},
		"$101 per day":                               {Unit: posting.Daily, Min: 10100, Max: 10100},
		"18,94 $ à 23,67 $ de l'heure":               {Unit: posting.Hourly, Min: 1894, Max: 2367},
		"2 000,00 $ par mois":                        {Unit: posting.Monthly, Min: 200000, Max: 200000},
		"900,00 $ aux deux semaines":                 {Unit: posting.Biweekly, Min: 90000, Max: 90000},
		"$92,716 - $132,958":                         {Min: 9271600, Max: 13295800},
		"$2,000.00 monthly + $50 commission per job": {Unit: posting.Monthly, Min: 200000, Max: 200000, Flags: posting.WageCommission},
	} {
		if got, more := wageText(s); got != want || more != strings.Contains(s, "+") && !strings.Contains(s, " - ") {
			t.Errorf("wageText(%q) = %+v, says more: %v; want %+v", s, got, more, want)
		}
	}
	if l := guessLang("Préparer les repas et servir la clientèle"); l != i18n.French {
		t.Errorf("guessLang = %q", l)
	}
}

// TestGolden holds our federal document in the form in which it is kept.
func TestGolden(t *testing.T) {
	_, got, err := takeFile(t, "federal-fr.xml")
	if err != nil || len(got) != 1 {
		t.Fatal(err)
	}
	got[0].Place.Region = "" // what store/place knows of it is its own business
	b, err := json.MarshalIndent(got[0], "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join("testdata", "federal-fr.golden.json")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(name, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(b)+"\n" {
		t.Errorf("federal-fr.xml reads as\n%s\nnot as its golden file; UPDATE=1 rewrites it", b)
	}
}
