package exporting

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

//go:embed text
var text embed.FS

// Text is the package's words.
func Text() fs.FS { return text }

// Desk does the acts of one exporting office.
type Desk struct {
	cfg Config
}

// Config is what the desk needs.
type Config struct {
	Certificates *certificate.Service // of the same office and ledger
	Ledger       *ledger.Ledger
	Rules        rule.Set
	Office       ident.OfficeID
	Signer       ledger.Signer // the office's key
	Now          func() time.Time
	Entropy      io.Reader // seeds of commitments; crypto/rand.Reader in production
	Synthetic    bool
	// Post hands a message to an office to the outbox, in the transaction. Nil: this
	// node has no post, and advice is refused with a fault that says so.
	Post func(tx *store.Tx, to, kind string, statements, bundles [][]byte) error
}

// New makes the desk.
func New(cfg Config) *Desk { return &Desk{cfg: cfg} }

// Officer is who acts at the desk.
type Officer struct {
	ID   string // key id or account
	Role access.Role
	Seen int64 // steps of the file that were on the screen; 0: whatever it has now
}

func (o Officer) by() consignment.By {
	return consignment.By{Actor: o.ID, Role: o.Role, Seen: o.Seen}
}

func (d *Desk) participant() ident.ParticipantCode { return d.cfg.Office.Participant() }

func (d *Desk) today() period.Date { return period.DateOf(d.cfg.Now().UTC()) }

// scope is the rules' view of a shipment to a destination, today.
func (d *Desk) scope(to ident.ParticipantCode) rule.Scope {
	return rule.Scope{Participant: d.participant(), Counterpart: to, On: d.today()}
}

func (d *Desk) write(ctx context.Context, fn func(*store.Tx) error) error {
	return d.cfg.Ledger.Store().Write(ctx, d.cfg.Now(), fn)
}

func (d *Desk) read(ctx context.Context, fn func(*store.Tx) error) error {
	return d.cfg.Ledger.Store().Read(ctx, d.cfg.Now(), fn)
}

// newID names a file of this office: CF-bangui-2026-000017.
func (d *Desk) newID(tx *store.Tx) (string, error) {
	prefix := fmt.Sprintf("%s-%s-%d-", d.participant(), d.cfg.Office.Slug(), d.today().Year())
	n, err := consignment.NextSerial(tx, prefix)
	return fmt.Sprintf("%s%06d", prefix, n), err
}

// Get reads a consignment with its file. Faults: certificate.unknown_consignment,
// certificate.file_broken.
func (d *Desk) Get(ctx context.Context, id string) (c *consignment.Consignment, steps []consignment.Step, err error) {
	err = d.read(ctx, func(tx *store.Tx) error {
		c, steps, err = open(tx, id)
		return err
	})
	return c, steps, err
}

func open(tx *store.Tx, id string) (*consignment.Consignment, []consignment.Step, error) {
	c, err := consignment.Get(tx, id)
	if err != nil {
		return nil, nil, err
	}
	steps, err := consignment.File(tx, c)
	return c, steps, err
}

// move does an act that states nothing. check looks at the file first, in the same
// transaction; it may be nil.
func (d *Desk) move(ctx context.Context, id string, act consignment.Act, o Officer, detail any, change consignment.Change, check func(*store.Tx, *filed) error) (c *consignment.Consignment, err error) {
	err = d.write(ctx, func(tx *store.Tx) error {
		var steps []consignment.Step
		if c, steps, err = open(tx, id); err != nil {
			return err
		}
		if check != nil && allowed(c.State, act, o.Role) {
			f, err := read(c, steps)
			if err != nil {
				return err
			}
			if err := check(tx, f); err != nil {
				return err
			}
		}
		return consignment.Move(tx, c, act, o.by(), detail, change)
	})
	return c, err
}

// allowed tells whether the machine will let an act pass; when not, Move says why,
// and nothing needs to be looked at before.
func allowed(s consignment.State, act consignment.Act, r access.Role) bool {
	for _, a := range consignment.May(s, r) {
		if a == act {
			return true
		}
	}
	return false
}

