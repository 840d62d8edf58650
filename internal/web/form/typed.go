package form

import (
	"encoding"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"adamas.example/internal/measure"
	"adamas.example/internal/period"
)

// Typed is a value as its form would hold it: what Values reads back to the same.
// Nothing stands for what is empty.
func Typed(v any) url.Values {
	out := url.Values{}
	typing(out, reflect.ValueOf(v), "")
	return out
}

func typing(out url.Values, v reflect.Value, path string) {
	if v.Kind() == reflect.Pointer {
		if !v.IsNil() {
			typing(out, v.Elem(), path)
		}
		return
	}
	if v.IsZero() {
		return
	}
	switch x := v.Interface().(type) {
	case measure.Carats:
		out.Set(path, x.String())
		return
	case measure.USD:
		out.Set(path, x.String())
		return
	case period.Date:
		out.Set(path, x.String())
		return
	case encoding.TextMarshaler:
		if b, err := x.MarshalText(); err == nil {
			out.Set(path, string(b))
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case f.Anonymous && name == "":
				typing(out, v.Field(i), path)
			case name != "" && name != "-":
				typing(out, v.Field(i), join(path, name))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			typing(out, v.Index(i), path+"["+strconv.Itoa(i+1)+"]")
		}
	case reflect.Bool:
		out.Set(path, "yes")
	default:
		out.Set(path, fmt.Sprint(v.Interface()))
	}
}
