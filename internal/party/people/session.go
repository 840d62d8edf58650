package people

import (
	"context"
	"errors"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/party/people/roster"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/store"
)

// seenEvery is how often the time of the last request is written.
const seenEvery = time.Minute

const sessionColumns = `s.id, s.person, s.made, s.seen, s.proven, s.address, s.browser, s.way`

func (s *Service) sessionInto(o *Session) []any {
	return []any{&o.ID, &o.Person, store.ScanTime(&o.Made), store.ScanTime(&o.Seen), store.ScanTime(&o.Proven), &o.Address, &o.Browser, &o.Way}
}

// over tells whether a session has lived out.
func (s *Service) over(o Session, now time.Time) bool {
	return !now.Before(o.Ends) || now.Sub(o.Seen) >= s.cfg.Limits.SessionIdle
}

// standing reads a session that stands, and its person. Fault: people.session_over.
func (s *Service) standing(tx *store.Tx, where string, arg any) (Session, *roster.Row, error) {
	var o Session
	var r roster.Row
	var grants, keys string
	err := tx.QueryRow(`SELECT `+sessionColumns+`, `+roster.Columns+` FROM party_session s JOIN party_person p ON p.id = s.person WHERE `+where, arg).
		Scan(append(s.sessionInto(&o), r.Into(&grants, &keys)...)...)
	if errors.Is(err, store.ErrNoRows) {
		return o, nil, errSessionOver()
	}
	if err != nil {
		return o, nil, err
	}
	o.Ends = o.Made.Add(s.cfg.Limits.SessionLife)
	if r.State != Active || s.over(o, tx.Now()) {
		return o, nil, errSessionOver()
	}
	return o, &r, r.Done(grants, keys)
}

func errSessionOver() error { return fault.Unproven("people.session_over") }

// begin makes a session.
func (s *Service) begin(tx *store.Tx, r *roster.Row, from From, way Way) (Entry, error) {
	if _, err := tx.Exec(`DELETE FROM party_session WHERE made <= $1`, tx.Now().Add(-s.cfg.Limits.SessionLife)); err != nil {
		return Entry{}, err
	}
	token, stored, err := s.token()
	if err != nil {
		return Entry{}, err
	}
	id, err := s.id(tx.Now())
	if err != nil {
		return Entry{}, err
	}
	o := Session{ID: id, Person: r.ID, Made: tx.Now(), Seen: tx.Now(), Proven: tx.Now(), Ends: tx.Now().Add(s.cfg.Limits.SessionLife),
		Address: from.Where(), Browser: from.Browser(), Way: way}
	_, err = tx.Exec(`INSERT INTO party_session (id, person, token, made, seen, proven, address, browser, way) VALUES ($1, $2, $3, $4, $4, $4, $5, $6, $7)`,
		id, r.ID, stored, tx.Now(), o.Address, o.Browser, string(way))
	return Entry{Token: token, Visit: Visit{Person: r.Person, Session: o, From: from}}, err
}

// endSessions ends those of a person, but for one when it is named.
func endSessions(tx *store.Tx, person, but ident.RecordID) (int64, error) {
	return tx.Exec(`DELETE FROM party_session WHERE person = $1 AND id <> $2`, person, but)
}

// Visit finds who comes with a token. Fault: people.session_over.
func (s *Service) Visit(ctx context.Context, from From, token string) (Visit, error) {
	var v Visit
	err := s.read(ctx, func(tx *store.Tx) error {
		o, r, err := s.standing(tx, `s.token = $1`, hashed(token))
		if err == nil {
			v = Visit{Person: r.Person, Session: o, From: from}
		}
		return err
	})
	if err != nil || s.now().Sub(v.Session.Seen) < seenEvery {
		return v, err
	}
	// One that is ended in between stays so: there is no row to write to.
	err = s.write(ctx, func(tx *store.Tx) error {
		v.Session.Seen = tx.Now()
		_, err := tx.Exec(`UPDATE party_session SET seen = $2 WHERE id = $1 AND seen < $2`, v.Session.ID, tx.Now())
		return err
	})
	return v, err
}

