package audit

import (
	"slices"

	"adamas.example/internal/audit/wire"
)

// facts is what was shown of a certificate's facts, bound to a commitment.
type facts struct {
	root     wire.Hash
	count    int64
	carats   int64 // hundredths; -1 when not shown
	parcels  int64 // -1 when not shown
	consumed []consumed
	private  bool // shows what only its holder may show
	hides    bool // a delayed fact is kept back
	wrong    []string
}

// consumed is an imported certificate that a re-export uses up, by carats.
type consumed struct {
	number string
	cert   wire.Hash
	carats int64
}

// The labels of docs/formats section 4 that are judged here.
const (
	labelCarats   = 1
	labelHS       = 2
	labelOrigin   = 3
	labelParcels  = 4
	labelConsumed = 5
	labelList     = 6
	lastDelayed   = 32
	labelValue    = 35
	labelValues   = 37
)

// readFacts takes out of a disclosure what balances need, and judges its sums.
func readFacts(o *wire.Opened) *facts {
	f := &facts{root: o.Root, count: o.Count, carats: -1, parcels: -1,
		hides: slices.ContainsFunc(o.Hidden, func(label int64) bool { return label <= lastDelayed })}
	if n, ok := o.Shown[labelCarats].(int64); ok {
		f.carats = n
	}
	if n, ok := o.Shown[labelParcels].(int64); ok {
		f.parcels = n
	}
	for label := range o.Shown {
		f.private = f.private || label > lastDelayed
	}
	sum := func(label int64, place int, total wire.Value) {
		list, shown := o.Shown[label].([]wire.Value)
		whole, known := total.(int64)
		if !shown || !known {
			return
		}
		added := int64(0)
		for _, line := range list {
			added = plus(added, intAt(line, place))
		}
		if added != whole {
			f.wrong = append(f.wrong, labelName(label))
		}
	}
	sum(labelHS, 1, o.Shown[labelCarats])
	sum(labelOrigin, 1, o.Shown[labelCarats])
	sum(labelList, 2, o.Shown[labelCarats])
	sum(labelValues, 1, o.Shown[labelValue])
	for _, line := range wire.AsList(o.Shown[labelHS]) {
		code, _ := first(line).(string)
		if !slices.Contains([]string{"7102.10", "7102.21", "7102.31"}, code) {
			f.wrong = append(f.wrong, "hs_code")
		}
	}
	total := int64(0)
	for _, line := range wire.AsList(o.Shown[labelConsumed]) {
		number, _ := first(line).(string)
		parts := wire.AsList(line)
		if len(parts) != 3 || !wire.IsNumber(number) {
			f.wrong = append(f.wrong, labelName(labelConsumed))
			continue
		}
		h, _ := parts[1].([]byte)
		u := consumed{number: number, carats: intAt(line, 2)}
		copy(u.cert[:], h)
		total = plus(total, u.carats)
		f.consumed = append(f.consumed, u)
	}
	if f.carats >= 0 && total > f.carats {
		f.wrong = append(f.wrong, labelName(labelConsumed))
	}
	return f
}

func first(v wire.Value) wire.Value {
	if l := wire.AsList(v); len(l) > 0 {
		return l[0]
	}
	return nil
}

func intAt(v wire.Value, i int) int64 {
	if l := wire.AsList(v); i < len(l) {
		n, _ := l[i].(int64)
		return n
	}
	return 0
}

// most is more than any shipment weighs in hundredths of a carat, or costs in
// cents: sums of what is not more cannot run over.
const most = int64(1e15)

// plus adds; what is less than nothing or more than anything stays so.
func plus(a, b int64) int64 {
	if b < 0 || b > most || a > most {
		return most + 1
	}
	return a + b
}

func labelName(label int64) string {
	return map[int64]string{labelHS: "hs", labelOrigin: "origin", labelList: "parcel_list", labelConsumed: "consumed", labelValues: "hs_values"}[label]
}

// join adds to what is shown what another disclosure of the same root showed.
func (f *facts) join(o *facts) *facts {
	if o == nil {
		return f
	}
	if f.carats < 0 {
		f.carats = o.carats
	}
	if f.parcels < 0 {
		f.parcels = o.parcels
	}
	if f.consumed == nil {
		f.consumed = o.consumed
	}
	for _, w := range o.wrong {
		if !slices.Contains(f.wrong, w) {
			f.wrong = append(f.wrong, w)
		}
	}
	return f
}

