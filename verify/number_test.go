package verify_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

const today = canonical.Day(verifytest.Start / 86400)

var numberCases = []verdictCase{
	{name: "the printed day is a day early", bend: func(s *scene) { d := s.draft(); d.Body.Issued--; d.Body.Range = s.wide(); s.record(d) }, record: "valid"},
	{name: "the printed day is a day late", bend: func(s *scene) { d := s.draft(); d.Body.Issued++; s.judged += day; s.record(d) }, record: "valid"},
	{name: "the printed day is two days early", bend: func(s *scene) { d := s.draft(); d.Body.Issued -= 2; d.Body.Range = s.wide(); s.record(d) },
		record: "invalid certificate.dates day_of_issue"},
	{name: "the printed day is two days late", bend: func(s *scene) { d := s.draft(); d.Body.Issued += 2; s.judged += 2 * day; s.record(d) },
		record: "invalid certificate.dates day_of_issue"},
	{name: "a range that is not known", bend: func(s *scene) { d := s.draft(); d.Body.Range[0] ^= 1; s.record(d) }, record: "cannot_tell number.range unknown_range"},
	{name: "a range that another authority gave", bend: func(s *scene) {
		b := s.Authority["AE"].Statement(statement.Header{Issuer: "CF/authority", IssuedAt: start, Subject: "range/x", Synthetic: true},
			&statement.NumberRange{Participant: "CF", Digits: 8, First: 1, Last: 9, Station: s.cf.Station, LogWithin: 3600, From: today, Until: today})
		s.cf.Log.Append(b)
		d := s.draft()
		d.Body.Range = canonical.Sum(b)
		s.record(d)
	}, record: "cannot_tell number.range unknown_range"},
	{name: "a number of the other range", bend: func(s *scene) { d := s.offline(); d.Body.Range = s.cf.Range; s.record(d) },
		record: "invalid number.range outside_range"},
	{name: "a number with a digit too few", bend: func(s *scene) {
		d := s.draft()
		d.Body.Number = "CF0000001"
		d.Header.Subject = "certificate/" + d.Body.Number
		s.record(d)
	}, record: "invalid number.range outside_range"},
	{name: "the last number and the last day of a range", bend: func(s *scene) { s.ranged(statement.NumberRange{First: 1, Last: 1, From: today, Until: today}) },
		record: "valid"},
	{name: "before the days of its range", bend: func(s *scene) { s.ranged(statement.NumberRange{First: 1, Last: 1, From: today + 1, Until: today + 1}) },
		record: "invalid number.range range_of_other_days"},
	{name: "after the days of its range", bend: func(s *scene) { s.ranged(statement.NumberRange{First: 1, Last: 1, From: today - 1, Until: today - 1}) },
		record: "invalid number.range range_of_other_days"},
	{name: "another station than the range's", bend: func(s *scene) { d := s.draft(); d.Body.Station = "CF/bangui/pc-2"; s.record(d) },
		record: "invalid number.station other_station"},
	{name: "a station of another office", bend: func(s *scene) {
		d := s.draft()
		d.Body.Station = "CF/berberati/pc-1"
		d.Body.Range = s.numbers(statement.NumberRange{First: 1, Last: 9, Station: d.Body.Station, LogWithin: 3600, From: today, Until: today})
		s.record(d)
	}, record: "invalid number.station other_station"},
	{name: "a station of an office with a longer name", bend: func(s *scene) {
		d := s.draft()
		d.Body.Station = "CF/banguinord/pc-1"
		d.Body.Range = s.numbers(statement.NumberRange{First: 1, Last: 9, Station: d.Body.Station, LogWithin: 3600, From: today, Until: today})
		s.record(d)
	}, record: "invalid number.station other_station"},
	{name: "one number, two contents in one log", bend: func(s *scene) { s.twin(s.cf.Log, s.cf.Signer); s.good() }, record: "invalid number.unique two_contents"},
	{name: "one number, two contents in two logs", bend: func(s *scene) { s.twin(s.fallback(), s.cf.Signer); s.good() }, record: "invalid number.unique two_contents"},
	{name: "a second content that a stranger signed", bend: func(s *scene) { s.twin(s.cf.Log, stranger); s.good() }, record: "valid"},
	{name: "a second content in another's log", bend: func(s *scene) { s.twin(s.ae.Log, s.cf.Signer); s.good() }, record: "valid"},
	{name: "the same content twice in the log", bend: func(s *scene) { s.good(); s.cf.Log.Append(s.bundle.Statement) }, record: "valid"},
}

