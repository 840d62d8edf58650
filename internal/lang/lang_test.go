package lang_test

import (
	"errors"
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
	"pgregory.net/rapid"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
)

// words makes a module's folder of words.
func words(en, fr, pt string) fstest.MapFS {
	return fstest.MapFS{
		"text/en.toml": {Data: []byte(en)},
		"text/fr.toml": {Data: []byte(fr)},
		"text/pt.toml": {Data: []byte(pt)},
	}
}

func load(t *testing.T, modules ...fs.FS) *lang.Catalogue {
	t.Helper()
	c, err := lang.Load(modules...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// show writes no-break blanks so that a reader of the test sees them.
func show(s string) string { return strings.ReplaceAll(s, "\u00a0", "~") }

func TestMatch(t *testing.T) {
	tests := []struct {
		accept string
		want   lang.Language
	}{
		{"", lang.English},
		{"fr", lang.French},
		{"fr-CF,fr;q=0.9,en;q=0.5", lang.French},
		{"en-GB,fr;q=0.9", lang.English},
		{"pt", lang.Portuguese}, // CLDR would say Brazil
		{"pt-AO", lang.Portuguese},
		{"pt-PT", lang.Portuguese},
		{"pt-BR,pt;q=0.9", lang.Brazilian},
		{"sg,fr;q=0.8", lang.French},
		{"zh-CN,nl;q=0.5", lang.English},
		{"*", lang.English},
		{";;;q=x", lang.English},
		{"nl-BE, pt-BR;q=0.4", lang.Brazilian},
	}
	for _, tt := range tests {
		if got := lang.Match(tt.accept); got != tt.want {
			t.Errorf("Match(%q) = %s, want %s", tt.accept, got, tt.want)
		}
	}
}

func TestFromEnvironment(t *testing.T) {
	tests := []struct {
		env  map[string]string
		want lang.Language
	}{
		{nil, lang.English},
		{map[string]string{"LANG": "fr_CF.UTF-8"}, lang.French},
		{map[string]string{"LANG": "C.UTF-8"}, lang.English},
		{map[string]string{"LANG": "POSIX"}, lang.English},
		{map[string]string{"LANG": "pt_BR"}, lang.Brazilian},
		{map[string]string{"LANG": "pt_AO.UTF-8@x"}, lang.Portuguese},
		{map[string]string{"LANG": "fr_FR", "LC_MESSAGES": "pt_PT"}, lang.Portuguese},
		{map[string]string{"LANG": "fr_FR", "LC_MESSAGES": "pt_PT", "LC_ALL": "en_US"}, lang.English},
	}
	for _, tt := range tests {
		if got := lang.FromEnvironment(func(name string) string { return tt.env[name] }); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.env, got, tt.want)
		}
	}
}

