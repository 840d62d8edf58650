package certificate

import (
	"context"
	"errors"
	"slices"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Checked is what would come of preparing a draft now.
type Checked struct {
	Report  rule.Report
	Number  string      // that would be allotted; "" when there is none
	Expires period.Date // last day on which it would be valid
	Sheet   error       // why no sheet can be allotted: no range, a number that was used
}

// errUndone ends a transaction that was only tried.
var errUndone = errors.New("certificate: tried, and undone")

// Check runs every rule over a draft as Prepare does, and tries to allot its sheet in a
// transaction that is undone: no number is spent and nothing is left behind. officers
// may be zero while nobody is named; R-CRT-08 is then not asked. Faults:
// certificate.draft, certificate.sums.
func (s *Service) Check(ctx context.Context, d Draft, preparer, validator statement.KeyID) (out Checked, err error) {
	today := period.DateOf(s.cfg.Now().UTC())
	scope := rule.Scope{Participant: ident.OfficeID(s.cfg.Office).Participant(), Counterpart: d.Destination, On: today}
	if out.Report, err = s.judge(&d, officers{preparer, validator}, scope); err != nil {
		return out, err
	}
	validity, _, err := s.cfg.Rules.Limit("R-CRT-05", "validity", scope)
	if err != nil {
		return out, err
	}
	out.Expires = validity.After(today, nil)
	found := slices.Collect(out.Report.All())
	if (validator == statement.KeyID{}) {
		found = slices.DeleteFunc(found, func(f rule.Finding) bool { return f.Rule == "R-CRT-08" })
	}
	err = s.write(ctx, func(tx *store.Tx) error {
		j := &judge{set: s.cfg.Rules, scope: scope, draft: &d, out: slices.Clone(found)}
		out.Number, out.Sheet = "", nil
		a, err := s.allot(tx, canonical.Day(today), d.Offline, d.Number, preparer)
		if _, told := fault.Of(err); told {
			out.Sheet = err
		} else if err != nil {
			return err
		} else {
			if r := d.Dossier.Replaces; r != nil {
				if err := free(tx, r.Number); err != nil {
					return err
				}
			}
			out.Number = a.number
			j.numbered(a)
		}
		j.balance(tx)
		if j.err != nil {
			return j.err
		}
		out.Report = rule.NewReport(j.out...)
		return errUndone
	})
	if errors.Is(err, errUndone) {
		err = nil
	}
	return out, err
}

// Levied is what R-TAX-01 asks for on a value, by the rates in force; of a special stone
// with what is levied on those.
func Levied(set rule.Set, scope rule.Scope, value measure.USD, special bool) (out []TaxLine, err error) {
	for _, duty := range duties {
		if duty == "special-stone-royalty" && !special {
			continue
		}
		rate, _, err := set.BasisPoints("R-TAX-01", duty, scope)
		if fault.Is(err, "rule.param_unset") || fault.Is(err, "rule.not_in_force") || fault.Is(err, "rule.not_for_participant") {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, TaxLine{Name: duty, Rate: percent(rate), Amount: measure.USD((int64(value)/10000)*rate + (int64(value)%10000*rate+5000)/10000)})
	}
	return out, nil
}
