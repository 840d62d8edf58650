package ledgerweb

import (
	"fmt"
	"os"
	"time"

	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/period"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/statement"
)

// packShowCmd shows what a pack holds, after verifying all of it.
type packShowCmd struct {
	Root string `placeholder:"HEX" help:"cli_pack_root"`
	JSON bool   `name:"json" help:"cli_json"`
	File string `arg:"" help:"cli_pack_show_file"`
}

// Run shows it, or refuses it with the reason.
func (c *packShowCmd) Run(env *module.Env) error {
	pin, err := module.ReadFingerprint("--root", c.Root)
	if err != nil {
		return err
	}
	p, err := module.ReadPack("FILE", c.File, pin)
	if err != nil {
		return err
	}
	info, err := os.Stat(c.File)
	if err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(packViewOf(c.File, info.Size(), p))
	}
	printPack(env, c.File, info.Size(), p)
	return nil
}

// packView is a pack in JSON.
type packView struct {
	File       string         `json:"file"`
	Bytes      int64          `json:"bytes"`
	Digest     canonical.Hash `json:"sha256"`
	Synthetic  bool           `json:"synthetic"`
	Roots      []packRoot     `json:"roots"`
	Logs       []packLog      `json:"logs"`
	Snapshot   packSnapshot   `json:"snapshot"`
	Statements map[string]int `json:"statements"`
	Keys       []packKey      `json:"keys"`
	Ranges     []packRange    `json:"ranges"`
	Ignored    []packIgnored  `json:"ignored,omitempty"`
}

type packRoot struct {
	Version     uint64         `json:"version"`
	Fingerprint canonical.Hash `json:"fingerprint"`
	Issued      time.Time      `json:"issued"`
	Expires     time.Time      `json:"expires"`
}

type packLog struct {
	Origin string         `json:"origin"`
	Size   uint64         `json:"size"`
	Root   canonical.Hash `json:"root"`
	Time   time.Time      `json:"time"` // oldest of the witnesses that vouch for it
	// Earlier is the number of earlier checkpoints, which show when entries were recorded.
	Earlier int `json:"earlier"`
}

type packSnapshot struct {
	Office string    `json:"office"`
	Time   time.Time `json:"time"`
}

type packKey struct {
	KeyID   string    `json:"key_id"`
	Office  string    `json:"office"`
	Use     string    `json:"use"`
	From    time.Time `json:"from"`
	Until   time.Time `json:"until"`
	Revoked string    `json:"revoked,omitempty"` // the reason
}

type packRange struct {
	First   string `json:"first"`
	Last    string `json:"last"`
	Station string `json:"station"`
	Offline bool   `json:"offline"`
	From    string `json:"from"`
	Until   string `json:"until"`
}

// packIgnored is a statement in a pack that nobody with a say has signed.
type packIgnored struct {
	Log    string `json:"log"`
	Index  uint64 `json:"index"`
	Type   string `json:"type"`
	Reason string `json:"reason"`
}

func packViewOf(file string, size int64, p *pack.Pack) packView {
	v := packView{File: file, Bytes: size, Digest: p.Digest, Synthetic: p.Chain.Current().Synthetic, Statements: map[string]int{},
		Snapshot: packSnapshot{p.Snapshot.Issuer, moment(p.Snapshot.IssuedAt)}, Keys: []packKey{}, Ranges: []packRange{}}
	for i, r := range p.Chain.Roots {
		v.Roots = append(v.Roots, packRoot{r.Version, p.Chain.Fingerprints[i], moment(r.Issued), moment(r.Expires)})
	}
	for _, l := range p.Logs {
		v.Logs = append(v.Logs, packLog{l.Origin, l.Size(), l.Cosigned.Checkpoint.Root, moment(l.Cosigned.Time), l.Earlier()})
	}
	for _, e := range p.Entries {
		v.Statements[e.Statement.Type.String()]++
		if r, ok := e.Statement.Body.(*statement.NumberRange); ok {
			if _, _, counts := p.Directory.Range(e.Statement.Hash); counts {
				v.Ranges = append(v.Ranges, packRange{r.Number(r.First), r.Number(r.Last), r.Station, r.Offline,
					period.Date(r.From).String(), period.Date(r.Until).String()})
			}
		}
	}
	for _, id := range p.Directory.Keys() {
		for _, k := range p.Directory.Key(id) {
			key := packKey{KeyID: id.String(), Office: k.Office, Use: string(useOf(k.Use)), From: moment(k.From), Until: moment(k.Until)}
			if k.Revoked != nil {
				key.Revoked = k.Revoked.Reason
			}
			v.Keys = append(v.Keys, key)
		}
	}
	for _, i := range p.Directory.Ignored {
		v.Ignored = append(v.Ignored, packIgnored{i.Entry.Origin, i.Entry.Index, i.Entry.Statement.Type.String(), i.Reason})
	}
	return v
}

// printPack says a pack in words.
func printPack(env *module.Env, file string, size int64, p *pack.Pack) {
	w := env.Words
	v := packViewOf(file, size, p)
	t := func(key string) string { return w.T("ledger.pack."+key, nil) }
	fmt.Fprintln(env.Out, w.T("ledger.pack.title", lang.Args{"file": file, "size": size})+Mark(v.Synthetic))
	env.Fields([2]string{"SHA-256", v.Digest.String()}, [2]string{t("snapshot"), v.Snapshot.Office + ", " + w.Time(v.Snapshot.Time)})
	for _, r := range v.Roots {
		fmt.Fprintf(env.Out, "\n%s\n", w.T("ledger.pack.root", lang.Args{"version": fmt.Sprint(r.Version)}))
		env.Fields([2]string{t("fingerprint"), r.Fingerprint.String()}, [2]string{t("expires"), w.Time(r.Expires)})
	}
	for _, l := range v.Logs {
		fmt.Fprintf(env.Out, "\n%s\n", w.T("ledger.log", lang.Args{"log": l.Origin, "size": l.Size}))
		env.Say("ledger.log_witnessed", lang.Args{"time": l.Time})
		if l.Earlier > 0 {
			env.Say("ledger.pack.earlier", lang.Args{"count": l.Earlier})
		}
	}
	counts := map[statement.Type]int64{}
	for _, e := range p.Entries {
		counts[e.Statement.Type]++
	}
	printCounts(env, counts)
	fmt.Fprintf(env.Out, "\n%s\n", t("keys"))
	for _, k := range v.Keys {
		state := w.T("ledger.pack.key_until", lang.Args{"time": k.Until})
		if k.Revoked != "" {
			state = w.T("ledger.pack.key_revoked", lang.Args{"reason": k.Revoked})
		}
		fmt.Fprintf(env.Out, "  %s  %s, %s  %s\n", k.KeyID, k.Office, w.Show(word(k.Use)), state)
	}
	fmt.Fprintf(env.Out, "\n%s\n", t("ranges"))
	for _, r := range v.Ranges {
		line := fmt.Sprintf("  %s – %s  %s", r.First, r.Last, r.Station)
		if r.Offline {
			line += "  " + t("offline")
		}
		fmt.Fprintln(env.Out, line)
	}
	if len(v.Ignored) > 0 {
		fmt.Fprintf(env.Out, "\n%s\n", t("ignored"))
	}
	for _, i := range v.Ignored {
		fmt.Fprintf(env.Out, "  %s %d  %s  (%s)\n", i.Log, i.Index, i.Type, i.Reason)
	}
}
