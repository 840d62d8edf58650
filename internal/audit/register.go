package audit

import (
	"slices"
	"strings"

	"adamas.example/internal/audit/wire"
)

// office is what an authority says of a key.
type office struct {
	wire.Key
	id          string
	use         int64
	types       []wire.Value
	from, until int64
	home        string
	revoked     map[string]int64 // origin -> cut-off; nil while good
}

// cut tells whether what the key signed there was revoked.
func (o *office) cut(origin string, index int64) bool {
	return o.revoked != nil && index >= o.revoked[origin]
}

// grant is what an officer may do, as stated at a time.
type grant struct {
	stated, from, until int64
	roles               []string
}

type numberRange struct {
	spot
	code        string
	digits      int64
	first, last int64
	station     string
	offline     bool
	within      int64
	from, until int64
}

// judgeRegister takes in keys, then what ends or follows from them.
func (a *auditor) judgeRegister() {
	for _, code := range a.participants() {
		for _, k := range a.scheme.Authority[code] {
			for _, v := range k.CutOff {
				a.judgeVector(nowhere, v)
			}
		}
	}
	for _, e := range a.few {
		if e.Kind == wire.KindOfficeKey {
			a.takeKey(e)
		}
	}
	for _, e := range a.few {
		switch e.Kind {
		case wire.KindKeyRevoked:
			a.takeRevocation(e)
		case wire.KindRange:
			a.takeRange(e)
		case wire.KindRoleGrant:
			a.takeGrant(e)
		case wire.KindStanding:
			a.takeStanding(e)
		case wire.KindSnapshot:
			a.snapshots = append(a.snapshots, e)
		case wire.KindLogClosed:
			a.judgeClosing(e)
		}
	}
	a.overlaps()
	a.few = nil
}

// participants are the codes that the root document names, in order.
func (a *auditor) participants() []string {
	var out []string
	for code := range a.scheme.Authority {
		out = append(out, code)
	}
	slices.Sort(out)
	return out
}

// byAuthority tells whether the authority of the entry's Participant signed it.
func (a *auditor) byAuthority(e entry) bool {
	origin := a.logs[e.log].Origin
	for _, k := range a.scheme.Authority[e.Participant()] {
		if k.ID == e.Key && k.Signed(e.Alg, e.Message, e.Signature) {
			return k.CutOff == nil || e.index < wire.Cut(k.CutOff, origin)
		}
	}
	return false
}

func (a *auditor) takeKey(e entry) {
	b := e.Body
	if b == nil {
		return
	}
	k, err := wire.ReadKey(b.Sub(4))
	o := &office{Key: k, id: a.name(b.Text(1)), use: b.Int(3), types: b.List(8), from: b.Int(5), until: b.Int(6), home: b.Text(9)}
	switch {
	case err != nil:
		a.found("key.form", e.spot, "why", err.Error())
		return
	case o.id[:2] != e.Participant() || !a.byAuthority(e):
		a.found("key.authority", e.spot, "office", o.id)
		return
	}
	for _, other := range a.keys[k.ID] {
		if other.id[:2] == o.id[:2] && (other.id != o.id || other.use != o.use) {
			a.found("key.conflict", e.spot, "office", o.id, "other", other.id)
		}
	}
	a.keys[k.ID] = append(a.keys[k.ID], o)
}

func (a *auditor) takeRevocation(e entry) {
	if e.Body == nil || !a.byAuthority(e) {
		a.found("revocation.authority", e.spot)
		return
	}
	id := e.Body.Bytes(1)
	cut := map[string]int64{}
	for _, v := range wire.Vectors(e.Body[3]) {
		cut[v.Origin] = v.Size
		a.judgeVector(e.spot, v)
	}
	known := false
	for _, o := range a.keys[[8]byte(id)] {
		if o.id[:2] != e.Participant() {
			continue
		}
		known = true
		if o.revoked == nil {
			o.revoked = cut
			continue
		}
		both := map[string]int64{} // a later one can take back more, never give anything again
		for origin, size := range o.revoked {
			both[origin] = min(size, cut[origin])
		}
		o.revoked = both
	}
	if !known {
		a.found("revocation.unknown", e.spot, "key", wire.Hex(id))
	}
}

