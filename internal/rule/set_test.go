package rule_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"adamas.example/internal/fault"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/verify/canonical"
)

func build(t interface {
	Fatalf(string, ...any)
	Helper()
}, c rule.Content) rule.Set {
	t.Helper()
	s, err := rule.Build(c)
	if err != nil {
		t.Fatalf("the drawn set is not valid: %v", err)
	}
	return s
}

// However a set is laid out in files, its hash is the same.
func TestLayoutDoesNotReachTheHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawContent(t)
		want := build(t, c)
		folder := printFolder(t, c)
		got, err := rule.Check(folder)
		if err != nil {
			t.Fatalf("%v\n%s", err, texts(folder))
		}
		if got.Hash() != want.Hash() {
			t.Fatalf("another hash: %s\n%s", cmp.Diff(want.Content(), got.Content()), texts(folder))
		}
	})
}

func texts(fsys fs.FS) string {
	var b strings.Builder
	names, _ := fs.Glob(fsys, "*.toml")
	for _, name := range names {
		raw, _ := fs.ReadFile(fsys, name)
		fmt.Fprintf(&b, "---- %s\n%s\n", name, raw)
	}
	return b.String()
}

// The canonical form and the set stand for each other.
func TestCanonicalFormRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := build(t, drawContent(t))
		again, err := rule.Decode(s.Canonical())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.Canonical(), s.Canonical()) || again.Hash() != s.Hash() || canonical.Sum(s.Canonical()) != s.Hash() {
			t.Fatal("decoding and encoding again gives other bytes")
		}
		if diff := cmp.Diff(s.Content(), again.Content()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Whatever single figure, word, date, source, mark or choice is changed, the
// set is refused or has another hash.
func TestEveryMeaningReachesTheHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := build(t, drawContent(t))
		changed := s.Content()
		all := leaves(reflect.ValueOf(&changed).Elem(), "")
		at := rapid.IntRange(0, len(all)-1).Draw(t, "which")
		alter(t, all[at].value)
		if diff := cmp.Diff(s.Content(), changed); diff == "" {
			t.Skip("drew what stood there")
		}
		other, err := rule.Build(changed)
		if err == nil && other.Hash() == s.Hash() {
			t.Fatalf("%s was changed and the hash stayed: %s", all[at].path, cmp.Diff(s.Content(), changed))
		}
	})
}

type leaf struct {
	path  string
	value reflect.Value
}

// leaves lists every value in v that can be changed on its own.
func leaves(v reflect.Value, path string) []leaf {
	var all []leaf
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			all = append(all, leaves(v.Field(i), path+"."+v.Type().Field(i).Name)...)
		}
	case reflect.Slice:
		all = append(all, leaf{path, v})
		for i := range v.Len() {
			all = append(all, leaves(v.Index(i), fmt.Sprintf("%s[%d]", path, i))...)
		}
	case reflect.Pointer:
		all = append(all, leaf{path, v})
		if !v.IsNil() {
			all = append(all, leaves(v.Elem(), path)...)
		}
	default:
		all = append(all, leaf{path, v})
	}
	return all
}

// alter changes a leaf: another text or number, nothing for a pointer, one
// element less or two in another order for a list.
func alter(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(rapid.SampledFrom([]string{v.String() + "x", "x", "block", "warn", "seen", "memory", "any", "one", "two",
			"EU", "SL", "days", "count", "alpha", "beta", ""}).Draw(t, "text"))
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(v.Int() + rapid.Int64Range(-2, 2).Draw(t, "more"))
	case reflect.Pointer:
		v.SetZero()
	case reflect.Slice:
		if v.Len() == 0 {
			return
		}
		v.Set(v.Slice(rapid.IntRange(0, 1).Draw(t, "from"), v.Len()))
	default:
		t.Fatalf("the content holds a %s, which this test does not know", v.Kind())
	}
}

