package specimens

import (
	"bytes"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/internal/party/specimen"
	"adamas.example/internal/period"
	"adamas.example/internal/sheet"
	"adamas.example/internal/store"
)

// heads are the columns of a table of specimens. Names that do not change with the
// language: what one office writes another reads.
var heads = []string{"participant", "kind", "name", "from", "until", "features", "source", "open", "pictures"}

// entry is a row of a table with its pictures.
type entry struct {
	specimen.Draft
	Pictures [][]byte
	Row      int
}

func (x entry) located(err error) error {
	return fault.Locate(err, fault.Record(x.Row))
}

// errTried undoes what was only tried.
var errTried = errors.New("tried")

func tried(err error) error {
	if errors.Is(err, errTried) {
		return nil
	}
	return err
}

func isTwice(err error) bool { return fault.Is(err, "party.specimen_twice") }

// importCmd enters a table.
type importCmd struct {
	nodeFlags
	Pictures string `placeholder:"DIR" help:"cli_specimens_import_pictures"`
	By       string `required:"" placeholder:"TEXT" help:"cli_specimens_by"`
	Apply    bool   `help:"cli_specimens_apply"`
	JSON     bool   `name:"json" help:"cli_json"`
	File     string `arg:"" name:"file" help:"cli_specimens_import_file"`

	Entries []entry `kong:"-"`
}

// Run has it done.
func (c *importCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Load reads the table and its pictures. Faults name the cell; also party.specimen_table,
// party.specimen_word, those of sheet.Read and module.ReadFile.
func (c *importCmd) Load(*module.Env) error {
	raw, err := module.ReadFile("FILE", c.File, sheet.MostBytes)
	if err != nil {
		return err
	}
	page, err := sheet.Read(raw)
	if err != nil {
		return fault.Locate(err, fault.File(c.File))
	}
	at, err := columns(page.Head)
	if err != nil {
		return fault.Locate(err, fault.File(c.File))
	}
	dir := c.Pictures
	if dir == "" {
		dir = filepath.Dir(c.File)
	}
	var faults fault.List
	c.Entries = nil
	for _, r := range page.Rows {
		x, err := entryOf(r, at, dir)
		faults.Add(err)
		c.Entries = append(c.Entries, x)
	}
	return fault.Locate(faults.Err(), fault.File(c.File))
}

func columns(head sheet.Row) (map[string]int, error) {
	at := map[string]int{}
	for i, cell := range head.Cells {
		name := strings.ToLower(strings.TrimSpace(cell.Text))
		if !slices.Contains(heads, name) {
			return nil, fault.Invalid("party.specimen_table", fault.At(cell.At), fault.Text(cell.Text))
		}
		at[name] = i
	}
	for _, name := range heads {
		if _, ok := at[name]; !ok {
			return nil, fault.Invalid("party.specimen_table", fault.Text(name))
		}
	}
	return at, nil
}

// entryOf reads a row.
func entryOf(r sheet.Row, at map[string]int, dir string) (x entry, err error) {
	var faults fault.List
	cell := func(name string) sheet.Cell { return r.Cell(at[name]) }
	text := func(name string) string { return strings.TrimSpace(cell(name).Text) }
	wrong := func(name string, err error) { // first where, then what
		if err != nil {
			faults.Add(fault.Invalid("party.specimen_cell", fault.At(cell(name).At), fault.Text(cell(name).Text)))
			faults.Add(fault.Locate(err, fault.At(cell(name).At)))
		}
	}
	x.Row = r.N
	x.Draft = specimen.Draft{Participant: ident.ParticipantCode(text("participant")), Kind: specimen.Kind(text("kind")), Name: text("name"), Features: cell("features").Text, Source: text("source")}
	x.From, err = period.ParseTyped(text("from"))
	wrong("from", err)
	if text("until") != "" {
		d, err := period.ParseTyped(text("until"))
		wrong("until", err)
		x.Until = &d
	}
	switch word := text("open"); word {
	case "yes":
		x.Open = true
	case "", "no":
	default:
		wrong("open", fault.Invalid("party.specimen_word", fault.Text(word)))
	}
	for name := range strings.FieldsFuncSeq(text("pictures"), func(c rune) bool { return c == ';' || c == '|' }) {
		raw, err := module.ReadFile("pictures", filepath.Join(dir, filepath.Base(strings.TrimSpace(name))), specimen.MostPicture)
		wrong("pictures", err)
		x.Pictures = append(x.Pictures, raw)
	}
	if faults.Err() == nil {
		for _, f := range fault.All(x.Check(x.Pictures)) {
			wrong(f.Field, f)
		}
	}
	return x, faults.Err()
}

// Do enters what is not here yet, or says what it would do.
func (c *importCmd) Do(env *module.Env, n *module.Node) error {
	entered, here, err := enterAll(env, n, c.By, c.Entries, c.Apply)
	if err != nil {
		return err
	}
	if c.JSON {
		return env.JSON(map[string]any{"entered": entered, "here": here, "applied": c.Apply})
	}
	key := "specimens.cli.would"
	if c.Apply {
		key = "specimens.cli.done"
	}
	env.Say(key, lang.Args{"count": entered, "here": here})
	return nil
}

// exportCmd writes what importCmd reads.
type exportCmd struct {
	nodeFlags
	Out string `required:"" placeholder:"DIR" help:"cli_specimens_export_out"`
}

// Run has it done.
func (c *exportCmd) Run(env *module.Env) error { return env.Give(c.Dir, c) }

// Load makes the folder whole.
func (c *exportCmd) Load(*module.Env) (err error) {
	c.Out, err = filepath.Abs(c.Out)
	return err
}

// Do writes the table and the pictures as they came. What counts no more is left out.
func (c *exportCmd) Do(env *module.Env, n *module.Node) error {
	files, rows := map[string][]byte{}, [][]any{}
	err := n.Ledger.Store().Read(env.Context, n.Now(), func(tx *store.Tx) error {
		clear(files)
		rows = nil
		all, err := specimen.All(tx, specimen.Office)
		for _, h := range all {
			for i := range h.Specimens {
				if s := &h.Specimens[i]; s.ID != "" && s.Ended == nil {
					row, err := rowOf(tx, s, files)
					if err != nil {
						return err
					}
					rows = append(rows, row)
				}
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	t := sheet.Sheet{Name: "specimens", Rows: func(yield func([]any, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}}
	for _, head := range heads {
		t.Columns = append(t.Columns, sheet.Column{Head: head})
	}
	var b bytes.Buffer
	if err := t.CSV(&b, lang.English); err != nil {
		return err
	}
	if err := module.WriteNew("--out", filepath.Join(c.Out, "specimens.csv"), b.Bytes(), 0o600); err != nil {
		return err
	}
	for name, raw := range files {
		if err := module.WriteNew("--out", filepath.Join(c.Out, name), raw, 0o600); err != nil {
			return err
		}
	}
	env.Say("specimens.cli.written", lang.Args{"count": len(rows), "pictures": len(files), "folder": c.Out})
	return nil
}

func rowOf(tx *store.Tx, s *specimen.Specimen, files map[string][]byte) ([]any, error) {
	var names []string
	for _, p := range s.Pictures {
		raw, err := specimen.Original(tx, specimen.Office, s.ID, p.N)
		if err != nil {
			return nil, err
		}
		names = append(names, fileName(p))
		files[fileName(p)] = raw
	}
	open := "yes"
	if s.Restricted {
		open = "no"
	}
	return []any{string(s.Participant), string(s.Kind), s.Name, s.Days.From, last(s), s.Features, s.Source, open, strings.Join(names, ";")}, nil
}
