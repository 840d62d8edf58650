package rule

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/rule/tomlline"
)

// Bounds of a folder. A set of every rule known is some 60 KiB.
const (
	mostFile  = 256 << 10
	mostFiles = 100
)

// Check reads the rule set in the root of fsys, whose files are one set.toml
// with the table [set] and any number of others with [[rule]]s. What is wrong
// comes back as a fault.List with every fault of every file, each with file,
// line, field and remedy; the Set is then not usable.
//
// Markdown files and names that start with a dot are passed over; any other
// file or folder is refused, so that no rule is missed for a slip in its name.
func Check(fsys fs.FS) (Set, error) {
	r := &reader{spots: spots{places: map[string]spot{}, broken: map[string]bool{}}}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return Set{}, fault.IO("rule.unreadable", fault.File("."), fault.Because(err))
	}
	var files []string
	for _, e := range entries {
		name := e.Name()
		switch {
		case strings.HasPrefix(name, ".") || path.Ext(name) == ".md" && !e.IsDir():
		case path.Ext(name) == ".toml" && !e.IsDir():
			files = append(files, name)
		default:
			r.faults.Add(fault.Invalid("rule.file_unexpected", fault.File(name)))
		}
	}
	if len(files) > mostFiles {
		return Set{}, fault.TooLarge("rule.too_many_files", fault.Arg("most", mostFiles), fault.Arg("count", len(files)))
	}
	for _, name := range files {
		r.readFile(fsys, name)
	}
	if r.header == "" && !r.spots.broken["set"] {
		r.faults.Add(fault.Invalid("rule.no_set", fault.File("set.toml")))
		r.spots.broken["set"] = true
	}
	set, err := build(r.content, r.spots)
	if err != nil || len(r.faults) > 0 {
		r.faults.Add(err)
		slices.SortStableFunc(r.faults, byPlace)
		return Set{}, r.faults.Err()
	}
	return set, nil
}

// byPlace orders faults as one would mend them, file by file and down the page.
func byPlace(a, b *fault.Fault) int {
	fileA, _ := a.Args["file"].(string)
	fileB, _ := b.Args["file"].(string)
	lineA, _ := a.Args["record"].(int)
	lineB, _ := b.Args["record"].(int)
	return cmp.Or(cmp.Compare(fileA, fileB), cmp.Compare(lineA, lineB))
}

// reader collects the files of one set.
type reader struct {
	file    string
	lines   tomlline.Lines // of file
	header  string         // the file that holds [set]
	content Content
	spots   spots
	faults  fault.List
}

// note keeps where the element at path stands.
func (r *reader) note(local, path string) {
	r.spots.places[path] = spot{r.file, r.lines.Of(local)}
}

// readFile reads one file; one that cannot be read at all breaks the set header
// too when it may have held it.
func (r *reader) readFile(fsys fs.FS, name string) {
	r.file = name
	text, f := load(fsys, name)
	table := map[string]any{}
	if f == nil {
		if _, err := toml.Decode(text, &table); err != nil {
			f = syntax(name, err)
		}
	}
	if f != nil {
		r.faults.Add(f)
		r.spots.broken["set"] = r.spots.broken["set"] || r.header == ""
		r.spots.broken[allRules] = true
		return
	}
	r.lines = tomlline.Scan(text)
	root := &node{r: r, table: table}
	if set := root.child("set"); set != nil {
		r.set(set)
	}
	first := len(r.content.Rules)
	for _, n := range root.children(allRules, first) {
		r.content.Rules = append(r.content.Rules, r.rule(n))
	}
	root.done()
}

func load(fsys fs.FS, name string) (string, *fault.Fault) {
	file, err := fsys.Open(name)
	if err != nil {
		return "", fault.IO("rule.unreadable", fault.File(name), fault.Because(err))
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, mostFile+1))
	if err != nil {
		return "", fault.IO("rule.unreadable", fault.File(name), fault.Because(err))
	}
	if len(raw) > mostFile {
		return "", fault.TooLarge("rule.file_too_large", fault.File(name), fault.Arg("most", mostFile))
	}
	return string(raw), nil
}

// syntax puts the library's finding, which is in English, into a fault.
func syntax(name string, err error) *fault.Fault {
	parse, ok := errors.AsType[toml.ParseError](err)
	if !ok {
		parse = toml.ParseError{Message: err.Error(), Position: toml.Position{Line: 1}}
	}
	place := spot{name, max(1, parse.Position.Line)} // the library counts some first lines as 0
	return fault.Invalid("rule.syntax", append(place.details(), fault.Text(parse.Message), fault.Because(err))...)
}

