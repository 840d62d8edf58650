package roster

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/store"
)

const (
	loginLeast, loginMost = 2, 64
	nameMost              = 120
)

// FoldLogin makes a login of what was typed: small letters of ASCII, digits and
// . - _ @, so that no two look alike. Fault: people.login.
func FoldLogin(typed string) (string, error) {
	login := strings.ToLower(strings.TrimSpace(typed))
	bad := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune(".-_@", r)
	}
	if len(login) < loginLeast || len(login) > loginMost || strings.ContainsFunc(login, bad) {
		return "", fault.Invalid("people.login", fault.At("login"), fault.Text(typed), fault.Arg("least", loginLeast), fault.Arg("most", loginMost))
	}
	return login, nil
}

func CheckName(field, typed string) (string, error) {
	name := strings.TrimSpace(typed)
	bad := func(r rune) bool { return !unicode.IsPrint(r) }
	if name == "" || utf8.RuneCountInString(name) > nameMost || !utf8.ValidString(name) || strings.ContainsFunc(name, bad) {
		return "", fault.Invalid("people.name", fault.At(field), fault.Text(typed), fault.Arg("most", nameMost))
	}
	return name, nil
}

// inTrade are the roles that act on parcels and papers.
var inTrade = [...]access.Role{access.Exporter, access.Valuator, access.Sealer, access.Validator, access.Importer}

func HoldsAny(grants []access.Grant, roles ...access.Role) bool {
	return slices.ContainsFunc(grants, func(g access.Grant) bool { return slices.Contains(roles, g.Role) })
}

// NeedsSecond tells whether a password alone does not open the account: for
// everybody but those who only act for a company.
func NeedsSecond(grants []access.Grant) bool {
	return slices.ContainsFunc(grants, func(g access.Grant) bool { return g.Role != access.Exporter })
}

// Checked is a proposal in its stored form, with every fault in it at once: those of
// access for grants, and people.login, name, language, no_role,
// administrator_in_trade, exporter_and_officer, company_missing,
// company_of_officer.
func (p Proposal) Checked() (Proposal, error) {
	var faults fault.List
	keep := func(into *string, v string, err error) {
		faults.Add(err)
		*into = v
	}
	login, err := FoldLogin(p.Login)
	keep(&p.Login, login, err)
	name, err := CheckName("name", p.Name)
	keep(&p.Name, name, err)
	if p.Language != lang.Brazilian && !slices.Contains(lang.Languages(), p.Language) {
		faults.Add(fault.Invalid("people.language", fault.At("language"), fault.Text(string(p.Language))))
	}
	p.Company.Holder, p.Company.Licence = strings.TrimSpace(p.Company.Holder), strings.TrimSpace(p.Company.Licence)
	p.Grants = tidy(p.Grants)
	faults.Add(checkGrants(p.Grants), checkCompany(p.Grants, p.Company))
	return p, faults.Err()
}

// tidy leaves each grant once, in a fixed order.
func tidy(grants []access.Grant) []access.Grant {
	out := slices.Clone(grants)
	slices.SortFunc(out, func(a, b access.Grant) int {
		return strings.Compare(string(a.Role)+"|"+string(a.Office)+"|"+string(a.Participant), string(b.Role)+"|"+string(b.Office)+"|"+string(b.Participant))
	})
	return slices.Compact(out)
}

func checkGrants(grants []access.Grant) error {
	if len(grants) == 0 {
		return fault.Invalid("people.no_role", fault.At("grants"))
	}
	var faults fault.List
	for _, g := range grants {
		faults.Add(g.Validate())
	}
	if HoldsAny(grants, access.Administrator) && HoldsAny(grants, inTrade[:]...) {
		faults.Add(fault.Invalid("people.administrator_in_trade", fault.At("grants")))
	}
	if HoldsAny(grants, access.Exporter) && NeedsSecond(grants) {
		faults.Add(fault.Invalid("people.exporter_and_officer", fault.At("grants")))
	}
	return faults.Err()
}

func checkCompany(grants []access.Grant, c Company) error {
	if !HoldsAny(grants, access.Exporter) {
		if c != (Company{}) {
			return fault.Invalid("people.company_of_officer", fault.At("holder"))
		}
		return nil
	}
	if c.Holder == "" || c.Licence == "" {
		return fault.Invalid("people.company_missing", fault.At("holder"))
	}
	_, err := CheckName("holder", c.Holder)
	_, other := CheckName("licence", c.Licence)
	var faults fault.List
	faults.Add(err, other)
	return faults.Err()
}

