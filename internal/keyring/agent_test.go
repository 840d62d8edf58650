package keyring

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/mod/sumdb/note"

	"adamas.example/internal/worldtest/hsm"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

func fingerprint(t testing.TB, line string) string {
	t.Helper()
	k, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	return ssh.FingerprintSHA256(k)
}

func mustAgent(t testing.TB, socket, key string, p Purpose) *Signer {
	t.Helper()
	s, err := Agent(t.Context(), socket, key, p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// mustSign signs a small statement and has it verified.
func mustSign(t testing.TB, s *Signer) []byte {
	t.Helper()
	b, err := s.Sign(t.Context(), frame(t, s, "SYNTHETIC"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.Key().Verifier()
	if err != nil {
		t.Fatal(err)
	}
	if st, err := statement.Parse(b); err != nil || !st.Signed.VerifiedBy(v) {
		t.Fatalf("the statement does not verify: %v", err)
	}
	return b
}

func TestAnOfficeSignsWithSoftHSM2BehindSSHAgent(t *testing.T) {
	token := hsm.Token(t)
	s := mustAgent(t, token.Socket, fingerprint(t, token.Public), Authority)
	want, err := statement.NewKey(token.Key)
	if err != nil {
		t.Fatal(err)
	}
	if s.ID() != want.ID() || s.Key().Alg != statement.ES256 {
		t.Fatalf("key %s with %s, want %s with ES256", s.ID(), s.Key().Alg, want.ID())
	}
	for range 16 { // both values of s turn up
		if err := coseVerify(mustSign(t, s), s); err != nil {
			t.Errorf("go-cose: %v", err)
		}
	}
	officer := mustAgent(t, token.Socket, token.Public, Officer)
	if _, err := Approve(t.Context(), officer, [32]byte{1}); err != nil {
		t.Error(err)
	}
	_, err = Agent(t.Context(), token.Socket, token.Public, Log)
	wantFault(t, err, "unsuitable")

	token.Remove()
	_, err = s.Sign(t.Context(), frame(t, s, "SYNTHETIC"))
	wantFault(t, err, "agent_key_absent")
	token.Load()
	mustSign(t, s)
}

func TestAgentKeysOfBothKinds(t *testing.T) {
	a := hsm.Agent(t)
	keys := []string{a.Add(edKey(t)), a.Add(ecKey(t))}
	for i, alg := range []statement.Algorithm{statement.EdDSA, statement.ES256} {
		for _, name := range []string{keys[i], keys[i] + " a comment\n", fingerprint(t, keys[i])} {
			s := mustAgent(t, a.Socket, name, Office)
			if s.Key().Alg != alg || s.Purpose() != Office || s.Synthetic() {
				t.Errorf("%s: %s for %s", name, s.Key().Alg, s.Purpose())
			}
			if err := coseVerify(mustSign(t, s), s); err != nil {
				t.Errorf("%s: go-cose: %v", name, err)
			}
		}
	}
	log := mustAgent(t, a.Socket, keys[0], Log)
	signer, err := NoteSigner(t.Context(), log, origin)
	if err != nil {
		t.Fatal(err)
	}
	b, err := note.Sign(&note.Note{Text: checkpoint}, signer)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(policy.LogVKey(origin, log.public.(ed25519.PublicKey)).String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open(b, note.VerifierList(v)); err != nil {
		t.Error(err)
	}
	card, err := log.Card("log-hsm", origin, created)
	if err != nil || card.VKey != policy.LogVKey(origin, log.public.(ed25519.PublicKey)).String() {
		t.Errorf("card %+v: %v", card, err)
	}
	encoded, err := card.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := ParseCard(encoded); err != nil || !again.equal(card) {
		t.Errorf("the card of an agent's key does not parse: %v", err)
	}
}

func TestAgentFaultsSayWhatIsMissing(t *testing.T) {
	a := hsm.Agent(t)
	ed := edKey(t)
	line := a.Add(ed)
	other, err := ssh.NewPublicKey(edKey(t).Public())
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, socket, key, want string }{
		{"nobody listens", filepath.Join(t.TempDir(), "no"), line, "agent_absent"},
		{"no socket", "", line, "agent_absent"},
		{"another fingerprint", a.Socket, ssh.FingerprintSHA256(other), "agent_key_absent"},
		{"another key", a.Socket, string(ssh.MarshalAuthorizedKey(other)), "agent_key_absent"},
		{"no key", a.Socket, "", "agent_key_form"},
		{"MD5 fingerprint", a.Socket, "MD5:00:11", "agent_key_form"},
		{"two keys", a.Socket, line + "\n" + line, "agent_key_form"},
		{"RSA", a.Socket, a.Add(rsaKey), "unsuitable"},
		{"P-384", a.Socket, a.Add(p384), "unsuitable"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Agent(t.Context(), tt.socket, tt.key, Office)
			wantFault(t, err, tt.want)
		})
	}
	s := mustAgent(t, a.Socket, line, Authority)
	a.SetLock(true)
	_, err = s.Sign(t.Context(), frame(t, s, "SYNTHETIC"))
	wantFault(t, err, "agent_key_absent")
	a.SetLock(false)
	mustSign(t, s)
}

func TestASignerOutlivesItsAgent(t *testing.T) {
	a := hsm.Agent(t)
	k := edKey(t)
	s := mustAgent(t, a.Socket, a.Add(k), Authority)
	mustSign(t, s)
	a.Stop()
	_, err := s.Sign(t.Context(), frame(t, s, "SYNTHETIC"))
	wantFault(t, err, "agent_absent")
	a.Start()
	_, err = s.Sign(t.Context(), frame(t, s, "SYNTHETIC"))
	wantFault(t, err, "agent_key_absent")
	a.Add(k)
	mustSign(t, s)
}

func TestManyClerksAtOneAgent(t *testing.T) {
	a := hsm.Agent(t)
	for _, line := range []string{a.Add(edKey(t)), a.Add(ecKey(t))} {
		s := mustAgent(t, a.Socket, line, Authority)
		var clerks sync.WaitGroup
		for range 16 {
			clerks.Go(func() {
				for range 4 {
					if _, err := s.Sign(t.Context(), frame(t, s, "SYNTHETIC")); err != nil {
						t.Error(err)
					}
				}
			})
		}
		clerks.Wait()
	}
}

// liar is an agent that answers what it likes.
type liar struct {
	agent.Agent
	sign func(ssh.PublicKey, []byte) (*ssh.Signature, error)
}

func (l liar) Sign(k ssh.PublicKey, data []byte) (*ssh.Signature, error) { return l.sign(k, data) }

// serve lets an agent of this process listen at a socket.
func serve(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs Unix sockets in the temporary folder")
	}
	dir, err := os.MkdirTemp("/tmp", "adamas-agent-") // short: a socket's path has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	var open sync.WaitGroup
	t.Cleanup(func() {
		l.Close()
		open.Wait()
		os.RemoveAll(dir)
	})
	open.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() {
				defer conn.Close()
				handle(conn)
			})
		}
	})
	return l.Addr().String()
}

