package issuing

import (
	"net/http"
	"slices"
	"strings"

	"adamas.example/internal/access"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/filing"
	"adamas.example/internal/keyring/officers"
	"adamas.example/internal/lang"
	"adamas.example/internal/web"
)

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
