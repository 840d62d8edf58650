package audit

import (
	"cmp"
	"crypto/sha256"
	"maps"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/audit/wire"
)

// event is a later statement about a certificate, cut down to what it decides.
type event struct {
	number  string
	cert    short // that it names
	kind    int8
	step    int8 // of a disposition
	same    bool // transit: left as it came
	log     int32
	day     int32
	until   int32 // second day of a transit
	index   int64
	at      int64 // claimed
	clock   int64 // the log's time
	carats  int64
	parcels int64
	issuer  string
	other   string // number of the replacement, or of the technical certificate
	facts   *facts
}

func (e *event) by() string { return e.issuer[:2] }

// The steps of a disposition (docs/formats: 1..6).
const (
	detained  = 1
	released  = 2
	returned  = 3
	seized    = 4
	sold      = 5
	destroyed = 6
)

// life is what became of a certificate.
type life struct {
	ended    int8                 // kind of the statement that ended it, 0 while it has not
	cases    map[string]*handling // Participant -> what it has done with the goods; nil for most
	disputed bool                 // a discrepancy is on record
	opened   bool
	attested bool // the issuer attests a confirmation on paper
	receipts int32
	log      int32 // of the first receipt, with what follows
	index    int64
	clock    int64
	day      int32
	carats   int64
	parcels  int64
	receiver string
}

// handling is how far one Participant has gone with goods that are not in order. A
// case is ended by the one that opened it; what another does with a second paper of
// the number does not touch it.
type handling struct {
	step     int8 // last disposition
	day      int32
	received bool
	under    string // of the last disposition: number of the technical certificate
}

// final tells whether the goods left the trade or went back.
func (h *handling) final() bool { return h.step == returned || h.step >= seized }

// by gives what a Participant has done so far.
func (l *life) by(who string) *handling {
	if h := l.cases[who]; h != nil {
		return h
	}
	h := &handling{received: l.receipts > 0 && l.receiver == who}
	if l.cases == nil {
		l.cases = map[string]*handling{}
	}
	l.cases[who] = h
	return h
}

// gone gives the step by which the goods left the trade or went back, 0 while they
// have not. Once they were received, only what the receiver did with them counts.
func (l *life) gone() int8 {
	for _, who := range slices.Sorted(maps.Keys(l.cases)) {
		if h := l.cases[who]; h.final() && (l.receipts == 0 || who == l.receiver) {
			return h.step
		}
	}
	return 0
}

// cameBack tells whether a Participant sent the goods back under this number: that
// certificate uses up the one they came under, though nothing was received.
func (l *life) cameBack(who, number string) bool {
	h := l.cases[who]
	return h != nil && h.step == returned && h.under == number
}

// noteEvent keeps what a statement says of a certificate, if it says anything.
func (a *auditor) noteEvent(e entry, clock int64) {
	b := e.Body
	if b == nil || !slices.Contains([]int64{wire.KindOpening, wire.KindVoid, wire.KindReplacement, wire.KindLoss, wire.KindPrint, wire.KindReceipt,
		wire.KindDiscrepancy, wire.KindDisposition, wire.KindEndorsement, wire.KindTransit, wire.KindAttestation}, e.Kind) {
		return
	}
	a.did("later")
	v := event{number: b.Text(1), cert: a.short(b.Bytes(2)), kind: int8(e.Kind), log: e.log, index: e.index, at: e.At, clock: clock, issuer: a.name(e.Issuer)}
	switch e.Kind {
	case wire.KindOpening:
		opened, err := wire.Open(b.Sub(3))
		if err != nil {
			a.found("opening.false", e.spot, "number", v.number, "why", err.Error())
			return
		}
		v.facts = readFacts(opened)
	case wire.KindReplacement:
		v.other = b.Text(3)
	case wire.KindLoss, wire.KindDiscrepancy:
		v.day = int32(b.Int(3))
	case wire.KindReceipt:
		v.day, v.carats, v.parcels = int32(b.Int(3)), b.Int(4), b.Int(5)
	case wire.KindAttestation:
		v.other, v.day, v.carats, v.parcels = a.name(b.Text(3)), int32(b.Int(4)), b.Int(5), b.Int(6)
	case wire.KindDisposition:
		v.step, v.day, v.other = int8(b.Int(3)), int32(b.Int(4)), b.Text(6)
	case wire.KindTransit:
		v.day, v.until, v.same = int32(b.Int(3)), int32(b.Int(4)), b.Bool(5)
	}
	a.events = append(a.events, &v)
}

// spotOf finds the hash of an entry again: events do not carry it.
func (a *auditor) spotOf(log int32, index int64) spot {
	at := spot{log: log, index: index}
	if leaf, err := a.logs[log].Leaf(index); err == nil {
		at.hash = sha256.Sum256(leaf)
	}
	return at
}

