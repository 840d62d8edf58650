package operations

import (
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/web/api"
	"adamas.example/verify/statement"
)

// done drops what an act gives: the answer is read anew.
func done(_ *consignment.Consignment, err error) error { return err }

// stated is done for an act that states something.
func stated(_ *consignment.Consignment, _ *ledger.Entry, err error) error { return err }

// exportActs are those on the way to a certificate.
func (d *desk) exportActs(a *api.API) {
	exported(d, a, consignment.Value, api.Operation{ID: "valueConsignment", Summary: "Enter one valuation",
		Description: "The government's, an independent expert's or the exporter's (`by`). Of several by one of them the last counts."},
		func(c *api.Call, id string, who exporting.Officer, v certificate.Valuation) error {
			return done(d.exports.Value(c.Context(), id, who, v))
		})
	exported(d, a, consignment.Tax, api.Operation{ID: "settleTax", Summary: "Enter the tax receipt, or the exemption with its reason"},
		func(c *api.Call, id string, who exporting.Officer, v certificate.Tax) error {
			return done(d.exports.Settle(c.Context(), id, who, v))
		})
	exported(d, a, consignment.Seal, api.Operation{ID: "sealConsignment", Summary: "Enter how the containers were closed, after the content was seen",
		Description: "Photographs are named by their SHA-256 and are sent before: see addPhoto."}, d.seal)
	exported(d, a, consignment.FindDeficient, api.Operation{ID: "findDeficient", Summary: "Send an application back with reasons, field by field"},
		func(c *api.Call, id string, who exporting.Officer, v exporting.Reasons) error {
			return done(d.exports.FindDeficient(c.Context(), id, who, v))
		})
	exported(d, a, consignment.Reject, api.Operation{ID: "rejectApplication", Summary: "Refuse an application for good, with written reasons"},
		func(c *api.Call, id string, who exporting.Officer, v exporting.Reasons) error {
			return done(d.exports.Reject(c.Context(), id, who, v))
		})
	exported(d, a, consignment.Spoil, api.Operation{ID: "spoilSheet", Summary: "Give the sheet up before the certificate is issued"},
		func(c *api.Call, id string, who exporting.Officer, v exporting.Reasons) error {
			return done(d.exports.Spoil(c.Context(), id, who, v.Reason))
		})
}

// laterActs are those that follow the issue.
func (d *desk) laterActs(a *api.API) {
	exported(d, a, consignment.Export, api.Operation{ID: "exportConsignment", Summary: "Note that the shipment has left"},
		func(c *api.Call, id string, who exporting.Officer, v exporting.Exported) error {
			return done(d.exports.Export(c.Context(), id, who, v))
		})
	exported(d, a, consignment.Advise, api.Operation{ID: "adviseConsignment", Summary: "Tell the importing office before arrival",
		Description: "The message travels encrypted, with the certificate and all that it discloses. It may be sent again."},
		func(c *api.Call, id string, who exporting.Officer, v exporting.Announcement) error {
			return done(d.exports.Advise(c.Context(), id, who, v))
		})
	exported(d, a, consignment.Endorse, api.Operation{ID: "endorseCertificate", Summary: "Have a minor error read otherwise"},
		func(c *api.Call, id string, who exporting.Officer, v exporting.Correction) error {
			return stated(d.exports.Endorse(c.Context(), id, who, v, ledger.Signed))
		})
	exported(d, a, consignment.Cancel, api.Operation{ID: "cancelCertificate", Summary: "Make a certificate void that has not left"},
		func(c *api.Call, id string, who exporting.Officer, v exporting.Reasons) error {
			return stated(d.exports.Cancel(c.Context(), id, who, v, ledger.Signed))
		})
	exported(d, a, consignment.ReportLost, api.Operation{ID: "reportLost", Summary: "Warn everybody of a certificate that was lost or stolen"},
		func(c *api.Call, id string, who exporting.Officer, v exporting.Lost) error {
			return stated(d.exports.ReportLost(c.Context(), id, who, v, ledger.Signed))
		})
	exported(d, a, consignment.Open, api.Operation{ID: "openFacts", Summary: "Make the delayed facts public before they are due"},
		func(c *api.Call, id string, who exporting.Officer, _ api.Nothing) error {
			return stated(d.exports.Open(c.Context(), id, who, ledger.Signed))
		})
	exported(d, a, consignment.AttestReceipt, api.Operation{ID: "attestReceipt", Permission: mayAttest, Summary: "State that receipt was confirmed on paper", Most: mostScans, Example: d.exampleAttestation(),
		Description: "Nobody at the other end has signed: the certificate counts as attested and never as received, until a signed receipt comes."},
		func(c *api.Call, id string, who exporting.Officer, v attesting) error {
			return stated(d.exports.Attest(c.Context(), id, who, v.Attestation, files(v.Scans), ledger.Signed))
		})
	d.reissue(a)
}

