package keyring

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"adamas.example/internal/fault"
)

// TestKeep: a kept secret comes back whole under the ring's lock alone, is not in the
// clear on the disk, and is no key of the ring.
func TestKeep(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	lock := func(text string) *Passphrase {
		return &Passphrase{WorkFactor: 10, Ask: func(context.Context) (string, error) { return text, nil }}
	}
	ring, err := Create(dir, lock("correct horse battery"))
	if err != nil {
		t.Fatal(err)
	}
	secret := []byte("SYNTHETIC secret of another use")
	if _, err := ring.Kept(t.Context(), "ca"); !fault.Is(err, "keyring.key_missing") {
		t.Errorf("%v", err)
	}
	if err := ring.Keep(t.Context(), "ca", secret); err != nil {
		t.Fatal(err)
	}
	if err := ring.Keep(t.Context(), "ca", []byte("other")); !fault.Is(err, "keyring.exists") {
		t.Errorf("replaced: %v", err)
	}
	if err := ring.Keep(t.Context(), "../ca", secret); !fault.Is(err, "keyring.name") {
		t.Errorf("%v", err)
	}
	path := filepath.Join(dir, "ca"+keptSuffix)
	b, err := os.ReadFile(path)
	if err != nil || bytes.Contains(b, secret) {
		t.Fatalf("in the clear, or: %v", err)
	}
	if got, err := ring.Kept(t.Context(), "ca"); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("%q %v", got, err)
	}
	other, err := Open(dir, lock("another passphrase"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Kept(t.Context(), "ca"); !fault.Is(err, "keyring.wrong_passphrase") {
		t.Errorf("%v", err)
	}
	if cards, err := ring.Cards(); err != nil || len(cards) != 0 {
		t.Errorf("%v %v", cards, err)
	}
	b[len(b)-1] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Kept(t.Context(), "ca"); !fault.Is(err, "keyring.damaged") {
		t.Errorf("%v", err)
	}
}
