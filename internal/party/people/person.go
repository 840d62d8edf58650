package people

import (
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/ident"
)

// Session is a sign-in that lasts.
type Session struct {
	ID      ident.RecordID
	Person  ident.RecordID
	Made    time.Time
	Seen    time.Time // written once a minute at most
	Proven  time.Time // when he last proved who he is
	Ends    time.Time // at the latest, unused or not
	Address string
	Browser string // "Firefox, Linux"
	Way     Way
}

// Way is how somebody proved who he is.
type Way string

// The ways to prove who one is.
const (
	ByPassword Way = "password"
	ByCode     Way = "code"     // password and a code of the app
	ByRecovery Way = "recovery" // password and a code from the printed list
	ByPasskey  Way = "passkey"
	ByLink     Way = "link"  // a link, at which factors were set
	Plainly    Way = "plain" // no passkey; a proof of identity within the last minutes stands for it
)

// Ways lists them, for lang.
type Ways []Way

// TextKeys names the words for them.
func (l Ways) TextKeys() []string {
	var out []string
	for _, w := range l {
		out = append(out, "people.way."+string(w))
	}
	return out
}

// Visit is a person at a request, signed in.
type Visit struct {
	Person  Person
	Session Session
	From    From
}

// Actor is the visitor for access.
func (v Visit) Actor() access.Actor { return v.Person.Actor() }

// Entry is a session just begun. Token goes into the cookie and nowhere else.
type Entry struct {
	Token string
	Visit Visit
	Codes []string // recovery codes to print, when new ones were made
}

// Typed is what somebody types to sign in. Code is one of the app, or one of the
// printed list, or empty for who has neither.
type Typed struct {
	Login, Password, Code string
}

// Link is what a one-time link leads to.
type Link struct {
	Person  Person
	Kind    LinkKind
	Expires time.Time
}

// LinkKind is what a link is for.
type LinkKind string

// What a link is for.
const (
	ForInvitation LinkKind = "invitation"
	ForRecovery   LinkKind = "recovery" // what was there before goes when it is used
)

// Factors are what a person sets through a link. Passkey and Password may both be
// set; a Code belongs to a Password.
type Factors struct {
	Password string
	Code     string // the first code of the app, after StartCode
	Passkey  Answer // after StartPasskey
	Name     string // of the passkey
}

// Ceremony is one question to an authenticator. Options is the JSON for
// navigator.credentials (its member publicKey); ID comes back with the answer.
type Ceremony struct {
	ID      string
	Options []byte
}

// Answer is what came back: the JSON of PublicKeyCredential.toJSON().
type Answer struct {
	ID       string
	Response []byte
}

// CodeSetUp is the secret of an app that shows codes, for a QR code and for typing.
type CodeSetUp struct {
	Secret string // base32
	URI    string // otpauth://
}

// Invitation is a link that waits to be used.
type Invitation struct {
	ID      ident.RecordID
	Person  Person
	Kind    LinkKind
	By      ident.RecordID // empty: made at the server
	Made    time.Time
	Expires time.Time
}

// Recovery is somebody's request to be let in again.
type Recovery struct {
	ID       ident.RecordID
	Person   Person
	Asked    time.Time
	Address  string
	First    ident.RecordID // administrator who approved; empty: nobody yet
	Approved time.Time
	Expires  time.Time
}
