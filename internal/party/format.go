package party

import (
	"io"
	"maps"
	"slices"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/rule"
)

// ParcelRule says how a Participant's parcel numbers hang together with its
// certificate numbers (R-CRT-04).
type ParcelRule string

// The rules that are known. Sierra Leone's parcel number, JMI/GGDO/4911, ends
// with the serial of its certificate, 004911; by that a forgery was known.
const (
	NoParcelRule   ParcelRule = ""
	EndsWithSerial ParcelRule = "ends_with_serial"
)

// Format is the form of a Participant's certificate numbers, and how that is
// known. A form that is only remembered or concluded refuses no number.
type Format struct {
	Code ident.ParticipantCode
	ident.NumberFormat
	Parcel    ParcelRule
	Example   string // of a parcel number
	Source    string
	Certainty Certainty
}

// Formats are the number forms that are known, by Participant.
type Formats struct {
	by map[ident.ParticipantCode]Format
}

// NewFormats joins formats. Fault party.twice.
func NewFormats(formats []Format) (Formats, error) {
	f := Formats{by: map[ident.ParticipantCode]Format{}}
	for _, one := range formats {
		if _, twice := f.by[one.Code]; twice {
			return Formats{}, fault.Invalid("party.twice", fault.File("number_formats.csv"), fault.Text(string(one.Code)))
		}
		f.by[one.Code] = one
	}
	return f, nil
}

// ReadFormats reads number_formats.csv.
func ReadFormats(name string, in io.Reader) ([]Format, error) {
	head := []string{"code", "prefix", "digits", "suffix", "parcel", "example", "source", "certainty"}
	return readTable(name, in, head, func(row []string) (Format, error) {
		f := Format{Code: ident.ParticipantCode(row[0]), Parcel: ParcelRule(row[4]), Example: row[5], Source: row[6], Certainty: Certainty(row[7])}
		f.Prefix, f.Suffix = row[1], row[3]
		var faults fault.List
		faults.Add(checkCode("code", row[0]), checkSource(row[6], f.Certainty))
		for _, d := range row[2] {
			f.Digits = min(f.Digits*10+int(d-'0'), 99)
		}
		if strings.Trim(row[2], "0123456789") != "" || f.NumberFormat.Validate() != nil {
			faults.Add(fault.Invalid("party.format", fault.At("digits"), fault.Text(row[1]+row[2]+row[3])))
		}
		if f.Parcel != NoParcelRule && f.Parcel != EndsWithSerial {
			faults.Add(fault.Invalid("party.parcel_rule", fault.At("parcel"), fault.Text(row[4])))
		}
		return f, faults.Err()
	})
}

// For is the form that is known of a Participant's numbers.
func (f Formats) For(code ident.ParticipantCode) (Format, bool) {
	one, ok := f.by[code]
	return one, ok
}

// All lists the forms that are known, by code.
func (f Formats) All() []Format {
	var out []Format
	for _, code := range slices.Sorted(maps.Keys(f.by)) {
		out = append(out, f.by[code])
	}
	return out
}

// With has the forms that Participants have stated go before the published ones.
func (f Formats) With(stated ...Format) Formats {
	by := maps.Clone(f.by)
	if by == nil {
		by = map[ident.ParticipantCode]Format{}
	}
	for _, s := range stated {
		if old, ok := by[s.Code]; ok && s.Parcel == NoParcelRule {
			s.Parcel, s.Example = old.Parcel, old.Example
		}
		by[s.Code] = s
	}
	return Formats{by}
}

// in is the form for a scope: the known one, else digits as the rule set has
// them (R-CRT-02, serial-digits), which is a guess.
func (f Formats) in(set rule.Set, sc rule.Scope) (Format, []rule.Origin, error) {
	if one, ok := f.For(sc.Participant); ok {
		return one, nil, nil
	}
	digits, from, err := set.Count("R-CRT-02", "serial-digits", sc)
	if err != nil {
		return Format{}, nil, err
	}
	one := Format{Code: sc.Participant, NumberFormat: ident.NumberFormat{Digits: int(digits)}, Certainty: Inference}
	if from.Override != nil && from.Certainty == rule.Seen {
		one.Certainty = Seen
	}
	return one, []rule.Origin{from}, one.Validate()
}

