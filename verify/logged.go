package verify

import (
	"time"

	"adamas.example/verify/bundle"
	"adamas.example/verify/pack"
	"adamas.example/verify/trust"
)

// Logged judges a certificate as it stands in a log, with nothing but the directory
// and its place: the checks of Verify that need neither the paper nor the time. The
// caller has verified the log. It gives the first check that is not valid, or nil,
// and whether an entitled office has signed it at home: then its number is used,
// whatever else is wrong with it.
func Logged(d *trust.Directory, e trust.Entry) (failed *Check, signed bool) {
	root := d.Chain.Current()
	j := &judgement{Verdict: &Verdict{Purpose: Record}, pack: &pack.Pack{Chain: d.Chain, Directory: d},
		opt: Options{Purpose: Record, At: time.Unix(root.Issued, 0).UTC()}}
	paper := &bundle.Bundle{Statement: e.Statement.Bytes}
	if j.form(paper, new(Open)) {
		j.trusted()
		j.placed(trust.Place{Origin: e.Origin, Index: e.Index}, &j.opt.At)
		j.issuer()
		j.fourEyes(paper)
		j.dates()
		j.number()
	}
	for i := range j.Checks {
		if c := &j.Checks[i]; c.Outcome != Valid && failed == nil {
			failed = c
		}
	}
	revoked := j.Check(CodeRevoked)
	return failed, j.place != nil && revoked != nil && revoked.Outcome == Valid
}
