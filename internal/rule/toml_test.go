package rule_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/fault"
	"adamas.example/internal/rule"
)

const header = `[set]
id = "made-up"
version = 1
valid-from = 2003-01-01
title = { en = "SYNTHETIC rules", fr = "Règles SYNTHETIC", pt = "Regras SYNTHETIC" }
text = { en = "For tests.", fr = "Pour les essais.", pt = "Para ensaios." }
source = [{ ref = "nobody", certainty = "inference" }]
`

const oneRule = `[[rule]]
id = "R-TST-01"
severity = "warn"
side = "exporter"
valid-from = 2003-01-01
text = { en = "A rule.", fr = "Une règle.", pt = "Uma regra." }
source = [{ ref = "KPCS III(b)", certainty = "seen" }]
`

const oneParam = `[[rule.param]]
name = "validity"
type = "days"
value = 60
label = { en = "Validity", fr = "Validité", pt = "Validade" }
source = [{ ref = "nobody", certainty = "inference" }]
`

const oneOverride = `[[rule.param.override]]
participant = "CA"
value = 30
source = [{ ref = "nobody", certainty = "inference" }]
`

const inForce = "source = [{ ref = \"nobody\", certainty = \"inference\" }]\n"

// folder is a set of files, name and text by turns.
func folder(namesAndTexts ...string) fs.FS {
	files := fstest.MapFS{}
	for i := 0; i < len(namesAndTexts); i += 2 {
		files[namesAndTexts[i]] = &fstest.MapFile{Data: []byte(namesAndTexts[i+1])}
	}
	return files
}

// told is a fault as a reader is told it: file:line field key.
func told(err error) []string {
	var out []string
	for _, f := range fault.All(err) {
		out = append(out, fmt.Sprintf("%v:%v %s %s", f.Args["file"], f.Args["record"], f.Field, f.Key))
	}
	return out
}

func TestASetIsRead(t *testing.T) {
	set, err := rule.Check(folder("set.toml", header, "a.toml", oneRule+oneParam+oneOverride, "README.md", "words", ".git/x", ""))
	if err != nil {
		t.Fatal(err)
	}
	if set.ID() != "made-up" || set.Version() != 1 || len(set.Content().Rules) != 1 {
		t.Errorf("read %s %d with %d rules", set.ID(), set.Version(), len(set.Content().Rules))
	}
}

