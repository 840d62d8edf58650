package keyring

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"filippo.io/age"

	"adamas.example/internal/fault"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
)

const (
	keySuffix  = ".key.age"
	cardSuffix = ".pub"
)

// Ring is a folder of keys, all opened by one Lock. It is safe for concurrent
// use, and several processes may share the folder: nothing in it changes.
type Ring struct {
	dir  string
	lock Lock
	mu   sync.Mutex // one opening at a time: each may take 256 MiB
}

// Create makes the folder dir, if it is not there, and opens it. Faults:
// keyring.folder_create, too_open.
func Create(dir string, lock Lock) (*Ring, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.CannotCreate("keyring.folder_create", fault.File(dir), fault.Because(err))
	}
	return Open(dir, lock)
}

// Open opens an existing folder. No key is decrypted and lock asks for nothing
// yet. Faults: keyring.folder_missing, too_open.
func Open(dir string, lock Lock) (*Ring, error) {
	if err := checkFolder(dir); err != nil {
		return nil, err
	}
	return &Ring{dir: dir, lock: lock}, nil
}

// Spec says what key to make.
type Spec struct {
	Name      string // 1 to 64 of a-z, 0-9 and hyphen
	Purpose   Purpose
	Algorithm statement.Algorithm // 0 means EdDSA; Log, Witness and Message keys have no choice
	Label     string              // origin of a Log, name of a Witness; empty for others
	Created   time.Time           // cut to whole seconds UTC
}

func (s *Spec) check() error {
	if !validName(s.Name) {
		return fault.Invalid("keyring.name", fault.At("name"), fault.Text(s.Name))
	}
	if !s.Purpose.known() {
		return errPurpose(s.Purpose)
	}
	s.Created = s.Created.UTC().Truncate(time.Second)
	if !validTime(s.Created) {
		return fault.Invalid("keyring.created", fault.At("created"))
	}
	if s.Algorithm == 0 && s.Purpose != Message {
		s.Algorithm = statement.EdDSA
	}
	switch {
	case s.Purpose == Message && s.Algorithm == 0, s.Algorithm == statement.EdDSA && s.Purpose != Message,
		s.Algorithm == statement.ES256 && s.Purpose != Message && !s.Purpose.signsNotes():
	default:
		return fault.Invalid("keyring.algorithm", fault.At("algorithm"),
			fault.Arg("algorithm", s.Algorithm.String()), fault.Arg("purpose", s.Purpose))
	}
	if (s.Label != "") != s.Purpose.signsNotes() {
		return errLabel(s.Label, errors.New("log and witness keys have a label, others have none"))
	}
	return nil
}

// card makes the card of a key with that public half: an ed25519.PublicKey, an
// *ecdsa.PublicKey or an *age.X25519Recipient.
func (s *Spec) card(public any, synthetic bool) (*Card, error) {
	c := &Card{Name: s.Name, Purpose: s.Purpose, Created: s.Created, Synthetic: synthetic}
	if r, ok := public.(*age.X25519Recipient); ok {
		c.Recipient = r.String()
		return c, nil
	}
	var err error
	if c.Key, err = statement.NewKey(public); err != nil {
		return nil, fault.Invalid("keyring.unsuitable", fault.Arg("purpose", s.Purpose), fault.Because(err))
	}
	if ed, ok := public.(ed25519.PublicKey); ok && s.Label != "" {
		c.VKey = vkeyOf(s.Purpose, s.Label, ed)
		if _, err := policy.ParseVKey(c.VKey); err != nil {
			return nil, errLabel(s.Label, err)
		}
	}
	return c, nil
}

