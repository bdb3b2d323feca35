// Command gen writes tables.zst of store/labour from the facts under PASSERELLE_DATA:
// run it by go generate ./store/labour. It keeps figures only, in a form of our own.
//
// The yearly averages of minimum wages (min_wages_canada_prov_1965-2020.csv) are not
// read: an average is no rate, and checks no wage.
package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"log"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"passerelle/store/pack"
)

func main() {
	log.SetFlags(0)
	data := os.Getenv("PASSERELLE_DATA")
	if data == "" {
		log.Fatal("PASSERELLE_DATA is not set: it names the folder of source facts")
	}
	table, err := build(data)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("tables.zst", pack.Compress(table), 0o644); err != nil {
		log.Fatal(err)
	}
}

// build gives the table: one line a fact, fields apart by tabs, the kind first. An
// empty figure is an unknown one.
//
//	v source hash rows                            the edition that each part was built from
//	w area noc unit low median high               wages in cents; unit h or y
//	o noc recent future openings seekers growth   national outlook; growth in % a year
//	g region noc employment growth openings       outlook of a region of British Columbia
//	m area from until cents source                minimum wage, and the days on which it is known
func build(dir string) ([]byte, error) {
	var b builder
	b.nationalWages(dir)
	b.columbianWages(dir)
	b.outlook(dir)
	b.regions(dir)
	b.minimums(dir)
	return b.out.Bytes(), b.err
}

type builder struct {
	out bytes.Buffer
	err error
}

func (b *builder) line(fields ...string) {
	b.out.WriteString(strings.Join(fields, "\t"))
	b.out.WriteByte('\n')
}

func (b *builder) fail(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf(format, args...)
	}
}

func (b *builder) nationalWages(dir string) {
	rows := b.read("wages-ca", dir, "wages/national_2025.csv", "noc", "published_unit", "low_hourly", "median_hourly", "high_hourly", "low_annual", "median_annual", "high_annual")
	for _, r := range rows {
		b.wage("CA", r["noc"], r["published_unit"], map[string][3]string{
			"hourly": {r["low_hourly"], r["median_hourly"], r["high_hourly"]},
			"annual": {r["low_annual"], r["median_annual"], r["high_annual"]},
		})
	}
}

func (b *builder) columbianWages(dir string) {
	rows := b.read("wages-bc", dir, "wages/bc_2025.csv", "noc", "low", "median", "high", "unit")
	for _, r := range rows {
		f := [3]string{r["low"], r["median"], r["high"]}
		b.wage("BC", r["noc"], r["unit"], map[string][3]string{"hourly": f, "annual": f})
	}
}

// wage writes a row, or nothing where the source is blank: that is unknown.
func (b *builder) wage(area, noc, unit string, figures map[string][3]string) {
	short := map[string]string{"hourly": "h", "annual": "y"}[unit]
	if unit != "" && short == "" {
		b.fail("wages of %s in %s: unit %q", noc, area, unit)
	}
	if f := figures[unit]; short != "" && f != [3]string{} {
		b.line("w", area, noc, short, b.cents(f[0]), b.cents(f[1]), b.cents(f[2]))
	}
}

// grades are the published words for conditions, recent ("signs of") and coming
// ("risk of"), by our own codes.
var grades = map[string]string{
	"Strong signs of Shortage": "strong_shortage", "Strong risk of Shortage": "strong_shortage",
	"Moderate signs of Shortage": "moderate_shortage", "Moderate risk of Shortage": "moderate_shortage",
	"Balance":                   "balance",
	"Moderate signs of Surplus": "moderate_surplus", "Moderate risk of Surplus": "moderate_surplus",
	"Strong signs of Surplus": "strong_surplus", "Strong risk of Surplus": "strong_surplus",
	"N/A": "",
}

var code = regexp.MustCompile(`^\d{5}$`)

func (b *builder) outlook(dir string) {
	const (
		employment = "Employment_emploi_2023"
		added      = "Employment_Growth_croissance_emploi"
		openings   = "Total_Job_Openings_Perspective_d'emploi"
		seekers    = "Job_Seekers_Chercheurs_emploi"
		recent     = "Recent_Labour_Market_Conditions"
		future     = "Future_Labour_Market_Conditions"
	)
	rows := b.read("cops", dir, "outlook/cops/summary_sommaire_2024_2033_noc2021.csv", "Code", employment, added, openings, seekers, recent, future)
	for _, r := range rows {
		if !code.MatchString(r["Code"]) || r["Code"] == "00000" {
			continue // totals, TEERs and broad categories
		}
		was, ok := grades[r[recent]]
		will, ok2 := grades[r[future]]
		if !ok || !ok2 {
			b.fail("outlook of %s: conditions %q, %q", r["Code"], r[recent], r[future])
		}
		if will == "" {
			continue // not projected
		}
		growth := ""
		if e, d := b.number(r[employment]), b.number(r[added]); e > 0 {
			// Ten years of growth from the employment of 2023, as a rate a year.
			growth = strconv.FormatFloat((math.Pow((e+d)/e, 0.1)-1)*100, 'f', 2, 64)
		}
		b.line("o", r["Code"], was, will, whole(b.number(r[openings])), whole(b.number(r[seekers])), growth)
	}
}

// The economic regions that each region of British Columbia's outlook stands for.
var columbia = map[string]string{
	"Vancouver Island/Coast": "5910", "Mainland/Southwest": "5920", "Thompson-Okanagan": "5930", "Kootenay": "5940",
	"Cariboo": "5950", "North Coast & Nechako": "5960+5970", "Northeast": "5980",
}