func TestForms(t *testing.T) {
	c := load(t)
	at := time.Date(2026, 11, 23, 15, 2, 59, 0, time.FixedZone("", 60*60))
	first := period.MustDay(2026, 12, 1)
	tests := []struct {
		name           string
		in             func(*lang.Printer) string
		en, fr, pt, br string
	}{
		{"number", func(p *lang.Printer) string { return p.Number(-1234567) }, "−1,234,567", "−1~234~567", "−1~234~567", "−1.234.567"},
		{"small number", func(p *lang.Printer) string { return p.Number(999) }, "999", "999", "999", "999"},
		{"smallest number", func(p *lang.Printer) string { return p.Number(math.MinInt64) }, "−9,223,372,036,854,775,808",
			"−9~223~372~036~854~775~808", "−9~223~372~036~854~775~808", "−9.223.372.036.854.775.808"},
		{"carats", func(p *lang.Printer) string { return p.Carats(1234_500) }, "1,234.50~ct", "1~234,50~ct", "1~234,50~ct", "1.234,50~ct"},
		{"thousandths", func(p *lang.Printer) string { return p.Weight(2315) }, "2.315", "2,315", "2,315", "2,315"},
		{"dollars", func(p *lang.Printer) string { return p.USD(1234_50) }, "USD~1,234.50", "1~234,50~USD", "1~234,50~USD", "USD~1.234,50"},
		{"month", func(p *lang.Printer) string { return p.Month(first) }, "December 2026", "décembre 2026", "dezembro de 2026", "dezembro de 2026"},
		{"francs", func(p *lang.Printer) string { return p.Money(measure.Money{Amount: 655957, Currency: "XAF"}) }, "XAF~655,957", "655~957~XAF", "655~957~XAF", "XAF~655.957"},
		{"time", func(p *lang.Printer) string { return p.Time(at) }, "23 November 2026, 14:02~UTC", "23 novembre 2026, 14~h~02~UTC",
			"23 de novembro de 2026, 14:02~UTC", "23 de novembro de 2026, 14:02~UTC"},
		{"first of the month", func(p *lang.Printer) string { return p.Date(first) }, "1 December 2026", "1er décembre 2026", "1 de dezembro de 2026", "1º de dezembro de 2026"},
		{"quarter", func(p *lang.Printer) string { return p.Quarter(period.QuarterOf(first)) }, "quarter 4 of 2026", "4e trimestre 2026", "4.º trimestre de 2026", "4.º trimestre de 2026"},
		{"half", func(p *lang.Printer) string { return p.Half(period.Half{Year: 2026, N: 1}) }, "half-year 1 of 2026", "1er semestre 2026", "1.º semestre de 2026", "1.º semestre de 2026"},
		{"limit", func(p *lang.Printer) string { return p.Limit(period.Limit{N: 10, Unit: period.WorkingDays}) }, "10~working days", "10~jours ouvrables", "10~dias úteis", "10~dias úteis"},
		{"country", func(p *lang.Printer) string { return p.Country("CI") }, "Côte d’Ivoire", "Côte d’Ivoire", "Costa do Marfim", "Costa do Marfim"},
		{"Participant", func(p *lang.Printer) string { return p.Participant("EU") }, "European Union", "Union européenne", "União Europeia", "União Europeia"},
	}
	for _, tt := range tests {
		for l, want := range map[lang.Language]string{lang.English: tt.en, lang.French: tt.fr, lang.Portuguese: tt.pt, lang.Brazilian: tt.br} {
			if got := show(tt.in(c.Printer(l))); got != want {
				t.Errorf("%s in %s: %q, want %q", tt.name, l, got, want)
			}
		}
	}
	if got := c.Printer("xx").Language(); got != lang.English {
		t.Errorf("an unknown language speaks %s", got)
	}
}

// x/text is the outside judge of grouping, where its floating point is exact.
func TestNumbersAgreeWithCLDR(t *testing.T) {
	c := load(t)
	tags := map[lang.Language]language.Tag{lang.English: language.English, lang.French: language.French,
		lang.Portuguese: language.MustParse("pt-AO"), lang.Brazilian: language.BrazilianPortuguese}
	rapid.Check(t, func(t *rapid.T) {
		// From 10,000 on: CLDR leaves 1234 whole in Portugal, style.md does not.
		n := rapid.Int64Range(10_000, 1<<53).Draw(t, "n")
		for l, tag := range tags {
			if got, want := c.Printer(l).Number(n), message.NewPrinter(tag).Sprint(number.Decimal(n)); got != want {
				t.Fatalf("%s: %q, CLDR %q", l, got, want)
			}
		}
	})
}

