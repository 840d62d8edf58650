package audit

import (
	"crypto/rand"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/audit/code"
	"adamas.example/internal/audit/standing"
	"adamas.example/internal/audit/tables"
	"adamas.example/internal/audit/wire"
)

// Options is what an audit is given beside logs and root documents. The zero
// value takes every default.
type Options struct {
	At       time.Time         // the audit's day; nothing else is a clock
	Bundles  fs.FS             // a folder of .adamas files, or nil
	Database *tables.Database  // a node's database, or nil
	Pages    []string          // addresses of that node's pages, "https://office.example"; nil where they are not known
	Standing []byte            // standing.csv; nil for the program's own
	Choices  map[string]string // question on which sources disagree -> the reading taken

	// The parameters below have no fixed value in the KPCS (domain.md 2.1, 2.5)
	// and are printed with the report; 0 takes the default.
	OpenDays    int64 // after which delayed facts are due: of receipt, or of expiry (30)
	OverdueDays int64 // after issue, when a receipt is overdue (90)
	Tolerance   int64 // hundredths of a carat between certificate and receipt (10)
	PerMillion  int64 // or so many millionths of the weight, if that is more (200)
	Late        int64 // seconds by which clocks may differ (900)
}

// Finding is one thing that is not as it must be (Violation), or one that a
// reader should know.
type Finding struct {
	N         int            `json:"n"` // number in this report
	Code      string         `json:"code"`
	Violation bool           `json:"violation"`
	Rule      string         `json:"rule"`
	Log       string         `json:"log,omitempty"`
	Index     int64          `json:"index"`               // -1 for the log as a whole
	Statement string         `json:"statement,omitempty"` // hash of the statement behind it
	Facts     map[string]any `json:"facts,omitempty"`
}

// LogReport is what was counted in one log.
type LogReport struct {
	Origin       string               `json:"origin"`
	Size         int64                `json:"size"`
	Root         string               `json:"root"`
	Witnesses    map[string]time.Time `json:"witnesses"`
	Attested     *time.Time           `json:"attested,omitempty"` // the time that the quorum gives
	Statements   map[string]int       `json:"statements"`         // by type code
	Certificates int                  `json:"certificates"`
}

// Count is how often something was checked, or could not be told.
type Count struct {
	What  string `json:"what"`
	Count int64  `json:"count"`
}

// Pair is what became of the certificates from one Participant to another.
type Pair struct {
	From     string `json:"from"`
	To       string `json:"to"`
	Issued   int64  `json:"issued"`
	Received int64  `json:"received"`
	Ended    int64  `json:"ended"`   // cancelled, replaced, lost, returned or seized
	Overdue  int64  `json:"overdue"` // no receipt, and the time for it is past
	Open     int64  `json:"open"`    // no receipt yet
	// Apart from what both sides have signed: receipts that the issuer attests of a paper,
	// which are among Issued, and paper certificates from outside, which are not.
	Attested            int64 `json:"attested"`
	Transcribed         int64 `json:"transcribed"`
	TranscribedReceived int64 `json:"transcribed_received"`
}

// Report is the whole result.
type Report struct {
	Root       string           `json:"root"` // fingerprint of the newest root document
	Version    int64            `json:"root_version"`
	Synthetic  bool             `json:"synthetic"`
	At         time.Time        `json:"at"`
	Parameters map[string]int64 `json:"parameters"`
	Logs       []LogReport      `json:"logs"`
	Checks     []Count          `json:"checks"`
	Untold     []Count          `json:"untold"`
	Pairs      []Pair           `json:"pairs"`
	Findings   []Finding        `json:"findings"`
	Violations int              `json:"violations"`
}

// Clean tells whether nothing was violated.
func (r *Report) Clean() bool { return r.Violations == 0 }

// Run audits log folders under the chain of root documents. It fails only when
// the root documents are no chain, or an option is none; everything else is a
// finding.
func Run(roots [][]byte, logs []fs.FS, opt Options) (*Report, error) {
	s, err := wire.ReadRoots(roots)
	if err != nil {
		return nil, err
	}
	opt.defaults()
	a := newAuditor(s, opt)
	if a.register, err = readRegister(opt); err != nil {
		return nil, err
	}
	if opt.At.Unix() >= s.Expires {
		a.found("root.expired", nowhere, "expired", time.Unix(s.Expires, 0).UTC())
	}
	for _, fsys := range logs {
		a.openLog(fsys)
	}
	a.judgeRegister()
	for i := range a.logs {
		a.readEntries(int32(i))
	}
	a.readBundles()
	a.readDatabase()
	a.judgeLife()
	a.judgeBalances()
	a.judgeStanding()
	a.judgeSnapshots()
	a.gaps()
	a.finish()
	return a.report, nil
}

func (o *Options) defaults() {
	set := func(p *int64, n int64) {
		if *p == 0 {
			*p = n
		}
	}
	set(&o.OpenDays, 30)
	set(&o.OverdueDays, 90)
	set(&o.Tolerance, 10)
	set(&o.PerMillion, 200)
	set(&o.Late, 900)
}

// spot is where something stands; short names what could be millions of.
type spot struct {
	log   int32 // number in auditor.logs, -1 for none
	index int64 // -1 for the log as a whole
	hash  wire.Hash
}

var nowhere = spot{log: -1, index: -1}

// entry is a statement at its place.
type entry struct {
	spot
	*wire.Statement
}

// short is a keyed, shortened hash: maps of millions of them stay small, and
// since the key is new each time nobody can prepare two that are alike.
type short [16]byte

type openedLog struct {
	*wire.Log
	number int32
	newest int64     // newest witness time, what a claimed time is held against
	heads  []headAt  // attested sizes, from its checkpoint, bundles and tables
	kept   []picked  // entries of the kinds a snapshot counts, while snapshots exist
	report LogReport // filled in as it is read
}