// administers tells whether one of the grants makes its holder administrator of
// where g is held. Nobody administers what is held everywhere: that is given and
// taken at the server.
func administers(by []access.Grant, g access.Grant) bool {
	return slices.ContainsFunc(by, func(a access.Grant) bool {
		if a.Role != access.Administrator || a.Validate() != nil {
			return false
		}
		participant := g.Participant
		if g.Office != "" {
			participant = g.Office.Participant()
		}
		if a.Reach() == access.AtOffice {
			return g.Office == a.Office
		}
		return participant != "" && participant == a.Participant
	})
}

func AdministersAll(by, grants []access.Grant) bool {
	return len(grants) > 0 && !slices.ContainsFunc(grants, func(g access.Grant) bool { return !administers(by, g) })
}

func AdministersAny(by, grants []access.Grant) bool {
	return slices.ContainsFunc(grants, func(g access.Grant) bool { return administers(by, g) })
}

// MayGive refuses grants that are not the administrator's to give or take.
func MayGive(by Person, grants []access.Grant) error {
	for _, g := range grants {
		if !administers(by.Actor().Grants, g) {
			where := string(g.Office)
			if where == "" {
				where = string(g.Participant)
			}
			if where == "" {
				return fault.Forbidden("people.given_at_server", fault.At("grants"), fault.Arg("role", access.RoleList{g.Role}))
			}
			return fault.Forbidden("people.not_your_office", fault.At("grants"), fault.Arg("role", access.RoleList{g.Role}), fault.Arg("where", where))
		}
	}
	return nil
}

// Differing are the grants of one list that are not in the other.
func Differing(a, b []access.Grant) []access.Grant {
	var out []access.Grant
	for _, g := range a {
		if !slices.Contains(b, g) {
			out = append(out, g)
		}
	}
	for _, g := range b {
		if !slices.Contains(a, g) {
			out = append(out, g)
		}
	}
	return out
}

// KeepsAdministrator refuses an act after which nobody active administers the
// office: the account itself is left out of the count.
func KeepsAdministrator(tx *store.Tx, without Person) error {
	if without.State != Active || !without.Holds(access.Administrator) {
		return nil
	}
	n, err := otherAdministrators(tx, without)
	if err == nil && n == 0 {
		return fault.Conflict("people.last_administrator")
	}
	return err
}

func otherAdministrators(tx *store.Tx, than Person) (int, error) {
	all, err := Everybody(tx)
	n := 0
	for _, r := range all {
		if r.ID != than.ID && r.State == Active && r.Holds(access.Administrator) {
			n++
		}
	}
	return n, err
}

// Roles writes grants for the trail.
func Roles(grants []access.Grant) string {
	var out []string
	for _, g := range grants {
		where := string(g.Office)
		if where == "" {
			where = string(g.Participant)
		}
		if where == "" {
			where = "*"
		}
		out = append(out, string(g.Role)+" "+where)
	}
	return strings.Join(out, ", ")
}

// FreeKeys refuses keys that are no keys, or another's: two people behind one key
// would be one pair of eyes (design.md 5).
func FreeKeys(tx *store.Tx, p Person, keys []SigningKey) error {
	all, err := Everybody(tx)
	if err != nil {
		return err
	}
	for i, k := range keys {
		if k.ID.IsZero() || k.Kind != InRing && k.Kind != InPasskey {
			return fault.Invalid("people.key_kind", fault.At("keys"))
		}
		for _, other := range keys[:i] {
			if other.ID == k.ID {
				return fault.Invalid("people.key_kind", fault.At("keys"))
			}
		}
		for _, r := range all {
			for _, theirs := range r.Keys {
				if r.ID != p.ID && theirs.ID == k.ID {
					return fault.Conflict("people.key_taken", fault.At("keys"), fault.Arg("key", k.ID.String()), fault.Arg("name", r.Name))
				}
			}
		}
	}
	return nil
}

// SetKeys keeps the keys of a person and gives them as the trail has them. Faults as of
// FreeKeys.
func SetKeys(tx *store.Tx, p Person, keys []SigningKey) (said string, err error) {
	if err := FreeKeys(tx, p, keys); err != nil {
		return "", err
	}
	p.Keys = keys
	var ids []string
	for _, k := range keys {
		ids = append(ids, k.ID.String()+" "+string(k.Kind))
	}
	return strings.Join(ids, ", "), Save(tx, p)
}

// AddKey keeps one more key of a person, unless it is his already. Faults as of FreeKeys.
func AddKey(tx *store.Tx, p Person, k SigningKey) (added bool, err error) {
	if slices.Contains(p.Keys, k) {
		return false, nil
	}
	_, err = SetKeys(tx, p, append(slices.Clone(p.Keys), k))
	return err == nil, err
}