// Parse reads a number as typed or scanned and holds it against the form of its
// Participant where that form is sure; a Participant whose form is not may write
// any digits. Faults: those of ident.
func (f Formats) Parse(typed string) (ident.CertificateNumber, error) {
	n, err := ident.ParseTypedPaper(typed)
	if err != nil {
		return "", err
	}
	if one, ok := f.For(n.Participant()); ok && one.Certainty == Seen {
		err = fault.Restate(one.Check(n), fault.Text(typed))
	}
	return n, err
}

// Paper is what the form of a certificate is judged by. Parcels are the numbers
// of its parcels; none when they are not known.
type Paper struct {
	Number  ident.CertificateNumber
	Issuer  ident.ParticipantCode // whose certificate it claims to be
	Parcels []string
}

// Judge holds a certificate's number and its parcel numbers against the form of
// its Participant: a finding of R-CRT-02 and one of R-CRT-04, for Adamas's own
// certificates and for paper from outside alike. Where the form itself is a
// guess, a number of another form cannot be told from a right one.
func (f Formats) Judge(set rule.Set, sc rule.Scope, p Paper) ([]rule.Finding, error) {
	form, from, err := f.in(set, sc)
	if err != nil {
		return nil, err
	}
	number, err := f.judgeNumber(set, sc, p, form, from)
	if err != nil {
		return nil, err
	}
	parcels, err := f.judgeParcels(set, sc, p, form)
	return []rule.Finding{number, parcels}, err
}

func (f Formats) judgeNumber(set rule.Set, sc rule.Scope, p Paper, form Format, from []rule.Origin) (rule.Finding, error) {
	args := map[string]any{"number": p.Number, "participant": p.Issuer, "example": string(p.Issuer) + form.NumberFormat.Example()}
	outcome, key := rule.Pass, "party.finding.number_fits"
	switch {
	case p.Number.Participant() != p.Issuer:
		outcome, key = rule.Fail, "party.finding.number_code"
	case form.Check(p.Number) == nil:
	case form.Certainty == Seen:
		outcome, key = rule.Fail, "party.finding.number_form"
	default:
		outcome, key = rule.CannotTell, "party.finding.number_unsure"
	}
	facts := map[string]any{"number": string(p.Number), "issuer": string(p.Issuer), "form": form.String(), "form_source": form.Source, "form_certainty": string(form.Certainty)}
	return set.Finding("R-CRT-02", sc, outcome, facts, rule.Reason{Key: key, Args: args}, from...)
}

func (f Formats) judgeParcels(set rule.Set, sc rule.Scope, p Paper, form Format) (rule.Finding, error) {
	asked, from, err := set.Bool("R-CRT-04", "parcel-ends-with-serial", sc)
	if err != nil {
		return rule.Finding{}, err
	}
	args := map[string]any{"number": p.Number}
	outcome, key := rule.Pass, "party.finding.parcels_fit"
	switch wrong := strangeParcels(p, form); {
	case !asked && form.Parcel == NoParcelRule:
		key = "party.finding.parcels_free"
	case len(p.Parcels) == 0:
		outcome, key = rule.CannotTell, "party.finding.parcels_unknown"
	case len(wrong) > 0:
		outcome, key = rule.Fail, "party.finding.parcels_differ"
		args["parcels"] = wrong
	}
	facts := map[string]any{"number": string(p.Number), "parcels": slices.Clone(p.Parcels)}
	return set.Finding("R-CRT-04", sc, outcome, facts, rule.Reason{Key: key, Args: args}, from)
}

// strangeParcels lists the parcel numbers that do not end with the serial of the
// certificate. Leading zeros count for nothing: parcel JMI/GGDO/4911 goes with
// certificate SL 004911.
func strangeParcels(p Paper, form Format) []string {
	serial := p.Number.Serial()
	if form.Check(p.Number) == nil {
		serial = serial[len(form.Prefix) : len(form.Prefix)+form.Digits]
	}
	var out []string
	for _, parcel := range p.Parcels {
		digits := parcel[len(strings.TrimRight(parcel, "0123456789")):]
		if digits == "" || strings.TrimLeft(digits, "0") != strings.TrimLeft(serial, "0") {
			out = append(out, parcel)
		}
	}
	return out
}
