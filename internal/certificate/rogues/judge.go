package rogues

import (
	"context"
	"slices"

	"adamas.example/internal/certificate/rogues/forge"
	"adamas.example/internal/rule"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/paper"
	"adamas.example/verify/paper/pdf"
	"adamas.example/verify/trust"
)

// Outcome is what a reader is told.
type Outcome string

// The outcomes. Refused is for what cannot be judged at all: a pack, a root document
// or a code that is not believed. Passed is for papers without a signature: nothing
// speaks against one, and it is not called valid.
const (
	Valid      = Outcome(verify.Valid)
	Invalid    = Outcome(verify.Invalid)
	CannotTell = Outcome(verify.CannotTell)
	Refused    = Outcome("refused")
	Passed     = Outcome("passed")
)

// Codes of what is refused before anything is judged.
const (
	CodeCodes = "paper.codes" // the codes on a paper
	CodeFile  = "file"        // a certificate's file, or a PDF
	CodePack  = "pack"
	CodeRoot  = "root"
)

// Answer is what came of a question. Verdict or Findings hold the whole of it, Why
// the reason of a refusal, in English.
type Answer struct {
	Outcome Outcome
	Code    string
	Reason  string
	Why     string
	Also    []string // other checks that did not pass, "code reason", in order
	Checks  int      // how many were made

	Verdict  *verify.Verdict
	Findings []rule.Finding
}

// Detectors judge what is shown.
type Detectors func(ctx context.Context, s *forge.Shown) (*Answer, error)

// NewDetectors gives the program's own. folder is where a desk may keep its tables
// while it judges; it must exist.
func NewDetectors(folder string) Detectors {
	return func(ctx context.Context, s *forge.Shown) (*Answer, error) {
		switch {
		case s.Paper != nil:
			return judgePaper(ctx, folder, s)
		case s.Root != nil:
			return judgeRoot(s), nil
		}
		return judgeFile(s), nil
	}
}

// judgeRoot believes a root document, or does not.
func judgeRoot(s *forge.Shown) *Answer {
	if _, err := trust.ParseChain([][]byte{s.Root}, s.Pin); err != nil {
		return refused(CodeRoot, "not_believed", err)
	}
	return &Answer{Outcome: Valid, Checks: 1}
}

func refused(code, reason string, err error) *Answer {
	return &Answer{Outcome: Refused, Code: code, Reason: reason, Why: err.Error(), Checks: 1}
}

// judgeFile judges a file or the codes of a paper from the reader's pack, for import:
// an importing office must not be deceived.
func judgeFile(s *forge.Shown) *Answer {
	p, err := pack.Parse(s.Pack, canonical.Hash{})
	if err != nil {
		return refused(CodePack, "not_believed", err)
	}
	if _, err := pack.Parse(s.Pack, s.Pin); err != nil {
		return refused(CodePack, "other_root", err)
	}
	b, answer := readBundle(p, s)
	if answer != nil {
		return answer
	}
	question := verify.Options{Purpose: verify.Import, At: s.At, Destination: s.Here}
	if s.PDF != nil {
		question.Paper = new(canonical.Sum(s.PDF))
	}
	return told(verify.New(p).Verify(b, question))
}

func readBundle(p *pack.Pack, s *forge.Shown) (*bundle.Bundle, *Answer) {
	if s.Codes == nil {
		file, err := s.Bundle, error(nil)
		if s.PDF != nil {
			file, err = pdf.Bundle(s.PDF)
		}
		if err != nil {
			return nil, refused(CodeFile, "damaged", err)
		}
		b, err := bundle.Parse(file)
		if err != nil {
			return nil, refused(CodeFile, "damaged", err)
		}
		return b, nil
	}
	var signed, proof []byte
	for _, text := range s.Codes {
		kind, content, err := paper.Read(text)
		switch {
		case err != nil:
			return nil, refused(CodeCodes, "damaged", err)
		case kind == paper.Certificate:
			signed = content
		case kind == paper.Proof:
			proof = content
		}
	}
	b, err := paper.Bundle(p, signed, proof)
	if err != nil {
		return nil, refused(CodeCodes, "not_together", err)
	}
	return b, nil
}

// told is a verdict in short.
func told(v *verify.Verdict) *Answer {
	a := &Answer{Outcome: Outcome(v.Outcome), Verdict: v, Checks: len(v.Checks)}
	first := v.Failed()
	if first == nil {
		return a
	}
	a.Code, a.Reason = string(first.Code), first.Reason
	for i := range v.Checks {
		if c := &v.Checks[i]; c != first && c.Outcome != verify.Valid {
			a.Also = append(a.Also, string(c.Code)+" "+c.Reason)
		}
	}
	slices.Sort(a.Also)
	return a
}
