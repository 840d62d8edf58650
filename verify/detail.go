package verify

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Detail is one thing that a check or a note tells, under a name.
type Detail struct {
	Name  string
	Value any
}

// String is for error messages and logs.
func (d Detail) String() string { return fmt.Sprintf("%s=%v", d.Name, shown(d.Value)) }

// Details are what a check or a note tells. Most verdicts are asked for their
// outcome alone, so nothing is copied or written out before somebody reads it: a
// value may be a pointer to where it stands, a time, a day, a number or a key id.
// Ask Get or All, and not a Detail, for it.
type Details []Detail

// Values that shown writes out.
type (
	moment      int64 // seconds since 1970
	firstNumber struct{ of *statement.NumberRange }
	lastNumber  struct{ of *statement.NumberRange }
)

// shown is a value in the form in which it is read.
func shown(v any) any {
	switch v := v.(type) {
	case *string:
		return *v
	case *int64:
		return *v
	case *uint64:
		return *v
	case moment:
		return utc(int64(v))
	case *moment:
		return utc(int64(*v))
	case canonical.Day:
		return isoDay(v)
	case time.Duration:
		return v.String()
	case firstNumber:
		return v.of.Number(v.of.First)
	case lastNumber:
		return v.of.Number(v.of.Last)
	case *statement.KeyID:
		return v.String()
	case canonical.Hash:
		return v.String()
	}
	return v
}

// Get gives a value by its name, or nil.
func (d Details) Get(name string) any {
	for _, one := range d {
		if one.Name == name {
			return shown(one.Value)
		}
	}
	return nil
}

// All gives all values by their names.
func (d Details) All() map[string]any {
	all := make(map[string]any, len(d))
	for _, one := range d {
		all[one.Name] = shown(one.Value)
	}
	return all
}

// MarshalJSON writes an object.
func (d Details) MarshalJSON() ([]byte, error) { return json.Marshal(d.All()) }

// with adds to details that others may hold.
func (d Details) with(more ...Detail) Details { return append(slices.Clip(d), more...) }

// tell keeps details for a check of this verdict.
func (j *judgement) tell(details ...Detail) Details {
	from := len(j.details)
	j.details = append(j.details, details...)
	return slices.Clip(j.details[from:])
}
