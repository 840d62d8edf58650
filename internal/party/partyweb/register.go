package partyweb

import (
	"fmt"
	"strconv"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/party/stated"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
	"adamas.example/verify/statement"
)

// registerFlags are common to what is read from registers.
type registerFlags struct {
	nodeFlags
	Participant string `placeholder:"CODE" help:"cli_party_participant"`
	JSON        bool   `name:"json" help:"cli_json"`
}

// codes are the Participants asked for: the one named, or all that have stated
// something.
func (f *registerFlags) codes(tx *store.Tx) ([]ident.ParticipantCode, error) {
	code, err := participant("--participant", f.Participant)
	if err != nil || code != "" {
		return []ident.ParticipantCode{code}, err
	}
	return stated.Stating(tx)
}

// statedView is where something was said.
type statedView struct {
	Log       string    `json:"log"`
	Statement string    `json:"statement"`
	IssuedAt  time.Time `json:"issued_at"`
	Synthetic bool      `json:"synthetic"`
}

func statedOf(s stated.Stated) statedView {
	return statedView{s.Origin, s.Hash.String(), s.IssuedAt, s.Synthetic}
}

// made marks what is made up wherever it is shown.
func made(s stated.Stated) string {
	if s.Synthetic {
		return "  SYNTHETIC"
	}
	return ""
}

// officesCmd lists offices with their keys, officers and stations.
type officesCmd struct {
	registerFlags
	On string `placeholder:"DATE" help:"cli_party_offices_on"`
}

type keyView struct {
	statedView
	ID       string    `json:"key_id"`
	From     time.Time `json:"from"`
	Until    time.Time `json:"until"`
	Types    []string  `json:"types,omitempty"`
	Good     bool      `json:"good"`
	Ended    []string  `json:"ended,omitempty"` // reasons
	Conflict bool      `json:"conflict,omitempty"`
	Roles    []string  `json:"roles,omitempty"`
	Unknown  []string  `json:"roles_unknown,omitempty"`
}

type officeView struct {
	ID        string            `json:"office"`
	Name      string            `json:"name"`
	Keys      []keyView         `json:"keys"`
	Officers  []keyView         `json:"officers"`
	Stations  []ident.StationID `json:"stations"`
	Account   string            `json:"participant_name"`
	Authority string            `json:"authority"`
}

// Run has it done.
func (c *refusedCmd) Run(env *module.Env) error { return c.give(env, c) }

// Do has it done.
func (c *specimensCmd) Run(env *module.Env) error { return c.give(env, c) }

// Do has it done.
func (c *rangesCmd) Run(env *module.Env) error { return c.give(env, c) }

// Do has it done.
func (c *officesCmd) Run(env *module.Env) error { return c.give(env, c) }

// Do prints them as they stood on a day.
func (c *officesCmd) Do(env *module.Env, n *module.Node) error {
	at := env.Now().UTC()
	if c.On != "" {
		d, err := day("--on", c.On, env)
		if err != nil {
			return err
		}
		at = d.End().Add(-time.Second)
	}
	out := []officeView{}
	err := c.read(env, n, func(tx *store.Tx) error {
		out = out[:0]
		codes, err := c.codes(tx)
		if err != nil {
			return err
		}
		accounts, err := stated.Accounts(tx)
		if err != nil {
			return err
		}
		for _, code := range codes {
			offices, err := stated.Offices(tx, code, at)
			if err != nil {
				return err
			}
			for _, o := range offices {
				out = append(out, officeOf(o, accounts, at))
			}
		}
		return nil
	})
	if err != nil || c.JSON {
		return jsonOr(env, err, map[string]any{"at": at, "offices": out})
	}
	for _, o := range out {
		sayOffice(env, o)
	}
	env.Say("party.offices.count", lang.Args{"count": len(out)})
	return nil
}

func officeOf(o stated.Office, accounts []stated.Account, at time.Time) officeView {
	v := officeView{ID: string(o.ID), Name: o.Name, Keys: []keyView{}, Officers: []keyView{}, Stations: append([]ident.StationID{}, o.Stations...)}
	for _, a := range accounts {
		if a.Code == o.ID.Participant() {
			v.Account, v.Authority = a.Name, a.Authority
		}
	}
	for _, k := range o.Keys {
		v.Keys = append(v.Keys, keyOf(k, at))
	}
	for _, f := range o.Officers {
		k := keyOf(f.Key, at)
		for _, r := range f.Roles {
			k.Roles = append(k.Roles, string(r))
		}
		k.Unknown = f.Unknown
		v.Officers = append(v.Officers, k)
	}
	return v
}

