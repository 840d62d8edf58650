package storetest

import (
	"database/sql"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
)

var sqlTests = []test{
	{"PlaceholdersRepeatAndReorder", placeholdersRepeat},
	{"PlaceholdersAreCounted", placeholdersCounted},
	{"UpsertReturning", upsertReturning},
	{"QueriesOfThePortableSubset", portableQueries},
	{"WholeNumbersToTheirEnds", wholeNumbers},
	{"OverflowIsAnError", overflow},
	{"BytesAndNull", bytesAndNull},
	{"TextComesBackAsGiven", textComesBack},
	{"TextNobodyCanStore", textNotStorable},
	{"TextSortsByBytes", textSorts},
	{"ArgumentsOfManyTypes", argumentTypes},
	{"ArgumentsRefused", argumentsRefused},
	{"TimesInOrder", times},
	{"NoRowsIsNoFailure", noRows},
	{"RowsTouchedAreCounted", rowsTouched},
}

func placeholdersRepeat(t *testing.T, s *store.Store) {
	write(t, s, func(tx *store.Tx) error {
		if _, err := tx.Exec(`INSERT INTO probe_item (n, name, id) VALUES ($2, $1, $1)`, "a", 7); err != nil {
			return err
		}
		n, err := one(tx, `SELECT n + $2 FROM probe_item WHERE id = $1 AND name = $1 AND $2 = $2 AND n > $2`, "a", 3)
		if err != nil || n != 10 {
			t.Errorf("n + 3 = %d (%v), want 10", n, err)
		}
		n, err = one(tx, `SELECT count(*) FROM probe_item WHERE name = '$3 $1'`)
		if err != nil || n != 0 {
			t.Errorf("a placeholder within quotes: %d, %v", n, err)
		}
		return nil
	})
}

