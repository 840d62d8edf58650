package people

import (
	"context"
	"errors"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/party/people/roster"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/store"
)

// AskRecovery notes that somebody who has lost everything wants to be let in again.
// The answer is the same whether the login exists or not. Fault: people.too_fast.
func (s *Service) AskRecovery(ctx context.Context, from From, login string) error {
	if err := s.slow(from); err != nil {
		return err
	}
	folded, err := roster.FoldLogin(login)
	if err != nil {
		return nil // nobody's
	}
	return s.write(ctx, func(tx *store.Tx) error {
		r, err := roster.ByLogin(tx, folded)
		if err != nil || r == nil || r.State != Active {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM party_recovery WHERE expires <= $1`, tx.Now()); err != nil {
			return err
		}
		id, err := s.id(tx.Now())
		if err != nil {
			return err
		}
		n, err := tx.Exec(`INSERT INTO party_recovery (id, person, asked, address, first_by, expires) VALUES ($1, $2, $3, $4, '', $5) ON CONFLICT (person) DO NOTHING`,
			id, r.ID, tx.Now(), from.Where(), tx.Now().Add(time.Duration(s.cfg.Limits.RecoveryDays)*day))
		if err != nil || n == 0 {
			return err // it waits already
		}
		return trail.Append(tx, trail.Record{Act: trail.RecoveryAsked, About: r.ID, Address: from.Where()})
	})
}

const recoveryColumns = `q.id, q.asked, q.address, q.first_by, q.first_at, q.expires`

func scanRecovery(scan store.Scan) (q Recovery, err error) {
	var r roster.Row
	var grants, keys string
	if err := scan(append([]any{&q.ID, store.ScanTime(&q.Asked), &q.Address, &q.First, store.ScanTime(&q.Approved), store.ScanTime(&q.Expires)}, r.Into(&grants, &keys)...)...); err != nil {
		return q, err
	}
	err = r.Done(grants, keys)
	q.Person = r.Person
	return q, err
}

// Recoveries lists the requests that wait for the visitor, oldest first: of people
// all of whose roles he administers, and not his own.
func (s *Service) Recoveries(ctx context.Context, v Visit) (out []Recovery, err error) {
	err = s.read(ctx, func(tx *store.Tx) error {
		all, err := store.Collect(tx, scanRecovery, `SELECT `+recoveryColumns+`, `+roster.Columns+` FROM party_recovery q JOIN party_person p ON p.id = q.person
			WHERE q.expires > $1 ORDER BY q.asked, q.id`, tx.Now())
		out = nil
		for _, q := range all {
			if q.Person.ID != v.Person.ID && roster.AdministersAll(v.Actor().Grants, q.Person.Grants) {
				out = append(out, q)
			}
		}
		return err
	})
	return out, err
}

// request finds one that who acts may decide.
func (a *acting) request(id ident.RecordID) (Recovery, error) {
	q, err := scanRecovery(a.tx.QueryRow(`SELECT `+recoveryColumns+`, `+roster.Columns+` FROM party_recovery q JOIN party_person p ON p.id = q.person
		WHERE q.id = $1 AND q.expires > $2`, id, a.tx.Now()).Scan)
	if errors.Is(err, store.ErrNoRows) {
		return q, fault.NotFound("people.recovery_unknown")
	}
	if err != nil {
		return q, err
	}
	_, err = a.other(q.Person.ID, roster.AdministersAll)
	return q, err
}

// ApproveRecovery is one of two approvals. The second gives the link, to be handed
// over by hand: the second administrator has seen the person. An approval of
// somebody who no longer administers him counts for nothing. Faults:
// people.recovery_unknown, people.not_yours, people.not_yourself,
// people.approved_already, people.wrong_state, people.prove_again.
func (s *Service) ApproveRecovery(ctx context.Context, v Visit, id ident.RecordID) (token string, err error) {
	err = s.act(ctx, v, true, func(a *acting) error {
		token = ""
		q, err := a.request(id)
		if err != nil {
			return err
		}
		if q.Person.State != Active {
			return fault.Conflict("people.wrong_state", fault.Arg("state", States{q.Person.State}))
		}
		counts, err := stillCounts(a.tx, q)
		if err != nil {
			return err
		}
		switch {
		case counts && q.First == a.me.ID:
			return fault.Conflict("people.approved_already")
		case !counts:
			if _, err := a.tx.Exec(`UPDATE party_recovery SET first_by = $2, first_at = $3 WHERE id = $1`, q.ID, a.me.ID, a.tx.Now()); err != nil {
				return err
			}
			return a.trail(trail.RecoveryApproved, q.Person.ID)
		}
		if _, err := a.tx.Exec(`DELETE FROM party_recovery WHERE id = $1`, q.ID); err != nil {
			return err
		}
		if err := a.trail(trail.RecoveryGranted, q.Person.ID, "first", string(q.First)); err != nil {
			return err
		}
		token, err = s.makeLink(a.tx, q.Person.ID, a.me.ID, ForRecovery)
		return err
	})
	return token, err
}

// stillCounts tells whether the first approval is of an administrator of the person,
// as things stand now.
func stillCounts(tx *store.Tx, q Recovery) (bool, error) {
	if q.First == "" {
		return false, nil
	}
	first, err := roster.Find(tx, `p.id = $1`, q.First)
	if err != nil || first == nil {
		return false, err
	}
	return roster.AdministersAll(first.Actor().Grants, q.Person.Grants), nil
}

// RefuseRecovery ends a request. Faults: people.recovery_unknown, people.not_yours,
// people.not_yourself, people.reason_needed, people.prove_again.
func (s *Service) RefuseRecovery(ctx context.Context, v Visit, id ident.RecordID, reason string) error {
	if reason = strings.TrimSpace(reason); reason == "" {
		return fault.Invalid("people.reason_needed", fault.At("reason"))
	}
	return s.act(ctx, v, true, func(a *acting) error {
		q, err := a.request(id)
		if err != nil {
			return err
		}
		if _, err := a.tx.Exec(`DELETE FROM party_recovery WHERE id = $1`, q.ID); err != nil {
			return err
		}
		return a.trail(trail.RecoveryRefused, q.Person.ID, "reason", reason)
	})
}
