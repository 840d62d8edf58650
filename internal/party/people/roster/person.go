package roster

import (
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/verify/statement"
)

// State is where an account stands.
type State string

// The states of an account.
const (
	Invited   State = "invited"   // has a link and no factor yet
	Active    State = "active"    // may sign in
	Suspended State = "suspended" // may not, until resumed
	Ended     State = "ended"     // may not any more
)

// States lists them, for lang.
type States []State

// TextKeys names the words for them.
func (l States) TextKeys() []string {
	var out []string
	for _, s := range l {
		out = append(out, "people.state."+string(s))
	}
	return out
}

// Company is whom somebody acts for who is no officer: the holder of a trader's
// licence.
type Company struct {
	Holder  string `json:"holder"`
	Licence string `json:"licence"` // its number in the register of licences
}

// SigningKey is a key by which an officer approves what his office signs.
type SigningKey struct {
	ID   statement.KeyID `json:"id"`
	Kind KeyKind         `json:"kind"`
}

// KeyKind is where a signing key lives.
type KeyKind string

// Where a signing key lives.
const (
	InRing    KeyKind = "ring"    // in the node's ring, or an agent behind it
	InPasskey KeyKind = "passkey" // in the officer's authenticator
)

// Person is an account.
type Person struct {
	ID       ident.RecordID
	Login    string // folded: see FoldLogin
	Name     string
	Language lang.Language
	Company  Company // of an exporter; empty for everybody else
	Grants   []access.Grant
	Keys     []SigningKey
	State    State
	Made     time.Time // invited, or founded
	Changed  time.Time // the last change of anything above
	Password bool      // has one
	Code     bool      // has an app that shows codes
	Passkeys int       // that serve
}

// Actor is the person for access: nobody while the account is not active.
func (p Person) Actor() access.Actor {
	if p.State != Active {
		return access.Actor{}
	}
	return access.Actor{ID: p.ID, Grants: p.Grants}
}

// Holds tells whether the person has the role anywhere.
func (p Person) Holds(role access.Role) bool {
	for _, g := range p.Grants {
		if g.Role == role {
			return true
		}
	}
	return false
}

// Proposal is an account as an administrator gives it.
type Proposal struct {
	Login    string
	Name     string
	Language lang.Language
	Company  Company
	Grants   []access.Grant
}
