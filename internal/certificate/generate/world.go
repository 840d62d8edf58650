package generate

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"adamas.example/internal/certificate/generate/chance"
	"adamas.example/internal/certificate/generate/openkeys"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/party"
	"adamas.example/internal/period"
)

// worldState is the simulation: what is in flight and in stock, and today.
type worldState struct {
	cfg      Config
	tables   *tables
	register *party.Register
	keys     *openkeys.Keys
	trustees *openkeys.Trustees
	chance   *chance.Source
	workers  int

	parties []*participant // all of the tables, ascending by code
	years   map[codeYear]bool
	quotas  *quotas
	plan    *plan

	today, until period.Date
	trades       []bool // today, by Participant
	events       [horizon][]event
	due          []event // certificates that something else brought about
	carried      int64   // certificates of earlier days that nobody could issue
	tasks        []*task
	ordained     int

	issued, issuedToday int64
	statements          int64
	statistics          totals
	samples             samples
}

func newWorld(cfg Config) (*worldState, error) {
	w := &worldState{cfg: cfg, keys: &openkeys.Keys{Seed: cfg.Seed}, chance: chance.New(cfg.Seed), workers: cfg.workers(), years: map[codeYear]bool{},
		today: cfg.From, until: cfg.Until, statistics: totals{}}
	var err error
	if w.tables, err = readTables(); err != nil {
		return nil, err
	}
	if w.register, err = readRegister(); err != nil {
		return nil, err
	}
	if w.trustees, err = openkeys.NewTrustees(w.keys); err != nil {
		return nil, err
	}
	if err := w.people(); err != nil {
		return nil, err
	}
	w.plan = w.planYear(cfg.From.Year())
	var chosen int64
	for _, n := range w.plan.expected {
		chosen += n
	}
	w.quotas = newQuotas(w.tables, cfg.From, cfg.Until, int64(cfg.Count), min(chance.Million, chance.Share(chosen, chance.Million, max(w.plan.world, 1))))
	w.samples = samples{want: int64(cfg.Bundles), of: w.quotas.count, world: w}
	return w, nil
}

// people makes the Participants of the tables, chosen or not, and finds the day
// on which each may first trade.
func (w *worldState) people() error {
	codes := w.tables.codes()
	for _, p := range w.cfg.Participants {
		if !slices.Contains(codes, string(p)) {
			return fault.Invalid("certificate.generate_participant", fault.At("--participants"), fault.Text(string(p)), fault.Arg("known", codes))
		}
	}
	able := 0
	for i, code := range codes {
		p, err := newParticipant(w.keys, code, i)
		if err != nil {
			return err
		}
		p.chosen = len(w.cfg.Participants) == 0 || slices.Contains(w.cfg.Participants, ident.ParticipantCode(code))
		p.opens = w.until + 1
		for d := w.today; d <= w.until && p.chosen; d++ {
			if w.standing(code, d) {
				p.opens = d
				able++
				break
			}
		}
		w.parties = append(w.parties, p)
	}
	if able < 2 {
		return fault.Invalid("certificate.generate_nobody_trades", fault.At("--participants"), fault.Arg("from", w.cfg.From), fault.Arg("until", w.until))
	}
	w.trades = make([]bool, len(codes))
	return nil
}

func (w *worldState) standing(code string, on period.Date) bool {
	return mayTrade(w.register.On(ident.ParticipantCode(code), on))
}

func (w *worldState) rate(name string) int64 { return w.tables.rates[name] }

// day is one simulated day: who may trade, what was to happen, new certificates,
// signatures, record.
func (w *worldState) day(ctx context.Context) error {
	w.ordained, w.issuedToday = 0, 0
	if w.today.Month() == 1 && w.today.Day() == 1 && w.today != w.cfg.From {
		w.plan = w.planYear(w.today.Year())
	}
	if err := w.openDoors(); err != nil {
		return err
	}
	slot := int(w.today) % horizon
	for _, e := range w.events[slot] {
		w.happen(e)
	}
	clear(w.events[slot]) // lets go of the consignments
	w.events[slot] = w.events[slot][:0]
	if err := w.issueDay(w.quotas.day(w.today) + w.carried); err != nil {
		return err
	}
	if err := w.signAll(ctx); err != nil {
		return err
	}
	return w.record()
}

// openDoors sees who may trade today; logs begin, keys are renewed.
func (w *worldState) openDoors() error {
	for i, p := range w.parties {
		w.trades[i] = p.chosen && w.today >= p.opens && w.standing(p.code, w.today)
		switch {
		case w.trades[i] && !p.opened:
			if err := w.open(p); err != nil {
				return err
			}
			w.openingStock(p)
		case p.opened && w.today >= p.staff.until:
			if err := w.engage(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// issueDay issues the day's number of certificates: first those that something
// brought about, then ordinary ones. What nobody can issue is for tomorrow.
func (w *worldState) issueDay(n int64) error {
	for w.issuedToday < n && len(w.due) > 0 {
		e := w.due[0]
		w.due = w.due[1:]
		if err := w.followUp(e); err != nil {
			return err
		}
	}
	for w.issuedToday < n && w.plan.pick.Total() > 0 {
		done, err := w.issueTrade()
		if err != nil {
			return err
		}
		if !done {
			break
		}
	}
	w.carried = n - w.issuedToday
	return nil
}

// openingStock is what a trading Participant has when its log begins: goods of
// the world's origins, which came under no certificate of this world.
func (w *worldState) openingStock(p *participant) {
	hundredths := w.quotas.scaled(w.plan.reexports[p.index]) * w.rate("stock_days") / 365
	if hundredths <= 0 {
		return
	}
	year := w.today.Year()
	var all, cents int64
	var origins []part
	for _, code := range slices.Sorted(maps.Keys(w.tables.production)) {
		if m := w.tables.mined(code, year); w.ever(code, year) {
			origins = append(origins, part{code, m.hundredths})
			all += m.hundredths
			cents += m.cents
		}
	}
	if all == 0 {
		return
	}
	hundredths = min(hundredths, all)
	l := lot{hundredths: hundredths, cents: chance.Share(cents, hundredths, all), origins: divide(origins, hundredths, all)}
	p.stock.put(l)
	w.statistics.goods(flowOpening, p, w.today, l.hundredths, l.cents)
}

// inFlight is what bounds memory: events to come and lots in stock.
func (w *worldState) inFlight() (events, lots int) {
	for _, slot := range w.events {
		events += len(slot)
	}
	for _, p := range w.parties {
		lots += len(p.stock.lots)
	}
	return events, lots
}

// standingParties are those whose logs begin in this world, in order of the day.
func (w *worldState) standingParties() []*participant {
	var out []*participant
	for _, p := range w.parties {
		if p.chosen && p.opens <= w.until {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b *participant) int { return cmp.Compare(a.opens, b.opens) })
	return out
}
