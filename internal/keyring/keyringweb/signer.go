package keyringweb

import (
	"context"
	"path/filepath"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/module"
	"adamas.example/verify/statement"
)

// signerFlags name the key that signs: one of a folder, or one of an ssh-agent.
type signerFlags struct {
	Dir            string `placeholder:"DIR" help:"cli_keys_signer_dir"`
	Key            string `placeholder:"NAME" help:"cli_keys_signer_key"`
	Agent          string `placeholder:"KEY" help:"cli_keys_agent"`
	PassphraseFile string `placeholder:"FILE" help:"cli_keys_passphrase_file"`

	Passphrase string `kong:"-"` // of Dir, once it was asked for
	Socket     string `kong:"-"` // of the agent of the person who asks
}

func (f *signerFlags) check() error {
	if f.Agent == "" && (f.Dir == "" || f.Key == "") {
		return fault.Usage("keyring.signer_needed", fault.At("--key"))
	}
	if f.Agent != "" && (f.Dir != "" || f.Key != "") {
		return fault.Usage("keyring.signer_twice", fault.At("--agent"))
	}
	return nil
}

// load asks for all that the key needs, so that another process can sign with it
// which has no terminal and another ssh-agent.
func (f *signerFlags) load(env *module.Env) (err error) {
	if f.Agent != "" {
		f.Socket = env.Getenv("SSH_AUTH_SOCK")
		return nil
	}
	if f.Passphrase, err = keyring.Secret(env.Context, f.Dir, env.PassphraseOf(f.Dir, f.PassphraseFile)); err != nil {
		return err
	}
	f.Dir, err = filepath.Abs(f.Dir)
	return err
}

// loaded opens the key that load has asked for.
func (f *signerFlags) loaded(ctx context.Context, p keyring.Purpose) (*keyring.Signer, error) {
	if f.Agent != "" {
		return keyring.Agent(ctx, f.Socket, f.Agent, p)
	}
	ring, err := keyring.Unlock(f.Dir, func(context.Context) (string, error) { return f.Passphrase, nil })
	if err != nil {
		return nil, err
	}
	return ring.Signer(ctx, f.Key, p)
}

// public is the public half of the key, without opening it.
func (f *signerFlags) public(env *module.Env, p keyring.Purpose) (statement.Key, error) {
	if f.Agent != "" {
		s, err := f.open(env, p)
		if err != nil {
			return statement.Key{}, err
		}
		return s.Key(), nil
	}
	ring, err := keyring.Unlock(f.Dir, nil)
	if err != nil {
		return statement.Key{}, err
	}
	card, err := ring.Card(f.Key)
	if err != nil {
		return statement.Key{}, err
	}
	if card.Purpose != p {
		return statement.Key{}, fault.Forbidden("keyring.other_purpose", fault.Arg("name", f.Key), fault.Arg("purpose", card.Purpose), fault.Arg("wanted", p))
	}
	return card.Key, nil
}

// open opens the key for signing.
func (f *signerFlags) open(env *module.Env, p keyring.Purpose) (*keyring.Signer, error) {
	if f.Agent != "" {
		return keyring.Agent(env.Context, env.Getenv("SSH_AUTH_SOCK"), f.Agent, p)
	}
	ring, err := keyring.Unlock(f.Dir, env.PassphraseOf(f.Dir, f.PassphraseFile))
	if err != nil {
		return nil, err
	}
	return ring.Signer(env.Context, f.Key, p)
}