// judgeBalances holds receipts against what was disclosed of the certificates,
// and re-exports against what was imported for them (KPCS IV(a)).
func (a *auditor) judgeBalances() {
	used := map[string]int64{} // certificate and Participant -> hundredths
	for i := range a.certs {
		c := a.certs[i]
		if c.pair && c.proved {
			a.did("four_eyes")
		} else if c.pair {
			a.cannot("four_eyes.asserted")
		}
		if c.facts == nil {
			a.cannot("facts.not_disclosed")
			continue
		}
		a.did("facts")
		for _, w := range c.facts.wrong {
			code := "facts.sums"
			if w == "hs_code" {
				code = "facts.hs"
			}
			a.found(code, c.spot, "number", c.number, "field", w)
		}
		a.judgeWeight(c)
		if c.life.receipts == 0 && c.life.ended != 0 {
			// It never travelled, and uses nothing up. Of goods lost on their way that is
			// not certain; that more was used than came would not be proved.
			if c.life.ended == wire.KindLoss && len(c.facts.consumed) > 0 {
				a.cannot("balance.lost")
			}
			continue
		}
		for _, u := range c.facts.consumed {
			a.judgeConsumed(c, u, used)
		}
	}
}

// tolerance is how far a receipt may be from a certificate's weight: the KPCS
// names none (domain.md 2.5).
func (a *auditor) tolerance(carats int64) int64 {
	return max(a.opt.Tolerance, carats/1_000_000*a.opt.PerMillion+carats%1_000_000*a.opt.PerMillion/1_000_000)
}

// judgeWeight holds the first receipt against the disclosed weight and parcels.
// Where the importing office has recorded the discrepancy itself, that is how it
// must be.
func (a *auditor) judgeWeight(c *issued) {
	l, f := &c.life, c.facts
	if l.receipts == 0 || l.disputed {
		return
	}
	at := func() spot { return a.spotOf(l.log, l.index) }
	if f.carats >= 0 {
		a.did("weights")
		if off := l.carats - f.carats; off > a.tolerance(f.carats) || -off > a.tolerance(f.carats) {
			a.found("receipt.weight", at(), "number", c.number, "certificate_hundredths", f.carats, "receipt_hundredths", l.carats)
		}
	}
	if f.parcels >= 0 && f.parcels != l.parcels {
		a.found("receipt.parcels", at(), "number", c.number, "certificate", f.parcels, "receipt", l.parcels)
	}
}

// judgeConsumed holds one source of a re-export: a certificate that exists, was
// received by this Participant before and is good, and not more of it than came.
func (a *auditor) judgeConsumed(c *issued, u consumed, used map[string]int64) {
	a.did("balances")
	say := func(code string, facts ...any) {
		a.found(code, c.spot, append([]any{"number", c.number, "consumed", u.number}, facts...)...)
	}
	if p := a.papers[a.short(u.cert[:])]; p != nil && p.number == u.number {
		a.judgeConsumedPaper(c, p, u, used, say)
		return
	}
	n, ok := a.byHash[a.short(u.cert[:])]
	if !ok || a.certs[n].number != u.number {
		_, numbered := a.numbers[u.number]
		switch {
		case numbered:
			say("balance.content")
		case a.readsLogsOf(u.number[:2]):
			say("balance.unknown")
		default:
			say("balance.not_read")
		}
		return
	}
	from := a.certs[n]
	back := from.life.cameBack(c.from(), c.number)
	switch l := &from.life; {
	case back:
	case l.receipts == 0 || l.receiver != c.from() || l.clock > c.clock && l.day > c.day:
		say("balance.not_received")
	case l.clock > c.clock: // a day has no hours in a receipt: what is certain is that it was recorded after
		say("balance.same_day", "day", dayText(int64(l.day)))
	}
	if from.life.ended != 0 || from.life.gone() != 0 && !back {
		say("balance.ended")
	}
	key := string(u.cert[:]) + c.from()
	used[key] = plus(used[key], u.carats)
	limit := int64(-1)
	switch {
	case from.life.receipts > 0 && from.life.receiver == c.from():
		limit = from.life.carats
	case from.facts != nil && from.facts.carats >= 0:
		limit = from.facts.carats + a.tolerance(from.facts.carats)
	}
	if limit < 0 {
		a.cannot("balance.limit")
	} else if used[key] > limit {
		say("balance.exceeded", "used_hundredths", used[key], "limit_hundredths", limit)
	}
}
