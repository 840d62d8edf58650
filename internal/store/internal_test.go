package store

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"adamas.example/internal/fault"
)

func TestSettingsAreAskedBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	for name, dsn := range map[string]string{
		"as written":           sqliteDSN(path, writing),
		"another journal":      strings.Replace(sqliteDSN(path, writing), "journal_mode(wal)", "journal_mode(delete)", 1),
		"not synchronous":      strings.Replace(sqliteDSN(path, writing), "synchronous(full)", "synchronous(normal)", 1),
		"misspelt":             strings.Replace(sqliteDSN(path, writing), "foreign_keys(1)", "foreign_kays(1)", 1),
		"foreign keys off":     strings.Replace(sqliteDSN(path, writing), "foreign_keys(1)", "foreign_keys(0)", 1),
		"another program's id": strings.Replace(sqliteDSN(path, writing), "application_id(", "application_id(1", 1),
		"LIKE as it comes":     strings.Replace(sqliteDSN(path, writing), "like(1)", "like(0)", 1),
	} {
		db, err := sql.Open("sqlite", dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := askBack(t.Context(), path, conn); (err == nil) != (name == "as written") {
			t.Errorf("%s: %v", name, err)
		}
		conn.Close()
		db.Close()
	}
}

func TestWordsOfTheEngines(t *testing.T) {
	tests := []struct{ name, text, sqlite, postgres string }{
		{"types", "a INT8, b TEXT NOT NULL, c BYTES) TABLE_END;", "a INTEGER, b TEXT NOT NULL, c BLOB) STRICT;", `a BIGINT, b TEXT COLLATE "C" NOT NULL, c BYTEA) ;`},
		{"casts", "CAST(a AS TEXT) || cast(b as TEXT), CAST(c AS INT8)", "CAST(a AS TEXT) || cast(b as TEXT), CAST(c AS INTEGER)", "CAST(a AS TEXT) || cast(b as TEXT), CAST(c AS BIGINT)"},
		{"quotes", `'TEXT ''INT8' "BYTES" x`, `'TEXT ''INT8' "BYTES" x`, `'TEXT ''INT8' "BYTES" x`},
		{"comments", "-- TEXT\n/* INT8\nBYTES */ INT8", "-- TEXT\n/* INT8\nBYTES */ INTEGER", "-- TEXT\n/* INT8\nBYTES */ BIGINT"},
		{"parts of words", "INT8S TEXT_ xBYTES int8 text", "INT8S TEXT_ xBYTES int8 text", "INT8S TEXT_ xBYTES int8 text"},
		{"a quote left open", "'TEXT", "'TEXT", "'TEXT"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := []string{inWordsOf(engineSQLite, tt.text), inWordsOf(enginePostgres, tt.text)}
			if diff := cmp.Diff([]string{tt.sqlite, tt.postgres}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLinesForOneEngine(t *testing.T) {
	text := "all\n-- +only sqlite\ns\n -- +only postgres \np\n-- +both\nend"
	for engine, want := range map[string]string{engineSQLite: "all\ns\nend", enginePostgres: "all\np\nend"} {
		if got := onlyFor(engine, text); got != want {
			t.Errorf("%s: %q, want %q", engine, got, want)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	for query, want := range map[string]int{
		"": 0, "SELECT 1": 0, "SELECT $1": 1, "$2,$1": 2, "$10 $2": 10, "'$3' $1": 1, "-- $4\n$2": 2, `"$5"`: 0, "a$6": 0, "$x": 0, "/* $7 */": 0,
	} {
		if got := placeholders(query); got != want {
			t.Errorf("%q has %d placeholders, want %d", query, got, want)
		}
	}
}

func TestStatementsAboutTransactions(t *testing.T) {
	for query, want := range map[string]bool{
		"COMMIT": true, " \n begin immediate": true, "-- x\n/* y */ Rollback": true, ";END": true, "SAVEPOINT a": true, "release a": true,
		"": false, "SELECT 'COMMIT'": false, "INSERT INTO commit_log VALUES (1)": false, "'COMMIT'": false, "WITH a AS (SELECT 1) SELECT 1": false,
	} {
		if got := aboutTransactions(query); got != want {
			t.Errorf("%q: %v", query, got)
		}
	}
}

func FuzzTokens(f *testing.F) {
	for _, seed := range []string{"", "SELECT $1", "'it''s' -- x\n/* y */ \"z\"", "'open", "/* open", "-- open", "é$1", "\x00\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var whole strings.Builder
		for tok := range tokens(text) {
			if tok.text == "" {
				t.Fatal("an empty token")
			}
			whole.WriteString(tok.text)
		}
		if whole.String() != text {
			t.Fatalf("%q became %q", text, whole.String())
		}
		if n := placeholders(text); n < 0 {
			t.Fatalf("%d placeholders", n)
		}
		inWordsOf(enginePostgres, text)
		aboutTransactions(text)
		onlyFor(engineSQLite, text)
	})
}

func TestTimesSortAsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.Custom(func(t *rapid.T) time.Time {
			return time.Unix(rapid.Int64Range(-62167219200, 253402300799).Draw(t, "s"), rapid.Int64Range(0, 999_999).Draw(t, "us")*1000)
		})
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		if got := strings.Compare(Time(a), Time(b)); got != a.Compare(b) {
			t.Fatalf("%s and %s compare as %d", Time(a), Time(b), got)
		}
		if back, err := ParseTime(Time(a)); err != nil || !back.Equal(a) {
			t.Fatalf("%s came back as %v (%v)", Time(a), back, err)
		}
	})
}

func FuzzParseTime(f *testing.F) {
	for _, seed := range []string{"2026-11-23T14:02:05.123456Z", "2026-11-23T14:02:05Z", "2026-11-23 14:02:05", "0000-01-01T00:00:00.000000Z",
		"2026-02-30T00:00:00.000000Z", "2026-11-23T14:02:05,123456Z", "2026-11-23T24:00:00.000000Z", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if at, err := ParseTime(text); err == nil && Time(at) != text {
			t.Fatalf("%q was read as %q", text, Time(at))
		}
	})
}

func TestNewFileReplacesNothing(t *testing.T) {
	dest := filepath.Join(t.TempDir(), "snapshot")
	err := newFile(dest, func(temp string) error { // somebody else is faster
		if err := os.WriteFile(dest, []byte("theirs"), 0o600); err != nil {
			return err
		}
		return os.WriteFile(temp, []byte("ours"), 0o600)
	})
	if !fault.Is(err, "store.snapshot_exists") {
		t.Errorf("told: %v", err)
	}
	if got, _ := os.ReadFile(dest); string(got) != "theirs" {
		t.Errorf("the file in the way is now %q", got)
	}
	if left, _ := os.ReadDir(filepath.Dir(dest)); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

func TestConfigFor(t *testing.T) {
	for database, want := range map[string]Config{
		"": {Path: filepath.Join("data", "adamas.db")}, "postgres://h/d": {DSN: "postgres://h/d"}, "postgresql://h/d": {DSN: "postgresql://h/d"},
	} {
		if got, err := ConfigFor(database, "data"); err != nil || got != want {
			t.Errorf("%q: %+v %v", database, got, err)
		}
	}
	if _, err := ConfigFor("mysql://h/d", "data"); !fault.Is(err, "store.bad_dsn") {
		t.Errorf("mysql: %v", err)
	}
	for _, c := range []Config{{}, {Path: "a", DSN: "b"}} {
		if _, err := Open(t.Context(), c); err == nil {
			t.Errorf("%+v was opened", c)
		}
	}
}
