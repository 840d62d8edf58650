package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/transparency-dev/tessera"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/sync/errgroup"

	"adamas.example/internal/ledger/tiles"
	"adamas.example/verify/pack"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
	"adamas.example/verify/verifytest"
)

const replayCores = 2

var replay = figure{
	id: "replay", unit: "statements/s", baseline: "stdlib Ed25519 verifies, 2 cores", goal: goal{ratio: 0.8},
	what: "Signed certificates read from a log's folder (tiles.OpenTree and Scan, which hold every leaf hash against the tree of the checkpoint), decoded by " +
		"statement.Parse, and their signature, office, use, time and revocation judged by trust.Directory.Signer, on two cores, the files in the page cache. " +
		"The loop that spreads the bundles over the cores is bench's own and uses public functions only.",
	how:     "crypto/ed25519.Verify of as many of the very same signatures, of which ten thousand are held in memory, on two cores.",
	measure: measureReplay,
}

// history is a log folder full of statements, and what is needed to judge them.
type history struct {
	pack       *pack.Pack
	origin     string
	folder     string
	size       int64
	signatures []signature // of the first statements
}

// newHistory writes n certificates of one office into a log.
func newHistory(ctx context.Context, dir string, n int) (*history, error) {
	w := verifytest.New()
	o := w.Offices["CF/bangui"]
	h := &history{pack: w.ParsedPack(askedAt), origin: o.Log.Origin, folder: filepath.Join(dir, "history"), size: int64(n)}
	if err := os.Mkdir(h.folder, 0o755); err != nil {
		return nil, err
	}
	vkey := policy.LogVKey(o.Log.Origin, o.Log.Signer.Public())
	signer, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", vkey.Name, vkey.Hash, seedText(o.Log.Signer)))
	if err != nil {
		return nil, err
	}
	log, err := open(ctx, h.folder, http.DefaultClient, tessera.NewAppendOptions().WithCheckpointSigner(signer).
		WithBatching(2048, 100*time.Millisecond).WithCheckpointInterval(interval))
	if err != nil {
		return nil, err
	}
	err = h.fill(ctx, log, o)
	return h, errors.Join(err, log.close(ctx))
}

// fill signs the certificates on two cores and adds them.
func (h *history) fill(ctx context.Context, log *bare, o *verifytest.Office) error {
	const group = 2048
	model := o.Draft("AE", issuedAt)
	numbers := &statement.NumberRange{Participant: "CF", Digits: 8}
	h.signatures = make([]signature, min(h.size, 10_000))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(replayCores)
	for first := int64(0); first < h.size; first += group {
		g.Go(func() error {
			var futures []tessera.IndexFuture
			for i := first; i < min(first+group, h.size); i++ {
				header, body := model.Header, model.Body
				body.Number = numbers.Number(uint64(i) + 1)
				header.Subject = statement.CertificateSubject(body.Number)
				leaf := o.Signer.Statement(header, &body)
				if i < int64(len(h.signatures)) {
					var err error
					if h.signatures[i], err = signatureOf(leaf, o.Signer.Public()); err != nil {
						return err
					}
				}
				futures = append(futures, log.appender.Add(ctx, tessera.NewEntry(leaf)))
			}
			for _, f := range futures {
				if _, err := f(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// bundleOfEntries is what a tile file holds, at its place.
type bundleOfEntries struct {
	first   int64
	entries [][]byte
}

// replay judges the whole log on two cores.
func (h *history) replay(ctx context.Context) error {
	src := tiles.OpenFolder(h.folder)
	text, err := src.Checkpoint(ctx)
	if err != nil {
		return err
	}
	cp, err := policy.ParseCheckpoint(text)
	if err != nil {
		return err
	}
	if cp.Size != h.size {
		return fmt.Errorf("the log has %d entries, want %d", cp.Size, h.size)
	}
	tree, err := tiles.OpenTree(ctx, src, cp)
	if err != nil {
		return err
	}
	work := make(chan bundleOfEntries, 64)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(work)
		return tree.Scan(ctx, 0, func(first int64, entries [][]byte) error {
			select {
			case work <- bundleOfEntries{first, entries}:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	var seen int64
	var mu sync.Mutex
	for range replayCores {
		g.Go(func() error {
			for b := range work {
				if err := h.judge(b); err != nil {
					return err
				}
				mu.Lock()
				seen += int64(len(b.entries))
				mu.Unlock()
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if seen != h.size {
		return fmt.Errorf("%d of %d statements were replayed", seen, h.size)
	}
	return nil
}

func (h *history) judge(b bundleOfEntries) error {
	for i, leaf := range b.entries {
		st, err := statement.Parse(leaf)
		if err != nil {
			return err
		}
		place := &trust.Place{Origin: h.origin, Index: uint64(b.first) + uint64(i)}
		if _, err := h.pack.Directory.Signer(st, place); err != nil {
			return fmt.Errorf("entry %d: %w", place.Index, err)
		}
	}
	return nil
}

// verifies is the baseline: as many verifies on as many cores.
func (h *history) verifies(ctx context.Context) error {
	return crowd(ctx, replayCores, func(ctx context.Context, worker int) error {
		for i := int64(worker); i < h.size; i += replayCores {
			if i%1024 == int64(worker) && ctx.Err() != nil {
				return ctx.Err()
			}
			if err := verifyAll(h.signatures[i%int64(len(h.signatures)):][:1]); err != nil {
				return err
			}
		}
		return nil
	})
}

func measureReplay(ctx context.Context, r *run) (measured, error) {
	h, err := newHistory(ctx, r.dir, r.scale.replay)
	if err != nil {
		return measured{}, err
	}
	defer cores(replayCores)()
	m, err := r.alternate(ctx, r.scale.replayRounds,
		func(ctx context.Context) (float64, error) {
			return perSecond(r.scale.replay, func() error { return h.replay(ctx) })
		},
		func(ctx context.Context) (float64, error) {
			return perSecond(r.scale.replay, func() error { return h.verifies(ctx) })
		})
	m.detail = fmt.Sprintf("%d statements a round, with signed messages of about %d bytes", r.scale.replay, len(h.signatures[0].message))
	return m, errors.Join(err, os.RemoveAll(h.folder))
}
