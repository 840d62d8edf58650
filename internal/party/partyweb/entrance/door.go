package entrance

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/party/people"
	"adamas.example/internal/web"
)

// cookieName is the session's cookie.
const cookieName = "session"

type visitKey struct{}

// Know finds who asks, by the cookie, before anything else is done for a request. A
// session that is over is as none, and its cookie is taken away.
func Know(s *people.Service, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie(cookieName)
		if err != nil || strings.HasPrefix(r.URL.Path, "/assets/") {
			next.ServeHTTP(w, r)
			return
		}
		v, err := s.Visit(r.Context(), from(r), c.Value)
		switch {
		case err == nil:
			ctx := context.WithValue(r.Context(), visitKey{}, v)
			r = r.WithContext(web.WithVisitor(ctx, visitor(v)))
		case fault.Is(err, "people.session_over"):
			leave(w, r)
		default: // the database does not answer: the page that is asked for will say so
		}
		next.ServeHTTP(w, r)
	})
}

// visitor is a visit as pages see it.
func visitor(v people.Visit) web.Visitor {
	out := web.Visitor{Actor: v.Actor(), Login: v.Person.Login, Name: v.Person.Name, Session: string(v.Session.ID), Proven: v.Session.Proven}
	if c := v.Person.Company; c != (people.Company{}) {
		out.Company = c.Holder + "|" + c.Licence
	}
	return out
}

// VisitOf is the visit that a request belongs to: for pages of others that ask package
// people for a proof of identity.
func VisitOf(r *http.Request) people.Visit {
	v, _ := r.Context().Value(visitKey{}).(people.Visit)
	v.From = from(r)
	return v
}

// from is where a request comes from. What stands in RemoteAddr is the client: package
// caller has put it there where a proxy is between.
func from(r *http.Request) people.From {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	return people.From{Address: host, Agent: r.UserAgent()}
}

// secure tells whether the browser speaks https with us, or with the proxy before us.
func secure(r *http.Request) bool { return r.TLS != nil || r.URL.Scheme == "https" }

// admit gives the browser the cookie of a session.
func admit(w http.ResponseWriter, r *http.Request, e people.Entry) {
	setSession(w, r, &http.Cookie{Value: e.Token, Expires: e.Visit.Session.Ends})
}

// leave takes the cookie away.
func leave(w http.ResponseWriter, r *http.Request) {
	setSession(w, r, &http.Cookie{MaxAge: -1, Expires: time.Unix(1, 0)})
}

// setSession sets the cookie once: who brings one that is over and signs in is told only
// of the new one (RFC 6265 §4.1.1).
func setSession(w http.ResponseWriter, r *http.Request, c *http.Cookie) {
	c.Name, c.Path, c.HttpOnly, c.Secure, c.SameSite = cookieName, "/", true, secure(r), http.SameSiteLaxMode
	others := slices.DeleteFunc(w.Header().Values("Set-Cookie"), func(line string) bool { return strings.HasPrefix(line, cookieName+"=") })
	w.Header()["Set-Cookie"] = others
	http.SetCookie(w, c)
}

// onwards is where somebody goes after he has signed in: to an address of this site, and
// to no other, whatever the link said.
func onwards(next, otherwise string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return otherwise
	}
	return next
}

// desk is where somebody's day begins: the first thing that his roles let him do here, or
// his own account while they let him do nothing yet.
func (h *house) desk(v people.Visit) string {
	return cmp.Or(h.site.FirstDesk(v.Actor()), "/account")
}

// ToProve sends a visitor whose last proof of identity is too old to the page that asks
// for it, and back to an address afterwards. It tells whether it has.
func ToProve(w http.ResponseWriter, r *http.Request, err error, back string) bool {
	if !fault.Is(err, "people.prove_again") {
		return false
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, ProvePath(back), http.StatusSeeOther)
	return true
}

// ProvePath is where a visitor shows again who he is; back is where he goes on.
func ProvePath(back string) string { return "/account/prove?next=" + queryEscape(back) }
