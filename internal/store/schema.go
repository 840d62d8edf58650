package store

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Schema is a module's tables: the files schema/0001_words.sql, 0002_..., as
// `//go:embed schema` makes them.
//
// A file is SQL that goose runs in one transaction: statements end with a
// semicolon at the end of a line; a statement with semicolons inside stands
// between `-- +goose StatementBegin` and `-- +goose StatementEnd`. The line
// `-- +goose Up` may head the file. There is no way down.
//
// Engine words are written in capitals and mean the same on both:
//
//	word       SQLite    PostgreSQL
//	INT8       INTEGER   BIGINT             64-bit whole number
//	TEXT       TEXT      TEXT COLLATE "C"   sorts by bytes
//	BYTES      BLOB      BYTEA
//	TABLE_END  STRICT    (nothing)          ends every CREATE TABLE ( ... ) TABLE_END;
//
// Where the engines cannot agree (full-text search), the lines between
// `-- +only sqlite` or `-- +only postgres` and `-- +both` are for one of them.
//
// A file that was applied anywhere is never changed again, not even its
// comments: its SHA-256 is kept.
type Schema struct {
	Module string // lower-case word; its tables are named module or module_...
	Files  fs.FS
}

// plan is a Schema read and checked.
type plan struct {
	module     string
	migrations []migration // version i+1 at index i
}

type migration struct {
	version  int64
	file     string
	text     string // as written, line ends made \n
	checksum string // hex SHA-256 of text
}

var (
	moduleName    = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	migrationName = regexp.MustCompile(`^([0-9]{4})_[a-z0-9_]+\.sql$`)
	gooseLine     = regexp.MustCompile(`(?m)^\s*--\s*\+goose\s+(.*?)\s*$`)
)

// versionTableSuffix is reserved: no module may name a table of its own so.
const versionTableSuffix = "_migration"

func (p plan) versionTable() string { return p.module + versionTableSuffix }

func plans(schemas []Schema) ([]plan, error) {
	seen := map[string]bool{}
	var all []plan
	for _, s := range schemas {
		if !moduleName.MatchString(s.Module) || strings.HasSuffix(s.Module, versionTableSuffix) || seen[s.Module] {
			return nil, fmt.Errorf("store: %q is no name for a module, or stands twice", s.Module)
		}
		seen[s.Module] = true
		p, err := readSchema(s)
		if err != nil {
			return nil, fmt.Errorf("store: schema of %s: %w", s.Module, err)
		}
		all = append(all, p)
	}
	return all, nil
}

func readSchema(s Schema) (plan, error) {
	p := plan{module: s.Module}
	entries, err := fs.ReadDir(s.Files, "schema")
	if err != nil {
		return p, err
	}
	for _, entry := range entries {
		m, err := readMigration(s.Files, entry.Name())
		if err != nil {
			return p, err
		}
		p.migrations = append(p.migrations, m)
	}
	slices.SortFunc(p.migrations, func(a, b migration) int { return cmp.Compare(a.version, b.version) })
	for i, m := range p.migrations {
		if m.version != int64(i+1) {
			return p, fmt.Errorf("%s stands where number %04d should", m.file, i+1)
		}
	}
	if len(p.migrations) == 0 {
		return p, fmt.Errorf("the folder schema is empty")
	}
	return p, nil
}

func readMigration(files fs.FS, name string) (migration, error) {
	parts := migrationName.FindStringSubmatch(name)
	if parts == nil {
		return migration{}, fmt.Errorf("%s is not named NNNN_words.sql", name)
	}
	version, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return migration{}, err
	}
	content, err := fs.ReadFile(files, "schema/"+name)
	if err != nil {
		return migration{}, err
	}
	text := strings.ReplaceAll(string(content), "\r\n", "\n") // a checkout on Windows is the same file
	for _, line := range gooseLine.FindAllStringSubmatch(text, -1) {
		switch line[1] {
		case "Up", "StatementBegin", "StatementEnd":
		default:
			return migration{}, fmt.Errorf("%s: %q is not allowed: a migration goes forward, whole or not at all", name, line[0])
		}
	}
	sum := sha256.Sum256([]byte(text))
	return migration{version: version, file: name, text: text, checksum: hex.EncodeToString(sum[:])}, nil
}

// engineWords is what the words of a schema become.
var engineWords = map[string]map[string]string{
	engineSQLite:   {"INT8": "INTEGER", "BYTES": "BLOB", "TABLE_END": "STRICT"},
	enginePostgres: {"INT8": "BIGINT", "TEXT": `TEXT COLLATE "C"`, "BYTES": "BYTEA", "TABLE_END": ""},
}

// forEngine is a migration's text as goose is to run it.
func (m migration) forEngine(engine string) string {
	text := inWordsOf(engine, onlyFor(engine, m.text))
	if strings.Contains(text, "+goose Up") {
		return text
	}
	return "-- +goose Up\n" + text
}

// inWordsOf replaces the engine words outside quotes and comments.
func inWordsOf(engine, text string) string {
	var b strings.Builder
	before := "" // the last word: a type after AS (CAST) takes no collation
	for t := range tokens(text) {
		word, known := engineWords[engine][t.text]
		if !t.code || !known || t.text == "TEXT" && strings.EqualFold(before, "AS") {
			word = t.text
		}
		b.WriteString(word)
		if t.code && strings.TrimSpace(t.text) != "" {
			before = t.text
		}
	}
	return b.String()
}

// onlyFor leaves out the lines that are for the other engine.
func onlyFor(engine, text string) string {
	var b strings.Builder
	mine := true
	for line := range strings.Lines(text) {
		switch words := strings.Fields(line); {
		case len(words) == 3 && words[0] == "--" && words[1] == "+only":
			mine = words[2] == engine
		case len(words) == 2 && words[0] == "--" && words[1] == "+both":
			mine = true
		case mine:
			b.WriteString(line)
		}
	}
	return b.String()
}

// files are the plan's migrations for an engine, as goose wants to find them.
func (p plan) files(engine string) sqlFiles {
	files := sqlFiles{}
	for _, m := range p.migrations {
		files[m.file] = m.forEngine(engine)
	}
	return files
}

// sqlFiles is a folder of texts in memory.
type sqlFiles map[string]string

func (f sqlFiles) Open(name string) (fs.File, error) {
	text, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return sqlFile{strings.NewReader(text), name}, nil
}

// Glob spares the folder a listing: goose asks for *.sql and *.go.
func (f sqlFiles) Glob(pattern string) ([]string, error) {
	var names []string
	for name := range f {
		if strings.HasSuffix(name, strings.TrimPrefix(pattern, "*")) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

type sqlFile struct {
	io.Reader
	name string
}

func (f sqlFile) Close() error               { return nil }
func (f sqlFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f sqlFile) Name() string               { return f.name }
func (f sqlFile) Size() int64                { return int64(f.Reader.(*strings.Reader).Size()) }
func (f sqlFile) Mode() fs.FileMode          { return 0o444 }
func (f sqlFile) ModTime() time.Time         { return time.Time{} }
func (f sqlFile) IsDir() bool                { return false }
func (f sqlFile) Sys() any                   { return nil }
