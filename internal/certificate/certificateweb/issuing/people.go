package issuing

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/filing"
	"adamas.example/internal/keyring/officers"
	"adamas.example/internal/lang"
	"adamas.example/internal/party/signatory"
	"adamas.example/internal/web"
)

// Signatories tell how the officers' keys stand (package signatory).
type Signatories interface {
	Officers(ctx context.Context) ([]signatory.Officer, error)
	Of(ctx context.Context, login string) (signatory.Officer, error)
	Told(ctx context.Context, p *lang.Printer, o *signatory.Officer) (string, error)
}

// officerName is an officer as he is chosen.
func officerName(o *signatory.Officer) string {
	if o.Name == "" {
		return o.Login
	}
	return o.Name + " · " + o.Login
}

// stopped says what keeps the officer who shall issue a prepared certificate from it, and
// what the others can do then; "" while nothing does.
func (d *desk) stopped(r *http.Request, p *lang.Printer, validator string) (string, error) {
	if validator == "" {
		return "", nil
	}
	all, err := d.signers.Officers(r.Context())
	i := slices.IndexFunc(all, func(o signatory.Officer) bool { return o.Key == validator })
	if err != nil || i >= 0 && all[i].Lack() == signatory.Nothing {
		return "", err
	}
	told := p.T("certificate.issuing.key_gone", lang.Args{"key": validator})
	if i >= 0 {
		if told, err = d.signers.Told(r.Context(), p, &all[i]); err != nil {
			return "", err
		}
	}
	return told + " " + p.T("certificate.issuing.key_gone.remedy", nil), nil
}

// roles are those that the visitor holds at this office, in the order of the machine.
func (d *desk) roles(r *http.Request) (out access.RoleList) {
	v := web.VisitorOf(r.Context())
	for _, role := range consignment.Roles() {
		if slices.ContainsFunc(v.Actor.Grants, func(g access.Grant) bool { return g.Role == role && g.Office == d.site.Office() }) {
			out = append(out, role)
		}
	}
	return out
}

func by(r *http.Request) filing.By {
	v := web.VisitorOf(r.Context())
	name := v.Name
	if name == "" {
		name = v.Login
	}
	return filing.By{Login: v.Login, Name: name}
}

// who is an actor of a step in words: an officer by his login, where his key is known.
func who(p *lang.Printer, all []officers.Officer, actor string, role access.Role) string {
	for _, o := range all {
		if o.Key.String() == actor {
			return o.Login
		}
	}
	switch role {
	case consignment.Clock:
		return p.T("certificate.issuing.by_time", nil)
	case consignment.Record:
		return p.T("certificate.issuing.by_register", nil)
	}
	if len(actor) == 16 && strings.Trim(actor, "0123456789abcdef") == "" {
		return p.T("certificate.issuing.by_key", lang.Args{"key": actor})
	}
	return actor
}
