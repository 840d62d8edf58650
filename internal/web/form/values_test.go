package form_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"adamas.example/internal/fault"
	"adamas.example/internal/lang"
	"adamas.example/internal/web"
	"adamas.example/internal/web/form"
)

func typed(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

func TestValues(t *testing.T) {
	got, err := form.Values[outer](typed("name", " é ", "day", "28/11/2026", "lines[1].hs", "", "lines[2].hs", "7102.10", "lines[2].carats", "1 234,50", "lines[2].stones", "1 003",
		"lines[7].carats", "0.01", "more.carats", "2", "open", "yes", "value", "12,5", "texts[1]", "a", "texts[2]", "b", "act", "send", "seen", "4"))
	if err != nil {
		t.Fatal(err)
	}
	want := outer{Name: "é", Lines: []inner{{"7102.10", 1234500, 1003}, {"", 10, 0}}, Open: true, Texts: []string{"a", "b"}}
	if got.Name != want.Name || got.Day.String() != "2026-11-28" || !slices.Equal(got.Lines, want.Lines) || got.More.Carats != 2000 || !got.Open ||
		*got.Value != 1250 || !slices.Equal(got.Texts, want.Texts) {
		t.Errorf("%+v", got)
	}
}

// TestValuesRefused: each fault is at the row that the person sees.
func TestValuesRefused(t *testing.T) {
	for _, tt := range []struct {
		given url.Values
		want  []string
	}{
		{typed("nam", "x"), []string{"web.form_unknown nam"}},
		{typed("lines[1].hs", "", "lines[3].stones", "-1"), []string{"web.form_number lines[3].stones"}},
		{typed("lines[0].hs", "7102.10"), []string{"web.form_unknown lines[0].hs"}},
		{typed("lines[501].hs", "7102.10"), []string{"web.form_unknown lines[501].hs"}},
		{typed("lines[x].hs", "7102.10"), []string{"web.form_unknown lines[x].hs"}},
		{typed("lines.hs", "7102.10"), []string{"web.form_kind lines"}},
		{typed("name[1]", "x"), []string{"web.form_kind name"}},
		{typed("name", "a", "name", "b"), []string{"web.form_twice name"}},
		{typed("open", "perhaps"), []string{"web.form_kind open"}},
		{typed(strings.Repeat("more.", 40)+"hs", "x"), []string{"web.form_unknown " + strings.Repeat("more.", 40) + "hs"}},
		{typed("lines[2].carats", "heavy", "value", "much"), []string{"measure.not_a_number lines[2].carats", "measure.not_a_number value"}},
	} {
		v, err := form.Values[outer](tt.given)
		var got []string
		for _, f := range fault.All(err) {
			got = append(got, f.Key+" "+f.Field)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || v.Name != "" {
			t.Errorf("%v: %s", tt.given, diff)
		}
	}
}

func printer(t *testing.T, l lang.Language) *lang.Printer {
	t.Helper()
	words, err := lang.Load(web.Text())
	if err != nil {
		t.Fatal(err)
	}
	return words.Printer(l)
}

// TestRows adds and takes out rows as the buttons do.
func TestRows(t *testing.T) {
	f := form.New(printer(t, lang.English), typed("p[1].a", "one", "p[2].a", "two", "p[2].q[1].b", "within", "p[3].a", "three", "name", "n", "less", "p[2]"))
	if !f.Changed() || len(f.Rows("p", 1)) != 2 || f.Value("p[1].a") != "one" || f.Value("p[2].a") != "three" || f.Value("p[2].q[1].b") != "" || f.Value("name") != "n" {
		t.Errorf("%+v", f.Rows("p", 1))
	}
	f.Set("more", "p")
	if !f.Changed() || len(f.Rows("p", 1)) != 3 || f.Changed() {
		t.Errorf("%+v", f.Rows("p", 1))
	}
	if rows := form.New(printer(t, lang.English), nil).Rows("p", 2); len(rows) != 2 || rows[1].Name("a") != "p[2].a" || rows[0].Only {
		t.Errorf("%+v", rows)
	}
}

// TestClose: after empty rows are taken out, the third seal of the value is the third row
// of the page, and what is wrong with it stands there.
func TestClose(t *testing.T) {
	f := form.New(printer(t, lang.English), typed("s[1].seal", " ", "s[1].whole", "yes", "s[2].seal", "A1", "s[2].whole", "yes", "s[4].seal", "", "s[5].seal", "A2", "name", ""))
	f.Close("s", "whole")
	if len(f.Rows("s", 0)) != 2 || f.Value("s[1].seal") != "A1" || f.Value("s[1].whole") != "yes" || f.Value("s[2].seal") != "A2" || !f.Values().Has("name") {
		t.Errorf("%v", f.Values())
	}
}

// TestSummary: a fault leads to its field and names it as the form does; one without a
// field that is shown has its way out beside it.
func TestSummary(t *testing.T) {
	f := form.New(printer(t, lang.English), typed("stones", "x")).Apart("second")
	if err := f.Refuse(errors.Join(fault.Invalid("web.form_kind", fault.At("stones"), fault.Text("x")), fault.Invalid("web.form_kind", fault.At("seen"), fault.Text("y")))); err != nil {
		t.Fatal(err)
	}
	if all := f.Summary().Lines; all[0].ID != "f-second-stones" || all[1].ID != "f-second-seen" {
		t.Errorf("before a field is made: %+v", all)
	}
	x := f.Named(f.Text("stones", "web.more"), "Stones of parcel 2")
	all := f.Summary().Lines
	if all[0].ID != x.ID || !strings.Contains(all[0].Text, "“Stones of parcel 2”") || !strings.Contains(x.Errors[0], "“Stones of parcel 2”") || all[1].ID != "" || all[1].Remedy == "" {
		t.Errorf("%+v %+v", all, x)
	}
}

// TestNothingTypedIsLost: whatever was typed into a text field stands there again, and
// each fault stands at a field's name or at none.
func TestNothingTypedIsLost(t *testing.T) {
	p := printer(t, lang.French)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"name", "day", "lines[2].carats", "value", "texts[1]"}).Draw(t, "name")
		text := rapid.String().Draw(t, "text")
		given := typed(name, text)
		f := form.New(p, given)
		_, err := form.Values[outer](given)
		if left := f.Refuse(err); left != nil {
			t.Fatal(left)
		}
		if f.Text(name, "web.more").Value != text {
			t.Fatalf("%q came back as %q", text, f.Text(name, "web.more").Value)
		}
		if f.Wrong() != (err != nil) {
			t.Fatal("a fault is not shown")
		}
		if f.Wrong() && len(f.Text(name, "web.more").Errors) == 0 {
			t.Fatalf("not beside the field: %v", err)
		}
	})
}

