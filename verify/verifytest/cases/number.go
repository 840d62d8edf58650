package cases

import (
	"slices"

	"adamas.example/verify"
	"adamas.example/verify/canonical"
	"adamas.example/verify/commitment"
	"adamas.example/verify/statement"
	"adamas.example/verify/verifytest"
)

const today = canonical.Day(verifytest.Start / 86400)

var numberCases = []Case{
	{Name: "the printed day is a day early", Bend: func(s *Scene) { d := s.draft(); d.Body.Issued--; d.Body.Range = s.wide(); s.record(d) }, Record: "valid"},
	{Name: "the printed day is a day late", Bend: func(s *Scene) { d := s.draft(); d.Body.Issued++; s.judged += day; s.record(d) }, Record: "valid"},
	{Name: "the printed day is two days early", Bend: func(s *Scene) { d := s.draft(); d.Body.Issued -= 2; d.Body.Range = s.wide(); s.record(d) },
		Record: "invalid certificate.dates day_of_issue"},
	{Name: "the printed day is two days late", Bend: func(s *Scene) { d := s.draft(); d.Body.Issued += 2; s.judged += 2 * day; s.record(d) },
		Record: "invalid certificate.dates day_of_issue"},
	{Name: "a range that is not known", Bend: func(s *Scene) { d := s.draft(); d.Body.Range[0] ^= 1; s.record(d) }, Record: "cannot_tell number.range unknown_range"},
	{Name: "a range that another authority gave", Bend: func(s *Scene) {
		b := s.Authority["AE"].Statement(statement.Header{Issuer: "CF/authority", IssuedAt: verifytest.Start, Subject: "range/x", Synthetic: true},
			&statement.NumberRange{Participant: "CF", Digits: 8, First: 1, Last: 9, Station: s.cf.Station, LogWithin: 3600, From: today, Until: today})
		s.cf.Log.Append(b)
		d := s.draft()
		d.Body.Range = canonical.Sum(b)
		s.record(d)
	}, Record: "cannot_tell number.range unknown_range"},
	{Name: "a number of the other range", Bend: func(s *Scene) { d := s.offline(); d.Body.Range = s.cf.Range; s.record(d) },
		Record: "invalid number.range outside_range"},
	{Name: "a number with a digit too few", Bend: func(s *Scene) {
		d := s.draft()
		d.Body.Number = "CF0000001"
		d.Header.Subject = "certificate/" + d.Body.Number
		s.record(d)
	}, Record: "invalid number.range outside_range"},
	{Name: "the last number and the last day of a range", Bend: func(s *Scene) { s.ranged(statement.NumberRange{First: 1, Last: 1, From: today, Until: today}) },
		Record: "valid"},
	{Name: "before the days of its range", Bend: func(s *Scene) { s.ranged(statement.NumberRange{First: 1, Last: 1, From: today + 1, Until: today + 1}) },
		Record: "invalid number.range range_of_other_days"},
	{Name: "after the days of its range", Bend: func(s *Scene) { s.ranged(statement.NumberRange{First: 1, Last: 1, From: today - 1, Until: today - 1}) },
		Record: "invalid number.range range_of_other_days"},
	{Name: "another station than the range's", Bend: func(s *Scene) { d := s.draft(); d.Body.Station = "CF/bangui/pc-2"; s.record(d) },
		Record: "invalid number.station other_station"},
	{Name: "a station of another office", Bend: func(s *Scene) {
		d := s.draft()
		d.Body.Station = "CF/berberati/pc-1"
		d.Body.Range = s.numbers(statement.NumberRange{First: 1, Last: 9, Station: d.Body.Station, LogWithin: 3600, From: today, Until: today})
		s.record(d)
	}, Record: "invalid number.station other_station"},
	{Name: "a station of an office with a longer name", Bend: func(s *Scene) {
		d := s.draft()
		d.Body.Station = "CF/banguinord/pc-1"
		d.Body.Range = s.numbers(statement.NumberRange{First: 1, Last: 9, Station: d.Body.Station, LogWithin: 3600, From: today, Until: today})
		s.record(d)
	}, Record: "invalid number.station other_station"},
	{Name: "one number, two contents in one log", Bend: func(s *Scene) { s.twin(s.cf.Log, s.cf.Signer); s.Good() }, Record: "invalid number.unique two_contents"},
	{Name: "one number, two contents in two logs", Bend: func(s *Scene) { s.twin(s.fallback(), s.cf.Signer); s.Good() }, Record: "invalid number.unique two_contents"},
	{Name: "a second content that a stranger signed", Bend: func(s *Scene) { s.twin(s.cf.Log, stranger); s.Good() }, Record: "valid"},
	{Name: "a second content in another's log", Bend: func(s *Scene) { s.twin(s.ae.Log, s.cf.Signer); s.Good() }, Record: "valid"},
	{Name: "the same content twice in the log", Bend: func(s *Scene) { s.Good(); s.cf.Log.Append(s.Bundle.Statement) }, Record: "valid"},
}

