// Package policy says which log and which witnesses a verifier believes, and
// checks signed checkpoints against that.
//
// The text is C2SP tlog-policy; the parser is our own and stricter than the
// three that exist (docs/adr/0003-own-policy-parser.md): all three accept one
// public key under two names, and a cosignature relabelled from one pillar to
// another then counts twice, because an Ed25519 cosignature does not cover the
// name of its witness. Here raw public keys are compared: one key stands once
// in a policy, the log's own key among them, and a witness in one group only.
//
// Invariants: a policy is for one log; a checkpoint passes only with the log's
// signature and cosignatures that satisfy the quorum; every signature line is
// of a key the policy names and every one of them verifies, so no byte of a
// checkpoint goes unchecked. Nothing ever fails open.
package policy

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// limit is how many witnesses and groups a policy may have; the specification
// wants at least 32 of each to be supported.
const limit = 64

// maxText bounds a policy in bytes: 64 witnesses with long names fit, and no
// line is longer than other parsers read.
const maxText = 1<<16 - 1

// Pillar is one of the three parties of the Kimberley Process.
type Pillar uint64

// The pillars, in the order of the scheme's own texts.
const (
	Government Pillar = 1
	Industry   Pillar = 2
	Civil      Pillar = 3
)

// Pillars lists all three.
var Pillars = [...]Pillar{Government, Industry, Civil}

// String is also the name that the pillar's group has in a policy.
func (p Pillar) String() string {
	switch p {
	case Government:
		return "government"
	case Industry:
		return "industry"
	case Civil:
		return "civil"
	}
	return fmt.Sprintf("pillar %d", uint64(p))
}

// MarshalText gives the name.
func (p Pillar) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// Witness is a cosigner that the policy names.
type Witness struct {
	Label string // its name inside the policy
	Key   VKey
	URL   string // where a log asks it to cosign; empty in a verifier's copy
}

// Policy is a parsed policy. It is immutable.
type Policy struct {
	Log       VKey
	LogURL    string
	Witnesses []Witness
	quorum    *group
	groups    map[string]*group
	byKey     map[string]int // name and key hash -> index of witness
}

// group is a witness (leaf) or k of its members.
type group struct {
	name    string
	witness int // index, or -1
	k       int
	members []*group
}

// Fault names what is wrong in which line of a policy, and the way out.
type Fault struct {
	Line   int
	Reason string
	Remedy string
}

// Error gives line, reason and remedy.
func (f *Fault) Error() string {
	return fmt.Sprintf("policy line %d: %s; %s", f.Line, f.Reason, f.Remedy)
}

// Parse reads a policy text. The error is a *Fault.
func Parse(text string) (*Policy, error) {
	p := &parser{Policy: Policy{groups: map[string]*group{}, byKey: map[string]int{}}, taken: map[string]string{}}
	if len(text) > maxText {
		p.line = 1
		return nil, p.fault(fmt.Sprintf("%d bytes of text", len(text)), fmt.Sprintf("keep a policy within %d bytes", maxText))
	}
	for i, line := range strings.Split(text, "\n") {
		p.line = i + 1
		if strings.ContainsFunc(line, func(r rune) bool { return r != '\t' && (r < ' ' || r == 0x7f) }) {
			return nil, p.fault("a control character", "remove it, in a comment too: a terminal obeys it")
		}
		// Only these two are white space (C2SP tlog-policy): any other space
		// belongs to a word, where checkName refuses it.
		f := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
		if len(f) == 0 || f[0][0] == '#' {
			continue
		}
		if strings.Contains(line, "#") {
			return nil, p.fault("a # inside a line", "give the comment its own line: other programs ignore what follows the #")
		}
		if err := p.statement(f[0], f[1:]); err != nil {
			return nil, err
		}
	}
	switch {
	case p.Log.Name == "":
		return nil, p.fault("no log", "name the log's key in a line: log KEY")
	case p.quorum == nil:
		return nil, p.fault("no quorum", "end with a line: quorum NAME")
	}
	return &p.Policy, nil
}

type parser struct {
	Policy
	line  int
	taken map[string]string // member -> the group it already stands in
}

func (p *parser) fault(reason, remedy string) error {
	return &Fault{Line: p.line, Reason: reason, Remedy: remedy}
}

