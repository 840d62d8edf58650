// Package guide is the help: one page for each topic, for people who have never heard of
// any of it. What it says of the program's own answers it takes from the words of the
// answers, so that none is missing.
//
// It may import everything that app may.
package guide

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"adamas.example/internal/certificate/certificateweb"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	registerpages "adamas.example/internal/ledger/ledgerweb/pages"
	"adamas.example/internal/module"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/internal/web"
	"adamas.example/verify/canonical"
	"adamas.example/verify/trust"
)

//go:embed page
var files embed.FS

//go:embed text
var text embed.FS

// Text is the words of the help.
func Text() fs.FS { return text }

// topic is a page of the help. Its words are help.<name>.title, .lead, and for each
// section help.<name>.<section> with .p1, .p2 ... and the points .i1, .i2 ... of a list.
type topic struct {
	name     string
	sections []string
}

var topics = []topic{
	{"certificate", []string{"what", "fields", "life"}},
	{"adamas", []string{"record", "prove", "judge", "who"}},
	{"witness", []string{"attests", "not", "three", "times"}},
	{"answers", []string{"three", "purpose", "checks"}},
	{"offline", []string{"need", "steps", "fingerprint", "paper", "age"}},
	{"limits", []string{"never", "not_said"}},
	{"withheld", []string{"open", "delayed", "private", "when"}},
	{"copy", []string{"why", "how", "compare", "files"}},
	{"api", []string{"demo", "key", "ask", "once", "sign", "print", "hooks", "sandbox", "refused", "limits", "pages"}},
	{"errors", []string{"record", "forged", "program"}},
	{"words", []string{"terms"}},
}

// Commands are the command lines that the help shows, by topic and section. A test runs
// them.
func Commands(section string) []string {
	return map[string][]string{
		"offline.steps": {"adamas verify --pack pack CF00000001.adamas", "adamas verify --pack pack --for import --to AE CF00000001.adamas",
			"adamas verify --pack pack --verbose CF00000001.adamas"},
		"offline.fingerprint": {"adamas pack show pack", "adamas verify --pack pack --root FINGERPRINT CF00000001.adamas"},
		"offline.paper":       {"adamas verify --pack pack photograph.jpg"},
		"copy.how":            {"adamas mirror --from https://ADDRESS/log --pack pack my-copy", "adamas log show --from my-copy --pack pack"},
		"copy.compare":        {"adamas audit --root root-1.cbor my-copy"},
		"api.demo": {`ADDRESS=http://localhost:8080`,
			`KEY=$(bin/adamas access-keys make --dir var/demo/node-cf --json --roles exporter,valuator,sealing_officer,validating_officer "Single window" | sed 's/.*"key":"\([^"]*\)".*/\1/')`},
		"api.key": {`adamas access-keys make --roles exporter,valuator,sealing_officer,validating_officer "Single window"`},
		"api.ask": {`curl -H "Authorization: Bearer $KEY" "$ADDRESS/api/v1/self"`,
			`curl -H "Authorization: Bearer $KEY" -H "Accept-Language: fr" "$ADDRESS/api/v1/consignments?state=applied&limit=20"`,
			`curl "$ADDRESS/openapi.json"`},
		"api.once": {`bin/adamas consignment do apply --example > application.json`,
			`curl -X POST -H "Authorization: Bearer $KEY" -H "Idempotency-Key: 2026-000017" -H "Content-Type: application/json" -d @application.json "$ADDRESS/api/v1/applications"`},
		"api.sandbox": {`adamas access-keys make --sandbox --roles exporter "Single window, trial"`},
		"api.sign":    {`printf %s "$TO_SIGN" | base64 -d > to_sign.bin`, `openssl pkeyutl -sign -rawin -inkey officer.pem -in to_sign.bin | base64 -w0`},
		"api.print": {`curl -X POST -OJ -H "Authorization: Bearer $KEY" -H "Idempotency-Key: print-000001-1" -H "Content-Type: application/json" -d '{"reason":"SYNTHETIC: the original","stock":"plain"}' "$ADDRESS/api/v1/consignments/CF-bangui-2026-000001/print"`,
			`curl -H "Authorization: Bearer $KEY" "$ADDRESS/api/v1/consignments/CF-bangui-2026-000001/prints"`},
		"api.hooks": {`HOOK=$(curl -s -X POST -H "Authorization: Bearer $KEY" -H "Idempotency-Key: hook-1" -H "Content-Type: application/json" -d '{"name":"Single window","url":"https://single-window.example/adamas","events":["certificate.issued","receipt.received"]}' "$ADDRESS/api/v1/webhooks" | sed 's/.*"id":"\([^"]*\)".*/\1/')`,
			`SECRET=$(curl -s -H "Authorization: Bearer $KEY" "$ADDRESS/api/v1/webhooks/$HOOK/secret" | sed 's/.*"secret":"\([^"]*\)".*/\1/')`,
			`curl -X POST -H "Authorization: Bearer $KEY" -H "Idempotency-Key: hook-1-test" "$ADDRESS/api/v1/webhooks/$HOOK/test"`,
			`curl -H "Authorization: Bearer $KEY" "$ADDRESS/api/v1/webhooks/$HOOK/deliveries"`,
			`{ printf '%s.%s.' "$ID" "$TIMESTAMP"; cat body.json; } | openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf %s "$SECRET" | cut -c7- | base64 -d | od -An -v -tx1 | tr -d ' \n') -binary | base64`},
	}[section]
}

