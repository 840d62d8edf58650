package importing

import (
	"slices"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/verify"
)

// Found is a finding as the file keeps it.
type Found struct {
	Rule     string         `json:"rule"`
	Set      string         `json:"set"`
	Version  int            `json:"version"`
	Outcome  rule.Outcome   `json:"outcome"`
	Severity rule.Severity  `json:"severity"`
	Reason   string         `json:"reason"`
	Args     map[string]any `json:"args,omitempty"`
	Facts    map[string]any `json:"facts,omitempty"`
}

func keep(findings []rule.Finding) (out []Found) {
	for _, f := range findings {
		out = append(out, Found{Rule: f.Rule, Set: f.Set, Version: f.Version, Outcome: f.Outcome, Severity: f.Severity, Reason: f.Reason.Key,
			Args: f.Reason.Args, Facts: f.Facts})
	}
	return out
}

// errBlocked puts what blocks into one fault.
func errBlocked(r rule.Report) error {
	var all fault.List
	for _, f := range r.Blocking() {
		all.Add(fault.Invalid("certificate.import_blocked", fault.Arg("rule", f.Rule), fault.Arg("reason", Reason(f.Reason))))
	}
	return all.Err()
}

// Reason is a finding's reason as a value with words of its own.
type Reason rule.Reason

// TextKeys names its words.
func (r Reason) TextKeys() []string { return []string{r.Key} }

// TextArgs are what the words name.
func (r Reason) TextArgs() map[string]any { return r.Args }

// finder collects findings of one scope.
type finder struct {
	set   rule.Set
	scope rule.Scope
	out   []rule.Finding
	err   error
}

// add adds a finding of a rule that is in force in the scope; one that is not
// finds nothing there.
func (f *finder) add(id string, outcome rule.Outcome, key string, facts map[string]any, values ...rule.Origin) {
	if f.err != nil || !f.inForce(id) {
		return
	}
	found, err := f.set.Finding(id, f.scope, outcome, facts, rule.Reason{Key: key, Args: facts}, values...)
	if err != nil {
		f.err = err
		return
	}
	f.out = append(f.out, found)
}

func (f *finder) inForce(id string) bool {
	for r := range f.set.InForce(f.scope) {
		if r.ID == id {
			return true
		}
	}
	return false
}

// set is whether a parameter has a value in the scope.
func isSet(err error) bool { return err == nil }

// advance is R-IMP-01 (KPCS Annex II 21).
func (f *finder) advance(advised bool) {
	if advised {
		f.add("R-IMP-01", rule.Pass, "certificate.finding.announced", nil)
		return
	}
	f.add("R-IMP-01", rule.Fail, "certificate.finding.not_announced", nil)
}

// original is R-IMP-02 (KPCS III(b)(i)): the paper that was signed, or the time
// that the Participant allows to produce it.
func (f *finder) original(presented bool, arrived, on period.Date) {
	if presented {
		f.add("R-IMP-02", rule.Pass, "certificate.finding.original", nil)
		return
	}
	limit, origin, err := f.set.Limit("R-IMP-02", "original-within", f.scope)
	if !isSet(err) {
		f.add("R-IMP-02", rule.Fail, "certificate.finding.no_original", nil)
		return
	}
	until := limit.After(arrived, nil)
	facts := map[string]any{"until": until}
	if on > until {
		f.add("R-IMP-02", rule.Fail, "certificate.finding.original_too_late", facts, origin)
		return
	}
	f.add("R-IMP-02", rule.CannotTell, "certificate.finding.original_awaited", facts, origin)
}

// containers is R-IMP-05: the container seals are those of the certificate, and
// whole. What the certificate does not show cannot be compared.
func (f *finder) containers(shown []verify.Seal, found []SealFound) {
	for _, s := range found {
		if !s.Intact {
			f.add("R-IMP-05", rule.Fail, "certificate.finding.seal_broken", map[string]any{"container": s.Container, "seal": s.Seal})
			return
		}
	}
	if shown == nil {
		f.add("R-IMP-05", rule.CannotTell, "certificate.finding.seals_not_shown", nil)
		return
	}
	for _, s := range shown {
		if !slices.ContainsFunc(found, func(x SealFound) bool { return x.Seal == s.Seal && x.Container == s.Container }) {
			f.add("R-IMP-05", rule.Fail, "certificate.finding.seal_missing", map[string]any{"container": s.Container, "seal": s.Seal})
			return
		}
	}
	if len(found) != len(shown) {
		f.add("R-IMP-05", rule.Fail, "certificate.finding.seals_more", map[string]any{"found": len(found), "certificate": len(shown)})
		return
	}
	f.add("R-IMP-05", rule.Pass, "certificate.finding.seals_whole", map[string]any{"found": len(found)})
}

// opened is R-IMP-03: a share of the consignment, and at least so many lots.
func (f *finder) opened(m Measured) {
	if !f.inForce("R-IMP-03") {
		return
	}
	share, o1, err := f.set.BasisPoints("R-IMP-03", "opened-share", f.scope)
	if err != nil {
		f.err = err
		return
	}
	lots, o2, err := f.set.Count("R-IMP-03", "opened-lots", f.scope)
	if err != nil {
		f.err = err
		return
	}
	facts := map[string]any{"lots": m.LotsOpened, "parcels": m.Parcels}
	if m.LotsOpened < uint64(lots) || m.LotsOpened*10000 < uint64(share)*m.Parcels {
		f.add("R-IMP-03", rule.Fail, "certificate.finding.opened_too_few", facts, o1, o2)
		return
	}
	f.add("R-IMP-03", rule.Pass, "certificate.finding.opened_enough", facts, o1, o2)
}

