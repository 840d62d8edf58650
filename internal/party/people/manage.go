package people

import (
	"context"
	"slices"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/party/people/roster"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/store"
)

// whom finds a person that who acts may act upon; reach is roster.AdministersAll, or
// roster.AdministersAny for what only takes away. Faults: people.unknown,
// people.not_yours.
func (a *acting) whom(person ident.RecordID, reach func(by, grants []access.Grant) bool) (*roster.Row, error) {
	r, err := roster.ByID(a.tx, person)
	if err == nil && !reach(a.me.Actor().Grants, r.Grants) {
		return nil, fault.Forbidden("people.not_yours")
	}
	return r, err
}

// other is whom, and nobody himself. Fault also: people.not_yourself.
func (a *acting) other(person ident.RecordID, reach func(by, grants []access.Grant) bool) (*roster.Row, error) {
	if person == a.me.ID {
		return nil, fault.Forbidden("people.not_yourself")
	}
	return a.whom(person, reach)
}

// People lists those of whom the visitor administers a role, by login.
func (s *Service) People(ctx context.Context, v Visit) ([]Person, error) {
	all, err := s.Everybody(ctx)
	return slices.DeleteFunc(all, func(p Person) bool { return !roster.AdministersAny(v.Actor().Grants, p.Grants) }), err
}

// One gives one of them, or the visitor himself. Faults: people.unknown,
// people.not_yours.
func (s *Service) One(ctx context.Context, v Visit, person ident.RecordID) (p Person, err error) {
	err = s.read(ctx, func(tx *store.Tx) error {
		r, err := roster.ByID(tx, person)
		if err != nil {
			return err
		}
		if person != v.Person.ID && !roster.AdministersAny(v.Actor().Grants, r.Grants) {
			return fault.Forbidden("people.not_yours")
		}
		p = r.Person
		return nil
	})
	return p, err
}

// Names gives the names of people for lists that hold their ids: of the trail, of
// approvals. Those who are gone are not in it.
func (s *Service) Names(ctx context.Context) (out map[ident.RecordID]string, err error) {
	all, err := s.Everybody(ctx)
	out = make(map[ident.RecordID]string, len(all))
	for _, p := range all {
		out[p.ID] = p.Name
	}
	return out, err
}

// Change sets name, language, company and grants; the login stays. Each grant that
// comes or goes must be the visitor's to give. Faults: those of a proposal,
// people.unknown, people.not_yours, people.not_yourself, people.account_closed,
// people.not_your_office, people.given_at_server, people.last_administrator,
// people.second_first, people.prove_again.
func (s *Service) Change(ctx context.Context, v Visit, person ident.RecordID, p Proposal) error {
	return s.act(ctx, v, true, func(a *acting) error {
		r, err := a.other(person, roster.AdministersAny)
		if err != nil {
			return err
		}
		p.Login = r.Login
		p, err := p.Checked()
		if err != nil {
			return err
		}
		moved := roster.Differing(r.Grants, p.Grants)
		if err := roster.MayGive(a.me.Person, moved); err != nil {
			return err
		}
		if err := change(a.tx, r, p); err != nil {
			return err
		}
		return a.trail(trail.Changed, r.ID, "name", p.Name, "language", string(p.Language), "company", p.Company.Holder, "roles", roster.Roles(p.Grants), "before", roster.Roles(r.Grants))
	})
}

// change stores a checked proposal.
func change(tx *store.Tx, r *roster.Row, p Proposal) error {
	if r.State == Ended {
		return fault.Conflict("people.account_closed")
	}
	if !roster.HoldsAny(p.Grants, access.Administrator) {
		if err := roster.KeepsAdministrator(tx, r.Person); err != nil {
			return err
		}
	}
	// An exporter becomes an officer with the factors of an officer, or his password
	// would not open the account any more.
	if r.State != Invited && roster.NeedsSecond(p.Grants) && r.Secret == nil && r.Passkeys == 0 {
		return fault.Conflict("people.second_first", fault.At("grants"))
	}
	n := r.Person
	n.Name, n.Language, n.Company, n.Grants = p.Name, p.Language, p.Company, p.Grants
	return roster.Save(tx, n)
}

