package firstrun

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"adamas.example/data"
	"adamas.example/internal/access"
	"adamas.example/internal/app/caller"
	"adamas.example/internal/app/node"
	"adamas.example/internal/app/setup"
	"adamas.example/internal/app/tlsca"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/party"
	"adamas.example/internal/party/people"
	"adamas.example/internal/party/people/proof"
	"adamas.example/internal/web/form"
)

// Kinds of set-up, as the draft has them.
const (
	trialKind = "trial"
	realKind  = "real"
	againKind = "again"
)

// Ways to be reached.
const (
	here     = "here"
	building = "building"
	proxied  = "proxy"
)

// step is one question. Words are setup.step.<name>, and .what below it.
type step struct {
	name    string
	fields  func(*Site, *form.Form, *lang.Printer, setup.Draft) []form.Field
	check   func(*Site, context.Context, setup.Draft, url.Values) error
	secret  []string // fields that are kept nowhere
	applies func(kind string) bool
}

func always(string) bool     { return true }
func onlyReal(k string) bool { return k == realKind }
func onlyNew(k string) bool  { return k == realKind || k == trialKind }
func again(k string) bool    { return k == againKind }

// steps are the questions in their order.
var steps = []step{
	{name: "kind", fields: kindFields, check: checkKind, applies: always},
	{name: "office", fields: officeFields, check: checkOffice, applies: onlyNew},
	{name: "keys", fields: keysFields, check: checkKeys, secret: []string{"passphrase", "again"}, applies: onlyReal},
	{name: "old", fields: oldFields, check: checkOld, secret: []string{"passphrase"}, applies: again},
	{name: "people", fields: peopleFields, check: checkPeople, applies: onlyNew},
	{name: "network", fields: networkFields, check: checkNetwork, applies: onlyNew},
	{name: "backup", fields: backupFields, check: checkBackup, applies: onlyNew},
}

// stepsOf are the steps of a kind of set-up.
func stepsOf(kind string) (out []step) {
	for _, s := range steps {
		if s.applies(kind) {
			out = append(out, s)
		}
	}
	return out
}

// stepPage is one question with its fields.
type stepPage struct {
	Form   *form.Form
	Name   string
	What   string
	Where  string // "Step 2 of 6"
	Fields []form.Field
	Notes  []string
	Back   string
}

type doorPage struct{ Form *form.Form }

func (s *Site) form(r *http.Request, v url.Values) *form.Form { return form.New(s.site.Printer(r), v) }

// label is a field's name in the reader's language.
type label string

// TextKeys names its words.
func (l label) TextKeys() []string { return []string{"setup.f." + string(l)} }

func empty(name string) error {
	return fault.Invalid("setup.empty", fault.At(name), fault.Arg("label", label(name)))
}

func required(faults *fault.List, d setup.Draft, names ...string) {
	for _, name := range names {
		if d[name] == "" {
			faults.Add(empty(name))
		}
	}
}

func kindFields(_ *Site, f *form.Form, p *lang.Printer, _ setup.Draft) []form.Field {
	var options []form.Option
	for _, k := range []string{trialKind, realKind, againKind} {
		options = append(options, form.Option{Value: k, Text: p.T("setup.kind."+k, nil), Hint: p.T("setup.kind."+k+".hint", nil)})
	}
	return []form.Field{f.Radios("kind", "setup.f.kind", options)}
}

func checkKind(_ *Site, _ context.Context, d setup.Draft, _ url.Values) error {
	if !slices.Contains([]string{trialKind, realKind, againKind}, d["kind"]) {
		return fault.Invalid("setup.choose", fault.At("kind"))
	}
	return nil
}

// participants are all that the register of the scheme knows, by name.
func participants(p *lang.Printer) (out []form.Option) {
	scheme, err := party.Load(data.FS, nil)
	if err != nil {
		return nil
	}
	for _, code := range scheme.Register.Codes() {
		out = append(out, form.Option{Value: string(code), Text: p.Participant(code)})
	}
	lang.Sort(p, out, func(o form.Option) string { return o.Text })
	return out
}

func officeFields(_ *Site, f *form.Form, p *lang.Printer, d setup.Draft) []form.Field {
	hint := func(name string) string { return p.T("setup.f."+name+".hint", nil) }
	var duties []form.Option
	for _, duty := range setup.Duties() {
		duties = append(duties, form.Option{Value: string(duty), Text: p.T("setup.duty."+string(duty), nil), Hint: p.T("setup.duty."+string(duty)+".hint", nil)})
	}
	out := []form.Field{f.Select("participant", "setup.f.participant", participants(p)),
		f.Radios("duty", "setup.f.duty", duties),
		f.Text("office_name", "setup.f.office_name").With(hint("office_name")),
		f.Text("office", "setup.f.office").With(hint("office")).Narrow("20"),
		f.Text("authority", "setup.f.authority").With(hint("authority")),
		f.Text("computer", "setup.f.computer").With(hint("computer")).Narrow("20")}
	if d["kind"] == realKind {
		out = append(out, f.Text("origin", "setup.f.origin").With(hint("origin")).Exact())
	}
	return out
}

