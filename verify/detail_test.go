package verify_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"adamas.example/verify"
	"adamas.example/verify/verifytest"
)

// TestDetailsAreWrittenOut: what a check keeps as it stood is read as a text, a
// number or a time, by program and person alike.
func TestDetailsAreWrittenOut(t *testing.T) {
	w := verifytest.New()
	o := w.Offices["CF/bangui"]
	b := o.Record(o.Sign(o.Draft("AE", start+issued)), start+cosigned)
	v := verify.New(w.ParsedPack(start+packed)).Verify(b, verify.Options{At: at(judged)})
	for code, want := range map[verify.Code]string{
		verify.CodeTrust:     `{"expires":"2027-11-24T08:00:00Z","version":1}`,
		verify.CodeKnown:     `{"issuer":"CF/bangui","key":"` + o.Signer.Key.ID().String() + `"}`,
		verify.CodeFork:      `{"compared":true}`,
		verify.CodeRange:     `{"first":"CF00000001","last":"CF01000000","number":"` + v.Open.Number + `","station":"CF/bangui/pc-1"}`,
		verify.CodeFourEyes:  `{"level":"proved","preparer":"` + o.Preparer.Key.ID().String() + `","validator":"` + o.Validator.Key.ID().String() + `"}`,
		verify.CodeFacts:     `{"shown":8,"signed":8}`,
		verify.CodeSignature: `null`,
	} {
		c := v.Check(code)
		got, err := json.Marshal(c.Facts.All())
		told := len(c.Facts.Each()) > 0
		if !told {
			got = []byte("null")
		}
		whole, err2 := json.Marshal(c)
		if err != nil || err2 != nil || string(got) != want || told && !strings.Contains(string(whole), want) {
			t.Errorf("%s: %s in %s, want %s (%v, %v)", code, got, whole, want, err, err2)
		}
	}
	if got := v.Check(verify.CodeKnown).Facts.Get("nobody said this"); got != nil {
		t.Errorf("%v", got)
	}
	if got := fmt.Sprintf("%+v", v.Check(verify.CodeRange).Facts); !strings.Contains(got, "last=CF01000000 station=CF/bangui/pc-1") {
		t.Error(got)
	}
}
