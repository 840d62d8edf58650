package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

const (
	engineSQLite   = "sqlite"
	enginePostgres = "postgres"
)

// table is what the engine's own catalogue says of a table.
type table struct {
	name    string
	columns []string // generated ones left out: they follow from the others
	kinds   []string // INT8, TEXT or BYTES, for each column
}

// tableNames lists ordinary tables: no views, no virtual tables with their
// shadows (full-text indexes, which follow from others), nothing of the engine
// or its extensions.
func tableNames(ctx context.Context, db session, engine string) ([]string, error) {
	query := `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name`
	if engine == enginePostgres {
		query = `SELECT c.relname FROM pg_class c
			WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
			AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
			ORDER BY c.relname COLLATE "C"`
	}
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("store: list tables: %w", err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// catalogue describes every table, and refuses what is outside the portable
// subset: a backup must never leave out a column because nobody knew its type.
func catalogue(ctx context.Context, db session, engine string) ([]table, error) {
	names, err := tableNames(ctx, db, engine)
	if err != nil {
		return nil, err
	}
	describe := describeSQLite
	if engine == enginePostgres {
		describe = describePostgres
	}
	var all []table
	for _, name := range names {
		t, err := describe(ctx, db, name)
		if err != nil {
			return nil, fmt.Errorf("store: table %s: %w", name, err)
		}
		all = append(all, t)
	}
	return all, nil
}

// sqliteKinds and postgresKinds know the types by the names the engines give.
var (
	sqliteKinds   = map[string]string{"INTEGER": "INT8", "INT": "INT8", "TEXT": "TEXT", "BLOB": "BYTES"}
	postgresKinds = map[string]string{"bigint": "INT8", "text": "TEXT", "bytea": "BYTES"}
)

func describeSQLite(ctx context.Context, db session, name string) (table, error) {
	rows, err := db.QueryContext(ctx, `SELECT x.name, x.type, l.strict FROM pragma_table_list AS l, pragma_table_xinfo(l.name) AS x
		WHERE l.schema = 'main' AND l.name = $1 AND x.hidden = 0 ORDER BY x.cid`, name)
	if err != nil {
		return table{}, err
	}
	defer rows.Close()
	t := table{name: name}
	for rows.Next() {
		var column, kind string
		var strict bool
		if err := rows.Scan(&column, &kind, &strict); err != nil {
			return t, err
		}
		if !strict {
			return t, fmt.Errorf("is not STRICT: TABLE_END is missing")
		}
		if err := t.add(column, sqliteKinds[strings.ToUpper(kind)], kind); err != nil {
			return t, err
		}
	}
	return t, rows.Err()
}

func describePostgres(ctx context.Context, db session, name string) (table, error) {
	rows, err := db.QueryContext(ctx, `SELECT a.attname, format_type(a.atttypid, a.atttypmod), coalesce(o.collname, '')
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_collation o ON o.oid = a.attcollation
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = $1
		AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum`, name)
	if err != nil {
		return table{}, err
	}
	defer rows.Close()
	t := table{name: name}
	for rows.Next() {
		var column, kind, collation string
		if err := rows.Scan(&column, &kind, &collation); err != nil {
			return t, err
		}
		if kind == "text" && collation != "C" {
			return t, fmt.Errorf("column %s sorts by %q, not by bytes: write TEXT in capitals", column, collation)
		}
		if err := t.add(column, postgresKinds[kind], kind); err != nil {
			return t, err
		}
	}
	return t, rows.Err()
}

func (t *table) add(column, kind, written string) error {
	if kind == "" {
		return fmt.Errorf("column %s is of type %s, which is not INT8, TEXT or BYTES", column, written)
	}
	t.columns = append(t.columns, column)
	t.kinds = append(t.kinds, kind)
	return nil
}

// same reports tables of one name with the same columns of the same kinds, in
// any order.
func (t table) same(u table) bool {
	return t.name == u.name && slices.Equal(t.sorted(), u.sorted())
}

func (t table) sorted() []string {
	list := make([]string, len(t.columns))
	for i := range t.columns {
		list[i] = t.columns[i] + " " + t.kinds[i]
	}
	slices.Sort(list)
	return list
}

// selectAll reads the columns in order.
func (t table) selectAll() string {
	return "SELECT " + quoteAll(t.columns) + " FROM " + quote(t.name)
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = quote(name)
	}
	return strings.Join(quoted, ", ")
}