func TestALyingAgentIsFoundOut(t *testing.T) {
	ed, ec := edKey(t), ecKey(t)
	type ecSig struct{ R, S *big.Int }
	blob := func(r, s *big.Int) []byte { return ssh.Marshal(ecSig{r, s}) }
	n := elliptic.P256().Params().N
	tests := []struct {
		name string
		key  any
		sign func(ssh.PublicKey, []byte) (*ssh.Signature, error)
		want string // "" means that it signs
	}{
		{"honest Ed25519", ed, func(_ ssh.PublicKey, m []byte) (*ssh.Signature, error) {
			return &ssh.Signature{Format: ssh.KeyAlgoED25519, Blob: ed25519.Sign(ed, m)}, nil
		}, ""},
		{"another message", ed, func(_ ssh.PublicKey, m []byte) (*ssh.Signature, error) {
			return &ssh.Signature{Format: ssh.KeyAlgoED25519, Blob: ed25519.Sign(ed, m[1:])}, nil
		}, "false_signature"},
		{"short signature", ed, func(_ ssh.PublicKey, m []byte) (*ssh.Signature, error) {
			return &ssh.Signature{Format: ssh.KeyAlgoED25519, Blob: ed25519.Sign(ed, m)[:40]}, nil
		}, "false_signature"},
		{"another format", ed, func(_ ssh.PublicKey, m []byte) (*ssh.Signature, error) {
			return &ssh.Signature{Format: ssh.KeyAlgoRSASHA256, Blob: ed25519.Sign(ed, m)}, nil
		}, "agent_failed"},
		{"bytes behind", ed, func(_ ssh.PublicKey, m []byte) (*ssh.Signature, error) {
			return &ssh.Signature{Format: ssh.KeyAlgoED25519, Blob: ed25519.Sign(ed, m), Rest: []byte{0}}, nil
		}, "agent_failed"},
		{"does not want to", ed, func(ssh.PublicKey, []byte) (*ssh.Signature, error) {
			return nil, errors.New("not confirmed")
		}, "agent_refused"},
		{"always the higher s", ec, func(_ ssh.PublicKey, m []byte) (*ssh.Signature, error) {
			d := sha256.Sum256(m)
			r, s, err := ecdsa.Sign(rand.Reader, ec, d[:])
			if hs := new(big.Int).Sub(n, s); hs.Cmp(s) > 0 {
				s = hs
			}
			return &ssh.Signature{Format: ssh.KeyAlgoECDSA256, Blob: blob(r, s)}, err
		}, ""},
		{"zero", ec, func(ssh.PublicKey, []byte) (*ssh.Signature, error) {
			return &ssh.Signature{Format: ssh.KeyAlgoECDSA256, Blob: blob(new(big.Int), new(big.Int))}, nil
		}, "agent_failed"},
		{"negative", ec, func(ssh.PublicKey, []byte) (*ssh.Signature, error) {
			return &ssh.Signature{Format: ssh.KeyAlgoECDSA256, Blob: blob(big.NewInt(-1), big.NewInt(1))}, nil
		}, "agent_failed"},
		{"33 bytes", ec, func(ssh.PublicKey, []byte) (*ssh.Signature, error) {
			return &ssh.Signature{Format: ssh.KeyAlgoECDSA256, Blob: blob(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1))}, nil
		}, "agent_failed"},
		{"not the curve's", ec, func(ssh.PublicKey, []byte) (*ssh.Signature, error) {
			return &ssh.Signature{Format: ssh.KeyAlgoECDSA256, Blob: blob(big.NewInt(5), big.NewInt(7))}, nil
		}, "false_signature"},
		{"no numbers", ec, func(ssh.PublicKey, []byte) (*ssh.Signature, error) {
			return &ssh.Signature{Format: ssh.KeyAlgoECDSA256, Blob: []byte("OK")}, nil
		}, "agent_failed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ring := agent.NewKeyring()
			if err := ring.Add(agent.AddedKey{PrivateKey: tt.key}); err != nil {
				t.Fatal(err)
			}
			socket := serve(t, func(c net.Conn) { agent.ServeAgent(liar{ring, tt.sign}, c) })
			keys, err := ring.List()
			if err != nil {
				t.Fatal(err)
			}
			s := mustAgent(t, socket, keys[0].String(), Authority)
			if tt.want == "" {
				mustSign(t, s)
				return
			}
			b, err := s.Sign(t.Context(), frame(t, s, "SYNTHETIC"))
			wantFault(t, err, tt.want)
			if b != nil {
				t.Error("bytes left")
			}
		})
	}
}

func TestASilentAgentIsGivenUp(t *testing.T) {
	silent := serve(t, func(c net.Conn) { c.Read(make([]byte, 1)); <-t.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := Agent(ctx, silent, "SHA256:"+strings.Repeat("A", 43), Office)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want that of the context", err)
	}
	wantFault(t, err, "agent_failed")
	rude := serve(t, func(c net.Conn) {})
	_, err = Agent(t.Context(), rude, "SHA256:"+strings.Repeat("A", 43), Office)
	wantFault(t, err, "agent_failed")
	babbling := serve(t, func(c net.Conn) { c.Write([]byte("\xff\xff\xff\xff")); c.Read(make([]byte, 64)) })
	_, err = Agent(t.Context(), babbling, "SHA256:"+strings.Repeat("A", 43), Office)
	wantFault(t, err, "agent_failed")
}
