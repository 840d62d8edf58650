package verify_test

import (
	"testing"
	"time"

	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/verifytest"
)

const start = verifytest.Start

func at(seconds int64) time.Time { return time.Unix(start+seconds, 0).UTC() }

func TestValid(t *testing.T) {
	w := verifytest.New()
	o := w.Offices["CF/bangui"]
	b := o.Record(o.Sign(o.Draft("AE", start+60)), start+70)
	v := verify.New(w.ParsedPack(start + 3600))
	for _, p := range []verify.Purpose{verify.Record, verify.Import} {
		got := v.Verify(b, verify.Options{Purpose: p, At: at(3600), Destination: "AE"})
		if got.Outcome != verify.Valid {
			t.Fatalf("%s: %s: %+v", p, got.Outcome, got.Failed())
		}
		if !got.Synthetic || got.State != "witnessed" || got.Open.FourEyes != "proved" {
			t.Errorf("%s: %+v", p, got.Open)
		}
	}
}

var _ = bundle.Parse
var _ = canonical.Sum
var _ = pack.Parse

func BenchmarkVerifyCold(b *testing.B) {
	w := verifytest.New()
	o := w.Offices["CF/bangui"]
	bun := o.Record(o.Sign(o.Draft("AE", start+60)), start+70)
	bun.Approvals = nil
	p := w.ParsedPack(start + 3600)
	enc, _ := bun.Encode()
	for b.Loop() {
		bb, err := bundle.Parse(enc)
		if err != nil {
			b.Fatal(err)
		}
		if v := verify.New(p).Verify(bb, verify.Options{At: at(3600)}); v.Check(verify.CodeSignature).Outcome != verify.Valid {
			b.Fatal(v.Failed())
		}
	}
}
