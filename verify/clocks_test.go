package verify_test

import (
	"testing"

	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/verifytest"
)

// TestOneWrongClockHidesNoLateRecord: the record came days late, and one
// witness's clock says otherwise; or it came in time, and one says it did not.
func TestOneWrongClockHidesNoLateRecord(t *testing.T) {
	for _, c := range []struct {
		name    string
		clocks  [3]int64 // government, industry, civil society, in seconds after the issue
		outcome verify.Outcome
	}{
		{"all in time", [3]int64{10, 10, 10}, verify.Valid},
		{"one set back", [3]int64{10, 3 * 86400, 3 * 86400}, verify.Invalid},
		{"one runs ahead", [3]int64{10, 10, 3 * 86400}, verify.Valid},
	} {
		w := verifytest.New()
		o := w.Offices["CF/bangui"]
		b := o.Sign(o.Draft("AE", start+60))
		i := o.Log.Append(b.Statement)
		size := int64(len(o.Log.Leaves))
		body := o.Log.Body(size)
		text := o.Log.Checkpoint(size, start+60, []string{}...)
		head := text[:len(body)+1]
		rest := text[len(head):]
		line := rest[:indexLine(rest)]
		text = head + line
		for n, label := range []string{"gov1", "ind1", "civ1"} {
			text += w.Witnesses[label].Cosign(body, start+60+c.clocks[n]).String()
		}
		b.Proof = canonical.Text(o.Log.Proof(i, size, text).String())
		got := verify.New(w.ParsedPack(start+4*86400)).Verify(b, verify.Options{Purpose: verify.Import, At: at(4 * 86400)})
		if check := got.Check(verify.CodeTime); check == nil || check.Outcome != c.outcome {
			t.Errorf("%s: %+v", c.name, check)
		}
	}
}

func indexLine(s string) int {
	for i := range s {
		if s[i] == '\n' {
			return i + 1
		}
	}
	return len(s)
}
