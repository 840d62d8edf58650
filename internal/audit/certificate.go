package audit

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

const daySeconds = 86400

// judgeCertificate holds a certificate against its range, its dates and its
// officers (KPCS Annex I; design.md §8).
func (a *auditor) judgeCertificate(e entry) {
	b := e.body
	number := b.text(1)
	if first, twice := a.numbers[number]; twice {
		a.found("number.twice", true, e.origin, e.index, "number", number, "first", fmt.Sprintf("%s %d", first.origin, first.index))
	} else {
		a.numbers[number] = &issued{entry: e}
	}
	if len(number) < 2 || number[:2] != e.participant() || e.subject != "certificate/"+number {
		a.found("number.participant", true, e.origin, e.index, "number", number)
	}
	issuedDay, expires := b.int(4), b.int(5)
	if d := issuedDay - e.at/daySeconds; d < -1 || d > 1 || expires < issuedDay {
		a.found("certificate.dates", true, e.origin, e.index, "number", number)
	}
	a.judgeRange(e, number, issuedDay)
	preparer, validator := b.bytes(11), b.bytes(12)
	if string(preparer) == string(validator) || !a.isOfficer(preparer, e) || !a.isOfficer(validator, e) {
		a.found("certificate.four_eyes", true, e.origin, e.index, "number", number)
	} else if b.bytes(13) == nil {
		a.found("certificate.asserted", false, e.origin, e.index, "number", number)
	}
}

func (a *auditor) judgeRange(e entry, number string, day int64) {
	for _, r := range a.ranges {
		if !sameBytes(e.body.bytes(6), r.hash) {
			continue
		}
		n, err := strconv.ParseInt(number[min(2, len(number)):], 10, 64)
		inside := err == nil && int64(len(number)) == 2+r.digits && number[:2] == r.code && n >= r.first && n <= r.last
		if !inside || day < r.from || day > r.until || e.body.text(7) != r.station {
			a.found("number.range", true, e.origin, e.index, "number", number, "station", r.station)
		}
		return
	}
	a.found("number.range", true, e.origin, e.index, "number", number)
}

// isOfficer tells whether a key id is that of an officer of the issuing office
// on that day.
func (a *auditor) isOfficer(id []byte, e entry) bool {
	if len(id) != 8 {
		return false
	}
	return slices.ContainsFunc(a.keys[[8]byte(id)], func(o *office) bool {
		return o.use == 2 && o.id == e.issuer && e.at >= o.from && e.at < o.until && (o.revoked == nil || e.index < o.revoked[e.origin])
	})
}

// later are the statements about a certificate; all name it by 1 number and
// 2 hash.
var later = []int64{kindOpening, kindVoid, kindReplacement, kindLoss, kindPrint, kindReceipt, kindDiscrepancy}

// judgeLater holds statements about a certificate to one that exists, and
// notes what became of it.
func (a *auditor) judgeLater(e entry) {
	if !slices.Contains(later, e.kind) {
		return
	}
	number := e.body.text(1)
	c := a.numbers[number]
	switch {
	case c == nil && a.readsLogOf(number):
		a.found("later.no_certificate", true, e.origin, e.index, "number", number)
		return
	case c == nil:
		a.found("later.not_read", false, e.origin, e.index, "number", number)
		return
	case !sameBytes(e.body.bytes(2), c.hash):
		a.found("later.other_content", true, e.origin, e.index, "number", number)
	}
	own := e.participant() == c.participant()
	switch e.kind {
	case kindOpening:
		c.opened = c.opened || own
	case kindVoid, kindReplacement, kindLoss:
		if !own {
			a.found("later.stranger", true, e.origin, e.index, "number", number, "issuer", e.issuer)
		}
		c.ended = c.ended || own
	case kindReceipt:
		if c.used++; c.used > 1 {
			a.found("receipt.twice", true, e.origin, e.index, "number", number)
		}
		if to := c.body.text(3); e.participant() != to {
			a.found("receipt.elsewhere", false, e.origin, e.index, "number", number, "destination", to)
		}
		if c.ended {
			a.found("receipt.after_end", true, e.origin, e.index, "number", number)
		}
	}
}

// readsLogOf tells whether a log of the number's Participant is among those
// that are audited.
func (a *auditor) readsLogOf(number string) bool {
	return len(number) > 2 && slices.ContainsFunc(a.report.Logs, func(l LogReport) bool {
		return slices.ContainsFunc(a.scheme.homes[number[:2]], func(h home) bool { return h.origin == l.Origin })
	})
}

// gaps lists the numbers of each range, below the highest used, that no
// certificate has: spoiled sheets are the office's to account for.
func (a *auditor) gaps() {
	for _, r := range a.ranges {
		var used []int64
		for number := range a.numbers {
			n, err := strconv.ParseInt(number[min(2, len(number)):], 10, 64)
			if err == nil && len(number) > 2 && number[:2] == r.code && n >= r.first && n <= r.last {
				used = append(used, n)
			}
		}
		slices.Sort(used)
		next := r.first
		for _, n := range used {
			for ; next < n; next++ {
				a.found("number.gap", false, "", -1, "number", fmt.Sprintf("%s%0*d", r.code, int(r.digits), next), "station", r.station)
			}
			next = n + 1
		}
	}
}

// openDays is how long after expiry the delayed facts may stay closed.
const openDays = 30

// openings lists certificates whose delayed facts should be open by now.
func (a *auditor) openings() {
	var due []*issued
	for _, c := range a.numbers {
		day := c.body.int(5) + 1 + openDays
		if !c.opened && a.at.Unix() >= day*daySeconds {
			due = append(due, c)
		}
	}
	slices.SortFunc(due, func(x, y *issued) int { return int(x.index - y.index) })
	for _, c := range due {
		a.found("opening.due", false, c.origin, c.index, "number", c.body.text(1),
			"since", time.Unix((c.body.int(5)+1+openDays)*daySeconds, 0).UTC())
	}
}
