package generate

import (
	"slices"
	"time"

	"adamas.example/internal/certificate/generate/chance"
	"adamas.example/internal/period"
)

// flow is what one Participant exports of one sort: its own production, or goods
// that it imported.
type flow struct {
	from     int // index of the Participant
	reexport bool
	mean     int64 // hundredths of a carat of a certificate
	price    int64 // US cents of 100 carats, of own production
	drawn    int64 // hundredths that the certificates drawn so far should have had
	made     int64 // hundredths that they had
}

// pace is the mean for the next certificate: above it after light ones, so that
// a year comes out at its figure.
func (f *flow) pace() int64 {
	if f.made <= 0 || f.drawn <= 0 {
		return f.mean
	}
	return min(max(chance.Share(f.mean, f.drawn+f.mean, f.made+f.mean), f.mean/2), f.mean*2)
}

// plan is what a year is expected to be.
type plan struct {
	flows        []*flow
	pick         chance.Wheel
	expected     []int64        // certificates that a Participant issues in the year
	world        int64          // the same of all Participants, in this world or not
	destinations []chance.Wheel // by exporter; an empty wheel where nobody trades
	reexports    []int64        // hundredths in the year, by Participant
}

// planYear weighs the flows of a year. Each flow has a share of the world's
// certificates by its value and the value of one of its certificates; a mean
// weight follows from its carats.
func (w *worldState) planYear(year int) *plan {
	p := &plan{expected: make([]int64, len(w.parties)), reexports: make([]int64, len(w.parties))}
	var minedCarats, minedCents int64
	mines := make([]mined, len(w.parties))
	for i, party := range w.parties {
		if w.tradesIn(i, year) {
			mines[i] = w.tables.mined(party.code, year)
			minedCarats += mines[i].hundredths
			minedCents += mines[i].cents / 100
		}
	}
	p.reexports = w.reexports(year)
	var weights []int64
	add := func(i int, reexport bool, hundredths, cents int64) {
		value := w.tables.values[w.parties[i].code]
		if hundredths <= 0 || value == 0 {
			return
		}
		p.flows = append(p.flows, &flow{from: i, reexport: reexport, mean: hundredths, price: chance.Share(cents, 10_000, hundredths)})
		weights = append(weights, max(1, cents/value))
	}
	for i := range w.parties {
		add(i, false, mines[i].hundredths, mines[i].cents)
		if minedCarats > 0 {
			add(i, true, p.reexports[i], chance.Share(p.reexports[i], minedCents, minedCarats)*100)
		}
	}
	w.count(p, weights, w.tables.world[year].certificates)
	p.destinations = w.gravity(p, mines, year)
	return p
}

// reexports shares out what the world traded beyond the production of all, not
// only of those that this world has: a part of the world trades its part.
func (w *worldState) reexports(year int) []int64 {
	rest := w.tables.world[year].hundredths
	for code := range w.tables.production {
		rest -= w.tables.mined(code, year).hundredths
	}
	all := int64(0)
	for code := range w.tables.traders {
		if w.ever(code, year) {
			share, _ := w.tables.trader(code, year)
			all += share
		}
	}
	out := make([]int64, len(w.parties))
	for i, party := range w.parties {
		part, _ := w.tables.trader(party.code, year)
		if w.tradesIn(i, year) && rest > 0 && all > 0 {
			out[i] = chance.Share(rest, part, all)
		}
	}
	return out
}

// count turns weights into certificates and carats into means; flows of less
// than a hundredth of a carat each, and those of Participants that are not in
// this world, are left out.
func (w *worldState) count(p *plan, weights []int64, certificates int64) {
	all := int64(0)
	for _, weight := range weights {
		all += weight
	}
	var flows []*flow
	var kept []int64
	for i, f := range p.flows {
		n := chance.Share(certificates, weights[i], all)
		p.world += n
		f.mean = chance.Share(f.mean, all, weights[i]) / certificates
		if f.mean < 1 || !w.parties[f.from].chosen {
			continue
		}
		p.expected[f.from] += n
		flows, kept = append(flows, f), append(kept, weights[i])
	}
	p.flows, p.pick = flows, chance.NewWheel(kept)
}

// rounds of fitting: margins then agree to better than a thousandth.
const rounds = 40

