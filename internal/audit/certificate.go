package audit

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"adamas.example/internal/audit/wire"
)

const daySeconds = 86400

// issued is a certificate as it stands in a log, and what became of it. A few
// hundred bytes, since there may be a million.
type issued struct {
	spot
	number  string
	issuer  string
	to      string
	kind    int8
	day     int32 // of issue
	expires int32
	at      int64 // claimed
	clock   int64 // the log's time
	serial  int64 // in its range, -1 for none
	in      *numberRange
	root    wire.Hash // of the commitment to its facts
	count   int32
	pair    bool // it names the hash of both approvals

	proved  bool // both approvals were seen
	facts   *facts
	life    life
	another int32 // number in certs of another content under this number, -1 for none
}

func (c *issued) from() string { return c.number[:2] }

// judgeCertificate holds a certificate against its range, its dates and its
// officers (KPCS Annex I; design.md §8), and keeps it.
func (a *auditor) judgeCertificate(o *openedLog, e entry, clock int64) {
	b := e.Body
	if b == nil {
		a.found("entry.form", e.spot, "why", "a certificate whose body is kept apart")
		return
	}
	a.did("certificates")
	number := b.Text(1)
	commitment := b.List(8)
	root, _ := commitment[0].([]byte)
	count, _ := commitment[1].(int64)
	c := issued{spot: e.spot, number: number, issuer: a.name(e.Issuer), to: a.name(b.Text(3)), kind: int8(b.Int(2)), day: int32(b.Int(4)),
		expires: int32(b.Int(5)), at: e.At, clock: clock, serial: -1, root: wire.Hash(root), count: int32(count), pair: b.Bytes(13) != nil, another: -1}
	if number[:2] != e.Participant() || e.Subject != "certificate/"+number {
		a.found("number.participant", e.spot, "number", number)
	}
	if d := int64(c.day) - e.At/daySeconds; d < -1 || d > 1 {
		a.found("certificate.dates", e.spot, "number", number, "issued", dayText(int64(c.day)), "signed", time.Unix(e.At, 0).UTC())
	}
	a.judgeRange(&c, b)
	a.judgeOfficers(e, &c, b.Bytes(11), b.Bytes(12))
	if first, twice := a.numbers[number]; twice {
		a.found("number.twice", e.spot, "number", number, "first", a.where(a.certs[first].spot))
		c.another = a.certs[first].another
		a.certs[first].another = int32(len(a.certs))
	} else {
		a.numbers[number] = int32(len(a.certs))
	}
	a.byHash[a.short(e.hash[:])] = int32(len(a.certs))
	a.certs = append(a.certs, &c)
}

func (a *auditor) judgeRange(c *issued, b wire.Mapping) {
	station := b.Text(7)
	if !strings.HasPrefix(station, c.issuer+"/") {
		a.found("number.station", c.spot, "number", c.number, "station", station)
	}
	r := a.byRange[wire.Hash(b.Bytes(6))]
	if r == nil {
		a.found("number.range", c.spot, "number", c.number, "station", station)
		return
	}
	n, err := strconv.ParseInt(c.number[2:], 10, 64)
	if err != nil || int64(len(c.number)) != 2+r.digits || c.number[:2] != r.code || n < r.first || n > r.last || station != r.station {
		a.found("number.range", c.spot, "number", c.number, "station", station, "range", a.where(r.spot))
		return
	}
	c.in, c.serial = r, n
	if int64(c.day) < r.from || int64(c.day) > r.until {
		a.found("number.day", c.spot, "number", c.number, "issued", dayText(int64(c.day)), "from", dayText(r.from), "until", dayText(r.until))
	}
}