func checkOffice(s *Site, _ context.Context, d setup.Draft, _ url.Values) error {
	var faults fault.List
	required(&faults, d, "participant", "duty", "office_name", "office", "authority", "computer")
	if d["kind"] == realKind {
		required(&faults, d, "origin")
	}
	if faults.Err() != nil {
		return faults.Err()
	}
	if !slices.Contains(setup.Duties(), setup.Duty(d["duty"])) {
		faults.Add(fault.Invalid("setup.choose", fault.At("duty")))
	}
	c := s.config(d)
	if _, err := ident.ParseOffice(c.Office); err != nil {
		faults.Add(fault.Invalid("setup.slug", fault.At("office"), fault.Text(d["office"])))
	} else if _, err := ident.ParseStation(c.Station); err != nil {
		faults.Add(fault.Invalid("setup.slug", fault.At("computer"), fault.Text(d["computer"])))
	}
	if err := setup.CheckOrigin(c.Origin); err != nil {
		faults.Add(fault.Invalid("setup.origin", fault.At("origin"), fault.Text(c.Origin)))
	}
	return faults.Err()
}

// made tells whether the folder has keys already, of a set-up that was cut off.
func (s *Site) made() bool {
	ring, err := keyring.Unlock(filepath.Join(s.Dir, node.KeysFolder), nil)
	if err != nil {
		return false
	}
	cards, err := ring.Cards()
	return len(cards) > 0 || err != nil // a key whose card was cut off is one too
}

func keysFields(s *Site, f *form.Form, p *lang.Printer, _ setup.Draft) []form.Field {
	if s.made() {
		return []form.Field{f.Password("passphrase", "setup.f.passphrase.there", "current-password")}
	}
	return []form.Field{f.Password("passphrase", "setup.f.passphrase", "new-password").With(p.T("setup.f.passphrase.hint", nil)),
		f.Password("again", "setup.f.again", "new-password")}
}

func checkKeys(s *Site, ctx context.Context, d setup.Draft, typed url.Values) error {
	passphrase := typed.Get("passphrase")
	if s.made() {
		if err := s.opens(ctx, passphrase); err != nil {
			return err
		}
	} else {
		if err := proof.CheckPassword(passphrase, d["login"], d["name"], d["office"]); err != nil {
			return fault.Invalid("setup.passphrase", fault.At("passphrase"), fault.Arg("least", proof.Shortest), fault.Because(err))
		}
		if typed.Get("again") != passphrase {
			return fault.Invalid("setup.differs", fault.At("again"))
		}
	}
	s.unlock(passphrase)
	return nil
}

// unlock keeps a passphrase that was found right until the office is started.
func (s *Site) unlock(passphrase string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passphrase, s.unlocked = passphrase, true
}

// opens tries a passphrase at the keys that are there.
func (s *Site) opens(ctx context.Context, passphrase string) error {
	ring, err := keyring.Unlock(filepath.Join(s.Dir, node.KeysFolder), func(context.Context) (string, error) { return passphrase, nil })
	if err != nil {
		return err
	}
	if err := ring.Mend(ctx); err != nil {
		return fault.Restate(err, fault.At("passphrase"))
	}
	cards, err := ring.Cards()
	if err != nil {
		return err
	}
	for _, c := range cards {
		if c.Purpose != keyring.Message {
			if _, err := ring.Signer(ctx, c.Name, c.Purpose); err != nil {
				return fault.Restate(err, fault.At("passphrase"))
			}
			break
		}
	}
	return nil
}

func oldFields(_ *Site, f *form.Form, p *lang.Printer, _ setup.Draft) []form.Field {
	return []form.Field{f.Text("from", "setup.f.from").With(p.T("setup.f.from.hint", nil)).Exact(),
		f.Text("backup", "setup.f.backup").With(p.T("setup.f.backup.hint", nil)).Exact(),
		f.Password("passphrase", "setup.f.passphrase.there", "current-password")}
}

func checkOld(s *Site, ctx context.Context, d setup.Draft, typed url.Values) error {
	var faults fault.List
	required(&faults, d, "from", "backup")
	if faults.Err() != nil {
		return faults.Err()
	}
	if err := setup.CheckOld(ctx, d["from"], d["backup"], typed.Get("passphrase")); err != nil {
		return err
	}
	s.unlock(typed.Get("passphrase"))
	return nil
}

func peopleFields(_ *Site, f *form.Form, p *lang.Printer, _ setup.Draft) []form.Field {
	var languages []form.Option
	for _, l := range lang.Languages() {
		languages = append(languages, form.Option{Value: string(l), Text: p.T("web.language."+string(l), nil)})
	}
	return []form.Field{f.Text("name", "setup.f.name").Complete("name"), f.Text("login", "setup.f.login").With(p.T("setup.f.login.hint", nil)).Narrow("20").Complete("username"),
		f.Radios("reads", "setup.f.reads", languages)}
}

