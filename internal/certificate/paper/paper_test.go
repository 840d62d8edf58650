package paper_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/document/ornament"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/worldtest/npm"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/pack"
	codes "adamas.example/verify/paper"
	"adamas.example/verify/paper/pdf"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

const site = "HTTPS://V.KP.EXAMPLE"

// made is the world of the tests, with a certificate in it that is recorded.
type made struct {
	*verifytest.World
	b    *bundle.Bundle
	pack *pack.Pack
}

func (m *made) policy(origin string) *policy.Policy { return m.pack.Log(origin).Policy }

// world is a recorded certificate whose facts are changed first, and the pack it is
// judged from.
func world(t *testing.T, change func(f *verify.Facts, c *statement.Certificate)) *made {
	t.Helper()
	w := verifytest.New()
	o := w.Offices["CF/bangui"]
	d := o.Draft("AE", verifytest.Start+60)
	if change != nil {
		f, err := verify.DecodeFacts(d.Facts)
		if err != nil {
			t.Fatal(err)
		}
		change(f, &d.Body)
		if d.Facts, err = f.Encode(); err != nil {
			t.Fatal(err)
		}
		if d.Body.Facts, err = commitment.Commit(d.Seed, d.Facts); err != nil {
			t.Fatal(err)
		}
	}
	return &made{w, o.Record(o.Sign(d), verifytest.Start+70), w.ParsedPack(verifytest.Start + 3600)}
}

// origins are twelve countries, with long names in every language.
var origins = []string{"AO", "BW", "CD", "CF", "CG", "CI", "GN", "LR", "SL", "TZ", "ZA", "ZW"}

// long has more than a page holds, with names as long as real ones get.
func long(f *verify.Facts, _ *statement.Certificate) {
	f.Seals, f.Origin, f.Consumed = nil, nil, nil
	for i := range 40 {
		f.Seals = append(f.Seals, verify.Seal{Container: fmt.Sprintf("SYNTHETIC-BOX-%02d", i+1), Seal: fmt.Sprintf("BECDOR-%06d", 118+i)})
	}
	for _, code := range origins {
		f.Origin = append(f.Origin, verify.Weight{Name: code, Hundredths: 100})
	}
	f.Origin[0].Hundredths += 40
	for i := range 8 {
		f.Consumed = append(f.Consumed, verify.Consumed{Number: fmt.Sprintf("BW%08d", 4711+i), Statement: canonical.Sum([]byte{byte(i)}), Hundredths: 125})
	}
	f.Exporter = &verify.Party{Name: "SYNTHETIC Société centrafricaine d’achat, d’exportation et de négoce du diamant brut de l’Exemple, S.A.R.L.", Address: "SYNTHETIC 1214, avenue de l’Indépendance, quartier Ngaragba, 3e arrondissement, Bangui, République centrafricaine"}
	f.Importer = &verify.Party{Name: "SYNTHETIC Example Rough Diamond Trading and Polishing (Middle East) DMCC", Address: "SYNTHETIC Almas Tower, 47th floor, Jumeirah Lakes Towers, Dubai, United Arab Emirates"}
	f.HS = []verify.Weight{{Name: "7102.10", Hundredths: 1000}, {Name: "7102.21", Hundredths: 140}, {Name: "7102.31", Hundredths: 100}}
	f.HSValues = []verify.Cents{{Name: "7102.10", Cents: 120000000}, {Name: "7102.21", Cents: 14000}, {Name: "7102.31", Cents: 9000000000}}
	f.Carriage = &verify.Carriage{Mode: "courier", Carrier: "SYNTHETIC Société de transport de valeurs de l’Exemple", Licence: "T-3"}
	f.Additions = []verify.Addition{{Field: "SYNTHETIC Clearing contact", Value: "+971 4 000 00 00"}, {Field: "SYNTHETIC Schedule B", Value: "2026/0017"}}
}

func catalogue(t *testing.T) *lang.Catalogue {
	t.Helper()
	words, err := paper.Words()
	if err != nil {
		t.Fatal(err)
	}
	return words
}

// profile is a Participant's, with a second language of the test's.
func profile(t *testing.T, of ident.ParticipantCode, l lang.Language) paper.Profile {
	t.Helper()
	all, err := paper.LoadProfiles()
	if err != nil {
		t.Fatal(err)
	}
	p := all.Of(of)
	p.Language, p.Site, p.Office = l, site, "SYNTHETIC Bureau d’évaluation, Bangui"
	return p
}

