package store

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"adamas.example/internal/fault"
)

// timeLayout has a fixed number of digits, so that text order is time order.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// Time writes t as a TEXT column holds it: UTC, RFC 3339, always six decimals,
// what is finer cut off. Years outside 0000 to 9999 have no such form; passed as
// an argument (rather than through Time) such a time is refused.
func Time(t time.Time) string {
	return t.UTC().Format(timeLayout)
}

// OptTime is the argument for a column that may be empty: NULL for the zero
// time, Time(t) otherwise.
func OptTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return Time(t)
}

// ParseTime reads what Time wrote, and nothing else.
func ParseTime(text string) (time.Time, error) {
	t, err := time.Parse(timeLayout, text)
	if err != nil || Time(t) != text {
		return time.Time{}, fmt.Errorf("store: %q is no stored time", text)
	}
	return t, nil
}

// ScanTime is a Scan destination for a column that Time or OptTime wrote; NULL
// becomes the zero time.
//
//	err := tx.QueryRow(`SELECT issued FROM ...`).Scan(store.ScanTime(&issued))
func ScanTime(into *time.Time) sql.Scanner { return timeScanner{into} }

type timeScanner struct{ into *time.Time }

func (s timeScanner) Scan(column any) error {
	switch v := column.(type) {
	case nil:
		*s.into = time.Time{}
		return nil
	case string:
		t, err := ParseTime(v)
		*s.into = t
		return err
	}
	return fmt.Errorf("store: a time is TEXT, this column gave %T", column)
}

// arguments turns what callers pass into the four things both engines store
// alike: nil, int64, string, []byte. It returns args itself when all of them
// are that already.
func arguments(args []any) ([]any, error) {
	out := args
	for i, arg := range args {
		if plain(arg) {
			continue
		}
		v, err := argument(arg)
		if err != nil {
			return nil, fmt.Errorf("argument $%d: %w", i+1, err)
		}
		if &out[0] == &args[0] {
			out = append([]any(nil), args...)
		}
		out[i] = v
	}
	return out, nil
}

func plain(arg any) bool {
	switch v := arg.(type) {
	case nil, int64:
		return true
	case string:
		return storable(v)
	case []byte:
		return v != nil
	}
	return false
}

// storable: PostgreSQL's TEXT holds neither NUL nor broken UTF-8.
func storable(s string) bool {
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}

func argument(arg any) (any, error) {
	if v, ok := arg.(driver.Valuer); ok {
		value, err := driver.DefaultParameterConverter.ConvertValue(v)
		if err != nil {
			return nil, err
		}
		arg = value
	}
	if t, ok := arg.(time.Time); ok {
		if y := t.UTC().Year(); y < 0 || y > 9999 {
			return nil, fmt.Errorf("the year %d has no stored form", y)
		}
		return Time(t), nil
	}
	if arg == nil {
		return nil, nil
	}
	return basic(reflect.ValueOf(arg))
}

// basic looks through pointers and named types (ident.Serial, measure.USD).
func basic(v reflect.Value) (any, error) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil, nil
		}
		return argument(v.Elem().Interface())
	case reflect.String:
		if s := v.String(); storable(s) {
			return s, nil
		}
		return nil, fault.Invalid("store.text_not_storable")
	case reflect.Bool:
		if v.Bool() {
			return int64(1), nil
		}
		return int64(0), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if v.Uint() > math.MaxInt64 {
			return nil, fmt.Errorf("%d does not fit INT8", v.Uint())
		}
		return int64(v.Uint()), nil
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			if v.IsNil() {
				return nil, nil
			}
			return v.Bytes(), nil
		}
	case reflect.Array: // [32]byte and its like: a digest
		if v.Type().Elem().Kind() == reflect.Uint8 {
			b := make([]byte, v.Len())
			reflect.Copy(reflect.ValueOf(b), v)
			return b, nil
		}
	}
	return nil, fmt.Errorf("%v is no INT8, TEXT or BYTES", v.Type())
}
