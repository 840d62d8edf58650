// Package setup makes a new office: from an empty folder to a node that serves, and
// then says what has to go where and what is still waited for.
//
//	adamas init --office CF/bangui --computer pc-1 --origin cf.kp.example/2026   makes it
//	adamas init                                       says what is waited for
//	adamas init --policy FILE                         takes the witness policy
//	adamas init --root FILE --fingerprint F           takes the root document
//
// Invariants:
//   - node.toml is written last: cut off before, the same command goes on with the keys
//     that are there.
//   - Nothing that is there is replaced, and nothing is made in a folder that holds
//     somebody else's files.
//   - A root document is taken only with its fingerprint, which came another way than
//     the file: trust never comes from the file (design.md §5).
//
// Who is the first administrator is party/people's: `adamas people found`, which is named
// when nothing is waited for any more.
//
// It may import everything that app may.
package setup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"adamas.example/internal/app/caller"
	"adamas.example/internal/app/node"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
)

// HandOnFolder, in the node's folder, holds what others need of this office: public
// halves only.
const HandOnFolder = "hand-on"

// Command is `adamas init`.
type Command struct {
	Dir            string   `default:"." placeholder:"DIR" help:"cli_init_dir"`
	Office         string   `placeholder:"OFFICE" help:"cli_init_office"`
	Computer       string   `default:"pc-1" placeholder:"NAME" help:"cli_init_computer"`
	Origin         string   `placeholder:"NAME" help:"cli_init_origin"`
	URL            string   `name:"url" placeholder:"URL" help:"cli_init_url"`
	Synthetic      bool     `help:"cli_init_synthetic"`
	PassphraseFile string   `placeholder:"FILE" help:"cli_init_passphrase_file"`
	Policy         string   `placeholder:"FILE" help:"cli_init_policy"`
	Root           []string `placeholder:"FILE" sep:"none" help:"cli_init_root"`
	Fingerprint    string   `placeholder:"FINGERPRINT" help:"cli_init_fingerprint"`
	JSON           bool     `name:"json" help:"cli_json"`
}

// Run makes the office, or goes on with one that is made.
func (c *Command) Run(env *module.Env) error {
	config, err := node.ReadConfig(c.Dir)
	made := false
	if fault.Is(err, "node.no_config") {
		made = true
		config, err = c.make(env)
	} else if err == nil && (c.Office != "" || c.Origin != "" || c.URL != "" || c.Synthetic) {
		err = fault.Conflict("setup.made_already", fault.At("--office"), fault.File(c.Dir), fault.Arg("office", config.Office))
	}
	if err != nil {
		return err
	}
	o := &office{env: env, dir: c.Dir, config: config}
	if err := o.readCards(); err != nil {
		return err
	}
	if c.Policy != "" {
		if err := o.takePolicy(c.Policy); err != nil {
			return err
		}
	}
	if len(c.Root) > 0 {
		if err := o.takeRoots(c.Root, c.Fingerprint); err != nil {
			return err
		}
	} else if c.Fingerprint != "" {
		return fault.Usage("setup.fingerprint_alone", fault.At("--fingerprint"))
	}
	return o.tell(made, c.JSON)
}

// make makes keys and configuration. Faults setup.needs, setup.folder_taken, those of
// ident and keyring.
func (c *Command) make(env *module.Env) (config node.Config, err error) {
	config = node.Config{Office: c.Office, Station: c.Office + "/" + c.Computer, Origin: c.Origin, URL: c.URL, Synthetic: c.Synthetic}
	if err := c.check(config); err != nil {
		return config, err
	}
	if err := c.onlyOurs(); err != nil {
		return config, err
	}
	keys := filepath.Join(c.Dir, node.KeysFolder)
	ring, err := c.ring(env, keys)
	if err != nil {
		return config, err
	}
	for _, k := range []keyring.Spec{{Name: node.LogKey, Purpose: keyring.Log, Label: c.Origin}, {Name: node.OfficeKey, Purpose: keyring.Office}, {Name: node.MessageKey, Purpose: keyring.Message}} {
		k.Created = env.Now()
		card, err := ring.Card(k.Name)
		if fault.Is(err, "keyring.not_found") {
			card, err = ring.New(env.Context, k)
		}
		if err != nil {
			return config, err
		}
		if k.Label != "" && card.Label() != k.Label { // of an earlier call that was cut off
			return config, fault.Conflict("setup.other_origin", fault.At("--origin"), fault.File(keys), fault.Arg("origin", card.Label()))
		}
		b, err := os.ReadFile(filepath.Join(keys, k.Name+".pub"))
		if err != nil {
			return config, err
		}
		if err := node.WriteFile(filepath.Join(c.Dir, HandOnFolder, k.Name+".pub"), b); err != nil {
			return config, err
		}
	}
	return config, node.WriteConfig(c.Dir, config)
}

