package importing

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/ledger"
	"adamas.example/internal/party"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

//go:embed text
var text embed.FS

// Text is the module's words.
func Text() fs.FS { return text }

// Desk does the acts of one importing office.
type Desk struct {
	cfg Config
}

// Config is what the desk needs.
type Config struct {
	Ledger    *ledger.Ledger
	Rules     rule.Set
	Office    ident.OfficeID
	Signer    ledger.Signer // the office's key
	Now       func() time.Time
	Synthetic bool
	// Judge asks the verifier whether a certificate may be accepted now, by this
	// Participant, from all that this node knows.
	Judge func(ctx context.Context, b *bundle.Bundle, at time.Time) (*verify.Verdict, error)
	// Trade judges R-MEM on a day; nil where no register of standing is at hand:
	// then nothing is found, and the file does not say that it was.
	// Scheme is what is published of Participants, by the node's choices; what was stated
	// since is read when a paper is judged. Nil: as Trade.
	Scheme  *party.Scheme
	Entropy io.Reader // seeds of commitments; crypto/rand.Reader in production
	Trade   func(from, to ident.ParticipantCode, on period.Date) ([]rule.Finding, error)
}

// New makes the desk.
func New(cfg Config) *Desk { return &Desk{cfg: cfg} }

// Officer is who acts at the desk.
type Officer struct {
	ID   string // key id or account
	Seen int64  // steps of the file that were on the screen; 0: whatever it has now
}

func (o Officer) by() consignment.By {
	return consignment.By{Actor: o.ID, Role: access.Importer, Seen: o.Seen}
}

// scope is the rules' view of a shipment on a day.
func (d *Desk) scope(from ident.ParticipantCode, on period.Date) rule.Scope {
	return rule.Scope{Participant: d.cfg.Office.Participant(), Counterpart: from, On: on}
}

func (d *Desk) today() period.Date { return period.DateOf(d.cfg.Now().UTC()) }

func (d *Desk) write(ctx context.Context, fn func(*store.Tx) error) error {
	return d.cfg.Ledger.Store().Write(ctx, d.cfg.Now(), fn)
}

func (d *Desk) read(ctx context.Context, fn func(*store.Tx) error) error {
	return d.cfg.Ledger.Store().Read(ctx, d.cfg.Now(), fn)
}

// newID names a file of this office: AE-dubai-2026-000017.
func (d *Desk) newID(tx *store.Tx) (string, error) {
	prefix := fmt.Sprintf("%s-%s-%d-", d.cfg.Office.Participant(), d.cfg.Office.Slug(), d.today().Year())
	n, err := consignment.NextSerial(tx, prefix)
	return fmt.Sprintf("%s%06d", prefix, n), err
}

// Get reads a consignment with its file.
func (d *Desk) Get(ctx context.Context, id string) (c *consignment.Consignment, steps []consignment.Step, err error) {
	err = d.read(ctx, func(tx *store.Tx) error {
		if c, err = consignment.Get(tx, id); err != nil {
			return err
		}
		steps, err = consignment.File(tx, c)
		return err
	})
	return c, steps, err
}

// move does an act that states nothing.
func (d *Desk) move(ctx context.Context, id string, act consignment.Act, by consignment.By, detail any, change consignment.Change) (c *consignment.Consignment, err error) {
	err = d.write(ctx, func(tx *store.Tx) error {
		if c, err = consignment.Get(tx, id); err != nil {
			return err
		}
		return consignment.Move(tx, c, act, by, detail, change)
	})
	return c, err
}

// say does an act with a statement about the certificate: the consignment moves
// in the transaction that fixes the statement's bytes, then it is signed and
// followed to the wanted state. body is called in the transaction. Fault also
// certificate.no_certificate: goods without a certificate have no statement.
func (d *Desk) say(ctx context.Context, id string, act consignment.Act, by consignment.By, detail any, change consignment.Change, want ledger.State,
	body func(tx *store.Tx, c *consignment.Consignment, about statement.About) (statement.Body, error)) (*consignment.Consignment, *ledger.Entry, error) {
	var c *consignment.Consignment
	var in *ledger.Intent
	err := d.write(ctx, func(tx *store.Tx) (err error) {
		if c, err = consignment.Get(tx, id); err != nil {
			return err
		}
		if err = consignment.Move(tx, c, act, by, detail, change); err != nil {
			return err
		}
		if c.Statement.IsZero() {
			return fault.Conflict("certificate.no_certificate", fault.Arg("consignment", id))
		}
		b, err := body(tx, c, statement.About{Number: c.Number, Certificate: c.Statement})
		if err != nil {
			return err
		}
		in, err = d.cfg.Ledger.Intend(tx, d.cfg.Signer.Key(), statement.Header{Issuer: string(d.cfg.Office), IssuedAt: d.cfg.Now().Unix(),
			Subject: statement.CertificateSubject(c.Number), Refs: []canonical.Hash{c.Statement}, Synthetic: d.cfg.Synthetic}, b)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if err := d.cfg.Ledger.SignIntent(ctx, in, d.cfg.Signer); err != nil {
		return c, nil, err
	}
	e, err := d.cfg.Ledger.Await(ctx, in.ID, want)
	return c, e, err
}

// day is a date as statements have it.
func day(d period.Date) canonical.Day { return canonical.Day(d) }

// partOf is a Participant's code as verify has it.
func partOf(code string) ident.ParticipantCode { return ident.ParticipantCode(code) }