// wide is a range of CF's station from two days before start.
func (s *scene) wide() canonical.Hash {
	return s.numbers(statement.NumberRange{First: 1, Last: 1000, Station: s.cf.Station, LogWithin: 3600, From: today - 2, Until: today + 365})
}

// ranged records a certificate with a number of a range of its own.
func (s *scene) ranged(r statement.NumberRange) {
	d := s.draft()
	r.Station, r.LogWithin = s.cf.Station, 3600
	d.Body.Range = s.numbers(r)
	s.record(d)
}

// twin logs another content under the number that comes next.
func (s *scene) twin(l *verifytest.Log, k verifytest.Signer) {
	d := verifytest.New().Offices["CF/bangui"].Draft("AE", start+issued)
	d.Body.Expires++
	l.Append(k.Statement(d.Header, &d.Body))
}

var factCases = []verdictCase{
	{name: "nothing shown", bend: func(s *scene) { s.good(); s.bundle.Disclosure = nil }, record: "valid", look: func(t *testing.T, record, _ *verify.Verdict) {
		if record.Check(verify.CodeFacts) != nil || len(record.Shown.Withheld) != 7 {
			t.Errorf("%+v", record.Shown)
		}
	}},
	{name: "only weight and origin shown", bend: func(s *scene) {
		s.good()
		s.narrow(verify.LabelCarats, verify.LabelOrigin)
	}, record: "valid", look: func(t *testing.T, record, _ *verify.Verdict) {
		want := &verify.Facts{Carats: new(uint64(1240)), Origin: []verify.Weight{{Name: "CF", Hundredths: 1240}},
			Withheld: []string{"hs", "parcels", "exporter", "importer", "value_usd"}}
		if diff := cmp.Diff(want, record.Shown, cmp.AllowUnexported(verify.Weight{})); diff != "" {
			t.Error(diff)
		}
	}},
	{name: "another weight", bend: func(s *scene) { s.good(); s.bundle.Disclosure.Facts[0] = fact(s.t, verify.LabelCarats, uint64(9240)) },
		record: "invalid facts.match other_facts"},
	{name: "a fact left out", bend: func(s *scene) { s.good(); s.bundle.Disclosure.Facts = s.bundle.Disclosure.Facts[1:] }, record: "invalid facts.match other_facts"},
	{name: "another seed", bend: func(s *scene) { s.good(); s.bundle.Disclosure.Seed[0] ^= 1 }, record: "invalid facts.match other_facts"},
	{name: "half a disclosure", bend: func(s *scene) { s.good(); s.bundle.Disclosure.Seed = nil }, record: "invalid facts.match other_facts"},
	{name: "another weight among withheld facts", bend: func(s *scene) {
		s.good()
		s.narrow(verify.LabelCarats)
		s.bundle.Disclosure.Slots[0].Shown.Value = fact(s.t, verify.LabelCarats, uint64(9240)).Value
	}, record: "invalid facts.match other_facts"},
	{name: "a weight in words", bend: func(s *scene) { s.facts(verify.LabelCarats, "much") }, record: "invalid facts.match unreadable_facts"},
	{name: "a fact that this version does not know", bend: func(s *scene) { s.facts(99, "more") }, record: "valid"},
	{name: "origins that do not add up", bend: func(s *scene) { s.facts(verify.LabelOrigin, []verify.Weight{{Name: "CF", Hundredths: 1239}}) },
		record: "invalid facts.sums sums"},
	{name: "tariff lines that come to more", bend: func(s *scene) {
		s.facts(verify.LabelHS, []verify.Weight{{Name: "7102.10", Hundredths: 1240}, {Name: "7102.31", Hundredths: 1}})
	}, record: "invalid facts.sums sums"},
}

// narrow shows only the facts with the given labels.
func (s *scene) narrow(labels ...verify.Label) {
	d, err := s.bundle.Disclosure.Select(func(l uint64) bool { return slices.Contains(labels, l) })
	if err != nil {
		s.t.Fatal(err)
	}
	s.bundle.Disclosure = d
}

// facts records a certificate with one fact replaced or added.
func (s *scene) facts(label verify.Label, value any) {
	d := s.draft()
	facts := slices.DeleteFunc(slices.Clone(d.Facts), func(f commitment.Fact) bool { return f.Label == label })
	facts = append(facts, fact(s.t, label, value))
	slices.SortFunc(facts, func(a, b commitment.Fact) int { return int(a.Label) - int(b.Label) })
	commit(s.t, d, facts...)
	s.record(d)
}

