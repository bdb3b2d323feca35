// Command gen writes the tables of store/occupation from the published files in the
// folder that PASSERELLE_DATA names: codes, titles and ties between codes, and nothing
// that is a sentence. The same files always give the same bytes.
package main

import (
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"passerelle/store/occupation"
	"passerelle/store/pack"
)

func main() {
	data, dir := os.Getenv("PASSERELLE_DATA"), "data"
	if len(os.Args) > 1 {
		dir = os.Args[1]
	}
	if err := run(data, dir); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(data, dir string) error {
	if data == "" {
		return errors.New("PASSERELLE_DATA is not set: it names the folder of the published files")
	}
	groups, err := structure(data)
	if err != nil {
		return err
	}
	ties, err := concordance(data)
	if err != nil {
		return err
	}
	related, err := relatives(data)
	if err != nil {
		return err
	}
	copies, err := versions(data)
	if err != nil {
		return err
	}
	en, fr, err := titles(data)
	if err != nil {
		return err
	}
	pairs, err := aligned(data, en, fr)
	if err != nil {
		return err
	}
	enLines, enWhole := number(en)
	frLines, frWhole := number(fr)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, f := range []struct {
		name  string
		lines []string
	}{
		{"groups", slices.Concat(groups, ties, related, copies, pairs)},
		{"en", enLines},
		{"fr", frLines},
		{"en-whole", enWhole},
		{"fr-whole", frWhole},
	} {
		packed := pack.Compress([]byte(strings.Join(f.lines, "\n") + "\n"))
		if err := os.WriteFile(filepath.Join(dir, f.name+".zst"), packed, 0o644); err != nil {
			return err
		}
		fmt.Printf("%s: %d lines, %d bytes\n", f.name, len(f.lines), len(packed))
	}
	return nil
}

// structure gives "c CODE EN FR" for every code of the five levels.
func structure(data string) ([]string, error) {
	var out []string
	err := rows(data, "structure.csv", func(get func(string) string) error {
		out = append(out, strings.Join([]string{"c", get("code"), get("title_en"), get("title_fr")}, "\t"))
		return nil
	})
	slices.Sort(out)
	return out, err
}

// concordance gives "2 NOC2016 NOC2021" for every pair.
func concordance(data string) ([]string, error) {
	var out []string
	err := rows(data, "noc2016_to_noc2021.csv", func(get func(string) string) error {
		out = append(out, strings.Join([]string{"2", get("noc2016"), get("noc2021")}, "\t"))
		return nil
	})
	slices.Sort(out)
	return slices.Compact(out), err
}

// senior are the unit groups that some sources publish as one, under merged.
var senior = []string{"00011", "00012", "00013", "00014", "00015"}

const merged = "00018"

// relatives gives "r CODE OTHER" for every tie, the merged code written out.
func relatives(data string) ([]string, error) {
	f, err := os.Open(filepath.Join(data, "noc", "related_occupations.csv"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("related_occupations.csv: %w", err)
	}
	each := func(code string) []string {
		if code == merged {
			return senior
		}
		return []string{code}
	}
	var out []string
	for _, r := range records {
		for _, a := range each(strings.TrimSpace(r[0])) {
			for _, b := range each(strings.TrimSpace(r[1])) {
				if a != b {
					out = append(out, "r\t"+a+"\t"+b)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// versions gives "v FILE VERSION" for the files whose publisher gives no version: the
// first digits of the SHA-256 of the copy.
func versions(data string) ([]string, error) {
	var out []string
	for _, name := range []string{"federal_title_pairs", "related_occupations"} {
		b, err := os.ReadFile(filepath.Join(data, "noc", name+".csv"))
		if err != nil {
			return nil, err
		}
		out = append(out, fmt.Sprintf("v\t%s\t%.6x", name, sha256.Sum256(b)))
	}
	return out, nil
}

// line is one title as the tables hold it. Marks: '+' an illustrative title, '-' any
// other index title, 'v' another way to write one (initials written out or alone, brackets
// left out), 'f' a title of the federal government. whole is the title as published,
// with both genders and with brackets.
type line struct {
	fold, code, title, whole string
	mark                     byte
}

func titles(data string) (en, fr []line, err error) {
	var e, f []line
	for _, l := range []struct {
		file string
		to   *[]line
	}{{"titles_en.csv", &e}, {"titles_fr.csv", &f}} {
		if err := rows(data, l.file, func(get func(string) string) error {
			mark := byte('-')
			if get("illustrative") == "1" {
				mark = '+'
			}
			add(l.to, get("noc_code"), get("title"), mark)
			return nil
		}); err != nil {
			return nil, nil, err
		}
	}
	if err := rows(data, "federal_title_pairs.csv", func(get func(string) string) error {
		add(&e, get("noc2021"), get("title_en"), 'f')
		add(&f, get("noc2021"), get("title_fr"), 'f')
		return nil
	}); err != nil {
		return nil, nil, err
	}
	return write(e), write(f), nil
}

func add(to *[]line, code, title string, mark byte) {
	title = strings.Join(strings.Fields(title), " ")
	for _, half := range occupation.Halves(title) {
		if r := []rune(half); unicode.IsUpper([]rune(title)[0]) && unicode.IsLower(r[0]) {
			half = string(unicode.ToUpper(r[0])) + string(r[1:]) // the second half opens a title too
		}
		*to = append(*to, line{occupation.Fold(half), code, half, title, mark})
		for _, v := range variants(half) {
			*to = append(*to, line{occupation.Fold(v), code, v, title, 'v'})
		}
	}
}

var bracket = regexp.MustCompile(` ?\(([^()]*)\)`)

// variants writes a title with brackets in its other ways: "Early childhood educator
// (ECE)" is also said without the brackets, and as "ECE".
func variants(title string) []string {
	m := bracket.FindStringSubmatchIndex(title)
	if m == nil {
		return nil
	}
	before, inside, after := title[:m[0]], title[m[2]:m[3]], title[m[1]:]
	out := []string{before + after}
	if n := initials(before, inside); n >= 0 {
		// The short form stands where the long one did: "IT consultant", without capitals lost.
		if alone := strings.TrimSpace(before[:n]+after) == ""; !alone || len(inside) > 2 {
			out = append(out, strings.TrimSpace(before[:n]+inside+after))
		}
	}
	return out
}

// initials says where in before the words begin whose initials are short, or −1.
func initials(before, short string) int {
	letters := occupation.Fold(strings.ReplaceAll(short, ".", ""))
	if len(letters) < 2 || len(letters) > 6 || strings.ContainsRune(letters, ' ') ||
		strings.ToUpper(short) != short || strings.IndexFunc(short, unicode.IsLetter) < 0 {
		return -1
	}
	at, left := len(before), letters
	for left != "" && at > 0 {
		cut := strings.LastIndexFunc(strings.TrimRight(before[:at], " -'’"), func(r rune) bool {
			return r == ' ' || r == '-' || r == '\'' || r == '’'
		}) + 1
		word := occupation.Fold(before[cut:at])
		switch {
		case word != "" && word[0] == left[len(left)-1]:
			left = left[:len(left)-1]
		case word == "" || len(word) <= 3: // "technologies de l'information (TI)"
		default:
			return -1
		}
		at = cut
	}
	if left != "" {
		return -1
	}
	return at
}

// write sorts titles by their folded form and drops those that stand twice; of two
// equal ones the index title stays rather than the federal one or the variant.
func write(ls []line) []line {
	rank := func(m byte) int { return strings.IndexByte("+-vf", m) }
	slices.SortFunc(ls, func(a, b line) int {
		if c := strings.Compare(a.fold, b.fold); c != 0 {
			return c
		}
		if c := strings.Compare(a.code, b.code); c != 0 {
			return c
		}
		if c := rank(a.mark) - rank(b.mark); c != 0 {
			return c
		}
		if c := strings.Compare(a.title, b.title); c != 0 {
			return c
		}
		return strings.Compare(a.whole, b.whole)
	})
	return slices.CompactFunc(ls, func(a, b line) bool { return a.fold == b.fold && a.code == b.code })
}

// number writes the lines of one language, "CODE MARK TITLE" without spaces, and after a
// tab the number of the whole title, from 1, where that is something else; then those.
func number(ls []line) (lines, wholes []string) {
	numbers := map[string]int{}
	for _, l := range ls {
		s := l.code + string(l.mark) + l.title
		if l.whole != l.title && l.mark != 'f' {
			n, ok := numbers[l.whole]
			if !ok {
				wholes = append(wholes, l.whole)
				n = len(wholes)
				numbers[l.whole] = n
			}
			s += "\t" + strconv.Itoa(n)
		}
		lines = append(lines, s)
	}
	return lines, wholes
}

// aligned gives "p CODE EN FR" for the federal pairs of which both sides are index titles
// of the same unit group: as the index writes them, for the federal wording is its own.
func aligned(data string, en, fr []line) ([]string, error) {
	whole := func(ls []line) map[string]string {
		m := map[string]string{}
		for _, l := range ls {
			if l.mark != 'f' {
				m[l.code+l.fold] = l.whole
			}
		}
		return m
	}
	ens, frs := whole(en), whole(fr)
	find := func(m map[string]string, code, title string) string {
		for _, half := range occupation.Halves(title) {
			if w, ok := m[code+occupation.Fold(half)]; ok {
				return w
			}
		}
		return ""
	}
	var out []string
	err := rows(data, "federal_title_pairs.csv", func(get func(string) string) error {
		code := get("noc2021")
		e, f := find(ens, code, get("title_en")), find(frs, code, get("title_fr"))
		if e != "" && f != "" {
			out = append(out, strings.Join([]string{"p", code, e, f}, "\t"))
		}
		return nil
	})
	slices.Sort(out)
	return slices.Compact(out), err
}

// rows reads a file with a header row; get gives the field of a column.
func rows(data, name string, yield func(get func(string) string) error) error {
	b, err := os.ReadFile(filepath.Join(data, "noc", name))
	if err != nil {
		return err
	}
	records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(b), "\ufeff"))).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(records) == 0 {
		return fmt.Errorf("%s: empty", name)
	}
	column := map[string]int{}
	for i, h := range records[0] {
		column[strings.TrimSpace(h)] = i
	}
	for n, r := range records[1:] {
		var missing string
		get := func(h string) string {
			i, ok := column[h]
			if !ok || i >= len(r) {
				missing = h
				return ""
			}
			return strings.TrimSpace(r[i])
		}
		if err := yield(get); err != nil {
			return fmt.Errorf("%s row %d: %w", name, n+2, err)
		}
		if missing != "" {
			return fmt.Errorf("%s row %d: no column %q", name, n+2, missing)
		}
	}
	return nil
}
