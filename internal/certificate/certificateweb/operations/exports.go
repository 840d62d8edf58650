package operations

import (
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/internal/web/api"
	"adamas.example/verify/statement"
)

const tagExport = "Exporting office"

var (
	idPath      = map[string]string{"id": "CF-bangui-2026-000017|the consignment"}
	stateParam  = api.Param{Name: "state", Doc: "only those in this state", Example: "sealed"}
	bundleMedia = "application/cbor"
)

// exportReads are what the exporting office reads.
func (d *desk) exportReads(a *api.API) {
	api.Read(a, api.Operation{ID: "listConsignments", Path: "/consignments", Permission: mayWork, Tag: tagExport, Summary: "Consignments of the exporting side, longest waiting first",
		Query: api.PageParams(stateParam)}, d.listExports)
	api.Read(a, api.Operation{ID: "readConsignment", Path: "/consignments/{id}", Paths: idPath, Permission: mayWork, Tag: tagExport, Summary: "A consignment with its whole file",
		Description: "While it is prepared, `approval` holds what the two officers sign."}, func(c *api.Call) (ExportFile, error) { return d.exportFile(c, c.Path("id")) })
	api.Read(a, api.Operation{ID: "checkConsignment", Path: "/consignments/{id}/check", Paths: idPath, Permission: mayWork, Tag: tagExport,
		Summary: "What a certificate still lacks, and what every rule finds", Description: "Nothing is spent by it.",
		Query: []api.Param{{Name: "preparer", Doc: "key of the officer who would prepare it"}, {Name: "validator", Doc: "and of the one who would issue it"}}}, d.check)
	api.Read(a, api.Operation{ID: "readBundle", Path: "/consignments/{id}/bundle", Paths: idPath, Permission: mayWork, Tag: tagExport, Gives: bundleMedia,
		Summary: "The certificate's file (.adamas), with all that the office discloses to its holder"}, d.bundle)
}

func (d *desk) listExports(c *api.Call) (api.Page[Consignment], error) {
	var none api.Page[Consignment]
	limit, err := c.Limit()
	if err != nil {
		return none, err
	}
	in, err := states(c, consignment.OfExport())
	if err != nil {
		return none, err
	}
	return d.waiting(c, in, limit)
}

// waiting is a page of consignments, longest waiting first.
func (d *desk) waiting(c *api.Call, in []consignment.State, limit int) (out api.Page[Consignment], err error) {
	var after consignment.Place
	if err := c.After(&after); err != nil {
		return out, err
	}
	var found []*consignment.Consignment
	err = d.read(c.Context(), func(tx *store.Tx) (err error) {
		found, err = consignment.InAfter(tx, in, after, limit+1)
		return err
	})
	roles := c.Roles(consignment.Roles())
	return api.Cut(found, limit, func(x *consignment.Consignment) any { return consignment.PlaceOf(x) },
		func(x *consignment.Consignment) Consignment { return consignmentOf(x, roles) }), err
}

// exportFile is the answer of every act of the exporting office.
func (d *desk) exportFile(c *api.Call, id string) (out ExportFile, err error) {
	if _, err := d.find(c, id); err != nil {
		return out, err
	}
	f, err := d.exports.File(c.Context(), id)
	if err != nil {
		return out, err
	}
	out = ExportFile{Consignment: consignmentOf(f.Consignment, c.Roles(consignment.Roles())), Application: f.Application, Valuations: f.Valuations, Official: f.Official, Levied: f.Levied,
		Tax: f.Tax, Sealing: f.Sealing, Exported: f.Exported, Expires: dated(f.Expires), Overdue: dated(f.Overdue), Opened: f.Opened, Replaces: f.Replaces, ReplacedBy: f.ReplacedBy}
	if out.File, err = stepsOf(f.Steps); err != nil {
		return out, err
	}
	err = d.read(c.Context(), func(tx *store.Tx) error {
		h, err := consignment.HandOf(tx, f.Consignment)
		if h.Login != "" {
			out.InHand = &Hand{By: h.Login, Name: h.Name, At: h.At}
		}
		return err
	})
	if err != nil {
		return out, err
	}
	if f.Consignment.State == consignment.Prepared {
		out.Approval, err = d.approval(c, f.Consignment.Number)
	} else if f.Consignment.Exports() {
		out.Record, err = d.record(c, f.Consignment)
	}
	return out, err
}

