package life

import (
	"slices"

	"adamas.example/internal/ident"
	"adamas.example/internal/store"
)

// Place is one in the list of all certificates, newest first. The zero value stands
// before the newest.
type Place struct {
	StatedAt  int64
	Statement [32]byte
}

// PlaceOf a certificate in the list.
func PlaceOf(c *Certificate) Place { return Place{c.StatedAt, c.Statement} }

// Filter says which certificates are listed; an empty field asks nothing. State is
// one that does not know the clock: Issued stands also for what has expired since.
type Filter struct {
	From, To ident.ParticipantCode
	State    Status
}

func (f Filter) holds(c *Certificate) bool {
	return (f.From == "" || c.Participant == f.From) && (f.To == "" || c.Destination == f.To) && (f.State == "" || c.State == f.State)
}

// looked bounds how many certificates one page of a filtered list looks at: a rare
// combination is gone through page by page, and never all at once.
const looked = 400

// Listed is a part of the list.
type Listed struct {
	Certificates []Certificate
	More         bool  // there may be more beyond Last
	Last         Place // how far it was looked, in the direction asked for
}

// List gives the certificates that a filter asks for on the older side of a place, or
// on the newer, newest first.
func List(tx *store.Tx, f Filter, at Place, newer bool, limit int) (l Listed, err error) {
	most := looked
	if by := f.narrowest(); by == f {
		most = limit + 1
	}
	found, err := f.look(tx, at, newer, most)
	if err != nil {
		return l, err
	}
	l.Last = at
	for i := range found {
		c := &found[i]
		if len(l.Certificates) == limit {
			l.More = true
			break
		}
		twice := i > 0 && PlaceOf(c) == PlaceOf(&found[i-1]) // in two logs
		if l.Last = PlaceOf(c); f.holds(c) && !twice {
			l.Certificates = append(l.Certificates, *c)
		}
	}
	l.More = l.More || len(found) == most
	if newer {
		slices.Reverse(l.Certificates)
	}
	return l, nil
}

// rare are the states that few certificates are in: asked for one of them, the list
// is that of the state.
var rare = map[Status]bool{Lost: true, Disputed: true, SentBack: true, Forfeited: true, Void: true, Replaced: true}

// narrowest is the part of a filter that an index answers and that narrows most.
func (f Filter) narrowest() Filter {
	switch {
	case rare[f.State]:
		return Filter{State: f.State}
	case f.From != "":
		return Filter{From: f.From}
	}
	return Filter{To: f.To}
}

// look reads certificates by the narrowest part of the filter.
func (f Filter) look(tx *store.Tx, at Place, newer bool, most int) ([]Certificate, error) {
	where, value := "$4 = ''", ""
	switch by := f.narrowest(); {
	case by.State != "":
		where, value = "state = $4", string(by.State)
	case by.From != "":
		where, value = "participant = $4", string(by.From)
	case by.To != "":
		where, value = "destination = $4", string(by.To)
	}
	if newer {
		return store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_life WHERE good = 1 AND (stated_at, statement) > ($1, $2) AND `+where+`
			ORDER BY stated_at, statement, origin LIMIT $3`, at.StatedAt, at.Statement[:], most, value)
	}
	if at == (Place{}) {
		at.StatedAt = 1<<63 - 1
	}
	return store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_life WHERE good = 1 AND (stated_at, statement) < ($1, $2) AND `+where+`
		ORDER BY stated_at DESC, statement DESC, origin LIMIT $3`, at.StatedAt, at.Statement[:], most, value)
}
