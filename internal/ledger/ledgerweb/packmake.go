package ledgerweb

import (
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger/follow"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/module"
	"adamas.example/verify/canonical"
	"adamas.example/verify/difference"
	"adamas.example/verify/pack"
	"adamas.example/verify/statement"
)

// packMakeCmd makes what a verifier carries, out of a node's register and others;
// or, for verifiers who have an older pack, what has come to it.
type packMakeCmd struct {
	Dir   string   `default:"." placeholder:"DIR" help:"cli_pack_make_dir"`
	Log   []string `placeholder:"URL|DIR" sep:"none" help:"cli_pack_make_log"`
	Since string   `placeholder:"FILE" help:"cli_pack_make_since"`
	Out   string   `required:"" placeholder:"FILE" help:"cli_pack_make_out"`
	JSON  bool     `name:"json" help:"cli_json"`

	OutPath   string `kong:"-"` // Out and Since, whole
	SincePath string `kong:"-"`
}

// madePack is what was made, in JSON.
type madePack struct {
	File       string         `json:"file"`
	Bytes      int64          `json:"bytes"`
	Digest     canonical.Hash `json:"sha256"`
	Since      string         `json:"since,omitempty"` // the pack that a difference applies to
	Pack       *packFile      `json:"pack,omitempty"`  // what a difference gives
	Synthetic  bool           `json:"synthetic"`
	Logs       []packLog      `json:"logs"`
	Snapshot   packSnapshot   `json:"snapshot"`
	Statements map[string]int `json:"statements"`
}

type packFile struct {
	Bytes  int64          `json:"bytes"`
	Digest canonical.Hash `json:"sha256"`
}

// Run has it made.
func (c *packMakeCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Load makes paths whole: packs are too large to travel, and whoever serves the node
// is on the same computer and of the same owner.
func (c *packMakeCmd) Load(*module.Env) (err error) {
	if err := module.CheckNew("--out", c.Out); err != nil {
		return err
	}
	if c.OutPath, err = filepath.Abs(c.Out); err != nil {
		return err
	}
	if c.SincePath, err = filepath.Abs(c.Since); err != nil {
		return err
	}
	c.Log, err = Places(c.Log)
	return err
}

// Do writes the pack, or the difference, and says what is in it.
func (c *packMakeCmd) Do(env *module.Env, n *module.Node) error {
	var err error
	var old *oldPack
	if c.Since != "" {
		if old, err = openOld("--since", c.SincePath); err != nil {
			return err
		}
		defer old.Close()
	}
	sources, err := c.sources()
	if err != nil {
		return err
	}
	f, err := follow.New(follow.Config{Ledger: n.Ledger, Now: env.Now})
	if err != nil {
		return err
	}
	aside := &aside{dir: filepath.Dir(c.OutPath)}
	defer aside.Close()
	order := follow.PackOrder{Signer: n.Signer, Office: n.Office, Now: env.Now(), Roots: n.Roots, Sources: sources, Spool: aside.spool}
	made := &madePack{File: c.Out, Synthetic: n.Synthetic, Snapshot: packSnapshot{n.Office, order.Now.UTC().Truncate(time.Second)}}
	var draft *pack.Draft
	if old == nil {
		made.Bytes, made.Digest, err = create(c.OutPath, func(w io.Writer) (err error) {
			draft, err = f.WritePack(env.Context, w, order)
			return err
		})
	} else {
		made.Since = c.Since
		var whole *os.File
		if whole, err = aside.file(); err != nil {
			return err
		}
		if draft, err = f.WritePack(env.Context, whole, order); err != nil {
			return err
		}
		err = made.difference(c.OutPath, old, whole)
	}
	if err != nil {
		return err
	}
	if err := made.tell(draft); err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(made)
	}
	made.print(env)
	return nil
}

// sources are the other registers to put in.
func (c *packMakeCmd) sources() (out []*tiles.Source, err error) {
	for _, from := range c.Log {
		src, err := OpenSource("--log", from)
		if err != nil {
			return nil, err
		}
		out = append(out, src)
	}
	return out, nil
}

// difference writes what has come since the old pack.
func (m *madePack) difference(path string, old *oldPack, whole *os.File) (err error) {
	info, err := whole.Stat()
	if err != nil {
		return err
	}
	m.Bytes, m.Digest, err = create(path, func(w io.Writer) error {
		return difference.Make(old.file, old.size, whole, info.Size(), old.office, old.time, w)
	})
	if err != nil {
		return err
	}
	sum, err := difference.Sum(whole, info.Size())
	m.Pack = &packFile{sum.Size, sum.Digest}
	return err
}

