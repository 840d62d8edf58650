package keyring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"unicode/utf8"

	"filippo.io/age"

	"adamas.example/internal/fault"
)

// Lock closes new key files and opens existing ones. There are three: a
// *Passphrase, an Identity, and the Demonstration's.
type Lock interface {
	// recipient closes a new file in the ring at dir, identity opens one.
	recipient(ctx context.Context, dir string) (age.Recipient, error)
	identity(ctx context.Context, dir string) (age.Identity, error)
	// refused is told that the identity did not open a file whose age header has
	// these types, and gives the fault.
	refused(stanzas []string) error
	synthetic() bool
}

// closing is a way to close a file, in faults.
type closing string

const (
	byPassphrase closing = "passphrase"
	byIdentity   closing = "identity"
)

// TextKeys names the words for the way, for lang.
func (c closing) TextKeys() []string { return []string{"keyring.lock." + string(c)} }

// lockOf tells from the types of an age header how a file was closed.
func lockOf(stanzas []string) closing {
	if len(stanzas) == 1 && stanzas[0] == "scrypt" {
		return byPassphrase
	}
	return byIdentity
}

func otherLock(is, used closing) error {
	return fault.Usage("keyring.other_lock", fault.Arg("lock", is), fault.Arg("used", used))
}

// MinPassphrase is the least length of a passphrase for a new key, in
// characters.
const MinPassphrase = 12

const (
	defaultWork = 18 // age's own: about a second, and 256 MiB for as long
	maxWork     = 20 // a file that asks for more is refused, not obeyed
)

// Passphrase closes key files with a passphrase (scrypt).
type Passphrase struct {
	// Ask is called when the passphrase is first needed, once for the life of
	// the lock, and again only after a wrong answer.
	Ask func(context.Context) (string, error)
	// WorkFactor is the base-2 logarithm of scrypt's cost for new files, at most
	// 20; 0 means 18. Small machines and tests choose less.
	WorkFactor int

	mu     sync.Mutex
	answer string
}

func (p *Passphrase) get(ctx context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answer == "" {
		answer, err := p.Ask(ctx)
		if err != nil {
			return "", fmt.Errorf("asking for the passphrase: %w", err)
		}
		if answer == "" {
			return "", fault.Invalid("keyring.passphrase_short", fault.Arg("least", MinPassphrase))
		}
		p.answer = answer
	}
	return p.answer, nil
}

func (p *Passphrase) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = ""
}

func (p *Passphrase) recipient(ctx context.Context, _ string) (age.Recipient, error) {
	answer, err := p.get(ctx)
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(answer) < MinPassphrase {
		p.forget()
		return nil, fault.Invalid("keyring.passphrase_short", fault.Arg("least", MinPassphrase))
	}
	r, err := age.NewScryptRecipient(answer)
	if err != nil {
		return nil, fmt.Errorf("passphrase: %w", err)
	}
	work := p.WorkFactor
	if work == 0 {
		work = defaultWork
	}
	r.SetWorkFactor(min(max(work, 1), maxWork))
	return r, nil
}

func (p *Passphrase) identity(ctx context.Context, _ string) (age.Identity, error) {
	answer, err := p.get(ctx)
	if err != nil {
		return nil, err
	}
	id, err := age.NewScryptIdentity(answer)
	if err != nil {
		return nil, fmt.Errorf("passphrase: %w", err)
	}
	id.SetMaxWorkFactor(maxWork)
	return id, nil
}

func (p *Passphrase) refused(stanzas []string) error {
	if is := lockOf(stanzas); is != byPassphrase {
		return otherLock(is, byPassphrase)
	}
	p.forget()
	return fault.Unproven("keyring.wrong_passphrase")
}

func (p *Passphrase) synthetic() bool { return false }

type identityLock struct{ id *age.X25519Identity }

// Identity closes key files to an age identity (AGE-SECRET-KEY-1…) that is kept
// elsewhere: on a stick, in a secret store. text may be a whole identity file
// with its comments; it must hold one identity. Fault: keyring.identity_form.
func Identity(text string) (Lock, error) {
	id, err := parseIdentity(text)
	if err != nil {
		return nil, fault.Invalid("keyring.identity_form")
	}
	return identityLock{id}, nil
}

func parseIdentity(text string) (*age.X25519Identity, error) {
	ids, err := age.ParseIdentities(strings.NewReader(text))
	if err != nil {
		return nil, errors.New("not an age identity file")
	}
	id, ok := ids[0].(*age.X25519Identity)
	if !ok || len(ids) != 1 {
		return nil, errors.New("not one X25519 identity")
	}
	return id, nil
}

func (l identityLock) recipient(context.Context, string) (age.Recipient, error) {
	return l.id.Recipient(), nil
}

func (l identityLock) identity(context.Context, string) (age.Identity, error) { return l.id, nil }

func (l identityLock) refused(stanzas []string) error {
	if is := lockOf(stanzas); is != byIdentity {
		return otherLock(is, byIdentity)
	}
	return fault.Unproven("keyring.wrong_identity")
}

func (l identityLock) synthetic() bool { return false }

// demonstrationFile lies beside the keys it opens.
const demonstrationFile = "SYNTHETIC.identity"

const demonstrationText = "# SYNTHETIC. This identity opens every key beside it, without a passphrase.\n" +
	"# It serves the demonstration; keys of real offices are never closed to it.\n"

type demonstration struct{}

// Demonstration closes key files to an identity that lies in the ring itself,
// so that no passphrase is asked. Its keys are SYNTHETIC for ever.
func Demonstration() Lock { return demonstration{} }

func (demonstration) recipient(ctx context.Context, dir string) (age.Recipient, error) {
	path := filepath.Join(dir, demonstrationFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			return nil, fmt.Errorf("demonstration identity: %w", err)
		}
		err = writeNew(path, []byte(demonstrationText+id.String()+"\n"))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, errWrite(path, err)
		}
	}
	id, err := demonstration{}.open(dir)
	if err != nil {
		return nil, err
	}
	return id.Recipient(), nil
}

func (d demonstration) identity(_ context.Context, dir string) (age.Identity, error) {
	return d.open(dir)
}

func (demonstration) open(dir string) (*age.X25519Identity, error) {
	path := filepath.Join(dir, demonstrationFile)
	b, err := readPrivate(path, maxCard)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.NotFound("keyring.identity_missing", fault.File(path), fault.Because(err))
	}
	if err != nil {
		return nil, err
	}
	id, err := parseIdentity(string(b))
	if err != nil || string(b) != demonstrationText+id.String()+"\n" {
		return nil, errDamaged(path, err)
	}
	return id, nil
}

func (demonstration) refused(stanzas []string) error {
	return identityLock{}.refused(stanzas)
}

func (demonstration) synthetic() bool { return true }

// seal encrypts text to r.
func seal(r age.Recipient, text []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, r)
	if err == nil {
		_, err = w.Write(text)
		err = errors.Join(err, w.Close())
	}
	if err != nil {
		return nil, fmt.Errorf("sealing a key: %w", err)
	}
	return out.Bytes(), nil
}

// unseal decrypts b; the fault of an identity that does not fit is the lock's,
// anything else means that b is damaged.
func unseal(l Lock, id age.Identity, b []byte) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(b), id)
	if err != nil {
		if miss, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
			return nil, l.refused(miss.StanzaTypes)
		}
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, maxKeyFile))
}
