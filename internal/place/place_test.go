package place_test

import (
	"math"
	"slices"
	"testing"

	"golang.org/x/text/language"
	"pgregory.net/rapid"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/period"
	"adamas.example/internal/place"
)

func on(t *testing.T, s string) period.Date {
	t.Helper()
	d, err := period.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTerritoryOnADay(t *testing.T) {
	tests := []struct {
		country ident.CountryCode
		day     string
		want    ident.ParticipantCode // "" for none known
		settled bool
	}{
		{"CF", "2026-11-23", "CF", true},
		{"CF", "2014-01-01", "CF", true},  // suspended, and its territory all the same
		{"CF", "2003-05-01", "CF", false}, // the first list is of August
		{"CF", "2002-12-31", "", false},
		{"BE", "2026-11-23", "EU", true},
		{"GB", "2020-12-31", "EU", true},
		{"GB", "2021-01-01", "GB", true},
		{"XI", "2020-12-31", "EU", true},
		{"XI", "2026-11-23", "EU", true},
		{"GL", "2014-03-29", "", false},
		{"GL", "2014-03-30", "EU", true},
		{"SI", "2004-04-30", "SI", true},
		{"SI", "2004-05-01", "EU", true},
		{"HR", "2013-06-30", "HR", true},
		{"HR", "2013-07-01", "EU", true},
		{"RO", "2005-01-01", "RO", false}, // the day of its return is not known
		{"RO", "2007-01-01", "EU", true},
		{"CG", "2004-07-08", "CG", true},
		{"CG", "2004-07-09", "", false},
		{"CG", "2007-11-15", "CG", false},
		{"CG", "2007-11-30", "CG", true},
		{"CM", "2012-07-31", "", false},
		{"CM", "2013-01-01", "CM", true},
		{"TW", "2026-11-23", "TW", true},
		{"BD", "2006-06-01", "BD", false},
		{"BD", "2007-01-01", "BD", true},
		{"UZ", "2024-11-14", "", false},
		{"UZ", "2024-11-15", "UZ", true},
		{"KE", "2026-11-23", "", false},
		{"LI", "2026-11-23", "CH", true},
		{"ZW", "2026-11-23", "ZW", true},
		{"ZZ", "2026-11-23", "", false},
		{"", "2026-11-23", "", false},
	}
	for _, tt := range tests {
		got, ok := place.TerritoryOf(tt.country, on(t, tt.day))
		if got.Participant != tt.want || ok != (tt.want != "") || got.Settled(on(t, tt.day)) != tt.settled {
			t.Errorf("%s on %s: %q %v, settled %v, want %q settled %v", tt.country, tt.day, got.Participant, ok, got.Settled(on(t, tt.day)), tt.want, tt.settled)
		}
	}
}

// 60 Participants and the Chinese Taipei entity, and 27 member states of the
// European Union (domain.md 6.3).
func TestTheTableHasThePresentScheme(t *testing.T) {
	today := on(t, "2026-11-23")
	codes := map[ident.ParticipantCode]bool{}
	for _, row := range place.Territories() {
		if row.Valid.Contains(today) {
			codes[row.Participant] = true
			if !row.Settled(today) {
				t.Errorf("%s is unsettled today", row.Country)
			}
		}
	}
	if len(codes) != 61 {
		t.Errorf("%d Participants, want 60 and TW", len(codes))
	}
	members := 0
	beside := []ident.CountryCode{"AX", "GF", "GL", "GP", "MQ", "RE", "XI", "YT"}
	for _, part := range place.TerritoriesOf(ident.EuropeanUnion, today) {
		if !slices.Contains(beside, part.Country) {
			members++
		}
	}
	if members != 27 {
		t.Errorf("the European Union has %d member states", members)
	}
	if before := place.TerritoriesOf(ident.EuropeanUnion, on(t, "2020-12-31")); !slices.ContainsFunc(before, func(p place.Territory) bool { return p.Country == "GB" }) {
		t.Error("the United Kingdom was inside until the end of 2020")
	}
}

func TestTheTableIsACopy(t *testing.T) {
	place.Territories()[0].Participant = "ZZ"
	if place.Territories()[0].Participant == "ZZ" {
		t.Error("a caller changed the table")
	}
}

func TestNames(t *testing.T) {
	tests := []struct {
		code ident.CountryCode
		in   string
		want string
	}{
		{"CF", "en", "Central African Republic"},
		{"CF", "fr", "République centrafricaine"},
		{"CF", "pt", "República Centro-Africana"},
		{"SZ", "fr", "Eswatini"},
		{"TW", "en", "Chinese Taipei"},
		{"XI", "pt", "Irlanda do Norte"},
		{"PL", "pt", "Polónia"},    // as in Portugal and Angola
		{"PL", "pt-BR", "Polônia"}, // as in Brazil
		{"BW", "pt-AO", "Botsuana"},
		{"ZZ", "en", "ZZ"},
		{"UK", "en", "UK"}, // CLDR would take it for GB
		{"??", "en", "??"},
	}
	for _, tt := range tests {
		if got := place.CountryName(tt.code, language.MustParse(tt.in)); got != tt.want {
			t.Errorf("%s in %s is %q, want %q", tt.code, tt.in, got, tt.want)
		}
	}
	if got := place.ParticipantName(ident.EuropeanUnion, language.French); got != "Union européenne" {
		t.Error(got)
	}
	for c := range ident.Countries() {
		for _, in := range []language.Tag{language.English, language.French, language.Portuguese} {
			if name := place.CountryName(c, in); name == "" || name == string(c) {
				t.Errorf("%s has no name in %s", c, in)
			}
		}
	}
}

func TestPoints(t *testing.T) {
	tests := []struct{ lat, lon, want, key string }{
		{"4.2613", "15.7884", "4.2613 15.7884", ""},
		{" 4,2613", "15,788", "4.261 15.788", ""},
		{"-90", "180", "-90 180", ""},
		{"\u221212.5", "-180.0", "-12.5 -180.0", ""},
		{"4.12345678", "15.12345678", "4.123457 15.123457", ""},
		{"90.0001", "0", "", "place.latitude"},
		{"1e1", "0", "", "place.latitude"},
		{"NaN", "0", "", "place.latitude"},
		{"", "0", "", "place.latitude"},
		{"4.", "0", "", "place.latitude"},
		{"0x10", "0", "", "place.latitude"},
		{"4° 15' N", "0", "", "place.latitude"},
		{"4", "180.1", "", "place.longitude"},
		{"4", "Inf", "", "place.longitude"},
		{"4", "1_0", "", "place.longitude"},
	}
	for _, tt := range tests {
		p, err := place.ParsePoint(tt.lat, tt.lon)
		if tt.key != "" && !fault.Is(err, tt.key) || tt.key == "" && (err != nil || p.String() != tt.want) {
			t.Errorf("%q %q = %s, %v, want %s%s", tt.lat, tt.lon, p, err, tt.want, tt.key)
		}
	}
	for _, bad := range [][2]float64{{math.NaN(), 0}, {0, math.NaN()}, {math.Inf(1), 0}, {91, 0}, {0, -181}} {
		if p, err := place.NewPoint(bad[0], bad[1]); fault.KindOf(err) != fault.KindInvalid {
			t.Errorf("%v is %s", bad, p)
		}
	}
}

func TestWithinFollowsTheDecimals(t *testing.T) {
	// One degree of a great circle is 111,195 m on this sphere.
	for decimals, want := range map[uint8]float64{0: 78_627, 2: 786, 4: 7.86, 6: 0.0786} {
		if got := (place.Point{Decimals: decimals}).Within(); math.Abs(got-want) > want/1000 {
			t.Errorf("%d decimals: within %g m, want %g", decimals, got, want)
		}
	}
}

func TestDistances(t *testing.T) {
	point := func(lat, lon float64) place.Point {
		p, err := place.NewPoint(lat, lon)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	tests := []struct {
		a, b place.Point
		want float64
	}{
		{point(0, 0), point(0, 1), 111_195},
		{point(0, 0), point(0, 180), 20_015_115},
		{point(90, 0), point(-90, 77), 20_015_115},
		{point(0, 179.9), point(0, -179.9), 22_239},               // across the antimeridian
		{point(50.0664, -5.7147), point(58.6439, -3.07), 968_854}, // Land's End, John o' Groats
	}
	for _, tt := range tests {
		if got := place.Distance(tt.a, tt.b); math.Abs(got-tt.want) > tt.want/1e4 {
			t.Errorf("%s to %s is %.0f m, want %.0f", tt.a, tt.b, got, tt.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		some := func(label string) place.Point {
			return place.Point{Lat: rapid.Int32Range(-90e6, 90e6).Draw(t, label), Lon: rapid.Int32Range(-180e6, 180e6).Draw(t, label), Decimals: 6}
		}
		a, b, c := some("a"), some("b"), some("c")
		ab, ba := place.Distance(a, b), place.Distance(b, a)
		if ab != ba || ab < 0 || ab > 20_015_116 || place.Distance(a, a) != 0 {
			t.Fatalf("%s %s: %g and %g", a, b, ab, ba)
		}
		if ab > place.Distance(a, c)+place.Distance(c, b)+0.01 {
			t.Fatalf("the way from %s to %s is shorter by %s", a, b, c)
		}
	})
}

func FuzzParsePoint(f *testing.F) {
	f.Add("4.2613", "15.7884")
	f.Add("-90", "180,0")
	f.Add("4.12345678", "\u22121")
	f.Fuzz(func(t *testing.T, lat, lon string) {
		p, err := place.ParsePoint(lat, lon)
		if err != nil {
			return
		}
		if p.Lat > 90e6 || p.Lat < -90e6 || p.Lon > 180e6 || p.Lon < -180e6 || p.Decimals > 6 {
			t.Errorf("%q %q is %+v", lat, lon, p)
		}
	})
}
