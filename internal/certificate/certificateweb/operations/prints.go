package operations

import (
	"time"

	"adamas.example/internal/certificate/certificateweb/issued"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/filing"
	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/internal/web/api"
	"adamas.example/verify/canonical"
)

// The kinds of file that are given out.
const (
	mediaPDF   = "application/pdf"
	mediaPhoto = "image/jpeg, image/png"
	mediaScan  = mediaPhoto + ", " + mediaPDF
)

// printOperations are what leaves the exporting office on paper.
func (d *desk) printOperations(a *api.API) {
	api.Hand(a, api.Operation{ID: "previewCertificate", Path: "/consignments/{id}/preview", Paths: idPath, Permission: mayWork, Tag: tagExport, Gives: mediaPDF,
		Summary: "See the certificate as it stands, before it is issued", Description: "Every page bears the word PREVIEW and the name of the key. Who saw it, and when, is noted first: see listPrints."}, d.preview,
		func(*api.Call, api.Nothing, string) error { return nil })
	api.Hand(a, api.Operation{ID: "printCertificate", Path: "/consignments/{id}/print", Paths: idPath, Permission: mayWork, Tag: tagExport, Gives: mediaPDF,
		Example: issued.Wanted{Reason: "SYNTHETIC: the original", Stock: "plain"}, Summary: "Print an issued certificate, or print it once more",
		Description: "That it is printed, why and with which bytes is stated in the register before the PDF is answered; under the same Idempotency-Key the same PDF is answered and nothing is stated again. " +
			"A print that was spoiled in the printer is printed again under another key, with the reason. On numbered stock lay in the sheet whose number the certificate bears; where that sheet itself is ruined the certificate is cancelled or reissued."},
		d.print, d.settlePrint)
	api.Read(a, api.Operation{ID: "listPrints", Path: "/consignments/{id}/prints", Paths: idPath, Permission: mayWork, Tag: tagExport, Summary: "Who was shown a preview, and who printed, on what and why"}, d.prints)
	api.Read(a, api.Operation{ID: "readOffset", Path: "/offset.pdf", Permission: mayWork, Tag: tagExport, Gives: mediaPDF, Summary: "The page by which is measured how far a printer is off",
		Query: []api.Param{{Name: "dx", Doc: "millimetres to the right by which it would be moved", Example: "0.5"}, {Name: "dy", Doc: "millimetres down", Example: "-1"}}}, func(c *api.Call) (*api.File, error) {
		raw, err := issued.OffsetPage(c.Context(), d.node, c.Query("dx"), c.Query("dy"))
		return &api.File{Name: "offset.pdf", Bytes: raw}, err
	})
}

// by is the program, for what is filed beside a consignment.
func by(c *api.Call) filing.By { return filing.By{Login: c.Actor(), Name: c.Name()} }

// seen is a consignment that has not moved since the program looked at it. Faults:
// certificate.unknown_consignment, certificate.consignment_moved.
func (d *desk) seen(c *api.Call) (*consignment.Consignment, error) {
	found, err := d.find(c, c.Path("id"))
	if err != nil {
		return nil, err
	}
	return found, d.read(c.Context(), func(tx *store.Tx) error {
		_, err := still(c, tx, found.ID)
		return err
	})
}

// still reads a consignment in the transaction of an act, and holds that it has not moved
// since the program looked: meanwhile it may have been cancelled. Faults as of seen.
func still(c *api.Call, tx *store.Tx, id string) (*consignment.Consignment, error) {
	now, err := consignment.Get(tx, id)
	if err != nil || c.Seen == 0 {
		return now, err
	}
	return now, consignment.Unmoved(tx, now, c.Seen)
}