// TestRefuse: what typing or a moment's wait can mend comes back with the form, and nothing
// else does.
func TestRefuse(t *testing.T) {
	for _, tt := range []struct {
		err  error
		form bool
	}{
		{fault.Invalid("web.form_kind", fault.Text("x")), true},
		{fault.Busy("web.form_kind", fault.Text("x")), true},
		{fault.Unavailable("web.form_kind", fault.Text("x")), true},
		{fault.Corrupt("web.form_kind", fault.Text("x")), false},
		{errors.Join(fault.Invalid("web.form_kind", fault.Text("x")), fault.IO("web.form_kind", fault.Text("y"))), false},
		{errors.New("the disk is gone"), false},
		{nil, true},
	} {
		f := form.New(printer(t, lang.English), typed("name", "typed"))
		if left := f.Refuse(tt.err); (left == nil) != tt.form || f.Wrong() != (tt.form && tt.err != nil) {
			t.Errorf("%v: given back %v, shown %v", tt.err, left, f.Wrong())
		}
	}
}

func FuzzValues(f *testing.F) {
	f.Add("lines[1].carats=1&lines[2].hs=7102.10&more.stones=3&name=a")
	f.Fuzz(func(t *testing.T, query string) {
		given, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		if _, err := form.Values[outer](given); err != nil && len(fault.All(err)) == 0 {
			t.Errorf("no fault: %v", err)
		}
	})
}
