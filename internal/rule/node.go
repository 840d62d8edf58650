package rule

import (
	"maps"
	"slices"
	"strings"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/period"
	"adamas.example/internal/rule/tomlline"
)

// node is one table of a TOML file on its way into a Content. It reports keys
// of the wrong kind and keys it does not know; what a value means is judged by
// check, once for files and canonical forms alike.
type node struct {
	r     *reader
	local string // path in the file, where lines are known
	path  string // path in the Content, rules counted over all files
	table map[string]any
	known []string
}

// take gives the raw value of a key and notes where it stands.
func (n *node) take(key string) (any, bool) {
	n.known = append(n.known, key)
	raw, ok := n.table[key]
	if ok {
		n.r.note(tomlline.Child(n.local, key), tomlline.Child(n.path, key))
	}
	return raw, ok
}

// wrong reports a key that could not be read.
func (n *node) wrong(key string, f *fault.Fault) {
	path := tomlline.Child(n.path, key)
	n.r.spots.broken[path] = true
	place := spot{n.r.file, n.r.lines.Of(tomlline.Child(n.local, key))}
	n.r.faults.Add(fault.Locate(f, append(place.details(), fault.At(key))...))
}

// text reads a string; "" when there is none.
func (n *node) text(key string) string {
	raw, ok := n.take(key)
	if !ok {
		return ""
	}
	s, ok := raw.(string)
	if !ok {
		n.wrong(key, fault.Invalid("rule.not_text"))
	}
	return s
}

// integer reads a whole number; 0 when there is none.
func (n *node) integer(key string) int {
	raw, ok := n.take(key)
	if !ok {
		return 0
	}
	i, ok := raw.(int64)
	if !ok || i != int64(int32(i)) {
		n.wrong(key, fault.Invalid("rule.not_integer"))
		return 0
	}
	return int(i)
}

// flag reads true or false; false when there is none.
func (n *node) flag(key string) bool {
	raw, ok := n.take(key)
	if !ok {
		return false
	}
	b, ok := raw.(bool)
	if !ok {
		n.wrong(key, fault.Invalid("rule.not_bool"))
	}
	return b
}

// date reads a TOML local date. The library gives it in the machine's zone,
// under a name of its own; only the civil day is taken.
func (n *node) date(key string) *period.Date {
	raw, ok := n.take(key)
	if !ok {
		return nil
	}
	if t, ok := raw.(time.Time); ok && t.Location().String() == "date-local" {
		if d, err := period.Day(t.Date()); err == nil {
			return new(d)
		}
	}
	n.wrong(key, fault.Invalid("rule.not_date"))
	return nil
}

// texts reads a list of strings.
func (n *node) texts(key string) []string {
	raw, ok := n.take(key)
	if !ok {
		return nil
	}
	list, ok := stringsOf(raw)
	if !ok {
		n.wrong(key, fault.Invalid("rule.not_texts"))
	}
	return list
}

// child reads a table; nil when there is none.
func (n *node) child(key string) *node {
	raw, ok := n.take(key)
	if !ok {
		return nil
	}
	table, ok := raw.(map[string]any)
	if !ok {
		n.wrong(key, fault.Invalid("rule.not_table"))
		return nil
	}
	return &node{r: n.r, local: tomlline.Child(n.local, key), path: tomlline.Child(n.path, key), table: table}
}

// children reads a list of tables, whose paths start counting at first.
func (n *node) children(key string, first int) []*node {
	raw, ok := n.take(key)
	if !ok {
		return nil
	}
	tables, ok := tablesOf(raw)
	if !ok {
		n.wrong(key, fault.Invalid("rule.not_tables"))
		return nil
	}
	nodes := make([]*node, len(tables))
	for i, table := range tables {
		local, path := tomlline.Element(tomlline.Child(n.local, key), i), tomlline.Element(tomlline.Child(n.path, key), first+i)
		n.r.note(local, path)
		nodes[i] = &node{r: n.r, local: local, path: path, table: table}
	}
	return nodes
}

// tablesOf takes [[headers]] and [{inline}, {tables}], which the library gives
// as two types.
func tablesOf(raw any) ([]map[string]any, bool) {
	switch list := raw.(type) {
	case []map[string]any:
		return list, true
	case []any:
		tables := make([]map[string]any, len(list))
		for i, each := range list {
			table, ok := each.(map[string]any)
			if !ok {
				return nil, false
			}
			tables[i] = table
		}
		return tables, true
	}
	return nil, false
}

// done reports every key nobody took, in order of the alphabet.
func (n *node) done() {
	for _, key := range slices.Sorted(maps.Keys(n.table)) {
		if slices.Contains(n.known, key) {
			continue
		}
		if key == "cel" {
			n.wrong(key, fault.Invalid("rule.cel_not_evaluated"))
			continue
		}
		n.wrong(key, fault.Invalid("rule.unknown_key", fault.Text(key), fault.Arg("known", strings.Join(n.known, ", "))))
	}
}
