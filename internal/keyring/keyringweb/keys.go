package keyringweb

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// mostCard bounds a card file in bytes, before keyring looks at it.
const mostCard = 64 << 10

// newCmd makes a key in a folder of keys.
type newCmd struct {
	Dir            string `required:"" placeholder:"DIR" help:"cli_keys_dir"`
	Name           string `required:"" placeholder:"NAME" help:"cli_keys_name"`
	Purpose        string `required:"" enum:"root,authority,office,officer,log,witness,message" placeholder:"USE" help:"cli_keys_purpose"`
	Algorithm      string `enum:",EdDSA,ES256" default:"" placeholder:"NAME" help:"cli_keys_algorithm"`
	Label          string `placeholder:"NAME" help:"cli_keys_label"`
	Synthetic      bool   `help:"cli_keys_synthetic"`
	PassphraseFile string `placeholder:"FILE" help:"cli_keys_passphrase_file"`
	JSON           bool   `name:"json" help:"cli_json"`
}

// Run makes the key, whole or not at all.
func (c *newCmd) Run(env *module.Env) (err error) {
	_, statErr := os.Stat(c.Dir)
	ring, err := c.ring(env)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil && errors.Is(statErr, fs.ErrNotExist) {
			os.Remove(c.Dir) // made just now, and empty unless a key stands in it
		}
	}()
	spec := keyring.Spec{Name: c.Name, Purpose: keyring.Purpose(c.Purpose), Algorithm: algorithm(c.Algorithm), Label: c.Label, Created: env.Now()}
	card, err := ring.New(env.Context, spec)
	if err != nil {
		return err
	}
	path := filepath.Join(c.Dir, c.Name)
	if c.JSON {
		return env.JSON(viewOf(card, path+".pub"))
	}
	env.Say("keyring.made", lang.Args{"name": card.Name})
	printCard(env, card)
	fmt.Fprintln(env.Out)
	env.Say("keyring.hand_on", lang.Args{"file": path + ".pub"})
	if !card.Synthetic {
		env.Say("keyring.keep", lang.Args{"file": path + ".key.age"})
	}
	return nil
}

// ring opens the folder by the keys that are in it, which all have one lock, or
// makes it for a first key.
func (c *newCmd) ring(env *module.Env) (*keyring.Ring, error) {
	var cards []*keyring.Card
	ring, err := keyring.Unlock(c.Dir, env.PassphraseOf(c.Dir, c.PassphraseFile))
	if err == nil {
		cards, err = ring.Cards()
	} else if fault.Is(err, "keyring.folder_missing") {
		err = nil
	}
	switch {
	case err != nil:
		return nil, err
	case len(cards) == 0 && c.Synthetic:
		return keyring.Create(c.Dir, keyring.Demonstration())
	case len(cards) == 0:
		return keyring.Create(c.Dir, &keyring.Passphrase{Ask: env.NewPassphraseOf(c.Dir, c.PassphraseFile)})
	case cards[0].Synthetic && !c.Synthetic:
		return nil, fault.Usage("keyring.ring_synthetic", fault.At("--synthetic"), fault.File(c.Dir))
	case !cards[0].Synthetic && c.Synthetic:
		return nil, fault.Usage("keyring.ring_real", fault.At("--synthetic"), fault.File(c.Dir))
	}
	return ring, prove(env, ring, cards[0])
}

// prove opens one key, so that a slip in the passphrase does not make a new key
// that opens with another one than the keys beside it.
func prove(env *module.Env, ring *keyring.Ring, card *keyring.Card) error {
	var err error
	if card.Purpose == keyring.Message {
		_, err = ring.Messages(env.Context, card.Name)
	} else {
		_, err = ring.Signer(env.Context, card.Name, card.Purpose)
	}
	return err
}

func algorithm(name string) statement.Algorithm {
	switch name {
	case statement.EdDSA.String():
		return statement.EdDSA
	case statement.ES256.String():
		return statement.ES256
	}
	return 0
}

// listCmd lists the keys of a folder.
type listCmd struct {
	Dir  string `default:"keys" placeholder:"DIR" help:"cli_keys_dir"`
	JSON bool   `name:"json" help:"cli_json"`
}

// Run prints the good keys and then reports the damaged ones.
func (c *listCmd) Run(env *module.Env) error {
	ring, err := keyring.Unlock(c.Dir, nil) // nothing is opened
	if err != nil {
		return err
	}
	cards, err := ring.Cards()
	if c.JSON {
		views := []cardView{}
		for _, card := range cards {
			views = append(views, viewOf(card, filepath.Join(c.Dir, card.Name+".pub")))
		}
		return errors.Join(env.JSON(views), err)
	}
	if len(cards) == 0 && err == nil {
		env.Say("keyring.none", lang.Args{"file": c.Dir})
	}
	for _, card := range cards {
		fmt.Fprintf(env.Out, "%-20s  %-16s  %-18s  %s%s\n", card.Name, idOf(card), env.Words.Show(card.Purpose), env.Words.Time(card.Created), synthetic(card.Synthetic))
	}
	return err
}

