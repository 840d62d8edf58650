package ledgerweb

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
)

// bodies has one body of each type that this version reads, and an opaque one.
var bodies = []statement.Body{
	&statement.Participant{Code: "CF"}, &statement.OfficeKey{Use: statement.UseOffice}, &statement.OfficeKey{Use: statement.UseOfficer}, &statement.OfficeKey{Use: 9},
	&statement.KeyRevoked{CutOff: []statement.Vector{{Origin: "a", Size: 1}, {Origin: "b", Size: 2}}}, &statement.NumberRange{Participant: "CF", Digits: 8, First: 1, Last: 2},
	&statement.Certificate{Kind: statement.KindExport}, &statement.Certificate{Kind: statement.KindTechnical}, &statement.Opening{}, &statement.Void{}, &statement.Replacement{},
	&statement.Loss{}, &statement.Print{}, &statement.Receipt{Carats: 1240}, &statement.Discrepancy{}, &statement.Transcript{Claimed: "SL", Destination: "AE"}, &statement.Attestation{By: "AE"}, &statement.CustodyRoot{}, &statement.RuleSet{},
	&statement.Snapshot{}, &statement.LogClosed{}, &statement.Opaque{Code: statement.TypeReview, CBOR: []byte{0xa0}},
}

func printers(t *testing.T) []*lang.Printer {
	t.Helper()
	words, err := lang.Load(Text(), access.Text())
	if err != nil {
		t.Fatal(err)
	}
	var out []*lang.Printer
	for _, l := range lang.Languages() {
		out = append(out, words.Printer(l))
	}
	return out
}

// Every type that has a decoder has a sentence of its own, and all that it says has
// names in every language and a form in JSON.
func TestEveryTypeHasWords(t *testing.T) {
	decoded := map[statement.Type]bool{}
	for _, b := range bodies {
		if _, opaque := b.(*statement.Opaque); !opaque {
			decoded[b.Type()] = true
		}
	}
	for _, p := range printers(t) {
		for code := statement.TypeParticipant; code <= statement.TypeLogClosed; code++ {
			got := Sentence(p, code, "CF/bangui", "certificate/CF00000001")
			own := p.Has("ledger.said." + strings.ReplaceAll(code.String(), "-", "_"))
			if !p.Has("ledger.type." + strings.ReplaceAll(code.String(), "-", "_")) {
				t.Errorf("%s: no words for the type %s", p.Language(), code)
			}
			if own != decoded[code] || !strings.Contains(got, "CF/bangui") || strings.Contains(got, "{") || strings.Contains(got, "ledger.") {
				t.Errorf("%s %s: %q (own sentence: %v, decoder: %v)", p.Language(), code, got, own, decoded[code])
			}
		}
		for _, b := range bodies {
			fields := fieldsOf(b)
			if len(fields) == 0 {
				t.Errorf("%T says nothing", b)
			}
			for _, f := range fields {
				if !p.Has("ledger.field." + f.name) {
					t.Errorf("%s: %T: no words for %s", p.Language(), b, f.name)
				}
				shown := show(p, f.value)
				if strings.Contains(shown, "ledger.") || strings.Contains(shown, "0x") || strings.Contains(shown, "&{") {
					t.Errorf("%s: %T.%s is shown as %q", p.Language(), b, f.name, shown)
				}
				if _, err := json.Marshal(plain(f.value)); err != nil {
					t.Errorf("%T.%s: %v", b, f.name, err)
				}
			}
		}
	}
}

func TestValues(t *testing.T) {
	english := printers(t)[0]
	for _, tt := range []struct {
		value any
		words string
		json  string
	}{
		{72 * time.Hour, "72 hours", "259200"},
		{time.Hour, "1 hour", "3600"},
		{90 * time.Second, "90 seconds", "90"},
		{true, "yes", "true"},
		{canonical.Hash{}, "", `"0000000000000000000000000000000000000000000000000000000000000000"`},
		{measure.Carats(12400), "12.40\u00a0ct", `"12.40"`},
		{useOf(statement.UseOfficer), "officer", `"officer"`},
		{[]statement.Type{statement.TypeVoid, statement.TypeLogClosed}, "cancellation, end of a register", `["void","log-closed"]`},
		{[]statement.Type(nil), "", "[]"},
		{uint64(12345), "12,345", "12345"},
	} {
		raw, err := json.Marshal(plain(tt.value))
		if err != nil || string(raw) != tt.json || show(english, tt.value) != tt.words {
			t.Errorf("%v: %q, %s %v; want %q, %s", tt.value, show(english, tt.value), raw, err, tt.words, tt.json)
		}
	}
}

