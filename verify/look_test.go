package verify_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"adamas.example/verify"
	"adamas.example/verify/canonical"
)

// noted are the codes of the notes of a verdict.
func noted(v *verify.Verdict) []verify.Code {
	var out []verify.Code
	for _, n := range v.Notes {
		out = append(out, n.Code)
	}
	return out
}

// wantNotes is a look that wants the same notes for both purposes.
func wantNotes(codes ...verify.Code) func(*testing.T, *verify.Verdict, *verify.Verdict) {
	return func(t *testing.T, record, imports *verify.Verdict) {
		t.Helper()
		for _, v := range []*verify.Verdict{record, imports} {
			if diff := cmp.Diff(codes, noted(v)); diff != "" {
				t.Errorf("notes for %s: %s", v.Purpose, diff)
			}
		}
	}
}

func wantKind(kind string) func(*testing.T, *verify.Verdict, *verify.Verdict) {
	return func(t *testing.T, record, _ *verify.Verdict) {
		if record.Open.Kind != kind || record.Open.Technical != (kind == "technical") {
			t.Errorf("%+v", record.Open)
		}
	}
}

func ofOtherContent(t *testing.T, record, _ *verify.Verdict) {
	if n := record.Notes[0]; n.Facts.Get("of_other_content") != (canonical.Hash{1}).String() {
		t.Errorf("%+v", n)
	}
}

func byThirdParty(t *testing.T, record, _ *verify.Verdict) {
	if n := record.Notes[0]; n.Facts.Get("by_third_party") != true {
		t.Errorf("%+v", n)
	}
}

// wantPrint is a look that wants so many prints of the certificate known, and the
// reason of the first that is the PDF in hand, nil for none.
func wantPrint(known int, reason any) func(*testing.T, *verify.Verdict, *verify.Verdict) {
	return func(t *testing.T, record, _ *verify.Verdict) {
		t.Helper()
		c := record.Check(verify.CodePrint)
		if c.Facts.Get("prints") != known || c.Facts.Get("reason") != reason {
			t.Errorf("%v", c.Facts)
		}
		if at, ok := c.Facts.Get("at").(*time.Time); reason != nil && (!ok || at.Unix() != start+600) {
			t.Errorf("printed at %v", at)
		}
		if reason == nil && c.AsOf.Unix() != start+packed {
			t.Errorf("as of %v", c.AsOf)
		}
	}
}

