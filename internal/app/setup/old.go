package setup

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"adamas.example/internal/app/node"
	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/recovery"
	"adamas.example/internal/store"
)

// CheckOld looks at what an office that was elsewhere before has left: a copy of its
// folder (node.toml, its policy, keys and trust) and a backup of its database. Faults:
// setup.old_folder, setup.old_backup, setup.old_database, those of node and keyring.
func CheckOld(ctx context.Context, from, backup, passphrase string) error {
	config, err := node.ReadConfig(from)
	if err != nil {
		return fault.Invalid("setup.old_folder", fault.At("from"), fault.File(from), fault.Because(err))
	}
	if sc, err := store.ConfigFor(config.Database, from); err != nil || sc.Path == "" {
		return fault.Invalid("setup.old_database", fault.At("from"), fault.File(from))
	}
	if info, err := os.Stat(backup); err != nil || !info.Mode().IsRegular() {
		return fault.Invalid("setup.old_backup", fault.At("backup"), fault.File(backup), fault.Because(err))
	}
	if _, err := node.ReadPolicy(from, config); err != nil {
		return fault.Invalid("setup.old_folder", fault.At("from"), fault.File(from), fault.Because(err))
	}
	ring, err := keyring.Unlock(filepath.Join(from, node.KeysFolder), func(context.Context) (string, error) { return passphrase, nil })
	if err == nil {
		_, err = ring.Signer(ctx, node.OfficeKey, keyring.Office)
	}
	return fault.Locate(err, fault.At("passphrase"))
}

// TakeOver brings an office back from what CheckOld has looked at, into an empty folder
// or one in which it was cut off. Its register is on hold afterwards, until its witnesses
// were asked what they have seen since (adamas recover). Faults: setup.folder_taken,
// those of recovery and node.
func TakeOver(ctx context.Context, dir, from, backup string, schemas node.Schemas, now func() time.Time) error {
	config, err := node.ReadConfig(from)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, node.ConfigFile)); !errors.Is(err, fs.ErrNotExist) {
		return fault.Conflict("setup.folder_taken", fault.File(dir), fault.Text(node.ConfigFile))
	}
	err = filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil || rel == "." {
			return err
		}
		first, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		if !carried(first, config) {
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		return copyOld(path, filepath.Join(dir, rel), e)
	})
	if err != nil {
		return fault.CannotCreate("node.cannot_write", fault.File(dir), fault.Because(err))
	}
	policy, err := node.ReadPolicy(dir, config)
	if err != nil {
		return err
	}
	sc, err := store.ConfigFor(config.Database, dir)
	if err != nil {
		return err
	}
	b := recovery.Backup{File: backup, Into: sc, Schemas: schemas, Log: ledger.LogConfig{Dir: config.LogDir(dir), Policy: policy}, Now: now}
	if _, err := b.Restore(ctx, true); err != nil {
		return err
	}
	return node.WriteConfig(dir, config)
}

// carried tells what of a node's folder goes with it: keys and what it believes, not its
// database and its logs, which the backup holds.
func carried(name string, c node.Config) bool {
	switch name {
	case node.KeysFolder, node.RootFolder, HandOnFolder, AuthorityFolder, TrialFolder, "officers", node.ChoicesFile, filepath.Base(c.PolicyPath(".")), "office-ca.crt":
		return true
	}
	return false
}

func copyOld(from, to string, e fs.DirEntry) error {
	if e.IsDir() {
		return os.MkdirAll(to, 0o700)
	}
	if !e.Type().IsRegular() {
		return nil
	}
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := node.WriteFile(to, b); err != nil {
		return err
	}
	return os.Chmod(to, 0o600)
}
