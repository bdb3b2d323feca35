package place

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"passerelle/store/posting"
)

// Distances are held to references computed elsewhere: a quarter of a meridian by
// definition, and geodesics between airports on the WGS 84 ellipsoid (Vincenty), from which a
// sphere may differ by 0.6 %.
//
// Rows: X-028
func TestKm(t *testing.T) {
	for _, c := range []struct {
		name                   string
		lat1, lng1, lat2, lng2 float64
		want, within           float64 // km, share
	}{
		{"same point", 45.5, -73.5, 45.5, -73.5, 0, 0},
		{"equator to pole", 0, 0, 90, 0, 10007.557, 1e-6},
		{"half the equator", 0, 0, 0, 180, 20015.115, 1e-6},
		{"one degree of latitude", 48, -68, 49, -68, 111.195, 1e-5},
		{"across the date line", 60, 179.5, 60, -179.5, 55.595, 1e-3},
		{"Toronto–Montréal airports (YYZ–YUL)", 43.677223, -79.630556, 45.470556, -73.740833, 508.330, 0.006},
		{"Vancouver–Toronto airports (YVR–YYZ)", 49.193889, -123.184444, 43.677223, -79.630556, 3354.824, 0.006},
	} {
		got := Km(c.lat1, c.lng1, c.lat2, c.lng2)
		if math.Abs(got-c.want) > c.want*c.within+1e-9 {
			t.Errorf("%s: Km = %.3f, want %.3f ± %.4f %%", c.name, got, c.want, c.within*100)
		}
	}
}

// The haversine formula agrees with the angle between two vectors in space, which is
// computed without it.
//
// Rows: X-028
func TestKmAgreesWithVectors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lat := rapid.Float64Range(-90, 90)
		lng := rapid.Float64Range(-180, 180)
		a, b, c, d := lat.Draw(t, "lat1"), lng.Draw(t, "lng1"), lat.Draw(t, "lat2"), lng.Draw(t, "lng2")
		want := radius * angle(a, b, c, d)
		if got := Km(a, b, c, d); math.Abs(got-want) > 1e-3 {
			t.Fatalf("Km = %f, by vectors %f", got, want)
		}
	})
}

// What a person types is found however it is written, and what is not is explained:
// an unknown postal code is told from an unknown place.
//
// Rows: X-028
func TestFind(t *testing.T) {
	for _, c := range []struct {
		text, label string
		err         error
	}{
		{"Rimouski", "Rimouski, QC", nil},
		{"  RIMOUSKI , qc ", "Rimouski, QC", nil},
		{"Rimouski (Québec)", "Rimouski, QC", nil},
		{"montreal", "Montréal, QC", nil},
		{"Quebec City", "Québec, QC", nil},
		{"québec", "Québec, QC", nil},
		{"Windsor", "Windsor, ON", nil}, // the most populous of three
		{"Windsor, Nouvelle-Écosse", "Windsor, NS", nil},
		{"Windsor Nova Scotia", "Windsor, NS", nil},
		{"saint catharines", "St. Catharines, ON", nil},
		{"St Johns NL", "St. John's, NL", nil},
		{"Saint John's, Terre-Neuve-et-Labrador", "St. John's, NL", nil},
		{"Saint John", "Saint John, NB", nil}, // never St. John's
		{"sault sainte marie", "Sault Ste. Marie, ON", nil},
		{"trois rivieres", "Trois-Rivières, QC", nil},
		{"La Nation", "The Nation / La Nation, ON", nil},
		{"saint-louis du ha ha", "Saint-Louis-du-Ha! Ha!, QC", nil},
		{"l’ange gardien", "L'Ange-Gardien, QC", nil},
		{"North York", "North York, ON", nil}, // known by its postal codes
		{"Fort McMurray", "Fort McMurray, AB", nil},
		{"G5L 1A1", "G5L, Rimouski, QC", nil},
		{"g5l1a1", "G5L, Rimouski, QC", nil},
		{"g5l", "G5L, Rimouski, QC", nil},
		{"G5L\u00a01A1", "G5L, Rimouski, QC", nil},
		{"Z9Z 9Z9", "", ErrUnknownPostal},
		{"A9Z", "", ErrUnknownPostal},
		{"H0H 0H0", "", ErrUnknownPostal}, // nobody commutes to the pole
		{"Atlantis", "", ErrUnknownPlace},
		{"Rimouski, ON", "", ErrUnknownPlace},
		{"", "", ErrUnknownPlace},
		{"QC", "", ErrUnknownPlace},
		{"5L1", "", ErrUnknownPlace},
	} {
		got, err := Find(c.text)
		if got.Label != c.label || !errors.Is(err, c.err) || (c.err == nil) != (err == nil) {
			t.Errorf("Find(%q) = %q, %v; want %q, %v", c.text, got.Label, err, c.label, c.err)
		}
		if err == nil && (got.Lat < 41 || got.Lat > 84 || got.Lng < -142 || got.Lng > -52) {
			t.Errorf("Find(%q) is outside Canada: %v, %v", c.text, got.Lat, got.Lng)
		}
	}
	if s, err := Find("A0P 1C0"); err != nil || !s.Approx {
		t.Errorf("Find of a rural code = %+v, %v; want it marked approximate", s, err)
	}
}

