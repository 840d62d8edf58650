package statement_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

// TestPeekType: what is peeked is what is parsed; nothing panics on what is no
// statement.
func TestPeekType(t *testing.T) {
	w := verifytest.New()
	for _, l := range w.Logs {
		for _, leaf := range l.Leaves {
			st, err := statement.Parse(leaf)
			if err != nil {
				t.Fatal(err)
			}
			if typ, ok := statement.PeekType(leaf); !ok || typ != st.Type {
				t.Errorf("peeked %v %t, is %v", typ, ok, st.Type)
			}
			for n := range leaf {
				statement.PeekType(leaf[:n])
			}
		}
	}
	for _, code := range []statement.Type{23, 24, 35, 200} {
		leaf := w.Offices["CF/bangui"].Signer.Statement(statement.Header{Issuer: "CF/bangui", IssuedAt: 1, Subject: "x"}, &statement.Opaque{Code: code, CBOR: []byte{0xa0}})
		if typ, ok := statement.PeekType(leaf); !ok || typ != code {
			t.Errorf("peeked %v %t, is %v", typ, ok, code)
		}
	}
}

// TestNumberKey: every number comes back, and keys order as they say.
func TestNumberKey(t *testing.T) {
	number := rapid.Custom(func(t *rapid.T) string {
		return rapid.StringMatching("[A-Z]{2}").Draw(t, "code") + rapid.StringMatching("[0-9]{4,12}").Draw(t, "serial")
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		ka, kb := statement.NumberKey(a), statement.NumberKey(b)
		if statement.NumberOf(ka) != a {
			t.Fatalf("%s comes back as %s", a, statement.NumberOf(ka))
		}
		want := cmp.Or(strings.Compare(a[:2], b[:2]), cmp.Compare(len(a), len(b)), strings.Compare(a, b))
		if cmp.Compare(ka, kb) != want {
			t.Fatalf("%s and %s: %d, want %d", a, b, cmp.Compare(ka, kb), want)
		}
	})
	for _, bad := range []string{"", "CF", "CF001", "cf0001", fmt.Sprintf("CF%013d", 1), "CF00O1"} {
		if statement.NumberKey(bad) != 0 {
			t.Errorf("%q has a key", bad)
		}
	}
}
