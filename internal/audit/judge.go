package audit

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"time"
)

// Finding is one thing that is not as it must be (Violation), or one that a
// reader should know.
type Finding struct {
	Code      string         `json:"code"`
	Violation bool           `json:"violation"`
	Log       string         `json:"log"`
	Index     int64          `json:"index"` // -1 for the log as a whole
	Facts     map[string]any `json:"facts,omitempty"`
}

// LogReport is what was counted in one log.
type LogReport struct {
	Origin       string               `json:"origin"`
	Size         int                  `json:"size"`
	Root         string               `json:"root"`
	Witnesses    map[string]time.Time `json:"witnesses"`
	Statements   map[string]int       `json:"statements"` // by type code
	Certificates int                  `json:"certificates"`
}

// Report is the whole result.
type Report struct {
	Root      string      `json:"root"` // fingerprint of the newest root document
	Synthetic bool        `json:"synthetic"`
	At        time.Time   `json:"at"`
	Logs      []LogReport `json:"logs"`
	Findings  []Finding   `json:"findings"`
}

// Clean tells whether nothing was violated.
func (r *Report) Clean() bool {
	return !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Violation })
}

// Run audits log folders under the chain of root documents, as of a time. It
// fails only when the root documents are no chain; everything else is a
// finding.
func Run(roots [][]byte, logs []fs.FS, at time.Time) (*Report, error) {
	s, err := readRoots(roots)
	if err != nil {
		return nil, err
	}
	a := &auditor{scheme: s, at: at, report: &Report{Root: hexed(s.print[:]), Synthetic: s.synthetic, At: at.UTC()},
		keys: map[[8]byte][]*office{}, chains: map[string]hash{}, numbers: map[string]*issued{}, byHash: map[hash]place{}}
	if at.Unix() >= s.expires {
		a.found("root.expired", true, "", -1, "expired", time.Unix(s.expires, 0).UTC())
	}
	for _, fsys := range logs {
		a.readLog(fsys)
	}
	a.judge()
	return a.report, nil
}

type place struct {
	origin string
	index  int64
}

// entry is a statement at its place.
type entry struct {
	place
	*said
}

// office is what an authority says of a key.
type office struct {
	key
	id          string
	use         int64
	types       []value
	from, until int64
	revoked     map[string]int64 // origin -> cut-off; nil while good
}

// issued is a certificate and what is said of it later.
type issued struct {
	entry
	ended  bool // void, replaced or lost
	opened bool
	used   int
}

type auditor struct {
	scheme  *scheme
	at      time.Time
	report  *Report
	entries []entry
	keys    map[[8]byte][]*office
	ranges  []numberRange
	chains  map[string]hash // issuer and subject -> last statement
	numbers map[string]*issued
	byHash  map[hash]place
}

type numberRange struct {
	hash        hash
	code        string
	digits      int64
	first, last int64
	station     string
	from, until int64
}

func (a *auditor) found(code string, violation bool, log string, index int64, facts ...any) {
	f := Finding{Code: code, Violation: violation, Log: log, Index: index}
	for i := 0; i+1 < len(facts); i += 2 {
		if f.Facts == nil {
			f.Facts = map[string]any{}
		}
		f.Facts[facts[i].(string)] = facts[i+1]
	}
	a.report.Findings = append(a.report.Findings, f)
}

// readLog reads one folder, holds its checkpoint against the policy and its
// entries against its root, and decodes what it can.
func (a *auditor) readLog(fsys fs.FS) {
	l, text, err := readLog(fsys)
	if l == nil {
		a.found("log.unreadable", true, "", -1, "why", err.Error())
		return
	}
	if err != nil {
		a.found("log.unreadable", true, l.origin, int64(len(l.leaves)), "why", err.Error())
		return
	}
	w := a.scheme.logs[l.origin]
	if w == nil {
		a.found("log.unknown", true, l.origin, -1)
		return
	}
	times, err := w.check(text)
	if err != nil {
		a.found("log.checkpoint", true, l.origin, -1, "why", err.Error())
	}
	if got := treeHash(l.leaves); got != l.root {
		a.found("log.root", true, l.origin, -1, "computed", hexed(got[:]), "stated", hexed(l.root[:]))
	}
	r := LogReport{Origin: l.origin, Size: len(l.leaves), Root: hexed(l.root[:]), Witnesses: map[string]time.Time{}, Statements: map[string]int{}}
	for label, t := range times {
		r.Witnesses[label] = time.Unix(t, 0).UTC()
	}
	for i, leaf := range l.leaves {
		s, err := readStatement(leaf)
		if err != nil {
			a.found("entry.form", true, l.origin, int64(i), "why", err.Error())
			continue
		}
		r.Statements[strconv.FormatInt(s.kind, 10)]++
		r.Certificates += btoi(s.kind == kindCertificate)
		e := entry{place{l.origin, int64(i)}, s}
		if other, twice := a.byHash[s.hash]; twice {
			a.found("entry.twice", true, l.origin, int64(i), "first", fmt.Sprintf("%s %d", other.origin, other.index))
			continue
		}
		a.byHash[s.hash] = e.place
		a.entries = append(a.entries, e)
	}
	a.report.Logs = append(a.report.Logs, r)
}

