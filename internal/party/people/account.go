package people

import (
	"context"
	"encoding/base64"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/party/people/passkey"
	"adamas.example/internal/party/people/proof"
	"adamas.example/internal/party/people/roster"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/store"
)

// What a person does with his own account. All of it but the language asks for a
// recent proof of identity: people.prove_again.

// ChooseLanguage sets the visitor's language. Fault: people.language.
func (s *Service) ChooseLanguage(ctx context.Context, v Visit, l lang.Language) error {
	return s.act(ctx, v, false, func(a *acting) error {
		p := a.me.Person
		p.Language = l
		if _, err := (Proposal{Login: p.Login, Name: p.Name, Language: l, Company: p.Company, Grants: p.Grants}).Checked(); err != nil {
			return err
		}
		if err := roster.Save(a.tx, p); err != nil {
			return err
		}
		return a.trail(trail.LanguageChosen, p.ID, "language", string(l))
	})
}

// SetPassword sets a password or changes it, and ends the visitor's other sessions.
// Who needs a second factor sets up the app first. Faults: those of proof,
// people.code_first.
func (s *Service) SetPassword(ctx context.Context, v Visit, password string) error {
	if err := s.Fresh(v); err != nil {
		return err // before anything is reckoned
	}
	if err := proof.CheckPassword(password, v.Person.Login, v.Person.Name); err != nil {
		return err
	}
	hash, err := s.hasher.Hash(ctx, s.cfg.Entropy, password)
	if err != nil {
		return err
	}
	return s.act(ctx, v, true, func(a *acting) error {
		if roster.NeedsSecond(a.me.Grants) && a.me.Secret == nil {
			return fault.Conflict("people.code_first", fault.At("password"))
		}
		if err := roster.SetPassword(a.tx, a.me.ID, hash); err != nil {
			return err
		}
		if _, err := endSessions(a.tx, a.me.ID, v.Session.ID); err != nil {
			return err
		}
		return a.trail(trail.PasswordChanged, a.me.ID)
	})
}

// RemovePassword takes away password, app and printed list, from who has a passkey.
// Fault: people.last_factor.
func (s *Service) RemovePassword(ctx context.Context, v Visit) error {
	return s.act(ctx, v, true, func(a *acting) error {
		if a.me.Passkeys == 0 {
			return fault.Conflict("people.last_factor")
		}
		if err := dropPassword(a.tx, a.me.ID); err != nil {
			return err
		}
		if _, err := endSessions(a.tx, a.me.ID, v.Session.ID); err != nil {
			return err
		}
		return a.trail(trail.PasswordRemoved, a.me.ID)
	})
}

