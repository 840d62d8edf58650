package importing

import (
	"context"
	"slices"
	"time"

	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/bundle"
)

// Sight is all that this office holds of a shipment, for whoever has to decide on it.
type Sight struct {
	*consignment.Consignment
	Past        []consignment.Step
	Certificate *bundle.Bundle // nil for goods without one
	Advices     []Advice       // every announcement that came, the newest first
	Arrival     *Arrival       // nil before it was presented
	ArrivedAt   time.Time
	ArrivedBy   string
	Earlier     *Earlier  // an earlier presentation of the number here
	Measured    *Measured // as examined last
	Because     string    // why it was accepted although something cannot be told
	Decisions   []Decision
	Entered     *Crossing // of a shipment in transit
	Left        *Crossing
}

// Advice is what the exporting office announced.
type Advice struct {
	From string // office
	Day  period.Date
	Exit string
	Note string
	At   time.Time // when it came
}

// Earlier is a presentation of the same number before this one.
type Earlier struct {
	Consignment string
	Place       string
	At          time.Time
}

// Decision is one on an irregular shipment.
type Decision struct {
	Act consignment.Act
	By  string
	At  time.Time
	Irregular
}

// Look reads a shipment of this office's importing or transit side. Fault
// certificate.unknown_consignment, also for one of the exporting side.
func (d *Desk) Look(ctx context.Context, id string) (s *Sight, err error) {
	return s, d.read(ctx, func(tx *store.Tx) error {
		c, err := consignment.Get(tx, id)
		if err != nil {
			return err
		}
		if !c.State.Imports() {
			return fault.NotFound("certificate.unknown_consignment", fault.Arg("consignment", id))
		}
		s, err = d.look(tx, c)
		return err
	})
}

func (d *Desk) look(tx *store.Tx, c *consignment.Consignment) (*Sight, error) {
	steps, err := consignment.File(tx, c)
	if err != nil {
		return nil, err
	}
	s := &Sight{Consignment: c, Past: steps}
	if s.Certificate, err = HandedIn(tx, c.Statement); err != nil {
		return nil, err
	}
	for i := range steps {
		if err := s.take(&steps[i]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// take reads the particulars of one step.
func (s *Sight) take(step *consignment.Step) error {
	read := func(into any) error {
		_, err := consignment.Last([]consignment.Step{*step}, step.Act, into)
		return err
	}
	switch step.Act {
	case consignment.HearAdvised:
		var a advised
		err := read(&a)
		s.Advices = slices.Insert(s.Advices, 0, Advice{From: a.From, Day: a.Day, Exit: a.Exit, Note: a.Note, At: step.At})
		return err
	case consignment.Arrive, consignment.Correct:
		var a arrived
		err := read(&a)
		s.Arrival = &a.Arrival
		if step.Act == consignment.Arrive {
			s.ArrivedAt, s.ArrivedBy = step.At, step.Actor
		} else { // what was examined, was examined by what was mis-keyed
			s.Measured, s.Because = nil, ""
		}
		if e := a.Earlier; e != nil {
			s.Earlier = &Earlier{Consignment: e.Consignment, Place: e.Place, At: e.At}
		}
		return err
	case consignment.Examine:
		var e examined
		err := read(&e)
		s.Measured, s.Because = &e.Measured, e.Because
		return err
	case consignment.Enter:
		s.Entered = &Crossing{}
		return read(s.Entered)
	case consignment.Leave:
		s.Left = &Crossing{}
		return read(s.Left)
	case consignment.Dispute, consignment.Detain, consignment.Release, consignment.Return, consignment.Seize, consignment.Sell, consignment.Destroy:
		out := Decision{Act: step.Act, By: step.Actor, At: step.At}
		err := read(&out.Irregular)
		s.Decisions = append(s.Decisions, out)
		return err
	}
	return nil
}

// Verdict judges the certificate of a shipment for import, now. Fault
// certificate.no_certificate.
func (d *Desk) Verdict(ctx context.Context, s *Sight) (*verify.Verdict, error) {
	if s.Certificate == nil {
		return nil, fault.Conflict("certificate.no_certificate", fault.Arg("consignment", s.ID))
	}
	return d.cfg.Judge(ctx, s.Certificate, d.cfg.Now())
}

// Try runs the importer's rules over what was measured, and records nothing. The
// arrival's own findings stand first.
func (d *Desk) Try(s *Sight, v *verify.Verdict, m Measured) (rule.Report, error) {
	if s.Arrival == nil {
		return rule.Report{}, fault.Conflict("certificate.not_arrived", fault.Arg("consignment", s.ID), fault.Arg("state", s.State))
	}
	f := &finder{set: d.cfg.Rules, scope: d.scope(s.Counterpart, d.today())}
	f.advance(len(s.Advices) > 0)
	if f.err != nil || v.Open == nil {
		return rule.NewReport(f.out...), f.err
	}
	rest, err := d.findings(v, &arrived{Arrival: *s.Arrival, Day: period.DateOf(s.ArrivedAt)}, m)
	return rule.NewReport(append(f.out, slices.Collect(rest.All())...)...), err
}

// Allowed is the difference in weight that is allowed with a Participant (R-IMP-06).
func (d *Desk) Allowed(from ident.ParticipantCode, weight measure.Carats) (measure.Carats, error) {
	allowed, _, err := (&finder{set: d.cfg.Rules, scope: d.scope(from, d.today())}).tolerance(weight)
	return allowed, err
}

// Opens tells whether a share of the parcels has to be opened here (R-IMP-03).
func (d *Desk) Opens(from ident.ParticipantCode) bool {
	return (&finder{set: d.cfg.Rules, scope: d.scope(from, d.today())}).inForce("R-IMP-03")
}

// Complete adds to a shipment's certificate what was read of its paper afterwards: the
// code of its proof, a file that discloses more. Fault certificate.other_certificate.
func (d *Desk) Complete(ctx context.Context, id string, b *bundle.Bundle) error {
	st, cert, err := certificateOf(b)
	if err != nil {
		return err
	}
	return d.write(ctx, func(tx *store.Tx) error {
		c, err := consignment.Get(tx, id)
		if err != nil {
			return err
		}
		if c.Statement != st.Hash {
			return fault.Conflict("certificate.other_certificate", fault.Arg("consignment", id), fault.Arg("number", cert.Number))
		}
		return keepBundle(tx, b, cert)
	})
}

// Unmoved tells whoever looked at a file when it had so many steps who was first since.
// Fault certificate.consignment_moved.
func (d *Desk) Unmoved(ctx context.Context, id string, seen int64) error {
	return d.read(ctx, func(tx *store.Tx) error {
		c, err := consignment.Get(tx, id)
		if err != nil {
			return err
		}
		return consignment.Unmoved(tx, c, seen)
	})
}
