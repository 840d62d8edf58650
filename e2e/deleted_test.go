package e2e

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"adamas.example/internal/worldtest/nodes"

	_ "modernc.org/sqlite"
)

// TestDeletedFolder: the folder of any one node is gone. From a backup, its keys and
// settings, the witnesses and the registers of the others it is what it was; and what
// it shows of all registers comes from them alone: every view, made anew, is the same.
func TestDeletedFolder(t *testing.T) {
	w := nodes.New(t, program(t), copied(t))
	for _, p := range w.Procs {
		if strings.HasPrefix(p.Name, "witness") {
			if err := w.Start(p); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, code := range countries {
		t.Run(code, func(t *testing.T) {
			follow := []string{program(t), "follow", "--dir", w.Node(code)}
			for _, other := range countries {
				if other != code {
					follow = append(follow, "--from", filepath.Join(w.Node(other), "log"))
				}
			}
			// The nodes themselves are not served: their addresses do not answer (69),
			// the folders do.
			read := func(more ...string) {
				t.Helper()
				if out, errs, exit := run(t, nil, append(follow, more...)...); exit != 0 && exit != 69 {
					t.Fatalf("%v: exit %d\n%s%s", more, exit, out, errs)
				}
			}
			read()
			before := views(t, filepath.Join(w.Node(code), "adamas.db"))
			if before["certificate_life"] == "" || before["party_key"] == "" {
				t.Fatalf("nothing to lose: %v", before)
			}
			rebuild(t, w.Node(code))
			read()
			same(t, "restored", before, views(t, filepath.Join(w.Node(code), "adamas.db")))
			for _, view := range []string{"certificate.life", "certificate.contents", "party.register", "ledger.heard"} {
				read("--rebuild", view)
				same(t, view+" made anew", before, views(t, filepath.Join(w.Node(code), "adamas.db")))
			}
			root := filepath.Join(w.Dir, "trust", "root-1.cbor")
			args := []string{program(t), "audit", "--root", root, "--node", w.Node(code)}
			for _, c := range countries {
				args = append(args, filepath.Join(w.Node(c), "log"))
			}
			if out, errs, exit := run(t, nil, args...); exit != 0 {
				t.Errorf("audit: exit %d\n%s%s", exit, out, errs)
			}
		})
	}
}

// rebuild deletes a node's folder after a backup, and sets the node up again.
func rebuild(t *testing.T, node string) {
	t.Helper()
	away := t.TempDir()
	backup := filepath.Join(away, "backup.db")
	must := func(args ...string) {
		t.Helper()
		if out, errs, exit := run(t, nil, append([]string{program(t)}, args...)...); exit != 0 {
			t.Fatalf("%v: exit %d\n%s%s", args, exit, out, errs)
		}
	}
	must("backup", "--dir", node, backup)
	kept := []string{"node.toml", "policy.txt", "keys", "trust"}
	for _, name := range kept {
		from := filepath.Join(node, name)
		if info, err := os.Stat(from); err != nil {
			t.Fatal(err)
		} else if info.IsDir() {
			copyTree(t, from, filepath.Join(away, name))
		} else if b, err := os.ReadFile(from); err != nil {
			t.Fatal(err)
		} else {
			write(t, filepath.Join(away, name), b)
		}
	}
	if err := os.RemoveAll(node); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(node, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range kept {
		if err := os.Rename(filepath.Join(away, name), filepath.Join(node, name)); err != nil {
			t.Fatal(err)
		}
	}
	must("restore", "--dir", node, backup, "--apply")
	must("recover", "--dir", node, "--apply")
}

// views gives, by table, all rows of the views that followers keep.
func views(t *testing.T, file string) map[string]string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	names, err := texts(db, `SELECT name FROM sqlite_master WHERE type = 'table' AND (name LIKE 'party_%' OR name LIKE 'certificate_life%' OR name = 'ledger_heard')
		AND name NOT LIKE '%_migration'`)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, name := range names {
		rows, err := texts(db, `SELECT * FROM `+name)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(rows) // a view made anew has its rows in another order
		out[name] = strings.Join(rows, "\n")
	}
	return out
}

// texts gives each row as one line.
func texts(db *sql.DB, query string) (out []string, err error) {
	rows, err := db.Query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		cells, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		line := make([]string, len(cells))
		for i, c := range cells {
			if b, ok := c.([]byte); ok {
				c = fmt.Sprintf("%x", b)
			}
			line[i] = fmt.Sprint(c)
		}
		out = append(out, strings.Join(line, "|"))
	}
	return out, rows.Err()
}

func same(t *testing.T, what string, before, after map[string]string) {
	t.Helper()
	for name := range before {
		if before[name] != after[name] {
			t.Errorf("%s: %s was\n%s\nand is\n%s", what, name, before[name], after[name])
		}
	}
}
