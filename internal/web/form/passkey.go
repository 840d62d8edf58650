package form

// Passkey is the button with which a form asks for a passkey; the template "passkey" and
// the script passkey.js go with it. The script posts the form to Start for the question,
// and sends the form with the answer in the fields Ceremony and Answer.
type Passkey struct {
	Start  string // address that gives the question
	Create bool   // a new passkey rather than one that is there
	Main   bool   // it is the form's own button, not a way beside others
	Label  string
	Noted  string // what stands there without script or without passkeys
	Failed string
	// Refused: there are none at the address that the browser has opened; Elsewhere is one
	// where there are, "" for none.
	Refused   bool
	Elsewhere string
}

// The fields that carry the answer of a passkey.
const (
	Ceremony = "ceremony"
	Answer   = "answer"
)
