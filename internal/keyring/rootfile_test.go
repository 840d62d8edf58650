package keyring

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
	"adamas.example/verify/verifytest"
)

func TestRootFiles(t *testing.T) {
	c := newCeremony(t)
	signed, chain := c.first()
	d, err := OpenRoot(signed)
	if err != nil {
		t.Fatal(err)
	}
	if !d.Signed || d.Fingerprint != chain.Fingerprints[0] || d.Version != 1 {
		t.Errorf("%+v", d)
	}
	draft, err := OpenRoot(d.Payload)
	if err != nil || draft.Signed || draft.Fingerprint != d.Fingerprint {
		t.Errorf("the payload: %+v %v", draft, err)
	}
	for holder, s := range c.signers {
		if want := slices.Contains(four, holder); d.SignedBy(s.Key()) != want || draft.SignedBy(s.Key()) {
			t.Errorf("%s has signed: %v, want %v", holder, d.SignedBy(s.Key()), want)
		}
	}
	for _, bad := range [][]byte{nil, {0x80}, []byte("text"), signed[:len(signed)-1], append(slices.Clone(signed), 0)} {
		if _, err := OpenRoot(bad); !fault.Is(err, "keyring.root_unreadable") {
			t.Errorf("%x: %v", bad[:min(8, len(bad))], err)
		}
	}

	dir := t.TempDir()
	if _, err := ReadRoots(dir); !fault.Is(err, "keyring.root_missing") {
		t.Errorf("an empty folder: %v", err)
	}
	write := func(version int, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, RootFile(version)), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(1, signed)
	second := c.second(chain)
	v2, err := AssembleRoot([][]byte{signed}, second, c.sign(chain, second, append(four, "government 2", "government 3")...), start)
	if err != nil {
		t.Fatal(err)
	}
	write(2, v2)
	write(4, v2) // not read: version 3 is missing
	read, files, err := ReadChain(dir)
	if err != nil || len(files) != 2 || read.Current().Version != 2 {
		t.Errorf("%d files, %v", len(files), err)
	}
	write(2, signed)
	if _, _, err := ReadChain(dir); !fault.Is(err, "keyring.root_refused") {
		t.Errorf("version 1 twice: %v", err)
	}
}

// What is read as a root document is one, and its fingerprint is that of exactly
// the bytes that were signed.
func FuzzOpenRoot(f *testing.F) {
	payload, err := verifytest.New().Root.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(payload)
	f.Add([]byte{0x82, 0x40, 0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := OpenRoot(b)
		if err != nil {
			return
		}
		again, err := d.Encode()
		if err != nil || canonical.Sum(again) != d.Fingerprint {
			t.Errorf("%v: %x is read as %x", err, d.Payload, again)
		}
		if !d.Signed && string(d.Payload) != string(b) {
			t.Error("a payload is not the file")
		}
	})
}
