package keyring

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
	"adamas.example/verify/message"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// Signer signs with one key for one purpose. It is safe for concurrent use.
type Signer struct {
	purpose   Purpose
	key       statement.Key
	verifier  *statement.Verifier
	public    crypto.PublicKey
	label     string // of a log or witness key, when its card says one
	synthetic bool
	raw       rawSigner
}

// rawSigner makes signatures of 64 bytes: over the message itself for EdDSA,
// r||s over its SHA-256 for ES256 (s either of its two values).
type rawSigner interface {
	sign(ctx context.Context, message []byte) ([]byte, error)
}

// NewSigner signs with a key held elsewhere: in memory, in a KMS. key must be
// Ed25519, or ECDSA on P-256 for purposes other than Log and Witness, and safe
// for concurrent use.
func NewSigner(p Purpose, key crypto.Signer) (*Signer, error) {
	return newSigner(p, key.Public(), local{key})
}

func newSigner(p Purpose, public crypto.PublicKey, raw rawSigner) (*Signer, error) {
	if !p.known() || p == Message {
		return nil, errPurpose(p)
	}
	k, err := statement.NewKey(public)
	if err != nil {
		return nil, fault.Invalid("keyring.unsuitable", fault.Arg("purpose", p), fault.Because(err))
	}
	if p.signsNotes() && k.Alg != statement.EdDSA {
		return nil, fault.Invalid("keyring.unsuitable", fault.Arg("purpose", p),
			fault.Because(errors.New("signed notes need an Ed25519 key")))
	}
	v, err := k.Verifier()
	if err != nil {
		return nil, fault.Invalid("keyring.unsuitable", fault.Arg("purpose", p), fault.Because(err))
	}
	return &Signer{purpose: p, key: k, verifier: v, public: public, raw: raw}, nil
}

// Key is the public key.
func (s *Signer) Key() statement.Key { return s.key }

// ID is the key id that stands in what the key signs.
func (s *Signer) ID() statement.KeyID { return s.verifier.ID() }

// Purpose is what the key is for.
func (s *Signer) Purpose() Purpose { return s.purpose }

// Synthetic tells whether the key is one of the demonstration's.
func (s *Signer) Synthetic() bool { return s.synthetic }

// Frame makes the value that Sign signs: the bytes to store before signing.
// Its faults are those of Sign about content.
func (s *Signer) Frame(h statement.Header, body statement.Body) (*statement.Unsigned, error) {
	payload, err := statement.Payload(h, body)
	if err != nil {
		return nil, fault.Invalid("keyring.statement", fault.Arg("reason", err.Error()), fault.Because(err))
	}
	u, err := statement.Unsign(s.key.Alg, s.ID(), statement.ContentStatement, payload, false)
	if err != nil {
		return nil, fmt.Errorf("framing a statement: %w", err)
	}
	return u, s.admits(u)
}

// Sign gives the finished COSE_Sign1 (RFC 9052 §4.2) of u. The signature has
// been verified, and for ES256 has the lower s, which verification demands.
//
// Faults: keyring.other_key, purpose_forbids, synthetic_only and unsignable
// refuse u; signer_failed and those of the agent come from the key's keeper;
// false_signature means the keeper is broken and nothing was let go. An ended
// ctx is reported as its own error.
func (s *Signer) Sign(ctx context.Context, u *statement.Unsigned) ([]byte, error) {
	done, err := s.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := s.admits(u); err != nil {
		return nil, err
	}
	raw, err := s.rawSign(ctx, u.Message())
	if err != nil {
		return nil, err
	}
	if s.key.Alg == statement.ES256 {
		raw = statement.LowS(raw)
	}
	b, err := u.Finish(raw)
	if err != nil {
		return nil, s.falseSignature(err)
	}
	signed, err := statement.ParseSign1(b)
	if err != nil {
		return nil, s.falseSignature(err)
	}
	if !signed.VerifiedOver(s.verifier, u.Payload()) {
		return nil, s.falseSignature(errors.New("it does not verify"))
	}
	return b, nil
}

// cosignaturePrefix begins what a witness signs (C2SP tlog-cosignature), and
// nothing that a log signs.
const cosignaturePrefix = "cosignature/v1\n"

// SignMessage gives the 64-byte Ed25519 signature of a Log key over the text of
// a checkpoint, or of a Witness key over a cosignature/v1 message. Other
// purposes, and a message of the other kind, are refused with
// keyring.purpose_forbids: raw signing would let an office's key sign anything.
func (s *Signer) SignMessage(ctx context.Context, message []byte) ([]byte, error) {
	cosignature := bytes.HasPrefix(message, []byte(cosignaturePrefix))
	if !s.purpose.signsNotes() || cosignature != (s.purpose == Witness) {
		return nil, s.forbids("signed note")
	}
	sig, err := s.rawSign(ctx, message)
	if err != nil {
		return nil, err
	}
	if public, ok := s.public.(ed25519.PublicKey); !ok || !ed25519.Verify(public, message, sig) {
		return nil, s.falseSignature(errors.New("it does not verify"))
	}
	return sig, nil
}

func (s *Signer) rawSign(ctx context.Context, message []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("signing with key %s: %w", s.ID(), err)
	}
	sig, err := s.raw.sign(ctx, message)
	if err == nil {
		return sig, nil
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("signing with key %s: %w", s.ID(), errors.Join(ctx.Err(), err))
	}
	if _, told := fault.Of(err); told {
		return nil, err
	}
	return nil, fault.Unavailable("keyring.signer_failed", fault.Arg("key", s.ID().String()), fault.Because(err))
}

