package verify_test

import (
	"encoding/json"
	"testing"

	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/verifytest"
)

// seeds are what fuzzing starts from: a certificate with each of its parts left
// out or narrowed, a pack that knows it and one that does not.
func seeds(f *testing.F) (bundles, packs [][]byte) {
	w := verifytest.New()
	o := w.Offices["CF/bangui"]
	b := o.Record(o.Sign(o.Draft("AE", start+issued)), start+cosigned)
	narrow, err := b.Disclosure.Select(func(l uint64) bool { return l == verify.LabelCarats })
	if err != nil {
		f.Fatal(err)
	}
	for _, b := range []*bundle.Bundle{b, {Version: 1, Statement: b.Statement}, {Version: 1, Statement: b.Statement, Disclosure: narrow, Proof: b.Proof},
		{Version: 1, Statement: b.Statement, Approvals: b.Approvals}, {Version: 1, Statement: o.Log.Leaves[0]}} {
		file, err := b.Encode()
		if err != nil {
			f.Fatal(err)
		}
		bundles = append(bundles, file)
	}
	return bundles, [][]byte{w.Pack(start + packed), verifytest.New().Pack(start)}
}

// ask judges a file for both purposes and holds what is true of every verdict.
func ask(t *testing.T, v *verify.Verifier, file []byte) {
	b, err := bundle.Parse(file)
	if err != nil {
		return
	}
	for _, p := range []verify.Purpose{verify.Record, verify.Import} {
		got := v.Verify(b, verify.Options{Purpose: p, At: at(judged), Destination: "AE"})
		holdVerdict(t, got)
		if _, err := json.Marshal(got); err != nil {
			t.Errorf("a verdict that no program can read: %v", err)
		}
	}
}

func FuzzBundle(f *testing.F) {
	bundles, packs := seeds(f)
	for _, b := range bundles {
		f.Add(b)
	}
	p, err := pack.Parse(packs[0], canonical.Hash{})
	if err != nil {
		f.Fatal(err)
	}
	v := verify.New(p)
	f.Fuzz(func(t *testing.T, file []byte) { ask(t, v, file) })
}

func FuzzBundleAndPack(f *testing.F) {
	bundles, packs := seeds(f)
	for _, b := range bundles {
		for _, p := range packs {
			f.Add(b, p)
		}
	}
	f.Fuzz(func(t *testing.T, file, packed []byte) {
		p, err := pack.Parse(packed, canonical.Hash{})
		if err != nil {
			return
		}
		ask(t, verify.New(p), file)
	})
}