// approval is what the officers of a prepared certificate sign.
func (d *desk) approval(c *api.Call, number string) (*Approval, error) {
	p, err := d.certificates.Prepared(c.Context(), number)
	if fault.Is(err, "certificate.sheet_not_allotted") { // issued at this moment
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	facts, err := p.Facts()
	if err != nil {
		return nil, err
	}
	out := &Approval{Digest: p.Digest(), Facts: facts}
	for _, x := range []struct {
		into     *Approver
		key      statement.KeyID
		approved bool
	}{{&out.Preparer, p.Certificate().Preparer, p.Approved()}, {&out.Validator, p.Certificate().Validator, false}} {
		x.into.Key, x.into.Approved = x.key, x.approved
		o, err := d.officer(c.Context(), "key", x.key, nil)
		if fault.Is(err, "certificate.officer_unstated") { // revoked since: it can only be given up
			continue
		}
		if err != nil {
			return nil, err
		}
		if x.into.ToSign, err = keyring.ToApprove(o.Key, out.Digest); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// record is how far an issued certificate has come.
func (d *desk) record(c *api.Call, of *consignment.Consignment) (*Record, error) {
	sheet, err := d.certificates.Sheet(c.Context(), of.Number)
	if err != nil {
		return nil, err
	}
	e, err := d.node.Ledger.Entry(c.Context(), sheet.Entry)
	if err != nil {
		return nil, err
	}
	return recordOf(e), nil
}

// Check is what a certificate still lacks.
type Check struct {
	Ready       bool        `json:"ready" doc:"nothing stands in the way of preparing it"`
	Provisional bool        `json:"provisional" doc:"no official value is there yet"`
	Number      string      `json:"certificate_number,omitempty" doc:"that would be allotted"`
	Expires     period.Date `json:"expires"`
	Missing     []Missing   `json:"missing"`
	Findings    []Finding   `json:"findings"`
	Sheet       string      `json:"sheet,omitempty" doc:"why no sheet can be allotted, in words"`
}

// Missing is one thing that the file lacks.
type Missing struct {
	What   string   `json:"what" doc:"application, valuation, tax, sealing"`
	Detail string   `json:"detail,omitempty" doc:"a field, a valuer"`
	Words  string   `json:"words,omitempty"`
	Act    string   `json:"act" doc:"by which it is mended"`
	Who    []string `json:"who" doc:"the roles that can"`
	Blocks bool     `json:"blocks"`
}

func (d *desk) check(c *api.Call) (out Check, err error) {
	found, err := d.find(c, c.Path("id"))
	if err != nil {
		return out, err
	}
	var officers [2]statement.KeyID
	for i, name := range []string{"preparer", "validator"} {
		if s := c.Query(name); s != "" {
			if err := officers[i].UnmarshalText([]byte(s)); err != nil {
				return out, fault.Invalid("certificate.officer_unstated", fault.At(name), fault.Arg("key", s), fault.Arg("office", d.node.Office), fault.Because(err))
			}
		}
	}
	report, err := d.exports.Check(c.Context(), found.ID, officers[0], officers[1])
	if err != nil {
		return out, err
	}
	p := c.Printer()
	out = Check{Ready: report.Ready(), Provisional: report.Provisional, Number: report.Number, Expires: report.Expires, Missing: []Missing{}, Findings: findingsOf(p, report.Report)}
	for _, m := range report.Missing {
		x := Missing{What: m.What, Act: string(m.Act), Blocks: m.Blocks}
		if m.Detail != nil {
			x.Detail = p.Show(m.Detail)
		}
		if m.Fault != nil {
			x.Words = words(c, m.Fault)
		}
		for _, r := range m.Who {
			x.Who = append(x.Who, string(r))
		}
		out.Missing = append(out.Missing, x)
	}
	if report.Sheet != nil {
		out.Sheet = words(c, report.Sheet)
	}
	return out, nil
}

// words are a refusal as one text.
func words(c *api.Call, err error) (out string) {
	for _, s := range c.Printer().Explain(err, "-") {
		out += s.Text + " "
	}
	return out[:max(0, len(out)-1)]
}

func (d *desk) bundle(c *api.Call) (*api.File, error) {
	found, err := d.find(c, c.Path("id"))
	if err != nil {
		return nil, err
	}
	b, _, err := d.certificates.Bundle(c.Context(), found.Number)
	if err != nil {
		return nil, err
	}
	raw, err := b.Encode()
	return &api.File{Name: found.Number + ".adamas", Bytes: raw}, err
}

// today is the day of the node.
func (d *desk) today() period.Date { return period.DateOf(d.node.Now().UTC()) }

// exported is an act of the exporting office as an operation.
func exported[In any](d *desk, a *api.API, act consignment.Act, o api.Operation, do func(c *api.Call, id string, who exporting.Officer, in In) error) {
	o.Path, o.Paths, o.Tag = "/consignments/{id}/"+string(act), idPath, tagExport
	if o.Permission == "" {
		o.Permission = mayWork
	}
	o.Sketch = sketch
	if o.Example == nil {
		o.Example = d.example(act)
	}
	api.Act(a, o, func(c *api.Call, in In) (string, error) {
		id, who, err := d.exporter(c, act)
		if err != nil {
			return "", err
		}
		return id, do(c, id, who, in)
	}, d.exportFile)
}
