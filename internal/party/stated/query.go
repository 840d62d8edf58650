package stated

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/ident"
	"adamas.example/internal/party"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Stated is where a row of the view was said.
type Stated struct {
	Origin    string
	Hash      canonical.Hash // of the statement
	Position  int64          // among the log's statements of this view
	IssuedAt  time.Time
	Synthetic bool
}

// later orders statements by the time they claim, then by log and place, so that
// the order in which logs were read decides nothing.
func (s Stated) later(o Stated) int {
	return cmp.Or(s.IssuedAt.Compare(o.IssuedAt), cmp.Compare(s.Origin, o.Origin), cmp.Compare(s.Position, o.Position))
}

const statedColumns = `s.origin, s.hash, s.position, s.issued_at, s.synthetic`

// into lists where a row's stated columns are scanned to; done joins them.
type statedScan struct {
	stated Stated
	hash   []byte
	at     int64
	made   int64
}

func (s *statedScan) into(more ...any) []any {
	return append([]any{&s.stated.Origin, &s.hash, &s.stated.Position, &s.at, &s.made}, more...)
}

func (s *statedScan) done() Stated {
	copy(s.stated.Hash[:], s.hash)
	s.stated.IssuedAt, s.stated.Synthetic = time.Unix(s.at, 0).UTC(), s.made != 0
	return s.stated
}

// Account is a Participant's own account of itself.
type Account struct {
	Stated
	Code      ident.ParticipantCode
	Name      string
	Authority string
	Digits    int // of its certificate serials
}

// Accounts gives the newest account of every Participant that has stated one, by
// code.
func Accounts(tx *store.Tx) ([]Account, error) {
	all, err := store.Collect(tx, func(scan store.Scan) (a Account, err error) {
		var s statedScan
		err = scan(s.into(&a.Code, &a.Name, &a.Authority, &a.Digits)...)
		a.Stated = s.done()
		return a, err
	}, `SELECT `+statedColumns+`, p.code, p.name, p.authority, p.digits FROM party_participant p
		JOIN party_statement s ON s.origin = p.origin AND s.hash = p.hash`)
	return newest(all, func(a Account) string { return string(a.Code) }), err
}

// newest keeps the latest statement for each key, in order of keys.
func newest[T interface{ when() Stated }](all []T, key func(T) string) []T {
	slices.SortFunc(all, func(a, b T) int { return cmp.Or(cmp.Compare(key(a), key(b)), b.when().later(a.when())) })
	return slices.CompactFunc(all, func(a, b T) bool { return key(a) == key(b) })
}

func (s Stated) when() Stated { return s }

// Formats are the number forms that Participants have stated, for
// party.Formats.With.
func Formats(tx *store.Tx) ([]party.Format, error) {
	accounts, err := Accounts(tx)
	var out []party.Format
	for _, a := range accounts {
		out = append(out, party.Format{Code: a.Code, NumberFormat: ident.NumberFormat{Digits: a.Digits},
			Source: a.Origin + " " + a.Hash.String(), Certainty: party.Seen})
	}
	return out, err
}

// Events are the changes that Participants have stated of their own lists,
// for party.Register.With.
func Events(tx *store.Tx) ([]party.Event, error) {
	out, err := store.Collect(tx, func(scan store.Scan) (e party.Event, err error) {
		var s statedScan
		var from, until uint32
		var source string
		err = scan(s.into(&e.Adopter, &e.Code, &e.Kind, &from, &until, &e.What, &source, &e.Certainty)...)
		e.When = period.Range{From: dayOf(from), Until: dayOf(until).AddDays(1)}
		e.Date = e.When.From.String()
		if from != until {
			e.Date += "/" + dayOf(until).String()
		}
		e.Statement = s.done().Hash
		e.Source = source
		return e, err
	}, `SELECT `+statedColumns+`, p.adopter, p.code, p.kind, p.from_day, p.until_day, p.what, p.source, p.certainty FROM party_standing p
		JOIN party_statement s ON s.origin = p.origin AND s.hash = p.hash`)
	slices.SortFunc(out, func(a, b party.Event) int {
		return cmp.Or(cmp.Compare(a.When.From, b.When.From), slices.Compare(a.Statement[:], b.Statement[:]))
	})
	return slices.CompactFunc(out, func(a, b party.Event) bool { return a.Statement == b.Statement }), err
}

