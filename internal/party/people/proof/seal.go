package proof

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/store/durable"
)

// Seal closes the secrets of codes, which the node must be able to read: no hash
// will do. The key lies in a file beside the ring and not in the database, so that
// a copy of the database, which is what backups and servers of others hold, does
// not give anybody's codes. It is in no age file: a node that is started at night
// has nobody to ask for a passphrase, and whoever can read the running node's
// folder can read its memory too.
type Seal struct{ aead cipher.AEAD }

// NewSeal makes one of 32 bytes.
func NewSeal(key []byte) (*Seal, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("proof: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("proof: %w", err)
	}
	return &Seal{aead}, nil
}

// Close seals a secret for its owner: it does not open for another, so that no row
// can be put in the place of another's.
func (s *Seal) Close(secret []byte, owner string) []byte {
	return s.aead.Seal(nil, nil, secret, []byte(owner))
}

// Open opens what Close closed for the owner.
func (s *Seal) Open(sealed []byte, owner string) ([]byte, error) {
	return s.aead.Open(nil, nil, sealed, []byte(owner))
}

const keySize = 32

const keyText = "# Opens the secrets of this office's sign-in codes. Keep it with the node's keys,\n# and in its backup; without it everybody sets up his app again.\n"

// LoadKey reads the key of a Seal from a file of mode 0600, and makes the file when
// it is not there. Fault: people.key_file.
func LoadKey(path string, entropy io.Reader) ([]byte, error) {
	key, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = makeKey(path, entropy); err == nil || errors.Is(err, fs.ErrExist) {
			key, err = readKey(path)
		}
	}
	if err != nil {
		return nil, fault.IO("people.key_file", fault.File(path), fault.Because(err))
	}
	return key, nil
}

func readKey(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 || info.Size() > 4096 {
		return nil, fmt.Errorf("mode %s, %d bytes: others may read it, or it is no file of ours", info.Mode(), info.Size())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	text, ok := strings.CutPrefix(string(b), keyText)
	key, err := hex.DecodeString(strings.TrimSuffix(text, "\n"))
	if err != nil || !ok || len(key) != keySize {
		return nil, errors.New("not in the form that is written here")
	}
	return key, nil
}

// makeKey makes the file whole or not at all, and never over another.
func makeKey(path string, entropy io.Reader) (err error) {
	key := make([]byte, keySize)
	if _, err := io.ReadFull(entropy, key); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".people-*") // of mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(keyText + hex.EncodeToString(key) + "\n")
	if syncing := f.Sync(); err == nil {
		err = syncing
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Link(f.Name(), path)
	}
	if err == nil {
		err = durable.SyncDir(filepath.Dir(path))
	}
	return err
}
