package generate

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"adamas.example/internal/period"
	"adamas.example/verify/bundle"
	"adamas.example/verify/canonical"
	"adamas.example/verify/proof"
)

// mostBundles is how many samples may be asked for: each is held until the end.
const mostBundles = 10_000

// samples are certificates that are also written as files, evenly spread.
type samples struct {
	want, of int64
	world    *worldState
	taken    []*sample
	closed   int // of taken, those whose day is over
}

// sample is a certificate with what its file needs: the proof is of the day's
// checkpoint, as the office would have sent it.
type sample struct {
	party  *participant
	number string
	bundle bundle.Bundle
	index  int64
	size   int64 // of the log at the end of the day
	at     int64
}

// wants tells whether the n-th certificate is a sample.
func (s *samples) wants(n int64) bool {
	return s.want > 0 && n*s.want/s.of != (n-1)*s.want/s.of
}

func (s *samples) add(c *consignment) *sample {
	one := &sample{party: c.from, number: c.number, bundle: bundle.Bundle{Version: 1}}
	s.taken = append(s.taken, one)
	return one
}

// close notes how large the logs are at the end of a day.
func (s *samples) close(d period.Date) {
	for ; s.closed < len(s.taken); s.closed++ {
		one := s.taken[s.closed]
		one.size, one.at = one.party.log.Size, secondsOf(d)+dayCloses
	}
}

// write makes the files. The logs must be closed.
func (s *samples) write(ctx context.Context, out *output) error {
	for _, one := range s.taken {
		if err := ctx.Err(); err != nil {
			return err
		}
		root, err := tlog.TreeHash(one.size, one.party.log)
		if err != nil {
			return err
		}
		path, err := tlog.ProveRecord(one.size, one.index, one.party.log)
		if err != nil {
			return err
		}
		hashes := make([]canonical.Hash, len(path))
		for i, h := range path {
			hashes[i] = canonical.Hash(h)
		}
		p, err := proof.New(one.index, hashes, s.world.trustees.Checkpoint(one.party.logKey, uint64(one.size), canonical.Hash(root), one.at))
		if err != nil {
			return err
		}
		one.bundle.Proof = canonical.Text(p.String())
		b, err := one.bundle.Encode()
		if err != nil {
			return err
		}
		if err := out.write(bundlesDir+"/"+one.number+".adamas", b); err != nil {
			return err
		}
	}
	return nil
}
