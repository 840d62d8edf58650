package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/sync/errgroup"

	"adamas.example/internal/certificate"
)

var issue = figure{
	id: "issue", unit: "certificates/s", baseline: "bare Tessera publish", goal: goal{ratio: 0.5},
	what: "Clerks at once (below: how many), each issuing one prepared certificate after another and waiting until it is witnessed: the second officer's approval, the " +
		"transaction that spends the number (SQLite, WAL, synchronous=FULL), the office's signature, the transaction that stores it, the log, the transaction " +
		"that stores the index, and a checkpoint cosigned by one of two witnesses of each pillar. Prepare is done before the clock starts.",
	how: "Tessera's POSIX driver alone, as many workers, who each publish one leaf after another and wait in its PublicationAwaiter; the leaves are the signed bytes " +
		"of the certificates of the round before. Both logs lie on the same disk, have the same six `adamas witness` processes, checkpoint interval (100 ms), " +
		"batching (256 entries, 10 ms), garbage collection and polling (10 ms), and are open all the time.",
	measure: measureIssue,
}

var issueOne = figure{
	id: "issue-one", unit: "ms", baseline: "bare Tessera publish of one entry", goal: goal{atMost: true, ratio: 1.5},
	what: "What one clerk alone waits from pressing the button until the certificate is witnessed, median; all the acts of the figure issue. The log " +
		"has been idle for one to two checkpoint intervals, as it is when one clerk works.",
	how:     "The wait for one entry of the same bytes published by bare Tessera, which has been idle as long; same settings, witnesses and disk as for the figure issue.",
	measure: measureIssueOne,
}

// rivals are an office and a bare Tessera under the same six witnesses.
type rivals struct {
	witnesses []*witnessProcess
	desk      *desk
	bare      *bare
}

// rivals starts them once in a run.
func (r *run) rivals(ctx context.Context) (_ *rivals, err error) {
	if r.shared != nil {
		return r.shared, nil
	}
	exe, err := r.buildAdamas(ctx)
	if err != nil {
		return nil, err
	}
	v := &rivals{}
	defer func() {
		if err != nil {
			err = errors.Join(err, v.close())
		}
	}()
	signers, vkeys := make([]note.Signer, 2), make([]string, 2)
	for i, origin := range []string{"cf.kp.example/bench", "tessera.kp.example/bench"} {
		var private string
		if private, vkeys[i], err = note.GenerateKey(rand.Reader, origin); err != nil {
			return nil, err
		}
		if signers[i], err = note.NewSigner(private); err != nil {
			return nil, err
		}
	}
	if v.witnesses, err = startWitnesses(ctx, exe, filepath.Join(r.dir, "witnesses"), vkeys, r.stderr); err != nil {
		return nil, err
	}
	if v.desk, err = openDesk(ctx, filepath.Join(r.dir, "office"), signers[0], policyText(vkeys[0], v.witnesses)); err != nil {
		return nil, err
	}
	folder := filepath.Join(r.dir, "tessera")
	if err = os.Mkdir(folder, 0o755); err != nil {
		return nil, err
	}
	v.bare, err = openBare(ctx, folder, signers[1], policyText(vkeys[1], v.witnesses))
	if err == nil {
		r.shared = v
	}
	return v, err
}

// close ends the logs before their witnesses.
func (v *rivals) close() (err error) {
	if v.bare != nil {
		err = v.bare.close(context.Background())
	}
	if v.desk != nil {
		err = errors.Join(err, v.desk.close())
	}
	return errors.Join(err, stopWitnesses(v.witnesses))
}

// crowd lets n work at once and ends with the first error.
func crowd(ctx context.Context, n int, work func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	for i := range n {
		g.Go(func() error { return work(ctx, i) })
	}
	return g.Wait()
}

func measureIssue(ctx context.Context, r *run) (measured, error) {
	v, err := r.rivals(ctx)
	if err != nil {
		return measured{}, err
	}
	clerks, each := r.scale.clerks, r.scale.each
	leaves := make([][][]byte, clerks) // of the last round, by clerk
	ours := func(ctx context.Context) (float64, error) {
		prepared := make([][]*certificate.Prepared, clerks)
		err := crowd(ctx, clerks, func(ctx context.Context, i int) error {
			for range each {
				p, err := v.desk.prepare(ctx)
				if err != nil {
					return err
				}
				prepared[i] = append(prepared[i], p)
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
		return perSecond(clerks*each, func() error {
			return crowd(ctx, clerks, func(ctx context.Context, i int) error {
				leaves[i] = leaves[i][:0]
				for _, p := range prepared[i] {
					leaf, err := v.desk.issue(ctx, p)
					if err != nil {
						return err
					}
					leaves[i] = append(leaves[i], leaf)
				}
				return nil
			})
		})
	}
	base := func(ctx context.Context) (float64, error) {
		return perSecond(clerks*each, func() error {
			return crowd(ctx, clerks, func(ctx context.Context, i int) error {
				for _, leaf := range leaves[i] {
					if err := v.bare.publish(ctx, leaf); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
	m, err := r.alternate(ctx, r.scale.issueRounds, ours, base)
	if err != nil {
		return m, err
	}
	fsync, err := fsyncTime(r.dir)
	m.detail = fmt.Sprintf("%d clerks, %d certificates each in a round, leaves of %d bytes; this disk takes %.2f ms to append 4 KiB and fsync",
		clerks, each, len(leaves[0][0]), fsync)
	return m, err
}

func measureIssueOne(ctx context.Context, r *run) (measured, error) {
	v, err := r.rivals(ctx)
	if err != nil {
		return measured{}, err
	}
	random := mathrand.New(mathrand.NewPCG(1, 2))
	pause := func() { time.Sleep(interval + time.Duration(random.Int64N(int64(interval)))) }
	var leaf []byte
	ours := func(ctx context.Context) (float64, error) {
		p, err := v.desk.prepare(ctx)
		if err != nil {
			return 0, err
		}
		pause()
		return each(1, time.Millisecond, func() error {
			leaf, err = v.desk.issue(ctx, p)
			return err
		})
	}
	base := func(ctx context.Context) (float64, error) {
		pause()
		return each(1, time.Millisecond, func() error { return v.bare.publish(ctx, leaf) })
	}
	m, err := r.alternate(ctx, r.scale.waits, ours, base)
	m.detail = fmt.Sprintf("%d waits of each, in turn, each after a random pause of %s to %s", r.scale.waits, interval, 2*interval)
	return m, err
}

// fsyncTime is the median time in milliseconds to append 4 KiB and fsync: what
// figures that write to a disk depend on.
func fsyncTime(dir string) (_ float64, err error) {
	f, err := os.CreateTemp(dir, "fsync-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	var times []float64
	block := make([]byte, 4096)
	for range 50 {
		t, err := each(1, time.Millisecond, func() error {
			if _, err := f.Write(block); err != nil {
				return err
			}
			return f.Sync()
		})
		if err != nil {
			return 0, err
		}
		times = append(times, t)
	}
	return median(times), nil
}
