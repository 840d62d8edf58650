package paper_test

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/document/ornament"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/period"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	codes "adamas.example/verify/paper"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// receipt is what Dubai holds of the certificate that it has received.
func receipt(t *testing.T, m *made) paper.Receipt {
	t.Helper()
	o := m.Offices["AE/dubai"]
	h, about := o.About("CF00000001", m.b.Statement, verifytest.Start+600)
	signed := o.Signer.Statement(h, &statement.Receipt{About: about, Day: canonical.DayOf(verifytest.Start), Carats: 1238, Parcels: 1})
	b := o.Record(&bundle.Bundle{Version: 1, Statement: signed}, verifytest.Start+700)
	return paper.Receipt{Signed: b, Policy: m.policy("ae.kp.example/2026"), Certificate: m.b, Place: "SYNTHETIC cargo hall", Scale: "SYNTHETIC scale 2",
		Seals: []paper.SealFound{{Container: "1", Seal: "A118", Intact: true}, {Container: "2", Seal: "A119"}}, Value: new(uint64(250000))}
}

// register is a month of an office, of so many certificates.
func register(n int) paper.Register {
	r := paper.Register{Office: "CF/bangui", Participant: "CF", First: period.Date(20765), Last: period.Date(20795), AsOf: time.Unix(verifytest.Start, 0), Synthetic: true}
	for i := range n {
		e := paper.Entry{Number: fmt.Sprintf("CF%08d", i+1), Other: "AE", Day: r.First.AddDays(60), State: consignment.Received, Carats: new(uint64(1240)), Value: new(uint64(248000))}
		switch i % 3 {
		case 1:
			e.Other, e.State, e.Value = "EU", consignment.Disputed, nil
		case 2:
			e.Other, e.State = "CD", consignment.Forfeited
		}
		r.Issued = append(r.Issued, e)
	}
	r.Received = []paper.Entry{{Number: "SL004911", Other: "SL", Day: r.First, State: consignment.Confirmed, Carats: new(uint64(310))}}
	r.Papers = []paper.Entry{{Number: "KE004911", Other: "KE", Day: r.First, State: consignment.Confirmed, Carats: new(uint64(205)), Value: new(uint64(41000))}}
	r.Ended = []paper.Entry{{Number: "CF00009999", Day: r.Last, Remark: "SYNTHETIC : la feuille s’est coincée dans l’imprimante, et l’agent l’a rendue au chef de bureau", Without: "spoiled"}}
	return r
}

// papers are one of each kind, in a language.
func papers(t *testing.T, l lang.Language) map[string][]byte {
	t.Helper()
	m := world(t, long)
	r, words := receipt(t, m), catalogue(t)
	p := profile(t, "CF", l)
	own := profile(t, "AE", l)
	own.Office = "SYNTHETIC Kimberley Process office, Dubai"
	out := map[string][]byte{}
	for name, print := range map[string]func() ([]byte, error){
		"certificate": func() ([]byte, error) { return paper.Print(words, m.b, m.policy("cf.kp.example/2026"), p) },
		"receipt":     func() ([]byte, error) { return paper.PrintReceipt(words, r, own) },
		"coupon":      func() ([]byte, error) { return paper.PrintCoupon(words, r, own) },
		"blank":       func() ([]byte, error) { return paper.PrintBlankCoupon(words, m.b, p) },
		"register":    func() ([]byte, error) { return paper.PrintRegister(words, register(70), p) },
	} {
		b, err := print()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = b
	}
	return out
}

// order of the papers in lists.
var kinds = []string{"certificate", "receipt", "coupon", "blank", "register"}

var update = flag.Bool("update", false, "write testdata/digests.txt")

// digests lists the digest of every paper in some languages.
func digests(t *testing.T, languages ...lang.Language) string {
	t.Helper()
	var out strings.Builder
	for _, l := range languages {
		all := papers(t, l)
		for _, kind := range kinds {
			fmt.Fprintf(&out, "%-5s %-11s %x\n", l, kind, sha256.Sum256(all[kind]))
		}
	}
	return out.String()
}

