package certificate

import (
	"maps"
	"slices"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/verify"
)

// judge collects findings over one draft.
type judge struct {
	set   rule.Set
	scope rule.Scope
	draft *Draft
	out   []rule.Finding
	err   error
}

// inForce tells whether a rule binds in a scope.
func (j *judge) inForce(id string, scope rule.Scope) bool {
	_, _, err := j.set.Severity(id, scope)
	if err == nil || fault.Is(err, "rule.not_in_force") || fault.Is(err, "rule.not_for_participant") {
		return err == nil
	}
	j.err = err
	return false
}

// add adds a finding of a rule that binds in the draft's scope.
func (j *judge) add(id string, outcome rule.Outcome, key string, facts map[string]any, values ...rule.Origin) {
	j.addIn(j.scope, id, outcome, key, facts, values...)
}

func (j *judge) addIn(scope rule.Scope, id string, outcome rule.Outcome, key string, facts map[string]any, values ...rule.Origin) {
	if j.err != nil || !j.inForce(id, scope) {
		return
	}
	f, err := j.set.Finding(id, scope, outcome, facts, rule.Reason{Key: "certificate.finding." + key, Args: inWords(facts)}, values...)
	if err != nil {
		j.err = err
		return
	}
	j.out = append(j.out, f)
}

// word is a value of the rules that a reader is told in his own language.
type word string

func (w word) TextKeys() []string {
	return []string{"certificate.word." + strings.ReplaceAll(string(w), "-", "_")}
}

var words = append([]string{"government", "highest", "every-container", "risk-analysis"}, duties...)

// inWords are facts as a reason shows them; the finding keeps the values themselves.
func inWords(facts map[string]any) map[string]any {
	out := maps.Clone(facts)
	for name, value := range out {
		if text, ok := value.(string); ok && slices.Contains(words, text) {
			out[name] = word(text)
		}
	}
	return out
}

// unset forgets that a parameter has no value for this Participant, and keeps
// every other error.
func (j *judge) unset(err error) bool {
	if err != nil && !fault.Is(err, "rule.param_unset") {
		j.err = err
	}
	return err != nil
}

// judge runs the rules that a draft and its file can answer; the rules about the
// number and the balance follow once those are known.
func (s *Service) judge(d *Draft, officers officers, scope rule.Scope) (rule.Report, error) {
	if err := d.Facts.CheckSums(); err != nil {
		return rule.Report{}, fault.Invalid("certificate.sums", fault.Arg("why", err.Error()), fault.Because(err))
	}
	j := &judge{set: s.cfg.Rules, scope: scope, draft: d}
	j.trade(s, officers)
	j.mandatoryFields()
	j.tariffCodes()
	j.destination()
	j.origins()
	j.mined()
	j.licences()
	j.valuations()
	j.tax()
	j.sealing()
	j.technical()
	j.replacing()
	j.warranty()
	return rule.NewReport(j.out...), j.err
}

// trade is R-MEM-01, R-MEM-02 and R-CRT-08, which registers answer. What no
// register is there to answer cannot be told.
func (j *judge) trade(s *Service, o officers) {
	if s.cfg.Trade == nil {
		j.add("R-MEM-01", rule.CannotTell, "no_register", nil)
		j.add("R-MEM-02", rule.CannotTell, "no_register", nil)
	} else if found, err := s.cfg.Trade(j.scope.Participant, j.draft.Destination, j.scope.On); err != nil {
		j.err = err
	} else {
		j.out = append(j.out, found...)
	}
	if s.cfg.Notified == nil {
		j.add("R-CRT-08", rule.CannotTell, "no_specimens", nil)
	} else if found, err := s.cfg.Notified(o[:], j.scope.On); err != nil {
		j.err = err
	} else {
		j.out = append(j.out, found...)
	}
}

// mandatoryFields is R-CRT-01 (KPCS Annex I A) over the committed facts, and the
// fields that the Participant adds; the other fields of the annex stand in every
// certificate by its form.
func (j *judge) mandatoryFields() {
	facts, err := j.draft.Facts.Encode()
	if err != nil {
		j.err = fault.Invalid("certificate.draft", fault.Because(err))
		return
	}
	known, err := verify.DecodeFacts(facts)
	if err != nil {
		j.err = fault.Invalid("certificate.draft", fault.Because(err))
		return
	}
	national, origin, err := j.set.Codes("R-CRT-01", "national-fields", j.scope)
	if err != nil {
		j.err = err
		return
	}
	missing := known.Withheld
	for _, field := range national {
		if !j.hasNational(field) {
			missing = append(missing, field)
		}
	}
	if len(missing) > 0 {
		j.add("R-CRT-01", rule.Fail, "missing", map[string]any{"fields": missing}, origin)
		return
	}
	j.add("R-CRT-01", rule.Pass, "complete", nil, origin)
}

