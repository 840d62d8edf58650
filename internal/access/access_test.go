package access_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
)

const (
	bangui  ident.OfficeID = "CF/bangui"
	berbera ident.OfficeID = "CF/berberati"
	antwerp ident.OfficeID = "EU/antwerp"
)

// declared is what two modules might declare.
func declared() [][]access.Permission {
	return [][]access.Permission{
		{
			{Name: "certificate.issue", Holders: []access.Role{access.Validator}},
			{Name: "certificate.read_private", Holders: []access.Role{access.Exporter, access.Validator, access.Importer}},
			{Name: "certificate.verify", Holders: []access.Role{access.Public}, Anywhere: true},
		},
		{
			{Name: "statistics.read", Holders: []access.Role{access.Statistician, access.Monitor, access.Reviewer}},
			{Name: "session.end_own", Holders: []access.Role{access.Exporter, access.Validator, access.Monitor}, Anywhere: true},
		},
	}
}

func matrix(t *testing.T) *access.Matrix {
	t.Helper()
	m, err := access.NewMatrix(declared()...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func who(grants ...access.Grant) access.Actor { return access.Actor{ID: "someone", Grants: grants} }

func TestCan(t *testing.T) {
	m := matrix(t)
	validator := who(access.Grant{Role: access.Validator, Office: bangui})
	tests := []struct {
		name       string
		actor      access.Actor
		permission string
		office     ident.OfficeID
		want       bool
	}{
		{"own office", validator, "certificate.issue", bangui, true},
		{"another office of the Participant", validator, "certificate.issue", berbera, false},
		{"another Participant", validator, "certificate.read_private", antwerp, false},
		{"no office named", validator, "certificate.issue", "", false},
		{"another role's right", validator, "statistics.read", bangui, false},
		{"undeclared", validator, "certificate.burn", bangui, false},
		{"not signed in", access.Actor{Grants: validator.Grants}, "certificate.issue", bangui, false},
		{"everybody's right, not signed in", access.Actor{}, "certificate.verify", "", true},
		{"everybody's right at an office", validator, "certificate.verify", antwerp, true},
		{"signed in without grants", who(), "session.end_own", "", false},
		{"anywhere by role", validator, "session.end_own", "", true},
		{"anywhere by a role that has it not", who(access.Grant{Role: access.Sealer, Office: bangui}), "session.end_own", "", false},
		{"Participant-wide", who(access.Grant{Role: access.Statistician, Participant: "CF"}), "statistics.read", berbera, true},
		{"Participant-wide elsewhere", who(access.Grant{Role: access.Statistician, Participant: "CF"}), "statistics.read", antwerp, false},
		{"everywhere", who(access.Grant{Role: access.Monitor}), "statistics.read", antwerp, true},
		{"everywhere, no office named", who(access.Grant{Role: access.Monitor}), "statistics.read", "", false},
		{"a grant further than the role reaches", who(access.Grant{Role: access.Validator}), "certificate.issue", bangui, false},
		{"the same, for a right held anywhere", who(access.Grant{Role: access.Validator}), "session.end_own", "", false},
		{"one grant of several", who(access.Grant{Role: access.Sealer, Office: bangui}, access.Grant{Role: access.Validator, Office: berbera}), "certificate.issue", berbera, true},
		{"role of one grant with the office of another", who(access.Grant{Role: access.Sealer, Office: bangui}, access.Grant{Role: access.Validator, Office: berbera}), "certificate.issue", bangui, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := m.Can(tt.actor, tt.permission, tt.office); got != tt.want {
				t.Errorf("Can = %v", got)
			}
			if err := m.Require(tt.actor, tt.permission, tt.office); (err == nil) != tt.want {
				t.Errorf("Require = %v", err)
			}
		})
	}
}

// Whatever is asked, a right comes from a grant whose role holds it and that
// reaches the office: the rule of the package comment, written a second time.
func TestNothingIsGrantedByAccident(t *testing.T) {
	m := matrix(t)
	holders := map[string][]access.Role{}
	for _, module := range declared() {
		for _, p := range module {
			holders[p.Name] = p.Holders
		}
	}
	offices := []ident.OfficeID{bangui, berbera, antwerp}
	rapid.Check(t, func(t *rapid.T) {
		grant := rapid.Custom(func(t *rapid.T) access.Grant {
			return access.Grant{
				Role:        rapid.SampledFrom(append(access.Roles(), "king", "")).Draw(t, "role"),
				Office:      rapid.SampledFrom(append(offices, "")).Draw(t, "office"),
				Participant: rapid.SampledFrom([]ident.ParticipantCode{"CF", "EU", ""}).Draw(t, "participant"),
			}
		})
		actor := who(rapid.SliceOfN(grant, 0, 4).Draw(t, "grants")...)
		office := rapid.SampledFrom(offices).Draw(t, "at")
		permission := rapid.SampledFrom([]string{"certificate.issue", "certificate.read_private", "statistics.read"}).Draw(t, "permission")
		reason := false
		for _, g := range actor.Grants {
			holds := false
			for _, r := range holders[permission] {
				holds = holds || r == g.Role
			}
			near := g.Office == office || g.Office == "" && (g.Participant == office.Participant() || g.Participant == "")
			reason = reason || holds && near && g.Validate() == nil
		}
		if got := m.Can(actor, permission, office); got != reason {
			t.Fatalf("%v may %s at %s: %v", actor.Grants, permission, office, got)
		}
	})
}

func TestRefusalsInWords(t *testing.T) {
	m := matrix(t)
	c, err := lang.Load(access.Text())
	if err != nil {
		t.Fatal(err)
	}
	denied := m.Require(who(), "certificate.read_private", bangui)
	if fault.KindOf(denied) != fault.KindForbidden {
		t.Error(denied)
	}
	if got := c.Printer(lang.English).Explain(denied, "R")[0].Text; got != "Your account has not the right to do this here. It belongs to: exporter, validating officer, import officer." {
		t.Error(got)
	}
	if err := m.Require(access.Actor{}, "certificate.issue", bangui); !fault.Is(err, "access.sign_in") || fault.KindOf(err) != fault.KindUnproven {
		t.Error(err)
	}
}

func TestGrantsThereCannotBe(t *testing.T) {
	tests := []struct {
		grant access.Grant
		key   string
	}{
		{access.Grant{Role: access.Validator, Office: bangui}, ""},
		{access.Grant{Role: access.Validator, Office: bangui, Participant: "CF"}, ""},
		{access.Grant{Role: access.Secretariat}, ""},
		{access.Grant{Role: access.Validator, Participant: "CF"}, "access.grant_reach"},
		{access.Grant{Role: access.Administrator}, "access.grant_reach"},
		{access.Grant{Role: access.Secretariat, Office: bangui}, "access.grant_reach"},
		{access.Grant{Role: access.Public}, "access.grant_reach"},
		{access.Grant{Role: "king", Office: bangui}, "access.grant_reach"},
		{access.Grant{}, "access.grant_reach"},
		{access.Grant{Role: access.Validator, Office: bangui, Participant: "EU"}, "access.grant_of_two_participants"},
	}
	for _, tt := range tests {
		if err := tt.grant.Validate(); tt.key == "" && err != nil || tt.key != "" && !fault.Is(err, tt.key) {
			t.Errorf("%+v: %v, want %s", tt.grant, err, tt.key)
		}
	}
}

func TestTheMatrixPrints(t *testing.T) {
	got := matrix(t).String()
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	rows := lines[len(lines)-5:]
	wantRows := []string{
		"certificate.issue        · · · o · · · · · · ·",
		"certificate.read_private o · · o o · · · · · ·",
		"certificate.verify       · · · · · · · · · · x",
		"session.end_own          x · · x · · · x · · ·",
		"statistics.read          · · · · · o · o o · ·",
	}
	if diff := cmp.Diff(wantRows, rows); diff != "" {
		t.Error(diff)
	}
	// Every role's name can be read downwards over its column.
	for i, role := range access.Roles() {
		column := len("certificate.read_private") + 1 + 2*i
		var name strings.Builder
		for _, line := range lines[:len(lines)-5] {
			if column < len(line) && line[column] != ' ' {
				name.WriteByte(line[column])
			}
		}
		if name.String() != string(role) {
			t.Errorf("column %d is headed %q, want %q", i, name.String(), role)
		}
	}
	reversed := declared()
	reversed[0], reversed[1] = reversed[1], reversed[0]
	if m, err := access.NewMatrix(reversed...); err != nil || m.String() != got {
		t.Errorf("the order of modules changes the matrix: %v", err)
	}
}

func TestBadDeclarations(t *testing.T) {
	some := []access.Role{access.Validator}
	tests := []struct {
		name        string
		permissions []access.Permission
		want        string
	}{
		{"no noun", []access.Permission{{Name: "issue", Holders: some}}, "not named"},
		{"capitals", []access.Permission{{Name: "certificate.Issue", Holders: some}}, "not named"},
		{"nobody", []access.Permission{{Name: "a.b"}}, "no holders"},
		{"no role", []access.Permission{{Name: "a.b", Holders: []access.Role{"king"}}}, "no role"},
		{"a holder twice", []access.Permission{{Name: "a.b", Holders: append(some, some...)}}, "stands twice"},
		{"declared twice", []access.Permission{{Name: "a.b", Holders: some}, {Name: "a.b", Holders: some}}, "declared twice"},
		{"Public and others", []access.Permission{{Name: "a.b", Holders: append(some, access.Public), Anywhere: true}}, "everybody's"},
		{"Public at an office", []access.Permission{{Name: "a.b", Holders: []access.Role{access.Public}}}, "everybody's"},
	}
	for _, tt := range tests {
		if m, err := access.NewMatrix(tt.permissions); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, %v, want %q", tt.name, m, err, tt.want)
		}
	}
	_, err := access.NewMatrix(tests[0].permissions, tests[2].permissions)
	if err == nil || !strings.Contains(err.Error(), "not named") || !strings.Contains(err.Error(), "no holders") {
		t.Errorf("not every mistake is told: %v", err)
	}
}

func TestAMatrixDoesNotFollowItsMaker(t *testing.T) {
	holders := []access.Role{access.Validator}
	m, err := access.NewMatrix([]access.Permission{{Name: "a.b", Holders: holders}})
	if err != nil {
		t.Fatal(err)
	}
	holders[0] = access.Exporter
	if m.Can(who(access.Grant{Role: access.Exporter, Office: bangui}), "a.b", bangui) {
		t.Error("a right was widened after the matrix was made")
	}
}

func TestWords(t *testing.T) {
	found, err := lang.Compare(access.Text())
	if err != nil || len(found) > 0 {
		t.Errorf("%v %v", found, err)
	}
	c, err := lang.Load(access.Text())
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range access.Roles().TextKeys() {
		if !c.Printer(lang.English).Has(key) {
			t.Errorf("%s has no words", key)
		}
	}
}
