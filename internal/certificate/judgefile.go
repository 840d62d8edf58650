package certificate

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"adamas.example/internal/ident"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/verify"
)

// OriginForm is how a destination wants the origin of a mixed parcel written.
type OriginForm string

// The forms (domain.md 2.6).
const (
	OriginSingle    OriginForm = "single"
	OriginAsterisks OriginForm = "asterisks"
	OriginList      OriginForm = "list"
)

// asterisks fill the field of origin where the destination wants them (31 CFR
// 592.307 note).
const asterisks = "***"

// Origins renders the set of origins for a destination on a day: what is printed
// in the field, which form that is, and the rule that says so. Codes are in the
// order of their weight; the set itself, with its carats, is what is signed.
func Origins(set rule.Set, from, to ident.ParticipantCode, on period.Date, origins []verify.Weight) (printed string, form OriginForm, by rule.Origin, err error) {
	word, by, err := set.Word("R-ORG-01", "mixed-origin-form", destinationScope(from, to, on))
	if err != nil {
		return "", "", by, err
	}
	sorted := slices.Clone(origins)
	slices.SortStableFunc(sorted, func(a, b verify.Weight) int {
		return cmp.Or(cmp.Compare(b.Hundredths, a.Hundredths), cmp.Compare(a.Name, b.Name))
	})
	var codes []string
	for _, o := range sorted {
		codes = append(codes, o.Name)
	}
	switch {
	case len(codes) <= 1:
		return strings.Join(codes, ""), OriginSingle, by, nil
	case OriginForm(word) == OriginAsterisks:
		return asterisks, OriginAsterisks, by, nil
	}
	return strings.Join(codes, ", "), OriginList, by, nil
}

// destinationScope is that of a rule addressed to the importer.
func destinationScope(from, to ident.ParticipantCode, on period.Date) rule.Scope {
	return rule.Scope{Participant: to, Counterpart: from, On: on}
}

// origins is R-ORG-01: the set is there, each member is a country, and it can be
// written as the destination wants it.
func (j *judge) origins() {
	scope := destinationScope(j.scope.Participant, j.draft.Destination, j.scope.On)
	if len(j.draft.Facts.Origin) == 0 {
		j.addIn(scope, "R-ORG-01", rule.Fail, "origin_missing", nil)
		return
	}
	for _, o := range j.draft.Facts.Origin {
		if _, err := ident.ParseCountry(o.Name); err != nil {
			j.addIn(scope, "R-ORG-01", rule.Fail, "origin_no_country", map[string]any{"origin": o.Name})
			return
		}
	}
	printed, form, by, err := Origins(j.set, j.scope.Participant, j.draft.Destination, j.scope.On, j.draft.Facts.Origin)
	if err != nil {
		j.err = err
		return
	}
	j.addIn(scope, "R-ORG-01", rule.Pass, "origin_written", map[string]any{"printed": printed, "form": string(form)}, by)
}

// mined is R-ORG-03: every part of the weight that comes out of the ground here
// names its mine or site and a record; every other part names what it rests on.
func (j *judge) mined() {
	evidence := j.draft.Dossier.Evidence
	if len(evidence) == 0 {
		j.add("R-ORG-03", rule.CannotTell, "no_evidence", nil)
		return
	}
	var sum measure.Carats
	for i, e := range evidence {
		sum += e.Carats
		facts := map[string]any{"part": i + 1, "origin": string(e.Origin)}
		switch {
		case e.Mine != nil && (e.Mine.Name == "" || e.Mine.Place == "" && e.Mine.Point == ""):
			j.add("R-ORG-03", rule.Fail, "mine_not_named", facts)
			return
		case e.Mine != nil && e.Mine.Record == "":
			j.add("R-ORG-03", rule.Fail, "mine_without_record", facts)
			return
		case e.Lot != nil && e.Lot.Root.IsZero():
			j.add("R-ORG-03", rule.Fail, "lot_without_root", facts)
			return
		case e.Mine == nil && e.Lot == nil && e.Certificate == nil && e.Stock == nil:
			j.add("R-ORG-03", rule.Fail, "part_without_evidence", facts)
			return
		}
	}
	if h, _ := sum.Hundredths(); j.draft.Facts.Carats == nil || uint64(h) != *j.draft.Facts.Carats {
		j.add("R-ORG-03", rule.Fail, "evidence_short", map[string]any{"carats": sum})
		return
	}
	j.add("R-ORG-03", rule.Pass, "evidence_whole", map[string]any{"parts": len(evidence)})
}