// said is what an act states: the body, and what opens its commitment.
type said struct {
	body statement.Body
	keep func(tx *store.Tx, in *ledger.Intent) error // may be nil
}

// state does an act with a statement about the certificate: the consignment moves
// in the transaction that fixes the statement's bytes. make is called in it.
func (d *Desk) state(tx *store.Tx, c *consignment.Consignment, act consignment.Act, by consignment.By, detail any, change consignment.Change, s said) (*ledger.Intent, error) {
	if err := consignment.Move(tx, c, act, by, detail, change); err != nil {
		return nil, err
	}
	in, err := d.cfg.Ledger.Intend(tx, d.cfg.Signer.Key(), statement.Header{Issuer: string(d.cfg.Office), IssuedAt: tx.Now().Unix(),
		Subject: statement.CertificateSubject(c.Number), Refs: []canonical.Hash{c.Statement}, Synthetic: d.cfg.Synthetic}, s.body)
	if err != nil || s.keep == nil {
		return in, err
	}
	return in, s.keep(tx, in)
}

// say is state as one act of its own, signed and followed to the wanted state.
// Fault also certificate.not_yet_signed.
func (d *Desk) say(ctx context.Context, id string, act consignment.Act, by consignment.By, want ledger.State,
	make func(tx *store.Tx, f *filed, about statement.About) (said, any, consignment.Change, error)) (*consignment.Consignment, *ledger.Entry, error) {
	var c *consignment.Consignment
	var in *ledger.Intent
	err := d.write(ctx, func(tx *store.Tx) error {
		var steps []consignment.Step
		var err error
		if c, steps, err = open(tx, id); err != nil {
			return err
		}
		if !allowed(c.State, act, by.Role) {
			return consignment.Move(tx, c, act, by, nil, consignment.Change{}) // says why not
		}
		if c.Statement.IsZero() {
			return fault.Conflict("certificate.not_yet_signed", fault.Arg("consignment", id), fault.Arg("number", c.Number))
		}
		f, err := read(c, steps)
		if err != nil {
			return err
		}
		s, detail, change, err := make(tx, f, statement.About{Number: c.Number, Certificate: c.Statement})
		if err != nil {
			return err
		}
		in, err = d.state(tx, c, act, by, detail, change, s)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	e, err := d.finish(ctx, in, want)
	return c, e, err
}

// finish signs what was intended and follows it to the wanted state.
func (d *Desk) finish(ctx context.Context, in *ledger.Intent, want ledger.State) (*ledger.Entry, error) {
	if err := d.cfg.Ledger.SignIntent(ctx, in, d.cfg.Signer); err != nil {
		return nil, err
	}
	return d.cfg.Ledger.Await(ctx, in.ID, want)
}

// Resume signs what a crash has left unsigned of any act of this office, and
// enters the certificates' hashes into their files. It may be called at any time.
func (d *Desk) Resume(ctx context.Context) ([]string, error) {
	subjects, err := d.cfg.Certificates.Resume(ctx)
	if err != nil {
		return subjects, err
	}
	return subjects, d.bindAll(ctx)
}

// bindAll enters the hash of the signed bytes where a crash came between.
func (d *Desk) bindAll(ctx context.Context) error {
	var loose []*consignment.Consignment
	err := d.read(ctx, func(tx *store.Tx) (err error) {
		loose, err = consignment.Unbound(tx)
		return err
	})
	if err != nil {
		return err
	}
	for _, c := range loose {
		if err := d.bind(ctx, c); err != nil && !fault.Is(err, "certificate.not_issued") {
			return err
		}
	}
	return nil
}

// bind enters the hash of a certificate's signed bytes into its consignment.
func (d *Desk) bind(ctx context.Context, c *consignment.Consignment) error {
	_, e, err := d.cfg.Certificates.Bundle(ctx, c.Number)
	if err != nil {
		return err
	}
	return d.write(ctx, func(tx *store.Tx) error { return consignment.Bind(tx, c.ID, e.Hash) })
}
