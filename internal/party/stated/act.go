package stated

import (
	"fmt"
	"slices"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/party"
	"adamas.example/internal/period"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// The functions below make header and body of what an authority states; it frames
// and signs them (Signer.Frame, Signer.Sign, or Ledger.Record). Each act has a
// chain of prev of its own: by Participant, station, officer, print or list.
// Faults of all: party.other_participant for an act about another Participant
// than the issuer's, keyring.statement.

// speaksFor refuses an authority's word on another Participant's affairs: it
// would stand in the register for ever and count for nothing.
func speaksFor(act keyring.Act, code string) error {
	if issuer := codeOf(act.Issuer); issuer != code {
		return fault.Forbidden("party.other_participant", fault.Arg("issuer", act.Issuer), fault.Arg("participant", code))
	}
	return nil
}

func stating[B statement.Body](act keyring.Act, code, subject string, body B) (statement.Header, B, error) {
	if err := speaksFor(act, code); err != nil {
		return statement.Header{}, body, err
	}
	h, err := act.Header(subject, body)
	return h, body, err
}

// StateAccount is an authority's account of its Participant.
func StateAccount(act keyring.Act, p statement.Participant) (statement.Header, *statement.Participant, error) {
	return stating(act, p.Code, "participant/"+p.Code, &p)
}

// StateRange allots numbers to a station. Fault also party.backward_range, and
// those of ident for the station.
func StateRange(act keyring.Act, r statement.NumberRange) (statement.Header, *statement.NumberRange, error) {
	if _, err := ident.ParseStation(r.Station); err != nil {
		return statement.Header{}, nil, fault.Locate(err, fault.At("station"))
	}
	if err := speaksFor(act, codeOf(r.Station)); err != nil {
		return statement.Header{}, nil, err
	}
	if r.First == 0 || r.Last < r.First {
		return statement.Header{}, nil, fault.Invalid("party.backward_range", fault.Arg("first", r.First), fault.Arg("last", r.Last))
	}
	return stating(act, r.Participant, "range/"+r.Station, &r)
}

// StateRoles says what an officer may do at an office from a time until another;
// no roles take back those he has. Faults also party.role_unknown,
// party.backdated: no act of yesterday gets an officer today.
func StateRoles(act keyring.Act, key statement.KeyID, office ident.OfficeID, roles []access.Role, from, until time.Time) (statement.Header, *statement.RoleGrant, error) {
	body := &statement.RoleGrant{Key: key, Office: string(office), From: from.Unix(), Until: until.Unix()}
	var faults fault.List
	for _, r := range roles {
		if (access.Grant{Role: r, Office: office}).Validate() != nil {
			faults.Add(fault.Invalid("party.role_unknown", fault.Text(string(r)), fault.Arg("known", OfficeRoles())))
		}
		body.Roles = append(body.Roles, string(r))
	}
	if from.Unix() < act.At.Unix() {
		faults.Add(fault.Invalid("party.backdated", fault.Arg("from", from.UTC()), fault.Arg("issued", act.At.UTC())))
	}
	if err := faults.Err(); err != nil {
		return statement.Header{}, nil, err
	}
	slices.Sort(body.Roles)
	body.Roles = slices.Compact(body.Roles)
	return stating(act, codeOf(body.Office), fmt.Sprintf("role/%s/%s", office, key), body)
}

// OfficeRoles lists the roles that can be held at an office, by their names in
// statements.
func OfficeRoles() []string {
	var out []string
	for _, r := range access.Roles() {
		if (access.Grant{Role: r, Office: "CF/bangui"}).Validate() == nil {
			out = append(out, string(r))
		}
	}
	return out
}

// StateSpecimen tells what the certificates of a Participant look like (KPCS
// II(d)). The same name stated again takes the place of what was stated before.
func StateSpecimen(act keyring.Act, s statement.Specimen) (statement.Header, *statement.Specimen, error) {
	return stating(act, s.Participant, "specimen/"+s.Participant+"/"+s.Name, &s)
}

// StateStanding says that a change counts in the issuer's own list from some day
// on. Faults also party.kind_unknown, party.source_needed, party.when.
func StateStanding(act keyring.Act, code ident.ParticipantCode, kind party.Kind, when period.Range, what, source string, c party.Certainty) (statement.Header, *statement.Standing, error) {
	var faults fault.List
	if _, err := ident.ParseParticipant(string(code)); err != nil {
		faults.Add(fault.Locate(err, fault.At("code")))
	}
	if source == "" || !c.Known() {
		faults.Add(fault.Invalid("party.source_needed", fault.At("source")))
	}
	if !kind.Known() {
		faults.Add(fault.Invalid("party.kind_unknown", fault.At("kind"), fault.Text(string(kind)), fault.Arg("known", kindNames())))
	}
	if when.Empty() || when.From < 0 {
		faults.Add(fault.Invalid("party.when", fault.At("when"), fault.Text(when.String())))
	}
	if err := faults.Err(); err != nil {
		return statement.Header{}, nil, err
	}
	return stating(act, codeOf(act.Issuer), "standing/"+string(code), &statement.Standing{Code: string(code), Kind: string(kind),
		From: canonical.Day(when.From), Until: canonical.Day(when.Until.AddDays(-1)), What: what, Source: source, Certainty: string(c)})
}

func kindNames() []string {
	var out []string
	for _, k := range party.Kinds() {
		out = append(out, string(k))
	}
	return out
}