// help is what the pages work with.
type help struct {
	node         *module.Node
	site         *web.Site
	index        *web.View[index]
	page         *web.View[page]
	placeholders map[string][]string // of the words of the checks
}

// Pages are the routes.
func Pages(n *module.Node, s *web.Site) (_ []module.Page, err error) {
	h := &help{node: n, site: s}
	if h.placeholders, err = lang.Placeholders(certificateweb.Text()); err != nil {
		return nil, err
	}
	if h.index, err = web.Parse[index](s, files, "page/index.html", web.Options{}); err != nil {
		return nil, err
	}
	if h.page, err = web.Parse[page](s, files, "page/topic.html", web.Options{}); err != nil {
		return nil, err
	}
	return []module.Page{
		{Pattern: "GET /help", Permission: registerpages.Read, Menu: "help.menu", Rank: 90, Handler: s.Handle(h.showIndex)},
		{Pattern: "GET /help/{topic}", Permission: registerpages.Read, Handler: s.Handle(h.showTopic)},
		{Pattern: "GET /trust/{file}", Permission: registerpages.Read, Handler: s.Handle(h.giveRoot)},
	}, nil
}

// index lists the topics.
type index struct{ Topics []link }

type link struct{ Path, Title, Lead string }

// page is one topic.
type page struct {
	Lead     string
	Sections []section
	Next     link
}

// section is a part of it that has an address of its own.
type section struct {
	Anchor, Title     string
	Paragraphs, Items []string
	Commands          []string
	Answers           []answer
	Checks            []check
	Points            []string
	Fingerprint       string
	Terms             []term
	Links             []link
}

type answer struct {
	Mark        web.Mark
	Name, Words string
}

type term struct{ Name, Words string }

func (h *help) showIndex(w http.ResponseWriter, r *http.Request) error {
	p := h.site.Printer(r)
	var data index
	for _, t := range topics {
		data.Topics = append(data.Topics, linkTo(p, t))
	}
	return h.index.Render(w, r, p.T("help.title", nil), data)
}

func linkTo(p *lang.Printer, t topic) link {
	return link{"/help/" + t.name, p.T("help."+t.name+".title", nil), p.T("help."+t.name+".lead", nil)}
}

func (h *help) showTopic(w http.ResponseWriter, r *http.Request) error {
	i := slices.IndexFunc(topics, func(t topic) bool { return t.name == r.PathValue("topic") })
	if i < 0 {
		return fault.NotFound("web.no_page", fault.Text(r.URL.Path))
	}
	p, t := h.site.Printer(r), topics[i]
	data := page{Lead: p.T("help."+t.name+".lead", nil)}
	if i+1 < len(topics) {
		data.Next = linkTo(p, topics[i+1])
	}
	for _, name := range t.sections {
		s, err := h.section(p, t.name+"."+name)
		if err != nil {
			return err
		}
		data.Sections = append(data.Sections, s)
	}
	return h.page.Render(w, r, p.T("help."+t.name+".title", nil), data)
}