func placeholdersCounted(t *testing.T, s *store.Store) {
	for name, args := range map[string][]any{"too few": {"a"}, "too many": {"a", 1, 2}} {
		err := s.Write(t.Context(), Now, func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO probe_item (id, name, n) VALUES ($1, $1, $2)`, args...)
			return err
		})
		if err == nil {
			t.Errorf("%s arguments were taken", name)
		}
	}
	if got := ids(t, s, ""); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}

func upsertReturning(t *testing.T, s *store.Store) {
	upsert := `INSERT INTO probe_item (id, name, n) VALUES ($1, $1, $2)
		ON CONFLICT (id) DO UPDATE SET n = probe_item.n + excluded.n RETURNING n`
	write(t, s, func(tx *store.Tx) error {
		for _, want := range []int64{5, 10, 15} {
			if n, err := one(tx, upsert, "a", 5); err != nil || n != want {
				t.Errorf("upsert gives %d (%v), want %d", n, err, want)
			}
		}
		_, err := one(tx, `INSERT INTO probe_item (id, name, n) VALUES ($1, $1, $2) ON CONFLICT DO NOTHING RETURNING n`, "a", 1)
		if !errors.Is(err, store.ErrNoRows) {
			t.Errorf("DO NOTHING returned a row: %v", err)
		}
		if err := put(tx, "b", 15); err != nil {
			return err
		}
		if _, err := one(tx, `UPDATE probe_item SET n = n + 1 RETURNING n`); err != nil {
			return err
		}
		got, err := store.Collect(tx, text, `DELETE FROM probe_item WHERE n = $1 RETURNING id`, 16)
		if len(got) != 2 {
			t.Errorf("an UPDATE of which one row was looked at reached %v", got)
		}
		return err
	})
}

// portableQueries holds the forms of SQL that modules rely on.
func portableQueries(t *testing.T, s *store.Store) {
	tests := []struct {
		name, query string
		args        []any
		want        []int64
	}{
		{"recursive", `WITH RECURSIVE up (id, n) AS (
			SELECT id, n FROM probe_item WHERE id = $1
			UNION SELECT i.id, i.n FROM probe_item i JOIN up ON i.n = up.n + 1) SELECT n FROM up ORDER BY n`, []any{"b"}, []int64{2, 3, 4}},
		{"window", `SELECT sum(n) OVER (ORDER BY n) FROM probe_item ORDER BY n`, nil, []int64{1, 3, 6, 10}},
		{"rank", `SELECT row_number() OVER (PARTITION BY n % 2 ORDER BY n DESC) FROM probe_item ORDER BY n`, nil, []int64{2, 2, 1, 1}},
		{"filter", `SELECT count(*) FILTER (WHERE n > 2) FROM probe_item`, nil, []int64{2}},
		{"row comparison", `SELECT n FROM probe_item WHERE (n, id) > ($1, $2) ORDER BY n, id LIMIT 2`, []any{2, "b"}, []int64{3, 4}},
		{"sum", `SELECT sum(n) FROM probe_item`, nil, []int64{10}},
		{"sum of none", `SELECT coalesce(sum(n), 0) FROM probe_item WHERE n > 99`, nil, []int64{0}},
		{"division", `SELECT n / 2 FROM probe_item ORDER BY n`, nil, []int64{0, 1, 1, 2}},
		{"division below zero", `SELECT (0 - n) / 2 FROM probe_item ORDER BY n`, nil, []int64{0, -1, -1, -2}},
		{"cast", `SELECT CAST($1 AS INT8) + 1`, []any{41}, []int64{42}},
		{"cast of text", `SELECT length(CAST($1 AS TEXT))`, []any{"äß"}, []int64{2}},
		{"case", `SELECT CASE WHEN note IS NULL THEN 0 ELSE 1 END FROM probe_item ORDER BY n NULLS FIRST LIMIT 1`, nil, []int64{0}},
		{"exists", `SELECT n FROM probe_item i WHERE NOT EXISTS (SELECT 1 FROM probe_part p WHERE p.item = i.id) ORDER BY n`, nil, []int64{2, 3, 4}},
		{"update from", `UPDATE probe_item SET n = probe_item.n + 100 FROM probe_part p WHERE p.item = probe_item.id RETURNING probe_item.n`, nil, []int64{101}},
		{"values", `WITH v (k, n) AS (VALUES ($1, CAST($2 AS INT8)), ($3, CAST($4 AS INT8))) SELECT i.n FROM probe_item i JOIN v ON v.k = i.id ORDER BY i.n`, []any{"b", 1, "c", 2}, []int64{2, 3}},
		{"nulls last", `SELECT count(note) FROM probe_item`, nil, []int64{0}},
		{"distinct", `SELECT DISTINCT n % 2 FROM probe_item ORDER BY 1`, nil, []int64{0, 1}},
		{"lower of a column", `SELECT n FROM probe_item WHERE lower(id || 'É') = 'aÉ'`, nil, []int64{1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := s.Write(t.Context(), Now, func(tx *store.Tx) error {
				for i, id := range []string{"a", "b", "c", "d"} {
					if err := put(tx, id, int64(i+1)); err != nil {
						return err
					}
				}
				if _, err := tx.Exec(`INSERT INTO probe_part (id, item) VALUES ($1, $2)`, 1, "a"); err != nil {
					return err
				}
				got, err := store.Collect(tx, number, tt.query, tt.args...)
				if err != nil {
					return err
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", trimmed(tt.query), diff)
				}
				return errRefused // leave nothing for the next row
			})
			if !errors.Is(err, errRefused) {
				t.Error(err)
			}
		})
	}
}

func wholeNumbers(t *testing.T, s *store.Store) {
	for _, n := range []int64{math.MinInt64, -1, 0, 1, math.MaxInt64} {
		write(t, s, func(tx *store.Tx) error {
			if _, err := tx.Exec(`DELETE FROM probe_item`); err != nil {
				return err
			}
			if err := put(tx, "a", n); err != nil {
				return err
			}
			if got, err := one(tx, `SELECT n FROM probe_item WHERE n = $1`, n); err != nil || got != n {
				t.Errorf("%d came back as %d (%v)", n, got, err)
			}
			return nil
		})
	}
}

func overflow(t *testing.T, s *store.Store) {
	write(t, s, func(tx *store.Tx) error {
		if err := put(tx, "a", math.MaxInt64); err != nil {
			return err
		}
		return put(tx, "b", 1)
	})
	for name, fn := range map[string]func(tx *store.Tx) error{
		"in an UPDATE": func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE probe_item SET n = n + 1 WHERE id = 'a'`)
			return err
		},
		"in an INSERT": func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO probe_item (id, name, n) SELECT 'c', 'c', n * 2 FROM probe_item WHERE id = 'a'`)
			return err
		},
		"in a sum": func(tx *store.Tx) error {
			_, err := one(tx, `SELECT sum(n) FROM probe_item`)
			return err
		},
	} {
		if err := s.Write(t.Context(), Now, fn); err == nil {
			t.Errorf("overflow %s went through", name)
		}
	}
}

func bytesAndNull(t *testing.T, s *store.Store) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	big := make([]byte, 1<<20)
	big[len(big)-1] = 1
	tests := map[string]sql.Null[[]byte]{
		"null": {}, "empty": {V: []byte{}, Valid: true}, "every byte": {V: all, Valid: true}, "a megabyte": {V: big, Valid: true},
	}
	write(t, s, func(tx *store.Tx) error {
		for id, body := range tests {
			if _, err := tx.Exec(`INSERT INTO probe_item (id, name, n, body) VALUES ($1, $1, 1, $2)`, id, body); err != nil {
				return err
			}
		}
		return nil
	})
	read(t, s, func(tx *store.Tx) error {
		for id, want := range tests {
			var got sql.Null[[]byte]
			if err := tx.QueryRow(`SELECT body FROM probe_item WHERE id = $1`, id).Scan(&got); err != nil {
				return err
			}
			if got.Valid != want.Valid || string(got.V) != string(want.V) {
				t.Errorf("%s came back as %d bytes, valid %v", id, len(got.V), got.Valid)
			}
		}
		nulls, err := one(tx, `SELECT count(*) FROM probe_item WHERE body IS NULL`)
		if nulls != 1 {
			t.Errorf("%d rows are NULL, want 1 (%v)", nulls, err)
		}
		empty, err := one(tx, `SELECT count(*) FROM probe_item WHERE body = $1`, []byte{})
		if empty != 1 {
			t.Errorf("%d rows are empty, want 1 (%v)", empty, err)
		}
		return err
	})
}

func textComesBack(t *testing.T, s *store.Store) {
	texts := []string{"", " ", "'; DROP TABLE probe_item; --", `"`, `\`, "1 234,50 é", "Ü\n\t\r", "\u00a0", "日本", "👩‍👩‍👧", "$1"}
	write(t, s, func(tx *store.Tx) error {
		for _, want := range texts {
			if err := put(tx, want, 1); err != nil {
				return err
			}
			var got string
			if err := tx.QueryRow(`SELECT name FROM probe_item WHERE id = $1`, want).Scan(&got); err != nil || got != want {
				t.Errorf("%q came back as %q (%v)", want, got, err)
			}
		}
		return nil
	})
}