// check reports everything that is wrong with what was asked for, before anything is
// made.
func (c *Command) check(config node.Config) error {
	var faults fault.List
	for flag, v := range map[string]string{"--office": c.Office, "--origin": c.Origin} {
		if v == "" {
			faults.Add(fault.Usage("setup.needs", fault.At(flag)))
		}
	}
	if faults.Err() != nil {
		return faults.Err()
	}
	if _, err := ident.ParseOffice(config.Office); err != nil {
		faults.Add(fault.Locate(err, fault.At("--office")))
	} else if _, err := ident.ParseStation(config.Station); err != nil {
		faults.Add(fault.Locate(err, fault.At("--computer")))
	}
	if _, err := caller.ParseURL(c.URL); err != nil {
		faults.Add(err)
	}
	return faults.Err()
}

// onlyOurs refuses a folder with anything in it that an earlier call has not left.
func (c *Command) onlyOurs() error {
	entries, err := os.ReadDir(c.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fault.CannotCreate("node.cannot_write", fault.File(c.Dir), fault.Because(err))
	}
	for _, e := range entries {
		if e.Name() != node.KeysFolder && e.Name() != HandOnFolder && !strings.HasPrefix(e.Name(), "."+node.ConfigFile) {
			return fault.Conflict("setup.folder_taken", fault.At("--dir"), fault.File(c.Dir), fault.Text(e.Name()))
		}
	}
	return nil
}

// ring opens the folder of keys or makes it. A passphrase is typed twice for the first
// key, and proved against the keys that are there.
func (c *Command) ring(env *module.Env, keys string) (*keyring.Ring, error) {
	if ring, err := keyring.Unlock(keys, env.PassphraseOf(keys, c.PassphraseFile)); err == nil {
		cards, err := ring.Cards()
		if err != nil || len(cards) > 0 {
			if err == nil && cards[0].Synthetic != c.Synthetic {
				err = fault.Usage("setup.other_world", fault.At("--synthetic"), fault.File(keys))
			}
			if err == nil && cards[0].Purpose != keyring.Message {
				_, err = ring.Signer(env.Context, cards[0].Name, cards[0].Purpose)
			}
			return ring, err
		}
	}
	if c.Synthetic {
		return keyring.Create(keys, keyring.Demonstration())
	}
	return keyring.Create(keys, &keyring.Passphrase{Ask: env.NewPassphraseOf(keys, c.PassphraseFile)})
}

// office is a node that is made.
type office struct {
	env    *module.Env
	dir    string
	config node.Config
	log    *keyring.Card
	office *keyring.Card
}

func (o *office) readCards() error {
	ring, err := keyring.Unlock(filepath.Join(o.dir, node.KeysFolder), nil)
	if err != nil {
		return err
	}
	if o.log, err = ring.Card(o.config.LogKeyName()); err != nil {
		return err
	}
	o.office, err = ring.Card(node.OfficeKey)
	return err
}

// view is what is said, for programs.
type view struct {
	Office  string   `json:"office"`
	Station string   `json:"station"`
	Origin  string   `json:"origin"`
	LogKey  string   `json:"log_key"`
	KeyID   string   `json:"key_id"`
	HandOn  string   `json:"hand_on"`
	Waits   []string `json:"waits"`
}

// waits are what has not come yet. That the authority has appointed the office's key
// stands in the register, and only who opens the node can read it.
func (o *office) waits() (out []string) {
	if _, err := os.Stat(o.config.PolicyPath(o.dir)); err != nil {
		out = append(out, "policy")
	}
	if _, _, err := keyring.ReadChain(filepath.Join(o.dir, node.RootFolder)); err != nil {
		out = append(out, "root")
	}
	return out
}

// tell says how the office stands and what comes next.
func (o *office) tell(made, asJSON bool) error {
	waits := o.waits()
	handOn := filepath.Join(o.dir, HandOnFolder)
	if asJSON {
		return o.env.JSON(view{o.config.Office, o.config.Station, o.config.Origin, o.log.VKey, o.office.KeyID().String(), handOn, append([]string{}, waits...)})
	}
	if made {
		o.env.Say("setup.made", lang.Args{"office": o.config.Office, "file": o.dir})
		if !o.config.Synthetic {
			o.env.Say("setup.keep_keys", lang.Args{"file": filepath.Join(o.dir, node.KeysFolder)})
		}
	}
	args := lang.Args{"office": o.config.Office, "station": o.config.Station, "origin": o.config.Origin, "file": handOn, "dir": o.dir, "key": o.log.VKey, "key_id": o.office.KeyID().String()}
	o.env.Say("setup.log_key", args)
	for _, w := range waits {
		o.env.Say("setup.waits."+w, args)
	}
	if len(waits) == 0 {
		o.env.Say("setup.ready", args)
	}
	return nil
}
