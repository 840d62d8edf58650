package tomlline

import (
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
)

func TestTheLineOfEveryKey(t *testing.T) {
	const text = `# a comment = "not a key"
top = 1
[set] # [not.a.header]
id = "a # b"
text.en = """
[[rule]]
id = 'inside' \
""" # after
text.fr = '''
'quoted''''
[[rule]]
"id" = "R-A-1"
source = [
  { ref = "x", certainty = "seen" }, # one
  { ref = "]}\"", 'certainty' = "memory" },
]
  [[rule.param]]
  name = "one"
    [[rule.param.override]]
    value = [1,
      2]
  [[rule.param]]
  name = "two"
[[rule]]
day = 2024-11-14
[[rule.param]]
name = "three"
`
	want := Lines{
		"top": 2, "set": 3, "set.id": 4, "set.text": 5, "set.text.en": 5, "set.text.fr": 9,
		"rule": 11, "rule[0]": 11, "rule[0].id": 12, "rule[0].source": 13,
		"rule[0].source[0]": 14, "rule[0].source[0].ref": 14, "rule[0].source[0].certainty": 14,
		"rule[0].source[1]": 15, "rule[0].source[1].ref": 15, "rule[0].source[1].certainty": 15,
		"rule[0].param": 17, "rule[0].param[0]": 17, "rule[0].param[0].name": 18,
		"rule[0].param[0].override": 19, "rule[0].param[0].override[0]": 19,
		"rule[0].param[0].override[0].value": 20, "rule[0].param[0].override[0].value[0]": 20,
		"rule[0].param[0].override[0].value[1]": 21,
		"rule[0].param[1]":                      22, "rule[0].param[1].name": 23,
		"rule[1]": 24, "rule[1].day": 25, "rule[1].param": 26, "rule[1].param[0]": 26, "rule[1].param[0].name": 27,
	}
	if _, err := toml.Decode(text, &map[string]any{}); err != nil {
		t.Fatalf("the text of the test is no TOML: %v", err)
	}
	for name, variant := range map[string]string{
		"as it is":            text,
		"with a BOM":          "\ufeff" + text,
		"with CRLF":           strings.ReplaceAll(text, "\n", "\r\n"),
		"without line at end": strings.TrimSuffix(text, "\n"),
	} {
		if diff := cmp.Diff(want, Scan(variant)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	if got := want.Of("rule[0].param[0].nowhere.at[7].all"); got != 17 {
		t.Errorf("an unknown path stands on line %d, want that of the parameter, 17", got)
	}
	if got := want.Of("elsewhere"); got != 1 {
		t.Errorf("a path known nowhere stands on line %d, want 1", got)
	}
}

// The scanner is no TOML parser; the library judges. On whatever the library
// accepts, the scanner must find every key it found.
func FuzzScanFindsWhatTheLibraryFinds(f *testing.F) {
	for _, seed := range []string{
		"a = 1\nb.c = \"x\"\n[d]\ne = [1, [2, 3], {f = 4}]\n",
		"[[a]]\nb = 1\n[[a.c]]\nd = '''x'''\n[[a]]\n[a.e]\nf = 2024-01-01 10:00:00\n",
		"a = \"\"\"\\\"\"\"\"\nb = ''''''\n", "a = { b = {}, c = [] , }\n", "\ufeffa=1#x\n\r\nb=2",
		"a = [ # c\n 1, # d ]\n]\n[x.y]\n[x]\nz=1", "\"a b\".c = 1", "a.\"\" = 1\n", "a=\"\\\\\"\nb=1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		table := map[string]any{}
		known := Scan(text) // must end and not panic, whatever the text
		if len(text) > 4096 {
			return
		}
		if _, err := toml.Decode(text, &table); err != nil {
			return
		}
		lines := strings.Count(text, "\n") + 1
		every(table, "", func(path string) {
			if line := known[path]; line < 1 || line > lines {
				t.Errorf("%q: line %d of %d for %q", text, line, lines, path)
			}
		})
	})
}

// every visits the paths of a decoded TOML value whose keys are bare.
func every(v any, path string, visit func(string)) {
	if path != "" {
		visit(path)
	}
	switch v := v.(type) {
	case map[string]any:
		for key, each := range v {
			if key != "" && strings.TrimFunc(key, func(r rune) bool { return r < 128 && isBare(byte(r)) }) == "" {
				every(each, Child(path, key), visit)
			}
		}
	case []map[string]any: // [[headers]]
		for i, each := range v {
			every(each, Element(path, i), visit)
		}
	case []any:
		for i, each := range v {
			every(each, Element(path, i), visit)
		}
	}
}
