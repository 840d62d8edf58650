package module_test

import (
	"net/http"
	"strings"
	"testing"

	"adamas.example/internal/access"
	"adamas.example/internal/module"
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
			Pages:       []module.Page{page("GET /participants", "party.read")},
		},
		{
			Name:        "certificate",
			Permissions: []access.Permission{{Name: "certificate.issue", Holders: []access.Role{access.Validator}}},
			Pages:       []module.Page{page("GET /certificates/{number}", "party.read"), page("POST /certificates", "certificate.issue")},
		},
		{Name: "mine"},
	}
}

func TestCheck(t *testing.T) {
	if err := module.Check(good()); err != nil {
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
		{"no method", func(m []module.Module) { m[0].Pages[0].Pattern = "/participants" }, "not a method and a path"},
		{"no handler", func(m []module.Module) { m[0].Pages[0].Handler = nil }, "no handler"},
		{"no permission", func(m []module.Module) { m[1].Pages[1].Permission = "" }, "declared by no module"},
		{"unknown permission", func(m []module.Module) { m[1].Pages[1].Permission = "certificate.burn" }, `"certificate.burn" is declared by no module`},
		{"route twice", func(m []module.Module) { m[1].Pages[0].Pattern = "GET /participants" }, "stands also in party"},
	}
	for _, tt := range tests {
		modules := good()
		tt.change(modules)
		if err := module.Check(modules); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	all := good()
	all[0].Pages[0].Handler, all[2].Name = nil, "x y"
	if err := module.Check(all); err == nil || !strings.Contains(err.Error(), "no handler") || !strings.Contains(err.Error(), "x y") {
		t.Errorf("not every mistake is told: %v", err)
	}
}
