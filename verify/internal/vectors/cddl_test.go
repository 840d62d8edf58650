package vectors

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// This file reads and applies the part of CDDL (RFC 8610) that
// docs/formats/statement.cddl uses. No tool that npm or the Go proxy offers
// could do it: npm's cddl 0.21.2 is a parser without a validator and stops at
// the first rule of the file.

// cddl is a node of a schema: a type, or a list of entries.
type cddl struct {
	kind    string // name, number, text, range, map, array, group, choice, tag, control
	text    string // of a name, a literal, a control operator
	num     *big.Int
	entries []entry // of a map, array or group
	of      []*cddl // of a choice; the operands of a range or control; the content of a tag
}

// entry is one member of a map, array or group.
type entry struct {
	least, most int // how often; most -1: without end
	key         *int64
	value       *cddl
}

type schema map[string]*cddl

var tokens = regexp.MustCompile(`;[^\n]*|"[^"]*"|#6\.\d+|\.\.|\.[a-z]+|\d*\*\d*|-?\d+|[A-Za-z$@_][A-Za-z0-9_-]*|[=/?+:,{}\[\]()]`)

type reader struct {
	toks []string
	at   int
}

// readSchema parses a file; a rule that is not defined or never used is an
// error, start rules apart.
func readSchema(t *testing.T, file string, starts ...string) schema {
	t.Helper()
	r := &reader{}
	if rest := strings.TrimSpace(tokens.ReplaceAllString(file, "")); rest != "" {
		t.Fatalf("not understood: %q", rest)
	}
	for _, tok := range tokens.FindAllString(file, -1) {
		if tok[0] != ';' {
			r.toks = append(r.toks, tok)
		}
	}
	s := schema{}
	for r.at < len(r.toks) {
		name := r.next()
		r.want(t, "=")
		if s[name] != nil {
			t.Fatalf("rule %s is defined twice", name)
		}
		s[name] = r.choice(t)
	}
	used := map[string]bool{}
	for _, start := range starts {
		used[start] = true
	}
	for name, node := range s {
		node.walk(func(n *cddl) {
			if n.kind == "name" && !primitive[n.text] {
				if used[n.text] = true; s[n.text] == nil {
					t.Errorf("rule %s uses %s, which is not defined", name, n.text)
				}
			}
		})
	}
	for name := range s {
		if !used[name] {
			t.Errorf("rule %s is never used", name)
		}
	}
	return s
}

var primitive = map[string]bool{"uint": true, "int": true, "tstr": true, "bstr": true, "bool": true, "null": true, "any": true}

func (n *cddl) walk(f func(*cddl)) {
	f(n)
	for _, o := range n.of {
		o.walk(f)
	}
	for _, e := range n.entries {
		e.value.walk(f)
	}
}

func (r *reader) peek(n int) string {
	if r.at+n < len(r.toks) {
		return r.toks[r.at+n]
	}
	return ""
}

func (r *reader) next() string { r.at++; return r.toks[r.at-1] }

func (r *reader) want(t *testing.T, tok string) {
	if got := r.next(); got != tok {
		t.Fatalf("%q where %q belongs, before %q", got, tok, r.toks[r.at:min(r.at+8, len(r.toks))])
	}
}

func (r *reader) choice(t *testing.T) *cddl {
	n := &cddl{kind: "choice", of: []*cddl{r.control(t)}}
	for r.peek(0) == "/" {
		r.next()
		n.of = append(n.of, r.control(t))
	}
	if len(n.of) == 1 {
		return n.of[0]
	}
	return n
}

// control reads a type with a range or a control operator after it.
func (r *reader) control(t *testing.T) *cddl {
	n := r.single(t)
	switch op := r.peek(0); op {
	case "..":
		r.next()
		return &cddl{kind: "range", of: []*cddl{n, r.single(t)}}
	case ".size", ".regexp", ".cbor":
		r.next()
		return &cddl{kind: "control", text: op, of: []*cddl{n, r.single(t)}}
	}
	return n
}

func (r *reader) single(t *testing.T) *cddl {
	tok := r.next()
	switch {
	case tok == "{":
		return &cddl{kind: "map", entries: r.group(t, "}")}
	case tok == "[":
		return &cddl{kind: "array", entries: r.group(t, "]")}
	case tok == "(":
		entries := r.group(t, ")")
		if len(entries) == 1 && entries[0].key == nil && entries[0].least == 1 && entries[0].most == 1 {
			return entries[0].value // brackets around a type
		}
		return &cddl{kind: "group", entries: entries}
	case strings.HasPrefix(tok, "#6."):
		num, _ := new(big.Int).SetString(tok[3:], 10)
		r.want(t, "(")
		n := &cddl{kind: "tag", num: num, of: []*cddl{r.choice(t)}}
		r.want(t, ")")
		return n
	case tok[0] == '"':
		return &cddl{kind: "text", text: strings.Trim(tok, `"`)}
	case tok[0] == '-' || tok[0] >= '0' && tok[0] <= '9':
		num, ok := new(big.Int).SetString(tok, 10)
		if !ok {
			t.Fatalf("number %q", tok)
		}
		return &cddl{kind: "number", num: num}
	}
	return &cddl{kind: "name", text: tok}
}

func (r *reader) group(t *testing.T, end string) []entry {
	var out []entry
	for r.peek(0) != end {
		e := entry{least: 1, most: 1}
		switch tok := r.peek(0); {
		case tok == "?":
			e.least = 0
			r.next()
		case tok == "+":
			e.most = -1
			r.next()
		case strings.Contains(tok, "*"):
			from, to, _ := strings.Cut(r.next(), "*")
			e.least, e.most = atoi(from, 0), atoi(to, -1)
		}
		if r.peek(1) == ":" {
			key := r.next()
			r.next()
			if n, err := strconv.ParseInt(key, 10, 64); err == nil {
				e.key = &n
			} // a word is a name for the reader only, as in arrays
		}
		e.value = r.choice(t)
		out = append(out, e)
		if r.peek(0) == "," {
			r.next()
		}
	}
	r.next()
	return out
}

