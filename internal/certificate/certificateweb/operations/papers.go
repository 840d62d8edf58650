package operations

import (
	"path"
	"slices"
	"strings"

	"adamas.example/internal/certificate/certificateweb/printing"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/importing/keying"
	"adamas.example/internal/certificate/outside"
	"adamas.example/internal/certificate/paper"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
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
	Scans   []api.Bytes       `json:"scans,omitempty" doc:"JPEG, PNG or PDF"`
	Keying  ident.RecordID    `json:"keying,omitempty" doc:"instead of scans, or before them: a paper that waits to be keyed (listKeying)"`
}

// correcting is a paper that was mis-keyed, as it is keyed again.
type correcting struct {
	importing.Transcript
	Arrival importing.Arrival `json:"arrival"`
	Scans   []api.Bytes       `json:"scans,omitempty" doc:"beyond those that are there"`
	Keying  ident.RecordID    `json:"keying,omitempty" doc:"a paper that waits to be keyed again, whose scans are taken"`
	Because string            `json:"because" doc:"why it is keyed again"`
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

// transcriptPath names a paper that is recorded.
var transcriptPath = map[string]string{"id": "EU-antwerp-2026-000010|the consignment that the paper came with", "hash": exampleHash + "|SHA-256 of the scan, as readTranscript lists it"}

// paperOperations are what concerns paper certificates from outside.
func (d *desk) paperOperations(a *api.API) {
	api.Check(a, api.Operation{ID: "checkTranscript", Path: "/transcripts/check", Permission: mayImport, Tag: tagPaper, Most: mostScans, Example: d.exampleTranscript(),
		Summary: "Judge a keyed paper, and record nothing"}, func(c *api.Call, v transcribing) (out Looked, err error) {
		k, scans, err := d.scansOf(c, v.Keying, v.Scans)
		if err == nil {
			out.Findings, err = d.imports.LookAtFor(c.Context(), k.Corrects, v.Transcript, scans)
		}
		return out, err
	})
	api.Act(a, api.Operation{ID: "transcribePaper", Path: "/transcripts", Permission: mayImport, Tag: tagPaper, Most: mostScans, Example: d.exampleTranscript(), Sketch: sketch,
		Summary: "Record a shipment that is presented with a paper certificate from outside", Description: "The transcript is this office's word: it says that the paper was here, and not that it is genuine."}, d.transcribe, d.transcript)
	api.Read(a, api.Operation{ID: "readTranscript", Path: "/transcripts/{id}", Paths: transcriptPath, Permission: mayImport, Tag: tagPaper, Summary: "A paper as it was keyed, and what every check finds of it now"},
		func(c *api.Call) (Transcript, error) { return d.transcript(c, c.Path("id")) })
	api.Act(a, api.Operation{ID: "correctTranscript", Path: "/transcripts/{id}/correct", Paths: transcriptPath, Permission: mayImport, Tag: tagPaper, Most: mostScans, Example: d.exampleCorrection(), Sketch: sketch,
		Summary: "Key a paper again that was mis-keyed, before its receipt is confirmed", Description: "Both transcripts stand in the file, with the reason; the scans of before are kept, and others may be added."}, d.correct, d.transcript)
	api.Read(a, api.Operation{ID: "readScan", Path: "/transcripts/{id}/scans/{hash}", Paths: transcriptPath, Permission: mayImport, Tag: tagPaper, Gives: mediaScan, Summary: "A scan of a paper, clean"}, d.scan)
	api.Read(a, api.Operation{ID: "readConfirmationMail", Path: "/imports/{id}/mail.eml", Paths: importPath, Permission: mayImport, Tag: tagPaper, Gives: "message/rfc822",
		Summary: "The confirmation of receipt as a mail", Description: "For an exporting office without this program (KPCS III(b)(ii)), in the language of the request; sending it is the mail program's."}, d.mail)
}

// scansOf are the scans of a paper that is keyed: those that wait under its keying, then
// those that were sent. k is the zero paper where none waits.
func (d *desk) scansOf(c *api.Call, waits ident.RecordID, sent []api.Bytes) (k *keying.Paper, scans [][]byte, err error) {
	k = &keying.Paper{}
	if waits == "" {
		return k, files(sent), nil
	}
	err = d.read(c.Context(), func(tx *store.Tx) error {
		if k, err = keying.Get(tx, waits); err == nil {
			scans, err = k.Files(tx)
		}
		return fault.Locate(err, fault.At("keying"))
	})
	return k, append(scans, files(sent)...), err
}

// transcribe records a paper, or keys one again whose keying waits for that.
func (d *desk) transcribe(c *api.Call, v transcribing) (string, error) {
	k, scans, err := d.scansOf(c, v.Keying, v.Scans)
	if err != nil {
		return "", err
	}
	if k.Corrects != "" {
		return "", fault.Conflict("certificate.keying_corrects", fault.At("keying"), fault.Arg("consignment", k.Corrects))
	}
	made, err := d.imports.TranscribeAs(c.Context(), importer(c), v.Transcript, v.Arrival, scans, ledger.Signed, taken(c, k))
	if err != nil {
		return "", err
	}
	return made.Consignment.ID, nil
}

func (d *desk) correct(c *api.Call, v correcting) (string, error) {
	x, err := d.imports.Paper(c.Context(), c.Path("id"))
	if err != nil {
		return "", err
	}
	k, scans, err := d.scansOf(c, v.Keying, v.Scans)
	if err != nil {
		return "", err
	}
	if v.Keying != "" && k.Corrects != x.Consignment.ID {
		return "", fault.Conflict("certificate.keying_other", fault.At("keying"), fault.Arg("consignment", x.Consignment.ID))
	}
	all, err := d.originals(c, x.Scans, scans)
	if err != nil {
		return "", err
	}
	_, err = d.imports.Correct(c.Context(), x.Consignment.ID, importer(c), v.Transcript, v.Arrival, all, strings.Join(strings.Fields(v.Because), " "), ledger.Signed, taken(c, k))
	return x.Consignment.ID, err
}

// taken takes the keying of a paper in the transaction that records it.
func taken(c *api.Call, k *keying.Paper) func(*store.Tx, string) error {
	return func(tx *store.Tx, consignment string) error {
		if k.ID == "" {
			return nil
		}
		return keying.Take(tx, k, c.Actor(), consignment)
	}
}

// originals are the scans of before with those that are new, each once.
func (d *desk) originals(c *api.Call, before []canonical.Hash, more [][]byte) (out [][]byte, err error) {
	err = d.read(c.Context(), func(tx *store.Tx) error {
		out = nil
		for _, h := range before {
			raw, _, err := outside.Original(tx, h)
			if err != nil {
				return err
			}
			out = append(out, raw)
		}
		return nil
	})
	for _, raw := range more {
		if !slices.Contains(before, canonical.Sum(raw)) {
			out = append(out, raw)
		}
	}
	return out, err
}

// Transcript is a paper certificate from outside that is recorded.
type Transcript struct {
	ImportFile
	Paper    importing.Transcript `json:"paper"`
	Keyed    []importing.Found    `json:"findings_then" doc:"as of its keying"`
	Now      []importing.Found    `json:"findings"`
	Scans    []canonical.Hash     `json:"scans"`
	Again    string               `json:"keyed_again_because,omitempty"`
	Replaces *canonical.Hash      `json:"replaces,omitempty" doc:"the transcript before"`
}

func (d *desk) transcript(c *api.Call, id string) (out Transcript, err error) {
	x, err := d.imports.Paper(c.Context(), id)
	if err != nil {
		return out, err
	}
	if out.ImportFile, err = d.importFile(c, id); err != nil {
		return out, err
	}
	out.Paper, out.Keyed, out.Scans = *x.Paper, some(x.Findings), some(x.Scans)
	out.Again = x.Because
	if !x.Replaces.IsZero() {
		out.Replaces = &x.Replaces
	}
	now, err := d.imports.PaperFindings(c.Context(), id)
	out.Now = some(now)
	return out, err
}

// some is a list that JSON never writes as null.
func some[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

func (d *desk) scan(c *api.Call) (*api.File, error) {
	x, err := d.imports.Paper(c.Context(), c.Path("id"))
	if err != nil {
		return nil, err
	}
	return d.shown(c, x.Scans)
}

// shown is a scan as it is shown: what a camera writes beside a picture stays with the
// original. Fault certificate.no_scan.
func (d *desk) shown(c *api.Call, among []canonical.Hash) (out *api.File, err error) {
	var hash canonical.Hash
	if err := hash.UnmarshalText([]byte(c.Path("hash"))); err != nil || !slices.Contains(among, hash) {
		return nil, fault.NotFound("certificate.no_scan", fault.Arg("hash", c.Path("hash")))
	}
	err = d.read(c.Context(), func(tx *store.Tx) error {
		raw, media, err := outside.Shown(tx, hash)
		out = &api.File{Name: hash.String()[:16] + "." + path.Base(media), Media: media, Bytes: raw}
		return err
	})
	return out, err
}

func (d *desk) mail(c *api.Call) (*api.File, error) {
	said, err := d.imports.Confirmation(c.Context(), c.Path("id"))
	if err != nil {
		return nil, err
	}
	return &api.File{Name: said.Consignment.Number + "-mail.eml", Bytes: printing.Mail(c.Printer(), d.node, d.node.Now(), said, printing.Envelope{})}, nil
}

// paper is a receipt or a coupon as PDF.
func (d *desk) paper(name string) func(c *api.Call) (*api.File, error) {
	print := map[string]printing.Paper{"receipt.pdf": paper.PrintReceipt, "coupon.pdf": paper.PrintCoupon}[name]
	return func(c *api.Call) (*api.File, error) {
		raw, err := printing.Confirmed(c.Context(), d.node, d.imports, c.Path("id"), print)
		return &api.File{Name: name, Bytes: raw}, err
	}
}