// New makes a key, writes its two files and gives its card. In a ring of the
// Demonstration it is SYNTHETIC. Faults: keyring.name, purpose, algorithm,
// label, created, exists, write, and those of the lock.
func (r *Ring) New(ctx context.Context, spec Spec) (*Card, error) {
	if err := spec.check(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if exists(r.path(spec.Name, keySuffix)) || exists(r.path(spec.Name, cardSuffix)) {
		return nil, errExists(spec.Name)
	}
	s, err := generate(spec.Purpose, spec.Algorithm)
	if err != nil {
		return nil, fmt.Errorf("making key %s: %w", spec.Name, err)
	}
	card, err := spec.card(s.public(), r.lock.synthetic())
	if err != nil {
		return nil, err
	}
	if err := r.put(ctx, card, s); err != nil {
		return nil, err
	}
	return card, nil
}

// put writes the key, then the card: a card never speaks of a key that is not
// on the disk.
func (r *Ring) put(ctx context.Context, card *Card, s secret) error {
	text, err := s.render(card)
	if err != nil {
		return err
	}
	// A key that could be written and not read would be missed only when an
	// office stands still.
	if _, _, err := parseSecret(text); err != nil {
		return fmt.Errorf("key %s cannot be read back: %w", card.Name, err)
	}
	to, err := r.lock.recipient(ctx, r.dir)
	if err != nil {
		return err
	}
	sealed, err := seal(to, text)
	if err != nil {
		return err
	}
	keyPath := r.path(card.Name, keySuffix)
	if err := writeNew(keyPath, sealed); err != nil {
		return putFailed(card.Name, keyPath, err)
	}
	if err = r.putCard(card, sealed); err != nil {
		if err := os.Remove(keyPath); err != nil {
			return errWrite(keyPath, err) // a key without a card stays behind: see Mend
		}
	}
	return err
}

// putCard writes the card of a key that is on the disk.
func (r *Ring) putCard(card *Card, sealed []byte) error {
	card.sealed = canonical.Sum(sealed)
	public, err := card.Encode()
	if err != nil {
		return err
	}
	path := r.path(card.Name, cardSuffix)
	return putFailed(card.Name, path, writeNew(path, public))
}

func putFailed(name, path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrExist):
		return errExists(name)
	case err != nil:
		return errWrite(path, err)
	}
	return nil
}

func errExists(name string) error {
	return fault.Conflict("keyring.exists", fault.At("name"), fault.Arg("name", name))
}

func (r *Ring) path(name, suffix string) string { return filepath.Join(r.dir, name+suffix) }

// Cards lists the keys of the ring by name. Damaged cards are left out and
// reported together in the error, beside the good ones.
func (r *Ring) Cards() ([]*Card, error) {
	entries, err := os.ReadDir(r.dir)
	if err != nil {
		return nil, errRead(r.dir, err)
	}
	var cards []*Card
	var faults fault.List
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), cardSuffix)
		if !ok {
			if name, ok = strings.CutSuffix(e.Name(), keySuffix); !ok || exists(r.path(name, cardSuffix)) {
				continue
			}
		}
		c, err := r.Card(name)
		if err != nil {
			faults.Add(err)
			continue
		}
		cards = append(cards, c)
	}
	return cards, faults.Err()
}

// Card gives the public half of a key. Faults: keyring.not_found, unfinished
// (a key file without a card), card_damaged, read.
func (r *Ring) Card(name string) (*Card, error) {
	if !validName(name) {
		return nil, fault.NotFound("keyring.not_found", fault.At("name"), fault.Text(name), fault.File(r.dir))
	}
	path := r.path(name, cardSuffix)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if keyPath := r.path(name, keySuffix); exists(keyPath) {
			return nil, fault.Corrupt("keyring.unfinished", fault.File(keyPath), fault.Because(err))
		}
		return nil, fault.NotFound("keyring.not_found", fault.At("name"), fault.Text(name), fault.File(r.dir), fault.Because(err))
	}
	if err != nil {
		return nil, errRead(path, err)
	}
	c, err := parseCard(b)
	if err == nil && (c.Name != name || c.sealed.IsZero()) {
		err = fmt.Errorf("the card of key %s", c.Name)
	}
	if err != nil {
		return nil, fault.Corrupt("keyring.card_damaged", fault.File(path), fault.Because(err))
	}
	return c, nil
}