// tell adds what the draft knows of the pack.
func (m *madePack) tell(d *pack.Draft) error {
	m.Statements = map[string]int{}
	for t, n := range d.Counts {
		m.Statements[t.String()] = n
	}
	logs, err := d.Logs()
	if err != nil {
		return err
	}
	for _, l := range logs {
		m.Logs = append(m.Logs, packLog{l.Cosigned.Checkpoint.Origin, uint64(l.Cosigned.Checkpoint.Size), l.Cosigned.Checkpoint.Root, moment(l.Cosigned.Time), l.Earlier})
	}
	return nil
}

func (m *madePack) print(env *module.Env) {
	title := lang.Args{"file": m.File, "size": m.Bytes}
	key := "ledger.pack.title"
	if m.Since != "" {
		key, title["since"] = "ledger.pack.title_since", m.Since
	}
	fmt.Fprintln(env.Out, env.Words.T(key, title)+Mark(m.Synthetic))
	env.Fields([2]string{"SHA-256", m.Digest.String()}, [2]string{env.Words.T("ledger.pack.snapshot", nil), m.Snapshot.Office + ", " + env.Words.Time(m.Snapshot.Time)})
	for _, l := range m.Logs {
		fmt.Fprintf(env.Out, "\n%s\n", env.Words.T("ledger.log", lang.Args{"log": l.Origin, "size": l.Size}))
		env.Say("ledger.log_witnessed", lang.Args{"time": l.Time})
	}
	counts := map[statement.Type]int64{}
	for t := statement.Type(1); t < 100; t++ {
		if n := m.Statements[t.String()]; n > 0 {
			counts[t] = int64(n)
		}
	}
	printCounts(env, counts)
	if m.Since != "" {
		fmt.Fprintln(env.Out)
		env.Say("ledger.pack.apply_it", lang.Args{"since": m.Since, "file": m.File})
	}
}

// printCounts says how many statements of each kind decide trust and status.
func printCounts(env *module.Env, counts map[statement.Type]int64) {
	fmt.Fprintf(env.Out, "\n%s\n", env.Words.T("ledger.pack.statements", nil))
	for _, t := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(env.Out, "  %6s  %s\n", env.Words.Number(counts[t]), typeWords(env.Words, t))
	}
}

// create is module.CreateNew for --out, with the size and the digest of what was
// written.
func create(path string, write func(io.Writer) error) (size int64, digest canonical.Hash, err error) {
	sum := sha256.New()
	counted := &counter{}
	err = module.CreateNew("--out", path, 0o644, func(w io.Writer) error { return write(io.MultiWriter(w, sum, counted)) })
	return counted.n, canonical.Hash(sum.Sum(nil)), err
}

type counter struct{ n int64 }

func (c *counter) Write(b []byte) (int, error) {
	c.n += int64(len(b))
	return len(b), nil
}

// aside are temporary files beside what is to be written.
type aside struct {
	dir   string
	files []*os.File
}

func (a *aside) file() (*os.File, error) {
	f, err := os.CreateTemp(a.dir, ".adamas-pack.*")
	if err != nil {
		return nil, fault.CannotCreate("module.cannot_write", fault.At("--out"), fault.File(a.dir), fault.Because(err))
	}
	a.files = append(a.files, f)
	return f, nil
}

func (a *aside) spool() (pack.Spool, error) { return a.file() }

// Close removes them.
func (a *aside) Close() {
	for _, f := range a.files {
		f.Close()
		os.Remove(f.Name())
	}
}

// oldPack is a pack that a difference applies to.
type oldPack struct {
	file   *os.File
	size   int64
	office string
	time   int64
}

// openOld verifies a pack and holds it open.
func openOld(field, path string) (*oldPack, error) {
	p, err := module.ReadPack(field, path, canonical.Hash{})
	if err != nil {
		return nil, err
	}
	f, size, err := openFile(field, path)
	if err != nil {
		return nil, err
	}
	return &oldPack{f, size, p.Snapshot.Issuer, p.Snapshot.IssuedAt}, nil
}

// Close closes it.
func (o *oldPack) Close() error { return o.file.Close() }

// openFile opens a file that has been read before, or whose faults ReadFile told.
func openFile(field, path string) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, fault.NotFound("module.file_unreadable", fault.At(field), fault.File(path), fault.Because(err))
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, fault.NotFound("module.file_unreadable", fault.At(field), fault.File(path), fault.Because(err))
	}
	return f, info.Size(), nil
}
