// Command gen writes tables.zst of store/place from the facts under PASSERELLE_DATA:
// run it by go generate ./store/place. It keeps facts only (codes, names, numbers,
// coordinates, zones), in a form of our own.
package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"passerelle/store/pack"
)

func main() {
	log.SetFlags(0)
	data := os.Getenv("PASSERELLE_DATA")
	if data == "" {
		log.Fatal("PASSERELLE_DATA is not set: it names the folder of source facts")
	}
	table, err := build(filepath.Join(data, "gazetteer"))
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("tables.zst", pack.Compress(table), 0o644); err != nil {
		log.Fatal(err)
	}
}

// build gives the table: one line a fact, fields apart by tabs, the kind first.
//
//	v source hash rows      the edition that each part was built from
//	p code fr en            province, in the order of Statistics Canada
//	r id province fr en     economic region
//	c name province zone population lat lng
//	f fsa province place city lat lng
func build(dir string) ([]byte, error) {
	var out bytes.Buffer
	line := func(fields ...string) {
		out.WriteString(strings.Join(fields, "\t"))
		out.WriteByte('\n')
	}

	provinces, hash, err := read(dir, "provinces.csv", "pruid", "code", "name_en", "name_fr")
	if err != nil {
		return nil, err
	}
	line("v", "provinces", hash, strconv.Itoa(len(provinces)))
	for _, r := range provinces {
		line("p", r["code"], r["name_fr"], r["name_en"])
	}

	regions, hash, err := read(dir, "economic_regions_2016.csv", "eruid", "province", "name_en", "name_fr")
	if err != nil {
		return nil, err
	}
	line("v", "regions", hash, strconv.Itoa(len(regions)))
	for _, r := range regions {
		line("r", r["eruid"], r["province"], dash(r["name_fr"]), dash(r["name_en"]))
	}

	cities, hash, err := read(dir, "cities.csv", "name", "province", "lat", "lng", "population", "timezone", "fsas")
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(cities, func(a, b map[string]string) int {
		return cmp.Or(number(b["population"])-number(a["population"]),
			cmp.Compare(a["province"], b["province"]), cmp.Compare(a["name"], b["name"]))
	})
	line("v", "cities", hash, strconv.Itoa(len(cities)))
	serving := map[string][]map[string]string{} // FSA → the cities that list it
	for _, r := range cities {
		r["name"] = dash(r["name"])
		if r["name"] == "Quebec City" {
			r["name"] = "Québec"
		}
		line("c", r["name"], r["province"], zone(r["province"], r["timezone"]), strconv.Itoa(number(r["population"])), r["lat"], r["lng"])
		for _, f := range strings.Fields(r["fsas"]) {
			serving[f+r["province"]] = append(serving[f+r["province"]], r)
		}
	}

	rows, hash, err := read(dir, "fsa_geonames.csv", "fsa", "place", "province", "lat", "lng", "accuracy")
	if err != nil {
		return nil, err
	}
	areas := merge(rows)
	line("v", "fsa", hash, strconv.Itoa(len(areas)))
	for _, a := range areas {
		line("f", a.fsa, a.province, a.place, a.city(serving[a.fsa+a.province]), coordinate(a.lat), coordinate(a.lng))
	}
	return out.Bytes(), nil
}

// area is a forward sortation area.
type area struct {
	fsa, province, place string
	lat, lng             float64
}

// merge gives one area a code, in the order of the codes. A code that stands several
// times (L9X, C0A) keeps the mean of its rows of the best accuracy, and the place of
// the first of them. H0H is no place where anyone works: its coordinates are the pole's.
func merge(rows []map[string]string) []area {
	by := map[string][]map[string]string{}
	var codes []string
	for _, r := range rows {
		if lat, _ := strconv.ParseFloat(r["lat"], 64); lat > 84 {
			continue
		}
		if by[r["fsa"]] == nil {
			codes = append(codes, r["fsa"])
		}
		by[r["fsa"]] = append(by[r["fsa"]], r)
	}
	slices.Sort(codes)
	var areas []area
	for _, code := range codes {
		best := 0
		for _, r := range by[code] {
			best = max(best, number(r["accuracy"]))
		}
		var a area
		var n float64
		for _, r := range by[code] {
			if number(r["accuracy"]) != best {
				continue
			}
			if n == 0 {
				a = area{fsa: code, province: r["province"], place: strings.ReplaceAll(r["place"], "þ", "ç")} // one name came through a wrong code page
			}
			lat, _ := strconv.ParseFloat(r["lat"], 64)
			lng, _ := strconv.ParseFloat(r["lng"], 64)
			a.lat, a.lng, n = a.lat+lat, a.lng+lng, n+1
		}
		a.lat, a.lng = a.lat/n, a.lng/n
		areas = append(areas, a)
	}
	return areas
}

// city is the name of the nearest city that lists the area, or nothing.
func (a area) city(cities []map[string]string) string {
	name, least := "", 0.0
	for _, r := range cities {
		lat, _ := strconv.ParseFloat(r["lat"], 64)
		lng, _ := strconv.ParseFloat(r["lng"], 64)
		dy, dx := lat-a.lat, (lng-a.lng)*0.65 // a degree east is about 0.65 of one north at 49°
		if d := dy*dy + dx*dx; name == "" || d < least {
			name, least = r["name"], d
		}
	}
	return name
}

// zone gives today's name of a zone. The source holds names that the tz database has
// retired, and takes a few border towns for their neighbours'.
func zone(province, z string) string {
	switch province {
	case "NB":
		return "America/Moncton"
	case "NS":
		return "America/Halifax"
	}
	switch z {
	case "America/Montreal", "America/Thunder_Bay", "America/Nipigon", "America/Detroit":
		return "America/Toronto"
	case "America/Pangnirtung":
		return "America/Iqaluit"
	case "America/Swift_Current":
		return "America/Regina"
	}
	return z
}

// dash writes the double hyphen between two names as the en dash it stands for.
func dash(s string) string { return strings.ReplaceAll(s, "--", "–") }

func number(s string) int {
	v, _ := strconv.ParseFloat(strings.ReplaceAll(s, ",", ""), 64)
	return int(v)
}

func coordinate(v float64) string { return strconv.FormatFloat(v, 'f', 4, 64) }

// read gives the rows of a file by column name, and 12 digits of its SHA-256. A missing
// column, or a tab or line end in a value, is an error.
func read(dir, name string, columns ...string) ([]map[string]string, string, error) {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil, "", err
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(b))[:12]
	all, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff")))).ReadAll()
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", name, err)
	}
	if len(all) == 0 {
		return nil, "", fmt.Errorf("%s: no header", name)
	}
	head := all[0]
	for _, c := range columns {
		if !slices.Contains(head, c) {
			return nil, "", fmt.Errorf("%s: no column %q", name, c)
		}
	}
	var rows []map[string]string
	for i, rec := range all[1:] {
		r := map[string]string{}
		for j, v := range rec {
			if strings.ContainsAny(v, "\t\n") {
				return nil, "", fmt.Errorf("%s row %d: tab or line end in %q", name, i+2, head[j])
			}
			r[head[j]] = strings.TrimSpace(v)
		}
		rows = append(rows, r)
	}
	return rows, sum, nil
}
