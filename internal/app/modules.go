package app

import (
	"context"
	"embed"
	"io/fs"
	"slices"

	"adamas.example/internal/access"
	"adamas.example/internal/app/doors"
	"adamas.example/internal/app/firstrun"
	"adamas.example/internal/app/guide"
	"adamas.example/internal/app/node"
	"adamas.example/internal/audit"
	"adamas.example/internal/certificate"
	"adamas.example/internal/certificate/applications"
	"adamas.example/internal/certificate/certificateweb"
	"adamas.example/internal/certificate/certificateweb/accounts"
	"adamas.example/internal/certificate/certificateweb/applying"
	"adamas.example/internal/certificate/certificateweb/checking"
	"adamas.example/internal/certificate/certificateweb/issuing"
	certificateoperations "adamas.example/internal/certificate/certificateweb/operations"
	certificatepages "adamas.example/internal/certificate/certificateweb/pages"
	"adamas.example/internal/certificate/certificateweb/receiving"
	"adamas.example/internal/certificate/certificateweb/transcribing"
	"adamas.example/internal/certificate/consignment"
	"adamas.example/internal/certificate/exporting"
	"adamas.example/internal/certificate/filing"
	"adamas.example/internal/certificate/importing"
	"adamas.example/internal/certificate/outside"
	"adamas.example/internal/keyring"
	"adamas.example/internal/keyring/keyringweb"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger"
	"adamas.example/internal/ledger/exchange"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/ledgerweb"
	registerpages "adamas.example/internal/ledger/ledgerweb/pages"
	"adamas.example/internal/ledger/ledgerweb/postweb"
	"adamas.example/internal/ledger/recovery"
	"adamas.example/internal/ledger/tilelog"
	"adamas.example/internal/ledger/witness"
	"adamas.example/internal/mine"
	"adamas.example/internal/module"
	"adamas.example/internal/party"
	"adamas.example/internal/party/accesskey"
	"adamas.example/internal/party/partyweb"
	"adamas.example/internal/party/partyweb/entrance"
	partypages "adamas.example/internal/party/partyweb/pages"
	"adamas.example/internal/party/partyweb/programs"
	"adamas.example/internal/party/partyweb/signing"
	"adamas.example/internal/party/partyweb/specimens"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/signatory"
	"adamas.example/internal/party/specimen"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/rule"
	"adamas.example/internal/rule/ruleweb"
	"adamas.example/internal/sheet"
	"adamas.example/internal/store"
	"adamas.example/internal/web"
	"adamas.example/internal/web/api"
	"adamas.example/internal/web/hook"
)

//go:embed text
var ownText embed.FS

