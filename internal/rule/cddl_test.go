package rule_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/rule"
)

// The grammar others write a decoder from has the numbers of the Go types, and
// marks the same ones as optional.
func TestTheGrammarHasTheNumbersOfTheTypes(t *testing.T) {
	raw, err := os.ReadFile("../../rules/rule-set.cddl")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder // without comments
	for line := range strings.Lines(string(raw)) {
		code, _, _ := strings.Cut(line, ";")
		text.WriteString(strings.TrimRight(code, "\n") + "\n")
	}
	keys := regexp.MustCompile(`(\? )?(\d+) =>`)
	for name, value := range map[string]any{
		"rule-set": rule.Content{}, "rule": rule.Rule{}, "param": rule.Param{}, "override": rule.Override{},
		"severity-override": rule.SeverityOverride{}, "when": rule.When{}, "setting": rule.Setting{},
		"alternative": rule.Alternative{}, "value": rule.Value{}, "source": rule.Source{}, "three-texts": rule.Words{},
	} {
		_, body, found := strings.Cut(text.String(), "\n"+name+" = {")
		if !found {
			t.Errorf("the grammar has no %s", name)
			continue
		}
		body, _, _ = strings.Cut(body, "}")
		var got, want []string
		for _, m := range keys.FindAllStringSubmatch(body, -1) {
			got = append(got, m[1]+m[2])
		}
		for i := range reflect.TypeOf(value).NumField() {
			tag := reflect.TypeOf(value).Field(i).Tag.Get("cbor")
			number, options, _ := strings.Cut(tag, ",")
			if strings.Contains(options, "omitempty") {
				number = "? " + number
			}
			want = append(want, number)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, typ := range rule.Types() {
		if !strings.Contains(text.String(), `"`+string(typ)+`"`) {
			t.Errorf("the grammar has no type %s", typ)
		}
	}
}
