package mine

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/period"
	"adamas.example/internal/place"
)

// Site is an artisanal mining site as one visit of a survey saw it.
type Site struct {
	Code          string // the survey's, e.g. cafmine00147
	Name          string
	Visited       period.Date
	OnSite        bool // false: information gathered nearby
	Point         place.Point
	GPS           bool // false: an approximation
	Prefecture    string
	SubPrefecture string
	Village       string
	Pits, Workers int
	Diamonds      bool
	Source        string
}

// columns of the IPIS files that Site is made of.
var columns = []string{"pcode", "name", "visit_date", "visited_on_site", "longitude", "latitude", "location_origin",
	"prefecture", "sousprefecture", "village", "chantiers_numb", "workers_numb", "minerals_diamant"}

// ReadIPIS reads visits as IPIS publishes them: CSV with a heading. Every row
// that cannot be read is a fault with its line; then nothing is returned.
func ReadIPIS(name, source string, in io.Reader) ([]Site, error) {
	r := csv.NewReader(in)
	head, err := r.Read()
	if err != nil {
		return nil, fault.Invalid("mine.not_csv", fault.File(name), fault.Because(err))
	}
	at := map[string]int{}
	for i, h := range head {
		at[h] = i
	}
	for _, c := range columns {
		if _, ok := at[c]; !ok {
			return nil, fault.Invalid("mine.column_missing", fault.File(name), fault.At(c))
		}
	}
	var sites []Site
	var faults fault.List
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return sites, faults.Err()
		}
		line, _ := r.FieldPos(0)
		if err != nil {
			return nil, fault.Invalid("mine.not_csv", fault.File(name), fault.Record(line), fault.Because(err))
		}
		s, err := readSite(func(column string) string { return strings.TrimSpace(row[at[column]]) })
		if err != nil {
			faults.Add(fault.Locate(err, fault.File(name), fault.Record(line)))
			continue
		}
		s.Source = source
		sites = append(sites, s)
	}
}

func readSite(get func(string) string) (Site, error) {
	s := Site{Code: get("pcode"), Name: get("name"), OnSite: get("visited_on_site") == "1", GPS: get("location_origin") == "GPS",
		Prefecture: get("prefecture"), SubPrefecture: get("sousprefecture"), Village: get("village"), Diamonds: get("minerals_diamant") == "1"}
	var faults fault.List
	var err error
	if s.Code == "" || s.Name == "" {
		faults.Add(fault.Invalid("mine.nameless", fault.At("pcode")))
	}
	if s.Visited, err = period.Parse(get("visit_date")); err != nil {
		faults.Add(fault.Locate(err, fault.At("visit_date")))
	}
	if s.Point, err = place.ParsePoint(get("latitude"), get("longitude")); err != nil {
		faults.Add(fault.Locate(err, fault.At("latitude")))
	}
	for column, into := range map[string]*int{"chantiers_numb": &s.Pits, "workers_numb": &s.Workers} {
		if *into, err = count(get(column)); err != nil {
			faults.Add(fault.Invalid("mine.not_a_count", fault.At(column), fault.Text(get(column))))
		}
	}
	return s, faults.Err()
}

// count reads a number of pits or people; the surveys leave unknown ones empty.
func count(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("mine: %q is no count", s)
	}
	return n, nil
}

// Find gives the latest visit to the site with a code. Fault mine.unknown_site.
func Find(sites []Site, code string) (Site, error) {
	var found *Site
	for i := range sites {
		if sites[i].Code == code && (found == nil || sites[i].Visited > found.Visited) {
			found = &sites[i]
		}
	}
	if found == nil {
		return Site{}, fault.NotFound("mine.unknown_site", fault.Text(code))
	}
	return *found, nil
}

// WithDiamonds keeps the sites where diamonds are dug.
func WithDiamonds(sites []Site) []Site {
	return slices.DeleteFunc(slices.Clone(sites), func(s Site) bool { return !s.Diamonds })
}