// judgeLife goes through the later statements of each certificate in order of
// their logs' times: one log's in its order, those of several by what they claim.
func (a *auditor) judgeLife() {
	slices.SortFunc(a.events, func(x, y *event) int {
		return cmp.Or(strings.Compare(x.number, y.number), cmp.Compare(x.clock, y.clock), cmp.Compare(x.log, y.log), cmp.Compare(x.index, y.index))
	})
	for i := range a.events {
		e := a.events[i]
		if p := a.papers[e.cert]; p != nil && p.number == e.number {
			a.judgePaper(p, e)
			continue
		}
		if c := a.meant(e); c != nil {
			a.judgeEvent(c, e)
		}
	}
	for i := range a.certs {
		a.judgeEnd(a.certs[i])
	}
	for _, p := range a.paperList {
		a.endPaper(p)
	}
	a.events = nil
}

// meant finds the certificate that an event is about: that of the hash it names,
// or else the first with the number.
func (a *auditor) meant(e *event) *issued {
	if n, ok := a.byHash[e.cert]; ok && a.certs[n].number == e.number {
		return a.certs[n]
	}
	n, ok := a.numbers[e.number]
	switch {
	case ok:
		a.found("later.other_content", a.spotOf(e.log, e.index), "number", e.number)
		return a.certs[n]
	case a.readsLogsOf(e.number[:2]):
		a.found("later.no_certificate", a.spotOf(e.log, e.index), "number", e.number)
	default:
		a.found("later.not_read", a.spotOf(e.log, e.index), "number", e.number)
	}
	return nil
}

// judgeEvent holds one event against the certificate as it then stood, and lets
// it have its effect.
func (a *auditor) judgeEvent(c *issued, e *event) {
	say := func(code string, facts ...any) {
		a.found(code, a.spotOf(e.log, e.index), append([]any{"number", c.number}, facts...)...)
	}
	if e.day != 0 && (int64(e.day) > e.at/daySeconds+1 || e.day < c.day-1 && e.kind != wire.KindReceipt) {
		say("later.day", "day", dayText(int64(e.day)), "signed", time.Unix(e.at, 0).UTC())
	}
	own := e.by() == c.from()
	switch e.kind {
	case wire.KindVoid, wire.KindReplacement, wire.KindLoss, wire.KindPrint, wire.KindEndorsement, wire.KindAttestation:
		if !own {
			say("later.stranger", "issuer", e.issuer)
			return
		}
	case wire.KindDisposition: // what becomes of irregular goods is not the exporter's to say
		if own {
			say("later.stranger", "issuer", e.issuer)
			return
		}
	}
	switch e.kind {
	case wire.KindOpening:
		a.judgeOpening(c, e, say)
	case wire.KindVoid, wire.KindReplacement, wire.KindLoss:
		a.judgeEnding(c, e, say)
	case wire.KindReceipt:
		a.judgeReceipt(c, e, say)
	case wire.KindDiscrepancy:
		c.life.disputed = true
		if e.by() != c.to {
			say("disposition.elsewhere", "issuer", e.issuer, "destination", c.to)
		}
	case wire.KindDisposition:
		a.judgeDisposition(c, e, say)
	case wire.KindEndorsement, wire.KindPrint:
		if c.life.ended != 0 || c.life.receipts > 0 && e.kind == wire.KindEndorsement {
			say("later.after_end", "issuer", e.issuer)
		}
	case wire.KindTransit:
		a.judgeTransit(c, e, say)
	case wire.KindAttestation:
		a.judgeAttestation(c, e, say)
	}
}

func (a *auditor) judgeTransit(c *issued, e *event, say func(string, ...any)) {
	a.did("transits")
	if e.by() == c.from() || e.by() == c.to {
		say("transit.party", "issuer", e.issuer)
	}
	if !e.same {
		say("transit.changed", "issuer", e.issuer)
	}
	if c.life.ended != 0 || c.life.receipts > 0 && e.until > c.life.day {
		say("later.after_end", "issuer", e.issuer)
	}
}

// judgeEnding: the issuing Participant cancels, replaces or reports lost.
func (a *auditor) judgeEnding(c *issued, e *event, say func(string, ...any)) {
	switch {
	case c.life.receipts > 0 && e.kind == wire.KindLoss:
		say("loss.after_receipt")
	case c.life.receipts > 0:
		say("void.after_receipt", "received", a.where(spot{log: c.life.log, index: c.life.index}))
	case c.life.ended != 0 && e.kind != wire.KindLoss:
		say("later.after_end", "issuer", e.issuer)
	}
	if e.kind == wire.KindReplacement {
		if n, ok := a.numbers[e.other]; !ok {
			say("replacement.unknown", "by", e.other)
		} else if a.certs[n].issuer != c.issuer {
			say("replacement.office", "by", e.other, "office", a.certs[n].issuer)
		}
	}
	if c.life.ended == 0 {
		c.life.ended = e.kind
	}
}

