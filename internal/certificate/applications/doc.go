// Package applications is the exporter's side of an application: what his people type
// until it is sent, the papers that go with it, and whose every file is (KPCS Annex II
// 17; SOR/2003-15 s. 2; domain.md 2.2).
//
// # Invariants
//
//   - A company sees its own drafts and files, and no other's: what is another's is not
//     there.
//   - What was typed is kept as it was typed, right or wrong, until it is sent or
//     thrown away; nobody's typing overwrites what somebody else has typed meanwhile.
//   - An application, its owner and its papers are filed in one transaction; the file
//     commits to the papers by their SHA-256.
//   - A paper is what its content says, never what its name says, and is bounded before
//     anything of it is unpacked. Nothing of it is ever executed, rendered or unpacked
//     for others.
//   - What an exporter declares is shown to him by the text in force on that day.
//
// Imports: certificate, consignment, exporting, life; web/form, which reads what was
// typed; store, ledger, rule and floor 0.
package applications

import (
	"embed"
	"io"
	"io/fs"
	"strings"
	"time"

	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
)

//go:embed text
var text embed.FS

// Text is the package's words.
func Text() fs.FS { return text }

// Service keeps applications at one office. It is safe for use by many at once.
type Service struct {
	cfg Config
}

// Config is what it works with.
type Config struct {
	Desk         *exporting.Desk
	Certificates *certificate.Service
	Store        *store.Store
	Rules        rule.Set
	Office       ident.OfficeID
	Now          func() time.Time
	Entropy      io.Reader // names of drafts; crypto/rand.Reader in production
}

// New makes the service.
func New(cfg Config) *Service { return &Service{cfg: cfg} }

// Who acts for a company.
type Who struct {
	Company string // its key: holder|licence
	Login   string
	Name    string
}

// Holder is the company's name, from its key.
func (w Who) Holder() string { return w.Company[:w.bar()] }

// Licence is the number of its licence.
func (w Who) Licence() string { return strings.TrimPrefix(w.Company[w.bar():], "|") }

func (w Who) bar() int {
	if i := strings.LastIndexByte(w.Company, '|'); i >= 0 {
		return i
	}
	return len(w.Company)
}

func (w Who) owner() consignment.Owner {
	return consignment.Owner{Company: w.Company, Login: w.Login, Name: w.Name}
}

func (s *Service) today() period.Date { return period.DateOf(s.cfg.Now().UTC()) }

// Warranty is a text of the system of warranties, and where it is from.
type Warranty struct {
	Text    string
	From    period.Date // day from which it is in force
	Sources []rule.Source
}

// Warranty is the text that goes with goods to a destination today (R-SOW-01); ok is
// false where the rules have none.
func (s *Service) Warranty(to ident.ParticipantCode) (w Warranty, ok bool, err error) {
	return s.WarrantyOn(to, s.today())
}

// WarrantyOn is the text that was in force on a day.
func (s *Service) WarrantyOn(to ident.ParticipantCode, on period.Date) (w Warranty, ok bool, err error) {
	text, origin, err := s.cfg.Rules.Text("R-SOW-01", "warranty", rule.Scope{Participant: s.cfg.Office.Participant(), Counterpart: to, On: on})
	switch {
	case fault.Is(err, "rule.param_unset"), fault.Is(err, "rule.not_in_force"), fault.Is(err, "rule.not_for_participant"):
		return w, false, nil
	case err != nil:
		return w, false, err
	}
	w = Warranty{Text: text, Sources: origin.Sources}
	if origin.Override != nil && origin.Override.From != nil {
		w.From = *origin.Override.From
	}
	return w, true, nil
}
