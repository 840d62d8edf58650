package ledgerweb

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/ledger/status"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/module"
	"adamas.example/internal/period"
	"adamas.example/verify/canonical"
	"adamas.example/verify/pack"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// statusCmd counts, from registers alone, what became of every certificate.
type statusCmd struct {
	Trust   string   `required:"" placeholder:"DIR" xor:"chain" help:"cli_status_trust"`
	Pack    string   `required:"" placeholder:"FILE" xor:"chain" help:"cli_status_pack"`
	Root    string   `placeholder:"HEX" help:"cli_pack_root"`
	At      string   `placeholder:"DATE" help:"cli_status_at"`
	Against string   `placeholder:"FILE" help:"cli_status_against"`
	Counts  bool     `help:"cli_status_counts"`
	CSV     bool     `name:"csv" xor:"form" help:"cli_status_csv"`
	JSON    bool     `name:"json" xor:"form" help:"cli_status_json"`
	Logs    []string `arg:"" name:"log" placeholder:"URL|DIR" help:"cli_status_logs"`
}

// Run counts. The exit status is 1 when a count that it was to be held against
// differs. Faults: ledger.status_*, those of reading registers, packs and roots.
func (c *statusCmd) Run(env *module.Env) error {
	on, err := c.day(env)
	if err != nil {
		return err
	}
	chain, err := c.chain()
	if err != nil {
		return err
	}
	var other *counted
	if c.Against != "" {
		if other, err = readCount(c.Against); err != nil {
			return err
		}
	}
	logs, err := c.open(env, chain)
	if err != nil {
		return err
	}
	aside := &aside{dir: os.TempDir()}
	defer aside.Close()
	var against *status.Against
	if other != nil {
		if logs, against, err = other.narrow(env.Context, logs); err != nil {
			return err
		}
		if against == nil {
			if against, err = status.Compare(env.Context, other.snapshot, other.pack, counts(logs), aside.spool); err != nil {
				return err
			}
		}
	}
	scratch, err := aside.file()
	if err != nil {
		return err
	}
	out := &statusOut{env: env, cmd: c, on: on, logs: logs, w: bufio.NewWriterSize(env.Out, 1<<16)}
	if err := out.begin(); err != nil {
		return err
	}
	s, err := status.List(env.Context, chain, counts(logs), scratch, out.line)
	if err != nil {
		return err
	}
	if err := out.end(s, against); err != nil {
		return err
	}
	if against != nil && against.What != status.Agrees {
		return module.Exit(1)
	}
	return nil
}

// day is the day for which expired and overdue are told.
func (c *statusCmd) day(env *module.Env) (period.Date, error) {
	if c.At == "" {
		return period.Date(canonical.DayOf(env.Now().Unix())), nil
	}
	d, err := period.Parse(c.At)
	if err != nil {
		return 0, fault.Usage("ledger.status_day", fault.At("--at"), fault.Text(c.At), fault.Because(err))
	}
	return d, nil
}

// chain is whom to believe.
func (c *statusCmd) chain() (*trust.Chain, error) {
	pin, err := module.ReadFingerprint("--root", c.Root)
	if err != nil {
		return nil, err
	}
	if c.Pack != "" {
		p, err := module.ReadPack("--pack", c.Pack, pin)
		if err != nil {
			return nil, err
		}
		return p.Chain, nil
	}
	chain, _, err := keyring.ReadChain(c.Trust)
	if err == nil && !pin.IsZero() && !slices.Contains(chain.Fingerprints, pin) {
		err = fault.Invalid("ledger.status_root", fault.At("--root"), fault.File(c.Trust))
	}
	return chain, err
}

// readLog is a register to count.
type readLog struct {
	status.Log
	tree *tiles.Tree
	time time.Time // oldest of the witnesses that vouch for it
}

func counts(logs []readLog) []status.Log {
	var out []status.Log
	for _, l := range logs {
		out = append(out, l.Log)
	}
	return out
}

// open opens the registers, each held against the newest root document, and puts
// them in order.
func (c *statusCmd) open(env *module.Env, chain *trust.Chain) ([]readLog, error) {
	var out []readLog
	for _, from := range c.Logs {
		src, err := OpenSource("LOG", from)
		if err != nil {
			return nil, err
		}
		l, err := openCounted(env.Context, chain, src)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(x readLog) bool { return x.Vector.Origin == l.Vector.Origin }) {
			return nil, fault.Usage("ledger.status_twice", fault.At("LOG"), fault.File(from), fault.Arg("origin", l.Vector.Origin))
		}
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b readLog) int { return strings.Compare(a.Vector.Origin, b.Vector.Origin) })
	return out, nil
}

