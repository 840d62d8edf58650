package printing

import (
	"context"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/certificate/sheets"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/module"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
)

// Register prints the register page of this office: what it has issued and received
// on a day, or from one day to another.
type Register struct {
	Target
	Look
	From  string `placeholder:"DATE" help:"cli_consignment_register_from"`
	Until string `placeholder:"DATE" help:"cli_consignment_register_until"`
}

// Run has it done.
func (c *Register) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// mostDays bounds a register: a year is printed month by month.
const mostDays = 366

// Do prints it. Faults: certificate.register_days, module.WriteNew's.
func (c *Register) Do(env *module.Env, n *module.Node) error {
	first, err := dayOr("--from", c.From, period.DateOf(env.Now().UTC()))
	if err != nil {
		return err
	}
	last, err := dayOr("--until", c.Until, first)
	if err != nil {
		return err
	}
	if d := last.DaysSince(first); d < 0 || d >= mostDays {
		return fault.Usage("certificate.register_days", fault.At("--until"), fault.Text(c.Until), fault.Arg("first", first), fault.Arg("most", mostDays))
	}
	r, err := Days(env, n, first, last)
	if err != nil {
		return err
	}
	raw, err := c.PDF(env, n, r)
	if err != nil {
		return err
	}
	return c.written(env, n, n.Office, "consignment.register.written", raw)
}

// Days gathers what an office has done from one day to another. Of env it needs the
// context and the time.
func Days(env *module.Env, n *module.Node, first, last period.Date) (r paper.Register, err error) {
	r = paper.Register{Office: n.Office, Participant: ident.OfficeID(n.Office).Participant(), First: first, Last: last, AsOf: env.Now(), Synthetic: n.Synthetic}
	if r.Issued, err = issued(env.Context, n, first, last); err != nil {
		return r, err
	}
	if r.Received, r.Papers, err = received(env.Context, n, first, last); err != nil {
		return r, err
	}
	r.Ended, err = ended(env.Context, n, first, last)
	return r, err
}

// PDF prints a register as the look says.
func (l *Look) PDF(env *module.Env, n *module.Node, r paper.Register) ([]byte, error) {
	p, err := l.Profile(r.Participant)
	if err != nil {
		return nil, err
	}
	p.Office = OfficeName(env.Context, n, n.Office, n.Signer.ID())
	words, err := paper.Words()
	if err != nil {
		return nil, err
	}
	raw, err := paper.PrintRegister(words, r, p)
	if err != nil {
		return nil, refused(n.Office, err)
	}
	return raw, nil
}

// acted lists the consignments in whose file an act was done on these days.
func acted(ctx context.Context, n *module.Node, act consignment.Act, first, last period.Date) (out []*consignment.Consignment, err error) {
	return out, n.Ledger.Store().Read(ctx, n.Now(), func(tx *store.Tx) error {
		out, err = consignment.ActedIn(tx, act, first.Start(), last.End())
		return err
	})
}

// issued are the certificates of this office, with what it holds of them.
func issued(ctx context.Context, n *module.Node, first, last period.Date) (out []paper.Entry, err error) {
	files, err := acted(ctx, n, consignment.Issue, first, last)
	if err != nil {
		return nil, err
	}
	for _, c := range files {
		e := paper.Entry{Number: c.Number, Other: c.Counterpart, State: c.State}
		if !c.Statement.IsZero() {
			b, err := n.Ledger.Bundle(ctx, c.Statement)
			if err != nil {
				return nil, err
			}
			expires, facts, err := shown(b)
			if err != nil {
				return nil, err
			}
			e.Day, e.Carats, e.Value = expires, facts.Carats, facts.Value
		}
		out = append(out, e)
	}
	return out, nil
}

// received are the receipts that this office has confirmed: of certificates, and apart
// from them of papers from outside.
func received(ctx context.Context, n *module.Node, first, last period.Date) (out, papers []paper.Entry, err error) {
	desk, err := module.Service[*importing.Desk](n)
	if err != nil {
		return nil, nil, err
	}
	files, err := acted(ctx, n, consignment.Confirm, first, last)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range files {
		got, err := desk.Confirmation(ctx, c.ID)
		if err != nil {
			return nil, nil, err
		}
		_, facts, err := shown(got.Certificate)
		if err != nil {
			return nil, nil, err
		}
		e := paper.Entry{Number: c.Number, Other: c.Counterpart, State: c.State, Day: got.Day, Carats: &got.Hundredths, Value: got.Worth(facts.Value)}
		if c.OnPaper {
			papers = append(papers, e)
		} else {
			out = append(out, e)
		}
	}
	return out, papers, nil
}

// ended are the numbers that were used up without a certificate.
func ended(ctx context.Context, n *module.Node, first, last period.Date) (out []paper.Entry, err error) {
	err = n.Ledger.Store().Read(ctx, n.Now(), func(tx *store.Tx) error {
		found, err := sheets.Ended(tx, first.Start(), last.End())
		out = nil
		for _, sh := range found {
			out = append(out, paper.Entry{Number: sh.Number, Day: period.DateOf(sh.EndedAt), Remark: sh.Reason, Without: string(sh.State)})
		}
		return err
	})
	return out, err
}

// shown reads a certificate, or what was keyed of a paper from outside: its last day, and
// of its facts those that are disclosed.
func shown(b *bundle.Bundle) (expires period.Date, facts *verify.Facts, err error) {
	st, err := statement.Parse(b.Statement)
	if err != nil {
		return 0, nil, err
	}
	var root commitment.Root
	switch x := st.Body.(type) {
	case *statement.Certificate:
		expires, root = period.Date(x.Expires), x.Facts
	case *statement.Transcript:
		expires, root = period.Date(x.Expires), x.Facts
	default:
		return 0, nil, fault.Invalid("certificate.not_a_certificate")
	}
	if b.Disclosure == nil {
		return expires, &verify.Facts{}, nil
	}
	open, err := b.Disclosure.Open(root)
	if err != nil {
		return 0, nil, err
	}
	facts, err = verify.DecodeFacts(open)
	return expires, facts, err
}
