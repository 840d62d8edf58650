package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

var verifyCold = figure{
	id: "verify-cold", unit: "µs per bundle", baseline: "five stdlib Ed25519 verifies", goal: goal{atMost: true, ratio: 1.2},
	what: "One encoded bundle without approvals, by a Verifier that has seen nothing: bundle.Parse and Verify for the purpose record, " +
		"with the signatures of issuer, log and three witnesses, the inclusion path, range, home log, fork comparison, status and disclosed facts; one core.",
	how:     "crypto/ed25519.Verify of the very same five messages, keys and signatures, taken out of each bundle beforehand; one core.",
	measure: measureCold,
}

var verifyBatch = figure{
	id: "verify-batch", unit: "µs per bundle", baseline: "one stdlib Ed25519 verify each", goal: goal{atMost: true, ratio: 1.25},
	what: "Different bundles under one checkpoint by one new Verifier, each as in verify-cold; the checkpoint's four signatures are verified once in a round " +
		"and are part of it; one core.",
	how:     "crypto/ed25519.Verify of the very same issuer's signature of each bundle; one core.",
	measure: measureBatch,
}

// signature is one that a bundle is judged by, as the standard library takes it.
type signature struct {
	key          ed25519.PublicKey
	message, sig []byte
}

var errRefused = errors.New("a true signature is refused")

func verifyAll(all []signature) error {
	for _, s := range all {
		if !ed25519.Verify(s.key, s.message, s.sig) {
			return errRefused
		}
	}
	return nil
}

// paper is a bundle as it arrives, and the signatures in it.
type paper struct {
	file       []byte
	issuer     signature
	checkpoint []signature // the log's and three witnesses'
}

// archive is a log of SYNTHETIC certificates, some of which are looked at.
type archive struct {
	pack   *pack.Pack
	papers []paper
	asked  verify.Options
}

const (
	issuedAt   = verifytest.Start + 60
	recordedAt = verifytest.Start + 70
	askedAt    = verifytest.Start + 3600
)

// newArchive makes n bundles in a log of size leaves or a little more. With
// spread they stand evenly over the log, each under a checkpoint of its own;
// otherwise at its end under one. The leaves between are random bytes, which a
// pack carries as leaf hashes like any certificate.
func newArchive(n, size int, spread bool) (*archive, error) {
	w := verifytest.New()
	o := w.Offices["CF/bangui"]
	random := rand.NewChaCha8([32]byte{1})
	fill := func(leaves int) {
		for range leaves {
			leaf := make([]byte, 480)
			random.Read(leaf) // never fails
			o.Log.Append(leaf)
		}
	}
	a := &archive{asked: verify.Options{At: time.Unix(askedAt, 0).UTC()}}
	bundles, places, sizes := make([]*bundle.Bundle, n), make([]int64, n), make([]int64, n)
	if !spread {
		fill(size - n)
	}
	for i := range bundles {
		if spread {
			fill(size / n)
		}
		b := o.Sign(o.Draft("AE", issuedAt))
		b.Approvals = nil
		bundles[i], places[i] = b, o.Log.Append(b.Statement)
		sizes[i] = places[i] + 1
	}
	for i, b := range bundles {
		if !spread {
			sizes[i] = int64(len(o.Log.Leaves))
		}
		p, err := newPaper(w, o, b, places[i], sizes[i])
		if err != nil {
			return nil, err
		}
		a.papers = append(a.papers, p)
	}
	a.pack = w.ParsedPack(askedAt)
	return a, nil
}

func newPaper(w *verifytest.World, o *verifytest.Office, b *bundle.Bundle, place, size int64) (paper, error) {
	var p paper
	labels := []string{"gov1", "ind1", "civ1"}
	b.Proof = canonical.Text(o.Log.Proof(place, size, o.Log.Checkpoint(size, recordedAt, labels...)).String())
	body := o.Log.Body(size)
	p.checkpoint = append(p.checkpoint, signed(o.Log.Signer, []byte(body)))
	for _, label := range labels {
		p.checkpoint = append(p.checkpoint, signed(w.Witnesses[label].Signer, policy.CosignatureMessage(body, recordedAt)))
	}
	var err error
	if p.issuer, err = signatureOf(b.Statement, o.Signer.Public()); err != nil {
		return p, err
	}
	p.file, err = b.Encode()
	return p, err
}

