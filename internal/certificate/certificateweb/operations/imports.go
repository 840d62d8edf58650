package operations

import (
	"cmp"
	"context"
	"time"

	"adamas.example/internal/certificate/certificateweb/checking"
	checkdesk "adamas.example/internal/certificate/certificateweb/desk"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/paper/camera"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/internal/web/api"
	"adamas.example/verify/bundle"
	"adamas.example/verify/statement"
)

const tagImport = "Importing office"

var importPath = map[string]string{"id": "EU-antwerp-2026-000009|the consignment"}

// ImportFile is the file of a shipment of the importing or transit side.
type ImportFile struct {
	Consignment
	Certificate bool                `json:"certificate" doc:"a certificate came with it"`
	Advice      *Advice             `json:"advice,omitempty" doc:"the newest announcement"`
	Advices     []Advice            `json:"advices,omitempty" doc:"all announcements that came, the newest first"`
	Arrival     *importing.Arrival  `json:"arrival,omitempty"`
	ArrivedAt   *time.Time          `json:"arrived_at,omitempty"`
	Earlier     *importing.Earlier  `json:"presented_before,omitempty"`
	Measured    *importing.Measured `json:"measured,omitempty"`
	Because     string              `json:"because,omitempty" doc:"why it was accepted although something cannot be told"`
	Decisions   []Decision          `json:"decisions,omitempty"`
	Clocks      []Clock             `json:"clocks,omitempty" doc:"limits that run, those still open first"`
	Receipt     *Record             `json:"receipt,omitempty" doc:"once receipt is confirmed"`
	File        []Step              `json:"file"`
}

// Advice is what the exporting office announced.
type Advice struct {
	From string    `json:"from"`
	Day  string    `json:"day"`
	Exit string    `json:"exit_point,omitempty"`
	Note string    `json:"note,omitempty"`
	At   time.Time `json:"at"`
}

// Decision is one on an irregular shipment.
type Decision struct {
	Act string    `json:"act"`
	By  string    `json:"by"`
	At  time.Time `json:"at"`
	importing.Irregular
}

// Clock is a limit that runs on a shipment.
type Clock struct {
	Rule  string      `json:"rule" example:"R-IMP-08"`
	Limit string      `json:"limit" example:"report-within"`
	Until period.Date `json:"until"`
	Done  bool        `json:"done" doc:"what it is for has been done"`
}

// importReads are what the importing office reads.
func (d *desk) importReads(a *api.API) {
	api.Read(a, api.Operation{ID: "listImports", Path: "/imports", Permission: mayImport, Tag: tagImport, Summary: "Shipments of the importing and transit side, longest waiting first", Query: api.PageParams(
		api.Param{Name: "state", Doc: "only those in this state", Example: "advised"}, api.Param{Name: "number", Doc: "only those under this certificate number; no pages then"})}, d.listImports)
	api.Read(a, api.Operation{ID: "listOverdue", Path: "/imports/overdue", Permission: mayImport, Tag: tagImport, Summary: "What has arrived and was not confirmed in time, and what has not come"}, d.listOverdue)
	api.Read(a, api.Operation{ID: "listCases", Path: "/imports/cases", Permission: mayImport, Tag: tagImport, Summary: "Irregular shipments on which somebody has to decide, the next clock first"},
		func(c *api.Call) (out api.Page[Consignment], err error) {
			found, err := d.work.Cases(c.Context())
			return d.whole(c, found), err
		})
	api.Read(a, api.Operation{ID: "listDone", Path: "/imports/done", Permission: mayImport, Tag: tagImport, Summary: "Shipments that arrived, or were confirmed, on a day", Query: []api.Param{
		{Name: "act", Doc: "arrive or confirm; arrive where it is not given", Enum: []string{string(consignment.Arrive), string(consignment.Confirm)}}, {Name: "day", Doc: "YYYY-MM-DD; today where it is not given"}}}, d.listDone)
	api.Read(a, api.Operation{ID: "readImport", Path: "/imports/{id}", Paths: importPath, Permission: mayImport, Tag: tagImport, Summary: "A shipment with its whole file"},
		func(c *api.Call) (ImportFile, error) { return d.importFile(c, c.Path("id")) })
	api.Read(a, api.Operation{ID: "judgeImport", Path: "/imports/{id}/verdict", Paths: importPath, Permission: mayImport, Tag: tagImport, Summary: "May its certificate be accepted now?",
		Description: "The verifier's answer for import, from all that this node knows at this moment."}, d.verdictOf)
	for _, p := range []struct{ id, name, summary string }{{"readReceipt", "receipt.pdf", "The confirmation of receipt on paper"}, {"readCoupon", "coupon.pdf", "The return coupon on paper"}} {
		api.Read(a, api.Operation{ID: p.id, Path: "/imports/{id}/" + p.name, Paths: importPath, Permission: mayImport, Tag: tagImport, Gives: "application/pdf", Summary: p.summary}, d.paper(p.name))
	}
}

