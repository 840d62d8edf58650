package verify

import "adamas.example/verify/statement"

// printed asks whether the issuing office has recorded that it printed the PDF in
// hand: these bytes, of this certificate. What a PDF shows is bound by nothing else,
// so one that nobody recorded is never a yes; and since a print may be younger than
// the pack, nor is it a no.
func (j *judgement) printed(about about) {
	if j.opt.Paper == nil {
		return
	}
	asOf := j.packTime(j.st.Participant())
	var first *statement.Statement
	prints := 0
	for _, e := range about.entries {
		p, ok := e.Statement.Body.(*statement.Print)
		if !ok || e.Statement.Issuer != j.st.Issuer || p.Certificate != j.st.Hash {
			continue
		}
		prints++
		if p.Paper == *j.opt.Paper && first == nil {
			first = e.Statement
		}
	}
	facts := Tell(Detail{"paper", j.opt.Paper.String()}, Detail{"prints", prints})
	switch {
	case first != nil:
		facts = facts.with(Detail{"office", first.Issuer}, Detail{"at", utc(first.IssuedAt)}, Detail{"reason", first.Body.(*statement.Print).Reason})
		j.add(CodePrint, Valid, "", facts)
	case asOf == nil:
		j.add(CodePrint, CannotTell, "prints_unknown", facts)
	default:
		j.addAsOf(CodePrint, CannotTell, "not_printed", facts.with(Detail{"known", asOf}), asOf)
	}
}