func printed(t *testing.T, m *made, l lang.Language) []byte {
	t.Helper()
	out, err := paper.Print(catalogue(t), m.b, m.policy("cf.kp.example/2026"), profile(t, "CF", l))
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
	if dir := os.Getenv("ADAMAS_PAPER_KEEP"); dir != "" { // to be looked at
		if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(t.Name(), "/", "_")+".pdf"), content, 0o600); err != nil {
			t.Error(err)
		}
	}
	path := filepath.Join(t.TempDir(), "certificate.pdf")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestFields: every field of Annex I stands on the paper, in both languages.
func TestFields(t *testing.T) {
	m := world(t, nil)
	for l, words := range map[lang.Language][]string{
		lang.English:    {"Kimberley Process Certificate", "The rough diamonds in this shipment have been handled in accordance with"},
		lang.French:     {"Certificat du Processus de Kimberley", "Les diamants bruts contenus dans cette cargaison", "Pays d’origine", "République centrafricaine"},
		lang.Portuguese: {"Certificado do Processo de Kimberley", "Os diamantes em bruto", "Data de validade", "República Centro-Africana"},
	} {
		path := file(t, printed(t, m, l))
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
	m := world(t, nil)
	path := file(t, printed(t, m, lang.French))
	out := filepath.Join(t.TempDir(), "out.adamas")
	tool(t, "pdfdetach", "-save", "1", "-o", out, path)
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := m.b.Encode(); err != nil || !bytes.Equal(got, want) {
		t.Errorf("other bytes, %v", err)
	}
}

// TestAttachedIsRead: the verifier finds the file in the PDF as it was printed, and as
// other programs write it again.
func TestAttachedIsRead(t *testing.T) {
	m := world(t, nil)
	want, err := m.b.Encode()
	if err != nil {
		t.Fatal(err)
	}
	path := file(t, printed(t, m, lang.French))
	for _, how := range [][]string{nil, {"--object-streams=generate"}, {"--linearize"}, {"--object-streams=generate", "--linearize"}, {"--qdf"},
		{"--qdf", "--object-streams=generate"}, {"--stream-data=uncompress", "--newline-before-endstream"}, {"--recompress-flate", "--compression-level=9"}} {
		if how != nil {
			again := filepath.Join(t.TempDir(), "again.pdf")
			tool(t, "qpdf", append(how, path, again)...)
			path = again // each from what the one before wrote
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := pdf.Bundle(raw); err != nil || !bytes.Equal(got, want) || !pdf.Is(raw) {
			t.Errorf("%v: %v", how, err)
		}
	}
	again := filepath.Join(t.TempDir(), "again.pdf")
	tool(t, "pdfattach", path, file(t, append(want[:len(want):len(want)], ' ')), again)
	raw, err := os.ReadFile(again)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pdf.Bundle(raw); !errors.Is(err, pdf.ErrTwo) {
		t.Errorf("with a second file: %v", err)
	}
}

// TestCodesAreRead: zbarimg and jsQR, which pages in a browser use, read both codes from
// a printed page, at 300 dpi and in grey at 200, and what they hold is the certificate
// with its proof.
func TestCodesAreRead(t *testing.T) {
	m := world(t, nil)
	path := file(t, printed(t, m, lang.French))
	for _, how := range [][]string{{"-r", "300"}, {"-r", "200", "-gray"}} {
		image := filepath.Join(t.TempDir(), "page")
		tool(t, "pdftoppm", append(how, "-singlefile", path, image)...)
		made, err := filepath.Glob(image + ".*")
		if err != nil || len(made) != 1 {
			t.Fatal(made, err)
		}
		theirs, err := npm.Run(t, "judges/qr.mjs", made[0])
		if err != nil {
			t.Error(err)
		}
		for name, read := range map[string]string{"zbarimg": string(tool(t, "zbarimg", "--quiet", "--raw", made[0])), "jsQR": theirs} {
			var signed, small []byte
			for line := range strings.Lines(read) {
				k, content, err := codes.Read(line)
				if err != nil {
					t.Errorf("%s %v: %v: %q", name, how, err, line)
				}
				if k == codes.Certificate {
					signed = content
				} else {
					small = content
				}
			}
			if !bytes.Equal(signed, m.b.Statement) || small == nil {
				t.Errorf("%s %v: not both were read", name, how)
				continue
			}
			if got, err := codes.Bundle(m.pack, signed, small); err != nil || !bytes.Equal(got.Proof, m.b.Proof) {
				t.Errorf("%s %v: another proof, %v", name, how, err)
			}
		}
	}
}

// TestMorePages: what a page does not hold goes on on the next, with number and check
// words, and nothing of it is lost.
func TestMorePages(t *testing.T) {
	m := world(t, long)
	for _, l := range []lang.Language{lang.French, lang.Portuguese, lang.English} {
		t.Run(string(l), func(t *testing.T) { morePages(t, m, l) })
	}
}

func morePages(t *testing.T, m *made, l lang.Language) {
	path := file(t, printed(t, m, l))
	tool(t, "qpdf", "--check", path)
	page := func(n string) string { return flat(tool(t, "pdftotext", "-layout", "-f", n, "-l", n, path, "-")) }
	first, next := page("1"), page("2")
	words := ornament.CheckWords(proof.LeafHash(m.b.Statement))
	for _, want := range []string{"1/2", words, "CF 0000 0001", "SYNTHETIC", "on the pages that follow", "S.A.R.L.", "Dubai, United Arab Emirates"} {
		if !strings.Contains(first, want) {
			t.Errorf("%s: page 1 has no %q", l, want)
		}
	}
	for _, want := range []string{"2/2", words, "CF 0000 0001", "SYNTHETIC", "continued", "Kimberley Process Certificate"} {
		if !strings.Contains(next, want) {
			t.Errorf("%s: page 2 has no %q", l, want)
		}
	}
	all := first + " " + next
	for i := range 40 {
		for _, want := range []string{fmt.Sprintf("SYNTHETIC-BOX-%02d", i+1), fmt.Sprintf("BECDOR-%06d", 118+i)} {
			if strings.Count(all, want) != 1 {
				t.Errorf("%s: %s stands %d times", l, want, strings.Count(all, want))
			}
		}
	}
	for _, code := range origins {
		if strings.Count(all, code+" ") == 0 {
			t.Errorf("%s: no %s", l, code)
		}
	}
	for _, want := range []string{"BW 0000 4711", "BW 0000 4718", "7102.31", "USD 90,000,000.00"} {
		if strings.Count(all, want) != 1 {
			t.Errorf("%s: %s stands %d times", l, want, strings.Count(all, want))
		}
	}
}

func flat(text []byte) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(string(text)), " "), "\u00a0", " ")
}

