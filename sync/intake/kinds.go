package intake

import (
	"strings"

	"passerelle/store/posting"
)

// kindsByID are the sections of the federal feed by the ids that it gives them, of
// before and after 2022.
var kindsByID = map[string]posting.Kind{
	"29": posting.Tasks, "299": posting.Tasks, "685": posting.Tasks,
	"60": posting.Tools, "259": posting.Tools,
	"164": posting.Credentials,
	"285": posting.Security, "782": posting.Security,
	"291": posting.Suitability, "1497": posting.Suitability,
	"2": posting.Setting, "392": posting.Setting, "791": posting.Setting, "100000": posting.Setting,
	"1": posting.Conditions, "287": posting.Conditions, "788": posting.Conditions,
	"195": posting.Studies, "100003": posting.Studies,
	"100001": posting.Experiences,
	"286":    posting.Transport, "786": posting.Transport,
	"290": posting.OwnTools, "783": posting.OwnTools,
	"789": posting.Supervision, "151": posting.Special,
	"102001": posting.Benefits, "102002": posting.Benefits, "102003": posting.Benefits, "102004": posting.Benefits,
	"103000": posting.Screening,
}

// kindsByName are the same by their headings, folded, in both languages.
var kindsByName = map[string]posting.Kind{
	"tasks": posting.Tasks, "taches": posting.Tasks, "specific skills": posting.Tasks, "additional skills": posting.Tasks,
	"competences particulieres": posting.Tasks, "competences additionnelles": posting.Tasks, "responsibilities": posting.Tasks, "responsabilites": posting.Tasks,
	"computer and technology knowledge": posting.Tools, "business equipment and computer applications": posting.Tools, "equipment and machinery experience": posting.Tools,
	"connaissances en informatique et en technologie": posting.Tools, "connaissances en informatique et technologie": posting.Tools,
	"credentials": posting.Credentials, "credentials certificates licences memberships courses etc": posting.Credentials, "certificates licences memberships and courses": posting.Credentials,
	"titres de competences": posting.Credentials, "titres de competences certificats permis adhesions cours etc": posting.Credentials, "certificats permis adhesions et cours": posting.Credentials,
	"security and safety": posting.Security, "securite et surete": posting.Security, "securite": posting.Security,
	"personal suitability": posting.Suitability, "qualites personnelles": posting.Suitability, "aptitudes personnelles": posting.Suitability,
	"work setting": posting.Setting, "work location information": posting.Setting, "workplace information": posting.Setting,
	"milieu de travail": posting.Setting, "renseignements sur le lieu de travail": posting.Setting, "information sur le lieu de travail": posting.Setting,
	"work conditions and physical capabilities": posting.Conditions, "work site environment": posting.Conditions, "weight handling": posting.Conditions,
	"conditions de travail et capacites physiques": posting.Conditions, "environnement de travail": posting.Conditions, "manutention de poids": posting.Conditions,
	"education": posting.Studies, "etudes": posting.Studies, "scolarite": posting.Studies,
	"experience":                        posting.Experiences,
	"transportation travel information": posting.Transport, "transportation travel experience": posting.Transport,
	"information sur le transport et les deplacements": posting.Transport, "transport et deplacements": posting.Transport, "renseignements sur le transport et les deplacements": posting.Transport,
	"own tools equipment": posting.OwnTools, "outils et equipement personnels": posting.OwnTools, "outils equipement personnels": posting.OwnTools,
	"ability to supervise": posting.Supervision, "workers supervised": posting.Supervision, "supervision": posting.Supervision,
	"capacite de supervision": posting.Supervision, "personnes supervisees": posting.Supervision,
	"area of specialization": posting.Special, "domaine de specialisation": posting.Special,
	"benefits": posting.Benefits, "avantages": posting.Benefits, "avantages sociaux": posting.Benefits,
	"screening questions": posting.Screening, "questions de preselection": posting.Screening, "questions de selection": posting.Screening,
	"languages": posting.Languages, "other languages": posting.Languages, "langues": posting.Languages, "autres langues": posting.Languages,
	"about": posting.About, "overview": posting.About, "apercu": posting.About,
}

// kind finds what a section is, by its id, by its heading, and by how headings of
// trades are made ("Roofer Specific Skills"); Other when nothing tells.
func kind(id, name string) posting.Kind {
	if k, ok := kindsByID[id]; ok {
		return k
	}
	f := fold(name)
	if k, ok := kindsByName[f]; ok {
		return k
	}
	switch {
	case strings.HasSuffix(f, " skills"), strings.HasPrefix(f, "competences "):
		return posting.Tasks
	case has(f, "specializ", "specialis", "specialties", "specialites", "categories"):
		return posting.Special
	case has(f, "benefits", "avantages"):
		return posting.Benefits
	}
	return posting.Other
}
