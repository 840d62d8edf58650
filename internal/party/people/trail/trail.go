package trail

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"adamas.example/internal/ident"
	"adamas.example/internal/store"
)

// Record is one row.
type Record struct {
	N       int64
	At      time.Time
	Who     ident.RecordID // empty: nobody signed in, or at the server
	Act     Act
	About   ident.RecordID // empty: nobody we know
	Args    map[string]string
	Address string
	Hash    string // hexadecimal
}

// Head is how far the trail is, and by which hash.
type Head struct {
	N    int64
	Hash string
}

// Append adds a row at tx.Now; N, At and Hash are not read.
func Append(tx *store.Tx, r Record) error {
	args, err := json.Marshal(r.Args)
	if err != nil {
		return fmt.Errorf("trail: %w", err)
	}
	var h Head
	// The row of the head comes first: on PostgreSQL two writers meet there and one
	// of them begins again, instead of both adding the same number.
	if err := tx.QueryRow(`INSERT INTO party_trail_head (one, n, hash) VALUES (1, 1, '')
		ON CONFLICT (one) DO UPDATE SET n = party_trail_head.n + 1 RETURNING n, hash`).Scan(&h.N, &h.Hash); err != nil {
		return fmt.Errorf("trail: %w", err)
	}
	at := store.Time(tx.Now())
	hash := chained(h.Hash, h.N, at, string(r.Who), string(r.Act), string(r.About), string(args), r.Address)
	if _, err := tx.Exec(`INSERT INTO party_trail (n, at, who, act, about, args, address, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		h.N, at, r.Who, string(r.Act), r.About, string(args), r.Address, hash); err != nil {
		return fmt.Errorf("trail: %w", err)
	}
	_, err = tx.Exec(`UPDATE party_trail_head SET hash = $1 WHERE one = 1`, hash)
	return err
}

// chained is the hash of a row: its fields, each behind its length, so that none
// can run into the next.
func chained(before string, n int64, fields ...string) string {
	h := sha256.New()
	var b [8]byte
	put := func(s string) {
		binary.BigEndian.PutUint64(b[:], uint64(len(s)))
		h.Write(b[:])
		h.Write([]byte(s))
	}
	put("adamas people trail 1")
	put(before)
	binary.BigEndian.PutUint64(b[:], uint64(n))
	h.Write(b[:])
	for _, f := range fields {
		put(f)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// HeadOf gives the head; the zero Head before the first row.
func HeadOf(tx *store.Tx) (h Head, err error) {
	err = tx.QueryRow(`SELECT n, hash FROM party_trail_head`).Scan(&h.N, &h.Hash)
	if errors.Is(err, store.ErrNoRows) {
		return Head{}, nil
	}
	return h, err
}

// row is a row as it is stored: the hash goes over these texts.
type row struct {
	n                                        int64
	at, who, act, about, args, address, hash string
}

const columns = `n, at, who, act, about, args, address, hash`

func (r *row) scan(scan store.Scan) error {
	return scan(&r.n, &r.at, &r.who, &r.act, &r.about, &r.args, &r.address, &r.hash)
}

// Check goes through the whole chain. broken is the number of the first row that is
// missing or not what it was, 0 when there is none; a head that says more than the
// rows gives the number after the last.
func Check(tx *store.Tx) (broken int64, head Head, err error) {
	if head, err = HeadOf(tx); err != nil {
		return 0, head, err
	}
	rows, err := tx.Query(`SELECT ` + columns + ` FROM party_trail ORDER BY n`)
	if err != nil {
		return 0, head, err
	}
	defer rows.Close()
	var last Head
	for rows.Next() {
		var r row
		if err := r.scan(rows.Scan); err != nil {
			return 0, head, err
		}
		if r.n != last.N+1 || r.hash != chained(last.Hash, r.n, r.at, r.who, r.act, r.about, r.args, r.address) {
			return last.N + 1, head, nil
		}
		last = Head{r.n, r.hash}
	}
	if err := rows.Err(); err != nil {
		return 0, head, err
	}
	switch {
	case last.N < head.N:
		return last.N + 1, head, nil
	case last != head: // the head was set back, or is of other rows
		return max(head.N, 1), head, nil
	}
	return 0, head, nil
}

// Wanted chooses rows of a list, newest first. Empty fields choose all.
type Wanted struct {
	Before int64 // rows before this number; 0 begins with the newest
	About  ident.RecordID
	Who    ident.RecordID
	Limit  int
}

// List gives rows as Wanted asks. Who wants to know whether there are more asks for
// one more than he shows.
func List(tx *store.Tx, w Wanted) ([]Record, error) {
	where, args := `n < $1`, []any{w.Before, w.Limit}
	if w.Before <= 0 {
		args[0] = int64(1) << 62
	}
	if w.About != "" {
		args = append(args, w.About)
		where += fmt.Sprintf(` AND about = $%d`, len(args))
	}
	if w.Who != "" {
		args = append(args, w.Who)
		where += fmt.Sprintf(` AND who = $%d`, len(args))
	}
	return store.Collect(tx, read, `SELECT `+columns+` FROM party_trail WHERE `+where+` ORDER BY n DESC LIMIT $2`, args...)
}

func read(scan store.Scan) (Record, error) {
	var r row
	if err := r.scan(scan); err != nil {
		return Record{}, err
	}
	at, err := store.ParseTime(r.at)
	if err != nil {
		return Record{}, err
	}
	out := Record{N: r.n, At: at, Who: ident.RecordID(r.who), Act: Act(r.act), About: ident.RecordID(r.about), Address: r.address, Hash: r.hash}
	if err := json.Unmarshal([]byte(r.args), &out.Args); err != nil {
		return Record{}, fmt.Errorf("trail: row %d: %w", r.n, err)
	}
	return out, nil
}