func TestCheckSums(t *testing.T) {
	half := uint64(1) << 63
	weights := func(ws ...verify.Weight) []verify.Weight { return ws }
	tests := []struct {
		name  string
		facts verify.Facts
		good  bool
	}{
		{"nothing shown", verify.Facts{}, true},
		{"weight alone", verify.Facts{Carats: new(uint64(1))}, true},
		{"no weight", verify.Facts{Carats: new(uint64(0))}, false},
		{"no parcels", verify.Facts{Parcels: new(uint64(0))}, false},
		{"lines without the weight", verify.Facts{HS: weights(verify.Weight{Name: "7102.10", Hundredths: 5})}, true},
		{"two lines", verify.Facts{Carats: new(uint64(7)), HS: weights(verify.Weight{Name: "7102.10", Hundredths: 5}, verify.Weight{Name: "7102.31", Hundredths: 2})}, true},
		{"no lines", verify.Facts{Carats: new(uint64(7)), HS: []verify.Weight{}}, false},
		{"a line twice", verify.Facts{Carats: new(uint64(7)), HS: weights(verify.Weight{Name: "a", Hundredths: 5}, verify.Weight{Name: "a", Hundredths: 2})}, false},
		{"a line without a name", verify.Facts{Carats: new(uint64(7)), Origin: weights(verify.Weight{Hundredths: 7})}, false},
		{"too little", verify.Facts{Carats: new(uint64(7)), Origin: weights(verify.Weight{Name: "CF", Hundredths: 6})}, false},
		{"a sum that wraps round", verify.Facts{Carats: &half, Origin: weights(verify.Weight{Name: "CF", Hundredths: half},
			verify.Weight{Name: "CD", Hundredths: half}, verify.Weight{Name: "CG", Hundredths: half})}, false},
		{"used up in part", verify.Facts{Carats: new(uint64(7)), Consumed: []verify.Consumed{{Number: "CF00000001", Hundredths: 6}}}, true},
		{"more used up than there is", verify.Facts{Carats: new(uint64(7)), Consumed: []verify.Consumed{{Number: "CF00000001", Hundredths: 8}}}, false},
		{"one certificate used up twice", verify.Facts{Carats: new(uint64(7)), Consumed: []verify.Consumed{{Number: "CF00000001", Hundredths: 1}, {Number: "CF00000001", Hundredths: 1}}}, false},
		{"values", verify.Facts{Value: new(uint64(9)), HSValues: []verify.Cents{{Name: "a", Cents: 4}, {Name: "b", Cents: 5}}}, true},
		{"values without their sum", verify.Facts{HSValues: []verify.Cents{{Name: "a", Cents: 4}}}, true},
		{"values too little", verify.Facts{Value: new(uint64(9)), HSValues: []verify.Cents{{Name: "a", Cents: 4}}}, false},
		{"values too much", verify.Facts{Value: new(uint64(9)), HSValues: []verify.Cents{{Name: "a", Cents: 10}}}, false},
		{"a value twice", verify.Facts{Value: new(uint64(9)), HSValues: []verify.Cents{{Name: "a", Cents: 4}, {Name: "a", Cents: 5}}}, false},
		{"values that wrap round", verify.Facts{Value: &half, HSValues: []verify.Cents{{Name: "a", Cents: half}, {Name: "b", Cents: half}, {Name: "c", Cents: half}}}, false},
	}
	for _, tt := range tests {
		if err := tt.facts.CheckSums(); (err == nil) != tt.good {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestFactsAreReadAsTheyWereWritten(t *testing.T) {
	all := &verify.Facts{Carats: new(uint64(1240)), HS: []verify.Weight{{Name: "7102.10", Hundredths: 1240}}, Origin: []verify.Weight{{Name: "CF", Hundredths: 1240}},
		Parcels: new(uint64(1)), Consumed: []verify.Consumed{{Number: "CF00000001", Statement: canonical.Hash{1}, Hundredths: 3}},
		Exporter: &verify.Party{Name: "a", Address: "b"}, Importer: &verify.Party{Name: "c", Address: "d"}, Value: new(uint64(5)),
		Seals: []verify.Seal{{Container: "1", Seal: "A118"}}, HSValues: []verify.Cents{{Name: "7102.10", Cents: 5}}}
	fs, err := all.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(fs); i++ {
		if fs[i-1].Label >= fs[i].Label {
			t.Errorf("label %d stands before %d", fs[i-1].Label, fs[i].Label)
		}
	}
	got, err := verify.DecodeFacts(fs)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all, got, cmp.AllowUnexported(verify.Weight{}, verify.Consumed{}, verify.Party{}, verify.Seal{}, verify.Cents{})); diff != "" {
		t.Error(diff)
	}
	for _, f := range fs {
		if want := f.Label <= 32; verify.Delayed(f.Label) != want {
			t.Errorf("label %d: delayed is %v", f.Label, !want)
		}
	}
}