// Key is a key of an office or of an officer.
type Key struct {
	Stated
	ID         string
	Office     ident.OfficeID
	OfficeName string
	Use        statement.Use
	From       time.Time
	Until      time.Time // exclusive
	Types      []string  // what an office's key may sign
	Recipient  string    // for messages to the office
	Home       string    // log, when not the Participant's
	Thumbprint canonical.Hash
	Ended      []Revocation // what was said of its end; all of it holds
	Conflict   bool         // an earlier statement gives the key to another office or use: this one does not count
}

// Revocation is the end of a key.
type Revocation struct {
	Stated
	Key    string
	Reason string
	CutOff map[string]int64 // what the key signed below this size of a log stays good
}

// Good tells whether the key signs or approves at a time. What it signed before
// its end and recorded below a cut-off stays good all the same.
func (k Key) Good(at time.Time) bool {
	return !k.Conflict && len(k.Ended) == 0 && !at.Before(k.From) && at.Before(k.Until)
}

// Keys gives every appointment of keys by a Participant, in order of office and
// of being stated, with their ends.
func Keys(tx *store.Tx, code ident.ParticipantCode) ([]Key, error) {
	ends, err := revocations(tx, code)
	if err != nil {
		return nil, err
	}
	keys, err := store.Collect(tx, func(scan store.Scan) (k Key, err error) {
		var s statedScan
		var from, until int64
		var types string
		var thumb []byte
		err = scan(s.into(&k.ID, &k.Office, &k.OfficeName, &k.Use, &from, &until, &types, &k.Recipient, &k.Home, &thumb)...)
		k.Stated, k.From, k.Until, k.Types = s.done(), time.Unix(from, 0).UTC(), time.Unix(until, 0).UTC(), list(types)
		copy(k.Thumbprint[:], thumb)
		return k, err
	}, `SELECT `+statedColumns+`, p.key_id, p.office, p.name, p.use, p.from_at, p.until_at, p.types, p.recipient, p.home, p.thumbprint FROM party_key p
		JOIN party_statement s ON s.origin = p.origin AND s.hash = p.hash WHERE p.participant = $1`, code)
	// One key has one holder: in the order that package trust goes by (log, then
	// place in it) the first statement of a key counts, and later ones that agree.
	slices.SortFunc(keys, func(a, b Key) int {
		return cmp.Or(cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.Position, b.Position))
	})
	first := map[string]Key{}
	for i := range keys {
		k := &keys[i]
		if f, ok := first[k.ID]; ok {
			k.Conflict = f.Office != k.Office || f.Use != k.Use || f.Thumbprint != k.Thumbprint
		} else {
			first[k.ID] = *k
		}
		k.Ended = ends[k.ID]
	}
	slices.SortStableFunc(keys, func(a, b Key) int { return cmp.Or(cmp.Compare(a.Office, b.Office), a.later(b.Stated)) })
	return keys, err
}

// list reads words joined by commas.
func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

func revocations(tx *store.Tx, code ident.ParticipantCode) (map[string][]Revocation, error) {
	out := map[string][]Revocation{}
	all, err := store.Collect(tx, func(scan store.Scan) (r Revocation, err error) {
		var s statedScan
		err = scan(s.into(&r.Key, &r.Reason)...)
		r.Stated, r.CutOff = s.done(), map[string]int64{}
		return r, err
	}, `SELECT `+statedColumns+`, p.key_id, p.reason FROM party_revocation p
		JOIN party_statement s ON s.origin = p.origin AND s.hash = p.hash WHERE p.participant = $1`, code)
	if err != nil {
		return nil, err
	}
	type cut struct {
		hash canonical.Hash
		log  string
		size int64
	}
	cuts, err := store.Collect(tx, func(scan store.Scan) (c cut, err error) {
		var hash []byte
		err = scan(&hash, &c.log, &c.size)
		copy(c.hash[:], hash)
		return c, err
	}, `SELECT p.hash, p.log, p.size FROM party_cutoff p JOIN party_revocation r ON r.origin = p.origin AND r.hash = p.hash WHERE r.participant = $1`, code)
	slices.SortFunc(all, func(a, b Revocation) int { return a.later(b.Stated) })
	for _, r := range all {
		for _, c := range cuts {
			if c.hash == r.Hash {
				r.CutOff[c.log] = c.size
			}
		}
		out[r.Key] = append(out[r.Key], r)
	}
	return out, err
}