// whole is a list that is reckoned whole.
func (d *desk) whole(c *api.Call, found []*consignment.Consignment) api.Page[Consignment] {
	out := api.Page[Consignment]{Items: []Consignment{}}
	roles := c.Roles(consignment.Roles())
	for _, x := range found {
		out.Items = append(out.Items, consignmentOf(x, roles))
	}
	return out
}

func (d *desk) listImports(c *api.Call) (out api.Page[Consignment], err error) {
	if n := c.Query("number"); n != "" {
		found, err := d.work.OfNumber(c.Context(), n)
		return d.whole(c, found), err
	}
	limit, err := c.Limit()
	if err != nil {
		return out, err
	}
	var all []consignment.State
	for _, s := range consignment.States() {
		if s.Imports() {
			all = append(all, s)
		}
	}
	in, err := states(c, all)
	if err != nil {
		return out, err
	}
	return d.waiting(c, in, limit)
}

// Late is a shipment for which something should have been done.
type Late struct {
	Consignment
	Since time.Time `json:"since"`
}

// chosen is the day that is asked about; today where none is. Fault of period.ParseTyped.
func (d *desk) chosen(c *api.Call) (period.Date, error) {
	s := c.Query("day")
	if s == "" {
		return d.today(), nil
	}
	day, err := period.ParseTyped(s)
	return day, fault.Locate(err, fault.At("day"))
}

func (d *desk) listDone(c *api.Call) (out api.Page[Consignment], err error) {
	day, err := d.chosen(c)
	if err != nil {
		return out, err
	}
	act := consignment.Act(cmp.Or(c.Query("act"), string(consignment.Arrive)))
	if act != consignment.Arrive && act != consignment.Confirm {
		return out, fault.Invalid("certificate.no_such_act", fault.At("act"), fault.Text(string(act)))
	}
	found, err := d.work.On(c.Context(), act, day)
	return d.whole(c, found), err
}

func (d *desk) listOverdue(c *api.Call) (out api.Page[Late], err error) {
	found, err := d.work.Overdue(c.Context())
	out.Items = []Late{}
	roles := c.Roles(consignment.Roles())
	for _, x := range found {
		out.Items = append(out.Items, Late{consignmentOf(x.Consignment, roles), x.Since})
	}
	return out, err
}

// importFile is the answer of every act of the importing office. Fault
// certificate.unknown_consignment, also for one of the exporting side.
func (d *desk) importFile(c *api.Call, id string) (out ImportFile, err error) {
	s, err := d.imports.Look(c.Context(), id)
	if err != nil {
		return out, err
	}
	out = ImportFile{Consignment: consignmentOf(s.Consignment, c.Roles(consignment.Roles())), Certificate: s.Certificate != nil, Arrival: s.Arrival, Earlier: s.Earlier, Measured: s.Measured, Because: s.Because}
	for _, x := range s.Advices {
		out.Advices = append(out.Advices, Advice{From: x.From, Day: x.Day.String(), Exit: x.Exit, Note: x.Note, At: x.At})
	}
	if len(out.Advices) > 0 {
		out.Advice = &out.Advices[0]
	}
	if !s.ArrivedAt.IsZero() {
		out.ArrivedAt = &s.ArrivedAt
	}
	for _, x := range s.Decisions {
		out.Decisions = append(out.Decisions, Decision{string(x.Act), x.By, x.At, x.Irregular})
	}
	for _, x := range d.work.Clocks(s) {
		out.Clocks = append(out.Clocks, Clock{Rule: x.Rule, Limit: x.Param, Until: x.Until, Done: x.Done})
	}
	if out.File, err = stepsOf(s.Past); err != nil {
		return out, err
	}
	if s.State == consignment.Confirmed {
		out.Receipt, err = d.receipt(c.Context(), id)
	}
	return out, err
}

// receipt is how far the statement of a receipt has come.
func (d *desk) receipt(ctx context.Context, id string) (*Record, error) {
	x, err := d.imports.Confirmation(ctx, id)
	if fault.Is(err, "certificate.not_confirmed") { // confirmed, and not signed yet
		return &Record{State: ledger.Prepared.String()}, nil
	}
	if err != nil {
		return nil, err
	}
	out := &Record{Statement: &x.Receipt}
	err = d.read(ctx, func(tx *store.Tx) error {
		state, _, err := ledger.StateOf(tx, x.Receipt)
		out.State = state.String()
		return err
	})
	return out, err
}