func (p *parser) statement(word string, args []string) error {
	switch word {
	case "log":
		return p.log(args)
	case "witness":
		return p.witness(args)
	case "group":
		return p.group(args)
	case "quorum":
		return p.setQuorum(args)
	}
	return p.fault(fmt.Sprintf("unknown word %q", word), "use log, witness, group or quorum")
}

func (p *parser) log(args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return p.fault("log takes a key and perhaps a URL", "write: log KEY [URL]")
	}
	if p.Log.Name != "" {
		return p.fault("a second log", "keep one policy for each log")
	}
	k, err := ParseVKey(args[0])
	if err != nil {
		return p.fault(err.Error(), "copy the log's key again")
	}
	if k.alg != algEd25519 {
		return p.fault("this is a witness's key", "give the key the log signs with (type 01)")
	}
	if err := p.unused(k); err != nil {
		return err
	}
	p.Log = k
	if len(args) == 2 {
		p.LogURL = args[1]
		return p.checkURL(p.LogURL)
	}
	return nil
}

// unused refuses a raw public key that already stands in the policy.
func (p *parser) unused(k VKey) error {
	if p.Log.Name != "" && p.Log.sameKey(k) {
		return p.fault(fmt.Sprintf("%s has the key of the log %s", k.Name, p.Log.Name), "a log cannot witness itself: give another key")
	}
	for _, w := range p.Witnesses {
		if w.Key.sameKey(k) {
			return p.fault(fmt.Sprintf("%s has the key of %s", k.Name, w.Key.Name), "one key is one witness: give another key")
		}
		if w.Key.Name == k.Name {
			return p.fault(fmt.Sprintf("a second witness called %s", k.Name), "give each witness its own name")
		}
		if w.Key.Hash == k.Hash {
			return p.fault(fmt.Sprintf("%s has the key hash of %s", k.Name, w.Key.Name), "change one key's name: a compact proof finds a key by its hash")
		}
	}
	if p.Log.Name != "" && p.Log.Hash == k.Hash {
		return p.fault(fmt.Sprintf("%s has the key hash of the log", k.Name), "change the key's name: a compact proof finds a key by its hash")
	}
	return nil
}

// checkURL refuses what no other program could read as the address of a log or
// a witness, or a reader would read as another.
func (p *parser) checkURL(s string) error {
	bad := strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\"<>\\^`{|}%", r) })
	if bad || !strings.HasPrefix(s, "http://") && !strings.HasPrefix(s, "https://") {
		return p.fault(fmt.Sprintf("%q is no address", s), "write http:// or https:// and plain letters")
	}
	return nil
}

// words have a meaning of their own in a policy.
var words = []string{"log", "witness", "group", "quorum", "any", "all", "none"}

func (p *parser) define(name string, g *group) error {
	if slices.Contains(words, name) || checkName(name) != nil {
		return p.fault(fmt.Sprintf("%q cannot be a name", name), "choose a short word that a policy gives no other meaning")
	}
	if p.groups[name] != nil {
		return p.fault(fmt.Sprintf("%q is defined twice", name), "choose another name")
	}
	if len(p.Witnesses) >= limit && g.witness >= 0 || len(p.groups)-len(p.Witnesses) >= limit && g.witness < 0 {
		return p.fault("too many witnesses or groups", fmt.Sprintf("keep at most %d of each", limit))
	}
	p.groups[name] = g
	return nil
}

func (p *parser) witness(args []string) error {
	if len(args) < 2 || len(args) > 3 {
		return p.fault("witness takes a name, a key and perhaps a URL", "write: witness NAME KEY [URL]")
	}
	k, err := ParseVKey(args[1])
	if err != nil {
		return p.fault(err.Error(), "copy the witness's key again")
	}
	if k.alg != algCosignature {
		return p.fault("this is a log's key", "give the witness's cosignature key (type 04)")
	}
	if err := p.unused(k); err != nil {
		return err
	}
	if err := p.define(args[0], &group{name: args[0], witness: len(p.Witnesses), k: 1}); err != nil {
		return err
	}
	w := Witness{Label: args[0], Key: k}
	if len(args) == 3 {
		w.URL = args[2]
		if err := p.checkURL(w.URL); err != nil {
			return err
		}
	}
	p.byKey[lineKey(k.Name, k.Hash)] = len(p.Witnesses)
	p.Witnesses = append(p.Witnesses, w)
	return nil
}

