package intake

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"passerelle/i18n"
	"passerelle/store/posting"
)

// fold brings a phrase to the form in which it is compared: lower case, no accents, no
// punctuation, one space.
func fold(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			if r == 'œ' {
				b.WriteString("oe")
			} else {
				b.WriteRune(r)
			}
		default:
			gap = true
		}
	}
	return b.String()
}

// has says whether a folded phrase contains one of some words.
func has(s string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

// education reads a level of education in words of either language. The order of the
// tests matters: a "non-university certificate" is not of a university, and
// «postsecondaire» holds «secondaire».
func education(phrase string) (posting.Education, bool) {
	switch s := fold(phrase); {
	case has(s, "no degree", "aucun diplome", "not required", "non requis", "aucune etude", "no education", "aucune scolarite"):
		return posting.EduNone, true
	case has(s, "master", "maitrise", "doctora", "earned doctor", "ph d", "in medicine", "en medecine",
		"above bachelor", "superieur au baccalaureat", "professional degree"):
		return posting.EduGraduate, true
	case has(s, "college", "cegep", "non university", "non universitaire", "postsecond", "post second", "associate degree"):
		return posting.EduCollege, true
	case has(s, "bachelor", "baccalaureat", "universit"):
		return posting.EduUniversity, true
	case has(s, "trade", "apprentic", "metier", "apprentissage", "vocational", "professionnelle", "journeyman", "compagnon"):
		return posting.EduTrade, true
	case has(s, "secondary", "secondaire", "high school"):
		return posting.EduSecondary, true
	}
	return 0, false
}

var spans = regexp.MustCompile(`(\d+)(?: (month|mois|moi|year|annee|an))?`)

// experience reads an amount of experience in words of either language.
func experience(phrase string) (posting.Experience, bool) {
	s := fold(phrase)
	switch {
	case has(s, "will train", "formation offerte", "formation donnee", "no experience", "aucune experience", "sans experience", "not required", "non requis"):
		return posting.ExpNone, true
	case has(s, "asset", "atout"):
		return posting.ExpAsset, true
	}
	all := spans.FindAllStringSubmatch(s, 3)
	if len(all) == 0 {
		return 0, false
	}
	n, _ := strconv.Atoi(all[0][1])
	unit := ""
	for _, m := range all { // "1 to less than 7 months" names its unit once
		if unit = m[2]; unit != "" {
			break
		}
	}
	switch unit {
	case "month", "mois", "moi":
		return months(n), true
	case "year", "annee", "an":
		return months(min(n, 100) * 12), true
	}
	return 0, false
}

// months is the experience that a least number of months stands for.
func months(n int) posting.Experience {
	switch {
	case n <= 0:
		return posting.ExpUnknown
	case n < 7:
		return posting.ExpMonths
	case n < 12:
		return posting.ExpHalfYear
	case n < 24:
		return posting.ExpOneYear
	case n < 36:
		return posting.ExpTwoYears
	case n < 60:
		return posting.ExpThreeYear
	}
	return posting.ExpFiveYears
}

// period reads a type of employment.
func period(phrase string) (posting.Period, bool) {
	switch s := fold(phrase); {
	case has(s, "leading to full", "menant a", "pouvant mener", "pouvant devenir"):
		return posting.PartFull, true
	case has(s, "full time", "temps plein", "plein temps"):
		return posting.FullTime, true
	case has(s, "part time", "temps partiel"):
		return posting.PartTime, true
	}
	return "", false
}

// term reads a period of employment.
func term(phrase string) (posting.Term, bool) {
	switch s := fold(phrase); {
	case has(s, "permanent", "indetermin"):
		return posting.Permanent, true
	case has(s, "season", "saison"):
		return posting.Seasonal, true
	case has(s, "casual", "occasionnel"):
		return posting.Casual, true
	case has(s, "term or contract", "contract", "contrat", "temporar", "temporaire", "determinee", "fixed term") || s == "term":
		return posting.Temporary, true
	}
	return "", false
}

var ending = regexp.MustCompile(`(\d{4}[-/]\d{2}[-/]\d{2})`)

// workLang reads a language of work.
func workLang(phrase string) (posting.WorkLang, bool) {
	s := fold(phrase)
	en, fr := has(s, "english", "anglais"), has(s, "french", "francais")
	switch {
	case has(s, "bilingu") || en && fr && has(s, " and ", " et "):
		return posting.WorkBilingual, true
	case en && fr:
		return posting.WorkEither, true
	case en:
		return posting.WorkEnglish, true
	case fr:
		return posting.WorkFrench, true
	case s == "other" || s == "autre":
		return posting.WorkOther, true
	}
	return "", false
}

var schedules = map[string]string{
	"day": "day", "days": "day", "jour": "day", "morning": "day", "matin": "day",
	"evening": "evening", "evenings": "evening", "soir": "evening",
	"night": "night", "nights": "night", "nuit": "night",
	"weekend": "weekend", "weekends": "weekend", "fin de semaine": "weekend", "week end": "weekend",
	"shift": "shift", "quart": "shift", "quarts de travail": "shift", "quart de travail": "shift",
	"on call": "oncall", "oncall": "oncall", "sur appel": "oncall",
	"overtime": "overtime", "heures supplementaires": "overtime",
	"flexible hours": "flexible", "flexible": "flexible", "flex": "flexible", "heures flexibles": "flexible", "horaire flexible": "flexible",
	"early morning": "early", "early": "early", "tot le matin": "early", "tot en matinee": "early",
	"to be determined": "tbd", "tbd": "tbd", "a determiner": "tbd", "a etre determine": "tbd",
}

// schedule collects the codes of when one works, in the order of posting.Schedules.
func schedule(phrases []string) []string {
	found := map[string]bool{}
	for _, p := range phrases {
		if code := schedules[fold(p)]; code != "" {
			found[code] = true
		}
	}
	return inOrder(posting.Schedules, found)
}

func inOrder(order []string, found map[string]bool) []string {
	var out []string
	for _, code := range order {
		if found[code] {
			out = append(out, code)
		}
	}
	return out
}

var provinces = map[string]string{
	"newfoundland and labrador": "NL", "newfoundland": "NL", "terre neuve et labrador": "NL", "terre neuve": "NL", "nf": "NL",
	"prince edward island": "PE", "ile du prince edouard": "PE", "i p e": "PE", "pei": "PE",
	"nova scotia": "NS", "nouvelle ecosse": "NS", "new brunswick": "NB", "nouveau brunswick": "NB",
	"quebec": "QC", "pq": "QC", "ontario": "ON", "manitoba": "MB", "saskatchewan": "SK", "alberta": "AB",
	"british columbia": "BC", "colombie britannique": "BC", "yukon": "YT", "yukon territory": "YT", "yk": "YT",
	"northwest territories": "NT", "territoires du nord ouest": "NT", "nwt": "NT", "nunavut": "NU",
}

// province reads a name in either language or a code.
func province(s string) (string, bool) {
	f := fold(s)
	if code, ok := provinces[f]; ok {
		return code, true
	}
	if up := strings.ToUpper(f); len(up) == 2 {
		for _, code := range provinces {
			if code == up {
				return code, true
			}
		}
	}
	return "", false
}

// workplace reads where one works from; ok is false when the phrase says nothing of it.
func workplace(phrase string) (posting.Workplace, bool) {
	switch s := fold(phrase); {
	case has(s, "hybrid"):
		return posting.Hybrid, true
	case has(s, "virtual", "virtuel", "telework", "teletravail", "telecommute", "a distance", "work from home") || s == "remote":
		return posting.Remote, true
	case has(s, "on the road", "sur la route"):
		return posting.OnRoad, true
	case has(s, "various locations", "divers endroits", "plusieurs endroits", "divers lieux"):
		return posting.Various, true
	}
	return "", false
}

var hoursText = regexp.MustCompile(`(\d+(?:[.,]\d+)?)(?:\s*(?:to|à|a|-|–)\s*(\d+(?:[.,]\d+)?))?`)

// hours reads "35 to 40 hours per week" in either language, other periods made weekly.
func hours(phrase string) (least, most float32, ok bool) {
	m := hoursText.FindStringSubmatch(strings.ToLower(phrase))
	if m == nil {
		return 0, 0, false
	}
	lo := number(m[1])
	hi := lo
	if m[2] != "" {
		hi = number(m[2])
	}
	per := 1.0
	switch s := fold(phrase); {
	case has(s, "bi week", "biweek", "two weeks", "deux semaines"):
		per = 2
	case has(s, "month", "mois"):
		per = 52.0 / 12
	case has(s, "year", "annee", " an", "annual"):
		per = 52
	case has(s, "day", "jour"):
		per = 1.0 / 5 // a week of five days
	}
	return round2(lo / per), round2(hi / per), true
}

func number(s string) float64 {
	v, _ := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	return v
}

func round2(v float64) float32 { return float32(int64(v*100+0.5)) / 100 }

// yes says whether a column of the table ticks its box.
func yes(s string) bool {
	switch fold(s) {
	case "yes", "y", "oui", "o", "true", "vrai", "1", "x":
		return true
	}
	return false
}

var french = map[string]bool{"le": true, "la": true, "les": true, "de": true, "des": true, "du": true, "et": true, "un": true, "une": true,
	"en": true, "pour": true, "avec": true, "aux": true, "est": true, "dans": true, "ou": true}

var english = map[string]bool{"the": true, "of": true, "and": true, "a": true, "an": true, "for": true, "with": true, "to": true,
	"is": true, "or": true, "at": true, "by": true, "on": true, "you": true}

// guessLang tells French from English by their small words and accents; English when
// nothing tells.
func guessLang(s string) i18n.Lang {
	if len(s) > 4096 {
		s = s[:4096]
	}
	fr, en := 0, 0
	for _, w := range strings.Fields(fold(s)) {
		if french[w] {
			fr++
		}
		if english[w] {
			en++
		}
	}
	fr += strings.Count(s, "é") + strings.Count(s, "è") + strings.Count(s, "ç")
	if fr > en {
		return i18n.French
	}
	return i18n.English
}
