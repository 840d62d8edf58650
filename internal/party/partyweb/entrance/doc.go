// Package entrance is where people come in: they sign in and out, prove who they are
// before they sign, look after their own account, and, when they administer an office,
// after those of others (package people).
//
// # Invariants
//
//   - The cookie holds a token and nothing else; scripts cannot read it, and where the
//     office is reached by https it travels by https alone.
//   - Who signs in is sent on within this site only.
//   - What is wrong about a sign-in is told as package people tells it, at the top of the
//     form and beside no field.
//   - A node that is no demonstration has no way in but what somebody proves himself;
//     a demonstration lends its made-up people to browsers on the same computer alone.
//   - Every page works without script, but for what a passkey needs.
//
// Imports: floors 0 to 2, module, web.
package entrance

import (
	"embed"
	"io/fs"
	"net/http"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/module"
	"adamas.example/internal/party/partyweb/entrance/synthetic"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/signatory"
	"adamas.example/internal/web"
)

//go:embed page
var files embed.FS

//go:embed text
var text embed.FS

// Text is the words of the pages.
func Text() fs.FS { return text }

// The permissions of these pages. Account and Manage are package people's.
const (
	enter   = "people.enter"
	account = "people.account"
	manage  = "people.manage"
	trails  = "people.trail"
)

// Permissions are those of package people, and everybody's to come in.
func Permissions() []access.Permission {
	return append(people.Permissions(), access.Permission{Name: enter, Holders: []access.Role{access.Public}, Anywhere: true})
}

// Where people sign in.
const Path = "/sign-in"

// house is what the pages work with.
type house struct {
	people *people.Service
	book   *signatory.Book
	site   *web.Site
	now    func() time.Time
	cast   *synthetic.Cast // of the demonstration; nil elsewhere

	signIn *web.View[signInPage]
	prove  *web.View[provePage]
	link   *web.View[linkPage]
	lost   *web.View[lostPage]
	mine   *web.View[accountPage]
	codes  *web.View[codesPage]
	app    *web.View[appPage]
	list   *web.View[listPage]
	person *web.View[personPage]
	invite *web.View[invitePage]
	made   *web.View[madePage]
	trail  *web.View[trailPage]
	roles  *web.View[rolesPage]
}

func (h *house) parse(s *web.Site) (err error) {
	scripted := web.Options{Policy: web.Scripted, Scripts: []string{"passkey.js"}}
	if h.signIn, err = web.Parse[signInPage](s, files, "page/signin.html", scripted, "page/pieces.html"); err != nil {
		return err
	}
	if h.prove, err = web.Parse[provePage](s, files, "page/prove.html", scripted, "page/pieces.html"); err != nil {
		return err
	}
	if h.link, err = web.Parse[linkPage](s, files, "page/link.html", scripted, "page/pieces.html"); err != nil {
		return err
	}
	if h.lost, err = web.Parse[lostPage](s, files, "page/lost.html", web.Options{}); err != nil {
		return err
	}
	if h.mine, err = web.Parse[accountPage](s, files, "page/account.html", scripted, "page/pieces.html"); err != nil {
		return err
	}
	if h.codes, err = web.Parse[codesPage](s, files, "page/codes.html", web.Options{}); err != nil {
		return err
	}
	if h.app, err = web.Parse[appPage](s, files, "page/app.html", web.Options{}, "page/pieces.html"); err != nil {
		return err
	}
	return h.parseOffice(s)
}

// parseOffice reads the administrators' pages.
func (h *house) parseOffice(s *web.Site) (err error) {
	if h.list, err = web.Parse[listPage](s, files, "page/people.html", web.Options{}); err != nil {
		return err
	}
	if h.person, err = web.Parse[personPage](s, files, "page/person.html", web.Options{}, "page/grants.html"); err != nil {
		return err
	}
	if h.invite, err = web.Parse[invitePage](s, files, "page/invite.html", web.Options{}, "page/grants.html"); err != nil {
		return err
	}
	if h.made, err = web.Parse[madePage](s, files, "page/made.html", web.Options{}); err != nil {
		return err
	}
	if h.trail, err = web.Parse[trailPage](s, files, "page/trail.html", web.Options{}); err != nil {
		return err
	}
	h.roles, err = web.Parse[rolesPage](s, files, "page/roles.html", web.Options{})
	return err
}

// Pages are the routes.
func Pages(n *module.Node, s *web.Site) ([]module.Page, error) {
	svc, err := module.Service[*people.Service](n)
	if err != nil {
		return nil, err
	}
	h := &house{people: svc, site: s, now: n.Now}
	if h.book, err = module.Service[*signatory.Book](n); err != nil {
		return nil, err
	}
	if h.cast, err = cast(n); err != nil {
		return nil, err
	}
	if err := h.parse(s); err != nil {
		return nil, err
	}
	s.SetSignIn(Path)
	page := func(pattern, permission string, f func(http.ResponseWriter, *http.Request) error) module.Page {
		return module.Page{Pattern: pattern, Permission: permission, Handler: s.Handle(f)}
	}
	all := []module.Page{
		page("GET "+Path, enter, h.showSignIn), page("POST "+Path, enter, h.doSignIn),
		page("POST /sign-in/passkey", enter, h.startSignIn),
		page("GET /lost", enter, h.showLost), page("POST /lost", enter, h.askRecovery),
		page("GET /come-in/{token}", enter, h.showLink), page("POST /come-in/{token}", enter, h.accept),
		page("POST /come-in/{token}/passkey", enter, h.startLinkPasskey),
		page("POST /sign-out", account, h.signOut),
		page("GET /account", account, h.showAccount), page("POST /account", account, h.changeAccount),
		page("POST /account/passkey", account, h.startOwnPasskey),
		page("GET /account/codes", account, h.showApp), page("POST /account/codes", account, h.setApp),
		page("GET /account/prove", account, h.showProve), page("POST /account/prove", account, h.doProve),
		page("POST /account/prove/passkey", account, h.startProve),
		page("GET /people", manage, h.showPeople),
		page("GET /people/invite", manage, h.showInvite), page("POST /people/invite", manage, h.doInvite),
		page("GET /people/roles", manage, h.showRoles),
		page("GET /people/trail", trails, h.showTrail),
		page("GET /people/{id}", manage, h.showPerson), page("POST /people/{id}", manage, h.changePerson),
		page("POST /people/recoveries/{id}", manage, h.decideRecovery),
	}
	all = append(all, h.castPages(page)...)
	for i := range all {
		if all[i].Pattern == "GET /people" {
			all[i].Menu, all[i].Rank = "people.menu", 190
		}
	}
	return all, nil
}