// Officer is somebody who approves at an office, known by the key alone, with the
// roles in force at a time.
type Officer struct {
	Key     Key
	Roles   access.RoleList // in force
	Unknown []string        // roles that this version of the program does not know, or that no office has
	Grant   *Stated         // the grant that decides; nil when none was made
}

// Office is an office of a Participant at a time.
type Office struct {
	ID       ident.OfficeID
	Name     string // newest
	Keys     []Key  // that sign for it
	Officers []Officer
	Stations []ident.StationID // that numbers were allotted to
}

// Offices gives the offices of a Participant with their keys, officers and
// stations; roles are those in force at a time, by the grants made until then.
func Offices(tx *store.Tx, code ident.ParticipantCode, at time.Time) ([]Office, error) {
	keys, err := Keys(tx, code)
	if err != nil {
		return nil, err
	}
	grants, err := grantsOf(tx, code)
	if err != nil {
		return nil, err
	}
	ranges, err := Ranges(tx, RangeFilter{Participant: code})
	if err != nil {
		return nil, err
	}
	offices := map[ident.OfficeID]*Office{}
	of := func(id ident.OfficeID) *Office {
		if offices[id] == nil {
			offices[id] = &Office{ID: id}
		}
		return offices[id]
	}
	for _, k := range keys {
		o := of(k.Office)
		if k.Use == statement.UseOfficer {
			o.Officers = append(o.Officers, officer(k, grants, at))
			continue
		}
		o.Keys = append(o.Keys, k)
		if k.OfficeName != "" && !k.Conflict {
			o.Name = k.OfficeName
		}
	}
	for _, r := range ranges {
		if o := of(r.Office); !slices.Contains(o.Stations, r.Station) {
			o.Stations = append(o.Stations, r.Station)
		}
	}
	var out []Office
	for _, o := range offices {
		slices.Sort(o.Stations)
		out = append(out, *o)
	}
	slices.SortFunc(out, func(a, b Office) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

// grant is what an authority says an officer may do.
type grant struct {
	Stated
	key         string
	office      ident.OfficeID
	roles       []string
	from, until time.Time
}

func grantsOf(tx *store.Tx, code ident.ParticipantCode) ([]grant, error) {
	out, err := store.Collect(tx, func(scan store.Scan) (g grant, err error) {
		var s statedScan
		var roles string
		var from, until int64
		err = scan(s.into(&g.key, &g.office, &roles, &from, &until)...)
		g.Stated, g.roles, g.from, g.until = s.done(), list(roles), time.Unix(from, 0).UTC(), time.Unix(until, 0).UTC()
		return g, err
	}, `SELECT `+statedColumns+`, p.key_id, p.office, p.roles, p.from_at, p.until_at FROM party_role p
		JOIN party_statement s ON s.origin = p.origin AND s.hash = p.hash WHERE p.participant = $1`, code)
	slices.SortFunc(out, func(a, b grant) int { return a.later(b.Stated) })
	return out, err
}

// officer joins a key with the last grant made for it at its office until then. A
// key that is not good has no role.
func officer(k Key, grants []grant, at time.Time) Officer {
	o := Officer{Key: k}
	var last *grant
	for i, g := range grants {
		if g.key == k.ID && g.office == k.Office && !g.IssuedAt.After(at) {
			last = &grants[i]
		}
	}
	if last == nil {
		return o
	}
	o.Grant = &last.Stated
	if at.Before(last.from) || !at.Before(last.until) || !k.Good(at) {
		return o
	}
	for _, name := range last.roles {
		if (access.Grant{Role: access.Role(name), Office: k.Office}).Validate() == nil {
			o.Roles = append(o.Roles, access.Role(name))
		} else {
			o.Unknown = append(o.Unknown, name)
		}
	}
	return o
}

// Stating lists the Participants whose statements are in the view, in order.
func Stating(tx *store.Tx) ([]ident.ParticipantCode, error) {
	out, err := store.Collect(tx, func(scan store.Scan) (c ident.ParticipantCode, err error) { return c, scan(&c) },
		`SELECT DISTINCT participant FROM party_statement WHERE refused = ''`)
	slices.Sort(out)
	return out, err
}
