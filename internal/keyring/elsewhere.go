package keyring

import (
	"context"
	"errors"
	"fmt"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Approver is an officer who approves what a certificate will say: a Signer whose key
// is at hand, or Elsewhere.
type Approver interface {
	// ID is the officer's key, which the certificate names.
	ID() statement.KeyID
	// Approve gives his approval of a digest (statement.ApprovalDigest).
	Approve(ctx context.Context, digest canonical.Hash) ([]byte, error)
}

// Approve is Approve by this key.
func (s *Signer) Approve(ctx context.Context, digest canonical.Hash) ([]byte, error) {
	return Approve(ctx, s, digest)
}

// Elsewhere is an officer whose key this node never sees: a state's own system, a card
// or an HSM behind it, signs ToApprove and hands in the signature.
type Elsewhere struct {
	Key       statement.Key // as his authority has stated it: who makes one sees to that
	Signature []byte        // 64 bytes, for ES256 r and s; nil while it is not given
}

// ID is the key's.
func (e *Elsewhere) ID() statement.KeyID {
	v, err := e.Key.Verifier()
	if err != nil {
		return statement.KeyID{}
	}
	return v.ID()
}

// ToApprove is what an officer's key signs to approve a digest: the Sig_structure of
// RFC 9052 §4.4, the same bytes that Approve signs.
func ToApprove(key statement.Key, digest canonical.Hash) ([]byte, error) {
	u, _, err := toApprove(key, digest)
	if err != nil {
		return nil, err
	}
	return u.Message(), nil
}

func toApprove(key statement.Key, digest canonical.Hash) (*statement.Unsigned, *statement.Verifier, error) {
	v, err := key.Verifier()
	if err != nil {
		return nil, nil, fault.Invalid("keyring.unsuitable", fault.Arg("purpose", Officer), fault.Because(err))
	}
	if digest.IsZero() {
		return nil, nil, unsignable(errors.New("the digest is missing"))
	}
	u, err := statement.Unsign(key.Alg, v.ID(), statement.ContentApproval, digest[:], true)
	if err != nil {
		return nil, nil, fmt.Errorf("framing an approval: %w", err)
	}
	return u, v, nil
}

// Approve gives the approval with the signature that was handed in. Faults:
// keyring.approval_awaited while there is none, keyring.approval_false for one that is
// not this key's over this digest.
func (e *Elsewhere) Approve(_ context.Context, digest canonical.Hash) ([]byte, error) {
	u, v, err := toApprove(e.Key, digest)
	if err != nil {
		return nil, err
	}
	refused := func(err error) error {
		return fault.Invalid("keyring.approval_false", fault.At("signature"), fault.Arg("key", v.ID().String()), fault.Because(err))
	}
	sig := e.Signature
	if sig == nil {
		return nil, fault.Conflict("keyring.approval_awaited", fault.At("signature"), fault.Arg("key", v.ID().String()))
	}
	if len(sig) != statement.SignatureSize {
		return nil, refused(fmt.Errorf("%d bytes, want %d", len(sig), statement.SignatureSize))
	}
	if e.Key.Alg == statement.ES256 {
		sig = statement.LowS(sig)
	}
	b, err := u.Finish(sig)
	if err != nil {
		return nil, refused(err)
	}
	signed, err := statement.ParseSign1(b)
	if err != nil {
		return nil, refused(err)
	}
	if !signed.VerifiedOver(v, digest[:]) {
		return nil, refused(errors.New("it does not verify"))
	}
	return b, nil
}
