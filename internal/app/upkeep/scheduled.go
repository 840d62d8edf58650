package upkeep

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/store"
)

// Backups writes a backup into a folder again and again while a node is served, and
// keeps the newest ones. Of what lies in the folder it removes only files of the name
// that it gives itself, for this office; and none before a newer one is whole.
type Backups struct {
	Store  *store.Store
	Office string // "CF/bangui"
	To     string
	Every  time.Duration
	Keep   int
	Now    func() time.Time
	Slog   *slog.Logger

	mu    sync.Mutex
	fault error
}

// BackupState is how the backups stand.
type BackupState struct {
	Last  time.Time // of the newest; zero before the first
	Fault error     // why the last attempt failed; nil when it did not
}

const (
	stampForm    = "20060102T150405Z"
	backupSuffix = ".backup"
)

func backupPrefix(office string) string {
	return "adamas-" + strings.ReplaceAll(office, "/", "-") + "-"
}

// BackupName is what a backup of an office is called that is made at a time.
func BackupName(office string, at time.Time) string {
	return backupPrefix(office) + at.UTC().Format(stampForm) + backupSuffix
}

// backupsIn lists an office's backups in a folder, oldest first, with their times.
func backupsIn(dir, office string) (names []string, times []time.Time, err error) {
	entries, err := os.ReadDir(dir) // sorted, and so are the stamps
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	for _, e := range entries {
		stamp, ok := strings.CutPrefix(e.Name(), backupPrefix(office))
		at, failed := time.Parse(stampForm, strings.TrimSuffix(stamp, backupSuffix))
		if ok && failed == nil && BackupName(office, at) == e.Name() && e.Type().IsRegular() {
			names, times = append(names, e.Name()), append(times, at)
		}
	}
	return names, times, err
}

// rotate removes all but the newest of an office's backups.
func rotate(dir, office string, keep int) error {
	names, _, err := backupsIn(dir, office)
	for _, name := range names[:max(0, len(names)-max(keep, 1))] {
		err = errors.Join(err, os.Remove(filepath.Join(dir, name)))
	}
	return err
}

// State looks into the folder: a backup that somebody took away is none.
func (b *Backups) State() BackupState {
	_, times, err := backupsIn(b.To, b.Office)
	b.mu.Lock()
	defer b.mu.Unlock()
	s := BackupState{Fault: b.fault}
	if s.Fault == nil {
		s.Fault = err
	}
	if len(times) > 0 {
		s.Last = slices.MaxFunc(times, time.Time.Compare)
	}
	return s
}

// Round makes a backup when one is due. A clock that was set back makes none overdue
// for ever: one from the future counts as none.
func (b *Backups) Round(ctx context.Context) error {
	now := b.Now().UTC()
	last := b.State().Last
	if age := now.Sub(last); !last.IsZero() && age >= 0 && age < b.Every {
		return nil
	}
	err := os.MkdirAll(b.To, 0o700)
	if err != nil {
		err = fault.CannotCreate("node.cannot_write", fault.File(b.To), fault.Because(err))
	} else if _, err = snapshot(ctx, b.Store, filepath.Join(b.To, BackupName(b.Office, now)), nil); err == nil {
		err = rotate(b.To, b.Office, b.Keep)
	}
	if ctx.Err() != nil {
		return ctx.Err() // ended, not failed
	}
	b.mu.Lock()
	b.fault = err
	b.mu.Unlock()
	return err
}

// lookEvery is how often it is asked whether a backup is due.
const lookEvery = time.Minute

// Run makes them until ctx ends.
func (b *Backups) Run(ctx context.Context) {
	for {
		if err := b.Round(ctx); err != nil && ctx.Err() == nil {
			b.Slog.Error("scheduled backup", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookEvery):
		}
	}
}