// licences is R-LIC-01 and R-LIC-02 (KPCS Annex II 13).
func (j *judge) licences() {
	l := j.draft.Dossier.Exporter
	facts := map[string]any{}
	if l != nil {
		facts = map[string]any{"number": l.Number, "until": l.Until, "kind": l.Kind}
	}
	collectors, origin, err := j.set.Bool("R-LIC-01", "collector-may-export", j.scope)
	switch {
	case err != nil:
		j.err = err
	case l == nil || l.Number == "":
		j.add("R-LIC-01", rule.CannotTell, "no_licence", nil)
	case l.Until < j.scope.On:
		j.add("R-LIC-01", rule.Fail, "licence_over", facts)
	case l.Kind == "collector" && !collectors:
		j.add("R-LIC-01", rule.Fail, "collector_exports", facts, origin)
	default:
		j.add("R-LIC-01", rule.Pass, "licence_good", facts, origin)
	}
	c := j.draft.Dossier.Carrier
	switch {
	case c == nil || c.Number == "":
		j.add("R-LIC-02", rule.CannotTell, "no_carrier_licence", nil)
	case c.Until < j.scope.On:
		j.add("R-LIC-02", rule.Fail, "carrier_licence_over", map[string]any{"number": c.Number, "until": c.Until})
	default:
		j.add("R-LIC-02", rule.Pass, "carrier_licensed", map[string]any{"number": c.Number, "until": c.Until})
	}
}

// OfficialValue is the value that counts, by the method of the Participant
// (R-VAL-01): the government's own, or the highest. Of several by one valuer the
// last counts. ok is false when there is none to take.
func OfficialValue(method string, valuations []Valuation) (v *Valuation, ok bool) {
	latest := map[Valuer]*Valuation{}
	for i := range valuations {
		latest[valuations[i].By] = &valuations[i]
	}
	if method == "government" {
		v, ok = latest[ByGovernment]
		return v, ok
	}
	var most measure.USD = -1
	for _, by := range []Valuer{ByGovernment, ByIndependent, ByExporter} {
		if x := latest[by]; x != nil {
			if total, err := x.Total(); err == nil && total > most {
				most, v = total, x
			}
		}
	}
	return v, v != nil
}

// valuations is R-VAL-01: enough valuations, and the value is the one that counts.
func (j *judge) valuations() {
	all := j.draft.Dossier.Valuations
	method, o1, err := j.set.Word("R-VAL-01", "method", j.scope)
	if err != nil {
		j.err = err
		return
	}
	want, o2, err := j.set.Count("R-VAL-01", "valuations", j.scope)
	if err != nil {
		j.err = err
		return
	}
	by := map[Valuer]bool{}
	for _, v := range all {
		by[v.By] = true
	}
	official, ok := OfficialValue(method, all)
	if !ok {
		j.add("R-VAL-01", rule.CannotTell, "no_valuation", map[string]any{"method": method}, o1)
		return
	}
	total, err := official.Total()
	if err != nil {
		j.err = err
		return
	}
	facts := map[string]any{"method": method, "have": len(by), "want": want, "value": total}
	switch {
	case j.draft.Facts.Value == nil || int64(*j.draft.Facts.Value) != int64(total):
		j.add("R-VAL-01", rule.Fail, "value_not_official", facts, o1)
	case int64(len(by)) < want:
		j.add("R-VAL-01", rule.Fail, "valuations_few", facts, o1, o2)
	default:
		j.add("R-VAL-01", rule.Pass, "value_official", facts, o1, o2)
	}
}

