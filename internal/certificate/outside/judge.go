package outside

import (
	"adamas.example/internal/ident"
	"adamas.example/internal/party"
	"adamas.example/internal/party/specimen"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
)

// Claim is what a paper says of itself, as far as a register can speak against it.
type Claim struct {
	Number   ident.CertificateNumber
	Issuer   ident.ParticipantCode // whose certificate it claims to be
	Importer ident.ParticipantCode
	Issued   period.Date
	Arrived  period.Date
	Parcels  []string // the numbers of its parcels; none when it bears none
}

// Scope is the rules' view of the paper: the issuing Participant's on the day of issue.
func (c Claim) Scope() rule.Scope {
	return rule.Scope{Participant: c.Issuer, Counterpart: c.Importer, On: c.Issued}
}

// Join is the published scheme with what Participants have stated since, as this node
// has read it.
func Join(tx *store.Tx, published *party.Scheme) (*party.Scheme, error) {
	formats, err := stated.Formats(tx)
	if err != nil {
		return nil, err
	}
	events, err := stated.Events(tx)
	if err != nil {
		return nil, err
	}
	out := *published
	out.Formats = out.Formats.With(formats...)
	out.Register, err = out.Register.With(events...)
	return &out, err
}

// Judge runs every rule that a register can answer of a paper: who might trade with
// whom on the day of issue and on the day of arrival (R-MEM-01, R-MEM-02), the form of
// number and parcels (R-CRT-02, R-CRT-04), the ranges and specimens that were stated
// (R-CRT-03, R-CRT-08). scheme is as Join gives it.
func Judge(tx *store.Tx, set rule.Set, scheme *party.Scheme, c Claim) ([]rule.Finding, error) {
	all, err := scheme.Register.TradeCheck(set, party.Shipment{Exporter: c.Issuer, Importer: c.Importer, Exported: c.Issued, Imported: &c.Arrived})
	if err != nil {
		return nil, err
	}
	form, err := scheme.Formats.Judge(set, c.Scope(), party.Paper{Number: c.Number, Issuer: c.Issuer, Parcels: c.Parcels})
	if err != nil {
		return nil, err
	}
	paper, err := specimen.JudgePaper(tx, set, c.Scope(), c.Number, c.Issued)
	return append(append(all, form...), paper...), err
}
