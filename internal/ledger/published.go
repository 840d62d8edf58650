package ledger

import (
	"context"
	"time"

	"adamas.example/internal/store"
)

// Published is a checkpoint of the home log that was the first to cover some entry.
type Published struct {
	Size int64
	Time time.Time // oldest time of the quorum
}

// Published lists the checkpoints of the home log up to a size, ascending.
func (l *Ledger) Published(ctx context.Context, most int64) (out []Published, err error) {
	err = l.store.Read(ctx, l.now(), func(tx *store.Tx) error {
		out, err = store.Collect(tx, func(scan store.Scan) (p Published, err error) {
			err = scan(&p.Size, store.ScanTime(&p.Time))
			return p, err
		}, `SELECT size, time FROM ledger_checkpoint WHERE origin = $1 AND size <= $2 ORDER BY size`, l.log.origin, most)
		return err
	})
	return out, err
}

// PublishedText gives the text of one of them.
func (l *Ledger) PublishedText(ctx context.Context, size int64) (text string, err error) {
	err = l.store.Read(ctx, l.now(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT text FROM ledger_checkpoint WHERE origin = $1 AND size = $2`, l.log.origin, size).Scan(&text)
	})
	return text, err
}
