package audit

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"adamas.example/internal/audit/tables"
	"adamas.example/internal/audit/wire"
	"adamas.example/internal/worldtest/pgtest"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// nodeFixture is a node's database as the program would have it, written here by
// the program's own schema and nothing else of it.
type nodeFixture struct {
	t      *testing.T
	db     *sql.DB
	name   string // file or DSN, as the audit opens it
	sqlite bool
}

func (n *nodeFixture) exec(query string, args ...any) {
	n.t.Helper()
	if _, err := n.db.Exec(query, args...); err != nil {
		n.t.Fatalf("%s: %v", query, err)
	}
}

func (n *nodeFixture) open() *tables.Database {
	n.t.Helper()
	if n.sqlite { // nothing waits in a write-ahead log
		n.exec("PRAGMA wal_checkpoint(TRUNCATE)")
	}
	db, err := tables.Open(context.Background(), n.name)
	if err != nil {
		n.t.Fatal(err)
	}
	return db
}

func sqliteNode(t *testing.T, s *stage) *nodeFixture {
	t.Helper()
	name := filepath.Join(t.TempDir(), "adamas.db")
	db, err := sql.Open("sqlite", "file://"+(&url.URL{Path: filepath.ToSlash(name)}).EscapedPath()+"?_pragma=ignore_check_constraints(1)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	n := &nodeFixture{t: t, db: db, name: name, sqlite: true}
	n.migrate(strings.NewReplacer("INT8", "INTEGER", "BYTES", "BLOB", "TABLE_END", "STRICT"))
	n.fill(s)
	return n
}

func postgresNode(t *testing.T, s *stage) *nodeFixture {
	t.Helper()
	name := pgtest.Start(t)
	db, err := sql.Open("pgx", name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	n := &nodeFixture{t: t, db: db, name: name}
	n.migrate(strings.NewReplacer("INT8", "BIGINT", "BYTES", "BYTEA", "TABLE_END", ""))
	n.fill(s)
	return n
}

// migrate runs the schemas of the modules whose tables are read.
func (n *nodeFixture) migrate(words *strings.Replacer) {
	n.t.Helper()
	for _, module := range []string{"ledger", "certificate", "party/stated"} {
		files, err := filepath.Glob("../" + module + "/schema/*.sql")
		if err != nil || len(files) == 0 {
			n.t.Fatal(module, err)
		}
		slices.Sort(files)
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				n.t.Fatal(err)
			}
			for _, one := range strings.Split(words.Replace(string(b)), ";\n") {
				if strings.TrimSpace(one) != "" {
					n.exec(one)
				}
			}
		}
	}
}

// nodeWorld is the stage with what a node's tables may hold: checkpoints of three
// sizes, a spoiled sheet, a number spent elsewhere, a statement that waits.
func nodeWorld(t *testing.T) *stage {
	s := newStage(t)
	s.bundles = append(s.bundles, s.first)
	s.cf.Draft("AE", start+80) // CF00000002 is spoiled
	for i := range int64(3) {
		s.bundles = append(s.bundles, s.cf.Record(s.cf.Sign(s.cf.Draft("AE", start+100+i)), start+110+i))
	}
	s.receipt(s.ae, s.first, 1240)
	s.void(s.bundles[1], start+200)
	return s
}

func stamp(unix int64) string {
	return time.Unix(unix, 0).UTC().Format("2006-01-02T15:04:05.000000Z")
}

