package ledger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/ledgertest"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

var office = ledgertest.Signer{Signer: verifytest.NewSigner("office CF/bangui")}

func ruleSet(n int) (statement.Header, statement.Body) {
	return statement.Header{Issuer: "CF/bangui", IssuedAt: verifytest.Start, Subject: fmt.Sprintf("rule-set/%d", n), Synthetic: true},
		&statement.RuleSet{Set: "kpcs", Version: fmt.Sprint(n), Content: canonical.Sum([]byte{byte(n)}), From: 20000}
}

func TestRecordToWitnessed(t *testing.T) {
	w := ledgertest.New(t, "cf.kp.example/2026")
	l := w.Open("node")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for n := range 5 {
		h, b := ruleSet(n)
		e, err := l.Record(ctx, office, h, b, ledger.Witnessed)
		if err != nil {
			t.Fatal(err)
		}
		if e.State() != ledger.Witnessed || e.Index != int64(n) {
			t.Fatalf("entry %d: %s at %d", n, e.State(), e.Index)
		}
		p, err := l.Proof(ctx, e)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Log().Policy().Check(p.Checkpoint); err != nil {
			t.Error(err)
		}
		st, err := statement.Parse(e.Signed)
		if err != nil || st.Hash != e.Hash {
			t.Error(err)
		}
	}
}
