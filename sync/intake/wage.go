package intake

import (
	"math"
	"regexp"
	"strings"

	"passerelle/store/posting"
)

// units are the words that tell a wage's unit, the more telling ones first where one
// holds another: "biweekly" holds "weekly".
var units = []struct {
	unit posting.Unit
	word string
}{
	{posting.Biweekly, "bi weekly"}, {posting.Biweekly, "biweekly"}, {posting.Biweekly, "every two weeks"},
	{posting.Biweekly, "deux semaines"}, {posting.Biweekly, "bimensuel"}, {posting.Biweekly, "bihebdomadaire"}, {posting.Biweekly, "quinzaine"},
	{posting.Hourly, "hour"}, {posting.Hourly, "heure"}, {posting.Hourly, "horaire"},
	{posting.Daily, "daily"}, {posting.Daily, "per day"}, {posting.Daily, "a day"}, {posting.Daily, "par jour"}, {posting.Daily, "day"}, {posting.Daily, "jour"},
	{posting.Weekly, "weekly"}, {posting.Weekly, "week"}, {posting.Weekly, "semaine"}, {posting.Weekly, "hebdomadaire"},
	{posting.Monthly, "month"}, {posting.Monthly, "mois"}, {posting.Monthly, "mensuel"},
	{posting.Yearly, "annual"}, {posting.Yearly, "year"}, {posting.Yearly, "per annum"}, {posting.Yearly, "annee"}, {posting.Yearly, "par an"}, {posting.Yearly, "annuel"},
	{posting.Piece, "per piece"}, {posting.Piece, "piece work"}, {posting.Piece, "piecework"}, {posting.Piece, "a la piece"}, {posting.Piece, "per sale"}, {posting.Piece, "par vente"},
}

// unit reads the unit that a phrase names first.
func unit(phrase string) posting.Unit {
	s := fold(phrase)
	best, at := posting.UnitUnknown, len(s)
	for _, u := range units {
		if i := strings.Index(s, u.word); i >= 0 && i < at {
			best, at = u.unit, i
		}
	}
	return best
}

var (
	dollars = regexp.MustCompile(`\$\s*(\d[\d\s,.\x{a0}\x{202f}]*)|(\d[\d\s,.\x{a0}\x{202f}]*)\$`)
	// variable finds the words of pay that no hours give.
	variable = regexp.MustCompile(`commission|piece|bonus|\bprimes?\b`)
)

// wageText reads a wage as people write it: amounts, unit, and whether it says more
// than those.
func wageText(s string) (w posting.Wage, more bool) {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" {
		return w, false
	}
	w.Unit = unit(s)
	for _, at := range dollars.FindAllStringSubmatchIndex(s, 4) {
		c, ok := cents(s[at[0]:at[1]])
		switch {
		case !ok || strings.Contains(s[:at[0]], "+"): // what is added to a wage is not its top
		case w.Min == 0:
			w.Min, w.Max = c, c
		default:
			w.Max = max(w.Max, c)
		}
	}
	if variable.MatchString(fold(s)) {
		w.Flags |= posting.WageCommission
	}
	rest := dollars.ReplaceAllString(s, " ")
	more = strings.Contains(rest, "+")
	for _, word := range strings.Fields(fold(rest)) {
		if unit(word) == "" && !has(" to a de per par l an bi the les aux deux every two weeks ", " "+word+" ") {
			more = true
		}
	}
	return w, more
}

// cents reads an amount in either language's writing: 1,234.50, 1 234,50, 29.591572.
func cents(s string) (int64, bool) {
	s = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "$", "").Replace(strings.TrimSpace(s))
	s = strings.TrimRight(s, ".,")
	comma, dot := strings.LastIndexByte(s, ','), strings.LastIndexByte(s, '.')
	switch {
	case comma >= 0 && dot > comma:
		s = strings.ReplaceAll(s, ",", "")
	case comma >= 0 && dot >= 0:
		s = strings.Replace(strings.ReplaceAll(s, ".", ""), ",", ".", 1)
	case comma >= 0 && len(s)-comma == 4: // a comma before three digits parts thousands
		s = strings.ReplaceAll(s, ",", "")
	case comma >= 0:
		s = strings.Replace(s, ",", ".", 1)
	}
	if s == "" || strings.Trim(s, "0123456789.") != "" || strings.Count(s, ".") > 1 {
		return 0, false
	}
	v := number(s) * 100
	if v < 0 || v > 1e9 { // ten million dollars
		return 0, false
	}
	return int64(math.Round(v)), true
}
