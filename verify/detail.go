package verify

import (
	"encoding/json"
	"fmt"
)

// Detail is one thing that a check or a note tells, under a name.
type Detail struct {
	Name  string
	Value any
}

// String is for error messages and logs.
func (d Detail) String() string { return fmt.Sprintf("%s=%v", d.Name, d.Value) }

// Details are what a check or a note tells. Most verdicts are asked for their
// outcome alone, so the details of a check that is valid are put together, and
// times, numbers and keys written out, when somebody reads them.
type Details struct{ teller }

// teller puts details together. What it looks at does not change after the verdict.
type teller interface{ tell() []Detail }

// told are details that were put together at once.
type told []Detail

func (t told) tell() []Detail { return t }

// Tell makes details of what is known.
func Tell(details ...Detail) Details { return Details{told(details)} }

// Each gives the details in their order.
func (d Details) Each() []Detail {
	if d.teller == nil {
		return nil
	}
	return d.tell()
}

// Get gives a value by its name, or nil.
func (d Details) Get(name string) any {
	for _, one := range d.Each() {
		if one.Name == name {
			return one.Value
		}
	}
	return nil
}

// All gives all values by their names.
func (d Details) All() map[string]any {
	details := d.Each()
	all := make(map[string]any, len(details))
	for _, one := range details {
		all[one.Name] = one.Value
	}
	return all
}

// String is for error messages and logs.
func (d Details) String() string { return fmt.Sprint(d.Each()) }

// MarshalJSON writes an object.
func (d Details) MarshalJSON() ([]byte, error) { return json.Marshal(d.All()) }

// with adds to details.
func (d Details) with(more ...Detail) Details {
	return Tell(append(append([]Detail(nil), d.Each()...), more...)...)
}

// The judgement as each valid check tells of it: the same pointer under another
// name, which costs nothing to keep.
type (
	ofTrust   judgement
	ofProof   judgement
	ofQuorum  judgement
	ofFork    judgement
	ofTime    judgement
	ofIssuer  judgement
	ofRevoked judgement
	ofOfficer judgement
	ofRange   judgement
	ofFacts   judgement
)

func (j *ofTrust) tell() []Detail {
	root := j.pack.Chain.Current()
	return []Detail{{"version", root.Version}, {"expires", utc(root.Expires)}}
}

func (j *ofProof) tell() []Detail {
	c := j.checkpoint.parsed
	return []Detail{{"log", c.Origin}, {"index", j.index}, {"size", c.Size}}
}

func (j *ofQuorum) tell() []Detail {
	c := j.checkpoint.cosigned
	return []Detail{{"witnesses", len(c.Witnesses)}, {"oldest", utc(c.Time)}, {"newest", utc(c.Newest)}}
}

func (j *ofFork) tell() []Detail { return []Detail{{"compared", j.checkpoint.compared}} }

func (j *ofTime) tell() []Detail {
	return []Detail{{"issued", utc(j.st.IssuedAt)}, {"recorded", utc(j.checkpoint.cosigned.Median)}}
}

func (j *ofIssuer) tell() []Detail {
	return []Detail{{"key", j.st.Signed.KeyID.String()}, {"issuer", j.st.Issuer}}
}

func (j *ofRevoked) tell() []Detail { return []Detail{{"revoked_later", j.signer.Revoked != nil}} }

func (j *ofOfficer) tell() []Detail {
	officers := []Detail{{"preparer", j.cert.Preparer.String()}, {"validator", j.cert.Validator.String()}}
	if j.level == "" {
		return officers
	}
	return append(officers, Detail{"level", j.level})
}

func (j *ofRange) tell() []Detail {
	number, r := Detail{"number", j.cert.Number}, j.numbers
	if r == nil {
		return []Detail{number}
	}
	return []Detail{number, {"first", r.Number(r.First)}, {"last", r.Number(r.Last)}, {"station", r.Station}}
}

func (j *ofFacts) tell() []Detail {
	return []Detail{{"shown", j.opened}, {"signed", j.cert.Facts.Count}}
}
