package keyringweb

import (
	"cmp"
	"encoding/hex"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"adamas.example/internal/fault"
	"adamas.example/internal/keyring"
	"adamas.example/internal/lang"
	"adamas.example/internal/module"
	"adamas.example/verify/canonical"
	"adamas.example/verify/policy"
	"adamas.example/verify/statement"
	"adamas.example/verify/trust"
)

// draftCmd turns a description of a root document into the payload that the
// pillars sign.
type draftCmd struct {
	From  string `required:"" placeholder:"FILE" help:"cli_keys_root_draft_from"`
	Trust string `placeholder:"DIR" help:"cli_keys_root_trust"`
	Out   string `required:"" placeholder:"FILE" help:"cli_keys_root_draft_out"`
	JSON  bool   `name:"json" help:"cli_json"`
}

// description is the TOML of a root document. Files named in it lie beside it.
// docs/root.md shows one.
type description struct {
	Scheme       string    `toml:"scheme"`
	Synthetic    bool      `toml:"synthetic"`
	Issued       any       `toml:"issued"`  // left out: now
	Expires      any       `toml:"expires"` // a day ends at 24:00 UTC
	Threshold    threshold `toml:"threshold"`
	Keys         []rootKey `toml:"key"`
	Participants []entrant `toml:"participant"`
	Logs         []logFile `toml:"log"`
}

type threshold struct {
	Government uint64 `toml:"government"`
	Industry   uint64 `toml:"industry"`
	Civil      uint64 `toml:"civil"`
	Total      uint64 `toml:"total"`
}

type rootKey struct {
	Pillar string `toml:"pillar"` // government, industry, civil
	Holder string `toml:"holder"`
	Card   string `toml:"card"` // file
}

type entrant struct {
	Code      string   `toml:"code"`
	Name      string   `toml:"name"`
	Authority string   `toml:"authority"` // card file
	Fallback  string   `toml:"fallback"`  // origin
	Homes     []home   `toml:"home"`
	Former    []former `toml:"former"`
}

type home struct {
	Origin string `toml:"origin"`
	From   uint64 `toml:"from"`
	Until  uint64 `toml:"until"` // 0: still open
}

type former struct {
	Card   string   `toml:"card"`
	CutOff []vector `toml:"cut_off"`
}

type vector struct {
	Origin string `toml:"origin"`
	Size   uint64 `toml:"size"`
	Root   string `toml:"root"` // hexadecimal
}

type logFile struct {
	Policy string `toml:"policy"` // file with C2SP tlog-policy text; names the log itself
}

const mostDescription = 1 << 20

// Run writes the payload and shows what it says.
func (c *draftCmd) Run(env *module.Env) error {
	if err := module.CheckNew("--out", c.Out); err != nil {
		return err
	}
	chain, _, err := earlier(c.Trust)
	if err != nil {
		return err
	}
	r, err := c.read(env.Now())
	if err != nil {
		return err
	}
	payload, err := keyring.NewRoot(chain, *r)
	if err != nil {
		return fault.Locate(err, fault.File(c.From))
	}
	return putRoot(env, c.Out, payload, c.JSON, func(*keyring.RootDocument) {
		env.Say("keyring.root.drafted", lang.Args{"file": c.Out})
	})
}

// earlier reads the root documents before the one at hand; none for "".
func earlier(dir string) (*trust.Chain, [][]byte, error) {
	if dir == "" {
		return nil, nil, nil
	}
	return keyring.ReadChain(dir)
}

// read reads the description and the files it names, and reports every fault.
func (c *draftCmd) read(now time.Time) (*trust.Root, error) {
	raw, err := module.ReadFile("--from", c.From, mostDescription)
	if err != nil {
		return nil, err
	}
	var d description
	meta, err := toml.Decode(string(raw), &d)
	if err != nil {
		return nil, notTOML(c.From, err)
	}
	b := &drafting{file: c.From}
	for _, k := range meta.Undecoded() {
		b.faults.Add(fault.Invalid("keyring.draft_unknown", fault.File(c.From), fault.At(k.String())))
	}
	r := &trust.Root{Scheme: d.Scheme, Synthetic: d.Synthetic, Threshold: trust.Threshold{Government: d.Threshold.Government,
		Industry: d.Threshold.Industry, Civil: d.Threshold.Civil, Total: d.Threshold.Total},
		Issued: now.Unix(), Expires: b.instant("expires", d.Expires, true)}
	if d.Issued != nil {
		r.Issued = b.instant("issued", d.Issued, false)
	}
	for _, k := range d.Keys {
		r.Keys = append(r.Keys, b.rootKey(k))
	}
	for _, p := range d.Participants {
		r.Participants = append(r.Participants, b.participant(p))
	}
	for _, l := range d.Logs {
		r.Logs = append(r.Logs, b.log(l))
	}
	slices.SortFunc(r.Participants, func(x, y trust.Participant) int { return cmp.Compare(x.Code, y.Code) })
	slices.SortFunc(r.Logs, func(x, y trust.Log) int { return cmp.Compare(x.Origin, y.Origin) })
	return r, b.faults.Err()
}

