package fault

import (
	"encoding/json"
	"fmt"
)

// ProblemType is the media type of a Problem (RFC 9457 §3).
const ProblemType = "application/problem+json"

// typeBase makes the type URI of a key. A tag URI (RFC 4151) names without
// promising a page to fetch, as RFC 9457 §3.1.1 advises for types that are not
// documented at a fixed address.
const typeBase = "tag:adamas.example,2026:fault/"

// Problem is the JSON form of a fault (RFC 9457). Title and Detail are for
// readers; Key, Field and Args are the extension members programs should use.
type Problem struct {
	Type     string         `json:"type"`
	Title    string         `json:"title"`            // the sentence of fault.<Key>
	Status   int            `json:"status"`           // HTTP status
	Detail   string         `json:"detail,omitempty"` // the remedy
	Instance string         `json:"instance,omitempty"`
	Kind     string         `json:"kind"`
	Key      string         `json:"key"`
	Field    string         `json:"field,omitempty"`
	Args     map[string]any `json:"args,omitempty"`
	Faults   []Problem      `json:"faults,omitempty"` // all of them, when more than one
}

// Words puts a fault into a reader's language; package lang supplies it.
type Words func(*Fault) (text, remedy string)

// Problem is the JSON form with the key in place of a sentence; ProblemOf
// writes the sentences.
func (f *Fault) Problem() Problem {
	return f.problem(func(f *Fault) (string, string) { return f.Key, "" })
}

func (f *Fault) problem(words Words) Problem {
	text, remedy := words(f)
	p := Problem{
		Type:   typeBase + f.Key,
		Title:  text,
		Status: f.Kind.Status(),
		Detail: remedy,
		Kind:   f.Kind.String(),
		Key:    f.Key,
		Field:  f.Field,
	}
	if len(f.Args) > 0 {
		p.Args = make(map[string]any, len(f.Args))
		for name, value := range f.Args {
			p.Args[name] = plain(value)
		}
	}
	return p
}

// ProblemOf is the JSON form of any error, nil excepted: one fault as itself,
// several under Faults below the gravest. instance is the reference a reader
// can quote and the log bears; "" for none. Causes never appear.
func ProblemOf(err error, instance string, words Words) Problem {
	faults := All(err)
	if len(faults) == 0 {
		panic("fault: ProblemOf called without an error")
	}
	worst := faults[0]
	for _, f := range faults[1:] {
		if f.Kind > worst.Kind {
			worst = f
		}
	}
	p := worst.problem(words)
	p.Instance = instance
	if len(faults) > 1 {
		for _, f := range faults {
			p.Faults = append(p.Faults, f.problem(words))
		}
	}
	return p
}

// plain makes an argument safe to marshal: what knows its JSON form keeps it,
// integers and truth values stay, everything else becomes text.
func plain(value any) any {
	switch v := value.(type) {
	case nil, bool, string, int, int64, uint64, json.Marshaler:
		return v
	case Size:
		return int64(v)
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	case []string:
		return v
	}
	return fmt.Sprint(value)
}
