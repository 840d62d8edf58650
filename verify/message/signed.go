package message

import (
	"errors"
	"fmt"

	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// signed is the form that is encrypted: the payload, and the signature over it.
// The signature is detached since a COSE_Sign1 of ours is no longer than an entry
// of a log, and a message carries whole bundles.
type signed struct {
	_         struct{} `cbor:",toarray"`
	Payload   []byte
	Signature []byte
}

// Signed is a decoded message. Its signature has not been checked.
type Signed struct {
	*Message
	Payload   []byte            // the signed bytes
	Signature *statement.Signed // detached
	Bytes     []byte
}

// Unsign frames a payload for the signature of an office's key.
func Unsign(key statement.Key, payload []byte) (*statement.Unsigned, error) {
	return statement.Unsign(key.Alg, key.ID(), statement.ContentMessage, payload, true)
}

// Join makes the signed message of a payload and its detached signature.
func Join(payload, signature []byte) ([]byte, error) {
	b, err := canonical.Marshal(signed{Payload: payload, Signature: signature})
	if err != nil {
		return nil, err
	}
	_, err = Parse(b)
	return b, err
}

// Parse decodes a signed message and checks everything that needs no key. The
// result shares memory with b, which must not change afterwards.
func Parse(b []byte) (*Signed, error) {
	if len(b) > MaxSize {
		return nil, fmt.Errorf("%d bytes: a message has at most %d", len(b), MaxSize)
	}
	var s signed
	if err := canonical.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("message: %w", err)
	}
	sig, err := statement.ParseSign1(s.Signature)
	if err != nil {
		return nil, fmt.Errorf("signature: %w", err)
	}
	if sig.Content != statement.ContentMessage {
		return nil, fmt.Errorf("signature: content type %q: want %q", sig.Content, statement.ContentMessage)
	}
	if sig.Payload != nil {
		return nil, errors.New("signature: the payload stands beside it, not inside")
	}
	m, err := ParsePayload(s.Payload)
	if err != nil {
		return nil, err
	}
	return &Signed{Message: m, Payload: s.Payload, Signature: sig, Bytes: b}, nil
}