// section reads one from the words, and adds what is made from elsewhere.
func (h *help) section(p *lang.Printer, name string) (section, error) {
	_, anchor, _ := strings.Cut(name, ".")
	key := "help." + name
	s := section{Anchor: anchor, Title: p.T(key, nil), Commands: Commands(name)}
	var args lang.Args
	if name == "withheld.when" {
		days, err := h.openAfter()
		if err != nil {
			return s, err
		}
		args = lang.Args{"count": days}
	}
	for _, one := range []struct {
		letter string
		into   *[]string
	}{{"p", &s.Paragraphs}, {"i", &s.Items}} {
		for n := 1; p.Has(fmt.Sprintf("%s.%s%d", key, one.letter, n)); n++ {
			*one.into = append(*one.into, p.T(fmt.Sprintf("%s.%s%d", key, one.letter, n), args))
		}
	}
	var err error
	switch name {
	case "answers.three":
		s.Answers = answers(p)
	case "answers.checks":
		s.Checks = h.checks(p)
	case "limits.not_said":
		for _, k := range p.Keys("verify.not_said.") {
			s.Points = append(s.Points, h.blank(p, k))
		}
	case "offline.need":
		if h.node.Offer.HasPack() {
			s.Links = append(s.Links, link{Path: "/pack", Title: p.T("help.pack", nil)})
		}
		s.Links = append(s.Links, link{Path: "/check", Title: p.T("help.check", nil)})
	case "offline.fingerprint":
		s.Fingerprint, err = h.fingerprint()
	case "copy.compare":
		for i := range h.node.Roots {
			s.Links = append(s.Links, link{Path: "/trust/" + rootFile(i), Title: p.T("help.root", lang.Args{"version": i + 1})})
		}
	case "words.terms":
		s.Terms = terms(p)
	}
	return s, err
}

// rootFile names a root document as commands want it (adamas audit --root).
func rootFile(i int) string { return fmt.Sprintf("root-%d.cbor", i+1) }

// giveRoot hands out a version of the root document by which this office judges. Whoever
// takes it compares its fingerprint elsewhere.
func (h *help) giveRoot(w http.ResponseWriter, r *http.Request) error {
	for i, signed := range h.node.Roots {
		if rootFile(i) == r.PathValue("file") {
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Header().Set("Content-Disposition", "attachment; filename="+rootFile(i))
			_, _ = w.Write(signed)
			return nil
		}
	}
	return fault.NotFound("web.no_page", fault.Text(r.URL.Path))
}

// openAfter is how many days after expiry delayed facts are opened, by the rules that
// this office works by (R-OPN-01).
func (h *help) openAfter() (int, error) {
	days, _, err := h.node.Rules.Days("R-OPN-01", "open-after-expiry", rule.Scope{On: period.DateOf(h.site.Now()), Participant: participantOf(h.node.Office)})
	return days, err
}

// fingerprint is that of the root document by which this office judges, in groups; "" for
// a node that has none yet.
func (h *help) fingerprint() (string, error) {
	chain, err := trust.ParseChain(h.node.Roots, canonical.Hash{})
	if err != nil || len(chain.Fingerprints) == 0 {
		return "", errors.Join(err)
	}
	digits := chain.Fingerprints[len(chain.Fingerprints)-1].String()
	var groups []string
	for ; len(digits) > 8; digits = digits[8:] {
		groups = append(groups, digits[:8])
	}
	return strings.Join(append(groups, digits), " "), nil
}

func answers(p *lang.Printer) (out []answer) {
	for _, a := range []struct {
		mark web.Mark
		key  string
	}{{web.Valid, "valid"}, {web.Tell, "cannot_tell"}, {web.Invalid, "invalid"}} {
		out = append(out, answer{a.mark, p.T("help.answer."+a.key, nil), p.T("help.answer."+a.key+".what", nil)})
	}
	return out
}

// terms are the words of the field, in the order of the reader's alphabet.
func terms(p *lang.Printer) (out []term) {
	for _, k := range p.Keys("help.term.") {
		if name, is := strings.CutSuffix(k, ".name"); is {
			out = append(out, term{p.T(k, nil), p.T(name+".what", nil)})
		}
	}
	lang.Sort(p, out, func(t term) string { return t.Name })
	return out
}
