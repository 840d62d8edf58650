package keyring

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"adamas.example/internal/fault"
)

// agentPatience bounds one conversation with an agent: a smart card that waits
// for a finger, a network HSM that has gone.
const agentPatience = time.Minute

// Agent signs with a key in the ssh-agent that listens at socket (a Unix
// socket, or on Windows a pipe such as \\.\pipe\openssh-ssh-agent), where an
// HSM may stand behind it (`ssh-add -s <PKCS#11 library>`). The key is named by
// its fingerprint (SHA256:…, as `ssh-add -l` shows it) or its public key (a
// line of `ssh-add -L`); it is ssh-ed25519, or ecdsa-sha2-nistp256 for purposes
// other than Log and Witness.
//
// Every signature is a conversation of its own, so an agent may be restarted
// between two. Faults: keyring.agent_key_form, agent_absent (nobody listens),
// agent_failed (it broke off or kept silent), agent_key_absent, unsuitable;
// when signing also agent_refused (locked, or not confirmed).
func Agent(ctx context.Context, socket, key string, p Purpose) (*Signer, error) {
	wanted, err := parseAgentKey(key)
	if err != nil {
		return nil, err
	}
	a := &agentKey{socket: socket, name: strings.TrimSpace(key)}
	err = a.talk(ctx, func(c agent.Agent) error {
		a.public, err = a.find(c, wanted)
		return err
	})
	if err != nil {
		return nil, err
	}
	public, ok := a.public.(ssh.CryptoPublicKey)
	if !ok {
		return nil, fault.Invalid("keyring.unsuitable", fault.Arg("purpose", p),
			fault.Because(fmt.Errorf("ssh key of type %s", a.public.Type())))
	}
	return newSigner(p, public.CryptoPublicKey(), a)
}

// parseAgentKey gives the test for the wanted key.
func parseAgentKey(key string) (func(ssh.PublicKey) bool, error) {
	key = strings.TrimSpace(key)
	if strings.HasPrefix(key, "SHA256:") {
		return func(k ssh.PublicKey) bool { return ssh.FingerprintSHA256(k) == key }, nil
	}
	want, _, _, rest, err := ssh.ParseAuthorizedKey([]byte(key))
	if err == nil && len(rest) != 0 {
		err = errors.New("more than one line")
	}
	if err != nil {
		return nil, fault.Usage("keyring.agent_key_form", fault.At("key"), fault.Text(key), fault.Because(err))
	}
	return func(k ssh.PublicKey) bool { return string(k.Marshal()) == string(want.Marshal()) }, nil
}

// agentKey is one key of one agent. It holds no connection.
type agentKey struct {
	socket string
	name   string // as the configuration names it, for faults
	public ssh.PublicKey
}

// find looks the key up. Keys of types that this program cannot read are passed
// over.
func (a *agentKey) find(c agent.Agent, wanted func(ssh.PublicKey) bool) (ssh.PublicKey, error) {
	keys, err := c.List()
	if err != nil {
		return nil, a.failed(err)
	}
	for _, k := range keys {
		public, err := ssh.ParsePublicKey(k.Blob)
		if err == nil && wanted(public) {
			return public, nil
		}
	}
	return nil, fault.NotFound("keyring.agent_key_absent", fault.Arg("socket", a.socket),
		fault.Text(a.name), fault.Arg("keys", len(keys)))
}

func (a *agentKey) failed(err error) error {
	return fault.Unavailable("keyring.agent_failed", fault.Arg("socket", a.socket), fault.Because(err))
}

// talk opens a conversation and closes it when f or ctx ends.
func (a *agentKey) talk(ctx context.Context, f func(agent.Agent) error) error {
	ctx, cancel := context.WithTimeout(ctx, agentPatience)
	defer cancel()
	conn, err := dialAgent(ctx, a.socket)
	if err != nil {
		return fault.Unavailable("keyring.agent_absent", fault.Arg("socket", a.socket), fault.Because(err))
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	err = f(agent.NewClient(conn))
	if err != nil && ctx.Err() != nil {
		return a.failed(errors.Join(ctx.Err(), err))
	}
	return err
}

func (a *agentKey) sign(ctx context.Context, message []byte) (raw []byte, err error) {
	err = a.talk(ctx, func(c agent.Agent) error {
		sig, err := c.Sign(a.public, message)
		if err != nil {
			return a.refusal(c, err)
		}
		raw, err = a.split(sig)
		return err
	})
	return raw, err
}

// refusal finds out why an agent did not sign: the protocol has one word for
// every failure.
func (a *agentKey) refusal(c agent.Agent, cause error) error {
	_, err := a.find(c, func(k ssh.PublicKey) bool { return string(k.Marshal()) == string(a.public.Marshal()) })
	if err != nil {
		return err
	}
	return fault.Unavailable("keyring.agent_refused", fault.Arg("socket", a.socket), fault.Text(a.name), fault.Because(cause))
}

// split turns an SSH signature into 64 bytes: the Ed25519 signature as it is
// (RFC 8709 §6), r and s of ECDSA (RFC 5656 §3.1.2) joined. Certificates, other
// curves and hashes have other formats and are refused.
func (a *agentKey) split(sig *ssh.Signature) ([]byte, error) {
	if sig.Format != a.public.Type() || len(sig.Rest) != 0 {
		return nil, a.failed(fmt.Errorf("a signature of format %q for a key of type %s", sig.Format, a.public.Type()))
	}
	switch sig.Format {
	case ssh.KeyAlgoED25519:
		return sig.Blob, nil
	case ssh.KeyAlgoECDSA256:
		var ec struct{ R, S *big.Int }
		if err := ssh.Unmarshal(sig.Blob, &ec); err != nil {
			return nil, a.failed(err)
		}
		raw, err := joinES256(ec.R, ec.S)
		if err != nil {
			return nil, a.failed(err)
		}
		return raw, nil
	}
	return nil, a.failed(fmt.Errorf("a signature of format %q", sig.Format))
}
