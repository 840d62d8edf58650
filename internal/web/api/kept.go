package api

import (
	"context"
	"time"

	"adamas.example/internal/store"
	"adamas.example/verify/canonical"
)

// kept is what is known of a request that was carried out.
type kept struct {
	Program, Idempotency string
	Request              canonical.Hash
	Operation, About     string
	Status               int64 // 0 while the answer is not kept
	Answer               []byte
	Media, Name          string // of a file
	At                   time.Time
}

// Keep is how long answers are kept: after that a key serves anew.
const Keep = 30 * 24 * time.Hour

func (a *API) write(ctx context.Context, fn func(*store.Tx) error) error {
	return a.cfg.Store.Write(ctx, a.cfg.Now(), fn)
}

// find gives what was carried out under a key; nil when nothing was.
func (a *API) find(ctx context.Context, k kept) (out *kept, err error) {
	err = a.cfg.Store.Read(ctx, a.cfg.Now(), func(tx *store.Tx) error {
		found, err := list(tx, `WHERE program = $1 AND idempotency = $2`, k.Program, k.Idempotency)
		if err == nil && len(found) > 0 && tx.Now().Sub(found[0].At) < Keep {
			out = &found[0]
		}
		return err
	})
	return out, err
}

func list(tx *store.Tx, where string, args ...any) ([]kept, error) {
	return store.Collect(tx, func(scan store.Scan) (k kept, err error) {
		var request []byte
		err = scan(&k.Program, &k.Idempotency, &request, &k.Operation, &k.About, &k.Status, &k.Answer, &k.Media, &k.Name, store.ScanTime(&k.At))
		copy(k.Request[:], request)
		return k, err
	}, `SELECT program, idempotency, request, operation, about, status, answer, media, name, done_at FROM web_answer `+where, args...)
}

// insert enters that the request is carried out, in the transaction that does it. One
// that another process is carrying out at this moment is refused with it: fault
// api.idempotency_running.
func (k kept) insert(tx *store.Tx) error {
	if _, err := tx.Exec(`DELETE FROM web_answer WHERE program = $1 AND idempotency = $2 AND done_at < $3`, k.Program, k.Idempotency, tx.Now().Add(-Keep)); err != nil {
		return err
	}
	n, err := tx.Exec(`INSERT INTO web_answer (program, idempotency, request, operation, about, status, answer, media, name, done_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (program, idempotency) DO NOTHING`, k.Program, k.Idempotency, k.Request, k.Operation, k.About, k.Status, k.Answer, k.Media, k.Name, tx.Now())
	if err == nil && n != 1 {
		return errRunning(k.Idempotency)
	}
	return err
}

// keep adds the answer.
func (k kept) keep(tx *store.Tx) error {
	_, err := tx.Exec(`UPDATE web_answer SET status = $3, answer = $4 WHERE program = $1 AND idempotency = $2`, k.Program, k.Idempotency, k.Status, k.Answer)
	return err
}

// Forget lets go of what is older than Keep; a job does it.
func Forget(ctx context.Context, s *store.Store, now time.Time) error {
	return s.Write(ctx, now, func(tx *store.Tx) error {
		_, err := tx.Exec(`DELETE FROM web_answer WHERE done_at < $1`, tx.Now().Add(-Keep))
		return err
	})
}

// Done is one act that a program has done.
type Done struct {
	Operation, About string
	At               time.Time
}

// LastOf lists what a program did last, newest first, as far as it is kept.
func LastOf(tx *store.Tx, program string, limit int) (out []Done, err error) {
	found, err := list(tx, `WHERE program = $1 ORDER BY done_at DESC, idempotency LIMIT $2`, program, limit)
	for _, k := range found {
		out = append(out, Done{k.Operation, k.About, k.At})
	}
	return out, err
}
