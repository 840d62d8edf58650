package operations

import (
	"encoding/json"
	"slices"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/web/api"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// Consignment is a shipment and where it stands.
type Consignment struct {
	ID          string          `json:"id" example:"CF-bangui-2026-000017"`
	State       string          `json:"state" example:"issued"`
	Number      string          `json:"certificate_number,omitempty" doc:"of its certificate, once a sheet is allotted"`
	Statement   *canonical.Hash `json:"statement,omitempty" doc:"SHA-256 of the certificate's signed bytes"`
	Counterpart string          `json:"counterpart" doc:"the Participant at the other end"`
	OnPaper     bool            `json:"on_paper" doc:"it came with a paper certificate from outside: its issuer has signed nothing, and it counts apart"`
	Kind        string          `json:"kind"`
	Steps       int64           `json:"steps" doc:"acts that its file holds; the ETag names them"`
	Due         *time.Time      `json:"due,omitempty" doc:"when somebody has to look at it"`
	OpenedAt    time.Time       `json:"opened_at"`
	MovedAt     time.Time       `json:"moved_at"`
	May         []string        `json:"may,omitempty" doc:"the acts that this key can do with it now"`
}

// Version is how many steps it has.
func (c Consignment) Version() int64 { return c.Steps }

func consignmentOf(c *consignment.Consignment, roles access.RoleList) Consignment {
	out := Consignment{ID: c.ID, State: string(c.State), Number: c.Number, Counterpart: string(c.Counterpart), OnPaper: c.OnPaper, Kind: c.Kind.String(), Steps: c.Steps, OpenedAt: c.OpenedAt, MovedAt: c.MovedAt}
	if !c.Statement.IsZero() {
		out.Statement = &c.Statement
	}
	if !c.Due.IsZero() {
		out.Due = &c.Due
	}
	for _, r := range roles {
		for _, act := range consignment.May(c.State, r) {
			if !slices.Contains(out.May, string(act)) { // two of its roles may
				out.May = append(out.May, string(act))
			}
		}
	}
	return out
}

// Step is one act in a file.
type Step struct {
	Seq    int64          `json:"seq"`
	Act    string         `json:"act"`
	Role   string         `json:"role"`
	Actor  string         `json:"actor" doc:"an officer's key, an account, program:<id>, or the statement heard"`
	At     time.Time      `json:"at"`
	From   string         `json:"from"`
	To     string         `json:"to"`
	Detail any            `json:"detail,omitempty" doc:"particulars as they were given"`
	Hash   canonical.Hash `json:"hash"`
}

func stepsOf(steps []consignment.Step) (out []Step, err error) {
	out = []Step{}
	for _, s := range steps {
		x := Step{Seq: s.Seq, Act: string(s.Act), Role: string(s.Role), Actor: s.Actor, At: s.At, From: string(s.From), To: string(s.To), Hash: s.Hash}
		if err := json.Unmarshal(s.Detail, &x.Detail); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// ExportFile is the file of a consignment of the exporting side.
type ExportFile struct {
	Consignment
	Application exporting.Application   `json:"application"`
	Valuations  []certificate.Valuation `json:"valuations"`
	Official    *certificate.Valuation  `json:"official_valuation,omitempty" doc:"that which counts"`
	Levied      []certificate.TaxLine   `json:"levied,omitempty" doc:"what is levied on the official value"`
	Tax         *certificate.Tax        `json:"tax,omitempty"`
	Sealing     *certificate.Sealing    `json:"sealing,omitempty"`
	Exported    *exporting.Exported     `json:"exported,omitempty"`
	Expires     *period.Date            `json:"expires,omitempty" doc:"last day of the certificate"`
	Overdue     *period.Date            `json:"confirmation_due,omitempty" doc:"receipt should be confirmed by then"`
	Opened      bool                    `json:"opened" doc:"the delayed facts are public"`
	Replaces    string                  `json:"replaces,omitempty" doc:"number of the certificate that this one shall replace"`
	ReplacedBy  string                  `json:"replaced_by,omitempty" doc:"the file whose certificate takes this one's place"`
	Approval    *Approval               `json:"approval,omitempty" doc:"while it is prepared: what the officers sign"`
	Record      *Record                 `json:"record,omitempty" doc:"of the certificate, once it is issued"`
	InHand      *Hand                   `json:"in_hand,omitempty" doc:"who has taken it in hand since its last step"`
	File        []Step                  `json:"file"`
}

// Hand is who works at a consignment.
type Hand struct {
	By   string    `json:"by"`
	Name string    `json:"name"`
	At   time.Time `json:"at"`
}

// Approval is what two officers sign before a certificate is issued.
type Approval struct {
	Digest    canonical.Hash `json:"digest" doc:"of what the certificate will say"`
	Preparer  Approver       `json:"preparer"`
	Validator Approver       `json:"validator"`
	Facts     any            `json:"facts" doc:"what the certificate will say"`
}

// Approver is one of them.
type Approver struct {
	Key      statement.KeyID `json:"key"`
	ToSign   api.Bytes       `json:"to_sign" doc:"the exact bytes that the officer's key signs (Sig_structure, RFC 9052 4.4): Ed25519 over them, ES256 over their SHA-256"`
	Approved bool            `json:"approved"`
}

// Record is how far a statement has come.
type Record struct {
	State     string          `json:"state" enum:"prepared,signed,logged,witnessed"`
	Statement *canonical.Hash `json:"statement,omitempty"`
	Origin    string          `json:"log,omitempty"`
	Index     *int64          `json:"index,omitempty" doc:"its place in the log"`
	SignedAt  *time.Time      `json:"signed_at,omitempty"`
}

func recordOf(e *ledger.Entry) *Record {
	out := &Record{State: e.State().String(), Origin: e.Origin}
	if !e.Hash.IsZero() {
		out.Statement = &e.Hash
	}
	if e.Index >= 0 {
		out.Index = &e.Index
	}
	if !e.SignedAt.IsZero() {
		out.SignedAt = &e.SignedAt
	}
	return out
}

// Finding is what a rule found.
type Finding struct {
	Rule     string `json:"rule" example:"R-VAL-01"`
	Outcome  string `json:"outcome" enum:"pass,fail,cannot_tell"`
	Severity string `json:"severity" enum:"block,warn,inform"`
	Blocks   bool   `json:"blocks"`
	Reason   string `json:"reason" doc:"key of the words"`
	Words    string `json:"words" doc:"in the language of the request"`
}

func findingsOf(p *lang.Printer, r rule.Report) []Finding {
	out := []Finding{}
	for f := range r.All() {
		out = append(out, Finding{Rule: f.Rule, Outcome: string(f.Outcome), Severity: string(f.Severity), Blocks: f.Blocks(), Reason: f.Reason.Key, Words: p.T(f.Reason.Key, f.Reason.Args)})
	}
	return out
}

// dated is a day that may not be there.
func dated(d period.Date) *period.Date {
	if d == 0 {
		return nil
	}
	return &d
}
