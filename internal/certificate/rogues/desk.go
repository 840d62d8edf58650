package rogues

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"adamas.example/data"
	"adamas.example/internal/certificate/outside"
	"adamas.example/internal/certificate/rogues/forge"
	"adamas.example/internal/ident"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/party"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/rules"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// desk is what an import desk holds a paper certificate against: who stood where on
// any day, the known forms of numbers, and what authorities have stated.
type desk struct {
	store  *store.Store
	scheme *party.Scheme
	rules  rule.Set
}

// judgePaper judges a paper as the desk does on which it is keyed.
func judgePaper(ctx context.Context, folder string, s *forge.Shown) (*Answer, error) {
	dir, err := os.MkdirTemp(folder, "desk-")
	if err != nil {
		return nil, err
	}
	d, err := openDesk(ctx, dir, s)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	findings, err := d.judge(ctx, s)
	if err := errors.Join(err, d.store.Close(), os.RemoveAll(dir)); err != nil {
		return nil, err
	}
	return found(findings), nil
}

// openDesk follows the logs of a register, as a node does.
func openDesk(ctx context.Context, dir string, s *forge.Shown) (*desk, error) {
	shipped, err := fs.Sub(rules.FS(), rules.KPCS)
	if err != nil {
		return nil, err
	}
	d := &desk{}
	if d.rules, err = rule.Check(shipped); err != nil {
		return nil, err
	}
	if d.scheme, err = party.Load(data.FS, nil); err != nil {
		return nil, err
	}
	chain, err := trust.ParseChain([][]byte{s.Register.Root}, s.Pin)
	if err != nil {
		return nil, err
	}
	view, err := stated.NewView(chain)
	if err != nil {
		return nil, err
	}
	if d.store, err = store.Open(ctx, store.Config{Path: filepath.Join(dir, "register.db")}); err != nil {
		return nil, err
	}
	if err = d.store.Migrate(ctx, s.At, []store.Schema{stated.Schema()}); err == nil {
		err = d.store.Write(ctx, s.At, func(tx *store.Tx) error { return d.follow(tx, view, s.Register) })
	}
	if err != nil {
		return nil, errors.Join(err, d.store.Close())
	}
	return d, nil
}

// follow reads the logs; what the register says is added to what is published.
func (d *desk) follow(tx *store.Tx, view *stated.View, r *forge.Register) error {
	for _, l := range r.Logs {
		for i, leaf := range l.Leaves {
			st, err := statement.Parse(leaf)
			if err != nil {
				return err
			}
			if err := view.Apply(tx, follow.Followed{Origin: l.Origin, Index: int64(i), Bytes: leaf, Hash: canonical.Sum(leaf), Statement: st}); err != nil {
				return err
			}
		}
	}
	var err error
	d.scheme, err = outside.Join(tx, d.scheme)
	return err
}

// judge asks what the import desk asks of a paper.
func (d *desk) judge(ctx context.Context, s *forge.Shown) (all []rule.Finding, err error) {
	p := s.Paper
	number, err := ident.ParseTypedPaper(p.Number)
	if err != nil {
		return nil, err
	}
	issued, err := period.Parse(p.Issued)
	if err != nil {
		return nil, err
	}
	claim := outside.Claim{Number: number, Issuer: ident.ParticipantCode(p.Issuer), Importer: ident.ParticipantCode(p.Importer), Issued: issued,
		Arrived: period.DateOf(s.At), Parcels: p.Parcels}
	err = d.store.Read(ctx, s.At, func(tx *store.Tx) (err error) {
		all, err = outside.Judge(tx, d.rules, d.scheme, claim)
		return err
	})
	return all, err
}

// found is a report in short. What failed under a rule that blocks decides; a rule that
// only warns refuses nothing, and what it warns of cannot be passed over either: then
// it cannot be told.
func found(findings []rule.Finding) *Answer {
	report := rule.NewReport(findings...)
	a := &Answer{Outcome: Passed, Findings: slices.Collect(report.All()), Checks: report.Len()}
	decides := func(f rule.Finding) bool { return f.Blocks() && f.Outcome == rule.Fail }
	main := slices.IndexFunc(a.Findings, decides)
	if main < 0 {
		main = slices.IndexFunc(a.Findings, func(f rule.Finding) bool { return f.Outcome != rule.Pass })
	}
	for i, f := range a.Findings {
		reason := f.Reason.Key[strings.LastIndexByte(f.Reason.Key, '.')+1:]
		switch {
		case i == main && decides(f):
			a.Code, a.Reason, a.Outcome = f.Rule, reason, Invalid
		case i == main:
			a.Code, a.Reason, a.Outcome = f.Rule, reason, CannotTell
		case f.Outcome != rule.Pass:
			a.Also = append(a.Also, f.Rule+" "+reason)
		}
	}
	slices.Sort(a.Also)
	return a
}

// Decisive is the finding that decided; nil where none did.
func (a *Answer) Decisive() *rule.Finding {
	for i, f := range a.Findings {
		if f.Rule == a.Code {
			return &a.Findings[i]
		}
	}
	return nil
}
