package filing

import (
	"time"

	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
)

// By is who looked or printed.
type By struct{ Login, Name string }

// Preview is a look at a certificate before there was one.
type Preview struct {
	By
	At    time.Time
	Steps int64 // of the file when it was made
	Paper canonical.Hash
}

// NotePreview notes one, before it is given out.
func NotePreview(tx *store.Tx, consignment string, p Preview) error {
	_, err := tx.Exec(`INSERT INTO certificate_preview (consignment, n, steps, login, name, at, paper)
		SELECT $1, COALESCE(MAX(n), 0) + 1, $2, $3, $4, $5, $6 FROM certificate_preview WHERE consignment = $1`,
		consignment, p.Steps, p.Login, p.Name, tx.Now(), p.Paper)
	return err
}

// Previews lists those of a consignment, oldest first.
func Previews(tx *store.Tx, consignment string) ([]Preview, error) {
	return store.Collect(tx, func(scan store.Scan) (p Preview, err error) {
		var sum []byte
		err = scan(&p.Steps, &p.Login, &p.Name, store.ScanTime(&p.At), &sum)
		copy(p.Paper[:], sum)
		return p, err
	}, `SELECT steps, login, name, at, paper FROM certificate_preview WHERE consignment = $1 ORDER BY n`, consignment)
}

// Print is one print of a certificate.
type Print struct {
	By
	At        time.Time
	Statement canonical.Hash // that it was printed
	Paper     canonical.Hash
	Stock     string
	DX, DY    int64 // hundredths of a millimetre
	Reason    string
}

// NotePrint notes one, beside the statement of it; noted twice it stands once.
func NotePrint(tx *store.Tx, number string, p Print) error {
	var noted int64
	if err := tx.QueryRow(`SELECT COUNT(*) FROM certificate_printed WHERE number = $1 AND statement = $2`, number, p.Statement).Scan(&noted); err != nil || noted > 0 {
		return err
	}
	_, err := tx.Exec(`INSERT INTO certificate_printed (number, n, statement, paper, stock, dx, dy, reason, login, name, at)
		SELECT $1, COALESCE(MAX(n), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM certificate_printed WHERE number = $1`,
		number, p.Statement, p.Paper, p.Stock, p.DX, p.DY, p.Reason, p.Login, p.Name, tx.Now())
	return err
}

// Prints lists those of a certificate, oldest first.
func Prints(tx *store.Tx, number string) ([]Print, error) {
	return store.Collect(tx, func(scan store.Scan) (p Print, err error) {
		var st, sum []byte
		err = scan(&st, &sum, &p.Stock, &p.DX, &p.DY, &p.Reason, &p.Login, &p.Name, store.ScanTime(&p.At))
		copy(p.Statement[:], st)
		copy(p.Paper[:], sum)
		return p, err
	}, `SELECT statement, paper, stock, dx, dy, reason, login, name, at FROM certificate_printed WHERE number = $1 ORDER BY n`, number)
}