// admits refuses what this key may not or nobody should sign. It is called
// before the key is asked, so that an HSM's log has no entry for a refusal.
func (s *Signer) admits(u *statement.Unsigned) error {
	if u.KeyID() != s.ID() || u.Algorithm() != s.key.Alg {
		return fault.Invalid("keyring.other_key", fault.Arg("key", s.ID().String()), fault.Arg("wanted", u.KeyID().String()))
	}
	// The frame with a dummy signature: size, headers and content type are
	// judged as a reader of the finished bytes will judge them.
	framed, err := u.Finish(make([]byte, statement.SignatureSize))
	if err != nil {
		return unsignable(err)
	}
	signed, err := statement.ParseSign1(framed)
	if err != nil {
		return unsignable(err)
	}
	if !s.purpose.signs(signed.Content) {
		return s.forbids(signed.Content)
	}
	synthetic, err := lint(signed, u.Payload())
	if err != nil {
		return unsignable(err)
	}
	if s.synthetic && !synthetic {
		return s.syntheticOnly()
	}
	return nil
}

// lint holds a payload against the rules of its content type and tells whether
// it may come from the demonstration. An approval is a bare digest that says
// nothing by itself; the certificate that it ends up in does.
func lint(signed *statement.Signed, payload []byte) (synthetic bool, err error) {
	detached := signed.Payload == nil
	if detached == (signed.Content == statement.ContentStatement) {
		return false, errors.New("statements carry their payload, roots, approvals and messages do not")
	}
	switch signed.Content {
	case statement.ContentStatement:
		st, err := statement.ParsePayload(payload)
		if err != nil {
			return false, err
		}
		return st.Synthetic, nil
	case statement.ContentRoot:
		root, err := decodeRoot(payload)
		if err != nil {
			return false, err
		}
		return root.Synthetic, nil
	case statement.ContentMessage:
		m, err := message.ParsePayload(payload)
		if err != nil {
			return false, err
		}
		return m.Synthetic, nil
	case statement.ContentApproval:
		if len(payload) != canonical.HashSize {
			return false, fmt.Errorf("an approval signs a digest of %d bytes, this has %d", canonical.HashSize, len(payload))
		}
		return true, nil
	}
	return false, fmt.Errorf("content type %q", signed.Content)
}

func decodeRoot(payload []byte) (*trust.Root, error) {
	r := new(trust.Root)
	if err := canonical.Unmarshal(payload, r); err != nil {
		return nil, fmt.Errorf("root document: %w", err)
	}
	if err := r.Check(); err != nil {
		return nil, fmt.Errorf("root document: %w", err)
	}
	return r, nil
}

func unsignable(err error) error {
	return fault.Invalid("keyring.unsignable", fault.Arg("reason", err.Error()), fault.Because(err))
}

func (s *Signer) forbids(content string) error {
	return fault.Forbidden("keyring.purpose_forbids", fault.Arg("key", s.ID().String()),
		fault.Arg("purpose", s.purpose), fault.Arg("content", content))
}

func (s *Signer) syntheticOnly() error {
	return fault.Forbidden("keyring.synthetic_only", fault.Arg("key", s.ID().String()))
}

func (s *Signer) falseSignature(err error) error {
	return fault.Unavailable("keyring.false_signature", fault.Arg("key", s.ID().String()), fault.Because(err))
}

// local signs with a crypto.Signer of this process.
type local struct{ key crypto.Signer }

func (l local) sign(_ context.Context, message []byte) ([]byte, error) {
	if _, ed := l.key.Public().(ed25519.PublicKey); ed {
		return l.key.Sign(rand.Reader, message, crypto.Hash(0))
	}
	digest := sha256.Sum256(message)
	der, err := l.key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	var sig struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(der, &sig)
	if err != nil || len(rest) != 0 {
		return nil, errors.New("the key gave no ECDSA signature in DER")
	}
	return joinES256(sig.R, sig.S)
}

// joinES256 writes r||s, 32 bytes each (RFC 9053 §2.1).
func joinES256(r, s *big.Int) ([]byte, error) {
	const half = statement.SignatureSize / 2
	for _, n := range []*big.Int{r, s} {
		if n.Sign() <= 0 || n.BitLen() > 8*half {
			return nil, errors.New("the key gave an ECDSA signature out of range")
		}
	}
	sig := make([]byte, statement.SignatureSize)
	r.FillBytes(sig[:half])
	s.FillBytes(sig[half:])
	return sig, nil
}

// Approve gives an officer's approval of digest (statement.ApprovalDigest): a
// COSE_Sign1 of content type ContentApproval over the detached digest, which
// trust.OfficeKey.Approves accepts. s must be an Officer's. Faults: those of
// Sign; keyring.unsignable for a zero digest.
func Approve(ctx context.Context, s *Signer, digest canonical.Hash) ([]byte, error) {
	if digest.IsZero() {
		return nil, unsignable(errors.New("the digest is missing"))
	}
	u, err := statement.Unsign(s.key.Alg, s.ID(), statement.ContentApproval, digest[:], true)
	if err != nil {
		return nil, fmt.Errorf("framing an approval: %w", err)
	}
	return s.Sign(ctx, u)
}
