package people

import (
	"context"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/party/people/roster"
	"adamas.example/internal/party/people/trail"
	"adamas.example/internal/store"
)

// What whoever keeps the server does at its command line. The trail names nobody for
// it: it says that it was done there.

// Everybody lists all accounts, by login.
func (s *Service) Everybody(ctx context.Context) (out []Person, err error) {
	err = s.read(ctx, func(tx *store.Tx) error {
		all, err := roster.Everybody(tx)
		out = nil
		for _, r := range all {
			out = append(out, r.Person)
		}
		return err
	})
	return out, err
}

// InviteAtServer is Invite for roles of any office, and those held everywhere.
func (s *Service) InviteAtServer(ctx context.Context, p Proposal) (token string, err error) {
	if p, err = p.Checked(); err != nil {
		return "", err
	}
	err = s.write(ctx, func(tx *store.Tx) (err error) {
		token, err = s.invite(tx, p, trail.Record{Act: trail.InvitedSomebody})
		return err
	})
	return token, err
}

// ChangeAtServer sets grants at the command line of the server, among them those
// held everywhere, which no administrator gives. Faults: people.unknown_login, those
// of grants, people.account_closed, people.last_administrator, people.second_first.
func (s *Service) ChangeAtServer(ctx context.Context, login string, grants []access.Grant, c Company) error {
	folded, err := roster.FoldLogin(login)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *store.Tx) error {
		r, err := named(tx, folded)
		if err != nil {
			return err
		}
		p, err := (Proposal{Login: r.Login, Name: r.Name, Language: r.Language, Company: c, Grants: grants}).Checked()
		if err != nil {
			return err
		}
		if err := change(tx, r, p); err != nil {
			return err
		}
		return trail.Append(tx, trail.Record{Act: trail.ChangedAtServer, About: r.ID, Args: trail.Pairs([]string{"roles", roster.Roles(p.Grants), "before", roster.Roles(r.Grants)})})
	})
}

func named(tx *store.Tx, login string) (*roster.Row, error) {
	r, err := roster.ByLogin(tx, login)
	if err == nil && r == nil {
		return nil, fault.NotFound("people.unknown_login", fault.At("login"), fault.Text(login))
	}
	return r, err
}

// RecoverAtServer gives a link at the command line of the server, for an office with
// one administrator, or whose administrators have all lost what they sign in with.
// reason stands in the trail. Faults: people.login, people.unknown_login,
// people.wrong_state, people.reason_needed.
func (s *Service) RecoverAtServer(ctx context.Context, login, reason string) (token string, err error) {
	folded, err := roster.FoldLogin(login)
	if err != nil {
		return "", err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return "", fault.Invalid("people.reason_needed", fault.At("reason"))
	}
	err = s.write(ctx, func(tx *store.Tx) error {
		r, err := named(tx, folded)
		if err != nil {
			return err
		}
		if r.State != Active {
			return fault.Conflict("people.wrong_state", fault.Arg("state", States{r.State}))
		}
		if err := trail.Append(tx, trail.Record{Act: trail.RecoveryAtServer, About: r.ID, Args: trail.Pairs([]string{"reason", reason})}); err != nil {
			return err
		}
		token, err = s.makeLink(tx, r.ID, "", ForRecovery)
		return err
	})
	return token, err
}

// SuspendAtServer is Suspend. Faults also: people.login, people.unknown_login.
func (s *Service) SuspendAtServer(ctx context.Context, login, reason string) error {
	folded, err := roster.FoldLogin(login)
	if err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return fault.Invalid("people.reason_needed", fault.At("reason"))
	}
	return s.write(ctx, func(tx *store.Tx) error {
		r, err := named(tx, folded)
		if err != nil {
			return err
		}
		return moveTo(tx, r, Suspended, trail.Record{Act: trail.SuspendedSomebody, Args: trail.Pairs([]string{"reason", reason})})
	})
}

// TrailAtServer gives at most so many rows of the trail, newest first.
func (s *Service) TrailAtServer(ctx context.Context, before int64, most int) (out []trail.Record, err error) {
	err = s.read(ctx, func(tx *store.Tx) (err error) {
		out, err = trail.List(tx, trail.Wanted{Before: before, Limit: most})
		return err
	})
	return out, err
}