// Each case changes the good files once; the fault must name file, line, field
// and what is wrong, and nothing else may be reported.
func TestOneSlipOneFault(t *testing.T) {
	all := header + oneRule + oneParam + oneOverride // lines 1-7, 8-14, 15-20, 21-24
	alternatives := "choose = \"a\"\n[[rule.param.alternative]]\nid = \"a\"\nvalue = 1\nsource = [{ref=\"x\", certainty=\"seen\"}]\n" +
		"[[rule.param.alternative]]\nid = \"b\"\nvalue = 2\nsource = [{ref=\"x\", certainty=\"memory\"}]\n"
	tests := []struct {
		name     string
		old, new string
		want     string
	}{
		{"unknown key of the set", "version = 1", "version = 1\nauthor = \"me\"", "s.toml:4 author rule.unknown_key"},
		{"unknown key in a text", `pt = "Uma regra."`, `pt = "Uma regra.", de = "Eine"`, "s.toml:13 de rule.unknown_key"},
		{"unknown table", "[[rule]]", "[extra]\nx = 1\n[[rule]]", "s.toml:8 extra rule.unknown_key"},
		{"misspelt key", "severity =", "severty = \"block\"\nseverity =", "s.toml:10 severty rule.unknown_key"},
		{"CEL", "severity =", "cel = \"true\"\nseverity =", "s.toml:10 cel rule.cel_not_evaluated"},
		{"not TOML", "version = 1", "version = ", "s.toml:3  rule.syntax"},
		{"key twice", "version = 1", "version = 1\nversion = 2", "s.toml:4  rule.syntax"},

		{"text for a number", "version = 1", `version = "1"`, "s.toml:3 version rule.not_integer"},
		{"number for a text", `name = "validity"`, "name = 7", "s.toml:16 name rule.not_text"},
		{"text for a date", "valid-from = 2003-01-01\ntext", "valid-from = \"2003-01-01\"\ntext", "s.toml:12 valid-from rule.not_date"},
		{"time for a date", "valid-from = 2003-01-01\ntext", "valid-from = 2003-01-01T10:00:00Z\ntext", "s.toml:12 valid-from rule.not_date"},
		{"text for a table", `text = { en = "A rule.", fr = "Une règle.", pt = "Uma regra." }`, `text = "A rule."`, "s.toml:13 text rule.not_table"},
		{"text for a list", `participant = "CA"`, `alternative = "x"` + "\n" + `participant = "CA"`, "s.toml:22 alternative rule.not_tables"},
		{"text for texts", "value = 60", "value = 60\nof = \"x\"", "s.toml:19 of rule.not_texts"},
		{"text for a flag", "value = 60", "value = 60\nunset = \"no\"", "s.toml:19 unset rule.not_bool"},

		{"set without title", `title = { en`, `# title = { en`, "s.toml:1 en rule.empty s.toml:1 fr rule.empty s.toml:1 pt rule.empty"},
		{"no French", `fr = "Une règle.", `, "", "s.toml:13 fr rule.empty"},
		{"bad set id", `"made-up"`, `"Made Up"`, "s.toml:2 id rule.not_a_name"},
		{"bad version", "version = 1", "version = 0", "s.toml:3 version rule.not_a_version"},
		{"bad rule id", `"R-TST-01"`, `"r1"`, "s.toml:9 id rule.not_a_rule_id"},
		{"bad severity", `"warn"`, `"stop"`, "s.toml:10 severity rule.not_one_of"},
		{"bad side", `"exporter"`, `"seller"`, "s.toml:11 side rule.not_one_of"},
		{"no first day", "valid-from = 2003-01-01\ntext = { en = \"A", "text = { en = \"A", "s.toml:8 valid-from rule.missing"},
		{"ends before it starts", "side =", "valid-until = 2002-12-31\nside =", "s.toml:11 valid-until rule.ends_before_it_starts"},
		{"no source", inForce + "[[rule.param.o", "[[rule.param.o", "s.toml:15 source rule.source_missing"},
		{"bad certainty", `"seen"`, `"sure"`, "s.toml:14 certainty rule.not_one_of"},
		{"same source twice", `certainty = "seen" }`, `certainty = "seen" }, { ref = "KPCS III(b)", certainty = "seen" }`, "s.toml:14 ref rule.repeated"},
		{"conflict without alternatives", `source = [{ ref = "nobody", certainty = "inference" }]` + "\n[[rule.param.o", `source = [{ ref = "nobody", certainty = "conflict" }]` + "\n[[rule.param.o", "s.toml:20 certainty rule.conflict_without_alternatives"},
		{"hidden character", `"Uma regra."`, `"Uma\u200b regra."`, "s.toml:13 pt rule.hidden_characters"},
		{"too long", `"Uma regra."`, `"` + strings.Repeat("x", 4001) + `"`, "s.toml:13 pt rule.too_long"},
		{"unknown Participant", `"CA"`, `"XX"`, "s.toml:22 participant rule.participant_unknown"},
		{"rule for nobody known", `severity =`, "participants = [\"CA\", \"UK\"]\nseverity =", "s.toml:10 participants rule.participant_unknown"},
		{"Participant twice", `severity =`, "participants = [\"CA\", \"CA\"]\nseverity =", "s.toml:10 participants rule.repeated"},

		{"bad name", `"validity"`, `"Validity"`, "s.toml:16 name rule.not_a_name"},
		{"bad type", `"days"`, `"day"`, "s.toml:17 type rule.not_one_of"},
		{"no value", "value = 60\n", "", "s.toml:15 value rule.value_missing"},
		{"value of another type", "value = 60", `value = "60"`, "s.toml:18 value rule.not_integer"},
		{"negative", "value = 60", `value = -1`, "s.toml:18 value rule.out_of_range"},
		{"too large", "value = 60", `value = 36501`, "s.toml:18 value rule.out_of_range"},
		{"unset and a value", "value = 60", "value = 60\nunset = true", "s.toml:19 unset rule.unset_and_value"},
		{"words for no word", "value = 60", "value = 60\nof = [\"a\", \"b\"]", "s.toml:19 of rule.of_not_for_type"},
		{"value and alternatives", "value = 60\n", "value = 60\nchoose = \"a\"\n", "s.toml:18 value rule.value_and_alternatives"},
		{"nothing chosen", "value = 30\n" + inForce, strings.TrimPrefix(strings.ReplaceAll(alternatives, "param.alt", "param.override.alt"), "choose = \"a\"\n"), "s.toml:21 choose rule.choose"},
		{"unknown choice", "value = 30\n" + inForce, strings.Replace(strings.ReplaceAll(alternatives, "param.alt", "param.override.alt"), `choose = "a"`, `choose = "c"`, 1), "s.toml:23 choose rule.choose"},
		{"source beside alternatives", "value = 30\n", "choose = \"a\"\nalternative = [{id=\"a\",value=1,source=[{ref=\"x\",certainty=\"seen\"}]},{id=\"b\",value=1,source=[{ref=\"x\",certainty=\"seen\"}]}]\n", "s.toml:25 source rule.source_beside_alternatives"},
		{"one alternative", "value = 30\n" + inForce, "choose = \"a\"\nalternative = [{id=\"a\",value=1,source=[{ref=\"x\",certainty=\"seen\"}]}]\n", "s.toml:24 alternative rule.one_alternative"},
		{"alternative twice", "value = 30\n" + inForce, "choose = \"a\"\nalternative = [{id=\"a\",value=1,source=[{ref=\"x\",certainty=\"seen\"}]},{id=\"a\",value=1,source=[{ref=\"x\",certainty=\"seen\"}]}]\n", "s.toml:24 id rule.repeated"},

		{"override for everything", "participant = \"CA\"\n", "", "s.toml:21 valid-from rule.override_for_everything"},
		{"half a pair", `participant = "CA"`, `exporter = "CA"`, "s.toml:21 importer rule.participant_unknown"},
		{"Participant and pair", `participant = "CA"`, "participant = \"CA\"\nexporter = \"CA\"\nimporter = \"EU\"", "s.toml:22 participant rule.participant_and_pair"},
		{"override outside the rule", `participant = "CA"`, "participant = \"CA\"\nvalid-until = 2002-12-31", "s.toml:21 valid-from rule.never_in_force"},
		{"rule outside the set", "valid-from = 2003-01-01\ntitle", "valid-from = 2001-01-01\nvalid-until = 2002-12-31\ntitle", "s.toml:13 valid-from rule.outside_set"},
		{"two at once", inForce + "$", inForce + "[[rule.param.override]]\nparticipant = \"CA\"\nvalid-from = 2020-01-01\nvalue = 31\n" + inForce, "s.toml:27 valid-from rule.overlap"},
		{"parameter twice", "[[rule.param.override]]", oneParam + "[[rule.param.override]]", "s.toml:22 name rule.repeated"},
		{"rule twice", oneRule, oneRule + oneRule, "s.toml:16 id rule.rule_twice"},
		{"no rules", oneRule + oneParam + oneOverride, "", "s.toml:2 id rule.no_rules"},
		{"no set", header, "", "set.toml:<nil>  rule.no_set"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(all+"$", tt.old, tt.new, 1)
			if text == all+"$" {
				t.Fatalf("the case changes nothing")
			}
			_, err := rule.Check(folder("s.toml", strings.TrimSuffix(text, "$")))
			if got := strings.Join(told(err), " "); got != tt.want {
				t.Errorf("got  %s\nwant %s\n%v", got, tt.want, err)
			}
			mustBeSpoken(t, err)
		})
	}
}

