package simtest

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

//go:embed mutants/*.txt
var mutants embed.FS

// Mutant is a fault that the histories must find: a text edit of the program, in the folder
// mutants. A file of it says what the fault is; then, after "--- " and a file of the program,
// each line of "-" and "+" as in a patch. What is replaced must stand there exactly once.
type Mutant struct {
	Name, About string
	edits       []edit
}

type edit struct{ file, from, to string }

// Mutants are all there are, by name.
func Mutants() (all []Mutant, err error) {
	files, err := mutants.ReadDir("mutants")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		b, err := mutants.ReadFile("mutants/" + f.Name())
		if err != nil {
			return nil, err
		}
		m := Mutant{Name: strings.TrimSuffix(f.Name(), ".txt")}
		about, rest, _ := strings.Cut(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n--- ")
		m.About = strings.Join(strings.Fields(about), " ")
		for _, part := range strings.Split(rest, "\n--- ") {
			lines := strings.Split(part, "\n")
			e := edit{file: strings.TrimSpace(lines[0])}
			for _, l := range lines[1:] {
				if from, ok := strings.CutPrefix(l, "-"); ok {
					e.from += from + "\n"
				} else if to, ok := strings.CutPrefix(l, "+"); ok {
					e.to += to + "\n"
				}
			}
			if e.file == "" || e.from == "" || e.from == e.to {
				return nil, fmt.Errorf("mutant %s edits nothing", m.Name)
			}
			m.edits = append(m.edits, e)
		}
		all = append(all, m)
	}
	return all, nil
}

// Plant gives the files that the mutant changes, as they are then, by their names in top.
func (m Mutant) Plant(top string) (map[string]string, error) {
	planted := map[string]string{}
	for _, e := range m.edits {
		text, ok := planted[e.file]
		if !ok {
			b, err := os.ReadFile(filepath.Join(top, filepath.FromSlash(e.file)))
			if err != nil {
				return nil, fmt.Errorf("mutant %s: %w", m.Name, err)
			}
			text = strings.ReplaceAll(string(b), "\r\n", "\n")
		}
		if n := strings.Count(text, e.from); n != 1 {
			return nil, fmt.Errorf("mutant %s: what it replaces stands %d times in %s, not once:\n%s", m.Name, n, e.file, e.from)
		}
		planted[e.file] = strings.Replace(text, e.from, e.to, 1)
	}
	return planted, nil
}
