package entrance

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/party/people"
	"adamas.example/internal/web/form"
)

// Plain is the field of a form whose sender has a passkey and does without it.
const Plain = "plain"

// Assent is how somebody shows, right before something is signed for him, that it is he
// who wants it: his passkey signs the digest of what he sees, and that is kept
// (people.Assertions). Who has no passkey, or says that he does without, must have proved
// who he is within the last minutes, and the trail has that it was so. See docs/adr/0015.
type Assent struct{ people *people.Service }

// NewAssent asks the office's people.
func NewAssent(s *people.Service) *Assent { return &Assent{s} }

// Ask is what a form that leads to a signature asks for: the button of a passkey, with the
// address that gives its question, for a visitor who has one. For others it is nil.
// Fault people.prove_again where the visitor has none and has to prove himself first: see
// ToProve.
func (a *Assent) Ask(r *http.Request, p *lang.Printer, start string) (*form.Passkey, error) {
	has, err := a.has(r)
	if err != nil {
		return nil, err
	}
	if !has {
		return nil, a.people.Fresh(VisitOf(r))
	}
	return &form.Passkey{Start: start, Main: true, Label: p.T("people.assent.passkey", nil), Noted: p.T("people.passkey.noted", nil), Failed: p.T("people.passkey.failed", nil)}, nil
}

// has tells whether the visitor has a passkey that serves here: at the address that his
// browser has opened.
func (a *Assent) has(r *http.Request) (bool, error) {
	if !slices.Contains(a.people.Origins(), originOf(r)) {
		return false, nil
	}
	all, err := a.people.Passkeys(r.Context(), VisitOf(r))
	for _, k := range all {
		if k.Halted.IsZero() {
			return true, err
		}
	}
	return false, err
}

// Act is what somebody assents to.
type Act = people.Wanted

// Over is an act over bytes that are there already: their digest is what a passkey signs.
func Over(purpose, record string, digest [32]byte) Act {
	return Act{Purpose: purpose, Record: record, Digest: digest}
}

// OverForm is an act whose bytes do not exist yet. A passkey signs SHA-256 of the act, what
// it is done to, and the form as it was sent, without what is secret and without the
// answer itself; that text is kept with the assertion. The same form has the same digest.
func OverForm(purpose, record string, posted url.Values) Act {
	sent := url.Values{}
	for name, values := range posted {
		switch name {
		case "passphrase", "password", "code", form.Ceremony, form.Answer, Plain:
		default:
			sent[name] = values
		}
	}
	text, err := json.Marshal([]any{purpose, record, sent}) // names in their order
	if err != nil {
		panic(err) // strings cannot fail
	}
	return Act{Purpose: purpose, Record: record, Digest: sha256.Sum256(text), Text: text}
}

// mostText bounds the text of an act that is kept, in bytes.
const mostText = 32 << 10

// Question gives the script what to ask the visitor's passkey: to sign a digest.
func (a *Assent) Question(w http.ResponseWriter, r *http.Request, p *lang.Printer, act Act) error {
	c, err := a.people.StartConfirm(r.Context(), VisitOf(r), act.Purpose, act.Digest)
	return question(w, p, c, err)
}

// Given tells whether the visitor has assented to an act. Faults: people.assent_needed for
// who has a passkey and has not used it, people.prove_again, web.form_large, those of
// people.Confirm.
func (a *Assent) Given(r *http.Request, act Act) error {
	if said := answer(r); len(said.Response) > 0 {
		if len(act.Text) > mostText {
			return fault.TooLarge("web.form_large", fault.Most(mostText))
		}
		_, err := a.people.Confirm(r.Context(), VisitOf(r), act, said)
		return err
	}
	has, err := a.has(r)
	if err == nil && has && r.PostForm.Get(Plain) == "" {
		return fault.Invalid("people.assent_needed")
	}
	if err == nil {
		err = a.people.AssentPlainly(r.Context(), VisitOf(r), act)
	}
	return err
}
