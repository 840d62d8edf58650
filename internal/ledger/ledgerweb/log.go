package ledgerweb

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/ledger/tiles"
	"adamas.example/internal/module"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/proof"
	"adamas.example/verify/statement"
)

// logShowCmd reads a register from anywhere and says what stands in it.
type logShowCmd struct {
	From string `required:"" placeholder:"URL|DIR" help:"cli_log_from"`
	believed
	Count int64   `default:"20" placeholder:"NUMBER" help:"cli_log_show_count"`
	JSON  bool    `name:"json" help:"cli_json"`
	Index *uint64 `arg:"" optional:"" help:"cli_log_show_index"`
}

// opened is a register with the checkpoint that was read, and what vouches for it.
type opened struct {
	source *tiles.Source
	tree   *tiles.Tree
	cp     *policy.Checkpoint
	time   time.Time // of the quorum; zero when nothing was asked of witnesses
}

// openLog reads the register's checkpoint, holds it against the witnesses where it
// is said who they are, and opens the tree.
func openLog(env *module.Env, from string, b *believed) (*opened, error) {
	src, err := OpenSource("--from", from)
	if err != nil {
		return nil, err
	}
	text, err := src.Checkpoint(env.Context)
	if err != nil {
		return nil, err
	}
	o := &opened{source: src}
	if o.cp, err = policy.ParseCheckpoint(text); err != nil {
		return nil, fault.Invalid("ledger.source_damaged", fault.File(strings.TrimSuffix(src.Name(), "/")+"/checkpoint"), fault.Because(err))
	}
	pol, err := b.policyFor(o.cp.Origin)
	if err != nil {
		return nil, err
	}
	if pol != nil {
		_, found, err := tiles.Trusted(env.Context, src, pol)
		if err != nil {
			return nil, err
		}
		o.cp, o.time = found.Checkpoint, time.Unix(found.Time, 0).UTC()
	}
	o.tree, err = tiles.OpenTree(env.Context, src, o.cp)
	return o, err
}

// errEnough ends a scan.
var errEnough = errors.New("enough")

