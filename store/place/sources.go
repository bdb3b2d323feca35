package place

import (
	"passerelle/store/pack"
	"passerelle/store/posting"
)

// Sources names where the tables come from, for the attribution screen. A
// version is the first digits of the SHA-256 of the copy, where its publisher gives none.
func Sources() []pack.Part {
	statcan := posting.Both{FR: "Statistique Canada", EN: "Statistics Canada"}
	ogl := posting.Both{
		FR: "Contient de l’information visée par la Licence du gouvernement ouvert – Canada. Cela ne constitue pas une approbation de ce produit par Statistique Canada.",
		EN: "Contains information licensed under the Open Government Licence – Canada. This does not constitute an endorsement of this product by Statistics Canada.",
	}
	parts := []pack.Part{
		{
			ID:        "fsa",
			Name:      posting.Both{FR: "Coordonnées des régions de tri d’acheminement (codes postaux)", EN: "Coordinates of forward sortation areas (postal codes)"},
			Publisher: posting.Both{FR: "GeoNames", EN: "GeoNames"},
			Licence:   "CC BY 4.0",
			URL:       "https://www.geonames.org/",
			Notice: posting.Both{
				FR: "Modifié\u00a0: une seule position par code. Seuls les trois premiers caractères d’un code postal sont connus.",
				EN: "Changed: one position per code. Only the first three characters of a postal code are known.",
			},
		},
		{
			ID:        "cities",
			Name:      posting.Both{FR: "Villes du Canada\u00a0: positions, populations et fuseaux horaires", EN: "Canadian cities: positions, populations and time zones"},
			Publisher: posting.Both{FR: "SimpleMaps (Canadian Cities Basic)", EN: "SimpleMaps (Canadian Cities Basic)"},
			Licence:   "CC BY 4.0",
			URL:       "https://simplemaps.com/data/canada-cities",
			Notice: posting.Both{
				FR: "Modifié\u00a0: fuseaux corrigés et noms ajoutés. Peu de petites localités de l’Ontario et des Prairies.",
				EN: "Changed: time zones corrected and names added. Few small places of Ontario and the Prairies.",
			},
		},
		{
			ID:        "regions",
			Name:      posting.Both{FR: "Régions économiques (2016)", EN: "Economic regions (2016)"},
			Publisher: statcan,
			Period:    "2016",
			Licence:   "OGL–Canada",
			URL:       "https://www.statcan.gc.ca/",
			Notice:    ogl,
		},
		{
			ID:        "provinces",
			Name:      posting.Both{FR: "Provinces et territoires", EN: "Provinces and territories"},
			Publisher: statcan,
			Licence:   "OGL–Canada",
			URL:       "https://www.statcan.gc.ca/",
			Notice:    ogl,
		},
	}
	for i := range parts {
		e := load().editions[parts[i].ID]
		parts[i].Version, parts[i].Rows = e.hash, e.rows
	}
	return parts
}
