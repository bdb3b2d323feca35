package labour

import (
	"passerelle/store/pack"
	"passerelle/store/posting"
)

// Sources names where the figures come from, for the attribution screen. A
// version is the first digits of the SHA-256 of the copy, since the publishers give none.
func Sources() []pack.Part {
	esdc := posting.Both{FR: "Emploi et Développement social Canada", EN: "Employment and Social Development Canada"}
	columbia := posting.Both{FR: "Gouvernement de la Colombie-Britannique (WorkBC)", EN: "Government of British Columbia (WorkBC)"}
	ogl := posting.Both{
		FR: "Contient de l’information visée par la Licence du gouvernement ouvert – Canada.",
		EN: "Contains information licensed under the Open Government Licence – Canada.",
	}
	oglBC := posting.Both{
		FR: "Contient de l’information visée par la Licence du gouvernement ouvert – Colombie-Britannique. Les cadres supérieurs (00011 à 00015) y sont réunis sous 00018.",
		EN: "Contains information licensed under the Open Government Licence – British Columbia. Senior managers (00011 to 00015) are merged there as 00018.",
	}
	parts := []pack.Part{
		{
			ID: "wages-ca", Publisher: esdc, Period: wagesPeriod, Licence: "OGL–Canada", URL: "https://www.jobbank.gc.ca/", Notice: ogl,
			Name: posting.Both{FR: "Salaires par profession, Canada", EN: "Wages by occupation, Canada"},
		},
		{
			ID: "wages-bc", Publisher: columbia, Period: wagesPeriod, Licence: "OGL–BC", URL: "https://www.workbc.ca/", Notice: oglBC,
			Name: posting.Both{FR: "Salaires par profession, Colombie-Britannique", EN: "Wages by occupation, British Columbia"},
		},
		{
			ID: "cops", Publisher: esdc, Period: copsPeriod, Licence: "OGL–Canada", URL: "https://occupations.esdc.gc.ca/", Notice: ogl,
			Name: posting.Both{
				FR: "Perspectives nationales (Système de projection des professions au Canada)",
				EN: "National outlook (Canadian Occupational Projection System)",
			},
		},
		{
			ID: "outlook-bc", Publisher: columbia, Period: columbiaPeriod, Licence: "OGL–BC", URL: "https://www.workbc.ca/", Notice: oglBC,
			Name: posting.Both{FR: "Perspectives par région, Colombie-Britannique", EN: "Outlook by region, British Columbia"},
		},
		{
			ID: "minimum", Period: "2018–2027",
			Name:      posting.Both{FR: "Salaires minimums par province et par date", EN: "Minimum wages by province and date"},
			Publisher: posting.Both{FR: "Relevé de pages d’actualités (2023 à 2026)", EN: "Compiled from news pages (2023 to 2026)"},
			Notice: posting.Both{
				FR: "Faits relevés dans des pages d’actualités, sans licence et sans valeur officielle, à remplacer par les taux que publient les provinces. Il manque des changements\u00a0: un taux n’est donné que pour les jours où il est connu, sinon il est dit inconnu.",
				EN: "Facts taken from news pages, without a licence or official standing, to be replaced by the rates that the provinces publish. Changes are missing: a rate is given only for the days on which it is known, and otherwise said to be unknown.",
			},
		},
	}
	for i := range parts {
		e := load().editions[parts[i].ID]
		parts[i].Version, parts[i].Rows = e.hash, e.rows
	}
	return parts
}