// A radius around a postal code keeps exactly the cities that a great circle computed
// another way keeps, and towns on either side of it fall where the road signs have them.
//
// Rows: X-028
func TestRadius(t *testing.T) {
	from, err := Find("G5L 1A1")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		km      float64
		in, out string
	}{{40, "Mont-Joli", "Matane"}, {120, "Rivière-du-Loup", "Québec"}, {300, "Québec", "Montréal"}} {
		kept := map[string]bool{}
		for _, city := range Cities() {
			near := Km(from.Lat, from.Lng, city.Lat, city.Lng) <= c.km
			if reference := angle(from.Lat, from.Lng, city.Lat, city.Lng)*radius <= c.km; near != reference {
				t.Errorf("%s within %v km: %v, by vectors %v", city.Name, c.km, near, reference)
			}
			if near && city.Province == "QC" {
				kept[city.Name] = true
			}
		}
		if !kept[c.in] || kept[c.out] {
			t.Errorf("within %v km of Rimouski: %s %v, %s %v; want the first only", c.km, c.in, kept[c.in], c.out, kept[c.out])
		}
	}
}

// angle is the angle in radians between two points, from their vectors in space.
func angle(lat1, lng1, lat2, lng2 float64) float64 {
	vector := func(lat, lng float64) [3]float64 {
		a, b := lat*math.Pi/180, lng*math.Pi/180
		return [3]float64{math.Cos(a) * math.Cos(b), math.Cos(a) * math.Sin(b), math.Sin(a)}
	}
	u, v := vector(lat1, lng1), vector(lat2, lng2)
	cross := [3]float64{u[1]*v[2] - u[2]*v[1], u[2]*v[0] - u[0]*v[2], u[0]*v[1] - u[1]*v[0]}
	dot := u[0]*v[0] + u[1]*v[1] + u[2]*v[2]
	return math.Atan2(math.Sqrt(cross[0]*cross[0]+cross[1]*cross[1]+cross[2]*cross[2]), dot)
}

func FuzzFind(f *testing.F) {
	for _, text := range []string{"Rimouski, QC", "G5L 1A1", "l’", "--", "St.", "\xff(", "Saint Saint ON"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Find(text)
		if (err == nil) != (s.Label != "") {
			t.Errorf("Find(%q) = %+v, %v", text, s, err)
		}
		if got := Suggest(text, 3); len(got) > 3 {
			t.Errorf("Suggest(%q, 3) gave %d", text, len(got))
		}
		RegionByName(text)
	})
}

func TestFindCityEverySpelling(t *testing.T) {
	for _, c := range load().cities {
		if got, ok := FindCity(c.Name, c.Province); !ok || fold(got.Name) != fold(c.Name) {
			t.Errorf("FindCity(%q, %q) = %v, %v", c.Name, c.Province, got, ok)
		}
		if _, err := time.LoadLocation(c.Zone); c.Zone == "" || err != nil {
			t.Errorf("%s, %s: zone %q: %v", c.Name, c.Province, c.Zone, err)
		}
		if c.Zone == "America/Montreal" {
			t.Errorf("%s has a retired zone", c.Name)
		}
	}
	// Saint and Sainte are one where only one of them is a place, and two where both are.
	if c, ok := FindCity("Saint-Agathe-des-Monts", "QC"); !ok || c.Name != "Sainte-Agathe-des-Monts" {
		t.Errorf("FindCity(Saint-Agathe-des-Monts) = %v, %v", c.Name, ok)
	}
	for _, name := range []string{"Saint-Germain", "Sainte-Marie", "Saint-Joseph"} {
		if c, ok := FindCity(name, ""); ok && fold(c.Name) != fold(name) {
			t.Errorf("FindCity(%q) = %q", name, c.Name)
		}
	}
}

