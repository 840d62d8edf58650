package ident_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"adamas.example/internal/fault"
	"adamas.example/internal/ident"
)

func TestSpecialCodes(t *testing.T) {
	tests := []struct {
		code                 string
		country, participant bool
	}{
		{"CF", true, true},
		{"TW", true, true},
		{"GB", true, true},
		{"EU", false, true},  // exceptionally reserved, no country
		{"XI", true, false},  // Northern Ireland has no certificates of its own
		{"UK", false, false}, // the certificates' code is GB
		{"KE", true, true},   // a code; that Kenya is no Participant is party's to say
		{"cf", false, false},
		{"F ", false, false},
		{" A", false, false},
		{"CFR", false, false},
		{"", false, false},
		{"ZZ", false, false},
	}
	for _, tt := range tests {
		if _, err := ident.ParseCountry(tt.code); (err == nil) != tt.country {
			t.Errorf("ParseCountry(%q): %v", tt.code, err)
		} else if err != nil && !fault.Is(err, "ident.country_unknown") {
			t.Errorf("ParseCountry(%q): %v", tt.code, err)
		}
		if _, err := ident.ParseParticipant(tt.code); (err == nil) != tt.participant {
			t.Errorf("ParseParticipant(%q): %v", tt.code, err)
		} else if err != nil && !fault.Is(err, "ident.participant_unknown") {
			t.Errorf("ParseParticipant(%q): %v", tt.code, err)
		}
	}
}

func TestCountriesAreSortedAndParse(t *testing.T) {
	all := slices.Collect(ident.Countries())
	if len(all) != 250 || !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Errorf("%d countries, want the 249 of ISO 3166-1 and XI, sorted, each once", len(all))
	}
	for _, c := range all {
		if _, err := ident.ParseCountry(string(c)); err != nil {
			t.Error(err)
		}
	}
}

