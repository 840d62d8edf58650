package people

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/fxamacker/cbor/v2"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/party/people/passkey"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/store"
)

// ToProve is the purpose of an assertion that is a proof of identity and nothing
// else.
const ToProve = "proof"

// StartProof asks the visitor's authenticator who he is: Proof reads the answer.
// Faults: people.no_passkeys, people.session_over, people.passkey_unknown.
func (s *Service) StartProof(ctx context.Context, v Visit) (Ceremony, error) {
	var challenge [32]byte
	if _, err := io.ReadFull(s.cfg.Entropy, challenge[:]); err != nil {
		return Ceremony{}, fmt.Errorf("people: %w", err)
	}
	return s.StartConfirm(ctx, v, ToProve, challenge)
}

// Proof is a proof of identity within a session, by passkey. Faults as of Confirm.
func (s *Service) Proof(ctx context.Context, v Visit, a Answer) (*Assertion, error) {
	return s.confirm(ctx, v, ToProve, nil, a)
}

// StartConfirm asks the visitor's authenticator to sign a digest: that of what will
// be signed by the office's key. purpose says what for and is kept, e.g.
// "certificate.approve". Faults as of StartProof.
func (s *Service) StartConfirm(ctx context.Context, v Visit, purpose string, digest [32]byte) (Ceremony, error) {
	if err := s.needDesk(); err != nil {
		return Ceremony{}, err
	}
	h, err := s.visiting(ctx, v)
	if err != nil {
		return Ceremony{}, err
	}
	id, options, err := s.desk.Assert(s.now(), h, subjectOf(v, purpose), digest)
	return Ceremony{id, options}, err
}

// Confirm reads the answer to StartConfirm, keeps it, and gives what proves it. It is
// a proof of identity too. Faults: people.no_passkeys, people.session_over,
// people.ceremony_over, people.passkey_refused, people.passkey_unknown,
// people.passkey_copied, people.assertion_again.
func (s *Service) Confirm(ctx context.Context, v Visit, purpose string, digest [32]byte, a Answer) (*Assertion, error) {
	return s.confirm(ctx, v, purpose, &digest, a)
}

// subjectOf binds a question to the session and to what it was asked for.
func subjectOf(v Visit, purpose string) string {
	return "session " + string(v.Session.ID) + " " + purpose
}

// visiting is the visitor for authenticators.
func (s *Service) visiting(ctx context.Context, v Visit) (h passkey.Holder, err error) {
	err = s.read(ctx, func(tx *store.Tx) error {
		_, r, err := s.standing(tx, `s.id = $1`, v.Session.ID)
		if err == nil {
			h, err = holder(tx, r.Person)
		}
		return err
	})
	return h, err
}

func (s *Service) confirm(ctx context.Context, v Visit, purpose string, want *[32]byte, a Answer) (out *Assertion, err error) {
	if err := s.needDesk(); err != nil {
		return nil, err
	}
	h, err := s.visiting(ctx, v)
	if err != nil {
		return nil, err
	}
	p, digest, err := s.desk.Asserted(s.now(), h, subjectOf(v, purpose), a.ID, a.Response)
	if err != nil {
		return nil, err
	}
	if want != nil && digest != *want {
		return nil, fault.Conflict("people.ceremony_over")
	}
	err = s.decide(ctx, func(tx *store.Tx) (refused, err error) {
		out = nil
		o, r, err := s.standing(tx, `s.id = $1`, v.Session.ID)
		if err != nil {
			return nil, err
		}
		owner, refused, err := s.used(tx, p, v.From)
		if err != nil || refused != nil {
			return refused, err
		}
		if owner.ID != r.ID {
			return nil, errors.New("people: a passkey changed hands")
		}
		if out, err = s.keep(tx, r.ID, purpose, digest, p); err != nil {
			return nil, err
		}
		if err := trail.Append(tx, trail.Record{Who: r.ID, Act: trail.Proved, About: r.ID,
			Args: trail.Pairs([]string{"way", string(ByPasskey), "purpose", purpose}), Address: v.From.Where()}); err != nil {
			return nil, err
		}
		return nil, proved(tx, o.ID)
	})
	return out, err
}

// keep stores an assertion. One that is there already is no proof of now: whoever
// has read this table could hand it in again for the same digest, where the
// authenticator does not count.
func (s *Service) keep(tx *store.Tx, person ident.RecordID, purpose string, digest [32]byte, p *passkey.Proof) (*Assertion, error) {
	earlier, err := assertions(tx, digest)
	if err != nil {
		return nil, err
	}
	for _, e := range earlier {
		if bytes.Equal(e.Signature, p.Signature) || bytes.Equal(e.Credential, p.Credential.ID) && bytes.Equal(e.ClientDataJSON, p.ClientDataJSON) && bytes.Equal(e.AuthenticatorData, p.AuthenticatorData) {
			return nil, fault.Conflict("people.assertion_again")
		}
	}
	id, err := s.id(tx.Now())
	if err != nil {
		return nil, err
	}
	key, err := passkey.KeyOf(&p.Credential)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(`INSERT INTO party_assertion (id, person, credential, digest, purpose, authenticator_data, client_data, signature, key, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		id, person, p.Credential.ID, digest[:], purpose, p.AuthenticatorData, p.ClientDataJSON, p.Signature, p.Credential.PublicKey, tx.Now())
	return &Assertion{ID: id, Person: person, Credential: p.Credential.ID, Digest: digest, Purpose: purpose, AuthenticatorData: p.AuthenticatorData,
		ClientDataJSON: p.ClientDataJSON, Signature: p.Signature, Key: key, At: tx.Now()}, err
}

// Assertions gives those that were made over a digest, oldest first.
func (s *Service) Assertions(ctx context.Context, digest [32]byte) (out []Assertion, err error) {
	err = s.read(ctx, func(tx *store.Tx) (err error) {
		out, err = assertions(tx, digest)
		return err
	})
	return out, err
}

func assertions(tx *store.Tx, digest [32]byte) ([]Assertion, error) {
	return store.Collect(tx, func(scan store.Scan) (Assertion, error) {
		a := Assertion{Digest: digest}
		var key []byte
		err := scan(&a.ID, &a.Person, &a.Credential, &a.Purpose, &a.AuthenticatorData, &a.ClientDataJSON, &a.Signature, &key, store.ScanTime(&a.At))
		if err == nil {
			err = cbor.Unmarshal(key, &a.Key)
		}
		return a, err
	}, `SELECT id, person, credential, purpose, authenticator_data, client_data, signature, key, at FROM party_assertion WHERE digest = $1 ORDER BY at, id`, digest[:])
}
