package setup

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/app/caller"
	"adamas.example/internal/app/node"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/store"
)

// Locks ask for the passphrase of the office's keys: Open of keys that are there, New
// for the first one.
type Locks struct {
	Open, New  func(context.Context) (string, error)
	WorkFactor int // of keyring.Passphrase; 0 for the usual
}

// Make makes the keys of an office and its node.toml, in an empty folder or in one in
// which an earlier call was cut off. Faults: those of MakeKeys.
func Make(ctx context.Context, dir string, c node.Config, locks Locks, now time.Time) error {
	if err := MakeKeys(ctx, dir, c, locks, now); err != nil {
		return err
	}
	return node.WriteConfig(dir, c)
}

// MakeKeys makes the keys of an office, and no node yet. Faults setup.needs,
// setup.folder_taken, setup.other_origin, setup.other_world, those of Check and keyring.
func MakeKeys(ctx context.Context, dir string, c node.Config, locks Locks, now time.Time) error {
	if err := Check(c); err != nil {
		return err
	}
	if err := onlyOurs(dir); err != nil {
		return err
	}
	keys := filepath.Join(dir, node.KeysFolder)
	ring, err := ringIn(ctx, keys, c.Synthetic, locks)
	if err != nil {
		return err
	}
	for _, k := range []keyring.Spec{{Name: node.LogKey, Purpose: keyring.Log, Label: c.Origin}, {Name: node.OfficeKey, Purpose: keyring.Office}, {Name: node.MessageKey, Purpose: keyring.Message}} {
		k.Created = now
		card, err := ring.Card(k.Name)
		if fault.Is(err, "keyring.not_found") {
			card, err = ring.New(ctx, k)
		}
		if err != nil {
			return err
		}
		if k.Label != "" && card.Label() != k.Label { // of an earlier call that was cut off
			return fault.Conflict("setup.other_origin", fault.At("--origin"), fault.File(keys), fault.Arg("origin", card.Label()))
		}
		b, err := os.ReadFile(filepath.Join(keys, k.Name+".pub"))
		if err != nil {
			return err
		}
		if err := node.WriteFile(filepath.Join(dir, HandOnFolder, k.Name+".pub"), b); err != nil {
			return err
		}
	}
	return nil
}

// Check reports everything that is wrong with what was asked for, before anything is
// made. Faults setup.needs, those of ident and caller.
func Check(c node.Config) error {
	var faults fault.List
	for flag, v := range map[string]string{"--office": c.Office, "--origin": c.Origin} {
		if v == "" {
			faults.Add(fault.Usage("setup.needs", fault.At(flag)))
		}
	}
	if faults.Err() != nil {
		return faults.Err()
	}
	if _, err := ident.ParseOffice(c.Office); err != nil {
		faults.Add(fault.Locate(err, fault.At("--office")))
	} else if _, err := ident.ParseStation(c.Station); err != nil {
		faults.Add(fault.Locate(err, fault.At("--computer")))
	}
	if _, err := caller.ParseURL(c.URL); err != nil {
		faults.Add(err)
	}
	return faults.Err()
}

// ours tells what an earlier call that was cut off may have left in the folder. Beside a
// draft that is whatever the set-up page was making: it begins in an empty folder only.
func ours(name string, draft bool) bool {
	return draft || name == node.KeysFolder || name == HandOnFolder || strings.HasPrefix(name, "."+node.ConfigFile) || strings.HasPrefix(name, "."+DraftFile)
}

// onlyOurs refuses a folder with anything in it that an earlier call has not left.
func onlyOurs(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fault.CannotCreate("node.cannot_write", fault.File(dir), fault.Because(err))
	}
	draft := slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == DraftFile })
	for _, e := range entries {
		if !ours(e.Name(), draft) {
			return fault.Conflict("setup.folder_taken", fault.At("--dir"), fault.File(dir), fault.Text(e.Name()))
		}
	}
	return nil
}

// ringIn opens the folder of keys or makes it. A passphrase is asked for as a new one for
// the first key, and proved against the keys that are there.
func ringIn(ctx context.Context, keys string, synthetic bool, locks Locks) (*keyring.Ring, error) {
	if ring, err := keyring.Unlock(keys, locks.Open); err == nil {
		if err := ring.Mend(ctx); err != nil {
			return nil, err
		}
		cards, err := ring.Cards()
		if err != nil || len(cards) > 0 {
			if err == nil && cards[0].Synthetic != synthetic {
				err = fault.Usage("setup.other_world", fault.At("--synthetic"), fault.File(keys))
			}
			if err == nil && cards[0].Purpose != keyring.Message {
				_, err = ring.Signer(ctx, cards[0].Name, cards[0].Purpose)
			}
			return ring, err
		}
	}
	if synthetic {
		return keyring.Create(keys, keyring.Demonstration())
	}
	return keyring.Create(keys, &keyring.Passphrase{Ask: locks.New, WorkFactor: locks.WorkFactor})
}

// Stage is how far an office is in its folder.
type Stage int

// From nothing to a node that is served.
const (
	Empty   Stage = iota // nothing, or what a set-up that was cut off has left
	Waiting              // its keys are made; what others give has not come
	Whole
)

// StageOf tells how far the office in a folder is. Where a database is, there was a node:
// what is missing beside it is missing, and not still to come. Faults: node.no_config for
// a folder that is somebody else's, those of node.ReadConfig.
func StageOf(dir string) (Stage, error) {
	config, err := node.ReadConfig(dir)
	if fault.Is(err, "node.no_config") {
		if onlyOurs(dir) != nil {
			return Empty, err
		}
		return Empty, nil
	}
	if err != nil {
		return Whole, err
	}
	sc, err := store.ConfigFor(config.Database, dir)
	if err != nil || sc.Path == "" {
		return Whole, err
	}
	if _, err := os.Stat(sc.Path); err == nil {
		return Whole, nil
	}
	o, err := OfficeIn(dir)
	if err != nil || len(o.Waits()) == 0 {
		return Whole, nil // whoever opens it says what is wrong
	}
	return Waiting, nil
}

// Office is an office whose keys are made.
type Office struct {
	Dir    string
	Config node.Config
	Log    *keyring.Card // of its register
	Key    *keyring.Card // by which it signs
	Mail   *keyring.Card // by which it is written to
}

// OfficeIn reads the office in a folder. No key is opened. Faults: those of
// node.ReadConfig and keyring.
func OfficeIn(dir string) (*Office, error) {
	config, err := node.ReadConfig(dir)
	if err != nil {
		return nil, err
	}
	o := &Office{Dir: dir, Config: config}
	ring, err := keyring.Unlock(filepath.Join(dir, node.KeysFolder), nil)
	if err != nil {
		return nil, err
	}
	for _, k := range []struct {
		name string
		card **keyring.Card
	}{{config.LogKeyName(), &o.Log}, {node.OfficeKey, &o.Key}, {node.MessageKey, &o.Mail}} {
		if *k.card, err = ring.Card(k.name); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// Waits are what has not come yet. That the authority has appointed the office's key
// stands in the register, and only who opens the node can read it.
func (o *Office) Waits() (out []string) {
	if _, err := os.Stat(o.Config.PolicyPath(o.Dir)); err != nil {
		out = append(out, "policy")
	}
	if _, _, err := keyring.ReadChain(filepath.Join(o.Dir, node.RootFolder)); err != nil {
		out = append(out, "root")
	}
	return out
}
