package module_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"adamas.example/internal/access"
	"adamas.example/internal/module"
	"adamas.example/internal/web"
)

// good is two modules of which the second guards a page by the first's permission.
func good() []module.Module {
	page := func(pattern, permission string) module.Page {
		return module.Page{Pattern: pattern, Permission: permission, Handler: http.NotFoundHandler()}
	}
	return []module.Module{
		{
			Name:        "party",
			Permissions: []access.Permission{{Name: "party.read", Holders: []access.Role{access.Public}, Anywhere: true}},
			Pages:       pages(page("GET /participants", "party.read")),
		},
		{
			Name:        "certificate",
			Permissions: []access.Permission{{Name: "certificate.issue", Holders: []access.Role{access.Validator}}},
			Pages:       pages(page("GET /certificates/{number}", "party.read"), page("POST /certificates", "certificate.issue")),
		},
		{Name: "mine"},
	}
}

func pages(list ...module.Page) func(*module.Node, *web.Site) ([]module.Page, error) {
	return func(*module.Node, *web.Site) ([]module.Page, error) { return list, nil }
}

// change makes one page of a module another.
func change(m *module.Module, i int, with func(*module.Page)) {
	list, _ := m.Pages(nil, nil)
	with(&list[i])
}

func check(m []module.Module) error {
	_, err := module.PagesOf(m, nil, nil)
	return errors.Join(module.Check(m), err)
}

func TestCheck(t *testing.T) {
	if err := check(good()); err != nil {
		t.Errorf("good modules: %v", err)
	}
	tests := []struct {
		name   string
		change func([]module.Module)
		want   string
	}{
		{"name", func(m []module.Module) { m[2].Name = "Mine" }, "not one lower-case word"},
		{"name twice", func(m []module.Module) { m[2].Name = "party" }, "module party stands twice"},
		{"another noun's permission", func(m []module.Module) { m[1].Permissions[0].Name = "party.issue" }, "is not its own"},
		{"no method", func(m []module.Module) { change(&m[0], 0, func(p *module.Page) { p.Pattern = "/participants" }) }, "not a method and a path"},
		{"no handler", func(m []module.Module) { change(&m[0], 0, func(p *module.Page) { p.Handler = nil }) }, "no handler"},
		{"no permission", func(m []module.Module) { change(&m[1], 1, func(p *module.Page) { p.Permission = "" }) }, "declared by no module"},
		{"unknown permission", func(m []module.Module) { change(&m[1], 1, func(p *module.Page) { p.Permission = "certificate.burn" }) }, `"certificate.burn" is declared by no module`},
		{"route twice", func(m []module.Module) { change(&m[1], 0, func(p *module.Page) { p.Pattern = "GET /participants" }) }, "stands also in party"},
	}
	for _, tt := range tests {
		modules := good()
		tt.change(modules)
		if err := check(modules); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	all := good()
	change(&all[0], 0, func(p *module.Page) { p.Handler = nil })
	all[2].Name = "x y"
	if err := check(all); err == nil || !strings.Contains(err.Error(), "no handler") || !strings.Contains(err.Error(), "x y") {
		t.Errorf("not every mistake is told: %v", err)
	}
}
