package place

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"sync"

	"adamas.example/internal/ident"
	"adamas.example/internal/period"
)

//go:embed territory.csv
var territoryCSV string

// Verified says how a row of the table is known.
type Verified string

// How a row is known.
const (
	Seen     Verified = "seen"     // in a stored source, named in the row
	Memory   Verified = "memory"   // general knowledge, to be checked before it is quoted
	Inferred Verified = "inferred" // from other facts, named in the note
)

// Territory is one row: during Valid, goods in Country are in the territory of
// Participant.
type Territory struct {
	Country     ident.CountryCode
	Participant ident.ParticipantCode
	Valid       period.Range
	SettledBy   period.Date
	Verified    Verified
	Source      string
	Note        string
}

// Settled reports whether the sources leave no doubt about the day: a Participant
// "since 2006" is unsettled all through 2006.
func (t Territory) Settled(on period.Date) bool { return t.Valid.Contains(on) && on >= t.SettledBy }

var territories = sync.OnceValue(func() []Territory {
	rows, err := parseTerritories(territoryCSV)
	if err != nil {
		panic(fmt.Sprintf("place: territory.csv: %v", err))
	}
	return rows
})

// Territories lists the whole table by country and first day.
func Territories() []Territory { return slices.Clone(territories()) }

// TerritoryOf finds the Participant in whose territory the country lies on the
// day. False means that we know of none, which for a dependent territory may be
// a hole in the table. Ask Settled before relying on an answer near its start.
func TerritoryOf(country ident.CountryCode, on period.Date) (Territory, bool) {
	table := territories()
	at, _ := slices.BinarySearchFunc(table, country, func(t Territory, c ident.CountryCode) int { return cmp.Compare(t.Country, c) })
	for ; at < len(table) && table[at].Country == country; at++ {
		if table[at].Valid.Contains(on) {
			return table[at], true
		}
	}
	return Territory{}, false
}

// TerritoriesOf lists what a Participant's territory is made of on the day.
func TerritoriesOf(p ident.ParticipantCode, on period.Date) []Territory {
	var parts []Territory
	for _, t := range territories() {
		if t.Participant == p && t.Valid.Contains(on) {
			parts = append(parts, t)
		}
	}
	return parts
}

// parseTerritories reads the table and refuses one in which a row is unknown in
// kind, out of order, or speaks of a day that another row speaks of.
func parseTerritories(text string) ([]Territory, error) {
	rows, err := readCSV(text, "country,participant,from,settled_by,until,verified,source,note")
	if err != nil {
		return nil, err
	}
	table := make([]Territory, len(rows))
	for i, row := range rows {
		if table[i], err = parseTerritory(row); err != nil {
			return nil, fmt.Errorf("row %d: %w", i+2, err)
		}
		if i == 0 {
			continue
		}
		before := table[i-1]
		if before.Country > table[i].Country || before.Country == table[i].Country && before.Valid.From >= table[i].Valid.From {
			return nil, fmt.Errorf("row %d: not in the order of country and first day", i+2)
		}
		if before.Country == table[i].Country && before.Valid.Overlaps(table[i].Valid) {
			return nil, fmt.Errorf("row %d: days that row %d speaks of", i+2, i+1)
		}
	}
	return table, nil
}

func parseTerritory(row []string) (t Territory, err error) {
	if t.Country, err = ident.ParseCountry(row[0]); err != nil {
		return t, err
	}
	if t.Participant, err = ident.ParseParticipant(row[1]); err != nil {
		return t, err
	}
	if t.Valid.From, err = period.Parse(row[2]); err != nil {
		return t, err
	}
	if t.SettledBy, err = period.Parse(row[3]); err != nil {
		return t, err
	}
	t.Valid.Until = period.Max
	if row[4] != "" {
		if t.Valid.Until, err = period.Parse(row[4]); err != nil {
			return t, err
		}
	}
	t.Verified, t.Source, t.Note = Verified(row[5]), row[6], row[7]
	switch {
	case t.Verified != Seen && t.Verified != Memory && t.Verified != Inferred:
		return t, fmt.Errorf("verified says %q", row[5])
	case t.Verified == Seen && t.Source == "", t.Verified == Inferred && t.Note == "":
		return t, fmt.Errorf("%s, and by what is not said", row[5])
	case t.Valid.Empty() || t.SettledBy < t.Valid.From || t.SettledBy > t.Valid.Until:
		return t, fmt.Errorf("days out of order: %s settled by %s", t.Valid, t.SettledBy)
	}
	return t, nil
}