func TestOfficesAndStations(t *testing.T) {
	for _, s := range []string{"CF/bangui", "EU/antwerp-2", "TW/taipei", "AE/a"} {
		o, err := ident.ParseOffice(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(o.Participant()) + "/" + o.Slug(); got != s {
			t.Errorf("%s falls apart into %s", s, got)
		}
		station, err := o.Station("pc-1")
		if err != nil {
			t.Fatal(err)
		}
		if station.Office() != o || station.Participant() != o.Participant() || station.Slug() != "pc-1" || string(station) != s+"/pc-1" {
			t.Errorf("station %s: %s %s %s", station, station.Office(), station.Participant(), station.Slug())
		}
	}
	for _, s := range []string{"", "CF", "CF/", "/bangui", "XX/bangui", "XI/belfast", "cf/bangui", "CF/Bangui", "CF/ban gui", "CF/-a", "CF/a-", "CF/a--b",
		"CF/bangui/pc-1", "CF/bängui", "CF/..", "CF/" + strings.Repeat("a", 41)} {
		if o, err := ident.ParseOffice(s); !fault.Is(err, "ident.not_an_office") {
			t.Errorf("ParseOffice(%q) = %q, %v", s, o, err)
		}
	}
	for _, s := range []string{"", "CF/bangui", "CF/bangui/", "CF//pc-1", "CF/bangui/PC", "CF/bangui/pc-1/x", "pc-1"} {
		if st, err := ident.ParseStation(s); !fault.Is(err, "ident.not_a_station") {
			t.Errorf("ParseStation(%q) = %q, %v", s, st, err)
		}
	}
	if ident.StationID("").Office() != "" || ident.OfficeID("").Participant() != "" {
		t.Error("the empty ids have parts")
	}
}

func TestTypedNumbers(t *testing.T) {
	formats := ident.KnownFormats()
	formats["ZA"] = ident.NumberFormat{Prefix: "@#", Digits: 4, Suffix: "X"}
	tests := []struct{ in, want, display, key string }{
		{in: "CF00124471", want: "CF00124471", display: "CF 0012 4471"},
		{in: " cf 0012-4471 ", want: "CF00124471", display: "CF 0012 4471"},
		{in: "ＣＦ　００１２－４４７１", want: "CF00124471", display: "CF 0012 4471"},
		{in: "CF\u00a00012\u20114471\u200b", want: "CF00124471", display: "CF 0012 4471"},
		{in: "SL 004911", want: "SL004911", display: "SL 004 911"},
		{in: "EU-12345678", want: "EU12345678", display: "EU 1234 5678"},
		{in: "za b7 1234 x", want: "ZAB71234X", display: "ZA B712 34X"},
		{in: "SL 4911", key: "ident.number_length"},         // no leading zero is guessed
		{in: "CF 0012 447l", key: "ident.number_character"}, // nor l for 1
		{in: "CF O0124471", key: "ident.number_character"},
		{in: "ZA 77 1234 X", key: "ident.number_character"},
		{in: "ZA B7 1234 Y", key: "ident.number_character"},
		{in: "UK 00124471", key: "ident.number_code"},
		{in: "0012 4471", key: "ident.number_code"},
		{in: "CF 0012_4471", key: "ident.not_a_number"},
		{in: "CF ٠٠١٢٤٤٧١", key: "ident.not_a_number"},
		{in: "", key: "ident.not_a_number"},
		{in: "CF", key: "ident.not_a_number"},
		{in: "CF ABCD", key: "ident.not_a_number"},
		{in: strings.Repeat("CF", 10000), key: "ident.not_a_number"},
	}
	for _, tt := range tests {
		n, err := ident.ParseTypedNumber(tt.in, formats)
		if tt.key != "" {
			f, _ := fault.Of(err)
			if f == nil || f.Key != tt.key {
				t.Errorf("%q: %q, %v, want %s", tt.in, n, err, tt.key)
			} else if len(tt.in) < 30 && f.Args["text"] != fault.New(0, "", fault.Text(tt.in)).Args["text"] {
				t.Errorf("%q: the fault quotes %q and not what was typed", tt.in, f.Args["text"])
			}
			continue
		}
		if err != nil || string(n) != tt.want || n.Display() != tt.display {
			t.Errorf("%q = %q shown %q, %v, want %q shown %q", tt.in, n, n.Display(), err, tt.want, tt.display)
		}
	}
}

func TestNumberFaultsSayWhatWasExpected(t *testing.T) {
	_, err := ident.ParseTypedNumber("sl 4911", ident.KnownFormats())
	f, _ := fault.Of(err)
	want := map[string]any{"text": "sl 4911", "expected": 6, "got": 4, "example": "123456", "participant": ident.ParticipantCode("SL")}
	if diff := cmp.Diff(want, f.Args); diff != "" {
		t.Error(diff)
	}
	_, err = ident.ParseTypedNumber("sl oo4911", ident.KnownFormats())
	f, _ = fault.Of(err)
	if f.Args["character"] != "O" || f.Args["position"] != 1 {
		t.Error(f)
	}
}

func TestDisplayGroupsEvenly(t *testing.T) {
	want := []string{"CF 1", "CF 12", "CF 123", "CF 1234", "CF 123 45", "CF 123 456", "CF 1234 567", "CF 1234 5678", "CF 123 456 789"}
	for i, w := range want {
		if got := ident.CertificateNumber("CF" + "123456789"[:i+1]).Display(); got != w {
			t.Errorf("%q, want %q", got, w)
		}
	}
	if got := ident.CertificateNumber("").Display(); got != "" {
		t.Errorf("the empty number is shown as %q", got)
	}
}

func anyFormat() *rapid.Generator[ident.NumberFormat] {
	part := rapid.StringMatching(`[A-Z0-9]{0,3}`)
	return rapid.Custom(func(t *rapid.T) ident.NumberFormat {
		return ident.NumberFormat{Prefix: part.Draw(t, "prefix"), Digits: rapid.IntRange(1, 18).Draw(t, "digits"), Suffix: part.Draw(t, "suffix")}
	})
}

func TestCountersAndNumbersAreInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := anyFormat().Draw(t, "format")
		if err := f.Validate(); err != nil {
			t.Fatal(err)
		}
		most := uint64(1)
		for range f.Digits {
			most *= 10
		}
		counter := rapid.Uint64Range(0, most-1).Draw(t, "counter")
		n, err := f.Number("CF", counter)
		if err != nil {
			t.Fatal(err)
		}
		back, err := f.Counter(n)
		if err != nil || back != counter {
			t.Fatalf("%s counts %d, %v, want %d", n, back, err, counter)
		}
		typed, err := ident.ParseTypedNumber(strings.ToLower(n.Display()), ident.NumberFormats{"CF": f})
		if err != nil || typed != n {
			t.Fatalf("%s typed as %s reads %s, %v", n, n.Display(), typed, err)
		}
		if _, err := f.Number("CF", most); !fault.Is(err, "ident.counter_too_large") {
			t.Fatalf("counter %d with %d digits: %v", most, f.Digits, err)
		}
	})
}