// Cases that need another type, another side or several files.
func TestMoreSlips(t *testing.T) {
	param := func(typ, rest string) string {
		return header + oneRule + strings.Replace(strings.Replace(oneParam, "days", typ, 1), "value = 60", rest, 1)
	}
	pair := strings.Replace(oneOverride, `participant = "CA"`, "exporter = \"CA\"\nimporter = \"EU\"", 1)
	deep := strings.Repeat("[", 20_000)
	tests := []struct {
		name string
		fsys fs.FS
		want []string
	}{
		{"decimal with a comma", folder("s.toml", param("carats", `value = "0,10"`)), []string{"s.toml:18 value rule.not_decimal"}},
		{"four decimals", folder("s.toml", param("carats", `value = "0.0001"`)), []string{"s.toml:18 value rule.not_decimal"}},
		{"three decimals of a percent", folder("s.toml", param("percent", `value = "0.001"`)), []string{"s.toml:18 value rule.not_decimal"}},
		{"float for a decimal", folder("s.toml", param("usd", `value = 15000.5`)), []string{"s.toml:18 value rule.not_text"}},
		{"signed decimal", folder("s.toml", param("decimal", `value = "-1"`)), []string{"s.toml:18 value rule.not_decimal"}},
		{"limit without unit", folder("s.toml", param("limit", `value = "60"`)), []string{"s.toml:18 value rule.not_a_limit"}},
		{"29 February", folder("s.toml", param("month-day", `value = "02-29"`)), []string{"s.toml:18 value rule.not_month_day"}},
		{"bool in quotes", folder("s.toml", param("bool", `value = "true"`)), []string{"s.toml:18 value rule.not_bool"}},
		{"word without list", folder("s.toml", param("word", `value = "a"`)), []string{"s.toml:15 of rule.of_missing", "s.toml:18 value rule.not_one_of"}},
		{"word not in list", folder("s.toml", param("word", "of = [\"a\", \"b\"]\nvalue = \"c\"")), []string{"s.toml:19 value rule.not_one_of"}},
		{"codes twice", folder("s.toml", param("codes", `value = ["a", "a"]`)), []string{"s.toml:18 value rule.repeated"}},
		{"code with a blank", folder("s.toml", param("codes", `value = ["a b"]`)), []string{"s.toml:18 value rule.not_a_code"}},
		{"code not in list", folder("s.toml", param("codes", "of = [\"a\"]\nvalue = [\"b\"]")), []string{"s.toml:19 value rule.not_one_of"}},
		{"too many codes", folder("s.toml", param("codes", `value = ["`+strings.Repeat(`x", "`, 200)+`y"]`)), []string{"s.toml:18 value rule.too_many_codes"}},
		{"numbers as codes", folder("s.toml", param("codes", `value = [1]`)), []string{"s.toml:18 value rule.not_texts"}},
		{"empty text", folder("s.toml", param("text", `value = ""`)), []string{"s.toml:18 value rule.empty"}},
		{"unset for all", folder("s.toml", strings.TrimSuffix(param("days", "unset = true"), inForce)), []string{"s.toml:18 unset rule.unset_without_override"}},
		{"override of severity outside its rule", folder("s.toml", header+strings.Replace(oneRule, "severity", "participants = [\"CA\"]\nseverity", 1)+
			"[[rule.override]]\nparticipant = \"SL\"\nseverity = \"block\"\nsource = [{ref=\"x\",certainty=\"seen\"}]\n"), []string{"s.toml:17 participant rule.never_in_force"}},
		{"pair where no side is given", folder("s.toml", header+strings.Replace(oneRule, "exporter", "any", 1)+oneParam+pair), []string{"s.toml:22 exporter rule.pair_without_side"}},
		{"rule again in another file", folder("a.toml", header+oneRule, "b.toml", "\n"+oneRule), []string{"b.toml:3 id rule.rule_twice"}},
		{"two sets", folder("a.toml", header+oneRule, "b.toml", header), []string{"b.toml:1  rule.two_sets"}},
		{"other files", folder("a.toml", header+oneRule, "b.tml", oneRule, "sub/c.toml", oneRule), []string{"b.tml:<nil>  rule.file_unexpected", "sub:<nil>  rule.file_unexpected"}},
		{"too large", folder("a.toml", header+oneRule, "b.toml", strings.Repeat("#", 256<<10+1)), []string{"b.toml:<nil>  rule.file_too_large"}},
		{"nested beyond reason", folder("a.toml", header+oneRule, "b.toml", "rule = "+deep), []string{"b.toml:1  rule.syntax"}},
		{"rule is no list", folder("a.toml", header+oneRule, "b.toml", "rule = 1"), []string{"b.toml:1 rule rule.not_tables"}},
		{"too many files", manyFiles(101), []string{"<nil>:<nil>  rule.too_many_files"}},
		{"as many files as may be", manyFiles(100), nil},
		{"empty folder", folder(), []string{"set.toml:<nil>  rule.no_set"}},
		{"every fault of every file at once", folder(
			"a.toml", strings.Replace(header, "version = 1", "version = 0", 1)+strings.Replace(oneRule, `"warn"`, `"stop"`, 1),
			"b.toml", "x = [",
			"c.toml", strings.Replace(strings.Replace(oneRule, "01\"", "02\"", 1), "side", "sides", 1)+strings.Replace(oneParam, "60", "\"x\"", 1),
		), []string{
			"a.toml:3 version rule.not_a_version",
			"a.toml:10 severity rule.not_one_of",
			"b.toml:1  rule.syntax",
			"c.toml:1 side rule.not_one_of",
			"c.toml:4 sides rule.unknown_key",
			"c.toml:11 value rule.not_integer",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := rule.Check(tt.fsys)
			if diff := cmp.Diff(tt.want, told(err)); diff != "" {
				t.Errorf("%s\n%v", diff, err)
			}
			mustBeSpoken(t, err)
		})
	}
}

func TestAFolderThatCannotBeRead(t *testing.T) {
	_, err := rule.Check(broken{})
	if fault.KindOf(err) != fault.KindIO || !fault.Is(err, "rule.unreadable") {
		t.Errorf("got %v, want rule.unreadable", err)
	}
	mustBeSpoken(t, err)
}

// manyFiles is a good set in n files, all but one of them empty.
func manyFiles(n int) fs.FS {
	files := []string{"set.toml", header + oneRule}
	for i := range n - 1 {
		files = append(files, fmt.Sprintf("%03d.toml", i), "")
	}
	return folder(files...)
}

type broken struct{}

func (broken) Open(string) (fs.File, error) { return nil, fs.ErrPermission }