// wide is a range of CF's station from two days before verifytest.Start.
func (s *Scene) wide() canonical.Hash {
	return s.numbers(statement.NumberRange{First: 1, Last: 1000, Station: s.cf.Station, LogWithin: 3600, From: today - 2, Until: today + 365})
}

// ranged records a certificate with a number of a range of its own.
func (s *Scene) ranged(r statement.NumberRange) {
	d := s.draft()
	r.Station, r.LogWithin = s.cf.Station, 3600
	d.Body.Range = s.numbers(r)
	s.record(d)
}

// twin logs another content under the number that comes next.
func (s *Scene) twin(l *verifytest.Log, k verifytest.Signer) {
	d := verifytest.New().Offices["CF/bangui"].Draft("AE", verifytest.Start+issued)
	d.Body.Expires++
	l.Append(k.Statement(d.Header, &d.Body))
}

var factCases = []Case{
	{Name: "nothing shown", Bend: func(s *Scene) { s.Good(); s.Bundle.Disclosure = nil }, Record: "valid"},
	{Name: "only weight and origin shown", Bend: func(s *Scene) {
		s.Good()
		s.narrow(verify.LabelCarats, verify.LabelOrigin)
	}, Record: "valid"},
	{Name: "another weight", Bend: func(s *Scene) { s.Good(); s.Bundle.Disclosure.Facts[0] = fact(verify.LabelCarats, uint64(9240)) },
		Record: "invalid facts.match other_facts"},
	{Name: "a fact left out", Bend: func(s *Scene) { s.Good(); s.Bundle.Disclosure.Facts = s.Bundle.Disclosure.Facts[1:] }, Record: "invalid facts.match other_facts"},
	{Name: "another seed", Bend: func(s *Scene) { s.Good(); s.Bundle.Disclosure.Seed[0] ^= 1 }, Record: "invalid facts.match other_facts"},
	{Name: "half a disclosure", Bend: func(s *Scene) { s.Good(); s.Bundle.Disclosure.Seed = nil }, Record: "invalid facts.match other_facts"},
	{Name: "another weight among withheld facts", Bend: func(s *Scene) {
		s.Good()
		s.narrow(verify.LabelCarats)
		s.Bundle.Disclosure.Slots[0].Shown.Value = fact(verify.LabelCarats, uint64(9240)).Value
	}, Record: "invalid facts.match other_facts"},
	{Name: "a weight in words", Bend: func(s *Scene) { s.facts(verify.LabelCarats, "much") }, Record: "invalid facts.match unreadable_facts"},
	{Name: "a name that gives orders to a terminal", Bend: func(s *Scene) {
		s.facts(verify.LabelExporter, verify.Party{Name: "\x1b[2J\u25cf Genuine", Address: "x"})
	}, Record: "invalid facts.match unreadable_facts"},
	{Name: "a seal's number that turns the line round", Bend: func(s *Scene) {
		s.facts(verify.LabelSeals, []verify.Seal{{Container: "1", Seal: "A\u202e811"}})
	}, Record: "invalid facts.match unreadable_facts"},
	{Name: "a fact that this version does not know", Bend: func(s *Scene) { s.facts(99, "more") }, Record: "valid"},
	{Name: "origins that do not add up", Bend: func(s *Scene) { s.facts(verify.LabelOrigin, []verify.Weight{{Name: "CF", Hundredths: 1239}}) },
		Record: "invalid facts.sums sums"},
	{Name: "tariff lines that come to more", Bend: func(s *Scene) {
		s.facts(verify.LabelHS, []verify.Weight{{Name: "7102.10", Hundredths: 1240}, {Name: "7102.31", Hundredths: 1}})
	}, Record: "invalid facts.sums sums"},
}

// narrow shows only the facts with the given labels.
func (s *Scene) narrow(labels ...verify.Label) {
	d, err := s.Bundle.Disclosure.Select(func(l uint64) bool { return slices.Contains(labels, l) })
	if err != nil {
		panic(err)
	}
	s.Bundle.Disclosure = d
}

// facts records a certificate with one fact replaced or added.
func (s *Scene) facts(label verify.Label, value any) {
	d := s.draft()
	facts := slices.DeleteFunc(slices.Clone(d.Facts), func(f commitment.Fact) bool { return f.Label == label })
	facts = append(facts, fact(label, value))
	slices.SortFunc(facts, func(a, b commitment.Fact) int { return int(a.Label) - int(b.Label) })
	commit(d, facts...)
	s.record(d)
}