// fill writes every table as the node of CF/bangui would have it.
func (n *nodeFixture) fill(s *stage) {
	n.t.Helper()
	log := s.cf.Log
	size := int64(len(log.Leaves))
	heads := map[int64]int64{size - 2: start + 130, size: start + 7200}
	for at, t := range heads {
		n.exec(`INSERT INTO ledger_checkpoint (origin, size, text, time) VALUES ($1, $2, $3, $4)`, log.Origin, at, log.Checkpoint(at, t), stamp(t))
	}
	ids := map[canonical.Hash][]byte{}
	for i, leaf := range log.Leaves {
		st, err := statement.Parse(leaf)
		if err != nil { // what a test has bent
			continue
		}
		under := size
		if int64(i) < size-2 {
			under = size - 2
		}
		id, l := canonical.Sum(st.Signed.Payload), wire.LeafHash(leaf)
		ids[st.Hash] = id[:]
		n.exec(`INSERT INTO ledger_entry (id, n, seq, type, issuer, subject, prev, algorithm, key_id, signed, hash, leaf, origin, idx, witnessed_size,
			prepared_at, signed_at, logged_at, witnessed_at) VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $15, $16)`,
			id[:], i+1, int64(st.Type), st.Issuer, st.Subject, st.Prev[:], int64(st.Signed.Algorithm), st.Signed.KeyID[:], leaf, st.Hash[:], l[:], log.Origin, i,
			under, stamp(start), stamp(heads[under]))
	}
	n.sheets(s, ids)
	root := s.rootOf(s.cf)
	n.exec(`INSERT INTO ledger_position (follower, origin, next, size, root) VALUES ('x', $1, $2, $2, $3)`, log.Origin, size, root[:])
	n.exec(`INSERT INTO ledger_position (follower, origin, next, size, root) VALUES ('x', '+vault', 1, 0, $1)`, make([]byte, 32))
	n.exec(`INSERT INTO ledger_position (follower, origin, next, size, root) VALUES ('x', '+own', (SELECT MAX(seq) + 1 FROM ledger_entry), 0, $1)`, make([]byte, 32))
	other := s.rootOf(s.ae)
	n.exec(`INSERT INTO ledger_log (origin, size, root, text, time, read_at) VALUES ($1, $2, $3, $4, $5, $5)`, s.ae.Log.Origin, len(s.ae.Log.Leaves), other[:],
		s.ae.Log.Checkpoint(int64(len(s.ae.Log.Leaves)), start+7200), stamp(start+7200))
	n.exec(`INSERT INTO ledger_state (name, value) VALUES ('generation', '1')`)
	n.staff(s)
}

// sheets writes range, sheets and vault: the last certificate as spent elsewhere.
func (n *nodeFixture) sheets(s *stage, ids map[canonical.Hash][]byte) {
	n.t.Helper()
	day := int64(canonical.DayOf(start))
	n.exec(`INSERT INTO certificate_range (id, participant, digits, first, last, next, station, offline, log_within, from_day, until_day, generation, taken_at)
		VALUES ($1, 'CF', 8, 1, 1000000, $2, $3, 0, 3600, $4, $5, 1, $6)`, s.cf.Range[:], len(s.bundles)+2, s.cf.Station, day, day+365, stamp(start))
	preparer := s.cf.Preparer.Key.ID().String()
	n.exec(`INSERT INTO certificate_sheet (number, range_id, serial, state, preparer, reason, allotted_at) VALUES ('CF00000002', $1, 2, 'spoiled', $2, 'SYNTHETIC', $3)`,
		s.cf.Range[:], preparer, stamp(start))
	for i, b := range s.bundles {
		st, err := statement.Parse(b.Statement)
		if err != nil {
			n.t.Fatal(err)
		}
		c := st.Body.(*statement.Certificate)
		if i == len(s.bundles)-1 && i > 0 {
			n.exec(`INSERT INTO certificate_elsewhere (number, statement, found_at) VALUES ($1, $2, $3)`, c.Number, st.Hash[:], stamp(start))
			continue
		}
		state := "spent"
		if s.cancelled[c.Number] {
			state = "void"
		}
		n.exec(`INSERT INTO certificate_sheet (number, range_id, serial, state, preparer, validator, entry, allotted_at, spent_at)
			VALUES ($1, $2, CAST($3 AS INTEGER), $8, $4, $5, $6, $7, $7)`, c.Number, s.cf.Range[:], c.Number[2:], preparer, s.cf.Validator.Key.ID().String(), ids[st.Hash], stamp(start), state)
		n.keep(s, i, b, st)
	}
}

