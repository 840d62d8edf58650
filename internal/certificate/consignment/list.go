package consignment

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/store"
)

// Following is the step that comes next by the usual way, and whose it is.
type Following struct {
	Act Act
	Who access.RoleList
}

// usual is the act that each state waits for. States that wait for nobody here have
// none: the other side, time, or nothing more.
var usual = map[State]Act{Applied: Value, Deficient: Amend, Valued: Tax, Taxed: Seal, Sealed: Prepare, Prepared: Issue, Issued: Export, Expired: Cancel}

// Follows is what a state waits for and whose turn it is; ok is false where nobody of
// this house has to do anything.
func Follows(s State) (f Following, ok bool) {
	act, ok := usual[s]
	return Following{act, slices.Clone(roles[act])}, ok
}

// Who lists the roles that may do an act wherever a state allows it.
func Who(a Act) access.RoleList { return slices.Clone(roles[a]) }

// Refused says why an act by a role cannot be done with a consignment as it stands; nil
// when it can. The faults are those of Move.
func Refused(c *Consignment, act Act, r access.Role) error {
	_, err := decide(c.ID, c.State, act, r)
	return err
}

// Named reads of the last step of a consignment which officer is named in it
// ("validator" in the particulars of a preparation): his key id, or "".
func Named(tx *store.Tx, c *Consignment) (string, error) {
	details, err := store.Collect(tx, func(scan store.Scan) (b []byte, err error) { return b, scan(&b) },
		`SELECT detail FROM certificate_step WHERE consignment = $1 AND seq = $2`, c.ID, c.Steps)
	if err != nil || len(details) == 0 {
		return "", err
	}
	var named struct {
		Validator string `json:"validator"`
	}
	err = json.Unmarshal(details[0], &named)
	return named.Validator, err
}

// OfExport lists the states of the exporting side.
func OfExport() []State {
	return []State{Applied, Deficient, Valued, Taxed, Sealed, Prepared, Issued, Exported, Overdue, Disputed, Received, SentBack, Forfeited, Expired,
		Lost, Void, Replaced, Rejected, Withdrawn}
}

// Hand is who has taken a consignment in hand.
type Hand struct {
	Login, Name string
	At          time.Time
}

// Listed is a consignment on a list; Hand is the zero Hand where nobody has it.
type Listed struct {
	Consignment
	Hand Hand
}

// Whose narrows a list by the hand a consignment is in.
type Whose int

// The ways.
const (
	Anybodys Whose = iota
	Free           // nobody's, or the login's own
	Others         // somebody else's
)

// Place is where a page of a list begins: behind the consignment that moved then.
type Place struct {
	At time.Time
	ID string
}

// Query is one page of a list.
type Query struct {
	States      []State
	Counterpart ident.ParticipantCode // "": any
	Whose       Whose
	Login       string
	Due         time.Time // only what somebody had to look at by then; zero: all
	Newest      bool      // latest moved first; else longest waiting first
	After       Place
	Most        int
}