// headAt is an attested size and when; latest and earliest are sortHeads'.
type headAt struct{ size, time, latest, earliest int64 }

type picked struct {
	index  int64
	hash   wire.Hash
	number string // of a certificate; "" for other kinds
}

type auditor struct {
	scheme   *wire.Scheme
	opt      Options
	now      int64
	report   *Report
	register *standing.Register
	secret   [32]byte
	rules    map[string]code.Code

	logs      []*openedLog
	few       []entry // what decides whom to believe, whole
	keys      map[[8]byte][]*office
	grants    map[string][]grant // office and key -> grants in order
	granting  map[string]bool    // offices that have any
	ranges    []*numberRange
	byRange   map[wire.Hash]*numberRange
	chains    map[short][8]byte // issuer and subject -> last statement, shorter still
	seen      map[short]seenAt  // hash -> first place
	certs     []*issued
	numbers   map[string]int32 // number -> first of certs with it
	byHash    map[short]int32
	events    []*event
	names     map[string]string // one copy of each text that repeats
	snapshots []entry
	papers    map[short]*paper // by the hash of their transcripts
	paperList []*paper
	pairs     map[[2]string]int // from and to -> place in report.Pairs
	explained map[string]string // number -> what the office's own sheets say
	checks    map[string]int64
	untold    map[string]int64
}

// seenAt is a place in one word: the log's number above 40 bits of index.
type seenAt uint64

func seen(at spot) seenAt { return seenAt(at.log)<<40 | seenAt(at.index) }

func (s seenAt) spot() spot { return spot{log: int32(s >> 40), index: int64(s & (1<<40 - 1))} }

func newAuditor(s *wire.Scheme, opt Options) *auditor {
	a := &auditor{scheme: s, opt: opt, now: opt.At.Unix(), keys: map[[8]byte][]*office{}, grants: map[string][]grant{}, granting: map[string]bool{},
		byRange: map[wire.Hash]*numberRange{}, byHash: map[short]int32{}, chains: map[short][8]byte{}, seen: map[short]seenAt{}, numbers: map[string]int32{},
		names: map[string]string{}, papers: map[short]*paper{}, pairs: map[[2]string]int{}, explained: map[string]string{}, checks: map[string]int64{},
		untold: map[string]int64{}, rules: map[string]code.Code{}}
	for _, c := range code.All() {
		a.rules[c.Name] = c
	}
	rand.Read(a.secret[:])
	a.report = &Report{Root: wire.Hex(s.Print[:]), Version: s.Version, Synthetic: s.Synthetic, At: opt.At.UTC(), Logs: []LogReport{}, Pairs: []Pair{},
		Findings: []Finding{}, Checks: []Count{}, Untold: []Count{},
		Parameters: map[string]int64{"open_days": opt.OpenDays, "overdue_days": opt.OverdueDays, "tolerance_hundredths": opt.Tolerance,
			"tolerance_per_million": opt.PerMillion, "late_seconds": opt.Late}}
	return a
}

// found notes a finding; facts are names and values by turns.
func (a *auditor) found(code string, at spot, facts ...any) {
	rule, known := a.rules[code]
	if !known {
		panic("audit: no code " + code) // TestEveryCodeHasACase finds it first
	}
	f := Finding{Code: code, Violation: rule.Violation, Rule: rule.Rule, Index: at.index}
	if at.log >= 0 {
		f.Log = a.logs[at.log].Origin
	}
	if at.hash != (wire.Hash{}) {
		f.Statement = wire.Hex(at.hash[:])
	}
	for i := 0; i+1 < len(facts); i += 2 {
		if f.Facts == nil {
			f.Facts = map[string]any{}
		}
		f.Facts[facts[i].(string)] = facts[i+1]
	}
	a.report.Findings = append(a.report.Findings, f)
}

func (a *auditor) did(what string)    { a.checks[what]++ }
func (a *auditor) cannot(what string) { a.untold[what]++ }

// name keeps one copy of a text.
func (a *auditor) name(s string) string {
	if one, ok := a.names[s]; ok {
		return one
	}
	a.names[s] = s
	return s
}

func (a *auditor) where(at spot) string {
	return fmt.Sprintf("%s %d", a.logs[at.log].Origin, at.index)
}

// logOf gives a log by its origin, nil when it is not among those audited.
func (a *auditor) logOf(origin string) *openedLog {
	for _, l := range a.logs {
		if l.Origin == origin {
			return l
		}
	}
	return nil
}

// readsLogsOf tells whether every log of a Participant is among those audited.
func (a *auditor) readsLogsOf(code string) bool {
	homes := a.scheme.HomeLogs(code)
	return len(homes) > 0 && !slices.ContainsFunc(homes, func(o string) bool { return a.logOf(o) == nil })
}

// finish sorts and counts what was found.
func (a *auditor) finish() {
	for _, l := range a.logs {
		a.report.Logs = append(a.report.Logs, l.report)
	}
	a.report.Checks, a.report.Untold = counted(a.checks), counted(a.untold)
	slices.SortStableFunc(a.report.Findings, func(x, y Finding) int {
		switch {
		case x.Violation == y.Violation:
			return 0
		case x.Violation:
			return -1
		}
		return 1
	})
	for i := range a.report.Findings {
		f := &a.report.Findings[i]
		f.N = i + 1
		if f.Violation {
			a.report.Violations++
		}
	}
}

func counted(m map[string]int64) []Count {
	out := []Count{}
	for what, n := range m {
		out = append(out, Count{what, n})
	}
	slices.SortFunc(out, func(x, y Count) int { return strings.Compare(x.What, y.What) })
	return out
}
