package skill

import (
	"strings"

	"passerelle/store/pack"
	"passerelle/store/posting"
)

// Sources says who wrote what in the list, for the attribution screen.
func Sources() []pack.Part {
	var ours, federal, oasis int
	for _, c := range load().all {
		if !c.Unofficial {
			ours++
		}
		for _, a := range c.Alias {
			switch {
			case strings.HasPrefix(a, "jb:"):
				federal++
			case strings.HasPrefix(a, "oasis:"):
				oasis++
			}
		}
	}
	esdc := posting.Both{FR: "Emploi et Développement social Canada", EN: "Employment and Social Development Canada"}
	return []pack.Part{
		{
			ID:        "skills",
			Name:      posting.Both{FR: "Concepts de compétences", EN: "Skill concepts"},
			Publisher: posting.Both{FR: "Passerelle", EN: "Passerelle"},
			Version:   Version,
			Licence:   "Apache-2.0",
			Rows:      ours,
			Notice: posting.Both{
				FR: "Rédigés pour ce programme, dans les deux langues. Ce ne sont pas des textes officiels.",
				EN: "Written for this program, in both languages. They are not official texts.",
			},
		},
		{
			ID:        "federal-options",
			Name:      posting.Both{FR: "Codes des cases à cocher des offres d'emploi fédérales", EN: "Codes of the check boxes of federal job postings"},
			Publisher: esdc,
			Version:   "2026",
			Licence:   "OGL–Canada",
			URL:       "https://open.canada.ca/",
			Rows:      federal,
			Notice: posting.Both{
				FR: "Contient de l'information visée par la Licence du gouvernement ouvert – Canada. Les codes seulement\u00a0: les textes du programme sont les siens.",
				EN: "Contains information licensed under the Open Government Licence – Canada. The codes only: the program's wording is its own.",
			},
		},
		{
			ID:        "oasis",
			Name:      posting.Both{FR: "Compétences et connaissances du SIPeC (OaSIS)", EN: "OaSIS skills and knowledges"},
			Publisher: esdc,
			Version:   "2023 v1.0",
			Licence:   "OGL–Canada",
			URL:       "https://open.canada.ca/",
			Rows:      oasis,
			Notice: posting.Both{
				FR: "Contient de l'information visée par la Licence du gouvernement ouvert – Canada. Les noms français sont une traduction non officielle.",
				EN: "Contains information licensed under the Open Government Licence – Canada. The French names are an unofficial translation.",
			},
		},
	}
}
