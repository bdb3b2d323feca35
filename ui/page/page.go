// Package page writes what leaves the program by a person's own hand: what a screen shows,
// as plain text, accessible HTML or PDF, for printers, scripts and people whom a window does
// not serve; their reminders for a calendar; and an application as a
// letter for their own mail program. Begin with [Posting], [Resume] or [Applications]; a
// [Page] is then written with Text, HTML or PDF. It knows no Fyne, and sends nothing.
package page

import (
	"bufio"
	"html/template"
	"io"
	"strings"

	"passerelle/i18n"
	"passerelle/ui/state"
)

// Page is a document: a title and blocks below it.
type Page struct {
	Lang   i18n.Lang
	Title  string
	Blocks []Block
	Foot   []string // where it comes from and how old it is
	// Wide is for one sheet across: what is printed shrinks until it fits, and where that is
	// not enough, [Page.Shorter] is printed. HTML and text say all.
	Wide    bool
	Shorter func() Page // the same with less said; nil: it cannot be
}

// Block is one of heading, paragraph, list, facts, link or table; the fields that are set say which.
type Block struct {
	Heading string
	Level   int       // of a heading, from 2
	Lang    i18n.Lang // when it differs from the page's (a posting in the other language)
	Text    string
	List    []string
	Facts   []state.Fact
	Link    Link
	Table   Table
}

// Table is rows under the names of their columns.
type Table struct {
	Columns []string
	Rows    [][]string
	Heads   bool // the first cell of a row is its head
}

// Link is an address with its words. It is written out in text, never followed.
type Link struct{ Text, URL string }

// Text writes the page for a terminal or a braille line: one fact a line, headings
// underlined, nothing drawn.
func (p Page) Text(w io.Writer) error {
	b := bufio.NewWriter(w)
	line := func(s string) { _, _ = b.WriteString(s + "\n") } // a failure comes back from Flush
	heading := func(s, mark string) {
		line(s)
		line(strings.Repeat(mark, len([]rune(s))))
	}
	heading(p.Title, "=")
	for _, bl := range p.Blocks {
		switch {
		case bl.Heading != "":
			line("")
			if bl.Level <= 2 {
				heading(bl.Heading, "-")
			} else {
				line(bl.Heading)
			}
		case bl.Text != "":
			line(bl.Text)
		case len(bl.List) > 0:
			for _, item := range bl.List {
				line("- " + item)
			}
		case len(bl.Facts) > 0:
			for _, f := range bl.Facts {
				line(f.Label + colon(p.Lang) + f.Value)
			}
		case bl.Link.URL != "":
			line(bl.Link.Text + colon(p.Lang) + bl.Link.URL)
		case len(bl.Table.Rows) > 0:
			for _, row := range bl.Table.Rows {
				line("")
				for i, cell := range row {
					if cell != "" && i < len(bl.Table.Columns) {
						line(bl.Table.Columns[i] + colon(p.Lang) + cell)
					} else if cell != "" {
						line(cell)
					}
				}
			}
		}
	}
	if len(p.Foot) > 0 {
		line("")
		for _, f := range p.Foot {
			line(f)
		}
	}
	return b.Flush()
}

// colon joins a label and its value as the language does.
func colon(l i18n.Lang) string {
	if l == i18n.French {
		return "\u00a0: "
	}
	return ": "
}

// HTML writes the page as HTML that a screen reader walks by headings and lists, that
// prints on paper and holds no script.
func (p Page) HTML(w io.Writer) error { return document.Execute(w, p) }

var document = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="{{.Lang}}-CA">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
body{font:16px/1.5 "Noto Sans",system-ui,sans-serif;color:#1a2027;background:#fff;max-width:44rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0 0 .5rem}h2{font-size:1.15rem;margin:1.5rem 0 .25rem;border-bottom:1px solid #d3dae2}h3{font-size:1rem;margin:1rem 0 .25rem}
dl{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.1rem 1rem;margin:.25rem 0}dt{color:#4b5765}dd{margin:0}
table{border-collapse:collapse;width:100%;margin:.25rem 0}th,td{text-align:left;vertical-align:top;padding:.2rem .75rem .2rem 0;border-bottom:1px solid #d3dae2}p,li,dd,th,td{white-space:pre-line}
a{color:#0b6b62}footer{margin-top:2rem;border-top:1px solid #d3dae2;color:#4b5765;font-size:.875rem}
@media print{body{margin:0;max-width:none}a{color:inherit}tr{break-inside:avoid}thead{display:table-header-group}}
{{- if .Wide}}
body{max-width:80rem}table{table-layout:fixed}@page{size:letter landscape;margin:1cm}@media print{body{font-size:7pt;line-height:1.2}h1{font-size:11pt}th,td{padding:.05rem .4rem .05rem 0}}
{{- end}}
</style>
</head>
<body>
<main>
<h1>{{.Title}}</h1>
{{- range .Blocks}}
{{- if .Heading}}{{if le .Level 2}}
<h2{{if .Lang}} lang="{{.Lang}}"{{end}}>{{.Heading}}</h2>{{else}}
<h3{{if .Lang}} lang="{{.Lang}}"{{end}}>{{.Heading}}</h3>{{end}}
{{- else if .Text}}
<p{{if .Lang}} lang="{{.Lang}}"{{end}}>{{.Text}}</p>
{{- else if .List}}
<ul{{if .Lang}} lang="{{.Lang}}"{{end}}>{{range .List}}
<li>{{.}}</li>{{end}}
</ul>
{{- else if .Facts}}
<dl>{{range .Facts}}
<dt>{{.Label}}</dt><dd>{{.Value}}</dd>{{end}}
</dl>
{{- else if .Link.URL}}
<p><a href="{{.Link.URL}}">{{.Link.Text}}</a></p>
{{- else if .Table.Rows}}{{$heads := .Table.Heads}}
<table>
<thead><tr>{{range .Table.Columns}}<th scope="col">{{.}}</th>{{end}}</tr></thead>
<tbody>{{range .Table.Rows}}
<tr>{{range $i, $cell := .}}{{if and $heads (eq $i 0)}}<th scope="row">{{$cell}}</th>{{else}}<td>{{$cell}}</td>{{end}}{{end}}</tr>{{end}}
</tbody>
</table>
{{- end}}{{end}}
</main>
<footer>{{range .Foot}}
<p>{{.}}</p>{{end}}
</footer>
</body>
</html>
`))
