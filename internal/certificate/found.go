package certificate

import (
	"context"
	"slices"

	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// TakeFound enters what the log says of numbers that this database did not
// spend: after a backup was put back, the certificates of the lost days. Their
// numbers are never allotted again, and a sheet that the backup knows as allotted
// is spent. It gives the numbers that are new to it. What was spent and never came
// into the log cannot be known; for that, all ranges of before are burnt.
func (s *Service) TakeFound(ctx context.Context) (numbers []string, err error) {
	var found []*ledger.Entry
	err = s.read(ctx, func(tx *store.Tx) error {
		known, err := store.Collect(tx, func(scan store.Scan) (h canonical.Hash, err error) {
			var b []byte
			err = scan(&b)
			copy(h[:], b)
			return h, err
		}, `SELECT statement FROM certificate_elsewhere`)
		if err != nil {
			return err
		}
		entered := make(map[canonical.Hash]bool, len(known))
		for _, h := range known {
			entered[h] = true
		}
		if found, err = ledger.Found(tx, statement.TypeCertificate); err != nil {
			return err
		}
		found = slices.DeleteFunc(found, func(e *ledger.Entry) bool { return entered[e.Hash] })
		return nil
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	err = s.write(ctx, func(tx *store.Tx) error {
		numbers = nil
		for _, e := range found {
			st, err := statement.Parse(e.Signed)
			if err != nil {
				return err // its type was read from these bytes
			}
			isNew, err := takeFound(tx, e, st)
			if err != nil {
				return err
			}
			if isNew {
				numbers = append(numbers, st.Body.(*statement.Certificate).Number)
			}
		}
		return nil
	})
	return numbers, err
}

func takeFound(tx *store.Tx, e *ledger.Entry, st *statement.Statement) (isNew bool, err error) {
	c := st.Body.(*statement.Certificate)
	n, err := tx.Exec(`INSERT INTO certificate_elsewhere (number, statement, found_at) VALUES ($1, $2, $3) ON CONFLICT (number) DO NOTHING`,
		c.Number, st.Hash, tx.Now())
	if err != nil || n == 0 {
		return false, err
	}
	n, err = tx.Exec(`UPDATE certificate_sheet SET state = 'spent', preparer = $2, validator = $3, entry = $4, spent_at = $5 WHERE number = $1 AND state = 'allotted'`,
		c.Number, c.Preparer.String(), c.Validator.String(), e.ID, tx.Now())
	if err != nil || n == 0 {
		return true, err
	}
	if err := spendReserved(tx, c.Number); err != nil {
		return true, err
	}
	_, err = tx.Exec(`DELETE FROM certificate_prepared WHERE number = $1`, c.Number)
	return true, err
}
