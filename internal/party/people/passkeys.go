package people

import (
	"context"
	"encoding/json"
	"fmt"

	"adamas.example/internal/fault"
	"adamas.example/internal/party/people/passkey"
	"adamas.example/internal/party/people/roster"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/store"
)

// holder is a person for the authenticators: with the passkeys that serve.
func holder(tx *store.Tx, p Person) (passkey.Holder, error) {
	h := passkey.Holder{ID: string(p.ID), Login: p.Login, Name: p.Name}
	all, err := passkey.Of(tx, p.ID)
	for _, k := range all {
		if k.Halted.IsZero() {
			h.Passkeys = append(h.Passkeys, k.Record)
		}
	}
	return h, err
}

// used keeps a passkey's record after a proof. A counter that went back means that a
// second copy of the key is somewhere (WebAuthn §6.1.1): neither is believed from
// then on. The counter is compared once more with what is stored now, since another
// proof may have come in between.
func (s *Service) used(tx *store.Tx, p *passkey.Proof, from From) (owner *roster.Row, refused, err error) {
	k, err := passkey.By(tx, p.Credential.ID)
	if err != nil {
		return nil, nil, err
	}
	if owner, err = roster.ByID(tx, k.Person); err != nil {
		return nil, nil, err
	}
	if !k.Halted.IsZero() {
		return owner, fault.Unproven("people.passkey_copied", fault.Arg("passkey", k.Name)), nil
	}
	if owner.State != Active {
		return owner, fault.Unproven("people.sign_in_refused"), nil
	}
	was, is := k.Record.Authenticator.SignCount, p.Credential.Authenticator.SignCount
	if p.Copied || is <= was && (is != 0 || was != 0) {
		if _, err := tx.Exec(`UPDATE party_passkey SET halted = $2 WHERE credential = $1`, p.Credential.ID, tx.Now()); err != nil {
			return nil, nil, err
		}
		return owner, fault.Unproven("people.passkey_copied", fault.Arg("passkey", k.Name)), trail.Append(tx, trail.Record{Act: trail.PasskeyCopied,
			About: owner.ID, Args: trail.Pairs([]string{"passkey", k.Name, "credential", k.ID}), Address: from.Where()})
	}
	record, err := json.Marshal(p.Credential)
	if err != nil {
		return nil, nil, fmt.Errorf("people: %w", err)
	}
	_, err = tx.Exec(`UPDATE party_passkey SET record = $2, used = $3 WHERE credential = $1`, p.Credential.ID, string(record), tx.Now())
	return owner, nil, err
}

func (s *Service) needDesk() error {
	if s.desk == nil {
		return fault.Unavailable("people.no_passkeys")
	}
	return nil
}

// StartPasskeySignIn asks anybody for a passkey of this node. Faults:
// people.no_passkeys, people.too_fast.
func (s *Service) StartPasskeySignIn(_ context.Context, from From) (Ceremony, error) {
	if err := s.needDesk(); err != nil {
		return Ceremony{}, err
	}
	if err := s.slow(from); err != nil {
		return Ceremony{}, err
	}
	id, options, err := s.desk.SignIn(s.now())
	return Ceremony{id, options}, err
}

// PasskeySignIn begins a session by the answer. Faults: people.no_passkeys,
// people.too_fast, people.ceremony_over, people.passkey_refused,
// people.passkey_unknown, people.passkey_copied, people.sign_in_refused.
func (s *Service) PasskeySignIn(ctx context.Context, from From, a Answer) (entry Entry, err error) {
	if err := s.needDesk(); err != nil {
		return entry, err
	}
	if err := s.slow(from); err != nil {
		return entry, err
	}
	p, err := s.desk.SignedIn(s.now(), a.ID, a.Response, func(credential []byte, handle string) (h passkey.Holder, err error) {
		err = s.read(ctx, func(tx *store.Tx) error {
			k, err := passkey.By(tx, credential)
			if err != nil {
				return err
			}
			r, err := roster.ByID(tx, k.Person)
			if err != nil {
				return err
			}
			if string(r.ID) != handle {
				return fault.NotFound("people.passkey_unknown")
			}
			// A halted one is looked at too: it gets the answer that says why.
			h = passkey.Holder{ID: string(r.ID), Login: r.Login, Name: r.Name, Passkeys: []passkey.Credential{k.Record}}
			return nil
		})
		return h, err
	})
	if err != nil {
		return entry, err
	}
	err = s.decide(ctx, func(tx *store.Tx) (refused, err error) {
		entry = Entry{}
		owner, refused, err := s.used(tx, p, from)
		if err != nil || refused != nil {
			return refused, err
		}
		entry, err = s.enter(tx, owner, from, ByPasskey)
		return nil, err
	})
	return entry, err
}

// Passkeys lists the visitor's own.
func (s *Service) Passkeys(ctx context.Context, v Visit) (out []Passkey, err error) {
	err = s.read(ctx, func(tx *store.Tx) error {
		all, err := passkey.Of(tx, v.Person.ID)
		out = nil
		for _, k := range all {
			out = append(out, k.Passkey)
		}
		return err
	})
	return out, err
}
