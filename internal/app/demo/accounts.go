package demo

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"golang.org/x/sync/errgroup"

	"adamas.example/internal/access"
	"adamas.example/internal/app/node"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring/officers"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/party/partyweb/entrance/synthetic"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/people/proof"
)

// accountsTable is the people for a reader; synthetic.FileName is them for programs.
const accountsTable = "people-SYNTHETIC.txt"

// staff are the people of each office: the founder first. The names belong to nobody.
var staff = []struct {
	login, name string
	role        access.Role
}{
	{"admin-1", "SYNTHETIC Alda Abara", access.Administrator}, {"admin-2", "SYNTHETIC Boris Benko", access.Administrator},
	{"exporter", "SYNTHETIC Clara Cissé", access.Exporter}, {"valuator", "SYNTHETIC Dario Dantas", access.Valuator},
	{"sealer", "SYNTHETIC Emma Eboué", access.Sealer}, {"officer-1", "SYNTHETIC Felix Fontaine", access.Validator},
	{"officer-2", "SYNTHETIC Grace Gbeho", access.Validator}, {"importer", "SYNTHETIC Hugo Haddad", access.Importer},
	{"statistician", "SYNTHETIC Irene Ivanova", access.Statistician}, {"monitor", "SYNTHETIC Joana Jorge", access.Monitor},
}

// employ gives the office its people, as an office gets them: the first administrator is
// founded, the others are invited, and each comes in by his link with a password and the
// codes of an app. The two validating officers are the holders of the keys that the
// authority has appointed.
func (c *country) employ(d *demo) error {
	s, err := module.Service[*people.Service](c.face)
	if err != nil {
		return err
	}
	first, entry, err := c.found(d, s)
	if err != nil {
		return err
	}
	hired := make([]synthetic.Person, len(staff))
	hired[0] = first
	var all errgroup.Group
	for i := range hired[1:] {
		all.Go(func() (err error) {
			hired[i+1], err = c.hire(d, s, entry.Visit, i+1)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	if err := s.SignOut(d.env.Context, entry.Visit); err != nil {
		return err
	}
	d.people = append(d.people, hired...)
	return d.writePeople()
}

func (c *country) proposal(i int) (people.Proposal, error) {
	g, err := access.GrantAt(staff[i].role, ident.OfficeID(c.office))
	p := people.Proposal{Login: staff[i].login, Name: staff[i].name, Language: lang.English, Grants: []access.Grant{g}}
	if c.code == "CF" {
		p.Language = lang.French
	}
	if staff[i].role == access.Exporter {
		p.Company = people.Company{Holder: exporterName, Licence: exporterLicence}
	}
	return p, err
}

func (c *country) found(d *demo, s *people.Service) (out synthetic.Person, entry people.Entry, err error) {
	p, err := c.proposal(0)
	if err != nil {
		return out, entry, err
	}
	secret, err := s.OpenSetUp(d.env.Context)
	if err != nil {
		return out, entry, err
	}
	token, err := s.Found(d.env.Context, people.From{}, secret, p)
	if err != nil {
		return out, entry, err
	}
	return c.comeIn(d, s, 0, token)
}

// hire invites one of the staff, who comes in; an officer is given his keys.
func (c *country) hire(d *demo, s *people.Service, by people.Visit, i int) (out synthetic.Person, err error) {
	p, err := c.proposal(i)
	if err != nil {
		return out, err
	}
	var token string
	if p.Grants[0].Reach() == access.AtOffice {
		token, err = s.Invite(d.env.Context, by, p)
	} else { // more than an office's administrator gives
		token, err = s.InviteAtServer(d.env.Context, p)
	}
	if err != nil {
		return out, err
	}
	out, entry, err := c.comeIn(d, s, i, token)
	if err != nil {
		return out, err
	}
	if err := s.SignOut(d.env.Context, entry.Visit); err != nil {
		return out, err
	}
	out.Company, out.Licence = p.Company.Holder, p.Company.Licence
	n := slices.Index([]string{"officer-1", "officer-2"}, out.Login)
	if n < 0 {
		return out, nil
	}
	key := c.cards[1+n].Key.ID()
	keys := filepath.Join(c.folder(), officers.Folder, out.Login)
	out.KeyID, out.Keys = key.String(), filepath.ToSlash(keys)
	if err := copyKeys(d.path(keysFolder, c.officers[n]), d.path(keys)); err != nil {
		return out, err
	}
	return out, s.SetKeys(d.env.Context, by, entry.Visit.Person.ID, []people.SigningKey{{ID: key, Kind: people.InRing}})
}

// comeIn uses a link as its owner would.
func (c *country) comeIn(d *demo, s *people.Service, i int, token string) (out synthetic.Person, entry people.Entry, err error) {
	from := people.From{Address: fmt.Sprintf("127.0.0.%d", i+1)} // each his own: one address may try only so often
	set, err := s.StartCode(d.env.Context, from, token)
	if err != nil {
		return out, entry, err
	}
	code := base32.StdEncoding.WithPadding(base32.NoPadding)
	secret, err := code.DecodeString(set.Secret)
	if err != nil {
		return out, entry, err
	}
	var b [10]byte
	rand.Read(b[:])
	word := strings.ToLower(code.EncodeToString(b[:]))
	out = synthetic.Person{Office: c.office, Login: staff[i].login, Name: staff[i].name, Role: staff[i].role,
		Password: strings.Join([]string{word[:4], word[4:8], word[8:12], word[12:]}, "-"), Secret: set.Secret}
	entry, err = s.Accept(d.env.Context, from, token, people.Factors{Password: out.Password, Code: proof.CodeAt(secret, d.env.Now())})
	return out, entry, err
}

// copyKeys gives an officer's ring to where the office's program looks for it.
func copyKeys(from, to string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	files, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(from, f.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, f.Name()), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// writePeople writes who was employed so far, for programs and for readers.
func (d *demo) writePeople() error {
	b, err := json.MarshalIndent(synthetic.File{Synthetic: true, People: d.people}, "", "  ")
	if err != nil {
		return err
	}
	if err := node.WriteFile(d.path(synthetic.FileName), append(b, '\n')); err != nil {
		return err
	}
	t := func(key string) string { return d.env.Words.T(key, nil) }
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n\n", t("demo.people.what"))
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join([]string{t("demo.people.office"), t("demo.people.login"), t("demo.people.password"), t("demo.people.secret"), t("demo.people.role"), t("demo.people.name")}, "\t"))
	for _, p := range d.people {
		fmt.Fprintln(w, strings.Join([]string{p.Office, p.Login, p.Password, p.Secret, t("role." + string(p.Role)), p.Name}, "\t"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(&text, "\n%s\n", t("demo.people.keys"))
	return node.WriteFile(d.path(accountsTable), []byte(text.String()))
}

// tellPeople says where the people are, when there are any.
func (d *demo) tellPeople() {
	if _, err := os.Stat(d.path(accountsTable)); err == nil {
		d.env.Say("demo.people", lang.Args{"file": filepath.Join(d.shown, accountsTable)})
	}
}
