package exporting_test

import (
	"bytes"
	"image"
	"image/png"
	"path/filepath"
	"slices"
	"testing"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// confirmationScan is a SYNTHETIC scan.
func confirmationScan(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 3))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestAttest: a confirmation that came on paper is stated with the digests of its scans,
// by a validating officer alone, and makes a certificate attested and never received; a
// receipt that is signed at the other end counts more when it comes.
func TestAttest(t *testing.T) {
	o := newOffice(t, store.Config{Path: filepath.Join(t.TempDir(), "adamas.db")})
	ctx, scan := t.Context(), confirmationScan(t)
	c := o.exported(o.application())
	said := exporting.Attestation{Day: o.today(), Carats: 12400, Parcels: 1, By: "SYNTHETIC authority", Reference: "SYNTHETIC-7"}
	for name, x := range map[string]struct {
		change func(*exporting.Attestation)
		scans  [][]byte
		field  string
	}{
		"of tomorrow":    {func(a *exporting.Attestation) { a.Day = a.Day.AddDays(1) }, [][]byte{scan}, "date_of_receipt"},
		"before issue":   {func(a *exporting.Attestation) { a.Day = a.Day.AddDays(-400) }, [][]byte{scan}, "date_of_receipt"},
		"no weight":      {func(a *exporting.Attestation) { a.Carats = 0 }, [][]byte{scan}, "carat_weight"},
		"no parcels":     {func(a *exporting.Attestation) { a.Parcels = 0 }, [][]byte{scan}, "number_of_parcels"},
		"by nobody":      {func(a *exporting.Attestation) { a.By = "" }, [][]byte{scan}, "confirmed_by"},
		"without a scan": {func(*exporting.Attestation) {}, nil, "scans"},
		"too many scans": {func(*exporting.Attestation) {}, slices.Repeat([][]byte{scan}, 40), "scans"},
	} {
		a := said
		x.change(&a)
		_, _, err := o.Attest(ctx, c.ID, as(access.Validator), a, x.scans, ledger.Signed)
		if f, _ := fault.Of(err); f == nil || f.Field != x.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := o.Attest(ctx, c.ID, as(access.Validator), said, [][]byte{[]byte("GIF89a")}, ledger.Signed); !fault.Is(err, "certificate.scan_kind") {
		t.Errorf("no picture: %v", err)
	}
	if _, _, err := o.Attest(ctx, c.ID, as(access.Sealer), said, [][]byte{scan}, ledger.Signed); !fault.Is(err, "certificate.consignment_role") {
		t.Errorf("by a sealer: %v", err)
	}
	got, e, err := o.Attest(ctx, c.ID, as(access.Validator), said, [][]byte{scan, scan}, ledger.Signed)
	if err != nil || got.State != consignment.Attested {
		t.Fatalf("%+v %v", got, err)
	}
	st, err := statement.Parse(e.Signed)
	if err != nil {
		t.Fatal(err)
	}
	if b := st.Body.(*statement.Attestation); b.Certificate != c.Statement || b.By != "AE" || b.Carats != 1240 || !slices.Equal(b.Scans, []canonical.Hash{canonical.Sum(scan)}) {
		t.Errorf("%+v", b)
	}
	if _, _, err := o.Attest(ctx, c.ID, as(access.Validator), said, [][]byte{scan}, ledger.Signed); err == nil {
		t.Error("attested twice")
	}
}
