package exporting

import (
	"context"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting/fields"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Exported is what customs note of a shipment that leaves.
type Exported struct {
	Day       period.Date `json:"day"`
	Exit      string      `json:"exit_point"`
	Reference string      `json:"customs_reference"`
	Remark    string      `json:"remark,omitempty"`
}

// Export notes that the shipment has left, before the certificate expired. Nothing
// of it is public: a timetable of parcels in flight would be a robber's. Faults:
// certificate.field_missing, field_form, field_future, certificate.export_expired.
func (d *Desk) Export(ctx context.Context, id string, o Officer, x Exported) (*consignment.Consignment, error) {
	c := &fields.Checker{}
	c.Day("day", x.Day, d.today())
	c.Need("exit_point", x.Exit, 100)
	c.Need("customs_reference", x.Reference, 100)
	c.May("remark", x.Remark, 500)
	if err := c.Faults.Err(); err != nil {
		return nil, err
	}
	var out *consignment.Consignment
	err := d.write(ctx, func(tx *store.Tx) error {
		var steps []consignment.Step
		var err error
		if out, steps, err = open(tx, id); err != nil {
			return err
		}
		f, err := read(out, steps)
		if err != nil {
			return err
		}
		if x.Day > f.expires && allowed(out.State, consignment.Export, o.Role) {
			return fault.Conflict("certificate.export_expired", fault.At("day"), fault.Arg("number", out.Number), fault.Arg("until", f.expires))
		}
		if x.Day < f.issued {
			return fault.Invalid("certificate.export_before", fault.At("day"), fault.Arg("number", out.Number), fault.Arg("issued", f.issued))
		}
		f.exported = &x
		change, err := d.due(f, consignment.Exported)
		if err != nil {
			return err
		}
		return consignment.Move(tx, out, consignment.Export, o.by(), x, change)
	})
	return out, err
}

// Announcement is what the office tells the importing office before arrival.
type Announcement struct {
	To   ident.OfficeID `json:"to,omitempty"` // empty: the application's
	Note string         `json:"note,omitempty"`
}

// advised is the particulars of an advice that was sent.
type advised struct {
	Announcement
	Statement canonical.Hash `json:"statement"`
}

// Advise signs the message before arrival (KPCS Annex II 19) and hands it with the
// certificate and all it discloses to the post, which encrypts it to the importing
// office. The advice is never logged. It may be sent again. Faults:
// certificate.no_post, certificate.no_office, certificate.not_yet_signed,
// ledger.not_signed, those of consignment.Move.
func (d *Desk) Advise(ctx context.Context, id string, o Officer, a Announcement) (*consignment.Consignment, error) {
	if d.cfg.Post == nil {
		return nil, fault.Unavailable("certificate.no_post")
	}
	c, steps, err := d.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if !allowed(c.State, consignment.Advise, o.Role) {
		return d.move(ctx, id, consignment.Advise, o, nil, consignment.Change{}, nil)
	}
	f, err := read(c, steps)
	if err != nil {
		return nil, err
	}
	signed, bundle, err := d.letter(ctx, f, &a)
	if err != nil {
		return nil, err
	}
	err = d.write(ctx, func(tx *store.Tx) error {
		if c, err = consignment.Get(tx, id); err != nil {
			return err
		}
		if err := consignment.Move(tx, c, consignment.Advise, o.by(), advised{a, canonical.Sum(signed)}, consignment.Change{}); err != nil {
			return err
		}
		return d.cfg.Post(tx, string(a.To), "advice", [][]byte{signed}, [][]byte{bundle})
	})
	return c, err
}

// letter makes the signed advice and the certificate's file.
func (d *Desk) letter(ctx context.Context, f *filed, a *Announcement) (signed, file []byte, err error) {
	check := &fields.Checker{}
	check.May("note", a.Note, 500)
	if a.To == "" {
		a.To = f.app.Office
	}
	if a.To != "" && a.To.Participant() != f.Counterpart {
		check.Wrong("to", string(a.To))
	}
	if err := check.Faults.Err(); err != nil {
		return nil, nil, err
	}
	if a.To == "" {
		return nil, nil, fault.Conflict("certificate.no_office", fault.At("to"), fault.Arg("participant", f.Counterpart))
	}
	b, e, err := d.cfg.Certificates.Bundle(ctx, f.Number)
	if err != nil {
		return nil, nil, err
	}
	if file, err = b.Encode(); err != nil {
		return nil, nil, err
	}
	payload, err := statement.Payload(statement.Header{Type: statement.TypeAdvice, Issuer: string(d.cfg.Office), IssuedAt: d.cfg.Now().Unix(),
		Subject: statement.CertificateSubject(f.Number), Refs: []canonical.Hash{e.Hash}, Synthetic: d.cfg.Synthetic},
		&statement.Advice{About: statement.About{Number: f.Number, Certificate: e.Hash}, To: string(a.To), Day: canonical.Day(f.exported.Day), Exit: f.exported.Exit, Note: a.Note})
	if err != nil {
		return nil, nil, fault.Invalid("certificate.draft", fault.Because(err))
	}
	key := d.cfg.Signer.Key()
	u, err := statement.Unsign(key.Alg, key.ID(), statement.ContentStatement, payload, false)
	if err != nil {
		return nil, nil, err
	}
	if signed, err = d.cfg.Signer.Sign(ctx, u); err != nil {
		return nil, nil, fault.Unavailable("ledger.not_signed", fault.Arg("key", u.KeyID().String()), fault.Because(err))
	}
	return signed, file, nil
}

// opening is what makes the delayed facts public: the whole group and nothing else.
func (d *Desk) opening(tx *store.Tx, f *filed, about statement.About) (said, error) {
	k, err := ledger.FromVault(tx, f.Statement)
	if err != nil {
		return said{}, err
	}
	if k == nil || k.Disclosure == nil {
		return said{}, fault.Conflict("certificate.facts_lost", fault.Arg("number", f.Number))
	}
	delayed, err := k.Disclosure.Select(delayedLabel)
	if err != nil {
		return said{}, err
	}
	return said{body: &statement.Opening{About: about, Facts: *delayed}}, nil
}

// Open makes the delayed facts of the certificate public, before they are due: when
// they are, Tick does it. Fault certificate.opened_already.
func (d *Desk) Open(ctx context.Context, id string, o Officer, want ledger.State) (*consignment.Consignment, *ledger.Entry, error) {
	return d.openAs(ctx, id, o.by(), want)
}

func (d *Desk) openAs(ctx context.Context, id string, by consignment.By, want ledger.State) (*consignment.Consignment, *ledger.Entry, error) {
	return d.say(ctx, id, consignment.Open, by, want, func(tx *store.Tx, f *filed, about statement.About) (said, any, consignment.Change, error) {
		if f.opened {
			return said{}, nil, consignment.Change{}, fault.Conflict("certificate.opened_already", fault.Arg("number", f.Number))
		}
		s, err := d.opening(tx, f, about)
		if err != nil {
			return said{}, nil, consignment.Change{}, err
		}
		f.opened = true
		change, err := d.due(f, f.State)
		return s, nil, change, err
	})
}
