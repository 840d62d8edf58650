package access

import (
	"embed"
	"io/fs"
	"slices"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
)

//go:embed text/*.toml
var text embed.FS

// Text is the words of roles and of this package's faults.
func Text() fs.FS { return text }

// Role is what somebody does in the scheme.
type Role string

// The roles, in the order of the printed matrix.
const (
	Exporter      Role = "exporter"           // applies for certificates and follows them
	Valuator      Role = "valuator"           // values a shipment
	Sealer        Role = "sealing_officer"    // closes the container
	Validator     Role = "validating_officer" // prepares and issues
	Importer      Role = "import_officer"     // checks arrivals and confirms receipt
	Statistician  Role = "statistician"       // returns of production and trade
	Administrator Role = "administrator"      // accounts, stations and settings; no act of trade
	Monitor       Role = "monitor"            // monitoring teams and civil society
	Reviewer      Role = "reviewer"           // peer review
	Secretariat   Role = "secretariat"        // secretariat and Chair
	Public        Role = "public"             // everybody, signed in or not
)

// Reach is how far a grant carries.
type Reach string

// How far a grant carries.
const (
	AtOffice      Reach = "office"
	AtParticipant Reach = "participant"
	Everywhere    Reach = "everywhere"
)

// reaches says which grants of a role there can be. Offices of a Participant act
// for it alone, so no role that acts in trade reaches further.
var reaches = map[Role][]Reach{
	Exporter:      {AtOffice, AtParticipant},
	Valuator:      {AtOffice},
	Sealer:        {AtOffice},
	Validator:     {AtOffice},
	Importer:      {AtOffice},
	Statistician:  {AtOffice, AtParticipant, Everywhere},
	Administrator: {AtOffice, AtParticipant},
	Monitor:       {AtParticipant, Everywhere},
	Reviewer:      {AtParticipant, Everywhere},
	Secretariat:   {Everywhere},
}

// RoleList is roles that are named together.
type RoleList []Role

// Roles lists every role in the order of the matrix, Public last.
func Roles() RoleList {
	return RoleList{Exporter, Valuator, Sealer, Validator, Importer, Statistician, Administrator, Monitor, Reviewer, Secretariat, Public}
}

// TextKeys are the catalogue entries with the roles' names.
func (l RoleList) TextKeys() []string {
	keys := make([]string, len(l))
	for i, r := range l {
		keys[i] = "role." + string(r)
	}
	return keys
}

// String is the roles' technical names, with commas.
func (l RoleList) String() string {
	names := make([]string, len(l))
	for i, r := range l {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}

// Grant is a role somebody holds: at Office, at every office of Participant when
// Office is empty, everywhere when both are.
type Grant struct {
	Role        Role                  `json:"role"`
	Office      ident.OfficeID        `json:"office,omitempty"`
	Participant ident.ParticipantCode `json:"participant,omitempty"`
}

// Reach of the grant.
func (g Grant) Reach() Reach {
	switch {
	case g.Office != "":
		return AtOffice
	case g.Participant != "":
		return AtParticipant
	}
	return Everywhere
}

// Validate refuses a grant that there cannot be: of Public, which nobody is
// granted, of an unknown role, of a role further than it reaches, or one that
// names an office and another Participant.
func (g Grant) Validate() error {
	if g.Office != "" && g.Participant != "" && g.Office.Participant() != g.Participant {
		return fault.Invalid("access.grant_of_two_participants", fault.At("office"),
			fault.Arg("office", string(g.Office)), fault.Arg("participant", g.Participant))
	}
	if !slices.Contains(reaches[g.Role], g.Reach()) {
		return fault.Invalid("access.grant_reach", fault.At("role"), fault.Arg("role", RoleList{g.Role}))
	}
	return nil
}

// GrantAt is the least grant of a role that carries to an office: at the office, at its
// Participant, or everywhere. Fault: access.grant_reach.
func GrantAt(role Role, office ident.OfficeID) (Grant, error) {
	for _, g := range []Grant{{Role: role, Office: office}, {Role: role, Participant: office.Participant()}} {
		if g.Validate() == nil {
			return g, nil
		}
	}
	g := Grant{Role: role}
	return g, g.Validate()
}

// covers reports whether the grant carries to the office. A grant that there
// cannot be carries nowhere.
func (g Grant) covers(office ident.OfficeID) bool {
	if g.Validate() != nil {
		return false
	}
	switch g.Reach() {
	case AtOffice:
		return g.Office == office
	case AtParticipant:
		return office != "" && g.Participant == office.Participant()
	}
	return true
}

// Actor is who asks. The zero Actor is somebody who has not signed in.
type Actor struct {
	ID     ident.RecordID // "" for somebody who has not signed in
	Grants []Grant        // those in force now
}
