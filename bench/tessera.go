package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/transparency-dev/tessera"
	"golang.org/x/mod/sumdb/note"

	"adamas.example/internal/ledger"
	"adamas.example/verify/verifytest"
)

// The settings of both logs. The checkpoint interval is the shortest that
// Tessera allows: at the usual second the interval alone would decide both sides,
// and any goal would be met. The others are what ledger.LogConfig says of itself.
const (
	interval       = 100 * time.Millisecond
	republish      = 10 * time.Minute
	collection     = time.Minute
	batchSize      = 256
	batchAge       = 10 * time.Millisecond
	witnessTimeout = 5 * time.Second
	pollEvery      = 10 * time.Millisecond // how often the published checkpoint is looked at
)

// logConfig gives the settings to Adamas.
func logConfig(dir string, signer note.Signer, policy string) ledger.LogConfig {
	return ledger.LogConfig{Dir: dir, Signer: signer, Policy: policy, Interval: interval, Republish: republish,
		BatchSize: batchSize, BatchAge: batchAge, WitnessTimeout: witnessTimeout}
}

// bare is Tessera by itself: leaves go in and come out witnessed, and nothing
// else is kept, signed or asked.
type bare struct {
	appender *tessera.Appender
	reader   tessera.LogReader
	await    *tessera.PublicationAwaiter
	shutdown func(context.Context) error
	cancel   context.CancelFunc
}

// openBare gives the settings to Tessera.
func openBare(ctx context.Context, dir string, signer note.Signer, policy string) (*bare, error) {
	witnesses, err := tessera.NewWitnessGroupFromPolicy([]byte(policy))
	if err != nil {
		return nil, err
	}
	return open(ctx, dir, &http.Client{Timeout: witnessTimeout}, tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithBatching(batchSize, batchAge).
		WithCheckpointInterval(interval).
		WithCheckpointRepublishInterval(republish).
		WithGarbageCollectionInterval(collection).
		WithWitnesses(witnesses, &tessera.WitnessOptions{Timeout: witnessTimeout}))
}

func open(ctx context.Context, dir string, client *http.Client, opts *tessera.AppendOptions) (*bare, error) {
	driver, err := newDriver(ctx, dir, client)
	if err != nil {
		return nil, err
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	b := &bare{cancel: cancel}
	if b.appender, b.shutdown, b.reader, err = tessera.NewAppender(run, driver, opts); err != nil {
		cancel()
		return nil, fmt.Errorf("bare Tessera in %s: %w", dir, err)
	}
	b.await = tessera.NewPublicationAwaiter(run, b.reader.ReadCheckpoint, pollEvery)
	return b, nil
}

// publish adds a leaf and waits until a witnessed checkpoint covers it.
func (b *bare) publish(ctx context.Context, leaf []byte) error {
	_, _, err := b.await.Await(ctx, b.appender.Add(ctx, tessera.NewEntry(leaf)))
	return err
}

func (b *bare) close(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, witnessTimeout)
	defer stop()
	err := b.shutdown(ctx)
	b.cancel()
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("bare Tessera did not publish its last entries: %w", err)
	}
	return err
}

// seedText is a key's part of a note signer's private key text.
func seedText(s verifytest.Signer) string {
	const ed25519Type = 1
	return base64.StdEncoding.EncodeToString(append([]byte{ed25519Type}, s.Private.Seed()...))
}