// TestSameBytes: the same content gives the same file, on another day, in another
// process, in another zone; and it is the file that this version has always made. The
// golden digests are those of amd64: elsewhere floating point may be fused.
func TestSameBytes(t *testing.T) {
	const child = "ADAMAS_PAPER_DIGESTS"
	if path := os.Getenv(child); path != "" {
		if err := os.WriteFile(path, []byte(digests(t, lang.French)), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	got := digests(t, lang.French, lang.English, lang.Portuguese)
	path := filepath.Join(t.TempDir(), "digests")
	cmd := exec.Command(os.Args[0], "-test.run=^TestSameBytes$")
	cmd.Env = append(os.Environ(), child+"="+path, "TZ=Pacific/Kiritimati", "LANG=pt_BR.UTF-8")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	other, err := os.ReadFile(path)
	if err != nil || len(other) == 0 || !strings.HasPrefix(got, string(other)) {
		t.Errorf("another process: %v\n%s\nwant the beginning of\n%s", err, other, got)
	}
	if runtime.GOARCH != "amd64" {
		return
	}
	const golden = "testdata/digests.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || got != string(want) {
		t.Errorf("other bytes than version %s has made: look at the papers, count Version up, go test -update\n%s", paper.Version, got)
	}
}

// TestPapersSay: every field stands on each paper, in both languages, and qpdf finds
// nothing wrong.
func TestPapersSay(t *testing.T) {
	all := papers(t, lang.French)
	words := ornament.CheckWords(proof.LeafHash(receipt(t, world(t, long)).Signed.Statement))
	both := words + " / SYNTHETIC / CF 0000 0001 / 12.38 ct / USD 2,500.00 / Confirmation of import / Confirmation d’importation / Date of receipt / Date de réception / SYNTHETIC Kimberley Process office, Dubai"
	for kind, want := range map[string]string{
		"receipt": both + " / as found / constaté / 12.40 ct / intact / broken / rompu / SYNTHETIC scale 2 / SYNTHETIC cargo hall / 7102.31 / Recorded before witnesses / never that it is right / What this paper does not say / S.A.R.L. / Dubai, United Arab Emirates",
		"coupon":  strings.ReplaceAll(both, "Confirmation of import", "Import confirmation") + " / Return to the Exporting Authority / CF/bangui / 7102.10 / Tear off here / Counterfoil / Souche / confirms nothing",
		"blank":   "SYNTHETIC / CF 0000 0001 / 12.40 ct / Import confirmation / Return to the Exporting Authority / 7102.21 / Date of receipt / Signature and stamp / The certificate as it was signed",
		"register": "SYNTHETIC / Register of certificates / Registre des certificats / CF 0000 0001 / CF 0000 0070 / EU European Union / Union européenne / disputed at the other end / 12.40 / 2,480.00 / 70 in all / 868.00 / " +
			ident.CertificateNumber("SL004911").Display() + " / receipt confirmed / Paper certificates from outside, received / Certificats papier reçus de l’extérieur / " + ident.CertificateNumber("KE004911").Display() + " / 1 in all / 2.05 / 410.00 / CF 0000 9999 / coincée dans / chef de bureau / spoiled / gâché / States as of / 4/4",
	} {
		t.Run(kind, func(t *testing.T) {
			path := file(t, all[kind])
			tool(t, "qpdf", "--check", path)
			text := flat(tool(t, "pdftotext", "-layout", path, "-"))
			for w := range strings.SplitSeq(want, " / ") {
				if !strings.Contains(text, w) {
					t.Errorf("no %q in\n%s", w, text)
				}
			}
		})
	}
}

// TestReceiptCodes: what was signed is read from paper by an outside program, and lies
// in the file; its code is no certificate's.
func TestReceiptCodes(t *testing.T) {
	m := world(t, nil)
	r := receipt(t, m)
	for kind, print := range map[string]func() ([]byte, error){
		"receipt": func() ([]byte, error) { return paper.PrintReceipt(catalogue(t), r, profile(t, "AE", lang.French)) },
		"coupon":  func() ([]byte, error) { return paper.PrintCoupon(catalogue(t), r, profile(t, "AE", lang.French)) },
	} {
		b, err := print()
		if err != nil {
			t.Fatal(err)
		}
		path := file(t, b)
		for i, want := range [][]byte{r.Signed.Statement, []byte(r.Signed.Proof.String())} {
			out := filepath.Join(t.TempDir(), "attached")
			tool(t, "pdfdetach", "-save", fmt.Sprint(i+1), "-o", out, path)
			if got, err := os.ReadFile(out); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: attachment %d: %v", kind, i+1, err)
			}
		}
		for _, how := range [][]string{{"-r", "300", "-png"}, {"-r", "200", "-gray", "-png"}} {
			read := scanned(t, path, how)
			if !bytes.Equal(read[codes.Receipt], r.Signed.Statement) || read[codes.Certificate] != nil {
				t.Errorf("%s %v: the receipt was not read", kind, how)
			}
			if kind == "coupon" {
				continue
			}
			full, err := proof.Expand(read[codes.Proof], proof.LeafHash(r.Signed.Statement), r.Policy)
			if err != nil || full.String() != r.Signed.Proof.String() {
				t.Errorf("%s %v: another proof, %v", kind, how, err)
			}
		}
	}
	blank, err := paper.PrintBlankCoupon(catalogue(t), m.b, profile(t, "CF", lang.French))
	if err != nil {
		t.Fatal(err)
	}
	if read := scanned(t, file(t, blank), []string{"-r", "200", "-gray", "-png"}); !bytes.Equal(read[codes.Certificate], m.b.Statement) {
		t.Error("the certificate was not read from the blank coupon")
	}
}