// looks are what some cases' verdicts must show beside their outcome.
var looks = map[string]func(t *testing.T, record, imports *verify.Verdict){
	"a proof larger than the pack": func(t *testing.T, record, _ *verify.Verdict) {
		if c := record.Check(verify.CodeFork); c.Facts.Get("compared") != false {
			t.Errorf("nothing was compared, and it says %v", c.Facts)
		}
	},
	"the pack has it": func(t *testing.T, record, _ *verify.Verdict) {
		if c := record.Check(verify.CodeProof); c.Facts.Get("by") != "pack" || c.Facts.Get("index") != uint64(6) {
			t.Errorf("%v", c.Facts)
		}
	},
	"no longer SYNTHETIC under the old signature": func(t *testing.T, record, _ *verify.Verdict) {
		if c := record.Check(verify.CodeSignature); c == nil || c.Reason != "false_signature" {
			t.Errorf("%+v", c)
		}
	},
	"a key revoked later": func(t *testing.T, record, _ *verify.Verdict) {
		if c := record.Check(verify.CodeRevoked); c.Facts.Get("revoked_later") != true {
			t.Errorf("%+v", c)
		}
	},
	"approvals left out": func(t *testing.T, record, _ *verify.Verdict) {
		if record.Open.FourEyes != "asserted" {
			t.Errorf("four eyes are %s", record.Open.FourEyes)
		}
	},
	"nothing shown": func(t *testing.T, record, _ *verify.Verdict) {
		if record.Check(verify.CodeFacts) != nil || len(record.Shown.Withheld) != 7 {
			t.Errorf("%+v", record.Shown)
		}
	},
	"only weight and origin shown": func(t *testing.T, record, _ *verify.Verdict) {
		want := &verify.Facts{Carats: new(uint64(1240)), Origin: []verify.Weight{{Name: "CF", Hundredths: 1240}},
			Withheld: []string{"hs", "parcels", "exporter", "importer", "value_usd"}}
		if diff := cmp.Diff(want, record.Shown, cmp.AllowUnexported(verify.Weight{})); diff != "" {
			t.Error(diff)
		}
	},
	"cancelled": func(t *testing.T, record, imports *verify.Verdict) {
		wantNotes(verify.CodeVoid)(t, record, imports)
		n := record.Notes[0]
		if n.By != "CF/bangui" || n.At.Unix() != start+600 || n.Facts.Get("reason") != "not shipped" {
			t.Errorf("%+v", n)
		}
		if c := imports.Check(verify.CodeVoid); c.AsOf.Unix() != start+packed || c.Facts.Get("office") != "CF/bangui" {
			t.Errorf("%+v", c)
		}
	},
	"replaced": wantNotes(verify.CodeReplaced),
	"lost":     wantNotes(verify.CodeLost),
	"received": func(t *testing.T, record, imports *verify.Verdict) {
		wantNotes(verify.CodeUsed)(t, record, imports)
		if n := record.Notes[0]; n.By != "AE/dubai" || n.Facts.Get("hundredths") != uint64(1240) || n.Facts.Get("by_third_party") != nil {
			t.Errorf("%+v", n)
		}
	},
	"received at home, where nobody expected it": byThirdParty,
	"received with another content":              ofOtherContent,
	"a discrepancy case":                         wantNotes(verify.CodeDiscrepancy),
	"detained":                                   wantNotes(verify.CodeDetained),
	"detained and released":                      wantNotes(verify.CodeDetained, verify.CodeReleased),
	"detained, and released by the issuer":       wantNotes(verify.CodeDetained),
	"returned": func(t *testing.T, record, imports *verify.Verdict) {
		wantNotes(verify.CodeDetained, verify.CodeDisposed)(t, record, imports)
		if c := imports.Check(verify.CodeDisposed); c.Facts.Get("under") != "AE00000001" || c.Facts.Get("office") != "AE/dubai" {
			t.Errorf("%v", c.Facts)
		}
		if c := imports.Check(verify.CodeDetained); c.Outcome != verify.Valid {
			t.Error("what was returned is no longer detained")
		}
	},
	"received after it was returned": func(t *testing.T, _, imports *verify.Verdict) {
		if c := imports.Check(verify.CodeDisposed); c.Reason != "returned" {
			t.Errorf("%+v", c)
		}
	},
	"received twice":                     wantNotes(verify.CodeUsed, verify.CodeUsed),
	"other contents seized":              ofOtherContent,
	"seized by the issuer":               wantNotes(),
	"detained by a stranger's key":       wantNotes(),
	"detained by an officer alone":       wantNotes(),
	"detained in another's log":          wantNotes(),
	"detained where nobody expected it":  byThirdParty,
	"a discrepancy case that was closed": wantNotes(verify.CodeDiscrepancy, verify.CodeReleased),
	"corrected by the issuer":            wantNotes(verify.CodeEndorsed),
	"corrected by the destination":       wantNotes(),
	"opened on its way":                  wantNotes(verify.CodeTransit),
	"unopened on its way":                wantNotes(),
	"opened on its way, says the issuer": wantNotes(),
	"a technical certificate":            wantKind("technical"),
	"a temporary export":                 wantKind("temporary"),
	"to a laboratory":                    wantKind("laboratory"),
	"a return":                           wantKind("return"),
	"first cancelled, then received":     wantNotes(verify.CodeUsed, verify.CodeVoid),
	"printed":                            wantNotes(),
	"cancelled by the destination":       wantNotes(),
	"replaced by the destination":        wantNotes(),
	"reported lost by the destination":   wantNotes(),
	"cancelled by a stranger's key":      wantNotes(),
	"cancelled by an officer alone":      wantNotes(),
	"cancelled in another's log":         wantNotes(),
	"received by a stranger's key":       wantNotes(),
	"another number cancelled":           wantNotes(),
	"cancelled after the pack":           wantNotes(),
	"a PDF that was printed":             wantPrint(1, "SYNTHETIC: original"),
	"a PDF printed a second time":        wantPrint(3, "SYNTHETIC: the first was torn"),
	"a PDF that nobody printed":          wantPrint(0, nil),
	"another PDF than was printed":       wantPrint(1, nil),
	"a PDF printed of other contents":    wantPrint(0, nil),
	"a PDF printed by the destination":   wantPrint(0, nil),
	"a PDF printed by a stranger's key":  wantPrint(0, nil),
	"no destination asked for": func(t *testing.T, _, imports *verify.Verdict) {
		if c := imports.Check(verify.CodeDestination); c != nil {
			t.Errorf("%+v", c)
		}
	},
	"good": func(t *testing.T, record, _ *verify.Verdict) {
		if !record.Synthetic || record.Open.FourEyes != "proved" || record.Open.OfficeName != "SYNTHETIC office CF/bangui" {
			t.Errorf("%+v", record.Open)
		}
		if got := record.Open.Recorded.Unix(); got != start+cosigned {
			t.Errorf("recorded at %d", got-start)
		}
		if got := record.AsOf.Unix(); got != start+packed {
			t.Errorf("as of %d, the pack is of %d", got-start, packed)
		}
	},
}