func TestPlurals(t *testing.T) {
	c := load(t, words(
		"[count]\none = '{{.count}} certificate'\nother = '{{.count}} certificates'",
		"[count]\none = '{{.count}} certificat'\nmany = '{{.count}} de certificats'\nother = '{{.count}} certificats'",
		"[count]\none = '{{.count}} certificado'\nmany = '{{.count}} de certificados'\nother = '{{.count}} certificados'"))
	tests := []struct {
		count          any
		en, fr, pt, br string
	}{
		{0, "0 certificates", "0 certificat", "0 certificados", "0 certificado"},
		{1, "1 certificate", "1 certificat", "1 certificado", "1 certificado"},
		{int64(2), "2 certificates", "2 certificats", "2 certificados", "2 certificados"},
		{1_000_000, "1,000,000 certificates", "1~000~000 de certificats", "1~000~000 de certificados", "1.000.000 de certificados"},
		{1_000_001, "1,000,001 certificates", "1~000~001 certificats", "1~000~001 certificados", "1.000.001 certificados"},
		{uint64(18_000_000_000_000_000_001), "18,000,000,000,000,000,001 certificates", "18~000~000~000~000~000~001 certificats",
			"18~000~000~000~000~000~001 certificados", "18.000.000.000.000.000.001 certificados"},
	}
	for _, tt := range tests {
		for l, want := range map[lang.Language]string{lang.English: tt.en, lang.French: tt.fr, lang.Portuguese: tt.pt, lang.Brazilian: tt.br} {
			if got := show(c.Printer(l).T("count", lang.Args{"count": tt.count})); got != want {
				t.Errorf("%v in %s: %q, want %q", tt.count, l, got, want)
			}
		}
	}
}

func TestArgumentsTakeTheLanguagesForm(t *testing.T) {
	all := "'all' = '{{.carats}}|{{.usd}}|{{.money}}|{{.date}}|{{.quarter}}|{{.half}}|{{.limit}}|{{.time}}|{{.number}}|{{.country}}|{{.participant}}|{{.list}}|{{.int}}|{{.other}}|{{.big}}'"
	p := load(t, words(all, all, all)).Printer(lang.French)
	got := p.T("all", lang.Args{
		"carats": measure.Carats(2310), "usd": measure.USD(100), "money": measure.Money{Amount: 5, Currency: "EUR"},
		"date": period.Date(0), "quarter": period.Quarter{Year: 2026, N: 1}, "half": period.Half{Year: 2026, N: 2},
		"limit": period.Limit{N: 60, Unit: period.CalendarDays}, "time": time.Unix(0, 0),
		"number": ident.CertificateNumber("CF00124471"), "country": ident.CountryCode("CF"), "participant": ident.ParticipantCode("EU"),
		"list": []string{"a", "b"}, "int": int32(1000), "other": 1.5, "big": uint64(math.MaxUint64),
	})
	const want = "2,31~ct|1,00~USD|0,05~EUR|1er janvier 1970|1er trimestre 2026|2e semestre 2026|60~jours|1er janvier 1970, 00~h~00~UTC|CF 0012 4471|" +
		"République centrafricaine|Union européenne|a, b|1~000|1.5|18~446~744~073~709~551~615"
	if diff := cmp.Diff(want, show(got)); diff != "" {
		t.Error(diff)
	}
}

func TestFrenchPunctuationKeepsToItsWord(t *testing.T) {
	text := "'a' = '« {{.x}} » : quoi ; qui ? oui !'\n"
	c := load(t, words(text, text, text))
	for l, want := range map[lang.Language]string{lang.French: "«~x~»~: quoi~; qui~? oui~!", lang.Portuguese: "« x » : quoi ; qui ? oui !"} {
		p := c.Printer(l).Unbroken()
		if got := show(p.T("a", lang.Args{"x": "x"})); got != want {
			t.Errorf("%s: %q, want %q", l, got, want)
		}
		if got := show(p.Plain("a").Texts["a"]); got != strings.ReplaceAll(want, "x", "{{.x}}") {
			t.Errorf("%s: %q for a program", l, got)
		}
	}
	if got := show(c.Printer(lang.French).T("a", lang.Args{"x": "x"})); got != "« x » : quoi ; qui ? oui !" {
		t.Errorf("%q on a terminal", got)
	}
}

type roles []string

func (r roles) TextKeys() []string { return r }

func TestAKeyedArgumentHasItsOwnWords(t *testing.T) {
	p := load(t, words("'who' = 'Ask: {{.roles}}.'\n'r.a' = 'clerk'\n'r.b' = 'judge'", "'who' = 'x'\n'r.a' = 'y'\n'r.b' = 'z'", "")).Printer(lang.English)
	if got := p.T("who", lang.Args{"roles": roles{"r.a", "r.b", "r.c"}}); got != "Ask: clerk, judge, r.c." {
		t.Error(got)
	}
}

