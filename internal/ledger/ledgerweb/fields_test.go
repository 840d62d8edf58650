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
	"adamas.example/verify/statement"
)

// bodies has one body of each type that this version reads, and an opaque one.
var bodies = []statement.Body{
	&statement.Participant{Code: "CF"}, &statement.OfficeKey{Use: statement.UseOffice}, &statement.OfficeKey{Use: statement.UseOfficer}, &statement.OfficeKey{Use: 9},
	&statement.KeyRevoked{CutOff: []statement.Vector{{Origin: "a", Size: 1}, {Origin: "b", Size: 2}}}, &statement.NumberRange{Participant: "CF", Digits: 8, First: 1, Last: 2},
	&statement.Certificate{Kind: statement.KindExport}, &statement.Certificate{Kind: statement.KindTechnical}, &statement.Opening{}, &statement.Void{}, &statement.Replacement{},
	&statement.Loss{}, &statement.Print{}, &statement.Receipt{Carats: 1240}, &statement.Discrepancy{}, &statement.CustodyRoot{}, &statement.RuleSet{},
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
