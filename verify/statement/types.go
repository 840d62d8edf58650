package statement

import "fmt"

// Type is the code of a statement type. Codes are for ever: a retired one is
// never given again (docs/formats/statement.cddl lists them).
type Type uint64

// The types of the scheme (design.md §5). Those without a decoder in this
// version are reserved: they are read as Opaque.
const (
	TypeParticipant  Type = 1
	TypeOfficeKey    Type = 2
	TypeKeyRevoked   Type = 3
	TypeNumberRange  Type = 4
	TypeCertificate  Type = 5
	TypeOpening      Type = 6
	TypeVoid         Type = 7
	TypeReplacement  Type = 8
	TypeLoss         Type = 9
	TypePrint        Type = 10
	TypeReceipt      Type = 11
	TypeTranscript   Type = 12
	TypeDiscrepancy  Type = 13
	TypeClearance    Type = 14
	TypeCustodyRoot  Type = 15
	TypeZoneStanding Type = 16
	TypeRuleSet      Type = 17
	TypeIncident     Type = 18
	TypeFinding      Type = 19
	TypeHold         Type = 20
	TypeReturn       Type = 21
	TypeDossier      Type = 22
	TypeBenchmark    Type = 23
	TypeReview       Type = 24
	TypeDecision     Type = 25
	TypeGrant        Type = 26
	TypeSnapshot     Type = 27
	TypeLogClosed    Type = 28
	TypeAdvice       Type = 29
	TypeDisposition  Type = 30
	TypeEndorsement  Type = 31
	TypeTransit      Type = 32
	TypeStanding     Type = 33
	TypeSpecimen     Type = 34
	TypeRoleGrant    Type = 35
	TypeAttestation  Type = 36
)

var typeNames = [...]string{
	TypeParticipant: "participant", TypeOfficeKey: "office-key", TypeKeyRevoked: "key-revoked",
	TypeNumberRange: "number-range", TypeCertificate: "certificate", TypeOpening: "opening", TypeVoid: "void",
	TypeReplacement: "replacement", TypeLoss: "loss", TypePrint: "print", TypeReceipt: "receipt",
	TypeTranscript: "transcript", TypeDiscrepancy: "discrepancy", TypeClearance: "clearance",
	TypeCustodyRoot: "custody-root", TypeZoneStanding: "zone-standing", TypeRuleSet: "rule-set",
	TypeIncident: "incident", TypeFinding: "finding", TypeHold: "hold", TypeReturn: "return",
	TypeDossier: "dossier", TypeBenchmark: "benchmark", TypeReview: "review", TypeDecision: "decision",
	TypeGrant: "grant", TypeSnapshot: "snapshot", TypeLogClosed: "log-closed",
	TypeAdvice: "advice", TypeDisposition: "disposition", TypeEndorsement: "endorsement", TypeTransit: "transit",
	TypeStanding: "standing", TypeSpecimen: "specimen", TypeRoleGrant: "role-grant", TypeAttestation: "attestation",
}

// String gives the type's name in the formats documents.
func (t Type) String() string {
	if t > 0 && t < Type(len(typeNames)) {
		return typeNames[t]
	}
	return fmt.Sprintf("type %d", uint64(t))
}

// MarshalText gives the name.
func (t Type) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

func (t Type) newBody() Body {
	switch t {
	case TypeParticipant:
		return new(Participant)
	case TypeOfficeKey:
		return new(OfficeKey)
	case TypeKeyRevoked:
		return new(KeyRevoked)
	case TypeNumberRange:
		return new(NumberRange)
	case TypeCertificate:
		return new(Certificate)
	case TypeOpening:
		return new(Opening)
	case TypeVoid:
		return new(Void)
	case TypeReplacement:
		return new(Replacement)
	case TypeLoss:
		return new(Loss)
	case TypePrint:
		return new(Print)
	case TypeReceipt:
		return new(Receipt)
	case TypeDiscrepancy:
		return new(Discrepancy)
	case TypeCustodyRoot:
		return new(CustodyRoot)
	case TypeRuleSet:
		return new(RuleSet)
	case TypeSnapshot:
		return new(Snapshot)
	case TypeLogClosed:
		return new(LogClosed)
	}
	return t.newMovement()
}

// newMovement is newBody for the types of a shipment on its way, of the register, and
// of what comes on paper.
func (t Type) newMovement() Body {
	switch t {
	case TypeAdvice:
		return new(Advice)
	case TypeDisposition:
		return new(Disposition)
	case TypeEndorsement:
		return new(Endorsement)
	case TypeTransit:
		return new(Transit)
	case TypeStanding:
		return new(Standing)
	case TypeSpecimen:
		return new(Specimen)
	case TypeRoleGrant:
		return new(RoleGrant)
	case TypeTranscript:
		return new(Transcript)
	case TypeAttestation:
		return new(Attestation)
	}
	return &Opaque{Code: t}
}