// tolerance is the difference in weight that two Participants allow, in
// thousandths of a carat.
func (f *finder) tolerance(weight measure.Carats) (measure.Carats, []rule.Origin, error) {
	fixed, o1, err := f.set.Carats("R-IMP-06", "carats", f.scope)
	if err != nil {
		return 0, nil, err
	}
	share, o2, err := f.set.BasisPoints("R-IMP-06", "carats-share", f.scope)
	if err != nil {
		return 0, nil, err
	}
	which, o3, err := f.set.Word("R-IMP-06", "carats-limit", f.scope)
	if err != nil {
		return 0, nil, err
	}
	part := measure.Carats(int64(weight) / 10000 * share)
	part += measure.Carats(int64(weight) % 10000 * share / 10000)
	if which == "greater" {
		return max(fixed, part), []rule.Origin{o1, o2, o3}, nil
	}
	return min(fixed, part), []rule.Origin{o1, o2, o3}, nil
}

// measured is R-IMP-06: what is there agrees with what is written. A use of the
// tolerance passes and is told.
func (f *finder) measured(shown *verify.Facts, m Measured) {
	if shown == nil || shown.Carats == nil || shown.Parcels == nil {
		f.add("R-IMP-06", rule.CannotTell, "certificate.finding.weight_not_shown", nil)
		return
	}
	want := measure.Carats(int64(*shown.Carats) * 10)
	allowed, origins, err := f.tolerance(want)
	if err != nil {
		f.err = err
		return
	}
	diff := m.Carats - want
	if diff < 0 {
		diff = -diff
	}
	facts := map[string]any{"certificate": want, "measured": m.Carats, "difference": diff, "allowed": allowed}
	if diff > allowed {
		f.add("R-IMP-06", rule.Fail, "certificate.finding.weight_differs", facts, origins...)
		return
	}
	parcels, o, err := f.set.Count("R-IMP-06", "parcels", f.scope)
	if err != nil {
		f.err = err
		return
	}
	if gap := int64(m.Parcels) - int64(*shown.Parcels); gap > parcels || -gap > parcels {
		f.add("R-IMP-06", rule.Fail, "certificate.finding.parcels_differ", map[string]any{"certificate": *shown.Parcels, "measured": m.Parcels}, o)
		return
	}
	if !f.parcelsAgree(shown.ParcelList, m, origins) || !f.valueAgrees(shown.Value, m) {
		return
	}
	key := "certificate.finding.weight_agrees"
	if diff > 0 {
		key = "certificate.finding.weight_within"
	}
	f.add("R-IMP-06", rule.Pass, key, facts, origins...)
}

// parcelsAgree holds each parcel that was weighed by itself against the one with
// its mark.
func (f *finder) parcelsAgree(shown []verify.Parcel, m Measured, origins []rule.Origin) bool {
	for _, p := range m.ParcelList {
		i := slices.IndexFunc(shown, func(s verify.Parcel) bool { return s.Mark == p.Mark })
		if i < 0 {
			if shown == nil {
				continue // the certificate does not list its parcels
			}
			f.add("R-IMP-06", rule.Fail, "certificate.finding.parcel_unknown", map[string]any{"mark": p.Mark})
			return false
		}
		want := measure.Carats(int64(shown[i].Hundredths) * 10)
		allowed, _, err := f.tolerance(want)
		if err != nil {
			f.err = err
			return false
		}
		if diff := p.Carats - want; diff > allowed || -diff > allowed {
			f.add("R-IMP-06", rule.Fail, "certificate.finding.parcel_differs", map[string]any{"mark": p.Mark, "certificate": want, "measured": p.Carats}, origins...)
			return false
		}
		if p.Stones != 0 && shown[i].Stones != 0 && p.Stones != shown[i].Stones {
			f.add("R-IMP-06", rule.Fail, "certificate.finding.stones_differ", map[string]any{"mark": p.Mark, "certificate": shown[i].Stones, "measured": p.Stones})
			return false
		}
	}
	return true
}

func (f *finder) valueAgrees(shown *uint64, m Measured) bool {
	if m.Value == nil || shown == nil {
		return true // nobody valued it again, or the value is not shown to this office
	}
	allowed, origin, err := f.set.USD("R-IMP-06", "value", f.scope)
	if err != nil {
		f.err = err
		return false
	}
	want := measure.USD(int64(*shown))
	if diff := *m.Value - want; diff > allowed || -diff > allowed {
		f.add("R-IMP-06", rule.Fail, "certificate.finding.value_differs", map[string]any{"certificate": want, "measured": *m.Value}, origin)
		return false
	}
	return true
}

// trade adds what the register of standing says of both Participants.
func (f *finder) trade(judge func(from, to ident.ParticipantCode, on period.Date) ([]rule.Finding, error), from, to ident.ParticipantCode, on period.Date) {
	if judge == nil || f.err != nil {
		return
	}
	found, err := judge(from, to, on)
	f.out, f.err = append(f.out, found...), err
}