// TestManyPages: two hundred container seals take three pages, each once.
func TestManyPages(t *testing.T) {
	m := world(t, func(f *verify.Facts, c *statement.Certificate) {
		long(f, c)
		for i := range 160 {
			f.Seals = append(f.Seals, verify.Seal{Container: fmt.Sprintf("SYNTHETIC-MORE-%03d", i), Seal: fmt.Sprintf("X%05d", i)})
		}
	})
	text := flat(tool(t, "pdftotext", "-layout", file(t, printed(t, m, lang.French)), "-"))
	for i := range 160 {
		if n := strings.Count(text, fmt.Sprintf("SYNTHETIC-MORE-%03d", i)); n != 1 {
			t.Fatalf("seal %d stands %d times", i, n)
		}
	}
	if !strings.Contains(text, "3/3") {
		t.Error("no third page")
	}
}

// TestStates: signed, recorded, witnessed, each in its words; only what is recorded has
// a second code.
func TestStates(t *testing.T) {
	for _, c := range []struct {
		change     func(m *made)
		want, none string
		codes      int
	}{
		{func(*made) {}, "Recorded before witnesses / never that it is right", "not formal registration", 2},
		{func(m *made) { m.b.Proof = canonical.Text(nil) }, "Signed only / not yet recorded before witnesses / not formal registration / n’est pas enregistrer", "cosigned", 1},
		{func(m *made) {
			m.b.Proof = canonical.Text(regexp.MustCompile(`(?m)^— \S*civ[12]\S* .*\n`).ReplaceAllString(m.b.Proof.String(), ""))
		}, "Recorded, not yet witnessed / had not all cosigned", "Recorded before witnesses", 2},
	} {
		t.Run(strings.Fields(c.want)[0], func(t *testing.T) {
			m := world(t, nil)
			c.change(m)
			path := file(t, printed(t, m, lang.French))
			text := flat(tool(t, "pdftotext", path, "-"))
			for want := range strings.SplitSeq(c.want, " / ") {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in\n%s", want, text)
				}
			}
			if strings.Contains(text, c.none) || strings.Contains(text, "Proof that it is recorded") != (c.codes == 2) {
				t.Errorf("%s: %s", c.want, text)
			}
		})
	}
	m := world(t, nil)
	m.b.Proof = canonical.Text(regexp.MustCompile(`(?m)^index [0-9]+$`).ReplaceAllString(m.b.Proof.String(), "index 0"))
	if _, err := paper.Print(catalogue(t), m.b, m.policy("cf.kp.example/2026"), profile(t, "CF", lang.French)); err == nil {
		t.Error("a false proof is printed")
	}
}
