package operations

import (
	"slices"
	"time"

	checkdesk "adamas.example/internal/certificate/certificateweb/desk"
	"adamas.example/internal/certificate/life"
	"adamas.example/internal/certificate/reading"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/internal/web/api"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
)

const tagPublic = "Certificates"

// Life is what anybody can know of a certificate, from the registers that this node follows.
type Life struct {
	Number       string        `json:"number"`
	Certificates []Certificate `json:"certificates" doc:"more than one is the worst that a number can have: two were signed"`
	Transcripts  int           `json:"transcripts" doc:"how often a paper under this number was transcribed; its issuer has signed nothing"`
}

// Certificate is one in the registers.
type Certificate struct {
	Statement canonical.Hash `json:"statement"`
	Log       string         `json:"log"`
	From      string         `json:"from"`
	To        string         `json:"to"`
	Issuer    string         `json:"issuer" doc:"the office"`
	Kind      string         `json:"kind"`
	Issued    period.Date    `json:"issued"`
	Expires   period.Date    `json:"expires"`
	Status    string         `json:"status" doc:"today"`
	StatedAt  time.Time      `json:"stated_at" doc:"as its issuer says"`
	Synthetic bool           `json:"synthetic"`
	Events    []Event        `json:"events" doc:"what counts of what was said of it since"`
}

// Event is a later statement about a certificate.
type Event struct {
	Type      string         `json:"type"`
	Issuer    string         `json:"issuer"`
	Day       *period.Date   `json:"day,omitempty"`
	Reason    string         `json:"reason,omitempty"`
	Statement canonical.Hash `json:"statement"`
	StatedAt  time.Time      `json:"stated_at"`
}

// Verdict is the verifier's answer.
type Verdict struct {
	Outcome string   `json:"outcome" enum:"valid,invalid,cannot_tell"`
	Words   []string `json:"words" doc:"in the language of the request"`
	Verdict any      `json:"verdict" doc:"as adamas verify --json prints it"`
}

func (d *desk) publicOperations(a *api.API) {
	api.Read(a, api.Operation{ID: "readCertificate", Path: "/certificates/{number}", Paths: map[string]string{"number": "CF00000017|of the certificate"}, Permission: mayRead, Tag: tagPublic,
		Summary: "What anybody can know of a certificate", Description: "Nothing withheld is in it: not who, not how much, not from where."}, d.life)
	api.Check(a, api.Operation{ID: "verifyCertificate", Path: "/verify", Permission: mayCheck, Tag: tagPublic, Takes: "application/octet-stream", Most: checkdesk.Most + 1,
		Summary: "Judge a certificate's file, a PDF that it is attached to, the text of its codes, or a photograph of them", Query: []api.Param{{Name: "for", Doc: "record: was it issued, and is it recorded? import: may it be accepted now?", Enum: []string{"record", "import"}},
			{Name: "destination", Doc: "for import: the Participant that would accept it", Example: "EU"}}}, d.verify)
}

func (d *desk) life(c *api.Call) (out Life, err error) {
	n, err := ident.ParseTypedPaper(c.Path("number"))
	if err != nil {
		return out, fault.Locate(err, fault.At("number"))
	}
	out = Life{Number: string(n), Certificates: []Certificate{}}
	today := d.today()
	err = d.read(c.Context(), func(tx *store.Tx) error {
		found, err := life.Of(tx, string(n))
		if err != nil {
			return err
		}
		out.Certificates = []Certificate{}
		for _, x := range found {
			v := Certificate{Statement: x.Statement, Log: x.Origin, From: string(x.Participant), To: string(x.Destination), Issuer: x.Issuer, Kind: x.Kind.String(), Issued: x.Issued, Expires: x.Expires,
				Status: string(x.Status(today)), StatedAt: time.Unix(x.StatedAt, 0).UTC(), Synthetic: x.Synthetic, Events: []Event{}}
			for _, e := range x.Events {
				v.Events = append(v.Events, Event{Type: e.Type.String(), Issuer: e.Issuer, Day: dated(e.Day), Reason: e.Reason, Statement: e.Statement, StatedAt: time.Unix(e.StatedAt, 0).UTC()})
			}
			out.Certificates = append(out.Certificates, v)
		}
		papers, err := life.TranscriptsOf(tx, string(n))
		out.Transcripts = len(papers)
		return err
	})
	if err == nil && len(out.Certificates) == 0 && out.Transcripts == 0 {
		err = fault.NotFound("certificate.not_recorded", fault.At("number"), fault.Arg("number", n))
	}
	return out, err
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
	raw, err := d.pictured(c.Context(), c.Body)
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