func textNotStorable(t *testing.T, s *store.Store) {
	for i, bad := range []string{"a\x00b", "\xff", "a\xc3"} {
		write(t, s, func(tx *store.Tx) error {
			err := tx.Savepoint(func() error { return put(tx, bad, 1) })
			if !fault.Is(err, "store.text_not_storable") {
				t.Errorf("%q: %v", bad, err)
			}
			return put(tx, numbered("after", i), 1) // the refusal harmed nothing
		})
	}
}

func textSorts(t *testing.T, s *store.Store) {
	want := []string{"A", "B", "Z", "a", "a b", "a-b", "ab", "b", "É", "é"}
	write(t, s, func(tx *store.Tx) error {
		for _, id := range []string{"é", "b", "a b", "B", "ab", "a", "a-b", "É", "A", "Z"} {
			if err := put(tx, id, 1); err != nil {
				return err
			}
		}
		return nil
	})
	if diff := cmp.Diff(want, ids(t, s, "")); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	read(t, s, func(tx *store.Tx) error {
		got, err := store.Collect(tx, text, `SELECT id FROM probe_item WHERE id LIKE 'a%' AND id > 'B' AND lower(id) <> 'é' ORDER BY id`)
		if diff := cmp.Diff([]string{"a", "a b", "a-b", "ab"}, got); diff != "" {
			t.Errorf("LIKE (-want +got):\n%s", diff)
		}
		return err
	})
}

type (
	serial int64
	label  string
	digest [4]byte
)

