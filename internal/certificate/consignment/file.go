package consignment

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Consignment is a shipment and where it stands.
type Consignment struct {
	ID          string
	State       State
	Number      string         // of its certificate; empty before a sheet is allotted
	Statement   canonical.Hash // of the certificate's signed bytes; zero before issue
	Counterpart ident.ParticipantCode
	OnPaper     bool // it came with a paper certificate from outside, which was keyed here: its issuer has signed nothing
	Kind        statement.Kind
	Steps       int64
	Head        canonical.Hash // of its file
	Due         time.Time      // when somebody or the clock has to look at it; zero: never
	OpenedAt    time.Time
	MovedAt     time.Time
}

// Step is one act in the file of a consignment.
type Step struct {
	Seq      int64
	Act      Act
	Role     access.Role
	Actor    string // key id of an officer, name of an account, or the hash of the statement heard
	At       time.Time
	From, To State
	Detail   json.RawMessage // particulars of the act
	Prev     canonical.Hash
	Hash     canonical.Hash
}

// By is who acts, as what, and on which sight of the file.
type By struct {
	Actor string
	Role  access.Role
	Seen  int64 // how many steps the file had when the actor looked; 0: whatever it has now
}

// Change is what an act writes beside the step; a zero field leaves what is
// there, Due and NoDue apart.
type Change struct {
	Number    string
	Statement canonical.Hash
	Due       time.Time
	NoDue     bool
	Unbound   bool // the statement it had counts no more, and the next is not signed yet
}

// sum is the hash of a step: SHA-256 over the deterministic CBOR array
// [id, seq, act, role, actor, at in nanoseconds, from, to, detail, prev].
func (s *Step) sum(id string) (canonical.Hash, error) {
	b, err := canonical.Marshal([]any{id, s.Seq, string(s.Act), string(s.Role), s.Actor, s.At.UnixNano(), string(s.From), string(s.To),
		[]byte(s.Detail), s.Prev[:]})
	return canonical.Sum(b), err
}

// Opening is what a new file begins with.
type Opening struct {
	ID          string
	Counterpart ident.ParticipantCode
	Kind        statement.Kind
}

// Begin opens a file with its first act, in the caller's transaction. Faults:
// those of Move; certificate.consignment_twice.
func Begin(tx *store.Tx, o Opening, act Act, by By, detail any, change Change) (*Consignment, error) {
	to, err := decide(o.ID, None, act, by.Role)
	if err != nil {
		return nil, err
	}
	c := &Consignment{ID: o.ID, State: None, Counterpart: o.Counterpart, Kind: o.Kind, OpenedAt: tx.Now()}
	s, err := c.next(tx, act, by, to, detail)
	if err != nil {
		return nil, err
	}
	c.take(s, change)
	n, err := tx.Exec(`INSERT INTO certificate_consignment (id, state, number, statement, counterpart, kind, steps, head, due, opened_at, moved_at)
		VALUES ($1, $2, NULLIF($3, ''), $4, $5, $6, $7, $8, $9, $10, $10) ON CONFLICT (id) DO NOTHING`,
		c.ID, string(c.State), c.Number, hashOrNull(c.Statement), string(c.Counterpart), int64(c.Kind), c.Steps, c.Head, timeOrNull(c.Due), tx.Now())
	if err != nil {
		return nil, err
	}
	if n != 1 {
		return nil, fault.Conflict("certificate.consignment_twice", fault.Arg("consignment", o.ID))
	}
	return c, s.insert(tx, c.ID)
}

// Move does an act with a consignment in the caller's transaction: it asks the
// machine, writes the step, and changes the state. c is read in the same
// transaction (Get), since a transaction may be run again.
//
// Faults: certificate.consignment_early, consignment_done, consignment_ended,
// consignment_other_side, consignment_begun, consignment_none (the machine
// refuses), certificate.consignment_role (this role may not),
// certificate.consignment_moved (somebody else was first, with who and when).
func Move(tx *store.Tx, c *Consignment, act Act, by By, detail any, change Change) error {
	if by.Seen != 0 && by.Seen != c.Steps {
		return errMoved(tx, c)
	}
	to, err := decide(c.ID, c.State, act, by.Role)
	if err != nil {
		return err
	}
	before := *c
	s, err := c.next(tx, act, by, to, detail)
	if err != nil {
		return err
	}
	c.take(s, change)
	n, err := tx.Exec(`UPDATE certificate_consignment SET state = $2, number = NULLIF($3, ''), statement = $4, steps = $5, head = $6, due = $7, moved_at = $8
		WHERE id = $1 AND steps = $9 AND head = $10`, c.ID, string(c.State), c.Number, hashOrNull(c.Statement), c.Steps, c.Head, timeOrNull(c.Due), tx.Now(),
		before.Steps, before.Head)
	if err != nil {
		return err
	}
	if n != 1 {
		*c = before
		return errMoved(tx, c)
	}
	return s.insert(tx, c.ID)
}