// gravity is the SYNTHETIC model of who trades with whom: exports and imports of
// each Participant are given, nobody trades with himself or across a ban, and
// nothing else is known (iterative proportional fitting). Every product is
// rounded to a float64 of its own, so that no processor joins it with a sum.
func (w *worldState) gravity(p *plan, mines []mined, year int) []chance.Wheel {
	n := len(w.parties)
	rows, columns := make([]float64, n), make([]float64, n)
	var exported, imported float64
	for i, party := range w.parties {
		if !w.tradesIn(i, year) {
			continue
		}
		rows[i] = float64(mines[i].hundredths + p.reexports[i])
		_, part := w.tables.trader(party.code, year)
		columns[i] = float64(part)
		exported, imported = exported+rows[i], imported+columns[i]
	}
	cells := make([][]float64, n)
	first := period.MustDay(year, time.January, 1)
	for i := range cells {
		cells[i] = make([]float64, n)
		for j := range cells[i] {
			if i != j && imported > 0 && !w.banned(i, j, first) {
				cells[i][j] = float64(rows[i] * float64(columns[j]/imported))
			}
		}
	}
	for range rounds {
		for j := range columns {
			fit(columns[j]/max(imported, 1), exported, func(i int) *float64 { return &cells[i][j] }, n)
		}
		for i := range rows {
			fit(1, rows[i], func(j int) *float64 { return &cells[i][j] }, n)
		}
	}
	out := make([]chance.Wheel, n)
	for i := range out {
		weights := make([]int64, n)
		for j := range weights {
			if rows[i] > 0 && w.parties[i].chosen && w.parties[j].chosen {
				weights[j] = int64(float64(cells[i][j]/rows[i]) * 1e9)
			}
		}
		out[i] = chance.NewWheel(weights)
	}
	return out
}

// fit scales a row or column to part·whole.
func fit(part, whole float64, cell func(int) *float64, n int) {
	sum := 0.0
	for i := range n {
		sum += *cell(i)
	}
	if sum == 0 {
		return
	}
	factor := float64(part*whole) / sum
	for i := range n {
		c := cell(i)
		*c = float64(*c * factor)
	}
}

// tradesIn tells whether a Participant may trade on any first of a quarter or the
// last day of the year.
func (w *worldState) tradesIn(i, year int) bool { return w.ever(w.parties[i].code, year) }

func (w *worldState) ever(code string, year int) bool {
	key := codeYear{code, year}
	if known, ok := w.years[key]; ok {
		return known
	}
	w.years[key] = w.everIn(code, year)
	return w.years[key]
}

type codeYear struct {
	code string
	year int
}

func (w *worldState) everIn(code string, year int) bool {
	days := []period.Date{period.MustDay(year, time.December, 31)}
	for _, m := range []time.Month{time.January, time.April, time.July, time.October} {
		days = append(days, period.MustDay(year, m, 1))
	}
	return slices.ContainsFunc(days, func(d period.Date) bool { return w.standing(code, d) })
}

func (w *worldState) banned(from, to int, on period.Date) bool {
	return slices.ContainsFunc(w.tables.bans, func(b ban) bool {
		return b.from == w.parties[from].code && b.to == w.parties[to].code && b.days.Contains(on)
	})
}

// quotas spreads the certificates over the days: by the year's number, the month
// and the day of the week, with no remainder lost.
type quotas struct {
	tables *tables
	yearly map[int]int64 // weight of all days of a year
	all    int64         // certificates of the span by the tables, in hundredths
	count  int64
	part   int64 // of the world's certificates, those of the chosen Participants, in millionths
	done   int64 // of all
	given  int64 // of count
}

func newQuotas(t *tables, from, until period.Date, count, part int64) *quotas {
	q := &quotas{tables: t, yearly: map[int]int64{}, part: part}
	for year := from.Year(); year <= until.Year(); year++ {
		r := period.Year(year).Range()
		for d := r.From; d < r.Until; d++ {
			q.yearly[year] += q.weight(d)
		}
	}
	for d := from; d <= until; d++ {
		q.all += q.of(d)
	}
	if q.count = count; count == 0 {
		q.count = chance.Share(q.all, part, chance.Million) / 100
	}
	return q
}

func (q *quotas) weight(d period.Date) int64 {
	return q.tables.months[d.Month()] * q.tables.weekdays[d.Weekday()]
}

// of is the table's number of certificates of a day, in hundredths.
func (q *quotas) of(d period.Date) int64 {
	return chance.Share(q.tables.world[d.Year()].certificates*100, q.weight(d), q.yearly[d.Year()])
}

// day gives a day's certificates; days come in order.
func (q *quotas) day(d period.Date) int64 {
	q.done += q.of(d)
	until := chance.Share(q.count, q.done, max(q.all, 1))
	n := until - q.given
	q.given = until
	return n
}

// scaled is a figure of the world in this one.
func (q *quotas) scaled(n int64) int64 {
	return chance.Share(n, q.count*100, max(chance.Share(q.all, q.part, chance.Million), 1))
}
