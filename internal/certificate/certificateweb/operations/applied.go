package operations

import (
	"time"

	"adamas.example/internal/certificate/applications"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/fault"
	"adamas.example/internal/measure"
	"adamas.example/internal/web/api"
	"adamas.example/verify/canonical"
)

const tagApply = "Exporters"

// mostPapers bounds an application with its papers, in bytes of JSON.
const mostPapers = 32 << 20

// applying is an application with its papers.
type applying struct {
	exporting.Application
	Papers []upload `json:"papers,omitempty" doc:"PDF, JPEG, PNG or XLSX; attachments is left out"`
}

type upload struct {
	Name    string    `json:"name"`
	Content api.Bytes `json:"content"`
}

func (x applying) uploads() (out []applications.Upload) {
	for _, p := range x.Papers {
		out = append(out, applications.Upload{Name: p.Name, Content: p.Content})
	}
	return out
}

// applicant is the program as one who applies: for its company, or as the office's own
// window for everybody's.
func applicant(c *api.Call) applications.Who {
	return applications.Who{Company: c.Company(), Login: c.Actor(), Name: c.Name()}
}

// Filed is an application as its exporter sees it.
type Filed struct {
	Consignment
	Application *exporting.Application `json:"application"`
	Reasons     *exporting.Reasons     `json:"reasons,omitempty" doc:"the last given, with the act they were given for"`
	For         string                 `json:"reasons_for,omitempty"`
	ReplacedBy  string                 `json:"replaced_by,omitempty"`
}

// applicationOperations are the exporter's.
func (d *desk) applicationOperations(a *api.API) {
	api.Read(a, api.Operation{ID: "listApplications", Path: "/applications", Permission: mayFollow, Tag: tagApply, Summary: "Applications: of the key's company, or of all", Query: api.PageParams(stateParam)}, d.listFiled)
	api.Read(a, api.Operation{ID: "readApplication", Path: "/applications/{id}", Paths: idPath, Permission: mayFollow, Tag: tagApply, Summary: "An application, how far it has come, and why it was sent back"},
		func(c *api.Call) (Filed, error) { return d.filed(c, c.Path("id")) })
	api.Read(a, api.Operation{ID: "readApplicationPaper", Path: "/applications/{id}/papers/{hash}", Paths: hashPath, Permission: mayFollow, Tag: tagApply, Gives: "application/pdf, image/jpeg, image/png, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		Summary: "A paper of an application, as it was handed in", Description: "The application lists them under attachments, each with its SHA-256."}, d.applicationPaper)
	api.Read(a, api.Operation{ID: "listBalances", Path: "/balances", Permission: mayApply, Tag: tagApply, Summary: "Certificates under which stones came to the key's company, and what of them is left for re-export",
		Description: "A key that is held to no company has none."}, d.balances)
	api.Act(a, api.Operation{ID: "apply", Path: "/applications", Permission: mayApply, Tag: tagApply, Summary: "Apply for a certificate", Most: mostPapers, Example: d.example(consignment.Apply), Sketch: sketch,
		Description: "What is missing or wrong is said field by field, and nothing is opened."},
		func(c *api.Call, x applying) (string, error) {
			made, err := d.asked.Hand(c.Context(), applicant(c), "", x.Application, x.uploads(), 0)
			if err != nil {
				return "", err
			}
			return made.ID, nil
		}, d.filed)
	api.Act(a, api.Operation{ID: "amendApplication", Path: "/applications/{id}/amend", Paths: idPath, Permission: mayApply, Tag: tagApply, Summary: "Mend an application that was sent back", Most: mostPapers,
		Example: d.example(consignment.Apply), Sketch: sketch, Description: "The whole application is sent again; the one before stays in the file."},
		func(c *api.Call, x applying) (string, error) {
			id := c.Path("id")
			_, err := d.asked.Hand(c.Context(), applicant(c), id, x.Application, x.uploads(), c.Seen)
			return id, err
		}, d.filed)
	api.Act(a, api.Operation{ID: "withdrawApplication", Path: "/applications/{id}/withdraw", Paths: idPath, Permission: mayApply, Tag: tagApply, Summary: "Take an application back", Example: d.example(consignment.Withdraw), Sketch: sketch},
		func(c *api.Call, v exporting.Reasons) (string, error) {
			id := c.Path("id")
			if c.Company() != "" {
				_, err := d.asked.Withdraw(c.Context(), applicant(c), id, c.Seen, v.Reason)
				return id, err
			}
			_, who, err := d.exporter(c, consignment.Withdraw)
			if err != nil {
				return "", err
			}
			return id, done(d.exports.Withdraw(c.Context(), id, who, v))
		}, d.filed)
}

func (d *desk) filed(c *api.Call, id string) (out Filed, err error) {
	found, told, err := d.asked.File(c.Context(), applicant(c), id)
	if err != nil {
		return out, err
	}
	return Filed{Consignment: consignmentOf(found, c.Roles(consignment.Roles())), Application: told.Application, Reasons: told.Sent, For: string(told.SentFor), ReplacedBy: told.ReplacedBy}, nil
}

// listFiled pages by rank: the list is sorted by last move, newest first.
func (d *desk) listFiled(c *api.Call) (out api.Page[Consignment], err error) {
	limit, err := c.Limit()
	if err != nil {
		return out, err
	}
	in, err := states(c, consignment.OfExport())
	if err != nil {
		return out, err
	}
	from := 0
	if err := c.After(&from); err != nil {
		return out, err
	}
	found, _, err := d.asked.Files(c.Context(), applicant(c), consignment.Filter{States: in}, max(0, from), limit+1)
	if err != nil {
		return out, err
	}
	roles := c.Roles(consignment.Roles())
	return api.Cut(found, limit, func(consignment.Owned) any { return max(0, from) + limit },
		func(x consignment.Owned) Consignment { return consignmentOf(x.Consignment, roles) }), nil
}

func (d *desk) applicationPaper(c *api.Call) (*api.File, error) {
	var hash canonical.Hash
	if err := hash.UnmarshalText([]byte(c.Path("hash"))); err != nil {
		return nil, fault.NotFound("certificate.no_attachment")
	}
	p, err := d.asked.Paper(c.Context(), applicant(c), c.Path("id"), hash)
	return &api.File{Name: p.Name, Media: p.Kind.MediaType(), Bytes: p.Content}, err
}

// Balance is what is left of an imported certificate.
type Balance struct {
	Number     string         `json:"certificate_number"`
	Statement  canonical.Hash `json:"statement"`
	Received   measure.Carats `json:"received"`
	Reserved   measure.Carats `json:"reserved" doc:"by certificates that are prepared"`
	Spent      measure.Carats `json:"spent" doc:"by certificates that are issued"`
	Free       measure.Carats `json:"free"`
	ReceivedAt time.Time      `json:"received_at"`
}

func (d *desk) balances(c *api.Call) (out api.Page[Balance], err error) {
	all, err := d.asked.Imports(c.Context(), applicant(c))
	out.Items = []Balance{}
	for _, x := range all {
		b := Balance{Number: x.Number, Statement: x.Statement, ReceivedAt: x.ReceivedAt}
		for into, n := range map[*measure.Carats]uint64{&b.Received: x.Received, &b.Reserved: x.Reserved, &b.Spent: x.Spent, &b.Free: x.Free()} {
			if *into, err = measure.FromHundredths(int64(n)); err != nil {
				return out, err
			}
		}
		out.Items = append(out.Items, b)
	}
	return out, err
}
