package importing

import (
	"context"
	"time"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting/fields"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// SealFound is a container seal as it is on arrival.
type SealFound struct {
	Container string `json:"container"`
	Seal      string `json:"seal"`
	Intact    bool   `json:"intact"`
}

// Arrival is what the office sees when a shipment is presented.
type Arrival struct {
	Place     string      `json:"place"` // where it was presented
	Original  bool        `json:"original"`
	Seals     []SealFound `json:"seals"`
	Without   string      `json:"without,omitempty"` // goods that came without any certificate: from where, as far as known
	Presenter string      `json:"presenter,omitempty"`
	Remark    string      `json:"remark,omitempty"`
	Read      Read        `json:"read,omitempty"`   // of what the certificate was read
	Unseen    bool        `json:"unseen,omitempty"` // nobody has looked at seals and original yet: the examination says how they are
}

// Read is of what a certificate was read when it was presented.
type Read string

// What it is read of. Of a number nothing of the paper is known but that.
const (
	ReadCode    Read = "code"
	ReadFile    Read = "file"
	ReadPicture Read = "picture"
	ReadNumber  Read = "number"
)

// arrived is the step's particulars.
type arrived struct {
	Arrival
	Day      period.Date    `json:"day"`
	Advised  bool           `json:"advised"`
	Issuer   string         `json:"issuer,omitempty"` // the exporting office
	Verdict  *judged        `json:"verdict,omitempty"`
	Earlier  *presentation  `json:"earlier,omitempty"`
	Findings []Found        `json:"findings,omitempty"`
	Held     canonical.Hash `json:"statement,omitzero"`

	// Of a paper certificate from outside.
	Paper         *Transcript      `json:"paper,omitempty"`
	PaperFindings []Found          `json:"paper_findings,omitempty"`
	Scans         []canonical.Hash `json:"scans,omitempty"`
	Intent        canonical.Hash   `json:"transcript_intent,omitzero"`  // what is signed, by its SHA-256
	Because       string           `json:"corrected_because,omitempty"` // of one that was keyed again
	Replaces      canonical.Hash   `json:"replaces,omitzero"`           // the transcript before
}

// judged is what the verifier said, as the file keeps it.
type judged struct {
	Outcome verify.Outcome `json:"outcome"`
	At      time.Time      `json:"at"`
	AsOf    *time.Time     `json:"as_of,omitempty"`
	Checks  []verify.Check `json:"checks,omitempty"` // those that did not pass
}

// presentation is an earlier one of the same number here.
type presentation struct {
	Consignment string    `json:"consignment"`
	Place       string    `json:"place"`
	At          time.Time `json:"at"`
}

// advised is the particulars of an announcement.
type advised struct {
	Advice canonical.Hash `json:"advice"`
	From   string         `json:"from"`
	Day    period.Date    `json:"day"` // of export
	Exit   string         `json:"exit,omitempty"`
	Note   string         `json:"note,omitempty"`
}

// Announce takes the exporting office's message before arrival (KPCS Annex II
// 19, 21): the signed advice and the certificate with what it discloses. The
// caller has judged who signed the message. It works in the caller's
// transaction, that in which the message is marked as handled; taken twice it
// changes nothing. Faults: certificate.advice_form, certificate.advice_other.
func (d *Desk) Announce(tx *store.Tx, advice []byte, b *bundle.Bundle) error {
	st, err := statement.Parse(advice)
	if err != nil {
		return fault.Invalid("certificate.advice_form", fault.Because(err))
	}
	a, ok := st.Body.(*statement.Advice)
	if !ok || a.To != string(d.cfg.Office) {
		return fault.Invalid("certificate.advice_other", fault.Arg("office", string(d.cfg.Office)))
	}
	cert, c, err := certificateOf(b)
	if err != nil {
		return err
	}
	if cert.Hash != a.Certificate || c.Number != a.Number || cert.Issuer != st.Issuer {
		return fault.Invalid("certificate.advice_other", fault.Arg("office", string(d.cfg.Office)))
	}
	if err := keepBundle(tx, b, c); err != nil {
		return err
	}
	detail := advised{Advice: st.Hash, From: st.Issuer, Day: period.Date(a.Day), Exit: a.Exit, Note: a.Note}
	by := consignment.By{Actor: st.Hash.String(), Role: consignment.Record}
	files, err := consignment.OfNumber(tx, c.Number)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Statement != cert.Hash {
			continue
		}
		steps, err := consignment.File(tx, f)
		if err != nil {
			return err
		}
		for _, s := range steps {
			if s.Actor == by.Actor {
				return nil
			}
		}
		if f.State.Ends() {
			return nil // it came after all was done
		}
		return consignment.Move(tx, f, consignment.HearAdvised, by, detail, consignment.Change{})
	}
	id, err := d.newID(tx)
	if err != nil {
		return err
	}
	_, err = consignment.Begin(tx, consignment.Opening{ID: id, Counterpart: ident.ParticipantCode(cert.Participant()), Kind: c.Kind}, consignment.HearAdvised, by,
		detail, consignment.Change{Number: c.Number, Statement: cert.Hash, Due: period.Date(c.Expires).End()})
	return err
}

