package certificate

import (
	"context"
	"embed"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/ledger"
	"adamas.example/internal/party"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

//go:embed schema
var schema embed.FS

// Schema is the module's tables, for store.Migrate.
func Schema() store.Schema { return store.Schema{Module: "certificate", Files: schema} }

// SheetState is the state of a numbered sheet (design.md §8), which
// sheetmachine.go moves. A number that was never allotted is blank and has no row.
type SheetState string

// The states of a sheet.
const (
	Blank    SheetState = "blank"
	Allotted SheetState = "allotted"
	Spent    SheetState = "spent"
	Spoiled  SheetState = "spoiled"
	Void     SheetState = "void"
)

// Sheet is a numbered sheet and what became of it.
type Sheet struct {
	Number     string
	State      SheetState
	Preparer   string // key id
	Validator  string // key id; empty before issue
	Reason     string
	Entry      canonical.Hash // ledger entry; zero before issue
	AllottedAt time.Time
	SpentAt    time.Time // zero before issue
	EndedBy    string    // who spoiled it or made it void
	EndedAt    time.Time // zero before
}

// Last is who did the latest act on the sheet, and when.
func (sh *Sheet) Last() (by string, at time.Time) {
	switch {
	case sh.EndedBy != "":
		return sh.EndedBy, sh.EndedAt
	case sh.Validator != "":
		return sh.Validator, sh.SpentAt
	}
	return sh.Preparer, sh.AllottedAt
}

// Service issues certificates for one office at one station.
type Service struct {
	cfg Config
}

// Config is what the service needs.
type Config struct {
	Ledger  *ledger.Ledger
	Rules   rule.Set
	Office  string        // e.g. CF/bangui
	Station string        // e.g. CF/bangui/pc-1
	Signer  ledger.Signer // the office's key
	Now     func() time.Time
	Entropy interface { // seeds of commitments; crypto/rand.Reader in production
		Read(p []byte) (n int, err error)
	}
	Synthetic bool
	// Trade judges who may trade with whom on a day (R-MEM-01, R-MEM-02): package
	// party's. Nil: it cannot be told, which blocks.
	Trade func(from, to ident.ParticipantCode, on period.Date) ([]rule.Finding, error)
	// Scheme is what is published of Participants, by the node's choices: what a paper
	// from outside is held against. Nil where there is none.
	Scheme *party.Scheme
	// Notified judges whether the form of the certificate and both officers are
	// those that were notified and are in force (R-CRT-08). Nil: as above.
	Notified func(officers []statement.KeyID, on period.Date) ([]rule.Finding, error)
}

// Trade is Config.Trade: it judges who may trade with whom on a day. Without a
// register nothing is found.
func (s *Service) Trade(from, to ident.ParticipantCode, on period.Date) ([]rule.Finding, error) {
	if s.cfg.Trade == nil {
		return nil, nil
	}
	return s.cfg.Trade(from, to, on)
}

// Scheme is Config.Scheme.
func (s *Service) Scheme() *party.Scheme { return s.cfg.Scheme }

// New makes the service.
func New(cfg Config) *Service { return &Service{cfg: cfg} }

// Within is what a caller does in the transaction in which a certificate is
// prepared or issued.
type Within func(tx *store.Tx, p *Prepared) error

func all(tx *store.Tx, p *Prepared, within []Within) error {
	for _, w := range within {
		if err := w(tx, p); err != nil {
			return err
		}
	}
	return nil
}

// Spoil gives up an allotted sheet: a draft that was dropped, a sheet that
// jammed in the printer. What it held of imported certificates is free again.
// by is the officer's key id. Faults: certificate.sheet_not_allotted,
// certificate.sheet_without_reason.
func (s *Service) Spoil(ctx context.Context, number, by, reason string, within ...func(*store.Tx) error) error {
	return s.write(ctx, func(tx *store.Tx) error {
		if err := end(tx, number, SpoilSheet, by, reason); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM certificate_prepared WHERE number = $1`, number); err != nil {
			return err
		}
		for _, w := range within {
			if err := w(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// Withdraw closes a gap: a number of this station on whose sheet nothing was ever issued is
// spoiled or void, with the reason. Faults: certificate.number_not_ours, sheet_not_allotted.
func (s *Service) Withdraw(ctx context.Context, number string, act SheetAct, by, reason string) error {
	if act != SpoilSheet && act != VoidSheet || reason == "" {
		return fault.Invalid("certificate.sheet_without_reason", fault.Arg("number", number), fault.Arg("act", act))
	}
	return s.write(ctx, func(tx *store.Tx) error {
		tx.Act(number)
		a, err := s.given(tx, number, `generation >= 0`)
		if err != nil {
			return err
		}
		to, _, _ := moveSheet(Blank, act, access.Validator)
		n, err := tx.Exec(`INSERT INTO certificate_sheet (number, range_id, serial, state, preparer, reason, allotted_at, ended_by, ended_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $5, $7) ON CONFLICT (number) DO NOTHING`, number, a.id, a.serial, string(to), by, reason, tx.Now())
		if err == nil && n != 1 {
			return errNotAllotted(tx, number)
		}
		return err
	})
}

// errNotAllotted says what has become of a sheet instead, by whom and when.
func errNotAllotted(tx *store.Tx, number string) error {
	sh, err := sheet(tx, number)
	if err != nil {
		return err
	}
	return errSheet(sh, SpendSheet)
}

// Sheet reads one sheet. Fault certificate.unknown_number.
func (s *Service) Sheet(ctx context.Context, number string) (sh Sheet, err error) {
	err = s.read(ctx, func(tx *store.Tx) error {
		sh, err = sheet(tx, number)
		return err
	})
	return sh, err
}

func sheet(tx *store.Tx, number string) (Sheet, error) {
	found, err := store.Collect(tx, scanSheet, `SELECT `+sheetColumns+` FROM certificate_sheet WHERE number = $1`, number)
	if err != nil {
		return Sheet{}, err
	}
	if len(found) == 0 {
		return Sheet{}, fault.NotFound("certificate.unknown_number", fault.Arg("number", number))
	}
	return found[0], nil
}

const sheetColumns = `number, state, preparer, COALESCE(validator, ''), COALESCE(reason, ''), entry, allotted_at, spent_at, COALESCE(ended_by, ''), ended_at`

func scanSheet(scan store.Scan) (sh Sheet, err error) {
	var entry []byte
	err = scan(&sh.Number, &sh.State, &sh.Preparer, &sh.Validator, &sh.Reason, &entry, store.ScanTime(&sh.AllottedAt), store.ScanTime(&sh.SpentAt),
		&sh.EndedBy, store.ScanTime(&sh.EndedAt))
	copy(sh.Entry[:], entry)
	return sh, err
}

// Sheets lists all sheets of the station in order of number: allotted, spent,
// spoiled and void; every serial below the highest is among them.
func (s *Service) Sheets(ctx context.Context) (out []Sheet, err error) {
	err = s.read(ctx, func(tx *store.Tx) error {
		out, err = store.Collect(tx, scanSheet, `SELECT `+sheetColumns+` FROM certificate_sheet ORDER BY number`)
		return err
	})
	return out, err
}

func (s *Service) write(ctx context.Context, fn func(*store.Tx) error) error {
	return s.cfg.Ledger.Store().Write(ctx, s.cfg.Now(), fn)
}

func (s *Service) read(ctx context.Context, fn func(*store.Tx) error) error {
	return s.cfg.Ledger.Store().Read(ctx, s.cfg.Now(), fn)
}
