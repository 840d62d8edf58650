package partyweb

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"adamas.example/internal/access"
	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/keyring/keyringweb"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/party"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/period"
	"adamas.example/verify/canonical"
	"adamas.example/verify/statement"
)

// say shows an act before it is recorded: what it says, field by field.
func say(env *module.Env, f *keyringweb.ActFlags, act *keyringweb.Act, key string, rows ...[2]string) {
	if f.JSON {
		return
	}
	env.Say(key, lang.Args{"issuer": act.Issuer()})
	for i := range rows {
		rows[i][0] = env.Words.T("party.field."+rows[i][0], nil)
	}
	env.Fields(rows...)
	fmt.Fprintln(env.Out)
}

// accountCmd states a Participant's account of itself.
type accountCmd struct {
	keyringweb.ActFlags
	Name      string `required:"" placeholder:"TEXT" help:"cli_party_state_account_name"`
	Authority string `required:"" placeholder:"TEXT" help:"cli_party_state_account_authority"`
	Digits    uint64 `default:"8" placeholder:"NUMBER" help:"cli_party_state_digits"`
}

// Run has it done.
func (c *accountCmd) Run(env *module.Env) error { return env.Give(c.Node, c) }

// Do shows it and, with --apply, records it.
func (c *accountCmd) Do(env *module.Env, n *module.Node) error {
	act, err := c.Begin(env, n)
	if err != nil {
		return err
	}
	h, body, err := stated.StateAccount(act.Header(), statement.Participant{Code: string(act.Code()), Name: c.Name, Authority: c.Authority, Digits: c.Digits})
	if err != nil {
		return err
	}
	say(env, &c.ActFlags, act, "party.state.account", [2]string{"name", body.Name}, [2]string{"authority", body.Authority}, [2]string{"digits", fmt.Sprint(body.Digits)})
	return act.Record(h, body, "", map[string]any{"code": body.Code, "name": body.Name, "authority": body.Authority, "digits": body.Digits})
}

// rangeCmd allots numbers to a station.
type rangeCmd struct {
	keyringweb.ActFlags
	Station   string        `required:"" placeholder:"STATION" help:"cli_party_state_range_station"`
	First     uint64        `required:"" placeholder:"NUMBER" help:"cli_party_state_range_first"`
	Last      uint64        `required:"" placeholder:"NUMBER" help:"cli_party_state_range_last"`
	Digits    uint64        `default:"8" placeholder:"NUMBER" help:"cli_party_state_digits"`
	From      string        `placeholder:"DATE" help:"cli_party_state_range_from"`
	Until     string        `required:"" placeholder:"DATE" help:"cli_party_state_range_until"`
	Offline   bool          `help:"cli_party_state_range_offline"`
	LogWithin time.Duration `default:"1h" placeholder:"TIME" help:"cli_party_state_range_log_within"`
}

// Run has it done.
func (c *rangeCmd) Run(env *module.Env) error { return env.Give(c.Node, c) }

// Do shows it and, with --apply, records it.
func (c *rangeCmd) Do(env *module.Env, n *module.Node) error {
	from, until, err := span(env, c.From, c.Until)
	if err != nil {
		return err
	}
	act, err := c.Begin(env, n)
	if err != nil {
		return err
	}
	h, body, err := stated.StateRange(act.Header(), statement.NumberRange{Participant: string(act.Code()), Digits: c.Digits, First: c.First, Last: c.Last,
		Station: c.Station, Offline: c.Offline, LogWithin: uint64(max(0, c.LogWithin)) / uint64(time.Second), From: from, Until: until})
	if err != nil {
		return err
	}
	numbers := body.Number(body.First) + " – " + body.Number(body.Last)
	offline := ""
	if body.Offline {
		offline = env.Words.T("party.range.offline", nil)
	}
	say(env, &c.ActFlags, act, "party.state.range", [2]string{"station", body.Station}, [2]string{"numbers", numbers},
		[2]string{"count", env.Words.Show(body.Last - body.First + 1)}, [2]string{"from", date(env, from)}, [2]string{"until", date(env, until)},
		[2]string{"offline", offline}, [2]string{"log_within", c.LogWithin.String()})
	return act.Record(h, body, "", map[string]any{"station": body.Station, "first": body.Number(body.First), "last": body.Number(body.Last),
		"numbers": body.Last - body.First + 1, "offline": body.Offline, "log_within_seconds": body.LogWithin, "from": period.Date(from), "until": period.Date(until)})
}

func date(env *module.Env, d canonical.Day) string { return env.Words.Date(period.Date(d)) }

