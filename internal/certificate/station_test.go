package certificate_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/certificatetest"
	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// stationOf opens a desk of the verifier's world, as the station of that name, on
// a database of its own. It takes the office's range, or is refused it.
func stationOf(t *testing.T, station string) (*desk, error) {
	d := deskOn(t, ledgertest.New(t, "cf.kp.example/2026").Open("node", certificate.Schema()))
	d.preparer, d.validator = signer(t, keyring.Officer, "preparer CF/bangui"), signer(t, keyring.Officer, "validator CF/bangui")
	d.Service = certificate.New(certificatetest.Registers(certificate.Config{Ledger: d.ledger, Rules: ruleSet(t), Office: "CF/bangui", Station: station,
		Signer: signer(t, keyring.Office, "office CF/bangui"), Entropy: rand.Reader, Synthetic: true,
		Now: func() time.Time { return time.Unix(verifytest.Start+600, 0) }}))
	w := verifytest.New()
	for _, leaf := range w.Offices["CF/bangui"].Log.Leaves {
		st, err := statement.Parse(leaf)
		if err != nil {
			t.Fatal(err)
		}
		if st.Hash == w.Offices["CF/bangui"].Range {
			return d, d.TakeRange(t.Context(), st)
		}
	}
	t.Fatal("the world has no range")
	return nil, nil
}

// first issues the station's first certificate.
func (d *desk) first(t *testing.T) *bundle.Bundle {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p, err := d.Prepare(ctx, draft(), d.preparer, d.validator.ID())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Issue(ctx, p, d.validator, ledger.Signed); err != nil {
		t.Fatal(err)
	}
	b, _, err := d.Bundle(ctx, p.Number())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func judge(w *verifytest.World, b *bundle.Bundle) *verify.Verdict {
	return verify.New(w.ParsedPack(verifytest.Start+1800)).Verify(b, verify.Options{At: time.Unix(verifytest.Start+2000, 0)})
}

func outcome(v *verify.Verdict, code verify.Code) (verify.Outcome, verify.Details) {
	for _, c := range v.Checks {
		if c.Code == code {
			return c.Outcome, c.Facts
		}
	}
	return "", verify.Details{}
}

// TestSecondStation: two computers with the same key, the same station's name and
// the same range, each with a database of its own: a disk that was cloned. No
// database can see that a number is used twice. The log can, and everybody with
// it: neither certificate is valid.
func TestSecondStation(t *testing.T) {
	one, err := stationOf(t, "CF/bangui/pc-1")
	if err != nil {
		t.Fatal(err)
	}
	clone, err := stationOf(t, "CF/bangui/pc-1")
	if err != nil {
		t.Fatal(err)
	}
	w := verifytest.New()
	office := w.Offices["CF/bangui"]
	a := office.Record(one.first(t), verifytest.Start+700)
	if v := judge(w, a); v.Outcome != verify.Valid {
		t.Fatalf("the first alone: %+v", v.Failed())
	}
	b := office.Record(clone.first(t), verifytest.Start+800)
	for name, c := range map[string]*bundle.Bundle{"the first": a, "the clone's": b} {
		v := judge(w, c)
		if v.Outcome != verify.Invalid {
			t.Errorf("%s is %s", name, v.Outcome)
		}
		got, facts := outcome(v, verify.CodeUnique)
		if got != verify.Invalid || facts.Get("statement") == nil || facts.Get("log") != office.Log.Origin {
			t.Errorf("%s: number.unique is %s %v", name, got, facts)
		}
	}
}

// TestStationOfAnother: a range names its station. Another refuses it, and what
// another signs with it all the same is invalid.
func TestStationOfAnother(t *testing.T) {
	if _, err := stationOf(t, "CF/bangui/pc-2"); !fault.Is(err, "certificate.range_elsewhere") {
		t.Fatalf("another station took the range: %v", err)
	}
	w := verifytest.New()
	office := w.Offices["CF/bangui"]
	d := office.Draft("AE", verifytest.Start+600)
	d.Body.Station = "CF/bangui/pc-2"
	v := judge(w, office.Record(office.Sign(d), verifytest.Start+700))
	if got, facts := outcome(v, verify.CodeStation); got != verify.Invalid || v.Outcome != verify.Invalid {
		t.Errorf("number.station is %s %v, the verdict %s", got, facts, v.Outcome)
	}
}
