package occupation

import (
	"strings"

	"passerelle/i18n"
)

// piece is a part of a title: what stands before " - " names the work, what stands
// after it, or in brackets, says where or of which kind.
type piece uint8

const (
	main piece = iota
	after
	aside
)

// token is one word of a title, as a stem.
type token struct {
	stem string
	place
}

// place is how a word stands in its title.
type place struct {
	piece piece
	minor bool
	head  bool // the word that names the work: last in English, first in French
}

// part is what one written word comes to: a stem, and what is known of it.
type part struct {
	stem  string
	minor bool
	join  bool // ends what can hold the head of an English title
	empty bool // a little word: no stem
}

// parts cuts one written word, as in "co-ordinator", "d'usine" or "(ECE)".
func parts(word string, lang i18n.Lang) []part {
	var out []part
	co := ""
	for w := range strings.SplitSeq(Fold(word), " ") {
		if w == "co" && co == "" {
			co = w
			continue
		}
		if co != "" && w != "" && w[0] == 'o' {
			w = co + w // "co-ordinator" is written both ways
		}
		co = ""
		if w == "" || len(w) == 1 || small[lang][w] { // one letter: the d of d'usine, h/f, class A
			if lang != i18n.French && joins[w] {
				out = append(out, part{join: true, empty: true})
			}
			continue
		}
		full, ok := short[lang][w]
		if !ok {
			full = w
		}
		for v := range strings.SplitSeq(full, " ") {
			out = append(out, part{stem: stem(v, lang), minor: minor[lang][v]})
		}
	}
	return out
}

// tokens cuts a title, already one half, into stems. Little words are left out. cut
// is parts, or something that remembers its answers; out is room to use again.
func tokens(out []token, title string, lang i18n.Lang, cut func(string, i18n.Lang) []part) []token {
	out = out[:0]
	var at piece
	open := 0
	heads := -1     // the head so far, an index of out
	closed := false // nothing further on can be the head
	for len(title) > 0 {
		title = strings.TrimLeft(title, " ")
		n := strings.IndexByte(title, ' ')
		if n < 0 {
			n = len(title)
		}
		word := title[:n]
		title = title[n:]
		switch word {
		case "":
			continue
		case "-", "–", "—", ":", "|":
			if at == main && len(out) > 0 {
				at, closed = after, true
			}
			continue
		}
		where := at
		if open > 0 || word[0] == '(' {
			where = aside
		}
		open = max(0, open+strings.Count(word, "(")-strings.Count(word, ")"))
		for _, p := range cut(word, lang) {
			if p.empty {
				closed = closed || p.join && where == main && heads >= 0
				continue
			}
			out = append(out, token{p.stem, place{piece: where, minor: p.minor}})
			if where == main && !closed && !p.minor && (lang != i18n.French || heads < 0) {
				heads = len(out) - 1
			}
		}
		if word[len(word)-1] == ',' && where == main && heads >= 0 {
			closed = true // "driver, long haul": the head stands before the comma
		}
	}
	if heads >= 0 {
		out[heads].head = true
	}
	return out
}

// stem takes the number, and the gender in French, off a folded word, so that those
// forms of a word are one. It is crude on purpose: both sides go through it.
func stem(w string, lang i18n.Lang) string {
	if len(w) <= 3 {
		if w == "man" || w == "men" {
			return "man"
		}
		return w
	}
	if lang == i18n.French {
		return stemFrench(w)
	}
	return stemEnglish(w)
}

func stemEnglish(w string) string {
	if v, ok := spelling[w]; ok {
		w = v
	}
	switch {
	case strings.HasSuffix(w, "woman"), strings.HasSuffix(w, "women"):
		return w[:len(w)-5] + "man"
	case strings.HasSuffix(w, "person"):
		return w[:len(w)-6] + "man"
	case strings.HasSuffix(w, "persons"):
		return w[:len(w)-7] + "man"
	case strings.HasSuffix(w, "people") && len(w) > 6:
		return w[:len(w)-6] + "man"
	case strings.HasSuffix(w, "men"):
		return w[:len(w)-3] + "man"
	}
	switch {
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		w = w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "shes"), strings.HasSuffix(w, "ches"), strings.HasSuffix(w, "xes"):
		w = w[:len(w)-2]
	case strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && !strings.HasSuffix(w, "is"):
		w = w[:len(w)-1]
	}
	if strings.HasSuffix(w, "ing") && len(w) >= 7 {
		w = w[:len(w)-3]
		if n := len(w); w[n-1] == w[n-2] && w[n-1] != 'l' && w[n-1] != 's' {
			w = w[:n-1]
		}
	}
	if strings.HasSuffix(w, "e") && len(w) > 4 {
		w = w[:len(w)-1]
	}
	return w
}

