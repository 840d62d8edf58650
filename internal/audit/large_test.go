package audit

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// TestWriteLargeWorld writes a SYNTHETIC world of many certificates for the
// measurement in docs/audit.md, into the folder that ADAMAS_AUDIT_WORLD names:
// certificates of CF, a receipt by AE for each, an opening of every tenth.
func TestWriteLargeWorld(t *testing.T) {
	dir := os.Getenv("ADAMAS_AUDIT_WORLD")
	if dir == "" {
		t.Skip("ADAMAS_AUDIT_WORLD names no folder: nothing to be measured")
	}
	certificates, err := strconv.Atoi(os.Getenv("ADAMAS_AUDIT_CERTIFICATES"))
	if err != nil {
		t.Fatal(err)
	}
	w := verifytest.New()
	cf, ae := w.Offices["CF/bangui"], w.Offices["AE/dubai"]
	for i := range certificates {
		at := start + 60 + int64(i)/100
		b := cf.Sign(cf.Draft("AE", at))
		cf.Log.Append(b.Statement)
		number := (&statement.NumberRange{Participant: "CF", Digits: 8}).Number(uint64(i + 1))
		h, about := ae.About(number, b.Statement, at+5)
		ae.Log.Append(ae.Signer.Statement(h, &statement.Receipt{About: about, Day: canonical.DayOf(at), Carats: 1240, Parcels: 1}))
		if i%10 == 0 {
			open, err := b.Disclosure.Select(delayed)
			if err != nil {
				t.Fatal(err)
			}
			h, about := cf.About(number, b.Statement, at+9)
			h.Prev = canonical.Sum(b.Statement)
			cf.Log.Append(cf.Signer.Statement(h, &statement.Opening{About: about, Facts: *open}))
		}
	}
	for i, l := range w.Logs {
		for name, f := range folderAt(l, 0, start+86400) {
			path := filepath.Join(dir, strconv.Itoa(i), filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "root-1.cbor"), w.Roots[0], 0o644); err != nil {
		t.Fatal(err)
	}
}