// dropPassword takes away everything that is typed. The step stays: a code that was
// taken is not taken again by a new app either.
func dropPassword(tx *store.Tx, id ident.RecordID) error {
	if _, err := tx.Exec(`DELETE FROM party_code WHERE person = $1`, id); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE party_person SET password = '', code_secret = NULL WHERE id = $1`, id)
	return err
}

// pending gives the secret that is shown and not yet confirmed, and makes one when
// there is none: a page that is loaded again shows the same.
func (s *Service) pending(tx *store.Tx, r *roster.Row) (CodeSetUp, error) {
	secret, err := s.seal.Open(r.Pending, string(r.ID))
	if err != nil { // none, or one of a key that is lost
		if secret, err = proof.NewSecret(s.cfg.Entropy); err != nil {
			return CodeSetUp{}, err
		}
		if _, err := tx.Exec(`UPDATE party_person SET code_pending = $2 WHERE id = $1`, r.ID, s.seal.Close(secret, string(r.ID))); err != nil {
			return CodeSetUp{}, err
		}
	}
	return CodeSetUp{Secret: proof.Base32(secret), URI: proof.URI(s.cfg.Name, r.Login, secret)}, nil
}

// confirmCode makes the pending secret the person's by its first code, and makes a
// new printed list. Faults: people.code_wrong, people.code_not_begun.
func (s *Service) confirmCode(tx *store.Tx, r *roster.Row, code string) ([]string, error) {
	if r.Pending == nil {
		return nil, fault.Conflict("people.code_not_begun")
	}
	secret, err := s.seal.Open(r.Pending, string(r.ID))
	if err != nil {
		return nil, fault.Corrupt("people.code_sealed", fault.Because(err))
	}
	step, ok := proof.CheckCode(secret, code, tx.Now(), 0)
	if !ok {
		return nil, fault.Invalid("people.code_wrong", fault.At("code"))
	}
	if _, err := tx.Exec(`UPDATE party_person SET code_secret = code_pending, code_pending = NULL, code_step = $2 WHERE id = $1`, r.ID, step); err != nil {
		return nil, err
	}
	return s.newCodes(tx, r.ID)
}

func (s *Service) newCodes(tx *store.Tx, id ident.RecordID) ([]string, error) {
	if _, err := tx.Exec(`DELETE FROM party_code WHERE person = $1`, id); err != nil {
		return nil, err
	}
	codes, err := proof.NewRecoveryCodes(s.cfg.Entropy)
	if err != nil {
		return nil, err
	}
	for _, c := range codes {
		hash, _ := proof.RecoveryHash(c)
		if _, err := tx.Exec(`INSERT INTO party_code (person, hash) VALUES ($1, $2)`, id, hash[:]); err != nil {
			return nil, err
		}
	}
	return codes, nil
}

// StartOwnCode gives the secret for the visitor's app; the one he has serves until
// SetCode.
func (s *Service) StartOwnCode(ctx context.Context, v Visit) (c CodeSetUp, err error) {
	err = s.act(ctx, v, true, func(a *acting) (err error) {
		c, err = s.pending(a.tx, a.me)
		return err
	})
	return c, err
}

// SetCode takes the app into use by its first code, and gives a new list to print.
// Faults: people.too_fast, people.code_wrong, people.code_not_begun.
func (s *Service) SetCode(ctx context.Context, v Visit, code string) (codes []string, err error) {
	if err := s.slow(v.From); err != nil {
		return nil, err
	}
	err = s.act(ctx, v, true, func(a *acting) (err error) {
		if codes, err = s.confirmCode(a.tx, a.me, code); err != nil {
			return err
		}
		return a.trail(trail.CodeSet, a.me.ID)
	})
	return codes, err
}

// PrintCodes gives a new list; the old one no longer serves. Fault:
// people.code_not_begun for who has no app.
func (s *Service) PrintCodes(ctx context.Context, v Visit) (codes []string, err error) {
	err = s.act(ctx, v, true, func(a *acting) (err error) {
		if a.me.Secret == nil {
			return fault.Conflict("people.code_not_begun")
		}
		if codes, err = s.newCodes(a.tx, a.me.ID); err != nil {
			return err
		}
		return a.trail(trail.CodesMade, a.me.ID)
	})
	return codes, err
}

// CodesLeft counts the codes of the printed list that have not been used.
func (s *Service) CodesLeft(ctx context.Context, v Visit) (n int, err error) {
	err = s.read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT COUNT(*) FROM party_code WHERE person = $1`, v.Person.ID).Scan(&n)
	})
	return n, err
}

// StartOwnPasskey asks for a new passkey; AddPasskey reads the answer. Faults:
// people.no_passkeys.
func (s *Service) StartOwnPasskey(ctx context.Context, v Visit) (Ceremony, error) {
	if err := s.needDesk(); err != nil {
		return Ceremony{}, err
	}
	if err := s.Fresh(v); err != nil {
		return Ceremony{}, err
	}
	h, err := s.visiting(ctx, v)
	if err != nil {
		return Ceremony{}, err
	}
	id, options, err := s.desk.Register(s.now(), h, subjectOf(v, "register"))
	return Ceremony{id, options}, err
}

