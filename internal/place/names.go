package place

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"adamas.example/internal/ident"
)

//go:embed names.csv
var namesCSV string

// names holds the exceptions to CLDR by code and language.
var names = sync.OnceValue(func() map[string]map[string]string {
	rows, err := readCSV(namesCSV, "code,en,fr,pt,why")
	if err != nil {
		panic(fmt.Sprintf("place: names.csv: %v", err))
	}
	byCode := make(map[string]map[string]string, len(rows))
	for _, row := range rows {
		byCode[row[0]] = map[string]string{"en": row[1], "fr": row[2], "pt": row[3]}
	}
	return byCode
})

// readCSV reads an embedded table and checks its heading.
func readCSV(text, heading string) ([][]string, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	if got := strings.Join(rows[0], ","); got != heading {
		return nil, fmt.Errorf("heading %q, want %q", got, heading)
	}
	return rows[1:], nil
}

// CountryName is the country's name in the reader's language; the code itself
// when there is none.
func CountryName(c ident.CountryCode, in language.Tag) string { return regionName(string(c), in) }

// ParticipantName is the Participant's name in the reader's language.
func ParticipantName(p ident.ParticipantCode, in language.Tag) string {
	return regionName(string(p), in)
}

// regionName names the codes that ident knows, and no others that CLDR has, such as
// UK or ZR: a file of names (lang/plain) can list the same.
func regionName(code string, in language.Tag) string {
	if _, err := ident.ParseCountry(code); err != nil && code != string(ident.EuropeanUnion) {
		return code
	}
	base, _ := in.Base()
	if name := names()[code][base.String()]; name != "" {
		return name
	}
	if base.String() == "pt" && in != language.BrazilianPortuguese {
		in = language.EuropeanPortuguese // plain pt is Brazil's in CLDR
	}
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	namer := display.Regions(in)
	if namer == nil {
		namer = display.Regions(language.English)
	}
	if name := namer.Name(region); name != "" {
		return name
	}
	return code
}