// showCmd shows a card, from a folder of keys or from a file handed in.
type showCmd struct {
	Dir  string `default:"keys" placeholder:"DIR" help:"cli_keys_dir"`
	JSON bool   `name:"json" help:"cli_json"`
	Name string `arg:"" help:"cli_keys_show_name"`
}

// Run prints it.
func (c *showCmd) Run(env *module.Env) error {
	path := filepath.Join(c.Dir, c.Name+".pub")
	var card *keyring.Card
	var err error
	if strings.ContainsAny(c.Name, `./\`) { // a file: no key has such a name
		path = c.Name
		card, err = readCard("NAME", path)
	} else {
		var ring *keyring.Ring
		if ring, err = keyring.Unlock(c.Dir, nil); err == nil {
			card, err = ring.Card(c.Name)
		}
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(viewOf(card, path))
	}
	printCard(env, card)
	fmt.Fprintln(env.Out)
	env.Say("keyring.compare", nil)
	return nil
}

// readCard reads a card that somebody handed in.
func readCard(field, path string) (*keyring.Card, error) {
	b, err := module.ReadFile(field, path, mostCard)
	if err != nil {
		return nil, err
	}
	card, err := keyring.ParseCard(b)
	return card, fault.Locate(err, fault.At(field), fault.File(path))
}

// loadCard reads a card as it is, and holds that it is one.
func loadCard(field, path string) ([]byte, error) {
	b, err := module.ReadFile(field, path, mostCard)
	if err != nil {
		return nil, err
	}
	_, err = keyring.ParseCard(b)
	return b, fault.Locate(err, fault.At(field), fault.File(path))
}

// cardCmd makes the card of a key that lives in an ssh-agent, or in a hardware
// module behind one.
type cardCmd struct {
	Agent   string `required:"" placeholder:"KEY" help:"cli_keys_agent"`
	Name    string `required:"" placeholder:"NAME" help:"cli_keys_name"`
	Purpose string `required:"" enum:"root,authority,office,officer,log,witness" placeholder:"USE" help:"cli_keys_purpose"`
	Label   string `placeholder:"NAME" help:"cli_keys_label"`
	Out     string `required:"" placeholder:"FILE" help:"cli_keys_card_out"`
	JSON    bool   `name:"json" help:"cli_json"`
}

// Run writes the card.
func (c *cardCmd) Run(env *module.Env) error {
	if err := module.CheckNew("--out", c.Out); err != nil {
		return err
	}
	s, err := keyring.Agent(env.Context, env.Getenv("SSH_AUTH_SOCK"), c.Agent, keyring.Purpose(c.Purpose))
	if err != nil {
		return err
	}
	card, err := s.Card(c.Name, c.Label, env.Now())
	if err != nil {
		return err
	}
	b, err := card.Encode()
	if err != nil {
		return err
	}
	if err := module.WriteNew("--out", c.Out, b, 0o644); err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(viewOf(card, c.Out))
	}
	printCard(env, card)
	fmt.Fprintln(env.Out)
	env.Say("keyring.hand_on", lang.Args{"file": c.Out})
	return nil
}

// cardView is a card in JSON.
type cardView struct {
	Name      string    `json:"name"`
	Purpose   string    `json:"purpose"`
	Created   time.Time `json:"created"`
	Synthetic bool      `json:"synthetic"`
	KeyID     string    `json:"key_id,omitempty"`
	Algorithm string    `json:"algorithm,omitempty"`
	CoseKey   string    `json:"cose_key,omitempty"` // deterministic CBOR, hexadecimal
	VKey      string    `json:"vkey,omitempty"`
	Recipient string    `json:"recipient,omitempty"`
	File      string    `json:"file"`
}

func viewOf(c *keyring.Card, file string) cardView {
	v := cardView{Name: c.Name, Purpose: string(c.Purpose), Created: c.Created, Synthetic: c.Synthetic, VKey: c.VKey, Recipient: c.Recipient, File: file}
	if c.Purpose != keyring.Message {
		v.KeyID, v.Algorithm = c.KeyID().String(), c.Key.Alg.String()
		if b, err := canonical.Marshal(c.Key); err == nil {
			v.CoseKey = hex.EncodeToString(b)
		}
	}
	return v
}

func idOf(c *keyring.Card) string {
	if c.Purpose == keyring.Message {
		return "-"
	}
	return c.KeyID().String()
}

func synthetic(yes bool) string {
	if yes {
		return "  SYNTHETIC"
	}
	return ""
}

// printCard shows what is handed on, in words.
func printCard(env *module.Env, c *keyring.Card) {
	t := func(key string) string { return env.Words.T(key, nil) }
	v := viewOf(c, "")
	rows := [][2]string{
		{t("keyring.card.name"), c.Name + synthetic(c.Synthetic)},
		{t("keyring.card.purpose"), env.Words.Show(c.Purpose)},
		{t("keyring.card.key_id"), v.KeyID},
		{t("keyring.card.algorithm"), v.Algorithm},
		{t("keyring.card.vkey"), c.VKey},
		{t("keyring.card.recipient"), c.Recipient},
		{t("keyring.card.created"), env.Words.Time(c.Created)},
	}
	env.Fields(rows...)
}