// ErrNoAdvice is for a message that should announce a shipment and does not hold
// one signed advice with one certificate. Fault certificate.advice_form.
func ErrNoAdvice() error { return fault.Invalid("certificate.advice_form") }

// certificateOf reads the certificate of a bundle. Fault
// certificate.not_a_certificate.
func certificateOf(b *bundle.Bundle) (*statement.Statement, *statement.Certificate, error) {
	st, err := statement.Parse(b.Statement)
	if err != nil {
		return nil, nil, fault.Invalid("certificate.not_a_certificate", fault.Because(err))
	}
	c, ok := st.Body.(*statement.Certificate)
	if !ok {
		return nil, nil, fault.Invalid("certificate.not_a_certificate")
	}
	return st, c, nil
}

// Arrive records a shipment that is presented, with its certificate; b is nil
// for goods without one (Arrival.Without says so). The certificate is judged for
// import, and looked for among those that were presented here before. Whatever
// comes of it is written down. Faults: certificate.field_missing and field_form with
// the field, certificate.not_a_certificate, those of consignment.Move.
func (d *Desk) Arrive(ctx context.Context, o Officer, b *bundle.Bundle, a Arrival) (c *consignment.Consignment, v *verify.Verdict, err error) {
	if err := a.Check(b == nil); err != nil {
		return nil, nil, err
	}
	detail := arrived{Arrival: a, Day: d.today()}
	if b == nil {
		c, err = d.arriveBare(ctx, o, detail)
		return c, nil, err
	}
	st, cert, err := certificateOf(b)
	if err != nil {
		return nil, nil, err
	}
	if v, err = d.cfg.Judge(ctx, b, d.cfg.Now()); err != nil {
		return nil, nil, err
	}
	detail.Verdict, detail.Issuer, detail.Held = verdictOf(v), st.Issuer, st.Hash
	err = d.write(ctx, func(tx *store.Tx) error {
		if err := keepBundle(tx, b, cert); err != nil {
			return err
		}
		files, err := consignment.OfNumber(tx, cert.Number)
		if err != nil {
			return err
		}
		c, err = d.present(tx, o, files, st, cert, detail, v)
		return err
	})
	return c, v, err
}