func TestSuggest(t *testing.T) {
	for _, c := range []struct{ prefix, first string }{
		{"ri", "Richmond"}, {"rim", "Rimouski"}, {"MONTRÉ", "Montréal"}, {"montre", "Montréal"},
		{"st cath", "St. Catharines"}, {"ste therese", "Sainte-Thérèse"}, {"jérôme", "Saint-Jérôme"},
		{"queb", "Québec"}, {"trois-r", "Trois-Rivières"},
	} {
		got := Suggest(c.prefix, 5)
		if len(got) == 0 || len(got) > 5 || got[0].Name != c.first {
			t.Errorf("Suggest(%q, 5) = %v, want %s first", c.prefix, got, c.first)
		}
	}
	for _, none := range []string{"", "  ", "zzzz"} {
		if got := Suggest(none, 5); len(got) != 0 {
			t.Errorf("Suggest(%q) = %v", none, got)
		}
	}
	if got := Suggest("s", 0); len(got) != 0 {
		t.Errorf("Suggest with n 0 = %v", got)
	}
}

func TestLocate(t *testing.T) {
	rimouski, _ := FindCity("Rimouski", "QC")
	g5l, _ := Find("G5L")
	for _, c := range []struct {
		name     string
		p        posting.Place
		lat, lng float64
		region   string
	}{
		{"postal code first", posting.Place{City: "Québec", Province: "QC", Postal: "G5L1A1"}, g5l.Lat, g5l.Lng, ""},
		{"unknown postal code: the city", posting.Place{City: "rimouski", Province: "QC", Postal: "G9Z9Z9"}, rimouski.Lat, rimouski.Lng, ""},
		{"postal code of another province: the city", posting.Place{City: "Rimouski", Province: "QC", Postal: "V6Z1A1"}, rimouski.Lat, rimouski.Lng, ""},
		{"known coordinates stay", posting.Place{City: "Rimouski", Province: "QC", Lat: 1, Lng: 2}, 1, 2, ""},
		{"nothing known", posting.Place{City: "Nowhere", Province: "QC"}, 0, 0, ""},
		{"two cities of one name and no province: neither", posting.Place{City: "Windsor"}, 0, 0, ""},
		{"territory with one region", posting.Place{Province: "NU"}, 0, 0, "6210"},
		{"the city its region is named for", posting.Place{City: "Moncton", Province: "NB", Lat: 1}, 1, 0, "1320"},
		{"a region that is stated stays", posting.Place{City: "Moncton", Province: "NB", Lat: 1, Region: "9999"}, 1, 0, "9999"},
		{"Thompson is in Manitoba, Thompson–Okanagan is not", posting.Place{City: "Thompson", Province: "MB", Lat: 1}, 1, 0, ""},
	} {
		got := Locate(c.p)
		if math.Abs(float64(got.Lat)-c.lat) > 1e-4 || math.Abs(float64(got.Lng)-c.lng) > 1e-4 || got.Region != c.region {
			t.Errorf("%s: Locate = %v, %v, %q; want %v, %v, %q", c.name, got.Lat, got.Lng, got.Region, c.lat, c.lng, c.region)
		}
	}
}

func TestZone(t *testing.T) {
	for _, c := range []struct {
		p    posting.Place
		want string
	}{
		{posting.Place{City: "Montréal", Province: "QC"}, "America/Toronto"},
		{posting.Place{City: "Les Îles-de-la-Madeleine", Province: "QC"}, "America/Halifax"},
		{posting.Place{City: "Dalhousie", Province: "NB"}, "America/Moncton"},
		{posting.Place{City: "Saint Stephen", Province: "NB"}, "America/Moncton"},
		{posting.Place{City: "Nowhere", Province: "bc"}, "America/Vancouver"},
		{posting.Place{City: "Nowhere", Province: "BC", Postal: "V1G 1A1"}, "America/Dawson_Creek"},
		{posting.Place{Province: "SK"}, "America/Regina"},
		{posting.Place{Province: "NL"}, "America/St_Johns"},
		{posting.Place{Postal: "G5L"}, "America/Toronto"},
		{posting.Place{City: "Windsor"}, ""},
		{posting.Place{}, ""},
		{posting.Place{Province: "XX"}, ""},
	} {
		if got := Zone(c.p); got != c.want {
			t.Errorf("Zone(%+v) = %q, want %q", c.p, got, c.want)
		}
	}
	for _, p := range Provinces() {
		if Zone(posting.Place{Province: p}) == "" {
			t.Errorf("province %s has no zone", p)
		}
	}
}