func TestWhatIsMissingShowsItself(t *testing.T) {
	p := load(t, words("'a.b' = '{{.who}} and {{.what}}'", "'a.b' = '{{.who}} et {{.what}}'", "")).Printer(lang.French)
	if got := p.T("no.such.key", nil); got != "no.such.key" {
		t.Errorf("a missing key shows %q", got)
	}
	if got := p.T("a.b", lang.Args{"who": "<b>{{.what}}</b>", "other": 1}); got != "<b>{{.what}}</b> et {what}" {
		t.Errorf("a missing argument shows %q", got)
	}
	portuguese := load(t, words("'a.b' = 'x'", "'a.b' = 'y'", "")).Printer(lang.Portuguese)
	if got := portuguese.T("a.b", nil); got != "a.b" {
		t.Errorf("a key missing in Portuguese shows %q and not itself", got)
	}
}

func TestFaultsInWords(t *testing.T) {
	c := load(t)
	var faults fault.List
	_, err := measure.ParseCarats("-2,31")
	faults.Add(fault.Restate(err, fault.At("weight")))
	_, err = ident.ParseTypedNumber("SL 4911", ident.KnownFormats())
	faults.Add(err)
	faults.Add(fault.Conflict("nobody.wrote_this"), errors.New("SECRET: disk on fire"))
	got := c.Printer(lang.English).Explain(faults.Err(), "R-77")
	want := []lang.Sentence{
		{"“-2,31” is less than zero.", "Write an amount of zero or more.", "weight"},
		{"“SL 4911” has 4 characters after the two letters. Certificates of this Participant (Sierra Leone) have 6.",
			"Copy the number again, with its leading zeros. After the letters it should look like 123456.", ""},
		{"fault.nobody.wrote_this", "", ""},
		{"Something went wrong on our side. It is noted under the reference R-77.",
			"Try again. If it happens again, give the reference to the people who run this register.", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := c.Printer(lang.French).Explain(nil, "R-77"); len(got) != 0 {
		t.Errorf("no error is explained as %v", got)
	}
	problem := fault.ProblemOf(fault.Invalid("measure.negative", fault.Text("-1")), "R-77", c.Printer(lang.Portuguese).FaultWords("R-77"))
	if problem.Title != "«-1» é inferior a zero." || problem.Detail != "Indique uma quantidade igual ou superior a zero." {
		t.Errorf("%+v", problem)
	}
}

func TestLoadRefusesWhatCannotBeUsed(t *testing.T) {
	tests := []struct{ name, en, want string }{
		{"toml", "x", "text/en.toml"},
		{"key", "'A.b' = 'x'", "is no key"},
		{"empty text", "'a.b' = ''", "has no text"},
		{"logic", "'a.b' = '{{if .x}}y{{end}}'", "no placeholder"},
		{"half a placeholder", "'a.b' = '{{.x}'", "no placeholder"},
		{"plural form of another language", "[a]\none='x'\nfew='y'\nother='z'", "none of our languages"},
		{"no plural", "[a]\nmany='x'\nother='z'", "plural forms of en"},
		{"twice", "'a.b' = 'x'\n[a]\nb = 'y'", "stands twice"},
		{"another module's", "'fault.measure.negative' = 'x'", "two modules bring"},
		{"number", "'a' = 5", "text/en.toml"},
	}
	for _, tt := range tests {
		if _, err := lang.Load(words(tt.en, "", "")); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	if _, err := lang.Load(words("", "[a]\none='x'\nother='z'", "")); err == nil || !strings.Contains(err.Error(), "plural forms of fr") {
		t.Errorf("French without many: %v", err)
	}
	if _, err := lang.Load(fstest.MapFS{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder of words: %v", err)
	}
}

func TestCompareFindsEachDifference(t *testing.T) {
	const plural = "\n[n]\none = 'a {{.count}}'\nother = 'b {{.count}}'"
	const pluralMany = "\n[n]\none = 'x {{.count}}'\nmany = 'z {{.count}}'\nother = 'y {{.count}}'"
	good := func() fstest.MapFS {
		return words("'k' = 'one {{.a}} {{.b}}'"+plural, "'k' = 'un {{.b}} {{.a}}'"+pluralMany, "'k' = 'um {{.a}} {{.b}}'"+pluralMany)
	}
	tests := []struct {
		name   string
		change func(fstest.MapFS)
		want   []string
	}{
		{"nothing", func(fstest.MapFS) {}, nil},
		{"missing", func(m fstest.MapFS) { m["text/fr.toml"].Data = []byte(pluralMany) }, []string{"fr k: missing"}},
		{"not in English", func(m fstest.MapFS) {
			m["text/pt.toml"].Data = []byte("'k' = 'um {{.a}} {{.b}}'\n'm' = 'x'" + pluralMany)
		},
			[]string{"pt m: not in English"}},
		{"placeholder", func(m fstest.MapFS) { m["text/fr.toml"].Data = []byte("'k' = 'un {{.a}} {{.c}}'" + pluralMany) },
			[]string{"fr k: placeholders [a c], in English [a b]"}},
		{"plural in one only", func(m fstest.MapFS) {
			m["text/pt.toml"].Data = []byte("'k' = 'um {{.a}} {{.b}}'\n'n' = '{{.count}} vezes'")
		},
			[]string{"pt n: plural forms in one of the two only"}},
		{"same text", func(m fstest.MapFS) { m["text/pt.toml"].Data = []byte("'k' = 'one {{.a}} {{.b}}'" + pluralMany) },
			[]string{"pt k: the same as the English text"}},
		{"same text with reason", func(m fstest.MapFS) {
			m["text/pt.toml"].Data = []byte("'k' = 'one {{.a}} {{.b}}'" + pluralMany)
			m["text/same.toml"] = &fstest.MapFile{Data: []byte("'k' = 'a proper name'")}
		}, nil},
		{"reason for nothing", func(m fstest.MapFS) { m["text/same.toml"] = &fstest.MapFile{Data: []byte("'k' = 'a proper name'")} },
			[]string{"en k: text/same.toml excuses what needs no excuse"}},
		{"signs alone", func(m fstest.MapFS) {
			for _, l := range lang.Languages() {
				f := m["text/"+string(l)+".toml"]
				f.Data = append([]byte("'s' = '{{.a}} · {{.b}}'\n"), f.Data...)
			}
		}, nil},
	}
	for _, tt := range tests {
		m := good()
		tt.change(m)
		found, err := lang.Compare(m)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		var got []string
		for _, d := range found {
			got = append(got, d.String())
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	m := good()
	m["text/same.toml"] = &fstest.MapFile{Data: []byte("'k' = ' '")}
	if _, err := lang.Compare(m); err == nil {
		t.Error("an excuse without reason passes")
	}
	m = good()
	delete(m, "text/fr.toml")
	if _, err := lang.Compare(m); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing language: %v", err)
	}
}

func TestOwnWordsAgree(t *testing.T) {
	found, err := lang.Compare(lang.Text())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range found {
		t.Error(d)
	}
	texts, err := lang.Placeholders(lang.Text())
	if err != nil || len(texts) < 50 || !cmp.Equal(texts["fault.measure.ambiguous"], []string{"large", "small", "text"}) {
		t.Errorf("%d texts, %v, %v", len(texts), texts["fault.measure.ambiguous"], err)
	}
}

func FuzzMatch(f *testing.F) {
	for _, s := range []string{"", "fr-CF,fr;q=0.9", "pt-BR", "*", "x-klingon;q=2", "en-u-rg-brzzzz", strings.Repeat("a-", 400)} {
		f.Add(s)
	}
	known := append(lang.Languages(), lang.Brazilian)
	f.Fuzz(func(t *testing.T, s string) {
		for _, got := range []lang.Language{lang.Match(s), lang.FromEnvironment(func(string) string { return s })} {
			if !slices.Contains(known, got) {
				t.Errorf("%q chooses %q", s, got)
			}
		}
	})
}