// duties are the parameters of R-TAX-01 that are levied; the last one only on a
// special stone.
var duties = []string{"export-duty", "rehabilitation-fund", "special-stone-royalty"}

// tax is R-TAX-01: the receipt was reckoned on the official value, at the rates in
// force, to the cent; or an exemption says why.
func (j *judge) tax() {
	if !j.inForce("R-TAX-01", j.scope) {
		return
	}
	t := j.draft.Dossier.Tax
	switch {
	case t == nil:
		j.add("R-TAX-01", rule.CannotTell, "no_tax_receipt", nil)
		return
	case t.Exempt != "":
		j.add("R-TAX-01", rule.Pass, "tax_exempt", map[string]any{"why": t.Exempt, "authority": t.Authority})
		return
	case j.draft.Facts.Value == nil || int64(*j.draft.Facts.Value) != int64(t.Assessed):
		j.add("R-TAX-01", rule.Fail, "tax_other_value", map[string]any{"receipt": t.Number, "assessed": t.Assessed})
		return
	}
	var origins []rule.Origin
	for _, duty := range duties {
		if duty == "special-stone-royalty" && !t.Special {
			continue
		}
		rate, origin, err := j.set.BasisPoints("R-TAX-01", duty, j.scope)
		if j.unset(err) {
			continue
		}
		origins = append(origins, origin)
		due := share(t.Assessed, rate)
		i := slices.IndexFunc(t.Lines, func(l TaxLine) bool { return l.Name == duty })
		facts := map[string]any{"duty": duty, "rate": percent(rate), "due": due}
		if i < 0 {
			j.add("R-TAX-01", rule.Fail, "tax_missing", facts, origin)
			return
		}
		if paid := t.Lines[i].Amount; paid < due-1 || paid > due+1 {
			facts["paid"] = paid
			j.add("R-TAX-01", rule.Fail, "tax_other_amount", facts, origin)
			return
		}
	}
	j.add("R-TAX-01", rule.Pass, "tax_paid", map[string]any{"receipt": t.Number, "authority": t.Authority}, origins...)
}

// share is so many basis points of an amount, to the nearest cent.
func share(of measure.USD, basisPoints int64) measure.USD {
	return measure.USD((int64(of)/10000)*basisPoints + (int64(of)%10000*basisPoints+5000)/10000)
}

// Duties is what R-TAX-01 levies on a value: none where the rule is not in force.
func Duties(set rule.Set, scope rule.Scope, assessed measure.USD, special bool) (out []TaxLine, err error) {
	j := &judge{set: set, scope: scope}
	if !j.inForce("R-TAX-01", scope) {
		return nil, j.err
	}
	for _, duty := range duties {
		if duty == "special-stone-royalty" && !special {
			continue
		}
		if rate, _, err := set.BasisPoints("R-TAX-01", duty, scope); !j.unset(err) {
			out = append(out, TaxLine{Name: duty, Rate: percent(rate), Amount: share(assessed, rate)})
		}
	}
	return out, j.err
}

// percent writes basis points as percent: 625 is "6.25".
func percent(bp int64) string {
	s := strconv.FormatInt(bp/100, 10)
	if rest := bp % 100; rest != 0 {
		s += strings.TrimRight("."+strconv.FormatInt(100+rest, 10)[1:], "0")
	}
	return s
}