func keyOf(k stated.Key, at time.Time) keyView {
	v := keyView{statedView: statedOf(k.Stated), ID: k.ID, From: k.From, Until: k.Until, Types: k.Types, Good: k.Good(at), Conflict: k.Conflict}
	for _, e := range k.Ended {
		v.Ended = append(v.Ended, e.Reason)
	}
	return v
}

func sayOffice(env *module.Env, o officeView) {
	t := func(key string) string { return env.Words.T(key, nil) }
	fmt.Fprintf(env.Out, "%s  %s\n", o.ID, o.Name)
	env.Fields([2]string{t("party.field.authority"), o.Authority})
	for _, k := range o.Keys {
		env.Fields([2]string{t("party.field.key"), sayKey(env, k)})
	}
	for _, k := range o.Officers {
		roles := t("party.roles.none")
		if len(k.Roles) > 0 {
			roles = ""
			for i, r := range k.Roles {
				if i > 0 {
					roles += ", "
				}
				roles += t("role." + r)
			}
		}
		env.Fields([2]string{t("party.field.officer"), sayKey(env, k) + "; " + roles})
	}
	for _, s := range o.Stations {
		env.Fields([2]string{t("party.field.station"), string(s)})
	}
	fmt.Fprintln(env.Out)
}

func sayKey(env *module.Env, k keyView) string {
	state := "party.key.good"
	switch {
	case k.Conflict:
		state = "party.key.conflict"
	case len(k.Ended) > 0:
		state = "party.key.ended"
	case !k.Good:
		state = "party.key.not_good"
	}
	out := k.ID + "  " + env.Words.T(state, lang.Args{"until": k.Until, "reason": k.Ended})
	if k.Synthetic {
		out += "  SYNTHETIC"
	}
	return out
}

// jsonOr prints a value unless reading it failed.
func jsonOr(env *module.Env, err error, v any) error {
	if err != nil {
		return err
	}
	return env.JSON(v)
}

// rangesCmd lists the numbers that were allotted.
type rangesCmd struct {
	registerFlags
	Office  string `placeholder:"OFFICE" help:"cli_party_ranges_office"`
	Station string `placeholder:"STATION" help:"cli_party_ranges_station"`
	Year    int    `placeholder:"YEAR" help:"cli_party_ranges_year"`
}

type rangeView struct {
	statedView
	Office    ident.OfficeID  `json:"office"`
	Station   ident.StationID `json:"station"`
	First     string          `json:"first"` // certificate numbers
	Last      string          `json:"last"`
	Numbers   uint64          `json:"numbers"`
	Offline   bool            `json:"offline"`
	LogWithin int64           `json:"log_within_seconds"`
	From      period.Date     `json:"from"`
	Until     period.Date     `json:"until"` // inclusive
}

type sumView struct {
	Participant string `json:"participant"`
	Office      string `json:"office"`
	Station     string `json:"station"`
	Year        int    `json:"year"`
	Ranges      int    `json:"ranges"`
	Numbers     uint64 `json:"numbers"`
}

// filter reads the flags.
func (c *rangesCmd) filter() (f stated.RangeFilter, err error) {
	var faults fault.List
	f.Year = c.Year
	f.Participant, err = participant("--participant", c.Participant)
	faults.Add(err)
	if c.Office != "" {
		f.Office, err = ident.ParseOffice(c.Office)
		faults.Add(fault.Locate(err, fault.At("--office")))
	}
	if c.Station != "" {
		f.Station, err = ident.ParseStation(c.Station)
		faults.Add(fault.Locate(err, fault.At("--station")))
	}
	return f, faults.Err()
}