// The order of codes is part of their meaning; that of everything else is not.
func TestOrderOfCodesCounts(t *testing.T) {
	with := func(codes string) rule.Set {
		s, err := rule.Check(folder("s.toml", header+oneRule+strings.Replace(strings.Replace(oneParam, "days", "codes", 1), "60", codes, 1)))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if with(`["a", "b"]`).Hash() == with(`["b", "a"]`).Hash() {
		t.Error("two orders of codes have one hash")
	}
}

func TestDecodeRefusesWhatIsNotCanonical(t *testing.T) {
	s, err := rule.Check(folder("s.toml", header+oneRule+oneRule2+oneParam+oneOverride))
	if err != nil {
		t.Fatal(err)
	}
	reencoded := func(change func(*rule.Content)) []byte {
		c := s.Content()
		change(&c)
		raw, err := canonical.Marshal(&c)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	tests := []struct {
		name string
		raw  []byte
		key  string
	}{
		{"nothing", nil, "rule.not_a_set"},
		{"other CBOR", []byte{0x83, 1, 2, 3}, "rule.not_a_set"},
		{"a byte more", append(s.Canonical(), 0), "rule.not_a_set"},
		{"a byte less", s.Canonical()[:len(s.Canonical())-1], "rule.not_a_set"},
		{"rules in another order", reencoded(func(c *rule.Content) { c.Rules[0], c.Rules[1] = c.Rules[1], c.Rules[0] }), "rule.not_canonical"},
		{"unfolded text", reencoded(func(c *rule.Content) { c.Text.EN = "For  tests." }), "rule.not_canonical"},
		{"unfolded accents", reencoded(func(c *rule.Content) { c.Title.FR = "Re\u0300gles SYNTHETIC" }), "rule.not_canonical"},
		{"a later format", reencoded(func(c *rule.Content) { c.Format = 2 }), "rule.format_unknown"},
		{"a fault in it", reencoded(func(c *rule.Content) { c.Rules[0].Severity = "stop" }), "rule.not_one_of"},
		{"a value of another type", reencoded(func(c *rule.Content) { c.Rules[1].Params[0].Base.Value = &rule.Value{Text: "60"} }), "rule.value_of_other_type"},
		{"a day beyond the calendar", reencoded(func(c *rule.Content) { c.Rules[0].From = new(period.Max + 1) }), "rule.not_date"},
		{"too large", make([]byte, 4<<20+1), "rule.set_too_large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := rule.Decode(tt.raw)
			if !fault.Is(err, tt.key) {
				t.Errorf("got %v, want %s", err, tt.key)
			}
			mustBeSpoken(t, err)
		})
	}
}

const oneRule2 = `[[rule]]
id = "R-TST-02"
severity = "block"
side = "exporter"
valid-from = 2003-01-01
text = { en = "Another rule.", fr = "Une autre règle.", pt = "Outra regra." }
source = [{ ref = "KPCS III(c)", certainty = "seen" }]
`

func TestASetIsNotReachedIntoByWhatItGives(t *testing.T) {
	s, err := rule.Check(folder("s.toml", header+oneRule+oneParam+oneOverride))
	if err != nil {
		t.Fatal(err)
	}
	before := s.Content()
	sc := rule.Scope{Participant: "CA", On: 18000}
	r, err := s.Rule("R-TST-01", sc)
	if err != nil {
		t.Fatal(err)
	}
	c := s.Content()
	s.Canonical()[5] ^= 1
	_, _, from, _ := s.Param("R-TST-01", "validity", sc)
	from.Sources[0].Ref = "changed"
	from.Override.Participant = "EU"
	for range s.InForce(sc) {
		for _, reached := range []*rule.Rule{&r, &c.Rules[0]} {
			*reached.From = 0
			reached.Sources[0].Ref = "changed"
			reached.Params[0].Base.Value.Number = 1
			reached.Params[0].Overrides[0].Setting.Sources[0].Ref = "changed"
		}
	}
	if diff := cmp.Diff(before, s.Content()); diff != "" {
		t.Error(diff)
	}
	if again, err := rule.Decode(s.Canonical()); err != nil || again.Hash() != s.Hash() {
		t.Errorf("the canonical form was changed: %v", err)
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{
		header + oneRule + oneParam + oneOverride, oneRule, "rule = 1", "[set]\nid = 7\n", "[[rule]]\ncel = \"a\"\n[[rule.param]]\n",
		header + "[[rule]]\nparam = [{override = [{}], alternative = [{}]}]\n", "[[rule.param.override]]\nvalue = 2024-01-01\n", "\"\r\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := rule.Check(folder("a.toml", header+oneRule, "b.toml", text))
		if err == nil {
			if again, err := rule.Decode(s.Canonical()); err != nil || again.Hash() != s.Hash() {
				t.Errorf("%q: accepted, and its canonical form is not: %v", text, err)
			}
			return
		}
		for _, found := range fault.All(err) {
			if found.Kind == fault.KindInternal {
				t.Errorf("%q: %v", text, found)
			}
			line, ok := found.Args["record"].(int)
			if ok && (line < 1 || line > strings.Count(text, "\n")+1) && found.Args["file"] == "b.toml" {
				t.Errorf("%q: %v", text, found)
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	s, err := rule.Check(folder("s.toml", header+oneRule+oneParam+oneOverride))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s.Canonical())
	f.Add([]byte{0xa0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := rule.Decode(raw)
		if err == nil && !bytes.Equal(s.Canonical(), raw) {
			t.Errorf("two byte strings stand for one set:\n%x\n%x", raw, s.Canonical())
		}
		if fault.KindOf(err) == fault.KindInternal {
			t.Error(err)
		}
	})
}