func atoi(s string, empty int) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	return empty
}

// valid holds bytes against a rule.
func (s schema) valid(rule string, b []byte) error {
	var v any
	if err := cbor.Unmarshal(b, &v); err != nil {
		return err
	}
	if s[rule] == nil {
		return fmt.Errorf("no rule %s", rule)
	}
	return s.match(s[rule], v)
}

// members gives the entries of a map or group, those of named groups included.
func (s schema) members(n *cddl) []entry {
	var out []entry
	for _, e := range n.entries {
		if e.key == nil && e.value.kind == "name" && s[e.value.text] != nil && s[e.value.text].kind == "group" {
			out = append(out, s.members(s[e.value.text])...)
			continue
		}
		out = append(out, e)
	}
	return out
}

func (s schema) match(n *cddl, v any) error {
	switch n.kind {
	case "name":
		if primitive[n.text] {
			return matchPrimitive(n.text, v)
		}
		if err := s.match(s[n.text], v); err != nil {
			return fmt.Errorf("%s: %w", n.text, err)
		}
		return nil
	case "choice":
		var errs []error
		for _, o := range n.of {
			err := s.match(o, v)
			if err == nil {
				return nil
			}
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	case "number":
		if got := integer(v); got == nil || got.Cmp(n.num) != 0 {
			return fmt.Errorf("%v, want %v", v, n.num)
		}
		return nil
	case "text":
		if v != n.text {
			return fmt.Errorf("%v, want %q", v, n.text)
		}
		return nil
	case "range":
		if got := integer(v); got == nil || got.Cmp(n.of[0].num) < 0 || got.Cmp(n.of[1].num) > 0 {
			return fmt.Errorf("%v, want %v to %v", v, n.of[0].num, n.of[1].num)
		}
		return nil
	case "tag":
		tag, ok := v.(cbor.Tag)
		if !ok || new(big.Int).SetUint64(tag.Number).Cmp(n.num) != 0 {
			return fmt.Errorf("not tag %v", n.num)
		}
		return s.match(n.of[0], tag.Content)
	case "control":
		return s.matchControl(n, v)
	case "map":
		return s.matchMap(n, v)
	case "array":
		return s.matchArray(n, v)
	}
	return fmt.Errorf("a %s is no type", n.kind)
}

func integer(v any) *big.Int {
	switch v := v.(type) {
	case uint64:
		return new(big.Int).SetUint64(v)
	case int64:
		return big.NewInt(v)
	}
	return nil
}

func matchPrimitive(name string, v any) error {
	ok := name == "any"
	switch v := v.(type) {
	case uint64:
		ok = ok || name == "uint" || name == "int"
	case int64:
		ok = ok || name == "int" || name == "uint" && v >= 0
	case string:
		ok = ok || name == "tstr"
	case []byte:
		ok = ok || name == "bstr"
	case bool:
		ok = ok || name == "bool"
	case nil:
		ok = ok || name == "null"
	}
	if !ok {
		return fmt.Errorf("%T, want %s", v, name)
	}
	return nil
}

func (s schema) matchControl(n *cddl, v any) error {
	if err := s.match(n.of[0], v); err != nil {
		return err
	}
	b, isBytes := v.([]byte)
	text, _ := v.(string)
	switch n.text {
	case ".cbor":
		var inner any
		if err := cbor.Unmarshal(b, &inner); err != nil {
			return err
		}
		return s.match(n.of[1], inner)
	case ".regexp":
		if !regexp.MustCompile(`^(?:` + n.of[1].text + `)$`).MatchString(text) {
			return fmt.Errorf("%q does not match %s", text, n.of[1].text)
		}
		return nil
	}
	size := uint64(len(text))
	if isBytes {
		size = uint64(len(b))
	}
	if err := s.match(n.of[1], size); err != nil {
		return fmt.Errorf("size: %w", err)
	}
	return nil
}

func (s schema) matchMap(n *cddl, v any) error {
	m, ok := v.(map[any]any)
	if !ok {
		return fmt.Errorf("%T, want a map", v)
	}
	seen := 0
	for _, e := range s.members(n) {
		var key any = uint64(max(*e.key, 0))
		if *e.key < 0 {
			key = *e.key
		}
		value, there := m[key]
		if !there {
			if e.least > 0 {
				return fmt.Errorf("member %d is missing", *e.key)
			}
			continue
		}
		seen++
		if err := s.match(e.value, value); err != nil {
			return fmt.Errorf("member %d: %w", *e.key, err)
		}
	}
	if seen != len(m) {
		return fmt.Errorf("%d members more than the rule has", len(m)-seen)
	}
	return nil
}

func (s schema) matchArray(n *cddl, v any) error {
	list, ok := v.([]any)
	if !ok {
		return fmt.Errorf("%T, want an array", v)
	}
	at := 0
	for _, e := range s.members(n) {
		count := 0
		for at < len(list) && (e.most < 0 || count < e.most) {
			if err := s.match(e.value, list[at]); err != nil {
				if count < e.least || e.most == 1 {
					return fmt.Errorf("element %d: %w", at+1, err)
				}
				break
			}
			at++
			count++
		}
		if count < e.least {
			return fmt.Errorf("%d elements, want %d", count, e.least)
		}
	}
	if at != len(list) {
		return fmt.Errorf("element %d is one too many, or none of the rule's", at+1)
	}
	return nil
}
