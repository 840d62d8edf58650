package party

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/period"
)

// Kind is what happened.
type Kind string

// The kinds of events that bear on standing.
const (
	Admitted         Kind = "admitted"
	Removed          Kind = "removed"
	Absorbed         Kind = "absorbed"       // into the European Union
	TradingEntity    Kind = "trading_entity" // no Participant, may trade
	Suspended        Kind = "suspended"
	Conditional      Kind = "conditional"  // exports from compliant zones only
	ZoneCleared      Kind = "zone_cleared" // one more of them
	Reinstated       Kind = "reinstated"
	SelfSuspended    Kind = "self_suspended"
	SelfLifted       Kind = "self_suspension_lifted"
	StillFlagged     Kind = "still_flagged" // says that a lifting did not count
	Embargo          Kind = "un_embargo"
	EmbargoLifted    Kind = "un_embargo_lifted"
	Restricted       Kind = "restricted" // part of the production only
	RestrictionEnded Kind = "restriction_lifted"
)

var kinds = []Kind{Admitted, Removed, Absorbed, TradingEntity, Suspended, Conditional, ZoneCleared, Reinstated,
	SelfSuspended, SelfLifted, StillFlagged, Embargo, EmbargoLifted, Restricted, RestrictionEnded}

// Certainty is how well an event is known.
type Certainty string

// The certainties, as in rule sets.
const (
	Seen      Certainty = "seen"
	Memory    Certainty = "memory"
	Inference Certainty = "inference"
)

// Event is one dated change, with its source.
type Event struct {
	When        period.Range // the days on which it may have happened; one day when the date is known
	Date        string       // as the source gives it: a day, a month or a year
	Code        ident.ParticipantCode
	Kind        Kind
	Adopter     ident.ParticipantCode // whose list changed; empty: the scheme itself
	Choice      string                // name of a question on which sources disagree
	Alternative string                // the answer that this event belongs to
	What        string
	Source      string
	Certainty   Certainty
}

// Happened tells whether the event lies before the end of a day: surely, or
// perhaps (then surely is false and perhaps true).
func (e *Event) happened(on period.Date) (surely, perhaps bool) {
	return e.When.Until.AddDays(-1) <= on, e.When.From <= on
}

var columns = []string{"date", "code", "kind", "adopter", "choice", "alternative", "what", "source", "certainty"}

// ReadEvents reads standing.csv. Every row that cannot be used is a fault with
// its line; then nothing is returned.
func ReadEvents(name string, in io.Reader) ([]Event, error) {
	r := csv.NewReader(in)
	head, err := r.Read()
	if err != nil || !slices.Equal(head, columns) {
		return nil, fault.Invalid("party.heading", fault.File(name), fault.Because(err))
	}
	var out []Event
	var faults fault.List
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, faults.Err()
		}
		line, _ := r.FieldPos(0)
		if err != nil {
			return nil, fault.Invalid("party.heading", fault.File(name), fault.Record(line), fault.Because(err))
		}
		e, err := readEvent(row)
		if err != nil {
			faults.Add(fault.Locate(err, fault.File(name), fault.Record(line)))
			continue
		}
		out = append(out, e)
	}
}

func readEvent(row []string) (Event, error) {
	e := Event{Date: row[0], Code: ident.ParticipantCode(row[1]), Kind: Kind(row[2]), Adopter: ident.ParticipantCode(row[3]),
		Choice: row[4], Alternative: row[5], What: row[6], Source: row[7], Certainty: Certainty(row[8])}
	var faults fault.List
	var err error
	if e.When, err = span(row[0]); err != nil {
		faults.Add(fault.Invalid("party.date", fault.At("date"), fault.Text(row[0])))
	}
	if len(e.Code) != 2 {
		faults.Add(fault.Invalid("party.code", fault.At("code"), fault.Text(row[1])))
	}
	if !slices.Contains(kinds, e.Kind) {
		faults.Add(fault.Invalid("party.kind", fault.At("kind"), fault.Text(row[2])))
	}
	if (e.Choice == "") != (e.Alternative == "") {
		faults.Add(fault.Invalid("party.choice", fault.At("choice"), fault.Text(row[4])))
	}
	if e.Source == "" || e.What == "" || !slices.Contains([]Certainty{Seen, Memory, Inference}, e.Certainty) {
		faults.Add(fault.Invalid("party.source", fault.At("source"), fault.Text(row[7])))
	}
	return e, faults.Err()
}

// span reads a day, a month (2006-01) or a year (2006) as the days it covers.
func span(s string) (period.Range, error) {
	switch strings.Count(s, "-") {
	case 2:
		d, err := period.Parse(s)
		return period.Days(d, d), err
	case 1:
		d, err := period.Parse(s + "-01")
		return period.Range{From: d, Until: d.AddMonths(1)}, err
	case 0:
		d, err := period.Parse(s + "-01-01")
		return period.Range{From: d, Until: d.AddMonths(12)}, err
	}
	return period.Range{}, fmt.Errorf("party: %q is no date", s)
}
