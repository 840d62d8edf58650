package people

import (
	"context"
	"strconv"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/party/people/lockout"
	"adamas.example/internal/party/people/proof"
	"adamas.example/internal/party/people/roster"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/store"
)

func digits(n int64) string { return strconv.FormatInt(n, 10) }

// typed is a password reckoned before the transaction that decides.
type typed struct {
	stored string // by which it was reckoned
	right  bool
	anew   string // the text to store instead, when the cost has changed
	code   string
}

// reckon reckons a password. login is folded, empty for what is none.
func (s *Service) reckon(ctx context.Context, key []byte, login, password, code string) (t typed, err error) {
	err = s.read(ctx, func(tx *store.Tx) error {
		if err := lockout.Check(tx, key); err != nil {
			return err
		}
		r, err := roster.ByLogin(tx, login)
		if err == nil && r != nil && r.State == Active {
			t.stored = r.Hash
		}
		return err
	})
	if err != nil {
		return t, err
	}
	t.code = code
	right, renew, err := s.hasher.Verify(ctx, t.stored, password)
	t.right = right
	if err == nil && renew {
		t.anew, err = s.hasher.Hash(ctx, s.cfg.Entropy, password)
	}
	return t, err
}

// decidePassword decides on a password and a code in the transaction. r may be nil.
func (s *Service) decidePassword(tx *store.Tx, r *roster.Row, t typed) (way Way, ok bool, err error) {
	if r == nil || r.State != Active || !t.right || r.Hash != t.stored {
		return "", false, nil
	}
	way = ByPassword
	if r.Secret != nil {
		if way, ok, err = s.takeCode(tx, r, t.code); err != nil || !ok {
			return way, false, err
		}
	} else if roster.NeedsSecond(r.Grants) {
		return "", false, nil
	}
	if t.anew != "" {
		err = roster.SetPassword(tx, r.ID, t.anew)
	}
	return way, true, err
}

// takeCode takes a code of the app or of the printed list, each once.
func (s *Service) takeCode(tx *store.Tx, r *roster.Row, code string) (Way, bool, error) {
	secret, err := s.seal.Open(r.Secret, string(r.ID))
	if err != nil {
		return "", false, fault.Corrupt("people.code_sealed", fault.Because(err))
	}
	if step, ok := proof.CheckCode(secret, code, tx.Now(), r.Step); ok {
		_, err := tx.Exec(`UPDATE party_person SET code_step = $2 WHERE id = $1`, r.ID, step)
		return ByCode, true, err
	}
	hash, ok := proof.RecoveryHash(code)
	if !ok {
		return "", false, nil
	}
	n, err := tx.Exec(`DELETE FROM party_code WHERE person = $1 AND hash = $2`, r.ID, hash[:])
	return ByRecovery, n == 1, err
}

// SignIn begins a session by password, with a code for everybody who has an app or
// needs one. Faults: people.too_fast, people.locked, people.busy,
// people.sign_in_refused, which does not say what was wrong.
func (s *Service) SignIn(ctx context.Context, from From, in Typed) (entry Entry, err error) {
	if err := s.slow(from); err != nil {
		return entry, err
	}
	login, _ := roster.FoldLogin(in.Login) // what is no login is nobody's
	key := lockout.Key(in.Login)
	t, err := s.reckon(ctx, key, login, in.Password, in.Code)
	if err != nil {
		return entry, err
	}
	err = s.decide(ctx, func(tx *store.Tx) (refused, err error) {
		entry = Entry{}
		// Many at once have all been found unlocked above; here they come one by one.
		if err := lockout.Check(tx, key); err != nil {
			return nil, err
		}
		r, err := roster.ByLogin(tx, login)
		if err != nil {
			return nil, err
		}
		way, ok, err := s.decidePassword(tx, r, t)
		if err != nil {
			return nil, err
		}
		if !ok {
			var about ident.RecordID
			if r != nil {
				about = r.ID
			}
			return s.lock.Failed(tx, key, trail.Record{Act: trail.SignInFailed, About: about, Address: from.Where()})
		}
		if err := lockout.Forget(tx, key); err != nil {
			return nil, err
		}
		entry, err = s.enter(tx, r, from, way)
		return nil, err
	})
	return entry, err
}

// enter begins a session and says so in the trail.
func (s *Service) enter(tx *store.Tx, r *roster.Row, from From, way Way) (Entry, error) {
	entry, err := s.begin(tx, r, from, way)
	if err != nil {
		return entry, err
	}
	return entry, trail.Append(tx, trail.Record{Who: r.ID, Act: trail.SignedIn, About: r.ID,
		Args: trail.Pairs([]string{"way", string(way), "browser", entry.Visit.Session.Browser}), Address: from.Where()})
}

// Prove is a proof of identity within a session, by password and code. Faults: those
// of SignIn, and people.session_over.
func (s *Service) Prove(ctx context.Context, v Visit, password, code string) error {
	if err := s.slow(v.From); err != nil {
		return err
	}
	key := lockout.Key(v.Person.Login)
	t, err := s.reckon(ctx, key, v.Person.Login, password, code)
	if err != nil {
		return err
	}
	return s.decide(ctx, func(tx *store.Tx) (refused, err error) {
		o, r, err := s.standing(tx, `s.id = $1`, v.Session.ID)
		if err != nil {
			return nil, err
		}
		if err := lockout.Check(tx, key); err != nil {
			return nil, err
		}
		way, ok, err := s.decidePassword(tx, r, t)
		if err != nil {
			return nil, err
		}
		note := trail.Record{Who: r.ID, Act: trail.ProofFailed, About: r.ID, Address: v.From.Where()}
		if !ok {
			return s.lock.Failed(tx, key, note)
		}
		if err := lockout.Forget(tx, key); err != nil {
			return nil, err
		}
		note.Act, note.Args = trail.Proved, trail.Pairs([]string{"way", string(way)})
		if err := trail.Append(tx, note); err != nil {
			return nil, err
		}
		return nil, proved(tx, o.ID)
	})
}
