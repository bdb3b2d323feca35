package i18n

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

const (
	nbsp = "\u00a0"
)

// formats writes numbers the way a language writes them in Canada
// 1 234,50 $ and $1,234.50; dates are 2026-11-22 in both).
type formats struct {
	tag     language.Tag
	printer *message.Printer
	french  bool
}

func newFormats(l Lang) formats {
	tag := language.Make(string(l) + "-CA")
	return formats{tag: tag, printer: message.NewPrinter(tag), french: l == French}
}

// Number writes a whole number with its thousands apart.
func (w *Words) Number(n int) string {
	s := w.form.printer.Sprintf("%d", n)
	return strings.NewReplacer("\u202f", nbsp, " ", nbsp).Replace(s)
}

// Decimal writes a number with the given count of decimals.
func (w *Words) Decimal(v float64, decimals int) string {
	s := w.form.printer.Sprintf("%.*f", decimals, v)
	return strings.NewReplacer("\u202f", nbsp, " ", nbsp).Replace(s)
}

// Money writes an amount of cents: 1 234,50 $ or $1,234.50. Whole thousands of
// dollars (yearly wages) still show their cents: use [Words.Dollars] to leave them out.
func (w *Words) Money(cents int64) string {
	v := w.Decimal(float64(cents)/100, 2)
	if w.form.french {
		return v + nbsp + "$"
	}
	return "$" + v
}

// Dollars writes an amount of cents as whole dollars: 52 000 $ or $52,000.
func (w *Words) Dollars(cents int64) string {
	v := w.Number(int((cents + 50) / 100))
	if w.form.french {
		return v + nbsp + "$"
	}
	return "$" + v
}

// Date writes a day as 2026-11-22, in both languages.
func (w *Words) Date(t time.Time) string { return t.Format("2006-01-02") }

// Clock writes an hour and minute: 06 h 10 or 06:10.
func (w *Words) Clock(t time.Time) string {
	if w.form.french {
		return fmt.Sprintf("%02d%sh%s%02d", t.Hour(), nbsp, nbsp, t.Minute())
	}
	return t.Format("15:04")
}

// Bytes writes a size: 1,4 Mo or 1.4 MB (powers of 1,000).
func (w *Words) Bytes(n int64) string {
	units := []string{"B", "kB", "MB", "GB"}
	if w.form.french {
		units = []string{"o", "ko", "Mo", "Go"}
	}
	v, i := float64(n), 0
	for v >= 999.5 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	d := 0
	if i > 0 && v < 10 {
		d = 1
	}
	return w.Decimal(v, d) + nbsp + units[i]
}

// Less orders two strings as a dictionary of the language does (é beside e, œ as oe).
func (w *Words) Less() func(a, b string) bool {
	c := collate.New(w.form.tag, collate.IgnoreCase)
	return func(a, b string) bool { return c.CompareString(a, b) < 0 }
}
