package issuing

import (
	"net/http"
	"slices"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/lang"
	"adamas.example/internal/party/partyweb/entrance"
	"adamas.example/internal/web/form"
)

// Assent is how an officer shows that it is he, right before something is signed for him
// (entrance.Assent).
type Assent interface {
	Ask(r *http.Request, p *lang.Printer, start string) (*form.Passkey, error)
	Question(w http.ResponseWriter, r *http.Request, p *lang.Printer, act entrance.Act) error
	Given(r *http.Request, act entrance.Act) error
}

// signs tells whether an act ends in a signature.
func signs(act consignment.Act) bool {
	return slices.Contains([]consignment.Act{consignment.Prepare, consignment.Issue, consignment.Endorse, consignment.Cancel, consignment.ReportLost, consignment.Open}, act)
}

func (x *deed) purpose() string { return "certificate." + string(x.act) }

// wanted is what a passkey signs: of a certificate that is prepared what both officers
// approve, else the form as it was sent.
func (x *deed) wanted() (entrance.Act, error) {
	if x.act != consignment.Issue {
		return entrance.OverForm(x.purpose(), x.page.ID, x.sent.Values), nil
	}
	p, err := x.certificates.Prepared(x.r.Context(), x.file.Consignment.Number)
	if err != nil {
		return entrance.Act{}, err
	}
	return entrance.Over(x.purpose(), x.page.ID, p.Digest()), nil
}

// ask is the passkey that the form of an act that signs asks for.
func (x *deed) ask() (*form.Passkey, error) {
	if !signs(x.act) {
		return nil, nil
	}
	return x.assent.Ask(x.r, x.p, x.page.Path+"/assent")
}

// assented wants the officer's assent where an act signs.
func (x *deed) assented() error {
	if !signs(x.act) {
		return nil
	}
	act, err := x.wanted()
	if err == nil {
		err = x.assent.Given(x.r, act)
	}
	return err
}

// startAssent gives the question for the officer's passkey.
func (d *desk) startAssent(w http.ResponseWriter, r *http.Request) error {
	sent, err := form.Receive(w, r)
	if err != nil {
		return err
	}
	x, _, err := d.begin(r, "", sent)
	if err != nil {
		return err
	}
	act, err := x.wanted()
	if err != nil {
		return err
	}
	return d.assent.Question(w, r, x.p, act)
}