// scanned prints the first page as a picture and has its codes read.
func scanned(t *testing.T, path string, how []string) map[codes.Kind][]byte {
	t.Helper()
	image, out := filepath.Join(t.TempDir(), "page"), map[codes.Kind][]byte{}
	tool(t, "pdftoppm", append(how, "-singlefile", path, image)...)
	for line := range strings.Lines(string(tool(t, "zbarimg", "--quiet", "--raw", image+".png"))) {
		k, content, err := codes.Read(line)
		if err != nil {
			t.Errorf("%v: %q", err, line)
		}
		out[k] = content
	}
	return out
}

// TestReceiptsThatAreNone: what does not belong together is not printed.
func TestReceiptsThatAreNone(t *testing.T) {
	m := world(t, nil)
	r := receipt(t, m)
	other := r
	other.Certificate = world(t, long).b
	swapped := r
	swapped.Signed = m.b
	for name, bad := range map[string]paper.Receipt{"another certificate": other, "no receipt": swapped} {
		if _, err := paper.PrintReceipt(catalogue(t), bad, profile(t, "AE", lang.French)); err == nil {
			t.Errorf("%s: printed", name)
		}
		if _, err := paper.PrintCoupon(catalogue(t), bad, profile(t, "AE", lang.French)); err == nil {
			t.Errorf("%s: a coupon is printed", name)
		}
	}
}

// TestWithheld: an office to which nothing was disclosed prints what it has found, and
// says that the rest was not told to it.
func TestWithheld(t *testing.T) {
	r := receipt(t, world(t, nil))
	bare := *r.Certificate
	bare.Disclosure = nil
	r.Certificate = &bare
	b, err := paper.PrintReceipt(catalogue(t), r, profile(t, "AE", lang.French))
	if err != nil {
		t.Fatal(err)
	}
	text := flat(tool(t, "pdftotext", "-layout", file(t, b), "-"))
	if !strings.Contains(text, "12.38 ct") || !strings.Contains(text, "not disclosed to this office") || strings.Contains(text, "12.40") {
		t.Error(text)
	}
}

// TestSignedReceipt: one that is not recorded says what that means, and has one code.
func TestSignedReceipt(t *testing.T) {
	r := receipt(t, world(t, nil))
	r.Signed.Proof = canonical.Text(nil)
	b, err := paper.PrintReceipt(catalogue(t), r, profile(t, "AE", lang.French))
	if err != nil {
		t.Fatal(err)
	}
	path := file(t, b)
	text := flat(tool(t, "pdftotext", path, "-"))
	if !strings.Contains(text, "Signed only") || !strings.Contains(text, "does not count as received") || strings.Contains(text, "number range") || strings.Contains(text, "cosigned by") {
		t.Error(text)
	}
	if read := scanned(t, path, []string{"-r", "200", "-gray", "-png"}); !bytes.Equal(read[codes.Receipt], r.Signed.Statement) || len(read) != 1 {
		t.Errorf("%d codes", len(read))
	}
}

// TestReceiptOfManySeals: it goes on on a second page with every seal.
func TestReceiptOfManySeals(t *testing.T) {
	r := receipt(t, world(t, nil))
	for i := range 60 {
		r.Seals = append(r.Seals, paper.SealFound{Container: fmt.Sprintf("SYNTHETIC-BOX-%02d", i), Seal: fmt.Sprintf("B%03d", i), Intact: i != 7})
	}
	b, err := paper.PrintReceipt(catalogue(t), r, profile(t, "AE", lang.Portuguese))
	if err != nil {
		t.Fatal(err)
	}
	path := file(t, b)
	text := flat(tool(t, "pdftotext", "-layout", path, "-"))
	for i := range 60 {
		if n := strings.Count(text, fmt.Sprintf("SYNTHETIC-BOX-%02d", i)); n != 1 {
			t.Errorf("seal %d stands %d times", i, n)
		}
	}
	next := flat(tool(t, "pdftotext", "-layout", "-f", "2", path, "-"))
	for _, want := range []string{"2/2", "CF 0000 0001", "Confirmação de importação", ornament.CheckWords(proof.LeafHash(r.Signed.Statement))} {
		if !strings.Contains(next, want) {
			t.Errorf("page 2 has no %q", want)
		}
	}
}