// judgeReceipt: the importing office confirms (KPCS III(b)(ii)), once.
func (a *auditor) judgeReceipt(c *issued, e *event, say func(string, ...any)) {
	a.did("receipts")
	l := &c.life
	before := l.gone()
	if l.receipts++; l.receipts > 1 {
		say("receipt.twice", "first", a.where(spot{log: l.log, index: l.index}), "first_day", dayText(int64(l.day)))
	} else {
		l.log, l.index, l.clock, l.day, l.carats, l.parcels, l.receiver = e.log, e.index, e.clock, e.day, e.carats, e.parcels, e.by()
	}
	if e.by() != c.to {
		say("receipt.elsewhere", "destination", c.to, "issuer", e.issuer)
	}
	mine := l.cases[e.by()]
	switch {
	case l.ended != 0:
		say("receipt.after_end", "ended_by", wire.KindName(int64(l.ended)))
	case before != 0:
		say("receipt.after_end", "ended_by", stepName(before))
	case mine != nil && mine.final():
		say("receipt.after_end", "ended_by", stepName(mine.step))
	case mine != nil && mine.step == detained:
		say("receipt.detained")
	}
	if mine != nil {
		mine.received = true
	}
	if e.day > c.expires {
		say("receipt.expired", "expired", dayText(int64(c.expires)), "day", dayText(int64(e.day)))
	}
	if e.day < c.day-1 {
		say("receipt.early", "issued", dayText(int64(c.day)), "day", dayText(int64(e.day)))
	}
}

// judgeDisposition: detained may be followed by anything, released only follows
// detained, and what was returned, seized, sold or destroyed comes to nothing
// more, but that seized goods are sold or destroyed (domain.md 2.1).
func (a *auditor) judgeDisposition(c *issued, e *event, say func(string, ...any)) {
	a.did("dispositions")
	mine := c.life.by(e.by())
	var after []int8
	switch e.step {
	case detained:
		after = []int8{0, released}
	case released:
		after = []int8{detained}
	case returned, seized:
		after = []int8{0, detained, released}
	default:
		after = []int8{detained, seized}
	}
	if !slices.Contains(after, mine.step) || mine.received || e.day < mine.day {
		say("disposition.order", "step", stepName(e.step), "before", stepName(mine.step), "day", dayText(int64(e.day)))
	}
	if e.by() != c.to {
		say("disposition.elsewhere", "issuer", e.issuer, "destination", c.to)
	}
	if e.other != "" {
		n, ok := a.numbers[e.other]
		switch {
		case ok && a.certs[n].kind != 2, !ok && a.readsLogsOf(e.other[:2]):
			say("disposition.under", "under", e.other)
		case !ok:
			say("later.not_read", "under", e.other)
		}
	}
	mine.step, mine.day, mine.under = e.step, e.day, e.other
}

func stepName(step int8) string {
	return [...]string{"none", "detained", "released", "returned", "seized", "sold", "destroyed"}[step]
}

// judgeOpening: the delayed facts, true to the commitment, nothing private, not
// before their time.
func (a *auditor) judgeOpening(c *issued, e *event, say func(string, ...any)) {
	a.did("openings")
	f := e.facts
	if f.root != c.root || f.count != int64(c.count) {
		say("opening.false")
		return
	}
	if f.private {
		say("opening.private")
	}
	if c.life.receipts == 0 && c.life.gone() == 0 && e.clock < (int64(c.expires)+1)*daySeconds {
		say("opening.early", "expires", dayText(int64(c.expires)))
	}
	if f.hides {
		say("opening.partial")
	} else {
		c.life.opened = true
	}
	c.facts = f.join(c.facts)
}

// judgeEnd says what should have happened to a certificate by now, and counts it
// with its pair of Participants.
func (a *auditor) judgeEnd(c *issued) {
	due := (int64(c.expires) + 1 + a.opt.OpenDays) * daySeconds
	if c.life.receipts > 0 {
		due = min(due, (int64(c.life.day)+1+a.opt.OpenDays)*daySeconds)
	}
	if !c.life.opened && a.now >= due {
		a.found("opening.due", c.spot, "number", c.number, "since", time.Unix(due, 0).UTC())
	}
	p := a.pairOf(c.from(), c.to)
	p.Issued++
	switch {
	case c.life.receipts > 0:
		p.Received++
	case c.life.ended != 0 || c.life.gone() != 0:
		p.Ended++
	case c.life.attested:
		p.Attested++
	case a.now >= (int64(c.day)+a.opt.OverdueDays)*daySeconds:
		p.Overdue++
		if a.readsLogsOf(c.to) {
			a.found("receipt.overdue", c.spot, "number", c.number, "destination", c.to, "issued", dayText(int64(c.day)))
		} else {
			a.cannot("receipt.log_not_read")
		}
	default:
		p.Open++
	}
}

// pairOf finds the count of a pair of Participants.
func (a *auditor) pairOf(from, to string) *Pair {
	between := [2]string{from, to}
	i, known := a.pairs[between]
	if !known {
		i = len(a.report.Pairs)
		a.pairs[between] = i
		a.report.Pairs = append(a.report.Pairs, Pair{From: from, To: to})
	}
	return &a.report.Pairs[i]
}
