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
	"adamas.example/verify/canonical"
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
	ZoneCleared      Kind = "zone_cleared" // one more of them; What names it
	ZoneClosed       Kind = "zone_closed"  // one fewer
	Reinstated       Kind = "reinstated"
	SelfSuspended    Kind = "self_suspended"
	SelfLifted       Kind = "self_suspension_lifted"
	StillFlagged     Kind = "still_flagged" // says that a lifting did not count
	Embargo          Kind = "un_embargo"
	EmbargoLifted    Kind = "un_embargo_lifted"
	Restricted       Kind = "restricted" // part of the production only
	RestrictionEnded Kind = "restriction_lifted"
)

var kinds = []Kind{Admitted, Removed, Absorbed, TradingEntity, Suspended, Conditional, ZoneCleared, ZoneClosed, Reinstated,
	SelfSuspended, SelfLifted, StillFlagged, Embargo, EmbargoLifted, Restricted, RestrictionEnded}

// Certainty is how well a row is known.
type Certainty string

// The certainties, as in rule sets.
const (
	Seen      Certainty = "seen"
	Memory    Certainty = "memory"
	Inference Certainty = "inference"
)

// Known tells whether it is one of them.
func (c Certainty) Known() bool { return c == Seen || c == Memory || c == Inference }

// Kinds lists the kinds of events.
func Kinds() []Kind { return slices.Clone(kinds) }

// Known tells whether it is one of them.
func (k Kind) Known() bool { return slices.Contains(kinds, k) }

// ofZone tells whether What is the name of a zone.
func (k Kind) ofZone() bool { return k == ZoneCleared || k == ZoneClosed }

// Event is one dated change, with its source.
type Event struct {
	When        period.Range // the days on which it may have happened; one day when the date is known
	Date        string       // as the source gives it: a day, a month, a year, or two of them with "/" between
	Code        ident.ParticipantCode
	Kind        Kind
	Adopter     ident.ParticipantCode // whose list changed; empty: the scheme itself
	Choice      string                // name of a question on which sources disagree
	Alternative string                // the answer that this event belongs to
	What        string
	Source      string
	Certainty   Certainty
	Statement   canonical.Hash // by which the adopter stated it; zero for what comes with the program
}

// happened tells whether the event lies before the end of a day: surely, or
// perhaps (then surely is false and perhaps true).
func (e *Event) happened(on period.Date) (surely, perhaps bool) {
	return e.When.Until.AddDays(-1) <= on, e.When.From <= on
}

var columns = []string{"date", "code", "kind", "adopter", "choice", "alternative", "what", "source", "certainty"}

// ReadEvents reads standing.csv. Every row that cannot be used is a fault with
// its line; then nothing is returned.
func ReadEvents(name string, in io.Reader) ([]Event, error) {
	return readTable(name, in, columns, readEvent)
}

func readEvent(row []string) (Event, error) {
	e := Event{Date: row[0], Code: ident.ParticipantCode(row[1]), Kind: Kind(row[2]), Adopter: ident.ParticipantCode(row[3]),
		Choice: row[4], Alternative: row[5], What: row[6], Source: row[7], Certainty: Certainty(row[8])}
	var faults fault.List
	var err error
	if e.When, err = span(row[0]); err != nil {
		faults.Add(fault.Invalid("party.date", fault.At("date"), fault.Text(row[0])))
	}
	faults.Add(checkCode("code", row[1]))
	if row[3] != "" {
		faults.Add(checkCode("adopter", row[3]))
	}
	if !e.Kind.Known() {
		faults.Add(fault.Invalid("party.kind", fault.At("kind"), fault.Text(row[2])))
	}
	if (e.Choice == "") != (e.Alternative == "") {
		faults.Add(fault.Invalid("party.choice", fault.At("choice"), fault.Text(row[4])))
	}
	if e.What == "" {
		faults.Add(fault.Invalid("party.source", fault.At("what"), fault.Text("")))
	}
	faults.Add(checkSource(row[7], e.Certainty))
	return e, faults.Err()
}

func checkCode(field, code string) error {
	if _, err := ident.ParseParticipant(code); err != nil {
		return fault.Invalid("party.code", fault.At(field), fault.Text(code))
	}
	return nil
}

// checkSource: no row without where it comes from and how well that is known.
func checkSource(source string, c Certainty) error {
	if source == "" || !c.Known() {
		return fault.Invalid("party.source", fault.At("source"), fault.Text(source))
	}
	return nil
}

// readTable reads a table with a heading, row by row. Each row that cannot be
// used is a fault with its line; then nothing is returned.
func readTable[T any](name string, in io.Reader, heading []string, read func(row []string) (T, error)) ([]T, error) {
	r := csv.NewReader(in)
	head, err := r.Read()
	if err != nil || !slices.Equal(head, heading) {
		return nil, fault.Invalid("party.heading", fault.File(name), fault.Because(err))
	}
	var out []T
	var faults fault.List
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, notTable(name, err)
		}
		line, _ := r.FieldPos(0)
		one, err := read(row)
		if err != nil {
			faults.Add(fault.Locate(err, fault.File(name), fault.Record(line)))
			continue
		}
		out = append(out, one)
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return out, nil
}

func notTable(name string, err error) error {
	line := 0
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		line = parse.Line
	}
	return fault.Invalid("party.row", fault.File(name), fault.Record(line), fault.Because(err))
}

// ParseWhen reads a day, a month, a year, or two of them with "/" between, as the
// days on which something may have happened. Fault party.when.
func ParseWhen(s string) (period.Range, error) {
	r, err := span(s)
	if err != nil {
		return r, fault.Invalid("party.when", fault.At("when"), fault.Text(s), fault.Because(err))
	}
	return r, nil
}

// span reads a day, a month (2006-01), a year (2006), or the first and last of
// them with "/" between, as the days it covers.
func span(s string) (period.Range, error) {
	first, last, both := strings.Cut(s, "/")
	r, err := part(first)
	if err != nil || !both {
		return r, err
	}
	end, err := part(last)
	if err == nil && end.From < r.From {
		err = fmt.Errorf("party: %q runs backwards", s)
	}
	return period.Range{From: r.From, Until: end.Until}, err
}

func part(s string) (period.Range, error) {
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
