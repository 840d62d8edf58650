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
// outcome alone, so times, days, numbers and key ids become texts when somebody
// reads them: ask Get or All, and not a Detail, for a value.
type Details []Detail

// Values that are written out by shown.
type (
	moment int64 // seconds since 1970
	serial struct {
		of *statement.NumberRange
		n  uint64
	}
)

// shown is a value in the form in which it is read.
func shown(v any) any {
	switch v := v.(type) {
	case moment:
		return utc(int64(v))
	case canonical.Day:
		return isoDay(v)
	case serial:
		return v.of.Number(v.n)
	case statement.KeyID:
		return v.String()
	case canonical.Hash:
		return v.String()
	case time.Duration:
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

// mostDetails is how many details a verdict for record has when all is well:
// room is made once.
const mostDetails = 28

// tell keeps details for a check of this verdict.
func (j *judgement) tell(details ...Detail) Details {
	if j.details == nil {
		j.details = make(Details, 0, mostDetails)
	}
	from := len(j.details)
	j.details = append(j.details, details...)
	return slices.Clip(j.details[from:])
}