// SignOut ends the visitor's session.
func (s *Service) SignOut(ctx context.Context, v Visit) error {
	return s.act(ctx, v, false, func(a *acting) error {
		if _, err := a.tx.Exec(`DELETE FROM party_session WHERE id = $1`, v.Session.ID); err != nil {
			return err
		}
		return a.trail(trail.SignedOut, a.me.ID)
	})
}

// Sessions lists the visitor's own that stand, newest first; SessionsOf those of
// somebody he administers.
func (s *Service) Sessions(ctx context.Context, v Visit) ([]Session, error) {
	return s.sessions(ctx, v.Person.ID)
}

// SessionsOf lists the sessions of somebody the visitor administers. Faults:
// people.unknown, people.not_yours.
func (s *Service) SessionsOf(ctx context.Context, v Visit, person ident.RecordID) ([]Session, error) {
	if _, err := s.One(ctx, v, person); err != nil {
		return nil, err
	}
	return s.sessions(ctx, person)
}

func (s *Service) sessions(ctx context.Context, person ident.RecordID) (out []Session, err error) {
	err = s.read(ctx, func(tx *store.Tx) error {
		all, err := store.Collect(tx, func(scan store.Scan) (o Session, err error) {
			err = scan(s.sessionInto(&o)...)
			o.Ends = o.Made.Add(s.cfg.Limits.SessionLife)
			return o, err
		}, `SELECT `+sessionColumns+` FROM party_session s WHERE s.person = $1 ORDER BY s.made DESC, s.id`, person)
		out = nil
		for _, o := range all {
			if !s.over(o, tx.Now()) {
				out = append(out, o)
			}
		}
		return err
	})
	return out, err
}

// EndSession ends one session: the visitor's own, or one of somebody he administers.
// Faults: people.session_unknown, people.not_yours.
func (s *Service) EndSession(ctx context.Context, v Visit, session ident.RecordID) error {
	return s.act(ctx, v, false, func(a *acting) error {
		var owner ident.RecordID
		err := a.tx.QueryRow(`SELECT person FROM party_session WHERE id = $1`, session).Scan(&owner)
		if errors.Is(err, store.ErrNoRows) {
			return fault.NotFound("people.session_unknown")
		}
		if err != nil {
			return err
		}
		if owner != a.me.ID {
			if _, err := a.whom(owner, roster.AdministersAny); err != nil {
				return err
			}
		}
		if _, err := a.tx.Exec(`DELETE FROM party_session WHERE id = $1`, session); err != nil {
			return err
		}
		return a.trail(trail.SessionEnded, owner, "session", string(session))
	})
}

// EndOthers ends all sessions of the visitor but this one.
func (s *Service) EndOthers(ctx context.Context, v Visit) error {
	return s.act(ctx, v, false, func(a *acting) error {
		n, err := endSessions(a.tx, a.me.ID, v.Session.ID)
		if err != nil {
			return err
		}
		return a.trail(trail.SessionsEnded, a.me.ID, "number", digits(n))
	})
}

func (s *Service) isFresh(o Session, now time.Time) bool {
	return now.Sub(o.Proven) < s.cfg.Limits.FreshFor
}

// Fresh asks that the visitor has proved who he is within Limits.FreshFor: before a
// signature, and before acts on accounts. Fault: people.prove_again.
func (s *Service) Fresh(v Visit) error {
	if s.isFresh(v.Session, s.now()) {
		return nil
	}
	return s.errProve()
}

// proved notes a proof of identity in the session.
func proved(tx *store.Tx, session ident.RecordID) error {
	_, err := tx.Exec(`UPDATE party_session SET proven = $2 WHERE id = $1`, session, tx.Now())
	return err
}