// notTOML is the fault for a text that the TOML reader refuses.
func notTOML(file string, err error) error {
	if parse, ok := errors.AsType[toml.ParseError](err); ok {
		return fault.Invalid("keyring.draft_syntax", fault.File(file), fault.Record(parse.Position.Line), fault.Arg("why", parse.Message), fault.Because(err))
	}
	return fault.Invalid("keyring.draft_syntax", fault.File(file), fault.Record("?"), fault.Arg("why", err.Error()), fault.Because(err))
}

// drafting reads the files that a description names.
type drafting struct {
	file   string
	faults fault.List
}

// instant reads a TOML date, date and time, or instant, in UTC where it names no
// zone. A bare day means its end (24:00 UTC) or its beginning. The TOML library
// tells them apart by the names of made-up zones.
func (b *drafting) instant(field string, value any, end bool) int64 {
	if value == nil {
		b.faults.Add(fault.Invalid("keyring.draft_missing", fault.File(b.file), fault.At(field)))
		return 0
	}
	t, ok := value.(time.Time)
	if !ok || t.Location().String() == "time-local" {
		b.faults.Add(fault.Invalid("keyring.draft_day", fault.File(b.file), fault.At(field)))
		return 0
	}
	switch t.Location().String() {
	case "date-local":
		t = time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
		if end {
			t = t.AddDate(0, 0, 1)
		}
	case "datetime-local":
		t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	}
	return t.Unix()
}

// beside is a path in the description, which is relative to it.
func (b *drafting) beside(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(b.file), path)
}

// card reads the card of a key for one purpose.
func (b *drafting) card(field, path string, want keyring.Purpose) statement.Key {
	if path == "" {
		b.faults.Add(fault.Invalid("keyring.draft_missing", fault.File(b.file), fault.At(field)))
		return statement.Key{}
	}
	card, err := readCard(field, b.beside(path))
	if err == nil && card.Purpose != want {
		err = fault.Forbidden("keyring.other_purpose", fault.File(path), fault.Arg("name", card.Name), fault.Arg("purpose", card.Purpose), fault.Arg("wanted", want))
	}
	if err != nil {
		b.faults.Add(err)
		return statement.Key{}
	}
	return card.Key
}

func (b *drafting) rootKey(k rootKey) trust.RootKey {
	out := trust.RootKey{Holder: k.Holder, Key: b.card("key.card", k.Card, keyring.Root)}
	i := slices.IndexFunc(policy.Pillars[:], func(p policy.Pillar) bool { return p.String() == strings.TrimSpace(k.Pillar) })
	if i < 0 {
		b.faults.Add(fault.Invalid("keyring.draft_pillar", fault.File(b.file), fault.At("key.pillar"), fault.Text(k.Pillar)))
		return out
	}
	out.Pillar = policy.Pillars[i]
	return out
}

func (b *drafting) participant(p entrant) trust.Participant {
	out := trust.Participant{Code: p.Code, Name: p.Name, Authority: b.card("participant.authority", p.Authority, keyring.Authority), Fallback: p.Fallback}
	for _, h := range p.Homes {
		out.Homes = append(out.Homes, trust.Home{Origin: h.Origin, From: h.From, Until: h.Until})
	}
	for _, f := range p.Former {
		old := trust.Former{Key: b.card("participant.former.card", f.Card, keyring.Authority)}
		for _, v := range f.CutOff {
			old.CutOff = append(old.CutOff, statement.Vector{Origin: v.Origin, Size: v.Size, Root: b.hash("participant.former.cut_off.root", v.Root)})
		}
		out.Former = append(out.Former, old)
	}
	return out
}

func (b *drafting) hash(field, text string) (h canonical.Hash) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(h) {
		b.faults.Add(fault.Invalid("keyring.draft_hash", fault.File(b.file), fault.At(field), fault.Text(text)))
		return h
	}
	copy(h[:], raw)
	return h
}

func (b *drafting) log(l logFile) trust.Log {
	if l.Policy == "" {
		b.faults.Add(fault.Invalid("keyring.draft_missing", fault.File(b.file), fault.At("log.policy")))
		return trust.Log{}
	}
	p, text, err := module.ReadPolicy("log.policy", b.beside(l.Policy))
	if err != nil {
		b.faults.Add(err)
		return trust.Log{}
	}
	return trust.Log{Origin: p.Log.Name, Policy: text}
}
