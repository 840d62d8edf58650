package operations

import (
	"context"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/certificateweb/printing"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/filing"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
	"adamas.example/internal/web/api"
	"adamas.example/verify/canonical"
)

// mostScans bounds an act with scans, in bytes of JSON.
const mostScans = 48 << 20

const tagPaper = "Certificates from outside"

// attesting is a confirmation on paper with its scans.
type attesting struct {
	exporting.Attestation
	Scans []api.Bytes `json:"scans" doc:"JPEG, PNG or PDF"`
}

// transcribing is a paper certificate from outside as it is keyed.
type transcribing struct {
	importing.Transcript
	Arrival importing.Arrival `json:"arrival"`
	Scans   []api.Bytes       `json:"scans" doc:"JPEG, PNG or PDF"`
}

func files(scans []api.Bytes) (out [][]byte) {
	for _, s := range scans {
		out = append(out, s)
	}
	return out
}

// Looked is what is found of a paper.
type Looked struct {
	Findings []importing.Found `json:"findings"`
}

// paperOperations are what concerns papers: certificates from outside, photographs.
func (d *desk) paperOperations(a *api.API) {
	api.Check(a, api.Operation{ID: "checkTranscript", Path: "/transcripts/check", Permission: mayImport, Tag: tagPaper, Most: mostScans, Example: d.exampleTranscript(),
		Summary: "Judge a keyed paper, and record nothing"}, func(c *api.Call, v transcribing) (out Looked, err error) {
		out.Findings, err = d.imports.LookAt(c.Context(), v.Transcript, files(v.Scans))
		return out, err
	})
	api.Act(a, api.Operation{ID: "transcribePaper", Path: "/transcripts", Permission: mayImport, Tag: tagPaper, Most: mostScans, Example: d.exampleTranscript(), Sketch: sketch,
		Summary: "Record a shipment that is presented with a paper certificate from outside", Description: "The transcript is this office's word: it says that the paper was here, and not that it is genuine."},
		func(c *api.Call, v transcribing) (string, error) {
			made, err := d.imports.Transcribe(c.Context(), importer(c), v.Transcript, v.Arrival, files(v.Scans), ledger.Signed)
			if err != nil {
				return "", err
			}
			return made.Consignment.ID, nil
		}, d.importFile)
	api.Act(a, api.Operation{ID: "addPhoto", Path: "/consignments/{id}/photos", Paths: idPath, Permission: mayWork, Tag: tagExport, Takes: "image/jpeg", Most: filing.MostPhoto + 1,
		Summary: "Keep a photograph of the containers", Description: "Its SHA-256, which sealConsignment names, is in the answer."}, d.addPhoto, d.photos)
}

// Photos are the photographs of a consignment.
type Photos struct {
	Photos []canonical.Hash `json:"photos" doc:"SHA-256 of each, oldest first"`
}

func (d *desk) addPhoto(c *api.Call, _ api.Nothing) (string, error) {
	found, err := d.find(c, c.Path("id"))
	if err != nil {
		return "", err
	}
	taken, err := filing.Read(c.Body)
	if err != nil {
		return "", err
	}
	return found.ID, d.write(c.Context(), func(tx *store.Tx) error {
		tx.Act(found.ID)
		return taken.Keep(tx, found.ID, c.Actor())
	})
}

func (d *desk) photos(c *api.Call, id string) (out Photos, err error) {
	out.Photos = []canonical.Hash{}
	err = d.read(c.Context(), func(tx *store.Tx) error {
		all, err := filing.Photos(tx, id)
		for _, p := range all {
			out.Photos = append(out.Photos, p.Hash)
		}
		return err
	})
	return out, err
}

// seal wants every photograph that is named to be kept already. Faults also:
// certificate.photo_unknown.
func (d *desk) seal(c *api.Call, id string, who exporting.Officer, v certificate.Sealing) error {
	have, err := d.photos(c, id)
	if err != nil {
		return err
	}
	kept := map[canonical.Hash]bool{{}: true}
	for _, h := range have.Photos {
		kept[h] = true
	}
	for _, x := range v.Containers {
		if !kept[x.Photo] {
			return fault.NotFound("certificate.photo_unknown", fault.At("containers"), fault.Arg("consignment", id))
		}
	}
	return done(d.exports.Seal(c.Context(), id, who, v))
}

// paper is a receipt or a coupon as PDF.
func (d *desk) paper(name string) func(c *api.Call) (*api.File, error) {
	print := map[string]printing.Paper{"receipt.pdf": paper.PrintReceipt, "coupon.pdf": paper.PrintCoupon}[name]
	return func(c *api.Call) (*api.File, error) {
		raw, err := printing.Confirmed(c.Context(), d.node, d.imports, c.Path("id"), print)
		return &api.File{Name: name, Bytes: raw}, err
	}
}

// generation is the database's, which the numbers of sheets belong to.
func (d *desk) generation(ctx context.Context) (g int64, err error) {
	err = d.read(ctx, func(tx *store.Tx) error {
		g, err = ledger.Generation(tx)
		return err
	})
	return g, err
}