func (j *judge) hasNational(field string) bool {
	switch field {
	case "number_of_containers", "container_seal_numbers":
		return len(j.draft.Facts.Seals) > 0
	case "participant_of_destination":
		return j.draft.Destination != ""
	}
	return slices.ContainsFunc(j.draft.Facts.Additions, func(a verify.Addition) bool { return a.Field == field && a.Value != "" })
}

// tariffCodes is R-CRT-07: rough diamonds and nothing else.
func (j *judge) tariffCodes() {
	allowed, origin, err := j.set.Codes("R-CRT-07", "hs-codes", j.scope)
	if err != nil {
		j.err = err
		return
	}
	for _, line := range j.draft.Facts.HS {
		if !slices.Contains(allowed, line.Name) {
			j.add("R-CRT-07", rule.Fail, "not_rough", map[string]any{"code": line.Name}, origin)
			return
		}
	}
	j.add("R-CRT-07", rule.Pass, "rough_only", map[string]any{"lines": len(j.draft.Facts.HS)}, origin)
}

// destination is R-CRT-02 and KPCS III(a): a shipment goes to another Participant
// than the exporter. The number is the range's, which bears the exporter's code.
func (j *judge) destination() {
	facts := map[string]any{"from": string(j.scope.Participant), "to": string(j.draft.Destination)}
	if j.draft.Destination == j.scope.Participant || j.draft.Destination == "" {
		j.add("R-CRT-02", rule.Fail, "stays", facts)
		return
	}
	j.add("R-CRT-02", rule.Pass, "leaves", facts)
}

// numbered is R-CRT-03 and R-CRT-04, once the number is known.
func (j *judge) numbered(a allotment) {
	byYear, origin, err := j.set.Bool("R-CRT-03", "range-by-year", j.scope)
	if err != nil {
		j.err = err
		return
	}
	facts := map[string]any{"number": a.number, "first": a.r.Number(a.r.First), "last": a.r.Number(a.r.Last)}
	if byYear && a.r.Until-a.r.From > 366 {
		j.add("R-CRT-03", rule.Fail, "range_too_long", facts, origin)
	} else {
		j.add("R-CRT-03", rule.Pass, "range_registered", facts, origin)
	}
	ends, origin, err := j.set.Bool("R-CRT-04", "parcel-ends-with-serial", j.scope)
	if err != nil || !ends {
		j.err = err
		return
	}
	serial := strings.TrimLeft(ident.CertificateNumber(a.number).Serial(), "0")
	for _, p := range j.draft.Facts.ParcelList {
		if !strings.HasSuffix(p.Mark, serial) {
			j.add("R-CRT-04", rule.Fail, "parcel_other_serial", map[string]any{"mark": p.Mark, "number": a.number}, origin)
			return
		}
	}
	j.add("R-CRT-04", rule.Pass, "parcel_serial", map[string]any{"number": a.number}, origin)
}

// balance is R-ORG-02: what a re-export uses up was received, and is still there.
func (j *judge) balance(tx *store.Tx) {
	uses := j.draft.Facts.Consumed
	for _, e := range j.draft.Dossier.Evidence {
		if e.Certificate != nil && len(uses) == 0 {
			j.add("R-ORG-02", rule.Fail, "uses_not_named", map[string]any{"number": string(e.Certificate.Number)})
			return
		}
	}
	if len(uses) == 0 {
		return
	}
	short, err := Shortfalls(tx, uses)
	if err != nil {
		j.err = err
		return
	}
	for _, s := range short {
		facts := map[string]any{"number": s.Number, "hundredths": s.Hundredths, "free": s.Free}
		switch {
		case s.Other:
			j.add("R-ORG-02", rule.Fail, "balance_of_other", facts)
		case !s.Known:
			j.add("R-ORG-02", rule.CannotTell, "balance_unknown", facts)
		default:
			j.add("R-ORG-02", rule.Fail, "balance_short", facts)
		}
	}
	if len(short) == 0 {
		j.add("R-ORG-02", rule.Pass, "balance_covers", map[string]any{"certificates": len(uses)})
	}
}

// Said is a finding's reason with its arguments, as an argument of a fault.
type Said rule.Reason

// TextKeys names the reason's words.
func (s Said) TextKeys() []string { return []string{s.Key} }

// TextArgs are what the words need.
func (s Said) TextArgs() map[string]any { return s.Args }

// errBlocked puts the blocking findings into one fault.
func errBlocked(r rule.Report) error {
	var all fault.List
	for _, f := range r.Blocking() {
		all.Add(fault.Invalid("certificate.blocked", fault.Arg("rule", f.Rule), fault.Arg("reason", Said(f.Reason)), fault.Arg("facts", f.Facts)))
	}
	return all.Err()
}