// judgeOfficers wants two officers of the issuing office, each with the role on
// that day (design.md §5, four eyes).
func (a *auditor) judgeOfficers(e entry, c *issued, preparer, validator []byte) {
	if !a.isOfficer(preparer, e) || !a.isOfficer(validator, e) {
		a.found("certificate.four_eyes", e.spot, "number", c.number)
		return
	}
	if !c.pair {
		a.found("certificate.asserted", e.spot, "number", c.number)
	}
	for _, key := range [][]byte{preparer, validator} {
		if !a.mayIssue(e.Issuer, key, e.At) {
			a.found("role.missing", e.spot, "number", c.number, "officer", wire.Hex(key))
		}
	}
}

// isOfficer tells whether a key id is that of an officer of the issuing office
// on that day.
func (a *auditor) isOfficer(id []byte, e entry) bool {
	return slices.ContainsFunc(a.keys[[8]byte(id)], func(o *office) bool {
		return o.use == 2 && o.id == e.Issuer && e.At >= o.from && e.At < o.until && !o.cut(a.logs[e.log].Origin, e.index)
	})
}

// gaps lists the runs of numbers of each range, below the highest used, that no
// certificate has: spoiled sheets are the office's to account for. It also judges
// how soon each certificate was recorded.
func (a *auditor) gaps() {
	for _, l := range a.logs {
		l.sortHeads()
	}
	used := map[*numberRange][]int64{}
	for i := range a.certs {
		c := a.certs[i]
		if c.in != nil {
			used[c.in] = append(used[c.in], c.serial)
			a.judgeLateness(c)
		}
	}
	for _, r := range a.ranges {
		serials := used[r]
		slices.Sort(serials)
		next := r.first
		for _, n := range serials {
			a.gap(r, next, n-1)
			next = n + 1
		}
	}
}

// gap reports the numbers from first to last but for those that the office's own
// sheets account for.
func (a *auditor) gap(r *numberRange, first, last int64) {
	text := func(n int64) string { return fmt.Sprintf("%s%0*d", r.code, int(r.digits), n) }
	start := first
	report := func(end int64) {
		if start <= end {
			a.found("number.gap", spot{log: r.log, index: -1, hash: r.hash}, "number", text(start), "until", text(end), "count", end-start+1, "station", r.station)
		}
	}
	if len(a.explained) > 0 {
		for n := first; n <= last; n++ {
			if _, known := a.explained[text(n)]; known {
				a.did("gaps_explained")
				report(n - 1)
				start = n + 1
			}
		}
	}
	report(last)
}

// judgeLateness holds the time between issue and record against the range's
// limit. That an entry is late is proved by an attested size that did not yet
// cover it; that it is not, by one that did.
func (a *auditor) judgeLateness(c *issued) {
	limit := c.at + c.in.within + a.opt.Late
	heads := a.logs[c.log].heads
	n, _ := slices.BinarySearchFunc(heads, c.index+1, func(h headAt, size int64) int { return cmp.Compare(h.size, size) })
	switch {
	case n > 0 && heads[n-1].latest > limit:
		a.found("number.late", c.spot, "number", c.number, "station", c.in.station, "signed", time.Unix(c.at, 0).UTC(),
			"not_before", time.Unix(heads[n-1].latest, 0).UTC())
	case n < len(heads) && heads[n].earliest <= limit:
		a.did("recorded_in_time")
	default:
		a.cannot("record.time")
	}
}

// sortHeads puts the attested sizes of a log in order, each with the latest time
// of one that is not larger and the earliest of one that is not smaller.
func (l *openedLog) sortHeads() {
	slices.SortFunc(l.heads, func(x, y headAt) int { return cmp.Or(cmp.Compare(x.size, y.size), cmp.Compare(x.time, y.time)) })
	l.heads = slices.Compact(l.heads)
	latest := int64(0)
	for i := range l.heads {
		latest = max(latest, l.heads[i].time)
		l.heads[i].latest = latest
	}
	earliest := int64(math.MaxInt64)
	for i := len(l.heads) - 1; i >= 0; i-- {
		earliest = min(earliest, l.heads[i].time)
		l.heads[i].earliest = earliest
	}
}

func dayText(day int64) string { return time.Unix(day*daySeconds, 0).UTC().Format("2006-01-02") }
