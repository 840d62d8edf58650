// Package setup makes a new office: from an empty folder to a node that serves, and
// then says what has to go where and what is still waited for.
//
//	adamas init --office CF/bangui --computer pc-1 --origin cf.kp.example/2026   makes it
//	adamas init                                       says what is waited for
//	adamas init --policy FILE                         takes the witness policy
//	adamas init --root FILE --fingerprint F           takes the root document
//
// What it does is done by functions (Make, TakePolicy, TakeRoots) that the set-up page
// (package firstrun) uses too.
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
	"path/filepath"

	"adamas.example/internal/app/node"
	"adamas.example/internal/fault"
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
	o, err := OfficeIn(c.Dir)
	if err != nil {
		return err
	}
	if c.Policy != "" {
		if err := o.takePolicyFile(c.Policy); err != nil {
			return err
		}
	}
	if len(c.Root) > 0 {
		if err := o.takeRootFiles(c.Root, c.Fingerprint); err != nil {
			return err
		}
	} else if c.Fingerprint != "" {
		return fault.Usage("setup.fingerprint_alone", fault.At("--fingerprint"))
	}
	return c.tell(env, o, made)
}

// make makes keys and configuration. Faults setup.needs, setup.folder_taken, those of
// ident and keyring.
func (c *Command) make(env *module.Env) (node.Config, error) {
	config := node.Config{Office: c.Office, Station: c.Office + "/" + c.Computer, Origin: c.Origin, URL: c.URL, Synthetic: c.Synthetic}
	keys := filepath.Join(c.Dir, node.KeysFolder)
	return config, Make(env.Context, c.Dir, config, Locks{Open: env.PassphraseOf(keys, c.PassphraseFile), New: env.NewPassphraseOf(keys, c.PassphraseFile)}, env.Now())
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

// tell says how the office stands and what comes next.
func (c *Command) tell(env *module.Env, o *Office, made bool) error {
	waits := o.Waits()
	handOn := filepath.Join(c.Dir, HandOnFolder)
	if c.JSON {
		return env.JSON(view{o.Config.Office, o.Config.Station, o.Config.Origin, o.Log.VKey, o.Key.KeyID().String(), handOn, append([]string{}, waits...)})
	}
	if made {
		env.Say("setup.made", lang.Args{"office": o.Config.Office, "file": c.Dir})
		if !o.Config.Synthetic {
			env.Say("setup.keep_keys", lang.Args{"file": filepath.Join(c.Dir, node.KeysFolder)})
		}
	}
	args := lang.Args{"office": o.Config.Office, "station": o.Config.Station, "origin": o.Config.Origin, "file": handOn, "dir": c.Dir, "key": o.Log.VKey, "key_id": o.Key.KeyID().String()}
	env.Say("setup.log_key", args)
	for _, w := range waits {
		env.Say("setup.waits."+w, args)
	}
	if len(waits) == 0 {
		env.Say("setup.ready", args)
	}
	return nil
}
