package keyring

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"filippo.io/age"

	"adamas.example/verify/statement"
)

// secret is the private half of a key: one of the two.
type secret struct {
	signer   crypto.Signer       // ed25519.PrivateKey or *ecdsa.PrivateKey
	identity *age.X25519Identity // of a Message key
}

// generate makes the secret of a new key from the system's random source.
func generate(p Purpose, alg statement.Algorithm) (secret, error) {
	if p == Message {
		id, err := age.GenerateX25519Identity()
		return secret{identity: id}, err
	}
	if alg == statement.ES256 {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		return secret{signer: k}, err
	}
	_, k, err := ed25519.GenerateKey(rand.Reader)
	return secret{signer: k}, err
}

// public is an ed25519.PublicKey, an *ecdsa.PublicKey or an *age.X25519Recipient.
func (s secret) public() any {
	if s.identity != nil {
		return s.identity.Recipient()
	}
	return s.signer.Public()
}

const (
	pemType    = "PRIVATE KEY" // RFC 7468 §10, PKCS#8
	cardPrefix = "# "
)

// render writes the text that is encrypted: the card without its seal, each
// line behind "# ", which openssl (text before a PEM block) and age (comment)
// pass over, then the key.
func (s secret) render(c *Card) ([]byte, error) {
	bare := *c
	bare.sealed = [32]byte{}
	card, err := bare.Encode()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for line := range strings.Lines(string(card)) {
		b.WriteString(cardPrefix + line)
	}
	if s.identity != nil {
		b.WriteString(s.identity.String() + "\n")
		return b.Bytes(), nil
	}
	der, err := x509.MarshalPKCS8PrivateKey(s.signer)
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", c.Name, err)
	}
	if err := pem.Encode(&b, &pem.Block{Type: pemType, Bytes: der}); err != nil {
		return nil, fmt.Errorf("key %s: %w", c.Name, err)
	}
	return b.Bytes(), nil
}

// parseSecret reads what render writes and nothing else, and proves that the
// card is the key's own. Its errors hold nothing of the text.
func parseSecret(text []byte) (*Card, secret, error) {
	var card strings.Builder
	rest := string(text)
	for strings.HasPrefix(rest, cardPrefix) {
		line, after, ok := strings.Cut(rest, "\n")
		if !ok {
			break
		}
		card.WriteString(line[len(cardPrefix):] + "\n")
		rest = after
	}
	c, err := parseCard([]byte(card.String()))
	if err != nil {
		return nil, secret{}, fmt.Errorf("the card inside: %w", err)
	}
	s, err := parseKey(c.Purpose, rest)
	if err != nil {
		return nil, secret{}, err
	}
	if !c.isOf(s.public()) {
		return nil, secret{}, errors.New("the card inside is of another key")
	}
	again, err := s.render(c)
	if err != nil || !bytes.Equal(again, text) {
		return nil, secret{}, errors.New("the text inside is not in the form that this program writes")
	}
	return c, s, nil
}

func parseKey(p Purpose, text string) (secret, error) {
	if p == Message {
		id, err := age.ParseX25519Identity(strings.TrimSuffix(text, "\n"))
		if err != nil {
			return secret{}, errors.New("no age identity inside")
		}
		return secret{identity: id}, nil
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != pemType {
		return secret{}, errors.New("no private key in PEM inside")
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return secret{}, errors.New("no private key in PKCS#8 inside")
	}
	switch k := k.(type) {
	case ed25519.PrivateKey:
		return secret{signer: k}, nil
	case *ecdsa.PrivateKey:
		return secret{signer: k}, nil
	}
	return secret{}, fmt.Errorf("a private key of type %T inside", k)
}

// isOf tells whether the card's public half is public.
func (c *Card) isOf(public any) bool {
	if r, ok := public.(*age.X25519Recipient); ok {
		return c.Purpose == Message && r.String() == c.Recipient
	}
	k, err := statement.NewKey(public)
	return err == nil && c.Purpose != Message && k.Thumbprint() == c.Key.Thumbprint() && k.Alg == c.Key.Alg
}