// TestMixedOrigin: asterisks for who asks for them, countries for all others and for
// the European Union from the day it asked.
func TestMixedOrigin(t *testing.T) {
	all, err := paper.LoadProfiles()
	if err != nil {
		t.Fatal(err)
	}
	day := func(s string) period.Date {
		d, err := period.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct {
		to, on string
		want   paper.Mixed
	}{{"AE", "2026-11-23", paper.Countries}, {"US", "2026-11-23", paper.Asterisks}, {"EU", "2025-02-28", paper.Asterisks}, {"EU", "2025-03-01", paper.Countries}, {"EU", "2026-11-23", paper.Countries}} {
		p := all.Of("CF")
		if got := p.Mixed(ident.ParticipantCode(c.to), day(c.on)); got != c.want {
			t.Errorf("%s on %s: %s", c.to, c.on, got)
		}
	}
	for to, want := range map[string]bool{"AE": true, "US": false} {
		m := world(t, func(f *verify.Facts, c *statement.Certificate) {
			f.Origin = []verify.Weight{{Name: "CF", Hundredths: 1000}, {Name: "BW", Hundredths: 240}}
			c.Destination = to
		})
		text := flat(tool(t, "pdftotext", "-layout", file(t, printed(t, m, lang.French)), "-"))
		if strings.Contains(text, "Botswana") != want || strings.Contains(text, "***") == want {
			t.Errorf("%s: %s", to, text)
		}
	}
}

// TestPreprinted: frame, title and statutory sentence are on the paper already.
func TestPreprinted(t *testing.T) {
	m := world(t, nil)
	p := profile(t, "CF", lang.French)
	p.Stock, p.DX, p.DY = paper.Preprinted, 1.5, -2
	b, err := paper.Print(catalogue(t), m.b, m.policy("cf.kp.example/2026"), p)
	if err != nil {
		t.Fatal(err)
	}
	path := file(t, b)
	text := flat(tool(t, "pdftotext", "-layout", path, "-"))
	if strings.Contains(text, "have been handled") || strings.Contains(text, "Certificat du Processus") || !strings.Contains(text, "CF 0000 0001") || !strings.Contains(text, "SYNTHETIC") {
		t.Error(text)
	}
	if read := scanned(t, path, []string{"-r", "200", "-gray", "-png"}); !bytes.Equal(read[codes.Certificate], m.b.Statement) || read[codes.Proof] == nil {
		t.Error("moved, the codes are not read")
	}
}

// TestProfiles: a table with a mistake is refused, and says where.
func TestProfiles(t *testing.T) {
	raw, err := os.ReadFile("../../../data/paper/profiles.toml")
	if err != nil {
		t.Fatal(err)
	}
	good := string(raw)
	all, err := paper.ReadProfiles(good)
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]lang.Language{"CF": lang.French, "AO": lang.Portuguese, "BR": lang.Brazilian, "AE": lang.English, "XX": lang.English} {
		if p := all.Of(ident.ParticipantCode(code)); p.Language != want || p.Stock != paper.Plain || len(p.Left)+len(p.Right) != 16 {
			t.Errorf("%s: %+v", code, p)
		}
	}
	for _, c := range []struct{ from, to, why string }{
		{`second = "fr"`, `second = "de"`, "second"},
		{`stock = "plain"`, `stock = "vellum"`, "stock"},
		{`stock = "plain"`, `colour = "red"`, "unknown key"},
		{`"origin", "from"`, `"from"`, "layout annex"},
		{`"origin", "from"`, `"origin", "origin", "from"`, "layout annex"},
		{`right = 0.0`, `right = 12.5`, "right"},
		{`right = 0.0`, `right = nan`, "right"},
		{`["AO", "MZ"]`, `["AO", "CF"]`, "twice"},
		{`["AO", "MZ"]`, `["AO", "Mozambique"]`, "is none"},
		{`participants = ["*"]`, `participants = ["LS"]`, "none for"},
		{`print = "asterisks"`, `print = "stars"`, "no way to print"},
		{`destinations = ["*"]`, `destinations = ["IN"]`, "at any time"},
		{`certainty = "seen"`, `certainty = "sure"`, "source"},
		{`[[layout]]`, `[[layout`, "toml"},
	} {
		bad := strings.Replace(good, c.from, c.to, 1)
		if _, err := paper.ReadProfiles(bad); bad == good || err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v", c.to, err)
		}
	}
}