// List gives a page. Each state is read by its own index from the place on, so that no
// page goes through what stands before or behind it.
func List(tx *store.Tx, q Query) ([]Listed, error) {
	var out []Listed
	for _, s := range q.States {
		found, err := q.state(tx, s)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	slices.SortFunc(out, func(a, b Listed) int {
		c := cmp.Or(a.MovedAt.Compare(b.MovedAt), strings.Compare(a.ID, b.ID))
		if q.Newest {
			return -c
		}
		return c
	})
	return out[:min(len(out), q.Most)], nil
}

func (q *Query) state(tx *store.Tx, s State) ([]Listed, error) {
	sql, args := q.text(s)
	return store.Collect(tx, scanListed, sql, args...)
}

// text is the question for one state.
func (q *Query) text(s State) (sql string, args []any) {
	sql = `SELECT ` + columns + `, COALESCE(h.login, ''), COALESCE(h.name, ''), h.taken_at
		FROM certificate_consignment c LEFT JOIN certificate_hand h ON h.consignment = c.id AND h.steps = c.steps WHERE c.state = $1`
	args = []any{string(s)}
	and := func(text string, more ...any) {
		for _, a := range more {
			args = append(args, a)
			text = strings.Replace(text, "?", "$"+strconv.Itoa(len(args)), 1)
		}
		sql += " AND " + text
	}
	if q.Counterpart != "" {
		and(`c.counterpart = ?`, string(q.Counterpart))
	}
	if !q.Due.IsZero() {
		and(`c.due <= ?`, q.Due)
	}
	switch q.Whose {
	case Free:
		and(`(h.login IS NULL OR h.login = ?)`, q.Login)
	case Others:
		and(`h.login <> ?`, q.Login)
	}
	order := `c.moved_at, c.id`
	if q.After != (Place{}) && q.Newest {
		and(`(c.moved_at, c.id) < (?, ?)`, q.After.At, q.After.ID)
	} else if q.After != (Place{}) {
		and(`(c.moved_at, c.id) > (?, ?)`, q.After.At, q.After.ID)
	}
	if q.Newest {
		order = `c.moved_at DESC, c.id DESC`
	}
	args = append(args, q.Most)
	return sql + ` ORDER BY ` + order + ` LIMIT $` + strconv.Itoa(len(args)), args
}

func scanListed(row store.Scan) (l Listed, err error) {
	c, err := scan(func(into ...any) error {
		return row(append(into, &l.Hand.Login, &l.Hand.Name, store.ScanTime(&l.Hand.At))...)
	})
	l.Consignment = *c
	return l, err
}

// HandOf is who has taken a consignment in hand since its last step; the zero Hand for
// nobody.
func HandOf(tx *store.Tx, c *Consignment) (h Hand, err error) {
	found, err := store.Collect(tx, func(scan store.Scan) (h Hand, err error) {
		return h, scan(&h.Login, &h.Name, store.ScanTime(&h.At))
	}, `SELECT login, name, taken_at FROM certificate_hand WHERE consignment = $1 AND steps = $2`, c.ID, c.Steps)
	if err == nil && len(found) > 0 {
		h = found[0]
	}
	return h, err
}

// Take takes a consignment in hand, for the others to see; it forbids nobody anything.
// Fault certificate.in_hand when somebody else has it.
func Take(tx *store.Tx, c *Consignment, login, name string) error {
	h, err := HandOf(tx, c)
	if err != nil {
		return err
	}
	if h.Login != "" && h.Login != login {
		return fault.Conflict("certificate.in_hand", fault.Arg("consignment", c.ID), fault.Arg("by", h.Name), fault.Arg("at", h.At))
	}
	_, err = tx.Exec(`INSERT INTO certificate_hand (consignment, steps, login, name, taken_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (consignment) DO UPDATE SET steps = excluded.steps, login = excluded.login, name = excluded.name, taken_at = excluded.taken_at`,
		c.ID, c.Steps, login, name, tx.Now())
	return err
}

// LeaveHand gives it out of hand again. What somebody else has stays his.
func LeaveHand(tx *store.Tx, id, login string) error {
	_, err := tx.Exec(`DELETE FROM certificate_hand WHERE consignment = $1 AND login = $2`, id, login)
	return err
}

// Counterparts lists the Participants at the other end of what is in these states.
func Counterparts(tx *store.Tx, states []State) (out []ident.ParticipantCode, err error) {
	for _, s := range states {
		found, err := store.Collect(tx, func(scan store.Scan) (c ident.ParticipantCode, err error) { return c, scan(&c) },
			`SELECT DISTINCT counterpart FROM certificate_consignment WHERE state = $1`, string(s))
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// RoleFor is the one of somebody's roles in which he does an act, and why he cannot when
// none may; "" without an error for somebody who has no role.
func RoleFor(c *Consignment, act Act, roles access.RoleList) (access.Role, error) {
	var first error
	for _, role := range roles {
		err := Refused(c, act, role)
		if err == nil {
			return role, nil
		}
		if first == nil {
			first = err
		}
	}
	return "", first
}