// signed signs a message again: Ed25519 gives the same signature.
func signed(s verifytest.Signer, message []byte) signature {
	return signature{key: s.Public(), message: message, sig: ed25519.Sign(s.Private, message)}
}

// signatureOf takes the signature out of a signed statement.
func signatureOf(signed []byte, key ed25519.PublicKey) (signature, error) {
	st, err := statement.Parse(signed)
	if err != nil {
		return signature{}, err
	}
	u, err := statement.Unsign(st.Signed.Algorithm, st.Signed.KeyID, st.Signed.Content, st.Signed.Payload, false)
	if err != nil {
		return signature{}, err
	}
	s := signature{key: key, message: u.Message(), sig: signed[len(signed)-statement.SignatureSize:]}
	return s, verifyAll([]signature{s})
}

// judge is what a program does with one file.
func (a *archive) judge(v *verify.Verifier, file []byte) error {
	b, err := bundle.Parse(file)
	if err != nil {
		return err
	}
	if got := v.Verify(b, a.asked); got.Outcome != verify.Valid {
		return fmt.Errorf("a good bundle is %s: %+v", got.Outcome, got.Failed())
	}
	return nil
}

func measureCold(ctx context.Context, r *run) (measured, error) {
	a, err := newArchive(r.scale.coldFiles, r.scale.logSize, true)
	if err != nil {
		return measured{}, err
	}
	n := len(a.papers) * r.scale.coldLoops
	loop := func(one func(p paper) error) side {
		return func(context.Context) (float64, error) {
			return each(n, time.Microsecond, func() error {
				for i := range n {
					if err := one(a.papers[i%len(a.papers)]); err != nil {
						return err
					}
				}
				return nil
			})
		}
	}
	defer cores(1)()
	m, err := r.alternate(ctx, r.scale.rounds,
		loop(func(p paper) error { return a.judge(verify.New(a.pack), p.file) }),
		loop(func(p paper) error { return errors.Join(verifyAll(p.checkpoint), verifyAll([]signature{p.issuer})) }))
	m.detail = fmt.Sprintf("%d bundles a round, of %d different ones of about %d bytes, each under its own checkpoint of a log of %d leaves",
		n, len(a.papers), len(a.papers[0].file), a.pack.Log("cf.kp.example/2026").Size())
	return m, err
}

// blocks of a round of verify-batch are measured in turn with the baseline's: of some
// 15 ms each, so that a host that is slow for a while is slow for both.
const blocks = 4

func measureBatch(ctx context.Context, r *run) (measured, error) {
	a, err := newArchive(r.scale.batch, r.scale.logSize, false)
	if err != nil {
		return measured{}, err
	}
	n := len(a.papers)
	issuers := make([]signature, n)
	for i, p := range a.papers {
		issuers[i] = p.issuer
	}
	var v *verify.Verifier
	defer cores(1)()
	m, err := r.weave(ctx, r.scale.rounds, blocks,
		func(block int) (float64, error) {
			return each(n, time.Microsecond, func() error {
				if block == 0 {
					v = verify.New(a.pack)
				}
				for _, p := range a.papers[block*n/blocks : (block+1)*n/blocks] {
					if err := a.judge(v, p.file); err != nil {
						return err
					}
				}
				return nil
			})
		},
		func(block int) (float64, error) {
			return each(n, time.Microsecond, func() error { return verifyAll(issuers[block*n/blocks : (block+1)*n/blocks]) })
		})
	m.detail = fmt.Sprintf("%d bundles of about %d bytes a round, in a log of %d leaves", n, len(a.papers[0].file), a.pack.Log("cf.kp.example/2026").Size())
	return m, err
}