func stemFrench(w string) string {
	switch {
	case strings.HasSuffix(w, "eaux"):
		w = w[:len(w)-1]
	case strings.HasSuffix(w, "aux"):
		w = w[:len(w)-2] + "l"
	case strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss"), strings.HasSuffix(w, "x"):
		w = w[:len(w)-1]
	}
	for _, p := range [...][2]string{
		{"trice", "teur"}, {"euse", "eur"}, {"eure", "eur"}, {"iere", "ier"}, {"ere", "er"}, {"ienne", "ien"}, {"onne", "on"}, {"elle", "el"}, {"ive", "if"}, {"tte", "t"},
	} {
		if strings.HasSuffix(w, p[0]) && len(w) > len(p[0])+2 {
			return w[:len(w)-len(p[0])] + p[1]
		}
	}
	if strings.HasSuffix(w, "e") && len(w) > 4 {
		w = w[:len(w)-1]
	}
	return w
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

func stems(l i18n.Lang, words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[stem(Fold(w), l)] = true
	}
	return m
}

func dict(pairs string) map[string]string {
	m := map[string]string{}
	for l := range strings.Lines(pairs) {
		if k, v, ok := strings.Cut(strings.TrimSpace(l), " "); ok {
			m[k] = v
		}
	}
	return m
}

var (
	// small words say nothing of the work.
	small = map[i18n.Lang]map[string]bool{
		i18n.English: set("a an and or of the for in on at to by with from as is are we our you your who that this nec except non not other us"),
		i18n.French:  set("un une des de du la le les et ou en au aux a par pour sur dans avec chez sans sauf non nca que qui ce cet cette nous notre nos vous votre vos est l d s n h f"),
	}
	// joins end the part of an English title whose last word names the work: the
	// head of "manager of restaurants" is manager.
	joins = set("of for in on at to by with from")
	// minor words tell rank, hours or terms rather than work: they weigh little on
	// either side, and never are the head.
	minor = map[i18n.Lang]map[string]bool{
		i18n.English: set(`senior junior sr jr intermediate entry level experienced certified qualified skilled registered licensed journeyman journeywoman
			journeyperson apprentice trainee intern internship student summer red seal full part time fulltime parttime ft pt permanent temporary temp casual seasonal
			term contract relief overnight graveyard day days night nights evening evenings afternoon morning weekend weekends weekday shift shifts rotating remote
			hybrid onsite bilingual french english urgent urgently hiring wanted needed required immediate start now job jobs position positions opportunity opportunities
			opening openings vacancy new hour hourly hr hrs week per wage pay salary i ii iii iv v one two three four multiple various local canada class level grade
			lead live coop noc lmia 1st 2nd 3rd 4th first second third year years`),
		i18n.French: set(`senior junior intermediaire debutant debutante experimente experimentee certifie certifiee qualifie qualifiee autorise autorisee diplome
			diplomee compagnon apprenti apprentie stagiaire stage etudiant etudiante ete sceau rouge temps plein partiel permanent permanente temporaire occasionnel
			occasionnelle saisonnier saisonniere contractuel contractuelle remplacement surnumeraire jour jours soir soirs nuit nuits semaine fin quart quarts rotatif
			matin teletravail hybride bilingue anglais francais urgent recherche recherches recherchee demande poste postes emploi emplois offre ouverture immediat
			immediate niveau classe i ii iii iv v un deux plusieurs hommes femmes homme femme canada cnp eimt heure heures salaire annee annees 1re 2e 3e nouveau coop`),
	}
	// commands are the stems of words that senior managers are titled with.
	commands = map[i18n.Lang]map[string]bool{
		i18n.English: stems(i18n.English, "president chief executive minister director general ceo coo cfo cio cto commissioner"),
		i18n.French:  stems(i18n.French, "président chef direction ministre directeur général cadre pdg commissaire"),
	}
	// short are short forms that advertisements use, written out.
	short = map[i18n.Lang]map[string]string{
		i18n.English: dict(`mgr manager
			mngr manager
			asst assistant
			assoc associate
			admin administrative
			tech technician
			techs technicians
			rep representative
			reps representatives
			supv supervisor
			dev developer
			eng engineer
			maint maintenance
			mech mechanic
			acct accountant
			coord coordinator
			ops operations
			dir director
			vp vice president
			hr human resources
			rn registered nurse
			rns registered nurses
			lpn licensed practical nurse
			ece early childhood educator
			rpn registered practical nurse
			psw personal support worker
			psws personal support workers
			hca health care aide
			hvac heating ventilation air conditioning
			qa quality assurance
			babysitter sitter
			waitstaff waiter
			barkeeper bartender
			trucker truck driver
			autobody auto body
			daycare day care
			healthcare health care`),
		i18n.French: dict(`adm administratif
			dir directeur
			resp responsable
			tech technicien
			rh ressources humaines
			ti technologies information
			cpe centre petite enfance
			pab prepose beneficiaires
			cnc commande numerique
			inf infirmier`),
	}
	// spelling brings American and older forms to those of the index.
	spelling = dict(`labor labour
		laborer labourer
		laborers labourer
		center centre
		jeweler jeweller
		counselor counsellor
		counselors counsellor
		color colour
		program programme
		programs programme
		theater theatre
		fiber fibre
		tire tyre
		tires tyre
		grey gray
		esthetician aesthetician
		estheticians aesthetician
		pediatric paediatric
		orthopedic orthopaedic
		anesthesia anaesthesia
		upholstery upholster`)
)
