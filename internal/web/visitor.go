package web

import (
	"context"
	"net/http"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/ident"
)

// Visitor is who asks for a page. The zero Visitor has not signed in.
type Visitor struct {
	Actor   access.Actor
	Login   string
	Name    string    // as the office knows the person
	Company string    // the trader for whom an exporter acts, by its key; "" for officers
	Session string    // which session, never its secret
	Proven  time.Time // when the person last showed who he is
}

// SignedIn tells a person from nobody.
func (v Visitor) SignedIn() bool { return v.Actor.ID != "" }

type visitorKey struct{}

// WithVisitor gives a request's context the visitor, whom app has found by the cookie.
func WithVisitor(ctx context.Context, v Visitor) context.Context {
	return context.WithValue(ctx, visitorKey{}, v)
}

// VisitorOf finds the visitor; nobody where none was given.
func VisitorOf(ctx context.Context) Visitor {
	v, _ := ctx.Value(visitorKey{}).(Visitor)
	return v
}

// May tells whether the visitor holds a permission at this site's office. It decides
// what is offered; what is done is asked again where it is done.
func (s *Site) May(r *http.Request, permission string) bool {
	return s.Require(r, permission) == nil
}

// Require wants the permission of the visitor at this site's office. Faults:
// access.sign_in, access.denied.
func (s *Site) Require(r *http.Request, permission string) error {
	return s.rights.Require(VisitorOf(r.Context()).Actor, permission, ident.OfficeID(s.office))
}

// Office is whose register this is.
func (s *Site) Office() ident.OfficeID { return ident.OfficeID(s.office) }

// Rights lists every permission, for the page that prints them.
func (s *Site) Rights() []access.Permission { return s.rights.All() }