// judge goes through the entries: keys first, then revocations and ranges,
// then everything, so that the order of two logs decides nothing.
func (a *auditor) judge() {
	for _, e := range a.entries {
		if e.kind == kindOfficeKey {
			a.takeKey(e)
		}
	}
	for _, e := range a.entries {
		switch e.kind {
		case kindKeyRevoked:
			a.takeRevocation(e)
		case kindRange:
			a.takeRange(e)
		}
	}
	for _, e := range a.entries {
		a.judgeEntry(e)
	}
	for _, e := range a.entries {
		a.judgeLater(e)
	}
	a.gaps()
	a.openings()
}

// byAuthority tells whether the authority of the entry's Participant signed it.
func (a *auditor) byAuthority(e entry) bool {
	for _, k := range a.scheme.authority[e.participant()] {
		if k.id == e.kid && k.signed(e.alg, e.message, e.signature) {
			return k.cutOff == nil || e.index < k.cutOff[e.origin]
		}
	}
	return false
}

func (a *auditor) takeKey(e entry) {
	k, err := readKey(e.body.sub(4))
	o := &office{key: k, id: e.body.text(1), use: e.body.int(3), types: e.body.list(8), from: e.body.int(5), until: e.body.int(6)}
	switch {
	case err != nil:
		a.found("key.form", true, e.origin, e.index, "why", err.Error())
	case len(o.id) < 2 || o.id[:2] != e.participant() || !a.byAuthority(e):
		a.found("key.authority", true, e.origin, e.index, "office", o.id)
	default:
		a.keys[k.id] = append(a.keys[k.id], o)
	}
}

func (a *auditor) takeRevocation(e entry) {
	if !a.byAuthority(e) {
		a.found("revocation.authority", true, e.origin, e.index)
		return
	}
	id := e.body.bytes(1)
	cut := vectors(e.body[3])
	known := false
	for _, o := range a.keys[[8]byte(append(id, make([]byte, 8)...)[:8])] {
		if o.id[:2] != e.participant() {
			continue
		}
		known = true
		if o.revoked == nil {
			o.revoked = cut
			continue
		}
		for origin := range o.revoked {
			o.revoked[origin] = min(o.revoked[origin], cut[origin])
		}
	}
	if !known {
		a.found("revocation.unknown", true, e.origin, e.index, "key", hexed(id))
	}
}

func (a *auditor) takeRange(e entry) {
	b := e.body
	r := numberRange{hash: e.hash, code: b.text(1), digits: b.int(2), first: b.int(3), last: b.int(4), station: b.text(5), from: b.int(8), until: b.int(9)}
	if r.code != e.participant() || !a.byAuthority(e) {
		a.found("range.authority", true, e.origin, e.index, "participant", r.code)
		return
	}
	for _, o := range a.ranges {
		if o.code == r.code && o.first <= r.last && r.first <= o.last {
			a.found("range.overlap", true, e.origin, e.index, "first", r.first, "last", r.last)
		}
	}
	a.ranges = append(a.ranges, r)
}

// judgeEntry holds what is true of every statement: its home, its signature,
// its chain, its mark; and of a certificate more.
func (a *auditor) judgeEntry(e entry) {
	if !a.scheme.at(e.participant(), e.origin, e.index) {
		a.found("entry.home", true, e.origin, e.index, "issuer", e.issuer)
	}
	if e.synthetic != a.scheme.synthetic {
		a.found("entry.synthetic", true, e.origin, e.index)
	}
	chain := e.issuer + "\x00" + e.subject
	if last, ok := a.chains[chain]; ok != (e.prev != nil) || ok && !sameBytes(e.prev, last) {
		a.found("entry.chain", true, e.origin, e.index, "subject", e.subject)
	}
	a.chains[chain] = e.hash
	switch e.kind {
	case kindOfficeKey, kindKeyRevoked, kindRange: // judged when they were taken
	case kindParticipant:
		if !a.byAuthority(e) {
			a.found("entry.signature", true, e.origin, e.index, "issuer", e.issuer)
		}
	default:
		a.judgeSigner(e)
	}
	if e.kind == kindCertificate {
		a.judgeCertificate(e)
	}
}

// judgeSigner looks for a key of the issuing office that may say this, then
// and there.
func (a *auditor) judgeSigner(e entry) {
	why := "no such key"
	for _, o := range a.keys[e.kid] {
		switch {
		case !o.signed(e.alg, e.message, e.signature):
			why = "false signature"
		case o.id != e.issuer:
			why = "key of " + o.id
		case o.use != 1 || !slices.Contains(o.types, value(e.kind)):
			why = "the key may not sign this"
		case e.at < o.from || e.at >= o.until:
			why = "the key was not valid on that day"
		case o.revoked != nil && e.index >= o.revoked[e.origin]:
			why = "the key was revoked"
		default:
			return
		}
	}
	a.found("entry.signature", true, e.origin, e.index, "issuer", e.issuer, "why", why)
}
