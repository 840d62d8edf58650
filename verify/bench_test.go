package verify_test

import (
	"crypto/ed25519"
	"slices"
	"testing"
	"time"

	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/verifytest"
)

// measured is a world with files as they arrive: encoded, under one checkpoint.
type measured struct {
	pack  *pack.Pack
	files [][]byte
	when  verify.Options
}

// filesUnderOneCheckpoint makes n bundles without approvals: the figures of
// design.md §15 count the issuer's signature, the log's and three cosignatures.
func filesUnderOneCheckpoint(b *testing.B, n int) measured {
	b.Helper()
	w := verifytest.New()
	o := w.Offices["CF/bangui"]
	bundles := make([]*bundle.Bundle, n)
	places := make([]int64, n)
	for i := range bundles {
		bundles[i] = o.Sign(o.Draft("AE", start+60))
		bundles[i].Approvals = nil
		places[i] = o.Log.Append(bundles[i].Statement)
	}
	size := int64(len(o.Log.Leaves))
	checkpoint := o.Log.Checkpoint(size, start+70)
	m := measured{pack: w.ParsedPack(start + 3600), when: verify.Options{At: at(3600)}}
	for i, bun := range bundles {
		bun.Proof = canonical.Text(o.Log.Proof(places[i], size, checkpoint).String())
		file, err := bun.Encode()
		if err != nil {
			b.Fatal(err)
		}
		m.files = append(m.files, file)
	}
	return m
}

// judge is what a program does with one file.
func (m *measured) judge(b *testing.B, v *verify.Verifier, file []byte) {
	bun, err := bundle.Parse(file)
	if err != nil {
		b.Fatal(err)
	}
	if got := v.Verify(bun, m.when); got.Outcome != verify.Valid {
		b.Fatal(got.Failed())
	}
}

// ed25519Verifies is the baseline: n verifies of the standard library over
// messages as long as a certificate.
func ed25519Verifies(b *testing.B, n int) func() {
	b.Helper()
	key := verifytest.NewSigner("bench")
	msg := make([]byte, 600)
	sig := ed25519.Sign(key.Private, msg)
	return func() {
		for range n {
			if !ed25519.Verify(key.Public(), msg, sig) {
				b.Fatal("a true signature is refused")
			}
		}
	}
}

// BenchmarkVerifyCold is one bundle by a verifier that has seen none: the
// figure verify-cold, at most 1.2 times BenchmarkFiveEd25519.
func BenchmarkVerifyCold(b *testing.B) {
	m := filesUnderOneCheckpoint(b, 1)
	against(b, 5, func() { m.judge(b, verify.New(m.pack), m.files[0]) })
}

// BenchmarkVerifyBatch is one of a thousand bundles under one checkpoint: the
// figure verify-batch, at most 1.25 times BenchmarkOneEd25519.
func BenchmarkVerifyBatch(b *testing.B) {
	m := filesUnderOneCheckpoint(b, 1000)
	v, i := verify.New(m.pack), 0
	against(b, 1, func() {
		m.judge(b, v, m.files[i%len(m.files)])
		i++
	})
}

// block is how many times f runs before the baseline has its turn: a collection
// of garbage falls into about every other one, and none is left out.
const block = 100

// against measures f in blocks, and reports as "ratio" how many times as long the
// middle one takes as n verifies of the standard library, run in turn with it as
// often: a busy machine slows both. ns/op is f alone.
func against(b *testing.B, n int, f func()) {
	base := ed25519Verifies(b, n)
	var ours, theirs []time.Duration
	for b.Loop() {
		ours = append(ours, lasts(f))
		theirs = append(theirs, lasts(base))
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	middle := len(ours) / 2
	b.ReportMetric(float64(ours[middle].Nanoseconds())/block, "ns/op")
	b.ReportMetric(float64(ours[middle])/float64(theirs[middle]), "ratio")
}

// lasts is how long a block of f takes.
func lasts(f func()) time.Duration {
	begin := time.Now()
	for range block {
		f()
	}
	return time.Since(begin)
}

// BenchmarkFiveEd25519 is the baseline of verify-cold.
func BenchmarkFiveEd25519(b *testing.B) {
	base := ed25519Verifies(b, 5)
	for b.Loop() {
		base()
	}
}

// BenchmarkOneEd25519 is the baseline of verify-batch.
func BenchmarkOneEd25519(b *testing.B) {
	base := ed25519Verifies(b, 1)
	for b.Loop() {
		base()
	}
}
