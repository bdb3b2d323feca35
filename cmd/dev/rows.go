package main

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

// table is the requirement rows, one a line: id, tab, one short sentence of ours.
//
//go:embed rows.tsv
var table string

type rowsOptions struct {
	missing bool
	issue   string
}

var rowsLine = regexp.MustCompile(`(?m)^Rows: (.+)$`)

// rows prints each requirement row with the tests whose doc comment names it
// ("Rows: A-016, X-012"), and counts. A test that names a row the table does not hold
// is an error.
func rows(w io.Writer, top string, o rowsOptions) error {
	shown, err := rowsShown(top)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	covered, total := 0, 0
	for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
		id, says, ok := strings.Cut(line, "\t")
		if !ok {
			return fmt.Errorf("rows.tsv: no tab in %q", line)
		}
		known[id] = true
		if !strings.HasPrefix(id, o.issue) {
			continue
		}
		total++
		tests := shown[id]
		if len(tests) > 0 {
			covered++
			if o.missing {
				continue
			}
		}
		fmt.Fprintf(w, "%-6s %s\n", id, says)
		for _, t := range tests {
			fmt.Fprintf(w, "       ✓ %s\n", t)
		}
	}
	fmt.Fprintf(w, "\n%d rows, %d shown by a test, %d not yet\n", total, covered, total-covered)
	var stray []string
	for id, tests := range shown {
		if !known[id] {
			stray = append(stray, id+" ("+tests[0]+")")
		}
	}
	if len(stray) > 0 {
		sort.Strings(stray)
		return fmt.Errorf("tests name rows that rows.tsv does not hold: %s", strings.Join(stray, ", "))
	}
	return nil
}

// rowsShown reads every test of the house and gives, for each row, "dir.TestName".
func rowsShown(top string) (map[string][]string, error) {
	shown := map[string][]string{}
	fset := token.NewFileSet()
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != top && (strings.HasPrefix(d.Name(), ".") || d.Name() == "bin" || d.Name() == "out") {
			return filepath.SkipDir
		}
		walks := filepath.Base(filepath.Dir(path)) == "e2e"
		if d.IsDir() || !strings.HasSuffix(path, ".go") || !walks && !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		dir, _ := filepath.Rel(top, filepath.Dir(path))
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Doc == nil {
				continue
			}
			for _, m := range rowsLine.FindAllStringSubmatch(fn.Doc.Text(), -1) {
				for _, id := range strings.FieldsFunc(m[1], func(r rune) bool { return r == ',' || r == ' ' }) {
					id = strings.TrimSuffix(id, ".")
					shown[id] = append(shown[id], filepath.ToSlash(dir)+"."+fn.Name.Name)
				}
			}
		}
		return nil
	})
	return shown, err
}
