package follow

import (
	"context"
	"time"

	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
	"adamas.example/verify/pack"
	"adamas.example/verify/policy"
	"adamas.example/verify/trust"
)

// How densely earlier checkpoints are kept and packed, by their age at the newest
// one (docs/adr/0007-series-of-checkpoints.md): every one of the last day, the last
// of each hour for 90 days, the last of each day for ever. Hours and days are UTC.
const (
	allFor    = 24 * time.Hour
	hourlyFor = 90 * 24 * time.Hour
)

// Thin gives the positions, ascending, of the times that the series keeps; times
// ascend. Thinned again later it comes out as if it had never been thinned before:
// the last of a day is the last of its hour.
func Thin(times []time.Time) []int {
	var out []int
	for i, t := range times {
		if i+1 < len(times) && sameSlot(t, times[i+1], times[len(times)-1]) {
			continue
		}
		out = append(out, i)
	}
	return out
}

// sameSlot tells whether of two neighbours only the second is kept.
func sameSlot(t, next, newest time.Time) bool {
	age := newest.Sub(t)
	switch {
	case age <= allFor:
		return false
	case age <= hourlyFor:
		return t.Truncate(time.Hour).Equal(next.Truncate(time.Hour))
	}
	return t.Truncate(24 * time.Hour).Equal(next.Truncate(24 * time.Hour))
}

// ownSeries gives the earlier checkpoints of the home log for a pack.
func (f *Followers) ownSeries(ctx context.Context, chain *trust.Chain, own *policy.Cosigned, text string) ([]string, error) {
	all, err := f.ledger.Published(ctx, own.Checkpoint.Size-1)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, i := range Thin(timesOf(all)) {
		text, err := f.ledger.PublishedText(ctx, all[i].Size)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return pack.Usable(chain, text, texts), nil
}

func timesOf(all []ledger.Published) []time.Time {
	out := make([]time.Time, len(all))
	for i, p := range all {
		out[i] = p.Time
	}
	return out
}

// seen is a checkpoint of a followed log that was read before.
type seen struct {
	size int64
	time time.Time
}

// keepSeen remembers a checkpoint of a followed log for the series, and thins out
// what is old.
func keepSeen(tx *store.Tx, text string, found *policy.Cosigned) error {
	cp := found.Checkpoint
	n, err := tx.Exec(`INSERT INTO ledger_seen (origin, size, root, text, time) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (origin, size) DO NOTHING`,
		cp.Origin, cp.Size, cp.Root, text, time.Unix(found.Time, 0).UTC())
	if err != nil || n == 0 {
		return err
	}
	all, err := store.Collect(tx, func(scan store.Scan) (s seen, err error) {
		err = scan(&s.size, store.ScanTime(&s.time))
		return s, err
	}, `SELECT size, time FROM ledger_seen WHERE origin = $1 ORDER BY size`, cp.Origin)
	if err != nil {
		return err
	}
	times := make([]time.Time, len(all))
	for i, s := range all {
		times[i] = s.time
	}
	kept := map[int]bool{}
	for _, i := range Thin(times) {
		kept[i] = true
	}
	for i, s := range all {
		if kept[i] {
			continue
		}
		if _, err := tx.Exec(`DELETE FROM ledger_seen WHERE origin = $1 AND size = $2`, cp.Origin, s.size); err != nil {
			return err
		}
	}
	return nil
}

// seenSeries gives the earlier checkpoints of a followed log for a pack.
func (f *Followers) seenSeries(ctx context.Context, chain *trust.Chain, own *policy.Cosigned, text string) (texts []string, err error) {
	err = f.store.Read(ctx, f.now(), func(tx *store.Tx) error {
		texts, err = store.Collect(tx, func(scan store.Scan) (text string, err error) {
			err = scan(&text)
			return text, err
		}, `SELECT text FROM ledger_seen WHERE origin = $1 AND size < $2 ORDER BY size`, own.Checkpoint.Origin, own.Checkpoint.Size)
		return err
	})
	if err != nil {
		return nil, err
	}
	return pack.Usable(chain, text, texts), nil
}
