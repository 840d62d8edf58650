package ledgerweb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger/witness"
	"adamas.example/internal/module"
)

// witnessCmd runs one witness: its own process, its own folder, its own key.
type witnessCmd struct {
	Dir        string   `required:"" placeholder:"DIR" help:"cli_witness_dir"`
	Name       string   `placeholder:"NAME" help:"cli_witness_name"`
	Logs       string   `placeholder:"FILE" help:"cli_witness_logs"`
	Log        []string `placeholder:"KEY" sep:"none" help:"cli_witness_log"`
	Listen     string   `default:"127.0.0.1:7380" placeholder:"ADDRESS" help:"cli_witness_listen"`
	Synthetic  bool     `help:"cli_witness_synthetic"`
	WithParent bool     `hidden:"" help:"cli_witness_with_parent"`
}

const witnessKey = "witness"

// Run serves until it is interrupted. The first line it prints is the
// verifier key, the second the address: what a policy needs.
func (c *witnessCmd) Run(env *module.Env) (err error) {
	logs, err := c.logs()
	if err != nil {
		return err
	}
	ring, card, err := c.key(env)
	if err != nil {
		return err
	}
	signer, err := ring.Signer(env.Context, witnessKey, keyring.Witness)
	if err != nil {
		return err
	}
	crypto, err := keyring.CryptoSigner(env.Context, signer)
	if err != nil {
		return err
	}
	w, err := witness.New(witness.Config{Dir: filepath.Join(c.Dir, "state"), Name: card.Label(), Signer: crypto, Now: env.Now,
		Logs: logs, Logger: slog.New(slog.NewTextHandler(env.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	ln, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fault.Unavailable("ledger.cannot_listen", fault.At("--listen"), fault.Text(c.Listen), fault.Because(err))
	}
	fmt.Fprintln(env.Out, w.VKey())
	fmt.Fprintln(env.Out, "http://"+ln.Addr().String())
	if !c.WithParent {
		fmt.Fprintln(env.Err, env.Words.T("cli.witness.running", lang.Args{"name": w.Name()}))
	}
	ctx, cancel := context.WithCancel(env.Context)
	defer cancel()
	if c.WithParent {
		go func() {
			io.Copy(io.Discard, env.In)
			cancel()
		}()
	}
	return w.Serve(ctx, ln)
}

// key opens the witness's key, and makes it at the first start.
func (c *witnessCmd) key(env *module.Env) (*keyring.Ring, *keyring.Card, error) {
	dir := filepath.Join(c.Dir, "keys")
	ring, err := keyring.Unlock(dir, env.PassphraseOf(dir, ""))
	if err == nil {
		card, missing := ring.Card(witnessKey)
		if !fault.Is(missing, "keyring.not_found") {
			return ring, card, missing
		}
	} else if !fault.Is(err, "keyring.folder_missing") {
		return nil, nil, err
	}
	if c.Name == "" {
		return nil, nil, fault.Usage("witness.name_needed", fault.At("--name"))
	}
	var lock keyring.Lock = &keyring.Passphrase{Ask: env.NewPassphraseOf(dir, "")}
	if c.Synthetic {
		lock = keyring.Demonstration()
	}
	if ring, err = keyring.Create(dir, lock); err != nil {
		return nil, nil, err
	}
	card, err := ring.New(env.Context, keyring.Spec{Name: witnessKey, Purpose: keyring.Witness, Label: c.Name, Created: env.Now()})
	if err != nil {
		os.Remove(dir) // folders go when they are empty
		os.Remove(c.Dir)
	}
	return ring, card, err
}

// logs are those of the list and of the command line. The list is read alone
// first, so that a fault names its line and a list cut short is noticed.
func (c *witnessCmd) logs() ([]witness.Log, error) {
	var list []byte
	if c.Logs != "" {
		b, err := os.ReadFile(c.Logs)
		if err != nil {
			return nil, fault.NotFound("ledger.file_unreadable", fault.At("--logs"), fault.File(c.Logs), fault.Because(err))
		}
		if _, err := witness.ParseLogList(b); err != nil {
			return nil, fault.Locate(err, fault.File(c.Logs))
		}
		list = b
	}
	for _, key := range c.Log {
		list = fmt.Appendf(list, "log %s\n", key)
	}
	logs, err := witness.ParseLogList(list)
	return logs, fault.Locate(err, fault.File("--log"))
}
