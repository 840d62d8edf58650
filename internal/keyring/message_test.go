package keyring_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"testing"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/verify/message"
	"adamas.example/verify/statement"
)

// TestWhoSignsMessages: an office's key and no other, well-formed ones only, and
// never with a message's content type around a statement.
func TestWhoSignsMessages(t *testing.T) {
	m := &message.Message{Version: 1, ID: message.ID{1}, From: "CF/bangui", To: "AE/dubai", Time: 1, Kind: message.Notice, Synthetic: true, Note: "SYNTHETIC"}
	payload, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []keyring.Purpose{keyring.Office, keyring.Root, keyring.Authority, keyring.Officer, keyring.Log, keyring.Witness} {
		s, err := keyring.NewSigner(p, private)
		if err != nil {
			t.Fatal(err)
		}
		u, err := message.Unsign(s.Key(), payload)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := s.Sign(t.Context(), u)
		if p != keyring.Office {
			if !fault.Is(err, "keyring.purpose_forbids") {
				t.Errorf("%s: %v", p, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := message.Join(payload, signed); err != nil {
			t.Error(err)
		}
		attached, err := statement.Unsign(s.Key().Alg, s.ID(), statement.ContentMessage, payload, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Sign(t.Context(), attached); !fault.Is(err, "keyring.unsignable") {
			t.Errorf("with its payload inside: %v", err)
		}
		bad, err := message.Unsign(s.Key(), []byte("anything"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Sign(t.Context(), bad); !fault.Is(err, "keyring.unsignable") {
			t.Errorf("anything: %v", err)
		}
	}
}