// entries reads up to count entries from an index on.
func (o *opened) entries(env *module.Env, from, count int64) (out [][]byte, err error) {
	err = o.tree.Scan(env.Context, from, func(_ int64, entries [][]byte) error {
		out = append(out, entries...)
		if int64(len(out)) >= count {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return out[:min(int64(len(out)), count)], err
}

// Run shows the newest entries, or one.
func (c *logShowCmd) Run(env *module.Env) error {
	if c.Count < 1 || c.Count > 100_000 {
		return fault.Usage("ledger.count", fault.At("--count"), fault.Arg("most", 100_000))
	}
	o, err := openLog(env, c.From, &c.believed)
	if err != nil {
		return err
	}
	if c.Index != nil {
		return c.one(env, o)
	}
	from := max(0, o.cp.Size-c.Count)
	leaves, err := o.entries(env, from, c.Count)
	if err != nil {
		return err
	}
	if c.JSON {
		view := logViewOf(o)
		view.Entries = []saysView{}
		for i, leaf := range leaves {
			view.Entries = append(view.Entries, leafView(uint64(from)+uint64(i), leaf))
		}
		return env.JSON(view)
	}
	printLog(env, o)
	for i, leaf := range leaves {
		n := from + int64(i)
		fmt.Fprintf(env.Out, "%8d  %s\n", n, sayLeaf(env.Words, leaf))
	}
	if from > 0 {
		fmt.Fprintf(env.Err, "%s\n", env.Words.T("ledger.only_newest", lang.Args{"count": c.Count}))
	}
	return nil
}

// one shows a single entry, with everything it says.
func (c *logShowCmd) one(env *module.Env, o *opened) error {
	if int64(*c.Index) >= o.cp.Size || int64(*c.Index) < 0 {
		return fault.NotFound("ledger.no_entry", fault.Arg("index", fmt.Sprint(*c.Index)), fault.Arg("origin", o.cp.Origin), fault.Arg("size", o.cp.Size))
	}
	leaves, err := o.entries(env, int64(*c.Index), 1)
	if err != nil {
		return err
	}
	view := leafView(*c.Index, leaves[0])
	if c.JSON {
		log := logViewOf(o)
		log.Entry = &view
		return env.JSON(log)
	}
	printLog(env, o)
	st, err := statement.Parse(leaves[0])
	if err != nil {
		env.Say("ledger.said.unreadable", lang.Args{"count": len(leaves[0])})
		env.Fields([2]string{env.Words.T("ledger.field.leaf", nil), view.Leaf.String()})
		return nil
	}
	fmt.Fprintf(env.Out, "%d  %s\n\n", *c.Index, SentenceOf(env.Words, st))
	PrintStatement(env, st)
	return nil
}

// PrintStatement shows what a statement says, field by field. Nothing of it is
// judged.
func PrintStatement(env *module.Env, st *statement.Statement) {
	var rows [][2]string
	for _, s := range Says(env.Words, st) {
		rows = append(rows, [2]string{s.Label, s.Value})
	}
	if st.Synthetic {
		fmt.Fprintln(env.Out, "  SYNTHETIC")
	}
	env.Fields(rows...)
}

// Said is one thing that a statement says.
type Said struct {
	Name         string // as in JSON
	Label, Value string // in words
	Hash         canonical.Hash
	Technical    bool // digests, keys and points of registers: for who wants to know how we know
}

// Says lists all that a statement says, in its own order; what it leaves empty is left
// out.
func Says(p *lang.Printer, st *statement.Statement) (out []Said) {
	all := []field{{"type", st.Type}, {"issuer", st.Issuer}, {"issued_at", moment(st.IssuedAt)}}
	if strings.Contains(st.Subject, "/") { // a bare word names nothing beside the kind of statement
		all = append(all, field{"subject", st.Subject})
	}
	if st.Blob != nil {
		all = append(all, field{"blob", st.Blob.Hash}, field{"media", st.Blob.Media}, field{"bytes", st.Blob.Size})
	} else {
		all = append(all, fieldsOf(st.Body)...)
	}
	all = append(all, field{"signed_by", st.Signed.KeyID}, field{"previous", st.Prev})
	for _, r := range st.Refs {
		all = append(all, field{"refers_to", r})
	}
	for _, f := range append(all, field{"statement", st.Hash}) {
		s := Said{Name: f.name, Label: p.T("ledger.field."+f.name, nil), Value: show(p, f.value)}
		switch v := f.value.(type) {
		case canonical.Hash:
			s.Hash, s.Technical = v, true
		case statement.KeyID, []statement.Vector:
			s.Technical = true
		}
		s.Technical = s.Technical || f.name == "cbor" || f.name == "recipient" || f.name == "algorithm"
		if s.Value != "" {
			out = append(out, s)
		}
	}
	return out
}

// sayLeaf is an entry in one sentence.
func sayLeaf(p *lang.Printer, leaf []byte) string {
	st, err := statement.Parse(leaf)
	if err != nil {
		return p.T("ledger.said.unreadable", lang.Args{"count": len(leaf)})
	}
	return SentenceOf(p, st) + Mark(st.Synthetic)
}

// Mark is what stands after whatever is made up.
func Mark(synthetic bool) string {
	if synthetic {
		return "  SYNTHETIC"
	}
	return ""
}

func leafView(index uint64, leaf []byte) saysView {
	v := saysView{}
	if st, err := statement.Parse(leaf); err == nil {
		v = viewOf(st)
	}
	v.Index, v.Leaf, v.Statement = &index, proof.LeafHash(leaf), canonical.Sum(leaf)
	return v
}

// logView is a register in JSON.
type logView struct {
	Log       string         `json:"log"`
	Size      int64          `json:"size"`
	Root      canonical.Hash `json:"root"`
	Witnessed bool           `json:"witnessed"` // held against witnesses here, by --policy or --pack
	Time      *time.Time     `json:"time,omitempty"`
	Entries   []saysView     `json:"entries,omitempty"`
	Entry     *saysView      `json:"entry,omitempty"`
}

func logViewOf(o *opened) logView {
	v := logView{Log: o.cp.Origin, Size: o.cp.Size, Root: o.cp.Root, Witnessed: !o.time.IsZero()}
	if v.Witnessed {
		v.Time = &o.time
	}
	return v
}

// printLog says which register it is and who vouches for what is shown.
func printLog(env *module.Env, o *opened) {
	env.Say("ledger.log", lang.Args{"log": o.cp.Origin, "size": o.cp.Size})
	if o.time.IsZero() {
		env.Say("ledger.log_unwitnessed", nil)
	} else {
		env.Say("ledger.log_witnessed", lang.Args{"time": o.time})
	}
	env.Fields([2]string{env.Words.T("ledger.field.root", nil), o.cp.Root.String()})
	fmt.Fprintln(env.Out)
}
