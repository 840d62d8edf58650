package keyring

import (
	"slices"

	"adamas.example/internal/fault"
	"adamas.example/verify/statement"
)

// Purpose is the one thing a key is for. It stands in the card of the key.
type Purpose string

// The purposes.
const (
	Root      Purpose = "root"      // a pillar's: signs versions of the root document
	Authority Purpose = "authority" // a Participant's authority: appoints and revokes keys, allots numbers
	Office    Purpose = "office"    // an office: signs its statements and the messages it sends
	Officer   Purpose = "officer"   // a person: approves, half of the four eyes
	Log       Purpose = "log"       // signs the checkpoints of one log
	Witness   Purpose = "witness"   // cosigns checkpoints of others' logs
	Message   Purpose = "message"   // opens messages to an office (age X25519); signs nothing
)

// Purposes lists every purpose.
func Purposes() []Purpose { return []Purpose{Root, Authority, Office, Officer, Log, Witness, Message} }

// TextKeys names the words for the purpose, for lang.
func (p Purpose) TextKeys() []string { return []string{"keyring.purpose." + string(p)} }

func (p Purpose) known() bool { return slices.Contains(Purposes(), p) }

// signs tells whether keys of this purpose make COSE_Sign1 of a content type. An
// office's key makes two: what it states, and what it sends.
func (p Purpose) signs(content string) bool {
	switch p {
	case Root:
		return content == statement.ContentRoot
	case Authority:
		return content == statement.ContentStatement
	case Office:
		return content == statement.ContentStatement || content == statement.ContentMessage
	case Officer:
		return content == statement.ContentApproval
	}
	return false
}

// signsNotes tells whether keys of this purpose sign C2SP signed notes, which
// know Ed25519 only.
func (p Purpose) signsNotes() bool { return p == Log || p == Witness }

// use is what an appointment says of a key of this purpose; 0 for those that no
// authority appoints.
func (p Purpose) use() statement.Use {
	switch p {
	case Office:
		return statement.UseOffice
	case Officer:
		return statement.UseOfficer
	}
	return 0
}

func errPurpose(p Purpose) error {
	return fault.Usage("keyring.purpose", fault.At("purpose"), fault.Text(string(p)))
}
