package setup

import (
	"crypto/ed25519"
	"slices"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

// Duty is what an office does: what its authority has to let its key sign.
type Duty string

// The duties that offices have.
const (
	IssuesAndReceives Duty = "both"
	ReceivesOnly      Duty = "receives"
)

// Duties lists them.
func Duties() []Duty { return []Duty{IssuesAndReceives, ReceivesOnly} }

// notReceived are the types of an exporting office, of what it issues.
var notReceived = []statement.Type{statement.TypeCertificate, statement.TypeOpening, statement.TypeVoid, statement.TypeReplacement,
	statement.TypeLoss, statement.TypePrint, statement.TypeEndorsement, statement.TypeCustodyRoot}

// Types are what the key of an office with this duty signs.
func (d Duty) Types() []statement.Type {
	all := keyring.DailyTypes()
	if d == ReceivesOnly {
		all = slices.DeleteFunc(all, func(t statement.Type) bool { return slices.Contains(notReceived, t) })
	}
	return all
}

// TypeNames are the types as `adamas keys appoint --types` takes them.
func (d Duty) TypeNames() string {
	var names []string
	for _, t := range d.Types() {
		names = append(names, t.String())
	}
	return strings.Join(names, ",")
}

// CheckOrigin refuses a name that no register can bear (C2SP signed-note, key names).
// Fault setup.origin.
func CheckOrigin(origin string) error {
	somebody := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey) // the name is asked about, not the key
	if _, err := policy.ParseVKey(policy.LogVKey(origin, somebody).String()); err != nil {
		return fault.Invalid("setup.origin", fault.At("origin"), fault.Text(origin), fault.Because(err))
	}
	return nil
}
