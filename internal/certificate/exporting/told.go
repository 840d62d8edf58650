package exporting

import (
	"encoding/json"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/fault"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
)

// Told is what a file says to its exporter: his application as it counts now, what it
// is worth and what it costs, why it was sent back, and how far it has come.
type Told struct {
	Application *Application
	Official    *certificate.Valuation // that counts here (R-VAL-01); nil while it is not in the file
	Due         []certificate.TaxLine  // what is levied on the official value, while no receipt is there
	Tax         *certificate.Tax
	Sealing     *certificate.Sealing
	Sent        *Reasons        // the last reasons given, with the act they were given for
	SentFor     consignment.Act // find_deficient, reject, withdraw, cancel
	Exported    *Exported
	Issued      period.Date
	Expires     period.Date
	ReplacedBy  string // the file whose certificate takes this one's place
}

// reasoned are the acts that give reasons.
var reasoned = map[consignment.Act]bool{consignment.FindDeficient: true, consignment.Reject: true, consignment.Withdraw: true, consignment.Cancel: true}

// Tell reads a file for its exporter. Fault certificate.no_application.
func (d *Desk) Tell(c *consignment.Consignment, steps []consignment.Step) (*Told, error) {
	f, err := read(c, steps)
	if err != nil {
		return nil, err
	}
	if f.app == nil {
		return nil, fault.Conflict("certificate.no_application", fault.Arg("consignment", c.ID))
	}
	t := &Told{Application: f.app, Tax: f.tax, Sealing: f.sealing, Exported: f.exported, Issued: f.issued, Expires: f.expires, ReplacedBy: f.replacedBy}
	for _, s := range steps {
		switch {
		case reasoned[s.Act]:
			t.Sent, t.SentFor = &Reasons{}, s.Act
			if err := json.Unmarshal(s.Detail, t.Sent); err != nil {
				return nil, err
			}
		case s.Act == consignment.Amend:
			t.Sent, t.SentFor = nil, ""
		}
	}
	if v, ok, err := d.official(f); err != nil {
		return nil, err
	} else if ok {
		t.Official = v
	}
	if t.Official != nil && t.Tax == nil {
		var total measure.USD
		if total, err = t.Official.Total(); err == nil {
			t.Due, err = certificate.Duties(d.cfg.Rules, d.scope(f.Counterpart), total, false)
		}
	}
	return t, err
}
