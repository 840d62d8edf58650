package generate

import (
	"adamas.example/internal/certificate/generate/chance"
	"adamas.example/internal/period"
	"adamas.example/verify/statement"
)

// act is what an office states, or does before it states something.
type act uint8

const (
	actIssue act = iota
	actReceive
	actOpen
	actVoid
	actReplace
	actLose
	actDiscover
	actDispose
	actRefuse   // a second paper with the number is presented elsewhere
	actReturn   // unsold or examined goods go back
	actSendBack // refused goods go back under a technical certificate
)

// event is something that will happen on a day.
type event struct {
	act  act
	c    *consignment
	who  *participant   // for actRefuse and its disposition
	step statement.Step // of actDispose
	by   string         // another certificate's number
}

// horizon is the farthest that anything is put off, in days.
const horizon = 256

// put plans an event some days from today, on a working day.
func (w *worldState) put(days int64, e event) {
	d := w.workday(w.today.AddDays(int(days)))
	if d <= w.until {
		w.events[int(d)%horizon] = append(w.events[int(d)%horizon], e)
	}
}

func (w *worldState) workday(d period.Date) period.Date {
	for w.tables.weekdays[d.Weekday()] < 50 {
		d = d.AddDays(1)
	}
	return d
}

// openLater plans the opening of what nobody received: 30 days after expiry at
// the latest (design.md 5).
func (w *worldState) openLater(c *consignment) {
	if !c.neverOpen {
		w.put(int64(c.expires.DaysSince(w.today))+w.chance.Between(20, 27), event{act: actOpen, c: c})
	}
}

// decideFate says what becomes of a new certificate.
func (w *worldState) decideFate(c *consignment, first bool) {
	draw := w.chance.Below(chance.Million)
	falls := func(name string) bool {
		draw -= w.rate(name)
		return draw < 0
	}
	switch {
	case first && falls("void"):
		w.put(w.chance.Between(1, 3), event{act: actVoid, c: c})
	case first && falls("replaced"):
		w.put(w.chance.Between(1, 4), event{act: actReplace, c: c})
	case first && falls("lost"):
		w.put(w.chance.Between(2, 6), event{act: actLose, c: c})
	case falls("overdue"):
		w.openLater(c)
	case falls("discrepancy"):
		w.put(w.travel(), event{act: actDiscover, c: c})
	default:
		w.arrive(c)
	}
	if w.chance.Happens(w.rate("false")) {
		w.forge(c)
	}
}

// travel is how many days goods are on their way.
func (w *worldState) travel() int64 {
	return min(30, max(1, chance.Times(w.rate("receipt_days"), w.chance.Factor(600_000))))
}

func (w *worldState) arrive(c *consignment) { w.put(w.travel(), event{act: actReceive, c: c}) }

// forge has a paper with the certificate's number presented to a third
// Participant, which seizes the goods.
func (w *worldState) forge(c *consignment) {
	who := w.parties[w.chance.Below(int64(len(w.parties)))]
	if who.opened && who != c.from && who != c.to {
		w.put(w.chance.Between(8, 40), event{act: actRefuse, c: c, who: who})
	}
}

// happen lets an event take place. Certificates that it brings about are issued
// with the day's others.
func (w *worldState) happen(e event) {
	c := e.c
	switch e.act {
	case actReplace, actLose, actReturn, actSendBack:
		w.due = append(w.due, e)
	case actVoid:
		w.void(c)
	case actReceive:
		w.receive(c)
	case actOpen:
		w.does(c, c.from, actOpen, event{})
	case actDiscover:
		w.does(c, c.to, actDiscover, event{})
		w.put(w.chance.Between(1, 3), event{act: actDispose, c: c, who: c.to, step: statement.Detained})
	case actRefuse:
		w.does(c, e.who, actRefuse, event{})
		w.put(w.chance.Between(1, 5), event{act: actDispose, c: c, who: e.who, step: statement.Seized})
	case actDispose:
		w.does(c, e.who, actDispose, e)
		w.afterStep(c, e)
	}
}

// void cancels a certificate before export; its goods are in stock again.
func (w *worldState) void(c *consignment) {
	w.statistics.certificate(flowEnded, c, 1)
	w.does(c, c.from, actVoid, event{})
	c.from.stock.putBack(c.used)
	if c.flow != nil {
		c.flow.made -= c.hundredths
		c.flow.drawn -= c.flow.mean
	}
	c.used = append([]lot(nil), c.used...) // still told by the opening
	w.openLater(c)
}

// afterStep goes on with an irregular shipment.
func (w *worldState) afterStep(c *consignment, e event) {
	switch {
	case e.step == statement.Detained && w.chance.Happens(w.rate("discrepancy_released")):
		w.put(w.chance.Between(2, 8), event{act: actDispose, c: c, who: c.to, step: statement.Released})
	case e.step == statement.Detained:
		others := chance.Million - w.rate("discrepancy_released")
		if w.chance.Below(others) < w.rate("discrepancy_returned") {
			w.put(w.chance.Between(3, 15), event{act: actSendBack, c: c})
		} else {
			w.put(w.chance.Between(3, 15), event{act: actDispose, c: c, who: c.to, step: statement.Seized})
		}
	case e.step == statement.Released:
		w.put(1, event{act: actReceive, c: c})
	case e.step == statement.Seized && e.who == c.to:
		w.openLater(c)
	}
}

// receive measures the goods, takes them into stock and has the certificate
// opened.
func (w *worldState) receive(c *consignment) {
	c.measured = c.hundredths
	if w.chance.Happens(w.rate("measured_otherwise")) {
		c.measured = max(1, c.hundredths+w.chance.Between(-10, 10))
	}
	w.statistics.received(c, w.today)
	w.does(c, c.to, actReceive, event{})
	if !c.neverOpen {
		w.put(w.chance.Between(1, 3), event{act: actOpen, c: c})
	}
	whole := lot{under: c.paper, hundredths: c.hundredths, cents: c.cents, origins: c.origins}
	kept := min(c.measured, c.hundredths) - min(c.unsold, c.measured)
	if c.unsold > 0 {
		w.put(w.chance.Between(15, 45), event{act: actReturn, c: c})
	}
	switch {
	case kept <= 0:
		return
	case kept < whole.hundredths:
		whole = whole.split(kept)
	}
	w.keep(c, whole)
}

// keep takes goods into stock, or out of the scheme to be cut where there is
// stock enough: that keeps stocks from growing without end.
func (w *worldState) keep(c *consignment, l lot) {
	p := c.to
	enough := w.quotas.scaled(w.plan.reexports[p.index]) * w.rate("stock_days") / 365
	back := c.kind == statement.KindReturn || c.kind == statement.KindTechnical
	if !back && p.stock.hundredths > enough {
		w.statistics.goods(flowCut, p, w.today, l.hundredths, l.cents)
		return
	}
	p.stock.put(l)
}