// keep puts a bundle's facts into the vault: the first as one from elsewhere.
func (n *nodeFixture) keep(s *stage, i int, b *bundle.Bundle, st *statement.Statement) {
	n.t.Helper()
	disclosure, err := canonical.Marshal(b.Disclosure)
	if err != nil {
		n.t.Fatal(err)
	}
	approvals, err := canonical.Marshal(b.Approvals)
	if err != nil {
		n.t.Fatal(err)
	}
	id := canonical.Sum(st.Signed.Payload)
	var signed, hash any
	if i == 0 {
		signed, hash = b.Statement, st.Hash[:]
	}
	n.exec(`INSERT INTO ledger_vault (payload, statement, hash, disclosure, approvals, kept, kept_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id[:], signed, hash, disclosure, approvals, i+1, stamp(start))
}

func wrongTables() []wrong {
	change := func(query string) func(s *stage) {
		return func(s *stage) {
			s.bundles = []*bundle.Bundle{s.first}
			s.opt.Bundles = fstest.MapFS{}
			s.cf.Draft("AE", start+80)
			s.bundles = append(s.bundles, s.cf.Record(s.cf.Sign(s.cf.Draft("AE", start+100)), start+110), s.cf.Record(s.cf.Sign(s.cf.Draft("AE", start+101)), start+111))
			s.node = func(n *nodeFixture) { n.exec(query) }
		}
	}
	return []wrong{
		{"table.unreadable", change(`ALTER TABLE ledger_position RENAME COLUMN next TO other`)},
		{"table.entry", change(`UPDATE ledger_entry SET subject = 'x' WHERE n = 3`)},
		{"table.missing", change(`DELETE FROM ledger_entry WHERE idx = (SELECT MAX(idx) FROM ledger_entry)`)},
		{"table.unlogged", change(`UPDATE ledger_entry SET idx = NULL, witnessed_size = NULL, witnessed_at = NULL WHERE n = 2`)},
		{"table.checkpoint", change(`UPDATE ledger_checkpoint SET size = size + 1`)},
		{"table.vault", change(`UPDATE ledger_vault SET hash = payload WHERE hash IS NOT NULL`)},
		{"table.position", change(`UPDATE ledger_position SET next = 999 WHERE origin LIKE '%/%'`)},
		{"table.position", change(`UPDATE ledger_position SET next = next + 1 WHERE origin = '+own'`)},
		{"table.position", change(`UPDATE ledger_position SET next = next + 999 WHERE origin = '+vault'`)},
		{"table.fork", change(`INSERT INTO ledger_fork (origin, size, root, known, found, found_at) VALUES ('x', 1, x'00', 'x', 'x', 'x')`)},
		{"table.hold", change(`INSERT INTO ledger_state (name, value) VALUES ('hold', 'restored')`)},
		{"table.range", change(`UPDATE certificate_range SET next = next + 1`)},
		{"table.sheet", change(`UPDATE certificate_sheet SET state = 'void' WHERE serial = 1`)},
		{"table.sheet", func(s *stage) {
			change(`UPDATE certificate_sheet SET state = 'spent'`)(s)
			s.void(s.bundles[1], start+200)
		}},
	}
}

// TestKilledBeforeItKnew: a process that was killed between the log and its database has
// lost nothing: the audit tells of what was signed, and calls nothing missing. A row of an
// entry that was taken out is.
func TestKilledBeforeItKnew(t *testing.T) {
	const unknown = `UPDATE ledger_entry SET idx = NULL, witnessed_size = NULL, witnessed_at = NULL WHERE n = (SELECT MAX(n) FROM ledger_entry)`
	for query, want := range map[string][]string{
		unknown: {"table.unlogged"},
		unknown + `; DELETE FROM ledger_entry WHERE n = (SELECT MAX(n) FROM ledger_entry)`: {"table.missing", "table.sheet"},
	} {
		s := newStage(t)
		(&bentAssent{query: query}).apply(s)
		var got []string
		for _, f := range s.run().Findings {
			if !strings.HasPrefix(f.Code, "table.position") {
				got = append(got, f.Code)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

// bound are the columns that the audit reads, each of which follows from
// something that was signed or attested.
func bound() map[string][]string {
	return map[string][]string{
		"ledger_entry": {"id", "n", "seq", "type", "issuer", "subject", "prev", "algorithm", "key_id", "signed", "hash", "leaf", "origin", "idx",
			"witnessed_size", "witnessed_at", "foreign_leaf"},
		"ledger_checkpoint":       {"origin", "size", "text", "time"},
		"ledger_vault":            {"payload", "statement", "hash", "disclosure", "approvals"},
		"ledger_position":         {"origin", "size", "root"},
		"ledger_log":              {"origin", "size", "root", "text", "time"},
		"certificate_range":       {"id", "participant", "digits", "first", "last", "next", "station", "offline", "log_within", "from_day", "until_day"},
		"certificate_sheet":       {"number", "range_id", "serial", "state", "preparer", "validator", "entry"},
		"certificate_elsewhere":   {"number", "statement"},
		"party_trail":             {"n", "at", "who", "act", "about", "args", "address", "hash"},
		"party_trail_head":        {"n", "hash"},
		"party_assertion":         {"person", "credential", "digest", "purpose", "record", "text", "authenticator_data", "client_data", "signature", "key", "at"},
		"certificate_consignment": {"id", "steps", "head"},
		"certificate_step":        {"consignment", "seq", "act", "role", "actor", "at", "from_state", "to_state", "detail", "prev", "hash"},
	}
}

// TestOneByteOfAnyCell: the audit is not clean after one byte of any cell that it
// reads is changed, on SQLite and on PostgreSQL.
func TestOneByteOfAnyCell(t *testing.T) {
	engines := map[string]func(*testing.T, *stage) *nodeFixture{"sqlite": sqliteNode, "postgres": postgresNode}
	for engine, start := range engines {
		t.Run(engine, func(t *testing.T) {
			s := nodeWorld(t)
			n := start(t, s)
			logs := []fs.FS{folder(s.w.Logs[0], 0), folder(s.w.Logs[1], 0)}
			judge := func() *Report {
				db := n.open()
				defer db.Close()
				return audit(t, s.w, logs, Options{Database: db})
			}
			r := judge()
			if c := counts(r.Checks); len(r.Findings) != 0 || c["four_eyes"] != 3 || c["gaps_explained"] != 1 || c["assents"] != 13 {
				t.Fatalf("before: %+v %v", r.Findings, c)
			}
			bent, cells := 0, 1 // a connection of PostgreSQL costs more than the rest
			if n.sqlite {
				cells = 3
			}
			for table, columns := range bound() {
				for _, column := range columns {
					n.bendAll(table, column, cells, func(what string) {
						bent++
						if judge().Clean() {
							t.Errorf("%s.%s: clean with %s", table, column, what)
						}
					})
				}
			}
			if bent < 45 {
				t.Errorf("only %d cells were changed", bent)
			}
			if r := judge(); !r.Clean() {
				t.Errorf("after: %+v", r.Findings)
			}
		})
	}
}

// bendAll changes one byte of so many cells of a column, one after the other,
// and puts each back. What the engine itself refuses needs no audit.
func (n *nodeFixture) bendAll(table, column string, most int, judge func(what string)) {
	n.t.Helper()
	key := "ctid"
	if n.sqlite {
		key = "rowid"
	}
	rows, err := n.db.Query(fmt.Sprintf(`SELECT %s, %s FROM %s WHERE %s IS NOT NULL`, key, column, table, column))
	if err != nil {
		n.t.Fatal(err)
	}
	type cell struct{ row, value any }
	var found []cell
	for rows.Next() {
		var c cell
		if err := rows.Scan(&c.row, &c.value); err != nil {
			n.t.Fatal(err)
		}
		found = append(found, c)
	}
	if err := rows.Close(); err != nil {
		n.t.Fatal(err)
	}
	rand.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	for _, c := range found[:min(most, len(found))] {
		n.bend(table, column, key, c.value, judge)
	}
}

func (n *nodeFixture) bend(table, column, key string, value any, judge func(what string)) {
	n.t.Helper()
	bent := another(value)
	for n.count(table, column, bent) > 0 { // so that putting back finds it
		bent = another(value)
	}
	set := fmt.Sprintf(`UPDATE %s SET %s = $1 WHERE %s = $2`, table, column, column)
	if n.count(table, column, value) > 1 { // one row of those alike
		set += fmt.Sprintf(` AND %s = (SELECT MIN(%s) FROM %s WHERE %s = $2)`, key, key, table, column)
	}
	if _, err := n.db.Exec(set, bent, value); err != nil {
		return
	}
	judge(fmt.Sprintf("%v for %v", bent, value))
	if _, err := n.db.Exec(fmt.Sprintf(`UPDATE %s SET %s = $1 WHERE %s = $2`, table, column, column), value, bent); err != nil {
		n.t.Fatal(err)
	}
}

// another is a value with one byte changed.
func another(value any) any {
	switch v := value.(type) {
	case int64:
		return v ^ 1<<rand.IntN(12)
	case string:
		if v == "" {
			return "x"
		}
		b := []byte(v)
		i := rand.IntN(len(b))
		for b[i] >= 0x80 { // half a letter is no text to PostgreSQL
			i = rand.IntN(len(b))
		}
		for string(b) == v {
			b[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[rand.IntN(36)]
		}
		return string(b)
	case []byte:
		b := slices.Clone(v)
		b[rand.IntN(len(b))] ^= byte(1 + rand.IntN(255))
		return b
	}
	return value
}

func (n *nodeFixture) count(table, column string, value any) (count int) {
	if err := n.db.QueryRow(fmt.Sprintf(`SELECT COUNT(*) FROM %s WHERE %s = $1`, table, column), value).Scan(&count); err != nil {
		n.t.Fatal(err)
	}
	return count
}
