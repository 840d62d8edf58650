package tables

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"adamas.example/internal/audit/wire"
)

// View is what the tables are held against: the logs as they were audited.
type View struct {
	Log     func(origin string) *wire.Log                        // nil for one that was not read
	Named   func(origin string) bool                             // by the root document
	Head    func(text string, wrong func(why string)) *wire.Head // a checkpoint, held against policy and log
	Number  func(number string) (certificate wire.Hash, logged bool)
	Range   func(statement wire.Hash) (Range, bool)
	Officer func(keyID string) bool                                   // some officer's key
	Signer  func(id [8]byte, issuer string, algorithm int64) bool     // an office's or authority's key
	Shown   func(s *wire.Statement, d wire.Mapping, as [][]byte) bool // takes in what the vault holds; false when it is not of s
	Sheet   func(number, state string)                                // accounts for a number
	Page    func(origin string) bool                                  // an address of the node's pages; nil where it is not known which those are
	Found   func(code, origin string, index int64, facts ...any)
	Cannot  func(what string)
	Did     func(what string, n int64)
}

// Range is a number range as it was stated.
type Range struct {
	Participant         string
	Digits, First, Last int64
	Station             string
	Offline             bool
	Within, From, Until int64
}

type checker struct {
	View
	db  *Database
	ctx context.Context

	heads   map[string][]head       // attested, by origin
	entries map[wire.Hash]entryRow  // certificates among the ledger's entries, by id
	ranges  map[wire.Hash]*rangeRow // by id
	numbers map[string]bool         // that a row accounts for
	ended   map[string]bool         // cancelled or replaced: whether by this database itself, or found in its log

	// What officers have assented to, and what was signed for them.
	staff        staff
	trailHead    trailRow
	assents      []*assent
	byAct        map[string][]*assent // by purpose and consignment
	certificates map[string]approved  // of the office's log, by number
	reasons      map[saidOf][]said    // likewise
	fileHeads    map[string]step
	judged       map[filed]int // acts in files that end in a signature

	elsewhereFound map[string]bool // numbers that were found used in the log after a backup was put back
}

type head struct {
	size int64
	time string
}

type check struct {
	table string
	run   func(*checker) error
}

// checks lists the tables that are read, in the order in which they are: what is
// held against another table comes after it.
func checks() []check {
	return []check{
		{"ledger_checkpoint", (*checker).checkpoints},
		{"ledger_entry", (*checker).ledger},
		{"ledger_log", (*checker).followed},
		{"ledger_vault", (*checker).vault},
		{"ledger_position", (*checker).positions},
		{"ledger_fork", (*checker).forks},
		{"ledger_state", (*checker).state},
		{"certificate_range", (*checker).rangesTaken},
		{"certificate_elsewhere", (*checker).elsewhere},
		{"certificate_sheet", (*checker).sheets},
		{"party_trail_head", (*checker).trailEnd},
		{"party_trail", (*checker).trail},
		{"party_assertion", (*checker).assertions},
		{"certificate_consignment", (*checker).consignments},
		{"certificate_step", (*checker).files},
	}
}

// Check holds every table it knows against the view, and names those it does not. The
// database is read as it stands now, after the logs: what a node has written meanwhile is
// ahead of them, and nothing is missing.
func Check(ctx context.Context, db *Database, v View) {
	c := &checker{View: v, db: db, ctx: ctx, heads: map[string][]head{}, entries: map[wire.Hash]entryRow{}, ranges: map[wire.Hash]*rangeRow{},
		numbers: map[string]bool{}, ended: map[string]bool{}, staff: newStaff(), certificates: map[string]approved{}, reasons: map[saidOf][]said{}, fileHeads: map[string]step{},
		judged: map[filed]int{}, elsewhereFound: map[string]bool{}}
	var there []string
	err := db.begin(ctx)
	if err == nil {
		defer db.Close()
		there, err = db.names(ctx)
	}
	if err != nil {
		v.Found("table.unreadable", "", -1, "why", err.Error())
		return
	}
	for _, k := range checks() {
		if !slices.Contains(there, k.table) {
			v.Cannot("table.absent: " + k.table)
			continue
		}
		if err := k.run(c); err != nil {
			v.Found("table.unreadable", "", -1, "table", k.table, "why", err.Error())
		}
		v.Did("table: "+k.table, db.rows)
	}
	if !db.unchanged() {
		v.Found("table.unreadable", "", -1, "why", "the database was written to while it was read")
	}
	for _, name := range there {
		known := slices.ContainsFunc(checks(), func(k check) bool { return k.table == name })
		if !known && !strings.HasSuffix(name, "_migration") {
			v.Cannot("table.not_read: " + name)
		}
	}
}

// wrong reports a cell that does not agree.
func (c *checker) wrong(code, row, column string) {
	c.Found(code, "", -1, "row", row, "column", column)
}

// agree reports the first column of a row that differs.
func (c *checker) agree(code, row string, columns ...any) bool {
	for i := 0; i+2 < len(columns); i += 3 {
		if fmt.Sprint(columns[i+1]) != fmt.Sprint(columns[i+2]) {
			c.wrong(code, row, columns[i].(string))
			return false
		}
	}
	return true
}

func sum(b []byte) wire.Hash { return sha256.Sum256(b) }

func hexed(b []byte) string { return wire.Hex(b) }
