package keyring

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"strings"
	"testing"

	"filippo.io/torchwood"
	formatsnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"adamas.example/verify/policy"
)

const origin = "cf.kp.example/2026"

const checkpoint = origin + "\n42\nGtGzQwTdPl4ZWZhqlrZQrr5Lll0jDiRTNbqx8SGqYHw=\n"

func TestCheckpointsVerifyWithThreePrograms(t *testing.T) {
	s := newTestSigner(t, Log, edKey(t))
	signer, err := NoteSigner(t.Context(), s, origin)
	if err != nil {
		t.Fatal(err)
	}
	b, err := note.Sign(&note.Note{Text: checkpoint}, signer)
	if err != nil {
		t.Fatal(err)
	}
	vkey := policy.LogVKey(origin, s.public.(ed25519.PublicKey)).String()
	mod, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	formats, err := formatsnote.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	if mod.Name() != signer.Name() || mod.KeyHash() != signer.KeyHash() {
		t.Errorf("x/mod knows the key as %s+%08x, we as %s+%08x", mod.Name(), mod.KeyHash(), signer.Name(), signer.KeyHash())
	}
	for name, v := range map[string]note.Verifier{"x/mod": mod, "formats": formats} {
		n, err := note.Open(b, note.VerifierList(v))
		if err != nil || n.Text != checkpoint || len(n.Sigs) != 1 {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := note.Open([]byte(strings.Replace(string(b), "42", "43", 1)), note.VerifierList(v)); err == nil {
			t.Errorf("%s accepts a changed checkpoint: the judge is asleep", name)
		}
	}
	c, err := policy.ParseCheckpoint(string(b))
	if err != nil || c.Size != 42 {
		t.Errorf("our own parser: %v", err)
	}
}

func TestALogKeySignsItsOwnLogOnly(t *testing.T) {
	s := newTestSigner(t, Log, edKey(t))
	signer, err := NoteSigner(t.Context(), s, origin)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"other.example\n42\nAAAA\n", origin + "x\n42\nAAAA\n", origin, ""} {
		_, err := signer.Sign([]byte(text))
		wantFault(t, err, "other_log")
	}
	s.label = "ae.kp.example/2026"
	_, err = NoteSigner(t.Context(), s, origin)
	wantFault(t, err, "other_log")
	s.label = ""
	for _, name := range []string{"", "two words", "plus+sign", "line\nbreak"} {
		_, err = NoteSigner(t.Context(), s, name)
		wantFault(t, err, "label")
	}
	_, err = NoteSigner(t.Context(), newTestSigner(t, Witness, edKey(t)), origin)
	wantFault(t, err, "purpose_forbids")
	_, err = NoteSigner(t.Context(), newTestSigner(t, Office, ecKey(t)), origin)
	wantFault(t, err, "purpose_forbids")
}

func TestWitnessKeyCosignsForTwoPrograms(t *testing.T) {
	const name = "witness.cso.example/w1"
	s := newTestSigner(t, Witness, edKey(t))
	k, err := CryptoSigner(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	cosigner, err := torchwood.NewCosignatureSigner(name, k)
	if err != nil {
		t.Fatal(err)
	}
	b, err := note.Sign(&note.Note{Text: checkpoint}, cosigner)
	if err != nil {
		t.Fatal(err)
	}
	vkey := policy.WitnessVKey(name, k.Public().(ed25519.PublicKey)).String()
	formats, err := formatsnote.NewVerifierForCosignatureV1(vkey)
	if err != nil {
		t.Fatal(err)
	}
	wood, err := torchwood.NewCosignatureVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	for judge, v := range map[string]note.Verifier{"formats": formats, "torchwood": wood} {
		if _, err := note.Open(b, note.VerifierList(v)); err != nil {
			t.Errorf("%s: %v", judge, err)
		}
	}
	message := policy.CosignatureMessage(checkpoint, 1)
	for _, opts := range []crypto.SignerOpts{nil, crypto.SHA256, crypto.SHA512, &ed25519.Options{Context: "x"}} {
		if _, err := k.Sign(rand.Reader, message, opts); err == nil {
			t.Errorf("options %v were accepted: a digest or a context would be signed as something else", opts)
		}
	}
	_, err = CryptoSigner(t.Context(), newTestSigner(t, Officer, edKey(t)))
	wantFault(t, err, "purpose_forbids")
}