func (d *desk) preview(c *api.Call, _ api.Nothing) (string, error) {
	found, err := d.seen(c)
	if err != nil {
		return "", err
	}
	f, err := d.exports.File(c.Context(), found.ID)
	if err != nil {
		return "", err
	}
	raw, err := issued.Preview(c.Context(), d.node, f, c.Name())
	if err != nil {
		return "", err
	}
	c.Keep(&api.File{Name: "PREVIEW-" + found.ID + ".pdf", Bytes: raw})
	return found.ID, d.write(c.Context(), func(tx *store.Tx) error {
		tx.Act(found.ID)
		if _, err := still(c, tx, found.ID); err != nil {
			return err
		}
		return filing.NotePreview(tx, found.ID, filing.Preview{By: by(c), Steps: f.Consignment.Steps, Paper: canonical.Sum(raw)})
	})
}

// print fixes the statement of a print; its id is the record of the act.
func (d *desk) print(c *api.Call, x issued.Wanted) (about string, err error) {
	found, err := d.seen(c)
	if err != nil {
		return "", err
	}
	if !found.Exports() || found.Statement.IsZero() {
		return "", fault.Conflict("certificate.not_issued", fault.Arg("number", found.ID), fault.Arg("state", found.State))
	}
	drawn, err := issued.Draw(c.Context(), d.node, found.Number, x)
	if err != nil {
		return "", err
	}
	c.Keep(&api.File{Name: found.Number + ".pdf", Bytes: drawn.PDF})
	return about, d.write(c.Context(), func(tx *store.Tx) error {
		if _, err := still(c, tx, found.ID); err != nil {
			return err
		}
		in, err := drawn.Intend(tx, d.node)
		if err == nil {
			about = in.ID.String()
			tx.Act(about)
		}
		return err
	})
}

func (d *desk) settlePrint(c *api.Call, x issued.Wanted, about string) error {
	var id canonical.Hash
	if err := id.UnmarshalText([]byte(about)); err != nil {
		return err
	}
	return issued.Settle(c.Context(), d.node, id, by(c), x)
}

// Prints is what of a consignment has been on paper.
type Prints struct {
	Previews []Previewed `json:"previews" doc:"oldest first"`
	Prints   []Printed   `json:"prints" doc:"oldest first"`
}

// Previewed is a look at a certificate before there was one.
type Previewed struct {
	By    string         `json:"by"`
	Name  string         `json:"name"`
	At    time.Time      `json:"at"`
	Steps int64          `json:"steps" doc:"of the file when it was made"`
	Paper canonical.Hash `json:"sha256" doc:"of the PDF"`
}

// Printed is one print.
type Printed struct {
	By        string         `json:"by"`
	Name      string         `json:"name"`
	At        time.Time      `json:"at"`
	Reason    string         `json:"reason"`
	Stock     string         `json:"stock" enum:"plain,preprinted"`
	DX        string         `json:"dx"`
	DY        string         `json:"dy"`
	Paper     canonical.Hash `json:"sha256" doc:"of the PDF"`
	Statement canonical.Hash `json:"statement" doc:"that it was printed"`
}

func (d *desk) prints(c *api.Call) (out Prints, err error) {
	found, err := d.find(c, c.Path("id"))
	if err != nil {
		return out, err
	}
	err = d.read(c.Context(), func(tx *store.Tx) error {
		out = Prints{Previews: []Previewed{}, Prints: []Printed{}}
		looks, err := filing.Previews(tx, found.ID)
		if err != nil {
			return err
		}
		for _, x := range looks {
			out.Previews = append(out.Previews, Previewed{By: x.Login, Name: x.Name, At: x.At, Steps: x.Steps, Paper: x.Paper})
		}
		if found.Number == "" {
			return nil
		}
		all, err := filing.Prints(tx, found.Number)
		for _, x := range all {
			out.Prints = append(out.Prints, Printed{By: x.Login, Name: x.Name, At: x.At, Reason: x.Reason, Stock: x.Stock, DX: issued.InMM(x.DX), DY: issued.InMM(x.DY), Paper: x.Paper, Statement: x.Statement})
		}
		return err
	})
	return out, err
}
