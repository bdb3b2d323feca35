package place

import (
	"strings"

	"passerelle/store/posting"
)

// Region is the name of an economic region (2016) from its four digits; zero when
// there is no such one.
func Region(id string) posting.Both { return load().regions[id].name }

// RegionByName finds an economic region by its name in either language, with or
// without the word "Region" or "Région de" around it. Five names stand for several
// regions ("Northeast", "Nord", "Côte-Nord"…): those are not guessed, see [RegionIn].
func RegionByName(name string) (id string, ok bool) { return RegionIn(name, "") }

// RegionIn finds an economic region of a province by its name. An empty province
// means any; a name that stands for several then finds none.
func RegionIn(name, province string) (id string, ok bool) {
	t := load()
	province = strings.ToUpper(province)
	for _, key := range bare(fold(name)) {
		for _, i := range t.regionNames[key] {
			if province != "" && t.regions[i].province != province {
				continue
			}
			if id != "" && id != i {
				return "", false
			}
			id = i
		}
		if id != "" {
			return id, true
		}
	}
	return "", false
}

// bare gives the folded name as it is, then without the words that say it is a region.
func bare(name string) []string {
	s := strings.TrimSuffix(strings.TrimSuffix(name, " region"), " economic")
	for _, p := range []string{"region economique ", "region "} {
		if rest, ok := strings.CutPrefix(s, p); ok {
			s = rest
			for _, of := range []string{"de la ", "de l ", "de ", "du ", "des ", "d "} {
				if rest, ok := strings.CutPrefix(s, of); ok {
					s = rest
					break
				}
			}
			break
		}
	}
	if s == name {
		return []string{name}
	}
	return []string{name, s}
}

// regionOf gives the region of a place only where it follows from the names: a
// territory or province that is one region, and a city that its region is named for
// (Moncton in Moncton–Richibucto). No table of municipalities by region is at hand.
func regionOf(p posting.Place) string {
	t := load()
	province := strings.ToUpper(p.Province)
	if only := t.onlyRegion[province]; only != "" {
		return only
	}
	if p.City == "" || province == "" {
		return ""
	}
	if c, ok := FindCity(p.City, province); ok {
		return t.namedFor[fold(c.Name)+" "+province]
	}
	return ""
}
