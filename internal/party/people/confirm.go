package people

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"adamas.example/internal/fault"
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
	return s.confirm(ctx, v, Wanted{Purpose: ToProve}, nil, a)
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

// Confirm reads the answer to StartConfirm, keeps it with what was wanted, and gives what
// proves it. It is a proof of identity too. Faults: people.no_passkeys,
// people.session_over, people.ceremony_over, people.passkey_refused,
// people.passkey_unknown, people.passkey_copied, people.assertion_again.
func (s *Service) Confirm(ctx context.Context, v Visit, w Wanted, a Answer) (*Assertion, error) {
	if w.Text != nil && sha256.Sum256(w.Text) != w.Digest {
		return nil, errors.New("people: the digest is of another text")
	}
	return s.confirm(ctx, v, w, &w.Digest, a)
}

// AssentPlainly is what Confirm is for who has no passkey, or does without it: a fresh proof
// of identity stands for it. Nothing can be kept that shows it; the trail has that it was so.
// Faults: people.session_over, people.prove_again.
func (s *Service) AssentPlainly(ctx context.Context, v Visit, w Wanted) error {
	return s.act(ctx, v, true, func(a *acting) error {
		return a.trail(trail.Assented, a.me.ID, "way", string(Plainly), "purpose", w.Purpose, "record", w.Record)
	})
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

func (s *Service) confirm(ctx context.Context, v Visit, w Wanted, want *[32]byte, a Answer) (out *Assertion, err error) {
	if err := s.needDesk(); err != nil {
		return nil, err
	}
	h, err := s.visiting(ctx, v)
	if err != nil {
		return nil, err
	}
	p, digest, err := s.desk.Asserted(s.now(), h, subjectOf(v, w.Purpose), a.ID, a.Response)
	if err != nil {
		return nil, err
	}
	if want != nil && digest != *want {
		return nil, fault.Conflict("people.ceremony_over")
	}
	w.Digest = digest
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
		id, err := s.id(tx.Now())
		if err != nil {
			return nil, err
		}
		if out, err = passkey.Keep(tx, id, r.ID, w, p); err != nil {
			return nil, err
		}
		if err := trail.Append(tx, trail.Record{Who: r.ID, Act: trail.Proved, About: r.ID,
			Args: trail.Pairs([]string{"way", string(ByPasskey), "purpose", w.Purpose, "record", w.Record}), Address: v.From.Where()}); err != nil {
			return nil, err
		}
		return nil, proved(tx, o.ID)
	})
	return out, err
}

// Assertions gives those that were made over a digest, oldest first.
func (s *Service) Assertions(ctx context.Context, digest [32]byte) (out []Assertion, err error) {
	err = s.read(ctx, func(tx *store.Tx) (err error) {
		out, err = passkey.Over(tx, digest)
		return err
	})
	return out, err
}
