package verify

import (
	"time"

	"adamas.example/verify/bundle"
	"adamas.example/verify/pack"
	"adamas.example/verify/trust"
)

// Logged judges a certificate as it stands in a log, with nothing but the directory
// and its place: the checks of Verify that need neither the paper nor the time. The
// caller has verified the log. It gives the first check that is not valid, or nil.
func Logged(d *trust.Directory, e trust.Entry) *Check {
	root := d.Chain.Current()
	j := &judgement{Verdict: &Verdict{Purpose: Record}, pack: &pack.Pack{Chain: d.Chain, Directory: d},
		opt: Options{Purpose: Record, At: time.Unix(root.Issued, 0).UTC()}}
	paper := &bundle.Bundle{Statement: e.Statement.Bytes}
	if j.form(paper) {
		j.trusted()
		j.placed(trust.Place{Origin: e.Origin, Index: e.Index}, &j.opt.At)
		j.issuer()
		j.fourEyes(paper)
		j.dates()
		j.number()
	}
	for i := range j.Checks {
		if j.Checks[i].Outcome != Valid {
			return &j.Checks[i]
		}
	}
	return nil
}
