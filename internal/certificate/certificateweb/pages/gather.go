package pages

import (
	"context"
	"slices"
	"time"

	"adamas.example/internal/certificate/life"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
)

// content is one certificate with everything that is public of it.
type content struct {
	life.Certificate
	origins  []string // of the logs in which it is recorded
	index    int64    // in the first; -1 where it is in none yet
	state    ledger.State
	own      *ledger.Entry // nil for that of another register
	signed   []byte        // nil when its bytes are not known here
	parsed   *statement.Statement
	facts    *verify.Facts // nil while withheld
	opening  *life.Event   // that made them public
	openBad  bool          // an opening that is not what was committed to
	shown    *commitment.Disclosure
	verdict  *verify.Verdict // nil when the verifier cannot be asked
	made     bool            // whether the pack that it was judged from is SYNTHETIC
	parents  []relative
	more     bool // children than are shown
	children []relative
}

// relative is a certificate that this one was made from, or that was made from it.
type relative struct {
	number     string
	hundredths uint64
}

// gather reads all contents under a number, in order of time; none when nobody
// entitled has signed one.
func (d *desk) gather(ctx context.Context, number string) ([]*content, error) {
	var out []*content
	err := d.node.Ledger.Store().Read(ctx, d.node.Now(), func(tx *store.Tx) error {
		out = nil
		found, err := life.Of(tx, number)
		if err != nil {
			return err
		}
		for _, c := range found {
			if i := slices.IndexFunc(out, func(o *content) bool { return o.Statement == c.Statement }); i >= 0 {
				out[i].origins = append(out[i].origins, c.Origin) // the same, in another log of its Participant
				continue
			}
			one := &content{Certificate: c, origins: []string{c.Origin}, index: -1, state: ledger.Witnessed}
			one.Events = once(c.Events)
			if err := one.read(tx); err != nil {
				return err
			}
			out = append(out, one)
		}
		return nil
	})
	for _, c := range out {
		if err == nil {
			err = d.complete(ctx, c)
		}
	}
	return out, err
}

// once leaves out what is recorded in two logs of a Participant.
func once(events []life.Event) (out []life.Event) {
	for _, e := range events {
		if !slices.ContainsFunc(out, func(o life.Event) bool { return o.Statement == e.Statement }) {
			out = append(out, e)
		}
	}
	return out
}

// read takes the bytes, where they are another register's, and the disclosure of the
// first opening.
func (c *content) read(tx *store.Tx) error {
	found, err := life.ContentOf(tx, c.Statement, c.Origin)
	if err != nil {
		return err
	}
	if found != nil {
		c.signed, c.index = found.Signed, found.Index
	}
	for i := range c.Events {
		if e := &c.Events[i]; e.Type == statement.TypeOpening {
			c.opening = e
			c.shown, err = life.OpeningOf(tx, e.Statement)
			return err
		}
	}
	return nil
}

// complete adds what is not in the view: the own register's part, the facts, the
// verdict, and what was made from it.
func (d *desk) complete(ctx context.Context, c *content) error {
	if c.signed == nil {
		switch e, err := d.node.Ledger.Entry(ctx, c.Statement); {
		case fault.Is(err, "ledger.unknown_entry"):
		case err != nil:
			return err
		default:
			c.own, c.signed, c.index, c.state = e, e.Signed, e.Index, e.State()
		}
	}
	if c.signed != nil {
		st, err := statement.Parse(c.signed)
		if err != nil {
			return err // the view takes certificates only
		}
		c.parsed = st
		c.open()
	}
	if err := d.judged(ctx, c); err != nil {
		return err
	}
	return d.relatives(ctx, c)
}

// open reads the facts that were made public.
func (c *content) open() {
	cert, ok := c.parsed.Body.(*statement.Certificate)
	if !ok || c.opening == nil || c.shown == nil {
		return
	}
	facts, err := life.Public(c.shown, cert.Facts)
	if err != nil {
		c.openBad, c.shown = true, nil
		return
	}
	c.facts = facts
	for _, p := range facts.Consumed {
		c.parents = append(c.parents, relative{p.Number, p.Hundredths})
	}
}

