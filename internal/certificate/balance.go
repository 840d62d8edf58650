package certificate

import (
	"slices"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
	"adamas.example/verify"
	"adamas.example/verify/canonical"
)

// Balance is what is left of an imported certificate, in hundredths of a carat
// (R-ORG-02).
type Balance struct {
	Number     string
	Statement  canonical.Hash
	Opening    bool // entered as stock at the entry into force of balances, not received here
	Basis      string
	Received   uint64
	Reserved   uint64 // by prepared certificates
	Spent      uint64 // by issued ones
	ReceivedAt time.Time
}

// Free is what may still be used up.
func (b Balance) Free() uint64 { return b.Received - b.Reserved - b.Spent }

// Receive enters what has been received under an imported certificate, in the
// transaction that confirms its receipt. statement is the hash of the certificate's
// signed bytes, or of the transcript of a paper one; hundredths is the weight as
// measured. What re-exports have declared of it before and the balance did not
// cover is charged to it. Fault certificate.received_already.
func Receive(tx *store.Tx, number string, statement canonical.Hash, hundredths uint64) error {
	return enter(tx, Balance{Number: number, Statement: statement, Received: hundredths})
}

// OpenBalance enters goods that were there before balances were kept; basis says
// on which paper that rests. Faults: certificate.balance_without_basis,
// certificate.received_already.
func OpenBalance(tx *store.Tx, number string, statement canonical.Hash, hundredths uint64, basis string) error {
	if basis == "" {
		return fault.Invalid("certificate.balance_without_basis", fault.Arg("number", number))
	}
	return enter(tx, Balance{Number: number, Statement: statement, Received: hundredths, Opening: true, Basis: basis})
}

func enter(tx *store.Tx, b Balance) error {
	source := "receipt"
	if b.Opening {
		source = "opening"
	}
	n, err := tx.Exec(`INSERT INTO certificate_balance (number, statement, source, basis, received, reserved, spent, received_at)
		VALUES ($1, $2, $3, $4, $5, 0, 0, $6) ON CONFLICT (number) DO NOTHING`, b.Number, b.Statement, source, b.Basis, b.Received, tx.Now())
	if err != nil {
		return err
	}
	if n != 1 {
		have, err := BalanceOf(tx, b.Number)
		if err != nil {
			return err
		}
		return fault.Conflict("certificate.received_already", fault.Arg("number", b.Number), fault.Arg("at", have.ReceivedAt), fault.Arg("hundredths", have.Received))
	}
	return chargeEarlier(tx, b)
}

// chargeEarlier charges a new balance with what was used up before it was known,
// the oldest first.
func chargeEarlier(tx *store.Tx, b Balance) error {
	earlier, err := consumptions(tx, `WHERE number = $1 AND covered < hundredths AND state <> 'freed' ORDER BY at, sheet`, b.Number)
	if err != nil {
		return err
	}
	left := b.Received
	for _, c := range earlier {
		more := min(left, c.hundredths-c.covered)
		if more == 0 {
			return nil
		}
		left -= more
		if _, err := tx.Exec(`UPDATE certificate_consumption SET covered = covered + $3 WHERE sheet = $1 AND number = $2`, c.sheet, c.number, more); err != nil {
			return err
		}
		if err := charge(tx, b.Number, more, c.state == "spent"); err != nil {
			return err
		}
	}
	return nil
}

// charge books carats on a balance; the database refuses more than there is.
func charge(tx *store.Tx, number string, hundredths uint64, spent bool) error {
	query := `UPDATE certificate_balance SET reserved = reserved + $2 WHERE number = $1`
	if spent {
		query = `UPDATE certificate_balance SET spent = spent + $2 WHERE number = $1`
	}
	_, err := tx.Exec(query, number, hundredths)
	return err
}

type consumption struct {
	sheet, number, state string
	statement            canonical.Hash
	hundredths, covered  uint64
}

func consumptions(tx *store.Tx, where string, args ...any) ([]consumption, error) {
	return store.Collect(tx, func(scan store.Scan) (c consumption, err error) {
		var st []byte
		err = scan(&c.sheet, &c.number, &c.state, &st, &c.hundredths, &c.covered)
		copy(c.statement[:], st)
		return c, err
	}, `SELECT sheet, number, state, statement, hundredths, covered FROM certificate_consumption `+where, args...)
}

const balanceColumns = `number, statement, source, basis, received, reserved, spent, received_at`

func scanBalance(scan store.Scan) (b Balance, err error) {
	var st []byte
	var source string
	err = scan(&b.Number, &st, &source, &b.Basis, &b.Received, &b.Reserved, &b.Spent, store.ScanTime(&b.ReceivedAt))
	copy(b.Statement[:], st)
	b.Opening = source == "opening"
	return b, err
}

