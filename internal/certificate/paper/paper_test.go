package paper_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/lang"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/pack"
	codes "adamas.example/verify/paper"
	"adamas.example/verify/verifytest"
)

const site = "HTTPS://V.KP.EXAMPLE"

// world is a recorded certificate, and the pack it is judged from.
func world(t *testing.T) (*bundle.Bundle, *pack.Pack) {
	t.Helper()
	w := verifytest.New()
	o := w.Offices["CF/bangui"]
	b := o.Record(o.Sign(o.Draft("AE", verifytest.Start+60)), verifytest.Start+70)
	return b, w.ParsedPack(verifytest.Start + 3600)
}

func printed(t *testing.T, b *bundle.Bundle, p *pack.Pack, l lang.Language) []byte {
	t.Helper()
	words, err := lang.Load(paper.Text())
	if err != nil {
		t.Fatal(err)
	}
	out, err := paper.Print(words, b, p.Log("cf.kp.example/2026").Policy, paper.Profile{Language: l, Site: site, Office: "SYNTHETIC Bureau d’évaluation, Bangui"})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// tool runs an outside judge; where there is none the test is left out, unless
// ADAMAS_REQUIRE_JUDGES=1.
func tool(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("ADAMAS_REQUIRE_JUDGES") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	var errs bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s%s", name, args, err, out, errs.String())
	}
	return out
}

func file(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "certificate.pdf")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSameBytes: the same certificate gives the same file; another language another.
func TestSameBytes(t *testing.T) {
	b, p := world(t)
	first := printed(t, b, p, lang.French)
	for range 3 {
		if !bytes.Equal(first, printed(t, b, p, lang.French)) {
			t.Fatal("other bytes")
		}
	}
	if bytes.Equal(first, printed(t, b, p, lang.Portuguese)) {
		t.Error("Portuguese is French")
	}
}

// TestFields: every field of Annex I stands on the paper, in both languages.
func TestFields(t *testing.T) {
	b, p := world(t)
	for l, words := range map[lang.Language][]string{
		lang.English:    {"Kimberley Process Certificate", "The rough diamonds in this shipment have been handled in accordance with"},
		lang.French:     {"Certificat du Processus de Kimberley", "Les diamants bruts contenus dans cette cargaison", "Pays d’origine", "République centrafricaine"},
		lang.Portuguese: {"Certificado do Processo de Kimberley", "Os diamantes em bruto", "Data de validade", "República Centro-Africana"},
	} {
		path := file(t, printed(t, b, p, l))
		tool(t, "qpdf", "--check", path)
		text := strings.Join(strings.Fields(string(tool(t, "pdftotext", "-layout", path, "-"))), " ")
		for _, want := range append(words, "SYNTHETIC", "CF 0000 0001", "Country of origin", "Central African Republic", "Date of issuance", "Date of expiry",
			"Issuing authority", "CF/bangui", "Exporter", "Importer", "Carat weight", "Value in US$", "Number of parcels", "7102.10", "Validated by", "What this paper does not say") {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not in\n%s", l, want, text)
			}
		}
	}
}

// TestAttached: the file of the certificate lies in the PDF.
func TestAttached(t *testing.T) {
	b, p := world(t)
	path := file(t, printed(t, b, p, lang.French))
	out := filepath.Join(t.TempDir(), "out.adamas")
	tool(t, "pdfdetach", "-save", "1", "-o", out, path)
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := b.Encode(); err != nil || !bytes.Equal(got, want) {
		t.Errorf("other bytes, %v", err)
	}
}

// TestCodesAreRead: a camera reads both codes from a printed page, at 300 dpi and in
// grey at 200, and what they hold is the certificate with its proof.
func TestCodesAreRead(t *testing.T) {
	b, p := world(t)
	path := file(t, printed(t, b, p, lang.French))
	for _, how := range [][]string{{"-r", "300", "-png"}, {"-r", "200", "-gray", "-png"}} {
		image := filepath.Join(t.TempDir(), "page")
		tool(t, "pdftoppm", append(how, "-singlefile", path, image)...)
		var signed, small []byte
		for line := range strings.Lines(string(tool(t, "zbarimg", "--quiet", "--raw", image+".png"))) {
			k, content, err := codes.Read(line)
			if err != nil {
				t.Errorf("%v: %q", err, line)
			}
			if k == codes.Certificate {
				signed = content
			} else {
				small = content
			}
		}
		if !bytes.Equal(signed, b.Statement) || small == nil {
			t.Fatalf("%v: not both were read", how)
		}
		got, err := codes.Bundle(p, signed, small)
		if err != nil || !bytes.Equal(got.Proof, b.Proof) {
			t.Errorf("%v: another proof, %v", how, err)
		}
	}
}

// TestTooMuch: what a page does not hold is refused, not cut off.
func TestTooMuch(t *testing.T) {
	w := verifytest.New()
	o := w.Offices["CF/bangui"]
	d := o.Draft("AE", verifytest.Start+60)
	var seals []verify.Seal
	for i := range 60 {
		seals = append(seals, verify.Seal{Container: fmt.Sprint(i + 1), Seal: fmt.Sprintf("A%d", i)})
	}
	f, err := verify.DecodeFacts(d.Facts)
	if err != nil {
		t.Fatal(err)
	}
	f.Seals = seals
	if d.Facts, err = f.Encode(); err != nil {
		t.Fatal(err)
	}
	if d.Body.Facts, err = commitment.Commit(d.Seed, d.Facts); err != nil {
		t.Fatal(err)
	}
	b := o.Record(o.Sign(d), verifytest.Start+70)
	words, err := lang.Load(paper.Text())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := paper.Print(words, b, nil, paper.Profile{Language: lang.French, Site: site}); err == nil || !strings.Contains(err.Error(), "mm more than a page has") {
		t.Errorf("%v", err)
	}
}

// TestUnrecorded: a certificate that no witness has seen says so, and has one code.
func TestUnrecorded(t *testing.T) {
	b, p := world(t)
	b.Proof = canonical.Text(nil)
	path := file(t, printed(t, b, p, lang.French))
	text := strings.Join(strings.Fields(string(tool(t, "pdftotext", path, "-"))), " ")
	if !strings.Contains(text, "not yet recorded before witnesses") || strings.Contains(text, "Proof that it is recorded") {
		t.Error(text)
	}
}
