package people

import (
	"adamas.example/internal/party/people/arrival"
	"adamas.example/internal/party/people/passkey"
	"adamas.example/internal/party/people/roster"
)

// What the packages below call their own, for those who call this one.
type (
	Person     = roster.Person
	Company    = roster.Company
	SigningKey = roster.SigningKey
	KeyKind    = roster.KeyKind
	Proposal   = roster.Proposal
	State      = roster.State
	States     = roster.States
	From       = arrival.From
	Passkey    = passkey.Passkey
	Wanted     = passkey.Wanted
	Assertion  = passkey.Assertion
)

// States and kinds of roster.
const (
	Invited   = roster.Invited
	Active    = roster.Active
	Suspended = roster.Suspended
	Ended     = roster.Ended

	InRing    = roster.InRing
	InPasskey = roster.InPasskey
)
