package recovery

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ledger"
	"adamas.example/internal/store"
)

// Backup says which backup goes where.
type Backup struct {
	File    string // a snapshot of store.Snapshot
	Into    store.Config
	Schemas []store.Schema
	Log     ledger.LogConfig // Signer is not used
	Now     func() time.Time
	// Rows and Entries, if not nil, are told how far database and files are.
	Rows    store.Progress
	Entries func(done, total int64)
}

// Restored is what Restore has done, or would do.
type Restored struct {
	Engine  string           `json:"engine"`
	Rows    map[string]int64 `json:"rows"` // by table
	Size    int64            `json:"size"` // entries of the log; 0 without apply
	Resumed bool             `json:"resumed"`
	Applied bool             `json:"applied"`
}

// Restore puts a backup back into a node that has no database and no log, and
// makes the log's files from it. The log is on hold afterwards: Node.Recover asks
// the witnesses what has happened since. What was cut off is finished by the same
// call with the same file. Without apply nothing is written.
//
// Faults: recovery.log_not_empty, and those of store.Restore.
func (b *Backup) Restore(ctx context.Context, apply bool) (*Restored, error) {
	begun, err := b.begun()
	if err != nil {
		return nil, err
	}
	out := &Restored{Applied: apply, Resumed: begun}
	looked, err := store.Restore(ctx, b.Now(), b.File, b.Into, b.Schemas, false, nil)
	there := begun && fault.Is(err, "store.not_empty") // the database came that far
	if err != nil && !there {
		return nil, err
	}
	if looked != nil {
		out.Engine, out.Rows = looked.Engine, looked.Rows
	}
	if !apply {
		return out, nil
	}
	mark := ledger.RestoringFile(b.Log.Dir)
	if err := os.MkdirAll(filepath.Dir(mark), 0o755); err != nil {
		return nil, cannotWrite(mark, err)
	}
	if err := errors.Join(writeSynced(mark, []byte(b.File+"\n")), syncFolder(filepath.Dir(mark))); err != nil {
		return nil, cannotWrite(mark, err)
	}
	if !there {
		if _, err := store.Restore(ctx, b.Now(), b.File, b.Into, b.Schemas, true, b.Rows); err != nil {
			return nil, err
		}
	}
	if out.Size, err = b.finish(ctx); err != nil {
		return out, err
	}
	if err := os.Remove(mark); err != nil {
		return out, cannotWrite(mark, err)
	}
	return out, syncFolder(filepath.Dir(mark))
}

// begun tells whether an earlier call was cut off, and refuses a node that has a
// log otherwise.
func (b *Backup) begun() (bool, error) {
	if _, err := os.Lstat(ledger.RestoringFile(b.Log.Dir)); err == nil {
		return true, nil
	}
	entries, err := os.ReadDir(b.Log.Dir)
	if err == nil && len(entries) > 0 {
		return false, fault.Conflict("recovery.log_not_empty", fault.File(b.Log.Dir))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fault.IO("recovery.log_not_empty", fault.File(b.Log.Dir), fault.Because(err))
	}
	return false, nil
}

// finish marks the restored database and makes the files from it. The mark is set
// before anybody can open the log: until then the file beside it is there.
func (b *Backup) finish(ctx context.Context) (size int64, err error) {
	s, err := store.Open(ctx, b.Into)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Write(ctx, b.Now(), ledger.MarkRestored); err != nil {
		return 0, err
	}
	n := &Node{Store: s, Log: b.Log, Now: b.Now, Progress: b.Entries}
	size, _, err = n.Rebuild(ctx)
	return size, err
}
