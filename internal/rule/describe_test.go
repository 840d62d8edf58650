package rule_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/rule"
)

var loadWords = sync.OnceValues(func() (*lang.Catalogue, error) { return lang.Load(rule.Text()) })

func catalogue(t *testing.T) *lang.Catalogue {
	t.Helper()
	c, err := loadWords()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// mustBeSpoken holds every fault of err to a full sentence and a remedy in
// every language.
func mustBeSpoken(t *testing.T, err error) {
	t.Helper()
	c := catalogue(t)
	for _, l := range lang.Languages() {
		for i, s := range c.Printer(l).Explain(err, "ref") {
			if s.Text == "" || s.Remedy == "" || strings.Contains(s.Remedy+s.Text, "{") || strings.HasPrefix(s.Text, "fault.") {
				t.Errorf("%s: %q, %q: %v", l, s.Text, s.Remedy, fault.All(err)[i])
			}
		}
	}
}

func TestTheThreeLanguagesSayTheSame(t *testing.T) {
	differences, err := lang.Compare(rule.Text())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences {
		t.Error(d)
	}
}

// Every key in the code has words, and every entry is used by the code.
func TestKeysInCodeAndCatalogueAgree(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	inCode := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(rule\.[a-z_.]+)"`).FindAllStringSubmatch(string(raw), -1) {
			inCode[m[1]] = true
		}
	}
	var entries map[string]any
	if _, err := toml.DecodeFS(rule.Text(), "text/en.toml", &entries); err != nil {
		t.Fatal(err)
	}
	keys := slices.Sorted(maps.Keys(entries))
	for key := range inCode {
		switch {
		case !strings.HasSuffix(key, ".") && strings.Count(key, ".") == 2: // a word, not a fault
			if !slices.Contains(keys, key) {
				t.Errorf("no words for %s", key)
			}
		case strings.HasSuffix(key, "."): // completed at run time
			if !slices.ContainsFunc(keys, func(k string) bool { return strings.HasPrefix(k, key) }) {
				t.Errorf("no words begin with %s", key)
			}
		default:
			for _, k := range []string{"fault." + key, "fault." + key + ".remedy"} {
				if !slices.Contains(keys, k) {
					t.Errorf("no words for %s", k)
				}
			}
		}
	}
	for _, key := range keys {
		plain := strings.TrimSuffix(strings.TrimPrefix(key, "fault."), ".remedy")
		stem := plain[:strings.LastIndex(plain, ".")+1]
		if !inCode[plain] && !(inCode[stem] && stem != "rule.") && stem != "rule.outcome." {
			t.Errorf("nothing in the code says %s", key)
		}
	}
}

const described = header + `[[rule]]
id = "R-TST-01"
severity = "warn"
side = "exporter"
valid-from = 2003-01-01
valid-until = 2029-12-31
participants = ["SL", "CF"]
adopted-by = "a meeting"
text = { en = "A rule.", fr = "Une règle.", pt = "Uma regra." }
source = [{ ref = "KPCS III(b)", certainty = "seen" }]
override = [{ participant = "SL", severity = "block", source = [{ ref = "law", certainty = "seen" }] }]

[[rule.param]]
name = "cash"
type = "usd"
value = "15000"
label = { en = "Cash", fr = "Espèces", pt = "Numerário" }
source = [{ ref = "FATF", certainty = "memory" }]
override = [{ exporter = "SL", importer = "EU", valid-from = 2020-01-01, value = "0.50", source = [{ ref = "pair", certainty = "inference" }] }]

[[rule.param]]
name = "every"
type = "limit"
choose = "a"
label = { en = "Interval", fr = "Intervalle", pt = "Intervalo" }
alternative = [
  { id = "b", value = "3 years", source = [{ ref = "one", certainty = "seen" }] },
  { id = "a", value = "5 years", source = [{ ref = "other", certainty = "memory" }] },
]
`

func TestDescribe(t *testing.T) {
	s := checked(t, described)
	want := map[lang.Language]string{
		lang.English: `SYNTHETIC rules (made-up, version 1)
Fingerprint of the content: ` + s.Hash().String() + `
from 1 January 2003
Adopted by nobody: a proposal.

For tests.

Sources
  – nobody (conclusion or proposal, not a fact of the scheme)

R-TST-01 · warns · for the exporter · from 1 January 2003 until 31 December 2029 · only Central African Republic, Sierra Leone
  A rule.
  Adopted by: a meeting
  – KPCS III(b) (read in the source)
  Sierra Leone: blocks
    – law (read in the source)
  Cash [cash]: USD_15,000.00
    – FATF (from memory, to be checked)
    Sierra Leone to European Union, from 1 January 2020: USD_0.50
      – pair (conclusion or proposal, not a fact of the scheme)
  Interval [every]: sources disagree
    chosen: 5_years [a]
      – other (from memory, to be checked)
    not chosen: 3_years [b]
      – one (read in the source)
`,
		lang.French: `Règles SYNTHETIC (made-up, version 1)
Empreinte du contenu_: ` + s.Hash().String() + `
à partir du 1er janvier 2003
Adopté par personne_: proposition.

Pour les essais.

Références
  – nobody (déduction ou proposition, non un fait du système)

R-TST-01 · avertit · pour l’exportateur · du 1er janvier 2003 au 31 décembre 2029 · seulement République centrafricaine, Sierra Leone
  Une règle.
  Adopté par_: a meeting
  – KPCS III(b) (lu dans la source)
  Sierra Leone_: bloque
    – law (lu dans la source)
  Espèces [cash]_: 15_000,00_USD
    – FATF (de mémoire, à vérifier)
    Sierra Leone vers Union européenne, à partir du 1er janvier 2020_: 0,50_USD
      – pair (déduction ou proposition, non un fait du système)
  Intervalle [every]_: les sources se contredisent
    retenu_: 5_ans [a]
      – other (de mémoire, à vérifier)
    non retenu_: 3_ans [b]
      – one (lu dans la source)
`,
	}
	for l, text := range want {
		got := strings.ReplaceAll(rule.Describe(s, catalogue(t).Printer(l)), "\u00a0", "_") // no-break spaces made visible
		if diff := cmp.Diff(text, got); diff != "" {
			t.Errorf("%s: %s", l, diff)
		}
	}
}

func TestTextIn(t *testing.T) {
	text := rule.Words{EN: "one", FR: "un", PT: "um"}
	for l, want := range map[lang.Language]string{lang.English: "one", lang.French: "un", lang.Portuguese: "um", lang.Brazilian: "um"} {
		if got := text.In(l); got != want {
			t.Errorf("%s: %q, want %q", l, got, want)
		}
	}
}
