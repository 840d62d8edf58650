package people

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/party/people/roster"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/store"
)

// Founded tells whether somebody has come in. Until then the node has nobody to
// invite anybody.
func (s *Service) Founded(ctx context.Context) (yes bool, err error) {
	err = s.read(ctx, func(tx *store.Tx) (err error) {
		yes, err = founded(tx)
		return err
	})
	return yes, err
}

func founded(tx *store.Tx) (bool, error) {
	var n int
	err := tx.QueryRow(`SELECT COUNT(*) FROM party_person WHERE state <> 'invited'`).Scan(&n)
	return n > 0, err
}

// OpenSetUp gives a secret by which the first administrator is made, for whoever
// stands at the server: it is printed there and typed into the page. It serves once,
// until the program ends or the next is made. Fault: people.founded.
func (s *Service) OpenSetUp(ctx context.Context) (string, error) {
	yes, err := s.Founded(ctx)
	if err != nil {
		return "", err
	}
	if yes {
		return "", fault.Conflict("people.founded")
	}
	token, _, err := s.token()
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setUp = sha256.Sum256([]byte(token))
	return token, nil
}

// Found makes the first administrator of the office and gives his link. Grants and
// Company of the proposal are not read. Faults: those of a proposal,
// people.too_fast, people.set_up_refused, people.founded.
func (s *Service) Found(ctx context.Context, from From, secret string, p Proposal) (token string, err error) {
	if err := s.slow(from); err != nil {
		return "", err
	}
	typed := sha256.Sum256([]byte(secret))
	s.mu.Lock()
	right := s.setUp != [32]byte{} && subtle.ConstantTimeCompare(typed[:], s.setUp[:]) == 1
	s.mu.Unlock()
	if !right {
		return "", fault.Forbidden("people.set_up_refused", fault.At("secret"))
	}
	p.Company, p.Grants = Company{}, []access.Grant{{Role: access.Administrator, Office: s.cfg.Office}}
	if p, err = p.Checked(); err != nil {
		return "", err
	}
	err = s.write(ctx, func(tx *store.Tx) error {
		if yes, err := founded(tx); err != nil || yes {
			return cmp.Or(err, error(fault.Conflict("people.founded")))
		}
		// A founder who let his link expire makes room for the next.
		waiting, err := roster.Everybody(tx)
		if err != nil {
			return err
		}
		for _, r := range waiting {
			if err := roster.Remove(tx, r.ID); err != nil {
				return err
			}
		}
		token, err = s.invite(tx, p, trail.Record{Act: trail.Founded, Address: from.Where()})
		return err
	})
	if err == nil {
		s.mu.Lock()
		s.setUp = [32]byte{}
		s.mu.Unlock()
	}
	return token, err
}

// invite adds a person and makes the link; note says in the trail who did it.
func (s *Service) invite(tx *store.Tx, p Proposal, note trail.Record) (string, error) {
	id, err := s.id(tx.Now())
	if err != nil {
		return "", err
	}
	if err := roster.Add(tx, Person{ID: id, Login: p.Login, Name: p.Name, Language: p.Language, Company: p.Company, Grants: p.Grants, State: Invited}); err != nil {
		return "", err
	}
	note.About = id
	note.Args = trail.Pairs([]string{"login", p.Login, "name", p.Name, "roles", roster.Roles(p.Grants)})
	if p.Company != (Company{}) {
		note.Args["company"] = p.Company.Holder + ", " + p.Company.Licence
	}
	if err := trail.Append(tx, note); err != nil {
		return "", err
	}
	return s.makeLink(tx, id, note.Who, ForInvitation)
}

// Invite gives a one-time link for a new person. Faults: those of a proposal,
// people.login_taken, people.not_your_office, people.given_at_server,
// people.prove_again.
func (s *Service) Invite(ctx context.Context, v Visit, p Proposal) (token string, err error) {
	if p, err = p.Checked(); err != nil {
		return "", err
	}
	err = s.act(ctx, v, true, func(a *acting) error {
		if err := roster.MayGive(a.me.Person, p.Grants); err != nil {
			return err
		}
		token, err = s.invite(a.tx, p, trail.Record{Who: a.me.ID, Act: trail.InvitedSomebody, Address: a.from.Where()})
		return err
	})
	return token, err
}

// InviteAgain gives a new link to somebody who has not come in; the old one no longer
// serves. Faults: people.unknown, people.not_yours, people.not_waiting,
// people.prove_again.
func (s *Service) InviteAgain(ctx context.Context, v Visit, person ident.RecordID) (token string, err error) {
	err = s.act(ctx, v, true, func(a *acting) error {
		r, err := a.waiting(person)
		if err != nil {
			return err
		}
		if err := a.trail(trail.InvitedAgain, r.ID); err != nil {
			return err
		}
		token, err = s.makeLink(a.tx, r.ID, a.me.ID, ForInvitation)
		return err
	})
	return token, err
}

// waiting finds somebody of who acts that has not come in.
func (a *acting) waiting(person ident.RecordID) (*roster.Row, error) {
	r, err := a.whom(person, roster.AdministersAll)
	if err == nil && r.State != Invited {
		return nil, fault.Conflict("people.not_waiting")
	}
	return r, err
}

// Withdraw takes back an invitation: the person is gone, and the login free. Faults
// as of InviteAgain.
func (s *Service) Withdraw(ctx context.Context, v Visit, person ident.RecordID) error {
	return s.act(ctx, v, true, func(a *acting) error {
		r, err := a.waiting(person)
		if err != nil {
			return err
		}
		if err := roster.Remove(a.tx, r.ID); err != nil {
			return err
		}
		return a.trail(trail.Withdrawn, r.ID, "login", r.Login)
	})
}

// Invitations lists the links that wait for people the visitor administers, newest
// first, expired ones too.
func (s *Service) Invitations(ctx context.Context, v Visit) (out []Invitation, err error) {
	err = s.read(ctx, func(tx *store.Tx) error {
		all, err := store.Collect(tx, func(scan store.Scan) (i Invitation, err error) {
			var r roster.Row
			var grants, keys string
			if err := scan(append([]any{&i.ID, &i.Kind, &i.By, store.ScanTime(&i.Made), store.ScanTime(&i.Expires)}, r.Into(&grants, &keys)...)...); err != nil {
				return i, err
			}
			err = r.Done(grants, keys)
			i.Person = r.Person
			return i, err
		}, `SELECT i.id, i.kind, i.made_by, i.made, i.expires, `+roster.Columns+` FROM party_invitation i JOIN party_person p ON p.id = i.person ORDER BY i.made DESC, i.id`)
		out = nil
		for _, i := range all {
			if roster.AdministersAny(v.Actor().Grants, i.Person.Grants) {
				out = append(out, i)
			}
		}
		return err
	})
	return out, err
}
