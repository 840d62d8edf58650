package form

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"adamas.example/internal/fault"
)

const (
	most  = 1 << 20 // bytes of a form
	depth = 12      // of values within values
)

// Read reads one JSON object into a T, a struct whose fields have json tags.
// Faults, each with the field's path: web.form_unreadable,
// web.form_unknown, web.form_twice, web.form_kind, and
// those of the types within (measure, ident, period).
func Read[T any](raw []byte) (v T, err error) { return ReadWithin[T](raw, most) }

// ReadWithin is Read with a bound of its own, in bytes: for objects that hold files.
func ReadWithin[T any](raw []byte, most int64) (v T, err error) {
	if int64(len(raw)) > most {
		return v, fault.TooLarge("web.form_large", fault.Most(most))
	}
	r := reader{dec: json.NewDecoder(bytes.NewReader(raw))}
	r.dec.UseNumber()
	tree, err := r.value("", 0)
	if err == nil {
		if _, end := r.dec.Token(); !errors.Is(end, io.EOF) {
			err = errors.New("text after the end")
		}
	}
	if err != nil {
		return v, fault.Invalid("web.form_unreadable", fault.Arg("why", err.Error()), fault.Because(err))
	}
	r.set(reflect.ValueOf(&v).Elem(), tree, "")
	if err := r.faults.Err(); err != nil {
		var none T
		return none, err
	}
	return v, nil
}

// reader builds the tree of a text, then fills a value from it.
type reader struct {
	dec    *json.Decoder
	faults fault.List
}

// object is a JSON object in the order in which it was written.
type object []member

type member struct {
	name  string
	value any
}

// value reads the next value: object, []any, string, json.Number, bool or nil.
func (r *reader) value(path string, deep int) (any, error) {
	t, err := r.dec.Token()
	if err != nil {
		return nil, err
	}
	d, ok := t.(json.Delim)
	if !ok {
		return t, nil
	}
	if deep == depth {
		return nil, fmt.Errorf("%s: too deep", path)
	}
	if d == '[' {
		list := []any{}
		for r.dec.More() {
			v, err := r.value(path, deep+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = r.dec.Token()
		return list, err
	}
	o := object{}
	seen := map[string]bool{}
	for r.dec.More() {
		t, err := r.dec.Token()
		if err != nil {
			return nil, err
		}
		name := t.(string)
		at := join(path, name)
		if seen[name] {
			r.faults.Add(fault.Invalid("web.form_twice", fault.At(at)))
		}
		seen[name] = true
		v, err := r.value(at, deep+1)
		if err != nil {
			return nil, err
		}
		o = append(o, member{name, v})
	}
	_, err = r.dec.Token()
	return o, err
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// set fills v from a tree.
func (r *reader) set(v reflect.Value, tree any, path string) {
	if tree == nil {
		r.kind(path, "null") // a field that is not given is left out
		return
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		var s string
		switch text := tree.(type) {
		case string:
			s = text
		case typed:
			var err error
			if s, err = canonical(u, string(text)); err != nil {
				r.refuse(path, string(text), err)
				return
			}
		default:
			r.kind(path, tree)
			return
		}
		if err := u.UnmarshalText([]byte(s)); err != nil {
			r.refuse(path, s, err)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		r.set(v.Elem(), tree, path)
	case reflect.Struct:
		o, ok := tree.(object)
		if !ok {
			r.kind(path, tree)
			return
		}
		r.fields(v, o, path)
	case reflect.Slice:
		list, ok := tree.([]any)
		if !ok {
			r.kind(path, tree)
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), len(list), len(list)))
		for i, e := range list {
			n := i + 1
			if row, ok := e.(numbered); ok {
				n, e = row.n, row.value
			}
			r.set(v.Index(i), e, path+"["+strconv.Itoa(n)+"]")
		}
	default:
		r.plain(v, tree, path)
	}
}

// refuse keeps a type's own fault, under the field's path.
func (r *reader) refuse(path, text string, err error) {
	if _, told := fault.Of(err); told {
		r.faults.Add(fault.Locate(err, fault.At(path)))
		return
	}
	r.faults.Add(fault.Invalid("web.form_kind", fault.At(path), fault.Text(text), fault.Because(err)))
}

func (r *reader) kind(path string, got any) {
	r.faults.Add(fault.Invalid("web.form_kind", fault.At(path), fault.Text(show(got))))
}

func show(tree any) string {
	switch t := tree.(type) {
	case object:
		return "{…}"
	case []any:
		return "[…]"
	default:
		return fmt.Sprint(t)
	}
}

// plain fills strings, bools and whole numbers.
func (r *reader) plain(v reflect.Value, tree any, path string) {
	switch t := tree.(type) {
	case typed:
		r.written(v, string(t), path)
		return
	case string:
		if v.Kind() == reflect.String {
			v.SetString(t)
			return
		}
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(t)
			return
		}
	case json.Number:
		if v.CanUint() {
			if n, err := strconv.ParseUint(t.String(), 10, 63); err == nil && !v.OverflowUint(n) {
				v.SetUint(n)
				return
			}
		}
		if v.CanInt() {
			if n, err := strconv.ParseInt(t.String(), 10, 64); err == nil && !v.OverflowInt(n) {
				v.SetInt(n)
				return
			}
		}
	}
	r.kind(path, tree)
}

// fields fills a struct; embedded structs are part of it.
func (r *reader) fields(v reflect.Value, o object, path string) {
	known := map[string]reflect.Value{}
	collect(v, known)
	for _, m := range o {
		at := join(path, m.name)
		f, ok := known[m.name]
		if !ok {
			r.faults.Add(fault.Invalid("web.form_unknown", fault.At(at)))
			continue
		}
		r.set(f, m.value, at)
	}
}

func collect(v reflect.Value, known map[string]reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			collect(v.Field(i), known)
		case f.IsExported() && name != "" && name != "-":
			known[name] = v.Field(i)
		}
	}
}