func (b *builder) regions(dir string) {
	rows := b.read("outlook-bc", dir, "outlook/bc_regional_2025_2035.csv", "noc", "bc_region", "employment", "avg_annual_growth_pct_10y", "job_openings_10y")
	for _, r := range rows {
		id := columbia[r["bc_region"]]
		if id == "" {
			b.fail("outlook of %s: region %q", r["noc"], r["bc_region"])
		}
		employment, growth, openings := r["employment"], r["avg_annual_growth_pct_10y"], r["job_openings_10y"]
		if growth != "" {
			growth = strconv.FormatFloat(b.number(growth), 'f', 2, 64) // 1.0999999999999999
		}
		b.line("g", id, r["noc"], employment, growth, openings) // blank: too few to publish
	}
}

// rate is a row of the table of minimum wages.
type rate struct {
	area, cents, source string
	from, until         time.Time
	effective           time.Time
}

func (b *builder) minimums(dir string) {
	rows := b.read("minimum", dir, "min-wage/minimum_wage_2023-2026_compiled.csv", "jurisdiction", "effective_date", "hourly_rate", "source")
	var rates []rate
	for _, r := range rows {
		day, err := time.Parse(time.DateOnly, r["effective_date"])
		if err != nil {
			b.fail("minimum wage of %s: %w", r["jurisdiction"], err)
			continue
		}
		rates = append(rates, rate{area: r["jurisdiction"], cents: b.cents(r["hourly_rate"]), source: r["source"], effective: day})
	}
	for _, r := range known(rates) {
		b.line("m", r.area, r.from.Format(time.DateOnly), r.until.Format(time.DateOnly), r.cents, site(r.source))
	}
}

var reported = regexp.MustCompile(`\((\d{4}-\d{2}-\d{2})\)`)

// known works out from when until when each rate is known to have held. The table
// misses changes (Quebec's of May 2024 and more), so a rate does not simply hold until the
// next row:
//
//   - it holds to the day before the next date on which this jurisdiction is seen, in any
//     year of the table, to change its rate: those that move in April and October
//     may have moved in between, and a year is the most for any;
//   - it holds to the day of its source where that is later: a report of 2025 that a rate has
//     been in force since 2018 covers these years;
//   - the next row ends it in any case;
//   - where the source is not sure of the date, it is known from the day of the report;
//   - a projected rate is not known at all.
func known(rates []rate) []rate {
	slices.SortStableFunc(rates, func(a, b rate) int {
		return cmp.Or(cmp.Compare(a.area, b.area), a.effective.Compare(b.effective))
	})
	var out []rate
	for i, r := range rates {
		if strings.Contains(r.source, "projected") {
			continue
		}
		r.from, r.until = r.effective, r.effective.AddDate(1, 0, -1)
		for _, o := range rates {
			if o.area != r.area {
				continue
			}
			for _, year := range []int{r.effective.Year(), r.effective.Year() + 1} {
				day := time.Date(year, o.effective.Month(), o.effective.Day(), 0, 0, 0, 0, time.UTC)
				if end := day.AddDate(0, 0, -1); day.After(r.effective) && end.Before(r.until) {
					r.until = end
				}
			}
		}
		var seen time.Time
		if m := reported.FindStringSubmatch(r.source); m != nil {
			seen, _ = time.Parse(time.DateOnly, m[1])
		}
		if seen.After(r.until) {
			r.until = seen
		}
		if strings.Contains(r.source, "from memory") {
			r.from = seen // the zero time, and so dropped, when no report vouches for it
		}
		if i+1 < len(rates) && rates[i+1].area == r.area {
			if end := rates[i+1].effective.AddDate(0, 0, -1); end.Before(r.until) {
				r.until = end
			}
		}
		if !r.from.IsZero() && !r.from.After(r.until) {
			out = append(out, r)
		}
	}
	return out
}

var host = regexp.MustCompile(`https?://(?:www\.)?([^/\s]+)`)

// site names the sites of a source, and the day or list when it is given, without the
// addresses.
func site(source string) string {
	var names []string
	for _, m := range host.FindAllStringSubmatch(source, -1) {
		names = append(names, m[1])
	}
	s := strings.Join(names, ", ")
	if m := reported.FindStringSubmatch(source); m != nil {
		s += " (" + m[1] + ")"
	} else if strings.Contains(source, "2026 list") {
		s += " (2026)"
	}
	return s
}

// number reads a figure that may have quotes and thousands commas; N/A and blank are 0,
// and told apart by the callers.
func (b *builder) number(s string) float64 {
	s = strings.ReplaceAll(strings.Trim(s, `" `), ",", "")
	if s == "" || s == "N/A" {
		return 0
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		b.fail("figure %q: %w", s, err)
	}
	return v
}

func (b *builder) cents(dollars string) string {
	if dollars == "" {
		return ""
	}
	return whole(math.Round(b.number(dollars) * 100))
}

func whole(v float64) string { return strconv.FormatFloat(v, 'f', 0, 64) }

// read gives the rows of a file by column name and writes the edition of the part. A
// missing file or column is an error.
func (b *builder) read(part, dir, name string, columns ...string) []map[string]string {
	if b.err != nil {
		return nil
	}
	raw, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		b.fail("%w", err)
		return nil
	}
	all, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff")))).ReadAll()
	if err != nil || len(all) == 0 {
		b.fail("%s: %d rows: %w", name, len(all), err)
		return nil
	}
	for _, c := range columns {
		if !slices.Contains(all[0], c) {
			b.fail("%s: no column %q", name, c)
			return nil
		}
	}
	b.line("v", part, fmt.Sprintf("%x", sha256.Sum256(raw))[:12], strconv.Itoa(len(all)-1))
	var rows []map[string]string
	for _, rec := range all[1:] {
		r := map[string]string{}
		for j, v := range rec {
			r[all[0][j]] = strings.TrimSpace(v)
		}
		rows = append(rows, r)
	}
	return rows
}
