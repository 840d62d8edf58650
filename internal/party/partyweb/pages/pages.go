// Package pages shows everybody who takes part in the Kimberley Process, and where each
// stood on any day, with the source of every word of it.
//
// It is what the commands "adamas party list, show, history, questions" show. What
// sources leave open is shown as open, and nothing is chosen silently.
//
// Imports: floors 0 to 2, partyweb.
package pages

import (
	"embed"
	"io/fs"
	"net/http"
	"slices"
	"sync"

	"adamas.example/data"
	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/module"
	"adamas.example/internal/party"
	"adamas.example/internal/party/partyweb"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/verify/canonical"
)

//go:embed page
var files embed.FS

//go:embed text
var text embed.FS

// Text is the words of the pages.
func Text() fs.FS { return text }

// Read is the permission to read who takes part: everybody's.
const Read = "party.read"

// Permissions are those of these pages.
func Permissions() []access.Permission {
	return []access.Permission{{Name: Read, Holders: []access.Role{access.Public}, Anywhere: true}}
}

// participants is what the pages work with.
type participants struct {
	node      *module.Node
	site      *web.Site
	published *party.Scheme
	list      *web.View[list]
	profile   *web.View[profile]

	mu   sync.Mutex
	last *known
}

// Pages are the routes. Faults: those of the published tables.
func Pages(n *module.Node, s *web.Site) (_ []module.Page, err error) {
	g := &participants{node: n, site: s}
	if g.published, err = party.Load(data.FS, nil); err != nil {
		return nil, err
	}
	if g.list, err = web.Parse[list](s, files, "page/list.html", web.Options{}, "page/ask.html"); err != nil {
		return nil, err
	}
	if g.profile, err = web.Parse[profile](s, files, "page/profile.html", web.Options{}, "page/ask.html"); err != nil {
		return nil, err
	}
	return []module.Page{
		{Pattern: "GET /participants", Permission: Read, Menu: "participants.menu", Rank: 40, Handler: s.Handle(g.showList)},
		{Pattern: "GET /participants/{code}", Permission: Read, Handler: s.Handle(g.showProfile)},
	}, nil
}

// begun is the day on which the scheme took effect (KPCS VI, first paragraph).
var begun = period.MustDay(2003, 1, 1)

// known is the tables as joined to what was stated, and the standings that were asked
// for: to find one means to try every order and reading that the sources allow. It is
// made anew when something more is stated.
type known struct {
	*party.Scheme
	said partyweb.Said
	mu   sync.Mutex
	seen map[moment]party.Standing
}

// moment is what a standing was asked for.
type moment struct {
	by, code ident.ParticipantCode
	on       period.Date
}

// mostSeen bounds what is kept: readers choose the day.
const mostSeen = 20_000

func (k *known) standing(at moment) party.Standing {
	k.mu.Lock()
	s, ok := k.seen[at]
	k.mu.Unlock()
	if ok {
		return s
	}
	s = k.Register.SeenBy(at.by, at.code, at.on)
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.seen) >= mostSeen {
		clear(k.seen)
	}
	k.seen[at] = s
	return s
}

// join gives the tables for what is stated now.
func (g *participants) join(said partyweb.Said) (*known, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.last != nil && g.last.said.Equal(said) {
		return g.last, nil
	}
	joined, err := said.Join(g.published)
	if err != nil {
		return nil, err
	}
	g.last = &known{Scheme: joined, said: said, seen: map[moment]party.Standing{}}
	return g.last, nil
}

// question is what a page is asked: on which day, and by whose list.
type question struct {
	*known
	on, today period.Date
	by        ident.ParticipantCode
	wrong     string                  // why the day that was typed is none
	here      map[canonical.Hash]bool // accounts that stand in this node's register
}

// standing of a Participant on a day, by the list asked for.
func (q *question) standing(code ident.ParticipantCode, on period.Date) party.Standing {
	return q.known.standing(moment{q.by, code, on})
}

// all is the whole list on the day asked about.
func (q *question) all() (out []party.Standing) {
	for _, code := range q.Register.Codes() {
		out = append(out, q.standing(code, q.on))
	}
	return out
}

// ask reads the question and the tables with what registers say today.
func (g *participants) ask(r *http.Request, p *lang.Printer) (*question, error) {
	q := &question{today: period.DateOf(g.site.Now()), here: map[canonical.Hash]bool{}}
	q.on = q.today
	if typed := r.URL.Query().Get("on"); typed != "" {
		var err error
		if q.on, err = period.ParseTyped(typed); err != nil {
			q.on, q.wrong = q.today, p.T("participants.on.wrong", nil)
		}
	}
	if typed := r.URL.Query().Get("by"); typed != "" {
		var err error
		if q.by, err = ident.ParseParticipant(typed); err != nil {
			return nil, fault.Locate(err, fault.At("by"))
		}
	}
	var said partyweb.Said
	if err := g.node.Ledger.Store().Read(r.Context(), g.site.Now(), func(tx *store.Tx) (err error) {
		if said, err = partyweb.ReadSaid(tx); err != nil {
			return err
		}
		accounts, err := stated.Accounts(tx)
		for _, a := range accounts {
			state, _, err := ledger.StateOf(tx, a.Hash)
			if err != nil {
				return err
			}
			q.here[a.Hash] = state != 0
		}
		return err
	}); err != nil {
		return nil, err
	}
	var err error
	q.known, err = g.join(said)
	return q, err
}

// form is the line in which the day and the list are chosen.
type form struct {
	Action, On, Wrong, Remark string
	By                        []option
}

type option struct {
	Value, Name string
	Selected    bool
}

func (q *question) form(p *lang.Printer, action string) form {
	f := form{Action: action, On: q.on.String(), Wrong: q.wrong}
	switch {
	case q.on < begun:
		f.Remark = p.T("participants.before", lang.Args{"begun": begun})
	case q.on > q.today:
		f.Remark = p.T("participants.future", lang.Args{"on": q.on})
	}
	adopters := q.Register.Adopters()
	if q.by != "" && !slices.Contains(adopters, q.by) {
		adopters = append(adopters, q.by) // it has no days of its own, and that is an answer
	}
	for _, c := range adopters {
		f.By = append(f.By, option{string(c), p.Participant(c), c == q.by})
	}
	return f
}

// mark is a standing by its shape: whether certificates are to be accepted at all, which
// may not be known (KPCS III(c)).
func mark(s party.Standing) web.Mark {
	switch good, known := s.InGoodStanding(); {
	case !known:
		return web.Tell
	case good:
		return web.Valid
	}
	return web.Invalid
}