// sealing is R-CRT-10 and R-SEA-01 (KPCS IV(c)): the content was verified before
// the container was closed, and the certificate names the container's own seals.
func (j *judge) sealing() {
	s := j.draft.Dossier.Sealing
	if s == nil {
		j.add("R-CRT-10", rule.CannotTell, "not_sealed", nil)
		j.add("R-SEA-01", rule.CannotTell, "not_sealed", nil)
		return
	}
	methods, o1, err := j.set.Codes("R-CRT-10", "check-methods", j.scope)
	if err != nil {
		j.err = err
		return
	}
	switch {
	case !s.Verified:
		j.add("R-CRT-10", rule.Fail, "content_not_verified", nil)
	case !slices.Contains(methods, s.Method):
		j.add("R-CRT-10", rule.Fail, "check_method", map[string]any{"method": s.Method}, o1)
	default:
		j.add("R-CRT-10", rule.Pass, "content_verified", map[string]any{"method": s.Method}, o1)
	}
	onContainer, o2, err := j.set.Bool("R-SEA-01", "number-on-container", j.scope)
	if err != nil {
		j.err = err
		return
	}
	var want []verify.Seal
	for _, c := range s.Containers {
		want = append(want, verify.Seal{Container: c.Container, Seal: c.Seal})
	}
	switch {
	case len(want) == 0 || !slices.Equal(want, j.draft.Facts.Seals):
		j.add("R-SEA-01", rule.Fail, "seals_differ", nil)
	case onContainer && (s.Number == "" || s.Number != j.draft.Number):
		j.add("R-SEA-01", rule.Fail, "number_not_on_container", map[string]any{"number": j.draft.Number}, o2)
	default:
		j.add("R-SEA-01", rule.Pass, "sealed", map[string]any{"containers": len(want)}, o2)
	}
}

// technical is R-CRT-12. The rule is addressed to the Participant where the goods
// are, which issues the technical certificate.
func (j *judge) technical() {
	if !j.draft.technical() {
		return
	}
	f := j.draft.Dossier.Follows
	if f == nil || f.Number == "" || f.Case == "" {
		j.add("R-CRT-12", rule.Fail, "follows_nothing", nil)
		return
	}
	reasons, o1, err := j.set.Codes("R-CRT-12", "reasons", j.scope)
	if err != nil {
		j.err = err
		return
	}
	atRequest, o2, err := j.set.Bool("R-CRT-12", "at-request-of-issuer", j.scope)
	if err != nil {
		j.err = err
		return
	}
	facts := map[string]any{"number": string(f.Number), "reason": f.Reason, "case": f.Case}
	switch {
	case !slices.Contains(reasons, f.Reason):
		j.add("R-CRT-12", rule.Fail, "technical_reason", facts, o1)
	case atRequest && !f.Requested:
		j.add("R-CRT-12", rule.Fail, "technical_unasked", facts, o2)
	default:
		j.add("R-CRT-12", rule.Pass, "technical_follows", facts, o1, o2)
	}
}

// replacing is R-CRT-09.
func (j *judge) replacing() {
	r := j.draft.Dossier.Replaces
	if r == nil {
		return
	}
	facts := map[string]any{"number": r.Number}
	switch {
	case r.Exported:
		j.add("R-CRT-09", rule.Fail, "replaced_after_export", facts)
	case !r.Surrendered:
		j.add("R-CRT-09", rule.Fail, "old_not_surrendered", facts)
	default:
		j.add("R-CRT-09", rule.Pass, "old_surrendered", facts)
	}
}

// warranty is R-SOW-01: the text is the one in force on the day of the declaration,
// or the one before, for as long as that is accepted.
func (j *judge) warranty() {
	w := j.draft.Dossier.Warranty
	if w == nil {
		j.add("R-SOW-01", rule.CannotTell, "no_declaration", nil)
		return
	}
	on := j.scope
	on.On = w.Declared
	facts := map[string]any{"declared": w.Declared, "text_of": w.TextOf}
	_, text, err := j.set.Text("R-SOW-01", "warranty", on)
	switch {
	case j.unset(err):
		if j.err == nil {
			j.add("R-SOW-01", rule.CannotTell, "no_warranty_text", facts)
		}
		return
	case text.Override == nil || text.Override.Span().Contains(w.TextOf):
		j.add("R-SOW-01", rule.Pass, "warranty_in_force", facts, text)
		return
	}
	limit, accepted, err := j.set.Limit("R-SOW-01", "old-text-accepted", on)
	if !j.unset(err) && text.Override.From != nil && w.Declared <= limit.After(*text.Override.From, nil) {
		j.add("R-SOW-01", rule.Pass, "warranty_in_force", facts, text, accepted)
		return
	}
	j.add("R-SOW-01", rule.Fail, "warranty_old", facts, text)
}
