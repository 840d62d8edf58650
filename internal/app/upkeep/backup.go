package upkeep

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"

	"adamas.example/internal/app/node"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger/ledgerweb"
	"adamas.example/internal/module"
	"adamas.example/internal/store"
)

// backup writes the node's whole database, every entry of its log in it, to a
// new file, whether or not the node is serving; or to a new file in a folder, of
// which it keeps the newest.
type backup struct {
	Dir  string `default:"." placeholder:"DIR" help:"cli_backup_dir"`
	To   string `placeholder:"DIR" help:"cli_backup_to"`
	Keep int    `default:"14" placeholder:"COUNT" help:"cli_backup_keep"`
	JSON bool   `name:"json" help:"cli_json"`
	File string `arg:"" optional:"" help:"cli_backup_file"`
}

// backupMade is a finished backup.
type backupMade struct {
	File   string `json:"file"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Run makes it here or, when another process serves the node, there.
func (c *backup) Run(env *module.Env) error {
	if (c.File == "") == (c.To == "") || c.Keep < 1 {
		return fault.Usage("backup.where", fault.At("--to"))
	}
	config, err := node.ReadConfig(c.Dir)
	if err != nil {
		return err
	}
	if c.To != "" {
		if err := os.MkdirAll(c.To, 0o700); err != nil {
			return fault.CannotCreate("node.cannot_write", fault.File(c.To), fault.Because(err))
		}
		c.File = filepath.Join(c.To, BackupName(config.Office, env.Now()))
	}
	file, err := filepath.Abs(c.File)
	if err != nil {
		return err
	}
	progress := ledgerweb.Progress(env)
	made, err := c.make(env.Context, config, file, progress)
	if fault.Is(err, "store.folder_in_use") {
		made, err = askForBackup(env.Context, c.Dir, file, progress)
	}
	if err == nil && c.To != "" {
		err = rotate(c.To, config.Office, c.Keep)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(made)
	}
	env.Say("backup.made", lang.Args{"file": c.File, "size": made.Size, "sha256": made.SHA256})
	env.Say("backup.keys_apart", lang.Args{"file": filepath.Join(c.Dir, node.KeysFolder)})
	return nil
}

func (c *backup) make(ctx context.Context, config node.Config, file string, progress func(done, total int64)) (made *backupMade, err error) {
	sc, err := existing(config, c.Dir)
	if err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, sc)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return snapshot(ctx, s, file, progress)
}

// existing is where the node's database is. Opening one that is missing would make
// an empty one, and an empty backup of it. Fault backup.no_database.
func existing(config node.Config, dir string) (store.Config, error) {
	sc, err := store.ConfigFor(config.Database, dir)
	if err == nil && sc.Path != "" {
		if _, missing := os.Stat(sc.Path); missing != nil {
			err = fault.NotFound("backup.no_database", fault.File(sc.Path), fault.Because(missing))
		}
	}
	return sc, err
}

func snapshot(ctx context.Context, s *store.Store, file string, progress func(done, total int64)) (*backupMade, error) {
	if err := s.Snapshot(ctx, file, progress); err != nil {
		return nil, err
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, f)
	return &backupMade{File: file, Size: size, SHA256: hex.EncodeToString(sum.Sum(nil))}, err
}
