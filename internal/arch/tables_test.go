package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"testing"
)

// checkTables holds each noun and machine to its own tables: those named after
// it. Store has no tables and reads every engine's catalogue; audit reads any
// table and changes none; nobody else has SQL at all.
func checkTables(t *tree) []string {
	var wrong []string
	for _, p := range t.sorted() {
		if forTests(p.folder) || strings.HasPrefix(p.folder, "internal/store") {
			continue
		}
		for _, file := range p.files {
			if file.test {
				continue
			}
			for _, text := range texts(file.ast) {
				if isSQL(text.value) {
					wrong = append(wrong, judgeSQL(p.folder, t.at(text.at), text.value)...)
				}
			}
		}
	}
	for _, name := range t.sql {
		folder := path.Dir(path.Dir(name))
		if forTests(folder) || strings.HasPrefix(folder, "internal/store") {
			continue
		}
		raw, err := fs.ReadFile(t.fsys, name)
		if err != nil {
			wrong = append(wrong, err.Error())
			continue
		}
		if path.Base(path.Dir(name)) != "schema" {
			wrong = append(wrong, name+": SQL outside of a folder schema")
		}
		wrong = append(wrong, judgeSQL(folder, name, string(raw))...)
	}
	return wrong
}

// judgeSQL reports the tables in a text that the folder's place does not own.
func judgeSQL(folder, where, text string) []string {
	var wrong []string
	p, _ := placeOf(folder)
	own := path.Base(p.name)
	for _, m := range mentions(text) {
		switch {
		case p.name == "internal/audit" && !m.changes:
		case m.name == unknown:
			wrong = append(wrong, where+": a table that is named at run time")
		case p.floor != machineFloor && p.floor != nounFloor || p.name == "verify":
			wrong = append(wrong, fmt.Sprintf("%s: %s, and there is no SQL in %s", where, m.name, folder))
		case m.name != own && !strings.HasPrefix(m.name, own+"_"):
			wrong = append(wrong, fmt.Sprintf("%s: %s is no table of %s", where, m.name, own))
		}
	}
	return wrong
}

// written is a text in the source, with unknown for what is joined to it by + and
// is no text itself.
type written struct {
	at    token.Pos
	value string
}

func texts(file *ast.File) []written {
	var found []written
	tags := make(map[ast.Node]bool)
	ast.Inspect(file, func(n ast.Node) bool {
		switch e := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			tags[e.Tag] = e.Tag != nil
		case *ast.BinaryExpr:
			if e.Op == token.ADD {
				if value, some := join(e); some {
					found = append(found, written{e.Pos(), value})
					return false
				}
			}
		case *ast.BasicLit:
			if value, some := join(e); some && !tags[e] {
				found = append(found, written{e.Pos(), value})
			}
		}
		return true
	})
	return found
}

// join writes out a sum of texts; false when there is no text in it.
func join(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			value, err := strconv.Unquote(e.Value)
			return value, err == nil
		}
	case *ast.ParenExpr:
		return join(e.X)
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			left, some := join(e.X)
			right, more := join(e.Y)
			return left + right, some || more
		}
	}
	return " " + unknown + " ", false
}

