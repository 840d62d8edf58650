package specimens

import (
	"crypto/rand"
	"fmt"
	"path/filepath"

	"adamas.example/internal/document/picture"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/party/specimen"
	"adamas.example/internal/period"
	"adamas.example/internal/store"
)

type commands struct {
	Specimens struct {
		List     listCmd     `cmd:"" help:"cli_specimens_list"`
		Show     showCmd     `cmd:"" help:"cli_specimens_show"`
		Import   importCmd   `cmd:"" help:"cli_specimens_import"`
		Export   exportCmd   `cmd:"" help:"cli_specimens_export"`
		Withdraw withdrawCmd `cmd:"" help:"cli_specimens_withdraw"`
	} `cmd:"" help:"cli_specimens"`
}

// Commands is a pointer to the commands, for module.Module.
func Commands() any { return &commands{} }

type nodeFlags struct {
	Dir string `default:"." placeholder:"DIR" help:"cli_people_dir"`
}

// Load has nothing to read.
func (nodeFlags) Load(*module.Env) error { return nil }

// view is a specimen in JSON.
type view struct {
	ID          ident.RecordID `json:"id,omitempty"`
	Participant string         `json:"participant"`
	Kind        specimen.Kind  `json:"kind"`
	Name        string         `json:"name"`
	From        period.Date    `json:"from"`
	Until       *period.Date   `json:"until,omitempty"`
	Features    string         `json:"features"`
	Source      string         `json:"source"`
	Status      status         `json:"status"`
	By          string         `json:"entered_by"`
	Pictures    []pictureView  `json:"pictures"`
	Ended       string         `json:"ended_because,omitempty"`
}

type pictureView struct {
	SHA256 string `json:"sha256"`
	Media  string `json:"media"`
	Size   int64  `json:"size"`
	Stated bool   `json:"stated_by_authority"`
}

func viewOf(s *specimen.Specimen) view {
	v := view{ID: s.ID, Participant: string(s.Participant), Kind: s.Kind, Name: s.Name, From: s.Days.From, Features: s.Features, Source: s.Source,
		Status: row{code: s.Participant, shown: s}.status(), By: s.EnteredBy, Pictures: []pictureView{}}
	if d, ok := last(s).(period.Date); ok {
		v.Until = &d
	}
	for _, p := range s.Pictures {
		v.Pictures = append(v.Pictures, pictureView{p.Hash.String(), p.Media, p.Size, p.Stated})
	}
	if s.Ended != nil {
		v.Ended = s.Ended.Why
	}
	return v
}

// listCmd lists the register.
type listCmd struct {
	nodeFlags
	Participant string `placeholder:"CODE" help:"cli_specimens_list_participant"`
	Public      bool   `help:"cli_specimens_list_public"`
	JSON        bool   `name:"json" help:"cli_json"`
}