// AddPasskey keeps a new passkey. Faults: people.no_passkeys, people.name,
// people.ceremony_over, people.passkey_refused, people.passkeys_many,
// people.passkey_taken.
func (s *Service) AddPasskey(ctx context.Context, v Visit, name string, answer Answer) error {
	if err := s.needDesk(); err != nil {
		return err
	}
	name, err := roster.CheckName("passkey", name)
	if err != nil {
		return err
	}
	h, err := s.visiting(ctx, v)
	if err != nil {
		return err
	}
	c, err := s.desk.Registered(s.now(), h, subjectOf(v, "register"), answer.ID, answer.Response)
	if err != nil {
		return err
	}
	return s.act(ctx, v, true, func(a *acting) error {
		if err := passkey.Add(a.tx, a.me.ID, c, name, s.cfg.Limits.PasskeysOf); err != nil {
			return err
		}
		return a.trail(trail.PasskeyAdded, a.me.ID, append(passkey.Told(c), "passkey", name)...)
	})
}

// own finds a passkey of who acts. Fault: people.passkey_unknown.
func (a *acting) own(id string) (passkey.Kept, error) {
	raw, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil {
		return passkey.Kept{}, fault.NotFound("people.passkey_unknown")
	}
	k, err := passkey.By(a.tx, raw)
	if err == nil && k.Person != a.me.ID {
		return passkey.Kept{}, fault.NotFound("people.passkey_unknown")
	}
	return k, err
}

// RenamePasskey gives one of the visitor's another name. Faults: people.name,
// people.passkey_unknown.
func (s *Service) RenamePasskey(ctx context.Context, v Visit, id, name string) error {
	name, err := roster.CheckName("passkey", name)
	if err != nil {
		return err
	}
	return s.act(ctx, v, true, func(a *acting) error {
		k, err := a.own(id)
		if err != nil {
			return err
		}
		if _, err := a.tx.Exec(`UPDATE party_passkey SET name = $2 WHERE credential = $1`, k.Record.ID, name); err != nil {
			return err
		}
		return a.trail(trail.PasskeyRenamed, a.me.ID, "passkey", name, "before", k.Name)
	})
}

// RemovePasskey takes one away, but not the last thing that opens the account.
// Faults: people.passkey_unknown, people.last_factor.
func (s *Service) RemovePasskey(ctx context.Context, v Visit, id string) error {
	return s.act(ctx, v, true, func(a *acting) error {
		k, err := a.own(id)
		if err != nil {
			return err
		}
		left := a.me.Passkeys
		if k.Halted.IsZero() {
			left--
		}
		if left == 0 && (a.me.Hash == "" || roster.NeedsSecond(a.me.Grants) && a.me.Secret == nil) {
			return fault.Conflict("people.last_factor")
		}
		if _, err := a.tx.Exec(`DELETE FROM party_passkey WHERE credential = $1`, k.Record.ID); err != nil {
			return err
		}
		return a.trail(trail.PasskeyRemoved, a.me.ID, "passkey", k.Name, "credential", k.ID)
	})
}

// AddKey notes that a key is the visitor's own: he has just made it at this node. Noting
// it again changes nothing. Faults: people.key_taken, people.prove_again.
func (s *Service) AddKey(ctx context.Context, v Visit, k SigningKey) error {
	return s.act(ctx, v, true, func(a *acting) error {
		if added, err := roster.AddKey(a.tx, a.me.Person, k); err != nil || !added {
			return err
		}
		return a.trail(trail.KeyMade, a.me.ID, "key", k.ID.String())
	})
}

// KeyStated writes into the trail what the visitor has had the authority say of a key.
// about is its owner; "" where nobody here is. It stands in the register by now: neither a
// proof of identity that has grown old meanwhile nor a session that has ended keeps it out
// of the trail.
func (s *Service) KeyStated(ctx context.Context, v Visit, what trail.Act, about ident.RecordID, args ...string) error {
	return s.write(ctx, func(tx *store.Tx) error {
		return trail.Append(tx, trail.Record{Who: v.Person.ID, Act: what, About: about, Args: trail.Pairs(args), Address: v.From.Where()})
	})
}
