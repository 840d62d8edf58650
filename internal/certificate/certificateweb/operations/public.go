package operations

import (
	"slices"

	checkdesk "adamas.example/internal/certificate/certificateweb/desk"
	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/web/api"
	"adamas.example/verify"
	"adamas.example/verify/pack"
)

const tagPublic = "Certificates"

// atDoor is how many without a key are received or wait, each in memory, as at the page
// that checks.
const atDoor = 16

// Verdict is the verifier's answer.
type Verdict struct {
	Outcome string   `json:"outcome" enum:"valid,invalid,cannot_tell"`
	Words   []string `json:"words" doc:"in the language of the request"`
	Verdict any      `json:"verdict" doc:"as adamas verify --json prints it"`
}

func (d *desk) publicOperations(a *api.API) {
	api.Check(a, api.Operation{ID: "verifyCertificate", Path: "/verify", Permission: mayCheck, Tag: tagPublic, Takes: "application/octet-stream", Most: checkdesk.Most + 1, AtOnce: atDoor,
		Summary: "Judge a certificate's file, a PDF that it is attached to, the text of its codes, or a photograph of them", Query: []api.Param{{Name: "for", Doc: "record: was it issued, and is it recorded? import: may it be accepted now?", Enum: []string{"record", "import"}},
			{Name: "destination", Doc: "for import: the Participant that would accept it", Example: "EU"}}}, d.verify)
}

// verify judges what was sent, from all that the node knows.
func (d *desk) verify(c *api.Call, _ api.Nothing) (out Verdict, err error) {
	opt := verify.Options{At: d.node.Now()}
	switch to := c.Query("destination"); c.Query("for") {
	case "", "record":
	case "import":
		opt.Purpose, opt.Destination = verify.Import, to
		if _, err := ident.ParseParticipant(to); to != "" && err != nil {
			return out, fault.Locate(err, fault.At("destination"))
		}
	default:
		return out, fault.Invalid("certificate.no_purpose", fault.At("for"), fault.Text(c.Query("for")))
	}
	known, err := d.judge.Known(c.Context())
	if err != nil {
		return out, err
	}
	through := d.street
	if c.Program != nil {
		through = d.known
	}
	raw, err := through.pictured(c.Context(), c.Body)
	if err != nil {
		return out, err
	}
	in, err := checkdesk.Take(known, raw)
	if err != nil {
		return out, err
	}
	opt.Paper = in.Paper
	return verdict(c, known, verify.New(known).Verify(in.Bundle, opt)), nil
}

func verdict(c *api.Call, known *pack.Pack, v *verify.Verdict) Verdict {
	read := reading.Of(c.Printer(), v, known.Chain.Current().Synthetic)
	return Verdict{Outcome: string(v.Outcome), Words: slices.Clone(read.Headline), Verdict: v}
}

func (d *desk) verdictOf(c *api.Call) (out Verdict, err error) {
	s, err := d.imports.Look(c.Context(), c.Path("id"))
	if err != nil {
		return out, err
	}
	v, err := d.imports.Verdict(c.Context(), s)
	if err != nil {
		return out, err
	}
	read := reading.Of(c.Printer(), v, d.node.Synthetic)
	return Verdict{Outcome: string(v.Outcome), Words: slices.Clone(read.Headline), Verdict: v}, nil
}