func TestBadFormats(t *testing.T) {
	for _, f := range []ident.NumberFormat{{}, {Digits: 19}, {Digits: -1}, {Digits: 4, Prefix: "a"}, {Digits: 4, Suffix: "-"}, {Digits: 18, Prefix: "AAAA", Suffix: "BBB"}} {
		if err := f.Validate(); !fault.Is(err, "ident.bad_number_format") {
			t.Errorf("%+v: %v", f, err)
		}
	}
	choice := ident.NumberFormat{Prefix: "@", Digits: 6}
	if err := choice.Validate(); err != nil {
		t.Error(err)
	}
	if n, err := choice.Number("CF", 7); !fault.Is(err, "ident.not_countable") {
		t.Errorf("a series was chosen: %s %v", n, err)
	}
	if got, err := choice.Counter("CFB000007"); err != nil || got != 7 {
		t.Errorf("%d %v", got, err)
	}
}

func TestHSCodes(t *testing.T) {
	tests := []struct{ in, want, key string }{
		{in: "7102.10", want: "7102.10"},
		{in: "710221", want: "7102.21"},
		{in: "7102 31 00", want: "7102.31"},
		{in: "７１０２．３１", want: "7102.31"},
		{in: "7102.31.0010", want: "7102.31"},
		{in: "7102.39", key: "ident.hs_out_of_scope"},
		{in: "71022900", key: "ident.hs_out_of_scope"},
		{in: "7105.10", key: "ident.hs_out_of_scope"},
		{in: "7104.91", key: "ident.hs_out_of_scope"},
		{in: "7108.12", key: "ident.hs_unknown"},
		{in: "7102", key: "ident.hs_unknown"},
		{in: "71021", key: "ident.hs_unknown"},
		{in: "7102.1O", key: "ident.hs_unknown"},
		{in: "", key: "ident.hs_unknown"},
	}
	for _, tt := range tests {
		code, err := ident.ParseTypedHS(tt.in)
		if tt.key != "" && !fault.Is(err, tt.key) || tt.key == "" && (err != nil || string(code) != tt.want) {
			t.Errorf("%q = %q, %v, want %s%s", tt.in, code, err, tt.want, tt.key)
		}
	}
	if _, err := ident.ParseHS("710210"); !fault.Is(err, "ident.hs_unknown") {
		t.Errorf("the strict form takes 710210: %v", err)
	}
}

func TestRecordIDs(t *testing.T) {
	at := time.Date(2026, 11, 23, 14, 2, 0, 123_000_000, time.UTC)
	id, err := ident.NewRecordID(at, bytes.NewReader([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}))
	if err != nil {
		t.Fatal(err)
	}
	if want := ident.RecordID("01a208b6-b03b-7102-8304-05060708090a"); id != want {
		t.Errorf("id = %s, want %s", id, want)
	}
	if !id.Time().Equal(at) {
		t.Errorf("time = %s, want %s", id.Time(), at)
	}
	if _, err := ident.NewRecordID(at, strings.NewReader("short")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("short entropy: %v", err)
	}
	if id, err := ident.NewRecordID(time.Unix(-1, 0), strings.NewReader("0123456789")); err == nil {
		t.Errorf("a time before 1970 made %s", id)
	}
	for _, s := range []string{"", strings.ToUpper(string(id)), strings.ReplaceAll(string(id), "-", "_"), "01a208b6-b03b-4102-8304-05060708090a",
		"01a208b6-b03b-7102-0304-05060708090a", string(id)[:35], string(id) + "0", "01a208b6-b03b-7102-8304-0506070809zz"} {
		if _, err := ident.ParseRecord(s); !fault.Is(err, "ident.not_a_record") {
			t.Errorf("ParseRecord(%q): %v", s, err)
		}
	}
	if !ident.RecordID("").Time().IsZero() {
		t.Error("no id has a time")
	}
}

func TestRecordIDsSortByTimeAndReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(0, 1<<48-2).Draw(t, "ms")
		entropy := func(label string) io.Reader {
			return bytes.NewReader(rapid.SliceOfN(rapid.Byte(), 10, 10).Draw(t, label))
		}
		a, errA := ident.NewRecordID(time.UnixMilli(ms), entropy("a"))
		b, errB := ident.NewRecordID(time.UnixMilli(ms+1), entropy("b"))
		if errA != nil || errB != nil || a >= b {
			t.Fatalf("%s not before %s: %v %v", a, b, errA, errB)
		}
		if back, err := ident.ParseRecord(string(a)); err != nil || back != a || a.Time().UnixMilli() != ms {
			t.Fatalf("%s reads %s at %d, %v", a, back, a.Time().UnixMilli(), err)
		}
	})
}

func TestJSONTakesOnlyTheCanonicalForm(t *testing.T) {
	type record struct {
		Country     ident.CountryCode
		Participant ident.ParticipantCode
		Office      ident.OfficeID
		Station     ident.StationID
		Number      ident.CertificateNumber
		HS          ident.HSCode
		ID          ident.RecordID
	}
	good := record{"CF", "EU", "CF/bangui", "CF/bangui/pc-1", "CF00124471", "7102.10", "01a208b6-b03b-7102-8304-05060708090a"}
	raw, err := json.Marshal(good)
	if err != nil {
		t.Fatal(err)
	}
	var back record
	if err := json.Unmarshal(raw, &back); err != nil || back != good {
		t.Errorf("%s reads %+v, %v", raw, back, err)
	}
	for _, bad := range []string{`{"Country":"EU"}`, `{"Participant":"XI"}`, `{"Office":"CF/Bangui"}`, `{"Station":"CF/bangui"}`,
		`{"Number":"CF 0012 4471"}`, `{"Number":"CF_1"}`, `{"HS":"710210"}`, `{"ID":"1"}`} {
		if err := json.Unmarshal([]byte(bad), &record{}); fault.KindOf(err) != fault.KindInvalid {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"CF00124471", "cf 0012-4471", "ＣＦ００１２４４７１", "SL004911", "CF/bangui", "CF/bangui/pc-1", "7102.10", "71021000",
		"01a208b6-b03b-7102-8304-05060708090a", "EU", "\xff\xfe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := ident.ParseNumber(s); err == nil && string(n) != s {
			t.Errorf("ParseNumber(%q) = %q", s, n)
		}
		if n, err := ident.ParseTypedNumber(s, ident.KnownFormats()); err == nil {
			for _, again := range []string{string(n), n.Display()} {
				if back, err := ident.ParseTypedNumber(again, ident.KnownFormats()); err != nil || back != n {
					t.Errorf("%q reads %q, which as %q reads %q, %v", s, n, again, back, err)
				}
			}
		}
		if st, err := ident.ParseStation(s); err == nil && string(st.Office())+"/"+st.Slug() != s {
			t.Errorf("ParseStation(%q) = %q", s, st)
		}
		if o, err := ident.ParseOffice(s); err == nil && string(o.Participant())+"/"+o.Slug() != s {
			t.Errorf("ParseOffice(%q) = %q", s, o)
		}
		if c, err := ident.ParseTypedHS(s); err == nil && !slices.Contains(ident.HSCodes(), c) {
			t.Errorf("ParseTypedHS(%q) = %q", s, c)
		}
		if id, err := ident.ParseRecord(s); err == nil && (string(id) != s || id.Time().IsZero()) {
			t.Errorf("ParseRecord(%q) = %q", s, id)
		}
	})
}

// TestPaperOfUnknownForm: a serial of any length is taken as it stands, and is no
// freer otherwise.
func TestPaperOfUnknownForm(t *testing.T) {
	for typed, want := range map[string]string{"bw 12": "BW12", "SL-004 911": "SL004911", "ＣＦ００１２": "CF0012", "ZZ 12": "", "CF": "", "CF ABC": "", "CF12!": ""} {
		got, err := ident.ParseTypedPaper(typed)
		if string(got) != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v", typed, got, err)
		}
	}
}
