package verify_test

import (
	"testing"

	"adamas.example/verify"
	"adamas.example/verify/canonical"
)

// values are good ones of every label: as many as usual, none, several.
func values(t testing.TB) map[verify.Label][][]byte {
	t.Helper()
	out := map[verify.Label][][]byte{}
	for _, f := range []verify.Facts{
		{Carats: new(uint64(1240)), HS: []verify.Weight{{Name: "7102.10", Hundredths: 1240}}, Origin: []verify.Weight{{Name: "CF", Hundredths: 24}},
			Parcels: new(uint64(2)), Consumed: []verify.Consumed{{Number: "AE00000001", Statement: canonical.Hash{1}, Hundredths: 1}},
			Exporter: &verify.Party{Name: "SYNTHETIC é", Address: "x"}, Importer: &verify.Party{}, Value: new(uint64(1<<64 - 1)),
			Seals: []verify.Seal{{Container: "a", Seal: "b"}}, HSValues: []verify.Cents{{Name: "7102.10", Cents: 5}},
			ParcelList: []verify.Parcel{{Mark: "A", Container: "1", Hundredths: 1240, Stones: 7}}, Carriage: &verify.Carriage{Mode: "hand_carry", Carrier: "x"},
			Additions: []verify.Addition{{Field: "a", Value: "b"}}, File: &canonical.Hash{2}},
		{Carats: new(uint64(0)), HS: []verify.Weight{}, Origin: make([]verify.Weight, 30), Consumed: make([]verify.Consumed, 2),
			Seals: make([]verify.Seal, 24), HSValues: make([]verify.Cents, 2), ParcelList: make([]verify.Parcel, 2), Additions: make([]verify.Addition, 3), Carriage: &verify.Carriage{},
			File: &canonical.Hash{3}},
	} {
		facts, err := f.Encode()
		if err != nil {
			t.Fatal(err)
		}
		for _, fact := range facts {
			out[fact.Label] = append(out[fact.Label], fact.Value)
		}
	}
	return out
}

// TestFactsAgree: every value is read as the library reads it, to the byte.
func TestFactsAgree(t *testing.T) {
	all := values(t)
	for _, l := range verify.Labels {
		if len(all[l]) == 0 {
			t.Errorf("label %d: no good value", l)
		}
		if verify.PairFact(l).Hold(t, 6000, all[l]...) == 0 {
			t.Errorf("label %d: no bent form was good: these bends are too coarse to find anything", l)
		}
	}
}

// FuzzFacts holds them against each other where fuzzing leads.
func FuzzFacts(f *testing.F) {
	for l, good := range values(f) {
		for _, b := range good {
			f.Add(uint8(l), b)
		}
	}
	f.Fuzz(func(t *testing.T, label uint8, b []byte) {
		l := verify.Labels[int(label)%len(verify.Labels)]
		verify.PairFact(l).Agree(t, b)
	})
}
