package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"passerelle/store/pack"
)

// The table in the program is the one that the facts give.
func TestTableIsCurrent(t *testing.T) {
	data := os.Getenv("PASSERELLE_DATA")
	if data == "" {
		t.Skip("PASSERELLE_DATA is not set: the source facts are not at hand")
	}
	table, err := build(filepath.Join(data, "gazetteer"))
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("../tables.zst")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, pack.Compress(table)) {
		t.Error("tables.zst differs from what its sources give: run go generate ./store/place")
	}
}

// fixture is a folder with the flaws of the real files.
func fixture(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	all := map[string]string{
		"provinces.csv":             "pruid,code,name_en,name_fr\n24,QC,Quebec,Québec\n",
		"economic_regions_2016.csv": "eruid,province,name_en,name_fr\n2475,QC,Saguenay--Lac-Saint-Jean,Saguenay--Lac-Saint-Jean\n",
		"cities.csv":                "name,ascii_name,province,lat,lng,population,timezone,fsas\nPetit,Petit,QC,48,-70,10,America/Montreal,\nQuebec City,Quebec City,QC,46.8,-71.2,500,America/Montreal,G1A G1B\n",
		"fsa_geonames.csv":          "fsa,place,province,lat,lng,accuracy\nG1B,B,QC,46.0,-71.0,4\nH0H,Pole,QC,90,0,\nG1B,A,QC,47.0,-72.0,4\nG1B,C,QC,10.0,-10.0,1\nG1A,A,QC,46.5,-71.5,\n",
	}
	for name, text := range files {
		all[name] = text
	}
	for name, text := range all {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
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
		"r\t2475\tQC\tSaguenay–Lac-Saint-Jean\tSaguenay–Lac-Saint-Jean\n", // en dash
		"c\tQuébec\tQC\tAmerica/Toronto\t500\t46.8\t-71.2\nc\tPetit\t",    // its own name, today's zone, most populous first
		"f\tG1A\tQC\tA\tQuébec\t46.5000\t-71.5000\n",                      // no accuracy is kept
		"f\tG1B\tQC\tB\tQuébec\t46.5000\t-71.5000\n",                      // a repeated code: the mean of the most accurate
	} {
		if !bytes.Contains(table, []byte(want)) {
			t.Errorf("build lacks %q in:\n%s", want, table)
		}
	}
	if bytes.Contains(table, []byte("H0H")) {
		t.Errorf("build kept the pole:\n%s", table)
	}
}

func TestBuildRefuses(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"missing column": {"provinces.csv": "pruid,code,name_en\n24,QC,Quebec\n"},
		"empty file":     {"fsa_geonames.csv": ""},
		"tab in a name":  {"provinces.csv": "pruid,code,name_en,name_fr\n24,QC,Que\tbec,Québec\n"},
	} {
		if _, err := build(fixture(t, files)); err == nil {
			t.Errorf("build with %s gave no error", name)
		}
	}
}
