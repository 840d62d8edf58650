package generate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"adamas.example/internal/certificate/generate/bulklog"
	"adamas.example/internal/certificate/generate/openkeys"
	"adamas.example/internal/period"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
)

// Office hours in seconds of the day, UTC.
const (
	officeOpens  = 6*3600 + 1800
	officeCloses = 16*3600 + 1800
	// dayCloses is when a day's checkpoint is cosigned.
	dayCloses = 18 * 3600
)

func secondsOf(d period.Date) int64 { return int64(d) * 86400 }

// task is one statement of the day: what it says is settled, its bytes are not.
type task struct {
	party *participant
	at    int64
	event event // act and consignment; zero with bytes already made

	bytes []byte
	leaf  canonical.Hash
}

// does has an office state something about a certificate today.
func (w *worldState) does(c *consignment, who *participant, a act, e event) {
	e.act, e.c = a, c
	w.tasks = append(w.tasks, &task{party: who, at: secondsOf(w.today) + w.chance.Between(officeOpens, officeCloses), event: e})
}

// signAll signs the day's statements on all workers. No statement of a day
// refers to another of that day, but to ranges, which are signed when allotted.
func (w *worldState) signAll(ctx context.Context) error {
	var next atomic.Int64
	var all sync.WaitGroup
	errs := make([]error, w.workers)
	for n := range w.workers {
		all.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(w.tasks) {
					return
				}
				if t := w.tasks[i]; t.bytes == nil {
					if errs[n] = w.sign(t); errs[n] != nil {
						return
					}
				}
			}
		})
	}
	all.Wait()
	return cmp.Or(ctx.Err(), cmp.Or(errs...))
}

func (w *worldState) sign(t *task) error {
	c := t.event.c
	h := statement.Header{Issuer: t.party.office, IssuedAt: t.at, Subject: statement.CertificateSubject(c.number), Prev: c.prev(t.party.index)}
	var body statement.Body
	var err error
	staff := t.party.staff
	if t.event.act == actIssue {
		body, err = w.certificate(t, h)
		staff = c.staff
	} else {
		body, err = w.later(t, &h)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", c.number, err)
	}
	if t.bytes, err = staff.office.State(h, body); err != nil {
		return err
	}
	t.leaf = bulklog.LeafHash(t.bytes)
	return nil
}

// certificate is the open group of a certificate, approved by both officers.
func (w *worldState) certificate(t *task, h statement.Header) (*statement.Certificate, error) {
	c := t.event.c
	facts, err := c.facts()
	if err != nil {
		return nil, err
	}
	seed := w.seedOf(c.number)
	root, err := commitment.Commit(seed, facts)
	if err != nil {
		return nil, err
	}
	body := &statement.Certificate{Number: c.number, Kind: c.kind, Destination: c.to.code, Issued: canonical.Day(c.issued),
		Expires: canonical.Day(c.expires), Range: c.numbers, Station: c.station, Facts: root, RuleSet: ruleSet,
		Preparer: c.staff.preparer.ID, Validator: c.staff.approver.ID}
	h.Type, h.Synthetic = statement.TypeCertificate, true
	digest, err := statement.ApprovalDigest(h, body)
	if err != nil {
		return nil, err
	}
	var pair [2][]byte
	for i, officer := range []*openkeys.Signer{c.staff.preparer, c.staff.approver} {
		if pair[i], err = officer.Sign(statement.ContentApproval, digest[:], true); err != nil {
			return nil, err
		}
	}
	body.FourEyes = statement.PairHash(pair[0], pair[1])
	if c.sample != nil {
		c.sample.bundle.Approvals = pair[:]
		c.sample.bundle.Disclosure = &commitment.Disclosure{Seed: seed, Facts: facts}
	}
	return body, nil
}

// ruleSet stands for the rules that were run: none, which is why it has no
// content.
var ruleSet = canonical.Sum([]byte("SYNTHETIC: no rules were run"))

// later is a statement about a certificate that exists.
func (w *worldState) later(t *task, h *statement.Header) (statement.Body, error) {
	e, c := t.event, t.event.c
	about := statement.About{Number: c.number, Certificate: c.hash}
	day := canonical.DayOf(t.at)
	if t.party != c.from {
		h.Refs = []canonical.Hash{c.hash}
	}
	switch e.act {
	case actReceive:
		return &statement.Receipt{About: about, Day: day, Carats: uint64(c.measured), Parcels: c.parcels}, nil
	case actOpen:
		if !c.receipt.IsZero() {
			h.Refs = []canonical.Hash{c.receipt}
		}
		shown, err := w.opened(c)
		return &statement.Opening{About: about, Facts: shown}, err
	case actVoid:
		return &statement.Void{About: about, Reason: "SYNTHETIC: the shipment was called off before export"}, nil
	case actReplace:
		return &statement.Replacement{About: about, By: e.by, Reason: "SYNTHETIC: a field was mistaken; replaced before export"}, nil
	case actLose:
		return &statement.Loss{About: about, Day: day, Reason: "SYNTHETIC: the paper was lost on its way; the goods travel under " + e.by}, nil
	case actDiscover:
		return &statement.Discrepancy{About: about, Day: day, Reason: "SYNTHETIC: the parcels are not as the certificate says"}, nil
	case actRefuse:
		return &statement.Discrepancy{About: about, Day: day, Reason: "SYNTHETIC: a paper with this number, which is not the certificate, was presented"}, nil
	case actDispose:
		return &statement.Disposition{About: about, Step: e.step, Day: day, Reason: "SYNTHETIC: " + stepReasons[e.step], Under: e.by}, nil
	}
	return nil, fmt.Errorf("act %d states nothing", e.act)
}

var stepReasons = map[statement.Step]string{statement.Detained: "held until the issuing office has answered",
	statement.Released: "the issuing office has explained the difference", statement.Returned: "sent back to the issuing Participant",
	statement.Seized: "no explanation that could be accepted"}

// opened shows the delayed facts and keeps the private ones hidden.
func (w *worldState) opened(c *consignment) (commitment.Disclosure, error) {
	facts, err := c.facts()
	if err != nil {
		return commitment.Disclosure{}, err
	}
	d, err := (&commitment.Disclosure{Seed: w.seedOf(c.number), Facts: facts}).Select(verify.Delayed)
	if err != nil {
		return commitment.Disclosure{}, err
	}
	return *d, nil
}

// record appends the day's statements to their logs, in order of time, and notes
// what later ones refer to.
func (w *worldState) record() error {
	slices.SortStableFunc(w.tasks, func(a, b *task) int { return cmp.Compare(a.at, b.at) })
	for _, t := range w.tasks {
		index, err := t.party.log.Append(t.bytes, t.leaf)
		if err != nil {
			return err
		}
		w.statements++
		c := t.event.c
		if c == nil {
			continue
		}
		h := canonical.Sum(t.bytes)
		c.chain(t.party.index, h)
		switch t.event.act {
		case actIssue:
			c.hash = h
			if c.sample != nil {
				c.sample.bundle.Statement, c.sample.index = t.bytes, index
			}
		case actReceive:
			c.receipt = h
		}
	}
	clear(w.tasks) // lets go of the bytes
	w.tasks = w.tasks[:0]
	w.samples.close(w.today)
	return nil
}