func lineKey(name string, hash uint32) string {
	return name + "+" + strconv.FormatUint(uint64(hash), 16)
}

func (p *parser) group(args []string) error {
	if len(args) < 3 {
		return p.fault("group takes a name, a number and members", "write: group NAME any|all|K MEMBER...")
	}
	g := &group{name: args[0], witness: -1}
	for _, m := range args[2:] {
		member := p.groups[m]
		if member == nil {
			return p.fault(fmt.Sprintf("%q is not defined above", m), "define members before the group")
		}
		if other, ok := p.taken[m]; ok {
			return p.fault(fmt.Sprintf("%q already stands in %q", m, other), "one member, one group")
		}
		p.taken[m] = g.name
		g.members = append(g.members, member)
	}
	switch args[1] {
	case "any":
		g.k = 1
	case "all":
		g.k = len(g.members)
	default:
		k, err := strconv.Atoi(args[1])
		if err != nil || k < 1 || k > len(g.members) || strconv.Itoa(k) != args[1] {
			return p.fault(fmt.Sprintf("%q of %d members", args[1], len(g.members)), "give any, all, or a number that the group can reach")
		}
		g.k = k
	}
	return p.define(g.name, g)
}

func (p *parser) setQuorum(args []string) error {
	if len(args) != 1 {
		return p.fault("quorum takes one name", "write: quorum NAME")
	}
	if p.quorum != nil {
		return p.fault("a second quorum", "keep one")
	}
	if args[0] == "none" {
		return p.fault("a quorum of none", "name the group that must cosign: Adamas never believes a log alone")
	}
	if p.quorum = p.groups[args[0]]; p.quorum == nil {
		return p.fault(fmt.Sprintf("%q is not defined above", args[0]), "define it before the quorum")
	}
	return nil
}

// Tripartite refuses a policy unless its quorum is all of three groups named
// government, industry and civil, each of witnesses only, each with at least
// least witnesses (two in production, so that no single outage is a veto).
func (p *Policy) Tripartite(least int) error {
	q := p.quorum
	if q.witness >= 0 || len(q.members) != len(Pillars) || q.k != len(Pillars) {
		return errors.New("quorum: must be all of three groups: government, industry, civil")
	}
	for _, pillar := range Pillars {
		i := slices.IndexFunc(q.members, func(g *group) bool { return g.name == pillar.String() })
		if i < 0 || q.members[i].witness >= 0 {
			return fmt.Errorf("quorum: no group %s", pillar)
		}
		g := q.members[i]
		if len(g.members) < least {
			return fmt.Errorf("group %s: %d witnesses, at least %d are needed", pillar, len(g.members), least)
		}
		for _, m := range g.members {
			if m.witness < 0 {
				return fmt.Errorf("group %s: %s is a group, only witnesses belong here", pillar, m.name)
			}
		}
	}
	return nil
}

// PillarOf gives the pillar in whose group a witness stands, by its label.
func (p *Policy) PillarOf(label string) (Pillar, bool) {
	for _, pillar := range Pillars {
		if g := p.groups[pillar.String()]; g != nil {
			for _, m := range g.members {
				if m.name == label {
					return pillar, true
				}
			}
		}
	}
	return 0, false
}

// Met tells whether these witnesses, by their labels, satisfy the quorum. Who is
// left out of a question asks so whether the silent ones could have cosigned
// something among themselves.
func (p *Policy) Met(labels ...string) bool {
	times := make([]int64, len(p.Witnesses))
	for i, w := range p.Witnesses {
		if slices.Contains(labels, w.Label) {
			times[i] = 1
		}
	}
	_, ok := p.quorum.quorumTime(times)
	return ok
}

// quorumTime gives the time at which g was satisfied: for k of n the k-th
// newest of its members' times, so that the whole is the oldest time of the
// quorum that speaks best for freshness. ok is false when g is not satisfied.
func (g *group) quorumTime(times []int64) (t int64, ok bool) {
	if g.witness >= 0 {
		return times[g.witness], times[g.witness] != 0
	}
	var got []int64
	for _, m := range g.members {
		if t, ok := m.quorumTime(times); ok {
			got = append(got, t)
		}
	}
	if len(got) < g.k {
		return 0, false
	}
	slices.Sort(got)
	return got[len(got)-g.k], true
}
