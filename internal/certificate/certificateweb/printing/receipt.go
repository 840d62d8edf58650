package printing

import (
	"context"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
	"adamas.example/verify/statement"
)

// Receipt prints the confirmation of import of a consignment that this office has
// received.
type Receipt struct {
	Target
	Look
	ID string `arg:"" help:"cli_consignment_id"`
}

// Run has it done.
func (c *Receipt) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do prints it. Faults: those of importing.Desk.Confirmation and module.WriteNew.
func (c *Receipt) Do(env *module.Env, n *module.Node) error {
	desk, err := module.Service[*importing.Desk](n)
	if err != nil {
		return err
	}
	r, p, err := c.receipt(env.Context, n, desk, c.ID)
	if err != nil {
		return err
	}
	words, err := paper.Words()
	if err != nil {
		return err
	}
	raw, err := paper.PrintReceipt(words, r, p)
	if err != nil {
		return refused(c.ID, err)
	}
	return c.written(env, n, c.ID, "consignment.receipt.written", raw)
}

// receipt reads what a confirmed receipt is printed from.
func (l *Look) receipt(ctx context.Context, n *module.Node, desk *importing.Desk, id string) (r paper.Receipt, p paper.Profile, err error) {
	c, err := desk.Confirmation(ctx, id)
	if err != nil {
		return r, p, err
	}
	r = paper.Receipt{Certificate: c.Certificate, Policy: n.Ledger.Log().Policy(), Place: c.Place, Scale: c.Measured.Scale, Value: c.Revalued()}
	for _, s := range c.Seals {
		r.Seals = append(r.Seals, paper.SealFound{Container: s.Container, Seal: s.Seal, Intact: s.Intact})
	}
	if r.Signed, err = n.Ledger.Bundle(ctx, c.Receipt); err != nil {
		return r, p, err
	}
	st, err := statement.Parse(r.Signed.Statement)
	if err != nil {
		return r, p, err
	}
	p, err = l.Profile(ident.OfficeID(n.Office).Participant())
	p.Office = OfficeName(ctx, n, st.Issuer, st.Signed.KeyID)
	return r, p, err
}

// Coupon prints the part that goes back to the exporting office: with what was found,
// where this office has confirmed the receipt; for a certificate of its own to be
// filled in by hand at the other end.
type Coupon struct {
	Target
	Look
	ID string `arg:"" help:"cli_consignment_id"`
}

// Run has it done.
func (c *Coupon) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do prints it. Faults: as Receipt; certificate.not_issued for a shipment that has no
// certificate yet.
func (c *Coupon) Do(env *module.Env, n *module.Node) error {
	desk, err := module.Service[*importing.Desk](n)
	if err != nil {
		return err
	}
	words, err := paper.Words()
	if err != nil {
		return err
	}
	own, err := c.own(env, n)
	if err != nil {
		return err
	}
	if own != "" {
		certificates, err := module.Service[*certificate.Service](n)
		if err != nil {
			return err
		}
		b, _, err := certificates.Bundle(env.Context, own)
		if err != nil {
			return err
		}
		p, err := c.Profile(ident.OfficeID(n.Office).Participant())
		if err != nil {
			return err
		}
		raw, err := paper.PrintBlankCoupon(words, b, p)
		if err != nil {
			return refused(c.ID, err)
		}
		return c.written(env, n, c.ID, "consignment.coupon.blank", raw)
	}
	r, p, err := c.receipt(env.Context, n, desk, c.ID)
	if err != nil {
		return err
	}
	raw, err := paper.PrintCoupon(words, r, p)
	if err != nil {
		return refused(c.ID, err)
	}
	return c.written(env, n, c.ID, "consignment.coupon.written", raw)
}

// own is the number of a consignment that this office exports; "" of one that it
// receives.
func (c *Coupon) own(env *module.Env, n *module.Node) (number string, err error) {
	return number, n.Ledger.Store().Read(env.Context, n.Now(), func(tx *store.Tx) error {
		f, err := consignment.Get(tx, c.ID)
		if err == nil && f.Exports() {
			number = f.Number
		}
		return err
	})
}

// Site is the address that stands in the codes of papers unless an office has another.
const Site = "HTTPS://V.KP.EXAMPLE"

// Paper is what of a receipt is printed.
type Paper func(words *lang.Catalogue, r paper.Receipt, p paper.Profile) ([]byte, error)

// Confirmed prints a paper of a confirmed receipt, as the office's profile has it.
// Faults: those of importing.Desk.Confirmation, certificate.print_of.
func Confirmed(ctx context.Context, n *module.Node, desk *importing.Desk, id string, print Paper) ([]byte, error) {
	look := Look{Site: Site}
	r, p, err := look.receipt(ctx, n, desk, id)
	if err != nil {
		return nil, err
	}
	words, err := paper.Words()
	if err != nil {
		return nil, err
	}
	raw, err := print(words, r, p)
	if err != nil {
		return nil, refused(id, err)
	}
	return raw, nil
}
