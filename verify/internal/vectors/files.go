package vectors

import (
	"encoding/json"
	"strings"

	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/verifytest"
)

// BundleVector is a bundle file and what it carries.
type BundleVector struct {
	Name      string         `json:"name"`
	Statement Hex            `json:"statement"`
	Approvals []Hex          `json:"approvals,omitempty"`
	Digest    canonical.Hash `json:"approval_digest"` // what both approvals sign, detached
	Proof     string         `json:"proof,omitempty"`
	File      Hex            `json:"file"`
}

// PackVector is a pack file; its parts are in the other files.
type PackVector struct {
	Name       string         `json:"name"`
	File       Hex            `json:"file"`
	Digest     canonical.Hash `json:"sha256"`
	Pin        canonical.Hash `json:"root_fingerprint"`
	Snapshot   Hex            `json:"snapshot"` // the signed statement inside
	Selection  canonical.Hash `json:"selection_digest"`
	Statements int            `json:"statements"`
	Logs       []LogVector    `json:"logs"`
}

// LogVector is a log of the pack.
type LogVector struct {
	Origin string           `json:"origin"`
	Leaves []canonical.Hash `json:"leaf_hashes"`
	Series []string         `json:"series,omitempty"` // earlier checkpoints
}

// Files gives every file of vectors by its name.
func Files() map[string][]byte {
	w := verifytest.New()
	const t = verifytest.Start + 7200
	cf := w.Offices["CF/bangui"]
	d := cf.Draft("AE", t)
	whole := cf.Record(cf.Sign(d), t+60)
	l := logs(w, t+60)
	s := Statements()
	out := map[string]any{
		"keys":        keys(),
		"statements":  s,
		"commitments": Commitments(),
		"policies":    l.Policies,
		"checkpoints": l.Checkpoints,
		"proofs":      l.Proofs,
		"roots":       roots(w),
		"bundles":     bundles(whole, d),
		"messages":    messages(whole, d),
		"packs":       packVectors(w, t+120),
		"refused":     append(append(refusedStatements(), PolicyFaults(w)...), refusedTexts(l)...),
	}
	files := map[string][]byte{}
	for name, v := range out {
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if err := enc.Encode(map[string]any{"note": Note, "vectors": v}); err != nil {
			panic(err)
		}
		files[name+".json"] = []byte(b.String())
	}
	return files
}

func keys() []KeyVector {
	var out []KeyVector
	for _, n := range []string{"authority CF", "authority AE", "office CF/bangui", "office AE/dubai", "preparer CF/bangui", "validator CF/bangui"} {
		out = append(out, Ed25519(n).vector())
	}
	for _, k := range verifytest.New().Root.Keys {
		out = append(out, Ed25519(k.Holder).vector())
	}
	return append(out, P256("office CF/bangui").vector())
}

func bundles(whole *bundle.Bundle, d *verifytest.Draft) []BundleVector {
	part := must((&commitment.Disclosure{Seed: d.Seed, Facts: d.Facts}).Select(func(label uint64) bool { return label == 1 || label == 35 }))
	partial := *whole
	partial.Disclosure = part
	bare := bundle.Bundle{Version: 1, Statement: whole.Statement}
	var out []BundleVector
	for _, b := range []struct {
		name string
		b    *bundle.Bundle
	}{{"whole", whole}, {"weight and value only", &partial}, {"statement alone", &bare}} {
		v := BundleVector{Name: b.name, Statement: b.b.Statement, Proof: b.b.Proof.String(), File: must(b.b.Encode()), Digest: approvalDigest(whole.Statement)}
		for _, a := range b.b.Approvals {
			v.Approvals = append(v.Approvals, a)
		}
		out = append(out, v)
	}
	return out
}
