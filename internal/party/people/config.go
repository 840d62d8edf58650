package people

import (
	"errors"
	"io"
	"time"

	"adamas.example/internal/ident"
	"adamas.example/internal/store"
)

// Config is what a Service is made of.
type Config struct {
	Store   *store.Store
	Now     func() time.Time
	Entropy io.Reader // ids, tokens, codes; crypto/rand.Reader but in tests
	Office  ident.OfficeID
	Key     []byte // of 32 bytes, seals the secrets of codes: LoadKey
	Name    string // of the node, as authenticators and apps show it; empty: the office
	// RPID and Origins are WebAuthn's: the node's name in the net and the addresses
	// of its pages. Without RPID there are no passkeys (an office on a LAN over plain
	// http has none: design.md 12).
	RPID    string
	Origins []string
	Limits  Limits // what is zero is taken from DefaultLimits
}

// Limits are the times and numbers of the office's rules.
type Limits struct {
	InvitationDays int // that a link serves
	RecoveryDays   int // that a request waits for two administrators

	SessionLife time.Duration // at most
	SessionIdle time.Duration // unused
	FreshFor    time.Duration // that a proof of identity serves for acts that ask for one
	CeremonyFor time.Duration // that an authenticator may take

	Failures    int           // within FailuresIn, for one login
	FailuresIn  time.Duration //
	LockedFor   time.Duration //
	PerMinute   int           // tries from one address
	Burst       int           // at once
	Addresses   int           // remembered
	Passwords   int           // reckoned at once, 19 MiB each
	Waiting     int           // for their turn; more are refused
	PasskeysOf  int           // one person
	PagesOfList int           // rows of a page
}

// DefaultLimits are what an office has that decides nothing.
func DefaultLimits() Limits {
	return Limits{
		InvitationDays: 7, RecoveryDays: 7,
		SessionLife: 12 * time.Hour, SessionIdle: 30 * time.Minute, FreshFor: 5 * time.Minute, CeremonyFor: 5 * time.Minute,
		Failures: 10, FailuresIn: 15 * time.Minute, LockedFor: 15 * time.Minute,
		PerMinute: 20, Burst: 20, Addresses: 10_000, Passwords: 2, Waiting: 32, PasskeysOf: 10, PagesOfList: 50,
	}
}

func or[T int | time.Duration](given, otherwise T) T {
	if given > 0 {
		return given
	}
	return otherwise
}

// filled takes what is missing from DefaultLimits.
func (l Limits) filled() Limits {
	d := DefaultLimits()
	return Limits{
		InvitationDays: or(l.InvitationDays, d.InvitationDays), RecoveryDays: or(l.RecoveryDays, d.RecoveryDays),
		SessionLife: or(l.SessionLife, d.SessionLife), SessionIdle: or(l.SessionIdle, d.SessionIdle),
		FreshFor: or(l.FreshFor, d.FreshFor), CeremonyFor: or(l.CeremonyFor, d.CeremonyFor),
		Failures: or(l.Failures, d.Failures), FailuresIn: or(l.FailuresIn, d.FailuresIn), LockedFor: or(l.LockedFor, d.LockedFor),
		PerMinute: or(l.PerMinute, d.PerMinute), Burst: or(l.Burst, d.Burst), Addresses: or(l.Addresses, d.Addresses),
		Passwords: or(l.Passwords, d.Passwords), Waiting: or(l.Waiting, d.Waiting),
		PasskeysOf: or(l.PasskeysOf, d.PasskeysOf), PagesOfList: or(l.PagesOfList, d.PagesOfList),
	}
}

func (c Config) check() error {
	if c.Store == nil || c.Now == nil || c.Entropy == nil || c.Office == "" {
		return errors.New("people: Config wants Store, Now, Entropy and Office")
	}
	if len(c.Key) != 32 {
		return errors.New("people: Config wants a Key of 32 bytes")
	}
	return nil
}