// present writes the arrival into the file that announced it, or into a new one.
func (d *Desk) present(tx *store.Tx, o Officer, files []*consignment.Consignment, st *statement.Statement, cert *statement.Certificate, detail arrived, v *verify.Verdict) (*consignment.Consignment, error) {
	var announced *consignment.Consignment
	for _, f := range files {
		switch {
		case f.State == consignment.Advised && f.Statement == st.Hash:
			announced = f
		case f.Counterpart == ident.ParticipantCode(st.Participant()) && f.State != consignment.Advised && detail.Earlier == nil:
			// The first presentation here of this number, whatever its content.
			first, err := firstPresentation(tx, f)
			if err != nil {
				return nil, err
			}
			detail.Earlier = first
		}
	}
	detail.Advised = announced != nil
	f := &finder{set: d.cfg.Rules, scope: d.scope(ident.ParticipantCode(st.Participant()), detail.Day)}
	f.advance(detail.Advised)
	if !detail.Unseen {
		f.original(detail.Original, detail.Day, detail.Day)
		var seals []verify.Seal
		if v.Shown != nil {
			seals = v.Shown.Seals
		}
		f.containers(seals, detail.Seals)
	}
	f.trade(d.cfg.Trade, ident.ParticipantCode(st.Participant()), d.cfg.Office.Participant(), detail.Day)
	if f.err != nil {
		return nil, f.err
	}
	detail.Findings = keep(f.out)
	change := consignment.Change{Number: cert.Number, Statement: st.Hash, NoDue: true}
	if announced != nil {
		return announced, consignment.Move(tx, announced, consignment.Arrive, o.by(), detail, change)
	}
	id, err := d.newID(tx)
	if err != nil {
		return nil, err
	}
	return consignment.Begin(tx, consignment.Opening{ID: id, Counterpart: ident.ParticipantCode(st.Participant()), Kind: cert.Kind}, consignment.Arrive, o.by(), detail, change)
}

// firstPresentation reads where and when a consignment arrived; nil when it has
// not.
func firstPresentation(tx *store.Tx, c *consignment.Consignment) (*presentation, error) {
	steps, err := consignment.File(tx, c)
	if err != nil {
		return nil, err
	}
	var a arrived
	s, err := consignment.Last(steps, consignment.Arrive, &a)
	if err != nil {
		return nil, nil //nolint:nilerr // an own export with this number has no arrival
	}
	return &presentation{Consignment: c.ID, Place: a.Place, At: s.At}, nil
}

// arriveBare opens a file for goods without certificate.
func (d *Desk) arriveBare(ctx context.Context, o Officer, detail arrived) (c *consignment.Consignment, err error) {
	from := ident.ParticipantCode(detail.Without)
	f := &finder{set: d.cfg.Rules, scope: d.scope(from, detail.Day)}
	f.original(false, detail.Day, detail.Day)
	if f.err != nil {
		return nil, f.err
	}
	detail.Findings = keep(f.out)
	err = d.write(ctx, func(tx *store.Tx) error {
		id, err := d.newID(tx)
		if err != nil {
			return err
		}
		c, err = consignment.Begin(tx, consignment.Opening{ID: id, Counterpart: from, Kind: statement.KindExport}, consignment.Arrive, o.by(), detail, consignment.Change{})
		return err
	})
	return c, err
}

// Check wants a place, seals with their container, and a word on goods that
// have no certificate.
func (a Arrival) Check(bare bool) error {
	var c fields.Checker
	c.Need("place", a.Place, 200)
	checkSeals(&c, a.Seals)
	if bare && a.Without == "" {
		c.Missing("without")
	} else if bare != (a.Without != "") || bare && statement.CheckCode(a.Without) != nil {
		c.Wrong("without", a.Without)
	}
	c.May("presenter", a.Presenter, 200)
	c.May("remark", a.Remark, 500)
	return c.Faults.Err()
}

// checkSeals wants the container and the number of each.
func checkSeals(c *fields.Checker, seals []SealFound) {
	for i, s := range seals {
		c.Within(fields.Each("seals", i), func(c *fields.Checker) {
			c.Need("container", s.Container, 60)
			c.Need("seal", s.Seal, 60)
		})
	}
}

// verdictOf keeps what did not pass.
func verdictOf(v *verify.Verdict) *judged {
	j := &judged{Outcome: v.Outcome, At: v.At, AsOf: v.AsOf}
	for _, c := range v.Checks {
		if c.Outcome != verify.Valid {
			j.Checks = append(j.Checks, c)
		}
	}
	return j
}
