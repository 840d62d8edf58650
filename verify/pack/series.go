package pack

import (
	"errors"
	"fmt"
	"slices"
	"sort"

	"adamas.example/verify/policy"
	"adamas.example/verify/trust"
)

// mostSeries bounds the earlier checkpoints of one log in a pack: 20 years by the
// documented series have some ten thousand (docs/adr/0007-series-of-checkpoints.md).
const mostSeries = 1 << 16

// point is what one checkpoint says of time: its entries were recorded by then.
type point struct {
	size   uint64
	oldest int64 // oldest time of the quorum
	median int64
}

// Series verifies a log's earlier checkpoints as far as they can be without its
// leaf hashes: each satisfies the policy that ruled when it was made, and is larger
// and no earlier than the one before; the log's own is the last.
func Series(chain *trust.Chain, own string, texts []string) ([]*policy.Cosigned, error) {
	c, err := policy.ParseCheckpoint(own)
	if err != nil {
		return nil, err
	}
	current, _ := policyOf(chain.Current(), c.Origin)
	var out []*policy.Cosigned
	for i, text := range append(slices.Clone(texts), own) {
		c, err := policy.ParseCheckpoint(text)
		if err != nil {
			return nil, fmt.Errorf("earlier checkpoint %d: %w", i+1, err)
		}
		co, err := Cosigned(chain, current, c)
		if err != nil {
			return nil, fmt.Errorf("earlier checkpoint %d: %w", i+1, err)
		}
		if i > 0 && (c.Origin != out[0].Checkpoint.Origin || !pointOf(out[i-1]).before(pointOf(co))) {
			return nil, fmt.Errorf("earlier checkpoint %d: they are of one log and ascend by size and time, up to its newest", i)
		}
		out = append(out, co)
	}
	return out, nil
}

// Usable gives those of a log's earlier checkpoints, ascending by size, that can
// stand in a pack with its own: a maker leaves out what a witness with a wrong clock
// has spoilt, and what the log's policies never allowed.
func Usable(chain *trust.Chain, own string, texts []string) []string {
	c, err := policy.ParseCheckpoint(own)
	if err != nil {
		return nil
	}
	current, _ := policyOf(chain.Current(), c.Origin)
	later, err := Cosigned(chain, current, c)
	if err != nil {
		return nil
	}
	var out []string
	for _, text := range slices.Backward(texts) {
		c, err := policy.ParseCheckpoint(text)
		if err != nil || c.Origin != later.Checkpoint.Origin || len(out) == mostSeries {
			continue
		}
		co, err := Cosigned(chain, current, c)
		if err != nil || !pointOf(co).before(pointOf(later)) {
			continue
		}
		out, later = append(out, text), co
	}
	slices.Reverse(out)
	return out
}

func pointOf(c *policy.Cosigned) point {
	return point{size: uint64(c.Checkpoint.Size), oldest: c.Time, median: c.Median}
}

// readSeries verifies a log's earlier checkpoints, and that its leaf hashes have
// their roots.
func (l *Log) readSeries(chain *trust.Chain, texts []string) error {
	if len(texts) == 0 {
		l.points = []point{pointOf(l.Cosigned)}
		return nil
	}
	all, err := Series(chain, l.Cosigned.Checkpoint.String(), texts)
	if err != nil {
		return err
	}
	for i, co := range all {
		if root, ok := l.RootAt(uint64(co.Checkpoint.Size)); !ok || root != co.Checkpoint.Root {
			return fmt.Errorf("earlier checkpoint %d: the leaf hashes have another root at its size", i+1)
		}
		l.points = append(l.points, pointOf(co))
	}
	return nil
}

// before tells whether p can stand before q in a series.
func (p point) before(q point) bool { return p.size > 0 && p.size < q.size && p.median <= q.median }

// Recorded bounds the time at which an entry was recorded: not yet at after (0
// when the pack does not know), and by before. after is the oldest time of the
// quorum and before the median of the witnesses' clocks, so that one clock which
// is wrong cannot make a record late, nor one alone make it early.
func (l *Log) Recorded(index uint64) (after, before int64, ok bool) {
	i := sort.Search(len(l.points), func(i int) bool { return l.points[i].size > index })
	if i == len(l.points) {
		return 0, 0, false
	}
	if i > 0 {
		after = l.points[i-1].oldest
	}
	return after, l.points[i].median, true
}

// Earlier is the number of earlier checkpoints that the pack holds of the log.
func (l *Log) Earlier() int { return len(l.points) - 1 }

// ErrUnknownLog means that no root document of the chain names a log.
var ErrUnknownLog = errors.New("the root document does not name this log")

// Cosigned holds a checkpoint against the policy that the newest root document
// gives its log (nil: none), and where that fails against earlier ones: a
// checkpoint made under an earlier policy counts if every clock in it says that it
// was made before the next root was issued; one clock alone can be set back.
func Cosigned(chain *trust.Chain, current *policy.Policy, c *policy.Checkpoint) (*policy.Cosigned, error) {
	failed := ErrUnknownLog
	for i := len(chain.Roots) - 1; i >= 0; i-- {
		pol := current
		if i < len(chain.Roots)-1 {
			pol = nil
			if p, err := policyOf(chain.Roots[i], c.Origin); err == nil {
				pol = p
			}
		}
		if pol == nil {
			continue
		}
		cosigned, err := pol.Check(c)
		if err == nil && i+1 < len(chain.Roots) && cosigned.Newest >= chain.Roots[i+1].Issued {
			continue // this policy no longer ruled at that time
		}
		if err == nil {
			return cosigned, nil
		}
		if errors.Is(failed, ErrUnknownLog) {
			failed = err
		}
	}
	return nil, failed
}