// Run has it done.
func (c *listCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do prints it. Whoever may use a node's folder may see all that is in it.
func (c *listCmd) Do(env *module.Env, n *module.Node) error {
	eyes := specimen.Office
	if c.Public {
		eyes = specimen.Public
	}
	var all []specimen.Holding
	err := n.Ledger.Store().Read(env.Context, n.Now(), func(tx *store.Tx) (err error) {
		all, err = specimen.All(tx, eyes)
		return err
	})
	if err != nil {
		return err
	}
	out, hidden := []view{}, []string{}
	for _, h := range all {
		if c.Participant != "" && string(h.Participant) != c.Participant {
			continue
		}
		for i := range h.Specimens {
			out = append(out, viewOf(&h.Specimens[i]))
		}
		if h.Restricted {
			hidden = append(hidden, string(h.Participant))
		}
	}
	if c.JSON {
		return env.JSON(map[string]any{"specimens": out, "restricted": hidden})
	}
	for _, v := range out {
		until := env.Words.T("specimens.in_use", nil)
		if v.Until != nil {
			until = env.Words.Date(*v.Until)
		}
		fmt.Fprintf(env.Out, "%s  %s  %s  %s – %s  %s\n", env.Words.Participant(ident.ParticipantCode(v.Participant)), v.Name, env.Words.Show(v.Kind), env.Words.Date(v.From), until, env.Words.Show(v.Status))
		if v.ID != "" {
			fmt.Fprintf(env.Out, "  %s\n", v.ID)
		}
	}
	for _, code := range hidden {
		fmt.Fprintf(env.Out, "%s  %s\n", env.Words.Participant(ident.ParticipantCode(code)), env.Words.T("specimens.status.hidden", nil))
	}
	return nil
}

// showCmd shows one.
type showCmd struct {
	nodeFlags
	Out  string `placeholder:"DIR" help:"cli_specimens_show_out"`
	JSON bool   `name:"json" help:"cli_json"`
	ID   string `arg:"" name:"id" help:"cli_specimens_id"`
}

// Run has it done.
func (c *showCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Load makes the folder whole: whoever serves the node stands elsewhere.
func (c *showCmd) Load(*module.Env) (err error) {
	if c.Out != "" {
		c.Out, err = filepath.Abs(c.Out)
	}
	return err
}

// Do prints it and writes its pictures. Fault party.no_specimen.
func (c *showCmd) Do(env *module.Env, n *module.Node) error {
	var s *specimen.Specimen
	files := map[string][]byte{}
	err := n.Ledger.Store().Read(env.Context, n.Now(), func(tx *store.Tx) (err error) {
		clear(files)
		if s, err = specimen.Get(tx, specimen.Office, ident.RecordID(c.ID)); err != nil || c.Out == "" {
			return err
		}
		for _, p := range s.Pictures {
			if files[fileName(p)], err = specimen.Original(tx, specimen.Office, s.ID, p.N); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for name, raw := range files {
		if err := module.WriteNew("--out", filepath.Join(c.Out, name), raw, 0o600); err != nil {
			return err
		}
	}
	v := viewOf(s)
	if c.JSON {
		return env.JSON(v)
	}
	rows := [][2]string{{"specimens.col.participant", env.Words.Participant(s.Participant)}, {"specimens.col.name", s.Name}, {"specimens.col.kind", env.Words.Show(s.Kind)},
		{"specimens.col.from", env.Words.Date(v.From)}, {"specimens.col.status", env.Words.Show(v.Status)}, {"specimens.features", s.Features}, {"specimens.source", s.Source},
		{"specimens.entered", env.Words.T("specimens.entered.by", lang.Args{"by": s.EnteredBy, "at": s.EnteredAt})}, {"specimens.f.why", v.Ended}}
	for i := range rows {
		rows[i][0] = env.Words.T(rows[i][0], nil)
	}
	for _, p := range v.Pictures {
		rows = append(rows, [2]string{env.Words.T("specimens.pictures", nil), p.Media + "  " + p.SHA256})
	}
	env.Fields(rows...)
	return nil
}

// fileName names a picture by its content.
func fileName(p specimen.Picture) string {
	return p.Hash.String() + map[string]string{picture.JPEG: ".jpg", picture.PNG: ".png", picture.PDF: ".pdf"}[p.Media]
}

// withdrawCmd ends one.
type withdrawCmd struct {
	nodeFlags
	By  string `required:"" placeholder:"TEXT" help:"cli_specimens_by"`
	Why string `required:"" placeholder:"TEXT" help:"cli_specimens_withdraw_why"`
	ID  string `arg:"" name:"id" help:"cli_specimens_id"`
}

// Run has it done.
func (c *withdrawCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Do ends it. Faults: those of specimen.Withdraw.
func (c *withdrawCmd) Do(env *module.Env, n *module.Node) error {
	var name string
	err := n.Ledger.Store().Write(env.Context, n.Now(), func(tx *store.Tx) error {
		s, err := specimen.Get(tx, specimen.Office, ident.RecordID(c.ID))
		if err != nil {
			return err
		}
		name = s.String()
		return specimen.Withdraw(tx, c.By, s.ID, oneLine(c.Why))
	})
	if err == nil {
		env.Say("specimens.cli.withdrawn", lang.Args{"name": name})
	}
	return err
}

// enterAll enters what is not here yet; with apply false it writes nothing.
func enterAll(env *module.Env, n *module.Node, by string, all []entry, apply bool) (entered, here int, err error) {
	work := func(tx *store.Tx) error {
		entered, here = 0, 0
		for _, x := range all {
			_, err := specimen.Enter(tx, rand.Reader, by, x.Draft, x.Pictures)
			switch {
			case isTwice(err):
				here++
			case err != nil:
				return x.located(err)
			default:
				entered++
			}
		}
		if !apply {
			return errTried
		}
		return nil
	}
	return entered, here, tried(n.Ledger.Store().Write(env.Context, n.Now(), work))
}