// imported is an act of the importing office as an operation.
func imported[In any](d *desk, a *api.API, act consignment.Act, o api.Operation, do func(c *api.Call, id string, in In) error) {
	o.Path, o.Paths, o.Tag, o.Permission, o.Sketch = "/imports/{id}/"+string(act), importPath, tagImport, mayImport, sketch
	api.Act(a, o, func(c *api.Call, in In) (string, error) {
		id := c.Path("id")
		if _, err := d.imports.Look(c.Context(), id); err != nil {
			return "", err
		}
		return id, do(c, id, in)
	}, d.importFile)
}

// presenting is a shipment that is presented, with what its certificate is read of.
type presenting struct {
	importing.Arrival
	Certificate api.Bytes `json:"certificate,omitempty" doc:"the file (.adamas), a PDF that it is attached to, or a photograph of the paper's codes"`
	Codes       string    `json:"codes,omitempty" doc:"instead of a file: the text of the codes on the paper, one a line"`
}

// handed takes apart what a certificate is read of, and says what that was; nil where there
// is nothing.
func (d *desk) handed(ctx context.Context, x presenting) (*bundle.Bundle, importing.Read, error) {
	raw, read := []byte(x.Certificate), importing.ReadFile
	if len(raw) == 0 {
		raw, read = []byte(x.Codes), importing.ReadCode
	}
	if len(raw) == 0 {
		return nil, "", nil
	}
	if bundle.Is(raw) {
		b, err := bundle.Parse(raw)
		if err != nil {
			return nil, "", fault.Invalid("check.not_a_certificate", fault.At("certificate"), fault.Because(err))
		}
		return b, read, nil
	}
	known, err := d.judge.Known(ctx)
	if err != nil {
		return nil, "", err
	}
	if camera.Is(raw) {
		read = importing.ReadPicture
	}
	if raw, err = d.lens.pictured(ctx, raw); err != nil {
		return nil, "", err
	}
	in, err := checkdesk.Take(known, raw)
	if err != nil {
		return nil, "", err
	}
	if in.Codes && read == importing.ReadFile {
		read = importing.ReadCode
	}
	return in.Bundle, read, nil
}

// lens looks at one picture at a time.
type lens chan struct{}

