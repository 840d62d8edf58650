package certificate

import (
	"context"
	"embed"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/rule"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

//go:embed schema
var schema embed.FS

// Schema is the module's tables, for store.Migrate.
func Schema() store.Schema { return store.Schema{Module: "certificate", Files: schema} }

// SheetState is the state of a numbered sheet (design.md §8). A number that
// was never allotted is blank and has no row.
type SheetState string

// The states of a sheet. Spent, spoiled and void are final.
const (
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
}

// New makes the service.
func New(cfg Config) *Service { return &Service{cfg: cfg} }

// TakeRange enters a number range that the authority has allotted to this
// station. Taken twice it is entered once. Faults: certificate.range_elsewhere
// for a range of another station; certificate.range_burnt for one that was stated
// before a backup was put back here: it may have been used in the lost days, even
// if the backup does not know it.
func (s *Service) TakeRange(ctx context.Context, st *statement.Statement) error {
	r, ok := st.Body.(*statement.NumberRange)
	if !ok {
		return fault.Invalid("certificate.not_a_range", fault.Arg("type", st.Type.String()))
	}
	if r.Station != s.cfg.Station {
		return fault.Invalid("certificate.range_elsewhere", fault.Arg("station", r.Station), fault.Arg("here", s.cfg.Station))
	}
	return s.write(ctx, func(tx *store.Tx) error {
		burnt, err := ledger.BurntUntil(tx)
		if err != nil {
			return err
		}
		if !burnt.IsZero() && st.IssuedAt <= burnt.Unix() {
			return fault.Conflict("certificate.range_burnt", fault.Arg("from", r.Number(r.First)), fault.Arg("to", r.Number(r.Last)), fault.Arg("at", burnt))
		}
		g, err := ledger.Generation(tx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO certificate_range (id, participant, digits, first, last, next, station, offline, log_within,
			from_day, until_day, generation, taken_at) VALUES ($1, $2, $3, $4, $5, $4, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (id) DO NOTHING`,
			st.Hash, r.Participant, r.Digits, r.First, r.Last, r.Station, r.Offline, r.LogWithin, r.From, r.Until, g, tx.Now())
		return err
	})
}

// allotment is a number taken for a draft.
type allotment struct {
	number string
	serial int64
	id     canonical.Hash
	r      statement.NumberRange
}

// allot takes the next number for this station on a day. Fault
// certificate.no_numbers when no range in force has one left.
func (s *Service) allot(tx *store.Tx, day canonical.Day, offline bool, preparer statement.KeyID) (allotment, error) {
	g, err := ledger.Generation(tx)
	if err != nil {
		return allotment{}, err
	}
	for {
		a, err := s.nextOf(tx, g, day, offline)
		if err != nil {
			return allotment{}, err
		}
		var used int64
		if err := tx.QueryRow(`SELECT (SELECT COUNT(*) FROM certificate_sheet WHERE number = $1)
			+ (SELECT COUNT(*) FROM certificate_elsewhere WHERE number = $1)`, a.number).Scan(&used); err != nil {
			return allotment{}, err
		}
		if used > 0 {
			continue // of a range that overlaps this one, or spent in days that were lost
		}
		_, err = tx.Exec(`INSERT INTO certificate_sheet (number, range_id, serial, state, preparer, allotted_at) VALUES ($1, $2, $3, 'allotted', $4, $5)`,
			a.number, a.id, a.serial, preparer.String(), tx.Now())
		return a, err
	}
}

// nextOf takes the next serial of the ranges that this station may use.
func (s *Service) nextOf(tx *store.Tx, generation int64, day canonical.Day, offline bool) (allotment, error) {
	found, err := store.Collect(tx, func(scan store.Scan) (a allotment, err error) {
		var id []byte
		err = scan(&id, &a.r.Participant, &a.r.Digits, &a.serial, &a.r.First, &a.r.Last, &a.r.Station, &a.r.Offline, &a.r.LogWithin)
		copy(a.id[:], id)
		return a, err
	}, `SELECT id, participant, digits, next, first, last, station, offline, log_within FROM certificate_range
		WHERE station = $1 AND generation = $2 AND from_day <= $3 AND until_day >= $3 AND next <= last AND offline = $4
		ORDER BY first LIMIT 1`, s.cfg.Station, generation, day, offline)
	if err != nil {
		return allotment{}, err
	}
	if len(found) == 0 {
		return allotment{}, fault.Conflict("certificate.no_numbers", fault.Arg("station", s.cfg.Station), fault.Arg("offline", offline))
	}
	a := found[0]
	a.number = a.r.Number(uint64(a.serial))
	_, err = tx.Exec(`UPDATE certificate_range SET next = next + 1 WHERE id = $1`, a.id)
	return a, err
}

// Spoil gives up an allotted sheet: a draft that was dropped, a sheet that
// jammed in the printer. Fault certificate.sheet_not_allotted.
func (s *Service) Spoil(ctx context.Context, number, reason string) error {
	return s.write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(`UPDATE certificate_sheet SET state = 'spoiled', reason = $2 WHERE number = $1 AND state = 'allotted'`, number, reason)
		if err != nil || n == 1 {
			return err
		}
		return errNotAllotted(tx, number)
	})
}

// errNotAllotted says what has become of a sheet instead, by whom and when.
func errNotAllotted(tx *store.Tx, number string) error {
	sh, err := sheet(tx, number)
	if err != nil {
		return err
	}
	by := sh.Validator
	if by == "" {
		by = sh.Preparer
	}
	at := sh.SpentAt
	if at.IsZero() {
		at = sh.AllottedAt
	}
	return fault.Conflict("certificate.sheet_not_allotted", fault.Arg("number", number), fault.Arg("state", string(sh.State)),
		fault.Arg("by", by), fault.Arg("at", at))
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

const sheetColumns = `number, state, preparer, COALESCE(validator, ''), COALESCE(reason, ''), entry, allotted_at, spent_at`

func scanSheet(scan store.Scan) (sh Sheet, err error) {
	var entry []byte
	err = scan(&sh.Number, &sh.State, &sh.Preparer, &sh.Validator, &sh.Reason, &entry, store.ScanTime(&sh.AllottedAt), store.ScanTime(&sh.SpentAt))
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
