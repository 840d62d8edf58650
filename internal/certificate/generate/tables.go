package generate

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"adamas.example/data"
	"adamas.example/internal/certificate/generate/chance"
	"adamas.example/internal/party"
	"adamas.example/internal/period"
)

// tables are the figures of data/trade-calibration, in hundredths of a carat,
// US cents and parts per million.
type tables struct {
	production map[string]map[int]mined // code -> year
	world      map[int]world
	traders    map[string][]trader // code -> ascending by year
	values     map[string]int64    // code -> US dollars of a certificate
	rates      map[string]int64
	months     [13]int64
	weekdays   [7]int64
	tariff     []tariff
	bans       []ban
}

type mined struct{ hundredths, cents int64 }

type world struct{ certificates, hundredths int64 }

type trader struct {
	year              int
	reexport, import_ int64 // permille of the world's
}

// tariff is how goods below a price fall into the three subheadings.
type tariff struct{ below, unsorted, industrial int64 }

// ban closes a way between two Participants for a time.
type ban struct {
	from, to string
	days     period.Range
}

// The years of the tables.
const (
	firstYear      = 2003
	lastYear       = 2025
	lastProduction = 2023 // later years repeat the last figure of a Participant
)

// rows reads one embedded table: a heading, then records of its width.
func rows(name string) ([][]string, error) {
	f, err := data.FS.Open("trade-calibration/" + name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil || len(all) < 2 {
		return nil, fmt.Errorf("trade-calibration/%s: %w", name, err)
	}
	return all[1:], nil
}

// reader turns fields into numbers and keeps the first mistake.
type reader struct {
	name string
	err  error
}

func (r *reader) number(s string) int64 { return r.scaled(s, 0) }

// scaled reads a decimal as a whole number of 10^-digits.
func (r *reader) scaled(s string, digits int) int64 {
	whole, part, _ := strings.Cut(s, ".")
	part += strings.Repeat("0", max(0, digits-len(part)))
	n, err := strconv.ParseInt(whole+part[:digits], 10, 64)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("trade-calibration/%s: %w", r.name, err)
	}
	return n
}

func (r *reader) day(s string) period.Date {
	d, err := period.Parse(s)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("trade-calibration/%s: %w", r.name, err)
	}
	return d
}

// each reads a table row by row.
func each(name string, take func(r *reader, row []string)) error {
	all, err := rows(name)
	if err != nil {
		return err
	}
	r := &reader{name: name}
	for _, row := range all {
		take(r, row)
	}
	return r.err
}

func readTables() (*tables, error) {
	t := &tables{production: map[string]map[int]mined{}, world: map[int]world{}, traders: map[string][]trader{},
		values: map[string]int64{}, rates: map[string]int64{}}
	for _, table := range []struct {
		name string
		take func(r *reader, row []string)
	}{
		{"production.csv", func(r *reader, row []string) {
			if t.production[row[0]] == nil {
				t.production[row[0]] = map[int]mined{}
			}
			t.production[row[0]][int(r.number(row[1]))] = mined{r.scaled(row[2], 2), r.scaled(row[3], 2)}
		}},
		{"world.csv", func(r *reader, row []string) {
			t.world[int(r.number(row[0]))] = world{r.number(row[1]), r.scaled(row[4], 2)}
		}},
		{"traders.csv", func(r *reader, row []string) {
			t.traders[row[1]] = append(t.traders[row[1]], trader{int(r.number(row[0])), r.number(row[2]), r.number(row[3])})
		}},
		{"values.csv", func(r *reader, row []string) { t.values[row[0]] = r.number(row[1]) }},
		{"rates.csv", func(r *reader, row []string) { t.rates[row[0]] = r.number(row[1]) }},
		{"calendar.csv", func(r *reader, row []string) {
			if row[0] == "month" {
				t.months[r.number(row[1])] = r.number(row[2])
			} else {
				t.weekdays[r.number(row[1])] = r.number(row[2])
			}
		}},
		{"hs.csv", func(r *reader, row []string) {
			t.tariff = append(t.tariff, tariff{r.number(row[0]), r.number(row[1]), r.number(row[2])})
		}},
		{"pairs.csv", func(r *reader, row []string) {
			t.bans = append(t.bans, ban{row[0], row[1], period.Days(r.day(row[2]), r.day(row[3]))})
		}},
	} {
		if err := each(table.name, table.take); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// codes are all that mine or trade, in order: those for which a value of a
// certificate is given, and those that only import.
func (t *tables) codes() []string {
	var out []string
	for code := range t.values {
		out = append(out, code)
	}
	for code := range t.traders {
		if _, ok := t.values[code]; !ok {
			out = append(out, code)
		}
	}
	slices.Sort(out)
	return out
}

// mined gives a year's production. What was mined for nothing is valued as in
// the nearest year with a value.
func (t *tables) mined(code string, year int) mined {
	years := t.production[code]
	for back := 0; year-back >= lastProduction-2 && year >= lastProduction; back++ {
		if m, ok := years[year-back]; ok {
			return m
		}
	}
	m := years[year]
	if m.hundredths == 0 || m.cents > 0 {
		return m
	}
	for off := 1; off <= lastYear-firstYear; off++ {
		for _, y := range []int{year - off, year + off} {
			if n := years[y]; n.cents > 0 && n.hundredths > 0 {
				return mined{m.hundredths, chance.Share(m.hundredths, n.cents, n.hundredths)}
			}
		}
	}
	return mined{}
}

// trader gives a year's shares in millionths, on the line between the years of
// the table.
func (t *tables) trader(code string, year int) (reexport, imported int64) {
	all := t.traders[code]
	if len(all) == 0 {
		return 0, 0
	}
	for i := 1; i < len(all); i++ {
		a, b := all[i-1], all[i]
		if year >= a.year && year < b.year {
			at, span := int64(year-a.year), int64(b.year-a.year)
			return (a.reexport*(span-at) + b.reexport*at) * 1000 / span, (a.import_*(span-at) + b.import_*at) * 1000 / span
		}
	}
	end := all[0]
	if year >= all[len(all)-1].year {
		end = all[len(all)-1]
	}
	return end.reexport * 1000, end.import_ * 1000
}

// readings are the answers this world takes where sources disagree; the data
// name the questions (data/kp-documents).
var readings = map[string]string{"CF-conditional": "intersessional-understanding", "VE-self-suspension": "plenary-2008",
	"VE-self-suspension-end": "site-note"}

func readRegister() (*party.Register, error) {
	f, err := data.FS.Open("kp-documents/standing.csv")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	events, err := party.ReadEvents("standing.csv", f)
	if err != nil {
		return nil, err
	}
	return party.NewRegister(events, readings)
}

// mayTrade tells whether a Participant exports and imports in this world on a
// day: beyond doubt, and not from cleared zones while there are none.
func mayTrade(s party.Standing) bool {
	good, sure := s.InGoodStanding()
	return good && sure && (s.Trade != party.Zones || len(s.Zones) > 0)
}