func TestRegions(t *testing.T) {
	for _, c := range []struct{ name, province, id string }{
		{"Toronto Region", "", "3530"},
		{"Lower Mainland–Southwest Region", "", "5920"},
		{"Campbellton–Miramichi Region", "", "1310"},
		{"Fredericton–Oromocto", "", "1340"},
		{"Saint John--St. Stephen", "", "1330"},
		{"Vancouver Island and Coast Region", "", "5910"},
		{"Île de Vancouver et la côte", "", "5910"},
		{"Région de la Capitale-Nationale", "", "2420"},
		{"Région du Centre-du-Québec", "", "2433"},
		{"Région économique de l’Estrie", "", "2430"},
		{"Lower Mainland–Sud-ouest", "", "5920"},
		{"montreal region", "", "2440"},
		{"Northeast Region", "", ""}, // Ontario's and British Columbia's
		{"Northeast Region", "ON", "3590"},
		{"Nord-est", "BC", "5980"},
		{"Côte-Nord", "", ""},
		{"Côte-Nord", "QC", "2480"},
		{"North Shore", "", "1220"},
		{"Toronto Region", "QC", ""},
		{"Northwest Territories", "", "6110"},
		{"NA", "", ""}, {"", "", ""}, {"Region", "", ""},
	} {
		id, ok := RegionIn(c.name, c.province)
		if id != c.id || ok != (c.id != "") {
			t.Errorf("RegionIn(%q, %q) = %q, %v; want %q", c.name, c.province, id, ok, c.id)
		}
		if c.province == "" {
			if again, _ := RegionByName(c.name); again != id {
				t.Errorf("RegionByName(%q) = %q, RegionIn %q", c.name, again, id)
			}
		}
	}
	if got := Region("2475"); got.FR != "Saguenay–Lac-Saint-Jean" || got.EN != got.FR {
		t.Errorf("Region(2475) = %+v", got)
	}
	if len(load().regions) != 76 {
		t.Errorf("%d regions, want 76", len(load().regions))
	}
	for id, r := range load().regions { // every name resolves in its province, in both languages
		for _, name := range []string{r.name.FR, r.name.EN, r.name.EN + " Region"} {
			if got, ok := RegionIn(name, r.province); !ok || got != id {
				t.Errorf("RegionIn(%q, %q) = %q, %v; want %q", name, r.province, got, ok, id)
			}
		}
	}
}

func TestProvinces(t *testing.T) {
	if got := Province("qc"); got != (posting.Both{FR: "Québec", EN: "Quebec"}) {
		t.Errorf("Province(qc) = %+v", got)
	}
	if got := Province("ZZ"); got != (posting.Both{}) {
		t.Errorf("Province(ZZ) = %+v", got)
	}
	if n := len(Provinces()); n != 13 {
		t.Errorf("%d provinces, want 13", n)
	}
}

// Every part says its publisher, licence, edition and size in both languages.
//
// Rows: X-018
func TestSources(t *testing.T) {
	for _, p := range Sources() {
		if p.ID == "" || p.Name.FR == "" || p.Name.EN == "" || p.Publisher.FR == "" || p.Publisher.EN == "" ||
			p.Licence == "" || p.URL == "" || p.Version == "" || p.Rows == 0 || p.Notice.FR == "" || p.Notice.EN == "" {
			t.Errorf("source incomplete: %+v", p)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"x\ty\n", "c\tA\tQC\n", "c\tA\tQC\tZ\tmany\t1\t2\n", "\n"} {
		if _, err := parse(text); err == nil {
			t.Errorf("parse(%q) gave no error", text)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		bytes, err := packedText()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := parse(bytes); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSuggest(b *testing.B) {
	load()
	for b.Loop() {
		Suggest("saint", 8)
	}
}

func ExampleFind() {
	s, err := Find("rimouski, qc")
	fmt.Println(s.Label, err)
	_, err = Find("Z9Z 9Z9")
	fmt.Println(errors.Is(err, ErrUnknownPostal))
	// Output:
	// Rimouski, QC <nil>
	// true
}