func TestTablesCanFail(t *testing.T) {
	code := func(pkg, sql string) string { return "package " + pkg + "\nvar q = `" + sql + "`" }
	custody := func(sql string) map[string]string {
		return map[string]string{"internal/custody/store.go": code("custody", sql)}
	}
	prove(t, checkTables, []proof{
		{"own", custody(`SELECT l.id FROM custody_lot AS l JOIN custody_leg g ON g.lot = l.id, custody_op WHERE x IS DISTINCT FROM y`), ""},
		{"with", custody(`WITH RECURSIVE up (id, w) AS (SELECT id, w FROM custody_leg UNION ALL SELECT x.id, x.w FROM custody_leg x JOIN up ON up.id = x.id), down AS (SELECT 1) SELECT * FROM up, down`), ""},
		{"own changes", custody(`INSERT INTO custody_lot (id) SELECT id FROM custody_op ON CONFLICT (id) DO UPDATE SET id = excluded.id`), ""},
		{"functions", custody(`SELECT value FROM json_each($1) WHERE note = 'FROM party_office'`), ""},
		{"comment", custody("SELECT id -- FROM party_office\nFROM custody_lot"), ""},
		{"sentences", map[string]string{"internal/app/a.go": `package app; var s = "update the table from the list, or select one from it"; type t struct { x int "select a from b" }`}, ""},
		{"tests", map[string]string{"internal/custody/a_test.go": code("custody", "SELECT id FROM party_office")}, ""},
		{"store", map[string]string{"internal/store/a.go": code("store", "SELECT name FROM pragma_table_list")}, ""},
		{"audit reads", map[string]string{"internal/audit/a.go": code("audit", "SELECT id FROM custody_lot JOIN ledger_entry ON 1 = 1")}, ""},
		{"schema", map[string]string{"internal/ledger/schema/0001_ledger.sql": "CREATE TABLE IF NOT EXISTS ledger_entry (\n id TEXT REFERENCES ledger_state (id) ON UPDATE CASCADE\n);\nCREATE UNIQUE INDEX ledger_entry_x ON ledger_entry (id);\nCREATE TRIGGER ledger_t BEFORE UPDATE ON ledger_entry BEGIN SELECT 1; END;"}, ""},

		{"from", custody(`SELECT id FROM party_office`), "internal/custody/store.go:2: party_office is no table of custody"},
		{"in small letters", custody(`select id from party_office`), "party_office"},
		{"join", custody(`SELECT 1 FROM custody_lot JOIN party_office p ON p.id = 1`), "party_office"},
		{"comma", custody(`SELECT 1 FROM custody_lot l, party_office p`), "party_office"},
		{"subquery", custody(`SELECT 1 FROM custody_lot WHERE id IN (SELECT id FROM "party_office")`), "party_office"},
		{"into", custody(`INSERT INTO party_office (id) VALUES (1)`), "party_office"},
		{"update", custody(`UPDATE party_office SET id = 1`), "party_office"},
		{"delete", custody(`DELETE FROM party_office`), "party_office"},
		{"a name that only begins alike", custody(`DELETE FROM custodysomething`), "custodysomething"},
		{"joined texts", map[string]string{"internal/custody/a.go": "package custody\nvar q = `SELECT ` + columns + ` FROM party_office`"}, "party_office"},
		{"part of a statement", custody(` AND id IN (SELECT id FROM party_office)`), "party_office"},
		{"named at run time", map[string]string{"internal/custody/a.go": "package custody\nvar q = `SELECT id FROM ` + table"}, "named at run time"},
		{"named by a format", custody(`DELETE FROM %s`), "named at run time"},
		{"subpackage", map[string]string{"internal/custody/flow/a.go": code("flow", "DELETE FROM party_office")}, "party_office is no table of custody"},
		{"face", map[string]string{"internal/custody/custodyweb/a.go": code("custodyweb", "SELECT id FROM custody_lot")}, "there is no SQL in internal/custody/custodyweb"},
		{"words", map[string]string{"internal/place/a.go": code("place", "SELECT id FROM place_country")}, "there is no SQL in internal/place"},
		{"verify", map[string]string{"verify/a.go": code("verify", "SELECT id FROM verify_x")}, "there is no SQL in verify"},
		{"audit changes", map[string]string{"internal/audit/a.go": code("audit", "DELETE FROM custody_lot")}, "there is no SQL in internal/audit"},
		{"schema table", map[string]string{"internal/ledger/schema/0001_x.sql": "CREATE TABLE party_office (id TEXT)"}, "internal/ledger/schema/0001_x.sql: party_office is no table of ledger"},
		{"schema reference", map[string]string{"internal/ledger/schema/0001_x.sql": "CREATE TABLE ledger_x (id TEXT REFERENCES party_office)"}, "party_office"},
		{"schema index", map[string]string{"internal/ledger/schema/0001_x.sql": "CREATE INDEX ledger_i ON party_office (id)"}, "party_office"},
		{"index name", map[string]string{"internal/ledger/schema/0001_x.sql": "CREATE INDEX i ON ledger_x (id)"}, "i is no table of ledger"},
		{"elsewhere", map[string]string{"internal/ledger/sql/0001_x.sql": "CREATE TABLE ledger_x (id TEXT)"}, "outside of a folder schema"},
	})
}

func TestTables(t *testing.T) { hold(t, checkTables) }
