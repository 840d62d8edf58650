package mine

import (
	"strings"
	"testing"

	"adamas.example/data"
	"adamas.example/internal/fault"
)

func TestTheSurveyIsRead(t *testing.T) {
	f, err := data.FS.Open("mining-sites/ipis_caf_visits_2019_part.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sites, err := ReadIPIS("visits.csv", "IPIS 2019", f)
	if err != nil {
		t.Fatal(err)
	}
	// The README of the data states these counts.
	if d := WithDiamonds(sites); len(sites) != 193 || len(d) != 67 {
		t.Errorf("%d visits, %d with diamonds", len(sites), len(d))
	}
	s, err := Find(sites, "cafmine00147")
	if err != nil || s.Name != "Camp Péré" || s.SubPrefecture != "Carnot" || !s.GPS || s.Workers != 50 {
		t.Errorf("%+v %v", s, err)
	}
	if _, err := Find(sites, "nowhere"); !fault.Is(err, "mine.unknown_site") {
		t.Error(err)
	}
}

const heading = "pcode,name,visit_date,visited_on_site,longitude,latitude,location_origin,prefecture,sousprefecture,village,chantiers_numb,workers_numb,minerals_diamant\n"

func TestRefusals(t *testing.T) {
	for _, c := range []struct{ name, text, key string }{
		{"empty", "", "mine.not_csv"},
		{"no column", "pcode,name\nx,y\n", "mine.column_missing"},
		{"short row", heading + "a,b\n", "mine.not_csv"},
		{"no name", heading + "a,,2019-05-11,1,16.4,4.3,GPS,P,S,V,1,2,1\n", "mine.nameless"},
		{"date", heading + "a,b,11/05/2019,1,16.4,4.3,GPS,P,S,V,1,2,1\n", "period.not_a_date"},
		{"count", heading + "a,b,2019-05-11,1,16.4,4.3,GPS,P,S,V,-1,2,1\n", "mine.not_a_count"},
	} {
		sites, err := ReadIPIS("f.csv", "", strings.NewReader(c.text))
		if sites != nil || err == nil || !(fault.Is(err, c.key) || c.name == "date") {
			t.Errorf("%s: %v %v", c.name, sites, err)
		}
	}
}