// Modules is THE list: what the program is made of, left to right.
func Modules() []module.Module {
	return []module.Module{
		{Name: "access", Text: words(access.Text())},
		{Name: "store", Text: words(store.Text())},
		{Name: "keyring", Text: words(keyring.Text(), keyringweb.Text()), Commands: keyringweb.Commands()},
		{Name: "ledger", Schema: ledger.Schema().Files, Text: words(ledger.Text(), tilelog.Text(), recovery.Text(), witness.Text(), exchange.Text(), ledgerweb.Text(), registerpages.Text()),
			Commands: postweb.Commands(), Permissions: slices.Concat(registerpages.Permissions(), postweb.Permissions()), Pages: registerpages.Pages, Operations: operationsOf(registerpages.Operations, postweb.Operations), Followers: func(*module.Node) ([]follow.Follower, error) { return []follow.Follower{exchange.Heard()}, nil }},
		{Name: "sheet", Text: words(sheet.Text())},
		{Name: "web", Schema: api.Schema().Files, Text: words(web.Text(), api.Text()), Permissions: api.Permissions(), Jobs: forgetAnswers},
		{Name: "rule", Text: words(rule.Text(), ruleweb.Text()), Commands: ruleweb.Commands()},
		{Name: "mine", Text: words(mine.Text())},
		{Name: "party", Schema: stated.Schema().Files, Text: words(party.Text(), partyweb.Text(), partypages.Text()), Commands: partyweb.Commands(), Followers: partyweb.Followers,
			Permissions: partypages.Permissions(), Pages: partypages.Pages, Operations: partyweb.Operations},
		{Name: "people", Text: words(people.Text(), signatory.Text(), entrance.Text(), signing.Text(), accesskey.Text(), programs.Text()), Permissions: slices.Concat(entrance.Permissions(), signing.Permissions(), programs.Permissions()), Pages: pagesOf(entrance.Pages, signing.Pages, programs.Pages), Services: servicesOf(entrance.Services, accessKeys), Operations: programs.Operations, Commands: programs.Commands()},
		{Name: "specimen", Text: words(specimen.Text(), specimens.Text()), Commands: specimens.Commands(), Permissions: specimens.Permissions(), Pages: specimens.Pages, Operations: specimens.Operations},
		{Name: "certificate", Schema: certificate.Schema().Files, Text: words(certificate.Text(), consignment.Text(), exporting.Text(), importing.Text(), outside.Text(), certificateweb.Text(), checking.Text(), certificatepages.Text(),
			filing.Text(), issuing.Text(), accounts.Text(), receiving.Text(), transcribing.Text(), applications.Text(), applying.Text(), certificateoperations.Text()), Commands: certificateweb.Commands(),
			Permissions: slices.Concat(checking.Permissions(), certificatepages.Permissions(), issuing.Permissions(), accounts.Permissions(), receiving.Permissions(), transcribing.Permissions(), applying.Permissions()), Pages: pagesOf(checking.Pages, certificatepages.Pages, issuing.Pages, accounts.Pages, receiving.Pages, transcribing.Pages, applying.Pages),
			Operations: operationsOf(certificateoperations.Register, accounts.Operations, certificatepages.Operations),
			Services:   certificateweb.Services, Followers: certificateweb.Followers, Messages: certificateweb.Messages, Jobs: certificateweb.Jobs},
		{Name: "hooks", Text: words(hook.Text()), Services: webhooks, Jobs: deliver},
		{Name: "audit", Text: words(audit.Text())},
		{Name: "doors", Text: words(doors.Text(), firstrun.Text())},
		{Name: "help", Text: words(guide.Text()), Pages: guide.Pages},
	}
}

// pagesOf are the pages of several parts of one module.
func pagesOf(parts ...func(*module.Node, *web.Site) ([]module.Page, error)) func(*module.Node, *web.Site) ([]module.Page, error) {
	return func(n *module.Node, s *web.Site) (out []module.Page, err error) {
		for _, part := range parts {
			more, err := part(n, s)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
		return out, nil
	}
}

// servicesOf are the services of several parts of one module.
func servicesOf(parts ...func(*module.Node) ([]any, error)) func(*module.Node) ([]any, error) {
	return func(n *module.Node) (out []any, err error) {
		for _, part := range parts {
			more, err := part(n)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
		return out, nil
	}
}

// operationsOf are the operations of several parts of one module.
func operationsOf(parts ...func(*module.Node, *api.API) error) func(*module.Node, *api.API) error {
	return func(n *module.Node, a *api.API) error {
		for _, part := range parts {
			if err := part(n, a); err != nil {
				return err
			}
		}
		return nil
	}
}

// forgetAnswers lets go of the answers to programs that are no longer kept.
func forgetAnswers(n *module.Node) ([]module.Job, error) {
	return []module.Job{{Name: "web.answers", Do: func(ctx context.Context) error { return api.Forget(ctx, n.Ledger.Store(), n.Now()) }}}, nil
}

func words(folders ...fs.FS) []fs.FS { return folders }

// texts are the folders of words of all modules and of app itself.
func texts() []fs.FS {
	own, err := fs.Sub(ownText, ".")
	if err != nil {
		panic(err) // the folder is embedded
	}
	out := []fs.FS{own}
	for _, m := range Modules() {
		out = append(out, m.Text...)
	}
	return out
}

func loadWords() (*lang.Catalogue, error) { return lang.Load(texts()...) }

// schemas are the tables of all modules, for store.Migrate.
func schemas() node.Schemas {
	var out node.Schemas
	for _, m := range Modules() {
		if m.Schema != nil {
			out = append(out, store.Schema{Module: m.Name, Files: m.Schema})
		}
	}
	return out
}
