package keyring

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"fmt"
	"io"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"adamas.example/internal/fault"
	"adamas.example/verify/policy"
)

// NoteSigner makes a Log key sign the checkpoints of the log called origin, as
// Tessera wants it. ctx is the life of the log: when it ends, signing fails.
// Faults: keyring.purpose_forbids for another purpose, keyring.other_log when
// the key's card names another log, keyring.label for an impossible name.
func NoteSigner(ctx context.Context, s *Signer, origin string) (note.Signer, error) {
	public, ok := s.public.(ed25519.PublicKey)
	if s.purpose != Log || !ok {
		return nil, s.forbids("checkpoint")
	}
	if s.label != "" && s.label != origin {
		return nil, fault.Invalid("keyring.other_log", fault.Arg("log", s.label), fault.Arg("wanted", origin))
	}
	vkey := policy.LogVKey(origin, public)
	if _, err := policy.ParseVKey(vkey.String()); err != nil {
		return nil, errLabel(origin, err)
	}
	return &noteSigner{ctx: ctx, signer: s, name: origin, hash: vkey.Hash}, nil
}

func errLabel(label string, err error) error {
	return fault.Invalid("keyring.label", fault.At("label"), fault.Text(label), fault.Because(err))
}

// noteSigner keeps a context because note.Signer has no place for one.
type noteSigner struct {
	ctx    context.Context
	signer *Signer
	name   string
	hash   uint32
}

func (n *noteSigner) Name() string    { return n.name }
func (n *noteSigner) KeyHash() uint32 { return n.hash }

// Sign refuses a text that is not of this log: the first line of a checkpoint
// is its origin (C2SP tlog-checkpoint).
func (n *noteSigner) Sign(text []byte) ([]byte, error) {
	if !strings.HasPrefix(string(text), n.name+"\n") {
		first, _, _ := strings.Cut(string(text), "\n")
		return nil, fault.Invalid("keyring.other_log", fault.Arg("log", n.name), fault.Text(first))
	}
	return n.signer.SignMessage(n.ctx, text)
}

// CryptoSigner shows a Log or Witness key as a crypto.Signer, as witnesses want
// it. It signs what SignMessage signs, unhashed, and ignores the random source.
// ctx is the life of the witness. Fault: keyring.purpose_forbids for another
// purpose.
func CryptoSigner(ctx context.Context, s *Signer) (crypto.Signer, error) {
	if !s.purpose.signsNotes() {
		return nil, s.forbids("signed note")
	}
	return &cryptoSigner{ctx: ctx, signer: s}, nil
}

type cryptoSigner struct {
	ctx    context.Context
	signer *Signer
}

func (c *cryptoSigner) Public() crypto.PublicKey { return c.signer.public }

func (c *cryptoSigner) Sign(_ io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	if opts != crypto.Hash(0) {
		return nil, fmt.Errorf("key %s signs messages, not digests", c.signer.ID())
	}
	return c.signer.SignMessage(c.ctx, message)
}