// decide asks the machine.
func decide(id string, s State, act Act, r access.Role) (State, error) {
	to, why, allowed := move(s, act, r)
	args := []fault.Detail{fault.Arg("consignment", id), fault.Arg("state", s), fault.Arg("act", act)}
	switch why {
	case "":
	case Early:
		return "", fault.Conflict("certificate.consignment_early", append(args, fault.Arg("next", ActList(next(s))))...)
	case Done:
		return "", fault.Conflict("certificate.consignment_done", args...)
	case Ended:
		return "", fault.Conflict("certificate.consignment_ended", args...)
	case Other:
		return "", fault.Conflict("certificate.consignment_other_side", args...)
	case Begun:
		return "", fault.Conflict("certificate.consignment_begun", args...)
	case NoOne:
		return "", fault.NotFound("certificate.consignment_none", args...)
	}
	if allowed != nil {
		return "", fault.Forbidden("certificate.consignment_role", append(args, fault.Arg("role", access.RoleList{r}), fault.Arg("allowed", allowed))...)
	}
	return to, nil
}

// next lists what anybody can do from here, for the remedy of an early act.
func next(s State) (out []Act) {
	for _, a := range Acts() {
		if _, ok := table[s].to[a]; ok {
			out = append(out, a)
		}
	}
	return out
}

// errMoved says who was first.
func errMoved(tx *store.Tx, c *Consignment) error {
	steps, err := stepsOf(tx, c.ID)
	if err != nil {
		return err
	}
	last := steps[len(steps)-1]
	return fault.Conflict("certificate.consignment_moved", fault.Arg("consignment", c.ID), fault.Arg("act", last.Act), fault.Arg("by", last.Actor),
		fault.Arg("at", last.At), fault.Arg("state", last.To))
}

// next makes the step that follows.
func (c *Consignment) next(tx *store.Tx, act Act, by By, to State, detail any) (*Step, error) {
	raw := json.RawMessage("{}")
	if detail != nil {
		b, err := json.Marshal(detail)
		if err != nil {
			return nil, fmt.Errorf("consignment: detail of %s: %w", act, err)
		}
		raw = b
	}
	s := &Step{Seq: c.Steps + 1, Act: act, Role: by.Role, Actor: by.Actor, At: tx.Now(), From: c.State, To: to, Detail: raw, Prev: c.Head}
	var err error
	s.Hash, err = s.sum(c.ID)
	return s, err
}

// take brings c to where the step leads.
func (c *Consignment) take(s *Step, change Change) {
	c.State, c.Steps, c.Head, c.MovedAt = s.To, s.Seq, s.Hash, s.At
	if change.Number != "" {
		c.Number = change.Number
	}
	if !change.Statement.IsZero() || change.Unbound {
		c.Statement = change.Statement
	}
	if change.NoDue || !change.Due.IsZero() {
		c.Due = change.Due
	}
}

func (s *Step) insert(tx *store.Tx, id string) error {
	tx.Act(id)
	if _, err := tx.Exec(`INSERT INTO certificate_step (consignment, seq, act, role, actor, at, from_state, to_state, detail, prev, hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		id, s.Seq, string(s.Act), string(s.Role), s.Actor, s.At, string(s.From), string(s.To), []byte(s.Detail), s.Prev, s.Hash); err != nil {
		return err
	}
	return s.note(tx, id)
}

// columns are those of a consignment c, as scan reads them.
const columns = `c.id, c.state, COALESCE(c.number, ''), c.statement, c.counterpart, EXISTS (SELECT 1 FROM certificate_keyed k WHERE k.consignment = c.id),
	c.kind, c.steps, c.head, c.due, c.opened_at, c.moved_at`

func scan(scan store.Scan) (*Consignment, error) {
	c := &Consignment{}
	var st, head []byte
	err := scan(&c.ID, &c.State, &c.Number, &st, &c.Counterpart, &c.OnPaper, &c.Kind, &c.Steps, &head, store.ScanTime(&c.Due), store.ScanTime(&c.OpenedAt), store.ScanTime(&c.MovedAt))
	copy(c.Statement[:], st)
	copy(c.Head[:], head)
	return c, err
}

// Get reads one. Fault certificate.unknown_consignment.
func Get(tx *store.Tx, id string) (*Consignment, error) {
	found, err := store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_consignment c WHERE id = $1`, id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fault.NotFound("certificate.unknown_consignment", fault.Arg("consignment", id))
	}
	return found[0], nil
}

// OfNumber reads those whose certificate has a number, oldest first: this
// office's own, and every presentation of it here.
func OfNumber(tx *store.Tx, number string) ([]*Consignment, error) {
	return store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_consignment c WHERE number = $1 ORDER BY opened_at, id`, number)
}

// In lists those in a state, longest waiting first.
func In(tx *store.Tx, s State, limit int) ([]*Consignment, error) {
	return store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_consignment c WHERE state = $1 ORDER BY moved_at, id LIMIT $2`, string(s), limit)
}