// BalanceOf reads one balance. Fault certificate.unknown_balance.
func BalanceOf(tx *store.Tx, number string) (Balance, error) {
	found, err := store.Collect(tx, scanBalance, `SELECT `+balanceColumns+` FROM certificate_balance WHERE number = $1`, number)
	if err != nil {
		return Balance{}, err
	}
	if len(found) == 0 {
		return Balance{}, fault.NotFound("certificate.unknown_balance", fault.Arg("number", number))
	}
	return found[0], nil
}

// Balances lists those of which something is left, the oldest first.
func Balances(tx *store.Tx, limit int) ([]Balance, error) {
	return store.Collect(tx, scanBalance, `SELECT `+balanceColumns+` FROM certificate_balance WHERE reserved + spent < received ORDER BY received_at, number LIMIT $1`, limit)
}

// Shortfall is a part of a re-export that no balance covers.
type Shortfall struct {
	Number     string `json:"number"`
	Hundredths uint64 `json:"hundredths"` // not covered
	Free       uint64 `json:"free"`       // what the balance still bore
	Known      bool   `json:"known"`      // whether there is a balance of that certificate here
	Other      bool   `json:"other"`      // the balance is of other bytes under that number
}

// Shortfalls tells what of the certificates that a draft uses up is not covered.
func Shortfalls(tx *store.Tx, uses []verify.Consumed) (out []Shortfall, err error) {
	for _, u := range uses {
		b, err := BalanceOf(tx, u.Number)
		s := Shortfall{Number: u.Number, Known: err == nil}
		switch {
		case fault.Is(err, "certificate.unknown_balance"):
		case err != nil:
			return nil, err
		case b.Statement != u.Statement:
			s.Other = true
		default:
			s.Free = b.Free()
		}
		if u.Hundredths > s.Free {
			s.Hundredths = u.Hundredths - s.Free
			out = append(out, s)
		}
	}
	return out, nil
}

// reserve books what a prepared certificate uses up, in the transaction that
// allots its sheet. What no balance covers is entered as declared and not covered:
// R-ORG-02 has judged that before, and lets it through only where it warns.
func reserve(tx *store.Tx, sheet string, uses []verify.Consumed) error {
	short, err := Shortfalls(tx, uses)
	if err != nil {
		return err
	}
	for _, u := range uses {
		covered := u.Hundredths
		if i := slices.IndexFunc(short, func(s Shortfall) bool { return s.Number == u.Number }); i >= 0 {
			covered -= short[i].Hundredths
		}
		if _, err := tx.Exec(`INSERT INTO certificate_consumption (sheet, number, statement, hundredths, covered, state, at)
			VALUES ($1, $2, $3, $4, $5, 'reserved', $6)`, sheet, u.Number, u.Statement, u.Hundredths, covered, tx.Now()); err != nil {
			return err
		}
		if err := charge(tx, u.Number, covered, false); err != nil {
			return err
		}
	}
	return nil
}

// spendReserved turns what a sheet has reserved into spent, in the transaction
// that issues it.
func spendReserved(tx *store.Tx, sheet string) error {
	held, err := consumptions(tx, `WHERE sheet = $1 AND state = 'reserved' ORDER BY number`, sheet)
	if err != nil {
		return err
	}
	for _, c := range held {
		if _, err := tx.Exec(`UPDATE certificate_balance SET reserved = reserved - $2, spent = spent + $2 WHERE number = $1`, c.number, c.covered); err != nil {
			return err
		}
	}
	return mark(tx, sheet, "spent")
}

// free gives back what a sheet holds, reserved or spent, in the transaction that
// spoils it or makes it void: the goods have not left.
func free(tx *store.Tx, sheet string) error {
	held, err := consumptions(tx, `WHERE sheet = $1 AND state <> 'freed' ORDER BY number`, sheet)
	if err != nil {
		return err
	}
	for _, c := range held {
		query := `UPDATE certificate_balance SET reserved = reserved - $2 WHERE number = $1`
		if c.state == "spent" {
			query = `UPDATE certificate_balance SET spent = spent - $2 WHERE number = $1`
		}
		if _, err := tx.Exec(query, c.number, c.covered); err != nil {
			return err
		}
	}
	return mark(tx, sheet, "freed")
}

func mark(tx *store.Tx, sheet, state string) error {
	_, err := tx.Exec(`UPDATE certificate_consumption SET state = $2, at = $3 WHERE sheet = $1 AND state <> 'freed'`, sheet, state, tx.Now())
	return err
}

// Respend gives a certificate back what was freed for the one that should have
// replaced it, in the transaction that spoils that one's sheet.
func Respend(tx *store.Tx, number string) error {
	freed, err := consumptions(tx, `WHERE sheet = $1 AND state = 'freed' ORDER BY number`, number)
	if err != nil {
		return err
	}
	for _, c := range freed {
		if err := charge(tx, c.number, c.covered, true); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`UPDATE certificate_consumption SET state = 'spent', at = $2 WHERE sheet = $1 AND state = 'freed'`, number, tx.Now())
	return err
}