func openCounted(ctx context.Context, chain *trust.Chain, src *tiles.Source) (*readLog, error) {
	text, err := src.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	cp, err := policy.ParseCheckpoint(text)
	if err != nil {
		return nil, fault.NotFound("ledger.no_log_here", fault.Arg("source", src.Name()), fault.Because(err))
	}
	named := chain.Current().Logs
	i := slices.IndexFunc(named, func(x trust.Log) bool { return x.Origin == cp.Origin })
	if i < 0 {
		return nil, fault.Invalid("ledger.log_not_in_root", fault.Arg("source", src.Name()), fault.Arg("origin", cp.Origin))
	}
	pol, err := policy.Parse(named[i].Policy)
	if err != nil {
		return nil, err
	}
	_, found, err := tiles.Trusted(ctx, src, pol)
	if err != nil {
		return nil, err
	}
	tree, err := tiles.OpenTree(ctx, src, found.Checkpoint)
	if err != nil {
		return nil, err
	}
	l := &readLog{tree: tree, time: moment(found.Time)}
	l.upTo(statement.Vector{Origin: found.Checkpoint.Origin, Size: uint64(found.Checkpoint.Size), Root: found.Checkpoint.Root})
	return l, nil
}

// upTo lets the register be counted up to a size that its tree contains.
func (l *readLog) upTo(v statement.Vector) {
	tree := l.tree
	l.Vector = v
	l.Scan = func(ctx context.Context, each func(int64, [][]byte) error) error {
		err := tree.Scan(ctx, 0, func(first int64, entries [][]byte) error {
			left := int64(v.Size) - first
			if left <= 0 {
				return errEnough
			}
			return each(first, entries[:min(left, int64(len(entries)))])
		})
		if errors.Is(err, errEnough) {
			err = nil
		}
		return err
	}
}

// counted is somebody's count: a pack, or a snapshot alone.
type counted struct {
	file     string
	snapshot *statement.Snapshot
	pack     *pack.Pack
}

const mostStatement = 65535

// readCount reads a pack or a signed snapshot. Whose word it is, is not asked here:
// it is counted again.
func readCount(file string) (*counted, error) {
	raw, err := module.ReadFile("--against", file, mostPack)
	if err != nil {
		return nil, err
	}
	if len(raw) <= mostStatement {
		if st, err := statement.Parse(raw); err == nil {
			if s, ok := st.Body.(*statement.Snapshot); ok {
				return &counted{file: file, snapshot: s}, nil
			}
		}
	}
	p, err := module.ReadPack("--against", file, canonical.Hash{})
	if err != nil {
		return nil, err
	}
	return &counted{file, p.Snapshot.Body.(*statement.Snapshot), p}, nil
}

// narrow gives the registers that the count is of, at its sizes; or how the first
// of them differs.
func (o *counted) narrow(ctx context.Context, logs []readLog) ([]readLog, *status.Against, error) {
	var out []readLog
	for _, v := range o.snapshot.Logs {
		i := slices.IndexFunc(logs, func(l readLog) bool { return l.Vector.Origin == v.Origin })
		if i < 0 {
			return nil, nil, fault.Usage("ledger.status_log_missing", fault.At("LOG"), fault.File(o.file), fault.Arg("origin", v.Origin))
		}
		l := logs[i]
		if uint64(l.tree.Size()) < v.Size {
			return nil, nil, fault.Conflict("ledger.status_behind", fault.At("LOG"), fault.File(o.file), fault.Arg("origin", v.Origin),
				fault.Arg("have", l.tree.Size()), fault.Arg("size", int64(v.Size)))
		}
		root, err := l.tree.RootAt(ctx, int64(v.Size))
		if err != nil {
			return nil, nil, err
		}
		if root != v.Root {
			return logs, &status.Against{What: status.OtherLog, Log: v.Origin, Index: &v.Size}, nil
		}
		l.upTo(v)
		out = append(out, l)
	}
	return out, nil, nil
}

// sayAgainst tells how somebody's count compares with ours.
func sayAgainst(env *module.Env, file string, a *status.Against) string {
	args := map[string]any{"file": file, "log": a.Log, "theirs": int64(a.Theirs), "ours": int64(a.Ours), "said": ""}
	if a.Index != nil {
		args["index"] = *a.Index
	}
	if a.Statement != nil {
		args["said"] = SentenceOf(env.Words, a.Statement)
	}
	return fmt.Sprint(env.Words.T("ledger.against."+string(a.What), args))
}
