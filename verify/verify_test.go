package verify_test

import (
	"testing"
	"time"

	"adamas.example/verify"
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
