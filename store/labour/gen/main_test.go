package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"passerelle/store/pack"
)

// The table in the program is the one that the figures give.
func TestTableIsCurrent(t *testing.T) {
	data := os.Getenv("PASSERELLE_DATA")
	if data == "" {
		t.Skip("PASSERELLE_DATA is not set: the source figures are not at hand")
	}
	table, err := build(data)
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("../tables.zst")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, pack.Compress(table)) {
		t.Error("tables.zst differs from what its sources give: run go generate ./store/labour")
	}
}

const summary = "Code,Employment_emploi_2023,Employment_Growth_croissance_emploi,Total_Job_Openings_Perspective_d'emploi,Job_Seekers_Chercheurs_emploi,Recent_Labour_Market_Conditions,Future_Labour_Market_Conditions\n"

// fixture is a folder with the flaws of the real files, small.
func fixture(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	all := map[string]string{
		"wages/national_2025.csv": "noc,published_unit,low_hourly,median_hourly,high_hourly,low_annual,median_annual,high_annual\n" +
			"10000,hourly,20.00,30.5,40.00,41600,63440,83200\n10001,annual,,,,32867.0,84000.0,184000.0\n10002,,,,,,,\n",
		"wages/bc_2025.csv": "noc,low,median,high,unit\n00018,,,,\n10000,37.5,57.69,96.15,hourly\n10003,,44400,,annual\n",
		"outlook/cops/summary_sommaire_2024_2033_noc2021.csv": "\ufeff" + summary +
			"00000,\"20,170,900\",2589900,8109100,\"8,238,800\",N/A,N/A\nTEER_0,1,1,1,1,N/A,N/A\n" +
			"10000,\"1,000\",\"1,000\",\"2,500\",\"1,200\",Balance,Strong risk of Shortage\n10001,N/A,N/A,N/A,N/A,N/A,N/A\n",
		"outlook/bc_regional_2025_2035.csv": "noc,bc_region,employment,avg_annual_growth_pct_10y,job_openings_10y\n" +
			"10000,Cariboo,60,1.0999999999999999,20\n10000,North Coast & Nechako,,,\n",
		"min-wage/minimum_wage_2023-2026_compiled.csv": "jurisdiction,effective_date,hourly_rate,source\nQC,2023-05-01,15.25,https://www.example.org/a/b?c\n",
		"min-wage/min_wages_canada_prov_1965-2020.csv": "Jurisdiction,Year,avg_wage,median_wage,Abbreviation\nQuebec,2019,12.38,12.5,QC\n",
	}
	for name, text := range files {
		all[name] = text
	}
	for name, text := range all {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestBuildFlaws(t *testing.T) {
	table, err := build(fixture(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"w\tCA\t10000\th\t2000\t3050\t4000\n",
		"w\tCA\t10001\ty\t3286700\t8400000\t18400000\n",
		"w\tBC\t10003\ty\t\t4440000\t\n",
		"o\t10000\tbalance\tstrong_shortage\t2500\t1200\t7.18\n", // doubled in ten years
		"g\t5950\t10000\t60\t1.10\t20\n",
		"g\t5960+5970\t10000\t\t\t\n",
		"m\tQC\t2023-05-01\t2024-04-30\t1525\texample.org\n",
	} {
		if !strings.Contains(string(table), want) {
			t.Errorf("build lacks %q in:\n%s", want, table)
		}
	}
	for _, none := range []string{"10002", "00018", "o\t00000", "TEER", "o\t10001", "12.38", "1238", "1250", "2019"} {
		if strings.Contains(string(table), none) {
			t.Errorf("build kept %q in:\n%s", none, table)
		}
	}
}

func TestBuildRefuses(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"missing column":    {"wages/bc_2025.csv": "noc,low\n10000,1\n"},
		"empty file":        {"wages/national_2025.csv": ""},
		"unknown unit":      {"wages/bc_2025.csv": "noc,low,median,high,unit\n10000,1,2,3,fortnightly\n"},
		"unknown condition": {"outlook/cops/summary_sommaire_2024_2033_noc2021.csv": summary + "10000,1,1,1,1,Balance,Rosy\n"},
		"unknown region":    {"outlook/bc_regional_2025_2035.csv": "noc,bc_region,employment,avg_annual_growth_pct_10y,job_openings_10y\n10000,Atlantis,1,1,1\n"},
		"figure in words":   {"wages/bc_2025.csv": "noc,low,median,high,unit\n10000,ten,2,3,hourly\n"},
		"date in words":     {"min-wage/minimum_wage_2023-2026_compiled.csv": "jurisdiction,effective_date,hourly_rate,source\nQC,soon,15.25,x\n"},
	} {
		if _, err := build(fixture(t, files)); err == nil {
			t.Errorf("build with %s gave no error", name)
		}
	}
}

// Each rule of how long a rate is known, alone.
func TestKnown(t *testing.T) {
	type row struct{ area, day, source string }
	for _, c := range []struct {
		name string
		rows []row
		want []string // area from–until
	}{
		{"a year at most", []row{{"QC", "2023-05-01", ""}, {"QC", "2025-05-01", ""}}, []string{"QC 2023-05-01 2024-04-30", "QC 2025-05-01 2026-04-30"}},
		{"the next row comes sooner", []row{{"QC", "2023-05-01", ""}, {"QC", "2023-08-15", ""}}, []string{"QC 2023-05-01 2023-08-14", "QC 2023-08-15 2024-04-30"}},
		{"two seasons", []row{{"NS", "2023-10-01", ""}, {"NS", "2026-04-01", ""}}, []string{"NS 2023-10-01 2024-03-31", "NS 2026-04-01 2026-09-30"}},
		{"seasons of others do not count", []row{{"NS", "2023-10-01", ""}, {"QC", "2026-04-01", ""}}, []string{"NS 2023-10-01 2024-09-30", "QC 2026-04-01 2027-03-31"}},
		{"a later report vouches", []row{{"AB", "2018-10-01", "x (2025-09-23)"}}, []string{"AB 2018-10-01 2025-09-23"}},
		{"an earlier report does not shorten", []row{{"AB", "2025-10-01", "x (2025-09-23)"}}, []string{"AB 2025-10-01 2026-09-30"}},
		{"a report never outlasts the next row", []row{{"AB", "2018-10-01", "x (2025-09-23)"}, {"AB", "2020-01-01", ""}}, []string{"AB 2018-10-01 2019-12-31", "AB 2020-01-01 2020-09-30"}},
		{"date from memory", []row{{"NU", "2025-09-01", "x (2025-09-23) (date from memory)"}}, []string{"NU 2025-09-23 2026-08-31"}},
		{"date from memory and no report", []row{{"NU", "2025-09-01", "x (date from memory)"}}, nil},
		{"projected", []row{{"CA", "2025-04-01", ""}, {"CA", "2026-04-01", "x (stated as projected)"}}, []string{"CA 2025-04-01 2026-03-31"}},
		{"a leap day", []row{{"QC", "2024-02-29", ""}}, []string{"QC 2024-02-29 2025-02-28"}},
	} {
		var rates []rate
		for _, r := range c.rows {
			d, err := time.Parse(time.DateOnly, r.day)
			if err != nil {
				t.Fatal(err)
			}
			rates = append(rates, rate{area: r.area, effective: d, source: r.source})
		}
		var got []string
		for _, r := range known(rates) {
			got = append(got, r.area+" "+r.from.Format(time.DateOnly)+" "+r.until.Format(time.DateOnly))
		}
		if strings.Join(got, "; ") != strings.Join(c.want, "; ") {
			t.Errorf("%s: known %q, want %q", c.name, got, c.want)
		}
	}
}