func (r *reader) set(n *node) {
	if r.header != "" {
		place := spot{r.file, r.lines.Of("set")}
		r.faults.Add(fault.Invalid("rule.two_sets", append(place.details(), fault.Arg("first", r.header))...))
		return
	}
	r.header = r.file
	delete(r.spots.broken, "set") // whatever an unreadable file before held
	c := &r.content
	c.Format = Format
	c.ID, c.Version = n.text("id"), n.integer("version")
	c.Title, c.Text = n.three("title"), n.three("text")
	c.Sources = n.sources()
	c.AdoptedBy = n.text("adopted-by")
	c.From, c.Until = n.date("valid-from"), n.date("valid-until")
	n.done()
}

func (r *reader) rule(n *node) Rule {
	rule := Rule{
		ID:           n.text("id"),
		Severity:     Severity(n.text("severity")),
		Side:         Side(n.text("side")),
		From:         n.date("valid-from"),
		Until:        n.date("valid-until"),
		Participants: codesOf(n.texts("participants")),
		AdoptedBy:    n.text("adopted-by"),
		Text:         n.three("text"),
		Sources:      n.sources(),
	}
	for _, o := range n.children("override", 0) {
		rule.Severities = append(rule.Severities, SeverityOverride{
			When: o.when(), Severity: Severity(o.text("severity")), Sources: o.sources(),
		})
		o.done()
	}
	for _, p := range n.children("param", 0) {
		rule.Params = append(rule.Params, p.param())
	}
	n.done()
	return rule
}

func codesOf(texts []string) []ident.ParticipantCode {
	var codes []ident.ParticipantCode
	for _, s := range texts {
		codes = append(codes, ident.ParticipantCode(s))
	}
	return codes
}

// three reads a text in the three languages.
func (n *node) three(key string) Words {
	table := n.child(key)
	if table == nil {
		return Words{}
	}
	defer table.done()
	return Words{EN: table.text("en"), FR: table.text("fr"), PT: table.text("pt")}
}

func (n *node) sources() []Source {
	var sources []Source
	for _, s := range n.children("source", 0) {
		sources = append(sources, Source{Ref: s.text("ref"), Certainty: Certainty(s.text("certainty"))})
		s.done()
	}
	return sources
}

func (n *node) when() When {
	return When{
		Participant: ident.ParticipantCode(n.text("participant")),
		Exporter:    ident.ParticipantCode(n.text("exporter")),
		Importer:    ident.ParticipantCode(n.text("importer")),
		From:        n.date("valid-from"),
		Until:       n.date("valid-until"),
	}
}

func (n *node) param() Param {
	p := Param{
		Name:  n.text("name"),
		Type:  Type(n.text("type")),
		Label: n.three("label"),
		Of:    n.texts("of"),
	}
	unset := n.flag("unset")
	if base := n.setting(p.Type); !unset {
		p.Base = &base
	} else if base.Value != nil || len(base.Alternatives) > 0 || len(base.Sources) > 0 || base.Choose != "" {
		n.wrong("unset", fault.Invalid("rule.unset_and_value"))
	}
	for _, o := range n.children("override", 0) {
		p.Overrides = append(p.Overrides, Override{When: o.when(), Setting: o.setting(p.Type)})
		o.done()
	}
	n.done()
	return p
}

// setting reads value, source, choose and alternative of a parameter or of an
// override.
func (n *node) setting(t Type) Setting {
	s := Setting{Value: n.value(t), Sources: n.sources(), Choose: n.text("choose")}
	for _, a := range n.children("alternative", 0) {
		s.Alternatives = append(s.Alternatives, Alternative{ID: a.text("id"), Value: a.value(t), Sources: a.sources()})
		a.done()
	}
	return s
}

// value reads a value of type t; nil when there is none.
func (n *node) value(t Type) *Value {
	raw, ok := n.take("value")
	if !ok {
		return nil
	}
	if !slices.Contains(Types(), t) {
		return &Value{} // the type has its fault; no second one for the value
	}
	v, f := valueOf(t, raw)
	if f != nil {
		n.wrong("value", f)
		return nil
	}
	return &v
}