// judged asks the verifier whether it is genuine and recorded. Beside the bytes it is
// given only what is public.
func (d *desk) judged(ctx context.Context, c *content) error {
	if c.signed == nil {
		return nil
	}
	b := &bundle.Bundle{Version: 1, Statement: c.signed, Disclosure: public(c.shown)}
	if c.own != nil {
		full, err := d.node.Ledger.Bundle(ctx, c.Statement)
		if err != nil {
			return err
		}
		b.Proof, b.Approvals = full.Proof, full.Approvals
	}
	held := d.judge.Recent(ctx, func(h *follow.Held) bool {
		if len(b.Proof) > 0 {
			return true
		}
		l := h.Log(c.origins[0])
		return l != nil && c.index >= 0 && uint64(c.index) < l.Size()
	})
	if held == nil {
		return nil
	}
	c.made = held.Chain.Current().Synthetic
	c.verdict = verify.New(held.Pack).Verify(b, verify.Options{Purpose: verify.Record, At: d.node.Now().UTC()})
	return nil
}

// public is a disclosure without facts that are private; nil where they cannot be taken
// out of it.
func public(d *commitment.Disclosure) *commitment.Disclosure {
	if d == nil || !slices.ContainsFunc(d.Slots, func(s commitment.Slot) bool { return s.Shown != nil && !verify.Delayed(s.Shown.Label) }) && len(d.Facts) == 0 {
		return d
	}
	narrow, err := d.Select(verify.Delayed)
	if err != nil {
		return nil
	}
	return narrow
}

// mostChildren is how many certificates that were made from this one a page shows.
const mostChildren = 40

// relatives finds what was made from a certificate: only what an entitled office has
// opened, and what was committed to.
func (d *desk) relatives(ctx context.Context, c *content) error {
	var found []life.Child
	err := d.node.Ledger.Store().Read(ctx, d.node.Now(), func(tx *store.Tx) (err error) {
		found, err = life.Children(tx, c.Statement, mostChildren+1)
		return err
	})
	if err != nil {
		return err
	}
	c.more = len(found) > mostChildren
	for _, child := range found[:min(len(found), mostChildren)] {
		one, err := d.child(ctx, c.Statement, child)
		if err != nil {
			return err
		}
		if one != nil && !slices.Contains(c.children, *one) {
			c.children = append(c.children, *one)
		}
	}
	return nil
}

func (d *desk) child(ctx context.Context, parent canonical.Hash, child life.Child) (*relative, error) {
	var c *content
	err := d.node.Ledger.Store().Read(ctx, d.node.Now(), func(tx *store.Tx) error {
		c = nil
		found, err := life.Of(tx, child.Number)
		for _, f := range found {
			if f.Statement == child.Statement && slices.ContainsFunc(f.Events, func(e life.Event) bool { return e.Statement == child.Opening }) {
				c = &content{Certificate: f}
				return c.read(tx)
			}
		}
		return err
	})
	if err != nil || c == nil {
		return nil, err
	}
	if c.signed == nil {
		e, err := d.node.Ledger.Entry(ctx, c.Statement)
		if err != nil {
			return nil, nil //nolint:nilerr // its bytes are not known here
		}
		c.signed = e.Signed
	}
	if c.parsed, err = statement.Parse(c.signed); err != nil {
		return nil, err
	}
	c.open()
	if c.facts == nil {
		return nil, nil
	}
	for _, p := range c.facts.Consumed {
		if p.Statement == parent {
			return &relative{child.Number, p.Hundredths}, nil
		}
	}
	return nil, nil
}

// recorded is the witnesses' time, where it is known.
func (c *content) recorded() (time.Time, bool) {
	switch {
	case c.own != nil && !c.own.WitnessedAt.IsZero():
		return c.own.WitnessedAt, true
	case c.verdict != nil && c.verdict.Open != nil && c.verdict.Open.Recorded != nil:
		return *c.verdict.Open.Recorded, true
	}
	return time.Time{}, false
}
