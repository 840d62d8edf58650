package consignment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
)

// Owner is for whom an application was filed, and by whom. A file that was opened at
// the command line has none, and only officers see it.
type Owner struct {
	Company string // its key, as the office's accounts have it
	Login   string
	Name    string
}

// Own enters the owner of a new file, in the transaction that begins it.
func Own(tx *store.Tx, id string, by Owner) error {
	_, err := tx.Exec(`INSERT INTO certificate_owner (consignment, company, login, name) VALUES ($1, $2, $3, $4)`, id, by.Company, by.Login, by.Name)
	return err
}

// Inherit gives the file that replaces another to the same owner.
func Inherit(tx *store.Tx, from, to string) error {
	_, err := tx.Exec(`INSERT INTO certificate_owner (consignment, company, login, name)
		SELECT CAST($2 AS TEXT), company, login, name FROM certificate_owner WHERE consignment = $1`, from, to)
	return err
}

// OwnerOf finds whose a file is; ok is false where it has no owner.
func OwnerOf(tx *store.Tx, id string) (o Owner, ok bool, err error) {
	found, err := store.Collect(tx, func(scan store.Scan) (o Owner, err error) {
		err = scan(&o.Company, &o.Login, &o.Name)
		return o, err
	}, `SELECT company, login, name FROM certificate_owner WHERE consignment = $1`, id)
	if err != nil || len(found) == 0 {
		return Owner{}, false, err
	}
	return found[0], true, nil
}

// Mine wants a file to be a company's. That it is another's is not told. Fault
// certificate.unknown_consignment.
func Mine(tx *store.Tx, id, company string) error {
	o, ok, err := OwnerOf(tx, id)
	if err != nil || ok && company != "" && o.Company == company {
		return err
	}
	return fault.NotFound("certificate.unknown_consignment", fault.Arg("consignment", id))
}

// Filter chooses files of the exporting side.
type Filter struct {
	Company string  // "": of whatever company, also those without an owner
	States  []State // none: all of the exporting side
	Text    string  // part of a file's name or of its certificate's number
	Sort    string  // moved (the default), opened, id
	Up      bool    // the smallest first
}

// Owned is a file with its owner.
type Owned struct {
	*Consignment
	Owner Owner
}

var exportStates = []State{Applied, Deficient, Rejected, Withdrawn, Valued, Taxed, Sealed, Prepared, Issued, Exported, Overdue, Received,
	Disputed, SentBack, Forfeited, Expired, Void, Replaced, Lost}

// ExportStates lists the states of the exporting side, in the order of a life.
func ExportStates() []State { return slices.Clone(exportStates) }

var orders = map[string]string{"opened": "c.opened_at", "id": "c.id", "": "c.moved_at"}

// Files lists files from a place in their order on, and counts all that the filter lets
// through.
func Files(tx *store.Tx, f Filter, from, limit int) (out []Owned, count int64, err error) {
	where, args := f.where()
	if err := tx.QueryRow(`SELECT COUNT(*) FROM certificate_consignment c LEFT JOIN certificate_owner o ON o.consignment = c.id WHERE `+where, args...).Scan(&count); err != nil {
		return nil, 0, err
	}
	order, way := cmp.Or(orders[f.Sort], orders[""]), " DESC"
	if f.Up {
		way = ""
	}
	n := len(args)
	out, err = store.Collect(tx, func(row store.Scan) (x Owned, err error) {
		x.Consignment, err = scan(func(into ...any) error { return row(append(into, &x.Owner.Company, &x.Owner.Login, &x.Owner.Name)...) })
		return x, err
	}, fmt.Sprintf(`SELECT `+columns+`, COALESCE(o.company, ''), COALESCE(o.login, ''), COALESCE(o.name, '')
		FROM certificate_consignment c LEFT JOIN certificate_owner o ON o.consignment = c.id WHERE %s ORDER BY %s%s, c.id%s LIMIT $%d OFFSET $%d`,
		where, order, way, way, n+1, n+2), append(args, limit, from)...)
	return out, count, err
}

func (f Filter) where() (string, []any) {
	states := f.States
	if len(states) == 0 {
		states = exportStates
	}
	var args []any
	arg := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	var in []string
	for _, s := range states {
		in = append(in, arg(string(s)))
	}
	where := "c.state IN (" + strings.Join(in, ", ") + ")"
	if f.Company != "" {
		where += " AND o.company = " + arg(f.Company)
	}
	if f.Text != "" {
		like := arg("%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(f.Text) + "%")
		where += ` AND (c.id LIKE ` + like + ` ESCAPE '\' OR c.number LIKE ` + like + ` ESCAPE '\')`
	}
	return where, args
}