// pictured is the text of the codes in a picture; what is none stays as it is. Faults: those
// of checking.Photographed.
func (l lens) pictured(ctx context.Context, raw []byte) ([]byte, error) {
	if !camera.Is(raw) {
		return raw, nil
	}
	select {
	case l <- struct{}{}:
		defer func() { <-l }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return checking.Photographed(ctx, raw)
}

// examining is what was found inside.
type examining struct {
	importing.Measured
	Because string `json:"because,omitempty" doc:"an officer's written reason to accept what the verifier cannot tell"`
}

// confirming confirms receipt.
type confirming struct {
	Because string `json:"because,omitempty" doc:"as for the examination"`
}

// importActs are those on the way to a receipt.
func (d *desk) importActs(a *api.API) {
	api.Act(a, api.Operation{ID: "presentShipment", Path: "/imports", Permission: mayImport, Tag: tagImport, Summary: "Record a shipment that is presented", Most: mostPapers, Example: d.examplePresenting(), Sketch: sketch,
		Description: "With its certificate, or for goods without one with `without`. What was announced goes on under its file; the same number presented again is recorded as that. Whatever comes of it is written down."}, d.present, d.importFile)
	imported(d, a, consignment.Arrive, api.Operation{ID: "arriveAnnounced", Summary: "Record the arrival of what was announced", Example: exampleArrival},
		func(c *api.Call, id string, v importing.Arrival) error {
			s, err := d.imports.Look(c.Context(), id)
			if err != nil {
				return err
			}
			if s.State != consignment.Advised || s.Certificate == nil {
				_, err := role(c, s.Consignment, consignment.Arrive)
				if err == nil {
					err = fault.Conflict("certificate.no_certificate", fault.Arg("consignment", id))
				}
				return err
			}
			_, _, err = d.imports.Arrive(c.Context(), importer(c), s.Certificate, v)
			return err
		})
	imported(d, a, consignment.Examine, api.Operation{ID: "examineShipment", Summary: "Record what was found inside", Example: d.exampleMeasured(),
		Description: "A rule that blocks leaves the shipment where it is: then a discrepancy is recorded (disputeShipment)."},
		func(c *api.Call, id string, v examining) error {
			return done(d.imports.Examine(c.Context(), id, importer(c), v.Measured, v.Because))
		})
	imported(d, a, consignment.Confirm, api.Operation{ID: "confirmReceipt", Summary: "Confirm receipt, which uses the certificate up", Example: confirming{},
		Description: "The certificate is judged once more. The exporting office hears of it from the log, and by message."},
		func(c *api.Call, id string, v confirming) error {
			return stated(d.imports.Confirm(c.Context(), id, importer(c), v.Because, ledger.Signed))
		})
	imported(d, a, consignment.Dispute, api.Operation{ID: "disputeShipment", Summary: "State that what arrived is not what the certificate says", Example: d.exampleIrregular()},
		func(c *api.Call, id string, v importing.Irregular) error {
			return stated(d.imports.Dispute(c.Context(), id, importer(c), v, ledger.Signed))
		})
}

func (d *desk) present(c *api.Call, x presenting) (string, error) {
	b, read, err := d.handed(c.Context(), x)
	if err != nil {
		return "", err
	}
	x.Read = read // what came here says of what it was read, and no program
	if b != nil {
		if b, err = d.announced(c, b); err != nil {
			return "", err
		}
	}
	got, _, err := d.imports.Arrive(c.Context(), importer(c), b, x.Arrival)
	if err != nil {
		return "", err
	}
	return got.ID, nil
}

// announced adds to a certificate what its announcement discloses beyond it.
func (d *desk) announced(c *api.Call, b *bundle.Bundle) (*bundle.Bundle, error) {
	st, err := statement.Parse(b.Statement)
	if err != nil {
		return nil, fault.Invalid("check.not_a_certificate", fault.At("certificate"), fault.Because(err))
	}
	cert, ok := st.Body.(*statement.Certificate)
	if !ok {
		return nil, fault.Invalid("check.not_a_certificate", fault.At("certificate"))
	}
	found, err := d.work.OfNumber(c.Context(), cert.Number)
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		if f.State != consignment.Advised || f.Statement != st.Hash {
			continue
		}
		s, err := d.imports.Look(c.Context(), f.ID)
		if err != nil {
			return nil, err
		}
		if b.Disclosure == nil { // the paper's codes hold less than what was sent ahead
			return s.Certificate, nil
		}
	}
	return b, nil
}

// caseActs are the decisions on an irregular shipment, and transit.
func (d *desk) caseActs(a *api.API) {
	for _, x := range []struct {
		act         consignment.Act
		id, summary string
	}{{consignment.Detain, "detainShipment", "Detain it"}, {consignment.Release, "releaseShipment", "Release it: it is examined anew"}, {consignment.Return, "returnShipment", "Have it go back to the issuer"},
		{consignment.Seize, "seizeShipment", "Seize it"}, {consignment.Sell, "sellGoods", "Note that forfeited goods were sold"}, {consignment.Destroy, "destroyGoods", "Note that forfeited goods were destroyed"}} {
		imported(d, a, x.act, api.Operation{ID: x.id, Summary: x.summary, Example: d.exampleIrregular()}, func(c *api.Call, id string, v importing.Irregular) error {
			return stated(d.imports.Dispose(c.Context(), id, x.act, importer(c), v, ledger.Signed))
		})
	}
	api.Act(a, api.Operation{ID: "enterTransit", Path: "/transits", Permission: mayImport, Tag: tagImport, Summary: "Open the file of a shipment in transit", Most: mostPapers, Sketch: sketch, Example: d.exampleEntering(),
		Description: "With its certificate as a file, a PDF, a photograph or the text of its codes."},
		func(c *api.Call, x entering) (string, error) {
			b, _, err := d.handed(c.Context(), presenting{Certificate: x.Certificate, Codes: x.Codes})
			if err != nil {
				return "", err
			}
			if b == nil {
				return "", fault.Invalid("check.nothing_chosen", fault.At("certificate"))
			}
			made, err := d.imports.Enter(c.Context(), importer(c), b, x.Crossing)
			if err != nil {
				return "", err
			}
			return made.ID, nil
		}, d.importFile)
	imported(d, a, consignment.Leave, api.Operation{ID: "leaveTransit", Summary: "State that a shipment in transit has left, and whether as it came", Example: d.exampleCrossing()},
		func(c *api.Call, id string, v importing.Crossing) error {
			return stated(d.imports.Leave(c.Context(), id, importer(c), v, ledger.Signed))
		})
}

// entering is a shipment that only passes.
type entering struct {
	importing.Crossing
	Certificate api.Bytes `json:"certificate,omitempty"`
	Codes       string    `json:"codes,omitempty"`
}
