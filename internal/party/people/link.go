package people

import (
	"context"
	"errors"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/party/people/passkey"
	"adamas.example/internal/party/people/proof"
	"adamas.example/internal/party/people/roster"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/store"
)

const day = 24 * time.Hour

// makeLink makes a one-time link for somebody, in the place of any he has.
func (s *Service) makeLink(tx *store.Tx, person, by ident.RecordID, kind LinkKind) (string, error) {
	if _, err := tx.Exec(`DELETE FROM party_invitation WHERE person = $1`, person); err != nil {
		return "", err
	}
	id, err := s.id(tx.Now())
	if err != nil {
		return "", err
	}
	token, stored, err := s.token()
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(`INSERT INTO party_invitation (id, person, kind, token, made, made_by, expires) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, person, string(kind), stored, tx.Now(), by, tx.Now().Add(time.Duration(s.cfg.Limits.InvitationDays)*day))
	return token, err
}

// opened is a link that serves.
type opened struct {
	id      ident.RecordID
	kind    LinkKind
	expires time.Time
	person  *roster.Row
}

// open finds what a link leads to. Fault: people.link_over, for one that was used,
// withdrawn, replaced, that expired, or that never was.
func (s *Service) open(tx *store.Tx, token string) (o opened, err error) {
	var person ident.RecordID
	err = tx.QueryRow(`SELECT id, kind, expires, person FROM party_invitation WHERE token = $1`, hashed(token)).
		Scan(&o.id, &o.kind, store.ScanTime(&o.expires), &person)
	if errors.Is(err, store.ErrNoRows) || err == nil && !tx.Now().Before(o.expires) {
		return o, fault.NotFound("people.link_over")
	}
	if err != nil {
		return o, err
	}
	if o.person, err = roster.ByID(tx, person); err != nil {
		return o, err
	}
	if o.kind == ForInvitation && o.person.State != Invited || o.kind == ForRecovery && o.person.State != Active {
		return o, fault.NotFound("people.link_over")
	}
	return o, nil
}

// Link says what a token leads to. Faults: people.too_fast, people.link_over.
func (s *Service) Link(ctx context.Context, from From, token string) (l Link, err error) {
	o, err := s.openSlowly(ctx, from, token)
	if err != nil {
		return l, err
	}
	return Link{Person: o.person.Person, Kind: o.kind, Expires: o.expires}, nil
}

func (s *Service) openSlowly(ctx context.Context, from From, token string) (o opened, err error) {
	if err := s.slow(from); err != nil {
		return o, err
	}
	err = s.read(ctx, func(tx *store.Tx) (err error) {
		o, err = s.open(tx, token)
		return err
	})
	return o, err
}

// StartCode gives the secret for the app of who has a link. Faults as of Link.
func (s *Service) StartCode(ctx context.Context, from From, token string) (c CodeSetUp, err error) {
	if err := s.slow(from); err != nil {
		return c, err
	}
	err = s.write(ctx, func(tx *store.Tx) error {
		o, err := s.open(tx, token)
		if err == nil {
			c, err = s.pending(tx, o.person)
		}
		return err
	})
	return c, err
}

// linkHolder is who has a link, for authenticators. Those he has already count for
// nothing in a recovery, and are not excluded.
func linkHolder(o opened) passkey.Holder {
	return passkey.Holder{ID: string(o.person.ID), Login: o.person.Login, Name: o.person.Name}
}

// StartPasskey asks for the passkey of who has a link. Faults as of Link, and
// people.no_passkeys.
func (s *Service) StartPasskey(ctx context.Context, from From, token string) (Ceremony, error) {
	if err := s.needDesk(); err != nil {
		return Ceremony{}, err
	}
	o, err := s.openSlowly(ctx, from, token)
	if err != nil {
		return Ceremony{}, err
	}
	id, options, err := s.desk.Register(s.now(), linkHolder(o), "link "+string(o.id))
	return Ceremony{id, options}, err
}

// accepted are factors that have been checked and reckoned.
type accepted struct {
	hash string
	code string
	key  *passkey.Credential
	name string
}

// check refuses factors that do not open the account by themselves.
func (s *Service) check(ctx context.Context, o opened, f Factors) (out accepted, err error) {
	out.code = strings.TrimSpace(f.Code)
	var faults fault.List
	switch hasKey := len(f.Passkey.Response) > 0; {
	case f.Password == "" && !hasKey:
		return out, fault.Invalid("people.factor_needed", fault.At("password"))
	case f.Password != "":
		faults.Add(proof.CheckPassword(f.Password, o.person.Login, o.person.Name))
		if out.code == "" && roster.NeedsSecond(o.person.Grants) {
			faults.Add(fault.Invalid("people.code_needed", fault.At("code")))
		}
	case out.code != "":
		faults.Add(fault.Invalid("people.password_needed", fault.At("password")))
	}
	if len(f.Passkey.Response) > 0 {
		if err := s.needDesk(); err != nil {
			return out, err
		}
		out.name, err = roster.CheckName("passkey", f.Name)
		faults.Add(err)
	}
	if err := faults.Err(); err != nil {
		return out, err
	}
	if len(f.Passkey.Response) > 0 {
		if out.key, err = s.desk.Registered(s.now(), linkHolder(o), "link "+string(o.id), f.Passkey.ID, f.Passkey.Response); err != nil {
			return out, err
		}
	}
	if f.Password != "" {
		out.hash, err = s.hasher.Hash(ctx, s.cfg.Entropy, f.Password)
	}
	return out, err
}

// Accept uses a link: sets the factors, removes the old ones in a recovery, and
// signs in. Codes of the entry are to be printed, and are not to be had again.
// Faults: those of Link, of proof, people.factor_needed, people.code_needed,
// people.password_needed, people.code_wrong, people.code_not_begun, people.name,
// people.ceremony_over, people.passkey_refused.
func (s *Service) Accept(ctx context.Context, from From, token string, f Factors) (entry Entry, err error) {
	o, err := s.openSlowly(ctx, from, token)
	if err != nil {
		return entry, err
	}
	set, err := s.check(ctx, o, f)
	if err != nil {
		return entry, err
	}
	err = s.write(ctx, func(tx *store.Tx) error {
		entry = Entry{}
		o, err := s.open(tx, token)
		if err != nil {
			return err
		}
		codes, err := s.settle(tx, o, set, from)
		if err != nil {
			return err
		}
		r, err := roster.ByID(tx, o.person.ID)
		if err != nil {
			return err
		}
		entry, err = s.begin(tx, r, from, ByLink)
		entry.Codes = codes
		return err
	})
	return entry, err
}

// settle stores the factors of a link that is used up by it.
func (s *Service) settle(tx *store.Tx, o opened, set accepted, from From) (codes []string, err error) {
	p := o.person.Person
	what := trail.Accepted
	if o.kind == ForRecovery {
		what = trail.Recovered
		if err := dropFactors(tx, p.ID); err != nil {
			return nil, err
		}
	}
	if _, err := tx.Exec(`DELETE FROM party_invitation WHERE person = $1`, p.ID); err != nil {
		return nil, err
	}
	var factors []string
	if set.hash != "" {
		factors = append(factors, "password")
		if err := roster.SetPassword(tx, p.ID, set.hash); err != nil {
			return nil, err
		}
	}
	if set.code != "" {
		factors = append(factors, "code")
		if codes, err = s.confirmCode(tx, o.person, set.code); err != nil {
			return nil, err
		}
	}
	if set.key != nil {
		factors = append(factors, "passkey")
		if err := passkey.Add(tx, p.ID, set.key, set.name, s.cfg.Limits.PasskeysOf); err != nil {
			return nil, err
		}
	}
	args := []string{"factors", strings.Join(factors, ", ")}
	if set.key != nil {
		args = append(args, passkey.Told(set.key)...)
	}
	p.State = Active
	if err := roster.Save(tx, p); err != nil {
		return nil, err
	}
	return codes, trail.Append(tx, trail.Record{Who: p.ID, Act: what, About: p.ID,
		Args: trail.Pairs(args), Address: from.Where()})
}

// dropFactors takes away all by which somebody came in, and ends his sessions.
func dropFactors(tx *store.Tx, id ident.RecordID) error {
	if err := dropPassword(tx, id); err != nil {
		return err
	}
	for _, statement := range []string{`DELETE FROM party_passkey WHERE person = $1`, `DELETE FROM party_session WHERE person = $1`,
		`DELETE FROM party_recovery WHERE person = $1`} {
		if _, err := tx.Exec(statement, id); err != nil {
			return err
		}
	}
	return nil
}