// SetKeys says by which keys an officer approves. A key is one officer's. Faults:
// people.unknown, people.not_yours, people.not_yourself, people.key_kind,
// people.key_taken, people.prove_again.
func (s *Service) SetKeys(ctx context.Context, v Visit, person ident.RecordID, keys []SigningKey) error {
	return s.act(ctx, v, true, func(a *acting) error {
		r, err := a.other(person, roster.AdministersAll)
		if err != nil {
			return err
		}
		said, err := roster.SetKeys(a.tx, r.Person, keys)
		if err != nil {
			return err
		}
		return a.trail(trail.KeysSet, r.ID, "keys", said)
	})
}

// OfKey finds whose signing key it is: nil when nobody's.
func (s *Service) OfKey(ctx context.Context, k SigningKey) (p *Person, err error) {
	err = s.read(ctx, func(tx *store.Tx) error {
		p = nil
		all, err := roster.Everybody(tx)
		for _, r := range all {
			for _, theirs := range r.Keys {
				if theirs == k {
					p = &r.Person
				}
			}
		}
		return err
	})
	return p, err
}

// Suspend ends somebody's sessions and lets him in no more, until Resume. Faults:
// people.unknown, people.not_yours, people.not_yourself, people.wrong_state,
// people.last_administrator, people.reason_needed, people.prove_again.
func (s *Service) Suspend(ctx context.Context, v Visit, person ident.RecordID, reason string) error {
	return s.move(ctx, v, person, reason, Suspended, trail.SuspendedSomebody, roster.AdministersAny)
}

// Resume lets somebody in again who was suspended. Faults as of Suspend.
func (s *Service) Resume(ctx context.Context, v Visit, person ident.RecordID, reason string) error {
	return s.move(ctx, v, person, reason, Active, trail.Resumed, roster.AdministersAll)
}

// End closes an account for good: what the person did stays, with his name. Faults
// as of Suspend.
func (s *Service) End(ctx context.Context, v Visit, person ident.RecordID, reason string) error {
	return s.move(ctx, v, person, reason, Ended, trail.EndedSomebody, roster.AdministersAll)
}

func (s *Service) move(ctx context.Context, v Visit, person ident.RecordID, reason string, to State, what trail.Act, reach func(by, grants []access.Grant) bool) error {
	if reason = strings.TrimSpace(reason); reason == "" {
		return fault.Invalid("people.reason_needed", fault.At("reason"))
	}
	return s.act(ctx, v, true, func(a *acting) error {
		r, err := a.other(person, reach)
		if err != nil {
			return err
		}
		return moveTo(a.tx, r, to, trail.Record{Who: a.me.ID, Act: what, Args: trail.Pairs([]string{"reason", reason}), Address: a.from.Where()})
	})
}

// moveTo sets the state of an account. Who may no longer come in is put out at once.
func moveTo(tx *store.Tx, r *roster.Row, to State, note trail.Record) error {
	was := map[State]States{Active: {Suspended}, Suspended: {Active}, Ended: {Active, Suspended}}[to]
	if !slices.Contains(was, r.State) {
		return fault.Conflict("people.wrong_state", fault.Arg("state", States{r.State}))
	}
	if to != Active {
		if err := roster.KeepsAdministrator(tx, r.Person); err != nil {
			return err
		}
		if _, err := endSessions(tx, r.ID, ""); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM party_invitation WHERE person = $1`, r.ID); err != nil {
			return err
		}
	}
	p := r.Person
	p.State, note.About = to, r.ID
	if err := roster.Save(tx, p); err != nil {
		return err
	}
	return trail.Append(tx, note)
}
