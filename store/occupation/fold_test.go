package occupation

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestFold(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"  Infirmière   AUXILIAIRE ", "infirmiere auxiliaire"},
		{"Maître d'œuvre", "maitre d oeuvre"},
		{"MAÎTRE D’ŒUVRE", "maitre d oeuvre"},
		{"E\u0301lectricien", "electricien"}, // an accent written apart
		{"Early childhood educator (E.C.E.)", "early childhood educator ece"},
		{"Cook. Server", "cook server"},
		{"Serveur/serveuse - service", "serveur serveuse service"},
		{"co-ordinator", "co ordinator"},
		{"Naïve Ænima ½ Ç", "naive aenima c"},
		{"Ǣꟹ", "aeoe"},          // an accent on a ligature
		{"cook \ufc5e", "cook"}, // a letter that comes to nothing but marks
		{"\xff\xfe", ""},
		{"看護師", "看護師"},
	} {
		if got := Fold(c.in); got != c.want {
			t.Errorf("Fold(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestHalves(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"Cook", []string{"Cook"}},
		{"Infirmier auxiliaire/infirmière auxiliaire", []string{"Infirmier auxiliaire", "infirmière auxiliaire"}},
		{"Superviseur/superviseure de technologistes", []string{"Superviseur de technologistes", "superviseure de technologistes"}},
		{"Directeur administratif/directrice administrative d'association", []string{"Directeur administratif d'association", "directrice administrative d'association"}},
		{"Agent/agente de sécurité et enquêteur/enquêteuse", []string{"Agent de sécurité et enquêteur", "agente de sécurité et enquêteuse"}},
		{"Directeur d'association d'infirmiers/infirmières", []string{"Directeur d'association d'infirmiers", "Directeur d'association d'infirmières"}},
		{"Père Noël/mère Noël", []string{"Père Noël", "mère Noël"}},
		{"Homme/femme de peine", []string{"Homme de peine", "femme de peine"}},
		{"Vérificateur agréé (CA)/vérificatrice agréée (CA)", []string{"Vérificateur agréé (CA)", "vérificatrice agréée (CA)"}},
		{"Captain waiter/waitress - formal service", []string{"Captain waiter - formal service", "Captain waitress - formal service"}},
		{"Foreman/woman, railway", []string{"Foreman, railway", "Forewoman, railway"}},
		{"Railway carmen/women", []string{"Railway carmen", "Railway carwomen"}},
		{"Postmaster/mistress", []string{"Postmaster", "Postmistress"}},
		{"Programmer (CNC/CMM)", []string{"Programmer (CNC/CMM)"}},
		{"Directeur(rice) général(e) - Mines", []string{"Directeur général - Mines", "Directrice générale - Mines"}},
		{"Adjoint(e) administratif(ive)", []string{"Adjoint administratif", "Adjointe administrative"}},
		{"Technicien(ne)", []string{"Technicien", "Technicienne"}},
		{"Essayeur(euse) de systèmes", []string{"Essayeur de systèmes", "Essayeuse de systèmes"}},
		{"Conseiller(ère)", []string{"Conseiller", "Conseillère"}},
		{"Charpentier(ière)-menuisier(ière)", []string{"Charpentier-menuisier", "Charpentière-menuisière"}},
		{"vendeur·euse", []string{"vendeur", "vendeuse"}},
		{"Vendeur.se", []string{"Vendeur", "Vendeuse"}},
		{"vendeur/euse en magasin", []string{"vendeur en magasin", "vendeuse en magasin"}},
		{"Cook $18/hr", []string{"Cook $18/hr"}},
		{"Bookings clerk (except airline)", []string{"Bookings clerk (except airline)"}},
		{"/", []string{"/"}},
		{"(e)", []string{"(e)"}},
	} {
		if got := Halves(c.in); !slices.Equal(got, c.want) {
			t.Errorf("Halves(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// Whatever is typed folds to words of letters and digits with one space between, and
// folding again changes nothing.
func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "Infirmière", "E.C.E.", "Œuvre / ŒUVRE", "a\u0301b", "\xff", "İstanbul", "ß.ﬁ", "½.a.b", "Ⅻ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Fold(s)
		if !utf8.ValidString(got) || strings.Contains(got, "  ") || strings.TrimSpace(got) != got {
			t.Fatalf("Fold(%q) = %q", s, got)
		}
		for _, r := range got {
			if r != ' ' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				t.Fatalf("Fold(%q) = %q holds %q", s, got, r)
			}
		}
		if again := Fold(got); again != got {
			t.Fatalf("Fold(%q) = %q, and folded again %q", s, got, again)
		}
		if h := Halves(s); len(h) == 0 || len(h) > 2 {
			t.Fatalf("Halves(%q) = %q", s, h)
		}
	})
}

// Every letter there is folds to something that folds to itself.
func TestFoldEveryRune(t *testing.T) {
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if !unicode.IsLetter(r) {
			continue
		}
		s := string(r)
		if once := Fold(s); Fold(once) != once {
			t.Errorf("Fold(%U) = %q, and folded again %q", r, once, Fold(once))
		}
	}
}
