package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"sync"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/party/people/arrival"
	"adamas.example/internal/party/people/lockout"
	"adamas.example/internal/party/people/passkey"
	"adamas.example/internal/party/people/proof"
	"adamas.example/internal/party/people/roster"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/store"
)

// Service is the office's people. It is safe for any number of goroutines.
type Service struct {
	cfg    Config
	hasher *proof.Hasher
	seal   *proof.Seal
	desk   *passkey.Desk // nil without RPID
	rates  *arrival.Rates
	lock   lockout.Rule

	mu    sync.Mutex
	setUp [32]byte // SHA-256 of the secret of OpenSetUp; zero: none is open
}

// New makes a Service. It touches no table.
func New(c Config) (*Service, error) { return newAt(c, proof.OfficeCost()) }

// newAt is New with a cost of its own: tests reckon many passwords.
func newAt(c Config, cost proof.Cost) (*Service, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	c.Limits = c.Limits.filled()
	if c.Name == "" {
		c.Name = string(c.Office)
	}
	s := &Service{cfg: c, rates: arrival.NewRates(c.Limits.PerMinute, c.Limits.Burst, c.Limits.Addresses)}
	s.lock = lockout.Rule{Failures: c.Limits.Failures, Within: c.Limits.FailuresIn, For: c.Limits.LockedFor, ID: s.id}
	var err error
	if s.hasher, err = proof.NewHasher(cost, c.Limits.Passwords, c.Limits.Waiting); err != nil {
		return nil, err
	}
	if s.seal, err = proof.NewSeal(c.Key); err != nil {
		return nil, err
	}
	if c.RPID != "" {
		s.desk, err = passkey.New(passkey.Config{RPID: c.RPID, Origins: c.Origins, Name: c.Name, For: c.Limits.CeremonyFor, Entropy: c.Entropy})
	}
	return s, err
}

// LoadKey reads the key for Config.Key from a file, usually people.key beside the
// node's ring, and makes it when it is not there. Fault: people.key_file.
func LoadKey(path string) ([]byte, error) { return proof.LoadKey(path, rand.Reader) }

// HasPasskeys tells whether this node can ask for passkeys.
func (s *Service) HasPasskeys() bool { return s.desk != nil }

// Origins are the addresses at which passkeys work, the one for links first.
func (s *Service) Origins() []string { return s.cfg.Origins }

// Permissions are the rights this package speaks of. What an administrator
// administers it checks itself, by the grants of the person concerned.
func Permissions() []access.Permission {
	everybody := access.Roles()
	return []access.Permission{
		{Name: "people.account", Holders: everybody[:len(everybody)-1], Anywhere: true},
		{Name: "people.manage", Holders: []access.Role{access.Administrator}},
		{Name: "people.trail", Holders: []access.Role{access.Administrator}},
	}
}

func (s *Service) now() time.Time { return s.cfg.Now().UTC().Truncate(time.Microsecond) }

func (s *Service) id(at time.Time) (ident.RecordID, error) {
	return ident.NewRecordID(at, s.cfg.Entropy)
}

// token makes 256 bits for a cookie or a link, and what is stored of them.
func (s *Service) token() (token string, stored []byte, err error) {
	b := make([]byte, 32)
	if _, err := io.ReadFull(s.cfg.Entropy, b); err != nil {
		return "", nil, fmt.Errorf("people: %w", err)
	}
	token = base64.RawURLEncoding.EncodeToString(b)
	return token, hashed(token), nil
}

// hashed is what is stored of a token. It is random, so that a plain hash keeps it,
// and looking it up by the hash tells nothing by the time it takes.
func hashed(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

func (s *Service) read(ctx context.Context, fn func(*store.Tx) error) error {
	return s.cfg.Store.Read(ctx, s.now(), fn)
}

func (s *Service) write(ctx context.Context, fn func(*store.Tx) error) error {
	return s.cfg.Store.Write(ctx, s.now(), fn)
}

// decide is write for acts whose refusal leaves something behind: a failure that
// counts, a row of the trail.
func (s *Service) decide(ctx context.Context, fn func(*store.Tx) (refused, err error)) error {
	var refused error
	err := s.write(ctx, func(tx *store.Tx) (err error) {
		refused, err = fn(tx)
		return err
	})
	if err != nil {
		return err
	}
	return refused
}

// acting is a visitor within the transaction of his act, as he stands there.
type acting struct {
	tx   *store.Tx
	me   *roster.Row
	from From
}

// act runs fn for a visitor whose session and account are read again. fresh asks
// for a recent proof of identity. Faults: people.session_over, people.prove_again.
func (s *Service) act(ctx context.Context, v Visit, fresh bool, fn func(*acting) error) error {
	return s.write(ctx, func(tx *store.Tx) error {
		session, me, err := s.standing(tx, `s.id = $1`, v.Session.ID)
		if err != nil {
			return err
		}
		if fresh && !s.isFresh(session, tx.Now()) {
			return s.errProve()
		}
		return fn(&acting{tx, me, v.From})
	})
}

func (a *acting) trail(what trail.Act, about ident.RecordID, args ...string) error {
	return a.note(what, about, trail.Pairs(args))
}

func (a *acting) note(what trail.Act, about ident.RecordID, args map[string]string) error {
	return trail.Append(a.tx, trail.Record{Who: a.me.ID, Act: what, About: about, Args: args, Address: a.from.Where()})
}

// minutes is a length of time for words, at least one.
func minutes(d time.Duration) int { return max(1, int((d+time.Minute-1)/time.Minute)) }

func (s *Service) errProve() error {
	return fault.Unproven("people.prove_again", fault.Arg("minutes", minutes(s.cfg.Limits.FreshFor)))
}

// slow refuses an address that tries too often. Fault: people.too_fast.
func (s *Service) slow(from From) error {
	if s.rates.Allow(from, s.now()) {
		return nil
	}
	return fault.Limited("people.too_fast")
}
