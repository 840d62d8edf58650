package certificate_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io/fs"
	"testing"
	"time"

	"adamas.example/internal/certificate"
	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/internal/rule"
	"adamas.example/rules"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// desk is an office with two officers and a range of numbers.
type desk struct {
	*certificate.Service
	ledger              *ledger.Ledger
	preparer, validator *keyring.Signer
}

func signer(t testing.TB, p keyring.Purpose, name string) *keyring.Signer {
	s, err := keyring.NewSigner(p, verifytest.NewSigner(name).Private)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newDesk(t testing.TB, last uint64) *desk {
	w := ledgertest.New(t, "cf.kp.example/2026")
	l := w.Open("node", certificate.Schema())
	kpcs, err := fs.Sub(rules.FS(), rules.KPCS)
	if err != nil {
		t.Fatal(err)
	}
	set, err := rule.Check(kpcs)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{ledger: l, preparer: signer(t, keyring.Officer, "preparer"), validator: signer(t, keyring.Officer, "validator"),
		Service: certificate.New(certificate.Config{Ledger: l, Rules: set, Office: "CF/bangui", Station: "CF/bangui/pc-1",
			Signer: signer(t, keyring.Office, "office"), Now: time.Now, Entropy: rand.Reader, Synthetic: true})}
	today := canonical.DayOf(time.Now().Unix())
	e, err := l.Record(t.Context(), signer(t, keyring.Authority, "authority"), statement.Header{Issuer: "CF/authority", IssuedAt: time.Now().Unix(),
		Subject: "range/CF/1", Synthetic: true}, &statement.NumberRange{Participant: "CF", Digits: 8, First: 1, Last: last,
		Station: "CF/bangui/pc-1", LogWithin: 3600, From: today, Until: today + 365}, ledger.Logged)
	if err != nil {
		t.Fatal(err)
	}
	st, err := statement.Parse(e.Signed)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.TakeRange(t.Context(), st); err != nil {
		t.Fatal(err)
	}
	return d
}

func draft() certificate.Draft {
	return certificate.Draft{Destination: "AE", Facts: verify.Facts{Carats: new(uint64(1240)),
		HS: []verify.Weight{{Name: "7102.10", Hundredths: 1240}}, Origin: []verify.Weight{{Name: "CF", Hundredths: 1240}}, Parcels: new(uint64(1)),
		Exporter: &verify.Party{Name: "SYNTHETIC exporter", Address: "Bangui"}, Importer: &verify.Party{Name: "SYNTHETIC importer", Address: "Dubai"},
		Value: new(uint64(248000)), Seals: []verify.Seal{{Container: "1", Seal: "A118"}}}}
}

func TestPrepareAndIssue(t *testing.T) {
	d := newDesk(t, 100)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p, err := d.Prepare(ctx, draft(), d.preparer, d.validator.ID())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Issue(ctx, p, d.preparer, ledger.Signed); !fault.Is(err, "certificate.same_officer") {
		t.Fatalf("the preparer validated: %v", err)
	}
	e, err := d.Issue(ctx, p, d.validator, ledger.Witnessed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Issue(ctx, p, d.validator, ledger.Signed); !fault.Is(err, "certificate.already_issued") {
		t.Fatalf("spent twice: %v", err)
	}
	b, _, err := d.Bundle(ctx, p.Number())
	if err != nil {
		t.Fatal(err)
	}
	if b.Proof == "" || !bytes.Equal(b.Statement, e.Signed) || len(b.Approvals) != 2 {
		t.Errorf("bundle: %+v", b)
	}
	sh, err := d.Sheet(ctx, p.Number())
	if err != nil || sh.State != certificate.Spent || sh.Number != "CF00000001" {
		t.Errorf("%+v %v", sh, err)
	}
}
