package party

import (
	"io/fs"
	"strings"
	"testing"

	"adamas.example/data"
	"adamas.example/internal/ident"
	"adamas.example/internal/lang"
	"adamas.example/internal/period"
	"adamas.example/internal/rule"
	"adamas.example/rules"
)

func kpcs(t testing.TB) rule.Set {
	t.Helper()
	shipped, err := fs.Sub(rules.FS(), rules.KPCS)
	if err != nil {
		t.Fatal(err)
	}
	set, err := rule.Check(shipped)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestTradeCheck(t *testing.T) {
	set := kpcs(t)
	settled, open := register(t, chosen), register(t, nil)
	for _, c := range []struct {
		name              string
		r                 *Register
		from, to          ident.ParticipantCode
		exported, arrived string
		zones             []string
		standing, trade   rule.Outcome
		why               [2]string // keys of the reasons, after party.finding.
	}{
		{"free trade", settled, "BW", "EU", "2026-11-23", "", nil, rule.Pass, rule.Pass, [2]string{"standing_good", "trade_free"}},
		{"to a state that is none", settled, "BW", "KE", "2026-11-23", "", nil, rule.Fail, rule.Pass, [2]string{"not_participant", "trade_free"}},
		{"before membership", settled, "BW", "UZ", "2024-11-14", "", nil, rule.Fail, rule.Pass, [2]string{"not_participant", "trade_free"}},
		{"arrives after admission, left before", settled, "BW", "UZ", "2024-11-14", "2024-11-15", nil, rule.Fail, rule.Pass, [2]string{"not_participant", "trade_free"}},
		{"the trading entity", settled, "TW", "US", "2026-11-23", "", nil, rule.Pass, rule.Pass, [2]string{"standing_good", "trade_free"}},
		{"suspended", settled, "CF", "EU", "2014-01-01", "", nil, rule.Fail, rule.Fail, [2]string{"not_in_good_standing", "trade_none_rule"}},
		{"suspended on the way", settled, "CF", "EU", "2013-05-20", "2013-05-25", nil, rule.Fail, rule.Fail, [2]string{"not_in_good_standing", "trade_none_rule"}},
		{"from a cleared zone", settled, "CF", "AE", "2016-10-01", "", []string{"Boda"}, rule.Pass, rule.Pass, [2]string{"standing_good", "zones_cleared"}},
		{"from another zone", settled, "CF", "AE", "2016-10-01", "", []string{"Boda", "Bria"}, rule.Pass, rule.Fail, [2]string{"standing_good", "zones_outside"}},
		{"from nobody knows where", settled, "CF", "AE", "2016-10-01", "", nil, rule.Pass, rule.CannotTell, [2]string{"standing_good", "zones_unknown"}},
		{"before any zone was cleared", settled, "CF", "AE", "2015-09-01", "", nil, rule.Pass, rule.Fail, [2]string{"standing_good", "zones_none"}},
		{"from a zone cleared in some month", open, "CF", "AE", "2016-04-01", "", []string{"Berbérati"}, rule.Pass, rule.CannotTell, [2]string{"standing_good", "zones_unsure"}},
		{"into a state held to zones", settled, "AE", "CF", "2016-10-01", "", nil, rule.Pass, rule.Pass, [2]string{"standing_good", "trade_free"}},
		{"before Switzerland put it back", settled, "CF", "CH", "2015-11-10", "2015-11-14", []string{"Boda"}, rule.Fail, rule.Fail, [2]string{"not_in_good_standing", "zones_none"}},
		{"arrives when Switzerland has put it back", settled, "CF", "CH", "2016-10-01", "2016-10-03", []string{"Boda"}, rule.Pass, rule.Pass, [2]string{"standing_good", "zones_cleared"}},
		{"after reinstatement", settled, "CF", "AE", "2024-11-15", "", nil, rule.Pass, rule.Pass, [2]string{"standing_good", "trade_free"}},
		{"a question nobody has answered", open, "CF", "AE", "2013-06-01", "", nil, rule.CannotTell, rule.Fail, [2]string{"standing_open", "trade_none_rule"}},
		{"a question that no longer matters", open, "CF", "AE", "2025-01-01", "", nil, rule.Pass, rule.Pass, [2]string{"standing_good", "trade_free"}},
		{"the rule set is stricter than the register", settled, "VE", "AE", "2026-01-01", "", nil, rule.Pass, rule.Fail, [2]string{"standing_good", "trade_none_rule"}},
		{"an embargo that the rule set does not know", settled, "CI", "AE", "2010-01-01", "", nil, rule.Fail, rule.Fail, [2]string{"not_in_good_standing", "trade_none"}},
		{"part of the production", settled, "ZW", "AE", "2010-06-01", "", nil, rule.Pass, rule.CannotTell, [2]string{"standing_good", "trade_part"}},
		{"Great Britain inside the Union", settled, "BW", "GB", "2020-12-31", "", nil, rule.Fail, rule.Pass, [2]string{"not_participant", "trade_free"}},
		{"Great Britain by itself", settled, "BW", "GB", "2021-01-01", "", nil, rule.Pass, rule.Pass, [2]string{"standing_good", "trade_free"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Shipment{Exporter: c.from, Importer: c.to, Exported: day(t, c.exported), Zones: c.zones}
			if c.arrived != "" {
				d := day(t, c.arrived)
				s.Imported = &d
			}
			fs, err := c.r.TradeCheck(set, s)
			if err != nil {
				t.Fatal(err)
			}
			if len(fs) != 2 || fs[0].Rule != "R-MEM-01" || fs[1].Rule != "R-MEM-02" {
				t.Fatalf("%+v", fs)
			}
			if fs[0].Outcome != c.standing || fs[1].Outcome != c.trade {
				t.Errorf("%s and %s, want %s and %s", fs[0].Outcome, fs[1].Outcome, c.standing, c.trade)
			}
			for i, f := range fs {
				if f.Reason.Key != "party.finding."+c.why[i] {
					t.Errorf("%s, want %s", f.Reason.Key, c.why[i])
				}
				if f.Blocks() != (f.Outcome != rule.Pass) {
					t.Error("membership blocks")
				}
				sourcedFacts(t, f)
				inWords(t, f)
			}
		})
	}
	if _, err := settled.TradeCheck(set, Shipment{Exporter: "BW", Importer: "EU", Exported: period.MustDay(2002, 12, 31)}); err == nil {
		t.Error("judged by a rule that was not in force")
	}
}

// sourcedFacts: every event behind an answer names its source.
func sourcedFacts(t *testing.T, f rule.Finding) {
	t.Helper()
	for _, l := range f.Facts["lists"].([]any) {
		for _, group := range []string{"basis", "open"} {
			for _, e := range l.(map[string]any)[group].([]any) {
				if e.(map[string]any)["source"] == "" {
					t.Errorf("no source: %v", e)
				}
			}
		}
	}
}

// inWords: every reason is a whole sentence in every language.
func inWords(t *testing.T, f rule.Finding) {
	t.Helper()
	words, err := lang.Load(Text())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lang.Languages() {
		got := words.Printer(l).T(f.Reason.Key, f.Reason.Args)
		if got == f.Reason.Key || strings.ContainsAny(got, "{}") {
			t.Errorf("%s: %s", l, got)
		}
	}
}

// TestSchemesOwnList: a rule set that does not go by national lists judges by the
// scheme's decisions.
func TestSchemesOwnList(t *testing.T) {
	set := kpcs(t)
	c := set.Content()
	for i, r := range c.Rules {
		for j, p := range r.Params {
			if r.ID == "R-MEM-01" && p.Name == "national-lists" {
				c.Rules[i].Params[j].Base.Value.Number = 0
			}
		}
	}
	flat, err := rule.Build(c)
	if err != nil {
		t.Fatal(err)
	}
	s := Shipment{Exporter: "CF", Importer: "CH", Exported: day(t, "2015-09-01")}
	r := register(t, chosen)
	for want, by := range map[rule.Outcome]rule.Set{rule.Fail: set, rule.Pass: flat} {
		fs, err := r.TradeCheck(by, s)
		if err != nil || fs[0].Outcome != want {
			t.Errorf("%v %v, want %s", fs, err, want)
		}
		inWords(t, fs[0])
	}
}

func TestNumbersOnPaper(t *testing.T) {
	set := kpcs(t)
	s, err := Load(data.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	stated := s.Formats.With(Format{Code: "BW", NumberFormat: ident.NumberFormat{Digits: 7}, Source: "SYNTHETIC", Certainty: Seen})
	for _, c := range []struct {
		formats      Formats
		issuer       ident.ParticipantCode
		number       ident.CertificateNumber
		parcels      []string
		form, parcel rule.Outcome
	}{
		{s.Formats, "SL", "SL004911", []string{"JMI/GGDO/4911"}, rule.Pass, rule.Pass},
		{s.Formats, "SL", "SL004911", []string{"JMI/GGDO/4911", "JMI/GGDO/004911"}, rule.Pass, rule.Pass},
		{s.Formats, "SL", "SL004911", []string{"JMI/GGDO/4199"}, rule.Pass, rule.Fail}, // the forgery of 2015
		{s.Formats, "SL", "SL004911", []string{"JMI/GGDO/"}, rule.Pass, rule.Fail},
		{s.Formats, "SL", "SL004911", nil, rule.Pass, rule.CannotTell},
		{s.Formats, "SL", "SL00004911", nil, rule.Fail, rule.CannotTell}, // six digits, seen on real ones
		{s.Formats, "SL", "LR004911", nil, rule.Fail, rule.CannotTell},
		{s.Formats, "BW", "BW00000012", []string{"17/A"}, rule.Pass, rule.Pass},
		{s.Formats, "BW", "BW0000012", nil, rule.CannotTell, rule.Pass}, // nobody knows Botswana's form
		{stated, "BW", "BW0000012", nil, rule.Pass, rule.Pass},
		{stated, "BW", "BW00000012", nil, rule.Fail, rule.Pass},
		{stated, "SL", "SL004911", []string{"JMI/GGDO/4911"}, rule.Pass, rule.Pass},
	} {
		fs, err := c.formats.Judge(set, rule.Scope{Participant: c.issuer, On: day(t, "2016-01-01")}, Paper{Number: c.number, Issuer: c.issuer, Parcels: c.parcels})
		if err != nil {
			t.Fatal(err)
		}
		if fs[0].Rule != "R-CRT-02" || fs[0].Outcome != c.form || fs[1].Rule != "R-CRT-04" || fs[1].Outcome != c.parcel {
			t.Errorf("%s %v: %s and %s, want %s and %s", c.number, c.parcels, fs[0].Outcome, fs[1].Outcome, c.form, c.parcel)
		}
		for _, f := range fs {
			inWords(t, f)
		}
	}
	for typed, want := range map[string]string{"sl 004911": "SL004911", "SL-004-911": "SL004911", "bw 12": "BW12", "SL 4911": "", "ZZ 004911": "", "": ""} {
		if got, err := s.Formats.Parse(typed); string(got) != want && want != "" || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v", typed, got, err)
		}
	}
}
