package verify_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/verifytest/cases"
)

// files are a certificate's file and a pack under which it is valid.
func files(t *testing.T) (file, packed []byte, opt verify.Options) {
	s := cases.New()
	s.Good()
	file, err := s.Bundle.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return file, s.Pack(), s.Options(verify.Record)
}

// outcome is what a program comes to with a file and a pack: what cannot be read
// is not valid.
func outcome(file, packed []byte, opt verify.Options) verify.Outcome {
	p, err := pack.Parse(packed, canonical.Hash{})
	if err != nil {
		return verify.Invalid
	}
	b, err := bundle.Parse(file)
	if err != nil {
		return verify.Invalid
	}
	return verify.New(p).Verify(b, opt).Outcome
}

// Every bit of a certificate's file is bound by something that a verdict checks.
func TestNoBitOfTheBundleCanChange(t *testing.T) {
	file, packed, opt := files(t)
	if got := outcome(file, packed, opt); got != verify.Valid {
		t.Fatalf("the file itself is %s", got)
	}
	p, err := pack.Parse(packed, canonical.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	v := verify.New(p)
	masks := []byte{1, 2, 4, 8, 16, 32, 64, 128, 0xff}
	if testing.Short() {
		masks = []byte{1, 128}
	}
	bent := bytes.Clone(file)
	for i := range file {
		for _, mask := range masks {
			bent[i] ^= mask
			b, err := bundle.Parse(bent)
			if err == nil && v.Verify(b, opt).Outcome == verify.Valid {
				t.Errorf("byte %d of %d with %08b changed is still valid", i, len(file), mask)
			}
			bent[i] = file[i]
		}
	}
	for n := range file {
		b, err := bundle.Parse(file[:n])
		if err == nil && v.Verify(b, opt).Outcome == verify.Valid {
			t.Errorf("cut at %d it is still valid", n)
		}
	}
	if b, err := bundle.Parse(append(bytes.Clone(file), 0)); err == nil && v.Verify(b, opt).Outcome == verify.Valid {
		t.Error("with a byte more it is still valid")
	}
}

// Every byte of a pack is bound: a changed pack is refused or does not say yes.
func TestNoByteOfThePackCanChange(t *testing.T) {
	file, packed, opt := files(t)
	random := rand.New(rand.NewPCG(1, 2))
	bent := bytes.Clone(packed)
	bend := func(i int) {
		bent[i] ^= byte(1 + random.IntN(255))
		if outcome(file, bent, opt) == verify.Valid {
			t.Errorf("byte %d of %d changed from %02x to %02x: still valid", i, len(packed), packed[i], bent[i])
		}
		bent[i] = packed[i]
	}
	if testing.Short() {
		for range 500 {
			bend(random.IntN(len(packed)))
		}
		return
	}
	for i := range packed {
		bend(i)
	}
}

// A verdict is the same whether the verifier has seen the checkpoint or not,
// whoever else asks at the same time, and asking changes nothing of the bundle.
func TestVerdictsDoNotDependOnWhatWasAskedBefore(t *testing.T) {
	s := cases.New()
	s.Good()
	before, err := s.Bundle.Encode()
	if err != nil {
		t.Fatal(err)
	}
	shared := s.Verifier()
	want := line(t, s.Verifier().Verify(s.Bundle, s.Options(verify.Import)))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if got := line(t, shared.Verify(s.Bundle, s.Options(verify.Import))); got != want {
					t.Errorf("another verdict: %s", cmp.Diff(want, got))
				}
			}
		})
	}
	wg.Wait()
	after, err := s.Bundle.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("asking changed the bundle")
	}
	if !strings.Contains(want, `"outcome":"valid"`) {
		t.Errorf("a script looks for the outcome in vain: %s", want)
	}
}

// The memory for checkpoints is bounded, and what falls out of it is judged again.
func TestMoreCheckpointsThanAVerifierRemembers(t *testing.T) {
	s := cases.New()
	s.Good()
	v, proof := s.Verifier(), s.Bundle.Proof
	for n := range 1100 {
		s.Prove(s.Offices["CF/bangui"].Log, 6, start+cosigned+int64(n))
		if got := v.Verify(s.Bundle, s.Options(verify.Record)); got.Outcome != verify.Valid {
			t.Fatalf("checkpoint %d: %s", n, cases.Told(got))
		}
	}
	s.Bundle.Proof = canonical.Text(cases.BendLastSignature(proof.String()))
	for range 2 {
		if got := cases.Told(v.Verify(s.Bundle, s.Options(verify.Record))); got != "invalid record.proof false_checkpoint" {
			t.Errorf("a false one after them: %s", got)
		}
	}
	s.Bundle.Proof = proof
	if got := cases.Told(v.Verify(s.Bundle, s.Options(verify.Record))); got != "valid" {
		t.Errorf("the first one again: %s", got)
	}
}

func line(t *testing.T, v *verify.Verdict) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Error(err)
	}
	return string(b)
}