// reissue begins a new file: its answer is that.
func (d *desk) reissue(a *api.API) {
	api.Act(a, api.Operation{ID: "reissueCertificate", Path: "/consignments/{id}/reissue", Paths: idPath, Tag: tagExport, Permission: mayWork, Sketch: sketch, Example: d.example(consignment.Reissue),
		Summary: "Begin the certificate that shall replace another, before export and against the old paper", Description: "The answer is the new file; it begins sealed."},
		func(c *api.Call, v exporting.Reissued) (string, error) {
			id, who, err := d.exporter(c, consignment.Reissue)
			if err != nil {
				return "", err
			}
			made, err := d.exports.Reissue(c.Context(), id, who, v)
			if err != nil {
				return "", err
			}
			return made.ID, nil
		}, d.exportFile)
}

// preparing names both officers, by their keys.
type preparing struct {
	Preparer  statement.KeyID `json:"preparer" doc:"key of the officer who prepares it"`
	Validator statement.KeyID `json:"validator" doc:"key of the officer who shall issue it: another"`
}

// signed is an officer's approval.
type signed struct {
	Signature api.Bytes `json:"signature" doc:"64 bytes: the signature over to_sign; for ES256 r and s"`
}

// signingActs are those for which officers sign.
func (d *desk) signingActs(a *api.API) {
	exported(d, a, consignment.Prepare, api.Operation{ID: "prepareCertificate", Summary: "Write the certificate, have every rule judge it, and allot a sheet", Example: examplePreparing,
		Description: "Nothing is issued. The answer's `approval` says what the two officers sign, each with the key that their authority has stated: first the preparer (approveCertificate), then the validator (issueCertificate). The keys never come to this node."},
		func(c *api.Call, id string, who exporting.Officer, v preparing) error {
			first, err := d.officer(c.Context(), "preparer", v.Preparer, nil)
			if err != nil {
				return err
			}
			if _, err := d.officer(c.Context(), "validator", v.Validator, nil); err != nil {
				return err
			}
			_, err = d.exports.Prepare(c.Context(), id, first, v.Validator, who.Seen)
			if fault.Is(err, "keyring.approval_awaited") { // it is prepared, and the officer signs now
				return nil
			}
			return err
		})
	api.Act(a, api.Operation{ID: "approveCertificate", Path: "/consignments/{id}/approve", Paths: idPath, Tag: tagExport, Permission: mayWork, Example: exampleSigned,
		Summary: "Hand in the preparer's signature"}, d.approve, d.exportFile)
	exported(d, a, consignment.Issue, api.Operation{ID: "issueCertificate", Summary: "Hand in the validator's signature, and issue the certificate", Example: exampleSigned,
		Description: "The sheet is spent, the certificate is signed by the office and recorded. `record` says how far it has come: it may be printed once it is witnessed."},
		func(c *api.Call, id string, who exporting.Officer, v signed) error {
			found, err := d.find(c, id)
			if err != nil {
				return err
			}
			p, err := d.certificates.Prepared(c.Context(), found.Number)
			if err != nil {
				return err
			}
			second, err := d.officer(c.Context(), "signature", p.Certificate().Validator, v.Signature)
			if err != nil {
				return err
			}
			_, err = d.exports.Issue(c.Context(), id, second, who.Seen, ledger.Signed)
			return err
		})
}

// approve takes the preparer's approval. Given again, it changes nothing.
func (d *desk) approve(c *api.Call, v signed) (string, error) {
	found, err := d.find(c, c.Path("id"))
	if err != nil {
		return "", err
	}
	if _, err := role(c, found, consignment.Issue); err != nil { // who may prepare may do this, as long as it is prepared
		return "", err
	}
	p, err := d.certificates.Prepared(c.Context(), found.Number)
	if err != nil {
		return "", err
	}
	first, err := d.officer(c.Context(), "signature", p.Certificate().Preparer, v.Signature)
	if err != nil {
		return "", err
	}
	if p.Approved() {
		_, err := first.Approve(c.Context(), p.Digest())
		return found.ID, err
	}
	_, err = d.certificates.Approve(c.Context(), found.Number, first)
	return found.ID, err
}
