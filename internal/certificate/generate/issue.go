package generate

import (
	"adamas.example/internal/certificate/generate/chance"
	"adamas.example/verify/statement"
)

// tries to find an exporter with goods and a destination before a certificate of
// the day is left for the next day.
const tries = 60

// issueTrade issues one ordinary certificate; false when nobody has goods and a
// destination today.
func (w *worldState) issueTrade() (bool, error) {
	for range tries {
		f := w.plan.flows[w.plan.pick.Spin(w.chance)]
		from := w.parties[f.from]
		if !w.trades[f.from] || w.plan.destinations[f.from].Total() == 0 {
			continue
		}
		j := w.plan.destinations[f.from].Spin(w.chance)
		if !w.trades[j] || w.banned(f.from, j, w.today) {
			continue
		}
		c := &consignment{kind: statement.KindExport, from: from, to: w.parties[j], flow: f}
		if !w.load(c, f) {
			continue
		}
		switch draw := w.chance.Below(chance.Million); {
		case draw < w.rate("temporary"):
			c.kind = statement.KindTemporary
			c.unsold = min(c.hundredths, max(1, chance.Times(chance.Share(c.hundredths, w.rate("unsold"), chance.Million), w.chance.Factor(400_000))))
		case draw < w.rate("temporary")+w.rate("laboratory"):
			c.kind, c.unsold = statement.KindLaboratory, c.hundredths
		}
		if err := w.classify(c); err != nil {
			return false, err
		}
		w.pack(c)
		if err := w.issue(c); err != nil {
			return false, err
		}
		w.decideFate(c, true)
		return true, nil
	}
	return false, nil
}

// load puts goods into a consignment: from the stock of imports, or mined, with
// what has come back from abroad before. False when there is nothing.
func (w *worldState) load(c *consignment, f *flow) bool {
	want := max(1, chance.Times(f.pace(), w.chance.Factor(w.rate("weight_spread"))))
	s := &c.from.stock
	if f.reexport {
		c.used = s.take(want)
	} else if w.plan.reexports[f.from] == 0 {
		c.used = s.take(want)
	}
	for _, l := range c.used {
		c.hundredths += l.hundredths
		c.cents += l.cents
		c.origins = join(c.origins, l.origins)
	}
	if f.reexport {
		if c.hundredths == 0 {
			return false
		}
		c.cents += chance.Share(c.cents, w.rate("markup"), chance.Million)
		c.cents = max(1, chance.Times(c.cents, w.chance.Factor(w.rate("price_spread")/4)))
	} else if left := want - c.hundredths; left > 0 {
		price := max(1, chance.Times(f.price, w.chance.Factor(w.rate("price_spread"))))
		c.hundredths += left
		c.cents += max(1, chance.Share(left, price, 10_000))
		c.origins = join(c.origins, []part{{c.from.code, left}})
	}
	f.drawn += f.mean
	f.made += c.hundredths
	return true
}

// issue spends a number and has the certificate signed.
func (w *worldState) issue(c *consignment) error {
	number, st, err := w.nextNumber(c.from)
	if err != nil {
		return err
	}
	c.paper = &paper{number: number}
	c.issued, c.expires = w.today, w.today.AddDays(int(w.rate("valid_days")))
	c.station, c.numbers, c.staff = st.name, st.hash, c.from.staff
	c.neverOpen = w.chance.Happens(w.rate("opening_overdue"))
	w.issuedToday++
	w.issued++
	if w.samples.wants(w.issued) {
		c.sample = w.samples.add(c)
	}
	w.statistics.certificate(flowIssued, c, 1)
	w.does(c, c.from, actIssue, event{})
	return nil
}

// followUp issues a certificate that something else brought about: a new one for
// a lost or mistaken one, goods that come back.
func (w *worldState) followUp(e event) error {
	old := e.c
	c := &consignment{from: old.from, to: old.to, kind: old.kind, flow: old.flow, hundredths: old.hundredths, cents: old.cents,
		origins: old.origins, used: old.used, hs: old.hs, hsCents: old.hsCents, parcels: old.parcels, trader: old.trader, buyer: old.buyer,
		unsold: old.unsold}
	switch e.act {
	case actReplace, actLose:
		if err := w.issue(c); err != nil {
			return err
		}
		w.statistics.certificate(flowEnded, old, 1)
		w.does(old, old.from, e.act, event{by: c.number})
		w.openLater(old)
		w.decideFate(c, false)
		return nil
	case actReturn:
		c.kind = statement.KindReturn
		w.turn(c, old, min(old.unsold, old.measured))
	case actSendBack:
		c.kind = statement.KindTechnical
		w.turn(c, old, old.hundredths)
	}
	if err := w.classify(c); err != nil {
		return err
	}
	if err := w.issue(c); err != nil {
		return err
	}
	if e.act == actSendBack {
		w.does(old, old.to, actDispose, event{step: statement.Returned, by: c.number})
		w.openLater(old)
	}
	w.arrive(c)
	return nil
}

// turn makes c the way back of a part of old's goods.
func (w *worldState) turn(c, old *consignment, hundredths int64) {
	whole := lot{under: old.paper, hundredths: old.hundredths, cents: old.cents, origins: old.origins}
	piece := whole
	if hundredths < old.hundredths {
		piece = whole.split(hundredths)
	}
	c.from, c.to, c.flow, c.unsold = old.to, old.from, nil, 0
	c.hundredths, c.cents, c.origins, c.used = piece.hundredths, max(1, piece.cents), piece.origins, []lot{piece}
}