// span reads the first and the last day; today for no first one.
func span(env *module.Env, first, last string) (from, until canonical.Day, err error) {
	var faults fault.List
	f, err := day("--from", first, env)
	faults.Add(err)
	u, err := day("--until", last, env)
	faults.Add(err)
	if err := faults.Err(); err != nil {
		return 0, 0, err
	}
	if u < f || f < 0 {
		return 0, 0, fault.Usage("party.ends_before", fault.At("--until"), fault.Arg("from", f), fault.Arg("until", u))
	}
	return canonical.Day(f), canonical.Day(u), nil
}

// rolesCmd says what an officer may do.
type rolesCmd struct {
	keyringweb.ActFlags
	Officer string   `required:"" placeholder:"KEY-ID" help:"cli_party_state_roles_officer"`
	Office  string   `placeholder:"OFFICE" help:"cli_party_state_roles_office"`
	Roles   []string `placeholder:"ROLE,..." help:"cli_party_state_roles_roles"`
	None    bool     `help:"cli_party_state_roles_none"`
	From    string   `placeholder:"DATE" help:"cli_party_state_roles_from"`
	Until   string   `required:"" placeholder:"DATE" help:"cli_party_state_roles_until"`
}

// Run has it done.
func (c *rolesCmd) Run(env *module.Env) error { return env.Give(c.Node, c) }

// Do shows it and, with --apply, records it.
func (c *rolesCmd) Do(env *module.Env, n *module.Node) error {
	if (len(c.Roles) == 0) != c.None {
		return fault.Usage("party.roles_or_none", fault.At("--roles"), fault.Arg("known", stated.OfficeRoles()))
	}
	var id statement.KeyID
	if err := id.UnmarshalText([]byte(strings.TrimSpace(c.Officer))); err != nil {
		return fault.Usage("party.key_id_form", fault.At("--officer"), fault.Text(c.Officer), fault.Because(err))
	}
	first, last, err := span(env, c.From, c.Until)
	if err != nil {
		return err
	}
	act, err := c.Begin(env, n)
	if err != nil {
		return err
	}
	if c.Office == "" {
		c.Office = act.Office()
	}
	office, err := ident.ParseOffice(c.Office)
	if err != nil {
		return fault.Locate(err, fault.At("--office"))
	}
	// Today means from now on: nobody gets a role for the past.
	from := period.Date(first).Start()
	if period.Date(first) == period.DateOf(act.At()) {
		from = act.At()
	}
	var roles []access.Role
	for _, r := range c.Roles {
		roles = append(roles, access.Role(r))
	}
	if err := officerOf(act, id, office); err != nil {
		return err
	}
	h, body, err := stated.StateRoles(act.Header(), id, office, roles, from, period.Date(last).End())
	if err != nil {
		return err
	}
	names := env.Words.T("party.roles.none", nil)
	if len(roles) > 0 {
		names = env.Words.Show(access.RoleList(roles))
	}
	say(env, &c.ActFlags, act, "party.state.roles", [2]string{"officer", id.String()}, [2]string{"office", body.Office}, [2]string{"roles", names},
		[2]string{"from", env.Words.Time(from)}, [2]string{"until", env.Words.Time(period.Date(last).End())})
	return act.Record(h, body, id.String(), map[string]any{"office": body.Office, "roles": append([]string{}, body.Roles...),
		"from": from, "until": period.Date(last).End()})
}

// officerOf refuses a role for a key that is not an officer's of the office: it
// would stand in the register and count for nothing.
func officerOf(act *keyringweb.Act, id statement.KeyID, office ident.OfficeID) error {
	said, err := act.Said(statement.TypeOfficeKey)
	if err != nil {
		return err
	}
	for _, st := range said {
		if k, ok := st.Body.(*statement.OfficeKey); ok && k.Key.ID() == id && k.Office == string(office) && k.Use == statement.UseOfficer {
			return nil
		}
	}
	return fault.NotFound("party.no_officer", fault.Arg("key", id.String()), fault.Arg("office", string(office)))
}

// specimenCmd tells what certificates look like.
type specimenCmd struct {
	keyringweb.ActFlags
	Name     string   `required:"" placeholder:"TEXT" help:"cli_party_state_specimen_name"`
	Features string   `required:"" placeholder:"TEXT" help:"cli_party_state_specimen_features"`
	Picture  []string `sep:"none" placeholder:"FILE" help:"cli_party_state_specimen_picture"`
	From     string   `placeholder:"DATE" help:"cli_party_state_specimen_from"`
	Until    string   `default:"9999-12-30" placeholder:"DATE" help:"cli_party_state_specimen_until"`

	Blobs []statement.Blob `kong:"-"` // of Picture, in its order
}

