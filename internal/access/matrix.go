package access

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
)

// Permission is one right, declared by the module whose acts it guards.
type Permission struct {
	Name     string // "<noun>.<act>", lower case
	Holders  []Role // at least one; Public means everybody
	Anywhere bool   // not about an office: the role decides alone
}

// Matrix is every permission and who holds it. It does not change once made.
type Matrix struct {
	permissions map[string]Permission
}

var permissionName = regexp.MustCompile(`^[a-z][a-z0-9]*(\.[a-z][a-z0-9_]*)+$`)

// NewMatrix joins the permissions of all modules. It reports every mistake in
// them at once: a name that is none or that stands twice, a permission without
// holders, a holder that is no role, Public beside others or where an office
// decides.
func NewMatrix(modules ...[]Permission) (*Matrix, error) {
	m := &Matrix{make(map[string]Permission)}
	var mistakes []error
	for _, p := range slices.Concat(modules...) {
		if err := p.check(); err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		if _, twice := m.permissions[p.Name]; twice {
			mistakes = append(mistakes, fmt.Errorf("permission %s is declared twice", p.Name))
			continue
		}
		p.Holders = slices.Clone(p.Holders)
		m.permissions[p.Name] = p
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	return m, nil
}

func (p Permission) check() error {
	if !permissionName.MatchString(p.Name) {
		return fmt.Errorf("permission %q is not named <noun>.<act>", p.Name)
	}
	if len(p.Holders) == 0 {
		return fmt.Errorf("permission %s has no holders", p.Name)
	}
	for i, r := range p.Holders {
		if !slices.Contains(Roles(), r) {
			return fmt.Errorf("permission %s: no role %q", p.Name, r)
		}
		if slices.Contains(p.Holders[:i], r) {
			return fmt.Errorf("permission %s: %s stands twice", p.Name, r)
		}
	}
	if slices.Contains(p.Holders, Public) && (len(p.Holders) > 1 || !p.Anywhere) {
		return fmt.Errorf("permission %s is everybody's: it has no other holder and is held anywhere", p.Name)
	}
	return nil
}

// Can decides by the rule of the package comment. office is the one whose record
// is acted on; it is not looked at for a permission that is held anywhere.
func (m *Matrix) Can(actor Actor, permission string, office ident.OfficeID) bool {
	p, known := m.permissions[permission]
	if !known {
		return false
	}
	if slices.Contains(p.Holders, Public) {
		return true
	}
	if actor.ID == "" {
		return false
	}
	return slices.ContainsFunc(actor.Grants, func(g Grant) bool {
		return slices.Contains(p.Holders, g.Role) && (p.Anywhere && g.Validate() == nil || office != "" && g.covers(office))
	})
}

// Require is Can as an error: nil when the actor may, a fault of kind Unproven
// when nobody has signed in, of kind Forbidden otherwise.
func (m *Matrix) Require(actor Actor, permission string, office ident.OfficeID) error {
	if m.Can(actor, permission, office) {
		return nil
	}
	if actor.ID == "" {
		return fault.Unproven("access.sign_in", fault.Arg("permission", permission))
	}
	return fault.Forbidden("access.denied", fault.Arg("permission", permission),
		fault.Arg("office", string(office)), fault.Arg("roles", RoleList(m.permissions[permission].Holders)))
}

// Has reports whether the permission is declared.
func (m *Matrix) Has(permission string) bool {
	_, known := m.permissions[permission]
	return known
}

// Names lists the permissions, sorted.
func (m *Matrix) Names() []string {
	names := make([]string, 0, len(m.permissions))
	for name := range m.permissions {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// String is the whole matrix as text: a line for each permission, sorted, a
// column for each role, headed by its name from top to bottom. "o" is held at the
// grant's offices, "x" anywhere, "·" not at all. The same permissions give the
// same bytes.
func (m *Matrix) String() string {
	names, roles := m.Names(), Roles()
	width := 0
	for _, name := range names {
		width = max(width, len(name))
	}
	height := 0
	for _, r := range roles {
		height = max(height, len(r))
	}
	var b strings.Builder
	for row := range height {
		line := strings.Repeat(" ", width)
		for _, r := range roles {
			letter := " "
			if at := row - (height - len(r)); at >= 0 { // names stand on the table
				letter = string(r[at])
			}
			line += " " + letter
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	for _, name := range names {
		p := m.permissions[name]
		b.WriteString(name + strings.Repeat(" ", width-len(name)))
		for _, r := range roles {
			switch {
			case !slices.Contains(p.Holders, r):
				b.WriteString(" ·")
			case p.Anywhere:
				b.WriteString(" x")
			default:
				b.WriteString(" o")
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// All gives every permission, sorted by name.
func (m *Matrix) All() (out []Permission) {
	for _, name := range m.Names() {
		right := m.permissions[name]
		right.Holders = slices.Clone(right.Holders)
		out = append(out, right)
	}
	return out
}
