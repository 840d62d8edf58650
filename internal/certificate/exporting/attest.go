package exporting

import (
	"bytes"
	"context"
	"slices"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting/fields"
	"adamas.example/internal/certificate/outside"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Attestation is a confirmation of receipt (KPCS III(b)(ii)) that has come on paper or
// by mail, as this office has read it.
type Attestation struct {
	Day       period.Date    `json:"date_of_receipt"`
	Carats    measure.Carats `json:"carat_weight"`
	Parcels   uint64         `json:"number_of_parcels"`
	By        string         `json:"confirmed_by"`        // who signed it there; in the file alone
	Reference string         `json:"reference,omitempty"` // its number or date there
}

// attested is the particulars of the act.
type attested struct {
	Attestation
	Scans []canonical.Hash `json:"scans"`
}

// Attest states that the importing Participant has confirmed receipt on paper. Nobody
// there has signed: the certificate counts as attested and never as received, until a
// signed receipt comes. scans are the files of the confirmation. Faults:
// certificate.field_missing, field_form, field_future, those of outside.Keep and of
// consignment.Move.
func (d *Desk) Attest(ctx context.Context, id string, o Officer, x Attestation, scans [][]byte, want ledger.State) (*consignment.Consignment, *ledger.Entry, error) {
	if err := x.check(scans, d.today()); err != nil {
		return nil, nil, err
	}
	return d.say(ctx, id, consignment.AttestReceipt, o.by(), want, func(tx *store.Tx, f *filed, about statement.About) (said, any, consignment.Change, error) {
		if x.Day < f.issued {
			return said{}, nil, consignment.Change{}, fault.Invalid("certificate.export_before", fault.At("date_of_receipt"), fault.Arg("number", f.Number), fault.Arg("issued", f.issued))
		}
		hashes, err := keepScans(tx, id, o.ID, scans)
		if err != nil {
			return said{}, nil, consignment.Change{}, err
		}
		change, err := d.due(f, consignment.Attested)
		carats, _ := x.Carats.Hundredths()
		return said{body: &statement.Attestation{About: about, By: string(f.Counterpart), Day: canonical.Day(x.Day), Carats: uint64(carats), Parcels: x.Parcels, Scans: hashes}},
			attested{x, hashes}, change, err
	})
}

func (x Attestation) check(scans [][]byte, today period.Date) error {
	c := &fields.Checker{}
	c.Day("date_of_receipt", x.Day, today)
	c.Need("confirmed_by", x.By, 200)
	c.May("reference", x.Reference, 200)
	if h, rounding := x.Carats.Hundredths(); h <= 0 || rounding != 0 {
		c.Wrong("carat_weight", x.Carats.String())
	}
	if x.Parcels == 0 {
		c.Missing("number_of_parcels")
	}
	if len(scans) == 0 {
		c.Missing("scans")
	}
	if len(scans) > outside.MostScans {
		c.Wrong("scans", "")
	}
	return c.Faults.Err()
}

// keepScans keeps the pictures of a confirmation and gives their digests, ascending.
func keepScans(tx *store.Tx, id, by string, scans [][]byte) (hashes []canonical.Hash, err error) {
	for _, file := range scans {
		h, err := outside.Keep(tx, id, outside.Confirmation, by, file)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, h)
	}
	slices.SortFunc(hashes, func(a, b canonical.Hash) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(hashes), nil
}
