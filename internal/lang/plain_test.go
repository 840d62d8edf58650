package lang_test

import (
	"bytes"
	"testing"
	"time"

	"pgregory.net/rapid"

	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/lang/plain"
	"adamas.example/internal/measure"
	"adamas.example/internal/period"
)

// written are the words of a language after a journey through a file.
func written(t *testing.T, p *lang.Printer, prefixes ...string) *plain.Words {
	t.Helper()
	file, err := p.Plain(prefixes...).File()
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.Plain(prefixes...).File()
	if err != nil || !bytes.Equal(file, again) {
		t.Errorf("the same words give other bytes (%v)", err)
	}
	w, err := plain.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

var everyLanguage = []lang.Language{lang.English, lang.French, lang.Portuguese, lang.Brazilian}

// TestPlainSaysTheSame: whatever a Printer says, its plain words say.
func TestPlainSaysTheSame(t *testing.T) {
	const forms = "['a.said']\nother = '{{.b}} <x> & {{.c}}{{.b}}, {{.missing}}'\n['a.counted']\n"
	english := forms + "one = '{{.count}} stone'\nother = '{{.count}} stones'"
	counted := forms + "one = '{{.count}} um'\nmany = '{{.count}} de m'\nother = '{{.count}} o'"
	c := load(t, words(english, counted, counted))
	for _, l := range everyLanguage {
		p := c.Printer(l)
		w := written(t, p, "a.", "limit.")
		for c := range ident.Countries() {
			if w.Country(c) != p.Country(c) || w.Participant(ident.ParticipantCode(c)) != p.Participant(ident.ParticipantCode(c)) {
				t.Errorf("%s is %q, want %q", c, w.Country(c), p.Country(c))
			}
		}
		for _, code := range []string{"EU", "ZZ", "UK", "", "Utopia", "276"} {
			if got, want := w.Participant(ident.ParticipantCode(code)), p.Participant(ident.ParticipantCode(code)); got != want {
				t.Errorf("%s is %q, want %q", code, got, want)
			}
			if got, want := w.Country(ident.CountryCode(code)), p.Country(ident.CountryCode(code)); got != want {
				t.Errorf("%s is %q, want %q", code, got, want)
			}
		}
		rapid.Check(t, func(t *rapid.T) {
			n := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-3, 3), rapid.Map(rapid.Int64Range(-9, 9), func(n int64) int64 { return n * 1_000_000 })).Draw(t, "n")
			values := []any{n, int(n), int32(n), uint64(n), measure.Carats(n), measure.USD(n), rapid.String().Draw(t, "s"), n%2 == 0, nil,
				period.Date(n % int64(period.Max)), time.Unix(n%1e11, 0), period.Quarter{Year: 2026, N: 1 + int(uint64(n)%4)}, period.Half{Year: 2026, N: 1 + int(uint64(n)%2)},
				period.Limit{N: int(n), Unit: period.WorkingDays}, []string{"x", "y"}, ident.CertificateNumber("CF00124471"), ident.CountryCode("CF"), roles{"a.said", "a.b"}}
			for _, v := range values {
				args := lang.Args{"b": v, "c": "{{.b}}", "count": v}
				for _, key := range []string{"a.said", "a.counted", "a.nothing"} {
					if got, want := w.T(key, args), p.T(key, args); got != want {
						t.Fatalf("%s, %s of %T %v: %q, want %q", l, key, v, v, got, want)
					}
					if w.Has(key) != p.Has(key) {
						t.Fatalf("%s: has %s: %v", l, key, w.Has(key))
					}
				}
				if got, want := w.Show(v), p.Show(v); got != want {
					t.Fatalf("%s, %T %v: %q, want %q", l, v, v, got, want)
				}
			}
		})
	}
}

// TestPlainHoldsWhatWasAskedFor and nothing of the other words.
func TestPlainHoldsWhatWasAskedFor(t *testing.T) {
	c := load(t, words("'a.b' = 'x'\n'ab.c' = 'z'", "'a.b' = 'y'\n'ab.c' = 'z'", "'a.b' = 'w'\n'ab.c' = 'z'"))
	w := written(t, c.Printer(lang.French), "a.")
	if len(w.Texts) != 1 || len(w.Counted) != 0 || w.T("a.b", nil) != "y" || w.Language != "fr" {
		t.Errorf("%+v", w)
	}
}

func TestPlainRefuses(t *testing.T) {
	for _, file := range []string{"", "[]", "{}", `{"language":"en"}`, `{"language":"en","form":{"day":"D","months":["January"]},"names":{"CF":"x"},"texts":{"a":"b"}}`} {
		if _, err := plain.Parse([]byte(file)); err == nil {
			t.Errorf("%q passes for words", file)
		}
	}
	if got := new(plain.Words).T("a.b", nil); got != "a.b" {
		t.Error(got)
	}
}