// Run prints the ranges, the sums by station and year, and what overlaps.
func (c *rangesCmd) Do(env *module.Env, n *module.Node) error {
	f, err := c.filter()
	if err != nil {
		return err
	}
	var ranges []stated.Range
	err = c.read(env, n, func(tx *store.Tx) (err error) {
		ranges, err = stated.Ranges(tx, f)
		return err
	})
	if err != nil {
		return err
	}
	out, sums, overlaps := []rangeView{}, []sumView{}, [][2]string{}
	for _, r := range ranges {
		out = append(out, rangeView{statedOf(r.Stated), r.Office, r.Station, r.Number(r.First), r.Number(r.Last), r.Numbers(), r.Offline,
			int64(r.LogWithin / time.Second), r.Days.From, r.Days.Until.AddDays(-1)})
	}
	for _, s := range stated.SumRanges(ranges) {
		sums = append(sums, sumView{string(s.Participant), string(s.Office), string(s.Station), s.Year, s.Ranges, s.Numbers})
	}
	for _, o := range stated.Overlapping(ranges) {
		overlaps = append(overlaps, [2]string{o[0].Hash.String(), o[1].Hash.String()})
	}
	if c.JSON {
		return env.JSON(map[string]any{"ranges": out, "sums": sums, "overlaps": overlaps})
	}
	var rows [][]string
	for i, r := range out {
		offline := ""
		if r.Offline {
			offline = env.Words.T("party.range.offline", nil)
		}
		rows = append(rows, []string{string(r.Station), r.First + " – " + r.Last, env.Words.Show(r.Numbers),
			env.Words.Date(r.From) + " – " + env.Words.Date(r.Until), offline + made(ranges[i].Stated)})
	}
	table(env, rows)
	fmt.Fprintln(env.Out)
	for _, s := range sums {
		env.Say("party.range.sum", lang.Args{"station": s.Station, "year": strconv.Itoa(s.Year), "numbers": s.Numbers, "count": s.Ranges})
	}
	for _, o := range stated.Overlapping(ranges) {
		env.Say("party.range.overlap", lang.Args{"first": o[0].Number(max(o[0].First, o[1].First)), "last": o[0].Number(min(o[0].Last, o[1].Last)),
			"one": string(o[0].Station), "other": string(o[1].Station)})
	}
	return nil
}

// specimensCmd lists what certificates look like.
type specimensCmd struct {
	registerFlags
	On string `placeholder:"DATE" help:"cli_party_specimens_on"`
}

// Run prints the specimens in force on a day.
func (c *specimensCmd) Do(env *module.Env, n *module.Node) error {
	on, err := day("--on", c.On, env)
	if err != nil {
		return err
	}
	var found []stated.Specimen
	err = c.read(env, n, func(tx *store.Tx) error {
		found = nil
		codes, err := c.codes(tx)
		for _, code := range codes {
			if err == nil {
				var some []stated.Specimen
				some, err = stated.SpecimensOn(tx, code, on)
				found = append(found, some...)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	type pictureView struct {
		SHA256 string `json:"sha256"`
		Media  string `json:"media"`
		Size   int64  `json:"size"`
	}
	type view struct {
		statedView
		Participant string        `json:"participant"`
		Name        string        `json:"name"`
		Days        daysView      `json:"days"`
		Features    string        `json:"features"`
		Pictures    []pictureView `json:"pictures"`
	}
	out := []view{}
	for _, s := range found {
		v := view{statedOf(s.Stated), string(s.Participant), s.Name, daysOf(s.Days), s.Features, []pictureView{}}
		for _, p := range s.Pictures {
			v.Pictures = append(v.Pictures, pictureView{p.Hash.String(), p.Media, p.Size})
		}
		out = append(out, v)
	}
	if c.JSON {
		return env.JSON(map[string]any{"on": on, "specimens": out})
	}
	for _, s := range found {
		fmt.Fprintf(env.Out, "%s  %s%s\n", env.Words.Participant(s.Participant), s.Name, made(s.Stated))
		env.Fields([2]string{env.Words.T("party.field.from", nil), env.Words.Date(s.Days.From)}, [2]string{env.Words.T("party.field.features", nil), s.Features})
		for _, p := range s.Pictures {
			env.Fields([2]string{env.Words.T("party.field.picture", nil), p.Media + "  " + p.Hash.String()})
		}
	}
	env.Say("party.specimens.count", lang.Args{"count": len(found), "on": on})
	return nil
}

// refusedCmd lists what stands in the registers and does not count.
type refusedCmd struct {
	nodeFlags
	JSON bool `name:"json" help:"cli_json"`
}

// Run prints each statement with the reason.
func (c *refusedCmd) Do(env *module.Env, n *module.Node) error {
	var found []stated.Refused
	err := c.read(env, n, func(tx *store.Tx) (err error) {
		found, err = stated.RefusedStatements(tx)
		return err
	})
	if err != nil {
		return err
	}
	type view struct {
		statedView
		Type   statement.Type `json:"type"`
		Issuer string         `json:"issuer"`
		Reason string         `json:"reason"`
		Detail string         `json:"detail"`
	}
	out := []view{}
	for _, r := range found {
		out = append(out, view{statedOf(r.Stated), r.Type, r.Issuer, r.Reason, r.Detail})
	}
	if c.JSON {
		return env.JSON(map[string]any{"refused": out})
	}
	for _, r := range found {
		fmt.Fprintf(env.Out, "%s  %s  %s: %s%s\n", env.Words.Time(r.IssuedAt), r.Issuer, r.Type, env.Words.T("party.refused."+r.Reason, nil), made(r.Stated))
		fmt.Fprintf(env.Out, "  %s  %s\n", r.Origin, r.Hash)
	}
	env.Say("party.refused.count", lang.Args{"count": len(found)})
	return nil
}