// Signer opens a key for a purpose, which must be its own. Faults: those of
// Card; keyring.key_missing (a card without its key file); other_purpose; synthetic_only for a SYNTHETIC key in a ring
// that is not the Demonstration's and not_synthetic for the reverse; too_open;
// damaged; wrong_passphrase, wrong_identity, other_lock.
func (r *Ring) Signer(ctx context.Context, name string, p Purpose) (*Signer, error) {
	card, s, err := r.open(ctx, name, p)
	if err != nil {
		return nil, err
	}
	if s.signer == nil {
		return nil, errPurpose(p)
	}
	signer, err := NewSigner(p, s.signer)
	if err != nil {
		return nil, err
	}
	signer.label, signer.synthetic = card.Label(), card.Synthetic
	return signer, nil
}

// Messages opens the Message key of an office: the identity that reads what was
// encrypted to its card's Recipient. Faults as Signer.
func (r *Ring) Messages(ctx context.Context, name string) (*age.X25519Identity, error) {
	_, s, err := r.open(ctx, name, Message)
	return s.identity, err
}

func (r *Ring) open(ctx context.Context, name string, p Purpose) (*Card, secret, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	card, err := r.Card(name)
	if err != nil {
		return nil, secret{}, err
	}
	switch {
	case card.Purpose != p:
		err = fault.Forbidden("keyring.other_purpose", fault.Arg("name", name),
			fault.Arg("purpose", card.Purpose), fault.Arg("wanted", p))
	case card.Synthetic && !r.lock.synthetic():
		err = fault.Forbidden("keyring.synthetic_only", fault.Arg("key", name))
	case !card.Synthetic && r.lock.synthetic():
		err = fault.Forbidden("keyring.not_synthetic", fault.Arg("key", name))
	}
	if err != nil {
		return nil, secret{}, err
	}
	s, err := r.decrypt(ctx, card)
	return card, s, err
}

// decrypt opens the file of card and proves it to be the card's.
func (r *Ring) decrypt(ctx context.Context, card *Card) (secret, error) {
	path := r.path(card.Name, keySuffix)
	b, err := readPrivate(path, maxKeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return secret{}, fault.NotFound("keyring.key_missing", fault.Arg("name", card.Name), fault.File(path), fault.Because(err))
	}
	if err != nil {
		return secret{}, err
	}
	// Before the passphrase is asked for: a damaged file must not look like a
	// wrong passphrase, which age could not always tell apart.
	if canonical.Sum(b) != card.sealed {
		return secret{}, errDamaged(path, errors.New("its SHA-256 is not the one in the card"))
	}
	inside, s, err := r.unsealed(ctx, card.Name, b)
	if err != nil {
		return secret{}, err
	}
	inside.sealed = card.sealed
	if !inside.equal(card) {
		return secret{}, fault.Corrupt("keyring.card_damaged", fault.File(r.path(card.Name, cardSuffix)),
			fault.Because(errors.New("it differs from the card inside the key file")))
	}
	return s, nil
}

// unsealed opens what stands in a key file: the card inside, which has no digest of the
// file, and the key.
func (r *Ring) unsealed(ctx context.Context, name string, b []byte) (*Card, secret, error) {
	path := r.path(name, keySuffix)
	text, err := r.text(ctx, name, path, b)
	if err != nil {
		return nil, secret{}, err
	}
	inside, s, err := parseSecret(text)
	if err != nil {
		return nil, secret{}, errDamaged(path, err)
	}
	return inside, s, nil
}

// text opens a file of the ring.
func (r *Ring) text(ctx context.Context, name, path string, b []byte) ([]byte, error) {
	id, err := r.lock.identity(ctx, r.dir)
	if err != nil {
		return nil, err
	}
	text, err := unseal(r.lock, id, b)
	if _, told := fault.Of(err); told {
		return nil, fault.Locate(err, fault.File(path), fault.Arg("name", name))
	}
	if err != nil {
		return nil, errDamaged(path, err)
	}
	return text, nil
}