func (a *auditor) takeGrant(e entry) {
	b := e.Body
	if b == nil || b.Text(2)[:2] != e.Participant() || !a.byAuthority(e) {
		a.found("role.authority", e.spot)
		return
	}
	g := grant{stated: e.At, from: b.Int(4), until: b.Int(5)}
	for _, r := range b.List(3) {
		role, _ := r.(string)
		g.roles = append(g.roles, role)
	}
	whose := b.Text(2) + "\x00" + string(b.Bytes(1))
	a.grants[whose] = append(a.grants[whose], g)
	a.granting[b.Text(2)] = true
}

// mayIssue tells whether an officer had the role that prepares and issues. An
// office of which nothing was ever granted is not judged.
func (a *auditor) mayIssue(officeID string, key []byte, at int64) bool {
	if !a.granting[officeID] {
		return true
	}
	a.did("roles")
	var last *grant
	for i, g := range a.grants[officeID+"\x00"+string(key)] {
		if g.stated <= at && (last == nil || g.stated >= last.stated) {
			last = &a.grants[officeID+"\x00"+string(key)][i]
		}
	}
	return last != nil && at >= last.from && at < last.until && slices.Contains(last.roles, "validating_officer")
}

func (a *auditor) takeRange(e entry) {
	b := e.Body
	if b == nil {
		return
	}
	r := &numberRange{spot: e.spot, code: a.name(b.Text(1)), digits: b.Int(2), first: b.Int(3), last: b.Int(4), station: a.name(b.Text(5)),
		offline: b.Bool(6), within: b.Int(7), from: b.Int(8), until: b.Int(9)}
	if r.code != e.Participant() || r.station[:2] != r.code || !a.byAuthority(e) {
		a.found("range.authority", e.spot, "participant", r.code, "station", r.station)
		return
	}
	a.ranges = append(a.ranges, r)
	a.byRange[e.hash] = r
}

// overlaps finds ranges of one Participant that share a number, whichever
// stations and offices they are for.
func (a *auditor) overlaps() {
	sorted := slices.Clone(a.ranges)
	slices.SortStableFunc(sorted, func(x, y *numberRange) int {
		switch {
		case x.code != y.code:
			return strings.Compare(x.code, y.code)
		case x.digits != y.digits:
			return int(x.digits - y.digits)
		case x.first < y.first:
			return -1
		case x.first > y.first:
			return 1
		}
		return 0
	})
	var widest *numberRange
	for _, r := range sorted {
		a.did("ranges")
		if widest != nil && widest.code == r.code && widest.digits == r.digits && r.first <= widest.last {
			a.found("range.overlap", r.spot, "first", r.first, "last", r.last, "station", r.station, "other", widest.station,
				"stated", a.where(widest.spot))
		}
		if widest == nil || widest.code != r.code || widest.digits != r.digits || r.last > widest.last {
			widest = r
		}
	}
}

// judgeVector holds a point of a log that a statement names against that log.
func (a *auditor) judgeVector(at spot, v wire.Vector) bool {
	l := a.logOf(v.Origin)
	if l == nil || v.Size > l.Size {
		a.cannot("vector.not_read")
		return false
	}
	root, err := l.RootAt(v.Size)
	if err != nil {
		a.cannot("vector.not_read")
		return false
	}
	a.did("vectors")
	if root != v.Root {
		a.found("vector.false", at, "origin", v.Origin, "size", v.Size, "computed", wire.Hex(root[:]), "stated", wire.Hex(v.Root[:]))
		return false
	}
	return true
}

// judgeClosing holds a log that was closed to its end: nothing counts after it,
// and the root document names where its office goes on.
func (a *auditor) judgeClosing(e entry) {
	if e.Body == nil {
		return
	}
	v, next := wire.VectorOf(e.Body[1]), e.Body.Text(2)
	a.judgeVector(e.spot, v)
	if a.scheme.Logs[next] == nil {
		a.found("log.successor", e.spot, "origin", v.Origin, "successor", next)
	}
	closed := a.logOf(v.Origin)
	if closed == nil {
		return
	}
	end := v.Size
	if closed.number == e.log {
		end = e.index + 1 // its own last statement
	}
	if closed.Size > end {
		a.found("log.after_close", e.spot, "origin", v.Origin, "end", end, "size", closed.Size)
	}
}
