package form

import (
	"encoding"
	"errors"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
)

// typed is a text from a page, which any kind of value may be read from.
type typed string

// numbered is a row of a list with its number on the page.
type numbered struct {
	n     int
	value any
}

// Names that a page's form has beside its fields: they say what a button wants, or come
// from the page itself, and are no part of the value.
var asides = []string{"more", "less", "act", "seen", "next"}

// MostRows bounds the rows of a list: a page that shows one row for each of another's asks
// first.
const MostRows = 500

// Values reads the fields of a page into a T. Empty fields count as not given, rows
// without any field as not there. Weights, amounts and days are read as people write
// them (measure.ParseCarats, measure.ParseUSD, period.ParseTyped). Faults: those of
// Read, web.form_number.
func Values[T any](given url.Values) (v T, err error) {
	r := reader{}
	tree := &branch{}
	for name, all := range given {
		if slices.Contains(asides, name) {
			continue
		}
		if len(all) > 1 && !slices.Contains(all, "") { // a checkbox list is rows, not a name twice
			r.faults.Add(fault.Invalid("web.form_twice", fault.At(name)))
			continue
		}
		if text := strings.TrimSpace(all[len(all)-1]); text != "" {
			if err := tree.put(name, text); err != nil {
				r.faults.Add(fault.Invalid("web.form_unknown", fault.At(name)))
			}
		}
	}
	r.set(reflect.ValueOf(&v).Elem(), tree.value(), "")
	if err := r.faults.Err(); err != nil {
		var none T
		return none, err
	}
	return v, nil
}

// branch is a value on its way from flat names to a tree.
type branch struct {
	text  string
	parts map[string]*branch
	rows  map[int]*branch
}

var errPath = errors.New("no path of a field")

// step is one part of a path: a name, and a row where it is a list.
type step struct {
	name string
	row  int // from 1; 0: no list
}

// steps reads a path, "parcels[2].carats".
func steps(path string) (out []step, err error) {
	for part := range strings.SplitSeq(path, ".") {
		name, row, listed := strings.Cut(part, "[")
		s := step{name: name}
		if listed {
			if s.row, err = strconv.Atoi(strings.TrimSuffix(row, "]")); err != nil || s.row < 1 || s.row > MostRows || !strings.HasSuffix(row, "]") {
				return nil, errPath
			}
		}
		if out = append(out, s); name == "" || len(out) > depth {
			return nil, errPath
		}
	}
	return out, nil
}

// put hangs a text at its path, or changes nothing.
func (b *branch) put(path, text string) error {
	all, err := steps(path)
	if err != nil {
		return err
	}
	for _, s := range all {
		if b = b.part(s.name); s.row > 0 {
			b = b.row(s.row)
		}
	}
	b.text = text
	return nil
}

func (b *branch) part(name string) *branch {
	if b.parts == nil {
		b.parts = map[string]*branch{}
	}
	if b.parts[name] == nil {
		b.parts[name] = &branch{}
	}
	return b.parts[name]
}

func (b *branch) row(n int) *branch {
	if b.rows == nil {
		b.rows = map[int]*branch{}
	}
	if b.rows[n] == nil {
		b.rows[n] = &branch{}
	}
	return b.rows[n]
}

// value is the branch as the reader takes it.
func (b *branch) value() any {
	switch {
	case b.rows != nil:
		list := []any{}
		for _, n := range slices.Sorted(maps.Keys(b.rows)) {
			list = append(list, numbered{n, b.rows[n].value()})
		}
		return list
	case b.parts != nil || b.text == "":
		o := object{}
		for _, name := range slices.Sorted(maps.Keys(b.parts)) {
			o = append(o, member{name, b.parts[name].value()})
		}
		return o
	}
	return typed(b.text)
}

// canonical is a typed text in the one form that its type reads.
func canonical(u encoding.TextUnmarshaler, text string) (string, error) {
	switch u.(type) {
	case *measure.Carats:
		c, err := measure.ParseCarats(text)
		return c.String(), err
	case *measure.USD:
		d, err := measure.ParseUSD(text)
		return d.String(), err
	case *period.Date:
		d, err := period.ParseTyped(text)
		return d.String(), err
	}
	return text, nil
}

// written fills strings, bools and whole numbers from what was typed.
func (r *reader) written(v reflect.Value, text, path string) {
	switch {
	case v.Kind() == reflect.String:
		v.SetString(text)
		return
	case v.Kind() == reflect.Bool:
		if text == "yes" || text == "no" {
			v.SetBool(text == "yes")
			return
		}
	case v.CanUint():
		if n, err := strconv.ParseUint(ungrouped(text), 10, 63); err == nil && !v.OverflowUint(n) {
			v.SetUint(n)
			return
		}
	case v.CanInt():
		if n, err := strconv.ParseInt(ungrouped(text), 10, 64); err == nil && !v.OverflowInt(n) {
			v.SetInt(n)
			return
		}
	}
	if v.CanUint() || v.CanInt() {
		r.faults.Add(fault.Invalid("web.form_number", fault.At(path), fault.Text(text)))
		return
	}
	r.kind(path, text)
}

// spaces are those between groups of digits.
var spaces = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "")

func ungrouped(text string) string { return spaces.Replace(text) }