// Newest lists the latest moved.
func Newest(tx *store.Tx, limit int) ([]*Consignment, error) {
	return store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_consignment c ORDER BY moved_at DESC, id LIMIT $1`, limit)
}

// DueBy lists those that somebody or the clock has to look at by a time.
func DueBy(tx *store.Tx, at time.Time, limit int) ([]*Consignment, error) {
	return store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_consignment c WHERE due <= $1 ORDER BY due, id LIMIT $2`, at, limit)
}

// ActedIn lists those in whose file an act was done from one time until before
// another, in order of their numbers.
func ActedIn(tx *store.Tx, act Act, from, until time.Time) ([]*Consignment, error) {
	return store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_consignment c WHERE id IN
		(SELECT consignment FROM certificate_step WHERE act = $1 AND at >= $2 AND at < $3) ORDER BY number, id`, string(act), from, until)
}

// Bind enters the hash of the certificate's signed bytes, which is known only once
// they are signed: after the act of issuing. It is no act, and is done once.
func Bind(tx *store.Tx, id string, statement canonical.Hash) error {
	_, err := tx.Exec(`UPDATE certificate_consignment SET statement = $2 WHERE id = $1 AND statement IS NULL`, id, statement)
	return err
}

// Unbound lists those whose certificate is issued, and whose signed bytes have not
// been entered: a crash came between, or the signer does not answer.
func Unbound(tx *store.Tx) ([]*Consignment, error) {
	found, err := store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_consignment c WHERE statement IS NULL AND number IS NOT NULL ORDER BY opened_at, id`)
	return slices.DeleteFunc(found, func(c *Consignment) bool { return !slices.Contains(certified, c.State) }), err
}

// Untranscribed lists those of the importing side that have a number and no statement:
// papers whose transcript has not been signed or entered yet, and those that get none.
func Untranscribed(tx *store.Tx) ([]*Consignment, error) {
	found, err := store.Collect(tx, scan, `SELECT `+columns+` FROM certificate_consignment c WHERE statement IS NULL AND number IS NOT NULL ORDER BY opened_at, id`)
	return slices.DeleteFunc(found, func(c *Consignment) bool { return c.State != Arrived && c.State != Discrepant }), err
}

// certified are the states of the exporting side in which a certificate is issued.
var certified = []State{Issued, Exported, Overdue, Received, Attested, Disputed, SentBack, Forfeited, Expired, Void, Replaced, Lost}

// NextSerial gives the serial for a new file of a year: one more than the files
// that bear the prefix.
func NextSerial(tx *store.Tx, prefix string) (n int64, err error) {
	err = tx.QueryRow(`SELECT COUNT(*) + 1 FROM certificate_consignment WHERE id >= $1 AND id < $2`, prefix, prefix+"~").Scan(&n)
	return n, err
}

// Exports tells whether it is of the exporting side, past its certificate's issue.
func (c *Consignment) Exports() bool { return slices.Contains(certified, c.State) }

func stepsOf(tx *store.Tx, id string) ([]Step, error) {
	return store.Collect(tx, func(scan store.Scan) (s Step, err error) {
		var detail, prev, hash []byte
		err = scan(&s.Seq, &s.Act, &s.Role, &s.Actor, store.ScanTime(&s.At), &s.From, &s.To, &detail, &prev, &hash)
		s.Detail = detail
		copy(s.Prev[:], prev)
		copy(s.Hash[:], hash)
		return s, err
	}, `SELECT seq, act, role, actor, at, from_state, to_state, detail, prev, hash FROM certificate_step WHERE consignment = $1 ORDER BY seq`, id)
}

// File reads the steps of a consignment and holds the chain: a step that was
// changed, removed or put in is the fault certificate.file_broken.
func File(tx *store.Tx, c *Consignment) ([]Step, error) {
	steps, err := stepsOf(tx, c.ID)
	if err != nil {
		return nil, err
	}
	var prev canonical.Hash
	state := None
	for i := range steps {
		s := &steps[i]
		sum, err := s.sum(c.ID)
		if err != nil {
			return nil, err
		}
		if s.Seq != int64(i)+1 || s.Prev != prev || s.Hash != sum || s.From != state {
			return nil, fault.Corrupt("certificate.file_broken", fault.Arg("consignment", c.ID), fault.Arg("step", i+1))
		}
		prev, state = s.Hash, s.To
	}
	if prev != c.Head || int64(len(steps)) != c.Steps || state != c.State {
		return nil, fault.Corrupt("certificate.file_broken", fault.Arg("consignment", c.ID), fault.Arg("step", len(steps)))
	}
	return steps, nil
}

// Last finds the newest step of an act and reads its particulars into detail.
func Last(steps []Step, act Act, detail any) (*Step, error) {
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].Act == act {
			if detail == nil {
				return &steps[i], nil
			}
			if err := json.Unmarshal(steps[i].Detail, detail); err != nil {
				return nil, fmt.Errorf("consignment: particulars of %s: %w", act, err)
			}
			return &steps[i], nil
		}
	}
	return nil, errNoStep
}

var errNoStep = errors.New("consignment: no such step")

func hashOrNull(h canonical.Hash) any {
	if h.IsZero() {
		return nil
	}
	return h
}

func timeOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}