// mostPicture bounds a picture in bytes.
const mostPicture = 64 << 20

// Run has it done.
func (c *specimenCmd) Run(env *module.Env) error { return env.Give(c.Node, c) }

// Load reads the pictures and keeps of each what the statement says of it.
func (c *specimenCmd) Load(env *module.Env) error {
	if _, _, err := span(env, c.From, c.Until); err != nil {
		return err
	}
	for _, file := range c.Picture {
		raw, err := module.ReadFile("--picture", file, mostPicture)
		if err != nil {
			return err
		}
		media, ok := mediaOf(file)
		if !ok {
			return fault.Invalid("party.picture", fault.At("--picture"), fault.File(file))
		}
		c.Blobs = append(c.Blobs, statement.Blob{Hash: canonical.Sum(raw), Size: uint64(len(raw)), Media: media})
	}
	return c.ActFlags.Load(env)
}

// Do shows it and, with --apply, records it. The pictures themselves stay where
// they are: the statement has their hashes.
func (c *specimenCmd) Do(env *module.Env, n *module.Node) error {
	from, until, err := span(env, c.From, c.Until)
	if err != nil {
		return err
	}
	rows := [][2]string{{"name", c.Name}, {"features", c.Features}, {"from", date(env, from)}, {"until", date(env, until)}}
	view := []map[string]any{}
	for i, b := range c.Blobs {
		rows = append(rows, [2]string{"picture", filepath.Base(c.Picture[i]) + "  " + b.Hash.String()})
		view = append(view, map[string]any{"sha256": b.Hash.String(), "size": b.Size, "media": b.Media})
	}
	act, err := c.Begin(env, n)
	if err != nil {
		return err
	}
	h, body, err := stated.StateSpecimen(act.Header(), statement.Specimen{Participant: string(act.Code()), Name: c.Name, Features: c.Features,
		From: from, Until: until, Pictures: c.Blobs})
	if err != nil {
		return err
	}
	say(env, &c.ActFlags, act, "party.state.specimen", rows...)
	return act.Record(h, body, "", map[string]any{"participant": body.Participant, "name": body.Name, "features": body.Features,
		"from": period.Date(from), "until": period.Date(until), "pictures": view})
}

// mediaOf is the type of a picture by its name.
func mediaOf(file string) (string, bool) {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".jpg", ".jpeg":
		return "image/jpeg", true
	case ".png":
		return "image/png", true
	case ".tif", ".tiff":
		return "image/tiff", true
	case ".webp":
		return "image/webp", true
	case ".pdf":
		return "application/pdf", true
	}
	return "", false
}

// standingCmd says that a change counts in the Participant's own list.
type standingCmd struct {
	keyringweb.ActFlags
	Code      string `required:"" placeholder:"CODE" help:"cli_party_state_standing_code"`
	Kind      string `required:"" placeholder:"KIND" help:"cli_party_state_standing_kind"`
	When      string `required:"" placeholder:"DATE" help:"cli_party_state_standing_when"`
	What      string `required:"" placeholder:"TEXT" help:"cli_party_state_standing_what"`
	Source    string `required:"" placeholder:"TEXT" help:"cli_party_state_standing_source"`
	Certainty string `default:"seen" enum:"seen,memory,inference" help:"cli_party_state_standing_certainty"`
}

// Run has it done.
func (c *standingCmd) Run(env *module.Env) error { return env.Give(c.Node, c) }

// Do shows it and, with --apply, records it.
func (c *standingCmd) Do(env *module.Env, n *module.Node) error {
	when, err := party.ParseWhen(c.When)
	if err != nil {
		return fault.Locate(err, fault.At("--when"))
	}
	code, err := participant("--code", c.Code)
	if err != nil {
		return err
	}
	act, err := c.Begin(env, n)
	if err != nil {
		return err
	}
	h, body, err := stated.StateStanding(act.Header(), code, party.Kind(c.Kind), when, c.What, c.Source, party.Certainty(c.Certainty))
	if err != nil {
		return err
	}
	say(env, &c.ActFlags, act, "party.state.standing", [2]string{"participant", env.Words.Participant(code)},
		[2]string{"change", env.Words.T("party.kind."+body.Kind, nil)}, [2]string{"from", date(env, body.From)}, [2]string{"at_latest", date(env, body.Until)},
		[2]string{"what", body.What}, [2]string{"source", body.Source}, [2]string{"certainty", env.Words.T("party.certainty."+body.Certainty, nil)})
	return act.Record(h, body, "", map[string]any{"code": body.Code, "kind": body.Kind, "from": period.Date(body.From), "until": period.Date(body.Until),
		"what": body.What, "source": body.Source, "certainty": body.Certainty})
}