func argumentTypes(t *testing.T, s *store.Store) {
	seven, seventh := 7, label("g")
	for i, n := range []any{7, int8(7), uint16(7), serial(7), &seven, sql.NullInt64{Int64: 7, Valid: true}, new(serial(7))} {
		write(t, s, func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO probe_item (id, name, n, note, body) VALUES ($1, $1, $2, $3, $4)`,
				label(numbered("k", i)), n, []any{nil, (*string)(nil), &seventh}[i%3], digest{1, 2, 3, 4})
			return err
		})
	}
	read(t, s, func(tx *store.Tx) error {
		n, err := one(tx, `SELECT count(*) FROM probe_item WHERE n = 7 AND (note IS NULL OR note = 'g') AND body = $1`, []byte{1, 2, 3, 4})
		if n != 7 {
			t.Errorf("%d of 7 rows hold what was given", n)
		}
		var yes bool
		if err := tx.QueryRow(`SELECT CAST($1 AS INT8)`, true).Scan(&yes); err != nil || !yes {
			t.Errorf("true came back as %v (%v)", yes, err)
		}
		return err
	})
}

func argumentsRefused(t *testing.T, s *store.Store) {
	for name, arg := range map[string]any{
		"float": 1.5, "beyond int64": uint64(math.MaxInt64) + 1, "struct": struct{}{}, "list": []int{1},
		"year 10000": time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		err := s.Write(t.Context(), Now, func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO probe_item (id, name, n, note) VALUES ('x', 'x', 1, $1)`, arg)
			return err
		})
		if err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func times(t *testing.T, s *store.Store) {
	base := time.Date(2026, 11, 23, 23, 59, 59, 999999000, time.UTC)
	given := []time.Time{base.Add(time.Microsecond), base, base.Add(-time.Second).In(time.FixedZone("", 3600)),
		time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)}
	write(t, s, func(tx *store.Tx) error {
		for i, at := range given {
			if _, err := tx.Exec(`INSERT INTO probe_item (id, name, n, note) VALUES ($1, $1, $2, $3)`, store.Time(at), i, at); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`INSERT INTO probe_item (id, name, n, note) VALUES ('never', 'never', 9, $1)`, store.OptTime(time.Time{}))
		return err
	})
	read(t, s, func(tx *store.Tx) error {
		order, err := store.Collect(tx, func(scan store.Scan) (n int64, err error) {
			var at time.Time
			err = scan(&n, store.ScanTime(&at))
			if err == nil && n == 9 != at.IsZero() || n != 9 && !at.Equal(given[n]) {
				t.Errorf("time %d came back as %v", n, at)
			}
			return n, err
		}, `SELECT n, note FROM probe_item ORDER BY note NULLS LAST`)
		if diff := cmp.Diff([]int64{3, 2, 1, 0, 4, 9}, order); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
		if !tx.Now().Equal(Now) || tx.Now().Location() != time.UTC {
			t.Errorf("Now() = %v, want %v", tx.Now(), Now)
		}
		return err
	})
}

func noRows(t *testing.T, s *store.Store) {
	write(t, s, func(tx *store.Tx) error {
		if _, err := one(tx, `SELECT n FROM probe_item WHERE id = 'none'`); !errors.Is(err, store.ErrNoRows) {
			t.Errorf("a missing row: %v", err)
		}
		return put(tx, "a", 1)
	})
	if got := ids(t, s, ""); len(got) != 1 {
		t.Errorf("after a missing row: %v", got)
	}
}

func rowsTouched(t *testing.T, s *store.Store) {
	write(t, s, func(tx *store.Tx) error {
		for i := range 5 {
			if err := put(tx, numbered("a", i), int64(i)); err != nil {
				return err
			}
		}
		for query, want := range map[string]int64{
			`UPDATE probe_item SET note = 'x' WHERE n > 2`:  2,
			`UPDATE probe_item SET note = 'x' WHERE n > 99`: 0,
			`DELETE FROM probe_item WHERE n < 1`:            1,
		} {
			if n, err := tx.Exec(query); err != nil || n != want {
				t.Errorf("%s touched %d (%v), want %d", query, n, err, want)
			}
		}
		return nil
	})
}