func checkPeople(s *Site, _ context.Context, d setup.Draft, _ url.Values) error {
	proposal := setup.Administrator(d)
	proposal.Grants = []access.Grant{{Role: access.Administrator, Office: ident.OfficeID(s.config(d).Office)}}
	_, err := people.Proposal(proposal).Checked()
	for _, f := range fault.All(err) {
		if f.Field == "language" {
			f.Field = "reads"
		}
	}
	return err
}

func networkFields(_ *Site, f *form.Form, p *lang.Printer, _ setup.Draft) []form.Field {
	var ways []form.Option
	for _, w := range []string{here, building, proxied} {
		ways = append(ways, form.Option{Value: w, Text: p.T("setup.way."+w, nil), Hint: p.T("setup.way."+w+".hint", nil)})
	}
	return []form.Field{f.Radios("way", "setup.f.way", ways),
		f.Text("hosts", "setup.f.hosts").With(p.T("setup.f.hosts.hint", nil)).Exact(),
		f.Text("port", "setup.f.port").With(p.T("setup.f.port.hint", nil)).Narrow("5").Digits(),
		f.Text("url", "setup.f.url").With(p.T("setup.f.url.hint", nil)).Exact()}
}

func checkNetwork(_ *Site, _ context.Context, d setup.Draft, _ url.Values) error {
	switch d["way"] {
	case here:
		return nil
	case building:
		return checkBuilding(d)
	case proxied:
		if d["url"] == "" {
			return empty("url")
		}
		u, err := caller.ParseURL(d["url"])
		if err == nil && u.Scheme != "https" {
			err = fault.Invalid("caller.url", fault.At("url"), fault.Text(d["url"]))
		}
		return err
	}
	return fault.Invalid("setup.choose", fault.At("way"))
}

func checkBuilding(d setup.Draft) error {
	var faults fault.List
	if _, err := tlsca.CheckHosts(hostsOf(d)); err != nil {
		faults.Add(fault.Restate(err, fault.At("hosts")))
	}
	if len(hostsOf(d)) == 0 {
		faults.Add(empty("hosts"))
	}
	n, err := strconv.Atoi(d["port"])
	if err != nil || n < 1 || n > 65535 {
		faults.Add(fault.Invalid("setup.port", fault.At("port"), fault.Text(d["port"])))
	} else if ln, err := net.Listen("tcp", ":"+d["port"]); err != nil {
		faults.Add(fault.Conflict("setup.port_taken", fault.At("port"), fault.Text(d["port"]), fault.Because(err)))
	} else {
		ln.Close()
	}
	return faults.Err()
}

func hostsOf(d setup.Draft) []string {
	return strings.FieldsFunc(d["hosts"], func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
}

func backupFields(_ *Site, f *form.Form, p *lang.Printer, _ setup.Draft) []form.Field {
	return []form.Field{f.Text("backup_to", "setup.f.backup_to").With(p.T("setup.f.backup_to.hint", nil)).Exact()}
}

// checkBackup tries to write where backups are to go: a stick that is missing, a folder
// of somebody else's are found out now.
func checkBackup(_ *Site, _ context.Context, d setup.Draft, _ url.Values) error {
	to := d["backup_to"]
	if to == "" {
		return nil
	}
	if !filepath.IsAbs(to) {
		return fault.Invalid("setup.path", fault.At("backup_to"), fault.Text(to))
	}
	err := os.MkdirAll(to, 0o700)
	if err == nil {
		var f *os.File
		if f, err = os.CreateTemp(to, ".adamas-*"); err == nil {
			f.Close()
			err = os.Remove(f.Name())
		}
	}
	if err != nil {
		return fault.Invalid("setup.cannot_write", fault.At("backup_to"), fault.File(to), fault.Arg("why", err.Error()), fault.Because(err))
	}
	return nil
}

// config is the office that a draft describes.
func (s *Site) config(d setup.Draft) node.Config {
	office := d["participant"] + "/" + d["office"]
	c := node.Config{Office: office, Station: office + "/" + d["computer"], Origin: d["origin"], Synthetic: d["kind"] == trialKind, BackupTo: d["backup_to"]}
	if c.Synthetic {
		c.Origin = strings.ToLower(d["participant"]) + "." + d["office"] + ".trial.example/" + strconv.Itoa(s.site.Now().Year())
	}
	switch d["way"] {
	case building:
		_, port, _ := net.SplitHostPort(s.Listen)
		c.Listen, c.HTTPS, c.Hosts = ":"+port, ":"+d["port"], hostsOf(d)
	case proxied:
		c.URL = strings.TrimSuffix(d["url"], "/")
	}
	return c
}
