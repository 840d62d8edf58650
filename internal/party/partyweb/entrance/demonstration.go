package entrance

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/party/partyweb/entrance/synthetic"
	"adamas.example/internal/party/people"
	"adamas.example/internal/web/form"
)

// In a demonstration its made-up people lend the reader their passwords and codes: at a
// node that is SYNTHETIC, whose folder lies in a demonstration, to a browser on the same
// computer. Elsewhere there is no such address.

// cast reads the demonstration's people; nil where there is none.
func cast(n *module.Node) (*synthetic.Cast, error) {
	if !n.Synthetic {
		return nil, nil
	}
	return synthetic.Beside(n.Dir, n.Office)
}

// lends tells whether a request may enter as one of the cast: it comes from this
// computer, to a name of this computer, from a page of it, and no proxy says that it has
// handed it on. That keeps out a proxy that nobody has named to the node, and a page
// elsewhere whose name leads here.
func (h *house) lends(r *http.Request) bool {
	client, err := netip.ParseAddr(from(r).Address)
	if h.cast == nil || err != nil || !client.Unmap().IsLoopback() || !local(r.Host) || r.Header.Get("Forwarded")+r.Header.Get("Via") != "" {
		return false
	}
	origin := r.Header.Get("Origin")
	u, err := url.Parse(origin)
	return origin == "" || err == nil && local(u.Host)
}

// local tells whether a host, with or without a port, is this computer by its own name.
func local(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && a.Unmap().IsLoopback()
}

// castRow is a person to enter as.
type castRow struct{ Login, Name, Role string }

// offeredCast is whom the sign-in page offers; nobody where nobody is lent.
func (h *house) offeredCast(r *http.Request, p *lang.Printer) (out []castRow) {
	if !h.lends(r) {
		return nil
	}
	for _, c := range h.cast.People() {
		out = append(out, castRow{c.Login, c.Name, p.T("role."+string(c.Role), nil)})
	}
	return out
}

// castPages are the addresses, of a demonstration alone.
func (h *house) castPages(page func(pattern, permission string, f func(http.ResponseWriter, *http.Request) error) module.Page) []module.Page {
	if h.cast == nil {
		return nil
	}
	return []module.Page{page("POST /sign-in/as", enter, h.enterAs), page("POST /account/prove/as", account, h.proveAs)}
}

func (h *house) enterAs(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	who, known := h.lent(r, r.PostForm.Get("login"))
	if !known {
		h.site.NotFound(w, r)
		return nil
	}
	var entry people.Entry
	err := h.cast.Try(who, h.now(), "people.sign_in_refused", func(code string) (err error) {
		entry, err = h.people.SignIn(r.Context(), from(r), people.Typed{Login: who.Login, Password: who.Password, Code: code})
		return err
	})
	f := form.New(h.site.Printer(r), nil)
	if err := f.Refuse(err); err != nil {
		return err
	}
	if f.Wrong() {
		return h.askSignIn(w, r, fault.KindOf(err).Status(), f, r.PostForm.Get("next"))
	}
	return h.admitted(w, r, entry)
}

// proveAs proves again who the visitor is, where he is one of the cast.
func (h *house) proveAs(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	v := VisitOf(r)
	who, known := h.lent(r, v.Person.Login)
	if !known {
		h.site.NotFound(w, r)
		return nil
	}
	err := h.cast.Try(who, h.now(), "people.sign_in_refused", func(code string) error {
		return h.people.Prove(r.Context(), v, who.Password, code)
	})
	return h.proved(w, r, form.New(h.site.Printer(r), nil), err)
}

func (h *house) lent(r *http.Request, login string) (synthetic.Person, bool) {
	if !h.lends(r) {
		return synthetic.Person{}, false
	}
	return h.cast.Of(login)
}