// A sentence says more where the body does, and a number stays together on a line.
func TestSentenceOf(t *testing.T) {
	number := "CF\u00a00000\u00a00001"
	for _, tt := range []struct {
		body statement.Body
		want [3]string
	}{
		{&statement.Certificate{Kind: statement.KindExport, Destination: "AE"}, [3]string{
			"CF/bangui issued the certificate " + number + ", destination: United Arab Emirates",
			"CF/bangui a délivré le certificat " + number + ", destination : Émirats arabes unis",
			"CF/bangui emitiu o certificado " + number + ", destino: Emirados Árabes Unidos"}},
		{&statement.Certificate{Kind: statement.KindTechnical, Destination: "AE"}, [3]string{
			"CF/bangui issued the certificate " + number + " (technical certificate), destination: United Arab Emirates",
			"CF/bangui a délivré le certificat " + number + " (certificat technique), destination : Émirats arabes unis",
			"CF/bangui emitiu o certificado " + number + " (certificado técnico), destino: Emirados Árabes Unidos"}},
		{&statement.Receipt{Carats: 1240}, [3]string{
			"CF/bangui confirmed receipt of " + number + ", 12.40\u00a0ct", "CF/bangui a confirmé la réception de " + number + ", 12,40\u00a0ct",
			"CF/bangui confirmou a receção de " + number + ", 12,40\u00a0ct"}},
		{&statement.Replacement{By: "CF00000002"}, [3]string{
			"CF/bangui replaced " + number + " by CF\u00a00000\u00a00002", "CF/bangui a remplacé " + number + " par CF\u00a00000\u00a00002",
			"CF/bangui substituiu " + number + " por CF\u00a00000\u00a00002"}},
		{&statement.Void{}, [3]string{"CF/bangui cancelled " + number, "CF/bangui a annulé " + number, "CF/bangui anulou " + number}},
		{&statement.Opaque{Code: statement.TypeReview}, [3]string{
			"CF/bangui stated something of the kind “review” about " + number, "", ""}},
	} {
		for i, p := range printers(t) {
			st := &statement.Statement{Header: statement.Header{Type: tt.body.Type(), Issuer: "CF/bangui", Subject: "certificate/CF00000001"}, Body: tt.body}
			if got := SentenceOf(p, st); tt.want[i] != "" && got != tt.want[i] {
				t.Errorf("%T: %q, want %q", tt.body, got, tt.want[i])
			}
		}
	}
	for _, subject := range []string{"", "certificate/", "certificate/../x", "certificate/ZZ1", "number/CF00000001", "certificate/CF00000001/x"} {
		if n := CertificateOf(subject); n != "" {
			t.Errorf("%q names the certificate %s", subject, n)
		}
	}
}

// What is for who asks how we know is told apart from what a statement says.
func TestSays(t *testing.T) {
	st := &statement.Statement{Header: statement.Header{Type: statement.TypeReceipt, Issuer: "AE/dubai", Subject: "certificate/CF00000001", Prev: canonical.Sum([]byte("before"))},
		Body: &statement.Receipt{About: statement.About{Number: "CF00000001", Certificate: canonical.Sum([]byte("it"))}, Carats: 1240, Parcels: 1}, Hash: canonical.Sum([]byte("this")), Signed: &statement.Signed{}}
	technical := map[string]bool{"certificate": true, "signed_by": true, "previous": true, "statement": true}
	seen := map[string]bool{}
	for _, s := range Says(printers(t)[0], st) {
		seen[s.Name] = true
		if s.Technical != technical[s.Name] || s.Value == "" || s.Label == "" {
			t.Errorf("%+v", s)
		}
	}
	for name := range technical {
		if !seen[name] {
			t.Errorf("%s is not said", name)
		}
	}
	if !seen["subject"] {
		t.Error("the certificate is not said")
	}
	st = &statement.Statement{Header: statement.Header{Type: statement.TypeSnapshot, Issuer: "AE/dubai", Subject: "snapshot"}, Body: &statement.Snapshot{}, Signed: &statement.Signed{}}
	for _, s := range Says(printers(t)[0], st) {
		if s.Name == "subject" {
			t.Errorf("%+v", s)
		}
	}
}

// An opening shows what it opens, be it all or part of what was committed to.
func TestOpenedFacts(t *testing.T) {
	fact := commitment.Fact{Label: 1}
	for want, d := range map[uint64]commitment.Disclosure{
		0: {},
		2: {Facts: []commitment.Fact{fact, fact}},
		1: {Slots: []commitment.Slot{{Hidden: &commitment.Hidden{}}, {Shown: &commitment.Shown{}}}},
	} {
		if got := openedFacts(&d); got != want {
			t.Errorf("%d, want %d", got, want)
		}
	}
}
